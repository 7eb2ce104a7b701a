//! One token is never taken for another, and a forged one for none (security.md, "Codes and tokens").

use std::time::Duration;

use authflow_proto::jose::{Algorithm, SigningKey, TokenType};
use authflow_server::cx::Actor;
use authflow_server::keys;
use authflow_testkit::{TestApp, both_databases, jwt};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::StatusCode;
use serde_json::{Value, json};

async fn assert_no_access_token(t: &TestApp, token: &str, case: &str) {
    let answer = t.userinfo(token).await;
    assert_eq!(answer.refusal(), (401, "invalid_token".to_owned()), "{case}");
    assert!(answer.header("www-authenticate").starts_with("Bearer "), "{case}");
    let client = t.client().create().await;
    assert_eq!(
        t.introspect(&client, token).await,
        json!({"active": false}),
        "{case}"
    );
}

both_databases! {
    async fn nothing_but_an_access_token_opens_userinfo(t: TestApp) {
        let alice = t.user("alice").await;
        let client = t.client().with("userinfo_signed_response_alg", "ES256").with("id_token_signed_response_alg", "ES256").create().await;
        let mut browser = t.signed_in(&alice).await;
        let code = t.code(&client, &mut browser, &alice, "openid offline_access").await;
        let spare = t.code(&client, &mut browser, &alice, "openid").await;
        let tokens = authflow_testkit::Tokens::of(&t.redeem(&client, &code).await);
        assert_no_access_token(&t, tokens.id(), "ID token").await;
        assert_no_access_token(&t, &spare, "code").await;
        assert_no_access_token(&t, &t.userinfo(&tokens.access).await.body, "signed userinfo").await;
        assert_no_access_token(&t, browser.cookie("session").unwrap(), "session cookie").await;
        assert_no_access_token(&t, client.secret.as_deref().unwrap(), "client secret").await;
        let answer = t.userinfo(tokens.refresh()).await;
        assert_eq!(answer.refusal(), (401, "invalid_token".to_owned()), "refresh token");
        let ring = keys::ring_with(&t.app, &t.tenant, Algorithm::ES256).await.unwrap();
        let signer = ring.signer(Algorithm::ES256).unwrap();
        let claims = jwt::claims(&tokens.access);
        for typ in [TokenType::LogoutToken, TokenType::Jwt] {
            let other = signer.sign(typ, &claims).unwrap();
            assert_no_access_token(&t, &other, "our own signature over an access token's claims, another typ").await;
        }
        let again = signer.sign(TokenType::AccessToken, &claims).unwrap();
        assert_eq!(t.userinfo(&again).await.status, StatusCode::OK, "the control of this test");
    }

    async fn nothing_but_a_refresh_token_refreshes_and_nothing_but_a_code_redeems(t: TestApp) {
        let alice = t.user("alice").await;
        let client = t.client().create().await;
        let mut browser = t.signed_in(&alice).await;
        let tokens = t.tokens(&client, &mut browser, &alice, "openid offline_access").await;
        let code = t.code(&client, &mut browser, &alice, "openid").await;
        for token in [tokens.access.as_str(), tokens.id(), &code, browser.cookie("session").unwrap()] {
            assert_eq!(t.refresh(&client, token).await.refusal(), (400, "invalid_grant".to_owned()));
        }
        for token in [tokens.access.as_str(), tokens.id(), tokens.refresh()] {
            assert_eq!(t.redeem(&client, token).await.refusal(), (400, "invalid_grant".to_owned()));
        }
        assert_eq!(t.redeem(&client, &code).await.status, StatusCode::OK, "still good");
    }

    async fn access_and_logout_tokens_are_no_hints_at_logout(t: TestApp) {
        let alice = t.user("alice").await;
        let client = t.client().create().await;
        let mut browser = t.signed_in(&alice).await;
        let tokens = t.tokens(&client, &mut browser, &alice, "openid").await;
        let ring = keys::ring_with(&t.app, &t.tenant, Algorithm::ES256).await.unwrap();
        let logout = ring.signer(Algorithm::ES256).unwrap().sign(TokenType::LogoutToken, &jwt::claims(tokens.id())).unwrap();
        let none = format!("{}.", jwt::unsigned(&json!({"alg": "none"}), &jwt::claims(tokens.id())));
        for hint in [tokens.access.as_str(), &logout, &none, &jwt::tampered(tokens.id())] {
            let answer = browser.get(&format!("/oauth2/logout?id_token_hint={hint}")).await;
            assert_eq!(answer.status, StatusCode::BAD_REQUEST);
            assert_eq!(browser.get("/account").await.status, StatusCode::OK, "still signed in");
        }
    }

    async fn forged_jwts_are_refused_whatever_their_header_says(t: TestApp) {
        let alice = t.user("alice").await;
        let client = t.client().create().await;
        let mut browser = t.signed_in(&alice).await;
        let access = t.tokens(&client, &mut browser, &alice, "openid").await.access;
        let (header, claims) = (jwt::header(&access), jwt::claims(&access));
        let jwks = t.get("/.well-known/jwks.json", &[]).await;
        let with = |changes: Value| {
            let mut header = header.clone();
            for (name, value) in changes.as_object().unwrap() {
                header[name] = value.clone();
            }
            header
        };
        for alg in ["none", "None", "NONE", "nOnE", ""] {
            let head = jwt::unsigned(&with(json!({"alg": alg})), &claims);
            assert_no_access_token(&t, &format!("{head}."), alg).await;
            assert_no_access_token(&t, &head, alg).await;
            assert_no_access_token(&t, &jwt::with_header(&access, &with(json!({"alg": alg}))), alg).await;
        }
        for key in jwks.json()["keys"].as_array().unwrap() {
            let hmac = with(json!({"alg": "HS256", "kid": key["kid"]}));
            let coordinate = key["x"].as_str().or(key["n"].as_str()).unwrap();
            let raw = URL_SAFE_NO_PAD.decode(coordinate).unwrap();
            for secret in [key.to_string().as_bytes(), coordinate.as_bytes(), &raw, b""] {
                assert_no_access_token(&t, &jwt::hs256(&hmac, &claims, secret), "HS256 under a public key").await;
            }
        }
        let ours = SigningKey::generate(Algorithm::ES256).unwrap().with_kid(header["kid"].as_str().unwrap());
        assert_no_access_token(&t, &ours.sign(TokenType::AccessToken, &claims).unwrap(), "another key under our kid").await;
        let jwk = serde_json::to_value(ours.public_jwk()).unwrap();
        for changes in [
            json!({"jwk": jwk}),
            json!({"jku": "http://127.0.0.1:1/jwks.json"}),
            json!({"x5u": "http://127.0.0.1:1/x5u.pem"}),
            json!({"x5c": ["MIIB"]}),
            json!({"crit": ["exp"], "exp": 1}),
            json!({"crit": ["b64"], "b64": false}),
            json!({"kid": "../../../../dev/null"}),
            json!({"kid": "' OR 1=1 --"}),
            json!({"kid": null}),
            json!({"kid": ["a"]}),
            json!({"zip": "DEF"}),
            json!({"cty": "JWT"}),
            json!({"alg": "RS256"}),
            json!({"alg": "ES384"}),
        ] {
            assert_no_access_token(&t, &jwt::with_header(&access, &with(changes.clone())), &changes.to_string()).await;
        }
        assert_no_access_token(&t, &jwt::tampered(&access), "signature").await;
        let mut raised = claims.clone();
        raised["scope"] = "openid email admin".into();
        let (_, signature) = access.rsplit_once('.').unwrap();
        assert_no_access_token(&t, &format!("{}.{signature}", jwt::unsigned(&header, &raised)), "claims").await;
        for odd in ["a.b.c", "..", "a..c", "....", &format!("{access}.x"), &format!("{access}="),] {
            assert_no_access_token(&t, odd, odd).await;
        }
        let endless = t.userinfo(&"A".repeat(20_000)).await;
        assert_eq!(endless.refusal(), (400, "invalid_request".to_owned()), "longer than any token");
    }

    async fn token_of_another_tenant_is_unknown_here_even_under_an_equal_kid(t: TestApp) {
        let acme = t.tenant("acme").await;
        let alice = acme.user("alice").await;
        let client = acme.client().create().await;
        let mut browser = acme.signed_in(&alice).await;
        let tokens = acme.tokens(&client, &mut browser, &alice, "openid").await;
        assert_no_access_token(&t, &tokens.access, "acme's token at the default tenant").await;
        let ring = keys::ring_with(&t.app, &t.tenant, Algorithm::ES256).await.unwrap();
        let claims = jwt::claims(&tokens.access);
        // Signed by the default tenant's own key: only the issuer is foreign.
        let crossed = ring.signer(Algorithm::ES256).unwrap().sign(TokenType::AccessToken, &claims).unwrap();
        assert_no_access_token(&t, &crossed, "foreign issuer").await;
        // The default tenant's signature and kid at acme.
        assert_no_access_token(&acme, &crossed, "foreign key").await;
        let mut browser = t.browser();
        browser.cookies.insert("__Host-authflow-session-default".to_owned(), "x".to_owned());
        assert_eq!(acme.userinfo(&tokens.access).await.status, StatusCode::OK, "at home it is good");
    }

    async fn foreign_tokens_are_neither_introspected_nor_revoked(t: TestApp) {
        let acme = t.tenant("acme").await;
        let alice = t.user("alice").await;
        let client = t.client().create().await;
        let (other, stranger) = (t.client().create().await, acme.client().create().await);
        let mut browser = t.signed_in(&alice).await;
        let tokens = t.tokens(&client, &mut browser, &alice, "openid offline_access").await;
        for token in [tokens.access.as_str(), tokens.refresh()] {
            assert_eq!(acme.introspect(&stranger, token).await, json!({"active": false}));
            assert_eq!(acme.revoke(&stranger, token).await.status, StatusCode::OK);
            assert_eq!(t.revoke(&other, token).await.refusal(), (400, "invalid_grant".to_owned()));
        }
        assert_eq!(t.introspect(&other, tokens.refresh()).await, json!({"active": false}));
        assert_eq!(t.userinfo(&tokens.access).await.status, StatusCode::OK);
        assert_eq!(t.introspect(&client, tokens.refresh()).await["active"], true);
    }

    async fn revoked_tokens_are_dead_at_once(t: TestApp) {
        let alice = t.user("alice").await;
        let client = t.client().create().await;
        let mut browser = t.signed_in(&alice).await;
        let tokens = t.tokens(&client, &mut browser, &alice, "openid offline_access").await;
        assert_eq!(t.userinfo(&tokens.access).await.status, StatusCode::OK);
        assert_eq!(t.revoke(&client, &tokens.access).await.status, StatusCode::OK);
        assert_no_access_token(&t, &tokens.access, "revoked").await;
        let next = authflow_testkit::Tokens::of(&t.refresh(&client, tokens.refresh()).await);
        assert_eq!(t.revoke(&client, tokens.refresh()).await.status, StatusCode::OK, "a rotated token still names its family");
        assert_eq!(t.refresh(&client, next.refresh()).await.refusal(), (400, "invalid_grant".to_owned()));
        assert_no_access_token(&t, &next.access, "with its family").await;
    }

    async fn first_requests_of_a_tenant_agree_on_its_first_keys(t: TestApp) {
        let acme = t.tenant("acme").await;
        let before = t.row_counts().await["signing_keys"];
        let answers = futures_util::future::join_all((0..20).map(|_| acme.get("/.well-known/jwks.json", &[]))).await;
        for answer in &answers {
            assert_eq!((answer.status, &answer.body), (StatusCode::OK, &answers[0].body));
        }
        assert_eq!(t.row_counts().await["signing_keys"], before + 2, "one RS256, one ES256");
    }

    async fn keys_read_before_a_rotation_are_not_remembered_after_it(t: TestApp) {
        let caches = &t.app.caches;
        let before = keys::ring(&t.app, &t.tenant).await.unwrap();
        let epoch = caches.key_epoch(t.tenant.id);
        keys::rotate(&t.app, &t.tenant, Actor::Operator).await.unwrap();
        // A reader that began before the rotation finishes after it.
        caches.keys.insert((t.tenant.id, epoch), before.clone());
        let after = keys::ring(&t.app, &t.tenant).await.unwrap();
        let kid = |ring: &keys::KeyRing| serde_json::to_value(ring.signer(Algorithm::RS256).unwrap().public_jwk()).unwrap()["kid"].clone();
        assert_ne!(kid(&before), kid(&after));
    }

    async fn rotated_keys_verify_until_the_last_token_has_expired(t: TestApp) {
        let alice = t.user("alice").await;
        let client = t.client().create().await;
        let mut browser = t.signed_in(&alice).await;
        let before = t.tokens(&client, &mut browser, &alice, "openid").await;
        keys::rotate(&t.app, &t.tenant, Actor::Operator).await.unwrap();
        let after = t.tokens(&client, &mut browser, &alice, "openid").await;
        for (old, new) in [(before.access.as_str(), after.access.as_str()), (before.id(), after.id())] {
            assert_ne!(jwt::header(old)["kid"], jwt::header(new)["kid"]);
        }
        assert_eq!(t.userinfo(&before.access).await.status, StatusCode::OK);
        assert_eq!(t.userinfo(&after.access).await.status, StatusCode::OK);
        let published = |body: &str, token: &str| body.contains(jwt::header(token)["kid"].as_str().unwrap());
        let jwks = t.get("/.well-known/jwks.json", &[]).await.body;
        for token in [before.access.as_str(), before.id(), &after.access, after.id()] {
            assert!(published(&jwks, token));
        }
        // A retired key goes when nothing that it signed can still be good, and not before.
        t.clock.advance(Duration::from_hours(24));
        keys::delete_expired(&t.app).await.unwrap();
        t.app.caches.forget_all();
        assert!(published(&t.get("/.well-known/jwks.json", &[]).await.body, &before.access));
        t.clock.advance(Duration::from_hours(2));
        keys::delete_expired(&t.app).await.unwrap();
        t.app.caches.forget_all();
        let jwks = t.get("/.well-known/jwks.json", &[]).await.body;
        assert!(!published(&jwks, &before.access));
        assert!(published(&jwks, &after.access));
    }
}
