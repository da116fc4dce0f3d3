//! The Arrow types of contract columns.

use std::sync::Arc;

use arrow_schema::{DataType as Arrow, Field, Fields, Schema, SchemaRef, TimeUnit};

use crate::model::{Column, DataType, Table};

/// Gives the Arrow type of a contract type. Strings are `Utf8`, moments microseconds, `timestamptz` in `UTC`.
#[must_use]
pub fn arrow_type(data_type: &DataType) -> Arrow {
    match data_type {
        DataType::Bool => Arrow::Boolean,
        DataType::Int8 => Arrow::Int8,
        DataType::Int16 => Arrow::Int16,
        DataType::Int32 => Arrow::Int32,
        DataType::Int64 => Arrow::Int64,
        DataType::UInt8 => Arrow::UInt8,
        DataType::UInt16 => Arrow::UInt16,
        DataType::UInt32 => Arrow::UInt32,
        DataType::UInt64 => Arrow::UInt64,
        DataType::Float32 => Arrow::Float32,
        DataType::Float64 => Arrow::Float64,
        DataType::Decimal { precision, scale } => Arrow::Decimal128(*precision, scale.cast_signed()),
        DataType::String => Arrow::Utf8,
        DataType::Date => Arrow::Date32,
        DataType::Time => Arrow::Time64(TimeUnit::Microsecond),
        DataType::Timestamp => Arrow::Timestamp(TimeUnit::Microsecond, None),
        DataType::TimestampTz => Arrow::Timestamp(TimeUnit::Microsecond, Some(Arc::from("UTC"))),
        DataType::Binary => Arrow::Binary,
        DataType::List(item) => Arrow::List(Arc::new(Field::new("item", arrow_type(&item.data_type), true))),
        DataType::Struct(fields) => Arrow::Struct(fields.iter().map(field).collect::<Fields>()),
    }
}

/// Gives a nullable Arrow field of a column.
#[must_use]
pub fn field(column: &Column) -> Arc<Field> {
    Arc::new(Field::new(&column.name, arrow_type(&column.data_type), true))
}

/// Gives the Arrow schema of a table, contract order, every field nullable.
#[must_use]
pub fn schema(table: &Table) -> SchemaRef {
    Arc::new(Schema::new(table.columns.iter().map(field).collect::<Fields>()))
}
