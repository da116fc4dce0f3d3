//! Texts: short words, and automata that step through 64 cells at once.

use std::arch::x86_64::*;

use crate::frame::sieve::LANES;
use crate::frame::sieve::steps::Steps;
use crate::frame::sieve::wide::{Lanes, REACH, sixteen, spread};

/// Compares the words of four cells with each that is listed.
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi,bmi1,bmi2,popcnt")]
pub(super) fn listed(lanes: &Lanes<'_>, words: &[u128], quote: Option<u8>) -> u64 {
    const PLACES: [u8; 16] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];
    const FIRST: u64 = 0x0001_0001_0001_0001;
    // SAFETY: sixteen bytes; so many as there are lengths.
    let (places, lengths) = unsafe {
        (
            _mm512_broadcast_i32x4(_mm_loadu_si128(PLACES.as_ptr().cast())),
            _mm512_loadu_si512(lanes.lengths.as_ptr().cast()),
        )
    };
    let fits = _mm512_mask_cmple_epu8_mask(_mm512_test_epi8_mask(lengths, lengths), lengths, _mm512_set1_epi8(15));
    let mut found = 0;
    for first in (0..LANES).step_by(8) {
        let (even, odd) = spread(lanes, first);
        let ask = |text: __m512i, lengths: __m512i| {
            let kept = _mm512_cmplt_epu8_mask(places, lengths);
            let quoted = quote
                .map_or(0, |quote| _mm512_mask_cmpeq_epi8_mask(FIRST, text, _mm512_set1_epi8(quote.cast_signed())));
            // A quoted word is none that is listed: its length is 0.
            let length = _mm512_maskz_mov_epi8((FIRST & !quoted) << 15, lengths);
            let key = _mm512_or_si512(_mm512_maskz_mov_epi8(kept, text), length);
            words.iter().fold(0, |found, word| {
                // SAFETY: a word is sixteen bytes.
                let word = unsafe { _mm512_broadcast_i32x4(_mm_loadu_si128(std::ptr::from_ref(word).cast())) };
                let equal = _mm512_cmpeq_epi64_mask(key, word);
                found | (equal & equal >> 1 & 0x55)
            })
        };
        let evens = ask(sixteen(lanes.text, &lanes.starts, first), even);
        let odds = ask(sixteen(lanes.text, &lanes.starts, first + 1), odd);
        found |= u64::from(evens | odds << 1) << first;
    }
    found & fits
}

/// Steps through 64 cells, a byte of each at a time.
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi,bmi1,bmi2,popcnt")]
pub(super) fn walk(lanes: &Lanes<'_>, steps: &Steps, quote: Option<u8>) -> u64 {
    // SAFETY: the tables are 128 bytes, the end 64; so many as there are lengths.
    let (classes, next, accepts, lengths) = unsafe {
        let two = |table: &[u8; 128]| {
            (_mm512_loadu_si512(table.as_ptr().cast()), _mm512_loadu_si512(table.as_ptr().add(64).cast()))
        };
        (
            two(&steps.classes),
            two(&steps.next),
            _mm512_loadu_si512(steps.accepts.as_ptr().cast()),
            _mm512_loadu_si512(lanes.lengths.as_ptr().cast()),
        )
    };
    let reach = _mm512_set1_epi8(i8::try_from(REACH).unwrap_or(0));
    let mut fine = _mm512_mask_cmple_epu8_mask(_mm512_test_epi8_mask(lengths, lengths), lengths, reach);
    let longest = longest(_mm512_maskz_mov_epi8(fine, lengths));
    let mut state = _mm512_set1_epi8(steps.start.cast_signed());
    for skip in (0..longest).step_by(8) {
        let mut rows = [_mm512_setzero_si512(); 8];
        for (number, row) in rows.iter_mut().enumerate() {
            *row = from(lanes, number * 8, skip);
        }
        let columns = transpose(&rows);
        for (number, column) in columns.into_iter().enumerate() {
            let place = skip + number;
            if place == 0
                && let Some(quote) = quote
            {
                fine &= _mm512_cmpneq_epi8_mask(column, _mm512_set1_epi8(quote.cast_signed()));
            }
            let inside = _mm512_cmpgt_epu8_mask(lengths, _mm512_set1_epi8(i8::try_from(place).unwrap_or(i8::MAX)));
            fine &= !(_mm512_movepi8_mask(column) & inside);
            let class = _mm512_permutex2var_epi8(classes.0, column, classes.1);
            let index = _mm512_add_epi8(class, state);
            state = _mm512_mask_mov_epi8(state, inside, _mm512_permutex2var_epi8(next.0, index, next.1));
        }
    }
    let ends = _mm512_permutexvar_epi8(state, accepts);
    fine & _mm512_test_epi8_mask(ends, ends)
}

/// Loads eight bytes of each of eight cells, from `skip` bytes behind their starts on.
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi,bmi1,bmi2,popcnt")]
fn from(lanes: &Lanes<'_>, first: usize, skip: usize) -> __m512i {
    // SAFETY: eight starts from a multiple of eight below 64 on; behind each there are [`REACH`] bytes, and `skip` is a
    // multiple of eight below that.
    unsafe {
        let starts = _mm256_loadu_si256(lanes.starts.as_ptr().add(first).cast());
        _mm512_i32gather_epi64::<1>(starts, lanes.text.as_ptr().add(skip).cast())
    }
}

/// Gives the greatest of 64 lengths.
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi,bmi1,bmi2,popcnt")]
fn longest(lengths: __m512i) -> usize {
    let half = _mm256_max_epu8(_mm512_castsi512_si256(lengths), _mm512_extracti64x4_epi64::<1>(lengths));
    let quarter = _mm_max_epu8(_mm256_castsi256_si128(half), _mm256_extracti128_si256::<1>(half));
    // The least of the complements, of which there is an instruction for sixteen bits.
    let inverse = _mm_xor_si128(quarter, _mm_set1_epi8(-1));
    let pairs = _mm_min_epu8(inverse, _mm_srli_epi16::<8>(inverse));
    255 - usize::from(_mm_extract_epi16::<0>(_mm_minpos_epu16(pairs)).to_le_bytes()[0])
}

/// Turns eight bytes of 64 cells, eight cells a vector, into 64 bytes of each place, in the order of the cells.
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi,bmi1,bmi2,popcnt")]
fn transpose(rows: &[__m512i; 8]) -> [__m512i; 8] {
    const INNER: [u8; 64] = {
        let mut places = [0; 64];
        let mut at = 0_u8;
        while at < 64 {
            places[at as usize] = at % 8 * 8 + at / 8;
            at += 1;
        }
        places
    };
    // SAFETY: 64 bytes.
    let inner = unsafe { _mm512_loadu_si512(INNER.as_ptr().cast()) };
    // Within each vector: word k holds byte k of its eight cells.
    let r = rows.map(|row| _mm512_permutexvar_epi8(inner, row));
    // Words of eight vectors: two by two, four by four, eight by eight.
    let (a0, a1) = (_mm512_unpacklo_epi64(r[0], r[1]), _mm512_unpackhi_epi64(r[0], r[1]));
    let (a2, a3) = (_mm512_unpacklo_epi64(r[2], r[3]), _mm512_unpackhi_epi64(r[2], r[3]));
    let (a4, a5) = (_mm512_unpacklo_epi64(r[4], r[5]), _mm512_unpackhi_epi64(r[4], r[5]));
    let (a6, a7) = (_mm512_unpacklo_epi64(r[6], r[7]), _mm512_unpackhi_epi64(r[6], r[7]));
    // a0: words 0, 2, 4, 6 of vectors 0 and 1, a pair a lane of 128 bits; a1: words 1, 3, 5, 7.
    let lanes = |a: __m512i, b: __m512i, c: __m512i, d: __m512i| {
        let (low, more) = (_mm512_shuffle_i64x2::<0x88>(a, b), _mm512_shuffle_i64x2::<0xDD>(a, b));
        let (other, last) = (_mm512_shuffle_i64x2::<0x88>(c, d), _mm512_shuffle_i64x2::<0xDD>(c, d));
        // low: lanes 0 and 2 of a and of b; more: lanes 1 and 3.
        [
            _mm512_shuffle_i64x2::<0x88>(low, other),
            _mm512_shuffle_i64x2::<0x88>(more, last),
            _mm512_shuffle_i64x2::<0xDD>(low, other),
            _mm512_shuffle_i64x2::<0xDD>(more, last),
        ]
    };
    let even = lanes(a0, a2, a4, a6);
    let odd = lanes(a1, a3, a5, a7);
    [even[0], odd[0], even[1], odd[1], even[2], odd[2], even[3], odd[3]]
}
