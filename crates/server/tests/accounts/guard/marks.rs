//! Marks of known browsers and counters of failures are about the account that was proven, not about what was typed.

use authflow_server::config::MailTransport;
use authflow_server::tenants::MfaPolicy;
use authflow_testkit::{Browser, TestApp, both_databases};
use http::StatusCode;

use super::{ask_code, mailed_code, post};
use crate::{ALICE, DEVICE, PASSWORD, SESSION, is_signed_in, place, sign_in};

const MALLORY: &str = "mallory@example.com";

/// Mallory asks for a code of her own, names Alice in the same sign-in, and types the code.
async fn own_code_under_another_name(t: &TestApp) -> Browser {
    let mut browser = t.browser();
    let page = ask_code(&mut browser, MALLORY).await;
    let code = mailed_code(t, MALLORY).await;
    let recover = browser
        .open(&page.path.replace("/sign-in/code", "/recover"))
        .await;
    browser
        .submit(&recover, "/recover", &[("identifier", ALICE)])
        .await;
    let page = browser.open(&page.path).await;
    post(&mut browser, &page, "/sign-in/code", &[("code", &code)]).await;
    browser
}

async fn wrong_until_limited(t: &TestApp, browser: &mut Browser) -> usize {
    for count in 0..30 {
        let answer = sign_in(browser, ALICE, "a wrong password").await;
        if answer.status == StatusCode::TOO_MANY_REQUESTS {
            return count;
        }
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    panic!("never limited at {}", t.tenant.slug)
}

both_databases! {
    async fn own_code_makes_no_mark_for_another_account(t: TestApp, |c| { c.mail.transport = MailTransport::Captured; }) {
        let mut t = t;
        t.user("alice").await;
        t.user("mallory").await;
        let mut browser = own_code_under_another_name(&t).await;
        assert!(is_signed_in(&mut browser).await, "as Mallory, who she is");
        t.set(|settings| settings.mfa = MfaPolicy::RequiredOnNewDevice).await;
        let mark = browser.cookies[DEVICE].clone();
        for (email, lets_in) in [(ALICE, false), (MALLORY, true)] {
            let mut browser = t.browser();
            browser.cookies.insert(DEVICE.to_owned(), mark.clone());
            let page = sign_in(&mut browser, email, PASSWORD).await;
            assert_eq!(browser.cookies.contains_key(SESSION), lets_in, "{email}: {}", place(&page));
        }
    }

    async fn own_code_clears_no_failures_of_another_account(t: TestApp, |c| { c.mail.transport = MailTransport::Captured; }) {
        t.user("alice").await;
        t.user("mallory").await;
        wrong_until_limited(&t, &mut t.browser()).await;
        let mut browser = own_code_under_another_name(&t).await;
        let again = sign_in(&mut t.browser(), ALICE, "a wrong password").await;
        assert_eq!(again.status, StatusCode::TOO_MANY_REQUESTS, "still counted");
        browser.cookies.remove(SESSION);
        let marked = sign_in(&mut browser, ALICE, "a wrong password").await;
        assert_eq!(marked.status, StatusCode::TOO_MANY_REQUESTS, "and no budget of its own");
    }
}
