//! Grid: the values of a number, moment or flag as whole units in equal steps, and what contracts say of them in units.

mod cut;

use std::sync::Arc;

use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, Decimal128Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type,
    Int64Type, Time64MicrosecondType, TimestampMicrosecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{ArrayRef, BooleanArray, PrimitiveArray};
use arrow_buffer::{BooleanBuffer, NullBuffer};

use crate::model::DataType;
use crate::model::literal::{days_from_civil, decimal_text};
use crate::model::temporal::DAY;

pub use cut::{Cut, cut, exact, read, rescale, resolution};

/// How units stand in an Arrow array.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    Bool,
    Int8,
    Int16,
    Int32,
    Int64,
    UInt8,
    UInt16,
    UInt32,
    UInt64,
    /// Decimals of this scale, each as the float nearest to it.
    Float32(u8),
    Float64(u8),
    Decimal(u8, u8),
    Date,
    Time,
    Timestamp,
    TimestampTz,
}

/// Equal steps from a first value.
#[derive(Debug, Clone, PartialEq)]
pub struct Grid {
    pub form: Form,
    pub least: i128,
    pub step: i128,
    /// Without those left out.
    pub count: u128,
    /// Places on the full grid that are left out, ascending.
    pub without: Vec<u128>,
}

impl Form {
    /// Gives the form of a type; `None` for text, bytes and nested types. Floats get no digits after the point.
    #[must_use]
    pub const fn of(data_type: &DataType) -> Option<Self> {
        Some(match data_type {
            DataType::Bool => Self::Bool,
            DataType::Int8 => Self::Int8,
            DataType::Int16 => Self::Int16,
            DataType::Int32 => Self::Int32,
            DataType::Int64 => Self::Int64,
            DataType::UInt8 => Self::UInt8,
            DataType::UInt16 => Self::UInt16,
            DataType::UInt32 => Self::UInt32,
            DataType::UInt64 => Self::UInt64,
            DataType::Float32 => Self::Float32(0),
            DataType::Float64 => Self::Float64(0),
            DataType::Decimal { precision, scale } => Self::Decimal(*precision, *scale),
            DataType::Date => Self::Date,
            DataType::Time => Self::Time,
            DataType::Timestamp => Self::Timestamp,
            DataType::TimestampTz => Self::TimestampTz,
            DataType::String | DataType::Binary | DataType::List(_) | DataType::Struct(_) => return None,
        })
    }

    /// Gives the digits after the point of a unit.
    #[must_use]
    pub const fn scale(self) -> u8 {
        match self {
            Self::Float32(scale) | Self::Float64(scale) | Self::Decimal(_, scale) => scale,
            _ => 0,
        }
    }

    /// Gives the least and the greatest unit of the type.
    #[must_use]
    pub fn range(self) -> (i128, i128) {
        let days = (i128::from(days_from_civil(1, 1, 1)), i128::from(days_from_civil(9999, 12, 31)));
        match self {
            Self::Bool => (0, 1),
            Self::Int8 => (i8::MIN.into(), i8::MAX.into()),
            Self::Int16 => (i16::MIN.into(), i16::MAX.into()),
            Self::Int32 => (i32::MIN.into(), i32::MAX.into()),
            Self::Int64 => (i64::MIN.into(), i64::MAX.into()),
            Self::UInt8 => (0, u8::MAX.into()),
            Self::UInt16 => (0, u16::MAX.into()),
            Self::UInt32 => (0, u32::MAX.into()),
            Self::UInt64 => (0, u64::MAX.into()),
            Self::Float32(_) | Self::Float64(_) => (1 - 10i128.pow(38), 10i128.pow(38) - 1),
            Self::Decimal(precision, _) => {
                let most = 10i128.pow(u32::from(precision.min(38))) - 1;
                (-most, most)
            }
            Self::Date => days,
            Self::Time => (0, i128::from(DAY) - 1),
            Self::Timestamp | Self::TimestampTz => (days.0 * i128::from(DAY), (days.1 + 1) * i128::from(DAY) - 1),
        }
    }

    /// Tells whether units are moments.
    #[must_use]
    pub const fn is_moment(self) -> bool {
        matches!(self, Self::Date | Self::Time | Self::Timestamp | Self::TimestampTz)
    }

    /// Gives units of what distributions count in: whole numbers for numbers, days for dates and timestamps, seconds
    /// for times.
    #[must_use]
    pub fn measure(self) -> f64 {
        match self {
            Self::Time => 1e6,
            Self::Timestamp | Self::TimestampTz => 86_400e6,
            _ => libm::pow(10.0, f64::from(self.scale())),
        }
    }

    /// Makes an array of units that fit 64 bits.
    #[must_use]
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "the units are inside the range of the type"
    )]
    pub fn array(self, units: Vec<i64>, nulls: Option<NullBuffer>) -> ArrayRef {
        match self {
            Self::Bool => {
                Arc::new(BooleanArray::new(BooleanBuffer::collect_bool(units.len(), |at| units[at] != 0), nulls))
            }
            Self::Int8 => of::<Int8Type>(units, nulls, |unit| unit as i8),
            Self::Int16 => of::<Int16Type>(units, nulls, |unit| unit as i16),
            Self::Int32 => of::<Int32Type>(units, nulls, |unit| unit as i32),
            Self::Int64 => Arc::new(PrimitiveArray::<Int64Type>::new(units.into(), nulls)),
            Self::UInt8 => of::<UInt8Type>(units, nulls, |unit| unit as u8),
            Self::UInt16 => of::<UInt16Type>(units, nulls, |unit| unit as u16),
            Self::UInt32 => of::<UInt32Type>(units, nulls, |unit| unit as u32),
            Self::UInt64 => of::<UInt64Type>(units, nulls, |unit| unit as u64),
            Self::Float32(scale) if scale <= 22 => {
                let unit = power(scale);
                of::<Float32Type>(units, nulls, |value| (value as f64 / unit) as f32)
            }
            Self::Float64(scale) if scale <= 22 => {
                let unit = power(scale);
                of::<Float64Type>(units, nulls, |value| value as f64 / unit)
            }
            Self::Float32(_) | Self::Float64(_) => self.wide_array(units.into_iter().map(i128::from).collect(), nulls),
            Self::Decimal(precision, scale) => {
                let array = PrimitiveArray::<Decimal128Type>::new(units.into_iter().map(i128::from).collect(), nulls);
                decimals(array, precision, scale)
            }
            Self::Date => of::<Date32Type>(units, nulls, |unit| unit as i32),
            Self::Time => Arc::new(PrimitiveArray::<Time64MicrosecondType>::new(units.into(), nulls)),
            Self::Timestamp => Arc::new(PrimitiveArray::<TimestampMicrosecondType>::new(units.into(), nulls)),
            Self::TimestampTz => {
                Arc::new(PrimitiveArray::<TimestampMicrosecondType>::new(units.into(), nulls).with_timezone("UTC"))
            }
        }
    }

    /// Makes an array of units of any size.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "rounding to the nearest float32 is what is asked")]
    pub fn wide_array(self, units: Vec<i128>, nulls: Option<NullBuffer>) -> ArrayRef {
        let float = |unit: i128, scale: u8| decimal_text(unit, scale).parse::<f64>().unwrap_or(0.0);
        match self {
            Self::Float32(scale) => {
                let values = units.into_iter().map(|unit| float(unit, scale) as f32).collect();
                Arc::new(PrimitiveArray::<Float32Type>::new(values, nulls))
            }
            Self::Float64(scale) => {
                let values = units.into_iter().map(|unit| float(unit, scale)).collect();
                Arc::new(PrimitiveArray::<Float64Type>::new(values, nulls))
            }
            Self::Decimal(precision, scale) => {
                decimals(PrimitiveArray::<Decimal128Type>::new(units.into(), nulls), precision, scale)
            }
            Self::UInt64 => {
                let values = units.into_iter().map(|unit| u64::try_from(unit).unwrap_or(0)).collect();
                Arc::new(PrimitiveArray::<UInt64Type>::new(values, nulls))
            }
            _ => self.array(units.into_iter().map(|unit| i64::try_from(unit).unwrap_or(0)).collect(), nulls),
        }
    }
}

fn of<T: ArrowPrimitiveType>(units: Vec<i64>, nulls: Option<NullBuffer>, cast: impl Fn(i64) -> T::Native) -> ArrayRef {
    let values: Vec<T::Native> = units.into_iter().map(cast).collect();
    Arc::new(PrimitiveArray::<T>::new(values.into(), nulls))
}

fn power(scale: u8) -> f64 {
    (0..scale).fold(1.0, |power, _| power * 10.0)
}

fn decimals(array: PrimitiveArray<Decimal128Type>, precision: u8, scale: u8) -> ArrayRef {
    let typed = arrow_schema::DataType::Decimal128(precision, scale.cast_signed());
    Arc::new(array.with_data_type(typed))
}

impl Grid {
    /// Gives the unit at a place.
    #[must_use]
    #[inline]
    pub fn unit(&self, place: u128) -> i128 {
        let place = self.without.iter().fold(place, |place, gap| if place >= *gap { place + 1 } else { place });
        self.least + self.step * i128::try_from(place).unwrap_or(0)
    }

    /// Gives the greatest unit.
    #[must_use]
    pub fn most(&self) -> i128 {
        self.unit(self.count.saturating_sub(1))
    }

    /// Gives the place of a unit, if it has one.
    #[must_use]
    pub fn place(&self, unit: i128) -> Option<u128> {
        let distance = unit.checked_sub(self.least)?;
        let full = u128::try_from(distance.checked_div(self.step)?).ok()?;
        if distance % self.step != 0 || self.without.binary_search(&full).is_ok() {
            return None;
        }
        let place = full - self.without.iter().take_while(|gap| **gap < full).count() as u128;
        (place < self.count).then_some(place)
    }

    /// Tells whether all units and their number fit 64 bits.
    #[must_use]
    pub fn is_narrow(&self) -> bool {
        i64::try_from(self.least).is_ok() && i64::try_from(self.most()).is_ok() && u64::try_from(self.count).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Column, CompareOp, Context, Literal};

    const CONTEXT: Context = Context { today: 10, now: 10 * DAY };

    #[test]
    fn grids_leave_values_out() {
        let grid = Grid { form: Form::Int8, least: -4, step: 2, count: 3, without: vec![1, 2] };
        assert_eq!((0..3).map(|place| grid.unit(place)).collect::<Vec<_>>(), [-4, 2, 4]);
        assert_eq!(
            [-4, -2, 0, 2, 3, 4, 6].map(|unit| grid.place(unit)),
            [Some(0), None, None, Some(1), None, Some(2), None]
        );
    }

    #[test]
    fn values_are_cut_to_units() {
        let price = Form::Decimal(12, 2);
        assert_eq!(cut(&Literal::Float(0.125), price, &CONTEXT), Some(Cut { floor: 12, exact: false }));
        assert_eq!(Cut { floor: 12, exact: false }.range(CompareOp::GtEq).0, 13);
        assert_eq!(
            cut(&Literal::Today, Form::Timestamp, &CONTEXT),
            Some(Cut { floor: 10 * i128::from(DAY), exact: true })
        );
        let date = Column::new("d", DataType::Date);
        assert_eq!(read("1970-01-03", &date, Form::Date, &CONTEXT), Some(Cut { floor: 2, exact: true }));
        let moment = Column { format: Some("%d.%m.%Y".into()), ..Column::new("t", DataType::Timestamp) };
        assert_eq!(read("02.01.1970", &moment, Form::Timestamp, &CONTEXT).map(|cut| cut.floor), Some(i128::from(DAY)));
        assert_eq!(read("x", &moment, Form::Timestamp, &CONTEXT), None);
    }

    #[test]
    fn every_form_makes_its_array() {
        for (_, data_type) in crate::model::data_type::SCALARS {
            let Some(form) = Form::of(data_type) else { continue };
            let array = form.array(vec![0, 1], None);
            assert_eq!(*array.data_type(), crate::frame::schema::arrow_type(data_type));
            assert_eq!(form.wide_array(vec![0, 1], None).as_ref(), array.as_ref());
        }
    }
}
