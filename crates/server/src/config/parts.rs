//! Settings as the parts of the server take them.

use std::time::Duration;

use authflow_db::{DbOptions, Synchronous};

use super::rate::at_least_one;
use super::settings::{Database, Http, Limits, Outbound, Passwords};
use super::value::{ProxyHeader, SqliteSynchronous};
use crate::limits::{
    AccountConfig, BackoffConfig, ForwardHeader, LimitsConfig, PrefixLengths, TrustedProxies,
};
use crate::net::{GuardConfig, NetworkException};
use crate::passwords::{Argon2Config, HasherConfig, PasswordsConfig, PolicyConfig};

/// Whole seconds; bounds keep every setting far below the end of the range.
fn seconds(duration: Duration) -> u32 {
    u32::try_from(duration.as_secs()).unwrap_or(u32::MAX)
}

fn millis(duration: Duration) -> u32 {
    u32::try_from(duration.as_millis()).unwrap_or(u32::MAX)
}

impl From<&Limits> for LimitsConfig {
    fn from(limits: &Limits) -> Self {
        let (own, source, account) = (
            &limits.per_account_and_source,
            &limits.per_source,
            &limits.per_account,
        );
        Self {
            prefix: PrefixLengths {
                ipv4: limits.ipv4_prefix,
                ipv6: limits.ipv6_prefix,
            },
            per_account_and_source: BackoffConfig {
                free_failures: own.free_failures,
                base_delay_ms: millis(own.base_delay),
                max_delay_ms: millis(own.max_delay),
                forgive_every_ms: at_least_one(millis(own.forgive_every)),
            },
            per_account: AccountConfig {
                free_failures: account.free_failures,
                base_delay_ms: millis(account.base_delay),
                max_delay_ms: millis(account.max_delay),
                forgive_every_ms: at_least_one(millis(account.forgive_every)),
            },
            per_source: BackoffConfig {
                free_failures: source.free_failures,
                base_delay_ms: millis(source.base_delay),
                max_delay_ms: millis(source.max_delay),
                forgive_every_ms: at_least_one(millis(source.forgive_every)),
            },
            familiar_for_s: seconds(limits.familiar_for),
            capacity: at_least_one(limits.capacity),
            requests_per_address: limits.requests_per_address.limit(),
            requests_per_client: limits.requests_per_client.limit(),
            sign_ups_per_source: limits.sign_ups_per_source.limit(),
            messages_per_recipient: limits.messages_per_recipient.limit(),
            unproven_per_source: limits.unproven_per_source.limit(),
        }
    }
}

impl From<&Database> for DbOptions {
    fn from(database: &Database) -> Self {
        Self {
            max_connections: database.max_connections,
            sqlite_synchronous: match database.sqlite_synchronous {
                SqliteSynchronous::Full => Synchronous::Full,
                SqliteSynchronous::Normal => Synchronous::Normal,
            },
            acquire_timeout: database.acquire_timeout,
            statement_timeout: database.statement_timeout,
            ..Self::default()
        }
    }
}

impl From<&Http> for TrustedProxies {
    fn from(http: &Http) -> Self {
        Self {
            networks: http.trusted_proxies.clone(),
            header: match http.proxy_header {
                ProxyHeader::XForwardedFor => ForwardHeader::XForwardedFor,
                ProxyHeader::Forwarded => ForwardHeader::Forwarded,
            },
        }
    }
}

impl From<&Outbound> for GuardConfig {
    fn from(outbound: &Outbound) -> Self {
        let exception = |network: &ipnet::IpNet| NetworkException {
            name: network.to_string(),
            network: *network,
        };
        Self {
            exceptions: outbound.allow_networks.iter().map(exception).collect(),
            http_to_exceptions: outbound.allow_http,
            timeout_ms: u64::from(millis(outbound.timeout)),
            connect_timeout_ms: u64::from(millis(outbound.connect_timeout)),
        }
    }
}

impl From<&Passwords> for PasswordsConfig {
    fn from(passwords: &Passwords) -> Self {
        let length = |count: u32| usize::try_from(count).unwrap_or(usize::MAX);
        let argon2 = &passwords.argon2;
        Self {
            policy: PolicyConfig {
                min_length: length(passwords.min_length),
                max_length: length(passwords.max_length),
                min_guesses_log10: passwords.min_guesses_log10,
            },
            breached_file: passwords.breached_file.clone(),
            hashing: HasherConfig {
                argon2: Argon2Config {
                    memory_kib: argon2.memory_kib,
                    iterations: argon2.iterations,
                    parallelism: argon2.parallelism,
                },
                workers: passwords.workers,
                queue: passwords.queue,
                release_after_s: passwords.release_after.as_secs(),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn default_settings_are_the_defaults_of_the_parts() {
        assert_eq!(LimitsConfig::from(&Limits::default()), LimitsConfig::default());
        assert_eq!(TrustedProxies::from(&Http::default()), TrustedProxies::default());
        assert_eq!(GuardConfig::from(&Outbound::default()), GuardConfig::default());
        assert_eq!(
            PasswordsConfig::from(&Passwords::default()),
            PasswordsConfig::default()
        );
        let (ours, theirs) = (DbOptions::from(&Database::default()), DbOptions::default());
        assert_eq!(format!("{ours:?}"), format!("{theirs:?}"));
    }
}
