//! A file that was delivered twice.

use crate::generate::faults::kind::{Example, FaultKind};
use crate::generate::faults::whole::{Expects, SetEdit, Told};
use crate::generate::random::Draws;

/// The kind `duplicate_file`.
pub const KIND: FaultKind = FaultKind::set(
    "duplicate_file",
    "One file stands once more under another name: `-copy` is put before its ending.",
    &["primary_key", "unique"],
    Example::csv(
        "id: {type: int64}, city: {type: string}",
        "",
        "t-1.csv 5\nt-2.csv 5",
        "t-1.csv 5\nt-2-copy.csv 5\nt-2.csv 5",
    ),
    edit,
);

fn edit(set: &mut SetEdit<'_>, index: usize, _: &mut Draws) -> Option<Told> {
    let original = set.files.get(index)?.clone();
    let (folder, name) = original.path.rsplit_once('/').map_or((None, original.path.as_str()), |(f, n)| (Some(f), n));
    let (stem, ending) = name.split_once('.').unwrap_or((name, ""));
    let point = if ending.is_empty() { "" } else { "." };
    let name = format!("{stem}-copy{point}{ending}");
    let path = folder.map_or(name.clone(), |folder| format!("{folder}/{name}"));
    if set.files.iter().any(|file| file.path == path) {
        return None;
    }
    let mut copy = original.clone();
    copy.path.clone_from(&path);
    set.files.insert(index, copy);
    let (clean, dirty) = (Some(original.path), Some(path.clone()));
    Some(Told { file: path, clean, dirty, expects: Expects::Duplicates })
}
