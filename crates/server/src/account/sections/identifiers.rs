//! E-mail addresses and user name. Phone numbers: `phones.rs`.

use authflow_types::IdentifierId;
use axum::response::Response;
use serde_json::{Value, json};

use super::super::links::LINKS;
use super::super::{At, Owner, Page, Said, Section, done, fresh, owner_of_form, show, tell, to_sign_in};
use crate::http::visit::{Fields, PageRefusal, PostedForm, Visit};
use crate::http::{Access, Cors, Routes};
use crate::identities::{self, Identifier, IdentifierKind, IdentifierValue, OBJECTION_TTL};
use crate::mail::{self, Factor, LINK_TTL, LinkPurpose, Mail};
use crate::pages::{Field, FormError, Locale, Message};
use crate::sign_in::{self, AccountNext, Way};
use crate::{Cx, Fault};

const NAME: &str = "identifiers";

/// Most identifiers of one user.
pub(super) const MOST: usize = 20;

pub(in crate::account) fn routes() -> Routes {
    let session = Access::Session;
    Routes::default()
        .post("/account/verify", session, Cors::None, send_verification)
        .post("/account/identifiers/retry", session, Cors::None, retry)
        .post("/account/identifiers/add", session, Cors::None, add)
        .post("/account/identifiers/primary", session, Cors::None, primary)
        .post("/account/identifiers/remove", session, Cors::None, remove)
}

pub(super) async fn section(at: &At<'_>) -> Result<Option<Section>, PageRefusal> {
    let all = at.owner.user.identifiers.iter();
    let mut identifiers: Vec<_> = all.filter(|one| one.kind != IdentifierKind::Phone).collect();
    identifiers.sort_by_key(|one| (one.kind.as_str(), !one.is_primary, one.id));
    let mut rows: Vec<Value> = Vec::new();
    for one in identifiers {
        let bounce = match one.kind {
            IdentifierKind::Email => mail::bounce_of(&at.visit.cx, &one.value).await?,
            _ => None,
        };
        rows.push(json!({
            "id": one.id, "kind": one.kind, "value": one.value, "primary": one.is_primary,
            "verified": one.verified_at.is_some(),
            "bounced_at": bounce.map(|bounce| bounce.bounced_at.as_micros()),
        }));
    }
    let data = json!({ "rows": rows, "error": at.error(NAME) });
    at.section("account/identifiers.html", data)
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
    done(visit, Page::Profile, &owner, ("verification_sent", 0))
}

async fn retry(mut visit: Visit, form: PostedForm) -> Response {
    let answered = do_retry(&mut visit, &form).await;
    visit.answer(answered)
}

/// Mails again to an address that refused mail: the note goes, and comes back should the mail.
async fn do_retry(visit: &mut Visit, form: &PostedForm) -> Result<Response, PageRefusal> {
    let fields = form.fields()?;
    let Some(owner) = owner_of_form(visit, &fields).await? else {
        return Ok(to_sign_in(visit));
    };
    let identifier = named(&owner, &fields)?;
    if identifier.kind != IdentifierKind::Email {
        return Err(PageRefusal::Body);
    }
    let locale = visit.context(None).locale;
    let cx = &mut visit.cx;
    if sign_in::send_verification_to(cx, &owner.user, identifier, locale).await? {
        mail::forget_bounce(cx, &identifier.value).await?;
    }
    cx.commit().await?;
    done(visit, Page::Profile, &owner, ("verification_sent", 0))
}

/// Begins to add an address: nothing changes before its reader confirms it.
async fn add(mut visit: Visit, form: PostedForm) -> Response {
    let answered = do_add(&mut visit, &form).await;
    visit.answer(answered)
}

async fn do_add(visit: &mut Visit, form: &PostedForm) -> Result<Response, PageRefusal> {
    let fields = form.fields()?;
    let Some(owner) = owner_of_form(visit, &fields).await? else {
        return Ok(to_sign_in(visit));
    };
    if let Some(elsewhere) = fresh(visit, &owner, AccountNext::Account).await? {
        return Ok(elsewhere);
    }
    let typed = fields.text("email")?.trim();
    let email = match IdentifierValue::email(typed) {
        Ok(email) if owner.user.identifiers.len() < MOST => email,
        _ => {
            let message = if typed.is_empty() {
                Message::EmailMissing
            } else {
                Message::EmailInvalid
            };
            let said = Said::wrong(NAME, FormError::fields([(Field::Email, message)]));
            return show(visit, Page::Profile, &owner, said).await;
        }
    };
    if identities::is_refused_as_disposable(&visit.cx, &email).await {
        let error = FormError::fields([(Field::Email, Message::EmailDisposable)]);
        return show(visit, Page::Profile, &owner, Said::wrong(NAME, error)).await;
    }
    let makes_primary = fields.text("primary")? == "yes";
    let locale = visit.context(None).locale;
    begin(&mut visit.cx, &owner, (&email, makes_primary), locale).await?;
    visit.cx.commit().await?;
    done(visit, Page::Profile, &owner, ("email_change_begun", 0))
}

/// SECURITY: the answer is the same whether or not somebody has the address; its owner is told instead.
async fn begin(
    cx: &mut Cx,
    owner: &Owner,
    (email, makes_primary): (&IdentifierValue, bool),
    locale: Locale,
) -> Result<(), Fault> {
    if !sign_in::may_send(cx, sign_in::Budget::Confirmation, email.normalized()) {
        return Ok(());
    }
    if identities::find_by_identifier(cx, email.normalized())
        .await?
        .is_some()
    {
        let url = cx.tenant.url("/sign-in");
        return mail::queue(cx, email.value(), locale, Mail::AccountExists { url }).await;
    }
    let id = identities::begin_change(cx, &owner.user, email, makes_primary, None).await?;
    let token = mail::issue_link(cx, LinkPurpose::ConfirmEmail, id.as_uuid()).await?;
    let confirm = Mail::EmailChangeNew {
        url: cx.tenant.url(&format!("{LINKS}?token={}", token.expose())),
        expires_minutes: LINK_TTL.as_secs() / 60,
    };
    mail::queue(cx, email.value(), locale, confirm).await?;
    if let Some((present, _)) = owner.user.email() {
        let token = mail::issue_link(cx, LinkPurpose::ObjectEmail, id.as_uuid()).await?;
        let object = Mail::EmailChangeOld {
            new_email: email.value().to_owned(),
            url: cx.tenant.url(&format!("{LINKS}?token={}", token.expose())),
            expires_minutes: OBJECTION_TTL.as_secs() / 60,
        };
        mail::queue(cx, present, locale, object).await?;
    }
    Ok(())
}

/// The identifier that a form names, if it is the owner's.
fn named<'a>(owner: &'a Owner, fields: &Fields<'_>) -> Result<&'a Identifier, PageRefusal> {
    let id: IdentifierId = fields.id("identifier")?;
    let own = owner.user.identifiers.iter().find(|one| one.id == id);
    own.ok_or(PageRefusal::NOT_FOUND)
}

async fn primary(mut visit: Visit, form: PostedForm) -> Response {
    let answered = do_primary(&mut visit, &form).await;
    visit.answer(answered)
}

async fn do_primary(visit: &mut Visit, form: &PostedForm) -> Result<Response, PageRefusal> {
    let fields = form.fields()?;
    let Some(owner) = owner_of_form(visit, &fields).await? else {
        return Ok(to_sign_in(visit));
    };
    if let Some(elsewhere) = fresh(visit, &owner, AccountNext::Account).await? {
        return Ok(elsewhere);
    }
    let identifier = named(&owner, &fields)?;
    if identifier.verified_at.is_none() || identifier.kind == IdentifierKind::Username {
        return Err(PageRefusal::Body);
    }
    identities::make_primary(&mut visit.cx, &owner.user, identifier).await?;
    visit.cx.commit().await?;
    done(visit, Page::Profile, &owner, ("primary_changed", 0))
}

async fn remove(mut visit: Visit, form: PostedForm) -> Response {
    let answered = do_remove(&mut visit, &form).await;
    visit.answer(answered)
}

async fn do_remove(visit: &mut Visit, form: &PostedForm) -> Result<Response, PageRefusal> {
    let fields = form.fields()?;
    let Some(owner) = owner_of_form(visit, &fields).await? else {
        return Ok(to_sign_in(visit));
    };
    if let Some(elsewhere) = fresh(visit, &owner, AccountNext::Account).await? {
        return Ok(elsewhere);
    }
    let identifier = named(&owner, &fields)?;
    let locale = visit.context(None).locale;
    let cx = &mut visit.cx;
    let removed = sign_in::can_sign_in_without(cx, &owner.user, Way::Identifier(identifier.id)).await?
        && identities::remove_identifier(cx, &owner.user, identifier).await?;
    if removed && identifier.kind == IdentifierKind::Phone {
        let factor = Factor::Phone;
        tell(cx, &owner.user, locale, |occasion| Mail::FactorRemoved {
            factor,
            occasion,
        })
        .await?;
    }
    cx.commit().await?;
    let word = if removed {
        "identifier_removed"
    } else {
        "identifier_kept"
    };
    done(visit, Page::Profile, &owner, (word, 0))
}
