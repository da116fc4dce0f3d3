//! Names to columns.

use sqlparser::ast::Ident;

use crate::model::Table;

/// What a name means.
pub(super) enum Found {
    Column(usize),
    /// Several columns differ from it in case alone.
    Ambiguous(Vec<String>),
    Nothing,
}

/// Finds the column a name means.
pub(super) fn find(name: &Ident, table: &Table) -> Found {
    if let Some(index) = table.column_index(&name.value) {
        return Found::Column(index);
    }
    if name.quote_style.is_some() {
        return Found::Nothing;
    }
    let folded = name.value.to_lowercase();
    let alike: Vec<usize> =
        (0..table.columns.len()).filter(|index| table.columns[*index].name.to_lowercase() == folded).collect();
    match alike.as_slice() {
        [] => Found::Nothing,
        [index] => Found::Column(*index),
        _ => Found::Ambiguous(alike.iter().map(|index| table.columns[*index].name.clone()).collect()),
    }
}

/// Finds the known name nearest to a word, `None` where nothing is near. Case does not count.
pub(super) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word: Vec<char> = word.to_lowercase().chars().take(64).collect();
    let limit = (word.len() / 3).max(1);
    known
        .into_iter()
        .map(|name| (edits(&word, &name.to_lowercase().chars().take(64).collect::<Vec<_>>()), name))
        .filter(|(edits, name)| *edits <= limit && *edits < name.chars().count())
        .min_by_key(|(edits, _)| *edits)
        .map(|(_, name)| name)
}

/// Counts the characters to add, drop or change to make one word the other.
fn edits(left: &[char], right: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, a) in left.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in right.iter().enumerate() {
            let changed = diagonal + usize::from(a != b);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[right.len()]
}
