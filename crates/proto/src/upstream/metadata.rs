//! A provider's discovery document (OIDC Discovery 1.0 4, RFC 8414 3).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use url::Url;

use super::ClientAuthentication;
use crate::json::{JsonLimits, parse_object};

/// Longest document read, in bytes.
pub const MAX_METADATA_BYTES: usize = 64 * 1024;
const LIMITS: JsonLimits = JsonLimits {
    bytes: MAX_METADATA_BYTES,
    depth: 6,
    nodes: 4096,
};

/// Why a discovery document is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MetadataError {
    /// Not a JSON object, too long or too deep.
    #[error("the discovery document is not a JSON object of at most {MAX_METADATA_BYTES} bytes")]
    Malformed,
    /// Its issuer is not the one that was asked (OIDC Discovery 1.0 4.3): the first step of a mix-up.
    #[error("the discovery document is of issuer `{found}`, not of the one configured")]
    Issuer {
        /// The issuer that it names.
        found: String,
    },
    /// An address is missing or is none.
    #[error("the discovery document lacks a usable `{name}`")]
    Endpoint {
        /// Which.
        name: &'static str,
    },
}

/// What a relying party needs of a provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProviderMetadata {
    /// The issuer, or Microsoft's template with `{tenantid}`.
    pub issuer: String,
    /// Where people are sent.
    pub authorization_endpoint: Url,
    /// Where codes are redeemed.
    pub token_endpoint: Url,
    /// Where the access token tells more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub userinfo_endpoint: Option<Url>,
    /// Where the keys are.
    pub jwks_uri: Url,
    /// Whether every authorization response names its issuer (RFC 9207 3).
    #[serde(default)]
    pub iss_parameter: bool,
    /// How clients may authenticate; nothing said is `client_secret_basic` (OIDC Discovery 1.0 3).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth_methods: Option<Vec<String>>,
}

impl ProviderMetadata {
    /// Where the document of `issuer` is (OIDC Discovery 1.0 4.1).
    pub fn address(issuer: &Url) -> Option<Url> {
        let base = issuer.as_str().trim_end_matches('/');
        Url::parse(&format!("{base}/.well-known/openid-configuration")).ok()
    }

    /// Reads the document that was found at the address of `issuer`.
    ///
    /// With `any_directory` the issuer may be Microsoft's template: `{tenantid}` in place of one segment of the path.
    ///
    /// # Errors
    /// [`MetadataError`].
    pub fn parse(json: &[u8], issuer: &str, any_directory: bool) -> Result<Self, MetadataError> {
        let document = parse_object(json, LIMITS).map_err(|_| MetadataError::Malformed)?;
        let found = text(&document, "issuer").unwrap_or_default();
        if found != issuer && !(any_directory && is_template_of(found, issuer)) {
            let found = found.chars().take(200).collect();
            return Err(MetadataError::Issuer { found });
        }
        let methods = document
            .get("token_endpoint_auth_methods_supported")
            .and_then(Value::as_array);
        Ok(Self {
            issuer: found.to_owned(),
            authorization_endpoint: required(&document, "authorization_endpoint")?,
            token_endpoint: required(&document, "token_endpoint")?,
            userinfo_endpoint: text(&document, "userinfo_endpoint").and_then(|text| Url::parse(text).ok()),
            jwks_uri: required(&document, "jwks_uri")?,
            iss_parameter: document.get("authorization_response_iss_parameter_supported")
                == Some(&Value::Bool(true)),
            auth_methods: methods.map(|methods| {
                let texts = methods.iter().filter_map(Value::as_str).take(20);
                texts.map(str::to_owned).collect()
            }),
        })
    }

    /// How to authenticate with a secret: as configured, or as the provider says it can.
    pub fn authentication(&self, wanted: ClientAuthentication) -> ClientAuthentication {
        use ClientAuthentication::{ClientSecretBasic, ClientSecretPost};
        let Some(methods) = &self.auth_methods else {
            return wanted;
        };
        let can = |name: &str| methods.iter().any(|method| method == name);
        match wanted {
            ClientSecretBasic if !can("client_secret_basic") && can("client_secret_post") => ClientSecretPost,
            ClientSecretPost if !can("client_secret_post") && can("client_secret_basic") => ClientSecretBasic,
            other => other,
        }
    }
}

fn text<'a>(document: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    document.get(name).and_then(Value::as_str)
}

fn required(document: &Map<String, Value>, name: &'static str) -> Result<Url, MetadataError> {
    let url = text(document, name).and_then(|text| Url::parse(text).ok());
    url.filter(|url| matches!(url.scheme(), "https" | "http"))
        .ok_or(MetadataError::Endpoint { name })
}

/// Whether `template` is `issuer` with `{tenantid}` for the segment that says "any directory".
fn is_template_of(template: &str, issuer: &str) -> bool {
    ["common", "organizations", "consumers"].iter().any(|any| {
        let segment = format!("/{any}/");
        issuer.matches(&segment).count() == 1 && issuer.replace(&segment, "/{tenantid}/") == template
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn document(issuer: &str) -> Value {
        json!({
            "issuer": issuer,
            "authorization_endpoint": "https://op.example/authorize",
            "token_endpoint": "https://op.example/token",
            "jwks_uri": "https://op.example/jwks",
            "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt"],
            "authorization_response_iss_parameter_supported": true,
        })
    }

    fn parse(document: &Value, issuer: &str, any: bool) -> Result<ProviderMetadata, MetadataError> {
        ProviderMetadata::parse(document.to_string().as_bytes(), issuer, any)
    }

    #[test]
    fn a_document_counts_for_the_issuer_that_it_names() {
        let read = parse(&document("https://op.example"), "https://op.example", false).unwrap();
        assert!(read.iss_parameter && read.userinfo_endpoint.is_none());
        assert_eq!(
            read.authentication(ClientAuthentication::ClientSecretBasic),
            ClientAuthentication::ClientSecretPost
        );
        for other in ["https://op.example/", "https://other.example", ""] {
            let refused = parse(&document(other), "https://op.example", true);
            assert!(matches!(refused, Err(MetadataError::Issuer { .. })), "{other}");
        }
    }

    #[test]
    fn a_template_is_taken_only_where_any_directory_is_meant() {
        let template = "https://login.microsoftonline.com/{tenantid}/v2.0";
        let common = "https://login.microsoftonline.com/common/v2.0";
        assert!(parse(&document(template), common, true).is_ok());
        assert!(parse(&document(template), common, false).is_err());
        let one = "https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0";
        assert!(parse(&document(template), one, true).is_err());
        assert!(parse(&document("https://evil.example/{tenantid}/v2.0"), common, true).is_err());
    }

    #[test]
    fn addresses_are_needed_and_must_be_web_addresses() {
        for (name, bad) in [
            ("authorization_endpoint", json!("javascript:alert(1)")),
            ("token_endpoint", json!(null)),
            ("jwks_uri", json!("/jwks")),
        ] {
            let mut document = document("https://op.example");
            document[name] = bad;
            let refused = parse(&document, "https://op.example", false);
            assert_eq!(refused, Err(MetadataError::Endpoint { name }));
        }
        assert_eq!(
            ProviderMetadata::parse(b"[]", "https://op.example", false),
            Err(MetadataError::Malformed)
        );
    }

    #[test]
    fn the_address_of_an_issuer_with_a_path_ends_in_the_well_known_suffix() {
        let of = |text: &str| {
            ProviderMetadata::address(&Url::parse(text).unwrap())
                .unwrap()
                .to_string()
        };
        assert_eq!(
            of("https://op.example"),
            "https://op.example/.well-known/openid-configuration"
        );
        assert_eq!(
            of("https://op.example/t/acme/"),
            "https://op.example/t/acme/.well-known/openid-configuration"
        );
    }
}
