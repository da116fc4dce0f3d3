//! Two values in each other's place.

use crate::generate::faults::cell::{Spot, splice};
use crate::generate::faults::kind::{Example, FaultKind, Level};
use crate::generate::faults::record::{Edit, Work};
use crate::generate::faults::target::Target;
use crate::generate::random::Draws;

/// The kind `swap_columns`.
pub const KIND: FaultKind = FaultKind::record(
    "swap_columns",
    Level::Row,
    "Two values of the record change places, neighbours where they differ.",
    &["type", "accepted_values", "pattern", "format", "minimum", "maximum", "references", "compare"],
    Example::csv("id: {type: int64}, city: {type: string}", "", "1,Bath", "Bath,1"),
    edit,
);

fn edit(work: &Work<'_>, draws: &mut Draws) -> Option<Edit> {
    let spots: Vec<(Target, Spot)> = work
        .layout
        .inside
        .iter()
        .filter_map(|column| work.aim(*column))
        .filter(|target| !target.column.data_type.is_nested())
        .filter_map(|target| work.spot(&target).filter(|spot| !spot.null).map(|spot| (target, spot)))
        .collect();
    let pairs: Vec<(usize, usize)> = (1..spots.len())
        .flat_map(|apart| (0..spots.len() - apart).map(move |at| (at, at + apart)))
        .filter(|(left, right)| spots[*left].1.text != spots[*right].1.text)
        .collect();
    let neighbours = pairs.iter().filter(|(left, right)| right - left == 1).count().max(1).min(pairs.len());
    let (left, right) = *pairs.get(usize::try_from(draws.below(neighbours as u64)).ok()?)?;
    let (mut a, mut b) = (spots.get(left)?, spots.get(right)?);
    if a.1.span.start > b.1.span.start {
        (a, b) = (b, a);
    }
    let raw = |spot: &Spot| work.record.get(spot.span.clone()).map(<[u8]>::to_vec);
    // From the back, so that places before it hold.
    let record = splice(work.record, &b.1.span, &raw(&a.1)?);
    let record = splice(&record, &a.1.span, &raw(&b.1)?);
    let touched = Some(vec![a.0.path.column, b.0.path.column]);
    let edit = Edit { touched, ..Edit::replace(record) };
    Some(edit.told(&a.0.path.text, Some(&a.1.text), Some(&b.1.text)))
}
