//! The rule, and the resolver that applies it to every name at the moment of connecting.

use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use ipnet::IpNet;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use serde::{Deserialize, Serialize};
use url::{Host, Url};

use super::address::is_public;
use super::error::Refusal;

/// A network that the operator allows although it is not public.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NetworkException {
    /// What it is, for whoever reads the configuration: `loopback`, `office`.
    pub name: String,
    /// The network.
    pub network: IpNet,
}

/// What outbound requests may do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GuardConfig {
    /// Networks allowed although they are not public. Default none.
    pub exceptions: Vec<NetworkException>,
    /// Whether plain `http` may be spoken to the networks in `exceptions`; elsewhere it never may. Default no.
    pub http_to_exceptions: bool,
    /// How long a whole request may take, in milliseconds. Default 10 000.
    pub timeout_ms: u64,
    /// How long connecting may take, in milliseconds. Default 5 000.
    pub connect_timeout_ms: u64,
}

impl Default for GuardConfig {
    fn default() -> Self {
        Self {
            exceptions: Vec::new(),
            http_to_exceptions: false,
            timeout_ms: 10_000,
            connect_timeout_ms: 5_000,
        }
    }
}

impl GuardConfig {
    /// For development: this machine may be talked to, without TLS.
    #[must_use]
    pub fn development() -> Self {
        let loopback = [
            IpNet::new_assert(IpAddr::from([127, 0, 0, 0]), 8),
            IpNet::new_assert(IpAddr::from([0, 0, 0, 0, 0, 0, 0, 1]), 128),
        ];
        let exceptions = loopback.into_iter().map(|network| NetworkException {
            name: "loopback".to_owned(),
            network,
        });
        Self {
            exceptions: exceptions.collect(),
            http_to_exceptions: true,
            ..Self::default()
        }
    }

    pub(super) fn timeout(&self) -> Duration {
        Duration::from_millis(self.timeout_ms)
    }

    pub(super) fn connect_timeout(&self) -> Duration {
        Duration::from_millis(self.connect_timeout_ms)
    }

    fn excepted(&self, address: IpAddr) -> bool {
        self.exceptions
            .iter()
            .any(|exception| exception.network.contains(&address))
    }

    fn permits(&self, address: IpAddr, channel: Channel) -> Result<(), Refusal> {
        let allowed = match channel {
            Channel::Secure => is_public(address) || self.excepted(address),
            Channel::Plain => self.excepted(address),
        };
        if allowed {
            Ok(())
        } else {
            Err(Refusal::NotPublic { address })
        }
    }

    /// Tests everything about a URL that can be told without resolving its host.
    ///
    /// Use it when a URL is registered. It is repeated, and the address tested, whenever the URL is used.
    ///
    /// # Errors
    /// The [`Refusal`].
    pub fn check_url(&self, url: &Url) -> Result<(), Refusal> {
        self.channel(url).map(|_| ())
    }

    pub(super) fn channel(&self, url: &Url) -> Result<Channel, Refusal> {
        let channel = match url.scheme() {
            "https" => Channel::Secure,
            "http" if self.http_to_exceptions => Channel::Plain,
            _ => return Err(Refusal::Scheme),
        };
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Refusal::Credentials);
        }
        if url.port() == Some(0) {
            return Err(Refusal::NoHost);
        }
        // SECURITY: an address written as a number never reaches the resolver, so it is tested here. `Url` has
        // already normalised the odd forms of IPv4 (`0x7f.1`, `2130706433`, `127.1`).
        match url.host() {
            Some(Host::Ipv4(v4)) => self.permits(IpAddr::V4(v4), channel)?,
            Some(Host::Ipv6(v6)) => self.permits(IpAddr::V6(v6), channel)?,
            Some(Host::Domain(name)) if !name.is_empty() => {}
            _ => return Err(Refusal::NoHost),
        }
        Ok(channel)
    }
}

/// Whether a connection is secured; plain ones have the stricter rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Channel {
    Secure,
    Plain,
}

/// The future that a [`Lookup`] answers with.
pub type LookupFuture = Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>>;

/// Turns a name into addresses. What it answers is not trusted.
pub trait Lookup: Send + Sync {
    /// All addresses of `name`.
    fn lookup(&self, name: &str) -> LookupFuture;
}

/// The operating system's resolver.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemLookup;

impl Lookup for SystemLookup {
    fn lookup(&self, name: &str) -> LookupFuture {
        let name = name.to_owned();
        Box::pin(async move {
            let addresses = tokio::net::lookup_host((name.as_str(), 0)).await?;
            Ok(addresses.map(|socket| socket.ip()).collect())
        })
    }
}

/// Resolves names to permitted addresses or not at all; the connection is made to nothing else.
pub(super) struct GuardedResolver {
    pub(super) config: Arc<GuardConfig>,
    pub(super) lookup: Arc<dyn Lookup>,
    pub(super) channel: Channel,
}

/// The name has no addresses.
#[derive(Debug, thiserror::Error)]
#[error("the name has no addresses")]
pub(super) struct NoAddresses;

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let (config, channel) = (Arc::clone(&self.config), self.channel);
        let answer = self.lookup.lookup(name.as_str());
        Box::pin(async move {
            let addresses = answer.await?;
            if addresses.is_empty() {
                return Err(NoAddresses.into());
            }
            // All of them: a name that mixes public and inside addresses is an attempt at rebinding.
            for &address in &addresses {
                config.permits(address, channel)?;
            }
            let sockets = addresses.into_iter().map(|address| SocketAddr::new(address, 0));
            Ok(Box::new(sockets) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(config: &GuardConfig, url: &str) -> Result<(), Refusal> {
        config.check_url(&Url::parse(url).unwrap())
    }

    #[test]
    fn numbers_in_every_spelling_are_tested() {
        let config = GuardConfig::default();
        for host in [
            "127.0.0.1",
            "127.1",
            "2130706433",
            "0x7f000001",
            "0177.0.0.1",
            "0x7f.1",
            "127.0.0.1.",
            "[::1]",
            "[::ffff:127.0.0.1]",
            "[::ffff:7f00:1]",
            "[0:0:0:0:0:ffff:127.0.0.1]",
            "[64:ff9b::7f00:1]",
            "[2002:7f00:1::]",
            "[::]",
            "0",
            "0.0.0.0",
            "10.0.0.1",
            "169.254.169.254",
            "①②⑦.0.0.1",
            "127。0。0。1",
        ] {
            let url = format!("https://{host}/x");
            assert!(
                matches!(check(&config, &url), Err(Refusal::NotPublic { .. })),
                "{url}"
            );
        }
        for url in [
            "https://1.1.1.1/",
            "https://[2606:4700:4700::1111]:8443/",
            "https://example.com/",
        ] {
            assert_eq!(check(&config, url), Ok(()), "{url}");
        }
    }

    #[test]
    fn only_https_without_credentials_is_accepted() {
        let config = GuardConfig::default();
        for (url, refusal) in [
            ("http://example.com/", Refusal::Scheme),
            ("ftp://example.com/", Refusal::Scheme),
            ("file:///etc/passwd", Refusal::Scheme),
            ("gopher://example.com/", Refusal::Scheme),
            ("data:text/plain,x", Refusal::Scheme),
            ("unix:/run/x.sock", Refusal::Scheme),
            ("https://user@example.com/", Refusal::Credentials),
            ("https://user:secret@example.com/", Refusal::Credentials),
            ("https://:secret@example.com/", Refusal::Credentials),
            ("https://example.com:0/", Refusal::NoHost),
        ] {
            assert_eq!(check(&config, url), Err(refusal), "{url}");
        }
    }

    #[test]
    fn plain_http_reaches_exceptions_only() {
        let config = GuardConfig::development();
        assert_eq!(check(&config, "http://127.0.0.1:8080/"), Ok(()));
        assert_eq!(check(&config, "http://[::1]:8080/"), Ok(()));
        assert_eq!(check(&config, "https://127.0.0.1/"), Ok(()));
        assert!(matches!(
            check(&config, "http://1.1.1.1/"),
            Err(Refusal::NotPublic { .. })
        ));
        assert!(matches!(
            check(&config, "http://10.0.0.1/"),
            Err(Refusal::NotPublic { .. })
        ));
        // A mapped address is not the address it carries.
        assert!(matches!(
            check(&config, "http://[::ffff:127.0.0.1]/"),
            Err(Refusal::NotPublic { .. })
        ));
        let config = GuardConfig {
            http_to_exceptions: false,
            ..config
        };
        assert_eq!(check(&config, "http://127.0.0.1/"), Err(Refusal::Scheme));
    }

    #[test]
    fn refusals_do_not_tell_what_a_name_resolved_to() {
        let refusal = Refusal::NotPublic {
            address: "10.1.2.3".parse().unwrap(),
        };
        assert!(!refusal.to_string().contains("10.1.2.3"));
    }

    #[test]
    fn configuration_refuses_unknown_fields_and_bad_networks() {
        for text in [
            r#"{"exception":[]}"#,
            r#"{"exceptions":[{"name":"x","network":"10.0.0.0/40"}]}"#,
            r#"{"exceptions":[{"network":"10.0.0.0/8"}]}"#,
        ] {
            assert!(serde_json::from_str::<GuardConfig>(text).is_err(), "{text}");
        }
    }
}
