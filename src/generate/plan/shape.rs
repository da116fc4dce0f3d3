//! Shape: which cells are NULL, how long lists are, and settings that do not fit a column.

use crate::generate::column::text::Text;
use crate::generate::column::{Cells, Nulls, Source};
use crate::generate::judging;
use crate::generate::permutation::Permutation;
use crate::generate::plan::table::Planner;
use crate::generate::random::{Stream, mix};
use crate::model::generation::Origin;
use crate::model::{CellTest, Check, Column, DataType, Generation, KeyTest, Literal};

impl Planner<'_, '_> {
    /// Gives the fewest and most elements of a list.
    pub(super) fn items(&mut self, path: &str, wish: &Generation) -> (u64, u64) {
        let (mut least, mut most) = (0, u64::MAX);
        let cells = self.read.facts.get(path).map_or(Vec::new(), |facts| facts.cells.clone());
        let mut names = Vec::new();
        for rule in &cells {
            if let Check::Cell(CellTest::Items { minimum, maximum }) = &rule.check {
                least = least.max(minimum.unwrap_or(0));
                most = most.min(maximum.unwrap_or(u64::MAX));
                names.push(judging::named(rule));
            }
        }
        let (from, to) = wish.items.unwrap_or_else(|| (least.max(1.min(most)), most.min(least.max(1) + 2)));
        if from < least || to > most || from > to {
            let why = format!("lists of {from} to {to} elements contradict {}", names.join(" and "));
            match cells.first() {
                Some(rule) if wish.items.is_none() => self.problems.rule(rule, why),
                _ => self.problems.setting(path, wish.place, why),
            }
            return (1, 1);
        }
        (from, to)
    }

    /// Decides which cells are NULL.
    pub fn nulls(&mut self, column: &Column, path: &str, key: u64, spared: Option<(Permutation, u64)>) -> Nulls {
        let facts = self.read.facts.get(path).cloned().unwrap_or_default();
        let (mut least, mut most) = (0.0f64, 1.0f64);
        for (_, bounds) in &facts.null_rate {
            let share = |literal: &Option<Literal>| {
                let (value, scale) = literal.as_ref().and_then(crate::generate::grid::exact)?;
                #[expect(clippy::cast_precision_loss, reason = "shares have few digits")]
                Some(value as f64 / libm::pow(10.0, f64::from(scale)))
            };
            least = least
                .max(share(&bounds.minimum).unwrap_or(0.0))
                .max(share(&bounds.exclusive_minimum).map_or(0.0, |share| share + 1e-9));
            most = most
                .min(share(&bounds.maximum).unwrap_or(1.0))
                .min(share(&bounds.exclusive_maximum).map_or(1.0, |share| share - 1e-9));
        }
        let wish = column.generation.as_deref();
        let place = wish.map_or((0, 0), |wish| wish.place);
        let rate = match wish.and_then(|wish| wish.null_rate) {
            Some(rate) if !(0.0..=1.0).contains(&rate) => {
                self.problems.setting(path, place, "a share of NULL lies between 0 and 1");
                return Nulls::Never;
            }
            Some(rate) if rate < least || rate > most => {
                let names: Vec<String> = facts.null_rate.iter().map(|(rule, _)| judging::named(rule)).collect();
                self.problems.setting(
                    path,
                    place,
                    format!("a share of NULL of {rate} contradicts {}", names.join(" and ")),
                );
                return Nulls::Never;
            }
            Some(rate) => rate,
            None if least > 0.0 => f64::midpoint(least, most.max(least)).min(least + 0.1),
            None => 0.0,
        };
        if rate <= 0.0 {
            return Nulls::Never;
        }
        if let Some(rule) = facts.required {
            let why = format!("it asks for NULL, against {}", judging::named(rule));
            match facts.null_rate.first() {
                Some((other, _)) if wish.is_none_or(|wish| wish.null_rate.is_none()) => self.problems.rule(other, why),
                _ => self.problems.setting(path, place, why),
            }
            return Nulls::Never;
        }
        if rate >= 1.0 {
            return Nulls::Always;
        }
        let rows = self.rows.max(1);
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a share of rows is not negative and below 2^63, and the threshold saturates as it should"
        )]
        if facts.null_rate.is_empty() {
            let kept = spared.map_or(1.0, |(_, few)| 1.0 - few as f64 / rows as f64);
            let rate = if kept > 0.0 { (rate / kept).min(1.0) } else { 0.0 };
            Nulls::Rate { threshold: (rate * 18_446_744_073_709_551_616.0) as u64, spared }
        } else {
            Nulls::Exact(null_order(rows, key), libm::rint(rate * rows as f64) as u64)
        }
    }

    /// Moves values of single rows off rows that are NULL.
    pub(super) fn unpin(&self, source: &mut Source, nulls: &Nulls, key: u64) {
        let Source::Units { pins, .. } = source else { return };
        let table = Stream::new(self.seed, &self.table.name).key();
        for (row, _) in pins {
            let near: Vec<u64> =
                (0..self.rows.min(4096)).map(|step| (*row + self.rows - step) % self.rows.max(1)).collect();
            if let Some(valid) = nulls.of(&Cells::of_rows(near.clone(), table, 0), key) {
                *row = (0..near.len()).find(|at| valid.is_valid(*at)).map_or(*row, |at| near[at]);
            }
        }
    }

    pub(super) fn is_single_reference(&self, path: &str) -> bool {
        let rule = self.read.facts.get(path).and_then(|facts| facts.references);
        matches!(rule.map(|rule| &rule.check), Some(Check::Key(KeyTest::References { columns, .. })) if columns.len() == 1)
    }

    /// Complains about settings that a column of its kind cannot follow.
    pub(super) fn unused(&mut self, column: &Column, path: &str, wish: &Generation) {
        let list = matches!(column.data_type, DataType::List(_));
        let fixed = matches!(
            wish.from,
            Some(
                Origin::Sequence { .. }
                    | Origin::Permuted { .. }
                    | Origin::Template { .. }
                    | Origin::Reference(_)
                    | Origin::Copy { .. }
                    | Origin::Derived(_)
                    | Origin::Values(_)
            )
        );
        let mut refuse = |setting: &str, why: &str| {
            self.problems.setting(path, wish.place, format!("`{setting}` {why}"));
        };
        let taken = matches!(wish.from, Some(Origin::Reference(_) | Origin::Copy { .. } | Origin::Derived(_)));
        if wish.per.is_some() && (taken || column.data_type.is_nested()) {
            refuse("per", "is for values that are drawn");
        }
        if wish.items.is_some() && !list {
            refuse("items", "is for lists");
        }
        if wish.together.is_some() && !list {
            refuse("together", "is for lists");
        }
        if (fixed || column.data_type.is_nested()) && wish.distribution.is_some() {
            refuse("distribution", "has no use where the values are decided otherwise");
        }
        if (fixed || column.data_type.is_nested()) && wish.distinct.is_some() {
            refuse("distinct", "has no use where the values are decided otherwise");
        }
        let sized =
            crate::generate::grid::Form::of(&column.data_type).is_some() || column.data_type == DataType::String;
        if (wish.minimum.is_some() || wish.maximum.is_some()) && (wish.from.is_some() || !sized) {
            refuse("minimum` or `maximum", "is for numbers and moments that are drawn");
        }
    }
}

/// Gives how many rows must have a value, so that each different value comes.
pub(super) fn spared(source: &Source) -> Option<u64> {
    use crate::generate::column::pick::Pick;
    match source {
        Source::Units { pick: Pick::Distinct { few, .. }, .. }
        | Source::Listed { pick: Pick::Distinct { few, .. }, .. }
        | Source::Text(
            Text::Coded { pick: Pick::Distinct { few, .. }, .. }
            | Text::Moment { pick: Pick::Distinct { few, .. }, .. },
        ) => Some(*few),
        _ => None,
    }
}

/// Tells whether the row's number alone decides a value.
pub(super) fn is_fixed(source: &Source) -> bool {
    match source {
        Source::Units { pick, .. } | Source::Listed { pick, .. } | Source::Text(Text::Coded { pick, .. }) => {
            pick.is_fixed()
        }
        Source::Text(Text::Template { .. }) => true,
        Source::Cast(inner) => is_fixed(inner),
        _ => false,
    }
}

/// Gives the order by which rows are made NULL.
fn null_order(rows: u64, key: u64) -> Permutation {
    Permutation::new(rows.max(1), mix(key ^ 0x6e75_6c6c))
}
