//! Pages of signing in by another provider, and of the accounts that are linked.

use serde::Serialize;

use super::{ClientCard, UserCard, View};
use crate::pages::{FormError, Message, Policy};

const POPUP: Policy = Policy {
    script: None,
    own_script: false,
    frames_self: false,
    popup: true,
    form_targets: Vec::new(),
};

/// Another provider, as its button shows it.
#[derive(Clone, Debug, Serialize)]
pub struct ProviderCard {
    /// Its name.
    pub name: String,
    /// The name of its mark.
    pub mark: &'static str,
}

/// A button that leads to another provider. POST `{base}` + `path`: `csrf`, `sign_in`.
#[derive(Clone, Debug, Serialize)]
pub struct ProviderButton {
    /// Path without `base`.
    pub path: String,
    /// Whose it is.
    #[serde(flatten)]
    pub provider: ProviderCard,
}

/// Somebody who is proven elsewhere and has no linked account.
///
/// POST `{base}/sign-in/connect`: `csrf`, `sign_in`, `step` (`sign_in`, `create`, `cancel`), and for `create` `name`, `email`.
#[derive(Clone, Debug, Serialize)]
pub struct ConnectView {
    /// The sign-in's id, returned in the hidden field `sign_in`.
    pub sign_in: String,
    /// Who asked for the sign-in.
    pub client: Option<ClientCard>,
    /// Where they are proven.
    pub provider: ProviderCard,
    /// Who they are there.
    pub user: UserCard,
    /// Whether they are told that an account has their address.
    pub has_account: bool,
    /// Whether they may get an account.
    pub can_sign_up: bool,
    /// The name of the new account.
    pub name: Option<String>,
    /// Its address.
    pub email: Option<String>,
    /// Whether the address is proven and stays.
    pub email_fixed: bool,
    /// Why the form came back.
    pub error: Option<FormError>,
}

impl View for ConnectView {
    const TEMPLATE: &'static str = "connect.html";
    fn policy(&self) -> Policy {
        POPUP
    }
}

/// A code proves the address of a new account.
///
/// POST `{base}/sign-in/connect`: `csrf`, `sign_in`, `step` (`code`, `resend`), `code`.
#[derive(Clone, Debug, Serialize)]
pub struct ConnectCodeView {
    /// The sign-in's id, returned in the hidden field `sign_in`.
    pub sign_in: String,
    /// Where the code went.
    pub email: String,
    /// Something to say that is not a mistake.
    pub notice: Option<Message>,
    /// Why the form came back.
    pub error: Option<FormError>,
    /// Where the address is corrected, with `base`.
    pub back_url: String,
    /// Where captured mail is read on a development server, with `base`.
    pub outbox_url: Option<String>,
}

impl View for ConnectCodeView {
    const TEMPLATE: &'static str = "connect_code.html";
    fn policy(&self) -> Policy {
        POPUP
    }
}
