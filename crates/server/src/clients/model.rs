use std::time::Duration;

use authflow_proto::access_token::Audience;
use authflow_proto::client_auth::AuthMethod;
use authflow_proto::registration::ClientMetadata;
use authflow_proto::scope::ScopeSet;
use authflow_types::{ClientId, Digest, SecretId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::tenants::MfaPolicy;

/// Whether a client may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientStatus {
    /// It may.
    Active,
    /// Every request of it is refused and its tokens are dead; nothing is deleted.
    Disabled,
}

impl ClientStatus {
    /// As stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Disabled => "disabled",
        }
    }

    /// From storage; an unknown word disables rather than guesses.
    pub fn from_stored(text: &str) -> Self {
        if text == "active" {
            Self::Active
        } else {
            Self::Disabled
        }
    }
}

/// How a client's refresh tokens behave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RefreshPolicy {
    /// Whether each use gives a new token and makes the old one worthless (RFC 9700 4.14.2).
    pub rotate: bool,
    /// A family ends after so long without use, in seconds; `None` takes the installation's value.
    pub idle_ttl_s: Option<u64>,
    /// A family ends so long after it began, in seconds; `None` takes the installation's value.
    pub absolute_ttl_s: Option<u64>,
}

impl Default for RefreshPolicy {
    fn default() -> Self {
        Self {
            rotate: true,
            idle_ttl_s: None,
            absolute_ttl_s: None,
        }
    }
}

/// Whose access tokens a client may introspect (RFC 7662 2.1).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IntrospectionReach {
    /// Every one of the tenant.
    #[default]
    Tenant,
    /// Those issued to it, and those for the API resources that its policy names.
    Own,
}

/// What a tenant decides about a client beside its registered metadata.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ClientPolicy {
    /// PKCE is required (RFC 7636). Always so for public clients.
    pub require_pkce: bool,
    /// The secret may come in the header or in the body, whichever of the two methods is registered. For clients that were
    /// made without naming a method; one that names its method is held to it.
    pub basic_or_post: bool,
    /// The tenant's own application: users are not asked for consent.
    pub first_party: bool,
    /// When its users are asked for a second factor; `None` is the tenant's rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mfa: Option<MfaPolicy>,
    /// What a request without `scope` gets (RFC 6749 3.3); `None` is `openid` if registered, else everything.
    pub default_scope: Option<ScopeSet>,
    /// API resources it may ask tokens for (RFC 8707); `None` allows every resource of the tenant.
    pub resources: Option<Vec<String>>,
    /// Web origins that may call the token endpoint, beside those of its redirect URIs.
    pub allowed_origins: Vec<String>,
    /// How its refresh tokens behave.
    pub refresh: RefreshPolicy,
    /// Access token lifetime in seconds; `None` takes the resource's or the installation's value.
    pub access_token_ttl_s: Option<u64>,
    /// Whose access tokens it may introspect, if it is confidential.
    pub introspection: IntrospectionReach,
}

impl Default for ClientPolicy {
    fn default() -> Self {
        Self {
            require_pkce: true,
            basic_or_post: false,
            first_party: false,
            mfa: None,
            default_scope: None,
            resources: None,
            allowed_origins: Vec::new(),
            refresh: RefreshPolicy::default(),
            access_token_ttl_s: None,
            introspection: IntrospectionReach::Tenant,
        }
    }
}

/// One secret of a client; two may be live while one replaces the other.
#[derive(Debug, Clone)]
pub struct ClientSecret {
    /// Its id.
    pub id: SecretId,
    /// What presented secrets are compared with.
    pub digest: Digest,
    /// The secret itself, sealed; only for `client_secret_jwt`, which must compute with it.
    pub sealed: Option<Vec<u8>>,
    /// From when it is refused.
    pub expires_at: Option<Timestamp>,
}

/// A client as requests see it.
#[derive(Debug, Clone)]
pub struct Client {
    /// Its id: the OAuth `client_id`.
    pub id: ClientId,
    /// Whether it may be used.
    pub status: ClientStatus,
    /// Its name for people.
    pub name: String,
    /// Registered metadata (RFC 7591 2).
    pub metadata: ClientMetadata,
    /// What the tenant decides about it.
    pub policy: ClientPolicy,
    /// Live and expired secrets.
    pub secrets: Vec<ClientSecret>,
    /// What the registration access token is compared with (RFC 7592 3).
    pub registration_digest: Option<Digest>,
    /// When it was registered.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl Client {
    /// Whether it may be used.
    pub fn is_active(&self) -> bool {
        self.status == ClientStatus::Active
    }

    /// Whether it cannot keep a secret (RFC 6749 2.1).
    pub fn is_public(&self) -> bool {
        self.metadata.token_endpoint_auth_method == AuthMethod::None
    }

    /// Whether it authenticates with a secret that we gave it.
    pub fn uses_secret(&self) -> bool {
        use AuthMethod::{ClientSecretBasic, ClientSecretJwt, ClientSecretPost};
        matches!(
            self.metadata.token_endpoint_auth_method,
            ClientSecretBasic | ClientSecretPost | ClientSecretJwt
        )
    }

    /// Whether its authorization requests must carry a code challenge.
    pub fn requires_pkce(&self) -> bool {
        self.policy.require_pkce || self.is_public()
    }

    /// Whether it may ask for `scope`.
    pub fn may_have(&self, scope: &ScopeSet) -> bool {
        scope.is_empty()
            || self
                .metadata
                .scope
                .as_ref()
                .is_some_and(|allowed| scope.is_subset_of(allowed))
    }

    /// What a request without `scope` gets.
    pub fn default_scope(&self) -> ScopeSet {
        if let Some(scope) = &self.policy.default_scope {
            return scope.clone();
        }
        let allowed = self.metadata.scope.clone().unwrap_or_default();
        if allowed.contains("openid") {
            ScopeSet::parse("openid").unwrap_or_default()
        } else {
            allowed
        }
    }

    /// Whether it may introspect an access token that was issued to `holder` for `audience`.
    pub fn may_introspect(&self, holder: &str, audience: &Audience) -> bool {
        let named = self.policy.resources.as_deref().unwrap_or_default();
        self.policy.introspection == IntrospectionReach::Tenant
            || holder == self.id.to_string()
            || named.iter().any(|one| audience.contains(one))
    }

    /// Digests of the secrets that are accepted at `now`.
    pub fn live_secrets(&self, now: Timestamp) -> impl Iterator<Item = &ClientSecret> {
        self.secrets
            .iter()
            .filter(move |secret| secret.expires_at.is_none_or(|end| now < end))
    }

    /// How long its refresh tokens live unused, given the installation's value.
    pub fn refresh_idle_ttl(&self, otherwise: Duration) -> Duration {
        self.policy
            .refresh
            .idle_ttl_s
            .map_or(otherwise, Duration::from_secs)
    }

    /// How long its refresh token families live, given the installation's value.
    pub fn refresh_absolute_ttl(&self, otherwise: Duration) -> Duration {
        self.policy
            .refresh
            .absolute_ttl_s
            .map_or(otherwise, Duration::from_secs)
    }

    /// Every web origin that may call the token endpoint for it.
    pub fn origins(&self) -> Vec<String> {
        let of_redirects = self
            .metadata
            .redirect_uris
            .iter()
            .filter_map(|uri| origin_of(uri));
        let mut origins: Vec<String> = self
            .policy
            .allowed_origins
            .iter()
            .cloned()
            .chain(of_redirects)
            .collect();
        origins.sort_unstable();
        origins.dedup();
        origins
    }
}

/// The origin of an http or https address, as browsers write it in `Origin`.
pub(super) fn origin_of(address: &str) -> Option<String> {
    let url = url::Url::parse(address).ok()?;
    matches!(url.scheme(), "http" | "https").then(|| url.origin().ascii_serialization())
}
