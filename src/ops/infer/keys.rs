//! Which columns identify a row: candidates by name and count, decided exactly by a trial.

use crate::analyze::semantic::personal::words;
use crate::model::draft::TableDraft;
use crate::model::profile::{ColumnProfile, TableProfile};
use crate::ops::infer::suggest::spellings;

/// Sets of several columns that are tried at most.
const SETS: usize = 20;

/// Lists the column sets of a table that may be unique, single columns first.
#[must_use]
pub fn candidates(table: &TableDraft, profile: &TableProfile) -> Vec<Vec<String>> {
    if profile.rows < 2 {
        return Vec::new();
    }
    // Keys name whole columns, and a name with a point or a bracket would be read as a path.
    let whole = |name: &str| {
        !name.contains(['.', '[', ']'])
            && table
                .columns
                .iter()
                .any(|column| column.name == name && column.items.is_none() && column.fields.is_empty())
    };
    let is_full = |column: &&ColumnProfile| {
        column.nulls == 0 && column.count == profile.rows && whole(&column.name) && spellings(column).is_empty()
    };
    let columns: Vec<&ColumnProfile> = profile.columns.iter().filter(is_full).collect();
    let mut sets: Vec<Vec<String>> = columns
        .iter()
        .filter(|column| may_be_unique(column, profile.rows))
        .map(|column| vec![column.name.clone()])
        .collect();
    // Several columns together only where no single one could be the key by its name.
    if columns.iter().any(|column| may_be_unique(column, profile.rows) && is_key_name(&column.name))
        || profile.rows < 20
    {
        return sets;
    }
    let parts: Vec<&&ColumnProfile> = columns.iter().filter(|column| is_part(column)).take(5).collect();
    let mut several = Vec::new();
    for (at, first) in parts.iter().enumerate() {
        for second in parts.iter().skip(at + 1) {
            several.push(vec![first.name.clone(), second.name.clone()]);
        }
    }
    for (at, first) in parts.iter().enumerate() {
        for (next, second) in parts.iter().enumerate().skip(at + 1) {
            for third in parts.iter().skip(next + 1) {
                several.push(vec![first.name.clone(), second.name.clone(), third.name.clone()]);
            }
        }
    }
    several.truncate(SETS);
    sets.extend(several);
    sets
}

/// As many different values as rows, as far as it was counted.
#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
fn may_be_unique(column: &ColumnProfile, rows: u64) -> bool {
    if column.distinct.is_exact() {
        return column.distinct.value >= rows;
    }
    let slack = (column.distinct.rel_err * 5.0).max(0.02);
    column.distinct.value as f64 >= rows as f64 * (1.0 - slack)
}

/// Parts of composite keys are numbers, codes and days.
fn is_part(column: &ColumnProfile) -> bool {
    let kind = column.types.first().map(|found| found.kind.as_str()).unwrap_or_default();
    let short = column.lengths.is_none_or(|lengths| lengths.maximum <= 40);
    let named = is_key_name(&column.name)
        || ["line", "number", "position", "seq", "date", "day"].iter().any(|word| words(&column.name).contains(word));
    column.types.len() == 1 && matches!(kind, "integer" | "date" | "text") && short && (named || kind == "date")
}

/// Tells whether a name says that the column identifies something: `id`, `order_key`, `sku`.
#[must_use]
pub fn is_key_name(name: &str) -> bool {
    let words = words(name);
    let last = words.rsplit(' ').next().unwrap_or_default();
    ["id", "key", "code", "no", "nr", "number", "sku", "uuid", "guid", "isbn", "ean", "iban", "pk"].contains(&last)
        || last.len() > 4 && last.ends_with("key")
        // `productid`, and not `solid` or `android`.
        || last.len() > 7 && last.ends_with("id")
}

/// Chooses the primary key among unique sets; `None` where none looks like one.
#[must_use]
pub fn primary<'a>(table: &str, profile: &TableProfile, unique: &'a [Vec<String>]) -> Option<&'a Vec<String>> {
    let score = |set: &Vec<String>| -> i32 {
        let [name] = set.as_slice() else { return 3 - i32::try_from(set.len()).unwrap_or(9) };
        let Some(column) = profile.column(name) else { return -9 };
        let kind = column.types.first().map(|found| found.kind.as_str()).unwrap_or_default();
        let is_first = profile.columns.first().is_some_and(|first| first.name == *name);
        let own = words(name).replace(' ', "").contains(&singular(table).replace('_', ""));
        let long = column.lengths.is_some_and(|lengths| lengths.maximum > 40 && lengths.minimum != lengths.maximum);
        let prose = column.masks.iter().any(|mask| mask.mask.contains(' '));
        let mut score = 0;
        score += if is_key_name(name) { 3 } else { 0 };
        score += if own { 2 } else { 0 };
        score += if is_first { 2 } else { 0 };
        score += match kind {
            "integer" => 1,
            "text" => 0,
            _ => -5,
        };
        score - if long { 4 } else { 0 } - if prose { 4 } else { 0 }
    };
    // The first of the best.
    let mut best: Option<(&Vec<String>, i32)> = None;
    for set in unique {
        let own = score(set);
        if own >= 1 && best.is_none_or(|(_, best)| own > best) {
            best = Some((set, own));
        }
    }
    best.map(|(set, _)| set)
}

/// Gives the singular of a table's name as far as an `s` goes: `customers`, `categories`, `addresses`.
#[must_use]
pub fn singular(table: &str) -> String {
    let lower = table.to_lowercase();
    if let Some(stem) = lower.strip_suffix("ies") {
        return format!("{stem}y");
    }
    for end in ["sses", "xes", "ches", "shes"] {
        if lower.ends_with(end) {
            return lower.strip_suffix("es").unwrap_or(&lower).to_owned();
        }
    }
    match lower.strip_suffix('s') {
        Some(stem) if !stem.ends_with('s') && stem.len() > 2 => stem.to_owned(),
        _ => lower,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_keys() {
        for name in ["id", "customerId", "order_no", "s_suppkey", "SKU", "productid"] {
            assert!(is_key_name(name), "{name}");
        }
        for name in ["name", "paid", "comment", "solid", "monkey_name"] {
            assert!(!is_key_name(name), "{name}");
        }
        for (table, want) in [
            ("customers", "customer"),
            ("categories", "category"),
            ("addresses", "address"),
            ("boxes", "box"),
            ("gas", "gas"),
            ("nation", "nation"),
        ] {
            assert_eq!(singular(table), want);
        }
    }
}
