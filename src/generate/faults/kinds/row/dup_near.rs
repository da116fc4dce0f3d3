//! One thing recorded twice under two keys.

use crate::generate::faults::cell::Change;
use crate::generate::faults::fresh;
use crate::generate::faults::kind::{Example, FaultKind, Level};
use crate::generate::faults::kinds::text::typo::slip;
use crate::generate::faults::record::{Edit, Work};
use crate::generate::random::Draws;
use crate::model::DataType;

/// The kind `dup_near`.
pub const KIND: FaultKind = FaultKind::record(
    "dup_near",
    Level::Row,
    "The record stands once more under a new key, with a typo in one of its texts.",
    &["unique"],
    Example::csv(
        "id: {type: int64, unique: true}, city: {type: string}",
        "",
        "1,Bath",
        "1,Bath\n9223372036854775155,Baht",
    ),
    edit,
);

fn edit(work: &Work<'_>, draws: &mut Draws) -> Option<Edit> {
    let mut record = work.record.to_vec();
    let key = work.key().into_iter().filter_map(|column| work.aim(column)).find_map(|target| {
        let spot = work.spot(&target).filter(|spot| !spot.null)?;
        let fresh = fresh::value(&target, &spot.text, draws)?;
        Some((target, spot, fresh))
    });
    let mut told = None;
    if let Some((target, spot, fresh)) = key {
        record = work.with(&spot, &Change::Text(fresh.clone()))?;
        told = Some((target.path.text, spot.text, fresh));
    }
    let texts: Vec<_> = work.free().into_iter().filter(|target| target.column.data_type == DataType::String).collect();
    let now = Work { record: &record, ..*work };
    let slipped = texts.get(usize::try_from(draws.below(texts.len() as u64)).ok()?).and_then(|target| {
        let spot = now.spot(target).filter(|spot| !spot.null)?;
        let text = slip(std::str::from_utf8(&spot.text).ok()?, None, draws)?;
        let record = now.with(&spot, &Change::text(text.clone()))?;
        Some((record, (target.path.text.clone(), spot.text, text.into_bytes())))
    });
    let (record, slipped) = slipped.map_or((record.clone(), None), |(record, told)| (record, Some(told)));
    let (column, clean, dirty) = told.or(slipped)?;
    Some(Edit::add(work, record).told(&column, Some(&clean), Some(&dirty)))
}
