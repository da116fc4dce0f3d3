//! The words of the field as types: contracts, rules, verdicts, violations, reports. No I/O and no engine.

pub mod access;
pub mod baseline;
pub mod binary;
pub mod check;
pub mod contract;
pub mod data_type;
pub mod draft;
pub mod error;
pub mod expr;
pub mod generation;
pub mod history;
pub mod literal;
pub mod manifest;
pub mod number;
pub mod parse_code;
pub mod profile;
pub mod refusal;
pub mod report;
pub mod rule;
pub mod score;
pub mod source;
pub mod temporal;
pub mod violation;
pub mod words;

pub use access::Access;
pub use check::{
    Aggregate, Bounds, CellTest, Check, ColumnsPolicy, CompareOp, Keep, KeyTest, RowTest, TableTest, TextFormat,
};
pub use contract::{Column, ColumnPath, Contract, PrimaryKey, Step, Table};
pub use data_type::DataType;
pub use error::{Error, ErrorKind, Result};
pub use expr::{BinaryOp, Expr, Expression, Function, UnaryOp};
pub use generation::{FaultSpec, Generation, Locale, TableGeneration};
pub use history::{LoadedFile, PastFile, PastLoad};
pub use literal::Literal;
pub use parse_code::ParseCode;
pub use profile::{ColumnProfile, Profile, TableProfile};
pub use report::{CellPlace, FileReport, Outcome, Place, Report, RuleReport, TableReport, Together};
pub use rule::{Context, NullPolicy, Rule, Severity, Tolerance};
pub use score::Score;
pub use source::{Encoding, Escape, Format, LineEnding, Quotes, SourceSpec};
pub use violation::{Violation, Why};
