//! The report as Prometheus text (exposition format 0.0.4), for the textfile collector: gauges without timestamps.

use std::fmt::Write;

use crate::model::{Outcome, Report};
use crate::render::summary::{moment, rules, severity};

/// One metric: its name, its help, and its samples (labels and value).
struct Metric {
    name: &'static str,
    help: &'static str,
    samples: Vec<(Vec<(&'static str, String)>, String)>,
}

/// Writes every metric once with HELP and TYPE, then its samples.
#[must_use]
pub fn render(report: &Report) -> String {
    let mut out = String::new();
    for metric in metrics(report).iter().filter(|metric| !metric.samples.is_empty()) {
        let Metric { name, help, samples } = metric;
        let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} gauge");
        for (labels, value) in samples {
            let labels: Vec<String> = labels.iter().map(|(key, text)| format!("{key}=\"{}\"", escape(text))).collect();
            let _ = writeln!(out, "{name}{{{}}} {value}", labels.join(","));
        }
    }
    out
}

fn metrics(report: &Report) -> Vec<Metric> {
    let contract = || ("contract", report.contract.clone());
    let command = || ("command", report.command.clone());
    let table = |name, help, count: fn(&crate::model::TableReport) -> u64| {
        let samples = report.tables.iter();
        let samples = samples.map(|t| (vec![contract(), ("table", t.table.clone())], count(t).to_string())).collect();
        Metric { name, help, samples }
    };
    let rule = |name, help, value: fn(&crate::model::RuleReport) -> String| {
        let samples = rules(report).map(|(t, rule)| {
            let labels = vec![
                contract(),
                ("table", t.table.clone()),
                ("rule", rule.id.clone()),
                ("kind", rule.kind.clone()),
                ("severity", severity(rule.severity).to_owned()),
                ("columns", rule.columns.join(" ")),
            ];
            (labels, value(rule))
        });
        Metric { name, help, samples: samples.collect() }
    };
    let one = |name, help, value: Option<String>| {
        let samples = value.into_iter().map(|value| (vec![contract(), command()], value)).collect();
        Metric { name, help, samples }
    };
    let run = report.run.as_ref();
    let ended = run.and_then(|run| moment(&run.finished_at));
    vec![
        one("karat_passed", "1 if the gate passed, else 0.", Some(u8::from(report.passed).to_string())),
        one("karat_run_seconds", "How long the run took.", run.map(|run| run.seconds.to_string())),
        one("karat_last_run_timestamp_seconds", "Unix time the run ended.", ended.map(seconds)),
        table("karat_records", "Records read.", |table| table.records),
        table("karat_records_clean", "Records that broke no error rule.", |table| table.clean),
        table("karat_records_rejected", "Records that broke an error rule.", |table| table.rejected),
        table("karat_records_warned", "Clean records that broke a warning rule.", |table| table.warned),
        table("karat_bytes", "Decoded bytes read.", |table| table.files.iter().map(|file| file.bytes).sum()),
        rule("karat_rule_failures", "Records that broke the rule; deviations for table rules.", |rule| {
            rule.failures.to_string()
        }),
        rule("karat_rule_unknown", "Records the rule could not be decided on.", |rule| rule.unknown.to_string()),
        rule("karat_rule_passed", "1 if the rule passed, else 0.", |rule| {
            u8::from(rule.outcome == Outcome::Passed).to_string()
        }),
        rule("karat_rule_evaluated", "1 if the rule was evaluated, else 0.", |rule| {
            u8::from(rule.outcome != Outcome::NotEvaluated).to_string()
        }),
    ]
}

/// Writes microseconds as seconds, exactly.
fn seconds(micros: i64) -> String {
    let (whole, rest) = (micros.div_euclid(1_000_000), micros.rem_euclid(1_000_000));
    let text = format!("{whole}.{rest:06}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn escape(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_keep_their_digits() {
        assert_eq!(seconds(1_769_839_201_284_000), "1769839201.284");
        assert_eq!(seconds(0), "0");
    }
}
