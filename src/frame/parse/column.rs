//! One column of cells: which of them are NULL, and the arrays their values go to.

use std::sync::Arc;

use arrow_array::types::ArrowPrimitiveType;
use arrow_array::{ArrayRef, BinaryArray, BooleanArray, PrimitiveArray, StringArray};
use arrow_buffer::{Buffer, NullBuffer, OffsetBuffer, ScalarBuffer};

use crate::frame::batch::{Fault, shorten};
use crate::frame::mask::Mask;
use crate::frame::parse::{all_null, reader, words};
use crate::frame::raw::{FieldSpan, Fields, unescape};
use crate::frame::sieve::wide::Wide;
use crate::frame::sieve::{LANES, digits};
use crate::model::{Column, ParseCode, SourceSpec};

/// Holds one parsed column.
#[derive(Debug)]
pub struct Parsed {
    /// NULL where the cell is NULL or did not parse.
    pub array: ArrayRef,
    /// Rows whose cell did not parse; `None` where all did.
    pub unparsed: Option<Mask>,
    /// One or more for each unparsed row, ascending by row.
    pub faults: Vec<Fault>,
}

/// Knows the spellings of NULL.
#[derive(Debug)]
pub struct Nulls<'a> {
    spellings: &'a [String],
    empty: bool,
    quoted: bool,
    /// Bit n: a spelling has n bytes (bit 63: 63 or more).
    lengths: u64,
}

impl<'a> Nulls<'a> {
    /// Prepares a source's spellings.
    #[must_use]
    pub fn new(spec: &'a SourceSpec) -> Self {
        let spellings = spec.null_values.as_slice();
        let lengths = spellings.iter().fold(0, |bits, spelling| bits | 1 << spelling.len().min(63));
        Self { spellings, empty: lengths & 1 == 1, quoted: spec.quoted_nulls, lengths }
    }

    /// Gives the spellings that have bytes.
    pub fn words(&self) -> impl Iterator<Item = &'a [u8]> {
        self.spellings.iter().map(String::as_bytes).filter(|word| !word.is_empty())
    }

    /// Tells whether a field is NULL.
    #[inline]
    #[must_use]
    pub fn is_null(&self, content: &[u8], quoted: bool) -> bool {
        if quoted && !self.quoted {
            return false;
        }
        if content.is_empty() {
            return self.empty;
        }
        self.lengths >> content.len().min(63) & 1 == 1 && self.spellings.iter().any(|text| text.as_bytes() == content)
    }
}

/// Gives the cells of one column.
#[derive(Debug)]
pub(super) struct Cells<'a> {
    pub text: &'a [u8],
    pub fields: &'a Fields,
    /// The field that holds the column.
    pub field: usize,
    pub rows: usize,
    pub spec: &'a SourceSpec,
    pub nulls: &'a Nulls<'a>,
    /// Rows to be taken as NULL, if there are any.
    pub broken: Option<&'a Mask>,
}

impl<'a> Cells<'a> {
    /// Gives a cell's content, escapes not undone; `None` where it is NULL.
    fn cell(&self, row: usize) -> Option<(&'a [u8], FieldSpan)> {
        if self.broken.is_some_and(|broken| broken.get(row)) {
            return None;
        }
        let (content, span) = self.fields.content(self.text, self.spec.quote, row, self.field);
        (!self.nulls.is_null(content, span.quoted)).then_some((content, span))
    }

    /// Shows every cell to `visit`, in order, escapes undone and NULL as `None`, and notes the code it gives.
    fn each(&self, trouble: &mut Trouble, mut visit: impl FnMut(usize, Option<&[u8]>) -> Result<(), ParseCode>) {
        let mut scratch = Vec::new();
        for row in 0..self.rows {
            let content = match self.cell(row) {
                Some((content, span)) if span.escaped => {
                    unescape(content, span, self.spec, &mut scratch);
                    Some(scratch.as_slice())
                }
                Some((content, _)) => Some(content),
                None => None,
            };
            if let Err(code) = visit(row, content) {
                trouble.note(row, self.rows, code, content.unwrap_or_default());
            }
        }
    }

    /// Reads numbers and moments.
    pub(super) fn primitive<P: ArrowPrimitiveType>(
        &self,
        trouble: &mut Trouble,
        read: impl Fn(&[u8]) -> Result<P::Native, ParseCode>,
    ) -> PrimitiveArray<P> {
        let mut values = Vec::with_capacity(self.rows);
        let mut valid = Valid::new(self.rows);
        self.each(trouble, |row, text| {
            let found = text.map(&read);
            let value = match found {
                Some(Ok(value)) => value,
                _ => valid.clear(row),
            };
            values.push(value);
            found.map_or(Ok(()), |found| found.map(drop))
        });
        PrimitiveArray::new(ScalarBuffer::from(values), valid.buffer())
    }

    /// Reads integers: many at once where the machine can, else eight digits at a time where they stand in the text as
    /// they are.
    pub(super) fn whole<P: ArrowPrimitiveType>(&self, trouble: &mut Trouble) -> PrimitiveArray<P>
    where
        P::Native: TryFrom<i64> + TryFrom<i128>,
    {
        let mut values = Vec::with_capacity(self.rows);
        let mut valid = Valid::new(self.rows);
        // A number that means NULL needs a closer look.
        let sure = !self.nulls.words().any(|word| word.iter().all(u8::is_ascii_digit));
        let wide = if sure { Wide::new() } else { None };
        for first in (0..self.rows).step_by(LANES) {
            let rows = first..self.rows.min(first + LANES);
            let lanes =
                wide.and_then(|wide| Some((wide, wide.lanes(self.text, self.fields, self.field, rows.clone())?)));
            let (found, read) = lanes.map_or((0, [0; LANES]), |(wide, lanes)| wide.whole(&lanes));
            let found = found & !self.broken.map_or(0, |broken| broken.word(first / LANES));
            if found == u64::MAX {
                values.extend(read.iter().map_while(|value| P::Native::try_from(*value).ok()));
                if values.len() == rows.end {
                    continue;
                }
                values.truncate(rows.start);
            }
            for (lane, cell) in self.fields.column(self.field, rows).enumerate() {
                let value = if found >> lane & 1 == 1 { P::Native::try_from(read[lane]).ok() } else { None };
                let value = value.or_else(|| self.whole_one(first + lane, cell, trouble));
                values.push(value.unwrap_or_else(|| valid.clear(first + lane)));
            }
        }
        PrimitiveArray::new(ScalarBuffer::from(values), valid.buffer())
    }

    /// Reads one integer; `None` where it is NULL, or does not parse, which is noted.
    fn whole_one<N: TryFrom<i64> + TryFrom<i128>>(
        &self,
        row: usize,
        (start, end, escaped): (usize, usize, bool),
        trouble: &mut Trouble,
    ) -> Option<N> {
        let plain = !escaped && self.text.get(start).is_some_and(|first| Some(*first) != self.spec.quote);
        let short = if plain { digits::signed(self.text, start, end) } else { None };
        if let Some(Ok(value)) = short.map(N::try_from)
            && !self.is_null(row, start, end)
        {
            return Some(value);
        }
        let (content, span) = self.cell(row)?;
        let mut scratch = Vec::new();
        let text = if span.escaped {
            unescape(content, span, self.spec, &mut scratch);
            scratch.as_slice()
        } else {
            content
        };
        reader::whole(text).map_err(|code| trouble.note(row, self.rows, code, text)).ok()
    }

    /// Tells whether what stands between two places, without quotes, is NULL.
    #[inline]
    fn is_null(&self, row: usize, start: usize, end: usize) -> bool {
        self.broken.is_some_and(|broken| broken.get(row))
            || self.nulls.is_null(self.text.get(start..end).unwrap_or_default(), false)
    }

    /// Reads booleans.
    pub(super) fn booleans(&self, trouble: &mut Trouble, read: impl Fn(&[u8]) -> Result<bool, ParseCode>) -> ArrayRef {
        let mut values = Mask::new(self.rows);
        let mut valid = Valid::new(self.rows);
        self.each(trouble, |row, text| match text.map(&read) {
            Some(Ok(true)) => {
                values.set(row);
                Ok(())
            }
            Some(Ok(false)) => Ok(()),
            Some(Err(code)) => {
                valid.clear::<()>(row);
                Err(code)
            }
            None => {
                valid.clear::<()>(row);
                Ok(())
            }
        });
        Arc::new(BooleanArray::new(values.to_boolean_buffer(), valid.buffer()))
    }

    /// Takes text as it is. UTF-8 is checked for the column as a whole, and cell by cell only where that fails.
    pub(super) fn strings(&self, trouble: &mut Trouble, column: &Column) -> ArrayRef {
        let as_is = |text: &[u8], out: &mut Vec<u8>| {
            out.extend_from_slice(text);
            Ok(())
        };
        if let Some((offsets, values, nulls)) = self.texts()
            && let Ok(array) = StringArray::try_new(offsets, values, nulls)
        {
            return Arc::new(array);
        }
        let (offsets, values, nulls) = self.bytes(trouble, |text, out| {
            simdutf8::basic::from_utf8(text).map_err(|_| ParseCode::InvalidUtf8)?;
            as_is(text, out)
        });
        match StringArray::try_new(offsets, values, nulls) {
            Ok(array) => Arc::new(array),
            Err(_) => all_null(column, self.rows),
        }
    }

    /// Takes text as it is and unchecked; `None` where it may be more than a column holds.
    fn texts(&self) -> Option<(OffsetBuffer<i32>, Buffer, Option<NullBuffer>)> {
        let length = self.length();
        i32::try_from(length).ok()?;
        let mut values = Vec::with_capacity(length.min(self.text.len()));
        let mut offsets = Vec::with_capacity(self.rows + 1);
        offsets.push(0);
        let mut valid = Valid::new(self.rows);
        let mut scratch = Vec::new();
        for row in 0..self.rows {
            match self.cell(row) {
                Some((content, span)) if span.escaped => {
                    unescape(content, span, self.spec, &mut scratch);
                    values.extend_from_slice(&scratch);
                }
                Some((content, _)) => values.extend_from_slice(content),
                None => valid.clear(row),
            }
            // No text is longer than its field, and all fields together fit.
            #[expect(clippy::cast_possible_truncation, clippy::cast_possible_wrap, reason = "fits, as said")]
            offsets.push(values.len() as i32);
        }
        Some((OffsetBuffer::new(ScalarBuffer::from(offsets)), Buffer::from_vec(values), valid.buffer()))
    }

    /// Gives the bytes that all cells take up.
    fn length(&self) -> usize {
        let length = |row| {
            let (start, end, _) = self.fields.extent(row, self.field);
            end.saturating_sub(start)
        };
        (0..self.rows).map(length).fold(0, usize::saturating_add)
    }

    /// Reads bytes; `read` appends a cell's bytes, and leaves none where it fails.
    pub(super) fn binary(
        &self,
        trouble: &mut Trouble,
        column: &Column,
        read: impl Fn(&[u8], &mut Vec<u8>) -> Result<(), ParseCode>,
    ) -> ArrayRef {
        let (offsets, values, nulls) = self.bytes(trouble, read);
        match BinaryArray::try_new(offsets, values, nulls) {
            Ok(array) => Arc::new(array),
            Err(_) => all_null(column, self.rows),
        }
    }

    fn bytes(
        &self,
        trouble: &mut Trouble,
        read: impl Fn(&[u8], &mut Vec<u8>) -> Result<(), ParseCode>,
    ) -> (OffsetBuffer<i32>, Buffer, Option<NullBuffer>) {
        // Spans that overlap must not ask for more than there is.
        let mut values = Vec::with_capacity(self.length().min(self.text.len()));
        let mut offsets = Vec::with_capacity(self.rows + 1);
        offsets.push(0);
        let mut valid = Valid::new(self.rows);
        self.each(trouble, |row, text| {
            let before = values.len();
            let mut found = text.map_or(Ok(()), |text| read(text, &mut values));
            // Arrow counts a column's bytes in 31 bits; what does not fit is refused, not cut.
            if i32::try_from(values.len()).is_err() {
                found = Err(ParseCode::FieldTooLong);
            }
            if text.is_none() || found.is_err() {
                values.truncate(before);
                valid.clear::<()>(row);
            }
            offsets.push(i32::try_from(values.len()).unwrap_or(i32::MAX));
            found
        });
        (OffsetBuffer::new(ScalarBuffer::from(offsets)), Buffer::from_vec(values), valid.buffer())
    }
}

/// Collects which rows hold a value.
struct Valid {
    mask: Mask,
    all: bool,
}

impl Valid {
    fn new(rows: usize) -> Self {
        Self { mask: Mask::full(rows), all: true }
    }

    /// Makes a row NULL; gives the value to stand in its place.
    fn clear<T: Default>(&mut self, row: usize) -> T {
        self.mask.clear(row);
        self.all = false;
        T::default()
    }

    fn buffer(&self) -> Option<NullBuffer> {
        (!self.all).then(|| NullBuffer::new(self.mask.to_boolean_buffer()))
    }
}

/// Collects the cells of a column that do not parse.
#[derive(Debug)]
pub(super) struct Trouble<'a> {
    index: usize,
    column: &'a Column,
    /// The column's name, once it is asked for.
    path: Option<Arc<str>>,
    unparsed: Option<Mask>,
    faults: Vec<Fault>,
}

impl<'a> Trouble<'a> {
    pub(super) const fn new(index: usize, column: &'a Column) -> Self {
        Self { index, column, path: None, unparsed: None, faults: Vec::new() }
    }

    #[cold]
    fn note(&mut self, row: usize, rows: usize, code: ParseCode, text: &[u8]) {
        self.unparsed.get_or_insert_with(|| Mask::new(rows)).set(row);
        self.faults.push(Fault {
            row,
            column: Some(self.index),
            path: Arc::clone(self.path.get_or_insert_with(|| self.column.name.as_str().into())),
            code,
            value: Some(shorten(text)),
            detail: words::detail(self.column, code, text),
        });
    }

    pub(super) fn with(self, array: ArrayRef) -> Parsed {
        Parsed { array, unparsed: self.unparsed, faults: self.faults }
    }
}

#[cfg(test)]
mod tests {
    use arrow_array::types::{Int8Type, Int64Type, UInt64Type};
    use proptest::prelude::*;

    use super::*;

    /// Reads whole cells both ways.
    fn compare<P: ArrowPrimitiveType>(cells: &[String], nulls: &[&str], column: &Column)
    where
        P::Native: TryFrom<i64> + TryFrom<i128>,
    {
        let (mut text, mut fields) = (String::from("header\n"), Fields::new(1));
        for cell in cells {
            let (start, quoted) = (text.len(), cell.len() > 1 && cell.starts_with('"'));
            text.push_str(cell);
            let (from, to) = (start + usize::from(quoted), text.len() - usize::from(quoted));
            let escaped = cell.contains("\"\"") && quoted && cell.len() > 2;
            let place = |at: usize| u32::try_from(at).expect("short");
            fields.push_spans(start, &[FieldSpan { start: place(from), end: place(to), quoted, escaped }]);
            text.push('\n');
        }
        let null_values = nulls.iter().map(|&null| null.to_owned()).collect();
        let spec = SourceSpec { null_values, ..SourceSpec::default() };
        let broken = Mask::from_fn(cells.len(), |row| row % 7 == 3);
        let nulls = Nulls::new(&spec);
        let (bytes, rows) = (text.as_bytes(), cells.len());
        for broken in [None, Some(&broken)] {
            let cells = Cells { text: bytes, fields: &fields, field: 0, rows, spec: &spec, nulls: &nulls, broken };
            let (mut fast, mut slow) = (Trouble::new(0, column), Trouble::new(0, column));
            let (quick, plain) = (cells.whole::<P>(&mut fast), cells.primitive::<P>(&mut slow, reader::whole));
            assert_eq!(quick, plain);
            assert_eq!((fast.unparsed, fast.faults), (slow.unparsed, slow.faults));
        }
    }

    proptest! {
        #[test]
        fn whole_numbers_are_those_of_the_exact_reader(
            cells in proptest::collection::vec("-?[0-9]{0,21}|[0-9]{1,3}|\"[0-9]{1,3}\"|\"1\"\"2\"|[a+. 0-9]{0,4}|NA|", 0..40),
            nulls in proptest::sample::select(vec![vec![""], vec!["", "NA", "7", "10"], vec![]]),
            before in 0..150_usize,
        ) {
            // Many are read at once, but not the last ones of a text.
            let plain = |numbers: std::ops::Range<usize>| numbers.map(|number| (number * 37 % 1_000).to_string());
            let cells: Vec<String> = plain(0..before).chain(cells).chain(plain(0..60)).collect();
            let contract = crate::contract::read("{karat: 1, name: n, tables: {t: {columns: {a: int64}}}}").expect("reads");
            let column = &contract.tables[0].columns[0];
            compare::<Int64Type>(&cells, &nulls, column);
            compare::<Int8Type>(&cells, &nulls, column);
            compare::<UInt64Type>(&cells, &nulls, column);
        }
    }
}
