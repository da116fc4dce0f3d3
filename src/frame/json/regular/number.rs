//! Numbers of RFC 8259 in the text: where they end, and whole ones eight digits at a time.

const ONES: u64 = 0x0101_0101_0101_0101;

/// Reads a whole number of up to 18 digits and gives the place behind it. `None` for any other, and for one near the
/// text's end. What follows it is for the caller to judge.
#[inline(always)]
#[expect(clippy::inline_always, reason = "a call would cost as much again")]
pub(super) fn integer(text: &[u8], at: usize) -> Option<(i64, usize)> {
    let negative = text.get(at) == Some(&b'-');
    let start = at + usize::from(negative);
    let (mut value, mut count) = eight(text, start)?;
    if count == 8 {
        let (more, rest) = eight(text, start + 8)?;
        (value, count) = (value * POWERS[rest] + more, 8 + rest);
        if rest == 8 {
            let (more, rest) = eight(text, start + 16).filter(|(_, rest)| *rest <= 2)?;
            (value, count) = (value * POWERS[rest] + more, 16 + rest);
        }
    }
    // A number starts with one zero at most.
    if count == 0 || (count > 1 && text.get(start) == Some(&b'0')) {
        return None;
    }
    let value = i64::try_from(value).ok()?;
    Some((if negative { -value } else { value }, start + count))
}

const POWERS: [u64; 9] = [1, 10, 100, 1000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000];

/// Reads up to eight digits: their value and how many they are.
#[inline(always)]
#[expect(clippy::inline_always, reason = "as above")]
fn eight(text: &[u8], at: usize) -> Option<(u64, usize)> {
    let digits = u64::from_le_bytes(*text.get(at..)?.first_chunk()?) ^ (ONES * 0x30);
    // The lowest high bit marks the first byte above 9; those above it may be carries.
    let others = (digits.wrapping_add(ONES * 0x76) | digits) & (ONES << 7);
    let bits = others.trailing_zeros() & !7;
    // The digits move to the end of the word, zeros before them.
    let word = if bits == 0 { 0 } else { digits << (64 - bits) };
    let pairs = word.wrapping_mul(10).wrapping_add(word >> 8) & 0x00FF_00FF_00FF_00FF;
    let fours = pairs.wrapping_mul(100).wrapping_add(pairs >> 16) & 0x0000_FFFF_0000_FFFF;
    let value = fours.wrapping_mul(10_000).wrapping_add(fours >> 32) & 0xFFFF_FFFF;
    Some((value, bits as usize / 8))
}

/// Gives the place behind a number; `None` where none stands here.
pub(super) fn end(text: &[u8], at: usize) -> Option<usize> {
    let byte = |at: usize| text.get(at).copied();
    let mut at = at + usize::from(byte(at) == Some(b'-'));
    at = if byte(at) == Some(b'0') { at + 1 } else { digits(text, at)? };
    if byte(at) == Some(b'.') {
        at = digits(text, at + 1)?;
    }
    if let Some(b'e' | b'E') = byte(at) {
        at += 1;
        at = digits(text, at + usize::from(matches!(byte(at), Some(b'+' | b'-'))))?;
    }
    Some(at)
}

/// Gives the place behind one or more digits.
fn digits(text: &[u8], start: usize) -> Option<usize> {
    let count = text.get(start..)?.iter().take_while(|byte| byte.is_ascii_digit()).count();
    (count > 0).then_some(start + count)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const BEHIND: &str = "} and more text than two words hold";

    #[test]
    fn only_short_whole_numbers_are_read() {
        for (text, wanted) in [
            ("0", Some(0)),
            ("-0", Some(0)),
            ("7", Some(7)),
            ("-12345678", Some(-12_345_678)),
            ("123456789", Some(123_456_789)),
            ("999999999999999999", Some(999_999_999_999_999_999)),
            ("1000000000000000000", None),
            ("01", None),
            ("-", None),
            ("", None),
            ("+1", None),
            ("/", None),
            (":", None),
        ] {
            let found = integer(format!("{text}{BEHIND}").as_bytes(), 0);
            assert_eq!(found, wanted.map(|value| (value, text.len())), "{text}");
        }
        assert_eq!(integer(b"12", 0), None, "near the end");
        assert_eq!(integer("12\u{ff}\u{ff}\u{ff}\u{ff}".as_bytes(), 0), Some((12, 2)));
    }

    #[test]
    fn numbers_end_by_the_grammar() {
        for (text, wanted) in [
            ("0", Some(1)),
            ("01", Some(1)),
            ("-12.50e+3x", Some(9)),
            ("1.", None),
            ("1e", None),
            ("-", None),
            (".5", None),
            ("12,", Some(2)),
        ] {
            assert_eq!(end(text.as_bytes(), 0), wanted, "{text}");
        }
    }

    proptest! {
        #[test]
        fn values_are_those_of_the_standard_library(value in -999_999_999_999_999_999_i64..=999_999_999_999_999_999, shift in 0_u32..60) {
            let value = value >> shift;
            let text = format!("{value}{BEHIND}");
            prop_assert_eq!(integer(text.as_bytes(), 0), Some((value, value.to_string().len())));
        }
    }
}
