//! Cells: the arrays of a batch taken out of their boxes once, so that a row costs no look at types.

#![expect(clippy::inline_always, reason = "a call a cell would cost as much as the cell")]

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Date32Type, Decimal128Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
    Time64MicrosecondType, TimestampMicrosecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, BinaryArray, BooleanArray};
use arrow_buffer::NullBuffer;
use arrow_schema::{DataType as Arrow, TimeUnit};

use crate::frame::drawn::{Author, Made};
use crate::frame::text::{self, Literal, put};
use crate::io::formats::write::moment::Moments;
use crate::io::formats::write::plan::Plan;
use crate::model::literal::decimal_text;

const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const HEX: &[u8; 16] = b"0123456789abcdef";

/// One column of a batch, ready to be written.
#[derive(Debug)]
pub struct Cells<'a> {
    nulls: Option<&'a NullBuffer>,
    pub values: Values<'a>,
}

/// The values of a column by their sort.
#[derive(Debug)]
pub enum Values<'a> {
    /// Of a type no contract has: written as NULL.
    Unknown,
    Bool(&'a BooleanArray),
    Int8(&'a [i8]),
    Int16(&'a [i16]),
    Int32(&'a [i32]),
    Int64(&'a [i64]),
    UInt8(&'a [u8]),
    UInt16(&'a [u16]),
    UInt32(&'a [u32]),
    UInt64(&'a [u64]),
    Float32(&'a [f32]),
    Float64(&'a [f64]),
    Decimal(&'a [i128], u8),
    Text(Strings<'a>),
    Binary(&'a BinaryArray, bool),
    Day(&'a [i32], Moments<'a>),
    Moment(&'a [i64], Moments<'a>),
    List(&'a [i32], Box<Cells<'a>>),
    /// Lists of structs, none of which is NULL; a comma stands behind each.
    Objects(&'a [i32], Fields<'a>),
    Struct(Fields<'a>),
    /// Texts that write themselves, and hold no byte that wants an escape.
    Drawn(&'a dyn Author, &'a [u64], u64),
}

/// A column as it is given.
#[derive(Debug, Clone, Copy)]
pub enum Given<'a> {
    Array(&'a dyn Array),
    Made(&'a Made<'a>),
}

/// A column as rows are written of it: the commonest sorts stand in the loop over the columns.
///
/// Its sort has a byte of its own: where one is kept in the unused values of another part, it takes six instructions a
/// cell to find.
#[derive(Debug)]
#[repr(u8)]
pub enum Piece<'a> {
    Int64(&'a [i64]),
    Int32(&'a [i32]),
    /// Texts that are written as they are.
    Text(Strings<'a>),
    /// Texts that write themselves.
    Drawn(&'a dyn Author, &'a [u64], u64),
    Moment(&'a [i64], Moments<'a>),
    /// Lists of structs, as in [`Values::Objects`].
    Objects(&'a [i32], Fields<'a>),
    /// Others, and what the form wants to know of them: in JSON whether their quotes stand beside them already, in CSV
    /// whether each has to be looked at.
    Other(Box<Cells<'a>>, bool),
}

impl<'a> Piece<'a> {
    /// Sorts a column in; `text` says whether its texts are written as they are.
    #[must_use]
    pub fn new(cells: Cells<'a>, text: bool, flag: bool) -> Self {
        match cells {
            Cells { nulls: None, values: Values::Int64(values) } => Self::Int64(values),
            Cells { nulls: None, values: Values::Int32(values) } => Self::Int32(values),
            Cells { nulls: None, values: Values::Text(strings) } if text => Self::Text(strings),
            Cells { nulls: None, values: Values::Drawn(author, numbers, key) } => Self::Drawn(author, numbers, key),
            Cells { nulls: None, values: Values::Moment(micros, moments) } => Self::Moment(micros, moments),
            Cells { nulls: None, values: Values::Objects(ends, fields) } => Self::Objects(ends, fields),
            cells => Self::Other(Box::new(cells), flag),
        }
    }
}

/// Values side by side and what stands between them: a record of JSON, or an object in it.
#[derive(Debug)]
pub struct Fields<'a> {
    /// What stands before each value, and the value.
    fields: Vec<(Literal, Piece<'a>)>,
    close: Literal,
}

impl<'a> Fields<'a> {
    /// Puts values together with their keys (`{"a":`, `,"b":`); the first key stands behind `open`.
    pub fn new(fields: impl Iterator<Item = (&'a Vec<u8>, Cells<'a>)>, open: &[u8], close: &[u8]) -> Self {
        let mut before = open.to_vec();
        let mut field = |(key, cells): (&'a Vec<u8>, Cells<'a>)| {
            before.extend_from_slice(key);
            let bare = cells.is_bare();
            before.extend(bare.then_some(b'"'));
            let literal = Literal::new(&before);
            before.clear();
            before.extend(bare.then_some(b'"'));
            (literal, Piece::new(cells, bare, bare))
        };
        let fields = fields.map(&mut field).collect();
        before.extend_from_slice(close);
        Self { fields, close: Literal::new(&before) }
    }

    /// Writes the values of a row, all that stands between them and behind.
    #[inline(always)]
    #[must_use]
    pub fn write(&mut self, out: &mut [u8], at: usize, row: usize) -> usize {
        let mut at = at;
        for (key, piece) in &mut self.fields {
            at = text::literal(out, at, key);
            at = match piece {
                Piece::Int64(values) => text::integer(out, at, value(values, row)),
                Piece::Int32(values) => text::integer(out, at, value(values, row).into()),
                Piece::Text(strings) => text::piece(out, at, strings.bytes, strings.span(row)),
                Piece::Drawn(author, numbers, key) => author.put(value(numbers, row).wrapping_add(*key), out, at),
                Piece::Moment(micros, moments) => moments.write(out, at, value(micros, row)),
                Piece::Objects(ends, fields) => objects(ends, fields, out, at, row),
                Piece::Other(cells, true) => cells.text(out, at, row),
                Piece::Other(cells, false) => cells.json(out, at, row),
            };
        }
        text::literal(out, at, &self.close)
    }
}

/// A column of text.
#[derive(Debug, Clone, Copy)]
pub struct Strings<'a> {
    pub bytes: &'a [u8],
    /// Where each value ends in `bytes`, behind where the first starts.
    pub ends: &'a [i32],
    /// No value holds a byte that wants an escape.
    pub plain: bool,
}

impl<'a> Strings<'a> {
    /// Gives where a value lies.
    #[inline(always)]
    pub fn span(&self, row: usize) -> (usize, usize) {
        span(self.ends, row)
    }

    /// Gives the bytes of all values, end to end.
    pub fn all(&self) -> &'a [u8] {
        let at = |end: Option<&i32>| end.map_or(0, |end| end.cast_unsigned() as usize);
        self.bytes.get(at(self.ends.first())..at(self.ends.last())).unwrap_or_default()
    }
}

impl<'a> Cells<'a> {
    /// Prepares a column; `special` says whether a piece of text holds a byte that wants an escape.
    #[must_use]
    pub fn new(array: &'a dyn Array, plan: &'a Plan, special: &dyn Fn(&[u8]) -> bool) -> Self {
        let values = values(array, plan, special).unwrap_or(Values::Unknown);
        Self { nulls: array.nulls().filter(|nulls| nulls.null_count() > 0), values }
    }

    /// Prepares a column in any form.
    #[must_use]
    pub fn of(given: Given<'a>, plan: &'a Plan, special: &dyn Fn(&[u8]) -> bool) -> Self {
        let made = match given {
            Given::Array(array) => return Self::new(array, plan, special),
            Given::Made(made) => made,
        };
        let values = match (made, plan) {
            (Made::Array(array), _) => return Self::new(array, plan, special),
            (Made::Drawn(drawn), _) => Values::Drawn(drawn.author, &drawn.numbers, drawn.key),
            (Made::List(ends, items), Plan::List(item)) => list_of(ends, Self::of(Given::Made(items), item, special)),
            (Made::Struct(columns), Plan::Struct(plans)) => {
                let fields = plans.iter().zip(columns);
                let fields = fields.map(|((key, plan), made)| (key, Self::of(Given::Made(made), plan, special)));
                Values::Struct(object(plans.is_empty(), fields))
            }
            (Made::List(..) | Made::Struct(_), _) => Values::Unknown,
        };
        Self { nulls: None, values }
    }

    /// Tells whether all values are texts in JSON that need no more than their quotes.
    fn is_bare(&self) -> bool {
        self.nulls.is_none()
            && match &self.values {
                Values::Text(strings) => strings.plain,
                Values::Day(..) | Values::Moment(..) | Values::Binary(..) | Values::Drawn(..) => true,
                _ => false,
            }
    }

    /// Tells whether a cell is NULL.
    #[inline]
    pub fn is_null(&self, row: usize) -> bool {
        self.nulls.is_some_and(|nulls| nulls.is_null(row))
    }

    /// Gives the texts of a column where none is NULL or holds a byte that wants an escape.
    #[must_use]
    pub fn plain_texts(&self) -> Option<Strings<'a>> {
        match (&self.values, self.nulls) {
            (Values::Text(texts), None) if texts.plain => Some(*texts),
            _ => None,
        }
    }

    /// Writes a cell that is not NULL as plain text from a place on; lists and structs are JSON.
    #[inline(never)]
    #[must_use]
    pub fn text(&mut self, out: &mut [u8], at: usize, row: usize) -> usize {
        match &mut self.values {
            Values::Unknown => at,
            Values::Bool(array) => put(out, at, if array.value(row) { b"true" } else { b"false" }),
            Values::Int8(values) => text::integer(out, at, value(values, row).into()),
            Values::Int16(values) => text::integer(out, at, value(values, row).into()),
            Values::Int32(values) => text::integer(out, at, value(values, row).into()),
            Values::Int64(values) => text::integer(out, at, value(values, row)),
            Values::UInt8(values) => text::digits(out, at, value(values, row).into()),
            Values::UInt16(values) => text::digits(out, at, value(values, row).into()),
            Values::UInt32(values) => text::digits(out, at, value(values, row).into()),
            Values::UInt64(values) => text::digits(out, at, value(values, row)),
            Values::Float32(values) => float(out, at, value(values, row)),
            Values::Float64(values) => float(out, at, value(values, row)),
            Values::Decimal(values, scale) => decimal(out, at, value(values, row), *scale),
            Values::Text(strings) => text::piece(out, at, strings.bytes, strings.span(row)),
            Values::Drawn(author, numbers, key) => author.put(value(numbers, row).wrapping_add(*key), out, at),
            Values::Binary(array, hex) => binary(out, at, array.value(row), *hex),
            Values::Day(days, moments) => moments.write_day(out, at, value(days, row)),
            Values::Moment(micros, moments) => moments.write(out, at, value(micros, row)),
            Values::List(..) | Values::Objects(..) | Values::Struct(_) => self.json(out, at, row),
        }
    }

    /// Writes a cell as JSON from a place on: numbers as they are, whatever their size; moments and bytes as strings.
    /// NaN and infinities, which JSON lacks, are the strings `NaN`, `Infinity` and `-Infinity`.
    #[inline(never)]
    #[must_use]
    pub fn json(&mut self, out: &mut [u8], at: usize, row: usize) -> usize {
        if self.is_null(row) || matches!(self.values, Values::Unknown) {
            return put(out, at, b"null");
        }
        let is_quoted = match &mut self.values {
            Values::Text(strings) => {
                let (start, end) = strings.span(row);
                if strings.plain {
                    return text::quoted(out, at, strings.bytes, (start, end), b'"');
                }
                let at = text::byte(out, at, b'"');
                let at = escape(out, at, strings.bytes.get(start..end).unwrap_or_default());
                return text::byte(out, at, b'"');
            }
            Values::List(ends, items) => {
                return list(out, at, span(ends, row), |out, at, item| {
                    let at = items.json(out, at, item);
                    text::byte(out, at, b',')
                });
            }
            Values::Objects(ends, fields) => return objects(ends, fields, out, at, row),
            Values::Struct(fields) => return fields.write(out, at, row),
            Values::Float32(values) => !value(values, row).is_finite(),
            Values::Float64(values) => !value(values, row).is_finite(),
            Values::Day(..) | Values::Moment(..) | Values::Binary(..) | Values::Drawn(..) => true,
            _ => false,
        };
        if !is_quoted {
            return self.text(out, at, row);
        }
        let at = text::byte(out, at, b'"');
        let at = self.text(out, at, row);
        text::byte(out, at, b'"')
    }
}

fn values<'a>(array: &'a dyn Array, plan: &'a Plan, special: &dyn Fn(&[u8]) -> bool) -> Option<Values<'a>> {
    macro_rules! numbers {
        ($type:ty) => {
            array.as_primitive_opt::<$type>()?.values().as_ref()
        };
    }
    let moments = match plan {
        Plan::Moment(style) => Some(Moments::new(style)),
        _ => None,
    };
    Some(match array.data_type() {
        Arrow::Boolean => Values::Bool(array.as_boolean_opt()?),
        Arrow::Int8 => Values::Int8(numbers!(Int8Type)),
        Arrow::Int16 => Values::Int16(numbers!(Int16Type)),
        Arrow::Int32 => Values::Int32(numbers!(Int32Type)),
        Arrow::Int64 => Values::Int64(numbers!(Int64Type)),
        Arrow::UInt8 => Values::UInt8(numbers!(UInt8Type)),
        Arrow::UInt16 => Values::UInt16(numbers!(UInt16Type)),
        Arrow::UInt32 => Values::UInt32(numbers!(UInt32Type)),
        Arrow::UInt64 => Values::UInt64(numbers!(UInt64Type)),
        Arrow::Float32 => Values::Float32(numbers!(Float32Type)),
        Arrow::Float64 => Values::Float64(numbers!(Float64Type)),
        Arrow::Decimal128(_, scale) => Values::Decimal(numbers!(Decimal128Type), u8::try_from(*scale).unwrap_or(0)),
        Arrow::Utf8 => {
            let array = array.as_string_opt::<i32>()?;
            let mut strings = Strings { bytes: array.value_data(), ends: array.value_offsets(), plain: true };
            strings.plain = !special(strings.all());
            Values::Text(strings)
        }
        Arrow::Binary => Values::Binary(array.as_binary_opt()?, matches!(plan, Plan::Hex)),
        Arrow::Date32 => Values::Day(numbers!(Date32Type), moments?),
        Arrow::Time64(TimeUnit::Microsecond) => Values::Moment(numbers!(Time64MicrosecondType), moments?),
        Arrow::Timestamp(TimeUnit::Microsecond, _) => Values::Moment(numbers!(TimestampMicrosecondType), moments?),
        Arrow::List(_) => {
            let Plan::List(item) = plan else { return None };
            let array = array.as_list_opt::<i32>()?;
            list_of(array.value_offsets(), Cells::new(array.values(), item, special))
        }
        Arrow::Struct(_) => {
            let Plan::Struct(fields) = plan else { return None };
            let columns = array.as_struct_opt()?.columns();
            let is_empty = fields.is_empty();
            let fields =
                fields.iter().zip(columns).map(|((key, plan), column)| (key, Cells::new(column, plan, special)));
            Values::Struct(object(is_empty, fields))
        }
        _ => return None,
    })
}

/// Gives where the piece with this number starts and ends.
#[inline(always)]
fn span(ends: &[i32], row: usize) -> (usize, usize) {
    match ends.get(row..row + 2) {
        Some([start, end]) => (start.cast_unsigned() as usize, end.cast_unsigned() as usize),
        _ => (0, 0),
    }
}

/// Gives the value of a row.
#[inline(always)]
#[must_use]
pub fn value<T: Copy + Default>(values: &[T], row: usize) -> T {
    values.get(row).copied().unwrap_or_default()
}

/// Writes a list of the elements `start..end`, each with a comma behind it, which the bracket takes the place of.
#[inline(always)]
fn list(
    out: &mut [u8],
    at: usize,
    (start, end): (usize, usize),
    mut write: impl FnMut(&mut [u8], usize, usize) -> usize,
) -> usize {
    let at = text::byte(out, at, b'[');
    let at = (start..end).fold(at, |at, item| write(out, at, item));
    text::byte(out, at - usize::from(end > start), b']')
}

/// Writes a list of structs.
#[inline(never)]
#[must_use]
pub fn objects(ends: &[i32], fields: &mut Fields<'_>, out: &mut [u8], at: usize, row: usize) -> usize {
    list(out, at, span(ends, row), |out, at, item| fields.write(out, at, item))
}

fn list_of<'a>(ends: &'a [i32], items: Cells<'a>) -> Values<'a> {
    match items {
        Cells { nulls: None, values: Values::Struct(Fields { fields, close }) } => {
            Values::Objects(ends, Fields { fields, close: close.followed_by(b",") })
        }
        items => Values::List(ends, Box::new(items)),
    }
}

/// Puts the fields of an object together.
fn object<'a>(is_empty: bool, fields: impl Iterator<Item = (&'a Vec<u8>, Cells<'a>)>) -> Fields<'a> {
    Fields::new(fields, b"", if is_empty { b"{}" } else { b"}" })
}

/// Writes the shortest digits that read back as the same float.
fn float<T: zmij::Float + Into<f64> + Copy>(out: &mut [u8], at: usize, value: T) -> usize {
    let wide: f64 = value.into();
    if wide.is_finite() {
        put(out, at, zmij::Buffer::new().format_finite(value).as_bytes())
    } else if wide.is_nan() {
        put(out, at, b"NaN")
    } else {
        put(out, at, if wide > 0.0 { b"Infinity" } else { b"-Infinity" })
    }
}

#[inline]
fn decimal(out: &mut [u8], at: usize, unscaled: i128, scale: u8) -> usize {
    let (Ok(digits), 0..=18) = (u64::try_from(unscaled.unsigned_abs()), scale) else {
        return put(out, at, decimal_text(unscaled, scale).as_bytes());
    };
    let at = if unscaled < 0 { text::byte(out, at, b'-') } else { at };
    // The common scale is divided by a constant.
    let (whole, fraction) = match scale {
        0 => return text::digits(out, at, digits),
        2 => {
            let at = text::digits(out, at, digits / 100);
            let at = text::byte(out, at, b'.');
            let hundredths = (digits % 100) as u32;
            return put(out, at, &text::pair(hundredths));
        }
        _ => {
            let unit = 10_u64.pow(scale.into());
            (digits / unit, digits % unit)
        }
    };
    let at = text::digits(out, at, whole);
    let at = text::byte(out, at, b'.');
    text::padded(out, at, fraction, scale.into())
}

fn binary(out: &mut [u8], at: usize, bytes: &[u8], hex: bool) -> usize {
    if hex {
        let digits = |byte: &u8| [HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]];
        return bytes.iter().fold(at, |at, byte| put(out, at, &digits(byte)));
    }
    bytes.chunks(3).fold(at, |at, chunk| {
        let group = (0..3).fold(0_u32, |group, at| group << 8 | u32::from(chunk.get(at).copied().unwrap_or(0)));
        let letter = |at: usize| {
            // n bytes fill n + 1 letters; the rest of the four is padding.
            if at > chunk.len() { b'=' } else { BASE64[(group >> (18 - 6 * at) & 63) as usize] }
        };
        put(out, at, &[letter(0), letter(1), letter(2), letter(3)])
    })
}

/// Tells whether text holds a byte that JSON wants escaped.
#[must_use]
pub fn wants_escape(text: &[u8]) -> bool {
    let special = |byte: &u8| u8::from(*byte < b' ') | u8::from(*byte == b'"') | u8::from(*byte == b'\\');
    // Bytes side by side and without branches, so that many are looked at at once.
    let (pieces, rest) = text.as_chunks::<64>();
    pieces.iter().any(|piece| piece.iter().fold(0, |found, byte| found | special(byte)) != 0)
        || rest.iter().any(|byte| special(byte) != 0)
}

/// Writes the inside of a JSON string from a place on.
#[must_use]
pub fn escape(out: &mut [u8], at: usize, text: &[u8]) -> usize {
    let (mut rest, mut at) = (text, at);
    while let Some(hit) = rest.iter().position(|byte| *byte < b' ' || *byte == b'"' || *byte == b'\\') {
        let (head, tail) = rest.split_at(hit);
        at = put(out, at, head);
        let Some((byte, tail)) = tail.split_first() else { break };
        at = match byte {
            b'\n' => put(out, at, b"\\n"),
            b'\r' => put(out, at, b"\\r"),
            b'\t' => put(out, at, b"\\t"),
            b'"' => put(out, at, b"\\\""),
            b'\\' => put(out, at, b"\\\\"),
            _ => {
                let digits = [HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]];
                let at = put(out, at, b"\\u00");
                put(out, at, &digits)
            }
        };
        rest = tail;
    }
    put(out, at, rest)
}
