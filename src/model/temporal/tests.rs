//! Tables of good and bad texts, and round trips.

use proptest::prelude::*;

use crate::model::data_type::DataType;
use crate::model::literal::{date_text, days_from_civil, time_text, timestamp_text};
use crate::model::temporal::{DAY, Pattern};

fn pattern(text: &str) -> Pattern {
    Pattern::new(text).unwrap()
}

#[test]
fn days_are_real() {
    let iso = Pattern::default_for(&DataType::Date);
    assert_eq!(iso, pattern("%Y-%m-%d"));
    for (text, (year, month, day)) in [
        ("1970-01-01", (1970, 1, 1)),
        ("2024-02-29", (2024, 2, 29)),
        ("2000-02-29", (2000, 2, 29)),
        ("0001-01-01", (1, 1, 1)),
        ("9999-12-31", (9999, 12, 31)),
    ] {
        assert_eq!(iso.date(text.as_bytes()), Some(days_from_civil(year, month, day)), "{text}");
    }
    for text in [
        "",
        "2023-02-29",
        "1900-02-29",
        "2024-02-30",
        "2024-04-31",
        "2024-13-01",
        "2024-00-10",
        "2024-01-00",
        "0000-01-01",
        "2024-1-01",
        "24-01-01",
        "2024/01/01",
        "2024-01-01 ",
        " 2024-01-01",
        "2024-01-01T",
        "20240101",
        "12024-01-01",
        "+2024-01-01",
        "2024-01-0x",
        "２024-01-01",
    ] {
        assert_eq!(iso.date(text.as_bytes()), None, "{text}");
    }
}

#[test]
fn letters_read_what_they_say() {
    let day = Some(days_from_civil(2026, 10, 31));
    for (format, text) in [
        ("%d/%m/%Y", "31/10/2026"),
        ("%m%d%Y", "10312026"),
        ("%d-%b-%y", "31-oct-26"),
        ("%B %e, %Y", "October 31, 2026"),
        ("%Y%j", "2026304"),
        ("%-d.%-m.%Y", "31.10.2026"),
        ("100%% %F", "100% 2026-10-31"),
        ("%FT%T%z", "2026-10-31T00:00:00+14:00"),
        ("%s", "1793404800"),
    ] {
        assert_eq!(pattern(format).date(text.as_bytes()), day, "{format}");
    }
    assert_eq!(pattern("%B %e, %Y").date(b"May  5, 2026"), Some(days_from_civil(2026, 5, 5)));
    assert_eq!(pattern("%-d/%-m/%Y").date(b"5/1/2026"), Some(days_from_civil(2026, 1, 5)));
    assert_eq!(pattern("%y%m%d").date(b"690101"), Some(days_from_civil(1969, 1, 1)));
    assert_eq!(pattern("%y%m%d").date(b"680101"), Some(days_from_civil(2068, 1, 1)));
    assert_eq!(pattern("%Y-%j").date(b"2023-366"), None);
    assert_eq!(pattern("%Y-%j").date(b"2024-366"), Some(days_from_civil(2024, 12, 31)));
    assert_eq!(pattern("%Y-%j").date(b"2024-000"), None);
    assert_eq!(pattern("%d-%b-%Y").date(b"31-Okt-2026"), None);
}

#[test]
fn times_are_of_one_day() {
    let iso = Pattern::default_for(&DataType::Time);
    assert_eq!(iso, pattern("%H:%M:%S%.f"));
    for (text, micros) in [
        ("00:00:00", 0),
        ("23:59:59", DAY - 1_000_000),
        ("23:59:59.999999", DAY - 1),
        ("00:00:01.5", 1_500_000),
        ("00:00:00.000001000", 1),
    ] {
        assert_eq!(iso.time(text.as_bytes()), Some(micros), "{text}");
    }
    for text in [
        "24:00:00",
        "23:60:00",
        "23:59:60",
        "12:00",
        "1:00:00",
        "12:00:00.",
        "12:00:00.0000001",
        "12:00:00.1234567890",
        "12:00:00,5",
        "12:00:00Z",
        "12:00:00 ",
        "12-00-00",
    ] {
        assert_eq!(iso.time(text.as_bytes()), None, "{text}");
    }
    let twelve = pattern("%I:%M %p");
    for (text, hour) in [("12:00 AM", 0), ("01:00 am", 1), ("12:00 pm", 12), ("11:00 PM", 23)] {
        assert_eq!(twelve.time(text.as_bytes()), Some(hour * 3_600_000_000), "{text}");
    }
    assert_eq!(twelve.time(b"00:30 AM"), None);
    assert_eq!(twelve.time(b"13:30 PM"), None);
    assert_eq!(twelve.time(b"11:30 XM"), None);
    assert_eq!(pattern("%H%M%S%3f").time(b"000001250"), Some(1_250_000));
    assert_eq!(pattern("%H:%M:%S%.3f").time(b"00:00:01"), None);
    assert_eq!(pattern("%H:%M:%S.%f").time(b"00:00:01.25"), Some(1_250_000));
    assert_eq!(pattern("%H:%M:%S%.3f").time(b"00:00:01.2500"), None);
    assert_eq!(pattern("%Y-%m-%d %H").time(b"2023-02-29 10"), None);
}

#[test]
fn moments_are_read_whole() {
    let plain = Pattern::default_for(&DataType::Timestamp);
    for text in
        ["1970-01-02T00:00:00", "1970-01-02 00:00:00", "1970-01-02 00:00:00.000", "1970-01-02 00:00:00.000000000"]
    {
        assert_eq!(plain.timestamp(text.as_bytes()), Some(DAY), "{text}");
    }
    assert_eq!(plain.timestamp(b"1969-12-31 23:59:59.999999"), Some(-1));
    for text in [
        "1970-01-02",
        "1970-01-02 00:00",
        "1970-01-02  00:00:00",
        "1970-01-02T00:00:00Z",
        "1970-01-02t00:00:00",
        "1970-01-02 00:00:00.0000000001",
        "1970-01-02 00:00:00.000000001",
        "1970-02-30 00:00:00",
        "1970-01-02 24:00:00",
        "",
    ] {
        assert_eq!(plain.timestamp(text.as_bytes()), None, "{text}");
    }
    let blank = pattern("%Y-%m-%d %H:%M:%S%.f");
    assert_eq!(blank.timestamp(b"1970-01-01 00:00:01.000001"), Some(1_000_001));
    assert_eq!(blank.timestamp(b"1970-01-01T00:00:01"), None);
    assert_eq!(pattern("%d.%m.%Y").timestamp(b"02.01.1970"), Some(DAY));
}

#[test]
fn offsets_lead_to_utc() {
    let zoned = Pattern::default_for(&DataType::TimestampTz);
    let hour = 3_600_000_000;
    for (text, micros) in [
        ("1970-01-01T00:00:00Z", 0),
        ("1970-01-01 00:00:00+00:00", 0),
        ("1970-01-01T00:00:00-0130", hour * 3 / 2),
        ("1970-01-01T02:00:00.5+02:00", 500_000),
        ("1970-01-01 02:00:00+02", 0),
    ] {
        assert_eq!(zoned.timestamp(text.as_bytes()), Some(micros), "{text}");
    }
    for text in [
        "1970-01-01T00:00:00",
        "1970-01-01T00:00:00 Z",
        "1970-01-01T00:00:00+24:00",
        "1970-01-01T00:00:00+01:60",
        "1970-01-01T00:00:00+1:00",
        "1970-01-01T00:00:00+01:0",
        "1970-01-01T00:00:00Zulu",
        "1970-01-01T00:00:00CET",
        "0001-01-01T00:00:00+01:00",
        "9999-12-31T23:30:00-01:00",
    ] {
        assert_eq!(zoned.timestamp(text.as_bytes()), None, "{text}");
    }
}

#[test]
fn seconds_since_1970_are_utc() {
    let seconds = pattern("%s");
    assert!(seconds.has_date() && seconds.has_time() && seconds.has_offset());
    assert_eq!(seconds.timestamp(b"86400"), Some(DAY));
    assert_eq!(seconds.timestamp(b"-1"), Some(-1_000_000));
    assert_eq!(pattern("%s%.f").timestamp(b"-0.5"), Some(-500_000));
    assert_eq!(pattern("%s%3f").timestamp(b"1500"), Some(1_500_000));
    assert_eq!(pattern("%s%3f").timestamp(b"500"), None);
    for text in ["", "-", "253402300800", "9999999999999999999999", "1.5"] {
        assert_eq!(seconds.timestamp(text.as_bytes()), None, "{text}");
    }
}

#[test]
fn wrong_patterns_are_explained() {
    for (text, part) in [
        ("%Y-%m-%q", "%q"),
        ("%Y-%m-%", "lone %"),
        ("%5f", "%5f"),
        ("%-Y", "%-Y"),
        ("%Y-%m", "lacks the day"),
        ("%m-%d", "lacks the year"),
        ("%Y %d", "lacks the month"),
        ("%Y-%j-%d", "%j"),
        ("%I:%M", "%p"),
        ("%H:%M %p", "%I"),
        ("%M", "lacks the hour"),
        ("%H:%S", "lacks the minute"),
        ("%H:%M%.f", "lacks the second"),
        ("%Y-%Y-%m-%d", "twice"),
        ("%s %z", "%s"),
        ("%z", "no date"),
        ("today", "no date"),
        ("", "no date"),
        ("%é", "%é"),
    ] {
        let said = Pattern::new(text).unwrap_err();
        assert!(said.contains(part), "{text}: {said}");
    }
}

#[test]
fn a_pattern_knows_its_parts() {
    let parts = |text: &str| {
        let pattern = pattern(text);
        (pattern.has_date(), pattern.has_time(), pattern.has_offset())
    };
    assert_eq!(parts("%F"), (true, false, false));
    assert_eq!(parts("%R"), (false, true, false));
    assert_eq!(parts("%FT%T%.f%z"), (true, true, true));
    assert!(pattern("%d.%m.%Y").matches(b"01.02.2024"));
    assert!(!pattern("%d.%m.%Y").matches(b"31.02.2024"));
    assert!(pattern("%H:%M").matches(b"23:59"));
    assert_eq!(pattern("%F").time(b"2024-01-01"), None);
    assert_eq!(pattern("%T").timestamp(b"00:00:00"), None);
    assert_eq!(pattern("%T").date(b"00:00:00"), None);
}

proptest! {
    #[test]
    fn days_round_trip(days in days_from_civil(1, 1, 1)..=days_from_civil(9999, 12, 31)) {
        let text = date_text(days);
        prop_assert_eq!(pattern("%Y-%m-%d").date(text.as_bytes()), Some(days));
        prop_assert_eq!(pattern("x%Y-%m-%d").date(format!("x{text}").as_bytes()), Some(days));
    }

    #[test]
    fn moments_round_trip(micros in -62_135_596_800_000_000i64..=253_402_300_799_999_999) {
        let text = timestamp_text(micros);
        prop_assert_eq!(Pattern::default_for(&DataType::Timestamp).timestamp(text.as_bytes()), Some(micros));
        prop_assert_eq!(Pattern::default_for(&DataType::TimestampTz).timestamp(format!("{text}Z").as_bytes()), Some(micros));
        prop_assert_eq!(Pattern::default_for(&DataType::Time).time(time_text(micros.rem_euclid(DAY)).as_bytes()), Some(micros.rem_euclid(DAY)));
    }

    #[test]
    fn the_two_ways_agree(text in "[0-9]{2}:[0-6][0-9]:[0-6][0-9](\\.[0-9]{0,10})?([-+Z][0-9]{0,4}:?[0-9]{0,2})?") {
        let text = format!("2024-02-29T{text}");
        for tail in ["", "%.f", "%z", "%.f%z"] {
            let fast = pattern(&format!("%Y-%m-%dT%H:%M:%S{tail}"));
            let slow = pattern(&format!("x%Y-%m-%dT%H:%M:%S{tail}"));
            prop_assert_eq!(fast.timestamp(text.as_bytes()), slow.timestamp(format!("x{text}").as_bytes()));
        }
    }

    #[test]
    fn no_text_panics(
        text in prop_oneof![proptest::collection::vec(any::<u8>(), 0..40), "[-+:. TZ0-9]{0,40}".prop_map(String::into_bytes)],
        format in "[%YmdHIpMSfzybBjeTFs3.:-]{0,12}|\\PC{0,8}",
    ) {
        let kinds = [DataType::Date, DataType::Time, DataType::Timestamp, DataType::TimestampTz];
        for pattern in kinds.iter().map(Pattern::default_for).chain(Pattern::new(&format).ok()) {
            let _ = (pattern.date(&text), pattern.time(&text), pattern.timestamp(&text), pattern.matches(&text));
        }
    }
}
