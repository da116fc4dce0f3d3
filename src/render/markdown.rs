//! The report as Markdown: a GitHub job summary, a merge request's comment, a ticket.

use std::fmt::Write;

use crate::model::{Outcome, Report, RuleReport, TableReport};
use crate::render::summary::{broken, count, finding, is_about_table, position, rules, wrong};
use crate::render::text::{clean, counted, share, short, thousands};

/// GitHub refuses summaries above 1 MiB; what would not fit is left out and said.
const LIMIT: usize = 900 << 10;

/// Writes headings from the third level, so that it can stand in a page.
#[must_use]
pub fn render(report: &Report) -> String {
    let verdict = if report.passed { "PASSED ✅" } else { "FAILED ❌" };
    let mut out = format!("### karat {}: {} — {verdict}\n\n", report.command, escape(&report.contract));
    let _ = writeln!(out, "{}\n", figures(report));
    out.push_str("| table | read | clean | rejected | warned |\n|---|---:|---:|---:|---:|\n");
    for table in &report.tables {
        let counts = [table.records, table.clean, table.rejected, table.warned].map(thousands);
        let _ = writeln!(out, "| {} | {} |", escape(&table.table), counts.join(" | "));
    }
    let found = broken(report);
    if !found.is_empty() {
        out.push_str("\n| | rule | what must hold | failed | first |\n|---|---|---|---:|---|\n");
        let mut left = found.len();
        for (table, rule) in found {
            let row = row(table, rule);
            if out.len() + row.len() > LIMIT {
                let _ = writeln!(out, "\n… and {}", counted(left as u64, "more rule"));
                break;
            }
            out.push_str(&row);
            left -= 1;
        }
    }
    passed(&mut out, report);
    for note in &report.notes {
        let _ = writeln!(out, "\n> {}", escape(note));
    }
    out
}

fn figures(report: &Report) -> String {
    let records: u64 = report.tables.iter().map(|table| table.records).sum();
    let mut parts = vec![
        counted(records, "record"),
        counted(rules(report).count() as u64, "rule"),
        format!("{} failed", count(report, Outcome::Failed)),
        format!("{} warned", count(report, Outcome::Warned)),
    ];
    let unknown = count(report, Outcome::NotEvaluated);
    if unknown > 0 {
        parts.push(format!("{unknown} not evaluated"));
    }
    if let Some(run) = report.run.as_ref().filter(|run| run.seconds > 0.0) {
        parts.push(format!("{:.1} s", run.seconds));
    }
    parts.join(" · ")
}

fn row(table: &TableReport, rule: &RuleReport) -> String {
    let sign = match rule.outcome {
        Outcome::Passed => "✅",
        Outcome::Warned => "⚠️",
        Outcome::Failed => "❌",
        Outcome::NotEvaluated => "❓",
    };
    let failed = match rule.outcome {
        Outcome::NotEvaluated => "not evaluated".to_owned(),
        _ if is_about_table(rule) => thousands(rule.failures),
        _ => format!("{} ({})", thousands(rule.failures), share(rule.failures, table.records)),
    };
    let first = match rule.places.first() {
        Some(place) => format!("{}: {}", position(place), wrong(place)),
        None => finding(table, rule),
    };
    format!("| {sign} | {} | {} | {failed} | {} |\n", escape(&rule.id), escape(&rule.brief), escape(&first))
}

fn passed(out: &mut String, report: &Report) {
    let names: Vec<String> =
        rules(report).filter(|(_, rule)| rule.outcome == Outcome::Passed).map(|(_, rule)| escape(&rule.id)).collect();
    if names.is_empty() {
        return;
    }
    let list = names.iter().fold(String::new(), |list, name| list + "- " + name + "\n");
    if out.len() + list.len() < LIMIT {
        let summary = format!("{} passed", counted(names.len() as u64, "rule"));
        let _ = write!(out, "\n<details><summary>{summary}</summary>\n\n{list}\n</details>\n");
    }
}

/// Makes text harmless in a cell of a table: no markup of Markdown or HTML, no mention, one line.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in short(&clean(text), 300).chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            // An entity is no mention, no link and no cell border.
            '@' | '|' | ':' | '#' => {
                let _ = write!(out, "&#{};", u32::from(character));
            }
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '~' | '!' | '$' => {
                out.push('\\');
                out.push(character);
            }
            _ => out.push(character),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_no_markup() {
        assert_eq!(escape("a|b"), "a&#124;b");
        assert_eq!(escape("<b>@team</b>"), "&lt;b&gt;&#64;team&lt;/b&gt;");
        assert_eq!(escape("[x](y)"), "\\[x\\](y)");
        assert!(!escape("a\nb").contains('\n'));
    }
}
