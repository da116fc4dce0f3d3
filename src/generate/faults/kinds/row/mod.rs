//! Faults of rows.

pub mod all_null;
pub mod dup_case;
pub mod dup_exact;
pub mod dup_key;
pub mod dup_near;
pub mod missing_row;
pub mod shift_right;
pub mod stale_version;
pub mod swap_columns;

use crate::generate::faults::csv::Fields;
use crate::generate::faults::record::Work;

/// Writes fields as a record again, with the trailing delimiter and the line ending it had.
pub(super) fn joined(work: &Work<'_>, fields: &Fields, raw: &[&[u8]]) -> Vec<u8> {
    let spec = &work.table.source;
    let mut record = raw.join(&[spec.delimiter][..]);
    if spec.trailing_delimiter {
        record.push(spec.delimiter);
    }
    record.extend_from_slice(work.record.get(fields.content..).unwrap_or_default());
    record
}
