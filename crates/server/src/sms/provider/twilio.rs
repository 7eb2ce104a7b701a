//! Twilio's Messages resource: a form with Basic authentication, 201 and JSON back.

use authflow_types::Timestamp;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{Method, header};
use serde::Deserialize;
use url::Url;

use super::{Provider, by_status, endpoint, form, headers};
use crate::config::{Secret, Sms as Settings};
use crate::net::{Captured, Outbound};
use crate::sms::SmsError;
use crate::sms::model::Outgoing;

pub(super) struct Twilio {
    url: Url,
    account_sid: String,
    auth_token: Secret,
    /// `From` or `MessagingServiceSid`, with its value.
    sender: (&'static str, String),
}

impl Twilio {
    pub(super) fn new(settings: &Settings) -> Result<Self, SmsError> {
        let own = &settings.twilio;
        let account_sid = own.account_sid.clone().ok_or(SmsError::Configuration)?;
        // SECURITY: the account is part of a path.
        if !account_sid.bytes().all(|b| b.is_ascii_alphanumeric()) {
            return Err(SmsError::Configuration);
        }
        let sender = match (&own.messaging_service, &settings.sender) {
            (Some(service), _) => ("MessagingServiceSid", service.clone()),
            (None, Some(sender)) => ("From", sender.clone()),
            (None, None) => return Err(SmsError::Configuration),
        };
        let path = format!("/2010-04-01/Accounts/{account_sid}/Messages.json");
        Ok(Self {
            url: endpoint(own.base_url.as_ref(), "https://api.twilio.com", &path)?,
            account_sid,
            auth_token: own.auth_token.clone().ok_or(SmsError::Configuration)?,
            sender,
        })
    }
}

#[derive(Deserialize)]
struct Failure {
    code: Option<u64>,
}

impl Provider for Twilio {
    fn request(&self, message: &Outgoing, _: Timestamp) -> Result<Outbound, SmsError> {
        let basic = STANDARD.encode(format!("{}:{}", self.account_sid, self.auth_token.expose()));
        let fields = [
            ("To", message.to.as_str()),
            (self.sender.0, &self.sender.1),
            ("Body", &message.text),
        ];
        Ok(Outbound {
            method: Method::POST,
            url: self.url.clone(),
            headers: headers(&[
                (header::AUTHORIZATION, &format!("Basic {basic}")),
                (header::CONTENT_TYPE, "application/x-www-form-urlencoded"),
                (header::ACCEPT, "application/json"),
            ])?,
            body: Bytes::from(form(&fields)),
        })
    }

    fn outcome(&self, answer: &Captured) -> Result<(), SmsError> {
        let failure: Option<Failure> = serde_json::from_slice(&answer.body).ok();
        let code = failure.and_then(|failure| failure.code);
        by_status(
            answer.status,
            code.map(|code| code.to_string()).unwrap_or_default(),
        )
    }
}
