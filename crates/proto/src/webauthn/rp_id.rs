//! Relying party identifiers (WebAuthn L3 5.1.2, 5.11).

use std::fmt;

use url::{Host, Url};

/// Not a domain name in its lower-case ASCII form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a relying party ID is a domain name such as `example.com`, not an address or URL")]
pub struct RpIdError;

/// A relying party identifier: the domain that credentials are bound to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RpId(String);

impl RpId {
    /// The host of an origin: the narrowest RP ID that its pages can use.
    pub fn of_origin(origin: &Url) -> Result<Self, RpIdError> {
        match origin.host() {
            Some(Host::Domain(domain)) => Ok(Self(domain.to_owned())),
            _ => Err(RpIdError),
        }
    }

    /// A chosen RP ID: the host of the pages that use it or a domain above it, or, with related origins, any domain.
    ///
    /// # Security
    /// Whether an origin may use it is the browser's decision, which also knows the public suffixes (`co.uk`).
    pub fn parse(text: &str) -> Result<Self, RpIdError> {
        let is_label = |label: &str| {
            let ok = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
            (1..=63).contains(&label.len()) && label.bytes().all(ok)
        };
        let is_domain = text == "localhost" || text.contains('.');
        let is_address = text.parse::<std::net::Ipv4Addr>().is_ok();
        if is_domain && !is_address && text.len() <= 253 && text.split('.').all(is_label) {
            Ok(Self(text.to_owned()))
        } else {
            Err(RpIdError)
        }
    }

    /// It, as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RpId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_rp_id_is_a_domain() {
        let origin = Url::parse("https://id.acme.example.com:8443").unwrap();
        assert_eq!(RpId::of_origin(&origin).unwrap().as_str(), "id.acme.example.com");
        for good in [
            "id.acme.example.com",
            "example.com",
            "localhost",
            "xn--bcher-kva.example",
        ] {
            assert_eq!(RpId::parse(good).unwrap().as_str(), good);
        }
        for bad in [
            "com",
            "Example.com",
            "",
            ".com",
            "a..b",
            "https://a.example",
            "a.example:1",
            "10.0.0.1",
            "a.example/",
        ] {
            assert!(RpId::parse(bad).is_err(), "{bad}");
        }
        let address = Url::parse("http://127.0.0.1:8080").unwrap();
        assert_eq!(RpId::of_origin(&address), Err(RpIdError));
    }
}
