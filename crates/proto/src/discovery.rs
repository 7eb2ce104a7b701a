//! The issuer and the provider metadata document (OIDC Discovery 3, RFC 8414 2).

use std::fmt;

use serde::{Deserialize, Serialize};
use url::Url;

use crate::client_auth::AuthMethod;
use crate::jose::Algorithm;
use crate::token_request::GrantType;

/// Paths below the issuer.
pub mod paths {
    /// Authorization endpoint.
    pub const AUTHORIZE: &str = "/oauth2/authorize";
    /// Authorization challenge endpoint (OAuth First-Party Apps 4.1).
    pub const CHALLENGE: &str = "/oauth2/challenge";
    /// Token endpoint.
    pub const TOKEN: &str = "/oauth2/token";
    /// Userinfo endpoint.
    pub const USERINFO: &str = "/oauth2/userinfo";
    /// Introspection endpoint.
    pub const INTROSPECT: &str = "/oauth2/introspect";
    /// Revocation endpoint.
    pub const REVOKE: &str = "/oauth2/revoke";
    /// Dynamic registration endpoint.
    pub const REGISTER: &str = "/oauth2/register";
    /// End-session endpoint.
    pub const LOGOUT: &str = "/oauth2/logout";
    /// Key set.
    pub const JWKS: &str = "/.well-known/jwks.json";
    /// OIDC Discovery 4.
    pub const OPENID_CONFIGURATION: &str = "/.well-known/openid-configuration";
    /// RFC 8414 3.
    pub const OAUTH_AUTHORIZATION_SERVER: &str = "/.well-known/oauth-authorization-server";
}

/// Why a text is no issuer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "an issuer must be an http or https URL in its normal form, without query, fragment, user name or final slash"
)]
pub struct IssuerError;

/// An issuer identifier (OIDC Discovery 3, RFC 8414 2): compared as text, so kept in one spelling.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct Issuer(String);

impl Issuer {
    /// Parses an issuer. `http` is accepted for development; whether it is allowed is configuration.
    pub fn parse(text: &str) -> Result<Self, IssuerError> {
        let url = Url::parse(text).map_err(|_| IssuerError)?;
        let normal = url.as_str();
        let normal = normal.strip_suffix('/').unwrap_or(normal);
        let plain = matches!(url.scheme(), "https" | "http")
            && url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none();
        if plain && normal == text && !text.ends_with('/') {
            Ok(Self(text.to_owned()))
        } else {
            Err(IssuerError)
        }
    }

    /// The issuer as it stands in every token and document.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The URL of a path below the issuer, such as [`paths::TOKEN`].
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.0)
    }

    /// The RFC 8414 3.1 form: the well-known path put between host and path of the issuer.
    pub fn inserted_url(&self, well_known: &str) -> String {
        let (origin, path) = self.split();
        format!("{origin}{well_known}{path}")
    }

    /// `scheme://host[:port]` and the path, which is empty for an issuer at the root.
    pub fn split(&self) -> (&str, &str) {
        let host_at = self.0.find("://").map_or(0, |at| at + 3);
        let (_, after) = self.0.split_at(host_at);
        let path_at = after.find('/').map_or(self.0.len(), |at| host_at + at);
        self.0.split_at(path_at)
    }
}

impl fmt::Display for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Issuer {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

/// What a tenant's provider can do, beyond what is built in.
#[derive(Debug, Clone, Default)]
pub struct Capabilities {
    /// Scopes that may be published.
    pub scopes: Vec<String>,
    /// Claims that may be asked for.
    pub claims: Vec<String>,
    /// Authentication contexts, weakest first.
    pub acr_values: Vec<String>,
    /// Languages of the pages.
    pub ui_locales: Vec<String>,
    /// Whether dynamic registration is open to anyone or to holders of a token.
    pub registration: bool,
    /// Documentation for developers.
    pub service_documentation: Option<String>,
    /// Privacy policy.
    pub op_policy_uri: Option<String>,
    /// Terms of service.
    pub op_tos_uri: Option<String>,
}

/// The metadata document of OIDC Discovery 3 and RFC 8414 2: one document for both addresses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "the members are the specification's"
)]
#[expect(missing_docs, reason = "the members are the specification's, name by name")]
pub struct ProviderMetadata {
    pub issuer: String,
    pub authorization_endpoint: String,
    pub authorization_challenge_endpoint: String,
    pub token_endpoint: String,
    pub userinfo_endpoint: String,
    pub jwks_uri: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub registration_endpoint: Option<String>,
    pub introspection_endpoint: String,
    pub revocation_endpoint: String,
    pub end_session_endpoint: String,
    pub scopes_supported: Vec<String>,
    pub response_types_supported: Vec<&'static str>,
    pub response_modes_supported: Vec<&'static str>,
    pub grant_types_supported: Vec<GrantType>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub acr_values_supported: Vec<String>,
    pub subject_types_supported: Vec<&'static str>,
    pub id_token_signing_alg_values_supported: Vec<Algorithm>,
    pub userinfo_signing_alg_values_supported: Vec<Algorithm>,
    pub token_endpoint_auth_methods_supported: Vec<AuthMethod>,
    pub token_endpoint_auth_signing_alg_values_supported: Vec<Algorithm>,
    pub introspection_endpoint_auth_methods_supported: Vec<AuthMethod>,
    pub introspection_endpoint_auth_signing_alg_values_supported: Vec<Algorithm>,
    pub revocation_endpoint_auth_methods_supported: Vec<AuthMethod>,
    pub revocation_endpoint_auth_signing_alg_values_supported: Vec<Algorithm>,
    pub display_values_supported: Vec<&'static str>,
    pub prompt_values_supported: Vec<&'static str>,
    pub claim_types_supported: Vec<&'static str>,
    pub claims_supported: Vec<String>,
    pub claims_parameter_supported: bool,
    pub request_parameter_supported: bool,
    pub request_uri_parameter_supported: bool,
    pub require_request_uri_registration: bool,
    pub code_challenge_methods_supported: Vec<&'static str>,
    pub authorization_response_iss_parameter_supported: bool,
    pub backchannel_logout_supported: bool,
    pub backchannel_logout_session_supported: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ui_locales_supported: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service_documentation: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub op_policy_uri: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub op_tos_uri: Option<String>,
}

impl ProviderMetadata {
    /// Builds the document.
    pub fn new(issuer: &Issuer, capabilities: Capabilities) -> Self {
        let signing = Algorithm::ASYMMETRIC.to_vec();
        let assertion: Vec<_> = signing.iter().copied().chain([Algorithm::HS256]).collect();
        let methods = AuthMethod::ALL.to_vec();
        // Introspection needs a client that can be told apart from a stranger (RFC 7662 2.1).
        let confidential: Vec<_> = methods
            .iter()
            .copied()
            .filter(|m| *m != AuthMethod::None)
            .collect();
        Self {
            issuer: issuer.to_string(),
            authorization_endpoint: issuer.url(paths::AUTHORIZE),
            authorization_challenge_endpoint: issuer.url(paths::CHALLENGE),
            token_endpoint: issuer.url(paths::TOKEN),
            userinfo_endpoint: issuer.url(paths::USERINFO),
            jwks_uri: issuer.url(paths::JWKS),
            registration_endpoint: capabilities.registration.then(|| issuer.url(paths::REGISTER)),
            introspection_endpoint: issuer.url(paths::INTROSPECT),
            revocation_endpoint: issuer.url(paths::REVOKE),
            end_session_endpoint: issuer.url(paths::LOGOUT),
            scopes_supported: capabilities.scopes,
            response_types_supported: vec!["code"],
            response_modes_supported: vec!["query", "fragment", "form_post"],
            grant_types_supported: GrantType::ALL.to_vec(),
            acr_values_supported: capabilities.acr_values,
            subject_types_supported: vec!["public", "pairwise"],
            id_token_signing_alg_values_supported: signing.clone(),
            userinfo_signing_alg_values_supported: signing,
            token_endpoint_auth_methods_supported: methods.clone(),
            token_endpoint_auth_signing_alg_values_supported: assertion.clone(),
            introspection_endpoint_auth_methods_supported: confidential,
            introspection_endpoint_auth_signing_alg_values_supported: assertion.clone(),
            revocation_endpoint_auth_methods_supported: methods,
            revocation_endpoint_auth_signing_alg_values_supported: assertion,
            display_values_supported: vec!["page", "popup", "touch", "wap"],
            prompt_values_supported: vec!["none", "login", "consent", "select_account", "create"],
            claim_types_supported: vec!["normal"],
            claims_supported: capabilities.claims,
            claims_parameter_supported: true,
            request_parameter_supported: false,
            request_uri_parameter_supported: false,
            require_request_uri_registration: false,
            code_challenge_methods_supported: vec!["S256"],
            authorization_response_iss_parameter_supported: true,
            backchannel_logout_supported: true,
            backchannel_logout_session_supported: true,
            ui_locales_supported: capabilities.ui_locales,
            service_documentation: capabilities.service_documentation,
            op_policy_uri: capabilities.op_policy_uri,
            op_tos_uri: capabilities.op_tos_uri,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn issuer_has_one_spelling() {
        for good in [
            "https://id.example",
            "https://id.example:8443",
            "http://localhost:8080/t/acme",
            "https://id.example/t/acme",
        ] {
            assert_eq!(Issuer::parse(good).unwrap().as_str(), good);
        }
        for bad in [
            "",
            "id.example",
            "https://id.example/",
            "https://id.example/t/acme/",
            "HTTPS://id.example",
            "https://ID.example",
            "https://id.example:443",
            "https://id.example?x",
            "https://id.example#x",
            "https://u@id.example",
            "ftp://id.example",
            "https://id.example/a/../b",
            "https://id.example/ ",
        ] {
            assert_eq!(Issuer::parse(bad), Err(IssuerError), "{bad}");
        }
    }

    #[test]
    fn well_known_path_is_appended_or_inserted() {
        let path = Issuer::parse("https://id.example:8443/t/acme").unwrap();
        assert_eq!(
            path.url(paths::OPENID_CONFIGURATION),
            "https://id.example:8443/t/acme/.well-known/openid-configuration"
        );
        assert_eq!(
            path.inserted_url(paths::OAUTH_AUTHORIZATION_SERVER),
            "https://id.example:8443/.well-known/oauth-authorization-server/t/acme"
        );
        let root = Issuer::parse("https://id.example").unwrap();
        let expected = "https://id.example/.well-known/oauth-authorization-server";
        assert_eq!(root.inserted_url(paths::OAUTH_AUTHORIZATION_SERVER), expected);
        assert_eq!(root.url(paths::OAUTH_AUTHORIZATION_SERVER), expected);
    }

    #[test]
    fn document_has_the_required_members_and_hides_closed_registration() {
        let issuer = Issuer::parse("https://id.example/t/acme").unwrap();
        let closed = serde_json::to_value(ProviderMetadata::new(&issuer, Capabilities::default())).unwrap();
        assert_eq!(closed["issuer"], "https://id.example/t/acme");
        assert_eq!(closed["token_endpoint"], "https://id.example/t/acme/oauth2/token");
        assert_eq!(
            closed["code_challenge_methods_supported"],
            serde_json::json!(["S256"])
        );
        assert_eq!(
            closed["grant_types_supported"],
            serde_json::json!(["authorization_code", "refresh_token", "client_credentials"])
        );
        assert!(
            closed["id_token_signing_alg_values_supported"]
                .as_array()
                .unwrap()
                .contains(&"RS256".into())
        );
        assert!(closed.get("registration_endpoint").is_none());
        let open = ProviderMetadata::new(
            &issuer,
            Capabilities {
                registration: true,
                ..Capabilities::default()
            },
        );
        assert_eq!(
            open.registration_endpoint.as_deref(),
            Some("https://id.example/t/acme/oauth2/register")
        );
    }

    proptest! {
        #[test]
        fn parsing_never_panics_and_splits_exactly(text in "https?://[a-z0-9.:/_-]{0,30}") {
            if let Ok(issuer) = Issuer::parse(&text) {
                let (origin, path) = issuer.split();
                prop_assert_eq!(format!("{}{}", origin, path), text);
                prop_assert!(path.is_empty() || path.starts_with('/'));
            }
        }
    }
}
