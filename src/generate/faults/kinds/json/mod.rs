//! Faults of JSON files.

pub mod array_to_object;
pub mod concatenated_objects;
pub mod duplicate_key;
pub mod extra_key;
pub mod invalid_json;
pub mod missing_key;
pub mod nan_literal;
pub mod truncated_line;
pub mod type_drift;
