//! The rule kinds: one file each, one word in the list.

use crate::rule::RuleKind;

/// Every kind, sorted by name.
pub const KINDS: &[&RuleKind] = &[];
