//! Check: what a rule asks, as plain data. Engines read it; nothing here runs.

use crate::model::contract::ColumnPath;
use crate::model::expr::Expression;
use crate::model::literal::Literal;

/// What a rule asks.
#[derive(Debug, Clone, PartialEq)]
pub enum Check {
    /// The record is well formed (fields, quotes, encoding); judged by the reader.
    Record,
    /// The cell reads as its column's type; judged by the parser.
    Type,
    /// One test of the cell at the rule's only path, or of every element the path reaches.
    Cell(CellTest),
    /// One test of several cells of a row.
    Row(RowTest),
    /// A test that remembers rows already seen.
    Key(KeyTest),
    /// A test of the table as a whole.
    Table(TableTest),
}

/// A test of one value. All but `Required` ignore NULL.
#[derive(Debug, Clone, PartialEq)]
pub enum CellTest {
    Required,
    /// `value op bound`.
    Bound {
        op: CompareOp,
        bound: Literal,
    },
    /// `accepted_values`, or `not_values` when negated.
    OneOf {
        values: Vec<Literal>,
        negated: bool,
    },
    /// The value divided by this leaves nothing; exact for integers and decimals.
    MultipleOf(Literal),
    /// A regular expression; the whole value must match unless `search`.
    Pattern {
        pattern: String,
        search: bool,
    },
    Format(TextFormat),
    /// Unicode code points of text, bytes of binary; inclusive.
    Length {
        minimum: Option<u64>,
        maximum: Option<u64>,
    },
    /// Elements of a list; inclusive.
    Items {
        minimum: Option<u64>,
        maximum: Option<u64>,
    },
}

/// Comparison operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CompareOp {
    Eq,
    NotEq,
    Lt,
    LtEq,
    Gt,
    GtEq,
}

impl CompareOp {
    /// Writes the operator as in SQL.
    #[must_use]
    pub const fn symbol(self) -> &'static str {
        match self {
            Self::Eq => "=",
            Self::NotEq => "<>",
            Self::Lt => "<",
            Self::LtEq => "<=",
            Self::Gt => ">",
            Self::GtEq => ">=",
        }
    }

    /// Tells whether the operator holds for an ordering of left to right.
    #[must_use]
    pub const fn holds(self, ordering: std::cmp::Ordering) -> bool {
        match self {
            Self::Eq => ordering.is_eq(),
            Self::NotEq => ordering.is_ne(),
            Self::Lt => ordering.is_lt(),
            Self::LtEq => ordering.is_le(),
            Self::Gt => ordering.is_gt(),
            Self::GtEq => ordering.is_ge(),
        }
    }
}

/// Named shapes of text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TextFormat {
    Email,
    Uuid,
    Url,
    Ipv4,
    Ipv6,
    IsoCountry,
    IsoCurrency,
    Iban,
    Ean13,
    PhoneE164,
    /// A date pattern such as `%Y-%m-%d`, for text that must read as a date.
    DatePattern(String),
}

/// The formats with a name, sorted, as a contract writes them.
pub const TEXT_FORMATS: &[(&str, TextFormat)] = &[
    ("ean13", TextFormat::Ean13),
    ("email", TextFormat::Email),
    ("iban", TextFormat::Iban),
    ("ipv4", TextFormat::Ipv4),
    ("ipv6", TextFormat::Ipv6),
    ("iso_country", TextFormat::IsoCountry),
    ("iso_currency", TextFormat::IsoCurrency),
    ("phone_e164", TextFormat::PhoneE164),
    ("url", TextFormat::Url),
    ("uuid", TextFormat::Uuid),
];

/// A test of several cells of one row.
#[derive(Debug, Clone, PartialEq)]
pub enum RowTest {
    /// False fails, NULL passes.
    Expression(Expression),
    /// `left op right`; NULL on a side passes.
    Compare { left: ColumnPath, op: CompareOp, right: ColumnPath },
    /// Fails where `when` is true and `then` is false.
    When { when: Expression, then: Expression },
    /// Fails where every cell of the row is NULL.
    NotAllNull,
}

/// Which member of a duplicate group stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Keep {
    /// Every member is a violation.
    #[default]
    None,
    First,
    Last,
}

/// A test that remembers rows. Column numbers index the table's columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyTest {
    Unique {
        columns: Vec<usize>,
        keep: Keep,
        primary: bool,
    },
    /// The values stand in `parent.parent_columns` of a row that was accepted.
    References {
        columns: Vec<ColumnPath>,
        parent: String,
        parent_columns: Vec<usize>,
    },
    /// Each value is not below (`strict`: above) the last one that was not NULL.
    Increasing {
        column: usize,
        strict: bool,
    },
}

/// A test of the table as a whole, over all records read that the `where` admits.
#[derive(Debug, Clone, PartialEq)]
pub enum TableTest {
    RowCount(Bounds),
    /// Share of NULL cells, 0 to 1.
    NullRate {
        column: usize,
        bounds: Bounds,
    },
    /// Exact number of different keys that are not NULL.
    DistinctCount {
        columns: Vec<usize>,
        bounds: Bounds,
    },
    Aggregate {
        column: usize,
        function: Aggregate,
        bounds: Bounds,
    },
    /// The newest value lies at most this many microseconds before now.
    Freshness {
        column: usize,
        maximum_age_micros: i64,
    },
    Columns(ColumnsPolicy),
}

/// Limits of a number; both ends inclusive unless exclusive is said.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Bounds {
    pub minimum: Option<Literal>,
    pub maximum: Option<Literal>,
    pub exclusive_minimum: Option<Literal>,
    pub exclusive_maximum: Option<Literal>,
}

/// What is aggregated.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Aggregate {
    /// Exact for integers and decimals.
    Sum,
    Mean,
    Min,
    Max,
    /// Sample standard deviation (n - 1).
    Stddev,
    /// Linear interpolation between closest ranks (R type 7); 0 to 1.
    Quantile(f64),
}

/// Which deviations of a file's columns from the contract's are allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a key of the rule")]
pub struct ColumnsPolicy {
    pub missing: bool,
    pub extra: bool,
    pub reordered: bool,
    pub duplicated: bool,
}
