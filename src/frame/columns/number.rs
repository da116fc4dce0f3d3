//! Integers, decimals and floats to each other, where nothing is lost.

use arrow_array::ArrayRef;
use arrow_array::types::{
    ArrowPrimitiveType, Decimal128Type, Decimal256Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type,
    Int64Type, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_schema::DataType as Arrow;

use crate::frame::columns::Cast;
use crate::frame::columns::scalar::{Misfit, each};
use crate::model::{Column, DataType, ParseCode};

const NOT_EXACT: &str = "has more digits than the type holds exactly";

/// Converts the integers or decimals of an array, as numbers with a scale.
fn exact<P: ArrowPrimitiveType>(
    array: &ArrayRef,
    column: &Column,
    convert: impl Fn(i128, i8) -> Result<P::Native, Misfit>,
) -> Cast {
    match array.data_type() {
        Arrow::Int8 => each::<Int8Type, P>(array, column, |value| convert(value.into(), 0)),
        Arrow::Int16 => each::<Int16Type, P>(array, column, |value| convert(value.into(), 0)),
        Arrow::Int32 => each::<Int32Type, P>(array, column, |value| convert(value.into(), 0)),
        Arrow::Int64 => each::<Int64Type, P>(array, column, |value| convert(value.into(), 0)),
        Arrow::UInt8 => each::<UInt8Type, P>(array, column, |value| convert(value.into(), 0)),
        Arrow::UInt16 => each::<UInt16Type, P>(array, column, |value| convert(value.into(), 0)),
        Arrow::UInt32 => each::<UInt32Type, P>(array, column, |value| convert(value.into(), 0)),
        Arrow::UInt64 => each::<UInt64Type, P>(array, column, |value| convert(value.into(), 0)),
        Arrow::Decimal128(_, scale) => each::<Decimal128Type, P>(array, column, |value| convert(value, *scale)),
        Arrow::Decimal256(_, scale) => each::<Decimal256Type, P>(array, column, |value| {
            let value = value.to_i128().ok_or((ParseCode::DecimalRange, Some("has more than 38 digits")))?;
            convert(value, *scale)
        }),
        _ => Cast::impossible(array, column),
    }
}

/// Gives `value / 10^from` times `10^to`, if that is whole and fits.
fn rescale(value: i128, from: i8, to: i16) -> Option<i128> {
    let power = to - i16::from(from);
    // 39 digits and more fit nothing but zero.
    let factor = 10_i128.checked_pow(u32::from(power.unsigned_abs()));
    match (factor, power < 0) {
        _ if value == 0 => Some(0),
        (Some(factor), false) => value.checked_mul(factor),
        (Some(factor), true) => (value % factor == 0).then_some(value / factor),
        (None, _) => None,
    }
}

pub(super) fn to_integer(array: &ArrayRef, column: &Column) -> Cast {
    match column.data_type {
        DataType::Int8 => to_whole::<Int8Type>(array, column),
        DataType::Int16 => to_whole::<Int16Type>(array, column),
        DataType::Int32 => to_whole::<Int32Type>(array, column),
        DataType::Int64 => to_whole::<Int64Type>(array, column),
        DataType::UInt8 => to_whole::<UInt8Type>(array, column),
        DataType::UInt16 => to_whole::<UInt16Type>(array, column),
        DataType::UInt32 => to_whole::<UInt32Type>(array, column),
        _ => to_whole::<UInt64Type>(array, column),
    }
}

fn to_whole<P: ArrowPrimitiveType<Native: TryFrom<i128>>>(array: &ArrayRef, column: &Column) -> Cast {
    exact::<P>(array, column, |value, scale| {
        let whole = rescale(value, scale, 0).ok_or((ParseCode::NotInteger, None))?;
        P::Native::try_from(whole).map_err(|_| (ParseCode::IntegerRange, None))
    })
}

pub(super) fn to_decimal(array: &ArrayRef, column: &Column) -> Cast {
    let DataType::Decimal { precision, scale } = column.data_type else { return Cast::impossible(array, column) };
    let limit = 10_u128.checked_pow(precision.into()).unwrap_or(u128::MAX);
    exact::<Decimal128Type>(array, column, |value, from| {
        let scaled = rescale(value, from, scale.into()).filter(|value| value.unsigned_abs() < limit);
        scaled.ok_or((ParseCode::DecimalRange, None))
    })
}

pub(super) fn to_float(array: &ArrayRef, column: &Column) -> Cast {
    let finite = |is_finite: bool| {
        if is_finite || column.allow_nan { Ok(()) } else { Err((ParseCode::NotFinite, None)) }
    };
    match (array.data_type(), &column.data_type) {
        (Arrow::Float32, DataType::Float32) => {
            each::<Float32Type, Float32Type>(array, column, |value| finite(value.is_finite()).map(|()| value))
        }
        (Arrow::Float32, _) => each::<Float32Type, Float64Type>(array, column, |value| {
            finite(value.is_finite()).map(|()| f64::from(value))
        }),
        (Arrow::Float64, DataType::Float64) => {
            each::<Float64Type, Float64Type>(array, column, |value| finite(value.is_finite()).map(|()| value))
        }
        (Arrow::Float64, _) => each::<Float64Type, Float32Type>(array, column, |value| {
            finite(value.is_finite())?;
            #[expect(clippy::cast_possible_truncation, reason = "compared with the value afterwards")]
            let narrow = value as f32;
            let same = value.is_nan() || f64::from(narrow).to_bits() == value.to_bits();
            if same { Ok(narrow) } else { Err((ParseCode::NotNumber, Some(NOT_EXACT))) }
        }),
        (Arrow::Decimal128(..) | Arrow::Decimal256(..), _) => Cast::impossible(array, column),
        (_, DataType::Float32) => exact::<Float32Type>(array, column, |value, _| {
            #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "compared afterwards")]
            let (float, back) = (value as f32, value as f32 as i128);
            if back == value { Ok(float) } else { Err((ParseCode::NotNumber, Some(NOT_EXACT))) }
        }),
        _ => exact::<Float64Type>(array, column, |value, _| {
            #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "compared afterwards")]
            let (float, back) = (value as f64, value as f64 as i128);
            if back == value { Ok(float) } else { Err((ParseCode::NotNumber, Some(NOT_EXACT))) }
        }),
    }
}
