//! The user forgot their password: a code by mail, another password, and on.

use std::ops::ControlFlow;

use axum::http::StatusCode;

use super::{Given, Opened, again, elsewhere, follow, invalid, more, not_accepted, page_refusal, refused};
use crate::Cx;
use crate::http::reply::OAuthRefusal;
use crate::http::visit::whole_seconds;
use crate::oauth::challenge::proof;
use crate::oauth::challenge::reply::{More, Offer, Reply, Stage};
use crate::pages::{FormError, Message};
use crate::sign_in::Basis;
use crate::sign_in::direct;
use crate::sign_in::gate::Purpose;
use crate::sign_in::methods::Begun;

pub(super) async fn take(cx: &mut Cx, opened: &mut Opened, given: &Given<'_>) -> Result<Reply, OAuthRefusal> {
    if !direct::can_recover(cx) {
        return Err(invalid("this tenant does not let users replace a forgotten password").into());
    }
    if let Some(code) = given.code
        && let Err(error) = direct::prove_recovery(cx, &opened.sign_in, code).await
    {
        return refused(code_asked(cx, opened), Basis::Mailbox, error);
    }
    match (given.new_password, given.code) {
        (Some(new), _) => replace(cx, opened, new).await,
        (None, Some(_)) => Ok(password_asked(cx, opened).into()),
        (None, None) => send(cx, opened, given).await,
    }
}

async fn replace(cx: &mut Cx, opened: &mut Opened, new: &str) -> Result<Reply, OAuthRefusal> {
    let replaced = direct::replace_password(cx, &mut opened.sign_in, new).await;
    match replaced.map_err(page_refusal)? {
        Ok(next) => follow(cx, opened, next).await,
        Err(refused) => Ok(again(password_asked(cx, opened), &refused)),
    }
}

/// Mails the code, to whoever is named: the answer is the same for everybody.
async fn send(cx: &mut Cx, opened: &mut Opened, given: &Given<'_>) -> Result<Reply, OAuthRefusal> {
    let named = given.username.or(opened.sign_in.identifier());
    let Some(username) = named.map(|name| name.trim().to_owned()) else {
        let offer = Offer::new("email_code", &["username"]);
        return Ok(more(cx, opened, Stage::Recovery).methods(vec![offer]).into());
    };
    if let Some(web) = elsewhere(cx, &username).await? {
        return Ok(web);
    }
    let wanted = (Purpose::Recover, username.as_str());
    let answer = code_asked(cx, opened);
    if let ControlFlow::Break(held) = proof::hold(cx, opened, wanted, given.altcha, answer).await? {
        return Ok(held.into());
    }
    let asked = direct::ask_recovery(cx, &mut opened.sign_in, &username).await?;
    let answer = code_asked(cx, opened);
    Ok(match asked {
        Ok(Begun::Inline | Begun::Sent) => answer.sent("email_code").into(),
        Ok(Begun::Limited) => {
            let error = FormError::form(Message::TooManyMessages);
            answer.sent("email_code").because(&error).into()
        }
        Err(wait) => {
            let seconds = whole_seconds(wait);
            let error = FormError::form(Message::TooManyAttempts { seconds });
            not_accepted(answer, &error, (StatusCode::TOO_MANY_REQUESTS, Some(wait)))
        }
    })
}

/// What proves the mailbox.
fn code_asked(cx: &Cx, opened: &Opened) -> More {
    let offer = Offer::new("email_code", &["code", "new_password"]);
    more(cx, opened, Stage::Recovery).methods(vec![offer])
}

/// What takes the place of the forgotten password.
fn password_asked(cx: &Cx, opened: &Opened) -> More {
    let offer = Offer::new("password", &["new_password"]);
    more(cx, opened, Stage::NewPassword).methods(vec![offer])
}
