//! Delivery by SMTP (RFC 5321): connections that are used again, and what a refusal means.

use std::fmt;
use std::path::PathBuf;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime};

use authflow_types::{MailId, Timestamp};
use lettre::address::Address;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message, MultiPart, SinglePart};
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{Certificate, CertificateStore, Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::{AsyncSmtpTransportBuilder, Error as SmtpError, PoolConfig};
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor};
use url::Host;

use super::error::{MailError, RefusalReason};
use crate::config::{BaseUrl, Mail as Settings, MailTls, MailTransport, Smtp};
use crate::identities::IdentifierValue;
use crate::pages::RenderedMail;

type Transport = AsyncSmtpTransport<Tokio1Executor>;

/// After the server could not be reached, nobody tries for so long: a server that is away must not keep every worker
/// waiting for it.
const PAUSE: Duration = Duration::from_secs(3);

/// Why mail cannot be sent as configured.
#[derive(Debug, thiserror::Error)]
pub enum MailSetupError {
    /// No server is named.
    #[error("`mail.smtp.host` is not set")]
    NoHost,
    /// An address of the installation's own is none.
    #[error("`{setting}` is not an e-mail address")]
    Address {
        /// Which.
        setting: &'static str,
    },
    /// The file of authorities cannot be read.
    #[error("`mail.smtp.ca_file`: cannot read `{path}`")]
    CaFile {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// The file holds no certificates, or TLS cannot be set up.
    #[error("TLS cannot be set up; is `mail.smtp.ca_file` a PEM file with certificates?")]
    Tls,
}

/// What becomes of mail in this process.
pub(crate) enum Mailer {
    /// It is dropped.
    None,
    /// It is kept for `/dev/outbox`.
    Captured,
    /// It is sent.
    Smtp(Box<SmtpMailer>),
}

impl Mailer {
    /// As configured; reads the authorities' file and talks to nobody.
    pub(crate) fn new(settings: &Settings, base_url: &BaseUrl) -> Result<Self, MailSetupError> {
        Ok(match settings.transport {
            MailTransport::None => Self::None,
            MailTransport::Captured => Self::Captured,
            MailTransport::Smtp => Self::Smtp(Box::new(SmtpMailer::new(settings, base_url)?)),
        })
    }
}

/// A refusal, and what the server said about it: for the operator's eyes, since it often names the recipient.
#[derive(Debug)]
pub struct SmtpFailure {
    /// What it means.
    pub error: MailError,
    /// The server's own words.
    pub said: String,
}

/// One mail to one recipient.
pub(super) struct Letter<'a> {
    pub(super) id: MailId,
    pub(super) recipient: &'a str,
    /// The sender's name where none is configured.
    pub(super) tenant: &'a str,
    pub(super) rendered: RenderedMail,
    pub(super) now: Timestamp,
}

/// The server that takes mail.
pub(crate) struct SmtpMailer {
    from: Address,
    from_name: Option<String>,
    reply_to: Option<Mailbox>,
    builder: AsyncSmtpTransportBuilder,
    /// Made at the first mail: an installation that sends none pays nothing.
    transport: OnceLock<Transport>,
    /// When the server was last found away, in microseconds.
    away_since: AtomicI64,
}

impl fmt::Debug for SmtpMailer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SmtpMailer").finish_non_exhaustive()
    }
}

impl SmtpMailer {
    fn new(settings: &Settings, base_url: &BaseUrl) -> Result<Self, MailSetupError> {
        let own = |setting, text: &str| parse_address(text).ok_or(MailSetupError::Address { setting });
        let reply_to = match &settings.reply_to {
            Some(text) => Some(Mailbox::new(None, own("mail.reply_to", text)?)),
            None => None,
        };
        Ok(Self {
            from: own("mail.from", &settings.from)?,
            from_name: settings.from_name.clone(),
            reply_to,
            builder: builder(&settings.smtp, base_url)?,
            transport: OnceLock::new(),
            away_since: AtomicI64::new(i64::MIN),
        })
    }

    fn transport(&self) -> &Transport {
        self.transport.get_or_init(|| self.builder.clone().build())
    }

    /// Hands a mail to the server.
    pub(super) async fn send(&self, letter: Letter<'_>) -> Result<(), SmtpFailure> {
        let now = letter.now;
        let away = Timestamp::from_micros(self.away_since.load(Ordering::Relaxed).max(0));
        if away <= now && now < away + PAUSE {
            return Err(silent(MailError::Unreachable));
        }
        let message = self.message(letter).map_err(silent)?;
        match self.transport().send(message).await {
            Ok(_) => Ok(()),
            Err(error) => {
                let failure = explain(&error);
                if matches!(failure.error, MailError::Unreachable | MailError::TimedOut) {
                    self.away_since.store(now.as_micros(), Ordering::Relaxed);
                }
                Err(failure)
            }
        }
    }

    /// Whether the server answers, speaks TLS as configured, and accepts our credentials.
    pub(super) async fn check(&self) -> Result<(), SmtpFailure> {
        match self.transport().test_connection().await {
            Ok(true) => Ok(()),
            Ok(false) => Err(silent(MailError::Unreachable)),
            Err(error) => Err(explain(&error)),
        }
    }

    /// SECURITY: every header goes through the library's encoder, and names and subject come without control
    /// characters, so that no value can begin a header of its own.
    fn message(&self, letter: Letter<'_>) -> Result<Message, MailError> {
        let RenderedMail { subject, text, html } = letter.rendered;
        let name = crate::pages::printable(self.from_name.as_deref().unwrap_or(letter.tenant));
        let to = parse_address(letter.recipient).ok_or(MailError::Address)?;
        let seconds = u64::try_from(letter.now.as_secs()).unwrap_or(0);
        let header =
            |name, value: &str| HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned());
        let mut message = Message::builder()
            .from(Mailbox::new(Some(name), self.from.clone()))
            .to(Mailbox::new(None, to))
            .subject(subject)
            .date(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds))
            // The same at every attempt, so that a mail taken twice can be shown once.
            .message_id(Some(format!("<{}@{}>", letter.id, self.from.domain())))
            // RFC 3834 5: no absence notes in answer.
            .raw_header(header("Auto-Submitted", "auto-generated"));
        if let Some(reply_to) = &self.reply_to {
            message = message.reply_to(reply_to.clone());
        }
        let parts = MultiPart::alternative()
            .boundary(format!("authflow_{}", letter.id))
            .singlepart(SinglePart::plain(text))
            .singlepart(SinglePart::html(html));
        message.multipart(parts).map_err(|_| MailError::Address)
    }
}

/// An address in the form that servers take: the domain in ASCII.
fn parse_address(text: &str) -> Option<Address> {
    let local = text.rsplit_once('@')?.0;
    let known = IdentifierValue::email(text).ok()?;
    let domain = known.normalized().rsplit_once('@')?.1.to_owned();
    Address::new(local, domain).ok()
}

fn builder(settings: &Smtp, base_url: &BaseUrl) -> Result<AsyncSmtpTransportBuilder, MailSetupError> {
    let host = settings.host.clone().ok_or(MailSetupError::NoHost)?;
    let (tls, usual_port) = match settings.tls {
        MailTls::None => (Tls::None, 25),
        MailTls::Starttls => (Tls::Required(parameters(settings, &host)?), 587),
        MailTls::Implicit => (Tls::Wrapper(parameters(settings, &host)?), 465),
    };
    let port = u16::try_from(settings.port).ok().filter(|port| *port != 0);
    let hello = match (&settings.hello_name, base_url.host()) {
        (Some(name), _) | (None, Host::Domain(name)) => ClientId::Domain(name.clone()),
        (None, Host::Ipv4(address)) => ClientId::Ipv4(*address),
        (None, Host::Ipv6(address)) => ClientId::Ipv6(*address),
    };
    let pool = PoolConfig::new()
        .min_idle(0)
        .max_size(settings.max_connections)
        .idle_timeout(settings.idle_timeout);
    let mut builder = Transport::builder_dangerous(host)
        .port(port.unwrap_or(usual_port))
        .tls(tls)
        .timeout(Some(settings.timeout))
        .hello_name(hello)
        .pool_config(pool);
    if let (Some(name), Some(password)) = (&settings.username, &settings.password) {
        builder = builder
            .credentials(Credentials::new(name.clone(), password.expose().to_owned()))
            .authentication(vec![Mechanism::Plain, Mechanism::Login]);
    }
    Ok(builder)
}

fn parameters(settings: &Smtp, host: &str) -> Result<TlsParameters, MailSetupError> {
    let mut parameters = TlsParameters::builder(host.to_owned());
    if let Some(path) = &settings.ca_file {
        let pem = std::fs::read(path).map_err(|source| MailSetupError::CaFile {
            path: path.clone(),
            source,
        })?;
        let authorities = certificates(&pem)?;
        parameters = parameters.certificate_store(CertificateStore::None);
        for authority in authorities {
            parameters = parameters.add_root_certificate(authority);
        }
    }
    parameters.build().map_err(|_| MailSetupError::Tls)
}

/// The certificates of a PEM file; an empty one is a mistake, not "trust nobody".
fn certificates(pem: &[u8]) -> Result<Vec<Certificate>, MailSetupError> {
    const BEGIN: &[u8] = b"-----BEGIN CERTIFICATE-----";
    if !pem.windows(BEGIN.len()).any(|window| window == BEGIN) {
        return Err(MailSetupError::Tls);
    }
    Ok(vec![Certificate::from_pem(pem).map_err(|_| MailSetupError::Tls)?])
}

fn silent(error: MailError) -> SmtpFailure {
    SmtpFailure {
        error,
        said: String::new(),
    }
}

/// What a failure means, and what was said.
fn explain(error: &SmtpError) -> SmtpFailure {
    let mut said = String::new();
    let mut cause = std::error::Error::source(error);
    while let Some(source) = cause {
        if !said.is_empty() {
            said.push_str(": ");
        }
        said.push_str(&source.to_string());
        cause = source.source();
    }
    let code = error.status().map(u16::from);
    let error = match code {
        Some(code) => by_reply(code, &said),
        None if error.is_timeout() => MailError::TimedOut,
        None if error.is_tls() => MailError::Tls,
        None if error.is_client() || error.is_response() => MailError::Protocol,
        None => MailError::Unreachable,
    };
    SmtpFailure { error, said }
}

/// What a negative reply means. The enhanced status code (RFC 3463) says more than the three digits, where there is one.
fn by_reply(code: u16, said: &str) -> MailError {
    // RFC 4954 6: the server does not know us; that is no fault of the recipient's.
    if matches!(code, 432 | 454 | 530 | 534 | 535 | 538) {
        return MailError::Credentials { code };
    }
    if (400..500).contains(&code) {
        return MailError::Deferred { code };
    }
    let mut parts = said.split_whitespace().next().unwrap_or_default().split('.');
    let mut next = || parts.next().and_then(|part| part.parse::<u16>().ok());
    let reason = match (next(), next(), next()) {
        (Some(5), Some(1), Some(7 | 8)) => RefusalReason::Sender,
        (Some(5), Some(2), Some(2)) => RefusalReason::MailboxFull,
        (Some(5), Some(1 | 2), Some(_)) => RefusalReason::Recipient,
        (Some(5), Some(7), Some(_)) => RefusalReason::Policy,
        (Some(5), Some(_), Some(_)) => RefusalReason::Other,
        _ if matches!(code, 550 | 551 | 553) => RefusalReason::Recipient,
        _ if code == 552 => RefusalReason::MailboxFull,
        _ => RefusalReason::Other,
    };
    MailError::Refused { code, reason }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mailer() -> SmtpMailer {
        let mut settings = Settings {
            transport: MailTransport::Smtp,
            from: "no-reply@b\u{fc}cher.example".to_owned(),
            ..Settings::default()
        };
        settings.smtp.host = Some("mx.example".to_owned());
        settings.smtp.tls = MailTls::None;
        SmtpMailer::new(&settings, &BaseUrl::parse("https://id.example").unwrap()).unwrap()
    }

    fn letter(recipient: &'static str, tenant: &'static str, subject: &str) -> Letter<'static> {
        Letter {
            id: MailId::from_uuid(uuid::Uuid::from_u128(7)),
            recipient,
            tenant,
            rendered: RenderedMail {
                subject: subject.to_owned(),
                text: "Grüße\n.\nQUIT\n".to_owned(),
                html: "<p>Grüße</p>".to_owned(),
            },
            now: Timestamp::from_secs(1_790_000_000),
        }
    }

    #[test]
    fn message_is_complete_and_encoded() {
        let message = mailer()
            .message(letter(
                "Tom@M\u{fc}nchen.example",
                "Grün & Söhne, GmbH",
                "Bestätigen: 日本",
            ))
            .unwrap();
        let text = String::from_utf8(message.formatted()).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert!(head.is_ascii() && body.is_ascii(), "{text}");
        for line in [
            "Message-ID: <mai_00000000000000000000000007@xn--bcher-kva.example>",
            "Date: Mon, 21 Sep 2026 14:13:20 +0000",
            "To: Tom@xn--mnchen-3ya.example",
            "Auto-Submitted: auto-generated",
            "MIME-Version: 1.0",
        ] {
            assert!(head.lines().any(|found| found == line), "{line} in\n{head}");
        }
        assert!(head.contains("From: =?utf-8?") && head.contains("<no-reply@xn--bcher-kva.example>"));
        assert!(head.contains("multipart/alternative"));
        let (plain, html) = (body.find("text/plain").unwrap(), body.find("text/html").unwrap());
        assert!(
            plain < html,
            "the last part is the one to prefer (RFC 2046 5.1.4)"
        );
    }

    #[test]
    fn nothing_can_begin_a_header_of_its_own() {
        let message = mailer()
            .message(letter("a@b.example", "Acme\r\nBcc: x@evil.example", "Hi"))
            .unwrap();
        let text = String::from_utf8(message.formatted()).unwrap();
        let (head, _) = text.split_once("\r\n\r\n").unwrap();
        assert!(!head.lines().any(|line| line.starts_with("Bcc")), "{head}");
        assert_eq!(message.envelope().to().len(), 1);
        for bad in [
            "a@b.example\r\nBcc: x@evil.example",
            "a@b.example>\r\nRCPT TO:<x@evil.example",
            "a@b.example, x@evil.example",
            "\"a b\"@b.example",
        ] {
            let bad: &'static str = bad;
            assert!(
                matches!(
                    mailer().message(letter(bad, "Acme", "Hi")),
                    Err(MailError::Address)
                ),
                "{bad}"
            );
        }
    }

    #[test]
    fn replies_mean_what_the_standards_say() {
        use RefusalReason as R;
        let refused = |code, said| match by_reply(code, said) {
            MailError::Refused { reason, .. } => Some(reason),
            _ => None,
        };
        assert_eq!(
            refused(550, "5.1.1 no such user <a@b.example>"),
            Some(R::Recipient)
        );
        assert_eq!(refused(550, "no such user"), Some(R::Recipient));
        assert_eq!(refused(550, "5.7.26 unauthenticated mail"), Some(R::Policy));
        assert_eq!(refused(553, "5.1.8 sender refused"), Some(R::Sender));
        assert_eq!(refused(552, "5.2.2 over quota"), Some(R::MailboxFull));
        assert_eq!(refused(554, "transaction failed"), Some(R::Other));
        assert!(matches!(
            by_reply(535, "5.7.8 bad credentials"),
            MailError::Credentials { code: 535 }
        ));
        assert!(matches!(
            by_reply(451, "4.3.0 later"),
            MailError::Deferred { code: 451 }
        ));
        assert!(matches!(by_reply(421, ""), MailError::Deferred { code: 421 }));
    }

    #[test]
    fn what_cannot_work_is_refused_at_start() {
        let base = BaseUrl::parse("https://id.example").unwrap();
        let mut settings = Settings {
            transport: MailTransport::Smtp,
            from: "no-reply@a.example".to_owned(),
            ..Settings::default()
        };
        assert!(matches!(
            SmtpMailer::new(&settings, &base),
            Err(MailSetupError::NoHost)
        ));
        settings.smtp.host = Some("mx.example".to_owned());
        settings.smtp.ca_file = Some(PathBuf::from("/nonexistent/ca.pem"));
        assert!(matches!(
            SmtpMailer::new(&settings, &base),
            Err(MailSetupError::CaFile { .. })
        ));
        settings.smtp.ca_file = Some(PathBuf::from("/dev/null"));
        assert!(matches!(
            SmtpMailer::new(&settings, &base),
            Err(MailSetupError::Tls)
        ));
        settings.from = "nobody".to_owned();
        assert!(matches!(
            SmtpMailer::new(&settings, &base),
            Err(MailSetupError::Address { setting: "mail.from" })
        ));
    }
}
