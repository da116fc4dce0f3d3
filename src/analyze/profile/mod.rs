//! Profiles: what is in a table, counted in one pass and in memory that does not grow with the rows.
//!
//! ```text
//! RawBatch ─▶ Part (any thread) ─▶ TableState (file order) ─▶ TableProfile
//!              │ column by column: different values with their counts (`values`)
//!              └ each value is read once (`kinds`) and given to the metrics
//! ```
//!
//! A batch holds the same records whatever the number of threads, and parts are merged in file order, so that a profile
//! depends on its data alone.
//!
//! | metric | file | exact |
//! |---|---|---|
//! | different values, values that stand once, duplicated rows, containment | `bottom` | while they are few |
//! | quantiles, histogram | `ranks` | while values are few |
//! | frequent values | `frequent` | while values are few; then counts with a bound |
//! | masks | `masks` | the most frequent |
//! | sums, deviation, signs, digits, both ends | `numbers` | yes, floats aside |
//! | moments, their grain, gaps, formats | `moments` | yes |
//! | lengths, blanks, control characters | `lengths`, `texts` | yes |
//! | values NULL together, correlations | `rows` | yes; from 2,048 rows |
//!
//! The crate `datasketches` was measured against these needs: its KLL throws its coins by itself, its HLL estimates by
//! the order of arrival, and both hash each value anew; so the sketches here are karat's own.

pub mod bottom;
pub mod column;
mod delimited;
pub mod drift;
pub mod finish;
pub mod frequent;
pub mod hash;
mod json;
pub mod kinds;
mod leaves;
pub mod lengths;
pub mod masks;
pub mod moments;
pub mod numbers;
pub mod pack;
pub mod part;
pub mod ranks;
pub mod rows;
pub mod state;
pub mod texts;
pub mod values;

pub use finish::{About, foreign_keys, table};
pub use part::{Part, Shared};
pub use state::TableState;
