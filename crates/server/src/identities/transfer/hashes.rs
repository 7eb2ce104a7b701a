//! Password hashes whose parameters stand beside them instead of inside: Firebase, bare scrypt, bare PBKDF2.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::line::LineError;

/// A hash as lines have it.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum PasswordHash {
    /// One that says what it is: see `passwords::stored`.
    Text(String),
    /// One with its parameters as fields.
    Fields(Map<String, Value>),
}

/// Fields that every hash of an import shares, such as the signer key of a Firebase project. A line's own count first.
#[derive(Debug, Clone, Default)]
pub struct HashDefaults(Map<String, Value>);

impl HashDefaults {
    /// From a JSON object. Firebase's own names (`base64_signer_key`, `base64_salt_separator`, `mem_cost`) are
    /// understood as they are.
    pub const fn new(fields: Map<String, Value>) -> Self {
        Self(fields)
    }
}

struct Fields<'a> {
    own: &'a Map<String, Value>,
    shared: &'a Map<String, Value>,
}

impl Fields<'_> {
    fn find(&self, names: &[&str]) -> Option<&Value> {
        names
            .iter()
            .find_map(|name| self.own.get(*name))
            .or_else(|| names.iter().find_map(|name| self.shared.get(*name)))
    }

    fn text(&self, names: &[&'static str]) -> Result<&str, LineError> {
        let parameter = names.first().copied().unwrap_or_default();
        self.find(names)
            .and_then(Value::as_str)
            .ok_or(LineError::HashParameter { parameter })
    }

    fn number(&self, names: &[&'static str]) -> Result<u64, LineError> {
        let parameter = names.first().copied().unwrap_or_default();
        let value = self.find(names).ok_or(LineError::HashParameter { parameter })?;
        let number = value
            .as_u64()
            .or_else(|| value.as_str().and_then(|text| text.parse().ok()));
        number.ok_or(LineError::HashParameter { parameter })
    }

    /// Bytes in base64, or in hexadecimal digits where `encoding` says so; with `utf8` the salt is text as it is.
    fn bytes(&self, names: &[&'static str]) -> Result<Vec<u8>, LineError> {
        let parameter = names.first().copied().unwrap_or_default();
        let text = self.text(names)?;
        let decoded = match self.find(&["encoding"]).and_then(Value::as_str) {
            Some("hex") => from_hex(text),
            Some("utf8") if parameter == "salt" => Some(text.as_bytes().to_vec()),
            Some("base64" | "utf8") | None => from_base64(text),
            Some(_) => {
                return Err(LineError::HashParameter {
                    parameter: "encoding",
                });
            }
        };
        decoded.ok_or(LineError::HashParameter { parameter })
    }
}

impl PasswordHash {
    /// The hash as it is stored. Whether it can be verified and what it costs is for `passwords` to say.
    pub(super) fn to_stored(&self, defaults: &HashDefaults) -> Result<String, LineError> {
        let own = match self {
            Self::Text(text) => return Ok(text.clone()),
            Self::Fields(own) => own,
        };
        let fields = Fields {
            own,
            shared: &defaults.0,
        };
        let algorithm = fields
            .text(&["algorithm"])?
            .to_ascii_lowercase()
            .replace('_', "-");
        match algorithm.as_str() {
            "firebase-scrypt" | "firebase" => firebase(&fields),
            "scrypt" => {
                let n = fields.number(&["n", "N", "cost"])?;
                let r = fields.number(&["r", "block_size"])?;
                let p = fields.number(&["p", "parallelism"])?;
                if !n.is_power_of_two() {
                    return Err(LineError::HashParameter { parameter: "n" });
                }
                let (salt, hash) = salt_and_hash(&fields)?;
                Ok(format!("$scrypt$ln={},r={r},p={p}${salt}${hash}", n.ilog2()))
            }
            "pbkdf2" | "pbkdf2-sha1" | "pbkdf2-sha256" | "pbkdf2-sha512" => {
                let digest = match algorithm.strip_prefix("pbkdf2-") {
                    Some(digest) => digest.to_owned(),
                    None => fields.text(&["digest"])?.to_ascii_lowercase().replace('-', ""),
                };
                if !matches!(digest.as_str(), "sha1" | "sha256" | "sha512") {
                    return Err(LineError::HashParameter { parameter: "digest" });
                }
                let rounds = fields.number(&["iterations", "rounds"])?;
                let (salt, hash) = salt_and_hash(&fields)?;
                Ok(format!("$pbkdf2-{digest}$i={rounds}${salt}${hash}"))
            }
            _ => Err(LineError::HashParameter {
                parameter: "algorithm",
            }),
        }
    }
}

fn salt_and_hash(fields: &Fields<'_>) -> Result<(String, String), LineError> {
    let (salt, hash) = (fields.bytes(&["salt"])?, fields.bytes(&["hash"])?);
    Ok((STANDARD.encode(salt), STANDARD.encode(hash)))
}

/// `passwords::stored::foreign` says what is kept of it and why.
fn firebase(fields: &Fields<'_>) -> Result<String, LineError> {
    let mut salt = fields.bytes(&["salt", "passwordSalt"])?;
    salt.append(&mut fields.bytes(&["salt_separator", "base64_salt_separator"])?);
    let signer = fields.bytes(&["signer_key", "base64_signer_key"])?;
    let mut hash = fields.bytes(&["hash", "passwordHash"])?;
    if hash.len() != signer.len() {
        return Err(LineError::HashParameter { parameter: "hash" });
    }
    hash.iter_mut().zip(signer).for_each(|(byte, key)| *byte ^= key);
    let memory = fields.number(&["mem_cost"])?;
    let rounds = fields.number(&["rounds"])?;
    let (salt, stream) = (STANDARD.encode(salt), STANDARD.encode(hash));
    Ok(format!("$firebase-scrypt$ln={memory},r={rounds}${salt}${stream}"))
}

/// Base64 of either alphabet, with padding or without.
fn from_base64(text: &str) -> Option<Vec<u8>> {
    const BASE64: GeneralPurpose = GeneralPurpose::new(
        &alphabet::STANDARD,
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
    );
    BASE64.decode(text.replace('-', "+").replace('_', "/")).ok()
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> = text
        .chars()
        .map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
        .collect();
    let digits = digits.filter(|digits| digits.len() % 2 == 0)?;
    Some(
        digits
            .chunks(2)
            .map(|pair| pair.iter().fold(0, |byte, digit| (byte << 4) | digit))
            .collect(),
    )
}
