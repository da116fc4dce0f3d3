//! `karat generate` from outside: the same bytes whatever the threads, parts and chunks; the same values in every
//! format; faults where the manifest says.

use std::collections::BTreeMap;
use std::process::Output;

use arrow_array::RecordBatch;
use karat::frame::Parser;
use karat::frame::schema::schema;
use karat::io::formats;
use karat::io::{InputFile, ReadOptions};
use karat::model::manifest::{Entry, Header};
use karat::model::{Contract, Format, SourceSpec, Table};
use sha2::{Digest, Sha256};

use crate::support::{Folder, contract, karat};

/// Every sort of column, in a dialect of its own.
const WIDE: &str = r##"karat: 1
name: wide
tables:
  parents:
    source: {format: csv, delimiter: ";", line_ending: crlf, null_values: ["\\N"], escape: backslash}
    primary_key: [id]
    columns:
      id: {type: int64, generate: {sequence: true, shuffled: true}}
      name: {type: string, required: true, generate: {provider: person_name}}
      note: {type: string, generate: {provider: text, null_rate: 30%}}
      price: {type: "decimal(12,2)", minimum: -5, maximum: 1000}
      ratio: {type: float64, minimum: 0, maximum: 1}
      born: {type: date, format: "%d.%m.%Y"}
      seen: {type: timestamptz, format: "%Y-%m-%dT%H:%M:%S%.3f%z"}
      flag: {type: bool, generate: {null_rate: 0.5}}
      code: {type: string, pattern: "[A-Z]{2};[0-9]{3}\"?"}
      blob: {type: binary, format: hex, min_length: 1, max_length: 9}
    generate: {rows: 3000}
  children:
    source: {format: ndjson, path: "children/d=*/children.json"}
    columns:
      parent: {type: int64, required: true, references: parents.id}
      items:
        type: list
        min_items: 0
        max_items: 4
        items:
          type: struct
          fields:
            what: {type: string, generate: {provider: product_name}}
            count: {type: uint16, minimum: 1, maximum: 99}
      at: {type: timestamp, required: true, generate: {minimum: "2026-01-01 00:00:00", maximum: "2026-01-09 23:59:59"}}
      d: {type: date, required: true, generate: {expression: date(at)}}
    generate: {rows: 5000, day: at}
"##;

fn run(folder: &Folder, arguments: &[&str]) -> Output {
    let arguments: Vec<&str> = ["generate", "-c", "wide.yaml"].iter().chain(arguments).copied().collect();
    karat(folder.path(), &arguments)
}

fn done(folder: &Folder, arguments: &[&str]) -> Vec<u8> {
    let output = run(folder, arguments);
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

fn wide() -> Folder {
    let folder = Folder::new();
    folder.write("wide.yaml", WIDE);
    folder
}

/// The files below a folder of a run, by name.
fn files(folder: &Folder, below: &str) -> BTreeMap<String, Vec<u8>> {
    let prefix = format!("{below}/");
    let names = folder.files().into_iter().filter(|name| name.starts_with(&prefix));
    names.map(|name| (name[prefix.len()..].to_owned(), folder.read(&name))).collect()
}

#[test]
fn threads_change_nothing() {
    let folder = wide();
    done(&folder, &["--out", "one", "--threads", "1"]);
    let one = files(&folder, "one");
    assert_eq!(one.len(), 10);
    for threads in ["2", "8"] {
        done(&folder, &["--out", threads, "--threads", threads]);
        assert!(files(&folder, threads) == one, "{threads} threads");
    }
}

#[test]
fn parts_one_after_the_other_are_the_whole() {
    let folder = wide();
    let assert_parts = |how: &[&str], numbers: &[u64]| {
        let only = ["--tables", "parents", "--out", "-"];
        let whole = done(&folder, &[how, &only].concat());
        for of in numbers {
            let parts = (1..=*of).flat_map(|number| {
                let part = format!("{number}/{of}");
                done(&folder, &[how, &only, &["--part", &part, "--threads", "2"]].concat())
            });
            assert!(parts.collect::<Vec<u8>>() == whole, "{how:?} in {of} parts");
        }
    };
    assert_parts(&["--format", "csv"], &[1, 2, 64]);
    for how in [
        &["--format", "json"][..],
        &["--format", "ndjson", "--compress", "gzip"],
        &["--compress", "zstd", "--rows", "parents=20000"],
        // Fewer rows than parts, and none.
        &["--format", "csv", "--rows", "parents=3"],
        &["--format", "json", "--rows", "parents=3"],
        &["--format", "json", "--rows", "parents=3", "--compress", "zstd"],
        &["--format", "json", "--rows", "parents=0", "--rows", "children=0"],
    ] {
        assert_parts(how, &[1, 7]);
    }
}

#[test]
fn parts_of_a_table_in_folders_are_whole_files() {
    let folder = wide();
    done(&folder, &["--out", "whole", "--tables", "children"]);
    for part in ["1/3", "2/3", "3/3"] {
        done(&folder, &["--out", "parts", "--tables", "children", "--part", part]);
    }
    assert!(files(&folder, "parts") == files(&folder, "whole"));
}

#[test]
fn files_share_the_rows() {
    let folder = wide();
    done(&folder, &["--out", "n", "--tables", "parents", "--files", "4"]);
    let found = files(&folder, "n");
    assert_eq!(found.keys().collect::<Vec<_>>(), ["parents-1.csv", "parents-2.csv", "parents-3.csv", "parents-4.csv"]);
    let header = b"id;name;note;price;ratio;born;seen;flag;code;blob\r\n";
    let rows: Vec<u8> = found.values().flat_map(|file| file.strip_prefix(header).unwrap()).copied().collect();
    let whole = done(&folder, &["--out", "-", "--tables", "parents"]);
    assert!([&header[..], &rows].concat() == whole);
}

/// Reads the files of a table as rows.
fn rows(folder: &Folder, table: &Table, format: Format, names: &[&str]) -> Vec<RecordBatch> {
    let source = match format {
        format if format == table.source.format => table.source.clone(),
        Format::Csv => SourceSpec { quoted_nulls: false, ..SourceSpec::default() },
        format => SourceSpec { format, null_values: Vec::new(), ..SourceSpec::default() },
    };
    let table = Table { source, ..table.clone() };
    let parser = Parser::new(&table);
    let mut found = Vec::new();
    for name in names {
        let partitions = name.split('/').filter_map(|part| part.split_once('='));
        let partitions = partitions.map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
        let file = InputFile { shown: (*name).to_owned(), path: folder.join(name), partitions };
        let mut source = formats::open(&file, &table, &ReadOptions::default()).unwrap();
        while let Some(raw) = source.next_batch().unwrap() {
            let batch = parser.parse(raw);
            assert_eq!(batch.faults, vec![], "{name}");
            found.push(RecordBatch::try_new(schema(&table), batch.columns).unwrap());
        }
    }
    found
}

fn as_one(contract: &Contract, table: &str, batches: &[RecordBatch]) -> RecordBatch {
    arrow_select::concat::concat_batches(&schema(contract.table(table).unwrap()), batches).unwrap()
}

#[test]
fn every_format_holds_the_same_values() {
    let folder = wide();
    let contract = contract(WIDE);
    for format in ["csv", "ndjson", "json", "parquet"] {
        done(&folder, &["--out", format, "--tables", "parents", "--format", format]);
    }
    let table = contract.table("parents").unwrap();
    let read = |format, name| as_one(&contract, "parents", &rows(&folder, table, format, &[name]));
    let parquet = read(Format::Parquet, "parquet/parents.parquet");
    assert_eq!(parquet.num_rows(), 3000);
    assert_eq!(read(Format::Csv, "csv/parents.csv"), parquet);
    assert_eq!(read(Format::Ndjson, "ndjson/parents.ndjson"), parquet);
    assert_eq!(read(Format::Json, "json/parents.json"), parquet);

    done(&folder, &["--out", "days", "--tables", "children"]);
    done(&folder, &["--out", "flat", "--tables", "children", "--format", "parquet"]);
    let children = contract.table("children").unwrap();
    let all = |below: &str, format| {
        let prefix = format!("{below}/");
        let names: Vec<String> = folder.files().into_iter().filter(|name| name.starts_with(&prefix)).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        as_one(&contract, "children", &rows(&folder, children, format, &names))
    };
    let days = all("days", Format::Ndjson);
    assert_eq!(days.num_rows(), 5000);
    assert_eq!(days, all("flat", Format::Parquet));
}

#[test]
fn what_is_there_is_not_replaced_unasked() {
    let folder = wide();
    folder.write("data/parents.csv", "mine");
    let refused = run(&folder, &[]);
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert_eq!(refused.status.code(), Some(2), "{said}");
    assert!(said.contains("parents.csv is there already") && said.contains("--overwrite"), "{said}");
    assert_eq!(folder.text("data/parents.csv"), "mine");
    assert_eq!(folder.files(), ["data/parents.csv", "wide.yaml"]);
    done(&folder, &["--overwrite"]);
    assert!(folder.text("data/parents.csv").lines().count() >= 3001);
}

#[test]
fn a_run_that_cannot_go_on_leaves_nothing() {
    let folder = wide();
    // A folder stands where a file of the last table wants to be.
    std::fs::create_dir_all(folder.join("data/children/d=2026-01-04/children.json")).unwrap();
    let refused = run(&folder, &["--overwrite"]);
    assert_ne!(refused.status.code(), Some(0));
    assert_eq!(folder.files(), ["wide.yaml"]);
}

/// Linux has a file that is always full.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_said_to_be_full() {
    let folder = wide();
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_karat"))
        .args(["generate", "-c", "wide.yaml", "--tables", "parents", "--out", "-"])
        .current_dir(folder.path())
        .stdout(full)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(said.contains("standard output") && said.contains("No space left"), "{said}");
}

#[test]
fn wrong_usage_says_what_to_do() {
    let folder = wide();
    for (arguments, word) in [
        (&["--rows", "nobody=5"][..], "parents, children"),
        (&["--rows", "many"], "1e6"),
        (&["--tables", "nobody"], "parents, children"),
        (&["--out", "-"], "--tables"),
        (&["--part", "9/8"], "1/8"),
        (&["--format", "csv"], "CSV cannot hold"),
        (&["--format", "parquet", "--compress", "gzip"], "compressed inside"),
        (&["--files", "3"], "folders"),
        (&["--faults", "no-such"], "light"),
        (&["--as-of", "noon"], "2026-01-31"),
        (&["--scale=-1"], "factor"),
        (&["--scale", "1e300"], "1e300"),
        (&["--rows", "5"], "--rows parents=5"),
        (&["--manifest-only"], "--faults"),
        (&["--updates", "2", "--tables", "parents", "--out", "-"], "--out"),
        (&["--rows", "parents=1.5"], "1e6"),
    ] {
        let output = run(&folder, arguments);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {said}");
        assert!(said.contains(word), "{arguments:?} does not say `{word}`: {said}");
    }
    for arguments in [&["generate", "shop"][..], &["generate"]] {
        let output = karat(folder.path(), arguments);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.code() == Some(2) && said.contains("retail") && said.contains("--contract"), "{said}");
    }
}

fn manifest(bytes: &[u8]) -> (Header, Vec<Entry>) {
    let text = std::str::from_utf8(bytes).unwrap();
    let (header, entries) = text.split_once('\n').unwrap();
    let header: Header = serde_json::from_str(header).unwrap();
    let entries: Vec<Entry> = entries.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(header.faults, entries.len() as u64);
    (header, entries)
}

#[test]
fn the_manifest_tells_every_place() {
    const FAULTS: &str = r#"faults:
  - {kind: "null", at: parents.name, rate: 3%}
  - {kind: dup_exact, at: parents, count: 20}
  - {kind: missing_row, at: parents, count: 15}
  - {kind: out_of_range, at: parents.price, rate: 2%}
  - {kind: negative, at: "children.items[].count", rate: 1%}
  - {kind: invalid_json, at: children, count: 9}
  - {kind: dup_exact, at: children, count: 5}
"#;
    let folder = wide();
    folder.write("faults.yaml", FAULTS);
    done(&folder, &["--out", "clean"]);
    done(&folder, &["--out", "dirty", "--faults", "faults.yaml"]);
    let (clean, mut dirty) = (files(&folder, "clean"), files(&folder, "dirty"));
    let (header, entries) = manifest(&dirty.remove("manifest.ndjson").unwrap());
    assert_eq!((header.contract.as_str(), header.seed), ("wide", 42));
    assert!(entries.len() > 150, "{}", entries.len());
    assert_eq!(clean.keys().collect::<Vec<_>>(), dirty.keys().collect::<Vec<_>>());
    // The first logical row of each file, and its records as they stand in the clean one.
    let mut first = 0;
    for (name, clean) in &clean {
        let of_table = |entry: &&Entry| entry.file == *name;
        let found: Vec<&Entry> = entries.iter().filter(of_table).collect();
        let is_csv = name.ends_with(".csv");
        let records = records(clean, is_csv);
        let start = if is_csv { 0 } else { first };
        let kept: Vec<u8> = (start..)
            .zip(&records)
            .filter(|(row, _)| !found.iter().any(|entry| entry.row == Some(*row) && entry.pair.is_none()))
            .flat_map(|(_, record)| record.to_vec())
            .collect();
        let head = if is_csv { clean.len() - records.iter().map(|record| record.len()).sum::<usize>() } else { 0 };
        let dirty = &dirty[name];
        let mut left = Vec::new();
        let mut at = head;
        let mut places: Vec<&&Entry> = found.iter().collect();
        places.sort_by_key(|entry| entry.offset);
        for entry in places {
            let (offset, length) = (entry.offset.unwrap() as usize, entry.length.unwrap() as usize);
            assert!(offset >= at, "{entry:?}");
            left.extend_from_slice(&dirty[at..offset]);
            at = offset + length;
            let ending: &[u8] = if is_csv { b"\r\n" } else { b"\n" };
            let lines = dirty[..offset].windows(ending.len()).filter(|piece| *piece == ending).count() as u64;
            assert_eq!(entry.line, Some(lines + 1), "{entry:?}");
        }
        left.extend_from_slice(&dirty[at..]);
        assert!(left == kept, "{name}: {} bytes left, {} kept", left.len(), kept.len());
        if !is_csv {
            first += records.len() as u64;
        }
    }
    // Faults do not depend on threads or parts, and the manifest can be had alone.
    done(&folder, &["--out", "again", "--faults", "faults.yaml", "--threads", "8"]);
    assert!(folder.read("again/manifest.ndjson") == folder.read("dirty/manifest.ndjson"));
    done(&folder, &["--manifest-only", "--manifest", "alone.ndjson", "--faults", "faults.yaml"]);
    assert!(folder.read("alone.ndjson") == folder.read("dirty/manifest.ndjson"));
    assert!(!folder.join("data").exists());
}

/// Cuts a clean file into records, without its header.
fn records(bytes: &[u8], is_csv: bool) -> Vec<&[u8]> {
    if !is_csv {
        return bytes.split_inclusive(|byte| *byte == b'\n').collect();
    }
    // CRLF ends a record outside quotes only; a backslash makes the next byte literal.
    let (mut found, mut start, mut quoted, mut at) = (Vec::new(), 0, false, 0);
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 1,
            b'"' => quoted = !quoted,
            b'\n' if !quoted => {
                found.push(&bytes[start..=at]);
                start = at + 1;
            }
            _ => {}
        }
        at += 1;
    }
    found.split_off(1)
}

#[test]
fn rows_go_straight_into_a_target() {
    let folder = wide();
    done(&folder, &["--to", "parquet:lake", "--rows", "parents=700", "--rows", "children=900"]);
    let parts = |table: &str| {
        let prefix = format!("lake/{table}/");
        folder.files().into_iter().filter(|name| name.starts_with(&prefix)).collect::<Vec<_>>()
    };
    let contract = contract(WIDE);
    for (table, count) in [("parents", 700), ("children", 900)] {
        let names = parts(table);
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let found = rows(&folder, contract.table(table).unwrap(), Format::Parquet, &names);
        assert_eq!(found.iter().map(RecordBatch::num_rows).sum::<usize>(), count);
    }
}

#[test]
fn change_batches_lead_to_what_is_expected() {
    let folder = wide();
    done(&folder, &["--updates", "2", "--tables", "parents", "--rows", "parents=400", "--format", "ndjson"]);
    let rows = |name: &str| -> Vec<serde_json::Value> {
        folder.text(name).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    };
    let key = |row: &serde_json::Value| row["id"].as_i64().unwrap();
    let mut state: BTreeMap<i64, serde_json::Value> =
        rows("data/parents.ndjson").into_iter().map(|row| (key(&row), row)).collect();
    assert_eq!(state.len(), 400);
    for batch in 1..=2 {
        for mut row in rows(&format!("data/updates/{batch}/parents.ndjson")) {
            let op = row.as_object_mut().unwrap().remove("op").unwrap();
            match op.as_str().unwrap() {
                "delete" => assert!(state.remove(&key(&row)).is_some()),
                "insert" => assert!(state.insert(key(&row), row).is_none()),
                _ => assert!(state.insert(key(&row), row).is_some()),
            }
        }
    }
    let expected: BTreeMap<i64, serde_json::Value> =
        rows("data/expected/parents.ndjson").into_iter().map(|row| (key(&row), row)).collect();
    assert_eq!(state, expected);
}

/// The bytes of each preset, small, by seed 42: a change of any value or byte of format is seen here. Raise
/// `generate::VERSION` with every change.
const GOLDEN: &[(&str, &[&str], &str)] = &[
    (
        "retail",
        &["--rows", "customers=50", "--rows", "transactions=400"],
        "c2de3937dc2a5f343e82a4dfd54b431890b0a67d0d6b6d8e58dcb6c1273996b5",
    ),
    ("tpch-supplier", &["--rows", "supplier=300"], "c1806bf93b166f3c9151be66318764c361e1c569177678094dad221e0014679a"),
    ("claims", &["--scale", "0.01"], "7429dc2ef13e16a414e103a4396529b1dba9aa4762df74e1f86a784c50c2fb7b"),
];

#[test]
fn presets_make_the_same_bytes_for_ever() {
    let mut wrong = Vec::new();
    for (preset, arguments, want) in GOLDEN {
        let folder = Folder::new();
        let arguments: Vec<&str> = ["generate", preset, "--out", "data"].iter().chain(*arguments).copied().collect();
        let output = karat(folder.path(), &arguments);
        assert!(output.status.success(), "{preset}: {}", String::from_utf8_lossy(&output.stderr));
        let mut hash = Sha256::new();
        for (name, bytes) in files(&folder, "data").iter().filter(|(name, _)| !name.ends_with(".yaml")) {
            hash.update(name.as_bytes());
            hash.update(bytes);
        }
        let found: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        if found != *want {
            wrong.push(format!("{preset}: {found}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
