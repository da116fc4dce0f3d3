//! `ipv4`: four decimal numbers without leading zeros. `ipv6`: RFC 4291, `::` and a final IPv4 part allowed, no zone.

use std::net::{Ipv4Addr, Ipv6Addr};

/// Tells whether text is an IPv4 address.
pub fn holds_v4(text: &str) -> bool {
    text.parse::<Ipv4Addr>().is_ok()
}

/// Tells whether text is an IPv6 address.
pub fn holds_v6(text: &str) -> bool {
    text.parse::<Ipv6Addr>().is_ok()
}

#[cfg(test)]
mod tests {
    #[test]
    fn good_and_bad() {
        for good in ["0.0.0.0", "255.255.255.255", "192.168.1.10"] {
            assert!(super::holds_v4(good), "{good}");
        }
        for bad in ["256.1.1.1", "1.2.3", "1.2.3.4.5", "01.2.3.4", "1.2.3.4/24", "::1"] {
            assert!(!super::holds_v4(bad), "{bad}");
        }
        for good in ["::", "::1", "2001:db8::8a2e:370:7334", "::ffff:1.2.3.4", "FE80:0:0:0:0:0:0:1"] {
            assert!(super::holds_v6(good), "{good}");
        }
        for bad in ["1.2.3.4", ":::", "2001:db8", "fe80::1%eth0", "12345::", "[::1]", "1::2::3"] {
            assert!(!super::holds_v6(bad), "{bad}");
        }
    }
}
