//! The user gets an account, and goes straight on; where the tenant wants addresses proven first, after a code.

use std::ops::ControlFlow;

use super::{Given, Opened, again, elsewhere, follow, more, page_refusal};
use crate::Cx;
use crate::http::reply::OAuthRefusal;
use crate::oauth::challenge::proof;
use crate::oauth::challenge::reply::{More, Offer, Reply, Stage};
use crate::pages::{FormError, Message};
use crate::sign_in::Registered;
use crate::sign_in::direct;
use crate::sign_in::gate::Purpose;

pub(super) async fn take(cx: &mut Cx, opened: &mut Opened, given: &Given<'_>) -> Result<Reply, OAuthRefusal> {
    if let Some(code) = given.code {
        let completed = direct::complete_sign_up(cx, &mut opened.sign_in, code).await;
        return match completed.map_err(page_refusal)? {
            Registered::Proven(next) => follow(cx, opened, next).await,
            Registered::AskedToVerify(_) => Ok(code_asked(cx, opened).into()),
            Registered::Refused(refused) => Ok(again(code_asked(cx, opened), &refused)),
        };
    }
    if (given.name, given.email, given.password) == (None, None, None) {
        return Ok(asked(cx, opened).into());
    }
    let text = Option::unwrap_or_default;
    let (name, email, password) = (text(given.name), text(given.email), text(given.password));
    if let Some(web) = elsewhere(cx, email).await? {
        return Ok(web);
    }
    let wanted = (Purpose::SignUp, email);
    let answer = asked(cx, opened);
    if let ControlFlow::Break(held) = proof::hold(cx, opened, wanted, given.altcha, answer).await? {
        return Ok(held.into());
    }
    let registered = direct::register(cx, &mut opened.sign_in, (name, email, password)).await;
    match registered.map_err(page_refusal)? {
        Registered::Proven(next) => follow(cx, opened, next).await,
        Registered::AskedToVerify(is_sent) => {
            let answer = code_asked(cx, opened).sent("email_code");
            Ok(if is_sent {
                answer.into()
            } else {
                answer.because(&FormError::form(Message::TooManyMessages)).into()
            })
        }
        Registered::Refused(refused) => Ok(again(asked(cx, opened), &refused)),
    }
}

/// What signing up takes.
fn asked(cx: &Cx, opened: &Opened) -> More {
    let offer = Offer::new("password", &["name", "email", "password"]);
    more(cx, opened, Stage::SignUp).methods(vec![offer])
}

/// What proves the address.
fn code_asked(cx: &Cx, opened: &Opened) -> More {
    let offer = Offer::new("email_code", &["code"]);
    more(cx, opened, Stage::Verification).methods(vec![offer])
}
