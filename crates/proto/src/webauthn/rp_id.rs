//! Relying party identifiers (WebAuthn L3 5.1.2, 5.11).

use std::fmt;

use url::{Host, Url};

/// Why a relying party ID was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RpIdError {
    /// Not a domain name in its lower-case ASCII form.
    #[error("a relying party ID is a domain name such as `example.com`, not an address or URL")]
    NotADomain,
    /// Not a suffix of the origin's host.
    #[error("a relying party ID must be the host of the origin or a domain above it")]
    NotASuffix,
}

/// A relying party identifier: the domain that credentials are bound to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RpId(String);

impl RpId {
    /// The host of an origin: the narrowest RP ID that its pages can use.
    pub fn of_origin(origin: &Url) -> Result<Self, RpIdError> {
        match origin.host() {
            Some(Host::Domain(domain)) => Ok(Self(domain.to_owned())),
            _ => Err(RpIdError::NotADomain),
        }
    }

    /// A chosen RP ID for pages of `origin`: its host or a domain above it that has a dot.
    ///
    /// # Security
    /// Public suffixes (`co.uk`) are refused by browsers, which know the list; there is no such list here.
    pub fn for_origin(text: &str, origin: &Url) -> Result<Self, RpIdError> {
        let own = Self::of_origin(origin)?;
        if text == own.0 {
            return Ok(own);
        }
        let is_domain = text.contains('.')
            && text.split('.').all(|label| {
                let ok = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
                (1..=63).contains(&label.len()) && label.bytes().all(ok)
            });
        if !is_domain {
            return Err(RpIdError::NotADomain);
        }
        let above = own
            .0
            .strip_suffix(text)
            .is_some_and(|before| before.ends_with('.'));
        if above {
            Ok(Self(text.to_owned()))
        } else {
            Err(RpIdError::NotASuffix)
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
    fn an_rp_id_is_the_host_or_a_domain_above_it() {
        let origin = Url::parse("https://id.acme.example.com:8443").unwrap();
        assert_eq!(RpId::of_origin(&origin).unwrap().as_str(), "id.acme.example.com");
        for good in ["id.acme.example.com", "acme.example.com", "example.com"] {
            assert_eq!(RpId::for_origin(good, &origin).unwrap().as_str(), good);
        }
        for bad in [
            "com",
            "d.acme.example.com",
            "xample.com",
            "other.com",
            "Example.com",
            "",
            ".com",
            "a.id.acme.example.com",
        ] {
            assert!(RpId::for_origin(bad, &origin).is_err(), "{bad}");
        }
        let localhost = Url::parse("http://localhost:8080").unwrap();
        assert_eq!(
            RpId::for_origin("localhost", &localhost).unwrap().as_str(),
            "localhost"
        );
        let address = Url::parse("http://127.0.0.1:8080").unwrap();
        assert_eq!(RpId::of_origin(&address), Err(RpIdError::NotADomain));
    }
}
