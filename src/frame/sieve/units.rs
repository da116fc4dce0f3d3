//! Tests of values that are whole units: integers, days, microseconds, decimals times a power of ten.

use crate::frame::judge::bounds::{Bound, Range};
use crate::frame::judge::one_of::OneOf;
use crate::model::{CellTest, Column, Context};

/// All tests of one column's units.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Units {
    /// What every value must lie between, both included.
    least: i64,
    most: i64,
    /// Ranges no value may lie in.
    holes: Vec<(i64, i64)>,
    /// Lists, ascending, each with whether it is one of refused values.
    lists: Vec<(Vec<i64>, bool)>,
}

impl Units {
    /// Takes every value between two, both included.
    pub const fn new(least: i64, most: i64) -> Self {
        Self { least, most, holes: Vec::new(), lists: Vec::new() }
    }

    /// Adds a test; `false` where it is none of units.
    pub fn add(&mut self, test: &CellTest, column: &Column, context: &Context) -> bool {
        match test {
            CellTest::Bound { op, bound } => match Bound::new(*op, bound, &column.data_type, context) {
                Ok(Bound::Units(range)) => self.narrow(range),
                _ => return false,
            },
            CellTest::OneOf { values, negated } => {
                let listed = OneOf::new(values, *negated, &column.data_type, context);
                let Some(units) = listed.as_ref().ok().and_then(OneOf::units) else { return false };
                // What no 64 bits hold is no value here.
                self.lists.push((units.iter().filter_map(|unit| i64::try_from(*unit).ok()).collect(), *negated));
            }
            _ => return false,
        }
        self.tighten();
        true
    }

    /// Turns refused values at the ends of the range into the range's own.
    fn tighten(&mut self) {
        for (list, _) in self.lists.iter().filter(|(list, negated)| *negated && list.len() == 1) {
            self.holes.extend(list.iter().map(|value| (*value, *value)));
        }
        self.lists.retain(|(list, negated)| !*negated || list.len() > 1);
        // Ascending from below and descending from above, so that holes that touch are all taken.
        self.holes.sort_unstable();
        for (low, high) in &self.holes {
            if *low <= self.least && self.least <= *high && *high < i64::MAX {
                self.least = high + 1;
            }
        }
        for (low, high) in self.holes.iter().rev() {
            if *low <= self.most && self.most <= *high && *low > i64::MIN {
                self.most = low - 1;
            }
        }
        let (least, most) = (self.least, self.most);
        self.holes.retain(|(low, high)| *low <= most && *high >= least);
    }

    fn narrow(&mut self, range: Range) {
        let clamp = |unit: i128| i64::try_from(unit.clamp(i64::MIN.into(), i64::MAX.into())).unwrap_or(0);
        let none = range.least > range.most || range.least > i128::from(i64::MAX) || range.most < i128::from(i64::MIN);
        let (least, most) = if none { (1, 0) } else { (clamp(range.least), clamp(range.most)) };
        if !range.negated {
            (self.least, self.most) = (self.least.max(least), self.most.min(most));
        } else if !none {
            self.holes.push((least, most));
        }
    }

    /// Gives what a value must lie between, both included; `None` where that is not all.
    pub fn range(&self) -> Option<(i64, i64)> {
        self.plain().then_some((self.least, self.most))
    }

    /// Tells whether a value passes all tests.
    #[inline]
    pub fn pass(&self, value: i64) -> bool {
        self.least <= value && value <= self.most && (self.plain() || self.rest(value))
    }

    #[inline]
    const fn plain(&self) -> bool {
        self.holes.is_empty() && self.lists.is_empty()
    }

    #[inline]
    fn rest(&self, value: i64) -> bool {
        self.holes.iter().all(|(least, most)| value < *least || value > *most)
            && self.lists.iter().all(|(list, negated)| list.binary_search(&value).is_ok() != *negated)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holes_at_the_ends_are_taken() {
        let mut units = Units::new(0, 10);
        units.holes = vec![(10, 20), (-3, 0), (1, 1), (5, 6), (30, 40)];
        units.lists = vec![(vec![9], true), (vec![2, 7], true), (vec![], true)];
        let slow = units.clone();
        units.tighten();
        assert_eq!((units.least, units.most, units.holes.len(), units.lists.len()), (2, 8, 1, 1));
        assert!((-50..50).all(|value| units.pass(value) == slow.pass(value)));
        let mut edges = Units::new(i64::MIN, i64::MAX);
        edges.holes = vec![(i64::MIN, i64::MAX)];
        edges.tighten();
        assert!(!edges.pass(0) && !edges.pass(i64::MIN) && !edges.pass(i64::MAX));
    }
}
