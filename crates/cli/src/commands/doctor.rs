//! `authflow doctor`: what would stop or weaken a server, without changing anything.

use authflow_db::{Db, DbOptions, SchemaState};
use authflow_server::config::{
    Config, DatabaseUrl, MailTls, MailTransport, MasterKeySource, SmsProvider, SqliteSynchronous,
};
use authflow_server::operators::OperatorError;
use authflow_server::{mail, operators, start};
use serde_json::json;

use super::installation;
use crate::failure::Failure;
use crate::output::Reply;

/// What one check found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Fine,
    Weak,
    Broken,
}

impl Verdict {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Fine => "ok",
            Self::Weak => "warning",
            Self::Broken => "error",
        }
    }
}

struct Finding {
    subject: &'static str,
    verdict: Verdict,
    text: String,
}

fn finding(subject: &'static str, verdict: Verdict, text: String) -> Finding {
    Finding {
        subject,
        verdict,
        text,
    }
}

/// Runs every check.
pub(super) async fn run(config: Config) -> Result<Reply, Failure> {
    let mut findings = settings(&config);
    findings.extend(messages(&config).await);
    findings.extend(Box::pin(installation_findings(config)).await);
    let is_healthy = !findings.iter().any(|finding| finding.verdict == Verdict::Broken);
    let rows: Vec<Vec<String>> = findings
        .iter()
        .map(|f| {
            vec![
                f.verdict.as_str().to_owned(),
                f.subject.to_owned(),
                f.text.clone(),
            ]
        })
        .collect();
    let checks: Vec<_> = findings
        .iter()
        .map(|f| json!({ "check": f.subject, "status": f.verdict.as_str(), "detail": f.text }))
        .collect();
    let reply = Reply::table(
        json!({ "healthy": is_healthy, "checks": checks }),
        &["", "check", "finding"],
        &rows,
    );
    Ok(if is_healthy { reply } else { reply.failed() })
}

fn settings(config: &Config) -> Vec<Finding> {
    let file = config
        .file
        .as_ref()
        .map_or("no file".to_owned(), |path| path.display().to_string());
    let mut findings = vec![finding("configuration", Verdict::Fine, file)];
    let url = &config.base_url;
    let address = if url.is_https() {
        finding("base URL", Verdict::Fine, url.to_string())
    } else if url.is_local() {
        finding(
            "base URL",
            Verdict::Weak,
            format!("{url} is reachable from this machine only"),
        )
    } else {
        finding(
            "base URL",
            Verdict::Weak,
            format!("{url} sends passwords and cookies in clear text"),
        )
    };
    findings.push(address);
    let argon2 = &config.passwords.argon2;
    // OWASP's least: 19 MiB with two passes, or the same work otherwise divided.
    if u64::from(argon2.memory_kib) * u64::from(argon2.iterations) < 2 * 19_456 {
        let text = "cheaper than 19 MiB and two passes: stolen hashes are guessed faster".to_owned();
        findings.push(finding("passwords", Verdict::Weak, text));
    }
    let is_sqlite = matches!(config.database_url(), DatabaseUrl::Sqlite(_));
    if is_sqlite && config.database.sqlite_synchronous == SqliteSynchronous::Normal {
        let text =
            "`database.sqlite_synchronous` is `normal`: a power cut may lose the last writes".to_owned();
        findings.push(finding("durability", Verdict::Weak, text));
    }
    findings
}

/// Whether mail and text messages can be sent. The mail server is asked; providers of text messages charge for answers.
async fn messages(config: &Config) -> Vec<Finding> {
    let transport = config.mail.transport;
    let mail = match mail::check(config).await {
        Some(Ok(())) => finding("mail", Verdict::Fine, "the mail server answers".to_owned()),
        Some(Err(failure)) => {
            let said = if failure.said.is_empty() {
                String::new()
            } else {
                format!(": {}", failure.said)
            };
            finding("mail", Verdict::Broken, format!("{}{said}", failure.error))
        }
        None => {
            let text = format!("`mail.transport` is `{}`: nobody gets mail", transport.as_str());
            finding("mail", Verdict::Weak, text)
        }
    };
    let mut findings = vec![mail];
    if transport == MailTransport::Smtp && config.mail.smtp.tls == MailTls::None {
        let text = "`mail.smtp.tls` is `none`: links and codes travel in clear text".to_owned();
        findings.push(finding("mail encryption", Verdict::Weak, text));
    }
    if config.sms.provider != SmsProvider::None {
        let text = format!(
            "{}, to {}",
            config.sms.provider.as_str(),
            config.sms.countries.join(", ")
        );
        findings.push(finding("text messages", Verdict::Fine, text));
    }
    findings
}

async fn installation_findings(config: Config) -> Vec<Finding> {
    let url = config.database_url();
    if let DatabaseUrl::Sqlite(path) = &url
        && !path.exists()
    {
        let text = format!("{url} does not exist yet; `authflow migrate` or the first start makes it");
        return vec![finding("database", Verdict::Weak, text)];
    }
    let (db, state) = match database(&config).await {
        Ok(opened) => opened,
        Err(failure) => return vec![finding("database", Verdict::Broken, failure.to_string())],
    };
    let mut findings = vec![schema(&url, &state)];
    if state != SchemaState::Current {
        return findings;
    }
    if let Err(error) = db.check_row_security().await {
        findings.push(finding("row security", Verdict::Broken, error.to_string()));
    }
    let is_sealed = start::is_sealed(&db).await.unwrap_or(true);
    db.close().await;
    match &config.key_source {
        MasterKeySource::File(path) if !is_sealed && !path.exists() => {
            let text = format!("{} does not exist yet; the first start makes it", path.display());
            findings.push(finding("master key", Verdict::Weak, text));
        }
        _ => findings.extend(opened(config).await),
    }
    findings
}

fn schema(url: &DatabaseUrl, state: &SchemaState) -> Finding {
    let (verdict, text) = match state {
        SchemaState::Current => (Verdict::Fine, format!("{url} is at this version")),
        SchemaState::Empty => (Verdict::Broken, format!("{url} is empty; run `authflow migrate`")),
        SchemaState::Behind { found, expected } => (
            Verdict::Broken,
            format!("{url} is at version {found} of {expected}; run `authflow migrate`"),
        ),
        SchemaState::Ahead { .. } => (
            Verdict::Broken,
            format!("{url} was made by a newer version of Authflow"),
        ),
    };
    finding("database", verdict, text)
}

/// Opening changes nothing where the schema is current and the key is there; it proves the key and reads the rest.
async fn opened(config: Config) -> Vec<Finding> {
    match installation::open(config).await {
        Ok(app) => {
            let id = app.master_keys.active_id();
            let key = finding(
                "master key",
                Verdict::Fine,
                format!("key {id} is the one that sealed this data"),
            );
            let findings = vec![key, operator(operators::is_claimed(&app).await)];
            app.db.close().await;
            findings
        }
        Err(failure) => vec![finding("installation", Verdict::Broken, failure.to_string())],
    }
}

fn operator(is_claimed: Result<bool, OperatorError>) -> Finding {
    let (verdict, text) = match is_claimed {
        Ok(true) => (Verdict::Fine, "somebody runs this installation".to_owned()),
        Ok(false) => (
            Verdict::Weak,
            "nobody runs this installation yet; `authflow operator claim-link` prints a link for the first one"
                .to_owned(),
        ),
        Err(error) => (Verdict::Broken, error.to_string()),
    };
    finding("operator", verdict, text)
}

async fn database(config: &Config) -> Result<(Db, SchemaState), Failure> {
    let db = Db::connect(
        &config.database_url().expose(),
        &DbOptions::from(&config.database),
    )
    .await?;
    let state = db.schema_state().await?;
    Ok((db, state))
}
