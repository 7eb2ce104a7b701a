//! Vonage's SMS API: a form that carries the credentials; 200 and JSON back, whose `status` says what happened.

use authflow_types::Timestamp;
use bytes::Bytes;
use http::{Method, header};
use serde::Deserialize;
use url::Url;

use super::{Provider, by_status, code, endpoint, form, headers};
use crate::config::{Secret, Sms as Settings};
use crate::net::{Captured, Outbound};
use crate::sms::SmsError;
use crate::sms::model::Outgoing;

/// The characters of GSM 03.38 beyond ASCII letters, digits and blanks; a text with others goes as UCS-2.
const GSM: &str = "@£$¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ!\"#¤%&'()*+,-./:;<=>?¡ÄÖÑÜ§¿äöñüà\n\r ^{}\\[~]|€";

pub(super) struct Vonage {
    url: Url,
    api_key: String,
    api_secret: Secret,
    sender: String,
}

impl Vonage {
    pub(super) fn new(settings: &Settings) -> Result<Self, SmsError> {
        let own = &settings.vonage;
        let sender = settings.sender.clone().ok_or(SmsError::Configuration)?;
        Ok(Self {
            url: endpoint(own.base_url.as_ref(), "https://rest.nexmo.com", "/sms/json")?,
            api_key: own.api_key.clone().ok_or(SmsError::Configuration)?,
            api_secret: own.api_secret.clone().ok_or(SmsError::Configuration)?,
            sender: sender.trim_start_matches('+').to_owned(),
        })
    }
}

#[derive(Deserialize)]
struct Answer {
    messages: Vec<Part>,
}

#[derive(Deserialize)]
struct Part {
    status: String,
}

impl Provider for Vonage {
    fn request(&self, message: &Outgoing, _: Timestamp) -> Result<Outbound, SmsError> {
        let is_gsm = message
            .text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || GSM.contains(c));
        let fields = [
            ("api_key", self.api_key.as_str()),
            ("api_secret", self.api_secret.expose()),
            ("from", &self.sender),
            ("to", message.to.digits()),
            ("text", &message.text),
            ("type", if is_gsm { "text" } else { "unicode" }),
        ];
        Ok(Outbound {
            method: Method::POST,
            url: self.url.clone(),
            headers: headers(&[
                (header::CONTENT_TYPE, "application/x-www-form-urlencoded"),
                (header::ACCEPT, "application/json"),
            ])?,
            body: Bytes::from(form(&fields)),
        })
    }

    fn outcome(&self, answer: &Captured) -> Result<(), SmsError> {
        if !answer.status.is_success() {
            return by_status(answer.status, String::new());
        }
        let parts: Answer = serde_json::from_slice(&answer.body).map_err(|_| SmsError::Configuration)?;
        for part in &parts.messages {
            let code = code(&part.status);
            // 1 is "too fast", 5 an error of theirs, 8 and 9 an account that is barred or out of credit.
            match part.status.as_str() {
                "0" => {}
                "1" | "5" | "8" | "9" => return Err(SmsError::Deferred { code }),
                "4" | "14" => return Err(SmsError::Credentials { code }),
                _ => return Err(SmsError::Refused { code }),
            }
        }
        if parts.messages.is_empty() {
            return Err(SmsError::Configuration);
        }
        Ok(())
    }
}
