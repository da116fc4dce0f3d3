//! `FaultKind`: one sort of dirt, described for people and for the planter.

use crate::generate::faults::cell::{Cell, Change};
use crate::generate::faults::knobs::Knob;
use crate::generate::faults::record::{Edit, Work};
use crate::generate::faults::target::Target;
use crate::generate::faults::whole::{FileEdit, SetEdit};
use crate::generate::random::Draws;

/// Describes one sort of fault. Kinds are constants, one a file.
#[derive(Debug)]
pub struct FaultKind {
    /// As a contract writes it.
    pub name: &'static str,
    pub level: Level,
    /// What it does, one line.
    pub doc: &'static str,
    /// The rule kinds that notice it, best first; empty where no rule kind can.
    pub catches: &'static [&'static str],
    pub needs: Needs,
    pub formats: Formats,
    pub knobs: &'static [Knob],
    pub example: Example,
    pub act: Act,
    /// Says why a column cannot take it; asked once, before anything is planted.
    pub fits: fn(&Target) -> Result<(), String>,
}

/// What a fault damages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    Value,
    Text,
    Time,
    Row,
    Relation,
    Csv,
    Json,
    Set,
}

impl Level {
    /// All levels with their words, in the order of the docs.
    pub const ALL: &'static [(Self, &'static str)] = &[
        (Self::Value, "Values"),
        (Self::Text, "Text"),
        (Self::Time, "Dates and times"),
        (Self::Row, "Rows"),
        (Self::Relation, "Relations"),
        (Self::Csv, "CSV files"),
        (Self::Json, "JSON files"),
        (Self::Set, "Data sets"),
    ];
}

/// Whether a fault names a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// It must.
    Column,
    /// It may; else one is drawn.
    Any,
    /// It must not.
    Nothing,
}

/// The formats a fault is planted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Formats {
    All,
    Csv,
    Json,
}

/// How a fault is planted.
#[derive(Debug, Clone, Copy)]
pub enum Act {
    /// Changes one value that is not NULL. `None` where this value cannot take it.
    Cell(fn(&Cell<'_>, &mut Draws) -> Option<Change>),
    /// Changes a record. `None` where it cannot take it.
    Record(fn(&Work<'_>, &mut Draws) -> Option<Edit>),
    /// Changes a file as a whole.
    File(fn(&FileEdit<'_>, &mut Draws) -> Option<crate::generate::faults::whole::Whole>),
    /// Changes the list of files.
    Set(fn(&mut SetEdit<'_>, usize, &mut Draws) -> Option<crate::generate::faults::whole::Told>),
}

/// A fault at work, executed by a test: `clean` becomes `dirty` with the seed 1.
#[derive(Debug, Clone, Copy)]
pub struct Example {
    /// `csv` or `ndjson`.
    pub format: &'static str,
    /// The columns, as a contract writes them in braces.
    pub columns: &'static str,
    /// The column or path of the fault; empty for none.
    pub path: &'static str,
    /// Records without their header, the first of which is dirtied; the header for faults of files, and
    /// `path rows` a line for faults of data sets.
    pub clean: &'static str,
    pub dirty: &'static str,
}

impl Example {
    /// Makes an example of CSV.
    #[must_use]
    pub const fn csv(columns: &'static str, path: &'static str, clean: &'static str, dirty: &'static str) -> Self {
        Self { format: "csv", columns, path, clean, dirty }
    }

    /// Makes an example of NDJSON.
    #[must_use]
    pub const fn json(columns: &'static str, path: &'static str, clean: &'static str, dirty: &'static str) -> Self {
        Self { format: "ndjson", columns, path, clean, dirty }
    }
}

impl FaultKind {
    /// Makes a kind that changes a value of a column.
    #[must_use]
    pub const fn cell(
        name: &'static str,
        level: Level,
        doc: &'static str,
        catches: &'static [&'static str],
        example: Example,
        change: fn(&Cell<'_>, &mut Draws) -> Option<Change>,
    ) -> Self {
        let (needs, formats, act) = (Needs::Column, Formats::All, Act::Cell(change));
        Self { name, level, doc, catches, needs, formats, knobs: &[], example, act, fits: Target::scalar }
    }

    /// Makes a kind that changes a record.
    #[must_use]
    pub const fn record(
        name: &'static str,
        level: Level,
        doc: &'static str,
        catches: &'static [&'static str],
        example: Example,
        edit: fn(&Work<'_>, &mut Draws) -> Option<Edit>,
    ) -> Self {
        let formats = match level {
            Level::Csv => Formats::Csv,
            Level::Json => Formats::Json,
            _ => Formats::All,
        };
        let act = Act::Record(edit);
        Self { name, level, doc, catches, needs: Needs::Nothing, formats, knobs: &[], example, act, fits: Target::any }
    }

    /// Makes a kind that changes a CSV file as a whole.
    #[must_use]
    pub const fn file(
        name: &'static str,
        doc: &'static str,
        catches: &'static [&'static str],
        example: Example,
        edit: fn(&FileEdit<'_>, &mut Draws) -> Option<crate::generate::faults::whole::Whole>,
    ) -> Self {
        let (level, needs, formats, act) = (Level::Csv, Needs::Nothing, Formats::Csv, Act::File(edit));
        Self { name, level, doc, catches, needs, formats, knobs: &[], example, act, fits: Target::any }
    }

    /// Makes a kind that changes the list of files.
    #[must_use]
    pub const fn set(
        name: &'static str,
        doc: &'static str,
        catches: &'static [&'static str],
        example: Example,
        edit: fn(&mut SetEdit<'_>, usize, &mut Draws) -> Option<crate::generate::faults::whole::Told>,
    ) -> Self {
        let (level, needs, formats, act) = (Level::Set, Needs::Nothing, Formats::All, Act::Set(edit));
        Self { name, level, doc, catches, needs, formats, knobs: &[], example, act, fits: Target::any }
    }

    /// Sets the knobs.
    #[must_use]
    pub const fn knobs(self, knobs: &'static [Knob]) -> Self {
        Self { knobs, ..self }
    }

    /// Sets which columns can take it.
    #[must_use]
    pub const fn fits(self, fits: fn(&Target) -> Result<(), String>) -> Self {
        Self { fits, ..self }
    }

    /// Sets the formats.
    #[must_use]
    pub const fn formats(self, formats: Formats) -> Self {
        Self { formats, ..self }
    }

    /// Sets whether it names a column.
    #[must_use]
    pub const fn needs(self, needs: Needs) -> Self {
        Self { needs, ..self }
    }

    /// Sets the level.
    #[must_use]
    pub const fn level(self, level: Level) -> Self {
        Self { level, ..self }
    }

    /// Tells whether it is planted row by row.
    #[must_use]
    pub const fn is_by_row(&self) -> bool {
        matches!(self.act, Act::Cell(_) | Act::Record(_))
    }
}
