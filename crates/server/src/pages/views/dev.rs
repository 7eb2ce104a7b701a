//! Pages of the development server: a client that shows what it got, and the mail that would have been sent.

use authflow_types::Timestamp;
use serde::Serialize;

use super::{UserCard, View};
use crate::pages::{Message, Policy};

/// The demo client.
///
/// Signed out: POST `{base}/dev/demo/sign-in`: `csrf`. Signed in: POST `{base}/dev/demo/refresh` and
/// `{base}/dev/demo/sign-out`: `csrf`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct DemoView {
    /// What the client got; `None` when signed out.
    pub session: Option<DemoSession>,
    /// The demo user's identifier, shown as a hint when signed out.
    pub demo_identifier: Option<String>,
    /// The demo user's password, shown as a hint when signed out.
    pub demo_password: Option<String>,
    /// The issuer the client talks to.
    pub issuer: String,
    /// The client's id.
    pub client_id: String,
    /// Something to say, for example that tokens were refreshed.
    pub notice: Option<Message>,
    /// What the token endpoint answered when it refused: `error` and `error_description`.
    pub failure: Option<String>,
}

impl View for DemoView {
    const TEMPLATE: &'static str = "dev_demo.html";
}

/// What the demo client got from the provider.
#[derive(Clone, Debug, Default, Serialize)]
pub struct DemoSession {
    /// Who signed in.
    pub user: UserCard,
    /// The tokens, each decoded as far as it can be.
    pub tokens: Vec<TokenPart>,
    /// Claims of the ID token: name and value as JSON text, in order.
    pub claims: Vec<(String, String)>,
    /// The userinfo answer, pretty-printed JSON.
    pub userinfo: Option<String>,
    /// Whether there is a refresh token.
    pub can_refresh: bool,
}

/// One token of the demo page.
#[derive(Clone, Debug, Default, Serialize)]
pub struct TokenPart {
    /// Its name in the token response: `id_token`, `access_token`, `refresh_token`.
    pub name: &'static str,
    /// The token itself.
    pub raw: String,
    /// Header of a JWT, pretty-printed JSON.
    pub header: Option<String>,
    /// Payload of a JWT, pretty-printed JSON.
    pub payload: Option<String>,
    /// Seconds it lives.
    pub expires_in_s: Option<u64>,
}

/// The captured mails, newest first. Each links to `{base}/dev/outbox/{id}`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct OutboxView {
    /// The mails.
    pub mails: Vec<OutboxRow>,
}

impl View for OutboxView {
    const TEMPLATE: &'static str = "dev_outbox.html";
}

/// One captured mail in the list.
#[derive(Clone, Debug, Serialize)]
pub struct OutboxRow {
    /// Last segment of its address.
    pub id: String,
    /// Recipient.
    pub to: String,
    /// Subject.
    pub subject: String,
    /// Whether it is a text message.
    pub sms: bool,
    /// When it was sent.
    #[serde(serialize_with = "crate::pages::micros")]
    pub sent_at: Timestamp,
}

/// One captured mail. Its HTML part is framed from `{base}/dev/outbox/{id}/html`, answered with
/// [`mail_preview`](crate::pages::mail_preview).
#[derive(Clone, Debug, Serialize)]
pub struct OutboxMailView {
    /// The mail.
    pub mail: OutboxMail,
}

impl View for OutboxMailView {
    const TEMPLATE: &'static str = "dev_outbox_mail.html";
    fn policy(&self) -> Policy {
        Policy {
            frames_self: true,
            ..Policy::default()
        }
    }
}

/// A captured mail with its text.
#[derive(Clone, Debug, Serialize)]
pub struct OutboxMail {
    /// Last segment of its address.
    pub id: String,
    /// Sender.
    pub from: String,
    /// Recipient.
    pub to: String,
    /// Subject.
    pub subject: String,
    /// When it was sent.
    #[serde(serialize_with = "crate::pages::micros")]
    pub sent_at: Timestamp,
    /// The text part; addresses in it become links.
    pub text: String,
    /// Whether there is an HTML part.
    pub has_html: bool,
}
