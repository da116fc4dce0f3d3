//! The report as an OpenLineage run event: each table an input dataset with its metrics and assertions, and for a
//! load the target as output.
//!
//! Source: OpenLineage specification 2-0-2; facets `DataQualityMetricsInputDatasetFacet` 1-0-3,
//! `DataQualityAssertionsDatasetFacet` 1-1-0, `OutputStatisticsOutputDatasetFacet` 1-0-2. The event is written to a
//! file; karat posts it nowhere.

use serde_json::{Map, Value, json};

use crate::model::{Outcome, Report, RuleReport, Severity, TableReport};
use crate::render::summary::{finding, version};

const SPEC: &str = "https://openlineage.io/spec";

/// Runs without a clock bear this moment and id.
const NO_MOMENT: &str = "1970-01-01T00:00:00Z";
const NO_RUN: &str = "00000000-0000-0000-0000-000000000000";

/// Writes one `COMPLETE` event, indented: a gate that failed is a run that completed.
#[must_use]
pub fn render(report: &Report) -> String {
    let producer = format!("https://crates.io/crates/karat/{}", version(report));
    let run = report.run.as_ref();
    let moment = run.map(|run| run.finished_at.as_str()).filter(|text| !text.is_empty()).unwrap_or(NO_MOMENT);
    let inputs: Vec<Value> = report.tables.iter().map(|table| input(table, &producer)).collect();
    let outputs: Vec<Value> = match run.and_then(|run| run.target.as_deref()) {
        Some(target) if report.committed == Some(true) => {
            report.tables.iter().map(|table| output(target, table, &producer)).collect()
        }
        _ => Vec::new(),
    };
    let event = json!({
        "eventType": "COMPLETE",
        "eventTime": moment,
        "producer": producer,
        "schemaURL": format!("{SPEC}/2-0-2/OpenLineage.json#/$defs/RunEvent"),
        "run": {"runId": run.and_then(|run| run.run_id.as_deref()).unwrap_or(NO_RUN)},
        "job": {"namespace": "karat", "name": format!("{}.{}", report.command, report.contract)},
        "inputs": inputs,
        "outputs": outputs,
    });
    format!("{event:#}\n")
}

fn facet(producer: &str, page: &str, name: &str, fields: Value) -> Value {
    let mut all = Map::new();
    all.insert("_producer".to_owned(), Value::from(producer));
    all.insert("_schemaURL".to_owned(), Value::from(format!("{SPEC}/facets/{page}/{name}.json#/$defs/{name}")));
    if let Value::Object(fields) = fields {
        all.extend(fields);
    }
    Value::Object(all)
}

fn input(table: &TableReport, producer: &str) -> Value {
    let read = || table.files.iter().filter(|file| !file.skipped);
    let bytes: u64 = read().map(|file| file.bytes).sum();
    let metrics = json!({
        "rowCount": table.records, "bytes": bytes, "fileCount": read().count(), "columnMetrics": {},
    });
    let assertions: Vec<Value> = table.rules.iter().map(|rule| assertion(table, rule)).collect();
    json!({
        "namespace": "file",
        "name": name(table),
        "inputFacets": {
            "dataQualityMetrics": facet(producer, "1-0-3", "DataQualityMetricsInputDatasetFacet", metrics),
            "dataQualityAssertions":
                facet(producer, "1-1-0", "DataQualityAssertionsDatasetFacet", json!({"assertions": assertions})),
        },
    })
}

fn assertion(table: &TableReport, rule: &RuleReport) -> Value {
    let actual = match rule.outcome {
        Outcome::NotEvaluated => finding(table, rule),
        _ => rule.observed.clone().unwrap_or_else(|| rule.failures.to_string()),
    };
    let mut fields = json!({
        "assertion": rule.kind,
        "name": rule.id,
        "description": rule.brief,
        "success": rule.outcome == Outcome::Passed,
        "severity": if rule.severity == Severity::Error { "error" } else { "warn" },
        "actual": actual,
    });
    if let Value::Object(fields) = &mut fields {
        if rule.observed.is_none() {
            fields.insert("expected".to_owned(), Value::from("0"));
        }
        if let [column] = &rule.columns[..] {
            fields.insert("column".to_owned(), Value::from(column.as_str()));
        }
    }
    fields
}

/// Names a table of a target as the OpenLineage naming convention says: a server's address is the namespace, without the
/// user, and the database stands before the table; a bucket is a namespace; all else lies in files.
fn dataset(target: &str, table: &str) -> (String, String) {
    let (form, place) = target.split_once(":s3://").map_or(("", target), |(form, rest)| (form, rest));
    if !form.is_empty() {
        let (bucket, prefix) = place.split_once('/').unwrap_or((place, ""));
        let name = format!("{prefix}/{table}");
        return (format!("s3://{bucket}"), name.trim_start_matches('/').to_owned());
    }
    if let Some((scheme, rest)) = target.split_once("://") {
        let (server, database) = rest.split_once('/').unwrap_or((rest, ""));
        let host = server.rsplit_once('@').map_or(server, |(_, host)| host);
        let port = match (scheme, host.ends_with(']') || !host.contains(':')) {
            ("postgres", true) => ":5432",
            ("mysql", true) => ":3306",
            _ => "",
        };
        return (format!("{scheme}://{host}{port}"), format!("{database}.{table}"));
    }
    ("file".to_owned(), format!("{target}/{table}"))
}

fn output(target: &str, table: &TableReport, producer: &str) -> Value {
    let statistics = json!({"rowCount": table.loaded.unwrap_or(0)});
    let (namespace, name) = dataset(target, &table.table);
    json!({
        "namespace": namespace,
        "name": name,
        "outputFacets": {
            "outputStatistics": facet(producer, "1-0-2", "OutputStatisticsOutputDatasetFacet", statistics),
        },
    })
}

/// Names the dataset of a table: its file, or the folder all its files share, else the table.
fn name(table: &TableReport) -> String {
    let mut paths = table.files.iter().map(|file| file.path.as_str());
    let Some(first) = paths.next() else { return table.table.clone() };
    let mut common = first;
    for path in paths {
        let same = common.bytes().zip(path.bytes()).take_while(|(a, b)| a == b).count();
        common = common.get(..same).unwrap_or_default();
    }
    if common.len() == first.len() && table.files.len() == 1 {
        return first.to_owned();
    }
    match common.rfind('/') {
        Some(end) if end > 0 => common[..end].to_owned(),
        _ => table.table.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_named_as_openlineage_does() {
        let named = |target: &str| dataset(target, "t");
        let pair = |namespace: &str, name: &str| (namespace.to_owned(), name.to_owned());
        assert_eq!(named("postgres://me@db.example/shop"), pair("postgres://db.example:5432", "shop.t"));
        assert_eq!(named("mysql://db:3307/shop"), pair("mysql://db:3307", "shop.t"));
        assert_eq!(named("csv:s3://lake/in/x"), pair("s3://lake", "in/x/t"));
        assert_eq!(named("out.duckdb"), pair("file", "out.duckdb/t"));
    }
    use crate::model::FileReport;

    #[test]
    fn a_dataset_is_its_file_or_folder() {
        let table = |paths: &[&str]| {
            let file = |path: &&str| FileReport { path: (*path).to_owned(), ..FileReport::default() };
            name(&TableReport { table: "t".to_owned(), files: paths.iter().map(file).collect(), ..Default::default() })
        };
        assert_eq!(table(&["in/a.csv"]), "in/a.csv");
        assert_eq!(table(&["in/d=1/a.csv", "in/d=2/a.csv"]), "in");
        assert_eq!(table(&["a.csv", "b.csv"]), "t");
        assert_eq!(table(&[]), "t");
    }
}
