//! The nearest known word to a word that is not known.

/// Words of neighbouring tools, and what karat calls them.
const SYNONYMS: &[(&str, &str)] = &[
    ("allowed", "accepted_values"),
    ("allowedvalues", "accepted_values"),
    ("array", "list"),
    ("bigint", "int64"),
    ("blob", "binary"),
    ("boolean", "bool"),
    ("bytes", "binary"),
    ("cardinality", "distinct"),
    ("char", "string"),
    ("choices", "weighted"),
    ("condition", "where"),
    ("datatype", "type"),
    ("datetime", "timestamp"),
    ("decimal", "decimal(18,2)"),
    ("derived", "expression"),
    ("double", "float64"),
    ("dtype", "type"),
    ("enum", "accepted_values"),
    ("exclusivemax", "exclusive_maximum"),
    ("exclusivemin", "exclusive_minimum"),
    ("faker", "fake"),
    ("float", "float64"),
    ("foreignkey", "references"),
    ("increment", "step"),
    ("int", "int64"),
    ("integer", "int64"),
    ("isin", "accepted_values"),
    ("long", "int64"),
    ("map", "struct"),
    ("max", "maximum"),
    ("maxlen", "max_length"),
    ("min", "minimum"),
    ("minlen", "min_length"),
    ("notnull", "required"),
    ("nullable", "required"),
    ("nullprobability", "null_rate"),
    ("number", "decimal(18,2)"),
    ("numeric", "decimal(18,2)"),
    ("object", "struct"),
    ("pk", "primary_key"),
    ("probability", "rate"),
    ("real", "float32"),
    ("record", "struct"),
    ("ref", "reference"),
    ("regex", "pattern"),
    ("rowcount", "rows"),
    ("sd", "stddev"),
    ("sep", "delimiter"),
    ("separator", "delimiter"),
    ("smallint", "int16"),
    ("sql", "expression"),
    ("std", "stddev"),
    ("str", "string"),
    ("text", "string"),
    ("threshold", "max_failures"),
    ("timestampntz", "timestamp"),
    ("values", "accepted_values"),
    ("varchar", "string"),
    ("weights", "weighted"),
];

/// A table of more columns is not searched through for a slip of the pen.
const MOST: usize = 1_000;

/// Finds the known word nearest to a word, `None` where nothing is near. Case and underscores do not count, so that
/// `minLength` finds `min_length`; the usual words of other tools find ours.
#[must_use]
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let folded = fold(word);
    if folded.is_empty() || folded.len() > 64 {
        return None;
    }
    let synonym = SYNONYMS.iter().find(|(other, _)| *other == folded).map(|(_, ours)| *ours);
    let mut best: Option<(usize, &str)> = None;
    let mut begun: Option<&str> = None;
    for candidate in known.into_iter().take(MOST) {
        if synonym == Some(candidate) {
            return Some(candidate);
        }
        let other = fold(candidate);
        if folded.len() >= 3 && other.starts_with(&folded) && begun.is_none_or(|least| candidate.len() < least.len()) {
            begun = Some(candidate);
        }
        let distance = distance(&folded, &other);
        let allowed = (folded.len().min(candidate.len()) / 3).max(1);
        if distance <= allowed && best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate).or(begun)
}

/// Writes what to do about an unknown word: the nearest known one, or all of them.
#[must_use]
pub fn hint<'a>(word: &str, known: impl IntoIterator<Item = &'a str> + Clone) -> String {
    match nearest(word, known.clone()) {
        Some(candidate) => format!("did you mean `{candidate}`?"),
        None => format!("known here: {}", listed(known)),
    }
}

/// Joins words with commas, at most thirty of them.
#[must_use]
pub fn listed<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    let mut words: Vec<&str> = words.into_iter().collect();
    if words.is_empty() {
        return "nothing".to_owned();
    }
    let more = words.len().saturating_sub(30);
    words.truncate(30);
    let text = words.join(", ");
    if more == 0 { text } else { format!("{text} and {more} more") }
}

fn fold(word: &str) -> String {
    word.chars().filter(|c| !matches!(c, '_' | '-' | ' ')).flat_map(char::to_lowercase).collect()
}

/// Counts the insertions, deletions, replacements and swaps of neighbours between two words.
fn distance(left: &str, right: &str) -> usize {
    let left: Vec<char> = left.chars().collect();
    let right: Vec<char> = right.chars().collect();
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=right.len()).collect();
    for (i, a) in left.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, b) in right.iter().enumerate() {
            let replaced = above[j] + usize::from(a != b);
            let mut least = replaced.min(above[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *a == right[j - 1] && left[i - 1] == *b {
                least = least.min(before[j - 1] + 1);
            }
            row.push(least);
        }
        before = std::mem::replace(&mut above, row);
    }
    above.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_words_are_found() {
        let known = ["minimum", "maximum", "min_length", "accepted_values", "required", "unique"];
        assert_eq!(nearest("minimun", known), Some("minimum"));
        assert_eq!(nearest("minLength", known), Some("min_length"));
        assert_eq!(nearest("uniqeu", known), Some("unique"));
        assert_eq!(nearest("enum", known), Some("accepted_values"));
        assert_eq!(nearest("not_null", known), Some("required"));
        assert_eq!(nearest("uniq", known), Some("unique"));
        assert_eq!(nearest("banana", known), None);
        assert_eq!(nearest("", known), None);
        assert_eq!(hint("zebra", ["a", "b"]), "known here: a, b");
    }

    #[test]
    fn distances_count_swaps_once() {
        assert_eq!(distance("abcd", "abdc"), 1);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("kitten", "sitting"), 3);
    }
}
