//! `drift`: what changed between two profiles, and whether it is more than is allowed.

use crate::analyze::profile::drift::distance;
use crate::model::Result;
use crate::model::profile::drift::SCHEMA;
use crate::model::profile::{ColumnDrift, ColumnProfile, Drift, DriftFinding, Profile, TableDrift, TableProfile};
use crate::ops::merge::state;

/// How much may change; what is absent is not limited.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Limits {
    /// Population stability index of a column.
    pub psi: Option<f64>,
    /// Kolmogorov and Smirnov's distance of a column.
    pub ks: Option<f64>,
    /// Change of the part of NULLs, 0 to 1.
    pub nulls: Option<f64>,
    /// Change of the number of rows, as a part of the first.
    pub rows: Option<f64>,
    /// Different values of a column with few that may be new.
    pub new_values: Option<u64>,
    /// Columns may come, go and change their type.
    pub any_schema: bool,
}

/// Compares two profiles.
///
/// # Errors
/// Where one was saved without its state, or is damaged.
pub fn drift(before: &Profile, after: &Profile, limits: &Limits) -> Result<Drift> {
    let mut drift = Drift { schema: SCHEMA.to_owned(), ..Drift::default() };
    let alone = before.tables.len() == 1 && after.tables.len() == 1;
    for table in &before.tables {
        // A single table may have the name of its file, which changes from day to day.
        let other = after.tables.iter().find(|other| alone || other.name == table.name);
        if let Some(other) = other {
            drift.tables.push(compare(table, other, limits)?);
        } else {
            let message = format!("{} is gone", table.name);
            drift.findings.push(finding("table_lost", None, message, !limits.any_schema));
        }
    }
    let new = after.tables.iter().filter(|table| !alone && before.tables.iter().all(|other| other.name != table.name));
    drift
        .findings
        .extend(new.map(|table| finding("table_added", None, format!("{} is new", table.name), !limits.any_schema)));
    let all = drift.tables.iter().flat_map(|table| &table.findings).chain(&drift.findings);
    drift.passed = !all.into_iter().any(|finding| finding.fails);
    Ok(drift)
}

fn finding(what: &str, column: Option<&str>, message: String, fails: bool) -> DriftFinding {
    DriftFinding { what: what.to_owned(), column: column.map(str::to_owned), message, fails }
}

fn compare(before: &TableProfile, after: &TableProfile, limits: &Limits) -> Result<TableDrift> {
    let (old, new) = (state(before)?, state(after)?);
    let mut drift = TableDrift {
        table: before.name.clone(),
        rows_before: before.rows,
        rows_after: after.rows,
        ..TableDrift::default()
    };
    volume(&mut drift, limits);
    for column in &after.columns {
        if before.column(&column.name).is_none() {
            let message = format!("the column is new ({})", column.data_type);
            drift.findings.push(finding("column_added", Some(&column.name), message, !limits.any_schema));
        }
    }
    for column in &before.columns {
        let Some(other) = after.column(&column.name) else {
            let message = "the column is gone".to_owned();
            drift.findings.push(finding("column_lost", Some(&column.name), message, !limits.any_schema));
            continue;
        };
        let (old, new) = (old.columns.iter(), new.columns.iter());
        let [mut old, mut new] = [old, new].map(|columns| columns.filter(|counted| counted.name == column.name));
        let Some((one, two)) = old.next().zip(new.next()) else { continue };
        let distance = distance(one, two);
        let texts = |values: &[(String, u64)]| values.iter().map(|(text, _)| text.clone()).collect::<Vec<_>>();
        let found = ColumnDrift {
            column: column.name.clone(),
            type_before: column.data_type.clone(),
            type_after: other.data_type.clone(),
            null_share_before: column.null_share(),
            null_share_after: other.null_share(),
            distinct_before: column.distinct.value,
            distinct_after: other.distinct.value,
            psi: distance.psi,
            ks: distance.ks,
            new_values: texts(&distance.new),
            lost_values: texts(&distance.lost),
        };
        judge(&found, column, other, limits, &mut drift.findings);
        drift.columns.push(found);
    }
    Ok(drift)
}

#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
fn volume(drift: &mut TableDrift, limits: &Limits) {
    let change = drift.rows_after as f64 / drift.rows_before.max(1) as f64 - 1.0;
    let fails = limits.rows.is_some_and(|most| change.abs() > most);
    if fails || change.abs() > 0.1 {
        let message =
            format!("{} rows before, {} after ({:+.1} %)", drift.rows_before, drift.rows_after, change * 100.0);
        drift.findings.push(finding("volume", None, message, fails));
    }
}

fn judge(
    found: &ColumnDrift,
    before: &ColumnProfile,
    after: &ColumnProfile,
    limits: &Limits,
    findings: &mut Vec<DriftFinding>,
) {
    let mut add =
        |what: &str, message: String, fails: bool| findings.push(finding(what, Some(&found.column), message, fails));
    let bare = |text: &str| text.split('(').next().unwrap_or_default().to_owned();
    let (empty, same) =
        (before.values() == 0 || after.values() == 0, bare(&found.type_before) == bare(&found.type_after));
    if !empty && !same {
        add("type", format!("{} became {}", found.type_before, found.type_after), !limits.any_schema);
    }
    let nulls = found.null_share_after - found.null_share_before;
    let fails = limits.nulls.is_some_and(|most| nulls.abs() > most);
    if fails || nulls.abs() > 0.05 {
        let (one, two) = (found.null_share_before * 100.0, found.null_share_after * 100.0);
        add("nulls", format!("{one:.2} % NULL before, {two:.2} % after"), fails);
    }
    let mut measure = |what: &str, value: Option<f64>, limit: Option<f64>, usual: f64| {
        let Some(value) = value else { return };
        let fails = limit.is_some_and(|limit| value > limit);
        if fails || value > usual {
            let most = limit.map_or_else(String::new, |limit| format!(", at most {limit} allowed"));
            add(what, format!("{what} {value:.3}{most}"), fails);
        }
    };
    measure("psi", found.psi, limits.psi, 0.25);
    measure("ks", found.ks, limits.ks, 0.2);
    let count = found.new_values.len() as u64;
    if count > 0 {
        let named: Vec<&str> = found.new_values.iter().take(3).map(String::as_str).collect();
        add(
            "categories",
            format!("new values: {}", named.join(", ")),
            limits.new_values.is_some_and(|most| count > most),
        );
    }
    if !found.lost_values.is_empty() {
        let named: Vec<&str> = found.lost_values.iter().take(3).map(String::as_str).collect();
        add("categories", format!("values gone: {}", named.join(", ")), false);
    }
}
