//! split: to come.
