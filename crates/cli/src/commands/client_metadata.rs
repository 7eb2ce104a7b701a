//! A client's metadata from flags. It goes through the parser of dynamic registration, so that both ways in refuse the
//! same things.

use authflow_proto::registration::{ClientMetadata, RegistrationRules};
use authflow_proto::scope::ScopeSet;
use authflow_server::clients::{ClientError, ClientPolicy, IntrospectionReach};
use serde_json::{Map, Value, json};

use crate::args::client::{ClientType, Introspection, Policy, Registered};
use crate::failure::Failure;

/// What a client that signs users in may ask for when nothing is said.
const SIGN_IN_SCOPE: &str = "openid profile email offline_access";

/// Whether a client can keep a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// It can.
    Confidential,
    /// It cannot.
    Public,
}

impl From<ClientType> for Kind {
    fn from(kind: ClientType) -> Self {
        match kind {
            ClientType::Confidential => Self::Confidential,
            ClientType::Public => Self::Public,
        }
    }
}

/// Metadata of a new client. Without grants, one with redirect URIs signs users in and one without acts for itself.
pub(super) fn new_metadata(kind: Kind, name: &str, given: &Registered) -> Result<ClientMetadata, Failure> {
    let acts_for_itself = given.redirect_uri.is_empty();
    let grants = match (given.grant.is_empty(), acts_for_itself) {
        (false, _) => json!(given.grant),
        (true, true) => json!(["client_credentials"]),
        (true, false) => json!(["authorization_code", "refresh_token"]),
    };
    let method = match kind {
        Kind::Confidential => "client_secret_basic",
        Kind::Public => "none",
    };
    let mut document = Map::new();
    document.insert("grant_types".to_owned(), grants);
    document.insert("token_endpoint_auth_method".to_owned(), json!(method));
    if !acts_for_itself {
        document.insert("scope".to_owned(), json!(SIGN_IN_SCOPE));
    }
    overlay(&mut document, name, given)?;
    let metadata = parse(&Value::Object(document))?;
    if metadata.is_confidential() != (kind == Kind::Confidential) {
        let method = given.auth_method.as_deref().unwrap_or(method);
        return Err(Failure::usage(
            "client.invalid_metadata",
            format!("`--auth-method {method}` does not fit the type of the client"),
        )
        .hint("public clients use `none`, confidential ones everything else"));
    }
    Ok(metadata)
}

/// Metadata of a client after a change.
pub(super) fn changed_metadata(
    current: &ClientMetadata,
    name: &str,
    given: &Registered,
) -> Result<ClientMetadata, Failure> {
    let mut document = serde_json::to_value(current)
        .map_err(|error| Failure::new("internal", format!("a client cannot be read: {error}")))?;
    if let Value::Object(document) = &mut document {
        if !given.grant.is_empty() {
            // What follows from the grants is worked out anew.
            document.remove("response_types");
        }
        if given.jwks.is_some() || given.jwks_uri.is_some() {
            document.remove("jwks");
            document.remove("jwks_uri");
        }
        overlay(document, name, given)?;
    }
    parse(&document)
}

fn overlay(document: &mut Map<String, Value>, name: &str, given: &Registered) -> Result<(), Failure> {
    document.insert("client_name".to_owned(), json!(name));
    let lists = [
        ("redirect_uris", &given.redirect_uri),
        ("post_logout_redirect_uris", &given.post_logout_redirect_uri),
        ("grant_types", &given.grant),
    ];
    for (member, values) in lists.into_iter().filter(|(_, values)| !values.is_empty()) {
        document.insert(member.to_owned(), json!(values));
    }
    if !given.scope.is_empty() {
        document.insert("scope".to_owned(), json!(given.scope.join(" ")));
    }
    let texts = [
        ("token_endpoint_auth_method", &given.auth_method),
        ("application_type", &given.application_type),
        ("jwks_uri", &given.jwks_uri),
        ("id_token_signed_response_alg", &given.id_token_alg),
        ("userinfo_signed_response_alg", &given.userinfo_alg),
        ("subject_type", &given.subject_type),
        ("sector_identifier_uri", &given.sector_identifier_uri),
        ("backchannel_logout_uri", &given.backchannel_logout_uri),
        ("client_uri", &given.client_uri),
        ("logo_uri", &given.logo_uri),
        ("policy_uri", &given.policy_uri),
        ("tos_uri", &given.tos_uri),
    ];
    for (member, value) in texts {
        if let Some(value) = value {
            document.insert(member.to_owned(), json!(value));
        }
    }
    if let Some(path) = &given.jwks {
        let keys: Value = serde_json::from_str(&super::files::read(path)?).map_err(|error| {
            Failure::usage(
                "client.invalid_metadata",
                format!("`{}` is not JSON: {error}", path.display()),
            )
        })?;
        document.insert("jwks".to_owned(), keys);
    }
    Ok(())
}

fn parse(document: &Value) -> Result<ClientMetadata, Failure> {
    // An operator may register what runs on their own machine; strangers may not.
    let rules = RegistrationRules {
        allow_loopback_http: true,
    };
    Ok(ClientMetadata::parse(document.to_string().as_bytes(), rules).map_err(ClientError::from)?)
}

/// A client's policy after a change.
pub(super) fn policy(mut policy: ClientPolicy, given: &Policy) -> Result<ClientPolicy, Failure> {
    if let Some(require) = given.require_pkce {
        policy.require_pkce = require;
    }
    if let Some(first_party) = given.first_party {
        policy.first_party = first_party;
    }
    if let Some(rotate) = given.rotate_refresh_tokens {
        policy.refresh.rotate = rotate;
    }
    if !given.default_scope.is_empty() {
        let text = given.default_scope.join(" ");
        let scope = ScopeSet::parse(&text)
            .map_err(|error| Failure::usage("client.invalid_scope", format!("`{text}`: {error}")))?;
        policy.default_scope = Some(scope);
    }
    if !given.resource.is_empty() {
        policy.resources = Some(given.resource.clone());
    }
    if !given.allowed_origin.is_empty() {
        policy.allowed_origins.clone_from(&given.allowed_origin);
    }
    match given.introspection {
        Some(Introspection::Tenant) => policy.introspection = IntrospectionReach::Tenant,
        Some(Introspection::Own) => policy.introspection = IntrospectionReach::Own,
        None => {}
    }
    if given.access_token_ttl.is_some() {
        policy.access_token_ttl_s = given.access_token_ttl;
    }
    Ok(policy)
}
