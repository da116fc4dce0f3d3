//! Verdicts of whole rules: unknown rows, `where`, columns that are absent, and builds without an engine.

use std::sync::Arc;

use arrow_array::{ArrayRef, Int64Array, StringArray};

use crate::frame::batch::Batch;
use crate::frame::expr::Tri;
use crate::frame::judge::fixture::{batch, expression, rule, table};
use crate::frame::judge::{Judge, RuleVerdict};
use crate::frame::mask::Mask;
use crate::model::{
    Bounds, CellTest, Check, ColumnsPolicy, CompareOp, Context, DataType, ErrorKind, Keep, KeyTest, Literal,
    NullPolicy, RowTest, Rule, Table, TableTest,
};

const CONTEXT: Context = Context { today: 0, now: 0 };

fn two_columns() -> Table {
    table(vec![("a", DataType::Int64), ("b", DataType::String)])
}

/// Row 0 is fine, 1 has a NULL, 2 is broken, 3 did not parse in `a`, 4 is below 0.
fn five_rows() -> Batch {
    let a: ArrayRef = Arc::new(Int64Array::from(vec![Some(1), None, None, None, Some(-1)]));
    let b: ArrayRef = Arc::new(StringArray::from(vec![Some("x"), Some("x"), None, Some("y"), Some("y")]));
    let mut batch = batch(vec![a, b]);
    batch.broken.set(2);
    batch.unparsed[0] = Some(mask(&[3]));
    batch
}

fn mask(rows: &[usize]) -> Mask {
    Mask::from_fn(5, |row| rows.contains(&row))
}

fn rows(mask: &Mask) -> Vec<usize> {
    mask.rows().collect()
}

fn verdict(table: &Table, rule: Rule, batch: &Batch, values: &[Tri]) -> RuleVerdict {
    let table = Table { rules: vec![rule], ..table.clone() };
    let judge = Judge::new(&table, &CONTEXT).unwrap();
    judge.verdicts(batch, Ok(values), |_| true).remove(0)
}

fn at_least_zero() -> Check {
    Check::Cell(CellTest::Bound { op: CompareOp::GtEq, bound: Literal::Int(0) })
}

#[test]
fn what_cannot_be_read_is_unknown_to_other_rules() {
    let (table, batch) = (two_columns(), five_rows());
    let ask = |check, columns: &[&str]| {
        let found = verdict(&table, rule(&table, columns, check), &batch, &[]);
        (rows(&found.failed), rows(&found.unknown))
    };
    assert_eq!(ask(Check::Record, &[]), (vec![2], vec![]));
    assert_eq!(ask(Check::Type, &["a"]), (vec![3], vec![2]));
    assert_eq!(ask(Check::Type, &["b"]), (vec![], vec![2]));
    assert_eq!(ask(at_least_zero(), &["a"]), (vec![4], vec![2, 3]));
    assert_eq!(ask(Check::Cell(CellTest::Required), &["a"]), (vec![1], vec![2, 3]));
    assert_eq!(ask(Check::Cell(CellTest::Required), &["b"]), (vec![], vec![2]));
    let unique = KeyTest::Unique { columns: vec![0], keep: Keep::None, primary: false };
    assert_eq!(ask(Check::Key(unique), &["a"]), (vec![], vec![2, 3]));
    assert_eq!(ask(Check::Table(TableTest::RowCount(Bounds::default())), &[]), (vec![], vec![]));
    let rate = TableTest::NullRate { column: 0, bounds: Bounds::default() };
    assert_eq!(ask(Check::Table(rate), &["a"]), (vec![], vec![2, 3]));
    assert_eq!(ask(Check::Row(RowTest::NotAllNull), &[]), (vec![], vec![2]));
}

#[test]
fn only_rows_where_the_condition_is_true_are_judged() {
    let (table, batch) = (two_columns(), five_rows());
    let on = |columns: &[usize]| {
        let mut rule = rule(&table, &["a"], Check::Cell(CellTest::Required));
        rule.condition = Some(expression(columns));
        rule
    };
    let value = Tri { truth: mask(&[0, 2, 3]), known: mask(&[0, 2, 3, 4]) };
    let found = verdict(&table, on(&[1]), &batch, std::slice::from_ref(&value));
    assert_eq!((rows(&found.failed), rows(&found.unknown)), (vec![], vec![2, 3]));
    assert_eq!(rows(&found.admitted.unwrap()), [0, 3]);
    let all = Tri { truth: Mask::full(5), known: Mask::full(5) };
    let found = verdict(&table, on(&[0]), &batch, std::slice::from_ref(&all));
    assert_eq!((rows(&found.failed), rows(&found.unknown)), (vec![1], vec![2, 3]));
    assert_eq!(rows(&found.admitted.unwrap()), [0, 1, 4]);
    let none = Tri { truth: Mask::new(5), known: Mask::full(5) };
    let found = verdict(&table, on(&[1]), &batch, std::slice::from_ref(&none));
    assert_eq!((rows(&found.failed), rows(&found.unknown)), (vec![], vec![2]));
    // What cannot be read fails whatever a condition says.
    let mut unread = rule(&table, &["a"], Check::Type);
    unread.condition = Some(expression(&[1]));
    assert_eq!(rows(&verdict(&table, unread, &batch, &[none]).failed), [3]);
}

#[test]
fn expressions_take_their_own_values() {
    let (table, batch) = (two_columns(), five_rows());
    let mut ruled = table.clone();
    let when = RowTest::When { when: expression(&[1]), then: expression(&[0]) };
    let mut strict = rule(&table, &[], Check::Row(RowTest::Expression(expression(&[1]))));
    strict.nulls = NullPolicy::Fail;
    strict.condition = Some(expression(&[1]));
    ruled.rules = vec![rule(&table, &["a"], Check::Row(when)), strict];
    let judge = Judge::new(&ruled, &CONTEXT).unwrap();
    let values = [
        Tri { truth: mask(&[1, 3, 4]), known: mask(&[1, 3, 4]) },
        Tri { truth: mask(&[1]), known: mask(&[0, 1, 3, 4]) },
        Tri { truth: mask(&[0]), known: mask(&[0, 1]) },
        Tri { truth: mask(&[0, 1, 4]), known: Mask::full(5) },
    ];
    let found = judge.verdicts(&batch, Ok(&values), |_| true);
    assert_eq!((rows(&found[0].failed), rows(&found[0].unknown)), (vec![4], vec![2, 3]));
    assert_eq!((rows(&found[1].failed), rows(&found[1].unknown)), (vec![1, 4], vec![2]));
}

#[test]
fn an_absent_column_is_not_evaluated() {
    let table = two_columns();
    let mut batch = five_rows();
    batch.absent[0] = true;
    let ask = |rule: Rule| verdict(&table, rule, &batch, &[]).not_evaluated;
    let no_column = Some("the file has no column `a`".to_owned());
    assert_eq!(ask(rule(&table, &["a"], Check::Cell(CellTest::Required))), no_column);
    assert_eq!(ask(rule(&table, &["a"], Check::Type)), no_column);
    assert_eq!(ask(rule(&table, &[], Check::Row(RowTest::Expression(expression(&[0, 1]))))), no_column);
    let mut conditioned = rule(&table, &["b"], Check::Cell(CellTest::Required));
    assert_eq!(ask(conditioned.clone()), None);
    conditioned.condition = Some(expression(&[0]));
    assert_eq!(ask(conditioned), no_column);
    assert_eq!(ask(rule(&table, &[], Check::Record)), None);
    let policy = ColumnsPolicy { missing: false, extra: false, reordered: false, duplicated: false };
    assert_eq!(ask(rule(&table, &[], Check::Table(TableTest::Columns(policy)))), None);
    assert_eq!(ask(rule(&table, &[], Check::Table(TableTest::RowCount(Bounds::default())))), None);
    let mut doubled = batch.clone();
    let mut file = (*doubled.raw.file).clone();
    file.names = vec!["a".into(), "a".into(), "b".into()];
    doubled.raw.file = Arc::new(file);
    let found = verdict(&table, rule(&table, &["a"], Check::Type), &doubled, &[]);
    assert_eq!(found.not_evaluated.unwrap(), "the file has more than one column `a`");
    assert_eq!((found.failed.len(), found.unknown.len()), (5, 5));
}

#[test]
fn without_an_engine_only_expressions_are_not_evaluated() {
    let table = two_columns();
    let batch = five_rows();
    let mut ruled = table.clone();
    let mut conditioned = rule(&table, &["a"], at_least_zero());
    conditioned.condition = Some(expression(&[1]));
    ruled.rules = vec![
        rule(&table, &[], Check::Row(RowTest::Expression(expression(&[0])))),
        conditioned,
        rule(&table, &["a"], at_least_zero()),
    ];
    let judge = Judge::new(&ruled, &CONTEXT).unwrap();
    let why = "no engine".to_owned();
    let found = judge.verdicts(&batch, Err(&why), |_| true);
    assert_eq!(found[0].not_evaluated.as_deref(), Some("no engine"));
    assert_eq!(found[1].not_evaluated.as_deref(), Some("no engine"));
    assert_eq!(rows(&found[2].failed), [4]);
}

#[test]
fn a_rule_that_cannot_be_compiled_is_named() {
    let mut table = two_columns();
    table.rules = vec![rule(&table, &["b"], at_least_zero())];
    let error = Judge::new(&table, &CONTEXT).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Contract);
    assert!(error.message.contains("`t.rule`") && error.message.contains("string"), "{}", error.message);
}

#[test]
fn an_empty_batch_passes_every_row_rule() {
    let table = two_columns();
    let a: ArrayRef = Arc::new(Int64Array::from(Vec::<i64>::new()));
    let b: ArrayRef = Arc::new(StringArray::from(Vec::<&str>::new()));
    let found = verdict(&table, rule(&table, &["a"], at_least_zero()), &batch(vec![a, b]), &[]);
    assert!(found.failed.is_empty() && found.not_evaluated.is_none());
}
