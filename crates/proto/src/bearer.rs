//! Bearer tokens (RFC 6750): where they come from, and the challenge that answers a bad one.

use std::fmt;

use http::HeaderMap;
use http::header::AUTHORIZATION;

use crate::error::{OAuthError, OAuthErrorCode, into_oauth_error};
use crate::form::{FormError, Params};
use crate::scope::ScopeSet;
use crate::secret::SecretText;
use crate::token_request::MAX_OPAQUE_BYTES;

/// Why no bearer token could be read. Always `invalid_request` (RFC 6750 3.1).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BearerError {
    /// The body repeats `access_token`.
    #[error(transparent)]
    Form(#[from] FormError),
    /// The token comes in more than one way (RFC 6750 2).
    #[error("the access token is sent in more than one way")]
    SeveralTokens,
    /// Not a `b64token` (RFC 6750 2.1), or too long.
    #[error("the access token is malformed")]
    Malformed,
}

impl BearerError {
    /// The OAuth code: `invalid_request`.
    pub fn code(&self) -> OAuthErrorCode {
        OAuthErrorCode::InvalidRequest
    }
}

into_oauth_error!(BearerError);

/// Reads the bearer token from the header (RFC 6750 2.1) or from a form body (RFC 6750 2.2); never from the query (2.3).
///
/// Pass `body` only for a POST whose content type is `application/x-www-form-urlencoded`. `None` when there is no token:
/// another `Authorization` scheme is not a bearer token.
pub fn extract(headers: &HeaderMap, body: Option<&Params<'_>>) -> Result<Option<SecretText>, BearerError> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let value = values.next();
    if values.next().is_some() {
        return Err(BearerError::SeveralTokens);
    }
    let in_header = match value {
        Some(value) => header_token(value.as_bytes())?,
        None => None,
    };
    let in_body = body.map(|b| b.unique("access_token")).transpose()?.flatten();
    match (in_header, in_body) {
        (Some(_), Some(_)) => Err(BearerError::SeveralTokens),
        (Some(token), None) | (None, Some(token)) if is_b64token(token) => Ok(Some(SecretText::new(token))),
        (None, None) => Ok(None),
        _ => Err(BearerError::Malformed),
    }
}

/// The token of a `Bearer` header value; `None` for another scheme.
fn header_token(value: &[u8]) -> Result<Option<&str>, BearerError> {
    let mut halves = value.splitn(2, |b| *b == b' ');
    if !halves
        .next()
        .is_some_and(|scheme| scheme.eq_ignore_ascii_case(b"bearer"))
    {
        return Ok(None);
    }
    let token = halves.next().unwrap_or_default().trim_ascii();
    std::str::from_utf8(token)
        .map(Some)
        .map_err(|_| BearerError::Malformed)
}

/// `1*( ALPHA / DIGIT / "-" / "." / "_" / "~" / "+" / "/" ) *"="` (RFC 6750 2.1).
fn is_b64token(text: &str) -> bool {
    let body = text.trim_end_matches('=');
    !body.is_empty()
        && text.len() <= MAX_OPAQUE_BYTES
        && body
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~' | b'+' | b'/'))
}

/// A `WWW-Authenticate` value (RFC 6750 3, RFC 9110 11.6.1). `Display` renders it; quoting is safe for any text.
#[derive(Debug, Clone)]
pub struct Challenge<'a> {
    scheme: &'static str,
    realm: &'a str,
    error: Option<&'a OAuthError>,
    scope: Option<&'a ScopeSet>,
}

impl<'a> Challenge<'a> {
    /// A `Bearer` challenge: what an endpoint protected by access tokens answers with.
    pub fn bearer(realm: &'a str) -> Self {
        Self {
            scheme: "Bearer",
            realm,
            error: None,
            scope: None,
        }
    }

    /// A `Basic` challenge: what the token endpoint answers failed client authentication with (RFC 6749 5.2).
    pub fn basic(realm: &'a str) -> Self {
        Self {
            scheme: "Basic",
            realm,
            error: None,
            scope: None,
        }
    }

    /// Adds the error. A request without any token gets none (RFC 6750 3.1).
    #[must_use]
    pub fn error(mut self, error: &'a OAuthError) -> Self {
        self.error = Some(error);
        self
    }

    /// Adds the scope that would be enough (RFC 6750 3).
    #[must_use]
    pub fn scope(mut self, scope: &'a ScopeSet) -> Self {
        self.scope = Some(scope);
        self
    }
}

impl fmt::Display for Challenge<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} realm=", self.scheme)?;
        quoted(f, self.realm)?;
        if let Some(error) = self.error {
            f.write_str(", error=")?;
            quoted(f, error.code().as_str())?;
            f.write_str(", error_description=")?;
            quoted(f, error.description())?;
        }
        if let Some(scope) = self.scope {
            // Scope tokens hold neither quotes nor backslashes (RFC 6749 3.3).
            write!(f, ", scope=\"{scope}\"")?;
        }
        Ok(())
    }
}

/// A quoted string (RFC 9110 5.6.4); what a header cannot carry becomes `?`.
fn quoted(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    use fmt::Write as _;
    f.write_char('"')?;
    for c in text.chars() {
        match c {
            '"' | '\\' => {
                f.write_char('\\')?;
                f.write_char(c)?;
            }
            ' '..='~' => f.write_char(c)?,
            _ => f.write_char('?')?,
        }
    }
    f.write_char('"')
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    fn read(header: Option<&str>, body: Option<&[(&str, &str)]>) -> Result<Option<String>, BearerError> {
        let mut headers = HeaderMap::new();
        if let Some(value) = header {
            headers.insert(AUTHORIZATION, HeaderValue::from_str(value).unwrap());
        }
        let params: Option<Params<'_>> = body.map(|b| b.iter().copied().collect());
        extract(&headers, params.as_ref()).map(|t| t.map(|t| t.expose().to_owned()))
    }

    #[test]
    fn header_and_body_are_read() {
        assert_eq!(
            read(Some("Bearer mF_9.B5f-4.1JqM"), None),
            Ok(Some("mF_9.B5f-4.1JqM".into()))
        );
        assert_eq!(read(Some("bearer  a=="), None), Ok(Some("a==".into())));
        assert_eq!(
            read(None, Some(&[("access_token", "abc")])),
            Ok(Some("abc".into()))
        );
        assert_eq!(read(None, None), Ok(None));
        assert_eq!(read(Some("Basic YTpi"), None), Ok(None));
        assert_eq!(read(Some("Bearerabc"), None), Ok(None));
    }

    #[test]
    fn two_tokens_or_a_malformed_one_are_refused() {
        assert_eq!(
            read(Some("Bearer a"), Some(&[("access_token", "a")])),
            Err(BearerError::SeveralTokens)
        );
        for header in [
            "Bearer",
            "Bearer ",
            "Bearer a b",
            "Bearer a,b",
            "Bearer \"a\"",
            "Bearer =",
            "Bearer a=b",
        ] {
            assert_eq!(read(Some(header), None), Err(BearerError::Malformed), "{header}");
        }
        assert_eq!(
            read(None, Some(&[("access_token", "a b")])),
            Err(BearerError::Malformed)
        );
        assert!(read(None, Some(&[("access_token", "a"), ("access_token", "b")])).is_err());
        let mut headers = HeaderMap::new();
        headers.append(AUTHORIZATION, HeaderValue::from_static("Bearer a"));
        headers.append(AUTHORIZATION, HeaderValue::from_static("Bearer a"));
        assert_eq!(extract(&headers, None), Err(BearerError::SeveralTokens));
    }

    #[test]
    fn challenge_names_realm_error_and_scope() {
        let error = OAuthError::new(OAuthErrorCode::InsufficientScope, "more is needed");
        let scope = ScopeSet::parse("a b").unwrap();
        assert_eq!(Challenge::bearer("acme").to_string(), r#"Bearer realm="acme""#);
        assert_eq!(
            Challenge::bearer("acme").error(&error).scope(&scope).to_string(),
            r#"Bearer realm="acme", error="insufficient_scope", error_description="more is needed", scope="a b""#
        );
    }

    proptest! {
        #[test]
        fn challenge_is_always_a_header_value(realm in ".*") {
            let rendered = Challenge::basic(&realm).to_string();
            prop_assert!(HeaderValue::from_str(&rendered).is_ok());
            prop_assert!(rendered.is_ascii());
        }

        #[test]
        fn arbitrary_headers_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
            if let Ok(value) = HeaderValue::from_bytes(&bytes) {
                let headers: HeaderMap = [(AUTHORIZATION, value)].into_iter().collect();
                let _ = extract(&headers, None);
            }
        }
    }
}
