//! A file's columns against the contract's.

use crate::model::{ColumnsPolicy, Table};

/// Names every deviation of a file's columns that the policy does not allow, in words.
#[must_use]
pub fn deviations(
    table: &Table,
    policy: ColumnsPolicy,
    names: &[String],
    partitions: &[(String, String)],
) -> Vec<String> {
    let mut found = Vec::new();
    let in_path = |name: &str| partitions.iter().any(|(key, _)| key == name);
    let expected: Vec<&str> =
        table.columns.iter().map(|column| column.name.as_str()).filter(|name| !in_path(name)).collect();
    if !policy.missing {
        let missing = expected.iter().filter(|name| !names.iter().any(|n| n == *name));
        found.extend(missing.map(|name| format!("`{name}` is missing")));
    }
    if !policy.extra {
        let extra = names.iter().filter(|name| table.column_index(name).is_none());
        found.extend(extra.map(|name| format!("`{name}` is not in the contract")));
    }
    if !policy.duplicated {
        for (index, name) in names.iter().enumerate() {
            let before = names[..index].iter().filter(|n| *n == name).count();
            if before == 1 {
                found.push(format!("`{name}` stands more than once"));
            }
        }
    }
    if !policy.reordered {
        let known: Vec<&str> = names.iter().map(String::as_str).filter(|name| expected.contains(name)).collect();
        let wanted: Vec<&str> = expected.iter().copied().filter(|name| known.contains(name)).collect();
        if known.len() == wanted.len()
            && let Some((is, should)) = known.iter().zip(&wanted).find(|(is, should)| is != should)
        {
            found.push(format!("`{is}` stands where the contract has `{should}`"));
        }
    }
    found
}
