//! Parts of a table or query that are read over several connections: ranges of a column.

use mysql::consts::ColumnType;
use mysql::prelude::Queryable as _;
use mysql::{Column, Conn, Value};

use crate::io::databases::mysql::decode::type_of;
use crate::io::databases::mysql::errors::failed;
use crate::model::literal::{date_text, days_from_civil, timestamp_text};
use crate::model::{DataType, Error, ErrorKind, Result};
use crate::sql::{Dialect as _, MySql};

const DAY: i128 = 86_400_000_000;

/// Divides rows into at most so many ranges of a column, about equal where its values are spread evenly; gives one
/// condition each. Every row is in exactly one: the first has the NULLs too, and the ends are open.
///
/// # Errors
/// A usage error where there is no such column, or it is none of whole numbers or moments.
pub fn ranges(conn: &mut Conn, (what, from): (&str, &str), name: &str, parts: usize) -> Result<Vec<String>> {
    let cannot = |error: mysql::Error| failed(ErrorKind::Input, format!("cannot divide {what} by `{name}`"), &error);
    let statement = conn.prep(format!("SELECT * FROM {from} LIMIT 0")).map_err(cannot)?;
    let columns = statement.columns().to_vec();
    let _ = conn.close(statement);
    let Some(column) = columns.iter().find(|column| column.name_str().eq_ignore_ascii_case(name)) else {
        let names: Vec<_> = columns.iter().map(Column::name_str).collect();
        return Err(Error::usage(format!("{what} has no column `{name}` to divide it by"))
            .hint(format!("It has: {}", names.join(", "))));
    };
    let data_type = type_of(column, None);
    let moments = matches!(data_type, DataType::Date | DataType::Timestamp | DataType::TimestampTz);
    if !moments && !data_type.is_integer() {
        return Err(Error::usage(format!("{what} cannot be divided by `{name}`, which is {}", shown(column)))
            .hint("Name a key of whole numbers, or a date or moment."));
    }
    let quoted = MySql::default().quote(&column.name_str());
    // 0000-00-00 would make the first range all of history.
    let bounds = if moments { format!(" WHERE {quoted} >= '1000-01-01'") } else { String::new() };
    let query = format!("SELECT MIN({quoted}), MAX({quoted}) FROM {from}{bounds}");
    let found: Option<mysql::Row> = conn.exec_first(query, ()).map_err(cannot)?;
    let ends = found.map(mysql::Row::unwrap_raw).unwrap_or_default();
    let end = |index: usize| ends.get(index).and_then(|value| position(value.as_ref()?));
    let (Some(least), Some(most)) = (end(0), end(1)) else { return Ok(vec!["TRUE".to_owned()]) };
    Ok(conditions(&quoted, &cuts(least, most, parts, &data_type)))
}

/// Gives where the second range and those behind it begin, as literals.
fn cuts(least: i128, most: i128, parts: usize, data_type: &DataType) -> Vec<String> {
    let parts = i128::try_from(parts).unwrap_or(1).max(1);
    let mut cuts: Vec<String> = Vec::new();
    for part in 1..parts {
        let at = least + (most - least + 1) / parts * part + (most - least + 1) % parts * part / parts;
        let micros = i64::try_from(at).unwrap_or(i64::MAX);
        let text = match data_type {
            DataType::Date => format!("'{}'", date_text(i32::try_from(at.div_euclid(DAY)).unwrap_or(i32::MAX))),
            DataType::Timestamp | DataType::TimestampTz => format!("'{}'", timestamp_text(micros)),
            _ => at.to_string(),
        };
        if at > least && cuts.last() != Some(&text) {
            cuts.push(text);
        }
    }
    cuts
}

fn conditions(name: &str, cuts: &[String]) -> Vec<String> {
    let (Some(first), Some(last)) = (cuts.first(), cuts.last()) else { return vec!["TRUE".to_owned()] };
    let mut made = vec![format!("({name} < {first} OR {name} IS NULL)")];
    for pair in cuts.windows(2) {
        if let [from, to] = pair {
            made.push(format!("{name} >= {from} AND {name} < {to}"));
        }
    }
    made.push(format!("{name} >= {last}"));
    made
}

/// Gives a value's place on a line: a number, or microseconds.
fn position(value: &Value) -> Option<i128> {
    Some(match value {
        Value::Int(number) => i128::from(*number),
        Value::UInt(number) => i128::from(*number),
        Value::Date(year, month, day, hour, minute, second, micros) => {
            let days = days_from_civil(i32::from(*year), u32::from(*month), u32::from(*day));
            let seconds = (i128::from(*hour) * 60 + i128::from(*minute)) * 60 + i128::from(*second);
            i128::from(days) * DAY + seconds * 1_000_000 + i128::from(*micros)
        }
        _ => return None,
    })
}

fn shown(column: &Column) -> String {
    let name = match column.column_type() {
        ColumnType::MYSQL_TYPE_VAR_STRING | ColumnType::MYSQL_TYPE_STRING | ColumnType::MYSQL_TYPE_VARCHAR => "text",
        ColumnType::MYSQL_TYPE_NEWDECIMAL => "a decimal",
        ColumnType::MYSQL_TYPE_DOUBLE | ColumnType::MYSQL_TYPE_FLOAT => "a float",
        _ => "no key",
    };
    name.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_is_in_one_range() {
        let cut = |least, most, parts| cuts(least, most, parts, &DataType::Int64);
        assert_eq!(cut(0, 99, 4), ["25", "50", "75"]);
        assert_eq!(cut(5, 5, 4), Vec::<String>::new());
        assert_eq!(cut(0, 1, 4), ["1"]);
        assert_eq!(cut(0, i128::from(u64::MAX), 2), ["9223372036854775808"]);
        assert_eq!(conditions("`a`", &cut(0, 2, 3)), ["(`a` < 1 OR `a` IS NULL)", "`a` >= 1 AND `a` < 2", "`a` >= 2"]);
        assert_eq!(conditions("`a`", &[]), ["TRUE"]);
        let days = cuts(0, 10 * DAY, 2, &DataType::Date);
        assert_eq!(days, ["'1970-01-06'"]);
    }
}
