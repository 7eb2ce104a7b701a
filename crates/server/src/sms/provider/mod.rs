//! Those who deliver: each says what to send and what the answer means, without I/O of its own.

mod http;
mod sns;
mod twilio;
mod vonage;

use ::http::StatusCode;
use ::http::header::{HeaderMap, HeaderName, HeaderValue, InvalidHeaderValue};
use authflow_types::Timestamp;
use url::Url;

use super::SmsError;
use super::model::Outgoing;
use crate::config::{HttpUrl, Sms as Settings, SmsProvider};
use crate::net::{Captured, Outbound};

/// Most bytes of an answer that are read.
const ANSWER_LIMIT: usize = 16 * 1024;

/// Longest code of a provider that is kept.
const MAX_CODE: usize = 40;

/// A service that delivers text messages.
pub(crate) trait Provider: Send + Sync {
    /// The request that hands it `message`.
    fn request(&self, message: &Outgoing, now: Timestamp) -> Result<Outbound, SmsError>;

    /// What its answer means: taken, never ([`SmsError::Refused`]), or later (the others).
    fn outcome(&self, answer: &Captured) -> Result<(), SmsError>;

    /// Most bytes of an answer that are worth reading.
    fn answer_limit(&self) -> usize {
        ANSWER_LIMIT
    }
}

/// What becomes of text messages in this process.
pub(crate) enum SmsSender {
    /// They are refused.
    None,
    /// They are kept for `/dev/outbox`.
    Captured,
    /// They are delivered.
    Provider(Box<dyn Provider>),
}

impl SmsSender {
    /// As configured.
    ///
    /// # Errors
    /// [`SmsError::Configuration`] if a credential has not the form that its provider gives it.
    pub(crate) fn new(settings: &Settings) -> Result<Self, SmsError> {
        Ok(match settings.provider {
            SmsProvider::None => Self::None,
            SmsProvider::Captured => Self::Captured,
            SmsProvider::Twilio => Self::Provider(Box::new(twilio::Twilio::new(settings)?)),
            SmsProvider::Vonage => Self::Provider(Box::new(vonage::Vonage::new(settings)?)),
            SmsProvider::Sns => Self::Provider(Box::new(sns::Sns::new(settings)?)),
            SmsProvider::Http => Self::Provider(Box::new(http::Signed::new(settings)?)),
        })
    }

    /// Whether messages can be sent at all.
    pub(crate) fn is_on(&self) -> bool {
        !matches!(self, Self::None)
    }
}

/// The API's address below `base`, or below the provider's own.
fn endpoint(base: Option<&HttpUrl>, default: &str, path: &str) -> Result<Url, SmsError> {
    let base = base.map_or(default, |base| base.url().as_str());
    Url::parse(&format!("{}{path}", base.trim_end_matches('/'))).map_err(|_| SmsError::Configuration)
}

/// Headers out of names and values; credentials are marked so that nothing prints them.
fn headers(pairs: &[(HeaderName, &str)]) -> Result<HeaderMap, SmsError> {
    let mut map = HeaderMap::new();
    for (name, value) in pairs {
        let mut value =
            HeaderValue::from_str(value).map_err(|_: InvalidHeaderValue| SmsError::Configuration)?;
        value.set_sensitive(*name == ::http::header::AUTHORIZATION);
        map.insert(name.clone(), value);
    }
    Ok(map)
}

/// A form body.
fn form(fields: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish()
}

/// What a status means where the provider says no more.
fn by_status(status: StatusCode, code: String) -> Result<(), SmsError> {
    let code = if code.is_empty() {
        status.as_u16().to_string()
    } else {
        code
    };
    Err(match status.as_u16() {
        200..=299 => return Ok(()),
        401 | 403 => SmsError::Credentials { code },
        408 | 425 | 429 | 500..=599 => SmsError::Deferred { code },
        400..=499 => SmsError::Refused { code },
        _ => SmsError::Configuration,
    })
}

/// A provider's word for what went wrong, made fit for logs: letters, digits and little more.
fn code(text: &str) -> String {
    text.chars()
        .filter(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'))
        .take(MAX_CODE)
        .collect()
}
