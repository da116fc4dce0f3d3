//! Needles found 32 or 64 bytes at a time, on x86-64 machines that can.
#![expect(unsafe_code, reason = "vector instructions; measured 4 to 5 times as fast as the portable words")]

use std::arch::x86_64::{
    __m256i, __m512i, _mm256_cmpeq_epi8, _mm256_loadu_si256, _mm256_movemask_epi8, _mm256_set1_epi8, _mm512_add_epi32,
    _mm512_castsi512_si128, _mm512_cmpeq_epi8_mask, _mm512_cvtepu8_epi32, _mm512_extracti32x4_epi32,
    _mm512_loadu_si512, _mm512_maskz_compress_epi8, _mm512_set1_epi8, _mm512_set1_epi32, _mm512_storeu_si512,
};

use crate::io::formats::csv::scan::portable::Swar;
use crate::io::formats::csv::scan::{Finder, Masks, Needles, Tape, run};

pub fn has_avx2() -> bool {
    let bits = is_x86_feature_detected!("bmi1") && is_x86_feature_detected!("bmi2");
    bits && is_x86_feature_detected!("avx2") && is_x86_feature_detected!("popcnt")
}

pub fn has_avx512() -> bool {
    let words = is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512bw");
    has_avx2() && words && is_x86_feature_detected!("avx512vbmi2")
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

#[target_feature(enable = "avx512f,avx512bw,avx512vbmi2,avx2,bmi1,bmi2,popcnt")]
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

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "it must be compiled with the caller's instructions")]
    fn push(self, out: &mut Vec<u32>, bits: u64, base: u32) {
        if bits == 0 {
            return;
        }
        let (len, count) = (out.len(), bits.count_ones() as usize);
        out.reserve(64);
        // SAFETY: there is room for 64 positions more; sixteen are written at a time, as long as fewer than `count` are,
        // which is at most 64; all up to the new length are. The instructions are there, since only `avx512` makes the
        // finder.
        unsafe {
            let places = _mm512_maskz_compress_epi8(bits, _mm512_loadu_si512(PLACES.as_ptr().cast()));
            let base = _mm512_set1_epi32(base.cast_signed());
            let to = out.as_mut_ptr().add(len);
            let put = |at: usize, sixteen| {
                _mm512_storeu_si512(to.add(at).cast(), _mm512_add_epi32(base, _mm512_cvtepu8_epi32(sixteen)));
            };
            put(0, _mm512_castsi512_si128(places));
            if count > 16 {
                put(16, _mm512_extracti32x4_epi32::<1>(places));
                if count > 32 {
                    put(32, _mm512_extracti32x4_epi32::<2>(places));
                    put(48, _mm512_extracti32x4_epi32::<3>(places));
                }
            }
            out.set_len(len + count);
        }
    }
}

/// The numbers of the 64 bytes of a step.
const PLACES: [u8; 64] = {
    let mut places = [0; 64];
    let mut at = 0;
    while at < 64 {
        places[at as usize] = at;
        at += 1;
    }
    places
};
