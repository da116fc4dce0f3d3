//! # What
//! The record can be read at all: its fields, quotes and bytes are well formed.
//!
//! Every table has this rule; it is not written. Its violations carry the reader's own codes (`P001` and on), which
//! say what is wrong and at which byte. A record that cannot be read is rejected, and no other rule judges it.
//!
//! # Why
//! One quote that is never closed can swallow the rest of a file into a single field, and a loader that guesses hides
//! it.
//!
//! # Example
//! ```yaml
//! columns:
//!   sku:  {type: string}
//!   name: {type: string}
//! ```
//!
//! # Passes
//! ```csv
//! sku,name
//! A-1,"pipe, 5"""
//! A-2,hose
//! ```
//!
//! # Fails
//! ```csv
//! sku,name
//! A-1,pipe, 5
//! A-2,hose
//! ```

use crate::model::Check;
use crate::rule::ask::Made;
use crate::rule::{Asked, Built, RuleKind, Scope, Shape};

/// The kind `record`.
pub const KIND: RuleKind = RuleKind {
    name: "record",
    code: "P000",
    scope: Scope::Row,
    keyword: false,
    long_form: false,
    argument: Shape::Flag,
    options: &[],
    page: include_str!("record.rs"),
    build,
};

#[expect(clippy::unnecessary_wraps, reason = "the signature every kind has")]
fn build(_: &Asked<'_>) -> Made {
    Ok(vec![Built {
        check: Check::Record,
        columns: Vec::new(),
        brief: "every record is well formed".to_owned(),
        message: "is not well formed".to_owned(),
    }])
}
