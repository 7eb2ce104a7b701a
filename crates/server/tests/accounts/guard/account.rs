//! Changes of an account's factors: what a stolen browser and a stolen password do not get.

use std::time::Duration;

use authflow_server::config::MailTransport;
use authflow_testkit::{TestApp, both_databases};
use http::StatusCode;

use super::{NEW, mails, recover};
use crate::second_factor::{App, press, second, with_app};
use crate::{ALICE, PASSWORD, SESSION, place, sign_in};

/// Signs in and trusts the browser; then again, with the password alone.
async fn trusted(t: &TestApp, app: &App) -> authflow_testkit::Browser {
    let mut browser = t.browser();
    let page = sign_in(&mut browser, ALICE, PASSWORD).await;
    let code = app.code(t);
    browser
        .submit(&page, "/sign-in/second", &[("code", &code), ("trust", "1")])
        .await;
    browser.cookies.remove(SESSION);
    t.clock.advance(Duration::from_secs(30));
    assert_eq!(place(&sign_in(&mut browser, ALICE, PASSWORD).await), "/account");
    browser
}

both_databases! {
    async fn trust_in_a_browser_stands_in_for_no_factor_where_factors_change(t: TestApp) {
        let (_, app, _) = with_app(&t).await;
        let mut browser = trusted(&t, &app).await;
        let security = browser.open("/account/security").await;
        let asked = press(&mut browser, &security, "/account/security/totp/remove", "crd_").await;
        assert_eq!(place(&asked), "/sign-in/second", "only what is missing: {}", asked.words());
        assert!(t.events("mfa.disabled").await.is_empty());
        let renewed = browser.submit(&security, "/account/security/recovery-codes", &[]).await;
        assert_eq!(place(&renewed), "/sign-in/second");
        assert_eq!(place(&browser.open("/account/security/totp").await), "/sign-in/second");
        let back = second(&mut browser, &asked, &app.code(&t)).await;
        assert_eq!((back.status, place(&back)), (StatusCode::OK, "/account/security"), "{}", back.words());
        press(&mut browser, &back, "/account/security/totp/remove", "crd_").await;
        assert_eq!(t.events("mfa.disabled").await.len(), 1);
    }

    async fn password_alone_is_never_fresh_in_a_trusted_browser(t: TestApp) {
        let (_, app, _) = with_app(&t).await;
        let mut browser = trusted(&t, &app).await;
        t.clock.advance(Duration::from_mins(11));
        let asked = browser.open("/account/security/totp").await;
        assert_eq!(place(&asked), "/sign-in");
        let page = crate::prove(&mut browser, &asked, ALICE, PASSWORD).await;
        assert_eq!(place(&page), "/sign-in/second", "{}", page.words());
        let done = second(&mut browser, &page, &app.code(&t)).await;
        assert_eq!(place(&done), "/account/security/totp");
    }

    async fn trust_in_browsers_ends_with_the_password(t: TestApp, |c| { c.mail.transport = MailTransport::Captured; }) {
        let (_, app, _) = with_app(&t).await;
        let mut browser = trusted(&t, &app).await;
        recover(&t, &mut t.browser(), ALICE).await;
        browser.cookies.remove(SESSION);
        assert_eq!(place(&sign_in(&mut browser, ALICE, NEW).await), "/sign-in/second");
    }

    async fn owner_is_told_of_a_password_that_was_changed_on_the_account_page(t: TestApp, |c| { c.mail.transport = MailTransport::Captured; }) {
        let alice = t.user("alice").await;
        let mut browser = t.signed_in(&alice).await;
        let page = browser.open("/account/security").await;
        let fields = [("current_password", PASSWORD), ("new_password", NEW)];
        browser.submit(&page, "/account/password", &fields).await;
        assert_eq!(mails(&t, ALICE).await.len(), 1);
        assert_eq!(place(&sign_in(&mut t.browser(), ALICE, NEW).await), "/account");
    }
}
