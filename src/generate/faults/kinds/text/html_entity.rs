//! Text that was escaped for a web page.

use crate::generate::faults::cell::{Cell, Change};
use crate::generate::faults::kind::{Example, FaultKind, Level};
use crate::generate::faults::kinds::text::{inserted, replaced};
use crate::generate::random::Draws;

const ENTITIES: &[(&str, &str)] = &[
    ("&", "&amp;"),
    ("<", "&lt;"),
    (">", "&gt;"),
    ("\"", "&quot;"),
    ("'", "&#39;"),
    (" ", "&nbsp;"),
    ("é", "&eacute;"),
    ("ä", "&auml;"),
    ("ö", "&ouml;"),
    ("ü", "&uuml;"),
];

/// The kind `html_entity`.
pub const KIND: FaultKind = FaultKind::cell(
    "html_entity",
    Level::Text,
    "A character is written as on a web page: `&amp;`, `&nbsp;`, `&#39;`.",
    &["accepted_values", "pattern", "format", "type"],
    Example::csv(
        "id: {type: int64}, name: {type: string, pattern: \"[^;]+\"}",
        "name",
        "1,Fish & chips",
        "1,Fish &amp; chips",
    ),
    change,
);

fn change(cell: &Cell<'_>, draws: &mut Draws) -> Option<Change> {
    let text = cell.str()?;
    replaced(text, ENTITIES, draws).or_else(|| inserted(text, "&nbsp;", draws)).map(Change::text)
}
