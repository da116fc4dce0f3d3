//! `email`: a practical address, as forms accept it: one `@`, before it 1 to 64 characters of a dot-atom (RFC 5322), behind it
//! a domain of at least two labels whose last has two letters or more. ASCII only; no quotes, comments or IP addresses.

/// Tells whether text is an address.
pub fn holds(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else { return false };
    text.len() <= 254
        && (1..=64).contains(&local.len())
        && local.split('.').all(|atom| !atom.is_empty() && atom.bytes().all(is_atom))
        && is_domain(domain)
}

const fn is_atom(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(
            byte,
            b'!' | b'#'
                | b'$'
                | b'%'
                | b'&'
                | b'\''
                | b'*'
                | b'+'
                | b'/'
                | b'='
                | b'?'
                | b'^'
                | b'_'
                | b'`'
                | b'{'
                | b'|'
                | b'}'
                | b'~'
                | b'-'
        )
}

fn is_domain(domain: &str) -> bool {
    let Some((_, last)) = domain.rsplit_once('.') else { return false };
    let real_last =
        last.len() >= 2 && (last.starts_with("xn--") || last.bytes().all(|byte| byte.is_ascii_alphabetic()));
    real_last && domain.len() <= 253 && domain.split('.').all(is_label)
}

/// Tells whether text is a label of a domain: letters, digits and inner hyphens, up to 63.
pub fn is_label(label: &str) -> bool {
    (1..=63).contains(&label.len())
        && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        && !label.starts_with('-')
        && !label.ends_with('-')
}

#[cfg(test)]
mod tests {
    #[test]
    fn good_and_bad() {
        let long = format!("{}@example.com", "a".repeat(64));
        for good in ["a@b.de", "first.last+tag@sub.example.co.uk", "o'neil@x-y.org", "x@xn--bcher-kva.xn--p1ai", &long]
        {
            assert!(super::holds(good), "{good}");
        }
        let too_long = format!("a{long}");
        for bad in [
            "a",
            "@b.de",
            "a@",
            "a@b",
            "a@b.c",
            "a@@b.de",
            "a@b@c.de",
            ".a@b.de",
            "a.@b.de",
            "a..b@c.de",
            "a@-b.de",
            "a@b-.de",
            "a@b..de",
            "a@.de",
            "a@b.de.",
            "a@b.123",
            "a b@c.de",
            "ä@b.de",
            "\"a\"@b.de",
            &too_long,
        ] {
            assert!(!super::holds(bad), "{bad}");
        }
    }
}
