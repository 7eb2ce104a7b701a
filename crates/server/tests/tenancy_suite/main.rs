//! Tenants share a process, a database and often a host, and nothing else.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::too_many_lines,
    clippy::unchecked_time_subtraction,
    reason = "tests"
)]

mod operators;

use authflow_server::config::{self, BaseDomain, MailTransport};
use authflow_server::tenants::{self, TenantChange, TenantStatus};
use authflow_server::{jobs, mail, routes};
use authflow_testkit::{BASE, TestApp, both_databases};
use axum::body::Body;
use http::{Request, StatusCode};

fn at_host(method: &str, host: &str, path: &str) -> Request<Body> {
    let builder = Request::builder().method(method).uri(path).header("host", host);
    builder
        .header("x-forwarded-host", "evil.example")
        .header("forwarded", "host=evil.example;proto=http")
        .body(Body::empty())
        .unwrap()
}

fn base_domain(name: &str) -> BaseDomain {
    let variable = ("AUTHFLOW_BASE_DOMAIN".to_owned(), name.to_owned());
    let inputs = config::Inputs {
        variables: [variable].into(),
        data: Some("/nonexistent".into()),
        ..config::Inputs::default()
    };
    config::load(&inputs).unwrap().base_domain.unwrap()
}

both_databases! {
    async fn host_header_reaches_neither_issuer_nor_page_nor_redirect(t: TestApp) {
        t.tenant("acme").await;
        for host in ["evil.example", "id.example.evil.example", "id.example:1234", "127.0.0.1", "[::1]:80"] {
            for (path, issuer) in [("/.well-known/openid-configuration", BASE.to_owned()), ("/t/acme/.well-known/openid-configuration", format!("{BASE}/t/acme"))] {
                let document = t.send(at_host("GET", host, path)).await;
                assert_eq!(document.json()["issuer"], issuer, "{host}");
                assert!(!document.body.contains("evil"), "{host}");
            }
            for path in ["/account", "/sign-in", "/sign-out", "/t/acme/account", "/", "/oauth2/authorize?client_id=x"] {
                let answer = t.send(at_host("GET", host, path)).await;
                assert!(!answer.body.contains("evil.example"), "{path} at {host}");
                assert!(!answer.header("location").contains("evil"), "{path} at {host}");
            }
        }
    }

    async fn mailed_links_lead_to_the_stored_issuer_whatever_host_was_asked(t: TestApp, |config| { config.mail.transport = MailTransport::Captured; }) {
        for t in [t.clone(), t.tenant("acme").await] {
            let mut browser = t.browser();
            let page = browser.open("/sign-up").await;
            let form = page.form("/sign-up");
            let named = |name: &str| form.fields.iter().find(|(key, _)| key == name).unwrap().1.clone();
            let (csrf, sign_in) = (named("csrf"), named("sign_in"));
            let fields = [("csrf", csrf.as_str()), ("sign_in", &sign_in), ("name", "Nina"), ("email", "nina@example.com"), ("password", "walrus teapot meadow 93")];
            let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
            let headers = [("content-type", "application/x-www-form-urlencoded"), ("sec-fetch-site", "same-origin"), ("x-forwarded-host", "evil.example")];
            let done = browser.send(http::Method::POST, "/sign-up", &headers, body).await;
            assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text());
            jobs::run_due(&t.app).await.unwrap();
            let mails = mail::list_captured(&t.cx()).await.unwrap();
            assert_eq!(mails.len(), 1);
            let link = mails[0].body_text.split_whitespace().find(|word| word.contains("/verify?token=")).unwrap();
            assert!(link.starts_with(&format!("{}/verify?token=", t.tenant.issuer)), "{link}");
            assert!(!mails[0].body_html.contains("evil") && !mails[0].body_text.contains("evil"));
            let page = browser.open(link).await;
            let confirmed = browser.submit(&page, "/verify", &[]).await;
            assert_eq!(confirmed.status, StatusCode::OK);
            assert_eq!(t.events("user.email_verified").await.len(), 1);
        }
    }

    async fn one_browser_is_signed_in_at_two_tenants_independently(t: TestApp) {
        let acme = t.tenant("acme").await;
        let (alice, bob) = (t.user("alice").await, acme.user("bob").await);
        let mut here = t.signed_in(&alice).await;
        let mut there = acme.browser();
        there.cookies = here.cookies.clone();
        there.sign_in(&bob).await;
        here.cookies = there.cookies.clone();
        assert!(here.open("/account").await.body.contains("alice@example.com"));
        assert!(there.open("/account").await.body.contains("bob@example.com"));
        let page = there.open("/sign-out").await;
        there.submit(&page, "/sign-out", &[("decision", "sign_out")]).await;
        here.cookies = there.cookies.clone();
        assert_eq!(here.get("/account").await.status, StatusCode::OK, "the other tenant's session goes on");
        assert!(there.get("/account").await.status.is_redirection());
    }

    async fn ids_of_another_tenant_are_as_if_they_did_not_exist(t: TestApp) {
        let acme = t.tenant("acme").await;
        let (alice, bob) = (t.user("alice").await, acme.user("bob").await);
        let mut mallory = t.signed_in(&alice).await;
        let mut victim = acme.signed_in(&bob).await;
        let client = acme.client().third_party().self_managed().create().await;
        let tokens = acme.tokens(&client, &mut victim, &bob, "openid offline_access").await;
        let session = authflow_testkit::jwt::claims(tokens.id())["sid"].as_str().unwrap().to_owned();
        let page = mallory.open("/account").await;
        let csrf = page.form("/account/profile").fields[0].1.clone();
        let unknown = mallory.post("/account/sessions/revoke", &[("csrf", &csrf), ("session", "ses_00000000000000000000000000")]).await;
        let foreign = mallory.post("/account/sessions/revoke", &[("csrf", &csrf), ("session", &session)]).await;
        assert_eq!((foreign.status, foreign.location().map(|url| url.path().to_owned())), (unknown.status, unknown.location().map(|url| url.path().to_owned())));
        let revoked = mallory.post("/account/applications/revoke", &[("csrf", &csrf), ("client", &client.id)]).await;
        assert!(revoked.status.is_redirection());
        assert_eq!(victim.get("/account").await.status, StatusCode::OK);
        assert_eq!(acme.refresh(&client, tokens.refresh()).await.status, StatusCode::OK);
        let path = format!("/oauth2/register/{}", client.id);
        let own = acme.send_json(http::Method::GET, &path, client.registration_token.as_deref(), &serde_json::Value::Null).await;
        assert_eq!(own.status, StatusCode::OK);
        let crossed = t.send_json(http::Method::GET, &path, client.registration_token.as_deref(), &serde_json::Value::Null).await;
        assert_eq!(crossed.refusal(), (401, "invalid_token".to_owned()));
    }

    async fn equal_addresses_and_passwords_at_two_tenants_are_two_people(t: TestApp) {
        let acme = t.tenant("acme").await;
        let (here, there) = (t.user("alice").await, acme.user("alice").await);
        assert_eq!((&here.email, &here.password), (&there.email, &there.password));
        assert_ne!(here.id, there.id);
        let client = t.client().create().await;
        let tokens = t.tokens(&client, &mut t.browser(), &there, "openid").await;
        assert_eq!(authflow_testkit::jwt::claims(tokens.id())["sub"], here.id.to_string());
        let mut nobody = t.tenant("empty").await.browser();
        let page = nobody.open("/sign-in").await;
        let answer = nobody.prove(&page, &here).await;
        assert!(answer.status.is_client_error(), "an account exists at its own tenant only");
        assert_eq!(nobody.cookie("session"), None);
    }

    async fn suspended_tenant_answers_nothing_and_loses_nothing(t: TestApp) {
        let acme = t.tenant("acme").await;
        let bob = acme.user("bob").await;
        let client = acme.client().create().await;
        let mut browser = acme.signed_in(&bob).await;
        let tokens = acme.tokens(&client, &mut browser, &bob, "openid offline_access").await;
        let set = async |status: TenantStatus| {
            let mut cx = acme.cx();
            tenants::update(&mut cx, TenantChange { status: Some(status), ..TenantChange::default() }).await.unwrap();
            cx.commit().await.unwrap();
        };
        set(TenantStatus::Suspended).await;
        for route in routes::all(false).table() {
            let path = acme.path(&route.path.replace("{client_id}", &client.id));
            let answer = acme.send(at_host(route.method, "id.example", &path)).await;
            assert_eq!((answer.status, answer.json()["code"].as_str()), (StatusCode::FORBIDDEN, Some("tenant.suspended")), "{path}");
        }
        assert_eq!(acme.refresh(&client, tokens.refresh()).await.status, StatusCode::FORBIDDEN);
        assert_eq!(t.get("/.well-known/jwks.json", &[]).await.status, StatusCode::OK, "the others go on");
        set(TenantStatus::Active).await;
        assert_eq!(acme.userinfo(&tokens.access).await.status, StatusCode::OK);
        assert_eq!(acme.refresh(&client, tokens.refresh()).await.status, StatusCode::OK);
        assert_eq!(browser.get("/account").await.status, StatusCode::OK);
    }

    async fn subdomains_lead_to_their_tenant_and_the_issuer_stays_what_it_was(t: TestApp, |config| { config.base_domain = Some(base_domain("id.example")); }) {
        let acme = t.tenant("acme").await;
        for host in ["acme.id.example", "ACME.id.example:443"] {
            let document = t.send(at_host("GET", host, "/.well-known/openid-configuration")).await;
            assert_eq!(document.json()["issuer"], acme.tenant.issuer, "{host}");
        }
        let unknown = t.send(at_host("GET", "nobody.id.example", "/account")).await;
        assert_eq!((unknown.status, unknown.json()["code"].as_str()), (StatusCode::NOT_FOUND, Some("tenant.not_found")));
        for host in ["id.example", "evil.example", "acme.id.example.evil.example", "xid.example", ".id.example", "a.b.id.example"] {
            let answer = t.send(at_host("GET", host, "/.well-known/openid-configuration")).await;
            assert!(answer.status == StatusCode::NOT_FOUND || answer.json()["issuer"] == BASE, "{host}: {}", answer.body);
        }
    }
}
