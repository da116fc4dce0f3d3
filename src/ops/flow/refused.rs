//! Refused: rows that broke no rule and that the target itself did not take, turned into rejects.
//!
//! A target tells them after the last row of a table, when their records are gone. The table is then judged once more, and
//! the rows named are taken from the clean ones, in file order, with the target's words as their reason.

use crate::frame::places::place;
use crate::frame::split::{PLACES, Reject, Splitter};
use crate::io::Refused;
use crate::model::{Outcome, Place, Result, RuleReport, Severity, Table, Violation, refusal};
use crate::ops::flow::Worked;

/// Finds refused rows among the clean ones.
pub struct Refusals<'a> {
    table: &'a Table,
    /// What is left to find, by ascending row.
    left: &'a [Refused],
    /// Clean rows seen so far.
    clean: u64,
    failures: u64,
    places: Vec<Place>,
}

impl<'a> Refusals<'a> {
    /// Starts before the first record.
    pub const fn new(table: &'a Table, refused: &'a [Refused]) -> Self {
        Self { table, left: refused, clean: 0, failures: 0, places: Vec::new() }
    }

    /// Moves the refused rows of a batch from its clean rows to its rejects; `first` is the batch's first ordinal.
    ///
    /// # Errors
    /// Where the sums do not add up.
    pub fn apply(&mut self, worked: &mut Worked, first: u64, splitter: &Splitter<'_>) -> Result<()> {
        let clean = worked.records - worked.split.rejected.count();
        let start = self.clean;
        self.clean += clean as u64;
        let here = self.left.partition_point(|refused| refused.row < self.clean);
        let (here, left) = self.left.split_at(here);
        self.left = left;
        if here.is_empty() {
            return Ok(());
        }
        let kept: Vec<usize> = worked.split.rejected.inverse().rows().collect();
        for refused in here {
            let place = usize::try_from(refused.row - start).ok().and_then(|place| kept.get(place));
            if let Some(&row) = place {
                self.refuse(worked, row, first + row as u64, refused, splitter);
            }
        }
        worked.split.rejects.sort_by_key(|reject| reject.row);
        if worked.clean.is_some() {
            worked.clean = Some(splitter.clean(&worked.judged.batch, &worked.split.rejected)?);
        }
        Ok(())
    }

    fn refuse(&mut self, worked: &mut Worked, row: usize, ordinal: u64, refused: &Refused, splitter: &Splitter<'_>) {
        let violation = Violation {
            rule: refusal::id(&self.table.name),
            code: refusal::CODE.to_owned(),
            column: refused.column.clone(),
            value: None,
            message: refused.message.clone(),
            severity: Severity::Error,
        };
        let mut violations = splitter.warnings(&worked.judged, row, ordinal);
        worked.split.warned -= usize::from(!violations.is_empty()).min(worked.split.warned);
        self.failures += 1;
        if self.places.len() < PLACES {
            self.places.push(place(&worked.judged.batch.raw, row, &violation));
        }
        violations.push(violation);
        worked.split.rejected.set(row);
        worked.split.rejects.push(Reject { row, violations });
    }

    /// Gives the line of the report; none where nothing was refused.
    pub fn report(self) -> Option<RuleReport> {
        (self.failures > 0).then(|| RuleReport {
            id: refusal::id(&self.table.name),
            kind: "target".to_owned(),
            code: refusal::CODE.to_owned(),
            severity: Severity::Error,
            brief: "the target takes the row".to_owned(),
            outcome: Outcome::Failed,
            failures: self.failures,
            places: self.places,
            ..RuleReport::default()
        })
    }
}
