use authflow_proto::jose::Algorithm;
use authflow_server::cx::Actor;
use authflow_server::keys;
use authflow_server::tenants::RegistrationMode;
use authflow_testkit::{BASE, TestApp, both_databases};
use axum::http::StatusCode;
use serde_json::{Value, json};

use super::harness::raw;

const OPENID: &str = "/.well-known/openid-configuration";
const OAUTH: &str = "/.well-known/oauth-authorization-server";

async fn kids(t: &TestApp) -> Vec<String> {
    let answer = t.get("/.well-known/jwks.json", &[]).await;
    assert_eq!(answer.status, StatusCode::OK);
    let keys = answer.json()["keys"].as_array().unwrap().clone();
    for key in &keys {
        for private in ["d", "p", "q", "dp", "dq", "qi", "k"] {
            assert_eq!(key[private], Value::Null, "{private}");
        }
        assert_eq!(key["use"], "sig");
    }
    keys.iter()
        .map(|key| key["kid"].as_str().unwrap().to_owned())
        .collect()
}

both_databases! {
    async fn origins_of_the_installation_may_call_every_tenant(t: TestApp, |config| {
        config.http.cors.allowed_origins = vec![authflow_server::config::BaseUrl::parse("https://portal.example").unwrap()];
        config.http.cors.max_age = std::time::Duration::from_secs(7);
    }) {
        for path in ["/oauth2/token", "/t/acme/oauth2/userinfo"] {
            t.tenant("acme").await;
            for (origin, allowed) in [("https://portal.example", "https://portal.example"), ("https://evil.example", "")] {
                let asked = [("origin", origin), ("access-control-request-method", "POST")];
                let answer = raw(&t, axum::http::Method::OPTIONS, path, &asked, "").await;
                assert_eq!(answer.header("access-control-allow-origin"), allowed, "{path}");
                let max_age = if allowed.is_empty() { "" } else { "7" };
                assert_eq!(answer.header("access-control-max-age"), max_age, "{path}");
            }
        }
        let authorize = raw(&t, axum::http::Method::OPTIONS, "/oauth2/authorize", &[("origin", "https://portal.example")], "").await;
        assert_eq!(authorize.header("access-control-allow-origin"), "");
    }

    async fn discovery_speaks_for_the_tenant_that_was_addressed_at_every_path(t: TestApp) {
        t.tenant("acme").await;
        let paths = [
            (OPENID.to_owned(), BASE.to_owned()),
            (OAUTH.to_owned(), BASE.to_owned()),
            (format!("/t/acme{OPENID}"), format!("{BASE}/t/acme")),
            (format!("/t/acme{OAUTH}"), format!("{BASE}/t/acme")),
            (format!("{OAUTH}/t/acme"), format!("{BASE}/t/acme")),
            (format!("{OPENID}/t/acme"), format!("{BASE}/t/acme")),
        ];
        for (path, issuer) in paths {
            let answer = t.get(&path, &[("origin", "https://any.example")]).await;
            assert_eq!(answer.status, StatusCode::OK, "{path}");
            assert_eq!(answer.header("content-type"), "application/json");
            assert_eq!(answer.header("cache-control"), "public, max-age=300");
            assert_eq!(answer.header("access-control-allow-origin"), "*");
            let json = answer.json();
            assert_eq!(json["issuer"], issuer, "{path}");
            for (name, value) in json.as_object().unwrap() {
                if name.ends_with("_endpoint") || name == "jwks_uri" {
                    let url = value.as_str().unwrap();
                    assert!(url.strip_prefix(&issuer).is_some_and(|path| path.starts_with('/')), "{name} {url}");
                }
            }
        }
        assert_eq!(t.get(&format!("/t/nobody{OPENID}"), &[]).await.status, StatusCode::NOT_FOUND);
    }

    async fn discovery_advertises_what_is_true(t: TestApp) {
        let json = t.get(OPENID, &[]).await.json();
        let expected = [
            ("response_types_supported", json!(["code"])),
            ("response_modes_supported", json!(["query", "fragment", "form_post"])),
            ("code_challenge_methods_supported", json!(["S256"])),
            ("subject_types_supported", json!(["public", "pairwise"])),
            ("id_token_signing_alg_values_supported", json!(["RS256", "PS256", "ES256", "EdDSA"])),
            ("userinfo_signing_alg_values_supported", json!(["RS256", "PS256", "ES256", "EdDSA"])),
            ("scopes_supported", json!(["openid", "profile", "email", "address", "phone", "offline_access"])),
            ("ui_locales_supported", json!(["en", "de", "fr", "es", "ja"])),
            ("claims_parameter_supported", json!(true)),
            ("request_parameter_supported", json!(false)),
            ("request_uri_parameter_supported", json!(false)),
            ("authorization_response_iss_parameter_supported", json!(true)),
            ("backchannel_logout_supported", json!(true)),
            ("backchannel_logout_session_supported", json!(true)),
            ("end_session_endpoint", json!(format!("{BASE}/oauth2/logout"))),
        ];
        for (name, value) in expected {
            assert_eq!(json[name], value, "{name}");
        }
        let list = |name: &str| json[name].as_array().unwrap().clone();
        assert!(list("prompt_values_supported").contains(&json!("create")));
        assert!(list("token_endpoint_auth_methods_supported").contains(&json!("none")));
        assert!(!list("introspection_endpoint_auth_methods_supported").contains(&json!("none")));
        assert!(list("token_endpoint_auth_signing_alg_values_supported").contains(&json!("HS256")));
        assert!(list("claims_supported").contains(&json!("email_verified")));
        assert!(json.get("registration_endpoint").is_none());
    }

    async fn discovery_changes_with_the_tenant_and_so_does_its_etag(t: TestApp) {
        let mut tenant = t.clone();
        let first = t.get(OPENID, &[]).await;
        let etag = first.header("etag").to_owned();
        let again = t.get(OPENID, &[("if-none-match", &format!("\"other\", W/{etag}"))]).await;
        assert_eq!((again.status, again.body.as_str()), (StatusCode::NOT_MODIFIED, ""));
        assert_eq!(again.header("etag"), etag);
        tenant.set(|settings| settings.registration = RegistrationMode::Open).await;
        let changed = t.get(OPENID, &[("if-none-match", &etag)]).await;
        assert_eq!(changed.status, StatusCode::OK);
        assert_ne!(changed.header("etag"), etag);
        assert_eq!(changed.json()["registration_endpoint"], format!("{BASE}/oauth2/register"));
        let mut cx = tenant.cx();
        authflow_server::resources::create_scope(&mut cx, "invoices:read", "Read invoices", None).await.unwrap();
        cx.commit().await.unwrap();
        let scopes = t.get(OPENID, &[]).await.json()["scopes_supported"].clone();
        assert!(scopes.as_array().unwrap().contains(&json!("invoices:read")));
    }

    async fn jwks_keeps_the_old_key_when_a_new_one_signs(t: TestApp) {
        let tenant = t.tenant("acme").await;
        let before = kids(&tenant).await;
        assert_eq!(before.len(), 2);
        let etag = t.get("/t/acme/.well-known/jwks.json", &[]).await.header("etag").to_owned();
        keys::rotate(&t.app, &tenant.tenant, Actor::Operator).await.unwrap();
        let after = kids(&tenant).await;
        assert!(before.iter().all(|kid| after.contains(kid)), "{before:?} {after:?}");
        assert!(after.len() > before.len());
        let fresh = t.get("/t/acme/.well-known/jwks.json", &[("if-none-match", &etag)]).await;
        assert_eq!(fresh.status, StatusCode::OK);
        let ring = keys::ring(&t.app, &tenant.tenant).await.unwrap();
        let active = ring.signer(Algorithm::ES256).unwrap().kid().to_owned();
        assert!(after.contains(&active) && !before.contains(&active));
        let others = kids(&t).await;
        assert!(others.iter().all(|kid| !after.contains(kid)), "tenants share no key");
    }
}
