//! Authorization codes (security.md, "Codes and tokens").

use authflow_server::clients::{self, ClientStatus};
use authflow_server::identities::{self, UserStatus};
use authflow_server::sessions;
use authflow_testkit::{TestApp, Tokens, both_databases, jwt};
use http::StatusCode;

fn grant() -> (u16, String) {
    (400, "invalid_grant".to_owned())
}

both_databases! {
    async fn one_of_twenty_parallel_redemptions_succeeds(t: TestApp) {
        let alice = t.user("alice").await;
        let client = t.client().create().await;
        let mut browser = t.signed_in(&alice).await;
        let code = t.code(&client, &mut browser, &alice, "openid").await;
        let answers = futures_util::future::join_all((0..20).map(|_| t.redeem(&client, &code))).await;
        let good: Vec<_> = answers.iter().filter(|answer| answer.status == StatusCode::OK).collect();
        assert_eq!(good.len(), 1);
        for answer in answers.iter().filter(|answer| answer.status != StatusCode::OK) {
            assert_eq!(answer.refusal(), grant());
        }
        // The others were replays: what the first got is dead.
        let tokens = Tokens::of(good[0]);
        assert_eq!(t.userinfo(&tokens.access).await.status, StatusCode::UNAUTHORIZED);
    }

    async fn replayed_code_revokes_token_family_and_says_so(t: TestApp) {
        let alice = t.user("alice").await;
        let client = t.client().create().await;
        let mut browser = t.signed_in(&alice).await;
        let code = t.code(&client, &mut browser, &alice, "openid offline_access").await;
        let tokens = Tokens::of(&t.redeem(&client, &code).await);
        assert_eq!(t.userinfo(&tokens.access).await.status, StatusCode::OK);
        assert_eq!(t.redeem(&client, &code).await.refusal(), grant());
        assert_eq!(t.userinfo(&tokens.access).await.status, StatusCode::UNAUTHORIZED);
        assert_eq!(t.refresh(&client, tokens.refresh()).await.refusal(), grant());
        assert_eq!(t.introspect(&client, &tokens.access).await["active"], false);
        assert!(t.events("grant.revoked").await.iter().any(|event| event["reason"] == "code_replayed"));
    }

    async fn replay_by_another_client_revokes_nothing(t: TestApp) {
        let alice = t.user("alice").await;
        let (client, other) = (t.client().create().await, t.client().create().await);
        let mut browser = t.signed_in(&alice).await;
        let code = t.code(&client, &mut browser, &alice, "openid").await;
        let tokens = Tokens::of(&t.redeem(&client, &code).await);
        assert_eq!(t.redeem(&other, &code).await.refusal(), grant());
        assert_eq!(t.userinfo(&tokens.access).await.status, StatusCode::OK);
    }

    async fn code_is_good_for_its_own_client_only_and_a_stranger_does_not_spend_it(t: TestApp) {
        let alice = t.user("alice").await;
        let (client, other) = (t.client().create().await, t.client().create().await);
        let mut browser = t.signed_in(&alice).await;
        let code = t.code(&client, &mut browser, &alice, "openid").await;
        assert_eq!(t.redeem(&other, &code).await.refusal(), grant());
        assert_eq!(t.redeem(&client, &code).await.status, StatusCode::OK);
    }

    async fn code_is_bound_to_its_redirect_uri_and_spent_by_a_wrong_one(t: TestApp) {
        let alice = t.user("alice").await;
        let client = t.client().create().await;
        let mut browser = t.signed_in(&alice).await;
        for wrong in ["https://app.example/other", "https://app.example/callback/", "https://evil.example/", ""] {
            let code = t.code(&client, &mut browser, &alice, "openid").await;
            assert_eq!(t.redeem_with(&client, &code, &[("redirect_uri", wrong)]).await.refusal(), grant(), "{wrong}");
            assert_eq!(t.redeem(&client, &code).await.refusal(), grant(), "spent by {wrong}");
        }
    }

    async fn code_is_bound_to_its_challenge(t: TestApp) {
        let alice = t.user("alice").await;
        let client = t.client().create().await;
        let mut browser = t.signed_in(&alice).await;
        let other = "a".repeat(43);
        for (verifier, error) in [
            (other.as_str(), "invalid_grant"),
            (authflow_testkit::CHALLENGE, "invalid_grant"),
            ("", "invalid_grant"),
            ("short", "invalid_request"),
        ] {
            let code = t.code(&client, &mut browser, &alice, "openid").await;
            let answer = t.redeem_with(&client, &code, &[("code_verifier", verifier)]).await;
            assert!(answer.refusal() == (400, error.to_owned()) || answer.refusal() == grant(), "{verifier}: {}", answer.body);
        }
    }

    async fn verifier_for_a_code_without_challenge_is_a_stripped_challenge(t: TestApp) {
        let alice = t.user("alice").await;
        let client = t.client().policy(|policy| policy.require_pkce = false).create().await;
        let mut browser = t.signed_in(&alice).await;
        let request = t.authorization(&client).without_pkce();
        let code = browser.allow(&request, &alice).await.code();
        assert_eq!(t.redeem(&client, &code).await.refusal(), grant());
        let code = browser.allow(&request, &alice).await.code();
        assert_eq!(t.redeem_with(&client, &code, &[("code_verifier", "")]).await.status, StatusCode::OK);
    }

    async fn code_of_one_tenant_means_nothing_at_another(t: TestApp) {
        let acme = t.tenant("acme").await;
        let alice = acme.user("alice").await;
        let (theirs, ours) = (acme.client().create().await, t.client().create().await);
        let mut browser = acme.signed_in(&alice).await;
        let code = acme.code(&theirs, &mut browser, &alice, "openid").await;
        assert_eq!(t.redeem(&ours, &code).await.refusal(), grant());
        assert_eq!(t.redeem(&theirs, &code).await.refusal(), (401, "invalid_client".to_owned()));
        assert_eq!(acme.redeem(&theirs, &code).await.status, StatusCode::OK);
    }

    async fn code_dies_with_the_session_it_came_from(t: TestApp) {
        let alice = t.user("alice").await;
        let client = t.client().create().await;
        let mut browser = t.signed_in(&alice).await;
        let code = t.code(&client, &mut browser, &alice, "openid offline_access").await;
        let page = browser.open("/sign-out").await;
        browser.submit(&page, "/sign-out", &[("decision", "sign_out")]).await;
        assert_eq!(t.redeem(&client, &code).await.refusal(), grant());
    }

    async fn code_issued_while_its_session_was_ending_is_refused(t: TestApp) {
        let alice = t.user("alice").await;
        let client = t.client().create().await;
        let mut browser = t.signed_in(&alice).await;
        let code = t.code(&client, &mut browser, &alice, "openid").await;
        let mut cx = t.cx();
        sessions::end_all(&mut cx, alice.id, None).await.unwrap();
        // As if the code had been committed only now, when nothing was left to expire it.
        let later = t.now() + std::time::Duration::from_secs(60);
        authflow_db::exec!(cx.tx().await.unwrap(), "UPDATE codes SET expires_at = $1", later).unwrap();
        cx.commit().await.unwrap();
        assert_eq!(t.redeem(&client, &code).await.refusal(), grant());
    }

    async fn code_dies_with_its_user_its_client_and_a_password_change(t: TestApp) {
        let alice = t.user("alice").await;
        let client = t.client().create().await;
        let mut browser = t.signed_in(&alice).await;
        let code = t.code(&client, &mut browser, &alice, "openid offline_access").await;
        let mut cx = t.cx();
        sessions::end_all(&mut cx, alice.id, None).await.unwrap();
        cx.commit().await.unwrap();
        assert_eq!(t.redeem(&client, &code).await.refusal(), grant(), "sessions ended");

        let mut browser = t.signed_in(&alice).await;
        let code = t.code(&client, &mut browser, &alice, "openid").await;
        let mut cx = t.cx();
        let user = identities::get_user(&cx, alice.id).await.unwrap();
        identities::set_status(&mut cx, &user, UserStatus::Disabled).await.unwrap();
        cx.commit().await.unwrap();
        assert_eq!(t.redeem(&client, &code).await.refusal(), grant(), "user disabled");

        let bob = t.user("bob").await;
        let mut browser = t.signed_in(&bob).await;
        let code = t.code(&client, &mut browser, &bob, "openid").await;
        let mut cx = t.cx();
        let found = clients::get(&cx, client.client_id()).await.unwrap();
        clients::set_status(&mut cx, &found, ClientStatus::Disabled).await.unwrap();
        cx.commit().await.unwrap();
        assert_eq!(t.redeem(&client, &code).await.refusal(), (401, "invalid_client".to_owned()), "client disabled");
    }

    async fn id_token_is_bound_to_code_and_access_token(t: TestApp) {
        let alice = t.user("alice").await;
        let client = t.client().with("id_token_signed_response_alg", "ES256").create().await;
        let mut browser = t.signed_in(&alice).await;
        let request = t.authorization(&client).with("nonce", "abc");
        let code = browser.allow(&request, &alice).await.code();
        let tokens = Tokens::of(&t.redeem(&client, &code).await);
        let half = |text: &str| {
            use base64::Engine as _;
            let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, text.as_bytes());
            base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(&digest.as_ref()[..16])
        };
        let claims = jwt::claims(tokens.id());
        assert_eq!(claims["at_hash"], half(&tokens.access));
        assert_eq!(claims["c_hash"], half(&code));
        assert_eq!(claims["nonce"], "abc");
        assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 3600);
    }

    async fn malformed_codes_and_grants_are_refused_in_the_right_shape(t: TestApp) {
        let client = t.client().create().await;
        for code in ["nonsense", "af_ac_", "af_rt_0000000000000000000000000000000000000000000000000", &"x".repeat(5000)] {
            let answer = t.redeem(&client, code).await;
            assert_eq!(answer.refusal(), grant(), "{code}");
            assert_eq!(answer.header("cache-control"), "no-store");
        }
        let missing = t.post_as(&client, "/oauth2/token", &[("grant_type", "authorization_code")]).await;
        assert_eq!(missing.refusal(), (400, "invalid_request".to_owned()));
        for grant_type in ["password", "implicit", "urn:ietf:params:oauth:grant-type:device_code", "AUTHORIZATION_CODE"] {
            let answer = t.post_as(&client, "/oauth2/token", &[("grant_type", grant_type)]).await;
            assert_eq!(answer.refusal(), (400, "unsupported_grant_type".to_owned()), "{grant_type}");
        }
        let none = t.post_as(&client, "/oauth2/token", &[]).await;
        assert_eq!(none.refusal(), (400, "invalid_request".to_owned()));
    }
}
