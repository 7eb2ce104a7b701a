//! Any service that takes a POST signed as Standard Webhooks 1.0 has it: `webhook-id`, `webhook-timestamp` and
//! `webhook-signature`, which is HMAC-SHA256 over `id.timestamp.body`.

use authflow_types::Timestamp;
use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderName, Method, header};
use serde_json::json;
use url::Url;

use super::{Provider, by_status, headers};
use crate::config::Sms as Settings;
use crate::net::{Captured, Outbound};
use crate::sms::SmsError;
use crate::sms::model::Outgoing;

/// Bytes that a secret may have (Standard Webhooks: 24 to 64).
const SECRET_LEN: std::ops::RangeInclusive<usize> = 24..=64;

pub(super) struct Signed {
    url: Url,
    key: hmac::Key,
}

impl Signed {
    pub(super) fn new(settings: &Settings) -> Result<Self, SmsError> {
        let own = &settings.http;
        let secret = own.secret.as_ref().ok_or(SmsError::Configuration)?;
        let secret = secret
            .expose()
            .strip_prefix("whsec_")
            .and_then(|text| STANDARD.decode(text).ok())
            .filter(|secret| SECRET_LEN.contains(&secret.len()))
            .ok_or(SmsError::Configuration)?;
        Ok(Self {
            url: own.url.as_ref().ok_or(SmsError::Configuration)?.url().clone(),
            key: hmac::Key::new(hmac::HMAC_SHA256, &secret),
        })
    }
}

impl Provider for Signed {
    fn request(&self, message: &Outgoing, now: Timestamp) -> Result<Outbound, SmsError> {
        let id = message.id.to_string();
        let sent_at = now.as_secs().to_string();
        let body = json!({
            "type": "sms",
            "id": id,
            "tenant": message.tenant,
            "to": message.to.as_str(),
            "text": message.text,
        })
        .to_string();
        let tag = hmac::sign(&self.key, format!("{id}.{sent_at}.{body}").as_bytes());
        let signature = format!("v1,{}", STANDARD.encode(tag));
        Ok(Outbound {
            method: Method::POST,
            url: self.url.clone(),
            headers: headers(&[
                (header::CONTENT_TYPE, "application/json"),
                (HeaderName::from_static("webhook-id"), &id),
                (HeaderName::from_static("webhook-timestamp"), &sent_at),
                (HeaderName::from_static("webhook-signature"), &signature),
            ])?,
            body: Bytes::from(body),
        })
    }

    fn outcome(&self, answer: &Captured) -> Result<(), SmsError> {
        by_status(answer.status, String::new())
    }
}
