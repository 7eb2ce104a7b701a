//! What attackers would do with the ways in, each with the answer that it must get.

mod account;
mod budgets;
mod domains;
mod factors;
mod marks;
mod races;
mod takeover;
mod unproven;

use authflow_server::mail;
use authflow_testkit::{Answer, Browser, TestApp};

use crate::{csrf, place, run_jobs};

/// A password that nobody had before.
pub(crate) const NEW: &str = "eleven purple bicycles";

/// The texts of the mails to `email`, newest first.
pub(crate) async fn mails(t: &TestApp, email: &str) -> Vec<String> {
    run_jobs(t).await;
    let all = mail::list_captured(&t.cx()).await.unwrap();
    all.into_iter()
        .filter(|mail| mail.recipient == email)
        .map(|mail| mail.body_text)
        .collect()
}

/// The links in mails to `email` that lead below `path`, newest first.
pub(crate) async fn links(t: &TestApp, email: &str, path: &str) -> Vec<String> {
    let leads = |word: &&str| word.contains("token=") && word.contains(path);
    let texts = mails(t, email).await;
    texts
        .iter()
        .filter_map(|text| text.split_whitespace().find(leads).map(str::to_owned))
        .collect()
}

/// The six digits in the newest mail to `email` that has some.
pub(crate) async fn mailed_code(t: &TestApp, email: &str) -> String {
    let is_code = |word: &&str| word.len() == 6 && word.bytes().all(|b| b.is_ascii_digit());
    let texts = mails(t, email).await;
    let mut codes = texts
        .iter()
        .filter_map(|text| text.split(|c: char| !c.is_ascii_digit()).find(is_code));
    codes.next().unwrap().to_owned()
}

/// Posts a form with the page's token; follows.
pub(crate) async fn post(
    browser: &mut Browser,
    page: &Answer,
    path: &str,
    fields: &[(&str, &str)],
) -> Answer {
    let (csrf, sign_in) = (csrf(page), page.field("sign_in").unwrap_or_default());
    let own = [("csrf", csrf.as_str()), ("sign_in", sign_in.as_str())];
    let fields: Vec<(&str, &str)> = fields.iter().copied().chain(own).collect();
    let answer = browser.post(path, &fields).await;
    browser.follow(answer).await
}

/// Asks for a code by mail on a sign-in page.
pub(crate) async fn ask_code(browser: &mut Browser, email: &str) -> Answer {
    let page = browser.open("/sign-in").await;
    let fields = [("identifier", email), ("method", "email_code")];
    post(browser, &page, "/sign-in/challenge", &fields).await
}

/// Signs in by a code by mail.
pub(crate) async fn sign_in_by_code(t: &TestApp, browser: &mut Browser, email: &str) -> Answer {
    let page = ask_code(browser, email).await;
    let code = mailed_code(t, email).await;
    browser.submit(&page, "/sign-in/code", &[("code", &code)]).await
}

/// Asks for a new password; the link that was mailed.
pub(crate) async fn ask_reset(t: &TestApp, browser: &mut Browser, email: &str) -> String {
    let page = browser.open("/recover").await;
    assert_eq!(place(&page), "/recover", "{}", page.words());
    browser.submit(&page, "/recover", &[("identifier", email)]).await;
    links(t, email, "/recover/new").await.remove(0)
}

/// Opens a link to a new password and chooses one.
pub(crate) async fn reset_by(browser: &mut Browser, link: &str, password: &str) -> Answer {
    let page = browser.open(link).await;
    let fields = [("new_password", password)];
    if page.status.is_success() {
        browser.submit(&page, "/recover/new", &fields).await
    } else {
        page
    }
}

/// Recovers an account in `browser` with [`NEW`].
pub(crate) async fn recover(t: &TestApp, browser: &mut Browser, email: &str) -> Answer {
    let link = ask_reset(t, browser, email).await;
    reset_by(browser, &link, NEW).await
}
