//! References: whose parent is not there.

use std::fmt::Write;

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef};
use arrow_schema::DataType;

use crate::frame::keys::encode::KeyEncoder;
use crate::frame::keys::set::KeySet;
use crate::frame::mask::Mask;
use crate::model::{ColumnPath, Step};

/// Marks the rows among `rows` that refer to a key which is not in `parents`. A row with a NULL in its key
/// refers to nothing; with `null_fails` it is marked.
#[must_use]
pub fn dangling(columns: &[ArrayRef], paths: &[ColumnPath], parents: &KeySet, rows: &Mask, null_fails: bool) -> Mask {
    let mut failed = Mask::new(rows.len());
    for row in rows.rows() {
        if first_dangling(columns, paths, parents, row, null_fails).is_some() {
            failed.set(row);
        }
    }
    failed
}

/// Names the first reference of a row that dangles: its path with list positions, and where its value lies.
#[must_use]
pub fn first_dangling(
    columns: &[ArrayRef],
    paths: &[ColumnPath],
    parents: &KeySet,
    row: usize,
    null_fails: bool,
) -> Option<(String, Vec<(ArrayRef, usize)>)> {
    let mut key = Vec::new();
    let mut test = |cells: Vec<(ArrayRef, usize)>| {
        let mut bytes = Vec::new();
        let whole = cells.iter().all(|(array, index)| {
            let part = KeyEncoder::new(vec![array.as_ref()]).encode(*index, &mut key);
            bytes.extend_from_slice(&key);
            part
        });
        let dangles = if whole { !parents.contains(&bytes) } else { null_fails };
        dangles.then_some(cells)
    };
    if let [path] = paths {
        let mut found = None;
        walk(&columns[path.column], &path.steps, row, &mut Vec::new(), &mut |array, index, positions| {
            if found.is_none()
                && let Some(cells) = test(vec![(array.clone(), index)])
            {
                found = Some((indexed(&path.text, positions), cells));
            }
        });
        return found;
    }
    let cells = paths.iter().map(|path| (columns[path.column].clone(), row)).collect();
    let names: Vec<&str> = paths.iter().map(|path| path.text.as_str()).collect();
    test(cells).map(|cells| (names.join("+"), cells))
}

/// Writes list positions into a path: `basket[].price` and `[1]` give `basket[1].price`.
#[must_use]
pub fn indexed(path: &str, positions: &[usize]) -> String {
    let mut out = String::with_capacity(path.len() + 4);
    let mut positions = positions.iter();
    for (index, piece) in path.split("[]").enumerate() {
        if index > 0 {
            match positions.next() {
                // Writing to a string never fails.
                Some(position) => drop(write!(out, "[{position}]")),
                None => out.push_str("[]"),
            }
        }
        out.push_str(piece);
    }
    out
}

/// Visits every value a path reaches from one row: its array, its index there and its list positions.
fn walk(
    array: &ArrayRef,
    steps: &[Step],
    row: usize,
    positions: &mut Vec<usize>,
    visit: &mut dyn FnMut(&ArrayRef, usize, &[usize]),
) {
    let Some((step, rest)) = steps.split_first() else { return visit(array, row, positions) };
    match (step, array.data_type()) {
        (Step::Items, DataType::List(_)) => {
            let list = array.as_list::<i32>();
            if list.is_null(row) {
                return;
            }
            let ends = list.value_offsets();
            let (from, to) = (ends[row], ends[row + 1]);
            for (position, index) in (from..to).enumerate() {
                positions.push(position);
                walk(list.values(), rest, usize::try_from(index).unwrap_or(0), positions, visit);
                positions.pop();
            }
        }
        (Step::Field(field), DataType::Struct(_)) => {
            let structs = array.as_struct();
            if !structs.is_null(row) {
                walk(structs.column(*field), rest, row, positions, visit);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_enter_the_path() {
        assert_eq!(indexed("basket[].price", &[1]), "basket[1].price");
        assert_eq!(indexed("a[][].b", &[0, 2]), "a[0][2].b");
        assert_eq!(indexed("price", &[]), "price");
    }
}
