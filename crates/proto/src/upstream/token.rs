//! Redeeming the code (RFC 6749 4.1.3, 4.1.4, OIDC Core 3.1.3).

use serde_json::{Map, Value, json};

use crate::jose::{Algorithm, SigningKey, SigningKeyError, TokenType};
use crate::json::{JsonLimits, parse_object};
use crate::secret::SecretText;

const LIMITS: JsonLimits = JsonLimits {
    bytes: 64 * 1024,
    depth: 8,
    nodes: 2048,
};
const MAX_TOKEN: usize = 16 * 1024;
/// Apple allows six months; one request needs minutes.
const APPLE_SECRET_TTL_S: i64 = 300;

/// A code to redeem.
#[derive(Debug, Clone)]
pub struct CodeExchange<'a> {
    /// The code.
    pub code: &'a str,
    /// As it was in the authorization request (RFC 6749 4.1.3).
    pub redirect_uri: &'a str,
    /// What the challenge was made of (RFC 7636 4.5).
    pub verifier: Option<&'a str>,
    /// Our id, unless it goes into a header.
    pub client_id: Option<&'a str>,
    /// Our secret, unless it goes into a header.
    pub client_secret: Option<&'a str>,
}

/// The form of the token request.
pub fn exchange_form<'a>(exchange: &CodeExchange<'a>) -> Vec<(&'static str, &'a str)> {
    let mut form = vec![
        ("grant_type", "authorization_code"),
        ("code", exchange.code),
        ("redirect_uri", exchange.redirect_uri),
    ];
    let optional = [
        ("code_verifier", exchange.verifier),
        ("client_id", exchange.client_id),
        ("client_secret", exchange.client_secret),
    ];
    form.extend(
        optional
            .into_iter()
            .filter_map(|(name, value)| Some((name, value?))),
    );
    form
}

/// What the token endpoint gave.
#[derive(Debug, Clone)]
pub struct TokenAnswer {
    /// Good for the userinfo endpoint; never kept.
    pub access_token: SecretText,
    /// Who it is.
    pub id_token: Option<SecretText>,
}

/// Why there are no tokens.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// The provider says no: a code that was used, a wrong secret.
    #[error("the provider refused to redeem the code: `{error}`")]
    Refused {
        /// Its error code, cut to 64 plain characters.
        error: String,
    },
    /// Not a token response (RFC 6749 5.1).
    #[error("the provider's token response is malformed")]
    Malformed,
}

/// Reads the token endpoint's answer, whatever its status: GitHub refuses with 200.
///
/// # Errors
/// [`TokenError`].
pub fn read_token_answer(is_ok: bool, body: &[u8]) -> Result<TokenAnswer, TokenError> {
    let Ok(answer) = parse_object(body, LIMITS) else {
        return Err(if is_ok {
            TokenError::Malformed
        } else {
            TokenError::Refused { error: String::new() }
        });
    };
    if !is_ok || answer.contains_key("error") {
        let error = match answer.get("error") {
            Some(Value::String(error)) => plain(error),
            // Facebook: `{"error": {"type": ..}}`.
            Some(Value::Object(error)) => error
                .get("type")
                .and_then(Value::as_str)
                .map_or_else(String::new, plain),
            _ => String::new(),
        };
        return Err(TokenError::Refused { error });
    }
    let is_bearer = match answer.get("token_type") {
        None => true,
        Some(kind) => kind
            .as_str()
            .is_some_and(|kind| kind.eq_ignore_ascii_case("bearer")),
    };
    let access_token = token(&answer, "access_token")?.ok_or(TokenError::Malformed)?;
    if !is_bearer {
        return Err(TokenError::Malformed);
    }
    Ok(TokenAnswer {
        access_token,
        id_token: token(&answer, "id_token")?,
    })
}

fn token(answer: &Map<String, Value>, name: &str) -> Result<Option<SecretText>, TokenError> {
    match answer.get(name) {
        None | Some(Value::Null) => Ok(None),
        // A token goes into a header: visible ASCII only (RFC 6749 A.12).
        Some(Value::String(text))
            if !text.is_empty() && text.len() <= MAX_TOKEN && text.bytes().all(|b| b.is_ascii_graphic()) =>
        {
            Ok(Some(SecretText::new(text.as_str())))
        }
        Some(_) => Err(TokenError::Malformed),
    }
}

fn plain(error: &str) -> String {
    let allowed = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    error.chars().filter(allowed).take(64).collect()
}

/// Why a text is not an Apple key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AppleKeyError {
    /// Not a PEM text with one PKCS#8 private key.
    #[error(
        "expected the text of the `.p8` file that Apple gave, from `-----BEGIN PRIVATE KEY-----` to its end"
    )]
    Pem,
    /// Not a key on P-256.
    #[error("the key is not a P-256 private key")]
    Key,
}

/// The key that makes Apple's client secrets.
#[derive(Debug)]
pub struct AppleKey {
    key: SigningKey,
}

impl AppleKey {
    /// Reads a `.p8` file.
    ///
    /// # Errors
    /// [`AppleKeyError`].
    pub fn from_pem(pem: &str, key_id: &str) -> Result<Self, AppleKeyError> {
        use base64::Engine as _;
        let body = pem
            .trim()
            .strip_prefix("-----BEGIN PRIVATE KEY-----")
            .and_then(|rest| rest.strip_suffix("-----END PRIVATE KEY-----"))
            .ok_or(AppleKeyError::Pem)?;
        let body: zeroize::Zeroizing<String> =
            zeroize::Zeroizing::new(body.chars().filter(|c| !c.is_ascii_whitespace()).collect());
        let der = base64::engine::general_purpose::STANDARD
            .decode(body.as_bytes())
            .map(zeroize::Zeroizing::new)
            .map_err(|_| AppleKeyError::Pem)?;
        let key = SigningKey::from_pkcs8(Algorithm::ES256, &der).map_err(|_| AppleKeyError::Key)?;
        Ok(Self {
            key: key.with_kid(key_id),
        })
    }

    /// A client secret for one request: `iss` the team, `sub` our id, `aud` Apple.
    ///
    /// # Errors
    /// [`SigningKeyError`].
    pub fn secret(
        &self,
        team: &str,
        client_id: &str,
        issuer: &str,
        now: i64,
    ) -> Result<String, SigningKeyError> {
        let claims = json!({
            "iss": team,
            "sub": client_id,
            "aud": issuer,
            "iat": now,
            "exp": now + APPLE_SECRET_TTL_S,
        });
        self.key.sign(TokenType::Jwt, &claims)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_response_is_read_and_everything_else_refused() {
        let read = |ok, body: &str| read_token_answer(ok, body.as_bytes());
        let good = read(
            true,
            r#"{"access_token":"a","token_type":"Bearer","id_token":"i","expires_in":3599}"#,
        )
        .unwrap();
        assert_eq!(good.access_token.expose(), "a");
        assert_eq!(good.id_token.unwrap().expose(), "i");
        let refused = |error: &str| TokenError::Refused {
            error: error.to_owned(),
        };
        let github = r#"{"error":"bad_verification_code","error_description":"x"}"#;
        assert_eq!(read(true, github).unwrap_err(), refused("bad_verification_code"));
        assert_eq!(
            read(false, r#"{"error":"invalid_grant"}"#).unwrap_err(),
            refused("invalid_grant")
        );
        assert_eq!(read(false, "<html>").unwrap_err(), refused(""));
        let facebook = r#"{"error":{"message":"m","type":"OAuthException","code":100}}"#;
        assert_eq!(read(false, facebook).unwrap_err(), refused("OAuthException"));
        for bad in [
            "<html>",
            "{}",
            r#"{"access_token":1}"#,
            r#"{"access_token":"a\r\nb"}"#,
            r#"{"access_token":"a","token_type":"mac"}"#,
            r#"{"access_token":"a","access_token":"b"}"#,
            r#"{"access_token":"a","id_token":{}}"#,
        ] {
            assert_eq!(read(true, bad).unwrap_err(), TokenError::Malformed, "{bad}");
        }
    }

    #[test]
    fn apples_secret_is_a_short_lived_token_of_the_teams_key() {
        use base64::Engine as _;
        let pair = SigningKey::generate(Algorithm::ES256).unwrap();
        let der = base64::engine::general_purpose::STANDARD.encode(&*pair.to_pkcs8().unwrap());
        let (one, two) = der.split_at(64);
        let pem = format!("-----BEGIN PRIVATE KEY-----\n{one}\n{two}\n-----END PRIVATE KEY-----\n");
        let key = AppleKey::from_pem(&pem, "ABC123DEFG").unwrap();
        let secret = key
            .secret("TEAM", "com.example.web", "https://appleid.apple.com", 1000)
            .unwrap();
        let verified = pair.verifying_key().unwrap().verify_token(&secret).unwrap();
        assert_eq!(verified.header.kid.as_deref(), Some("ABC123DEFG"));
        assert_eq!(
            Value::Object(verified.claims),
            json!({"iss": "TEAM", "sub": "com.example.web", "aud": "https://appleid.apple.com", "iat": 1000, "exp": 1300})
        );
        assert_eq!(AppleKey::from_pem("secret", "x").unwrap_err(), AppleKeyError::Pem);
        let not_a_key = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----";
        assert_eq!(
            AppleKey::from_pem(not_a_key, "x").unwrap_err(),
            AppleKeyError::Key
        );
    }

    #[test]
    fn the_form_holds_what_the_connection_sends_and_nothing_else() {
        let exchange = CodeExchange {
            code: "c",
            redirect_uri: "https://id.example/cb",
            verifier: None,
            client_id: Some("id"),
            client_secret: None,
        };
        let names: Vec<&str> = exchange_form(&exchange).iter().map(|(name, _)| *name).collect();
        assert_eq!(names, ["grant_type", "code", "redirect_uri", "client_id"]);
    }
}
