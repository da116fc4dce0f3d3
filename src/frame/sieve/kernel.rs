//! Kernel: one loop over the cells of a column that holds back what may be wrong.

use crate::frame::mask::Mask;
use crate::frame::parse::{Reader, decimal};
use crate::frame::sieve::LANES;
use crate::frame::sieve::cells::{Cell, Cells, Sure};
use crate::frame::sieve::digits;
use crate::frame::sieve::texts::Texts;
use crate::frame::sieve::units::Units;
use crate::frame::sieve::wide::{Lanes, Wide};
use crate::model::number;
use crate::model::{CellTest, Column, Context, DataType};

/// What is asked of the content of a column's cells, by its type.
#[derive(Debug)]
pub enum Kernel {
    Whole(Units),
    Decimal {
        precision: u8,
        scale: u8,
        units: Units,
    },
    Day(Reader, Units),
    Moment(Reader, Units),
    Time(Reader, Units),
    Text(Texts),
    /// The type alone.
    Reads(fn(&Reader, &[u8]) -> bool, Reader),
    /// What only the parser reads.
    Never,
}

/// Asks cells at once whether they lie in a range.
type Ask<'a> = dyn Fn(Wide, &Lanes<'_>, (i64, i64)) -> u64 + 'a;

impl Kernel {
    /// Makes the kernel that asks for a column's type.
    pub fn new(column: &Column) -> Self {
        let whole = |least: i64, most: i64| Self::Whole(Units::new(least, most));
        let all = Units::new(i64::MIN, i64::MAX);
        let reader = Reader::new(column);
        match &column.data_type {
            DataType::Int8 => whole(i8::MIN.into(), i8::MAX.into()),
            DataType::Int16 => whole(i16::MIN.into(), i16::MAX.into()),
            DataType::Int32 => whole(i32::MIN.into(), i32::MAX.into()),
            DataType::Int64 => whole(i64::MIN, i64::MAX),
            DataType::UInt8 => whole(0, u8::MAX.into()),
            DataType::UInt16 => whole(0, u16::MAX.into()),
            DataType::UInt32 => whole(0, u32::MAX.into()),
            DataType::UInt64 => whole(0, i64::MAX),
            // What has more digits than 18 is left to the parser.
            DataType::Decimal { precision, scale } if *precision <= 18 => {
                let most = 10_i64.pow(u32::from(*precision)) - 1;
                Self::Decimal { precision: *precision, scale: *scale, units: Units::new(-most, most) }
            }
            DataType::Decimal { precision, scale } => {
                Self::Decimal { precision: *precision, scale: *scale, units: all }
            }
            DataType::Date => Self::Day(reader, all),
            DataType::Timestamp | DataType::TimestampTz => Self::Moment(reader, all),
            DataType::Time => Self::Time(reader, all),
            DataType::String => Self::Text(Texts::default()),
            DataType::Bool => Self::Reads(|_, text| crate::frame::parse::boolean(text).is_ok(), reader),
            DataType::Float32 => Self::Reads(|reader, text| reader.float32(text).is_ok(), reader),
            DataType::Float64 => Self::Reads(|reader, text| reader.float64(text).is_ok(), reader),
            DataType::Binary => Self::Reads(|reader, text| reader.binary(text, &mut Vec::new()).is_ok(), reader),
            DataType::List(_) | DataType::Struct(_) => Self::Never,
        }
    }

    /// Adds a test; `false` where the kernel cannot take it.
    pub fn add(&mut self, test: &CellTest, column: &Column, context: &Context) -> bool {
        match self {
            Self::Whole(units)
            | Self::Decimal { units, .. }
            | Self::Day(_, units)
            | Self::Moment(_, units)
            | Self::Time(_, units) => units.add(test, column, context),
            Self::Text(texts) => texts.add(test, column, context),
            Self::Reads(..) | Self::Never => false,
        }
    }

    /// Marks the cells that may break the type or a test, and NULL where it is `required`.
    pub fn hold(&self, cells: &Cells<'_>, required: bool, suspects: &mut Mask) {
        let none = Sure::default();
        let sure = |range: Option<(i64, i64)>, ask: &Ask<'_>| {
            let number = |word: &[u8]| word.first().is_none_or(u8::is_ascii_digit);
            range.map_or(none, |range| cells.sure(number, |wide, lanes| ask(wide, lanes, range)))
        };
        let sure_units =
            |units: &Units, scale: u8| sure(units.range(), &|wide, lanes, range| wide.units(lanes, scale, range));
        match self {
            Self::Whole(units) => sift(cells, sure_units(units, 0), required, suspects, |content, at| {
                let value = at.and_then(|start| digits::signed(cells.text, start, start + content.len()));
                value.or_else(|| number::integer_i64(content).ok()).is_some_and(|value| units.pass(value))
            }),
            Self::Decimal { precision, scale, units } => {
                sift(cells, sure_units(units, *scale), required, suspects, |content, at| {
                    let short = |start| digits::decimal(cells.text, start, start + content.len(), (*scale).into());
                    let exact = || i64::try_from(decimal(content, *precision, *scale, false).ok()?).ok();
                    at.and_then(short).or_else(exact).is_some_and(|value| units.pass(value))
                });
            }
            Self::Day(reader, units) => {
                let range = units.range().filter(|_| reader.is_iso_date());
                let sure = sure(range, &|wide, lanes, range| wide.days(lanes, range));
                sift(cells, sure, required, suspects, |content, _| {
                    reader.date(content).is_ok_and(|day| units.pass(day.into()))
                });
            }
            Self::Moment(reader, units) => sift(cells, none, required, suspects, |content, _| {
                reader.timestamp(content).is_ok_and(|moment| units.pass(moment))
            }),
            Self::Time(reader, units) => sift(cells, none, required, suspects, |content, _| {
                reader.time(content).is_ok_and(|moment| units.pass(moment))
            }),
            Self::Text(texts) => texts.hold(cells, required, suspects),
            Self::Reads(reads, reader) => {
                sift(cells, none, required, suspects, |content, _| reads(reader, content));
            }
            Self::Never => sift(cells, none, required, suspects, |_, _| false),
        }
    }
}

/// Asks `fine` for the content of every cell that is not NULL and not surely fine, with its place in the text where it
/// stands there as it is.
#[inline]
pub fn sift(
    cells: &Cells<'_>,
    sure: Sure,
    required: bool,
    suspects: &mut Mask,
    fine: impl Fn(&[u8], Option<usize>) -> bool,
) {
    let mut scratch = Vec::new();
    let mut suspect = |cell| match cell {
        Cell::Plain(content, start) => !fine(content, Some(start)),
        Cell::Escaped(content, quoted) => !fine(cells.undo(content, quoted, &mut scratch), None),
        Cell::Null => required,
    };
    for (sure, first) in sure.into_iter().zip(cells.rows.clone().step_by(LANES)) {
        let rows = first..cells.rows.end.min(first + LANES);
        if sure == 0 {
            let mut walk = cells.walk(rows.clone());
            // Rows come in order, each once.
            suspects.or_fn(rows, |_| walk.next().is_none_or(&mut suspect));
            continue;
        }
        let mut left = !sure & u64::MAX >> (LANES - rows.len());
        while left != 0 {
            let row = first + left.trailing_zeros() as usize;
            if suspect(cells.cell(row)) {
                suspects.set(row);
            }
            left &= left - 1;
        }
    }
}
