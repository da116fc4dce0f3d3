//! Every kind's example is executed.

use std::fmt::Write as _;

use karat::generate::faults::kind::{Act, FaultKind};
use karat::generate::faults::kinds;
use karat::generate::faults::{PlannedFile, Planter, Site};
use karat::model::generation::Amount;

use crate::faults::plot::fault;
use crate::support::contract;

fn executed(kind: &FaultKind) -> String {
    let example = kind.example;
    let text = format!(
        "karat: 1\nname: x\ntables:\n  t:\n    source: {{format: {}}}\n    columns: {{{}}}\n",
        example.format, example.columns
    );
    let contract = contract(&text);
    let path = Some(example.path).filter(|path| !path.is_empty());
    let specs = [fault(kind.name, "t", path, Amount::Count(1))];
    let lines: Vec<String> = example.clean.split('\n').map(|line| format!("{line}\n")).collect();
    let planter = Planter::new(&contract, &contract.tables[0], &specs, lines.len() as u64, 1).unwrap();
    match kind.act {
        Act::Cell(_) | Act::Record(_) => {
            let other = |row: u64| Ok(lines[usize::try_from(row).unwrap()].clone().into_bytes());
            let rows = 0..lines.len() as u64;
            let site = Site { row: 0, record: lines[0].as_bytes(), other: &other, file_rows: rows, folder: None };
            let dirty = planter.apply(&[0], &site).unwrap();
            assert_eq!(dirty.entries.len(), 1, "{}", kind.name);
            shown(&dirty.bytes)
        }
        Act::File(_) => {
            let file = PlannedFile { path: "t.csv".to_owned(), rows: vec![std::ops::Range { start: 0, end: 5 }] };
            let found = planter.file(&file, lines[0].as_bytes());
            assert_eq!(found.entries.len(), 1, "{}", kind.name);
            let mut text = shown(&found.head.unwrap_or_else(|| lines[0].clone().into_bytes()));
            if !found.tail.is_empty() {
                let _ = write!(text, "\n...\n{}", shown(&found.tail));
            }
            if found.cut > 0 {
                let _ = write!(text, "\n...\n({} bytes cut off)", found.cut);
            }
            if found.utf16 {
                text += "\n...\n(in UTF-16)";
            }
            text
        }
        Act::Set(_) => {
            let file = |line: &str| {
                let (path, rows) = line.split_once(' ').unwrap();
                PlannedFile {
                    path: path.to_owned(),
                    rows: vec![std::ops::Range { start: 0, end: rows.parse().unwrap() }],
                }
            };
            let mut files: Vec<PlannedFile> = example.clean.lines().map(file).collect();
            assert_eq!(planter.files(&mut files).len(), 1, "{}", kind.name);
            let rows = |file: &PlannedFile| file.rows.iter().map(|rows| rows.end - rows.start).sum::<u64>();
            files.iter().map(|file| format!("{} {}", file.path, rows(file))).collect::<Vec<_>>().join("\n")
        }
    }
}

/// Bytes as the examples write them, without the last line ending.
fn shown(bytes: &[u8]) -> String {
    let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    let mut text = String::new();
    for chunk in bytes.utf8_chunks() {
        text += &chunk.valid().replace('\0', "\\0").replace('\r', "\\r");
        for byte in chunk.invalid() {
            let _ = write!(text, "\\x{byte:02X}");
        }
    }
    text
}

#[test]
fn every_example_is_true() {
    let wrong: Vec<String> = kinds::all()
        .filter_map(|kind| {
            let found = executed(kind);
            (found != kind.example.dirty)
                .then(|| format!("{}: {found:?} instead of {:?}", kind.name, kind.example.dirty))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
