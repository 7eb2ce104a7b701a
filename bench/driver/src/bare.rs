//! The least that a server could do: axum, one form body parsed, one small JSON answer. The ceiling of every row.

use axum::{Form, Json, Router, routing::post};
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;

#[derive(Deserialize)]
struct TokenRequest {
    grant_type: String,
    client_id: String,
    client_secret: String,
    resource: String,
}

#[derive(Serialize)]
struct TokenAnswer {
    token_type: &'static str,
    length: usize,
}

async fn answer(Form(request): Form<TokenRequest>) -> Json<TokenAnswer> {
    let length = request.grant_type.len()
        + request.client_id.len()
        + request.client_secret.len()
        + request.resource.len();
    Json(TokenAnswer {
        token_type: "Bearer",
        length,
    })
}

/// Serves until killed; prints the address it took.
pub(crate) async fn serve() -> anyhow::Result<()> {
    let listener = tokio::net::TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await?;
    println!("{}", listener.local_addr()?);
    let router = Router::new().route("/oauth2/token", post(answer));
    // As the product does: small answers are not held back for more (Nagle).
    let listener = axum::serve::ListenerExt::tap_io(listener, |stream| {
        let _ = stream.set_nodelay(true);
    });
    axum::serve(listener, router).await?;
    Ok(())
}
