//! Leaves: columns that hold no other columns.

use std::sync::Arc;

use arrow_array::{Array, ArrayRef, BinaryArray, StringArray};

use crate::generate::alias::Alias;
use crate::generate::column::Source;
use crate::generate::column::days::{Weights, weights};
use crate::generate::column::pick::Pick;
use crate::generate::column::text::Written;
use crate::generate::grid::{self, Form, Grid};
use crate::generate::judging;
use crate::generate::permutation::{Permutation, Spread};
use crate::generate::plan::distinct::Asked;
use crate::generate::plan::facts::Facts;
use crate::generate::plan::keys::Want;
use crate::generate::plan::table::Planner;
use crate::generate::plan::units;
use crate::model::generation::Origin;
use crate::model::temporal::DAY;
use crate::model::{CellTest, Check, Column, DataType, Generation, Literal, Rule};

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

    /// Plans one of the accepted values; those that break another rule are left out.
    fn accepted(
        &mut self,
        column: &'a Column,
        asked: &Asked<'_>,
        all: &[&'a Rule],
        (rule, values): (&'a Rule, &[Literal]),
    ) -> Made<'a> {
        let Some(array) = self.literals(column, values) else {
            self.problems.rule(rule, "none of its values is one of the column's type");
            return Made::nothing();
        };
        let Some(array) = self.kept(column, all, &array) else {
            let names: Vec<String> = all.iter().map(|rule| judging::named(rule)).collect();
            self.problems.rule(rule, format!("none of its values keeps {}", names.join(" and ")));
            return Made::nothing();
        };
        let rises = asked.facts.increasing.is_some();
        let array = if rises { arrow_ord::sort::sort(&array, None).unwrap_or(array) } else { array };
        let pick = self.pick(asked, array.len() as u128, None, None);
        Made { source: Source::Listed { values: array, pick }, open: Vec::new() }
    }

    /// Keeps the values that no rule refuses; `None` where none is left.
    fn kept(&self, column: &Column, rules: &[&Rule], array: &ArrayRef) -> Option<ArrayRef> {
        let judge = judging::of_column(column, rules, self.context).ok()?;
        let failing = judging::failing(&judge, vec![array.clone()], array.len());
        let places: Vec<u32> = (0u32..).take(array.len()).filter(|at| failing.binary_search(at).is_err()).collect();
        if places.is_empty() { None } else { crate::generate::column::frame::take(array, &places).ok() }
    }

    fn literals(&self, column: &Column, values: &[Literal]) -> Option<ArrayRef> {
        if let Some(form) = Form::of(&column.data_type) {
            let form =
                with_scale(form, values.iter().filter_map(grid::exact).map(|(_, scale)| scale).max().unwrap_or(0));
            let cuts = values.iter().filter_map(|value| grid::cut(value, form, self.context)).filter(|cut| cut.exact);
            return Some(form.wide_array(cuts.map(|cut| cut.floor).collect(), None));
        }
        match column.data_type {
            DataType::String => {
                let texts =
                    values.iter().filter_map(|value| if let Literal::String(text) = value { Some(text) } else { None });
                Some(Arc::new(StringArray::from_iter_values(texts)))
            }
            DataType::Binary => {
                let bytes = values
                    .iter()
                    .filter_map(|value| if let Literal::Binary(bytes) = value { Some(bytes) } else { None });
                Some(Arc::new(BinaryArray::from_iter_values(bytes)))
            }
            _ => None,
        }
    }

    /// Plans values written under `generate:`, by weight or one after the other. Each must keep the rules.
    fn written(
        &mut self,
        column: &'a Column,
        asked: &Asked<'_>,
        texts: &[Option<String>],
        weights: Option<&[f64]>,
    ) -> Made<'a> {
        let array = match self.read_values(column, texts) {
            Ok(array) if !array.is_empty() => array,
            Ok(_) => {
                self.problems.setting(asked.path, asked.wish.place, "its list of values is empty");
                return Made::nothing();
            }
            Err(text) => {
                let why = format!("its value `{text}` is no {}", column.data_type);
                self.problems.setting(asked.path, asked.wish.place, why);
                return Made::nothing();
            }
        };
        for rule in &asked.facts.cells {
            let Ok(judge) = judging::of_column(column, &[rule], self.context) else { continue };
            if let Some(bad) = judging::failing(&judge, vec![array.clone()], array.len()).first() {
                let text = texts.get(*bad as usize).and_then(Option::as_deref).unwrap_or("NULL");
                let why = format!("its value `{text}` breaks {}", judging::named(rule));
                self.problems.setting(asked.path, asked.wish.place, why);
            }
        }
        if let (Some(rule), true) = (asked.facts.required, array.null_count() > 0) {
            let why = format!("it lists NULL, against {}", judging::named(rule));
            self.problems.setting(asked.path, asked.wish.place, why);
        }
        let pick = match weights {
            Some(weights) => self.pick(asked, array.len() as u128, None, Some(weights)),
            None => Pick::Cycle(array.len() as u64),
        };
        Made { source: Source::Listed { values: array, pick }, open: Vec::new() }
    }

    fn read_values<'t>(&self, column: &Column, texts: &'t [Option<String>]) -> Result<ArrayRef, &'t str> {
        if let Some(form) = Form::of(&column.data_type) {
            let digits = |text: &str| text.split_once('.').map_or(0, |(_, digits)| digits.len());
            let longest = texts.iter().flatten().map(|text| digits(text)).max().unwrap_or(0);
            let form = with_scale(form, u8::try_from(longest).unwrap_or(0));
            let mut units = Vec::with_capacity(texts.len());
            for text in texts.iter().map(Option::as_deref) {
                units.push(match text {
                    None => 0,
                    Some(text) => match grid::read(text, column, form, self.context) {
                        Some(cut) if cut.exact && inside(cut.floor, form) => cut.floor,
                        _ => return Err(text),
                    },
                });
            }
            let valid: Vec<bool> = texts.iter().map(Option::is_some).collect();
            let nulls = valid.contains(&false).then(|| valid.clone().into());
            return Ok(form.wide_array(units, nulls));
        }
        match column.data_type {
            DataType::Binary => {
                let mut values = Vec::with_capacity(texts.len());
                for text in texts.iter().map(Option::as_deref) {
                    values.push(match text {
                        None => None,
                        Some(text) => Some(bytes_of(column, text).ok_or(text)?),
                    });
                }
                Ok(Arc::new(BinaryArray::from_iter(values)))
            }
            _ => Ok(Arc::new(StringArray::from(texts.iter().map(Option::as_deref).collect::<Vec<_>>()))),
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
        if !last.is_some_and(|last| inside(last, form) && inside(least, form)) {
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
                centre(&mut grid, *function, bounds, self.rows.max(1));
            }
        }
        let pins = if free { self.pins(asked, &grid) } else { Vec::new() };
        let pick = self.pick(asked, grid.count, Some(&grid), None);
        Made { source: Source::Units { grid, pick, pins }, open: Vec::new() }
    }

    /// Gives single rows the values that a rule about the whole column needs.
    fn pins(&mut self, asked: &Asked<'_>, grid: &Grid) -> Vec<(u64, u128)> {
        use crate::model::Aggregate;
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

    fn weighed(&mut self, asked: &Asked<'_>, grid: Grid, free: bool) -> Made<'a> {
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

/// Gives a float the digits after the point of its values.
const fn with_scale(form: Form, scale: u8) -> Form {
    match form {
        Form::Float32(_) => Form::Float32(scale),
        Form::Float64(_) => Form::Float64(scale),
        other => other,
    }
}

fn inside(unit: i128, form: Form) -> bool {
    let (least, most) = form.range();
    (least..=most).contains(&unit)
}

fn bytes_of(column: &Column, text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    match column.format.as_deref() {
        Some("base64") => crate::model::binary::base64(text.as_bytes(), &mut out)?,
        Some("hex") => crate::model::binary::hex(text.as_bytes(), &mut out)?,
        _ => out.extend_from_slice(text.as_bytes()),
    }
    Some(out)
}

/// Moves a grid around the middle of the bounds of a mean or a sum, and makes it narrow enough to meet them.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "an estimate is enough: what comes of it is checked"
)]
fn centre(grid: &mut Grid, function: crate::model::Aggregate, bounds: &crate::model::Bounds, rows: u64) {
    use crate::model::Aggregate;
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

/// Gives the order by which rows are made NULL.
#[must_use]
pub fn null_order(rows: u64, key: u64) -> Permutation {
    Permutation::new(rows.max(1), crate::generate::random::mix(key ^ 0x6e75_6c6c))
}
