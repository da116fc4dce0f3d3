//! What is found of 64 cells, and what is left alone.

use super::*;
use crate::frame::sieve::automaton::Automaton;
use crate::frame::sieve::texts::key;

/// Asks for records of one cell each; text enough follows.
fn ask(cells: &[&str], question: impl Fn(Wide, &Lanes<'_>) -> u64) -> Vec<bool> {
    let Some(wide) = Wide::new() else { return Vec::new() };
    let (mut text, mut fields) = (vec![b'x'; 16], Fields::new(1));
    for cell in cells {
        let start = u32::try_from(text.len()).expect("small");
        text.extend_from_slice(cell.as_bytes());
        text.push(b'\n');
        fields.push_marks(start, &[], u32::try_from(text.len()).expect("small"));
    }
    text.extend_from_slice(&[b'x'; REACH]);
    let lanes = wide.lanes(&text, &fields, 0, 0..cells.len()).expect("is long enough");
    let found = question(wide, &lanes);
    (0..cells.len()).map(|cell| found >> cell & 1 == 1).collect()
}

/// Holds what is found against what is wanted, where the machine can.
fn holds(cells: &[(&str, bool)], question: impl Fn(Wide, &Lanes<'_>) -> u64) {
    let texts: Vec<&str> = cells.iter().map(|(cell, _)| *cell).collect();
    for shift in 0..=LANES - cells.len() {
        let padded: Vec<&str> = std::iter::repeat_n("", shift).chain(texts.iter().copied()).collect();
        let found = ask(&padded, &question);
        for ((cell, wanted), found) in cells.iter().zip(found.iter().skip(shift)) {
            assert_eq!(found, wanted, "{cell} behind {shift} others");
        }
        assert!(!found.iter().take(shift).any(|found| *found), "nothing is nothing");
    }
}

#[test]
fn whole_numbers() {
    let cells = [("0", false), ("1", true), ("0042", true), ("9999999999999999", true), ("10000000000000000", false)];
    let more =
        [("", false), ("-1", false), ("1x", false), ("/", false), (":", false), ("12345678", true), ("1é", false)];
    holds(&[cells.as_slice(), &more].concat(), |wide, lanes| wide.units(lanes, 0, (1, i64::MAX)));
    let values = |wide: Wide, lanes: &Lanes<'_>| {
        let (found, values) = wide.whole(lanes);
        assert_eq!((found, &values[..4]), (0b1111, [0, 1, 42, 9_999_999_999_999_999].as_slice()));
        found
    };
    ask(&["0", "1", "0042", "9999999999999999", "-1", "x"], values);
    let some = [("99", false), ("100", true), ("250", true), ("251", false), ("\"150\"", false)];
    holds(&some, |wide, lanes| wide.units(lanes, 0, (100, 250)));
}

#[test]
fn decimals() {
    let cells = [("0.00", false), ("0.01", true), ("1234567890123.45", true), ("12345678901234.56", false)];
    let more = [
        (".50", false),
        ("1.5", false),
        ("15", false),
        ("1,50", false),
        ("1.500", false),
        ("a.50", false),
        ("0.5.", false),
    ];
    holds(&[cells.as_slice(), &more].concat(), |wide, lanes| wide.units(lanes, 2, (1, i64::MAX)));
    let long = [("1.12345678901234", true), ("12.12345678901234", false)];
    holds(&long, |wide, lanes| wide.units(lanes, 14, (0, i64::MAX)));
    assert!(!ask(&["1.123456789012345"], |wide, lanes| wide.units(lanes, 15, (1, i64::MAX))).contains(&true));
}

#[test]
fn days_of_the_calendar() {
    let all = |wide: Wide, lanes: &Lanes<'_>| wide.days(lanes, (i64::MIN, i64::MAX));
    let lengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    for (month, length) in (1..).zip(lengths) {
        let days: Vec<String> = (0..40).map(|day| format!("2023-{month:02}-{day:02}")).collect();
        let texts: Vec<&str> = days.iter().map(String::as_str).collect();
        for (day, found) in ask(&texts, all).into_iter().enumerate() {
            assert_eq!(found, (1..=length).contains(&day), "{}", days[day]);
        }
    }
    let cells = [
        ("0000-01-01", false),
        ("0001-01-01", true),
        ("9999-12-31", true),
        ("2023-00-10", false),
        ("2023-13-10", false),
    ];
    let more = [
        ("2023/01-01", false),
        ("2023-01.01", false),
        ("202x-01-01", false),
        ("2023-01-01 ", false),
        ("2024-02-29", false),
    ];
    holds(&[cells.as_slice(), &more].concat(), all);
    let from = i64::from(days_from_civil(1999, 12, 31));
    let some = [
        ("1999-12-30", false),
        ("1999-12-31", true),
        ("2000-01-01", true),
        ("2000-01-02", true),
        ("2000-01-03", false),
    ];
    holds(&some, |wide, lanes| wide.days(lanes, (from, from + 2)));
}

#[test]
fn automata() {
    let steps = |pattern: &str| {
        Automaton::new(&format!(r"\A(?:{pattern})\z")).and_then(Automaton::into_steps).expect("is small")
    };
    let mail = steps(r"[^@\s]+@[^@\s]+\.[A-Za-z]{2,}");
    let long = format!("{}@example.org", "a".repeat(52));
    let longer = format!("{}@example.org", "a".repeat(53));
    let cells =
        [("a@b.de", true), (long.as_str(), true), (longer.as_str(), false), ("a@b.d", false), ("a@b.dé", false)];
    let more = [
        ("", false),
        ("\"a@b.de", false),
        ("a@b.de.", false),
        ("a b@c.de", false),
        ("first.last@mail.example.com", true),
    ];
    holds(&[cells.as_slice(), &more].concat(), |wide, lanes| wide.steps(lanes, &mail, Some(b'"')));
    let sku = steps("(SKU|SKZ)-(0[0-9]{7}|[1-9][0-9]{7})");
    let cells = [
        ("SKU-01234567", true),
        ("SKZ-99999999", true),
        ("SKY-99999999", false),
        ("SKU-0123456", false),
        ("\"", false),
    ];
    holds(&cells, |wide, lanes| wide.steps(lanes, &sku, None));
}

#[test]
fn words() {
    let keys: Vec<u128> =
        ["new", "fifteen letters", "\"a", "été"].map(|word| key(word.as_bytes()).expect("short")).to_vec();
    let cells = [("new", true), ("ne", false), ("news", false), ("fifteen letters", true), ("fifteen letter", false)];
    let more =
        [("sixteen letters!", false), ("\"a", false), ("été", true), ("ete", false), ("", false), ("\"new\"", false)];
    holds(&[cells.as_slice(), &more].concat(), |wide, lanes| wide.words(lanes, &keys, Some(b'"')));
    holds(&[("\"a", true), ("a", false)], |wide, lanes| wide.words(lanes, &keys, None));
}

#[test]
fn lengths() {
    let long = "a".repeat(254);
    let longer = "a".repeat(255);
    let cells = [("ab", false), ("abc", true), ("abcd", true), (long.as_str(), true), (longer.as_str(), false)];
    holds(&cells, |wide, lanes| wide.between(lanes, 3, usize::MAX));
    holds(&[("abc", true), ("abcd", false)], |wide, lanes| wide.between(lanes, 0, 3));
}

#[test]
fn the_edges_of_a_text_are_left_alone() {
    let Some(wide) = Wide::new() else { return };
    let text = b"1,2,3,4,5,6,7,8,9\n".repeat(5);
    let mut fields = Fields::new(9);
    for row in 0..5 {
        let start = row * 18;
        let inner: Vec<u32> = (0..8).map(|field| start + 2 * field + 2).collect();
        fields.push_marks(start, &inner, start + 18);
    }
    for field in 0..9 {
        let lanes = wide.lanes(&text, &fields, field, 0..5).expect("is long enough");
        let ends = (0..5).map(|row| row * 18 + 2 * field + 1);
        let wanted = ends.enumerate().filter(|(_, end)| (16..=text.len() - REACH).contains(end));
        assert_eq!(wide.units(&lanes, 0, (0, 9)), wanted.fold(0, |bits, (row, _)| bits | 1 << row));
    }
    assert!(wide.lanes(&text[..REACH + 15], &fields, 0, 0..5).is_none());
    assert!(wide.lanes(&text, &fields, 0, 5..6).is_none() && wide.lanes(&text, &fields, 0, 2..2).is_none());
}
