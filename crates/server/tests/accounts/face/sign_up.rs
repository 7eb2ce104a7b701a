//! A new account without a browser, and who may not have one.

use std::time::Duration;

use authflow_server::config::{Limits, MailTransport};
use authflow_server::identities;
use authflow_server::tenants::MfaPolicy;
use authflow_testkit::{TestApp, both_databases};
use http::StatusCode;
use serde_json::{Value, json};

use super::{Face, amr, mailed, mails, other_than, said};
use crate::second_factor::with_app;
use crate::{ALICE, NORA, PASSWORD};

const NEW: &str = "eleven purple bicycles";

fn wants(email: &str) -> [(&str, &str); 4] {
    [
        ("action", "sign_up"),
        ("name", "Nora New"),
        ("email", email),
        ("password", NEW),
    ]
}

fn types(code: &str) -> [(&str, &str); 2] {
    [("action", "sign_up"), ("code", code)]
}

async fn proven_first(t: &mut TestApp) {
    t.set(|settings| settings.sign_up_requires_verification = true)
        .await;
}

async fn has_account(t: &TestApp, email: &str) -> bool {
    identities::find_by_identifier(&t.cx(), email)
        .await
        .unwrap()
        .is_some()
}

both_databases! {
    async fn says_what_it_takes_and_what_is_wrong_with_it(t: TestApp) {
        let mut face = Face::new(&t).await;
        let asked = face.asked(&[("action", "sign_up")]).await;
        assert_eq!((&asked["stage"], asked.get("reason")), (&json!("sign_up"), None), "{asked}");
        assert_eq!(asked["methods"], json!([{ "method": "password", "parameters": ["name", "email", "password"] }]));
        for (form, fields) in [
            (vec![("email", NORA)], json!({ "name": "name_missing", "password": "password_missing" })),
            (vec![("name", "N"), ("email", "nora"), ("password", NEW)], json!({ "email": "email_invalid" })),
            (vec![("name", "N"), ("email", NORA), ("password", "short")], json!({ "password": "password_too_short" })),
            (vec![("name", "N"), ("email", NORA), ("password", NORA)], json!({ "password": "password_guessable" })),
        ] {
            let form = [form, vec![("action", "sign_up")]].concat();
            assert_eq!(face.asked(&form).await["fields"], fields, "{form:?}");
        }
        let tokens = face.tokens(&wants(NORA)).await;
        assert_eq!(amr(&tokens), json!(["pwd"]));
        assert!(has_account(&t, NORA).await);
    }

    async fn address_is_proven_by_a_code_before_there_is_an_account(t: TestApp, |c| { c.mail.transport = MailTransport::Captured; }) {
        let mut t = t;
        proven_first(&mut t).await;
        let mut face = Face::new(&t).await;
        let asked = face.asked(&wants(NORA)).await;
        assert_eq!(asked["stage"], "verification");
        assert_eq!(asked["methods"], json!([{ "method": "email_code", "parameters": ["code"] }]));
        assert!(!has_account(&t, NORA).await);
        let code = mailed(&t, NORA).await;
        let wrong = face.asked(&types(other_than(&code))).await;
        assert_eq!((&wrong["stage"], &wrong["fields"]), (&json!("verification"), &json!({ "code": "code_wrong" })));
        // The code belongs to this sign-in.
        let mut other = Face::of(&t, &face.client);
        other.asked(&wants("other@example.com")).await;
        assert_eq!(other.asked(&types(&code)).await["fields"]["code"], "code_wrong");
        assert_eq!(Face::new(&t).await.asked(&types(&code)).await["fields"]["code"], "code_wrong", "nothing was asked");
        face.tokens(&types(&code)).await;
        let user = identities::find_by_identifier(&t.cx(), NORA).await.unwrap().unwrap();
        assert_eq!(user.email(), Some((NORA, true)), "proven");
        assert!(!has_account(&t, "other@example.com").await);
        assert_eq!((t.events("user.created").await.len(), t.events("user.login").await.len()), (1, 1));
    }

    async fn code_for_ones_own_mailbox_opens_no_account_for_another_address(t: TestApp, |c| {
        c.mail.transport = MailTransport::Captured;
        c.limits.messages_per_recipient = Limits::default().messages_per_recipient;
    }) {
        let mut t = t;
        proven_first(&mut t).await;
        let mut face = Face::new(&t).await;
        face.asked(&wants("mallory@example.com")).await;
        let code = mailed(&t, "mallory@example.com").await;
        // Somebody else has had the mails of this hour sent to the victim: no new code takes the place of the old.
        let flood = async || Face::new(&t).await.asked(&wants("victim@example.com")).await;
        while flood().await.get("reason").is_none() {}
        let limited = face.asked(&wants("victim@example.com")).await;
        assert_eq!((&limited["stage"], &limited["reason"]), (&json!("verification"), &json!("too_many_messages")));
        assert_eq!(face.asked(&types(&code)).await["fields"]["code"], "code_wrong");
        assert!(!has_account(&t, "victim@example.com").await && !has_account(&t, "mallory@example.com").await);
    }

    async fn whether_an_address_has_an_account_is_told_to_its_reader_alone(t: TestApp, |c| { c.mail.transport = MailTransport::Captured; }) {
        let mut t = t;
        proven_first(&mut t).await;
        t.user("alice").await;
        let ask = async |email: &str| said(Face::new(&t).await.asked(&wants(email)).await);
        assert_eq!(ask(ALICE).await, ask("fresh@example.com").await);
        // Mails of one instant have no order.
        t.clock.advance(Duration::from_millis(1));
        let mut face = Face::new(&t).await;
        face.asked(&wants(ALICE)).await;
        let code = mailed(&t, ALICE).await;
        let told = face.asked(&types(&code)).await;
        assert_eq!(told["reason"], "sign_up_refused", "{told}");
        let old = Face::new(&t).await.step(&[("username", ALICE), ("password", PASSWORD)]).await;
        assert_eq!(old.status, StatusCode::OK, "the account is as it was");
        let new = Face::new(&t).await.asked(&[("username", ALICE), ("password", NEW)]).await;
        assert_eq!(new["reason"], "credentials_wrong");
    }

    async fn code_ends_after_ten_minutes_and_five_tries(t: TestApp, |c| { c.mail.transport = MailTransport::Captured; }) {
        let mut t = t;
        proven_first(&mut t).await;
        let mut face = Face::new(&t).await;
        face.asked(&wants(NORA)).await;
        let code = mailed(&t, NORA).await;
        for _ in 0..5 {
            face.asked(&types(other_than(&code))).await;
        }
        assert_eq!(face.asked(&types(&code)).await["fields"]["code"], "code_wrong");
        // Asked for again, there is a new one.
        face.asked(&wants(NORA)).await;
        let code = mailed(&t, NORA).await;
        t.clock.advance(Duration::from_mins(10));
        assert_eq!(face.asked(&types(&code)).await["fields"]["code"], "code_wrong");
        assert!(!has_account(&t, NORA).await);
    }

    async fn closed_sign_up_makes_no_account_even_for_a_code_that_was_mailed_before(t: TestApp, |c| { c.mail.transport = MailTransport::Captured; }) {
        let mut t = t;
        proven_first(&mut t).await;
        let client = t.client().public().create().await;
        let before = t.clone();
        let mut face = Face::of(&before, &client);
        face.asked(&wants(NORA)).await;
        let code = mailed(&t, NORA).await;
        t.set(|settings| settings.sign_up = false).await;
        assert_eq!(face.asked(&types(&code)).await["reason"], "sign_up_closed");
        assert_eq!(face.asked(&wants(NORA)).await["reason"], "sign_up_closed");
        assert!(!has_account(&t, NORA).await);
    }

    async fn sign_ups_of_one_source_are_limited(t: TestApp, |c| { c.limits.sign_ups_per_source = Limits::default().sign_ups_per_source; }) {
        let mut made = 0;
        let limited = loop {
            let email = format!("n{made}@example.com");
            let answer = Face::new(&t).await.step(&wants(&email)).await;
            if answer.status != StatusCode::OK {
                break answer;
            }
            made += 1;
            assert!(made < 200);
        };
        assert_eq!((limited.status, limited.json()["reason"].clone()), (StatusCode::TOO_MANY_REQUESTS, json!("too_many_attempts")));
        assert!(!limited.header("retry-after").is_empty());
        assert_eq!(t.events("user.created").await.len(), made);
    }

    async fn second_factor_that_is_required_is_set_up_before_the_code_is_given(t: TestApp, |c| { c.mail.transport = MailTransport::Captured; }) {
        let mut t = t;
        proven_first(&mut t).await;
        t.set(|settings| settings.mfa = MfaPolicy::Required).await;
        let mut face = Face::new(&t).await;
        face.asked(&wants(NORA)).await;
        let code = mailed(&t, NORA).await;
        let asked = face.asked(&types(&code)).await;
        assert_eq!(asked["stage"], "set_up", "{asked}");
    }

    async fn who_signs_up_with_their_own_address_and_password_gives_their_second_factor(t: TestApp) {
        let (_, app, _) = with_app(&t).await;
        let mut face = Face::new(&t).await;
        let form = [("action", "sign_up"), ("name", "A"), ("email", ALICE), ("password", PASSWORD)];
        let asked = face.asked(&form).await;
        assert_eq!(asked["stage"], "second_factor", "{asked}");
        // The same again leads nowhere else.
        assert_eq!(face.asked(&[("action", "sign_up")]).await["stage"], "second_factor");
        face.tokens(&[("action", "sign_up"), ("method", "totp"), ("code", &app.code(&t))]).await;
        assert_eq!(t.events("user.created").await.len(), 1);
    }

    async fn nothing_of_a_sign_up_is_anothers_tenants(t: TestApp, |c| { c.mail.transport = MailTransport::Captured; }) {
        let mut t = t;
        proven_first(&mut t).await;
        let acme = t.tenant("acme").await;
        let mut face = Face::new(&t).await;
        face.asked(&wants(NORA)).await;
        let code = mailed(&t, NORA).await;
        let mut there = Face::new(&acme).await;
        there.session.clone_from(&face.session);
        let refused = there.step(&types(&code)).await;
        assert_eq!(refused.error(), "invalid_session");
        assert!(mails(&acme, NORA).await.is_empty());
        let shown: Value = face.asked(&[("action", "sign_up")]).await;
        assert_eq!(shown["stage"], "sign_up");
        face.tokens(&types(&code)).await;
        assert!(!has_account(&acme, NORA).await);
    }
}
