//! The grid of a number, moment or flag: bounds of rules and settings, or a likely range where there are none.

use crate::generate::grid::{self, Form, Grid};
use crate::generate::judging;
use crate::generate::plan::Problems;
use crate::generate::plan::facts::Facts;
use crate::model::temporal::DAY;
use crate::model::{
    Aggregate, CellTest, Check, Column, CompareOp, Context, DataType, Generation, Literal, Rule, SourceSpec,
};

/// What a grid is made of.
pub struct Asked<'a> {
    pub column: &'a Column,
    pub path: &'a str,
    pub facts: &'a Facts<'a>,
    pub wish: &'a Generation,
    pub context: &'a Context,
    pub source: &'a SourceSpec,
    /// So many different values are needed.
    pub need: u64,
    /// Numbers count from 1 where nothing says otherwise.
    pub from_one: bool,
}

/// Limits in units; `None` where nothing is said.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    pub least: Option<i128>,
    pub most: Option<i128>,
}

impl Limits {
    fn take(&mut self, (least, most): (i128, i128)) {
        if least > i128::MIN {
            self.least = Some(self.least.map_or(least, |old| old.max(least)));
        }
        if most < i128::MAX {
            self.most = Some(self.most.map_or(most, |old| old.min(most)));
        }
    }

    const fn cross(self) -> bool {
        matches!((self.least, self.most), (Some(least), Some(most)) if least > most)
    }
}

/// Chooses how many digits after the point the values of a float get, so that there are enough of them.
fn scaled(form: Form, asked: &Asked<'_>) -> Form {
    let most_digits = match form {
        Form::Float32(_) => 6,
        Form::Float64(_) => 15,
        other => return other,
    };
    let at = |scale| if matches!(form, Form::Float32(_)) { Form::Float32(scale) } else { Form::Float64(scale) };
    let mut written = 2;
    for rule in &asked.facts.cells {
        let literals: Vec<&Literal> = match &rule.check {
            Check::Cell(CellTest::Bound { bound, .. } | CellTest::MultipleOf(bound)) => vec![bound],
            _ => Vec::new(),
        };
        for literal in literals {
            written = written.max(grid::exact(literal).map_or(0, |(_, scale)| scale.min(most_digits)));
        }
    }
    for scale in written..=most_digits {
        let limits = explicit(at(scale), asked);
        let power = 10i128.pow(u32::from(scale));
        let least = limits.least.unwrap_or(0);
        let most = limits.most.unwrap_or_else(|| least.saturating_add(10_000 * power));
        let widest = least.unsigned_abs().max(most.unsigned_abs());
        if widest > 10u128.pow(u32::from(most_digits)) {
            return at(scale.saturating_sub(1).max(written.min(scale)));
        }
        if most.saturating_sub(least) >= 10_000.max(i128::from(asked.need)) {
            return at(scale);
        }
    }
    at(most_digits)
}

/// Gives the limits that rules and settings say.
pub fn explicit(form: Form, asked: &Asked<'_>) -> Limits {
    let mut limits = Limits::default();
    let mut bound = |op: CompareOp, literal: &Literal| {
        if let Some(cut) = grid::cut(literal, form, asked.context) {
            limits.take(cut.range(op));
        }
    };
    for rule in &asked.facts.cells {
        if let Check::Cell(CellTest::Bound { op, bound: literal }) = &rule.check {
            bound(*op, literal);
        }
    }
    for (op, literal, _) in &asked.facts.extra {
        bound(*op, literal);
    }
    for (_, function, bounds) in &asked.facts.aggregates {
        let ends = [
            (CompareOp::GtEq, &bounds.minimum, Aggregate::Min),
            (CompareOp::Gt, &bounds.exclusive_minimum, Aggregate::Min),
            (CompareOp::LtEq, &bounds.maximum, Aggregate::Max),
            (CompareOp::Lt, &bounds.exclusive_maximum, Aggregate::Max),
        ];
        for (op, literal, of) in ends {
            if let (Some(literal), true) = (literal, *function == of) {
                bound(op, literal);
            }
        }
    }
    for (op, text) in [(CompareOp::GtEq, &asked.wish.minimum), (CompareOp::LtEq, &asked.wish.maximum)] {
        if let Some(cut) = text.as_ref().and_then(|text| grid::read(text, asked.column, form, asked.context)) {
            limits.take(cut.range(op));
        }
    }
    limits
}

/// Makes the grid; complains where rules or settings leave no value.
pub fn grid(form: Form, asked: &Asked<'_>, problems: &mut Problems) -> Grid {
    let form = scaled(form, asked);
    for (name, text) in [("minimum", &asked.wish.minimum), ("maximum", &asked.wish.maximum)] {
        if let Some(text) = text
            && grid::read(text, asked.column, form, asked.context).is_none()
        {
            let why = format!("its {name} `{text}` is no {}", asked.column.data_type);
            problems.setting(asked.path, asked.wish.place, why);
        }
    }
    let step = step(form, asked, problems);
    let limits = explicit(form, asked);
    let window = window(form, limits, asked, step);
    let found = aligned(form, window, step, asked)
        .or_else(|| aligned(form, window, step_without_resolution(form, asked), asked))
        .or_else(|| {
            aligned(form, (limits.least.unwrap_or(form.range().0), limits.most.unwrap_or(form.range().1)), step, asked)
        });
    if let (Some(found), false) = (found, limits.cross()) {
        return found;
    }
    complain(asked, problems);
    Grid { form, least: 0, step: 1, count: 1, without: Vec::new() }
}

fn complain(asked: &Asked<'_>, problems: &mut Problems) {
    let speak = |rule: &&&Rule| {
        matches!(
            rule.check,
            Check::Cell(CellTest::Bound { .. } | CellTest::MultipleOf(_) | CellTest::OneOf { negated: true, .. })
        )
    };
    let mut rules: Vec<&Rule> = asked.facts.cells.iter().filter(speak).copied().collect();
    rules.extend(asked.facts.extra.iter().map(|(_, _, rule)| *rule));
    rules.extend(asked.facts.aggregates.iter().map(|(rule, ..)| *rule));
    let names: Vec<String> = rules.iter().map(|rule| judging::named(rule)).collect();
    let why = format!("no value of `{}` ({}) keeps {}", asked.path, asked.column.data_type, names.join(" and "));
    match rules.first() {
        Some(rule) if asked.wish.minimum.is_none() && asked.wish.maximum.is_none() => problems.rule(rule, why),
        _ => problems.setting(asked.path, asked.wish.place, format!("its limits leave no value; {why}")),
    }
}

/// Gives the distance between values.
fn step(form: Form, asked: &Asked<'_>, problems: &mut Problems) -> i128 {
    let mut step = step_without_resolution(form, asked);
    if step == 1 {
        step = grid::resolution(form, asked.column.format.as_deref());
    }
    for rule in &asked.facts.cells {
        if let Check::Cell(CellTest::MultipleOf(literal)) = &rule.check
            && grid::exact(literal).is_none_or(|(unscaled, _)| unscaled == 0)
        {
            problems.rule(rule, "nothing is a multiple of this");
        }
    }
    step
}

fn step_without_resolution(form: Form, asked: &Asked<'_>) -> i128 {
    let mut step = 1i128;
    for rule in &asked.facts.cells {
        if let Check::Cell(CellTest::MultipleOf(literal)) = &rule.check
            && let Some(units) =
                grid::exact(literal).and_then(|(unscaled, scale)| multiple(unscaled, scale, form.scale()))
        {
            step = (step / gcd(step, units)).checked_mul(units).unwrap_or(step);
        }
    }
    step
}

/// Gives the number of units of which each multiple that is a whole number of units is a multiple.
fn multiple(unscaled: i128, from: u8, to: u8) -> Option<i128> {
    let unscaled = unscaled.checked_abs().filter(|value| *value > 0)?;
    let power = 10i128.checked_pow(u32::from(from.abs_diff(to)))?;
    if to >= from { unscaled.checked_mul(power) } else { Some(unscaled / gcd(unscaled, power)) }
}

const fn gcd(mut a: i128, mut b: i128) -> i128 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    if a == 0 { 1 } else { a }
}

/// Gives the range values are taken from: the limits, and where they are open a likely one.
fn window(form: Form, limits: Limits, asked: &Asked<'_>, step: i128) -> (i128, i128) {
    let (first, last) = form.range();
    let unit = 10i128.pow(u32::from(form.scale().min(30)));
    let day = i128::from(DAY);
    let today = i128::from(asked.context.today);
    let need = i128::from(asked.need).saturating_mul(step).saturating_mul(2);
    let (start, end, span) = match form {
        Form::Bool | Form::Time => (first, last, last - first),
        Form::Date => (today - 730, today, 730),
        Form::Timestamp | Form::TimestampTz => ((today - 730) * day, today * day, 730 * day),
        Form::Decimal(..) | Form::Float32(_) | Form::Float64(_) => (0, 10_000 * unit - 1, 10_000 * unit - 1),
        _ => (i128::from(asked.from_one), 1_000_000, 999_999),
    };
    let span = span.max(need);
    let least = match (limits.least, limits.most) {
        // A key below 1 would surprise.
        (Some(least), None) if asked.from_one && least == 0 => 1,
        (Some(least), _) => least,
        (None, Some(most)) if most < start => most.saturating_sub(span),
        (None, Some(most)) if form.is_moment() => most.saturating_sub(span),
        (None, Some(most)) if most.saturating_sub(start) < need => most.saturating_sub(need),
        _ => start,
    };
    let most = limits.most.unwrap_or_else(|| {
        let far = least.saturating_add(span);
        let usual = if form.is_moment() && least < end { end } else { far };
        if usual.saturating_sub(least) < need { least.saturating_add(need) } else { usual }
    });
    (least.clamp(first, last), most.clamp(first, last))
}

/// Puts a grid into a range; `None` where no value is in it.
fn aligned(form: Form, (least, most): (i128, i128), step: i128, asked: &Asked<'_>) -> Option<Grid> {
    let (first, last) = two_digit_years(form, asked.column).unwrap_or_else(|| form.range());
    let (least, most) = (least.max(first), most.min(last));
    let least = least.div_euclid(step).checked_add(i128::from(least.rem_euclid(step) != 0))?.checked_mul(step)?;
    if least > most {
        return None;
    }
    let full = u128::try_from((most - least) / step).ok()? + 1;
    let mut grid = Grid { form, least, step, count: full, without: Vec::new() };
    let mut without: Vec<u128> = refused(form, asked).into_iter().filter_map(|unit| grid.place(unit)).collect();
    without.sort_unstable();
    without.dedup();
    grid.count = full - without.len() as u128;
    grid.without = without;
    (grid.count > 0).then_some(grid)
}

/// Gives the units that `not_values`, and the spellings of NULL in the file, forbid.
fn refused(form: Form, asked: &Asked<'_>) -> Vec<i128> {
    let mut units = Vec::new();
    for rule in &asked.facts.cells {
        if let Check::Cell(CellTest::OneOf { values, negated: true }) = &rule.check {
            let cuts = values.iter().filter_map(|value| grid::cut(value, form, asked.context));
            units.extend(cuts.filter(|cut| cut.exact).map(|cut| cut.floor));
        }
    }
    let spellings =
        asked.source.null_values.iter().filter_map(|text| grid::read(text, asked.column, form, asked.context));
    units.extend(spellings.filter(|cut| cut.exact).map(|cut| cut.floor));
    units
}

/// Gives the units that a year of two digits can name.
fn two_digit_years(form: Form, column: &Column) -> Option<(i128, i128)> {
    use crate::model::literal::days_from_civil;
    column.format.as_deref().filter(|format| format.contains("%y"))?;
    let (first, last) = (i128::from(days_from_civil(1969, 1, 1)), i128::from(days_from_civil(2068, 12, 31)));
    match form {
        Form::Date => Some((first, last)),
        Form::Timestamp | Form::TimestampTz => Some((first * i128::from(DAY), (last + 1) * i128::from(DAY) - 1)),
        _ => None,
    }
}

/// Writes a unit as the literal of its type.
pub fn literal(form: Form, unit: i128) -> Literal {
    match form {
        Form::Date => Literal::Date(i32::try_from(unit).unwrap_or(0)),
        Form::Time => Literal::Time(i64::try_from(unit).unwrap_or(0)),
        Form::Timestamp | Form::TimestampTz => Literal::Timestamp(i64::try_from(unit).unwrap_or(0)),
        Form::Bool => Literal::Bool(unit != 0),
        _ => Literal::Decimal { unscaled: unit, scale: form.scale() },
    }
}

/// Tells whether two types can bound each other.
pub const fn comparable(a: &DataType, b: &DataType) -> bool {
    let times = matches!((a, b), (DataType::Time, DataType::Time));
    times || (a.is_numeric() && b.is_numeric()) || (is_moment(a) && is_moment(b))
}

const fn is_moment(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Date | DataType::Timestamp | DataType::TimestampTz)
}
