//! Where a request came from, behind reverse proxies.
//!
//! Anyone may send `X-Forwarded-For`. It means something only as far as it was written by proxies that the
//! operator trusts: each appends the address that it was connected from, so the list is read from the right, and
//! the first address that is not a trusted proxy is the client. Whatever stands to its left is hearsay.

use std::net::{IpAddr, SocketAddr};

use http::HeaderMap;
use ipnet::IpNet;
use serde::{Deserialize, Serialize};

/// More proxies in a row than anyone has: what lies beyond is not read.
const MAX_HOPS: usize = 32;

/// Which header the trusted proxies write. Only this one is read: a proxy that writes one lets the other through
/// as the client sent it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ForwardHeader {
    /// `X-Forwarded-For`, as most proxies write.
    #[default]
    XForwardedFor,
    /// `Forwarded` (RFC 7239).
    Forwarded,
}

/// The reverse proxies in front of this server. None by default: then the peer is the client.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TrustedProxies {
    /// Their networks, such as `10.0.0.0/8`.
    pub networks: Vec<IpNet>,
    /// The header that they write.
    pub header: ForwardHeader,
}

/// The address of the client as far as it can be trusted; IPv4 mapped into IPv6 is given as IPv4.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ClientAddress(IpAddr);

impl ClientAddress {
    /// The address.
    pub const fn ip(self) -> IpAddr {
        self.0
    }
}

impl TrustedProxies {
    /// Whether `address` belongs to a trusted proxy.
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.networks.iter().any(|network| network.contains(&address))
    }

    /// The client of a request that arrived from `peer` with `headers`.
    ///
    /// A header that cannot be read ends the search: the nearest proxy that could be vouched for is answered, never
    /// anything that the client could choose.
    pub fn client_address(&self, peer: IpAddr, headers: &HeaderMap) -> ClientAddress {
        let mut nearest = peer.to_canonical();
        if !self.contains(nearest) {
            return ClientAddress(nearest);
        }
        let name = match self.header {
            ForwardHeader::XForwardedFor => "x-forwarded-for",
            ForwardHeader::Forwarded => "forwarded",
        };
        let lines: Vec<_> = headers.get_all(name).iter().collect();
        let hops = lines
            .iter()
            .rev()
            .flat_map(|line| from_right(line.as_bytes()))
            .filter(|hop| !hop.is_empty());
        for hop in hops.take(MAX_HOPS) {
            let address = match self.header {
                ForwardHeader::XForwardedFor => node(hop),
                ForwardHeader::Forwarded => forwarded_for(hop),
            };
            let Some(address) = address else { break };
            nearest = address;
            if !self.contains(nearest) {
                break;
            }
        }
        ClientAddress(nearest)
    }
}

/// The elements of a comma-separated line, last first. A comma between quotes separates nothing; quotes are paired
/// from the right, so that one opened by the client on the left cannot swallow what a proxy wrote after it.
fn from_right(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(line);
    std::iter::from_fn(move || {
        let line = rest?;
        let mut quoted = false;
        let comma = line.iter().rposition(|&byte| {
            quoted ^= byte == b'"';
            byte == b',' && !quoted
        });
        let (before, element) = match comma.and_then(|at| line.split_at_checked(at)) {
            Some((before, tail)) => (Some(before), tail.get(1..).unwrap_or_default()),
            None => (None, line),
        };
        rest = before;
        Some(element.trim_ascii())
    })
}

/// The `for` of one `Forwarded` element (RFC 7239 4).
fn forwarded_for(element: &[u8]) -> Option<IpAddr> {
    let mut found = None;
    for pair in element.split(|&byte| byte == b';') {
        let at = pair.iter().position(|&byte| byte == b'=')?;
        let (name, value) = pair.split_at_checked(at)?;
        if name.trim_ascii().eq_ignore_ascii_case(b"for") {
            // Twice in one element is neither here nor there.
            if found.is_some() {
                return None;
            }
            let value = value.get(1..)?.trim_ascii();
            let bare = value
                .strip_prefix(b"\"")
                .and_then(|value| value.strip_suffix(b"\""));
            found = Some(node(bare.unwrap_or(value))?);
        }
    }
    found
}

/// An address, perhaps in brackets, perhaps with a port.
fn node(text: &[u8]) -> Option<IpAddr> {
    let text = std::str::from_utf8(text).ok()?;
    let address = text
        .parse::<IpAddr>()
        .ok()
        .or_else(|| text.parse::<SocketAddr>().ok().map(|socket| socket.ip()))
        .or_else(|| {
            let bare = text.strip_prefix('[')?.strip_suffix(']')?;
            bare.parse().ok().map(IpAddr::V6)
        })?;
    Some(address.to_canonical())
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn proxies(header: ForwardHeader) -> TrustedProxies {
        TrustedProxies {
            networks: vec!["10.0.0.0/8".parse().unwrap(), "2001:db8:f::/48".parse().unwrap()],
            header,
        }
    }

    fn client(header: ForwardHeader, peer: &str, lines: &[(&'static str, &str)]) -> String {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(*name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        let address = proxies(header).client_address(peer.parse().unwrap(), &headers);
        address.ip().to_string()
    }

    fn xff(peer: &str, lines: &[&str]) -> String {
        let lines: Vec<_> = lines.iter().map(|line| ("x-forwarded-for", *line)).collect();
        client(ForwardHeader::XForwardedFor, peer, &lines)
    }

    fn forwarded(peer: &str, lines: &[&str]) -> String {
        let lines: Vec<_> = lines.iter().map(|line| ("forwarded", *line)).collect();
        client(ForwardHeader::Forwarded, peer, &lines)
    }

    #[test]
    fn header_of_an_untrusted_peer_is_ignored() {
        assert_eq!(xff("203.0.113.9", &["198.51.100.1"]), "203.0.113.9");
        assert_eq!(forwarded("203.0.113.9", &["for=198.51.100.1"]), "203.0.113.9");
        let nobody = TrustedProxies::default();
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", HeaderValue::from_static("198.51.100.1"));
        let peer = "127.0.0.1".parse().unwrap();
        assert_eq!(nobody.client_address(peer, &headers).ip(), peer);
    }

    #[test]
    fn rightmost_untrusted_address_is_the_client() {
        for (lines, expected) in [
            (&["198.51.100.1"][..], "198.51.100.1"),
            (&["1.1.1.1, 198.51.100.1"], "198.51.100.1"),
            (&["1.1.1.1, 198.51.100.1, 10.0.0.2"], "198.51.100.1"),
            (&["198.51.100.1, 10.9.9.9, 10.0.0.2"], "198.51.100.1"),
            // Several lines are one list.
            (&["1.1.1.1", "198.51.100.1, 10.0.0.2"], "198.51.100.1"),
            (&["198.51.100.1", "10.0.0.2"], "198.51.100.1"),
            // A client that claims to be a trusted proxy is found out by the hop that it really came from.
            (&["10.0.0.7, 198.51.100.1"], "198.51.100.1"),
            (&["10.0.0.7, 10.0.0.8, 198.51.100.1, 10.0.0.2"], "198.51.100.1"),
            // All hops trusted: the farthest one.
            (&["10.1.1.1, 10.2.2.2"], "10.1.1.1"),
            (&[], "10.0.0.1"),
            (&[""], "10.0.0.1"),
            (&[" , ,198.51.100.1,, "], "198.51.100.1"),
        ] {
            assert_eq!(xff("10.0.0.1", lines), expected, "{lines:?}");
        }
    }

    #[test]
    fn every_written_form_of_an_address_is_read() {
        for (line, expected) in [
            ("198.51.100.1:4711", "198.51.100.1"),
            ("2001:db8::1", "2001:db8::1"),
            ("[2001:db8::1]", "2001:db8::1"),
            ("[2001:db8::1]:4711", "2001:db8::1"),
            ("::ffff:198.51.100.1", "198.51.100.1"),
            // A mapped proxy is still that proxy.
            ("198.51.100.1, ::ffff:10.0.0.2", "198.51.100.1"),
            ("198.51.100.1, 2001:db8:f::2", "198.51.100.1"),
        ] {
            assert_eq!(xff("10.0.0.1", &[line]), expected, "{line}");
        }
        assert_eq!(xff("::ffff:10.0.0.1", &["198.51.100.1"]), "198.51.100.1");
    }

    #[test]
    fn unreadable_hop_ends_the_search_at_the_last_known_proxy() {
        for line in [
            "1.1.1.1, unknown",
            "1.1.1.1, 300.1.1.1",
            "1.1.1.1, 0x7f.1",
            "1.1.1.1, fe80::1%eth0",
            "1.1.1.1, <script>",
            "1.1.1.1, é",
            "1.1.1.1, 1.1.1.1 1.1.1.1",
        ] {
            assert_eq!(xff("10.0.0.1", &[line]), "10.0.0.1", "{line}");
            assert_eq!(
                xff("10.0.0.1", &[line, "10.0.0.2"]),
                "10.0.0.2",
                "{line} then a proxy"
            );
        }
    }

    #[test]
    fn only_the_configured_header_is_read() {
        let both = [("forwarded", "for=1.1.1.1"), ("x-forwarded-for", "198.51.100.1")];
        assert_eq!(
            client(ForwardHeader::XForwardedFor, "10.0.0.1", &both),
            "198.51.100.1"
        );
        assert_eq!(client(ForwardHeader::Forwarded, "10.0.0.1", &both), "1.1.1.1");
        let other = [("forwarded", "for=1.1.1.1"), ("x-real-ip", "1.1.1.1")];
        assert_eq!(
            client(ForwardHeader::XForwardedFor, "10.0.0.1", &other),
            "10.0.0.1"
        );
    }

    #[test]
    fn forwarded_elements_are_read_as_written_in_the_standard() {
        for (line, expected) in [
            ("for=198.51.100.1", "198.51.100.1"),
            ("For=\"198.51.100.1:80\"", "198.51.100.1"),
            ("for=\"[2001:db8:cafe::17]:4711\"", "2001:db8:cafe::17"),
            (
                "for=198.51.100.1;proto=http;by=203.0.113.43, for=10.0.0.2",
                "198.51.100.1",
            ),
            ("proto=https; for=198.51.100.1", "198.51.100.1"),
            ("by=\"a,b\";for=198.51.100.1", "198.51.100.1"),
            // What says nothing about the client says nothing about those before it.
            ("for=1.1.1.1, proto=https", "10.0.0.1"),
            ("for=1.1.1.1, for=unknown", "10.0.0.1"),
            ("for=1.1.1.1, for=_hidden", "10.0.0.1"),
            ("for=1.1.1.1, for=198.51.100.1;for=1.1.1.1", "10.0.0.1"),
            ("for=1.1.1.1, garbage", "10.0.0.1"),
        ] {
            assert_eq!(forwarded("10.0.0.1", &[line]), expected, "{line}");
        }
    }

    #[test]
    fn quote_left_open_by_the_client_does_not_hide_what_the_proxy_wrote() {
        assert_eq!(
            forwarded("10.0.0.1", &["for=\"1.1.1.1, for=198.51.100.1"]),
            "198.51.100.1"
        );
        assert_eq!(
            forwarded("10.0.0.1", &["for=\"1.1.1.1", "for=198.51.100.1"]),
            "198.51.100.1"
        );
        assert_eq!(
            forwarded("10.0.0.1", &["for=\"1.1.1.1, for=\"[2001:db8::1]:80\""]),
            "2001:db8::1"
        );
    }

    #[test]
    fn endless_header_is_not_read_to_its_end() {
        let line = vec!["10.0.0.2"; 10_000].join(",");
        assert_eq!(xff("10.0.0.1", &[&format!("198.51.100.1,{line}")]), "10.0.0.2");
    }

    #[test]
    fn configuration_is_read_and_nonsense_refused() {
        let text = r#"{"networks":["10.0.0.0/8","::1/128"],"header":"forwarded"}"#;
        let config: TrustedProxies = serde_json::from_str(text).unwrap();
        assert!(config.contains("::1".parse().unwrap()));
        assert_eq!(config.header, ForwardHeader::Forwarded);
        for bad in [
            r#"{"networks":["10.0.0.0/33"]}"#,
            r#"{"networks":["all"]}"#,
            r#"{"header":"x-real-ip"}"#,
            r#"{"network":[]}"#,
        ] {
            assert!(serde_json::from_str::<TrustedProxies>(bad).is_err(), "{bad}");
        }
    }
}
