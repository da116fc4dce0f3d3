//! The reference that the fast way is compared with: every key in one map, row after row, in file order.

use std::collections::BTreeMap;

use crate::model::Keep;

/// Collects keys in file order and names the losers.
#[derive(Debug)]
pub struct UniqueState {
    keep: Keep,
    keys: BTreeMap<Vec<u8>, Group>,
    losers: BTreeMap<u64, Option<u64>>,
}

#[derive(Debug, Clone, Copy)]
enum Group {
    /// The key is in the target.
    Taken,
    /// The key was seen once, here.
    One(u64),
    /// Seen more than once; the row named here is the rival of the next.
    Many(u64),
}

impl UniqueState {
    /// Starts with no keys seen.
    pub const fn new(keep: Keep) -> Self {
        Self { keep, keys: BTreeMap::new(), losers: BTreeMap::new() }
    }

    /// Adds a key that the target holds: every row with it loses.
    pub fn seed(&mut self, key: &[u8]) {
        self.keys.insert(key.to_vec(), Group::Taken);
    }

    /// Adds the key of the next row in file order.
    pub fn add(&mut self, key: &[u8], row: u64) {
        let Some(group) = self.keys.get_mut(key) else {
            self.keys.insert(key.to_vec(), Group::One(row));
            return;
        };
        match (*group, self.keep) {
            (Group::Taken, _) => {
                self.losers.insert(row, None);
            }
            (Group::One(first), Keep::None) => {
                self.losers.insert(first, Some(row));
                self.losers.insert(row, Some(first));
                *group = Group::Many(first);
            }
            // The first row stays the rival that is named.
            (Group::Many(first), Keep::None) | (Group::One(first) | Group::Many(first), Keep::First) => {
                self.losers.insert(row, Some(first));
            }
            (Group::One(last) | Group::Many(last), Keep::Last) => {
                self.losers.insert(last, Some(row));
                *group = Group::Many(row);
            }
        }
    }

    /// Gives the losers and their rivals (`None`: the target), ascending by ordinal.
    pub fn finish(self) -> Vec<(u64, Option<u64>)> {
        self.losers.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn losers(keep: Keep, keys: &[&str], seeds: &[&str]) -> Vec<u64> {
        let mut state = UniqueState::new(keep);
        for seed in seeds {
            state.seed(seed.as_bytes());
        }
        for (ordinal, key) in (0..).zip(keys) {
            state.add(key.as_bytes(), ordinal);
        }
        state.finish().iter().map(|loser| loser.0).collect()
    }

    #[test]
    fn keep_says_who_loses() {
        let keys = ["1", "7", "7", "7", "8", "8"];
        assert_eq!(losers(Keep::None, &keys, &[]), [1, 2, 3, 4, 5]);
        assert_eq!(losers(Keep::First, &keys, &[]), [2, 3, 5]);
        assert_eq!(losers(Keep::Last, &keys, &[]), [1, 2, 4]);
    }

    #[test]
    fn rows_in_the_target_win() {
        assert_eq!(losers(Keep::Last, &["a", "b", "a"], &["a"]), [0, 2]);
    }
}
