//! Databases as targets: one file each.

#[cfg(feature = "duckdb")]
pub mod duckdb;
