//! Wide: cells of a column that surely are fine, 64 at a time, on x86-64 machines with AVX-512 VBMI.
//!
//! Each function says of 64 cells which surely are what is asked for; the others are looked at one by one. A cell
//! in quotes, with escapes, in the last bytes of the text, or longer than a vector is never among them.
#![expect(unsafe_code, reason = "vector instructions; measured three to six times as fast as cell by cell")]

use std::arch::x86_64::*;
use std::ops::Range;

use crate::frame::raw::{ESCAPED, Fields};
use crate::frame::sieve::steps::Steps;
use crate::model::literal::{civil_from_days, days_from_civil};

/// Cells looked at together.
pub const LANES: usize = 64;

/// Bytes that may be read from a cell's first byte on.
const REACH: usize = 64;

/// What a column of whole units holds: integers, or decimals with exactly as many digits behind the point.
#[derive(Debug, Clone, Copy)]
pub struct Units {
    pub scale: u8,
    /// What every value must lie between, both included.
    pub least: i64,
    pub most: i64,
}

/// The instructions are there: only [`Wide::new`] makes one.
#[derive(Debug, Clone, Copy)]
pub struct Wide(());

/// Where 64 cells stand in a text.
#[repr(align(64))]
pub struct Lanes<'a> {
    starts: [u32; LANES],
    ends: [u32; LANES],
    /// No more than 255; 0 where the cell is not to be looked at.
    lengths: [u8; LANES],
    /// Every start is at least [`REACH`] bytes before its end, and every end 16 bytes behind its start.
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

    /// Finds where the first 64 cells of some rows of a field stand. `None` where the text is too short to be read in vectors.
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
        unsafe { between(lanes, least, most.min(254) as u8) }
    }

    /// Finds whole units of one to sixteen digits.
    #[must_use]
    pub fn units(self, lanes: &Lanes<'_>, units: Units) -> u64 {
        // SAFETY: the machine has the instructions.
        unsafe { numbers(lanes, units) }
    }

    /// Finds days written YYYY-MM-DD that lie between two, both included, as days since 1970-01-01; 29 February is not
    /// found.
    #[must_use]
    pub fn days(self, lanes: &Lanes<'_>, least: i64, most: i64) -> u64 {
        let (first, last) = (days_from_civil(1, 1, 1).into(), days_from_civil(9999, 12, 31).into());
        if least > last || most < first {
            return 0;
        }
        // SAFETY: the machine has the instructions.
        unsafe { days(lanes, day_code(least.max(first)), day_code(most.min(last))) }
    }

    /// Finds texts of up to 15 bytes, their first no quote, that are among some words, each with its length on top of its bytes.
    #[must_use]
    pub fn words(self, lanes: &Lanes<'_>, words: &[u128], quote: Option<u8>) -> u64 {
        // SAFETY: the machine has the instructions.
        unsafe { listed(lanes, words, quote) }
    }

    /// Finds ASCII texts of up to [`REACH`] bytes, their first no quote, that an automaton accepts.
    #[must_use]
    pub fn steps(self, lanes: &Lanes<'_>, steps: &Steps, quote: Option<u8>) -> u64 {
        // SAFETY: the machine has the instructions.
        unsafe { walk(lanes, steps, quote) }
    }
}

/// Gives a day as year, month and day in one number that grows with it.
fn day_code(days: i64) -> i64 {
    let (year, month, day) = civil_from_days(i32::try_from(days).unwrap_or(0));
    i64::from(year) << 9 | i64::from(month) << 5 | i64::from(day)
}

#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi,bmi1,bmi2,popcnt")]
fn find<'a>(text: &'a [u8], marks: &[u32], size: i32, count: usize, last: u32) -> Lanes<'a> {
    let mut lanes = Lanes { starts: [0; LANES], ends: [16; LANES], lengths: [0; LANES], text };
    let steps = _mm512_mullo_epi32(
        _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15),
        _mm512_set1_epi32(size),
    );
    let (place, zero) = (_mm512_set1_epi32((!ESCAPED).cast_signed()), _mm512_setzero_si512());
    for at in (0..count).step_by(16) {
        let here = u16::MAX >> (16 - (count - at).min(16));
        let first = unsafe { marks.as_ptr().add(at * size as usize) };
        // SAFETY: only marks of cells below `count` are read.
        let (start, behind) = unsafe {
            (
                _mm512_mask_i32gather_epi32::<4>(zero, here, steps, first.cast()),
                _mm512_mask_i32gather_epi32::<4>(zero, here, steps, first.add(1).cast()),
            )
        };
        let start = _mm512_and_si512(start, place);
        // An escaped cell ends before it starts.
        let end = _mm512_sub_epi32(behind, _mm512_set1_epi32(1));
        let good = _mm512_mask_cmplt_epi32_mask(here, start, end);
        let good = _mm512_mask_cmple_epu32_mask(good, end, _mm512_set1_epi32(last as i32));
        let good = _mm512_mask_cmpge_epu32_mask(good, end, _mm512_set1_epi32(16));
        let lengths = _mm512_maskz_sub_epi32(good, end, start);
        let ends = _mm512_mask_mov_epi32(_mm512_set1_epi32(16), good, end);
        // SAFETY: sixteen lanes from a multiple of sixteen below 64 on.
        unsafe {
            _mm512_storeu_si512(lanes.starts.as_mut_ptr().add(at).cast(), _mm512_maskz_mov_epi32(good, start));
            _mm512_storeu_si512(lanes.ends.as_mut_ptr().add(at).cast(), ends);
            _mm_storeu_si128(lanes.lengths.as_mut_ptr().add(at).cast(), _mm512_cvtusepi32_epi8(lengths));
        }
    }
    lanes
}

#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi,bmi1,bmi2,popcnt")]
fn between(lanes: &Lanes<'_>, least: u8, most: u8) -> u64 {
    // SAFETY: there are 64 lengths.
    let lengths = unsafe { _mm512_loadu_si512(lanes.lengths.as_ptr().cast()) };
    let inside = _mm512_test_epi8_mask(lengths, lengths);
    let inside = _mm512_mask_cmple_epu8_mask(inside, _mm512_set1_epi8(least.cast_signed()), lengths);
    _mm512_mask_cmple_epu8_mask(inside, lengths, _mm512_set1_epi8(most.cast_signed()))
}

/// Loads the sixteen bytes before four ends.
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi,bmi1,bmi2,popcnt")]
fn before(lanes: &Lanes<'_>, cells: [usize; 4]) -> __m512i {
    let text = lanes.text.as_ptr();
    // SAFETY: every end is at least 16 and within the text; cells are below 64.
    unsafe {
        let load = |cell: usize| _mm_loadu_si128(text.add(*lanes.ends.get_unchecked(cell) as usize - 16).cast());
        let low = _mm256_inserti128_si256::<1>(_mm256_castsi128_si256(load(cells[0])), load(cells[1]));
        let high = _mm256_inserti128_si256::<1>(_mm256_castsi128_si256(load(cells[2])), load(cells[3]));
        _mm512_inserti64x4::<1>(_mm512_castsi256_si512(low), high)
    }
}

/// Eight lengths to all the bytes of the lanes of their cells: those of even cells, and of odd ones.
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi,bmi1,bmi2,popcnt")]
fn spread(lanes: &Lanes<'_>, first: usize) -> (__m512i, __m512i) {
    let eight = lanes.lengths[first..first + 8].try_into().map_or(0, i64::from_le_bytes);
    let eight = _mm512_set1_epi64(eight);
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
    // SAFETY: both are 64 bytes.
    unsafe {
        let (even, odd) = (_mm512_loadu_si512(EVEN.as_ptr().cast()), _mm512_loadu_si512(ODD.as_ptr().cast()));
        (_mm512_shuffle_epi8(eight, even), _mm512_shuffle_epi8(eight, odd))
    }
}

#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi,bmi1,bmi2,popcnt")]
fn numbers(lanes: &Lanes<'_>, units: Units) -> u64 {
    let point = usize::from(units.scale > 0);
    let scale = usize::from(units.scale);
    if scale > 14 {
        return 0;
    }
    // The digits before the point move up to those behind it.
    let mut moves = [0_u8; 16];
    for (to, from) in moves.iter_mut().enumerate() {
        let moved = point == 1 && to + scale < 16;
        *from = if !moved {
            to as u8
        } else if to == 0 {
            0x80
        } else {
            to as u8 - 1
        };
    }
    let mut reversed = [0_u8; 16];
    reversed.iter_mut().enumerate().for_each(|(at, place)| *place = 15 - at as u8);
    let dot: u64 = if point == 1 { 0x0001_0001_0001_0001 << (15 - scale) } else { 0 };
    // SAFETY: both are sixteen bytes; so are the lengths.
    let (moves, reversed, lengths) = unsafe {
        (
            _mm512_broadcast_i32x4(_mm_loadu_si128(moves.as_ptr().cast())),
            _mm512_broadcast_i32x4(_mm_loadu_si128(reversed.as_ptr().cast())),
            _mm512_loadu_si512(lanes.lengths.as_ptr().cast()),
        )
    };
    let fits = _mm512_cmple_epu8_mask(lengths, _mm512_set1_epi8(16))
        & _mm512_cmpge_epu8_mask(lengths, _mm512_set1_epi8((scale + 1 + point) as i8));
    let (least, most) = (_mm512_set1_epi64(units.least), _mm512_set1_epi64(units.most));
    let (zero, nine) = (_mm512_set1_epi8(b'0' as i8), _mm512_set1_epi8(9));
    let one = _mm512_set1_epi8(point as i8);
    let mut found = 0;
    for first in (0..LANES).step_by(8) {
        if fits >> first & 0xFF == 0 {
            continue;
        }
        let (even, odd) = spread(lanes, first);
        let digits = |text: __m512i, lengths: __m512i| {
            let kept = _mm512_cmplt_epu8_mask(reversed, _mm512_sub_epi8(lengths, one));
            let joined = _mm512_shuffle_epi8(text, moves);
            let digits = _mm512_maskz_sub_epi8(kept, joined, zero);
            let missing = _mm512_mask_cmpneq_epi8_mask(dot, text, _mm512_set1_epi8(b'.' as i8));
            let bad = _mm512_mask_mov_epi8(_mm512_subs_epu8(digits, nine), missing, zero);
            let pairs = _mm512_maddubs_epi16(digits, _mm512_set1_epi16(0x010A));
            (_mm512_madd_epi16(pairs, _mm512_set1_epi32(0x0001_0064)), bad)
        };
        let (quads, bad) = digits(before(lanes, [first, first + 2, first + 4, first + 6]), even);
        let (others, worse) = digits(before(lanes, [first + 1, first + 3, first + 5, first + 7]), odd);
        let eights = _mm512_madd_epi16(_mm512_packus_epi32(quads, others), _mm512_set1_epi32(0x0001_2710));
        let high = _mm512_mul_epu32(eights, _mm512_set1_epi64(100_000_000));
        let value = _mm512_add_epi64(high, _mm512_srli_epi64::<32>(eights));
        let bad = _mm512_or_si512(_mm512_unpacklo_epi64(bad, worse), _mm512_unpackhi_epi64(bad, worse));
        let fine = _mm512_testn_epi64_mask(bad, bad);
        let fine = _mm512_mask_cmple_epi64_mask(fine, least, value);
        let fine = _mm512_mask_cmple_epi64_mask(fine, value, most);
        found |= u64::from(fine) << first;
    }
    found & fits
}

#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi,bmi1,bmi2,popcnt")]
fn days(lanes: &Lanes<'_>, least: i64, most: i64) -> u64 {
    // Of the sixteen bytes before the end the last ten are the day's.
    const DIGITS: [i8; 16] = [6, 7, 8, 9, 11, 12, 14, 15, -1, -1, -1, -1, -1, -1, -1, -1];
    const DASHES: u64 = 0x2400_2400_2400_2400;
    // SAFETY: sixteen bytes; so many as there are lengths.
    let (picks, lengths) = unsafe {
        (
            _mm512_broadcast_i32x4(_mm_loadu_si128(DIGITS.as_ptr().cast())),
            _mm512_loadu_si512(lanes.lengths.as_ptr().cast()),
        )
    };
    let fits = _mm512_cmpeq_epu8_mask(lengths, _mm512_set1_epi8(10));
    let (least, most) = (_mm512_set1_epi64(least), _mm512_set1_epi64(most));
    let set = |value: i64| _mm512_set1_epi64(value);
    let mut found = 0;
    for first in (0..LANES).step_by(8) {
        let digits = |text: __m512i| {
            let digits = _mm512_sub_epi8(_mm512_shuffle_epi8(text, picks), _mm512_set1_epi8(b'0' as i8));
            let missing = _mm512_mask_cmpneq_epi8_mask(DASHES, text, _mm512_set1_epi8(b'-' as i8));
            (digits, missing)
        };
        let (even, lost) = digits(before(lanes, [first, first + 2, first + 4, first + 6]));
        let (odd, missed) = digits(before(lanes, [first + 1, first + 3, first + 5, first + 7]));
        let (lost, missed) = (_mm512_movm_epi8(lost), _mm512_movm_epi8(missed));
        let both = _mm512_unpacklo_epi64(even, odd);
        let dashes = _mm512_unpackhi_epi64(lost, missed);
        let bad = _mm512_or_si512(_mm512_subs_epu8(both, _mm512_set1_epi8(9)), dashes);
        // Years of a century, centuries, months, days in sixteen bits each.
        let pairs = _mm512_maddubs_epi16(both, _mm512_set1_epi16(0x010A));
        let year = _mm512_and_si512(_mm512_madd_epi16(pairs, set(0x0000_0000_0001_0064)), set(0xFFFF_FFFF));
        let month = _mm512_and_si512(_mm512_srli_epi64::<32>(pairs), set(0xFFFF));
        let day = _mm512_srli_epi64::<48>(pairs);
        let odd_month = _mm512_and_si512(_mm512_add_epi64(month, _mm512_srli_epi64::<3>(month)), set(1));
        let limit = _mm512_add_epi64(odd_month, set(30));
        let limit = _mm512_mask_mov_epi64(limit, _mm512_cmpeq_epi64_mask(month, set(2)), set(28));
        let code = _mm512_or_si512(_mm512_slli_epi64::<9>(year), _mm512_or_si512(_mm512_slli_epi64::<5>(month), day));
        let fine = _mm512_testn_epi64_mask(bad, bad);
        let fine = _mm512_mask_cmple_epi64_mask(fine, set(1), year);
        let fine = _mm512_mask_cmple_epi64_mask(fine, set(1), month);
        let fine = _mm512_mask_cmple_epi64_mask(fine, month, set(12));
        let fine = _mm512_mask_cmple_epi64_mask(fine, set(1), day);
        let fine = _mm512_mask_cmple_epi64_mask(fine, day, limit);
        let fine = _mm512_mask_cmple_epi64_mask(fine, least, code);
        let fine = _mm512_mask_cmple_epi64_mask(fine, code, most);
        found |= u64::from(fine) << first;
    }
    found & fits
}

#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi,bmi1,bmi2,popcnt")]
fn listed(lanes: &Lanes<'_>, words: &[u128], quote: Option<u8>) -> u64 {
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
        let evens = ask(behind(lanes, [first, first + 2, first + 4, first + 6]), even);
        let odds = ask(behind(lanes, [first + 1, first + 3, first + 5, first + 7]), odd);
        found |= u64::from(evens | odds << 1) << first;
    }
    found & fits
}

/// Loads sixteen bytes from four starts on.
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi,bmi1,bmi2,popcnt")]
fn behind(lanes: &Lanes<'_>, cells: [usize; 4]) -> __m512i {
    let text = lanes.text.as_ptr();
    // SAFETY: behind every start there are [`REACH`] bytes; cells are below 64.
    unsafe {
        let load = |cell: usize| _mm_loadu_si128(text.add(*lanes.starts.get_unchecked(cell) as usize).cast());
        let low = _mm256_inserti128_si256::<1>(_mm256_castsi128_si256(load(cells[0])), load(cells[1]));
        let high = _mm256_inserti128_si256::<1>(_mm256_castsi128_si256(load(cells[2])), load(cells[3]));
        _mm512_inserti64x4::<1>(_mm512_castsi256_si512(low), high)
    }
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

#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi,bmi1,bmi2,popcnt")]
fn walk(lanes: &Lanes<'_>, steps: &Steps, quote: Option<u8>) -> u64 {
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
    let reach = _mm512_set1_epi8(REACH as i8);
    let mut fine = _mm512_mask_cmple_epu8_mask(_mm512_test_epi8_mask(lengths, lengths), lengths, reach);
    let longest = longest(_mm512_maskz_mov_epi8(fine, lengths));
    let mut state = _mm512_set1_epi8(steps.start as i8);
    for skip in (0..longest).step_by(8) {
        let mut rows = [_mm512_setzero_si512(); 8];
        for (number, row) in rows.iter_mut().enumerate() {
            *row = from(lanes, number * 8, skip);
        }
        let columns = transpose(rows);
        for (number, column) in columns.into_iter().enumerate() {
            let place = skip + number;
            if place == 0
                && let Some(quote) = quote
            {
                fine &= _mm512_cmpneq_epi8_mask(column, _mm512_set1_epi8(quote as i8));
            }
            let inside = _mm512_cmpgt_epu8_mask(lengths, _mm512_set1_epi8(place as i8));
            fine &= !(_mm512_movepi8_mask(column) & inside);
            let class = _mm512_permutex2var_epi8(classes.0, column, classes.1);
            let index = _mm512_add_epi8(class, state);
            state = _mm512_mask_mov_epi8(state, inside, _mm512_permutex2var_epi8(next.0, index, next.1));
        }
    }
    let ends = _mm512_permutexvar_epi8(state, accepts);
    fine & _mm512_test_epi8_mask(ends, ends)
}

/// Gives the greatest of 64 lengths.
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi,bmi1,bmi2,popcnt")]
fn longest(lengths: __m512i) -> usize {
    let half = _mm256_max_epu8(_mm512_castsi512_si256(lengths), _mm512_extracti64x4_epi64::<1>(lengths));
    let quarter = _mm_max_epu8(_mm256_castsi256_si128(half), _mm256_extracti128_si256::<1>(half));
    // The least of the complements, of which there is an instruction for sixteen bits.
    let inverse = _mm_xor_si128(quarter, _mm_set1_epi8(-1));
    let pairs = _mm_min_epu8(inverse, _mm_srli_epi16::<8>(inverse));
    255 - (_mm_extract_epi16::<0>(_mm_minpos_epu16(pairs)) & 0xFF) as usize
}

/// Turns eight bytes of 64 cells, eight cells a vector, into 64 bytes of each place, in the order of the cells.
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi,bmi1,bmi2,popcnt")]
fn transpose(rows: [__m512i; 8]) -> [__m512i; 8] {
    const INNER: [u8; 64] = {
        let mut places = [0; 64];
        let mut at = 0;
        while at < 64 {
            places[at] = (at % 8 * 8 + at / 8) as u8;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::sieve::automaton::Automaton;
    use crate::frame::sieve::texts::key;

    /// Asks for records of one cell each; text enough follows.
    fn ask(cells: &[&str], question: impl Fn(Wide, &Lanes<'_>) -> u64) -> Vec<bool> {
        let Some(wide) = Wide::new() else { return Vec::new() };
        let (mut text, mut fields) = (vec![b'x'; 16], Fields::new(1));
        for cell in cells {
            let start = u32::try_from(text.len()).expect("small");
            text.extend_from_slice(cell.as_bytes());
            text.push(b'\n');
            fields.push_separators(start, &[], u32::try_from(text.len()).expect("small"));
        }
        text.extend_from_slice(&[b'x'; REACH]);
        let lanes = wide.lanes(&text, &fields, 0, 0..cells.len()).expect("is long enough");
        let found = question(wide, &lanes);
        (0..cells.len()).map(|cell| found >> cell & 1 == 1).collect()
    }

    /// Holds what is found against what is wanted, where the machine can.
    fn holds(cells: &[(&str, bool)], question: impl Fn(Wide, &Lanes<'_>) -> u64) {
        let texts: Vec<&str> = cells.iter().map(|(cell, _)| *cell).collect();
        for shift in 0..=LANES - cells.len() {
            let padded: Vec<&str> = std::iter::repeat_n("", shift).chain(texts.iter().copied()).collect();
            let found = ask(&padded, &question);
            for ((cell, wanted), found) in cells.iter().zip(found.iter().skip(shift)) {
                assert_eq!(found, wanted, "{cell} behind {shift} others");
            }
            assert!(!found.iter().take(shift).any(|found| *found), "nothing is nothing");
        }
    }

    #[test]
    fn whole_numbers() {
        let cells =
            [("0", false), ("1", true), ("0042", true), ("9999999999999999", true), ("10000000000000000", false)];
        let more =
            [("", false), ("-1", false), ("1x", false), ("/", false), (":", false), ("12345678", true), ("1é", false)];
        let units = Units { scale: 0, least: 1, most: i64::MAX };
        holds(&[cells.as_slice(), &more].concat(), |wide, lanes| wide.units(lanes, units));
        let some = [("99", false), ("100", true), ("250", true), ("251", false), ("\"150\"", false)];
        holds(&some, |wide, lanes| wide.units(lanes, Units { scale: 0, least: 100, most: 250 }));
    }

    #[test]
    fn decimals() {
        let cells = [("0.00", false), ("0.01", true), ("1234567890123.45", true), ("12345678901234.56", false)];
        let more = [
            (".50", false),
            ("1.5", false),
            ("15", false),
            ("1,50", false),
            ("1.500", false),
            ("a.50", false),
            ("0.5.", false),
        ];
        let units = Units { scale: 2, least: 1, most: i64::MAX };
        holds(&[cells.as_slice(), &more].concat(), |wide, lanes| wide.units(lanes, units));
        let long = [("1.12345678901234", true), ("12.12345678901234", false)];
        holds(&long, |wide, lanes| wide.units(lanes, Units { scale: 14, least: 0, most: i64::MAX }));
        assert!(
            !ask(&["1.123456789012345"], |wide, lanes| wide.units(lanes, Units { scale: 15, ..units })).contains(&true)
        );
    }

    #[test]
    fn days_of_the_calendar() {
        let all = |wide: Wide, lanes: &Lanes<'_>| wide.days(lanes, i64::MIN, i64::MAX);
        let lengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
        for (month, length) in (1..).zip(lengths) {
            let days: Vec<String> = (0..40).map(|day| format!("2023-{month:02}-{day:02}")).collect();
            let texts: Vec<&str> = days.iter().map(String::as_str).collect();
            for (day, found) in ask(&texts, all).into_iter().enumerate() {
                assert_eq!(found, (1..=length).contains(&day), "{}", days[day]);
            }
        }
        let cells = [
            ("0000-01-01", false),
            ("0001-01-01", true),
            ("9999-12-31", true),
            ("2023-00-10", false),
            ("2023-13-10", false),
        ];
        let more = [
            ("2023/01-01", false),
            ("2023-01.01", false),
            ("202x-01-01", false),
            ("2023-01-01 ", false),
            ("2024-02-29", false),
        ];
        holds(&[cells.as_slice(), &more].concat(), all);
        let from = i64::from(days_from_civil(1999, 12, 31));
        let some = [
            ("1999-12-30", false),
            ("1999-12-31", true),
            ("2000-01-01", true),
            ("2000-01-02", true),
            ("2000-01-03", false),
        ];
        holds(&some, |wide, lanes| wide.days(lanes, from, from + 2));
    }

    #[test]
    fn automata() {
        let steps = |pattern: &str| {
            let automaton = Automaton::new(&format!(r"\A(?:{pattern})\z")).expect("is small");
            automaton.into_steps().expect("is smaller")
        };
        let mail = steps(r"[^@\s]+@[^@\s]+\.[A-Za-z]{2,}");
        let long = format!("{}@example.org", "a".repeat(52));
        let longer = format!("{}@example.org", "a".repeat(53));
        let cells =
            [("a@b.de", true), (long.as_str(), true), (longer.as_str(), false), ("a@b.d", false), ("a@b.dé", false)];
        let more = [
            ("", false),
            ("\"a@b.de", false),
            ("a@b.de.", false),
            ("a b@c.de", false),
            ("first.last@mail.example.com", true),
        ];
        holds(&[cells.as_slice(), &more].concat(), |wide, lanes| wide.steps(lanes, &mail, Some(b'"')));
        let sku = steps("(SKU|SKZ)-(0[0-9]{7}|[1-9][0-9]{7})");
        let cells = [
            ("SKU-01234567", true),
            ("SKZ-99999999", true),
            ("SKY-99999999", false),
            ("SKU-0123456", false),
            ("\"", false),
        ];
        holds(&cells, |wide, lanes| wide.steps(lanes, &sku, None));
    }

    #[test]
    fn words() {
        let keys: Vec<u128> =
            ["new", "fifteen letters", "\"a", "été"].map(|word| key(word.as_bytes()).expect("short")).to_vec();
        let cells =
            [("new", true), ("ne", false), ("news", false), ("fifteen letters", true), ("fifteen letter", false)];
        let more = [
            ("sixteen letters!", false),
            ("\"a", false),
            ("été", true),
            ("ete", false),
            ("", false),
            ("\"new\"", false),
        ];
        holds(&[cells.as_slice(), &more].concat(), |wide, lanes| wide.words(lanes, &keys, Some(b'"')));
        holds(&[("\"a", true), ("a", false)], |wide, lanes| wide.words(lanes, &keys, None));
    }

    #[test]
    fn lengths() {
        let long = "a".repeat(254);
        let longer = "a".repeat(255);
        let cells = [("ab", false), ("abc", true), ("abcd", true), (long.as_str(), true), (longer.as_str(), false)];
        holds(&cells, |wide, lanes| wide.between(lanes, 3, usize::MAX));
        holds(&[("abc", true), ("abcd", false)], |wide, lanes| wide.between(lanes, 0, 3));
    }

    #[test]
    fn the_edges_of_a_text_are_left_alone() {
        let Some(wide) = Wide::new() else { return };
        let text = b"1,2,3,4,5,6,7,8,9\n".repeat(5);
        let mut fields = Fields::new(9);
        for row in 0..5 {
            let start = row * 18;
            let separators: Vec<u32> = (0..8).map(|field| start + 2 * field + 1).collect();
            fields.push_separators(start, &separators, start + 18);
        }
        let units = Units { scale: 0, least: 0, most: 9 };
        for field in 0..9 {
            let lanes = wide.lanes(&text, &fields, field, 0..5).expect("is long enough");
            let ends = (0..5).map(|row| row * 18 + 2 * field + 1);
            let wanted = ends.enumerate().filter(|(_, end)| (16..=text.len() - REACH).contains(end));
            assert_eq!(wide.units(&lanes, units), wanted.fold(0, |bits, (row, _)| bits | 1 << row));
        }
        assert!(wide.lanes(&text[..REACH + 15], &fields, 0, 0..5).is_none());
        assert!(wide.lanes(&text, &fields, 0, 5..6).is_none() && wide.lanes(&text, &fields, 0, 2..2).is_none());
    }
}
