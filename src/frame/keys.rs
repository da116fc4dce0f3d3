//! Keys seen: what uniqueness, references and order must remember across batches. Exact: equal hashes are
//! confirmed on the keys' own bytes.

pub mod encode;
pub mod order;
pub mod reference;
pub mod set;
pub mod unique;

pub use encode::KeyEncoder;
pub use order::OrderState;
pub use set::KeySet;
pub use unique::{Loser, UniqueState};
