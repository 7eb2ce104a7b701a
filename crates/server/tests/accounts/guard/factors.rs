//! Two proofs that rest on one thing are one factor.

use authflow_server::config::MailTransport;
use authflow_server::sessions::ACR_SINGLE_FACTOR;
use authflow_server::tenants::MfaPolicy;
use authflow_testkit::{Answer, Browser, TestApp, both_databases};

use super::{NEW, post, recover, sign_in_by_code};
use crate::second_factor::with_app;
use crate::{ALICE, PASSWORD, SESSION, is_signed_in, place, sign_in};

/// Gives the password where a second factor is asked for, as a page would that offers it.
async fn password_as_second(browser: &mut Browser, page: &Answer, password: &str) -> Answer {
    let offered = page.path.replacen('?', "?method=password&", 1);
    let page = browser.open(&offered).await;
    let fields = [("method", "password"), ("code", password)];
    post(browser, &page, "/sign-in/second", &fields).await
}

both_databases! {
    async fn new_password_is_no_second_factor_after_a_recovery(t: TestApp, |c| { c.mail.transport = MailTransport::Captured; }) {
        with_app(&t).await;
        let mut browser = t.browser();
        let page = recover(&t, &mut browser, ALICE).await;
        assert_eq!(place(&page), "/sign-in/second", "{}", page.words());
        assert!(!page.body.contains("method=password"), "not offered");
        password_as_second(&mut browser, &page, NEW).await;
        assert!(!browser.cookies.contains_key(SESSION));
    }

    async fn password_is_no_second_factor_after_a_code_by_mail_for_who_has_an_app(t: TestApp, |c| { c.mail.transport = MailTransport::Captured; }) {
        let mut t = t;
        with_app(&t).await;
        for recovery in [true, false] {
            t.set(|settings| settings.password_recovery = recovery).await;
            let mut browser = t.browser();
            let page = sign_in_by_code(&t, &mut browser, ALICE).await;
            assert_eq!(place(&page), "/sign-in/second", "{}", page.words());
            password_as_second(&mut browser, &page, PASSWORD).await;
            assert!(!browser.cookies.contains_key(SESSION), "recovery {recovery}");
        }
    }

    async fn code_by_mail_takes_the_place_of_no_app(t: TestApp, |c| { c.mail.transport = MailTransport::Captured; }) {
        let mut t = t;
        with_app(&t).await;
        t.set(|settings| settings.methods.email_code_as_second_factor = true).await;
        let mut browser = t.browser();
        let page = sign_in(&mut browser, ALICE, PASSWORD).await;
        assert_eq!(place(&page), "/sign-in/second");
        assert!(!page.body.contains("method=email_code"), "{}", page.words());
        let by_mail = page.path.replacen('?', "?method=email_code&", 1);
        let page = browser.open(&by_mail).await;
        assert_eq!(page.field("method").as_deref(), Some("totp"));
    }

    async fn mailbox_alone_never_meets_a_rule_that_requires_two_factors(t: TestApp, |c| { c.mail.transport = MailTransport::Captured; }) {
        let mut t = t;
        let alice = t.user("alice").await;
        t.set(|settings| settings.mfa = MfaPolicy::Required).await;
        for code in [true, false] {
            let mut browser = t.browser();
            let page = if code { sign_in_by_code(&t, &mut browser, ALICE).await } else { recover(&t, &mut browser, ALICE).await };
            assert_eq!(place(&page), "/sign-in/set-up", "{}", page.words());
            let second = browser.open(&page.path.replacen("/sign-in/set-up", "/sign-in/second", 1)).await;
            assert!(!second.body.contains("name=\"code\""), "{}", second.words());
            let given = [("method", "password"), ("code", if code { PASSWORD } else { NEW })];
            post(&mut browser, &page, "/sign-in/second", &given).await;
            assert!(!browser.cookies.contains_key(SESSION));
        }
        assert!(authflow_server::sessions::list(&t.cx(), alice.id).await.unwrap().is_empty());
    }

    async fn mailbox_and_password_in_one_sign_in_are_one_factor(t: TestApp, |c| { c.mail.transport = MailTransport::Captured; }) {
        let alice = t.user("alice").await;
        let mut browser = t.browser();
        sign_in_by_code(&t, &mut browser, ALICE).await;
        assert!(is_signed_in(&mut browser).await);
        let client = t.client().create().await;
        let page = browser.authorize(&t.authorization(&client).with("prompt", "login")).await;
        let answer = browser.prove(&page, &alice).await;
        assert!(answer.param("code").is_some(), "{}", answer.words());
        // The same row again, by code: each is proven, and still one is all they are worth.
        let session = authflow_server::sessions::list(&t.cx(), alice.id).await.unwrap().remove(0);
        assert_eq!(session.acr, ACR_SINGLE_FACTOR);
    }
}
