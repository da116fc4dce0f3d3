//! SQL expressions: parsed with `sqlparser`, resolved and typed against a table.
