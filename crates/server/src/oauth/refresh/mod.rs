//! Refresh token families (RFC 6749 6, RFC 9700 4.14.2): one row a family, rotation that may be repeated.
//!
//! ```text
//! live(n) --present n--> live(n+1), n remembered --present n again within 30 s, same client--> the same n+1
//!    |                        \--present n later, or anything older, or by another client--> revoked
//!    \--logout, password change, disabled user, withdrawn consent, deleted client--> revoked
//!    \--idle or absolute lifetime--> expired
//! ```
//!
//! A token carries 16 bytes that find its family and stay the same, and 16 that prove its generation. The family's bytes
//! are never shown to anyone else, so whoever presents them with a stale proof held a real token once.
//!
//! # Security
//! Only digests are stored. The successor, which a repeated presentation must get again, is sealed under a key derived
//! from the token it replaced: a stolen database does not reveal it.

mod store;

use std::sync::Arc;

use authflow_db::{DbError, Tx};
use authflow_types::{ClientId, GrantId, TenantId, Timestamp, Token, TokenKind, UserId};
use serde_json::json;

pub(crate) use store::RotateFamily;

use super::grant::Grant;
use super::revocation;
use crate::clients::Client;
use crate::events::{self, Event};
use crate::vault::{open_under_secret, seal_under_secret};
use crate::{App, Cx, Fault};

const SEAL_LABEL: &[u8] = b"authflow refresh successor v1";

/// What a presented refresh token turned out to be.
#[derive(Debug)]
pub(super) enum Presented {
    /// It is live: the grant, and the token to use from now on.
    Live(Box<Grant>, Token),
    /// It was live once and is presented out of turn: the family has been revoked; commit, then refuse.
    Reused,
    /// It is expired, revoked, unknown or another's.
    Unknown,
}

/// A family about to begin, with its first token and its event `grant.created`: what a redeemed code stores.
pub(super) struct NewFamily {
    token: Token,
    row: store::NewFamily,
    created: events::Row,
}

/// What beginning a family takes beside the grant; owned, because it happens in a transaction shared with others.
pub(super) struct Beginning {
    app: Arc<App>,
    client: Arc<Client>,
    origin: events::Origin,
    now: Timestamp,
}

impl Beginning {
    /// That of the request.
    pub(super) fn of(cx: &Cx, client: &Arc<Client>) -> Self {
        Self {
            app: cx.app.clone(),
            client: client.clone(),
            origin: events::Origin::of(cx),
            now: cx.now,
        }
    }

    /// A new family for `grant`.
    pub(super) fn begin(&self, grant: &Grant) -> NewFamily {
        let (client, rng) = (&self.client, &*self.app.rng);
        let token = Token::from_bytes(TokenKind::Refresh, rng.bytes());
        let locator = locator_of(&token).unwrap_or_default();
        let tokens = &self.app.config.tokens;
        let row = store::NewFamily {
            client: client.id,
            locator: locator.to_vec(),
            digest: token.digest(),
            created_at: self.now,
            idle_expires_at: self.now + client.refresh_idle_ttl(tokens.refresh_idle_ttl),
            expires_at: self.now + client.refresh_absolute_ttl(tokens.refresh_absolute_ttl),
        };
        let event = Event::new("grant.created")
            .subject(grant.id)
            .client(client.id)
            .session(grant.session_id)
            .payload(json!({ "user_id": grant.user_id, "scope": grant.scope }));
        let created = events::Row::new(&self.origin, rng, event);
        NewFamily { token, row, created }
    }
}

impl NewFamily {
    /// Stores the family and its event in `tx`; gives its first token.
    pub(super) async fn insert(self, tx: &mut Tx, tenant: TenantId, grant: &Grant) -> Result<Token, DbError> {
        store::insert(tx, tenant, grant, self.row).await?;
        self.created.insert(tx, tenant).await?;
        Ok(self.token)
    }
}

/// Looks at a presented token without changing anything: for checks that must not cost a rotation.
pub(super) async fn peek(cx: &Cx, client: ClientId, presented: &Token) -> Result<Option<Grant>, Fault> {
    let Some(locator) = locator_of(presented) else {
        return Ok(None);
    };
    let mut tx = cx.read().await?;
    let family = store::find(&mut tx, cx.tenant_id(), &locator).await?;
    Ok(family
        .filter(|family| family.client_id == client)
        .map(|family| family.payload.0))
}

/// A family as seen through one of its tokens, current or not.
#[derive(Debug)]
pub(super) struct Inspected {
    /// What it stands for.
    pub grant: Grant,
    /// Whose it is.
    pub client_id: ClientId,
    /// Whether it has been revoked.
    pub is_revoked: bool,
    /// Whether the token presented is the one to use now, and may be.
    pub is_live: bool,
    /// When the current token was issued.
    pub issued_at: Timestamp,
    /// When the current token ends if it is not used.
    pub expires_at: Timestamp,
}

/// Looks at the family that a token belongs to, changing nothing: for introspection and revocation.
pub(super) async fn inspect(cx: &Cx, presented: &Token) -> Result<Option<Inspected>, Fault> {
    let Some(locator) = locator_of(presented) else {
        return Ok(None);
    };
    let mut tx = cx.read().await?;
    let Some(family) = store::find(&mut tx, cx.tenant_id(), &locator).await? else {
        return Ok(None);
    };
    let expires_at = family.idle_expires_at.min(family.expires_at);
    let is_revoked = family.revoked_at.is_some();
    Ok(Some(Inspected {
        grant: family.payload.0,
        client_id: family.client_id,
        is_revoked,
        is_live: !is_revoked && cx.now < expires_at && family.current_digest == presented.digest(),
        issued_at: family.rotated_at.unwrap_or(family.created_at),
        expires_at,
    }))
}

/// The user of a grant that has a family.
pub(super) async fn owner(cx: &Cx, grant: GrantId) -> Result<Option<UserId>, Fault> {
    let mut tx = cx.read().await?;
    Ok(store::owner(&mut tx, cx.tenant_id(), grant).await?)
}

/// Uses a refresh token for `client`, rotating it as the client's policy says. A rotation is stored when this returns,
/// together with those of other requests. The context must have no transaction open, and has one afterwards only where
/// there is something to commit ([`Presented::Reused`]).
pub(super) async fn present(cx: &mut Cx, client: &Client, presented: &Token) -> Result<Presented, Fault> {
    let Some(locator) = locator_of(presented) else {
        return Ok(Presented::Unknown);
    };
    let idle_ttl = client.refresh_idle_ttl(cx.app.config.tokens.refresh_idle_ttl);
    let (tenant, now) = (cx.tenant_id(), cx.now);
    if !client.policy.refresh.rotate {
        let key = store::Key {
            tenant,
            locator: &locator,
            client: client.id,
            now,
        };
        let grant = store::extend(cx.tx().await?, &key, presented.digest(), now + idle_ttl).await?;
        if let Some(grant) = grant {
            cx.commit().await?;
            return Ok(Presented::Live(Box::new(grant), presented.clone()));
        }
        return refuse_or_repeat(cx, client, &locator, presented).await;
    }
    let successor = successor_of(cx, locator);
    let sealed = seal_under_secret(
        presented.expose().as_bytes(),
        SEAL_LABEL,
        successor.expose().as_bytes(),
    )?;
    let rotation = RotateFamily {
        locator,
        client: client.id,
        from: presented.digest(),
        to: successor.digest(),
        sealed,
        now,
        idle_expires_at: now + idle_ttl,
    };
    match cx.app.hot.rotate.submit(tenant, rotation).await? {
        Some(grant) => Ok(Presented::Live(grant, successor)),
        None => refuse_or_repeat(cx, client, &locator, presented).await,
    }
}

/// The token was not the current one of a live family: an honest repetition, theft, or nothing of ours.
async fn refuse_or_repeat(
    cx: &mut Cx,
    client: &Client,
    locator: &[u8; 16],
    presented: &Token,
) -> Result<Presented, Fault> {
    let (tenant, now) = (cx.tenant_id(), cx.now);
    let Some(family) = store::find(cx.tx().await?, tenant, locator).await? else {
        return Ok(Presented::Unknown);
    };
    if family.revoked_at.is_some() || family.idle_expires_at <= now || family.expires_at <= now {
        return Ok(Presented::Unknown);
    }
    let window_end =
        family.rotated_at.unwrap_or(Timestamp::from_micros(0)) + cx.app.config.tokens.refresh_reuse_window;
    let repeats = family.client_id == client.id
        && family.previous_digest == Some(presented.digest())
        && now <= window_end;
    if repeats && let Some(sealed) = &family.successor_sealed {
        let text = open_under_secret(presented.expose().as_bytes(), SEAL_LABEL, sealed)?;
        let text = std::str::from_utf8(&text).unwrap_or_default();
        if let Ok(successor) = Token::parse(TokenKind::Refresh, text) {
            // Nothing was written: the connection goes back before more is read.
            cx.rollback().await;
            return Ok(Presented::Live(Box::new(family.payload.0), successor));
        }
    }
    let grant = family.payload.0;
    revocation::revoke_grant(cx, grant.id, "refresh_reuse").await?;
    let event = Event::new("security.refresh_reuse")
        .subject(grant.id)
        .client(family.client_id);
    let payload = json!({ "user_id": grant.user_id, "presented_by": client.id });
    events::append(cx, event.session(grant.session_id).payload(payload)).await?;
    Ok(Presented::Reused)
}

/// The bytes that find the family.
fn locator_of(token: &Token) -> Option<[u8; 16]> {
    token.to_bytes()?.first_chunk::<16>().copied()
}

fn successor_of(cx: &Cx, locator: [u8; 16]) -> Token {
    let fresh: [u8; 16] = cx.rng().bytes();
    let mut bytes = [0; 32];
    for (slot, byte) in bytes.iter_mut().zip(locator.into_iter().chain(fresh)) {
        *slot = byte;
    }
    Token::from_bytes(TokenKind::Refresh, bytes)
}
