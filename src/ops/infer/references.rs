//! Which columns refer to another table: candidates by name and type, decided exactly by a trial.

use crate::analyze::semantic::personal::words;
use crate::model::draft::{ColumnDraft, Draft, Evidence, TableDraft, Value};
use crate::model::profile::{ColumnProfile, TableProfile};
use crate::ops::infer::keys::singular;

/// Keys a parent has at least, where only values speak for a reference.
const LEAST: u64 = 20;

/// Rules that a reference makes needless: the parent has them.
const NEEDLESS: &[&str] =
    &["minimum", "maximum", "exclusive_minimum", "pattern", "accepted_values", "min_length", "max_length", "format"];

/// A reference that may hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Index of the table, and the path in it.
    pub table: usize,
    pub path: String,
    /// The parent's table and column.
    pub parent: (String, String),
    pub words: &'static str,
}

/// A column that others may refer to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parent {
    pub table: usize,
    pub column: String,
    pub rows: u64,
}

/// Lists candidates, at most one a column. `parents` are unique columns, the best first; `profiles` are of the tables.
#[must_use]
pub fn candidates(draft: &Draft, parents: &[Parent], profiles: &[&TableProfile]) -> Vec<Candidate> {
    let mut found = Vec::new();
    for (table, child) in draft.tables.iter().enumerate() {
        child.walk(&mut |path, column| {
            let own = class(&column.data_type);
            let rows = profiles.get(table).map_or(0, |profile| profile.rows);
            let may = |parent: &&Parent| {
                own != "other"
                    && parent.table != table
                    && draft.tables.get(parent.table).is_some_and(|other| kind(other, &parent.column) == Some(own))
                    // Two tables with one key: the one with fewer rows refers.
                    && !(is_key(child, path) && rows >= parent.rows)
            };
            let name = |parent: &Parent| draft.tables.get(parent.table).map_or("", |other| other.name.as_str());
            let by_name = parents.iter().filter(may).find(|parent| alike(path, &parent.column, name(parent)));
            let by_values = || parents.iter().filter(may).find(|parent| covers(profiles, table, path, parent));
            let (parent, words) = match by_name {
                Some(parent) => (parent, "every value stands there, exact"),
                None => match by_values() {
                    Some(parent) => (parent, "its values are those of that key, all of them, exact"),
                    None => return,
                },
            };
            let parent = (name(parent).to_owned(), parent.column.clone());
            found.push(Candidate { table, path: path.to_owned(), parent, words });
        });
    }
    found
}

/// Writes a reference into a draft, and takes out what the parent says already.
pub fn apply(draft: &mut Draft, candidate: &Candidate) {
    let (table, column) = &candidate.parent;
    let parent = draft.tables.iter().find(|other| other.name == *table);
    let parent = parent.and_then(|other| other.columns.iter().find(|found| found.name == *column)).cloned();
    let (Some(parent), Some(child)) =
        (parent, draft.tables.get_mut(candidate.table).and_then(|table| table.at(&candidate.path)))
    else {
        return;
    };
    child.data_type.clone_from(&parent.data_type);
    let value = Value::Text(format!("{table}.{column}"));
    child.set("references", value, Evidence::words(candidate.words));
}

/// Takes the rules out that references make needless. Where a reference did not hold, its column keeps them.
pub fn tidy(draft: &mut Draft) {
    fn step(column: &mut ColumnDraft) {
        if column.setting("references").is_some() {
            column.settings.retain(|setting| !NEEDLESS.contains(&setting.key));
        }
        column.items.as_deref_mut().into_iter().for_each(step);
        column.fields.iter_mut().for_each(step);
    }
    draft.tables.iter_mut().flat_map(|table| &mut table.columns).for_each(step);
}

/// Tells whether a column without a telling name has the very values of a key: both ends and the number of different ones
/// agree, there are many, and they come again.
fn covers(profiles: &[&TableProfile], table: usize, path: &str, parent: &Parent) -> bool {
    let column = |table: usize, path: &str| profiles.get(table).and_then(|profile| profile.column(path));
    let (Some(own), Some(other)) = (column(table, path), column(parent.table, &parent.column)) else { return false };
    let nameless = |found: &ColumnProfile| {
        found
            .name
            .strip_prefix("column")
            .is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit()))
    };
    nameless(own)
        && parent.rows >= LEAST
        && own.distinct.is_exact()
        && own.distinct.value == parent.rows
        && own.values() >= parent.rows * 5
        && own.minimum == other.minimum
        && own.maximum == other.maximum
}

fn is_key(table: &TableDraft, path: &str) -> bool {
    table.primary_key.as_ref().is_some_and(|key| key.columns.len() == 1 && key.columns.iter().any(|name| name == path))
}

fn kind(table: &TableDraft, column: &str) -> Option<&'static str> {
    table.columns.iter().find(|found| found.name == column).map(|found| class(&found.data_type))
}

fn class(data_type: &str) -> &'static str {
    if data_type.starts_with("int") || data_type.starts_with("uint") {
        "integer"
    } else if data_type == "string" {
        "text"
    } else {
        "other"
    }
}

/// Tells whether a column's name speaks of another table's: the same name, the same behind prefixes of one or two letters
/// (`s_nationkey`, `n_nationkey`), the table's name before it (`customer_id` for `customers.id`), or something before it
/// (`ship_country_code` for `country_code`).
fn alike(path: &str, parent: &str, table: &str) -> bool {
    let leaf = path.rsplit(['.', ']']).find(|part| !part.is_empty()).unwrap_or(path).trim_end_matches('[');
    let (own, other) = (words(leaf), words(parent));
    let stem = words(&singular(table));
    let generic = ["id", "key", "code", "no", "number", "name", "nr"].contains(&other.as_str());
    if generic {
        return own == format!("{stem} {other}")
            || own.ends_with(&format!(" {stem} {other}"))
            || own == format!("{stem}{other}");
    }
    let bare = |name: &str| match name.split_once(' ') {
        Some((prefix, rest)) if prefix.chars().count() <= 2 => rest.to_owned(),
        _ => name.to_owned(),
    };
    // One shared word is a name such as `name` or `comment` unless it says what it identifies.
    let says = crate::ops::infer::keys::is_key_name(parent) || other.contains(&stem);
    says && (own == other || bare(&own) == bare(&other) || own.ends_with(&format!(" {other}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_speak_of_parents() {
        for (path, parent, table, want) in [
            ("customer_id", "customer_id", "customers", true),
            ("basket[].product_id", "product_id", "products", true),
            ("s_nationkey", "n_nationkey", "nation", true),
            ("n_regionkey", "n_nationkey", "nation", false),
            ("customerId", "id", "customers", true),
            ("id", "id", "customers", false),
            ("order_id", "id", "customers", false),
            ("ship_country_code", "country_code", "countries", true),
            ("s_name", "n_name", "nation", false),
            ("comment", "comment", "notes", false),
        ] {
            assert_eq!(alike(path, parent, table), want, "{path} {table}.{parent}");
        }
    }
}
