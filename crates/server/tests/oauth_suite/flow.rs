//! The way through: authorization code with PKCE, refresh, client credentials, at the root and below `/t/{slug}`.

use authflow_testkit::{BASE, TestApp, Tokens, both_databases, jwt};
use http::StatusCode;
use serde_json::json;

both_databases! {
    async fn user_signs_in_allows_and_the_client_gets_tokens_at_every_tenant(t: TestApp) {
        for t in [t.clone(), t.tenant("acme").await] {
            let alice = t.user("alice").await;
            let client = t.client().third_party().create().await;
            let mut browser = t.browser();
            let request = t.authorization(&client).scope("openid profile email offline_access").with("nonce", "n-0S6");
            let page = browser.authorize(&request).await;
            assert!(page.path.starts_with(&t.path("/sign-in?")), "{}", page.path);
            let page = browser.prove(&page, &alice).await;
            assert!(page.path.starts_with(&t.path("/consent?")), "{}", page.path);
            let answer = browser.submit(&page, "/consent", &[("decision", "allow")]).await;
            assert_eq!(answer.status, StatusCode::SEE_OTHER);
            assert!(answer.location().unwrap().as_str().starts_with("https://app.example/callback?"));
            assert_eq!(answer.param("state").unwrap(), "af0ifjsldkj");
            assert_eq!(answer.param("iss").unwrap(), t.tenant.issuer);
            let tokens = Tokens::of(&t.redeem(&client, &answer.code()).await);
            assert_eq!(tokens.json["token_type"], "Bearer");
            let claims = jwt::claims(tokens.id());
            assert_eq!(claims["iss"], t.tenant.issuer);
            assert_eq!(claims["aud"], json!(client.id));
            assert_eq!(claims["sub"], json!(alice.id.to_string()));
            assert_eq!(claims["nonce"], "n-0S6");
            let info = t.userinfo(&tokens.access).await;
            assert_eq!(info.json()["email"], "alice@example.com");
            let again = Tokens::of(&t.refresh(&client, tokens.refresh()).await);
            assert_ne!(again.refresh(), tokens.refresh());
            assert_eq!(t.userinfo(&again.access).await.status, StatusCode::OK);
        }
    }

    async fn second_request_on_a_live_session_asks_nothing(t: TestApp) {
        let alice = t.user("alice").await;
        let client = t.client().create().await;
        let mut browser = t.signed_in(&alice).await;
        let answer = browser.authorize(&t.authorization(&client)).await;
        assert_eq!(t.redeem(&client, &answer.code()).await.status, StatusCode::OK);
    }

    async fn request_may_also_be_posted(t: TestApp) {
        let alice = t.user("alice").await;
        let client = t.client().create().await;
        let mut browser = t.signed_in(&alice).await;
        let answer = browser.post("/oauth2/authorize", &t.authorization(&client).pairs()).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER);
        assert_eq!(t.redeem(&client, &answer.code()).await.status, StatusCode::OK);
    }

    async fn request_without_scope_gets_the_default_of_the_client(t: TestApp) {
        let alice = t.user("alice").await;
        let client = t.client().policy(|policy| {
            policy.default_scope = authflow_proto::scope::ScopeSet::parse("openid email").ok();
        }).create().await;
        let mut browser = t.signed_in(&alice).await;
        let answer = browser.authorize(&t.authorization(&client).without("scope")).await;
        let tokens = Tokens::of(&t.redeem(&client, &answer.code()).await);
        assert_eq!(tokens.json["scope"], "openid email");
    }

    async fn user_may_refuse_and_the_client_is_told(t: TestApp) {
        let alice = t.user("alice").await;
        let client = t.client().third_party().create().await;
        let mut browser = t.signed_in(&alice).await;
        let page = browser.authorize(&t.authorization(&client)).await;
        let answer = browser.submit(&page, "/consent", &[("decision", "deny")]).await;
        assert_eq!(answer.param("error").unwrap(), "access_denied");
        assert_eq!(answer.param("state").unwrap(), "af0ifjsldkj");
        assert_eq!(answer.param("iss").unwrap(), BASE);
        assert_eq!(answer.param("code"), None);
    }

    async fn user_may_allow_a_part_and_the_tokens_say_so(t: TestApp) {
        let alice = t.user("alice").await;
        let client = t.client().third_party().create().await;
        let mut browser = t.signed_in(&alice).await;
        let page = browser.authorize(&t.authorization(&client).scope("openid profile email")).await;
        let fields = [("decision", "allow"), ("scope", "profile")];
        let answer = browser.submit(&page, "/consent", &fields).await;
        let tokens = Tokens::of(&t.redeem(&client, &answer.code()).await);
        assert_eq!(tokens.json["scope"], "openid profile");
        assert_eq!(t.userinfo(&tokens.access).await.json().get("email"), None);
    }
}
