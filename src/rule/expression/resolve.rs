//! The tree of SQL to an `Expr`: names become columns, every node gets a type.

use sqlparser::ast::{BinaryOperator, Expr as Sql, Ident, UnaryOperator};

use crate::model::{DataType, Expr, Function, Literal, Table, UnaryOp};
use crate::rule::expression::names::{self, Found};
use crate::rule::expression::{Trouble, literals, logic, syntax};

/// The deepest nesting; chains of `AND` and of `OR` count as one level. The text was found to be within a lower limit
/// already, but for calls.
const MAX_DEPTH: usize = 192;

/// The most nodes. What SQL writes once (`BETWEEN`, `CASE x WHEN`) may be asked several times.
const MAX_NODES: usize = 50_000;

/// An expression and its type; `None` for a NULL of which nothing is known yet.
#[derive(Debug, Clone)]
pub(super) struct Typed {
    pub expr: Expr,
    pub data_type: Option<DataType>,
}

impl Typed {
    pub const fn new(expr: Expr, data_type: DataType) -> Self {
        Self { expr, data_type: Some(data_type) }
    }

    /// A NULL of which nothing is known yet.
    pub const fn null() -> Self {
        Self { expr: Expr::Literal(Literal::Null), data_type: None }
    }

    /// Tells whether it is a value written down, which may take the type of what it stands beside.
    pub const fn is_written(&self) -> bool {
        matches!(
            self.expr,
            Expr::Literal(Literal::String(_) | Literal::Int(_) | Literal::Decimal { .. } | Literal::Float(_))
        )
    }

    /// Tells whether it is a number or a bare NULL.
    pub fn may_be_number(&self) -> bool {
        self.data_type.as_ref().is_none_or(DataType::is_numeric)
    }

    /// Tells whether it is text written down, which may mean a moment.
    pub const fn is_text_literal(&self) -> bool {
        matches!(self.expr, Expr::Literal(Literal::String(_)))
    }
}

/// Resolves the nodes of one expression.
pub(super) struct Resolver<'a> {
    text: &'a str,
    table: &'a Table,
    nodes: usize,
}

impl<'a> Resolver<'a> {
    pub fn new(text: &'a str, table: &'a Table) -> Self {
        Self { text, table, nodes: 0 }
    }

    /// Makes a trouble about a node.
    pub fn trouble(&self, node: &Sql, message: impl Into<String>) -> Trouble {
        Trouble { span: syntax::place(self.text, node), message: message.into(), hint: None }
    }

    /// Gives the text of a node for a message, cut where it is long.
    pub fn shown(&self, node: &Sql) -> String {
        let text = &self.text[syntax::place(self.text, node)];
        match text.char_indices().nth(60) {
            Some((cut, _)) => format!("{}…", &text[..cut]),
            None => text.to_owned(),
        }
    }

    /// Resolves a node that is one value: no list and no struct.
    pub fn resolve(&mut self, node: &Sql, depth: usize) -> Result<Typed, Trouble> {
        let typed = self.resolve_any(node, depth)?;
        match &typed.data_type {
            Some(nested) if nested.is_nested() => Err(self.nested(node, nested)),
            _ => Ok(typed),
        }
    }

    /// Resolves a node of any type.
    pub fn resolve_any(&mut self, node: &Sql, depth: usize) -> Result<Typed, Trouble> {
        if depth > MAX_DEPTH {
            return Err(self
                .trouble(node, "the expression is nested too deeply")
                .with_hint("split it into several rules"));
        }
        self.grow(node, 1)?;
        let depth = depth + 1;
        match node {
            Sql::Nested(inner) => self.resolve_any(inner, depth),
            Sql::Identifier(name) => self.column(node, name),
            Sql::CompoundIdentifier(names) => self.qualified(node, names),
            Sql::Value(value) => match literals::read(&value.value) {
                Ok(Some(typed)) => Ok(typed),
                Ok(None) => Err(self.unsupported(node)),
                Err(message) => Err(self.trouble(node, message)),
            },
            Sql::BinaryOp { op: BinaryOperator::And | BinaryOperator::Or, .. } => self.chain(node, depth),
            Sql::BinaryOp { left, op, right } => self.binary(node, left, op, right, depth),
            Sql::UnaryOp { op, expr } => self.unary(node, *op, expr, depth),
            Sql::IsNull(_)
            | Sql::IsNotNull(_)
            | Sql::IsTrue(_)
            | Sql::IsNotTrue(_)
            | Sql::IsFalse(_)
            | Sql::IsNotFalse(_)
            | Sql::IsUnknown(_)
            | Sql::IsNotUnknown(_)
            | Sql::IsDistinctFrom(..)
            | Sql::IsNotDistinctFrom(..) => self.is(node, depth),
            Sql::Between { expr, negated, low, high } => self.between(expr, *negated, low, high, depth),
            Sql::InList { expr, list, negated } => self.in_list(expr, list, *negated, depth),
            Sql::Like { .. } | Sql::ILike { .. } => self.like(node, depth),
            Sql::Case { operand, conditions, else_result, .. } => {
                self.case(operand.as_deref(), conditions, else_result.as_deref(), depth)
            }
            Sql::Cast { .. } | Sql::TypedString(_) | Sql::Extract { .. } => self.conversion(node, depth),
            Sql::Function(_) | Sql::Ceil { .. } | Sql::Floor { .. } | Sql::Substring { .. } | Sql::Trim { .. } => {
                self.call(node, depth)
            }
            _ => Err(self.unsupported(node)),
        }
    }

    /// Counts nodes against the limit.
    pub fn grow(&mut self, node: &Sql, by: usize) -> Result<(), Trouble> {
        self.nodes = self.nodes.saturating_add(by);
        if self.nodes <= MAX_NODES {
            return Ok(());
        }
        Err(self.trouble(node, "the expression is too large").with_hint("split it into several rules"))
    }

    /// Copies an expression that SQL writes once and asks several times.
    pub fn copy(&mut self, node: &Sql, typed: &Typed) -> Result<Typed, Trouble> {
        self.grow(node, typed.expr.size())?;
        Ok(typed.clone())
    }

    fn column(&self, node: &Sql, name: &Ident) -> Result<Typed, Trouble> {
        match names::find(name, self.table) {
            Found::Column(index) => Ok(Typed::new(Expr::Column(index), self.table.columns[index].data_type.clone())),
            Found::Ambiguous(columns) => {
                let all = columns.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(" or ");
                let message = format!("`{}` may mean several columns", name.value);
                Err(self.trouble(node, message).with_hint(format!("write {all}, in double quotes")))
            }
            Found::Nothing => match name.value.to_lowercase().as_str() {
                "today" | "current_date" if name.quote_style.is_none() => Ok(clock(Function::Today)),
                "now" | "current_timestamp" if name.quote_style.is_none() => Ok(clock(Function::Now)),
                _ => Err(self.unknown_column(node, name)),
            },
        }
    }

    fn unknown_column(&self, node: &Sql, name: &Ident) -> Trouble {
        let trouble = self.trouble(node, format!("there is no column `{}` in `{}`", name.value, self.table.name));
        let columns = || self.table.columns.iter().map(|column| column.name.as_str());
        if let Some(nearest) = names::nearest(&name.value, columns()) {
            return trouble.with_hint(format!("did you mean `{nearest}`?"));
        }
        if name.quote_style.is_some() {
            return trouble.with_hint(format!("text stands in single quotes: '{}'", name.value));
        }
        let mut known: Vec<&str> = columns().take(12).collect();
        if self.table.columns.len() > known.len() {
            known.push("…");
        }
        trouble.with_hint(format!("the columns are {}", known.join(", ")))
    }

    fn qualified(&self, node: &Sql, names: &[Ident]) -> Result<Typed, Trouble> {
        let [first, rest @ ..] = names else { return Err(self.unsupported(node)) };
        let is_column = matches!(names::find(first, self.table), Found::Column(_));
        match rest {
            [column] if !is_column && first.value.eq_ignore_ascii_case(&self.table.name) => self.column(node, column),
            _ if is_column => {
                let message = format!(
                    "`{}` reaches into a nested column; an expression sees whole columns only",
                    self.shown(node)
                );
                Err(self.trouble(node, message).with_hint("write a rule on the path, such as `column: basket[].price`"))
            }
            _ => Err(self
                .trouble(node, format!("`{}` is not a column of `{}`", self.shown(node), self.table.name))
                .with_hint("an expression sees one row of one table; `references` is the rule between tables")),
        }
    }

    fn unary(&mut self, node: &Sql, op: UnaryOperator, inner: &Sql, depth: usize) -> Result<Typed, Trouble> {
        let typed = self.resolve(inner, depth)?;
        match op {
            UnaryOperator::Not | UnaryOperator::BangNot => {
                let truth = self.truth(typed, inner)?;
                Ok(Typed::new(logic::negate(truth), DataType::Bool))
            }
            UnaryOperator::Minus => {
                if let Some(literal) = literals::negated(&typed.expr) {
                    return Ok(literal);
                }
                let (expr, data_type) = self.signed(typed, inner)?;
                Ok(Typed::new(Expr::Unary(UnaryOp::Negate, Box::new(expr)), data_type))
            }
            UnaryOperator::Plus => {
                self.number(&typed, inner)?;
                Ok(typed)
            }
            _ => Err(self.unsupported(node)),
        }
    }

    /// Takes a value that must be true, false or NULL.
    pub fn truth(&self, typed: Typed, node: &Sql) -> Result<Expr, Trouble> {
        match &typed.data_type {
            None => Ok(literals::cast(typed.expr, &DataType::Bool)),
            Some(DataType::Bool) => Ok(typed.expr),
            Some(other) => {
                let trouble = self.trouble(node, format!("`{}` is {other}, not true or false", self.shown(node)));
                Err(trouble.with_hint("compare it with something: `x > 0`, `x <> ''`, `x IS NOT NULL`"))
            }
        }
    }

    fn nested(&self, node: &Sql, nested: &DataType) -> Trouble {
        let sort = if matches!(nested, DataType::List(_)) { "a list" } else { "a struct" };
        let trouble = self.trouble(node, format!("`{}` is {sort}, not one value", self.shown(node)));
        trouble.with_hint(
            "ask `IS NULL`, or `length(list)`; write a rule on a path such as `basket[].price` for what is inside",
        )
    }

    fn unsupported(&self, node: &Sql) -> Trouble {
        let (message, hint) = match node {
            Sql::Subquery(_) | Sql::Exists { .. } | Sql::InSubquery { .. } | Sql::InUnnest { .. } => (
                "a subquery looks at many rows; an expression sees one row".to_owned(),
                "use `references` for values of another table, `unique` for duplicates",
            ),
            Sql::Interval(_) => {
                ("intervals are not supported".to_owned(), "add whole days to a date: `order_date + 7`")
            }
            Sql::RLike { .. } | Sql::SimilarTo { .. } => {
                ("regular expressions are not supported here".to_owned(), "use the rule `pattern`, or LIKE")
            }
            Sql::Wildcard(_) | Sql::QualifiedWildcard(..) => ("`*` names no column".to_owned(), "name the column"),
            _ => (format!("`{}` is not supported", self.shown(node)), "see `karat explain expression` for what is"),
        };
        self.trouble(node, message).with_hint(hint)
    }
}

/// The day or the moment of the run.
pub(super) fn clock(function: Function) -> Typed {
    let data_type = if function == Function::Today { DataType::Date } else { DataType::TimestampTz };
    Typed::new(Expr::Call { function, args: Vec::new() }, data_type)
}
