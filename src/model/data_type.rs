//! The types a column may have.

use std::fmt;

use crate::model::contract::Column;

/// Names the type of a column, an element or a field.
///
/// Timestamps and times hold microseconds; a `timestamptz` is kept in UTC. Decimals are exact, up to 38 digits.
#[derive(Debug, Clone, PartialEq)]
pub enum DataType {
    Bool,
    Int8,
    Int16,
    Int32,
    Int64,
    UInt8,
    UInt16,
    UInt32,
    UInt64,
    Float32,
    Float64,
    /// `precision` digits in all, `scale` of them after the point.
    Decimal {
        precision: u8,
        scale: u8,
    },
    String,
    Date,
    Time,
    Timestamp,
    TimestampTz,
    Binary,
    /// A list; the element is an unnamed column (its name is `item`).
    List(Box<Column>),
    Struct(Vec<Column>),
}

/// The spellings of the scalar types without parameters, in the order the reference lists them.
pub const SCALARS: &[(&str, DataType)] = &[
    ("bool", DataType::Bool),
    ("int8", DataType::Int8),
    ("int16", DataType::Int16),
    ("int32", DataType::Int32),
    ("int64", DataType::Int64),
    ("uint8", DataType::UInt8),
    ("uint16", DataType::UInt16),
    ("uint32", DataType::UInt32),
    ("uint64", DataType::UInt64),
    ("float32", DataType::Float32),
    ("float64", DataType::Float64),
    ("string", DataType::String),
    ("date", DataType::Date),
    ("time", DataType::Time),
    ("timestamp", DataType::Timestamp),
    ("timestamptz", DataType::TimestampTz),
    ("binary", DataType::Binary),
];

impl DataType {
    /// Parses a scalar type: a name of [`SCALARS`] or `decimal(p,s)`, `1 <= p <= 38`, `s <= p`.
    #[must_use]
    pub fn parse_scalar(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Some((_, data_type)) = SCALARS.iter().find(|(name, _)| *name == text) {
            return Some(data_type.clone());
        }
        let inner = text.strip_prefix("decimal(")?.strip_suffix(')')?;
        let (precision, scale) = inner.split_once(',').unwrap_or((inner, "0"));
        let precision: u8 = precision.trim().parse().ok()?;
        let scale: u8 = scale.trim().parse().ok()?;
        (1..=38).contains(&precision).then_some(())?;
        (scale <= precision).then_some(Self::Decimal { precision, scale })
    }

    /// Tells whether values of the type are whole numbers.
    #[must_use]
    pub const fn is_integer(&self) -> bool {
        matches!(
            self,
            Self::Int8
                | Self::Int16
                | Self::Int32
                | Self::Int64
                | Self::UInt8
                | Self::UInt16
                | Self::UInt32
                | Self::UInt64
        )
    }

    /// Tells whether values of the type are binary floating-point numbers.
    #[must_use]
    pub const fn is_float(&self) -> bool {
        matches!(self, Self::Float32 | Self::Float64)
    }

    /// Tells whether values of the type are numbers of any kind.
    #[must_use]
    pub const fn is_numeric(&self) -> bool {
        self.is_integer() || self.is_float() || matches!(self, Self::Decimal { .. })
    }

    /// Tells whether values of the type name a moment or a part of one.
    #[must_use]
    pub const fn is_temporal(&self) -> bool {
        matches!(self, Self::Date | Self::Time | Self::Timestamp | Self::TimestampTz)
    }

    /// Tells whether the type holds other values (a list or a struct).
    #[must_use]
    pub const fn is_nested(&self) -> bool {
        matches!(self, Self::List(_) | Self::Struct(_))
    }
}

impl fmt::Display for DataType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Decimal { precision, scale } => write!(f, "decimal({precision},{scale})"),
            Self::List(item) => write!(f, "list<{}>", item.data_type),
            Self::Struct(fields) => {
                f.write_str("struct<")?;
                for (i, field) in fields.iter().enumerate() {
                    let comma = if i == 0 { "" } else { ", " };
                    write!(f, "{comma}{}: {}", field.name, field.data_type)?;
                }
                f.write_str(">")
            }
            scalar => {
                let name = SCALARS.iter().find(|(_, t)| t == scalar).map_or("?", |(name, _)| *name);
                f.write_str(name)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scalars_round_trip() {
        for (name, data_type) in SCALARS {
            assert_eq!(DataType::parse_scalar(name).as_ref(), Some(data_type));
            assert_eq!(&data_type.to_string(), name);
        }
    }

    #[test]
    fn decimals_have_limits() {
        assert_eq!(DataType::parse_scalar("decimal(12,2)"), Some(DataType::Decimal { precision: 12, scale: 2 }));
        assert_eq!(DataType::parse_scalar("decimal(12, 2)"), Some(DataType::Decimal { precision: 12, scale: 2 }));
        assert_eq!(DataType::parse_scalar("decimal(39,2)"), None);
        assert_eq!(DataType::parse_scalar("decimal(2,3)"), None);
        assert_eq!(DataType::parse_scalar("money"), None);
    }
}
