//! What a tenant asks of passkeys, and which of that cannot work.

use authflow_proto::webauthn::{Aaguid, AttestationConveyance, Requirement, RpId, TrustAnchors};
use serde::{Deserialize, Serialize};
use url::{Host, Url};

/// Most related origins: browsers look at a few only.
const MOST_ORIGINS: usize = 20;

/// What a tenant asks of passkeys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PasskeySettings {
    /// Whether authenticators must verify their user by PIN, finger or face. Without it a passkey is one factor.
    pub user_verification: Requirement,
    /// Whether new passkeys must prove which model made them. `direct` refuses what does not lead to a root below.
    pub attestation: AttestationConveyance,
    /// Root certificates of the makers of authenticators, PEM, for `direct`.
    pub attestation_roots: String,
    /// Models that new passkeys may be of; empty for all. Proven only with `direct`.
    pub aaguids: Vec<Aaguid>,
    /// The domain that passkeys are made for, where it is not the host of the issuer: a domain above it, or the one of
    /// before a move, which then names the new origin at `/.well-known/webauthn`.
    pub rp_id: Option<String>,
    /// Further origins whose pages may use the tenant's passkeys (WebAuthn L3 5.11), such as `https://shop.example`.
    pub related_origins: Vec<String>,
}

impl Default for PasskeySettings {
    fn default() -> Self {
        Self {
            user_verification: Requirement::Required,
            attestation: AttestationConveyance::None,
            attestation_roots: String::new(),
            aaguids: Vec::new(),
            rp_id: None,
            related_origins: Vec::new(),
        }
    }
}

/// Why settings of passkeys are refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PasskeySettingsError {
    /// The RP ID is no domain.
    #[error("`passkeys.rp_id` is `{0}`, which is no domain in lower case")]
    RpId(String),
    /// The RP ID is neither above the tenant's host nor above a related origin's.
    #[error(
        "`passkeys.rp_id` is `{rp_id}`: the host `{host}` is not below it; after a move, name the old address in \
         `passkeys.related_origins`"
    )]
    Foreign {
        /// As given.
        rp_id: String,
        /// The tenant's own.
        host: String,
    },
    /// Not an origin, or not a secure one.
    #[error("`passkeys.related_origins` has `{0}`: expected an origin such as `https://shop.example`")]
    Origin(String),
    /// More origins than browsers look at.
    #[error("`passkeys.related_origins` takes at most {max}")]
    TooManyOrigins {
        /// How many.
        max: usize,
    },
    /// The roots cannot be read.
    #[error("`passkeys.attestation_roots` are no certificates in PEM")]
    Roots,
}

impl PasskeySettings {
    /// Whether passkeys can work with these settings at a tenant whose issuer is `issuer`.
    ///
    /// # Security
    /// A public suffix (`co.uk`) as RP ID is refused by browsers, which know them all.
    ///
    /// # Errors
    /// The first [`PasskeySettingsError`].
    pub fn check(&self, issuer: &str) -> Result<(), PasskeySettingsError> {
        if self.related_origins.len() > MOST_ORIGINS {
            return Err(PasskeySettingsError::TooManyOrigins { max: MOST_ORIGINS });
        }
        let bad = |origin: &String| PasskeySettingsError::Origin(origin.clone());
        let mut hosts = vec![host_of(issuer).unwrap_or_default()];
        for origin in &self.related_origins {
            hosts.push(secure_origin(origin).ok_or_else(|| bad(origin))?);
        }
        if let Some(text) = &self.rp_id {
            let rp_id = RpId::parse(text).map_err(|_| PasskeySettingsError::RpId(text.clone()))?;
            if !hosts.iter().any(|host| is_within(host, rp_id.as_str())) {
                return Err(PasskeySettingsError::Foreign {
                    rp_id: text.clone(),
                    host: hosts.swap_remove(0),
                });
            }
        }
        let has_roots = !self.attestation_roots.trim().is_empty();
        if has_roots && TrustAnchors::from_pem(&self.attestation_roots).is_err() {
            return Err(PasskeySettingsError::Roots);
        }
        Ok(())
    }
}

/// Whether `host` is the domain or lies below it (HTML, "is a registrable domain suffix of or is equal to").
fn is_within(host: &str, domain: &str) -> bool {
    host.strip_suffix(domain)
        .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

fn host_of(address: &str) -> Option<String> {
    match Url::parse(address).ok()?.host()? {
        Host::Domain(domain) => Some(domain.to_owned()),
        _ => None,
    }
}

/// The host of an origin that browsers call secure: https, or http of this machine.
fn secure_origin(text: &str) -> Option<String> {
    let url = Url::parse(text).ok()?;
    let host = host_of(text)?;
    let is_secure = url.scheme() == "https" || url.scheme() == "http" && is_within(&host, "localhost");
    (is_secure && url.origin().ascii_serialization() == text).then_some(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ISSUER: &str = "https://login.acme.example/t/x";

    fn settings(rp_id: Option<&str>, origins: &[&str]) -> PasskeySettings {
        PasskeySettings {
            rp_id: rp_id.map(str::to_owned),
            related_origins: origins.iter().map(|&origin| origin.to_owned()).collect(),
            ..PasskeySettings::default()
        }
    }

    #[test]
    fn rp_id_is_the_host_a_domain_above_it_or_that_of_a_related_origin() {
        for good in [None, Some("login.acme.example"), Some("acme.example")] {
            assert_eq!(settings(good, &[]).check(ISSUER), Ok(()), "{good:?}");
        }
        assert_eq!(
            settings(Some("old.example"), &["https://www.old.example"]).check(ISSUER),
            Ok(())
        );
        for bad in [
            "old.example",
            "cme.example",
            "x.login.acme.example",
            "example.acme",
        ] {
            let refused = settings(Some(bad), &[]).check(ISSUER);
            assert!(
                matches!(refused, Err(PasskeySettingsError::Foreign { .. })),
                "{bad}"
            );
        }
        for bad in [
            "",
            "com",
            "https://acme.example",
            "Acme.example",
            "10.0.0.1",
            "acme.example.",
        ] {
            assert!(settings(Some(bad), &[]).check(ISSUER).is_err(), "{bad}");
        }
    }

    #[test]
    fn related_origins_are_secure_origins_and_nothing_more() {
        for good in [
            "https://shop.example",
            "https://shop.example:8443",
            "http://localhost:3000",
        ] {
            assert_eq!(settings(None, &[good]).check(ISSUER), Ok(()), "{good}");
        }
        for bad in [
            "",
            "shop.example",
            "http://shop.example",
            "https://shop.example/",
            "https://shop.example/a",
            "https://SHOP.example",
            "https://shop.example:443",
            "https://a:b@shop.example",
            "https://10.0.0.1",
            "javascript:alert(1)",
        ] {
            let refused = settings(None, &[bad]).check(ISSUER);
            assert_eq!(
                refused,
                Err(PasskeySettingsError::Origin(bad.to_owned())),
                "{bad}"
            );
        }
        assert!(
            settings(None, &["https://shop.example"; 21])
                .check(ISSUER)
                .is_err()
        );
    }

    #[test]
    fn roots_are_certificates() {
        let mut settings = settings(None, &[]);
        settings.attestation_roots = "no certificate".to_owned();
        assert_eq!(settings.check(ISSUER), Err(PasskeySettingsError::Roots));
    }
}
