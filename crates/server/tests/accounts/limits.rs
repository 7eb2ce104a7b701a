use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use authflow_server::tenants::ProofOfWork;
use authflow_testkit::TestApp;
use authflow_testkit::{Answer, Browser, both_databases};
use http::StatusCode;

use crate::abuse::solve;
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
        let mut owner = t.browser();
        let page = sign_in(&mut owner, ALICE, PASSWORD).await;
        assert_eq!(solve(&mut owner, &page, "/sign-in").await.path, "/account");
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

    async fn delays_grow_until_they_are_capped_and_end_when_failures_are_forgiven(t: TestApp, |c| { c.limits.per_account_and_source.max_delay = Duration::from_secs(8); }) {
        let mut t = t;
        t.user("alice").await;
        t.set(|settings| settings.abuse.proof_of_work = ProofOfWork::Never).await;
        let mut guesser = t.browser();
        let mut waits = Vec::new();
        for _ in 0..10 {
            let mut page = sign_in(&mut guesser, ALICE, WRONG).await;
            if page.status == StatusCode::TOO_MANY_REQUESTS {
                let wait = page.header("retry-after").parse().unwrap();
                waits.push(wait);
                t.clock.advance(Duration::from_secs(wait));
                page = sign_in(&mut guesser, ALICE, WRONG).await;
            }
            assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        }
        assert_eq!(waits, [1, 2, 4, 8, 8]);
        t.clock.advance(Duration::from_hours(24));
        assert_eq!(sign_in(&mut guesser, ALICE, WRONG).await.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(sign_in(&mut guesser, ALICE, PASSWORD).await.path, "/account");
    }

    async fn source_that_guesses_at_many_accounts_waits_and_works_at_every_account(t: TestApp, |c| { c.limits.per_source.free_failures = 4; }) {
        t.user("alice").await;
        let from = |last: u16| {
            let mut browser = t.browser();
            browser.ip = IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 1, 2, 0, 0, 0, last));
            browser
        };
        for last in 0..4 {
            let page = sign_in(&mut from(last), &format!("user{last}@example.com"), WRONG).await;
            assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        }
        // Other addresses of the prefix are the same source, whichever account they ask for.
        assert_eq!(sign_in(&mut from(9), ALICE, PASSWORD).await.status, StatusCode::TOO_MANY_REQUESTS);
        t.clock.advance(Duration::from_secs(2));
        let mut here = from(10);
        let page = sign_in(&mut here, ALICE, PASSWORD).await;
        assert_eq!(solve(&mut here, &page, "/sign-in").await.path, "/account");
        let mut elsewhere = from(1);
        elsewhere.ip = IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 1, 0x300, 0, 0, 0, 1));
        assert_eq!(sign_in(&mut elsewhere, ALICE, PASSWORD).await.path, "/account", "another prefix");
    }

    async fn guesses_from_many_sources_ask_strangers_for_work_and_the_owner_for_none(t: TestApp, |c| { c.limits.per_account.free_failures = 4; }) {
        t.user("alice").await;
        let mut owner = t.browser();
        owner.ip = address(1);
        sign_in(&mut owner, ALICE, PASSWORD).await;
        owner.cookies.remove(SESSION);
        for third in 10..14 {
            let mut guesser = t.browser();
            guesser.ip = address(third);
            sign_in(&mut guesser, ALICE, WRONG).await;
        }
        let mut stranger = t.browser();
        stranger.ip = address(20);
        let early = sign_in(&mut stranger, ALICE, PASSWORD).await;
        assert_eq!(early.status, StatusCode::TOO_MANY_REQUESTS);
        t.clock.advance(Duration::from_secs(2));
        let page = sign_in(&mut stranger, ALICE, PASSWORD).await;
        assert_eq!(solve(&mut stranger, &page, "/sign-in").await.path, "/account");
        owner.ip = address(21);
        assert_eq!(sign_in(&mut owner, ALICE, PASSWORD).await.path, "/account", "the browser is known");
    }
}
