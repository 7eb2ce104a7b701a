//! Limits on guessing passwords and codes.
//!
//! ```text
//! source = known device of this account, else address prefix
//!
//! (account, source)   n free failures, then delays that double          restrains one guesser
//! source alone        many free failures, then delays that double       restrains spraying over accounts
//! account, everywhere slows down sources the account does not know      makes a distributed guess slower
//! ```
//!
//! Nothing a stranger does can lock the owner out: the first two counters belong to the guesser's own source;
//! the third makes an unfamiliar source wait once from its own first attempt, whatever others do meanwhile; a
//! known device, and a prefix that this account signed in from, are exempt from it. A known device is its own
//! source, so that it is not touched by a stranger behind the same address either.

use std::net::IpAddr;
use std::time::Duration;

use authflow_types::{TenantId, Timestamp};

use super::address::AddressPrefix;
use super::config::{AccountConfig, BackoffConfig, LimitsConfig};
use super::table::{Entry, Table, TableKey};

/// Who tries to sign in to what, from where.
#[derive(Debug, Clone, Copy)]
pub struct GuessKey<'a> {
    /// The tenant.
    pub tenant: TenantId,
    /// The identifier as typed and normalised, or the account's id: the same for known and unknown accounts,
    /// or the limits would tell which exist.
    pub account: &'a [u8],
    /// The client's address, after trusted proxies.
    pub address: IpAddr,
    /// The known-device token of this browser.
    ///
    /// # Security
    /// Only a token that was verified to have been issued to this very account after a sign-in.
    pub device: Option<&'a [u8]>,
}

/// Whether an attempt may be made now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// It may.
    Allow,
    /// It must wait.
    Wait {
        /// For how long; never zero.
        retry_after: Duration,
    },
}

/// An attempt that came too early.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many failed attempts: try again in {} s", retry_after.as_secs() + 1)]
pub struct Wait {
    /// How long to wait; never zero.
    pub retry_after: Duration,
}

/// An attempt under way, counted as a failure until it is known to have succeeded.
///
/// Dropping it leaves the failure counted: a caller that forgets, or is cancelled, cannot be abused.
#[derive(Debug)]
#[must_use = "tell the limiter how the attempt ended: `succeeded`, `failed` or `abandoned`"]
pub struct Attempt {
    keys: Keys,
    at: Timestamp,
    before: [Option<Counter>; 2],
}

/// Failures, forgiven one by one as time passes.
#[derive(Debug, Clone, Copy)]
struct Counter {
    failures: u32,
    /// From when the next forgiveness counts.
    forgiven_at: Timestamp,
    /// When the last attempt was made.
    last_at: Timestamp,
}

impl Counter {
    fn new(now: Timestamp) -> Self {
        Self {
            failures: 0,
            forgiven_at: now,
            last_at: now,
        }
    }

    /// The same counter as it stands at `now`.
    fn at(mut self, now: Timestamp, every: Duration) -> Self {
        // A clock set back must not stretch a delay.
        self.last_at = self.last_at.min(now);
        self.forgiven_at = self.forgiven_at.min(now);
        let micros = every.as_micros().max(1);
        let due = now.since(self.forgiven_at).as_micros() / micros;
        let due = u32::try_from(due).unwrap_or(u32::MAX);
        if due >= self.failures {
            self.failures = 0;
            self.forgiven_at = now;
        } else {
            self.failures -= due;
            self.forgiven_at = self.forgiven_at + every.saturating_mul(due);
        }
        self
    }

    fn charge(mut self, now: Timestamp) -> Self {
        self.failures = self.failures.saturating_add(1);
        self.last_at = now;
        self
    }

    fn wait(&self, now: Timestamp, delay: Duration) -> Duration {
        (self.last_at + delay).since(now)
    }
}

impl Entry for Counter {
    type Context = BackoffConfig;

    fn strength(&self, now: Timestamp, context: &BackoffConfig) -> (u32, i64) {
        let counter = self.at(now, context.forgive_every());
        (counter.failures, counter.last_at.as_micros())
    }
}

/// When a source last signed in to an account.
#[derive(Debug, Clone, Copy)]
struct SignedIn(Timestamp);

impl Entry for SignedIn {
    type Context = Duration;

    fn strength(&self, _: Timestamp, _: &Duration) -> (u32, i64) {
        (0, self.0.as_micros())
    }
}

#[derive(Debug, Clone, Copy)]
struct Keys {
    /// In the table of pairs.
    pair: TableKey,
    /// In the table of sources; a known device answers for itself only in its pair.
    source: Option<TableKey>,
    /// In the table of accounts.
    account: TableKey,
    /// In the table of familiar sources; `None` for a known device.
    familiar: Option<TableKey>,
}

/// Slows guessing down. One for the whole process.
pub struct GuessingLimits {
    config: LimitsConfig,
    pairs: Table<Counter>,
    sources: Table<Counter>,
    accounts: Table<Counter>,
    familiar: Table<SignedIn>,
}

impl GuessingLimits {
    /// A limiter with nothing counted yet.
    pub fn new(config: LimitsConfig) -> Self {
        let capacity = config.capacity();
        Self {
            pairs: Table::new(capacity, config.per_account_and_source),
            sources: Table::new(capacity, config.per_source),
            accounts: Table::new(capacity, config.per_account.backoff()),
            familiar: Table::new(capacity, config.familiar_for()),
            config,
        }
    }

    /// Whether an attempt would be allowed now. Counts nothing: use [`begin`](Self::begin) where the attempt is
    /// made, or attempts made at the same time would all be allowed.
    pub fn check(&self, now: Timestamp, guess: &GuessKey<'_>) -> Decision {
        let keys = self.keys(guess);
        let source = keys.source.and_then(|key| self.sources.get(key));
        let source = wait(source, now, &self.config.per_source, Duration::ZERO);
        let soft = self.soft_delay(now, &keys);
        let pair = match self.pairs.get(keys.pair) {
            None => soft,
            known => wait(known, now, &self.config.per_account_and_source, soft),
        };
        match source.max(pair) {
            Duration::ZERO => Decision::Allow,
            retry_after => Decision::Wait { retry_after },
        }
    }

    /// Whether failures of the source, on the account or of both together are so many that attempts are delayed: also
    /// while no delay is running. Counts nothing.
    pub fn is_slowed(&self, now: Timestamp, guess: &GuessKey<'_>) -> bool {
        let keys = self.keys(guess);
        let is_slow = |table: &Table<Counter>, key| {
            let config = table.context();
            let counter = table
                .get(key)
                .map(|counter| counter.at(now, config.forgive_every()));
            counter.is_some_and(|counter| !config.delay(counter.failures).is_zero())
        };
        is_slow(&self.pairs, keys.pair)
            || keys.source.is_some_and(|key| is_slow(&self.sources, key))
            || !self.soft_delay(now, &keys).is_zero()
    }

    /// Begins an attempt: checks and counts it in one step. Finish it with [`succeeded`](Self::succeeded),
    /// [`failed`](Self::failed) or [`abandoned`](Self::abandoned).
    ///
    /// # Errors
    /// [`Wait`] if it came too early; an attempt that was refused is not counted.
    pub fn begin(&self, now: Timestamp, guess: &GuessKey<'_>) -> Result<Attempt, Wait> {
        let keys = self.keys(guess);
        let refused = |wait: Wait| match self.check(now, guess) {
            Decision::Allow => wait,
            Decision::Wait { retry_after } => Wait {
                retry_after: retry_after.max(wait.retry_after),
            },
        };
        let source = match keys.source {
            Some(key) => admit(&self.sources, now, key, None).map_err(refused)?,
            None => None,
        };
        let soft = self.soft_delay(now, &keys);
        let pair = admit(&self.pairs, now, keys.pair, Some(soft)).inspect_err(|_| {
            if let Some(key) = keys.source {
                refund(&self.sources, now, now, key, source);
            }
        })?;
        charge(&self.accounts, now, keys.account);
        Ok(Attempt {
            keys,
            at: now,
            before: [pair, source],
        })
    }

    /// The attempt was right: clears what its source failed on this account and remembers the source as familiar.
    /// What the source failed on other accounts stays counted, and so do the failures of others on this one.
    pub fn succeeded(&self, now: Timestamp, attempt: Attempt) {
        let keys = self.refund_all(now, attempt);
        self.clear(now, &keys);
    }

    /// The attempt was wrong; it stays counted.
    pub fn failed(&self, attempt: Attempt) {
        drop(attempt);
    }

    /// The attempt never took place (no database, hashing pool busy): it is not counted.
    pub fn abandoned(&self, now: Timestamp, attempt: Attempt) {
        let (at, [pair, _]) = (attempt.at, attempt.before);
        let keys = self.refund_all(now, attempt);
        refund(&self.pairs, now, at, keys.pair, pair);
    }

    /// Counts a failure of an attempt that was not begun here.
    #[cfg(test)]
    fn record_failure(&self, now: Timestamp, guess: &GuessKey<'_>) {
        let keys = self.keys(guess);
        charge(&self.pairs, now, keys.pair);
        charge(&self.accounts, now, keys.account);
        if let Some(source) = keys.source {
            charge(&self.sources, now, source);
        }
    }

    /// How many counters are kept, for metrics.
    pub fn len(&self) -> usize {
        self.pairs.len() + self.sources.len() + self.accounts.len() + self.familiar.len()
    }

    /// Whether nothing is counted.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn keys(&self, guess: &GuessKey<'_>) -> Keys {
        let tenant = guess.tenant.as_uuid();
        let prefix = AddressPrefix::of(guess.address, self.config.prefix);
        let account = self.accounts.key(&(tenant, guess.account));
        match guess.device {
            Some(device) => Keys {
                pair: self.pairs.key(&("device", tenant, guess.account, device)),
                source: None,
                account,
                familiar: None,
            },
            None => Keys {
                pair: self.pairs.key(&("prefix", tenant, guess.account, prefix)),
                source: Some(self.sources.key(&(tenant, prefix))),
                account,
                familiar: Some(self.familiar.key(&(tenant, guess.account, prefix))),
            },
        }
    }

    /// How long a source that the account does not know must wait between attempts.
    fn soft_delay(&self, now: Timestamp, keys: &Keys) -> Duration {
        let Some(familiar) = keys.familiar else {
            return Duration::ZERO;
        };
        let known = self.familiar.get(familiar);
        if known.is_some_and(|SignedIn(at)| now < at + *self.familiar.context()) {
            return Duration::ZERO;
        }
        let config: &AccountConfig = &self.config.per_account;
        let every = config.backoff().forgive_every();
        let counter = self.accounts.get(keys.account);
        counter.map_or(Duration::ZERO, |counter| {
            config.delay(counter.at(now, every).failures)
        })
    }

    /// Takes back what the attempt counted on its source and its account.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "an attempt ends once: using it up is the point"
    )]
    fn refund_all(&self, now: Timestamp, attempt: Attempt) -> Keys {
        let Attempt { keys, at, before } = attempt;
        let [_, source] = before;
        if let Some(key) = keys.source {
            refund(&self.sources, now, at, key, source);
        }
        refund(&self.accounts, now, at, keys.account, None);
        keys
    }

    fn clear(&self, now: Timestamp, keys: &Keys) {
        self.pairs.update(now, keys.pair, |slot| *slot = None);
        if let Some(familiar) = keys.familiar {
            self.familiar
                .update(now, familiar, |slot| *slot = Some(SignedIn(now)));
        }
    }
}

impl std::fmt::Debug for GuessingLimits {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("GuessingLimits").finish_non_exhaustive()
    }
}

/// Counts an attempt if its delay is over and answers what stood there before. With a soft delay, a source
/// seen for the first time is written down as having arrived now, and waits from now.
fn admit(
    table: &Table<Counter>,
    now: Timestamp,
    key: TableKey,
    soft: Option<Duration>,
) -> Result<Option<Counter>, Wait> {
    let config = *table.context();
    let soft = soft.unwrap_or_default();
    let (wait, before) = table.update(now, key, |slot| {
        let before = *slot;
        if before.is_none() && !soft.is_zero() {
            *slot = Some(Counter::new(now));
            return (soft, None);
        }
        let wait = wait(before, now, &config, soft);
        if wait.is_zero() {
            *slot = Some(charged(before, now, &config));
        } else {
            // A clock set back: the wait begins anew once, not at every attempt.
            *slot = before.map(|counter| counter.at(now, config.forgive_every()));
        }
        (wait, before)
    });
    if wait.is_zero() {
        Ok(before)
    } else {
        Err(Wait { retry_after: wait })
    }
}

fn wait(counter: Option<Counter>, now: Timestamp, config: &BackoffConfig, least: Duration) -> Duration {
    counter.map_or(Duration::ZERO, |counter| {
        let counter = counter.at(now, config.forgive_every());
        counter.wait(now, config.delay(counter.failures).max(least))
    })
}

fn charged(counter: Option<Counter>, now: Timestamp, config: &BackoffConfig) -> Counter {
    counter
        .unwrap_or(Counter::new(now))
        .at(now, config.forgive_every())
        .charge(now)
}

fn charge(table: &Table<Counter>, now: Timestamp, key: TableKey) {
    let config = *table.context();
    table.update(now, key, |slot| *slot = Some(charged(*slot, now, &config)));
}

/// Takes one failure back that was counted at `at`, and the time of the attempt with it if none came since.
fn refund(table: &Table<Counter>, now: Timestamp, at: Timestamp, key: TableKey, before: Option<Counter>) {
    table.update(now, key, |slot| {
        let Some(counter) = slot else { return };
        counter.failures = counter.failures.saturating_sub(1);
        match before {
            Some(before) if counter.last_at == at => counter.last_at = before.last_at,
            _ => {}
        }
        if counter.failures == 0 && before.is_none() {
            *slot = None;
        }
    });
}

#[cfg(test)]
mod tests;
