//! The user proves who they are: by a first factor, then by a second one where that is not enough.

use std::ops::ControlFlow;

use serde_json::json;

use super::{Given, Opened, elsewhere, follow, invalid, more, refused, set_up};
use crate::http::reply::OAuthRefusal;
use crate::identities::User;
use crate::oauth::challenge::proof;
use crate::oauth::challenge::reply::{More, Offer, Provider, Reply, Stage, Web};
use crate::oauth::challenge::request::redirect_to_web;
use crate::pages::{FormError, Message};
use crate::passkeys::{self, PasskeyError};
use crate::sign_in::Basis;
use crate::sign_in::direct::{self, Standing};
use crate::sign_in::gate::Purpose;
use crate::sign_in::methods::{Begun, Method};
use crate::sign_in::prove::Attempt;
use crate::{Cx, Fault, connections};

pub(super) async fn take(cx: &mut Cx, opened: &mut Opened, given: &Given<'_>) -> Result<Reply, OAuthRefusal> {
    match direct::standing(cx, &mut opened.sign_in).await? {
        Standing::First(methods) => first(cx, opened, &methods, given).await,
        Standing::Second(user, methods) => second(cx, opened, (&user, &methods), given).await,
        Standing::SetUp(user) => set_up::take(cx, opened, user, given).await,
        Standing::OutOfReach => Err(out_of_reach()),
    }
}

/// What may be given next.
pub(super) async fn ask(cx: &mut Cx, opened: &mut Opened) -> Result<Reply, OAuthRefusal> {
    match direct::standing(cx, &mut opened.sign_in).await? {
        Standing::First(methods) => Ok(first_more(cx, opened, &methods).await?.into()),
        Standing::Second(_, methods) => Ok(second_more(cx, opened, &methods)?.into()),
        Standing::SetUp(user) => Ok(set_up::ask(cx, opened, &user).await?.into()),
        Standing::OutOfReach => Err(out_of_reach()),
    }
}

fn out_of_reach() -> OAuthRefusal {
    redirect_to_web("a second factor is required that cannot be given here").into()
}

async fn first(
    cx: &mut Cx,
    opened: &mut Opened,
    methods: &[&'static dyn Method],
    given: &Given<'_>,
) -> Result<Reply, OAuthRefusal> {
    if let Some(web) = other_provider(cx, opened, given).await? {
        return Ok(web);
    }
    let more = first_more(cx, opened, methods).await?;
    let Some(named) = given.method() else {
        return Ok(more.into());
    };
    let method = find(methods, named)?;
    if method.basis() == Basis::Passkey {
        return give(cx, opened, more, Factor::unnamed(method, None), given).await;
    }
    // A code counts for whom it was sent to, whoever is named beside it.
    let sent_to = direct::sent_to(&opened.sign_in, method).filter(|_| given.code.is_some());
    let named = sent_to.or(given.username).or(opened.sign_in.identifier());
    let Some(username) = named.map(|name| name.trim().to_owned()) else {
        return Ok(more.into());
    };
    if let Some(web) = elsewhere(cx, &username).await? {
        return Ok(web);
    }
    let factor = Factor {
        method,
        user: None,
        username: &username,
    };
    give(cx, opened, more, factor, given).await
}

/// Where the user signs in, if that is with another provider: the one chosen, the one of their domain, or, at the
/// beginning, the one that the request asks for.
async fn other_provider(cx: &Cx, opened: &Opened, given: &Given<'_>) -> Result<Option<Reply>, OAuthRefusal> {
    let hint = || given.username.map(str::to_owned);
    if let Some(slug) = given.method.and_then(|id| id.strip_prefix("connection:")) {
        let chosen = connections::find(cx, slug).await?;
        let chosen = chosen
            .filter(|connection| connection.enabled)
            .ok_or_else(unknown_method)?;
        return Ok(Some(Reply::Web(Web::connection(chosen.slug, hint()))));
    }
    if let Some(username) = given.username {
        return Ok(elsewhere(cx, username).await?);
    }
    if !opened.is_new {
        return Ok(None);
    }
    let request = &opened.checked.request;
    let asked = connections::of_request(cx, request).await?;
    Ok(asked.map(|found| Reply::Web(Web::connection(found.slug, request.login_hint.clone()))))
}

async fn second(
    cx: &mut Cx,
    opened: &mut Opened,
    (user, methods): (&User, &[&'static dyn Method]),
    given: &Given<'_>,
) -> Result<Reply, OAuthRefusal> {
    let more = second_more(cx, opened, methods)?;
    let Some(named) = given.method() else {
        return Ok(more.into());
    };
    let factor = Factor::unnamed(find(methods, named)?, Some(user));
    give(cx, opened, more, factor, given).await
}

fn find(methods: &[&'static dyn Method], id: &str) -> Result<&'static dyn Method, OAuthRefusal> {
    let found = methods.iter().copied().find(|method| method.id() == id);
    found.ok_or_else(unknown_method)
}

fn unknown_method() -> OAuthRefusal {
    invalid("`method` is none of those offered; see `methods` of an answer without it").into()
}

/// A factor that the user chose to give.
#[derive(Clone, Copy)]
struct Factor<'a> {
    method: &'static dyn Method,
    /// Whoever gave the first one.
    user: Option<&'a User>,
    /// Whom they say they are, for a first one.
    username: &'a str,
}

impl<'a> Factor<'a> {
    /// One that says whose it is, or is asked of a known user.
    fn unnamed(method: &'static dyn Method, user: Option<&'a User>) -> Self {
        Self {
            method,
            user,
            username: "",
        }
    }
}

/// Takes the factor if it is given, or sends what it needs.
async fn give(
    cx: &mut Cx,
    opened: &mut Opened,
    more: More,
    factor: Factor<'_>,
    given: &Given<'_>,
) -> Result<Reply, OAuthRefusal> {
    let basis = factor.method.basis();
    let more = match purpose(factor, given) {
        Some(purpose) => {
            let asked = (purpose, factor.username);
            match proof::hold(cx, opened, asked, given.altcha, more).await? {
                ControlFlow::Break(held) => return Ok(held.into()),
                ControlFlow::Continue(more) => more,
            }
        }
        None => more,
    };
    let Some(secret) = given.secret(basis) else {
        return match basis {
            Basis::Password | Basis::Authenticator | Basis::Upstream => Ok(more.into()),
            Basis::Passkey => passkey_options(cx, opened, more, factor.user).await,
            Basis::Mailbox | Basis::Phone => send(cx, opened, more, factor).await,
        };
    };
    let attempt = Attempt {
        method: factor.method,
        identifier: factor.username,
        secret,
    };
    match direct::prove(cx, &mut opened.sign_in, attempt).await {
        Ok(next) => follow(cx, opened, next).await,
        Err(error) => refused(more, basis, error),
    }
}

/// What a first factor needs a proof of work for, where the tenant asks for one.
fn purpose(factor: Factor<'_>, given: &Given<'_>) -> Option<Purpose> {
    let basis = factor.method.basis();
    let is_given = given.secret(basis).is_some();
    match basis {
        _ if factor.user.is_some() => None,
        Basis::Password if is_given => Some(Purpose::SignIn),
        Basis::Mailbox | Basis::Phone if !is_given => Some(Purpose::Send),
        _ => None,
    }
}

/// Sends what the user has to read.
async fn send(
    cx: &mut Cx,
    opened: &mut Opened,
    more: More,
    factor: Factor<'_>,
) -> Result<Reply, OAuthRefusal> {
    let to = (factor.user, factor.username);
    let begun = direct::send(cx, &mut opened.sign_in, factor.method, to).await?;
    let answer = more.sent(factor.method.id());
    Ok(match begun {
        Begun::Limited => answer.because(&FormError::form(Message::TooManyMessages)).into(),
        Begun::Inline | Begun::Sent => answer.into(),
    })
}

/// What the device's passkeys are asked with (WebAuthn L3 5.5); the answer comes back as `assertion`.
async fn passkey_options(
    cx: &mut Cx,
    opened: &Opened,
    more: More,
    user: Option<&User>,
) -> Result<Reply, OAuthRefusal> {
    match passkeys::begin_proof(cx, opened.sign_in.id.as_uuid(), user.map(|user| user.id)).await {
        Ok(options) => {
            cx.commit().await.map_err(Fault::from)?;
            let options = serde_json::to_value(&options).map_err(Fault::from)?;
            Ok(more
                .asking(json!({ "method": "passkey", "options": options }))
                .into())
        }
        Err(PasskeyError::Fault(fault)) => Err(fault.into()),
        Err(_) => Err(redirect_to_web("passkeys cannot be used here").into()),
    }
}

async fn first_more(cx: &Cx, opened: &Opened, methods: &[&'static dyn Method]) -> Result<More, OAuthRefusal> {
    let enabled = connections::enabled(cx).await?;
    let shown = enabled.connections.iter().filter(|one| one.settings.button);
    let providers: Vec<Provider> = shown
        .map(|connection| Provider {
            connection: connection.slug.clone(),
            name: connection.name.clone(),
        })
        .collect();
    if methods.is_empty() && providers.is_empty() {
        return Err(redirect_to_web("the user goes on in a browser").into());
    }
    let offers = methods.iter().map(|method| {
        let parameters: &[&str] = match method.basis() {
            Basis::Password => &["username", "password"],
            Basis::Passkey => &["assertion"],
            _ => &["username", "code"],
        };
        Offer::new(method.id(), parameters)
    });
    let more = more(cx, opened, Stage::FirstFactor).methods(offers.collect());
    Ok(more.connections(providers))
}

fn second_more(cx: &Cx, opened: &Opened, methods: &[&'static dyn Method]) -> Result<More, OAuthRefusal> {
    if methods.is_empty() {
        return Err(out_of_reach());
    }
    let offers = methods.iter().map(|method| {
        let parameters: &[&str] = match method.basis() {
            Basis::Password => &["password"],
            Basis::Passkey => &["assertion"],
            _ => &["code"],
        };
        Offer::new(method.id(), parameters)
    });
    Ok(more(cx, opened, Stage::SecondFactor).methods(offers.collect()))
}
