//! Two records whose keys differ in nothing but capitals.

use crate::generate::faults::cell::Change;
use crate::generate::faults::kind::{Example, FaultKind, Level, Needs};
use crate::generate::faults::kinds::text::case::recased;
use crate::generate::faults::record::{Edit, Work};
use crate::generate::faults::target::Target;
use crate::generate::random::Draws;

/// The kind `dup_case`.
pub const KIND: FaultKind = FaultKind::record(
    "dup_case",
    Level::Row,
    "The record stands once more with its key in other capitals. To a rule they are two keys.",
    &["pattern", "accepted_values", "format", "unique", "primary_key"],
    Example::csv(
        "sku: {type: string, unique: true, pattern: \"[a-z]+-[0-9]\"}, n: {type: int64}",
        "sku",
        "ab-1,5",
        "ab-1,5\nAB-1,5",
    ),
    edit,
)
.needs(Needs::Any)
.fits(Target::text);

fn edit(work: &Work<'_>, draws: &mut Draws) -> Option<Edit> {
    let keys = match work.target {
        Some(target) => vec![target.clone()],
        None => work.key().into_iter().filter_map(|column| work.aim(column)).collect(),
    };
    keys.iter().find_map(|target| {
        let spot = work.spot(target).filter(|spot| !spot.null)?;
        let text = recased(std::str::from_utf8(&spot.text).ok()?, draws)?;
        let record = work.with(&spot, &Change::text(text.clone()))?;
        Some(Edit::add(work, record).told(&target.path.text, Some(&spot.text), Some(text.as_bytes())))
    })
}
