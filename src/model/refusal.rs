//! Refusal: the code of rows that broke no rule of the contract, and that the target itself did not take.

/// The stable code.
pub const CODE: &str = "D501";

/// What it means, in a few words.
pub const TITLE: &str = "a row the target refused";

/// What to do about it.
pub const PAGE: &str = "\
The record broke no rule of the contract, but the target has a constraint, a trigger or a type that does not take
it: a CHECK, a unique index, a foreign key, a length. The reason holds the target's own words. The row is not in the
target and is kept with the rejects; all others are loaded.

Write the constraint into the contract as a rule, so that `karat check` finds such records before the load; or
mend the records and load them with `karat load --replay`.";

/// Gives the id of the refusals of a table, as rules have ids.
#[must_use]
pub fn id(table: &str) -> String {
    format!("{table}.target")
}
