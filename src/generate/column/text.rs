//! Text and bytes, written one after the other into a single buffer.

use std::sync::Arc;

use arrow_array::{ArrayRef, BinaryArray, StringArray};
use arrow_buffer::{Buffer, NullBuffer, OffsetBuffer, ScalarBuffer};

use crate::frame::drawn::{Author, Drawn, Letters};
use crate::generate::column::Cells;
use crate::generate::column::pick::Pick;
use crate::generate::grid::Grid;
use crate::generate::moment_text;
use crate::generate::permutation::Permutation;
use crate::generate::providers::Provider;
use crate::generate::random::Draws;
use crate::generate::template::Template;
use crate::generate::words;
use crate::model::{Error, Result};

/// Where text comes from.
#[derive(Debug)]
pub enum Text {
    /// What a provider draws.
    Drawn {
        provider: Box<dyn Provider>,
        width: usize,
        /// What the values are made of, where the provider is an author.
        letters: Option<Letters>,
    },
    /// The value of a provider with a chosen number.
    Coded {
        provider: Box<dyn Provider>,
        count: u128,
        pick: Pick,
    },
    /// What a provider draws, with the row's number in it, or behind it.
    Numbered(Box<dyn Provider>),
    /// Words of so many characters in all.
    Words {
        least: usize,
        most: usize,
    },
    Template {
        template: Template,
        order: Option<Permutation>,
    },
    /// A moment by a pattern.
    Moment {
        pattern: String,
        grid: Grid,
        pick: Pick,
    },
}

/// Random bytes of so many in all; the number of a place stands at their end.
#[derive(Debug)]
pub struct Written {
    pub least: usize,
    pub most: usize,
    pub unique: Option<(usize, Pick)>,
}

/// A buffer of texts.
struct Texts {
    bytes: Vec<u8>,
    offsets: Vec<i32>,
    nulls: Option<NullBuffer>,
}

impl Texts {
    fn new(cells: usize, width: usize, nulls: Option<NullBuffer>) -> Self {
        let mut offsets = Vec::with_capacity(cells + 1);
        offsets.push(0);
        Self { bytes: Vec::with_capacity(cells * width), offsets, nulls }
    }

    /// Writes one value after the other; nothing where it is NULL.
    #[inline]
    fn write(&mut self, cells: usize, mut write: impl FnMut(usize, &mut Vec<u8>)) {
        if let Some(nulls) = self.nulls.clone() {
            for at in 0..cells {
                if nulls.is_valid(at) {
                    write(at, &mut self.bytes);
                }
                self.end();
            }
        } else {
            for at in 0..cells {
                write(at, &mut self.bytes);
                self.end();
            }
        }
    }

    #[inline]
    fn end(&mut self) {
        self.offsets.push(i32::try_from(self.bytes.len()).unwrap_or(-1));
    }

    fn parts(self, path: &str) -> Result<(OffsetBuffer<i32>, Buffer, Option<NullBuffer>)> {
        if i32::try_from(self.bytes.len()).is_err() {
            let message = format!("the values of `{path}` are too long for one batch");
            return Err(Error::output(message).hint("make fewer rows at once"));
        }
        Ok((OffsetBuffer::new(ScalarBuffer::from(self.offsets)), Buffer::from_vec(self.bytes), self.nulls))
    }

    fn strings(self, path: &str) -> Result<ArrayRef> {
        let (offsets, values, nulls) = self.parts(path)?;
        let array = StringArray::try_new(offsets, values, nulls)
            .map_err(|error| Error::output(format!("a value of `{path}` is no text")).because(error))?;
        Ok(Arc::new(array))
    }
}

impl Text {
    /// Draws from a provider; guesses from a few values how long they are.
    #[must_use]
    pub fn drawn(provider: Box<dyn Provider>) -> Self {
        let mut out = Vec::new();
        for cell in 0..64 {
            provider.write(&mut Draws::new(crate::generate::random::mix(cell)), &mut out);
        }
        let letters = provider.author().map(Author::letters);
        Self::Drawn { width: out.len() / 64 + 2, letters, provider }
    }

    /// Gives texts that are never NULL as a column that writes itself, where they can be.
    #[must_use]
    pub fn drawn_by(&self, cells: &Cells, key: u64) -> Option<Drawn<'_>> {
        match self {
            Self::Drawn { provider, letters: Some(letters), .. } => {
                Some(Drawn { author: provider.author()?, letters, numbers: cells.seeds.clone(), key })
            }
            Self::Template { template, order: None } => {
                let numbers = match &cells.ordinals {
                    Some(ordinals) => Arc::new(ordinals.iter().map(|ordinal| (*ordinal).into()).collect()),
                    None => cells.rows.clone(),
                };
                Some(Drawn { author: template, letters: template.made_of(), numbers, key: 1 })
            }
            _ => None,
        }
    }

    /// Makes texts.
    ///
    /// # Errors
    /// Where they do not fit one array.
    pub fn fill(&self, cells: &Cells, key: u64, nulls: Option<NullBuffer>, path: &str) -> Result<ArrayRef> {
        let count = cells.len();
        if nulls.is_none()
            && let Self::Drawn { letters: Some(_), .. } = self
            && let Some(drawn) = self.drawn_by(cells, key)
        {
            return drawn.array();
        }
        let mut texts = Texts::new(count, self.width(), nulls);
        let draws = |at: usize| Draws::new(cells.seeds[at].wrapping_add(key));
        match self {
            Self::Drawn { provider, .. } => texts.write(count, |at, out| provider.write(&mut draws(at), out)),
            Self::Coded { provider, count: places, pick } => {
                texts.write(count, |at, out| provider.nth(pick.one(cells, at, key, *places), out));
            }
            Self::Numbered(provider) => texts.write(count, |at, out| {
                let number = cells.rows[at].wrapping_add(1);
                if !provider.numbered(&mut draws(at), number, out) {
                    provider.write(&mut draws(at), out);
                    out.push(b' ');
                    out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
                }
            }),
            Self::Words { least, most } => {
                texts.write(count, |at, out| words::write(&mut draws(at), (*least, *most), out));
            }
            Self::Template { template, order: None } if texts.nulls.is_none() => {
                let places: Option<Vec<u64>> =
                    cells.ordinals.as_ref().map(|ordinals| ordinals.iter().map(|ordinal| (*ordinal).into()).collect());
                let before = places.as_deref().unwrap_or(&cells.rows);
                if !template.write_all(before, &mut texts.bytes, &mut texts.offsets) {
                    texts.write(count, |at, out| template.write(before[at].wrapping_add(1), out));
                }
            }
            Self::Template { template, order: None } => {
                texts.write(count, |at, out| template.write(cells.number(at).wrapping_add(1), out));
            }
            Self::Template { template, order: Some(order) } => {
                texts.write(count, |at, out| template.write(order.at(cells.number(at)) + 1, out));
            }
            Self::Moment { pattern, grid, pick } => texts.write(count, |at, out| {
                let unit = grid.unit(pick.one(cells, at, key, grid.count));
                moment_text::write(pattern, i64::try_from(unit).unwrap_or(0), out);
            }),
        }
        texts.strings(path)
    }

    /// Guesses how many bytes a value has.
    fn width(&self) -> usize {
        match self {
            Self::Drawn { width, .. } => *width,
            Self::Words { least, most } => least.midpoint(*most),
            Self::Template { template, .. } => template.width(),
            _ => 24,
        }
    }
}

impl Written {
    /// Makes bytes.
    ///
    /// # Errors
    /// Where they do not fit one array.
    pub fn fill(&self, cells: &Cells, key: u64, nulls: Option<NullBuffer>, path: &str) -> Result<ArrayRef> {
        let mut texts = Texts::new(cells.len(), self.least.midpoint(self.most), nulls);
        let spread = self.most.saturating_sub(self.least) as u64 + 1;
        texts.write(cells.len(), |at, out| {
            let mut draws = Draws::new(cells.seeds[at].wrapping_add(key));
            let mut left = self.least + usize::try_from(draws.below(spread)).unwrap_or(0);
            let number = self.unique.as_ref().map(|(width, pick)| {
                let places = 1u128 << (8 * (*width).min(15));
                (*width, pick.one(cells, at, key, places).to_be_bytes())
            });
            left -= number.map_or(0, |(width, _)| width.min(left));
            while left > 0 {
                let bits = draws.bits().to_le_bytes();
                out.extend_from_slice(&bits[..left.min(8)]);
                left -= left.min(8);
            }
            if let Some((width, bytes)) = number {
                out.extend_from_slice(&bytes[16 - width.min(16)..]);
            }
        });
        let (offsets, values, nulls) = texts.parts(path)?;
        Ok(Arc::new(BinaryArray::new(offsets, values, nulls)))
    }
}
