//! Verify: the bytes of records that no text may hold, found after framing.

use crate::frame::{FileShape, Record};
use crate::io::formats::transcode::original_len;
use crate::model::{Encoding, ParseCode, Why};

/// Marks the records with invalid text or a NUL byte as faulty.
pub fn text(text: &[u8], file: &FileShape, records: &mut [Record]) {
    let valid = file.encoding == Encoding::Latin1 || simdutf8::basic::from_utf8(text).is_ok();
    // Where NUL is the delimiter it stands everywhere.
    let clean = file.spec.delimiter == 0 || memchr::memchr(0, text).is_none();
    if valid && clean {
        return;
    }
    for at in records.iter_mut().filter(|record| record.fault.is_none()) {
        at.fault = text.get(at.start..at.start + at.len).and_then(|bytes| record(bytes, file, at.offset));
    }
}

/// Says what is wrong with the text of a record that starts at `offset` of its file.
pub fn record(bytes: &[u8], file: &FileShape, offset: u64) -> Option<Box<Why>> {
    let check = if file.spec.delimiter == 0 { invalid } else { piece };
    check(bytes, file.encoding, offset)
}

/// Says what is wrong with a piece of text that starts at `offset` of its file: bytes that are not text, or a NUL.
pub fn piece(bytes: &[u8], encoding: Encoding, offset: u64) -> Option<Box<Why>> {
    invalid(bytes, encoding, offset).or_else(|| nul(bytes, encoding, offset))
}

fn invalid(bytes: &[u8], encoding: Encoding, offset: u64) -> Option<Box<Why>> {
    let good = std::str::from_utf8(bytes).err()?.valid_up_to();
    let at = original_len(bytes.get(..good)?, encoding);
    let place = format!("at offset {} of the file", offset + at);
    let bad = bytes.get(good..).unwrap_or_default();
    let detail = match (encoding, bad) {
        (Encoding::Utf16Le | Encoding::Utf16Be, [0xFE, high, low, ..]) => {
            format!("byte 0x{:02X} {place} is half of a UTF-16 unit", (high << 4) | (low & 15))
        }
        (Encoding::Utf16Le | Encoding::Utf16Be, [_, middle, last, ..]) => {
            let unit = 0xD000 | (u16::from(middle & 0x3F) << 6) | u16::from(last & 0x3F);
            format!("the surrogate 0x{unit:04X} {place} has no partner")
        }
        (_, [byte, ..]) => format!("byte 0x{byte:02X} {place} is not UTF-8"),
        (_, []) => format!("the text {place} is not UTF-8"),
    };
    Some(Box::new(Why { code: ParseCode::InvalidUtf8, at: Some(at), detail }))
}

fn nul(bytes: &[u8], encoding: Encoding, offset: u64) -> Option<Box<Why>> {
    let hit = memchr::memchr(0, bytes)?;
    let at = original_len(bytes.get(..hit)?, encoding);
    let detail = format!("a NUL byte stands at offset {} of the file", offset + at);
    Some(Box::new(Why { code: ParseCode::NulByte, at: Some(at), detail }))
}
