//! Needles found 32 or 64 bytes at a time, on x86-64 machines that can.
#![expect(unsafe_code, reason = "vector instructions; measured 4 to 5 times as fast as the portable words")]

use std::arch::x86_64::{
    __m256i, __m512i, _mm256_cmpeq_epi8, _mm256_loadu_si256, _mm256_movemask_epi8, _mm256_set1_epi8,
    _mm512_cmpeq_epi8_mask, _mm512_loadu_si512, _mm512_set1_epi8,
};

use crate::io::formats::csv::scan::portable::Swar;
use crate::io::formats::csv::scan::{Finder, Masks, Needles, Tape, run};

pub fn has_avx2() -> bool {
    let bits = is_x86_feature_detected!("bmi1") && is_x86_feature_detected!("bmi2");
    bits && is_x86_feature_detected!("avx2") && is_x86_feature_detected!("popcnt")
}

pub fn has_avx512() -> bool {
    has_avx2() && is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512bw")
}

/// Scans with AVX2, or word by word on a machine without.
pub fn scan_avx2(tape: &mut Tape, needles: Needles, text: &[u8], from: usize, records: usize) {
    if !has_avx2() {
        return run(tape, Swar::new(needles), text, from, records);
    }
    // SAFETY: the machine has just been asked for every feature the function is compiled with.
    unsafe { avx2(tape, needles, text, from, records) }
}

/// Scans with AVX-512, or with what the machine has.
pub fn scan_avx512(tape: &mut Tape, needles: Needles, text: &[u8], from: usize, records: usize) {
    if !has_avx512() {
        return scan_avx2(tape, needles, text, from, records);
    }
    // SAFETY: the machine has just been asked for every feature the function is compiled with.
    unsafe { avx512(tape, needles, text, from, records) }
}

#[target_feature(enable = "avx2,bmi1,bmi2,popcnt")]
fn avx2(tape: &mut Tape, needles: Needles, text: &[u8], from: usize, records: usize) {
    run(tape, Avx2 { needles }, text, from, records);
}

#[target_feature(enable = "avx512f,avx512bw,avx2,bmi1,bmi2,popcnt")]
fn avx512(tape: &mut Tape, needles: Needles, text: &[u8], from: usize, records: usize) {
    run(tape, Avx512 { needles }, text, from, records);
}

/// Made only in [`avx2`].
#[derive(Clone, Copy)]
struct Avx2 {
    needles: Needles,
}

impl Finder for Avx2 {
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "it must be compiled with the caller's instructions")]
    fn masks(self, chunk: &[u8; 64]) -> Masks {
        let Needles { delimiter, quote } = self.needles;
        let first = chunk.as_ptr();
        // SAFETY: both loads read 32 of the chunk's 64 bytes and need no alignment; the instructions are there, since
        // only `avx2` makes the finder.
        unsafe {
            let low: __m256i = _mm256_loadu_si256(first.cast());
            let high: __m256i = _mm256_loadu_si256(first.add(32).cast());
            let find = |byte: u8| {
                let wanted = _mm256_set1_epi8(byte.cast_signed());
                let low = _mm256_movemask_epi8(_mm256_cmpeq_epi8(low, wanted)).cast_unsigned();
                let high = _mm256_movemask_epi8(_mm256_cmpeq_epi8(high, wanted)).cast_unsigned();
                u64::from(low) | (u64::from(high) << 32)
            };
            Masks {
                delimiter: find(delimiter),
                newline: find(b'\n'),
                carriage: find(b'\r'),
                quote: quote.map_or(0, find),
            }
        }
    }
}

/// Made only in [`avx512`].
#[derive(Clone, Copy)]
struct Avx512 {
    needles: Needles,
}

impl Finder for Avx512 {
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "it must be compiled with the caller's instructions")]
    fn masks(self, chunk: &[u8; 64]) -> Masks {
        let Needles { delimiter, quote } = self.needles;
        // SAFETY: the load reads the chunk's 64 bytes and needs no alignment; the instructions are there, since only
        // `avx512` makes the finder.
        unsafe {
            let bytes: __m512i = _mm512_loadu_si512(chunk.as_ptr().cast());
            let find = |byte: u8| _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8(byte.cast_signed()));
            Masks {
                delimiter: find(delimiter),
                newline: find(b'\n'),
                carriage: find(b'\r'),
                quote: quote.map_or(0, find),
            }
        }
    }
}
