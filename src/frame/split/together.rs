//! Which rules are broken by the same records: often one cause breaks several.

use crate::frame::judge::RuleVerdict;
use crate::frame::mask::Mask;

/// Counts, for each pair of rules (indices, ascending), the rows of `marked` that break both.
///
/// Rows that break one rule only, nearly all of them, are set aside by two operations a rule and 64 rows.
pub(super) fn pairs(verdicts: &[RuleVerdict], marked: &Mask) -> Vec<((usize, usize), u64)> {
    if !marked.any() {
        return Vec::new();
    }
    let broken: Vec<usize> = (0..verdicts.len()).filter(|rule| verdicts[*rule].failed.any()).collect();
    let (mut once, mut twice) = (Mask::new(marked.len()), Mask::new(marked.len()));
    for rule in &broken {
        let failed = &verdicts[*rule].failed;
        let mut again = once.clone();
        again.and(failed);
        twice.or(&again);
        once.or(failed);
    }
    twice.and(marked);
    if !twice.any() {
        return Vec::new();
    }
    let among: Vec<(usize, Mask)> = broken
        .into_iter()
        .filter(|rule| verdicts[*rule].failed.meets(&twice))
        .map(|rule| (rule, verdicts[rule].failed.select(&twice)))
        .collect();
    let mut found = Vec::new();
    for (at, (first, rows)) in among.iter().enumerate() {
        for (second, others) in &among[at + 1..] {
            let mut both = rows.clone();
            both.and(others);
            let records = both.count() as u64;
            if records > 0 {
                found.push(((*first, *second), records));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_counted_over_words() {
        let verdict =
            |every: usize| RuleVerdict { failed: Mask::from_fn(200, |row| row % every == 0), ..RuleVerdict::default() };
        let verdicts = [verdict(2), RuleVerdict::default(), verdict(3), verdict(199)];
        let found = pairs(&verdicts, &Mask::full(200));
        assert_eq!(found, [((0, 2), 34), ((0, 3), 1), ((2, 3), 1)]);
        assert!(pairs(&verdicts[..2], &Mask::full(200)).is_empty());
    }
}
