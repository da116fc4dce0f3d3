//! A key that is not there.

use crate::generate::faults::cell::splice;
use crate::generate::faults::json;
use crate::generate::faults::kind::{Example, FaultKind, Level, Needs};
use crate::generate::faults::record::{Edit, Work};
use crate::generate::random::Draws;
use crate::model::Step;

/// The kind `missing_key`.
pub const KIND: FaultKind = FaultKind::record(
    "missing_key",
    Level::Json,
    "One key is left out of the record, or of an object inside it.",
    &["required", "primary_key"],
    Example::json("id: {type: int64}, n: {type: int64, required: true}", "n", "{\"id\":1,\"n\":2}", "{\"id\":1}"),
    edit,
)
.needs(Needs::Any);

fn edit(work: &Work<'_>, draws: &mut Draws) -> Option<Edit> {
    let drawn = || {
        let inside = &work.layout.inside;
        let start = usize::try_from(draws.clone().below(inside.len() as u64)).unwrap_or(0);
        inside
            .iter()
            .cycle()
            .skip(start)
            .take(inside.len())
            .filter_map(|column| work.aim(*column))
            .find(|target| work.spot(target).is_some_and(|spot| !spot.null))
    };
    let target = work.target.cloned().or_else(drawn)?;
    let path = &target.path;
    let mut pick = |count: usize| usize::try_from(draws.below(count as u64)).unwrap_or(0);
    let (parent, name, at, pointer) = match path.steps.split_last() {
        None => (
            json::object(work.record)?,
            &target.column.name,
            target.column.name.clone(),
            format!("/{}", target.column.name),
        ),
        Some((Step::Field(_), steps)) => {
            let found = json::find(work.record, work.table, path.column, steps, &mut pick)?;
            let name = &target.column.name;
            (found.span, name, format!("{}.{name}", found.path), format!("{}/{name}", found.pointer))
        }
        Some((Step::Items, _)) => return None,
    };
    let members = json::members(work.record, &parent)?;
    let index = members.iter().position(|member| json::key(work.record, member) == *name)?;
    let member = members.get(index)?;
    let gone = match (index.checked_sub(1).and_then(|before| members.get(before)), members.get(index + 1)) {
        (Some(before), _) => before.value.end..member.value.end,
        (None, Some(next)) => member.key.start..next.key.start,
        (None, None) => member.key.start..member.value.end,
    };
    let clean = json::content(work.record, &member.value);
    let edit = Edit {
        touched: Some(vec![path.column]),
        pointer: Some(pointer),
        ..Edit::replace(splice(work.record, &gone, &[]))
    };
    Some(edit.told(&at, Some(&clean), None))
}
