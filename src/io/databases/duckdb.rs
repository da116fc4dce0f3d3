//! DuckDB, the embedded target.
