//! JSON and typed batches: the leaves of nested rows, each path a column. Values are looked at as text.
//!
//! An object's fields are `address.city`, a list's elements `tags[]`, and the list itself is a column of the numbers of
//! its elements.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::atomic::Ordering;

use arrow_array::cast::AsArray;
use arrow_array::{Array, RecordBatch};
use arrow_cast::display::{ArrayFormatter, FormatOptions};
use arrow_schema::DataType as Arrow;

use crate::analyze::profile::column::{At, Column};
use crate::analyze::profile::hash::{fold, hash, mix};
use crate::analyze::profile::json;
use crate::analyze::profile::kinds::{Origin, Read, Reader};
use crate::analyze::profile::part::{Part, Shared};
use crate::analyze::profile::rows::{Pairs, Patterns};
use crate::analyze::profile::values::Values;
use crate::frame::RawBatch;

/// The leaves of some rows.
#[derive(Debug, Default)]
pub struct Leaves {
    all: Vec<Leaf>,
    index: BTreeMap<String, usize>,
    pub elements: BTreeMap<String, u64>,
}

/// The values at one path.
#[derive(Debug, Default)]
struct Leaf {
    path: String,
    text: Vec<u8>,
    cells: Vec<Cell>,
}

#[derive(Debug, Clone, Copy)]
struct Cell {
    row: u32,
    start: u32,
    end: u32,
    /// None for NULL.
    origin: Option<Origin>,
}

/// Texts of one path in one batch are cut off here.
const TEXT_BYTES: usize = 1 << 30;

impl Leaves {
    /// Takes a value at a path; no origin is NULL.
    pub fn put(&mut self, path: &str, row: usize, value: &[u8], origin: Option<Origin>) {
        let at = self.find(path);
        let leaf = &mut self.all[at];
        if leaf.text.len() + value.len() > TEXT_BYTES {
            return;
        }
        let place = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let start = place(leaf.text.len());
        leaf.text.extend_from_slice(value);
        leaf.cells.push(Cell { row: place(row), start, end: place(leaf.text.len()), origin });
    }

    /// Gives a path its place before those inside it.
    pub fn place(&mut self, path: &str) {
        self.find(path);
    }

    fn find(&mut self, path: &str) -> usize {
        if let Some(at) = self.index.get(path) {
            return *at;
        }
        self.index.insert(path.to_owned(), self.all.len());
        self.all.push(Leaf { path: path.to_owned(), ..Leaf::default() });
        self.all.len() - 1
    }

    /// Takes back what a row gave that turned out to be broken.
    pub fn undo(&mut self, row: usize) {
        for leaf in &mut self.all {
            while leaf.cells.pop_if(|cell| cell.row as usize == row).is_some() {}
        }
    }

    fn count(
        self,
        part: &mut Part,
        rows: &mut [u64],
        readable: &[bool],
        chosen: &[(u64, usize)],
        shared: &Shared,
        at: impl Fn(u32) -> At,
    ) {
        let mut missing = Vec::new();
        part.pairs = chosen.iter().map(|(hash, _)| (*hash, vec![f64::NAN; self.all.len()])).collect();
        for (index, leaf) in self.all.iter().enumerate() {
            let mut column = Column::new(&leaf.path, self.all.len());
            let mut values = Values::new(&leaf.text);
            let salt = mix(hash(leaf.path.as_bytes()));
            let mut present = vec![false; readable.len()];
            for cell in &leaf.cells {
                column.count += 1;
                let content = leaf.text.get(cell.start as usize..cell.end as usize).unwrap_or_default();
                let Some(origin) = cell.origin else {
                    column.take_null(b"null", 1);
                    continue;
                };
                column.strings += u64::from(origin == Origin::String);
                let hash = hash(content);
                values.add(hash, cell.start as usize, cell.end as usize, cell.row as usize, origin);
                if let (Some(present), Some(whole)) =
                    (present.get_mut(cell.row as usize), rows.get_mut(cell.row as usize))
                {
                    *present = true;
                    *whole = whole.wrapping_mul(3).wrapping_add(fold(hash ^ salt, 0x9E37_79B9_7F4A_7C15));
                }
            }
            column.take(&values, &shared.formats, &shared.hints(&leaf.path), |value| at(value.row));
            if !leaf.path.contains("[]") {
                let absent = present
                    .iter()
                    .zip(readable)
                    .enumerate()
                    .filter(|(_, (present, readable))| !**present && **readable);
                let absent = absent.map(|(row, _)| u32::try_from(row).unwrap_or(u32::MAX)).collect();
                missing.push((u32::try_from(index).unwrap_or(u32::MAX), absent));
                leaf.numbers(index, &column, chosen, &mut part.pairs, shared);
            }
            part.columns.push(column);
        }
        part.elements = self.elements;
        for (row, _) in rows.iter().zip(readable).filter(|(_, readable)| **readable) {
            part.sample.add(*row, 1);
        }
        part.patterns = Patterns::of(&missing, part.rows, readable.len());
    }
}

impl Leaf {
    fn numbers(
        &self,
        index: usize,
        column: &Column,
        chosen: &[(u64, usize)],
        pairs: &mut [(u64, Vec<f64>)],
        shared: &Shared,
    ) {
        if column.numbers.count == 0 {
            return;
        }
        let mut reader = Reader::new(&shared.formats);
        for ((_, row), (_, numbers)) in chosen.iter().zip(pairs) {
            let Ok(at) = self.cells.binary_search_by_key(&u32::try_from(*row).unwrap_or(u32::MAX), |cell| cell.row)
            else {
                continue;
            };
            let cell = self.cells[at];
            if let Some(origin) = cell.origin
                && let Read::Number(_, number, _) =
                    reader.read(&self.text, cell.start as usize, cell.end as usize, origin)
                && let Some(own) = numbers.get_mut(index)
            {
                *own = number.value;
            }
        }
    }
}

/// Counts a batch of JSON records.
pub fn json(part: &mut Part, raw: &RawBatch, first: u64, file: u32, shared: &Shared) {
    let place = |row: usize, inside: u64| {
        let record = raw.records.get(row);
        record.map_or_else(At::default, |record| At {
            file,
            record: record.number,
            line: record.line,
            offset: record.offset + inside,
        })
    };
    let mut leaves = Leaves::default();
    let mut readable = vec![true; raw.len()];
    let mut rows = vec![0; raw.len()];
    for (row, readable) in readable.iter_mut().enumerate() {
        let text = raw.record_text(row);
        let fault = match raw.records.get(row).and_then(|record| record.fault.as_deref()) {
            Some(why) => Some((why.code, why.at.unwrap_or(0), why.detail.clone())),
            None => json::walk(text, row, raw.file.spec.max_depth, &mut leaves).err(),
        };
        if let Some((code, inside, detail)) = fault {
            leaves.undo(row);
            part.trouble(code, place(row, inside), &detail);
            *readable = false;
        }
    }
    part.rows = readable.iter().filter(|readable| **readable).count() as u64;
    let chosen = Pairs::choose(first, raw.len(), shared.pairs_limit.load(Ordering::Relaxed), |row| readable[row]);
    leaves.count(part, &mut rows, &readable, &chosen, shared, |row| place(row as usize, 0));
}

/// Counts a typed batch.
pub fn columns(part: &mut Part, raw: &RawBatch, batch: &RecordBatch, first: u64, file: u32, shared: &Shared) {
    let mut leaves = Leaves::default();
    let owners: Vec<usize> = (0..batch.num_rows()).collect();
    for (field, array) in batch.schema().fields().iter().zip(batch.columns()) {
        array_leaves(field.name(), array, &owners, &mut leaves);
    }
    let readable = vec![true; batch.num_rows()];
    part.rows = batch.num_rows() as u64;
    let mut rows = vec![0; batch.num_rows()];
    let chosen = Pairs::choose(first, raw.len(), shared.pairs_limit.load(Ordering::Relaxed), |_| true);
    let number = |row: u32| raw.records.get(row as usize).map_or(0, |record| record.number);
    leaves.count(part, &mut rows, &readable, &chosen, shared, |row| At {
        file,
        record: number(row),
        line: 0,
        offset: 0,
    });
}

/// Walks an array, whose values belong to these rows.
fn array_leaves(path: &str, array: &dyn Array, rows: &[usize], leaves: &mut Leaves) {
    match array.data_type() {
        Arrow::Struct(fields) => {
            let structs = array.as_struct();
            let present: Vec<usize> = (0..structs.len()).filter(|at| structs.is_valid(*at)).collect();
            let taken = arrow_array::UInt64Array::from_iter_values(present.iter().map(|at| *at as u64));
            let rows: Vec<usize> = present.iter().filter_map(|at| rows.get(*at).copied()).collect();
            for (field, values) in fields.iter().zip(structs.columns()) {
                if let Ok(values) = arrow_select::take::take(values, &taken, None) {
                    array_leaves(&format!("{path}.{}", field.name()), &values, &rows, leaves);
                }
            }
        }
        Arrow::List(_) => {
            let lists = array.as_list::<i32>();
            for (at, row) in rows.iter().enumerate() {
                if lists.is_null(at) {
                    leaves.put(path, *row, &[], None);
                    continue;
                }
                let values = lists.value(at);
                leaves.put(path, *row, values.len().to_string().as_bytes(), Some(Origin::List));
                let inner = format!("{path}[]");
                *leaves.elements.entry(inner.clone()).or_default() += values.len() as u64;
                array_leaves(&inner, &values, &vec![*row; values.len()], leaves);
            }
        }
        _ => scalar_leaves(path, array, rows, leaves),
    }
}

fn scalar_leaves(path: &str, array: &dyn Array, rows: &[usize], leaves: &mut Leaves) {
    if let Some(texts) = array.as_string_opt::<i32>() {
        for (at, row) in rows.iter().enumerate() {
            let origin = texts.is_valid(at).then_some(Origin::String);
            leaves.put(path, *row, if origin.is_some() { texts.value(at).as_bytes() } else { &[] }, origin);
        }
        return;
    }
    let options = FormatOptions::default().with_timestamp_format(Some("%Y-%m-%d %H:%M:%S%.f"));
    let Ok(formatter) = ArrayFormatter::try_new(array, &options) else { return };
    let mut text = String::new();
    for (at, row) in rows.iter().enumerate() {
        text.clear();
        let readable = array.is_valid(at) && write!(text, "{}", formatter.value(at)).is_ok();
        leaves.put(path, *row, text.as_bytes(), readable.then_some(Origin::Typed));
    }
}
