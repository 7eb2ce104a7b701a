use authflow_db::{DbError, Json, Operation, Sql, Tx, exec, q};
use authflow_types::{ClientId, Digest, GrantId, TenantId, Timestamp, UserId};
use serde::Serialize;

use crate::hot::{Hex, bytea, hex};
use crate::oauth::grant::Grant;

pub(super) struct NewFamily {
    pub(super) client: ClientId,
    pub(super) locator: Vec<u8>,
    pub(super) digest: Digest,
    pub(super) created_at: Timestamp,
    pub(super) idle_expires_at: Timestamp,
    pub(super) expires_at: Timestamp,
}

#[derive(sqlx::FromRow)]
pub(super) struct Family {
    pub(super) client_id: ClientId,
    pub(super) payload: Json<Grant>,
    pub(super) current_digest: Digest,
    pub(super) previous_digest: Option<Digest>,
    pub(super) successor_sealed: Option<Vec<u8>>,
    pub(super) rotated_at: Option<Timestamp>,
    pub(super) created_at: Timestamp,
    pub(super) idle_expires_at: Timestamp,
    pub(super) expires_at: Timestamp,
    pub(super) revoked_at: Option<Timestamp>,
}

/// Which family is meant, and by whom and when it is used.
pub(super) struct Key<'a> {
    pub(super) tenant: TenantId,
    pub(super) locator: &'a [u8; 16],
    pub(super) client: ClientId,
    pub(super) now: Timestamp,
}

/// One refresh token to be replaced by its successor.
pub(crate) struct RotateFamily {
    pub(super) locator: [u8; 16],
    pub(super) client: ClientId,
    pub(super) from: Digest,
    pub(super) to: Digest,
    pub(super) sealed: Vec<u8>,
    pub(super) now: Timestamp,
    pub(super) idle_expires_at: Timestamp,
}

pub(super) async fn insert(
    tx: &mut Tx,
    tenant: TenantId,
    grant: &Grant,
    new: NewFamily,
) -> Result<(), DbError> {
    exec!(
        tx,
        "INSERT INTO grants (tenant_id, id, client_id, user_id, session_id, payload, locator, generation, \
         current_digest, created_at, idle_expires_at, expires_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, 0, $8, $9, $10, $11)",
        tenant,
        grant.id,
        new.client,
        grant.user_id,
        grant.session_id,
        Json(grant),
        new.locator,
        new.digest,
        new.created_at,
        new.idle_expires_at,
        new.expires_at
    )?;
    Ok(())
}

pub(super) async fn find(
    tx: &mut Tx,
    tenant: TenantId,
    locator: &[u8; 16],
) -> Result<Option<Family>, DbError> {
    q!(
        tx,
        fetch_optional<Family>,
        "SELECT client_id, payload, current_digest, previous_digest, successor_sealed, rotated_at, created_at, \
         idle_expires_at, expires_at, revoked_at FROM grants WHERE tenant_id = $1 AND locator = $2",
        tenant,
        locator.to_vec()
    )
}

pub(super) async fn owner(tx: &mut Tx, tenant: TenantId, grant: GrantId) -> Result<Option<UserId>, DbError> {
    let sql = "SELECT user_id FROM grants WHERE tenant_id = $1 AND id = $2";
    let row = q!(tx, fetch_optional<(UserId,)>, sql, tenant, grant)?;
    Ok(row.map(|(user,)| user))
}

impl RotateFamily {
    /// For the tests of the statement.
    #[cfg(test)]
    pub(crate) const STATEMENT: Sql = ROTATE_MANY;

    /// For the tests of the statement.
    #[cfg(test)]
    pub(crate) fn new(
        (locator, client): ([u8; 16], ClientId),
        (from, to): (Digest, Digest),
        sealed: Vec<u8>,
        (now, idle_expires_at): (Timestamp, Timestamp),
    ) -> Self {
        Self {
            locator,
            client,
            from,
            to,
            sealed,
            now,
            idle_expires_at,
        }
    }
}

#[derive(sqlx::FromRow)]
struct Rotated {
    current_digest: Digest,
    payload: Json<Grant>,
}

#[derive(Serialize)]
struct RotationRow {
    l: Hex,
    c: Hex,
    f: Hex,
    t: Hex,
    s: Hex,
    e: i64,
}

// Shaped as `codes::store::REDEEM_MANY` is, and for its reasons.
const ROTATE_MANY: Sql = Sql {
    postgres: "UPDATE grants AS g SET previous_digest = g.current_digest, current_digest = v.t, successor_sealed = v.s, \
               rotated_at = $3, generation = g.generation + 1, \
               idle_expires_at = timestamptz 'epoch' + v.e * interval '1 microsecond' \
               FROM jsonb_to_recordset($2) AS v (l bytea, c uuid, f bytea, t bytea, s bytea, e bigint) \
               CROSS JOIN LATERAL (SELECT k.ctid AS at, k.client_id, k.idle_expires_at, k.expires_at \
               FROM grants AS k WHERE k.tenant_id = $1 AND k.locator = v.l OFFSET 0) AS found \
               WHERE g.ctid = found.at AND g.current_digest = v.f AND g.revoked_at IS NULL \
               AND found.client_id = v.c AND found.idle_expires_at > $3 AND found.expires_at > $3 \
               RETURNING g.current_digest AS current_digest, g.payload AS payload",
    sqlite: "WITH v AS MATERIALIZED (SELECT g.rowid AS at, unhex(value ->> 't', '\\x') AS t, \
             unhex(value ->> 's', '\\x') AS s, value ->> 'e' AS e FROM json_each($2) CROSS JOIN grants AS g \
             WHERE g.tenant_id = $1 AND g.locator = unhex(value ->> 'l', '\\x') \
             AND g.client_id = unhex(value ->> 'c') AND g.current_digest = unhex(value ->> 'f', '\\x') \
             AND g.revoked_at IS NULL AND g.idle_expires_at > $3 AND g.expires_at > $3) \
             UPDATE grants SET previous_digest = current_digest, current_digest = v.t, successor_sealed = v.s, \
             rotated_at = $3, generation = generation + 1, idle_expires_at = v.e \
             FROM v WHERE grants.rowid = v.at RETURNING current_digest, payload",
};

impl Operation for RotateFamily {
    /// The grant; none if the token was not the current one of a live family of this client.
    type Output = Option<Box<Grant>>;

    async fn run(tx: &mut Tx, tenant: TenantId, operations: &[Self]) -> Result<Vec<Self::Output>, DbError> {
        let mut rotated = rotate(tx, tenant, operations).await?;
        // Of several presentations of one token only one's successor is current now; it is random, so names its own.
        let outputs = operations.iter().map(|operation| {
            let index = rotated
                .iter()
                .position(|row| row.current_digest == operation.to)?;
            Some(Box::new(rotated.swap_remove(index).payload.0))
        });
        Ok(outputs.collect())
    }
}

/// Makes `to` the current token where `from` is; one statement, so that of two at once only one succeeds.
async fn rotate(tx: &mut Tx, tenant: TenantId, operations: &[RotateFamily]) -> Result<Vec<Rotated>, DbError> {
    if let [one] = operations {
        return q!(
            tx,
            fetch_all<Rotated>,
            "UPDATE grants SET previous_digest = current_digest, current_digest = $5, successor_sealed = $6, \
             rotated_at = $7, generation = generation + 1, idle_expires_at = $8 \
             WHERE tenant_id = $1 AND locator = $2 AND client_id = $3 AND current_digest = $4 \
             AND revoked_at IS NULL AND idle_expires_at > $7 AND expires_at > $7 RETURNING current_digest, payload",
            tenant,
            one.locator.to_vec(),
            one.client,
            one.from,
            one.to,
            &one.sealed,
            one.now,
            one.idle_expires_at
        );
    }
    let rows: Vec<_> = operations
        .iter()
        .map(|operation| RotationRow {
            l: bytea(&operation.locator),
            c: hex(operation.client.as_bytes()),
            f: bytea(operation.from.as_bytes()),
            t: bytea(operation.to.as_bytes()),
            s: bytea(&operation.sealed),
            e: operation.idle_expires_at.as_micros(),
        })
        .collect();
    // The latest of the requests' times counts for all: nobody refreshes what has expired for somebody.
    let now = operations.iter().map(|operation| operation.now).max();
    let now = now.unwrap_or(Timestamp::from_micros(i64::MAX));
    q!(tx, fetch_all<Rotated>, ROTATE_MANY, tenant, Json(rows), now)
}

/// Moves the idle end of a family whose token does not rotate.
pub(super) async fn extend(
    tx: &mut Tx,
    key: &Key<'_>,
    current: Digest,
    idle_expires_at: Timestamp,
) -> Result<Option<Grant>, DbError> {
    let row = q!(
        tx,
        fetch_optional<(Json<Grant>,)>,
        "UPDATE grants SET idle_expires_at = $6 WHERE tenant_id = $1 AND locator = $2 AND client_id = $3 \
         AND current_digest = $4 AND revoked_at IS NULL AND idle_expires_at > $5 AND expires_at > $5 RETURNING payload",
        key.tenant,
        key.locator.to_vec(),
        key.client,
        current,
        key.now,
        idle_expires_at
    )?;
    Ok(row.map(|(grant,)| grant.0))
}
