//! The page of `profile`: the shape of the files, what to look at, one row a column that opens into all of it.

mod column;
mod small;

use std::fmt::Write;

use serde::Serialize;

use crate::model::profile::{Alert, AlertSeverity, Profile, Spot, TableProfile, without_state};
use crate::render::html::fill;
use crate::render::html::profile::column::ColumnView;
use crate::render::html::profile::small::{Cell, Small};
use crate::render::profile::{approximate, bytes};
use crate::render::summary::{VALUE, shown_file};
use crate::render::text::{clean, counted, short, thousands};

const TEMPLATE: &str = include_str!("../profile.html");

/// Columns of a table that open; the others stand in the embedded data only, which keeps wide tables below a few
/// megabytes.
const OPEN: usize = 200;

#[derive(Serialize)]
struct Page {
    name: String,
    verdict: Verdict,
    lead: String,
    meta: Vec<(&'static str, String)>,
    notes: Vec<String>,
    tables: Vec<TableView>,
    foreign: Option<Small>,
    value_limit: usize,
}

#[derive(Serialize)]
struct Verdict {
    class: &'static str,
    mark: &'static str,
    word: String,
}

#[derive(Serialize)]
struct TableView {
    name: String,
    lead: String,
    shape: String,
    trouble: Option<Small>,
    alerts: Option<Small>,
    caption: String,
    columns: Vec<ColumnView>,
    relations: Vec<Small>,
    not_computed: Option<Small>,
}

/// Writes the page.
#[must_use]
pub fn render(profile: &Profile) -> String {
    let names: Vec<String> = profile.tables.iter().map(|table| clean(&table.name)).collect();
    let name = short(&names.join(", "), VALUE);
    let version = profile.run.as_ref().map_or(env!("CARGO_PKG_VERSION"), |run| run.karat_version.as_str());
    let page = Page {
        verdict: verdict(profile),
        lead: lead(profile),
        meta: meta(profile),
        notes: profile.notes.iter().map(|note| clean(note)).collect(),
        tables: profile.tables.iter().enumerate().map(|(at, table)| table_view(at, table)).collect(),
        foreign: foreign(profile),
        value_limit: VALUE,
        name,
    };
    fill(TEMPLATE, &format!("karat profile: {}", page.name), version, &without_state(profile), &page)
}

fn verdict(profile: &Profile) -> Verdict {
    let alerts = || profile.tables.iter().flat_map(|table| &table.alerts);
    let worst = alerts().map(|alert| alert.severity).min();
    let count = counted(alerts().filter(|alert| alert.severity != AlertSeverity::Info).count() as u64, "alert");
    match worst {
        Some(AlertSeverity::Error) => Verdict { class: "failed", mark: "✗", word: count },
        Some(AlertSeverity::Warning) => Verdict { class: "warned", mark: "!", word: count },
        _ => Verdict { class: "passed", mark: "✓", word: "no alerts".to_owned() },
    }
}

fn lead(profile: &Profile) -> String {
    let rows: u64 = profile.tables.iter().map(|table| table.rows).sum();
    let columns: usize = profile.tables.iter().map(|table| table.columns.len()).sum();
    let size: u64 = profile.tables.iter().map(|table| table.bytes).sum();
    format!("{}, {}, {}", counted(rows, "row"), counted(columns as u64, "column"), bytes(size))
}

fn meta(profile: &Profile) -> Vec<(&'static str, String)> {
    let Some(run) = profile.run.as_ref().filter(|run| run.seconds > 0.0) else { return Vec::new() };
    let started = run.started_at.chars().take(19).collect::<String>().replace('T', " ") + " UTC";
    vec![("started", started), ("took", format!("{:.1} s", run.seconds))]
}

fn table_view(at: usize, table: &TableProfile) -> TableView {
    let anchor = |column: usize| format!("c{}-{}", at + 1, column + 1);
    let link = |name: &str| table.columns.iter().position(|column| column.name == name).map(anchor);
    TableView {
        name: clean(&table.name),
        lead: table_lead(table),
        shape: shape(table),
        trouble: trouble(table),
        alerts: alerts(table, &link),
        caption: caption(table),
        columns: table
            .columns
            .iter()
            .enumerate()
            .map(|(column, found)| column::view(table, found, column, anchor(column), column < OPEN))
            .collect(),
        relations: [keys(table), missing(table), correlations(table)].into_iter().flatten().collect(),
        not_computed: not_computed(table),
    }
}

fn table_lead(table: &TableProfile) -> String {
    let files: Vec<String> = table.files.iter().take(3).map(|file| shown_file(&file.path)).collect();
    let more = table.files.len().saturating_sub(3);
    let more = if more > 0 { format!(" and {}", counted(more as u64, "more file")) } else { String::new() };
    let mut text =
        format!("{}{more}: {}, {}", files.join(", "), clean(&table.format), counted(table.records, "record"));
    if let Some(dialect) = &table.dialect {
        let quote =
            dialect.quote.as_deref().map_or_else(|| "no quote".to_owned(), |quote| format!("quote ‘{}’", clean(quote)));
        let header = if dialect.header { "a header" } else { "no header" };
        let delimiter = dialect.delimiter.escape_default();
        let _ = write!(
            text,
            "; delimiter ‘{delimiter}’, {quote}, {header}, {} ({})",
            clean(&dialect.encoding),
            clean(&dialect.from)
        );
    }
    if let Some(duplicates) = &table.duplicates {
        let _ = write!(text, "; duplicated rows: {}", approximate(&duplicates.repeated));
    }
    text + "."
}

fn shape(table: &TableProfile) -> String {
    let shape = &table.shape;
    let mut parts = vec![if table.malformed == 0 {
        "Every record could be read".to_owned()
    } else {
        format!("{} of {} could not be read", thousands(table.malformed), counted(table.records, "record"))
    }];
    let ends = &shape.line_endings;
    let ends: Vec<String> = [("LF", ends.lf), ("CRLF", ends.crlf), ("CR", ends.cr), ("no line ending", ends.none)]
        .into_iter()
        .filter(|(_, count)| *count > 0)
        .map(|(name, count)| format!("{name} {}", thousands(count)))
        .collect();
    if !ends.is_empty() {
        parts.push(format!("records end in {}", ends.join(", ")));
    }
    for (count, what) in [
        (shape.byte_order_marks, "byte-order mark"),
        (shape.blank_lines, "blank line"),
        (shape.comment_lines, "comment line"),
    ] {
        if count > 0 {
            parts.push(counted(count, what));
        }
    }
    parts.join("; ") + "."
}

/// Says where something stands first.
pub(super) fn spot(place: &Spot) -> String {
    let file = shown_file(&place.file);
    if place.line > 0 {
        format!("{file} line {}, byte {}", place.line, place.offset)
    } else {
        format!("{file} record {}", place.record)
    }
}

fn trouble(table: &TableProfile) -> Option<Small> {
    let rows = table.shape.findings.iter().map(|finding| {
        let first = finding.places.first();
        let detail = first.and_then(|place| place.detail.as_deref()).map(clean).unwrap_or_default();
        vec![
            Cell::code(&finding.code),
            Cell::text(&finding.title),
            Cell::number(thousands(finding.count)),
            Cell::text(&first.map(spot).unwrap_or_default()),
            Cell::text(&detail),
        ]
    });
    Small::of("What is odd about the files", &["code", "what", "#records", "first", "detail"], rows.collect())
}

fn alerts(table: &TableProfile, link: &dyn Fn(&str) -> Option<String>) -> Option<Small> {
    let rows = table.alerts.iter().map(|alert: &Alert| {
        let word = match alert.severity {
            AlertSeverity::Error => "✗ error",
            AlertSeverity::Warning => "! warning",
            AlertSeverity::Info => "i info",
        };
        let column = alert.column.as_deref().unwrap_or_default();
        vec![
            Cell::text(word),
            Cell::code(&alert.code),
            Cell::link(column, link(column)),
            Cell::text(&alert.message),
            Cell::number(alert.count.map(thousands).unwrap_or_default()),
            Cell::text(&alert.first.as_ref().map(spot).unwrap_or_default()),
        ]
    });
    let head = ["severity", "code", "column", "what", "#count", "first"];
    Small::of("The worst first. karat explain CODE says what one means.", &head, rows.collect())
}

fn caption(table: &TableProfile) -> String {
    let all = counted(table.columns.len() as u64, "column");
    if table.columns.len() > OPEN {
        format!("{all}. The first {OPEN} open; karat profile --column shows the others.")
    } else {
        format!("{all}. Open a column for the rest.")
    }
}

fn keys(table: &TableProfile) -> Option<Small> {
    let rows = table.keys.iter().map(|key| {
        let how = if key.exact { "every value was compared" } else { "a sample was compared" };
        vec![Cell::code(&key.columns.join(", ")), Cell::text(how), Cell::number(thousands(key.sampled))]
    });
    Small::of("Columns that could identify a row", &["column", "how", "#values"], rows.collect())
}

fn missing(table: &TableProfile) -> Option<Small> {
    if table.missing.iter().all(|pattern| pattern.columns.is_empty()) {
        return None;
    }
    let rows = table.missing.iter().map(|pattern| {
        let columns = if pattern.columns.is_empty() { "nothing".to_owned() } else { pattern.columns.join(", ") };
        vec![Cell::text(&columns), Cell::number(thousands(pattern.rows)), Cell::share(pattern.rows, table.rows)]
    });
    Small::of("Columns that are NULL together", &["missing", "#rows", "share"], rows.collect())
}

fn correlations(table: &TableProfile) -> Option<Small> {
    let rows = table.correlations.iter().map(|pair| {
        let error = if pair.error > 0.0 { format!(" ±{:.2}", pair.error) } else { String::new() };
        vec![
            Cell::code(&pair.left),
            Cell::code(&pair.right),
            Cell::number(format!("{:.3}{error}", pair.pearson)),
            Cell::number(format!("{:.3}", pair.spearman)),
        ]
    });
    Small::of("Numbers that move together", &["column", "and column", "#Pearson", "#Spearman"], rows.collect())
}

fn not_computed(table: &TableProfile) -> Option<Small> {
    let rows = table.not_computed.iter().map(|left| vec![Cell::text(&left.what), Cell::text(&left.reason)]);
    Small::of("What is not on this page, and why", &["what", "why"], rows.collect())
}

fn foreign(profile: &Profile) -> Option<Small> {
    let rows = profile.foreign_keys.iter().map(|key| {
        vec![
            Cell::code(&format!("{}.{}", key.table, key.column)),
            Cell::code(&format!("{}.{}", key.parent_table, key.parent_column)),
            Cell::number(format!("{:.1}% ±{:.1}", key.contained * 100.0, key.error * 100.0)),
            Cell::number(thousands(key.sampled)),
        ]
    });
    Small::of(
        "Columns whose values seem to come from another table",
        &["column", "from", "#contained", "#compared"],
        rows.collect(),
    )
}
