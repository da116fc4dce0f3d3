//! Steering: numbers and moments that meet rules about the whole column, or weights of days.

use crate::generate::alias::Alias;
use crate::generate::column::Source;
use crate::generate::column::days::{Weights, weights};
use crate::generate::grid::{self, Form, Grid};
use crate::generate::plan::distinct::Asked;
use crate::generate::plan::leaf::Made;
use crate::generate::plan::table::Planner;
use crate::model::temporal::DAY;
use crate::model::{Aggregate, Bounds, Literal};

impl<'a> Planner<'a, '_> {
    /// Gives single rows the values that a rule about the whole column needs.
    pub(super) fn pins(&mut self, asked: &Asked<'_>, grid: &Grid) -> Vec<(u64, u128)> {
        let mut pins = Vec::new();
        let last = self.rows.saturating_sub(1);
        if let Some((rule, age)) = asked.facts.fresh {
            let newest = match grid.form {
                Form::Date => grid.most() * i128::from(DAY),
                _ => grid.most(),
            };
            if newest < i128::from(self.context.now) - i128::from(age) {
                self.problems.rule(rule, "the other rules and settings allow no value as new as this");
            }
            pins.push((last, grid.count - 1));
        }
        for (_, function, bounds) in &asked.facts.aggregates {
            let (low, high) = (
                bounds.minimum.is_some() || bounds.exclusive_minimum.is_some(),
                bounds.maximum.is_some() || bounds.exclusive_maximum.is_some(),
            );
            if *function == Aggregate::Max && low {
                pins.push((last, grid.count - 1));
            }
            if *function == Aggregate::Min && high {
                pins.push((0, 0));
            }
        }
        pins
    }

    pub(super) fn weighed(&mut self, asked: &Asked<'_>, grid: Grid, free: bool) -> Made<'a> {
        let day = |unit: i128| match grid.form {
            Form::Date => i32::try_from(unit).ok(),
            Form::Timestamp | Form::TimestampTz => i32::try_from(unit.div_euclid(i128::from(DAY))).ok(),
            _ => None,
        };
        let range = day(grid.least).zip(day(grid.most()));
        let (Some((first, last)), true, None) = (range, free, &asked.wish.distribution) else {
            self.problems.setting(
                asked.path,
                asked.wish.place,
                "weights of days are for freely drawn dates and timestamps",
            );
            return Made::nothing();
        };
        let mut weights = weights(first, last, asked.wish.weekdays.as_ref(), asked.wish.months.as_ref());
        if grid.form == Form::Date {
            for (unit, weight) in (i128::from(first)..).zip(weights.iter_mut()) {
                if grid.place(unit).is_none() {
                    *weight = 0.0;
                }
            }
        }
        let Some(days) = Alias::new(&weights) else {
            self.problems.setting(asked.path, asked.wish.place, "its weights leave no day");
            return Made::nothing();
        };
        Made { source: Source::Weighed { grid, days: Weights { days, first } }, open: Vec::new() }
    }
}

/// Moves a grid around the middle of the bounds of a mean or a sum, and makes it narrow enough to meet them.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "an estimate is enough: what comes of it is checked"
)]
pub(super) fn centre(grid: &mut Grid, function: Aggregate, bounds: &Bounds, rows: u64) {
    let share = match function {
        Aggregate::Mean => 1.0,
        Aggregate::Sum => rows as f64,
        _ => return,
    };
    let unit = |literal: &Option<Literal>| {
        let (value, scale) = literal.as_ref().and_then(grid::exact)?;
        Some(value as f64 / libm::pow(10.0, f64::from(scale)) * grid.form.measure() / share)
    };
    let (first, last) = (grid.least as f64, grid.most() as f64);
    let low = unit(&bounds.minimum).or_else(|| unit(&bounds.exclusive_minimum));
    let high = unit(&bounds.maximum).or_else(|| unit(&bounds.exclusive_maximum));
    let (from, to) = (low.unwrap_or(first).max(first), high.unwrap_or(last).min(last));
    if from > to || (low.is_none() && high.is_none()) {
        return;
    }
    let middle = f64::midpoint(from, to);
    let sure = f64::midpoint(to, -from) * libm::sqrt(3.0 * rows as f64) / 6.0;
    let half = (middle - first).min(last - middle).min(sure).max(0.0);
    let step = grid.step as f64;
    let (start, end) = (libm::ceil((middle - half - first) / step), libm::floor((middle + half - first) / step));
    if end >= start && grid.without.is_empty() {
        grid.least += grid.step * start as i128;
        grid.count = (end - start) as u128 + 1;
    }
}
