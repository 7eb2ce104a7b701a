//! A person's own page: who they are, where they are signed in, who may act for them.

use authflow_types::Timestamp;
use serde::Serialize;

use super::{ClientCard, UserCard, View};
use crate::pages::{FormError, Message};

/// The account page. All forms have `csrf`:
///
/// - POST `{base}/account/profile`: `name`
/// - POST `{base}/account/password`: `current_password` (absent if there is none yet), `new_password`
/// - POST `{base}/account/sessions/revoke`: `session` (id), or `session=others`
/// - POST `{base}/account/applications/revoke`: `client` (id)
/// - POST `{base}/account/verify`: nothing more; sends the confirmation mail again
/// - POST `{base}/sign-out`: nothing more
#[derive(Clone, Debug, Serialize)]
pub struct AccountView {
    /// Whose page it is.
    pub user: UserCard,
    /// What is known about them.
    pub profile: Profile,
    /// Where they are signed in; the current session first.
    pub sessions: Vec<SessionRow>,
    /// Who may act for them.
    pub applications: Vec<ApplicationRow>,
    /// Something to say, for example what was just changed.
    pub notice: Option<Message>,
    /// Why the profile form came back.
    pub profile_error: Option<FormError>,
    /// Why the password form came back.
    pub password_error: Option<FormError>,
    /// The least characters of a password.
    pub password_min: u32,
}

impl View for AccountView {
    const TEMPLATE: &'static str = "account.html";
}

/// The profile part of the account page.
#[derive(Clone, Debug, Serialize)]
pub struct Profile {
    /// Full name.
    pub name: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// Whether the address is confirmed.
    pub email_verified: bool,
    /// Whether there is a password at all.
    pub has_password: bool,
    /// When the password was set.
    #[serde(serialize_with = "crate::pages::micros_option")]
    pub password_changed_at: Option<Timestamp>,
    /// When the account was made.
    #[serde(serialize_with = "crate::pages::micros")]
    pub created_at: Timestamp,
}

/// What kind of device a session lives on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Device {
    /// A computer.
    Computer,
    /// A phone.
    Phone,
    /// A tablet.
    Tablet,
    /// Cannot be told.
    #[default]
    Unknown,
}

/// One session.
#[derive(Clone, Debug, Serialize)]
pub struct SessionRow {
    /// The session's id, posted as `session`.
    pub id: String,
    /// Whether this page was asked for with it.
    pub current: bool,
    /// Device class.
    pub device: Device,
    /// Browser, for example `Firefox`.
    pub browser: Option<String>,
    /// Operating system, for example `macOS`.
    pub os: Option<String>,
    /// City and country, or the address where they are not known.
    pub place: Option<String>,
    /// When it began.
    #[serde(serialize_with = "crate::pages::micros")]
    pub signed_in_at: Timestamp,
    /// When it was used last.
    #[serde(serialize_with = "crate::pages::micros")]
    pub last_active_at: Timestamp,
}

/// One client with consent.
#[derive(Clone, Debug, Serialize)]
pub struct ApplicationRow {
    /// The client's id, posted as `client`.
    pub id: String,
    /// The client as people know it.
    pub client: ClientCard,
    /// Scope tokens it was granted.
    pub scopes: Vec<String>,
    /// When consent was given.
    #[serde(serialize_with = "crate::pages::micros")]
    pub granted_at: Timestamp,
}
