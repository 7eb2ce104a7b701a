//! Public documents that are the same for everybody: bytes with a validator, answered without work.

use authflow_types::Digest;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Long enough to spare everybody a request, short enough that a new key is known before it signs.
const CACHE_CONTROL: HeaderValue = HeaderValue::from_static("public, max-age=300");
const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// A public JSON document, ready to send.
#[derive(Debug, Clone)]
pub struct Document {
    body: Bytes,
    etag: HeaderValue,
}

impl Document {
    /// `body` with a strong validator of its content.
    pub fn new(body: Vec<u8>) -> Self {
        let digest = URL_SAFE_NO_PAD.encode(Digest::of(&body).as_bytes());
        // Base64url between quotes is always a header value.
        let etag =
            HeaderValue::try_from(format!("\"{digest}\"")).unwrap_or(HeaderValue::from_static("\"0\""));
        Self {
            body: Bytes::from(body),
            etag,
        }
    }

    /// The document, or 304 for who has it already (RFC 9110 13.1.2).
    pub fn answer(&self, headers: &HeaderMap) -> Response {
        let is_known = headers
            .get(header::IF_NONE_MATCH)
            .is_some_and(|known| matches(known, &self.etag));
        let mut response = if is_known {
            let mut response = Response::new(Body::empty());
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            response
        } else {
            let mut response = Response::new(Body::from(self.body.clone()));
            response.headers_mut().insert(header::CONTENT_TYPE, JSON);
            response
        };
        response
            .headers_mut()
            .insert(header::CACHE_CONTROL, CACHE_CONTROL);
        response.headers_mut().insert(header::ETAG, self.etag.clone());
        response
    }
}

/// Weak comparison with each validator of the list (RFC 9110 13.1.2).
fn matches(known: &HeaderValue, etag: &HeaderValue) -> bool {
    let (Ok(known), Ok(etag)) = (known.to_str(), etag.to_str()) else {
        return false;
    };
    known
        .split(',')
        .map(str::trim)
        .any(|one| one == "*" || one.strip_prefix("W/").unwrap_or(one) == etag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_validators_match_weakly_and_in_lists() {
        let etag = HeaderValue::from_static("\"abc\"");
        for known in ["\"abc\"", "W/\"abc\"", "\"x\", \"abc\"", "*", "\"x\",W/\"abc\""] {
            assert!(matches(&HeaderValue::from_static(known), &etag), "{known}");
        }
        for other in ["", "abc", "\"ab\"", "\"abcd\"", "W/abc"] {
            assert!(!matches(&HeaderValue::from_static(other), &etag), "{other}");
        }
    }

    #[test]
    fn a_known_document_is_not_sent_again() {
        let document = Document::new(b"{}".to_vec());
        let fresh = document.answer(&HeaderMap::new());
        assert_eq!(fresh.status(), StatusCode::OK);
        assert_eq!(fresh.headers()[header::CACHE_CONTROL], "public, max-age=300");
        let mut headers = HeaderMap::new();
        headers.insert(header::IF_NONE_MATCH, fresh.headers()[header::ETAG].clone());
        let again = document.answer(&headers);
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
        assert_eq!(again.headers()[header::ETAG], fresh.headers()[header::ETAG]);
        assert!(!again.headers().contains_key(header::CONTENT_TYPE));
    }

    #[test]
    fn another_content_has_another_validator() {
        let etag = |body: &[u8]| {
            Document::new(body.to_vec()).answer(&HeaderMap::new()).headers()[header::ETAG].clone()
        };
        assert_ne!(etag(b"{}"), etag(b"[]"));
        assert_eq!(etag(b"{}"), etag(b"{}"));
    }
}
