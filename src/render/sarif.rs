//! The report as SARIF 2.1.0 (OASIS): one result a broken rule, at the contract's line, the data's places related.
//!
//! GitHub reads the first location and `primaryLocationLineHash` only; other viewers show the related places.

use std::fmt::Write;

use serde_json::{Value, json};

use crate::model::{Outcome, Place, Report, RuleReport, Severity, TableReport};
use crate::render::summary::{anchor, broken, fingerprint, plain_path, position, rules, sentence, uri, version, wrong};
use crate::render::text::clean;

/// Writes one run with every rule and a result for each that did not pass.
#[must_use]
pub fn render(report: &Report) -> String {
    let ids: Vec<&str> = rules(report).map(|(_, rule)| rule.id.as_str()).collect();
    let results: Vec<Value> = broken(report)
        .into_iter()
        .map(|(table, rule)| result(report, table, rule, ids.iter().position(|id| *id == rule.id).unwrap_or(0)))
        .collect();
    let mut run = json!({
        "tool": {"driver": {
            "name": "karat",
            "version": version(report),
            "semanticVersion": version(report),
            "rules": rules(report).map(|(_, rule)| descriptor(rule)).collect::<Vec<_>>(),
        }},
        "columnKind": "unicodeCodePoints",
        "automationDetails": {"id": format!("karat/{}/{}/", report.command, report.contract)},
        "results": results,
    });
    if let (Some(ran), Value::Object(run)) = (&report.run, &mut run) {
        let mut invocation = json!({"executionSuccessful": true, "exitCode": u8::from(!report.passed)});
        if let (false, Value::Object(fields)) = (ran.finished_at.is_empty(), &mut invocation) {
            fields.insert("startTimeUtc".to_owned(), Value::from(ran.started_at.as_str()));
            fields.insert("endTimeUtc".to_owned(), Value::from(ran.finished_at.as_str()));
        }
        run.insert("invocations".to_owned(), json!([invocation]));
    }
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [run],
    });
    format!("{log:#}\n")
}

fn descriptor(rule: &RuleReport) -> Value {
    let brief = clean(&rule.brief);
    let full = rule.description.as_deref().map_or_else(|| brief.clone(), clean);
    json!({
        "id": rule.id,
        "name": rule.kind,
        "shortDescription": {"text": if brief.is_empty() { &rule.id } else { &brief }},
        "fullDescription": {"text": if full.is_empty() { &rule.id } else { &full }},
        "defaultConfiguration": {"level": if rule.severity == Severity::Error { "error" } else { "warning" }},
        "help": {"text": format!("karat explain {}", rule.code)},
        "properties": {"code": rule.code, "columns": rule.columns},
    })
}

fn result(report: &Report, table: &TableReport, rule: &RuleReport, index: usize) -> Value {
    let mut message = sentence(table, rule);
    if let Some(place) = rule.places.first() {
        let _ = write!(message, ". First: {}: {}", position(place), wrong(place));
    }
    let logical = json!([{"name": rule.id, "fullyQualifiedName": format!("{}.{}", report.contract, rule.id)}]);
    let location = match anchor(report, rule) {
        Some((file, line)) => {
            let mut region = json!({"startLine": line});
            let in_contract = report.run.as_ref().is_some_and(|run| run.contract_file.is_some());
            if let (true, Value::Object(region)) = (in_contract && rule.contract_column > 0, &mut region) {
                region.insert("startColumn".to_owned(), Value::from(rule.contract_column));
            }
            let physical = json!({"artifactLocation": {"uri": uri(file)}, "region": region});
            json!({"physicalLocation": physical, "logicalLocations": logical})
        }
        None => json!({"logicalLocations": logical}),
    };
    let related: Vec<Value> = rule.places.iter().enumerate().map(|(at, place)| related(at + 1, place)).collect();
    let hash = fingerprint(&[&report.contract, &rule.id]);
    let mut found = json!({
        "ruleId": rule.id,
        "ruleIndex": index,
        "level": if rule.outcome == Outcome::Warned { "warning" } else { "error" },
        // An open result is one that is not known to hold or to be broken.
        "kind": "fail",
        "message": {"text": message},
        "locations": [location],
        "relatedLocations": related,
        "partialFingerprints": {"primaryLocationLineHash": format!("{hash:016x}:1")},
        "properties": {"table": table.table, "outcome": rule.outcome, "failures": rule.failures, "records": table.records},
    });
    if let (true, Value::Object(found)) = (rule.failures > 0, &mut found) {
        found.insert("occurrenceCount".to_owned(), Value::from(rule.failures));
    }
    found
}

fn related(id: usize, place: &Place) -> Value {
    let region = match (&place.cell, place.line) {
        (Some(cell), _) => json!({"startLine": cell.line, "startColumn": cell.column}),
        (None, 0) if place.length > 0 => json!({"byteOffset": place.offset, "byteLength": place.length}),
        (None, 0) => Value::Null,
        (None, line) => json!({"startLine": line}),
    };
    let name = if place.file == "-" { "stdin" } else { plain_path(&place.file) };
    let mut physical = json!({"artifactLocation": {"uri": uri(name)}});
    if let (false, Value::Object(physical)) = (region.is_null(), &mut physical) {
        physical.insert("region".to_owned(), region);
    }
    json!({
        "id": id,
        "message": {"text": format!("{}: {}", position(place), wrong(place))},
        "physicalLocation": physical,
        "properties": {"record": place.record, "byteOffset": place.offset, "byteLength": place.length},
    })
}
