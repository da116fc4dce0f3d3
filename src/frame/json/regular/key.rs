//! Key: a key as it stands in the text, compared sixteen bytes at a time.

use crate::frame::json::regular::blanks;

/// A key in its quotes, with its colon.
#[derive(Debug, Clone)]
pub(super) struct Key {
    bytes: Box<[u8]>,
    /// The first sixteen bytes, and which of them count.
    head: u128,
    mask: u128,
    /// The last sixteen bytes of a key that has more than that.
    tail: u128,
}

impl Key {
    /// Takes a name that stands in JSON as it is; `None` for one that must be escaped, or may be.
    pub(super) fn new(name: &[u8]) -> Option<Self> {
        if name.iter().any(|byte| matches!(byte, b'"' | b'\\' | 0..0x20)) {
            return None;
        }
        let bytes: Box<[u8]> = [b"\"", name, b"\":"].concat().into();
        let mut head = [0; 16];
        head.iter_mut().zip(&bytes).for_each(|(place, byte)| *place = *byte);
        let mask = if bytes.len() < 16 { (1 << (bytes.len() * 8)) - 1 } else { u128::MAX };
        let tail = bytes.last_chunk().map_or(0, |last| u128::from_le_bytes(*last));
        Some(Self { head: u128::from_le_bytes(head), mask, tail, bytes })
    }

    /// Gives the bytes between the quotes.
    pub(super) fn name(&self) -> &[u8] {
        self.bytes.get(1..self.bytes.len() - 2).unwrap_or_default()
    }

    /// Gives the place behind the key and its colon where they stand at `at`, with no blank between.
    #[inline]
    pub(super) fn behind(&self, text: &[u8], at: usize) -> Option<usize> {
        let behind = at + self.bytes.len();
        let found = match sixteen(text, at) {
            Some(head) if head & self.mask != self.head => false,
            Some(_) if self.bytes.len() <= 16 => true,
            Some(_) if self.bytes.len() <= 32 => sixteen(text, behind - 16) == Some(self.tail),
            _ => text.get(at..behind) == Some(&*self.bytes),
        };
        found.then_some(behind)
    }

    /// The same where there may be blanks.
    pub(super) fn behind_blanks(&self, text: &[u8], at: usize) -> Option<usize> {
        let (colon, key) = self.bytes.split_last()?;
        let behind = at + key.len();
        let place = blanks(text, behind);
        (text.get(at..behind) == Some(key) && text.get(place) == Some(colon)).then_some(place + 1)
    }
}

#[inline]
fn sixteen(text: &[u8], at: usize) -> Option<u128> {
    text.get(at..)?.first_chunk().map(|chunk| u128::from_le_bytes(*chunk))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_any_length_are_told_apart() {
        for length in 0..50 {
            let name: Vec<u8> = (0..length).map(|at| b'a' + at % 26).collect();
            let key = Key::new(&name).expect("plain");
            assert_eq!(key.name(), name);
            for behind in ["", "1", "1,\"much more text than any key has in its tail\"}"] {
                let text = [b"{\"", name.as_slice(), b"\":", behind.as_bytes()].concat();
                assert_eq!(key.behind(&text, 1), Some(name.len() + 4), "{length}");
                assert_eq!(key.behind_blanks(&text, 1), Some(name.len() + 4), "{length}");
                assert_eq!(key.behind(&text, text.len()), None);
                for wrong in 1..name.len() + 4 {
                    let mut text = text.clone();
                    text[wrong] ^= 1;
                    for text in [&text, &text[..wrong]] {
                        assert_eq!(key.behind(text, 1), None, "{length}: {wrong}");
                        assert_eq!(key.behind_blanks(text, 1), None, "{length}: {wrong}");
                    }
                }
            }
            let text = [b"\"", name.as_slice(), b"\" \n: 1"].concat();
            assert_eq!(key.behind_blanks(&text, 0), Some(name.len() + 5));
            assert_eq!(key.behind(&text, 0), None);
        }
    }

    #[test]
    fn names_that_need_escapes_are_no_keys() {
        assert!(["a\"b", "a\\b", "a\nb", "\0"].iter().all(|name| Key::new(name.as_bytes()).is_none()));
        assert!(Key::new("größe/日".as_bytes()).is_some());
    }
}
