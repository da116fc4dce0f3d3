//! Patterns against the `regex` crate.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::frame::judge::pattern::Pattern;

fn drawn(provider: &dyn Provider, row: u64) -> String {
    let mut out = Vec::new();
    provider.write(&mut Draws::new(row), &mut out);
    String::from_utf8(out).unwrap()
}

fn nth(provider: &dyn Provider, number: u128) -> String {
    let mut out = Vec::new();
    provider.nth(number, &mut out);
    String::from_utf8(out).unwrap()
}

/// Checks matches, lengths and the numbers of values; gives how many values there are.
fn check(pattern: &str, lengths: (usize, usize)) -> Option<u128> {
    let provider = compile(pattern, lengths).unwrap_or_else(|error| panic!("{pattern} {lengths:?}: {error}"));
    let judge = Pattern::new(pattern, false).unwrap();
    let good = |text: &str| {
        let chars = text.chars().count();
        let right = (lengths.0..=lengths.1).contains(&chars) && chars <= provider.longest();
        assert!(right && judge.is_match(text), "{pattern} {lengths:?} {text:?} {}", provider.longest());
    };
    (0..300).for_each(|row| good(&drawn(&*provider, row)));
    let count = provider.values()?;
    let some = count.min(300);
    let mut numbers: BTreeSet<u128> = (0..some).collect();
    numbers.extend((0..some).map(|number| number * (count / some)));
    let values: BTreeSet<String> = numbers.iter().map(|number| nth(&*provider, *number)).collect();
    assert_eq!(values.len(), numbers.len(), "{pattern} {lengths:?}");
    for text in &values {
        good(text);
    }
    Some(count)
}

const ANY: (usize, usize) = (0, usize::MAX);

#[test]
fn usual_patterns() {
    assert_eq!(check("C[0-9]{6}", ANY), Some(1_000_000));
    assert_eq!(check("^[A-Z]{3}-[0-9]{6}$", ANY), Some(17_576_000_000));
    assert_eq!(check("[A-Z]{2}|[0-9]{3}", ANY), Some(676 + 1000));
    assert_eq!(check("active|inactive|indigo", ANY), Some(3));
    assert_eq!(check("[a-z]{1,3}", ANY), Some(26 + 676 + 17_576));
    assert_eq!(check(r"(\+|00)49[1-9]\d{5,9}", ANY), Some(2 * 9 * 1_111_100_000));
    assert_eq!(check("", ANY), Some(1));
    assert!(check(r"[^@\s]+@[^@\s]+\.[a-z]{2,}", ANY).unwrap() > 1 << 40);
    assert!(check(r"https?://[a-z]+(\.[a-z]+)*(/\w+)*", ANY).is_some());
    assert!(check("[01]+", ANY).unwrap() > 1 << 40);
    assert_eq!(check("[01]+", (1, 5)), Some(62));
    check(r".*", ANY);
    check(r"(?i)karat", ANY);
    check(r"[äöü]+\p{Greek}", ANY);
    check(r"(?s).{3}", ANY);
    check(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])", ANY);
    check(r"((a+)+b?)+", ANY);
    check(r"(?x) ABC-\d # one digit", ANY);
}

#[test]
fn lengths_are_met() {
    check("[a-z]+", (20, 30));
    check("[a-z]+-[0-9]+", (20, 22));
    check("[a-z]*-[0-9]*x?", (40, 40));
    check("(ab|cde)+", (7, 7));
    check(".{0,4000}", (3000, 3100));
    check(r"\w+( \w+)*", (1, 5));
    check("(a|bb|ccc){2,}", (11, 12));
    check("[a-z]{2}|[0-9]{9}", (5, 10));
    for (pattern, lengths) in [("abc", (0, 2)), ("abc", (4, 9)), ("(ab)*", (3, 3)), ("a+", (3, 2)), ("a{5}", (6, 6))] {
        let error = compile(pattern, lengths).unwrap_err();
        assert!(error.contains("no text"), "{error}");
    }
}

#[test]
fn alternatives_are_as_likely_as_each_other() {
    let provider = compile("red|rose|blue|black|green", ANY).unwrap();
    let mut seen = std::collections::BTreeMap::new();
    (0..10_000).for_each(|row| *seen.entry(drawn(&*provider, row)).or_insert(0u32) += 1);
    assert!(seen.len() == 5 && seen.values().all(|count| (1800..2200).contains(count)), "{seen:?}");
}

#[test]
fn huge_patterns_are_drawn_or_refused_but_never_hang() {
    let provider = compile("([a-z]{1,200}-){1,200}x", ANY).unwrap();
    assert!((0..10).all(|row| drawn(&*provider, row).ends_with("-x")) && provider.values().is_none());
    check("[a-z]{1,1000}[0-9]{1,1000}", (500, 1500));
    check("[0-9A-Z_a-z]{0,500}", (0, 500));
    check("((((((((a*)*)*)*)*)*)*)*)*", ANY);
    assert!(compile("((a{1000}){1000}){1000}", ANY).unwrap_err().contains("too long"));
    let error = compile("(a{100}|b{1000}){1,40}(c{1,100}d{1,100}){1,100}", (100_000_000, 100_000_001)).unwrap_err();
    assert!(error.contains("no text"), "{error}");
}

/// Makes patterns of parts.
fn patterns() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("a".to_owned()),
        Just("bc".to_owned()),
        Just("é".to_owned()),
        Just("[0-9]".to_owned()),
        Just("[a-cx-z]".to_owned()),
        Just("[^a-y]".to_owned()),
        Just(r"\d".to_owned()),
        Just(r"\w".to_owned()),
        Just(".".to_owned()),
        Just("[äöü]".to_owned()),
        Just(r"\.".to_owned()),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 1..4).prop_map(|parts| parts.concat()),
            proptest::collection::vec(inner.clone(), 2..4).prop_map(|parts| format!("({})", parts.join("|"))),
            (inner.clone(), 0u32..3, 0u32..4)
                .prop_map(|(part, least, more)| format!("({part}){{{least},{}}}", least + more)),
            (inner, prop_oneof![Just("*"), Just("+"), Just("?"), Just("{2}"), Just("{1,}")])
                .prop_map(|(part, times)| format!("(?:{part}){times}")),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_pattern_gives_what_it_matches(pattern in patterns(), low in 0usize..12, more in 0usize..12) {
        check(&pattern, ANY);
        if compile(&pattern, (low, low + more)).is_ok() {
            check(&pattern, (low, low + more));
        }
    }

    #[test]
    fn any_text_as_a_pattern_is_no_panic(pattern in ".{0,12}", low in 0usize..5) {
        let _ = compile(&pattern, (low, 20)).map(|provider| drawn(&*provider, 1));
    }
}
