//! What columns, rows and tables have to do with each other.

use crate::analyze::profile::bottom::Bottom;
use crate::analyze::profile::column::Column;
use crate::analyze::profile::rows;
use crate::analyze::profile::state::TableState;
use crate::model::profile::{
    ColumnProfile, Correlation, Duplicates, ForeignKeyCandidate, KeyCandidate, MissingPattern, NotComputed,
    TableProfile,
};

/// More numeric columns than this are not compared with each other.
const NUMERIC: usize = 100;
/// Weaker correlations are not named.
const WEAK: f64 = 0.3;
/// A child's values must be in the parent to this part.
const CONTAINED: f64 = 0.95;
/// Fewer values in common prove nothing.
const FEW: u64 = 10;

/// Compares rows as wholes.
#[must_use]
pub fn duplicates(state: &TableState) -> Option<Duplicates> {
    (state.rows > 0).then(|| Duplicates { distinct: state.sample.distinct(), repeated: state.sample.repeated() })
}

/// Finds the columns that could identify a row: no NULL, and no value of the sample twice.
#[must_use]
pub fn keys(state: &TableState, columns: &[ColumnProfile]) -> Vec<KeyCandidate> {
    let is_key = |(counted, column): &(&Column, &ColumnProfile)| {
        !column.name.contains("[]")
            && column.nulls == 0
            && column.count > 1
            && !matches!(column.data_type.as_str(), "date" | "time" | "timestamp" | "timestamptz" | "bool")
            && counted.sample.items().iter().all(|(_, count)| *count == 1)
            && counted.frequent.values().all(|(_, count)| count == 1)
            // Measures of many digits hardly repeat either, and identify nothing.
            && (column.scale.unwrap_or(0) == 0 && !column.data_type.starts_with("float"))
    };
    let found = state.columns.iter().zip(columns).filter(is_key);
    let key = |(counted, column): (&Column, &ColumnProfile)| KeyCandidate {
        columns: vec![column.name.clone()],
        exact: counted.sample.is_exact(),
        sampled: counted.sample.items().len() as u64,
    };
    found.map(key).collect()
}

/// Finds the strongest pairs of numeric columns.
pub fn correlations(
    state: &TableState,
    columns: &[ColumnProfile],
    not_computed: &mut Vec<NotComputed>,
) -> Vec<Correlation> {
    let mut leave_out = |reason: String| not_computed.push(NotComputed { what: "correlations".to_owned(), reason });
    let numeric: Vec<usize> = columns
        .iter()
        .enumerate()
        .filter(|(_, column)| column.zeros.is_some() && !column.name.contains("[]") && column.distinct.value > 1)
        .map(|(at, _)| at)
        .collect();
    let Some(pairs) = &state.pairs else {
        if numeric.len() > 1 {
            leave_out("they need the rows, which saved profiles do not keep".to_owned());
        }
        return Vec::new();
    };
    if numeric.len() > NUMERIC {
        leave_out(format!("there are {} numeric columns, and at most {NUMERIC} are compared", numeric.len()));
        return Vec::new();
    }
    let numbers: Vec<Vec<f64>> = numeric.iter().map(|at| pairs.column(*at)).collect();
    let mut found = Vec::new();
    for (left, xs) in numbers.iter().enumerate() {
        for (right, ys) in numbers.iter().enumerate().skip(left + 1) {
            let Some((pearson, spearman, rows)) = rows::correlate(xs, ys) else { continue };
            if pearson.abs().max(spearman.abs()) < WEAK {
                continue;
            }
            #[expect(clippy::cast_precision_loss, reason = "a few thousand rows")]
            let error = if pairs.is_whole() { 0.0 } else { (1.0 - pearson * pearson) / (rows as f64 - 1.0).sqrt() };
            let name = |at: usize| columns[numeric[at]].name.clone();
            found.push(Correlation {
                left: name(left),
                right: name(right),
                pearson,
                spearman,
                rows: rows as u64,
                error,
            });
        }
    }
    let strength = |pair: &Correlation| pair.pearson.abs().max(pair.spearman.abs());
    found.sort_by(|left, right| strength(right).total_cmp(&strength(left)));
    found.truncate(TableProfile::PAIRS);
    found
}

/// Names the most frequent patterns of missing values.
#[must_use]
pub fn missing(state: &TableState) -> Vec<MissingPattern> {
    let name = |column: &u32| state.columns.get(*column as usize).map(|column| column.name.clone());
    let pattern =
        |(columns, rows): (&[u32], u64)| MissingPattern { columns: columns.iter().filter_map(name).collect(), rows };
    state.patterns.heaviest(TableProfile::PATTERNS).into_iter().map(pattern).collect()
}

/// Finds columns whose values another table's key has, best first.
#[must_use]
pub fn foreign_keys(tables: &[(&TableState, &TableProfile)]) -> Vec<ForeignKeyCandidate> {
    let mut found = Vec::new();
    for (child, (child_state, child_table)) in tables.iter().enumerate() {
        for (parent, (parent_state, parent_table)) in tables.iter().enumerate() {
            if child == parent {
                continue;
            }
            for key in &parent_table.keys {
                let Some(at) = parent_table.columns.iter().position(|column| Some(&column.name) == key.columns.first())
                else {
                    continue;
                };
                let (key_column, key_sample) = (&parent_table.columns[at], &parent_state.columns[at].sample);
                for (column, counted) in child_table.columns.iter().zip(&child_state.columns) {
                    if let Some((contained, error, sampled)) = compare(column, &counted.sample, key_column, key_sample)
                    {
                        found.push(ForeignKeyCandidate {
                            table: child_table.name.clone(),
                            column: column.name.clone(),
                            parent_table: parent_table.name.clone(),
                            parent_column: key_column.name.clone(),
                            contained,
                            error,
                            sampled,
                        });
                    }
                }
            }
        }
    }
    let related = |one: &ForeignKeyCandidate| {
        // A common name speaks for it.
        let (own, other) = (one.column.to_lowercase(), one.parent_column.to_lowercase());
        own == other || own.ends_with(&other) || own.contains(&one.parent_table.to_lowercase())
    };
    found.sort_by(|left, right| related(right).cmp(&related(left)).then(right.contained.total_cmp(&left.contained)));
    found
}

/// Gives the part of a column's values that a key has, its error, and the values compared; nothing where they have
/// nothing to do with each other.
#[expect(clippy::cast_precision_loss, reason = "a few thousand values")]
fn compare(
    column: &ColumnProfile,
    sample: &Bottom,
    key: &ColumnProfile,
    key_sample: &Bottom,
) -> Option<(f64, f64, u64)> {
    let alike = |text: &str| text.split('(').next().unwrap_or_default().to_owned();
    if column.values() == 0 || alike(&column.data_type) != alike(&key.data_type) {
        return None;
    }
    let (found, all) = sample.contained_in(key_sample);
    let contained = found as f64 / all.max(1) as f64;
    if all < FEW.min(column.distinct.value.max(3)) || contained < CONTAINED {
        return None;
    }
    // Small whole numbers are in every long run of ids by chance.
    let covers = column.distinct.value as f64 / key.distinct.value.max(1) as f64;
    let same_name = column.name.rsplit('.').next() == key.name.rsplit('.').next();
    if column.data_type == "int64" && covers < 0.1 && !same_name {
        return None;
    }
    let exact = sample.is_exact() && key_sample.is_exact();
    // Wilson's half width for one standard deviation.
    let n = all as f64;
    let error = if exact { 0.0 } else { (contained * (1.0 - contained) / n + 0.25 / (n * n)).sqrt() / (1.0 + 1.0 / n) };
    Some((contained, error, all))
}
