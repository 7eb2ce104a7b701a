use authflow_proto::webauthn::{Aaguid, CredentialDescriptor};
use authflow_types::{CredentialId, Timestamp, UserId};

/// Most characters of a passkey's name.
pub const PASSKEY_NAME_MAX: usize = 60;

/// Most passkeys of one user.
pub(super) const MOST: usize = 30;

/// A passkey of a user.
#[derive(Debug, Clone)]
pub struct Passkey {
    /// Its id.
    pub id: CredentialId,
    /// Whose it is.
    pub user_id: UserId,
    /// The authenticator's name for it.
    pub credential_id: Vec<u8>,
    /// What the authenticator calls the user.
    pub user_handle: Vec<u8>,
    /// The domain that it works on.
    pub rp_id: String,
    /// The public key, as COSE.
    pub public_key: Vec<u8>,
    /// The counter of its last use.
    pub sign_count: u32,
    /// The model or provider, as the authenticator said.
    pub aaguid: Aaguid,
    /// How browsers reach it.
    pub transports: Vec<String>,
    /// Whether it may be synchronised between devices.
    pub backup_eligible: bool,
    /// Whether it is.
    pub backed_up: bool,
    /// What its user calls it.
    pub name: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was used last.
    pub last_used_at: Option<Timestamp>,
}

impl Passkey {
    pub(super) fn descriptor(&self) -> CredentialDescriptor {
        CredentialDescriptor::new(&self.credential_id, self.transports.clone())
    }
}

/// A name as it is kept: trimmed, one line, without control or direction characters.
pub(super) fn clean_name(typed: &str) -> Option<&str> {
    let name = typed.trim();
    let is_bad = |c: char| {
        c.is_control()
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let length = name.chars().count();
    ((1..=PASSKEY_NAME_MAX).contains(&length) && !name.contains(is_bad)).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_one_short_line() {
        assert_eq!(clean_name(" My phone "), Some("My phone"));
        for bad in ["", "  ", "a\nb", "a\u{202e}b", &"x".repeat(61)] {
            assert_eq!(clean_name(bad), None, "{bad:?}");
        }
    }
}
