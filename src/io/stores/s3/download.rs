//! Downloading: several objects at once, large ones by ranges, each as it was when it was looked at.

use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::stream::{self, StreamExt, TryStreamExt};
use object_store::{Error as StoreError, GetOptions, GetRange, ObjectMeta, ObjectStore, ObjectStoreExt};

use crate::io::stores::s3::store::Store;
use crate::model::{Error, ErrorKind, Result};

/// Bytes of one request.
const RANGE: u64 = 16 << 20;
/// Requests at once.
const AT_ONCE: usize = 8;

/// An object that was looked at, and the file its bytes go to.
pub struct Download {
    pub meta: ObjectMeta,
    pub path: PathBuf,
}

/// Makes sure that each object can be known again: listings of some stores give no tags. Objects that are gone are
/// left out: a listing shows folders as such.
///
/// # Errors
/// Where the store refuses.
pub fn pin(store: &Store, found: Vec<ObjectMeta>) -> Result<Vec<ObjectMeta>> {
    let look = |meta: ObjectMeta| async move {
        if meta.e_tag.is_some() && meta.size > 0 {
            return Ok(Some(meta));
        }
        match store.s3.head(&meta.location).await {
            Ok(meta) => Ok(Some(meta)),
            Err(StoreError::NotFound { .. }) => Ok(None),
            Err(error) => Err(store.reading(meta.location.as_ref(), &error)),
        }
    };
    let pinned: Vec<Option<ObjectMeta>> = store.wait(stream::iter(found).map(look).buffered(AT_ONCE).try_collect())?;
    Ok(pinned.into_iter().flatten().collect())
}

/// Downloads objects into new files.
///
/// # Errors
/// Where an object is no longer what it was, the store refuses, the disk is full, or a signal came.
pub fn download(store: &Store, wanted: &[Download], interrupted: Option<&AtomicBool>) -> Result<()> {
    // There may be more objects than a process may have open files.
    for one in wanted {
        File::create_new(&one.path).map_err(|error| Error::writing(&one.path, error))?;
    }
    let ranges = wanted.iter().flat_map(|one| {
        let starts = (0..one.meta.size.div_ceil(RANGE)).map(|number| number * RANGE);
        starts.map(move |from| (one, from, one.meta.size.min(from + RANGE)))
    });
    let copies = stream::iter(ranges).map(|(one, from, to)| range(store, one, from, to, interrupted));
    store.wait(copies.buffer_unordered(AT_ONCE).try_collect::<()>())?;
    for one in wanted {
        let length = fs::metadata(&one.path).map_err(|error| Error::writing(&one.path, error))?.len();
        if length != one.meta.size {
            return Err(changed(store, one));
        }
    }
    Ok(())
}

async fn range(store: &Store, one: &Download, from: u64, to: u64, interrupted: Option<&AtomicBool>) -> Result<()> {
    let meta = &one.meta;
    let whole = from == 0 && to == meta.size;
    let options = GetOptions {
        if_match: meta.e_tag.clone(),
        range: (!whole).then_some(GetRange::Bounded(from..to)),
        ..GetOptions::default()
    };
    let failed = |error: StoreError| match error {
        // What was there when it was listed is not missing but changed.
        StoreError::Precondition { .. } | StoreError::NotFound { .. } => changed(store, one),
        error => store.reading(meta.location.as_ref(), &error),
    };
    let answer = store.s3.get_opts(&meta.location, options).await.map_err(failed)?;
    // Not every store heeds `If-Match`.
    let now = &answer.meta;
    let same = match (&meta.e_tag, &now.e_tag) {
        (Some(before), Some(now)) => before == now,
        _ => meta.last_modified == now.last_modified,
    };
    if !same || now.size != meta.size || answer.range != (from..to) {
        return Err(changed(store, one));
    }
    let file = OpenOptions::new().write(true).open(&one.path).map_err(|error| Error::writing(&one.path, error))?;
    let (mut at, mut bytes) = (from, answer.into_stream());
    while let Some(piece) = bytes.next().await {
        if interrupted.is_some_and(|flag| flag.load(Ordering::Relaxed)) {
            return Err(Error::new(ErrorKind::Interrupted, "interrupted; nothing was committed"));
        }
        let piece = piece.map_err(failed)?;
        file.write_all_at(&piece, at).map_err(|error| Error::writing(&one.path, error))?;
        at += piece.len() as u64;
    }
    if at == to {
        return Ok(());
    }
    let key = meta.location.as_ref();
    Err(Error::input(format!("{}: {} of {} bytes came", store.url.of(key), at - from, to - from)))
}

fn changed(store: &Store, one: &Download) -> Error {
    Error::input(format!("{} changed while it was read", store.url.of(one.meta.location.as_ref())))
        .hint("Wait until it is complete, then run again; nothing was committed.")
}
