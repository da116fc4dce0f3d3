//! Losers: the rows that break a rule about keys, in 16 bytes each.

use std::sync::Arc;

use crate::frame::keys::packed::{Packed, pairs};
use crate::frame::keys::seat::{self, Places, Seat};
use crate::frame::keys::store::{Budget, PARTS, Parts, Pen, Store};
use crate::frame::mask::Mask;
use crate::model::Result;

/// A row that breaks a rule about keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Loser {
    pub ordinal: u64,
    pub rival: Rival,
}

/// What a row lost against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rival {
    /// No row in particular: it falls behind the order of rows.
    Order,
    /// The target has its key already.
    Target,
    /// A row with the same key.
    Row(Seat),
}

/// The rows that break one rule.
#[derive(Debug, Clone, Default)]
pub struct Losers {
    /// Each of 2 to the power of `shift` ordinals: pairs of ordinal and packed rival, ascending.
    ranges: Vec<Packed>,
    shift: u32,
    places: Arc<Places>,
}

impl Losers {
    /// Counts them.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ranges.iter().map(Packed::len).sum()
    }

    /// Tells whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ranges.iter().all(Packed::is_empty)
    }

    /// Marks the losers among the rows with ordinals `first..first + rows`.
    #[must_use]
    pub fn mask(&self, first: u64, rows: usize) -> Mask {
        let mut mask = Mask::new(rows);
        let mut from = first;
        let end = first.saturating_add(rows as u64);
        while from < end {
            let Some(range) = self.range(from) else { break };
            for (ordinal, _) in range.from(range.find(from)).take_while(|(ordinal, _)| *ordinal < end) {
                if let Ok(row) = usize::try_from(ordinal - first) {
                    mask.set(row);
                }
            }
            from = ((from >> self.shift) + 1) << self.shift;
        }
        mask
    }

    /// Tells whether a row loses, and against what.
    #[must_use]
    pub fn of(&self, ordinal: u64) -> Option<Loser> {
        let range = self.range(ordinal)?;
        let pair = range.get(range.find(ordinal)).filter(|pair| pair.0 == ordinal)?;
        self.loser(pair)
    }

    /// Walks them, ascending by ordinal.
    pub fn iter(&self) -> impl Iterator<Item = Loser> + '_ {
        self.ranges.iter().flat_map(|range| range.from(0)).filter_map(|pair| self.loser(pair))
    }

    fn range(&self, ordinal: u64) -> Option<&Packed> {
        self.ranges.get(usize::try_from(ordinal >> self.shift).ok()?)
    }

    fn loser(&self, (ordinal, rival): (u64, u64)) -> Option<Loser> {
        let rival = match rival {
            seat::NONE => Rival::Order,
            rival if seat::in_target(rival) => Rival::Target,
            rival => Rival::Row(self.places.seat(rival)?),
        };
        Some(Loser { ordinal, rival })
    }
}

/// Collects the losers of one rule, in any order.
#[derive(Debug)]
pub struct LoserList {
    store: Store,
    shift: u32,
    places: Arc<Places>,
}

impl LoserList {
    /// Makes an empty list for a run that `places` describes. It is not spilled, but counts for the budget.
    #[must_use]
    pub fn new(places: &Arc<Places>, budget: &Arc<Budget>) -> Self {
        let last = places.rows().saturating_sub(1);
        let shift = (u64::BITS - last.leading_zeros()).saturating_sub(PARTS.trailing_zeros());
        Self { store: Store::in_memory(budget), shift, places: places.clone() }
    }

    /// Gives a pen to write losers with, to be put back with [`LoserList::put`].
    #[must_use]
    pub fn pen(&self) -> LoserPen {
        LoserPen { pen: self.store.pen(), shift: self.shift }
    }

    /// Takes a pen back.
    ///
    /// # Errors
    /// Never: nothing is spilled.
    pub fn put(&self, pen: LoserPen) -> Result<()> {
        self.store.put(pen.pen)
    }

    /// Ends the list; each of [`PARTS`] ranges is then to be sorted by [`LoserRanges::sort`].
    #[must_use]
    pub fn seal(self) -> LoserRanges {
        LoserRanges { parts: self.store.seal(), shift: self.shift, places: self.places }
    }
}

/// Writes losers of one rule, in any order.
#[derive(Debug)]
pub struct LoserPen {
    pen: Pen,
    shift: u32,
}

impl LoserPen {
    /// Writes a loser and its packed rival.
    pub fn push(&mut self, ordinal: u64, rival: u64) {
        self.pen.push_pair(usize::try_from(ordinal >> self.shift).unwrap_or(0), ordinal, rival);
    }
}

/// The losers of one rule by ranges of ordinals.
#[derive(Debug)]
pub struct LoserRanges {
    parts: Parts,
    shift: u32,
    places: Arc<Places>,
}

impl LoserRanges {
    /// Takes a range out, sorted.
    ///
    /// # Errors
    /// Never: nothing is spilled.
    pub fn sort(&self, range: usize) -> Result<Packed> {
        let part = self.parts.take(range);
        let mut losers = Vec::with_capacity(part.bytes() / 16);
        part.drain(|block| losers.extend(pairs(block)))?;
        losers.sort_unstable();
        // Several reasons may name one row: the first counts.
        losers.dedup_by_key(|(ordinal, _)| *ordinal);
        Ok(self.parts.pack(&losers))
    }

    /// Puts the sorted ranges together, in order.
    #[must_use]
    pub fn join(self, ranges: Vec<Packed>) -> Losers {
        Losers { ranges, shift: self.shift, places: self.places }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::keys::seat::Seats;
    use crate::frame::keys::seat::tests::record;

    #[test]
    fn any_window_finds_its_losers() {
        let rows = 5_000_usize;
        let records: Vec<_> = (1..=rows as u64).map(|number| record(number, number + 1)).collect();
        let seats = Seats::new(0, 0, &records, true).unwrap();
        let mut places = Places::default();
        places.add(seats.stretch());
        let list = LoserList::new(&Arc::new(places), &Budget::new(usize::MAX, None));
        let lost: Vec<u64> = (0..rows as u64).filter(|ordinal| ordinal % 7 == 3 || *ordinal == 4_999).collect();
        for some in lost.rchunks(10) {
            let mut pen = list.pen();
            some.iter().for_each(|ordinal| pen.push(*ordinal, seats.pack(0, false)));
            list.put(pen).unwrap();
        }
        let ranges = list.seal();
        let sorted = (0..PARTS).map(|range| ranges.sort(range).unwrap()).collect();
        let losers = ranges.join(sorted);
        assert_eq!(losers.iter().map(|loser| loser.ordinal).collect::<Vec<_>>(), lost);
        assert_eq!(losers.len(), lost.len());
        for (first, rows) in [(0, 5_000), (0, 0), (3, 1), (4, 6), (1_000, 777), (4_990, 100), (9_000, 10)] {
            let found: Vec<u64> = losers.mask(first, rows).rows().map(|row| first + row as u64).collect();
            let window = first..first + rows as u64;
            assert_eq!(found, lost.iter().copied().filter(|ordinal| window.contains(ordinal)).collect::<Vec<_>>());
        }
        let Some(Loser { rival: Rival::Row(seat), .. }) = losers.of(10) else { panic!("10 loses") };
        assert_eq!((seat.record, seat.line), (1, Some(2)));
        assert_eq!(losers.of(11), None);
        assert!(Losers::default().is_empty() && Losers::default().of(0).is_none());
        assert!(!Losers::default().mask(0, 10).any());
    }
}
