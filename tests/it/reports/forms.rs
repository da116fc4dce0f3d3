//! SARIF, OpenLineage, GitLab, GitHub, Markdown, CSV, NDJSON and JSON.

use std::fs;

use serde_json::Value;

use crate::reports::{check, club};
use crate::support::{Folder, karat, project};

fn json(folder: &Folder, name: &str) -> Value {
    serde_json::from_slice(&folder.read(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn validate(schema: &str, value: &Value) {
    let text = fs::read_to_string(project().join("fixtures/schemas").join(schema)).unwrap();
    // A pattern of SARIF's schema has a stray bracket, which ECMAScript takes and Rust does not.
    let text = text.replace("^[a-zA-Z]{2}|^[a-zA-Z]{2}-[a-zA-Z]{2}]?$", "^[a-zA-Z]{2}");
    let validator = jsonschema::validator_for(&serde_json::from_str(&text).unwrap()).unwrap();
    let errors: Vec<String> =
        validator.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{schema}\n{}", errors.join("\n"));
}

#[test]
fn one_scan_writes_every_form() {
    let club = club();
    let names: Vec<&str> = karat::render::FORMS.iter().map(|form| form.name).collect();
    assert!(names.is_sorted());
    let arguments: Vec<String> =
        names.iter().flat_map(|name| ["--report".to_owned(), format!("{name}=out.{name}")]).collect();
    check(&club, &arguments.iter().map(String::as_str).collect::<Vec<_>>());
    for name in names {
        let text = club.text(&format!("out.{name}"));
        assert!(text.ends_with('\n'), "{name}");
        assert!(!text.contains("HUSH"), "{name} tells what is marked pii");
        assert!(!text.contains(['\u{202e}', '\u{7}']) || matches!(name, "json" | "ndjson"), "{name}");
    }
    assert!(club.files().iter().all(|name| !name.contains("tmp")), "{:?}", club.files());
}

#[test]
fn without_timestamps_two_runs_are_equal() {
    let club = club();
    let names: Vec<&str> = karat::render::FORMS.iter().map(|form| form.name).collect();
    for (threads, folder) in [("1", "a"), ("3", "b")] {
        fs::create_dir(club.join(folder)).unwrap();
        let mut arguments = vec!["--no-timestamps".to_owned(), "--threads".to_owned(), threads.to_owned()];
        arguments.extend(["--batch-rows".to_owned(), threads.to_owned()]);
        arguments.extend(names.iter().flat_map(|name| ["--report".to_owned(), format!("{name}={folder}/{name}")]));
        check(&club, &arguments.iter().map(String::as_str).collect::<Vec<_>>());
    }
    for name in names {
        assert_eq!(club.text(&format!("a/{name}")), club.text(&format!("b/{name}")), "{name}");
    }
}

#[test]
fn sarif_keeps_its_schema_and_points_at_the_contract() {
    let club = club();
    check(&club, &["--report", "sarif=out.sarif"]);
    let log = json(&club, "out.sarif");
    validate("sarif-2.1.0.json", &log);
    let results = log["runs"][0]["results"].as_array().unwrap();
    let rules = log["runs"][0]["tool"]["driver"]["rules"].as_array().unwrap();
    let unique = results.iter().find(|result| result["ruleId"] == "people.id.unique").unwrap();
    assert_eq!(rules[usize::try_from(unique["ruleIndex"].as_u64().unwrap()).unwrap()]["id"], "people.id.unique");
    let place = &unique["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "rules/club.yaml");
    assert_eq!(place["region"]["startLine"], 6);
    assert_eq!(unique["occurrenceCount"], 2);
    let email = results.iter().find(|result| result["ruleId"] == "people.email.format").unwrap();
    let related = &email["relatedLocations"][4 - 1];
    // The record starts in line 6, its address in line 7 behind `line, äö ]]>",`.
    assert_eq!(related["physicalLocation"]["region"], serde_json::json!({"startLine": 7, "startColumn": 15}));
    assert_eq!(related["physicalLocation"]["artifactLocation"]["uri"], "data/people.csv");
    let warning = results.iter().find(|result| result["ruleId"] == "people.short-name").unwrap();
    assert_eq!(warning["level"], "warning");
    let hashes: Vec<&Value> =
        results.iter().map(|result| &result["partialFingerprints"]["primaryLocationLineHash"]).collect();
    assert!((1..hashes.len()).all(|at| !hashes[..at].contains(&hashes[at])), "{hashes:?}");
}

#[test]
fn openlineage_keeps_the_core_and_its_facets() {
    let club = club();
    check(&club, &["--report", "openlineage=check.json"]);
    let event = json(&club, "check.json");
    validate("openlineage-2-0-2.json", &event);
    validate("openlineage-facets.json", &event);
    assert_eq!(event["job"]["name"], "check.club");
    assert_eq!(event["inputs"][0]["name"], "data/people.csv");
    assert_eq!(event["inputs"][0]["inputFacets"]["dataQualityMetrics"]["rowCount"], 8);
    assert_eq!(event["run"]["runId"].as_str().unwrap().len(), 36);

    club.write("rules/club.yaml", super::CONTRACT.replace("minimum: 100", "minimum: 1"));
    let load =
        ["load", "data/people.csv", "-c", "rules/club.yaml", "--to", "csv:out", "--report", "openlineage=load.json"];
    assert_eq!(karat(club.path(), &load).status.code(), Some(1));
    let event = json(&club, "load.json");
    validate("openlineage-2-0-2.json", &event);
    validate("openlineage-facets.json", &event);
    assert_eq!(event["outputs"][0]["name"], "csv:out/people");
    assert_eq!(event["outputs"][0]["outputFacets"]["outputStatistics"]["rowCount"], 1);
}

#[test]
fn gitlab_issues_are_new_only_once() {
    let club = club();
    check(&club, &["--report", "gitlab=a.json"]);
    let before = json(&club, "a.json");
    validate("gitlab-code-quality.json", &before);
    // Other lines, other counts: the same issues.
    club.write("rules/club.yaml", format!("# a remark\n{}", super::CONTRACT));
    club.write("data/people.csv", super::PEOPLE.replace("b@x.io", "b"));
    check(&club, &["--report", "gitlab=b.json"]);
    let prints = |value: &Value| {
        let mut all: Vec<String> =
            value.as_array().unwrap().iter().map(|issue| issue["fingerprint"].to_string()).collect();
        all.sort();
        all
    };
    let after = json(&club, "b.json");
    assert_eq!(prints(&before), prints(&after));
    assert_ne!(before, after);
    assert_eq!(before[0]["location"]["path"], "rules/club.yaml");
}

#[test]
fn github_gets_annotations_in_the_log_and_a_summary() {
    let club = club();
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_karat"))
        .args(["check", "data/people.csv", "-c", "./rules/club.yaml", "--report", "github"])
        .current_dir(club.path())
        .env("GITHUB_STEP_SUMMARY", club.join("summary.md"))
        .output()
        .unwrap();
    let log = String::from_utf8(output.stdout).unwrap();
    assert!(log.contains("karat check: club"), "the text stands in the log too: {log}");
    let commands: Vec<&str> = log.lines().filter(|line| line.starts_with("::")).collect();
    assert!(commands.len() >= 6, "{log}");
    for command in &commands {
        let (head, message) = command[2..].split_once("::").unwrap();
        let (level, properties) = head.split_once(' ').unwrap();
        assert!(matches!(level, "error" | "warning"), "{command}");
        assert!(properties.starts_with("file=rules/club.yaml,line="), "{command}");
        assert!(properties.split(',').all(|pair| pair.split_once('=').is_some_and(|(_, v)| !v.contains([':', '%']))));
        assert!(!message.is_empty());
    }
    let email = commands.iter().find(|line| line.contains("title=people.email.format")).unwrap();
    assert!(email.contains("line=8,") && email.contains("data/people.csv line 3, column 46"), "{email}");
    let summary = club.text("summary.md");
    assert!(summary.starts_with("### karat check: club — FAILED"), "{summary}");
    assert!(!summary.contains("<script") && !summary.contains("@team"), "{summary}");
    // A second step adds to it.
    let twice = std::process::Command::new(env!("CARGO_BIN_EXE_karat"))
        .args(["check", "data/people.csv", "-c", "rules/club.yaml", "--report", "github", "--report", "json=-"])
        .current_dir(club.path())
        .env("GITHUB_STEP_SUMMARY", club.join("summary.md"))
        .output()
        .unwrap();
    serde_json::from_slice::<Value>(&twice.stdout).expect("annotations give way to the report on standard output");
    assert!(String::from_utf8_lossy(&twice.stderr).contains("::error "));
    assert_eq!(club.text("summary.md").matches("### karat").count(), 2);
}

#[test]
fn csv_reads_back() {
    let club = club();
    check(&club, &["--report", "csv=out.csv", "--report", "json=out.json"]);
    let bytes = club.read("out.csv");
    let mut reader = csv::Reader::from_reader(&bytes[..]);
    let header = reader.headers().unwrap().clone();
    let at = |name: &str| header.iter().position(|column| column == name).unwrap();
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let rules = json(&club, "out.json")["tables"][0]["rules"].as_array().unwrap().clone();
    assert_eq!(rows.len(), rules.len());
    for (row, rule) in rows.iter().zip(&rules) {
        assert_eq!(&row[at("rule")], rule["id"].as_str().unwrap());
        assert_eq!(row[at("failures")].parse::<u64>().unwrap(), rule["failures"].as_u64().unwrap());
        assert!(!row.iter().any(|cell| cell.starts_with(['=', '@', '+'])), "{row:?}");
    }
}

#[test]
fn ndjson_holds_what_json_holds() {
    let club = club();
    check(&club, &["--report", "ndjson=out.ndjson", "--report", "json=out.json"]);
    let text = club.text("out.ndjson");
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of = |kind: &str| lines.iter().filter(|line| line["type"] == kind).count();
    let report = json(&club, "out.json");
    let rules = report["tables"][0]["rules"].as_array().unwrap();
    let places: usize = rules.iter().map(|rule| rule["places"].as_array().unwrap().len()).sum();
    assert_eq!((of("run"), of("table"), of("rule"), of("place")), (1, 1, rules.len(), places));
    assert!(lines.iter().filter(|line| line["type"] == "place").all(|line| line["rule"].is_string()));
}

#[test]
fn rules_that_one_record_broke_are_paired() {
    let club = club();
    check(&club, &["--report", "json=out.json"]);
    let report = json(&club, "out.json");
    let pairs = report["tables"][0]["together"].as_array().unwrap();
    assert_eq!(pairs[0]["rules"], serde_json::json!(["people.email.format", "people.secret.pattern"]));
    assert_eq!(pairs[0]["records"], 5);
    assert!(pairs.is_sorted_by_key(|pair| std::cmp::Reverse(pair["records"].as_u64())));
}

#[test]
fn completions_and_man_pages_are_written() {
    let folder = Folder::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let output = karat(folder.path(), &["completions", shell]);
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success() && text.contains("baseline"), "{shell}");
    }
    let page = karat(folder.path(), &["man"]);
    assert!(String::from_utf8(page.stdout).unwrap().contains(".TH karat 1"));
    assert!(karat(folder.path(), &["man", "pages"]).status.success());
    let pages = folder.files();
    for name in ["pages/karat.1", "pages/karat-check.1", "pages/karat-contract-lint.1"] {
        assert!(pages.contains(&name.to_owned()), "{pages:?}");
    }
    assert!(folder.text("pages/karat-check.1").contains("\\-\\-report"));
}
