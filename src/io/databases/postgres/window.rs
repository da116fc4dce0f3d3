//! Window: which of the rows that failed together are tried next, until each faulty row is found alone.
//!
//! Where the server names the row, the rows before it are tried and the row is passed over; else the failing stretch is
//! halved. The stretch grows again with each success, so that few faults cost little and many do not cost all.

use std::ops::Range;

/// Walks over rows `0..end`.
#[derive(Debug, Clone)]
pub struct Window {
    at: usize,
    end: usize,
    /// Rows tried next, where nothing is known.
    width: usize,
    /// Good rows since the last faulty one.
    run: usize,
    /// The row that the server named: those before it are tried first.
    named: Option<usize>,
    /// Some row before this one is faulty.
    within: Option<usize>,
}

impl Window {
    /// Starts with all rows at once.
    #[must_use]
    pub const fn new(end: usize) -> Self {
        Self { at: 0, end, width: end, run: 0, named: None, within: None }
    }

    /// Gives the rows to try; `None` when all were dealt with.
    #[must_use]
    pub fn range(&self) -> Option<Range<usize>> {
        let left = self.end.checked_sub(self.at).filter(|left| *left > 0)?;
        let width = match (self.named, self.within) {
            (Some(named), _) => named - self.at,
            (None, Some(within)) => (within - self.at).div_ceil(2),
            (None, None) => self.width,
        };
        Some(self.at..self.at + width.clamp(1, left))
    }

    /// Says that the rows were taken. Gives the row that is thereby known to be faulty: the server named it before.
    pub fn taken(&mut self) -> Option<usize> {
        let range = self.range()?;
        self.run += range.len();
        self.at = range.end;
        if self.named == Some(self.at) {
            return Some(self.refuse());
        }
        // Where a fault went away, it was one of the rows together.
        self.within = self.within.filter(|within| *within > self.at);
        if self.within.is_none() && self.named.is_none() {
            self.width = self.width.saturating_mul(2);
        }
        None
    }

    /// Says that the rows failed, and which of them, counted from the first, where the server names it. Gives the row
    /// that is thereby known to be faulty.
    pub fn failed(&mut self, line: Option<usize>) -> Option<usize> {
        let range = self.range()?;
        match line.filter(|line| *line < range.len()) {
            Some(0) => Some(self.refuse()),
            Some(line) => {
                (self.named, self.within) = (Some(range.start + line), None);
                None
            }
            None if range.len() == 1 => Some(self.refuse()),
            None => {
                (self.named, self.within) = (None, Some(range.end));
                None
            }
        }
    }

    fn refuse(&mut self) -> usize {
        let row = self.at;
        self.at += 1;
        (self.named, self.within) = (None, None);
        self.width = self.run.max(1);
        self.run = 0;
        row
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Gives the rows found, those taken, and how many rows were tried in how many tries.
    fn search(rows: usize, bad: &[usize], named: bool) -> (Vec<usize>, Vec<usize>, usize, usize) {
        let (mut window, mut found, mut taken) = (Window::new(rows), Vec::new(), Vec::new());
        let (mut tried, mut tries) = (0, 0);
        while let Some(range) = window.range() {
            tried += range.len();
            tries += 1;
            assert!(tries <= 100 * rows + 100, "no end");
            if let Some(first) = bad.iter().find(|row| range.contains(row)) {
                found.extend(window.failed(named.then(|| first - range.start)));
            } else {
                taken.extend(range);
                found.extend(window.taken());
            }
        }
        (found, taken, tried, tries)
    }

    proptest! {
        #[test]
        fn exactly_the_faulty_rows_are_found(bad in proptest::collection::btree_set(0_usize..300, 0..60), named: bool) {
            let bad: Vec<usize> = bad.into_iter().collect();
            let (found, taken, _, _) = search(300, &bad, named);
            let good: Vec<usize> = (0..300).filter(|row| !bad.contains(row)).collect();
            prop_assert_eq!(found, bad);
            prop_assert_eq!(taken, good);
        }
    }

    #[test]
    fn few_faults_cost_little_and_many_not_all() {
        let (_, _, tried, tries) = search(65_536, &[40_000], true);
        assert!(tries < 6 && tried < 3 * 65_536, "{tried} rows in {tries} tries");
        let (_, _, tried, tries) = search(65_536, &[40_000], false);
        assert!(tries < 25 && tried < 4 * 65_536, "{tried} rows in {tries} tries");
        let fifth: Vec<usize> = (0..65_536).step_by(5).collect();
        let (_, _, tried, tries) = search(65_536, &fifth, true);
        assert!(tries < 4 * fifth.len() && tried < 8 * 65_536, "{tried} rows in {tries} tries");
    }

    #[test]
    fn a_fault_that_goes_away_is_nobodys() {
        let mut window = Window::new(8);
        assert_eq!(window.failed(None), None);
        let mut rows = 0;
        while let Some(range) = window.range() {
            rows += range.len();
            assert_eq!(window.taken(), None);
        }
        assert_eq!(rows, 8);
    }
}
