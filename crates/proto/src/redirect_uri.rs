//! Redirect URIs: what may be registered, and when a presented one is the registered one.
//!
//! RFC 6749 3.1.2, RFC 8252 7, RFC 9700 4.1, OIDC Registration 2. Comparison is on the text (RFC 3986 6.2.1), never on a
//! normalised form, so registration refuses every spelling that a browser would read differently from how it is written.

use std::fmt;

use serde::{Deserialize, Serialize};
use url::{Host, Url};

/// Longest redirect URI, in bytes.
pub const MAX_REDIRECT_URI_BYTES: usize = 2048;

/// What kind of application a client is (OIDC Registration 2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ApplicationType {
    /// Served from a web server or run in a browser.
    #[default]
    Web,
    /// Installed on a device (RFC 8252).
    Native,
}

/// Why a redirect URI may not be registered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RedirectUriError {
    /// Empty or longer than [`MAX_REDIRECT_URI_BYTES`].
    #[error("must have 1 to {MAX_REDIRECT_URI_BYTES} bytes")]
    Length,
    /// A character that RFC 3986 does not allow in a URI, or a wildcard.
    #[error(
        "must not hold spaces, control characters, backslashes, wildcards or characters outside RFC 3986"
    )]
    Character,
    /// Not an absolute URI.
    #[error("must be an absolute URI")]
    NotAbsolute,
    /// A fragment (RFC 6749 3.1.2).
    #[error("must not have a fragment")]
    Fragment,
    /// User name or password.
    #[error("must not have a user name or password")]
    UserInfo,
    /// The host is missing or spelled in a way that a browser reads differently.
    #[error("must name its host plainly")]
    Host,
    /// `.` or `..` path segments.
    #[error("must not have dot segments in its path")]
    DotSegment,
    /// `http` to a host that is not loopback (RFC 9700 2.6).
    #[error("must use https, or http to a loopback host")]
    PlainHttp,
    /// A scheme that browsers execute or read files with.
    #[error("has a scheme that is never allowed")]
    DangerousScheme,
    /// A private-use scheme for a web client.
    #[error("must use https: custom schemes are for native applications")]
    CustomScheme,
    /// A private-use scheme without a dot (RFC 8252 7.1).
    #[error("must use a reverse domain name as its custom scheme")]
    SchemeWithoutDot,
    /// The query holds a name that the answer uses.
    #[error("must not have `code`, `state`, `iss`, `error` or `error_description` in its query")]
    ReservedParameter,
}

/// A redirect URI that may be registered.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RedirectUri(String);

impl RedirectUri {
    /// Checks a redirect URI for registration.
    ///
    /// `https` is open to any host; `http` to `localhost`, `127.0.0.1` and `[::1]`; a private-use scheme (with a dot) to
    /// native applications.
    pub fn register(text: &str, application_type: ApplicationType) -> Result<Self, RedirectUriError> {
        if text.is_empty() || text.len() > MAX_REDIRECT_URI_BYTES {
            return Err(RedirectUriError::Length);
        }
        let url = plain_url(text)?;
        match url.scheme() {
            "https" => web_host(text, &url).map(|_| ())?,
            "http" => {
                if !is_loopback_name(web_host(text, &url)?) {
                    return Err(RedirectUriError::PlainHttp);
                }
            }
            _ => custom_scheme(text, &url, application_type)?,
        }
        let reserved = ["code", "state", "iss", "error", "error_description"];
        if url
            .query_pairs()
            .any(|(name, _)| reserved.contains(&name.as_ref()))
        {
            return Err(RedirectUriError::ReservedParameter);
        }
        Ok(Self(text.to_owned()))
    }

    /// The URI as registered.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RedirectUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Checks a URL that is shown to users or fetched by the server: https, or http to a loopback host where that is allowed.
///
/// A fragment is fine here. Whether the host may be connected to is for whoever connects.
pub fn check_web_url(text: &str, allow_loopback_http: bool) -> Result<(), RedirectUriError> {
    if text.is_empty() || text.len() > MAX_REDIRECT_URI_BYTES {
        return Err(RedirectUriError::Length);
    }
    let (before, fragment) = text.split_once('#').unwrap_or((text, ""));
    if !is_uri_text(fragment) || fragment.contains('#') {
        return Err(RedirectUriError::Character);
    }
    let url = plain_url(before)?;
    match url.scheme() {
        "https" => web_host(before, &url).map(|_| ()),
        "http" if allow_loopback_http && is_loopback_name(web_host(before, &url)?) => Ok(()),
        "http" => Err(RedirectUriError::PlainHttp),
        _ => Err(RedirectUriError::CustomScheme),
    }
}

/// Whether `presented` is `registered`: the same text (RFC 9700 2.1), or, for native applications with a loopback IP
/// literal, the same text but for the port (RFC 8252 7.3).
pub fn matches(registered: &str, presented: &str, application_type: ApplicationType) -> bool {
    if registered == presented {
        return true;
    }
    if application_type != ApplicationType::Native {
        return false;
    }
    match (loopback_parts(registered), loopback_parts(presented)) {
        (Some(a), Some(b)) => a == b,
        _ => false,
    }
}

/// Splits `http://127.0.0.1:port/rest` and `http://[::1]:port/rest` into host and rest; the port must be well formed.
fn loopback_parts(uri: &str) -> Option<(&str, &str)> {
    let after_scheme = uri.strip_prefix("http://")?;
    ["127.0.0.1", "[::1]"].into_iter().find_map(|host| {
        let rest = after_scheme.strip_prefix(host)?;
        let rest = match rest.strip_prefix(':') {
            Some(port_and_rest) => {
                let end = port_and_rest
                    .find(|c: char| !c.is_ascii_digit())
                    .unwrap_or(port_and_rest.len());
                let (port, rest) = port_and_rest.split_at(end);
                port.parse::<u16>().ok().filter(|p| *p != 0)?;
                rest
            }
            None => rest,
        };
        (rest.is_empty() || rest.starts_with(['/', '?'])).then_some((host, rest))
    })
}

/// The rules that hold for every scheme.
fn plain_url(text: &str) -> Result<Url, RedirectUriError> {
    if text.contains('#') {
        return Err(RedirectUriError::Fragment);
    }
    if !is_uri_text(text) || text.contains('*') {
        return Err(RedirectUriError::Character);
    }
    let url = Url::parse(text).map_err(|_| RedirectUriError::NotAbsolute)?;
    let dangerous = [
        "javascript",
        "data",
        "file",
        "blob",
        "vbscript",
        "about",
        "filesystem",
        "view-source",
        "ws",
        "wss",
        "ftp",
        "mailto",
        "tel",
        "sms",
        "intent",
        "chrome",
        "jar",
        "ms-appx",
        "x-javascript",
    ];
    if dangerous.contains(&url.scheme()) {
        return Err(RedirectUriError::DangerousScheme);
    }
    // The scheme as written must be the scheme as read: no upper case, nothing stripped in front of it.
    if !text
        .strip_prefix(url.scheme())
        .is_some_and(|rest| rest.starts_with(':'))
    {
        return Err(RedirectUriError::NotAbsolute);
    }
    let path = text
        .split('?')
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase()
        .replace("%2e", ".");
    if path
        .split('/')
        .skip(1)
        .any(|segment| matches!(segment, "." | ".."))
    {
        return Err(RedirectUriError::DotSegment);
    }
    Ok(url)
}

/// The host of an `http(s)` URL whose spelling is also what a browser reads.
fn web_host<'t>(text: &'t str, url: &Url) -> Result<&'t str, RedirectUriError> {
    let authority = authority(text).ok_or(RedirectUriError::NotAbsolute)?;
    if authority.contains('@') {
        return Err(RedirectUriError::UserInfo);
    }
    let host = match authority.strip_prefix('[') {
        Some(v6) => {
            let end = v6.find(']').ok_or(RedirectUriError::Host)?;
            authority.get(..end + 2).ok_or(RedirectUriError::Host)?
        }
        None => authority.split(':').next().unwrap_or_default(),
    };
    let read = match url.host() {
        Some(Host::Domain(name)) => name.to_owned(),
        Some(Host::Ipv4(v4)) => v4.to_string(),
        Some(Host::Ipv6(v6)) => format!("[{v6}]"),
        None => return Err(RedirectUriError::Host),
    };
    if host.is_empty() || !host.eq_ignore_ascii_case(&read) || url.port() == Some(0) {
        return Err(RedirectUriError::Host);
    }
    Ok(host)
}

fn custom_scheme(text: &str, url: &Url, application_type: ApplicationType) -> Result<(), RedirectUriError> {
    if application_type != ApplicationType::Native {
        return Err(RedirectUriError::CustomScheme);
    }
    if !url.scheme().contains('.') {
        return Err(RedirectUriError::SchemeWithoutDot);
    }
    if authority(text).is_some_and(|a| a.contains('@')) {
        return Err(RedirectUriError::UserInfo);
    }
    if text.len() == url.scheme().len() + 1 {
        return Err(RedirectUriError::NotAbsolute);
    }
    Ok(())
}

/// What stands between `scheme://` and the next `/`, `?` or the end.
fn authority(text: &str) -> Option<&str> {
    let (_, after) = text.split_once(':')?;
    let after = after.strip_prefix("//")?;
    after.split(['/', '?']).next()
}

fn is_loopback_name(host: &str) -> bool {
    host == "127.0.0.1" || host == "[::1]" || host.eq_ignore_ascii_case("localhost")
}

/// Only characters of RFC 3986 2, and every `%` begins an escape that does not hide a control character.
pub(crate) fn is_uri_text(text: &str) -> bool {
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        let good = match byte {
            b'%' => {
                let digits = [bytes.next().unwrap_or(0), bytes.next().unwrap_or(0)];
                let decoded = std::str::from_utf8(&digits)
                    .ok()
                    .and_then(|d| u8::from_str_radix(d, 16).ok());
                digits.iter().all(u8::is_ascii_hexdigit) && decoded.is_some_and(|d| d >= 0x20 && d != 0x7f)
            }
            b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}' => false,
            other => other.is_ascii_graphic(),
        };
        if !good {
            return false;
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::ApplicationType::{Native, Web};
    use super::*;

    #[test]
    fn ordinary_uris_may_be_registered() {
        for uri in [
            "https://app.example/cb",
            "https://app.example",
            "https://app.example:8443/cb?tenant=a%20b",
            "https://APP.example/cb",
            "https://xn--mnchen-3ya.example/cb",
            "https://203.0.113.9/cb",
            "https://[2001:db8::1]/cb",
            "http://localhost:3000/cb",
            "http://localhost/cb",
            "http://127.0.0.1:1234/cb",
            "http://[::1]:1234/",
        ] {
            for kind in [Web, Native] {
                assert_eq!(
                    RedirectUri::register(uri, kind).map(|u| u.to_string()),
                    Ok(uri.to_owned())
                );
            }
        }
        for uri in [
            "com.example.app:/cb",
            "com.example.app://cb",
            "com.example.app:cb?x=y",
        ] {
            assert!(RedirectUri::register(uri, Native).is_ok(), "{uri}");
            assert_eq!(
                RedirectUri::register(uri, Web),
                Err(RedirectUriError::CustomScheme),
                "{uri}"
            );
        }
    }

    #[test]
    fn hostile_uris_are_refused() {
        use RedirectUriError as E;
        for (uri, expected) in [
            ("", E::Length),
            ("/cb", E::NotAbsolute),
            ("//app.example/cb", E::NotAbsolute),
            ("https:app.example/cb", E::NotAbsolute),
            ("https:/app.example/cb", E::NotAbsolute),
            ("https:///app.example/cb", E::Host),
            ("HTTPS://app.example/cb", E::NotAbsolute),
            (" https://app.example/cb", E::Character),
            ("https://app.example/cb ", E::Character),
            ("https://app.example/c\nb", E::Character),
            ("https://app.example/c\tb", E::Character),
            ("https://app.example\\@evil.example/cb", E::Character),
            ("https://*.example/cb", E::Character),
            ("https://app.example/*", E::Character),
            ("https://app.example/%0d%0aLocation:x", E::Character),
            ("https://app.example/%00", E::Character),
            ("https://app.example/%zz", E::Character),
            ("https://\u{e4}pp.example/cb", E::Character),
            ("https://app.example/cb#", E::Fragment),
            ("https://app.example/cb#x", E::Fragment),
            ("https://user@app.example/cb", E::UserInfo),
            ("https://user:pw@app.example/cb", E::UserInfo),
            ("https://@app.example/cb", E::UserInfo),
            ("https://app%2eexample/cb", E::Host),
            ("https://2130706433/cb", E::Host),
            ("https://0x7f.1/cb", E::Host),
            ("https://app.example:0/cb", E::Host),
            ("https://app.example/a/../b", E::DotSegment),
            ("https://app.example/a/%2E%2e/b", E::DotSegment),
            ("https://app.example/a/.", E::DotSegment),
            ("http://app.example/cb", E::PlainHttp),
            ("http://127.0.0.2/cb", E::PlainHttp),
            ("http://localhost.evil.example/cb", E::PlainHttp),
            ("javascript:alert(1)", E::DangerousScheme),
            ("JavaScript:alert(1)", E::DangerousScheme),
            ("data:text/html,x", E::DangerousScheme),
            ("file:///etc/passwd", E::DangerousScheme),
            ("blob:https://app.example/x", E::DangerousScheme),
            ("vbscript:x", E::DangerousScheme),
            ("myapp:/cb", E::SchemeWithoutDot),
            ("com.example.app://user@cb", E::UserInfo),
            ("com.example.app:", E::NotAbsolute),
            ("https://app.example/cb?code=1", E::ReservedParameter),
            ("https://app.example/cb?%73tate=1", E::ReservedParameter),
        ] {
            assert_eq!(RedirectUri::register(uri, Native), Err(expected), "{uri:?}");
        }
        let long = format!("https://app.example/{}", "a".repeat(MAX_REDIRECT_URI_BYTES));
        assert_eq!(RedirectUri::register(&long, Web), Err(E::Length));
    }

    #[test]
    fn matching_is_on_the_exact_text() {
        let registered = "https://app.example/cb?a=b";
        assert!(matches(registered, registered, Web));
        for other in [
            "https://app.example/cb?a=b&c=d",
            "https://app.example/cb",
            "https://app.example/cb?a=b#",
            "https://app.example/CB?a=b",
            "https://APP.example/cb?a=b",
            "https://app.example:443/cb?a=b",
            "https://app.example/cb/?a=b",
            "https://app.example/%63b?a=b",
            "https://app.example/x/../cb?a=b",
            "https://app.example./cb?a=b",
            "https://u@app.example/cb?a=b",
            "https://app.example.evil/cb?a=b",
            "http://app.example/cb?a=b",
            "https://app.example/cb?a=b ",
            "https://app.example/cb?a=b%00",
            "",
        ] {
            assert!(!matches(registered, other, Web), "{other}");
            assert!(!matches(registered, other, Native), "{other}");
        }
    }

    #[test]
    fn loopback_port_is_free_for_native_ip_literals_only() {
        let v4 = "http://127.0.0.1/cb";
        assert!(matches(v4, "http://127.0.0.1:51004/cb", Native));
        assert!(matches("http://127.0.0.1:1/cb", "http://127.0.0.1/cb", Native));
        assert!(matches("http://[::1]/cb", "http://[::1]:61023/cb", Native));
        assert!(!matches(v4, "http://127.0.0.1:51004/cb", Web));
        for other in [
            "http://127.0.0.1:51004/other",
            "https://127.0.0.1:51004/cb",
            "http://[::1]:51004/cb",
            "http://localhost:51004/cb",
            "http://127.0.0.1:/cb",
            "http://127.0.0.1:0/cb",
            "http://127.0.0.1:65536/cb",
            "http://127.0.0.1:80@evil.example/cb",
            "http://127.0.0.1.evil.example/cb",
            "http://127.0.0.1:+80/cb",
            "http://127.0.0.1:80/cb?x",
            "http://127.0.0.1:80/cb#",
        ] {
            assert!(!matches(v4, other, Native), "{other}");
        }
        assert!(!matches("http://localhost/cb", "http://localhost:5/cb", Native));
    }

    proptest! {
        #[test]
        fn arbitrary_text_never_panics(text in ".*", other in ".*") {
            let _ = RedirectUri::register(&text, Native);
            let _ = matches(&text, &other, Native);
        }

        #[test]
        fn what_is_registered_reads_as_written(path in "[a-z0-9/._~%-]{0,20}", host in "[a-zA-Z0-9.:@%-]{1,20}") {
            let text = format!("https://{host}/{path}");
            if let Ok(uri) = RedirectUri::register(&text, Web) {
                let url = Url::parse(uri.as_str()).unwrap();
                prop_assert!(url.username().is_empty() && url.password().is_none());
                prop_assert_eq!(url.path(), format!("/{path}"));
                prop_assert!(matches(uri.as_str(), &text, Web));
            }
        }
    }
}
