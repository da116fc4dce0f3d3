//! Keys seen: what uniqueness, references and order must remember across batches. Exact: equal hashes are
//! confirmed on the keys' own bytes.

pub mod direct;
pub mod distinct;
pub mod encode;
pub mod find;
pub mod hash;
pub mod losers;
pub mod order;
pub mod packed;
pub mod reference;
pub mod seat;
pub mod set;
pub mod spill;
pub mod store;
pub mod texts;
#[cfg(test)]
mod unique;
pub mod words;

pub use distinct::DistinctKeys;
pub use encode::KeyEncoder;
pub use losers::{Loser, Losers, Rival};
pub use order::OrderState;
pub use set::KeySet;
