//! One JSON record as leaves, in one pass and without building it.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};

use crate::analyze::profile::kinds::Origin;
use crate::analyze::profile::leaves::Leaves;
use crate::model::ParseCode;

/// Walks a record's leaves into `leaves`. Numbers with a point are written as the shortest text of their float.
///
/// # Errors
/// The code, the byte and the words of what is wrong; some leaves may have been taken by then.
pub fn walk(text: &[u8], row: usize, max_depth: u32, leaves: &mut Leaves) -> Result<(), (ParseCode, u64, String)> {
    let first = text.iter().find(|byte| !byte.is_ascii_whitespace());
    if first != Some(&b'{') && serde_json::from_slice::<serde::de::IgnoredAny>(text).is_ok() {
        return Err((ParseCode::JsonNotObject, 0, String::from("the record is not an object")));
    }
    let mut path = String::new();
    let mut deserializer = serde_json::Deserializer::from_slice(text);
    let node = Node { path: &mut path, row, depth: max_depth, leaves };
    let walked = node.deserialize(&mut deserializer).and_then(|()| deserializer.end());
    walked.map_err(|error| {
        let code = match error.classify() {
            _ if std::str::from_utf8(text).is_err() => ParseCode::InvalidUtf8,
            serde_json::error::Category::Eof => ParseCode::JsonTruncated,
            serde_json::error::Category::Data => ParseCode::JsonDepth,
            _ => ParseCode::JsonSyntax,
        };
        let lines: usize =
            text.split_inclusive(|byte| *byte == b'\n').take(error.line().saturating_sub(1)).map(<[u8]>::len).sum();
        let at = (lines + error.column().saturating_sub(1)) as u64;
        (code, at, error.to_string())
    })
}

struct Node<'a> {
    path: &'a mut String,
    row: usize,
    depth: u32,
    leaves: &'a mut Leaves,
}

impl Node<'_> {
    fn put(&mut self, value: &[u8], origin: Option<Origin>) {
        self.leaves.put(self.path, self.row, value, origin);
    }

    fn inner(&mut self) -> Node<'_> {
        Node { path: self.path, row: self.row, depth: self.depth - 1, leaves: self.leaves }
    }
}

impl<'de> DeserializeSeed<'de> for Node<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Node<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E>(mut self, value: bool) -> Result<(), E> {
        self.put(if value { b"true" } else { b"false" }, Some(Origin::Typed));
        Ok(())
    }

    fn visit_i64<E>(mut self, value: i64) -> Result<(), E> {
        self.put(itoa::Buffer::new().format(value).as_bytes(), Some(Origin::Typed));
        Ok(())
    }

    fn visit_u64<E>(mut self, value: u64) -> Result<(), E> {
        self.put(itoa::Buffer::new().format(value).as_bytes(), Some(Origin::Typed));
        Ok(())
    }

    fn visit_f64<E>(mut self, value: f64) -> Result<(), E> {
        self.put(value.to_string().as_bytes(), Some(Origin::Typed));
        Ok(())
    }

    fn visit_str<E>(mut self, value: &str) -> Result<(), E> {
        self.put(value.as_bytes(), Some(Origin::String));
        Ok(())
    }

    fn visit_unit<E>(mut self) -> Result<(), E> {
        self.put(&[], None);
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut elements: A) -> Result<(), A::Error> {
        if self.depth == 0 {
            return Err(A::Error::custom("values are nested too deeply"));
        }
        self.leaves.place(self.path);
        let length = self.path.len();
        self.path.push_str("[]");
        let mut count = 0_u64;
        while elements.next_element_seed(self.inner())?.is_some() {
            count += 1;
        }
        if let Some(own) = self.leaves.elements.get_mut(self.path.as_str()) {
            *own += count;
        } else {
            self.leaves.elements.insert(self.path.clone(), count);
        }
        self.path.truncate(length);
        self.put(itoa::Buffer::new().format(count).as_bytes(), Some(Origin::List));
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut fields: A) -> Result<(), A::Error> {
        if self.depth == 0 {
            return Err(A::Error::custom("values are nested too deeply"));
        }
        let length = self.path.len();
        while let Some(key) = fields.next_key::<std::borrow::Cow<'_, str>>()? {
            if length > 0 {
                self.path.push('.');
            }
            self.path.push_str(&key);
            fields.next_value_seed(self.inner())?;
            self.path.truncate(length);
        }
        Ok(())
    }
}
