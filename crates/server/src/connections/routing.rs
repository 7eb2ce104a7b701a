//! Whose sign-in goes to which provider (home realm discovery).
//!
//! # Security
//! Decided by the domain, the organization or the name of the connection alone, never by whether somebody has an
//! account: the answer is the same for every address of a domain.

use authflow_proto::authorize::AuthorizationRequest;
use authflow_proto::upstream::Person;

use super::model::Connection;
use super::ops::{self, DOMAIN, ORGANIZATION};
use super::store;
use crate::identities::{IdentifierKind, IdentifierValue};
use crate::{Cx, Fault};

/// The enabled connection that the owner of what was typed signs in with.
pub(crate) async fn of_typed(cx: &Cx, typed: &str) -> Result<Option<Connection>, Fault> {
    let address = IdentifierValue::guess(typed).filter(|value| value.kind() == IdentifierKind::Email);
    let domain = address
        .as_ref()
        .and_then(|value| value.normalized().split_once('@'));
    match domain {
        Some((_, domain)) => of(cx, DOMAIN, domain).await,
        None => Ok(None),
    }
}

/// The person's address, if the provider's word proves that it is theirs: it says so, the tenant trusts it with addresses,
/// and the address is of one of its domains where it has some, and of no other connection's.
///
/// # Security
/// A customer's provider speaks for the customer's domains: whoever runs it can say anything about any other.
pub(crate) async fn vouched_email(
    cx: &Cx,
    connection: &Connection,
    person: &Person,
) -> Result<Option<IdentifierValue>, Fault> {
    let settings = &connection.settings;
    let email = person
        .email
        .as_deref()
        .filter(|_| settings.trust_email && person.email_verified)
        .and_then(|email| IdentifierValue::email(email).ok());
    let Some(email) = email else { return Ok(None) };
    let speaks_for = match of_typed(cx, email.normalized()).await? {
        Some(routed) => routed.id == connection.id,
        None => settings.domains.is_empty(),
    };
    Ok(speaks_for.then_some(email))
}

/// The enabled connection that an authorization request asks for: by name (`connection`), by `organization`, by
/// `domain_hint`, else by the domain of `login_hint`.
pub(crate) async fn of_request(cx: &Cx, request: &AuthorizationRequest) -> Result<Option<Connection>, Fault> {
    if let Some(slug) = &request.connection {
        let named = ops::find(cx, slug).await?.filter(|connection| connection.enabled);
        if named.is_some() {
            return Ok(named);
        }
    }
    if let Some(organization) = &request.organization {
        let found = of(cx, ORGANIZATION, organization).await?;
        if found.is_some() {
            return Ok(found);
        }
    }
    if let Some(domain) = request
        .domain_hint
        .as_deref()
        .and_then(|hint| ops::normal_domain(hint).ok())
    {
        let found = of(cx, DOMAIN, &domain).await?;
        if found.is_some() {
            return Ok(found);
        }
    }
    match &request.login_hint {
        Some(hint) => of_typed(cx, hint).await,
        None => Ok(None),
    }
}

async fn of(cx: &Cx, kind: &str, value: &str) -> Result<Option<Connection>, Fault> {
    let enabled = ops::enabled(cx).await?;
    let leads = |connection: &&Connection| {
        let settings = &connection.settings;
        match kind {
            DOMAIN => settings.domains.iter().any(|domain| domain == value),
            _ => settings.organization.as_deref() == Some(value),
        }
    };
    let known = enabled.connections.iter().find(leads);
    if known.is_some() || enabled.is_complete {
        return Ok(known.cloned());
    }
    let mut tx = cx.read().await?;
    Ok(store::find_by_route(&mut tx, cx.tenant_id(), kind, value).await?)
}
