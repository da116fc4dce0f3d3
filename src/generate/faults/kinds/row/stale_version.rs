//! An old version of a row that came again.

use crate::generate::faults::cell::Change;
use crate::generate::faults::kind::{Example, FaultKind, Level, Needs};
use crate::generate::faults::knobs::{Form, Knob};
use crate::generate::faults::record::{Edit, Work};
use crate::generate::faults::target::Target;
use crate::generate::random::Draws;

/// The kind `stale_version`.
pub const KIND: FaultKind = FaultKind::record(
    "stale_version",
    Level::Row,
    "The record stands once more as it was some days before: its date or timestamp lies earlier.",
    &["primary_key", "unique", "increasing"],
    Example::csv(
        "id: {type: int64, unique: true}, seen: {type: date}",
        "seen",
        "1,2024-02-29",
        "1,2024-02-29\n1,2024-02-15",
    ),
    edit,
)
.needs(Needs::Any)
.knobs(&[Knob { name: "days", doc: "how much earlier at most; 30 unless said", form: Form::Whole }])
.fits(Target::moment);

fn edit(work: &Work<'_>, draws: &mut Draws) -> Option<Edit> {
    let first = || work.free().into_iter().find(|target| target.moment().is_ok());
    let target = work.target.cloned().or_else(first)?;
    let spot = work.spot(&target).filter(|spot| !spot.null)?;
    let clock = target.clock.as_ref()?;
    let days = i64::try_from(1 + draws.below(work.knobs.whole("days", 30))).ok()?;
    let earlier = clock.read(&spot.text)?.checked_sub(days.checked_mul(86_400_000_000)?)?;
    let text = clock.write(earlier, &spot.text)?;
    let record = work.with(&spot, &Change::Text(text.clone()))?;
    Some(Edit::add(work, record).told(&target.path.text, Some(&spot.text), Some(&text)))
}
