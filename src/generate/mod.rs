//! Synthetic data: tables from a contract, deterministic in (contract, seed, [`VERSION`]), each row on its own.

pub mod datasets;
pub mod faults;
pub mod generator;
pub mod providers;
pub mod random;
pub mod updates;

/// The version of the values: equal versions make equal values. Any change of a value that a seed gives raises it.
pub const VERSION: u32 = 1;
