//! CSV batches: cells are looked at where they stand in the block, one column after the other.

use std::sync::atomic::Ordering;

use crate::analyze::profile::column::{At, Column};
use crate::analyze::profile::hash::{fold, hash, mix};
use crate::analyze::profile::kinds::{Origin, Read, Reader};
use crate::analyze::profile::part::{Part, Shared, unique_names};
use crate::analyze::profile::rows::{Pairs, Patterns};
use crate::analyze::profile::values::{Value, Values};
use crate::frame::parse::Nulls;
use crate::frame::raw::{FieldSpan, unescape};
use crate::frame::{Fields, RawBatch};
use crate::model::Encoding;

/// Counts the cells of a batch.
pub fn take(part: &mut Part, raw: &RawBatch, fields: &Fields, first: u64, file: u32, shared: &Shared) {
    let readable: Vec<bool> = raw.records.iter().map(|record| record.fault.is_none()).collect();
    part.rows = readable.iter().filter(|readable| **readable).count() as u64;
    // One hash a row over all its cells.
    let mut rows = vec![0_u64; raw.len()];
    let mut missing: Vec<(u32, Vec<u32>)> = Vec::with_capacity(fields.width());
    let chosen = Pairs::choose(first, raw.len(), shared.pairs_limit.load(Ordering::Relaxed), |row| readable[row]);
    let mut pairs: Vec<(u64, Vec<f64>)> = chosen.iter().map(|(hash, _)| (*hash, Vec::new())).collect();
    let mut values = Values::new(&raw.text);
    let cells = Cells { raw, fields, nulls: Nulls::new(&raw.file.spec), readable: &readable };
    for (field, name) in unique_names(&raw.file.names).iter().enumerate().take(fields.width()) {
        let mut column = Column::new(name, fields.width());
        values.clear();
        let null = cells.gather(field, &mut column, &mut values, &mut rows);
        missing.push((u32::try_from(field).unwrap_or(u32::MAX), null));
        column.take(&values, &shared.formats, &shared.hints(name), |value| place(raw, file, &values, value));
        cells.numbers(field, &column, &chosen, &mut pairs, shared);
        part.columns.push(column);
    }
    for (row, _) in rows.iter().zip(&readable).filter(|(_, readable)| **readable) {
        part.sample.add(*row, 1);
    }
    part.patterns = Patterns::of(&missing, part.rows, raw.len());
    part.pairs = pairs;
}

/// Says where a value stands: its own first byte where that is known, else its record's.
fn place(raw: &RawBatch, file: u32, values: &Values<'_>, value: &Value) -> At {
    let Some(record) = raw.records.get(value.row as usize) else { return At::default() };
    let plain = values.is_plain(value) && raw.file.encoding == Encoding::Utf8;
    let inside = if plain { (value.start as usize).saturating_sub(record.start) } else { 0 };
    At { file, record: record.number, line: record.line, offset: record.offset + inside as u64 }
}

struct Cells<'a> {
    raw: &'a RawBatch,
    fields: &'a Fields,
    nulls: Nulls<'a>,
    readable: &'a [bool],
}

impl Cells<'_> {
    /// Collects the different values of a column; gives the rows without one.
    fn gather(&self, field: usize, column: &mut Column, values: &mut Values<'_>, rows: &mut [u64]) -> Vec<u32> {
        let quote = self.raw.file.spec.quote.map_or(u32::MAX, u32::from);
        let salt = mix(field as u64 + 1);
        let (mut null, mut scratch) = (Vec::new(), Vec::new());
        let (mut count, mut empty) = (0_u64, 0_u64);
        let walk = self.fields.column(field, 0..self.readable.len()).zip(self.readable).zip(rows).enumerate();
        for (row, (((start, end, escaped), readable), whole)) in walk {
            if !readable {
                continue;
            }
            count += 1;
            let cell = self.raw.text.get(start..end).unwrap_or_default();
            let (content, start, quoted) = match cell {
                [first, inner @ .., last] if u32::from(*first) == quote && first == last => (inner, start + 1, true),
                _ => (cell, start, false),
            };
            if self.nulls.is_null(content, quoted) {
                null.push(u32::try_from(row).unwrap_or(u32::MAX));
                if content.is_empty() {
                    empty += 1;
                } else {
                    column.take_null(content, 1);
                }
                continue;
            }
            let hash = if escaped {
                let span = FieldSpan { quoted, escaped: true, ..FieldSpan::default() };
                unescape(content, span, &self.raw.file.spec, &mut scratch);
                let (start, end) = values.keep(&scratch);
                let hash = hash(&scratch);
                values.add(hash, start, end, row, Origin::Untyped);
                hash
            } else {
                let hash = hash(content);
                values.add(hash, start, start + content.len(), row, Origin::Untyped);
                hash
            };
            *whole = whole.wrapping_add(fold(hash ^ salt, 0x9E37_79B9_7F4A_7C15));
        }
        column.count = count;
        if empty > 0 {
            column.take_null(b"", empty);
        }
        null
    }

    /// Reads a column's numbers in the chosen rows; NaN where there is none.
    fn numbers(
        &self,
        field: usize,
        column: &Column,
        chosen: &[(u64, usize)],
        pairs: &mut [(u64, Vec<f64>)],
        shared: &Shared,
    ) {
        let mut reader = Reader::new(&shared.formats);
        for ((_, row), (_, numbers)) in chosen.iter().zip(pairs) {
            let number = if column.numbers.count == 0 {
                f64::NAN
            } else {
                let (content, span) = self.fields.content(&self.raw.text, self.raw.file.spec.quote, *row, field);
                let start = span.start as usize;
                match reader.read(&self.raw.text, start, start + content.len(), Origin::Untyped) {
                    Read::Number(_, number, _) => number.value,
                    _ => f64::NAN,
                }
            };
            numbers.push(number);
        }
    }
}
