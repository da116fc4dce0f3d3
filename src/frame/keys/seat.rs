//! Seats: where rows stand, in 8 bytes each.

use crate::frame::raw::Record;
use crate::model::{Error, Result};

/// Where a row stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seat {
    /// Ascending over all files of the table, from 0.
    pub ordinal: u64,
    /// Index of the file.
    pub file: u32,
    /// Record number in the file, from 1.
    pub record: u64,
    /// Physical line in the file; `None` where the format has no lines of its own for records, or it is not known.
    pub line: Option<u64>,
}

// A packed seat, from the top: 40 bits ordinal, 23 bits by which its line is ahead of what the lines of its batch
// would be if every record had one, and one bit for exact keys. Packed seats sort by ordinal.
const ORDINAL_BITS: u32 = 40;
const AHEAD_BITS: u32 = 23;
const AHEAD_MASK: u64 = (1 << AHEAD_BITS) - 1;
const BIAS: i64 = 1 << (AHEAD_BITS - 1);
/// The line is not known.
const NO_LINE: u64 = AHEAD_MASK;
/// The ordinal of what stands in no file.
const NOWHERE: u64 = (1 << ORDINAL_BITS) - 1;

/// Stands for a row of the target.
pub const TARGET: u64 = NOWHERE << (AHEAD_BITS + 1);
/// Stands for no row at all.
pub const NONE: u64 = u64::MAX;

/// Gives the ordinal of a packed seat.
#[must_use]
pub const fn ordinal(packed: u64) -> u64 {
    packed >> (AHEAD_BITS + 1)
}

/// Tells whether a packed seat is that of a row in the target.
#[must_use]
pub const fn in_target(packed: u64) -> bool {
    ordinal(packed) == NOWHERE
}

/// Tells whether the key at a packed seat is exact.
#[must_use]
pub const fn is_exact(packed: u64) -> bool {
    packed & 1 == 1
}

/// Gives the packed seat of a row of the target.
#[must_use]
pub const fn target(exact: bool) -> u64 {
    TARGET | exact as u64
}

/// The records of a batch, to take seats from.
#[derive(Debug, Clone, Copy)]
pub struct Seats<'a> {
    stretch: Stretch,
    records: &'a [Record],
}

/// Consecutive records of one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stretch {
    /// Ordinal of the first.
    first: u64,
    rows: u64,
    file: u32,
    /// Record number of the first.
    number: u64,
    /// Line of the first; 0 where lines say nothing.
    line: u64,
}

impl<'a> Seats<'a> {
    /// Takes the records of a batch of file `file`, the first with ordinal `first`. `by_line`: lines tell them apart.
    ///
    /// # Errors
    /// Where there are more rows than seats (a million millions).
    pub fn new(first: u64, file: u32, records: &'a [Record], by_line: bool) -> Result<Self> {
        let rows = records.len() as u64;
        if first + rows >= NOWHERE {
            return Err(Error::input(format!("keys can be compared over {NOWHERE} rows at most"))
                .hint("Split the table's files over several runs."));
        }
        let (number, line) = records.first().map_or((1, 0), |record| (record.number, record.line));
        let stretch = Stretch { first, rows, file, number, line: if by_line { line } else { 0 } };
        Ok(Self { stretch, records })
    }

    /// Gives where the batch stands, for [`Places`].
    #[must_use]
    pub const fn stretch(&self) -> Stretch {
        self.stretch
    }

    /// Gives the packed seat of a row.
    #[must_use]
    #[inline]
    pub fn pack(&self, row: usize, exact: bool) -> u64 {
        let ahead = if self.stretch.line == 0 { NO_LINE } else { self.ahead(row) };
        (self.stretch.first + row as u64) << (AHEAD_BITS + 1) | ahead << 1 | u64::from(exact)
    }

    #[inline]
    fn ahead(&self, row: usize) -> u64 {
        let line = self.records.get(row).map_or(0, |record| record.line);
        let ahead = line.cast_signed().wrapping_sub((self.stretch.line + row as u64).cast_signed());
        u64::try_from(ahead.saturating_add(BIAS)).unwrap_or(NO_LINE).min(NO_LINE)
    }
}

/// Where the batches of a run stand: turns packed seats into lines and records. 40 bytes a batch.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Places {
    stretches: Vec<Stretch>,
}

impl Places {
    /// Adds the next batch, file order.
    pub fn add(&mut self, stretch: Stretch) {
        self.stretches.push(stretch);
    }

    /// Gives the number of rows.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.stretches.last().map_or(0, |last| last.first + last.rows)
    }

    /// Unpacks a seat; `None` where it is in no batch.
    #[must_use]
    pub fn seat(&self, packed: u64) -> Option<Seat> {
        let ordinal = ordinal(packed);
        let after = self.stretches.partition_point(|stretch| stretch.first <= ordinal);
        let stretch = self.stretches.get(after.checked_sub(1)?)?;
        let row = ordinal - stretch.first;
        if row >= stretch.rows {
            return None;
        }
        let ahead = packed >> 1 & AHEAD_MASK;
        let line = (ahead != NO_LINE).then(|| (stretch.line + row).wrapping_add_signed(ahead.cast_signed() - BIAS));
        Some(Seat { ordinal, file: stretch.file, record: stretch.number + row, line })
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;

    /// A record on a line.
    pub fn record(number: u64, line: u64) -> Record {
        Record { start: 0, len: 0, offset: 0, length: 0, line, number, fault: None }
    }

    #[test]
    fn seats_come_back() {
        let lines = [2, 3, 9, 9, 1 << 22, 1 << 40];
        let records: Vec<Record> = (1..).zip(lines).map(|(number, line)| record(number, line)).collect();
        let mut places = Places::default();
        for (first, file, by_line) in [(0, 0, true), (6, 1, false)] {
            places.add(Seats::new(first, file, &records, by_line).unwrap().stretch());
        }
        assert_eq!(places.rows(), 12);
        let seats = Seats::new(0, 0, &records, true).unwrap();
        for (row, line) in lines.iter().enumerate() {
            let (number, expected) = (row as u64 + 1, (row < 5).then_some(*line));
            let seat = places.seat(seats.pack(row, true)).unwrap();
            assert_eq!(seat, Seat { ordinal: number - 1, file: 0, record: number, line: expected });
        }
        let seats = Seats::new(6, 1, &records, false).unwrap();
        assert_eq!(places.seat(seats.pack(2, false)), Some(Seat { ordinal: 8, file: 1, record: 3, line: None }));
        assert_eq!(places.seat(TARGET), None);
        assert!(in_target(target(true)) && in_target(target(false)) && !is_exact(TARGET));
        assert!(Seats::new(1 << 40, 0, &records, true).is_err());
    }

    #[test]
    fn lines_may_fall_behind() {
        let records = [record(1, 5), record(2, 5), record(3, 5)];
        let seats = Seats::new(0, 0, &records, true).unwrap();
        let mut places = Places::default();
        places.add(seats.stretch());
        assert_eq!(places.seat(seats.pack(2, false)).unwrap().line, Some(5));
    }
}
