//! Sign-in, sign-up, sessions and the account page as a browser sees them, on both databases.
#![allow(
    clippy::unchecked_time_subtraction,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod abuse;
mod account;
mod breached;
mod codes;
mod disposable;
mod even;
mod face;
mod federation;
mod forms;
mod guard;
mod limits;
mod links;
mod notices;
mod passkeys;
mod phones;
mod provider;
mod recovery;
mod second_factor;
mod sessions;
mod sign_in;
mod sign_up;
mod sms;
mod transfer;

use authflow_server::jobs;
use authflow_testkit::{Answer, Browser, TestApp};

const ALICE: &str = "alice@example.com";
const NORA: &str = "nora@example.com";
/// What `TestApp::user` gives everybody.
const PASSWORD: &str = "violet anchor harbour 4711";

/// The cookies of the default tenant.
const SESSION: &str = "__Host-authflow-session-default";
const BROWSER: &str = "__Host-authflow-browser-default";
const DEVICE: &str = "__Host-authflow-device-default";

/// Fills in the sign-in form.
async fn sign_in(browser: &mut Browser, email: &str, password: &str) -> Answer {
    let form = browser.open("/sign-in").await;
    prove(browser, &form, email, password).await
}

/// Fills in a sign-in form that is open already.
async fn prove(browser: &mut Browser, form: &Answer, email: &str, password: &str) -> Answer {
    let fields = [("identifier", email), ("password", password)];
    browser.submit(form, "/sign-in", &fields).await
}

/// Fills in the sign-up form.
async fn sign_up(browser: &mut Browser, email: &str) -> Answer {
    sign_up_as(browser, "Nora New", email, PASSWORD).await
}

/// Fills in the sign-up form.
async fn sign_up_as(browser: &mut Browser, name: &str, email: &str, password: &str) -> Answer {
    let form = browser.open("/sign-up").await;
    let fields = [("name", name), ("email", email), ("password", password)];
    browser.submit(&form, "/sign-up", &fields).await
}

/// Whether the browser is signed in.
async fn is_signed_in(browser: &mut Browser) -> bool {
    browser.open("/account").await.path == "/account"
}

/// The form token of a page.
fn csrf(page: &Answer) -> String {
    page.field("csrf").unwrap_or_default()
}

/// The path without its query.
fn place(page: &Answer) -> &str {
    page.path.split('?').next().unwrap_or_default()
}

/// Runs every job that is due.
async fn run_jobs(t: &TestApp) {
    jobs::run_due(&t.app).await.unwrap();
}
