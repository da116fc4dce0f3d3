//! Dates, times and timestamps of any unit, where nothing is lost.

use arrow_array::ArrayRef;
use arrow_array::types::{
    ArrowPrimitiveType, Date64Type, Time32MillisecondType, Time32SecondType, Time64MicrosecondType,
    Time64NanosecondType, TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType,
    TimestampSecondType,
};
use arrow_schema::{DataType as Arrow, TimeUnit};

use crate::frame::columns::Cast;
use crate::frame::columns::scalar::{Misfit, each};
use crate::model::{Column, DataType, ParseCode};

const FINE: &str = "is finer than a microsecond";
const FAR: &str = "is too far away for microseconds";

pub(super) fn to_moment(array: &ArrayRef, column: &Column) -> Cast {
    let code = crate::frame::columns::cast::not_of(&column.data_type);
    let times = |factor: i64| move |value: i64| value.checked_mul(factor).ok_or((code, Some(FAR)));
    let by_thousand = move |value: i64| if value % 1000 == 0 { Ok(value / 1000) } else { Err((code, Some(FINE))) };
    match (array.data_type(), &column.data_type) {
        (Arrow::Date64, DataType::Date) => {
            each::<Date64Type, arrow_array::types::Date32Type>(array, column, |millis| {
                const DAY: i64 = 86_400_000;
                let days = (millis % DAY == 0).then(|| i32::try_from(millis / DAY).ok());
                days.flatten().ok_or((ParseCode::NotDate, Some("is not a whole day")))
            })
        }
        (Arrow::Time32(TimeUnit::Second), DataType::Time) => {
            each::<Time32SecondType, Time64MicrosecondType>(array, column, |value| times(1_000_000)(value.into()))
        }
        (Arrow::Time32(_), DataType::Time) => {
            each::<Time32MillisecondType, Time64MicrosecondType>(array, column, |value| times(1000)(value.into()))
        }
        (Arrow::Time64(TimeUnit::Nanosecond), DataType::Time) => {
            each::<Time64NanosecondType, Time64MicrosecondType>(array, column, by_thousand)
        }
        (Arrow::Timestamp(unit, None), DataType::Timestamp)
        | (Arrow::Timestamp(unit, Some(_)), DataType::TimestampTz) => match unit {
            TimeUnit::Second => timestamp::<TimestampSecondType>(array, column, times(1_000_000)),
            TimeUnit::Millisecond => timestamp::<TimestampMillisecondType>(array, column, times(1000)),
            TimeUnit::Microsecond => timestamp::<TimestampMicrosecondType>(array, column, Ok),
            TimeUnit::Nanosecond => timestamp::<TimestampNanosecondType>(array, column, by_thousand),
        },
        _ => Cast::impossible(array, column),
    }
}

fn timestamp<S: ArrowPrimitiveType<Native = i64>>(
    array: &ArrayRef,
    column: &Column,
    convert: impl Fn(i64) -> Result<i64, Misfit>,
) -> Cast {
    each::<S, TimestampMicrosecondType>(array, column, convert)
}
