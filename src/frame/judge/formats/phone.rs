//! `phone_e164`: `+`, a first digit from 1 to 9, and up to fifteen digits in all (two at least); no blanks, no hyphens.

/// Tells whether text is a number in the form of E.164.
pub fn holds(text: &str) -> bool {
    let Some(digits) = text.strip_prefix('+') else { return false };
    (2..=15).contains(&digits.len()) && !digits.starts_with('0') && digits.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    #[test]
    fn good_and_bad() {
        for good in ["+4930123456", "+12025550123", "+123456789012345"] {
            assert!(super::holds(good), "{good}");
        }
        for bad in ["4930123456", "+04930123456", "+1234567890123456", "+49 30 123456", "+49-30", "+", "+4", "++49301"]
        {
            assert!(!super::holds(bad), "{bad}");
        }
    }
}
