//! Attacks on strict sign-up that worked once: a link to one mailbox confirmed another, and the owner of a mailbox made a
//! stranger's account good by one click.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

use authflow_server::config::MailTransport;
use authflow_server::{identities, jobs, mail};
use authflow_testkit::{Answer, Browser, TestApp, both_databases};
use http::StatusCode;

const MALLORY: &str = "mallory@evil.example";
const VICTIM: &str = "victim@corp.example";
const PASSWORD: &str = "violet anchor harbour 4711";

async fn sign_up(browser: &mut Browser, form: &Answer, email: &str) {
    let fields = [("name", "Mallory"), ("email", email), ("password", PASSWORD)];
    let sent = browser.submit(form, "/sign-up", &fields).await;
    assert_eq!(sent.status, StatusCode::OK, "{}", sent.path);
}

async fn mailed_link(t: &TestApp, email: &str) -> String {
    jobs::run_due(&t.app).await.unwrap();
    let mails = mail::list_captured(&t.cx()).await.unwrap();
    let mail = mails.iter().find(|mail| mail.recipient == email).unwrap();
    let link = mail
        .body_text
        .split_whitespace()
        .find(|word| word.contains("/verify?token="));
    link.unwrap().to_owned()
}

async fn exists(t: &TestApp, email: &str) -> bool {
    identities::find_by_identifier(&t.cx(), email)
        .await
        .unwrap()
        .is_some()
}

both_databases! {
    async fn link_to_one_mailbox_does_not_confirm_another_that_was_typed_later(
        t: TestApp, |config| { config.mail.transport = MailTransport::Captured; }
    ) {
        let mut t = t;
        t.set(|settings| settings.sign_up_requires_verification = true).await;
        let mut mallory = t.browser();
        let form = mallory.open("/sign-up").await;
        sign_up(&mut mallory, &form, MALLORY).await;
        let own = mailed_link(&t, MALLORY).await;
        sign_up(&mut mallory, &form, VICTIM).await;
        let page = mallory.open(&own).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST, "the first link is withdrawn");
        let token = own.split_once("token=").unwrap().1;
        let answer = mallory.post("/verify", &[("token", token)]).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
        assert!(!exists(&t, VICTIM).await && !exists(&t, MALLORY).await);
    }

    async fn link_opened_elsewhere_makes_the_account_only_for_who_knows_its_password(
        t: TestApp, |config| { config.mail.transport = MailTransport::Captured; }
    ) {
        let mut t = t;
        t.set(|settings| settings.sign_up_requires_verification = true).await;
        let mut mallory = t.browser();
        let form = mallory.open("/sign-up").await;
        sign_up(&mut mallory, &form, VICTIM).await;
        let mut victim = t.browser();
        let page = victim.open(&mailed_link(&t, VICTIM).await).await;
        for password in ["", "not the one that mallory chose"] {
            let again = victim.submit(&page, "/verify", &[("password", password)]).await;
            assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
            assert!(!exists(&t, VICTIM).await);
        }
        let done = victim.submit(&page, "/verify", &[("password", PASSWORD)]).await;
        assert_eq!(done.status, StatusCode::OK);
        assert!(exists(&t, VICTIM).await, "who began it on another device may go on");
        assert!(victim.cookie("session").is_none());
    }
}
