//! Uniqueness over a whole run: which rows lose.

use crate::frame::keys::set::KeySet;
use crate::frame::mask::Mask;
use crate::model::Keep;

/// Where a row stands: its ordinal in the table's run, its file (an index) and its line or record there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Seat {
    /// Ascending over all files of the table.
    pub ordinal: u64,
    pub file: u32,
    /// Physical line, or the record number where a line may hold several records.
    pub at: u64,
}

/// A row that breaks a uniqueness rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Loser {
    pub ordinal: u64,
    /// A row with the same key; `None` where it stands in the target already.
    pub rival: Option<Seat>,
}

/// Collects the keys of one rule in file order and names the losers.
#[derive(Debug)]
pub struct UniqueState {
    keep: Keep,
    keys: KeySet<Group>,
    losers: Vec<Loser>,
}

#[derive(Debug, Clone, Copy)]
enum Group {
    /// The key is in the target.
    Taken,
    /// The key was seen once, here.
    One(Seat),
    /// Seen more than once, last here.
    Many(Seat),
}

impl UniqueState {
    /// Starts with no keys seen.
    #[must_use]
    pub const fn new(keep: Keep) -> Self {
        Self { keep, keys: KeySet::new(), losers: Vec::new() }
    }

    /// Adds a key that the target holds: every row with it loses.
    pub fn seed(&mut self, key: &[u8]) {
        self.keys.get_or_insert(key, Group::Taken);
    }

    /// Adds the key of the next row in file order.
    pub fn add(&mut self, key: &[u8], seat: Seat) {
        let keep = self.keep;
        let Some(group) = self.keys.get_or_insert(key, Group::One(seat)) else { return };
        let loses = |loser: Seat, rival: Seat| Loser { ordinal: loser.ordinal, rival: Some(rival) };
        match (*group, keep) {
            (Group::Taken, _) => self.losers.push(Loser { ordinal: seat.ordinal, rival: None }),
            (Group::One(first), Keep::None) => {
                self.losers.push(loses(first, seat));
                self.losers.push(loses(seat, first));
                *group = Group::Many(first);
            }
            // The first seat stays the rival that is named.
            (Group::Many(first), Keep::None) | (Group::One(first) | Group::Many(first), Keep::First) => {
                self.losers.push(loses(seat, first));
            }
            (Group::One(last) | Group::Many(last), Keep::Last) => {
                self.losers.push(loses(last, seat));
                *group = Group::Many(seat);
            }
        }
    }

    /// Gives the losers, ascending by ordinal.
    #[must_use]
    pub fn finish(mut self) -> Vec<Loser> {
        self.losers.sort_unstable_by_key(|loser| loser.ordinal);
        self.losers
    }
}

/// Picks the losers among the rows `first..first + rows`: a mask and the losers themselves.
#[must_use]
pub fn among(losers: &[Loser], first: u64, rows: usize) -> (Mask, &[Loser]) {
    let from = losers.partition_point(|loser| loser.ordinal < first);
    let to = losers.partition_point(|loser| loser.ordinal < first + rows as u64);
    let mut mask = Mask::new(rows);
    for loser in &losers[from..to] {
        if let Ok(row) = usize::try_from(loser.ordinal - first) {
            mask.set(row);
        }
    }
    (mask, &losers[from..to])
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
            state.add(key.as_bytes(), Seat { ordinal, file: 0, at: ordinal + 2 });
        }
        state.finish().iter().map(|loser| loser.ordinal).collect()
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

    #[test]
    fn among_cuts_a_batch_out() {
        let all: Vec<Loser> = [1, 5, 9].map(|ordinal| Loser { ordinal, rival: None }).into();
        let (mask, found) = among(&all, 4, 5);
        assert_eq!(mask.rows().collect::<Vec<_>>(), [1]);
        assert_eq!(found.len(), 1);
    }
}
