//! The report as `JUnit` XML: a suite a table, a test case a rule, never one a record.
//!
//! Source: `junit-10.xsd` of the `xUnit` plugin of Jenkins, the strictest description in use. A rule that only warns is
//! `skipped`, one that could not be evaluated is an `error`.

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};

use crate::model::{Outcome, Report, RuleReport, TableReport};
use crate::render::summary::{finding, position, sentence, wrong};
use crate::render::text::clean;

/// Writes the document, indented.
#[must_use]
pub fn render(report: &Report) -> String {
    let mut xml = Xml(Writer::new_with_indent(Vec::new(), b' ', 2));
    xml.put(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)));
    let all: Vec<&RuleReport> = report.tables.iter().flat_map(|table| &table.rules).collect();
    let seconds = report.run.as_ref().map_or(0.0, |run| run.seconds);
    let mut root = vec![("name", format!("karat {} {}", report.command, report.contract))];
    root.extend(counts(&all).into_iter().filter(|(name, _)| *name != "skipped"));
    root.push(("time", format!("{seconds:.3}")));
    xml.open("testsuites", &root);
    for table in &report.tables {
        suite(&mut xml, report, table);
    }
    xml.close("testsuites");
    // What was written is text, so it is UTF-8.
    String::from_utf8(xml.0.into_inner()).unwrap_or_default() + "\n"
}

fn counts(rules: &[&RuleReport]) -> Vec<(&'static str, String)> {
    let count = |outcome| rules.iter().filter(|rule| rule.outcome == outcome).count().to_string();
    vec![
        ("tests", rules.len().to_string()),
        ("failures", count(Outcome::Failed)),
        ("errors", count(Outcome::NotEvaluated)),
        ("skipped", count(Outcome::Warned)),
    ]
}

fn suite(xml: &mut Xml, report: &Report, table: &TableReport) {
    let rules: Vec<&RuleReport> = table.rules.iter().collect();
    let mut attributes = vec![("name", table.table.clone())];
    attributes.extend(counts(&rules));
    if let Some(run) = report.run.as_ref().filter(|run| !run.started_at.is_empty()) {
        // The schema of Ant, which others copied, knows no fractions and no zone.
        attributes.push(("timestamp", run.started_at.chars().take("2026-01-31T06:00:00".len()).collect()));
    }
    xml.open("testsuite", &attributes);
    xml.open("properties", &[]);
    let numbers = [("records", table.records), ("clean", table.clean), ("rejected", table.rejected)];
    let sources = table.files.iter().map(|file| ("source", file.path.clone()));
    for (name, value) in numbers.map(|(name, number)| (name, number.to_string())).into_iter().chain(sources) {
        xml.empty("property", &[("name", name.to_owned()), ("value", value)]);
    }
    xml.close("properties");
    for rule in &table.rules {
        case(xml, report, table, rule);
    }
    xml.close("testsuite");
}

fn case(xml: &mut Xml, report: &Report, table: &TableReport, rule: &RuleReport) {
    let class = format!("{}.{}", report.contract, table.table);
    let attributes = vec![("classname", class), ("name", rule.id.clone()), ("time", "0".to_owned())];
    let element = match rule.outcome {
        Outcome::Passed => return xml.empty("testcase", &attributes),
        Outcome::Warned => "skipped",
        Outcome::Failed => "failure",
        Outcome::NotEvaluated => "error",
    };
    xml.open("testcase", &attributes);
    let message = match rule.outcome {
        Outcome::Warned => format!("warning: {}", finding(table, rule)),
        _ => sentence(table, rule),
    };
    let mut lines = vec![format!("{} {}: {}", rule.code, rule.kind, sentence(table, rule))];
    if let Some(file) = report.run.as_ref().and_then(|run| run.contract_file.as_deref()) {
        lines.push(format!("contract: {file}:{}", rule.contract_line));
    }
    lines.extend(rule.places.iter().map(|place| format!("{}: {}", position(place), wrong(place))));
    xml.open(element, &[("type", rule.kind.clone()), ("message", message)]);
    xml.put(Event::Text(BytesText::new(&legal(&lines.join("\n")))));
    xml.close(element);
    xml.close("testcase");
}

/// Makes every character one that XML 1.0 can hold: line breaks stay, other control characters are shown.
fn legal(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(clean).collect();
    lines.join("\n").replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}")
}

/// Writes into memory, which cannot fail.
struct Xml(Writer<Vec<u8>>);

impl Xml {
    fn put(&mut self, event: Event<'_>) {
        let _ = self.0.write_event(event);
    }

    fn element<'a>(name: &'a str, attributes: &[(&'static str, String)]) -> BytesStart<'a> {
        let mut element = BytesStart::new(name);
        for (key, value) in attributes {
            element.push_attribute((*key, legal(value).as_str()));
        }
        element
    }

    fn open(&mut self, name: &str, attributes: &[(&'static str, String)]) {
        self.put(Event::Start(Self::element(name, attributes)));
    }

    fn empty(&mut self, name: &str, attributes: &[(&'static str, String)]) {
        self.put(Event::Empty(Self::element(name, attributes)));
    }

    fn close(&mut self, name: &str) {
        self.put(Event::End(BytesEnd::new(name)));
    }
}
