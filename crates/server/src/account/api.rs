use std::sync::Arc;
use std::time::Duration;

use authflow_types::{ClientId, SessionId};
use axum::http::StatusCode;
use axum::response::Response;

use super::{notice, user_agent};
use crate::cx::Actor;
use crate::http::cookies::CookieKind;
use crate::http::visit::{Fields, PageRefusal, PostedForm, Visit, with_retry_after};
use crate::http::{Access, Cors, Routes, page};
use crate::identities::{self, IdentityError, PasswordRecord, Profile, ProfileError, User};
use crate::pages::{
    AccountView, ApplicationRow, Field, FormError, Message, Profile as ShownProfile, SessionRow,
};
use crate::passwords::Password;
use crate::sessions::{self, Session, SessionError};
use crate::sign_in::{self, AttemptError, page_of};
use crate::{Fault, clients, consents};

/// How fresh a sign-in must be to set a first password, which no current one guards.
const FRESH: Duration = Duration::from_mins(10);

/// The account page and its forms.
pub fn routes() -> Routes {
    Routes::default()
        .get("/account", Access::Session, Cors::None, show)
        .post("/account/profile", Access::Session, Cors::None, save_profile)
        .post("/account/password", Access::Session, Cors::None, change_password)
        .post("/account/verify", Access::Session, Cors::None, send_verification)
        .post(
            "/account/sessions/revoke",
            Access::Session,
            Cors::None,
            revoke_session,
        )
        .post(
            "/account/applications/revoke",
            Access::Session,
            Cors::None,
            revoke_application,
        )
}

/// Somebody who is signed in, on their own page.
struct Owner {
    session: Arc<Session>,
    user: Arc<User>,
}

/// Who is signed in; `None` leads to the sign-in page.
async fn owner(visit: &mut Visit) -> Result<Option<Owner>, PageRefusal> {
    let Some(session) = sessions::current(&visit.cx, &visit.headers).await? else {
        return Ok(None);
    };
    let user = identities::find_user(&visit.cx.app, visit.cx.tenant_id(), session.user_id).await?;
    let Some(user) = user.filter(|user| user.is_active()) else {
        return Ok(None);
    };
    visit.cx.actor = Actor::User(user.id);
    Ok(Some(Owner { session, user }))
}

fn to_sign_in(visit: &Visit) -> Response {
    visit.redirect("/sign-in", None)
}

/// Who is signed in, and that the form was shown to them.
async fn owner_of_form(visit: &mut Visit, fields: &Fields<'_>) -> Result<Option<Owner>, PageRefusal> {
    let Some(owner) = owner(visit).await? else {
        return Ok(None);
    };
    visit.check_form(CookieKind::Session, &owner.session.id.to_string(), fields)?;
    Ok(Some(owner))
}

async fn show(mut visit: Visit) -> Response {
    let shown = show_page(&mut visit).await;
    visit.answer(shown)
}

async fn show_page(visit: &mut Visit) -> Result<Response, PageRefusal> {
    let Some(owner) = owner(visit).await? else {
        return Ok(to_sign_in(visit));
    };
    let notice = match visit.query("notice") {
        Some(text) => notice::read(&visit.cx, owner.session.id, &text)?,
        None => None,
    };
    render(
        visit,
        &owner,
        Said {
            notice,
            ..Said::default()
        },
    )
    .await
}

/// What the page says beside what it shows.
struct Said {
    status: StatusCode,
    notice: Option<Message>,
    profile_error: Option<FormError>,
    password_error: Option<FormError>,
}

impl Default for Said {
    fn default() -> Self {
        Self {
            status: StatusCode::OK,
            notice: None,
            profile_error: None,
            password_error: None,
        }
    }
}

async fn render(visit: &Visit, owner: &Owner, said: Said) -> Result<Response, PageRefusal> {
    let (cx, user) = (&visit.cx, &owner.user);
    let password = identities::password_of(cx, user.id).await?;
    let email = user.email();
    let view = AccountView {
        user: page::user_card(user),
        profile: ShownProfile {
            name: user.profile.name.clone(),
            email: email.map(|(email, _)| email.to_owned()),
            email_verified: email.is_some_and(|(_, is_verified)| is_verified),
            has_password: has_password(password.as_ref()),
            password_changed_at: password.and_then(|password| password.set_at),
            created_at: user.created_at,
        },
        sessions: session_rows(visit, owner).await?,
        applications: application_rows(visit, owner).await?,
        notice: said.notice,
        profile_error: said.profile_error,
        password_error: said.password_error,
        password_min: sign_in::password_min(cx),
    };
    let mut context = visit.form_context(CookieKind::Session, &owner.session.id.to_string(), None)?;
    context.here = Some("/account".to_owned());
    Ok(visit.respond(said.status, &view, &context))
}

fn has_password(record: Option<&PasswordRecord>) -> bool {
    record.is_some_and(|record| record.credential.is_some())
}

async fn session_rows(visit: &Visit, owner: &Owner) -> Result<Vec<SessionRow>, Fault> {
    let mut rows: Vec<SessionRow> = sessions::list(&visit.cx, owner.user.id)
        .await?
        .into_iter()
        .map(|session| {
            let described = user_agent::describe(session.user_agent.as_deref());
            SessionRow {
                id: session.id.to_string(),
                current: session.id == owner.session.id,
                device: described.device,
                browser: described.browser.map(str::to_owned),
                os: described.os.map(str::to_owned),
                place: session.ip,
                signed_in_at: session.created_at,
                last_active_at: session.last_seen_at,
            }
        })
        .collect();
    rows.sort_by_key(|row| !row.current);
    Ok(rows)
}

async fn application_rows(visit: &Visit, owner: &Owner) -> Result<Vec<ApplicationRow>, Fault> {
    let cx = &visit.cx;
    let mut rows = Vec::new();
    for consent in consents::list(cx, owner.user.id).await? {
        let Some(client) = clients::find(&cx.app, cx.tenant_id(), consent.client_id).await? else {
            continue;
        };
        rows.push(ApplicationRow {
            id: consent.client_id.to_string(),
            client: page::client_card(&client),
            scopes: consent
                .scope
                .iter()
                .map(|scope| scope.as_str().to_owned())
                .collect(),
            granted_at: consent.created_at,
        });
    }
    Ok(rows)
}

/// Back to the page, with a word about what was done.
fn done(visit: &Visit, session: SessionId, word: &str, count: u64) -> Result<String, PageRefusal> {
    Ok(notice::address(&visit.cx, session, word, count)?)
}

async fn save_profile(mut visit: Visit, form: PostedForm) -> Response {
    let answered = do_save_profile(&mut visit, &form).await;
    visit.answer(answered)
}

async fn do_save_profile(visit: &mut Visit, form: &PostedForm) -> Result<Response, PageRefusal> {
    let fields = form.fields()?;
    let Some(owner) = owner_of_form(visit, &fields).await? else {
        return Ok(to_sign_in(visit));
    };
    let name = fields.text("name")?.trim();
    let profile = Profile {
        name: Some(name.to_owned()),
        ..owner.user.profile.clone()
    };
    match identities::update_profile(&mut visit.cx, &owner.user, profile).await {
        Ok(_) => {}
        Err(IdentityError::Profile(ProfileError::Text { claim: "name", max })) => {
            let message = match name.chars().count() {
                0 => Message::NameMissing,
                length if length > max => Message::NameTooLong { max: max as u64 },
                _ => Message::TextInvalid,
            };
            let profile_error = Some(FormError::fields([(Field::Name, message)]));
            let said = Said {
                status: StatusCode::UNPROCESSABLE_ENTITY,
                profile_error,
                ..Said::default()
            };
            return render(visit, &owner, said).await;
        }
        Err(error) => return Err(page_of(error)),
    }
    visit.cx.commit().await?;
    Ok(visit.redirect(&done(visit, owner.session.id, "profile_saved", 0)?, None))
}

async fn change_password(mut visit: Visit, form: PostedForm) -> Response {
    let answered = do_change_password(&mut visit, &form).await;
    visit.answer(answered)
}

async fn do_change_password(visit: &mut Visit, form: &PostedForm) -> Result<Response, PageRefusal> {
    let fields = form.fields()?;
    let Some(owner) = owner_of_form(visit, &fields).await? else {
        return Ok(to_sign_in(visit));
    };
    let (current, new) = (fields.text("current_password")?, fields.text("new_password")?);
    if let Err(refused) = may_change_password(visit, &owner, (current, new)).await? {
        return password_again(visit, &owner, refused).await;
    }
    let (user, session) = (&owner.user, &owner.session);
    let cx = &mut visit.cx;
    match identities::set_password(cx, user, &Password::from(new), Some(session.id)).await {
        Ok(()) => {}
        Err(IdentityError::Password(problem)) => {
            let error = FormError::fields([(Field::NewPassword, sign_in::password_message(problem))]);
            return password_again(visit, &owner, Refused::invalid(error)).await;
        }
        Err(error) => return Err(page_of(error)),
    }
    let renewed = sessions::renew(cx, session, session.amr.clone(), &session.acr).await;
    let cookie = match renewed {
        Ok((_, token)) => sessions::cookie(cx, &token),
        Err(SessionError::NotFound) => None,
        Err(SessionError::Fault(fault)) => return Err(fault.into()),
    };
    cx.commit().await?;
    Ok(visit.redirect(&done(visit, owner.session.id, "password_changed", 0)?, cookie))
}

/// Why the password form comes back.
struct Refused {
    status: StatusCode,
    error: FormError,
    wait: Option<Duration>,
}

impl Refused {
    fn invalid(error: FormError) -> Self {
        Self {
            status: StatusCode::UNPROCESSABLE_ENTITY,
            error,
            wait: None,
        }
    }
}

async fn password_again(visit: &Visit, owner: &Owner, refused: Refused) -> Result<Response, PageRefusal> {
    let said = Said {
        status: refused.status,
        password_error: Some(refused.error),
        ..Said::default()
    };
    let response = render(visit, owner, said).await?;
    Ok(match refused.wait {
        Some(wait) => with_retry_after(response, wait),
        None => response,
    })
}

/// Whether the person at the browser may change the password: a borrowed session may not.
async fn may_change_password(
    visit: &mut Visit,
    owner: &Owner,
    (current, new): (&str, &str),
) -> Result<Result<(), Refused>, PageRefusal> {
    let field = |field, message| Ok(Err(Refused::invalid(FormError::fields([(field, message)]))));
    let record = identities::password_of(&visit.cx, owner.user.id).await?;
    if new.is_empty() {
        return field(Field::NewPassword, Message::PasswordMissing);
    }
    if !has_password(record.as_ref()) {
        let is_fresh = visit.cx.now.since(owner.session.auth_time) < FRESH;
        let refused = Refused::invalid(FormError::form(Message::SignInAgain));
        return Ok(if is_fresh { Ok(()) } else { Err(refused) });
    }
    if current.is_empty() {
        return field(Field::CurrentPassword, Message::PasswordMissing);
    }
    match sign_in::confirm_password(&mut visit.cx, &visit.headers, &owner.user, current).await {
        Ok(()) if current == new => field(Field::NewPassword, Message::PasswordUnchanged),
        Ok(()) => Ok(Ok(())),
        Err(AttemptError::Wrong) => field(Field::CurrentPassword, Message::CurrentPasswordWrong),
        Err(error) => {
            let (status, message, wait) = sign_in::explain(error)?;
            Ok(Err(Refused {
                status,
                error: FormError::form(message),
                wait,
            }))
        }
    }
}

async fn send_verification(mut visit: Visit, form: PostedForm) -> Response {
    let answered = do_send_verification(&mut visit, &form).await;
    visit.answer(answered)
}

async fn do_send_verification(visit: &mut Visit, form: &PostedForm) -> Result<Response, PageRefusal> {
    let fields = form.fields()?;
    let Some(owner) = owner_of_form(visit, &fields).await? else {
        return Ok(to_sign_in(visit));
    };
    let locale = visit.context(None).locale;
    sign_in::send_verification(&mut visit.cx, &owner.user, locale).await?;
    visit.cx.commit().await?;
    Ok(visit.redirect(&done(visit, owner.session.id, "verification_sent", 0)?, None))
}

async fn revoke_session(mut visit: Visit, form: PostedForm) -> Response {
    let answered = do_revoke_session(&mut visit, &form).await;
    visit.answer(answered)
}

async fn do_revoke_session(visit: &mut Visit, form: &PostedForm) -> Result<Response, PageRefusal> {
    let fields = form.fields()?;
    let Some(owner) = owner_of_form(visit, &fields).await? else {
        return Ok(to_sign_in(visit));
    };
    let current = owner.session.id;
    if fields.text("session")? == "others" {
        let count = sessions::end_all(&mut visit.cx, owner.user.id, Some(current)).await?;
        visit.cx.commit().await?;
        return Ok(visit.redirect(&done(visit, current, "others_revoked", count)?, None));
    }
    let id: SessionId = fields.id("session")?;
    // SECURITY: only one's own; anything else is as if it did not exist.
    if sessions::owner(&visit.cx, id).await? == Some(owner.user.id) {
        sessions::end(&mut visit.cx, id, "revoked").await?;
        visit.cx.commit().await?;
    }
    if id == current {
        return Ok(visit.redirect("/sign-out", sessions::clear_cookie(&visit.cx)));
    }
    Ok(visit.redirect(&done(visit, current, "session_revoked", 0)?, None))
}

async fn revoke_application(mut visit: Visit, form: PostedForm) -> Response {
    let answered = do_revoke_application(&mut visit, &form).await;
    visit.answer(answered)
}

async fn do_revoke_application(visit: &mut Visit, form: &PostedForm) -> Result<Response, PageRefusal> {
    let fields = form.fields()?;
    let Some(owner) = owner_of_form(visit, &fields).await? else {
        return Ok(to_sign_in(visit));
    };
    let client: ClientId = fields.id("client")?;
    match consents::revoke(&mut visit.cx, owner.user.id, client).await {
        Ok(()) | Err(consents::ConsentError::NotFound) => {}
        Err(consents::ConsentError::Fault(fault)) => return Err(fault.into()),
    }
    visit.cx.commit().await?;
    Ok(visit.redirect(&done(visit, owner.session.id, "application_revoked", 0)?, None))
}
