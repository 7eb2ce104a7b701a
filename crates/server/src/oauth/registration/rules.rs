//! What metadata must satisfy beyond its form: the tenant's scopes, the network, the sector document.

use authflow_proto::client_auth::AuthMethod;
use authflow_proto::registration::{
    ClientMetadata, MAX_METADATA_BYTES, RegistrationError, RegistrationRules,
};
use authflow_proto::scope::ScopeSet;
use authflow_proto::subject::check_sector_document;
use authflow_proto::token_request::GrantType;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::http::HeaderMap;
use url::Url;

use super::refusal::RegistrationRefusal;
use crate::clients::{Client, ClientPolicy};
use crate::http::extract;
use crate::net::FetchError;
use crate::resources::STANDARD_SCOPES;
use crate::tenants::RegistrationMode;
use crate::{App, Cx};

/// What a client that names no scope may ask for.
const DEFAULT_SCOPE: &str = "openid profile email";

/// Longest sector document read.
const MAX_SECTOR_BYTES: usize = 256 * 1024;

/// The JSON body, if it is one.
pub(super) fn body(
    headers: &HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Bytes, RegistrationRefusal> {
    match body {
        Ok(body) if extract::is_of_type(headers, "application/json") && body.len() <= MAX_METADATA_BYTES => {
            Ok(body)
        }
        _ => Err(RegistrationRefusal::Body),
    }
}

/// Parses metadata and fills in the scope.
pub(super) fn parse(app: &App, json: &[u8]) -> Result<ClientMetadata, RegistrationError> {
    let allow_loopback_http = app.config.is_dev() || app.config.outbound.allow_http;
    let mut metadata = ClientMetadata::parse(json, RegistrationRules { allow_loopback_http })?;
    let signs_users_in = metadata.grant_types.contains(&GrantType::AuthorizationCode);
    if metadata.scope.is_none() && signs_users_in {
        let offline = if metadata.grant_types.contains(&GrantType::RefreshToken) {
            " offline_access"
        } else {
            ""
        };
        metadata.scope = ScopeSet::parse(&format!("{DEFAULT_SCOPE}{offline}")).ok();
    }
    Ok(metadata)
}

/// The name that people see: the client's own, or the host that it sends them to.
pub(super) fn name(metadata: &ClientMetadata) -> String {
    let host_of = |uri: &String| Url::parse(uri).ok()?.host_str().map(str::to_owned);
    let own = metadata
        .client_name
        .clone()
        .filter(|name| !name.trim().is_empty());
    own.or_else(|| metadata.redirect_uris.iter().find_map(host_of))
        .unwrap_or_else(|| "Unnamed client".to_owned())
}

/// Refuses addresses that only this server could reach, and a sector that does not vouch for the redirect URIs
/// (OIDC Registration 5). No transaction may be open: it talks to the network.
pub(super) async fn check_network(cx: &Cx, metadata: &ClientMetadata) -> Result<(), RegistrationRefusal> {
    let addresses = [
        ("jwks_uri", &metadata.jwks_uri),
        ("backchannel_logout_uri", &metadata.backchannel_logout_uri),
        ("sector_identifier_uri", &metadata.sector_identifier_uri),
    ];
    for (field, address) in addresses {
        if let Some(url) = address.as_ref().and_then(|address| Url::parse(address).ok()) {
            cx.app
                .outbound
                .check_url(&url)
                .map_err(|refusal| RegistrationRefusal::Address { field, refusal })?;
        }
    }
    let Some(url) = metadata
        .sector_identifier_uri
        .as_ref()
        .and_then(|uri| Url::parse(uri).ok())
    else {
        return Ok(());
    };
    let document = cx
        .app
        .outbound
        .fetch(&url, MAX_SECTOR_BYTES)
        .await
        .map_err(|error| match error {
            FetchError::Refused(refusal) => RegistrationRefusal::Address {
                field: "sector_identifier_uri",
                refusal,
            },
            error => RegistrationRefusal::SectorFetch(error),
        })?;
    Ok(check_sector_document(&document.body, &metadata.redirect_uris)?)
}

/// What the tenant lets a self-registered client do; `before` is the client as it was, if it was.
///
/// # Security
/// With `client_credentials` nobody is asked: a stranger gets tokens of no scope and for no API. Whoever brought an initial
/// access token is no stranger.
pub(super) fn policy(
    cx: &Cx,
    metadata: &ClientMetadata,
    before: Option<&Client>,
) -> Result<ClientPolicy, RegistrationRefusal> {
    let mut policy = before.map(|client| client.policy.clone()).unwrap_or_default();
    let has = |metadata: &ClientMetadata| metadata.grant_types.contains(&GrantType::ClientCredentials);
    let is_stranger = match before {
        None => cx.tenant.settings.registration == RegistrationMode::Open,
        Some(client) => !has(&client.metadata) || client.policy.resources.as_ref().is_some_and(Vec::is_empty),
    };
    if has(metadata) && is_stranger {
        let own = metadata
            .scope
            .iter()
            .flat_map(ScopeSet::iter)
            .find(|name| !STANDARD_SCOPES.contains(&name.as_str()));
        if let Some(scope) = own {
            return Err(RegistrationRefusal::UngrantedScope {
                scope: scope.as_str().to_owned(),
            });
        }
        policy.resources = Some(Vec::new());
    }
    Ok(policy)
}

/// Whether the method needs a secret.
pub(super) const fn uses_secret(method: AuthMethod) -> bool {
    matches!(
        method,
        AuthMethod::ClientSecretBasic | AuthMethod::ClientSecretPost | AuthMethod::ClientSecretJwt
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metadata(json: &str) -> ClientMetadata {
        ClientMetadata::parse(json.as_bytes(), RegistrationRules::default()).unwrap()
    }

    #[test]
    fn a_nameless_client_is_known_by_the_host_it_sends_people_to() {
        let named = metadata(r#"{"client_name": "Acme", "redirect_uris": ["https://app.example/cb"]}"#);
        assert_eq!(name(&named), "Acme");
        let blank = metadata(r#"{"client_name": "  ", "redirect_uris": ["https://app.example/cb"]}"#);
        assert_eq!(name(&blank), "app.example");
        assert_eq!(
            name(&metadata(r#"{"grant_types": ["client_credentials"]}"#)),
            "Unnamed client"
        );
    }
}
