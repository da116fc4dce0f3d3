//! Codes with check digits and fixed shapes: UUID, EAN-13, ISBN-13, IBAN, payment cards, vehicle numbers.

use crate::generate::providers::Provider;
use crate::generate::providers::radix::{Code, pad};
use crate::generate::random::Draws;

/// Appends the check digit of the thirteen digits of an EAN (GS1), whose first twelve stand at `start`.
fn ean_check(start: usize, out: &mut Vec<u8>) {
    let digits = out.get(start..).unwrap_or_default();
    let sum: u32 = digits.iter().zip([1, 3].into_iter().cycle()).map(|(digit, w)| u32::from(digit - b'0') * w).sum();
    out.push(b'0' + ((10 - sum % 10) % 10) as u8);
}

/// `ean13`: in the number ranges of the locale's country (GS1 prefixes).
#[derive(Debug)]
pub struct Ean13 {
    /// First prefix, and how many follow.
    prefixes: (u64, u64),
}

impl Ean13 {
    /// Takes the first of the prefixes and how many there are.
    #[must_use]
    pub const fn new(first: u64, count: u64) -> Self {
        Self { prefixes: (first, count) }
    }
}

impl Code for Ean13 {
    fn radices(&self) -> [u64; 2] {
        [1_000_000, self.prefixes.1 * 1000]
    }

    fn encode(&self, low: u64, high: u64, out: &mut Vec<u8>) {
        let start = out.len();
        pad((self.prefixes.0 * 1000 + high) * 1_000_000 + low, 12, out);
        ean_check(start, out);
    }

    fn longest(&self) -> usize {
        13
    }
}

/// `isbn13`: with the prefix 978 and without hyphens.
#[derive(Debug)]
pub struct Isbn13;

impl Code for Isbn13 {
    fn radices(&self) -> [u64; 2] {
        [10_000, 100_000]
    }

    fn encode(&self, low: u64, high: u64, out: &mut Vec<u8>) {
        let start = out.len();
        out.extend_from_slice(b"978");
        pad(high * 10_000 + low, 9, out);
        ean_check(start, out);
    }

    fn longest(&self) -> usize {
        13
    }
}

/// `credit_card`: sixteen digits that begin like the numbers payment services give for tests, with the check digit of
/// ISO/IEC 7812 (Luhn).
#[derive(Debug)]
pub struct Card;

impl Code for Card {
    fn radices(&self) -> [u64; 2] {
        [100_000, 10_000 * Self::BEGINNINGS.len() as u64]
    }

    fn encode(&self, low: u64, high: u64, out: &mut Vec<u8>) {
        let start = out.len();
        let beginning = usize::try_from(high / 10_000).unwrap_or(0);
        pad(Self::BEGINNINGS.get(beginning).copied().unwrap_or(411_111), 6, out);
        pad(high % 10_000, 4, out);
        pad(low, 5, out);
        let digits = out.get(start..).unwrap_or_default();
        let sum: u32 = digits
            .iter()
            .zip([2, 1].into_iter().cycle())
            .map(|(digit, weight)| match u32::from(digit - b'0') * weight {
                large @ 10.. => large - 9,
                small => small,
            })
            .sum();
        out.push(b'0' + ((10 - sum % 10) % 10) as u8);
    }

    fn longest(&self) -> usize {
        16
    }
}

impl Card {
    const BEGINNINGS: [u64; 8] = [411_111, 401_288, 424_242, 400_005, 555_555, 510_510, 222_300, 601_111];
}

/// `vin`: a vehicle's number of seventeen characters with its check digit in the ninth place (ISO 3779, 49 CFR 565).
#[derive(Debug)]
pub struct Vin;

impl Vin {
    const MAKERS: [&'static [u8; 3]; 12] =
        [b"1FT", b"1G1", b"1HG", b"2T1", b"3VW", b"5YJ", b"JTD", b"KMH", b"SAL", b"VF1", b"WBA", b"WVW"];
    const LETTERS: &'static [u8; 33] = b"0123456789ABCDEFGHJKLMNPRSTUVWXYZ";
    const YEARS: &'static [u8; 15] = b"CDEFGHJKLMNPRST";

    /// Gives what a character counts as.
    fn worth(byte: u8) -> u32 {
        match byte {
            b'0'..=b'9' => u32::from(byte - b'0'),
            b'A'..=b'H' => u32::from(byte - b'A') + 1,
            b'J'..=b'R' => u32::from(byte - b'J') + 1,
            _ => u32::from(byte.saturating_sub(b'S')) + 2,
        }
    }
}

impl Code for Vin {
    fn radices(&self) -> [u64; 2] {
        // The running number; maker, four characters of the model, year and plant.
        [1_000_000, 12 * 33 * 33 * 33 * 33 * 15 * 33]
    }

    fn encode(&self, low: u64, high: u64, out: &mut Vec<u8>) {
        const WEIGHTS: [u32; 17] = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];
        let start = out.len();
        let mut left = high;
        let mut take = |radix: u64| {
            let digit = left % radix;
            left /= radix;
            usize::try_from(digit).unwrap_or(0)
        };
        out.extend_from_slice(Self::MAKERS[take(12)]);
        for _ in 0..4 {
            out.push(Self::LETTERS[take(33)]);
        }
        out.extend_from_slice(b"X0");
        out.push(Self::YEARS[take(15)]);
        out.push(Self::LETTERS[take(33)]);
        pad(low, 6, out);
        let vin = out.get_mut(start..).unwrap_or_default();
        let sum: u32 = vin.iter().zip(WEIGHTS).map(|(byte, weight)| Self::worth(*byte) * weight).sum();
        if let Some(check) = vin.get_mut(8) {
            *check = b"0123456789X"[(sum % 11) as usize];
        }
    }

    fn longest(&self) -> usize {
        17
    }
}

/// `uuid`: version 4 (RFC 9562), 122 random bits.
#[derive(Debug)]
pub struct Uuid;

impl Uuid {
    /// Appends the UUID of two numbers of 61 bits.
    #[inline]
    fn encode(high: u64, low: u64, out: &mut Vec<u8>) {
        const HEX: &[u8; 16] = b"0123456789abcdef";
        const PLACES: [usize; 16] = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34];
        // 48 bits, the version, and 12 bits; then the variant, 1 bit of the high half, and 61 bits.
        let first = (high >> 13 << 16) | 0x4000 | (high >> 1 & 0xfff);
        let second = 0x8000_0000_0000_0000 | ((high & 1) << 61) | (low & 0x1fff_ffff_ffff_ffff);
        let bits = u128::from(first) << 64 | u128::from(second);
        let mut text = [b'-'; 36];
        for (byte, place) in bits.to_be_bytes().into_iter().zip(PLACES) {
            text[place] = HEX[usize::from(byte >> 4)];
            text[place + 1] = HEX[usize::from(byte & 15)];
        }
        out.extend_from_slice(&text);
    }
}

impl Provider for Uuid {
    #[inline]
    fn write(&self, draws: &mut Draws, out: &mut Vec<u8>) {
        Self::encode(draws.bits() >> 3, draws.bits() >> 3, out);
    }

    fn values(&self) -> Option<u128> {
        Some(1 << 122)
    }

    fn nth(&self, number: u128, out: &mut Vec<u8>) {
        // Four rounds of a balanced Feistel network over the two halves.
        const MASK: u64 = (1 << 61) - 1;
        let (mut left, mut right) = ((number >> 61) as u64 & MASK, number as u64 & MASK);
        for round in 1..=4u64 {
            (left, right) = (right, left ^ (Draws::new(right ^ (round << 61)).bits() & MASK));
        }
        Self::encode(left, right, out);
    }

    fn longest(&self) -> usize {
        36
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::frame::judge::formats::SHAPES;
    use crate::generate::providers::radix::Coded;
    use crate::model::TextFormat;

    fn both(provider: &dyn Provider, number: u64) -> [String; 2] {
        let (mut nth, mut drawn) = (Vec::new(), Vec::new());
        provider.nth(u128::from(number), &mut nth);
        provider.write(&mut Draws::new(number), &mut drawn);
        [nth, drawn].map(|bytes| String::from_utf8(bytes).unwrap())
    }

    fn distinct(provider: &dyn Provider, check: impl Fn(&str) -> bool) {
        let count = provider.values().unwrap();
        let step = u64::try_from((count / 8_000).min(1 << 45)).unwrap() - 1;
        let mut seen = BTreeSet::new();
        for number in (0..8_000).chain((1..8_000).map(|n| n * step + 8_000)) {
            let [nth, drawn] = both(provider, number);
            assert!(check(&nth) && check(&drawn), "{nth} {drawn}");
            assert!(nth.len() <= provider.longest() && drawn.len() <= provider.longest());
            seen.insert(nth);
        }
        assert_eq!(seen.len(), 15_999, "{provider:?}");
    }

    fn judge(format: &TextFormat) -> impl Fn(&str) -> bool {
        SHAPES.iter().find(|(named, _)| named == format).unwrap().1
    }

    #[test]
    fn eans_and_books_have_their_check_digit() {
        distinct(&Coded(Ean13::new(400, 41)), judge(&TextFormat::Ean13));
        distinct(&Coded(Ean13::new(60, 80)), judge(&TextFormat::Ean13));
        distinct(&Coded(Isbn13), judge(&TextFormat::Ean13));
    }

    #[test]
    fn uuids_are_of_version_four() {
        let judge = judge(&TextFormat::Uuid);
        distinct(&Uuid, |text| judge(text) && &text[14..15] == "4" && "89ab".contains(&text[19..20]));
    }

    #[test]
    fn cards_meet_luhn() {
        distinct(&Coded(Card), |text| {
            let digits = text.bytes().rev().map(|byte| u32::from(byte - b'0'));
            let sum: u32 =
                digits.enumerate().map(|(at, d)| if at % 2 == 1 { d * 2 / 10 + d * 2 % 10 } else { d }).sum();
            text.len() == 16 && sum.is_multiple_of(10)
        });
    }

    #[test]
    fn vehicles_have_their_check_digit() {
        distinct(&Coded(Vin), |text| {
            text.len() == 17 && !text.contains(['I', 'O', 'Q']) && text.as_bytes()[8].is_ascii_alphanumeric()
        });
        // 1M8GDM9AXKP042788 is the known example: its check digit is X.
        let worth: u32 = b"1M8GDM9A0KP042788"
            .iter()
            .zip([8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2])
            .map(|(byte, weight)| Vin::worth(*byte) * weight)
            .sum();
        assert_eq!(worth % 11, 10);
    }
}
