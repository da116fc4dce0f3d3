//! local: to come.
