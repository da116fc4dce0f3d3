//! Synthetic data, deterministic in (dataset, seed).

pub mod datasets;
