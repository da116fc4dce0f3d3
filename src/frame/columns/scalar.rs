//! One value after the other; text and bytes.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::ArrowPrimitiveType;
use arrow_array::{Array, ArrayRef, PrimitiveArray};
use arrow_buffer::{NullBufferBuilder, ScalarBuffer};
use arrow_schema::DataType as Arrow;

use crate::frame::columns::{Cast, Wrong};
use crate::frame::json::builder::Takes;
use crate::frame::json::store;
use crate::frame::schema::arrow_type;
use crate::model::{Column, DataType, ParseCode};

/// Says why a value does not fit; without words where those for text say it well.
pub(super) type Misfit = (ParseCode, Option<&'static str>);

/// Converts the values that are not NULL.
pub(super) fn each<S: ArrowPrimitiveType, P: ArrowPrimitiveType>(
    array: &ArrayRef,
    column: &Column,
    convert: impl Fn(S::Native) -> Result<P::Native, Misfit>,
) -> Cast {
    let Some(source) = array.as_primitive_opt::<S>() else { return Cast::impossible(array, column) };
    let mut values = Vec::with_capacity(source.len());
    let mut valid = NullBufferBuilder::new(source.len());
    let mut wrong = Vec::new();
    for (at, value) in source.iter().enumerate() {
        match value.map(&convert) {
            Some(Ok(value)) => {
                values.push(value);
                valid.append_non_null();
                continue;
            }
            Some(Err((code, detail))) => wrong.push(Wrong::of(array, at, column, code, detail)),
            None => {}
        }
        values.push(P::Native::default());
        valid.append_null();
    }
    match PrimitiveArray::<P>::try_new(ScalarBuffer::from(values), valid.finish()) {
        Ok(values) => Cast { array: Arc::new(values.with_data_type(arrow_type(&column.data_type))), wrong },
        Err(_) => Cast::all_null(column, array.len()),
    }
}

/// Reads text and bytes as the type of a column.
pub(super) fn from_bytes(array: &ArrayRef, column: &Column) -> Cast {
    let (wanted, is_text) = (&column.data_type, *array.data_type() == Arrow::Utf8);
    let (Some(mut store), true) = (store::store(column, array.len()), is_text || *wanted == DataType::String) else {
        return Cast::impossible(array, column);
    };
    if !Takes::of(wanted).text {
        return Cast::impossible(array, column);
    }
    let mut valid = NullBufferBuilder::new(array.len());
    let mut wrong = Vec::new();
    for at in 0..array.len() {
        let content = match (array.as_string_opt::<i32>(), array.as_binary_opt::<i32>()) {
            _ if array.is_null(at) => None,
            (Some(text), _) => Some(text.value(at).as_bytes()),
            (_, Some(bytes)) => Some(bytes.value(at)),
            _ => None,
        };
        let read = content.map(|content| {
            if !is_text && simdutf8::basic::from_utf8(content).is_err() {
                return Err(ParseCode::InvalidUtf8);
            }
            store.read(content)
        });
        let read = match read {
            Some(Err(code)) => {
                wrong.push(Wrong::of(array, at, column, code, None));
                false
            }
            found => found.is_some(),
        };
        if !read {
            store.null();
        }
        valid.append(read);
    }
    match store.finish(valid.finish()) {
        Some(array) => Cast { array, wrong },
        None => Cast::all_null(column, array.len()),
    }
}
