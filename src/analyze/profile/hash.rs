//! Hashes of values: 64 bits, the same on every machine and in every version, so that saved sketches can be merged.
//!
//! The mixing is that of wyhash (Wang Yi, public domain): a product of 128 bits, folded.

const KEYS: [u64; 4] = [0xA076_1D64_78BD_642F, 0xE703_7ED1_A0B4_28DB, 0x8EBC_6AF0_9C88_C6E3, 0x5899_65CC_7537_4CC3];

/// Multiplies and folds: every bit of both goes into every bit of the result.
#[inline]
#[must_use]
pub const fn fold(left: u64, right: u64) -> u64 {
    let product = left as u128 * right as u128;
    #[expect(clippy::cast_possible_truncation, reason = "the two halves")]
    let halves = (product as u64, (product >> 64) as u64);
    halves.0 ^ halves.1
}

/// Mixes a number.
#[inline]
#[must_use]
pub const fn mix(number: u64) -> u64 {
    fold(fold(number ^ KEYS[0], KEYS[1]), KEYS[2] ^ number)
}

/// Hashes bytes.
#[inline]
#[must_use]
pub fn hash(bytes: &[u8]) -> u64 {
    let length = bytes.len() as u64;
    let (left, right) = match bytes.len() {
        0 => (0, 0),
        1..=3 => {
            let first = u64::from(bytes[0]) << 16;
            (first | u64::from(bytes[bytes.len() / 2]) << 8 | u64::from(bytes[bytes.len() - 1]), 0)
        }
        4..=7 => (four(bytes, 0) << 32 | four(bytes, bytes.len() - 4), 0),
        8..=16 => (eight(bytes, 0), eight(bytes, bytes.len() - 8)),
        _ => return long(bytes),
    };
    fold(fold(left ^ KEYS[1], right ^ KEYS[0] ^ length), KEYS[2] ^ length)
}

fn long(bytes: &[u8]) -> u64 {
    let mut seed = KEYS[3];
    let mut at = 0;
    while at + 16 < bytes.len() {
        seed = fold(eight(bytes, at) ^ KEYS[1], eight(bytes, at + 8) ^ seed);
        at += 16;
    }
    let (left, right) = (eight(bytes, bytes.len() - 16), eight(bytes, bytes.len() - 8));
    fold(fold(left ^ KEYS[1], right ^ seed), KEYS[2] ^ bytes.len() as u64)
}

#[inline]
fn eight(bytes: &[u8], at: usize) -> u64 {
    bytes.get(at..at + 8).and_then(|chunk| chunk.try_into().ok()).map_or(0, u64::from_le_bytes)
}

#[inline]
fn four(bytes: &[u8], at: usize) -> u64 {
    bytes.get(at..at + 4).and_then(|chunk| chunk.try_into().ok()).map_or(0, |chunk| u32::from_le_bytes(chunk).into())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn short_texts_do_not_collide() {
        let texts = (0..300_000_u32).map(|number| number.to_string());
        let hashes: BTreeSet<u64> = texts.map(|text| hash(text.as_bytes())).collect();
        assert_eq!(hashes.len(), 300_000);
        let long: BTreeSet<u64> = (0..1000).map(|length| hash(&vec![b'a'; length])).collect();
        assert_eq!(long.len(), 1000);
    }

    #[test]
    fn every_part_of_the_range_is_met() {
        let mut eighths = [0_u32; 8];
        for number in 0..80_000_u32 {
            let hash = hash(number.to_string().as_bytes());
            eighths[usize::try_from(hash >> 61).unwrap()] += 1;
        }
        assert!(eighths.iter().all(|count| (9_500..10_500).contains(count)), "{eighths:?}");
    }
}
