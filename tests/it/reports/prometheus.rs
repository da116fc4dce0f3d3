//! Prometheus text, read as strictly as the exposition format 0.0.4 is written.

use std::collections::{BTreeMap, BTreeSet};

use crate::reports::{check, club};

type Labels = BTreeMap<String, String>;

fn name(text: &str) -> usize {
    let first = |c: char| c.is_ascii_alphabetic() || c == '_' || c == ':';
    text.find(|c: char| !(first(c) || c.is_ascii_digit())).unwrap_or(text.len()).min(if text.starts_with(first) {
        usize::MAX
    } else {
        0
    })
}

/// Reads `{a="b",…}` and gives what is left.
fn labels(mut rest: &str) -> (Labels, &str) {
    let mut found = Labels::new();
    rest = rest.strip_prefix('{').expect("labels");
    while !rest.starts_with('}') {
        let end = name(rest);
        assert!(end > 0, "a label's name: {rest}");
        let (key, tail) = rest.split_at(end);
        let mut tail = tail.strip_prefix("=\"").expect("a quoted value").chars();
        let mut value = String::new();
        loop {
            match tail.next().expect("a value ends") {
                '"' => break,
                '\\' => value.push(match tail.next() {
                    Some('n') => '\n',
                    Some(c @ ('\\' | '"')) => c,
                    other => panic!("no escape: {other:?}"),
                }),
                '\n' => panic!("a value holds a line break"),
                other => value.push(other),
            }
        }
        assert!(found.insert(key.to_owned(), value).is_none(), "{key} twice");
        rest = tail.as_str();
        rest = rest.strip_prefix(',').unwrap_or(rest);
    }
    (found, &rest[1..])
}

/// Reads a page: samples by metric.
fn parse(text: &str) -> BTreeMap<String, Vec<(Labels, f64)>> {
    let mut found: BTreeMap<String, Vec<(Labels, f64)>> = BTreeMap::new();
    let mut closed = BTreeSet::new();
    let mut current = String::new();
    assert!(text.ends_with('\n') && !text.contains('\r'));
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if let Some(help) = line.strip_prefix("# HELP ") {
            let (metric, words) = help.split_once(' ').expect("help has words");
            assert!(!words.is_empty());
            assert_eq!(lines.next(), Some(&format!("# TYPE {metric} gauge")[..]));
            assert!(closed.insert(metric.to_owned()), "{metric} twice");
            metric.clone_into(&mut current);
            continue;
        }
        let end = name(line);
        let (metric, rest) = line.split_at(end);
        assert_eq!(metric, current, "samples stand under their TYPE");
        let (labels, rest) = labels(rest);
        let value = rest.strip_prefix(' ').expect("one blank before the value");
        assert!(!value.contains(' '), "the textfile collector knows no timestamps");
        let samples = found.entry(metric.to_owned()).or_default();
        assert!(samples.iter().all(|(other, _)| *other != labels), "one sample twice: {line}");
        samples.push((labels, value.parse().unwrap()));
    }
    found
}

#[test]
fn prometheus_text_is_strict() {
    let club = club();
    let strange = super::CONTRACT.replace("name: club", "name: \"cl\\\\u\\\"b\"");
    club.write("rules/club.yaml", strange);
    check(&club, &["--report", "prometheus=out.prom"]);
    let metrics = parse(&club.text("out.prom"));
    let (labels, passed) = &metrics["karat_passed"][0];
    assert_eq!((labels["contract"].as_str(), *passed as i64), ("cl\\u\"b", 0));
    let failures = &metrics["karat_rule_failures"];
    let unique = failures.iter().find(|(labels, _)| labels["rule"] == "people.id.unique").unwrap();
    assert_eq!((unique.1 as i64, unique.0["columns"].as_str()), (2, "id"));
    assert!(metrics["karat_last_run_timestamp_seconds"][0].1 > 1.7e9);
    assert_eq!(failures.len(), metrics["karat_rule_evaluated"].len());
}
