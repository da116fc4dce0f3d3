//! The part files of a table: finding, reading back and counting them.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, ErrorKind as Io};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use arrow_array::{ArrayRef, RecordBatch, RecordBatchOptions};
use arrow_schema::{Fields, Schema};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use crate::frame::{Parser, schema};
use crate::io::formats::write::{self, csv};
use crate::io::stores::archive;
use crate::io::stores::folder::nested::Nested;
use crate::io::{InputFile, ReadOptions, formats};
use crate::model::{Error, Format, Result, Table};

/// The formats a folder may hold, to notice a mixture.
const FORMATS: [Format; 3] = [Format::Parquet, Format::Csv, Format::Ndjson];

/// Gives the folder name of a table: its name, with `%xx` for what a path cannot hold or other tools skip.
#[must_use]
pub fn folder_name(table: &str) -> String {
    let mut name = String::new();
    for (index, letter) in table.chars().enumerate() {
        let hidden = index == 0 && matches!(letter, '.' | '_' | '~');
        if hidden || letter.is_control() || matches!(letter, '/' | '\\' | '%') {
            let mut bytes = [0; 4];
            for byte in letter.encode_utf8(&mut bytes).bytes() {
                // Writing into a string never fails.
                let _ = write!(name, "%{byte:02x}");
            }
        } else {
            name.push(letter);
        }
    }
    name
}

/// Gives the name of a part: `part-<load>-<n>.<ending>`.
#[must_use]
pub fn file_name(load_id: &str, number: usize, ending: &str) -> String {
    format!("{}{number}.{ending}", load_prefix(load_id))
}

/// Gives how the names of a load's parts begin.
#[must_use]
pub fn load_prefix(load_id: &str) -> String {
    format!("part-{}-", folder_name(load_id))
}

/// Tells whether a file has the name of a part of this load: behind the prefix stands a number and the ending.
#[must_use]
pub fn is_of_load(name: &str, load_id: &str) -> bool {
    let number = name.strip_prefix(&load_prefix(load_id)).and_then(|rest| rest.split_once('.'));
    number.is_some_and(|(number, _)| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Lists the data files of a table's folder, sorted: those with the format's ending (`.gz` behind it or not) that are
/// not hidden.
///
/// # Errors
/// Where the folder cannot be read, or holds files of another format karat writes.
pub fn list(folder: &Path, format: Format) -> Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if matches!(error.kind(), Io::NotFound | Io::NotADirectory) => return Ok(Vec::new()),
        Err(error) => return Err(Error::reading(folder, error)),
    };
    let mut found = Vec::new();
    for entry in entries {
        let path = entry.map_err(|error| Error::reading(folder, error))?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.starts_with(['.', '_']) || !path.is_file() {
            continue;
        }
        let ending = name.strip_suffix(".gz").unwrap_or(&name).rsplit_once('.').map_or("", |(_, ending)| ending);
        if ending == format.name() {
            found.push(path);
        } else if FORMATS.iter().any(|other| ending == other.name()) {
            let (wanted, other) = (format.name(), ending.to_owned());
            return Err(Error::output(format!("{} holds {other} files, not {wanted}", folder.display()))
                .hint(format!("Load into `{other}:…`, or into another folder.")));
        }
    }
    found.sort();
    Ok(found)
}

/// Walks some columns of a part, in the contract's types.
///
/// # Errors
/// Where the file cannot be read, or does not fit the contract (somebody else wrote it).
pub fn read(
    format: Format,
    part: &Path,
    table: &Table,
    columns: &[usize],
    visit: &mut dyn FnMut(&RecordBatch) -> Result<()>,
) -> Result<()> {
    let fields: Fields = columns.iter().filter_map(|&column| table.columns.get(column)).map(schema::field).collect();
    let wanted = Arc::new(Schema::new(fields));
    let mut give = |rows: usize, arrays: Vec<ArrayRef>| {
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        let batch = RecordBatch::try_new_with_options(Arc::clone(&wanted), arrays, &options);
        visit(&batch.map_err(|error| misfit(part, &error.to_string()))?)
    };
    if format == Format::Parquet {
        read_parquet(part, &wanted, &mut give)
    } else {
        read_text(format, part, table, columns, &mut give)
    }
}

type Give<'a> = dyn FnMut(usize, Vec<ArrayRef>) -> Result<()> + 'a;

fn read_parquet(part: &Path, wanted: &Schema, give: &mut Give<'_>) -> Result<()> {
    let builder = parquet(part)?;
    let file_schema = Arc::clone(builder.schema());
    let indices = |name: &String| file_schema.index_of(name).map_err(|_| misfit(part, &format!("it has no {name}")));
    let roots = wanted.fields().iter().map(|field| indices(field.name())).collect::<Result<Vec<usize>>>()?;
    let mask = ProjectionMask::roots(builder.parquet_schema(), roots);
    let reader = builder.with_projection(mask).with_batch_size(16 * 1024).build();
    for batch in reader.map_err(|error| unreadable(part, error))? {
        let batch = batch.map_err(|error| unreadable(part, error))?;
        let array = |field: &Arc<arrow_schema::Field>| {
            let array = batch.column_by_name(field.name()).ok_or_else(|| misfit(part, "a column is missing"))?;
            arrow_cast::cast(array, field.data_type()).map_err(|error| misfit(part, &error.to_string()))
        };
        give(batch.num_rows(), wanted.fields().iter().map(array).collect::<Result<_>>()?)?;
    }
    Ok(())
}

fn read_text(format: Format, part: &Path, table: &Table, columns: &[usize], give: &mut Give<'_>) -> Result<()> {
    let mut table = write::reading(format, table);
    let nested = if format == Format::Csv { Nested::split(&mut table) } else { None };
    let shown = part.display().to_string();
    let file = InputFile { shown, path: part.to_owned(), partitions: Vec::new() };
    let mut source = formats::open(&file, &table, &ReadOptions::default())?;
    let parser = Parser::new(&table);
    while let Some(raw) = source.next_batch()? {
        let mut batch = parser.parse(raw);
        if let Some(fault) = batch.faults.first() {
            let line = batch.raw.records.get(fault.row).map_or(0, |record| record.line);
            return Err(misfit(part, &format!("line {line}: {}", fault.detail)));
        }
        if let Some(column) = columns.iter().find(|&&column| batch.absent.get(column) == Some(&true)) {
            let name = table.columns.get(*column).map_or("", |column| column.name.as_str());
            return Err(misfit(part, &format!("it has no {name}")));
        }
        if let Some(nested) = &nested {
            for (column, array) in nested.read(&batch).map_err(|what| misfit(part, &what))? {
                if let Some(slot) = batch.columns.get_mut(column) {
                    *slot = array;
                }
            }
        }
        let arrays = columns.iter().filter_map(|&column| batch.columns.get(column)).cloned().collect();
        give(batch.len(), arrays)?;
    }
    Ok(())
}

fn parquet(part: &Path) -> Result<ParquetRecordBatchReaderBuilder<File>> {
    let file = File::open(part).map_err(|error| Error::reading(part, error))?;
    ParquetRecordBatchReaderBuilder::try_new(file).map_err(|error| unreadable(part, error))
}

/// Counts the rows of parts as they stand on the disk, several at a time.
///
/// # Errors
/// Where one cannot be read.
pub fn count_all(format: Format, parts: &[PathBuf]) -> Result<Vec<u64>> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(parts.len());
    if threads < 2 {
        return parts.iter().map(|part| count(format, part)).collect();
    }
    let next = AtomicUsize::new(0);
    let counts: Vec<OnceLock<Result<u64>>> = parts.iter().map(|_| OnceLock::new()).collect();
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some((part, slot)) = parts.iter().zip(&counts).nth(next.fetch_add(1, Ordering::Relaxed)) {
                    let _ = slot.set(count(format, part));
                }
            });
        }
    });
    let missing = || Err(Error::output("a part was not counted"));
    counts.into_iter().map(|slot| slot.into_inner().unwrap_or_else(missing)).collect()
}

/// Counts the rows of a part as it stands on the disk.
///
/// # Errors
/// Where it cannot be read.
pub fn count(format: Format, part: &Path) -> Result<u64> {
    if format == Format::Parquet {
        let rows = parquet(part)?.metadata().file_metadata().num_rows();
        return u64::try_from(rows).map_err(|_| misfit(part, "it counts its rows below zero"));
    }
    let file = archive::open(part, Arc::default())?;
    let lines = count_lines(BufReader::with_capacity(1 << 18, file), format == Format::Csv);
    let lines = lines.map_err(|error| archive::read_error(part, error))?;
    Ok(if format == Format::Csv { lines.saturating_sub(1) } else { lines })
}

/// Counts line ends (outside quotes, where there are any), and text after the last one.
fn count_lines(mut reader: impl BufRead, quotes: bool) -> std::io::Result<u64> {
    let (mut lines, mut open, mut last) = (0, false, b'\n');
    loop {
        let block = match reader.fill_buf() {
            Err(error) if error.kind() == Io::Interrupted => continue,
            block => block?,
        };
        let Some(&end) = block.last() else { break };
        for position in memchr::memchr2_iter(b'\n', b'"', block) {
            match block.get(position) {
                Some(b'"') => open ^= quotes,
                _ => lines += u64::from(!open),
            }
        }
        last = end;
        let used = block.len();
        reader.consume(used);
    }
    Ok(lines + u64::from(last != b'\n'))
}

/// Checks that a part has the contract's columns. NDJSON names its columns row by row, so it is not checked here.
///
/// # Errors
/// An output error that names the columns that differ.
pub fn check(format: Format, part: &Path, table: &Table) -> Result<()> {
    let differ = match format {
        Format::Parquet => parquet_differences(parquet(part)?.schema(), table),
        Format::Csv => {
            let mut line = Vec::new();
            let file = archive::open(part, Arc::default())?;
            let read = BufReader::new(file).read_until(b'\n', &mut line);
            read.map_err(|error| archive::read_error(part, error))?;
            let header = csv::header(table);
            if line == header || line.is_empty() {
                Vec::new()
            } else {
                let (line, header) = (String::from_utf8_lossy(&line), String::from_utf8_lossy(&header));
                vec![format!("its header is `{}`, the contract's `{}`", line.trim_end(), header.trim_end())]
            }
        }
        Format::Ndjson | Format::Json => Vec::new(),
    };
    if differ.is_empty() { Ok(()) } else { Err(misfit(part, &differ.join("; "))) }
}

fn parquet_differences(there: &Schema, table: &Table) -> Vec<String> {
    let mut differ = Vec::new();
    for field in table.columns.iter().map(schema::field) {
        match there.field_with_name(field.name()) {
            Err(_) => differ.push(format!("{} is missing there", field.name())),
            Ok(other) if !other.data_type().equals_datatype(field.data_type()) => differ.push(format!(
                "{} is {} there and {} by the contract",
                field.name(),
                other.data_type(),
                field.data_type()
            )),
            Ok(_) => {}
        }
    }
    let extra = there.fields().iter().filter(|field| table.column_index(field.name()).is_none());
    differ.extend(extra.map(|field| format!("{} is not in the contract", field.name())));
    differ
}

fn misfit(part: &Path, what: &str) -> Error {
    Error::output(format!("{} does not fit the contract: {what}", part.display()))
        .hint("Load into another folder, replace the table (`--mode replace`), or mend the contract.")
}

fn unreadable(part: &Path, error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::output(format!("cannot read {}", part.display())).because(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folder_names_are_safe_and_differ() {
        assert_eq!(folder_name("orders 2\"x"), "orders 2\"x");
        assert_eq!(folder_name("../etc"), "%2e.%2fetc");
        assert_eq!(folder_name("_karat"), "%5fkarat");
        assert_ne!(folder_name("a/b"), folder_name("a%2fb"));
    }

    #[test]
    fn parts_know_their_load() {
        let name = file_name("a/b", 12, "csv.gz");
        assert_eq!(name, "part-a%2fb-12.csv.gz");
        assert!(is_of_load(&name, "a/b") && !is_of_load(&name, "a"));
        // A load whose id begins as another's.
        assert!(!is_of_load("part-a-1-0.csv", "a") && is_of_load("part-a-1-0.csv", "a-1"));
    }

    #[test]
    fn lines_are_counted_outside_quotes() {
        let count = |text: &str| count_lines(text.as_bytes(), true).unwrap();
        assert_eq!(count("a,b\n1,\"x\ny\"\n2,\"\"\"\n\"\n"), 3);
        assert_eq!(count("a\n1"), 2);
        assert_eq!(count(""), 0);
        assert_eq!(count_lines("{\"a\":\"\\\"\"}\n{}\n".as_bytes(), false).unwrap(), 2);
    }
}
