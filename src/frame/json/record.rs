//! Records: JSON objects into the columns of a batch. Regular ones are read elsewhere; what is here reads any record,
//! and finds words for all that is wrong with it.

use std::borrow::Cow;

use crate::frame::batch::{Fault, shorten};
use crate::frame::json::builder::{Builder, Cells, Fields};
use crate::frame::json::regular::Regular;
use crate::frame::json::scan::{Limits, Scan, Scanner, Token};
use crate::frame::json::store::Store;
use crate::frame::json::text;
use crate::frame::layout::Origin;
use crate::frame::mask::Mask;
use crate::frame::parse::{self, Parsed};
use crate::frame::raw::RawBatch;
use crate::model::{Column, DataType, Format, ParseCode, Table, Why};

/// Faults kept of one cell: a long list may hold as many bad elements as it has.
const CELL_FAULTS: usize = 16;

/// A row whose record is broken, and why.
pub(super) type Broken = (usize, Box<Why>);

/// Reads the records of a batch one after the other.
pub(super) struct Reading<'t> {
    raw: &'t RawBatch,
    /// The batch's whole text, where all of it is UTF-8.
    text: Option<&'t str>,
    /// Reads regular records, where it is wanted.
    regular: Option<Regular<'t>>,
    scanner: Scanner<'t>,
    /// The columns that records name, and their indices in the contract.
    fields: Fields<'t>,
    columns: Vec<usize>,
    unparsed: Vec<Option<Mask>>,
    /// One list a column.
    faults: Vec<Vec<Fault>>,
    broken: Vec<Broken>,
    cell: Cell<'t>,
}

/// Says where in a cell the reading is, and what was wrong in it.
struct Cell<'t> {
    path: Vec<Segment<'t>>,
    faults: Vec<CellFault>,
    /// Spellings of NULL; the empty string is none.
    nulls: Vec<&'t [u8]>,
    scratch: Vec<u8>,
}

#[derive(Clone, Copy)]
enum Segment<'t> {
    Field(&'t str),
    Item(usize),
}

struct CellFault {
    path: String,
    code: ParseCode,
    value: String,
    detail: Cow<'static, str>,
}

impl<'t> Reading<'t> {
    /// Prepares to read a batch; with `fast` regular records are read the fast way, with the same result.
    pub(super) fn new(raw: &'t RawBatch, table: &'t Table, origins: &[Origin], fast: bool) -> Self {
        let spec = &raw.file.spec;
        let named = |index: &usize| matches!(origins.get(*index), Some(Origin::Key));
        let columns: Vec<usize> = (0..table.columns.len()).filter(named).collect();
        let fields = Fields::new(columns.iter().filter_map(|index| table.columns.get(*index)), raw.len());
        let token_bytes = usize::try_from(spec.max_field_bytes).unwrap_or(usize::MAX);
        let limits = Limits { depth: spec.max_depth, token_bytes, unique_keys: true };
        let mut scanner = Scanner::new(limits);
        if table.columns.iter().any(Column::holds_pii) {
            scanner.keys().hide();
        }
        let nulls: Vec<_> = spec.null_values.iter().map(String::as_bytes).filter(|text| !text.is_empty()).collect();
        Self {
            raw,
            text: simdutf8::basic::from_utf8(&raw.text).ok(),
            regular: if fast { Regular::new(&raw.text, limits, &nulls) } else { None },
            scanner,
            unparsed: vec![None; columns.len()],
            faults: vec![Vec::new(); columns.len()],
            fields,
            columns,
            broken: Vec::new(),
            cell: Cell { path: Vec::new(), faults: Vec::new(), nulls, scratch: Vec::new() },
        }
    }

    /// Reads one record into the columns; a broken one is NULL in all of them.
    pub(super) fn record(&mut self, row: usize) {
        let Some(record) = self.raw.records.get(row) else { return };
        if record.fault.is_none() && self.regular(row).is_some() {
            return;
        }
        self.cell.faults.clear();
        let found = if record.fault.is_some() { Err(None) } else { self.read(row).map_err(Some) };
        let Err(why) = found else { return };
        self.broken.extend(why.map(|why| (row, why)));
        for ((field, unparsed), faults) in self.fields.list.iter_mut().zip(&mut self.unparsed).zip(&mut self.faults) {
            field.truncate(row);
            field.null();
            while faults.pop_if(|fault| fault.row == row).is_some() {}
            if let Some(mask) = unparsed {
                mask.clear(row);
            }
        }
    }

    /// Gives the columns read, with their indices in the contract (ascending), and the records found broken.
    pub(super) fn finish(self) -> (Vec<(usize, Parsed)>, Vec<Broken>) {
        let masks = self.unparsed.into_iter().map(|mask| mask.filter(Mask::any));
        let parts = self.columns.into_iter().zip(self.fields.list).zip(masks).zip(self.faults);
        let parsed = parts
            .map(|(((index, field), unparsed), faults)| (index, Parsed { array: field.finish(), unparsed, faults }));
        (parsed.collect(), self.broken)
    }

    /// Reads a record the fast way; `None` where it is not regular, and then nothing of it is left.
    pub(super) fn regular(&mut self, row: usize) -> Option<()> {
        let regular = self.regular.as_mut()?;
        let record = self.raw.records.get(row)?;
        let (start, end) = (record.start, record.start + record.len);
        if self.text.is_none() {
            simdutf8::basic::from_utf8(self.raw.text.get(start..end)?).ok()?;
        }
        let read = regular.record(&mut self.fields, row, start, end);
        if read.is_none() {
            self.fields.list.iter_mut().for_each(|field| field.truncate(row));
        }
        read
    }

    fn read(&mut self, row: usize) -> Scan {
        let record = self.raw.records.get(row).map_or(0..0, |record| record.start..record.start + record.len);
        let bytes = self.raw.text.get(record.clone()).unwrap_or_default();
        // The last line of a file that lacks its ending may be the rest of a longer one.
        let may_be_cut = self.raw.file.spec.format == Format::Ndjson && !bytes.ends_with(b"\n");
        let text = match self.text.and_then(|text| text.get(record)) {
            Some(text) => text,
            None => text::utf8(bytes).map_err(|why| cut_character(why, may_be_cut && text::is_cut(bytes)))?,
        };
        self.scanner.start(text.as_bytes());
        self.members(row).map_err(|mut why| {
            if why.code == ParseCode::JsonTruncated && !may_be_cut {
                why.code = ParseCode::JsonSyntax;
            }
            why
        })
    }

    /// Reads the object that a record is.
    fn members(&mut self, row: usize) -> Scan {
        self.scanner.blanks();
        if self.scanner.peek() != Some(b'{') {
            return Err(not_an_object(&mut self.scanner));
        }
        let (scanner, cell) = (&mut self.scanner, &mut self.cell);
        let (columns, unparsed, faults) = (&self.columns, &mut self.unparsed, &mut self.faults);
        let rows = self.raw.len();
        object(scanner, cell, &mut self.fields, row, &mut |index, field, scanner, cell| {
            cell.path.clear();
            cell.value(scanner, field)?;
            if !cell.faults.is_empty() {
                field.truncate(row);
                field.null();
                if let Some(mask) = unparsed.get_mut(index) {
                    mask.get_or_insert_with(|| Mask::new(rows)).set(row);
                }
                let column = columns.get(index).copied();
                let found = cell.faults.drain(..).map(|CellFault { path, code, value, detail }| {
                    let path = format!("{}{path}", field.column.name).into();
                    Fault { row, column, path, code, value: Some(value), detail }
                });
                if let Some(faults) = faults.get_mut(index) {
                    faults.extend(found);
                }
            }
            Ok(())
        })?;
        self.scanner.end()
    }
}

/// Reads the members of an object into fields that hold `row` cells so far; `read` reads the value of one.
fn object<'t, 'c>(
    scanner: &mut Scanner<'t>,
    cell: &mut Cell<'c>,
    fields: &mut Fields<'c>,
    row: usize,
    read: &mut dyn FnMut(usize, &mut Builder<'c>, &mut Scanner<'t>, &mut Cell<'c>) -> Scan,
) -> Scan {
    let noted = scanner.keys().len();
    fields.start();
    scanner.open()?;
    let mut more = scanner.peek() != Some(b'}');
    if !more {
        scanner.close();
    }
    while more {
        let key = scanner.key()?;
        let found = fields.find(cell.content(key));
        match found.and_then(|index| Some((index, fields.list.get_mut(index)?))) {
            Some((index, field)) if field.len() == row => read(index, field, scanner, cell)?,
            Some((_, field)) => {
                scanner.keys().note_duplicate(Some(field.column.name.as_bytes()), key.at);
                scanner.skip()?;
            }
            None => {
                if !key.escaped {
                    fields.order.ignore(key.content);
                }
                scanner.note_key(key);
                scanner.skip()?;
            }
        }
        more = scanner.more(b'}')?;
    }
    scanner.keys().close(noted);
    for field in &mut fields.list {
        if field.len() == row {
            field.null();
        }
    }
    Ok(())
}

impl<'c> Cell<'c> {
    /// Gives the content of a string, escapes undone.
    fn content<'a>(&'a mut self, token: Token<'a>) -> &'a [u8] {
        if !token.escaped {
            return token.content;
        }
        self.scratch.clear();
        text::unescape(token.content, &mut self.scratch);
        &self.scratch
    }

    /// Reads one value into a column, an element or a field; adds exactly one cell to it.
    fn value(&mut self, scanner: &mut Scanner<'_>, builder: &mut Builder<'c>) -> Scan {
        let start = scanner.at();
        match (scanner.peek(), &mut builder.cells) {
            (Some(b'n'), _) => {
                scanner.literal("null")?;
                builder.null();
                Ok(())
            }
            (Some(b'"'), _) => {
                let token = scanner.string()?;
                self.string(token, builder);
                Ok(())
            }
            (Some(b'-' | b'0'..=b'9'), Cells::Scalar { store, takes }) if takes.number => {
                let number = scanner.number()?;
                match store.read(number) {
                    Ok(()) => builder.keep(),
                    Err(code) => self.wrong(builder, code, number),
                }
                Ok(())
            }
            (Some(first @ (b't' | b'f')), Cells::Scalar { store, takes }) if takes.boolean => {
                scanner.literal(if first == b't' { "true" } else { "false" })?;
                match store.read(scanner.since(start)) {
                    Ok(()) => builder.keep(),
                    Err(code) => self.wrong(builder, code, scanner.since(start)),
                }
                Ok(())
            }
            (Some(b'['), Cells::List { .. }) => self.list(scanner, builder),
            (Some(b'{'), Cells::Struct(_)) => self.structure(scanner, builder),
            (first, _) => {
                scanner.skip()?;
                let found = match first {
                    Some(b'{') => "an object",
                    Some(b'[') => "an array",
                    Some(b't' | b'f') => "a boolean",
                    _ => "a number",
                };
                self.other_type(builder, found, scanner.since(start));
                Ok(())
            }
        }
    }

    fn string(&mut self, token: Token<'_>, builder: &mut Builder<'c>) {
        let mut scratch = std::mem::take(&mut self.scratch);
        let content = if token.escaped {
            scratch.clear();
            text::unescape(token.content, &mut scratch);
            scratch.as_slice()
        } else {
            token.content
        };
        match &mut builder.cells {
            _ if self.nulls.contains(&content) => builder.null(),
            Cells::Scalar { store, takes } if takes.text => {
                // Text is read as that of CSV is, which has no exponents.
                let exponent = takes.number && content.iter().any(|byte| matches!(byte, b'e' | b'E'));
                let read = if exponent { Err(ParseCode::NotDecimal) } else { store.read(content) };
                match read {
                    Ok(()) => builder.keep(),
                    Err(_) if exponent && builder.column.data_type.is_integer() => {
                        self.wrong(builder, ParseCode::NotInteger, content);
                    }
                    Err(code) => self.wrong(builder, code, content),
                }
            }
            _ => self.other_type(builder, "text", content),
        }
        self.scratch = scratch;
    }

    fn list(&mut self, scanner: &mut Scanner<'_>, builder: &mut Builder<'c>) -> Scan {
        let Cells::List { ends, item } = &mut builder.cells else { return Ok(()) };
        let start = scanner.at();
        scanner.open()?;
        let mut more = scanner.peek() != Some(b']');
        if !more {
            scanner.close();
        }
        let mut index = 0;
        while more {
            self.path.push(Segment::Item(index));
            self.value(scanner, item)?;
            self.path.pop();
            index += 1;
            more = scanner.more(b']')?;
        }
        // Arrow counts the elements of a column in 31 bits.
        if let Ok(end) = i32::try_from(item.len()) {
            ends.push(end);
            builder.keep();
        } else {
            let len = builder.len();
            builder.truncate(len);
            self.wrong(builder, ParseCode::FieldTooLong, scanner.since(start));
        }
        Ok(())
    }

    fn structure(&mut self, scanner: &mut Scanner<'_>, builder: &mut Builder<'c>) -> Scan {
        let row = builder.len();
        let Cells::Struct(fields) = &mut builder.cells else { return Ok(()) };
        object(scanner, self, fields, row, &mut |_, field, scanner, cell| {
            cell.path.push(Segment::Field(&field.column.name));
            cell.value(scanner, field)?;
            cell.path.pop();
            Ok(())
        })?;
        builder.keep();
        Ok(())
    }

    #[cold]
    fn other_type(&mut self, builder: &mut Builder<'c>, found: &str, value: &[u8]) {
        let detail = format!("is {found} where {} is promised", promised(builder.column));
        self.fault(builder, ParseCode::JsonType, value, detail.into());
    }

    #[cold]
    fn wrong(&mut self, builder: &mut Builder<'c>, code: ParseCode, value: &[u8]) {
        self.fault(builder, code, value, parse::detail(builder.column, code, value));
    }

    fn fault(&mut self, builder: &mut Builder<'c>, code: ParseCode, value: &[u8], detail: Cow<'static, str>) {
        builder.null();
        if self.faults.len() < CELL_FAULTS {
            let path = self.path.iter().map(|segment| match segment {
                Segment::Field(name) => format!(".{name}"),
                Segment::Item(index) => format!("[{index}]"),
            });
            self.faults.push(CellFault { path: path.collect(), code, value: shorten(value), detail });
        }
    }
}

/// Names the JSON value a column is read from.
fn promised(column: &Column) -> String {
    let data_type = &column.data_type;
    let json = match data_type {
        DataType::Bool => "true or false",
        DataType::List(_) => "an array",
        DataType::Struct(_) => "an object",
        DataType::String => "text",
        _ if data_type.is_numeric() => "a number",
        _ => return format!("text of the type {data_type}"),
    };
    match data_type {
        DataType::Bool | DataType::List(_) | DataType::Struct(_) | DataType::String => json.to_owned(),
        _ => format!("{json} of the type {data_type}"),
    }
}

#[cold]
fn not_an_object(scanner: &mut Scanner<'_>) -> Box<Why> {
    let (at, first) = (scanner.at(), scanner.peek());
    if let Err(why) = scanner.whole() {
        return why;
    }
    let found = match first {
        Some(b'[') => "an array",
        Some(b'"') => "text",
        Some(b't' | b'f') => "a boolean",
        Some(b'n') => "null",
        _ => "a number",
    };
    let detail = format!("the record is {found}, not an object");
    Box::new(Why { code: ParseCode::JsonNotObject, at: u64::try_from(at).ok(), detail })
}

/// Takes a last character that is cut for the sign of a cut file that it is.
fn cut_character(mut why: Box<Why>, cut: bool) -> Box<Why> {
    if cut {
        why.code = ParseCode::JsonTruncated;
        why.detail = String::from("the text ends inside a character");
    }
    why
}
