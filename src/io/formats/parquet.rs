//! parquet: to come.
