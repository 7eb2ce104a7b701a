//! Amazon SNS: the `Publish` action of its query API, signed with Signature Version 4; XML back.

use authflow_types::Timestamp;
use bytes::Bytes;
use http::{HeaderName, Method, header};
use url::{Position, Url};

use super::{Provider, by_status, code, endpoint, form, headers};
use crate::config::{Secret, Sms as Settings};
use crate::net::{Captured, Outbound};
use crate::sms::SmsError;
use crate::sms::model::Outgoing;
use crate::sms::sigv4::{Credentials, Request, amz_date, authorization};

const CONTENT_TYPE: &str = "application/x-www-form-urlencoded; charset=utf-8";

pub(super) struct Sns {
    url: Url,
    region: String,
    access_key_id: String,
    secret_access_key: Secret,
    session_token: Option<Secret>,
    sender: Option<String>,
}

impl Sns {
    pub(super) fn new(settings: &Settings) -> Result<Self, SmsError> {
        let own = &settings.sns;
        let region = own.region.clone().ok_or(SmsError::Configuration)?;
        let is_region = |region: &str| region.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        if !is_region(&region) {
            return Err(SmsError::Configuration);
        }
        let default = format!("https://sns.{region}.amazonaws.com");
        Ok(Self {
            url: endpoint(own.base_url.as_ref(), &default, "/")?,
            region,
            access_key_id: own.access_key_id.clone().ok_or(SmsError::Configuration)?,
            secret_access_key: own.secret_access_key.clone().ok_or(SmsError::Configuration)?,
            session_token: own.session_token.clone(),
            sender: settings.sender.clone(),
        })
    }

    fn body(&self, message: &Outgoing) -> String {
        let mut fields = vec![
            ("Action", "Publish"),
            ("Version", "2010-03-31"),
            ("PhoneNumber", message.to.as_str()),
            ("Message", &message.text),
            ("MessageAttributes.entry.1.Name", "AWS.SNS.SMS.SMSType"),
            ("MessageAttributes.entry.1.Value.DataType", "String"),
            ("MessageAttributes.entry.1.Value.StringValue", "Transactional"),
        ];
        if let Some(sender) = &self.sender {
            let kind = if sender.starts_with('+') {
                "AWS.MM.SMS.OriginationNumber"
            } else {
                "AWS.SNS.SMS.SenderID"
            };
            fields.extend([
                ("MessageAttributes.entry.2.Name", kind),
                ("MessageAttributes.entry.2.Value.DataType", "String"),
                ("MessageAttributes.entry.2.Value.StringValue", sender),
            ]);
        }
        form(&fields)
    }
}

impl Provider for Sns {
    fn request(&self, message: &Outgoing, now: Timestamp) -> Result<Outbound, SmsError> {
        let body = self.body(message);
        let date = amz_date(now);
        let host = &self.url[Position::BeforeHost..Position::AfterPort];
        let mut signed = vec![
            ("content-type", CONTENT_TYPE),
            ("host", host),
            ("x-amz-date", &date),
        ];
        let token = self.session_token.as_ref().map(Secret::expose);
        signed.extend(token.map(|token| ("x-amz-security-token", token)));
        let request = Request {
            method: "POST",
            path: self.url.path(),
            query: "",
            headers: &signed,
            body: body.as_bytes(),
        };
        let credentials = Credentials {
            access_key_id: &self.access_key_id,
            secret_access_key: self.secret_access_key.expose(),
            region: &self.region,
            service: "sns",
        };
        let authorization = authorization(&credentials, &request, &date);
        let mut all = vec![
            (header::AUTHORIZATION, authorization.as_str()),
            (header::CONTENT_TYPE, CONTENT_TYPE),
            (HeaderName::from_static("x-amz-date"), &date),
        ];
        all.extend(token.map(|token| (HeaderName::from_static("x-amz-security-token"), token)));
        Ok(Outbound {
            method: Method::POST,
            url: self.url.clone(),
            headers: headers(&all)?,
            body: Bytes::from(body),
        })
    }

    fn outcome(&self, answer: &Captured) -> Result<(), SmsError> {
        let text = String::from_utf8_lossy(&answer.body);
        let said = text
            .split_once("<Code>")
            .and_then(|(_, rest)| rest.split_once("</Code>"))
            .map(|(said, _)| code(said))
            .unwrap_or_default();
        match said.as_str() {
            "Throttling" | "ThrottledException" | "Throttled" | "InternalError" | "ServiceUnavailable"
            | "RequestExpired" => Err(SmsError::Deferred { code: said }),
            "AuthorizationError"
            | "InvalidClientTokenId"
            | "SignatureDoesNotMatch"
            | "AccessDenied"
            | "ExpiredToken" => Err(SmsError::Credentials { code: said }),
            _ => by_status(answer.status, said),
        }
    }
}
