//! Ways that might lead around a second factor, a rule or a limit: an older session, the other face, the API.

use std::time::Duration;

use authflow_server::config::MailTransport;
use authflow_server::tenants::MfaPolicy;
use authflow_testkit::{CALLBACK, TestApp, both_databases, jwt};
use http::StatusCode;
use serde_json::json;

use super::{CREDENTIALS, Face, mailed, offered, other_than};
use crate::second_factor::with_app;
use crate::{ALICE, PASSWORD, place, sign_in};

both_databases! {
    async fn cookies_of_a_session_or_a_trusted_browser_mean_nothing(t: TestApp) {
        let (_, app, _) = with_app(&t).await;
        let mut browser = t.browser();
        let page = sign_in(&mut browser, ALICE, PASSWORD).await;
        let code = app.code(&t);
        let done = browser.submit(&page, "/sign-in/second", &[("code", &code), ("trust", "1")]).await;
        assert_eq!(place(&done), "/account", "{}", done.words());
        let cookies: Vec<String> = browser.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut face = Face::new(&t).await;
        face.headers.push(("cookie", cookies.join("; ")));
        assert_eq!(face.asked(&[]).await["stage"], "first_factor", "a live session gives no code");
        assert_eq!(face.asked(&CREDENTIALS).await["stage"], "second_factor", "nor does trust");
        t.clock.advance(Duration::from_secs(30));
        face.tokens(&[("method", "totp"), ("code", &app.code(&t))]).await;
        // What happens here leaves the browser's session as it was.
        assert_eq!(browser.open("/account").await.path, "/account");
    }

    async fn half_a_sign_in_of_one_face_is_not_finished_by_the_other(t: TestApp) {
        let (alice, app, _) = with_app(&t).await;
        let mut face = Face::new(&t).await;
        face.asked(&CREDENTIALS).await;
        let half = face.session.clone().unwrap();
        let id = half.split_once('.').unwrap().0.to_owned();
        let mut browser = t.browser();
        let start = browser.open("/sign-in").await;
        for path in ["/sign-in/second", "/sign-in/set-up", "/sign-in/code", "/oauth2/authorize/resume"] {
            let page = browser.get(&format!("{path}?sign_in={id}")).await;
            assert!(page.status.is_client_error(), "{path}: {}", page.status);
        }
        let csrf = start.field("csrf").unwrap();
        let forged = [("sign_in", id.as_str()), ("csrf", &csrf), ("method", "totp"), ("code", &app.code(&t))];
        let refused = browser.post("/sign-in/second", &forged).await;
        assert!(refused.status.is_client_error(), "{}", refused.status);
        // And the page's half here.
        let page = browser.open(&t.authorization(&face.client).path()).await;
        let page = browser.prove(&page, &alice).await;
        assert_eq!(place(&page), "/sign-in/second");
        let id = page.field("sign_in").unwrap();
        let binding = browser.cookie("browser").unwrap().to_owned();
        for token in [binding.as_str(), half.split_once('.').unwrap().1] {
            let mut other = Face::of(&t, &face.client);
            other.session = Some(format!("{id}.{token}"));
            let refused = other.step(&[("method", "totp"), ("code", &app.code(&t))]).await;
            assert_eq!(refused.error(), "invalid_session");
        }
        face.tokens(&[("method", "totp"), ("code", &app.code(&t))]).await;
    }

    async fn codes_count_once_over_both_faces(t: TestApp) {
        let (_, app, codes) = with_app(&t).await;
        let mut browser = t.browser();
        let page = sign_in(&mut browser, ALICE, PASSWORD).await;
        let code = app.code(&t);
        browser.submit(&page, "/sign-in/second", &[("code", &code)]).await;
        let mut face = Face::new(&t).await;
        face.asked(&CREDENTIALS).await;
        assert_eq!(face.asked(&[("method", "totp"), ("code", &code)]).await["fields"]["code"], "code_wrong");
        face.tokens(&[("method", "recovery_code"), ("code", &codes[0])]).await;
        let mut again = t.browser();
        let page = sign_in(&mut again, ALICE, PASSWORD).await;
        let other = again.open(&format!("{}&method=recovery_code", page.path)).await;
        let refused = again.submit(&other, "/sign-in/second", &[("code", &codes[0])]).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    }

    async fn tries_of_a_second_factor_are_counted_over_sign_ins_and_faces(t: TestApp) {
        let (_, app, _) = with_app(&t).await;
        let wrong = other_than(&app.code(&t));
        let mut slowed = false;
        for _ in 0..30 {
            let mut face = Face::new(&t).await;
            face.asked(&CREDENTIALS).await;
            let answer = face.step(&[("method", "totp"), ("code", wrong)]).await;
            slowed |= answer.status == StatusCode::TOO_MANY_REQUESTS;
        }
        assert!(slowed, "beginning anew is no way around the limit");
        let mut browser = t.browser();
        let page = sign_in(&mut browser, ALICE, PASSWORD).await;
        let code = app.code(&t);
        let on_the_page = browser.submit(&page, "/sign-in/second", &[("code", &code)]).await;
        assert_eq!(on_the_page.status, StatusCode::TOO_MANY_REQUESTS, "nor is the page");
    }

    async fn second_factor_is_the_users_own(t: TestApp) {
        let (_, app, codes) = with_app(&t).await;
        let mut t2 = t.clone();
        t2.set(|settings| settings.mfa = MfaPolicy::Required).await;
        let bob = t.user("bob").await;
        let mut face = Face::new(&t2).await;
        let asked = face.asked(&[("username", &bob.email), ("password", &bob.password)]).await;
        assert_eq!(asked["stage"], "set_up", "Bob has none: {asked}");
        for (method, code) in [("totp", app.code(&t)), ("recovery_code", codes[0].clone())] {
            let wrong = face.step(&[("method", method), ("code", &code)]).await;
            assert_eq!(wrong.error(), "insufficient_authorization", "{}", wrong.body);
        }
        // Nor does naming somebody else on the way change whose sign-in it is.
        let mut face = Face::new(&t2).await;
        face.asked(&CREDENTIALS).await;
        let other = [("username", bob.email.as_str()), ("method", "totp"), ("code", &app.code(&t))];
        let tokens = face.tokens(&other).await;
        assert_eq!(t.userinfo(&tokens.access).await.json()["sub"], jwt::claims(tokens.id())["sub"]);
        assert_ne!(jwt::claims(tokens.id())["sub"], json!(bob.id.to_string()));
    }

    async fn used_auth_session_does_not_lead_back_before_a_step(t: TestApp) {
        let (_, app, _) = with_app(&t).await;
        let mut face = Face::new(&t).await;
        face.asked(&[]).await;
        let before = face.session.clone();
        face.asked(&CREDENTIALS).await;
        let live = face.session.clone();
        let mut replay = Face::of(&t, &face.client);
        replay.session = before;
        assert_eq!(replay.step(&CREDENTIALS).await.error(), "invalid_session");
        let mut foreign = Face::new(&t).await;
        foreign.session.clone_from(&live);
        let stolen = foreign.step(&[("method", "totp"), ("code", &app.code(&t))]).await;
        assert_eq!(stolen.error(), "invalid_session", "another client's");
        let acme = t.tenant("acme").await;
        let mut there = Face::new(&acme).await;
        there.session.clone_from(&live);
        assert_eq!(there.step(&[("method", "totp"), ("code", &app.code(&t))]).await.error(), "invalid_session");
        t.clock.advance(t.app.config.sessions.sign_in_ttl);
        face.session = live;
        assert_eq!(face.step(&[("method", "totp"), ("code", &app.code(&t))]).await.error(), "invalid_session", "too old");
    }

    async fn rules_of_tenant_and_client_count_here_and_no_device_is_known(t: TestApp) {
        let mut t = t;
        with_app(&t).await;
        t.set(|settings| settings.mfa = MfaPolicy::Never).await;
        let strict = t.client().public().policy(|policy| policy.mfa = Some(MfaPolicy::Required)).create().await;
        Face::new(&t).await.tokens(&CREDENTIALS).await;
        assert_eq!(Face::of(&t, &strict).asked(&CREDENTIALS).await["stage"], "second_factor");
        t.set(|settings| settings.mfa = MfaPolicy::RequiredOnNewDevice).await;
        assert_eq!(Face::new(&t).await.asked(&CREDENTIALS).await["stage"], "second_factor");
        t.user("bob").await;
        let bob = [("username", "bob@example.com"), ("password", PASSWORD)];
        assert_eq!(Face::new(&t).await.asked(&bob).await["stage"], "set_up", "every time: there is no browser to know");
    }

    async fn message_is_no_second_factor_after_a_message_to_the_same_mailbox(t: TestApp, |c| { c.mail.transport = MailTransport::Captured; }) {
        let mut t = t;
        t.set(|settings| {
            settings.mfa = MfaPolicy::Required;
            settings.methods.email_code_as_second_factor = true;
        }).await;
        t.user("alice").await;
        let mut face = Face::new(&t).await;
        face.asked(&[("method", "email_code"), ("username", ALICE)]).await;
        let code = mailed(&t, ALICE).await;
        let asked = face.asked(&[("method", "email_code"), ("code", &code)]).await;
        assert!(!offered(&asked).contains(&"email_code"), "{asked}");
    }

    async fn verifier_redirect_scope_and_resource_stay_those_of_the_first_step(t: TestApp) {
        let (_, app, _) = with_app(&t).await;
        let mut face = Face::new(&t).await;
        let first = [("scope", "openid"), ("redirect_uri", CALLBACK), ("state", "s"), ("nonce", "n")];
        face.asked(&[&CREDENTIALS[..1], &first[1..]].concat()).await;
        face.asked(&[CREDENTIALS.as_slice(), &[("scope", "openid email phone"), ("nonce", "other"), ("redirect_uri", "https://evil.example/cb")]].concat()).await;
        let code = app.code(&t);
        let done = face.step(&[("method", "totp"), ("code", &code), ("state", "other"), ("acr_values", "phr")]).await;
        assert_eq!(done.json()["state"], "s");
        let issued = done.json()["authorization_code"].as_str().unwrap().to_owned();
        let answer = t.redeem(&face.client, &issued).await;
        assert_eq!(answer.status, StatusCode::OK, "the redirect URI of the first step: {}", answer.body);
        assert_eq!(answer.json()["scope"], "openid offline_access");
        let claims = jwt::claims(answer.json()["id_token"].as_str().unwrap());
        assert_eq!(claims["nonce"], "n");
    }
}
