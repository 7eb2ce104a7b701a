//! `POST /oauth2/challenge`: an application of the tenant's own signs its user in without a browser
//! (draft-ietf-oauth-first-party-apps-04).
//!
//! ```text
//! request ──▶ sign-in (row) ──step──▶ sign-in ──step──▶ session and code ──▶ token endpoint
//!                 │ insufficient_authorization, auth_session     │
//!                 └──▶ redirect_to_web where only a browser helps
//! ```
//!
//! The other face of `sign_in`: the same rows, methods, limits, events and answers as the hosted pages, and the same rule
//! (`authorize::decide`) at the end. An `auth_session` takes the place of the browser's cookie: bound to tenant and client,
//! good for one step, replaced by every answer.
//!
//! Read `request` (who may and what is asked), `steps` (what the parameters do to the sign-in), `proof` (what it costs),
//! `reply` (how it is said).

mod proof;
mod reply;
mod request;
mod steps;

use authflow_proto::discovery::paths;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};

use self::reply::Reply;
use super::client_auth;
use crate::Cx;
use crate::http::extract::FormBody;
use crate::http::reply::{OAuthRefusal, json_no_store};
use crate::http::{Access, Cors, Routes};

/// The authorization challenge endpoint.
pub fn routes() -> Routes {
    Routes::default().post(paths::CHALLENGE, Access::Client, Cors::Registered, challenge)
}

async fn challenge(mut cx: Cx, headers: HeaderMap, body: FormBody) -> Result<Response, OAuthRefusal> {
    let params = body.params()?;
    let client = client_auth::authenticate(&mut cx, &headers, &params).await?;
    request::check_client(&client)?;
    request::check_origin(&cx, &client, &headers)?;
    let opened = request::open(&mut cx, &client, &params).await?;
    match steps::take(&mut cx, opened, &params).await? {
        Reply::Code(code) => Ok(json_no_store(StatusCode::OK, &code)),
        Reply::More(more) => Ok(more.into_response()),
        Reply::Web(web) => Ok(web.into_response()),
    }
}
