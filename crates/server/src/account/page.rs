//! What the pages share: who sees them, what they are put together from, how a form ends.

use std::sync::Arc;
use std::time::Duration;

use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;

use super::{notice, sections};
use crate::Fault;
use crate::cx::Actor;
use crate::http::cookies::CookieKind;
use crate::http::visit::{Fields, PageRefusal, Visit, see_other, with_retry_after};
use crate::http::{Access, Cors, Routes, page};
use crate::identities::{self, User};
pub(crate) use crate::pages::AccountSection as Section;
use crate::pages::{AccountView, FormError, Message, NavItem};
use crate::passkeys::RelyingParty;
use crate::sessions::{self, Session};
use crate::sign_in::{self, AccountNext, Assurance, StartedBy, policy};

/// One of the pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Page {
    /// `/account`
    Profile,
    /// `/account/security`
    Security,
    /// `/account/devices`
    Devices,
    /// `/account/applications`
    Applications,
    /// `/account/activity`
    Activity,
    /// `/account/data`
    Data,
}

impl Page {
    /// In the order in which they are listed.
    const ALL: [Self; 6] = [
        Self::Profile,
        Self::Security,
        Self::Devices,
        Self::Applications,
        Self::Activity,
        Self::Data,
    ];

    /// Its address, below the tenant's base.
    pub(crate) const fn path(self) -> &'static str {
        match self {
            Self::Profile => "/account",
            Self::Security => "/account/security",
            Self::Devices => "/account/devices",
            Self::Applications => "/account/applications",
            Self::Activity => "/account/activity",
            Self::Data => "/account/data",
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Profile => "profile",
            Self::Security => "security",
            Self::Devices => "devices",
            Self::Applications => "applications",
            Self::Activity => "activity",
            Self::Data => "data",
        }
    }

    const fn icon(self) -> &'static str {
        match self {
            Self::Profile => "user",
            Self::Security => "shield",
            Self::Devices => "computer",
            Self::Applications => "building",
            Self::Activity => "clock",
            Self::Data => "id",
        }
    }
}

pub(super) fn routes() -> Routes {
    let session = Access::Session;
    Routes::default()
        .get(Page::Profile.path(), session, Cors::None, profile)
        .get(Page::Security.path(), session, Cors::None, security)
        .get(Page::Devices.path(), session, Cors::None, devices)
        .get(Page::Applications.path(), session, Cors::None, applications)
        .get(Page::Activity.path(), session, Cors::None, activity)
        .get(Page::Data.path(), session, Cors::None, data)
}

async fn profile(visit: Visit) -> Response {
    get(visit, Page::Profile).await
}

async fn security(visit: Visit) -> Response {
    get(visit, Page::Security).await
}

async fn devices(visit: Visit) -> Response {
    get(visit, Page::Devices).await
}

async fn applications(visit: Visit) -> Response {
    get(visit, Page::Applications).await
}

async fn activity(visit: Visit) -> Response {
    get(visit, Page::Activity).await
}

async fn data(visit: Visit) -> Response {
    get(visit, Page::Data).await
}

async fn get(mut visit: Visit, page: Page) -> Response {
    let shown = get_page(&mut visit, page).await;
    visit.answer(shown)
}

async fn get_page(visit: &mut Visit, page: Page) -> Result<Response, PageRefusal> {
    let Some(owner) = owner(visit).await? else {
        return Ok(to_sign_in(visit));
    };
    let notice = match visit.query("notice") {
        Some(text) => notice::read(&visit.cx, owner.session.id, &text)?,
        None => None,
    };
    let said = Said {
        notice,
        ..Said::default()
    };
    show(visit, page, &owner, said).await
}

/// Somebody who is signed in, on their own pages.
pub(crate) struct Owner {
    /// The session that the browser has.
    pub(crate) session: Arc<Session>,
    /// Whose it is.
    pub(crate) user: Arc<User>,
}

/// How fresh a factor must be for a sensitive change.
const FRESH: Duration = Duration::from_mins(10);

/// Who is signed in; `None` leads to the sign-in page.
///
/// # Security
/// A session that is weaker than the tenant's rule by now counts as none: the sign-in page asks for what is missing.
pub(crate) async fn owner(visit: &mut Visit) -> Result<Option<Owner>, PageRefusal> {
    let Some(session) = sessions::current(&visit.cx, &visit.headers).await? else {
        return Ok(None);
    };
    let user = identities::find_user(&visit.cx.app, visit.cx.tenant_id(), session.user_id).await?;
    let Some(user) = user.filter(|user| user.is_active()) else {
        return Ok(None);
    };
    let required = policy::required_of(&mut visit.cx, &visit.headers, &user, None).await?;
    if Assurance::from_acr(&session.acr).is_none_or(|have| have < required) {
        return Ok(None);
    }
    visit.cx.actor = Actor::User(user.id);
    Ok(Some(Owner { session, user }))
}

/// Whether the owner gave their factors lately: both, if they set a second one up, also in a browser that they trust.
pub(crate) fn is_fresh(visit: &Visit, owner: &Owner) -> bool {
    is_recent(visit, owner) && is_strong(owner)
}

fn is_recent(visit: &Visit, owner: &Owner) -> bool {
    visit.cx.now.since(owner.session.auth_time) < FRESH
}

fn is_strong(owner: &Owner) -> bool {
    let have = Assurance::from_acr(&owner.session.acr);
    have.is_some_and(|have| have >= policy::for_changes(&owner.user))
}

/// Before a sensitive change: `None` if the owner's factors are fresh, else the way to a sign-in that leads back to
/// `next`, and asks for what is missing only.
pub(crate) async fn fresh(
    visit: &mut Visit,
    owner: &Owner,
    next: AccountNext,
) -> Result<Option<Response>, PageRefusal> {
    if is_fresh(visit, owner) {
        return Ok(None);
    }
    let started_by = StartedBy::Account {
        next,
        fresh: Some(owner.user.id),
    };
    let started = if is_recent(visit, owner) {
        sign_in::step_up(&mut visit.cx, &visit.headers, started_by, &owner.session).await?
    } else {
        sign_in::start(&mut visit.cx, &visit.headers, started_by).await?
    };
    visit.cx.commit().await?;
    Ok(Some(see_other(&started.location, started.set_cookie)))
}

/// Who is signed in, and that the form was shown to them.
pub(crate) async fn owner_of_form(
    visit: &mut Visit,
    fields: &Fields<'_>,
) -> Result<Option<Owner>, PageRefusal> {
    let Some(owner) = owner(visit).await? else {
        return Ok(None);
    };
    visit.check_form(CookieKind::Session, &owner.session.id.to_string(), fields)?;
    Ok(Some(owner))
}

/// To the sign-in page, for whoever has no session.
pub(crate) fn to_sign_in(visit: &Visit) -> Response {
    visit.redirect("/sign-in", None)
}

/// What a page says beside what it shows.
#[derive(Default)]
pub(crate) struct Said {
    /// The status, if not 200.
    pub(crate) status: Option<StatusCode>,
    /// Something to say, such as what was just changed.
    pub(crate) notice: Option<Message>,
    /// Why a section's form came back: the section's name and the mistakes.
    pub(crate) error: Option<(&'static str, FormError)>,
    /// How long to wait before trying again.
    pub(crate) wait: Option<Duration>,
}

impl Said {
    /// The form of the section `name` came back.
    pub(crate) fn wrong(name: &'static str, error: FormError) -> Self {
        Self {
            status: Some(StatusCode::UNPROCESSABLE_ENTITY),
            error: Some((name, error)),
            ..Self::default()
        }
    }
}

/// What a section is made for.
pub(crate) struct At<'a> {
    /// The request.
    pub(crate) visit: &'a Visit,
    /// Whose page it is.
    pub(crate) owner: &'a Owner,
    said: &'a Said,
}

impl At<'_> {
    /// Why the form of the section `name` came back, if it did.
    pub(crate) fn error(&self, name: &str) -> Option<&FormError> {
        let (named, error) = self.said.error.as_ref()?;
        (*named == name).then_some(error)
    }

    /// A section shown by `template` from `data`.
    #[expect(clippy::unused_self, reason = "reads as what it is: a section here")]
    pub(crate) fn section(
        &self,
        template: &'static str,
        data: impl Serialize,
    ) -> Result<Option<Section>, PageRefusal> {
        let data = serde_json::to_value(data).map_err(Fault::from)?;
        Ok(Some(Section { template, data }))
    }
}

/// The page.
pub(crate) async fn show(
    visit: &Visit,
    page: Page,
    owner: &Owner,
    said: Said,
) -> Result<Response, PageRefusal> {
    let at = At {
        visit,
        owner,
        said: &said,
    };
    let sections = sections::of(page, &at).await?;
    let view = AccountView {
        page: page.name(),
        user: page::user_card(&owner.user),
        created_at: owner.user.created_at,
        nav: Page::ALL
            .into_iter()
            .map(|item| NavItem {
                name: item.name(),
                icon: item.icon(),
                path: item.path(),
                current: item == page,
            })
            .collect(),
        sections,
        notice: said.notice,
        has_error: said.error.is_some(),
        passkey: page == Page::Security && RelyingParty::of(&visit.cx.tenant).is_some(),
    };
    let mut context = visit.form_context(CookieKind::Session, &owner.session.id.to_string(), None)?;
    context.here = Some(page.path().to_owned());
    if view
        .sections
        .iter()
        .any(|section| section.template == "account/connections.html")
    {
        context.form_targets = crate::connections::form_targets(&visit.cx);
    }
    let response = visit.respond(said.status.unwrap_or(StatusCode::OK), &view, &context);
    Ok(match said.wait {
        Some(wait) => with_retry_after(response, wait),
        None => response,
    })
}

/// Back to a page, with a word about what was done (`notice.rs`) and a number that goes with it.
pub(crate) fn done(
    visit: &Visit,
    page: Page,
    owner: &Owner,
    (word, count): (&str, u64),
) -> Result<Response, PageRefusal> {
    let address = notice::address(&visit.cx, page.path(), owner.session.id, (word, count))?;
    Ok(visit.redirect(&address, None))
}
