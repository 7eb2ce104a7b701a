use std::time::Duration;

use authflow_server::config::{MailTransport, Mode};
use authflow_server::{identities, mail};
use authflow_testkit::{BASE, TestApp, both_databases};
use http::StatusCode;

use crate::{NORA, PASSWORD, SESSION, csrf, run_jobs, sign_in, sign_up};

/// The link in the latest mail to `email`.
pub(crate) async fn mailed_link(t: &TestApp, email: &str) -> String {
    run_jobs(t).await;
    let mails = mail::list_captured(&t.cx()).await.unwrap();
    let mail = mails.iter().find(|mail| mail.recipient == email).unwrap();
    let link = mail
        .body_text
        .split_whitespace()
        .find(|word| word.contains("/verify?token="));
    link.unwrap().to_owned()
}

async fn is_verified(t: &TestApp) -> bool {
    let user = identities::find_by_identifier(&t.cx(), NORA)
        .await
        .unwrap()
        .unwrap();
    user.email().unwrap().1
}

both_databases! {
    async fn link_confirms_once_and_only_by_its_button(t: TestApp, |c| { c.mail.transport = MailTransport::Captured; }) {
        sign_up(&mut t.browser(), NORA).await;
        let link = mailed_link(&t, NORA).await;
        let mut anywhere = t.browser();
        let page = anywhere.open(&link).await;
        for _ in 0..3 {
            assert_eq!(anywhere.open(&link).await.status, StatusCode::OK, "a mail scanner uses nothing up");
        }
        assert!(page.words().contains(NORA) && !is_verified(&t).await);
        for password in ["", "a wrong password"] {
            let asked = anywhere.submit(&page, "/verify", &[("password", password)]).await;
            assert_eq!(asked.status, StatusCode::UNPROCESSABLE_ENTITY, "whose account is it?");
        }
        assert!(!is_verified(&t).await);
        let own = [("password", PASSWORD)];
        assert_eq!(anywhere.submit(&page, "/verify", &own).await.status, StatusCode::OK);
        assert!(is_verified(&t).await);
        assert!(!anywhere.cookies.contains_key(SESSION), "a link signs nobody in");
        assert_eq!(anywhere.submit(&page, "/verify", &[]).await.status, StatusCode::BAD_REQUEST);
        assert_eq!(anywhere.open(&link).await.status, StatusCode::BAD_REQUEST);
    }

    async fn link_ends_after_a_quarter_of_an_hour(t: TestApp, |c| { c.mail.transport = MailTransport::Captured; }) {
        sign_up(&mut t.browser(), NORA).await;
        let link = mailed_link(&t, NORA).await;
        t.clock.advance(mail::LINK_TTL - Duration::from_micros(1));
        let page = t.browser().open(&link).await;
        assert_eq!(page.status, StatusCode::OK);
        t.clock.advance(Duration::from_micros(1));
        assert_eq!(t.browser().open(&link).await.status, StatusCode::BAD_REQUEST);
        assert_eq!(t.browser().submit(&page, "/verify", &[]).await.status, StatusCode::BAD_REQUEST);
        assert!(!is_verified(&t).await);
    }

    async fn link_of_one_tenant_is_nothing_to_another(t: TestApp, |c| { c.mail.transport = MailTransport::Captured; }) {
        let acme = t.tenant("acme").await;
        sign_up(&mut t.browser(), NORA).await;
        let link = mailed_link(&t, NORA).await;
        let (_, token) = link.split_once("token=").unwrap();
        let page = acme.browser().open(&format!("/verify?token={token}")).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST);
        let page = acme.browser().post("/verify", &[("token", token)]).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST);
        assert!(!is_verified(&t).await);
    }

    async fn malformed_links_are_refused(t: TestApp) {
        for token in ["", "x", "af_ln_", &format!("af_ln_{}", "0".repeat(49)), "af_ss_x", "%00", "%ff"] {
            let page = t.browser().open(&format!("/verify?token={token}")).await;
            assert_eq!(page.status, StatusCode::BAD_REQUEST, "{token}");
        }
        assert_eq!(t.browser().open("/verify").await.status, StatusCode::BAD_REQUEST);
    }

    async fn link_in_a_mail_is_never_made_from_the_host_header(
        t: TestApp, |c| { c.mail.transport = MailTransport::Captured; }
    ) {
        let mut browser = t.browser();
        for name in ["host", "x-forwarded-host"] {
            browser.headers.push((name.to_owned(), "evil.example".to_owned()));
        }
        sign_up(&mut browser, NORA).await;
        assert!(mailed_link(&t, NORA).await.starts_with(BASE));
        let mails = mail::list_captured(&t.cx()).await.unwrap();
        assert!(mails.iter().all(|mail| !mail.body_html.contains("evil") && !mail.body_text.contains("evil")));
    }

    async fn mails_to_one_recipient_are_limited(t: TestApp, |c| {
        c.mail.transport = MailTransport::Captured;
        c.limits.messages_per_recipient = authflow_server::config::Limits::default().messages_per_recipient;
    }) {
        let mut browser = t.browser();
        let page = sign_up(&mut browser, NORA).await;
        for _ in 0..15 {
            let again = browser.post("/account/verify", &[("csrf", &csrf(&page))]).await;
            assert_eq!(again.status, StatusCode::SEE_OTHER);
        }
        run_jobs(&t).await;
        let count = mail::list_captured(&t.cx()).await.unwrap().len();
        assert!((1..=6).contains(&count), "{count}");
    }

    async fn outbox_shows_the_mails_of_its_tenant(t: TestApp, |c| {
        c.mode = Mode::Dev;
        c.mail.transport = MailTransport::Captured;
    }) {
        let mut browser = t.browser();
        sign_up(&mut browser, NORA).await;
        mailed_link(&t, NORA).await;
        assert!(browser.open("/dev/outbox").await.words().contains(NORA));
        let id = mail::list_captured(&t.cx()).await.unwrap()[0].id;
        assert!(browser.open(&format!("/dev/outbox/{id}")).await.body.contains("/verify?token="));
        let part = browser.open(&format!("/dev/outbox/{id}/html")).await;
        assert!(part.header("content-security-policy").contains("sandbox"), "{:?}", part.headers);
        let acme = t.tenant("acme").await;
        let page = acme.browser().open(&format!("/dev/outbox/{id}")).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND);
    }

    async fn production_has_no_outbox(t: TestApp, |c| { c.mail.transport = MailTransport::Captured; }) {
        assert_eq!(t.browser().open("/dev/outbox").await.status, StatusCode::NOT_FOUND);
    }

    async fn queued_mail_is_sealed(t: TestApp) {
        sign_up(&mut t.browser(), NORA).await;
        let mut tx = t.app.db.read(t.tenant.id).await.unwrap();
        let rows: Vec<(String,)> = authflow_db::q!(
            tx,
            fetch_all<(String,)>,
            "SELECT CAST(payload AS TEXT) FROM jobs WHERE tenant_id = $1 AND kind = 'mail'",
            t.tenant.id
        )
        .unwrap();
        assert_eq!(rows.len(), 1);
        let payload = &rows[0].0;
        assert!(!payload.contains("nora") && !payload.contains("af_ln_"), "{payload}");
    }

    async fn unverified_address_signs_in_with_its_password(t: TestApp) {
        sign_up(&mut t.browser(), NORA).await;
        assert_eq!(sign_in(&mut t.browser(), NORA, PASSWORD).await.path, "/account");
        assert!(!is_verified(&t).await);
    }
}
