//! Setup: the faults of a contract resolved against a table, and every reason why one cannot be planted.

use crate::generate::faults::kind::{Act, FaultKind, Formats, Needs};
use crate::generate::faults::kinds;
use crate::generate::faults::knobs::Knobs;
use crate::generate::faults::layout::Layout;
use crate::generate::faults::plant::Fault;
use crate::generate::faults::select::{self, Wish};
use crate::generate::faults::target::Target;
use crate::generate::random::Stream;
use crate::model::generation::Amount;
use crate::model::{Contract, Error, ErrorKind, FaultSpec, Format, Result, Table};

/// Resolves the faults of a table.
///
/// # Errors
/// All that cannot be planted, each with its place in the contract.
pub fn faults(contract: &Contract, table: &Table, specs: &[FaultSpec], seed: u64) -> Result<Vec<Fault>> {
    let mut found = Vec::new();
    let mut wrong = Vec::new();
    for (number, spec) in specs.iter().enumerate() {
        if spec.table != table.name {
            if contract.table(&spec.table).is_none() {
                wrong.push(complain(spec, &format!("names the table `{}`, which there is not", spec.table)));
            }
            continue;
        }
        match fault(table, spec, number, seed) {
            Ok(fault) => found.push(fault),
            Err(why) => wrong.push(complain(spec, &why)),
        }
    }
    if wrong.is_empty() {
        return Ok(found);
    }
    Err(Error::new(ErrorKind::Usage, wrong.join("; "))
        .hint("docs/faults.md lists the kinds, what each wants, and its options"))
}

fn complain(spec: &FaultSpec, why: &str) -> String {
    match spec.place {
        (0, _) => format!("fault `{}` {why}", spec.id),
        (line, column) => format!("fault `{}` (line {line}, column {column}) {why}", spec.id),
    }
}

fn fault(table: &Table, spec: &FaultSpec, number: usize, seed: u64) -> Result<Fault, String> {
    let kind = kinds::find(&spec.kind).ok_or_else(|| unknown(&spec.kind))?;
    fits_format(kind, table.source.format)?;
    let knobs = Knobs::read(kind.knobs, &spec.options)?;
    let target = match (&spec.path, kind.needs) {
        (Some(path), Needs::Column | Needs::Any) => Some(aim(table, path, kind)?),
        (None, Needs::Column) => return Err(format!("wants a column, since `{}` changes a value", kind.name)),
        (Some(path), Needs::Nothing) => return Err(format!("names `{path}`, and `{}` takes no column", kind.name)),
        (None, _) => None,
    };
    if !kind.is_by_row() && (spec.condition.is_some() || spec.burst.is_some()) {
        return Err(format!("has a condition or a burst, and `{}` changes whole files", kind.name));
    }
    let exact = match spec.amount {
        Amount::Count(_) if spec.condition.is_some() => {
            return Err("has a condition and a count; with a condition only a rate can be met".to_owned());
        }
        Amount::Rate(rate) if !(0.0..=1.0).contains(&rate) => {
            return Err(format!("has the rate {rate}, which is not between 0 and 1"));
        }
        Amount::Count(_) => true,
        Amount::Rate(_) => false,
    };
    let stream = Stream::new(seed, &format!("{}.faults.{}", table.name, spec.id));
    Ok(Fault { number, spec: spec.clone(), kind, target, knobs, stream, exact })
}

fn aim(table: &Table, path: &str, kind: &FaultKind) -> Result<Target, String> {
    let target = Target::new(table, path)?;
    if Layout::new(table).folders.contains(&target.path.column) {
        return Err(format!("names `{path}`, which is the name of a folder and stands in no record"));
    }
    (kind.fits)(&target)?;
    Ok(target)
}

fn fits_format(kind: &FaultKind, format: Format) -> Result<(), String> {
    let whole_file = matches!(kind.act, Act::File(_));
    let fits = match (kind.formats, format) {
        (_, Format::Parquet) => matches!(kind.act, Act::Set(_)),
        (Formats::Csv, format) => format == Format::Csv,
        (Formats::Json, format) => format != Format::Csv,
        (Formats::All, format) => !whole_file || format != Format::Json,
    };
    if fits {
        return Ok(());
    }
    let format = match format {
        Format::Csv => "CSV",
        Format::Ndjson => "NDJSON",
        Format::Json => "JSON arrays",
        Format::Parquet => "Parquet",
    };
    Err(format!("is of the kind `{}`, which is not planted in {format}", kind.name))
}

fn unknown(name: &str) -> String {
    let near = kinds::all().filter(|kind| kind.name.contains(name) || name.contains(kind.name)).map(|kind| kind.name);
    let near: Vec<&str> = near.collect();
    let hint = if near.is_empty() { String::new() } else { format!("; did you mean {}?", near.join(" or ")) };
    format!("is of the kind `{name}`, which there is not{hint}")
}

/// Gives a share of a number, rounded to nearest; more than one of a rate above 1.
#[must_use]
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "rows stay far below 2^53, and so do shares of them"
)]
pub fn share(rate: f64, of: u64) -> u64 {
    (rate * of as f64 + 0.5) as u64
}

/// Says which rows the faults ask for. Rates add up before they are rounded, so that many small ones are not lost: each
/// fault gets its share of the rows or one row more or less, and all together their sum.
#[must_use]
pub fn wishes(faults: &[Fault], rows: u64) -> Vec<Wish> {
    let (mut rates, mut dealt) = (0.0, 0);
    let mut wishes = Vec::new();
    for fault in faults.iter().filter(|fault| fault.kind.is_by_row()) {
        let amount = match fault.spec.amount {
            Amount::Count(count) => select::Amount::Exactly(count),
            Amount::Rate(rate) if fault.spec.condition.is_some() => select::Amount::Share(rate),
            Amount::Rate(rate) if fault.knobs.overlaps() => select::Amount::Exactly(share(rate, rows)),
            Amount::Rate(rate) => {
                rates += rate;
                let before = dealt;
                dealt = share(rates, rows).max(before);
                select::Amount::Exactly(dealt - before)
            }
        };
        let (burst, overlap) = (fault.spec.burst.unwrap_or(1).max(1), fault.knobs.overlaps());
        wishes.push(Wish { fault: fault.number, amount, burst, overlap });
    }
    wishes
}

/// Counts the rows that are asked for exactly.
#[must_use]
pub fn total(wishes: &[Wish]) -> u64 {
    let exact = |wish: &Wish| match wish.amount {
        select::Amount::Exactly(count) => count,
        select::Amount::Share(_) => 0,
    };
    wishes.iter().map(exact).fold(0, u64::saturating_add)
}
