//! csv: to come.
