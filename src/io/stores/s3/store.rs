//! A bucket: listing, reading, writing and removing objects, each call waiting for its end.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;

use bytes::Bytes;
use futures_util::stream::{self, StreamExt, TryStreamExt};
use object_store::aws::AmazonS3;
use object_store::list::{PaginatedListOptions, PaginatedListStore};
use object_store::multipart::MultipartStore;
use object_store::path::Path as Key;
use object_store::{Error as StoreError, ObjectMeta, ObjectStore, ObjectStoreExt, PutMode, PutOptions, PutPayload};
use tokio::runtime::Runtime;

use crate::io::stores::s3::error::Place;
use crate::io::stores::s3::settings;
use crate::io::stores::s3::url::Url;
use crate::model::{Access, Error, ErrorKind, Result};

/// An object that is not longer goes up in one request.
const WHOLE: u64 = 8 << 20;
/// A piece of a longer one, at least; S3 takes 10,000 of them.
const PIECE: u64 = 8 << 20;
const PIECES: u64 = 9_000;
/// Pieces of one object, and objects, on their way at once: 64 MiB in memory at most for objects below 72 GiB.
const PIECES_AT_ONCE: usize = 4;
const OBJECTS_AT_ONCE: usize = 2;

/// A bucket that is connected to.
pub struct Store {
    pub s3: AmazonS3,
    pub place: Place,
    pub url: Url,
    runtime: Runtime,
}

/// What came of putting an object that must not be there yet.
pub enum Created {
    Yes,
    /// Another is there.
    Taken,
    /// It was refused: it is certain that it was not put.
    Refused(Error),
    /// The answer was lost.
    Unknown(Error),
}

impl Store {
    /// Prepares; nothing is asked of the store yet.
    ///
    /// # Errors
    /// Where the settings are wrong.
    pub fn open(url: Url, access: &Access) -> Result<Self> {
        let settings = settings::resolve(access, &url.bucket)?;
        let place = Place {
            bucket: url.bucket.clone(),
            endpoint: settings.endpoint,
            identity: settings.identity,
            secrets: settings.secrets,
        };
        let built = settings.builder.build();
        let s3 =
            built.map_err(|error| place.failed(ErrorKind::Usage, "the settings of the store are wrong", &error))?;
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).thread_name("s3").enable_all().build();
        let runtime = runtime.map_err(|error| Error::output("cannot start a thread").because(error))?;
        Ok(Self { s3, place, url, runtime })
    }

    /// Waits for a request's end.
    pub fn wait<T>(&self, request: impl Future<Output = T>) -> T {
        self.runtime.block_on(request)
    }

    /// Makes a key of text.
    ///
    /// # Errors
    /// Where the store cannot be asked for it.
    pub fn key(&self, text: &str) -> Result<Key> {
        Key::parse(text).ok().filter(|key| key.as_ref() == text).ok_or_else(|| {
            Error::usage(format!("{} cannot be asked for", self.url.of(text)))
                .hint("A key has no empty, `.` or `..` folder, no slash at its ends, and no control character.")
        })
    }

    /// Lists the objects whose keys begin so, at most `limit`, sorted by key.
    ///
    /// # Errors
    /// Where the store refuses.
    pub fn list(&self, prefix: &str, limit: usize) -> Result<Vec<ObjectMeta>> {
        let failed = |error: StoreError| {
            let what = format!("cannot list {}", self.url.of(prefix));
            self.place.failed(ErrorKind::Input, &what, &error)
        };
        let mut found = Vec::new();
        let mut page_token = None;
        loop {
            let options = PaginatedListOptions { page_token, ..PaginatedListOptions::default() };
            let page = self.wait(self.s3.list_paginated(Some(prefix), options)).map_err(failed)?;
            found.extend(page.result.objects);
            page_token = page.page_token;
            if page_token.is_none() || found.len() >= limit {
                break;
            }
        }
        found.sort_by(|a, b| a.location.as_ref().cmp(b.location.as_ref()));
        found.truncate(limit);
        Ok(found)
    }

    /// Looks at an object; `None` where it is not there.
    ///
    /// # Errors
    /// Where the store refuses.
    pub fn look(&self, key: &str) -> Result<Option<ObjectMeta>> {
        match self.wait(self.s3.head(&self.key(key)?)) {
            Ok(meta) => Ok(Some(meta)),
            Err(StoreError::NotFound { .. }) => Ok(None),
            Err(error) => Err(self.reading(key, &error)),
        }
    }

    /// Reads a small object; `None` where it is not there.
    ///
    /// # Errors
    /// Where the store refuses.
    pub fn read(&self, key: &str) -> Result<Option<Bytes>> {
        let path = self.key(key)?;
        let read = async { self.s3.get(&path).await?.bytes().await };
        match self.wait(read) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if is_missing(&error) => Ok(None),
            Err(error) => Err(self.reading(key, &error)),
        }
    }

    /// Says that an object cannot be read.
    #[must_use]
    pub fn reading(&self, key: &str, error: &StoreError) -> Error {
        self.place.failed(ErrorKind::Input, &format!("cannot read {}", self.url.of(key)), error)
    }

    /// Puts a small object, in the place of one that is there.
    ///
    /// # Errors
    /// Where the store refuses.
    pub fn put(&self, key: &str, bytes: Vec<u8>) -> Result<()> {
        let put = self.wait(self.s3.put(&self.key(key)?, PutPayload::from(bytes)));
        put.map(|_| ()).map_err(|error| self.writing(key, &error))
    }

    fn writing(&self, key: &str, error: &StoreError) -> Error {
        self.place.failed(ErrorKind::Output, &format!("cannot write {}", self.url.of(key)), error)
    }

    /// Puts a small object where none is.
    pub fn create(&self, key: &str, bytes: Vec<u8>) -> Created {
        let path = match self.key(key) {
            Ok(path) => path,
            Err(error) => return Created::Refused(error),
        };
        let options = PutOptions { mode: PutMode::Create, ..PutOptions::default() };
        match self.wait(self.s3.put_opts(&path, PutPayload::from(bytes), options)) {
            Ok(_) => Created::Yes,
            Err(StoreError::AlreadyExists { .. } | StoreError::Precondition { .. }) => Created::Taken,
            Err(error) => {
                let certain = matches!(
                    error,
                    StoreError::PermissionDenied { .. }
                        | StoreError::Unauthenticated { .. }
                        | StoreError::NotFound { .. }
                        | StoreError::NotImplemented { .. }
                        | StoreError::NotSupported { .. }
                        | StoreError::InvalidPath { .. }
                );
                let error = self.writing(key, &error);
                if certain { Created::Refused(error) } else { Created::Unknown(error) }
            }
        }
    }

    /// Uploads files, several at a time, and makes sure of their lengths. What was put before an error stays.
    ///
    /// # Errors
    /// Where a file cannot be read, the store refuses, or holds another length than was sent.
    pub fn upload(&self, files: &[(PathBuf, String)]) -> Result<()> {
        let uploads = stream::iter(files).map(|(path, key)| self.upload_one(path, key));
        self.wait(uploads.buffer_unordered(OBJECTS_AT_ONCE).try_collect())
    }

    async fn upload_one(&self, path: &PathBuf, key: &str) -> Result<()> {
        let reading = |error| Error::reading(path, error);
        let writing = |error: StoreError| self.writing(key, &error);
        let place = self.key(key)?;
        let file = File::open(path).map_err(reading)?;
        let length = file.metadata().map_err(reading)?.len();
        if length <= WHOLE {
            let bytes = piece(&file, 0, length).map_err(reading)?;
            self.s3.put(&place, PutPayload::from(bytes)).await.map_err(writing)?;
        } else {
            let id = self.s3.create_multipart(&place).await.map_err(writing)?;
            let size = PIECE.max(length.div_ceil(PIECES));
            let (file, place, id) = (&file, &place, &id);
            let pieces = stream::iter(0..length.div_ceil(size)).map(|number| async move {
                let from = number * size;
                let bytes = piece(file, from, size.min(length - from)).map_err(|error| Error::reading(path, error))?;
                let index = usize::try_from(number).unwrap_or(usize::MAX);
                let put = self.s3.put_part(place, id, index, PutPayload::from(bytes)).await;
                put.map_err(|error| self.writing(key, &error))
            });
            let put: Result<Vec<_>> = pieces.buffered(PIECES_AT_ONCE).try_collect().await;
            let ended = match put {
                Ok(ids) => self.s3.complete_multipart(place, id, ids).await.map(|_| ()).map_err(writing),
                Err(error) => Err(error),
            };
            if let Err(error) = ended {
                // Pieces of an upload that never ends cost money and are not seen in a listing.
                let _ = self.s3.abort_multipart(place, id).await;
                return Err(error);
            }
        }
        let there = self.s3.head(&place).await.map_err(|error| self.reading(key, &error))?.size;
        if there == length {
            return Ok(());
        }
        Err(Error::output(format!("{} holds {there} bytes after {length} were sent", self.url.of(key))))
    }

    /// Removes objects; those that are not there are no error.
    ///
    /// # Errors
    /// Where the store refuses.
    pub fn remove(&self, keys: &[String]) -> Result<()> {
        let places: Vec<_> = keys.iter().map(|key| self.key(key)).collect::<Result<_>>()?;
        let removed = self.s3.delete_stream(stream::iter(places.into_iter().map(Ok)).boxed());
        let removed = self.wait(removed.try_for_each(|_| std::future::ready(Ok(()))));
        match removed {
            Err(error) if !matches!(error, StoreError::NotFound { .. }) => {
                let what = format!("cannot remove objects of {}", self.url);
                Err(self.place.failed(ErrorKind::Output, &what, &error))
            }
            _ => Ok(()),
        }
    }
}

/// Tells whether an object is missing, and not its whole bucket.
#[must_use]
pub fn is_missing(error: &StoreError) -> bool {
    matches!(error, StoreError::NotFound { source, .. } if !source.to_string().contains("NoSuchBucket"))
}

fn piece(file: &File, from: u64, length: u64) -> std::io::Result<Vec<u8>> {
    let mut bytes = vec![0; usize::try_from(length).unwrap_or(usize::MAX)];
    file.read_exact_at(&mut bytes, from)?;
    Ok(bytes)
}
