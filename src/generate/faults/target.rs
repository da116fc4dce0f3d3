//! Target: the column, element or field a fault aims at, with the rules about it.

use crate::generate::faults::moment::Clock;
use crate::model::{CellTest, Check, Column, ColumnPath, CompareOp, DataType, Format, KeyTest, Literal, Rule, Table};

/// What a fault aims at.
#[derive(Debug, Clone)]
pub struct Target {
    pub path: ColumnPath,
    /// The column, element or field itself.
    pub column: Column,
    /// The rules on exactly this path.
    pub rules: Vec<Rule>,
    pub format: Format,
    /// For dates and times.
    pub clock: Option<Clock>,
}

impl Target {
    /// Resolves a path of a table.
    ///
    /// # Errors
    /// In words, where it names nothing.
    pub fn new(table: &Table, text: &str) -> Result<Self, String> {
        let path =
            table.path(text).ok_or_else(|| format!("names `{text}`, which table {} does not have", table.name))?;
        let column = table.at(&path).clone();
        let same = |other: &ColumnPath| other.column == path.column && other.steps == path.steps;
        let rules = table.rules.iter().filter(|rule| rule.columns.iter().any(same)).cloned().collect();
        let clock = Clock::new(&column);
        Ok(Self { path, column, rules, format: table.source.format, clock })
    }

    /// Gives the tests of single values.
    pub fn tests(&self) -> impl Iterator<Item = &CellTest> {
        self.rules.iter().filter_map(|rule| match &rule.check {
            Check::Cell(test) => Some(test),
            _ => None,
        })
    }

    /// Gives the upper bounds: literal, and whether the bound itself is allowed.
    #[must_use]
    pub fn upper(&self) -> Option<(&Literal, bool)> {
        self.tests().find_map(|test| match test {
            CellTest::Bound { op: CompareOp::LtEq, bound } => Some((bound, true)),
            CellTest::Bound { op: CompareOp::Lt, bound } => Some((bound, false)),
            _ => None,
        })
    }

    /// Gives the lower bound, likewise.
    #[must_use]
    pub fn lower(&self) -> Option<(&Literal, bool)> {
        self.tests().find_map(|test| match test {
            CellTest::Bound { op: CompareOp::GtEq, bound } => Some((bound, true)),
            CellTest::Bound { op: CompareOp::Gt, bound } => Some((bound, false)),
            _ => None,
        })
    }

    /// Gives the accepted values.
    #[must_use]
    pub fn accepted(&self) -> Option<&[Literal]> {
        self.tests().find_map(|test| match test {
            CellTest::OneOf { values, negated: false } => Some(values.as_slice()),
            _ => None,
        })
    }

    /// Gives the greatest length allowed, in characters.
    #[must_use]
    pub fn longest(&self) -> Option<u64> {
        self.tests().find_map(|test| match test {
            CellTest::Length { maximum, .. } => *maximum,
            _ => None,
        })
    }

    /// Tells whether a rule says that the value refers to another table.
    #[must_use]
    pub fn refers(&self) -> bool {
        self.rules.iter().any(|rule| matches!(rule.check, Check::Key(KeyTest::References { .. })))
    }

    /// Takes any column.
    ///
    /// # Errors
    /// None.
    pub const fn any(_: &Self) -> Result<(), String> {
        Ok(())
    }

    /// Takes columns that are no list and no struct.
    ///
    /// # Errors
    /// In words.
    pub fn scalar(&self) -> Result<(), String> {
        self.demand(!self.column.data_type.is_nested(), "a single value")
    }

    /// Takes numbers.
    ///
    /// # Errors
    /// In words.
    pub fn number(&self) -> Result<(), String> {
        self.demand(self.column.data_type.is_numeric(), "a number")
    }

    /// Takes text.
    ///
    /// # Errors
    /// In words.
    pub fn text(&self) -> Result<(), String> {
        self.demand(self.column.data_type == DataType::String, "text")
    }

    /// Takes days and moments.
    ///
    /// # Errors
    /// In words.
    pub fn moment(&self) -> Result<(), String> {
        let data_type = &self.column.data_type;
        self.demand(data_type.is_temporal() && *data_type != DataType::Time, "a date or a timestamp")
    }

    /// Takes lists.
    ///
    /// # Errors
    /// In words.
    pub fn list(&self) -> Result<(), String> {
        self.demand(matches!(self.column.data_type, DataType::List(_)), "a list")
    }

    /// Takes columns that refer to another table.
    ///
    /// # Errors
    /// In words.
    pub fn reference(&self) -> Result<(), String> {
        self.demand(self.refers() && !self.column.data_type.is_nested(), "a column with `references`")
    }

    fn demand(&self, holds: bool, wanted: &str) -> Result<(), String> {
        if holds {
            return Ok(());
        }
        Err(format!("wants {wanted}, and `{}` is {}", self.path.text, self.column.data_type))
    }
}
