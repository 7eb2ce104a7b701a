//! How a client authenticates at the token endpoint: what it presented, before anything is checked (RFC 6749 2.3, OIDC Core 9).

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use http::HeaderMap;
use http::header::AUTHORIZATION;
use serde::{Deserialize, Serialize};

use crate::authorize::is_client_id;
use crate::error::{OAuthErrorCode, into_oauth_error};
use crate::form::{FormError, Params, decode};
use crate::jose;
use crate::secret::SecretText;

/// Longest client secret, in bytes.
pub const MAX_CLIENT_SECRET_BYTES: usize = 512;
const MAX_BASIC_BYTES: usize = 2048;
/// Clients differ in whether they pad; stray bits are refused either way.
const BASIC: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);
/// The only `client_assertion_type` (RFC 7523 2.2).
pub const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// A registered way to authenticate (RFC 7591 2, OIDC Core 9).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuthMethod {
    /// Public client: no secret.
    None,
    /// Secret in the `Authorization` header.
    ClientSecretBasic,
    /// Secret in the body.
    ClientSecretPost,
    /// Assertion signed with the secret.
    ClientSecretJwt,
    /// Assertion signed with a private key.
    PrivateKeyJwt,
}

impl AuthMethod {
    /// Every method, in the order that discovery lists them.
    pub const ALL: &'static [Self] = &[
        Self::ClientSecretBasic,
        Self::ClientSecretPost,
        Self::ClientSecretJwt,
        Self::PrivateKeyJwt,
        Self::None,
    ];

    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::ClientSecretBasic => "client_secret_basic",
            Self::ClientSecretPost => "client_secret_post",
            Self::ClientSecretJwt => "client_secret_jwt",
            Self::PrivateKeyJwt => "private_key_jwt",
        }
    }
}

impl std::str::FromStr for AuthMethod {
    type Err = UnknownAuthMethod;

    fn from_str(text: &str) -> Result<Self, UnknownAuthMethod> {
        Self::ALL
            .iter()
            .copied()
            .find(|m| m.as_str() == text)
            .ok_or(UnknownAuthMethod)
    }
}

/// The name is not one of the authentication methods served.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the authentication method is not one of those known")]
pub struct UnknownAuthMethod;

/// Why the presented authentication was refused before it was checked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ClientAuthError {
    /// A parameter is repeated.
    #[error(transparent)]
    Form(#[from] FormError),
    /// More than one method in one request (RFC 6749 2.3).
    #[error("the request authenticates its client in more than one way")]
    SeveralMethods,
    /// No client authentication included (RFC 6749 5.2): neither header nor assertion nor `client_id`.
    #[error("the request does not say which client it comes from")]
    Nothing,
    /// A secret without `client_id`.
    #[error("`client_id` is missing")]
    MissingClientId,
    /// `client_id` in the body differs from the authenticated one.
    #[error("`client_id` differs from the authenticated client")]
    ClientIdMismatch,
    /// `client_id` is malformed.
    #[error("`client_id` is malformed")]
    ClientId,
    /// Only one of `client_assertion` and `client_assertion_type`, or another type.
    #[error("`client_assertion` needs the `client_assertion_type` {JWT_BEARER}")]
    AssertionType,
    /// The `Authorization` header is not well-formed Basic.
    #[error("the `Authorization` header is not well-formed HTTP Basic authentication")]
    Basic,
    /// The `Authorization` header uses another scheme.
    #[error("the `Authorization` header must use the Basic scheme")]
    Scheme,
    /// The secret is too long or holds characters outside RFC 6749 A.2.
    #[error("the client secret is malformed")]
    Secret,
    /// The assertion is too long or not a JWT.
    #[error("the client assertion is malformed")]
    Assertion,
}

impl ClientAuthError {
    /// `invalid_client` where an authentication failed, `invalid_request` where the request contradicts itself.
    pub fn code(&self) -> OAuthErrorCode {
        match self {
            Self::Nothing
            | Self::MissingClientId
            | Self::Basic
            | Self::Scheme
            | Self::Secret
            | Self::Assertion => OAuthErrorCode::InvalidClient,
            _ => OAuthErrorCode::InvalidRequest,
        }
    }
}

into_oauth_error!(ClientAuthError);

/// What a client presented. Nothing is verified; secrets do not show in `Debug`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Presented {
    /// Only a `client_id`: a public client.
    Public {
        /// Who it says it is.
        client_id: String,
    },
    /// `client_secret_basic`.
    Basic {
        /// Who it says it is.
        client_id: String,
        /// The secret.
        secret: SecretText,
    },
    /// `client_secret_post`.
    Post {
        /// Who it says it is.
        client_id: String,
        /// The secret.
        secret: SecretText,
    },
    /// `client_secret_jwt` or `private_key_jwt`: the registered method decides which.
    Assertion {
        /// Who it says it is: `client_id`, else the assertion's unproven `sub` (RFC 7523 3).
        client_id: String,
        /// The JWT.
        assertion: SecretText,
    },
}

impl Presented {
    /// Reads the authentication from the header and the body of a request.
    pub fn extract(headers: &HeaderMap, params: &Params<'_>) -> Result<Self, ClientAuthError> {
        let client_id = params.unique("client_id")?;
        if client_id.is_some_and(|id| !is_client_id(id)) {
            return Err(ClientAuthError::ClientId);
        }
        let post = params.unique("client_secret")?;
        let assertion = (
            params.unique("client_assertion")?,
            params.unique("client_assertion_type")?,
        );
        let mut authorization = headers.get_all(AUTHORIZATION).iter();
        let header = authorization.next();
        if authorization.next().is_some() {
            return Err(ClientAuthError::SeveralMethods);
        }
        match (header, post, assertion) {
            (None, None, (None, None)) => {
                let client_id = client_id.ok_or(ClientAuthError::Nothing)?.to_owned();
                Ok(Self::Public { client_id })
            }
            (Some(header), None, (None, None)) => basic(header.as_bytes(), client_id),
            (None, Some(secret), (None, None)) => {
                let client_id = client_id.ok_or(ClientAuthError::MissingClientId)?.to_owned();
                Ok(Self::Post {
                    client_id,
                    secret: client_secret(secret)?,
                })
            }
            (None, None, (Some(jwt), Some(JWT_BEARER))) => assertion_of(jwt, client_id),
            (None, None, _) => Err(ClientAuthError::AssertionType),
            _ => Err(ClientAuthError::SeveralMethods),
        }
    }

    /// Who the client says it is.
    pub fn client_id(&self) -> &str {
        match self {
            Self::Public { client_id }
            | Self::Basic { client_id, .. }
            | Self::Post { client_id, .. }
            | Self::Assertion { client_id, .. } => client_id,
        }
    }

    /// Whether this is what a client registered with `method` may present.
    pub fn fits(&self, method: AuthMethod) -> bool {
        match self {
            Self::Public { .. } => method == AuthMethod::None,
            Self::Basic { .. } => method == AuthMethod::ClientSecretBasic,
            Self::Post { .. } => method == AuthMethod::ClientSecretPost,
            Self::Assertion { .. } => {
                matches!(method, AuthMethod::ClientSecretJwt | AuthMethod::PrivateKeyJwt)
            }
        }
    }
}

/// RFC 6749 2.3.1: `base64(form-encoded id ":" form-encoded secret)`.
fn basic(header: &[u8], body_client_id: Option<&str>) -> Result<Presented, ClientAuthError> {
    let (client_id, secret) = parse_basic(header)?;
    if body_client_id.is_some_and(|id| id != client_id) {
        return Err(ClientAuthError::ClientIdMismatch);
    }
    Ok(Presented::Basic { client_id, secret })
}

/// Parses an `Authorization: Basic` header value into client id and secret, form-decoding both (RFC 6749 2.3.1).
///
/// The first colon separates: an id with a colon arrives escaped.
pub fn parse_basic(header: &[u8]) -> Result<(String, SecretText), ClientAuthError> {
    if header.len() > MAX_BASIC_BYTES {
        return Err(ClientAuthError::Basic);
    }
    let credentials = match header.split_at_checked(6) {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case(b"basic ") => rest.trim_ascii(),
        _ if header.eq_ignore_ascii_case(b"basic") => return Err(ClientAuthError::Basic),
        _ => return Err(ClientAuthError::Scheme),
    };
    let decoded = zeroize::Zeroizing::new(BASIC.decode(credentials).map_err(|_| ClientAuthError::Basic)?);
    let mut halves = decoded.splitn(2, |b| *b == b':');
    let (Some(id), Some(secret)) = (halves.next(), halves.next()) else {
        return Err(ClientAuthError::Basic);
    };
    let id = decode(id).map_err(|_| ClientAuthError::Basic)?;
    let secret = decode(secret).map_err(|_| ClientAuthError::Basic)?;
    if !is_client_id(&id) {
        return Err(ClientAuthError::Basic);
    }
    Ok((id.into_owned(), client_secret(&secret)?))
}

/// RFC 6749 A.2: visible ASCII and spaces. An empty secret is left to the comparison, which it cannot pass.
fn client_secret(text: &str) -> Result<SecretText, ClientAuthError> {
    if text.len() > MAX_CLIENT_SECRET_BYTES || !text.bytes().all(|b| matches!(b, 0x20..=0x7e)) {
        return Err(ClientAuthError::Secret);
    }
    Ok(SecretText::new(text))
}

fn assertion_of(jwt: &str, client_id: Option<&str>) -> Result<Presented, ClientAuthError> {
    let unproven = jose::peek(jwt).map_err(|_| ClientAuthError::Assertion)?;
    let subject = unproven
        .claims
        .get("sub")
        .and_then(|s| s.as_str())
        .filter(|s| is_client_id(s));
    let subject = subject.ok_or(ClientAuthError::Assertion)?;
    if client_id.is_some_and(|id| id != subject) {
        return Err(ClientAuthError::ClientIdMismatch);
    }
    Ok(Presented::Assertion {
        client_id: subject.to_owned(),
        assertion: SecretText::new(jwt),
    })
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
    use http::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    fn extract(header: Option<&str>, pairs: &[(&str, &str)]) -> Result<Presented, ClientAuthError> {
        let mut headers = HeaderMap::new();
        if let Some(value) = header {
            headers.insert(AUTHORIZATION, HeaderValue::from_str(value).unwrap());
        }
        Presented::extract(&headers, &pairs.iter().copied().collect())
    }

    fn basic_header(credentials: &str) -> String {
        format!("Basic {}", STANDARD.encode(credentials))
    }

    #[test]
    fn rfc_6749_2_3_1_example_is_read() {
        let presented = extract(Some("Basic czZCaGRSa3F0MzpnWDFmQmF0M2JW"), &[]).unwrap();
        let expected = Presented::Basic {
            client_id: "s6BhdRkqt3".into(),
            secret: SecretText::new("gX1fBat3bV"),
        };
        assert_eq!(presented, expected);
        assert!(
            presented.fits(AuthMethod::ClientSecretBasic) && !presented.fits(AuthMethod::ClientSecretPost)
        );
        assert!(!format!("{presented:?}").contains("gX1f"));
    }

    #[test]
    fn basic_form_decodes_both_halves() {
        let (id, secret) = parse_basic(basic_header("a%3Ab:s%2B%25+x:y").as_bytes()).unwrap();
        assert_eq!(id, "a:b");
        assert_eq!(secret.expose(), "s+% x:y");
        let unpadded = basic_header("a:b").replace('=', "");
        assert!(parse_basic(unpadded.as_bytes()).is_ok());
        assert!(parse_basic(basic_header("a:b").replace("Basic", "bAsIc").as_bytes()).is_ok());
        assert_eq!(parse_basic(basic_header("a:").as_bytes()).unwrap().1.expose(), "");
    }

    #[test]
    fn malformed_basic_is_invalid_client() {
        use ClientAuthError as E;
        for (header, error) in [
            ("Basic", E::Basic),
            ("Basic ", E::Basic),
            ("Basic !!!", E::Basic),
            ("Basic YQ", E::Basic), // no colon
            (basic_header(":secret").as_str(), E::Basic),
            (basic_header("a%zz:b").as_str(), E::Basic),
            (basic_header("a:b%ff").as_str(), E::Basic),
            (basic_header("a:b%00").as_str(), E::Basic),
            (basic_header("a\n:b").as_str(), E::Basic),
            (basic_header("a:b\u{e9}").as_str(), E::Secret),
            (
                basic_header(&format!("a:{}", "b".repeat(513))).as_str(),
                E::Secret,
            ),
            (basic_header(&"a".repeat(2000)).as_str(), E::Basic),
            ("Bearer abc", E::Scheme),
            ("Basicabc", E::Scheme),
            ("Digest x", E::Scheme),
        ] {
            assert_eq!(parse_basic(header.as_bytes()).unwrap_err(), error, "{header}");
            assert_eq!(error.code(), OAuthErrorCode::InvalidClient);
        }
    }

    #[test]
    fn two_methods_at_once_are_refused() {
        let jwt = format!(
            "{}.{}.AA",
            URL_SAFE_NO_PAD.encode(r#"{"alg":"ES256"}"#),
            URL_SAFE_NO_PAD.encode(r#"{"sub":"a"}"#)
        );
        let header = basic_header("a:b");
        for (header, pairs) in [
            (Some(&header), vec![("client_secret", "b")]),
            (
                Some(&header),
                vec![
                    ("client_assertion", jwt.as_str()),
                    ("client_assertion_type", JWT_BEARER),
                ],
            ),
            (
                None,
                vec![
                    ("client_secret", "b"),
                    ("client_assertion", &jwt),
                    ("client_assertion_type", JWT_BEARER),
                ],
            ),
        ] {
            let error = extract(header.map(String::as_str), &pairs).unwrap_err();
            assert_eq!(error, ClientAuthError::SeveralMethods);
            assert_eq!(error.code(), OAuthErrorCode::InvalidRequest);
        }
        let mut headers = HeaderMap::new();
        headers.append(AUTHORIZATION, HeaderValue::from_static("Basic YTpi"));
        headers.append(AUTHORIZATION, HeaderValue::from_static("Basic YTpi"));
        assert_eq!(
            Presented::extract(&headers, &Params::default()),
            Err(ClientAuthError::SeveralMethods)
        );
    }

    #[test]
    fn client_id_in_the_body_must_agree() {
        let header = basic_header("a:b");
        assert!(extract(Some(&header), &[("client_id", "a")]).is_ok());
        assert_eq!(
            extract(Some(&header), &[("client_id", "c")]),
            Err(ClientAuthError::ClientIdMismatch)
        );
        assert_eq!(extract(None, &[]), Err(ClientAuthError::Nothing));
        assert_eq!(
            extract(None, &[("client_secret", "b")]),
            Err(ClientAuthError::MissingClientId)
        );
        for missing in [ClientAuthError::Nothing, ClientAuthError::MissingClientId] {
            assert_eq!(missing.code(), OAuthErrorCode::InvalidClient, "RFC 6749 5.2");
        }
        let twice = extract(None, &[("client_id", "a"), ("client_id", "a")]);
        assert_eq!(
            twice,
            Err(ClientAuthError::Form(FormError::Repeated { name: "client_id" }))
        );
        let public = extract(None, &[("client_id", "a"), ("client_secret", "")]).unwrap();
        assert_eq!(
            public,
            Presented::Public {
                client_id: "a".into()
            }
        );
    }

    #[test]
    fn assertion_names_its_client() {
        let jwt = format!(
            "{}.{}.AA",
            URL_SAFE_NO_PAD.encode(r#"{"alg":"ES256"}"#),
            URL_SAFE_NO_PAD.encode(r#"{"sub":"a"}"#)
        );
        let pairs = [
            ("client_assertion", jwt.as_str()),
            ("client_assertion_type", JWT_BEARER),
        ];
        let presented = extract(None, &pairs).unwrap();
        assert_eq!(presented.client_id(), "a");
        assert!(presented.fits(AuthMethod::PrivateKeyJwt) && !presented.fits(AuthMethod::None));
        let other = [pairs[0], pairs[1], ("client_id", "b")];
        assert_eq!(extract(None, &other), Err(ClientAuthError::ClientIdMismatch));
        assert_eq!(extract(None, &pairs[..1]), Err(ClientAuthError::AssertionType));
        assert_eq!(extract(None, &pairs[1..]), Err(ClientAuthError::AssertionType));
        let broken = [("client_assertion", "x"), pairs[1]];
        assert_eq!(extract(None, &broken), Err(ClientAuthError::Assertion));
    }

    proptest! {
        #[test]
        fn arbitrary_headers_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
            let _ = parse_basic(&bytes);
            let _ = parse_basic(format!("Basic {}", STANDARD.encode(&bytes)).as_bytes());
        }

        #[test]
        fn encoded_credentials_round_trip(id in "[ -~]{1,40}", secret in "[ -~]{0,40}") {
            let mut pair = String::new();
            crate::form::append_pair(&mut pair, true, &id, &secret);
            let (read_id, read_secret) = parse_basic(basic_header(&pair.replacen('=', ":", 1)).as_bytes()).unwrap();
            prop_assert_eq!(read_id, id);
            prop_assert_eq!(read_secret.expose(), secret);
        }
    }
}
