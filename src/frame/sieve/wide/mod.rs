//! Wide: cells of a column that surely are fine, 64 at a time, on x86-64 machines with AVX-512 VBMI.
//!
//! Each function says of 64 cells which surely are what is asked for; the others are looked at one by one. A cell
//! in quotes, with escapes, in the last bytes of the text, or longer than a vector is never among them.
#![expect(unsafe_code, reason = "vector instructions; measured three to six times as fast as cell by cell")]
#![expect(clippy::wildcard_imports, reason = "vector instructions have long names of their own")]
#![expect(clippy::unused_self, reason = "where there is a value the instructions are there")]

mod number;
#[cfg(test)]
mod tests;
mod text;

use std::arch::x86_64::*;
use std::ops::Range;

use crate::frame::raw::{ESCAPED, Fields};
use crate::frame::sieve::LANES;
use crate::frame::sieve::steps::Steps;
use crate::model::literal::days_from_civil;

/// Bytes that may be read from a cell's first byte on.
const REACH: usize = 64;

/// The instructions are there: only [`Wide::new`] makes one.
#[derive(Debug, Clone, Copy)]
pub struct Wide(());

/// Where 64 cells stand in a text.
#[repr(align(64))]
pub struct Lanes<'a> {
    /// At least [`REACH`] bytes follow each of them.
    starts: [u32; LANES],
    /// Sixteen bytes before each end.
    tails: [u32; LANES],
    /// No more than 255; 0 where the cell is not to be looked at.
    lengths: [u8; LANES],
    text: &'a [u8],
}

impl Wide {
    /// Asks the machine.
    #[must_use]
    pub fn new() -> Option<Self> {
        let words = is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512bw");
        let bytes = is_x86_feature_detected!("avx512vbmi") && is_x86_feature_detected!("bmi2");
        let small = is_x86_feature_detected!("avx512dq") && is_x86_feature_detected!("avx512vl");
        (words && bytes && small).then_some(Self(()))
    }

    /// Finds where the first 64 cells of some rows of a field stand. `None` where the text is too short to be read in
    /// vectors.
    pub fn lanes<'a>(self, text: &'a [u8], fields: &Fields, field: usize, rows: Range<usize>) -> Option<Lanes<'a>> {
        let (marks, size) = fields.marks();
        let last = text.len().checked_sub(REACH).filter(|last| *last >= 16)?;
        let count = rows.len().min(LANES);
        let from = rows.start * size + field;
        let marks = marks.get(from..from + (count.checked_sub(1)? * size) + 2)?;
        let (size, last) = (i32::try_from(size).ok()?, u32::try_from(last).ok()?);
        // SAFETY: the machine has the instructions; the marks reach from the first cell's start to the last one's end.
        Some(unsafe { find(text, marks, size, count, last) })
    }

    /// Finds cells of at least and at most so many bytes, quotes included, and fewer than 255.
    #[must_use]
    pub fn between(self, lanes: &Lanes<'_>, least: usize, most: usize) -> u64 {
        let least = u8::try_from(least).unwrap_or(u8::MAX);
        // SAFETY: the machine has the instructions.
        unsafe { between(lanes, least, u8::try_from(most).unwrap_or(u8::MAX).min(254)) }
    }

    /// Finds integers, or decimals with exactly `scale` digits behind the point, of up to sixteen bytes whose digits lie
    /// between two numbers, both included.
    #[must_use]
    pub fn units(self, lanes: &Lanes<'_>, scale: u8, range: (i64, i64)) -> u64 {
        // SAFETY: the machine has the instructions.
        unsafe { number::numbers(lanes, scale, range, &mut [0; LANES]) }
    }

    /// Finds integers of up to sixteen digits, and gives their values.
    #[must_use]
    pub fn whole(self, lanes: &Lanes<'_>) -> (u64, [i64; LANES]) {
        let mut values = [0; LANES];
        // SAFETY: the machine has the instructions.
        let found = unsafe { number::numbers(lanes, 0, (0, i64::MAX), &mut values) };
        (found, values)
    }

    /// Finds days written YYYY-MM-DD that lie between two, both included, as days since 1970-01-01; 29 February is not
    /// found.
    #[must_use]
    pub fn days(self, lanes: &Lanes<'_>, (least, most): (i64, i64)) -> u64 {
        let (first, last) = (days_from_civil(1, 1, 1).into(), days_from_civil(9999, 12, 31).into());
        if least > last || most < first {
            return 0;
        }
        // SAFETY: the machine has the instructions.
        unsafe { number::days(lanes, (number::day_code(least.max(first)), number::day_code(most.min(last)))) }
    }

    /// Finds texts of up to 15 bytes, their first no quote, that are among some words, each with its length on top of its
    /// bytes.
    #[must_use]
    pub fn words(self, lanes: &Lanes<'_>, words: &[u128], quote: Option<u8>) -> u64 {
        // SAFETY: the machine has the instructions.
        unsafe { text::listed(lanes, words, quote) }
    }

    /// Finds ASCII texts of up to [`REACH`] bytes, their first no quote, that an automaton accepts.
    #[must_use]
    pub fn steps(self, lanes: &Lanes<'_>, steps: &Steps, quote: Option<u8>) -> u64 {
        // SAFETY: the machine has the instructions.
        unsafe { text::walk(lanes, steps, quote) }
    }
}

/// Finds where `count` cells stand by their marks, `size` marks a record; those that end behind `last` are left out.
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi,bmi1,bmi2,popcnt")]
fn find<'a>(text: &'a [u8], marks: &[u32], size: i32, count: usize, last: u32) -> Lanes<'a> {
    let mut lanes = Lanes { starts: [0; LANES], tails: [0; LANES], lengths: [0; LANES], text };
    let steps = _mm512_mullo_epi32(
        _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15),
        _mm512_set1_epi32(size),
    );
    let (place, zero) = (_mm512_set1_epi32((!ESCAPED).cast_signed()), _mm512_setzero_si512());
    for at in (0..count).step_by(16) {
        let here = u16::MAX >> (16 - (count - at).min(16));
        // SAFETY: only marks of cells below `count` are read.
        let (start, behind) = unsafe {
            let first = marks.as_ptr().add(at * size.unsigned_abs() as usize);
            (
                _mm512_mask_i32gather_epi32::<4>(zero, here, steps, first.cast()),
                _mm512_mask_i32gather_epi32::<4>(zero, here, steps, first.add(1).cast()),
            )
        };
        let start = _mm512_and_si512(start, place);
        // An escaped cell ends before it starts.
        let end = _mm512_sub_epi32(behind, _mm512_set1_epi32(1));
        let good = _mm512_mask_cmplt_epi32_mask(here, start, end);
        let good = _mm512_mask_cmple_epu32_mask(good, end, _mm512_set1_epi32(last.cast_signed()));
        let sixteen = _mm512_set1_epi32(16);
        let good = _mm512_mask_cmpge_epu32_mask(good, end, sixteen);
        let lengths = _mm512_maskz_sub_epi32(good, end, start);
        let tails = _mm512_maskz_sub_epi32(good, end, sixteen);
        // SAFETY: sixteen lanes from a multiple of sixteen below 64 on.
        unsafe {
            _mm512_storeu_si512(lanes.starts.as_mut_ptr().add(at).cast(), _mm512_maskz_mov_epi32(good, start));
            _mm512_storeu_si512(lanes.tails.as_mut_ptr().add(at).cast(), tails);
            _mm_storeu_si128(lanes.lengths.as_mut_ptr().add(at).cast(), _mm512_cvtusepi32_epi8(lengths));
        }
    }
    lanes
}

/// Finds the cells of some lengths.
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi,bmi1,bmi2,popcnt")]
fn between(lanes: &Lanes<'_>, least: u8, most: u8) -> u64 {
    // SAFETY: there are 64 lengths.
    let lengths = unsafe { _mm512_loadu_si512(lanes.lengths.as_ptr().cast()) };
    let inside = _mm512_test_epi8_mask(lengths, lengths);
    let inside = _mm512_mask_cmple_epu8_mask(inside, _mm512_set1_epi8(least.cast_signed()), lengths);
    _mm512_mask_cmple_epu8_mask(inside, lengths, _mm512_set1_epi8(most.cast_signed()))
}

/// Gives for each lane of sixteen bytes the place, of eight, of an even cell's length or of an odd one's.
const fn pick(odd: u64) -> [u64; 8] {
    let mut words = [0; 8];
    let mut lane = 0;
    while lane < 8 {
        words[lane] = (lane as u64 / 2 * 2 + odd) * 0x0101_0101_0101_0101;
        lane += 1;
    }
    words
}

const EVEN: [u64; 8] = pick(0);
const ODD: [u64; 8] = pick(1);

/// Gives eight lengths in all the bytes of the lanes of their cells: those of even cells, and of odd ones.
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi,bmi1,bmi2,popcnt")]
fn spread(lanes: &Lanes<'_>, first: usize) -> (__m512i, __m512i) {
    let eight = lanes.lengths[first..first + 8].try_into().map_or(0, i64::from_le_bytes);
    let eight = _mm512_set1_epi64(eight);
    // SAFETY: both are 64 bytes.
    unsafe {
        let (even, odd) = (_mm512_loadu_si512(EVEN.as_ptr().cast()), _mm512_loadu_si512(ODD.as_ptr().cast()));
        (_mm512_shuffle_epi8(eight, even), _mm512_shuffle_epi8(eight, odd))
    }
}

/// Loads the sixteen bytes from four places on: those of the first, third, fifth and seventh of the cells from `first` on.
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi,bmi1,bmi2,popcnt")]
fn sixteen(text: &[u8], places: &[u32; LANES], first: usize) -> __m512i {
    // SAFETY: the places are starts or tails of lanes of this text, of which sixteen bytes follow each; `first` is a multiple
    // of eight below 64, or one more.
    unsafe {
        let load = |cell: usize| _mm_loadu_si128(text.as_ptr().add(*places.get_unchecked(cell) as usize).cast());
        let low = _mm256_inserti128_si256::<1>(_mm256_castsi128_si256(load(first)), load(first + 2));
        let high = _mm256_inserti128_si256::<1>(_mm256_castsi128_si256(load(first + 4)), load(first + 6));
        _mm512_inserti64x4::<1>(_mm512_castsi256_si512(low), high)
    }
}
