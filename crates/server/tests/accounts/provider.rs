//! A provider on this machine that does what a test tells it to, honest or not.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use authflow_proto::jose::{Algorithm, SigningKey, TokenType};
use authflow_proto::upstream::{ClientAuthentication, Preset};
use authflow_server::connections::{self, Connection, ConnectionSettings, NewConnection};
use authflow_testkit::{TestApp, jwt};
use axum::extract::{Form, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};
use url::Url;
use zeroize::Zeroizing;

pub(crate) const CLIENT: &str = "authflow-at-the-provider";
pub(crate) const SECRET: &str = "a secret & more";

/// How an ID token is made.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Forged {
    No,
    /// With a key of somebody else under the provider's key id.
    OtherKey,
    /// Without a signature.
    Unsigned,
    /// With our secret as HMAC key.
    Hmac,
    /// As another type of token.
    AccessToken,
    /// Not at all.
    Missing,
}

struct Asked {
    nonce: Option<String>,
    challenge: Option<String>,
}

struct Inner {
    t: TestApp,
    key: SigningKey,
    person: Value,
    emails: Value,
    alter: Box<dyn Fn(&mut Value) + Send>,
    forged: Forged,
    is_down: bool,
    names_issuer: bool,
    asked: HashMap<String, Asked>,
    exchanges: Vec<(HashMap<String, String>, Option<String>)>,
    jwks_fetches: usize,
}

type Shared = Arc<(String, Mutex<Inner>)>;

#[derive(Clone)]
pub(crate) struct Provider(Shared);

impl Provider {
    pub(crate) async fn start(t: &TestApp) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let inner = Inner {
            t: t.clone(),
            key: SigningKey::generate(Algorithm::ES256).unwrap(),
            person: json!({ "sub": "s-1" }),
            emails: json!([]),
            alter: Box::new(|_| {}),
            forged: Forged::No,
            is_down: false,
            names_issuer: true,
            asked: HashMap::new(),
            exchanges: Vec::new(),
            jwks_fetches: 0,
        };
        let shared: Shared = Arc::new((origin, Mutex::new(inner)));
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(discovery))
            .route("/jwks", get(jwks))
            .route("/token", post(token))
            .route("/user", get(user))
            .route("/emails", get(emails))
            .with_state(shared.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self(shared)
    }

    pub(crate) fn origin(&self) -> &str {
        &self.0.0
    }

    fn with<R>(&self, change: impl FnOnce(&mut Inner) -> R) -> R {
        change(&mut self.0.1.lock().unwrap())
    }

    /// Who is signed in there.
    pub(crate) fn is(&self, person: Value) {
        self.with(|inner| inner.person = person);
    }

    pub(crate) fn has_emails(&self, emails: Value) {
        self.with(|inner| inner.emails = emails);
    }

    /// Changes the claims of every ID token from now on.
    pub(crate) fn alters(&self, alter: impl Fn(&mut Value) + Send + 'static) {
        self.with(|inner| inner.alter = Box::new(alter));
    }

    pub(crate) fn forges(&self, forged: Forged) {
        self.with(|inner| inner.forged = forged);
    }

    pub(crate) fn goes_down(&self, is_down: bool) {
        self.with(|inner| inner.is_down = is_down);
    }

    pub(crate) fn names_issuer(&self, names: bool) {
        self.with(|inner| inner.names_issuer = names);
    }

    pub(crate) fn rotates(&self) {
        self.with(|inner| inner.key = SigningKey::generate(Algorithm::ES256).unwrap());
    }

    pub(crate) fn jwks_fetches(&self) -> usize {
        self.with(|inner| inner.jwks_fetches)
    }

    /// The last exchange: its form, and its `Authorization` header.
    pub(crate) fn last_exchange(&self) -> (HashMap<String, String>, Option<String>) {
        self.with(|inner| inner.exchanges.last().cloned().unwrap())
    }

    /// What the provider answers to the request at `url`: the parameters of the callback.
    pub(crate) fn answers(&self, url: &Url) -> Vec<(String, String)> {
        let asked: HashMap<String, String> = url.query_pairs().into_owned().collect();
        assert_eq!(asked["client_id"], CLIENT);
        assert_eq!(asked["response_type"], "code");
        self.with(|inner| {
            let code = format!("code-{}", inner.asked.len());
            let request = Asked {
                nonce: asked.get("nonce").cloned(),
                challenge: asked.get("code_challenge").cloned(),
            };
            inner.asked.insert(code.clone(), request);
            let mut answer = vec![
                ("code".to_owned(), code),
                ("state".to_owned(), asked["state"].clone()),
            ];
            if inner.names_issuer {
                answer.push(("iss".to_owned(), self.origin().to_owned()));
            }
            answer
        })
    }

    /// The callback's address with the provider's answer, below the installation.
    pub(crate) fn callback(&self, url: &Url) -> String {
        let redirect_uri = url
            .query_pairs()
            .find(|(name, _)| name == "redirect_uri")
            .unwrap()
            .1
            .into_owned();
        with_query(&redirect_uri, &self.answers(url))
    }

    /// A connection of the tenant to this provider.
    pub(crate) async fn connect(
        &self,
        t: &TestApp,
        slug: &str,
        change: impl FnOnce(&mut ConnectionSettings),
    ) -> Connection {
        let mut settings = ConnectionSettings::of(Preset::Oidc, CLIENT);
        settings.issuer = Some(self.origin().to_owned());
        change(&mut settings);
        create(t, slug, Preset::Oidc, settings).await
    }

    /// A connection by a preset without discovery, its addresses moved here.
    pub(crate) async fn connect_oauth2(&self, t: &TestApp, preset: Preset) -> Connection {
        let mut settings = ConnectionSettings::of(preset, CLIENT);
        let at = |path: &str| Some(Url::parse(&format!("{}{path}", self.origin())).unwrap());
        settings.authorization_endpoint = at("/authorize");
        settings.token_endpoint = at("/token");
        settings.userinfo_endpoint = at("/user");
        settings.emails_endpoint = settings.emails_endpoint.and_then(|_| at("/emails"));
        create(t, preset.as_str(), preset, settings).await
    }
}

pub(crate) async fn create(
    t: &TestApp,
    slug: &str,
    preset: Preset,
    settings: ConnectionSettings,
) -> Connection {
    let is_public = settings.client_authentication == ClientAuthentication::None;
    let new = NewConnection {
        slug: slug.to_owned(),
        preset,
        name: Some(format!("The {slug}")),
        position: 1,
        settings,
        secret: (!is_public).then(|| Zeroizing::new(SECRET.to_owned())),
    };
    let mut cx = t.cx();
    let made = connections::create(&mut cx, new).await.unwrap();
    cx.commit().await.unwrap();
    assert_eq!(made.undiscovered, None);
    made.connection
}

pub(crate) fn with_query(base: &str, pairs: &[(String, String)]) -> String {
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish();
    format!("{base}?{query}")
}

async fn discovery(State(shared): State<Shared>) -> Response {
    let (origin, inner) = &*shared;
    let inner = inner.lock().unwrap();
    if inner.is_down {
        return StatusCode::BAD_GATEWAY.into_response();
    }
    Json(json!({
        "issuer": origin,
        "authorization_endpoint": format!("{origin}/authorize"),
        "token_endpoint": format!("{origin}/token"),
        "userinfo_endpoint": format!("{origin}/user"),
        "jwks_uri": format!("{origin}/jwks"),
        "authorization_response_iss_parameter_supported": inner.names_issuer,
    }))
    .into_response()
}

async fn jwks(State(shared): State<Shared>) -> Response {
    let mut inner = shared.1.lock().unwrap();
    inner.jwks_fetches += 1;
    Json(json!({ "keys": [inner.key.public_jwk()] })).into_response()
}

async fn token(
    State(shared): State<Shared>,
    headers: HeaderMap,
    Form(form): Form<HashMap<String, String>>,
) -> Response {
    let (origin, inner) = &*shared;
    let mut inner = inner.lock().unwrap();
    if inner.is_down {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    let header = headers
        .get("authorization")
        .map(|value| value.to_str().unwrap().to_owned());
    inner.exchanges.push((form.clone(), header));
    let refused = |error: &str| (StatusCode::BAD_REQUEST, Json(json!({ "error": error }))).into_response();
    let Some(asked) = inner.asked.remove(&form["code"]) else {
        return refused("invalid_grant");
    };
    if let Some(challenge) = &asked.challenge {
        use authflow_proto::pkce::{CodeChallenge, CodeVerifier};
        let verifier = form
            .get("code_verifier")
            .and_then(|text| CodeVerifier::parse(text).ok());
        let is_right =
            verifier.is_some_and(|verifier| CodeChallenge::parse(challenge).unwrap().verify(&verifier));
        if !is_right {
            return refused("invalid_grant");
        }
    }
    let now = inner.t.now().as_secs();
    let mut claims = json!({ "iss": origin, "aud": CLIENT, "iat": now, "exp": now + 300 });
    for (name, value) in inner.person.as_object().unwrap() {
        claims[name] = value.clone();
    }
    if let Some(nonce) = &asked.nonce {
        claims["nonce"] = json!(nonce);
    }
    (inner.alter)(&mut claims);
    let mut answer = json!({ "access_token": "at-1", "token_type": "Bearer" });
    if let Some(token) = id_token(&inner, &claims) {
        answer["id_token"] = json!(token);
    }
    Json(answer).into_response()
}

fn id_token(inner: &Inner, claims: &Value) -> Option<String> {
    let kid = inner.key.kid();
    Some(match inner.forged {
        Forged::No => inner.key.sign(TokenType::Jwt, claims).unwrap(),
        Forged::OtherKey => {
            let other = SigningKey::generate(Algorithm::ES256).unwrap().with_kid(kid);
            other.sign(TokenType::Jwt, claims).unwrap()
        }
        Forged::Unsigned => format!(
            "{}.",
            jwt::unsigned(&json!({ "alg": "none", "kid": kid }), claims)
        ),
        Forged::Hmac => jwt::hs256(&json!({ "alg": "HS256", "kid": kid }), claims, SECRET.as_bytes()),
        Forged::AccessToken => inner.key.sign(TokenType::AccessToken, claims).unwrap(),
        Forged::Missing => return None,
    })
}

async fn user(State(shared): State<Shared>, headers: HeaderMap) -> Response {
    assert_eq!(headers["authorization"], "Bearer at-1");
    Json(shared.1.lock().unwrap().person.clone()).into_response()
}

async fn emails(State(shared): State<Shared>) -> Response {
    Json(shared.1.lock().unwrap().emails.clone()).into_response()
}
