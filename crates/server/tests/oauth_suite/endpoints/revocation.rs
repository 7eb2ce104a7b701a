use authflow_testkit::{TestApp, both_databases};
use axum::http::StatusCode;
use serde_json::json;

use super::harness::{Person, client};

const PATH: &str = "/oauth2/revoke";

both_databases! {
    async fn revoking_a_refresh_token_ends_everything_of_its_grant(t: TestApp) {
        let app = t.client().create().await;
        let browser = Person::new(&t, "alice").await;
        for hint in ["refresh_token", "access_token", "urn:odd"] {
            let tokens = browser.tokens(&t, &app, "openid offline_access").await;
            let refresh = tokens.refresh.unwrap();
            assert_eq!(t.userinfo(&tokens.access).await.status, StatusCode::OK);
            let answer = t.post_as(&app, PATH, &[("token", &refresh), ("token_type_hint", hint)]).await;
            assert_eq!((answer.status, answer.body.as_str()), (StatusCode::OK, ""), "{hint}");
            assert_eq!(answer.header("cache-control"), "no-store");
            assert_eq!(t.userinfo(&tokens.access).await.status, StatusCode::UNAUTHORIZED);
            let refused = t.refresh(&app, &refresh).await;
            assert_eq!((refused.status, refused.error()), (StatusCode::BAD_REQUEST, "invalid_grant".to_owned()));
        }
    }

    async fn revoking_a_refresh_token_that_was_rotated_away_ends_the_family(t: TestApp) {
        let app = t.client().create().await;
        let browser = Person::new(&t, "alice").await;
        let old = browser.tokens(&t, &app, "openid offline_access").await.refresh.unwrap();
        let current = t.refresh(&app, &old).await.json()["refresh_token"].as_str().unwrap().to_owned();
        assert_eq!(t.post_as(&app, PATH, &[("token", &old)]).await.status, StatusCode::OK);
        assert_eq!(t.refresh(&app, &current).await.error(), "invalid_grant");
    }

    async fn revoking_an_access_token_ends_that_token_alone(t: TestApp) {
        let app = t.client().create().await;
        let browser = Person::new(&t, "alice").await;
        let tokens = browser.tokens(&t, &app, "openid offline_access").await;
        let twin = browser.tokens(&t, &app, "openid").await.access;
        assert_eq!(t.post_as(&app, PATH, &[("token", &tokens.access)]).await.status, StatusCode::OK);
        assert_eq!(t.introspect(&app, &tokens.access).await, json!({"active": false}));
        assert_eq!(t.introspect(&app, &twin).await["active"], true);
        assert_eq!(t.refresh(&app, &tokens.refresh.unwrap()).await.status, StatusCode::OK);
        let again = t.post_as(&app, PATH, &[("token", &tokens.access)]).await;
        assert_eq!(again.status, StatusCode::OK, "revoking twice is no error");
    }

    async fn nobody_revokes_another_clients_token(t: TestApp) {
        let (tenant, other) = (t.clone(), t.tenant("other").await);
        let (app, thief) = (tenant.client().create().await, tenant.client().create().await);
        let stranger = other.client().create().await;
        let browser = Person::new(&tenant, "alice").await;
        let tokens = browser.tokens(&tenant, &app, "openid offline_access").await;
        let refresh = tokens.refresh.unwrap();
        for token in [&tokens.access, &refresh] {
            let answer = t.post_as(&thief, PATH, &[("token", token)]).await;
            assert_eq!((answer.status, answer.error()), (StatusCode::BAD_REQUEST, "invalid_grant".to_owned()));
            // In another tenant the token does not even exist.
            let answer = other.post_as(&stranger, PATH, &[("token", token)]).await;
            assert_eq!(answer.status, StatusCode::OK);
        }
        assert_eq!(tenant.introspect(&app, &tokens.access).await["active"], true);
        assert_eq!(tenant.refresh(&app, &refresh).await.status, StatusCode::OK);
    }

    async fn public_client_revokes_by_its_client_id(t: TestApp) {
        let app = client(&t, json!({"token_endpoint_auth_method": "none"})).await;
        let browser = Person::new(&t, "alice").await;
        let refresh = browser.tokens(&t, &app, "openid offline_access").await.refresh.unwrap();
        let answer = t.post_as(&app, PATH, &[("token", &refresh)]).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(t.refresh(&app, &refresh).await.error(), "invalid_grant");
    }

    async fn unknown_tokens_are_revoked_already_and_clients_still_authenticate(t: TestApp) {
        let app = t.client().create().await;
        for token in ["nonsense", "af_rt_x", "a.b.c"] {
            assert_eq!(t.post_as(&app, PATH, &[("token", token)]).await.status, StatusCode::OK);
        }
        let missing = t.post_as(&app, PATH, &[]).await;
        assert_eq!((missing.status, missing.error()), (StatusCode::BAD_REQUEST, "invalid_request".to_owned()));
        let wrong = t.post(PATH, &[], &[("token", "x"), ("client_id", &app.id)]).await;
        assert_eq!((wrong.status, wrong.error()), (StatusCode::UNAUTHORIZED, "invalid_client".to_owned()));
        let allowed = t.post(PATH, &[("origin", "https://app.example")], &[("token", "x"), ("client_id", &app.id)]).await;
        assert_eq!(allowed.header("access-control-allow-origin"), "https://app.example");
        let unknown = t.post(PATH, &[("origin", "https://evil.example")], &[("token", "x")]).await;
        assert_eq!(unknown.header("access-control-allow-origin"), "");
    }
}
