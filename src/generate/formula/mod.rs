//! Formulas: the contract's expressions computed row by row, for derived columns and for rules asked while rows are
//! drawn. What each part means is said by `rule::expression`.

mod calls;
mod cast;
mod value;

use std::borrow::Cow;
use std::cmp::Ordering;

use arrow_array::ArrayRef;
use arrow_schema::DataType as Arrow;

use crate::frame::Mask;
use crate::frame::expr::Tri;
use crate::generate::formula::value::{Value, order};
use crate::model::number::exact::power;
use crate::model::{BinaryOp, CompareOp, Context, Expr, Function, Literal, Result, UnaryOp};

/// An expression ready to be computed.
#[derive(Debug, Clone)]
pub struct Formula {
    root: Expr,
    columns: Vec<usize>,
    context: Context,
}

/// One row under computation.
struct Row<'f, 'v> {
    formula: &'f Formula,
    columns: &'v [Vec<Value<'v>>],
    at: usize,
    /// Something could not be computed.
    trouble: bool,
}

impl Formula {
    /// Takes an expression of a table.
    #[must_use]
    pub fn new(root: &Expr, context: &Context) -> Self {
        Self { root: root.clone(), columns: root.columns(), context: *context }
    }

    /// Gives the columns it reads, ascending.
    #[must_use]
    pub fn columns(&self) -> &[usize] {
        &self.columns
    }

    /// Computes a truth for each row; the arrays are those of [`Formula::columns`].
    #[must_use]
    pub fn tri(&self, arrays: &[ArrayRef], rows: usize) -> Tri {
        let mut tri = Tri { truth: Mask::new(rows), known: Mask::new(rows) };
        self.each(arrays, rows, |at, value, trouble| match value {
            Value::Truth(truth) => {
                tri.known.set(at);
                if truth {
                    tri.truth.set(at);
                }
            }
            // NULL because something could not be computed must not look like a pass: it is false.
            _ if trouble => tri.known.set(at),
            _ => {}
        });
        tri
    }

    /// Computes an array of a type; NULL where a value cannot be computed.
    ///
    /// # Errors
    /// Where the values are not of the type: a mistake of the plan.
    pub fn array(&self, arrays: &[ArrayRef], rows: usize, to: &Arrow, path: &str) -> Result<ArrayRef> {
        let mut cells = Vec::with_capacity(rows);
        self.each(arrays, rows, |_, value, _| cells.push(value.into_owned()));
        value::array(&cells, to, path)
    }

    fn each(&self, arrays: &[ArrayRef], rows: usize, mut put: impl FnMut(usize, Value<'_>, bool)) {
        let columns: Vec<Vec<Value<'_>>> = arrays.iter().map(value::read).collect();
        for at in 0..rows {
            let mut row = Row { formula: self, columns: &columns, at, trouble: false };
            let value = row.value(&self.root);
            put(at, value, row.trouble);
        }
    }
}

impl<'v> Row<'_, 'v> {
    fn value(&mut self, expr: &Expr) -> Value<'v> {
        match expr {
            Expr::Column(index) => self.column(*index),
            Expr::Literal(literal) => self.literal(literal),
            Expr::Unary(op, inner) => match (op, self.value(inner)) {
                (UnaryOp::Not, Value::Truth(truth)) => Value::Truth(!truth),
                (UnaryOp::Negate, Value::Exact(value, scale)) => Value::Exact(value.wrapping_neg(), scale),
                (UnaryOp::Negate, Value::Float(value)) => Value::Float(-value),
                _ => Value::Null,
            },
            Expr::Binary(left, op, right) => {
                let (left, right) = (self.value(left), self.value(right));
                self.binary(left, *op, right)
            }
            Expr::IsNull { expr, negated } => Value::Truth(self.value(expr).is_null() != *negated),
            Expr::InList { expr, list, negated } => {
                let value = self.value(expr);
                let mut result = Value::Truth(*negated);
                for item in list {
                    let item = self.value(item);
                    result = if *negated {
                        and(&result, &compare(&value, CompareOp::NotEq, &item))
                    } else {
                        or(&result, &compare(&value, CompareOp::Eq, &item))
                    };
                }
                result
            }
            Expr::Like { expr, pattern, negated, ignore_case } => match self.value(expr) {
                Value::Text(text) => Value::Truth(calls::like(&text, pattern, *ignore_case) != *negated),
                _ => Value::Null,
            },
            Expr::Case { branches, otherwise } => {
                for (when, then) in branches {
                    if matches!(self.value(when), Value::Truth(true)) {
                        return self.value(then);
                    }
                }
                otherwise.as_ref().map_or(Value::Null, |otherwise| self.value(otherwise))
            }
            Expr::Cast { expr, to, lenient } => {
                let value = self.value(expr);
                let known = !value.is_null();
                let cast = cast::cast(value, to);
                self.trouble |= known && cast.is_null() && !lenient;
                cast
            }
            Expr::Call { function, args } => self.call(*function, args),
        }
    }

    fn column(&self, index: usize) -> Value<'v> {
        let place = self.formula.columns.binary_search(&index).ok();
        let cell = place.and_then(|place| self.columns.get(place)?.get(self.at));
        cell.map_or(Value::Null, Value::borrowed)
    }

    fn literal(&self, literal: &Literal) -> Value<'v> {
        match literal {
            Literal::Null => Value::Null,
            Literal::Bool(value) => Value::Truth(*value),
            Literal::Int(value) => Value::Exact(*value, 0),
            Literal::Decimal { unscaled, scale } => Value::Exact(*unscaled, *scale),
            Literal::Float(value) => Value::Float(*value),
            Literal::String(value) => Value::Text(Cow::Owned(value.clone())),
            Literal::Binary(value) => Value::Bytes(Cow::Owned(value.clone())),
            Literal::Date(days) => Value::Days((*days).into()),
            Literal::Time(micros) => Value::Time(*micros),
            Literal::Timestamp(micros) => Value::Moment(*micros),
            Literal::Today => Value::Days(self.formula.context.today.into()),
            Literal::Now => Value::Moment(self.formula.context.now),
        }
    }

    fn binary(&mut self, left: Value<'v>, op: BinaryOp, right: Value<'v>) -> Value<'v> {
        let compared = match op {
            BinaryOp::And => return and(&left, &right),
            BinaryOp::Or => return or(&left, &right),
            BinaryOp::Eq => CompareOp::Eq,
            BinaryOp::NotEq => CompareOp::NotEq,
            BinaryOp::Lt => CompareOp::Lt,
            BinaryOp::LtEq => CompareOp::LtEq,
            BinaryOp::Gt => CompareOp::Gt,
            BinaryOp::GtEq => CompareOp::GtEq,
            BinaryOp::Concat => {
                return match (left, right) {
                    (Value::Text(left), Value::Text(right)) => Value::Text(Cow::Owned(format!("{left}{right}"))),
                    _ => Value::Null,
                };
            }
            _ => {
                let known = !left.is_null() && !right.is_null();
                let result = calculate(&left, op, &right);
                self.trouble |= known && result.is_none();
                return result.unwrap_or(Value::Null);
            }
        };
        compare(&left, compared, &right)
    }

    fn call(&mut self, function: Function, args: &[Expr]) -> Value<'v> {
        let clock = match function {
            Function::Today => Some(Value::Days(self.formula.context.today.into())),
            Function::Now => Some(Value::Moment(self.formula.context.now)),
            _ => None,
        };
        if let Some(clock) = clock {
            return clock;
        }
        let values: Vec<Value<'v>> = args.iter().map(|arg| self.value(arg)).collect();
        let known = values.iter().all(|value| !value.is_null());
        match function {
            Function::Coalesce => values.into_iter().find(|value| !value.is_null()).unwrap_or(Value::Null),
            Function::NullIf => {
                let equal =
                    values.len() == 2 && matches!(compare(&values[0], CompareOp::Eq, &values[1]), Value::Truth(true));
                if equal { Value::Null } else { values.into_iter().next().unwrap_or(Value::Null) }
            }
            _ if !known => Value::Null,
            _ => {
                let result = calls::call(function, values);
                self.trouble |= result.is_none();
                result.unwrap_or(Value::Null)
            }
        }
    }
}

fn and<'v>(left: &Value<'_>, right: &Value<'_>) -> Value<'v> {
    match (left.truth(), right.truth()) {
        (Some(false), _) | (_, Some(false)) => Value::Truth(false),
        (Some(true), Some(true)) => Value::Truth(true),
        _ => Value::Null,
    }
}

fn or<'v>(left: &Value<'_>, right: &Value<'_>) -> Value<'v> {
    match (left.truth(), right.truth()) {
        (Some(true), _) | (_, Some(true)) => Value::Truth(true),
        (Some(false), Some(false)) => Value::Truth(false),
        _ => Value::Null,
    }
}

fn compare<'v>(left: &Value<'_>, op: CompareOp, right: &Value<'_>) -> Value<'v> {
    if left.is_null() || right.is_null() {
        return Value::Null;
    }
    // NaN and infinity make every comparison false.
    Value::Truth(order(left, right).is_some_and(|order: Ordering| op.holds(order)))
}

/// Calculates; `None` where it cannot be done.
fn calculate<'v>(left: &Value<'_>, op: BinaryOp, right: &Value<'_>) -> Option<Value<'v>> {
    Some(match (left, right) {
        (Value::Days(a), Value::Days(b)) if op == BinaryOp::Subtract => {
            Value::Exact(i128::from(*a) - i128::from(*b), 0)
        }
        (Value::Days(day), Value::Exact(by, 0)) => {
            let by = i64::try_from(*by).ok()?;
            let moved = if op == BinaryOp::Add { day.checked_add(by)? } else { day.checked_sub(by)? };
            let (first, last) = crate::generate::grid::Form::Date.range();
            (first..=last).contains(&i128::from(moved)).then_some(Value::Days(moved))?
        }
        (Value::Float(a), Value::Float(b)) => Value::Float(match op {
            BinaryOp::Add => a + b,
            BinaryOp::Subtract => a - b,
            BinaryOp::Multiply => a * b,
            _ if *b == 0.0 => return None,
            BinaryOp::Divide => a / b,
            _ => a % b,
        }),
        (Value::Exact(a, s), Value::Exact(b, t)) => exact((*a, *s), op, (*b, *t))?,
        _ => return None,
    })
}

#[expect(clippy::cast_precision_loss, reason = "a quotient is a float by definition")]
fn exact<'v>((a, s): (i128, u8), op: BinaryOp, (b, t): (i128, u8)) -> Option<Value<'v>> {
    if op == BinaryOp::Multiply {
        return Some(Value::Exact(value::fits(a.checked_mul(b)?)?, s.saturating_add(t)));
    }
    let common = s.max(t);
    let lift = |value: i128, from: u8| value.checked_mul(power(common - from)?);
    if op == BinaryOp::Divide {
        if b == 0 {
            return None;
        }
        return Some(Value::Float(match (lift(a, s), lift(b, t)) {
            (Some(a), Some(b)) => a as f64 / b as f64,
            _ => value::float(a, s) / value::float(b, t),
        }));
    }
    let (a, b) = (lift(a, s)?, lift(b, t)?);
    let result = match op {
        BinaryOp::Add => a.checked_add(b)?,
        BinaryOp::Subtract => a.checked_sub(b)?,
        _ => a.checked_rem(b)?,
    };
    Some(Value::Exact(value::fits(result)?, common))
}
