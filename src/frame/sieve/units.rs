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
        true
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
            && self.lists.iter().all(|(list, negated)| match list.as_slice() {
                [one] => (*one == value) != *negated,
                many => many.binary_search(&value).is_ok() != *negated,
            })
    }
}
