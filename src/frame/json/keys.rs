//! Keys: those of the objects that are open, to find the ones that stand in one object twice.

use std::borrow::Cow;

use crate::frame::batch::shorten;
use crate::frame::json::scan::Token;
use crate::frame::json::text;
use crate::model::{ParseCode, Why};

/// Up to so many keys are compared with each other; more are sorted.
const FEW: usize = 16;

/// Holds the keys of all open objects, outermost first.
#[derive(Debug, Default)]
pub(super) struct Keys<'t> {
    /// Escapes undone, and where each stands.
    list: Vec<(Cow<'t, [u8]>, usize)>,
    /// The first key that stands in its object again.
    duplicate: Option<Box<Why>>,
    /// Keys are not named in words: they may be personal.
    hidden: bool,
}

impl<'t> Keys<'t> {
    /// Never names a key in words that the contract does not name.
    pub(super) const fn hide(&mut self) {
        self.hidden = true;
    }

    /// Forgets all.
    pub(super) fn clear(&mut self) {
        self.list.clear();
        self.duplicate = None;
    }

    /// Gives the number of keys held, to be handed to [`Keys::close`] when the object that opens here closes.
    pub(super) const fn len(&self) -> usize {
        self.list.len()
    }

    /// Keeps a key of the innermost object.
    pub(super) fn note(&mut self, key: Token<'t>) {
        let content = if key.escaped {
            let mut undone = Vec::with_capacity(key.content.len());
            text::unescape(key.content, &mut undone);
            Cow::Owned(undone)
        } else {
            Cow::Borrowed(key.content)
        };
        self.list.push((content, key.at));
    }

    /// Closes an object: looks for equal keys among those noted since it opened, and forgets them.
    pub(super) fn close(&mut self, from: usize) {
        let found = match self.list.get_mut(from..) {
            None | Some([] | [_]) => None,
            Some(keys) if keys.len() <= FEW => {
                let again = (1..keys.len()).find(|later| keys[..*later].iter().any(|key| key.0 == keys[*later].0));
                again.and_then(|again| keys.get(again)).cloned()
            }
            Some(keys) => {
                keys.sort_unstable();
                let pairs = keys.array_windows().filter(|[one, other]| one.0 == other.0);
                pairs.map(|[_, again]| again).min_by_key(|again| again.1).cloned()
            }
        };
        self.list.truncate(from);
        if let Some((key, at)) = found {
            self.note_duplicate(Some(&key).filter(|_| !self.hidden).map(AsRef::as_ref), at);
        }
    }

    /// Notes a key that stands in its object again; of several the first in the text counts.
    #[cold]
    pub(super) fn note_duplicate(&mut self, key: Option<&[u8]>, at: usize) {
        let place = u64::try_from(at).ok();
        if self.duplicate.as_ref().is_none_or(|first| place < first.at) {
            let key = key.map_or_else(|| "a key".to_owned(), |key| format!("the key `{}`", shorten(key)));
            let detail = format!("{key} stands in one object again at byte {}", at + 1);
            self.duplicate = Some(Box::new(Why { code: ParseCode::JsonDuplicateKey, at: place, detail }));
        }
    }

    /// Takes the first duplicate key that was found.
    pub(super) const fn take_duplicate(&mut self) -> Option<Box<Why>> {
        self.duplicate.take()
    }
}
