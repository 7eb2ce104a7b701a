use authflow_types::{Digest, SignInId, Token, TokenKind};
use axum::http::{HeaderMap, HeaderValue};

use super::assurance::Factor;
use super::model::{SignIn, StartedBy, State};
use super::policy::{self, Need};
use super::{SignInError, store};
use crate::http::cookies::{self, CookieKind};
use crate::sessions::Session;
use crate::{Cx, identities};

/// A sign-in that has just begun.
pub struct Started {
    /// It.
    pub sign_in: SignIn,
    /// The cookie that binds it to the browser, unless the browser has one already.
    pub set_cookie: Option<HeaderValue>,
    /// Its first page, with the tenant's base.
    pub location: String,
    /// Whether there is anything for the user to do there.
    pub can_help: bool,
}

/// Begins a sign-in in this browser.
pub async fn start(cx: &mut Cx, headers: &HeaderMap, started_by: StartedBy) -> Result<Started, SignInError> {
    start_in(cx, headers, started_by, None).await
}

/// Begins a sign-in for the user of `session`, whose factors count: only what is missing is asked for.
pub async fn step_up(
    cx: &mut Cx,
    headers: &HeaderMap,
    started_by: StartedBy,
    session: &Session,
) -> Result<Started, SignInError> {
    let mut started = start_in(cx, headers, started_by, None).await?;
    let Some(user) = identities::find_user_within(cx, session.user_id).await? else {
        return Ok(started);
    };
    started.sign_in.add_factor(user.id, Factor::of_session(session));
    started.sign_in.state.generation = user.generation;
    save(cx, &started.sign_in).await?;
    let need = policy::need(cx, headers, &started.sign_in, &user).await?;
    // What a rule requires and the user cannot give is explained on a page; what only the client asks for, to the client.
    started.can_help = need != Need::Nothing;
    let page = match need {
        Need::SetUp => super::page::SET_UP,
        Need::Nothing | Need::SecondFactor | Need::OutOfReach => super::page::SECOND,
    };
    started.location = cx.tenant.path(&format!("{page}?sign_in={}", started.sign_in.id));
    Ok(started)
}

/// Begins a sign-in in this browser, its pages in one of `ui_locales` if the request names none.
pub(super) async fn start_in(
    cx: &mut Cx,
    headers: &HeaderMap,
    started_by: StartedBy,
    ui_locales: Option<String>,
) -> Result<Started, SignInError> {
    let (binding, set_cookie) = if let Some(binding) = browser(cx, headers) {
        (binding, None)
    } else {
        let token = Token::generate(TokenKind::SignIn, cx.rng());
        (
            token.digest(),
            cookies::set(CookieKind::Browser, &cx.tenant, token.expose(), None),
        )
    };
    let sign_in = begin(cx, started_by, binding, ui_locales).await?;
    let creates = sign_in.request().is_some_and(|request| request.prompt.create());
    let page = if creates { "/sign-up" } else { "/sign-in" };
    let location = cx.tenant.path(&format!("{page}?sign_in={}", sign_in.id));
    Ok(Started {
        sign_in,
        set_cookie,
        location,
        can_help: true,
    })
}

/// Writes the row of a new sign-in.
pub(super) async fn begin(
    cx: &mut Cx,
    started_by: StartedBy,
    binding: Digest,
    ui_locales: Option<String>,
) -> Result<SignIn, SignInError> {
    let (asked, identifier) = match &started_by {
        StartedBy::Authorization { request, .. } => {
            let locales = request.ui_locales.join(" ");
            (
                Some(locales).filter(|list| !list.is_empty()),
                request.login_hint.clone(),
            )
        }
        StartedBy::Account { .. } => (None, None),
    };
    let mut state = State::new(started_by);
    state.ui_locales = asked.or(ui_locales);
    state.identifier = identifier;
    let id = SignInId::new(cx.now, cx.rng());
    let expires_at = cx.now + cx.app.config.sessions.sign_in_ttl;
    let sign_in = SignIn {
        id,
        created_at: cx.now,
        expires_at,
        binding,
        state,
    };
    let tenant = cx.tenant_id();
    store::insert(cx.tx().await?, tenant, &sign_in).await?;
    Ok(sign_in)
}

/// The sign-in with `id`, if it is under way in this browser.
///
/// # Errors
/// [`SignInError::Unknown`], [`SignInError::OtherBrowser`].
pub async fn load(cx: &Cx, headers: &HeaderMap, id: SignInId) -> Result<SignIn, SignInError> {
    let sign_in = find_unbound(cx, id).await?.ok_or(SignInError::Unknown)?;
    if is_bound(cx, headers, &sign_in) {
        Ok(sign_in)
    } else {
        Err(SignInError::OtherBrowser)
    }
}

/// The sign-in with `id`, whatever browser it is under way in.
///
/// # Security
/// Only for what a mailed link proves; every page goes through [`load`].
pub(super) async fn find_unbound(cx: &Cx, id: SignInId) -> Result<Option<SignIn>, SignInError> {
    let mut tx = cx.read().await?;
    Ok(store::find(&mut tx, cx.tenant_id(), id, cx.now).await?)
}

/// Whether the sign-in is under way in this browser.
pub(super) fn is_bound(cx: &Cx, headers: &HeaderMap, sign_in: &SignIn) -> bool {
    browser(cx, headers).is_some_and(|digest| {
        let (ours, theirs) = (sign_in.binding.as_bytes(), digest.as_bytes());
        aws_lc_rs::constant_time::verify_slices_are_equal(ours, theirs).is_ok()
    })
}

/// The digest of the cookie that binds sign-ins to this browser.
fn browser(cx: &Cx, headers: &HeaderMap) -> Option<Digest> {
    let cookie = cookies::read(headers, CookieKind::Browser, &cx.tenant)?;
    Token::parse(TokenKind::SignIn, &cookie)
        .ok()
        .map(|token| token.digest())
}

/// Writes what a sign-in has come to.
///
/// # Errors
/// [`SignInError::Unknown`] if it was finished meanwhile.
pub async fn save(cx: &mut Cx, sign_in: &SignIn) -> Result<(), SignInError> {
    let (tenant, now) = (cx.tenant_id(), cx.now);
    if store::update(cx.tx().await?, tenant, sign_in, now).await? {
        Ok(())
    } else {
        Err(SignInError::Unknown)
    }
}

/// Finishes a sign-in: it is good for one answer.
///
/// # Errors
/// [`SignInError::Unknown`] if it was finished before: of two that try at once, one gets here.
pub async fn finish(cx: &mut Cx, sign_in: &SignIn) -> Result<(), SignInError> {
    let (tenant, now) = (cx.tenant_id(), cx.now);
    if store::finish(cx.tx().await?, tenant, sign_in.id, now).await? {
        Ok(())
    } else {
        Err(SignInError::Unknown)
    }
}
