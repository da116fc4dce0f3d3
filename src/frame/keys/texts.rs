//! A set of byte strings, in their bytes and about 10 more each.

use hashbrown::HashTable;

use crate::frame::keys::hash::hash_bytes;
use crate::frame::keys::set::KeySet;

/// The number of tables; each has its own bytes, so that a place takes 4 bytes, and grows alone.
const TABLES: usize = 256;

/// Holds byte strings. Exact: equal hashes are confirmed on the bytes.
#[derive(Debug, Clone, Default)]
pub struct TextSet {
    tables: Vec<Table>,
    /// What finds no place in its table, beyond 4 GiB.
    rest: KeySet,
    len: usize,
}

#[derive(Debug, Clone, Default)]
struct Table {
    places: HashTable<u32>,
    /// Length (7 bits a byte, the last with its top bit clear), then bytes, one after another.
    bytes: Vec<u8>,
}

impl TextSet {
    /// Gives the number of strings.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Tells whether there are no strings.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Adds a string; tells whether it is new.
    pub fn insert(&mut self, text: &[u8]) -> bool {
        if self.tables.is_empty() {
            self.tables = vec![Table::default(); TABLES];
        }
        let hash = hash_bytes(text);
        let fresh = match self.tables.get_mut(table_of(hash)).and_then(|table| table.insert(hash, text)) {
            Some(fresh) => fresh,
            None => self.rest.get_or_insert(text, ()).is_none(),
        };
        self.len += usize::from(fresh);
        fresh
    }

    /// Tells whether a string is in the set; `hash` is its [`hash_bytes`].
    #[must_use]
    pub fn contains(&self, hash: u64, text: &[u8]) -> bool {
        let Some(table) = self.tables.get(table_of(hash)) else { return false };
        table.find(hash, text) || (!self.rest.is_empty() && self.rest.contains(text))
    }

    /// Walks the strings, in the order they came to each table.
    pub fn iter(&self) -> impl Iterator<Item = &[u8]> {
        let tables = self.tables.iter().flat_map(|table| {
            let mut rest = table.bytes.as_slice();
            std::iter::from_fn(move || {
                let (text, behind) = split(rest)?;
                rest = behind;
                Some(text)
            })
        });
        tables.chain(self.rest.iter().map(|(text, ())| text))
    }
}

/// Takes bits that the table itself, which looks at the lowest and the highest, does not.
fn table_of(hash: u64) -> usize {
    usize::try_from(hash >> 40).unwrap_or(0) % TABLES
}

/// Splits the first string from those behind it.
fn split(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (mut len, mut shift) = (0_usize, 0);
    let mut rest = bytes;
    loop {
        let (byte, behind) = rest.split_first()?;
        len |= usize::from(byte & 0x7f).checked_shl(shift)?;
        (rest, shift) = (behind, shift + 7);
        if *byte < 0x80 {
            return rest.split_at_checked(len);
        }
    }
}

fn text_at(bytes: &[u8], place: u32) -> &[u8] {
    bytes.get(place as usize..).and_then(split).map_or(&[], |(text, _)| text)
}

impl Table {
    fn find(&self, hash: u64, text: &[u8]) -> bool {
        self.places.find(hash, |place| text_at(&self.bytes, *place) == text).is_some()
    }

    /// Adds a string; `None` where there is no place for a new one.
    fn insert(&mut self, hash: u64, text: &[u8]) -> Option<bool> {
        if self.find(hash, text) {
            return Some(false);
        }
        let place = u32::try_from(self.bytes.len()).ok()?;
        let mut len = text.len();
        while len >= 0x80 {
            self.bytes.push(0x80 | u8::try_from(len & 0x7f).unwrap_or(0));
            len >>= 7;
        }
        self.bytes.push(u8::try_from(len).unwrap_or(0));
        self.bytes.extend_from_slice(text);
        let bytes = &self.bytes;
        self.places.insert_unique(hash, place, |other| hash_bytes(text_at(bytes, *other)));
        Some(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_kept_once() {
        let mut set = TextSet::default();
        let text = |number: usize| format!("{number}{}", "x".repeat(number % 300)).into_bytes();
        assert!((0..3_000).all(|number| set.insert(&text(number))));
        assert!((0..3_000).all(|number| !set.insert(&text(number))));
        assert!(set.insert(b"") && !set.insert(b""));
        assert!(set.contains(hash_bytes(b""), b"") && !set.contains(hash_bytes(b"x"), b"x"));
        let mut all: Vec<Vec<u8>> = set.iter().map(<[u8]>::to_vec).collect();
        let mut expected: Vec<Vec<u8>> = (0..3_000).map(text).chain([Vec::new()]).collect();
        all.sort();
        expected.sort();
        assert!(all == expected && set.len() == 3_001);
    }
}
