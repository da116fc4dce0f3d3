//! `KeySet`: an exact set of encoded keys, each with a value.

use std::hash::BuildHasher;

use foldhash::fast::FixedState;
use hashbrown::HashTable;

/// Maps encoded keys to values, in about key bytes + 24 bytes + the value a key.
#[derive(Debug, Clone, Default)]
pub struct KeySet<V = ()> {
    table: HashTable<u32>,
    entries: Vec<Entry<V>>,
    bytes: Vec<u8>,
}

#[derive(Debug, Clone)]
struct Entry<V> {
    start: usize,
    len: u32,
    value: V,
}

// Fixed, so that two runs do the same work; no adversary gains more than time from collisions.
const HASHER: FixedState = FixedState::with_seed(0x6b61_7261);

impl<V> KeySet<V> {
    /// Makes an empty set.
    #[must_use]
    pub const fn new() -> Self {
        Self { table: HashTable::new(), entries: Vec::new(), bytes: Vec::new() }
    }

    /// Gives the number of keys.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.entries.len()
    }

    /// Tells whether there are no keys.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Tells whether a key is in the set.
    #[must_use]
    pub fn contains(&self, key: &[u8]) -> bool {
        self.find(key).is_some()
    }

    /// Gives a key's value to change, where the key is in the set.
    pub fn get_mut(&mut self, key: &[u8]) -> Option<&mut V> {
        self.find(key).map(|index| &mut self.entries[index].value)
    }

    /// Walks the keys and their values, in the order they came.
    pub fn iter(&self) -> impl Iterator<Item = (&[u8], &V)> {
        self.entries.iter().map(|entry| (&self.bytes[entry.start..entry.start + entry.len as usize], &entry.value))
    }

    /// Gives a key's value to change; inserts `fresh` and gives `None` where the key is new.
    pub fn get_or_insert(&mut self, key: &[u8], fresh: V) -> Option<&mut V> {
        if let Some(index) = self.find(key) {
            return Some(&mut self.entries[index].value);
        }
        let index = u32::try_from(self.entries.len()).unwrap_or(u32::MAX);
        let entry = Entry { start: self.bytes.len(), len: u32::try_from(key.len()).unwrap_or(u32::MAX), value: fresh };
        self.bytes.extend_from_slice(key);
        self.entries.push(entry);
        let (entries, bytes) = (&self.entries, &self.bytes);
        self.table.insert_unique(HASHER.hash_one(key), index, |other| HASHER.hash_one(key_of(entries, bytes, *other)));
        None
    }

    fn find(&self, key: &[u8]) -> Option<usize> {
        let found = self.table.find(HASHER.hash_one(key), |index| key_of(&self.entries, &self.bytes, *index) == key);
        found.map(|index| *index as usize)
    }
}

fn key_of<'a, V>(entries: &[Entry<V>], bytes: &'a [u8], index: u32) -> &'a [u8] {
    let entry = &entries[index as usize];
    &bytes[entry.start..entry.start + entry.len as usize]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_was_put_in() {
        let mut set = KeySet::new();
        for number in 0_u32..10_000 {
            assert!(set.get_or_insert(&number.to_le_bytes(), number).is_none());
        }
        assert_eq!(set.len(), 10_000);
        assert_eq!(set.get_or_insert(&77_u32.to_le_bytes(), 0).copied(), Some(77));
        assert!(!set.contains(b"no such key"));
    }
}
