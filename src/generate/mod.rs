//! Synthetic data, deterministic in (dataset, seed).

pub mod datasets;
pub mod random;
