use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use authflow_server::config::{BaseUrl, Config, DatabaseUrl, MasterKeySource, MasterKeyText, Rate};
use authflow_server::cx::{Actor, RequestInfo};
use authflow_server::http::tenancy;
use authflow_server::identities::{self, IdentifierValue, NewPassword, NewUser, Profile};
use authflow_server::passwords::Password;
use authflow_server::start::{self, Ambient, Purpose};
use authflow_server::tenants::{self, NewTenant, SYSTEM_SLUG, Tenant, TenantChange, TenantSettings};
use authflow_server::vault::MasterKey;
use authflow_server::{App, Cx, routes};
use authflow_types::{Timestamp, UserId};
use axum::Router;
use axum::body::Body;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{Method, Request, header};
use http_body_util::BodyExt as _;
use serde_json::Value;

use crate::postgres::ScratchDatabase;
use crate::{Answer, Browser, Client, ClientBuilder, SeededRng, TestClock};

/// Where the installation believes to be.
pub const BASE: &str = "https://id.example";

/// An installation in this process, on a database of its own, seen at one of its tenants.
///
/// A clone, and what [`tenant`](Self::tenant) gives, is the same installation.
#[derive(Clone)]
pub struct TestApp {
    /// The installation.
    pub app: Arc<App>,
    /// Its clock.
    pub clock: Arc<TestClock>,
    /// The tenant that paths are of.
    pub tenant: Arc<Tenant>,
    router: Router,
    // Dropped last: the database goes when the test is over.
    _database: Option<Arc<ScratchDatabase>>,
}

/// A user whose password the test knows.
#[derive(Debug, Clone)]
pub struct User {
    /// Their id.
    pub id: UserId,
    /// Their address, verified.
    pub email: String,
    /// Their password.
    pub password: String,
}

/// A configuration that reaches nothing but this machine, and hashes fast.
pub fn config(database: DatabaseUrl) -> Config {
    let mut config = Config {
        base_url: BaseUrl::parse(BASE).unwrap(),
        base_url_given: true,
        ..Config::default()
    };
    config.database.url = Some(database);
    config.database.max_connections = 8;
    let key = MasterKey::generate(&SeededRng::new(1)).unwrap();
    config.key_source = MasterKeySource::Environment(MasterKeyText::new(key.to_text().to_string()));
    config.passwords.argon2.memory_kib = 8;
    config.passwords.argon2.iterations = 1;
    config.passwords.workers = 1;
    config.limits.sign_ups_per_source = Rate::OFF;
    config.limits.messages_per_recipient = Rate::OFF;
    config.limits.unproven_per_source = Rate::OFF;
    config.outbound.allow_networks = vec!["127.0.0.0/8".parse().unwrap()];
    config.outbound.allow_http = true;
    config.outbound.timeout = Duration::from_secs(5);
    config
}

impl TestApp {
    pub(crate) async fn open(
        url: DatabaseUrl,
        database: Option<ScratchDatabase>,
        change: impl FnOnce(&mut Config),
    ) -> Self {
        let mut config = config(url);
        change(&mut config);
        let clock = Arc::new(TestClock::default());
        let ambient = Ambient {
            clock: clock.clone(),
            rng: Arc::new(SeededRng::new(2)),
        };
        let router = routes::public(config.is_dev());
        let app = start::open(config, ambient, Purpose::Serve).await.unwrap();
        let tenant = tenants::get_by_slug(&app, tenants::DEFAULT_SLUG).await.unwrap();
        Self {
            app,
            clock,
            tenant,
            router,
            _database: database.map(Arc::new),
        }
    }

    /// The same installation at the tenant `slug`, which is made if there is none.
    pub async fn tenant(&self, slug: &str) -> Self {
        let tenant = if let Some(tenant) = tenants::find_by_slug(&self.app, slug).await.unwrap() {
            tenant
        } else if slug == SYSTEM_SLUG {
            tenants::ensure_system(&self.app).await.unwrap()
        } else {
            let new = NewTenant {
                slug: slug.parse().unwrap(),
                name: slug.to_owned(),
                settings: TenantSettings::default(),
            };
            tenants::create(&self.app, Actor::Operator, new).await.unwrap()
        };
        Self {
            tenant,
            ..self.clone()
        }
    }

    /// Changes the tenant's settings.
    pub async fn set(&mut self, change: impl FnOnce(&mut TenantSettings)) {
        let mut settings = self.tenant.settings.clone();
        change(&mut settings);
        let mut cx = self.cx();
        let changed = TenantChange {
            settings: Some(settings),
            ..TenantChange::default()
        };
        self.tenant = tenants::update(&mut cx, changed).await.unwrap();
        cx.commit().await.unwrap();
    }

    /// A context of an operator at the tenant.
    pub fn cx(&self) -> Cx {
        let (app, tenant) = (self.app.clone(), self.tenant.clone());
        Cx::new(app, tenant, Actor::Operator, RequestInfo::default())
    }

    /// What time it is.
    pub fn now(&self) -> Timestamp {
        self.app.clock.now()
    }

    /// A new user, whose address is `name@example.com`.
    pub async fn user(&self, name: &str) -> User {
        let (email, password) = (
            format!("{name}@example.com"),
            "violet anchor harbour 4711".to_owned(),
        );
        let profile = Profile {
            name: Some(format!("{name} Doe")),
            given_name: Some(name.to_owned()),
            ..Profile::default()
        };
        let new = NewUser {
            profile,
            identifiers: vec![IdentifierValue::email(&email).unwrap()],
            password: Some(NewPassword::Plain(Password::new(password.clone()))),
            verified: true,
            ..NewUser::default()
        };
        let mut cx = self.cx();
        let user = identities::create_user(&mut cx, new).await.unwrap();
        cx.commit().await.unwrap();
        User {
            id: user.id,
            email,
            password,
        }
    }

    /// A client to be registered.
    pub fn client(&self) -> ClientBuilder {
        ClientBuilder::new(self.clone())
    }

    /// A browser without cookies.
    pub fn browser(&self) -> Browser {
        Browser::new(self.clone())
    }

    /// A browser in which `user` has signed in on the hosted page.
    pub async fn signed_in(&self, user: &User) -> Browser {
        let mut browser = self.browser();
        browser.sign_in(user).await;
        browser
    }

    /// A path of the tenant.
    pub fn path(&self, path: &str) -> String {
        self.tenant.path(path)
    }

    /// Sends a request as from a documentation address; its path is taken as it is.
    pub async fn send(&self, request: Request<Body>) -> Answer {
        self.send_from(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)), request)
            .await
    }

    /// Sends a request as from `ip`.
    pub async fn send_from(&self, ip: IpAddr, request: Request<Body>) -> Answer {
        let path = request
            .uri()
            .path_and_query()
            .map_or("", |path| path.as_str())
            .to_owned();
        let peer = SocketAddr::new(ip, 4711);
        let response = tenancy::handle(&self.app, &self.router, request, Some(peer)).await;
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        Answer {
            path,
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8_lossy(&bytes).into_owned(),
        }
    }

    /// GET of a path of the tenant.
    pub async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.send(request(Method::GET, &self.path(path), headers, String::new()))
            .await
    }

    /// Posts a form to a path of the tenant.
    pub async fn post(&self, path: &str, headers: &[(&str, &str)], form: &[(&str, &str)]) -> Answer {
        let mut all = vec![(header::CONTENT_TYPE.as_str(), "application/x-www-form-urlencoded")];
        all.extend_from_slice(headers);
        self.send(request(Method::POST, &self.path(path), &all, encode(form)))
            .await
    }

    /// Posts a form, authenticated as `client` registered: by Basic, in the body, or by `client_id` alone.
    pub async fn post_as(&self, client: &Client, path: &str, form: &[(&str, &str)]) -> Answer {
        match &client.secret {
            Some(_) if !client.by_post => {
                let basic = client.basic();
                self.post(path, &[("authorization", &basic)], form).await
            }
            secret => {
                let mut form = form.to_vec();
                form.push(("client_id", &client.id));
                form.extend(secret.iter().map(|secret| ("client_secret", secret.as_str())));
                self.post(path, &[], &form).await
            }
        }
    }

    /// Sends JSON to a path of the tenant, with a bearer token if there is one.
    pub async fn send_json(&self, method: Method, path: &str, bearer: Option<&str>, body: &Value) -> Answer {
        let authorization = bearer.map(|token| format!("Bearer {token}"));
        let mut headers = vec![("content-type", "application/json")];
        headers.extend(
            authorization
                .iter()
                .map(|value| ("authorization", value.as_str())),
        );
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        self.send(request(method, &self.path(path), &headers, body)).await
    }
}

/// A request to the installation's host.
pub(crate) fn request(method: Method, path: &str, headers: &[(&str, &str)], body: String) -> Request<Body> {
    let mut builder = Request::builder().method(method).uri(path);
    if !headers.iter().any(|(name, _)| *name == "host") {
        builder = builder.header(header::HOST, "id.example");
    }
    for (name, value) in headers {
        builder = builder.header(*name, *value);
    }
    builder.body(Body::from(body)).unwrap()
}

/// `application/x-www-form-urlencoded`.
pub(crate) fn encode(pairs: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish()
}

/// `Basic` credentials; both parts are form-encoded (RFC 6749 2.3.1).
pub(crate) fn basic(id: &str, secret: &str) -> String {
    let part = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    format!(
        "Basic {}",
        STANDARD.encode(format!("{}:{}", part(id), part(secret)))
    )
}
