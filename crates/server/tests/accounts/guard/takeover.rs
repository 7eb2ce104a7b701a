//! An address that nobody had proven comes to its owner: whoever was in the account before keeps nothing of it.

use std::time::Duration;

use authflow_server::config::MailTransport;
use authflow_server::identities;
use authflow_server::jobs;
use authflow_testkit::{Authenticator, Browser, TestApp, both_databases};
use http::StatusCode;

use super::{NEW, ask_code, ask_reset, links, mailed_code, post, recover, reset_by, sign_in_by_code};
use crate::second_factor::{second, set_up, with_app};
use crate::{ALICE, NORA, PASSWORD, SESSION, is_signed_in, passkeys, place, sign_in, sign_up};

const EVIL: &str = "evil@example.com";

/// Begins to add an address on the account page; the link that its reader gets.
async fn add_address(t: &TestApp, browser: &mut Browser, email: &str) -> String {
    let page = browser.open("/account").await;
    let fields = [("email", email), ("primary", "yes")];
    post(browser, &page, "/account/identifiers/add", &fields).await;
    links(t, email, "/account/link").await.remove(0)
}

async fn addresses(t: &TestApp, email: &str) -> Vec<String> {
    let user = identities::find_by_identifier(&t.cx(), email).await.unwrap();
    user.map(|user| user.identifiers.iter().map(|own| own.value.clone()).collect())
        .unwrap_or_default()
}

both_databases! {
    async fn squatter_keeps_no_way_in_when_the_owner_comes(t: TestApp, |c| { c.mail.transport = MailTransport::Captured; }) {
        for by_code in [true, false] {
            let email = if by_code { "one@example.com" } else { "two@example.com" };
            let mut squatter = t.browser();
            sign_up(&mut squatter, email).await;
            let mut device = Authenticator::new();
            passkeys::add(&mut squatter, &mut device).await;
            let (app, codes) = set_up(&t, &mut squatter).await;
            let pending = add_address(&t, &mut squatter, EVIL).await;
            t.clock.advance(Duration::from_secs(31));
            let mut trusted = t.browser();
            let page = sign_in(&mut trusted, email, PASSWORD).await;
            trusted.submit(&page, "/sign-in/second", &[("code", &app.code(&t)), ("trust", "1")]).await;
            let mut waiting = t.browser();
            let second_page = sign_in(&mut waiting, email, PASSWORD).await;
            assert_eq!(place(&second_page), "/sign-in/second");
            let mut reset = t.browser();
            let older = ask_reset(&t, &mut reset, email).await;

            let mut owner = t.browser();
            let page = if by_code { sign_in_by_code(&t, &mut owner, email).await } else { recover(&t, &mut owner, email).await };
            assert_eq!(place(&page), "/account", "no factor of the squatter's is asked for: {}", page.words());

            assert!(!is_signed_in(&mut squatter).await && !is_signed_in(&mut trusted).await);
            let (by_passkey, _) = passkeys::sign_in(&t, &mut device).await;
            assert!(!by_passkey.cookies.contains_key(SESSION), "passkey");
            t.clock.advance(Duration::from_secs(30));
            for code in [app.code(&t), codes[0].clone()] {
                second(&mut waiting, &second_page, &code).await;
                assert!(!waiting.cookies.contains_key(SESSION), "a sign-in that was under way");
            }
            assert_eq!(sign_in(&mut t.browser(), email, PASSWORD).await.status, StatusCode::UNPROCESSABLE_ENTITY);
            assert_eq!(t.browser().open(&pending).await.status, StatusCode::BAD_REQUEST, "a change that was begun");
            assert_eq!(reset_by(&mut reset, &older, NEW).await.status, StatusCode::BAD_REQUEST, "an older link");
            assert_eq!(addresses(&t, email).await, [email]);
            assert!(is_signed_in(&mut owner).await);
        }
    }

    async fn address_that_was_only_claimed_goes_when_another_is_proven(t: TestApp, |c| { c.mail.transport = MailTransport::Captured; }) {
        let mut squatter = t.browser();
        sign_up(&mut squatter, NORA).await;
        let link = add_address(&t, &mut squatter, EVIL).await;
        let page = squatter.open(&link).await;
        squatter.submit(&page, "/account/link", &[]).await;
        assert_eq!(addresses(&t, EVIL).await, [EVIL]);
        let mut nora = t.browser();
        assert_eq!(place(&sign_up(&mut nora, NORA).await), "/account", "her address is free");
        assert_eq!(addresses(&t, NORA).await, [NORA]);
    }

    async fn reader_of_a_mailbox_confirms_no_account_that_a_stranger_began(t: TestApp, |c| { c.mail.transport = MailTransport::Captured; }) {
        sign_up(&mut t.browser(), NORA).await;
        let link = links(&t, NORA, "/verify").await.remove(0);
        let mallory = t.user("mallory").await;
        let mut reader = t.signed_in(&mallory).await;
        let page = reader.open(&link).await;
        let asked = reader.submit(&page, "/verify", &[]).await;
        assert_eq!(asked.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(t.events("user.email_verified").await.is_empty());
        let csrf = page.field("csrf").unwrap_or_default();
        let fields = [("token", page.field("token").unwrap()), ("answer", "not_me".to_owned()), ("csrf", csrf)];
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        assert_eq!(reader.post("/verify", &fields).await.status, StatusCode::OK);
        assert_eq!(sign_in(&mut t.browser(), NORA, PASSWORD).await.status, StatusCode::UNPROCESSABLE_ENTITY, "the stranger is out");
        assert!(t.events("user.email_verified").await.is_empty());
        let mut nora = t.browser();
        assert_eq!(place(&recover(&t, &mut nora, NORA).await), "/account", "and its owner may have it");
    }

    async fn owner_confirms_in_their_own_browser_without_a_password(t: TestApp, |c| { c.mail.transport = MailTransport::Captured; }) {
        let mut nora = t.browser();
        sign_up(&mut nora, NORA).await;
        let link = links(&t, NORA, "/verify").await.remove(0);
        let page = nora.open(&link).await;
        assert!(!page.body.contains("not_me") && !page.body.contains("type=\"password\""));
        assert_eq!(nora.submit(&page, "/verify", &[]).await.status, StatusCode::OK);
        assert_eq!(t.events("user.email_verified").await.len(), 1);
        assert!(is_signed_in(&mut nora).await);
    }

    async fn reader_of_a_mailbox_adds_it_to_no_strangers_account(t: TestApp, |c| { c.mail.transport = MailTransport::Captured; }) {
        let mallory = t.user("mallory").await;
        let mut attacker = t.signed_in(&mallory).await;
        let link = add_address(&t, &mut attacker, NORA).await;
        let mut nora = t.browser();
        let page = nora.open(&link).await;
        assert_eq!(nora.submit(&page, "/account/link", &[]).await.status, StatusCode::UNPROCESSABLE_ENTITY);
        let token = page.field("token").unwrap();
        assert_eq!(nora.post("/account/link", &[("token", &token), ("answer", "not_me")]).await.status, StatusCode::OK);
        assert!(addresses(&t, NORA).await.is_empty());
        assert_eq!(t.browser().open(&link).await.status, StatusCode::BAD_REQUEST);
    }

    async fn new_password_ends_everything_that_was_under_way(t: TestApp, |c| { c.mail.transport = MailTransport::Captured; }) {
        let (_, app, _) = with_app(&t).await;
        let mut thief = t.browser();
        let page = sign_in(&mut thief, ALICE, PASSWORD).await;
        second(&mut thief, &page, &app.code(&t)).await;
        let pending = add_address(&t, &mut thief, EVIL).await;
        let mut waiting = t.browser();
        let second_page = sign_in(&mut waiting, ALICE, PASSWORD).await;
        let mut asked = t.browser();
        let code_page = ask_code(&mut asked, ALICE).await;
        let code = mailed_code(&t, ALICE).await;
        let (mut one, mut two) = (t.browser(), t.browser());
        let older = ask_reset(&t, &mut one, ALICE).await;
        t.clock.advance(Duration::from_secs(30));
        recover(&t, &mut two, ALICE).await;

        let late = second(&mut waiting, &second_page, &app.code(&t)).await;
        assert!(!waiting.cookies.contains_key(SESSION), "{}", late.words());
        asked.submit(&code_page, "/sign-in/code", &[("code", &code)]).await;
        assert!(!asked.cookies.contains_key(SESSION));
        assert_eq!(reset_by(&mut one, &older, "another fine password").await.status, StatusCode::BAD_REQUEST);
        assert_eq!(t.browser().open(&pending).await.status, StatusCode::BAD_REQUEST);
        assert_eq!(place(&sign_in(&mut t.browser(), ALICE, NEW).await), "/sign-in/second", "the app is still hers");
    }

    async fn objection_undoes_every_later_change(t: TestApp, |c| { c.mail.transport = MailTransport::Captured; }) {
        let alice = t.user("alice").await;
        let mut thief = t.signed_in(&alice).await;
        for email in ["e1@evil.example", "e2@evil.example"] {
            let link = add_address(&t, &mut thief, email).await;
            let page = thief.open(&link).await;
            assert_eq!(thief.submit(&page, "/account/link", &[]).await.status, StatusCode::OK);
            t.clock.advance(Duration::from_secs(1));
        }
        let pending = add_address(&t, &mut thief, "e3@evil.example").await;
        assert_eq!(addresses(&t, ALICE).await.len(), 3);
        let object = links(&t, ALICE, "/account/link").await.pop().unwrap();
        let asked = t.browser().open(&object).await;
        assert_eq!(t.browser().submit(&asked, "/account/link", &[]).await.status, StatusCode::OK);
        assert_eq!(addresses(&t, ALICE).await, [ALICE]);
        assert_eq!(t.browser().open(&pending).await.status, StatusCode::BAD_REQUEST);
        assert!(!is_signed_in(&mut thief).await);
        jobs::run_due(&t.app).await.unwrap();
    }
}
