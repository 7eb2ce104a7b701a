//! Address prefixes: the unit in which an attacker has addresses.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use serde::{Deserialize, Serialize};

/// How many leading bits of an address count as one source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PrefixLengths {
    /// For IPv4, 0 to 32. Default 24.
    pub ipv4: u8,
    /// For IPv6, 0 to 128. Default 56: what one household is commonly given.
    pub ipv6: u8,
}

impl Default for PrefixLengths {
    fn default() -> Self {
        Self { ipv4: 24, ipv6: 56 }
    }
}

/// A network prefix that stands for one source of requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AddressPrefix {
    /// An IPv4 prefix, host bits zero.
    V4(Ipv4Addr),
    /// An IPv6 prefix, host bits zero.
    V6(Ipv6Addr),
}

impl AddressPrefix {
    /// The prefix that `address` belongs to. IPv4 addresses mapped into IPv6 (RFC 4291 2.5.5.2) count as IPv4.
    /// Lengths beyond an address's own are read as the whole address.
    pub fn of(address: IpAddr, lengths: PrefixLengths) -> Self {
        match address.to_canonical() {
            IpAddr::V4(v4) => {
                let host = 32_u32.saturating_sub(u32::from(lengths.ipv4));
                let mask = u32::MAX.checked_shl(host).unwrap_or(0);
                Self::V4(Ipv4Addr::from_bits(v4.to_bits() & mask))
            }
            IpAddr::V6(v6) => {
                let host = 128_u32.saturating_sub(u32::from(lengths.ipv6));
                let mask = u128::MAX.checked_shl(host).unwrap_or(0);
                Self::V6(Ipv6Addr::from_bits(v6.to_bits() & mask))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prefix(address: &str, ipv4: u8, ipv6: u8) -> String {
        match AddressPrefix::of(address.parse().unwrap(), PrefixLengths { ipv4, ipv6 }) {
            AddressPrefix::V4(v4) => v4.to_string(),
            AddressPrefix::V6(v6) => v6.to_string(),
        }
    }

    #[test]
    fn host_bits_are_dropped_at_the_configured_length() {
        for (address, ipv4, ipv6, expected) in [
            ("203.0.113.77", 24, 56, "203.0.113.0"),
            ("203.0.113.77", 32, 56, "203.0.113.77"),
            ("203.0.113.77", 31, 56, "203.0.113.76"),
            ("203.0.113.77", 0, 56, "0.0.0.0"),
            ("203.0.113.77", 255, 56, "203.0.113.77"),
            ("2001:db8:1:2ff:a:b:c:d", 24, 56, "2001:db8:1:200::"),
            ("2001:db8:1:2ff:a:b:c:d", 24, 128, "2001:db8:1:2ff:a:b:c:d"),
            ("2001:db8:1:2ff:a:b:c:d", 24, 64, "2001:db8:1:2ff::"),
            ("2001:db8:1:2ff:a:b:c:d", 24, 0, "::"),
            ("::ffff:203.0.113.77", 24, 56, "203.0.113.0"),
            // Only the mapped form is IPv4; the deprecated compatible form is not.
            ("::203.0.113.77", 24, 56, "::"),
        ] {
            assert_eq!(prefix(address, ipv4, ipv6), expected, "{address} {ipv4} {ipv6}");
        }
    }

    #[test]
    fn neighbours_share_a_prefix_and_strangers_do_not() {
        let of = |text: &str| AddressPrefix::of(text.parse().unwrap(), PrefixLengths::default());
        assert_eq!(of("198.51.100.1"), of("198.51.100.254"));
        assert_ne!(of("198.51.100.1"), of("198.51.101.1"));
        assert_eq!(of("2001:db8:0:100::1"), of("2001:db8:0:1ff::9"));
        assert_ne!(of("2001:db8:0:100::1"), of("2001:db8:0:200::1"));
        assert_ne!(of("0.0.0.0"), of("::"));
    }
}
