//! Delimited records to typed columns.

use crate::frame::batch::Batch;
use crate::frame::layout::Origin;
use crate::frame::parse::column::{Cells, Nulls};
use crate::frame::parse::{self, Reader};
use crate::frame::raw::{Body, RawBatch};
use crate::model::Table;

/// Parses every column of a batch with a [`Body::Delimited`].
pub(super) fn parse(raw: RawBatch, table: &Table, readers: &[Reader], origins: &[Origin]) -> Batch {
    let (broken, faults) = parse::record_faults(&raw);
    let spec = &raw.file.spec;
    let nulls = Nulls::new(spec);
    let columns =
        table.columns.iter().zip(readers).zip(origins).enumerate().map(|(index, ((column, reader), origin))| {
            let (field, fields) = match (origin, &raw.body) {
                (Origin::Skipped, _) => return parse::skipped(raw.len()),
                (Origin::Partition(text), _) => return parse::partition(index, column, text, spec, &broken),
                (Origin::Field(field), Body::Delimited(fields)) if *field < fields.width() => (*field, fields),
                _ => return parse::absent(column, raw.len()),
            };
            let broken = broken.any().then_some(&broken);
            let cells = Cells { text: &raw.text, fields, field, rows: raw.len(), spec, nulls: &nulls, broken };
            reader.read(&cells, index, column)
        });
    let columns = columns.collect();
    parse::assemble(raw, origins, columns, (broken, faults))
}
