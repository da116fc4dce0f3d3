//! Stores: where the values of one scalar column gather, of one type each.

use std::sync::Arc;

use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, Decimal128Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type,
    Int64Type, Time64MicrosecondType, TimestampMicrosecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{ArrayRef, BinaryArray, BooleanArray, PrimitiveArray, StringArray};
use arrow_buffer::{BooleanBufferBuilder, Buffer, NullBuffer, OffsetBuffer, ScalarBuffer};

use crate::frame::json::text;
use crate::frame::parse::{self, Reader};
use crate::frame::schema::arrow_type;
use crate::model::{Column, DataType, ParseCode};

/// The values of a scalar column: those of the commonest types where the fast way reaches them, all others behind
/// their [`Store`].
pub(super) enum Values {
    Text(Bytes),
    Int64(Vec<i64>),
    Other(Box<dyn Store>),
}

impl Values {
    /// Makes the place for the values of a column; `None` for lists and structs.
    pub(super) fn new(column: &Column, rows: usize) -> Option<Self> {
        Some(match column.data_type {
            DataType::String => Self::Text(Bytes::new(rows, None)),
            DataType::Int64 => Self::Int64(Vec::with_capacity(rows)),
            _ => Self::Other(store(column, rows)?),
        })
    }
}

impl Store for Values {
    fn read(&mut self, text: &[u8]) -> Result<(), ParseCode> {
        match self {
            Self::Text(bytes) => bytes.read(text),
            Self::Int64(values) => parse::whole(text).map(|value| values.push(value)),
            Self::Other(store) => store.read(text),
        }
    }

    fn null(&mut self) {
        match self {
            Self::Text(bytes) => bytes.null(),
            Self::Int64(values) => values.push(0),
            Self::Other(store) => store.null(),
        }
    }

    fn truncate(&mut self, len: usize) {
        match self {
            Self::Text(bytes) => bytes.truncate(len),
            Self::Int64(values) => values.truncate(len),
            Self::Other(store) => store.truncate(len),
        }
    }

    fn finish(&mut self, nulls: Option<NullBuffer>) -> Option<ArrayRef> {
        match self {
            Self::Text(bytes) => bytes.finish(nulls),
            Self::Int64(values) => {
                let values = ScalarBuffer::from(std::mem::take(values));
                Some(Arc::new(PrimitiveArray::<Int64Type>::try_new(values, nulls).ok()?))
            }
            Self::Other(store) => store.finish(nulls),
        }
    }
}

/// Gathers the values of a column.
pub(in crate::frame) trait Store {
    /// Reads the text of a value and keeps it. Keeps nothing where it fails.
    ///
    /// # Errors
    /// The code of what is wrong with the text.
    fn read(&mut self, text: &[u8]) -> Result<(), ParseCode>;

    /// Keeps a place for NULL.
    fn null(&mut self);

    /// Forgets all values from this one on.
    fn truncate(&mut self, len: usize);

    /// Gives the values as an array of the column's type; `None` where Arrow cannot hold them.
    fn finish(&mut self, nulls: Option<NullBuffer>) -> Option<ArrayRef>;
}

/// Makes the store of a column that is neither list nor struct; `None` for those.
pub(in crate::frame) fn store(column: &Column, rows: usize) -> Option<Box<dyn Store>> {
    let reader = Reader::new(column);
    let kind = &column.data_type;
    Some(match *kind {
        DataType::Bool => Box::new(Booleans { values: BooleanBufferBuilder::new(rows) }),
        DataType::Int8 => primitive::<Int8Type>(kind, rows, parse::whole),
        DataType::Int16 => primitive::<Int16Type>(kind, rows, parse::whole),
        DataType::Int32 => primitive::<Int32Type>(kind, rows, parse::whole),
        DataType::Int64 => primitive::<Int64Type>(kind, rows, parse::whole),
        DataType::UInt8 => primitive::<UInt8Type>(kind, rows, parse::whole),
        DataType::UInt16 => primitive::<UInt16Type>(kind, rows, parse::whole),
        DataType::UInt32 => primitive::<UInt32Type>(kind, rows, parse::whole),
        DataType::UInt64 => primitive::<UInt64Type>(kind, rows, parse::whole),
        DataType::Float32 => primitive::<Float32Type>(kind, rows, move |text| reader.float32(text)),
        DataType::Float64 => primitive::<Float64Type>(kind, rows, move |text| reader.float64(text)),
        DataType::Decimal { precision, scale } => {
            primitive::<Decimal128Type>(kind, rows, move |text| parse::decimal(text, precision, scale, true))
        }
        DataType::Date => primitive::<Date32Type>(kind, rows, move |text| reader.date(text)),
        DataType::Time => primitive::<Time64MicrosecondType>(kind, rows, move |text| reader.time(text)),
        DataType::Timestamp | DataType::TimestampTz => {
            primitive::<TimestampMicrosecondType>(kind, rows, move |text| reader.timestamp(text))
        }
        DataType::String => Box::new(Bytes::new(rows, None)),
        DataType::Binary => Box::new(Bytes::new(rows, Some(reader))),
        DataType::List(_) | DataType::Struct(_) => return None,
    })
}

struct Booleans {
    values: BooleanBufferBuilder,
}

impl Store for Booleans {
    fn read(&mut self, text: &[u8]) -> Result<(), ParseCode> {
        self.values.append(text == b"true");
        Ok(())
    }

    fn null(&mut self) {
        self.values.append(false);
    }

    fn truncate(&mut self, len: usize) {
        if len < self.values.len() {
            self.values.truncate(len);
        }
    }

    fn finish(&mut self, nulls: Option<NullBuffer>) -> Option<ArrayRef> {
        Some(Arc::new(BooleanArray::new(self.values.finish(), nulls)))
    }
}

struct Primitive<P: ArrowPrimitiveType, F> {
    data_type: arrow_schema::DataType,
    values: Vec<P::Native>,
    read: F,
}

fn primitive<P: ArrowPrimitiveType>(
    data_type: &DataType,
    rows: usize,
    read: impl Fn(&[u8]) -> Result<P::Native, ParseCode> + 'static,
) -> Box<dyn Store> {
    Box::new(Primitive::<P, _> { data_type: arrow_type(data_type), values: Vec::with_capacity(rows), read })
}

impl<P: ArrowPrimitiveType, F: Fn(&[u8]) -> Result<P::Native, ParseCode>> Store for Primitive<P, F> {
    fn read(&mut self, text: &[u8]) -> Result<(), ParseCode> {
        self.values.push((self.read)(text)?);
        Ok(())
    }

    fn null(&mut self) {
        self.values.push(P::Native::default());
    }

    fn truncate(&mut self, len: usize) {
        self.values.truncate(len);
    }

    fn finish(&mut self, nulls: Option<NullBuffer>) -> Option<ArrayRef> {
        let values = ScalarBuffer::from(std::mem::take(&mut self.values));
        let array = PrimitiveArray::<P>::try_new(values, nulls).ok()?;
        Some(Arc::new(array.with_data_type(self.data_type.clone())))
    }
}

/// Strings, or bytes written as text.
pub(super) struct Bytes {
    values: Vec<u8>,
    ends: Vec<i32>,
    /// How bytes are read; `None` for strings.
    binary: Option<Reader>,
}

impl Bytes {
    fn new(rows: usize, binary: Option<Reader>) -> Self {
        let mut ends = Vec::with_capacity(rows + 1);
        ends.push(0);
        Self { values: Vec::with_capacity(rows * 16), ends, binary }
    }

    /// Gives where the next value starts.
    fn filled(&self) -> usize {
        self.ends.last().and_then(|end| usize::try_from(*end).ok()).unwrap_or(0)
    }

    /// Takes the first `len` of sixteen bytes as a value.
    #[inline]
    pub(super) fn take_short(&mut self, chunk: &[u8; 16], len: usize) -> Option<()> {
        let before = self.values.len();
        // All are copied and what is too much dropped: cheaper than a copy of a length nobody knows.
        self.values.extend_from_slice(chunk);
        self.values.truncate(before + len);
        self.end()
    }

    /// Takes text as a value.
    pub(super) fn take(&mut self, text: &[u8]) -> Option<()> {
        self.values.extend_from_slice(text);
        self.end()
    }

    /// Takes the content of a string with escapes, which were checked.
    pub(super) fn take_escaped(&mut self, content: &[u8]) -> Option<()> {
        text::unescape(content, &mut self.values);
        self.end()
    }

    #[inline]
    fn end(&mut self) -> Option<()> {
        self.ends.push(i32::try_from(self.values.len()).ok()?);
        Some(())
    }

    /// Gives the value ended last.
    pub(super) fn last(&self) -> &[u8] {
        let start = self.ends.iter().rev().nth(1).and_then(|end| usize::try_from(*end).ok());
        self.values.get(start.unwrap_or(0)..).unwrap_or_default()
    }

    /// Forgets the value ended last.
    pub(super) fn drop_last(&mut self) {
        self.ends.pop();
        self.values.truncate(self.filled());
    }
}

impl Store for Bytes {
    fn read(&mut self, text: &[u8]) -> Result<(), ParseCode> {
        let read = if let Some(reader) = &self.binary {
            reader.binary(text, &mut self.values)
        } else {
            self.values.extend_from_slice(text);
            Ok(())
        };
        // Arrow counts a column's bytes in 31 bits.
        match read.and_then(|()| i32::try_from(self.values.len()).map_err(|_| ParseCode::FieldTooLong)) {
            Ok(end) => {
                self.ends.push(end);
                Ok(())
            }
            Err(code) => {
                self.values.truncate(self.filled());
                Err(code)
            }
        }
    }

    fn null(&mut self) {
        self.ends.push(self.ends.last().copied().unwrap_or(0));
    }

    fn truncate(&mut self, len: usize) {
        self.ends.truncate(len + 1);
        self.values.truncate(self.filled());
    }

    fn finish(&mut self, nulls: Option<NullBuffer>) -> Option<ArrayRef> {
        let offsets = OffsetBuffer::new(ScalarBuffer::from(std::mem::take(&mut self.ends)));
        let values = Buffer::from_vec(std::mem::take(&mut self.values));
        Some(match self.binary {
            Some(_) => Arc::new(BinaryArray::try_new(offsets, values, nulls).ok()?),
            None => Arc::new(StringArray::try_new(offsets, values, nulls).ok()?),
        })
    }
}
