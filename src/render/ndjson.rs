//! The report as NDJSON, for log pipelines: one line for the run, then one a table, a rule and a place.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::model::Report;

/// Writes the lines; each has a `type` (`run`, `table`, `rule`, `place`) and the names its parents go by.
#[must_use]
pub fn render(report: &Report) -> String {
    let mut out = String::new();
    let mut run = object(report);
    run.remove("tables");
    line(&mut out, "run", &[], run);
    for table in &report.tables {
        let mut head = object(table);
        head.remove("rules");
        line(&mut out, "table", &[], head);
        for rule in &table.rules {
            let mut head = object(rule);
            head.remove("places");
            line(&mut out, "rule", &[("table", &table.table)], head);
            for place in &rule.places {
                line(&mut out, "place", &[("table", &table.table), ("rule", &rule.id)], object(place));
            }
        }
    }
    out
}

fn object(value: &impl Serialize) -> Map<String, Value> {
    match serde_json::to_value(value) {
        Ok(Value::Object(object)) => object,
        // Every part of a report is a struct, which is an object.
        _ => Map::new(),
    }
}

fn line(out: &mut String, kind: &str, names: &[(&str, &String)], fields: Map<String, Value>) {
    let mut object = Map::new();
    object.insert("type".to_owned(), Value::from(kind));
    for (key, value) in names {
        object.insert((*key).to_owned(), Value::from(value.as_str()));
    }
    object.extend(fields);
    out.push_str(&Value::Object(object).to_string());
    out.push('\n');
}
