//! The report as CSV (RFC 4180): one row a rule, for spreadsheets.

use crate::model::{Report, RuleReport, TableReport};
use crate::render::summary::{mark, rules, severity};

const HEADER: &str = "table,rule,kind,code,severity,columns,brief,outcome,records,failures,known,unknown,observed,note,\
contract_line,first_file,first_record,first_line,first_column,first_offset,first_value,first_message";

/// Writes a header and the rules in contract order.
///
/// Text that a spreadsheet would run as a formula gets an apostrophe before it (CWE-1236); numbers stay as they are.
#[must_use]
pub fn render(report: &Report) -> String {
    let mut out = HEADER.to_owned() + "\r\n";
    for (table, rule) in rules(report) {
        let cells: Vec<String> = row(table, rule).iter().map(|cell| field(cell)).collect();
        out.push_str(&cells.join(","));
        out.push_str("\r\n");
    }
    out
}

fn row(table: &TableReport, rule: &RuleReport) -> Vec<String> {
    let optional = |text: Option<&str>| text.unwrap_or_default().to_owned();
    let mut row = vec![
        table.table.clone(),
        rule.id.clone(),
        rule.kind.clone(),
        rule.code.clone(),
        severity(rule.severity).to_owned(),
        rule.columns.join(" "),
        rule.brief.clone(),
        mark(rule.outcome).1.to_owned(),
        table.records.to_string(),
        rule.failures.to_string(),
        rule.known.map(|known| known.to_string()).unwrap_or_default(),
        rule.unknown.to_string(),
        optional(rule.observed.as_deref()),
        optional(rule.note.as_deref()),
        rule.contract_line.to_string(),
    ];
    match rule.places.first() {
        Some(place) => row.extend([
            place.file.clone(),
            place.record.to_string(),
            place.cell.map_or(place.line, |cell| cell.line).to_string(),
            place.cell.map(|cell| cell.column.to_string()).unwrap_or_default(),
            place.cell.map_or(place.offset, |cell| cell.offset).to_string(),
            optional(place.value.as_deref()),
            place.message.clone(),
        ]),
        None => row.extend(std::iter::repeat_n(String::new(), 7)),
    }
    row
}

fn field(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']) && text.parse::<f64>().is_err();
    let safe = if formula { format!("'{text}") } else { text.to_owned() };
    if safe.contains(['"', ',', '\n', '\r']) { format!("\"{}\"", safe.replace('"', "\"\"")) } else { safe }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_disarmed_and_numbers_kept() {
        assert_eq!(field("=1+1"), "'=1+1");
        assert_eq!(field("-3.5"), "-3.5");
        assert_eq!(field("-cmd,x"), "\"'-cmd,x\"");
        assert_eq!(field("a\"b"), "\"a\"\"b\"");
        assert_eq!(HEADER.split(',').count(), row(&TableReport::default(), &RuleReport::default()).len());
    }
}
