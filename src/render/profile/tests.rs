//! Tests of the terminal: snapshots of made-up tables.
