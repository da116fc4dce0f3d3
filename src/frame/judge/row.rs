//! Row tests: several cells of one row.

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, BinaryArray, BooleanArray, StringArray};
use arrow_schema::DataType as Arrow;

use crate::frame::batch::Batch;
use crate::frame::expr::Tri;
use crate::frame::judge::number::{DAY, Number};
use crate::frame::judge::path::Reach;
use crate::frame::judge::units::{all_floats, all_units, scale_of};
use crate::frame::layout::{Origin, origins};
use crate::frame::mask::Mask;
use crate::frame::raw::Body;
use crate::model::{ColumnPath, CompareOp, DataType, NullPolicy, Step, Table};

/// Marks rows where an expression is false; NULL fails under [`NullPolicy::Fail`].
#[must_use]
pub fn expression_failed(value: &Tri, nulls: NullPolicy) -> Mask {
    let mut failed = match nulls {
        NullPolicy::Ignore => value.known.clone(),
        NullPolicy::Fail => Mask::full(value.truth.len()),
    };
    failed.and_not(&value.truth);
    failed
}

/// Marks rows where `when` is true and `then` is false; a `then` of NULL fails under [`NullPolicy::Fail`]. Rows for
/// which `when` is not true are not asked, as with `where`.
#[must_use]
pub fn when_failed(when: &Tri, then: &Tri, nulls: NullPolicy) -> Mask {
    let mut failed = expression_failed(then, nulls);
    failed.and(&when.truth);
    failed
}

/// Marks rows whose every column is NULL. Columns that are folders of the path or that the file does not have are not
/// asked; a cell that did not parse is not NULL.
///
/// # Errors
/// In words, where no column is left to ask.
pub fn all_null(batch: &Batch, table: &Table) -> Result<Mask, String> {
    let json = matches!(batch.raw.body, Body::Json);
    let places = origins(table, &batch.raw.file, json);
    let asked: Vec<usize> = (0..batch.columns.len())
        .filter(|column| !batch.absent.get(*column).copied().unwrap_or(false))
        .filter(|column| !matches!(places.get(*column), Some(Origin::Partition(_))))
        .collect();
    if asked.is_empty() {
        return Err("the file has none of the table's columns".to_owned());
    }
    let mut failed = Mask::full(batch.len());
    for column in asked {
        if let Some(unparsed) = batch.unparsed.get(column).and_then(Option::as_ref) {
            failed.and_not(unparsed);
        }
        match batch.columns[column].nulls() {
            Some(nulls) => failed.and(&Mask::from_fn(nulls.len(), |row| nulls.is_null(row))),
            None => return Ok(Mask::new(batch.len())),
        }
        if !failed.any() {
            break;
        }
    }
    Ok(failed)
}

/// A comparison of two columns, fields or elements.
#[derive(Debug)]
pub struct Compare {
    pub left: ColumnPath,
    pub right: ColumnPath,
    op: CompareOp,
    nulls: NullPolicy,
}

/// Both sides of a comparison in one batch, and which element of one stands beside which of the other.
#[derive(Debug)]
pub struct Sides {
    pub left: Reach,
    pub right: Reach,
}

impl Compare {
    /// Compiles a comparison.
    ///
    /// # Errors
    /// In words, where the two cannot be compared or lie in different lists.
    pub fn new(
        left: &ColumnPath,
        op: CompareOp,
        right: &ColumnPath,
        nulls: NullPolicy,
        table: &Table,
    ) -> Result<Self, String> {
        let (a, b) = (&table.at(left).data_type, &table.at(right).data_type);
        if !comparable(a, b) {
            return Err(format!("`{}` ({a}) cannot be compared with `{}` ({b})", left.text, right.text));
        }
        let (in_left, in_right) = (list_part(left), list_part(right));
        let one_list =
            in_left.is_empty() || in_right.is_empty() || (left.column == right.column && in_left == in_right);
        if !one_list {
            return Err(format!("`{}` and `{}` lie in different lists", left.text, right.text));
        }
        Ok(Self { left: left.clone(), right: right.clone(), op, nulls })
    }

    /// Marks the rows in which some pair breaks the comparison.
    ///
    /// # Errors
    /// In words, where a column is not of the type the contract says.
    pub fn failed(&self, batch: &Batch) -> Result<Mask, String> {
        let sides = self.sides(&batch.columns)?;
        let failing = self.failing(&sides).ok_or_else(|| self.mistyped())?;
        let longer = if sides.left.is_flat() { &sides.right } else { &sides.left };
        Ok(longer.to_rows(failing, batch.len()))
    }

    /// Finds both sides in the columns of a batch.
    ///
    /// # Errors
    /// As [`Compare::failed`].
    pub fn sides(&self, columns: &[ArrayRef]) -> Result<Sides, String> {
        let reach = |path: &ColumnPath| {
            columns.get(path.column).and_then(|column| Reach::new(column, &path.steps)).ok_or_else(|| self.mistyped())
        };
        Ok(Sides { left: reach(&self.left)?, right: reach(&self.right)? })
    }

    /// Marks the pairs that break the comparison. NaN and infinity on a side always do. `None` for arrays that cannot
    /// be compared.
    #[must_use]
    pub fn failing(&self, sides: &Sides) -> Option<Mask> {
        let Sides { left, right } = sides;
        let (a, b) = (Cells::new(&left.elements)?, Cells::new(&right.elements)?);
        if !a.fits(&b) {
            return None;
        }
        Some(Mask::from_fn(sides.len(), |pair| {
            let (i, j) = sides.pair(pair);
            if left.is_value(i) && right.is_value(j) {
                return !a.order(i, &b, j).is_some_and(|order| self.op.holds(order));
            }
            self.nulls == NullPolicy::Fail && left.exists(i) && right.exists(j)
        }))
    }

    fn mistyped(&self) -> String {
        format!("`{}` or `{}` is not of its contract's type in memory", self.left.text, self.right.text)
    }
}

impl Sides {
    /// Gives the number of pairs.
    #[must_use]
    pub fn len(&self) -> usize {
        if self.left.is_flat() { self.right.len() } else { self.left.len() }
    }

    /// Tells whether there are no pairs.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Gives the elements of a pair. A side that is no list repeats its row's value.
    #[must_use]
    pub fn pair(&self, pair: usize) -> (usize, usize) {
        match (self.left.is_flat(), self.right.is_flat()) {
            (true, false) => (self.right.row_of(pair), pair),
            (false, true) => (pair, self.left.row_of(pair)),
            _ => (pair, pair),
        }
    }
}

/// The steps of a path down to its innermost list.
fn list_part(path: &ColumnPath) -> &[Step] {
    let end = path.steps.iter().rposition(|step| *step == Step::Items).map_or(0, |at| at + 1);
    &path.steps[..end]
}

fn comparable(a: &DataType, b: &DataType) -> bool {
    let moment = |t: &DataType| matches!(t, DataType::Date | DataType::Timestamp | DataType::TimestampTz);
    (a.is_numeric() && b.is_numeric()) || (moment(a) && moment(b)) || (a == b && !a.is_nested())
}

/// The values of one side in a form the other can be compared with.
enum Cells {
    /// Numbers, or moments in microseconds.
    Units {
        values: Vec<i128>,
        scale: u8,
    },
    Floats(Vec<f64>),
    Texts(StringArray),
    Bytes(BinaryArray),
    Flags(BooleanArray),
}

impl Cells {
    fn new(array: &ArrayRef) -> Option<Self> {
        if let Some(mut values) = all_units(array) {
            if *array.data_type() == Arrow::Date32 {
                for value in &mut values {
                    *value *= i128::from(DAY);
                }
            }
            return Some(Self::Units { values, scale: scale_of(array) });
        }
        if let Some(values) = all_floats(array) {
            return Some(Self::Floats(values));
        }
        match array.data_type() {
            Arrow::Utf8 => Some(Self::Texts(array.as_string_opt()?.clone())),
            Arrow::Binary => Some(Self::Bytes(array.as_binary_opt()?.clone())),
            Arrow::Boolean => Some(Self::Flags(array.as_boolean_opt()?.clone())),
            _ => None,
        }
    }

    const fn fits(&self, other: &Self) -> bool {
        matches!(
            (self, other),
            (Self::Units { .. } | Self::Floats(_), Self::Units { .. } | Self::Floats(_))
                | (Self::Texts(_), Self::Texts(_))
                | (Self::Bytes(_), Self::Bytes(_))
                | (Self::Flags(_), Self::Flags(_))
        )
    }

    fn number(&self, at: usize) -> Option<Number> {
        match self {
            Self::Units { values, scale } => Some(Number::Exact { unscaled: *values.get(at)?, scale: *scale }),
            Self::Floats(values) => values.get(at).filter(|value| value.is_finite()).map(|value| Number::Float(*value)),
            _ => None,
        }
    }

    fn order(&self, at: usize, other: &Self, there: usize) -> Option<std::cmp::Ordering> {
        match (self, other) {
            (Self::Texts(a), Self::Texts(b)) => Some(a.value(at).cmp(b.value(there))),
            (Self::Bytes(a), Self::Bytes(b)) => Some(a.value(at).cmp(b.value(there))),
            (Self::Flags(a), Self::Flags(b)) => Some(a.value(at).cmp(&b.value(there))),
            _ => self.number(at)?.order(other.number(there)?),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::*;

    use super::*;
    use crate::frame::judge::fixture::{batch, table};

    fn failed(a: (DataType, ArrayRef), op: CompareOp, b: (DataType, ArrayRef), nulls: NullPolicy) -> Vec<usize> {
        let table = table(vec![("a", a.0), ("b", b.0)]);
        let (left, right) = (table.path("a").unwrap(), table.path("b").unwrap());
        let compare = Compare::new(&left, op, &right, nulls, &table).unwrap();
        compare.failed(&batch(vec![a.1, b.1])).unwrap().rows().collect()
    }

    #[test]
    fn numbers_of_all_types_are_compared_exactly() {
        let big = 9_007_199_254_740_993;
        let ints = || (DataType::Int64, Arc::new(Int64Array::from(vec![Some(big), Some(2), None])) as ArrayRef);
        let floats: ArrayRef = Arc::new(Float64Array::from(vec![9_007_199_254_740_992.0, f64::NAN, 1.0]));
        let prices = Decimal128Array::from(vec![200, 200, 200]).with_precision_and_scale(20, 2).unwrap();
        assert_eq!(failed(ints(), CompareOp::LtEq, (DataType::Float64, floats), NullPolicy::Ignore), [0, 1]);
        let decimal = (DataType::Decimal { precision: 20, scale: 2 }, Arc::new(prices) as ArrayRef);
        assert_eq!(failed(ints(), CompareOp::Eq, decimal.clone(), NullPolicy::Ignore), [0]);
        assert_eq!(failed(decimal, CompareOp::Eq, ints(), NullPolicy::Fail), [0, 2]);
        let bytes: ArrayRef = Arc::new(UInt8Array::from(vec![0, 2, 5]));
        assert_eq!(failed(ints(), CompareOp::Gt, (DataType::UInt8, bytes), NullPolicy::Ignore), [1]);
    }

    #[test]
    fn a_day_is_its_midnight() {
        let days: ArrayRef = Arc::new(Date32Array::from(vec![1, 1]));
        let moments: ArrayRef = Arc::new(TimestampMicrosecondArray::from(vec![DAY, DAY + 1]));
        let (left, right) = ((DataType::Date, days), (DataType::Timestamp, moments));
        assert_eq!(failed(left, CompareOp::GtEq, right, NullPolicy::Ignore), [1]);
    }

    #[test]
    fn texts_are_compared_by_bytes() {
        let left: ArrayRef = Arc::new(StringArray::from(vec!["a", "Z", "é"]));
        let right: ArrayRef = Arc::new(StringArray::from(vec!["B", "a", "z"]));
        assert_eq!(
            failed((DataType::String, left), CompareOp::Lt, (DataType::String, right), NullPolicy::Ignore),
            [0, 2]
        );
    }

    #[test]
    fn what_cannot_be_compared_is_refused() {
        let table = table(vec![("a", DataType::Int8), ("b", DataType::String)]);
        let (a, b) = (table.path("a").unwrap(), table.path("b").unwrap());
        assert!(Compare::new(&a, CompareOp::Lt, &b, NullPolicy::Ignore, &table).unwrap_err().contains("string"));
    }

    #[test]
    fn elements_stand_beside_elements_or_the_row() {
        use crate::model::Column;
        let pair = vec![Column::new("p", DataType::Int64), Column::new("q", DataType::Int64)];
        let items = DataType::List(Box::new(Column::new("item", DataType::Struct(pair))));
        let table = table(vec![("x", items), ("limit", DataType::Int64)]);
        let fields =
            vec![arrow_schema::Field::new("p", Arrow::Int64, true), arrow_schema::Field::new("q", Arrow::Int64, true)];
        let columns: Vec<ArrayRef> =
            vec![Arc::new(Int64Array::from(vec![1, 5, 3])), Arc::new(Int64Array::from(vec![2, 4, 3]))];
        let structs = StructArray::new(fields.into(), columns, None);
        let field = Arc::new(arrow_schema::Field::new("item", structs.data_type().clone(), true));
        let offsets = arrow_buffer::OffsetBuffer::new(vec![0, 2, 2, 3].into());
        let list: ArrayRef = Arc::new(ListArray::new(field, offsets, Arc::new(structs), None));
        let limits: ArrayRef = Arc::new(Int64Array::from(vec![9, 9, 2]));
        let batch = batch(vec![list, limits]);
        let ask = |a: &str, b: &str| {
            let (left, right) = (table.path(a).unwrap(), table.path(b).unwrap());
            let compare = Compare::new(&left, CompareOp::LtEq, &right, NullPolicy::Ignore, &table).unwrap();
            compare.failed(&batch).unwrap().rows().collect::<Vec<_>>()
        };
        assert_eq!(ask("x[].p", "x[].q"), [0]);
        assert_eq!(ask("x[].p", "limit"), [2]);
        assert_eq!(ask("limit", "x[].p"), [0]);
    }

    #[test]
    fn three_values_follow_the_policy() {
        let mask = |rows: &[usize]| Mask::from_fn(4, |row| rows.contains(&row));
        let then = Tri { truth: mask(&[0]), known: mask(&[0, 1]) };
        let when = Tri { truth: mask(&[1, 2]), known: mask(&[0, 1, 2]) };
        assert_eq!(expression_failed(&then, NullPolicy::Ignore), mask(&[1]));
        assert_eq!(expression_failed(&then, NullPolicy::Fail), mask(&[1, 2, 3]));
        assert_eq!(when_failed(&when, &then, NullPolicy::Ignore), mask(&[1]));
        assert_eq!(when_failed(&when, &then, NullPolicy::Fail), mask(&[1, 2]));
    }

    #[test]
    fn rows_of_nulls_are_found_beside_folders() {
        let table = table(vec![("a", DataType::Int8), ("b", DataType::Int8), ("d", DataType::String)]);
        let a: ArrayRef = Arc::new(Int8Array::from(vec![None, None, None, Some(1)]));
        let b: ArrayRef = Arc::new(Int8Array::from(vec![None, Some(1), None, None]));
        let d: ArrayRef = Arc::new(StringArray::from(vec!["x"; 4]));
        let mut batch = batch(vec![a, b, d]);
        let mut file = (*batch.raw.file).clone();
        file.names = vec!["a".into(), "b".into()];
        file.partitions = vec![("d".into(), "x".into())];
        batch.raw.file = Arc::new(file);
        batch.unparsed[0] = Some(Mask::from_fn(4, |row| row == 2));
        assert_eq!(all_null(&batch, &table).unwrap().rows().collect::<Vec<_>>(), [0]);
        batch.absent = vec![true, true, true];
        assert!(all_null(&batch, &table).is_err());
    }
}
