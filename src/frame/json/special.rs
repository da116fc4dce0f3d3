//! The bytes that are special in a JSON string: quotes, backslashes and control characters, sixteen bytes at a time.

/// Finds the first special byte among sixteen.
#[inline]
#[cfg_attr(
    target_arch = "x86_64",
    expect(unsafe_code, reason = "vector instructions of every x86-64 machine; a sixth faster for whole records")
)]
pub(super) fn special(chunk: &[u8; 16]) -> Option<usize> {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: SSE2 is part of the architecture itself.
    let found = unsafe { vector::special(chunk) };
    #[cfg(not(target_arch = "x86_64"))]
    let found = by_words(chunk);
    found
}

#[cfg(target_arch = "x86_64")]
mod vector {
    use std::arch::x86_64::{
        _mm_cmpeq_epi8, _mm_min_epu8, _mm_movemask_epi8, _mm_or_si128, _mm_set_epi64x, _mm_set1_epi8,
    };

    #[inline]
    #[target_feature(enable = "sse2")]
    pub(super) fn special(chunk: &[u8; 16]) -> Option<usize> {
        let ([low, high], _) = chunk.as_chunks::<8>() else { return None };
        let bytes = _mm_set_epi64x(i64::from_le_bytes(*high), i64::from_le_bytes(*low));
        let same = |byte: u8| _mm_cmpeq_epi8(bytes, _mm_set1_epi8(byte.cast_signed()));
        let control = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1F)), bytes);
        let mask = _mm_movemask_epi8(_mm_or_si128(control, _mm_or_si128(same(b'"'), same(b'\\'))));
        (mask != 0).then(|| mask.trailing_zeros() as usize)
    }
}

/// Finds the first special byte among sixteen by words, on any machine.
#[cfg(any(test, not(target_arch = "x86_64")))]
#[inline]
fn by_words(chunk: &[u8; 16]) -> Option<usize> {
    const ONES: u64 = 0x0101_0101_0101_0101;
    let (words, _) = chunk.as_chunks::<8>();
    words.iter().enumerate().find_map(|(index, word)| {
        let word = u64::from_le_bytes(*word);
        let (quote, slash) = (word ^ (ONES * 0x22), word ^ (ONES * 0x5C));
        // The lowest high bit set marks the first such byte; those above it may be borrows of the subtractions.
        let control = word.wrapping_sub(ONES * 0x20) & !word;
        let quote = quote.wrapping_sub(ONES) & !quote;
        let slash = slash.wrapping_sub(ONES) & !slash;
        let found = (control | quote | slash) & (ONES << 7);
        (found != 0).then(|| index * 8 + found.trailing_zeros() as usize / 8)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn all_ways_agree(chunk: [u8; 16]) {
            // Bytes as they come, and bytes that are rarely special.
            for chunk in [chunk, chunk.map(|byte| if byte < 0xF0 { byte | 0x80 } else { byte & 0x2F })] {
                let place = chunk.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..0x20));
                prop_assert_eq!(special(&chunk), place);
                prop_assert_eq!(by_words(&chunk), place);
            }
        }
    }
}
