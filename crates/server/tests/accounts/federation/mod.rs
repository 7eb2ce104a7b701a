//! Signing in at another provider: what makes an account, what links one, and what is refused.

mod accounts;
mod answers;
mod linking;
mod ways_there;

use authflow_server::connections::{self, ConnectionSettings};
use authflow_server::identities::{self, IdentifierValue, NewPassword, NewUser, Profile};
use authflow_server::passwords::Password;
use authflow_testkit::{Answer, Browser, TestApp};
use authflow_types::UserId;
use http::StatusCode;
use serde_json::json;
use url::Url;

use crate::provider::Provider;
use crate::{PASSWORD, is_signed_in, run_jobs};

/// A connection whose provider's verified addresses count.
fn trusting(settings: &mut ConnectionSettings) {
    settings.trust_email = true;
}

/// Presses the button of a connection; gives the address that the provider is asked at.
async fn press(browser: &mut Browser, slug: &str) -> Url {
    let page = browser.open("/sign-in").await;
    press_on(browser, &page, slug).await
}

async fn press_on(browser: &mut Browser, page: &Answer, slug: &str) -> Url {
    let answer = browser
        .submit(page, &format!("/sign-in/connections/{slug}"), &[])
        .await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.words());
    answer.location().unwrap()
}

/// Signs in at the provider and comes back; follows.
pub(crate) async fn through(browser: &mut Browser, provider: &Provider, slug: &str) -> Answer {
    let url = press(browser, slug).await;
    browser.open(&provider.callback(&url)).await
}

async fn user_of(t: &TestApp, email: &str) -> UserId {
    identities::find_by_identifier(&t.cx(), email)
        .await
        .unwrap()
        .unwrap()
        .id
}

pub(crate) async fn links_of(t: &TestApp, user: UserId) -> usize {
    connections::identities_of(&t.cx(), user).await.unwrap().len()
}

/// An account whose address nobody has proven.
async fn unproven(t: &TestApp, email: &str) -> UserId {
    let new = NewUser {
        profile: Profile::named("Mallory"),
        identifiers: vec![IdentifierValue::email(email).unwrap()],
        password: Some(NewPassword::Plain(Password::from(PASSWORD))),
        ..NewUser::default()
    };
    let mut cx = t.cx();
    let user = identities::create_user(&mut cx, new).await.unwrap();
    cx.commit().await.unwrap();
    user.id
}

/// The code in the latest mail to `email`.
async fn mailed_code(t: &TestApp, email: &str) -> String {
    run_jobs(t).await;
    let mails = authflow_server::mail::list_captured(&t.cx()).await.unwrap();
    let is_code = |word: &&str| word.len() == 6 && word.bytes().all(|b| b.is_ascii_digit());
    let code = |text: &str| text.split_whitespace().find(is_code).map(str::to_owned);
    let mut own = mails.iter().filter(|mail| mail.recipient == email);
    own.find_map(|mail| code(&mail.body_text)).unwrap()
}

async fn session_amr(browser: &mut Browser, t: &TestApp) -> Vec<String> {
    let user = user_of(t, "ada@example.com").await;
    let sessions = authflow_server::sessions::list(&t.cx(), user).await.unwrap();
    assert!(is_signed_in(browser).await);
    sessions.last().unwrap().amr.clone()
}

const ADA: &str = "ada@example.com";

fn ada() -> serde_json::Value {
    json!({ "sub": "ada-1", "name": "Ada Lovelace", "given_name": "Ada", "email": ADA, "email_verified": true,
        "picture": "https://img.example/ada.png", "website": "javascript:alert(1)", "amr": ["pwd", "otp", "mfa"] })
}

/// A sign-in that ends on the page that names `code`, with nobody signed in.
async fn refused(t: &TestApp, provider: &Provider, code: &str) {
    let mut browser = t.browser();
    let page = through(&mut browser, provider, "acme").await;
    assert_eq!(page.status, StatusCode::BAD_GATEWAY, "{code}: {}", page.words());
    assert!(page.body.contains(code), "{code}: {}", page.words());
    assert!(!is_signed_in(&mut browser).await, "{code}");
}
