//! Subject identifiers: public and pairwise, and the sector they are pairwise to (OIDC Core 8, OIDC Registration 5).

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::json::{JsonLimits, parse_value};

/// How a client sees its users (OIDC Core 8).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SubjectType {
    /// The same subject as every other client.
    #[default]
    Public,
    /// A subject of its sector's own.
    Pairwise,
}

/// Why a sector identifier could not be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SectorError {
    /// The redirect URIs have several hosts, or none: then `sector_identifier_uri` is required (OIDC Core 8.1).
    #[error("pairwise subjects need `sector_identifier_uri` unless all redirect URIs share one host")]
    Ambiguous,
    /// `sector_identifier_uri` is not an https URL with a host.
    #[error("`sector_identifier_uri` must be an https URL")]
    Uri,
    /// The document is not a JSON array of strings.
    #[error("the document at `sector_identifier_uri` must be a JSON array of strings")]
    Document,
    /// The document lacks a redirect URI of the client.
    #[error("the document at `sector_identifier_uri` lacks a redirect URI of the client")]
    Missing,
}

const DOCUMENT_LIMITS: JsonLimits = JsonLimits {
    bytes: 256 * 1024,
    depth: 1,
    nodes: 2048,
};

/// The sector identifier: the host of `sector_identifier_uri`, else the one host of all redirect URIs (OIDC Core 8.1).
pub fn sector_identifier<S: AsRef<str>>(
    redirect_uris: &[S],
    sector_identifier_uri: Option<&str>,
) -> Result<String, SectorError> {
    if let Some(uri) = sector_identifier_uri {
        let url = Url::parse(uri)
            .ok()
            .filter(|u| u.scheme() == "https")
            .ok_or(SectorError::Uri)?;
        return url.host_str().map(str::to_owned).ok_or(SectorError::Uri);
    }
    let mut hosts = redirect_uris.iter().map(|uri| {
        let url = Url::parse(uri.as_ref()).ok()?;
        url.host_str().filter(|h| !h.is_empty()).map(str::to_owned)
    });
    let first = hosts.next().flatten().ok_or(SectorError::Ambiguous)?;
    if hosts.all(|host| host.as_ref() == Some(&first)) {
        Ok(first)
    } else {
        Err(SectorError::Ambiguous)
    }
}

/// Checks the document fetched from `sector_identifier_uri`: it must list every redirect URI (OIDC Registration 5).
pub fn check_sector_document<S: AsRef<str>>(document: &[u8], redirect_uris: &[S]) -> Result<(), SectorError> {
    let value = parse_value(document, DOCUMENT_LIMITS).map_err(|_| SectorError::Document)?;
    let entries = value.as_array().ok_or(SectorError::Document)?;
    if !entries.iter().all(serde_json::Value::is_string) {
        return Err(SectorError::Document);
    }
    let listed = |uri: &S| entries.iter().any(|e| e == uri.as_ref());
    if redirect_uris.iter().all(listed) {
        Ok(())
    } else {
        Err(SectorError::Missing)
    }
}

/// The pairwise subject: `BASE64URL(HMAC-SHA256(salt, sector, account))` (OIDC Core 8.1).
///
/// `salt` is a secret of the tenant, at least 32 random bytes, and must never change. The account id is length-prefixed, so
/// that no two pairs run together.
pub fn pairwise_subject(salt: &[u8], sector: &str, account_id: &str) -> String {
    let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, salt));
    context.update(b"authflow pairwise subject v1\0");
    context.update(&(sector.len() as u64).to_be_bytes());
    context.update(sector.as_bytes());
    context.update(account_id.as_bytes());
    URL_SAFE_NO_PAD.encode(context.sign())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn pairwise_subject_is_stable_and_depends_on_every_input() {
        let subject = pairwise_subject(&[1; 32], "app.example", "usr_1");
        assert_eq!(subject, pairwise_subject(&[1; 32], "app.example", "usr_1"));
        assert_eq!(subject, "ZcZueDQ9GRvG4tjD0jXbBmKxR6b_a1Qnnd_FWp-P9u8");
        for other in [
            pairwise_subject(&[2; 32], "app.example", "usr_1"),
            pairwise_subject(&[1; 32], "other.example", "usr_1"),
            pairwise_subject(&[1; 32], "app.example", "usr_2"),
            pairwise_subject(&[1; 32], "app.exampleu", "sr_1"),
        ] {
            assert_ne!(subject, other);
        }
    }

    #[test]
    fn sector_is_the_one_host_or_the_named_one() {
        let one = ["https://app.example/a", "https://app.example:8443/b"];
        assert_eq!(sector_identifier(&one, None).unwrap(), "app.example");
        let two = ["https://app.example/a", "https://other.example/b"];
        assert_eq!(sector_identifier(&two, None), Err(SectorError::Ambiguous));
        assert_eq!(
            sector_identifier(&two, Some("https://sector.example/uris.json")).unwrap(),
            "sector.example"
        );
        assert_eq!(
            sector_identifier(&two, Some("http://sector.example/")),
            Err(SectorError::Uri)
        );
        assert_eq!(sector_identifier::<&str>(&[], None), Err(SectorError::Ambiguous));
        assert_eq!(
            sector_identifier(&["com.example.app:/cb"], None),
            Err(SectorError::Ambiguous)
        );
    }

    #[test]
    fn sector_document_must_list_every_redirect_uri() {
        let uris = ["https://a.example/cb", "https://b.example/cb"];
        let document = br#"["https://b.example/cb","https://a.example/cb","https://c.example/cb"]"#;
        assert_eq!(check_sector_document(document, &uris), Ok(()));
        assert_eq!(
            check_sector_document(br#"["https://a.example/cb"]"#, &uris),
            Err(SectorError::Missing)
        );
        for bad in [&b"{}"[..], b"[1]", b"[[]]", b"", b"[\"a\""] {
            assert_eq!(check_sector_document(bad, &uris), Err(SectorError::Document));
        }
    }

    proptest! {
        #[test]
        fn distinct_pairs_have_distinct_subjects(a in ".{0,8}", b in ".{0,8}", c in ".{0,8}", d in ".{0,8}") {
            let same = pairwise_subject(b"salt", &a, &b) == pairwise_subject(b"salt", &c, &d);
            prop_assert_eq!(same, (a, b) == (c, d));
        }

        #[test]
        fn arbitrary_documents_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
            let _ = check_sector_document(&bytes, &["https://a.example/cb"]);
        }

        #[test]
        fn arbitrary_uris_never_panic(uri in ".*", sector in ".*") {
            let _ = sector_identifier(&[&uri], Some(&sector));
            let _ = sector_identifier(&[&uri], None);
        }
    }
}
