//! Client authentication (security.md, "Clients").

use std::time::Duration;

use authflow_proto::jose::{Algorithm, SigningKey, TokenType};
use authflow_testkit::{Answer, BASE, Client, TestApp, both_databases, jwt};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::StatusCode;
use serde_json::{Value, json};

const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

fn unauthorized() -> (u16, String) {
    (401, "invalid_client".to_owned())
}

async fn post(t: &TestApp, headers: &[(&str, &str)], form: &[(&str, &str)]) -> Answer {
    let mut all = vec![("grant_type", "client_credentials")];
    all.extend_from_slice(form);
    t.post("/oauth2/token", headers, &all).await
}

async fn assert_with(t: &TestApp, assertion: &str) -> Answer {
    post(
        t,
        &[],
        &[
            ("client_assertion_type", ASSERTION_TYPE),
            ("client_assertion", assertion),
        ],
    )
    .await
}

fn claims(t: &TestApp, client: &Client) -> Value {
    let now = t.now().as_secs();
    json!({"iss": client.id, "sub": client.id, "aud": BASE, "jti": format!("j{now}"), "iat": now, "exp": now + 60})
}

fn with(mut claims: Value, changes: &Value) -> Value {
    for (name, value) in changes.as_object().unwrap() {
        if value.is_null() {
            claims.as_object_mut().unwrap().remove(name);
        } else {
            claims[name] = value.clone();
        }
    }
    claims
}

async fn key_client(t: &TestApp, key: &SigningKey) -> Client {
    let jwks = json!({"keys": [key.public_jwk()]});
    t.client()
        .with("token_endpoint_auth_method", "private_key_jwt")
        .with("jwks", jwks)
        .create()
        .await
}

both_databases! {
    async fn unknown_client_and_wrong_secret_get_the_same_answer(t: TestApp) {
        let (client, other) = (t.client().create().await, t.client().create().await);
        let foreign = t.tenant("acme").await.client().create().await;
        let basic = |id: &str, secret: &str| format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")));
        let secret = other.secret.clone().unwrap();
        let cases = [
            basic(&client.id, &secret),
            basic(&client.id, "wrong"),
            basic(&client.id, ""),
            basic("cli_00000000000000000000000000", &secret),
            basic("nonsense", &secret),
            basic(&foreign.id, foreign.secret.as_deref().unwrap()),
        ];
        let mut answers = Vec::new();
        for authorization in &cases {
            answers.push(post(&t, &[("authorization", authorization)], &[]).await);
        }
        for answer in &answers {
            assert_eq!(answer.refusal(), unauthorized());
            assert_eq!(answer.body, answers[0].body);
            assert!(answer.header("www-authenticate").starts_with("Basic "));
            assert_eq!(answer.header("cache-control"), "no-store");
            let names: Vec<_> = answer.headers.keys().collect();
            assert_eq!(names, answers[0].headers.keys().collect::<Vec<_>>());
        }
    }

    async fn two_methods_at_once_are_refused(t: TestApp) {
        let client = t.client().create().await;
        let (basic, secret) = (client.basic(), client.secret.clone().unwrap());
        let twice = [
            post(&t, &[("authorization", &basic)], &[("client_id", &client.id), ("client_secret", &secret)]).await,
            post(&t, &[("authorization", &basic)], &[("client_assertion_type", ASSERTION_TYPE), ("client_assertion", "a.b.c")]).await,
            post(&t, &[], &[("client_id", &client.id), ("client_secret", &secret), ("client_assertion_type", ASSERTION_TYPE), ("client_assertion", "a.b.c")]).await,
        ];
        for answer in twice {
            assert_eq!(answer.error(), "invalid_request", "{}", answer.body);
        }
        let other = t.client().create().await;
        let mixed = post(&t, &[("authorization", &basic)], &[("client_id", &other.id)]).await;
        assert!(mixed.status.is_client_error(), "another client_id beside the header: {}", mixed.body);
    }

    async fn request_that_does_not_say_whose_it_is_learns_how_to_authenticate(t: TestApp) {
        let client = t.client().create().await;
        let secret = client.secret.clone().unwrap();
        for path in ["/oauth2/token", "/oauth2/introspect", "/oauth2/revoke"] {
            let form = [("grant_type", "client_credentials"), ("token", "x")];
            let nothing = t.post(path, &[], &form).await;
            assert_eq!(nothing.refusal(), unauthorized(), "{path}");
            assert!(nothing.header("www-authenticate").starts_with("Basic "), "{path}");
            let nobody = t.post(path, &[], &[form[0], form[1], ("client_secret", &secret)]).await;
            assert_eq!(nobody.refusal(), unauthorized(), "{path}");
            assert_eq!(nobody.header("www-authenticate"), "", "a secret in the body is no try at the header");
            let wrong = t.post(path, &[], &[form[0], form[1], ("client_id", &client.id), ("client_secret", "x")]).await;
            assert_eq!((wrong.refusal(), wrong.header("www-authenticate")), (unauthorized(), ""), "{path}");
            let tried = t.post(path, &[("authorization", "Basic !")], &form).await;
            assert_eq!(tried.refusal(), unauthorized(), "{path}");
            assert!(tried.header("www-authenticate").starts_with("Basic "), "{path}");
        }
    }

    async fn another_method_than_the_registered_one_is_refused(t: TestApp) {
        let basic = t.client().create().await;
        let secret = basic.secret.clone().unwrap();
        let answer = post(&t, &[], &[("client_id", &basic.id), ("client_secret", &secret)]).await;
        assert_eq!(answer.refusal(), unauthorized(), "post for a basic client");
        let by_post = t.client().with("token_endpoint_auth_method", "client_secret_post").create().await;
        assert_eq!(t.client_credentials(&by_post, &[]).await.status, StatusCode::OK);
        let header = by_post.basic();
        assert_eq!(post(&t, &[("authorization", &header)], &[]).await.refusal(), unauthorized(), "basic for a post client");
        assert_eq!(post(&t, &[], &[("client_id", &basic.id)]).await.refusal(), unauthorized(), "nothing for a confidential client");
        let query = format!("/oauth2/token?client_id={}&client_secret={secret}", basic.id);
        let answer = t.post(&query, &[], &[("grant_type", "client_credentials")]).await;
        assert!(answer.status.is_client_error(), "credentials in the address do not count");
        let public = t.client().public().create().await;
        let answer = post(&t, &[], &[("client_id", &public.id), ("client_secret", &secret)]).await;
        assert_eq!(answer.refusal(), unauthorized(), "a public client has no secret");
    }

    async fn private_key_jwt_authenticates_once(t: TestApp) {
        let key = SigningKey::generate(Algorithm::ES256).unwrap().with_kid("k1");
        let client = key_client(&t, &key).await;
        let assertion = key.sign(TokenType::Jwt, &claims(&t, &client)).unwrap();
        assert_eq!(assert_with(&t, &assertion).await.status, StatusCode::OK);
        assert_eq!(assert_with(&t, &assertion).await.refusal(), unauthorized(), "replayed");
        t.clock.advance(Duration::from_secs(30));
        assert_eq!(assert_with(&t, &assertion).await.refusal(), unauthorized(), "replayed later");
        let fresh = key.sign(TokenType::Jwt, &claims(&t, &client)).unwrap();
        assert_eq!(assert_with(&t, &fresh).await.status, StatusCode::OK);
    }

    async fn one_of_parallel_uses_of_an_assertion_succeeds(t: TestApp) {
        let key = SigningKey::generate(Algorithm::ES256).unwrap().with_kid("k1");
        let client = key_client(&t, &key).await;
        let assertion = key.sign(TokenType::Jwt, &claims(&t, &client)).unwrap();
        let answers = futures_util::future::join_all((0..10).map(|_| assert_with(&t, &assertion))).await;
        assert_eq!(answers.iter().filter(|answer| answer.status == StatusCode::OK).count(), 1);
    }

    async fn assertions_with_wrong_claims_keys_or_algorithms_are_refused(t: TestApp) {
        let key = SigningKey::generate(Algorithm::ES256).unwrap().with_kid("k1");
        let client = key_client(&t, &key).await;
        let other = t.client().create().await;
        let now = t.now().as_secs();
        let good = claims(&t, &client);
        for changes in [
            json!({"aud": "https://other.example"}),
            json!({"aud": format!("{BASE}/t/acme")}),
            json!({"aud": [BASE, "https://other.example"]}),
            json!({"aud": null}),
            json!({"aud": []}),
            json!({"iss": other.id}),
            json!({"sub": other.id}),
            json!({"iss": null}),
            json!({"sub": null}),
            json!({"jti": null}),
            json!({"jti": ""}),
            json!({"jti": "x".repeat(300)}),
            json!({"exp": null}),
            json!({"exp": now - 61}),
            json!({"exp": now + 3661}),
            json!({"exp": i64::MAX}),
            json!({"exp": "soon"}),
            json!({"nbf": now + 61}),
            json!({"iat": now + 61}),
        ] {
            let assertion = key.sign(TokenType::Jwt, &with(good.clone(), &changes)).unwrap();
            assert_eq!(assert_with(&t, &assertion).await.refusal(), unauthorized(), "{changes}");
        }
        let stranger = SigningKey::generate(Algorithm::ES256).unwrap().with_kid("k1");
        assert_eq!(assert_with(&t, &stranger.sign(TokenType::Jwt, &good).unwrap()).await.refusal(), unauthorized(), "key");
        let none = format!("{}.", jwt::unsigned(&json!({"alg": "none"}), &good));
        assert_eq!(assert_with(&t, &none).await.refusal(), unauthorized(), "none");
        let public = serde_json::to_string(key.public_jwk()).unwrap();
        let hmac = jwt::hs256(&json!({"alg": "HS256", "kid": "k1"}), &good, public.as_bytes());
        assert_eq!(assert_with(&t, &hmac).await.refusal(), unauthorized(), "HS256 under the public key");
        let assertion = key.sign(TokenType::Jwt, &good).unwrap();
        let answer = post(&t, &[], &[("client_assertion_type", "urn:other"), ("client_assertion", &assertion)]).await;
        assert!(answer.status.is_client_error());
        let answer = post(&t, &[], &[("client_id", &other.id), ("client_assertion_type", ASSERTION_TYPE), ("client_assertion", &assertion)]).await;
        assert!(answer.status.is_client_error(), "another client_id beside the assertion");
        assert_eq!(assert_with(&t, &assertion).await.status, StatusCode::OK, "the control of this test");
    }

    async fn registered_assertion_algorithm_is_the_only_one(t: TestApp) {
        let (es, ed) = (SigningKey::generate(Algorithm::ES256).unwrap().with_kid("e"), SigningKey::generate(Algorithm::EdDSA).unwrap().with_kid("d"));
        let jwks = json!({"keys": [es.public_jwk(), ed.public_jwk()]});
        let client = t.client().with("token_endpoint_auth_method", "private_key_jwt").with("jwks", jwks).with("token_endpoint_auth_signing_alg", "EdDSA").create().await;
        let good = claims(&t, &client);
        assert_eq!(assert_with(&t, &es.sign(TokenType::Jwt, &good).unwrap()).await.refusal(), unauthorized());
        assert_eq!(assert_with(&t, &ed.sign(TokenType::Jwt, &good).unwrap()).await.status, StatusCode::OK);
    }

    async fn assertion_is_good_at_its_own_tenant_only(t: TestApp) {
        let key = SigningKey::generate(Algorithm::ES256).unwrap().with_kid("k1");
        let client = key_client(&t, &key).await;
        let acme = t.tenant("acme").await;
        let assertion = key.sign(TokenType::Jwt, &claims(&t, &client)).unwrap();
        assert_eq!(assert_with(&acme, &assertion).await.refusal(), unauthorized());
        let at_endpoint = with(claims(&t, &client), &json!({"aud": format!("{BASE}/oauth2/token")}));
        assert_eq!(assert_with(&t, &key.sign(TokenType::Jwt, &at_endpoint).unwrap()).await.status, StatusCode::OK);
    }

    async fn client_secret_jwt_authenticates_by_its_own_secret(t: TestApp) {
        let client = t.client().with("token_endpoint_auth_method", "client_secret_jwt").create().await;
        let secret = client.secret.clone().unwrap();
        let good = claims(&t, &client);
        let header = json!({"alg": "HS256"});
        let wrong = jwt::hs256(&header, &good, b"another secret of at least thirty-two bytes");
        assert_eq!(assert_with(&t, &wrong).await.refusal(), unauthorized());
        let right = jwt::hs256(&header, &good, secret.as_bytes());
        assert_eq!(assert_with(&t, &right).await.status, StatusCode::OK);
        assert_eq!(assert_with(&t, &right).await.refusal(), unauthorized(), "replayed");
        let header = client.basic();
        assert_eq!(post(&t, &[("authorization", &header)], &[]).await.refusal(), unauthorized(), "the secret itself is not sent");
    }

    async fn client_credentials_never_yield_a_user(t: TestApp) {
        let client = t.client().create().await;
        let answer = t.client_credentials(&client, &[]).await;
        assert_eq!(answer.status, StatusCode::OK);
        let json = answer.json();
        assert!(json.get("id_token").is_none() && json.get("refresh_token").is_none(), "{json}");
        let access = json["access_token"].as_str().unwrap();
        let claims = jwt::claims(access);
        assert_eq!(claims["sub"], client.id);
        assert_eq!(claims["client_id"], client.id);
        for of_users in ["sid", "auth_time", "acr", "amr"] {
            assert!(claims.get(of_users).is_none(), "{of_users}");
        }
        assert!(t.userinfo(access).await.status.is_client_error());
        for scope in ["openid", "profile", "offline_access", "openid email"] {
            let answer = t.client_credentials(&client, &[("scope", scope)]).await;
            assert_eq!(answer.refusal(), (400, "invalid_scope".to_owned()), "{scope}");
        }
        let public = t.client().public().create().await;
        let answer = t.client_credentials(&public, &[]).await;
        assert_eq!(answer.refusal(), (400, "unauthorized_client".to_owned()));
        let without = t.client().with("grant_types", ["authorization_code"].as_slice()).create().await;
        assert_eq!(t.client_credentials(&without, &[]).await.refusal(), (400, "unauthorized_client".to_owned()));
    }
}
