//! A software authenticator: makes passkeys and answers with them as browsers do (WebAuthn L3 6), and lies when told to.

use aws_lc_rs::digest;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::BASE;

const UP: u8 = 0x01;
const UV: u8 = 0x04;
const BE: u8 = 0x08;
const BS: u8 = 0x10;
const AT: u8 = 0x40;

/// A device that holds one passkey. Its fields are what it tells the relying party.
pub struct Authenticator {
    key: EcdsaKeyPair,
    /// Credential ID.
    pub id: Vec<u8>,
    /// The RP ID that it signs for; as in the options unless a test says otherwise.
    pub rp_id: Option<String>,
    /// The page that it believes to be on.
    pub origin: &'static str,
    /// Whether it verified the user.
    pub user_verified: bool,
    /// Whether the passkey is synchronised.
    pub synced: bool,
    /// The counter of the next answer.
    pub counter: u32,
    /// Its model.
    pub aaguid: [u8; 16],
    /// What `userHandle` says; as in the options of its making unless a test says otherwise.
    pub user_handle: Option<Vec<u8>>,
    /// Whether the page was inside a page of another origin.
    pub cross_origin: bool,
}

impl Default for Authenticator {
    fn default() -> Self {
        Self::new()
    }
}

impl Authenticator {
    /// A device with a new key, that verifies its user and has no counter.
    pub fn new() -> Self {
        let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap();
        let id = digest::digest(&digest::SHA256, key.public_key().as_ref()).as_ref()[..20].to_vec();
        Self {
            key,
            id,
            rp_id: None,
            origin: BASE,
            user_verified: true,
            synced: false,
            counter: 0,
            aaguid: [0; 16],
            user_handle: None,
            cross_origin: false,
        }
    }

    /// What `navigator.credentials.create()` gives for `options`, as JSON.
    pub fn create(&mut self, options: &Value) -> Value {
        let rp_id = options["rp"]["id"].as_str().unwrap();
        self.user_handle = Some(decode(&options["user"]["id"]));
        let mut data = self.authenticator_data(rp_id, AT);
        data.extend(self.aaguid);
        data.extend(u16::try_from(self.id.len()).unwrap().to_be_bytes());
        data.extend(&self.id);
        let point = self.key.public_key().as_ref();
        // {1: 2, 3: -7, -1: 1, -2: x, -3: y}
        data.extend([0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20]);
        data.extend(&point[1..33]);
        data.extend([0x22, 0x58, 0x20]);
        data.extend(&point[33..]);
        // {"fmt": "none", "attStmt": {}, "authData": data}
        let mut object = vec![0xa3, 0x63];
        object.extend(b"fmt\x64none\x67attStmt\xa0\x68authData\x58");
        object.push(u8::try_from(data.len()).unwrap());
        object.extend(&data);
        json!({
            "id": b64(&self.id),
            "rawId": b64(&self.id),
            "type": "public-key",
            "authenticatorAttachment": "platform",
            "clientExtensionResults": { "credProps": { "rk": true } },
            "response": {
                "clientDataJSON": b64(&self.client_data("webauthn.create", options)),
                "attestationObject": b64(&object),
                "transports": ["internal", "hybrid"],
            },
        })
    }

    /// What `navigator.credentials.get()` gives for `options`, as JSON.
    pub fn get(&mut self, options: &Value) -> Value {
        let data = self.authenticator_data(options["rpId"].as_str().unwrap(), 0);
        let client_data = self.client_data("webauthn.get", options);
        let mut signed = data.clone();
        signed.extend(digest::digest(&digest::SHA256, &client_data).as_ref());
        let signature = self.key.sign(&SystemRandom::new(), &signed).unwrap();
        json!({
            "id": b64(&self.id),
            "rawId": b64(&self.id),
            "type": "public-key",
            "clientExtensionResults": {},
            "response": {
                "clientDataJSON": b64(&client_data),
                "authenticatorData": b64(&data),
                "signature": b64(signature.as_ref()),
                "userHandle": self.user_handle.as_deref().map(b64),
            },
        })
    }

    fn authenticator_data(&self, rp_id: &str, flags: u8) -> Vec<u8> {
        let rp_id = self.rp_id.as_deref().unwrap_or(rp_id);
        let verified = if self.user_verified { UV } else { 0 };
        let synced = if self.synced { BE | BS } else { 0 };
        let mut data = digest::digest(&digest::SHA256, rp_id.as_bytes())
            .as_ref()
            .to_vec();
        data.push(UP | flags | verified | synced);
        data.extend(self.counter.to_be_bytes());
        data
    }

    fn client_data(&self, ceremony: &str, options: &Value) -> Vec<u8> {
        json!({
            "type": ceremony,
            "challenge": options["challenge"],
            "origin": self.origin,
            "crossOrigin": self.cross_origin,
        })
        .to_string()
        .into_bytes()
    }
}

fn b64(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn decode(text: &Value) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text.as_str().unwrap()).unwrap()
}
