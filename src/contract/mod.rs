//! Contract documents in: read, resolve, complain with line and column.

use crate::model::Contract;

/// Reads a contract, or gives every mistake in it.
///
/// # Errors
/// All complaints of the document, in its order.
pub fn read(text: &str) -> Result<Contract, Vec<crate::rule::Complaint>> {
    let _ = text;
    todo!()
}
