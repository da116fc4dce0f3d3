//! Text: a buffer that rows are written into, made for many short pieces.
//!
//! The bytes behind the end are kept written once and for all, so that a short piece is copied as a block of fixed
//! size (of which only the head counts) instead of through a call that looks at its length.
//!
//! Pieces are written by functions that take the bytes and a place and give the place behind the piece, so that a row
//! is written without a look at the buffer: place and bytes stay in registers. A piece that does not fit gives
//! [`FULL`], and so do all behind it; then [`Text::row`] makes room and the row is written once more.

#![expect(clippy::inline_always, reason = "a call a piece would cost as much as the piece")]

/// Bytes copied at once.
const BLOCK: usize = 32;

/// The place behind a piece that did not fit; far behind any other, and far enough from the end of numbers.
pub const FULL: usize = usize::MAX / 2;

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

/// The four digits of the numbers below 10,000, the first in the lowest byte: a look costs less than a reckoning.
static FOURS: [u32; 10_000] = {
    let mut fours = [0; 10_000];
    let mut at = 0;
    while at < 10_000 {
        let (high, low) = (PAIRS[at / 100], PAIRS[at % 100]);
        fours[at] = u32::from_le_bytes([high[0], high[1], low[0], low[1]]);
        at += 1;
    }
    fours
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

    /// Gives the piece with another one behind it.
    #[must_use]
    pub fn followed_by(&self, more: &[u8]) -> Self {
        let piece = self.long.as_deref().or_else(|| self.block.get(..self.len)).unwrap_or_default();
        Self::new(&[piece, more].concat())
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

    /// Appends what `write` writes from a place on; it gives the place behind, or [`FULL`] and is called again.
    #[inline(always)]
    pub fn row(&mut self, mut write: impl FnMut(&mut [u8], usize) -> usize) {
        loop {
            let end = write(&mut self.bytes, self.len);
            if end <= self.bytes.len() {
                self.len = end;
                return;
            }
            self.grow(self.bytes.len());
        }
    }

    #[cold]
    #[inline(never)]
    fn grow(&mut self, more: usize) {
        let wanted = (self.len + more).max(self.bytes.len() * 2).max(1 << 12);
        self.bytes.resize(wanted, 0);
    }

    /// Gives the text as bytes of its own.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        let Self { mut bytes, len } = self;
        bytes.truncate(len);
        bytes
    }

    /// Appends a byte.
    pub fn byte(&mut self, byte: u8) {
        self.push(&[byte]);
    }

    /// Writes over the byte at a place.
    pub fn set(&mut self, at: usize, byte: u8) {
        if let Some(slot) = self.bytes.get_mut(at) {
            *slot = byte;
        }
    }

    /// Appends a piece of any length.
    pub fn push(&mut self, piece: &[u8]) {
        if self.bytes.len() - self.len < piece.len() {
            self.grow(piece.len());
        }
        self.row(|out, at| put(out, at, piece));
    }
}

/// Appends what `write` writes from a place on; it gives the place behind, or [`FULL`] and is called again.
#[inline]
pub fn append(out: &mut Vec<u8>, mut write: impl FnMut(&mut [u8], usize) -> usize) {
    let (start, mut room) = (out.len(), 2 * BLOCK);
    loop {
        out.resize(start + room, 0);
        let end = write(out, start);
        if end <= out.len() {
            return out.truncate(end);
        }
        room *= 2;
    }
}

/// Gives room for a block of fixed size, where there is any.
#[inline(always)]
pub fn slot<const N: usize>(out: &mut [u8], at: usize) -> Option<&mut [u8; N]> {
    // Two comparisons, and not a third for the length of what lies behind.
    out.get_mut(at..at.wrapping_add(N))?.first_chunk_mut()
}

/// Writes a byte.
#[inline(always)]
#[must_use]
pub fn byte(out: &mut [u8], at: usize, byte: u8) -> usize {
    let Some(slot) = out.get_mut(at) else { return FULL };
    *slot = byte;
    at + 1
}

/// Writes a piece of any length.
#[inline]
#[must_use]
pub fn put(out: &mut [u8], at: usize, piece: &[u8]) -> usize {
    let Some(slot) = out.get_mut(at..).and_then(|rest| rest.get_mut(..piece.len())) else { return FULL };
    slot.copy_from_slice(piece);
    at + piece.len()
}

/// Writes the first `len` bytes of a block.
#[inline(always)]
#[must_use]
pub fn block(out: &mut [u8], at: usize, block: &[u8; BLOCK], len: usize) -> usize {
    let Some(slot) = slot(out, at) else { return put(out, at, block.get(..len).unwrap_or(block)) };
    *slot = *block;
    at + len.min(BLOCK)
}

/// Writes the bytes `start..end` of a buffer; nothing where they do not lie in it.
#[inline(always)]
#[must_use]
pub fn piece(out: &mut [u8], at: usize, buffer: &[u8], (start, end): (usize, usize)) -> usize {
    let len = end.wrapping_sub(start);
    if len <= BLOCK
        && let Some(piece) = buffer.get(start..).and_then(<[u8]>::first_chunk::<BLOCK>)
        && let Some(slot) = slot::<BLOCK>(out, at)
    {
        *slot = *piece;
        return at + len;
    }
    put(out, at, buffer.get(start..end).unwrap_or_default())
}

/// Writes the bytes `start..end` of a buffer (nothing where they do not lie in it), and one byte behind them.
#[inline(always)]
#[must_use]
pub fn ended(out: &mut [u8], at: usize, buffer: &[u8], (start, end): (usize, usize), last: u8) -> usize {
    let len = end.wrapping_sub(start);
    if len <= BLOCK
        && let Some(piece) = buffer.get(start..).and_then(<[u8]>::first_chunk::<BLOCK>)
        && let Some(slot) = slot::<{ BLOCK + 1 }>(out, at)
    {
        slot[..BLOCK].copy_from_slice(piece);
        slot[len] = last;
        return at + len + 1;
    }
    let at = put(out, at, buffer.get(start..end).unwrap_or_default());
    byte(out, at, last)
}

/// Writes the bytes `start..end` of a buffer between two quotes.
#[inline(always)]
#[must_use]
pub fn quoted(out: &mut [u8], at: usize, buffer: &[u8], (start, end): (usize, usize), quote: u8) -> usize {
    let len = end.wrapping_sub(start);
    if len <= BLOCK
        && let Some(piece) = buffer.get(start..).and_then(<[u8]>::first_chunk::<BLOCK>)
        && let Some(slot) = slot::<{ BLOCK + 2 }>(out, at)
    {
        slot[0] = quote;
        slot[1..=BLOCK].copy_from_slice(piece);
        slot[len + 1] = quote;
        return at + len + 2;
    }
    let at = byte(out, at, quote);
    let at = put(out, at, buffer.get(start..end).unwrap_or_default());
    byte(out, at, quote)
}

/// Writes a literal.
#[inline(always)]
#[must_use]
pub fn literal(out: &mut [u8], at: usize, literal: &Literal) -> usize {
    if literal.len <= BLOCK
        && let Some(slot) = slot(out, at)
    {
        *slot = literal.block;
        return at + literal.len;
    }
    if let Some(piece) = literal.block.get(..literal.len) {
        return put(out, at, piece);
    }
    put(out, at, literal.long.as_deref().unwrap_or_default())
}

/// Writes a number.
#[inline(always)]
#[must_use]
pub fn digits(out: &mut [u8], at: usize, value: u64) -> usize {
    let Some(slot) = slot::<8>(out, at) else { return padded(out, at, value, digits_of(value)) };
    if value < 10_000 {
        let (digits, len) = short(value);
        slot[..4].copy_from_slice(&digits.to_le_bytes());
        return at + len;
    }
    if value < 100_000_000 {
        let (digits, len) = short(value / 10_000);
        let low = u64::from(FOURS[(value % 10_000) as usize]);
        *slot = (u64::from(digits) | low << (8 * len)).to_le_bytes();
        return at + len + 4;
    }
    padded(out, at, value, digits_of(value))
}

/// Gives the digits of a number below 10,000 without leading zeros, the first in the lowest byte, and how many they are.
#[inline(always)]
#[must_use]
pub fn short(value: u64) -> (u32, usize) {
    let digits = FOURS.get(usize::try_from(value).unwrap_or(usize::MAX)).copied().unwrap_or_default();
    // The leading zeros are shifted out, but for the last of four.
    let zeros = ((digits & 0x0F0F_0F0F) | 1 << 24).trailing_zeros() & 0x18;
    (digits >> zeros, 4 - (zeros / 8) as usize)
}

/// Writes exactly so many digits of a number, leading zeros among them.
#[inline(never)]
#[must_use]
pub fn padded(out: &mut [u8], at: usize, value: u64, width: usize) -> usize {
    let Some(slot) = out.get_mut(at..).and_then(|rest| rest.get_mut(..width)) else { return FULL };
    fill(slot, value);
    at + width
}

/// Writes a number with its sign.
#[inline(always)]
#[must_use]
pub fn integer(out: &mut [u8], at: usize, value: i64) -> usize {
    let at = if value < 0 { byte(out, at, b'-') } else { at };
    digits(out, at, value.unsigned_abs())
}

/// Gives the eight digits of a number below 100,000,000.
#[inline(always)]
#[must_use]
pub fn eight_digits(value: u32) -> [u8; 8] {
    let four = |value: u32| FOURS.get(value as usize).copied().map_or(0, u64::from);
    (four(value / 10_000) | four(value % 10_000) << 32).to_le_bytes()
}

/// Gives the two digits of a number below 100.
#[inline(always)]
#[must_use]
pub fn pair(value: u32) -> [u8; 2] {
    PAIRS.get(value as usize).copied().unwrap_or_default()
}

/// Gives the four digits of a number below 10,000.
#[inline(always)]
#[must_use]
pub fn four_digits(value: u32) -> [u8; 4] {
    FOURS.get(value as usize).copied().unwrap_or_default().to_le_bytes()
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

    fn written(write: impl Fn(&mut [u8], usize) -> usize) -> String {
        let mut bytes = b"<".to_vec();
        append(&mut bytes, &write);
        bytes.push(b'>');
        let mut text = Text::default();
        text.push(b"<");
        text.row(write);
        text.byte(b'>');
        assert_eq!(bytes, text.as_slice());
        String::from_utf8(text.into_bytes()).unwrap()
    }

    #[test]
    fn numbers_keep_every_digit() {
        for value in [0, 7, 10, 99, 100, 9999, 10_000, 12_345, 99_999_999, 100_000_000, u64::from(u32::MAX), u64::MAX] {
            assert_eq!(written(|out, at| digits(out, at, value)), format!("<{value}>"));
        }
        for value in [i64::MIN, -10, 0, i64::MAX] {
            assert_eq!(written(|out, at| integer(out, at, value)), format!("<{value}>"));
        }
        assert_eq!(written(|out, at| padded(out, at, 42, 6)), "<000042>");
        assert_eq!(written(|out, at| padded(out, at, 42, 1)), "<2>");
        assert_eq!((eight_digits(42), four_digits(42), pair(7)), (*b"00000042", *b"0042", *b"07"));
    }

    #[test]
    fn eight_digits_are_right_for_every_four() {
        for value in 0..10_000 {
            assert_eq!(written(|out, at| digits(out, at, value)), format!("<{value}>"));
            let high = value * 10_000 + 9_999 - value;
            assert_eq!(written(|out, at| digits(out, at, high)), format!("<{high}>"));
        }
    }

    #[test]
    fn pieces_of_any_length_are_copied_whole() {
        let buffer: Vec<u8> = (0..200).map(|at| b'a' + at % 26).collect();
        for start in [0, 1, 150, 190, 200] {
            for len in [0, 1, 31, 32, 33, 100] {
                let end = (start + len).min(buffer.len());
                let piece = &buffer[start..end];
                let want = [b"<", piece, b">"].concat();
                let literal_piece = Literal::new(piece);
                assert_eq!(written(|out, at| put(out, at, piece)).into_bytes(), want);
                assert_eq!(written(|out, at| literal(out, at, &literal_piece)).into_bytes(), want);
                let followed = Literal::new(&piece[..piece.len() / 2]).followed_by(&piece[piece.len() / 2..]);
                assert_eq!(written(|out, at| literal(out, at, &followed)).into_bytes(), want);
                assert_eq!(written(|out, at| super::piece(out, at, &buffer, (start, end))).into_bytes(), want);
                let want = [b"<", piece, b";>"].concat();
                assert_eq!(written(|out, at| ended(out, at, &buffer, (start, end), b';')).into_bytes(), want);
                let want = [b"<'", piece, b"'>"].concat();
                assert_eq!(written(|out, at| quoted(out, at, &buffer, (start, end), b'\'')).into_bytes(), want);
            }
        }
        assert_eq!(written(|out, at| ended(out, at, &buffer, (300, 310), b';')), "<;>");
    }

    #[test]
    fn a_row_that_does_not_fit_is_written_again() {
        let mut text = Text::default();
        for row in 0..2000_u64 {
            text.row(|out, at| {
                let at = digits(out, at, row);
                let at = block(out, at, &[b'x'; 32], 30);
                put(out, at, b"\n")
            });
        }
        let want: String = (0..2000).map(|row| format!("{row}{}\n", "x".repeat(30))).collect();
        assert_eq!(text.as_slice(), want.as_bytes());
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
