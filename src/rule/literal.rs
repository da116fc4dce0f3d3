//! Values of a contract read in a column's type, exactly: never through a float unless the column is one.

use std::cmp::Ordering;

use crate::model::binary;
use crate::model::number::{self, NumberError};
use crate::model::temporal::Pattern;
use crate::model::{Column, DataType, Literal};
use crate::rule::Complaint;
use crate::rule::node::{Data, Node};

/// Reads a value in a column's type and format. `null` is not a value here.
///
/// # Errors
/// C903 where the node is not a scalar (or true/false where another type is asked), C912 where the text does not
/// read as the type or does not fit it, C907 where the type holds other values.
pub fn read(node: &Node, column: &Column) -> Result<Literal, Complaint> {
    let data_type = &column.data_type;
    if data_type.is_nested() {
        return Err(Complaint::at(node, "C907", format!("a {data_type} cannot be compared with a value")));
    }
    let Some(text) = node.scalar() else {
        return Err(Complaint::at(
            node,
            "C903",
            format!("expected a value of type {data_type}, found {}", node.what()),
        ));
    };
    if let Data::Bool(value) = node.data {
        return match data_type {
            DataType::Bool => Ok(Literal::Bool(value)),
            DataType::String => {
                let complaint = Complaint::at(node, "C903", format!("expected text, found the boolean {value}"));
                Err(complaint.hint(format!("put it in quotes, as the data spells it: \"{value}\"")))
            }
            _ => Err(refused(node, &text, column)),
        };
    }
    let literal = match data_type {
        DataType::String => Some(Literal::String(text.clone())),
        DataType::Float32 => text.parse::<f32>().ok().map(|value| Literal::Float(f64::from(value))),
        DataType::Float64 => text.parse::<f64>().ok().map(Literal::Float),
        DataType::Decimal { precision, scale } => {
            return number::decimal(text.as_bytes(), *precision, *scale, true)
                .map(|unscaled| Literal::Decimal { unscaled, scale: *scale })
                .map_err(|error| not_number(node, &text, column, error));
        }
        DataType::Date | DataType::Time | DataType::Timestamp | DataType::TimestampTz => moment(node, &text, column)?,
        DataType::Binary => match column.format.as_deref() {
            Some("hex") => bytes(&text, binary::hex),
            _ => bytes(&text, binary::base64),
        },
        integer if integer.is_integer() => {
            return whole(&text, integer).map_err(|error| not_number(node, &text, column, error));
        }
        _ => None,
    };
    match literal {
        Some(Literal::Float(value)) if !value.is_finite() => Err(refused(node, &text, column)),
        Some(literal) => Ok(literal),
        None => Err(refused(node, &text, column)),
    }
}

/// Reads a bound: a value as [`read`] does, or the words `today` and `now` for days and timestamps.
///
/// # Errors
/// As [`read`].
pub fn read_bound(node: &Node, column: &Column) -> Result<Literal, Complaint> {
    let day_or_stamp = column.data_type.is_temporal() && column.data_type != DataType::Time;
    match node.text() {
        Some("today") if day_or_stamp => Ok(Literal::Today),
        Some("now") if day_or_stamp => Ok(Literal::Now),
        _ => read(node, column),
    }
}

/// Reads a number that belongs to no column: an `Int`, a `Decimal` as written, or a `Float` where an exponent is used.
///
/// # Errors
/// C903 where the node is not a finite number.
pub fn read_number(node: &Node) -> Result<Literal, Complaint> {
    let wrong = || Complaint::at(node, "C903", format!("expected a number, found {}", node.what()));
    let Data::Number(text) = &node.data else { return Err(wrong()) };
    if let Ok(value) = number::integer(text.as_bytes()) {
        return Ok(Literal::Int(value));
    }
    if let Ok((unscaled, scale)) = number::any_decimal(text.as_bytes()) {
        return Ok(Literal::Decimal { unscaled, scale });
    }
    match text.parse::<f64>() {
        Ok(value) if value.is_finite() => Ok(Literal::Float(value)),
        _ => Err(wrong().hint("write it in decimal digits")),
    }
}

/// Compares two values of a contract; `None` where they have no order (NULL, `today` against a date, other types).
/// Integers and decimals compare exactly.
#[must_use]
pub fn order(left: &Literal, right: &Literal) -> Option<Ordering> {
    match (left, right) {
        (Literal::Bool(a), Literal::Bool(b)) => Some(a.cmp(b)),
        (Literal::String(a), Literal::String(b)) => Some(a.as_bytes().cmp(b.as_bytes())),
        (Literal::Binary(a), Literal::Binary(b)) => Some(a.cmp(b)),
        (Literal::Date(a), Literal::Date(b)) => Some(a.cmp(b)),
        (Literal::Time(a), Literal::Time(b)) | (Literal::Timestamp(a), Literal::Timestamp(b)) => Some(a.cmp(b)),
        (Literal::Today, Literal::Today) | (Literal::Now, Literal::Now) => Some(Ordering::Equal),
        _ => match (parts(left), parts(right)) {
            (Some((a, a_scale)), Some((b, b_scale))) => {
                let scale = a_scale.max(b_scale);
                match (raise(a, scale - a_scale), raise(b, scale - b_scale)) {
                    (Some(a), Some(b)) => Some(a.cmp(&b)),
                    _ => float(left)?.partial_cmp(&float(right)?),
                }
            }
            _ => float(left)?.partial_cmp(&float(right)?),
        },
    }
}

fn parts(literal: &Literal) -> Option<(i128, u8)> {
    match literal {
        Literal::Int(value) => Some((*value, 0)),
        Literal::Decimal { unscaled, scale } => Some((*unscaled, *scale)),
        _ => None,
    }
}

fn raise(value: i128, by: u8) -> Option<i128> {
    value.checked_mul(10_i128.checked_pow(u32::from(by))?)
}

#[expect(clippy::cast_precision_loss, reason = "only where the exact comparison would overflow, or a side is a float")]
fn float(literal: &Literal) -> Option<f64> {
    match literal {
        Literal::Float(value) => Some(*value),
        _ => parts(literal).map(|(unscaled, scale)| unscaled as f64 / 10_f64.powi(i32::from(scale))),
    }
}

fn whole(text: &str, data_type: &DataType) -> Result<Literal, NumberError> {
    let value = number::integer(text.as_bytes())?;
    let (least, most) = match data_type {
        DataType::Int8 => (i128::from(i8::MIN), i128::from(i8::MAX)),
        DataType::Int16 => (i128::from(i16::MIN), i128::from(i16::MAX)),
        DataType::Int32 => (i128::from(i32::MIN), i128::from(i32::MAX)),
        DataType::UInt8 => (0, i128::from(u8::MAX)),
        DataType::UInt16 => (0, i128::from(u16::MAX)),
        DataType::UInt32 => (0, i128::from(u32::MAX)),
        DataType::UInt64 => (0, i128::from(u64::MAX)),
        _ => (i128::from(i64::MIN), i128::from(i64::MAX)),
    };
    if (least..=most).contains(&value) { Ok(Literal::Int(value)) } else { Err(NumberError::Range) }
}

/// Reads a moment in the column's own format alone: a second spelling would let `2026-01-02` mean two days.
fn moment(node: &Node, text: &str, column: &Column) -> Result<Option<Literal>, Complaint> {
    let pattern = match &column.format {
        None => Pattern::default_for(&column.data_type),
        Some(format) => Pattern::new(format).map_err(|trouble| {
            let message = format!("`{text}` cannot be read: the column's format `{format}` is no date pattern");
            Complaint::at(node, "C912", message).label(trouble)
        })?,
    };
    let bytes = text.as_bytes();
    Ok(match column.data_type {
        DataType::Date => pattern.date(bytes).map(Literal::Date),
        DataType::Time => pattern.time(bytes).map(Literal::Time),
        DataType::Timestamp if column.format.is_none() => {
            pattern.timestamp(bytes).or_else(|| midnight(bytes)).map(Literal::Timestamp)
        }
        _ => pattern.timestamp(bytes).map(Literal::Timestamp),
    })
}

/// Reads a bare ISO day as its midnight: `minimum: 2026-01-01` of a timestamp.
fn midnight(text: &[u8]) -> Option<i64> {
    Pattern::default_for(&DataType::Date).date(text).map(|days| i64::from(days) * 86_400_000_000)
}

fn not_number(node: &Node, text: &str, column: &Column, error: NumberError) -> Complaint {
    match (error, &column.data_type) {
        (NumberError::Malformed, _) => refused(node, text, column),
        (NumberError::Range, DataType::Decimal { precision, scale }) => {
            let before = precision.saturating_sub(*scale);
            Complaint::at(node, "C912", format!("{text} does not fit {}", column.data_type))
                .hint(format!("it holds {before} digits before the point and {scale} after; karat never rounds"))
        }
        (NumberError::Range, _) => Complaint::at(node, "C912", format!("{text} does not fit {}", column.data_type)),
    }
}

fn refused(node: &Node, text: &str, column: &Column) -> Complaint {
    let complaint = Complaint::at(node, "C912", format!("`{text}` does not read as {}", column.data_type));
    let hint = match (&column.data_type, column.format.as_deref()) {
        (DataType::Bool, _) => "write true or false",
        (DataType::Date | DataType::Time | DataType::Timestamp | DataType::TimestampTz, Some(format)) => {
            return complaint.hint(format!("write it in the column's own format, `{format}`"));
        }
        (DataType::Date, None) => "write a day as 2026-01-31, or `today` for a bound",
        (DataType::Time, None) => "write a time as 23:59:59",
        (DataType::Timestamp, None) => "write a moment as 2026-01-31 23:59:59, or `now` for a bound",
        (DataType::TimestampTz, None) => "write a moment with its offset: 2026-01-31T23:59:59Z",
        (DataType::Binary, Some("hex")) => "write it as hex digits, two a byte",
        (DataType::Binary, _) => "write it as base64",
        (DataType::Float32 | DataType::Float64, _) => "write a finite number",
        (other, _) if other.is_integer() => "write a whole number in decimal digits",
        _ => return complaint,
    };
    complaint.hint(hint)
}

fn bytes(text: &str, decode: fn(&[u8], &mut Vec<u8>) -> Option<()>) -> Option<Literal> {
    let mut bytes = Vec::new();
    decode(text.as_bytes(), &mut bytes).map(|()| Literal::Binary(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::testing::{boolean, null, number, text};

    fn column(data_type: &str) -> Column {
        Column::new("x", DataType::parse_scalar(data_type).unwrap())
    }

    #[test]
    fn integers_keep_every_digit_and_their_range() {
        let id = column("uint64");
        assert_eq!(read(&number("18446744073709551615"), &id), Ok(Literal::Int(i128::from(u64::MAX))));
        assert_eq!(read(&number("18446744073709551616"), &id).unwrap_err().code, "C912");
        assert_eq!(read(&number("-1"), &id).unwrap_err().code, "C912");
        assert_eq!(read(&number("1.5"), &id).unwrap_err().code, "C912");
        assert_eq!(read(&number("127"), &column("int8")), Ok(Literal::Int(127)));
        assert_eq!(read(&number("128"), &column("int8")).unwrap_err().code, "C912");
        assert_eq!(read(&boolean(true), &id).unwrap_err().code, "C912");
        assert_eq!(read(&null(), &id).unwrap_err().code, "C903");
    }

    #[test]
    fn decimals_are_never_rounded() {
        let price = column("decimal(12,2)");
        assert_eq!(read(&number("0.1"), &price), Ok(Literal::Decimal { unscaled: 10, scale: 2 }));
        assert_eq!(read(&number("7"), &price), Ok(Literal::Decimal { unscaled: 700, scale: 2 }));
        let complaint = read(&number("0.001"), &price).unwrap_err();
        assert_eq!(complaint.code, "C912");
        assert!(complaint.hint.unwrap().contains("10 digits before"));
    }

    #[test]
    fn floats_are_finite_and_text_is_as_written() {
        assert_eq!(read(&number("0.1"), &column("float64")), Ok(Literal::Float(0.1)));
        assert_eq!(read(&number("0.1"), &column("float32")), Ok(Literal::Float(f64::from(0.1_f32))));
        assert_eq!(read(&number(".inf"), &column("float64")).unwrap_err().code, "C912");
        assert_eq!(read(&number("1e999"), &column("float64")).unwrap_err().code, "C912");
        assert_eq!(read(&number("007"), &column("string")), Ok(Literal::String("007".to_owned())));
        assert_eq!(read(&boolean(true), &column("string")).unwrap_err().code, "C903");
    }

    #[test]
    fn moments_follow_the_columns_format_alone() {
        let mut day = column("date");
        assert_eq!(read(&text("1970-01-11"), &day), Ok(Literal::Date(10)));
        assert_eq!(read(&text("1970-02-30"), &day).unwrap_err().code, "C912");
        day.format = Some("%d/%m/%Y".to_owned());
        assert_eq!(read(&text("11/01/1970"), &day), Ok(Literal::Date(10)));
        assert_eq!(read(&text("1970-01-11"), &day).unwrap_err().code, "C912");
        let stamp = column("timestamp");
        assert_eq!(read(&text("1970-01-01 00:00:01"), &stamp), Ok(Literal::Timestamp(1_000_000)));
        assert_eq!(read(&text("1970-01-02"), &stamp), Ok(Literal::Timestamp(86_400_000_000)));
        assert_eq!(read(&text("1970-01-01T01:00:00+01:00"), &column("timestamptz")), Ok(Literal::Timestamp(0)));
    }

    #[test]
    fn today_and_now_stand_for_bounds_only() {
        let today = text("today");
        assert_eq!(read_bound(&today, &column("date")), Ok(Literal::Today));
        assert_eq!(read_bound(&text("now"), &column("timestamptz")), Ok(Literal::Now));
        assert_eq!(read_bound(&text("now"), &column("date")), Ok(Literal::Now));
        assert_eq!(read_bound(&today, &column("time")).unwrap_err().code, "C912");
        assert_eq!(read(&today, &column("date")).unwrap_err().code, "C912");
        assert_eq!(read_bound(&today, &column("int64")).unwrap_err().code, "C912");
    }

    #[test]
    fn binary_is_hex_or_base64() {
        let mut blob = column("binary");
        assert_eq!(read(&text("a2FyYXQ="), &blob), Ok(Literal::Binary(b"karat".to_vec())));
        assert_eq!(read(&text(""), &blob), Ok(Literal::Binary(Vec::new())));
        for wrong in ["a2FyYXQ", "a2FyYXR=", "====", "a2F=YXQ="] {
            assert!(read(&text(wrong), &blob).is_err(), "{wrong}");
        }
        blob.format = Some("hex".to_owned());
        assert_eq!(read(&text("00fF"), &blob), Ok(Literal::Binary(vec![0, 255])));
        assert!(read(&text("0f0"), &blob).is_err());
    }

    #[test]
    fn numbers_compare_exactly() {
        let decimal = |unscaled, scale| Literal::Decimal { unscaled, scale };
        assert_eq!(order(&Literal::Int(1), &decimal(100, 2)), Some(Ordering::Equal));
        assert_eq!(order(&decimal(1, 38), &Literal::Int(0)), Some(Ordering::Greater));
        assert_eq!(order(&Literal::Float(0.5), &decimal(51, 2)), Some(Ordering::Less));
        assert_eq!(order(&decimal(1, 38), &Literal::Int(i128::MAX)), Some(Ordering::Less));
        assert_eq!(order(&Literal::Today, &Literal::Date(0)), None);
        assert_eq!(order(&Literal::Null, &Literal::Null), None);
    }
}
