//! Days: a table's rows sorted into the days of its folders, and moments whose days have weights.
//!
//! A day owns a contiguous range of rows, so that each folder is made alone. A row that is late stands in the folder of
//! a later day: its own day is so much earlier.

use std::ops::Range;

use arrow_array::ArrayRef;
use arrow_buffer::NullBuffer;

use crate::generate::alias::Alias;
use crate::generate::column::Cells;
use crate::generate::grid::{Form, Grid};
use crate::generate::random::Draws;
use crate::model::literal::{civil_from_days, date_text};
use crate::model::temporal::DAY;

/// The folders' days, ascending, without gaps between the rows.
#[derive(Debug, Default)]
pub struct Days {
    pub ranges: Vec<(i32, Range<u64>)>,
    /// Share of late rows in 2^-64, the most days late, and the key of the draws.
    pub late: Option<(u64, u32, u64)>,
}

/// What a column takes from the day of its row.
#[derive(Debug)]
pub struct DaySource {
    pub form: Form,
    /// Days are written as text, `YYYY-MM-DD`.
    pub text: bool,
    /// The day of the folder instead of the row's own.
    pub folder: bool,
    /// Units within the day, inclusive, and their step (timestamps only).
    pub times: (i64, i64, i64),
    /// Limits of the whole moment, inclusive.
    pub limits: (i64, i64),
    /// Moments rise with the rows of a day.
    pub rising: bool,
}

impl Days {
    /// Sorts rows into days by weight; each day's share is rounded so that all rows have one.
    #[must_use]
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "row counts stay far below 2^53, and shares of them are not negative"
    )]
    pub fn new(first: i32, weights: &[f64], rows: u64, late: Option<(u64, u32, u64)>) -> Self {
        let total: f64 = weights.iter().sum();
        let (mut ranges, mut sum, mut start) = (Vec::with_capacity(weights.len()), 0.0, 0);
        for (day, weight) in (first..).zip(weights) {
            sum += weight;
            let end = if day.abs_diff(first) as usize + 1 == weights.len() {
                rows
            } else {
                (libm::floor(sum / total * rows as f64) as u64).clamp(start, rows)
            };
            if end > start {
                ranges.push((day, start..end));
            }
            start = end;
        }
        Self { ranges, late }
    }

    /// Gives the folder of a row: its index. `hint` is a guess.
    fn folder(&self, row: u64, hint: usize) -> usize {
        let inside = |at: usize| self.ranges.get(at).is_some_and(|(_, rows)| rows.contains(&row));
        if inside(hint) {
            return hint;
        }
        if inside(hint + 1) {
            return hint + 1;
        }
        self.ranges.partition_point(|(_, rows)| rows.end <= row).min(self.ranges.len().saturating_sub(1))
    }

    /// Gives how many days late a row is.
    fn lateness(&self, row: u64) -> i64 {
        let Some((threshold, most, key)) = self.late else { return 0 };
        let mut draws = Draws::new(crate::generate::random::mix(row ^ key));
        if draws.bits() >= threshold { 0 } else { 1 + draws.below(most.into()).cast_signed() }
    }
}

impl DaySource {
    /// Makes days or moments.
    #[must_use]
    pub fn fill(&self, days: &Days, cells: &Cells, key: u64, nulls: Option<NullBuffer>) -> ArrayRef {
        if self.text {
            return self.texts(days, cells, key, nulls.as_ref());
        }
        let mut units = Vec::with_capacity(cells.len());
        self.each(days, cells, key, |unit| units.push(unit));
        self.form.array(units, nulls)
    }

    fn texts(&self, days: &Days, cells: &Cells, key: u64, nulls: Option<&NullBuffer>) -> ArrayRef {
        let mut texts = Vec::with_capacity(cells.len());
        let mut at = 0;
        self.each(days, cells, key, |day| {
            let valid = nulls.is_none_or(|nulls| nulls.is_valid(at));
            texts.push(valid.then(|| date_text(i32::try_from(day).unwrap_or(0))));
            at += 1;
        });
        std::sync::Arc::new(arrow_array::StringArray::from(texts))
    }

    fn each(&self, days: &Days, cells: &Cells, key: u64, mut put: impl FnMut(i64)) {
        let mut hint = 0;
        let (first, last, step) = self.times;
        for at in 0..cells.len() {
            let row = cells.rows[at];
            hint = days.folder(row, hint);
            let Some((folder, rows)) = days.ranges.get(hint) else { return put(0) };
            let mut day = i64::from(*folder);
            let is_day = self.form == Form::Date;
            if !self.folder {
                let earlier = day - days.lateness(row);
                let least = if is_day { self.limits.0 } else { self.limits.0.div_euclid(DAY) };
                day = if earlier >= least { earlier } else { day };
            }
            if is_day {
                put(day);
                continue;
            }
            let midnight = day * DAY;
            let from = first.max(self.limits.0.saturating_sub(midnight));
            let from = first + (from - first + step - 1) / step * step;
            let to = last.min(self.limits.1.saturating_sub(midnight)).max(from);
            let count = ((to - from) / step + 1).cast_unsigned();
            let mut draws = Draws::new(cells.seeds[at].wrapping_add(key));
            let place = if self.rising {
                let (index, of) = (u128::from(row - rows.start), u128::from(rows.end - rows.start));
                let start = |index: u128| u64::try_from(index * u128::from(count) / of).unwrap_or(0);
                start(index) + draws.below(start(index + 1) - start(index))
            } else {
                draws.below(count)
            };
            put(midnight + from + step * place.cast_signed());
        }
    }
}

/// Days with weights, and the first of them.
#[derive(Debug)]
pub struct Weights {
    pub days: Alias,
    pub first: i32,
}

impl Weights {
    /// Makes moments of a grid of dates or timestamps: a day by weight, the time of day uniformly.
    #[must_use]
    pub fn fill(&self, grid: &Grid, cells: &Cells, key: u64, nulls: Option<NullBuffer>) -> ArrayRef {
        let narrow = |unit: i128| i64::try_from(unit).unwrap_or(0);
        let (least, most, step) = (narrow(grid.least), narrow(grid.most()), narrow(grid.step).max(1));
        let unit = |seed: &u64| {
            let mut draws = Draws::new(seed.wrapping_add(key));
            let day = i64::from(self.first) + i64::try_from(self.days.pick(draws.bits())).unwrap_or(0);
            if grid.form == Form::Date {
                return day.clamp(least, most);
            }
            let from = (day * DAY).max(least);
            let from = least + (from - least + step - 1) / step * step;
            let to = (day * DAY + DAY - 1).min(most).max(from);
            from + step * draws.below(((to - from) / step + 1).cast_unsigned()).cast_signed()
        };
        grid.form.array(cells.seeds.iter().map(unit).collect(), nulls)
    }
}

/// Gives the weight of each day from the first to the last by day of the week (Monday first) and month.
#[must_use]
pub fn weights(first: i32, last: i32, weekdays: Option<&[f64; 7]>, months: Option<&[f64; 12]>) -> Vec<f64> {
    let weight = |day: i32| {
        // 1970-01-01 was a Thursday.
        let weekday = usize::try_from((i64::from(day) + 3).rem_euclid(7)).unwrap_or(0);
        let month = usize::try_from(civil_from_days(day).1 - 1).unwrap_or(0);
        weekdays.map_or(1.0, |weights| weights[weekday]) * months.map_or(1.0, |weights| weights[month.min(11)])
    };
    (first..=last).map(weight).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_own_their_rows_without_gaps() {
        let weights = weights(20_454, 20_484, Some(&[1.0, 1.0, 1.0, 1.0, 1.0, 3.0, 0.0]), None);
        let days = Days::new(20_454, &weights, 10_000, None);
        assert_eq!(days.ranges.first().unwrap().1.start, 0);
        assert_eq!(days.ranges.last().unwrap().1.end, 10_000);
        assert!(days.ranges.windows(2).all(|pair| pair[0].1.end == pair[1].1.start && pair[0].0 < pair[1].0));
        // No Sunday has rows.
        assert!(days.ranges.iter().all(|(day, _)| (i64::from(*day) + 3).rem_euclid(7) != 6));
        for row in [0, 1, 4999, 9999] {
            let folder = days.folder(row, 7);
            assert!(days.ranges[folder].1.contains(&row));
        }
    }
}
