use authflow_server::config::{Limits, MailTransport};
use authflow_server::identities;
use authflow_testkit::{TestApp, both_databases};
use http::StatusCode;

use crate::links::mailed_link;
use crate::{NORA, PASSWORD, SESSION, place, sign_in, sign_up, sign_up_as};

async fn exists(t: &TestApp, email: &str) -> bool {
    identities::find_by_identifier(&t.cx(), email)
        .await
        .unwrap()
        .is_some()
}

both_databases! {
    async fn fresh_address_is_signed_in_at_once_and_not_confirmed(t: TestApp) {
        let page = sign_up(&mut t.browser(), NORA).await;
        assert_eq!((page.status, page.path.as_str()), (StatusCode::OK, "/account"));
        assert!(page.words().contains("Not confirmed"), "{}", page.words());
        let user = identities::find_by_identifier(&t.cx(), NORA).await.unwrap().unwrap();
        assert_eq!(user.email(), Some((NORA, false)));
        assert_eq!(sign_in(&mut t.browser(), NORA, PASSWORD).await.path, "/account");
    }

    async fn taken_address_is_refused_in_neutral_words(t: TestApp) {
        let id = t.user("nora").await.id;
        let before = identities::get_user(&t.cx(), id).await.unwrap();
        let mut browser = t.browser();
        let page = sign_up_as(&mut browser, "Mallory", "NORA@example.com", "another long password").await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(!page.words().contains("exists") && !page.words().contains("taken"), "{}", page.words());
        assert!(!browser.cookies.contains_key(SESSION));
        assert_eq!(identities::get_user(&t.cx(), id).await.unwrap().profile, before.profile);
    }

    async fn owner_who_signs_up_again_is_signed_in(t: TestApp) {
        t.user("nora").await;
        let page = sign_up(&mut t.browser(), NORA).await;
        assert_eq!(page.path, "/account");
        assert!(page.words().contains("nora Doe"), "the account that was there: {}", page.words());
    }

    async fn every_mistake_is_named_at_its_field(t: TestApp) {
        let (long_name, long_password) = ("n".repeat(201), "x7".repeat(129));
        let cases = [
            ("", NORA, PASSWORD, "Enter your name"),
            (&long_name, NORA, PASSWORD, "200"),
            ("Nora", "", PASSWORD, "email"),
            ("Nora", "nora@localhost", PASSWORD, "name@example.com"),
            ("Nora", NORA, "", "Enter your password"),
            ("Nora", NORA, "seven77", "8"),
            ("Nora", NORA, "password1", "guess"),
            ("Nora", NORA, NORA, "guess"),
            ("Nora", NORA, &long_password, "256"),
        ];
        for (name, email, password, expected) in cases {
            let page = sign_up_as(&mut t.browser(), name, email, password).await;
            assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{expected}");
            assert!(page.words().contains(expected), "`{expected}` in {}", page.words());
            assert!(!page.body.contains(PASSWORD), "a password is never sent back");
        }
        assert!(!exists(&t, NORA).await);
    }

    async fn probe_with_a_bad_password_tells_nothing_about_the_address(t: TestApp) {
        t.user("nora").await;
        let mut answers = Vec::new();
        for email in [NORA, "nobody@example.com"] {
            let page = sign_up_as(&mut t.browser(), "N", email, "password1").await;
            answers.push((page.status, page.words()));
        }
        assert_eq!(answers[0], answers[1]);
    }

    async fn closed_sign_up_makes_no_accounts(t: TestApp) {
        let mut t = t;
        let mut browser = t.browser();
        let form = browser.open("/sign-up").await;
        t.set(|settings| settings.sign_up = false).await;
        let filled = [("name", "Nora"), ("email", NORA), ("password", PASSWORD)];
        let page = browser.submit(&form, "/sign-up", &filled).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN);
        assert!(!exists(&t, NORA).await);
        let page = t.browser().open("/sign-up").await;
        assert_eq!(place(&page), "/sign-in");
        assert!(!page.body.contains("/sign-up"), "{}", page.body);
    }

    async fn sign_ups_of_one_source_are_limited(t: TestApp, |c| {
        c.limits.sign_ups_per_source = Limits::default().sign_ups_per_source;
    }) {
        let mut statuses = Vec::new();
        for i in 0..32 {
            statuses.push(sign_up(&mut t.browser(), &format!("nora{i}@example.com")).await.status);
        }
        assert_eq!(statuses.first(), Some(&StatusCode::OK));
        assert_eq!(statuses.last(), Some(&StatusCode::TOO_MANY_REQUESTS));
    }

    async fn strict_mode_answers_every_address_alike(t: TestApp, |c| { c.mail.transport = MailTransport::Captured; }) {
        let mut t = t;
        t.set(|settings| settings.sign_up_requires_verification = true).await;
        t.user("taken").await;
        let mut answers = Vec::new();
        for email in ["taken@example.com", "fresh@example.com"] {
            let mut browser = t.browser();
            let page = sign_up(&mut browser, email).await;
            assert!(!browser.cookies.contains_key(SESSION));
            answers.push((page.status, page.words().replace(email, "..")));
            assert!(!mailed_link(&t, email).await.is_empty(), "both get the same mail");
        }
        assert_eq!(answers[0], answers[1]);
        assert!(!exists(&t, "fresh@example.com").await);
    }

    async fn strict_sign_up_is_completed_in_the_browser_that_began_it(
        t: TestApp, |c| { c.mail.transport = MailTransport::Captured; }
    ) {
        let mut t = t;
        t.set(|settings| settings.sign_up_requires_verification = true).await;
        let mut browser = t.browser();
        sign_up(&mut browser, NORA).await;
        let link = mailed_link(&t, NORA).await;
        let page = browser.open(&link).await;
        assert!(!exists(&t, NORA).await, "opening the link makes nothing");
        let page = browser.submit(&page, "/verify", &[]).await;
        assert_eq!(page.path, "/account");
        assert!(!page.words().contains("Not confirmed"), "{}", page.words());
        assert_eq!(browser.open(&link).await.status, StatusCode::BAD_REQUEST);
    }

    async fn strict_sign_up_is_completed_elsewhere_without_a_session(
        t: TestApp, |c| { c.mail.transport = MailTransport::Captured; }
    ) {
        let mut t = t;
        t.set(|settings| settings.sign_up_requires_verification = true).await;
        sign_up(&mut t.browser(), NORA).await;
        let mut other = t.browser();
        other.open("/sign-in").await;
        let page = other.open(&mailed_link(&t, NORA).await).await;
        other.submit(&page, "/verify", &[("password", PASSWORD)]).await;
        assert!(exists(&t, NORA).await && !other.cookies.contains_key(SESSION));
        assert_eq!(sign_in(&mut other, NORA, PASSWORD).await.path, "/account");
    }

    async fn strict_link_for_a_taken_address_changes_nothing(
        t: TestApp, |c| { c.mail.transport = MailTransport::Captured; }
    ) {
        let mut t = t;
        t.set(|settings| settings.sign_up_requires_verification = true).await;
        let id = t.user("nora").await.id;
        let before = identities::get_user(&t.cx(), id).await.unwrap();
        let mut browser = t.browser();
        sign_up(&mut browser, NORA).await;
        let page = browser.open(&mailed_link(&t, NORA).await).await;
        let page = browser.submit(&page, "/verify", &[]).await;
        assert_eq!(place(&page), "/sign-in");
        assert!(!browser.cookies.contains_key(SESSION));
        assert_eq!(identities::get_user(&t.cx(), id).await.unwrap().profile, before.profile);
    }

    async fn resent_mail_completes_the_same_sign_up(t: TestApp, |c| { c.mail.transport = MailTransport::Captured; }) {
        let mut t = t;
        t.set(|settings| settings.sign_up_requires_verification = true).await;
        let mut browser = t.browser();
        let page = sign_up(&mut browser, NORA).await;
        let first = mailed_link(&t, NORA).await;
        t.clock.advance(std::time::Duration::from_secs(1));
        browser.submit(&page, "/verify/resend", &[]).await;
        let second = mailed_link(&t, NORA).await;
        assert_ne!(first, second);
        let page = browser.open(&second).await;
        assert_eq!(browser.submit(&page, "/verify", &[]).await.path, "/account");
        let page = browser.open(&first).await;
        let page = if page.status == StatusCode::OK { browser.submit(&page, "/verify", &[]).await } else { page };
        assert_eq!(page.status, StatusCode::BAD_REQUEST, "the sign-up is over");
    }
}
