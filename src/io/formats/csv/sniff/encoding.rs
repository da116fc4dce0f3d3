//! How a head's characters are written.

use crate::model::Encoding;

/// The encoding of a head and what speaks for it.
pub struct Found {
    /// Never `Auto`.
    pub encoding: Encoding,
    /// A byte-order mark says so.
    pub marked: bool,
    pub why: String,
}

impl Found {
    /// Gives the encoding as a source says it: UTF-8 is what is read anyway.
    pub const fn setting(&self) -> Encoding {
        match self.encoding {
            Encoding::Utf8 => Encoding::Auto,
            other => other,
        }
    }
}

/// Finds the encoding of a head; `whole`: nothing follows it.
pub fn find(head: &[u8], whole: bool) -> Found {
    let marked = |encoding| Found { encoding, marked: true, why: String::new() };
    if head.starts_with(&[0xFF, 0xFE]) {
        return marked(Encoding::Utf16Le);
    }
    if head.starts_with(&[0xFE, 0xFF]) {
        return marked(Encoding::Utf16Be);
    }
    if head.starts_with(&[0xEF, 0xBB, 0xBF]) {
        return marked(Encoding::Utf8);
    }
    if let Some(found) = wide(head) {
        return found;
    }
    let (good, bad) = sequences(head, whole);
    // A stray byte is a broken cell; text of another encoding has such bytes again and again.
    let lines = memchr::memchr_iter(b'\n', head).count();
    if bad > good.max(1) && bad * 200 >= lines {
        let why = format!("the text is read as latin1: {bad} bytes of the head are not UTF-8");
        return Found { encoding: Encoding::Latin1, marked: false, why };
    }
    Found { encoding: Encoding::Utf8, marked: false, why: String::new() }
}

/// UTF-16 without a mark: western text has a zero in every second byte.
fn wide(head: &[u8]) -> Option<Found> {
    let pairs = head.chunks_exact(2);
    let (mut little, mut big, mut count) = (0_usize, 0_usize, 0_usize);
    for pair in pairs.take(4096) {
        count += 1;
        if let [low, high] = pair {
            little += usize::from(*high == 0 && *low != 0);
            big += usize::from(*low == 0 && *high != 0);
        }
    }
    let most = |zeros: usize| count >= 4 && zeros * 10 >= count * 7;
    let encoding = if most(little) {
        Encoding::Utf16Le
    } else if most(big) {
        Encoding::Utf16Be
    } else {
        return None;
    };
    let name = if encoding == Encoding::Utf16Le { "utf-16le" } else { "utf-16be" };
    let why = format!("the text is read as {name}: every second byte of the head is zero");
    Some(Found { encoding, marked: false, why })
}

/// Counts the good sequences of several bytes, and the bytes that belong to none.
fn sequences(head: &[u8], whole: bool) -> (usize, usize) {
    let (mut good, mut bad) = (0, 0);
    let mut rest = head;
    loop {
        let (valid, error) = match std::str::from_utf8(rest) {
            Ok(_) => (rest, None),
            Err(error) => (rest.get(..error.valid_up_to()).unwrap_or_default(), Some(error)),
        };
        good += valid.iter().filter(|byte| **byte >= 0xC0).count();
        let Some(error) = error else { break };
        // A sequence that the end of the head cuts says nothing.
        let Some(length) = error.error_len() else {
            bad += usize::from(whole);
            break;
        };
        bad += length;
        rest = rest.get(valid.len() + length..).unwrap_or_default();
    }
    (good, bad)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_are_told_apart() {
        let wide = |text: &str, bytes: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(bytes).collect::<Vec<u8>>();
        for (head, encoding) in [
            (b"a,b\n".to_vec(), Encoding::Utf8),
            (b"\xEF\xBB\xBFa,b\n".to_vec(), Encoding::Utf8),
            ("größe,straße\n".as_bytes().to_vec(), Encoding::Utf8),
            (b"gr\xF6\xDFe,stra\xDFe\n".to_vec(), Encoding::Latin1),
            // One broken cell does not make a file Latin-1.
            (b"a,b\n1,x\xFF\n2,y\n".to_vec(), Encoding::Utf8),
            ("größe\nstraße\nähre\n\u{0}".as_bytes().iter().copied().chain([0xE4]).collect(), Encoding::Utf8),
            (wide("name,city\n", u16::to_le_bytes), Encoding::Utf16Le),
            (wide("name,city\n", u16::to_be_bytes), Encoding::Utf16Be),
        ] {
            assert_eq!(find(&head, true).encoding, encoding, "{head:?}");
        }
        assert_eq!(find(b"abc\xC3", false).encoding, Encoding::Utf8, "cut by the end of the head");
    }
}
