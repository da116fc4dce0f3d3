//! What the files hold: one pass, the rows to learn from and the rows held out counted apart.

use crate::analyze::profile::{self, About, Part, Shared, TableState};
use crate::frame::{Mask, RawBatch};
use crate::generate::random::mix;
use crate::model::Result;
use crate::model::profile::TableProfile;
use crate::ops::infer::tables::Found;
use crate::ops::parallel::ordered;
use crate::ops::reading::{Claimed, Reading};
use crate::ops::settings::Settings;

/// Rows below which none are held out.
const FEW: u64 = 50;

/// What was found in a table.
#[derive(Debug)]
pub struct Learnt {
    /// Of the rows to learn from; `None` where they are too few to hold any out.
    pub train: Option<TableProfile>,
    /// Of all rows.
    pub all: TableProfile,
    /// Rows held out.
    pub held: u64,
}

/// Tells whether a record is held out: one in five, by a hash of its number in its file.
#[must_use]
pub const fn is_held(number: u64) -> bool {
    mix(number).is_multiple_of(5)
}

/// Reads a table's files and counts what is in them.
///
/// # Errors
/// Where a file cannot be read.
pub fn learn(found: &Found, settings: &Settings) -> Result<Learnt> {
    let files: Vec<String> = found.files.iter().map(|file| file.shown.clone()).collect();
    let (mut train, mut held) = (TableState::new(files.clone()), TableState::new(files));
    // What one half may be spared, the other may not.
    let (shared, apart) = (Shared::default(), Shared::default());
    let mut reading = Reading::new(&found.table, &found.files, settings);
    ordered(
        settings.threads,
        || reading.claim(),
        |claimed: Claimed| {
            let piece = claimed.frame()?;
            let part = |rows: &Mask, shared: &Shared| {
                chosen(&piece.raw, rows).map(|raw| Part::of(&raw, piece.first, piece.file, shared))
            };
            let out = Mask::from_fn(piece.raw.len(), |row| {
                piece.raw.records.get(row).is_some_and(|record| is_held(record.number))
            });
            let mut rest = Mask::full(piece.raw.len());
            rest.and_not(&out);
            Ok((part(&rest, &shared), part(&out, &apart)))
        },
        |(ours, theirs)| {
            if let Some(part) = ours {
                train.absorb(part, &shared);
            }
            if let Some(part) = theirs {
                held.absorb(part, &apart);
            }
            Ok(())
        },
    )?;
    let read = reading.finish();
    for name in read.names.iter().flatten() {
        train.name(name);
    }
    let about = About { name: found.table.name.clone(), files: read.files, unmask: true, ..About::default() };
    let (learnt, out) = (train.rows, held.rows);
    let split = learnt + out >= FEW && out > 0;
    let part = split.then(|| profile::table(&mut train.clone(), &about));
    train.merge(held);
    Ok(Learnt { train: part, all: profile::table(&mut train, &about), held: if split { out } else { 0 } })
}

/// Gives the records chosen; `None` where there are none.
fn chosen(raw: &RawBatch, rows: &Mask) -> Option<RawBatch> {
    (rows.count() > 0).then(|| raw.select(rows))
}
