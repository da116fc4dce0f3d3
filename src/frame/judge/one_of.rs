//! Accepted values: membership in a list of literals, exact for each type.

use arrow_array::Array;
use arrow_array::cast::AsArray;

use crate::frame::judge::bounds::{cut, float_literal};
use crate::frame::judge::units::{Unit, all_floats, with_units};
use crate::frame::mask::Mask;
use crate::model::{Context, DataType, Literal};

/// A list of values made ready for the type of its column.
#[derive(Debug, Clone, PartialEq)]
pub struct OneOf {
    values: Values,
    /// The listed values are those refused.
    negated: bool,
    /// NULL is listed: it never breaks `accepted_values`.
    pub lists_null: bool,
}

#[derive(Debug, Clone, PartialEq)]
enum Values {
    /// Ascending.
    Units(Vec<i128>),
    Floats(Vec<f64>),
    Bytes(Words),
    Bools {
        accepts: [bool; 2],
    },
}

impl OneOf {
    /// Prepares a list for a column type.
    ///
    /// # Errors
    /// In words, where a literal cannot be compared with the type.
    pub fn new(values: &[Literal], negated: bool, data_type: &DataType, context: &Context) -> Result<Self, String> {
        let lists_null = !negated && values.contains(&Literal::Null);
        let literals = || values.iter().filter(|value| **value != Literal::Null);
        let refused = |value: &Literal| format!("the value {value} cannot be compared with the type {data_type}");
        let values = match data_type {
            DataType::String | DataType::Binary => {
                let bytes = literals().map(|value| match (data_type, value) {
                    (DataType::String, Literal::String(text)) => Ok(text.clone().into_bytes()),
                    (DataType::Binary, Literal::Binary(bytes)) => Ok(bytes.clone()),
                    _ => Err(refused(value)),
                });
                Values::Bytes(Words::new(bytes.collect::<Result<_, _>>()?))
            }
            DataType::Bool => {
                let mut accepts = [false; 2];
                for value in literals() {
                    let Literal::Bool(flag) = value else { return Err(refused(value)) };
                    accepts[usize::from(*flag)] = true;
                }
                Values::Bools { accepts }
            }
            float if float.is_float() => {
                Values::Floats(literals().map(|value| float_literal(value, float)).collect::<Result<_, _>>()?)
            }
            _ => {
                let mut units = Vec::new();
                for value in literals() {
                    let cut = cut(value, data_type, context)?;
                    // A literal between two units is no value of this column.
                    if cut.exact {
                        units.push(cut.floor);
                    }
                }
                units.sort_unstable();
                Values::Units(units)
            }
        };
        Ok(Self { values, negated, lists_null })
    }

    /// Gives the listed units, ascending, of a type that counts in units.
    #[must_use]
    pub fn units(&self) -> Option<&[i128]> {
        match &self.values {
            Values::Units(units) => Some(units),
            _ => None,
        }
    }

    /// Gives the listed words of a list of text or bytes.
    #[must_use]
    pub fn into_words(self) -> Option<Words> {
        match self.values {
            Values::Bytes(words) => Some(words),
            _ => None,
        }
    }

    /// Marks the elements that break the list, whatever stands under NULL. `None` for an array of another type.
    #[must_use]
    pub fn failing(&self, array: &dyn Array) -> Option<Mask> {
        let negated = self.negated;
        match &self.values {
            Values::Units(units) => with_units!(array, values => Some(outside(units, values, negated)), None),
            Values::Floats(listed) => {
                let values = all_floats(array)?;
                // What is not finite is in no list of accepted values.
                let holds = |value: f64| value.is_finite() && listed.contains(&value);
                Some(Mask::from_fn(values.len(), |at| holds(values[at]) == negated))
            }
            Values::Bytes(words) => {
                if let Some(texts) = array.as_string_opt::<i32>() {
                    return Some(Mask::from_fn(texts.len(), |at| words.hold(texts.value(at).as_bytes()) == negated));
                }
                let bytes = array.as_binary_opt::<i32>()?;
                Some(Mask::from_fn(bytes.len(), |at| words.hold(bytes.value(at)) == negated))
            }
            Values::Bools { accepts } => {
                let flags = array.as_boolean_opt()?;
                Some(Mask::from_fn(flags.len(), |at| accepts[usize::from(flags.value(at))] == negated))
            }
        }
    }
}

fn outside<T: Unit>(units: &[i128], values: &[T], negated: bool) -> Mask {
    // Below this a scan beats a binary search.
    const SHORT: usize = 12;
    let listed: Vec<T> = units.iter().filter_map(|unit| T::try_from(*unit).ok()).collect();
    if listed.len() <= SHORT {
        Mask::from_fn(values.len(), |at| listed.contains(&values[at]) == negated)
    } else {
        Mask::from_fn(values.len(), |at| listed.binary_search(&values[at]).is_ok() == negated)
    }
}

/// Words sorted by length, then by bytes: most lookups are decided by the length alone.
#[derive(Debug, Clone, PartialEq)]
pub struct Words {
    words: Vec<Vec<u8>>,
    /// Where the words of each length begin, up to the longest and one beyond.
    starts: Vec<usize>,
}

impl Words {
    /// Sorts the words; repeated ones count once.
    #[must_use]
    pub fn new(mut words: Vec<Vec<u8>>) -> Self {
        words.sort_unstable_by(|a, b| a.len().cmp(&b.len()).then_with(|| a.cmp(b)));
        words.dedup();
        let longest = words.last().map_or(0, Vec::len);
        let starts = (0..=longest + 1).map(|len| words.partition_point(|word| word.len() < len)).collect();
        Self { words, starts }
    }

    /// Walks the words.
    pub fn iter(&self) -> impl Iterator<Item = &[u8]> {
        self.words.iter().map(Vec::as_slice)
    }

    /// Tells whether a word is among them.
    #[must_use]
    pub fn hold(&self, word: &[u8]) -> bool {
        let (Some(start), Some(end)) = (self.starts.get(word.len()), self.starts.get(word.len() + 1)) else {
            return false;
        };
        let same_length = &self.words[*start..*end];
        if same_length.len() <= 4 {
            same_length.iter().any(|listed| listed == word)
        } else {
            same_length.binary_search_by(|listed| listed.as_slice().cmp(word)).is_ok()
        }
    }
}

#[cfg(test)]
mod tests {
    use arrow_array::*;

    use super::*;

    const CONTEXT: Context = Context { today: 10, now: 0 };

    fn failing(values: &[Literal], negated: bool, data_type: &DataType, array: &dyn Array) -> Vec<usize> {
        OneOf::new(values, negated, data_type, &CONTEXT).unwrap().failing(array).unwrap().rows().collect()
    }

    #[test]
    fn words_are_found_by_length_and_bytes() {
        let list: Vec<Vec<u8>> = (0..40).map(|i| format!("w{i}").into_bytes()).collect();
        let words = Words::new(list.clone());
        assert!(list.iter().all(|word| words.hold(word)));
        assert!(!words.hold(b"w40") && !words.hold(b"") && !words.hold(b"w400") && !words.hold(b"W1"));
        assert!(!Words::new(Vec::new()).hold(b""));
        assert!(Words::new(vec![Vec::new()]).hold(b""));
    }

    #[test]
    fn every_type_has_its_list() {
        let texts = StringArray::from(vec!["EUR", "eur", "EURO"]);
        let listed = [Literal::String("EUR".into()), Literal::Null];
        assert_eq!(failing(&listed, false, &DataType::String, &texts), [1, 2]);
        assert_eq!(failing(&listed, true, &DataType::String, &texts), [0]);
        let numbers = Int16Array::from(vec![1, 2, 3]);
        let listed = [Literal::Int(1), Literal::Int(70_000), Literal::Decimal { unscaled: 30, scale: 1 }];
        assert_eq!(failing(&listed, false, &DataType::Int16, &numbers), [1]);
        let many: Vec<Literal> = (2..40).map(Literal::Int).collect();
        assert_eq!(failing(&many, false, &DataType::Int16, &numbers), [0]);
        let decimal = DataType::Decimal { precision: 5, scale: 2 };
        let prices = Decimal128Array::from(vec![0, 150]).with_precision_and_scale(5, 2).unwrap();
        assert_eq!(failing(&[Literal::Int(0)], true, &decimal, &prices), [0]);
        assert_eq!(failing(&[Literal::Decimal { unscaled: 15, scale: 1 }], false, &decimal, &prices), [0]);
        let floats = Float64Array::from(vec![0.5, f64::NAN, f64::INFINITY]);
        let listed = [Literal::Float(0.5), Literal::Float(f64::INFINITY)];
        assert_eq!(failing(&listed, false, &DataType::Float64, &floats), [1, 2]);
        let single = Float32Array::from(vec![0.1f32, 0.2]);
        assert_eq!(failing(&[Literal::Float(0.1)], false, &DataType::Float32, &single), [1]);
        let days = Date32Array::from(vec![10, 11]);
        assert_eq!(failing(&[Literal::Today], false, &DataType::Date, &days), [1]);
        let flags = BooleanArray::from(vec![true, false]);
        assert_eq!(failing(&[Literal::Bool(true)], false, &DataType::Bool, &flags), [1]);
        let bytes = BinaryArray::from_vec(vec![b"a", b"b"]);
        assert_eq!(failing(&[Literal::Binary(b"a".to_vec())], false, &DataType::Binary, &bytes), [1]);
    }

    #[test]
    fn a_value_of_another_type_is_refused() {
        assert!(OneOf::new(&[Literal::Int(1)], false, &DataType::String, &CONTEXT).is_err());
        assert!(OneOf::new(&[Literal::String("1".into())], false, &DataType::Int8, &CONTEXT).is_err());
    }
}
