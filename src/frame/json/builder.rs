//! Builders: the columns of a batch, their elements and their fields, while records fill them.

use std::sync::Arc;

use arrow_array::{Array, ArrayRef, ListArray, StructArray};
use arrow_buffer::{NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow_schema::DataType as Arrow;

use crate::frame::json::regular::Order;
use crate::frame::json::store::{Store, Values};
use crate::frame::mask::Mask;
use crate::frame::parse;
use crate::frame::schema::arrow_type;
use crate::model::{Column, DataType};

/// Gathers one column, element or field.
pub(super) struct Builder<'c> {
    pub column: &'c Column,
    pub cells: Cells<'c>,
    /// The cells that are NULL, ascending: mostly few.
    nulls: Vec<usize>,
    len: usize,
}

/// Holds what a builder gathered.
pub(super) enum Cells<'c> {
    Scalar { store: Values, takes: Takes },
    List { ends: Vec<i32>, item: Box<Builder<'c>> },
    Struct(Fields<'c>),
}

/// Says which JSON values a scalar column is read from.
#[derive(Debug, Clone, Copy)]
pub(in crate::frame) struct Takes {
    pub text: bool,
    pub number: bool,
    pub boolean: bool,
}

impl Takes {
    /// Exact numbers are often sent as text, since many readers of JSON know floating-point numbers only.
    pub(in crate::frame) const fn of(data_type: &DataType) -> Self {
        let exact = matches!(data_type, DataType::Int64 | DataType::UInt64 | DataType::Decimal { .. });
        let number = data_type.is_numeric();
        let boolean = matches!(data_type, DataType::Bool);
        Self { text: exact || !(number || boolean), number, boolean }
    }
}

impl<'c> Builder<'c> {
    pub(super) fn new(column: &'c Column, rows: usize) -> Self {
        let cells = match (Values::new(column, rows), &column.data_type) {
            (Some(store), data_type) => Cells::Scalar { store, takes: Takes::of(data_type) },
            (None, DataType::List(item)) => {
                let mut ends = Vec::with_capacity(rows + 1);
                ends.push(0);
                // As good a guess as any; what is not written to costs nothing.
                Cells::List { ends, item: Box::new(Builder::new(item, rows * 2)) }
            }
            (None, DataType::Struct(fields)) => Cells::Struct(Fields::new(fields.iter(), rows)),
            (None, _) => Cells::Struct(Fields::new([].iter(), rows)),
        };
        Self { column, cells, nulls: Vec::new(), len: 0 }
    }

    /// Gives the number of cells, NULL or not.
    #[inline]
    pub(super) const fn len(&self) -> usize {
        self.len
    }

    /// Takes the value as a cell that the cells' own store has just read.
    #[inline]
    pub(super) const fn keep(&mut self) {
        self.len += 1;
    }

    /// Adds NULL.
    pub(super) fn null(&mut self) {
        match &mut self.cells {
            Cells::Scalar { store, .. } => store.null(),
            Cells::List { ends, .. } => ends.push(ends.last().copied().unwrap_or(0)),
            Cells::Struct(fields) => fields.list.iter_mut().for_each(Builder::null),
        }
        self.nulls.push(self.len);
        self.len += 1;
    }

    /// Forgets all cells from this one on, and what a value that was never finished has left.
    pub(super) fn truncate(&mut self, len: usize) {
        match &mut self.cells {
            Cells::Scalar { store, .. } => store.truncate(len),
            Cells::List { ends, item } => {
                ends.truncate(len + 1);
                item.truncate(ends.last().and_then(|end| usize::try_from(*end).ok()).unwrap_or(0));
            }
            Cells::Struct(fields) => fields.list.iter_mut().for_each(|field| field.truncate(len)),
        }
        if len < self.len {
            self.nulls.truncate(self.nulls.partition_point(|null| *null < len));
            self.len = len;
        }
    }

    /// Gives which cells are not NULL; `None` where all are.
    fn valid(&self) -> Option<NullBuffer> {
        if self.nulls.is_empty() {
            return None;
        }
        let mut valid = Mask::full(self.len);
        self.nulls.iter().for_each(|null| valid.clear(*null));
        Some(NullBuffer::new(valid.to_boolean_buffer()))
    }

    /// Gives the cells as an array of the column's type.
    pub(super) fn finish(self) -> ArrayRef {
        let nulls = self.valid();
        let data_type = arrow_type(&self.column.data_type);
        let array: Option<ArrayRef> = match (self.cells, data_type) {
            (Cells::Scalar { mut store, .. }, _) => store.finish(nulls),
            (Cells::List { ends, item }, Arrow::List(field)) => {
                let ends = OffsetBuffer::new(ScalarBuffer::from(ends));
                ListArray::try_new(field, ends, item.finish(), nulls).ok().map(|array| Arc::new(array) as ArrayRef)
            }
            (Cells::Struct(fields), Arrow::Struct(types)) => {
                let arrays = fields.list.into_iter().map(Builder::finish).collect();
                let array = StructArray::try_new_with_length(types, arrays, nulls, self.len);
                array.ok().map(|array| Arc::new(array) as ArrayRef)
            }
            _ => None,
        };
        let whole = array.filter(|array| array.len() == self.len);
        whole.unwrap_or_else(|| parse::all_null(self.column, self.len))
    }
}

/// Holds the fields of a record or struct, and finds them by key.
pub(super) struct Fields<'c> {
    pub list: Vec<Builder<'c>>,
    /// For each field, behind one for the start: the one whose key came next the last time. Keys mostly come in the
    /// same order in every object.
    next: Vec<usize>,
    last: usize,
    /// The same for regular records.
    pub order: Order,
}

impl<'c> Fields<'c> {
    pub(super) fn new(columns: impl Iterator<Item = &'c Column>, rows: usize) -> Self {
        let list: Vec<_> = columns.map(|column| Builder::new(column, rows)).collect();
        let next = (0..=list.len()).collect();
        let order = Order::new(list.iter().map(|field| field.column.name.as_str()));
        Self { list, next, last: 0, order }
    }

    /// Turns to the start of another object.
    pub(super) const fn start(&mut self) {
        self.last = 0;
    }

    /// Finds a field by its key.
    #[inline]
    pub(super) fn find(&mut self, key: &[u8]) -> Option<usize> {
        let guess = self.next.get(self.last).copied();
        let named = |field: &Builder<'_>| field.column.name.as_bytes() == key;
        let found = match guess {
            Some(index) if self.list.get(index).is_some_and(named) => index,
            _ => {
                let index = self.list.iter().position(named)?;
                if let Some(next) = self.next.get_mut(self.last) {
                    *next = index;
                }
                index
            }
        };
        self.last = found + 1;
        Some(found)
    }
}
