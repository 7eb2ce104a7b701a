//! How settings are written: the types a setting may have, each parsed once and never again.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use ipnet::IpNet;

/// A value as it was given, before its setting's type has looked at it.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Raw {
    /// Text of an environment variable or flag: numbers and lists are read out of it.
    Loose(String),
    /// A TOML string.
    Text(String),
    /// A TOML boolean.
    Bool(bool),
    /// A TOML integer.
    Integer(i64),
    /// A TOML float.
    Float(f64),
    /// A TOML array.
    List(Vec<Raw>),
    /// Anything else, with the name of its TOML type.
    Other(&'static str),
}

impl Raw {
    /// The text of a string-like value.
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Loose(text) | Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The value as an error message shows it.
    pub(super) fn show(&self) -> String {
        const MAX: usize = 100;
        let text = match self {
            Self::Loose(text) => text.clone(),
            Self::Text(text) => format!("{text:?}"),
            Self::Bool(value) => value.to_string(),
            Self::Integer(value) => value.to_string(),
            Self::Float(value) => value.to_string(),
            Self::List(items) => {
                let items: Vec<String> = items.iter().map(Self::bare).collect();
                format!("[{}]", items.join(", "))
            }
            Self::Other(kind) => return (*kind).to_owned(),
        };
        let mut shown: String = text.chars().filter(|c| !c.is_control()).take(MAX).collect();
        if text.chars().count() > MAX {
            shown.push('…');
        }
        format!("`{shown}`")
    }

    fn bare(&self) -> String {
        self.show().trim_matches('`').to_owned()
    }
}

/// A type that a setting may have.
pub(super) trait Setting: Sized {
    /// Whether a value may hold a secret and is never shown.
    const SECRET: bool = false;

    /// What is accepted, in words that follow "expected".
    fn expected() -> String;

    /// Reads a value; `None` if it is of the wrong type or form.
    fn parse(raw: &Raw) -> Option<Self>;

    /// The value as it would be written in the file.
    fn show(&self) -> String;

    /// Makes a relative path relative to the folder of the file it was written in.
    #[must_use]
    fn rebase(self, _folder: &Path) -> Self {
        self
    }
}

impl Setting for bool {
    fn expected() -> String {
        "`true` or `false`".to_owned()
    }
    fn parse(raw: &Raw) -> Option<Self> {
        match raw {
            Raw::Bool(value) => Some(*value),
            Raw::Loose(text) => text.parse().ok(),
            _ => None,
        }
    }
    fn show(&self) -> String {
        self.to_string()
    }
}

/// Unsigned numbers, all read the same way.
macro_rules! numbers {
    ($($ty:ty),+) => {$(
        impl Setting for $ty {
            fn expected() -> String {
                "a whole number".to_owned()
            }
            fn parse(raw: &Raw) -> Option<Self> {
                match raw {
                    Raw::Integer(value) => Self::try_from(*value).ok(),
                    Raw::Loose(text) => text.parse().ok(),
                    _ => None,
                }
            }
            fn show(&self) -> String {
                self.to_string()
            }
        }
    )+};
}
numbers!(u8, u32, usize);

impl Setting for f64 {
    fn expected() -> String {
        "a number".to_owned()
    }
    fn parse(raw: &Raw) -> Option<Self> {
        let value = match raw {
            Raw::Float(value) => *value,
            Raw::Integer(value) => Self::from(i32::try_from(*value).ok()?),
            Raw::Loose(text) => text.parse().ok()?,
            _ => return None,
        };
        value.is_finite().then_some(value)
    }
    fn show(&self) -> String {
        format!("{self:?}")
    }
}

impl Setting for String {
    fn expected() -> String {
        "text".to_owned()
    }
    fn parse(raw: &Raw) -> Option<Self> {
        raw.text()
            .filter(|text| !text.trim().is_empty())
            .map(str::to_owned)
    }
    fn show(&self) -> String {
        format!("{self:?}")
    }
}

/// Text that is never shown: a password or a key.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps the text.
    pub const fn new(text: String) -> Self {
        Self(text)
    }

    /// The text, for whoever it is meant for.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(redacted)")
    }
}

impl Setting for Secret {
    const SECRET: bool = true;
    fn expected() -> String {
        "text, never shown".to_owned()
    }
    fn parse(raw: &Raw) -> Option<Self> {
        String::parse(raw).map(Self)
    }
    fn show(&self) -> String {
        "\"***\"".to_owned()
    }
}

impl Setting for PathBuf {
    fn expected() -> String {
        "a path".to_owned()
    }
    fn parse(raw: &Raw) -> Option<Self> {
        raw.text()
            .filter(|text| !text.is_empty() && !text.contains('\0'))
            .map(Self::from)
    }
    fn show(&self) -> String {
        format!("\"{}\"", self.display())
    }
    fn rebase(self, folder: &Path) -> Self {
        if self.is_relative() {
            folder.join(self)
        } else {
            self
        }
    }
}

impl Setting for SocketAddr {
    fn expected() -> String {
        "an address and port such as `127.0.0.1:8080` or `[::1]:8080`".to_owned()
    }
    fn parse(raw: &Raw) -> Option<Self> {
        raw.text()?.parse().ok()
    }
    fn show(&self) -> String {
        format!("\"{self}\"")
    }
}

impl Setting for IpNet {
    fn expected() -> String {
        "a network such as `10.0.0.0/8` or `fd00::/8`".to_owned()
    }
    fn parse(raw: &Raw) -> Option<Self> {
        let text = raw.text()?.trim();
        text.parse()
            .ok()
            .or_else(|| text.parse::<std::net::IpAddr>().ok().map(Self::from))
    }
    fn show(&self) -> String {
        format!("\"{self}\"")
    }
}

impl<T: Setting> Setting for Option<T> {
    const SECRET: bool = T::SECRET;
    fn expected() -> String {
        T::expected()
    }
    fn parse(raw: &Raw) -> Option<Self> {
        T::parse(raw).map(Some)
    }
    fn show(&self) -> String {
        self.as_ref().map_or_else(|| "not set".to_owned(), T::show)
    }
    fn rebase(self, folder: &Path) -> Self {
        self.map(|value| value.rebase(folder))
    }
}

impl<T: Setting> Setting for Vec<T> {
    const SECRET: bool = T::SECRET;
    fn expected() -> String {
        format!("a list, each item {}", T::expected())
    }
    fn parse(raw: &Raw) -> Option<Self> {
        match raw {
            Raw::List(items) => items.iter().map(T::parse).collect(),
            Raw::Loose(text) if text.trim().is_empty() => Some(Self::new()),
            Raw::Loose(text) => text
                .split(',')
                .map(|item| T::parse(&Raw::Loose(item.trim().to_owned())))
                .collect(),
            _ => None,
        }
    }
    fn show(&self) -> String {
        let items: Vec<String> = self.iter().map(T::show).collect();
        format!("[{}]", items.join(", "))
    }
    fn rebase(self, folder: &Path) -> Self {
        self.into_iter().map(|value| value.rebase(folder)).collect()
    }
}

const UNITS: [(&str, u64); 6] = [
    ("w", 604_800_000),
    ("d", 86_400_000),
    ("h", 3_600_000),
    ("m", 60_000),
    ("s", 1_000),
    ("ms", 1),
];

/// Reads `15m`, `1h30m` or `500ms`: numbers each followed by a unit.
pub(super) fn parse_duration(text: &str) -> Option<Duration> {
    let mut rest = text;
    let mut total = 0_u64;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let (number, after) = rest.split_at(digits);
        let unit_len = after.find(|c: char| c.is_ascii_digit()).unwrap_or(after.len());
        let (unit, next) = after.split_at(unit_len);
        let (_, millis) = UNITS.iter().find(|(name, _)| *name == unit)?;
        total = total.checked_add(number.parse::<u64>().ok()?.checked_mul(*millis)?)?;
        rest = next;
    }
    (!text.is_empty()).then_some(Duration::from_millis(total))
}

impl Setting for Duration {
    fn expected() -> String {
        "a duration such as `30s`, `15m`, `12h` or `30d`".to_owned()
    }
    fn parse(raw: &Raw) -> Option<Self> {
        parse_duration(raw.text()?)
    }
    fn show(&self) -> String {
        let mut rest = u64::try_from(self.as_millis()).unwrap_or(u64::MAX);
        let mut text = String::new();
        for (unit, millis) in UNITS.iter().filter(|(unit, _)| *unit != "w") {
            if rest >= *millis {
                // WHY: writing to a String cannot fail.
                let _ = write!(text, "{}{unit}", rest / millis);
                rest %= millis;
            }
        }
        if text.is_empty() {
            "\"0s\"".to_owned()
        } else {
            format!("\"{text}\"")
        }
    }
}

/// A number of bytes, written `64KiB` or `1MiB`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ByteSize(pub usize);

impl ByteSize {
    /// So many kibibytes.
    pub const fn kib(count: usize) -> Self {
        Self(count * 1024)
    }

    /// So many mebibytes.
    pub const fn mib(count: usize) -> Self {
        Self(count * 1024 * 1024)
    }

    /// The number of bytes.
    pub const fn bytes(self) -> usize {
        self.0
    }
}

impl Setting for ByteSize {
    fn expected() -> String {
        "a size such as `512B`, `64KiB` or `1MiB`".to_owned()
    }
    fn parse(raw: &Raw) -> Option<Self> {
        let text = raw.text()?;
        let (number, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit())?);
        let factor = match unit.trim_start() {
            "B" => 1,
            "KiB" => 1024,
            "MiB" => 1024 * 1024,
            _ => return None,
        };
        number.parse::<usize>().ok()?.checked_mul(factor).map(Self)
    }
    fn show(&self) -> String {
        match self.0 {
            bytes if bytes > 0 && bytes % (1024 * 1024) == 0 => format!("\"{}MiB\"", bytes / (1024 * 1024)),
            bytes if bytes > 0 && bytes % 1024 == 0 => format!("\"{}KiB\"", bytes / 1024),
            bytes => format!("\"{bytes}B\""),
        }
    }
}

/// Settings with a closed set of words.
macro_rules! words {
    ($(
        $(#[$doc:meta])+
        $name:ident { $( $(#[$variant_doc:meta])+ $variant:ident = $word:literal ),+ $(,)? }
    )+) => {$(
        $(#[$doc])+
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name {
            $( $(#[$variant_doc])+ $variant, )+
        }

        impl $name {
            /// The word in the configuration.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $( Self::$variant => $word, )+
                }
            }
        }

        impl Setting for $name {
            fn expected() -> String {
                let words: Vec<String> = [$($word),+].iter().map(|word| format!("`{word}`")).collect();
                format!("one of {}", words.join(", "))
            }
            fn parse(raw: &Raw) -> Option<Self> {
                match raw.text()? {
                    $( $word => Some(Self::$variant), )+
                    _ => None,
                }
            }
            fn show(&self) -> String {
                format!("\"{}\"", self.as_str())
            }
        }
    )+};
}

words! {
    /// How log lines look.
    LogFormat {
        /// For people at a terminal.
        Pretty = "pretty",
        /// One JSON object per line, for machines.
        Json = "json",
    }
    /// What becomes of mail.
    MailTransport {
        /// Sent by SMTP.
        Smtp = "smtp",
        /// Kept and shown at `/dev/outbox`, for development.
        Captured = "captured",
        /// Dropped, with a warning.
        None = "none",
    }
    /// How a connection to the mail server is protected.
    MailTls {
        /// By STARTTLS (RFC 3207), without which nothing is sent.
        Starttls = "starttls",
        /// From the first byte (RFC 8314).
        Implicit = "implicit",
        /// Not at all.
        None = "none",
    }
    /// Who delivers text messages.
    SmsProvider {
        /// Twilio.
        Twilio = "twilio",
        /// Vonage.
        Vonage = "vonage",
        /// Amazon SNS.
        Sns = "sns",
        /// A service of the operator's own.
        Http = "http",
        /// Kept and shown at `/dev/outbox`, for development.
        Captured = "captured",
        /// Nobody: text messages are refused.
        None = "none",
    }
    /// Which header trusted proxies write; the other is not read, since a proxy lets it through.
    ProxyHeader {
        /// What most proxies write.
        XForwardedFor = "x-forwarded-for",
        /// RFC 7239.
        Forwarded = "forwarded",
    }
    /// When SQLite tells the disk to write (its `synchronous` pragma).
    SqliteSynchronous {
        /// An acknowledged write survives a power cut.
        Full = "full",
        /// An acknowledged write survives a crash of Authflow, but perhaps not a power cut.
        Normal = "normal",
    }
}
