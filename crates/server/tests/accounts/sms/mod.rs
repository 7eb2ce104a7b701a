//! Text messages: what is sent, to whom not, how many, and how each provider is asked.

mod provider;
mod providers;

use std::time::Duration;

use authflow_db::{Json, q};
use authflow_server::Cx;
use authflow_server::config::{Config, Mode, SmsProvider};
use authflow_server::cx::{Actor, RequestInfo};
use authflow_server::pages::Locale;
use authflow_server::sms::{self, Sms, SmsError};
use authflow_testkit::{TestApp, both_databases};
use http::StatusCode;
use serde_json::Value;

use crate::run_jobs;

const NUMBER: &str = "+49 (0)151 234-567 89";
const E164: &str = "+4915123456789";

fn code() -> Sms {
    Sms::Code {
        code: "123456".to_owned(),
        expires_minutes: 10,
        domain: "id.example".to_owned(),
    }
}

/// Queues a code as a visitor from `ip` would have it queued.
async fn queue_from(t: &TestApp, ip: &str, to: &str) -> Result<(), SmsError> {
    let request = RequestInfo {
        ip: Some(ip.parse().unwrap()),
        ..RequestInfo::default()
    };
    let mut cx = Cx::new(t.app.clone(), t.tenant.clone(), Actor::Anonymous, request);
    sms::queue(&mut cx, to, Locale::En, code()).await?;
    cx.commit().await.unwrap();
    Ok(())
}

async fn queue(t: &TestApp, to: &str) -> Result<(), SmsError> {
    queue_from(t, "192.0.2.1", to).await
}

fn captured(config: &mut Config) {
    config.sms.provider = SmsProvider::Captured;
    config.sms.countries = vec!["DE".to_owned(), "US".to_owned()];
    config.mode = Mode::Dev;
}

/// Events of a type, by their payload.
async fn events(t: &TestApp, kind: &str) -> Vec<Value> {
    let mut tx = t.cx().read().await.unwrap();
    let rows = q!(
        tx,
        fetch_all<(Json<Value>,)>,
        "SELECT payload FROM events WHERE tenant_id = $1 AND type = $2 ORDER BY id",
        t.tenant.id,
        kind
    )
    .unwrap();
    rows.into_iter().map(|(payload,)| payload.0).collect()
}

/// How jobs of text messages ended: attempts, whether they are over, the last error.
async fn outcomes(t: &TestApp) -> Vec<(i64, bool, Option<String>)> {
    let mut tx = t.cx().read().await.unwrap();
    q!(
        tx,
        fetch_all<(i64, bool, Option<String>)>,
        "SELECT attempt_count, finished_at IS NOT NULL, last_error FROM jobs \
         WHERE tenant_id = $1 AND kind = 'sms' ORDER BY id",
        t.tenant.id
    )
    .unwrap()
}

both_databases! {
    async fn code_ends_with_the_line_that_binds_it_to_its_page(t: TestApp, |c| { captured(c); }) {
        queue(&t, NUMBER).await.unwrap();
        assert!(sms::list_captured(&t.cx()).await.unwrap().is_empty(), "nothing is sent before the commit's job runs");
        run_jobs(&t).await;
        let kept = sms::list_captured(&t.cx()).await.unwrap();
        assert_eq!((kept.len(), kept[0].recipient.as_str()), (1, E164));
        let lines: Vec<&str> = kept[0].body.lines().collect();
        assert_eq!(lines, ["123456 is your code for Authflow. It works for 10 minutes. Nobody will ask you for it.", "", "@id.example #123456"]);
        let mut browser = t.browser();
        let page = browser.open("/dev/outbox").await;
        assert!(page.words().contains(E164) && page.words().contains("123456 is your code"));
        let page = browser.open(&format!("/dev/outbox/{}", kept[0].id)).await;
        assert!(page.words().contains("@id.example #123456"), "{}", page.words());
        let acme = t.tenant("acme").await;
        let foreign = acme.get(&format!("/dev/outbox/{}", kept[0].id), &[]).await;
        assert_eq!(foreign.status, StatusCode::NOT_FOUND);
    }

    async fn queued_message_is_unreadable_in_the_database(t: TestApp, |c| { captured(c); }) {
        queue(&t, NUMBER).await.unwrap();
        let mut tx = t.cx().read().await.unwrap();
        let (payload,) = q!(tx, fetch_one<(Json<Value>,)>, "SELECT payload FROM jobs WHERE kind = 'sms'").unwrap();
        let text = payload.0.to_string();
        assert!(!text.contains("15123456789") && !text.contains("123456"), "{text}");
    }

    async fn nothing_is_sent_unless_a_provider_is_configured(t: TestApp) {
        assert!(matches!(queue(&t, NUMBER).await, Err(SmsError::Off)));
    }

    async fn nothing_is_sent_before_countries_are_named(t: TestApp, |c| { captured(c); c.sms.countries.clear(); }) {
        assert!(matches!(queue(&t, NUMBER).await, Err(SmsError::Country)));
    }

    async fn only_ordinary_numbers_of_allowed_countries_receive(t: TestApp, |c| { captured(c); }) {
        let mut t = t;
        for (number, expected) in [
            ("0151 23456789", "number"),
            ("+49 900 1234567", "kind"),
            ("+49 30 123456", "kind"),
            ("+44 7400 123456", "country"),
            ("+1 876 123 4567", "country"), // Jamaica shares +1
            ("+88213300000", "country"),
        ] {
            let refused = match queue(&t, number).await {
                Err(SmsError::Number) => "number",
                Err(SmsError::Kind) => "kind",
                Err(SmsError::Country) => "country",
                other => panic!("{number}: {other:?}"),
            };
            assert_eq!(refused, expected, "{number}");
        }
        queue(&t, "+1 202 555 0123").await.unwrap();
        t.set(|s| s.sms_countries = Some(vec!["DE".to_owned(), "GB".to_owned()])).await;
        assert!(matches!(queue(&t, "+1 202 555 0124").await, Err(SmsError::Country)), "a tenant may allow fewer");
        assert!(matches!(queue(&t, "+447400123456").await, Err(SmsError::Country)), "and no more");
        queue(&t, NUMBER).await.unwrap();
        run_jobs(&t).await;
        assert_eq!(sms::list_captured(&t.cx()).await.unwrap().len(), 2);
    }

    async fn one_number_receives_so_many_an_hour(t: TestApp, |c| { captured(c); c.sms.per_recipient = 2; }) {
        queue_from(&t, "192.0.2.1", NUMBER).await.unwrap();
        queue_from(&t, "198.51.100.1", E164).await.unwrap();
        let Err(SmsError::Limited { retry_after }) = queue_from(&t, "203.0.113.1", E164).await else { panic!() };
        assert!(retry_after > Duration::ZERO && retry_after <= Duration::from_hours(1));
        queue(&t, "+4915123456780").await.unwrap();
        queue(&t.tenant("acme").await, NUMBER).await.unwrap();
        t.clock.advance(retry_after - Duration::from_micros(1));
        assert!(queue(&t, NUMBER).await.is_err());
        t.clock.advance(Duration::from_micros(1));
        queue(&t, NUMBER).await.unwrap();
    }

    async fn one_source_has_so_many_sent_an_hour(t: TestApp, |c| { captured(c); c.sms.per_source = 2; }) {
        queue_from(&t, "192.0.2.1", "+4915123456701").await.unwrap();
        queue_from(&t, "192.0.2.200", "+4915123456702").await.unwrap();
        let third = queue_from(&t, "192.0.2.7", "+4915123456703").await;
        assert!(matches!(third, Err(SmsError::Limited { .. })), "{third:?}");
        queue_from(&t, "192.0.3.1", "+4915123456703").await.unwrap();
    }

    async fn one_tenant_sends_so_many_a_day(t: TestApp, |c| { captured(c); c.sms.per_tenant = 3; }) {
        let mut t = t;
        t.set(|s| s.sms_per_day = Some(2)).await;
        for last in 1..=2 {
            queue_from(&t, &format!("192.0.{last}.1"), &format!("+491512345670{last}")).await.unwrap();
        }
        let Err(SmsError::Limited { retry_after }) = queue(&t, NUMBER).await else { panic!() };
        assert!(retry_after <= Duration::from_hours(24));
        t.set(|s| s.sms_per_day = Some(1_000_000)).await;
        queue(&t, NUMBER).await.unwrap();
        assert!(queue(&t, "+4915123456700").await.is_err(), "a tenant cannot raise the installation's limit");
        t.clock.advance(retry_after);
        queue(&t, "+4915123456700").await.unwrap();
    }

    async fn refused_messages_that_are_not_committed_cost_nothing(t: TestApp, |c| { captured(c); c.sms.per_recipient = 1; }) {
        let mut cx = t.cx();
        sms::queue(&mut cx, NUMBER, Locale::En, code()).await.unwrap();
        cx.rollback().await;
        queue(&t, NUMBER).await.unwrap();
        run_jobs(&t).await;
        assert_eq!(sms::list_captured(&t.cx()).await.unwrap().len(), 1);
    }

    async fn code_that_would_come_too_late_is_not_sent(t: TestApp, |c| { captured(c); }) {
        queue(&t, NUMBER).await.unwrap();
        t.clock.advance(Duration::from_mins(10));
        run_jobs(&t).await;
        assert!(sms::list_captured(&t.cx()).await.unwrap().is_empty());
        assert_eq!(events(&t, "sms.failed").await[0]["reason"], "expired");
    }
}
