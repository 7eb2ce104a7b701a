//! A person's own pages: who they are, where they are signed in, who may act for them.

use authflow_types::Timestamp;
use serde::Serialize;

use super::{ClientCard, UserCard, View};
use crate::pages::{FormError, Message, Policy};

/// One of the account pages: navigation, and the sections of this page. All forms have `csrf`.
#[derive(Clone, Debug, Serialize)]
pub struct AccountView {
    /// Which page; `account-nav-<page>` in the catalogues is its heading.
    pub page: &'static str,
    /// Whose page it is.
    pub user: UserCard,
    /// When the account was made.
    #[serde(serialize_with = "crate::pages::micros")]
    pub created_at: Timestamp,
    /// All pages.
    pub nav: Vec<NavItem>,
    /// What is on this one.
    pub sections: Vec<AccountSection>,
    /// Something to say, for example what was just changed.
    pub notice: Option<Message>,
    /// Whether a section's form came back.
    pub has_error: bool,
    /// Whether a section offers passkeys, which need their script.
    pub passkey: bool,
}

impl View for AccountView {
    const TEMPLATE: &'static str = "account.html";
    fn policy(&self) -> Policy {
        Policy {
            own_script: self.passkey,
            ..Policy::default()
        }
    }
}

/// A page in the navigation.
#[derive(Clone, Debug, Serialize)]
pub struct NavItem {
    /// `account-nav-<name>` in the catalogues.
    pub name: &'static str,
    /// Its symbol.
    pub icon: &'static str,
    /// Its address below the tenant's base.
    pub path: &'static str,
    /// Whether it is this one.
    pub current: bool,
}

/// A section: shown by `template`, which sees it as `section`.
#[derive(Clone, Debug, Serialize)]
pub struct AccountSection {
    /// File name of the template.
    pub template: &'static str,
    /// What the template shows.
    pub data: serde_json::Value,
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
    /// City and country.
    pub place: Option<String>,
    /// The address.
    pub address: Option<String>,
    /// When it began.
    #[serde(serialize_with = "crate::pages::micros")]
    pub signed_in_at: Timestamp,
    /// When it was used last.
    #[serde(serialize_with = "crate::pages::micros")]
    pub last_active_at: Timestamp,
}

/// A code was sent to a number that is to be added, or to the one whose place it takes.
///
/// POST `{base}/account/phones/confirm`: `csrf`, `change`, `code`; `/resend` and `/lost`: `csrf`, `change`.
#[derive(Clone, Debug, Serialize)]
pub struct PhoneCodeView {
    /// The change's id, returned in the hidden field `change`.
    pub change: String,
    /// Where the code went.
    pub number: String,
    /// Whether that is the number of before, which may be gone.
    pub is_old: bool,
    /// Something to say that is not a mistake.
    pub notice: Option<Message>,
    /// Why the form came back.
    pub error: Option<FormError>,
    /// The way back, with `base`.
    pub back_url: String,
    /// Where captured messages are read on a development server, with `base`.
    pub outbox_url: Option<String>,
}

impl View for PhoneCodeView {
    const TEMPLATE: &'static str = "phone_code.html";
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
