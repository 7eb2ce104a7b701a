use std::collections::HashMap;

use authflow_proto::jose::Algorithm;
use authflow_types::{ApiResourceId, ScopeId, Timestamp};
use serde::{Deserialize, Serialize};

/// Scopes that every tenant has (OIDC Core 5.4, 11).
pub const STANDARD_SCOPES: &[&str] = &["openid", "profile", "email", "address", "phone", "offline_access"];

/// What an access token for a resource looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenFormat {
    /// A JWT (RFC 9068): the API checks it alone.
    Jwt,
    /// A reference: the API introspects it (RFC 7662).
    Opaque,
}

impl TokenFormat {
    /// As stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Jwt => "jwt",
            Self::Opaque => "opaque",
        }
    }

    /// From storage; an unknown word is the format that reveals nothing.
    pub fn from_stored(text: &str) -> Self {
        if text == "jwt" { Self::Jwt } else { Self::Opaque }
    }
}

/// An API that access tokens can be for.
#[derive(Debug, Clone)]
pub struct ApiResource {
    /// Its id.
    pub id: ApiResourceId,
    /// The absolute URI that becomes `aud` (RFC 8707 2).
    pub identifier: String,
    /// Its name for people.
    pub name: String,
    /// What its access tokens look like.
    pub token_format: TokenFormat,
    /// What signs its JWTs.
    pub signing_algorithm: Algorithm,
    /// How long its access tokens live, in seconds; `None` takes the client's or the installation's value.
    pub access_token_ttl_s: Option<i64>,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// A scope of the tenant's own.
#[derive(Debug, Clone)]
pub struct Scope {
    /// Its id.
    pub id: ScopeId,
    /// The resource it belongs to, if any.
    pub resource_id: Option<ApiResourceId>,
    /// Its name, as in requests.
    pub name: String,
    /// What the consent page says.
    pub description: String,
    /// When it was created.
    pub created_at: Timestamp,
}

/// All API resources and scopes of one tenant, as requests see them.
#[derive(Debug, Default)]
pub struct Catalogue {
    resources: Vec<ApiResource>,
    by_identifier: HashMap<String, usize>,
    scopes: HashMap<String, Scope>,
}

impl Catalogue {
    /// From rows.
    pub fn new(resources: Vec<ApiResource>, scopes: Vec<Scope>) -> Self {
        let by_identifier = resources
            .iter()
            .enumerate()
            .map(|(i, r)| (r.identifier.clone(), i))
            .collect();
        let scopes = scopes
            .into_iter()
            .map(|scope| (scope.name.clone(), scope))
            .collect();
        Self {
            resources,
            by_identifier,
            scopes,
        }
    }

    /// Every resource, in order of creation.
    pub fn resources(&self) -> &[ApiResource] {
        &self.resources
    }

    /// The resource with this identifier.
    pub fn resource(&self, identifier: &str) -> Option<&ApiResource> {
        self.resources.get(*self.by_identifier.get(identifier)?)
    }

    /// The resource that a scope belongs to.
    pub fn resource_of_scope(&self, name: &str) -> Option<&ApiResource> {
        let id = self.scopes.get(name)?.resource_id?;
        self.resources.iter().find(|resource| resource.id == id)
    }

    /// The tenant's own scope with this name.
    pub fn scope(&self, name: &str) -> Option<&Scope> {
        self.scopes.get(name)
    }

    /// Whether the tenant has the scope, its own or a standard one.
    pub fn has_scope(&self, name: &str) -> bool {
        STANDARD_SCOPES.contains(&name) || self.scopes.contains_key(name)
    }

    /// The tenant's own scopes, by name.
    pub fn own_scopes(&self) -> Vec<&Scope> {
        let mut scopes: Vec<&Scope> = self.scopes.values().collect();
        scopes.sort_by(|a, b| a.name.cmp(&b.name));
        scopes
    }

    /// Every scope of the tenant by name, the standard ones first.
    pub fn scope_names(&self) -> Vec<&str> {
        let own = self.own_scopes();
        STANDARD_SCOPES
            .iter()
            .copied()
            .chain(own.iter().map(|scope| scope.name.as_str()))
            .collect()
    }
}
