//! Pages for whoever forgot their password.

use serde::Serialize;

use super::{ClientCard, View};
use crate::pages::FormError;

/// Asks whose password is forgotten.
///
/// POST `{base}/recover`: `csrf`, `sign_in`, `identifier`.
#[derive(Clone, Debug, Serialize)]
pub struct RecoverView {
    /// The sign-in's id, returned in the hidden field `sign_in`.
    pub sign_in: String,
    /// Who asked for the sign-in.
    pub client: Option<ClientCard>,
    /// What the identifier field holds.
    pub identifier: Option<String>,
    /// Why the form came back.
    pub error: Option<FormError>,
    /// The way back, with `base`.
    pub sign_in_url: String,
}

impl View for RecoverView {
    const TEMPLATE: &'static str = "recover.html";
}

/// A mail is on its way, if there is such an account. The page is the same if there is none.
///
/// POST `{base}/recover`: `csrf`, `sign_in`, `identifier`: once more.
#[derive(Clone, Debug, Serialize)]
pub struct RecoverSentView {
    /// The sign-in's id, returned in the hidden field `sign_in`.
    pub sign_in: String,
    /// As typed.
    pub identifier: String,
    /// Where a mistyped identifier is corrected, with `base`.
    pub back_url: String,
    /// The way back, with `base`.
    pub sign_in_url: String,
    /// Where captured mail is read on a development server, with `base`.
    pub outbox_url: Option<String>,
}

impl View for RecoverSentView {
    const TEMPLATE: &'static str = "recover_sent.html";
}

/// Asks for a new password; where the link in the mail leads. Opening it changes nothing.
///
/// POST `{base}/recover/new`: `token`, `sign_in`, `new_password`.
#[derive(Clone, Debug, Serialize)]
pub struct NewPasswordView {
    /// The link's token, returned in the hidden field `token`.
    pub token: String,
    /// The sign-in that the link was asked for in, returned in the hidden field `sign_in`.
    pub sign_in: String,
    /// Whose password it is, for password managers.
    pub identifier: String,
    /// Whether every other device is signed out.
    pub ends_sessions: bool,
    /// The least characters of a password.
    pub password_min: u32,
    /// Why the form came back.
    pub error: Option<FormError>,
}

impl View for NewPasswordView {
    const TEMPLATE: &'static str = "new_password.html";
}

/// Asks for one click: what a link in a mail about an account does.
///
/// POST `{base}/account/link`: `token`.
#[derive(Clone, Debug, Serialize)]
pub struct ConfirmLinkView {
    /// `confirm-email`, `object-email` or `keep-account`; part of the texts' keys.
    pub kind: &'static str,
    /// The symbol above the heading.
    pub icon: &'static str,
    /// The link's token, returned in the hidden field `token`.
    pub token: String,
    /// The address that it is about.
    pub email: Option<String>,
    /// Whether it is about something that should not have happened.
    pub warns: bool,
    /// Whether the account's password must be given, and the reader may say that they have no part in the account: this is
    /// not its owner's browser.
    pub is_elsewhere: bool,
    /// Why the form came back.
    pub error: Option<FormError>,
}

impl View for ConfirmLinkView {
    const TEMPLATE: &'static str = "confirm_link.html";
}

/// Somebody who was invited chooses name and password.
///
/// POST `{base}/invitation`: `token`, `name`, `password`.
#[derive(Clone, Debug, Serialize)]
pub struct InvitationView {
    /// The link's token, returned in the hidden field `token`.
    pub token: String,
    /// The address that was invited.
    pub email: String,
    /// What the name field holds.
    pub name: Option<String>,
    /// The least characters of a password.
    pub password_min: u32,
    /// Why the form came back.
    pub error: Option<FormError>,
}

impl View for InvitationView {
    const TEMPLATE: &'static str = "invitation.html";
}
