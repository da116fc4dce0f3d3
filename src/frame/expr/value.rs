//! Values of a column, or one value for all its rows.

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, Decimal128Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type,
    Int64Type, Time64MicrosecondType, TimestampMicrosecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef};
use arrow_schema::{DataType as Arrow, TimeUnit};
use polars::prelude::{
    BinaryChunked, BooleanChunked, ChunkFull, ChunkZip, Float64Chunked, Int64Chunked, NewChunkedArray, PlSmallStr,
    StringChunked,
};

use crate::model::{Context, DataType, Literal};

/// Numbers in 128 bits.
pub(super) type Exact = polars::prelude::ChunkedArray<polars::prelude::Int128Type>;

/// Why an expression cannot be evaluated: always a fault of karat, as types were checked before.
pub(super) type Outcome<T> = std::result::Result<T, String>;

/// Values in one of the forms the engine computes with. Of one length with the batch, or of length 1 for a constant.
#[derive(Debug, Clone)]
pub(super) enum Value {
    Truth(BooleanChunked),
    /// `unscaled / 10^scale`: every integer type and decimals.
    Exact(Exact, u8),
    Float(Float64Chunked),
    Text(StringChunked),
    Bytes(BinaryChunked),
    /// Days since 1970-01-01.
    Days(Int64Chunked),
    /// Microseconds since midnight.
    Time(Int64Chunked),
    /// Microseconds since 1970-01-01T00:00:00.
    Moment(Int64Chunked),
    /// The number of elements of lists; 0 for structs.
    Nested(Exact),
}

impl Value {
    /// Reads a column; `None` for a type that no contract has.
    pub fn read(array: &ArrayRef) -> Option<Self> {
        Some(match array.data_type() {
            Arrow::Boolean => Self::Truth(array.as_boolean().iter().collect()),
            Arrow::Int8 => exact::<Int8Type>(array)?,
            Arrow::Int16 => exact::<Int16Type>(array)?,
            Arrow::Int32 => exact::<Int32Type>(array)?,
            Arrow::Int64 => exact::<Int64Type>(array)?,
            Arrow::UInt8 => exact::<UInt8Type>(array)?,
            Arrow::UInt16 => exact::<UInt16Type>(array)?,
            Arrow::UInt32 => exact::<UInt32Type>(array)?,
            Arrow::UInt64 => exact::<UInt64Type>(array)?,
            Arrow::Decimal128(_, scale) => {
                Self::Exact(array.as_primitive_opt::<Decimal128Type>()?.iter().collect(), u8::try_from(*scale).ok()?)
            }
            Arrow::Float32 => {
                Self::Float(array.as_primitive_opt::<Float32Type>()?.iter().map(|cell| cell.map(f64::from)).collect())
            }
            Arrow::Float64 => Self::Float(array.as_primitive_opt::<Float64Type>()?.iter().collect()),
            Arrow::Utf8 => Self::Text(array.as_string_opt::<i32>()?.iter().collect()),
            Arrow::Binary => Self::Bytes(array.as_binary_opt::<i32>()?.iter().collect()),
            Arrow::Date32 => Self::Days(wide::<Date32Type>(array)?),
            Arrow::Time64(TimeUnit::Microsecond) => Self::Time(wide::<Time64MicrosecondType>(array)?),
            Arrow::Timestamp(TimeUnit::Microsecond, _) => Self::Moment(wide::<TimestampMicrosecondType>(array)?),
            Arrow::List(_) => {
                let list = array.as_list_opt::<i32>()?;
                let length = |row| list.is_valid(row).then(|| i128::from(list.value_length(row)));
                Self::Nested((0..list.len()).map(length).collect())
            }
            Arrow::Struct(_) => Self::Nested((0..array.len()).map(|row| array.is_valid(row).then_some(0)).collect()),
            _ => return None,
        })
    }

    /// Makes a constant of a literal that is not NULL.
    pub fn constant(literal: &Literal, context: &Context) -> Option<Self> {
        let name = PlSmallStr::EMPTY;
        Some(match literal {
            Literal::Null => return None,
            Literal::Bool(value) => Self::Truth(BooleanChunked::full(name, *value, 1)),
            Literal::Int(value) => Self::Exact(Exact::full(name, *value, 1), 0),
            Literal::Decimal { unscaled, scale } => Self::Exact(Exact::full(name, *unscaled, 1), *scale),
            Literal::Float(value) => Self::Float(Float64Chunked::full(name, *value, 1)),
            Literal::String(value) => Self::Text(StringChunked::full(name, value, 1)),
            Literal::Binary(value) => Self::Bytes(BinaryChunked::from_slice(name, &[value.as_slice()])),
            Literal::Date(days) => Self::Days(Int64Chunked::full(name, i64::from(*days), 1)),
            Literal::Today => Self::Days(Int64Chunked::full(name, i64::from(context.today), 1)),
            Literal::Time(micros) => Self::Time(Int64Chunked::full(name, *micros, 1)),
            Literal::Timestamp(micros) => Self::Moment(Int64Chunked::full(name, *micros, 1)),
            Literal::Now => Self::Moment(Int64Chunked::full(name, context.now, 1)),
        })
    }

    /// Makes a constant NULL of a type.
    pub fn null(data_type: &DataType) -> Self {
        use polars::prelude::ChunkFullNull;
        let name = PlSmallStr::EMPTY;
        match data_type {
            DataType::Bool => Self::Truth(BooleanChunked::full_null(name, 1)),
            DataType::Float32 | DataType::Float64 => Self::Float(Float64Chunked::full_null(name, 1)),
            DataType::Decimal { scale, .. } => Self::Exact(Exact::full_null(name, 1), *scale),
            DataType::String => Self::Text(StringChunked::full_null(name, 1)),
            DataType::Binary => Self::Bytes(BinaryChunked::full_null(name, 1)),
            DataType::Date => Self::Days(Int64Chunked::full_null(name, 1)),
            DataType::Time => Self::Time(Int64Chunked::full_null(name, 1)),
            DataType::Timestamp | DataType::TimestampTz => Self::Moment(Int64Chunked::full_null(name, 1)),
            DataType::List(_) | DataType::Struct(_) => Self::Nested(Exact::full_null(name, 1)),
            _ => Self::Exact(Exact::full_null(name, 1), 0),
        }
    }

    /// Makes a constant NULL of the same form.
    pub fn null_like(&self) -> Self {
        match self {
            Self::Truth(_) => Self::null(&DataType::Bool),
            Self::Exact(_, scale) => Self::null(&DataType::Decimal { precision: 38, scale: *scale }),
            Self::Float(_) => Self::null(&DataType::Float64),
            Self::Text(_) => Self::null(&DataType::String),
            Self::Bytes(_) => Self::null(&DataType::Binary),
            Self::Days(_) => Self::null(&DataType::Date),
            Self::Time(_) => Self::null(&DataType::Time),
            Self::Moment(_) => Self::null(&DataType::Timestamp),
            Self::Nested(_) => Self::null(&DataType::Struct(Vec::new())),
        }
    }

    /// Tells where the values are not NULL.
    pub fn is_not_null(&self) -> BooleanChunked {
        match self {
            Self::Truth(values) => values.is_not_null(),
            Self::Exact(values, _) | Self::Nested(values) => values.is_not_null(),
            Self::Float(values) => values.is_not_null(),
            Self::Text(values) => values.is_not_null(),
            Self::Bytes(values) => values.is_not_null(),
            Self::Days(values) | Self::Time(values) | Self::Moment(values) => values.is_not_null(),
        }
    }

    /// Takes these values where the mask is true, the others where it is false or NULL. Both are of one form.
    pub fn or_else(&self, mask: &BooleanChunked, otherwise: &Self) -> Outcome<Self> {
        let chosen = match (self, otherwise) {
            (Self::Truth(a), Self::Truth(b)) => a.zip_with(mask, b).map(Self::Truth),
            (Self::Exact(a, s), Self::Exact(b, t)) if s == t => a.zip_with(mask, b).map(|c| Self::Exact(c, *s)),
            (Self::Float(a), Self::Float(b)) => a.zip_with(mask, b).map(Self::Float),
            (Self::Text(a), Self::Text(b)) => a.zip_with(mask, b).map(Self::Text),
            (Self::Bytes(a), Self::Bytes(b)) => a.zip_with(mask, b).map(Self::Bytes),
            (Self::Days(a), Self::Days(b)) => a.zip_with(mask, b).map(Self::Days),
            (Self::Time(a), Self::Time(b)) => a.zip_with(mask, b).map(Self::Time),
            (Self::Moment(a), Self::Moment(b)) => a.zip_with(mask, b).map(Self::Moment),
            _ => return Err(format!("{} beside {}", self.what(), otherwise.what())),
        };
        chosen.map_err(|error| error.to_string())
    }

    /// Takes truths.
    ///
    /// # Errors
    /// For values of another form.
    pub fn truth(self) -> Outcome<BooleanChunked> {
        match self {
            Self::Truth(values) => Ok(values),
            other => Err(format!("{} where true or false was expected", other.what())),
        }
    }

    /// Takes text.
    ///
    /// # Errors
    /// For values of another form.
    pub fn text(self) -> Outcome<StringChunked> {
        match self {
            Self::Text(values) => Ok(values),
            other => Err(format!("{} where text was expected", other.what())),
        }
    }

    /// Names the form, for messages.
    pub const fn what(&self) -> &'static str {
        match self {
            Self::Truth(_) => "a truth",
            Self::Exact(..) => "an exact number",
            Self::Float(_) => "a float",
            Self::Text(_) => "text",
            Self::Bytes(_) => "bytes",
            Self::Days(_) => "a day",
            Self::Time(_) => "a time",
            Self::Moment(_) => "a moment",
            Self::Nested(_) => "a nested value",
        }
    }
}

fn exact<T: ArrowPrimitiveType>(array: &ArrayRef) -> Option<Value>
where
    i128: From<T::Native>,
{
    let values = array.as_primitive_opt::<T>()?;
    Some(Value::Exact(values.iter().map(|cell| cell.map(i128::from)).collect(), 0))
}

fn wide<T: ArrowPrimitiveType>(array: &ArrayRef) -> Option<Int64Chunked>
where
    i64: From<T::Native>,
{
    let values = array.as_primitive_opt::<T>()?;
    Some(values.iter().map(|cell| cell.map(i64::from)).collect())
}
