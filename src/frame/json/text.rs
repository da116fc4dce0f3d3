//! The text of JSON strings: UTF-8, and escapes undone.

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

#[cfg(test)]
mod tests {
    use super::*;

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
