//! The different values of one column in one batch, each with how often it stands: most columns repeat themselves, and
//! what is costly is then done once a value instead of once a cell.
//!
//! Values are told apart by their hash of 64 bits alone.

use crate::analyze::profile::kinds::Origin;

/// A value, where it stands first, and how often.
#[derive(Debug, Clone, Copy)]
pub struct Value {
    pub hash: u64,
    /// In the buffer: see [`Values::text`].
    pub start: u32,
    pub end: u32,
    pub count: u32,
    pub row: u32,
    pub origin: Origin,
}

/// The different values of a batch's column, in the order they come.
#[derive(Debug)]
pub struct Values<'t> {
    text: &'t [u8],
    /// Values whose escapes were undone; their places count from the end of `text`.
    undone: Vec<u8>,
    found: Vec<Value>,
    /// By hash: an index into `found`, plus one.
    slots: Vec<u32>,
    last: usize,
}

const SLOTS: usize = 512;

impl<'t> Values<'t> {
    /// Starts with none, over a batch's text.
    #[must_use]
    pub fn new(text: &'t [u8]) -> Self {
        Self { text, undone: Vec::new(), found: Vec::new(), slots: vec![0; SLOTS], last: 0 }
    }

    /// Forgets the values, for the next column of the batch.
    pub fn clear(&mut self) {
        self.undone.clear();
        self.found.clear();
        self.slots.clear();
        self.slots.resize(SLOTS, 0);
        self.last = 0;
    }

    /// Keeps a text whose escapes were undone; gives its place.
    pub fn keep(&mut self, content: &[u8]) -> (usize, usize) {
        let start = self.text.len() + self.undone.len();
        self.undone.extend_from_slice(content);
        (start, start + content.len())
    }

    /// Takes a value at a place.
    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "batches are shorter than 2 GiB, and hold fewer rows")]
    pub fn add(&mut self, hash: u64, start: usize, end: usize, row: usize, origin: Origin) {
        if let Some(value) = self.found.get_mut(self.last)
            && value.hash == hash
            && value.origin == origin
        {
            value.count += 1;
            return;
        }
        let mask = self.slots.len() - 1;
        let mut slot = hash as usize & mask;
        loop {
            let found = self.slots[slot] as usize;
            if found == 0 {
                break;
            }
            if let Some(value) = self.found.get_mut(found - 1)
                && value.hash == hash
                && value.origin == origin
            {
                value.count += 1;
                self.last = found - 1;
                return;
            }
            slot = (slot + 1) & mask;
        }
        self.last = self.found.len();
        self.found.push(Value { hash, start: start as u32, end: end as u32, count: 1, row: row as u32, origin });
        self.slots[slot] = self.found.len() as u32;
        if self.found.len() * 2 > self.slots.len() {
            self.grow();
        }
    }

    #[cold]
    #[expect(clippy::cast_possible_truncation, reason = "fewer than 2^32 values")]
    fn grow(&mut self) {
        let size = self.slots.len() * 4;
        self.slots.clear();
        self.slots.resize(size, 0);
        for (index, value) in self.found.iter().enumerate() {
            let mut slot = value.hash as usize & (size - 1);
            while self.slots[slot] != 0 {
                slot = (slot + 1) & (size - 1);
            }
            self.slots[slot] = index as u32 + 1;
        }
    }

    /// Gives the values.
    #[must_use]
    pub fn all(&self) -> &[Value] {
        &self.found
    }

    /// Gives the buffer a value stands in, and its place there.
    #[inline]
    #[must_use]
    pub fn place(&self, value: &Value) -> (&[u8], usize, usize) {
        let (start, end) = (value.start as usize, value.end as usize);
        match start.checked_sub(self.text.len()) {
            // An empty value may stand at the very end.
            Some(inside) if end > self.text.len() => (&self.undone, inside, end - self.text.len()),
            _ => (self.text, start, end),
        }
    }

    /// Gives a value's text.
    #[inline]
    #[must_use]
    pub fn text(&self, value: &Value) -> &[u8] {
        let (buffer, start, end) = self.place(value);
        buffer.get(start..end).unwrap_or_default()
    }

    /// Tells whether a value stands in the batch's text as it is.
    #[must_use]
    pub const fn is_plain(&self, value: &Value) -> bool {
        (value.end as usize) <= self.text.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyze::profile::hash::hash;

    #[test]
    fn values_are_counted_once_each() {
        let text = b"a,b,a,longer,b,a";
        let mut values = Values::new(text);
        for (row, (start, end)) in [(0, 1), (2, 3), (4, 5), (6, 12), (13, 14), (15, 16)].into_iter().enumerate() {
            values.add(hash(&text[start..end]), start, end, row, Origin::Untyped);
        }
        let (start, end) = values.keep(b"undone");
        values.add(hash(b"undone"), start, end, 6, Origin::Untyped);
        let found: Vec<(&[u8], u32, u32)> =
            values.all().iter().map(|value| (values.text(value), value.count, value.row)).collect();
        assert_eq!(found, [(&b"a"[..], 3, 0), (b"b", 2, 1), (b"longer", 1, 3), (b"undone", 1, 6)]);
        for number in 0..5000_u64 {
            values.add(number << 32 | 7, 0, 1, 7, Origin::Untyped);
        }
        assert_eq!(values.all().len(), 5004);
    }
}
