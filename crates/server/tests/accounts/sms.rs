//! Text messages: what is sent, to whom not, how many, and how each provider is asked.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use authflow_db::{Json, q};
use authflow_server::Cx;
use authflow_server::config::{Config, HttpUrl, Mode, Secret, SmsProvider};
use authflow_server::cx::{Actor, RequestInfo};
use authflow_server::pages::Locale;
use authflow_server::sms::{self, Sms, SmsError};
use authflow_testkit::{TestApp, both_databases};
use aws_lc_rs::{digest, hmac};
use axum::Router;
use axum::body::Bytes;
use axum::extract::Request;
use axum::response::IntoResponse as _;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, StatusCode};
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

/// What a provider was asked.
#[derive(Debug, Clone)]
struct Asked {
    method: String,
    target: String,
    headers: HeaderMap,
    body: String,
}

impl Asked {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    fn fields(&self) -> Vec<(String, String)> {
        form_urlencoded::parse(self.body.as_bytes())
            .into_owned()
            .collect()
    }

    fn field(&self, name: &str) -> String {
        let fields = self.fields();
        let found = fields.iter().find(|(key, _)| key == name);
        found.unwrap_or_else(|| panic!("{name} in {fields:?}")).1.clone()
    }
}

/// A provider on this machine, over real HTTP: answers as told, keeps what it is asked.
#[derive(Clone)]
struct Provider {
    url: String,
    asked: Arc<Mutex<Vec<Asked>>>,
    answers: Arc<Mutex<VecDeque<(u16, String)>>>,
}

impl Provider {
    async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let provider = Self {
            url: format!("http://{}", listener.local_addr().unwrap()),
            asked: Arc::default(),
            answers: Arc::default(),
        };
        let own = provider.clone();
        let router = Router::new().fallback(move |request: Request| {
            let own = own.clone();
            async move {
                let (parts, body) = request.into_parts();
                let body: Bytes = axum::body::to_bytes(body, 1 << 20).await.unwrap();
                own.asked.lock().unwrap().push(Asked {
                    method: parts.method.to_string(),
                    target: parts.uri.to_string(),
                    headers: parts.headers,
                    body: String::from_utf8(body.to_vec()).unwrap(),
                });
                let (status, text) = own
                    .answers
                    .lock()
                    .unwrap()
                    .pop_front()
                    .expect("an answer for each request");
                (StatusCode::from_u16(status).unwrap(), text).into_response()
            }
        });
        tokio::spawn(async move { axum::serve(listener, router).await });
        provider
    }

    fn base(&self) -> Option<HttpUrl> {
        HttpUrl::parse(&self.url)
    }

    fn will_answer(&self, answers: &[(u16, &str)]) {
        let answers = answers.iter().map(|(status, body)| (*status, (*body).to_owned()));
        *self.answers.lock().unwrap() = answers.collect();
        self.asked.lock().unwrap().clear();
    }

    fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}

/// An installation on each database.
async fn installations(change: impl Fn(&mut Config)) -> Vec<TestApp> {
    let mut all = vec![TestApp::sqlite_with(&change).await];
    all.extend(TestApp::postgres_with(&change).await);
    all
}

fn sending(config: &mut Config, provider: SmsProvider) {
    config.sms.provider = provider;
    config.sms.countries = vec!["DE".to_owned()];
    config.sms.sender = Some("+4915199999999".to_owned());
}

/// What every provider's answers lead to: `taken`, then one that asks for patience, then one that refuses.
async fn answers_are_understood(
    t: &TestApp,
    provider: &Provider,
    [taken, later, never]: [(u16, &str); 3],
    reason: &str,
) {
    provider.will_answer(&[later, taken]);
    queue(t, NUMBER).await.unwrap();
    run_jobs(t).await;
    assert_eq!(provider.asked().len(), 1);
    let (attempts, is_over, error) = outcomes(t).await.pop().unwrap();
    assert_eq!((attempts, is_over), (1, false), "{error:?}");
    t.clock.advance(Duration::from_secs(7));
    run_jobs(t).await;
    run_jobs(t).await;
    assert_eq!(provider.asked().len(), 2, "taken once is enough");
    let (_, is_over, error) = outcomes(t).await.pop().unwrap();
    assert_eq!((is_over, error), (true, None));

    provider.will_answer(&[never]);
    queue(t, NUMBER).await.unwrap();
    run_jobs(t).await;
    let (_, is_over, error) = outcomes(t).await.pop().unwrap();
    let error = error.unwrap();
    assert!(is_over && error.contains(reason), "{error}");
    assert!(!error.contains("1512345"), "{error}");
    assert_eq!(events(t, "sms.failed").await[0]["reason"], reason);
}

#[tokio::test]
async fn twilio_is_asked_as_its_api_has_it() {
    let provider = Provider::start().await;
    let configure = |c: &mut Config| {
        sending(c, SmsProvider::Twilio);
        c.sms.twilio.account_sid = Some("AC0123456789abcdef".to_owned());
        c.sms.twilio.auth_token = Some(Secret::new("s3cret:token".to_owned()));
        c.sms.twilio.base_url = provider.base();
    };
    for t in installations(configure).await {
        let taken = (201, r#"{"sid":"SM1","status":"queued"}"#);
        provider.will_answer(&[taken]);
        queue(&t, NUMBER).await.unwrap();
        run_jobs(&t).await;
        let asked = provider.asked().pop().unwrap();
        assert_eq!(asked.method, "POST");
        assert_eq!(
            asked.target,
            "/2010-04-01/Accounts/AC0123456789abcdef/Messages.json"
        );
        let basic = STANDARD.encode("AC0123456789abcdef:s3cret:token");
        assert_eq!(asked.header("authorization"), format!("Basic {basic}"));
        assert_eq!(asked.header("content-type"), "application/x-www-form-urlencoded");
        assert_eq!(
            (asked.field("To"), asked.field("From")),
            (E164.to_owned(), "+4915199999999".to_owned())
        );
        assert!(asked.field("Body").ends_with("\n\n@id.example #123456"));
        assert_eq!(asked.fields().len(), 3);
        let never = (
            400,
            r#"{"code":21211,"message":"Invalid 'To' Phone Number: +4915123456789","status":400}"#,
        );
        answers_are_understood(&t, &provider, [taken, (429, r#"{"code":20429}"#), never], "21211").await;
    }
}

#[tokio::test]
async fn vonage_is_asked_as_its_api_has_it() {
    let provider = Provider::start().await;
    let configure = |c: &mut Config| {
        sending(c, SmsProvider::Vonage);
        c.sms.vonage.api_key = Some("abcd1234".to_owned());
        c.sms.vonage.api_secret = Some(Secret::new("s3cret".to_owned()));
        c.sms.vonage.base_url = provider.base();
    };
    for t in installations(configure).await {
        let taken = (
            200,
            r#"{"message-count":"1","messages":[{"to":"4915123456789","status":"0"}]}"#,
        );
        provider.will_answer(&[taken]);
        queue(&t, NUMBER).await.unwrap();
        run_jobs(&t).await;
        let asked = provider.asked().pop().unwrap();
        assert_eq!(
            (asked.method.as_str(), asked.target.as_str()),
            ("POST", "/sms/json")
        );
        for (name, value) in [
            ("api_key", "abcd1234"),
            ("api_secret", "s3cret"),
            ("from", "4915199999999"),
            ("to", "4915123456789"),
            ("type", "text"),
        ] {
            assert_eq!(asked.field(name), value, "{name}");
        }
        assert!(asked.field("text").ends_with("@id.example #123456"));
        let later = (200, r#"{"messages":[{"status":"1","error-text":"Throttled"}]}"#);
        let never = (
            200,
            r#"{"messages":[{"status":"3","error-text":"Invalid number 4915123456789"}]}"#,
        );
        answers_are_understood(&t, &provider, [taken, later, never], "3").await;
    }
}

#[tokio::test]
async fn sns_is_asked_with_a_signature_that_amazon_would_compute() {
    const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
    let provider = Provider::start().await;
    let configure = |c: &mut Config| {
        sending(c, SmsProvider::Sns);
        c.sms.sender = Some("ACME".to_owned());
        c.sms.sns.region = Some("eu-central-1".to_owned());
        c.sms.sns.access_key_id = Some("AKIDEXAMPLE".to_owned());
        c.sms.sns.secret_access_key = Some(Secret::new(SECRET.to_owned()));
        c.sms.sns.session_token = Some(Secret::new("session//token==".to_owned()));
        c.sms.sns.base_url = provider.base();
    };
    for t in installations(configure).await {
        let taken = (
            200,
            "<PublishResponse><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>",
        );
        provider.will_answer(&[taken]);
        queue(&t, NUMBER).await.unwrap();
        run_jobs(&t).await;
        let asked = provider.asked().pop().unwrap();
        assert_eq!((asked.method.as_str(), asked.target.as_str()), ("POST", "/"));
        for (name, value) in [
            ("Action", "Publish"),
            ("Version", "2010-03-31"),
            ("PhoneNumber", E164),
            ("MessageAttributes.entry.1.Name", "AWS.SNS.SMS.SMSType"),
            ("MessageAttributes.entry.1.Value.StringValue", "Transactional"),
            ("MessageAttributes.entry.2.Name", "AWS.SNS.SMS.SenderID"),
            ("MessageAttributes.entry.2.Value.StringValue", "ACME"),
        ] {
            assert_eq!(asked.field(name), value, "{name}");
        }
        assert_eq!(asked.header("authorization"), signature_v4(&asked, SECRET));
        assert!(asked.header("authorization").contains("x-amz-security-token"));
        let later = (
            400,
            "<ErrorResponse><Error><Code>Throttling</Code><Message>+4915123456789</Message></Error></ErrorResponse>",
        );
        let never = (
            400,
            "<ErrorResponse><Error><Code>InvalidParameter</Code></Error></ErrorResponse>",
        );
        answers_are_understood(&t, &provider, [taken, later, never], "InvalidParameter").await;
    }
}

fn digit(nibble: u8) -> char {
    char::from_digit(u32::from(nibble), 16).unwrap()
}

/// The signature as the service computes it: from what arrived (AWS Signature Version 4, "Create a signed request").
fn signature_v4(asked: &Asked, secret: &str) -> String {
    let hex = |bytes: &[u8]| {
        bytes
            .iter()
            .flat_map(|byte| [byte >> 4, byte & 15])
            .map(digit)
            .collect::<String>()
    };
    let sha256 = |text: &str| hex(digest::digest(&digest::SHA256, text.as_bytes()).as_ref());
    let mac = |key: &[u8], text: &str| hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), text.as_bytes());
    let date = asked.header("x-amz-date");
    let scope = format!("{}/eu-central-1/sns/aws4_request", &date[..8]);
    let signed = ["content-type", "host", "x-amz-date", "x-amz-security-token"];
    let headers: Vec<String> = signed
        .iter()
        .map(|name| format!("{name}:{}", asked.header(name)))
        .collect();
    let headers = headers.join("\n") + "\n";
    let names = signed.join(";");
    let request = format!("POST\n/\n\n{headers}\n{names}\n{}", sha256(&asked.body));
    let to_sign = format!("AWS4-HMAC-SHA256\n{date}\n{scope}\n{}", sha256(&request));
    let key = mac(format!("AWS4{secret}").as_bytes(), &date[..8]);
    let key = mac(key.as_ref(), "eu-central-1");
    let key = mac(key.as_ref(), "sns");
    let key = mac(key.as_ref(), "aws4_request");
    let signature = hex(mac(key.as_ref(), &to_sign).as_ref());
    format!("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/{scope}, SignedHeaders={names}, Signature={signature}")
}

#[tokio::test]
async fn own_service_is_asked_with_a_standard_webhooks_signature() {
    let provider = Provider::start().await;
    let key = [7_u8; 32];
    let configure = |c: &mut Config| {
        sending(c, SmsProvider::Http);
        c.sms.http.url = HttpUrl::parse(&format!("{}/send?x=1", provider.url));
        c.sms.http.secret = Some(Secret::new(format!("whsec_{}", STANDARD.encode(key))));
    };
    for t in installations(configure).await {
        provider.will_answer(&[(202, "")]);
        queue(&t, NUMBER).await.unwrap();
        run_jobs(&t).await;
        let asked = provider.asked().pop().unwrap();
        assert_eq!(
            (asked.method.as_str(), asked.target.as_str()),
            ("POST", "/send?x=1")
        );
        let (id, at) = (asked.header("webhook-id"), asked.header("webhook-timestamp"));
        let signed = format!("{id}.{at}.{}", asked.body);
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &key), signed.as_bytes());
        assert_eq!(
            asked.header("webhook-signature"),
            format!("v1,{}", STANDARD.encode(tag))
        );
        assert_eq!(at.parse::<i64>().unwrap(), t.now().as_secs());
        let body: Value = serde_json::from_str(&asked.body).unwrap();
        assert_eq!(
            (&body["to"], &body["type"], &body["tenant"]),
            (&E164.into(), &"sms".into(), &"default".into())
        );
        assert_eq!(body["id"], id);
        answers_are_understood(&t, &provider, [(204, ""), (503, ""), (422, "")], "422").await;
    }
}

#[tokio::test]
async fn wrong_credentials_are_tried_again_since_they_are_not_the_recipients_fault() {
    let provider = Provider::start().await;
    let configure = |c: &mut Config| {
        sending(c, SmsProvider::Twilio);
        c.sms.twilio.account_sid = Some("AC1".to_owned());
        c.sms.twilio.auth_token = Some(Secret::new("wrong".to_owned()));
        c.sms.twilio.base_url = provider.base();
    };
    for t in installations(configure).await {
        provider.will_answer(&[(401, r#"{"code":20003}"#), (201, "{}")]);
        queue(&t, NUMBER).await.unwrap();
        run_jobs(&t).await;
        assert!(!outcomes(&t).await[0].1);
        t.clock.advance(Duration::from_secs(7));
        run_jobs(&t).await;
        assert_eq!(outcomes(&t).await[0].2, None);
        assert!(events(&t, "sms.failed").await.is_empty());
    }
}

#[tokio::test]
async fn provider_that_cannot_be_reached_is_tried_again() {
    let configure = |c: &mut Config| {
        sending(c, SmsProvider::Vonage);
        c.sms.vonage.api_key = Some("k".to_owned());
        c.sms.vonage.api_secret = Some(Secret::new("s".to_owned()));
        // Port 9 of this machine: nobody is there.
        c.sms.vonage.base_url = HttpUrl::parse("http://127.0.0.1:9");
    };
    for t in installations(configure).await {
        queue(&t, NUMBER).await.unwrap();
        run_jobs(&t).await;
        let (attempts, is_over, error) = outcomes(&t).await.pop().unwrap();
        assert_eq!((attempts, is_over), (1, false));
        assert!(error.unwrap().contains("could not be reached"));
    }
}
