//! A day with far too few rows, or far too many.

use crate::generate::faults::kind::{Example, FaultKind};
use crate::generate::faults::knobs::{Form, Knob};
use crate::generate::faults::setup;
use crate::generate::faults::whole::{Expects, SetEdit, Told, rows};
use crate::generate::random::Draws;

/// The kind `volume_anomaly`.
pub const KIND: FaultKind = FaultKind::set(
    "volume_anomaly",
    "One file has a tenth of its rows, or all of them several times.",
    &["row_count", "unique", "primary_key"],
    Example::csv("id: {type: int64}, d: {type: date}", "", "d=1/t.csv 50\nd=2/t.csv 50", "d=1/t.csv 5\nd=2/t.csv 50"),
    edit,
)
.knobs(&[Knob { name: "factor", doc: "so many times the rows; 0.1 unless said", form: Form::Number }]);

fn edit(set: &mut SetEdit<'_>, index: usize, _: &mut Draws) -> Option<Told> {
    let factor = set.knobs.number("factor", 0.1);
    let file = set.files.get_mut(index)?;
    let before = rows(&file.rows);
    if factor >= 2.0 {
        let whole = file.rows.clone();
        // More than a hundred times is no anomaly but a full disk.
        for _ in 1..setup::share(factor.min(100.0), 1) {
            file.rows.extend(whole.iter().cloned());
        }
    } else {
        let mut left = setup::share(factor, before);
        for range in &mut file.rows {
            range.end = range.end.min(range.start + left);
            left -= range.end - range.start;
        }
        file.rows.retain(|range| !range.is_empty());
    }
    let after = rows(&file.rows);
    let expects = if after > before { Expects::Duplicates } else { Expects::Volume };
    (after != before).then(|| Told {
        file: file.path.clone(),
        clean: Some(format!("{before} rows")),
        dirty: Some(format!("{after} rows")),
        expects,
    })
}
