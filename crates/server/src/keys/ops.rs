use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use authflow_db::Json;
use authflow_proto::jose::{Algorithm, JwkSet, SigningKey};
use authflow_types::{SigningKeyId, Timestamp};
use serde_json::{Value, json};

use super::model::{KeyInfo, KeyRing, KeyState};
use super::store;
use crate::app::Invalidation;
use crate::cx::{Actor, Cx, RequestInfo};
use crate::events::{self, Event};
use crate::http::document::Document;
use crate::tenants::{self, Tenant};
use crate::vault::SealContext;
use crate::{App, Fault};

/// Algorithms whose keys exist from the first look at a tenant's JWKS: the defaults for ID and access tokens.
const FIRST_ALGORITHMS: [Algorithm; 2] = [Algorithm::RS256, Algorithm::ES256];

/// The tenant's keys, from memory if possible; makes the first ones.
pub async fn ring(app: &Arc<App>, tenant: &Arc<Tenant>) -> Result<Arc<KeyRing>, Fault> {
    // Read before storage is: a rotation in between moves it on, and what was read too early is never found.
    let key = (tenant.id, app.caches.key_epoch(tenant.id));
    if let Some(ring) = app.caches.keys.get(&key) {
        return Ok(ring);
    }
    let mut rows = rows(app, tenant).await?;
    if !FIRST_ALGORITHMS
        .into_iter()
        .all(|algorithm| is_signing(&rows, algorithm))
    {
        rows = make_missing(app, tenant, &FIRST_ALGORITHMS).await?;
    }
    let ring = Arc::new(parse(app, tenant, rows)?);
    app.caches.keys.insert(key, ring.clone());
    Ok(ring)
}

/// The tenant's keys, with one that signs with `algorithm`; makes it if this is its first use.
pub async fn ring_with(
    app: &Arc<App>,
    tenant: &Arc<Tenant>,
    algorithm: Algorithm,
) -> Result<Arc<KeyRing>, Fault> {
    let found = ring(app, tenant).await?;
    if found.signer(algorithm).is_some() {
        return Ok(found);
    }
    make_missing(app, tenant, &[algorithm]).await?;
    app.caches.forget(&Invalidation::Keys { tenant: tenant.id });
    ring(app, tenant).await
}

fn is_signing(rows: &[store::Row], algorithm: Algorithm) -> bool {
    rows.iter().any(|row| {
        row.algorithm == algorithm.as_str() && KeyState::from_stored(&row.state) == KeyState::Active
    })
}

/// Makes the keys that the tenant lacks, one request at a time: RSA takes a processor tens of milliseconds and more.
async fn make_missing(
    app: &Arc<App>,
    tenant: &Arc<Tenant>,
    algorithms: &[Algorithm],
) -> Result<Vec<store::Row>, Fault> {
    let _turn = app.caches.key_making.lock().await;
    let mut rows = rows(app, tenant).await?;
    for &algorithm in algorithms {
        if !is_signing(&rows, algorithm) {
            make(app, tenant, algorithm, KeyState::Active).await?;
            rows = self::rows(app, tenant).await?;
        }
    }
    Ok(rows)
}

/// The tenant's keys as lists show them.
pub async fn list(cx: &Cx) -> Result<Vec<KeyInfo>, Fault> {
    let mut tx = cx.read().await?;
    let rows = store::all(&mut tx, cx.tenant_id()).await?;
    Ok(rows
        .into_iter()
        .filter_map(|row| {
            Some(KeyInfo {
                kid: row.id,
                algorithm: row.algorithm.parse().ok()?,
                state: KeyState::from_stored(&row.state),
                created_at: row.created_at,
                activated_at: row.activated_at,
                retired_at: row.retired_at,
                expires_at: row.expires_at,
            })
        })
        .collect())
}

/// Rotates every algorithm that the tenant uses: next becomes active, active retires, a new next is published.
/// Emits `signing_key.rotated` for each.
pub async fn rotate(app: &Arc<App>, tenant: &Arc<Tenant>, actor: Actor) -> Result<Vec<KeyInfo>, Fault> {
    let ring = ring(app, tenant).await?;
    let mut algorithms: Vec<Algorithm> = ring.signers.keys().copied().collect();
    algorithms.sort_by_key(|algorithm| algorithm.as_str());
    for algorithm in algorithms {
        rotate_one(app, tenant, algorithm, actor).await?;
    }
    list(&Cx::new(
        app.clone(),
        tenant.clone(),
        actor,
        RequestInfo::default(),
    ))
    .await
}

async fn rotate_one(
    app: &Arc<App>,
    tenant: &Arc<Tenant>,
    algorithm: Algorithm,
    actor: Actor,
) -> Result<(), Fault> {
    // The key is made before the transaction: RSA takes tens of milliseconds.
    make(app, tenant, algorithm, KeyState::Next).await?;
    let mut cx = Cx::new(app.clone(), tenant.clone(), actor, RequestInfo::default());
    let (id, now) = (cx.tenant_id(), cx.now);
    let expires_at = now + published_after_retirement(app);
    store::retire_active(cx.tx().await?, id, algorithm.as_str(), now, expires_at).await?;
    store::activate_next(cx.tx().await?, id, algorithm.as_str(), now).await?;
    let payload = json!({ "algorithm": algorithm.as_str() });
    events::append(&mut cx, Event::new("signing_key.rotated").payload(payload)).await?;
    cx.invalidate(Invalidation::Keys { tenant: id });
    cx.commit().await?;
    make(app, tenant, algorithm, KeyState::Next).await
}

/// Does what the schedule asks for: publishes the next key ahead of time, then rotates. Called by a job.
pub async fn rotate_due(app: &Arc<App>) -> Result<u64, Fault> {
    let now = app.clock.now();
    let period = app.config.keys.rotation_period;
    let mut count = 0;
    for (tenant, algorithm) in store::due(&app.db, now - period, true, 100).await? {
        if let (Some(tenant), Ok(algorithm)) = (tenants::find_by_id(app, tenant).await?, algorithm.parse()) {
            rotate_one(app, &tenant, algorithm, Actor::System).await?;
            count += 1;
        }
    }
    let ahead = period.saturating_sub(app.config.keys.publish_ahead);
    for (tenant, algorithm) in store::due(&app.db, now - ahead, false, 100).await? {
        if let (Some(tenant), Ok(algorithm)) = (tenants::find_by_id(app, tenant).await?, algorithm.parse()) {
            make(app, &tenant, algorithm, KeyState::Next).await?;
            count += 1;
        }
    }
    Ok(count)
}

/// Deletes retired keys whose last token has expired. Called by a job.
pub async fn delete_expired(app: &App) -> Result<u64, Fault> {
    Ok(store::delete_expired(&app.db, app.clock.now()).await?)
}

/// How long a retired key stays published: the longest life of anything it signed, and an hour for clocks and caches.
fn published_after_retirement(app: &App) -> Duration {
    let longest =
        crate::oauth::tokens::MAX_ACCESS_TTL.max(app.config.tokens.id_ttl) + Duration::from_hours(1);
    longest.max(app.config.keys.overlap)
}

async fn make(
    app: &Arc<App>,
    tenant: &Arc<Tenant>,
    algorithm: Algorithm,
    state: KeyState,
) -> Result<(), Fault> {
    let now = app.clock.now();
    let id = SigningKeyId::new(now, &*app.rng);
    let key = tokio::task::spawn_blocking(move || {
        SigningKey::generate(algorithm).map(|key| key.with_kid(id.to_string()))
    })
    .await??;
    let pkcs8 = key.to_pkcs8()?;
    let sealed = tenant.data_key.seal(context(&id), &pkcs8)?;
    let row = store::Row {
        id,
        algorithm: algorithm.as_str().to_owned(),
        state: state.as_str().to_owned(),
        public_jwk: Json(serde_json::to_value(key.public_jwk())?),
        private_sealed: sealed,
        created_at: now,
        activated_at: (state == KeyState::Active).then_some(now),
        retired_at: None,
        expires_at: None,
    };
    let mut cx = Cx::new(app.clone(), tenant.clone(), Actor::System, RequestInfo::default());
    let tenant_id = cx.tenant_id();
    if store::insert(cx.tx().await?, tenant_id, &row).await? {
        let payload = json!({ "algorithm": row.algorithm, "state": row.state });
        events::append(
            &mut cx,
            Event::new("signing_key.created").subject(id).payload(payload),
        )
        .await?;
    }
    cx.invalidate(Invalidation::Keys { tenant: tenant_id });
    Ok(cx.commit().await?)
}

async fn rows(app: &App, tenant: &Tenant) -> Result<Vec<store::Row>, Fault> {
    let mut tx = app.db.read(tenant.id).await?;
    Ok(store::all(&mut tx, tenant.id).await?)
}

fn parse(app: &App, tenant: &Tenant, rows: Vec<store::Row>) -> Result<KeyRing, Fault> {
    let now: Timestamp = app.clock.now();
    let mut signers = HashMap::new();
    let mut public: Vec<Value> = Vec::new();
    for row in rows {
        if row.expires_at.is_some_and(|end| end <= now) {
            continue;
        }
        public.push(row.public_jwk.0);
        if KeyState::from_stored(&row.state) == KeyState::Active
            && let Ok(algorithm) = row.algorithm.parse::<Algorithm>()
        {
            let pkcs8 = tenant.data_key.open(context(&row.id), &row.private_sealed)?;
            let key = SigningKey::from_pkcs8(algorithm, &pkcs8)?.with_kid(row.id.to_string());
            signers.insert(algorithm, Arc::new(key));
        }
    }
    let document = serde_json::to_vec(&json!({ "keys": public }))?;
    let verifying = JwkSet::parse(&document)?;
    Ok(KeyRing {
        signers,
        verifying,
        jwks: Document::new(document),
    })
}

fn context(id: &SigningKeyId) -> SealContext<'_> {
    SealContext::new("signing_key", id.as_bytes(), "private")
}
