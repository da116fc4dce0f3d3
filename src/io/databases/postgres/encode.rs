//! Rows as the binary form of COPY: `columns i16`, then for each its length (`-1` for NULL) and its bytes, big-endian.
//!
//! A value PostgreSQL cannot hold (U+0000 in text, a moment out of its range, a whole number too large for the column)
//! refuses its row; the others go on.

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Date32Type, Decimal128Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
    Time64MicrosecondType, TimestampMicrosecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, BinaryArray, BooleanArray, RecordBatch, StringArray};
use arrow_buffer::NullBuffer;
use arrow_schema::DataType as Arrow;

use crate::frame::schema;
use crate::frame::text;
use crate::io::Refused;
use crate::io::databases::postgres::numeric;
use crate::io::databases::postgres::wire::Wire;
use crate::io::formats::write::cells::{self, Cells};
use crate::io::formats::write::plan::Plan;
use crate::model::{Error, Result, Table};

/// What stands before the first row: a signature, no flags, no extension.
pub const HEAD: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";
/// What stands behind the last row.
pub const TAIL: &[u8] = &[0xff, 0xff];
/// Bytes a block holds before it is handed on.
const BLOCK: usize = 192 << 10;
/// Days and microseconds from 1970 to 2000, where PostgreSQL counts from.
const DAYS: i32 = 10_957;
const MICROS: i64 = 946_684_800_000_000;
/// 4713 BC in days and microseconds from 2000, and the first moment behind the year 294276.
const FIRST_DAY: i32 = -2_451_545;
const LAST_DAY: i32 = 2_145_031_948;
const FIRST_MICRO: i64 = -211_813_488_000_000_000;
const END_MICRO: i64 = 9_223_371_331_200_000_000;

/// Rows ready to be sent.
#[derive(Debug)]
pub struct Block {
    pub bytes: Vec<u8>,
    pub rows: usize,
    /// Ordinals of the first row and behind the last one, those left out counted.
    pub first: u64,
    pub end: u64,
    /// Ordinals between them that were refused here and are not in `bytes`, ascending.
    pub left_out: Vec<u64>,
}

/// Encodes the rows of one table.
#[derive(Debug)]
pub struct Encoder {
    wires: Vec<Wire>,
    plans: Vec<Plan>,
    rows: Rows,
}

/// What is encoded so far.
#[derive(Debug)]
struct Rows {
    /// The columns' names.
    names: Vec<String>,
    /// A column with each row's ordinal stands first.
    numbered: bool,
    block: Block,
    /// Rows refused here, ascending.
    refused: Vec<Refused>,
}

impl Encoder {
    /// Prepares for a table whose columns travel in the forms given.
    #[must_use]
    pub fn new(table: &Table, wires: Vec<Wire>, numbered: bool) -> Self {
        let plans = table.columns.iter().map(|column| Plan::plain(&schema::arrow_type(&column.data_type))).collect();
        let names = table.columns.iter().map(|column| column.name.clone()).collect();
        Self { wires, plans, rows: Rows { names, numbered, block: fresh(0), refused: Vec::new() } }
    }

    /// Encodes rows (all columns of the contract), and hands on every block that is full.
    ///
    /// # Errors
    /// What `full` gives, and where a column has a type it cannot have.
    pub fn encode(&mut self, rows: &RecordBatch, full: &mut dyn FnMut(Block) -> Result<()>) -> Result<()> {
        let Self { wires, plans, rows: out } = self;
        let mut columns = Vec::with_capacity(wires.len());
        for (index, array) in rows.columns().iter().enumerate() {
            let (Some(wire), Some(plan)) = (wires.get(index), plans.get(index)) else { continue };
            let Some(values) = values(array.as_ref(), *wire, plan) else {
                return Err(Error::output(format!("{} values cannot be sent as {wire:?}", array.data_type())));
            };
            columns.push((array.nulls().filter(|nulls| nulls.null_count() > 0), values));
        }
        let count = i16::try_from(columns.len() + usize::from(out.numbered)).unwrap_or(i16::MAX);
        for row in 0..rows.num_rows() {
            out.row(row, count, &mut columns);
            if out.block.bytes.len() >= BLOCK {
                full(out.rest())?;
            }
        }
        Ok(())
    }

    /// Gives what is encoded and not handed on yet.
    pub fn rest(&mut self) -> Block {
        self.rows.rest()
    }

    /// Gives the rows refused here since they were asked for last, by ascending ordinal.
    pub fn refused(&mut self) -> Vec<Refused> {
        std::mem::take(&mut self.rows.refused)
    }
}

impl Rows {
    fn rest(&mut self) -> Block {
        let next = fresh(self.block.end);
        std::mem::replace(&mut self.block, next)
    }

    fn row(&mut self, row: usize, count: i16, columns: &mut [(Option<&NullBuffer>, Values<'_>)]) {
        let Block { bytes: out, rows, end, left_out, .. } = &mut self.block;
        let start = out.len();
        out.extend_from_slice(&count.to_be_bytes());
        if self.numbered {
            eight(out, end.to_be_bytes());
        }
        for (index, (nulls, values)) in columns.iter_mut().enumerate() {
            if nulls.is_some_and(|nulls| nulls.is_null(row)) {
                out.extend_from_slice(&[0xff; 4]);
            } else if let Err(why) = values.push(out, row) {
                out.truncate(start);
                left_out.push(*end);
                self.refused.push(Refused {
                    row: *end,
                    message: why.to_owned(),
                    column: self.names.get(index).cloned(),
                });
                *end += 1;
                return;
            }
        }
        *rows += 1;
        *end += 1;
    }
}

fn fresh(first: u64) -> Block {
    Block { bytes: Vec::with_capacity(BLOCK + (BLOCK >> 4)), rows: 0, first, end: first, left_out: Vec::new() }
}

/// The values of a column, taken out of their array once a batch.
enum Values<'a> {
    Bool(&'a BooleanArray),
    /// Whole numbers of the column's own width.
    I16(&'a [i16]),
    I32(&'a [i32]),
    I64(&'a [i64]),
    /// Whole numbers of another width: the bytes to send, or `numeric`.
    Whole(Whole<'a>, Wire),
    Decimal(&'a [i128], u8),
    F32(&'a [f32]),
    Wider(&'a [f32]),
    F64(&'a [f64]),
    /// Text; whether any value holds U+0000.
    Text(&'a StringArray, bool),
    /// JSON text with a version before it.
    Versioned(&'a StringArray),
    Uuid(&'a StringArray),
    Bytes(&'a BinaryArray),
    Date(&'a [i32]),
    Time(&'a [i64]),
    Moment(&'a [i64]),
    /// Lists and structs; whether a version stands before them.
    Nested(Box<Cells<'a>>, bool),
}

/// Whole numbers of any width.
#[derive(Clone, Copy)]
enum Whole<'a> {
    I8(&'a [i8]),
    I16(&'a [i16]),
    I32(&'a [i32]),
    I64(&'a [i64]),
    U8(&'a [u8]),
    U16(&'a [u16]),
    U32(&'a [u32]),
    U64(&'a [u64]),
}

impl Whole<'_> {
    fn value(&self, row: usize) -> i128 {
        fn at<T: Copy + Default + Into<i128>>(values: &[T], row: usize) -> i128 {
            values.get(row).copied().unwrap_or_default().into()
        }
        match self {
            Self::I8(values) => at(values, row),
            Self::I16(values) => at(values, row),
            Self::I32(values) => at(values, row),
            Self::I64(values) => at(values, row),
            Self::U8(values) => at(values, row),
            Self::U16(values) => at(values, row),
            Self::U32(values) => at(values, row),
            Self::U64(values) => at(values, row),
        }
    }
}

fn values<'a>(array: &'a dyn Array, wire: Wire, plan: &'a Plan) -> Option<Values<'a>> {
    macro_rules! of {
        ($type:ty) => {
            array.as_primitive_opt::<$type>()?.values().as_ref()
        };
    }
    let whole = |whole| Values::Whole(whole, wire);
    let is_whole = matches!(wire, Wire::Int2 | Wire::Int4 | Wire::Int8 | Wire::Numeric);
    Some(match (array.data_type(), wire) {
        (Arrow::Boolean, Wire::Bool) => Values::Bool(array.as_boolean_opt()?),
        (Arrow::Int16, Wire::Int2) => Values::I16(of!(Int16Type)),
        (Arrow::Int32, Wire::Int4) => Values::I32(of!(Int32Type)),
        (Arrow::Int64, Wire::Int8) => Values::I64(of!(Int64Type)),
        (Arrow::Int8, _) if is_whole => whole(Whole::I8(of!(Int8Type))),
        (Arrow::Int16, _) if is_whole => whole(Whole::I16(of!(Int16Type))),
        (Arrow::Int32, _) if is_whole => whole(Whole::I32(of!(Int32Type))),
        (Arrow::Int64, _) if is_whole => whole(Whole::I64(of!(Int64Type))),
        (Arrow::UInt8, _) if is_whole => whole(Whole::U8(of!(UInt8Type))),
        (Arrow::UInt16, _) if is_whole => whole(Whole::U16(of!(UInt16Type))),
        (Arrow::UInt32, _) if is_whole => whole(Whole::U32(of!(UInt32Type))),
        (Arrow::UInt64, _) if is_whole => whole(Whole::U64(of!(UInt64Type))),
        (Arrow::Decimal128(_, scale), Wire::Numeric) => {
            Values::Decimal(of!(Decimal128Type), u8::try_from(*scale).ok()?)
        }
        (Arrow::Float32, Wire::Float4) => Values::F32(of!(Float32Type)),
        (Arrow::Float32, Wire::Float8) => Values::Wider(of!(Float32Type)),
        (Arrow::Float64, Wire::Float8) => Values::F64(of!(Float64Type)),
        (Arrow::Utf8, Wire::Text) => {
            let strings = array.as_string_opt::<i32>()?;
            Values::Text(strings, memchr::memchr(0, bytes_of(strings)).is_some())
        }
        (Arrow::Utf8, Wire::Jsonb) => Values::Versioned(array.as_string_opt()?),
        (Arrow::Utf8, Wire::Uuid) => Values::Uuid(array.as_string_opt()?),
        (Arrow::Binary, Wire::Bytes) => Values::Bytes(array.as_binary_opt()?),
        (Arrow::Date32, Wire::Date) => Values::Date(of!(Date32Type)),
        (Arrow::Time64(_), Wire::Time) => Values::Time(of!(Time64MicrosecondType)),
        (Arrow::Timestamp(..), Wire::Moment) => Values::Moment(of!(TimestampMicrosecondType)),
        (Arrow::List(_) | Arrow::Struct(_), Wire::Jsonb | Wire::Text) => {
            Values::Nested(Box::new(Cells::new(array, plan, &cells::wants_escape)), wire == Wire::Jsonb)
        }
        _ => return None,
    })
}

/// Gives the bytes of all values of a column, end to end.
fn bytes_of(strings: &StringArray) -> &[u8] {
    let at = |end: Option<&i32>| end.and_then(|end| usize::try_from(*end).ok()).unwrap_or(0);
    let offsets = strings.value_offsets();
    strings.value_data().get(at(offsets.first())..at(offsets.last())).unwrap_or_default()
}

const NUL: &str = "PostgreSQL cannot store text with the character U+0000";
const TOO_LARGE: &str = "the number is out of the range of the target's column";
const TOO_LONG: &str = "the value is longer than 1 GB";

impl Values<'_> {
    #[inline]
    fn push(&mut self, out: &mut Vec<u8>, row: usize) -> Result<(), &'static str> {
        match self {
            Self::I64(values) => eight(out, value(values, row).to_be_bytes()),
            Self::I32(values) => four(out, value(values, row).to_be_bytes()),
            Self::Text(strings, nul) => {
                let text = strings.value(row).as_bytes();
                if *nul && memchr::memchr(0, text).is_some() {
                    return Err(NUL);
                }
                return piece(out, text);
            }
            Self::Moment(micros) => {
                let moment = value(micros, row).checked_sub(MICROS);
                let moment = moment.filter(|moment| (FIRST_MICRO..END_MICRO).contains(moment));
                eight(out, moment.ok_or("PostgreSQL stores moments of 4713 BC to 294276 only")?.to_be_bytes());
            }
            Self::Decimal(values, scale) => numeric::push(out, value(values, row), *scale),
            Self::Date(days) => {
                let day = value(days, row).checked_sub(DAYS).filter(|day| (FIRST_DAY..=LAST_DAY).contains(day));
                four(out, day.ok_or("PostgreSQL stores days of 4713 BC to 5874897 only")?.to_be_bytes());
            }
            Self::Bool(array) => out.extend_from_slice(&[0, 0, 0, 1, u8::from(array.value(row))]),
            Self::I16(values) => two(out, value(values, row).to_be_bytes()),
            Self::Whole(whole, wire) => return push_whole(out, whole.value(row), *wire),
            Self::F32(values) => four(out, value(values, row).to_be_bytes()),
            Self::Wider(values) => eight(out, f64::from(value(values, row)).to_be_bytes()),
            Self::F64(values) => eight(out, value(values, row).to_be_bytes()),
            Self::Versioned(strings) => {
                let text = strings.value(row).as_bytes();
                let len = i32::try_from(text.len() + 1).map_err(|_| TOO_LONG)?;
                out.extend_from_slice(&len.to_be_bytes());
                out.push(1);
                out.extend_from_slice(text);
            }
            Self::Uuid(strings) => {
                let uuid = uuid(strings.value(row)).ok_or("the text is no UUID")?;
                piece(out, &uuid)?;
            }
            Self::Bytes(array) => return piece(out, array.value(row)),
            Self::Time(micros) => {
                let time = value(micros, row);
                if !(0..=86_400_000_000).contains(&time) {
                    return Err("PostgreSQL stores times of 00:00 to 24:00 only");
                }
                eight(out, time.to_be_bytes());
            }
            Self::Nested(cells, versioned) => {
                let start = out.len();
                out.extend_from_slice(&[0; 4]);
                if *versioned {
                    out.push(1);
                }
                text::append(out, |out, at| cells.json(out, at, row));
                let len = i32::try_from(out.len() - start - 4).map_err(|_| TOO_LONG)?;
                if let Some(slot) = out.get_mut(start..start + 4) {
                    slot.copy_from_slice(&len.to_be_bytes());
                }
            }
        }
        Ok(())
    }
}

#[inline]
fn value<T: Copy + Default>(values: &[T], row: usize) -> T {
    values.get(row).copied().unwrap_or_default()
}

#[inline]
fn two(out: &mut Vec<u8>, value: [u8; 2]) {
    let [a, b] = value;
    out.extend_from_slice(&[0, 0, 0, 2, a, b]);
}

#[inline]
fn four(out: &mut Vec<u8>, value: [u8; 4]) {
    let [a, b, c, d] = value;
    out.extend_from_slice(&[0, 0, 0, 4, a, b, c, d]);
}

#[inline]
fn eight(out: &mut Vec<u8>, value: [u8; 8]) {
    let mut cell = [0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0];
    cell[4..].copy_from_slice(&value);
    out.extend_from_slice(&cell);
}

#[inline]
fn piece(out: &mut Vec<u8>, bytes: &[u8]) -> Result<(), &'static str> {
    let len = i32::try_from(bytes.len()).map_err(|_| TOO_LONG)?;
    out.extend_from_slice(&len.to_be_bytes());
    out.extend_from_slice(bytes);
    Ok(())
}

fn push_whole(out: &mut Vec<u8>, value: i128, wire: Wire) -> Result<(), &'static str> {
    match wire {
        Wire::Int2 => two(out, i16::try_from(value).map_err(|_| TOO_LARGE)?.to_be_bytes()),
        Wire::Int4 => four(out, i32::try_from(value).map_err(|_| TOO_LARGE)?.to_be_bytes()),
        Wire::Int8 => eight(out, i64::try_from(value).map_err(|_| TOO_LARGE)?.to_be_bytes()),
        _ => numeric::push(out, value, 0),
    }
    Ok(())
}

/// Reads a UUID in any spelling PostgreSQL takes: 32 hexadecimal digits, hyphens after any four, perhaps braces.
fn uuid(text: &str) -> Option<[u8; 16]> {
    let inner = text.strip_prefix('{').map_or(Some(text), |rest| rest.strip_suffix('}'))?;
    let (mut bytes, mut digits) = ([0_u8; 16], 0_usize);
    for letter in inner.chars() {
        if letter == '-' && digits > 0 && digits.is_multiple_of(4) && digits < 32 {
            continue;
        }
        let digit = u8::try_from(letter.to_digit(16)?).ok()?;
        let slot = bytes.get_mut(digits / 2)?;
        *slot = *slot << 4 | digit;
        digits += 1;
    }
    (digits == 32).then_some(bytes)
}

/// Gives where each row of encoded rows starts, and their end.
#[must_use]
pub fn starts(bytes: &[u8]) -> Vec<usize> {
    let mut starts = vec![0];
    let mut at = 0;
    while let Some(count) = bytes.get(at..at + 2).and_then(|pair| pair.try_into().ok()).map(i16::from_be_bytes) {
        at += 2;
        for _ in 0..count {
            let len = bytes.get(at..at + 4).and_then(|four| four.try_into().ok()).map_or(-1, i32::from_be_bytes);
            at += 4 + usize::try_from(len).unwrap_or(0);
        }
        starts.push(at);
    }
    starts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::target::fixtures::{products, rows};

    #[test]
    fn rows_can_be_found_again() {
        let table = products();
        let wires = table.columns.iter().map(|column| Wire::of(&column.data_type)).collect();
        let mut encoder = Encoder::new(&table, wires, true);
        encoder.encode(&rows(&[(1, Some(1)), (2, None), (3, Some(7))]), &mut |_| Ok(())).unwrap();
        let block = encoder.rest();
        assert_eq!((block.rows, block.first, block.end), (3, 0, 3));
        let starts = starts(&block.bytes);
        assert_eq!(starts.len(), 4);
        assert_eq!(starts.last(), Some(&block.bytes.len()));
        assert_eq!(encoder.rest().first, 3);
    }

    #[test]
    fn uuids_are_read_as_postgresql_reads_them() {
        assert_eq!(uuid("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11").map(|bytes| bytes[15]), Some(0x11));
        assert!(uuid("{A0EEBC999C0B4EF8BB6D6BB9BD380A11}").is_some());
        for text in ["", "a0eebc99", "-a0eebc999c0b4ef8bb6d6bb9bd380a11", "a0eebc999c0b4ef8bb6d6bb9bd380a1g"] {
            assert_eq!(uuid(text), None, "{text}");
        }
    }
}
