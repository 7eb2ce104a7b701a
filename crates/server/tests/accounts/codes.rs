//! Codes and links by mail as the first factor.

use std::time::Duration;

use authflow_server::config::{Limits, MailTransport, Mode, SmsProvider};
use authflow_server::identities::{self, IdentifierValue, NewUser};
use authflow_testkit::{Answer, Browser, TestApp, both_databases};
use http::StatusCode;

use crate::{ALICE, NORA, PASSWORD, SESSION, place, run_jobs, sign_in, sign_up};

/// Asks for a message on the sign-in page.
async fn ask(browser: &mut Browser, method: &str, email: &str) -> Answer {
    let form = browser.open("/sign-in").await;
    let fields = [
        ("sign_in", form.field("sign_in").unwrap()),
        ("csrf", form.field("csrf").unwrap()),
        ("identifier", email.to_owned()),
        ("method", method.to_owned()),
    ];
    let fields: Vec<(&str, &str)> = fields
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    let answer = browser.post("/sign-in/challenge", &fields).await;
    browser.follow(answer).await
}

async fn mails(t: &TestApp) -> Vec<String> {
    run_jobs(t).await;
    let mails = authflow_server::mail::list_captured(&t.cx()).await.unwrap();
    mails.into_iter().map(|mail| mail.body_text).collect()
}

/// The six digits in the newest mail.
async fn code(t: &TestApp) -> String {
    let text = mails(t).await.remove(0);
    let mut words = text.split(|c: char| !c.is_ascii_digit());
    words
        .rfind(|word| word.len() == 6)
        .unwrap_or_else(|| panic!("no code in {text}"))
        .to_owned()
}

/// The link in the newest mail.
async fn link(t: &TestApp) -> String {
    let text = mails(t).await.remove(0);
    let start = text.find("https://id.example").unwrap();
    text[start..].split_whitespace().next().unwrap().to_owned()
}

async fn type_code(browser: &mut Browser, page: &Answer, code: &str) -> Answer {
    browser.submit(page, "/sign-in/code", &[("code", code)]).await
}

async fn with_links(t: &mut TestApp) {
    t.set(|settings| settings.methods.magic_link = true).await;
}

both_databases! {
    async fn code_by_mail_signs_in_once(t: TestApp, |c| { c.mail.transport = MailTransport::Captured; }) {
        t.user("alice").await;
        let mut browser = t.browser();
        let page = ask(&mut browser, "email_code", ALICE).await;
        assert_eq!(place(&page), "/sign-in/code");
        let code = code(&t).await;
        assert_eq!(place(&type_code(&mut browser, &page, &format!(" {code} ")).await), "/account");
        let login = t.events("user.login").await.pop().unwrap();
        assert_eq!(login["method"], "email_code");
        let mut other = t.browser();
        let page = ask(&mut other, "email_code", ALICE).await;
        assert_eq!(type_code(&mut other, &page, &code).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    }

    async fn unknown_addresses_look_like_known_ones(t: TestApp, |c| { c.mail.transport = MailTransport::Captured; }) {
        t.user("alice").await;
        let answer = async |email: &str| {
            let mut browser = t.browser();
            let page = ask(&mut browser, "email_code", email).await;
            let wrong = type_code(&mut browser, &page, "000000").await;
            let words = |page: &Answer| page.words().replace(email, "X");
            (page.status, words(&page), wrong.status, words(&wrong))
        };
        assert_eq!(answer(ALICE).await, answer("nobody@example.com").await);
        assert_eq!(mails(&t).await.len(), 1, "only Alice got a mail");
    }

    async fn code_stands_five_tries_and_ten_minutes(t: TestApp, |c| { c.mail.transport = MailTransport::Captured; }) {
        t.user("alice").await;
        let mut browser = t.browser();
        let page = ask(&mut browser, "email_code", ALICE).await;
        let right = code(&t).await;
        let wrong = if right == "000000" { "000001" } else { "000000" };
        for _ in 0..5 {
            assert_eq!(type_code(&mut browser, &page, wrong).await.status, StatusCode::UNPROCESSABLE_ENTITY);
        }
        let spent = type_code(&mut browser, &page, &right).await;
        assert_ne!(place(&spent), "/account");
        t.clock.advance(Duration::from_hours(1));
        let mut late = t.browser();
        let page = ask(&mut late, "email_code", ALICE).await;
        let right = code(&t).await;
        t.clock.advance(Duration::from_mins(10));
        assert_eq!(type_code(&mut late, &page, &right).await.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(!late.cookies.contains_key(SESSION) && !browser.cookies.contains_key(SESSION));
    }

    async fn code_counts_in_its_own_sign_in_only(t: TestApp, |c| { c.mail.transport = MailTransport::Captured; }) {
        t.user("alice").await;
        let mut browser = t.browser();
        ask(&mut browser, "email_code", ALICE).await;
        let first = code(&t).await;
        let mut thief = t.browser();
        let page = ask(&mut thief, "email_code", "nobody@example.com").await;
        assert_eq!(type_code(&mut thief, &page, &first).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    }

    async fn messages_to_one_address_are_limited(t: TestApp, |c| {
        c.mail.transport = MailTransport::Captured;
        c.limits.messages_per_recipient = Limits::default().messages_per_recipient;
    }) {
        t.user("alice").await;
        for _ in 0..30 {
            ask(&mut t.browser(), "email_code", ALICE).await;
        }
        assert!(mails(&t).await.len() < 15);
    }

    async fn squatter_loses_the_account_when_the_owner_of_the_mailbox_comes(t: TestApp, |c| { c.mail.transport = MailTransport::Captured; }) {
        let mut squatter = t.browser();
        assert_eq!(place(&sign_up(&mut squatter, NORA).await), "/account");
        let mut owner = t.browser();
        let page = ask(&mut owner, "email_code", NORA).await;
        let code = code(&t).await;
        assert_eq!(place(&type_code(&mut owner, &page, &code).await), "/account");
        assert_eq!(place(&squatter.open("/account").await), "/sign-in", "the session ended");
        let again = sign_in(&mut t.browser(), NORA, PASSWORD).await;
        assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY, "the password is gone");
        let user = identities::find_by_identifier(&t.cx(), NORA).await.unwrap().unwrap();
        assert_eq!(user.email(), Some((NORA, true)));
    }

    async fn link_signs_in_where_it_was_asked_for_and_a_get_changes_nothing(t: TestApp, |c| { c.mail.transport = MailTransport::Captured; }) {
        let mut t = t;
        with_links(&mut t).await;
        t.user("alice").await;
        let mut browser = t.browser();
        ask(&mut browser, "magic_link", ALICE).await;
        let link = link(&t).await;
        for _ in 0..3 {
            assert_eq!(t.browser().open(&link).await.status, StatusCode::OK, "a scanner");
        }
        let page = browser.open(&link).await;
        let done = browser.submit(&page, "/sign-in/link", &[]).await;
        assert_eq!(place(&done), "/account", "{}", done.words());
        assert_eq!(browser.open(&link).await.status, StatusCode::BAD_REQUEST, "once");
    }

    async fn link_opened_elsewhere_gives_a_code_and_no_session(t: TestApp, |c| { c.mail.transport = MailTransport::Captured; }) {
        let mut t = t;
        with_links(&mut t).await;
        t.user("alice").await;
        let mut browser = t.browser();
        let waiting = ask(&mut browser, "magic_link", ALICE).await;
        let link = link(&t).await;
        let mut phone = t.browser();
        let page = phone.open(&link).await;
        let shown = phone.submit(&page, "/sign-in/link", &[]).await;
        assert!(!phone.cookies.contains_key(SESSION));
        let code = shown.body.split("big-code\">").nth(1).unwrap()[..6].to_owned();
        assert_eq!(place(&type_code(&mut browser, &waiting, &code).await), "/account");
        assert_eq!(phone.open(&link).await.status, StatusCode::BAD_REQUEST, "once");
    }

    async fn link_elsewhere_is_refused_where_the_tenant_says_so(t: TestApp, |c| { c.mail.transport = MailTransport::Captured; }) {
        let mut t = t;
        with_links(&mut t).await;
        t.set(|settings| settings.methods.magic_link_code_on_other_device = false).await;
        t.user("alice").await;
        let mut browser = t.browser();
        ask(&mut browser, "magic_link", ALICE).await;
        let link = link(&t).await;
        let mut phone = t.browser();
        let page = phone.open(&link).await;
        assert_eq!(phone.submit(&page, "/sign-in/link", &[]).await.status, StatusCode::FORBIDDEN);
        let page = browser.open(&link).await;
        assert_eq!(place(&browser.submit(&page, "/sign-in/link", &[]).await), "/account");
    }

    async fn link_ends_after_a_quarter_of_an_hour(t: TestApp, |c| { c.mail.transport = MailTransport::Captured; }) {
        let mut t = t;
        with_links(&mut t).await;
        t.user("alice").await;
        let mut browser = t.browser();
        ask(&mut browser, "magic_link", ALICE).await;
        let link = link(&t).await;
        let page = browser.open(&link).await;
        t.clock.advance(Duration::from_mins(15));
        let late = browser.submit(&page, "/sign-in/link", &[]).await;
        assert_eq!(late.status, StatusCode::BAD_REQUEST);
        assert!(!browser.cookies.contains_key(SESSION));
    }

    async fn methods_that_are_switched_off_are_refused(t: TestApp, |c| { c.mail.transport = MailTransport::Captured; }) {
        let mut t = t;
        t.set(|settings| settings.methods.email_code = false).await;
        t.user("alice").await;
        for method in ["email_code", "magic_link", "sms_code", "totp", "recovery_code", "nonsense", ""] {
            let answer = ask(&mut t.browser(), method, ALICE).await;
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{method}");
        }
        t.set(|settings| settings.methods.password = false).await;
        assert_eq!(sign_in(&mut t.browser(), ALICE, PASSWORD).await.status, StatusCode::BAD_REQUEST);
    }

    async fn code_by_sms_goes_to_the_proven_phone_and_signs_in(t: TestApp, |c| {
        c.sms.provider = SmsProvider::Captured;
        c.sms.countries = vec!["DE".to_owned()];
        c.mode = Mode::Dev;
    }) {
        let mut t = t;
        t.set(|settings| settings.methods.sms_code = true).await;
        let mut cx = t.cx();
        let new = NewUser {
            identifiers: vec![IdentifierValue::guess("+4915123456789").unwrap()],
            verified: true,
            ..NewUser::default()
        };
        identities::create_user(&mut cx, new).await.unwrap();
        cx.commit().await.unwrap();
        let mut browser = t.browser();
        let page = ask(&mut browser, "sms_code", "+49 151 23456789").await;
        assert_eq!(place(&page), "/sign-in/code", "{}", page.words());
        run_jobs(&t).await;
        let sent = authflow_server::sms::list_captured(&t.cx()).await.unwrap().remove(0);
        let code = sent.body.rsplit('#').next().unwrap()[..6].to_owned();
        assert_eq!(place(&type_code(&mut browser, &page, &code).await), "/account");
        let nobody = ask(&mut t.browser(), "sms_code", "+4915199999999").await;
        assert_eq!(place(&nobody), "/sign-in/code");
        run_jobs(&t).await;
        assert_eq!(authflow_server::sms::list_captured(&t.cx()).await.unwrap().len(), 1);
    }
}
