//! Telling clients that a session has ended (OIDC Back-Channel Logout 2.5): one job a client, queued in the transaction
//! that ends the session.

use authflow_proto::jose::TokenType;
use authflow_proto::logout::{LoggedOut, LogoutTokenClaims};
use authflow_types::{ClientId, SessionId, TokenId, UserId};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::Url;

use crate::jobs::{self, BACK_CHANNEL_LOGOUT, JobError};
use crate::oauth::tokens;
use crate::{Cx, Fault, clients, sessions};

/// How much of an answer is read; its body means nothing.
const ANSWER_LIMIT: usize = 1024;

#[derive(Debug, Serialize, Deserialize)]
struct Payload {
    client: ClientId,
    session: SessionId,
    user: UserId,
}

/// Queues a logout token for every client of the session that registered `backchannel_logout_uri`.
pub async fn queue_back_channel(cx: &mut Cx, session: SessionId, user: UserId) -> Result<(), Fault> {
    for id in sessions::list_clients(cx, session).await? {
        let client = clients::find(&cx.app, cx.tenant_id(), id).await?;
        let wants = client
            .is_some_and(|client| client.is_active() && client.metadata.backchannel_logout_uri.is_some());
        if wants {
            let payload = serde_json::to_value(Payload {
                client: id,
                session,
                user,
            })?;
            let now = cx.now;
            jobs::enqueue(cx, BACK_CHANNEL_LOGOUT, payload, now).await?;
        }
    }
    Ok(())
}

/// Sends one logout token. A client that is gone, or no longer wants to know, is nothing to try again for.
///
/// # Errors
/// Whatever stood in the way of a 2xx answer.
pub async fn deliver(cx: &mut Cx, payload: &Value) -> Result<(), JobError> {
    let payload: Payload = serde_json::from_value(payload.clone())?;
    let client = clients::find(&cx.app, cx.tenant_id(), payload.client).await?;
    let Some(client) = client.filter(|client| client.is_active()) else {
        return Ok(());
    };
    let Some(uri) = &client.metadata.backchannel_logout_uri else {
        return Ok(());
    };
    let url: Url = uri.parse().map_err(|_| JobError::Address)?;
    let (sub, sid) = (
        tokens::subject(cx, &client, payload.user)?,
        payload.session.to_string(),
    );
    // Each attempt is a token of its own: they live two minutes, and a client may remember the ids it has seen.
    let jti = TokenId::new(cx.now, cx.rng()).to_string();
    let who = LoggedOut::Session { sid: &sid, sub: &sub };
    let client_id = client.id.to_string();
    let claims = LogoutTokenClaims::new(&cx.tenant.issuer, &client_id, who, jti, cx.now.as_secs());
    let algorithm = client.metadata.id_token_signed_response_alg;
    let token = tokens::sign(cx, algorithm, TokenType::LogoutToken, &claims).await?;
    let answer = cx
        .app
        .outbound
        .post_form(&url, &[("logout_token", &token)], ANSWER_LIMIT)
        .await?;
    if answer.status.is_success() {
        Ok(())
    } else {
        Err(JobError::Status {
            status: answer.status.as_u16(),
        })
    }
}
