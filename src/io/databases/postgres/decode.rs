//! Rows of COPY's binary form as Arrow arrays of a contract's types; the other way of `encode`.

use std::sync::Arc;

use arrow_array::builder::{
    BinaryBuilder, BooleanBuilder, Date32Builder, Decimal128Builder, Float32Builder, Float64Builder, Int8Builder,
    Int16Builder, Int32Builder, Int64Builder, StringBuilder, Time64MicrosecondBuilder, TimestampMicrosecondBuilder,
    UInt8Builder, UInt16Builder, UInt32Builder, UInt64Builder,
};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{Fields, Schema, SchemaRef};

use crate::frame::schema;
use crate::io::databases::postgres::encode::HEAD;
use crate::io::databases::postgres::nested::Nested;
use crate::io::databases::postgres::numeric;
use crate::model::{Column, DataType, Error, Result};

const DAYS: i32 = 10_957;
const MICROS: i64 = 946_684_800_000_000;

/// Gathers rows into batches.
pub struct Decoder {
    columns: Vec<(Column, Gathered)>,
    schema: SchemaRef,
    nested: Option<Nested>,
    /// Bytes that are not a whole row yet.
    rest: Vec<u8>,
    begun: bool,
    pub rows: usize,
    /// Bytes of the rows gathered, about.
    pub bytes: usize,
}

impl Decoder {
    /// Prepares for columns that come in the forms [`crate::sql::Postgres`] gives their types.
    #[must_use]
    pub fn new(columns: &[&Column]) -> Self {
        let fields: Fields = columns.iter().map(|column| schema::field(column)).collect();
        Self {
            columns: columns.iter().map(|column| ((*column).clone(), Gathered::new(&column.data_type))).collect(),
            schema: Arc::new(Schema::new(fields)),
            nested: Nested::of(columns),
            rest: Vec::new(),
            begun: false,
            rows: 0,
            bytes: 0,
        }
    }

    /// Takes bytes as they come: rows need not be whole.
    ///
    /// # Errors
    /// Where a value is none of its type.
    pub fn take(&mut self, bytes: &[u8]) -> Result<()> {
        if !self.rest.is_empty() {
            let mut all = std::mem::take(&mut self.rest);
            all.extend_from_slice(bytes);
            return self.rows_of(&all);
        }
        self.rows_of(bytes)
    }

    fn rows_of(&mut self, mut bytes: &[u8]) -> Result<()> {
        if !self.begun {
            if bytes.len() < HEAD.len() {
                self.rest.extend_from_slice(bytes);
                return Ok(());
            }
            // No flags and no extension are known, so the head is always the same.
            bytes = bytes.strip_prefix(HEAD).ok_or_else(|| malformed("it does not begin as COPY does"))?;
            self.begun = true;
        }
        while let Some(length) = row_length(bytes) {
            let (row, more) = bytes.split_at_checked(length).ok_or_else(|| malformed("a row is cut off"))?;
            self.row(row)?;
            bytes = more;
        }
        // The two bytes of the end stay here too.
        self.rest.extend_from_slice(bytes);
        Ok(())
    }

    fn row(&mut self, row: &[u8]) -> Result<()> {
        let (count, mut row) = row.split_first_chunk::<2>().ok_or_else(|| malformed("a row is cut off"))?;
        if usize::try_from(i16::from_be_bytes(*count)) != Ok(self.columns.len()) {
            return Err(malformed("a row has another number of columns"));
        }
        self.bytes += row.len();
        self.rows += 1;
        for (column, gathered) in &mut self.columns {
            let (length, more) = row.split_first_chunk::<4>().ok_or_else(|| malformed("a row is cut off"))?;
            row = more;
            let value = match usize::try_from(i32::from_be_bytes(*length)) {
                Ok(length) => {
                    let (value, more) = row.split_at_checked(length).ok_or_else(|| malformed("a row is cut off"))?;
                    row = more;
                    Some(value)
                }
                Err(_) => None,
            };
            gathered.push(value).map_err(|why| {
                Error::input(format!("{}: {why}", column.name))
                    .hint("Read the column in another form: ?query=SELECT …, with CAST(… AS text) or a condition.")
            })?;
        }
        Ok(())
    }

    /// Gives the rows gathered, and begins anew.
    ///
    /// # Errors
    /// Where nested values do not have the contract's type.
    pub fn batch(&mut self) -> Result<RecordBatch> {
        let mut arrays: Vec<ArrayRef> = self.columns.iter_mut().map(|(_, gathered)| gathered.finish()).collect();
        if let Some(nested) = &self.nested {
            nested.read(&mut arrays, self.rows)?;
        }
        let options = arrow_array::RecordBatchOptions::new().with_row_count(Some(self.rows));
        (self.rows, self.bytes) = (0, 0);
        let batch = RecordBatch::try_new_with_options(Arc::clone(&self.schema), arrays, &options);
        batch.map_err(|error| malformed(&error.to_string()))
    }
}

fn malformed(why: &str) -> Error {
    Error::input(format!("what the server sends cannot be read: {why}"))
}

/// Gives the length of the row at the start, where all of it is there.
fn row_length(bytes: &[u8]) -> Option<usize> {
    let count = i16::from_be_bytes(*bytes.first_chunk::<2>()?);
    let mut at = 2;
    // The end is a row of -1 columns.
    for _ in 0..u16::try_from(count).ok()? {
        let length = i32::from_be_bytes(*bytes.get(at..)?.first_chunk::<4>()?);
        at += 4 + usize::try_from(length).unwrap_or(0);
    }
    (at <= bytes.len()).then_some(at)
}

/// The values of a column so far.
enum Gathered {
    Bool(BooleanBuilder),
    Int8(Int8Builder),
    Int16(Int16Builder),
    Int32(Int32Builder),
    Int64(Int64Builder),
    UInt8(UInt8Builder),
    UInt16(UInt16Builder),
    UInt32(UInt32Builder),
    UInt64(UInt64Builder),
    Float32(Float32Builder),
    Float64(Float64Builder),
    Decimal(Decimal128Builder, u8, u8),
    Text(StringBuilder),
    /// JSON text with a version before it.
    Json(StringBuilder),
    Date(Date32Builder),
    Time(Time64MicrosecondBuilder),
    Moment(TimestampMicrosecondBuilder),
    Binary(BinaryBuilder),
}

impl Gathered {
    fn new(data_type: &DataType) -> Self {
        match data_type {
            DataType::Bool => Self::Bool(BooleanBuilder::new()),
            DataType::Int8 => Self::Int8(Int8Builder::new()),
            DataType::Int16 => Self::Int16(Int16Builder::new()),
            DataType::Int32 => Self::Int32(Int32Builder::new()),
            DataType::Int64 => Self::Int64(Int64Builder::new()),
            DataType::UInt8 => Self::UInt8(UInt8Builder::new()),
            DataType::UInt16 => Self::UInt16(UInt16Builder::new()),
            DataType::UInt32 => Self::UInt32(UInt32Builder::new()),
            DataType::UInt64 => Self::UInt64(UInt64Builder::new()),
            DataType::Float32 => Self::Float32(Float32Builder::new()),
            DataType::Float64 => Self::Float64(Float64Builder::new()),
            DataType::Decimal { precision, scale } => {
                let builder = Decimal128Builder::new().with_data_type(schema::arrow_type(data_type));
                Self::Decimal(builder, *precision, *scale)
            }
            DataType::String => Self::Text(StringBuilder::new()),
            DataType::List(_) | DataType::Struct(_) => Self::Json(StringBuilder::new()),
            DataType::Date => Self::Date(Date32Builder::new()),
            DataType::Time => Self::Time(Time64MicrosecondBuilder::new()),
            DataType::Timestamp | DataType::TimestampTz => {
                let builder = TimestampMicrosecondBuilder::new().with_data_type(schema::arrow_type(data_type));
                Self::Moment(builder)
            }
            DataType::Binary => Self::Binary(BinaryBuilder::new()),
        }
    }

    fn push(&mut self, value: Option<&[u8]>) -> Result<(), String> {
        macro_rules! whole {
            ($builder:expr, $wire:ty) => {
                $builder.append_option(
                    value
                        .map(|value| {
                            let number = <$wire>::from_be_bytes(exact(value)?);
                            number.try_into().map_err(|_| format!("{number} is out of the range of its type"))
                        })
                        .transpose()?,
                )
            };
        }
        match self {
            Self::Bool(builder) => {
                builder.append_option(value.map(exact::<1>).transpose()?.map(|[b]| b != 0));
            }
            Self::Int8(builder) => whole!(builder, i16),
            Self::Int16(builder) => whole!(builder, i16),
            Self::Int32(builder) => whole!(builder, i32),
            Self::Int64(builder) => whole!(builder, i64),
            Self::UInt8(builder) => whole!(builder, i16),
            Self::UInt16(builder) => whole!(builder, i32),
            Self::UInt32(builder) => whole!(builder, i64),
            Self::UInt64(builder) => builder.append_option(
                value
                    .map(|value| {
                        let number = numeric::read(value, 0).and_then(|number| u64::try_from(number).ok());
                        number.ok_or("a number is out of the range of its type")
                    })
                    .transpose()?,
            ),
            Self::Float32(builder) => builder.append_option(value.map(exact).transpose()?.map(f32::from_be_bytes)),
            Self::Float64(builder) => builder.append_option(value.map(exact).transpose()?.map(f64::from_be_bytes)),
            Self::Decimal(builder, precision, scale) => builder.append_option(
                value
                    .map(|value| {
                        let limit = 10_u128.checked_pow(u32::from(*precision));
                        let number = numeric::read(value, *scale).filter(|number| Some(number.unsigned_abs()) < limit);
                        number.ok_or_else(|| format!("a number is NaN, infinite or no decimal({precision},{scale})"))
                    })
                    .transpose()?,
            ),
            Self::Text(builder) => builder.append_option(value.map(text).transpose()?),
            Self::Json(builder) => builder.append_option(
                value
                    .map(|value| match value.split_first() {
                        Some((1, json)) => text(json),
                        _ => Err("JSON comes in a form that is not known".to_owned()),
                    })
                    .transpose()?,
            ),
            Self::Date(builder) => builder.append_option(
                value
                    .map(|value| {
                        let day =
                            Some(i32::from_be_bytes(exact(value)?)).filter(|day| !matches!(*day, i32::MIN | i32::MAX));
                        day.and_then(|day| day.checked_add(DAYS)).ok_or("a day is infinity or too far away".to_owned())
                    })
                    .transpose()?,
            ),
            Self::Time(builder) => builder.append_option(value.map(exact).transpose()?.map(i64::from_be_bytes)),
            Self::Moment(builder) => builder.append_option(
                value
                    .map(|value| {
                        let moment =
                            Some(i64::from_be_bytes(exact(value)?)).filter(|m| !matches!(*m, i64::MIN | i64::MAX));
                        moment
                            .and_then(|moment| moment.checked_add(MICROS))
                            .ok_or("a moment is infinity or too far away".to_owned())
                    })
                    .transpose()?,
            ),
            Self::Binary(builder) => builder.append_option(value),
        }
        Ok(())
    }

    fn finish(&mut self) -> ArrayRef {
        match self {
            Self::Bool(builder) => Arc::new(builder.finish()),
            Self::Int8(builder) => Arc::new(builder.finish()),
            Self::Int16(builder) => Arc::new(builder.finish()),
            Self::Int32(builder) => Arc::new(builder.finish()),
            Self::Int64(builder) => Arc::new(builder.finish()),
            Self::UInt8(builder) => Arc::new(builder.finish()),
            Self::UInt16(builder) => Arc::new(builder.finish()),
            Self::UInt32(builder) => Arc::new(builder.finish()),
            Self::UInt64(builder) => Arc::new(builder.finish()),
            Self::Float32(builder) => Arc::new(builder.finish()),
            Self::Float64(builder) => Arc::new(builder.finish()),
            Self::Decimal(builder, ..) => Arc::new(builder.finish()),
            Self::Text(builder) | Self::Json(builder) => Arc::new(builder.finish()),
            Self::Date(builder) => Arc::new(builder.finish()),
            Self::Time(builder) => Arc::new(builder.finish()),
            Self::Moment(builder) => Arc::new(builder.finish()),
            Self::Binary(builder) => Arc::new(builder.finish()),
        }
    }
}

fn exact<const N: usize>(value: &[u8]) -> Result<[u8; N], String> {
    value.try_into().map_err(|_| format!("a value has {} bytes, its type {N}", value.len()))
}

fn text(value: &[u8]) -> Result<&str, String> {
    simdutf8::basic::from_utf8(value).map_err(|_| "text is not UTF-8".to_owned())
}
