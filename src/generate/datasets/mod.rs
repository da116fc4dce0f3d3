//! Datasets: one file each.

pub mod retail;
