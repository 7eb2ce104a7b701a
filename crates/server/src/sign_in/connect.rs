//! `/sign-in/connect`: somebody is proven at another provider and has no linked account here. They sign in to the one that
//! they have, which links it, or get a new one once its address is proven.
//!
//! # Security
//! The page reads the same whether or not an account has the address, unless the provider is trusted to have verified it:
//! then it is theirs to know. An account is made with a proven address only, so that nobody prepares one for somebody else.

use std::sync::Arc;

use authflow_proto::upstream::{Claim, Person};
use axum::http::StatusCode;
use axum::response::Response;

use super::model::SignIn;
use super::page::{client_of, context_of, open, open_form, to_page};
use super::{mailbox, page_of, register, upstream};
use crate::connections::{self, Connection, LinkedBy, Pending, WantedAccount};
use crate::http::visit::{Fields, PageRefusal, PostedForm, Visit, whole_seconds, with_retry_after};
use crate::http::{Access, Cors, Routes};
use crate::identities::{self, IdentifierValue, IdentityError, NewUser, Profile};
use crate::pages::{ConnectCodeView, ConnectView, Field, FormError, Message, ProviderCard, UserCard};
use crate::{Cx, mail, sessions};

pub(super) const PATH: &str = "/sign-in/connect";
/// The purpose of the code that proves an address.
const PURPOSE: &str = "connect-email";
const MAX_NAME: usize = 200;

pub(super) fn routes() -> Routes {
    Routes::default()
        .get(PATH, Access::SignIn, Cors::None, show)
        .post(PATH, Access::SignIn, Cors::None, submit)
}

/// Somebody who waits, and where they are proven.
struct Waiting {
    sign_in: SignIn,
    pending: Pending,
    connection: Connection,
}

async fn waiting(visit: &mut Visit, sign_in: SignIn) -> Result<Result<Waiting, Response>, PageRefusal> {
    let found = connections::find_pending(&mut visit.cx, sign_in.id).await?;
    let Some(pending) = found else {
        return Ok(Err(to_page(visit, &sign_in, "/sign-in", None)));
    };
    let connection = connections::find_by_id(&visit.cx, pending.connection_id).await?;
    match connection.filter(|connection| connection.enabled) {
        Some(connection) => Ok(Ok(Waiting {
            sign_in,
            pending,
            connection,
        })),
        None => Ok(Err(to_page(visit, &sign_in, "/sign-in", None))),
    }
}

/// Whether strangers may get an account by the connection.
pub(super) fn may_sign_up(cx: &Cx, connection: &Connection) -> bool {
    cx.tenant.settings.sign_up && connection.settings.sign_up
}

/// The name that a new account would have.
pub(super) fn name_of(person: &Person) -> Option<String> {
    let claim = |claim| person.claims.get(&claim).map(String::as_str);
    let full = match (claim(Claim::GivenName), claim(Claim::FamilyName)) {
        (Some(given), Some(family)) => Some(format!("{given} {family}")),
        (one, other) => one.or(other).map(str::to_owned),
    };
    let name = claim(Claim::Name).map(str::to_owned).or(full)?;
    (Profile::named(name.as_str()).check().is_ok()).then_some(name)
}

/// Everything of what the provider says that makes a valid profile.
fn profile_of(person: &Person, name: String) -> Profile {
    let mut profile = Profile::named(name);
    for (claim, value) in &person.claims {
        let mut candidate = Profile::default();
        let slot = |profile: &mut Profile| -> Option<()> {
            let field = match claim {
                Claim::GivenName => &mut profile.given_name,
                Claim::FamilyName => &mut profile.family_name,
                Claim::MiddleName => &mut profile.middle_name,
                Claim::Nickname => &mut profile.nickname,
                Claim::PreferredUsername => &mut profile.preferred_username,
                Claim::Picture => &mut profile.picture,
                Claim::Profile => &mut profile.profile,
                Claim::Website => &mut profile.website,
                Claim::Locale => &mut profile.locale,
                Claim::Zoneinfo => &mut profile.zoneinfo,
                _ => return None,
            };
            *field = Some(value.clone());
            Some(())
        };
        // One claim that breaks a rule of ours is left out; it is no reason to turn somebody away.
        if slot(&mut candidate).is_some() && candidate.check().is_ok() {
            slot(&mut profile);
        }
    }
    profile
}

async fn show(mut visit: Visit) -> Response {
    let shown = show_page(&mut visit).await;
    visit.answer(shown)
}

async fn show_page(visit: &mut Visit) -> Result<Response, PageRefusal> {
    let sign_in = open(visit).await?;
    let waiting = match waiting(visit, sign_in).await? {
        Ok(waiting) => waiting,
        Err(elsewhere) => return Ok(elsewhere),
    };
    if waiting.pending.state.wanted.is_some() && visit.query("edit").is_none() {
        let notice = visit.query("notice").is_some_and(|word| word == "sent");
        return code_page(visit, &waiting, notice.then_some(Message::VerificationSent), None);
    }
    choice_page(visit, &waiting, None, StatusCode::OK).await
}

async fn choice_page(
    visit: &Visit,
    waiting: &Waiting,
    error: Option<FormError>,
    status: StatusCode,
) -> Result<Response, PageRefusal> {
    let Waiting {
        sign_in,
        pending,
        connection,
    } = waiting;
    let (person, wanted) = (&pending.person, pending.state.wanted.as_ref());
    let trusted = connections::vouched_email(&visit.cx, connection, person).await?;
    let view = ConnectView {
        sign_in: sign_in.id.to_string(),
        client: client_of(visit, sign_in).await?,
        provider: card(connection),
        user: UserCard {
            name: name_of(person),
            identifier: person.email.clone().unwrap_or_else(|| connection.name.clone()),
            picture: None,
        },
        has_account: pending.state.has_account,
        can_sign_up: may_sign_up(&visit.cx, connection)
            && !pending.state.has_account
            && can_prove(visit, trusted.is_some()),
        name: wanted
            .map(|wanted| wanted.name.clone())
            .or_else(|| name_of(person)),
        email: wanted
            .map(|wanted| wanted.email.clone())
            .or_else(|| person.email.clone()),
        email_fixed: trusted.is_some(),
        error,
    };
    let context = context_of(visit, sign_in, PATH)?;
    Ok(visit.respond(status, &view, &context))
}

fn card(connection: &Connection) -> ProviderCard {
    ProviderCard {
        name: connection.name.clone(),
        mark: connection.mark(),
    }
}

/// Whether an address can be proven: by the provider that is trusted with it, or by a code that can be sent.
fn can_prove(visit: &Visit, trusted: bool) -> bool {
    trusted || mail::can_send(&visit.cx)
}

async fn submit(mut visit: Visit, form: PostedForm) -> Response {
    let answered = submit_form(&mut visit, &form).await;
    visit.answer(answered)
}

async fn submit_form(visit: &mut Visit, form: &PostedForm) -> Result<Response, PageRefusal> {
    let fields = form.fields()?;
    let sign_in = open_form(visit, &fields).await?;
    let waiting = match waiting(visit, sign_in).await? {
        Ok(waiting) => waiting,
        Err(elsewhere) => return Ok(elsewhere),
    };
    match fields.text("step")? {
        "sign_in" => sign_in_instead(visit, waiting).await,
        "create" => want(visit, waiting, &fields).await,
        "code" => prove_address(visit, waiting, fields.text("code")?).await,
        "resend" => {
            let notice = send_code(visit, &waiting).await?;
            visit.cx.commit().await?;
            code_page(visit, &waiting, Some(notice), None)
        }
        "cancel" => {
            connections::take_pending(&mut visit.cx, waiting.sign_in.id).await?;
            visit.cx.commit().await?;
            Ok(to_page(visit, &waiting.sign_in, "/sign-in", None))
        }
        _ => Err(PageRefusal::Body),
    }
}

/// They have an account: they sign in to it by any other way, and that links it.
async fn sign_in_instead(visit: &mut Visit, mut waiting: Waiting) -> Result<Response, PageRefusal> {
    waiting.pending.state.links = true;
    let known = waiting.pending.person.email.clone();
    waiting.sign_in.state.identifier = known.or(waiting.sign_in.state.identifier);
    let cx = &mut visit.cx;
    connections::put_pending(cx, waiting.sign_in.id, &waiting.pending).await?;
    super::ops::save(cx, &waiting.sign_in).await?;
    cx.commit().await?;
    Ok(to_page(visit, &waiting.sign_in, "/sign-in?connect=1", None))
}

/// They want an account: at once if its address is proven, else after a code.
async fn want(visit: &mut Visit, mut waiting: Waiting, fields: &Fields<'_>) -> Result<Response, PageRefusal> {
    if !may_sign_up(&visit.cx, &waiting.connection) {
        let error = FormError::form(Message::SignUpClosed);
        return choice_page(visit, &waiting, Some(error), StatusCode::FORBIDDEN).await;
    }
    let name = fields.text("name")?.trim().to_owned();
    let vouched = connections::vouched_email(&visit.cx, &waiting.connection, &waiting.pending.person).await?;
    let fixed = vouched.is_some();
    if !can_prove(visit, fixed) {
        let error = FormError::form(Message::SignUpClosed);
        return choice_page(visit, &waiting, Some(error), StatusCode::FORBIDDEN).await;
    }
    let typed = match &waiting.pending.person.email {
        Some(email) if fixed => email.clone(),
        _ => fields.text("email")?.trim().to_owned(),
    };
    let email = IdentifierValue::email(&typed);
    let mut wrong = Vec::new();
    if name.is_empty() {
        wrong.push((Field::Name, Message::NameMissing));
    } else if name.chars().count() > MAX_NAME {
        wrong.push((Field::Name, Message::NameTooLong { max: MAX_NAME as u64 }));
    } else if Profile::named(name.as_str()).check().is_err() {
        wrong.push((Field::Name, Message::TextInvalid));
    }
    if email.is_err() {
        let message = if typed.is_empty() {
            Message::EmailMissing
        } else {
            Message::EmailInvalid
        };
        wrong.push((Field::Email, message));
    }
    let shown = |text: &str| text.chars().take(320).collect::<String>();
    waiting.pending.state.wanted = Some(WantedAccount {
        name: shown(&name),
        email: shown(&typed),
    });
    let (Ok(email), true) = (email, wrong.is_empty()) else {
        let error = FormError::fields(wrong);
        return choice_page(visit, &waiting, Some(error), StatusCode::UNPROCESSABLE_ENTITY).await;
    };
    if let Some(retry_after) = register::too_many(&visit.cx) {
        let seconds = whole_seconds(retry_after);
        let error = FormError::form(Message::TooManyAttempts { seconds });
        let response = choice_page(visit, &waiting, Some(error), StatusCode::TOO_MANY_REQUESTS).await?;
        return Ok(with_retry_after(response, retry_after));
    }
    if fixed {
        let Waiting {
            mut sign_in,
            pending,
            connection,
        } = waiting;
        return create(visit, &mut sign_in, (&connection, &pending.person), (name, email)).await;
    }
    connections::put_pending(&mut visit.cx, waiting.sign_in.id, &waiting.pending).await?;
    send_code(visit, &waiting).await?;
    visit.cx.commit().await?;
    Ok(to_page(visit, &waiting.sign_in, PATH, None))
}

/// Mails a code to the address that somebody wants an account for, whether or not one has it. In the context's
/// transaction; the caller commits.
async fn send_code(visit: &mut Visit, waiting: &Waiting) -> Result<Message, PageRefusal> {
    let Some(wanted) = &waiting.pending.state.wanted else {
        return Err(PageRefusal::Body);
    };
    let email = IdentifierValue::email(&wanted.email).map_err(|_| PageRefusal::Body)?;
    let locale = visit.context(waiting.sign_in.state.ui_locales.as_deref()).locale;
    let challenge = (waiting.sign_in.id.as_uuid(), PURPOSE);
    if !mailbox::send_code(&mut visit.cx, challenge, &email, locale).await? {
        return Ok(Message::TooManyMessages);
    }
    Ok(Message::VerificationSent)
}

fn code_page(
    visit: &Visit,
    waiting: &Waiting,
    notice: Option<Message>,
    error: Option<FormError>,
) -> Result<Response, PageRefusal> {
    let cx = &visit.cx;
    let id = waiting.sign_in.id;
    let status = if error.is_some() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    let view = ConnectCodeView {
        sign_in: id.to_string(),
        email: waiting
            .pending
            .state
            .wanted
            .as_ref()
            .map(|wanted| wanted.email.clone())
            .unwrap_or_default(),
        notice: notice.filter(|_| error.is_none()),
        error,
        back_url: cx.tenant.path(&format!("{PATH}?edit=1&sign_in={id}")),
        outbox_url: cx.app.config.is_dev().then(|| cx.tenant.path("/dev/outbox")),
    };
    let context = context_of(visit, &waiting.sign_in, PATH)?;
    Ok(visit.respond(status, &view, &context))
}

async fn prove_address(visit: &mut Visit, waiting: Waiting, typed: &str) -> Result<Response, PageRefusal> {
    let Some(wanted) = waiting.pending.state.wanted.clone() else {
        return Err(PageRefusal::Body);
    };
    let email = IdentifierValue::email(&wanted.email).map_err(|_| PageRefusal::Body)?;
    if typed.trim().is_empty() {
        let error = FormError::fields([(Field::Code, Message::CodeMissing)]);
        return code_page(visit, &waiting, None, Some(error));
    }
    let challenge = (waiting.sign_in.id.as_uuid(), PURPOSE);
    let is_proven = mailbox::is_proven(&mut visit.cx, challenge, &email, typed).await?;
    visit.cx.commit().await?;
    if !is_proven {
        let error = FormError::fields([(Field::Code, Message::CodeWrong)]);
        return code_page(visit, &waiting, None, Some(error));
    }
    let Waiting {
        mut sign_in,
        pending,
        connection,
    } = waiting;
    create(
        visit,
        &mut sign_in,
        (&connection, &pending.person),
        (wanted.name, email),
    )
    .await
}

/// Makes the account, links it and signs in. The address is proven: by the provider that is trusted with it, or by a code.
pub(super) async fn create(
    visit: &mut Visit,
    sign_in: &mut SignIn,
    (connection, person): (&Connection, &Person),
    (name, email): (String, IdentifierValue),
) -> Result<Response, PageRefusal> {
    let before = sessions::current(&visit.cx, &visit.headers).await?;
    let new = NewUser {
        profile: profile_of(person, name),
        identifiers: vec![email],
        verified: true,
        ..NewUser::default()
    };
    let cx = &mut visit.cx;
    let user = match identities::create_user(cx, new).await {
        Ok(user) => user,
        // Somebody has the address: whoever proved it may know, and signs in to that account.
        Err(IdentityError::IdentifierTaken { .. }) => {
            return has_account(visit, sign_in, connection, person).await;
        }
        Err(error) => return Err(page_of(error)),
    };
    if !connections::link(cx, connection, person, user.id, LinkedBy::SignUp).await? {
        // Two browsers of one person at once: the other was first, and this one signs in to what it made.
        cx.rollback().await;
        return Ok(to_page(visit, sign_in, "/sign-in", None));
    }
    connections::take_pending(cx, sign_in.id).await?;
    upstream::signed_in(visit, sign_in, (connection, person), Arc::new(user), before).await
}

async fn has_account(
    visit: &mut Visit,
    sign_in: &SignIn,
    connection: &Connection,
    person: &Person,
) -> Result<Response, PageRefusal> {
    let pending = Pending::new(connection.id, person.clone(), true);
    connections::put_pending(&mut visit.cx, sign_in.id, &pending).await?;
    visit.cx.commit().await?;
    Ok(to_page(visit, sign_in, PATH, None))
}
