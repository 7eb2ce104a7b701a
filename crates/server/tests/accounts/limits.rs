use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use authflow_testkit::TestApp;
use authflow_testkit::{Answer, Browser, both_databases};
use http::StatusCode;

use crate::{ALICE, PASSWORD, SESSION, sign_in};

const WRONG: &str = "some wrong password";

fn address(third: u8) -> IpAddr {
    IpAddr::V4(Ipv4Addr::new(198, 51, third, 7))
}

/// Guesses until it has to wait; the answer that says so.
async fn exhaust(browser: &mut Browser, email: &str) -> Answer {
    for _ in 0..20 {
        let page = sign_in(browser, email, WRONG).await;
        if page.status == StatusCode::TOO_MANY_REQUESTS {
            return page;
        }
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    panic!("nothing slowed the guesser down")
}

both_databases! {
    async fn guesser_has_to_wait_and_is_told_how_long(t: TestApp) {
        t.user("alice").await;
        for email in [ALICE, "nobody@example.com"] {
            let page = exhaust(&mut t.browser(), email).await;
            let wait: u64 = page.header("retry-after").parse().unwrap();
            assert!((1..=300).contains(&wait), "{wait}");
            page.form("/sign-in");
        }
        let right = sign_in(&mut t.browser(), ALICE, PASSWORD).await;
        assert_eq!(right.status, StatusCode::TOO_MANY_REQUESTS, "too early, even for the right password");
        t.clock.advance(Duration::from_mins(5));
        assert_eq!(sign_in(&mut t.browser(), ALICE, PASSWORD).await.path, "/account");
    }

    async fn stranger_cannot_lock_the_owner_out(t: TestApp) {
        t.user("alice").await;
        let mut owner = t.browser();
        owner.ip = address(1);
        sign_in(&mut owner, ALICE, PASSWORD).await;
        owner.cookies.remove(SESSION);

        let mut stranger = t.browser();
        stranger.ip = address(2);
        exhaust(&mut stranger, ALICE).await;
        // At the stranger's own address the browser that the account knows is let through.
        owner.ip = address(2);
        assert_eq!(sign_in(&mut owner, ALICE, PASSWORD).await.path, "/account");
        // At the owner's usual address, so is a browser that nobody knows.
        let mut fresh = t.browser();
        fresh.ip = address(1);
        assert_eq!(sign_in(&mut fresh, ALICE, PASSWORD).await.path, "/account");
    }

    async fn forged_forwarding_header_does_not_escape_the_limit(t: TestApp) {
        t.user("alice").await;
        let mut guesser = t.browser();
        exhaust(&mut guesser, ALICE).await;
        for header in ["x-forwarded-for", "forwarded", "x-real-ip"] {
            guesser.headers.push((header.to_owned(), "203.0.113.9".to_owned()));
            let page = sign_in(&mut guesser, ALICE, WRONG).await;
            assert_eq!(page.status, StatusCode::TOO_MANY_REQUESTS, "{header}");
        }
    }

    async fn known_browser_of_one_account_is_nothing_to_another(t: TestApp) {
        t.user("alice").await;
        t.user("mallory").await;
        let mut mallory = t.browser();
        sign_in(&mut mallory, "mallory@example.com", PASSWORD).await;
        mallory.cookies.remove(SESSION);
        exhaust(&mut mallory, ALICE).await;
        let page = sign_in(&mut mallory, ALICE, PASSWORD).await;
        assert_eq!(page.status, StatusCode::TOO_MANY_REQUESTS);
    }
}
