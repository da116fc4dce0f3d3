//! Frequent values: all of them while they are few, then the heaviest with a bound on the error (Misra and Gries,
//! *Finding repeated elements*, 1982; merged as Agarwal et al., *Mergeable summaries*, PODS 2012).

use serde::{Deserialize, Serialize};

/// Up to so many different values are all kept.
pub const EXACT: usize = 4096;
/// So many are kept beyond.
const COUNTERS: usize = 256;
/// Of each value so many bytes are kept, to show it.
pub const SHOWN_BYTES: usize = 320;
/// The sketch's name.
pub const METHOD: &str = "frequent256";

/// Counts values by their hash, and keeps their texts.
#[derive(Debug, Clone, PartialEq)]
pub struct Frequent {
    /// Ascending by hash.
    items: Vec<Item>,
    texts: Vec<u8>,
    exact: bool,
    /// How much a count may be too low.
    error: u64,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Item {
    hash: u64,
    count: u64,
    at: u32,
    len: u32,
}

impl Default for Frequent {
    fn default() -> Self {
        Self { items: Vec::new(), texts: Vec::new(), exact: true, error: 0 }
    }
}

impl Frequent {
    /// Takes the different values of one batch: hashes, counts, texts; in any order, each once. Where `lost`, values
    /// are known to be too many already, so that not all need be kept.
    #[must_use]
    pub fn of<'a>(values: impl Iterator<Item = (u64, u64, &'a [u8])> + Clone, count: usize, lost: bool) -> Self {
        let mut frequent = Self { items: Vec::with_capacity(count.min(EXACT)), ..Self::default() };
        if !lost && count <= EXACT {
            for (hash, count, text) in values {
                frequent.put(hash, count, text);
            }
            frequent.sort();
            return frequent;
        }
        let mut heaviest: Vec<(u64, u64)> = values.clone().map(|(hash, count, _)| (count, hash)).collect();
        let cut = cut(&mut heaviest);
        frequent.exact = false;
        frequent.error = cut;
        for (hash, count, text) in values.filter(|(_, count, _)| *count > cut) {
            frequent.put(hash, count - cut, text);
        }
        frequent.sort();
        frequent
    }

    /// Sorts, and joins a string and a number of the same text.
    fn sort(&mut self) {
        self.items.sort_by_key(|item| item.hash);
        self.items.dedup_by(|from, into| {
            let same = from.hash == into.hash;
            if same {
                into.count += from.count;
            }
            same
        });
    }

    #[expect(clippy::cast_possible_truncation, reason = "a few thousand short texts")]
    fn put(&mut self, hash: u64, count: u64, text: &[u8]) {
        let text = &text[..text.len().min(SHOWN_BYTES)];
        self.items.push(Item { hash, count, at: self.texts.len() as u32, len: text.len() as u32 });
        self.texts.extend_from_slice(text);
    }

    fn text(&self, item: &Item) -> &[u8] {
        self.texts.get(item.at as usize..(item.at + item.len) as usize).unwrap_or_default()
    }

    /// Takes what was counted of other rows.
    pub fn merge(&mut self, mut other: Self) {
        if self.exact && !other.exact {
            self.reduce();
        } else if other.exact && !self.exact {
            other.reduce();
        }
        self.error += other.error;
        self.unite(&other);
        let room = if self.exact { EXACT } else { COUNTERS };
        if self.items.len() > room {
            self.reduce();
        }
    }

    fn unite(&mut self, other: &Self) {
        let mut new = Vec::new();
        let mut at = 0;
        for item in &other.items {
            while self.items.get(at).is_some_and(|own| own.hash < item.hash) {
                at += 1;
            }
            match self.items.get_mut(at) {
                Some(own) if own.hash == item.hash => own.count += item.count,
                _ => new.push(*item),
            }
        }
        if !new.is_empty() {
            for item in &new {
                self.put(item.hash, item.count, other.text(item));
            }
            self.items.sort_by_key(|item| item.hash);
        }
    }

    /// Keeps the heaviest, less what the first one left out weighs.
    fn reduce(&mut self) {
        let mut heaviest: Vec<(u64, u64)> = self.items.iter().map(|item| (item.count, item.hash)).collect();
        let cut = cut(&mut heaviest);
        let mut kept = Self { exact: false, error: self.error + cut, ..Self::default() };
        for item in self.items.iter().filter(|item| item.count > cut) {
            kept.put(item.hash, item.count - cut, self.text(item));
        }
        *self = kept;
    }

    /// Tells whether all values are there.
    #[must_use]
    pub const fn is_exact(&self) -> bool {
        self.exact
    }

    /// Gives how much a count may be too low.
    #[must_use]
    pub const fn error(&self) -> u64 {
        self.error
    }

    /// Walks the values kept: text (its beginning, where it is long) and count, in no particular order.
    pub fn values(&self) -> impl Iterator<Item = (&[u8], u64)> {
        self.items.iter().map(|item| (self.text(item), item.count))
    }

    /// Walks the values kept with their hashes, ascending.
    pub fn hashed(&self) -> impl Iterator<Item = (u64, u64, &[u8])> {
        self.items.iter().map(|item| (item.hash, item.count, self.text(item)))
    }

    /// Gives the most frequent values, then by text.
    #[must_use]
    pub fn heaviest(&self, most: usize) -> Vec<(&[u8], u64)> {
        let mut values: Vec<(&[u8], u64)> = self.values().collect();
        values.sort_by(|left, right| right.1.cmp(&left.1).then_with(|| left.0.cmp(right.0)));
        values.truncate(most);
        values
    }

    /// Forgets the texts: what is left can be merged, and shows nothing.
    pub fn forget(&mut self) {
        *self = Self { exact: false, error: self.error, ..Self::default() };
    }
}

/// Gives what the first value too many weighs; 0 where none is.
fn cut(weights: &mut [(u64, u64)]) -> u64 {
    if weights.len() <= COUNTERS {
        return 0;
    }
    // The heaviest first; counts decide, so that the order of equal ones does not matter.
    let (_, first, _) = weights.select_nth_unstable_by(COUNTERS, |left, right| right.0.cmp(&left.0));
    first.0
}

#[derive(Serialize, Deserialize)]
struct Saved {
    exact: bool,
    error: u64,
    /// Hash, count, text.
    values: Vec<(String, u64, String)>,
}

impl Serialize for Frequent {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let value = |item: &Item| {
            let text = String::from_utf8_lossy(self.text(item)).into_owned();
            (format!("{:x}", item.hash), item.count, text)
        };
        let values = self.items.iter().map(value).collect();
        Saved { exact: self.exact, error: self.error, values }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Frequent {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let saved = Saved::deserialize(deserializer)?;
        let mut frequent = Self { exact: saved.exact, error: saved.error, ..Self::default() };
        for (hash, count, text) in &saved.values {
            let hash = u64::from_str_radix(hash, 16).map_err(serde::de::Error::custom)?;
            frequent.put(hash, *count, text.as_bytes());
        }
        frequent.items.sort_by_key(|item| item.hash);
        frequent.items.dedup_by_key(|item| item.hash);
        Ok(frequent)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::analyze::profile::hash::hash;

    fn of(numbers: &[u32], lost: bool) -> Frequent {
        let mut counts: BTreeMap<u32, u64> = BTreeMap::new();
        numbers.iter().for_each(|number| *counts.entry(*number).or_default() += 1);
        let values: Vec<(u64, u64, String)> = counts
            .iter()
            .map(|(number, count)| (hash(number.to_string().as_bytes()), *count, number.to_string()))
            .collect();
        Frequent::of(values.iter().map(|(hash, count, text)| (*hash, *count, text.as_bytes())), values.len(), lost)
    }

    proptest! {
        #[test]
        fn counts_keep_their_bounds(numbers in proptest::collection::vec(prop_oneof![0_u32..8, 0_u32..2000], 1..3000), lost in any::<bool>()) {
            let mut merged = Frequent::default();
            for part in numbers.chunks(700) {
                merged.merge(of(part, lost));
            }
            let mut truth: BTreeMap<String, u64> = BTreeMap::new();
            numbers.iter().for_each(|number| *truth.entry(number.to_string()).or_default() += 1);
            prop_assert_eq!(merged.is_exact(), !lost);
            for (text, count) in merged.values() {
                let real = truth.remove(std::str::from_utf8(text).unwrap()).unwrap();
                prop_assert!(count <= real && real <= count + merged.error());
            }
            prop_assert!(truth.values().all(|missed| *missed <= merged.error()));
            prop_assert!(merged.error() <= numbers.len() as u64 / COUNTERS as u64);
            let saved = serde_json::to_string(&merged).unwrap();
            let back: Frequent = serde_json::from_str(&saved).unwrap();
            prop_assert_eq!(back.heaviest(9), merged.heaviest(9));
        }

        #[test]
        fn knowing_that_values_are_too_many_changes_nothing(many in 4500_u32..6000, few in proptest::collection::vec(0_u32..3000, 1..500)) {
            let all: Vec<u32> = (0..many).collect();
            let [told, untold] = [true, false].map(|lost| {
                let mut merged = of(&all, false);
                merged.merge(of(&few, lost));
                merged
            });
            prop_assert_eq!(told.heaviest(300), untold.heaviest(300));
            prop_assert_eq!(told.error(), untold.error());
        }
    }
}
