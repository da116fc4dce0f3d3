//! Addresses: `s3://bucket/key`. The key is taken as it is written: nothing in it is percent-decoded.

use std::fmt;

use crate::model::{Error, Result};

/// A bucket, and a key, prefix or pattern in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Url {
    pub bucket: String,
    /// Without a slash at the start.
    pub key: String,
}

impl Url {
    /// Reads an address.
    ///
    /// # Errors
    /// A usage error where it is none.
    pub fn parse(text: &str) -> Result<Self> {
        let form = || "Write s3://BUCKET/KEY; credentials come from the environment or ~/.aws, never from the address.";
        let Some(rest) = text.strip_prefix("s3://") else {
            return Err(Error::usage("this is no address of an object store").hint(form()));
        };
        let (bucket, key) = rest.split_once('/').unwrap_or((rest, ""));
        // What stands before the first slash is a name: a password written there must not be shown.
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
        if bucket.is_empty() || bucket.len() > 255 || !bucket.bytes().all(plain) {
            return Err(Error::usage("the address s3://… names no bucket").hint(form()));
        }
        Ok(Self { bucket: bucket.to_owned(), key: key.to_owned() })
    }

    /// Gives the address of another key in the bucket.
    #[must_use]
    pub fn of(&self, key: &str) -> String {
        format!("s3://{}/{key}", self.bucket)
    }
}

impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.of(&self.key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read() {
        for (text, bucket, key) in [
            ("s3://b/k", "b", "k"),
            ("s3://my.bucket-1/a/b=c%20/*.csv", "my.bucket-1", "a/b=c%20/*.csv"),
            ("s3://b", "b", ""),
            ("s3://b/", "b", ""),
        ] {
            let url = Url::parse(text).unwrap();
            assert_eq!((url.bucket.as_str(), url.key.as_str()), (bucket, key));
        }
    }

    #[test]
    fn others_are_refused_and_not_shown() {
        for text in ["s3://", "s3:///k", "s3://me:canary@b/k", "s3://b c/k", "http://canary/x"] {
            let error = Url::parse(text).unwrap_err();
            assert!(!format!("{error} {:?}", error.hints).contains("canary"), "{error}");
        }
    }
}
