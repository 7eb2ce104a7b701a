//! Pages on the way in: sign-in, sign-up, choosing an account, confirming an address.

use authflow_types::Timestamp;
use serde::Serialize;

use super::{ClientCard, ProviderButton, UserCard, View};
use crate::pages::{FormError, Message, Policy};

const POPUP: Policy = Policy {
    script: None,
    own_script: false,
    frames_self: false,
    popup: true,
    form_targets: Vec::new(),
};

/// Identifier and password in one form, with a list for every other method.
///
/// POST `{base}/sign-in`: `csrf`, `sign_in`, `identifier`, `password`.
/// Each method button is a form of its own: POST `{base}` + [`MethodButton::path`]: `csrf`, `sign_in`, `method`.
#[derive(Clone, Debug, Serialize)]
pub struct SignInView {
    /// The sign-in's id, returned in the hidden field `sign_in`.
    pub sign_in: String,
    /// Who asked for the sign-in; `None` when it leads to the account page.
    pub client: Option<ClientCard>,
    /// What the identifier field holds: the last try, or `login_hint`.
    pub identifier: Option<String>,
    /// The person who has to prove themselves again. Shown instead of the identifier field, which becomes hidden.
    pub again: Option<UserCard>,
    /// Why the form came back.
    pub error: Option<FormError>,
    /// Something to say that is not a mistake.
    pub notice: Option<Message>,
    /// Whether passwords are offered at all.
    pub password: bool,
    /// Whether passkeys are: a button, and suggestions of the identifier field.
    pub passkey: bool,
    /// Other ways in, in the order shown.
    pub methods: Vec<MethodButton>,
    /// Other providers to sign in with, in the order shown.
    pub providers: Vec<ProviderButton>,
    /// Where to sign up, with `base`; `None` where sign-up is closed.
    pub sign_up_url: Option<String>,
    /// Where a forgotten password is replaced, with `base`.
    pub recover_url: Option<String>,
    /// Where another account is chosen, with `base`; useful together with `again`.
    pub switch_url: Option<String>,
}

impl View for SignInView {
    const TEMPLATE: &'static str = "sign_in.html";
    fn policy(&self) -> Policy {
        Policy {
            own_script: self.passkey,
            ..POPUP
        }
    }
}

/// One more way to sign in.
#[derive(Clone, Debug, Serialize)]
pub struct MethodButton {
    /// Value of the `method` field.
    pub method: String,
    /// Path without `base` that the button posts to.
    pub path: String,
    /// The words on the button, already in the visitor's language.
    pub label: String,
    /// Name of a built-in icon (`key`, `mail`, `phone`, `building`), if it fits.
    pub icon: Option<&'static str>,
}

/// A new account.
///
/// POST `{base}/sign-up`: `csrf`, `sign_in`, `name`, `email`, `password`.
#[derive(Clone, Debug, Serialize)]
pub struct SignUpView {
    /// The sign-in's id, returned in the hidden field `sign_in`.
    pub sign_in: String,
    /// Who asked for the sign-in.
    pub client: Option<ClientCard>,
    /// What was typed as name.
    pub name: Option<String>,
    /// What was typed as e-mail address, or `login_hint`.
    pub email: Option<String>,
    /// Why the form came back.
    pub error: Option<FormError>,
    /// The least characters of a password.
    pub password_min: u32,
    /// Other ways to sign up.
    pub methods: Vec<MethodButton>,
    /// Other providers to sign up with, in the order shown.
    pub providers: Vec<ProviderButton>,
    /// Where people with an account sign in, with `base`.
    pub sign_in_url: String,
}

impl View for SignUpView {
    const TEMPLATE: &'static str = "sign_up.html";
    fn policy(&self) -> Policy {
        POPUP
    }
}

/// Which of the signed-in accounts to go on with (`prompt=select_account`).
///
/// POST `{base}/select-account`: `csrf`, `sign_in`, `session` (a session's id, or `another`).
#[derive(Clone, Debug, Serialize)]
pub struct SelectAccountView {
    /// The sign-in's id, returned in the hidden field `sign_in`.
    pub sign_in: String,
    /// Who asked for the sign-in.
    pub client: Option<ClientCard>,
    /// The accounts signed in with this browser.
    pub accounts: Vec<AccountChoice>,
}

impl View for SelectAccountView {
    const TEMPLATE: &'static str = "select_account.html";
    fn policy(&self) -> Policy {
        POPUP
    }
}

/// An account to choose.
#[derive(Clone, Debug, Serialize)]
pub struct AccountChoice {
    /// Value of the `session` field.
    pub session: String,
    /// Whose it is.
    pub user: UserCard,
    /// When it was used last.
    #[serde(serialize_with = "crate::pages::micros")]
    pub last_active_at: Timestamp,
}

/// A mail was sent; go and read it.
///
/// POST `{base}/verify/resend`: `csrf`, `sign_in` (where given).
#[derive(Clone, Debug, Serialize)]
pub struct CheckMailView {
    /// The address as typed. The page reads the same whether or not it has an account.
    pub email: String,
    /// The sign-in's id, returned in the hidden field `sign_in`.
    pub sign_in: Option<String>,
    /// Something to say, for example that the mail was sent again.
    pub notice: Option<Message>,
    /// Whether the mail may be asked for again.
    pub resend: bool,
    /// Where a mistyped address is corrected, with `base`.
    pub back_url: Option<String>,
    /// Where captured mail is read on a development server, with `base`.
    pub outbox_url: Option<String>,
}

impl View for CheckMailView {
    const TEMPLATE: &'static str = "check_mail.html";
    fn policy(&self) -> Policy {
        POPUP
    }
}

/// Asks for one click to confirm an address: opening a link must change nothing, mail scanners do it.
///
/// POST `{base}/verify`: `csrf`, `token`, `password` if it is asked for.
#[derive(Clone, Debug, Serialize)]
pub struct VerifyEmailView {
    /// The link's token, returned in the hidden field `token`.
    pub token: String,
    /// The address to confirm, if the token tells.
    pub email: Option<String>,
    /// Whether the account's password must be given: this is not the browser of whoever asked for the mail.
    pub password: bool,
    /// Whether the reader may say that they have no part in the account.
    pub can_disown: bool,
    /// Why the form came back.
    pub error: Option<FormError>,
}

impl View for VerifyEmailView {
    const TEMPLATE: &'static str = "verify_email.html";
}
