//! What links an account to somebody at another provider, and what ends the link.

use std::time::Duration;

use authflow_server::config::MailTransport;
use authflow_server::connections;
use authflow_testkit::{TestApp, both_databases};
use http::StatusCode;
use serde_json::json;

use super::{ADA, ada, links_of, mailed_code, through, trusting, unproven, user_of};
use crate::provider::Provider;
use crate::{ALICE, PASSWORD, is_signed_in, place, prove};

both_databases! {
    async fn an_account_is_linked_only_where_both_sides_have_verified_the_address(t: TestApp) {
        let provider = Provider::start(&t).await;
        provider.connect(&t, "trusted", trusting).await;
        provider.connect(&t, "untrusted", |_| {}).await;
        let alice = t.user("alice").await;
        let who = |verified: serde_json::Value| json!({ "sub": "x", "name": "X", "email": ALICE, "email_verified": verified });
        for (slug, verified) in [
            ("trusted", json!(false)),
            ("trusted", json!(null)),
            ("trusted", json!("yes")),
            ("untrusted", json!(true)),
        ] {
            provider.is(who(verified.clone()));
            let mut browser = t.browser();
            let page = through(&mut browser, &provider, slug).await;
            assert_eq!(place(&page), "/sign-in/connect", "{slug} {verified}");
            assert!(!is_signed_in(&mut browser).await);
            assert_eq!(links_of(&t, alice.id).await, 0);
        }
        provider.is(who(json!(true)));
        let mut browser = t.browser();
        assert_eq!(place(&through(&mut browser, &provider, "trusted").await), "/account");
        assert_eq!(links_of(&t, alice.id).await, 1);
    }

    async fn an_account_prepared_with_an_unproven_address_is_not_handed_the_owners_identity(t: TestApp) {
        let provider = Provider::start(&t).await;
        provider.connect(&t, "acme", trusting).await;
        let mallory = unproven(&t, ADA).await;
        provider.is(ada());
        let mut browser = t.browser();
        let page = through(&mut browser, &provider, "acme").await;
        assert_eq!(place(&page), "/sign-in/connect");
        assert!(page.words().contains("You already have an account"), "{}", page.words());
        assert!(!is_signed_in(&mut browser).await);
        assert_eq!(links_of(&t, mallory).await, 0);
    }

    async fn who_proves_both_in_one_sign_in_has_them_linked_and_nobody_else(t: TestApp) {
        let provider = Provider::start(&t).await;
        provider.connect(&t, "acme", |_| {}).await;
        let alice = t.user("alice").await;
        provider.is(json!({ "sub": "alice-there", "email": "alice@elsewhere.example" }));
        // Without choosing to connect, signing in links nothing.
        let mut browser = t.browser();
        let page = through(&mut browser, &provider, "acme").await;
        let sign_in = page.field("sign_in").unwrap();
        let form = browser.open(&format!("/sign-in?sign_in={sign_in}")).await;
        prove(&mut browser, &form, ALICE, PASSWORD).await;
        assert!(is_signed_in(&mut browser).await);
        assert_eq!(links_of(&t, alice.id).await, 0);
        let mut browser = t.browser();
        let page = through(&mut browser, &provider, "acme").await;
        let form = browser.submit(&page, "/sign-in/connect", &[("step", "sign_in")]).await;
        let wrong = prove(&mut browser, &form, ALICE, "wrong horse battery").await;
        assert_eq!((wrong.status, links_of(&t, alice.id).await), (StatusCode::UNPROCESSABLE_ENTITY, 0));
        let done = prove(&mut browser, &wrong, ALICE, PASSWORD).await;
        assert_eq!(place(&done), "/account");
        assert_eq!(links_of(&t, alice.id).await, 1);
        let mut later = t.browser();
        assert_eq!(place(&through(&mut later, &provider, "acme").await), "/account");
    }

    async fn the_owner_links_and_unlinks_with_a_fresh_factor_and_keeps_a_way_in(t: TestApp) {
        let provider = Provider::start(&t).await;
        provider.connect(&t, "acme", |_| {}).await;
        let alice = t.user("alice").await;
        provider.is(json!({ "sub": "alice-there", "email": "alice@elsewhere.example" }));
        let mut browser = t.signed_in(&alice).await;
        let page = browser.open("/account").await;
        let answer = browser.submit(&page, "/account/connections/link", &[("connection", "acme")]).await;
        let callback = provider.callback(&answer.location().unwrap());
        assert_eq!(t.browser().open(&callback).await.status, StatusCode::OK, "nobody there: the sign-in page");
        let page = browser.open(&callback).await;
        assert_eq!(place(&page), "/account", "{}", page.words());
        assert!(page.words().contains("alice@elsewhere.example"));
        assert_eq!(links_of(&t, alice.id).await, 1);
        // Somebody else's account cannot take it.
        let bob = t.user("bob").await;
        let mut other = t.signed_in(&bob).await;
        let theirs = other.open("/account").await;
        let answer = other.submit(&theirs, "/account/connections/link", &[("connection", "acme")]).await;
        let taken = other.open(&provider.callback(&answer.location().unwrap())).await;
        assert_eq!((taken.status, links_of(&t, bob.id).await), (StatusCode::CONFLICT, 0));
        // Nor can they unlink it.
        let id = connections::identities_of(&t.cx(), alice.id).await.unwrap()[0].id.to_string();
        let csrf = theirs.field("csrf").unwrap();
        other.post("/account/connections/unlink", &[("csrf", &csrf), ("identity", &id)]).await;
        assert_eq!(links_of(&t, alice.id).await, 1);
        // A browser left open gives a factor first.
        t.clock.advance(Duration::from_mins(11));
        let page = browser.open("/account").await;
        let fields = [("identity", id.as_str())];
        let stale = browser.submit(&page, "/account/connections/unlink", &fields).await;
        assert_eq!(place(&stale), "/sign-in");
        assert_eq!(links_of(&t, alice.id).await, 1);
        let back = prove(&mut browser, &stale, ALICE, PASSWORD).await;
        assert_eq!(place(&back), "/account", "{}", back.words());
        browser.submit(&back, "/account/connections/unlink", &fields).await;
        assert_eq!(links_of(&t, alice.id).await, 0);
    }

    async fn who_proves_the_address_of_a_prepared_account_ends_the_links_of_before(
        t: TestApp,
        |c| { c.mail.transport = MailTransport::Captured; }
    ) {
        let provider = Provider::start(&t).await;
        provider.connect(&t, "acme", |_| {}).await;
        let prepared = unproven(&t, ADA).await;
        provider.is(json!({ "sub": "mallory", "email": "mallory@example.com" }));
        let mut mallory = t.browser();
        let page = mallory.open("/sign-in").await;
        prove(&mut mallory, &page, ADA, PASSWORD).await;
        let page = mallory.open("/account").await;
        let answer = mallory.submit(&page, "/account/connections/link", &[("connection", "acme")]).await;
        mallory.open(&provider.callback(&answer.location().unwrap())).await;
        assert_eq!(links_of(&t, prepared).await, 1);
        let mut owner = t.browser();
        let page = owner.open("/sign-in").await;
        let sign_in = page.field("sign_in").unwrap();
        let csrf = page.field("csrf").unwrap();
        let form = [("sign_in", sign_in.as_str()), ("csrf", &csrf), ("method", "email_code"), ("identifier", ADA)];
        let sent = owner.post("/sign-in/challenge", &form).await;
        let page = owner.follow(sent).await;
        let code = mailed_code(&t, ADA).await;
        owner.submit(&page, "/sign-in/code", &[("code", &code)]).await;
        assert!(is_signed_in(&mut owner).await && !is_signed_in(&mut mallory).await);
        assert_eq!(links_of(&t, prepared).await, 0);
    }

    async fn the_last_way_in_is_not_unlinked(t: TestApp) {
        let provider = Provider::start(&t).await;
        provider.connect(&t, "acme", trusting).await;
        provider.is(ada());
        let mut browser = t.browser();
        through(&mut browser, &provider, "acme").await;
        let user = user_of(&t, ADA).await;
        let id = connections::identities_of(&t.cx(), user).await.unwrap()[0].id.to_string();
        let page = browser.open("/account").await;
        let kept = browser.submit(&page, "/account/connections/unlink", &[("identity", &id)]).await;
        assert_eq!((kept.status, links_of(&t, user).await), (StatusCode::CONFLICT, 1));
    }
}
