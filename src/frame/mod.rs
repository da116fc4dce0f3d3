//! Tables in memory: raw records, typed columns, verdicts, and the split into clean rows and rejects.

pub mod batch;
pub mod columns;
pub mod drawn;
pub mod expr;
pub mod header;
pub mod json;
pub mod judge;
pub mod keys;
pub mod layout;
pub mod mask;
pub mod parse;
pub mod places;
pub mod raw;
pub mod schema;
pub mod show;
pub mod sieve;
pub mod spare;
pub mod split;
pub mod tally;
pub mod text;

pub use batch::{Batch, Fault};
pub use judge::{Judge, Judged};
pub use mask::Mask;
pub use parse::Parser;
pub use raw::{Body, FieldSpan, Fields, FileShape, RawBatch, Record};
