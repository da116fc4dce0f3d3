//! Base64 (RFC 4648, standard alphabet, padded) and hex, to bytes and from them.

/// Writes bytes as base64.
#[must_use]
pub fn to_base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let bits = chunk.iter().zip([16, 8, 0]).fold(0, |bits, (byte, shift)| bits | u32::from(*byte) << shift);
        for place in 0..4 {
            let letter = LETTERS[(bits >> (18 - 6 * place) & 63) as usize];
            text.push(if place <= chunk.len() { char::from(letter) } else { '=' });
        }
    }
    text
}

/// Writes bytes as hex, small letters.
#[must_use]
pub fn to_hex(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from(b"0123456789abcdef"[usize::from(nibble)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// Appends the bytes that base64 text writes. `None` where it is not base64: wrong letters, blanks, missing
/// padding, or bits behind the last byte that are not zero.
#[must_use]
pub fn base64(text: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let (groups, rest) = text.as_chunks::<4>();
    if !rest.is_empty() {
        return None;
    }
    let Some((last, full)) = groups.split_last() else { return Some(()) };
    for [a, b, c, d] in full {
        out.extend_from_slice(&three([sextet(*a)?, sextet(*b)?, sextet(*c)?, sextet(*d)?]));
    }
    let (letters, kept) = match *last {
        [a, b, b'=', b'='] => ([sextet(a)?, sextet(b)?, 0, 0], 1),
        [a, b, c, b'='] => ([sextet(a)?, sextet(b)?, sextet(c)?, 0], 2),
        [a, b, c, d] => ([sextet(a)?, sextet(b)?, sextet(c)?, sextet(d)?], 3),
    };
    let bytes = three(letters);
    let (bytes, spare) = bytes.split_at(kept);
    out.extend_from_slice(bytes);
    spare.iter().all(|byte| *byte == 0).then_some(())
}

const fn three([a, b, c, d]: [u8; 4]) -> [u8; 3] {
    [a << 2 | b >> 4, b << 4 | c >> 2, c << 6 | d]
}

const fn sextet(letter: u8) -> Option<u8> {
    Some(match letter {
        b'A'..=b'Z' => letter - b'A',
        b'a'..=b'z' => letter - b'a' + 26,
        b'0'..=b'9' => letter - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    })
}

/// Appends the bytes that hex text writes, two digits a byte in any case. `None` where it is not hex.
#[must_use]
pub fn hex(text: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let (pairs, rest) = text.as_chunks::<2>();
    for [high, low] in pairs {
        let (high, low) = ((*high as char).to_digit(16)?, (*low as char).to_digit(16)?);
        out.push(u8::try_from(high << 4 | low).ok()?);
    }
    rest.is_empty().then_some(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn decoded(text: &[u8], decode: fn(&[u8], &mut Vec<u8>) -> Option<()>) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        decode(text, &mut out).map(|()| out)
    }

    #[test]
    fn base64_is_that_of_the_standard() {
        for (text, bytes) in
            [("", ""), ("Zg==", "f"), ("Zm8=", "fo"), ("Zm9v", "foo"), ("Zm9vYg==", "foob"), ("Zm9vYmFy", "foobar")]
        {
            assert_eq!(decoded(text.as_bytes(), base64).as_deref(), Some(bytes.as_bytes()), "{text}");
        }
        assert_eq!(decoded(b"+/+/", base64).as_deref(), Some([0xfb, 0xff, 0xbf].as_slice()));
        for text in ["Z", "Zg", "Zg=", "Zh==", "Zm9=", "Zg==Zg==", "Z===", "====", "Zm9 ", "-_-_", "Zg==\n"] {
            assert_eq!(decoded(text.as_bytes(), base64), None, "{text}");
        }
    }

    #[test]
    fn bytes_are_written() {
        for (plain, coded) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")] {
            assert_eq!(to_base64(plain.as_bytes()), coded);
        }
        assert_eq!(to_hex(&[0, 0x1f, 0xff]), "001fff");
    }

    #[test]
    fn hex_is_pairs_of_digits() {
        assert_eq!(decoded(b"00fFa1", hex).as_deref(), Some([0, 255, 161].as_slice()));
        for text in ["0", "0x00", "gg", "é", "00 00"] {
            assert_eq!(decoded(text.as_bytes(), hex), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn bytes_never_panic(text: Vec<u8>) {
            let _ = (decoded(&text, base64), decoded(&text, hex));
        }
    }
}
