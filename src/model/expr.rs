//! Expr: a typed SQL expression over the columns of one row, as plain data.
//!
//! It is three-valued as in SQL: a comparison with NULL is NULL, `AND`/`OR` follow Kleene's tables. `rule::expression`
//! makes it from text and says what each part means; `frame::expr` evaluates it.

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

/// One node of an expression. Types were checked when it was made, so an engine need not complain: the values of a
/// `Case` or `Coalesce` have one type, those of a comparison or an `InList` one type too or all are numbers, and a
/// `Literal::Null` stands only directly inside the `Cast` that says its type.
#[derive(Debug, Clone, PartialEq)]
pub enum Expr {
    /// A column of the table, by index.
    Column(usize),
    Literal(Literal),
    Unary(UnaryOp, Box<Expr>),
    Binary(Box<Expr>, BinaryOp, Box<Expr>),
    IsNull {
        expr: Box<Expr>,
        negated: bool,
    },
    InList {
        expr: Box<Expr>,
        list: Vec<Expr>,
        negated: bool,
    },
    /// SQL `LIKE`: `%` any text, `_` one character, backslash escapes.
    Like {
        expr: Box<Expr>,
        pattern: String,
        negated: bool,
        ignore_case: bool,
    },
    Case {
        branches: Vec<(Expr, Expr)>,
        otherwise: Option<Box<Expr>>,
    },
    /// `CAST`; where `lenient` (`TRY_CAST`), a value that cannot be cast is NULL and no trouble.
    Cast {
        expr: Box<Expr>,
        to: DataType,
        lenient: bool,
    },
    Call {
        function: Function,
        args: Vec<Expr>,
    },
}

impl Expr {
    /// Gives the nodes directly inside, as they are written.
    #[must_use]
    pub fn children(&self) -> Vec<&Self> {
        match self {
            Self::Column(_) | Self::Literal(_) => Vec::new(),
            Self::Unary(_, expr) | Self::IsNull { expr, .. } | Self::Like { expr, .. } | Self::Cast { expr, .. } => {
                vec![expr]
            }
            Self::Binary(left, _, right) => vec![left, right],
            Self::InList { expr, list, .. } => std::iter::once(&**expr).chain(list).collect(),
            Self::Case { branches, otherwise } => {
                branches.iter().flat_map(|(when, then)| [when, then]).chain(otherwise.as_deref()).collect()
            }
            Self::Call { args, .. } => args.iter().collect(),
        }
    }

    /// Counts its nodes, itself among them.
    #[must_use]
    pub fn size(&self) -> usize {
        1 + self.children().into_iter().map(Self::size).sum::<usize>()
    }

    /// Gives the columns it reads, ascending, each once.
    #[must_use]
    pub fn columns(&self) -> Vec<usize> {
        fn collect(expr: &Expr, found: &mut Vec<usize>) {
            if let Expr::Column(index) = expr {
                found.push(*index);
            }
            for child in expr.children() {
                collect(child, found);
            }
        }
        let mut found = Vec::new();
        collect(self, &mut found);
        found.sort_unstable();
        found.dedup();
        found
    }
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
    /// Half away from zero; the second argument is a whole literal, the digits kept after the point.
    Round,
    Floor,
    Ceil,
    /// Code points of text, bytes of binary, elements of a list.
    Length,
    Lower,
    Upper,
    /// Takes blanks (U+0020) off both ends.
    Trim,
    /// Text, first position (from 1) and, if given, number of characters.
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
    /// The whole second.
    Second,
    Today,
    Now,
}

/// Spellings of the functions, sorted.
pub const FUNCTIONS: &[(&str, Function)] = &[
    ("abs", Function::Abs),
    ("ceil", Function::Ceil),
    ("ceiling", Function::Ceil),
    ("char_length", Function::Length),
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
    ("substr", Function::Substring),
    ("substring", Function::Substring),
    ("today", Function::Today),
    ("trim", Function::Trim),
    ("upper", Function::Upper),
    ("year", Function::Year),
];
