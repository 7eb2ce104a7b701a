//! What people sign in with beside a password, in software: a passkey (WebAuthn L3 6) and an authenticator app (RFC 6238).

use anyhow::{Context, Result, bail};
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

/// Present, verified.
const USER_FLAGS: u8 = 0x05;
/// A new credential is attached.
const ATTACHED: u8 = 0x40;
const STEP_SECONDS: u64 = 30;

/// A device with one passkey that verifies its user.
pub(crate) struct Passkey {
    key: EcdsaKeyPair,
    id: Vec<u8>,
    origin: String,
    user_handle: Option<String>,
}

impl Passkey {
    /// A new key, for pages of this origin.
    pub(crate) fn new(origin: String) -> Result<Self> {
        let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING)?;
        let id = digest(&SHA256, key.public_key().as_ref()).as_ref().to_vec();
        Ok(Self {
            key,
            id,
            origin,
            user_handle: None,
        })
    }

    /// What `navigator.credentials.create()` gives.
    pub(crate) fn create(&mut self, options: &Value) -> Result<Value> {
        self.user_handle = Some(text(options, "/user/id")?.to_owned());
        let mut data = authenticator_data(text(options, "/rp/id")?, ATTACHED);
        data.extend([0; 16]);
        data.extend(u16::try_from(self.id.len())?.to_be_bytes());
        data.extend(&self.id);
        let Some((0x04, point)) = self.key.public_key().as_ref().split_first() else {
            bail!("not an uncompressed point");
        };
        let (x, y) = point.split_at(32);
        // {1: 2, 3: -7, -1: 1, -2: x, -3: y}
        data.extend([0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20]);
        data.extend(x);
        data.extend([0x22, 0x58, 0x20]);
        data.extend(y);
        // {"fmt": "none", "attStmt": {}, "authData": data}
        let mut object = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58".to_vec();
        object.push(u8::try_from(data.len())?);
        object.extend(&data);
        let client_data = self.client_data("webauthn.create", options)?;
        Ok(self.answer(&json!({
            "clientDataJSON": b64(client_data.as_bytes()),
            "attestationObject": b64(&object),
        })))
    }

    /// What `navigator.credentials.get()` gives.
    pub(crate) fn get(&self, options: &Value) -> Result<Value> {
        let data = authenticator_data(text(options, "/rpId")?, 0);
        let client_data = self.client_data("webauthn.get", options)?;
        let mut signed = data.clone();
        signed.extend(digest(&SHA256, client_data.as_bytes()).as_ref());
        let signature = self.key.sign(&SystemRandom::new(), &signed)?;
        Ok(self.answer(&json!({
            "clientDataJSON": b64(client_data.as_bytes()),
            "authenticatorData": b64(&data),
            "signature": b64(signature.as_ref()),
            "userHandle": self.user_handle,
        })))
    }

    fn client_data(&self, ceremony: &str, options: &Value) -> Result<String> {
        let challenge = text(options, "/challenge")?;
        let data =
            json!({ "type": ceremony, "challenge": challenge, "origin": self.origin, "crossOrigin": false });
        Ok(data.to_string())
    }

    fn answer(&self, response: &Value) -> Value {
        let id = b64(&self.id);
        json!({ "id": id, "rawId": id, "type": "public-key", "clientExtensionResults": {}, "response": response })
    }
}

fn authenticator_data(rp_id: &str, more: u8) -> Vec<u8> {
    let mut data = digest(&SHA256, rp_id.as_bytes()).as_ref().to_vec();
    data.push(USER_FLAGS | more);
    data.extend([0; 4]);
    data
}

fn b64(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

pub(crate) fn text<'a>(value: &'a Value, pointer: &str) -> Result<&'a str> {
    value
        .pointer(pointer)
        .and_then(Value::as_str)
        .with_context(|| format!("no `{pointer}` in {value}"))
}

/// The step of an authenticator app at this second of the epoch.
pub(crate) const fn totp_step(seconds: u64) -> u64 {
    seconds / STEP_SECONDS
}

/// The code that an app with this secret (base32) shows in a step.
pub(crate) fn totp(secret: &str, step: u64) -> Result<String> {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &base32(secret)?);
    let mac = hmac::sign(&key, &step.to_be_bytes());
    let mac = mac.as_ref();
    let start = usize::from(mac.last().context("empty MAC")? & 15);
    let word: [u8; 4] = mac.get(start..start + 4).context("short MAC")?.try_into()?;
    Ok(format!(
        "{:06}",
        (u32::from_be_bytes(word) & 0x7fff_ffff) % 1_000_000
    ))
}

/// RFC 4648 6, without padding.
fn base32(text: &str) -> Result<Vec<u8>> {
    let (mut bits, mut held, mut bytes) = (0_u32, 0, Vec::new());
    for char in text.bytes() {
        let value = match char {
            b'A'..=b'Z' => char - b'A',
            b'2'..=b'7' => char - b'2' + 26,
            _ => bail!("`{text}` is not base32"),
        };
        bits = (bits << 5) | u32::from(value);
        held += 5;
        if held >= 8 {
            held -= 8;
            bytes.push(u8::try_from((bits >> held) & 0xff)?);
        }
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn totp_is_that_of_rfc_6238_appendix_b() {
        // The secret of the appendix, `12345678901234567890`; the last six of its eight digits.
        let secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
        assert_eq!(totp(secret, totp_step(59)).unwrap(), "287082");
        assert_eq!(totp(secret, totp_step(1_111_111_109)).unwrap(), "081804");
    }
}
