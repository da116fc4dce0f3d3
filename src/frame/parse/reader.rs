//! Readers: how the text of one column becomes values.

use std::sync::Arc;

use arrow_array::ArrayRef;
use arrow_array::types::{
    Date32Type, Decimal128Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
    Time64MicrosecondType, TimestampMicrosecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};

use crate::frame::parse::column::{Cells, Parsed, Trouble};
use crate::frame::schema::arrow_type;
use crate::model::binary;
use crate::model::number::{self, FloatError, NumberError};
use crate::model::temporal::{Iso, Pattern};
use crate::model::{Column, DataType, ParseCode};

/// Reads the text of one column, by its type and format.
#[derive(Debug, Clone)]
pub struct Reader {
    data_type: DataType,
    allow_nan: bool,
    /// For temporal types; `None` where the format does not compile, and then no text reads.
    pattern: Option<Pattern>,
    hex: bool,
}

impl Reader {
    /// Prepares to read a column.
    #[must_use]
    pub fn new(column: &Column) -> Self {
        let data_type = column.data_type.clone();
        let pattern = match &column.format {
            Some(format) if data_type.is_temporal() => Pattern::new(format).ok(),
            _ => Some(Pattern::default_for(&data_type)),
        };
        Self { allow_nan: column.allow_nan, pattern, hex: is_hex(column), data_type }
    }

    /// Reads every cell of a column.
    pub(super) fn read(&self, cells: &Cells, index: usize, column: &Column) -> Parsed {
        let mut trouble = Trouble::new(index, column);
        let array = self.array(cells, &mut trouble, column);
        trouble.with(array)
    }

    fn array(&self, cells: &Cells, trouble: &mut Trouble, column: &Column) -> ArrayRef {
        let moment = |text: &[u8]| self.timestamp(text);
        match &self.data_type {
            DataType::Bool => cells.booleans(trouble, boolean),
            DataType::Int8 => Arc::new(cells.whole::<Int8Type>(trouble)),
            DataType::Int16 => Arc::new(cells.whole::<Int16Type>(trouble)),
            DataType::Int32 => Arc::new(cells.whole::<Int32Type>(trouble)),
            DataType::Int64 => Arc::new(cells.whole::<Int64Type>(trouble)),
            DataType::UInt8 => Arc::new(cells.whole::<UInt8Type>(trouble)),
            DataType::UInt16 => Arc::new(cells.whole::<UInt16Type>(trouble)),
            DataType::UInt32 => Arc::new(cells.whole::<UInt32Type>(trouble)),
            DataType::UInt64 => Arc::new(cells.whole::<UInt64Type>(trouble)),
            DataType::Float32 => Arc::new(cells.primitive::<Float32Type>(trouble, |text| self.float32(text))),
            DataType::Float64 => Arc::new(cells.primitive::<Float64Type>(trouble, |text| self.float64(text))),
            DataType::Decimal { precision, scale } => Arc::new(
                cells
                    .primitive::<Decimal128Type>(trouble, |text| decimal(text, *precision, *scale, false))
                    .with_data_type(arrow_type(&self.data_type)),
            ),
            DataType::String => cells.strings(trouble, column),
            DataType::Date => Arc::new(cells.primitive::<Date32Type>(trouble, |text| self.date(text))),
            DataType::Time => Arc::new(cells.primitive::<Time64MicrosecondType>(trouble, |text| self.time(text))),
            DataType::Timestamp => Arc::new(cells.primitive::<TimestampMicrosecondType>(trouble, moment)),
            DataType::TimestampTz => Arc::new(
                cells
                    .primitive::<TimestampMicrosecondType>(trouble, moment)
                    .with_data_type(arrow_type(&self.data_type)),
            ),
            DataType::Binary => cells.binary(trouble, column, |text, out| self.binary(text, out)),
            DataType::List(_) | DataType::Struct(_) => {
                // The types have no form in a cell; an array of bytes serves to find the cells that are not NULL.
                cells.binary(trouble, column, |_, _| Err(ParseCode::JsonType));
                crate::frame::parse::all_null(column, cells.rows)
            }
        }
    }

    /// Reads a 64-bit floating-point number.
    ///
    /// # Errors
    /// `P013` or `P014`.
    pub fn float64(&self, text: &[u8]) -> Result<f64, ParseCode> {
        number::float(text, self.allow_nan).map_err(float_code)
    }

    /// Reads a 32-bit floating-point number.
    ///
    /// # Errors
    /// `P013` or `P014`.
    pub fn float32(&self, text: &[u8]) -> Result<f32, ParseCode> {
        number::float32(text, self.allow_nan).map_err(float_code)
    }

    /// Reads a day, as days since 1970-01-01.
    ///
    /// # Errors
    /// `P017`.
    #[inline]
    pub fn date(&self, text: &[u8]) -> Result<i32, ParseCode> {
        self.pattern.as_ref().and_then(|pattern| pattern.date(text)).ok_or(ParseCode::NotDate)
    }

    /// Tells whether days are written YYYY-MM-DD.
    #[must_use]
    pub fn is_iso_date(&self) -> bool {
        self.pattern.as_ref().is_some_and(|pattern| pattern.iso() == Some(Iso::Date))
    }

    /// Reads a time of day, as microseconds since midnight.
    ///
    /// # Errors
    /// `P018`.
    pub fn time(&self, text: &[u8]) -> Result<i64, ParseCode> {
        self.pattern.as_ref().and_then(|pattern| pattern.time(text)).ok_or(ParseCode::NotTime)
    }

    /// Reads a moment, as microseconds since 1970-01-01T00:00:00.
    ///
    /// # Errors
    /// `P019`.
    pub fn timestamp(&self, text: &[u8]) -> Result<i64, ParseCode> {
        self.pattern.as_ref().and_then(|pattern| pattern.timestamp(text)).ok_or(ParseCode::NotTimestamp)
    }

    /// Reads base64 (or hex, where the format says so) and appends the bytes.
    ///
    /// # Errors
    /// `P020`; `out` may then hold some of the bytes.
    pub fn binary(&self, text: &[u8], out: &mut Vec<u8>) -> Result<(), ParseCode> {
        let read = if self.hex { binary::hex(text, out) } else { binary::base64(text, out) };
        read.ok_or(ParseCode::NotBinary)
    }
}

/// Tells whether a binary column is written in hex.
pub(super) fn is_hex(column: &Column) -> bool {
    column.format.as_deref() == Some("hex")
}

/// Reads a boolean: true, false, t, f, yes, no, y, n, 1 or 0 in any case.
///
/// # Errors
/// `P010`.
pub fn boolean(text: &[u8]) -> Result<bool, ParseCode> {
    const YES: [&[u8]; 5] = [b"true", b"1", b"t", b"yes", b"y"];
    const NO: [&[u8]; 5] = [b"false", b"0", b"f", b"no", b"n"];
    if YES.iter().any(|word| text.eq_ignore_ascii_case(word)) {
        Ok(true)
    } else if NO.iter().any(|word| text.eq_ignore_ascii_case(word)) {
        Ok(false)
    } else {
        Err(ParseCode::NotBool)
    }
}

/// Reads an integer of any width.
///
/// # Errors
/// `P011` or `P012`.
pub fn whole<N: TryFrom<i64> + TryFrom<i128>>(text: &[u8]) -> Result<N, ParseCode> {
    match number::integer_i64(text) {
        Ok(value) => N::try_from(value).map_err(|_| ParseCode::IntegerRange),
        Err(NumberError::Malformed) => Err(ParseCode::NotInteger),
        Err(NumberError::Range) => {
            let value = number::integer(text).map_err(|_| ParseCode::IntegerRange)?;
            N::try_from(value).map_err(|_| ParseCode::IntegerRange)
        }
    }
}

/// Reads a decimal as its value times `10^scale`.
///
/// # Errors
/// `P015` or `P016`.
pub fn decimal(text: &[u8], precision: u8, scale: u8, exponent: bool) -> Result<i128, ParseCode> {
    number::decimal(text, precision, scale, exponent).map_err(|error| match error {
        NumberError::Malformed => ParseCode::NotDecimal,
        NumberError::Range => ParseCode::DecimalRange,
    })
}

const fn float_code(error: FloatError) -> ParseCode {
    match error {
        FloatError::Malformed => ParseCode::NotNumber,
        FloatError::NotFinite => ParseCode::NotFinite,
    }
}
