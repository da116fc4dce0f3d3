//! An end before its start.

use crate::generate::faults::cell::{Cell, Change};
use crate::generate::faults::kind::{Example, FaultKind, Level};
use crate::generate::faults::knobs::{Form, Knob};
use crate::generate::faults::moment::Clock;
use crate::generate::faults::target::Target;
use crate::generate::random::Draws;
use crate::model::{Check, RowTest};

const DAY: i64 = 86_400_000_000;

/// The kind `time_travel`.
pub const KIND: FaultKind = FaultKind::cell(
    "time_travel",
    Level::Time,
    "The end of something comes to lie before its start, by one to 30 days.",
    &["compare", "expression", "when"],
    Example {
        format: "csv",
        columns: "start: {type: date}, end: {type: date}",
        path: "end",
        clean: "2024-02-01,2024-02-29",
        dirty: "2024-02-01,2024-01-26",
    },
    change,
)
.knobs(&[Knob {
    name: "start",
    doc: "the column of the start; that of a `compare` rule, else the column before, unless said",
    form: Form::Text,
}])
.fits(Target::moment);

fn change(cell: &Cell<'_>, draws: &mut Draws) -> Option<Change> {
    let name = cell.knobs.text("start").map(str::to_owned).or_else(|| compared(cell)).or_else(|| before(cell))?;
    let column = cell.table.columns.get(cell.table.column_index(&name)?)?;
    let start = Clock::new(column)?.read(&(cell.beside)(&name)?)?;
    let earlier = start.checked_sub(i64::try_from(1 + draws.below(30)).ok()?.checked_mul(DAY)?)?;
    cell.target.clock.as_ref()?.write(earlier, cell.text).map(Change::Text)
}

/// Finds the column a `compare` rule sets beside this one.
fn compared(cell: &Cell<'_>) -> Option<String> {
    let own = cell.target.path.column;
    cell.target.rules.iter().find_map(|rule| match &rule.check {
        Check::Row(RowTest::Compare { left, right, .. }) if right.column == own => Some(left.text.clone()),
        Check::Row(RowTest::Compare { left, right, .. }) if left.column == own => Some(right.text.clone()),
        _ => None,
    })
}

/// Finds the nearest moment among the columns before.
fn before(cell: &Cell<'_>) -> Option<String> {
    let columns = cell.table.columns.get(..cell.target.path.column)?;
    let found = columns.iter().rev().find(|column| column.data_type == cell.target.column.data_type)?;
    Some(found.name.clone())
}
