//! Digests in hexadecimal, in one case: 32 digits as MD5 gives, 40 as SHA-1, 64 as SHA-256.

use crate::analyze::semantic::Kind;

const fn kind(name: &'static str, title: &'static str, digits: usize) -> Kind {
    Kind { name, title, personal: false, format: None, length: (digits, digits), least: 1, holds }
}

pub const MD5: Kind = kind("md5", "MD5 digests", 32);
pub const SHA1: Kind = kind("sha1", "SHA-1 digests", 40);
pub const SHA256: Kind = kind("sha256", "SHA-256 digests", 64);

/// A number of as many digits is no digest.
fn holds(text: &str) -> bool {
    let lower = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    let upper = |byte: u8| byte.is_ascii_digit() || (b'A'..=b'F').contains(&byte);
    (text.bytes().all(lower) || text.bytes().all(upper)) && text.bytes().any(|byte| byte.is_ascii_alphabetic())
}
