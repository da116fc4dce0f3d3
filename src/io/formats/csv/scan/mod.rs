//! Scan: the separators of regular records, 64 bytes at a step.
//!
//! Text is *regular* up to the first byte the simple reading of quotes cannot be sure of: a quote that does not start a
//! field, text behind a closing quote, a lone CR. Parity of quotes alone would read on and be wrong; here it is checked
//! against the bytes around every quote, and the scan stops where the check fails. What it gave until then is what
//! [`framer`](super::framer) gives; the rest is left to the framer.

mod portable;
#[cfg(target_arch = "x86_64")]
mod wide;

/// The bytes that structure a file.
#[derive(Debug, Clone, Copy)]
pub struct Needles {
    pub delimiter: u8,
    pub quote: Option<u8>,
}

/// Where the needles stand in 64 bytes, one bit a byte, the first byte lowest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Masks {
    pub delimiter: u64,
    pub newline: u64,
    pub carriage: u64,
    pub quote: u64,
}

/// Which instructions look for the needles. All give the same masks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    Portable,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    #[cfg(target_arch = "x86_64")]
    Avx512,
}

impl Level {
    /// Gives every level this machine has, the fastest last.
    #[must_use]
    pub fn available() -> Vec<Self> {
        #[cfg_attr(not(target_arch = "x86_64"), expect(unused_mut, reason = "there is but one"))]
        let mut levels = vec![Self::Portable];
        #[cfg(target_arch = "x86_64")]
        {
            if wide::has_avx2() {
                levels.push(Self::Avx2);
            }
            if wide::has_avx512() {
                levels.push(Self::Avx512);
            }
        }
        levels
    }

    /// Gives the fastest level of this machine.
    #[must_use]
    pub fn best() -> Self {
        Self::available().pop().unwrap_or(Self::Portable)
    }
}

/// The separators of consecutive records.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Tape {
    /// Where the scan began, then the positions behind delimiters and line feeds outside quotes, ascending.
    pub marks: Vec<u32>,
    /// The records that end, in order.
    pub stops: Vec<Stop>,
    /// Positions of the first of two quotes that stand for one.
    pub doubled: Vec<u32>,
    /// The scan came to a byte that is not regular.
    pub stopped: bool,
    /// There are CRs.
    pub carriages: bool,
}

/// The end of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stop {
    /// The place of its line feed in [`Tape::marks`].
    pub index: u32,
    /// Line feeds in it, quoted ones included.
    pub lines: u32,
}

impl Tape {
    /// Makes an empty tape with room for as much as another one holds.
    #[must_use]
    pub fn as_large_as(other: &Self) -> Self {
        let more = |len: usize| len + len / 8 + 64;
        Self {
            marks: Vec::with_capacity(more(other.marks.len())),
            stops: Vec::with_capacity(more(other.stops.len())),
            ..Self::default()
        }
    }

    /// Scans regular text from the start of a record at `from`, to the end of the text, the first irregular byte, or
    /// about `records` records, whichever comes first. The text is shorter than 2 GiB.
    pub fn scan(&mut self, level: Level, needles: Needles, text: &[u8], from: usize, records: usize) {
        self.marks.clear();
        self.marks.push(u32::try_from(from).unwrap_or(u32::MAX));
        self.stops.clear();
        self.doubled.clear();
        (self.stopped, self.carriages) = (false, false);
        match level {
            Level::Portable => run(self, portable::Swar::new(needles), text, from, records),
            #[cfg(target_arch = "x86_64")]
            Level::Avx2 => wide::scan_avx2(self, needles, text, from, records),
            #[cfg(target_arch = "x86_64")]
            Level::Avx512 => wide::scan_avx512(self, needles, text, from, records),
        }
    }
}

/// Finds the needles in 64 bytes.
trait Finder: Copy {
    fn masks(self, chunk: &[u8; 64]) -> Masks;

    /// Appends the positions of set bits, counted from `base`, ascending.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "it must be compiled with the caller's instructions")]
    fn push(self, out: &mut Vec<u32>, bits: u64, base: u32) {
        push(out, bits, base);
    }
}

/// What one step hands to the next.
struct State {
    /// All ones inside quotes.
    inside: u64,
    /// The last byte may stand before an opening quote.
    opens: u64,
    /// The last byte was a closing quote.
    closed: u64,
    /// Line feeds since the last record's end.
    lines: u32,
}

#[inline(always)]
#[expect(clippy::inline_always, reason = "it must be compiled with the caller's instructions")]
fn run<F: Finder>(tape: &mut Tape, finder: F, text: &[u8], from: usize, records: usize) {
    let mut state = State { inside: 0, opens: 1, closed: 0, lines: 0 };
    let mut at = from;
    // In locals, so that the loop keeps them in registers.
    let mut found = std::mem::take(tape);
    while found.stops.len() < records
        && let Some(chunk) = text.get(at..).and_then(<[u8]>::first_chunk::<64>)
    {
        if !step(&mut found, finder, &mut state, finder.masks(chunk), || text.get(at + 64) == Some(&b'\n'), at) {
            found.stopped = true;
            break;
        }
        at += 64;
    }
    if let Some(rest) = text.get(at..).filter(|rest| (1..64).contains(&rest.len()) && found.stops.len() < records) {
        found.stopped |= !step(&mut found, finder, &mut state, last(finder, rest), || false, at);
    }
    *tape = found;
}

/// Looks at fewer than 64 bytes.
#[inline(always)]
#[expect(clippy::inline_always, reason = "it must be compiled with the caller's instructions")]
fn last<F: Finder>(finder: F, rest: &[u8]) -> Masks {
    // No needle is NUL where the text ends in zeros: the bits beyond it are struck out.
    let mut padded = [0; 64];
    padded[..rest.len()].copy_from_slice(rest);
    let inside = (1u64 << rest.len()) - 1;
    let found = finder.masks(&padded);
    Masks {
        delimiter: found.delimiter & inside,
        newline: found.newline & inside,
        carriage: found.carriage & inside,
        quote: found.quote & inside,
    }
}

/// Takes 64 bytes; `false` where the text stops to be regular among them.
#[inline(always)]
#[expect(clippy::inline_always, reason = "it must be compiled with the caller's instructions")]
#[expect(clippy::cast_possible_truncation, reason = "texts are shorter than 2 GiB")]
fn step<F: Finder>(
    tape: &mut Tape,
    finder: F,
    state: &mut State,
    masks: Masks,
    newline_follows: impl Fn() -> bool,
    at: usize,
) -> bool {
    let Masks { delimiter, newline, carriage, quote } = masks;
    let mut bad = 0;
    let mut separators = delimiter | newline;
    let mut ends = newline;
    if quote | state.inside | state.closed != 0 {
        let inside = prefix_xor(quote) ^ state.inside;
        let opening = quote & inside;
        let closing = quote & !inside;
        separators &= !inside;
        ends &= !inside;
        let may_open = ((separators | closing) << 1) | state.opens;
        let after_close = (closing << 1) | state.closed;
        bad = (opening & !may_open) | (after_close & !(separators | opening | (carriage & !inside)));
        let mut doubled = closing & (opening >> 1);
        // A pair may lie over the border of two steps.
        if state.closed & opening & 1 != 0 {
            tape.doubled.push(at as u32 - 1);
        }
        while doubled != 0 {
            tape.doubled.push(at as u32 + doubled.trailing_zeros());
            doubled &= doubled - 1;
        }
        state.inside = ((inside.cast_signed()) >> 63).cast_unsigned();
        state.opens = (separators | closing) >> 63;
        state.closed = closing >> 63;
    } else {
        state.opens = separators >> 63;
    }
    if carriage != 0 {
        tape.carriages = true;
        // A lone CR in quotes is a line of its own to some readers: the framer counts.
        bad |= carriage & !((newline >> 1) | (u64::from(newline_follows()) << 63));
    }
    if bad != 0 {
        // Only what lies before the first irregular byte counts.
        let good = (bad & bad.wrapping_neg()) - 1;
        separators &= good;
        ends &= good;
    }
    let first = tape.marks.len();
    finder.push(&mut tape.marks, separators, at as u32 + 1);
    let mut seen = newline;
    while ends != 0 {
        let bit = ends.trailing_zeros();
        let upto = u64::MAX >> (63 - bit);
        let index = first as u32 + (separators & upto).count_ones() - 1;
        let lines = state.lines + (seen & upto).count_ones();
        tape.stops.push(Stop { index, lines });
        seen &= !upto;
        state.lines = 0;
        ends &= ends - 1;
    }
    state.lines += seen.count_ones();
    bad == 0
}

/// Appends the positions of set bits.
#[inline(always)]
#[expect(clippy::inline_always, reason = "it must be compiled with the caller's instructions")]
fn push(out: &mut Vec<u32>, mut bits: u64, base: u32) {
    // Eight at once without asking: most chunks have no more, and what is too much is cut off again.
    let count = bits.count_ones() as usize;
    let len = out.len();
    while bits != 0 {
        let mut eight = [0; 8];
        for position in &mut eight {
            *position = base.wrapping_add(bits.trailing_zeros());
            bits &= bits.wrapping_sub(1);
        }
        out.extend_from_slice(&eight);
    }
    out.truncate(len + count);
}

/// Bit n of the result is the parity of the bits 0 to n.
#[inline(always)]
#[expect(clippy::inline_always, reason = "it must be compiled with the caller's instructions")]
const fn prefix_xor(mut bits: u64) -> u64 {
    bits ^= bits << 1;
    bits ^= bits << 2;
    bits ^= bits << 4;
    bits ^= bits << 8;
    bits ^= bits << 16;
    bits ^ (bits << 32)
}

#[cfg(test)]
mod tests;
