//! Every route refuses everybody but those whom its `Access` names. A route that is not listed here fails the test: list
//! it with how it is called, and the laws hold for it too.

use authflow_server::http::Access;
use authflow_server::routes;
use authflow_testkit::{Answer, Browser, CALLBACK, TestApp, both_databases};
use axum::body::Body;
use http::{Request, StatusCode};
use serde_json::Value;

/// Every route with the kind of its access.
const ROUTES: &[(&str, &str, &str)] = &[
    ("GET", "/", "public"),
    ("GET", "/.well-known/jwks.json", "public"),
    ("GET", "/.well-known/oauth-authorization-server", "public"),
    ("GET", "/.well-known/openid-configuration", "public"),
    ("GET", "/.well-known/passkey-endpoints", "public"),
    ("GET", "/.well-known/webauthn", "public"),
    ("GET", "/account", "session"),
    ("GET", "/account/activity", "session"),
    ("GET", "/account/applications", "session"),
    ("POST", "/account/applications/revoke", "session"),
    ("POST", "/account/connections/link", "session"),
    ("POST", "/account/connections/unlink", "session"),
    ("GET", "/account/data", "session"),
    ("POST", "/account/data/delete", "session"),
    ("GET", "/account/data/export", "session"),
    ("GET", "/account/devices", "session"),
    ("POST", "/account/identifiers/add", "session"),
    ("POST", "/account/identifiers/primary", "session"),
    ("POST", "/account/identifiers/remove", "session"),
    ("POST", "/account/identifiers/retry", "session"),
    ("GET", "/account/link", "public"),
    ("POST", "/account/link", "public"),
    ("POST", "/account/passkeys", "session"),
    ("POST", "/account/passkeys/decline", "session"),
    ("POST", "/account/passkeys/options", "session"),
    ("POST", "/account/passkeys/remove", "session"),
    ("POST", "/account/passkeys/rename", "session"),
    ("POST", "/account/password", "session"),
    ("POST", "/account/phones/add", "session"),
    ("GET", "/account/phones/confirm", "session"),
    ("POST", "/account/phones/confirm", "session"),
    ("POST", "/account/phones/lost", "session"),
    ("POST", "/account/phones/resend", "session"),
    ("POST", "/account/profile", "session"),
    ("GET", "/account/security", "session"),
    ("POST", "/account/security/devices/forget", "session"),
    ("POST", "/account/security/recovery-codes", "session"),
    ("GET", "/account/security/totp", "session"),
    ("POST", "/account/security/totp", "session"),
    ("POST", "/account/security/totp/remove", "session"),
    ("POST", "/account/sessions/revoke", "session"),
    ("POST", "/account/verify", "session"),
    ("GET", "/assets/brand.css", "public"),
    ("GET", "/claim/{token}", "public"),
    ("POST", "/claim/{token}", "public"),
    ("GET", "/consent", "sign-in"),
    ("POST", "/consent", "sign-in"),
    ("GET", "/dev/demo", "dev"),
    ("GET", "/dev/demo/callback", "dev"),
    ("POST", "/dev/demo/refresh", "dev"),
    ("POST", "/dev/demo/sign-in", "dev"),
    ("POST", "/dev/demo/sign-out", "dev"),
    ("GET", "/dev/outbox", "dev"),
    ("GET", "/dev/outbox/{id}", "dev"),
    ("GET", "/dev/outbox/{id}/html", "dev"),
    ("GET", "/invitation", "public"),
    ("POST", "/invitation", "public"),
    ("GET", "/oauth2/authorize", "public"),
    ("POST", "/oauth2/authorize", "public"),
    ("GET", "/oauth2/authorize/resume", "sign-in"),
    ("POST", "/oauth2/challenge", "client"),
    ("POST", "/oauth2/introspect", "client"),
    ("GET", "/oauth2/logout", "public"),
    ("POST", "/oauth2/logout", "public"),
    ("POST", "/oauth2/register", "public"),
    ("DELETE", "/oauth2/register/{client_id}", "bearer"),
    ("GET", "/oauth2/register/{client_id}", "bearer"),
    ("PUT", "/oauth2/register/{client_id}", "bearer"),
    ("POST", "/oauth2/revoke", "client"),
    ("POST", "/oauth2/token", "client"),
    ("GET", "/oauth2/userinfo", "bearer"),
    ("POST", "/oauth2/userinfo", "bearer"),
    ("GET", "/recover", "public"),
    ("POST", "/recover", "sign-in"),
    ("GET", "/recover/new", "public"),
    ("POST", "/recover/new", "public"),
    ("GET", "/recover/sent", "sign-in"),
    ("GET", "/select-account", "sign-in"),
    ("POST", "/select-account", "sign-in"),
    ("GET", "/sign-in", "public"),
    ("POST", "/sign-in", "sign-in"),
    ("GET", "/sign-in/callback/{slug}", "public"),
    ("POST", "/sign-in/callback/{slug}", "public"),
    ("POST", "/sign-in/challenge", "sign-in"),
    ("GET", "/sign-in/code", "sign-in"),
    ("POST", "/sign-in/code", "sign-in"),
    ("GET", "/sign-in/connect", "sign-in"),
    ("POST", "/sign-in/connect", "sign-in"),
    ("GET", "/sign-in/connections/{slug}", "sign-in"),
    ("POST", "/sign-in/connections/{slug}", "sign-in"),
    ("GET", "/sign-in/link", "public"),
    ("POST", "/sign-in/link", "public"),
    ("POST", "/sign-in/passkey/options", "sign-in"),
    ("POST", "/sign-in/proof-code", "sign-in"),
    ("GET", "/sign-in/second", "sign-in"),
    ("POST", "/sign-in/second", "sign-in"),
    ("GET", "/sign-in/set-up", "sign-in"),
    ("POST", "/sign-in/set-up", "sign-in"),
    ("GET", "/sign-in/set-up/passkey", "sign-in"),
    ("POST", "/sign-in/set-up/passkey", "sign-in"),
    ("POST", "/sign-in/set-up/passkey/options", "sign-in"),
    ("GET", "/sign-out", "public"),
    ("POST", "/sign-out", "session"),
    ("GET", "/sign-up", "public"),
    ("POST", "/sign-up", "sign-in"),
    ("GET", "/verify", "public"),
    ("POST", "/verify", "public"),
    ("POST", "/verify/resend", "sign-in"),
    ("GET", "/verify/sent", "sign-in"),
];

fn of_kind(kind: &str) -> impl Iterator<Item = (&'static str, &'static str)> {
    ROUTES
        .iter()
        .filter(move |(_, _, of)| *of == kind)
        .map(|(method, path, _)| (*method, *path))
}

/// What every credential of the other tenant, and every wrong credential of this one, is called.
struct Credentials {
    cookies: Vec<(&'static str, String)>,
    bearer: Vec<(&'static str, String)>,
    basic: Vec<(&'static str, String)>,
    sign_in_ids: Vec<(&'static str, String)>,
}

fn renamed(browser: &Browser, from: &str, to: &str) -> String {
    browser
        .cookie_header()
        .replace(&format!("-{from}="), &format!("-{to}="))
}

/// Credentials that mean nothing at `t`: `acme`'s, and tokens of other kinds.
async fn foreign(t: &TestApp) -> Credentials {
    let acme = t.tenant("acme").await;
    let mallory = acme.user("mallory").await;
    let client = acme.client().third_party().self_managed().create().await;
    let mut browser = acme.signed_in(&mallory).await;
    let consent = browser.authorize(&acme.authorization(&client)).await;
    let sign_in = consent.path.split("sign_in=").nth(1).unwrap().to_owned();
    let tokens = acme
        .tokens(&client, &mut browser, &mallory, "openid offline_access")
        .await;
    let code = acme.code(&client, &mut browser, &mallory, "openid").await;
    let own_user = t.user("alice").await;
    let own_client = t.client().create().await;
    let own = t
        .tokens(&own_client, &mut t.browser(), &own_user, "openid offline_access")
        .await;
    let local = |tokens: &authflow_testkit::Tokens| (tokens.id().to_owned(), tokens.refresh().to_owned());
    let (own_id, own_refresh) = local(&own);
    Credentials {
        cookies: vec![
            ("none", String::new()),
            ("acme's cookies", browser.cookie_header()),
            (
                "acme's cookies under our names",
                renamed(&browser, "acme", "default"),
            ),
            (
                "garbage",
                "__Host-authflow-session-default=af_ss_x; __Host-authflow-browser-default=%00".to_owned(),
            ),
        ],
        bearer: vec![
            ("acme's access token", tokens.access.clone()),
            ("acme's refresh token", tokens.refresh().to_owned()),
            ("acme's ID token", tokens.id().to_owned()),
            ("acme's code", code),
            (
                "acme's registration token",
                client.registration_token.clone().unwrap(),
            ),
            ("our ID token", own_id),
            ("our refresh token", own_refresh),
            ("acme's session", browser.cookie("session").unwrap().to_owned()),
            ("garbage", "garbage".to_owned()),
        ],
        basic: vec![("acme's client", client.basic())],
        sign_in_ids: vec![
            ("acme's sign-in", sign_in),
            ("none", String::new()),
            ("unknown", "sin_00000000000000000000000000".to_owned()),
        ],
    }
}

fn build(method: &str, path: &str, headers: &[(&str, &str)], form: &[(&str, &str)]) -> Request<Body> {
    let encoded = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(form)
        .finish();
    let mut builder = Request::builder().method(method).header("host", "id.example");
    for (name, value) in headers.iter().filter(|(_, value)| !value.is_empty()) {
        builder = builder.header(*name, *value);
    }
    if method == "GET" || method == "DELETE" {
        return builder
            .uri(format!("{path}?{encoded}"))
            .body(Body::empty())
            .unwrap();
    }
    let kind = "application/x-www-form-urlencoded";
    builder
        .uri(path)
        .header("content-type", kind)
        .body(Body::from(encoded))
        .unwrap()
}

fn assert_page(answer: &Answer, case: &str) {
    assert!(
        answer.header("content-type").starts_with("text/html"),
        "{case}: {}",
        answer.header("content-type")
    );
    assert!(
        answer
            .header("content-security-policy")
            .contains("frame-ancestors 'none'"),
        "{case}"
    );
}

#[test]
fn every_route_is_listed_here_with_its_access() {
    let mut table: Vec<(&str, &str, &str)> = routes::all(true)
        .table()
        .iter()
        .map(|route| {
            let kind = match route.access {
                Access::Public(reason) => {
                    assert!(reason.len() > 10, "{}: why is that safe?", route.path);
                    "public"
                }
                Access::Client => "client",
                Access::Bearer => "bearer",
                Access::Session => "session",
                Access::SignIn => "sign-in",
                Access::Dev => "dev",
            };
            (route.method, route.path, kind)
        })
        .collect();
    table.sort_by_key(|(method, path, _)| (*path, *method));
    assert_eq!(table, ROUTES);
    let production = routes::all(false);
    assert!(production.table().iter().all(|route| route.access != Access::Dev));
}

both_databases! {
    async fn session_routes_send_everybody_else_to_sign_in_and_change_nothing(t: TestApp) {
        let foreign = foreign(&t).await;
        let before = t.row_counts().await;
        for (method, path) in of_kind("session") {
            for (name, cookies) in &foreign.cookies {
                let form = [("csrf", "x"), ("name", "Mallory"), ("session", "others"), ("new_password", "walrus teapot meadow 93"), ("decision", "sign_out")];
                let answer = t.send(build(method, path, &[("cookie", cookies)], &form)).await;
                let case = format!("{method} {path} with {name}");
                assert_eq!(answer.status, StatusCode::SEE_OTHER, "{case}");
                let to = answer.location().unwrap().path().to_owned();
                assert!(to == "/sign-in" || to == "/sign-out", "{case}: {to}");
            }
            for (name, token) in &foreign.bearer {
                let bearer = format!("Bearer {token}");
                let answer = t.send(build(method, path, &[("authorization", &bearer)], &[])).await;
                assert_eq!(answer.status, StatusCode::SEE_OTHER, "{method} {path} with {name}");
            }
        }
        assert_eq!(t.row_counts().await, before);
    }

    async fn session_forms_refuse_what_was_not_shown_to_this_browser(t: TestApp) {
        let (alice, bob) = (t.user("alice").await, t.user("bob").await);
        let mut browser = t.signed_in(&alice).await;
        let mut other = t.signed_in(&bob).await;
        let theirs = other.open("/account").await.form("/account/profile").fields[0].1.clone();
        let own = browser.open("/account").await.form("/account/profile").fields[0].1.clone();
        let before = t.row_counts().await;
        for (method, path) in of_kind("session").filter(|(method, _)| *method == "POST") {
            let cookies = browser.cookie_header();
            for (name, csrf, origin, site) in [
                ("no token", "", "https://id.example", "same-origin"),
                ("another session's token", theirs.as_str(), "https://id.example", "same-origin"),
                ("another site", own.as_str(), "https://evil.example", "cross-site"),
                ("a sibling site", own.as_str(), "https://evil.id.example", "same-site"),
                ("an old browser, another origin", own.as_str(), "https://evil.example", ""),
            ] {
                let headers = [("cookie", cookies.as_str()), ("origin", origin), ("sec-fetch-site", site)];
                let form = [("csrf", csrf), ("name", "Mallory"), ("session", "others"), ("decision", "sign_out"), ("client", "cli_00000000000000000000000000")];
                let answer = t.send(build(method, path, &headers, &form)).await;
                assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}: {name}");
                assert_page(&answer, path);
            }
        }
        assert_eq!(t.row_counts().await, before);
        assert_eq!(browser.get("/account").await.status, StatusCode::OK, "still signed in");
    }

    async fn sign_in_routes_refuse_every_other_browser_and_tenant(t: TestApp) {
        let foreign = foreign(&t).await;
        let client = t.client().third_party().create().await;
        let mut victim = t.signed_in(&t.user("bob").await).await;
        let page = victim.authorize(&t.authorization(&client)).await;
        let live = page.path.split("sign_in=").nth(1).unwrap().to_owned();
        let mut ids = foreign.sign_in_ids.clone();
        ids.push(("another browser's sign-in", live.clone()));
        let before = t.row_counts().await;
        for (method, path) in of_kind("sign-in") {
            for (cookie_name, cookies) in &foreign.cookies {
                for (id_name, id) in &ids {
                    let case = format!("{method} {path}, {cookie_name}, {id_name}");
                    let form = [("sign_in", id.as_str()), ("csrf", "x"), ("identifier", "bob@example.com"), ("password", "violet anchor harbour 4711"), ("decision", "allow"), ("name", "M"), ("email", "m@example.com")];
                    let answer = t.send(build(method, path, &[("cookie", cookies)], &form)).await;
                    assert!(answer.status.is_client_error(), "{case}: {}", answer.status);
                    assert_eq!(answer.location(), None, "{case}");
                    assert_page(&answer, &case);
                }
            }
        }
        assert_eq!(t.row_counts().await, before);
        let answer = victim.submit(&page, "/consent", &[("decision", "allow")]).await;
        assert!(answer.param("code").is_some(), "the victim's own sign-in is unharmed");
    }

    async fn client_routes_refuse_everybody_but_clients_of_this_tenant(t: TestApp) {
        let foreign = foreign(&t).await;
        let before = t.row_counts().await;
        for (method, path) in of_kind("client") {
            let form = [("token", "x"), ("grant_type", "client_credentials")];
            for (name, cookies) in &foreign.cookies {
                let answer = t.send(build(method, path, &[("cookie", cookies)], &form)).await;
                assert_eq!(answer.refusal(), (401, "invalid_client".to_owned()), "{path} with {name} and no client");
            }
            for (name, token) in &foreign.bearer {
                let bearer = format!("Bearer {token}");
                let answer = t.send(build(method, path, &[("authorization", &bearer)], &form)).await;
                assert!(answer.status.is_client_error(), "{path} with {name}");
                assert!(["invalid_request", "invalid_client"].contains(&answer.error().as_str()), "{path} with {name}: {}", answer.body);
            }
            for (name, basic) in &foreign.basic {
                let answer = t.send(build(method, path, &[("authorization", basic)], &form)).await;
                assert_eq!(answer.refusal(), (401, "invalid_client".to_owned()), "{path} with {name}");
            }
        }
        assert_eq!(t.row_counts().await, before);
        let public = t.client().public().create().await;
        let answer = t.post_as(&public, "/oauth2/introspect", &[("token", "x")]).await;
        assert_eq!(answer.refusal(), (401, "invalid_client".to_owned()), "a public client proves nothing");
    }

    async fn bearer_routes_refuse_every_token_but_their_own(t: TestApp) {
        let foreign = foreign(&t).await;
        let (one, two) = (t.client().self_managed().create().await, t.client().self_managed().create().await);
        let alice = t.user("carol").await;
        let access = t.tokens(&one, &mut t.browser(), &alice, "email").await.access;
        let machine = t.client_credentials(&one, &[]).await.json()["access_token"].as_str().unwrap().to_owned();
        let before = t.row_counts().await;
        for (method, path) in of_kind("bearer") {
            let path = path.replace("{client_id}", &one.id);
            let nothing = t.send(build(method, &path, &[], &[])).await;
            assert_eq!(nothing.status, StatusCode::UNAUTHORIZED, "{method} {path} with nothing");
            assert!(nothing.header("www-authenticate").starts_with("Bearer"), "{method} {path}");
            let mut tokens = foreign.bearer.clone();
            if path.contains("register") {
                tokens.push(("another client's registration token", two.registration_token.clone().unwrap()));
                tokens.push(("an access token of ours", access.clone()));
            } else {
                tokens.push(("a registration token of ours", one.registration_token.clone().unwrap()));
            }
            for (name, token) in &tokens {
                let bearer = format!("Bearer {token}");
                let answer = t.send(build(method, &path, &[("authorization", &bearer)], &[])).await;
                assert_eq!(answer.refusal(), (401, "invalid_token".to_owned()), "{method} {path} with {name}");
                assert_eq!(answer.header("cache-control"), "no-store");
            }
            if path.contains("userinfo") {
                for (name, token) in [("no openid", &access), ("no user", &machine)] {
                    let bearer = format!("Bearer {token}");
                    let answer = t.send(build(method, &path, &[("authorization", &bearer)], &[])).await;
                    assert_eq!(answer.refusal(), (403, "insufficient_scope".to_owned()), "{method} {path}: {name}");
                }
            }
            for (name, cookies) in &foreign.cookies {
                let answer = t.send(build(method, &path, &[("cookie", cookies)], &[])).await;
                assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{method} {path} with {name}");
            }
        }
        assert_eq!(t.row_counts().await, before);
        let token = one.registration_token.as_deref();
        let own = t.send_json(http::Method::GET, &format!("/oauth2/register/{}", one.id), token, &Value::Null).await;
        assert_eq!(own.status, StatusCode::OK, "the control of this test");
    }

    async fn dev_routes_do_not_exist_in_production(t: TestApp) {
        for (method, path) in of_kind("dev") {
            let path = path.replace("{id}", "mai_00000000000000000000000000");
            let answer = t.send(build(method, &path, &[], &[])).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{method} {path}");
            assert_eq!(answer.json()["code"], "not_found");
        }
    }

    async fn registration_is_closed_unless_the_tenant_opens_it(t: TestApp) {
        let document = serde_json::json!({"redirect_uris": [CALLBACK]});
        let before = t.row_counts().await;
        let off = t.send_json(http::Method::POST, "/oauth2/register", None, &document).await;
        assert_eq!(off.refusal(), (403, "access_denied".to_owned()));
        let mut t = t;
        t.set(|settings| settings.registration = authflow_server::tenants::RegistrationMode::InitialAccessToken).await;
        for (name, token) in &foreign(&t).await.bearer {
            let answer = t.send_json(http::Method::POST, "/oauth2/register", Some(token), &document).await;
            assert_eq!(answer.refusal(), (401, "invalid_token".to_owned()), "{name}");
        }
        let clients = t.row_counts().await["clients"];
        assert_eq!(clients, before["clients"] + 2, "only those that the test itself made");
    }

    async fn every_get_is_safe(t: TestApp) {
        let alice = t.user("alice").await;
        let client = t.client().third_party().self_managed().create().await;
        let mut browser = t.signed_in(&alice).await;
        let access = t.tokens(&client, &mut browser, &alice, "openid email").await.access;
        let live = browser.authorize(&t.authorization(&client).scope("openid profile")).await;
        let id = live.path.split("sign_in=").nth(1).unwrap().to_owned();
        let mut cx = t.cx();
        let address = authflow_server::identities::get_user(&cx, alice.id).await.unwrap().identifiers[0].id.as_uuid();
        let link = authflow_server::mail::issue_link(&mut cx, authflow_server::mail::LinkPurpose::VerifyEmail, address).await.unwrap();
        cx.commit().await.unwrap();
        t.get("/.well-known/jwks.json", &[]).await;
        for (method, path, kind) in ROUTES.iter().filter(|(method, ..)| *method == "GET") {
            let path = path.replace("{client_id}", &client.id).replace("{id}", "mai_00000000000000000000000000");
            let token = if path.contains("register") { client.registration_token.as_deref().unwrap() } else { &access };
            let bearer = format!("Bearer {token}");
            let cookies = browser.cookie_header();
            let before = t.row_counts().await;
            for repeat in 0..2 {
                // A scanner that follows a link knows nothing but the link.
                let cookies = if repeat == 0 { "" } else { cookies.as_str() };
                let headers = [("cookie", cookies), ("authorization", bearer.as_str())];
                let query = [("sign_in", id.as_str()), ("token", link.expose()), ("ui_locales", "de")];
                let answer = t.send(build(method, &path, &headers, &query)).await;
                assert!(!answer.status.is_server_error(), "{path}");
            }
            let mut after = t.row_counts().await;
            if *kind == "public" {
                // The way in remembers where it leads.
                after.insert("sign_ins", before["sign_ins"]);
            }
            assert_eq!(after, before, "GET {path}");
        }
        assert_eq!(browser.get("/account").await.status, StatusCode::OK, "no GET signs out");
        let used = browser.get(&format!("/verify?token={}", link.expose())).await;
        assert_eq!(used.status, StatusCode::OK, "no GET uses a link up: {}", used.status);
    }
}
