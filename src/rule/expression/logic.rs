//! What is true: AND, OR, NOT, IS, BETWEEN, IN, LIKE and CASE.

use sqlparser::ast::{BinaryOperator, CaseWhen, Expr as Sql, Value, ValueWithSpan};

use crate::model::{BinaryOp, DataType, Expr, Function, Literal, UnaryOp};
use crate::rule::expression::resolve::{Resolver, Typed};
use crate::rule::expression::types::common;
use crate::rule::expression::{Trouble, literals};

impl Resolver<'_> {
    /// Resolves a chain of one of AND and OR, however long, as a tree that is flat.
    pub fn chain(&mut self, node: &Sql, depth: usize) -> Result<Typed, Trouble> {
        let Sql::BinaryOp { op, .. } = node else { return self.resolve(node, depth) };
        let mut parts = Vec::new();
        let mut at = node;
        while let Sql::BinaryOp { left, op: same, right } = at
            && same == op
        {
            parts.push(&**right);
            at = left;
        }
        parts.push(at);
        let mut truths = Vec::with_capacity(parts.len());
        for part in parts.into_iter().rev() {
            let typed = self.resolve(part, depth)?;
            truths.push(self.truth(typed, part)?);
        }
        let op = if *op == BinaryOperator::And { BinaryOp::And } else { BinaryOp::Or };
        Ok(Typed::new(balanced(truths, op), DataType::Bool))
    }

    /// Resolves `IS …`.
    pub fn is(&mut self, node: &Sql, depth: usize) -> Result<Typed, Trouble> {
        let expr = match node {
            Sql::IsNull(inner) | Sql::IsNotNull(inner) => {
                let negated = matches!(node, Sql::IsNotNull(_));
                let typed = self.resolve_any(inner, depth)?;
                // The type of a bare NULL does not matter here.
                let data_type = typed.data_type.clone().unwrap_or(DataType::Bool);
                Expr::IsNull { expr: Box::new(literals::coerce(typed, &data_type)), negated }
            }
            Sql::IsUnknown(inner) | Sql::IsNotUnknown(inner) => {
                let negated = matches!(node, Sql::IsNotUnknown(_));
                let typed = self.resolve(inner, depth)?;
                Expr::IsNull { expr: Box::new(self.truth(typed, inner)?), negated }
            }
            Sql::IsTrue(inner) | Sql::IsNotTrue(inner) => {
                let asked = self.or_else(inner, false, depth)?;
                if matches!(node, Sql::IsTrue(_)) { asked } else { negate(asked) }
            }
            Sql::IsFalse(inner) | Sql::IsNotFalse(inner) => {
                let asked = self.or_else(inner, true, depth)?;
                if matches!(node, Sql::IsNotFalse(_)) { asked } else { negate(asked) }
            }
            Sql::IsDistinctFrom(left, right) => negate(self.same(left, right, depth)?),
            Sql::IsNotDistinctFrom(left, right) => self.same(left, right, depth)?,
            _ => return self.resolve(node, depth),
        };
        Ok(Typed::new(expr, DataType::Bool))
    }

    /// A truth in which NULL counts as `default`.
    fn or_else(&mut self, inner: &Sql, default: bool, depth: usize) -> Result<Expr, Trouble> {
        let typed = self.resolve(inner, depth)?;
        let truth = self.truth(typed, inner)?;
        let args = vec![truth, Expr::Literal(Literal::Bool(default))];
        Ok(Expr::Call { function: Function::Coalesce, args })
    }

    /// Equal, or both NULL.
    fn same(&mut self, left: &Sql, right: &Sql, depth: usize) -> Result<Expr, Trouble> {
        let (a, b) = (self.resolve(left, depth)?, self.resolve(right, depth)?);
        let (a_again, b_again) = (self.copy(left, &a)?, self.copy(right, &b)?);
        let equal = self.compare((a, left), BinaryOp::Eq, (b, right))?;
        let is_null = |typed: Typed| {
            let data_type = typed.data_type.clone().unwrap_or(DataType::Bool);
            Expr::IsNull { expr: Box::new(literals::coerce(typed, &data_type)), negated: false }
        };
        let both = Expr::Binary(Box::new(is_null(a_again)), BinaryOp::And, Box::new(is_null(b_again)));
        Ok(Expr::Call { function: Function::Coalesce, args: vec![equal, both] })
    }

    /// Resolves `x BETWEEN low AND high` as two comparisons.
    pub fn between(
        &mut self,
        node: &Sql,
        negated: bool,
        low: &Sql,
        high: &Sql,
        depth: usize,
    ) -> Result<Typed, Trouble> {
        let asked = self.resolve(node, depth)?;
        let again = self.copy(node, &asked)?;
        let (least, most) = (self.resolve(low, depth)?, self.resolve(high, depth)?);
        let above = self.compare((asked, node), BinaryOp::GtEq, (least, low))?;
        let below = self.compare((again, node), BinaryOp::LtEq, (most, high))?;
        let within = Expr::Binary(Box::new(above), BinaryOp::And, Box::new(below));
        Ok(Typed::new(if negated { negate(within) } else { within }, DataType::Bool))
    }

    /// Resolves `x IN (a, b)`.
    pub fn in_list(&mut self, node: &Sql, list: &[Sql], negated: bool, depth: usize) -> Result<Typed, Trouble> {
        let subject = self.resolve(node, depth)?;
        let mut items = Vec::with_capacity(list.len());
        for item in list {
            items.push((self.resolve(item, depth)?, item));
        }
        let (expr, list) = match &subject.data_type {
            Some(number) if number.is_numeric() && items.iter().all(|(item, _)| item.may_be_number()) => {
                let number = number.clone();
                let item = |(item, node): (Typed, &Sql)| {
                    let item = literals::adapt(item, &number).map_err(|why| self.unreadable(node, why))?;
                    Ok(literals::lifted(item.expr, &number))
                };
                (subject.expr, items.into_iter().map(item).collect::<Result<_, Trouble>>()?)
            }
            _ => {
                items.insert(0, (subject, node));
                let (mut exprs, _) = self.unify(items)?;
                (exprs.remove(0), exprs)
            }
        };
        Ok(Typed::new(Expr::InList { expr: Box::new(expr), list, negated }, DataType::Bool))
    }

    /// Resolves LIKE and ILIKE.
    pub fn like(&mut self, node: &Sql, depth: usize) -> Result<Typed, Trouble> {
        let (Sql::Like { negated, any, expr, pattern, escape_char }
        | Sql::ILike { negated, any, expr, pattern, escape_char }) = node
        else {
            return self.resolve(node, depth);
        };
        if *any {
            return Err(self.trouble(node, "LIKE ANY is not supported").with_hint("join several LIKE by OR"));
        }
        let typed = self.resolve(expr, depth)?;
        let subject = self.text(typed, expr)?;
        let Sql::Value(ValueWithSpan { value: Value::SingleQuotedString(text), .. }) = &**pattern else {
            let trouble = self.trouble(pattern, "the pattern of LIKE must be text written in the expression");
            return Err(trouble.with_hint("use starts_with, ends_with or contains for text of another column"));
        };
        let escape = match escape_char.as_deref() {
            None => Some('\\'),
            Some(Sql::Value(ValueWithSpan { value: Value::SingleQuotedString(escape), .. })) => {
                let mut characters = escape.chars();
                let first = characters.next();
                if characters.next().is_some() {
                    return Err(self.trouble(node, "ESCAPE takes one character"));
                }
                first
            }
            Some(other) => return Err(self.trouble(other, "ESCAPE takes one character in single quotes")),
        };
        let pattern = like_pattern(text, escape).map_err(|message| self.trouble(pattern, message))?;
        let ignore_case = matches!(node, Sql::ILike { .. });
        Ok(Typed::new(Expr::Like { expr: Box::new(subject), pattern, negated: *negated, ignore_case }, DataType::Bool))
    }

    /// Resolves both forms of CASE.
    pub fn case(
        &mut self,
        operand: Option<&Sql>,
        conditions: &[CaseWhen],
        otherwise: Option<&Sql>,
        depth: usize,
    ) -> Result<Typed, Trouble> {
        let asked = match operand {
            Some(node) => Some((self.resolve(node, depth)?, node)),
            None => None,
        };
        let mut whens = Vec::with_capacity(conditions.len());
        let mut values = Vec::with_capacity(conditions.len() + 1);
        for CaseWhen { condition, result } in conditions {
            let typed = self.resolve(condition, depth)?;
            whens.push(match &asked {
                Some((asked, node)) => {
                    let again = self.copy(node, asked)?;
                    self.compare((again, node), BinaryOp::Eq, (typed, condition))?
                }
                None => self.truth(typed, condition)?,
            });
            values.push((self.resolve(result, depth)?, result));
        }
        if let Some(node) = otherwise {
            values.push((self.resolve(node, depth)?, node));
        }
        let (mut exprs, Some(data_type)) = self.unify(values)? else { return Ok(Typed::null()) };
        let otherwise = (exprs.len() > whens.len()).then(|| exprs.pop()).flatten().map(Box::new);
        let branches = whens.into_iter().zip(exprs).collect();
        Ok(Typed::new(Expr::Case { branches, otherwise }, data_type))
    }

    /// Brings values to one type; gives none where all are a bare NULL.
    pub fn unify(&self, values: Vec<(Typed, &Sql)>) -> Result<(Vec<Expr>, Option<DataType>), Trouble> {
        let mut target: Option<(DataType, &Sql)> = None;
        // Values written down take the type of the others: text that of moments, numbers that of floats.
        for written in [false, true] {
            for (typed, node) in values.iter().filter(|(typed, _)| typed.is_written() == written) {
                let Some(data_type) = &typed.data_type else { continue };
                target = Some(match target {
                    None => (data_type.clone(), node),
                    Some((so_far, first))
                        if (typed.is_text_literal() && so_far.is_temporal())
                            || (written && data_type.is_numeric() && so_far.is_float()) =>
                    {
                        (so_far, first)
                    }
                    Some((so_far, first)) => match common(&so_far, data_type) {
                        Some(both) => (both, first),
                        None => return Err(self.mismatch((&so_far, first), (data_type, node))),
                    },
                });
            }
        }
        let found = target.map(|(data_type, _)| data_type);
        let target = found.clone().unwrap_or(DataType::Bool);
        let exprs = values.into_iter().map(|(typed, node)| {
            let typed = literals::adapt(typed, &target).map_err(|why| self.unreadable(node, why))?;
            Ok(literals::coerce(typed, &target))
        });
        Ok((exprs.collect::<Result<_, Trouble>>()?, found))
    }

    /// Complains that values of two types do not go together.
    pub fn mismatch(&self, (left, a): (&DataType, &Sql), (right, b): (&DataType, &Sql)) -> Trouble {
        let message =
            format!("`{}` is {left} and `{}` is {right}: they cannot be compared", self.shown(a), self.shown(b));
        let trouble = self.trouble(b, message);
        let text = if *left == DataType::String {
            Some((right, a))
        } else {
            (*right == DataType::String).then_some((left, b))
        };
        match text {
            Some((other, Sql::Value(_))) if other.is_numeric() => trouble.with_hint("write a number without quotes"),
            Some((other, node)) => trouble.with_hint(format!("cast the text: cast({} as {other})", self.shown(node))),
            None if left.is_temporal() && right.is_temporal() => {
                trouble.with_hint(format!("cast one of them: cast({} as {right})", self.shown(a)))
            }
            None => trouble,
        }
    }

    /// Complains about text that does not read as the type it stands beside.
    pub fn unreadable(&self, node: &Sql, (message, hint): (String, String)) -> Trouble {
        self.trouble(node, message).with_hint(hint)
    }
}

/// Joins truths by one operator into a tree as flat as can be.
fn balanced(mut truths: Vec<Expr>, op: BinaryOp) -> Expr {
    while truths.len() > 1 {
        let mut joined = Vec::with_capacity(truths.len().div_ceil(2));
        let mut rest = truths.into_iter();
        while let Some(left) = rest.next() {
            joined.push(match rest.next() {
                Some(right) => Expr::Binary(Box::new(left), op, Box::new(right)),
                None => left,
            });
        }
        truths = joined;
    }
    truths.pop().unwrap_or(Expr::Literal(Literal::Bool(true)))
}

/// Turns a truth around, moving the NOT inwards as far as it goes.
pub(super) fn negate(expr: Expr) -> Expr {
    match expr {
        Expr::Unary(UnaryOp::Not, inner) => *inner,
        Expr::Literal(Literal::Bool(value)) => Expr::Literal(Literal::Bool(!value)),
        Expr::IsNull { expr, negated } => Expr::IsNull { expr, negated: !negated },
        Expr::InList { expr, list, negated } => Expr::InList { expr, list, negated: !negated },
        Expr::Like { expr, pattern, negated, ignore_case } => {
            Expr::Like { expr, pattern, negated: !negated, ignore_case }
        }
        Expr::Binary(left, op, right) => match op {
            BinaryOp::And => Expr::Binary(Box::new(negate(*left)), BinaryOp::Or, Box::new(negate(*right))),
            BinaryOp::Or => Expr::Binary(Box::new(negate(*left)), BinaryOp::And, Box::new(negate(*right))),
            BinaryOp::Eq => Expr::Binary(left, BinaryOp::NotEq, right),
            BinaryOp::NotEq => Expr::Binary(left, BinaryOp::Eq, right),
            BinaryOp::Lt => Expr::Binary(left, BinaryOp::GtEq, right),
            BinaryOp::GtEq => Expr::Binary(left, BinaryOp::Lt, right),
            BinaryOp::Gt => Expr::Binary(left, BinaryOp::LtEq, right),
            BinaryOp::LtEq => Expr::Binary(left, BinaryOp::Gt, right),
            _ => Expr::Unary(UnaryOp::Not, Box::new(Expr::Binary(left, op, right))),
        },
        other => Expr::Unary(UnaryOp::Not, Box::new(other)),
    }
}

/// Writes a LIKE pattern with the backslash as its escape.
///
/// # Errors
/// Where the pattern ends in an escape, or one stands before another character.
fn like_pattern(text: &str, escape: Option<char>) -> Result<String, String> {
    let mut pattern = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        if Some(character) == escape {
            match characters.next() {
                Some(next) if next == '%' || next == '_' || next == character => {
                    if matches!(next, '%' | '_' | '\\') {
                        pattern.push('\\');
                    }
                    pattern.push(next);
                }
                _ => return Err(format!("`{character}` must stand before `%`, `_` or itself")),
            }
        } else if character == '\\' {
            pattern.push_str("\\\\");
        } else {
            pattern.push(character);
        }
    }
    Ok(pattern)
}
