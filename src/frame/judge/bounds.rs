//! Bounds: a literal becomes a range of whole units, and a column is compared with it in its own integers.

use arrow_array::cast::AsArray;
use arrow_array::{Array, BooleanArray};

use crate::frame::judge::number::{DAY, moment, shortest_decimal};
use crate::frame::judge::units::{Unit, all_floats, with_units};
use crate::frame::mask::Mask;
use crate::model::{CompareOp, Context, DataType, Literal};

/// A bound made ready for the type of its column.
#[derive(Debug, Clone, PartialEq)]
pub enum Bound {
    Units(Range),
    Float { op: CompareOp, bound: f64 },
    Bytes { op: CompareOp, bound: Vec<u8> },
    Bool { op: CompareOp, bound: bool },
}

/// The units from `least` to `most`, both included (none where they cross), or all others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    pub least: i128,
    pub most: i128,
    pub negated: bool,
}

/// Where a literal stands among the whole units of a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cut {
    /// The highest unit not above it.
    pub floor: i128,
    /// Whether it is that unit.
    pub exact: bool,
}

impl Bound {
    /// Prepares `value op bound` for a column type.
    ///
    /// # Errors
    /// In words, where the literal cannot be compared with the type.
    pub fn new(op: CompareOp, bound: &Literal, data_type: &DataType, context: &Context) -> Result<Self, String> {
        match (data_type, bound) {
            (DataType::String, Literal::String(text)) => Ok(Self::Bytes { op, bound: text.clone().into_bytes() }),
            (DataType::Binary, Literal::Binary(bytes)) => Ok(Self::Bytes { op, bound: bytes.clone() }),
            (DataType::Bool, Literal::Bool(bound)) => Ok(Self::Bool { op, bound: *bound }),
            (DataType::Float32 | DataType::Float64, _) => {
                Ok(Self::Float { op, bound: float_literal(bound, data_type)? })
            }
            _ => Ok(Self::Units(cut(bound, data_type, context)?.range(op))),
        }
    }

    /// Marks the elements that break the bound, whatever stands under NULL. `None` for an array of another type.
    #[must_use]
    pub fn failing(&self, array: &dyn Array) -> Option<Mask> {
        match self {
            Self::Units(range) => range.failing(array),
            Self::Float { op, bound } => {
                let values = all_floats(array)?;
                // NaN and infinity break every numeric rule.
                let holds = |value: f64| value.is_finite() && value.partial_cmp(bound).is_some_and(|o| op.holds(o));
                Some(Mask::from_fn(values.len(), |at| !holds(values[at])))
            }
            Self::Bytes { op, bound } => {
                if let Some(texts) = array.as_string_opt::<i32>() {
                    let holds = |at| op.holds(texts.value(at).as_bytes().cmp(bound));
                    return Some(Mask::from_fn(texts.len(), |at| !holds(at)));
                }
                let bytes = array.as_binary_opt::<i32>()?;
                Some(Mask::from_fn(bytes.len(), |at| !op.holds(bytes.value(at).cmp(bound))))
            }
            Self::Bool { op, bound } => {
                let values: &BooleanArray = array.as_boolean_opt()?;
                Some(Mask::from_fn(values.len(), |at| !op.holds(values.value(at).cmp(bound))))
            }
        }
    }
}

impl Range {
    fn failing(self, array: &dyn Array) -> Option<Mask> {
        with_units!(array, values => Some(self.outside(values)), None)
    }

    fn outside<T: Unit>(self, values: &[T]) -> Mask {
        let least = if self.least <= T::LEAST.into() { Some(T::LEAST) } else { T::try_from(self.least).ok() };
        let most = if self.most >= T::MOST.into() { Some(T::MOST) } else { T::try_from(self.most).ok() };
        let inside = match (least, most) {
            (Some(least), Some(most)) if least <= most => Some((least, most)),
            _ => None,
        };
        let Some((least, most)) = inside else {
            return if self.negated { Mask::new(values.len()) } else { Mask::full(values.len()) };
        };
        Mask::from_fn(values.len(), |at| (least <= values[at] && values[at] <= most) == self.negated)
    }
}

impl Cut {
    /// Beyond all units on one side.
    const fn beyond(negative: bool) -> Self {
        Self { floor: if negative { i128::MIN } else { i128::MAX }, exact: false }
    }

    /// Gives the units for which `unit op literal` holds.
    #[must_use]
    pub const fn range(self, op: CompareOp) -> Range {
        const NONE: Range = Range { least: 1, most: 0, negated: false };
        let Self { floor, exact } = self;
        let least = if exact { Some(floor) } else { floor.checked_add(1) };
        let range = match op {
            CompareOp::Eq | CompareOp::NotEq if exact => Range { least: floor, most: floor, negated: false },
            CompareOp::Eq | CompareOp::NotEq => NONE,
            CompareOp::LtEq => Range { least: i128::MIN, most: floor, negated: false },
            CompareOp::Lt if !exact => Range { least: i128::MIN, most: floor, negated: false },
            CompareOp::Lt => match floor.checked_sub(1) {
                Some(most) => Range { least: i128::MIN, most, negated: false },
                None => NONE,
            },
            CompareOp::Gt => match floor.checked_add(1) {
                Some(least) => Range { least, most: i128::MAX, negated: false },
                None => NONE,
            },
            CompareOp::GtEq => match least {
                Some(least) => Range { least, most: i128::MAX, negated: false },
                None => NONE,
            },
        };
        Range { negated: matches!(op, CompareOp::NotEq), ..range }
    }
}

/// Finds where a literal stands among the units of a type.
///
/// # Errors
/// In words, where the literal cannot be compared with the type.
pub fn cut(literal: &Literal, data_type: &DataType, context: &Context) -> Result<Cut, String> {
    let refused = || format!("the value {literal} cannot be compared with the type {data_type}");
    match data_type {
        DataType::Date => {
            let micros = moment(literal, context).ok_or_else(refused)?;
            Ok(Cut { floor: micros.div_euclid(i128::from(DAY)), exact: micros % i128::from(DAY) == 0 })
        }
        DataType::Timestamp | DataType::TimestampTz => {
            Ok(Cut { floor: moment(literal, context).ok_or_else(refused)?, exact: true })
        }
        DataType::Time => match literal {
            Literal::Time(micros) => Ok(Cut { floor: i128::from(*micros), exact: true }),
            _ => Err(refused()),
        },
        DataType::Decimal { scale, .. } => number_cut(literal, *scale).ok_or_else(refused),
        integer if integer.is_integer() => number_cut(literal, 0).ok_or_else(refused),
        _ => Err(refused()),
    }
}

fn number_cut(literal: &Literal, scale: u8) -> Option<Cut> {
    match literal {
        Literal::Int(value) => Some(rescale(*value, 0, scale)),
        Literal::Decimal { unscaled, scale: from } => Some(rescale(*unscaled, *from, scale)),
        Literal::Float(value) if value.is_nan() => None,
        Literal::Float(value) => Some(match shortest_decimal(&value.to_string()) {
            Some((unscaled, from)) => rescale(unscaled, from, scale),
            None if value.abs() >= 1.0 => Cut::beyond(*value < 0.0),
            // Smaller than any unit, and not zero.
            None => Cut { floor: if *value < 0.0 { -1 } else { 0 }, exact: false },
        }),
        _ => None,
    }
}

/// Counts `unscaled / 10^from` in units of `10^-to`.
fn rescale(unscaled: i128, from: u8, to: u8) -> Cut {
    let power = 10i128.checked_pow(u32::from(from.abs_diff(to)));
    if to >= from {
        return match power.and_then(|power| unscaled.checked_mul(power)) {
            Some(floor) => Cut { floor, exact: true },
            None if unscaled == 0 => Cut { floor: 0, exact: true },
            None => Cut::beyond(unscaled < 0),
        };
    }
    match power {
        Some(power) => Cut { floor: unscaled.div_euclid(power), exact: unscaled % power == 0 },
        None => Cut { floor: if unscaled < 0 { -1 } else { 0 }, exact: unscaled == 0 },
    }
}

/// Reads a number literal as a value of a float column: for `float32` rounded as its cells are.
///
/// # Errors
/// In words, where the literal is no number.
#[expect(clippy::cast_possible_truncation, reason = "a float32 column holds values rounded the same way")]
pub fn float_literal(literal: &Literal, data_type: &DataType) -> Result<f64, String> {
    use crate::frame::judge::number::nearest_float;
    let value = match literal {
        Literal::Int(value) => nearest_float(*value, 0),
        Literal::Decimal { unscaled, scale } => nearest_float(*unscaled, *scale),
        Literal::Float(value) => *value,
        _ => return Err(format!("the value {literal} cannot be compared with the type {data_type}")),
    };
    Ok(if matches!(data_type, DataType::Float32) { f64::from(value as f32) } else { value })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::*;
    use proptest::prelude::*;

    use super::*;

    const CONTEXT: Context = Context { today: 10, now: 10 * DAY + 7 };

    fn failing(op: CompareOp, bound: &Literal, data_type: &DataType, array: &dyn Array) -> Vec<usize> {
        let bound = Bound::new(op, bound, data_type, &CONTEXT).unwrap();
        bound.failing(array).unwrap().rows().collect()
    }

    #[test]
    fn integers_of_every_width() {
        let arrays: Vec<(DataType, ArrayRef)> = vec![
            (DataType::Int8, Arc::new(Int8Array::from(vec![1, 5, 9]))),
            (DataType::Int16, Arc::new(Int16Array::from(vec![1, 5, 9]))),
            (DataType::Int32, Arc::new(Int32Array::from(vec![1, 5, 9]))),
            (DataType::Int64, Arc::new(Int64Array::from(vec![1, 5, 9]))),
            (DataType::UInt8, Arc::new(UInt8Array::from(vec![1, 5, 9]))),
            (DataType::UInt16, Arc::new(UInt16Array::from(vec![1, 5, 9]))),
            (DataType::UInt32, Arc::new(UInt32Array::from(vec![1, 5, 9]))),
            (DataType::UInt64, Arc::new(UInt64Array::from(vec![1, 5, 9]))),
        ];
        for (data_type, array) in &arrays {
            let five = Literal::Int(5);
            assert_eq!(failing(CompareOp::GtEq, &five, data_type, array), [0]);
            assert_eq!(failing(CompareOp::Gt, &five, data_type, array), [0, 1]);
            assert_eq!(failing(CompareOp::LtEq, &five, data_type, array), [2]);
            assert_eq!(failing(CompareOp::Lt, &five, data_type, array), [1, 2]);
            assert_eq!(failing(CompareOp::Eq, &five, data_type, array), [0, 2]);
            assert_eq!(failing(CompareOp::NotEq, &five, data_type, array), [1]);
            assert_eq!(failing(CompareOp::GtEq, &Literal::Int(i128::MAX), data_type, array), [0, 1, 2]);
            assert!(failing(CompareOp::LtEq, &Literal::Int(i128::MAX), data_type, array).is_empty());
            assert!(failing(CompareOp::GtEq, &Literal::Int(i128::MIN), data_type, array).is_empty());
            assert_eq!(
                failing(CompareOp::GtEq, &Literal::Decimal { unscaled: 51, scale: 1 }, data_type, array),
                [0, 1]
            );
            assert!(failing(CompareOp::NotEq, &Literal::Float(5.5), data_type, array).is_empty());
        }
        let ends = UInt64Array::from(vec![u64::MAX, u64::MAX - 1]);
        assert_eq!(failing(CompareOp::Lt, &Literal::Int(i128::from(u64::MAX)), &DataType::UInt64, &ends), [0]);
    }

    #[test]
    fn decimals_are_rescaled_exactly() {
        let data_type = DataType::Decimal { precision: 38, scale: 2 };
        let array = Decimal128Array::from(vec![499, 500, 501]).with_precision_and_scale(38, 2).unwrap();
        assert_eq!(failing(CompareOp::GtEq, &Literal::Int(5), &data_type, &array), [0]);
        assert_eq!(failing(CompareOp::Gt, &Literal::Decimal { unscaled: 49_999, scale: 4 }, &data_type, &array), [0]);
        assert_eq!(failing(CompareOp::Eq, &Literal::Decimal { unscaled: 50, scale: 1 }, &data_type, &array), [0, 2]);
        assert_eq!(failing(CompareOp::LtEq, &Literal::Float(5.01), &data_type, &array), Vec::<usize>::new());
        assert!(failing(CompareOp::Lt, &Literal::Float(1e300), &data_type, &array).is_empty());
        assert_eq!(failing(CompareOp::Lt, &Literal::Float(-1e300), &data_type, &array), [0, 1, 2]);
        assert_eq!(failing(CompareOp::Lt, &Literal::Float(1e-300), &data_type, &array), [0, 1, 2]);
    }

    #[test]
    fn floats_refuse_what_is_not_finite() {
        let array = Float64Array::from(vec![0.1, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -0.0]);
        assert_eq!(failing(CompareOp::LtEq, &Literal::Float(0.1), &DataType::Float64, &array), [1, 2, 3]);
        assert_eq!(failing(CompareOp::GtEq, &Literal::Int(0), &DataType::Float64, &array), [1, 2, 3]);
        let single = Float32Array::from(vec![0.1f32, 0.2]);
        assert_eq!(failing(CompareOp::LtEq, &Literal::Float(0.1), &DataType::Float32, &single), [1]);
    }

    #[test]
    fn texts_bytes_and_booleans() {
        let texts = StringArray::from(vec!["B", "a", "ä"]);
        assert_eq!(failing(CompareOp::LtEq, &Literal::String("a".into()), &DataType::String, &texts), [2]);
        let bytes = BinaryArray::from_vec(vec![b"\x00", b"\xff"]);
        assert_eq!(failing(CompareOp::Lt, &Literal::Binary(vec![0xff]), &DataType::Binary, &bytes), [1]);
        let flags = BooleanArray::from(vec![true, false]);
        assert_eq!(failing(CompareOp::Eq, &Literal::Bool(true), &DataType::Bool, &flags), [1]);
    }

    #[test]
    fn moments_and_the_day_of_the_run() {
        let days = Date32Array::from(vec![9, 10, 11]);
        assert_eq!(failing(CompareOp::LtEq, &Literal::Today, &DataType::Date, &days), [2]);
        assert_eq!(failing(CompareOp::Lt, &Literal::Now, &DataType::Date, &days), [2]);
        assert_eq!(failing(CompareOp::GtEq, &Literal::Now, &DataType::Date, &days), [0, 1]);
        assert_eq!(failing(CompareOp::Eq, &Literal::Timestamp(9 * DAY), &DataType::Date, &days), [1, 2]);
        let moments = TimestampMicrosecondArray::from(vec![10 * DAY, 10 * DAY + 7, 10 * DAY + 8]);
        assert_eq!(failing(CompareOp::LtEq, &Literal::Now, &DataType::Timestamp, &moments), [2]);
        assert_eq!(failing(CompareOp::LtEq, &Literal::Today, &DataType::Timestamp, &moments), [1, 2]);
        assert_eq!(failing(CompareOp::Gt, &Literal::Date(10), &DataType::Timestamp, &moments), [0]);
        let zoned = moments.with_timezone("UTC");
        assert_eq!(failing(CompareOp::Gt, &Literal::Date(10), &DataType::TimestampTz, &zoned), [0]);
        let times = Time64MicrosecondArray::from(vec![0, 5]);
        assert_eq!(failing(CompareOp::Gt, &Literal::Time(0), &DataType::Time, &times), [0]);
    }

    #[test]
    fn what_cannot_be_compared_is_said() {
        let error = Bound::new(CompareOp::Eq, &Literal::String("x".into()), &DataType::Int8, &CONTEXT).unwrap_err();
        assert!(error.contains("int8"), "{error}");
        assert!(Bound::new(CompareOp::Eq, &Literal::Int(1), &DataType::String, &CONTEXT).is_err());
        assert!(Bound::new(CompareOp::Eq, &Literal::Float(f64::NAN), &DataType::Int8, &CONTEXT).is_err());
    }

    fn any_op() -> impl Strategy<Value = CompareOp> {
        use CompareOp::*;
        proptest::sample::select(vec![Eq, NotEq, Lt, LtEq, Gt, GtEq])
    }

    proptest! {
        #[test]
        fn ranges_agree_with_the_order_of_numbers(
            value in -200i64..200, unscaled in -2000i128..2000, scale in 0u8..3, op in any_op(),
        ) {
            use crate::frame::judge::number::Number;
            let data_type = DataType::Decimal { precision: 10, scale: 1 };
            let array = Decimal128Array::from(vec![i128::from(value)]).with_precision_and_scale(10, 1).unwrap();
            let failed = failing(op, &Literal::Decimal { unscaled, scale }, &data_type, &array);
            let order = Number::Exact { unscaled: value.into(), scale: 1 }.order(Number::Exact { unscaled, scale });
            prop_assert_eq!(failed.is_empty(), op.holds(order.unwrap()));
        }
    }
}
