use authflow_proto::bearer;
use authflow_types::{Digest, Token, TokenKind};
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;

use super::refusal::RegistrationRefusal;
use super::{answer, rules};
use crate::Cx;
use crate::clients::{self, NewClient};
use crate::limits::AddressPrefix;
use crate::tenants::RegistrationMode;

/// Registers a client (RFC 7591 3). Emits `client.created`.
///
/// An initial access token is used up by success alone.
pub(super) async fn register(
    mut cx: Cx,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, RegistrationRefusal> {
    let initial_token = check_allowed(&cx, &headers).await?;
    let metadata = rules::parse(&cx.app, &rules::body(&headers, body)?)?;
    let policy = rules::policy(&cx, &metadata, None)?;
    rules::check_network(&cx, &metadata).await?;
    if let Some(digest) = initial_token {
        clients::consume_initial_access_token(&mut cx, digest).await?;
    }
    let new = NewClient {
        name: rules::name(&metadata),
        metadata,
        policy,
        self_managed: true,
    };
    let created = clients::create(&mut cx, new).await?;
    cx.commit().await?;
    // A self-managed client always has its token.
    let token = created.registration_token.ok_or(RegistrationRefusal::Token)?;
    Ok(answer::client_information(
        &cx,
        StatusCode::CREATED,
        &created.client,
        created.secret.as_ref(),
        &token,
    ))
}

/// Whether this request may register at all, before anything of it is looked at; the initial access token to use up.
async fn check_allowed(cx: &Cx, headers: &HeaderMap) -> Result<Option<Digest>, RegistrationRefusal> {
    match cx.tenant.settings.registration {
        RegistrationMode::Off => Err(RegistrationRefusal::Off),
        RegistrationMode::InitialAccessToken => {
            let presented = bearer::extract(headers, None)?.ok_or(RegistrationRefusal::Token)?;
            let token = Token::parse(TokenKind::InitialAccess, presented.expose());
            let digest = token.map_err(|_| RegistrationRefusal::Token)?.digest();
            let is_good = clients::is_initial_access_token(cx, digest).await?;
            if is_good {
                Ok(Some(digest))
            } else {
                Err(RegistrationRefusal::Token)
            }
        }
        RegistrationMode::Open => check_rate(cx).map(|()| None),
    }
}

/// As many as sign-ups from one source, counted apart.
fn check_rate(cx: &Cx) -> Result<(), RegistrationRefusal> {
    let (Some(limiter), Some(ip)) = (&cx.app.sign_ups, cx.request.ip) else {
        return Ok(());
    };
    let key = ("register", cx.tenant_id(), AddressPrefix::of(ip, cx.app.prefixes));
    let decision = limiter.check(cx.now, &key);
    if decision.allowed {
        Ok(())
    } else {
        Err(RegistrationRefusal::TooMany {
            retry_after: decision.retry_after,
        })
    }
}
