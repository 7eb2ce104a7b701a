//! One user as one line of JSON.

use authflow_types::{IdentifierId, Rng, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::super::identifier::{IdentifierError, IdentifierKind, IdentifierValue};
use super::super::model::{Identifier, User, UserStatus};
use super::super::ops::check_attributes;
use super::super::profile::{Profile, ProfileError};
use super::hashes::{HashDefaults, PasswordHash};
use crate::passwords::{Passwords, StoredHashError};

/// Longer than any user that is accepted.
pub(super) const MAX_LINE_BYTES: usize = 64 * 1024;
/// Identifiers of one user.
const MAX_IDENTIFIERS: usize = 50;

/// Every claim of [`Profile`]: a line that names another would lose it silently.
const CLAIMS: &[&str] = &[
    "name",
    "given_name",
    "family_name",
    "middle_name",
    "nickname",
    "preferred_username",
    "profile",
    "picture",
    "website",
    "gender",
    "birthdate",
    "zoneinfo",
    "locale",
    "address",
];

/// Why a line is not taken.
#[derive(Debug, thiserror::Error)]
pub enum LineError {
    /// Not one JSON object of the documented form.
    #[error("not understood: {0}")]
    Json(#[from] serde_json::Error),
    /// Not UTF-8.
    #[error("the line is not UTF-8")]
    Encoding,
    /// Longer than 64 KiB.
    #[error("the line is longer than 64 KiB")]
    TooLong,
    /// A claim that profiles do not have.
    #[error("`profile` has no claim `{claim}`: put it into `attributes`")]
    UnknownClaim {
        /// As written.
        claim: String,
    },
    /// A claim is out of bounds.
    #[error(transparent)]
    Profile(#[from] ProfileError),
    /// An identifier is malformed.
    #[error(transparent)]
    Identifier(#[from] IdentifierError),
    /// None, or too many, or the same twice.
    #[error("a user has 1 to 50 identifiers, each once")]
    Identifiers,
    /// More than 16 KiB of attributes.
    #[error("attributes take at most 16 KiB as JSON")]
    Attributes,
    /// A time that has not come yet.
    #[error("`{field}` lies in the future")]
    Future {
        /// Which.
        field: &'static str,
    },
    /// The password hash is of no kind that can be verified, or would cost too much.
    #[error(transparent)]
    Hash(#[from] StoredHashError),
    /// The parameters of a password hash are incomplete or malformed.
    #[error("`password_hash`: `{parameter}` is missing or malformed")]
    HashParameter {
        /// Which.
        parameter: &'static str,
    },
    /// Another user has the identifier.
    #[error("another user has this {}", kind.as_str())]
    Taken {
        /// Its kind.
        kind: IdentifierKind,
    },
    /// The id belongs to a user who has none of the identifiers.
    #[error("another user has this id")]
    IdTaken,
    /// Identifiers of two different users: which of them is meant?
    #[error("the identifiers belong to different users")]
    Ambiguous,
}

impl LineError {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Json(_) | Self::Encoding | Self::TooLong => "import.malformed",
            Self::UnknownClaim { .. } | Self::Profile(_) => "user.invalid_profile",
            Self::Identifier(_) | Self::Identifiers => "user.invalid_identifier",
            Self::Attributes => "user.invalid_attributes",
            Self::Future { .. } => "import.time",
            Self::Hash(_) | Self::HashParameter { .. } => "user.invalid_password_hash",
            Self::Taken { .. } | Self::IdTaken | Self::Ambiguous => "user.identifier_taken",
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    id: Option<UserId>,
    status: Option<UserStatus>,
    email: Option<String>,
    #[serde(default)]
    email_verified: bool,
    phone_number: Option<String>,
    #[serde(default)]
    phone_number_verified: bool,
    username: Option<String>,
    #[serde(default)]
    identifiers: Vec<LineIdentifier>,
    profile: Option<Map<String, Value>>,
    attributes: Option<Map<String, Value>>,
    created_at: Option<Timestamp>,
    updated_at: Option<Timestamp>,
    password_hash: Option<PasswordHash>,
    password_changed_at: Option<Timestamp>,
}

/// An identifier as lines have it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LineIdentifier {
    pub(super) kind: IdentifierKind,
    pub(super) value: String,
    #[serde(default)]
    pub(super) primary: bool,
    #[serde(default)]
    pub(super) verified: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) verified_at: Option<Timestamp>,
}

/// A user as exported: read back by [`parse`].
#[derive(Debug, Serialize)]
pub(super) struct Exported<'a> {
    pub(super) id: UserId,
    pub(super) status: UserStatus,
    pub(super) identifiers: Vec<LineIdentifier>,
    pub(super) profile: &'a Profile,
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub(super) attributes: &'a Map<String, Value>,
    pub(super) created_at: Timestamp,
    pub(super) updated_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) password_hash: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) password_changed_at: Option<Timestamp>,
}

/// A line that is well-formed.
#[derive(Debug)]
pub(super) struct Record {
    pub(super) user: User,
    /// The password hash in a form that is stored, and since when it counts.
    pub(super) password: Option<(String, Timestamp)>,
    pub(super) has_id: bool,
    pub(super) given: Given,
}

/// What a line names, beside identifiers: the rest of a known user stays as it is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Given {
    pub(super) status: bool,
    pub(super) profile: bool,
    pub(super) attributes: bool,
}

/// What lines are read with.
pub(super) struct Reader<'a> {
    pub(super) passwords: &'a Passwords,
    pub(super) rng: &'a dyn Rng,
    pub(super) now: Timestamp,
    pub(super) defaults: &'a HashDefaults,
}

impl Reader<'_> {
    /// Reads and checks one line.
    pub(super) fn parse(&self, text: &[u8]) -> Result<Record, LineError> {
        if text.len() > MAX_LINE_BYTES {
            return Err(LineError::TooLong);
        }
        let text = std::str::from_utf8(text).map_err(|_| LineError::Encoding)?;
        let mut line: Line = serde_json::from_str(text)?;
        let created_at = self.past("created_at", line.created_at)?.unwrap_or(self.now);
        let updated_at = self.past("updated_at", line.updated_at)?.unwrap_or(created_at);
        let changed_at = self.past("password_changed_at", line.password_changed_at)?;
        let password = match &line.password_hash {
            None => None,
            Some(hash) => {
                let text = hash.to_stored(self.defaults)?;
                self.passwords.check_import(&text)?;
                Some((text, changed_at.unwrap_or(created_at)))
            }
        };
        let identifiers = self.identifiers(&mut line, created_at)?;
        let given = Given {
            status: line.status.is_some(),
            profile: line.profile.is_some(),
            attributes: line.attributes.is_some(),
        };
        let attributes = line.attributes.unwrap_or_default();
        check_attributes(&attributes).map_err(|_| LineError::Attributes)?;
        let user = User {
            id: line.id.unwrap_or_else(|| UserId::new(created_at, self.rng)),
            status: line.status.unwrap_or(UserStatus::Active),
            profile: profile(line.profile.unwrap_or_default())?,
            attributes,
            identifiers,
            mfa_enabled_at: None,
            generation: 0,
            deletion_due_at: None,
            created_at,
            updated_at,
        };
        Ok(Record {
            has_id: line.id.is_some(),
            given,
            user,
            password,
        })
    }

    fn past(&self, field: &'static str, time: Option<Timestamp>) -> Result<Option<Timestamp>, LineError> {
        match time {
            Some(time) if time > self.now => Err(LineError::Future { field }),
            time => Ok(time),
        }
    }

    fn identifiers(&self, line: &mut Line, created_at: Timestamp) -> Result<Vec<Identifier>, LineError> {
        let short = [
            (IdentifierKind::Email, line.email.take(), line.email_verified),
            (
                IdentifierKind::Phone,
                line.phone_number.take(),
                line.phone_number_verified,
            ),
            (IdentifierKind::Username, line.username.take(), false),
        ];
        let short = short.into_iter().filter_map(|(kind, value, verified)| {
            Some(LineIdentifier {
                kind,
                value: value?,
                primary: true,
                verified,
                verified_at: None,
            })
        });
        let given: Vec<LineIdentifier> = short.chain(line.identifiers.drain(..)).collect();
        let mut identifiers: Vec<Identifier> = Vec::with_capacity(given.len());
        for one in given {
            let value = match one.kind {
                IdentifierKind::Email => IdentifierValue::email(&one.value)?,
                IdentifierKind::Phone => IdentifierValue::phone(&one.value)?,
                IdentifierKind::Username => IdentifierValue::username(&one.value)?,
            };
            let earlier = || identifiers.iter().filter(|earlier| earlier.kind == one.kind);
            if earlier().any(|earlier| earlier.normalized == value.normalized()) {
                return Err(LineError::Identifiers);
            }
            let at = self.past("verified_at", one.verified_at)?;
            identifiers.push(Identifier {
                id: IdentifierId::new(created_at, self.rng),
                kind: one.kind,
                value: value.value().to_owned(),
                normalized: value.normalized().to_owned(),
                is_primary: one.primary && !earlier().any(|earlier| earlier.is_primary),
                verified_at: at.or_else(|| one.verified.then_some(self.now)),
            });
        }
        if !(1..=MAX_IDENTIFIERS).contains(&identifiers.len()) {
            return Err(LineError::Identifiers);
        }
        for kind in [
            IdentifierKind::Email,
            IdentifierKind::Phone,
            IdentifierKind::Username,
        ] {
            let mut of_kind = identifiers.iter_mut().filter(|one| one.kind == kind);
            let Some(first) = of_kind.next() else { continue };
            if !first.is_primary && !of_kind.any(|one| one.is_primary) {
                first.is_primary = true;
            }
        }
        Ok(identifiers)
    }
}

fn profile(claims: Map<String, Value>) -> Result<Profile, LineError> {
    if let Some(claim) = claims.keys().find(|claim| !CLAIMS.contains(&claim.as_str())) {
        let claim = claim.chars().take(64).collect();
        return Err(LineError::UnknownClaim { claim });
    }
    let profile: Profile = serde_json::from_value(Value::Object(claims))?;
    profile.check()?;
    Ok(profile)
}
