//! Faults of single values.

pub mod disguised_null;
pub mod empty;
pub mod negative;
pub mod noise;
pub mod not_in_set;
pub mod null;
pub mod out_of_range;
pub mod outlier;
pub mod precision_loss;
pub mod sign_flip;
pub mod unit_mismatch;
pub mod whitespace_only;
pub mod wrong_type;
pub mod zero;
