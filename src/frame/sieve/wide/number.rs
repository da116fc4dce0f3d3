//! Numbers and days, read four cells a vector.

use std::arch::x86_64::*;

use crate::frame::sieve::LANES;
use crate::frame::sieve::wide::{Lanes, sixteen, spread};
use crate::model::literal::civil_from_days;

/// Gives a day as year, month and day in one number that grows with it.
pub(super) fn day_code(days: i64) -> i64 {
    let (year, month, day) = civil_from_days(i32::try_from(days).unwrap_or(0));
    i64::from(year) << 9 | i64::from(month) << 5 | i64::from(day)
}

/// A place that no byte is taken from.
const NOTHING: u8 = 0x80;

/// Reads up to sixteen digits of eight cells at a time: pairs, fours, eights, one. Leaves the numbers in `values`; those
/// of cells that are not found mean nothing.
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi,bmi1,bmi2,popcnt")]
pub(super) fn numbers(lanes: &Lanes<'_>, scale: u8, (least, most): (i64, i64), values: &mut [i64; LANES]) -> u64 {
    let point = u8::from(scale > 0);
    if scale > 14 {
        return 0;
    }
    // The digits before the point move up to those behind it.
    let (mut moves, mut reversed) = ([0_u8; 16], [0_u8; 16]);
    for ((place, from), back) in (0_u8..).zip(&mut moves).zip(&mut reversed) {
        let moved = point == 1 && place + scale < 16;
        *from = if moved { place.checked_sub(1).unwrap_or(NOTHING) } else { place };
        *back = 15 - place;
    }
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
        & _mm512_cmpge_epu8_mask(lengths, _mm512_set1_epi8((scale + 1 + point).cast_signed()));
    let (least, most) = (_mm512_set1_epi64(least), _mm512_set1_epi64(most));
    let (zero, nine) = (_mm512_set1_epi8(b'0'.cast_signed()), _mm512_set1_epi8(9));
    let one = _mm512_set1_epi8(point.cast_signed());
    let mut found = 0;
    for first in (0..LANES).step_by(8) {
        if (fits >> first).trailing_zeros() >= 8 {
            continue;
        }
        let (even, odd) = spread(lanes, first);
        let digits = |text: __m512i, lengths: __m512i| {
            let kept = _mm512_cmplt_epu8_mask(reversed, _mm512_sub_epi8(lengths, one));
            let joined = _mm512_shuffle_epi8(text, moves);
            let digits = _mm512_maskz_sub_epi8(kept, joined, zero);
            let missing = _mm512_mask_cmpneq_epi8_mask(dot, text, _mm512_set1_epi8(b'.'.cast_signed()));
            let bad = _mm512_mask_mov_epi8(_mm512_subs_epu8(digits, nine), missing, zero);
            let pairs = _mm512_maddubs_epi16(digits, _mm512_set1_epi16(0x010A));
            (_mm512_madd_epi16(pairs, _mm512_set1_epi32(0x0001_0064)), bad)
        };
        let (quads, bad) = digits(sixteen(lanes.text, &lanes.tails, first), even);
        let (others, worse) = digits(sixteen(lanes.text, &lanes.tails, first + 1), odd);
        let eights = _mm512_madd_epi16(_mm512_packus_epi32(quads, others), _mm512_set1_epi32(0x0001_2710));
        let high = _mm512_mul_epu32(eights, _mm512_set1_epi64(100_000_000));
        let value = _mm512_add_epi64(high, _mm512_srli_epi64::<32>(eights));
        // SAFETY: eight numbers from a multiple of eight below 64 on.
        unsafe { _mm512_storeu_si512(values.as_mut_ptr().add(first).cast(), value) };
        let bad = _mm512_or_si512(_mm512_unpacklo_epi64(bad, worse), _mm512_unpackhi_epi64(bad, worse));
        let fine = _mm512_testn_epi64_mask(bad, bad);
        let fine = _mm512_mask_cmple_epi64_mask(fine, least, value);
        let fine = _mm512_mask_cmple_epi64_mask(fine, value, most);
        found |= u64::from(fine) << first;
    }
    found & fits
}

/// Reads the digits of eight days at a time and holds them against the calendar.
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi,bmi1,bmi2,popcnt")]
pub(super) fn days(lanes: &Lanes<'_>, (least, most): (i64, i64)) -> u64 {
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
            let digits = _mm512_sub_epi8(_mm512_shuffle_epi8(text, picks), _mm512_set1_epi8(b'0'.cast_signed()));
            let missing = _mm512_mask_cmpneq_epi8_mask(DASHES, text, _mm512_set1_epi8(b'-'.cast_signed()));
            (digits, missing)
        };
        let (even, lost) = digits(sixteen(lanes.text, &lanes.tails, first));
        let (odd, missed) = digits(sixteen(lanes.text, &lanes.tails, first + 1));
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
