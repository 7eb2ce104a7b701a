use std::collections::BTreeMap;

use authflow_proto::upstream::{
    ClaimMapping, ClientAuthentication, MappingError, Person, Preset, Protocol, ProviderMetadata,
};
use authflow_types::{ConnectionId, Timestamp, UpstreamIdentityId, UserId};
use serde::{Deserialize, Serialize};
use url::Url;

/// What an administrator decides about a connection. What is absent is the preset's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "independent switches")]
pub struct ConnectionSettings {
    /// Our id there.
    pub client_id: String,
    /// How it tells who somebody is.
    pub protocol: Protocol,
    /// The issuer, exactly as in its tokens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    /// Where people are sent, in place of what discovery says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authorization_endpoint: Option<Url>,
    /// Where codes are redeemed, in place of what discovery says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_endpoint: Option<Url>,
    /// Where the access token tells who somebody is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub userinfo_endpoint: Option<Url>,
    /// Where the access token tells which addresses they have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub emails_endpoint: Option<Url>,
    /// What is asked for.
    pub scopes: Vec<String>,
    /// How we authenticate at the token endpoint.
    pub client_authentication: ClientAuthentication,
    /// Apple's team and key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub apple: Option<AppleTeam>,
    /// Whether the code is bound to the request (RFC 7636).
    pub pkce: bool,
    /// Whether the ID token is bound to the request.
    pub nonce: bool,
    /// Whether the answer comes as a form.
    pub form_post: bool,
    /// Changes to the preset's claim mapping.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub mapping: BTreeMap<String, String>,
    /// Whether strangers may get an account by it.
    pub sign_up: bool,
    /// Whether an address that the provider calls verified counts as proven to us.
    pub trust_email: bool,
    /// Whether the methods that the provider names count: its second factor in place of ours.
    pub trust_amr: bool,
    /// Whether it has a button on the sign-in page; others are reached by their domains, organization or a hint.
    pub button: bool,
    /// The organization whose members sign in with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization: Option<String>,
    /// E-mail domains whose owners sign in with it, in lower case.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub domains: Vec<String>,
    /// Further parameters of the authorization request.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub extra: BTreeMap<String, String>,
}

/// What Apple asks for in place of a secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppleTeam {
    /// The ten characters of the team.
    pub team_id: String,
    /// The ten characters of the key.
    pub key_id: String,
}

impl ConnectionSettings {
    /// What `preset` says, with our id there.
    pub fn of(preset: Preset, client_id: impl Into<String>) -> Self {
        let defaults = preset.defaults();
        let url = |text: Option<&str>| text.and_then(|text| Url::parse(text).ok());
        Self {
            client_id: client_id.into(),
            protocol: defaults.protocol,
            issuer: defaults.issuer.map(str::to_owned),
            authorization_endpoint: url(defaults.authorization_endpoint),
            token_endpoint: url(defaults.token_endpoint),
            userinfo_endpoint: url(defaults.userinfo_endpoint),
            emails_endpoint: url(defaults.emails_endpoint),
            scopes: defaults.scopes.iter().map(|scope| (*scope).to_owned()).collect(),
            client_authentication: defaults.client_authentication,
            apple: None,
            pkce: defaults.pkce,
            nonce: defaults.nonce,
            form_post: defaults.form_post,
            mapping: BTreeMap::new(),
            sign_up: true,
            trust_email: defaults.trust_email,
            trust_amr: false,
            button: true,
            organization: None,
            domains: Vec::new(),
            extra: BTreeMap::new(),
        }
    }

    /// The preset's mapping as changed.
    ///
    /// # Errors
    /// [`MappingError`].
    pub fn claim_mapping(&self, preset: Preset) -> Result<ClaimMapping, MappingError> {
        ClaimMapping::of(preset, &self.mapping)
    }

    /// Every address in it.
    pub(super) fn urls(&self) -> impl Iterator<Item = &Url> {
        [
            &self.authorization_endpoint,
            &self.token_endpoint,
            &self.userinfo_endpoint,
            &self.emails_endpoint,
        ]
        .into_iter()
        .flatten()
    }
}

/// Another provider that users of the tenant sign in with.
#[derive(Debug, Clone)]
pub struct Connection {
    /// Its id.
    pub id: ConnectionId,
    /// Its short name; part of its callback's address.
    pub slug: String,
    /// What it is.
    pub preset: Preset,
    /// Its name for people.
    pub name: String,
    /// Whether it may be used.
    pub enabled: bool,
    /// Its place among the buttons.
    pub position: i64,
    /// What an administrator decides.
    pub settings: ConnectionSettings,
    pub(super) secret_sealed: Option<Vec<u8>>,
    /// What its discovery document said last, and when.
    pub metadata: Option<(Timestamp, ProviderMetadata)>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl Connection {
    /// Whether a secret is kept.
    pub fn has_secret(&self) -> bool {
        self.secret_sealed.is_some()
    }

    /// Whether discovery tells its addresses.
    pub fn is_discovered(&self) -> bool {
        self.settings.protocol == Protocol::Oidc
    }

    /// Whether whoever runs the provider can prove any address with it: nothing but the administrator's word says for
    /// which addresses it speaks.
    pub fn vouches_for_any_domain(&self) -> bool {
        let is_generic = matches!(self.preset, Preset::Oidc | Preset::Oauth2);
        is_generic && self.settings.trust_email && self.settings.domains.is_empty()
    }

    /// The path that its provider sends people back to, below the tenant's base.
    pub fn callback_path(&self) -> String {
        format!("/sign-in/callback/{}", self.slug)
    }

    /// The name of the drawing on its button.
    pub fn mark(&self) -> &'static str {
        match self.preset {
            Preset::Google => "mark-google",
            Preset::Microsoft => "mark-microsoft",
            Preset::Apple => "mark-apple",
            Preset::Github => "mark-github",
            Preset::Gitlab => "mark-gitlab",
            Preset::Linkedin => "mark-linkedin",
            Preset::Facebook => "mark-facebook",
            Preset::Discord => "mark-discord",
            Preset::Slack => "mark-slack",
            Preset::Oidc | Preset::Oauth2 => "building",
        }
    }

    /// What events call it.
    pub fn method(&self) -> String {
        format!("connection:{}", self.slug)
    }
}

/// Who a user is at another provider.
#[derive(Debug, Clone)]
pub struct UpstreamIdentity {
    /// Its id.
    pub id: UpstreamIdentityId,
    /// Where.
    pub connection_id: ConnectionId,
    /// Whose account it opens.
    pub user_id: UserId,
    /// What the provider said last.
    pub person: Person,
    /// When it was linked.
    pub linked_at: Timestamp,
    /// When it was used last.
    pub last_used_at: Timestamp,
}

/// How an identity came to an account; part of `user.identity_linked`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkedBy {
    /// The account was made for it.
    SignUp,
    /// Provider and account agree on an address that both have verified.
    VerifiedEmail,
    /// The person signed in to both.
    BothProven,
    /// On the account page.
    Account,
}

impl LinkedBy {
    /// As in events.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SignUp => "sign_up",
            Self::VerifiedEmail => "verified_email",
            Self::BothProven => "both_proven",
            Self::Account => "account",
        }
    }
}

/// Somebody who is proven elsewhere and waits for an account here.
#[derive(Debug, Clone)]
pub(crate) struct Pending {
    pub(crate) connection_id: ConnectionId,
    pub(crate) person: Person,
    pub(crate) state: PendingState,
}

impl Pending {
    /// Somebody who has decided nothing yet; `has_account` if an account has their address and they may know.
    pub(crate) fn new(connection_id: ConnectionId, person: Person, has_account: bool) -> Self {
        let state = PendingState {
            has_account,
            ..PendingState::default()
        };
        Self {
            connection_id,
            person,
            state,
        }
    }
}

/// What they have decided so far.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PendingState {
    /// They chose to sign in to an account that they have, which is linked when they do.
    #[serde(default)]
    pub(crate) links: bool,
    /// An account has their address: there is nothing to create.
    #[serde(default)]
    pub(crate) has_account: bool,
    /// The account that they want, once they have shown that the address is theirs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) wanted: Option<WantedAccount>,
}

/// An account that is made when its address is proven.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct WantedAccount {
    pub(crate) name: String,
    pub(crate) email: String,
}
