//! What the provider can do (OIDC Discovery 4, RFC 8414 3) and its public keys (RFC 7517 5): documents that are built
//! once, kept as bytes, and answered without any work per request.
//!
//! Path prefixes and RFC 8414's inserted form are resolved by `http::tenancy`, so each document has two routes here.

use std::sync::Arc;

use authflow_proto::discovery::{Capabilities, Issuer, ProviderMetadata, paths};
use axum::http::HeaderMap;
use axum::response::Response;

use super::{acr, claims};
use crate::http::document::Document;
use crate::http::{Access, Cors, Problem, Routes};
use crate::pages::{Link, Locale};
use crate::tenants::RegistrationMode;
use crate::{Cx, Fault, keys, resources};

/// Discovery, authorization server metadata, key set.
pub fn routes() -> Routes {
    let public = Access::Public("the documents are the same for everybody and hold nothing secret");
    Routes::default()
        .get(paths::OPENID_CONFIGURATION, public, Cors::Any, provider)
        .get(paths::OAUTH_AUTHORIZATION_SERVER, public, Cors::Any, provider)
        .get(paths::JWKS, public, Cors::Any, jwks)
}

/// The provider's metadata; one document for both addresses.
async fn provider(cx: Cx, headers: HeaderMap) -> Result<Response, Problem> {
    if let Some(document) = cx.app.caches.metadata.get(&cx.tenant_id()) {
        return Ok(document.answer(&headers));
    }
    let document = Arc::new(build(&cx).await?);
    cx.app.caches.metadata.insert(cx.tenant_id(), document.clone());
    Ok(document.answer(&headers))
}

/// The public keys: active, next and retired (OIDC Core 10.1.1).
async fn jwks(cx: Cx, headers: HeaderMap) -> Result<Response, Problem> {
    let ring = keys::ring(&cx.app, &cx.tenant).await?;
    Ok(ring.jwks.answer(&headers))
}

async fn build(cx: &Cx) -> Result<Document, Fault> {
    let catalogue = resources::catalogue(&cx.app, cx.tenant_id()).await?;
    let links = &cx.tenant.brand.branding().links;
    let text = |link: &Option<Link>| link.as_ref().map(|link| link.as_str().to_owned());
    let capabilities = Capabilities {
        scopes: catalogue.scope_names().into_iter().map(str::to_owned).collect(),
        claims: claims::SUPPORTED.iter().map(|name| (*name).to_owned()).collect(),
        acr_values: acr::supported().iter().map(|value| (*value).to_owned()).collect(),
        ui_locales: Locale::ALL.iter().map(|locale| locale.tag().to_owned()).collect(),
        registration: cx.tenant.settings.registration != RegistrationMode::Off,
        service_documentation: None,
        op_policy_uri: text(&links.privacy),
        op_tos_uri: text(&links.terms),
    };
    let metadata = ProviderMetadata::new(&Issuer::parse(&cx.tenant.issuer)?, capabilities);
    Ok(Document::new(serde_json::to_vec(&metadata)?))
}
