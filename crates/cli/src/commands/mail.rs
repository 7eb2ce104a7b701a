//! `authflow mail ..` and `authflow sms ..`

use authflow_server::config::Config;
use authflow_server::mail::{self, Mail};
use authflow_server::pages::Locale;
use authflow_server::sms::{self, Sms};
use serde_json::json;

use super::installation::{context, open};
use crate::args::mail::{MailCommand, Preview, SmsCommand, Test};
use crate::failure::Failure;
use crate::output::Reply;

pub(super) async fn run(config: Config, command: &MailCommand) -> Result<Reply, Failure> {
    match command {
        MailCommand::Test(test) => send(config, test).await,
        MailCommand::Preview(which) => preview(config, which).await,
        MailCommand::Templates => Ok(templates()),
    }
}

pub(super) async fn run_sms(config: Config, command: &SmsCommand) -> Result<Reply, Failure> {
    let SmsCommand::Test(test) = command;
    let app = open(config).await?;
    let mut cx = context(&app, &test.tenant.tenant).await?;
    let sent = sms::send_now(&mut cx, &test.to, locale(test.locale.as_deref())?, &Sms::Test).await;
    app.db.close().await;
    sent.map_err(|error| Failure::chain("sms.not_sent", &error))?;
    Ok(taken(&test.to))
}

async fn send(config: Config, test: &Test) -> Result<Reply, Failure> {
    let app = open(config).await?;
    let mut cx = context(&app, &test.tenant.tenant).await?;
    let locale = locale(test.locale.as_deref())?;
    let sent = mail::send_now(&mut cx, &test.to, locale, Mail::Test).await;
    app.db.close().await;
    match sent {
        Ok(()) => Ok(taken(&test.to)),
        Err(failure) if failure.said.is_empty() => {
            Err(Failure::new("mail.not_sent", failure.error.to_string()))
        }
        Err(failure) => {
            let reason = format!("{}: {}", failure.error, failure.said);
            Err(Failure::new("mail.not_sent", reason))
        }
    }
}

fn taken(to: &str) -> Reply {
    Reply::record(
        json!({ "sent": true, "to": to }),
        &[("sent to", Some(to.to_owned()))],
    )
}

async fn preview(config: Config, which: &Preview) -> Result<Reply, Failure> {
    let locale = locale(which.locale.as_deref())?;
    let app = open(config).await?;
    let cx = context(&app, &which.tenant.tenant).await?;
    let rendered = mail::preview(&cx, &which.template, locale);
    app.db.close().await;
    let rendered = rendered
        .map_err(|error| Failure::chain("mail.render", &error))?
        .ok_or_else(|| {
            let text = format!(
                "no mail `{}`; `authflow mail templates` lists them",
                which.template
            );
            Failure::usage("mail.unknown_template", text)
        })?;
    let json = json!({ "subject": rendered.subject, "text": rendered.text, "html": rendered.html });
    let part = if which.html {
        rendered.html
    } else {
        format!("{}\n\n{}", rendered.subject, rendered.text)
    };
    let Some(path) = &which.out else {
        return Ok(Reply::text(json, part));
    };
    std::fs::write(path, part).map_err(|error| {
        Failure::usage(
            "file.unwritable",
            format!("cannot write `{}`: {error}", path.display()),
        )
    })?;
    Ok(Reply::record(
        json,
        &[("written", Some(path.display().to_string()))],
    ))
}

fn templates() -> Reply {
    let names: Vec<&str> = Mail::samples().iter().map(Mail::template).collect();
    let rows: Vec<Vec<String>> = names.iter().map(|name| vec![(*name).to_owned()]).collect();
    Reply::table(json!({ "data": names }), &["template"], &rows)
}

fn locale(tag: Option<&str>) -> Result<Locale, Failure> {
    tag.map_or(Ok(Locale::default()), |tag| {
        Locale::from_tag(tag).ok_or_else(|| {
            let known: Vec<&str> = Locale::ALL.iter().map(|locale| locale.tag()).collect();
            Failure::usage(
                "locale.unknown",
                format!("no language `{tag}`; known are {}", known.join(", ")),
            )
        })
    })
}
