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

    async fn request_posted_by_another_site_comes_again_by_get_with_the_cookie(t: TestApp) {
        let alice = t.user("alice").await;
        let client = t.client().create().await;
        let request = t.authorization(&client).with("state", "ä &=");
        let mut browser = t.signed_in(&alice).await;
        // Browsers keep a cookie that is SameSite=Lax from such a post.
        let again = t.post("/oauth2/authorize", &[("sec-fetch-site", "cross-site")], &request.pairs()).await;
        assert_eq!(again.status, StatusCode::SEE_OTHER);
        let answer = browser.follow(again).await;
        assert_eq!(answer.param("state").unwrap(), "ä &=");
        assert_eq!(t.redeem(&client, &answer.code()).await.status, StatusCode::OK);
        // Nobody signed in: the page, one step later.
        let again = t.post("/oauth2/authorize", &[], &request.pairs()).await;
        assert!(t.browser().follow(again).await.path.starts_with("/sign-in?"));
        // What does not fit into an address is answered as it is; what is wrong is refused there too.
        let long = request.clone().with("login_hint", &"x".repeat(8 * 1024));
        let direct = t.post("/oauth2/authorize", &[], &long.pairs()).await;
        assert!(!direct.header("location").contains("/oauth2/authorize?"), "{}", direct.header("location"));
        let twice = request.and("state", "b");
        let again = t.post("/oauth2/authorize", &[], &twice.pairs()).await;
        assert_eq!(browser.follow(again).await.param("error").as_deref(), Some("invalid_request"));
    }

    async fn native_client_gets_no_second_code_that_its_user_does_not_notice(t: TestApp) {
        let alice = t.user("alice").await;
        let native = || t.client().public().third_party().with("application_type", "native");
        for redirect in ["http://127.0.0.1/cb", "com.example.app:/cb"] {
            let client = native().redirect(redirect).create().await;
            let mut browser = t.signed_in(&alice).await;
            browser.allow(&t.authorization(&client), &alice).await.code();
            let asked = browser.authorize(&t.authorization(&client)).await;
            assert!(asked.path.starts_with("/consent?"), "{redirect}: {}", asked.path);
            let silent = browser.authorize(&t.authorization(&client).with("prompt", "none")).await;
            assert_eq!(silent.param("error").as_deref(), Some("consent_required"), "{redirect}");
            // Whoever has just typed a password has noticed.
            let page = browser.authorize(&t.authorization(&client).with("prompt", "login")).await;
            browser.prove(&page, &alice).await.code();
        }
        let proven = [
            native().redirect("https://app.example/cb").create().await,
            native().redirect("com.example.app:/cb").policy(|policy| policy.first_party = true).create().await,
            t.client().third_party().redirect("http://127.0.0.1/cb").create().await,
        ];
        for client in proven {
            let mut browser = t.signed_in(&alice).await;
            browser.allow(&t.authorization(&client), &alice).await.code();
            browser.authorize(&t.authorization(&client)).await.code();
        }
    }

    async fn bodies_that_no_page_of_ours_posts_get_a_page(t: TestApp) {
        for path in ["/consent", "/select-account"] {
            for kind in ["application/json", "text/plain", "multipart/form-data; boundary=x"] {
                let answer = t.browser().send(http::Method::POST, path, &[("content-type", kind)], "{}".to_owned()).await;
                assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{path} {kind}");
                assert!(answer.header("content-type").starts_with("text/html"), "{path} {kind}");
            }
            let broken = t.post(path, &[], &[("csrf", "\0")]).await;
            assert_eq!(broken.status, StatusCode::BAD_REQUEST, "{path}");
            assert!(broken.header("content-type").starts_with("text/html"), "{path}");
        }
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
