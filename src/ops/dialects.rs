//! The dialect of files whose contract is silent about it, and of rows that were copied from a database.
//!
//! What a contract writes down is read by, come what may. Where it names no `delimiter`, files are read by the default's
//! unless they are plainly separated otherwise; then by theirs, with a note in the report. Plainly means all of this:
//!
//! - the table has more than one column;
//! - the first record of each of its files has no delimiter of the default in it;
//! - the head of each, read by another delimiter, gives the contract's names, or without a header as many fields.
//!
//! Files of one table that are separated differently stop the run: nobody can say which of them is meant.

use std::borrow::Cow;

use crate::io::InputFile;
use crate::io::formats::csv::sniff::{self, Known};
use crate::model::{Contract, Error, ErrorKind, Format, Result, SourceSpec, Table};
use crate::ops::inputs::TableInput;

/// Bytes of a file's head that are looked at first.
const GLANCE: usize = 4 << 10;

/// Gives the contract by which the files are read, and a note for each table whose delimiter is that of its files.
///
/// # Errors
/// Where the files of a table are separated differently, or one cannot be read.
pub fn fit<'a>(contract: &'a Contract, inputs: &[TableInput]) -> Result<(Cow<'a, Contract>, Vec<String>)> {
    let (mut fitted, mut notes) = (Cow::Borrowed(contract), Vec::new());
    for input in inputs {
        let Some(table) = contract.tables.get(input.table) else { continue };
        if input.copied {
            if let Some(table) = fitted.to_mut().tables.get_mut(input.table) {
                table.source = SourceSpec { format: Format::Parquet, null_values: Vec::new(), ..SourceSpec::default() };
            }
            continue;
        }
        let source = &table.source;
        if source.format != Format::Csv || source.written.delimiter || table.columns.len() < 2 {
            continue;
        }
        let Some(delimiter) = common(table, &input.files)? else { continue };
        if let Some(table) = fitted.to_mut().tables.get_mut(input.table) {
            table.source.delimiter = delimiter;
        }
        notes.push(format!(
            "{}: fields are separated by {}, as its files are written; `source: {{delimiter: {}}}` in the contract says so",
            table.name,
            sniff::shown(delimiter),
            written(delimiter)
        ));
    }
    Ok((fitted, notes))
}

/// Gives the delimiter that all files of a table share, where it is not the table's.
fn common(table: &Table, files: &[InputFile]) -> Result<Option<u8>> {
    let mut first: Option<(u8, &InputFile)> = None;
    for file in files {
        let Some(delimiter) = delimiter(table, file)? else { continue };
        match first {
            None => first = Some((delimiter, file)),
            Some((other, _)) if other == delimiter => {}
            Some((other, before)) => {
                let (ours, theirs) = (sniff::shown(other), sniff::shown(delimiter));
                let message = format!(
                    "{}: fields are separated by {ours} in {} and by {theirs} in {}",
                    table.name, before.shown, file.shown
                );
                return Err(Error::new(ErrorKind::Contract, message).hint(format!(
                    "write `source: {{delimiter: {}}}` into the table, so that the records of the others are refused, or give \
                     them a table of their own",
                    written(other)
                )));
            }
        }
    }
    Ok(first.map(|(delimiter, _)| delimiter).filter(|delimiter| *delimiter != table.source.delimiter))
}

/// Gives the delimiter of a file: the table's unless it is plainly another; none of an empty file.
fn delimiter(table: &Table, file: &InputFile) -> Result<Option<u8>> {
    let ours = table.source.delimiter;
    let (glance, _) = sniff::head(file, GLANCE)?;
    let line = glance.split(|byte| matches!(byte, b'\n' | b'\r')).find(|line| !line.is_empty()).unwrap_or_default();
    if line.is_empty() {
        return Ok(None);
    }
    if line.contains(&ours) {
        return Ok(Some(ours));
    }
    let found = sniff::file(file, Known::default())?;
    let own = table.columns.iter().filter(|column| file.partitions.iter().all(|(key, _)| *key != column.name));
    let fields = own.clone().count();
    let alike = if table.source.header {
        let names = found.names.unwrap_or_default();
        let hits = own.filter(|column| names.contains(&column.name)).count();
        hits * 2 > fields
    } else {
        found.width == fields
    };
    Ok(Some(if fields < 2 || !alike { ours } else { found.spec.delimiter }))
}

/// Writes a delimiter as a contract does.
fn written(delimiter: u8) -> String {
    match delimiter {
        b'\t' => "tab".to_owned(),
        byte => format!("\"{}\"", char::from(byte).escape_default()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Context, DataType};
    use crate::ops::check::{CheckRequest, check};
    use crate::ops::settings::Settings;

    fn outcome(source: &str, file: &str, name: &str) -> Result<bool> {
        let text = format!(
            "karat: 1\nname: n\ntables:\n  t:\n    source: {source}\n    columns: {{id: int64, name: string}}\n"
        );
        let contract = crate::contract::read(&text).unwrap();
        assert_eq!(contract.tables[0].columns[0].data_type, DataType::Int64);
        let folder = std::env::temp_dir().join(format!("karat-dialects-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join("t.csv");
        std::fs::write(&path, file).unwrap();
        let files = vec![InputFile { shown: "t.csv".into(), path, partitions: vec![] }];
        let inputs = [TableInput::files(0, files)];
        let request = CheckRequest { contract: &contract, inputs: &inputs, rejects: None, allow_empty: true };
        let report = check(&request, &Settings::new(Context { today: 0, now: 0 }));
        std::fs::remove_dir_all(&folder).unwrap();
        report.map(|report| report.passed)
    }

    #[test]
    fn a_silent_contract_reads_files_as_they_are_written() {
        assert!(outcome("{format: csv}", "id;name\n1;a\n2;b\n", "a").unwrap());
        assert!(!outcome("{format: csv}", "id;name\nx;a\n2;b\n", "i").unwrap());
        assert!(outcome("{header: false}", "1\ta\n2\tb\n", "b").unwrap());
    }

    #[test]
    fn files_separated_differently_stop_the_run() {
        let table = crate::contract::read("karat: 1\nname: n\ntables: {t: {columns: {id: int64, name: string}}}\n");
        let contract = table.unwrap();
        let folder = crate::io::stores::testing::TestFolder::new();
        let file = |name: &str, text: &str| InputFile {
            shown: name.into(),
            path: folder.file(name, text.as_bytes()),
            partitions: vec![],
        };
        let files = vec![file("a.csv", "id;name\n1;a\n"), file("b.csv", ""), file("c.csv", "id|name\n1|a\n")];
        let error = fit(&contract, &[TableInput::files(0, files)]).unwrap_err();
        assert_eq!(error.exit_code(), 2);
        assert!(error.message.contains("`;` in a.csv and by `|` in c.csv"), "{error}");
        let files = vec![file("d.csv", "id;name\n1;a\n"), file("e.csv", "id;name\n")];
        let (fitted, notes) = fit(&contract, &[TableInput::files(0, files)]).unwrap();
        assert_eq!((fitted.tables[0].source.delimiter, notes.len()), (b';', 1));
    }

    #[test]
    fn what_is_written_and_what_is_only_broken_is_judged() {
        assert!(outcome("{delimiter: \";\"}", "id;name\n1;a\n", "c").unwrap());
        assert!(!outcome("{delimiter: \",\"}", "id;name\n1;a\n", "d").unwrap());
        assert!(outcome("{format: csv}", "id,name\n1,a;b\n", "e").unwrap());
        assert!(!outcome("{format: csv}", "id,name\n1;a\n2;b\n3;c\n", "f").unwrap());
        assert!(outcome("{format: csv}", "other;words\n1;a\n", "g").is_ok());
        assert!(outcome("{format: csv}", "", "h").unwrap());
    }
}
