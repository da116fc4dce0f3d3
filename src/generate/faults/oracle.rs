//! Oracle: which rules of the contract a dirty record must break, judged value by value.
//!
//! Rules of single values are asked here, apart from the checker's own kernels; rules over several columns and rules with
//! a `where` in `rowwise`. `today` may be any day of a checker, so a rule about it counts only where it is broken on every
//! day of [`DAYS`].

use std::collections::BTreeSet;

use crate::frame::json::validate;
use crate::generate::faults::csv;
use crate::generate::faults::json::{self, Shape};
use crate::generate::faults::layout::Layout;
use crate::generate::faults::moment::Clock;
use crate::generate::faults::rowwise::Rowwise;
use crate::generate::faults::value::{self, Test, Value};
use crate::model::{Check, Column, Context, DataType, Encoding, Format, KeyTest, NullPolicy, Step, Table};

/// The first and the last day a checker may take for today: 1990-01-01 and 2099-12-31.
pub const DAYS: [i32; 2] = [7305, 47_481];

/// Judges dirty records of one table.
#[derive(Debug)]
pub struct Oracle {
    pub table: Table,
    pub layout: Layout,
    clocks: Clocks,
    rules: Vec<Ready>,
    /// The rule `type` of each column, and the rule `record`.
    types: Vec<Option<usize>>,
    record: Option<usize>,
    rowwise: Option<Rowwise>,
}

/// A rule on single values.
#[derive(Debug)]
struct Ready {
    rule: usize,
    column: usize,
    steps: Vec<Step>,
    test: Test,
    null_fails: bool,
}

/// The clocks of all columns and what is inside them, by address of the column in the oracle's own table.
type Clocks = Vec<(Vec<Step>, usize, Clock)>;

/// What is known of a dirty record beside its bytes.
#[derive(Debug, Clone, Copy)]
pub struct Case<'a> {
    /// Fields of the clean record.
    pub width: usize,
    /// The columns a fault may have touched; all where absent.
    pub touched: Option<&'a [usize]>,
    /// The values of the columns that folders hold.
    pub folders: &'a [(String, String)],
    /// Rules over several columns are wanted even where a rule on one value is broken already.
    pub thorough: bool,
}

impl Case<'_> {
    /// Tells whether a fault may have touched one of these columns.
    #[must_use]
    pub fn touches(&self, columns: &[usize]) -> bool {
        self.touched.is_none_or(|touched| columns.iter().any(|column| touched.contains(column)))
    }
}

impl Oracle {
    /// Makes the rules of a table ready.
    #[must_use]
    pub fn new(table: &Table) -> Self {
        let mut rules = Vec::new();
        let mut types = vec![None; table.columns.len()];
        let mut record = None;
        for (index, rule) in table.rules.iter().enumerate() {
            match (&rule.check, rule.columns.first()) {
                (Check::Record, _) => record = Some(index),
                (Check::Type, Some(path)) if path.steps.is_empty() => {
                    if let Some(slot) = types.get_mut(path.column) {
                        *slot = Some(index);
                    }
                }
                (Check::Cell(test), Some(path)) if rule.condition.is_none() => {
                    let Some(test) = Test::new(test) else { continue };
                    let null_fails = rule.nulls == NullPolicy::Fail;
                    rules.push(Ready { rule: index, column: path.column, steps: path.steps.clone(), test, null_fails });
                }
                _ => {}
            }
        }
        let mut clocks = Vec::new();
        for (index, column) in table.columns.iter().enumerate() {
            collect_clocks(column, index, &mut Vec::new(), &mut clocks);
        }
        let layout = Layout::new(table);
        let rowwise = Rowwise::new(table, &layout);
        Self { table: table.clone(), layout, clocks, rules, types, record, rowwise }
    }

    /// Gives the rules that what stands in place of a record breaks, by index.
    #[must_use]
    pub fn broken(&self, dirty: &[u8], case: &Case<'_>) -> BTreeSet<usize> {
        let mut broken = BTreeSet::new();
        let spec = &self.table.source;
        let mut rest = dirty;
        while !rest.is_empty() {
            let blank = csv::ending(rest, 0, spec);
            if blank > 0 {
                rest = rest.get(blank..).unwrap_or_default();
                continue;
            }
            if spec.format == Format::Csv {
                let Some(fields) = csv::first(rest, spec).filter(|fields| fields.list.len() == case.width) else {
                    broken.extend(self.record);
                    return broken;
                };
                let record = rest.get(..fields.end).unwrap_or_default();
                rest = rest.get(fields.end..).unwrap_or_default();
                self.csv(record, &fields, case, &mut broken);
            } else {
                let end = rest.iter().position(|byte| *byte == b'\n').map_or(rest.len(), |at| at + 1);
                let (record, after) = rest.split_at(end);
                rest = after;
                self.json(record, case, &mut broken);
            }
        }
        broken
    }

    fn csv(&self, record: &[u8], fields: &csv::Fields, case: &Case<'_>, broken: &mut BTreeSet<usize>) {
        let spec = &self.table.source;
        let text = matches!(spec.encoding, Encoding::Latin1) || std::str::from_utf8(record).is_ok();
        if !text || (spec.delimiter != 0 && record.contains(&0)) {
            broken.extend(self.record);
            return;
        }
        let mut unread = Vec::new();
        for (index, field) in self.layout.fields(fields.list.len()).into_iter().zip(&fields.list) {
            let Some(column) = self.table.columns.get(index).filter(|_| case.touches(&[index])) else { continue };
            let content = field.content(record, spec);
            let found = if csv::is_null(&content, field.quoted, spec) {
                Some(Value::Null)
            } else {
                value::read(column, self.clock(index, &[]), &content, None)
            };
            if let Some(value) = found {
                self.ask(index, &[], &value, broken);
            } else {
                broken.extend(self.types.get(index).copied().flatten());
                unread.push(index);
            }
        }
        if let Some(rowwise) = self.rowwise.as_ref().filter(|_| case.thorough || broken.is_empty()) {
            rowwise.csv(record, fields, &self.layout, case, &unread, broken);
        }
    }

    fn json(&self, record: &[u8], case: &Case<'_>, broken: &mut BTreeSet<usize>) {
        let object = json::object(record).filter(|_| validate(record, self.table.source.max_depth).is_ok());
        let members = object.as_ref().and_then(|object| json::members(record, object));
        let names: Vec<String> = members.iter().flatten().map(|member| json::key(record, member)).collect();
        let twice = names.iter().collect::<BTreeSet<_>>().len() < names.len();
        let Some(object) = object.filter(|_| !twice) else {
            broken.extend(self.record);
            return;
        };
        let mut unread = Vec::new();
        for index in &self.layout.inside {
            let Some(column) = self.table.columns.get(*index).filter(|_| case.touches(&[*index])) else { continue };
            let span = json::member(record, &object, &column.name);
            if !self.reads(record, column, *index, &mut Vec::new(), span.clone()) {
                broken.extend(self.types.get(*index).copied().flatten());
                unread.push(*index);
                continue;
            }
            for ready in self.rules.iter().filter(|ready| ready.column == *index) {
                json::each(record, column, span.clone(), &ready.steps, &mut |span| {
                    let at = inside(column, &ready.steps);
                    if let Some(value) = self.json_value(record, at, *index, &ready.steps, span)
                        && ready.breaks(&value)
                    {
                        broken.insert(ready.rule);
                    }
                });
            }
        }
        if let Some(rowwise) = self.rowwise.as_ref().filter(|_| case.thorough || broken.is_empty()) {
            rowwise.json(record, case, &unread, broken);
        }
    }

    /// Tells whether a value and all that is inside reads as its type.
    fn reads(
        &self,
        record: &[u8],
        column: &Column,
        index: usize,
        steps: &mut Vec<Step>,
        span: Option<std::ops::Range<usize>>,
    ) -> bool {
        let Some(span) = span else { return true };
        let shape = json::shape(record, &span);
        if shape == Shape::Null {
            return true;
        }
        match (&column.data_type, shape) {
            (DataType::List(item), Shape::List) => {
                steps.push(Step::Items);
                let elements = json::elements(record, &span).unwrap_or_default();
                let all = elements.into_iter().all(|element| self.reads(record, item, index, steps, Some(element)));
                steps.pop();
                all
            }
            (DataType::Struct(fields), Shape::Object) => fields.iter().enumerate().all(|(at, field)| {
                steps.push(Step::Field(at));
                let here = self.reads(record, field, index, steps, json::member(record, &span, &field.name));
                steps.pop();
                here
            }),
            _ => self.json_value(record, column, index, steps, Some(span)).is_some(),
        }
    }

    fn json_value(
        &self,
        record: &[u8],
        column: &Column,
        index: usize,
        steps: &[Step],
        span: Option<std::ops::Range<usize>>,
    ) -> Option<Value> {
        let Some(span) = span else { return Some(Value::Null) };
        let shape = json::shape(record, &span);
        let text = json::content(record, &span);
        let spelled = shape == Shape::Text && !text.is_empty() && csv::is_null(&text, false, &self.table.source);
        if shape == Shape::Null || spelled {
            return Some(Value::Null);
        }
        match (&column.data_type, shape) {
            (DataType::List(_), Shape::List) => Some(Value::List(json::elements(record, &span)?.len() as u64)),
            (DataType::Struct(_), Shape::Object) => Some(Value::Struct),
            _ => value::read(column, self.clock(index, steps), &text, Some(shape)),
        }
    }

    fn ask(&self, column: usize, steps: &[Step], value: &Value, broken: &mut BTreeSet<usize>) {
        for ready in self.rules.iter().filter(|ready| ready.column == column && ready.steps == steps) {
            if ready.breaks(value) {
                broken.insert(ready.rule);
            }
        }
    }

    fn clock(&self, column: usize, steps: &[Step]) -> Option<&Clock> {
        let found = self.clocks.iter().find(|(at, index, _)| *index == column && at == steps);
        found.map(|(_, _, clock)| clock)
    }

    /// Gives the `unique` and `primary_key` rules that two records of the same key break: `same` tells for a column
    /// whether both have the same value, and no NULL.
    #[must_use]
    pub fn duplicates(&self, same: impl Fn(usize) -> bool) -> BTreeSet<usize> {
        let rules = self.table.rules.iter().enumerate().filter(|(_, rule)| match &rule.check {
            Check::Key(KeyTest::Unique { columns, .. }) => {
                rule.condition.is_none() && columns.iter().all(|column| same(*column))
            }
            _ => false,
        });
        rules.map(|(index, _)| index).collect()
    }

    /// Gives the `references` rules on a path whose value no parent has.
    #[must_use]
    pub fn orphans(&self, column: usize, steps: &[Step]) -> BTreeSet<usize> {
        let rules = self.table.rules.iter().enumerate().filter(|(_, rule)| {
            matches!(rule.check, Check::Key(KeyTest::References { .. }))
                && rule.condition.is_none()
                && rule.columns.iter().any(|path| path.column == column && path.steps == steps)
        });
        rules.map(|(index, _)| index).collect()
    }

    /// Picks the rule that must notice a fault among those it breaks: the first of the kinds named, else any.
    #[must_use]
    pub fn choose(&self, broken: &BTreeSet<usize>, catches: &[&str]) -> Option<&str> {
        let rule = |index: &usize| self.table.rules.get(*index);
        let of = |kind: &str| broken.iter().filter_map(rule).find(|rule| rule.kind == kind);
        let best = catches.iter().find_map(|kind| of(kind)).or_else(|| broken.iter().find_map(rule));
        best.map(|rule| rule.id.as_str())
    }
}

impl Ready {
    fn breaks(&self, value: &Value) -> bool {
        contexts().iter().all(|context| self.test.is_broken_by(value, self.null_fails, context))
    }
}

/// Gives the days of [`DAYS`] as contexts.
#[must_use]
pub fn contexts() -> [Context; 2] {
    DAYS.map(|today| Context { today, now: i64::from(today) * 86_400_000_000 })
}

/// Gives what steps lead to from a column.
fn inside<'a>(column: &'a Column, steps: &[Step]) -> &'a Column {
    steps.iter().fold(column, |at, step| match (step, &at.data_type) {
        (Step::Items, DataType::List(item)) => item,
        (Step::Field(field), DataType::Struct(fields)) => fields.get(*field).unwrap_or(at),
        _ => at,
    })
}

fn collect_clocks(column: &Column, index: usize, steps: &mut Vec<Step>, clocks: &mut Clocks) {
    if let Some(clock) = Clock::new(column) {
        clocks.push((steps.clone(), index, clock));
    }
    match &column.data_type {
        DataType::List(item) => {
            steps.push(Step::Items);
            collect_clocks(item, index, steps, clocks);
            steps.pop();
        }
        DataType::Struct(fields) => {
            for (at, field) in fields.iter().enumerate() {
                steps.push(Step::Field(at));
                collect_clocks(field, index, steps, clocks);
                steps.pop();
            }
        }
        _ => {}
    }
}
