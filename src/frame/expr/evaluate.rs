//! The walk over the nodes of an expression.

use polars::prelude::{BooleanChunked, ChunkFull, PlSmallStr};

use crate::frame::expr::compare::{compare, contains};
use crate::frame::expr::compile::Node;
use crate::frame::expr::value::{Outcome, Value};
use crate::frame::expr::{cast, moment, number, text};
use crate::frame::mask::Mask;
use crate::model::{BinaryOp, CompareOp, Function, UnaryOp};

/// The rows an expression runs on.
pub(super) struct Frame<'a> {
    /// The columns read.
    pub columns: &'a [Value],
    pub rows: usize,
}

/// The rows on which something could not be computed.
#[derive(Debug)]
pub(super) struct Troubles {
    rows: usize,
    marked: Option<Mask>,
}

impl Troubles {
    pub const fn new(rows: usize) -> Self {
        Self { rows, marked: None }
    }

    /// Marks a row of values of a length; all rows where the value is a constant.
    pub fn mark(&mut self, row: usize, len: usize) {
        let rows = self.rows;
        if len == 1 && rows != 1 {
            self.marked = Some(Mask::full(rows));
        } else if row < rows {
            self.marked.get_or_insert_with(|| Mask::new(rows)).set(row);
        }
    }

    /// Gives the marked rows, if any.
    pub const fn rows(&self) -> Option<&Mask> {
        self.marked.as_ref()
    }

    /// Takes over what was marked elsewhere, on some rows only.
    fn add(&mut self, other: Self, only: &Mask) {
        if let Some(mut rows) = other.marked {
            rows.and(only);
            match &mut self.marked {
                Some(marked) => marked.or(&rows),
                None => self.marked = Some(rows),
            }
        }
    }
}

impl Frame<'_> {
    /// Evaluates a node.
    ///
    /// # Errors
    /// In words, where forms of values do not go together.
    pub fn evaluate(&self, node: &Node, troubles: &mut Troubles) -> Outcome<Value> {
        match node {
            Node::Column(index) => self.columns.get(*index).cloned().ok_or_else(|| "a column is missing".to_owned()),
            Node::Constant(value) => Ok(value.clone()),
            Node::Unary(UnaryOp::Not, inner) => Ok(Value::Truth(!&self.evaluate(inner, troubles)?.truth()?)),
            Node::Unary(UnaryOp::Negate, inner) => number::negate(self.evaluate(inner, troubles)?),
            Node::Binary(left, op, right) => {
                let (a, b) = (self.evaluate(left, troubles)?, self.evaluate(right, troubles)?);
                binary(a, *op, b, troubles)
            }
            Node::IsNull { node, negated } => {
                let known = self.evaluate(node, troubles)?.is_not_null();
                Ok(Value::Truth(if *negated { known } else { !&known }))
            }
            Node::InList { node, list, negated } => self.in_list(node, list, *negated, troubles),
            Node::Like { node, pattern, negated } => {
                let matched = text::like(&self.evaluate(node, troubles)?.text()?, pattern);
                Ok(Value::Truth(if *negated { !&matched } else { matched }))
            }
            Node::Case { branches, otherwise } => self.case(branches, otherwise.as_deref(), troubles),
            Node::Cast { node, to, lenient } => {
                let value = self.evaluate(node, troubles)?;
                // What a lenient cast cannot do is no trouble.
                let mut ignored = Troubles::new(self.rows);
                cast::cast(value, to, if *lenient { &mut ignored } else { troubles })
            }
            Node::Round { node, kept } => number::round(self.evaluate(node, troubles)?, *kept, troubles),
            Node::Call { function, args } => {
                let mut values = Vec::with_capacity(args.len());
                for arg in args {
                    values.push(self.evaluate(arg, troubles)?);
                }
                call(*function, values, troubles)
            }
        }
    }

    fn in_list(&self, node: &Node, list: &[Node], negated: bool, troubles: &mut Troubles) -> Outcome<Value> {
        let value = self.evaluate(node, troubles)?;
        let mut items = Vec::with_capacity(list.len());
        for item in list {
            items.push(self.evaluate(item, troubles)?);
        }
        if let Some(found) = contains(&value, &items) {
            return Ok(Value::Truth(if negated { !&found } else { found }));
        }
        // As SQL defines it: any is equal, or none is. Not each other's opposite where NaN is about.
        let mut result = BooleanChunked::full(PlSmallStr::EMPTY, negated, 1);
        for item in &items {
            result = if negated {
                &result & &compare(&value, CompareOp::NotEq, item)?
            } else {
                &result | &compare(&value, CompareOp::Eq, item)?
            };
        }
        Ok(Value::Truth(result))
    }

    /// Evaluates every branch on all rows, but counts the troubles only of those that a row reaches.
    fn case(&self, branches: &[(Node, Node)], otherwise: Option<&Node>, troubles: &mut Troubles) -> Outcome<Value> {
        let mut reached = Mask::full(self.rows);
        let mut taken = Vec::with_capacity(branches.len());
        for (when, then) in branches {
            let mut here = Troubles::new(self.rows);
            let condition = self.evaluate(when, &mut here)?.truth()?;
            troubles.add(here, &reached);
            let mut rows = self.where_true(&condition);
            rows.and(&reached);
            let mut here = Troubles::new(self.rows);
            let value = self.evaluate(then, &mut here)?;
            troubles.add(here, &rows);
            reached.and_not(&rows);
            taken.push((condition, value));
        }
        let mut here = Troubles::new(self.rows);
        let mut result = match (otherwise, taken.last()) {
            (Some(node), _) => self.evaluate(node, &mut here)?,
            (None, Some((_, value))) => value.null_like(),
            (None, None) => return Err("a CASE without branches".to_owned()),
        };
        troubles.add(here, &reached);
        for (condition, value) in taken.iter().rev() {
            result = value.or_else(condition, &result)?;
        }
        Ok(result)
    }

    fn where_true(&self, truth: &BooleanChunked) -> Mask {
        if truth.len() == 1 && self.rows != 1 {
            return if truth.get(0) == Some(true) { Mask::full(self.rows) } else { Mask::new(self.rows) };
        }
        let mut rows = Mask::new(self.rows);
        for (row, cell) in truth.iter().enumerate() {
            if cell == Some(true) {
                rows.set(row);
            }
        }
        rows
    }
}

fn binary(a: Value, op: BinaryOp, b: Value, troubles: &mut Troubles) -> Outcome<Value> {
    let compared = match op {
        BinaryOp::And => return Ok(Value::Truth(&a.truth()? & &b.truth()?)),
        BinaryOp::Or => return Ok(Value::Truth(&a.truth()? | &b.truth()?)),
        BinaryOp::Concat => return Ok(Value::Text(&a.text()? + &b.text()?)),
        BinaryOp::Add | BinaryOp::Subtract if matches!(a, Value::Days(_)) => return moment::shift(a, op, b, troubles),
        BinaryOp::Add | BinaryOp::Subtract | BinaryOp::Multiply | BinaryOp::Divide | BinaryOp::Modulo => {
            return number::calculate(a, op, b, troubles);
        }
        BinaryOp::Eq => CompareOp::Eq,
        BinaryOp::NotEq => CompareOp::NotEq,
        BinaryOp::Lt => CompareOp::Lt,
        BinaryOp::LtEq => CompareOp::LtEq,
        BinaryOp::Gt => CompareOp::Gt,
        BinaryOp::GtEq => CompareOp::GtEq,
    };
    compare(&a, compared, &b).map(Value::Truth)
}

fn call(function: Function, mut args: Vec<Value>, troubles: &mut Troubles) -> Outcome<Value> {
    if function == Function::Coalesce {
        let mut result = args.pop().ok_or("coalesce without values")?;
        while let Some(value) = args.pop() {
            result = value.or_else(&value.is_not_null(), &result)?;
        }
        return Ok(result);
    }
    let mut rest = args.into_iter();
    let first = rest.next().ok_or("a function without values")?;
    let second = rest.next();
    match (function, second) {
        (Function::Abs, None) => number::absolute(first),
        (Function::Floor | Function::Ceil, None) => number::whole(first, function == Function::Ceil),
        (Function::Length, None) => text::length(first),
        (Function::Lower | Function::Upper | Function::Trim, None) => text::map(first, function),
        (Function::StartsWith | Function::EndsWith | Function::Contains, Some(second)) => {
            text::search(first, function, second)
        }
        (Function::Substring, Some(second)) => text::substring(first, second, rest.next()),
        (Function::NullIf, Some(second)) => {
            let equal = compare(&first, CompareOp::Eq, &second)?;
            first.null_like().or_else(&equal, &first)
        }
        (Function::Date, None) => moment::date(first, troubles),
        (
            Function::Year | Function::Month | Function::Day | Function::Hour | Function::Minute | Function::Second,
            None,
        ) => moment::part(&first, function),
        _ => Err(format!("{function:?} with other values than it takes")),
    }
}
