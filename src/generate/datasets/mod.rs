//! Datasets: one file each.
