//! Pages for codes, links and second factors.

use serde::Serialize;

use super::{ClientCard, MethodButton, UserCard, View};
use crate::pages::{FormError, Message, Policy};

/// A message was sent: type its code, or open its link.
///
/// POST `{base}/sign-in/code`: `csrf`, `sign_in`, `code`. POST `{base}/sign-in/challenge`: `csrf`, `sign_in`, `method`,
/// `identifier`; sends another.
#[derive(Clone, Debug, Serialize)]
pub struct CodeView {
    /// The sign-in's id, returned in the hidden field `sign_in`.
    pub sign_in: String,
    /// Who asked for the sign-in.
    pub client: Option<ClientCard>,
    /// The method's id.
    pub method: String,
    /// Whether a link was sent, and the code comes from the browser that opens it.
    pub is_link: bool,
    /// Whether it went to a phone.
    pub is_sms: bool,
    /// What was typed. The page reads the same whether or not it has an account.
    pub identifier: String,
    /// Something to say that is not a mistake.
    pub notice: Option<Message>,
    /// Why the form came back.
    pub error: Option<FormError>,
    /// The way back, with `base`.
    pub back_url: String,
    /// Where captured messages are read on a development server, with `base`.
    pub outbox_url: Option<String>,
}

impl View for CodeView {
    const TEMPLATE: &'static str = "code.html";
}

/// Asks for one click before a link signs anybody in.
///
/// POST `{base}/sign-in/link`: `token`.
#[derive(Clone, Debug, Serialize)]
pub struct SignInLinkView {
    /// The link's secret.
    pub token: String,
    /// Who asked for the sign-in.
    pub client: Option<ClientCard>,
    /// Whether the sign-in began in this browser.
    pub is_here: bool,
}

impl View for SignInLinkView {
    const TEMPLATE: &'static str = "sign_in_link.html";
}

/// The link was opened in another browser: what to type where the sign-in began.
#[derive(Clone, Debug, Serialize)]
pub struct LinkCodeView {
    /// Who asked for the sign-in.
    pub client: Option<ClientCard>,
    /// Six digits.
    pub code: String,
}

impl View for LinkCodeView {
    const TEMPLATE: &'static str = "link_code.html";
}

/// A second factor.
///
/// POST `{base}/sign-in/second`: `csrf`, `sign_in`, `method`, `code`, `trust`. POST `{base}/sign-in/challenge`: `csrf`,
/// `sign_in`, `method`, `second=1`; sends a code.
#[derive(Clone, Debug, Serialize)]
pub struct SecondFactorView {
    /// The sign-in's id, returned in the hidden field `sign_in`.
    pub sign_in: String,
    /// Who asked for the sign-in.
    pub client: Option<ClientCard>,
    /// Who has given the first factor.
    pub user: UserCard,
    /// The method that is asked for.
    pub method: String,
    /// Whether its message was sent.
    pub is_sent: bool,
    /// The user's other methods.
    pub others: Vec<MethodButton>,
    /// Something to say that is not a mistake.
    pub notice: Option<Message>,
    /// Why the form came back.
    pub error: Option<FormError>,
    /// For how many days the browser may be trusted; `None` offers no trust.
    pub trust_days: Option<u32>,
    /// Where to begin anew with another account, with `base`.
    pub restart_url: String,
}

impl View for SecondFactorView {
    const TEMPLATE: &'static str = "second_factor.html";
    fn policy(&self) -> Policy {
        Policy {
            own_script: self.method == "passkey",
            ..Policy::default()
        }
    }
}

/// Sets an authenticator app up.
///
/// POST `{base}` + `action`: `csrf`, `sign_in` (where given), `code`.
#[derive(Clone, Debug, Serialize)]
pub struct TotpSetUpView {
    /// The sign-in's id where one is under way; `None` on the account page.
    pub sign_in: Option<String>,
    /// Who asked for the sign-in.
    pub client: Option<ClientCard>,
    /// Path without `base` that the form posts to.
    pub action: String,
    /// The QR code as SVG, made by us.
    pub qr: String,
    /// What to type where no camera is.
    pub secret: String,
    /// What the QR code says: opens the app on a phone.
    pub uri: String,
    /// Why the form came back.
    pub error: Option<FormError>,
    /// The way back, with `base`.
    pub back_url: Option<String>,
    /// Whether a passkey may be made instead.
    pub can_use_passkey: bool,
}

impl View for TotpSetUpView {
    const TEMPLATE: &'static str = "totp_set_up.html";
}

/// Makes a passkey where a second factor is needed.
///
/// POST `{base}/sign-in/set-up/passkey`: `csrf`, `sign_in`, `response`.
#[derive(Clone, Debug, Serialize)]
pub struct PasskeySetUpView {
    /// The sign-in's id.
    pub sign_in: String,
    /// Who asked for the sign-in.
    pub client: Option<ClientCard>,
    /// Whether an authenticator app may be set up instead.
    pub can_use_app: bool,
    /// Why the form came back.
    pub error: Option<FormError>,
}

impl View for PasskeySetUpView {
    const TEMPLATE: &'static str = "passkey_set_up.html";
    fn policy(&self) -> Policy {
        Policy {
            own_script: true,
            ..Policy::default()
        }
    }
}

/// Recovery codes, shown this once.
#[derive(Clone, Debug, Serialize)]
pub struct RecoveryCodesView {
    /// The codes.
    pub codes: Vec<String>,
    /// The way on, with `base`.
    pub continue_url: String,
}

impl View for RecoveryCodesView {
    const TEMPLATE: &'static str = "recovery_codes.html";
}
