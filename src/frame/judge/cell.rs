//! Cell tests: one test of one value, at every element the rule's path reaches.

use arrow_array::Array;
use arrow_array::cast::AsArray;

use crate::frame::batch::Batch;
use crate::frame::judge::bounds::Bound;
use crate::frame::judge::formats;
use crate::frame::judge::multiple::Multiple;
use crate::frame::judge::one_of::OneOf;
use crate::frame::judge::path::Reach;
use crate::frame::judge::pattern::Pattern;
use crate::frame::mask::Mask;
use crate::model::{CellTest, ColumnPath, Context, NullPolicy, Table};

/// A cell test made ready for the type its path ends at.
#[derive(Debug)]
pub struct Cell {
    pub path: ColumnPath,
    test: Test,
    nulls: NullPolicy,
}

#[derive(Debug)]
enum Test {
    Required,
    Bound(Bound),
    OneOf(OneOf),
    Multiple(Multiple),
    Pattern(Pattern),
    Format(formats::Compiled),
    Length { minimum: u64, maximum: u64 },
    Items { minimum: u64, maximum: u64 },
}

impl Cell {
    /// Compiles a cell test.
    ///
    /// # Errors
    /// In words, where the test does not fit the type or its pattern cannot be compiled.
    pub fn new(
        test: &CellTest,
        path: &ColumnPath,
        nulls: NullPolicy,
        table: &Table,
        context: &Context,
    ) -> Result<Self, String> {
        let data_type = &table.at(path).data_type;
        let span = |minimum: &Option<u64>, maximum: &Option<u64>| (minimum.unwrap_or(0), maximum.unwrap_or(u64::MAX));
        let test = match test {
            CellTest::Required => Test::Required,
            CellTest::Bound { op, bound } => Test::Bound(Bound::new(*op, bound, data_type, context)?),
            CellTest::OneOf { values, negated } => Test::OneOf(OneOf::new(values, *negated, data_type, context)?),
            CellTest::MultipleOf(divisor) => Test::Multiple(Multiple::new(divisor, data_type)?),
            CellTest::Pattern { pattern, search } => Test::Pattern(Pattern::new(pattern, *search)?),
            CellTest::Format(format) => Test::Format(formats::Compiled::new(format)?),
            CellTest::Length { minimum, maximum } => {
                let (minimum, maximum) = span(minimum, maximum);
                Test::Length { minimum, maximum }
            }
            CellTest::Items { minimum, maximum } => {
                let (minimum, maximum) = span(minimum, maximum);
                Test::Items { minimum, maximum }
            }
        };
        Ok(Self { path: path.clone(), test, nulls })
    }

    /// Marks the rows with an element that breaks the test.
    ///
    /// # Errors
    /// In words, where the column is not of the type the contract says.
    pub fn failed(&self, batch: &Batch) -> Result<Mask, String> {
        let mistyped = || format!("the column `{}` is not of its contract's type in memory", self.path.text);
        let column = batch.columns.get(self.path.column).ok_or_else(mistyped)?;
        let reach = Reach::new(column, &self.path.steps).ok_or_else(mistyped)?;
        let failing = self.failing(&reach).ok_or_else(mistyped)?;
        Ok(reach.to_rows(failing, batch.len()))
    }

    /// Marks the elements that break the test. `None` where they are of another type.
    #[must_use]
    pub fn failing(&self, reach: &Reach) -> Option<Mask> {
        let elements = reach.elements.as_ref();
        let mut failing = match &self.test {
            Test::Required => return Some(reach.nulls()),
            Test::Bound(bound) => bound.failing(elements)?,
            Test::OneOf(list) => list.failing(elements)?,
            Test::Multiple(multiple) => multiple.failing(elements)?,
            Test::Pattern(pattern) => texts(elements, |text| pattern.is_match(text))?,
            Test::Format(format) => texts(elements, |text| format.holds(text))?,
            Test::Length { minimum, maximum } => lengths(elements, *minimum, *maximum)?,
            Test::Items { minimum, maximum } => {
                spans(elements.as_list_opt::<i32>()?.value_offsets(), *minimum, *maximum)
            }
        };
        if reach.may_lack() && failing.any() {
            let absent: Vec<usize> = failing.rows().filter(|at| !reach.is_value(*at)).collect();
            for at in absent {
                failing.clear(at);
            }
        }
        let spares_null = matches!(&self.test, Test::OneOf(list) if list.lists_null);
        if self.nulls == NullPolicy::Fail && !spares_null {
            failing.or(&reach.nulls());
        }
        Some(failing)
    }
}

/// Marks the texts that do not hold.
fn texts(array: &dyn Array, holds: impl Fn(&str) -> bool) -> Option<Mask> {
    let texts = array.as_string_opt::<i32>()?;
    // An empty text under NULL is asked too and struck out later: cheaper than looking first.
    Some(Mask::from_fn(texts.len(), |at| !holds(texts.value(at))))
}

/// Marks texts by their code points, or bytes by their number.
fn lengths(array: &dyn Array, minimum: u64, maximum: u64) -> Option<Mask> {
    if let Some(bytes) = array.as_binary_opt::<i32>() {
        return Some(spans(bytes.value_offsets(), minimum, maximum));
    }
    let texts = array.as_string_opt::<i32>()?;
    if texts.is_ascii() {
        return Some(spans(texts.value_offsets(), minimum, maximum));
    }
    Some(Mask::from_fn(texts.len(), |at| {
        let points = texts.value(at).chars().count() as u64;
        points < minimum || points > maximum
    }))
}

/// Marks the spans between offsets that are shorter than `minimum` or longer than `maximum`.
fn spans(offsets: &[i32], minimum: u64, maximum: u64) -> Mask {
    Mask::from_fn(offsets.len().saturating_sub(1), |at| {
        let length = u64::from(offsets[at].abs_diff(offsets[at + 1]));
        length < minimum || length > maximum
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::*;
    use arrow_buffer::{NullBuffer, OffsetBuffer};
    use arrow_schema::{DataType as Arrow, Field};

    use super::*;
    use crate::frame::judge::fixture::{batch, table};
    use crate::model::{CompareOp, DataType, Literal, TextFormat};

    const CONTEXT: Context = Context { today: 0, now: 0 };

    fn failed(test: &CellTest, nulls: NullPolicy, data_type: DataType, path: &str, array: ArrayRef) -> Vec<usize> {
        let table = table(vec![("x", data_type)]);
        let cell = Cell::new(test, &table.path(path).unwrap(), nulls, &table, &CONTEXT).unwrap();
        cell.failed(&batch(vec![array])).unwrap().rows().collect()
    }

    fn words() -> ArrayRef {
        Arc::new(StringArray::from(vec![Some("ab"), None, Some(""), Some("éé"), Some("abc")]))
    }

    #[test]
    fn null_is_ignored_unless_asked_for() {
        let length = || CellTest::Length { minimum: Some(1), maximum: Some(2) };
        assert_eq!(failed(&length(), NullPolicy::Ignore, DataType::String, "x", words()), [2, 4]);
        assert_eq!(failed(&length(), NullPolicy::Fail, DataType::String, "x", words()), [1, 2, 4]);
        assert_eq!(failed(&CellTest::Required, NullPolicy::Ignore, DataType::String, "x", words()), [1]);
        let listed = CellTest::OneOf { values: vec![Literal::String("ab".into()), Literal::Null], negated: false };
        assert_eq!(failed(&listed, NullPolicy::Fail, DataType::String, "x", words()), [2, 3, 4]);
    }

    #[test]
    fn texts_are_matched_whole() {
        let pattern = CellTest::Pattern { pattern: "[a-b]+".into(), search: false };
        assert_eq!(failed(&pattern, NullPolicy::Ignore, DataType::String, "x", words()), [2, 3, 4]);
        let search = CellTest::Pattern { pattern: "b".into(), search: true };
        assert_eq!(failed(&search, NullPolicy::Ignore, DataType::String, "x", words()), [2, 3]);
        let codes: ArrayRef = Arc::new(StringArray::from(vec![Some("DE"), Some("de"), None]));
        let format = CellTest::Format(TextFormat::IsoCountry);
        assert_eq!(failed(&format, NullPolicy::Ignore, DataType::String, "x", codes), [1]);
    }

    #[test]
    fn values_under_null_do_not_count() {
        let hidden = Int32Array::new(vec![-5, -5].into(), Some(NullBuffer::from(vec![false, true])));
        let bound = CellTest::Bound { op: CompareOp::GtEq, bound: Literal::Int(0) };
        assert_eq!(failed(&bound, NullPolicy::Ignore, DataType::Int32, "x", Arc::new(hidden)), [1]);
    }

    #[test]
    fn bytes_and_sliced_texts_have_lengths() {
        let length = || CellTest::Length { minimum: None, maximum: Some(2) };
        let bytes: ArrayRef = Arc::new(BinaryArray::from_vec(vec![b"abc", b"\xff\xfe"]));
        assert_eq!(failed(&length(), NullPolicy::Ignore, DataType::Binary, "x", bytes), [0]);
        let sliced = StringArray::from(vec!["abcdef", "ab", "abc"]).slice(1, 2);
        assert_eq!(failed(&length(), NullPolicy::Ignore, DataType::String, "x", Arc::new(sliced)), [1]);
    }

    /// `[{5}, {-1}]`, NULL, `[]`, `[NULL, {NULL}]`, `[{7}]`.
    fn basket() -> (DataType, ArrayRef) {
        let price = crate::model::Column::new("price", DataType::Int64);
        let item = crate::model::Column::new("item", DataType::Struct(vec![price]));
        let prices: ArrayRef = Arc::new(Int64Array::from(vec![Some(5), Some(-1), Some(-9), None, Some(7)]));
        let fields = vec![Field::new("price", Arrow::Int64, true)];
        let exist = NullBuffer::from(vec![true, true, false, true, true]);
        let items = StructArray::new(fields.into(), vec![prices], Some(exist));
        let field = Arc::new(Field::new("item", items.data_type().clone(), true));
        let nulls = NullBuffer::from(vec![true, false, true, true, true]);
        let offsets = OffsetBuffer::new(vec![0, 2, 2, 2, 4, 5].into());
        (DataType::List(Box::new(item)), Arc::new(ListArray::new(field, offsets, Arc::new(items), Some(nulls))))
    }

    #[test]
    fn every_element_is_asked() {
        let (data_type, array) = basket();
        let ask = |test: CellTest, nulls, path: &str| failed(&test, nulls, data_type.clone(), path, array.clone());
        let positive = || CellTest::Bound { op: CompareOp::Gt, bound: Literal::Int(0) };
        assert_eq!(ask(positive(), NullPolicy::Ignore, "x[].price"), [0]);
        assert_eq!(ask(positive(), NullPolicy::Fail, "x[].price"), [0, 3]);
        assert_eq!(ask(CellTest::Required, NullPolicy::Ignore, "x[].price"), [3]);
        assert_eq!(ask(CellTest::Required, NullPolicy::Ignore, "x[]"), [3]);
        assert_eq!(ask(CellTest::Required, NullPolicy::Ignore, "x"), [1]);
        let items = || CellTest::Items { minimum: Some(1), maximum: Some(1) };
        assert_eq!(ask(items(), NullPolicy::Ignore, "x"), [0, 2, 3]);
        assert_eq!(ask(items(), NullPolicy::Fail, "x"), [0, 1, 2, 3]);
    }

    #[test]
    fn a_test_that_does_not_fit_is_refused() {
        let table = table(vec![("x", DataType::Int8)]);
        let pattern = CellTest::Pattern { pattern: "[".into(), search: false };
        let path = table.path("x").unwrap();
        assert!(Cell::new(&pattern, &path, NullPolicy::Ignore, &table, &CONTEXT).is_err());
        let items = CellTest::Items { minimum: Some(1), maximum: None };
        let cell = Cell::new(&items, &path, NullPolicy::Ignore, &table, &CONTEXT).unwrap();
        let numbers: ArrayRef = Arc::new(Int8Array::from(vec![1]));
        assert!(cell.failed(&batch(vec![numbers])).unwrap_err().contains("`x`"));
    }
}
