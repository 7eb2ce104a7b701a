//! What browsers and password managers look for below `/.well-known/`.

use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::rp::RelyingParty;
use crate::Cx;
use crate::http::document::Document;
use crate::http::{Access, Cors, Problem, Routes};

pub(super) fn routes() -> Routes {
    let open = Access::Public("the same for everybody");
    Routes::default()
        .get("/.well-known/webauthn", open, Cors::Any, related_origins)
        .get("/.well-known/passkey-endpoints", open, Cors::Any, endpoints)
}

/// The origins that may use this domain's passkeys (WebAuthn L3 5.11.1); there is no such document without any.
async fn related_origins(cx: Cx, headers: HeaderMap) -> Response {
    match RelyingParty::of(&cx.tenant).filter(|party| party.origins.len() > 1) {
        Some(party) => document(&json!({ "origins": party.origins }), &headers),
        None => Problem::not_found().into_response(),
    }
}

/// Where passkeys are made and kept (W3C "A Well-Known URL for Relying Party Passkey Endpoints").
async fn endpoints(cx: Cx, headers: HeaderMap) -> Response {
    if RelyingParty::of(&cx.tenant).is_none() {
        return Problem::not_found().into_response();
    }
    let url = cx.tenant.url("/account/security");
    document(&json!({ "enroll": url, "manage": url }), &headers)
}

fn document(body: &serde_json::Value, headers: &HeaderMap) -> Response {
    Document::new(body.to_string().into_bytes()).answer(headers)
}
