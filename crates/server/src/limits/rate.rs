//! GCRA: the generic cell rate algorithm, one number a key (ITU-T I.371 Annex A).

use std::hash::Hash;
use std::time::Duration;

use authflow_types::Timestamp;

use super::config::RateConfig;
use super::table::{Entry, Table};

/// Nanoseconds since the epoch at which the key's burst is whole again.
#[derive(Clone, Copy)]
struct Arrival(i64);

impl Entry for Arrival {
    type Context = ();
    fn strength(&self, _: Timestamp, (): &()) -> (u32, i64) {
        (0, self.0)
    }
}

/// What a [`RateLimiter`] says of one request; carries what the `RateLimit` headers need.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateDecision {
    /// Whether the request may go on.
    pub allowed: bool,
    /// How many may come at once at most.
    pub limit: u32,
    /// How many more may come at once now.
    pub remaining: u32,
    /// How long until one more is allowed; zero if one is allowed now.
    pub retry_after: Duration,
    /// How long until the whole burst is there again.
    pub reset_after: Duration,
}

/// A limiter for requests by any key.
pub struct RateLimiter {
    table: Table<Arrival>,
    interval: i64,
    tolerance: i64,
    burst: u32,
}

impl RateLimiter {
    /// A limiter that remembers about `capacity` keys; a full table forgets the least loaded first.
    pub fn new(config: RateConfig, capacity: usize) -> Self {
        let period = i64::from(config.period_s.get()).saturating_mul(1_000_000_000);
        let interval = (period / i64::from(config.rate.get())).max(1);
        Self {
            table: Table::new(capacity, ()),
            interval,
            tolerance: interval.saturating_mul(i64::from(config.burst.get())),
            burst: config.burst.get(),
        }
    }

    /// Counts one request of `key` at `now` if it is allowed; a refused one costs nothing.
    pub fn check(&self, now: Timestamp, key: &impl Hash) -> RateDecision {
        let at = now.as_micros().saturating_mul(1_000);
        let load = self.table.update(now, self.table.key(key), |slot| {
            // A clock set back must not charge for the time it lost.
            let whole = slot.map_or(at, |Arrival(whole)| whole.min(at.saturating_add(self.tolerance)));
            let next = whole.max(at).saturating_add(self.interval);
            if next.saturating_sub(at) > self.tolerance {
                *slot = slot.map(|_| Arrival(whole));
                return Load {
                    next,
                    whole,
                    admitted: false,
                };
            }
            *slot = Some(Arrival(next));
            Load {
                next,
                whole: next,
                admitted: true,
            }
        });
        let busy = load.whole.saturating_sub(at).max(0);
        let wait = if load.admitted {
            busy.saturating_add(self.interval).saturating_sub(self.tolerance)
        } else {
            load.next.saturating_sub(at).saturating_sub(self.tolerance)
        };
        RateDecision {
            allowed: load.admitted,
            limit: self.burst,
            remaining: u32::try_from(self.tolerance.saturating_sub(busy) / self.interval).unwrap_or(0),
            retry_after: nanos(wait),
            reset_after: nanos(busy),
        }
    }

    /// How many keys are remembered.
    pub fn len(&self) -> usize {
        self.table.len()
    }

    /// Whether no key is remembered.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl std::fmt::Debug for RateLimiter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RateLimiter")
            .field("burst", &self.burst)
            .finish_non_exhaustive()
    }
}

#[derive(Default)]
struct Load {
    next: i64,
    whole: i64,
    admitted: bool,
}

fn nanos(value: i64) -> Duration {
    Duration::from_nanos(u64::try_from(value).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    const T0: Timestamp = Timestamp::from_secs(1_700_000_000);

    fn limiter(rate: u32, period_s: u32, burst: u32) -> RateLimiter {
        let text = format!(r#"{{"rate":{rate},"period_s":{period_s},"burst":{burst}}}"#);
        RateLimiter::new(serde_json::from_str(&text).unwrap(), 1_024)
    }

    #[test]
    fn burst_is_allowed_then_the_rate() {
        let limiter = limiter(10, 1, 3);
        for remaining in [2, 1, 0] {
            let decision = limiter.check(T0, &"a");
            assert!(decision.allowed);
            assert_eq!((decision.limit, decision.remaining), (3, remaining));
        }
        let refused = limiter.check(T0, &"a");
        assert!(!refused.allowed);
        assert_eq!(refused.remaining, 0);
        assert_eq!(refused.retry_after, Duration::from_millis(100));
        assert_eq!(refused.reset_after, Duration::from_millis(300));
        let due = T0 + refused.retry_after;
        assert!(!limiter.check(due - Duration::from_micros(1), &"a").allowed);
        assert!(limiter.check(due, &"a").allowed);
        assert!(!limiter.check(due + Duration::from_micros(1), &"a").allowed);
    }

    #[test]
    fn last_of_the_burst_says_when_the_next_is_due() {
        let limiter = limiter(10, 1, 2);
        assert_eq!(limiter.check(T0, &"a").retry_after, Duration::ZERO);
        assert_eq!(limiter.check(T0, &"a").retry_after, Duration::from_millis(100));
    }

    #[test]
    fn refused_requests_cost_nothing() {
        let limiter = limiter(1, 1, 1);
        assert!(limiter.check(T0, &"a").allowed);
        for _ in 0..100 {
            assert!(!limiter.check(T0, &"a").allowed);
        }
        assert!(limiter.check(T0 + Duration::from_secs(1), &"a").allowed);
    }

    #[test]
    fn keys_do_not_share_a_budget() {
        let limiter = limiter(1, 60, 1);
        assert!(limiter.check(T0, &("client", 1)).allowed);
        assert!(limiter.check(T0, &("client", 2)).allowed);
        assert!(!limiter.check(T0, &("client", 1)).allowed);
    }

    #[test]
    fn whole_burst_returns_after_a_pause() {
        let limiter = limiter(10, 1, 3);
        for _ in 0..3 {
            limiter.check(T0, &"a");
        }
        let later = T0 + Duration::from_millis(300);
        assert_eq!(limiter.check(later, &"a").remaining, 2);
    }

    #[test]
    fn clock_set_back_does_not_lock_anyone_out() {
        let limiter = limiter(1, 1, 2);
        let later = T0 + Duration::from_hours(1);
        assert!(limiter.check(later, &"a").allowed);
        let decision = limiter.check(T0, &"a");
        assert!(decision.retry_after <= Duration::from_secs(2), "{decision:?}");
        assert!(limiter.check(T0 + Duration::from_secs(2), &"a").allowed);
    }

    #[test]
    fn extreme_settings_do_not_overflow() {
        let limiter = limiter(1, u32::MAX, u32::MAX);
        let end = Timestamp::from_micros(i64::MAX);
        assert!(limiter.check(T0, &"a").allowed);
        let _ = limiter.check(end, &"a");
        let _ = limiter.check(Timestamp::from_micros(i64::MIN), &"a");
        let fast = super::tests::limiter(u32::MAX, 1, 1);
        assert!(fast.check(T0, &"a").allowed);
        assert!(fast.check(T0 + Duration::from_micros(1), &"a").allowed);
    }

    #[test]
    fn flood_of_keys_neither_grows_nor_frees_the_loaded_one() {
        let limiter = limiter(1, 3_600, 5);
        for _ in 0..5 {
            assert!(limiter.check(T0, &"victim").allowed);
        }
        for key in 0..50_000 {
            limiter.check(T0, &key);
        }
        assert!(limiter.len() <= 1_024);
        assert!(!limiter.check(T0, &"victim").allowed);
    }
}
