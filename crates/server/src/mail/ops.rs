use authflow_types::MailId;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::model::{CapturedMail, Mail, Payload, Queued};
use super::{MailError, store};
use crate::config::MailTransport;
use crate::pages::{Locale, RenderedMail};
use crate::vault::SealContext;
use crate::{Cx, Fault, jobs};

/// The kind of the job that delivers mail.
pub const JOB_KIND: &str = "mail";

/// Most captured mails that are kept for a tenant, and shown.
const CAPTURED_LIMIT: i64 = 200;

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
        sealed: STANDARD.encode(sealed),
    })?;
    let now = cx.now;
    jobs::enqueue(cx, JOB_KIND, payload, now).await
}

/// Delivers one queued mail and commits. Delivering it twice captures it once.
///
/// # Errors
/// [`MailError::Queued`] is final; the others are worth another try.
pub async fn deliver(cx: &mut Cx, payload: &Value) -> Result<(), MailError> {
    let (id, queued) = open(cx, payload)?;
    let rendered = render(cx, &queued)?;
    match cx.app.config.mail.transport {
        MailTransport::Captured => {
            let mail = CapturedMail {
                id,
                recipient: queued.recipient,
                subject: rendered.subject,
                body_text: rendered.text,
                body_html: rendered.html,
                created_at: cx.now,
            };
            let tenant = cx.tenant_id();
            store::insert_captured(cx.tx().await?, tenant, &mail).await?;
            store::drop_oldest(cx.tx().await?, tenant, CAPTURED_LIMIT).await?;
        }
        MailTransport::None => tracing::warn!(mail = %id, "a mail was dropped: `mail.transport` is `none`"),
    }
    Ok(cx.commit().await?)
}

fn open(cx: &Cx, payload: &Value) -> Result<(MailId, Queued), MailError> {
    let payload: Payload = serde_json::from_value(payload.clone()).map_err(|_| MailError::Queued)?;
    let sealed = STANDARD.decode(&payload.sealed).map_err(|_| MailError::Queued)?;
    let plain = cx
        .tenant
        .data_key
        .open(context(&payload.id), &sealed)
        .map_err(|_| MailError::Queued)?;
    let queued = serde_json::from_slice(&plain).map_err(|_| MailError::Queued)?;
    Ok((payload.id, queued))
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
