//! Authenticator data (WebAuthn L3 6.1) and attested credential data (6.5.1).

use super::aaguid::Aaguid;
use super::cbor::Item;
use super::cose::{KeyError, PublicKey};

const UP: u8 = 0x01;
const UV: u8 = 0x04;
const BE: u8 = 0x08;
const BS: u8 = 0x10;
const AT: u8 = 0x40;
const ED: u8 = 0x80;

/// Why authenticator data was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AuthenticatorDataError {
    /// Shorter than 37 bytes, or shorter than its flags and lengths say.
    #[error("the authenticator data is too short")]
    Truncated,
    /// Bytes follow that no flag announces.
    #[error("the authenticator data goes on after its end")]
    Trailing,
    /// The extension outputs are not a CBOR map.
    #[error("the extension outputs are not a CBOR map")]
    Extensions,
    /// The credential public key cannot be used.
    #[error(transparent)]
    Key(#[from] KeyError),
}

/// Parsed authenticator data.
#[derive(Debug, Clone)]
pub(crate) struct AuthenticatorData<'a> {
    /// SHA-256 of the RP ID.
    pub(crate) rp_id_hash: &'a [u8],
    flags: u8,
    /// Signature counter; 0 if the authenticator has none.
    pub(crate) sign_count: u32,
    /// The new credential, in a registration.
    pub(crate) attested: Option<AttestedCredential<'a>>,
}

/// A credential that was just made.
#[derive(Debug, Clone)]
pub(crate) struct AttestedCredential<'a> {
    /// Model of the authenticator.
    pub(crate) aaguid: Aaguid,
    /// Credential ID.
    pub(crate) id: &'a [u8],
    /// The public key as it was encoded, for storing.
    pub(crate) cose: &'a [u8],
    /// The public key.
    pub(crate) key: PublicKey,
}

impl<'a> AuthenticatorData<'a> {
    /// Reads authenticator data that is all of `input`.
    pub(crate) fn parse(input: &'a [u8]) -> Result<Self, AuthenticatorDataError> {
        let (rp_id_hash, rest) = take(input, 32)?;
        let (flags, rest) = take(rest, 1)?;
        let flags = flags.first().copied().unwrap_or_default();
        let (counter, mut rest) = take(rest, 4)?;
        let sign_count = counter
            .iter()
            .fold(0, |value, byte| (value << 8) | u32::from(*byte));
        let mut attested = None;
        if flags & AT != 0 {
            let (credential, after) = attested_credential(rest)?;
            (attested, rest) = (Some(credential), after);
        }
        if flags & ED != 0 {
            let (extensions, after) =
                Item::read_prefix(rest).map_err(|_| AuthenticatorDataError::Extensions)?;
            if extensions.len_of_map().is_none() {
                return Err(AuthenticatorDataError::Extensions);
            }
            rest = after;
        }
        if !rest.is_empty() {
            return Err(AuthenticatorDataError::Trailing);
        }
        Ok(Self {
            rp_id_hash,
            flags,
            sign_count,
            attested,
        })
    }

    /// UP: somebody was there.
    pub(crate) fn user_present(&self) -> bool {
        self.flags & UP != 0
    }

    /// UV: the authenticator verified who was there.
    pub(crate) fn user_verified(&self) -> bool {
        self.flags & UV != 0
    }

    /// BE: the credential may be backed up (a synchronised passkey).
    pub(crate) fn backup_eligible(&self) -> bool {
        self.flags & BE != 0
    }

    /// BS: the credential is backed up.
    pub(crate) fn backed_up(&self) -> bool {
        self.flags & BS != 0
    }
}

fn take(input: &[u8], count: usize) -> Result<(&[u8], &[u8]), AuthenticatorDataError> {
    input
        .split_at_checked(count)
        .ok_or(AuthenticatorDataError::Truncated)
}

fn attested_credential(input: &[u8]) -> Result<(AttestedCredential<'_>, &[u8]), AuthenticatorDataError> {
    let (aaguid, rest) = take(input, 16)?;
    let (length, rest) = take(rest, 2)?;
    let length = length
        .iter()
        .fold(0, |value, byte| (value << 8) | usize::from(*byte));
    let (id, rest) = take(rest, length)?;
    let (item, after) = Item::read_prefix(rest).map_err(KeyError::from)?;
    let cose = rest.get(..rest.len() - after.len()).unwrap_or_default();
    let aaguid = Aaguid::from_slice(aaguid).ok_or(AuthenticatorDataError::Truncated)?;
    let key = PublicKey::from_item(&item)?;
    Ok((
        AttestedCredential {
            aaguid,
            id,
            cose,
            key,
        },
        after,
    ))
}
