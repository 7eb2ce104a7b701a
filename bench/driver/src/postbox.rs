//! Where the mail and the text messages of a run arrive: an SMTP server and an HTTP service of this process.

use anyhow::{Context, Result, bail};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use base64::Engine as _;
use serde::Deserialize;
use std::collections::{HashMap, VecDeque};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

/// No message takes longer on a working machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// Messages by recipient, until somebody reads them.
#[derive(Clone, Default)]
struct Boxes(Arc<Mutex<HashMap<String, Arc<Slot>>>>);

#[derive(Default)]
struct Slot {
    messages: Mutex<VecDeque<String>>,
    arrived: Notify,
}

/// A running inbox; it lives as long as the process.
pub(crate) struct Postbox {
    boxes: Boxes,
    smtp: SocketAddr,
    sms: SocketAddr,
}

impl Postbox {
    /// Opens both services on free ports.
    pub(crate) async fn open() -> Result<Self> {
        let boxes = Boxes::default();
        let mail = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let texts = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let postbox = Self {
            boxes: boxes.clone(),
            smtp: mail.local_addr()?,
            sms: texts.local_addr()?,
        };
        let service = axum::Router::new()
            .route("/send", post(take_text))
            .with_state(boxes.clone());
        tokio::spawn(async move { axum::serve(texts, service).await });
        tokio::spawn(async move {
            while let Ok((stream, _)) = mail.accept().await {
                let boxes = boxes.clone();
                // A client that breaks off loses only its own mail, and whoever waits for that says so.
                tokio::spawn(async move { speak_smtp(stream, &boxes).await });
            }
        });
        Ok(postbox)
    }

    /// The settings that make a server send here.
    pub(crate) fn settings(&self) -> Vec<(&'static str, String)> {
        let secret = base64::engine::general_purpose::STANDARD.encode([7; 32]);
        vec![
            ("AUTHFLOW_MAIL_TRANSPORT", "smtp".to_owned()),
            ("AUTHFLOW_MAIL_FROM", "no-reply@mail.example.test".to_owned()),
            ("AUTHFLOW_MAIL_SMTP_HOST", self.smtp.ip().to_string()),
            ("AUTHFLOW_MAIL_SMTP_PORT", self.smtp.port().to_string()),
            ("AUTHFLOW_MAIL_SMTP_TLS", "none".to_owned()),
            ("AUTHFLOW_SMS_PROVIDER", "http".to_owned()),
            ("AUTHFLOW_SMS_HTTP_URL", format!("http://{}/send", self.sms)),
            ("AUTHFLOW_SMS_HTTP_SECRET", format!("whsec_{secret}")),
            ("AUTHFLOW_SMS_COUNTRIES", "DE".to_owned()),
            ("AUTHFLOW_OUTBOUND_ALLOW_NETWORKS", "127.0.0.0/8".to_owned()),
            ("AUTHFLOW_OUTBOUND_ALLOW_HTTP", "true".to_owned()),
        ]
    }

    /// Takes the oldest message to this recipient, waiting until there is one.
    async fn next(&self, recipient: &str) -> Result<String> {
        let slot = self.boxes.of(recipient);
        let taking = async {
            loop {
                if let Some(message) = locked(&slot.messages).pop_front() {
                    return message;
                }
                slot.arrived.notified().await;
            }
        };
        tokio::time::timeout(PATIENCE, taking)
            .await
            .with_context(|| format!("nothing came for `{recipient}`"))
    }

    /// The six digits of the next message.
    pub(crate) async fn code(&self, recipient: &str) -> Result<String> {
        let message = self.next(recipient).await?;
        six_digits(&message)
            .map(str::to_owned)
            .with_context(|| format!("no code in `{message}`"))
    }

    /// The link in the next message.
    pub(crate) async fn link(&self, recipient: &str) -> Result<String> {
        let message = self.next(recipient).await?;
        message
            .split_ascii_whitespace()
            .find(|word| word.starts_with("http") && word.contains("token="))
            .map(str::to_owned)
            .with_context(|| format!("no link in `{message}`"))
    }
}

impl Boxes {
    fn of(&self, recipient: &str) -> Arc<Slot> {
        Arc::clone(locked(&self.0).entry(recipient.to_owned()).or_default())
    }

    fn put(&self, recipient: &str, message: String) {
        let slot = self.of(recipient);
        locked(&slot.messages).push_back(message);
        slot.arrived.notify_one();
    }
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[derive(Deserialize)]
struct Text {
    to: String,
    text: String,
}

async fn take_text(State(boxes): State<Boxes>, Json(text): Json<Text>) -> StatusCode {
    boxes.put(&text.to, text.text);
    StatusCode::ACCEPTED
}

/// Enough of RFC 5321 to take every mail that is offered.
async fn speak_smtp(mut stream: TcpStream, boxes: &Boxes) -> Result<()> {
    let (reader, mut writer) = stream.split();
    let mut lines = BufReader::new(reader).lines();
    let mut recipients: Vec<String> = Vec::new();
    writer.write_all(b"220 postbox ESMTP\r\n").await?;
    while let Some(line) = lines.next_line().await? {
        let verb = line.get(..4).unwrap_or_default().to_ascii_uppercase();
        let answer: &[u8] = match verb.as_str() {
            "EHLO" => b"250-postbox\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n",
            "QUIT" => {
                writer.write_all(b"221 bye\r\n").await?;
                return Ok(());
            }
            "DATA" => {
                writer.write_all(b"354 go on\r\n").await?;
                let mut mail = String::new();
                loop {
                    let line = lines.next_line().await?.context("cut off in a mail")?;
                    if line == "." {
                        break;
                    }
                    mail.push_str(line.strip_prefix('.').unwrap_or(&line));
                    mail.push('\n');
                }
                let text = text_of(&mail)?;
                for recipient in recipients.drain(..) {
                    boxes.put(&recipient, text.clone());
                }
                b"250 taken\r\n"
            }
            "RCPT" => {
                let address = line.split(['<', '>']).nth(1).context("no address")?;
                recipients.push(address.to_owned());
                b"250 ok\r\n"
            }
            _ => b"250 ok\r\n",
        };
        writer.write_all(answer).await?;
    }
    Ok(())
}

/// The decoded text part of a mail.
fn text_of(mail: &str) -> Result<String> {
    let (head, part) = mail
        .split_once("Content-Type: text/plain")
        .and_then(|(_, rest)| rest.split_once("\n\n"))
        .context("a mail without a text")?;
    let body = part.split("\n--").next().unwrap_or(part);
    if head.contains("base64") {
        let packed: String = body.split_ascii_whitespace().collect();
        let bytes = base64::engine::general_purpose::STANDARD.decode(packed)?;
        return Ok(String::from_utf8(bytes)?);
    }
    if head.contains("quoted-printable") {
        return quoted_printable(body);
    }
    Ok(body.to_owned())
}

/// RFC 2045 6.7.
fn quoted_printable(body: &str) -> Result<String> {
    let joined = body.replace("=\n", "");
    let mut pieces = joined.split('=');
    let mut bytes = pieces.next().unwrap_or_default().as_bytes().to_vec();
    for piece in pieces {
        let Some((hex, rest)) = piece.split_at_checked(2) else {
            bail!("`={piece}` is not quoted-printable");
        };
        bytes.push(u8::from_str_radix(hex, 16)?);
        bytes.extend_from_slice(rest.as_bytes());
    }
    Ok(String::from_utf8(bytes)?)
}

fn six_digits(text: &str) -> Option<&str> {
    text.split_ascii_whitespace()
        .map(|word| word.trim_end_matches(['.', ',']))
        .find(|word| word.len() == 6 && word.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_decodes_what_mailers_encode() {
        let quoted = "Subject: x\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\nhttp://h/l?token=3Dab=\ncd f=C3=BCr\n--b\nContent-Type: text/html\n\n<p>";
        assert_eq!(text_of(quoted).unwrap(), "http://h/l?token=abcd für");
        let packed = "Content-Type: text/plain\nContent-Transfer-Encoding: base64\n\nMTIz\nNDU2\n--b--";
        assert_eq!(text_of(packed).unwrap(), "123456");
    }

    #[test]
    fn six_digits_are_a_word() {
        assert_eq!(six_digits("Code: 012345.\nWithin 10 minutes"), Some("012345"));
        assert_eq!(six_digits("1234567 and 12345"), None);
    }
}
