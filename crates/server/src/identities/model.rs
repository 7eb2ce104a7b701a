use authflow_types::{IdentifierId, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::identifier::{IdentifierKind, IdentifierValue};
use super::profile::Profile;

/// Whether a user may sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UserStatus {
    /// They may.
    Active,
    /// They may not, and everything that acts for them is dead; nothing is deleted.
    Disabled,
}

impl UserStatus {
    /// As stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Disabled => "disabled",
        }
    }

    /// From storage; an unknown word disables rather than guesses.
    pub fn from_stored(text: &str) -> Self {
        if text == "active" {
            Self::Active
        } else {
            Self::Disabled
        }
    }
}

/// One identifier of a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identifier {
    /// Its id.
    pub id: IdentifierId,
    /// Its kind.
    pub kind: IdentifierKind,
    /// As typed.
    pub value: String,
    /// As compared.
    pub normalized: String,
    /// Whether it is the one of its kind that claims show.
    pub is_primary: bool,
    /// When it was proven to be theirs.
    pub verified_at: Option<Timestamp>,
}

/// A user as requests see them.
#[derive(Debug, Clone)]
pub struct User {
    /// Their id.
    pub id: UserId,
    /// Whether they may sign in.
    pub status: UserStatus,
    /// Standard claims.
    pub profile: Profile,
    /// The tenant's own attributes.
    pub attributes: Map<String, Value>,
    /// How they are recognised; primary ones first.
    pub identifiers: Vec<Identifier>,
    /// Since when they are asked for a second factor; `None` while they have none.
    pub mfa_enabled_at: Option<Timestamp>,
    /// When they are deleted for good, if they asked for it; signing in calls it off.
    pub deletion_due_at: Option<Timestamp>,
    /// Counts up when what they proved before no longer counts: after a new password, after a takeover.
    pub generation: i64,
    /// When they were created.
    pub created_at: Timestamp,
    /// When they last changed.
    pub updated_at: Timestamp,
}

impl User {
    /// Whether they may sign in.
    pub fn is_active(&self) -> bool {
        self.status == UserStatus::Active
    }

    /// Their e-mail address and whether it was proven to be theirs (OIDC Core 5.1 `email`, `email_verified`).
    pub fn email(&self) -> Option<(&str, bool)> {
        self.shown(IdentifierKind::Email)
    }

    /// Their phone number in E.164 and whether it was proven to be theirs (OIDC Core 5.1 `phone_number`).
    pub fn phone(&self) -> Option<(&str, bool)> {
        let phone = self.primary(IdentifierKind::Phone)?;
        Some((&phone.normalized, phone.verified_at.is_some()))
    }

    /// Whether an address or a number of theirs was proven to be theirs.
    pub fn has_proven_address(&self) -> bool {
        self.identifiers
            .iter()
            .any(|own| own.kind != IdentifierKind::Username && own.verified_at.is_some())
    }

    /// Their identifier that `value` spells.
    pub fn own(&self, value: &IdentifierValue) -> Option<&Identifier> {
        let mut own = self.identifiers.iter();
        own.find(|own| own.kind == value.kind() && own.normalized == value.normalized())
    }

    /// Whether `value` is one that they never proved.
    pub fn only_claims(&self, value: &IdentifierValue) -> bool {
        self.own(value).is_some_and(|own| own.verified_at.is_none())
    }

    /// Whether a message that lets its reader in may go to `own`.
    ///
    /// # Security
    /// Beside a proven identifier, one that nobody proved may be a stranger's: it is no way in.
    pub fn lets_in(&self, own: &Identifier) -> bool {
        own.verified_at.is_some() || !self.has_proven_address()
    }

    /// Where a message of `kind` goes that lets its reader in: to the identifier that was typed, else to the primary one.
    pub fn way_in(&self, kind: IdentifierKind, typed: Option<&str>) -> Option<&Identifier> {
        let mut own = self.identifiers.iter();
        own.find(|own| own.kind == kind && Some(own.normalized.as_str()) == typed && self.lets_in(own))
            .or_else(|| self.primary(kind).filter(|own| self.lets_in(own)))
    }

    /// The identifier of `kind` that claims show.
    pub fn primary(&self, kind: IdentifierKind) -> Option<&Identifier> {
        let mut of_kind = self
            .identifiers
            .iter()
            .filter(|identifier| identifier.kind == kind);
        of_kind
            .clone()
            .find(|identifier| identifier.is_primary)
            .or_else(|| of_kind.next())
    }

    /// What they know themselves by, for pages: e-mail address, user name or phone number.
    pub fn display_identifier(&self) -> &str {
        [
            IdentifierKind::Email,
            IdentifierKind::Username,
            IdentifierKind::Phone,
        ]
        .into_iter()
        .find_map(|kind| self.primary(kind))
        .map_or("", |identifier| &identifier.value)
    }

    fn shown(&self, kind: IdentifierKind) -> Option<(&str, bool)> {
        self.primary(kind)
            .map(|identifier| (identifier.value.as_str(), identifier.verified_at.is_some()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identifier(kind: IdentifierKind, value: &str, is_primary: bool, verified: bool) -> Identifier {
        let id = IdentifierId::new(Timestamp::from_secs(1), &authflow_types::SystemRng::default());
        let verified_at = verified.then(|| Timestamp::from_secs(1));
        Identifier {
            id,
            kind,
            value: value.to_owned(),
            normalized: value.to_lowercase(),
            is_primary,
            verified_at,
        }
    }

    #[test]
    fn claims_show_the_primary_identifier_of_their_kind() {
        let user = User {
            id: UserId::new(Timestamp::from_secs(1), &authflow_types::SystemRng::default()),
            status: UserStatus::Active,
            profile: Profile::default(),
            attributes: Map::new(),
            identifiers: vec![
                identifier(IdentifierKind::Email, "Old@example.com", false, true),
                identifier(IdentifierKind::Email, "New@example.com", true, false),
                identifier(IdentifierKind::Username, "alice", true, false),
            ],
            mfa_enabled_at: None,
            generation: 0,
            deletion_due_at: None,
            created_at: Timestamp::from_secs(1),
            updated_at: Timestamp::from_secs(1),
        };
        assert_eq!(user.email(), Some(("New@example.com", false)));
        assert_eq!(user.phone(), None);
        assert_eq!(user.display_identifier(), "New@example.com");
    }

    #[test]
    fn an_unknown_status_disables() {
        assert_eq!(UserStatus::from_stored("active"), UserStatus::Active);
        assert_eq!(UserStatus::from_stored("ACTIVE"), UserStatus::Disabled);
    }
}
