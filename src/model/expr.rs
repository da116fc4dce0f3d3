//! Expr: a typed SQL expression over the columns of one row, as plain data.
//!
//! It is three-valued as in SQL: a comparison with NULL is NULL, `AND`/`OR` follow Kleene's tables.

use crate::model::data_type::DataType;
use crate::model::literal::Literal;

/// Holds an expression, its text and its type.
#[derive(Debug, Clone, PartialEq)]
pub struct Expression {
    /// The text as written in the contract.
    pub text: String,
    pub root: Expr,
    /// The type of the value; `Bool` for rules and conditions.
    pub data_type: DataType,
    /// The columns it reads, ascending, each once.
    pub columns: Vec<usize>,
}

/// One node of an expression. Types were checked when it was made, so an engine need not complain.
#[derive(Debug, Clone, PartialEq)]
pub enum Expr {
    /// A column of the table, by index.
    Column(usize),
    Literal(Literal),
    Unary(UnaryOp, Box<Expr>),
    Binary(Box<Expr>, BinaryOp, Box<Expr>),
    IsNull { expr: Box<Expr>, negated: bool },
    InList { expr: Box<Expr>, list: Vec<Expr>, negated: bool },
    /// SQL `LIKE`: `%` any text, `_` one character, backslash escapes.
    Like { expr: Box<Expr>, pattern: String, negated: bool, ignore_case: bool },
    Case { branches: Vec<(Expr, Expr)>, otherwise: Option<Box<Expr>> },
    Cast { expr: Box<Expr>, to: DataType },
    Call { function: Function, args: Vec<Expr> },
}

/// Operators with one operand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnaryOp {
    Not,
    Negate,
}

/// Operators with two operands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BinaryOp {
    And,
    Or,
    Eq,
    NotEq,
    Lt,
    LtEq,
    Gt,
    GtEq,
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
    Concat,
}

/// Functions an expression may call, named as in SQL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Function {
    Abs,
    Round,
    Floor,
    Ceil,
    Length,
    Lower,
    Upper,
    Trim,
    Substring,
    StartsWith,
    EndsWith,
    Contains,
    Coalesce,
    NullIf,
    /// `date(x)`: the day of a timestamp, or a date read from text.
    Date,
    Year,
    Month,
    Day,
    Hour,
    Minute,
    Second,
    Today,
    Now,
}

/// Spellings of the functions, sorted.
pub const FUNCTIONS: &[(&str, Function)] = &[
    ("abs", Function::Abs),
    ("ceil", Function::Ceil),
    ("coalesce", Function::Coalesce),
    ("contains", Function::Contains),
    ("current_date", Function::Today),
    ("current_timestamp", Function::Now),
    ("date", Function::Date),
    ("day", Function::Day),
    ("ends_with", Function::EndsWith),
    ("floor", Function::Floor),
    ("hour", Function::Hour),
    ("length", Function::Length),
    ("lower", Function::Lower),
    ("minute", Function::Minute),
    ("month", Function::Month),
    ("now", Function::Now),
    ("nullif", Function::NullIf),
    ("round", Function::Round),
    ("second", Function::Second),
    ("starts_with", Function::StartsWith),
    ("substring", Function::Substring),
    ("today", Function::Today),
    ("trim", Function::Trim),
    ("upper", Function::Upper),
    ("year", Function::Year),
];
