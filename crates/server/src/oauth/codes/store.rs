use authflow_db::{DbError, Json, Operation, Sql, Tx, exec, q};
use authflow_types::{ClientId, Digest, GrantId, SessionId, TenantId, Timestamp, Token, UserId};
use serde::Serialize;
use serde_json::value::RawValue;

use super::Begins;
use crate::hot::{Hex, bytea, hex};
use crate::oauth::grant::CodePayload;

/// One code to be issued.
pub(crate) struct IssueCode {
    pub(super) digest: Digest,
    pub(super) grant: GrantId,
    pub(super) client: ClientId,
    pub(super) user: UserId,
    pub(super) session: SessionId,
    pub(super) payload: Box<RawValue>,
    pub(super) expires_at: Timestamp,
}

/// One code to be redeemed.
pub(crate) struct RedeemCode {
    pub(super) digest: Digest,
    pub(super) client: ClientId,
    pub(super) now: Timestamp,
    pub(super) begins: Begins,
}

#[derive(sqlx::FromRow)]
struct Redeemed {
    digest: Digest,
    client_id: ClientId,
    payload: Json<CodePayload>,
}

#[derive(sqlx::FromRow)]
pub(super) struct Seen {
    pub(super) grant_id: GrantId,
    pub(super) client_id: ClientId,
    pub(super) redeemed_at: Option<Timestamp>,
}

#[derive(Serialize)]
struct IssuedRow<'a> {
    d: Hex,
    g: Hex,
    c: Hex,
    u: Hex,
    s: Hex,
    p: &'a RawValue,
    e: i64,
}

const INSERT_MANY: Sql = Sql {
    postgres: "INSERT INTO codes (tenant_id, digest, grant_id, client_id, user_id, session_id, payload, expires_at) \
               SELECT $1, v.d, v.g, v.c, v.u, v.s, v.p, \
               timestamptz 'epoch' + v.e * interval '1 microsecond' \
               FROM jsonb_to_recordset($2) AS v (d bytea, g uuid, c uuid, u uuid, s uuid, p jsonb, e bigint)",
    sqlite: "INSERT INTO codes (tenant_id, digest, grant_id, client_id, user_id, session_id, payload, expires_at) \
             SELECT $1, unhex(value ->> 'd', '\\x'), unhex(value ->> 'g'), unhex(value ->> 'c'), \
             unhex(value ->> 'u'), unhex(value ->> 's'), value -> 'p', value ->> 'e' FROM json_each($2)",
};

#[derive(Serialize)]
struct PresentedRow {
    d: Hex,
    c: Hex,
}

// Each row is looked up by its key in a subquery that cannot be merged (`OFFSET 0`): where it could, a plan made while the
// table was small would read the whole tenant, and be kept. What another transaction may change meanwhile is asked of the
// row that is updated, and nothing else, lest another index look good.
pub(super) const REDEEM_MANY: Sql = Sql {
    postgres: "UPDATE codes AS o SET redeemed_at = $3 FROM jsonb_to_recordset($2) AS v (d bytea, c uuid) \
               CROSS JOIN LATERAL (SELECT k.ctid AS at, k.client_id, k.expires_at, EXISTS (SELECT 1 FROM revocations AS r \
               WHERE r.tenant_id = $1 AND r.kind = 'session' AND r.subject_id = k.session_id) AS is_revoked \
               FROM codes AS k WHERE k.tenant_id = $1 AND k.digest = v.d OFFSET 0) AS found \
               WHERE o.ctid = found.at AND o.redeemed_at IS NULL \
               AND found.client_id = v.c AND found.expires_at > $3 AND NOT found.is_revoked \
               RETURNING o.digest AS digest, o.client_id AS client_id, o.payload AS payload",
    sqlite: "UPDATE codes SET redeemed_at = $3 WHERE tenant_id = $1 AND (digest, client_id) IN \
             (SELECT unhex(value ->> 'd', '\\x'), unhex(value ->> 'c') FROM json_each($2)) \
             AND redeemed_at IS NULL AND expires_at > $3 AND NOT EXISTS (SELECT 1 FROM revocations AS r \
             WHERE r.tenant_id = $1 AND r.kind = 'session' AND r.subject_id = codes.session_id) \
             RETURNING digest, client_id, payload",
};

impl IssueCode {
    pub(super) async fn insert(&self, tx: &mut Tx, tenant: TenantId) -> Result<(), DbError> {
        exec!(
            tx,
            "INSERT INTO codes (tenant_id, digest, grant_id, client_id, user_id, session_id, payload, expires_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            tenant,
            self.digest,
            self.grant,
            self.client,
            self.user,
            self.session,
            Json(&self.payload),
            self.expires_at
        )?;
        Ok(())
    }

    fn row(&self) -> IssuedRow<'_> {
        IssuedRow {
            d: bytea(self.digest.as_bytes()),
            g: hex(self.grant.as_bytes()),
            c: hex(self.client.as_bytes()),
            u: hex(self.user.as_bytes()),
            s: hex(self.session.as_bytes()),
            p: &self.payload,
            e: self.expires_at.as_micros(),
        }
    }
}

impl Operation for IssueCode {
    type Output = ();

    async fn run(tx: &mut Tx, tenant: TenantId, operations: &[Self]) -> Result<Vec<()>, DbError> {
        if let [one] = operations {
            one.insert(tx, tenant).await?;
        } else {
            let rows: Vec<_> = operations.iter().map(Self::row).collect();
            exec!(tx, INSERT_MANY, tenant, Json(rows))?;
        }
        Ok(vec![(); operations.len()])
    }
}

impl Operation for RedeemCode {
    /// The payload and the refresh token that it began; none if the code was not there to be redeemed.
    type Output = Option<(Box<CodePayload>, Option<Token>)>;

    async fn run(tx: &mut Tx, tenant: TenantId, operations: &[Self]) -> Result<Vec<Self::Output>, DbError> {
        let mut redeemed = redeem(tx, tenant, operations).await?;
        let mut outputs = Vec::with_capacity(operations.len());
        for operation in operations {
            // Of several presentations of one code the first gets it; the others find it redeemed.
            let found = redeemed
                .iter()
                .position(|row| row.digest == operation.digest && row.client_id == operation.client);
            let Some(index) = found else {
                outputs.push(None);
                continue;
            };
            let payload = redeemed.swap_remove(index).payload.0;
            let token = match (operation.begins)(&payload) {
                Some(family) => Some(family.insert(tx, tenant, &payload.grant).await?),
                None => None,
            };
            outputs.push(Some((Box::new(payload), token)));
        }
        Ok(outputs)
    }
}

async fn redeem(tx: &mut Tx, tenant: TenantId, operations: &[RedeemCode]) -> Result<Vec<Redeemed>, DbError> {
    if let [one] = operations {
        return q!(
            tx,
            fetch_all<Redeemed>,
            "UPDATE codes SET redeemed_at = $4 WHERE tenant_id = $1 AND digest = $2 AND client_id = $3 \
             AND redeemed_at IS NULL AND expires_at > $4 AND NOT EXISTS (SELECT 1 FROM revocations AS r \
             WHERE r.tenant_id = $1 AND r.kind = 'session' AND r.subject_id = codes.session_id) \
             RETURNING digest, client_id, payload",
            tenant,
            one.digest,
            one.client,
            one.now
        );
    }
    let rows: Vec<_> = operations
        .iter()
        .map(|operation| PresentedRow {
            d: bytea(operation.digest.as_bytes()),
            c: hex(operation.client.as_bytes()),
        })
        .collect();
    // The latest of the requests' times counts for all: nobody gets a code that has expired for somebody.
    let now = operations.iter().map(|operation| operation.now).max();
    let now = now.unwrap_or(Timestamp::from_micros(i64::MAX));
    q!(tx, fetch_all<Redeemed>, REDEEM_MANY, tenant, Json(rows), now)
}

pub(super) async fn find(tx: &mut Tx, tenant: TenantId, digest: Digest) -> Result<Option<Seen>, DbError> {
    q!(
        tx,
        fetch_optional<Seen>,
        "SELECT grant_id, client_id, redeemed_at FROM codes WHERE tenant_id = $1 AND digest = $2",
        tenant,
        digest
    )
}
