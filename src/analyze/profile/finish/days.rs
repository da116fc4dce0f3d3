//! What a column's moments tell: formats, grain, gaps.

use crate::analyze::profile::column::Column;
use crate::analyze::profile::finish::resolve::{Resolved, Sort, formats};
use crate::analyze::profile::kinds::Kind;
use crate::analyze::profile::moments::{DAY, format_name};
use crate::model::literal::date_text;
use crate::model::profile::{DateFormat, Dates, Gap};

/// Fewer days have no usual step.
const FEW: usize = 10;
const GAPS: usize = 5;

/// Describes a column's moments.
#[must_use]
pub fn dates(column: &Column, resolved: &Resolved) -> Option<Dates> {
    let Sort::Moment(kind) = resolved.sort else { return None };
    let moments = resolved.moments.as_ref()?;
    let format = |(at, count): (usize, u64)| DateFormat { format: format_name(at).to_owned(), count };
    let days = moments.days().filter(|_| kind != Kind::Time);
    let span = moments.most.div_euclid(DAY) - moments.least.div_euclid(DAY) + 1;
    Some(Dates {
        formats: formats(column, resolved.way).into_iter().map(format).collect(),
        granularity: moments.granularity(kind).to_owned(),
        span_days: if kind == Kind::Time { 0 } else { span.unsigned_abs() },
        days: days.map(|days| days.len() as u64),
        gaps: days.map(gaps).unwrap_or_default(),
        weekend: moments.weekend,
        sentinels: moments.sentinels,
    })
}

/// Finds the stretches that are much longer than the usual step: twice as long as nineteen of twenty.
fn gaps(days: &[i32]) -> Vec<Gap> {
    if days.len() < FEW {
        return Vec::new();
    }
    let mut steps: Vec<i32> = days.windows(2).map(|pair| pair[1] - pair[0]).collect();
    steps.sort_unstable();
    let usual = steps.get(steps.len() * 19 / 20).copied().unwrap_or(1);
    let mut found: Vec<&[i32]> = days.windows(2).filter(|pair| pair[1] - pair[0] > 2 * usual.max(1)).collect();
    found.sort_by_key(|pair| (pair[0] - pair[1], pair[0]));
    let gap = |pair: &&[i32]| Gap {
        after: date_text(pair[0]),
        before: date_text(pair[1]),
        days: u64::from((pair[1] - pair[0] - 1).unsigned_abs()),
    };
    found.iter().take(GAPS).map(gap).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_stand_out() {
        let days: Vec<i32> = (0..100).filter(|day| !(40..44).contains(day)).collect();
        let found = gaps(&days);
        assert_eq!(found, [Gap { after: date_text(39), before: date_text(44), days: 4 }]);
        // Weekends are no gaps of working days.
        let working: Vec<i32> = (0..100).filter(|day| day % 7 < 5).collect();
        assert_eq!(gaps(&working), []);
    }
}
