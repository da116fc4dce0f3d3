//! Whether files are written in the dialect their contract reads them by.
//!
//! A contract is a promise, so `check` and `load` never read another dialect than the contract's, where it is silent the
//! default's. But a file of which not one record can be read because its fields are separated otherwise deserves better
//! than a reject for each: the run stops and says what to write into the contract. Only where all of this is so:
//!
//! - the contract names no `delimiter`, and more than one column;
//! - the first record of the file has no delimiter of the contract in it;
//! - the file's head, read by another delimiter, gives the contract's names, or without a header as many fields.

use crate::io::InputFile;
use crate::io::formats::csv::sniff::{self, Known};
use crate::model::{Contract, Error, ErrorKind, Format, Result, Table};
use crate::ops::inputs::TableInput;

/// Bytes of a file's head that are looked at first.
const GLANCE: usize = 4 << 10;

/// Compares every CSV file's head with the contract's dialect.
///
/// # Errors
/// Where a file is separated by another byte than the contract's, which it does not name, or cannot be read.
pub fn fit(contract: &Contract, inputs: &[TableInput]) -> Result<()> {
    for input in inputs {
        let Some(table) = contract.tables.get(input.table) else { continue };
        let source = &table.source;
        if source.format == Format::Csv && !source.written.delimiter && table.columns.len() > 1 {
            input.files.iter().try_for_each(|file| fits(table, file))?;
        }
    }
    Ok(())
}

fn fits(table: &Table, file: &InputFile) -> Result<()> {
    let (glance, _) = sniff::head(file, GLANCE)?;
    let line = glance.split(|byte| matches!(byte, b'\n' | b'\r')).find(|line| !line.is_empty()).unwrap_or_default();
    if line.is_empty() || line.contains(&table.source.delimiter) {
        return Ok(());
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
    if found.spec.delimiter == table.source.delimiter || fields < 2 || !alike {
        return Ok(());
    }
    let (theirs, ours) = (sniff::shown(found.spec.delimiter), sniff::shown(table.source.delimiter));
    let setting = match found.spec.delimiter {
        b'\t' => "tab".to_owned(),
        byte => format!("\"{}\"", char::from(byte).escape_default()),
    };
    let message = format!(
        "{}: fields are separated by {theirs}, and the contract's table {} is read by {ours}, the default",
        file.shown, table.name
    );
    Err(Error::new(ErrorKind::Contract, message).hint(format!(
        "write `source: {{delimiter: {setting}}}` into the table, or `delimiter: \",\"` to have every record refused"
    )))
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
        let inputs = [TableInput { table: 0, files }];
        let request = CheckRequest { contract: &contract, inputs: &inputs, rejects: None, allow_empty: true };
        let report = check(&request, &Settings::new(Context { today: 0, now: 0 }));
        std::fs::remove_dir_all(&folder).unwrap();
        report.map(|report| report.passed)
    }

    #[test]
    fn another_delimiter_stops_the_run_with_a_hint() {
        let error = outcome("{format: csv}", "id;name\n1;a\n2;b\n", "a").unwrap_err();
        assert_eq!(error.exit_code(), 2);
        assert!(error.message.contains("separated by `;`"), "{error}");
        assert!(error.hints[0].contains("delimiter: \";\""), "{:?}", error.hints);
        assert!(outcome("{header: false}", "1\ta\n2\tb\n", "b").unwrap_err().hints[0].contains("delimiter: tab"));
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
