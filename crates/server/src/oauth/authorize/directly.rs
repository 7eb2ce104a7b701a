//! The same decision and the same code, for a sign-in that no browser takes part in (`oauth::challenge`).

use authflow_proto::error::OAuthError;
use authflow_types::Token;
use axum::http::HeaderMap;

use super::decide::{self, Next};
use super::request::{Checked, Refusal};
use super::{facts, payload};
use crate::Cx;
use crate::oauth::codes;
use crate::sessions::{self, Session};
use crate::sign_in::{self, SignIn};

/// How a direct sign-in ends.
pub(in crate::oauth) enum Directly {
    /// With a code.
    Code(Token),
    /// With something that only a page can ask: consent, a choice of account.
    Page,
}

/// Refuses what could not succeed whoever signs in, such as `prompt=none`.
pub(in crate::oauth) async fn check_directly(cx: &mut Cx, checked: &Checked) -> Result<(), Refusal> {
    match decide::decide(&facts(cx, &HeaderMap::new(), checked, None, None).await?) {
        Next::Refuse(code, text) => Err(Refusal::ToUser(OAuthError::new(code, text))),
        _ => Ok(()),
    }
}

/// Issues the code, if the request is satisfied by what the user did in `sign_in`, and finishes it.
pub(in crate::oauth) async fn issue_directly(
    cx: &mut Cx,
    checked: &Checked,
    session: &Session,
    sign_in: &SignIn,
) -> Result<Directly, Refusal> {
    match decide::decide(&facts(cx, &HeaderMap::new(), checked, Some(session), Some(sign_in)).await?) {
        Next::Issue => {}
        Next::Refuse(code, text) => return Err(Refusal::ToUser(OAuthError::new(code, text))),
        _ => return Ok(Directly::Page),
    }
    let client = checked.client.id;
    let payload = payload(cx, checked, session, &checked.asked);
    let code = codes::issue_within(cx, client, &payload).await?;
    sessions::note_client(cx, session.id, client).await?;
    sign_in::finish(cx, sign_in).await?;
    cx.commit().await?;
    sessions::remember_noted(cx, session.id, client);
    Ok(Directly::Code(code))
}
