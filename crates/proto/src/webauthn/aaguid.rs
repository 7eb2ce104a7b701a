//! AAGUIDs: which model of authenticator, or which provider of synchronised passkeys, made a credential.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// An authenticator model's identifier (WebAuthn L3 6.1), shown as a UUID.
///
/// # Security
/// Without a verified attestation it is what the client said, good for a name and an icon.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Aaguid([u8; 16]);

impl Aaguid {
    /// All zeros: the authenticator does not say.
    pub const NONE: Self = Self([0; 16]);

    /// From its 16 bytes.
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// Its bytes.
    pub fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// The provider's name, for the common ones (passkeydeveloper's community list, vendors' pages).
    pub fn provider(&self) -> Option<&'static str> {
        let text = self.to_string();
        PROVIDERS
            .iter()
            .find(|(aaguid, _)| *aaguid == text)
            .map(|(_, name)| *name)
    }
}

impl fmt::Display for Aaguid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, byte) in self.0.iter().enumerate() {
            if matches!(index, 4 | 6 | 8 | 10) {
                f.write_str("-")?;
            }
            write!(f, "{byte:02x}")?;
        }
        Ok(())
    }
}

/// Not an AAGUID.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an AAGUID is a UUID such as ea9b8d66-4d01-1d21-3ce4-b6b48cb575d4")]
pub struct AaguidError;

impl FromStr for Aaguid {
    type Err = AaguidError;

    fn from_str(text: &str) -> Result<Self, AaguidError> {
        let dashes = text
            .bytes()
            .enumerate()
            .filter(|(_, b)| *b == b'-')
            .map(|(index, _)| index);
        if text.len() != 36 || !dashes.eq([8, 13, 18, 23]) {
            return Err(AaguidError);
        }
        let digits: Option<Vec<u8>> = text
            .chars()
            .filter(|c| *c != '-')
            .map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
            .collect();
        let bytes: Vec<u8> = digits
            .ok_or(AaguidError)?
            .chunks_exact(2)
            .map(|pair| pair.iter().fold(0, |value, digit| (value << 4) | digit))
            .collect();
        Self::from_slice(&bytes).ok_or(AaguidError)
    }
}

impl Serialize for Aaguid {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Aaguid {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

const PROVIDERS: &[(&str, &str)] = &[
    ("ea9b8d66-4d01-1d21-3ce4-b6b48cb575d4", "Google Password Manager"),
    ("adce0002-35bc-c60a-648b-0b25f1f05503", "Chrome on Mac"),
    ("fbfc3007-154e-4ecc-8c0b-6e020557d7bd", "iCloud Keychain"),
    (
        "dd4ec289-e01d-41c9-bb89-70fa845d4bf2",
        "iCloud Keychain (managed)",
    ),
    ("08987058-cadc-4b81-b6e1-30de50dcbe96", "Windows Hello"),
    ("9ddd1817-af5a-4672-a2b9-3e3dd95000a9", "Windows Hello"),
    ("6028b017-b1d4-4c02-b4b3-afcdafc96bb2", "Windows Hello"),
    ("bada5566-a7aa-401f-bd96-45619a55120d", "1Password"),
    ("d548826e-79b4-db40-a3d8-11116f7e8349", "Bitwarden"),
    ("531126d6-e717-415c-9320-3d9aa6981239", "Dashlane"),
    ("0ea242b4-43c4-4a1b-8b17-dd6d0b6baec6", "Keeper"),
    ("b84e4048-15dc-4dd0-8640-f4f60813c8af", "NordPass"),
    ("50726f74-6f6e-5061-7373-50726f746f6e", "Proton Pass"),
    ("53414d53-554e-4700-0000-000000000000", "Samsung Pass"),
    ("f3809540-7f14-49c1-a8b3-8f813b225541", "Enpass"),
    ("fdb141b2-5d84-443e-8a35-4698c205a502", "KeePassXC"),
    ("b5397666-4885-aa6b-cebf-e52262a439a2", "Chromium"),
    ("771b48fd-d3d4-4f74-9232-fc157ab0507a", "Edge on Mac"),
    ("cb69481e-8ff7-4039-93ec-0a2729a154a8", "YubiKey 5"),
    ("ee882879-721c-4913-9775-3dfcce97072a", "YubiKey 5"),
    ("fa2b99dc-9e39-4257-8f92-4a30d23c4118", "YubiKey 5 NFC"),
    ("2fc0579f-8113-47ea-b116-bb5a8db9202a", "YubiKey 5 NFC"),
    ("c5ef55ff-ad9a-4b9f-b580-adebafe026d0", "YubiKey 5Ci"),
    ("d8522d9f-575b-4866-88a9-ba99fa02f35b", "YubiKey Bio"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aaguids_are_read_as_they_are_written() {
        let text = "ea9b8d66-4d01-1d21-3ce4-b6b48cb575d4";
        let aaguid: Aaguid = text.parse().unwrap();
        assert_eq!(aaguid.to_string(), text);
        assert_eq!(aaguid.provider(), Some("Google Password Manager"));
        assert_eq!(Aaguid::NONE.provider(), None);
        for bad in [
            "",
            "ea9b8d664d011d213ce4b6b48cb575d4",
            "ga9b8d66-4d01-1d21-3ce4-b6b48cb575d4",
            "é",
        ] {
            assert!(bad.parse::<Aaguid>().is_err());
        }
        assert!(
            PROVIDERS
                .iter()
                .all(|(aaguid, _)| aaguid.parse::<Aaguid>().is_ok())
        );
    }
}
