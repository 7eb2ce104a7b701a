use std::time::Duration;

use authflow_server::identities::{self, UserStatus};
use authflow_server::sessions;
use authflow_testkit::{TestApp, both_databases};
use http::StatusCode;

use crate::{ALICE, PASSWORD, SESSION, is_signed_in, prove, sign_in};

async fn set_status(t: &TestApp, id: authflow_types::UserId, status: UserStatus) {
    let mut cx = t.cx();
    let user = identities::get_user(&cx, id).await.unwrap();
    identities::set_status(&mut cx, &user, status).await.unwrap();
    cx.commit().await.unwrap();
}

both_databases! {
    async fn planted_session_cookie_is_not_adopted(t: TestApp) {
        t.user("alice").await;
        let mut attacker = t.browser();
        sign_in(&mut attacker, ALICE, PASSWORD).await;
        let planted = attacker.cookies[SESSION].clone();
        let page = attacker.open("/sign-out").await;
        attacker.submit(&page, "/sign-out", &[("decision", "sign_out")]).await;

        let mut victim = t.browser();
        victim.cookies.insert(SESSION.to_owned(), planted.clone());
        assert_eq!(sign_in(&mut victim, ALICE, PASSWORD).await.path, "/account");
        assert_ne!(victim.cookies[SESSION], planted);
        attacker.cookies.insert(SESSION.to_owned(), planted);
        assert!(!is_signed_in(&mut attacker).await);
    }

    async fn sign_out_asks_first_and_then_ends_the_session_at_once(t: TestApp) {
        t.user("alice").await;
        let mut browser = t.browser();
        sign_in(&mut browser, ALICE, PASSWORD).await;
        let cookie = browser.cookies[SESSION].clone();
        let page = browser.open("/sign-out").await;
        assert!(is_signed_in(&mut browser).await, "a GET signs nobody out");
        let stayed = browser.submit(&page, "/sign-out", &[("decision", "stay")]).await;
        assert_eq!(stayed.path, "/account");
        let out = browser.submit(&page, "/sign-out", &[("decision", "sign_out")]).await;
        assert_eq!((out.status, out.path.as_str()), (StatusCode::OK, "/sign-out"));
        assert!(!browser.cookies.contains_key(SESSION));
        browser.cookies.insert(SESSION.to_owned(), cookie);
        assert!(!is_signed_in(&mut browser).await, "the old cookie is dead");
    }

    async fn unused_session_ends_at_its_idle_lifetime(t: TestApp) {
        t.user("alice").await;
        let idle = t.app.config.sessions.idle_ttl;
        let (mut early, mut late) = (t.browser(), t.browser());
        sign_in(&mut early, ALICE, PASSWORD).await;
        sign_in(&mut late, ALICE, PASSWORD).await;
        t.clock.advance(idle - Duration::from_micros(1));
        assert!(is_signed_in(&mut early).await);
        t.clock.advance(Duration::from_micros(1));
        assert!(!is_signed_in(&mut late).await);
    }

    async fn use_prolongs_a_session_up_to_its_absolute_lifetime(t: TestApp) {
        t.user("alice").await;
        let (idle, absolute) = (t.app.config.sessions.idle_ttl, t.app.config.sessions.absolute_ttl);
        let mut browser = t.browser();
        sign_in(&mut browser, ALICE, PASSWORD).await;
        let step = idle - Duration::from_micros(1);
        let mut age = Duration::ZERO;
        while age + step < absolute {
            t.clock.advance(step);
            age += step;
            assert!(is_signed_in(&mut browser).await, "used in time, {age:?} old");
        }
        t.clock.advance(absolute.checked_sub(age).unwrap() - Duration::from_micros(1));
        assert!(is_signed_in(&mut browser).await, "a moment before the end");
        t.clock.advance(Duration::from_micros(1));
        assert!(!is_signed_in(&mut browser).await);
    }

    async fn use_of_a_session_is_written_down_beside_the_request(t: TestApp) {
        let id = t.user("alice").await.id;
        let mut browser = t.browser();
        sign_in(&mut browser, ALICE, PASSWORD).await;
        t.clock.advance(Duration::from_mins(2));
        assert!(is_signed_in(&mut browser).await);
        let is_written = async || sessions::list(&t.cx(), id).await.unwrap()[0].last_seen_at == t.now();
        for _ in 0..1000 {
            if is_written().await {
                return;
            }
        }
        panic!("the use was not written down");
    }

    async fn disabling_a_user_ends_their_sessions_at_once(t: TestApp) {
        let id = t.user("alice").await.id;
        let mut browser = t.browser();
        sign_in(&mut browser, ALICE, PASSWORD).await;
        assert!(is_signed_in(&mut browser).await);
        set_status(&t, id, UserStatus::Disabled).await;
        assert!(!is_signed_in(&mut browser).await);
        set_status(&t, id, UserStatus::Active).await;
        assert!(!is_signed_in(&mut browser).await, "it stays ended");
        assert_eq!(sign_in(&mut browser, ALICE, PASSWORD).await.path, "/account");
    }

    async fn signing_in_as_somebody_else_ends_the_session_before(t: TestApp) {
        let alice = t.user("alice").await;
        t.user("bob").await;
        let mut browser = t.browser();
        let early = browser.open("/sign-in").await;
        sign_in(&mut browser, ALICE, PASSWORD).await;
        let before = browser.cookies[SESSION].clone();
        let page = prove(&mut browser, &early, "bob@example.com", PASSWORD).await;
        assert!(page.words().contains("bob@example.com"), "{}", page.words());
        assert!(sessions::list(&t.cx(), alice.id).await.unwrap().is_empty());
        browser.cookies.insert(SESSION.to_owned(), before);
        assert!(!is_signed_in(&mut browser).await);
    }

    async fn proving_oneself_again_renews_the_session_under_its_id(t: TestApp) {
        let alice = t.user("alice").await;
        let mut browser = t.browser();
        let early = browser.open("/sign-in").await;
        sign_in(&mut browser, ALICE, PASSWORD).await;
        let old = browser.cookies[SESSION].clone();
        let before = sessions::list(&t.cx(), alice.id).await.unwrap();
        t.clock.advance(Duration::from_mins(1));
        prove(&mut browser, &early, ALICE, PASSWORD).await;
        let after = sessions::list(&t.cx(), alice.id).await.unwrap();
        assert_eq!((before.len(), after.len()), (1, 1));
        assert_eq!(after[0].id, before[0].id);
        assert!(after[0].auth_time > before[0].auth_time);
        assert!(is_signed_in(&mut browser).await);
        browser.cookies.insert(SESSION.to_owned(), old);
        assert!(!is_signed_in(&mut browser).await, "the secret changed");
    }

    async fn cookies_that_are_no_sessions_are_nobody(t: TestApp) {
        let mut browser = t.browser();
        for value in ["", "x", "af_ss_x", &format!("af_ss_{}", "0".repeat(49)), "a; b", &"x".repeat(5000)] {
            browser.cookies.insert(SESSION.to_owned(), value.to_owned());
            assert!(!is_signed_in(&mut browser).await, "{value}");
        }
    }
}
