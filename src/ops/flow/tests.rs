//! The sieve changes nothing: with it and without, a table gets the same report and the same rejects.

mod written;

use std::path::PathBuf;

use proptest::prelude::*;

use super::*;
use crate::contract;
use crate::frame::raw::Record;
use crate::model::Context;

const CONTRACT: &str = r#"
karat: 1
name: p
tables:
  parents:
    columns: {id: {type: int64, unique: true}}
  t:
    columns:
      id: {type: int64, required: true, unique: true, minimum: 0}
      name: {type: string, pii: true, max_length: 6, pattern: "[a-z\n\",é]*"}
      paid: {type: "decimal(6,2)", not_values: [0]}
      parent: {type: int64, references: parents.id}
      day: {type: date, maximum: today}
    rules:
      - {unique: [name, paid], keep: last, severity: warning}
      - {required: true, column: day, severity: warning}
      - {minimum: 5, column: paid, where: "name = 'a'"}
      - {increasing: id, severity: warning}
      - {compare: "id >= parent", severity: warning}
      - {row_count: {minimum: 1}, severity: warning}
      - {null_rate: {maximum: 0.5}, column: paid, severity: warning}
"#;

/// Keeps what comes, and takes clean rows or not.
#[derive(Default)]
struct Kept {
    wants: Option<Wants>,
    /// Wants no rejects.
    silent: bool,
    text: Vec<u8>,
    clean: u64,
    rejects: Vec<(Record, Vec<u8>, Vec<crate::model::Violation>)>,
}

impl Ends for Kept {
    fn clean(&mut self, rows: &RecordBatch) -> Result<()> {
        self.clean += rows.num_rows() as u64;
        Ok(())
    }

    fn wants(&self) -> Wants {
        self.wants.unwrap_or(Wants::Nothing)
    }

    fn wants_rejects(&self) -> Rejects {
        if self.silent { Rejects::Counted } else { Rejects::Told }
    }

    fn text(&mut self, text: &[u8], rows: usize) -> Result<()> {
        self.text.extend_from_slice(text);
        self.clean += rows as u64;
        Ok(())
    }

    fn reject(&mut self, raw: &RawBatch, reject: &Reject) -> Result<()> {
        let record = Record { start: 0, ..raw.records[reject.row].clone() };
        self.rejects.push((record, raw.record_text(reject.row).to_vec(), reject.violations.clone()));
        Ok(())
    }
}

fn run(file: &InputFile, wants: Wants, threads: usize, batch_rows: usize) -> (TableReport, Kept) {
    run_into(file, threads, batch_rows, Kept { wants: Some(wants), ..Kept::default() })
}

fn run_into(file: &InputFile, threads: usize, batch_rows: usize, mut kept: Kept) -> (TableReport, Kept) {
    let contract = contract::read(CONTRACT).expect("reads");
    let context = Context { today: 20_000, now: 20_000 * 86_400_000_000 };
    let settings = Settings { threads, batch_rows, block_bytes: batch_rows * 20, ..Settings::new(context) };
    let mut parents = Parents::new(&contract);
    let table = contract.table("t").expect("is there");
    let run =
        TableRun { contract: &contract, table, files: std::slice::from_ref(file), settings: &settings, refused: &[] };
    let report = run.run(&mut parents, |_| (), &mut kept).expect("reads");
    (report, kept)
}

fn line() -> impl Strategy<Value = String> {
    let id = prop_oneof![6 => "[0-9]{1,2}", 1 => "x|-1|", 1 => "\"[0-9]\""];
    let name = prop_oneof![4 => "[a-c]{0,2}", 1 => "[a-z]{0,7}", 1 => "\"[a-z\n,]{0,5}\"", 1 => "\"a\"\"b\"", 1 => "\"open|a\"b|É"];
    let paid = prop_oneof![4 => "[0-9]{1,3}\\.[0-9]{1,2}", 1 => "0|0.00|1.234|nan|"];
    let day = prop_oneof![4 => Just("2020-02-29".to_owned()), 1 => Just("2021-02-29".to_owned()), 1 => Just(String::new()), 1 => Just("2999-01-01".to_owned())];
    prop_oneof![
        12 => (id, name, paid, "[0-9]?", day).prop_map(|(a, b, c, d, e)| format!("{a},{b},{c},{d},{e}")),
        1 => Just("1,2".to_owned()),
        1 => Just(String::new()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn with_the_sieve_and_without_it_is_the_same(
        lines in proptest::collection::vec(line(), 0..40),
        crlf in any::<bool>(),
        threads in 1_usize..4,
        batch_rows in prop_oneof![1_usize..9, Just(1000)],
    ) {
        let ending = if crlf { "\r\n" } else { "\n" };
        let text = format!("id,name,paid,parent,day{ending}{}", lines.join(ending));
        let path = file(&text);
        let input = InputFile { shown: "t.csv".into(), path: path.clone(), partitions: Vec::new() };
        let (plain, all) = run(&input, Wants::Rows, 1, 1000);
        let (report, sifted) = run(&input, Wants::Nothing, threads, batch_rows);
        let (written, texts) = run(&input, Wants::Text, threads, batch_rows);
        let silent = Kept { wants: Some(Wants::Nothing), silent: true, ..Kept::default() };
        let (unworded, silent) = run_into(&input, threads, batch_rows, silent);
        std::fs::remove_file(&path).expect("is there");
        prop_assert_eq!(&unworded, &report);
        prop_assert!(silent.rejects.is_empty());
        prop_assert_eq!(&written, &report);
        prop_assert_eq!(&texts.rejects, &sifted.rejects);
        prop_assert_eq!(texts.clean, report.clean);
        let bytes: u64 = texts.rejects.iter().map(|(record, _, _)| record.length).sum();
        let records: u64 = report.files.iter().map(|file| file.record_bytes).sum();
        // Unless some went as rows: a batch with a quoted NULL.
        if !text.contains("\"\"") {
            let unended = u64::from(!text.ends_with('\n') && texts.text.ends_with(b"\n") && !texts.text.is_empty());
            let kept = texts.text.len() as u64;
            prop_assert!(kept == records - bytes || kept == records - bytes + unended);
        }
        prop_assert_eq!(&plain, &report);
        prop_assert_eq!(&all.rejects, &sifted.rejects);
        prop_assert_eq!(all.clean, report.clean);
    }
}

#[test]
fn records_far_apart_are_read_again() {
    let mut text = String::from("id,name,paid,parent,day\r\n");
    for row in 1..=2_000 {
        text.push_str(&match row {
            300 | 1_700 => format!("{row},\"a\nb\",5.00,,2020-01-01\n"),
            301 | 600 => String::from("300,a,5.00,,2020-01-01\r\n"),
            450 => String::from("450,\"open,5.00,,2020-01-01\n"),
            900 => String::from("\n\n900,a\n\n"),
            1_000 => String::from("1000,\"É\"\"\",0.00,7,2021-02-29\n"),
            1_999 => String::from("1999,\"\0\",5.00,,2020-01-01\n"),
            _ => format!("{row},a,5.00,,2020-01-01\n"),
        });
    }
    let path = file(&text);
    let input = InputFile { shown: "t.csv".into(), path: path.clone(), partitions: Vec::new() };
    let (plain, all) = run(&input, Wants::Rows, 1, 1000);
    assert_eq!(plain.rejected, 7);
    for (threads, batch_rows) in [(1, 40), (2, 100), (3, 777), (1, 5_000)] {
        let (report, once) = run(&input, Wants::Nothing, threads, batch_rows);
        assert_eq!((&report, &once.rejects), (&plain, &all.rejects));
    }
    std::fs::remove_file(&path).expect("is there");
}

fn file(text: &str) -> PathBuf {
    static NUMBER: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
    let number = NUMBER.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    let path = std::env::temp_dir().join(format!("karat-flow-{}-{number}.csv", std::process::id()));
    std::fs::write(&path, text).expect("writes");
    path
}
