use authflow_server::sessions;
use authflow_testkit::TestApp;
use authflow_testkit::{Answer, Browser, both_databases};
use http::StatusCode;

use crate::{ALICE, PASSWORD, SESSION, csrf, is_signed_in, sign_in};

const NEW: &str = "eleven purple bicycles";

/// Posts a form of the account page; follows.
async fn post(browser: &mut Browser, page: &Answer, path: &str, fields: &[(&str, &str)]) -> Answer {
    let csrf = csrf(page);
    let fields: Vec<(&str, &str)> = fields.iter().copied().chain([("csrf", csrf.as_str())]).collect();
    let answer = browser.post(path, &fields).await;
    browser.follow(answer).await
}

async fn change_password(browser: &mut Browser, page: &Answer, current: &str, new: &str) -> Answer {
    let fields = [("current_password", current), ("new_password", new)];
    post(browser, page, "/account/password", &fields).await
}

both_databases! {
    async fn name_is_changed_and_shown(t: TestApp) {
        t.user("alice").await;
        let mut browser = t.browser();
        let page = sign_in(&mut browser, ALICE, PASSWORD).await;
        let page = post(&mut browser, &page, "/account/profile", &[("name", " Alicia <b> ")]).await;
        assert!(page.words().contains("Alicia <b>") && !page.body.contains("Alicia <b>"), "{}", page.body);
        for bad in ["", "a\u{202e}b", &"n".repeat(201)] {
            let page = post(&mut browser, &page, "/account/profile", &[("name", bad)]).await;
            assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{bad}");
        }
        assert!(browser.open("/account").await.words().contains("Alicia"));
    }

    async fn new_password_ends_other_sessions_and_changes_the_secret_of_this_one(t: TestApp) {
        t.user("alice").await;
        let (mut here, mut there) = (t.browser(), t.browser());
        let page = sign_in(&mut here, ALICE, PASSWORD).await;
        sign_in(&mut there, ALICE, PASSWORD).await;
        let before = here.cookies[SESSION].clone();
        let page = change_password(&mut here, &page, PASSWORD, NEW).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.path.starts_with("/account/security?notice=password_changed"), "{}", page.path);
        assert!(page.words().contains("Your password is changed"), "{}", page.words());
        assert_ne!(here.cookies[SESSION], before);
        assert!(is_signed_in(&mut here).await && !is_signed_in(&mut there).await);
        here.cookies.insert(SESSION.to_owned(), before);
        assert!(!is_signed_in(&mut here).await);
        let old = sign_in(&mut t.browser(), ALICE, PASSWORD).await;
        assert_eq!(old.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(sign_in(&mut t.browser(), ALICE, NEW).await.path, "/account");
    }

    async fn borrowed_session_does_not_change_the_password(t: TestApp) {
        t.user("alice").await;
        let mut browser = t.browser();
        let page = sign_in(&mut browser, ALICE, PASSWORD).await;
        for current in ["", "some wrong password"] {
            let answer = change_password(&mut browser, &page, current, NEW).await;
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        }
        let mut last = StatusCode::OK;
        for _ in 0..10 {
            last = change_password(&mut browser, &page, "some wrong password", NEW).await.status;
        }
        assert_eq!(last, StatusCode::TOO_MANY_REQUESTS, "guessing is limited here too");
    }

    async fn new_password_obeys_the_rules_and_differs(t: TestApp) {
        t.user("alice").await;
        let mut browser = t.browser();
        let page = sign_in(&mut browser, ALICE, PASSWORD).await;
        for new in ["", "short", "password1", ALICE, PASSWORD] {
            let answer = change_password(&mut browser, &page, PASSWORD, new).await;
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{new}");
        }
        assert_eq!(sign_in(&mut t.browser(), ALICE, PASSWORD).await.path, "/account");
    }

    async fn sessions_are_listed_and_revoked(t: TestApp) {
        let user = t.user("alice").await;
        let (mut here, mut second, mut third) = (t.browser(), t.browser(), t.browser());
        sign_in(&mut second, ALICE, PASSWORD).await;
        sign_in(&mut third, ALICE, PASSWORD).await;
        let revocable = sessions::list(&t.cx(), user.id).await.unwrap();
        sign_in(&mut here, ALICE, PASSWORD).await;
        let page = here.open("/account/devices").await;
        assert_eq!(page.body.matches("name=\"session\"").count(), 3, "two others, and all of them");

        let id = revocable[0].id.to_string();
        let page = post(&mut here, &page, "/account/sessions/revoke", &[("session", &id)]).await;
        assert_eq!(sessions::list(&t.cx(), user.id).await.unwrap().len(), 2);
        let page = post(&mut here, &page, "/account/sessions/revoke", &[("session", "others")]).await;
        assert!(page.path.contains("notice=others_revoked"), "{}", page.path);
        assert_eq!(sessions::list(&t.cx(), user.id).await.unwrap().len(), 1);
        assert!(is_signed_in(&mut here).await);
        assert!(!is_signed_in(&mut second).await && !is_signed_in(&mut third).await);
    }

    async fn session_of_somebody_else_is_not_revoked(t: TestApp) {
        t.user("alice").await;
        let bob = t.user("bob").await;
        let mut theirs = t.browser();
        sign_in(&mut theirs, &bob.email, PASSWORD).await;
        let id = sessions::list(&t.cx(), bob.id).await.unwrap()[0].id.to_string();
        let mut browser = t.browser();
        let page = sign_in(&mut browser, ALICE, PASSWORD).await;
        post(&mut browser, &page, "/account/sessions/revoke", &[("session", &id)]).await;
        assert!(is_signed_in(&mut theirs).await);
        for bad in ["", "x", "ses_", "usr_00000000000000000000000000"] {
            let answer = post(&mut browser, &page, "/account/sessions/revoke", &[("session", bad)]).await;
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{bad}");
        }
    }

    async fn withdrawn_consent_leaves_the_list(t: TestApp) {
        let alice = t.user("alice").await;
        let client = t.client().third_party().create().await;
        let mut browser = t.browser();
        browser.allow(&t.authorization(&client), &alice).await;
        let page = browser.open("/account/applications").await;
        assert!(page.body.contains(&client.id), "{}", page.words());
        let page = post(&mut browser, &page, "/account/applications/revoke", &[("client", &client.id)]).await;
        assert!(page.path.contains("notice=application_revoked"), "{}", page.path);
        assert!(!page.body.contains(&client.id), "{}", page.words());
    }

    async fn page_says_only_what_it_signed_itself(t: TestApp) {
        t.user("alice").await;
        let mut browser = t.browser();
        let page = sign_in(&mut browser, ALICE, PASSWORD).await;
        let done = post(&mut browser, &page, "/account/profile", &[("name", "Alicia")]).await;
        assert!(done.body.contains("role=\"status\""));
        let forged = done.path.replace("profile_saved", "password_changed");
        assert!(!browser.open(&forged).await.body.contains("role=\"status\""), "{forged}");
        let mut elsewhere = t.browser();
        sign_in(&mut elsewhere, ALICE, PASSWORD).await;
        assert!(!elsewhere.open(&done.path).await.body.contains("role=\"status\""));
    }

    async fn recent_activity_tells_what_happened_and_nobody_elses(t: TestApp) {
        let alice = t.user("alice").await;
        t.user("bob").await;
        sign_in(&mut t.browser(), "bob@example.com", PASSWORD).await;
        sign_in(&mut t.browser(), ALICE, "wrong").await;
        let mut browser = t.browser();
        let page = sign_in(&mut browser, ALICE, PASSWORD).await;
        change_password(&mut browser, &page, PASSWORD, NEW).await;
        let page = browser.open("/account/activity").await;
        let words = page.words();
        for told in ["Password changed", "Signed in", "Sign-in failed", "Account created", "192.0.2.1"] {
            assert!(words.contains(told), "{told}: {words}");
        }
        assert_eq!(words.matches("Account created").count(), 1);
        assert_eq!(page.status, StatusCode::OK);
        drop(alice);
    }

    async fn every_page_is_listed_on_every_page(t: TestApp) {
        let alice = t.user("alice").await;
        let mut browser = t.signed_in(&alice).await;
        for path in ["/account", "/account/security", "/account/devices", "/account/applications", "/account/activity"] {
            let page = browser.open(path).await;
            assert_eq!((page.status, page.path.as_str()), (StatusCode::OK, path));
            assert_eq!(page.body.matches("aria-current=\"page\"").count(), 1);
            for other in ["/account/security\"", "/account/devices\"", "/account/activity\""] {
                assert!(page.body.contains(&format!("href=\"{other}")), "{path} {other}");
            }
            assert_eq!(t.browser().open(path).await.path.split('?').next(), Some("/sign-in"), "{path}");
        }
    }
}
