//! Every rule kind's page is executed: its example is a contract, `Passes` passes, `Fails` fails by that kind.

use karat::model::Outcome;
use karat::rule::{self, RuleKind, Scope, kinds::KINDS};

use crate::support::{Folder, contract, run_check, settings};

/// The fenced blocks of a page under a heading: (language, text).
fn blocks(page: &str, heading: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut section = "";
    let mut open: Option<(String, String)> = None;
    for line in page.lines() {
        if let Some(fence) = line.trim_end().strip_prefix("```") {
            match open.take() {
                Some(block) if section == heading => found.push(block),
                Some(_) => {}
                None => open = Some((fence.to_owned(), String::new())),
            }
        } else if let Some((_, text)) = &mut open {
            text.push_str(line);
            text.push('\n');
        } else if let Some(name) = line.strip_prefix("# ") {
            section = name.trim();
        }
    }
    found
}

fn contract_of(kind: &RuleKind, page: &str, format: &str) -> String {
    let example = &blocks(page, "Example")[0].1;
    let indent = |by: &str| example.lines().map(|line| format!("{by}{line}\n")).collect::<String>();
    if kind.name == "references" {
        return format!("karat: 1\nname: page\n{example}");
    }
    format!("karat: 1\nname: page\ntables:\n  t:\n    source: {{format: {format}}}\n{}", indent("    "))
}

#[test]
fn every_page_is_true() {
    for kind in KINDS {
        let page = rule::page(kind);
        for (section, fails) in [("Passes", false), ("Fails", true)] {
            let found = blocks(&page, section);
            assert!(!found.is_empty(), "{}: no block under {section}", kind.name);
            for (format, data) in found {
                one_block(kind, &page, section, fails, &format, &data);
            }
        }
    }
}

fn one_block(kind: &RuleKind, page: &str, section: &str, fails: bool, format: &str, data: &str) {
    let folder = Folder::new();
    let text = contract_of(kind, page, format);
    let contract = contract(&text);
    folder.write(&format!("t.{format}"), data);
    for (_, parent) in blocks(page, "Parent") {
        folder.write("parent.csv", parent);
    }
    let report = run_check(&contract, folder.path(), None, &settings(1, 100)).unwrap();
    let what = format!("{} under {section}\n{text}\n{data}", kind.name);
    let table = report.tables.iter().find(|table| table.table == "t").unwrap_or_else(|| panic!("{what}"));
    if fails {
        let broken = table.rules.iter().any(|rule| rule.kind == kind.name && rule.failures > 0);
        assert!(broken, "{what}\nno rule of the kind was broken");
        if kind.scope != Scope::Table {
            assert!(table.rejected + table.warned > 0, "{what}\nno record was marked");
        }
    } else {
        let broken: Vec<&str> =
            table.rules.iter().filter(|rule| rule.outcome != Outcome::Passed).map(|rule| rule.id.as_str()).collect();
        assert!(broken.is_empty(), "{what}\nbroken: {broken:?}");
        assert_eq!(table.rejected, 0, "{what}");
    }
}
