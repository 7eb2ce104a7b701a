//! A forgotten password without a browser.

use std::time::Duration;

use authflow_server::config::{Limits, MailTransport};
use authflow_server::identities::{self, UserStatus};
use authflow_server::tenants::ProofOfWork;
use authflow_testkit::{TestApp, both_databases, jwt};
use http::StatusCode;
use serde_json::json;

use super::{CREDENTIALS, Face, amr, mailed, mails, offered, other_than, said};
use crate::second_factor::with_app;
use crate::{ALICE, PASSWORD, is_signed_in};

const NEW: &str = "eleven purple bicycles";

fn forgot(username: &str) -> [(&str, &str); 2] {
    [("action", "recover"), ("username", username)]
}

fn types(code: &str) -> [(&str, &str); 2] {
    [("action", "recover"), ("code", code)]
}

fn chooses(new: &str) -> [(&str, &str); 2] {
    [("action", "recover"), ("new_password", new)]
}

both_databases! {
    async fn code_then_password_ends_sessions_and_gives_an_authorization_code(t: TestApp, |c| { c.mail.transport = MailTransport::Captured; }) {
        let alice = t.user("alice").await;
        let mut elsewhere = t.signed_in(&alice).await;
        let mut face = Face::new(&t).await;
        let asked = face.asked(&[("action", "recover")]).await;
        assert_eq!((&asked["stage"], &asked["methods"]), (&json!("recovery"), &json!([{ "method": "email_code", "parameters": ["username"] }])));
        let sent = face.asked(&forgot(ALICE)).await;
        assert_eq!((&sent["stage"], &sent["challenge"]), (&json!("recovery"), &json!({ "method": "email_code", "sent": true })));
        let text = mails(&t, ALICE).await.remove(0);
        assert!(text.contains("reset the password"), "the mail says what the code is for: {text}");
        let code = mailed(&t, ALICE).await;
        let wrong = face.asked(&types(other_than(&code))).await;
        assert_eq!((&wrong["stage"], &wrong["fields"]), (&json!("recovery"), &json!({ "code": "code_wrong" })));
        let proven = face.asked(&types(&code)).await;
        assert_eq!((&proven["stage"], &proven["methods"]), (&json!("new_password"), &json!([{ "method": "password", "parameters": ["new_password"] }])));
        assert!(is_signed_in(&mut elsewhere).await, "nothing has changed yet");
        for (bad, why) in [("short", "password_too_short"), (ALICE, "password_guessable")] {
            let answer = face.asked(&chooses(bad)).await;
            assert_eq!((&answer["stage"], &answer["fields"]), (&json!("new_password"), &json!({ "new_password": why })));
        }
        let tokens = face.tokens(&chooses(NEW)).await;
        assert_eq!((jwt::claims(tokens.id())["sub"].clone(), amr(&tokens)), (json!(alice.id.to_string()), json!(["otp"])));
        assert!(!is_signed_in(&mut elsewhere).await, "other sessions are over");
        assert_eq!(Face::new(&t).await.asked(&CREDENTIALS).await["reason"], "credentials_wrong");
        Face::new(&t).await.tokens(&[("username", ALICE), ("password", NEW)]).await;
        assert_eq!(t.events("user.password_reset").await.len(), 1);
        assert!(mails(&t, ALICE).await.iter().any(|mail| mail.contains("was changed")), "the owner is told");
    }

    async fn code_and_password_may_come_in_one_step(t: TestApp, |c| { c.mail.transport = MailTransport::Captured; }) {
        t.user("alice").await;
        let mut face = Face::new(&t).await;
        face.asked(&forgot(ALICE)).await;
        let code = mailed(&t, ALICE).await;
        let both = |code, new| [("action", "recover"), ("code", code), ("new_password", new)];
        let wrong = face.asked(&both(other_than(&code), NEW)).await;
        assert_eq!(wrong["fields"], json!({ "code": "code_wrong" }));
        // A right code is not lost for a weak password.
        let weak = face.asked(&both(&code, "short")).await;
        assert_eq!((&weak["stage"], &weak["fields"]), (&json!("new_password"), &json!({ "new_password": "password_too_short" })));
        face.tokens(&chooses(NEW)).await;
    }

    async fn unknown_and_known_get_the_same_answers(t: TestApp, |c| { c.mail.transport = MailTransport::Captured; }) {
        t.user("alice").await;
        let ask = async |username: &str| {
            let mut face = Face::new(&t).await;
            let sent = said(face.asked(&forgot(username)).await);
            (sent, said(face.asked(&types("123456")).await))
        };
        assert_eq!(ask(ALICE).await, ask("nobody@example.com").await);
        assert_eq!(ask(ALICE).await, ask("no address at all").await);
        assert!(mails(&t, "nobody@example.com").await.is_empty());
    }

    async fn no_password_is_set_without_the_code(t: TestApp, |c| { c.mail.transport = MailTransport::Captured; }) {
        t.user("alice").await;
        let mut face = Face::new(&t).await;
        assert_eq!(face.asked(&chooses(NEW)).await["fields"], json!({ "code": "code_missing" }), "nothing asked");
        face.asked(&forgot(ALICE)).await;
        assert_eq!(face.asked(&chooses(NEW)).await["fields"], json!({ "code": "code_missing" }), "nothing proven");
        let code = mailed(&t, ALICE).await;
        // A code of another sign-in, and codes that are for something else.
        let mut other = Face::of(&t, &face.client);
        other.asked(&forgot("bob@example.com")).await;
        assert_eq!(other.asked(&types(&code)).await["fields"]["code"], "code_wrong");
        let mut signing_in = Face::new(&t).await;
        signing_in.asked(&[("method", "email_code"), ("username", ALICE)]).await;
        let for_signing_in = mailed(&t, ALICE).await;
        assert_eq!(signing_in.asked(&types(&for_signing_in)).await["fields"]["code"], "code_wrong");
        let for_recovery = face.asked(&[("method", "email_code"), ("username", ALICE), ("code", &code)]).await;
        assert_eq!(for_recovery["fields"]["code"], "code_wrong", "a code for a new password signs nobody in");
        // The right one stands; proven in one sign-in is not proven in another.
        face.asked(&types(&code)).await;
        assert_eq!(other.asked(&chooses(NEW)).await["fields"], json!({ "code": "code_missing" }));
        face.tokens(&chooses(NEW)).await;
        assert_eq!(face.session, None);
        Face::new(&t).await.tokens(&[("username", ALICE), ("password", NEW)]).await;
    }

    async fn code_and_what_it_proved_end(t: TestApp, |c| { c.mail.transport = MailTransport::Captured; }) {
        t.user("alice").await;
        let mut face = Face::new(&t).await;
        face.asked(&forgot(ALICE)).await;
        let code = mailed(&t, ALICE).await;
        t.clock.advance(Duration::from_mins(10));
        assert_eq!(face.asked(&types(&code)).await["fields"]["code"], "code_wrong");
        let mut face = Face::new(&t).await;
        face.asked(&forgot(ALICE)).await;
        let code = mailed(&t, ALICE).await;
        face.asked(&types(&code)).await;
        assert_eq!(face.asked(&types(&code)).await["fields"]["code"], "code_wrong", "once");
        t.clock.advance(Duration::from_mins(15));
        assert_eq!(face.asked(&chooses(NEW)).await["fields"], json!({ "code": "code_missing" }));
        Face::new(&t).await.tokens(&CREDENTIALS).await;
    }

    async fn tries_are_limited_and_recorded(t: TestApp, |c| { c.mail.transport = MailTransport::Captured; }) {
        let mut t = t;
        t.set(|settings| settings.abuse.proof_of_work = ProofOfWork::Never).await;
        t.user("alice").await;
        let mut slowed = false;
        for _ in 0..10 {
            let mut face = Face::new(&t).await;
            face.asked(&forgot(ALICE)).await;
            let code = mailed(&t, ALICE).await;
            for _ in 0..5 {
                let answer = face.step(&types(other_than(&code))).await;
                slowed |= answer.status == StatusCode::TOO_MANY_REQUESTS;
            }
        }
        assert!(slowed, "another code is no way around the limit of guesses");
        let failures = t.events("user.login_failed").await;
        assert!(failures.iter().any(|event| event["method"] == "reset_code"));
    }

    async fn one_source_asks_so_often(t: TestApp, |c| {
        c.mail.transport = MailTransport::Captured;
        c.limits.sign_ups_per_source = Limits::default().sign_ups_per_source;
    }) {
        let mut asked = 0;
        let limited = loop {
            let answer = Face::new(&t).await.step(&forgot(&format!("n{asked}@example.com"))).await;
            if answer.status == StatusCode::TOO_MANY_REQUESTS {
                break answer;
            }
            asked += 1;
            assert!(asked < 200);
        };
        assert_eq!(limited.json()["reason"], "too_many_attempts");
        assert!(!limited.header("retry-after").is_empty());
    }

    async fn mailbox_is_one_factor_and_the_password_that_it_replaced_is_no_second(t: TestApp, |c| { c.mail.transport = MailTransport::Captured; }) {
        let mut t = t;
        let (_, app, _) = with_app(&t).await;
        t.set(|settings| settings.methods.email_code_as_second_factor = true).await;
        let mut face = Face::new(&t).await;
        face.asked(&forgot(ALICE)).await;
        let code = mailed(&t, ALICE).await;
        face.asked(&types(&code)).await;
        let asked = face.asked(&chooses(NEW)).await;
        assert_eq!((&asked["stage"], offered(&asked)), (&json!("second_factor"), vec!["totp", "recovery_code"]), "{asked}");
        let refused = face.step(&[("method", "password"), ("password", NEW)]).await;
        assert_eq!(refused.error(), "invalid_request", "{}", refused.body);
        t.clock.advance(Duration::from_secs(1));
        // Nor later, by the other door: a code by mail first, then the password that the mailbox replaced.
        let mut face = Face::new(&t).await;
        face.asked(&[("method", "email_code"), ("username", ALICE)]).await;
        let code = mailed(&t, ALICE).await;
        let asked = face.asked(&[("method", "email_code"), ("code", &code)]).await;
        assert_eq!(offered(&asked), ["totp", "recovery_code"], "{asked}");
        face.tokens(&[("method", "totp"), ("code", &app.code(&t))]).await;
    }

    async fn disabled_users_get_no_code_and_closed_recovery_says_so(t: TestApp, |c| { c.mail.transport = MailTransport::Captured; }) {
        let mut t = t;
        let alice = t.user("alice").await;
        let mut cx = t.cx();
        let user = identities::get_user(&cx, alice.id).await.unwrap();
        identities::set_status(&mut cx, &user, UserStatus::Disabled).await.unwrap();
        cx.commit().await.unwrap();
        Face::new(&t).await.asked(&forgot(ALICE)).await;
        assert!(mails(&t, ALICE).await.is_empty());
        t.set(|settings| settings.password_recovery = false).await;
        let closed = Face::new(&t).await.step(&forgot(ALICE)).await;
        assert_eq!(closed.error(), "invalid_request", "{}", closed.body);
    }

    async fn first_proof_of_an_address_ends_what_was_prepared_with_it(t: TestApp, |c| { c.mail.transport = MailTransport::Captured; }) {
        let wants = [("action", "sign_up"), ("name", "M"), ("email", ALICE), ("password", PASSWORD)];
        let mut mallory = Face::new(&t).await;
        let theirs = mallory.tokens(&wants).await;
        let mut owner = Face::new(&t).await;
        owner.asked(&forgot(ALICE)).await;
        let code = mailed(&t, ALICE).await;
        owner.asked(&types(&code)).await;
        owner.tokens(&chooses(NEW)).await;
        assert_eq!(t.refresh(&mallory.client, theirs.refresh()).await.error(), "invalid_grant");
        assert_eq!(t.userinfo(&theirs.access).await.status, StatusCode::UNAUTHORIZED);
    }
}
