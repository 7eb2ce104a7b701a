//! `/dev/outbox`: mail and text messages that a development server keeps instead of sending them.

use authflow_types::{MailId, SmsId};
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;

use super::{CapturedMail, find_captured, list_captured};
use crate::http::visit::{PageRefusal, Visit};
use crate::http::{Access, Cors, Routes};
use crate::pages::{OutboxMail, OutboxMailView, OutboxRow, OutboxView, mail_preview};
use crate::sms;

/// Pages of the development server.
pub(crate) fn routes() -> Routes {
    Routes::default()
        .get("/dev/outbox", Access::Dev, Cors::None, outbox)
        .get("/dev/outbox/{id}", Access::Dev, Cors::None, mail)
        .get("/dev/outbox/{id}/html", Access::Dev, Cors::None, html)
}

async fn outbox(visit: Visit) -> Response {
    visit.answer(show_outbox(&visit).await)
}

async fn show_outbox(visit: &Visit) -> Result<Response, PageRefusal> {
    dev_only(visit)?;
    let mails = list_captured(&visit.cx).await?.into_iter().map(|mail| OutboxRow {
        id: mail.id.to_string(),
        to: mail.recipient,
        subject: mail.subject,
        sms: false,
        sent_at: mail.created_at,
    });
    let texts = sms::list_captured(&visit.cx)
        .await?
        .into_iter()
        .map(|sms| OutboxRow {
            id: sms.id.to_string(),
            to: sms.recipient,
            subject: first_line(&sms.body),
            sms: true,
            sent_at: sms.created_at,
        });
    let mut mails: Vec<OutboxRow> = mails.chain(texts).collect();
    mails.sort_by_key(|row| std::cmp::Reverse(row.sent_at));
    let view = OutboxView { mails };
    Ok(visit.respond(StatusCode::OK, &view, &visit.context(None)))
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}

async fn mail(visit: Visit, Path(id): Path<String>) -> Response {
    let shown = match id.parse() {
        Ok(id) => text_message(&visit, id).await,
        Err(_) => get(&visit, &id).await.map(|mail| shown_mail(&visit, mail)),
    };
    visit.answer(
        shown.map(|mail| visit.respond(StatusCode::OK, &OutboxMailView { mail }, &visit.context(None))),
    )
}

fn shown_mail(visit: &Visit, mail: CapturedMail) -> OutboxMail {
    OutboxMail {
        id: mail.id.to_string(),
        from: visit.cx.app.config.mail.from.clone(),
        to: mail.recipient,
        subject: mail.subject,
        sent_at: mail.created_at,
        text: mail.body_text,
        has_html: !mail.body_html.is_empty(),
    }
}

async fn text_message(visit: &Visit, id: SmsId) -> Result<OutboxMail, PageRefusal> {
    dev_only(visit)?;
    let sms = sms::find_captured(&visit.cx, id)
        .await?
        .ok_or(PageRefusal::NOT_FOUND)?;
    let sender = visit.cx.app.config.sms.sender.clone();
    Ok(OutboxMail {
        id: sms.id.to_string(),
        from: sender.unwrap_or_else(|| visit.cx.tenant.name.clone()),
        to: sms.recipient,
        subject: first_line(&sms.body),
        sent_at: sms.created_at,
        text: sms.body,
        has_html: false,
    })
}

async fn html(visit: Visit, Path(id): Path<String>) -> Response {
    let shown = get(&visit, &id).await.map(|mail| mail_preview(mail.body_html));
    visit.answer(shown)
}

async fn get(visit: &Visit, id: &str) -> Result<CapturedMail, PageRefusal> {
    dev_only(visit)?;
    let id: MailId = id.parse().map_err(|_| PageRefusal::NOT_FOUND)?;
    find_captured(&visit.cx, id).await?.ok_or(PageRefusal::NOT_FOUND)
}

fn dev_only(visit: &Visit) -> Result<(), PageRefusal> {
    if visit.cx.app.config.is_dev() {
        Ok(())
    } else {
        Err(PageRefusal::NOT_FOUND)
    }
}
