//! A strict `application/x-www-form-urlencoded` parser (WHATWG URL 5.1, RFC 6749 appendix B), for queries and bodies.
//!
//! Broken percent escapes, invalid UTF-8 and NUL are refused rather than repaired: two parsers that repair differently
//! are how a check and its use come to disagree.

use std::borrow::Cow;
use std::fmt;

use crate::error::{OAuthErrorCode, into_oauth_error};

/// Bounds on one form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FormLimits {
    /// Longest input, in bytes, before decoding.
    pub max_bytes: usize,
    /// Most `name=value` pairs.
    pub max_params: usize,
}

impl FormLimits {
    /// For a request's query string: 16 KiB, 100 pairs.
    pub const QUERY: Self = Self {
        max_bytes: 16 * 1024,
        max_params: 100,
    };
    /// For a request's body: 64 KiB, 100 pairs.
    pub const BODY: Self = Self {
        max_bytes: 64 * 1024,
        max_params: 100,
    };
}

/// Why a form was refused. Always `invalid_request`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FormError {
    /// More bytes than the limit.
    #[error("the parameters are too long")]
    TooLarge,
    /// More pairs than the limit.
    #[error("there are too many parameters")]
    TooManyParameters,
    /// A `%` that two hexadecimal digits do not follow.
    #[error("the parameters hold a malformed percent escape")]
    PercentEncoding,
    /// Bytes that are not UTF-8 after decoding.
    #[error("the parameters are not valid UTF-8")]
    Utf8,
    /// A NUL character.
    #[error("the parameters hold a NUL character")]
    Nul,
    /// A parameter that occurs more than once (RFC 6749 3.1).
    #[error("the parameter `{name}` must not be repeated")]
    Repeated {
        /// Which one.
        name: &'static str,
    },
}

impl FormError {
    /// The OAuth code: `invalid_request`.
    pub fn code(&self) -> OAuthErrorCode {
        OAuthErrorCode::InvalidRequest
    }
}

into_oauth_error!(FormError);

/// Decoded parameters in the order they came. Borrows from the input where nothing had to be decoded.
///
/// Values may be secrets, so `Debug` shows names only.
#[derive(Clone, Default)]
pub struct Params<'a> {
    pairs: Vec<(Cow<'a, str>, Cow<'a, str>)>,
}

impl<'a> Params<'a> {
    /// Parses a query string (without `?`) or a body.
    pub fn parse(input: &'a [u8], limits: FormLimits) -> Result<Self, FormError> {
        if input.len() > limits.max_bytes {
            return Err(FormError::TooLarge);
        }
        let mut pairs = Vec::with_capacity(8);
        for piece in input.split(|b| *b == b'&').filter(|p| !p.is_empty()) {
            if pairs.len() == limits.max_params {
                return Err(FormError::TooManyParameters);
            }
            let mut halves = piece.splitn(2, |b| *b == b'=');
            let name = decode(halves.next().unwrap_or_default())?;
            let value = decode(halves.next().unwrap_or_default())?;
            pairs.push((name, value));
        }
        Ok(Self { pairs })
    }

    /// The value of a parameter that must occur at most once; empty counts as omitted (RFC 6749 3.1).
    ///
    /// Empty occurrences still count as occurrences: `state=&state=x` is a repetition.
    pub fn unique(&self, name: &'static str) -> Result<Option<&str>, FormError> {
        let mut found = self.pairs.iter().filter(|(n, _)| n == name);
        let first = found.next();
        if found.next().is_some() {
            return Err(FormError::Repeated { name });
        }
        Ok(first.map(|(_, v)| v.as_ref()).filter(|v| !v.is_empty()))
    }

    /// All values of a parameter that may repeat (RFC 8707 2), without the empty ones.
    pub fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.pairs
            .iter()
            .filter(move |(n, v)| n == name && !v.is_empty())
            .map(|(_, v)| v.as_ref())
    }

    /// Every pair in order, empty values included.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.pairs.iter().map(|(n, v)| (n.as_ref(), v.as_ref()))
    }

    /// How many pairs.
    pub fn len(&self) -> usize {
        self.pairs.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.pairs.is_empty()
    }

    /// The same parameters, owning their text.
    pub fn into_owned(self) -> Params<'static> {
        let own = |(n, v): (Cow<'_, str>, Cow<'_, str>)| (n.into_owned().into(), v.into_owned().into());
        Params {
            pairs: self.pairs.into_iter().map(own).collect(),
        }
    }
}

impl<'a> FromIterator<(&'a str, &'a str)> for Params<'a> {
    fn from_iter<I: IntoIterator<Item = (&'a str, &'a str)>>(pairs: I) -> Self {
        Self {
            pairs: pairs.into_iter().map(|(n, v)| (n.into(), v.into())).collect(),
        }
    }
}

impl fmt::Debug for Params<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.pairs.iter().map(|(n, _)| n)).finish()
    }
}

/// Decodes one name or value.
pub(crate) fn decode(text: &[u8]) -> Result<Cow<'_, str>, FormError> {
    if text.contains(&0) {
        return Err(FormError::Nul);
    }
    if !text.iter().any(|b| matches!(b, b'%' | b'+')) {
        return std::str::from_utf8(text)
            .map(Cow::Borrowed)
            .map_err(|_| FormError::Utf8);
    }
    let mut decoded = Vec::with_capacity(text.len());
    let mut bytes = text.iter();
    while let Some(&byte) = bytes.next() {
        decoded.push(match byte {
            b'+' => b' ',
            b'%' => {
                let (high, low) = (hex(bytes.next())?, hex(bytes.next())?);
                high << 4 | low
            }
            other => other,
        });
    }
    if decoded.contains(&0) {
        return Err(FormError::Nul);
    }
    String::from_utf8(decoded)
        .map(Cow::Owned)
        .map_err(|_| FormError::Utf8)
}

fn hex(digit: Option<&u8>) -> Result<u8, FormError> {
    match digit {
        Some(d @ b'0'..=b'9') => Ok(d - b'0'),
        Some(d @ b'a'..=b'f') => Ok(d - b'a' + 10),
        Some(d @ b'A'..=b'F') => Ok(d - b'A' + 10),
        _ => Err(FormError::PercentEncoding),
    }
}

/// Everything but the unreserved characters of RFC 3986 2.3 is escaped, so that both a form and a URL parser read it back.
const ESCAPED: &percent_encoding::AsciiSet = &percent_encoding::NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Appends `name=value`, escaped, with a `&` before it unless `first`.
pub(crate) fn append_pair(out: &mut String, first: bool, name: &str, value: &str) {
    if !first {
        out.push('&');
    }
    out.extend(percent_encoding::utf8_percent_encode(name, ESCAPED));
    out.push('=');
    out.extend(percent_encoding::utf8_percent_encode(value, ESCAPED));
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parse(text: &str) -> Result<Params<'_>, FormError> {
        Params::parse(text.as_bytes(), FormLimits::BODY)
    }

    #[test]
    fn pairs_are_decoded_in_order() {
        let params = parse("a=1+2&b=%C3%A9%20x&&c&=d&e==f").unwrap();
        let pairs: Vec<_> = params.iter().collect();
        assert_eq!(
            pairs,
            [("a", "1 2"), ("b", "\u{e9} x"), ("c", ""), ("", "d"), ("e", "=f")]
        );
    }

    #[test]
    fn repeated_parameter_is_refused_even_when_one_is_empty() {
        let params = parse("state=&state=x&resource=a&resource=&resource=b").unwrap();
        assert_eq!(params.unique("state"), Err(FormError::Repeated { name: "state" }));
        assert_eq!(params.all("resource").collect::<Vec<_>>(), ["a", "b"]);
    }

    #[test]
    fn empty_value_counts_as_omitted() {
        assert_eq!(parse("scope=").unwrap().unique("scope"), Ok(None));
        assert_eq!(parse("scope").unwrap().unique("scope"), Ok(None));
    }

    #[test]
    fn broken_input_is_refused() {
        for text in ["a=%", "a=%2", "a=%zz", "%g0=a", "a=%+1"] {
            assert_eq!(parse(text).unwrap_err(), FormError::PercentEncoding, "{text}");
        }
        for text in ["a=%ff", "a=%C3", "%80=a", "a=%ED%A0%80"] {
            assert_eq!(parse(text).unwrap_err(), FormError::Utf8, "{text}");
        }
        assert_eq!(
            Params::parse(b"a=\xff", FormLimits::BODY).unwrap_err(),
            FormError::Utf8
        );
        assert_eq!(parse("a=%00").unwrap_err(), FormError::Nul);
        assert_eq!(parse("a=\0").unwrap_err(), FormError::Nul);
    }

    #[test]
    fn limits_hold_at_their_boundary() {
        let limits = FormLimits {
            max_bytes: 7,
            max_params: 2,
        };
        assert!(Params::parse(b"a=1&b=2", limits).is_ok());
        assert_eq!(
            Params::parse(b"a=1&b=22", limits).unwrap_err(),
            FormError::TooLarge
        );
        assert_eq!(
            Params::parse(b"a&b&c", limits).unwrap_err(),
            FormError::TooManyParameters
        );
    }

    #[test]
    fn debug_shows_no_values() {
        assert_eq!(
            format!("{:?}", parse("client_secret=hunter2").unwrap()),
            r#"{"client_secret"}"#
        );
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = Params::parse(&bytes, FormLimits::BODY);
        }

        #[test]
        fn encoded_pairs_round_trip(pairs in proptest::collection::vec(("[^\0]*", "[^\0]*"), 0..8)) {
            let mut text = String::new();
            for (i, (n, v)) in pairs.iter().enumerate() {
                append_pair(&mut text, i == 0, n, v);
            }
            let params = parse(&text).unwrap();
            let read: Vec<_> = params.iter().map(|(n, v)| (n.to_owned(), v.to_owned())).collect();
            prop_assert_eq!(read, pairs);
        }
    }
}
