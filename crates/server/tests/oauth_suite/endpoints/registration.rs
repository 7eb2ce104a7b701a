use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use authflow_server::clients;
use authflow_server::tenants::RegistrationMode;
use authflow_testkit::{Answer, CALLBACK, Client, TestApp, both_databases};
use axum::http::{Method, Request, StatusCode, header};
use serde_json::{Value, json};

use super::harness::raw;

const PATH: &str = "/oauth2/register";

fn app() -> Value {
    json!({"redirect_uris": [CALLBACK], "client_name": "Dynamic", "grant_types": ["authorization_code", "refresh_token"]})
}

fn with(extra: Value) -> Value {
    let mut document = app();
    for (name, value) in extra.as_object().unwrap() {
        document[name] = value.clone();
    }
    document
}

/// The tenant, open to everybody.
async fn open(t: &TestApp) -> TestApp {
    let mut tenant = t.clone();
    tenant
        .set(|settings| settings.registration = RegistrationMode::Open)
        .await;
    tenant
}

/// What a client makes of its registration.
fn client_of(json: &Value) -> Client {
    Client::known(
        json["client_id"].as_str().unwrap(),
        json["client_secret"].as_str(),
    )
}

async fn register(t: &TestApp, document: &Value) -> Answer {
    t.send_json(Method::POST, PATH, None, document).await
}

/// A registered client: its document, its path, its registration access token.
async fn registered(t: &TestApp, document: &Value) -> (Value, String, String) {
    let answer = register(t, document).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.body);
    let json = answer.json();
    let id = json["client_id"].as_str().unwrap();
    let (path, token) = (
        format!("{PATH}/{id}"),
        json["registration_access_token"].as_str().unwrap().to_owned(),
    );
    (json, path, token)
}

both_databases! {
    async fn where_it_is_off_nobody_registers(t: TestApp) {
        let answer = register(&t, &app()).await;
        assert_eq!((answer.status, answer.error()), (StatusCode::FORBIDDEN, "access_denied".to_owned()));
    }

    async fn registered_client_works_and_shows_its_secret_once(t: TestApp) {
        let tenant = open(&t).await;
        let (json, path, token) = registered(&t, &app()).await;
        assert_eq!(json["client_secret_expires_at"], 0);
        assert_eq!(json["client_name"], "Dynamic");
        assert_eq!(json["scope"], "openid profile email offline_access");
        assert_eq!(json["token_endpoint_auth_method"], "client_secret_basic");
        assert_eq!(json["registration_client_uri"], format!("https://id.example{path}"));
        assert_eq!(json["client_id_issued_at"], 1_700_000_000);
        let client = client_of(&json);
        assert_eq!(tenant.introspect(&client, "nonsense").await, json!({"active": false}));
        let shown = t.send_json(Method::GET, &path, Some(&token), &Value::Null).await;
        assert_eq!((shown.status, shown.header("cache-control")), (StatusCode::OK, "no-store"));
        let again = shown.json();
        assert!(again.get("client_secret").is_none());
        for name in ["client_id", "redirect_uris", "grant_types", "scope", "registration_access_token"] {
            assert_eq!(again[name], json[name], "{name}");
        }
        let public = register(&t, &with(json!({"token_endpoint_auth_method": "none"}))).await.json();
        assert!(public.get("client_secret").is_none() && public.get("client_secret_expires_at").is_none());
    }

    async fn initial_access_token_is_needed_and_used_up_by_success_alone(t: TestApp) {
        let mut tenant = t.clone();
        tenant.set(|settings| settings.registration = RegistrationMode::InitialAccessToken).await;
        let mut cx = tenant.cx();
        let token = clients::create_initial_access_token(&mut cx, 1, Duration::from_hours(1)).await.unwrap();
        let expiring = clients::create_initial_access_token(&mut cx, 1, Duration::from_secs(10)).await.unwrap();
        cx.commit().await.unwrap();
        let (token, expiring) = (token.expose().to_owned(), expiring.expose().to_owned());
        for bad in [None, Some("af_ia_x"), Some("nonsense")] {
            let answer = t.send_json(Method::POST, PATH, bad, &app()).await;
            assert_eq!((answer.status, answer.error()), (StatusCode::UNAUTHORIZED, "invalid_token".to_owned()));
            assert!(answer.header("www-authenticate").starts_with("Bearer"));
        }
        let mut other = t.tenant("other").await;
        other.set(|settings| settings.registration = RegistrationMode::InitialAccessToken).await;
        let foreign = other.send_json(Method::POST, PATH, Some(&token), &app()).await;
        assert_eq!(foreign.status, StatusCode::UNAUTHORIZED, "a token of another tenant");
        let bad = t.send_json(Method::POST, PATH, Some(&token), &json!({"redirect_uris": ["javascript:x"]})).await;
        assert_eq!(bad.error(), "invalid_redirect_uri");
        let scope = t.send_json(Method::POST, PATH, Some(&token), &with(json!({"scope": "unknown:scope"}))).await;
        assert_eq!(scope.error(), "invalid_client_metadata");
        assert_eq!(t.send_json(Method::POST, PATH, Some(&token), &app()).await.status, StatusCode::CREATED);
        assert_eq!(t.send_json(Method::POST, PATH, Some(&token), &app()).await.status, StatusCode::UNAUTHORIZED);
        t.clock.advance(Duration::from_secs(10));
        assert_eq!(t.send_json(Method::POST, PATH, Some(&expiring), &app()).await.status, StatusCode::UNAUTHORIZED);
    }

    async fn hostile_metadata_is_refused_with_the_right_code(t: TestApp, |config| { config.outbound.allow_http = false; }) {
        open(&t).await;
        let uri = "invalid_redirect_uri";
        let field = "invalid_client_metadata";
        let long = "x".repeat(400);
        let cases = [
            (json!({"redirect_uris": []}), uri),
            (json!({"redirect_uris": ["javascript:alert(1)"]}), uri),
            (json!({"redirect_uris": ["https://app.example/#f"]}), uri),
            (json!({"redirect_uris": ["http://app.example/cb"]}), uri),
            (json!({"client_name": long}), field),
            (json!({"client_name": "a\u{202e}b"}), field),
            (json!({"logo_uri": "javascript:alert(1)"}), field),
            (json!({"policy_uri": "http://app.example"}), field),
            (json!({"jwks_uri": "http://169.254.169.254/latest"}), field),
            (json!({"jwks_uri": "https://10.0.0.1/jwks"}), field),
            (json!({"jwks_uri": "https://[::ffff:10.0.0.1]/jwks"}), field),
            (json!({"backchannel_logout_uri": "https://192.168.1.1/"}), field),
            (json!({"sector_identifier_uri": "https://10.0.0.1/sector"}), field),
            (json!({"subject_type": "pairwise", "redirect_uris": [CALLBACK, "https://b.example"]}), field),
            (json!({"grant_types": ["implicit"]}), field),
            (json!({"response_types": ["token"]}), field),
            (json!({"scope": "not-a-scope-of-this-tenant"}), field),
            (json!({"token_endpoint_auth_method": "private_key_jwt"}), field),
            (json!({"id_token_signed_response_alg": "none"}), field),
        ];
        for (extra, code) in cases {
            let document = with(extra);
            let answer = register(&t, &document).await;
            assert_eq!((answer.status, answer.error().as_str()), (StatusCode::BAD_REQUEST, code), "{document}");
        }
        for (kind, body) in [
            ("application/json", "[]"),
            ("application/json", "{"),
            ("application/json", r#"{"redirect_uris":["https://a.example"],"redirect_uris":["https://b.example"]}"#),
            ("text/plain", r#"{"redirect_uris":["https://a.example"]}"#),
        ] {
            let answer = raw(&t, Method::POST, PATH, &[("content-type", kind)], body).await;
            assert_eq!((answer.status, answer.error().as_str()), (StatusCode::BAD_REQUEST, field), "{body}");
        }
        let deep = format!("{{\"redirect_uris\":[\"{CALLBACK}\"],\"x\":{}{}}}", "[".repeat(5000), "]".repeat(5000));
        let answer = raw(&t, Method::POST, PATH, &[("content-type", "application/json")], deep).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
        let huge = format!("{{\"x\":\"{}\"}}", "x".repeat(100_000));
        let answer = raw(&t, Method::POST, PATH, &[("content-type", "application/json")], huge).await;
        assert_eq!((answer.status, answer.error().as_str()), (StatusCode::BAD_REQUEST, field));
    }

    async fn strangers_get_no_api_scope_without_a_user(t: TestApp) {
        let tenant = open(&t).await;
        let mut cx = tenant.cx();
        authflow_server::resources::create_scope(&mut cx, "invoices:write", "Write invoices", None).await.unwrap();
        cx.commit().await.unwrap();
        let service = json!({"grant_types": ["client_credentials"], "scope": "invoices:write"});
        assert_eq!(register(&t, &service).await.error(), "invalid_client_metadata");
        // With a user who is asked it may be had.
        let (json, path, token) = registered(&t, &with(json!({"scope": "openid invoices:write"}))).await;
        let mut widened = with(json!({"client_id": json["client_id"], "scope": "openid invoices:write"}));
        widened["grant_types"] = json!(["authorization_code", "client_credentials"]);
        let answer = t.send_json(Method::PUT, &path, Some(&token), &widened).await;
        assert_eq!(answer.error(), "invalid_client_metadata", "nor by changing its mind later");
        let (json, _, _) = registered(&t, &json!({"grant_types": ["client_credentials"]})).await;
        let client = client_of(&json);
        let form = [("grant_type", "client_credentials")];
        let granted = t.post_as(&client, "/oauth2/token", &form).await;
        assert_eq!(granted.status, StatusCode::OK);
        assert!(granted.json().get("scope").is_none());
    }

    async fn registration_token_opens_its_own_client_only(t: TestApp) {
        open(&t).await;
        let (_, path, token) = registered(&t, &app()).await;
        let (_, other_path, other_token) = registered(&t, &app()).await;
        let nobody = format!("{PATH}/cli_00000000000000000000000000");
        let wrong: [(&str, Option<&str>); 6] = [
            (&path, None),
            (&path, Some(&other_token)),
            (&path, Some("af_ra_x")),
            (&other_path, Some(&token)),
            (&nobody, Some(&token)),
            ("/oauth2/register/x", Some(&token)),
        ];
        for (path, bearer) in wrong {
            for method in [Method::GET, Method::PUT, Method::DELETE] {
                let body = if method == Method::PUT { app() } else { Value::Null };
                let answer = t.send_json(method.clone(), path, bearer, &body).await;
                assert_eq!((answer.status, answer.error()), (StatusCode::UNAUTHORIZED, "invalid_token".to_owned()));
            }
        }
        assert_eq!(t.send_json(Method::GET, &path, Some(&token), &Value::Null).await.status, StatusCode::OK);
        let other = t.tenant("other").await;
        let foreign = other.send_json(Method::GET, &path, Some(&token), &Value::Null).await;
        assert_eq!(foreign.status, StatusCode::UNAUTHORIZED);
    }

    async fn update_replaces_everything_and_only_what_a_client_may_set(t: TestApp) {
        let tenant = open(&t).await;
        let (json, path, token) = registered(&t, &with(json!({"contacts": ["ops@app.example"]}))).await;
        let id = json["client_id"].clone();
        let own_secret = json["client_secret"].clone();
        for bad in [
            json!({}),
            json!({"client_id": "cli_00000000000000000000000000"}),
            json!({"client_id": id, "client_secret": "af_cs_x"}),
            json!({"client_id": id, "registration_access_token": token}),
            json!({"client_id": id, "registration_client_uri": "https://id.example/x"}),
            json!({"client_id": id, "client_secret_expires_at": 0}),
            json!({"client_id": id, "client_id_issued_at": 1}),
        ] {
            let answer = t.send_json(Method::PUT, &path, Some(&token), &with(bad.clone())).await;
            assert_eq!((answer.status, answer.error()), (StatusCode::BAD_REQUEST, "invalid_client_metadata".to_owned()), "{bad}");
        }
        let change = json!({"client_id": id, "client_secret": own_secret, "client_name": "Renamed", "scope": "openid"});
        let answer = t.send_json(Method::PUT, &path, Some(&token), &with(change)).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        let updated = answer.json();
        assert_eq!((&updated["client_name"], &updated["scope"]), (&json!("Renamed"), &json!("openid")));
        assert!(updated.get("contacts").is_none(), "what is left out is gone");
        assert!(updated.get("client_secret").is_none());
        let client = client_of(&json);
        assert_eq!(tenant.introspect(&client, "x").await, json!({"active": false}), "the secret still counts");
    }

    async fn client_that_becomes_confidential_gets_a_secret(t: TestApp) {
        let tenant = open(&t).await;
        let (json, path, token) = registered(&t, &with(json!({"token_endpoint_auth_method": "none"}))).await;
        let change = json!({"client_id": json["client_id"], "token_endpoint_auth_method": "client_secret_basic"});
        let updated = t.send_json(Method::PUT, &path, Some(&token), &with(change)).await.json();
        let client = client_of(&updated);
        assert_eq!(updated["client_secret_expires_at"], 0);
        assert_eq!(tenant.introspect(&client, "x").await, json!({"active": false}));
    }

    async fn deleting_a_client_ends_its_tokens_and_its_registration(t: TestApp) {
        let tenant = open(&t).await;
        let (json, path, token) = registered(&t, &json!({"grant_types": ["client_credentials"]})).await;
        let client = client_of(&json);
        let form = [("grant_type", "client_credentials")];
        let granted = t.post_as(&client, "/oauth2/token", &form).await.json()["access_token"].clone();
        let api = tenant.client().create().await;
        assert_eq!(tenant.introspect(&api, granted.as_str().unwrap()).await["active"], true);
        let answer = t.send_json(Method::DELETE, &path, Some(&token), &Value::Null).await;
        assert_eq!((answer.status, answer.body.as_str()), (StatusCode::NO_CONTENT, ""));
        assert_eq!(tenant.introspect(&api, granted.as_str().unwrap()).await["active"], false);
        assert_eq!(t.send_json(Method::GET, &path, Some(&token), &Value::Null).await.status, StatusCode::UNAUTHORIZED);
        assert_eq!(t.post_as(&client, "/oauth2/token", &form).await.status, StatusCode::UNAUTHORIZED);
    }

    async fn one_source_registers_at_a_limited_rate(t: TestApp, |config| {
        config.limits.sign_ups_per_source = authflow_server::config::Limits::default().sign_ups_per_source;
    }) {
        open(&t).await;
        let send = async |last: u8| {
            let ip = IpAddr::V4(Ipv4Addr::new(203, 0, 113, last));
            let request = Request::post(PATH).header(header::CONTENT_TYPE, "application/json");
            t.send_from(ip, request.body(app().to_string().into()).unwrap()).await
        };
        let mut allowed = 0;
        let refused = loop {
            let answer = send(1).await;
            if answer.status != StatusCode::CREATED {
                break answer;
            }
            allowed += 1;
        };
        assert_eq!((allowed, refused.status), (30, StatusCode::TOO_MANY_REQUESTS));
        assert_eq!(send(2).await.status, StatusCode::TOO_MANY_REQUESTS, "the same source");
        let wait: u64 = refused.header("retry-after").parse().unwrap();
        t.clock.advance(Duration::from_secs(wait));
        assert_eq!(send(1).await.status, StatusCode::CREATED);
    }
}
