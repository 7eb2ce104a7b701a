use authflow_proto::jose::JwkSet;
use authflow_server::clients;
use authflow_testkit::{TestApp, both_databases, jwt};
use axum::http::{Method, StatusCode};
use serde_json::json;

use super::harness::{Person, client, raw};

const PATH: &str = "/oauth2/userinfo";

both_databases! {
    async fn the_token_travels_by_header_or_body_and_never_by_query(t: TestApp) {
        let tenant = t.tenant("acme").await;
        let app = tenant.client().create().await;
        let browser = Person::new(&tenant, "alice").await;
        let tokens = browser.tokens(&tenant, &app, "openid email").await;
        let bearer = format!("Bearer {}", tokens.access);
        let answers = [
            tenant.get(PATH, &[("authorization", &bearer)]).await,
            raw(&tenant, Method::POST, PATH, &[("authorization", &bearer)], "").await,
            tenant.post(PATH, &[("authorization", &bearer)], &[]).await,
            tenant.post(PATH, &[], &[("access_token", &tokens.access)]).await,
        ];
        for answer in answers {
            assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
            assert_eq!(answer.header("content-type"), "application/json");
            assert_eq!(answer.header("cache-control"), "no-store");
            let expected = json!({
                "sub": jwt::claims(tokens.id.as_ref().unwrap())["sub"],
                "email": "alice@example.com",
                "email_verified": true,
            });
            assert_eq!(answer.json(), expected);
        }
        let query = tenant.get(&format!("{PATH}?access_token={}", tokens.access), &[]).await;
        assert_eq!(query.status, StatusCode::UNAUTHORIZED);
        let twice = tenant.post(PATH, &[("authorization", &bearer)], &[("access_token", &tokens.access)]).await;
        assert_eq!((twice.status, twice.error()), (StatusCode::BAD_REQUEST, "invalid_request".to_owned()));
    }

    async fn refusals_challenge_as_rfc_6750_says(t: TestApp) {
        let app = t.client().create().await;
        let none = t.get(PATH, &[]).await;
        assert_eq!((none.status, none.header("www-authenticate")), (StatusCode::UNAUTHORIZED, "Bearer realm=\"authflow\""));
        assert_eq!(none.body, "");
        let browser = Person::new(&t, "alice").await;
        let tokens = browser.tokens(&t, &app, "openid").await;
        let refresh = "af_rt_00000000000000000000000000000000000000000000000000";
        for bad in ["nonsense", &jwt::tampered(&tokens.access), tokens.id.as_ref().unwrap(), refresh] {
            let answer = t.userinfo(bad).await;
            assert_eq!((answer.status, answer.error()), (StatusCode::UNAUTHORIZED, "invalid_token".to_owned()), "{bad}");
            assert!(answer.header("www-authenticate").contains("error=\"invalid_token\""));
        }
        let form = [("grant_type", "client_credentials")];
        let service = t.post_as(&app, "/oauth2/token", &form).await.json()["access_token"].as_str().unwrap().to_owned();
        let answer = t.userinfo(&service).await;
        assert_eq!((answer.status, answer.error()), (StatusCode::FORBIDDEN, "insufficient_scope".to_owned()));
        assert!(answer.header("www-authenticate").contains("scope=\"openid\""));
        let other = t.tenant("other").await;
        assert_eq!(other.userinfo(&tokens.access).await.status, StatusCode::UNAUTHORIZED, "another tenant's token");
    }

    async fn claims_follow_the_scope_and_the_claims_parameter(t: TestApp) {
        let app = t.client().create().await;
        let browser = Person::new(&t, "alice").await;
        let bare = browser.tokens(&t, &app, "openid").await;
        let sub = browser.user.id.to_string();
        assert_eq!(t.userinfo(&bare.access).await.json(), json!({"sub": sub}));
        let profile = browser.tokens(&t, &app, "openid profile").await;
        let claims = t.userinfo(&profile.access).await.json();
        assert_eq!((&claims["name"], &claims["given_name"]), (&json!("alice Doe"), &json!("alice")));
        assert!(claims["updated_at"].is_i64() && claims.get("email").is_none());
        let wish = r#"{"userinfo": {"email": null, "given_name": {"essential": true}, "odd": null}, "id_token": {"name": null}}"#;
        let params = [("scope", "openid offline_access"), ("claims", wish)];
        let asked = browser.tokens_with(&t, &app, &params).await;
        let expected = json!({"sub": sub, "email": "alice@example.com", "given_name": "alice"});
        assert_eq!(t.userinfo(&asked.access).await.json(), expected);
        // What was asked for holds for the whole grant.
        if let Some(refresh) = asked.refresh {
            let renewed = t.refresh(&app, &refresh).await.json()["access_token"].as_str().unwrap().to_owned();
            assert_eq!(t.userinfo(&renewed).await.json(), expected);
        }
    }

    async fn pairwise_subject_is_the_id_tokens_and_outlives_the_session_row(t: TestApp) {
        let app = client(&t, json!({"subject_type": "pairwise"})).await;
        let twin = client(&t, json!({"subject_type": "pairwise"})).await;
        let browser = Person::new(&t, "alice").await;
        let tokens = browser.tokens(&t, &app, "openid profile offline_access").await;
        let sub = jwt::claims(tokens.id.as_ref().unwrap())["sub"].clone();
        assert_ne!(sub, json!(browser.user.id.to_string()));
        let answer = t.userinfo(&tokens.access).await;
        assert_eq!((&answer.json()["sub"], &answer.json()["name"]), (&sub, &json!("alice Doe")));
        assert!(t.introspect(&app, &tokens.access).await.get("username").is_none(), "a pseudonym stays one");
        let same_sector = browser.tokens(&t, &twin, "openid").await;
        assert_eq!(jwt::claims(same_sector.id.as_ref().unwrap())["sub"], sub);
        // Offline access a month later: the session and its row are gone.
        t.clock.advance(t.app.config.sessions.absolute_ttl + std::time::Duration::from_hours(25));
        authflow_server::jobs::delete_expired(&t.app).await.unwrap();
        let renewed = t.refresh(&app, &tokens.refresh.unwrap()).await.json();
        let access = renewed["access_token"].as_str().unwrap_or_else(|| panic!("{renewed}")).to_owned();
        assert_eq!(t.userinfo(&access).await.json()["sub"], sub);
    }

    async fn signed_answer_is_a_jwt_for_the_client_and_no_id_token(t: TestApp) {
        for alg in ["RS256", "PS256", "ES256", "EdDSA"] {
            let app = client(&t, json!({"userinfo_signed_response_alg": alg})).await;
            let browser = Person::new(&t, alg).await;
            let tokens = browser.tokens(&t, &app, "openid email").await;
            let answer = t.userinfo(&tokens.access).await;
            assert_eq!(answer.header("content-type"), "application/jwt");
            let jwks = t.get("/.well-known/jwks.json", &[]).await.body;
            let token = JwkSet::parse(jwks.as_bytes()).unwrap().verify(&answer.body).unwrap();
            assert_eq!(token.header.alg.as_str(), alg);
            assert_eq!(token.claims["iss"], t.tenant.issuer);
            assert_eq!(token.claims["aud"], app.id);
            assert_eq!(token.claims["sub"], json!(browser.user.id.to_string()));
            assert!(!token.claims.contains_key("exp"));
            // Nor does it pass for a hint of who was signed in.
            let query = format!("/oauth2/logout?id_token_hint={}", answer.body);
            assert_eq!(t.get(&query, &[("cookie", &browser.cookie())]).await.status, StatusCode::BAD_REQUEST);
        }
    }

    async fn deleted_clients_tokens_are_worthless(t: TestApp) {
        let app = t.client().create().await;
        let browser = Person::new(&t, "alice").await;
        let tokens = browser.tokens(&t, &app, "openid").await;
        assert_eq!(t.userinfo(&tokens.access).await.status, StatusCode::OK);
        let mut cx = t.cx();
        clients::delete(&mut cx, app.id.parse().unwrap()).await.unwrap();
        cx.commit().await.unwrap();
        assert_eq!(t.userinfo(&tokens.access).await.error(), "invalid_token");
    }

    async fn pages_of_registered_origins_may_read_it(t: TestApp) {
        t.client().create().await;
        let preflight = [("origin", "https://app.example"), ("access-control-request-method", "GET")];
        let answer = raw(&t, Method::OPTIONS, PATH, &preflight, "").await;
        assert_eq!(answer.header("access-control-allow-origin"), "https://app.example");
        assert!(answer.header("access-control-allow-headers").contains("authorization"));
        let stranger = [("origin", "https://evil.example"), ("access-control-request-method", "GET")];
        let answer = raw(&t, Method::OPTIONS, PATH, &stranger, "").await;
        assert_eq!(answer.header("access-control-allow-origin"), "");
        let answer = t.get(PATH, &[("origin", "https://app.example")]).await;
        assert_eq!(answer.header("access-control-allow-origin"), "https://app.example", "refusals can be read too");
    }
}
