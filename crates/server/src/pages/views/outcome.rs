//! Pages that end something: signed out, done, failed, sent on to the client.

use serde::Serialize;
use url::Url;

use super::{ClientCard, UserCard, View};
use crate::pages::{ErrorKind, FormTarget, MessageKind, Policy};

/// Asks before signing out where the request cannot prove that the person meant it (OpenID Connect RP-Initiated Logout 1.0, 2).
///
/// POST `{base}` + [`SignOutView::path`]: `csrf`, `logout` (where given), `decision` (`sign_out` or `stay`).
#[derive(Clone, Debug, Serialize)]
pub struct SignOutView {
    /// Path without `base` that the form posts to: `/sign-out` or `/oauth2/logout`.
    pub path: String,
    /// What the handler needs to go on, returned in the hidden field `logout`.
    pub logout: Option<String>,
    /// The client that asked, if it is known.
    pub client: Option<ClientCard>,
    /// Who is signed in.
    pub user: Option<UserCard>,
}

impl View for SignOutView {
    const TEMPLATE: &'static str = "sign_out.html";
}

/// Signed out, and there was nowhere to return to.
#[derive(Clone, Debug, Default, Serialize)]
pub struct SignedOutView {
    /// The client that asked, with its website as the way back.
    pub client: Option<ClientCard>,
    /// Where to sign in again, with `base`.
    pub sign_in_url: Option<String>,
}

impl View for SignedOutView {
    const TEMPLATE: &'static str = "signed_out.html";
}

/// A page that only tells something.
#[derive(Clone, Debug, Serialize)]
pub struct MessageView {
    /// What it tells.
    pub kind: MessageKind,
    /// Where to go on, with `base`; the button reads "Continue".
    pub continue_url: Option<String>,
}

impl View for MessageView {
    const TEMPLATE: &'static str = "message.html";
    fn policy(&self) -> Policy {
        Policy {
            popup: true,
            ..Policy::default()
        }
    }
}

/// Something is wrong and the client cannot be told.
///
/// # Security
/// Nothing of the request is echoed but what is named here, and all of it is escaped.
#[derive(Clone, Debug, Serialize)]
pub struct ErrorView {
    /// What is wrong.
    pub kind: ErrorKind,
    /// The client, if it is known.
    pub client: Option<ClientCard>,
    /// The protocol's own code, for the developer: `invalid_request`.
    pub code: Option<&'static str>,
    /// One technical sentence for the developer, in English, of Authflow's own making.
    pub detail: Option<String>,
    /// Finds the log line.
    pub request_id: Option<String>,
    /// Where to try again, with `base`.
    pub retry_url: Option<String>,
}

impl ErrorView {
    /// An error without further detail.
    pub const fn new(kind: ErrorKind) -> Self {
        Self {
            kind,
            client: None,
            code: None,
            detail: None,
            request_id: None,
            retry_url: None,
        }
    }
}

impl View for ErrorView {
    const TEMPLATE: &'static str = "error.html";
    fn policy(&self) -> Policy {
        Policy {
            popup: true,
            ..Policy::default()
        }
    }
}

/// Too many requests. Answer 429 with `Retry-After`.
#[derive(Clone, Debug, Serialize)]
pub struct RateLimitedView {
    /// Seconds until another try makes sense.
    pub retry_after_s: u64,
    /// Finds the log line.
    pub request_id: Option<String>,
    /// Where to try again, with `base`.
    pub retry_url: Option<String>,
}

impl View for RateLimitedView {
    const TEMPLATE: &'static str = "rate_limited.html";
    fn policy(&self) -> Policy {
        Policy {
            popup: true,
            ..Policy::default()
        }
    }
}

/// Hands the authorization response to the client in a form (OAuth 2.0 Form Post Response Mode): sent by itself where scripts
/// run, by a button where they do not. Answer 200.
#[derive(Clone, Debug, Serialize)]
pub struct FormPostView {
    /// The client's redirect URI, already proven to be registered.
    pub action: Url,
    /// The parameters of the response.
    pub fields: Vec<(String, String)>,
    /// The client's name.
    pub client_name: Option<String>,
}

/// The whole script of the form-post page; its digest is in the policy, a test keeps the two together.
#[cfg(test)]
pub(in crate::pages) const FORM_POST_SCRIPT: &str = "document.forms[0].submit()";
const FORM_POST_SCRIPT_SOURCE: &str = "'sha256-ePniVEkSivX/c7XWBGafqh8tSpiRrKiqYeqbG7N1TOE='";

impl View for FormPostView {
    const TEMPLATE: &'static str = "form_post.html";
    fn policy(&self) -> Policy {
        Policy {
            script: Some(FORM_POST_SCRIPT_SOURCE),
            popup: true,
            form_targets: FormTarget::onward(&self.action),
            ..Policy::default()
        }
    }
}
