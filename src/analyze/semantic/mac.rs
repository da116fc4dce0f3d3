//! Addresses of network cards: six pairs of hexadecimal digits between `:` or `-` (IEEE 802).

use crate::analyze::semantic::Kind;

pub const MAC: Kind =
    Kind { name: "mac", title: "MAC addresses", personal: true, format: None, length: (17, 17), least: 1, holds };

fn holds(text: &str) -> bool {
    let mark = text.as_bytes().get(2).copied().unwrap_or_default();
    matches!(mark, b':' | b'-')
        && text.bytes().enumerate().all(|(at, byte)| if at % 3 == 2 { byte == mark } else { byte.is_ascii_hexdigit() })
}
