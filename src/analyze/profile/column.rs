//! One column: everything that is counted of its values, batch by batch.

use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};

use serde::{Deserialize, Serialize};

use crate::analyze::profile::bottom::Bottom;
use crate::analyze::profile::frequent::Frequent;
use crate::analyze::profile::kinds::{Kind, Read, Reader, is_nothing, is_zero_padded};
use crate::analyze::profile::lengths::Lengths;
use crate::analyze::profile::masks::{Masks, Runs};
use crate::analyze::profile::moments::{Formats, Moment, Moments, WAYS};
use crate::analyze::profile::numbers::{ENDS, Ends, Numbers};
use crate::analyze::profile::texts;
use crate::analyze::profile::values::{Value, Values};
use crate::model::profile::FreeText;

/// Values in the sample of different ones: at least, at most, and of all columns together.
pub const SAMPLE: usize = 4096;
const LARGEST: usize = 1 << 16;
const TOGETHER: usize = 1 << 20;
/// Of these, so many keep their texts, to be recognised by.
const TEXTS: usize = 256;
/// A text that stands for the lowest or highest is kept up to here.
const END_BYTES: usize = 64;
/// Spellings of NULL kept.
const SPELLINGS: usize = 20;

/// A place in the files of a table.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct At {
    pub file: u32,
    pub record: u64,
    pub line: u64,
    pub offset: u64,
}

/// A value and where it stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Seen {
    pub text: String,
    pub at: At,
}

/// A low or high number.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct End {
    pub key: i64,
    pub count: u64,
    pub seen: Seen,
}

/// How many values read as one kind, and the first of them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct KindCount {
    pub count: u64,
    pub first: Option<Seen>,
}

/// Everything counted of a column.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Column {
    /// Name, or path inside nested rows.
    pub name: String,
    /// Cells that were there, NULL or not.
    pub count: u64,
    pub nulls: u64,
    /// Texts read as NULL.
    pub null_texts: Vec<(String, u64)>,
    /// Values that look like NULL.
    pub nothings: Vec<(String, u64)>,
    /// By [`Kind`].
    pub kinds: Vec<KindCount>,
    /// The cells are strings of a typed format.
    pub strings: u64,
    pub sample: Bottom,
    /// Some of the sample's values: those of the smallest hashes.
    pub texts: Vec<(u64, u64, String)>,
    pub frequent: Frequent,
    pub numbers: Numbers,
    /// Ascending.
    pub low: Vec<End>,
    /// Descending.
    pub high: Vec<End>,
    /// By way of writing days.
    pub moments: [Moments; WAYS],
    /// By pattern.
    pub formats: Vec<u64>,
    pub masks: Masks,
    pub lengths: Lengths,
    pub text: FreeText,
    pub zero_padded: u64,
    /// The lowest and the highest text by bytes, of values that are neither numbers nor moments.
    pub text_ends: Option<(String, String)>,
    /// Why its values were hidden when it was saved, and as what.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hidden: Option<(String, String)>,
}

/// What batches still at work may be spared, since it is known of earlier ones. It changes no result.
#[derive(Debug)]
pub struct Hints {
    limit: AtomicU64,
    lost: AtomicBool,
    kinds: AtomicU32,
}

impl Default for Hints {
    fn default() -> Self {
        Self { limit: AtomicU64::new(u64::MAX), lost: AtomicBool::new(false), kinds: AtomicU32::new(0) }
    }
}

impl Hints {
    /// Says what is known of a column by now.
    pub fn tell(&self, column: &Column) {
        self.limit.store(column.sample.limit(), Ordering::Relaxed);
        self.lost.store(!column.frequent.is_exact(), Ordering::Relaxed);
        let known = column.kinds.iter().enumerate().filter(|(_, kind)| kind.first.is_some());
        self.kinds.store(known.fold(0, |bits, (at, _)| bits | 1 << at), Ordering::Relaxed);
    }
}

impl Column {
    /// Makes a column without values, one of so many.
    #[must_use]
    pub fn new(name: &str, columns: usize) -> Self {
        let sample = (TOGETHER / columns.max(1)).clamp(SAMPLE, LARGEST);
        Self {
            name: name.to_owned(),
            count: 0,
            nulls: 0,
            null_texts: Vec::new(),
            nothings: Vec::new(),
            kinds: vec![KindCount::default(); Kind::ALL.len()],
            strings: 0,
            sample: Bottom::new(sample),
            texts: Vec::new(),
            frequent: Frequent::default(),
            numbers: Numbers::default(),
            low: Vec::new(),
            high: Vec::new(),
            moments: std::array::from_fn(|_| Moments::default()),
            formats: Vec::new(),
            masks: Masks::default(),
            lengths: Lengths::default(),
            text: FreeText::default(),
            zero_padded: 0,
            text_ends: None,
            hidden: None,
        }
    }

    /// Takes the values of a batch. `at` says where a value stands.
    pub fn take(&mut self, values: &Values<'_>, formats: &Formats, hints: &Hints, at: impl Fn(&Value) -> At) {
        let mut batch = Batch { known: hints.kinds.load(Ordering::Relaxed), ..Batch::default() };
        let mut reader = Reader::new(formats);
        for (index, value) in values.all().iter().enumerate() {
            self.take_value(values, value, u32::try_from(index).unwrap_or(u32::MAX), &mut reader, &mut batch, &at);
        }
        self.masks.settle();
        self.moments.iter_mut().for_each(Moments::settle);
        let end = |(key, index): &(i64, u32)| {
            let value = values.all().get(*index as usize)?;
            let seen = Seen { text: shown(values.text(value)), at: at(value) };
            Some(End { key: *key, count: u64::from(value.count), seen })
        };
        self.low = batch.ends.low.iter().filter_map(end).collect();
        self.high = batch.ends.high.iter().filter_map(end).collect();
        let text =
            |index: Option<u32>| index.and_then(|index| values.all().get(index as usize)).map(|v| values.text(v));
        if let Some((low, high)) = text(batch.low).zip(text(batch.high)) {
            self.text_ends = Some((cut(low), cut(high)));
        }
        self.remember(values, hints);
    }

    /// Keeps the sample and the frequent values.
    fn remember(&mut self, values: &Values<'_>, hints: &Hints) {
        let lost = hints.lost.load(Ordering::Relaxed);
        let all = values.all();
        let counted = all.iter().map(|value| (value.hash, u64::from(value.count), values.text(value)));
        self.frequent = Frequent::of(counted, all.len(), lost);
        let limit = hints.limit.load(Ordering::Relaxed);
        self.sample.narrow(limit);
        let mut kept: Vec<&Value> = all.iter().filter(|value| value.hash < limit).collect();
        for value in &kept {
            self.sample.add(value.hash, u64::from(value.count));
        }
        if kept.len() > TEXTS {
            kept.select_nth_unstable_by_key(TEXTS, |value| value.hash);
            kept.truncate(TEXTS);
        }
        kept.sort_unstable_by_key(|value| value.hash);
        let text = |value: &&Value| (value.hash, u64::from(value.count), shown(values.text(value)));
        self.texts = kept.iter().map(text).collect();
        // A string and a number of the same text.
        self.texts.dedup_by(|from, into| {
            let same = from.0 == into.0;
            if same {
                into.1 += from.1;
            }
            same
        });
    }

    #[inline]
    fn take_value(
        &mut self,
        values: &Values<'_>,
        value: &Value,
        index: u32,
        reader: &mut Reader<'_>,
        batch: &mut Batch,
        at: &impl Fn(&Value) -> At,
    ) {
        let weight = u64::from(value.count);
        let (buffer, start, end) = values.place(value);
        let content = buffer.get(start..end).unwrap_or_default();
        let kind = match reader.read(buffer, start, end, value.origin) {
            Read::Number(kind, number, runs) => {
                self.numbers.add(&number, weight);
                batch.ends.add(number.value, index);
                self.masks.add(&runs, weight);
                self.lengths.add(content.len(), weight);
                if number.scale == 0 && is_zero_padded(content) {
                    self.zero_padded += weight;
                }
                kind
            }
            other => {
                self.masks.add(&Runs::of(content), weight);
                let length = texts::look(&mut self.text, content, weight);
                self.lengths.add(length, weight);
                match other {
                    Read::Moment(moment) => self.take_moment(&moment, weight),
                    other => {
                        batch.text(values, content, index);
                        if matches!(other, Read::Bool) { Kind::Bool } else { self.take_text(content, weight) }
                    }
                }
            }
        };
        let count = &mut self.kinds[kind as usize];
        count.count += weight;
        if batch.known >> kind as u32 & 1 == 0 {
            batch.known |= 1 << kind as u32;
            count.first = Some(Seen { text: shown(content), at: at(value) });
        }
    }

    fn take_moment(&mut self, moment: &Moment, weight: u64) -> Kind {
        for (moments, micros) in self.moments.iter_mut().zip(moment.micros) {
            if let Some(micros) = micros {
                moments.add(moment.kind, micros, weight);
            }
        }
        let mut bits = moment.formats;
        while bits != 0 {
            let at = bits.trailing_zeros() as usize;
            bits &= bits - 1;
            if at >= self.formats.len() {
                self.formats.resize(at + 1, 0);
            }
            self.formats[at] += weight;
        }
        moment.kind
    }

    #[inline]
    fn take_text(&mut self, content: &[u8], weight: u64) -> Kind {
        if is_nothing(content) {
            count(&mut self.nothings, &String::from_utf8_lossy(content), weight);
        }
        Kind::Text
    }

    /// Counts a cell that is NULL.
    pub fn take_null(&mut self, text: &[u8], weight: u64) {
        self.nulls += weight;
        count(&mut self.null_texts, &shown(text), weight);
    }

    /// Takes what was counted of later rows.
    pub fn merge(&mut self, other: Self) {
        self.count += other.count;
        self.nulls += other.nulls;
        other.null_texts.iter().for_each(|(text, found)| count(&mut self.null_texts, text, *found));
        other.nothings.iter().for_each(|(text, found)| count(&mut self.nothings, text, *found));
        for (own, their) in self.kinds.iter_mut().zip(other.kinds) {
            own.count += their.count;
            if own.first.is_none() {
                own.first = their.first;
            }
        }
        self.strings += other.strings;
        self.sample.absorb(&other.sample);
        self.merge_texts(other.texts);
        self.frequent.merge(other.frequent);
        self.numbers.merge(&other.numbers);
        merge_ends(&mut self.low, other.low, |left, right| left < right);
        merge_ends(&mut self.high, other.high, |left, right| left > right);
        self.moments.iter_mut().zip(&other.moments).for_each(|(own, their)| own.merge(their));
        if self.formats.len() < other.formats.len() {
            self.formats.resize(other.formats.len(), 0);
        }
        self.formats.iter_mut().zip(&other.formats).for_each(|(own, their)| *own += their);
        self.masks.merge(&other.masks);
        self.lengths.merge(&other.lengths);
        texts::merge(&mut self.text, &other.text);
        self.zero_padded += other.zero_padded;
        self.hidden = self.hidden.take().or(other.hidden);
        self.text_ends = match (self.text_ends.take(), other.text_ends) {
            (Some((low, high)), Some((other_low, other_high))) => Some((low.min(other_low), high.max(other_high))),
            (own, their) => own.or(their),
        };
    }

    fn merge_texts(&mut self, texts: Vec<(u64, u64, String)>) {
        let bound = if self.texts.len() < TEXTS { u64::MAX } else { self.texts.last().map_or(u64::MAX, |last| last.0) };
        let mut new = false;
        for (hash, count, text) in texts {
            if hash > bound {
                break;
            }
            match self.texts.binary_search_by_key(&hash, |text| text.0) {
                Ok(at) => self.texts[at].1 += count,
                Err(at) => {
                    self.texts.insert(at, (hash, count, text));
                    new = true;
                }
            }
        }
        if new {
            self.texts.truncate(TEXTS);
        }
    }

    /// Brings the sketches into the one form that the same values always have.
    pub fn settle(&mut self) {
        self.sample.settle();
    }

    /// Shrinks the sample to what is saved, and leaves out what the frequent values say too, where these are all values.
    pub fn slim(&mut self) {
        self.sample = self.sample.shrunk(SAMPLE);
        if self.frequent.is_exact() {
            self.texts.clear();
            self.sample = Bottom::new(SAMPLE);
        }
    }

    /// Brings back what [`Column::slim`] left out.
    pub fn restore(&mut self) {
        if self.frequent.is_exact() {
            self.texts.clear();
            self.sample = Bottom::new(SAMPLE);
            for (hash, count, text) in self.frequent.hashed() {
                self.sample.add(hash, count);
                if self.texts.len() < TEXTS {
                    self.texts.push((hash, count, shown(text)));
                }
            }
            self.sample.settle();
        }
    }

    /// Forgets every value, for a reason: what is left tells how many, and shows none.
    pub fn forget(&mut self, kind: &str, reason: &str) {
        self.hidden = Some((kind.to_owned(), reason.to_owned()));
        self.frequent.forget();
        self.texts.clear();
        self.text_ends = None;
        let kinds = self.kinds.iter_mut().filter_map(|kind| kind.first.as_mut());
        let ends = self.low.iter_mut().chain(&mut self.high).map(|end| &mut end.seen);
        for seen in kinds.chain(ends) {
            seen.text = masked(&seen.text);
        }
        self.low.clear();
        self.high.clear();
        self.numbers.ranks = crate::analyze::profile::ranks::Ranks::default();
        self.moments.iter_mut().for_each(|moments| moments.ranks = crate::analyze::profile::ranks::Ranks::default());
    }
}

/// What is found while one batch is looked at.
#[derive(Default)]
struct Batch {
    ends: Ends,
    /// Indices of the lowest and highest text.
    low: Option<u32>,
    high: Option<u32>,
    /// Bits of kinds whose first value is known.
    known: u32,
}

impl Batch {
    #[inline]
    fn text(&mut self, values: &Values<'_>, content: &[u8], index: u32) {
        let get = |index: Option<u32>| index.and_then(|index| values.all().get(index as usize)).map(|v| values.text(v));
        if get(self.low).is_none_or(|low| content < low) {
            self.low = Some(index);
        }
        if get(self.high).is_none_or(|high| content > high) {
            self.high = Some(index);
        }
    }
}

fn merge_ends(own: &mut Vec<End>, others: Vec<End>, before: impl Fn(i64, i64) -> bool) {
    for end in others {
        let at = own.partition_point(|known| before(known.key, end.key));
        match own.get_mut(at) {
            Some(known) if known.key == end.key => known.count += end.count,
            _ if at < ENDS => {
                own.insert(at, end);
                own.truncate(ENDS);
            }
            _ => break,
        }
    }
}

/// Counts a text in a short list, sorted; what is too many is not counted.
fn count(list: &mut Vec<(String, u64)>, text: &str, weight: u64) {
    match list.binary_search_by(|(known, _)| known.as_str().cmp(text)) {
        Ok(at) => list[at].1 += weight,
        Err(at) if list.len() < SPELLINGS => list.insert(at, (text.to_owned(), weight)),
        Err(_) => {}
    }
}

/// Gives a value's text to show: at most 80 characters.
#[must_use]
pub fn shown(text: &[u8]) -> String {
    const LIMIT: usize = 80;
    let head = String::from_utf8_lossy(&text[..text.len().min(4 * LIMIT + 4)]);
    match head.char_indices().nth(LIMIT) {
        Some((end, _)) => format!("{}…", &head[..end]),
        None => head.into_owned(),
    }
}

fn cut(text: &[u8]) -> String {
    shown(&text[..text.len().min(END_BYTES)])
}

/// Hides a text behind its shape.
#[must_use]
pub fn masked(text: &str) -> String {
    let hide = |c: char| match c {
        c if c.is_uppercase() => 'A',
        c if c.is_alphabetic() => 'a',
        c if c.is_numeric() => '9',
        other => other,
    };
    text.chars().take(40).map(hide).collect()
}
