//! Attacks that worked once: codes that outlived their session, claims past the consent page, hosts named twice.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use authflow_server::Cx;
use authflow_server::clients;
use authflow_server::cx::{Actor, RequestInfo};
use authflow_server::sessions;
use authflow_testkit::{TestApp, Tokens, both_databases, jwt};
use axum::body::Body;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{Request, StatusCode};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

/// A server that only ever fails, and how often it was asked.
async fn failing_server() -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/jwks", listener.local_addr().unwrap());
    let asked = Arc::new(AtomicUsize::new(0));
    let count = asked.clone();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            count.fetch_add(1, Ordering::SeqCst);
            let _read = stream.read(&mut [0; 4096]).await;
            let _sent = stream
                .write_all(b"HTTP/1.1 500 No\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
                .await;
        }
    });
    (address, asked)
}

fn encoded(part: &Value) -> String {
    URL_SAFE_NO_PAD.encode(part.to_string())
}

both_databases! {
    async fn code_fetched_before_sign_out_is_worth_nothing_after_it(t: TestApp) {
        let alice = t.user("alice").await;
        let client = t.client().create().await;
        let mut browser = t.signed_in(&alice).await;
        let code = t.code(&client, &mut browser, &alice, "openid offline_access").await;
        let page = browser.open(&t.path("/sign-out")).await;
        browser.submit(&page, "/sign-out", &[("decision", "sign_out")]).await;
        let answer = t.redeem(&client, &code).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{}", answer.body);
        assert_eq!(answer.json()["error"], "invalid_grant");
    }

    async fn code_of_another_session_dies_with_a_change_of_password(t: TestApp) {
        let alice = t.user("alice").await;
        let client = t.client().create().await;
        let mut thief = t.signed_in(&alice).await;
        let stolen = t.code(&client, &mut thief, &alice, "openid offline_access").await;
        let mut owner = t.signed_in(&alice).await;
        let own = t.code(&client, &mut owner, &alice, "openid offline_access").await;
        let page = owner.open(&t.path("/account/security")).await;
        let fields = [("current_password", alice.password.as_str()), ("new_password", "quiet meadow lantern 9382")];
        let answer = owner.submit(&page, "/account/password", &fields).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(t.redeem(&client, &stolen).await.json()["error"], "invalid_grant");
        assert_eq!(t.redeem(&client, &own).await.status, StatusCode::OK);
    }

    async fn code_of_a_session_revoked_from_elsewhere_is_refused(t: TestApp) {
        let alice = t.user("alice").await;
        let client = t.client().create().await;
        let mut thief = t.signed_in(&alice).await;
        let stolen = t.code(&client, &mut thief, &alice, "openid offline_access").await;
        let mut cx = Cx::new(t.app.clone(), t.tenant.clone(), Actor::Operator, RequestInfo::default());
        sessions::end_all(&mut cx, alice.id, None).await.unwrap();
        cx.commit().await.unwrap();
        assert_eq!(t.redeem(&client, &stolen).await.json()["error"], "invalid_grant");
    }

    async fn tokens_and_codes_of_a_disabled_client_stay_dead_when_it_is_enabled_again(t: TestApp) {
        let alice = t.user("alice").await;
        let client = t.client().create().await;
        let mut browser = t.signed_in(&alice).await;
        let with_family = t.tokens(&client, &mut browser, &alice, "openid offline_access").await;
        let without = t.tokens(&client, &mut browser, &alice, "openid").await;
        let code = t.code(&client, &mut browser, &alice, "openid").await;
        for is_enabled in [false, true] {
            let mut cx = t.cx();
            let found = clients::find(&t.app, t.tenant.id, client.client_id()).await.unwrap().unwrap();
            let status = if is_enabled { clients::ClientStatus::Active } else { clients::ClientStatus::Disabled };
            clients::set_status(&mut cx, &found, status).await.unwrap();
            cx.commit().await.unwrap();
        }
        assert_eq!(t.userinfo(&with_family.access).await.status, StatusCode::UNAUTHORIZED);
        assert_eq!(t.userinfo(&without.access).await.status, StatusCode::UNAUTHORIZED);
        assert_eq!(t.redeem(&client, &code).await.json()["error"], "invalid_grant");
    }

    async fn claims_by_name_ask_for_consent_as_their_scopes_do(t: TestApp) {
        let alice = t.user("alice").await;
        let client = t.client().third_party().create().await;
        let mut browser = t.signed_in(&alice).await;
        t.tokens(&client, &mut browser, &alice, "openid").await;
        let claims = r#"{"userinfo":{"email":{"essential":true}},"id_token":{"email":null}}"#;
        let silent = t.authorization(&client).with("claims", claims).with("prompt", "none");
        let answer = browser.authorize(&silent).await;
        assert_eq!(answer.param("error").as_deref(), Some("consent_required"));
        let asking = t.authorization(&client).with("claims", claims);
        let page = browser.authorize(&asking).await;
        assert!(page.path.starts_with(&t.path("/consent?")), "{}", page.path);
        let refused = browser.submit(&page, "/consent", &[("decision", "allow"), ("scope", "")]).await;
        let tokens = Tokens::of(&t.redeem(&client, &refused.code()).await);
        assert_eq!(jwt::claims(tokens.id()).get("email"), None);
        assert_eq!(t.userinfo(&tokens.access).await.json().get("email"), None);
        let page = browser.authorize(&asking).await;
        let allowed = browser.submit(&page, "/consent", &[("decision", "allow"), ("scope", "email")]).await;
        let tokens = Tokens::of(&t.redeem(&client, &allowed.code()).await);
        assert_eq!(tokens.json["scope"], "openid");
        assert_eq!(jwt::claims(tokens.id())["email"], "alice@example.com");
        assert_eq!(t.userinfo(&tokens.access).await.json()["email"], "alice@example.com");
    }

    async fn claims_by_name_do_not_reach_past_the_scope_that_the_client_may_have(t: TestApp) {
        let alice = t.user("alice").await;
        let client = t.client().scope("openid").create().await;
        let mut browser = t.signed_in(&alice).await;
        let claims = r#"{"userinfo":{"email":null,"name":null},"id_token":{"email":null,"auth_time":{"essential":true}}}"#;
        let answer = browser.allow(&t.authorization(&client).with("claims", claims), &alice).await;
        let tokens = Tokens::of(&t.redeem(&client, &answer.code()).await);
        let id = jwt::claims(tokens.id());
        assert_eq!(id.get("email"), None);
        assert!(id["auth_time"].is_i64());
        let info = t.userinfo(&tokens.access).await.json();
        assert!(info.get("email").is_none() && info.get("name").is_none(), "{info}");
    }

    async fn request_that_names_its_host_twice_is_refused(t: TestApp) {
        let request = Request::get("/.well-known/openid-configuration")
            .header("host", "id.example")
            .header("host", "other.example")
            .body(Body::empty())
            .unwrap();
        assert_eq!(t.send(request).await.status, StatusCode::BAD_REQUEST);
    }

    async fn every_answer_of_a_secure_installation_insists_on_https(t: TestApp) {
        let client = t.client().create().await;
        let redirect = t.get(&t.authorization(&client).path(), &[]).await;
        assert_eq!(redirect.status, StatusCode::SEE_OTHER);
        for answer in [redirect, t.get("/nowhere", &[]).await, t.get("/.well-known/jwks.json", &[]).await] {
            let value = answer.headers.get("strict-transport-security").unwrap();
            assert!(value.to_str().unwrap().starts_with("max-age=31536000"));
        }
    }

    async fn stranger_cannot_aim_the_server_at_a_client_whose_keys_cannot_be_fetched(t: TestApp) {
        let (jwks_uri, asked) = failing_server().await;
        let client = t.client()
            .with("token_endpoint_auth_method", "private_key_jwt")
            .with("jwks_uri", jwks_uri.as_str())
            .create().await;
        let now = t.now().as_secs();
        let header = json!({"alg": "ES256", "kid": "any"});
        for jti in ["a", "b", "c", "d"] {
            let claims = json!({"iss": client.id, "sub": client.id, "aud": t.tenant.issuer, "exp": now + 60, "jti": jti});
            let assertion = format!("{}.{}.{}", encoded(&header), encoded(&claims), URL_SAFE_NO_PAD.encode([0; 64]));
            let answer = t.post("/oauth2/token", &[], &[
                ("grant_type", "client_credentials"),
                ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
                ("client_assertion", &assertion),
            ]).await;
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{}", answer.body);
        }
        assert_eq!(asked.load(Ordering::SeqCst), 1);
    }
}
