//! Preparation: the tables wanted, how each is written, and into which files; every refusal comes before the first row.

use std::collections::BTreeMap;

use arrow_array::RecordBatch;

use crate::frame::drawn::Made;
use crate::generate::faults::kind::{Act, Formats};
use crate::generate::faults::whole::is_read;
use crate::generate::faults::{PlannedFile, Planter, kinds};
use crate::generate::generator::{Generator, TableGenerator};
use crate::io::formats::csv::Dialect;
use crate::io::formats::write::rows::RowWriter;
use crate::io::stores::pack::Packing;
use crate::model::manifest::Entry;
use crate::model::{Context, Encoding, Error, FaultSpec, Format, Result, SourceSpec, Table};
use crate::ops::generate::changes::{Step, at_first};
use crate::ops::generate::dirty::{conditions, lines_of};
use crate::ops::generate::layout::{self, Layout, Shape};
use crate::ops::generate::sheet::{Sheet, select};
use crate::ops::generate::work::{Source, Work, chunk_rows};
use crate::ops::generate::{Destination, Request};

/// A run, ready to begin.
pub struct Prepared<'a> {
    pub works: Vec<Work<'a>>,
    /// In the order in which they are written.
    pub sheets: Vec<Sheet>,
    /// The contract's index of each work's table.
    pub tables: Vec<usize>,
    /// Faults of the set of files, each with its work.
    pub set_entries: Vec<(usize, Entry)>,
    pub notes: Vec<String>,
}

impl Prepared<'_> {
    /// Counts the rows that are made.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.sheets.iter().flat_map(|sheet| &sheet.rows).map(|rows| rows.end - rows.start).sum()
    }
}

impl Source for TableGenerator {
    fn make(&self, rows: std::ops::Range<u64>) -> Result<RecordBatch> {
        self.batch(rows)
    }

    fn made(&self, rows: std::ops::Range<u64>) -> Option<Result<Vec<Made<'_>>>> {
        Some(TableGenerator::made(self, rows))
    }
}

/// Prepares a run.
///
/// # Errors
/// A table that is not there, formats and dialects that cannot hold its rows, faults that cannot be planted.
pub fn prepare<'a>(
    request: &Request<'_>,
    tables: &[usize],
    generator: &'a Generator,
    initial: &[(String, u64)],
    steps: &'a [Step<'a>],
) -> Result<Prepared<'a>> {
    let mut prepared = Prepared {
        works: Vec::new(),
        sheets: Vec::new(),
        tables: tables.to_vec(),
        set_entries: Vec::new(),
        notes: Vec::new(),
    };
    for index in prepared.tables.clone() {
        let Some(table) = request.contract.tables.get(index) else { continue };
        let Some(source) = generator.table(&table.name) else {
            return Err(Error::usage(format!("no rows are planned for table {}", table.name)));
        };
        let rows = initial.iter().find(|(name, _)| *name == table.name).map_or(source.rows, |(_, rows)| *rows);
        add(request, table, (source, rows), &mut prepared)?;
    }
    for step in steps {
        add_step(request, step, &mut prepared)?;
    }
    refuse_twins(&prepared.sheets)?;
    Ok(prepared)
}

/// Finds the tables wanted, as indices into the contract.
///
/// # Errors
/// Where a table that is named is not there, or standard output would take several.
pub fn wanted(request: &Request<'_>) -> Result<Vec<usize>> {
    let contract = request.contract;
    let names = || contract.tables.iter().map(|table| table.name.as_str()).collect::<Vec<_>>().join(", ");
    let mentioned = request.tables.iter().chain(request.options.rows.iter().map(|(name, _)| name));
    for name in mentioned {
        if contract.table(name).is_none() {
            return Err(
                Error::usage(format!("the contract has no table `{name}`")).hint(format!("there is {}", names()))
            );
        }
    }
    let is_wanted = |table: &Table| request.tables.is_empty() || request.tables.contains(&table.name);
    let tables: Vec<usize> = (0..contract.tables.len()).filter(|index| is_wanted(&contract.tables[*index])).collect();
    if matches!(request.to, Destination::Stream(_)) && tables.len() != 1 {
        return Err(Error::usage("standard output takes one table").hint(format!("choose with --tables: {}", names())));
    }
    Ok(tables)
}

fn add<'a>(
    request: &Request<'_>,
    table: &Table,
    (source, rows): (&'a TableGenerator, u64),
    prepared: &mut Prepared<'a>,
) -> Result<()> {
    let streams = matches!(request.to, Destination::Stream(_));
    let loads = matches!(request.to, Destination::Target { .. });
    let format = if loads { Format::Parquet } else { request.format.unwrap_or(table.source.format) };
    let packing = if format == Format::Parquet { Packing::None } else { packing(request, table) };
    let written = Table { source: dialect(table, format, streams || loads), ..table.clone() };
    if format == Format::Parquet && request.packing.is_some_and(|packing| packing != Packing::None) && !loads {
        return Err(Error::usage("--compress does not apply to Parquet, which is compressed inside"));
    }
    let flat = streams || loads;
    let shape = Shape { format, packing, files: request.files.max(1) };
    let days = if flat { Vec::new() } else { at_first(source, rows) };
    // The path is that of the contract, with the ending of the format.
    let placed =
        Table { source: SourceSpec { path: written.source.path.clone(), ..table.source.clone() }, ..table.clone() };
    let Layout { mut files, by, omit } = layout::lay_out(&placed, rows, &days, shape)?;
    // Parquet keeps no column in a path: its files hold all of them, and say so.
    let omit: Vec<&str> = omit.iter().map(String::as_str).collect();
    let writer = match format {
        Format::Parquet => None,
        _ => Some(RowWriter::new(&flat_only(&written, format)?, format, &omit)?),
    };
    let arrays = writer.as_ref().is_some_and(RowWriter::is_array);
    if by.is_some() && (writer.is_none() || arrays || request.part.is_some()) {
        let what = match &writer {
            None => "Parquet",
            Some(_) if arrays => "a JSON array",
            Some(_) => "parts",
        };
        return Err(Error::usage(format!(
            "table {} is kept in a folder a value; that does not go with {what}",
            table.name
        ))
        .hint("write CSV or NDJSON in one piece"));
    }
    if !flat {
        prepared.notes.extend(unlike_the_contract(table, format, &files));
    }
    let planter = planter(request, &written, source, writer.is_none(), by.is_some())?;
    let lines = match &planter {
        Some(_) if format == Format::Json => Some(RowWriter::new(&written, Format::Ndjson, &omit)?),
        _ => None,
    };
    let context = Context { today: request.options.as_of, now: i64::from(request.options.as_of) * 86_400_000_000 };
    let conditions = if planter.is_some() { conditions(table, request.faults, &context) } else { Vec::new() };
    let index = prepared.works.len();
    if let Some(planter) = &planter {
        prepared.set_entries.extend(planter.files(&mut files).into_iter().map(|entry| (index, entry)));
    }
    let whole = files.clone();
    let mut sheets = select(files, request.part, chunk_rows(&written), packing, format);
    for sheet in &mut sheets {
        sheet.work = index;
        sheet.encoding = written.source.encoding;
        sheet.head = writer.as_ref().map_or_else(Vec::new, |writer| writer.head().to_vec());
        if let Some(planter) = &planter {
            spoil(planter, &whole, sheet);
        }
    }
    if by.is_some() {
        // Their heads are written when the first row of each comes.
        for sheet in &mut sheets {
            sheet.first = false;
        }
    }
    let dialect = (format == Format::Csv).then(|| Dialect::new(&written.source)).transpose()?;
    prepared.sheets.extend(sheets);
    prepared.works.push(Work {
        name: table.name.clone(),
        table: written,
        source,
        rows,
        writer,
        lines,
        packing,
        planter,
        conditions,
        dialect,
        by,
    });
    Ok(())
}

/// Says how a check finds the files of a table, where they are not what its source names.
fn unlike_the_contract(table: &Table, format: Format, files: &[PlannedFile]) -> Option<String> {
    let name = &table.name;
    if format != table.source.format {
        let (format, said) = (format.name(), table.source.format.name());
        return Some(format!(
            "{name} is written as {format}; to check it, say so in the contract, where its source is {said}"
        ));
    }
    let first = files.first().filter(|file| files.len() > 1 && !is_read(table, &file.path))?;
    let pattern = first.path.rsplit_once('-').map_or(first.path.as_str(), |(stem, _)| stem);
    Some(format!("{name} is in {} files; to check them, name them: `{name}=…/{pattern}-*`", files.len()))
}

/// Adds a file of changes.
fn add_step<'a>(request: &Request<'_>, step: &'a Step<'a>, prepared: &mut Prepared<'a>) -> Result<()> {
    let Some(table) = request.contract.tables.get(step.table()) else { return Ok(()) };
    let format = request.format.unwrap_or(table.source.format);
    let packing = if format == Format::Parquet { Packing::None } else { request.packing.unwrap_or_default() };
    let plain = Table { source: dialect(table, format, true), ..table.clone() };
    let shape = Shape { format, packing, files: 1 };
    let file = layout::lay_out(&plain, 0, &[], shape)?.files.into_iter().next().map(|file| file.path);
    let (written, path) = step.written(&plain, &file.unwrap_or_default());
    let writer = match format {
        Format::Parquet => None,
        _ => Some(RowWriter::new(&flat_only(&written, format)?, format, &[])?),
    };
    let rows = step.known();
    let files = vec![PlannedFile { path, rows: std::iter::once(0..rows).collect() }];
    let mut sheets = select(files, None, chunk_rows(&written), packing, format);
    for sheet in &mut sheets {
        sheet.work = prepared.works.len();
        sheet.encoding = written.source.encoding;
        sheet.head = writer.as_ref().map_or_else(Vec::new, |writer| writer.head().to_vec());
    }
    prepared.sheets.extend(sheets);
    prepared.tables.push(step.table());
    prepared.works.push(Work {
        name: step.name(table),
        table: written,
        source: step,
        rows,
        writer,
        lines: None,
        packing,
        planter: None,
        conditions: Vec::new(),
        dialect: None,
        by: None,
    });
    Ok(())
}

/// Puts the faults of a whole file into its sheet.
fn spoil(planter: &Planter, files: &[PlannedFile], sheet: &mut Sheet) {
    // A part of a file is the file to those who plan: they know its rows, not its parts.
    let inside = |file: &&PlannedFile| {
        file.path == sheet.path || (files.len() == 1 && file.rows.iter().any(|rows| rows.start <= sheet.whole.start))
    };
    let Some(file) = files.iter().find(inside) else { return };
    let found = planter.file(file, &sheet.head);
    // What is done to the end of a file is told by the part that holds the end.
    let at_end = found.head.is_none() && !found.utf16;
    if let Some(head) = found.head {
        sheet.head = head;
    }
    sheet.tail = found.tail;
    sheet.cut = found.cut;
    if found.utf16 {
        sheet.encoding = Encoding::Utf16Le;
    }
    if if at_end { sheet.last } else { sheet.first } {
        sheet.entries = found.entries;
    }
    for entry in &mut sheet.entries {
        entry.file.clone_from(&sheet.path);
    }
}

fn planter(
    request: &Request<'_>,
    table: &Table,
    source: &TableGenerator,
    typed: bool,
    by_value: bool,
) -> Result<Option<Planter>> {
    if !request.faults.iter().any(|fault| fault.table == table.name) {
        return Ok(None);
    }
    let only_text = |fault: &&FaultSpec| {
        let kind = kinds::find(&fault.kind).filter(|_| fault.table == table.name);
        kind.is_some_and(|kind| kind.formats != Formats::All || matches!(kind.act, Act::File(_)))
    };
    if typed && let Some(fault) = request.faults.iter().find(only_text) {
        let (id, kind, table) = (&fault.id, &fault.kind, &table.name);
        let message = format!("fault `{id}` of table {table}: Parquet files and load targets cannot hold a `{kind}`");
        return Err(Error::usage(message).hint("write CSV or NDJSON, or leave this fault away"));
    }
    let lines = typed.then(|| lines_of(table));
    let table = lines.as_ref().unwrap_or(table);
    let planter = Planter::new(request.contract, table, request.faults, source.rows, request.options.seed)?;
    if by_value && let Some(fault) = planter.of_files() {
        let message = format!("fault `{fault}` of table {} changes whole files, one for each value", table.name);
        return Err(Error::usage(message).hint("faults of rows can be planted there; leave this one away"));
    }
    Ok((!planter.is_idle()).then_some(planter))
}

fn packing(request: &Request<'_>, table: &Table) -> Packing {
    let ending = |ending: &str| table.source.path.as_deref().is_some_and(|path| path.ends_with(ending));
    request.packing.unwrap_or(if ending(".gz") {
        Packing::Gzip
    } else if ending(".zst") {
        Packing::Zstd
    } else {
        Packing::None
    })
}

/// Gives how a table is written: as its source says where the format is the source's, else plainly.
fn dialect(table: &Table, format: Format, flat: bool) -> SourceSpec {
    let source = &table.source;
    let path = source.path.clone().filter(|_| !flat);
    if format == source.format {
        return SourceSpec { path, ..source.clone() };
    }
    let null_values = if format == Format::Csv { vec![String::new()] } else { Vec::new() };
    // The empty string is told from NULL, as it may stand for either in other formats.
    SourceSpec { format, path, null_values, quoted_nulls: false, ..SourceSpec::default() }
}

/// Refuses lists and structs in CSV.
fn flat_only(table: &Table, format: Format) -> Result<Table> {
    if format == Format::Csv
        && let Some(column) = table.columns.iter().find(|column| column.data_type.is_nested())
    {
        let message = format!("{}.{} is a {}, which CSV cannot hold", table.name, column.name, column.data_type);
        return Err(Error::usage(message).hint("choose --format ndjson or parquet, or name other tables with --tables"));
    }
    Ok(table.clone())
}

/// Refuses two tables that would be written to one file.
fn refuse_twins(sheets: &[Sheet]) -> Result<()> {
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    for sheet in sheets {
        if let Some(other) = seen.insert(&sheet.path, sheet.work)
            && other != sheet.work
        {
            return Err(Error::usage(format!("two tables would be written to {}", sheet.path))
                .hint("give each table a `path:` of its own in its source"));
        }
    }
    Ok(())
}
