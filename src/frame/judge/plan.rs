//! Plan: one rule of a table, compiled.

use crate::frame::judge::cell::Cell;
use crate::frame::judge::row::Compare;
use crate::model::{Check, ColumnPath, Context, Expression, KeyTest, NullPolicy, RowTest, Rule, Table, TableTest};

/// One rule, ready to be asked of batches.
#[derive(Debug)]
pub struct Plan {
    pub test: Test,
    /// The columns the rule names, as in [`Rule::columns`].
    pub paths: Vec<ColumnPath>,
    /// Columns its verdict depends on, ascending.
    pub reads: Vec<usize>,
    /// Columns without which it cannot be evaluated, those of its `where` included.
    pub needs: Vec<usize>,
    /// The place of its `where` among the expressions, and the columns that reads.
    pub condition: Option<(usize, Vec<usize>)>,
    pub unknown: Unknown,
}

/// What is asked. Numbers are places among the expressions of the table.
#[derive(Debug)]
pub enum Test {
    Record,
    Type(usize),
    Cell(Cell),
    Expression {
        index: usize,
        nulls: NullPolicy,
    },
    When {
        when: usize,
        then: usize,
        nulls: NullPolicy,
    },
    Compare(Compare),
    AllNull,
    /// Key and table rules.
    Later,
}

/// On which rows a rule cannot be decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unknown {
    Never,
    /// Where the record is broken.
    Broken,
    /// Where the record is broken or a cell it reads did not parse.
    Unreadable,
}

impl Plan {
    /// Compiles a rule; its expressions go to the end of `expressions`.
    ///
    /// # Errors
    /// In words, where it cannot be compiled.
    pub fn new(
        rule: &Rule,
        table: &Table,
        context: &Context,
        expressions: &mut Vec<Expression>,
    ) -> Result<Self, String> {
        let inside = |path: &ColumnPath| path.column < table.columns.len();
        let first = || rule.columns.first().ok_or_else(|| "it names no column".to_owned());
        if !rule.columns.iter().all(inside) {
            return Err("it names a column the table does not have".to_owned());
        }
        let mut reads: Vec<usize> = rule.columns.iter().map(|path| path.column).collect();
        let mut add = |expression: &Expression, reads: &mut Vec<usize>| {
            reads.extend(&expression.columns);
            expressions.push(expression.clone());
            expressions.len() - 1
        };
        let nulls = rule.nulls;
        let mut unknown = Unknown::Unreadable;
        let test = match &rule.check {
            Check::Record => {
                (reads, unknown) = (Vec::new(), Unknown::Never);
                Test::Record
            }
            Check::Type => {
                unknown = Unknown::Broken;
                Test::Type(first()?.column)
            }
            Check::Cell(test) => Test::Cell(Cell::new(test, first()?, nulls, table, context)?),
            Check::Row(RowTest::Expression(root)) => Test::Expression { index: add(root, &mut reads), nulls },
            Check::Row(RowTest::When { when, then }) => {
                Test::When { when: add(when, &mut reads), then: add(then, &mut reads), nulls }
            }
            Check::Row(RowTest::Compare { left, op, right }) => {
                if !inside(left) || !inside(right) {
                    return Err("it names a column the table does not have".to_owned());
                }
                reads.extend([left.column, right.column]);
                Test::Compare(Compare::new(left, *op, right, nulls, table)?)
            }
            Check::Row(RowTest::NotAllNull) => {
                (reads, unknown) = (Vec::new(), Unknown::Broken);
                Test::AllNull
            }
            Check::Key(test) => {
                reads.extend(key_columns(test));
                Test::Later
            }
            Check::Table(test) => {
                if let Some(columns) = table_columns(test) {
                    reads.extend(columns);
                } else {
                    (reads, unknown) = (Vec::new(), Unknown::Never);
                }
                Test::Later
            }
        };
        sort(&mut reads);
        let condition = match (&test, &rule.condition) {
            (Test::Record | Test::Type(_), _) | (_, None) => None,
            (_, Some(condition)) => {
                let mut columns = Vec::new();
                Some((add(condition, &mut columns), columns))
            }
        };
        let mut needs = reads.clone();
        needs.extend(condition.iter().flat_map(|(_, columns)| columns));
        sort(&mut needs);
        Ok(Self { test, paths: rule.columns.clone(), reads, needs, condition, unknown })
    }
}

impl Plan {
    /// Tells whether the rule or its `where` is an expression.
    pub const fn has_expression(&self) -> bool {
        self.condition.is_some() || matches!(self.test, Test::Expression { .. } | Test::When { .. })
    }
}

fn sort(columns: &mut Vec<usize>) {
    columns.sort_unstable();
    columns.dedup();
}

fn key_columns(test: &KeyTest) -> Vec<usize> {
    match test {
        KeyTest::Unique { columns, .. } => columns.clone(),
        KeyTest::References { columns, .. } => columns.iter().map(|path| path.column).collect(),
        KeyTest::Increasing { column, .. } => vec![*column],
    }
}

/// Gives the columns a table rule measures; `None` for those that look at no cell.
fn table_columns(test: &TableTest) -> Option<Vec<usize>> {
    match test {
        TableTest::RowCount(_) | TableTest::Columns(_) => None,
        TableTest::DistinctCount { columns, .. } => Some(columns.clone()),
        TableTest::NullRate { column, .. }
        | TableTest::Aggregate { column, .. }
        | TableTest::Freshness { column, .. } => Some(vec![*column]),
    }
}
