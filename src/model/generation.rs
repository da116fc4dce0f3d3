//! Generation: how a contract's rows are made up, and what is planted among them.

use crate::model::expr::Expression;

/// The day that stands for today where none is given: 2026-01-31, in days since 1970-01-01.
pub const AS_OF: i32 = 20_484;

/// `generate:` of a table.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TableGeneration {
    pub rows: Option<Rows>,
    /// The date or timestamp column whose day orders the rows and names their folder.
    pub day: Option<usize>,
    pub locale: Option<Locale>,
    /// The share of rows whose file is that of a later day: probability 0 to 1, and at most so many days late.
    pub late: Option<(f64, u32)>,
}

/// How many rows a table has where the command line does not say.
#[derive(Debug, Clone, PartialEq)]
pub enum Rows {
    Count(u64),
    /// Exactly so many, whatever the scale: those of a list.
    Fixed(u64),
    /// So many for each row of another table, on average; the product is rounded down.
    Per {
        table: String,
        factor: f64,
    },
}

/// `generate:` of a column, an element or a field.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Generation {
    pub from: Option<Origin>,
    pub locale: Option<Locale>,
    pub distribution: Option<Distribution>,
    /// Exactly so many different values in the whole table, each at least once; a distribution beside it says how often
    /// each of them comes (`zipf`: few of them often). It goes before a key that keeps the first or last of its duplicates:
    /// then the key repeats.
    pub distinct: Option<u64>,
    /// Share of NULL, 0 to 1.
    pub null_rate: Option<f64>,
    /// Limits within those of the rules, as written (`2019-01-01`, `12.50`); inclusive.
    pub minimum: Option<String>,
    pub maximum: Option<String>,
    /// Elements of a list: inclusive limits.
    pub items: Option<(u64, u64)>,
    /// All elements of a list draw this field's parent with one value of this column of the parent:
    /// `(field, parent's column)`, such as `("product_id", "product_category")`.
    pub together: Option<(String, String)>,
    /// Weights of the days of the week, Monday first.
    pub weekdays: Option<[f64; 7]>,
    /// Weights of the months, January first.
    pub months: Option<[f64; 12]>,
    /// One value for each parent row that this reference (a column, or a field of the same struct) drew: rows of one
    /// parent have equal values.
    pub per: Option<String>,
    /// Line and column of the setting in the document, both from 1.
    pub place: (u32, u32),
}

/// Where a column's values come from.
#[derive(Debug, Clone, PartialEq)]
pub enum Origin {
    /// One of `generate::providers`, by name.
    Provider(String),
    /// Text that matches this regular expression whole.
    Pattern(String),
    /// A word list of the `fake` crate, by its path there (`company.Buzzword`).
    Fake(String),
    /// Text, numbers or other scalars as written, each with its weight.
    Weighted(Vec<(String, f64)>),
    /// The values of the rows one by one as written, `None` for NULL; after the last the first again.
    Values(Vec<Option<String>>),
    /// `start + step * row`.
    Sequence { start: i128, step: i128 },
    /// The numbers of a sequence in shuffled order: unique, and not ascending.
    Permuted { start: i128 },
    /// Text around the row's number from 1: `C{n}`, `P{n:06}`; `permuted` shuffles the numbers.
    Template { text: String, permuted: bool },
    /// A value of the parent the column's `references` names.
    Reference(Parents),
    /// A column of the parent row that the reference column (or field of the same struct) drew.
    Copy { through: String, column: String },
    /// An expression over the other columns of the table; its value is cast to the column's type.
    Derived(Expression),
}

/// Which parent rows are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Parents {
    #[default]
    Uniform,
    /// Popularity falls with rank as `1 / rank^exponent`; ranks are shuffled over the rows.
    Zipf(f64),
    /// Each parent at least once where there are rows enough, the rest uniform.
    Every,
}

/// How numbers, moments and the choice among values are spread. Bounds cut by drawing anew.
#[derive(Debug, Clone, PartialEq)]
pub enum Distribution {
    Uniform,
    Normal {
        mean: f64,
        stddev: f64,
    },
    /// Of `exp(normal(mu, sigma))`.
    Lognormal {
        mu: f64,
        sigma: f64,
    },
    /// With this mean, counted from the minimum.
    Exponential {
        mean: f64,
    },
    /// Over ranks from 1; for numbers `minimum + rank - 1`, for choices the order written.
    Zipf {
        exponent: f64,
    },
    /// `[from, to, weight]`, uniform inside; `to` is exclusive but for the last.
    Histogram(Vec<(f64, f64, f64)>),
}

/// A language and country whose names and addresses are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub enum Locale {
    #[default]
    EnUs,
    EnGb,
    DeDe,
    FrFr,
    EsEs,
}

/// The locales as a contract writes them.
pub const LOCALES: &[(&str, Locale)] = &[
    ("en_US", Locale::EnUs),
    ("en_GB", Locale::EnGb),
    ("de_DE", Locale::DeDe),
    ("fr_FR", Locale::FrFr),
    ("es_ES", Locale::EsEs),
];

/// One entry of `faults:`: a kind of dirt and how much of it.
#[derive(Debug, Clone, PartialEq)]
pub struct FaultSpec {
    /// Unique in the contract; the kind's name where none is written.
    pub id: String,
    /// One of `generate::faults`, by name.
    pub kind: String,
    pub table: String,
    /// A column or a path inside one (`basket[].price`); `None` for faults of rows and files.
    pub path: Option<String>,
    pub amount: Amount,
    /// Only rows for which this is true.
    pub condition: Option<Expression>,
    /// Faults come in runs of about so many neighbouring rows.
    pub burst: Option<u64>,
    /// Knobs of the kind, as written.
    pub options: Vec<(String, String)>,
    /// Line and column in the document, both from 1.
    pub place: (u32, u32),
}

/// How many faults.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Amount {
    /// Each row (that the condition admits) with this probability, 0 to 1.
    Rate(f64),
    /// Exactly so many.
    Count(u64),
}
