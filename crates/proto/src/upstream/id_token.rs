//! Validation of an ID token that another provider issued to us (OIDC Core 3.1.3.7, 3.1.3.8).

use serde_json::{Map, Value};

use crate::access_token::Audience;
use crate::jose::{JwkSet, JwtError, TokenType};

/// How far clocks may be apart, in seconds.
const SKEW_S: i64 = 60;
/// An ID token is made for the request at hand; one that was issued longer ago than this was not.
const MAX_AGE_S: i64 = 3600;
/// OIDC Core 2: `sub` has at most 255 ASCII characters.
const MAX_SUBJECT: usize = 255;

/// Whose tokens are accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IssuerRule<'a> {
    /// This issuer's.
    Exactly(&'a str),
    /// Those of every directory: the issuer is this template with the token's own `tid` in place of `{tenantid}`.
    AnyDirectory(&'a str),
}

/// What the token must fit.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// Whose it is.
    pub issuer: IssuerRule<'a>,
    /// Our id there.
    pub client_id: &'a str,
    /// The nonce of the request; `None` for a provider that does not repeat it.
    pub nonce: Option<&'a str>,
    /// The access token that came with it.
    pub access_token: &'a str,
    /// Since when the user must have proven themselves, if they were asked to do so anew. Unix seconds.
    pub authenticated_since: Option<i64>,
    /// The time. Unix seconds.
    pub now: i64,
}

/// Why a token is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IdTokenError {
    /// Malformed, of an algorithm that is not allowed, or not signed by a key of the provider.
    #[error(transparent)]
    Token(#[from] JwtError),
    /// An access token, a logout token or something else with a type of its own.
    #[error("the token is not an ID token")]
    Type,
    /// A required claim is missing or has the wrong form.
    #[error("the ID token lacks a required claim")]
    Claims,
    /// Another issuer.
    #[error("the ID token has another issuer")]
    Issuer,
    /// Issued to another client, or to several without saying which one asked.
    #[error("the ID token was issued to another client")]
    Audience,
    /// Expired, not valid yet, or issued too long ago.
    #[error("the ID token is expired or not yet valid")]
    Times,
    /// Not made for this request.
    #[error("the ID token has another nonce")]
    Nonce,
    /// Not made together with the access token.
    #[error("the ID token does not belong to the access token")]
    AccessToken,
    /// The user proved themselves before they were asked to.
    #[error("the ID token speaks of an earlier sign-in than the one asked for")]
    AuthTime,
}

/// An ID token that fits.
#[derive(Debug, Clone)]
pub struct UpstreamToken {
    /// Who says so; of Microsoft the directory's own issuer.
    pub issuer: String,
    /// About whom.
    pub subject: String,
    /// By what methods they proved themselves, as far as it says (RFC 8176).
    pub amr: Vec<String>,
    /// Every claim.
    pub claims: Map<String, Value>,
}

/// Verifies the signature with one of the provider's `keys`, then every claim in the order of OIDC Core 3.1.3.7.
///
/// # Errors
/// [`IdTokenError`]; [`JwtError::UnknownKey`] means that the keys may be out of date.
pub fn verify(token: &str, keys: &JwkSet, expected: &Expected<'_>) -> Result<UpstreamToken, IdTokenError> {
    // SECURITY: the algorithm is the key's, and a key set holds public keys only: neither `none` nor HS256 passes.
    let verified = keys.verify(token)?;
    if !verified
        .header
        .typ
        .as_deref()
        .is_none_or(|typ| TokenType::Jwt.is(typ))
    {
        return Err(IdTokenError::Type);
    }
    let claims = verified.claims;
    let issuer = check_issuer(&claims, expected.issuer)?;
    check_audience(&claims, expected.client_id)?;
    check_times(&claims, expected.now)?;
    if let Some(nonce) = expected.nonce
        && text(&claims, "nonce") != Some(nonce)
    {
        return Err(IdTokenError::Nonce);
    }
    if let Some(half) = claims.get("at_hash")
        && half.as_str() != Some(&verified.header.alg.half_hash(expected.access_token))
    {
        return Err(IdTokenError::AccessToken);
    }
    if let (Some(since), Some(auth_time)) = (expected.authenticated_since, claims.get("auth_time")) {
        let auth_time = number(auth_time).ok_or(IdTokenError::Claims)?;
        if auth_time < since - SKEW_S {
            return Err(IdTokenError::AuthTime);
        }
    }
    let subject = text(&claims, "sub").ok_or(IdTokenError::Claims)?;
    if subject.is_empty()
        || subject.len() > MAX_SUBJECT
        || !subject.bytes().all(|b| (0x20..0x7f).contains(&b))
    {
        return Err(IdTokenError::Claims);
    }
    Ok(UpstreamToken {
        issuer,
        subject: subject.to_owned(),
        amr: methods(&claims),
        claims,
    })
}

fn check_issuer(claims: &Map<String, Value>, rule: IssuerRule<'_>) -> Result<String, IdTokenError> {
    let issuer = text(claims, "iss").ok_or(IdTokenError::Claims)?;
    let fits = match rule {
        IssuerRule::Exactly(expected) => issuer == expected,
        IssuerRule::AnyDirectory(template) => {
            let directory = text(claims, "tid").ok_or(IdTokenError::Claims)?;
            let is_id = !directory.is_empty()
                && directory.len() <= 64
                && directory.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
            is_id && template.replace("{tenantid}", directory) == issuer
        }
    };
    if fits {
        Ok(issuer.to_owned())
    } else {
        Err(IdTokenError::Issuer)
    }
}

fn check_audience(claims: &Map<String, Value>, client_id: &str) -> Result<(), IdTokenError> {
    let audience = claims.get("aud").cloned().ok_or(IdTokenError::Claims)?;
    let audience: Audience = serde_json::from_value(audience).map_err(|_| IdTokenError::Claims)?;
    let azp = match claims.get("azp") {
        None => None,
        Some(azp) => Some(azp.as_str().ok_or(IdTokenError::Claims)?),
    };
    let is_ours = audience.contains(client_id);
    let several = audience.iter().count() > 1;
    if !is_ours || azp.is_some_and(|azp| azp != client_id) || (several && azp.is_none()) {
        return Err(IdTokenError::Audience);
    }
    Ok(())
}

fn check_times(claims: &Map<String, Value>, now: i64) -> Result<(), IdTokenError> {
    let time = |name: &str| match claims.get(name) {
        None => Ok(None),
        Some(value) => number(value).map(Some).ok_or(IdTokenError::Claims),
    };
    let exp = time("exp")?.ok_or(IdTokenError::Claims)?;
    let iat = time("iat")?.ok_or(IdTokenError::Claims)?;
    let begun = time("nbf")?.is_none_or(|nbf| nbf <= now + SKEW_S);
    if exp <= now - SKEW_S || iat > now + SKEW_S || iat < now - MAX_AGE_S || !begun {
        return Err(IdTokenError::Times);
    }
    Ok(())
}

/// A time as a number, with or without a fraction (RFC 7519 2).
#[expect(clippy::cast_possible_truncation, reason = "saturates, and is compared only")]
fn number(value: &Value) -> Option<i64> {
    value
        .as_i64()
        .or_else(|| value.as_f64().map(|n| n.floor() as i64))
}

fn text<'a>(claims: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    claims.get(name).and_then(Value::as_str)
}

fn methods(claims: &Map<String, Value>) -> Vec<String> {
    let Some(list) = claims.get("amr").and_then(Value::as_array) else {
        return Vec::new();
    };
    let plain = |text: &&str| {
        (1..=20).contains(&text.len())
            && text
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'))
    };
    let texts = list.iter().filter_map(Value::as_str).filter(plain);
    texts.take(10).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::jose::{Algorithm, SigningKey};

    const NOW: i64 = 1_700_000_000;

    fn expected() -> Expected<'static> {
        Expected {
            issuer: IssuerRule::Exactly("https://op.example"),
            client_id: "us",
            nonce: Some("n-0S6"),
            access_token: "access",
            authenticated_since: None,
            now: NOW,
        }
    }

    fn claims() -> Value {
        json!({
            "iss": "https://op.example", "sub": "248289761001", "aud": "us", "nonce": "n-0S6",
            "exp": NOW + 300, "iat": NOW, "amr": ["pwd", "otp", 7, "a b"],
        })
    }

    struct Provider {
        key: SigningKey,
        keys: JwkSet,
    }

    impl Provider {
        fn new(alg: Algorithm) -> Self {
            let key = SigningKey::generate(alg).unwrap();
            let keys = [key.verifying_key().unwrap()].into_iter().collect();
            Self { key, keys }
        }

        fn check(&self, claims: &Value, expected: &Expected<'_>) -> Result<UpstreamToken, IdTokenError> {
            verify(
                &self.key.sign(TokenType::Jwt, claims).unwrap(),
                &self.keys,
                expected,
            )
        }

        fn with(&self, name: &str, value: Value) -> Result<UpstreamToken, IdTokenError> {
            let mut claims = claims();
            claims[name] = value;
            self.check(&claims, &expected())
        }

        fn without(&self, name: &str) -> Result<UpstreamToken, IdTokenError> {
            let mut claims = claims();
            claims.as_object_mut().unwrap().remove(name);
            self.check(&claims, &expected())
        }
    }

    #[test]
    fn a_token_for_this_request_tells_who_it_is() {
        for alg in Algorithm::ASYMMETRIC {
            let provider = Provider::new(*alg);
            let mut claims = claims();
            claims["at_hash"] = json!(alg.half_hash("access"));
            let token = provider.check(&claims, &expected()).unwrap();
            assert_eq!(
                (token.issuer.as_str(), token.subject.as_str()),
                ("https://op.example", "248289761001")
            );
            assert_eq!(token.amr, ["pwd", "otp"]);
        }
    }

    #[test]
    fn another_issuer_audience_nonce_or_access_token_is_refused() {
        let provider = Provider::new(Algorithm::ES256);
        let refused = |name: &str, value: Value| provider.with(name, value).unwrap_err();
        assert_eq!(refused("iss", json!("https://op.example/")), IdTokenError::Issuer);
        assert_eq!(refused("aud", json!("them")), IdTokenError::Audience);
        assert_eq!(refused("aud", json!(["us", "them"])), IdTokenError::Audience);
        assert_eq!(refused("aud", json!([])), IdTokenError::Audience);
        assert_eq!(refused("azp", json!("them")), IdTokenError::Audience);
        assert_eq!(refused("nonce", json!("replayed")), IdTokenError::Nonce);
        assert_eq!(refused("at_hash", json!("x")), IdTokenError::AccessToken);
        assert_eq!(refused("sub", json!("")), IdTokenError::Claims);
        assert_eq!(refused("sub", json!(7)), IdTokenError::Claims);
        assert_eq!(provider.without("nonce").unwrap_err(), IdTokenError::Nonce);
        for name in ["iss", "sub", "aud", "exp", "iat"] {
            assert_eq!(
                provider.without(name).unwrap_err(),
                IdTokenError::Claims,
                "{name}"
            );
        }
        let mut both = claims();
        (both["aud"], both["azp"]) = (json!(["us", "them"]), json!("us"));
        assert!(provider.check(&both, &expected()).is_ok());
    }

    #[test]
    fn times_count_to_the_second() {
        let provider = Provider::new(Algorithm::ES256);
        assert!(provider.with("exp", json!(NOW - SKEW_S + 1)).is_ok());
        assert_eq!(
            provider.with("exp", json!(NOW - SKEW_S)).unwrap_err(),
            IdTokenError::Times
        );
        assert!(provider.with("iat", json!(NOW + SKEW_S)).is_ok());
        assert_eq!(
            provider.with("iat", json!(NOW + SKEW_S + 1)).unwrap_err(),
            IdTokenError::Times
        );
        assert_eq!(
            provider.with("iat", json!(NOW - MAX_AGE_S - 1)).unwrap_err(),
            IdTokenError::Times
        );
        assert_eq!(
            provider.with("nbf", json!(NOW + SKEW_S + 1)).unwrap_err(),
            IdTokenError::Times
        );
        assert_eq!(
            provider.with("exp", json!("soon")).unwrap_err(),
            IdTokenError::Claims
        );
        let again = Expected {
            authenticated_since: Some(NOW),
            ..expected()
        };
        let mut claims = claims();
        claims["auth_time"] = json!(NOW - SKEW_S - 1);
        assert_eq!(
            provider.check(&claims, &again).unwrap_err(),
            IdTokenError::AuthTime
        );
        claims["auth_time"] = json!(NOW);
        assert!(provider.check(&claims, &again).is_ok());
    }

    #[test]
    fn neither_a_strangers_key_nor_no_key_nor_our_secret_signs_for_the_provider() {
        let provider = Provider::new(Algorithm::RS256);
        let stranger = Provider::new(Algorithm::RS256);
        let forged = stranger.key.sign(TokenType::Jwt, &claims()).unwrap();
        let refused = verify(&forged, &provider.keys, &expected()).unwrap_err();
        assert_eq!(refused, IdTokenError::Token(JwtError::UnknownKey));
        let stolen_kid = SigningKey::generate(Algorithm::RS256)
            .unwrap()
            .with_kid(provider.key.kid());
        let forged = stolen_kid.sign(TokenType::Jwt, &claims()).unwrap();
        let refused = verify(&forged, &provider.keys, &expected()).unwrap_err();
        assert_eq!(refused, IdTokenError::Token(JwtError::Signature));
        for header in ["eyJhbGciOiJub25lIn0", "eyJhbGciOiJIUzI1NiJ9"] {
            use base64::Engine as _;
            let payload = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(claims().to_string());
            let refused =
                verify(&format!("{header}.{payload}.AAAA"), &provider.keys, &expected()).unwrap_err();
            assert!(matches!(
                refused,
                IdTokenError::Token(JwtError::Algorithm | JwtError::UnknownKey)
            ));
        }
        let access = provider.key.sign(TokenType::AccessToken, &claims()).unwrap();
        assert_eq!(
            verify(&access, &provider.keys, &expected()).unwrap_err(),
            IdTokenError::Type
        );
    }

    #[test]
    fn a_template_of_issuers_is_filled_with_the_tokens_own_directory() {
        let provider = Provider::new(Algorithm::RS256);
        let expected = Expected {
            issuer: IssuerRule::AnyDirectory("https://login.microsoftonline.com/{tenantid}/v2.0"),
            ..expected()
        };
        let check = |iss: &str, tid: Value| {
            let mut claims = claims();
            claims["iss"] = json!(iss);
            claims["tid"] = tid;
            provider.check(&claims, &expected)
        };
        let own = "https://login.microsoftonline.com/0b1f-22/v2.0";
        assert_eq!(check(own, json!("0b1f-22")).unwrap().issuer, own);
        assert_eq!(check(own, json!("0b1f-23")).unwrap_err(), IdTokenError::Issuer);
        assert_eq!(check(own, Value::Null).unwrap_err(), IdTokenError::Claims);
        let escaping = "https://login.microsoftonline.com/a/../b/v2.0";
        assert_eq!(
            check(escaping, json!("a/../b")).unwrap_err(),
            IdTokenError::Issuer
        );
    }
}
