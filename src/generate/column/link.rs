//! Link: the parent row that a reference draws for each cell. The parent's key is recomputed from it, never looked up.

use std::sync::Arc;

use crate::generate::column::table::Core;
use crate::generate::column::{Cells, Nulls};
use crate::generate::permutation::{Permutation, Spread};
use crate::generate::random::Draws;
use crate::generate::zipf::Zipf;

/// The row of a reference that is NULL.
pub const NONE: u64 = u64::MAX;

/// A reference of one or several columns of a scope.
#[derive(Debug)]
pub struct Link {
    /// `None`: the table itself.
    pub parent: Option<Arc<Core>>,
    pub rows: u64,
    pub chooser: Chooser,
    pub key: u64,
    pub nulls: Nulls,
    /// All elements of a list draw parents of one group.
    pub together: Option<Groups>,
}

/// How parent rows are chosen.
#[derive(Debug)]
pub enum Chooser {
    Uniform,
    /// Ranks by popularity, shuffled over the rows.
    Zipf(Zipf, Permutation),
    /// The first rows of an order get a parent each, the others any.
    Every(Permutation),
    /// Each row has a parent of its own.
    Unique(Spread),
    /// One digit of the row's place in a space of several columns.
    Digit {
        spread: Spread,
        divisor: u128,
        radix: u128,
    },
    /// An earlier row of the table itself; the first row refers to nothing, or to itself.
    Earlier {
        first_is_null: bool,
    },
    /// There are no parents.
    Nobody,
}

/// The rows of a parent by the value of one of its columns.
#[derive(Debug)]
pub struct Groups {
    /// The group of each row.
    pub of: Vec<u32>,
    /// Where each group starts among the members, and the end.
    pub starts: Vec<u32>,
    /// The rows, group by group.
    pub members: Vec<u32>,
}

impl Link {
    /// Draws a parent row for each cell. `owners` are the lists that elements lie in.
    #[must_use]
    pub fn draw(&self, cells: &Cells, owners: Option<&[u32]>) -> Vec<u64> {
        let mut rows: Vec<u64> = Vec::with_capacity(cells.len());
        match (&self.chooser, &self.together, owners) {
            (_, Some(groups), Some(owners)) => self.together(groups, cells, owners, &mut rows),
            (Chooser::Uniform, ..) => {
                rows.extend(cells.seeds.iter().map(|seed| Draws::new(seed.wrapping_add(self.key)).below(self.rows)));
            }
            _ => rows.extend((0..cells.len()).map(|at| self.one(cells, at))),
        }
        if let Some(valid) = self.nulls.of(cells, self.key) {
            for (at, row) in rows.iter_mut().enumerate() {
                if valid.is_null(at) {
                    *row = NONE;
                }
            }
        }
        rows
    }

    fn one(&self, cells: &Cells, at: usize) -> u64 {
        let mut draws = Draws::new(cells.seeds[at].wrapping_add(self.key));
        let row = cells.rows[at];
        let narrow = |place: u128| u64::try_from(place).unwrap_or(0);
        match &self.chooser {
            Chooser::Uniform => draws.below(self.rows),
            Chooser::Zipf(zipf, order) => order.at(zipf.draw(&mut draws) - 1),
            Chooser::Every(order) => {
                let place = order.at(row);
                if place < self.rows && cells.leads(at) { place } else { draws.below(self.rows) }
            }
            Chooser::Unique(spread) => narrow(spread.at(row)),
            Chooser::Digit { spread, divisor, radix } => narrow(spread.at(row) / divisor % radix),
            Chooser::Earlier { first_is_null } => match row {
                0 if *first_is_null => NONE,
                0 => 0,
                row => draws.below(row),
            },
            Chooser::Nobody => NONE,
        }
    }

    /// Draws the first element of a list freely and the others from its group.
    fn together(&self, groups: &Groups, cells: &Cells, owners: &[u32], rows: &mut Vec<u64>) {
        let mut lead = 0;
        for at in 0..cells.len() {
            if at == 0 || owners[at] != owners[at - 1] {
                lead = self.one(cells, at);
                rows.push(lead);
                continue;
            }
            let group =
                usize::try_from(lead).ok().and_then(|lead| groups.of.get(lead)).map_or(0, |group| *group as usize);
            let (from, to) = (groups.starts[group], groups.starts[group + 1]);
            let mut draws = Draws::new(cells.seeds[at].wrapping_add(self.key));
            let member = from + u32::try_from(draws.below(u64::from(to - from))).unwrap_or(0);
            rows.push(groups.members[member as usize].into());
        }
    }
}
