//! Plan: how the values of each column are written, worked out once a file.

use arrow_schema::DataType as Arrow;

use crate::io::formats::write::moment::Style;
use crate::io::formats::write::value;
use crate::model::{Column, DataType};

/// How the values of a column, an element or a field are written.
#[derive(Debug, Clone)]
pub enum Plan {
    /// The type says it all.
    Plain,
    Moment(Style),
    Hex,
    List(Box<Plan>),
    /// What stands before each field's value (`{"a":`, `,"b":`), and how that is written.
    Struct(Vec<(Vec<u8>, Plan)>),
}

impl Plan {
    /// Follows a contract's column, its formats too.
    #[must_use]
    pub fn of(column: &Column) -> Self {
        match &column.data_type {
            data_type if data_type.is_temporal() => Self::Moment(Style::of(column)),
            DataType::Binary if column.format.as_deref() == Some("hex") => Self::Hex,
            DataType::List(item) => Self::List(Box::new(Self::of(item))),
            DataType::Struct(fields) => {
                let names = fields.iter().map(|field| field.name.as_str());
                Self::Struct(keys(names).into_iter().zip(fields.iter().map(Self::of)).collect())
            }
            _ => Self::Plain,
        }
    }

    /// Follows a type in memory: ISO 8601 and base64.
    #[must_use]
    pub fn plain(data_type: &Arrow) -> Self {
        match data_type {
            Arrow::Date32 => Self::Moment(Style::plain(DataType::Date)),
            Arrow::Time64(_) => Self::Moment(Style::plain(DataType::Time)),
            Arrow::Timestamp(_, None) => Self::Moment(Style::plain(DataType::Timestamp)),
            Arrow::Timestamp(_, Some(_)) => Self::Moment(Style::plain(DataType::TimestampTz)),
            Arrow::List(item) => Self::List(Box::new(Self::plain(item.data_type()))),
            Arrow::Struct(fields) => {
                let names = fields.iter().map(|field| field.name().as_str());
                let plans = fields.iter().map(|field| Self::plain(field.data_type()));
                Self::Struct(keys(names).into_iter().zip(plans).collect())
            }
            _ => Self::Plain,
        }
    }
}

/// Gives what stands before each value of an object.
#[must_use]
pub fn keys<'a>(names: impl Iterator<Item = &'a str>) -> Vec<Vec<u8>> {
    let key = |(index, name): (usize, &str)| {
        let mut key = vec![if index == 0 { b'{' } else { b',' }];
        value::push_json_string(&mut key, name);
        key.push(b':');
        key
    };
    names.enumerate().map(key).collect()
}
