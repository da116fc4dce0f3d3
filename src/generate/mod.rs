//! Synthetic data: tables from a contract, deterministic in (contract, seed, [`VERSION`]), each row on its own.

pub mod alias;
pub mod column;
pub mod datasets;
pub mod distribution;
pub mod faults;
pub mod formula;
pub mod generator;
pub mod grid;
pub mod judging;
pub mod moment_text;
pub mod permutation;
pub mod plan;
pub mod providers;
pub mod random;
pub mod residual;
pub mod template;
pub mod updates;
pub mod words;
pub mod zipf;

/// The version of the values: equal versions make equal values. Any change of a value that a seed gives raises it.
pub const VERSION: u32 = 1;
