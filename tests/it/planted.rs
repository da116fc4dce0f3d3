//! Faults in every form of file, by the program: the manifest's places are what differs from the clean data, and a check
//! finds each fault that it can find, and nothing else.

use std::collections::BTreeSet;

use karat::model::manifest::Entry;
use karat::model::{Context, Score};
use karat::ops::check::CheckRequest;
use karat::ops::score::{Manifest, check_and_score};

use crate::support::{Folder, contract, inputs, karat, settings};

/// No value has a line break, so that records are lines; rows are told by their `id`, which counts them.
fn text(source: &str, generate: &str) -> String {
    format!(
        "karat: 1
name: planted
tables:
  parents:
    source: {{path: parents.csv}}
    primary_key: [id]
    columns:
      id: {{type: string, pattern: \"P[0-9]+\", generate: {{template: \"P{{n:03}}\"}}}}
      name: {{type: string, required: true}}
    generate: {{rows: 40}}
  t:
    source: {source}
    primary_key: [id]
    columns:
      id: {{type: int64, minimum: 1, generate: {{sequence: true}}}}
      parent: {{type: string, required: true, references: parents.id}}
      code: {{type: string, required: true, unique: true, pattern: \"[A-Z]{{2}}-[0-9]{{5}}\"}}
      city: {{type: string, required: true, accepted_values: [Bath, York, Leeds, Hull]}}
      quantity: {{type: int32, required: true, minimum: 1, maximum: 50}}
      price: {{type: \"decimal(8,2)\", required: true, minimum: 0, multiple_of: 0.05}}
      ordered: {{type: date, required: true, minimum: 2024-01-01, maximum: today}}
      shipped: {{type: date, maximum: today}}
      email: {{type: string, format: email}}
      at: {{type: timestamp, required: true, generate: {{minimum: \"2026-01-01 00:00:00\", maximum: \"2026-01-09 23:59:59\"}}}}
      d: {{type: date, required: true, generate: {{expression: date(at)}}}}
    rules:
      - {{compare: \"shipped >= ordered\"}}
      - {{row_count: {{minimum: 1}}}}
    generate: {{rows: 2000{generate}}}
"
    )
}

/// Files of each form: the path and format of the source, and what the table's `generate` says beside.
const FORMS: &[(&str, &str)] = &[
    ("{format: csv, path: t.csv, delimiter: \";\"}", ""),
    ("{format: ndjson, path: t.ndjson}", ""),
    ("{format: json, path: t.json}", ""),
    ("{format: csv, path: \"t/city=*/t.csv\"}", ""),
    ("{format: ndjson, path: \"t/city=*/t.ndjson\"}", ""),
    ("{format: csv, path: \"t/d=*/t.csv\"}", ", day: at"),
    ("{format: ndjson, path: \"t/d=*/t.ndjson.gz\"}", ", day: at"),
    ("{format: json, path: \"t/d=*/t.json\"}", ", day: at"),
    ("{format: parquet, path: t.parquet}", ""),
];

fn generate(folder: &Folder, arguments: &[&str]) {
    let output = karat(folder.path(), &[&["generate", "-c", "c.yaml"], arguments].concat());
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

fn manifest(folder: &Folder, name: &str) -> Manifest {
    Manifest::read(&folder.text(name)).unwrap_or_else(|error| panic!("{error}"))
}

fn scored(folder: &Folder, text: &str, below: &str, manifest: &Manifest) -> Score {
    let contract = contract(text);
    let mut settings = settings(2, 500);
    settings.context = Context { today: 20_484, now: 20_484 * 86_400_000_000 };
    let inputs = inputs(&contract, &folder.join(below));
    let request = CheckRequest { contract: &contract, inputs: &inputs, rejects: None, allow_empty: true };
    check_and_score(&request, &settings, manifest).unwrap_or_else(|error| panic!("{error}")).1
}

/// A line of a file: where it starts, and what it holds without its ending or the comma of an array.
struct Line {
    offset: u64,
    number: u64,
    text: Vec<u8>,
}

/// Cuts a file into its records, without the header of CSV and the brackets of an array.
fn records(bytes: &[u8], name: &str) -> Vec<Line> {
    let (csv, array) = (name.ends_with(".csv"), name.ends_with(".json"));
    let mut found = Vec::new();
    let mut offset = 0;
    for (number, line) in (1..).zip(bytes.split_inclusive(|byte| *byte == b'\n')) {
        let mut text = line.strip_suffix(b"\n").unwrap_or(line);
        text = text.strip_suffix(b"\r").unwrap_or(text);
        if array && offset > 0 {
            text = text.strip_suffix(b",").unwrap_or(text);
        }
        let framing = (csv && number == 1) || (array && matches!(text, b"[" | b"]"));
        if !framing {
            found.push(Line { offset, number, text: text.to_vec() });
        }
        offset += line.len() as u64;
    }
    found
}

/// The logical row of a clean record, by its `id`.
fn row(line: &Line) -> u64 {
    let digits = line.text.iter().copied().skip_while(|byte| !byte.is_ascii_digit());
    let digits: Vec<u8> = digits.take_while(u8::is_ascii_digit).collect();
    String::from_utf8(digits).unwrap().parse::<u64>().unwrap() - 1
}

/// What stands outside the manifest's places must be the clean file without the rows that have faults, and each place
/// must be where its line and record say.
fn assert_places(name: &str, clean: &[u8], dirty: &[u8], entries: &[&Entry]) {
    let faulty: BTreeSet<u64> = entries
        .iter()
        .filter(|entry| entry.pair.is_none() && entry.kind != "blank_lines")
        .filter_map(|entry| entry.row)
        .collect();
    let planted = |line: &Line| {
        entries.iter().any(|entry| {
            let (offset, length) = (entry.offset.unwrap(), entry.length.unwrap());
            (offset..offset + length).contains(&line.offset)
        })
    };
    let clean: Vec<Vec<u8>> =
        records(clean, name).into_iter().filter(|line| !faulty.contains(&row(line))).map(|line| line.text).collect();
    let lines = records(dirty, name);
    let rest: Vec<Vec<u8>> = lines.iter().filter(|line| !planted(line)).map(|line| line.text.clone()).collect();
    assert!(rest == clean, "{name}: {} records outside the manifest's places, {} clean", rest.len(), clean.len());
    for entry in entries.iter().filter(|entry| entry.length > Some(0)) {
        let line = lines.iter().find(|line| Some(line.offset) == entry.offset);
        let line = line.unwrap_or_else(|| panic!("{name}: no record starts at {entry:?}"));
        assert_eq!(Some(line.number), entry.line, "{entry:?}");
    }
}

fn plain(folder: &Folder, name: &str) -> Vec<u8> {
    let bytes = folder.read(name);
    if !name.ends_with(".gz") {
        return bytes;
    }
    let mut text = Vec::new();
    std::io::Read::read_to_end(&mut flate2::read::MultiGzDecoder::new(bytes.as_slice()), &mut text).unwrap();
    text
}

#[test]
fn every_form_of_file_tells_its_faults() {
    for (source, generates) in FORMS {
        let folder = Folder::new();
        let text = text(source, generates);
        folder.write("c.yaml", &text);
        generate(&folder, &["--out", "clean"]);
        for (preset, seed) in [("light", "7"), ("heavy", "8")] {
            generate(&folder, &["--out", preset, "--faults", preset, "--seed", seed, "--threads", "2"]);
            generate(&folder, &["--out", "clean", "--seed", seed, "--overwrite"]);
            let manifest = manifest(&folder, &format!("{preset}/manifest.ndjson"));
            assert!(manifest.entries.len() > 10, "{source} {preset}: {}", manifest.entries.len());
            let prefix = format!("{preset}/");
            for name in folder.files().iter().filter_map(|name| name.strip_prefix(&prefix)) {
                let of_file: Vec<&Entry> = manifest.entries.iter().filter(|entry| entry.file == name).collect();
                if name.ends_with(".parquet") || name == "manifest.ndjson" {
                    continue;
                }
                let (clean, dirty) =
                    (plain(&folder, &format!("clean/{name}")), plain(&folder, &format!("{preset}/{name}")));
                if name == "parents.csv" {
                    continue;
                }
                assert_places(name, &clean, &dirty, &of_file);
            }
            let score = scored(&folder, &text, preset, &manifest);
            assert_eq!(score.faults.planted, manifest.entries.len() as u64);
            assert_eq!(score.faults.missed, 0, "{source} {preset}: {:#?}", score.missed);
            assert_eq!(score.violations.extra, 0, "{source} {preset}: {:#?}", score.extra);
            assert!(score.faults.recall == Some(1.0) && score.violations.precision == Some(1.0));
            // The score of clean data against no faults at all.
            let none = Manifest {
                header: karat::model::manifest::Header { faults: 0, ..manifest.header.clone() },
                entries: Vec::new(),
            };
            assert_eq!(scored(&folder, &text, "clean", &none).violations.extra, 0, "{source}");
        }
    }
}

#[test]
fn faults_of_files_stay_out_of_forms_that_cannot_have_them() {
    for (source, faults, word) in [
        ("{format: csv, path: \"t/city=*/t.csv\"}", "{kind: bom, at: t, count: 1}", "one for each value"),
        ("{format: json, path: t.json}", "{kind: no_final_newline, at: t, count: 1}", "JSON arrays"),
        ("{format: parquet, path: t.parquet}", "{kind: invalid_json, at: t, count: 1}", "Parquet"),
        (
            "{format: parquet, path: t.parquet}",
            "{kind: wrong_type, at: t.quantity, count: 1}",
            "does not fit typed rows",
        ),
    ] {
        let folder = Folder::new();
        folder.write("c.yaml", text(source, ""));
        folder.write("f.yaml", format!("faults:\n  - {faults}\n"));
        let output = karat(folder.path(), &["generate", "-c", "c.yaml", "--faults", "f.yaml"]);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(word), "{source}: {said}");
        assert_eq!(folder.files(), ["c.yaml", "f.yaml"]);
    }
}

#[test]
fn faults_that_are_told_nowhere_are_not_planted_unsaid() {
    let folder = Folder::new();
    folder.write("c.yaml", text("{format: ndjson, path: t.ndjson}", ""));
    let said = |arguments: &[&str]| {
        let output = karat(folder.path(), &[&["generate", "-c", "c.yaml", "--faults", "light"], arguments].concat());
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
    };
    assert!(said(&["--to", "parquet:lake"]).contains("--manifest"));
    assert!(!said(&["--to", "parquet:lake", "--overwrite", "--manifest", "m.ndjson"]).contains("--manifest"));
    assert!(manifest(&folder, "m.ndjson").entries.len() > 10);
    assert!(said(&["--tables", "t", "--out", "-"]).contains("--manifest"));
}

/// A condition of a fault is computed by the generator itself, in every build.
#[test]
fn conditions_choose_rows() {
    let folder = Folder::new();
    folder.write("c.yaml", text("{format: ndjson, path: t.ndjson}", ""));
    folder.write(
        "f.yaml",
        "faults:\n  - {kind: \"null\", at: t.email, rate: 50%, where: \"city = 'Hull' AND quantity > 25\"}\n",
    );
    generate(&folder, &["--out", "clean"]);
    generate(&folder, &["--out", "dirty", "--faults", "f.yaml"]);
    let clean: Vec<serde_json::Value> =
        folder.text("clean/t.ndjson").lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let admits = |row: &serde_json::Value| row["city"] == "Hull" && row["quantity"].as_u64().unwrap() > 25;
    let admitted = clean.iter().filter(|row| admits(row)).count();
    let entries = manifest(&folder, "dirty/manifest.ndjson").entries;
    assert!(entries.iter().all(|entry| admits(&clean[usize::try_from(entry.row.unwrap()).unwrap()])));
    assert!(entries.len() * 3 > admitted && entries.len() * 3 < admitted * 2, "{} of {admitted}", entries.len());
}

#[test]
fn a_fault_that_breaks_an_expression_is_told_in_every_build() {
    let folder = Folder::new();
    let rules = "    rules:\n      - {id: right-day, expression: \"date(at) = d\"}\n      - {when: \"quantity > 25\", then: \"shipped IS NOT NULL\"}\n";
    folder
        .write("c.yaml", text("{format: ndjson, path: \"t/d=*/t.json\"}", ", day: at").replace("    rules:\n", rules));
    folder.write(
        "f.yaml",
        "faults:
  - {kind: wrong_partition, at: t.at, count: 9}
  - {kind: \"null\", at: t.shipped, rate: 100%, where: \"quantity = 30\"}
  - {kind: late_file, at: t, count: 1}
",
    );
    generate(&folder, &["--faults", "f.yaml", "--manifest-only", "--manifest", "m.ndjson"]);
    let entries = manifest(&folder, "m.ndjson").entries;
    let of = |kind: &str| entries.iter().filter(|entry| entry.kind == kind).collect::<Vec<_>>();
    assert_eq!((of("wrong_partition").len(), of("late_file").len()), (9, 1));
    assert!(of("wrong_partition").iter().all(|entry| entry.rule.as_deref() == Some("t.right-day")));
    assert_eq!(of("late_file")[0].rule.as_deref(), Some("t.right-day"));
    let nulls = of("null");
    assert!(nulls.len() > 5 && nulls.iter().all(|entry| entry.rule.as_ref().is_some_and(|id| id.ends_with(".when"))));
}
