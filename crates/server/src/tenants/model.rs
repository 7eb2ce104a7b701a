use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use authflow_types::{TenantId, Timestamp};
use serde::{Deserialize, Serialize};

use super::{AbuseSettings, PasskeySettings, TenantError};
use crate::pages::Brand;
use crate::vault::DataKey;

/// The tenant at the root of the base URL.
pub const DEFAULT_SLUG: &str = "default";

/// The tenant whose users run the installation.
pub const SYSTEM_SLUG: &str = "system";

/// A tenant's short name: 1 to 63 characters of `a-z`, `0-9` and `-`, beginning and ending with a letter or digit.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Slug(String);

impl Slug {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Slug {
    type Err = TenantError;

    fn from_str(text: &str) -> Result<Self, TenantError> {
        let is_word = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
        let bytes = text.as_bytes();
        let ends_well =
            bytes.first().is_some_and(|&b| is_word(b)) && bytes.last().is_some_and(|&b| is_word(b));
        if ends_well && text.len() <= 63 && bytes.iter().all(|&b| is_word(b) || b == b'-') {
            Ok(Self(text.to_owned()))
        } else {
            Err(TenantError::Slug(text.chars().take(80).collect()))
        }
    }
}

/// Whether a tenant answers requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TenantStatus {
    /// It answers.
    Active,
    /// Every request is refused with 403; nothing is deleted.
    Suspended,
}

impl TenantStatus {
    /// As stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Suspended => "suspended",
        }
    }

    /// From storage; an unknown word suspends rather than guesses.
    pub fn from_stored(text: &str) -> Self {
        if text == "active" {
            Self::Active
        } else {
            Self::Suspended
        }
    }
}

/// Who may register clients at `/oauth2/register` (RFC 7591 3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RegistrationMode {
    /// Nobody.
    #[default]
    Off,
    /// Who presents an initial access token.
    InitialAccessToken,
    /// Anybody, within the rate limits.
    Open,
}

/// When users are asked for a second factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MfaPolicy {
    /// Never, unless an application asks for it (`acr_values`).
    Never,
    /// Those who set one up are asked.
    #[default]
    Optional,
    /// Everybody is asked; who has none sets one up.
    Required,
    /// Everybody is asked where the browser is new to the account; those who set one up are asked everywhere.
    RequiredOnNewDevice,
}

/// Which ways to sign in a tenant offers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[allow(clippy::struct_excessive_bools, reason = "one switch a method")]
pub struct SignInMethods {
    /// Passwords.
    pub password: bool,
    /// Passkeys.
    pub passkey: bool,
    /// A link by mail.
    pub magic_link: bool,
    /// A code by mail.
    pub email_code: bool,
    /// A code by SMS.
    pub sms_code: bool,
    /// Authenticator apps, as second factor.
    pub totp: bool,
    /// A code by mail also counts as second factor.
    pub email_code_as_second_factor: bool,
    /// A code by SMS also counts as second factor.
    pub sms_code_as_second_factor: bool,
    /// A sign-in link that is opened in another browser shows a code to type where the sign-in began; without this it
    /// is refused there.
    pub magic_link_code_on_other_device: bool,
}

impl SignInMethods {
    /// Whether a sign-in can begin with any.
    pub const fn has_first(&self) -> bool {
        self.password || self.passkey || self.magic_link || self.email_code || self.sms_code
    }
}

impl Default for SignInMethods {
    fn default() -> Self {
        Self {
            password: true,
            passkey: true,
            magic_link: false,
            email_code: true,
            sms_code: false,
            totp: true,
            email_code_as_second_factor: false,
            sms_code_as_second_factor: false,
            magic_link_code_on_other_device: true,
        }
    }
}

/// What a tenant's administrators decide. Absent fields take the installation's value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[allow(clippy::struct_excessive_bools, reason = "each is one decision")]
pub struct TenantSettings {
    /// Dynamic client registration.
    pub registration: RegistrationMode,
    /// Whether strangers may create an account on the hosted page.
    pub sign_up: bool,
    /// Whether an account is made only when the link in a mail to its address is followed: then sign-up tells nobody
    /// which addresses have accounts (ADR 0007).
    pub sign_up_requires_verification: bool,
    /// Whether whoever reads an account's mail may set a new password.
    pub password_recovery: bool,
    /// Whether a password that was reset ends every session and refresh token family.
    pub password_reset_ends_sessions: bool,
    /// Whether users may delete their accounts themselves.
    pub account_deletion: bool,
    /// Days between the wish and the deletion for good, in which signing in calls it off.
    pub account_deletion_grace_days: u32,
    /// Which ways to sign in there are.
    pub methods: SignInMethods,
    /// What passkeys must be like.
    pub passkeys: PasskeySettings,
    /// What is done against abuse.
    pub abuse: AbuseSettings,
    /// When users are asked for a second factor.
    pub mfa: MfaPolicy,
    /// For how many days a browser that its user trusts is not asked for a second factor; 0 asks every time.
    pub trusted_device_days: u32,
    /// Whether users are told by mail when a browser that is new to their account signs in.
    pub new_device_notice: bool,
    /// Whether users who sign in with a password and have no passkey are asked to add one.
    pub passkey_offer: bool,
    /// Language of pages and mail when the browser names none, as BCP 47.
    pub default_locale: Option<String>,
    /// A session ends after so long without use, in seconds.
    pub session_idle_ttl_s: Option<u64>,
    /// A session ends so long after sign-in, in seconds.
    pub session_absolute_ttl_s: Option<u64>,
    /// Countries (ISO 3166) whose numbers receive text messages, among those that the installation allows.
    pub sms_countries: Option<Vec<String>>,
    /// Most text messages in a day, at most the installation's.
    pub sms_per_day: Option<u32>,
}

impl Default for TenantSettings {
    fn default() -> Self {
        Self {
            registration: RegistrationMode::Off,
            sign_up: true,
            sign_up_requires_verification: false,
            password_recovery: true,
            password_reset_ends_sessions: true,
            account_deletion: true,
            account_deletion_grace_days: 30,
            methods: SignInMethods::default(),
            passkeys: PasskeySettings::default(),
            abuse: AbuseSettings::default(),
            mfa: MfaPolicy::default(),
            trusted_device_days: 30,
            new_device_notice: true,
            passkey_offer: true,
            default_locale: None,
            session_idle_ttl_s: None,
            session_absolute_ttl_s: None,
            sms_countries: None,
            sms_per_day: None,
        }
    }
}

/// A tenant as requests see it, its data key unwrapped.
#[derive(Debug)]
pub struct Tenant {
    /// Its id.
    pub id: TenantId,
    /// Its short name; part of its address.
    pub slug: String,
    /// Its name for people.
    pub name: String,
    /// The issuer identifier, exactly as in every token (OIDC Core 2, RFC 8414 2). Stored, never derived.
    pub issuer: String,
    /// A verified domain of its own.
    pub custom_domain: Option<String>,
    /// Whether it answers requests.
    pub status: TenantStatus,
    /// What its administrators decided.
    pub settings: TenantSettings,
    /// How its pages look, ready to render.
    pub brand: Arc<Brand>,
    /// Seals what must be read back; wrapped by the master key at rest.
    pub data_key: DataKey,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl Tenant {
    /// The path in front of every address of this tenant: empty, or `/t/{slug}`.
    pub fn base_path(&self) -> &str {
        let after_scheme = self.issuer.split_once("://").map_or("", |(_, rest)| rest);
        after_scheme
            .find('/')
            .and_then(|slash| after_scheme.get(slash..))
            .unwrap_or("")
    }

    /// An address of this tenant, for links and metadata.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.issuer)
    }

    /// A path of this tenant, for redirects and forms on its own pages.
    pub fn path(&self, path: &str) -> String {
        format!("{}{path}", self.base_path())
    }

    /// Whether its pages are served over TLS: decides `Secure`, `__Host-` and HSTS.
    pub fn is_secure(&self) -> bool {
        self.issuer.starts_with("https://")
    }

    /// Whether it is the tenant of the installation's operators.
    pub fn is_system(&self) -> bool {
        self.slug == SYSTEM_SLUG
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_are_lower_case_words() {
        for good in ["a", "acme", "acme-2", "0x"] {
            assert!(good.parse::<Slug>().is_ok(), "{good}");
        }
        for bad in ["", "-a", "a-", "A", "a_b", "a.b", "a/b", "ä", &"a".repeat(64)] {
            assert!(bad.parse::<Slug>().is_err(), "{bad}");
        }
    }
}
