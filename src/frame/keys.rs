//! keys: to come.
