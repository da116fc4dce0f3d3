//! Rows with nothing in them.

use crate::generate::faults::cell::{Change, Spot, encode, splice};
use crate::generate::faults::kind::{Example, FaultKind, Level};
use crate::generate::faults::record::{Edit, Work};
use crate::generate::random::Draws;
use crate::model::Format;

/// The kind `all_null`.
pub const KIND: FaultKind = FaultKind::record(
    "all_null",
    Level::Row,
    "Every value of the record becomes NULL.",
    &["all_null", "required", "primary_key"],
    Example::csv("id: {type: int64}, city: {type: string}", "", "1,Bath", ","),
    edit,
);

fn edit(work: &Work<'_>, _: &mut Draws) -> Option<Edit> {
    let mut spots: Vec<Spot> = work.layout.inside.iter().filter_map(|column| work.spot(&work.aim(*column)?)).collect();
    // From the back, so that places before it hold.
    spots.sort_by_key(|spot| std::cmp::Reverse(spot.span.start));
    let only = work.table.source.format == Format::Csv && spots.len() == 1;
    let mut record = work.record.to_vec();
    for spot in spots.iter().filter(|spot| !spot.null) {
        record = splice(&record, &spot.span, &encode(&Change::Null, spot, work.table, only)?);
    }
    (record != work.record).then(|| Edit::replace(record))
}
