//! Which columns refer to another table: candidates by name and type, decided exactly by a trial.

use crate::analyze::semantic::personal::words;
use crate::model::draft::{Draft, TableDraft};
use crate::ops::infer::keys::singular;

/// A reference that may hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Index of the table, and the path in it.
    pub table: usize,
    pub path: String,
    /// `customers.customer_id`
    pub parent: String,
}

/// A column that others may refer to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parent {
    pub table: usize,
    pub column: String,
    pub rows: u64,
}

/// Lists candidates, at most one a column. `parents` are unique columns; `rows` counts the rows of each table.
#[must_use]
pub fn candidates(draft: &Draft, parents: &[Parent], rows: &[u64]) -> Vec<Candidate> {
    let mut found = Vec::new();
    for (table, child) in draft.tables.iter().enumerate() {
        child.walk(&mut |path, column| {
            let fits = |parent: &&Parent| {
                parent.table != table
                    && draft.tables.get(parent.table).is_some_and(|other| {
                        kind(other, &parent.column) == Some(class(&column.data_type)) && alike(path, &parent.column, &other.name)
                    })
                    // Two tables with one key: the one with fewer rows refers.
                    && !(is_key(child, path) && rows.get(table).copied().unwrap_or(0) >= parent.rows)
            };
            if let Some(parent) = parents.iter().filter(|_| class(&column.data_type) != "other").find(fits)
                && let Some(other) = draft.tables.get(parent.table)
            {
                let parent = format!("{}.{}", other.name, parent.column);
                found.push(Candidate { table, path: path.to_owned(), parent });
            }
        });
    }
    found
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
