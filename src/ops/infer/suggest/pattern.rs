//! Regular expressions from masks: codes, not prose.

use crate::model::profile::ColumnProfile;
use crate::ops::infer::suggest::Style;

/// A pattern for every value of a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shaped {
    pub pattern: String,
    pub words: String,
    /// All values have one length.
    pub is_fixed: bool,
}

/// Characters of one class that follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Run {
    /// `A`, `a`, `9`, or the character itself.
    class: char,
    least: u32,
    most: u32,
}

/// Most masks that one pattern is made of.
const MASKS: usize = 12;

/// Makes a pattern of a column's masks. None for prose, names and whatever has no shape.
#[must_use]
pub fn of(profile: &ColumnProfile, style: Style) -> Option<Shaped> {
    if profile.other_masks > 0 || profile.masks.is_empty() || profile.masks.len() > MASKS {
        return None;
    }
    let counted: u64 = profile.masks.iter().map(|mask| mask.count).sum();
    // A few values have a shape by chance.
    if counted < profile.values() || profile.distinct.value < 5 {
        return None;
    }
    let masks: Vec<Vec<Run>> = profile.masks.iter().map(|mask| read(&mask.mask)).collect::<Option<_>>()?;
    match masks.as_slice() {
        [one] => single(one, profile, style),
        several => words(several),
    }
}

/// One mask: a class for each run, and the characters all values start with as they are.
fn single(runs: &[Run], profile: &ColumnProfile, style: Style) -> Option<Shaped> {
    let is_fixed = runs.iter().all(|run| run.least == run.most);
    let digits = runs.iter().any(|run| run.class == '9');
    let letters = runs.iter().all(|run| matches!(run.class, 'A' | 'a'));
    let blanks = runs.iter().filter(|run| run.class == ' ').count();
    let length: u32 = runs.iter().map(|run| run.most).sum();
    // Letters of one length are a code; of several, a word. Text with blanks is a code where it has digits and one shape.
    if letters && !(is_fixed && length <= 8) || blanks > 0 && !(digits && is_fixed) || !digits && !letters {
        return None;
    }
    let prefix = common_prefix(profile);
    let mut rest = prefix.as_str();
    let mut pattern = String::new();
    for run in runs {
        let length = run.least as usize;
        let is_letter = matches!(run.class, 'A' | 'a');
        let own = rest.split_at_checked(length).filter(|_| run.least == run.most && is_letter && !letters);
        if let Some((own, behind)) = own {
            pattern.push_str(own);
            rest = behind;
        } else {
            rest = if is_letter || run.class == '9' { "" } else { rest.get(length..).unwrap_or_default() };
            pattern.push_str(&class(run.class));
            pattern.push_str(&repeat(*run, style));
        }
    }
    let mask = profile.masks.first().map(|mask| mask.mask.clone()).unwrap_or_default();
    Some(Shaped { pattern, words: format!("one shape, {mask}"), is_fixed })
}

/// Masks that differ only in how often a word comes again after a mark: `a`, `a-a`, `a-a-a`.
fn words(masks: &[Vec<Run>]) -> Option<Shaped> {
    let mut classes: Vec<char> = Vec::new();
    let mut marks: Vec<char> = Vec::new();
    for runs in masks {
        let mut before_is_word = false;
        for run in runs {
            let is_word = matches!(run.class, 'A' | 'a' | '9');
            if !is_word && (!before_is_word || run.most > 1 || !matches!(run.class, '-' | '_' | '.' | '/' | ':')) {
                return None;
            }
            let list = if is_word { &mut classes } else { &mut marks };
            if !list.contains(&run.class) {
                list.push(run.class);
            }
            before_is_word = is_word;
        }
        if !before_is_word {
            return None;
        }
    }
    let [mark] = marks.as_slice() else { return None };
    // Capitals among small letters are names.
    if classes.contains(&'A') && classes.contains(&'a') {
        return None;
    }
    classes.sort_unstable();
    let word: String = classes.iter().map(|class| range(*class)).collect();
    let pattern = format!("[{word}]+({}[{word}]+)*", class(*mark));
    Some(Shaped { pattern, words: format!("words of [{word}] between `{mark}`"), is_fixed: false })
}

/// Reads a mask: `A{2,3}-99`.
fn read(mask: &str) -> Option<Vec<Run>> {
    let mut runs: Vec<Run> = Vec::new();
    let mut rest = mask;
    while let Some(class) = rest.chars().next() {
        if matches!(class, '…' | 'ª' | '␀') {
            return None;
        }
        rest = &rest[class.len_utf8()..];
        let (least, most) = match counted(rest) {
            Some((least, most, behind)) => {
                rest = behind;
                (least, most)
            }
            None => (1, 1),
        };
        match runs.last_mut() {
            Some(run) if run.class == class && matches!(class, 'A' | 'a' | '9') => {
                run.least += least;
                run.most += most;
            }
            _ => runs.push(Run { class, least, most }),
        }
    }
    (!runs.is_empty()).then_some(runs)
}

/// Reads `{3}` or `{1,7}`.
fn counted(rest: &str) -> Option<(u32, u32, &str)> {
    let (inner, behind) = rest.strip_prefix('{')?.split_once('}')?;
    let (least, most) = inner.split_once(',').unwrap_or((inner, inner));
    Some((least.parse().ok()?, most.parse().ok()?, behind))
}

fn repeat(run: Run, style: Style) -> String {
    match (run.least, run.most) {
        (1, 1) => String::new(),
        (same, other) if same == other => format!("{{{same}}}"),
        (least, most) if style == Style::Strict => format!("{{{least},{most}}}"),
        _ => "+".to_owned(),
    }
}

fn class(class: char) -> String {
    match class {
        'A' | 'a' | '9' => format!("[{}]", range(class)),
        '\\' | '.' | '+' | '*' | '?' | '(' | ')' | '|' | '[' | ']' | '{' | '}' | '^' | '$' => format!("\\{class}"),
        other => other.to_string(),
    }
}

const fn range(class: char) -> &'static str {
    match class {
        'A' => "A-Z",
        'a' => "a-z",
        _ => "0-9",
    }
}

/// The lowest and the highest text start with what all texts start with.
fn common_prefix(profile: &ColumnProfile) -> String {
    let (Some(low), Some(high)) = (&profile.minimum, &profile.maximum) else { return String::new() };
    if profile.values() < 10 || profile.distinct.value < 3 {
        return String::new();
    }
    low.chars().zip(high.chars()).take_while(|(left, right)| left == right && left.is_ascii()).map(|(c, _)| c).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::profile::{Approx, Mask};

    fn shape(masks: &[&str], ends: (&str, &str)) -> Option<String> {
        let masks: Vec<Mask> =
            masks.iter().map(|mask| Mask { mask: (*mask).to_owned(), count: 100, pattern: None }).collect();
        let profile = ColumnProfile {
            count: masks.len() as u64 * 100,
            masks,
            minimum: Some(ends.0.to_owned()),
            maximum: Some(ends.1.to_owned()),
            distinct: Approx::exact(90),
            ..ColumnProfile::default()
        };
        let found = of(&profile, Style::Normal)?.pattern;
        assert!(regex::Regex::new(&found).is_ok(), "{found}");
        Some(found)
    }

    #[test]
    fn codes_have_patterns_and_prose_has_none() {
        for (masks, ends, want) in [
            (vec!["Aa{7}#9{9}"], ("Supplier#000000001", "Supplier#000010000"), Some("Supplier#[0-9]{9}")),
            (vec!["A9{1,3}"], ("C1", "C99"), Some("C[0-9]+")),
            (vec!["AAA-9{6}"], ("ABC-000001", "XYZ-999999"), Some("[A-Z]{3}-[0-9]{6}")),
            (
                vec!["99-999-999-9999"],
                ("10-100-100-1000", "34-999-999-9999"),
                Some("[0-9]{2}-[0-9]{3}-[0-9]{3}-[0-9]{4}"),
            ),
            (vec!["a{3,9}-a{2,8}-a{1,7}", "a{2,9}-a{2,9}", "a{4,9}"], ("a", "z"), Some("[a-z]+(-[a-z]+)*")),
            (vec!["99999"], ("00501", "99950"), Some("[0-9]{5}")),
            (vec!["AA"], ("AA", "ZZ"), Some("[A-Z]{2}")),
            (vec!["A{4,14}"], ("ALGERIA", "VIETNAM"), None),
            (vec!["Aa{2,9} Aa{2,9}"], ("Anna Ay", "Zoe Zed"), None),
            (vec!["Aa{2,9}", "Aa{2,9}-Aa{2,9}"], ("Anna", "Zoe"), None),
            (vec!["a{2,9} a{2,9}.", "a{2,9}"], ("a", "z"), None),
            (vec!["ª{2,9}"], ("ä", "ü"), None),
            (vec!["A9.(9)"], ("A1.(1)", "A9.(9)"), Some("A[0-9]\\.\\([0-9]\\)")),
        ] {
            assert_eq!(shape(&masks, ends).as_deref(), want, "{masks:?}");
        }
    }
}
