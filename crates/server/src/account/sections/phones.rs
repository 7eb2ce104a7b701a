//! Phone numbers: added and changed with a code that is sent to them, taken away.

use authflow_types::IdentifierId;
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};

use super::super::{
    At, Owner, Page, Said, Section, done, fresh, owner, owner_of_form, show, tell, to_sign_in,
};
use super::identifiers::MOST;
use crate::challenges::{self, Answered, NewChallenge};
use crate::http::cookies::CookieKind;
use crate::http::visit::{Fields, PageRefusal, PostedForm, Visit};
use crate::http::{Access, Cors, Routes};
use crate::identities::{self, Identifier, IdentifierChange, IdentifierKind, IdentifierValue, IdentityError};
use crate::mail::{Factor, Mail};
use crate::pages::{Field, FormError, Message, PhoneCodeView};
use crate::sign_in::{self, AccountNext, CODE_TRIES, CODE_TTL, page_of};
use crate::sms::{self, SmsError};

const NAME: &str = "phones";
const CONFIRM: &str = "/account/phones/confirm";

/// What the codes to the new number and to the one of before are for.
const NEW_END: &str = "phone_new";
const OLD_END: &str = "phone_old";

pub(in crate::account) fn routes() -> Routes {
    let session = Access::Session;
    Routes::default()
        .post("/account/phones/add", session, Cors::None, add)
        .get(CONFIRM, session, Cors::None, show_code)
        .post(CONFIRM, session, Cors::None, confirm)
        .post("/account/phones/resend", session, Cors::None, resend)
        .post("/account/phones/lost", session, Cors::None, lost)
}

pub(super) fn section(at: &At<'_>) -> Result<Option<Section>, PageRefusal> {
    let mut phones: Vec<&Identifier> = of_kind(at.owner).collect();
    phones.sort_by_key(|one| (!one.is_primary, one.id));
    let can_add = at.visit.cx.app.sms.is_on();
    if phones.is_empty() && !can_add {
        return Ok(None);
    }
    let row = |one: &&Identifier| {
        json!({
            "id": one.id, "value": one.value, "primary": one.is_primary, "verified": one.verified_at.is_some(),
        })
    };
    let rows: Vec<Value> = phones.iter().map(row).collect();
    let data = json!({ "rows": rows, "can_add": can_add, "error": at.error(NAME) });
    at.section("account/phones.html", data)
}

fn of_kind(owner: &Owner) -> impl Iterator<Item = &Identifier> {
    let all = owner.user.identifiers.iter();
    all.filter(|one| one.kind == IdentifierKind::Phone)
}

async fn add(mut visit: Visit, form: PostedForm) -> Response {
    let answered = do_add(&mut visit, &form).await;
    visit.answer(answered)
}

/// Begins to add a number, or to put it in the place of another: nothing changes before its holder proves it.
async fn do_add(visit: &mut Visit, form: &PostedForm) -> Result<Response, PageRefusal> {
    let fields = form.fields()?;
    let Some(owner) = owner_of_form(visit, &fields).await? else {
        return Ok(to_sign_in(visit));
    };
    if let Some(elsewhere) = fresh(visit, &owner, AccountNext::Account).await? {
        return Ok(elsewhere);
    }
    let replaces = replaced(&owner, &fields)?;
    let phone = match wanted(&owner, fields.text("phone")?.trim(), replaces.is_some()) {
        Ok(phone) => phone,
        Err(message) => return wrong(visit, &owner, message).await,
    };
    let previous = replaces.map(|one| one.id);
    let id = identities::begin_change(&mut visit.cx, &owner.user, &phone, false, previous).await?;
    match send(visit, id, NEW_END, &phone).await? {
        Ok(()) => {
            visit.cx.commit().await?;
            Ok(visit.redirect(&format!("{CONFIRM}?change={id}"), None))
        }
        Err(message) => {
            visit.cx.rollback().await;
            wrong(visit, &owner, message).await
        }
    }
}

/// The proven number of the owner's that is to be replaced, if the form names one.
fn replaced<'a>(owner: &'a Owner, fields: &Fields<'_>) -> Result<Option<&'a Identifier>, PageRefusal> {
    if fields.text("replaces")?.is_empty() {
        return Ok(None);
    }
    let id: IdentifierId = fields.id("replaces")?;
    let own = of_kind(owner).find(|one| one.id == id);
    own.ok_or(PageRefusal::NOT_FOUND).map(Some)
}

/// The number that somebody typed, if the account can have it.
fn wanted(owner: &Owner, typed: &str, replaces: bool) -> Result<IdentifierValue, Message> {
    if typed.is_empty() {
        return Err(Message::PhoneMissing);
    }
    let phone = IdentifierValue::phone(typed).map_err(|_| Message::PhoneInvalid)?;
    let own = of_kind(owner).find(|one| one.normalized == phone.normalized());
    match own {
        Some(own) if own.verified_at.is_some() || replaces => Err(Message::PhoneKnown),
        None if owner.user.identifiers.len() >= MOST && !replaces => Err(Message::IdentifiersFull),
        _ => Ok(phone),
    }
}

async fn wrong(visit: &Visit, owner: &Owner, message: Message) -> Result<Response, PageRefusal> {
    let said = Said::wrong(NAME, FormError::fields([(Field::Phone, message)]));
    show(visit, Page::Profile, owner, said).await
}

/// Sends a code to one end of a change.
///
/// SECURITY: whether somebody else has the number is told only to who holds it: it is looked up once the code came back.
async fn send(
    visit: &mut Visit,
    change: IdentifierId,
    end: &'static str,
    to: &IdentifierValue,
) -> Result<Result<(), Message>, PageRefusal> {
    let locale = visit.context(None).locale;
    let cx = &mut visit.cx;
    if !sign_in::may_send(cx, sign_in::Budget::Confirmation, to.normalized()) {
        return Ok(Err(Message::TooManyMessages));
    }
    let code = challenges::six_digits(cx);
    let new = NewChallenge {
        subject: change.as_uuid(),
        purpose: end,
        user: None,
        answer: code.as_bytes(),
        data: "",
        tries: CODE_TRIES,
        ttl: CODE_TTL,
    };
    challenges::put(cx, new).await?;
    let sms = sms::code_of(&cx.tenant, code, CODE_TTL);
    match sms::queue(cx, to.normalized(), locale, sms).await {
        Ok(()) => Ok(Ok(())),
        Err(SmsError::Fault(fault)) => Err(fault.into()),
        Err(SmsError::Limited { .. }) => Ok(Err(Message::TooManyMessages)),
        Err(refused) => {
            tracing::info!(%refused, "a code was not sent by SMS");
            Ok(Err(Message::PhoneRefused))
        }
    }
}

/// The owner's change that is under way; `None` if it is over.
async fn change_of(
    visit: &mut Visit,
    owner: &Owner,
    id: &str,
) -> Result<Option<IdentifierChange>, PageRefusal> {
    let Ok(id) = id.parse() else { return Ok(None) };
    let found = identities::find_change(&mut visit.cx, id).await?;
    Ok(found.filter(|change| change.user_id == owner.user.id && change.is_of(IdentifierKind::Phone)))
}

/// The number that is asked for a code now: the new one, then the one whose place it takes.
fn asked<'a>(owner: &'a Owner, change: &'a IdentifierChange) -> Option<(&'static str, &'a str)> {
    if change.proven_at.is_none() {
        return Some((NEW_END, &change.value));
    }
    previous_of(owner, change).map(|previous| (OLD_END, previous.value.as_str()))
}

/// The proven number whose place the new one takes.
fn previous_of<'a>(owner: &'a Owner, change: &IdentifierChange) -> Option<&'a Identifier> {
    of_kind(owner).find(|one| Some(one.id) == change.previous_id && one.verified_at.is_some())
}

async fn show_code(mut visit: Visit) -> Response {
    let shown = show_code_page(&mut visit).await;
    visit.answer(shown)
}

async fn show_code_page(visit: &mut Visit) -> Result<Response, PageRefusal> {
    let Some(owner) = owner(visit).await? else {
        return Ok(to_sign_in(visit));
    };
    let id = visit.query("change").unwrap_or_default();
    let Some(change) = change_of(visit, &owner, &id).await? else {
        return Ok(visit.redirect(Page::Profile.path(), None));
    };
    let notice = match visit.query("notice").as_deref() {
        Some("sent") => Some(Message::CodeSent),
        Some("later") => Some(Message::TooManyMessages),
        _ => None,
    };
    code_page(visit, &owner, &change, notice, None)
}

fn code_page(
    visit: &Visit,
    owner: &Owner,
    change: &IdentifierChange,
    notice: Option<Message>,
    error: Option<FormError>,
) -> Result<Response, PageRefusal> {
    let Some((end, number)) = asked(owner, change) else {
        return Ok(visit.redirect(Page::Profile.path(), None));
    };
    let status = if error.is_some() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    let cx = &visit.cx;
    let view = PhoneCodeView {
        change: change.id.to_string(),
        // One word: no line breaks in a number.
        number: number.replace(' ', "\u{a0}"),
        is_old: end == OLD_END,
        notice,
        error,
        back_url: cx.tenant.path(Page::Profile.path()),
        outbox_url: cx.app.config.is_dev().then(|| cx.tenant.path("/dev/outbox")),
    };
    let mut context = visit.form_context(CookieKind::Session, &owner.session.id.to_string(), None)?;
    context.here = Some(format!("{CONFIRM}?change={}", change.id));
    Ok(visit.respond(status, &view, &context))
}

async fn confirm(mut visit: Visit, form: PostedForm) -> Response {
    let answered = do_confirm(&mut visit, &form).await;
    visit.answer(answered)
}

async fn do_confirm(visit: &mut Visit, form: &PostedForm) -> Result<Response, PageRefusal> {
    let fields = form.fields()?;
    let Some(owner) = owner_of_form(visit, &fields).await? else {
        return Ok(to_sign_in(visit));
    };
    let Some(change) = change_of(visit, &owner, fields.text("change")?).await? else {
        return Ok(visit.redirect(Page::Profile.path(), None));
    };
    let Some((end, _)) = asked(&owner, &change) else {
        return Ok(visit.redirect(Page::Profile.path(), None));
    };
    let typed = fields.text("code")?;
    let digits: String = typed.chars().filter(char::is_ascii_digit).take(12).collect();
    if digits.is_empty() {
        let error = FormError::fields([(Field::Code, Message::CodeMissing)]);
        return code_page(visit, &owner, &change, None, Some(error));
    }
    let answered = challenges::answer(&mut visit.cx, change.id.as_uuid(), end, digits.as_bytes()).await?;
    let is_right = matches!(answered, Answered::Right { .. });
    if is_right && end == NEW_END {
        identities::prove_phone_change(&mut visit.cx, &change).await?;
    }
    visit.cx.commit().await?;
    if !is_right {
        let error = FormError::fields([(Field::Code, Message::CodeWrong)]);
        return code_page(visit, &owner, &change, None, Some(error));
    }
    match previous_of(&owner, &change).filter(|_| end == NEW_END) {
        Some(previous) => ask_previous(visit, &change, previous).await,
        None => settle(visit, &owner, &change).await,
    }
}

/// The new number is proven: now the one whose place it takes has a word.
async fn ask_previous(
    visit: &mut Visit,
    change: &IdentifierChange,
    previous: &Identifier,
) -> Result<Response, PageRefusal> {
    let to = IdentifierValue::phone(&previous.value).map_err(|_| PageRefusal::NOT_FOUND)?;
    // One that cannot be reached any more leaves the other way: another factor.
    let notice = match send(visit, change.id, OLD_END, &to).await? {
        Ok(()) => "",
        Err(_) => "&notice=later",
    };
    visit.cx.commit().await?;
    Ok(visit.redirect(&format!("{CONFIRM}?change={}{notice}", change.id), None))
}

async fn resend(mut visit: Visit, form: PostedForm) -> Response {
    let answered = do_resend(&mut visit, &form).await;
    visit.answer(answered)
}

async fn do_resend(visit: &mut Visit, form: &PostedForm) -> Result<Response, PageRefusal> {
    let fields = form.fields()?;
    let Some(owner) = owner_of_form(visit, &fields).await? else {
        return Ok(to_sign_in(visit));
    };
    let Some(change) = change_of(visit, &owner, fields.text("change")?).await? else {
        return Ok(visit.redirect(Page::Profile.path(), None));
    };
    let Some((end, number)) = asked(&owner, &change) else {
        return Ok(visit.redirect(Page::Profile.path(), None));
    };
    let to = IdentifierValue::phone(number).map_err(|_| PageRefusal::NOT_FOUND)?;
    match send(visit, change.id, end, &to).await? {
        Ok(()) => {
            visit.cx.commit().await?;
            let path = format!("{CONFIRM}?change={}&notice=sent", change.id);
            Ok(visit.redirect(&path, None))
        }
        Err(message) => {
            visit.cx.rollback().await;
            code_page(visit, &owner, &change, None, Some(FormError::form(message)))
        }
    }
}

async fn lost(mut visit: Visit, form: PostedForm) -> Response {
    let answered = do_lost(&mut visit, &form).await;
    visit.answer(answered)
}

/// The number of before is gone: another factor, given lately, speaks for it.
///
/// SECURITY: not one that rests on that very number. Its owner is told by mail in any case.
async fn do_lost(visit: &mut Visit, form: &PostedForm) -> Result<Response, PageRefusal> {
    let fields = form.fields()?;
    let Some(owner) = owner_of_form(visit, &fields).await? else {
        return Ok(to_sign_in(visit));
    };
    let Some(change) = change_of(visit, &owner, fields.text("change")?).await? else {
        return Ok(visit.redirect(Page::Profile.path(), None));
    };
    if change.proven_at.is_none() {
        return Err(PageRefusal::Body);
    }
    if let Some(elsewhere) = fresh(visit, &owner, AccountNext::Account).await? {
        return Ok(elsewhere);
    }
    if rests_on_phone_alone(&owner.session.amr) {
        let error = FormError::form(Message::PhoneNeedsOtherFactor);
        return code_page(visit, &owner, &change, None, Some(error));
    }
    settle(visit, &owner, &change).await
}

/// Whether a session rests on a code by SMS and nothing else.
fn rests_on_phone_alone(amr: &[String]) -> bool {
    amr.iter().any(|value| value == "sms") && amr.iter().all(|value| value == "sms" || value == "otp")
}

/// The number is the owner's from now on; their mailbox is told.
async fn settle(
    visit: &mut Visit,
    owner: &Owner,
    change: &IdentifierChange,
) -> Result<Response, PageRefusal> {
    let locale = visit.context(None).locale;
    match identities::settle_phone_change(&mut visit.cx, &owner.user, change).await {
        Ok(()) => {}
        Err(IdentityError::IdentifierTaken { .. }) => {
            return wrong(visit, owner, Message::PhoneTaken).await;
        }
        Err(error) => return Err(page_of(error)),
    }
    let replaces = change.previous_id.is_some();
    let number = masked(&change.value);
    tell(&mut visit.cx, &owner.user, locale, |occasion| {
        if replaces {
            Mail::PhoneChanged { number, occasion }
        } else {
            let factor = Factor::Phone;
            Mail::FactorAdded { factor, occasion }
        }
    })
    .await?;
    visit.cx.commit().await?;
    let word = if replaces { "phone_changed" } else { "phone_added" };
    done(visit, Page::Profile, owner, (word, 0))
}

/// A number as it may stand in a mail: enough for its owner to know it.
fn masked(number: &str) -> String {
    let digits: Vec<char> = number.chars().filter(char::is_ascii_digit).collect();
    let (head, tail) = (digits.iter().take(2), digits.iter().rev().take(3).rev());
    let (head, tail): (String, String) = (head.collect(), tail.collect());
    format!("+{head} ••• {tail}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_mails_show_two_ends() {
        assert_eq!(masked("+49 (0)151 234-567 89"), "+49 ••• 789");
    }

    #[test]
    fn a_session_rests_on_its_phone_alone_only_without_any_other_factor() {
        let amr = |values: &[&str]| values.iter().map(|&value| value.to_owned()).collect::<Vec<_>>();
        assert!(rests_on_phone_alone(&amr(&["sms", "otp"])));
        for other in [
            &["pwd"][..],
            &["otp"],
            &["sms", "otp", "mfa", "pwd"],
            &["hwk", "user", "mfa"],
            &[],
        ] {
            assert!(!rests_on_phone_alone(&amr(other)), "{other:?}");
        }
    }
}
