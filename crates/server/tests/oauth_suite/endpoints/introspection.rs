use std::time::Duration;

use authflow_proto::jose::Algorithm;
use authflow_server::clients::{self, ClientStatus, IntrospectionReach};
use authflow_server::identities::{self, UserStatus};
use authflow_server::resources::{self, NewResource, TokenFormat};
use authflow_server::sessions;
use authflow_testkit::{BASE, Client, TestApp, both_databases, jwt};
use authflow_types::Timestamp;
use axum::http::StatusCode;
use serde_json::json;

use super::harness::{Person, client};

both_databases! {
    async fn confidential_client_learns_what_an_access_token_says(t: TestApp) {
        let tenant = t.tenant("acme").await;
        let (app, api) = (tenant.client().create().await, tenant.client().create().await);
        let browser = Person::new(&tenant, "alice").await;
        let tokens = browser.tokens(&tenant, &app, "openid profile").await;
        let said = tenant.introspect(&api, &tokens.access).await;
        let claims = jwt::claims(&tokens.access);
        assert_eq!(said["active"], true);
        assert_eq!(said["client_id"], json!(app.id));
        assert_eq!(said["sub"], json!(browser.user.id.to_string()));
        assert_eq!(said["iss"], format!("{BASE}/t/acme"));
        assert_eq!(said["token_type"], "Bearer");
        assert_eq!(said["username"], "alice@example.com");
        for name in ["aud", "exp", "iat", "jti", "scope", "auth_time", "acr"] {
            assert_eq!(said[name], claims[name], "{name}");
        }
    }

    async fn name_of_the_user_is_told_within_the_scope_only(t: TestApp) {
        let app = t.client().create().await;
        let browser = Person::new(&t, "alice").await;
        let tokens = browser.tokens(&t, &app, "openid").await;
        assert!(t.introspect(&app, &tokens.access).await.get("username").is_none());
    }

    async fn who_cannot_authenticate_may_not_introspect(t: TestApp) {
        let app = t.client().create().await;
        let public = client(&t, json!({"token_endpoint_auth_method": "none"})).await;
        let browser = Person::new(&t, "alice").await;
        let token = browser.tokens(&t, &app, "openid").await.access;
        let wrong = Client::known(&app.id, t.client().create().await.secret.as_deref());
        let nobody = Client::known("cli_00000000000000000000000000", app.secret.as_deref());
        for client in [&public, &wrong, &nobody] {
            let answer = t.post_as(client, "/oauth2/introspect", &[("token", &token)]).await;
            assert_eq!((answer.status, answer.error()), (StatusCode::UNAUTHORIZED, "invalid_client".to_owned()));
        }
        let missing = t.post_as(&app, "/oauth2/introspect", &[]).await;
        assert_eq!((missing.status, missing.error()), (StatusCode::BAD_REQUEST, "invalid_request".to_owned()));
        let alone = t.post("/oauth2/introspect", &[], &[("token", &token)]).await;
        assert_eq!(alone.refusal(), (401, "invalid_client".to_owned()));
    }

    async fn whatever_is_not_good_gets_the_same_answer(t: TestApp) {
        let (tenant, other) = (t.clone(), t.tenant("other").await);
        let (app, stranger) = (tenant.client().create().await, other.client().create().await);
        let browser = Person::new(&tenant, "alice").await;
        let tokens = browser.tokens(&tenant, &app, "openid offline_access").await;
        let no = json!({"active": false});
        let id_token = tokens.id.unwrap();
        let altered = jwt::tampered(&tokens.access);
        for bad in ["nonsense", "af_rt_x", "af_at_x", "a.b.c", &id_token, &altered] {
            assert_eq!(tenant.introspect(&app, bad).await, no, "{bad}");
        }
        // Another tenant's tokens are unknown here, whoever asks.
        assert_eq!(other.introspect(&stranger, &tokens.access).await, no);
        assert_eq!(other.introspect(&stranger, &tokens.refresh.unwrap()).await, no);
        let exp = jwt::claims(&tokens.access)["exp"].as_i64().unwrap();
        t.clock.set(Timestamp::from_secs(exp) - Duration::from_micros(1));
        assert_eq!(tenant.introspect(&app, &tokens.access).await["active"], true);
        t.clock.set(Timestamp::from_secs(exp));
        assert_eq!(tenant.introspect(&app, &tokens.access).await, no);
    }

    async fn refresh_token_is_shown_to_its_own_client_and_not_used_up(t: TestApp) {
        let (app, api) = (t.client().create().await, t.client().create().await);
        let browser = Person::new(&t, "alice").await;
        let refresh = browser.tokens(&t, &app, "openid offline_access").await.refresh.unwrap();
        for hint in ["refresh_token", "access_token", "odd"] {
            let form = [("token", refresh.as_str()), ("token_type_hint", hint)];
            let said = t.post_as(&app, "/oauth2/introspect", &form).await.json();
            assert_eq!((&said["active"], &said["client_id"]), (&json!(true), &json!(app.id)), "{hint}");
            assert_eq!(said["sub"], json!(browser.user.id.to_string()));
        }
        assert_eq!(t.introspect(&api, &refresh).await, json!({"active": false}));
        let rotated = t.refresh(&app, &refresh).await;
        assert_eq!(rotated.status, StatusCode::OK);
        assert_eq!(t.introspect(&app, &refresh).await, json!({"active": false}));
        let current = rotated.json()["refresh_token"].as_str().unwrap().to_owned();
        assert_eq!(t.introspect(&app, &current).await["active"], true);
        t.clock.advance(t.app.config.tokens.refresh_idle_ttl);
        assert_eq!(t.introspect(&app, &current).await, json!({"active": false}));
    }

    async fn client_kept_to_its_own_sees_its_tokens_and_those_for_its_resources(t: TestApp) {
        let mut cx = t.cx();
        let new = NewResource {
            identifier: "https://api.example".to_owned(),
            name: "API".to_owned(),
            token_format: TokenFormat::Jwt,
            signing_algorithm: Algorithm::ES256,
            access_token_ttl_s: None,
        };
        resources::create_resource(&mut cx, new).await.unwrap();
        cx.commit().await.unwrap();
        let app = t.client().create().await;
        let own = |policy: &mut clients::ClientPolicy| policy.introspection = IntrospectionReach::Own;
        let narrow = t.client().policy(own).create().await;
        let api = t.client().policy(|policy| {
            own(policy);
            policy.resources = Some(vec!["https://api.example".to_owned()]);
        }).create().await;
        let token = async |client: &Client, more: &[(&str, &str)]| {
            t.client_credentials(client, more).await.json()["access_token"].as_str().unwrap().to_owned()
        };
        let plain = token(&app, &[]).await;
        let for_api = token(&app, &[("resource", "https://api.example")]).await;
        let of_its_own = token(&narrow, &[]).await;
        let no = json!({"active": false});
        assert_eq!(t.introspect(&narrow, &of_its_own).await["active"], true);
        assert_eq!(t.introspect(&narrow, &plain).await, no);
        assert_eq!(t.introspect(&narrow, &for_api).await, no);
        assert_eq!(t.introspect(&api, &plain).await, no);
        assert_eq!(t.introspect(&api, &for_api).await["active"], true);
        assert_eq!(t.introspect(&app, &of_its_own).await["active"], true, "the default reaches the tenant");
    }

    async fn opaque_token_is_answered_like_a_jwt(t: TestApp) {
        let mut cx = t.cx();
        let new = NewResource {
            identifier: "https://api.example".to_owned(),
            name: "API".to_owned(),
            token_format: TokenFormat::Opaque,
            signing_algorithm: Algorithm::ES256,
            access_token_ttl_s: Some(60),
        };
        resources::create_resource(&mut cx, new).await.unwrap();
        cx.commit().await.unwrap();
        let app = t.client().create().await;
        let form = [("grant_type", "client_credentials"), ("resource", "https://api.example")];
        let answer = t.post_as(&app, "/oauth2/token", &form).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        let token = answer.json()["access_token"].as_str().unwrap().to_owned();
        assert!(token.starts_with("af_at_"));
        let said = t.introspect(&app, &token).await;
        assert_eq!((&said["active"], &said["aud"]), (&json!(true), &json!("https://api.example")));
        assert_eq!(said["sub"], json!(app.id));
        t.clock.advance(Duration::from_secs(60));
        assert_eq!(t.introspect(&app, &token).await, json!({"active": false}));
    }

    async fn tokens_die_at_once_with_session_client_and_user(t: TestApp) {
        let (app, api) = (t.client().create().await, t.client().create().await);
        let browser = Person::new(&t, "alice").await;
        let by_session = browser.tokens(&t, &app, "openid").await.access;
        assert_eq!(t.introspect(&api, &by_session).await["active"], true);
        let session = browser.session(&t).await.unwrap();
        let mut cx = t.cx();
        sessions::end(&mut cx, session.id, "test").await.unwrap();
        cx.commit().await.unwrap();
        assert_eq!(t.introspect(&api, &by_session).await["active"], false);

        let browser = Person::again(&t, &browser.user).await;
        let by_client = browser.tokens(&t, &app, "openid").await.access;
        let by_user = browser.tokens(&t, &api, "openid").await.access;
        let mut cx = t.cx();
        let client = clients::get(&cx, app.id.parse().unwrap()).await.unwrap();
        clients::set_status(&mut cx, &client, ClientStatus::Disabled).await.unwrap();
        cx.commit().await.unwrap();
        assert_eq!(t.introspect(&api, &by_client).await["active"], false);
        assert_eq!(t.introspect(&api, &by_user).await["active"], true);
        let mut cx = t.cx();
        let user = identities::get_user(&cx, browser.user.id).await.unwrap();
        identities::set_status(&mut cx, &user, UserStatus::Disabled).await.unwrap();
        cx.commit().await.unwrap();
        assert_eq!(t.introspect(&api, &by_user).await["active"], false);
    }
}
