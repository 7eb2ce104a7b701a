//! Addresses that other people chose and a page may show.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use thiserror::Error;
use url::{Host, Url};

/// An address that is safe to put into `href` or `src`: absolute, `https` (or `http` to this machine), without credentials.
///
/// Client metadata, logos and a tenant's own links come from strangers; only what parses as this reaches a page
/// (`RFC 7591 5`: `javascript:` and the like must not).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link(Url);

/// Why an address may not be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum LinkError {
    /// Not an absolute URL.
    #[error("expected an absolute address such as `https://example.com/terms`")]
    NotAnAddress,
    /// A scheme other than https, or http to another machine.
    #[error("expected an address that starts with `https://`")]
    Scheme,
    /// A user name or password in the address.
    #[error("an address must not contain a user name or password")]
    Credentials,
}

impl Link {
    /// Checks an address.
    pub fn new(text: &str) -> Result<Self, LinkError> {
        Self::try_from(Url::parse(text).map_err(|_| LinkError::NotAnAddress)?)
    }

    /// The normalised address.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The host, as people read it.
    pub fn host(&self) -> &str {
        self.0.host_str().unwrap_or_default()
    }
}

impl TryFrom<Url> for Link {
    type Error = LinkError;

    fn try_from(url: Url) -> Result<Self, LinkError> {
        match url.scheme() {
            "https" => {}
            "http" if is_loopback(&url) => {}
            _ => return Err(LinkError::Scheme),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(LinkError::Credentials);
        }
        Ok(Self(url))
    }
}

impl Serialize for Link {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Link {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        Self::new(&text).map_err(serde::de::Error::custom)
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// Where a form of a page may end up besides Authflow: at a client's redirect URI, and wherever that leads.
///
/// Browsers check `form-action` against every redirect that follows a form (CSP Level 3, 6.4.1), so the page before the redirect
/// has to allow its target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormTarget(String);

impl FormTarget {
    /// The targets that let sign-in at a client work: its redirect URI, and what the client itself redirects to afterwards.
    ///
    /// WHY: a callback at `api.example.com` that sends people on to `app.example.com` is ordinary, and Chromium blocks the whole chain if
    /// one hop is not allowed. So a web client gets every https address, and a client on this machine gets this machine's ports too.
    /// Forms of a page have constant actions, which is what keeps passwords at home; plain http elsewhere stays forbidden.
    pub fn onward(redirect_uri: &Url) -> Vec<Self> {
        let mut targets: Vec<Self> = Self::of(redirect_uri).into_iter().collect();
        targets.push(Self("https:".to_owned()));
        if is_loopback(redirect_uri) {
            let loopback = ["http://localhost:*", "http://127.0.0.1:*"];
            targets.extend(loopback.map(|source| Self(source.to_owned())));
        }
        targets
    }

    /// The CSP source of exactly one redirect URI; `None` for URIs without a host or scheme that CSP could express.
    pub fn of(redirect_uri: &Url) -> Option<Self> {
        let source = match redirect_uri.scheme() {
            "http" | "https" => redirect_uri.origin().ascii_serialization(),
            private_use => format!("{private_use}:"),
        };
        // SECURITY: a source is written into a header; anything that could end it or start another directive is refused.
        let plain =
            |b: u8| b.is_ascii_alphanumeric() || matches!(b, b':' | b'/' | b'.' | b'-' | b'+' | b'[' | b']');
        (source != "null" && source.bytes().all(plain)).then_some(Self(source))
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_web_addresses_without_credentials_are_links() {
        assert!(Link::new("https://example.com/terms?a=b#c").is_ok());
        assert!(Link::new("http://localhost:3000/").is_ok());
        assert!(Link::new("http://127.0.0.1:3000/").is_ok());
        assert_eq!(Link::new("http://example.com/"), Err(LinkError::Scheme));
        assert_eq!(Link::new("javascript:alert(1)"), Err(LinkError::Scheme));
        assert_eq!(Link::new("data:text/html,x"), Err(LinkError::Scheme));
        assert_eq!(Link::new("/terms"), Err(LinkError::NotAnAddress));
        assert_eq!(Link::new("//example.com"), Err(LinkError::NotAnAddress));
        assert_eq!(Link::new("https://a:b@example.com/"), Err(LinkError::Credentials));
    }

    #[test]
    fn form_targets_are_origins_or_private_schemes() {
        let of = |text: &str| FormTarget::of(&Url::parse(text).unwrap()).map(|t| t.0);
        assert_eq!(
            of("https://app.example.com/cb?x=1").as_deref(),
            Some("https://app.example.com")
        );
        assert_eq!(
            of("http://127.0.0.1:4711/cb").as_deref(),
            Some("http://127.0.0.1:4711")
        );
        assert_eq!(of("http://[::1]:4711/cb").as_deref(), Some("http://[::1]:4711"));
        assert_eq!(of("com.example.app:/cb").as_deref(), Some("com.example.app:"));
        assert_eq!(
            of("https://bücher.example/cb").as_deref(),
            Some("https://xn--bcher-kva.example")
        );
    }

    #[test]
    fn hosts_that_could_break_out_of_the_header_are_refused() {
        for text in ["https://a;b/", "https://a,b/", "https://a'b/", "foo:bar"] {
            if let Ok(url) = Url::parse(text)
                && let Some(FormTarget(source)) = FormTarget::of(&url)
            {
                assert!(!source.contains([';', ',', ' ', '\'']), "{source}");
            }
        }
    }
}
