//! What tokens look like: resources (RFC 8707), opaque and JWT, pairwise subjects, the `claims` parameter, algorithms.

use authflow_proto::jose::{Algorithm, JwkSet};
use authflow_server::resources::{self, NewResource, TokenFormat};
use authflow_testkit::{BASE, TestApp, Tokens, both_databases, jwt};
use http::StatusCode;
use serde_json::{Value, json};

const ORDERS: &str = "https://orders.example";
const BILLING: &str = "https://billing.example";

/// Two APIs with a scope each, the second with opaque tokens.
async fn apis(t: &TestApp) {
    let mut cx = t.cx();
    for (identifier, token_format) in [(ORDERS, TokenFormat::Jwt), (BILLING, TokenFormat::Opaque)] {
        let new = NewResource {
            identifier: identifier.to_owned(),
            name: identifier.to_owned(),
            token_format,
            signing_algorithm: Algorithm::ES256,
            access_token_ttl_s: Some(300),
        };
        resources::create_resource(&mut cx, new).await.unwrap();
    }
    cx.commit().await.unwrap();
    let mut cx = t.cx();
    for (scope, of) in [("orders:read", ORDERS), ("billing:read", BILLING)] {
        resources::create_scope(&mut cx, scope, scope, Some(of))
            .await
            .unwrap();
    }
    cx.commit().await.unwrap();
}

const ALL: &str = "openid email offline_access orders:read billing:read";

both_databases! {
    async fn token_is_for_the_resource_asked_for_and_carries_its_scopes_alone(t: TestApp) {
        apis(&t).await;
        let client = t.client().scope(ALL).create().await;
        let answer = t.client_credentials(&client, &[("resource", ORDERS)]).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        let claims = jwt::claims(answer.json()["access_token"].as_str().unwrap());
        assert_eq!(claims["aud"], ORDERS);
        assert_eq!(claims["scope"], "orders:read");
        assert_eq!(answer.json()["expires_in"], 300);
        let opaque = t.client_credentials(&client, &[("resource", BILLING)]).await;
        let token = opaque.json()["access_token"].as_str().unwrap().to_owned();
        assert!(token.starts_with("af_at_"), "{token}");
        let said = t.introspect(&client, &token).await;
        assert_eq!((&said["aud"], &said["scope"]), (&json!(BILLING), &json!("billing:read")));
        let both = t.client_credentials(&client, &[("resource", ORDERS), ("resource", BILLING)]).await;
        assert_eq!(both.refusal(), (400, "invalid_target".to_owned()), "two formats in one token");
    }

    async fn resources_that_are_unknown_malformed_or_not_allowed_are_refused(t: TestApp) {
        apis(&t).await;
        let client = t.client().scope(ALL).policy(|policy| policy.resources = Some(vec![ORDERS.to_owned()])).create().await;
        for resource in ["https://unknown.example", "relative", "https://orders.example#fragment", "https://orders.example/", "HTTPS://orders.example", BILLING] {
            let answer = t.client_credentials(&client, &[("resource", resource)]).await;
            assert_eq!(answer.refusal(), (400, "invalid_target".to_owned()), "{resource}");
        }
        assert_eq!(t.client_credentials(&client, &[("resource", ORDERS)]).await.status, StatusCode::OK);
        let acme = t.tenant("acme").await;
        let stranger = acme.client().create().await;
        let answer = acme.client_credentials(&stranger, &[("resource", ORDERS)]).await;
        assert_eq!(answer.refusal(), (400, "invalid_target".to_owned()), "another tenant's resource");
    }

    async fn scope_of_a_resource_that_the_client_may_not_use_gives_no_token_for_it(t: TestApp) {
        apis(&t).await;
        let client = t.client().scope(ALL).policy(|policy| policy.resources = Some(vec![ORDERS.to_owned()])).create().await;
        let answer = t.client_credentials(&client, &[("scope", "billing:read")]).await;
        if answer.status == StatusCode::OK {
            let token = answer.json()["access_token"].as_str().unwrap().to_owned();
            let said = t.introspect(&client, &token).await;
            assert!(!said["aud"].to_string().contains(BILLING), "asked by scope: {said}");
        }
    }

    async fn code_narrows_to_one_of_its_resources_and_refresh_to_the_other(t: TestApp) {
        apis(&t).await;
        let alice = t.user("alice").await;
        let client = t.client().scope(ALL).create().await;
        let mut browser = t.signed_in(&alice).await;
        let request = t.authorization(&client).scope(ALL).with("resource", ORDERS).and("resource", BILLING);
        let code = browser.allow(&request, &alice).await.code();
        let tokens = Tokens::of(&t.redeem_with(&client, &code, &[("resource", ORDERS)]).await);
        let claims = jwt::claims(&tokens.access);
        assert_eq!(claims["aud"], ORDERS);
        assert!(!claims["scope"].as_str().unwrap().contains("billing"), "{claims}");
        let next = Tokens::of(&t.refresh_with(&client, tokens.refresh(), &[("resource", BILLING)]).await);
        assert!(next.access.starts_with("af_at_"));
        let only = t.authorization(&client).scope(ALL).with("resource", ORDERS);
        let code = browser.allow(&only, &alice).await.code();
        let answer = t.redeem_with(&client, &code, &[("resource", BILLING)]).await;
        assert_eq!(answer.refusal(), (400, "invalid_target".to_owned()));
    }

    async fn access_token_without_resource_is_for_the_tenant_and_says_what_rfc_9068_asks(t: TestApp) {
        let alice = t.user("alice").await;
        let client = t.client().create().await;
        let mut browser = t.signed_in(&alice).await;
        let access = t.tokens(&client, &mut browser, &alice, "openid").await.access;
        let (header, claims) = (jwt::header(&access), jwt::claims(&access));
        assert_eq!((&header["typ"], &header["alg"]), (&json!("at+jwt"), &json!("ES256")));
        assert_eq!(claims["iss"], BASE);
        assert_eq!(claims["aud"], BASE);
        assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 600);
        for name in ["sub", "client_id", "jti", "scope"] {
            assert!(claims[name].as_str().is_some_and(|text| !text.is_empty()), "{name}");
        }
    }

    async fn pairwise_subjects_are_stable_in_a_sector_and_different_across(t: TestApp) {
        let (alice, bob) = (t.user("alice").await, t.user("bob").await);
        let pairwise = |uri: &str| t.client().with("subject_type", "pairwise").redirect(uri);
        let one = pairwise("https://one.example/cb").create().await;
        let same = pairwise("https://one.example/other").create().await;
        let two = pairwise("https://two.example/cb").create().await;
        let mut browser = t.signed_in(&alice).await;
        let mut subs = Vec::new();
        for client in [&one, &one, &same, &two] {
            let tokens = t.tokens(client, &mut browser, &alice, "openid offline_access profile").await;
            let sub = jwt::claims(tokens.id())["sub"].as_str().unwrap().to_owned();
            assert_eq!(t.userinfo(&tokens.access).await.json()["sub"], sub);
            assert_eq!(jwt::claims(&tokens.access)["sub"], sub);
            assert_eq!(t.introspect(client, &tokens.access).await["sub"], sub);
            let next = Tokens::of(&t.refresh(client, tokens.refresh()).await);
            assert_eq!(jwt::claims(next.id())["sub"], sub);
            assert!(!next.access.contains("usr_") && !tokens.json.to_string().contains(&alice.id.to_string()));
            assert_ne!(sub, alice.id.to_string());
            subs.push(sub);
        }
        assert_eq!(subs[0], subs[1]);
        assert_eq!(subs[0], subs[2]);
        assert_ne!(subs[0], subs[3]);
        let bobs = t.tokens(&one, &mut t.browser(), &bob, "openid").await;
        assert_ne!(jwt::claims(bobs.id())["sub"], subs[0]);
    }

    async fn claims_parameter_adds_single_claims_where_asked(t: TestApp) {
        let alice = t.user("alice").await;
        let client = t.client().create().await;
        let mut browser = t.signed_in(&alice).await;
        let claims = json!({"userinfo": {"email": {"essential": true}, "unknown_claim": null}, "id_token": {"given_name": null, "auth_time": {"essential": true}}});
        let request = t.authorization(&client).with("claims", &claims.to_string());
        let code = browser.allow(&request, &alice).await.code();
        let tokens = Tokens::of(&t.redeem(&client, &code).await);
        let id = jwt::claims(tokens.id());
        assert_eq!(id["given_name"], "alice");
        assert_eq!(id.get("email"), None);
        let info = t.userinfo(&tokens.access).await.json();
        assert_eq!(info["email"], "alice@example.com");
        assert_eq!(info.get("given_name"), None);
        assert_eq!(info.get("unknown_claim"), None);
    }

    async fn id_tokens_and_userinfo_are_signed_as_registered_and_verify_against_the_published_keys(t: TestApp) {
        let alice = t.user("alice").await;
        let mut browser = t.signed_in(&alice).await;
        for alg in ["RS256", "ES256", "PS256", "EdDSA"] {
            let client = t.client().with("id_token_signed_response_alg", alg).with("userinfo_signed_response_alg", alg).create().await;
            let tokens = t.tokens(&client, &mut browser, &alice, "openid email").await;
            let info = t.userinfo(&tokens.access).await;
            assert_eq!(info.header("content-type"), "application/jwt");
            let keys = JwkSet::parse(t.get("/.well-known/jwks.json", &[]).await.body.as_bytes()).unwrap();
            for token in [tokens.id(), &info.body] {
                assert_eq!(jwt::header(token)["alg"], alg);
                assert!(keys.verify(token).is_ok(), "{alg}");
            }
            let claims = jwt::claims(&info.body);
            assert_eq!((&claims["iss"], &claims["aud"]), (&json!(BASE), &json!(client.id)));
        }
        let default = t.client().create().await;
        let tokens = t.tokens(&default, &mut browser, &alice, "openid").await;
        assert_eq!(jwt::header(tokens.id())["alg"], "RS256");
    }

    async fn userinfo_takes_its_token_by_get_by_header_and_by_form_and_once(t: TestApp) {
        let alice = t.user("alice").await;
        let client = t.client().create().await;
        let mut browser = t.signed_in(&alice).await;
        let token = t.tokens(&client, &mut browser, &alice, "openid email").await.access;
        let bearer = format!("Bearer {token}");
        let lower = format!("bearer {token}");
        let answers = [
            t.userinfo(&token).await,
            t.post("/oauth2/userinfo", &[("authorization", &bearer)], &[]).await,
            t.post("/oauth2/userinfo", &[], &[("access_token", &token)]).await,
            t.get("/oauth2/userinfo", &[("authorization", &lower)]).await,
        ];
        for answer in &answers {
            assert_eq!(answer.json()["sub"], Value::from(alice.id.to_string()));
            assert_eq!(answer.header("cache-control"), "no-store");
        }
        let twice = t.post("/oauth2/userinfo", &[("authorization", &bearer)], &[("access_token", &token)]).await;
        assert_eq!(twice.refusal(), (400, "invalid_request".to_owned()));
        let in_query = t.get(&format!("/oauth2/userinfo?access_token={token}"), &[]).await;
        assert_eq!(in_query.status, StatusCode::UNAUTHORIZED, "tokens do not travel in addresses");
        let without = t.get("/oauth2/userinfo", &[]).await;
        assert_eq!((without.status, without.body.as_str()), (StatusCode::UNAUTHORIZED, ""));
        let no_openid = t.tokens(&client, &mut browser, &alice, "email").await;
        assert_eq!(t.userinfo(&no_openid.access).await.refusal(), (403, "insufficient_scope".to_owned()));
    }
}
