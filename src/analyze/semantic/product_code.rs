//! Numbers of trade items (GS1): 8, 12, 13 or 14 digits, the last of which checks the others.

use crate::analyze::semantic::Kind;
use crate::frame::judge::formats;
use crate::model::TextFormat;

pub const EAN13: Kind = Kind {
    name: "ean13",
    title: "EAN-13 product codes",
    personal: false,
    format: Some("ean13"),
    length: (13, 13),
    // One number of ten fits by chance.
    least: 5,
    holds: |text| formats::holds(&TextFormat::Ean13, text),
};

pub const GTIN: Kind = Kind {
    name: "gtin",
    title: "GTINs",
    personal: false,
    format: None,
    length: (8, 14),
    least: 5,
    holds: |text| matches!(text.len(), 8 | 12..=14) && is_checked(text.as_bytes()),
};

/// Tells whether digits are checked by their last: from the right they weigh 1, 3, 1, 3 …, and the sum ends in 0.
pub fn is_checked(digits: &[u8]) -> bool {
    let mut sum = 0;
    for (at, byte) in digits.iter().rev().enumerate() {
        if !byte.is_ascii_digit() {
            return false;
        }
        sum += u32::from(byte - b'0') * if at % 2 == 0 { 1 } else { 3 };
    }
    sum.is_multiple_of(10) && sum > 0
}
