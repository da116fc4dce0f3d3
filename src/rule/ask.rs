//! What the kinds share in reading what is asked of them: columns, flags, counts, and the words of complaints.

use std::ops::Range;

use crate::model::{CellTest, Check, Column, ColumnPath, DataType, Expression, Keep, Table};
use crate::rule::expression::{self, Trouble};
use crate::rule::node::{Data, Node};
use crate::rule::{Asked, Built, Complaint, Shape};

/// What a kind's `build` gives.
pub type Made = Result<Vec<Built>, Vec<Complaint>>;

/// The words of `keep`.
pub const KEEP: Shape = Shape::Word(&["none", "first", "last"]);

/// Holds the one place a cell rule looks at.
#[derive(Debug)]
pub struct Cell<'a> {
    pub path: ColumnPath,
    pub column: &'a Column,
}

impl Cell<'_> {
    /// Makes the only check of a cell rule; `what` completes the brief: `is at least 0`.
    #[must_use]
    pub fn built(self, test: CellTest, what: &str, message: impl Into<String>) -> Vec<Built> {
        let brief = format!("{} {what}", self.path.text);
        vec![Built { check: Check::Cell(test), columns: vec![self.path], brief, message: message.into() }]
    }
}

/// Gives the place a cell rule looks at, of a type that fits it; `wanted` completes "needs".
///
/// # Errors
/// C904 where no column is named, C907 where its type does not fit.
pub fn cell<'a>(
    asked: &Asked<'a>,
    kind: &str,
    fits: impl Fn(&DataType) -> bool,
    wanted: &str,
) -> Result<Cell<'a>, Vec<Complaint>> {
    let Some(path) = asked.path.clone() else {
        let complaint =
            Complaint::at(asked.argument, "C904", format!("`{kind}` does not say which column it is about"));
        return Err(vec![complaint.hint("add `column:` with the column's name")]);
    };
    let column = asked.table.at(&path);
    if fits(&column.data_type) {
        return Ok(Cell { path, column });
    }
    let message = format!("`{kind}` needs {wanted}, and `{}` is {}", path.text, column.data_type);
    Err(vec![Complaint::at(asked.argument, "C907", message)])
}

/// Refuses a `column:` where a rule takes none.
///
/// # Errors
/// C903.
pub fn no_column(asked: &Asked<'_>, kind: &str, why: &str) -> Result<(), Vec<Complaint>> {
    match asked.path {
        None => Ok(()),
        Some(_) => Err(vec![Complaint::at(asked.argument, "C903", format!("`{kind}` takes no `column:`: {why}"))]),
    }
}

/// Reads true or false.
///
/// # Errors
/// C903.
pub fn flag(node: &Node, key: &str) -> Result<bool, Complaint> {
    match node.data {
        Data::Bool(value) => Ok(value),
        _ => Err(Complaint::at(node, "C903", format!("`{key}` is true or false, found {}", node.what()))),
    }
}

/// Reads an option that is true or false; false where it is not given.
///
/// # Errors
/// C903.
pub fn flag_option(asked: &Asked<'_>, key: &str) -> Result<bool, Vec<Complaint>> {
    asked.option(key).map_or(Ok(false), |node| flag(node, key)).map_err(|complaint| vec![complaint])
}

/// Finds the column of a limit on lengths, the limit, and what it counts.
///
/// # Errors
/// C904 or C907 about the column, C903 about the limit.
pub fn length<'a>(asked: &Asked<'a>, kind: &str) -> Result<(Cell<'a>, u64, &'static str), Vec<Complaint>> {
    let fits = |data_type: &DataType| matches!(data_type, DataType::String | DataType::Binary);
    let cell = cell(asked, kind, fits, "text or binary")?;
    let count = count(asked.argument, kind).map_err(|complaint| vec![complaint])?;
    let unit = match (&cell.column.data_type, count) {
        (DataType::Binary, 1) => "byte",
        (DataType::Binary, _) => "bytes",
        (_, 1) => "character",
        _ => "characters",
    };
    Ok((cell, count, unit))
}

/// Finds the column of a limit on items, the limit, and what it counts.
///
/// # Errors
/// C904 or C907 about the column, C903 about the limit.
pub fn items<'a>(asked: &Asked<'a>, kind: &str) -> Result<(Cell<'a>, u64, &'static str), Vec<Complaint>> {
    let cell = cell(asked, kind, |data_type| matches!(data_type, DataType::List(_)), "a list")?;
    let count = count(asked.argument, kind).map_err(|complaint| vec![complaint])?;
    Ok((cell, count, if count == 1 { "item" } else { "items" }))
}

/// Reads a whole number from 0.
///
/// # Errors
/// C903.
pub fn count(node: &Node, key: &str) -> Result<u64, Complaint> {
    let digits = if let Data::Number(text) = &node.data { text.parse().ok() } else { None };
    digits.ok_or_else(|| {
        let found = node.scalar().map_or_else(|| node.what().to_owned(), |text| format!("`{text}`"));
        Complaint::at(node, "C903", format!("`{key}` is a whole number from 0, found {found}"))
    })
}

/// Reads `keep`; [`Keep::None`] where it is not given.
///
/// # Errors
/// C903.
pub fn keep(node: Option<&Node>) -> Result<Keep, Vec<Complaint>> {
    let Some(node) = node else { return Ok(Keep::None) };
    match node.text() {
        Some("none") => Ok(Keep::None),
        Some("first") => Ok(Keep::First),
        Some("last") => Ok(Keep::Last),
        _ => {
            let complaint = Complaint::at(node, "C903", "`keep` says which duplicate stays");
            Err(vec![complaint.hint("write none, first or last")])
        }
    }
}

/// Says in a brief which duplicate stays; empty for [`Keep::None`].
#[must_use]
pub const fn keep_words(keep: Keep) -> &'static str {
    match keep {
        Keep::None => "",
        Keep::First => " (the first row stays)",
        Keep::Last => " (the last row stays)",
    }
}

/// Reads one name or a list of names, each with its node.
///
/// # Errors
/// C903, one for each item that is no name.
pub fn names<'a>(node: &'a Node, key: &str) -> Result<Vec<(&'a Node, String)>, Vec<Complaint>> {
    let items = if let Data::List(items) = &node.data { items.as_slice() } else { std::slice::from_ref(node) };
    if items.is_empty() {
        return Err(vec![Complaint::at(node, "C903", format!("`{key}` names no column"))]);
    }
    let (mut names, mut complaints) = (Vec::new(), Vec::new());
    for item in items {
        match (&item.data, item.scalar()) {
            (Data::Text(_) | Data::Number(_), Some(name)) => names.push((item, name)),
            _ => complaints.push(Complaint::at(item, "C903", format!("`{key}` names columns, found {}", item.what()))),
        }
    }
    if complaints.is_empty() { Ok(names) } else { Err(complaints) }
}

/// Reads names of whole columns that can be a key: at least one, none twice, none of a nested type.
///
/// # Errors
/// C903, C909 (no such column), C907 (a list, a struct, or inside one), C916 (twice).
pub fn key_columns(node: &Node, table: &Table, kind: &str) -> Result<Vec<usize>, Vec<Complaint>> {
    let (mut columns, mut complaints) = (Vec::new(), Vec::new());
    for (item, name) in names(node, kind)? {
        match key_column(item, &name, table, kind) {
            Ok(index) if columns.contains(&index) => {
                complaints.push(Complaint::at(item, "C916", format!("`{name}` is named twice")));
            }
            Ok(index) => columns.push(index),
            Err(complaint) => complaints.push(complaint),
        }
    }
    if complaints.is_empty() { Ok(columns) } else { Err(complaints) }
}

/// Finds a whole column that can be a key.
///
/// # Errors
/// C909, C907.
pub fn key_column(node: &Node, name: &str, table: &Table, kind: &str) -> Result<usize, Complaint> {
    let path = column_path(node, name, table)?;
    whole_column(node, &path, table, kind)
}

/// Gives the index of a path that is a whole column of a scalar type.
///
/// # Errors
/// C907.
pub fn whole_column(node: &Node, path: &ColumnPath, table: &Table, kind: &str) -> Result<usize, Complaint> {
    let data_type = &table.at(path).data_type;
    if !path.steps.is_empty() {
        let message = format!("`{kind}` looks at whole columns, and `{}` lies inside one", path.text);
        return Err(Complaint::at(node, "C907", message));
    }
    if data_type.is_nested() {
        let message = format!("`{kind}` needs columns of a scalar type, and `{}` is {data_type}", path.text);
        return Err(Complaint::at(node, "C907", message));
    }
    Ok(path.column)
}

/// Finds a column, element or field by its path.
///
/// # Errors
/// C909 with the nearest column.
pub fn column_path(node: &Node, name: &str, table: &Table) -> Result<ColumnPath, Complaint> {
    if let Some(column) = table.column_index(name) {
        // A column whose name holds a dot is found by its whole name.
        return Ok(ColumnPath { text: name.to_owned(), column, steps: Vec::new() });
    }
    table.path(name).ok_or_else(|| {
        let complaint = Complaint::at(node, "C909", format!("table `{}` has no column `{name}`", table.name));
        hint_nearest(complaint, name, table.columns.iter().map(|column| column.name.as_str()))
    })
}

/// Gives the paths of whole columns.
#[must_use]
pub fn paths(columns: &[usize], table: &Table) -> Vec<ColumnPath> {
    let columns = columns.iter().filter_map(|&index| table.columns.get(index).map(|column| (index, column)));
    columns.map(|(column, found)| ColumnPath { text: found.name.clone(), column, steps: Vec::new() }).collect()
}

/// Lists paths for a brief: `name, listed_on`.
#[must_use]
pub fn listed(paths: &[ColumnPath]) -> String {
    paths.iter().map(|path| path.text.as_str()).collect::<Vec<_>>().join(", ")
}

/// Adds the nearest known name to a complaint, where one is near.
#[must_use]
pub fn hint_nearest<'a>(complaint: Complaint, name: &str, known: impl Iterator<Item = &'a str>) -> Complaint {
    let nearest = known.map(|word| (distance(name, word), word)).min();
    match nearest {
        Some((distance, word)) if distance <= 1 + name.chars().count() / 4 => {
            complaint.hint(format!("did you mean `{word}`?"))
        }
        _ => complaint,
    }
}

/// Counts the single-character edits between two words.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().take(100).collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, a) in left.chars().take(100).enumerate() {
        let mut next = vec![i + 1];
        for (j, (b, pair)) in right.iter().zip(row.windows(2)).enumerate() {
            let changed = pair[0] + usize::from(a != *b);
            next.push(changed.min(pair[1] + 1).min(next[j] + 1));
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

/// Reads a SQL expression that is true or false.
///
/// # Errors
/// C903 where the node is not text, C914 where the text is not such an expression; the caret stands at the place.
pub fn condition(node: &Node, table: &Table, key: &str) -> Result<Expression, Vec<Complaint>> {
    let text = match (&node.data, node.text()) {
        (_, Some(text)) => text.to_owned(),
        (Data::Bool(value), _) => value.to_string(),
        _ => {
            let message = format!("`{key}` is a SQL expression as text, found {}", node.what());
            return Err(vec![Complaint::at(node, "C903", message)]);
        }
    };
    expression::parse(&text, table, true).map_err(|Trouble { span, message, hint }| {
        vec![Complaint { span: inside(node, &text, span), hint, ..Complaint::at(node, "C914", message) }]
    })
}

/// Finds a part of a node's text in the document; the whole node where quoting hides the place.
#[must_use]
pub fn inside(node: &Node, text: &str, part: Range<usize>) -> Range<usize> {
    let shift = match node.span.len().checked_sub(text.len()) {
        Some(0) => 0,
        // Quotes on both sides, and nothing escaped between them.
        Some(2) => 1,
        _ => return node.span.clone(),
    };
    let start = node.span.start + shift;
    if part.start <= part.end && part.end <= text.len() {
        start + part.start..start + part.end
    } else {
        node.span.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::testing::{list, node, number, table, text, texts};

    #[test]
    fn names_are_one_or_many() {
        let found =
            |node: &Node| names(node, "unique").map(|names| names.into_iter().map(|(_, n)| n).collect::<Vec<_>>());
        assert_eq!(found(&text("a")), Ok(vec!["a".to_owned()]));
        assert_eq!(found(&texts(&["a", "b"])), Ok(vec!["a".to_owned(), "b".to_owned()]));
        assert_eq!(found(&number("2024")), Ok(vec!["2024".to_owned()]));
        assert!(found(&list(Vec::new())).is_err());
        assert_eq!(found(&list(vec![node(Data::Null), node(Data::Bool(true))])).unwrap_err().len(), 2);
    }

    #[test]
    fn every_wrong_key_column_is_told() {
        let columns = texts(&["id", "prise", "tags", "basket[].sku", "id"]);
        let complaints = key_columns(&columns, &table(), "unique").unwrap_err();
        let codes: Vec<_> = complaints.iter().map(|complaint| complaint.code).collect();
        assert_eq!(codes, ["C909", "C907", "C907", "C916"]);
        assert_eq!(complaints[0].hint.as_deref(), Some("did you mean `price`?"));
    }

    #[test]
    fn edits_are_counted() {
        assert_eq!(distance("price", "prise"), 1);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("abc", ""), 3);
        assert_eq!(distance("flaw", "lawn"), 2);
    }

    #[test]
    fn a_caret_finds_its_place_inside_a_text() {
        let plain = text("a > zzz");
        assert_eq!(inside(&plain, "a > zzz", 4..7), 104..107);
        let quoted = Node { span: 10..19, ..text("a > zzz") };
        assert_eq!(inside(&quoted, "a > zzz", 4..7), 15..18);
        let folded = Node { span: 10..40, ..text("a > zzz") };
        assert_eq!(inside(&folded, "a > zzz", 4..7), 10..40);
        assert_eq!(inside(&plain, "a > zzz", 4..90), 100..107);
    }

    #[test]
    fn counts_are_whole() {
        assert_eq!(count(&number("3"), "min_length"), Ok(3));
        for wrong in [number("-1"), number("1.5"), text("3"), node(Data::Null)] {
            assert_eq!(count(&wrong, "min_length").unwrap_err().code, "C903");
        }
    }
}
