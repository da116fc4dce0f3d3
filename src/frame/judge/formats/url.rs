//! `url`: `http`, `https` or `ftp` in any case, `://`, an optional user, a host, an optional port, and no blank or control
//! character anywhere. The host is a name (letters of any script), an IPv4 address or an IPv6 address in brackets.

use std::net::Ipv6Addr;

/// Tells whether text is such a URL.
pub fn holds(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once("://") else { return false };
    let known = ["http", "https", "ftp"].iter().any(|name| scheme.eq_ignore_ascii_case(name));
    if !known || rest.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return false;
    }
    let authority = rest.find(['/', '?', '#']).map_or(rest, |end| &rest[..end]);
    let place = authority.rsplit_once('@').map_or(authority, |(_, place)| place);
    if let Some(inner) = place.strip_prefix('[') {
        let Some((address, port)) = inner.split_once(']') else { return false };
        return address.parse::<Ipv6Addr>().is_ok() && (port.is_empty() || port.strip_prefix(':').is_some_and(is_port));
    }
    let (host, port) = place.split_once(':').map_or((place, None), |(host, port)| (host, Some(port)));
    is_host(host) && port.is_none_or(is_port)
}

fn is_port(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit()) && text.parse::<u16>().is_ok()
}

/// Letters and digits of any script, inner hyphens and underscores, in labels between dots; a final dot is allowed.
fn is_host(host: &str) -> bool {
    let host = host.strip_suffix('.').unwrap_or(host);
    host.len() <= 253
        && host.split('.').all(|label| {
            !label.is_empty()
                && label.len() <= 63
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '_')
        })
}

#[cfg(test)]
mod tests {
    #[test]
    fn good_and_bad() {
        for good in [
            "http://a.de",
            "HTTPS://example.com:8443/x?y=1#z",
            "ftp://user:pw@ftp.example.org/f",
            "http://localhost",
            "http://[::1]:80/",
            "https://bücher.example/ä",
            "http://1.2.3.4?x",
            "http://a.de.",
        ] {
            assert!(super::holds(good), "{good}");
        }
        for bad in [
            "a.de",
            "http://",
            "http:///x",
            "mailto:a@b.de",
            "http://a b.de",
            "http://a.de/x y",
            "http://a..de",
            "http://a.de:99999",
            "http://a.de:+1",
            "http://-a.de",
            "http://[::g]",
            "javascript://a",
            "http://a.de/\n",
            "http://[::1]x",
            "http://a.de:x",
        ] {
            assert!(!super::holds(bad), "{bad}");
        }
    }
}
