//! Texts: blanks, control characters and other things that are easily overlooked, and both ends by bytes.

use crate::model::profile::FreeText;

/// Looks at one text that stands so often; gives its length in code points.
#[inline]
pub fn look(found: &mut FreeText, text: &[u8], weight: u64) -> usize {
    let (Some(first), Some(last)) = (text.first(), text.last()) else {
        found.empty += weight;
        return 0;
    };
    let blank = |byte: u8| byte == b' ' || byte == b'\t';
    if blank(*first) || blank(*last) {
        if text.iter().all(|byte| blank(*byte)) {
            found.blank += weight;
        } else {
            found.leading_blanks += if blank(*first) { weight } else { 0 };
            found.trailing_blanks += if blank(*last) { weight } else { 0 };
        }
    }
    // Over bytes without a branch, so that it goes by many at a time.
    let (mut control, mut wide, mut inside) = (0_u8, 0_u8, 0_usize);
    for byte in text {
        control |= u8::from(*byte < 0x20) | u8::from(*byte == 0x7F);
        wide |= *byte;
        inside += usize::from(*byte & 0xC0 == 0x80);
    }
    found.control += if control == 0 { 0 } else { weight };
    found.non_ascii += if wide & 0x80 == 0 { 0 } else { weight };
    let mut double = 0_u8;
    for (one, next) in text.iter().zip(text.get(1..).unwrap_or_default()) {
        double |= u8::from(*one == b' ') & u8::from(*next == b' ');
    }
    if double != 0 && text.trim_ascii().windows(2).any(|pair| pair == b"  ") {
        found.inner_blanks += weight;
    }
    text.len() - inside
}

/// Adds what was found in other rows.
pub const fn merge(found: &mut FreeText, other: &FreeText) {
    found.leading_blanks += other.leading_blanks;
    found.trailing_blanks += other.trailing_blanks;
    found.inner_blanks += other.inner_blanks;
    found.blank += other.blank;
    found.control += other.control;
    found.non_ascii += other.non_ascii;
    found.empty += other.empty;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn oddities_are_counted() {
        let mut found = FreeText::default();
        let lengths: Vec<usize> = [" a", "a ", "a  b", "  ", "é", "a\tb", "", "\ta\t"]
            .iter()
            .map(|text| look(&mut found, text.as_bytes(), 2))
            .collect();
        assert_eq!(lengths, [2, 2, 4, 2, 1, 3, 0, 3]);
        let expected = FreeText {
            leading_blanks: 4,
            trailing_blanks: 4,
            inner_blanks: 2,
            blank: 2,
            control: 4,
            non_ascii: 2,
            empty: 2,
        };
        assert_eq!(found, expected);
    }
}
