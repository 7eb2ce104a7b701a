//! Every number that limits anything.

use std::num::NonZeroU32;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::address::PrefixLengths;

/// A growing delay after failures: none for the first `free_failures`, then `base_delay_ms`, twice that, and
/// so on up to `max_delay_ms`. One failure is forgiven every `forgive_every_ms`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BackoffConfig {
    /// Failures that cost nothing.
    pub free_failures: u32,
    /// The first delay, in milliseconds.
    pub base_delay_ms: u32,
    /// The longest delay, in milliseconds.
    pub max_delay_ms: u32,
    /// How often one failure is forgiven, in milliseconds.
    pub forgive_every_ms: NonZeroU32,
}

impl BackoffConfig {
    /// The delay that must follow the last of `failures` failures.
    pub fn delay(&self, failures: u32) -> Duration {
        let Some(steps) = failures.checked_sub(self.free_failures) else {
            return Duration::ZERO;
        };
        self.capped(1_u64.checked_shl(steps).unwrap_or(u64::MAX))
    }

    fn capped(&self, factor: u64) -> Duration {
        let millis = u64::from(self.base_delay_ms).saturating_mul(factor);
        Duration::from_millis(millis.min(u64::from(self.max_delay_ms)))
    }

    pub(super) fn forgive_every(&self) -> Duration {
        Duration::from_millis(u64::from(self.forgive_every_ms.get()))
    }
}

/// How failures on one account, from everywhere together, slow down clients that the account does not know.
///
/// Never a lock-out: each unfamiliar source waits its own delay from its own first attempt, however many
/// others are failing meanwhile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AccountConfig {
    /// Failures from everywhere that slow nobody down. Default 20.
    pub free_failures: u32,
    /// The delay from then on, in milliseconds; it doubles whenever the failures double. Default 2000.
    pub base_delay_ms: u32,
    /// The longest such delay, in milliseconds. Default 30 000.
    pub max_delay_ms: u32,
    /// How often one failure is forgiven, in milliseconds. Default 300 000.
    pub forgive_every_ms: NonZeroU32,
}

impl AccountConfig {
    /// The delay for an unfamiliar source when the account stands at `failures`.
    pub fn delay(&self, failures: u32) -> Duration {
        let free = self.free_failures.max(1);
        match (failures / free).checked_ilog2() {
            Some(doublings) => self
                .backoff()
                .capped(1_u64.checked_shl(doublings).unwrap_or(u64::MAX)),
            None => Duration::ZERO,
        }
    }

    pub(super) fn backoff(&self) -> BackoffConfig {
        BackoffConfig {
            free_failures: self.free_failures,
            base_delay_ms: self.base_delay_ms,
            max_delay_ms: self.max_delay_ms,
            forgive_every_ms: self.forgive_every_ms,
        }
    }
}

impl Default for AccountConfig {
    fn default() -> Self {
        Self {
            free_failures: 20,
            base_delay_ms: 2_000,
            max_delay_ms: 30_000,
            forgive_every_ms: positive(300_000),
        }
    }
}

/// A steady rate with a burst: `rate` per `period_s` seconds on average, at most `burst` at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RateConfig {
    /// Requests per period.
    pub rate: NonZeroU32,
    /// The period, in seconds.
    #[serde(default = "one")]
    pub period_s: NonZeroU32,
    /// Requests that may come at once.
    pub burst: NonZeroU32,
}

/// All limits. Every field has a default; unknown fields are refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LimitsConfig {
    /// What counts as one source. Default /24 and /56.
    pub prefix: PrefixLengths,
    /// Failures of one source on one account: 5 free, then 1 s doubling to 5 min; one forgiven every 30 min.
    pub per_account_and_source: BackoffConfig,
    /// Failures on one account from everywhere.
    pub per_account: AccountConfig,
    /// Failures of one source on all accounts: 100 free, then 1 s doubling to 60 s; one forgiven every 30 s.
    pub per_source: BackoffConfig,
    /// How long a source that signed in stays familiar to that account, in seconds. Default 30 days; forgotten at
    /// restart, when known-device tokens still speak for the owner.
    pub familiar_for_s: u32,
    /// How many counters of each kind are kept. Default 65536, about 3 MiB a kind when full.
    pub capacity: NonZeroU32,
    /// Requests of one address. Default unlimited.
    pub requests_per_address: Option<RateConfig>,
    /// Requests of one OAuth client. Default unlimited.
    pub requests_per_client: Option<RateConfig>,
    /// Sign-ups from one source. Default 60 an hour, 30 at once.
    pub sign_ups_per_source: Option<RateConfig>,
    /// Messages to one recipient that one source asks for. Default 10 an hour, 5 at once.
    pub messages_per_recipient: Option<RateConfig>,
    /// Sign-ups, requests for a new password and messages asked for by one source without a proof of work, where the
    /// tenant asks for it when needed. Default 30 an hour, 15 at once.
    pub unproven_per_source: Option<RateConfig>,
}

impl Default for LimitsConfig {
    fn default() -> Self {
        Self {
            prefix: PrefixLengths::default(),
            per_account_and_source: BackoffConfig {
                free_failures: 5,
                base_delay_ms: 1_000,
                max_delay_ms: 300_000,
                forgive_every_ms: positive(1_800_000),
            },
            per_account: AccountConfig::default(),
            per_source: BackoffConfig {
                free_failures: 100,
                base_delay_ms: 1_000,
                max_delay_ms: 60_000,
                forgive_every_ms: positive(30_000),
            },
            familiar_for_s: 30 * 24 * 3_600,
            capacity: positive(65_536),
            requests_per_address: None,
            requests_per_client: None,
            sign_ups_per_source: Some(hourly(60, 30)),
            messages_per_recipient: Some(hourly(10, 5)),
            unproven_per_source: Some(hourly(30, 15)),
        }
    }
}

/// Why limits make no sense.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LimitsConfigError {
    /// A prefix is longer than an address.
    #[error("`limits.prefix.{family}` is {length}, but an address has {bits} bits")]
    PrefixTooLong {
        /// `ipv4` or `ipv6`.
        family: &'static str,
        /// What was given.
        length: u8,
        /// What is possible.
        bits: u8,
    },
    /// A delay begins above its own maximum.
    #[error("`limits.{field}.base_delay_ms` is more than `max_delay_ms`")]
    BaseAboveMax {
        /// Which limit.
        field: &'static str,
    },
}

impl LimitsConfig {
    /// Refuses what would not mean what it says.
    ///
    /// # Errors
    /// The first [`LimitsConfigError`] found.
    pub fn validate(&self) -> Result<(), LimitsConfigError> {
        let families = [("ipv4", self.prefix.ipv4, 32), ("ipv6", self.prefix.ipv6, 128)];
        for (family, length, bits) in families {
            if length > bits {
                return Err(LimitsConfigError::PrefixTooLong { family, length, bits });
            }
        }
        for (field, backoff) in [
            ("per_account_and_source", self.per_account_and_source),
            ("per_account", self.per_account.backoff()),
            ("per_source", self.per_source),
        ] {
            if backoff.base_delay_ms > backoff.max_delay_ms {
                return Err(LimitsConfigError::BaseAboveMax { field });
            }
        }
        Ok(())
    }

    pub(super) fn capacity(&self) -> usize {
        usize::try_from(self.capacity.get()).unwrap_or(usize::MAX)
    }

    pub(super) fn familiar_for(&self) -> Duration {
        Duration::from_secs(u64::from(self.familiar_for_s))
    }
}

const fn positive(value: u32) -> NonZeroU32 {
    match NonZeroU32::new(value) {
        Some(value) => value,
        None => NonZeroU32::MIN,
    }
}

const fn one() -> NonZeroU32 {
    NonZeroU32::MIN
}

const fn hourly(rate: u32, burst: u32) -> RateConfig {
    RateConfig {
        rate: positive(rate),
        period_s: positive(3_600),
        burst: positive(burst),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_double_after_the_free_failures_up_to_the_maximum() {
        let backoff = LimitsConfig::default().per_account_and_source;
        let expected = [0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300];
        for (failures, seconds) in (0..).zip(expected) {
            assert_eq!(
                backoff.delay(failures),
                Duration::from_secs(seconds),
                "{failures}"
            );
        }
        assert_eq!(backoff.delay(u32::MAX), Duration::from_mins(5));
    }

    #[test]
    fn account_delay_doubles_when_failures_double() {
        let account = AccountConfig::default();
        for (failures, seconds) in [
            (0, 0),
            (19, 0),
            (20, 2),
            (39, 2),
            (40, 4),
            (80, 8),
            (160, 16),
            (320, 30),
        ] {
            assert_eq!(
                account.delay(failures),
                Duration::from_secs(seconds),
                "{failures}"
            );
        }
        assert_eq!(account.delay(u32::MAX), Duration::from_secs(30));
    }

    #[test]
    fn defaults_are_valid_and_survive_a_round_trip() {
        let config = LimitsConfig::default();
        config.validate().unwrap();
        let text = serde_json::to_string(&config).unwrap();
        assert_eq!(serde_json::from_str::<LimitsConfig>(&text).unwrap(), config);
        assert_eq!(serde_json::from_str::<LimitsConfig>("{}").unwrap(), config);
    }

    #[test]
    fn nonsense_is_refused() {
        for text in [
            r#"{"capacity":0}"#,
            r#"{"per_acount":{}}"#,
            r#"{"requests_per_client":{"rate":0,"burst":1}}"#,
            r#"{"per_account":{"forgive_every_ms":0}}"#,
            r#"{"prefix":{"ipv4":256}}"#,
        ] {
            assert!(serde_json::from_str::<LimitsConfig>(text).is_err(), "{text}");
        }
        let mut config = LimitsConfig::default();
        config.prefix.ipv4 = 33;
        assert!(matches!(
            config.validate(),
            Err(LimitsConfigError::PrefixTooLong { family: "ipv4", .. })
        ));
        config.prefix.ipv4 = 32;
        config.per_source.base_delay_ms = 60_001;
        assert_eq!(
            config.validate(),
            Err(LimitsConfigError::BaseAboveMax { field: "per_source" })
        );
    }
}
