//! Which type becomes which; lists and structs by their parts.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowTimestampType, TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType,
    TimestampSecondType,
};
use arrow_array::{Array, ArrayRef, BooleanArray, ListArray, StructArray};
use arrow_buffer::OffsetBuffer;
use arrow_cast::display::array_value_to_string;
use arrow_schema::{DataType as Arrow, TimeUnit};
use arrow_select::nullif::nullif;

use crate::frame::batch::shorten;
use crate::frame::columns::{Cast, Wrong, moment, number, scalar};
use crate::frame::parse;
use crate::frame::schema::arrow_type;
use crate::model::{Column, DataType, ParseCode};

/// Converts an array to the type of a column. `nulls` are the spellings of NULL in text.
pub(super) fn cast(array: &ArrayRef, column: &Column, nulls: &[&[u8]]) -> Cast {
    let array = without_spelled_nulls(plain(array), nulls);
    let wanted = &column.data_type;
    match (array.data_type(), wanted) {
        (Arrow::Null, _) => Cast::all_null(column, array.len()),
        (Arrow::List(_), DataType::List(item)) => list(array.as_list(), column, item, nulls),
        (Arrow::Struct(_), DataType::Struct(fields)) => structure(array.as_struct(), column, fields, nulls),
        (_, DataType::List(_) | DataType::Struct(_)) => Cast::impossible(&array, column),
        (found, _) if *found == arrow_type(wanted) && !wanted.is_float() && !is_decimal(wanted) => {
            Cast { array, wrong: Vec::new() }
        }
        (_, DataType::Float32 | DataType::Float64) => number::to_float(&array, column),
        (_, DataType::Decimal { .. }) if *array.data_type() != Arrow::Utf8 => number::to_decimal(&array, column),
        (Arrow::Utf8 | Arrow::Binary, _) => scalar::from_bytes(&array, column),
        (_, DataType::Date | DataType::Time | DataType::Timestamp | DataType::TimestampTz) => {
            moment::to_moment(&array, column)
        }
        (_, wanted) if wanted.is_integer() => number::to_integer(&array, column),
        _ => Cast::impossible(&array, column),
    }
}

const fn is_decimal(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Decimal { .. })
}

/// Gives the same values in the plainest type that holds them: no dictionaries, views, or several widths of one
/// kind. An array that cannot be turned (text beyond 2 GiB) stays as it is.
fn plain(array: &ArrayRef) -> ArrayRef {
    let to = match array.data_type() {
        Arrow::Dictionary(_, values) => values.as_ref().clone(),
        Arrow::RunEndEncoded(_, values) => values.data_type().clone(),
        Arrow::Utf8View | Arrow::LargeUtf8 => Arrow::Utf8,
        Arrow::BinaryView | Arrow::LargeBinary | Arrow::FixedSizeBinary(_) => Arrow::Binary,
        Arrow::LargeList(item) | Arrow::FixedSizeList(item, _) | Arrow::ListView(item) | Arrow::LargeListView(item) => {
            Arrow::List(Arc::clone(item))
        }
        Arrow::Float16 => Arrow::Float32,
        Arrow::Decimal32(precision, scale) | Arrow::Decimal64(precision, scale) => {
            Arrow::Decimal128(*precision, *scale)
        }
        Arrow::Map(entries, _) => {
            let map = array.as_map();
            let (offsets, values) = (map.offsets().clone(), Arc::new(map.entries().clone()));
            let list = ListArray::try_new(Arc::clone(entries), offsets, values, map.nulls().cloned());
            return list.map_or_else(|_| Arc::clone(array), |list| Arc::new(list));
        }
        _ => return Arc::clone(array),
    };
    match arrow_cast::cast(array, &to) {
        // A dictionary may hold text in a form that is not plain itself.
        Ok(turned)
            if turned.data_type() == &to
                && matches!(array.data_type(), Arrow::Dictionary(..) | Arrow::RunEndEncoded(..)) =>
        {
            plain(&turned)
        }
        Ok(turned) => turned,
        Err(_) => Arc::clone(array),
    }
}

fn without_spelled_nulls(array: ArrayRef, nulls: &[&[u8]]) -> ArrayRef {
    let Some(text) = array.as_string_opt::<i32>().filter(|_| !nulls.is_empty()) else { return array };
    let spelled = text.iter().map(|text| text.is_some_and(|text| nulls.contains(&text.as_bytes())));
    let spelled = BooleanArray::from(spelled.collect::<Vec<_>>());
    nullif(&array, &spelled).unwrap_or(array)
}

fn list(array: &ListArray, column: &Column, item: &Column, nulls: &[&[u8]]) -> Cast {
    let Arrow::List(field) = arrow_type(&column.data_type) else { return Cast::all_null(column, array.len()) };
    let offsets = array.offsets();
    let place = |offset: i32| usize::try_from(offset).unwrap_or(0);
    let (first, last) = (place(offsets[0]), place(offsets[array.len()]));
    let values = cast(&array.values().slice(first, last - first), item, nulls);
    let mut wrong = Vec::new();
    let mut inside = values.wrong.into_iter().peekable();
    for (at, ends) in offsets.windows(2).enumerate() {
        let (start, end) = (place(ends[0]) - first, place(ends[1]) - first);
        while let Some(found) = inside.next_if(|found| found.at < end) {
            if array.is_valid(at) {
                let path = format!("[{}]{}", found.at - start, found.path);
                wrong.push(Wrong { at, path, ..found });
            }
        }
    }
    let offsets = OffsetBuffer::from_lengths(offsets.lengths());
    match ListArray::try_new(field, offsets, values.array, array.nulls().cloned()) {
        Ok(array) => Cast { array: Arc::new(array), wrong },
        Err(_) => Cast::all_null(column, array.len()),
    }
}

fn structure(array: &StructArray, column: &Column, fields: &[Column], nulls: &[&[u8]]) -> Cast {
    let Arrow::Struct(types) = arrow_type(&column.data_type) else { return Cast::all_null(column, array.len()) };
    let mut wrong = Vec::new();
    let mut arrays = Vec::with_capacity(fields.len());
    for field in fields {
        let Some(found) = array.column_by_name(&field.name) else {
            arrays.push(parse::all_null(field, array.len()));
            continue;
        };
        let Cast { array: values, wrong: inside } = cast(found, field, nulls);
        arrays.push(values);
        let inside = inside.into_iter().filter(|found| array.is_valid(found.at));
        wrong.extend(inside.map(|found| Wrong { path: format!(".{}{}", field.name, found.path), ..found }));
    }
    wrong.sort_by_key(|found| found.at);
    match StructArray::try_new_with_length(types, arrays, array.nulls().cloned(), array.len()) {
        Ok(array) => Cast { array: Arc::new(array), wrong },
        Err(_) => Cast::all_null(column, array.len()),
    }
}

impl Cast {
    pub(super) fn all_null(column: &Column, len: usize) -> Self {
        Self { array: parse::all_null(column, len), wrong: Vec::new() }
    }

    /// Refuses every cell that is not NULL, since nothing of its type is of the column's type.
    pub(super) fn impossible(array: &ArrayRef, column: &Column) -> Self {
        let code = not_of(&column.data_type);
        let detail = format!("is {} in the file where {} is promised", array.data_type(), column.data_type);
        let places = (0..array.len()).filter(|at| array.is_valid(*at));
        let wrong = places.map(|at| Wrong {
            at,
            path: String::new(),
            code,
            value: shown(array, at),
            detail: detail.clone().into(),
        });
        Self { wrong: wrong.collect(), array: parse::all_null(column, array.len()) }
    }
}

impl Wrong {
    /// Describes a value by its text, in the words used for text that does not parse.
    #[cold]
    pub(super) fn of(array: &ArrayRef, at: usize, column: &Column, code: ParseCode, detail: Option<&str>) -> Self {
        let value = shown(array, at);
        let detail =
            detail.map_or_else(|| parse::detail(column, code, value.as_bytes()), |text| text.to_owned().into());
        Self { at, path: String::new(), code, value, detail }
    }
}

fn shown(array: &ArrayRef, at: usize) -> String {
    let one = array.slice(at, 1);
    // Times of named zones cannot be written without a list of zones; all are kept in UTC.
    let (array, at) = match array.data_type() {
        Arrow::Timestamp(TimeUnit::Second, Some(_)) => (in_utc::<TimestampSecondType>(&one), 0),
        Arrow::Timestamp(TimeUnit::Millisecond, Some(_)) => (in_utc::<TimestampMillisecondType>(&one), 0),
        Arrow::Timestamp(TimeUnit::Microsecond, Some(_)) => (in_utc::<TimestampMicrosecondType>(&one), 0),
        Arrow::Timestamp(TimeUnit::Nanosecond, Some(_)) => (in_utc::<TimestampNanosecondType>(&one), 0),
        _ => (Arc::clone(array), at),
    };
    array_value_to_string(&array, at).map(|text| shorten(text.as_bytes())).unwrap_or_default()
}

fn in_utc<P: ArrowTimestampType>(one: &ArrayRef) -> ArrayRef {
    one.as_primitive_opt::<P>().map_or_else(|| Arc::clone(one), |one| Arc::new(one.clone().with_timezone("+00:00")))
}

/// Gives the code that says that a value is not of a type.
pub(super) const fn not_of(data_type: &DataType) -> ParseCode {
    match data_type {
        DataType::Bool => ParseCode::NotBool,
        DataType::Float32 | DataType::Float64 => ParseCode::NotNumber,
        DataType::Decimal { .. } => ParseCode::NotDecimal,
        DataType::Date => ParseCode::NotDate,
        DataType::Time => ParseCode::NotTime,
        DataType::Timestamp | DataType::TimestampTz => ParseCode::NotTimestamp,
        DataType::Binary => ParseCode::NotBinary,
        DataType::String | DataType::List(_) | DataType::Struct(_) => ParseCode::JsonType,
        _ => ParseCode::NotInteger,
    }
}
