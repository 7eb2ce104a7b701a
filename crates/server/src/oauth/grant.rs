//! What a user (through a sign-in) allowed a client: the parent of codes, refresh tokens and access tokens.

use authflow_proto::authorize::ClaimsRequest;
use authflow_proto::scope::ScopeSet;
use authflow_types::{GrantId, SessionId, Timestamp, UserId};
use serde::{Deserialize, Serialize};

/// Everything a token says that does not change during a grant's life; stored as JSON in the code, then in the grant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Grant {
    /// Its id.
    pub id: GrantId,
    /// Who allowed it.
    pub user_id: UserId,
    /// The session in which it was allowed.
    pub session_id: SessionId,
    /// What was allowed.
    pub scope: ScopeSet,
    /// API resources it is for (RFC 8707); empty is those of the scopes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<String>,
    /// Claims asked for one by one (OIDC Core 5.5).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claims: Option<Box<ClaimsRequest>>,
    /// When the user last proved who they are, in seconds since the epoch.
    pub auth_time: i64,
    /// How strongly (OIDC Core 2, `acr`).
    pub acr: String,
    /// By which methods (RFC 8176).
    pub amr: Vec<String>,
}

/// What an authorization code stands for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CodePayload {
    /// What was allowed.
    pub grant: Grant,
    /// Where the code was sent.
    pub redirect_uri: String,
    /// Whether the request named it: then the token request must repeat it (RFC 6749 4.1.3).
    pub redirect_uri_sent: bool,
    /// The code challenge (RFC 7636 4.4).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code_challenge: Option<authflow_proto::pkce::CodeChallenge>,
    /// Copied into the ID token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nonce: Option<String>,
}

impl Grant {
    /// When the user last proved who they are.
    pub const fn auth_time(&self) -> Timestamp {
        Timestamp::from_secs(self.auth_time)
    }
}
