//! Mixed radix: numbers taken apart into digits and scattered, so that neighbouring numbers give unlike values.

use crate::generate::random::Draws;

/// Takes a number apart by these radices, the lowest first, and scatters the digits; gives them and what is left.
///
/// Each digit is shifted by a hash of the others, which can be undone: different numbers give different results
/// (an unbalanced Feistel network). What is left is not scattered.
#[must_use]
pub fn scatter<const N: usize>(number: u128, radices: [u64; N]) -> ([u64; N], u128) {
    let mut digits = [0; N];
    // Division of 64 bits is several times as fast as that of 128.
    let rest = if let Ok(mut small) = u64::try_from(number) {
        for (digit, radix) in digits.iter_mut().zip(radices) {
            let radix = radix.max(1);
            (*digit, small) = (small % radix, small / radix);
        }
        u128::from(small)
    } else {
        let mut large = number;
        for (digit, radix) in digits.iter_mut().zip(radices) {
            let radix = u128::from(radix.max(1));
            *digit = (large % radix) as u64;
            large /= radix;
        }
        large
    };
    // Upwards each digit is shifted by those below it, then downwards by those above it.
    let mut hash = rest as u64;
    for index in 0..N {
        if index > 0 {
            digits[index] = shift(digits[index], hash, radices[index]);
        }
        hash = Draws::new(hash ^ ((digits[index] << 8) | index as u64)).bits();
    }
    let mut hash = !(rest as u64);
    for index in (0..N.saturating_sub(1)).rev() {
        hash = Draws::new(hash ^ ((digits[index + 1] << 8) | index as u64)).bits();
        digits[index] = shift(digits[index], hash, radices[index]);
    }
    (digits, rest)
}

/// Adds a random shift to a digit, modulo its radix.
const fn shift(digit: u64, hash: u64, radix: u64) -> u64 {
    let moved = digit + ((hash as u128 * radix as u128) >> 64) as u64;
    if moved >= radix { moved - radix } else { moved }
}

/// Appends so many of a number's last decimal digits (20 at most), with leading zeros.
#[inline]
pub fn pad(mut number: u64, width: usize, out: &mut Vec<u8>) {
    let start = out.len();
    out.resize(start + width, b'0');
    let mut pairs = out.get_mut(start..).unwrap_or_default().rchunks_exact_mut(2);
    for pair in pairs.by_ref() {
        let two = (number % 100) as u8;
        number /= 100;
        pair.copy_from_slice(&[b'0' + two / 10, b'0' + two % 10]);
    }
    if let [digit] = pairs.into_remainder() {
        *digit = b'0' + (number % 10) as u8;
    }
}

/// Appends a number's decimal digits.
#[inline]
pub fn plain(number: u64, out: &mut Vec<u8>) {
    out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
}

/// Gives what is left of a number of values once its digits are taken, which is small.
#[inline]
#[must_use]
pub fn small(rest: u128) -> u64 {
    u64::try_from(rest).unwrap_or(u64::MAX - 1)
}

/// A code made of a number in two halves, each below its radix: all are different, and any is as likely as any other.
pub trait Code: std::fmt::Debug + Send + Sync {
    /// Gives the radices of the low and the high half; they should be of like size.
    fn radices(&self) -> [u64; 2];

    /// Appends the code of a number.
    fn encode(&self, low: u64, high: u64, out: &mut Vec<u8>);

    /// The most characters a code has.
    fn longest(&self) -> usize;
}

/// Makes a provider of a code.
#[derive(Debug)]
pub struct Coded<T>(pub T);

impl<T: Code> crate::generate::providers::Provider for Coded<T> {
    #[inline]
    fn write(&self, draws: &mut Draws, out: &mut Vec<u8>) {
        let [low, high] = self.0.radices();
        let (low, high) = (draws.below(low), draws.below(high));
        self.0.encode(low, high, out);
    }

    fn values(&self) -> Option<u128> {
        let [low, high] = self.0.radices();
        Some(u128::from(low) * u128::from(high))
    }

    fn nth(&self, number: u128, out: &mut Vec<u8>) {
        let ([low, high], _) = scatter(number, self.0.radices());
        self.0.encode(low, high, out);
    }

    fn longest(&self) -> usize {
        self.0.longest()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scattering_is_one_to_one() {
        let radices = [7, 12, 5];
        let mut seen = [false; 420];
        for number in 0..420 {
            let (digits, rest) = scatter(number, radices);
            assert_eq!(rest, 0);
            assert!(digits.iter().zip(radices).all(|(digit, radix)| *digit < radix));
            let place = digits[0] + 7 * (digits[1] + 12 * digits[2]);
            assert!(!std::mem::replace(&mut seen[usize::try_from(place).unwrap()], true));
        }
        assert_eq!(scatter(420 * 9 + 3, radices).1, 9);
        assert_eq!(scatter(u128::MAX, radices).1, u128::MAX / 420);
    }

    #[test]
    fn neighbours_differ() {
        let firsts: std::collections::BTreeSet<u64> = (0..1000).map(|n| scatter(n, [1000, 1000]).0[1]).collect();
        assert!(firsts.len() > 550, "{}", firsts.len());
    }

    #[test]
    fn pads() {
        let mut out = Vec::new();
        pad(42, 5, &mut out);
        pad(0, 2, &mut out);
        plain(7, &mut out);
        pad(123, 2, &mut out);
        assert_eq!(out, b"0004200723");
    }
}
