//! Numbers of payment cards: 13 to 19 digits of a known issuer, with the check digit of Luhn (ISO/IEC 7812-1), in one or
//! between blanks or hyphens.

use crate::analyze::semantic::Kind;

pub const CARD: Kind = Kind {
    name: "payment_card",
    title: "payment card numbers",
    personal: true,
    format: None,
    length: (13, 23),
    least: 3,
    holds,
};

fn holds(text: &str) -> bool {
    let digits: Vec<u8> = text.bytes().filter(|byte| !matches!(byte, b' ' | b'-')).collect();
    digits.iter().all(u8::is_ascii_digit)
        && text.as_bytes().first().is_some_and(u8::is_ascii_digit)
        && issuer(&digits)
        && luhn(&digits)
}

/// The issuers whose numbers are common, with the lengths they use.
fn issuer(digits: &[u8]) -> bool {
    let number = |length: usize| {
        digits.iter().take(length).fold(0_u32, |number, digit| number * 10 + u32::from(digit.saturating_sub(b'0')))
    };
    let (two, four) = (number(2), number(4));
    match digits.len() {
        13 | 19 => digits.first() == Some(&b'4'),
        15 => matches!(two, 34 | 37),
        14 => matches!(two, 36 | 38 | 39) || (3000..=3059).contains(&four),
        16 => {
            digits.first() == Some(&b'4')
                || (51..=55).contains(&two)
                || (2221..=2720).contains(&four)
                || (3528..=3589).contains(&four)
                || four == 6011
                || matches!(two, 62 | 64 | 65)
        }
        _ => false,
    }
}

/// Every second digit from the right is doubled, less nine where it has two digits, and the sum ends in 0.
fn luhn(digits: &[u8]) -> bool {
    let value = |(at, byte): (usize, &u8)| {
        let digit = u32::from(byte.saturating_sub(b'0'));
        if at % 2 == 0 {
            digit
        } else if digit > 4 {
            digit * 2 - 9
        } else {
            digit * 2
        }
    };
    digits.iter().rev().enumerate().map(value).sum::<u32>().is_multiple_of(10)
}
