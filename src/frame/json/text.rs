//! The text of JSON strings: UTF-8, where a string ends, and escapes undone.

use crate::model::{ParseCode, Why};

/// Gives bytes as text.
///
/// # Errors
/// `P006` with the first byte that is wrong.
pub(super) fn utf8(bytes: &[u8]) -> Result<&str, Box<Why>> {
    simdutf8::compat::from_utf8(bytes).map_err(|error| {
        let at = error.valid_up_to();
        let byte = bytes.get(at).copied().unwrap_or_default();
        let detail = format!("byte {} of the record is 0x{byte:02X}, which is not UTF-8 there", at + 1);
        Box::new(Why { code: ParseCode::InvalidUtf8, at: u64::try_from(at).ok(), detail })
    })
}

/// Tells whether bytes are UTF-8 but for a last character that is cut.
pub(super) fn is_cut(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_err_and(|error| error.error_len().is_none())
}

/// Appends the content of a JSON string with its escapes undone. The scanner has checked them.
pub(super) fn unescape(content: &[u8], out: &mut Vec<u8>) {
    let mut rest = content;
    while let Some(run) = memchr::memchr(b'\\', rest) {
        let (plain, escape) = rest.split_at(run);
        out.extend_from_slice(plain);
        rest = match escape {
            [_, b'u', after @ ..] => unicode(after, out),
            [_, letter, after @ ..] => {
                out.push(single(*letter));
                after
            }
            _ => &[],
        };
    }
    out.extend_from_slice(rest);
}

const fn single(letter: u8) -> u8 {
    match letter {
        b'b' => 8,
        b'f' => 12,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        other => other,
    }
}

/// Appends the character of `XXXX` or `XXXX\uXXXX` and gives what follows it.
fn unicode<'a>(after: &'a [u8], out: &mut Vec<u8>) -> &'a [u8] {
    let (unit, mut rest) = take_unit(after);
    let mut point = unit;
    if (0xD800..0xDC00).contains(&unit)
        && let Some(second) = rest.strip_prefix(b"\\u")
    {
        let (low, after) = take_unit(second);
        if (0xDC00..0xE000).contains(&low) {
            point = 0x1_0000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
            rest = after;
        }
    }
    let character = char::from_u32(point).unwrap_or(char::REPLACEMENT_CHARACTER);
    out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
    rest
}

fn take_unit(text: &[u8]) -> (u32, &[u8]) {
    let (digits, rest) = text.split_at(text.len().min(4));
    let unit = digits.iter().fold(0, |unit, digit| unit << 4 | char::from(*digit).to_digit(16).unwrap_or(0));
    (unit, rest)
}

/// Finds the first quote, backslash or control character; the text's end where there is none.
#[inline]
pub(super) fn plain_end(text: &[u8], from: usize) -> usize {
    let mut at = from;
    while let Some(chunk) = text.get(at..).and_then(|rest| rest.first_chunk()) {
        if let Some(place) = special(chunk) {
            return at + place;
        }
        at += chunk.len();
    }
    let rest = text.get(at..).unwrap_or_default();
    let end = rest.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..0x20));
    at.min(text.len()) + end.unwrap_or(rest.len())
}

/// Finds the first quote, backslash or control character among sixteen bytes. (By words: vector instructions gain
/// nothing over them at the lengths that strings have.)
#[inline]
pub(super) fn special(chunk: &[u8; 16]) -> Option<usize> {
    const ONES: u64 = 0x0101_0101_0101_0101;
    let (words, _) = chunk.as_chunks::<8>();
    words.iter().enumerate().find_map(|(index, word)| {
        let word = u64::from_le_bytes(*word);
        let (quote, slash) = (word ^ (ONES * 0x22), word ^ (ONES * 0x5C));
        // The lowest high bit set marks the first such byte; those above it may be borrows of the subtractions.
        let control = word.wrapping_sub(ONES * 0x20) & !word;
        let quote = quote.wrapping_sub(ONES) & !quote;
        let slash = slash.wrapping_sub(ONES) & !slash;
        let found = (control | quote | slash) & (ONES << 7);
        (found != 0).then(|| index * 8 + found.trailing_zeros() as usize / 8)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_first_special_byte_is_found(chunk: [u8; 16]) {
            // Bytes as they come, and bytes that are rarely special.
            for chunk in [chunk, chunk.map(|byte| if byte < 0xF0 { byte | 0x80 } else { byte & 0x2F })] {
                let place = chunk.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..0x20));
                prop_assert_eq!(special(&chunk), place);
            }
        }
    }

    #[test]
    fn plain_text_ends_at_the_first_special_byte() {
        let text: Vec<u8> = (0x20..=0xFF_u8).filter(|byte| !matches!(byte, b'"' | b'\\')).cycle().take(600).collect();
        for special in (0..0x20).chain([b'"', b'\\']) {
            for place in 0..40 {
                for from in [0, 1, 5, place] {
                    let mut text = text.clone();
                    text[place] = special;
                    text[place + 3] = b'"';
                    assert_eq!(plain_end(&text, from.min(place)), place, "{special}");
                    assert_eq!(plain_end(&text[..place], from.min(place)), place);
                }
            }
        }
    }

    fn undone(content: &str) -> String {
        let mut out = Vec::new();
        unescape(content.as_bytes(), &mut out);
        String::from_utf8(out).expect("UTF-8")
    }

    #[test]
    fn escapes_are_undone() {
        assert_eq!(undone("plain"), "plain");
        assert_eq!(undone(r#"\"\\\/\b\f\n\r\t"#), "\"\\/\u{8}\u{c}\n\r\t");
        assert_eq!(undone(r"a\u0041\u00e9z"), "aAéz");
        assert_eq!(undone(r"\uD834\uDD1E!"), "𝄞!");
        assert_eq!(undone(r"\u0000"), "\0");
    }

    #[test]
    fn broken_escapes_do_not_panic() {
        for content in [r"\", r"\u", r"\u1", r"\ud800", r"\ud800\u", r"\ud800\u0041", r"\u00zz"] {
            undone(content);
        }
    }
}
