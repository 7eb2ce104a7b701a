//! What one request holds: who asks, in which tenant, when, and the transaction it writes in.

use std::net::IpAddr;
use std::sync::Arc;

use authflow_db::{DbError, Tx};
use authflow_types::{ClientId, Rng, TenantId, Timestamp, UserId};

use crate::App;
use crate::app::Invalidation;
use crate::places::Place;
use crate::roles::Authority;
use crate::tenants::Tenant;

/// Who acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Actor {
    /// Nobody known yet.
    Anonymous,
    /// A signed-in user.
    User(UserId),
    /// An authenticated client.
    Client(ClientId),
    /// The person at the command line of the installation.
    Operator,
    /// Authflow itself: a scheduled job.
    System,
}

/// Facts about the request that events and logs record.
#[derive(Debug, Clone, Default)]
pub struct RequestInfo {
    /// `req_..`, also sent back in `X-Request-Id`.
    pub id: Arc<str>,
    /// The client's address, after trusted proxies.
    pub ip: Option<IpAddr>,
    /// Where that is, as far as it is known.
    pub place: Place,
    /// The `User-Agent` header, cut to 512 bytes.
    pub user_agent: Option<Arc<str>>,
}

/// A transaction to read in.
pub enum Reading<'a> {
    /// The request's writing transaction.
    Own(&'a mut Tx),
    /// One for this read alone.
    Fresh(Tx),
}

impl std::ops::Deref for Reading<'_> {
    type Target = Tx;
    fn deref(&self) -> &Tx {
        match self {
            Self::Own(tx) => tx,
            Self::Fresh(tx) => tx,
        }
    }
}

impl std::ops::DerefMut for Reading<'_> {
    fn deref_mut(&mut self) -> &mut Tx {
        match self {
            Self::Own(tx) => tx,
            Self::Fresh(tx) => tx,
        }
    }
}

/// The context of one operation: first argument of every `ops` function.
///
/// The transaction opens at the first write and nothing is visible to others before [`Cx::commit`].
/// Dropping a `Cx` without committing undoes its writes.
pub struct Cx {
    /// The process.
    pub app: Arc<App>,
    /// The tenant that the request addresses.
    pub tenant: Arc<Tenant>,
    /// Who acts.
    pub actor: Actor,
    /// The time of the request; one value for all of it.
    pub now: Timestamp,
    /// Facts for events and logs.
    pub request: RequestInfo,
    authority: Authority,
    tx: Option<Tx>,
    invalidations: Vec<Invalidation>,
    has_jobs: bool,
}

impl Cx {
    /// A context for `tenant`, with no transaction open.
    pub fn new(app: Arc<App>, tenant: Arc<Tenant>, actor: Actor, request: RequestInfo) -> Self {
        let now = app.clock.now();
        Self {
            app,
            tenant,
            actor,
            now,
            request,
            authority: Authority::of(actor),
            tx: None,
            invalidations: Vec::new(),
            has_jobs: false,
        }
    }

    /// The same context, going on in a transaction already open for its tenant.
    #[must_use]
    pub fn with_tx(mut self, tx: Tx) -> Self {
        self.tx = Some(tx);
        self
    }

    /// What the caller may do in this tenant.
    pub fn authority(&self) -> Authority {
        self.authority
    }

    /// The tenant's id.
    pub fn tenant_id(&self) -> TenantId {
        self.tenant.id
    }

    /// The source of randomness.
    pub fn rng(&self) -> &dyn Rng {
        &*self.app.rng
    }

    /// The request's writing transaction, opened at first use.
    pub async fn tx(&mut self) -> Result<&mut Tx, DbError> {
        if self.tx.is_none() {
            self.tx = Some(self.app.db.begin(self.tenant.id).await?);
        }
        self.tx.as_mut().ok_or(DbError::Closed)
    }

    /// Whether the writing transaction is open: then nothing may wait for a hash or the network.
    pub const fn is_writing(&self) -> bool {
        self.tx.is_some()
    }

    /// A read-only transaction of its own; drop it when done.
    pub async fn read(&self) -> Result<Tx, DbError> {
        self.app.db.read(self.tenant.id).await
    }

    /// A transaction to read in: the writing one if it is open, so that a request never waits for a second connection
    /// while it holds one, else a fresh read-only one.
    pub async fn reading(&mut self) -> Result<Reading<'_>, DbError> {
        if self.tx.is_some() {
            return self.tx().await.map(Reading::Own);
        }
        self.read().await.map(Reading::Fresh)
    }

    /// Caches that must forget something once this transaction has committed, on every node.
    pub fn invalidate(&mut self, what: Invalidation) {
        self.invalidations.push(what);
    }

    /// Whether this transaction wrote something that caches may know otherwise.
    pub(crate) fn has_invalidations(&self) -> bool {
        !self.invalidations.is_empty()
    }

    /// The worker of this process looks for jobs once this transaction has committed.
    pub fn wake_jobs(&mut self) {
        self.has_jobs = true;
    }

    /// Makes every write of this context durable and visible, then tells the caches of all nodes.
    pub async fn commit(&mut self) -> Result<(), DbError> {
        let Some(mut tx) = self.tx.take() else {
            return Ok(());
        };
        for what in &self.invalidations {
            tx.notify(&what.to_payload()).await?;
        }
        tx.commit().await?;
        for what in self.invalidations.drain(..) {
            self.app.caches.forget(&what);
        }
        if std::mem::take(&mut self.has_jobs) {
            self.app.jobs.wake();
        }
        Ok(())
    }

    /// Undoes every write since the last commit.
    pub async fn rollback(&mut self) {
        self.invalidations.clear();
        self.has_jobs = false;
        if let Some(tx) = self.tx.take() {
            tx.rollback().await;
        }
    }
}
