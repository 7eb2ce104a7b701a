//! For whom an access token is (RFC 8707): from the resources and scopes asked for to audiences, format, lifetime.

use std::time::Duration;

use authflow_proto::error::{OAuthError, OAuthErrorCode};
use authflow_proto::jose::Algorithm;
use authflow_proto::scope::ScopeSet;

use crate::clients::Client;
use crate::config::Tokens;
use crate::resources::{ApiResource, Catalogue, TokenFormat};

/// What an access token will be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Audience {
    /// `aud`: identifiers of API resources; empty is the tenant itself.
    pub identifiers: Vec<String>,
    /// JWT or reference.
    pub format: TokenFormat,
    /// What signs a JWT.
    pub algorithm: Algorithm,
    /// How long it lives.
    pub ttl: Duration,
    /// The scopes it carries: those of its audience and those of no resource.
    pub scope: ScopeSet,
}

/// Whether `client` may name these resources at all (RFC 8707 2).
///
/// # Errors
/// `invalid_target` for a resource that the tenant does not have or the client may not use.
pub fn check_resources(
    catalogue: &Catalogue,
    client: &Client,
    resources: &[String],
) -> Result<(), OAuthError> {
    let allowed =
        |identifier: &String| catalogue.resource(identifier).is_some() && may_use(client, identifier);
    if resources.iter().all(allowed) {
        Ok(())
    } else {
        Err(OAuthError::new(
            OAuthErrorCode::InvalidTarget,
            "the resource is unknown or not allowed for this client",
        ))
    }
}

/// Whether the tenant lets `client` have tokens for the resource.
fn may_use(client: &Client, identifier: &String) -> bool {
    let allowed = client.policy.resources.as_ref();
    allowed.is_none_or(|list| list.contains(identifier))
}

/// Settles the audience of a token for `scope`, restricted to `resources` where they are named.
///
/// # Errors
/// `invalid_target` when the resources would need tokens of different formats or algorithms: ask for one at a time.
pub fn settle(
    catalogue: &Catalogue,
    client: &Client,
    defaults: &Tokens,
    scope: &ScopeSet,
    resources: &[String],
) -> Result<Audience, OAuthError> {
    let mut chosen: Vec<&ApiResource> = if resources.is_empty() {
        scope
            .iter()
            .filter_map(|name| catalogue.resource_of_scope(name.as_str()))
            // A scope asks for its resource; what the client may not name it does not get this way either.
            .filter(|resource| may_use(client, &resource.identifier))
            .collect()
    } else {
        resources
            .iter()
            .filter_map(|identifier| catalogue.resource(identifier))
            .collect()
    };
    chosen.sort_by_key(|resource| resource.id);
    chosen.dedup_by_key(|resource| resource.id);
    let (format, algorithm) = match chosen.split_first() {
        None => (TokenFormat::Jwt, Algorithm::ES256),
        Some((first, rest)) => {
            let same = |r: &&ApiResource| {
                r.token_format == first.token_format && r.signing_algorithm == first.signing_algorithm
            };
            if !rest.iter().all(same) {
                let text = "these resources use different token formats; ask for one at a time";
                return Err(OAuthError::new(OAuthErrorCode::InvalidTarget, text));
            }
            (first.token_format, first.signing_algorithm)
        }
    };
    let shortest = chosen
        .iter()
        .filter_map(|resource| u64::try_from(resource.access_token_ttl_s?).ok())
        .min();
    let ttl = shortest
        .or(client.policy.access_token_ttl_s)
        .map_or(defaults.access_ttl, Duration::from_secs);
    let mut carried = scope.clone();
    carried.retain(|name| {
        catalogue
            .resource_of_scope(name)
            .is_none_or(|of| chosen.iter().any(|resource| resource.id == of.id))
    });
    Ok(Audience {
        identifiers: chosen
            .into_iter()
            .map(|resource| resource.identifier.clone())
            .collect(),
        format,
        algorithm,
        ttl: ttl.min(super::tokens::MAX_ACCESS_TTL),
        scope: carried,
    })
}
