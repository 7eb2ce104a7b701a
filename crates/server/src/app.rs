//! What one process holds: configuration, database, keys, clock, randomness, outbound HTTP, caches. No globals.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use authflow_db::{Db, DbError, Notification};
use authflow_proto::jose::JwkSet;
use authflow_types::{ClientId, Clock, ConnectionId, Digest, Rng, SessionId, TenantId, Timestamp, UserId};
use moka::sync::Cache;
use serde::{Deserialize, Serialize};

use crate::clients::Client;
use crate::config::Config;
use crate::connections::Enabled;
use crate::consents::Consent;
use crate::hot::Hot;
use crate::http::document::Document;
use crate::identities::{DisposableDomains, User};
use crate::jobs;
use crate::keys::KeyRing;
use crate::limits::{GuessingLimits, PrefixLengths, RateLimiter, TrustedProxies};
use crate::mail::Mailer;
use crate::net::GuardedClient;
use crate::oauth::VerifiedToken;
use crate::pages::Pages;
use crate::passwords::{Passwords, RangeApi};
use crate::places::Places;
use crate::resources::Catalogue;
use crate::sessions::Session;
use crate::sms::SmsSender;
use crate::tenants::Tenant;
use crate::vault::MasterKeys;

/// How long a cached row may be believed without a push; the pushes normally arrive within milliseconds.
const CACHE_TTL: Duration = Duration::from_mins(1);

/// Slots that tenants' revocation epochs are spread over.
const EPOCH_SLOTS: usize = 1024;

/// One process of Authflow. Everything that is ambient elsewhere is a field here.
pub struct App {
    /// The configuration as read at start.
    pub config: Config,
    /// The database.
    pub db: Db,
    /// Writes that requests share.
    pub hot: Hot,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub rng: Arc<dyn Rng>,
    /// The keys that wrap every tenant's data key.
    pub master_keys: MasterKeys,
    /// The bounded pool that hashes passwords, and the rules for them.
    pub passwords: Passwords,
    /// Breached passwords by the range API, if it is asked.
    pub breached_api: Option<RangeApi>,
    /// Outbound HTTP, guarded at the address connected to.
    pub outbound: GuardedClient,
    /// What becomes of mail.
    pub(crate) mailer: Mailer,
    /// What becomes of text messages.
    pub(crate) sms: SmsSender,
    /// Slows those who guess passwords and codes.
    pub guessing: GuessingLimits,
    /// Sign-ups from one source; `None` is unlimited.
    pub sign_ups: Option<RateLimiter>,
    /// Requests from one address; `None` is unlimited.
    pub requests: Option<RateLimiter>,
    /// Requests from one client; `None` is unlimited.
    pub client_requests: Option<RateLimiter>,
    /// Messages to one recipient that one source asks for; `None` is unlimited.
    pub messages: Option<RateLimiter>,
    /// What one source may ask for before it has to prove work; `None` is unlimited.
    pub unproven: Option<RateLimiter>,
    /// Domains of disposable mail.
    pub disposable: DisposableDomains,
    /// Messages to one recipient that all sources ask for; `None` is unlimited.
    pub messages_from_all: Option<RateLimiter>,
    /// What counts as one source.
    pub prefixes: PrefixLengths,
    /// The proxies whose word on a client's address counts.
    pub proxies: TrustedProxies,
    /// Where addresses are.
    pub places: Places,
    /// Renders hosted pages.
    pub pages: Pages,
    /// Rows that hot paths read from memory.
    pub caches: Caches,
    /// Wakes the worker of background jobs.
    pub jobs: jobs::Signal,
    /// Whether any tenant has a domain of its own; otherwise the Host header need not be read.
    pub has_custom_domains: AtomicBool,
}

/// What a cache must forget; pushed to every node when the change commits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "t", rename_all = "snake_case")]
pub enum Invalidation {
    /// The tenant's row, settings or branding.
    Tenant {
        /// Which.
        id: TenantId,
    },
    /// A client, its secrets or its origins.
    Client {
        /// The tenant it belongs to.
        tenant: TenantId,
        /// Which.
        id: ClientId,
    },
    /// The tenant's signing keys.
    Keys {
        /// Which tenant.
        tenant: TenantId,
    },
    /// The tenant's API resources and scopes.
    Catalogue {
        /// Which tenant.
        tenant: TenantId,
    },
    /// The tenant's connections to other providers.
    Connections {
        /// Which tenant.
        tenant: TenantId,
    },
    /// Sessions, grants or tokens of the tenant were revoked: what was verified must be verified again.
    Revocations {
        /// Which tenant.
        tenant: TenantId,
    },
}

impl Invalidation {
    /// The text that travels between nodes.
    pub fn to_payload(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// Bounded in-memory copies of rows; every entry expires by time even if a push is lost.
pub struct Caches {
    /// Tenants by slug.
    pub tenants_by_slug: Cache<Arc<str>, Arc<Tenant>>,
    /// Tenants by custom domain.
    pub tenants_by_domain: Cache<Arc<str>, Arc<Tenant>>,
    /// Clients by tenant and id.
    pub clients: Cache<(TenantId, ClientId), Arc<Client>>,
    /// Whether some client of the tenant registered the origin.
    pub origins: Cache<(TenantId, Arc<str>), bool>,
    /// Signing keys, by tenant and its epoch of keys.
    pub keys: Cache<(TenantId, u64), Arc<KeyRing>>,
    /// API resources and scopes of a tenant.
    pub catalogues: Cache<TenantId, Arc<Catalogue>>,
    /// The metadata document of a tenant, ready to send.
    pub metadata: Cache<TenantId, Arc<Document>>,
    /// Access tokens already verified, by the tenant's revocation epoch and digest.
    pub verified: Cache<(TenantId, u64, Digest), Arc<VerifiedToken>>,
    /// Sessions found live, by the tenant's revocation epoch and the digest of their cookie.
    pub sessions: Cache<(TenantId, u64, Digest), Arc<Session>>,
    /// Clients known to be noted with a session; its row outlives this.
    pub noted: Cache<(TenantId, SessionId, ClientId), ()>,
    /// What users allowed clients, by the tenant's revocation epoch.
    pub consents: Cache<(TenantId, u64, UserId, ClientId), Arc<Consent>>,
    /// Users, by the tenant's revocation epoch.
    pub users: Cache<(TenantId, u64, UserId), Arc<User>>,
    /// Keys fetched from clients' `jwks_uri`, with when they were fetched.
    pub client_keys: Cache<(TenantId, ClientId), (Timestamp, Arc<JwkSet>)>,
    /// Enabled connections of a tenant.
    pub connections: Cache<TenantId, Arc<Enabled>>,
    /// Keys fetched from other providers, with when they were fetched.
    pub upstream_keys: Cache<(TenantId, ConnectionId), (Timestamp, Arc<JwkSet>)>,
    /// Visits to the demo page of `authflow dev`, by the digest of their cookie.
    pub demo: Cache<Digest, Arc<crate::dev::Visit>>,
    /// Counts revocations; tenants share slots, which costs a re-read and nothing else.
    epochs: Epochs,
    /// Counts changes of signing keys.
    key_epochs: Epochs,
    /// Held while a signing key is made for a tenant that has none: its first requests come together, and each would
    /// make one of its own.
    pub(crate) key_making: tokio::sync::Mutex<()>,
}

impl Default for Caches {
    fn default() -> Self {
        fn cache<K, V>(capacity: u64) -> Cache<K, V>
        where
            K: std::hash::Hash + Eq + Send + Sync + 'static,
            V: Clone + Send + Sync + 'static,
        {
            Cache::builder()
                .max_capacity(capacity)
                .time_to_live(CACHE_TTL)
                .build()
        }
        Self {
            tenants_by_slug: cache(10_000),
            tenants_by_domain: cache(10_000),
            clients: cache(10_000),
            origins: cache(10_000),
            keys: cache(1_000),
            catalogues: cache(1_000),
            metadata: cache(1_000),
            verified: cache(50_000),
            sessions: cache(50_000),
            noted: cache(50_000),
            consents: cache(50_000),
            users: cache(50_000),
            client_keys: cache(1_000),
            connections: cache(1_000),
            upstream_keys: Cache::builder()
                .max_capacity(1_000)
                .time_to_live(Duration::from_mins(15))
                .build(),
            demo: Cache::builder()
                .max_capacity(100)
                .time_to_idle(Duration::from_hours(12))
                .build(),
            epochs: Epochs::default(),
            key_epochs: Epochs::default(),
            key_making: tokio::sync::Mutex::default(),
        }
    }
}

impl Caches {
    /// Forgets what `what` names.
    pub fn forget(&self, what: &Invalidation) {
        match what {
            Invalidation::Tenant { id } => {
                for cache in [&self.tenants_by_slug, &self.tenants_by_domain] {
                    let stale: Vec<_> = cache
                        .iter()
                        .filter(|(_, t)| t.id == *id)
                        .map(|(key, _)| (*key).clone())
                        .collect();
                    for key in &stale {
                        cache.invalidate(key);
                    }
                }
                self.metadata.invalidate(id);
            }
            Invalidation::Client { tenant, id } => {
                self.clients.invalidate(&(*tenant, *id));
                self.origins.invalidate_all();
                self.client_keys.invalidate(&(*tenant, *id));
                self.epochs.next(*tenant);
            }
            Invalidation::Keys { tenant } => self.key_epochs.next(*tenant),
            Invalidation::Catalogue { tenant } => {
                self.catalogues.invalidate(tenant);
                self.metadata.invalidate(tenant);
            }
            Invalidation::Connections { tenant } => self.connections.invalidate(tenant),
            Invalidation::Revocations { tenant } => self.epochs.next(*tenant),
        }
    }

    /// Forgets everything: after pushes may have been missed.
    pub fn forget_all(&self) {
        self.tenants_by_slug.invalidate_all();
        self.tenants_by_domain.invalidate_all();
        self.clients.invalidate_all();
        self.origins.invalidate_all();
        self.catalogues.invalidate_all();
        self.metadata.invalidate_all();
        self.connections.invalidate_all();
        self.epochs.next_of_all();
        self.key_epochs.next_of_all();
    }

    /// The tenant's revocation epoch: read it before reading storage, and key what was verified by it. A revocation
    /// in between moves the epoch on, so that what was read too early is never found.
    pub fn epoch(&self, tenant: TenantId) -> u64 {
        self.epochs.of(tenant)
    }

    /// The tenant's epoch of keys, used as [`epoch`](Self::epoch) is.
    pub fn key_epoch(&self, tenant: TenantId) -> u64 {
        self.key_epochs.of(tenant)
    }
}

/// Numbers that move on when something that was read may no longer be so.
struct Epochs(Box<[AtomicU64; EPOCH_SLOTS]>);

impl Default for Epochs {
    fn default() -> Self {
        Self(Box::new([const { AtomicU64::new(0) }; EPOCH_SLOTS]))
    }
}

impl Epochs {
    fn of(&self, tenant: TenantId) -> u64 {
        self.slot(tenant).map_or(0, |slot| slot.load(Ordering::Acquire))
    }

    fn next(&self, tenant: TenantId) {
        if let Some(slot) = self.slot(tenant) {
            slot.fetch_add(1, Ordering::AcqRel);
        }
    }

    fn next_of_all(&self) {
        self.0.iter().for_each(|slot| {
            slot.fetch_add(1, Ordering::AcqRel);
        });
    }

    fn slot(&self, tenant: TenantId) -> Option<&AtomicU64> {
        let bits = usize::try_from(tenant.as_uuid().as_u128() % EPOCH_SLOTS as u128).ok()?;
        self.0.get(bits)
    }
}

impl App {
    /// Applies invalidations pushed by other processes until the database is closed.
    pub async fn follow_invalidations(self: Arc<Self>) -> Result<(), DbError> {
        let mut changes = self.db.listen().await?;
        loop {
            match changes.next().await {
                Ok(Notification::Payload(text)) => {
                    if let Ok(what) = serde_json::from_str::<Invalidation>(&text) {
                        self.caches.forget(&what);
                    }
                }
                Ok(Notification::Missed) => self.caches.forget_all(),
                Err(DbError::Closed) => return Ok(()),
                Err(error) => {
                    tracing::warn!(%error, "invalidations cannot be followed; trying again");
                    self.caches.forget_all();
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
            }
        }
    }
}
