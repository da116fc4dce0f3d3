//! Comparisons, calculations and `||`.

use sqlparser::ast::{BinaryOperator, Expr as Sql};

use crate::model::{BinaryOp, DataType, Expr};
use crate::rule::expression::resolve::{Resolver, Typed};
use crate::rule::expression::types::{common, decimal, digits, exact};
use crate::rule::expression::{Trouble, literals};

impl Resolver<'_> {
    /// Resolves an operator with two sides other than AND and OR.
    pub fn binary(
        &mut self,
        node: &Sql,
        left: &Sql,
        op: &BinaryOperator,
        right: &Sql,
        depth: usize,
    ) -> Result<Typed, Trouble> {
        let Some(op) = operator(op) else {
            return Err(self.trouble(node, format!("the operator `{op}` is not supported")).with_hint(match op {
                BinaryOperator::PGRegexMatch | BinaryOperator::PGRegexIMatch | BinaryOperator::Regexp => {
                    "use the rule `pattern`, or LIKE"
                }
                _ => "see `karat explain expression` for what is",
            }));
        };
        let a = (self.resolve(left, depth)?, left);
        let b = (self.resolve(right, depth)?, right);
        match op {
            BinaryOp::Concat => {
                let (a, b) = (self.text(a.0, left)?, self.text(b.0, right)?);
                Ok(Typed::new(Expr::Binary(Box::new(a), op, Box::new(b)), DataType::String))
            }
            BinaryOp::Add | BinaryOp::Subtract | BinaryOp::Multiply | BinaryOp::Divide | BinaryOp::Modulo => {
                self.calculate(node, a, op, b)
            }
            _ => Ok(Typed::new(self.compare(a, op, b)?, DataType::Bool)),
        }
    }

    /// Makes a comparison.
    pub fn compare(&self, (a, left): (Typed, &Sql), op: BinaryOp, (b, right): (Typed, &Sql)) -> Result<Expr, Trouble> {
        let (a_type, b_type) = (a.data_type.clone(), b.data_type.clone());
        let beside = |typed: Typed, node: &Sql, other: Option<&DataType>| match other {
            Some(other) => literals::adapt(typed, other).map_err(|why| self.unreadable(node, why)),
            // Both are NULL, of whatever type.
            None if typed.data_type.is_none() => {
                Ok(Typed::new(literals::cast(typed.expr, &DataType::Bool), DataType::Bool))
            }
            None => Ok(typed),
        };
        let a = beside(a, left, b_type.as_ref())?;
        let b = beside(b, right, a_type.as_ref())?;
        let (Some(a_type), Some(b_type)) = (&a.data_type, &b.data_type) else {
            return Err(self.trouble(left, "NULL has no type here"));
        };
        let ordered = !matches!(op, BinaryOp::Eq | BinaryOp::NotEq);
        if ordered && *a_type == DataType::Bool && *b_type == DataType::Bool && a_type == b_type {
            let written = matches!((&a.expr, &b.expr), (Expr::Cast { .. }, Expr::Cast { .. }));
            if !written {
                return Err(self.trouble(left, "true and false have no order").with_hint("use = or <>"));
            }
        }
        let (a, b) = if a_type == b_type || (a_type.is_numeric() && b_type.is_numeric()) {
            (a.expr, b.expr)
        } else {
            match common(a_type, b_type) {
                Some(both) => (literals::coerce(a, &both), literals::coerce(b, &both)),
                None => return Err(self.mismatch((a_type, left), (b_type, right))),
            }
        };
        Ok(Expr::Binary(Box::new(a), op, Box::new(b)))
    }

    fn calculate(
        &self,
        node: &Sql,
        (a, left): (Typed, &Sql),
        op: BinaryOp,
        (b, right): (Typed, &Sql),
    ) -> Result<Typed, Trouble> {
        let is_moment = |typed: &Typed| typed.data_type.as_ref().is_some_and(DataType::is_temporal);
        if is_moment(&a) || is_moment(&b) {
            return self.days(node, (a, left), op, (b, right));
        }
        let known = a.data_type.clone().or_else(|| b.data_type.clone()).unwrap_or(DataType::Int64);
        let fill = |typed: Typed, other: &Option<DataType>, node: &Sql| {
            let beside = other.clone().unwrap_or_else(|| known.clone());
            let typed = if typed.is_text_literal() { Ok(typed) } else { literals::adapt(typed, &beside) };
            typed.map_err(|why| self.unreadable(node, why))
        };
        let (a_type, b_type) = (a.data_type.clone(), b.data_type.clone());
        let (a, b) = (fill(a, &b_type, left)?, fill(b, &a_type, right)?);
        let (a_type, b_type) = (self.number(&a, left)?, self.number(&b, right)?);
        if a_type.is_float() || b_type.is_float() {
            let float = |typed: Typed, data_type: &DataType| {
                if data_type.is_float() { typed.expr } else { literals::cast(typed.expr, &DataType::Float64) }
            };
            let sides = (Box::new(float(a, &a_type)), Box::new(float(b, &b_type)));
            return Ok(Typed::new(Expr::Binary(sides.0, op, sides.1), DataType::Float64));
        }
        let Some(data_type) = exact(&a_type, op, &b_type) else {
            let trouble = self.trouble(node, "the product would have over 38 digits after the point");
            return Err(trouble.with_hint(format!("round a side first: round({}, 4)", self.shown(left))));
        };
        Ok(Typed::new(Expr::Binary(Box::new(a.expr), op, Box::new(b.expr)), data_type))
    }

    /// Resolves `date + days`, `days + date`, `date - days` and `date - date`.
    fn days(
        &self,
        node: &Sql,
        (a, left): (Typed, &Sql),
        op: BinaryOp,
        (b, right): (Typed, &Sql),
    ) -> Result<Typed, Trouble> {
        let is_date = |typed: &Typed| typed.data_type == Some(DataType::Date);
        let is_whole = |typed: &Typed| {
            typed.data_type.as_ref().is_none_or(|data_type| digits(data_type).is_some_and(|(_, scale)| scale == 0))
        };
        let read = |typed: Typed, node: &Sql| {
            if !typed.is_text_literal() {
                return Ok(typed);
            }
            literals::adapt(typed, &DataType::Date).map_err(|why| self.unreadable(node, why))
        };
        let pair = |a: Typed, b: Typed, data_type| {
            Ok(Typed::new(Expr::Binary(Box::new(a.expr), op, Box::new(b.expr)), data_type))
        };
        let number = |typed: Typed| match typed.data_type {
            None => Typed::new(literals::cast(typed.expr, &DataType::Int64), DataType::Int64),
            Some(_) => typed,
        };
        if op == BinaryOp::Subtract && (is_date(&a) || is_date(&b)) && !is_whole(&b) {
            let (a, b) = (read(a, left)?, read(b, right)?);
            if is_date(&a) && is_date(&b) {
                return pair(a, b, DataType::Int64);
            }
        } else if is_date(&a) && is_whole(&b) && matches!(op, BinaryOp::Add | BinaryOp::Subtract) {
            return pair(a, number(b), DataType::Date);
        } else if is_whole(&a) && is_date(&b) && op == BinaryOp::Add {
            return pair(b, number(a), DataType::Date);
        }
        let trouble = self.trouble(node, format!("`{}` cannot be calculated", self.shown(node)));
        Err(trouble.with_hint("days are: `date + 7`, `date - date`; take `date(x)` of a timestamp first"))
    }

    /// Gives the type of a number.
    pub fn number(&self, typed: &Typed, node: &Sql) -> Result<DataType, Trouble> {
        match &typed.data_type {
            None => Ok(DataType::Int64),
            Some(number) if number.is_numeric() => Ok(number.clone()),
            Some(other) => {
                let trouble = self.trouble(node, format!("`{}` is {other}, not a number", self.shown(node)));
                Err(match other {
                    DataType::String => trouble.with_hint("join text by ||, or cast it: cast(x as int64)"),
                    _ => trouble,
                })
            }
        }
    }

    /// Takes a number whose sign will be changed or dropped; its type then holds the opposite of every value.
    pub fn signed(&self, typed: Typed, node: &Sql) -> Result<(Expr, DataType), Trouble> {
        let data_type = self.number(&typed, node)?;
        let expr = if typed.data_type.is_none() { literals::cast(typed.expr, &data_type) } else { typed.expr };
        let wide = if data_type.is_float() {
            DataType::Float64
        } else {
            digits(&data_type).map_or(DataType::Float64, |(whole, scale)| decimal(whole, scale))
        };
        Ok((expr, wide))
    }

    /// Takes a value that must be text or NULL.
    pub fn text(&self, typed: Typed, node: &Sql) -> Result<Expr, Trouble> {
        match &typed.data_type {
            None => Ok(literals::cast(typed.expr, &DataType::String)),
            Some(DataType::String) => Ok(typed.expr),
            Some(other) => {
                let trouble = self.trouble(node, format!("`{}` is {other}, not text", self.shown(node)));
                Err(trouble.with_hint(format!("cast it: cast({} as string)", self.shown(node))))
            }
        }
    }
}

const fn operator(op: &BinaryOperator) -> Option<BinaryOp> {
    Some(match op {
        BinaryOperator::Eq => BinaryOp::Eq,
        BinaryOperator::NotEq => BinaryOp::NotEq,
        BinaryOperator::Lt => BinaryOp::Lt,
        BinaryOperator::LtEq => BinaryOp::LtEq,
        BinaryOperator::Gt => BinaryOp::Gt,
        BinaryOperator::GtEq => BinaryOp::GtEq,
        BinaryOperator::Plus => BinaryOp::Add,
        BinaryOperator::Minus => BinaryOp::Subtract,
        BinaryOperator::Multiply => BinaryOp::Multiply,
        BinaryOperator::Divide => BinaryOp::Divide,
        BinaryOperator::Modulo => BinaryOp::Modulo,
        BinaryOperator::StringConcat => BinaryOp::Concat,
        _ => return None,
    })
}
