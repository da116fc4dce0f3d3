//! Pick: which of a number of values a cell gets.

use std::sync::Arc;

use arrow_array::{Array, ArrayRef, UInt32Array};
use arrow_buffer::NullBuffer;

use crate::generate::alias::Alias;
use crate::generate::column::Cells;
use crate::generate::distribution::Real;
use crate::generate::permutation::{Permutation, Spread};
use crate::generate::random::Draws;
use crate::generate::zipf::Zipf;
use crate::model::{Error, ErrorKind, Result};

/// How a place below a count is chosen.
#[derive(Debug)]
pub enum Pick {
    Uniform,
    Weights(Alias),
    Zipf(Zipf),
    /// A number, shifted and scaled to a place: `(number - origin) * scale`. Numbers outside are drawn anew.
    Real {
        real: Real,
        origin: f64,
        scale: f64,
    },
    /// The number of the row (or the element's place), from the start again after so many.
    Cycle(u64),
    /// Each row has a place of its own.
    Unique(Spread),
    /// One digit of the row's place in a space of several columns.
    Digit {
        spread: Spread,
        divisor: u128,
        radix: u128,
        within: Option<Spread>,
    },
    /// Places rise with the rows of a table that has so many.
    Rising {
        rows: u64,
    },
    /// A few of the places, each at least once: the first rows of an order get one each, the others draw among them.
    Distinct {
        order: Permutation,
        few: u64,
        rest: Box<Pick>,
        spread: Spread,
    },
    /// Places noted beforehand, one as likely as another.
    Noted(Arc<[u32]>),
}

/// How often a number is drawn before the nearest place will do.
const DRAWS: usize = 1000;

impl Pick {
    /// Tells whether a place depends on the row's number alone, so that drawing anew changes nothing.
    #[must_use]
    pub const fn is_fixed(&self) -> bool {
        matches!(
            self,
            Self::Cycle(_) | Self::Unique(_) | Self::Digit { .. } | Self::Rising { .. } | Self::Distinct { .. }
        )
    }

    /// Gives each cell's place below a count of at most 2^64 - 1.
    #[inline]
    pub fn each(&self, cells: &Cells, key: u64, count: u64, mut put: impl FnMut(u64)) {
        match self {
            Self::Uniform => {
                for seed in cells.seeds.iter() {
                    put(Draws::new(seed.wrapping_add(key)).below(count));
                }
            }
            Self::Weights(alias) => {
                for seed in cells.seeds.iter() {
                    put(alias.pick(Draws::new(seed.wrapping_add(key)).bits()) as u64);
                }
            }
            Self::Unique(spread) => {
                for row in cells.rows.iter() {
                    put(narrow(spread.at(*row)));
                }
            }
            Self::Cycle(length) => {
                let length = (*length).max(1);
                for at in 0..cells.len() {
                    let number = cells.number(at);
                    put(if number < length { number } else { number % length });
                }
            }
            _ => {
                for at in 0..cells.len() {
                    put(narrow(self.one(cells, at, key, count.into())));
                }
            }
        }
    }

    /// Gives each cell's place below a count of any size.
    pub fn each_wide(&self, cells: &Cells, key: u64, count: u128, mut put: impl FnMut(u128)) {
        for at in 0..cells.len() {
            put(self.one(cells, at, key, count));
        }
    }

    /// Gives the place of one cell.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "places of real numbers need no more than 53 bits")]
    pub fn one(&self, cells: &Cells, at: usize, key: u64, count: u128) -> u128 {
        let mut draws = Draws::new(cells.seeds[at].wrapping_add(key));
        match self {
            Self::Uniform => match u64::try_from(count) {
                Ok(count) => draws.below(count).into(),
                Err(_) => draws.wide_below(count),
            },
            Self::Weights(alias) => alias.pick(draws.bits()) as u128,
            Self::Zipf(zipf) => u128::from(zipf.draw(&mut draws) - 1),
            Self::Real { real, origin, scale } => {
                let most = count as f64 - 1.0;
                let mut place = 0.0;
                for _ in 0..DRAWS {
                    let number = (real.draw(&mut draws) - origin) * scale;
                    place = if real.floors() { libm::floor(number) } else { libm::rint(number) };
                    if (0.0..=most).contains(&place) {
                        break;
                    }
                }
                whole(place.clamp(0.0, most.max(0.0)))
            }
            Self::Cycle(length) => u128::from(cells.number(at) % (*length).max(1)),
            Self::Unique(spread) => spread.at(cells.rows[at]),
            Self::Digit { spread, divisor, radix, within } => {
                let digit = spread.at(cells.rows[at]) / divisor % radix;
                within.as_ref().map_or(digit, |within| within.at(narrow(digit)))
            }
            Self::Rising { rows } => {
                let (row, rows) = (u128::from(cells.rows[at]), u128::from((*rows).max(1)));
                let start = |row: u128| proportion(row, count, rows);
                let (from, to) = (start(row), start(row + 1));
                from + u128::from(draws.below(u64::try_from(to.saturating_sub(from)).unwrap_or(u64::MAX)))
            }
            Self::Distinct { order, few, rest, spread } => {
                let first = order.at(cells.rows[at]);
                if first < *few && cells.leads(at) {
                    return spread.at(first);
                }
                let place = match &**rest {
                    // A real number names the nearest of the chosen places.
                    Self::Real { .. } => rest.one(cells, at, key, count) / spread.stretch(),
                    rest => rest.one(cells, at, key, u128::from(*few)),
                };
                spread.at(narrow(place).min(few.saturating_sub(1)))
            }
            Self::Noted(places) => {
                let index = usize::try_from(draws.below(places.len() as u64)).unwrap_or(0);
                places.get(index).map_or(0, |place| u128::from(*place))
            }
        }
    }
}

/// Gives `row * count / rows` without overflow, for rows not above `rows`.
const fn proportion(row: u128, count: u128, rows: u128) -> u128 {
    let (whole, rest) = (count / rows, count % rows);
    row * whole + row * rest / rows
}

fn narrow(place: u128) -> u64 {
    u64::try_from(place).unwrap_or(u64::MAX)
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the number is whole and not negative")]
const fn whole(place: f64) -> u128 {
    place as u128
}

/// Takes listed values.
///
/// # Errors
/// Where the list is shorter than a place: a mistake of the plan.
pub fn listed(values: &ArrayRef, pick: &Pick, cells: &Cells, key: u64, nulls: Option<&NullBuffer>) -> Result<ArrayRef> {
    let mut places: Vec<u32> = Vec::with_capacity(cells.len());
    pick.each(cells, key, values.len() as u64, |place| places.push(u32::try_from(place).unwrap_or(0)));
    let places = UInt32Array::new(places.into(), nulls.cloned());
    arrow_select::take::take(values, &places, None)
        .map_err(|error| Error::new(ErrorKind::Contract, "a listed value cannot be taken").because(error))
}
