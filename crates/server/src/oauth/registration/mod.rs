//! Clients that register themselves (RFC 7591, OIDC Registration 1.0) and manage their registration (RFC 7592).
//!
//! A tenant decides who may: nobody, who brings an initial access token, or anybody at a limited rate. What is registered
//! is hostile until checked: `proto` checks its form, `rules` what depends on the tenant and the network.
//!
//! Read `register` (POST), `manage` (GET, PUT, DELETE), `rules`, `answer`, `refusal`.

mod answer;
mod manage;
mod refusal;
mod register;
mod rules;

use crate::http::{Access, Cors, Routes};

/// The registration endpoint and the client configuration endpoint.
pub fn routes() -> Routes {
    let by_mode = Access::Public("the tenant decides: off, by initial access token, or open within limits");
    Routes::default()
        .post("/oauth2/register", by_mode, Cors::None, register::register)
        .get(
            "/oauth2/register/{client_id}",
            Access::Bearer,
            Cors::None,
            manage::read,
        )
        .put(
            "/oauth2/register/{client_id}",
            Access::Bearer,
            Cors::None,
            manage::replace,
        )
        .delete(
            "/oauth2/register/{client_id}",
            Access::Bearer,
            Cors::None,
            manage::delete,
        )
}
