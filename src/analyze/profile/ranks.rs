//! Ranks: quantiles of a stream in little memory (KLL: Karnin, Lang, Liberty, *Optimal quantile approximation in
//! streams*, FOCS 2016).
//!
//! Level `n` holds values that stand for `2^n` each. A level that is full is sorted, and every other value of it moves
//! up. Which of the two halves goes is a coin, thrown by a counter of the sketch's own: the same values in the same
//! batches give the same sketch on every machine.

use serde::{Deserialize, Serialize};

use crate::analyze::profile::hash::mix;
use crate::analyze::profile::pack;

/// Values on the highest level; those below have two thirds of the one above.
const K: usize = 512;
/// Every level has room for so many.
const LEAST: usize = 8;

/// How far a rank may be off, as a part of all values (99 % of the time; the constants are those of Apache
/// `DataSketches`).
pub const RANK_ERROR: f64 = 0.0053;
/// The same for the difference of two ranks.
pub const STEP_ERROR: f64 = 0.0068;
/// The sketch's name.
pub const METHOD: &str = "kll512";

/// Samples values so that their ranks can be told.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Ranks {
    /// Keys of [`key`].
    levels: Vec<Vec<i64>>,
    /// Weight of all values.
    count: u64,
    len: usize,
    room: usize,
    /// Coins thrown.
    coins: u64,
}

/// Turns a float into an integer of the same order.
#[inline]
#[must_use]
pub const fn key(value: f64) -> i64 {
    let bits = value.to_bits().cast_signed();
    bits ^ ((bits >> 63).cast_unsigned() >> 1).cast_signed()
}

/// Turns a key back into its float.
#[inline]
#[must_use]
pub const fn value(key: i64) -> f64 {
    f64::from_bits((key ^ ((key >> 63).cast_unsigned() >> 1).cast_signed()).cast_unsigned())
}

impl Ranks {
    /// Takes a value that stands so often.
    #[inline]
    pub fn add(&mut self, number: f64, weight: u64) {
        self.count += weight;
        let mut bits = weight;
        while bits != 0 {
            let level = bits.trailing_zeros() as usize;
            bits &= bits - 1;
            self.put(level, key(number));
        }
    }

    #[inline]
    fn put(&mut self, level: usize, key: i64) {
        if level >= self.levels.len() {
            self.levels.resize_with(level + 1, Vec::new);
            self.room = (0..self.levels.len()).map(|level| self.capacity(level)).sum();
        }
        self.levels[level].push(key);
        self.len += 1;
        if self.len > self.room {
            self.compress();
        }
    }

    /// Gives the room of a level: the lower, the less.
    #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small")]
    fn capacity(&self, level: usize) -> usize {
        let depth = i32::try_from(self.levels.len() - 1 - level).unwrap_or(i32::MAX);
        let room = (K as f64 * (2.0_f64 / 3.0).powi(depth)).ceil() as usize;
        room.max(LEAST)
    }

    fn compress(&mut self) {
        while self.len > self.room {
            let full = (0..self.levels.len()).find(|level| self.levels[*level].len() >= self.capacity(*level));
            let Some(level) = full else { return };
            let mut keys = std::mem::take(&mut self.levels[level]);
            self.len -= keys.len();
            keys.sort_unstable();
            self.coins += 1;
            let coin = mix(self.coins ^ (level as u64) << 48);
            // An odd one stays.
            let odd =
                if keys.len() % 2 == 1 { if coin & 2 == 0 { keys.pop() } else { Some(keys.remove(0)) } } else { None };
            let upper: Vec<i64> = keys.iter().copied().skip((coin & 1) as usize).step_by(2).collect();
            keys.clear();
            keys.extend(odd);
            self.len += keys.len() + upper.len();
            self.levels[level] = keys;
            if level + 1 == self.levels.len() {
                self.levels.push(Vec::new());
                self.room = (0..self.levels.len()).map(|level| self.capacity(level)).sum();
            }
            self.levels[level + 1].extend(upper);
        }
    }

    /// Takes what another sketch has of later values.
    pub fn merge(&mut self, other: &Self) {
        if self.levels.len() < other.levels.len() {
            self.levels.resize_with(other.levels.len(), Vec::new);
        }
        for (level, keys) in other.levels.iter().enumerate() {
            self.levels[level].extend_from_slice(keys);
        }
        self.room = (0..self.levels.len()).map(|level| self.capacity(level)).sum();
        self.len += other.len;
        self.count += other.count;
        self.coins += other.coins;
        self.compress();
    }

    /// Gives the number of values.
    #[must_use]
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// Gives the sample, ascending: values and how many each stands for.
    #[must_use]
    pub fn sample(&self) -> Vec<(f64, u64)> {
        let weighted = |(level, keys): (usize, &Vec<i64>)| keys.iter().map(move |key| (*key, 1_u64 << level)).collect();
        let mut all: Vec<(i64, u64)> =
            self.levels.iter().enumerate().flat_map(|level| -> Vec<_> { weighted(level) }).collect();
        all.sort_unstable();
        all.into_iter().map(|(key, weight)| (value(key), weight)).collect()
    }
}

/// Gives the value at a part of the weights: the first one by which that part is reached.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
pub fn quantile(sample: &[(f64, u64)], part: f64) -> Option<f64> {
    let total: u64 = sample.iter().map(|(_, weight)| weight).sum();
    let wanted = part * total as f64;
    let mut before = 0;
    for (value, weight) in sample {
        before += weight;
        if before as f64 >= wanted {
            return Some(*value);
        }
    }
    sample.last().map(|(value, _)| *value)
}

#[derive(Serialize, Deserialize)]
struct Saved {
    count: u64,
    coins: u64,
    /// Of each level the number of keys and the steps between them, ascending.
    levels: String,
}

impl Serialize for Ranks {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut bytes = Vec::new();
        for keys in &self.levels {
            let mut keys = keys.clone();
            keys.sort_unstable();
            pack::push(&mut bytes, keys.len() as u64);
            let mut last = i64::MIN;
            for key in keys {
                pack::push(&mut bytes, key.wrapping_sub(last).cast_unsigned());
                last = key;
            }
        }
        Saved { count: self.count, coins: self.coins, levels: pack::encode(&bytes) }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Ranks {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let wrong = || serde::de::Error::custom("the sketch of ranks is damaged");
        let saved = Saved::deserialize(deserializer)?;
        let bytes = pack::decode(&saved.levels).ok_or_else(wrong)?;
        let mut rest = bytes.as_slice();
        let mut ranks = Self { count: saved.count, coins: saved.coins, ..Self::default() };
        while !rest.is_empty() {
            let count = pack::pull(&mut rest).filter(|count| *count <= bytes.len() as u64).ok_or_else(wrong)?;
            let mut last = i64::MIN;
            let mut keys = Vec::new();
            for _ in 0..count {
                last = last.wrapping_add(pack::pull(&mut rest).ok_or_else(wrong)?.cast_signed());
                keys.push(last);
            }
            ranks.len += keys.len();
            ranks.levels.push(keys);
        }
        if ranks.levels.len() > 63 {
            return Err(wrong());
        }
        ranks.room = (0..ranks.levels.len()).map(|level| ranks.capacity(level)).sum();
        Ok(ranks)
    }
}

#[cfg(test)]
#[expect(clippy::cast_precision_loss, reason = "small numbers")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The largest distance of a quantile's true rank from the one asked for.
    fn worst(ranks: &Ranks, values: &mut [f64]) -> f64 {
        values.sort_unstable_by(f64::total_cmp);
        let sample = ranks.sample();
        assert_eq!(sample.iter().map(|(_, weight)| weight).sum::<u64>(), values.len() as u64);
        let off = |percent: u32| {
            let part = f64::from(percent) / 100.0;
            let found = quantile(&sample, part).unwrap();
            let low = values.partition_point(|value| *value < found) as f64 / values.len() as f64;
            let high = values.partition_point(|value| *value <= found) as f64 / values.len() as f64;
            (low - part).max(part - high).max(0.0)
        };
        (1..100).map(off).fold(0.0, f64::max)
    }

    #[test]
    fn ranks_keep_their_error_alone_and_merged() {
        for seed in 0..4_u64 {
            let mut values: Vec<f64> = (0..200_000_u64).map(|n| (mix(n ^ seed << 32) >> 20) as f64).collect();
            let mut whole = Ranks::default();
            let mut merged = Ranks::default();
            for part in values.chunks(8192) {
                let mut ranks = Ranks::default();
                part.iter().for_each(|value| ranks.add(*value, 1));
                merged.merge(&ranks);
            }
            values.iter().for_each(|value| whole.add(*value, 1));
            assert!(whole.len < 2000, "{}", whole.len);
            for ranks in [whole, merged] {
                let worst = worst(&ranks, &mut values);
                assert!(worst <= RANK_ERROR, "{worst}");
            }
        }
    }

    #[test]
    fn sorted_and_heavy_values_are_no_trouble() {
        let mut ranks = Ranks::default();
        let mut values = Vec::new();
        for n in 0..5000_u64 {
            let weight = mix(n) % 100 + 1;
            ranks.add(n as f64, weight);
            values.extend(std::iter::repeat_n(n as f64, usize::try_from(weight).unwrap()));
        }
        assert!(worst(&ranks, &mut values) <= RANK_ERROR);
    }

    proptest! {
        #[test]
        fn keys_keep_the_order(left in any::<f64>(), right in any::<f64>()) {
            prop_assert_eq!(key(left).cmp(&key(right)), left.total_cmp(&right));
            prop_assert_eq!(value(key(left)).to_bits(), left.to_bits());
        }

        #[test]
        fn few_values_are_all_there(values in proptest::collection::vec(-1e9_f64..1e9, 1..200)) {
            let mut ranks = Ranks::default();
            values.iter().for_each(|value| ranks.add(*value, 1));
            let saved = serde_json::to_string(&ranks).unwrap();
            let back: Ranks = serde_json::from_str(&saved).unwrap();
            prop_assert_eq!(back.sample(), ranks.sample());
            let mut sorted = values;
            sorted.sort_unstable_by(f64::total_cmp);
            let found: Vec<f64> = ranks.sample().into_iter().map(|(value, _)| value).collect();
            prop_assert_eq!(found, sorted);
        }
    }
}
