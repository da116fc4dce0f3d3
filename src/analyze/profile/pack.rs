//! Packing: rows of numbers as short text, for saved states.

/// The digits of base64 (RFC 4648), without padding.
const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Writes bytes as base64 without padding.
#[must_use]
pub fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let byte = |at: usize| u32::from(chunk.get(at).copied().unwrap_or(0));
        let word = byte(0) << 16 | byte(1) << 8 | byte(2);
        for digit in 0..=chunk.len() {
            let shift = 18 - 6 * u32::try_from(digit).unwrap_or(0);
            text.push(char::from(DIGITS[(word >> shift & 63) as usize]));
        }
    }
    text
}

/// Reads what [`encode`] wrote; `None` where it is something else.
#[must_use]
pub fn decode(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3 + 3);
    for chunk in text.as_bytes().chunks(4) {
        let mut word = 0_u32;
        for digit in chunk {
            word = word << 6 | u32::try_from(DIGITS.iter().position(|known| known == digit)?).ok()?;
        }
        let count = chunk.len().checked_sub(1).filter(|count| *count > 0)?;
        word <<= 6 * (4 - u32::try_from(chunk.len()).ok()?);
        bytes.extend_from_slice(word.to_be_bytes().get(1..=count)?);
    }
    Some(bytes)
}

/// Appends a number in seven bits a byte, lowest first (LEB128).
pub fn push(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push((number & 0x7F) as u8 | 0x80);
        number >>= 7;
    }
    bytes.push((number & 0x7F) as u8);
}

/// Takes a number of [`push`] from the front.
pub fn pull(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0_u64;
    for shift in (0..70).step_by(7) {
        let (first, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u64::from(first & 0x7F).checked_shl(shift)?;
        if first & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_packed_comes_back(numbers in proptest::collection::vec(any::<u64>(), 0..50)) {
            let mut bytes = Vec::new();
            numbers.iter().for_each(|number| push(&mut bytes, *number));
            prop_assert_eq!(decode(&encode(&bytes)), Some(bytes.clone()));
            let mut rest = bytes.as_slice();
            let back: Vec<u64> = std::iter::from_fn(|| pull(&mut rest)).collect();
            prop_assert_eq!(back, numbers);
        }

        #[test]
        fn no_text_makes_it_panic(text in ".{0,30}", bytes in proptest::collection::vec(any::<u8>(), 0..30)) {
            let _ = decode(&text);
            let mut rest = bytes.as_slice();
            while pull(&mut rest).is_some() {}
        }
    }
}
