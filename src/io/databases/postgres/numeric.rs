//! `numeric` on the wire: a sign, a scale and digits of base 10,000, by which every decimal is exact.
//!
//! `ndigits i16 | weight i16 | sign u16 | dscale u16 | digit i16 …` (PostgreSQL, `numeric_send`): the first digit counts
//! `10000^weight`, digits that are 0 at either end may be left out.

/// Digits of base 10,000 an `i128` with its point anywhere takes at most, and one to spare.
const ROOM: usize = 12;
const NEGATIVE: u16 = 0x4000;

/// Appends a decimal, its length before it.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    reason = "remainders of 10,000 and counts of at most twelve"
)]
pub fn push(out: &mut Vec<u8>, value: i128, scale: u8) {
    let mut digits = [0_u16; ROOM];
    let mut at = ROOM;
    let mut rest = value.unsigned_abs();
    let fraction = usize::from(scale).div_ceil(4);
    // The last digit of the fraction may be less than whole.
    let odd = u32::from(scale % 4);
    if odd > 0 {
        let power = 10_u128.pow(odd);
        at -= 1;
        digits[at] = (rest % power) as u16 * 10_u16.pow(4 - odd);
        rest /= power;
    }
    // Division of 128 bits is slow, and hardly ever needed.
    while rest > u128::from(u64::MAX) && at > 0 {
        at -= 1;
        digits[at] = (rest % 10_000) as u16;
        rest /= 10_000;
    }
    let mut rest = rest as u64;
    while rest > 0 && at > 0 {
        at -= 1;
        digits[at] = (rest % 10_000) as u16;
        rest /= 10_000;
    }
    let point = ROOM - fraction;
    let mut used = digits.get(at..).unwrap_or_default();
    while let [0, more @ ..] = used {
        used = more;
        at += 1;
    }
    while let [less @ .., 0] = used {
        used = less;
    }
    let weight = if used.is_empty() { 0_i16 } else { (point as i32 - at as i32 - 1) as i16 };
    let sign = if value < 0 { NEGATIVE } else { 0 };
    let mut head = [0; 12];
    head[..4].copy_from_slice(&(8 + 2 * used.len() as u32).to_be_bytes());
    head[4..6].copy_from_slice(&(used.len() as u16).to_be_bytes());
    head[6..8].copy_from_slice(&weight.to_be_bytes());
    head[8..10].copy_from_slice(&sign.to_be_bytes());
    head[10..].copy_from_slice(&u16::from(scale).to_be_bytes());
    out.extend_from_slice(&head);
    for digit in used {
        out.extend_from_slice(&digit.to_be_bytes());
    }
}

/// Reads a `numeric` as a decimal of a scale; `None` where it is none (NaN, an infinity), has more places than the scale
/// or more digits than 128 bits hold.
#[must_use]
pub fn read(bytes: &[u8], scale: u8) -> Option<i128> {
    let short = |index: usize| bytes.get(2 * index..2 * index + 2)?.try_into().ok().map(u16::from_be_bytes);
    let (count, weight, sign) = (usize::from(short(0)?), short(1)?.cast_signed(), short(2)?);
    if sign != 0 && sign != NEGATIVE {
        return None;
    }
    let mut value = 0_i128;
    for index in 0..count {
        let digit = i128::from(short(4 + index)?);
        // The decimal exponent of the digit's last place, in units of the scale.
        let exponent = (i32::from(weight) - i32::try_from(index).ok()?) * 4 + i32::from(scale);
        let part = if exponent >= 0 {
            let power = 10_i128.checked_pow(exponent.unsigned_abs());
            if digit == 0 { 0 } else { power?.checked_mul(digit)? }
        } else {
            let power = 10_i128.checked_pow(exponent.unsigned_abs()).filter(|_| exponent > -5);
            match power {
                Some(power) if digit % power == 0 => digit / power,
                None if digit == 0 => 0,
                _ => return None,
            }
        };
        value = value.checked_add(part)?;
    }
    Some(if sign == NEGATIVE { -value } else { value })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written(value: i128, scale: u8) -> Vec<u8> {
        let mut out = Vec::new();
        push(&mut out, value, scale);
        assert_eq!(u32::from_be_bytes(out[..4].try_into().unwrap()) as usize, out.len() - 4);
        out[4..].to_vec()
    }

    fn shorts(bytes: &[u8]) -> Vec<i16> {
        bytes.chunks(2).map(|pair| i16::from_be_bytes([pair[0], pair[1]])).collect()
    }

    #[test]
    fn digits_stand_as_postgresql_sends_them() {
        assert_eq!(shorts(&written(0, 2)), [0, 0, 0, 2]);
        assert_eq!(shorts(&written(1, 0)), [1, 0, 0, 0, 1]);
        assert_eq!(shorts(&written(-1_234_567_890_123, 3)), [4, 2, 0x4000, 3, 12, 3456, 7890, 1230]);
        assert_eq!(shorts(&written(5, 5)), [1, -2, 0, 5, 5000]);
        assert_eq!(shorts(&written(100_000_000, 0)), [1, 2, 0, 0, 1]);
    }

    proptest! {
        #[test]
        fn every_decimal_reads_back(digits in any::<i128>(), cut in 0_u32..38, scale in 0_u8..=38) {
            let value = digits % 10_i128.pow(38 - cut);
            prop_assert_eq!(read(&written(value, scale), scale), Some(value));
        }

        #[test]
        fn any_bytes_are_read_or_not(bytes in proptest::collection::vec(any::<u8>(), 0..40), scale in 0_u8..=38) {
            let _ = read(&bytes, scale);
        }
    }

    #[test]
    fn what_is_no_decimal_is_none() {
        assert_eq!(read(&[0, 0, 0, 0, 0xc0, 0, 0, 0], 2), None);
        assert_eq!(read(&written(1234, 3), 2), None);
        assert_eq!(read(&written(1230, 3), 2), Some(123));
        assert_eq!(read(&[], 0), None);
    }
}
