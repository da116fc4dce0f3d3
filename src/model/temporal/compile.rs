//! Patterns to steps, and the steps that are ISO 8601 to a shape read at once.

use crate::model::data_type::DataType;

/// One step of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Item {
    /// This byte.
    Byte(u8),
    /// `T` or a blank.
    Separator,
    Year,
    YearOfCentury,
    /// Two digits.
    Two(Field),
    /// One or two digits.
    Short(Field),
    /// Two digits, or a blank and a digit.
    PaddedDay,
    DayOfYear,
    MonthName {
        full: bool,
    },
    Meridiem,
    /// A point where `point`, then `digits` digits, or 1 to 9. `point` without `digits` may be absent as a whole.
    Fraction {
        point: bool,
        digits: Option<u8>,
    },
    Offset,
    /// Seconds since 1970; the last `tail` digits of the run belong to the fraction that follows.
    Epoch {
        tail: u8,
    },
}

/// A number of two digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    Month,
    Day,
    Hour,
    Hour12,
    Minute,
    Second,
}

/// A pattern that is ISO 8601 in fixed places.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Iso {
    /// `%Y-%m-%d`
    Date,
    /// `%H:%M:%S`, `%.f` where `fraction`.
    Time { fraction: bool },
    /// Both, with a separator (`None`: `T` or a blank) between and `%z` behind where `offset`.
    Timestamp { separator: Option<u8>, fraction: bool, offset: bool },
}

impl Item {
    pub(super) const fn is_hour(self) -> bool {
        matches!(self, Self::Two(Field::Hour | Field::Hour12) | Self::Short(Field::Hour | Field::Hour12))
    }

    /// The part of a moment it fills, in words, as no part may be filled twice.
    const fn part(self) -> Option<&'static str> {
        Some(match self {
            Self::Byte(_) | Self::Separator => return None,
            Self::Year | Self::YearOfCentury => "the year",
            Self::Two(Field::Month) | Self::Short(Field::Month) | Self::MonthName { .. } => "the month",
            Self::Two(Field::Day) | Self::Short(Field::Day) | Self::PaddedDay => "the day",
            Self::DayOfYear => "the day of the year",
            Self::Two(Field::Hour | Field::Hour12) | Self::Short(Field::Hour | Field::Hour12) => "the hour",
            Self::Two(Field::Minute) | Self::Short(Field::Minute) => "the minute",
            Self::Two(Field::Second) | Self::Short(Field::Second) => "the second",
            Self::Meridiem => "AM or PM",
            Self::Fraction { .. } => "the fraction",
            Self::Offset => "the offset",
            Self::Epoch { .. } => "seconds since 1970",
        })
    }
}

const DATE: [Item; 5] =
    [Item::Year, Item::Byte(b'-'), Item::Two(Field::Month), Item::Byte(b'-'), Item::Two(Field::Day)];
const TIME: [Item; 5] =
    [Item::Two(Field::Hour), Item::Byte(b':'), Item::Two(Field::Minute), Item::Byte(b':'), Item::Two(Field::Second)];
const OPTIONAL_FRACTION: Item = Item::Fraction { point: true, digits: None };

/// Gives the steps of [`crate::model::temporal::Pattern::default_for`].
pub(super) fn default_items(data_type: &DataType) -> Vec<Item> {
    let mut items = Vec::new();
    if *data_type != DataType::Time {
        items.extend(DATE);
    }
    if *data_type == DataType::Date {
        return items;
    }
    if !items.is_empty() {
        items.push(Item::Separator);
    }
    items.extend(TIME);
    items.push(OPTIONAL_FRACTION);
    if *data_type == DataType::TimestampTz {
        items.push(Item::Offset);
    }
    items
}

/// Compiles a pattern's text.
pub(super) fn items(text: &str) -> Result<Vec<Item>, String> {
    let mut items = Vec::new();
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        if let Some(letters) = rest.strip_prefix('%') {
            rest = letter(letters, &mut items)?;
        } else {
            items.extend(rest.as_bytes()[..next.len_utf8()].iter().map(|byte| Item::Byte(*byte)));
            rest = &rest[next.len_utf8()..];
        }
    }
    give_epoch_its_tail(&mut items);
    check(&items)?;
    Ok(items)
}

/// Compiles what stands behind a percent sign; gives what is left.
fn letter<'a>(text: &'a str, items: &mut Vec<Item>) -> Result<&'a str, String> {
    for (spelling, found) in SPELLINGS {
        if let Some(rest) = text.strip_prefix(spelling) {
            items.extend_from_slice(found);
            return Ok(rest);
        }
    }
    let Some(wrong) = text.chars().next() else {
        return Err(String::from("the pattern ends in a lone %; write %% for a percent sign"));
    };
    let length = if matches!(wrong, '-' | '.' | '0'..='9') { text.chars().take(2).count() } else { 1 };
    let wrong: String = text.chars().take(length).collect();
    Err(format!("%{wrong} is not known; known are %Y %m %d %H %M %S %.f %z %y %b %B %e %j %I %p %f %s %F %T %R %%"))
}

const SPELLINGS: &[(&str, &[Item])] = &[
    ("Y", &[Item::Year]),
    ("y", &[Item::YearOfCentury]),
    ("m", &[Item::Two(Field::Month)]),
    ("-m", &[Item::Short(Field::Month)]),
    ("b", &[Item::MonthName { full: false }]),
    ("B", &[Item::MonthName { full: true }]),
    ("d", &[Item::Two(Field::Day)]),
    ("-d", &[Item::Short(Field::Day)]),
    ("e", &[Item::PaddedDay]),
    ("j", &[Item::DayOfYear]),
    ("H", &[Item::Two(Field::Hour)]),
    ("-H", &[Item::Short(Field::Hour)]),
    ("I", &[Item::Two(Field::Hour12)]),
    ("-I", &[Item::Short(Field::Hour12)]),
    ("p", &[Item::Meridiem]),
    ("M", &[Item::Two(Field::Minute)]),
    ("-M", &[Item::Short(Field::Minute)]),
    ("S", &[Item::Two(Field::Second)]),
    ("-S", &[Item::Short(Field::Second)]),
    ("f", &[Item::Fraction { point: false, digits: None }]),
    ("3f", &[Item::Fraction { point: false, digits: Some(3) }]),
    ("6f", &[Item::Fraction { point: false, digits: Some(6) }]),
    ("9f", &[Item::Fraction { point: false, digits: Some(9) }]),
    (".f", &[OPTIONAL_FRACTION]),
    (".3f", &[Item::Fraction { point: true, digits: Some(3) }]),
    (".6f", &[Item::Fraction { point: true, digits: Some(6) }]),
    (".9f", &[Item::Fraction { point: true, digits: Some(9) }]),
    ("z", &[Item::Offset]),
    ("s", &[Item::Epoch { tail: 0 }]),
    ("F", &DATE),
    ("T", &TIME),
    ("R", &[Item::Two(Field::Hour), Item::Byte(b':'), Item::Two(Field::Minute)]),
    ("%", &[Item::Byte(b'%')]),
];

fn give_epoch_its_tail(items: &mut [Item]) {
    for at in 1..items.len() {
        if let (Item::Epoch { .. }, Item::Fraction { point: false, digits: Some(digits) }) = (items[at - 1], items[at])
        {
            items[at - 1] = Item::Epoch { tail: digits };
        }
    }
}

/// Refuses patterns that fill a part twice or leave out one that another needs.
fn check(items: &[Item]) -> Result<(), String> {
    let mut parts = Vec::new();
    for part in items.iter().filter_map(|item| item.part()) {
        if parts.contains(&part) {
            return Err(format!("the pattern holds {part} twice"));
        }
        parts.push(part);
    }
    let has = |part: &str| parts.contains(&part);
    let fraction_or_byte = |item: &Item| matches!(item, Item::Byte(_) | Item::Epoch { .. } | Item::Fraction { .. });
    if has("seconds since 1970") {
        return if items.iter().all(fraction_or_byte) {
            Ok(())
        } else {
            Err(String::from("%s is a whole moment; beside it only a fraction may stand"))
        };
    }
    let twelve = items.iter().any(|item| matches!(item, Item::Two(Field::Hour12) | Item::Short(Field::Hour12)));
    let day = has("the year") || has("the month") || has("the day") || has("the day of the year");
    let missing = if parts.is_empty() {
        "the pattern holds no date and no time; write for example %Y-%m-%d"
    } else if day && !has("the year") {
        "the pattern lacks the year: %Y or %y"
    } else if has("the day of the year") && (has("the month") || has("the day")) {
        "the pattern holds %j, the day of the year, beside a month or a day"
    } else if day && !has("the day of the year") && !has("the month") {
        "the pattern lacks the month: %m, %b or %B"
    } else if day && !has("the day of the year") && !has("the day") {
        "the pattern lacks the day: %d or %e"
    } else if twelve && !has("AM or PM") {
        "%I, the hour from 1 to 12, needs %p, AM or PM"
    } else if has("AM or PM") && !twelve {
        "%p, AM or PM, needs %I, the hour from 1 to 12"
    } else if has("the minute") && !has("the hour") {
        "the pattern lacks the hour: %H or %I"
    } else if has("the second") && !has("the minute") {
        "the pattern lacks the minute: %M"
    } else if has("the fraction") && !has("the second") {
        "the pattern lacks the second: %S"
    } else if !day && !has("the hour") {
        "the pattern holds no date and no time; write for example %Y-%m-%d"
    } else {
        return Ok(());
    };
    Err(String::from(missing))
}

/// Finds the ISO shape of steps, if they have one.
pub(super) fn iso(items: &[Item]) -> Option<Iso> {
    let behind_time = |rest: &[Item]| match rest {
        [] => Some((false, false)),
        [OPTIONAL_FRACTION] => Some((true, false)),
        [Item::Offset] => Some((false, true)),
        [OPTIONAL_FRACTION, Item::Offset] => Some((true, true)),
        _ => None,
    };
    if let Some(rest) = items.strip_prefix(&TIME) {
        return behind_time(rest).filter(|(_, offset)| !offset).map(|(fraction, _)| Iso::Time { fraction });
    }
    let (separator, rest) = match items.strip_prefix(&DATE)? {
        [] => return Some(Iso::Date),
        [Item::Separator, rest @ ..] => (None, rest),
        [Item::Byte(byte), rest @ ..] => (Some(*byte), rest),
        _ => return None,
    };
    let (fraction, offset) = behind_time(rest.strip_prefix(&TIME)?)?;
    Some(Iso::Timestamp { separator, fraction, offset })
}
