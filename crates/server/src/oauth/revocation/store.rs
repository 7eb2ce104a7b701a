use authflow_db::{DbError, Tx, exec, q};
use authflow_types::{ClientId, GrantId, SessionId, TenantId, Timestamp, UserId};
use uuid::Uuid;

pub(super) async fn any(tx: &mut Tx, tenant: TenantId, ids: [Uuid; 3]) -> Result<bool, DbError> {
    let found = q!(
        tx,
        fetch_optional<(String,)>,
        "SELECT kind FROM revocations WHERE tenant_id = $1 AND subject_id IN ($2, $3, $4) \
         AND kind IN ('token', 'grant', 'session') LIMIT 1",
        tenant,
        ids[0],
        ids[1],
        ids[2]
    )?;
    Ok(found.is_some())
}

pub(super) async fn mark(
    tx: &mut Tx,
    tenant: TenantId,
    kind: &'static str,
    subject: Uuid,
    (now, expires_at): (Timestamp, Timestamp),
) -> Result<(), DbError> {
    exec!(
        tx,
        "INSERT INTO revocations (tenant_id, kind, subject_id, revoked_at, expires_at) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (tenant_id, kind, subject_id) \
         DO UPDATE SET revoked_at = excluded.revoked_at, expires_at = excluded.expires_at",
        tenant,
        kind,
        subject,
        now,
        expires_at
    )?;
    Ok(())
}

/// Marks every session of the user that tokens may have been issued in, except one.
pub(super) async fn mark_sessions_of_user(
    tx: &mut Tx,
    tenant: TenantId,
    user: UserId,
    except: Option<SessionId>,
    (now, expires_at): (Timestamp, Timestamp),
) -> Result<(), DbError> {
    exec!(
        tx,
        "INSERT INTO revocations (tenant_id, kind, subject_id, revoked_at, expires_at) \
         SELECT tenant_id, 'session', id, $4, $5 FROM sessions \
         WHERE tenant_id = $1 AND user_id = $2 AND ($3 IS NULL OR id <> $3) \
         ON CONFLICT (tenant_id, kind, subject_id) \
         DO UPDATE SET revoked_at = excluded.revoked_at, expires_at = excluded.expires_at",
        tenant,
        user,
        except,
        now,
        expires_at
    )?;
    Ok(())
}

/// Marks the user's grants with refresh tokens that have just ended: offline access outlives the session's row.
pub(super) async fn mark_grants_of_user(
    tx: &mut Tx,
    tenant: TenantId,
    user: UserId,
    except: Option<SessionId>,
    (now, expires_at): (Timestamp, Timestamp),
) -> Result<(), DbError> {
    exec!(
        tx,
        "INSERT INTO revocations (tenant_id, kind, subject_id, revoked_at, expires_at) \
         SELECT tenant_id, 'grant', id, $4, $5 FROM grants \
         WHERE tenant_id = $1 AND user_id = $2 AND ($3 IS NULL OR session_id IS NULL OR session_id <> $3) \
         AND revoked_at = $4 ON CONFLICT (tenant_id, kind, subject_id) \
         DO UPDATE SET revoked_at = excluded.revoked_at, expires_at = excluded.expires_at",
        tenant,
        user,
        except,
        now,
        expires_at
    )?;
    Ok(())
}

/// Marks the client's grants: those that have just ended, and those of its codes.
pub(super) async fn mark_grants_of_client(
    tx: &mut Tx,
    tenant: TenantId,
    client: ClientId,
    (now, expires_at): (Timestamp, Timestamp),
) -> Result<(), DbError> {
    exec!(
        tx,
        "INSERT INTO revocations (tenant_id, kind, subject_id, revoked_at, expires_at) \
         SELECT tenant_id, 'grant', id, $3, $4 FROM grants \
         WHERE tenant_id = $1 AND client_id = $2 AND revoked_at = $3 \
         UNION SELECT tenant_id, 'grant', grant_id, $3, $4 FROM codes WHERE tenant_id = $1 AND client_id = $2 \
         ON CONFLICT (tenant_id, kind, subject_id) \
         DO UPDATE SET revoked_at = excluded.revoked_at, expires_at = excluded.expires_at",
        tenant,
        client,
        now,
        expires_at
    )?;
    Ok(())
}

/// Marks the grants of codes that the user's sign-ins gave to the client and that have no refresh token family.
pub(super) async fn mark_codes_between(
    tx: &mut Tx,
    tenant: TenantId,
    (user, client): (UserId, ClientId),
    (now, expires_at): (Timestamp, Timestamp),
) -> Result<(), DbError> {
    exec!(
        tx,
        "INSERT INTO revocations (tenant_id, kind, subject_id, revoked_at, expires_at) \
         SELECT tenant_id, 'grant', grant_id, $4, $5 FROM codes \
         WHERE tenant_id = $1 AND user_id = $2 AND client_id = $3 \
         ON CONFLICT (tenant_id, kind, subject_id) \
         DO UPDATE SET revoked_at = excluded.revoked_at, expires_at = excluded.expires_at",
        tenant,
        user,
        client,
        now,
        expires_at
    )?;
    exec!(
        tx,
        "UPDATE codes SET expires_at = $4 WHERE tenant_id = $1 AND user_id = $2 AND client_id = $3 \
         AND redeemed_at IS NULL",
        tenant,
        user,
        client,
        now
    )?;
    Ok(())
}

pub(super) async fn grants_between(
    tx: &mut Tx,
    tenant: TenantId,
    user: UserId,
    client: ClientId,
) -> Result<Vec<GrantId>, DbError> {
    let rows = q!(
        tx,
        fetch_all<(GrantId,)>,
        "SELECT id FROM grants WHERE tenant_id = $1 AND user_id = $2 AND client_id = $3 AND revoked_at IS NULL",
        tenant,
        user,
        client
    )?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

pub(super) async fn end_grant(
    tx: &mut Tx,
    tenant: TenantId,
    grant: GrantId,
    now: Timestamp,
    reason: &'static str,
) -> Result<u64, DbError> {
    exec!(
        tx,
        "UPDATE grants SET revoked_at = $3, revoked_reason = $4 \
         WHERE tenant_id = $1 AND id = $2 AND revoked_at IS NULL",
        tenant,
        grant,
        now,
        reason
    )
}

pub(super) async fn end_grants_of_session(
    tx: &mut Tx,
    tenant: TenantId,
    session: SessionId,
    now: Timestamp,
    reason: &'static str,
) -> Result<u64, DbError> {
    exec!(
        tx,
        "UPDATE grants SET revoked_at = $3, revoked_reason = $4 \
         WHERE tenant_id = $1 AND session_id = $2 AND revoked_at IS NULL",
        tenant,
        session,
        now,
        reason
    )
}

/// Codes of the session that nobody has redeemed yet expire now.
///
/// INVARIANT: this comes before the grants of the session are ended. A redemption under way holds the code's row; when it
/// is done, its grant is there to be ended.
pub(super) async fn expire_codes_of_session(
    tx: &mut Tx,
    tenant: TenantId,
    session: SessionId,
    now: Timestamp,
) -> Result<u64, DbError> {
    exec!(
        tx,
        "UPDATE codes SET expires_at = $3 WHERE tenant_id = $1 AND session_id = $2 AND redeemed_at IS NULL",
        tenant,
        session,
        now
    )
}

/// Codes of the user's sessions, all or all but one, that nobody has redeemed yet expire now; before the grants, as above.
pub(super) async fn expire_codes_of_user(
    tx: &mut Tx,
    tenant: TenantId,
    user: UserId,
    except: Option<SessionId>,
    now: Timestamp,
) -> Result<u64, DbError> {
    exec!(
        tx,
        "UPDATE codes SET expires_at = $4 WHERE tenant_id = $1 AND user_id = $2 \
         AND ($3 IS NULL OR session_id <> $3) AND redeemed_at IS NULL",
        tenant,
        user,
        except,
        now
    )
}

/// Codes of the client that nobody has redeemed yet expire now; before the grants, as above.
pub(super) async fn expire_codes_of_client(
    tx: &mut Tx,
    tenant: TenantId,
    client: ClientId,
    now: Timestamp,
) -> Result<u64, DbError> {
    exec!(
        tx,
        "UPDATE codes SET expires_at = $3 WHERE tenant_id = $1 AND client_id = $2 AND redeemed_at IS NULL",
        tenant,
        client,
        now
    )
}

pub(super) async fn end_grants_of_user(
    tx: &mut Tx,
    tenant: TenantId,
    user: UserId,
    except: Option<SessionId>,
    now: Timestamp,
    reason: &'static str,
) -> Result<u64, DbError> {
    exec!(
        tx,
        "UPDATE grants SET revoked_at = $4, revoked_reason = $5 WHERE tenant_id = $1 AND user_id = $2 \
         AND ($3 IS NULL OR session_id IS NULL OR session_id <> $3) AND revoked_at IS NULL",
        tenant,
        user,
        except,
        now,
        reason
    )
}

pub(super) async fn end_grants_of_client(
    tx: &mut Tx,
    tenant: TenantId,
    client: ClientId,
    now: Timestamp,
    reason: &'static str,
) -> Result<u64, DbError> {
    exec!(
        tx,
        "UPDATE grants SET revoked_at = $3, revoked_reason = $4 \
         WHERE tenant_id = $1 AND client_id = $2 AND revoked_at IS NULL",
        tenant,
        client,
        now,
        reason
    )
}
