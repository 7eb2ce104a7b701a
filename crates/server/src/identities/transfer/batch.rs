//! One batch of lines in one transaction: who is new, who is known, and what becomes of either.

use std::collections::{HashMap, HashSet};

use authflow_types::{CredentialId, Timestamp, UserId};
use serde_json::json;

use super::super::model::{Identifier, User, UserStatus};
use super::super::ops::created_payload;
use super::super::{IdentifierKind, store as users};
use super::import::OnConflict;
use super::line::{LineError, Record};
use super::store;
use crate::app::Invalidation;
use crate::events::{self, Event};
use crate::{Cx, Fault, sessions};

/// A line, read.
pub(super) type Read = (u64, Result<Record, LineError>);

/// Who has which identifier, of those that matter.
pub(super) type Owners = HashMap<(IdentifierKind, String), UserId>;

/// What became of a batch.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    pub(super) created: u64,
    pub(super) updated: u64,
    /// Lines that were left out; with `true` because their user is there already.
    pub(super) refused: Vec<(u64, LineError, bool)>,
    /// The line at which the import must end.
    pub(super) stopped_at: Option<(u64, LineError)>,
}

/// What is to be written.
#[derive(Default)]
struct Plan<'a> {
    new: Vec<&'a Record>,
    known: Vec<(UserId, &'a Record)>,
}

/// Whom a record is about.
enum Match {
    Nobody,
    User(UserId, IdentifierKind),
    Id(UserId),
    Several,
}

/// Looks at a batch, and writes it unless this is a dry run; the caller commits. `None` if somebody else took an
/// identifier in the meantime: nothing is written then, try again.
pub(super) async fn write(
    cx: &mut Cx,
    batch: &mut Vec<Read>,
    policy: OnConflict,
    carried: Option<&mut Owners>,
) -> Result<Option<Outcome>, Fault> {
    let mut outcome = Outcome::default();
    let mut records = Vec::with_capacity(batch.len());
    for (line, read) in batch.drain(..) {
        match read {
            Ok(record) => records.push((line, record)),
            Err(error) => outcome.refused.push((line, error, false)),
        }
    }
    let is_dry = carried.is_some();
    let (mut owners, mut ids) = look_up(cx, &records, is_dry).await?;
    if let Some(carried) = &carried {
        owners.extend(carried.iter().map(|(key, id)| (key.clone(), *id)));
    }
    let mut plan = Plan::default();
    decide(
        &records,
        policy,
        (&mut owners, &mut ids),
        (&mut plan, &mut outcome),
    );
    if let Some(carried) = carried {
        *carried = owners;
    } else {
        if !insert(cx, &plan.new).await? {
            cx.rollback().await;
            batch.extend(records.into_iter().map(|(line, record)| (line, Ok(record))));
            batch.extend(
                outcome
                    .refused
                    .into_iter()
                    .filter(|(_, _, known)| !known)
                    .map(|(line, error, _)| (line, Err(error))),
            );
            return Ok(None);
        }
        for (id, record) in &plan.known {
            update(cx, *id, record).await?;
        }
    }
    outcome.created = plan.new.len() as u64;
    outcome.updated = plan.known.len() as u64;
    Ok(Some(outcome))
}

async fn look_up(
    cx: &mut Cx,
    records: &[(u64, Record)],
    is_dry: bool,
) -> Result<(Owners, HashSet<UserId>), Fault> {
    let tenant = cx.tenant_id();
    let identifiers = records.iter().flat_map(|(_, record)| &record.user.identifiers);
    let normalized: Vec<String> = identifiers.map(|one| one.normalized.clone()).collect();
    let given = records.iter().filter(|(_, record)| record.has_id);
    let ids: Vec<UserId> = given.map(|(_, record)| record.user.id).collect();
    // WHY: read in the transaction that writes, so that on SQLite nobody can come between.
    let mut tx = if is_dry {
        cx.reading().await?
    } else {
        cx.tx().await?;
        cx.reading().await?
    };
    let found = store::owners(&mut tx, tenant, &normalized).await?;
    let taken = store::existing(&mut tx, tenant, &ids).await?;
    let owners = found
        .into_iter()
        .filter_map(|(kind, normalized, user)| {
            Some(((IdentifierKind::from_stored(&kind)?, normalized), user))
        })
        .collect();
    Ok((owners, taken.into_iter().map(|(id,)| id).collect()))
}

fn decide<'a>(
    records: &'a [(u64, Record)],
    policy: OnConflict,
    (owners, ids): (&mut Owners, &mut HashSet<UserId>),
    (plan, outcome): (&mut Plan<'a>, &mut Outcome),
) {
    let mut fresh = HashSet::new();
    for (line, record) in records {
        let (known, error) = match find(record, owners, ids) {
            Match::Nobody => {
                claim(record, record.user.id, owners);
                ids.insert(record.user.id);
                fresh.insert(record.user.id);
                plan.new.push(record);
                continue;
            }
            Match::Several => {
                outcome.refused.push((*line, LineError::Ambiguous, false));
                continue;
            }
            Match::User(id, kind) => (id, LineError::Taken { kind }),
            Match::Id(id) => (id, LineError::IdTaken),
        };
        match policy {
            OnConflict::Fail => {
                outcome.stopped_at = Some((*line, error));
                return;
            }
            OnConflict::Update if !fresh.contains(&known) => {
                claim(record, known, owners);
                plan.known.push((known, record));
            }
            // The same user twice in one file: the first line counts.
            OnConflict::Skip | OnConflict::Update => outcome.refused.push((*line, error, true)),
        }
    }
}

fn find(record: &Record, owners: &Owners, ids: &HashSet<UserId>) -> Match {
    let mut found: Option<(UserId, IdentifierKind)> = None;
    for one in &record.user.identifiers {
        let key = (one.kind, one.normalized.clone());
        match (owners.get(&key), found) {
            (Some(id), Some((earlier, _))) if *id != earlier => return Match::Several,
            (Some(id), _) => found = Some((*id, one.kind)),
            (None, _) => {}
        }
    }
    let has_id = record.has_id && ids.contains(&record.user.id);
    match found {
        Some((id, _)) if has_id && id != record.user.id => Match::Several,
        Some((id, kind)) => Match::User(id, kind),
        None if has_id => Match::Id(record.user.id),
        None => Match::Nobody,
    }
}

fn claim(record: &Record, id: UserId, owners: &mut Owners) {
    for one in &record.user.identifiers {
        owners.insert((one.kind, one.normalized.clone()), id);
    }
}

/// Writes new users; `false` if one of their identifiers or ids was taken just now.
async fn insert(cx: &mut Cx, new: &[&Record]) -> Result<bool, Fault> {
    let (tenant, now) = (cx.tenant_id(), cx.now);
    let accounts: Vec<&User> = new.iter().map(|record| &record.user).collect();
    let identifiers: Vec<(UserId, &Identifier)> = accounts
        .iter()
        .flat_map(|user| user.identifiers.iter().map(|identifier| (user.id, identifier)))
        .collect();
    let passwords: Vec<(CredentialId, UserId, &str, Timestamp)> = new
        .iter()
        .filter_map(|record| {
            let (hash, set_at) = record.password.as_ref()?;
            Some((
                CredentialId::new(now, cx.rng()),
                record.user.id,
                hash.as_str(),
                *set_at,
            ))
        })
        .collect();
    let tx = cx.tx().await?;
    if store::insert_users(tx, tenant, &accounts).await? != accounts.len() as u64
        || store::insert_identifiers(tx, tenant, &identifiers, now).await? != identifiers.len() as u64
    {
        return Ok(false);
    }
    store::insert_passwords(tx, tenant, &passwords).await?;
    let created = accounts
        .iter()
        .map(|user| {
            Event::new("user.created")
                .subject(user.id)
                .payload(created_payload(user))
        })
        .collect();
    events::append_many(cx, created).await?;
    Ok(true)
}

/// Brings a known user up to what the line says; what it does not name stays. Emits `user.updated`.
async fn update(cx: &mut Cx, id: UserId, record: &Record) -> Result<(), Fault> {
    let (tenant, now) = (cx.tenant_id(), cx.now);
    let Some(user) = users::find(cx.tx().await?, tenant, id).await? else {
        return Ok(());
    };
    let updated = User {
        status: if record.given.status {
            record.user.status
        } else {
            user.status
        },
        profile: if record.given.profile {
            record.user.profile.clone()
        } else {
            user.profile.clone()
        },
        attributes: if record.given.attributes {
            record.user.attributes.clone()
        } else {
            user.attributes.clone()
        },
        updated_at: now,
        ..user.clone()
    };
    users::update_user(cx.tx().await?, tenant, &updated).await?;
    for one in &record.user.identifiers {
        let has = user
            .identifiers
            .iter()
            .any(|mine| (mine.kind, &mine.normalized) == (one.kind, &one.normalized));
        if !has {
            let is_first = user.primary(one.kind).is_none();
            let one = Identifier {
                is_primary: one.is_primary && is_first,
                ..one.clone()
            };
            users::insert_identifier(cx.tx().await?, tenant, id, &one, now).await?;
        } else if let Some(verified_at) = one.verified_at {
            let which = (id, one.kind, one.normalized.as_str());
            store::raise_identifier(cx.tx().await?, tenant, which, verified_at).await?;
        }
    }
    if let Some((hash, set_at)) = &record.password {
        let credential = CredentialId::new(now, cx.rng());
        users::put_password(cx.tx().await?, tenant, credential, id, hash, *set_at).await?;
    }
    if user.is_active() && updated.status == UserStatus::Disabled {
        sessions::end_all(cx, id, None).await?;
        crate::oauth::revocation::revoke_user(cx, id, None, "user_disabled").await?;
    }
    let payload = json!({
        "object": { "id": id, "profile": updated.profile, "status": updated.status },
        "previous_attributes": { "profile": user.profile, "status": user.status },
    });
    events::append(cx, Event::new("user.updated").subject(id).payload(payload)).await?;
    cx.invalidate(Invalidation::Revocations { tenant });
    Ok(())
}
