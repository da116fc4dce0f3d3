//! Leaves: columns that hold no other columns.

use crate::generate::column::Source;
use crate::generate::column::pick::Pick;
use crate::generate::column::text::Written;
use crate::generate::grid::{Form, Grid};
use crate::generate::judging;
use crate::generate::permutation::Spread;
use crate::generate::plan::distinct::Asked;
use crate::generate::plan::facts::Facts;
use crate::generate::plan::keys::Want;
use crate::generate::plan::table::Planner;
use crate::generate::plan::{listed, steer, units};
use crate::model::generation::Origin;
use crate::model::temporal::DAY;
use crate::model::{CellTest, Check, Column, DataType, Generation, Rule};

/// A source, and the rules of its column that it does not keep by itself.
#[derive(Debug)]
pub struct Made<'r> {
    pub source: Source,
    pub open: Vec<&'r Rule>,
}

impl Made<'_> {
    /// Stands for what cannot be made.
    pub const fn nothing() -> Self {
        Self { source: Source::Nothing, open: Vec::new() }
    }
}

impl<'a> Planner<'a, '_> {
    /// Plans the values of a leaf from its settings or its rules.
    pub fn leaf(&mut self, column: &'a Column, path: &str, key: u64, list: Option<u64>) -> Made<'a> {
        let facts = self.read.facts.get(path).cloned().unwrap_or_default();
        let plain = Generation::default();
        let wish = column.generation.as_deref().unwrap_or(&plain);
        let asked = Asked { path, facts: &facts, wish, key, list };
        let all = facts.cells.clone();
        let is_text = column.data_type == DataType::String;
        match &wish.from {
            Some(Origin::Weighted(values)) => {
                let texts: Vec<Option<String>> = values.iter().map(|(text, _)| Some(text.clone())).collect();
                let weights: Vec<f64> = values.iter().map(|(_, weight)| *weight).collect();
                self.written(column, &asked, &texts, Some(&weights))
            }
            Some(Origin::Values(values)) => self.written(column, &asked, values, None),
            Some(Origin::Sequence { start, step }) => {
                Made { source: self.sequence(column, &asked, (*start, *step), false), open: all }
            }
            Some(Origin::Permuted { start }) => {
                Made { source: self.sequence(column, &asked, (*start, 1), true), open: all }
            }
            Some(Origin::Template { text, permuted }) if is_text => {
                Made { source: self.template(&asked, text, *permuted), open: all }
            }
            Some(Origin::Template { .. }) => {
                self.problems.setting(path, wish.place, "a template makes text");
                Made::nothing()
            }
            Some(Origin::Reference(_)) => {
                self.problems.setting(
                    path,
                    wish.place,
                    "the column has no rule `references` that says whose value it takes",
                );
                Made::nothing()
            }
            Some(Origin::Provider(_) | Origin::Fake(_) | Origin::Pattern(_)) if !is_text => {
                let as_text = self.text(column, &asked, &[]);
                Made { source: Source::Cast(Box::new(as_text.source)), open: all }
            }
            _ => self.by_rules(column, &asked, all),
        }
    }

    fn by_rules(&mut self, column: &'a Column, asked: &Asked<'_>, all: Vec<&'a Rule>) -> Made<'a> {
        let accepted = all.iter().copied().find_map(|rule| match &rule.check {
            Check::Cell(CellTest::OneOf { values, negated: false }) => Some((rule, values)),
            _ => None,
        });
        let wished = matches!(asked.wish.from, Some(Origin::Provider(_) | Origin::Fake(_) | Origin::Pattern(_)));
        if let (Some((rule, values)), false) = (accepted, wished) {
            return self.accepted(column, asked, &all, (rule, values));
        }
        if let Some(form) = Form::of(&column.data_type) {
            return self.numbers(column, asked, form);
        }
        match column.data_type {
            DataType::String => self.text(column, asked, &all),
            DataType::Binary => self.bytes(asked, all),
            _ => Made::nothing(),
        }
    }

    fn sequence(&mut self, column: &Column, asked: &Asked<'_>, (start, step): (i128, i128), permuted: bool) -> Source {
        let form = Form::of(&column.data_type);
        let rows = self.rows.max(1);
        let (form, as_text) = match form {
            Some(Form::Bool) | None if column.data_type != DataType::String => {
                self.problems.setting(asked.path, asked.wish.place, format!("a {} does not count", column.data_type));
                return Source::Nothing;
            }
            Some(form) => (form, false),
            None => (Form::Int64, true),
        };
        let unit = match form {
            Form::Time => 1_000_000,
            Form::Timestamp | Form::TimestampTz => i128::from(DAY),
            _ => 10i128.pow(u32::from(form.scale().min(30))),
        };
        let (Some(least), Some(step)) = (start.checked_mul(unit), step.checked_mul(unit)) else {
            self.problems.setting(asked.path, asked.wish.place, "the sequence is too large");
            return Source::Nothing;
        };
        let last = step.checked_mul(i128::from(rows - 1)).and_then(|way| way.checked_add(least));
        if !last.is_some_and(|last| listed::inside(last, form) && listed::inside(least, form)) {
            let why = format!("the numbers of {rows} rows do not fit the type {}", column.data_type);
            self.problems.setting(asked.path, asked.wish.place, why);
            return Source::Nothing;
        }
        let pick = if permuted {
            Spread::new(rows, rows.into(), true, asked.key).map_or(Pick::Uniform, Pick::Unique)
        } else {
            Pick::Cycle(u64::MAX)
        };
        let grid = Grid { form, least, step, count: rows.into(), without: Vec::new() };
        let source = Source::Units { grid, pick, pins: Vec::new() };
        if as_text { Source::Cast(Box::new(source)) } else { source }
    }

    fn numbers(&mut self, column: &'a Column, asked: &Asked<'_>, form: Form) -> Made<'a> {
        let want = self.want(asked.path);
        let whole = !form.is_moment() && form != Form::Bool && form.scale() == 0 && !column.data_type.is_float();
        let (need, table) = (self.need(asked.path, asked.wish), self.table);
        let mut grid = units::grid(
            form,
            &units::Asked {
                column,
                path: asked.path,
                facts: asked.facts,
                wish: asked.wish,
                context: self.context,
                source: &table.source,
                need,
                from_one: whole && matches!(want, Want::Unique { .. } | Want::Digit { .. }),
            },
            self.problems,
        );
        let free = matches!(want, Want::Any) && asked.wish.distinct.is_none() && asked.facts.distinct.is_empty();
        let weighed = asked.wish.weekdays.is_some() || asked.wish.months.is_some();
        if weighed {
            return self.weighed(asked, grid, free);
        }
        if free && asked.wish.distribution.is_none() && asked.wish.minimum.is_none() && asked.wish.maximum.is_none() {
            for (_, function, bounds) in &asked.facts.aggregates {
                steer::centre(&mut grid, *function, bounds, self.rows.max(1));
            }
        }
        let pins = if free { self.pins(asked, &grid) } else { Vec::new() };
        let pick = self.pick(asked, grid.count, Some(&grid), None);
        Made { source: Source::Units { grid, pick, pins }, open: Vec::new() }
    }

    fn bytes(&mut self, asked: &Asked<'_>, all: Vec<&'a Rule>) -> Made<'a> {
        let (mut least, mut most) = (None, None);
        for rule in &all {
            if let Check::Cell(CellTest::Length { minimum, maximum }) = &rule.check {
                let whole = |length: u64| usize::try_from(length).unwrap_or(usize::MAX);
                least = least.max(minimum.map(whole));
                most = match (most, maximum.map(whole)) {
                    (Some(a), Some(b)) => Some(usize::min(a, b)),
                    (a, b) => a.or(b),
                };
            }
        }
        let (from, to) = match (least, most) {
            (None, None) => (8, 16),
            (Some(least), None) => (least, least.saturating_add(8)),
            (None, Some(most)) => (most.min(8), most.min(16)),
            (Some(least), Some(most)) => (least, most.min(least.saturating_add(64))),
        };
        if from > to {
            let names: Vec<String> = all.iter().map(|rule| judging::named(rule)).collect();
            self.problems.add(format!("`{}`: no bytes keep {}", asked.path, names.join(" and ")));
            return Made::nothing();
        }
        let from = from.max(usize::from(self.table.source.null_values.iter().any(String::is_empty)).min(to));
        let unique = if matches!(self.want(asked.path), Want::Any) {
            None
        } else {
            let width =
                (1..=15).find(|width| 1u128 << (8 * width) >= u128::from(self.rows.max(1)) * 16).unwrap_or(15).min(to);
            Some((width, self.pick(asked, 1u128 << (8 * width), None, None)))
        };
        let from = from.max(unique.as_ref().map_or(0, |(width, _)| *width));
        let open = all.into_iter().filter(|rule| !matches!(rule.check, Check::Cell(CellTest::Length { .. }))).collect();
        Made { source: Source::Written(Written { least: from, most: to.max(from), unique }), open }
    }

    /// Tells whether no rule and no setting ends the numbers of a column.
    pub fn is_open(&self, column: &Column) -> bool {
        let (empty, plain) = (Facts::default(), Generation::default());
        let facts = self.read.facts.get(&column.name).unwrap_or(&empty);
        let wish = column.generation.as_deref().unwrap_or(&plain);
        let Some(form) = Form::of(&column.data_type) else { return false };
        let asked = units::Asked {
            column,
            path: &column.name,
            facts,
            wish,
            context: self.context,
            source: &self.table.source,
            need: 0,
            from_one: false,
        };
        !form.is_moment() && form != Form::Bool && units::explicit(form, &asked).most.is_none()
    }
}
