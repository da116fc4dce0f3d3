//! Bottom-k sample of different values: those with the smallest hashes, each with its exact count.
//!
//! Up to `k` different values are all there, so that their number is exact. Beyond, the k-th smallest hash tells how
//! densely hashes lie, hence how many there are, within `1 / sqrt(k - 2)` (Beyer et al., *On synopses for
//! distinct-value estimation under multiset operations*, SIGMOD 2007). Unlike a `HyperLogLog` of the same error the
//! sample also knows how many values stand only once, and which part of it another column has; and what it holds
//! depends on the values alone, not on their order or on how they were cut into batches.

use serde::{Deserialize, Serialize};

use crate::analyze::profile::pack;
use crate::model::profile::Approx;

/// Samples different values by their hash.
#[derive(Debug, Clone, PartialEq)]
pub struct Bottom {
    k: usize,
    /// Hashes and counts: ascending, each once, up to `sorted`; behind it as they came.
    items: Vec<(u64, u64)>,
    sorted: usize,
    /// Only hashes below it are kept; `u64::MAX` while all are.
    limit: u64,
}

/// Once values are left out, hashes keep so many of their upper bits: fewer to save, and enough to tell them apart.
const KEPT: u64 = !0xFFFF;

impl Bottom {
    /// Makes an empty sample of so many values, at least 3.
    #[must_use]
    pub fn new(k: usize) -> Self {
        Self { k: k.max(3), items: Vec::new(), sorted: 0, limit: u64::MAX }
    }

    /// Gives the bound above which hashes are of no interest any more.
    #[must_use]
    pub const fn limit(&self) -> u64 {
        self.limit
    }

    /// Lowers the bound, by another sample of the same column: what is above it is not taken.
    pub fn narrow(&mut self, limit: u64) {
        self.limit = self.limit.min(limit);
    }

    /// Takes a value's hash and how often it stands.
    #[inline]
    pub fn add(&mut self, hash: u64, count: u64) {
        if hash < self.limit {
            self.items.push((hash, count));
            if self.items.len() >= 2 * self.k {
                self.settle();
            }
        }
    }

    /// Gives the sample as it were with a smaller `k`.
    #[must_use]
    pub fn shrunk(&self, k: usize) -> Self {
        let mut shrunk = Self::new(k.min(self.k));
        shrunk.merge(self);
        shrunk
    }

    /// Takes what another sample has.
    pub fn merge(&mut self, other: &Self) {
        self.absorb(other);
        self.settle();
    }

    /// Takes what another sample has, and leaves it to [`Bottom::settle`] to sort it.
    pub fn absorb(&mut self, other: &Self) {
        self.narrow(other.limit);
        for (hash, count) in &other.items {
            self.add(*hash, *count);
        }
    }

    /// Sorts, joins equal hashes, and drops what is too many.
    pub fn settle(&mut self) {
        if self.sorted < self.items.len() || self.limit < u64::MAX {
            self.cut();
        }
        while self.items.len() > self.k {
            // The hash of the first one left out becomes the bound.
            self.limit = self.limit.min(self.items[self.k].0 & KEPT);
            self.items.truncate(self.k);
            self.cut();
        }
    }

    /// Drops what is above the bound. Hashes are shortened before they are counted, so that no value counts twice.
    fn cut(&mut self) {
        if self.limit < u64::MAX {
            let limit = self.limit;
            self.items.retain_mut(|(hash, _)| {
                *hash &= KEPT;
                *hash < limit
            });
        }
        self.unite();
    }

    fn unite(&mut self) {
        self.items.sort_unstable_by_key(|(hash, _)| *hash);
        self.items.dedup_by(|from, into| {
            let same = from.0 == into.0;
            if same {
                into.1 += from.1;
            }
            same
        });
        self.sorted = self.items.len();
    }

    /// Tells whether every value is in the sample.
    #[must_use]
    pub const fn is_exact(&self) -> bool {
        self.limit == u64::MAX
    }

    /// Gives the hashes and counts, ascending; settled samples only.
    #[must_use]
    pub fn items(&self) -> &[(u64, u64)] {
        &self.items
    }

    /// Gives the number of different values.
    #[must_use]
    pub fn distinct(&self) -> Approx {
        self.scaled(self.items.len() as u64)
    }

    /// Gives how many values stand only once.
    #[must_use]
    pub fn once(&self) -> Approx {
        self.scaled(self.items.iter().filter(|(_, count)| *count == 1).count() as u64)
    }

    /// Gives how many times a value repeats an earlier one.
    #[must_use]
    pub fn repeated(&self) -> Approx {
        let repeated = self.items.iter().map(|(_, count)| count.saturating_sub(1)).sum();
        self.scaled(repeated)
    }

    #[expect(clippy::cast_precision_loss, reason = "an estimate")]
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "counts are below 2^63")]
    fn scaled(&self, found: u64) -> Approx {
        if self.is_exact() {
            return Approx::exact(found);
        }
        // `items` lie below the bound, which is where the next one would be.
        let part = self.limit as f64 / u64::MAX as f64;
        let value = (found as f64 / part).round() as u64;
        // A count of few has the error of few, one of all that of the sample.
        let rel_err = 1.0 / ((found.max(3) - 2) as f64).sqrt();
        Approx { value, rel_err: rel_err.max(1.0 / ((self.k - 2) as f64).sqrt()), method: format!("bottom{}", self.k) }
    }

    /// Gives the part of this column's values that the other one has, and of how many values that is known.
    #[must_use]
    pub fn contained_in(&self, other: &Self) -> (u64, u64) {
        let limit = self.limit.min(other.limit);
        let exact = limit == u64::MAX;
        let cut = |hash: u64| if exact { hash } else { hash & KEPT };
        let mut theirs = other.items.iter().map(|(hash, _)| cut(*hash)).peekable();
        let (mut found, mut all) = (0, 0);
        for hash in self.items.iter().map(|(hash, _)| cut(*hash)).filter(|hash| exact || *hash < limit) {
            while theirs.next_if(|their| *their < hash).is_some() {}
            all += 1;
            found += u64::from(theirs.peek() == Some(&hash));
        }
        (found, all)
    }
}

/// The saved form.
#[derive(Serialize, Deserialize)]
struct Saved {
    k: usize,
    /// Steps between hashes and the counts, by turns.
    items: String,
    limit: String,
}

impl Serialize for Bottom {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut settled = self.clone();
        settled.settle();
        let shift = if settled.is_exact() { 0 } else { 16 };
        let mut bytes = Vec::new();
        let mut last = 0;
        for (hash, count) in &settled.items {
            pack::push(&mut bytes, (hash >> shift) - last);
            pack::push(&mut bytes, *count);
            last = hash >> shift;
        }
        Saved { k: self.k, items: pack::encode(&bytes), limit: format!("{:016x}", self.limit) }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Bottom {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let wrong = || serde::de::Error::custom("the sample of values is damaged");
        let saved = Saved::deserialize(deserializer)?;
        let limit = u64::from_str_radix(&saved.limit, 16).map_err(|_| wrong())?;
        let shift = if limit == u64::MAX { 0 } else { 16 };
        let bytes = pack::decode(&saved.items).ok_or_else(wrong)?;
        let (mut rest, mut last) = (bytes.as_slice(), 0_u64);
        let mut bottom = Self { limit, ..Self::new(saved.k.min(1 << 24)) };
        while !rest.is_empty() {
            let (step, count) = pack::pull(&mut rest).zip(pack::pull(&mut rest)).ok_or_else(wrong)?;
            last = last.checked_add(step).ok_or_else(wrong)?;
            bottom.add(last << shift, count);
        }
        bottom.settle();
        Ok(bottom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::analyze::profile::hash::mix;

    fn of(numbers: impl Iterator<Item = u64>, k: usize) -> Bottom {
        let mut bottom = Bottom::new(k);
        numbers.for_each(|number| bottom.add(mix(number), 1));
        bottom.settle();
        bottom
    }

    proptest! {
        #[test]
        fn order_and_cuts_do_not_matter(mut numbers in proptest::collection::vec(0_u64..400, 1..600), cut in 0_usize..600) {
            let whole = of(numbers.iter().copied(), 50);
            let (left, right) = numbers.split_at(cut.min(numbers.len()));
            let mut merged = of(left.iter().copied(), 50);
            merged.merge(&of(right.iter().copied(), 50));
            prop_assert_eq!(&merged, &whole);
            let saved = serde_json::to_string(&whole).unwrap();
            prop_assert_eq!(&serde_json::from_str::<Bottom>(&saved).unwrap(), &whole);
            numbers.sort_unstable();
            prop_assert_eq!(&of(numbers.iter().copied(), 50), &whole);
            numbers.dedup();
            if numbers.len() <= 50 {
                prop_assert_eq!(whole.distinct(), Approx::exact(numbers.len() as u64));
            }
        }
    }

    #[test]
    fn estimates_keep_their_error() {
        for (count, seed) in [(100_000_u64, 1_u64), (1_000_000, 2), (3_000_000, 3)] {
            // Every fourth value stands twice.
            let numbers = (0..count).chain((0..count).step_by(4)).map(|number| number + (seed << 40));
            let bottom = of(numbers, 4096);
            for (found, truth) in
                [(bottom.distinct(), count), (bottom.repeated(), count / 4), (bottom.once(), count / 4 * 3)]
            {
                let off = (found.value as f64 / truth as f64 - 1.0).abs();
                assert!(off < 3.0 * found.rel_err, "{found:?} is not {truth}");
            }
            assert!(bottom.distinct().rel_err < 0.016);
        }
    }

    #[test]
    fn a_child_is_found_in_its_parent() {
        let parent = of(0..50_000, 4096);
        let child = of((0..200_000).map(|number| number % 9_000), 4096);
        let (found, all) = child.contained_in(&parent);
        assert!(found == all && all > 300, "{found} of {all}");
        let stranger = of(40_000..60_000, 4096);
        let (found, all) = stranger.contained_in(&parent);
        assert!((found * 10).abs_diff(all * 5) < all, "{found} of {all}");
    }
}
