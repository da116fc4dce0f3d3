//! Rejects written a batch at a time are the bytes of rejects written one by one.

use std::collections::BTreeMap;
use std::path::Path;

use proptest::prelude::*;

use super::*;
use crate::io::rejects::RejectWriter;
use crate::io::stores::testing::TestFolder;

/// Writes rejects to a folder.
struct Files<'a> {
    wants: Wants,
    table: &'a Table,
    writer: RejectWriter,
    /// One by one.
    told: bool,
}

impl Ends for Files<'_> {
    fn wants(&self) -> Wants {
        self.wants
    }

    fn wants_rejects(&self) -> Rejects {
        if self.told { Rejects::Told } else { Rejects::Written(Arc::new(self.writer.scribe(self.table))) }
    }

    fn clean(&mut self, _rows: &RecordBatch) -> Result<()> {
        Ok(())
    }

    fn reject(&mut self, raw: &RawBatch, reject: &Reject) -> Result<()> {
        assert!(self.told, "nobody asked for one");
        self.writer.write(raw, reject.row, &reject.violations)
    }

    fn rejects(&mut self, raw: &RawBatch, rows: &Mask, written: &Written) -> Result<()> {
        assert!(!self.told, "nobody asked for all");
        self.writer.append(raw, rows, written)
    }
}

/// Gives the files of rejects by their names, and the report.
fn rejects(
    contract: &str,
    files: &[InputFile],
    wants: Wants,
    (threads, batch_rows): (usize, usize),
    told: bool,
) -> (BTreeMap<String, Vec<u8>>, TableReport) {
    let contract = contract::read(contract).expect("reads");
    let context = Context { today: 20_000, now: 20_000 * 86_400_000_000 };
    let settings = Settings { threads, batch_rows, block_bytes: batch_rows * 20, ..Settings::new(context) };
    let table = contract.table("t").expect("is there");
    let folder = TestFolder::new();
    let writer = RejectWriter::new(folder.path(), "t").expect("is a folder");
    let mut ends = Files { wants, table, writer, told };
    let run = TableRun { contract: &contract, table, files, settings: &settings, refused: &[] };
    let report = run.run(&mut Parents::new(&contract), |_| (), &mut ends).expect("reads");
    let paths = ends.writer.commit().expect("writes");
    let read = |path: PathBuf| {
        let bytes = std::fs::read(&path).expect("is there");
        let name = path.strip_prefix(folder.path()).unwrap_or(Path::new("")).display().to_string();
        (name, bytes)
    };
    (paths.into_iter().map(read).collect(), report)
}

/// Compares all ways; gives the files.
fn same(contract: &str, files: &[InputFile]) -> BTreeMap<String, Vec<u8>> {
    let (told, report) = rejects(contract, files, Wants::Nothing, (1, 1000), true);
    for wants in [Wants::Nothing, Wants::Text, Wants::Rows] {
        for split in [(1, 1000), (2, 3), (3, 1)] {
            let (written, again) = rejects(contract, files, wants, split, false);
            assert_eq!(again, report);
            for (name, bytes) in &told {
                let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
                assert_eq!(text(&written[name]), text(bytes), "{name}, {wants:?}, {split:?}");
            }
            assert_eq!(written, told);
        }
    }
    told
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20))]

    #[test]
    fn rules_of_all_sorts_are_told_alike(lines in proptest::collection::vec(line(), 0..30), ended in any::<bool>()) {
        let mut text = format!("id,name,paid,parent,day\n{}", lines.join("\n"));
        if ended {
            text.push('\n');
        }
        let path = file(&text);
        let input = InputFile { shown: "a \"b\"\t.csv".into(), path: path.clone(), partitions: Vec::new() };
        same(CONTRACT, &[input]);
        std::fs::remove_file(&path).expect("is there");
    }
}

#[test]
fn files_of_all_forms_are_told_alike() {
    let wide: Vec<u8> = "\u{feff}a\r\n-1\r\né\r\n3".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let forms: [(&str, &[&[u8]]); 5] = [
        ("{format: csv}", &[b"a\n-1\n2\n-3", b"a\n-4\n\"\n5\n", b"b,a\n1,-1\n2,x\xFF\n", b"a\n-9\r\n-8\r\n"]),
        ("{format: csv}", &[&wide, b"a\n-1\n-2\n-3\n4\n"]),
        ("{format: csv, encoding: latin1}", &[b"a\n\xE9\n-1"]),
        ("{format: ndjson}", &[b"{\"a\": -1}\n{\"a\": 1}\n{\"a\": \"x\\u0001\"}", b"{\"a\": -2}\n{\n[]\n"]),
        ("{format: json}", &[b"[{\"a\": -1}, {\"a\": 2},\n{\"a\": true}]", b"[{\"a\": -7}]"]),
    ];
    for (source, texts) in forms {
        let contract = format!(
            "{{karat: 1, name: p, tables: {{t: {{source: {source}, columns: {{a: {{type: int64, minimum: 0}}}}}}}}}}"
        );
        let folder = TestFolder::new();
        let inputs = texts.iter().enumerate().map(|(number, bytes)| InputFile {
            shown: format!("{number}.x"),
            path: folder.file(&format!("{number}.x"), bytes),
            partitions: (0..number / 3).map(|key| (format!("k{key}"), "v/w".to_owned())).collect(),
        });
        let inputs: Vec<InputFile> = inputs.collect();
        let files = same(&contract, &inputs);
        assert!(files.len() >= 2, "{files:?}");
        if texts.len() == 4 {
            let names: Vec<&String> = files.keys().collect();
            assert_eq!(names, ["k0=v%2Fw/t.rejects.x", "t.reasons.ndjson", "t.rejects-2.x", "t.rejects.x"]);
            let reasons = String::from_utf8_lossy(&files["t.reasons.ndjson"]);
            assert_eq!(reasons.matches("\"rejects_file\":\"t.rejects-2.x\"").count(), 2);
        }
    }
}
