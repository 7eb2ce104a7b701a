//! The installation's master keys: they wrap data keys, and a check value recognises them.

use std::fmt;

use authflow_types::{Rng, TenantId};
use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use zeroize::Zeroizing;

use super::aead::{Aead, Key32, bind};
use super::data_key::DataKey;
use super::error::{KeyTextError, VaultError};

const ID_LABEL: &[u8] = b"authflow/master-key/id/v1";
const WRAP_LABEL: &str = "authflow/wrap/v1";
const CHECK_LABEL: &str = "authflow/check/v1";
const CHECK_TEXT: &[u8] = b"this installation's master key";
const ID_LEN: usize = 4;

/// Names a master key without revealing it: the first eight hexadecimal digits of a labelled SHA-256.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyId([u8; ID_LEN]);

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}", u32::from_be_bytes(self.0))
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// One master key: 32 bytes, wiped when dropped.
pub struct MasterKey {
    id: KeyId,
    bytes: Key32,
    aead: Aead,
}

impl MasterKey {
    /// A new random key.
    ///
    /// # Errors
    /// [`VaultError::Refused`] only.
    pub fn generate(rng: &dyn Rng) -> Result<Self, VaultError> {
        let mut bytes = Zeroizing::new([0; 32]);
        rng.fill(&mut *bytes);
        Self::from_bytes(bytes)
    }

    fn from_bytes(bytes: Key32) -> Result<Self, VaultError> {
        let mut context = digest::Context::new(&digest::SHA256);
        context.update(ID_LABEL);
        context.update(&*bytes);
        let hash = context.finish();
        let id = hash.as_ref().first_chunk().copied().unwrap_or_default();
        let aead = Aead::new(&bytes)?;
        Ok(Self {
            id: KeyId(id),
            bytes,
            aead,
        })
    }

    /// The key's name.
    pub fn id(&self) -> KeyId {
        self.id
    }

    /// The key as base64 with padding: what [`MasterKeys::from_text`] reads.
    pub fn to_text(&self) -> Zeroizing<String> {
        Zeroizing::new(base64::engine::general_purpose::STANDARD.encode(*self.bytes))
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MasterKey({})", self.id)
    }
}

/// Whether an installation's check value is up to date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CheckStatus {
    /// Made by the active key.
    Current,
    /// Made by an older key that is still loaded: re-wrap the data keys, then store a new check value.
    UnderOlderKey,
}

/// The active master key and the older ones that still open what they wrapped.
#[derive(Debug)]
pub struct MasterKeys {
    active: MasterKey,
    older: Vec<MasterKey>,
}

impl MasterKeys {
    /// With one key only.
    pub fn new(active: MasterKey) -> Self {
        Self {
            active,
            older: Vec::new(),
        }
    }

    /// Reads keys separated by white space or commas, the active one first; `#` begins a comment that
    /// runs to the end of its line. Each key is 32 bytes as base64 (either alphabet, padding optional)
    /// or as 64 hexadecimal digits.
    ///
    /// # Errors
    /// Every [`KeyTextError`]; the text is never part of the message.
    pub fn from_text(text: &str) -> Result<Self, KeyTextError> {
        let words = text
            .lines()
            .map(|line| line.split_once('#').map_or(line, |(before, _)| before))
            .flat_map(|line| line.split(|c: char| c.is_whitespace() || c == ','))
            .filter(|word| !word.is_empty());
        let mut keys: Vec<MasterKey> = Vec::new();
        for (position, word) in (1..).zip(words) {
            let bytes = parse_key(word).ok_or(KeyTextError::Malformed { position })?;
            if bytes.iter().all(|byte| Some(byte) == bytes.first()) {
                return Err(KeyTextError::Placeholder { position });
            }
            let key = MasterKey::from_bytes(bytes).map_err(|_| KeyTextError::Malformed { position })?;
            if keys.iter().any(|other| other.id == key.id) {
                return Err(KeyTextError::Duplicate { id: key.id });
            }
            keys.push(key);
        }
        if keys.is_empty() {
            return Err(KeyTextError::Empty);
        }
        let older = keys.split_off(1);
        keys.pop()
            .map_or(Err(KeyTextError::Empty), |active| Ok(Self { active, older }))
    }

    /// The keys as [`from_text`](Self::from_text) reads them, one a line.
    pub fn to_text(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(45 * (self.older.len() + 1)));
        for key in self.all() {
            text.push_str(&key.to_text());
            text.push('\n');
        }
        text
    }

    /// Makes `new` the active key and keeps the others: the first step of a rotation.
    ///
    /// # Errors
    /// [`KeyTextError::Duplicate`] if the key is loaded already.
    pub fn rotate_to(self, new: MasterKey) -> Result<Self, KeyTextError> {
        if self.all().any(|key| key.id == new.id) {
            return Err(KeyTextError::Duplicate { id: new.id });
        }
        let mut older = self.older;
        older.insert(0, self.active);
        Ok(Self { active: new, older })
    }

    /// The key that wraps.
    pub fn active_id(&self) -> KeyId {
        self.active.id
    }

    /// Every loaded key's id, the active one first.
    pub fn ids(&self) -> impl Iterator<Item = KeyId> + '_ {
        self.all().map(|key| key.id)
    }

    fn all(&self) -> impl Iterator<Item = &MasterKey> {
        std::iter::once(&self.active).chain(&self.older)
    }

    /// Wraps a tenant's data key under the active master key: `key id (4) | sealed (61)`.
    ///
    /// # Errors
    /// [`VaultError::Refused`] only.
    pub fn wrap(&self, tenant: TenantId, key: &DataKey) -> Result<Vec<u8>, VaultError> {
        self.seal(&wrap_aad(tenant), key.root())
    }

    /// Unwraps a tenant's data key.
    ///
    /// # Errors
    /// [`VaultError::UnknownKeyId`] if its master key is not loaded; [`VaultError::Tampered`] if it was
    /// altered or belongs to another tenant.
    pub fn unwrap(&self, tenant: TenantId, wrapped: &[u8]) -> Result<DataKey, VaultError> {
        let (_, root) = self.open(&wrap_aad(tenant), wrapped)?;
        let mut key = Zeroizing::new([0; 32]);
        if root.len() != key.len() {
            return Err(VaultError::Tampered);
        }
        key.copy_from_slice(&root);
        DataKey::from_root(key)
    }

    /// Wraps a data key anew if it is wrapped under an older key; `None` if it is current already.
    ///
    /// # Errors
    /// As [`unwrap`](Self::unwrap).
    pub fn rewrap(&self, tenant: TenantId, wrapped: &[u8]) -> Result<Option<Vec<u8>>, VaultError> {
        let key = self.unwrap(tenant, wrapped)?;
        if wrapped.starts_with(&self.active.id.0) {
            return Ok(None);
        }
        self.wrap(tenant, &key).map(Some)
    }

    /// A value to store beside the data, by which [`verify_check`](Self::verify_check) recognises the key.
    ///
    /// # Errors
    /// [`VaultError::Refused`] only.
    pub fn make_check(&self) -> Result<Vec<u8>, VaultError> {
        self.seal(&bind(CHECK_LABEL, &[]), CHECK_TEXT)
    }

    /// Whether the loaded keys are the ones that this installation was set up with. Call before anything
    /// is read or written; on an error refuse to start.
    ///
    /// # Errors
    /// [`VaultError::WrongMasterKey`] if the key is another one; [`VaultError::Tampered`] if the check
    /// value itself is damaged.
    pub fn verify_check(&self, check: &[u8]) -> Result<CheckStatus, VaultError> {
        match self.open(&bind(CHECK_LABEL, &[]), check) {
            Ok((_, text)) if *text != CHECK_TEXT => Err(VaultError::Tampered),
            Ok((id, _)) if id == self.active.id => Ok(CheckStatus::Current),
            Ok(_) => Ok(CheckStatus::UnderOlderKey),
            Err(VaultError::UnknownKeyId { needed }) => Err(VaultError::WrongMasterKey {
                expected: needed,
                active: self.active.id,
            }),
            Err(other) => Err(other),
        }
    }

    fn seal(&self, aad: &[u8], plaintext: &[u8]) -> Result<Vec<u8>, VaultError> {
        let mut out = self.active.id.0.to_vec();
        self.active.aead.seal_onto(&mut out, aad, plaintext)?;
        Ok(out)
    }

    fn open(&self, aad: &[u8], sealed: &[u8]) -> Result<(KeyId, Zeroizing<Vec<u8>>), VaultError> {
        let (id, body) = sealed.split_first_chunk::<ID_LEN>().ok_or(VaultError::Tampered)?;
        let id = KeyId(*id);
        let key = self
            .all()
            .find(|key| key.id == id)
            .ok_or(VaultError::UnknownKeyId { needed: id })?;
        Ok((id, key.aead.open(aad, body)?))
    }
}

fn wrap_aad(tenant: TenantId) -> Vec<u8> {
    bind(WRAP_LABEL, &[tenant.as_uuid().as_bytes()])
}

fn parse_key(word: &str) -> Option<Key32> {
    let mut key = Zeroizing::new([0; 32]);
    if word.len() == 64 {
        for (out, pair) in key.iter_mut().zip(word.as_bytes().chunks_exact(2)) {
            let [high, low] = pair else { return None };
            let digit = |byte: u8| char::from(byte).to_digit(16);
            *out = u8::try_from(digit(*high)? << 4 | digit(*low)?).ok()?;
        }
        return Some(key);
    }
    let bare = word.strip_suffix('=').unwrap_or(word);
    // One byte of room: a text that decodes to 33 bytes must be refused, not cut.
    let mut buffer = Zeroizing::new([0; 33]);
    let len = STANDARD_NO_PAD
        .decode_slice(bare, &mut *buffer)
        .or_else(|_| URL_SAFE_NO_PAD.decode_slice(bare, &mut *buffer))
        .ok()?;
    if len != key.len() {
        return None;
    }
    key.copy_from_slice(buffer.first_chunk::<32>()?);
    Some(key)
}

#[cfg(test)]
mod tests {
    use authflow_types::{SystemRng, Timestamp};

    use super::*;

    const HEX: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
    const BASE64: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

    fn fresh() -> MasterKey {
        MasterKey::generate(&SystemRng::default()).unwrap()
    }

    fn tenant() -> TenantId {
        TenantId::new(Timestamp::from_secs(1), &SystemRng::default())
    }

    #[test]
    fn key_text_is_read_in_every_written_form() {
        let id = MasterKeys::from_text(HEX).unwrap().active_id();
        // sha256(b"authflow/master-key/id/v1" + bytes(range(32))), first 8 digits.
        assert_eq!(id.to_string(), "3c388d55");
        for text in [
            BASE64.to_owned(),
            BASE64.trim_end_matches('=').to_owned(),
            HEX.to_uppercase(),
            format!("  {BASE64}\r\n"),
            format!("# the key\n{BASE64} # active\n\n"),
        ] {
            assert_eq!(MasterKeys::from_text(&text).unwrap().active_id(), id, "{text}");
        }
        let url_safe = "-_8CAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
        let standard = "+/8CAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
        assert_eq!(
            MasterKeys::from_text(url_safe).unwrap().active_id(),
            MasterKeys::from_text(standard).unwrap().active_id()
        );
    }

    #[test]
    fn malformed_key_text_is_refused_by_position() {
        let other = fresh().to_text();
        assert_eq!(MasterKeys::from_text("").unwrap_err(), KeyTextError::Empty);
        assert_eq!(
            MasterKeys::from_text(" # nothing\n").unwrap_err(),
            KeyTextError::Empty
        );
        for bad in [
            "short",
            &HEX[1..],
            &HEX.replace('0', "g"),
            &format!("{BASE64}A"),
            "é",
        ] {
            assert_eq!(
                MasterKeys::from_text(&format!("{}\n{bad}", *other)).unwrap_err(),
                KeyTextError::Malformed { position: 2 },
                "{bad}"
            );
        }
        // 31 and 33 bytes.
        for bad in [
            "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHg",
            "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8g",
        ] {
            assert_eq!(
                MasterKeys::from_text(bad).unwrap_err(),
                KeyTextError::Malformed { position: 1 },
                "{bad}"
            );
        }
        assert_eq!(
            MasterKeys::from_text(&"0".repeat(64)).unwrap_err(),
            KeyTextError::Placeholder { position: 1 }
        );
        let id = MasterKeys::from_text(HEX).unwrap().active_id();
        assert_eq!(
            MasterKeys::from_text(&format!("{HEX},{BASE64}")).unwrap_err(),
            KeyTextError::Duplicate { id }
        );
    }

    #[test]
    fn text_round_trips_with_the_active_key_first() {
        let keys = MasterKeys::new(fresh()).rotate_to(fresh()).unwrap();
        let again = MasterKeys::from_text(&keys.to_text()).unwrap();
        assert!(keys.ids().eq(again.ids()));
        assert_eq!(keys.active_id(), again.active_id());
    }

    #[test]
    fn wrapped_key_opens_for_its_tenant_only() {
        let (keys, mine, theirs) = (MasterKeys::new(fresh()), tenant(), tenant());
        let data = DataKey::generate(&SystemRng::default()).unwrap();
        let wrapped = keys.wrap(mine, &data).unwrap();
        assert_eq!(wrapped.len(), 65);
        assert_eq!(keys.unwrap(mine, &wrapped).unwrap().root(), data.root());
        assert_eq!(keys.unwrap(theirs, &wrapped).unwrap_err(), VaultError::Tampered);
        for byte in 0..wrapped.len() {
            let mut bad = wrapped.clone();
            bad[byte] ^= 1;
            let error = keys.unwrap(mine, &bad).unwrap_err();
            match byte {
                0..4 => assert!(matches!(error, VaultError::UnknownKeyId { .. }), "{byte}"),
                4 => assert_eq!(error, VaultError::UnknownFormat { found: 0 }),
                _ => assert_eq!(error, VaultError::Tampered, "{byte}"),
            }
            assert_eq!(
                keys.unwrap(mine, &wrapped[..byte]).unwrap_err(),
                VaultError::Tampered
            );
        }
    }

    #[test]
    fn another_master_key_is_named_not_confused_with_damage() {
        let (old, new) = (MasterKeys::new(fresh()), MasterKeys::new(fresh()));
        let wrapped = old
            .wrap(tenant(), &DataKey::generate(&SystemRng::default()).unwrap())
            .unwrap();
        assert_eq!(
            new.unwrap(tenant(), &wrapped).unwrap_err(),
            VaultError::UnknownKeyId {
                needed: old.active_id()
            }
        );
        let check = old.make_check().unwrap();
        assert_eq!(old.verify_check(&check), Ok(CheckStatus::Current));
        assert_eq!(
            new.verify_check(&check),
            Err(VaultError::WrongMasterKey {
                expected: old.active_id(),
                active: new.active_id()
            })
        );
        let mut bad = check.clone();
        *bad.last_mut().unwrap() ^= 1;
        assert_eq!(old.verify_check(&bad), Err(VaultError::Tampered));
        assert_eq!(old.verify_check(&check[..3]), Err(VaultError::Tampered));
        assert_eq!(old.verify_check(&[]), Err(VaultError::Tampered));
    }

    #[test]
    fn check_value_and_wrapped_key_are_not_interchangeable() {
        let (keys, tenant) = (MasterKeys::new(fresh()), tenant());
        let wrapped = keys
            .wrap(tenant, &DataKey::generate(&SystemRng::default()).unwrap())
            .unwrap();
        assert_eq!(keys.verify_check(&wrapped), Err(VaultError::Tampered));
        assert_eq!(
            keys.unwrap(tenant, &keys.make_check().unwrap()).unwrap_err(),
            VaultError::Tampered
        );
    }

    #[test]
    fn rotation_rewraps_without_changing_the_data_key() {
        let tenant = tenant();
        let data = DataKey::generate(&SystemRng::default()).unwrap();
        let keys = MasterKeys::new(fresh());
        let wrapped = keys.wrap(tenant, &data).unwrap();
        let check = keys.make_check().unwrap();
        assert_eq!(keys.rewrap(tenant, &wrapped), Ok(None));

        let rotated = keys.rotate_to(fresh()).unwrap();
        assert_eq!(rotated.verify_check(&check), Ok(CheckStatus::UnderOlderKey));
        assert_eq!(rotated.unwrap(tenant, &wrapped).unwrap().root(), data.root());
        let rewrapped = rotated.rewrap(tenant, &wrapped).unwrap().unwrap();
        assert_eq!(rotated.rewrap(tenant, &rewrapped), Ok(None));

        let text = rotated.active.to_text();
        let alone = MasterKeys::from_text(&text).unwrap();
        assert_eq!(alone.unwrap(tenant, &rewrapped).unwrap().root(), data.root());
        assert!(matches!(
            alone.unwrap(tenant, &wrapped),
            Err(VaultError::UnknownKeyId { .. })
        ));
    }

    #[test]
    fn rotating_to_a_loaded_key_is_refused() {
        let keys = MasterKeys::from_text(HEX).unwrap();
        let same = MasterKeys::from_text(HEX).unwrap().active;
        assert!(matches!(
            keys.rotate_to(same),
            Err(KeyTextError::Duplicate { .. })
        ));
    }

    #[test]
    fn debug_output_shows_the_id_only() {
        let key = MasterKeys::from_text(HEX).unwrap().active;
        assert_eq!(format!("{key:?}"), "MasterKey(3c388d55)");
    }
}
