//! Settings that are addresses: the public base URL, the base domain, the database.

use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use url::{Host, Url};

use super::value::{Raw, Setting};

/// Where the outside world reaches Authflow: scheme, host and port, without path or trailing slash.
///
/// The issuer of the `default` tenant is exactly this text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaseUrl {
    https: bool,
    host: Host,
    text: String,
}

impl BaseUrl {
    /// Parses an origin; `None` for anything with a path, query, fragment or user.
    pub fn parse(text: &str) -> Option<Self> {
        let url = Url::parse(text).ok()?;
        let plain = matches!(url.scheme(), "http" | "https")
            && url.username().is_empty()
            && url.password().is_none()
            && url.path() == "/"
            && url.query().is_none()
            && url.fragment().is_none();
        let host = url.host()?.to_owned();
        plain.then(|| Self {
            https: url.scheme() == "https",
            host,
            text: url.as_str().trim_end_matches('/').to_owned(),
        })
    }

    /// The base URL of a server that listens on `address` and was told nothing else.
    pub fn local(address: SocketAddr) -> Self {
        let text = match address.port() {
            80 => "http://localhost".to_owned(),
            port => format!("http://localhost:{port}"),
        };
        Self {
            https: false,
            host: Host::Domain("localhost".to_owned()),
            text,
        }
    }

    /// The text, without a trailing slash.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The host, without the port.
    pub fn host(&self) -> &Host {
        &self.host
    }

    /// Whether cookies may and must be `Secure`.
    pub fn is_https(&self) -> bool {
        self.https
    }

    /// Whether only this machine can mean this address.
    pub fn is_local(&self) -> bool {
        match &self.host {
            Host::Domain(name) => name == "localhost" || name.ends_with(".localhost"),
            Host::Ipv4(address) => address.is_loopback(),
            Host::Ipv6(address) => address.is_loopback(),
        }
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Setting for BaseUrl {
    fn expected() -> String {
        "an origin such as `https://login.example.com`, without path, query or user".to_owned()
    }
    fn parse(raw: &Raw) -> Option<Self> {
        Self::parse(raw.text()?)
    }
    fn show(&self) -> String {
        format!("\"{self}\"")
    }
}

/// A domain below which every tenant has a name of its own: `acme.<base domain>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaseDomain(String);

impl BaseDomain {
    /// The name in lower case, without a dot at either end.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Setting for BaseDomain {
    fn expected() -> String {
        "a domain name such as `login.example.com`, without scheme, port or wildcard".to_owned()
    }
    fn parse(raw: &Raw) -> Option<Self> {
        let name = raw.text()?;
        let labels_hold = name.split('.').all(|label| {
            !label.is_empty()
                && label.len() <= 63
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        });
        let is_name = name.len() <= 253 && labels_hold && name.parse::<std::net::Ipv4Addr>().is_err();
        is_name.then(|| Self(name.to_ascii_lowercase()))
    }
    fn show(&self) -> String {
        format!("\"{}\"", self.0)
    }
}

/// An `http` or `https` address that Authflow calls.
#[derive(Clone, PartialEq, Eq)]
pub struct HttpUrl(Url);

impl fmt::Debug for HttpUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HttpUrl({})", without_password(&self.0))
    }
}

impl HttpUrl {
    /// Reads an `http` or `https` address.
    pub fn parse(text: &str) -> Option<Self> {
        let url = Url::parse(text).ok()?;
        (matches!(url.scheme(), "http" | "https") && url.host().is_some()).then_some(Self(url))
    }

    /// The parsed form.
    pub fn url(&self) -> &Url {
        &self.0
    }
}

impl Setting for HttpUrl {
    // An address may carry a password.
    const SECRET: bool = true;
    fn expected() -> String {
        "an address such as `https://collector.example.com:4318`".to_owned()
    }
    fn parse(raw: &Raw) -> Option<Self> {
        Self::parse(raw.text()?)
    }
    fn show(&self) -> String {
        format!("\"{}\"", without_password(&self.0))
    }
}

/// The address with its password masked and its query, which may hold another, left out.
fn without_password(url: &Url) -> Url {
    let mut shown = url.clone();
    shown.set_query(None);
    if shown.password().is_some() {
        // INVARIANT: an address that has a password has a host, and so can be given another.
        let _ = shown.set_password(Some("***"));
    }
    shown
}

/// Which database, and where. Debug and Display leave the password out.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// A file of the bundled SQLite.
    Sqlite(PathBuf),
    /// A PostgreSQL server.
    Postgres(Url),
}

impl DatabaseUrl {
    /// The whole address, with its password: for the driver, never for a log.
    pub fn expose(&self) -> String {
        match self {
            Self::Sqlite(path) => format!("sqlite:{}", path.display()),
            Self::Postgres(url) => url.as_str().to_owned(),
        }
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Self::Postgres(url) => fmt::Display::fmt(&without_password(url), f),
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Setting for DatabaseUrl {
    const SECRET: bool = true;
    fn expected() -> String {
        "`sqlite:PATH` or `postgres://USER:PASSWORD@HOST/DATABASE`".to_owned()
    }
    fn parse(raw: &Raw) -> Option<Self> {
        let text = raw.text()?;
        if let Some(path) = text.strip_prefix("sqlite:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            let is_path = !path.is_empty() && !path.contains(['\0', '?']);
            return is_path.then(|| Self::Sqlite(PathBuf::from(path)));
        }
        let url = Url::parse(text).ok()?;
        matches!(url.scheme(), "postgres" | "postgresql").then_some(Self::Postgres(url))
    }
    fn show(&self) -> String {
        format!("\"{self}\"")
    }
    fn rebase(self, folder: &Path) -> Self {
        match self {
            Self::Sqlite(path) if path.as_os_str() != ":memory:" => Self::Sqlite(path.rebase(folder)),
            other => other,
        }
    }
}
