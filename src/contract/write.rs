//! Contract documents out: a draft as YAML, what speaks for each rule behind it as a comment.
//!
//! ```text
//! price:
//!   type: decimal(12,2)       # 9,871 numbers, 2 decimal places at most
//!   required: true            # never NULL; 9,871 of 9,871, ≥ 99.96 %
//! ```

use std::fmt::Write as _;

use crate::model::draft::{ColumnDraft, Draft, Evidence, TableDraft, Value};
use crate::model::words::thousands;

/// Where comments start, at the earliest.
const COMMENT: usize = 44;

/// Writes a draft. What [`read`](crate::contract::read) gives of the text has the draft's tables and rules.
#[must_use]
pub fn write(draft: &Draft) -> String {
    let mut out = Lines::default();
    for note in &draft.notes {
        out.note(0, note);
    }
    out.plain("karat: 1");
    out.plain(&format!("name: {}", scalar(&draft.name)));
    out.plain("tables:");
    for table in &draft.tables {
        write_table(&mut out, table);
    }
    out.text
}

fn write_table(out: &mut Lines, table: &TableDraft) {
    for note in &table.notes {
        out.note(2, note);
    }
    out.plain(&format!("  {}:", scalar(&table.name)));
    if !table.source.is_empty() {
        out.plain(&format!("    source: {}", mapping(&table.source)));
    }
    if let Some(key) = &table.primary_key {
        let columns = key.columns.iter().map(|name| Value::Text(name.clone())).collect();
        out.line(&format!("    primary_key: {}", value(&Value::List(columns))), &key.evidence);
    }
    out.plain("    columns:");
    for column in &table.columns {
        out.plain(&format!("      {}:", scalar(&column.name)));
        write_column(out, column, 8);
    }
    if !table.rules.is_empty() {
        out.plain("    rules:");
        for (rule, evidence) in &table.rules {
            out.line(&format!("      - {}", mapping(rule)), evidence);
        }
    }
}

fn write_column(out: &mut Lines, column: &ColumnDraft, indent: usize) {
    let pad = " ".repeat(indent);
    out.line(&format!("{pad}type: {}", scalar(&column.data_type)), &column.evidence);
    for setting in &column.settings {
        out.line(&format!("{pad}{}: {}", setting.key, value(&setting.value)), &setting.evidence);
    }
    if let Some(items) = &column.items {
        out.plain(&format!("{pad}items:"));
        write_column(out, items, indent + 2);
    }
    if !column.fields.is_empty() {
        out.plain(&format!("{pad}fields:"));
        for field in &column.fields {
            out.plain(&format!("{pad}  {}:", scalar(&field.name)));
            write_column(out, field, indent + 4);
        }
    }
}

#[derive(Default)]
struct Lines {
    text: String,
}

impl Lines {
    fn plain(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn note(&mut self, indent: usize, note: &str) {
        self.plain(format!("{}# {}", " ".repeat(indent), clean(note)).trim_end());
    }

    fn line(&mut self, line: &str, evidence: &Evidence) {
        let words = evidence_text(evidence);
        if words.is_empty() {
            return self.plain(line);
        }
        let gap = COMMENT.saturating_sub(line.chars().count()).max(2);
        self.plain(&format!("{line}{}# {words}", " ".repeat(gap)));
    }
}

/// Writes evidence for people: what, how many of how many, the least share to expect, the rows held out.
fn evidence_text(evidence: &Evidence) -> String {
    let mut text = clean(&evidence.words);
    let mut add = |part: &str| {
        if !text.is_empty() {
            text.push_str("; ");
        }
        text.push_str(part);
    };
    if let Some(bound) = evidence.bound() {
        let counts = if evidence.kept == evidence.seen {
            format!("all {}", thousands(evidence.seen))
        } else {
            format!("{} of {}", thousands(evidence.kept), thousands(evidence.seen))
        };
        add(&format!("{counts}, ≥ {}", percent(bound)));
    }
    if let Some(held) = evidence.held {
        if held.kept == held.rows {
            add(&format!("held out: all {}", thousands(held.rows)));
        } else {
            add(&format!("held out: {} of {}", thousands(held.kept), thousands(held.rows)));
        }
    }
    text
}

/// Rounds down, so that nothing less than certain reads 100 %.
fn percent(share: f64) -> String {
    let digits = if share >= 0.99 { 2 } else { 0 };
    let scale = if digits == 2 { 10_000.0 } else { 100.0 };
    format!("{:.digits$} %", (share * scale).floor() / scale * 100.0)
}

/// Keeps a comment on its line.
fn clean(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{85}') { ' ' } else { c })
        .collect()
}

fn mapping(entries: &[(&'static str, Value)]) -> String {
    let mut out = String::from("{");
    for (at, (key, entry)) in entries.iter().enumerate() {
        let comma = if at == 0 { "" } else { ", " };
        let _ = write!(out, "{comma}{key}: {}", value(entry));
    }
    out + "}"
}

fn value(value_: &Value) -> String {
    match value_ {
        Value::Plain(text) => text.clone(),
        Value::Text(text) => scalar(text),
        Value::List(items) => format!("[{}]", items.iter().map(value).collect::<Vec<_>>().join(", ")),
    }
}

/// Writes text as a YAML scalar that reads as this text everywhere, also inside `{}` and `[]`.
fn scalar(text: &str) -> String {
    let mut chars = text.chars();
    let starts = chars.next().is_some_and(|c| c.is_alphabetic() || c == '_');
    let inner = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | ' ' | '(' | ')');
    let word = text.to_ascii_lowercase();
    let special = ["true", "false", "null", "yes", "no", "on", "off", "y", "n", "nan", "inf", ".nan", ".inf"];
    // `decimal(12,2)` has a comma, which ends an entry inside braces.
    if starts && chars.all(inner) && !text.ends_with(' ') && !special.contains(&word.as_str()) {
        return text.to_owned();
    }
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{FEFF}') => {
                let code = u32::from(c);
                let _ = write!(out, "\\u{code:04X}");
            }
            c => out.push(c),
        }
    }
    out + "\""
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::draft::{Held, KeyDraft, Setting};

    fn setting(key: &'static str, value: Value) -> Setting {
        Setting { key, value, evidence: Evidence::counted("why", 10, 10) }
    }

    #[test]
    fn a_draft_reads_back() {
        let column = |name: &str, data_type: &str, settings| ColumnDraft {
            name: name.to_owned(),
            data_type: data_type.to_owned(),
            settings,
            ..ColumnDraft::default()
        };
        let text = |text: &str| Value::Text(text.to_owned());
        let plain = |text: &str| Value::Plain(text.to_owned());
        let fields = vec![column("p: #x", "decimal(12,2)", vec![setting("minimum", plain("-1.5"))])];
        let item = ColumnDraft { data_type: "struct".into(), fields, ..ColumnDraft::default() };
        let basket = ColumnDraft { items: Some(Box::new(item)), ..column("basket", "list", vec![]) };
        let spellings = ["yes", "no", "a, b", "#x", "é\"\\", "- x", "1", "null", "x: y", "{", "tab\t", "~"];
        let table = TableDraft {
            name: "t".into(),
            notes: vec!["two\nlines".into()],
            source: vec![("format", text("ndjson")), ("path", text("d=*/x.json"))],
            primary_key: Some(KeyDraft { columns: vec!["id".into()], evidence: Evidence::words("exact") }),
            columns: vec![
                column("id", "int64", vec![]),
                column("true", "string", vec![setting("accepted_values", Value::List(spellings.map(text).to_vec()))]),
                basket,
            ],
            rules: vec![(vec![("row_count", plain("{minimum: 1}"))], Evidence::default())],
        };
        let draft = Draft { name: "1 of: many".into(), notes: vec!["made".into()], tables: vec![table] };
        let written = write(&draft);
        let contract = crate::contract::read(&written).unwrap_or_else(|all| panic!("{written}\n{all:?}"));
        assert_eq!(contract.name, "1 of: many");
        let table = &contract.tables[0];
        assert_eq!(table.columns[1].name, "true");
        assert!(table.rules.iter().any(|rule| rule.id == "t.basket[].p: #x.minimum"), "{written}");
        let kinds: Vec<&str> = table.rules.iter().map(|rule| rule.id.as_str()).collect();
        assert!(kinds.contains(&"t.true.accepted_values") && kinds.contains(&"t.row_count"), "{kinds:?}");
    }

    #[test]
    fn evidence_is_said_shortly() {
        let mut evidence = Evidence::counted("never NULL", 10_000, 10_000);
        evidence.held = Some(Held { rows: 2000, kept: 1999 });
        assert_eq!(evidence_text(&evidence), "never NULL; all 10,000, ≥ 99.96 %; held out: 1,999 of 2,000");
        assert_eq!(evidence_text(&Evidence::counted("", 9, 10)), "9 of 10, ≥ 59 %");
        assert_eq!(evidence_text(&Evidence::words("a\nb")), "a b");
    }
}
