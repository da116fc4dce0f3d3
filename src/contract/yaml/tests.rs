//! YAML trees: spans, typing, mistakes and bombs.

use std::fmt::Write as _;

use proptest::prelude::*;

use crate::contract::yaml::*;

fn tree(text: &str) -> Node {
    let (node, complaints) = load(text);
    assert_eq!(complaints, vec![], "{text}");
    node.unwrap()
}

fn only(text: &str) -> (&'static str, String) {
    let (_, complaints) = load(text);
    assert_eq!(complaints.len(), 1, "{complaints:?}");
    (complaints[0].code, text.get(complaints[0].span.clone()).unwrap().to_owned())
}

/// Every scalar's span must hold its own text.
fn spans_hold(text: &str, node: &Node) {
    let slice = &text[node.span.clone()];
    match &node.data {
        Data::Null => assert!(matches!(slice.trim(), "" | "~" | "null" | "NULL"), "{slice:?}"),
        Data::Bool(value) => assert_eq!(slice.trim().to_lowercase(), value.to_string()),
        Data::Number(number) => assert_eq!(slice.trim(), number),
        Data::Text(value) => {
            let first = value.lines().next().unwrap_or("").trim();
            assert!(slice.contains(first) || slice.starts_with(['"', '\'', '|', '>']), "{slice:?} {value:?}");
        }
        Data::List(items) => items.iter().for_each(|item| {
            assert!(item.span.start >= node.span.start && item.span.end <= node.span.end);
            spans_hold(text, item);
        }),
        Data::Map(entries) => entries.iter().for_each(|(key, value)| {
            assert!(key.span.start >= node.span.start && value.span.end <= node.span.end, "{key:?} {value:?} {node:?}");
            spans_hold(text, key);
            spans_hold(text, value);
        }),
    }
}

#[test]
fn plain_scalars_follow_the_core_schema() {
    let cases = [
        ("no", "text"),
        ("on", "text"),
        ("yes", "text"),
        ("true", "true or false"),
        ("~", "nothing"),
        ("", "nothing"),
        ("null", "nothing"),
        ("12", "a number"),
        ("-1.5e3", "a number"),
        (".5", "a number"),
        ("5.", "a number"),
        (".", "text"),
        ("1.2.3", "text"),
        ("1e", "text"),
        ("2024-01-01", "text"),
        ("0x1F", "text"),
        ("\"12\"", "text"),
        ("'true'", "text"),
        ("\"\"", "text"),
    ];
    for (written, what) in cases {
        assert_eq!(tree(&format!("a: {written}\n")).get("a").unwrap().what(), what, "{written}");
    }
}

#[test]
fn numbers_keep_their_text() {
    let node = tree("a: 0012345678901234567890.10");
    assert_eq!(node.get("a").unwrap().data, Data::Number("0012345678901234567890.10".to_owned()));
}

#[test]
fn spans_are_bytes_whatever_stands_before() {
    let text = "ä: \"日本語\"\n# größe\nlist:\n  - é: [1, ~, 'ü']\r\n  - plain text # note\nblock: |\n  one\n  zwei ö\nlast: {a: 1}\n";
    for text in [
        text.to_owned(),
        text.replace('\n', "\r\n"),
        format!("\u{feff}{text}"),
        format!("{text}{}", "# ö\n".repeat(100)),
    ] {
        let node = tree(&text);
        spans_hold(&text, &node);
        let last = node.get("last").unwrap();
        assert_eq!(&text[last.span.clone()], "{a: 1}");
        assert_eq!(&text[last.get("a").unwrap().span.clone()], "1");
    }
    let text = format!("{}x: &a !t 1\n", "# äöü\n".repeat(200));
    assert_eq!(load(&text).1[0].code, "C901");
}

#[test]
fn places_count_lines_and_characters() {
    let node = tree("a: 1\nü: {b: 2}\n");
    assert_eq!(node.get("ü").unwrap().get("b").unwrap().place, (2, 8));
}

#[test]
fn mistakes_name_their_place() {
    assert_eq!(only("a: 1\nb: 2\na: 3\n"), ("C905", "a".to_owned()));
    assert_eq!(only("ä: [1, 2\nb: 3\n").0, "C901");
    assert_eq!(only("a: 1\n---\nb: 2\n"), ("C901", "---".to_owned()));
    assert_eq!(only("a: &x [*x]\n"), ("C901", "*x".to_owned()));
    assert_eq!(only("? [a]\n: 1\n").0, "C901");
    assert_eq!(only("a: {<<: {b: 1}}\n"), ("C901", "<<".to_owned()));
    assert_eq!(only("").0, "C904");
    assert_eq!(only("a: 1\0b: 2"), ("C901", "\0".to_owned()));
    assert!(load("a:\n\t- 1\n").1[0].hint.as_ref().unwrap().contains("tabs"));
    let (node, complaints) = load("a: !!str 12\nb: 1\n");
    assert_eq!((node.unwrap().get("b").is_some(), complaints[0].code), (true, "C901"));
}

#[test]
fn aliases_repeat_their_anchor() {
    let node = tree("a: &x {type: string}\nb: *x\nc: &k key\n*k : 1\n");
    assert_eq!(node.get("b"), node.get("a"));
    assert!(node.get("key").is_some());
}

#[test]
fn bombs_are_refused() {
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..40 {
        let below = format!("*a{}, ", level - 1).repeat(10);
        let _ = writeln!(bomb, "a{level}: &a{level} [{below}]");
    }
    assert_eq!(only(&bomb).0, "C915");
    let long = "x".repeat(1 << 20);
    assert_eq!(only(&format!("a: &a {long}\nb: [{}]", "*a, ".repeat(10_000))).0, "C915");
    assert_eq!(only(&"[".repeat(100_000)).0, "C915");
    assert_eq!(only(&format!("a: {}", "{a: ".repeat(70))).0, "C915");
    let mut deep = "a0: &a0 [x]\n".to_owned();
    for level in 1..100 {
        let _ = writeln!(deep, "a{level}: &a{level} [*a{}]", level - 1);
    }
    assert_eq!(only(&deep).0, "C915");
    assert_eq!(only(&"a".repeat((8 << 20) + 1)).0, "C915");
    let nested = format!("{}x{}", "&a [".repeat(3), "]".repeat(3));
    assert_eq!(load_within(&nested, Limits { nodes: 6, ..LIMITS }).1[0].code, "C915");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]
    #[test]
    fn no_text_makes_it_panic(pieces in prop::collection::vec(prop::sample::select(vec![
        "a", ": ", ":", "- ", "\n", "\n  ", "\n    ", "[", "]", "{", "}", ",", "?", "? ", "&x ", "*x", "!t ", "!!",
        "\"", "'", "|", ">", "|2-\n", "#", " #", "---", "...", "\n---\n", "\n...\n", "%TAG ! x:\n", "%YAML 1.2\n", "\t", "\r", "\r\n", "ä", "日",
        "\u{feff}", "\u{85}", "\\x", "\\u12", "~", "1", "<<", "@", "`", " ", "\u{1f600}", "\u{2028}",
    ]), 0..40)) {
        let text: String = pieces.concat();
        let (node, complaints) = load(&text);
        prop_assert!(node.is_some() || !complaints.is_empty());
        for complaint in complaints {
            prop_assert!(text.get(complaint.span.clone()).is_some());
        }
    }

    #[test]
    fn arbitrary_text_is_read_or_refused(text in any::<String>()) {
        let (node, complaints) = load(&text);
        prop_assert!(node.is_some() || !complaints.is_empty());
    }
}
