//! Postal codes that cannot be taken for something else. Five digits alone can; the name of their column tells more.

use crate::analyze::semantic::Kind;

const fn kind(name: &'static str, title: &'static str, length: (usize, usize), holds: fn(&str) -> bool) -> Kind {
    Kind { name, title, personal: false, format: None, length, least: 3, holds }
}

pub const UK: Kind = kind("postal_code_gb", "British postcodes", (6, 8), british);
pub const CANADA: Kind = kind("postal_code_ca", "Canadian postal codes", (7, 7), |text| shaped(text, "A9A 9A9"));
pub const NETHERLANDS: Kind =
    kind("postal_code_nl", "Dutch postal codes", (7, 7), |text| !text.starts_with('0') && shaped(text, "9999 AA"));
pub const ZIP_PLUS_4: Kind = kind("zip_plus_4", "ZIP+4 codes", (10, 10), |text| shaped(text, "99999-9999"));

/// Outward code, a blank, inward code.
fn british(text: &str) -> bool {
    ["A9 9AA", "A99 9AA", "AA9 9AA", "AA99 9AA", "A9A 9AA", "AA9A 9AA"].iter().any(|shape| shaped(text, shape))
}

/// `A` is a capital, `9` a digit, anything else itself.
fn shaped(text: &str, shape: &str) -> bool {
    text.len() == shape.len()
        && text.bytes().zip(shape.bytes()).all(|(byte, wanted)| match wanted {
            b'A' => byte.is_ascii_uppercase(),
            b'9' => byte.is_ascii_digit(),
            other => byte == other,
        })
}
