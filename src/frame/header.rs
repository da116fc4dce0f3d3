//! A file's columns against the contract's.

use std::collections::{BTreeMap, BTreeSet};

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
    // Sets, because a wide table would be searched from its start for each of its columns.
    let promised: BTreeSet<&str> = expected.iter().copied().collect();
    let there: BTreeSet<&str> = names.iter().map(String::as_str).collect();
    if !policy.missing {
        let missing = expected.iter().filter(|name| !there.contains(*name));
        found.extend(missing.map(|name| format!("`{name}` is missing")));
    }
    if !policy.extra {
        let any: BTreeSet<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
        let extra = names.iter().filter(|name| !any.contains(name.as_str()));
        found.extend(extra.map(|name| format!("`{name}` is not in the contract")));
    }
    if !policy.duplicated {
        let mut seen: BTreeMap<&str, u32> = BTreeMap::new();
        for name in names {
            let times = seen.entry(name).or_default();
            *times = times.saturating_add(1);
            if *times == 2 {
                found.push(format!("`{name}` stands more than once"));
            }
        }
    }
    if !policy.reordered {
        let known: Vec<&str> = names.iter().map(String::as_str).filter(|name| promised.contains(name)).collect();
        let wanted: Vec<&str> = expected.iter().copied().filter(|name| there.contains(name)).collect();
        if known.len() == wanted.len()
            && let Some((is, should)) = known.iter().zip(&wanted).find(|(is, should)| is != should)
        {
            found.push(format!("`{is}` stands where the contract has `{should}`"));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Column, DataType, SourceSpec};

    const STRICT: ColumnsPolicy = ColumnsPolicy { missing: false, extra: false, reordered: false, duplicated: false };

    fn table(names: &[String]) -> Table {
        let columns = names.iter().map(|name| Column::new(name.as_str(), DataType::String)).collect();
        Table {
            name: "t".into(),
            description: None,
            source: SourceSpec::default(),
            primary_key: None,
            columns,
            rules: Vec::new(),
            generation: crate::model::TableGeneration::default(),
        }
    }

    #[test]
    fn each_deviation_is_named_once() {
        let names = |text: &str| text.split(',').map(str::to_owned).collect::<Vec<_>>();
        let found = deviations(&table(&names("a,b,c,d")), STRICT, &names("b,a,z,z,z"), &[("d".into(), "1".into())]);
        assert_eq!(found.iter().filter(|text| text.contains("`z` stands more than once")).count(), 1, "{found:?}");
        assert!(found.contains(&"`c` is missing".to_owned()), "{found:?}");
        assert!(!found.iter().any(|text| text.contains("`d`")), "{found:?}");
    }

    #[test]
    fn a_hundred_thousand_columns_take_no_square_of_time() {
        let names: Vec<String> = (0..100_000).map(|index| format!("column_{index}")).collect();
        assert_eq!(deviations(&table(&names), STRICT, &names, &[]), Vec::<String>::new());
    }
}
