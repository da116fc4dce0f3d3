//! `ean13`: thirteen digits, the last of them the check digit (GS1).

/// Tells whether text is an EAN-13 with the right check digit.
pub fn holds(text: &str) -> bool {
    if text.len() != 13 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return false;
    }
    let sum: u32 =
        text.bytes().zip([1, 3].into_iter().cycle()).map(|(byte, weight)| u32::from(byte - b'0') * weight).sum();
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    #[test]
    fn good_and_bad() {
        for good in ["4006381333931", "5901234123457", "0000000000000", "9780306406157"] {
            assert!(super::holds(good), "{good}");
        }
        for bad in ["4006381333932", "400638133393", "40063813339310", "400638133393X", "4006381333-31"] {
            assert!(!super::holds(bad), "{bad}");
        }
    }
}
