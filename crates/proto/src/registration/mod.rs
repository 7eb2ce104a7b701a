//! Client metadata: dynamic registration (RFC 7591, RFC 7592, OIDC Registration 1.0) and the one typed form of it.
//!
//! [`ClientMetadata::parse`] reads what a stranger sent, fills in the defaults and checks every field on its own and against
//! the others. Serde then only carries the checked form to and from storage and the registration answer.
//!
//! Not checked here: whether `jwks_uri`, `sector_identifier_uri` and the logout URIs lead to public addresses (whoever
//! connects checks the address connected to), what the sector document says ([`crate::subject::check_sector_document`]) and
//! whether the scope exists.
//!
//! Reading order: `mod.rs` (the type), `fields.rs` (one field at a time), `parse.rs` (the document and its consistency).

mod fields;
mod parse;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

pub use fields::FieldProblem;
pub use parse::{MAX_METADATA_BYTES, RegistrationError, RegistrationRules};

use crate::client_auth::AuthMethod;
use crate::jose::{Algorithm, JwkSet, JwkSetError};
use crate::redirect_uri::ApplicationType;
use crate::scope::ScopeSet;
use crate::subject::SubjectType;
use crate::token_request::GrantType;

/// A response type that the authorization endpoint serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResponseType {
    /// RFC 6749 4.1.1.
    Code,
}

/// A client's metadata (RFC 7591 2, OIDC Registration 2, OIDC Back-Channel Logout 2.2), checked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClientMetadata {
    /// Where codes may go; required for `authorization_code`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub redirect_uris: Vec<String>,
    /// Where users may go after logout (RP-Initiated Logout 3.1).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub post_logout_redirect_uris: Vec<String>,
    /// How the client authenticates; `client_secret_basic` when absent.
    pub token_endpoint_auth_method: AuthMethod,
    /// The only algorithm its assertions may have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_endpoint_auth_signing_alg: Option<Algorithm>,
    /// What it may do at the token endpoint; `authorization_code` when absent.
    pub grant_types: Vec<GrantType>,
    /// What it may do at the authorization endpoint.
    pub response_types: Vec<ResponseType>,
    /// Web or native; web when absent.
    #[serde(default)]
    pub application_type: ApplicationType,
    /// Name for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_name: Option<String>,
    /// Home page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_uri: Option<String>,
    /// Logo.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logo_uri: Option<String>,
    /// Terms of service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tos_uri: Option<String>,
    /// Privacy policy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy_uri: Option<String>,
    /// The scope it may ask for and gets by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<ScopeSet>,
    /// People to write to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contacts: Vec<String>,
    /// Its public keys.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jwks: Option<Map<String, Value>>,
    /// Where its public keys are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jwks_uri: Option<String>,
    /// How it sees its users; public when absent.
    #[serde(default)]
    pub subject_type: SubjectType,
    /// What its pairwise subjects are pairwise to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sector_identifier_uri: Option<String>,
    /// ID token algorithm; RS256 when absent.
    pub id_token_signed_response_alg: Algorithm,
    /// Userinfo algorithm; plain JSON when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub userinfo_signed_response_alg: Option<Algorithm>,
    /// `max_age` for requests without one, seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_max_age: Option<u32>,
    /// Whether ID tokens always carry `auth_time`.
    #[serde(default)]
    pub require_auth_time: bool,
    /// `acr_values` for requests without any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub default_acr_values: Vec<String>,
    /// Where a login can be started from outside (OIDC Core 4).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub initiate_login_uri: Option<String>,
    /// Where logout tokens go.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backchannel_logout_uri: Option<String>,
    /// Whether logout tokens must carry `sid`.
    #[serde(default)]
    pub backchannel_logout_session_required: bool,
    /// Which software this is an instance of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub software_id: Option<String>,
    /// Which version of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub software_version: Option<String>,
    /// Human-readable members with a language tag, such as `client_name#fr` (RFC 7591 2.2).
    #[serde(flatten, deserialize_with = "localized")]
    pub localized: BTreeMap<String, String>,
}

impl ClientMetadata {
    /// Whether the client authenticates.
    pub fn is_confidential(&self) -> bool {
        self.token_endpoint_auth_method != AuthMethod::None
    }

    /// A human-readable member in the first of these languages that it exists in, else its plain form.
    ///
    /// `member` is one of `client_name`, `client_uri`, `logo_uri`, `tos_uri`, `policy_uri`.
    pub fn localized_member<'l>(
        &self,
        member: &str,
        locales: impl IntoIterator<Item = &'l str>,
    ) -> Option<&str> {
        let tagged = locales.into_iter().find_map(|locale| {
            self.localized.iter().find(|(name, _)| {
                let tag = name.strip_prefix(member).and_then(|rest| rest.strip_prefix('#'));
                tag.is_some_and(|tag| tag.eq_ignore_ascii_case(locale))
            })
        });
        let plain = match member {
            "client_name" => &self.client_name,
            "client_uri" => &self.client_uri,
            "logo_uri" => &self.logo_uri,
            "tos_uri" => &self.tos_uri,
            "policy_uri" => &self.policy_uri,
            _ => &None,
        };
        tagged.map(|(_, value)| value.as_str()).or(plain.as_deref())
    }

    /// The client's own keys, parsed; `None` when it registered none in place.
    pub fn parsed_jwks(&self) -> Option<Result<JwkSet, JwkSetError>> {
        self.jwks.as_ref().map(JwkSet::from_object)
    }
}

/// Keeps the members with a language tag out of all that no field claimed.
fn localized<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<String, String>, D::Error> {
    let rest = BTreeMap::<String, Value>::deserialize(deserializer)?;
    let tagged = rest.into_iter().filter(|(name, _)| name.contains('#'));
    Ok(tagged
        .filter_map(|(name, value)| Some((name, value.as_str()?.to_owned())))
        .collect())
}
