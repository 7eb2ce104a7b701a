//! How each provider is asked, and what its answers lead to.

use std::time::Duration;

use authflow_server::config::{Config, HttpUrl, Secret, SmsProvider};
use authflow_testkit::TestApp;
use aws_lc_rs::{digest, hmac};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::provider::{Asked, Provider};
use super::{E164, NUMBER, events, outcomes, queue};
use crate::run_jobs;

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
    // Messages of one instant have no order.
    t.clock.advance(Duration::from_millis(1));
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
