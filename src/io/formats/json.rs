//! json: to come.
