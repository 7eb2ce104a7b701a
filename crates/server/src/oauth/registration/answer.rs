use authflow_proto::registration::ClientMetadata;
use authflow_types::Token;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;

use crate::Cx;
use crate::clients::Client;
use crate::http::reply::json_no_store;

/// The client information response (RFC 7591 3.2.1, RFC 7592 3).
#[derive(Serialize)]
struct ClientInformation<'a> {
    client_id: String,
    client_id_issued_at: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_secret: Option<&'a str>,
    /// Zero: it does not expire. There if and only if the secret is.
    #[serde(skip_serializing_if = "Option::is_none")]
    client_secret_expires_at: Option<u8>,
    registration_access_token: &'a str,
    registration_client_uri: String,
    #[serde(flatten)]
    metadata: &'a ClientMetadata,
}

/// Answers with the registration. A secret is shown when it is made and never again: only its digest is kept.
pub(super) fn client_information(
    cx: &Cx,
    status: StatusCode,
    client: &Client,
    secret: Option<&Token>,
    registration_token: &Token,
) -> Response {
    let id = client.id.to_string();
    let body = ClientInformation {
        client_id_issued_at: client.created_at.as_secs(),
        client_secret: secret.map(Token::expose),
        client_secret_expires_at: secret.map(|_| 0),
        registration_access_token: registration_token.expose(),
        registration_client_uri: cx.tenant.url(&format!("/oauth2/register/{id}")),
        client_id: id,
        metadata: &client.metadata,
    };
    json_no_store(status, &body)
}
