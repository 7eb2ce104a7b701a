use std::time::Duration;

use authflow_types::SmsId;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use url::Url;

use super::model::{CapturedSms, Outgoing, Payload, Queued, Sms};
use super::provider::SmsSender;
use super::{PhoneNumber, SmsError, limits, store};
use crate::events::{self, Event};
use crate::pages::Locale;
use crate::tenants::Tenant;
use crate::vault::SealContext;
use crate::{Cx, Fault, jobs};

/// The kind of the job that delivers text messages.
pub const JOB_KIND: &str = jobs::SMS;

/// Most captured messages that are kept for a tenant, and shown.
const CAPTURED_LIMIT: i64 = 200;

/// Queues a text message in the context's transaction: it is sent if and only if the transaction commits. `to` is a phone
/// number in any international spelling. The source that asks is the context's address.
///
/// # Errors
/// [`SmsError::Off`], [`Number`](SmsError::Number), [`Country`](SmsError::Country), [`Kind`](SmsError::Kind) and
/// [`Limited`](SmsError::Limited) refuse; nothing is queued then, and the transaction can go on.
pub async fn queue(cx: &mut Cx, to: &str, locale: Locale, sms: Sms) -> Result<(), SmsError> {
    if !cx.app.sms.is_on() {
        return Err(SmsError::Off);
    }
    let number = PhoneNumber::parse(to).ok_or(SmsError::Number)?;
    limits::check_number(cx, &number)?;
    limits::count(cx, &number).await?;
    Ok(enqueue(cx, number.as_str().to_owned(), locale, sms).await?)
}

/// Queues a text message that the worker throws away.
///
/// # Security
/// As much is written as for somebody's: an answer tells nobody whether there is an account. It counts for nothing, or
/// whoever invents numbers would use up what real ones need.
pub async fn queue_for_nobody(cx: &mut Cx, locale: Locale, sms: Sms) -> Result<(), Fault> {
    limits::count_nothing(cx).await?;
    enqueue(cx, String::new(), locale, sms).await
}

async fn enqueue(cx: &mut Cx, recipient: String, locale: Locale, sms: Sms) -> Result<(), Fault> {
    let queued = Queued {
        recipient,
        locale: locale.tag().to_owned(),
        sms,
    };
    let id = SmsId::new(cx.now, cx.rng());
    let sealed = cx
        .tenant
        .data_key
        .seal(context(&id), &serde_json::to_vec(&queued)?)?;
    let payload = serde_json::to_value(Payload {
        id,
        queued_at: cx.now,
        sealed: STANDARD.encode(sealed),
    })?;
    let now = cx.now;
    jobs::enqueue(cx, JOB_KIND, payload, now).await
}

/// A code to type on the tenant's pages, bound to their host.
pub(crate) fn code_of(tenant: &Tenant, code: String, ttl: Duration) -> Sms {
    let issuer = Url::parse(&tenant.issuer).ok();
    let host = issuer.and_then(|url| url.host_str().map(str::to_owned));
    Sms::Code {
        code,
        expires_minutes: ttl.as_secs() / 60,
        domain: host.unwrap_or_default(),
    }
}

/// Delivers one queued message and commits.
///
/// # Errors
/// See [`SmsError::is_permanent`] for which are worth another try. A final refusal leaves the event `sms.failed`.
pub async fn deliver(cx: &mut Cx, payload: &Value) -> Result<(), SmsError> {
    let (payload, queued) = open(cx, payload)?;
    // For nobody: see `queue_for_nobody`.
    if queued.recipient.is_empty() {
        return Ok(());
    }
    if let Some(minutes) = queued.sms.expires_minutes()
        && payload.queued_at + std::time::Duration::from_secs(60 * minutes) <= cx.now
    {
        return failed(cx, payload.id, SmsError::Expired).await;
    }
    let to = PhoneNumber::parse(&queued.recipient).ok_or(SmsError::Queued)?;
    let locale = Locale::from_tag(&queued.locale).unwrap_or_default();
    let message = Outgoing {
        id: payload.id,
        tenant: cx.tenant.slug.clone(),
        to,
        text: text(cx, &queued.sms, locale),
    };
    match send(cx, message).await {
        Err(error) if error.is_permanent() => failed(cx, payload.id, error).await,
        sent => sent,
    }
}

/// Sends a message at once, for the command line; limits do not apply, countries do.
///
/// # Errors
/// As [`queue`] and [`deliver`].
pub async fn send_now(cx: &mut Cx, to: &str, locale: Locale, sms: &Sms) -> Result<(), SmsError> {
    if !cx.app.sms.is_on() {
        return Err(SmsError::Off);
    }
    let to = PhoneNumber::parse(to).ok_or(SmsError::Number)?;
    limits::check_number(cx, &to)?;
    let message = Outgoing {
        id: SmsId::new(cx.now, cx.rng()),
        tenant: cx.tenant.slug.clone(),
        to,
        text: text(cx, sms, locale),
    };
    send(cx, message).await
}

async fn send(cx: &mut Cx, message: Outgoing) -> Result<(), SmsError> {
    match &cx.app.sms {
        SmsSender::None => Err(SmsError::Off),
        SmsSender::Captured => {
            let sms = CapturedSms {
                id: message.id,
                recipient: message.to.as_str().to_owned(),
                body: message.text,
                created_at: cx.now,
            };
            let tenant = cx.tenant_id();
            store::insert_captured(cx.tx().await?, tenant, &sms).await?;
            store::drop_oldest(cx.tx().await?, tenant, CAPTURED_LIMIT).await?;
            Ok(cx.commit().await?)
        }
        SmsSender::Provider(provider) => {
            let request = provider.request(&message, cx.now)?;
            let answer = cx.app.outbound.send(request, provider.answer_limit()).await?;
            provider.outcome(&answer)
        }
    }
}

/// Notes that a message was given up.
async fn failed(cx: &mut Cx, id: SmsId, error: SmsError) -> Result<(), SmsError> {
    let reason = match &error {
        SmsError::Expired => "expired".to_owned(),
        SmsError::Refused { code } => code.clone(),
        _ => "failed".to_owned(),
    };
    let event = Event::new("sms.failed")
        .subject(id)
        .payload(json!({ "reason": reason }));
    events::append(cx, event).await?;
    cx.commit().await?;
    Err(error)
}

fn open(cx: &Cx, payload: &Value) -> Result<(Payload, Queued), SmsError> {
    let payload: Payload = serde_json::from_value(payload.clone()).map_err(|_| SmsError::Queued)?;
    let sealed = STANDARD.decode(&payload.sealed).map_err(|_| SmsError::Queued)?;
    let plain = cx
        .tenant
        .data_key
        .open(context(&payload.id), &sealed)
        .map_err(|_| SmsError::Queued)?;
    let queued = serde_json::from_slice(&plain).map_err(|_| SmsError::Queued)?;
    Ok((payload, queued))
}

/// What the phone shows. A code's last line is that of `WebOTP`: `@host #code`.
pub(super) fn text(cx: &Cx, sms: &Sms, locale: Locale) -> String {
    let tenant = &cx.tenant.brand.branding().name;
    match sms {
        Sms::Code {
            code,
            expires_minutes,
            domain,
        } => {
            let says = cx.app.pages.sms_code(locale, tenant, code, *expires_minutes);
            format!("{says}\n\n@{domain} #{code}")
        }
        Sms::Test => cx.app.pages.sms_test(locale, tenant),
    }
}

fn context(id: &SmsId) -> SealContext<'_> {
    SealContext::new("sms", id.as_bytes(), "payload")
}

/// The captured messages of the tenant, newest first.
pub async fn list_captured(cx: &Cx) -> Result<Vec<CapturedSms>, Fault> {
    let mut tx = cx.read().await?;
    Ok(store::list_captured(&mut tx, cx.tenant_id(), CAPTURED_LIMIT).await?)
}

/// One captured message of the tenant.
pub async fn find_captured(cx: &Cx, id: SmsId) -> Result<Option<CapturedSms>, Fault> {
    let mut tx = cx.read().await?;
    Ok(store::find_captured(&mut tx, cx.tenant_id(), id).await?)
}
