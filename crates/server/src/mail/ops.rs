use std::sync::Arc;
use std::time::Duration;

use authflow_types::MailId;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::model::{CapturedMail, Mail, Payload, Queued};
use super::smtp::{Letter, Mailer, SmtpFailure};
use super::{MailError, MailSetupError, bounces, store};
use crate::config::Config;
use crate::events::{self, Event};
use crate::pages::{Locale, RenderedMail};
use crate::vault::SealContext;
use crate::{Cx, Fault, jobs};

/// The kind of the job that delivers mail.
pub const JOB_KIND: &str = "mail";

/// Most captured mails that are kept for a tenant, and shown.
const CAPTURED_LIMIT: i64 = 200;

/// Whether mail goes anywhere at all: what rests on a mail is not offered otherwise.
pub(crate) fn can_send(cx: &Cx) -> bool {
    !matches!(cx.app.mailer, Mailer::None)
}

/// Queues a mail for whoever is found; for nobody, one that the worker throws away.
///
/// # Security
/// What is written, and so how long it takes, is the same: an answer tells nobody whether there is an account.
pub async fn queue_for(
    cx: &mut Cx,
    recipient: Option<&str>,
    locale: Locale,
    mail: Mail,
) -> Result<(), Fault> {
    queue(cx, recipient.unwrap_or_default(), locale, mail).await
}

/// Queues a mail in the context's transaction: it is sent if and only if the transaction commits.
pub async fn queue(cx: &mut Cx, recipient: &str, locale: Locale, mail: Mail) -> Result<(), Fault> {
    let queued = Queued {
        recipient: recipient.to_owned(),
        locale: locale.tag().to_owned(),
        mail,
    };
    let id = MailId::new(cx.now, cx.rng());
    let sealed = cx
        .tenant
        .data_key
        .seal(context(&id), &serde_json::to_vec(&queued)?)?;
    let payload = serde_json::to_value(Payload {
        id,
        queued_at: Some(cx.now),
        sealed: STANDARD.encode(sealed),
    })?;
    let now = cx.now;
    jobs::enqueue(cx, JOB_KIND, payload, now).await
}

/// Delivers one queued mail and commits. Delivering it twice captures it once, and sends it with the same Message-ID.
///
/// # Errors
/// See [`MailError::is_permanent`] for which are worth another try. A final refusal leaves an event, `mail.bounced` or
/// `mail.failed`, and where it tells something about the mailbox, a note of that.
pub async fn deliver(cx: &mut Cx, payload: &Value) -> Result<(), MailError> {
    let (payload, queued) = open(cx, payload)?;
    // For nobody: see `queue_for`.
    if queued.recipient.is_empty() {
        return Ok(());
    }
    match hand_over(cx, &payload, &queued).await {
        Ok(()) => bounces::forget(cx, &queued.recipient).await?,
        Err(error) if error.is_permanent() => {
            give_up(cx, &payload, &queued, &error).await?;
            cx.commit().await?;
            return Err(error);
        }
        Err(error) => return Err(error),
    }
    Ok(cx.commit().await?)
}

async fn hand_over(cx: &mut Cx, payload: &Payload, queued: &Queued) -> Result<(), MailError> {
    let app = Arc::clone(&cx.app);
    let ttl = queued
        .mail
        .expires_minutes()
        .map(|minutes| Duration::from_secs(60 * minutes));
    let is_late = |(queued_at, ttl)| queued_at + ttl <= cx.now;
    if payload.queued_at.zip(ttl).is_some_and(is_late) {
        return Err(MailError::Expired);
    }
    let rendered = render(cx, queued)?;
    match &app.mailer {
        Mailer::Captured => capture(cx, payload.id, &queued.recipient, rendered).await?,
        Mailer::None => tracing::warn!(mail = %payload.id, "a mail was dropped: `mail.transport` is `none`"),
        Mailer::Smtp(smtp) => {
            let letter = letter(cx, payload.id, &queued.recipient, rendered);
            smtp.send(letter).await.map_err(|failure| failure.error)?;
        }
    }
    Ok(())
}

fn letter<'a>(cx: &'a Cx, id: MailId, recipient: &'a str, rendered: RenderedMail) -> Letter<'a> {
    Letter {
        id,
        recipient,
        tenant: &cx.tenant.brand.branding().name,
        rendered,
        now: cx.now,
    }
}

async fn capture(cx: &mut Cx, id: MailId, recipient: &str, rendered: RenderedMail) -> Result<(), MailError> {
    let mail = CapturedMail {
        id,
        recipient: recipient.to_owned(),
        subject: rendered.subject,
        body_text: rendered.text,
        body_html: rendered.html,
        created_at: cx.now,
    };
    let tenant = cx.tenant_id();
    store::insert_captured(cx.tx().await?, tenant, &mail).await?;
    store::drop_oldest(cx.tx().await?, tenant, CAPTURED_LIMIT).await?;
    Ok(())
}

/// Notes in the transaction that a mail was given up, and why.
async fn give_up(
    cx: &mut Cx,
    payload: &Payload,
    queued: &Queued,
    error: &MailError,
) -> Result<(), MailError> {
    let is_bounce = match error {
        MailError::Refused { reason, .. } => reason.is_bounce(),
        MailError::Address => true,
        _ => false,
    };
    if is_bounce {
        bounces::note(cx, &queued.recipient, error.reason()).await?;
    }
    let kind = if is_bounce { "mail.bounced" } else { "mail.failed" };
    let event = Event::new(kind)
        .subject(payload.id)
        .payload(json!({ "template": queued.mail.template(), "reason": error.reason() }));
    Ok(events::append(cx, event).await?)
}

/// Sends a mail at once and says what came of it, for the command line.
///
/// # Errors
/// The refusal, with the server's own words.
pub async fn send_now(cx: &mut Cx, to: &str, locale: Locale, mail: Mail) -> Result<(), SmtpFailure> {
    let app = Arc::clone(&cx.app);
    let quiet = |error: MailError| SmtpFailure {
        error,
        said: String::new(),
    };
    let queued = Queued {
        recipient: to.to_owned(),
        locale: locale.tag().to_owned(),
        mail,
    };
    let rendered = render(cx, &queued).map_err(quiet)?;
    let id = MailId::new(cx.now, cx.rng());
    match &app.mailer {
        Mailer::None => Err(quiet(MailError::Off)),
        Mailer::Captured => {
            capture(cx, id, to, rendered).await.map_err(quiet)?;
            cx.commit().await.map_err(|error| quiet(error.into()))
        }
        Mailer::Smtp(smtp) => smtp.send(letter(cx, id, to, rendered)).await,
    }
}

/// Whether the configured server answers, speaks TLS and accepts the credentials; `None` where none is configured.
/// Opens no database and sends nothing.
pub async fn check(config: &Config) -> Option<Result<(), SmtpFailure>> {
    match Mailer::new(&config.mail, &config.base_url) {
        Ok(Mailer::Smtp(smtp)) => Some(smtp.check().await),
        Ok(_) => None,
        Err(error) => Some(Err(SmtpFailure {
            said: setup_text(&error),
            error: MailError::Protocol,
        })),
    }
}

fn setup_text(error: &MailSetupError) -> String {
    use std::error::Error as _;
    match error.source() {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    }
}

/// A mail with example data, as a reader of the tenant gets it; `None` if there is no template of that name.
///
/// # Errors
/// [`MailError::Render`] if a template failed.
pub fn preview(cx: &Cx, template: &str, locale: Locale) -> Result<Option<RenderedMail>, MailError> {
    let template = template.replace('-', "_");
    let Some(mail) = Mail::samples()
        .into_iter()
        .find(|mail| mail.template() == template)
    else {
        return Ok(None);
    };
    let queued = Queued {
        recipient: "alice@example.com".to_owned(),
        locale: locale.tag().to_owned(),
        mail,
    };
    render(cx, &queued).map(Some)
}

fn open(cx: &Cx, payload: &Value) -> Result<(Payload, Queued), MailError> {
    let payload: Payload = serde_json::from_value(payload.clone()).map_err(|_| MailError::Queued)?;
    let sealed = STANDARD.decode(&payload.sealed).map_err(|_| MailError::Queued)?;
    let plain = cx
        .tenant
        .data_key
        .open(context(&payload.id), &sealed)
        .map_err(|_| MailError::Queued)?;
    let queued = serde_json::from_slice(&plain).map_err(|_| MailError::Queued)?;
    Ok((payload, queued))
}

fn render(cx: &Cx, queued: &Queued) -> Result<RenderedMail, MailError> {
    let locale = Locale::from_tag(&queued.locale).unwrap_or_default();
    let content = queued.mail.content(cx);
    Ok((cx.app.pages).mail(&content, &queued.recipient, &cx.tenant.brand, locale)?)
}

fn context(id: &MailId) -> SealContext<'_> {
    SealContext::new("mail", id.as_bytes(), "payload")
}

/// The captured mails of the tenant, newest first.
pub async fn list_captured(cx: &Cx) -> Result<Vec<CapturedMail>, Fault> {
    let mut tx = cx.read().await?;
    Ok(store::list_captured(&mut tx, cx.tenant_id(), CAPTURED_LIMIT).await?)
}

/// One captured mail of the tenant.
pub async fn find_captured(cx: &Cx, id: MailId) -> Result<Option<CapturedMail>, Fault> {
    let mut tx = cx.read().await?;
    Ok(store::find_captured(&mut tx, cx.tenant_id(), id).await?)
}
