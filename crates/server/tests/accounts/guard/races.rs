//! What happens at the same time: one of several right answers counts, and nothing old outlives what ended it.

use std::time::Duration;

use authflow_server::config::MailTransport;
use authflow_server::sessions;
use authflow_testkit::{Browser, TestApp, both_databases};
use futures_util::future::{join, join_all};
use http::StatusCode;

use super::{NEW, ask_code, ask_reset, mailed_code};
use crate::second_factor::with_app;
use crate::{ALICE, PASSWORD, SESSION, place, prove, sign_in};

async fn open_forms(t: &TestApp, count: usize) -> Vec<(Browser, authflow_testkit::Answer)> {
    let mut forms = Vec::new();
    for _ in 0..count {
        let mut browser = t.browser();
        let form = browser.open("/sign-in").await;
        forms.push((browser, form));
    }
    forms
}

both_databases! {
    async fn old_password_gives_no_session_that_outlives_a_reset(t: TestApp, |c| { c.mail.transport = MailTransport::Captured; }) {
        for round in 0..4 {
            let user = t.user(&format!("racer{round}")).await;
            t.clock.advance(Duration::from_secs(1));
            let mut owner = t.browser();
            let link = ask_reset(&t, &mut owner, &user.email).await;
            let page = owner.open(&link).await;
            let mut forms = open_forms(&t, 6).await;
            let tries = forms.iter_mut().map(|(browser, form)| prove(browser, form, &user.email, PASSWORD));
            let reset = owner.submit(&page, "/recover/new", &[("new_password", NEW)]);
            let (_, done) = join(join_all(tries), reset).await;
            assert_eq!(place(&done), "/account", "{}", done.words());
            let left = sessions::list(&t.cx(), user.id).await.unwrap();
            let old = left.iter().filter(|session| session.amr.iter().any(|amr| amr == "pwd")).count();
            assert_eq!(old, 0, "round {round}: {left:?}");
        }
    }

    async fn of_many_right_codes_at_once_one_counts(t: TestApp, |c| { c.mail.transport = MailTransport::Captured; }) {
        let alice = t.user("alice").await;
        let mut browser = t.browser();
        let page = ask_code(&mut browser, ALICE).await;
        let code = mailed_code(&t, ALICE).await;
        let fields = [("sign_in", page.field("sign_in").unwrap()), ("csrf", page.field("csrf").unwrap()), ("code", code)];
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let mut browsers: Vec<Browser> = (0..6).map(|_| browser.clone()).collect();
        let answers = join_all(browsers.iter_mut().map(|browser| browser.post("/sign-in/code", &fields))).await;
        let in_count = answers.iter().filter(|answer| answer.headers.get_all("set-cookie").iter().any(|cookie| cookie.to_str().unwrap().contains(SESSION))).count();
        assert_eq!(in_count, 1);
        assert_eq!(sessions::list(&t.cx(), alice.id).await.unwrap().len(), 1);
    }

    async fn of_many_uses_of_an_apps_code_or_a_recovery_code_at_once_one_counts(t: TestApp) {
        let (_, app, codes) = with_app(&t).await;
        for (method, code) in [("totp", app.code(&t)), ("recovery_code", codes[0].clone())] {
            let mut waiting = Vec::new();
            for _ in 0..4 {
                let mut browser = t.browser();
                let page = sign_in(&mut browser, ALICE, PASSWORD).await;
                let page = browser.open(&page.path.replacen('?', &format!("?method={method}&"), 1)).await;
                waiting.push((browser, page));
            }
            let tries = waiting.iter_mut().map(|(browser, page)| {
                let fields = [("code", code.as_str())];
                async move { browser.submit(page, "/sign-in/second", &fields).await }
            });
            let answers = join_all(tries).await;
            assert_eq!(answers.iter().filter(|answer| place(answer) == "/account").count(), 1, "{method}");
        }
    }

    async fn of_many_uses_of_a_reset_link_at_once_one_counts(t: TestApp, |c| { c.mail.transport = MailTransport::Captured; }) {
        t.user("alice").await;
        let link = ask_reset(&t, &mut t.browser(), ALICE).await;
        let mut pages = Vec::new();
        for _ in 0..4 {
            let mut browser = t.browser();
            let page = browser.open(&link).await;
            pages.push((browser, page));
        }
        let tries = pages.iter_mut().enumerate().map(|(i, (browser, page))| async move {
            let password = format!("{NEW} {i}");
            browser.submit(page, "/recover/new", &[("new_password", &password)]).await
        });
        let answers = join_all(tries).await;
        assert_eq!(answers.iter().filter(|answer| answer.status == StatusCode::OK).count(), 1);
        assert_eq!(t.events("user.password_reset").await.len(), 1);
    }
}
