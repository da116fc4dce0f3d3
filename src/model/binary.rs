//! Base64 (RFC 4648, standard alphabet, padded) and hex to bytes.

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
