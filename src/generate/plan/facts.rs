//! Facts: what the rules of a table say of each column, element and field.

use std::collections::BTreeMap;

use crate::model::check::Bounds;
use crate::model::{
    Aggregate, BinaryOp, CellTest, Check, ColumnPath, CompareOp, Expr, KeyTest, Literal, NullPolicy, RowTest, Rule,
    Table, TableTest,
};

/// What rules say of one path.
#[derive(Debug, Default, Clone)]
pub struct Facts<'r> {
    /// Tests of its values, but for `required`.
    pub cells: Vec<&'r Rule>,
    /// The rule that forbids NULL.
    pub required: Option<&'r Rule>,
    pub references: Option<&'r Rule>,
    pub increasing: Option<(&'r Rule, bool)>,
    pub null_rate: Vec<(&'r Rule, &'r Bounds)>,
    pub distinct: Vec<(&'r Rule, &'r Bounds)>,
    pub fresh: Option<(&'r Rule, i64)>,
    pub aggregates: Vec<(&'r Rule, Aggregate, &'r Bounds)>,
    /// Bounds that follow from rules about several columns.
    pub extra: Vec<(CompareOp, Literal, &'r Rule)>,
}

/// What the rules of a table say.
#[derive(Debug, Default)]
pub struct Read<'r> {
    pub facts: BTreeMap<String, Facts<'r>>,
    /// Uniqueness of columns together, primary keys first.
    pub keys: Vec<(&'r Rule, &'r [usize], bool)>,
    /// Comparisons of two columns: left, operator, right.
    pub compares: Vec<(usize, CompareOp, usize, &'r Rule)>,
    /// Timestamps whose day is that of another column.
    pub days: Vec<(usize, usize, &'r Rule)>,
    /// Columns that equal an expression over others.
    pub equations: Vec<(usize, Expr)>,
    /// Rules that only drawing rows anew can meet.
    pub residual: Vec<&'r Rule>,
}

/// Reads all rules of a table.
pub fn read(table: &Table) -> Read<'_> {
    let mut read = Read::default();
    for rule in &table.rules {
        match &rule.check {
            Check::Record | Check::Type => {}
            Check::Cell(test) => read.cell(table, rule, test),
            Check::Row(test) => read.row(table, rule, test),
            Check::Key(test) => read.key(table, rule, test),
            Check::Table(test) => read.table(table, rule, test),
        }
    }
    read.keys.sort_by_key(|(_, _, primary)| !primary);
    read
}

impl<'r> Read<'r> {
    /// Gives the facts of a path.
    pub fn at(&mut self, path: &str) -> &mut Facts<'r> {
        self.facts.entry(path.to_owned()).or_default()
    }

    fn cell(&mut self, table: &'r Table, rule: &'r Rule, test: &CellTest) {
        let Some(path) = rule.columns.first() else { return };
        let wishes_null =
            table.at(path).generation.as_ref().is_some_and(|wish| wish.null_rate.is_some_and(|rate| rate > 0.0));
        let facts = self.facts.entry(path.text.clone()).or_default();
        let conditional = rule.condition.is_some();
        if matches!(test, CellTest::Required) || rule.nulls == NullPolicy::Fail {
            if conditional && wishes_null {
                self.residual.push(rule);
                return;
            }
            facts.required.get_or_insert(rule);
        }
        if matches!(test, CellTest::Required) {
            return;
        }
        if !conditional {
            facts.cells.push(rule);
            return;
        }
        // A shape asked of some rows is given to all where nothing else shapes the column.
        let shapes = |check: &Check| {
            matches!(
                check,
                Check::Cell(CellTest::Pattern { .. } | CellTest::Format(_) | CellTest::OneOf { negated: false, .. })
            )
        };
        let others = table.rules.iter().filter(|other| other.columns.first() == Some(path) && other.id != rule.id);
        if shapes(&rule.check) && !others.into_iter().any(|other| shapes(&other.check)) {
            facts.cells.push(rule);
        } else {
            self.residual.push(rule);
        }
    }

    fn row(&mut self, table: &Table, rule: &'r Rule, test: &'r RowTest) {
        match test {
            RowTest::Compare { left, op, right } => {
                if rule.condition.is_none() && left.steps.is_empty() && right.steps.is_empty() {
                    self.compares.push((left.column, *op, right.column, rule));
                    if *op == CompareOp::Eq {
                        self.equations.push((right.column, Expr::Column(left.column)));
                        self.equations.push((left.column, Expr::Column(right.column)));
                    }
                }
                self.residual.push(rule);
            }
            RowTest::Expression(expression) if rule.condition.is_none() => {
                if !self.conjunct(table, rule, &expression.root) {
                    self.residual.push(rule);
                }
            }
            RowTest::NotAllNull => {
                let never = |path: &str| self.facts.get(path).is_some_and(|facts| facts.required.is_some());
                let settled = |column: &crate::model::Column| {
                    never(&column.name)
                        || column.generation.as_ref().is_none_or(|wish| wish.null_rate.is_none() && wish.from.is_none())
                };
                if !table.columns.iter().any(settled) {
                    self.residual.push(rule);
                }
            }
            _ => self.residual.push(rule),
        }
    }

    /// Takes what an expression says of single columns or pairs of them. Tells whether that is all it says, so that
    /// construction alone meets it.
    fn conjunct(&mut self, table: &Table, rule: &'r Rule, expr: &Expr) -> bool {
        match expr {
            Expr::Binary(left, BinaryOp::And, right) => {
                let left = self.conjunct(table, rule, left);
                self.conjunct(table, rule, right) && left
            }
            Expr::Binary(left, op, right) => {
                let Some(op) = compared(*op) else { return false };
                match (left.as_ref(), right.as_ref()) {
                    (Expr::Column(column), Expr::Literal(bound)) => self.bound(table, rule, *column, op, bound),
                    (Expr::Literal(bound), Expr::Column(column)) => self.bound(table, rule, *column, turned(op), bound),
                    (Expr::Column(left), Expr::Column(right)) => {
                        self.compares.push((*left, op, *right, rule));
                        if op == CompareOp::Eq {
                            self.equations.push((*right, Expr::Column(*left)));
                            self.equations.push((*left, Expr::Column(*right)));
                        }
                        false
                    }
                    (moment, Expr::Column(day)) | (Expr::Column(day), moment) if op == CompareOp::Eq => {
                        let found = day_of(moment);
                        match found {
                            Some(moment) => self.days.push((moment, *day, rule)),
                            None => self.equations.push((*day, moment.clone())),
                        }
                        found.is_some()
                    }
                    _ => false,
                }
            }
            Expr::IsNull { expr, negated: true } => match expr.as_ref() {
                Expr::Column(column) => {
                    let name = table.columns[*column].name.clone();
                    self.at(&name).required.get_or_insert(rule);
                    true
                }
                _ => false,
            },
            _ => false,
        }
    }

    fn bound(&mut self, table: &Table, rule: &'r Rule, column: usize, op: CompareOp, bound: &Literal) -> bool {
        let at = &table.columns[column];
        if op == CompareOp::NotEq || crate::generate::grid::Form::of(&at.data_type).is_none() {
            return false;
        }
        let name = at.name.clone();
        self.at(&name).extra.push((op, bound.clone(), rule));
        // A grid keeps its bounds; what comes from elsewhere must be asked.
        at.generation.as_ref().is_none_or(|wish| wish.from.is_none())
            && !table.rules.iter().any(|other| refers(other, column))
    }

    fn key(&mut self, table: &Table, rule: &'r Rule, test: &'r KeyTest) {
        match test {
            KeyTest::Unique { columns, primary, .. } => {
                self.keys.push((rule, columns, *primary));
                if *primary {
                    for column in columns {
                        self.at(&table.columns[*column].name).required.get_or_insert(rule);
                    }
                }
            }
            KeyTest::References { columns, .. } => {
                for path in columns {
                    let facts = self.at(&path.text);
                    if facts.references.is_none() {
                        facts.references = Some(rule);
                    }
                    if rule.nulls == NullPolicy::Fail {
                        facts.required.get_or_insert(rule);
                    }
                }
            }
            KeyTest::Increasing { column, strict } => {
                let facts = self.at(&table.columns[*column].name);
                let strict = *strict || facts.increasing.is_some_and(|(_, strict)| strict);
                facts.increasing = Some((rule, strict));
            }
        }
    }

    fn table(&mut self, table: &Table, rule: &'r Rule, test: &'r TableTest) {
        if rule.condition.is_some() {
            return;
        }
        let name = |column: &usize| table.columns[*column].name.as_str();
        match test {
            TableTest::NullRate { column, bounds } => self.at(name(column)).null_rate.push((rule, bounds)),
            TableTest::DistinctCount { columns, bounds } => {
                if let [column] = columns.as_slice() {
                    self.at(name(column)).distinct.push((rule, bounds));
                }
            }
            TableTest::Aggregate { column, function, bounds } => {
                self.at(name(column)).aggregates.push((rule, *function, bounds));
            }
            TableTest::Freshness { column, maximum_age_micros } => {
                let facts = self.at(name(column));
                let age = facts.fresh.map_or(*maximum_age_micros, |(_, age)| age.min(*maximum_age_micros));
                facts.fresh = Some((rule, age));
            }
            TableTest::RowCount(_) | TableTest::Columns(_) => {}
        }
    }
}

fn refers(rule: &Rule, column: usize) -> bool {
    matches!(&rule.check, Check::Key(KeyTest::References { columns, .. })
        if columns.iter().any(|path: &ColumnPath| path.column == column))
}

/// Gives the column whose day `date(column)` or a cast to a date takes.
pub fn day_of(expr: &Expr) -> Option<usize> {
    let inner = match expr {
        Expr::Call { function: crate::model::Function::Date, args } => args.first()?,
        Expr::Cast { expr, to: crate::model::DataType::Date, .. } => expr,
        _ => return None,
    };
    match inner {
        Expr::Column(column) => Some(*column),
        _ => None,
    }
}

const fn compared(op: BinaryOp) -> Option<CompareOp> {
    Some(match op {
        BinaryOp::Eq => CompareOp::Eq,
        BinaryOp::NotEq => CompareOp::NotEq,
        BinaryOp::Lt => CompareOp::Lt,
        BinaryOp::LtEq => CompareOp::LtEq,
        BinaryOp::Gt => CompareOp::Gt,
        BinaryOp::GtEq => CompareOp::GtEq,
        _ => return None,
    })
}

/// The operator with its sides changed.
pub const fn turned(op: CompareOp) -> CompareOp {
    match op {
        CompareOp::Lt => CompareOp::Gt,
        CompareOp::LtEq => CompareOp::GtEq,
        CompareOp::Gt => CompareOp::Lt,
        CompareOp::GtEq => CompareOp::LtEq,
        same => same,
    }
}
