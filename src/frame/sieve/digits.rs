//! Digits read eight at a time from where they stand in the block.

const ZEROS: u64 = 0x3030_3030_3030_3030;

/// Reads 1 to 16 digits that end at `end`; `None` for anything else, and where too little text stands before them.
#[inline]
pub fn unsigned(text: &[u8], start: usize, end: usize) -> Option<i64> {
    let count = end.wrapping_sub(start);
    match count {
        1..=8 => eight(pad(before(text, end)?, count)),
        9..=16 => {
            let low = eight(before(text, end)?)?;
            Some(eight(pad(before(text, end - 8)?, count - 8))? * 100_000_000 + low)
        }
        _ => None,
    }
}

/// Reads an integer of up to 16 digits with an optional minus.
#[inline]
pub fn signed(text: &[u8], start: usize, end: usize) -> Option<i64> {
    if text.get(start) == Some(&b'-') {
        unsigned(text, start + 1, end).map(|value| -value)
    } else {
        unsigned(text, start, end)
    }
}

/// Reads a decimal with exactly `scale` digits behind its point, as its value times `10^scale`; at most 15 digits.
#[inline]
pub fn decimal(text: &[u8], start: usize, end: usize, scale: usize) -> Option<i64> {
    let negative = text.get(start) == Some(&b'-');
    let start = start + usize::from(negative);
    if scale == 0 {
        return unsigned(text, start, end).map(|value| if negative { -value } else { value });
    }
    // At least one digit stands before the point.
    let count = end.wrapping_sub(start).wrapping_sub(1);
    if !(scale + 1..=15).contains(&count) {
        return None;
    }
    let chunk = text.get(end.checked_sub(16)?..end)?;
    let chunk = u128::from_le_bytes(chunk.try_into().ok()?);
    let before = 8 * (15 - scale);
    if (chunk >> before) & 0xFF != u128::from(b'.') {
        return None;
    }
    // The digits before the point move up to those behind it, and zeros take the place of what stands before them.
    let joined = (chunk >> (before + 8) << (before + 8)) | (chunk << 8 & !(u128::MAX << (before + 8)));
    let strange = 8 * (16 - count);
    let zeros = u128::from(ZEROS) << 64 | u128::from(ZEROS);
    let digits = (joined >> strange << strange) | (zeros & !(u128::MAX << strange));
    let value = eight(low(digits))? * 100_000_000 + eight(low(digits >> 64))?;
    Some(if negative { -value } else { value })
}

#[expect(clippy::cast_possible_truncation, reason = "the lower half is meant")]
#[inline]
const fn low(word: u128) -> u64 {
    word as u64
}

/// Gives the eight bytes before `end`, the last one highest.
#[inline]
fn before(text: &[u8], end: usize) -> Option<u64> {
    let chunk = text.get(end.checked_sub(8)?..end)?;
    chunk.try_into().ok().map(u64::from_le_bytes)
}

/// Puts zeros before the last `count` of eight bytes.
#[inline]
const fn pad(word: u64, count: usize) -> u64 {
    let strange = 8 * (8 - count);
    if strange == 0 { word } else { (word >> strange << strange) | (ZEROS & !(u64::MAX << strange)) }
}

/// Reads eight digits, the first one lowest.
#[inline]
const fn eight(word: u64) -> Option<i64> {
    // A byte below `0` borrows, and one above `9` reaches its top bit with 0x46 added.
    let digits = word.wrapping_sub(ZEROS);
    if (digits | word.wrapping_add(0x4646_4646_4646_4646)) & 0x8080_8080_8080_8080 != 0 {
        return None;
    }
    // Neighbours are joined to pairs, pairs to fours, fours to one.
    let pairs = (digits.wrapping_mul(10).wrapping_add(digits >> 8)) & 0x00FF_00FF_00FF_00FF;
    let fours = (pairs.wrapping_mul(100).wrapping_add(pairs >> 16)) & 0x0000_FFFF_0000_FFFF;
    Some((fours.wrapping_mul(10_000).wrapping_add(fours >> 32) & 0xFFFF_FFFF).cast_signed())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::number;

    proptest! {
        #[test]
        fn what_reads_is_what_the_exact_reader_reads(
            before in "[0-9,-]{8,12}", number in "-?[0-9]{0,17}|[0-9+./:a-]{0,18}", scale in 0_usize..4,
        ) {
            let text = format!("{before}{number},12345678");
            let (start, end) = (before.len(), before.len() + number.len());
            if let Some(value) = signed(text.as_bytes(), start, end) {
                prop_assert_eq!(number::integer_i64(number.as_bytes()), Ok(value));
            }
            if let Some(value) = decimal(text.as_bytes(), start, end, scale) {
                prop_assert_eq!(number::decimal(number.as_bytes(), 38, scale as u8, false), Ok(i128::from(value)));
            }
        }
    }

    #[test]
    fn common_numbers_are_read() {
        let text = b"xxxxxxxxxx-1234567890123456,0.05,";
        assert_eq!(signed(text, 10, 27), Some(-1_234_567_890_123_456));
        assert_eq!(decimal(text, 28, 32, 2), Some(5));
        assert_eq!(unsigned(b"7", 0, 1), None);
    }
}
