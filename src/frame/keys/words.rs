//! A set of well spread 64-bit words, in 10 to 14 bytes each.

/// The number of tables: each grows alone, so that growing takes little more memory for a moment.
const TABLES: usize = 64;
const TABLE_BITS: u32 = TABLES.trailing_zeros();

/// How many words are looked up together.
const TOGETHER: usize = 32;

/// Holds words that [`mix`](crate::frame::keys::hash::mix) has spread: their bits are used as they are.
#[derive(Debug, Clone, Default)]
pub struct WordSet {
    /// Empty slots are 0; a word lies at its place or soon after.
    tables: Vec<Table>,
    /// The word 0 is in the set.
    zero: bool,
    len: usize,
}

#[derive(Debug, Clone, Default)]
struct Table {
    slots: Vec<u64>,
    used: usize,
}

impl WordSet {
    /// Gives the number of words.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Tells whether there are no words.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Adds a word; tells whether it is new.
    pub fn insert(&mut self, word: u64) -> bool {
        let fresh = if word == 0 {
            !std::mem::replace(&mut self.zero, true)
        } else {
            if self.tables.is_empty() {
                self.tables = vec![Table::default(); TABLES];
            }
            self.tables.get_mut(table_of(word)).is_some_and(|table| table.insert(word))
        };
        self.len += usize::from(fresh);
        fresh
    }

    /// Tells whether a word is in the set.
    #[must_use]
    pub fn contains(&self, word: u64) -> bool {
        if word == 0 { self.zero } else { self.tables.get(table_of(word)).is_some_and(|table| table.contains(word)) }
    }

    /// Looks many words up; `found` is told the index of each that is in the set.
    pub fn look_up(&self, words: &[u64], mut found: impl FnMut(usize)) {
        for (chunk, start) in words.chunks(TOGETHER).zip((0..).step_by(TOGETHER)) {
            // The slots are loaded together, so that one miss of the cache does not wait for another.
            let mut firsts = [0; TOGETHER];
            for (first, word) in firsts.iter_mut().zip(chunk) {
                *first = self.tables.get(table_of(*word)).map_or(0, |table| table.first(*word));
            }
            for ((at, word), first) in (start..).zip(chunk).zip(firsts) {
                if *word != 0 && (first == *word || (first != 0 && self.contains(*word))) || (*word == 0 && self.zero) {
                    found(at);
                }
            }
        }
    }

    /// Walks the words, in an order that only the words and how they came decide.
    pub fn iter(&self) -> impl Iterator<Item = u64> + '_ {
        let words = self.tables.iter().flat_map(|table| &table.slots).copied().filter(|word| *word != 0);
        self.zero.then_some(0).into_iter().chain(words)
    }
}

fn table_of(word: u64) -> usize {
    usize::try_from(word >> (u64::BITS - TABLE_BITS)).unwrap_or(0)
}

impl Table {
    /// Gives where a word belongs: its bits below those of the table, scaled to the number of slots.
    fn place(&self, word: u64) -> usize {
        let scaled = u128::from(word << TABLE_BITS) * self.slots.len() as u128;
        usize::try_from(scaled >> u64::BITS).unwrap_or(0)
    }

    fn first(&self, word: u64) -> u64 {
        self.slots.get(self.place(word)).copied().unwrap_or(0)
    }

    /// Finds a word, or the empty slot it would take; `None` where there are no slots.
    fn find(&self, word: u64) -> Option<(usize, bool)> {
        let place = self.place(word);
        let (before, after) = self.slots.split_at_checked(place)?;
        let stop = |slot: &u64| *slot == word || *slot == 0;
        let at = match after.iter().position(stop) {
            Some(at) => place + at,
            None => before.iter().position(stop)?,
        };
        Some((at, self.slots.get(at) == Some(&word)))
    }

    fn contains(&self, word: u64) -> bool {
        self.find(word).is_some_and(|(_, found)| found)
    }

    fn insert(&mut self, word: u64) -> bool {
        // At most four fifths are full, so that what is not there is seen soon.
        if (self.used + 1) * 5 > self.slots.len() * 4 {
            self.grow();
        }
        match self.find(word) {
            Some((at, false)) => {
                self.slots[at] = word;
                self.used += 1;
                true
            }
            _ => false,
        }
    }

    fn grow(&mut self) {
        let len = (self.slots.len() * 7 / 5).max(16);
        let old = std::mem::replace(&mut self.slots, vec![0; len]);
        for word in old.into_iter().filter(|word| *word != 0) {
            if let Some((at, false)) = self.find(word) {
                self.slots[at] = word;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::keys::hash::mix;

    #[test]
    fn words_are_kept_once() {
        let mut set = WordSet::default();
        assert!(!set.contains(0) && !set.contains(7));
        for number in 0..100_000_u64 {
            assert!(set.insert(mix(number)));
        }
        assert!((0..100_000).all(|number| !set.insert(mix(number)) && set.contains(mix(number))));
        assert!((100_000..200_000).all(|number| !set.contains(mix(number))));
        assert_eq!((set.len(), set.iter().count()), (100_000, 100_000));
        let slots: usize = set.tables.iter().map(|table| table.slots.len()).sum();
        assert!(slots * 8 <= 100_000 * 15, "{} bytes a word", slots * 8 / 100_000);
        let words: Vec<u64> = (99_990..100_010).map(mix).chain([mix(0), 0]).collect();
        let mut found = Vec::new();
        set.look_up(&words, |at| found.push(at));
        // `mix` leaves 0 as it is.
        assert_eq!(found, (0..10).chain([20, 21]).collect::<Vec<_>>());
    }

    #[test]
    fn words_that_share_a_place_go_round() {
        let mut set = WordSet::default();
        let words: Vec<u64> = (0..5_000).map(|number| u64::MAX - number).chain(1..5_000).collect();
        assert!(words.iter().all(|word| set.insert(*word)));
        assert!(words.iter().all(|word| set.contains(*word)));
        assert!(!set.contains(0) && !set.contains(6_000));
    }
}
