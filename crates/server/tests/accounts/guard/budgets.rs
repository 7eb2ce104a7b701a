//! What a stranger uses up is the stranger's; what a thief may try ends.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use authflow_server::config::{Limits, MailTransport};
use authflow_testkit::{Browser, TestApp, both_databases};
use http::StatusCode;

use super::{NEW, ask_code, links, mails, post, recover, sign_in_by_code};
use crate::second_factor::{second, with_app};
use crate::{ALICE, PASSWORD, SESSION, place, sign_in};

fn from(t: &TestApp, network: u8) -> Browser {
    let mut browser = t.browser();
    browser.ip = IpAddr::V4(Ipv4Addr::new(203, 0, network, 7));
    browser
}

async fn use_up(t: &TestApp, network: u8) {
    for _ in 0..12 {
        ask_code(&mut from(t, network), ALICE).await;
    }
    // The mail of the next instant is the latest.
    t.clock.advance(Duration::from_secs(1));
}

/// Gives so many wrong codes as whoever stole the password.
async fn guess(t: &TestApp, count: u8) {
    for network in 0..count {
        t.clock.advance(Duration::from_mins(10));
        let mut thief = from(t, network);
        let page = sign_in(&mut thief, ALICE, PASSWORD).await;
        let answer = second(&mut thief, &page, "000000").await;
        assert_eq!(
            answer.status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{network}: {}",
            answer.words()
        );
    }
    t.clock.advance(Duration::from_mins(10));
}

async fn rows(t: &TestApp) -> i64 {
    let mut tx = t.app.db.read(t.tenant.id).await.unwrap();
    let sql = "SELECT COUNT(*) FROM jobs WHERE tenant_id = $1 AND kind = 'mail'";
    let (count,) = authflow_db::q!(&mut tx, fetch_one<(i64,)>, sql, t.tenant.id).unwrap();
    count
}

both_databases! {
    async fn stranger_uses_up_nobodys_messages(t: TestApp, |c| {
        c.mail.transport = MailTransport::Captured;
        c.limits.messages_per_recipient = Limits::default().messages_per_recipient;
    }) {
        t.user("alice").await;
        use_up(&t, 1).await;
        let used_up = mails(&t, ALICE).await.len();
        assert!(used_up < 8, "{used_up}");
        let mut owner = from(&t, 2);
        assert_eq!(place(&sign_in_by_code(&t, &mut owner, ALICE).await), "/account", "another source has its own");
        // At the stranger's own source a password can still be recovered.
        let page = recover(&t, &mut from(&t, 1), ALICE).await;
        assert_eq!(place(&page), "/account", "{}", page.words());
    }

    async fn many_sources_flood_nobody_and_known_browsers_go_on(t: TestApp, |c| {
        c.mail.transport = MailTransport::Captured;
        c.limits.messages_per_recipient = Limits::default().messages_per_recipient;
    }) {
        t.user("alice").await;
        let mut owner = from(&t, 200);
        sign_in(&mut owner, ALICE, PASSWORD).await;
        owner.cookies.remove(SESSION);
        for network in 0..20 {
            use_up(&t, network).await;
        }
        let used_up = mails(&t, ALICE).await.len();
        assert!(used_up < 40, "{used_up}");
        let page = ask_code(&mut from(&t, 201), ALICE).await;
        assert_eq!(page.status, StatusCode::TOO_MANY_REQUESTS, "{}", page.words());
        assert_eq!(place(&sign_in_by_code(&t, &mut owner, ALICE).await), "/account", "the owner's own browser");
    }

    async fn stolen_password_gets_fifty_tries_at_a_second_factor(t: TestApp, |c| { c.mail.transport = MailTransport::Captured; }) {
        let (_, app, codes) = with_app(&t).await;
        guess(&t, 50).await;
        for (network, code) in [(60, app.code(&t)), (61, codes[0].clone())] {
            let mut thief = from(&t, network);
            let page = sign_in(&mut thief, ALICE, PASSWORD).await;
            let method = if network == 60 { "totp" } else { "recovery_code" };
            let page = thief.open(&page.path.replacen('?', &format!("?method={method}&"), 1)).await;
            let answer = second(&mut thief, &page, &code).await;
            assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS, "{}", answer.words());
            assert!(!thief.cookies.contains_key(SESSION));
        }
        let mut owner = from(&t, 62);
        let page = sign_in_by_code(&t, &mut owner, ALICE).await;
        assert_eq!(place(&second(&mut owner, &page, &app.code(&t)).await), "/account", "a mailed code leads on");
        t.clock.advance(Duration::from_secs(30));
        let mut owner = from(&t, 63);
        let page = sign_in(&mut owner, ALICE, PASSWORD).await;
        assert_eq!(place(&second(&mut owner, &page, &app.code(&t)).await), "/account", "and all is forgiven");
    }

    async fn new_password_gives_new_tries_at_a_second_factor(t: TestApp, |c| { c.mail.transport = MailTransport::Captured; }) {
        let (_, app, _) = with_app(&t).await;
        guess(&t, 50).await;
        let mut owner = from(&t, 60);
        assert_eq!(place(&recover(&t, &mut owner, ALICE).await), "/sign-in/second");
        let mut owner = from(&t, 61);
        let page = sign_in(&mut owner, ALICE, NEW).await;
        assert_eq!(place(&second(&mut owner, &page, &app.code(&t)).await), "/account");
    }

    async fn message_to_nobody_writes_what_one_to_somebody_does(t: TestApp, |c| { c.mail.transport = MailTransport::Captured; }) {
        let mut t = t;
        t.set(|settings| settings.methods.magic_link = true).await;
        t.user("alice").await;
        for email in [ALICE, "nobody@example.com"] {
            let before = rows(&t).await;
            ask_code(&mut t.browser(), email).await;
            let mut browser = t.browser();
            let page = browser.open("/sign-in").await;
            post(&mut browser, &page, "/sign-in/challenge", &[("identifier", email), ("method", "magic_link")]).await;
            let page = browser.open("/recover").await;
            browser.submit(&page, "/recover", &[("identifier", email)]).await;
            assert_eq!(rows(&t).await - before, 3, "{email}");
        }
        assert_eq!(links(&t, ALICE, "/recover/new").await.len(), 1);
        assert!(mails(&t, "").await.is_empty() && mails(&t, "nobody@example.com").await.is_empty());
    }
}
