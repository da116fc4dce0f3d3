//! Encodings: a file's bytes as UTF-8 text and back again, exactly, whatever the bytes are.
//!
//! Readers work on the *image* of a file: its text in UTF-8. What has no UTF-8 keeps a place of its own that is
//! not valid UTF-8 (so that it is found), and every image can be turned back into the very bytes it came from:
//!
//! | encoding | bytes | image |
//! |---|---|---|
//! | UTF-8 | any | the same bytes |
//! | Latin-1 | one byte | its code point |
//! | UTF-16 | a character | the character |
//! | UTF-16 | an unpaired surrogate | its three bytes as in WTF-8 (`ED A0 80` to `ED BF BF`) |
//! | UTF-16 | half a unit `b` at the end | `FE`, `80 \| b >> 4`, `80 \| b & F` |

use std::borrow::Cow;
use std::io::{self, Read};

use crate::frame::RawBatch;
use crate::model::Encoding;

/// Gives the image of a stream, block by block.
pub struct TextReader {
    inner: Box<dyn Read + Send>,
    encoding: Encoding,
    mark: &'static [u8],
    /// Bytes taken from the stream, the byte-order mark included.
    taken: u64,
    /// UTF-16: bytes that wait for the rest of their character.
    raw: Vec<u8>,
}

impl TextReader {
    /// Starts to read: finds the encoding where it is [`Encoding::Auto`] and skips the byte-order mark.
    ///
    /// # Errors
    /// Where the stream cannot be read.
    pub fn open(mut inner: Box<dyn Read + Send>, wanted: Encoding) -> io::Result<Self> {
        let mut head = Vec::with_capacity(3);
        (&mut inner).take(3).read_to_end(&mut head)?;
        let encoding = match wanted {
            Encoding::Auto if head.starts_with(byte_order_mark(Encoding::Utf16Le)) => Encoding::Utf16Le,
            Encoding::Auto if head.starts_with(byte_order_mark(Encoding::Utf16Be)) => Encoding::Utf16Be,
            Encoding::Auto => Encoding::Utf8,
            known => known,
        };
        let mark = Some(byte_order_mark(encoding)).filter(|mark| head.starts_with(mark)).unwrap_or_default();
        let head = head.split_off(mark.len());
        let inner = Box::new(io::Cursor::new(head).chain(inner));
        Ok(Self { inner, encoding, mark, taken: mark.len() as u64, raw: Vec::new() })
    }

    /// Starts to read in the middle of a file, at the start of a character.
    #[must_use]
    pub fn resume(inner: Box<dyn Read + Send>, encoding: Encoding) -> Self {
        Self { inner, encoding, mark: &[], taken: 0, raw: Vec::new() }
    }

    /// Forgets what was read and not yet given out: the stream goes on from another place.
    pub fn restart(&mut self) {
        self.raw.clear();
    }

    /// Gives the encoding found; never `Auto`.
    #[must_use]
    pub const fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// Gives the byte-order mark that was skipped; empty where there was none.
    #[must_use]
    pub const fn byte_order_mark(&self) -> &'static [u8] {
        self.mark
    }

    /// Gives the number of bytes taken from the stream so far, the byte-order mark included.
    #[must_use]
    pub const fn taken(&self) -> u64 {
        self.taken
    }

    /// Reads `bytes` of the stream (fewer only at its end) and appends their image to `out`.
    /// Gives whether the stream has ended.
    ///
    /// # Errors
    /// Where the stream cannot be read.
    pub fn fill(&mut self, out: &mut Vec<u8>, bytes: usize) -> io::Result<bool> {
        let mut end = out.len();
        let ended = self.fill_from(out, &mut end, bytes);
        out.truncate(end);
        ended
    }

    /// As [`TextReader::fill`], into a text that ends at `end`; what stands behind means nothing, before and after.
    ///
    /// # Errors
    /// As [`TextReader::fill`].
    pub fn fill_from(&mut self, out: &mut Vec<u8>, end: &mut usize, bytes: usize) -> io::Result<bool> {
        let wanted = bytes.max(1);
        if matches!(self.encoding, Encoding::Auto | Encoding::Utf8) {
            let read = take(&mut self.inner, wanted, out, end)?;
            self.taken += read as u64;
            return Ok(read < wanted);
        }
        let mut behind = self.raw.len();
        let read = take(&mut self.inner, wanted, &mut self.raw, &mut behind);
        self.raw.truncate(behind);
        let read = read?;
        self.taken += read as u64;
        let ended = read < wanted;
        out.truncate(*end);
        let used = match self.encoding {
            Encoding::Auto | Encoding::Utf8 => 0,
            Encoding::Latin1 => latin1_image(&self.raw, out),
            Encoding::Utf16Le => utf16_image(&self.raw, u16::from_le_bytes, ended, out),
            Encoding::Utf16Be => utf16_image(&self.raw, u16::from_be_bytes, ended, out),
        };
        self.raw.drain(..used);
        *end = out.len();
        Ok(ended)
    }
}

/// Reads `wanted` bytes to behind `end`, fewer only at the end; gives how many. (`read_to_end` would start with small
/// reads.)
fn take(inner: &mut dyn Read, wanted: usize, out: &mut Vec<u8>, end: &mut usize) -> io::Result<usize> {
    let (start, until) = (*end, *end + wanted);
    if out.len() < until {
        out.resize(until, 0);
    }
    loop {
        match out.get_mut(*end..until).map_or(Ok(0), |free| inner.read(free)) {
            Ok(0) => return Ok(*end - start),
            Ok(read) => *end += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// Gives the byte-order mark of an encoding; Latin-1 has none.
#[must_use]
pub const fn byte_order_mark(encoding: Encoding) -> &'static [u8] {
    match encoding {
        Encoding::Auto | Encoding::Utf8 => &[0xEF, 0xBB, 0xBF],
        Encoding::Utf16Le => &[0xFF, 0xFE],
        Encoding::Utf16Be => &[0xFE, 0xFF],
        Encoding::Latin1 => &[],
    }
}

/// Gives the original bytes of a record, line ending included. Empty for formats without text (Parquet).
#[must_use]
pub fn original_record(raw: &RawBatch, row: usize) -> Cow<'_, [u8]> {
    original(raw.record_text(row), raw.file.encoding)
}

/// Gives the bytes that an image came from. The image may be cut between any two characters.
#[must_use]
pub fn original(text: &[u8], encoding: Encoding) -> Cow<'_, [u8]> {
    let unit: fn(u16) -> [u8; 2] = match encoding {
        Encoding::Auto | Encoding::Utf8 => return Cow::Borrowed(text),
        Encoding::Latin1 => {
            return Cow::Owned(scalars(text).map(|scalar| u8::try_from(scalar.code).unwrap_or(b'?')).collect());
        }
        Encoding::Utf16Le => u16::to_le_bytes,
        Encoding::Utf16Be => u16::to_be_bytes,
    };
    let mut bytes = Vec::with_capacity(text.len() * 2);
    for scalar in scalars(text) {
        match (scalar.half, u16::try_from(scalar.code)) {
            (true, _) => bytes.push((scalar.code & 0xFF) as u8),
            (false, Ok(code)) => bytes.extend_from_slice(&unit(code)),
            (false, Err(_)) => {
                let above = scalar.code - 0x1_0000;
                bytes.extend_from_slice(&unit(0xD800 | ((above >> 10) & 0x3FF) as u16));
                bytes.extend_from_slice(&unit(0xDC00 | (above & 0x3FF) as u16));
            }
        }
    }
    Cow::Owned(bytes)
}

/// Gives the number of bytes that an image came from.
#[must_use]
pub fn original_len(text: &[u8], encoding: Encoding) -> u64 {
    let bytes = match encoding {
        Encoding::Auto | Encoding::Utf8 => text.len(),
        Encoding::Latin1 => text.iter().filter(|byte| **byte & 0xC0 != 0x80).count(),
        Encoding::Utf16Le | Encoding::Utf16Be => text.iter().map(|byte| units_bytes(*byte)).sum(),
    };
    bytes as u64
}

/// Gives how many UTF-16 bytes a character's first byte stands for; none for the bytes after it.
const fn units_bytes(lead: u8) -> usize {
    match lead {
        0x80..=0xBF => 0,
        0xF0..=0xF7 => 4,
        0xFE => 1,
        _ => 2,
    }
}

/// One character of an image: a code point, a surrogate or (`half`) a byte.
struct Scalar {
    code: u32,
    half: bool,
}

/// Walks the characters of an image.
fn scalars(text: &[u8]) -> impl Iterator<Item = Scalar> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let lead = *text.get(at)?;
        let (len, first) = match lead {
            0xC0..=0xDF => (2, lead & 0x1F),
            0xE0..=0xEF => (3, lead & 0x0F),
            0xF0..=0xF7 => (4, lead & 0x07),
            0xFE => (3, 0),
            _ => (1, lead),
        };
        let rest = text.get(at + 1..(at + len).min(text.len())).unwrap_or_default();
        at += len;
        let half = lead == 0xFE;
        let step = if half { 4 } else { 6 };
        let code = rest.iter().fold(u32::from(first), |code, byte| (code << step) | u32::from(byte & 0x3F));
        Some(Scalar { code, half })
    })
}

/// Appends the image of Latin-1 bytes; gives how many were used.
fn latin1_image(raw: &[u8], out: &mut Vec<u8>) -> usize {
    out.reserve(raw.len() + raw.len() / 8);
    for byte in raw {
        if byte.is_ascii() {
            out.push(*byte);
        } else {
            out.extend_from_slice(&[0xC0 | (byte >> 6), 0x80 | (byte & 0x3F)]);
        }
    }
    raw.len()
}

/// Appends the image of UTF-16 bytes; gives how many were used. What may still belong to a character stays,
/// unless the stream has `ended`.
fn utf16_image(raw: &[u8], unit: fn([u8; 2]) -> u16, ended: bool, out: &mut Vec<u8>) -> usize {
    out.reserve(raw.len());
    let (pairs, odd) = raw.as_chunks::<2>();
    let mut units = pairs.iter().map(|pair| unit(*pair)).peekable();
    let mut used = 0;
    while let Some(first) = units.next() {
        if first < 0x80 {
            out.push((first & 0x7F) as u8);
        } else if (0xD800..0xDC00).contains(&first) && units.peek().is_none() && !ended {
            return used;
        } else if (0xD800..0xDC00).contains(&first)
            && let Some(second) = units.next_if(|second| (0xDC00..0xE000).contains(second))
        {
            let code = 0x1_0000 + ((u32::from(first) & 0x3FF) << 10) + (u32::from(second) & 0x3FF);
            push_code(code, out);
            used += 2;
        } else {
            push_code(u32::from(first), out);
        }
        used += 2;
    }
    if let (true, [byte]) = (ended, odd) {
        out.extend_from_slice(&[0xFE, 0x80 | (byte >> 4), 0x80 | (byte & 15)]);
        used += 1;
    }
    used
}

/// Appends a code point in UTF-8, surrogates as if they were characters.
fn push_code(code: u32, out: &mut Vec<u8>) {
    let tail = |shift: u32| 0x80 | ((code >> shift) & 0x3F) as u8;
    match code {
        0..0x80 => out.push((code & 0x7F) as u8),
        0x80..0x800 => out.extend_from_slice(&[0xC0 | ((code >> 6) & 0x1F) as u8, tail(0)]),
        0x800..0x1_0000 => out.extend_from_slice(&[0xE0 | ((code >> 12) & 0x0F) as u8, tail(6), tail(0)]),
        _ => out.extend_from_slice(&[0xF0 | ((code >> 18) & 0x07) as u8, tail(12), tail(6), tail(0)]),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ALL: [Encoding; 4] = [Encoding::Utf8, Encoding::Utf16Le, Encoding::Utf16Be, Encoding::Latin1];

    fn image(bytes: &[u8], encoding: Encoding, block: usize) -> (Vec<u8>, TextReader) {
        let mut reader = TextReader::open(Box::new(io::Cursor::new(bytes.to_vec())), encoding).unwrap();
        let mut text = Vec::new();
        while !reader.fill(&mut text, block).unwrap() {}
        (text, reader)
    }

    fn utf16(text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    }

    proptest! {
        #[test]
        fn every_byte_comes_back(bytes in proptest::collection::vec(any::<u8>(), 0..200), block in 1_usize..9) {
            for encoding in ALL {
                let (text, reader) = image(&bytes, encoding, block);
                let mut back = reader.byte_order_mark().to_vec();
                back.extend_from_slice(&original(&text, encoding));
                prop_assert_eq!(&back, &bytes);
                let len = original_len(&text, encoding) + reader.byte_order_mark().len() as u64;
                prop_assert_eq!(len, bytes.len() as u64);
                prop_assert_eq!(reader.taken(), bytes.len() as u64);
            }
        }

        #[test]
        fn surrogates_come_back(units in proptest::collection::vec(0xD7F0_u16..0xE010, 0..40), block in 1_usize..9) {
            let bytes: Vec<u8> = units.iter().flat_map(|unit| unit.to_be_bytes()).collect();
            let (text, _) = image(&bytes, Encoding::Utf16Be, block);
            prop_assert_eq!(original(&text, Encoding::Utf16Be).into_owned(), bytes);
        }

        #[test]
        fn utf16_text_reads_as_utf8(text in any::<String>(), block in 1_usize..9) {
            let (read, _) = image(&utf16(&text), Encoding::Utf16Le, block);
            let wanted = text.strip_prefix('\u{feff}').unwrap_or(&text);
            prop_assert_eq!(read, wanted.as_bytes());
        }
    }

    #[test]
    fn marks_decide_the_encoding() {
        for (bytes, encoding) in [
            (&b"\xFF\xFEa\0"[..], Encoding::Utf16Le),
            (b"\xFE\xFF\0a", Encoding::Utf16Be),
            (b"\xEF\xBB\xBFa", Encoding::Utf8),
            (b"a", Encoding::Utf8),
        ] {
            let (text, reader) = image(bytes, Encoding::Auto, 64);
            assert_eq!((text.as_slice(), reader.encoding()), (&b"a"[..], encoding));
        }
    }

    #[test]
    fn what_is_no_text_is_not_utf8() {
        let (lone, _) = image(&[0x00, 0xD8, b'a', 0], Encoding::Utf16Le, 64);
        assert_eq!(lone, b"\xED\xA0\x80a");
        let (odd, _) = image(&[b'a', 0, 0x41], Encoding::Utf16Le, 64);
        assert_eq!(odd, [b'a', 0xFE, 0x84, 0x81]);
        assert!(std::str::from_utf8(&lone).is_err() && std::str::from_utf8(&odd).is_err());
        assert_eq!(image(b"\xE9", Encoding::Latin1, 1).0, "é".as_bytes());
    }

    #[test]
    fn text_that_is_no_image_does_no_harm() {
        for encoding in ALL {
            for text in [&b"\xF0"[..], b"\xE9", b"\xFE", b"\xFE\x80", b"\xFF\x80\xC3", "日本".as_bytes()] {
                let _ = original(text, encoding);
            }
        }
    }
}
