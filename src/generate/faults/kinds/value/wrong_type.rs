//! A word where a number is promised.

use crate::generate::faults::cell::{Cell, Change};
use crate::generate::faults::kind::{Example, FaultKind, Level};
use crate::generate::faults::target::Target;
use crate::generate::random::Draws;
use crate::model::{DataType, Format};

/// The kind `wrong_type`.
pub const KIND: FaultKind = FaultKind::cell(
    "wrong_type",
    Level::Value,
    "The value becomes text that does not read as the type: `abc`, `12,5`, `1O0`; in JSON a number where text is promised.",
    &["type"],
    Example::csv("id: {type: int64}, price: {type: int64}", "price", "1,250", "1,\"12,5\""),
    change,
)
.fits(fits);

fn fits(target: &Target) -> Result<(), String> {
    target.scalar()?;
    if target.column.data_type == DataType::String && target.format == Format::Csv {
        return Err(format!("wants a column that is no text, since CSV is all text, and `{}` is", target.path.text));
    }
    Ok(())
}

fn change(cell: &Cell<'_>, draws: &mut Draws) -> Option<Change> {
    let data_type = &cell.target.column.data_type;
    if *data_type == DataType::String {
        return Some(Change::Raw(draws.below(100_000).to_string().into_bytes()));
    }
    let words: &[&str] = match data_type {
        DataType::Bool => &["maybe", "ja", "2"],
        DataType::Binary => &["!", "not base64"],
        temporal if temporal.is_temporal() => &["yesterday", "soon", "31"],
        _ => &["abc", "12,5", "1O0", "ten", "5 pcs"],
    };
    let at = usize::try_from(draws.below(words.len() as u64)).ok()?;
    words.get(at).map(|word| Change::text(*word))
}
