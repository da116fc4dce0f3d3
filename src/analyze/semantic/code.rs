//! Codes of digits with zeros in front: read as numbers they lose them.

use crate::analyze::semantic::Kind;

pub const ZERO_PADDED: Kind = Kind {
    name: "zero_padded",
    title: "codes with zeros in front",
    personal: false,
    format: None,
    length: (2, 40),
    least: 2,
    holds: |text| text.starts_with('0') && text.bytes().all(|byte| byte.is_ascii_digit()),
};
