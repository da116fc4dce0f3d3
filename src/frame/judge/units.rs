//! Whole units: integers, decimals and moments are all integers beneath; every exact test counts in them.

use arrow_array::Array;
use arrow_array::cast::AsArray;
use arrow_array::types::{Float32Type, Float64Type};
use arrow_schema::DataType as Arrow;

use crate::frame::mask::Mask;

/// An integer an Arrow array holds its values in.
pub trait Unit: Copy + Ord + Into<i128> + TryFrom<i128> {
    /// The lowest value.
    const LEAST: Self;
    /// The highest value.
    const MOST: Self;
}

macro_rules! unit {
    ($($name:ty),*) => { $(impl Unit for $name {
        const LEAST: Self = Self::MIN;
        const MOST: Self = Self::MAX;
    })* };
}
unit!(i8, i16, i32, i64, i128, u8, u16, u32, u64);

/// Runs `$then` with the native values of an array of whole units, `$otherwise` for any other array.
macro_rules! with_units {
    ($array:expr, $values:ident => $then:expr, $otherwise:expr) => {{
        use arrow_array::cast::AsArray as _;
        use arrow_array::types as t;
        use arrow_schema::{DataType, TimeUnit};
        let array: &dyn arrow_array::Array = $array;
        macro_rules! run {
            ($type:ty) => {{
                let $values: &[<$type as arrow_array::ArrowPrimitiveType>::Native] =
                    array.as_primitive::<$type>().values();
                $then
            }};
        }
        match array.data_type() {
            DataType::Int8 => run!(t::Int8Type),
            DataType::Int16 => run!(t::Int16Type),
            DataType::Int32 => run!(t::Int32Type),
            DataType::Int64 => run!(t::Int64Type),
            DataType::UInt8 => run!(t::UInt8Type),
            DataType::UInt16 => run!(t::UInt16Type),
            DataType::UInt32 => run!(t::UInt32Type),
            DataType::UInt64 => run!(t::UInt64Type),
            DataType::Decimal128(_, _) => run!(t::Decimal128Type),
            DataType::Date32 => run!(t::Date32Type),
            DataType::Time64(TimeUnit::Microsecond) => run!(t::Time64MicrosecondType),
            DataType::Timestamp(TimeUnit::Microsecond, _) => run!(t::TimestampMicrosecondType),
            _ => $otherwise,
        }
    }};
}
pub(crate) use with_units;

/// Gives the digits after the point an array's units stand for; 0 where it is no decimal.
#[must_use]
pub fn scale_of(array: &dyn Array) -> u8 {
    match array.data_type() {
        Arrow::Decimal128(_, scale) => u8::try_from(*scale).unwrap_or(0),
        _ => 0,
    }
}

/// Hands the units of the marked rows that are not NULL to `visit`, ascending. `false` where the array has none.
pub fn each_unit(array: &dyn Array, rows: &Mask, mut visit: impl FnMut(usize, i128)) -> bool {
    with_units!(array, values => {
        for row in rows.rows() {
            if array.is_valid(row) {
                visit(row, i128::from(values[row]));
            }
        }
        true
    }, false)
}

/// Hands the floats of the marked rows that are not NULL to `visit`, ascending. `false` where the array has none.
pub fn each_float(array: &dyn Array, rows: &Mask, mut visit: impl FnMut(usize, f64)) -> bool {
    match array.data_type() {
        Arrow::Float32 => {
            let values = array.as_primitive::<Float32Type>();
            for row in rows.rows().filter(|row| values.is_valid(*row)) {
                visit(row, f64::from(values.value(row)));
            }
            true
        }
        Arrow::Float64 => {
            let values = array.as_primitive::<Float64Type>();
            for row in rows.rows().filter(|row| values.is_valid(*row)) {
                visit(row, values.value(row));
            }
            true
        }
        _ => false,
    }
}

/// Gives all units of an array, those under NULL included.
#[must_use]
pub fn all_units(array: &dyn Array) -> Option<Vec<i128>> {
    with_units!(array, values => Some(values.iter().map(|value| i128::from(*value)).collect()), None)
}

/// Gives all floats of an array, those under NULL included.
#[must_use]
pub fn all_floats(array: &dyn Array) -> Option<Vec<f64>> {
    match array.data_type() {
        Arrow::Float32 => Some(array.as_primitive::<Float32Type>().values().iter().map(|v| f64::from(*v)).collect()),
        Arrow::Float64 => Some(array.as_primitive::<Float64Type>().values().to_vec()),
        _ => None,
    }
}
