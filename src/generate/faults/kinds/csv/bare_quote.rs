//! A quote in a value, neither quoted nor doubled.

use crate::generate::faults::cell::splice;
use crate::generate::faults::kind::{Example, FaultKind, Level};
use crate::generate::faults::record::{Edit, Work};
use crate::generate::random::Draws;

/// The kind `bare_quote`.
pub const KIND: FaultKind = FaultKind::record(
    "bare_quote",
    Level::Csv,
    "A quote stands bare inside a value, as in `5\" pipe`.",
    &["record"],
    Example::csv("id: {type: int64}, city: {type: string}", "", "1,Bath", "1,B\"ath"),
    edit,
);

fn edit(work: &Work<'_>, draws: &mut Draws) -> Option<Edit> {
    let spec = &work.table.source;
    let quote = spec.quote?;
    let fields = work.fields()?;
    let fit: Vec<usize> = (0..fields.list.len())
        .filter(|at| {
            fields
                .list
                .get(*at)
                .is_some_and(|field| field.end - field.start > 1 + 2 * usize::from(field.quoted) && !field.escaped)
        })
        .collect();
    // A value of one character has no inside; a quote behind it will do.
    let any = (0..fields.list.len())
        .find(|at| fields.list.get(*at).is_some_and(|field| !field.quoted && field.end > field.start));
    let at = if fit.is_empty() { any? } else { *fit.get(usize::try_from(draws.below(fit.len() as u64)).ok()?)? };
    let field = fields.list.get(at)?;
    let place = field.start + 1 + usize::from(field.quoted);
    let text = std::str::from_utf8(work.record).ok()?;
    let place = (place..=field.end).find(|place| text.is_char_boundary(*place))?;
    let record = splice(work.record, &(place..place), &[quote]);
    let clean = field.content(work.record, spec);
    let dirty = record.get(field.start..=field.end)?.to_vec();
    Some(Edit::replace(record).told(work.name(at, fields.list.len()), Some(&clean), Some(&dirty)))
}
