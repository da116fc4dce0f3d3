//! Text: a buffer that rows are written into, made for many short pieces.
//!
//! The bytes behind the end are kept written once and for all, so that a short piece is copied as a block of fixed
//! size (of which only the head counts) instead of through a call that looks at its length. The digits of numbers are
//! written in their place, two at a time.

/// Bytes copied at once, and kept free behind the end.
const BLOCK: usize = 32;

/// The two digits of the numbers below 100.
const PAIRS: [[u8; 2]; 100] = {
    let mut pairs = [[0; 2]; 100];
    let mut at = 0;
    while at < 100 {
        #[expect(clippy::cast_possible_truncation, reason = "below 100")]
        let value = at as u8;
        pairs[at] = [b'0' + value / 10, b'0' + value % 10];
        at += 1;
    }
    pairs
};

/// Holds text that is being written.
#[derive(Debug, Default)]
pub struct Text {
    /// Longer than the text mostly.
    bytes: Vec<u8>,
    len: usize,
}

/// A short piece that is written again and again (`,"price":`).
#[derive(Debug, Clone)]
pub struct Literal {
    block: [u8; BLOCK],
    /// The piece where it does not fit the block.
    long: Option<Box<[u8]>>,
    len: usize,
}

impl Literal {
    /// Keeps a piece.
    #[must_use]
    pub fn new(piece: &[u8]) -> Self {
        let mut block = [0; BLOCK];
        if let Some(head) = block.get_mut(..piece.len()) {
            head.copy_from_slice(piece);
        }
        Self { block, long: (piece.len() > BLOCK).then(|| piece.into()), len: piece.len() }
    }
}

impl Text {
    /// Gives the text.
    #[must_use]
    pub fn as_slice(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }

    /// Gives the number of bytes.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Tells whether there is no text.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Forgets the text, not its room.
    pub const fn clear(&mut self) {
        self.len = 0;
    }

    /// Forgets what stands behind the first `len` bytes.
    pub fn truncate(&mut self, len: usize) {
        self.len = self.len.min(len);
    }

    /// Gives the bytes the buffer holds in memory.
    #[must_use]
    pub const fn capacity(&self) -> usize {
        self.bytes.capacity()
    }

    /// Gives room for a piece of fixed size behind the text, of which the caller then keeps some.
    #[inline(always)]
    fn slot<const N: usize>(&mut self) -> &mut [u8; N] {
        // One look at the length serves as the test for room and as that for bounds.
        if self.bytes.get(self.len..self.len + N).is_none() {
            self.grow(N);
        }
        #[expect(clippy::unwrap_used, reason = "there is room for N bytes now")]
        self.bytes[self.len..self.len + N].first_chunk_mut().unwrap()
    }

    #[cold]
    #[inline(never)]
    fn grow(&mut self, more: usize) {
        let wanted = (self.len + more).max(self.bytes.len() * 2).max(1 << 12);
        self.bytes.resize(wanted, 0);
    }

    /// Appends a byte.
    #[inline(always)]
    pub fn byte(&mut self, byte: u8) {
        *self.slot() = [byte];
        self.len += 1;
    }

    /// Takes the last byte back.
    #[inline(always)]
    pub const fn pop(&mut self) {
        self.len = self.len.saturating_sub(1);
    }

    /// Writes over the byte at a place.
    pub fn set(&mut self, at: usize, byte: u8) {
        if let Some(slot) = self.bytes.get_mut(at) {
            *slot = byte;
        }
    }

    /// Appends a piece of any length.
    #[inline]
    pub fn push(&mut self, piece: &[u8]) {
        if self.bytes.len() - self.len < piece.len() {
            self.grow(piece.len());
        }
        self.bytes[self.len..self.len + piece.len()].copy_from_slice(piece);
        self.len += piece.len();
    }

    /// Appends the bytes `start..end` of a buffer, and one byte behind them.
    #[inline(always)]
    pub fn ended(&mut self, buffer: &[u8], start: usize, end: usize, byte: u8) {
        let len = end.saturating_sub(start);
        if len <= BLOCK
            && let Some(block) = buffer.get(start..start + BLOCK)
        {
            let slot = self.slot::<{ BLOCK + 1 }>();
            slot[..BLOCK].copy_from_slice(block);
            slot[len] = byte;
            self.len += len + 1;
        } else {
            self.push(buffer.get(start..end).unwrap_or_default());
            self.byte(byte);
        }
    }

    /// Appends the bytes `start..end` of a buffer; nothing where they do not lie in it.
    #[inline(always)]
    pub fn copy(&mut self, buffer: &[u8], start: usize, end: usize) {
        self.ended(buffer, start, end, 0);
        self.pop();
    }

    /// Appends the bytes `start..end` of a buffer between two quotes.
    #[inline(always)]
    pub fn quoted(&mut self, buffer: &[u8], start: usize, end: usize, quote: u8) {
        let len = end.saturating_sub(start);
        if len <= BLOCK
            && let Some(block) = buffer.get(start..start + BLOCK)
        {
            let slot = self.slot::<{ BLOCK + 2 }>();
            slot[0] = quote;
            slot[1..=BLOCK].copy_from_slice(block);
            slot[len + 1] = quote;
            self.len += len + 2;
        } else {
            self.byte(quote);
            self.push(buffer.get(start..end).unwrap_or_default());
            self.byte(quote);
        }
    }

    /// Appends a literal.
    #[inline(always)]
    pub fn literal(&mut self, literal: &Literal) {
        if literal.len <= BLOCK {
            self.block(&literal.block, literal.len);
        } else {
            self.push(literal.long.as_deref().unwrap_or_default());
        }
    }

    /// Appends the first `len` bytes of a block.
    #[inline(always)]
    pub fn block(&mut self, block: &[u8; BLOCK], len: usize) {
        *self.slot() = *block;
        self.len += len.min(BLOCK);
    }

    /// Appends a number.
    #[inline(always)]
    pub fn digits(&mut self, value: u64) {
        match u32::try_from(value) {
            Ok(value @ ..100_000_000) => {
                // The leading zeros are shifted out, but for the last of eight.
                let digits = eight(value);
                let zeros = ((digits | 1 << 56).trailing_zeros() / 8) as usize;
                *self.slot() = ((digits | ZEROS) >> (8 * zeros)).to_le_bytes();
                self.len += 8 - zeros;
            }
            _ => self.many_digits(value),
        }
    }

    #[inline(never)]
    fn many_digits(&mut self, value: u64) {
        self.padded(value, digits_of(value));
    }

    /// Appends exactly so many digits of a number, leading zeros among them; at most [`BLOCK`].
    #[inline]
    pub fn padded(&mut self, value: u64, width: usize) {
        let width = width.min(BLOCK);
        fill(&mut self.slot::<BLOCK>()[..width], value);
        self.len += width;
    }

    /// Appends a number with its sign.
    #[inline(always)]
    pub fn integer(&mut self, value: i64) {
        if value < 0 {
            self.byte(b'-');
        }
        self.digits(value.unsigned_abs());
    }
}

/// Gives the eight digits of a number below 100,000,000.
#[inline]
#[must_use]
pub const fn eight_digits(value: u32) -> [u8; 8] {
    (eight(value) | ZEROS).to_le_bytes()
}

/// Writes the last digits of a number, as many as there is room for.
#[inline]
pub fn fill(out: &mut [u8], mut value: u64) {
    let (odd, pairs) = out.as_rchunks_mut::<2>();
    for pair in pairs.iter_mut().rev() {
        *pair = PAIRS[(value % 100) as usize];
        value /= 100;
    }
    if let [digit] = odd {
        *digit = PAIRS[(value % 10) as usize][1];
    }
}

/// Gives the two digits of a number below 100.
#[inline]
#[must_use]
pub fn pair(value: u32) -> [u8; 2] {
    PAIRS.get(value as usize).copied().unwrap_or_default()
}

/// The digits of zero.
const ZEROS: u64 = 0x3030_3030_3030_3030;

/// Gives the eight digits of a number below 100,000,000, the first in the lowest byte: fours, pairs and single digits
/// are parted side by side, each division a multiplication that is exact for numbers so small.
#[inline]
const fn eight(value: u32) -> u64 {
    let fours = (value / 10_000) as u64 | ((value % 10_000) as u64) << 32;
    let high = ((fours * 10_486) >> 20) & 0x0000_007F_0000_007F;
    let pairs = high | (fours - high * 100) << 16;
    let tens = ((pairs * 103) >> 10) & 0x000F_000F_000F_000F;
    tens | (pairs - tens * 10) << 8
}

/// Counts the digits of a number.
#[inline]
const fn digits_of(value: u64) -> usize {
    match value.checked_ilog10() {
        Some(log) => log as usize + 1,
        None => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(write: impl Fn(&mut Text)) -> String {
        let mut text = Text::default();
        text.push(b"<");
        write(&mut text);
        text.byte(b'>');
        String::from_utf8(text.as_slice().to_vec()).unwrap()
    }

    #[test]
    fn numbers_keep_every_digit() {
        for value in [0, 7, 10, 99, 100, 9999, 10_000, 12_345, 999_999, 99_999_999, 100_000_000, u64::from(u32::MAX), u64::MAX] {
            assert_eq!(written(|text| text.digits(value)), format!("<{value}>"));
        }
        for value in [i64::MIN, -10, 0, i64::MAX] {
            assert_eq!(written(|text| text.integer(value)), format!("<{value}>"));
        }
        assert_eq!(written(|text| text.padded(42, 6)), "<000042>");
        assert_eq!(written(|text| text.padded(42, 1)), "<2>");
        assert_eq!(eight_digits(42), *b"00000042");
        assert_eq!((pair(7), pair(99)), (*b"07", *b"99"));
    }

    #[test]
    fn eight_digits_are_right_for_every_four() {
        for value in 0..10_000 {
            assert_eq!(written(|text| text.digits(value)), format!("<{value}>"));
            let high = value * 10_000 + 9_999 - value;
            assert_eq!(written(|text| text.digits(high)), format!("<{high}>"));
        }
    }

    #[test]
    fn pieces_of_any_length_are_copied_whole() {
        let buffer: Vec<u8> = (0..200).map(|at| b'a' + at % 26).collect();
        for start in [0, 1, 150, 190, 200] {
            for len in [0, 1, 31, 32, 33, 100] {
                let end = (start + len).min(buffer.len());
                let want = [b"<", &buffer[start..end], b">"].concat();
                assert_eq!(written(|text| text.copy(&buffer, start, end)).into_bytes(), want);
                let literal = Literal::new(&buffer[start..end]);
                assert_eq!(written(|text| text.literal(&literal)).into_bytes(), want);
                let quoted = [b"<'", &buffer[start..end], b"'>"].concat();
                assert_eq!(written(|text| text.quoted(&buffer, start, end, b'\'')).into_bytes(), quoted);
            }
        }
        assert_eq!(written(|text| text.copy(&buffer, 300, 310)), "<>");
    }

    #[test]
    fn text_can_be_forgotten() {
        let mut text = Text::default();
        text.push(&[b'x'; 10_000]);
        text.truncate(3);
        assert_eq!((text.as_slice(), text.is_empty()), (&b"xxx"[..], false));
        text.clear();
        assert!(text.is_empty() && text.capacity() >= 10_000);
    }
}
