//! What the provider can do (OIDC Discovery 4, RFC 8414 3) and its public keys (RFC 7517 5): documents that are built
//! once, kept as bytes, and answered without any work per request.
//!
//! Path prefixes and RFC 8414's inserted form are resolved by `http::tenancy`, so each document has two routes here.

use std::sync::Arc;

use authflow_proto::discovery::{Capabilities, Issuer, ProviderMetadata, paths};
use authflow_types::Digest;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;

use super::claims;
use crate::http::{Access, Cors, Problem, Routes};
use crate::pages::{Link, Locale};
use crate::tenants::RegistrationMode;
use crate::{Cx, Fault, keys, resources, sessions};

/// Long enough to spare everybody a request, short enough that a new key is known before it signs.
const CACHE_CONTROL: HeaderValue = HeaderValue::from_static("public, max-age=300");
const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// A public document, ready to send.
#[derive(Debug, Clone)]
pub struct Document {
    body: Bytes,
    etag: HeaderValue,
}

impl Document {
    /// `body` with a strong validator of its content.
    pub fn new(body: Vec<u8>) -> Self {
        let digest = Digest::of(&body);
        let hex: String = digest.as_bytes().iter().take(12).map(|byte| format!("{byte:02x}")).collect();
        // Hexadecimal digits between quotes are always a header value.
        let etag = HeaderValue::try_from(format!("\"{hex}\"")).unwrap_or(HeaderValue::from_static("\"0\""));
        Self { body: Bytes::from(body), etag }
    }
}

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
    let document = match cx.app.caches.metadata.get(&cx.tenant_id()) {
        Some(document) => document,
        None => {
            let document = Arc::new(build(&cx).await?);
            cx.app.caches.metadata.insert(cx.tenant_id(), document.clone());
            document
        }
    };
    Ok(answer(&headers, &document.body, &document.etag))
}

/// The public keys: active, next and retired (OIDC Core 10.1.1).
async fn jwks(cx: Cx, headers: HeaderMap) -> Result<Response, Problem> {
    let ring = keys::ring(&cx.app, &cx.tenant).await?;
    let etag = HeaderValue::from_str(&ring.etag).map_err(|_| Problem::internal())?;
    Ok(answer(&headers, &ring.jwks, &etag))
}

async fn build(cx: &Cx) -> Result<Document, Fault> {
    let catalogue = resources::catalogue(&cx.app, cx.tenant_id()).await?;
    let links = &cx.tenant.brand.branding().links;
    let text = |link: &Option<Link>| link.as_ref().map(|link| link.as_str().to_owned());
    let capabilities = Capabilities {
        scopes: catalogue.scope_names().into_iter().map(str::to_owned).collect(),
        claims: claims::SUPPORTED.iter().map(|name| (*name).to_owned()).collect(),
        acr_values: vec![sessions::ACR_SINGLE_FACTOR.to_owned()],
        ui_locales: Locale::ALL.iter().map(|locale| locale.tag().to_owned()).collect(),
        registration: cx.tenant.settings.registration != RegistrationMode::Off,
        service_documentation: None,
        op_policy_uri: text(&links.privacy),
        op_tos_uri: text(&links.terms),
    };
    let metadata = ProviderMetadata::new(&Issuer::parse(&cx.tenant.issuer)?, capabilities);
    Ok(Document::new(serde_json::to_vec(&metadata)?))
}

fn answer(headers: &HeaderMap, body: &Bytes, etag: &HeaderValue) -> Response {
    let is_known = headers.get(header::IF_NONE_MATCH).is_some_and(|known| matches(known, etag));
    let mut response = if is_known {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        response
    } else {
        let mut response = Response::new(Body::from(body.clone()));
        response.headers_mut().insert(header::CONTENT_TYPE, JSON);
        response
    };
    response.headers_mut().insert(header::CACHE_CONTROL, CACHE_CONTROL);
    response.headers_mut().insert(header::ETAG, etag.clone());
    response
}

/// Weak comparison with each validator of the list (RFC 9110 13.1.2).
fn matches(known: &HeaderValue, etag: &HeaderValue) -> bool {
    let (Ok(known), Ok(etag)) = (known.to_str(), etag.to_str()) else { return false };
    known.split(',').map(str::trim).any(|one| one == "*" || one.strip_prefix("W/").unwrap_or(one) == etag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_validators_match_weakly_and_in_lists() {
        let etag = HeaderValue::from_static("\"abc\"");
        for known in ["\"abc\"", "W/\"abc\"", "\"x\", \"abc\"", "*", "\"x\",W/\"abc\""] {
            assert!(matches(&HeaderValue::from_static(known), &etag), "{known}");
        }
        for other in ["", "abc", "\"ab\"", "\"abcd\"", "W/abc"] {
            assert!(!matches(&HeaderValue::from_static(other), &etag), "{other}");
        }
    }

    #[test]
    fn a_known_document_is_not_sent_again() {
        let document = Document::new(b"{}".to_vec());
        let fresh = answer(&HeaderMap::new(), &document.body, &document.etag);
        assert_eq!(fresh.status(), StatusCode::OK);
        assert_eq!(fresh.headers()[header::CACHE_CONTROL], "public, max-age=300");
        let mut headers = HeaderMap::new();
        headers.insert(header::IF_NONE_MATCH, fresh.headers()[header::ETAG].clone());
        let again = answer(&headers, &document.body, &document.etag);
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
        assert_eq!(again.headers()[header::ETAG], fresh.headers()[header::ETAG]);
        assert!(!again.headers().contains_key(header::CONTENT_TYPE));
    }
}
