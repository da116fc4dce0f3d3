//! The report for a terminal: what was read, what broke, and where, within the terminal's width.

#[cfg(test)]
mod tests;

use std::fmt::Write;

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};

use crate::model::report::RunReport;
pub use crate::model::words::{counted, thousands};
use crate::model::{Outcome, Place, Report, RuleReport, TableReport};

/// How text is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    pub color: bool,
    /// Columns of the terminal.
    pub width: usize,
    /// List rules that passed too.
    pub verbose: bool,
}

impl Style {
    /// Gives the style for files: 80 columns, no colour.
    #[must_use]
    pub const fn plain() -> Self {
        Self { color: false, width: 80, verbose: false }
    }

    pub(crate) fn paint(self, code: &str, text: &str) -> String {
        if self.color { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }
}

const RED: &str = "1;31";
const GREEN: &str = "1;32";
const YELLOW: &str = "33";
const MAGENTA: &str = "35";
const DIM: &str = "2";
const BOLD: &str = "1";

/// The code of `required`.
const MISSING: &str = "R101";

/// Renders a report without colour in 80 columns.
#[must_use]
pub fn plain(report: &Report) -> String {
    render(report, Style::plain())
}

/// Renders a report.
#[must_use]
pub fn render(report: &Report, style: Style) -> String {
    let mut out = String::new();
    let gate = if report.passed { style.paint(GREEN, "PASSED") } else { style.paint(RED, "FAILED") };
    let _ = writeln!(out, "karat {}: {}  {gate}\n", report.command, style.paint(BOLD, &clean(&report.contract)));
    out.push_str(&counts(report, style));
    for table in &report.tables {
        rules(&mut out, table, style);
    }
    for note in &report.notes {
        out.push('\n');
        out.push_str(&wrap(&format!("note: {}", clean(note)), style.width, 6));
    }
    if let Some(run) = &report.run {
        out.push('\n');
        let ends = ends(report, run);
        out.push_str(&ends);
        if !ends.is_empty() {
            out.push('\n');
        }
    } else {
        out.push('\n');
    }
    out.push_str(&last_line(report, style));
    out
}

/// Says where the clean rows and the rejects went.
fn ends(report: &Report, run: &RunReport) -> String {
    let mut out = String::new();
    let sum = |count: fn(&TableReport) -> u64| report.tables.iter().map(count).sum::<u64>();
    if let (Some(target), Some(load)) = (&run.target, &run.load_id) {
        let target = clean(target);
        let _ = if report.committed == Some(true) {
            let rows = counted(sum(|table| table.loaded.unwrap_or(0)), "row");
            writeln!(out, "loaded {rows} into {target} (load {load})")
        } else {
            writeln!(out, "nothing was loaded into {target}")
        };
    }
    let rejected = sum(|table| table.rejected);
    if let Some(folder) = run.rejects.as_ref().filter(|_| rejected > 0) {
        let _ = writeln!(out, "kept {} with reasons in {}", counted(rejected, "reject"), clean(folder));
    }
    out
}

fn counts(report: &Report, style: Style) -> String {
    let loads = report.command == "load";
    let mut header = vec!["table", "files", "read", "clean", "rejected", "warned"];
    if loads {
        header.push("loaded");
    }
    let updates = report.tables.iter().any(|table| table.updated.is_some());
    if updates {
        header.push("updated");
    }
    let rows: Vec<Vec<String>> = report
        .tables
        .iter()
        .map(|table| {
            let read = table.files.iter().filter(|file| !file.skipped).count();
            let skipped = table.files.len() - read;
            let files = if skipped > 0 { format!("{read} (+{skipped} skipped)") } else { read.to_string() };
            let mut row = vec![clean(&table.table), files];
            row.extend([table.records, table.clean, table.rejected, table.warned].map(thousands));
            if loads {
                row.push(thousands(table.loaded.unwrap_or(0)));
            }
            if updates {
                row.push(thousands(table.updated.unwrap_or(0)));
            }
            row
        })
        .collect();
    layout(&header, &rows, style, 1)
}

fn rules(out: &mut String, table: &TableReport, style: Style) {
    if table.rules.is_empty() && table.records == 0 {
        let _ = writeln!(out, "\n{}: nothing new", clean(&table.table));
        return;
    }
    let unevaluated = table.rules.iter().filter(|rule| rule.outcome == Outcome::NotEvaluated).count();
    let broken = table.rules.iter().filter(|rule| rule.outcome != Outcome::NotEvaluated && rule.failures > 0).count();
    let total = counted(table.rules.len() as u64, "rule");
    let name = style.paint(BOLD, &clean(&table.table));
    let _ = match (broken, unevaluated) {
        (0, 0) => writeln!(out, "\n{name}: all {total} hold"),
        (_, 0) => writeln!(out, "\n{name}: {broken} of {total} broken"),
        _ => writeln!(out, "\n{name}: {broken} of {total} broken, {unevaluated} not evaluated"),
    };
    for rule in &table.rules {
        if style.verbose || rule.outcome != Outcome::Passed || rule.failures > 0 {
            one_rule(out, rule, table.records, style);
        }
    }
}

fn one_rule(out: &mut String, rule: &RuleReport, records: u64, style: Style) {
    let (mark, word, color) = match rule.outcome {
        Outcome::Passed => ("✓", "passed", GREEN),
        Outcome::Warned => ("!", "warned", YELLOW),
        Outcome::Failed => ("✗", "FAILED", RED),
        Outcome::NotEvaluated => ("?", "NOT EVALUATED", MAGENTA),
    };
    let mut line = format!(" {} {} {}", style.paint(color, mark), style.paint(color, word), clean(&rule.id));
    // A rule on a table has no share of records; where it is broken, its note says what was observed.
    if rule.failures > 0 && rule.outcome != Outcome::NotEvaluated && !rule.code.starts_with('T') {
        let _ = write!(line, "  {} ({})", thousands(rule.failures), share(rule.failures, records));
    }
    if let Some(observed) = rule.observed.as_ref().filter(|_| rule.note.is_none()) {
        let _ = write!(line, "  observed {}", clean(observed));
    }
    let _ = writeln!(out, "{line}");
    if rule.outcome != Outcome::Passed {
        out.push_str(&wrap(&format!("     {} {}", rule.code, clean(&rule.brief)), style.width, 5));
    }
    if let Some(note) = &rule.note {
        out.push_str(&wrap(&format!("     {}", clean(note)), style.width, 5));
    }
    for place in &rule.places {
        for line in wrap(&format!("     {}", one_place(place)), style.width, 7).lines() {
            let _ = writeln!(out, "{}", style.paint(DIM, line));
        }
    }
    let shown = rule.places.len() as u64;
    if shown > 0 && rule.failures > shown {
        let more = format!("     … and {} more", thousands(rule.failures - shown));
        let _ = writeln!(out, "{}", style.paint(DIM, &more));
    }
}

/// Says where a record stands: its line and byte, or its number where the format has no lines (line 0).
pub(crate) fn spot(record: u64, line: u64, offset: u64) -> String {
    match line {
        0 => format!("record {}", thousands(record)),
        line => format!("line {}, byte {}", thousands(line), thousands(offset)),
    }
}

fn one_place(place: &Place) -> String {
    let mut text = if place.file == "-" { "standard input".to_owned() } else { clean(&place.file) };
    let _ = write!(text, " {}", spot(place.record, place.line, place.offset));
    text.push(':');
    if let Some(column) = &place.column {
        let _ = write!(text, " {}", clean(column));
    }
    // What is missing has no value to show, but may have a spelling: NA.
    let spelt = |value: &&String| place.code != MISSING || !matches!(value.as_str(), "" | "***");
    if let Some(value) = place.value.as_ref().filter(spelt) {
        let _ = write!(text, " \"{}\"", short(&clean(value), 60));
    }
    let _ = write!(text, " {}", clean(&place.message));
    if place.code.starts_with('P') {
        let _ = write!(text, " [{}]", place.code);
    }
    text
}

fn last_line(report: &Report, style: Style) -> String {
    let count =
        |outcome| report.tables.iter().flat_map(|table| &table.rules).filter(|rule| rule.outcome == outcome).count();
    let (records, rejects) =
        report.tables.iter().fold((0, 0), |sum, table| (sum.0 + table.records, sum.1 + table.rejected));
    let mut line = format!(
        "Done. PASS={} WARN={} FAIL={} NOT_EVALUATED={} records={} rejects={}",
        count(Outcome::Passed),
        count(Outcome::Warned),
        count(Outcome::Failed),
        count(Outcome::NotEvaluated),
        thousands(records),
        thousands(rejects),
    );
    if let Some(run) = &report.run {
        let _ = write!(line, " in {:.1} s", run.seconds);
    }
    style.paint(if report.passed { GREEN } else { RED }, &line) + "\n"
}

/// Lays rows out under headings within the terminal's width.
#[must_use]
pub fn table<const N: usize>(header: &[&str; N], rows: &[[String; N]], style: Style) -> String {
    let rows: Vec<Vec<String>> = rows.iter().map(|row| row.to_vec()).collect();
    layout(header, &rows, style, N)
}

/// Lays out a table whose first `left` columns are text and the others numbers.
#[must_use]
pub fn layout(header: &[&str], rows: &[Vec<String>], style: Style, left: usize) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(u16::try_from(style.width).unwrap_or(u16::MAX));
    table.set_header(header.iter().copied());
    for row in rows {
        table.add_row(row);
    }
    for (index, column) in table.column_iter_mut().enumerate() {
        if index >= left {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let lines = table.to_string();
    lines.lines().fold(String::new(), |text, line| text + line.trim_end() + "\n")
}

/// Writes a share in percent; what is not zero is never shown as zero.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "a share is shown with two digits")]
pub fn share(part: u64, whole: u64) -> String {
    if whole == 0 {
        return "-".to_owned();
    }
    if part == 0 {
        return "0%".to_owned();
    }
    let percent = part as f64 / whole as f64 * 100.0;
    if percent < 0.01 { "<0.01%".to_owned() } else { format!("{percent:.2}%") }
}

/// Makes control characters visible, so that no value speaks to the terminal.
#[must_use]
pub fn clean(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        if is_hidden(character) {
            out.extend(character.escape_default());
        } else {
            out.push(character);
        }
    }
    out
}

/// Tells whether a character cannot be seen, or changes how others are: controls, directions, joiners, tags.
#[must_use]
pub fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}'
        )
}

/// Cuts a text to so many characters, and shows that it was cut.
#[must_use]
pub fn short(text: &str, limit: usize) -> String {
    match text.char_indices().nth(limit) {
        Some((cut, _)) => format!("{}…", &text[..cut]),
        None => text.to_owned(),
    }
}

/// Breaks a line at blanks to fit, later lines indented; a word longer than the line stays whole.
pub(crate) fn wrap(text: &str, width: usize, indent: usize) -> String {
    let lead = text.len() - text.trim_start().len();
    let mut out = text[..lead].to_owned();
    let mut column = lead;
    for (index, word) in text.trim_start().split(' ').enumerate() {
        let len = word.chars().count();
        if index > 0 && column + 1 + len > width.max(40) {
            let _ = write!(out, "\n{:indent$}", "");
            column = indent;
        } else if index > 0 {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += len;
    }
    out.push('\n');
    out
}
