//! Selection: which rows get which fault. Any range of rows can be asked, in any order, and gives the same rows.
//!
//! The places of a shuffle of all rows are dealt out: each fault with an exact amount owns an interval of them. Bursts
//! come first and own whole blocks of neighbouring rows. Faults with a condition take rows by a hash, among those that
//! nobody else owns.

use std::ops::Range;

use crate::frame::Mask;
use crate::generate::faults::permute::Permutation;
use crate::generate::random::Stream;
use crate::model::Result;

/// What the selection must know of a fault that is planted by row.
#[derive(Debug, Clone, Copy)]
pub struct Wish {
    /// The fault's number.
    pub fault: usize,
    pub amount: Amount,
    /// Neighbouring rows at once, at least 1.
    pub burst: u64,
    /// Other faults may fall on the same rows.
    pub overlap: bool,
}

/// How many rows a fault takes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Amount {
    Exactly(u64),
    /// A share of the rows its condition admits.
    Share(f64),
}

/// Deals the rows of a table out to faults.
#[derive(Debug)]
pub struct Selection {
    rows: u64,
    /// Bursts, longest first, and then single rows: each level hands the rows it leaves to the next.
    levels: Vec<Level>,
    /// Each with a shuffle of its own.
    loose: Vec<Vec<Level>>,
    /// With a condition, in order.
    hashed: Vec<Hashed>,
}

#[derive(Debug)]
struct Level {
    block: u64,
    /// Whole blocks; the rows behind the last whole block are left to the next level.
    blocks: u64,
    shuffle: Permutation,
    /// Fault, its first block, and how many rows from there on.
    owners: Vec<(usize, u64, u64)>,
    /// Blocks that are owned.
    taken: u64,
    size: u64,
}

#[derive(Debug)]
struct Hashed {
    fault: usize,
    share: f64,
    burst: u64,
    stream: Stream,
    overlap: bool,
}

/// What a level makes of a row.
enum Lot {
    Owned(usize),
    /// In a block that is owned, but beyond what its owner asked for.
    Spare,
    Left(u64),
}

impl Selection {
    /// Deals `rows` rows out. `None` where there are fewer rows than wishes.
    #[must_use]
    pub fn new(rows: u64, wishes: &[Wish], stream: impl Fn(&str) -> Stream) -> Option<Self> {
        let exact = |wish: &&Wish| matches!(wish.amount, Amount::Exactly(_));
        let mut sizes: Vec<u64> = wishes.iter().filter(exact).filter(|wish| !wish.overlap).map(|w| w.burst).collect();
        sizes.sort_unstable_by(|a, b| b.cmp(a));
        sizes.dedup();
        let mut levels = Vec::new();
        let mut left = rows;
        for size in sizes {
            let own: Vec<Wish> =
                wishes.iter().filter(exact).filter(|w| !w.overlap && w.burst == size).copied().collect();
            let level = Level::new(left, size, &own, stream(&format!("faults.{size}")))?;
            left -= level.taken * size;
            levels.push(level);
        }
        let mut loose = Vec::new();
        for wish in wishes.iter().filter(exact).filter(|wish| wish.overlap) {
            loose.push(vec![Level::new(rows, wish.burst, &[*wish], stream(&format!("faults.loose.{}", wish.fault)))?]);
        }
        let hashed = wishes.iter().filter_map(|wish| match wish.amount {
            Amount::Share(share) => Some(Hashed {
                fault: wish.fault,
                share,
                burst: wish.burst,
                stream: stream(&format!("faults.share.{}", wish.fault)),
                overlap: wish.overlap,
            }),
            Amount::Exactly(_) => None,
        });
        let hashed = hashed.collect();
        Some(Self { rows, levels, loose, hashed })
    }

    /// Gives the chosen rows of a range, ascending, each with its faults.
    ///
    /// # Errors
    /// Those of `admits`.
    pub fn rows(&self, range: Range<u64>, admits: &dyn Fn(usize) -> Result<Mask>) -> Result<Vec<(u64, Vec<usize>)>> {
        let range = range.start.min(self.rows)..range.end.min(self.rows);
        let mut chosen: Vec<(u64, usize)> = Vec::new();
        dealt(&self.levels, &range, &mut chosen);
        for levels in &self.loose {
            dealt(levels, &range, &mut chosen);
        }
        for hashed in &self.hashed {
            let admitted = admits(hashed.fault)?;
            for at in admitted.rows() {
                let row = range.start + at as u64;
                if row >= range.end || !hashed.takes(row) {
                    continue;
                }
                let before = self.hashed.iter().take_while(|other| other.fault != hashed.fault);
                let mut taken = matches!(lot(&self.levels, row), Some(Lot::Owned(_)));
                for other in before.filter(|other| !other.overlap) {
                    taken |= other.takes(row) && admits(other.fault)?.get(at);
                }
                if hashed.overlap || !taken {
                    chosen.push((row, hashed.fault));
                }
            }
        }
        chosen.sort_unstable();
        let mut rows: Vec<(u64, Vec<usize>)> = Vec::new();
        for (row, fault) in chosen {
            match rows.last_mut() {
                Some((last, faults)) if *last == row => faults.push(fault),
                _ => rows.push((row, vec![fault])),
            }
        }
        Ok(rows)
    }
}

impl Hashed {
    fn takes(&self, row: u64) -> bool {
        #[expect(clippy::cast_precision_loss, reason = "53 bits fit")]
        let fraction = (self.stream.at(row / self.burst.max(1)) >> 11) as f64 / (1u64 << 53) as f64;
        fraction < self.share
    }
}

/// Adds the rows of a range that the levels deal out: row by row, or fault by fault where these are fewer.
fn dealt(levels: &[Level], range: &Range<u64>, chosen: &mut Vec<(u64, usize)>) {
    let owned: u64 = levels.iter().flat_map(|level| &level.owners).map(|(_, _, rows)| rows).sum();
    if owned >= range.end.saturating_sub(range.start) {
        for row in range.clone() {
            if let Some(Lot::Owned(fault)) = lot(levels, row) {
                chosen.push((row, fault));
            }
        }
        return;
    }
    for (depth, level) in levels.iter().enumerate() {
        for (fault, first, rows) in &level.owners {
            for at in 0..*rows {
                let mut row = level.shuffle.backward(first + at / level.block) * level.block + at % level.block;
                for outer in levels.iter().take(depth).rev() {
                    row = outer.outward(row);
                }
                if range.contains(&row) {
                    chosen.push((row, *fault));
                }
            }
        }
    }
}

/// Sends a row through the levels.
fn lot(levels: &[Level], row: u64) -> Option<Lot> {
    let mut row = row;
    for level in levels {
        match level.inward(row) {
            Lot::Left(next) => row = next,
            found => return Some(found),
        }
    }
    None
}

impl Level {
    fn new(size: u64, block: u64, wishes: &[Wish], stream: Stream) -> Option<Self> {
        let block = block.max(1);
        let blocks = size / block;
        let mut owners = Vec::new();
        let mut taken = 0;
        for wish in wishes {
            let Amount::Exactly(rows) = wish.amount else { continue };
            owners.push((wish.fault, taken, rows));
            taken += rows.div_ceil(block);
        }
        (taken <= blocks).then(|| Self {
            block,
            blocks,
            shuffle: Permutation::new(stream, blocks),
            owners,
            taken,
            size,
        })
    }

    fn inward(&self, row: u64) -> Lot {
        let block = row / self.block;
        if block >= self.blocks {
            return Lot::Left(row - self.taken * self.block);
        }
        let place = self.shuffle.forward(block);
        if place >= self.taken {
            return Lot::Left((place - self.taken) * self.block + row % self.block);
        }
        let owner = self.owners.partition_point(|(_, first, _)| *first <= place).checked_sub(1);
        // An owner of no rows shares its first block with the next one, which stands behind it.
        let Some((fault, first, rows)) = owner.and_then(|at| self.owners.get(at)) else { return Lot::Spare };
        if (place - first) * self.block + row % self.block < *rows { Lot::Owned(*fault) } else { Lot::Spare }
    }

    /// Gives the row that [`Level::inward`] left as this number.
    fn outward(&self, left: u64) -> u64 {
        let place = left / self.block + self.taken;
        if place >= self.blocks {
            return (left + self.taken * self.block).min(self.size.saturating_sub(1));
        }
        self.shuffle.backward(place) * self.block + left % self.block
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn wish(fault: usize, amount: Amount, burst: u64, overlap: bool) -> Wish {
        Wish { fault, amount, burst, overlap }
    }

    fn selection(rows: u64, wishes: &[Wish]) -> Option<Selection> {
        Selection::new(rows, wishes, |name| Stream::new(5, name))
    }

    fn all(selection: &Selection, step: u64) -> Vec<(u64, Vec<usize>)> {
        let ranges = (0..selection.rows.div_ceil(step)).map(|at| at * step..(at + 1) * step);
        let admits = |_| Ok(Mask::full(usize::try_from(step).unwrap()));
        ranges.flat_map(|range| selection.rows(range, &admits).unwrap()).collect()
    }

    #[test]
    fn bursts_are_neighbours() {
        let bursts = selection(1000, &[wish(0, Amount::Exactly(25), 10, false)]).unwrap();
        let rows: Vec<u64> = all(&bursts, 1000).into_iter().map(|(row, _)| row).collect();
        assert_eq!(rows.len(), 25);
        assert_eq!(rows.windows(2).filter(|pair| pair[1] != pair[0] + 1).count(), 2);
    }

    #[test]
    fn more_faults_than_rows_are_refused() {
        assert!(
            selection(10, &[wish(0, Amount::Exactly(6), 1, false), wish(1, Amount::Exactly(5), 1, false)]).is_none()
        );
        assert!(
            selection(10, &[wish(0, Amount::Exactly(6), 1, false), wish(1, Amount::Exactly(5), 1, true)]).is_some()
        );
    }

    proptest! {
        #[test]
        fn counts_are_exact_and_ranges_agree(
            rows in 60u64..3000, a in 0u64..20, b in 0u64..20, c in 0u64..10, burst in 1u64..6, step in 1u64..700,
        ) {
            let wishes = [
                wish(0, Amount::Exactly(a), 1, false),
                wish(1, Amount::Exactly(b), burst, false),
                wish(2, Amount::Exactly(c), 1, true),
                wish(3, Amount::Share(0.05), 1, false),
            ];
            let Some(selection) = selection(rows, &wishes) else { return Ok(()) };
            let whole = all(&selection, rows);
            prop_assert_eq!(&all(&selection, step), &whole);
            let count = |fault| whole.iter().filter(|(_, faults)| faults.contains(&fault)).count() as u64;
            prop_assert_eq!([count(0), count(1), count(2)], [a, b, c]);
            let alone = |faults: &Vec<usize>| faults.iter().filter(|fault| **fault != 2).count() <= 1;
            prop_assert!(whole.iter().all(|(_, faults)| alone(faults)));
        }
    }
}
