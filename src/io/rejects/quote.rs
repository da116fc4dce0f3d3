//! Quote: text as a JSON string, the same bytes as those of `serde_json`.

/// What stands behind the backslash for a byte that cannot stand as it is; 0 for those that can, `u` for a code.
const ESCAPES: [u8; 256] = {
    let mut escapes = [0; 256];
    let mut byte = 0;
    while byte < 0x20 {
        escapes[byte] = b'u';
        byte += 1;
    }
    escapes[0x08] = b'b';
    escapes[b'\t' as usize] = b't';
    escapes[b'\n' as usize] = b'n';
    escapes[0x0C] = b'f';
    escapes[b'\r' as usize] = b'r';
    escapes[b'"' as usize] = b'"';
    escapes[b'\\' as usize] = b'\\';
    escapes
};

/// Appends text as a JSON string.
pub fn put_quoted(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    let mut rest = text.as_bytes();
    while let Some(at) = first_escaped(rest) {
        let (plain, others) = rest.split_at(at);
        out.extend_from_slice(plain);
        let Some((byte, others)) = others.split_first() else { break };
        match ESCAPES[usize::from(*byte)] {
            b'u' => {
                let digit = |half: u8| if half < 10 { b'0' + half } else { b'a' + half - 10 };
                out.extend_from_slice(&[b'\\', b'u', b'0', b'0', digit(byte >> 4), digit(byte & 15)]);
            }
            escape => out.extend_from_slice(&[b'\\', escape]),
        }
        rest = others;
    }
    out.extend_from_slice(rest);
    out.push(b'"');
}

/// Gives text as a JSON string.
pub fn quoted(text: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() + 2);
    put_quoted(text, &mut out);
    out
}

/// Finds the first byte that cannot stand as it is, eight at a time.
fn first_escaped(text: &[u8]) -> Option<usize> {
    let (words, rest) = text.as_chunks::<8>();
    let among = |bytes: &[u8]| bytes.iter().position(|byte| ESCAPES[usize::from(*byte)] != 0);
    for (number, bytes) in words.iter().enumerate() {
        if may_be_escaped(u64::from_le_bytes(*bytes))
            && let Some(at) = among(bytes)
        {
            return Some(number * 8 + at);
        }
    }
    among(rest).map(|at| text.len() - rest.len() + at)
}

/// Tells whether one of eight bytes may be a control character, a quote or a backslash.
const fn may_be_escaped(word: u64) -> bool {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGHS: u64 = 0x8080_8080_8080_8080;
    // A byte below `n` borrows from its own top bit; a byte above one that does may borrow too.
    let control = word.wrapping_sub(ONES * 0x20) & !word;
    let quote = word ^ (ONES * b'"' as u64);
    let backslash = word ^ (ONES * b'\\' as u64);
    (control | (quote.wrapping_sub(ONES) & !quote) | (backslash.wrapping_sub(ONES) & !backslash)) & HIGHS != 0
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn same(text: &str) {
        assert_eq!(String::from_utf8(quoted(text)).unwrap(), serde_json::to_string(text).unwrap());
    }

    #[test]
    fn every_ascii_character_at_every_place() {
        for byte in 0..=0x7F_u8 {
            for before in 0..17 {
                same(&format!("{}{}é€", "x".repeat(before), char::from(byte)));
            }
        }
    }

    proptest! {
        #[test]
        fn texts_are_those_of_serde(text in "([a-z \"\\\\\t\u{1}-\u{20}\u{7f}\u{80}é€😀]|[a-zA-Z0-9]{8}){0,40}", any in any::<String>()) {
            same(&text);
            same(&any);
        }
    }
}
