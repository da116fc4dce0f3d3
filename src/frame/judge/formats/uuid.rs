//! `uuid`: 8-4-4-4-12 hexadecimal digits, upper or lower case, any version; no braces and no `urn:`.

/// Tells whether text is a UUID.
pub fn holds(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

#[cfg(test)]
mod tests {
    #[test]
    fn good_and_bad() {
        for good in [
            "123e4567-e89b-12d3-a456-426614174000",
            "00000000-0000-0000-0000-000000000000",
            "ABCDEF01-2345-6789-abcd-EF0123456789",
        ] {
            assert!(super::holds(good), "{good}");
        }
        for bad in [
            "123e4567e89b12d3a456426614174000",
            "123e4567-e89b-12d3-a456-42661417400",
            "123e4567-e89b-12d3-a456-42661417400g",
            "{123e4567-e89b-12d3-a456-426614174000}",
            "123e4567-e89b-12d3-a4564-26614174000",
        ] {
            assert!(!super::holds(bad), "{bad}");
        }
    }
}
