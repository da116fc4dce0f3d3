//! Where in a row a rule was broken, and by what value.

use std::borrow::Cow;

use crate::frame::batch::{Batch, Fault, shorten, shortened};
use crate::frame::judge::path::{Reach, with_indexes};
use crate::frame::judge::row::Compare;
use crate::frame::judge::{Judge, Test};
use crate::frame::layout::Origin;
use crate::frame::mask::Mask;
use crate::frame::raw::{Body, unescape};
use crate::frame::show::value_text;
use crate::model::ColumnPath;

/// A column text and a value, each where there is one.
type Place<'a> = (Option<Cow<'a, str>>, Option<Cow<'a, str>>);

impl Judge {
    /// Says for a row that breaks a rule of the table which cell did, and its value.
    ///
    /// The column comes with the place in each list, of the first element that fails: `basket[1].price`. The value is
    /// the field as it stood for a column of a CSV file, the typed value otherwise, cut to 200 characters. A rule on
    /// several columns has no column, and a value such as `price=5.00, cost=7.00`. Nothing is masked here. `origins` are
    /// those of the batch's columns, where its records have fields.
    #[must_use]
    pub fn locate<'a>(&'a self, rule: usize, batch: &'a Batch, row: usize, origins: &[Origin]) -> Place<'a> {
        let Some(plan) = self.plans.get(rule).filter(|_| row < batch.len()) else { return (None, None) };
        match &plan.test {
            Test::Record => faulty(batch.faults.iter().find(|fault| fault.row == row && fault.column.is_none())),
            Test::Type(column) => {
                faulty(batch.faults.iter().find(|fault| fault.row == row && fault.column == Some(*column)))
            }
            Test::Cell(cell) => {
                if cell.path.steps.is_empty() {
                    return (Some(Cow::Borrowed(&cell.path.text)), field_text(batch, cell.path.column, row, origins));
                }
                let element = slice(batch, &cell.path, row).and_then(|reach| {
                    let first = cell.failing(&reach)?.rows().next()?;
                    Some((reach, first))
                });
                match element {
                    Some((reach, first)) => element_place(&cell.path, &reach, first),
                    None => (Some(Cow::Borrowed(&cell.path.text)), None),
                }
            }
            Test::Compare(compare) => (None, pair_text(compare, batch, row).map(Cow::Owned)),
            Test::AllNull => (None, None),
            Test::Expression { .. } | Test::When { .. } => {
                (None, self.listing(&plan.reads, batch, row).map(Cow::Owned))
            }
            Test::Later => match plan.paths.as_slice() {
                [path] if path.steps.is_empty() => {
                    (Some(Cow::Borrowed(&path.text)), field_text(batch, path.column, row, origins))
                }
                [path] => (Some(Cow::Borrowed(&path.text)), None),
                [] => (None, None),
                _ => (None, self.listing(&plan.reads, batch, row).map(Cow::Owned)),
            },
        }
    }

    /// Lists the cells of columns: `price=5.00, cost=NULL`.
    fn listing(&self, columns: &[usize], batch: &Batch, row: usize) -> Option<String> {
        let cells: Vec<String> = columns
            .iter()
            .filter_map(|column| {
                let name = &self.table.columns.get(*column)?.name;
                let value = value_text(batch.columns.get(*column)?, row);
                Some(format!("{name}={}", value.as_deref().unwrap_or("NULL")))
            })
            .collect();
        (!cells.is_empty()).then(|| shorten(cells.join(", ").as_bytes()))
    }
}

/// Gives the text of a column's cell: the field as it stood for CSV, the folder's for a partition, else the typed value.
fn field_text<'a>(batch: &'a Batch, column: usize, row: usize, origins: &[Origin]) -> Option<Cow<'a, str>> {
    let typed = || {
        let array = batch.columns.get(column)?;
        value_text(array, row).map(|text| Cow::Owned(shorten(text.as_bytes())))
    };
    if !matches!(batch.raw.body, Body::Delimited(_)) {
        return typed();
    }
    match origins.get(column) {
        Some(Origin::Field(field)) => {
            let (content, span) = batch.raw.field(row, *field)?;
            if !span.escaped {
                return Some(shortened(content));
            }
            let mut plain = Vec::new();
            unescape(content, span, &batch.raw.file.spec, &mut plain);
            Some(Cow::Owned(shorten(&plain)))
        }
        Some(Origin::Partition(value)) => Some(Cow::Owned(shorten(value.as_bytes()))),
        _ => typed(),
    }
}

fn faulty(fault: Option<&Fault>) -> Place<'_> {
    match fault {
        Some(fault) => {
            let path = Some(&*fault.path).filter(|path| !path.is_empty());
            (path.map(Cow::Borrowed), fault.value.as_deref().map(Cow::Borrowed))
        }
        None => (None, None),
    }
}

/// Follows a path in one row alone.
fn slice(batch: &Batch, path: &ColumnPath, row: usize) -> Option<Reach> {
    Reach::of_row(batch.columns.get(path.column)?, &path.steps, row)
}

fn element_place(path: &ColumnPath, reach: &Reach, element: usize) -> Place<'static> {
    let column = with_indexes(&path.text, &reach.indexes(element));
    let value = value_text(&reach.elements, element).map(|text| shorten(text.as_bytes()));
    (Some(Cow::Owned(column)), value.map(Cow::Owned))
}

/// Writes the first pair of a row that breaks a comparison.
fn pair_text(compare: &Compare, batch: &Batch, row: usize) -> Option<String> {
    let columns: Vec<_> = batch.columns.iter().map(|column| column.slice(row, 1)).collect();
    let sides = compare.sides(&columns).ok()?;
    let failing: Mask = compare.failing(&sides)?;
    let (i, j) = sides.pair(failing.rows().next()?);
    let side = |path: &ColumnPath, reach: &Reach, element: usize| {
        let value = value_text(&reach.elements, element);
        let name = with_indexes(&path.text, &reach.indexes(element));
        format!("{name}={}", value.as_deref().unwrap_or("NULL"))
    };
    let text = format!("{}, {}", side(&compare.left, &sides.left, i), side(&compare.right, &sides.right, j));
    Some(shorten(text.as_bytes()))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::types::Int64Type;
    use arrow_array::*;

    use super::*;
    use crate::frame::judge::fixture::{batch, expression, rule, table};
    use crate::frame::raw::{FieldSpan, Fields};
    use crate::model::{
        CellTest, Check, Column, CompareOp, Context, DataType, Keep, KeyTest, Literal, ParseCode, RowTest,
    };

    const CONTEXT: Context = Context { today: 0, now: 0 };

    fn text(judge: &Judge, rule: usize, batch: &Batch, row: usize) -> (String, String) {
        let origins = crate::frame::layout::origins(&judge.table, &batch.raw.file, false);
        let place = judge.locate(rule, batch, row, &origins);
        [place.0, place.1].map(|part| part.map_or("-".to_owned(), Cow::into_owned)).into()
    }

    fn pair(column: &str, value: &str) -> (String, String) {
        (column.to_owned(), value.to_owned())
    }

    #[test]
    fn elements_are_named_with_their_place() {
        let list = DataType::List(Box::new(Column::new("item", DataType::Int64)));
        let mut table = table(vec![("x", list), ("n", DataType::Int64)]);
        let bound = CellTest::Bound { op: CompareOp::Gt, bound: Literal::Int(0) };
        let (left, right) = (table.path("x[]").unwrap(), table.path("n").unwrap());
        table.rules = vec![
            rule(&table, &["x[]"], Check::Cell(bound)),
            rule(&table, &["x[]", "n"], Check::Row(RowTest::Compare { left, op: CompareOp::Lt, right })),
            rule(&table, &["x[]"], Check::Cell(CellTest::Required)),
            rule(&table, &["x"], Check::Cell(CellTest::Items { minimum: Some(3), maximum: None })),
        ];
        let rows = vec![Some(vec![Some(1)]), Some(vec![Some(1), Some(-7), Some(-8)]), Some(vec![Some(2), None])];
        let lists = ListArray::from_iter_primitive::<Int64Type, _, _>(rows);
        let batch = batch(vec![Arc::new(lists), Arc::new(Int64Array::from(vec![9, 1, 9]))]);
        let judge = Judge::new(&table, &CONTEXT).unwrap();
        assert_eq!(text(&judge, 0, &batch, 1), pair("x[1]", "-7"));
        assert_eq!(text(&judge, 1, &batch, 1), pair("-", "x[0]=1, n=1"));
        assert_eq!(text(&judge, 2, &batch, 2), pair("x[1]", "-"));
        assert_eq!(text(&judge, 3, &batch, 0), pair("x", "[1]"));
        assert_eq!(text(&judge, 9, &batch, 0), pair("-", "-"));
    }

    #[test]
    fn fields_are_shown_as_they_stood() {
        let decimal = DataType::Decimal { precision: 5, scale: 2 };
        let mut table = table(vec![("a", decimal), ("b", DataType::String), ("d", DataType::String)]);
        let two = KeyTest::Unique { columns: vec![0, 1], keep: Keep::None, primary: false };
        table.rules = vec![
            rule(&table, &["a"], Check::Cell(CellTest::Required)),
            rule(&table, &["b"], Check::Cell(CellTest::Required)),
            rule(&table, &["d"], Check::Cell(CellTest::Required)),
            rule(&table, &["a"], Check::Type),
            rule(&table, &[], Check::Record),
            rule(&table, &["a"], Check::Row(RowTest::Expression(expression(&[0, 1])))),
            rule(&table, &["a", "b"], Check::Key(two)),
        ];
        let prices = Decimal128Array::from(vec![Some(500)]).with_precision_and_scale(5, 2).unwrap();
        let texts: ArrayRef = Arc::new(StringArray::from(vec![None::<&str>]));
        let mut batch = batch(vec![Arc::new(prices), texts.clone(), texts]);
        let mut file = (*batch.raw.file).clone();
        file.names = vec!["a".into(), "b".into()];
        file.partitions = vec![("d".into(), "day".into())];
        batch.raw.file = Arc::new(file);
        batch.raw.text = b"5.0,\"x\"\"y\"".to_vec();
        let mut fields = Fields::new(2);
        let plain = FieldSpan { start: 0, end: 3, quoted: false, escaped: false };
        fields.push_spans(0, &[plain, FieldSpan { start: 5, end: 9, quoted: true, escaped: true }]);
        batch.raw.body = Body::Delimited(fields);
        let fault = |column, path: &str| Fault {
            row: 0,
            column,
            path: path.into(),
            code: ParseCode::NotDecimal,
            value: Some("5,0".into()),
            detail: "".into(),
        };
        batch.faults = vec![fault(None, ""), fault(Some(0), "a")];
        let judge = Judge::new(&table, &CONTEXT).unwrap();
        assert_eq!(text(&judge, 0, &batch, 0), pair("a", "5.0"));
        assert_eq!(text(&judge, 1, &batch, 0), pair("b", "x\"y"));
        assert_eq!(text(&judge, 2, &batch, 0), pair("d", "day"));
        assert_eq!(text(&judge, 3, &batch, 0), pair("a", "5,0"));
        assert_eq!(text(&judge, 4, &batch, 0), pair("-", "5,0"));
        assert_eq!(text(&judge, 5, &batch, 0), pair("-", "a=5.00, b=NULL"));
        assert_eq!(text(&judge, 6, &batch, 0), pair("-", "a=5.00, b=NULL"));
    }
}
