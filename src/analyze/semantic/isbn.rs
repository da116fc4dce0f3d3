//! Numbers of books (ISO 2108): ten digits of which the last may be X, or thirteen that start with 978 or 979, with check
//! digit; hyphens or blanks may stand between.

use crate::analyze::semantic::Kind;
use crate::analyze::semantic::product_code::is_checked;

pub const ISBN: Kind =
    Kind { name: "isbn", title: "ISBNs", personal: false, format: None, length: (10, 17), least: 3, holds };

fn holds(text: &str) -> bool {
    let digits: Vec<u8> = text.bytes().filter(|byte| !matches!(byte, b'-' | b' ')).collect();
    let edges = text.bytes().next().zip(text.bytes().next_back());
    if edges.is_none_or(|(first, last)| !first.is_ascii_digit() || !(last.is_ascii_digit() || last == b'X')) {
        return false;
    }
    match digits.len() {
        10 => ten(&digits),
        13 => (digits.starts_with(b"978") || digits.starts_with(b"979")) && is_checked(&digits),
        _ => false,
    }
}

/// The digits weigh 10 to 1, X is ten, and the sum is a multiple of eleven.
fn ten(digits: &[u8]) -> bool {
    let mut sum = 0;
    for (weight, (at, byte)) in (1..=10_u32).rev().zip(digits.iter().enumerate()) {
        sum += weight
            * match byte {
                b'0'..=b'9' => u32::from(byte - b'0'),
                b'X' if at == 9 => 10,
                _ => return false,
            };
    }
    sum.is_multiple_of(11)
}
