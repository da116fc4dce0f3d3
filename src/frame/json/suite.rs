//! The grammar of RFC 8259 as cases, and the files of JSONTestSuite where they lie beside the project.

use std::path::Path;

use crate::frame::json::validate;
use crate::model::ParseCode;

const DEPTH: u32 = 500;

fn code(text: &[u8]) -> Option<ParseCode> {
    validate(text, DEPTH).err().map(|why| why.code)
}

#[test]
fn texts_of_the_grammar_are_accepted() {
    for text in [
        "null",
        "true",
        "false",
        "0",
        "-0",
        "12",
        "-1.5",
        "1e5",
        "1E+5",
        "1.25e-10",
        "\"\"",
        "[]",
        "{}",
        " \t\r\n[] \n",
        r#""\"\\\/\b\f\n\r\t\u00e9\ud834\udd1e""#,
        "\"\u{7f}é𝄞\u{ffff}\u{2028}\"",
        "[1,[2,{\"a\":[]}],{}]",
        "{\"a\":1,\"b\":{\"c\":null}}",
        "{\"a\":1,\"a\":2}",
        "{\"\":0}",
        "[1 , 2\n]",
        "{ \"a\" : 1 , \"b\" : 2 }",
        "123456789012345678901234567890.123456789e999999999",
    ] {
        assert_eq!(code(text.as_bytes()), None, "{text}");
    }
}

#[test]
fn other_texts_are_refused() {
    use ParseCode::{InvalidUtf8, JsonSyntax, JsonTruncated};
    for (text, wanted) in [
        ("", JsonTruncated),
        (" ", JsonTruncated),
        ("nul", JsonTruncated),
        ("[", JsonTruncated),
        ("{\"a\"", JsonTruncated),
        ("\"a", JsonTruncated),
        ("\"\\", JsonTruncated),
        ("\"\\u12", JsonTruncated),
        ("\"\\ud800", JsonTruncated),
        ("\"\\ud800\\u", JsonTruncated),
        ("-", JsonTruncated),
        ("1.", JsonTruncated),
        ("1e+", JsonTruncated),
        ("nulL", JsonSyntax),
        ("True", JsonSyntax),
        ("01", JsonSyntax),
        ("+1", JsonSyntax),
        (".5", JsonSyntax),
        ("1.e1", JsonSyntax),
        ("0x1", JsonSyntax),
        ("NaN", JsonSyntax),
        ("Infinity", JsonSyntax),
        ("'a'", JsonSyntax),
        ("\"\\x41\"", JsonSyntax),
        ("\"\\u00zz\"", JsonSyntax),
        ("\"a\tb\"", JsonSyntax),
        ("\"a\nb\"", JsonSyntax),
        ("\"\\ud800\"", JsonSyntax),
        ("\"\\udc00\"", JsonSyntax),
        ("\"\\ud800\\u0041\"", JsonSyntax),
        ("[1,]", JsonSyntax),
        ("[,1]", JsonSyntax),
        ("[1 2]", JsonSyntax),
        ("[1}", JsonSyntax),
        ("{\"a\":1,}", JsonSyntax),
        ("{a:1}", JsonSyntax),
        ("{\"a\" 1}", JsonSyntax),
        ("{1:1}", JsonSyntax),
        ("[]]", JsonSyntax),
        ("{} {}", JsonSyntax),
        ("[1] // no", JsonSyntax),
        ("\u{feff}[]", JsonSyntax),
        ("\0", JsonSyntax),
        ("[\u{a0}1]", JsonSyntax),
        ("[1\u{c}]", JsonSyntax),
    ] {
        assert_eq!(code(text.as_bytes()), Some(wanted), "{text:?}");
    }
    for text in [&b"\"\xff\""[..], b"\"\xc3\"", b"\"\xed\xa0\x80\"", b"\"\xc0\xaf\"", b"[\xe2\x82"] {
        assert_eq!(code(text), Some(InvalidUtf8), "{text:?}");
    }
}

#[test]
fn the_byte_is_named() {
    let why = validate(b"{\"a\": 1 x}", DEPTH).expect_err("junk");
    assert_eq!((why.at, why.detail.as_str()), (Some(8), "`x` stands at byte 9 where a comma or `}` is expected"));
    let why = validate(b"{\"a\": \"\0\"}", DEPTH).expect_err("NUL");
    assert_eq!(why.at, Some(7));
    assert!(why.detail.contains("0x00"), "{}", why.detail);
    let why = validate(b"[\"\\uDEAD\"]", DEPTH).expect_err("lone");
    assert!(why.detail.contains("\\uDEAD"), "{}", why.detail);
}

#[test]
fn depth_is_counted_not_felt() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let deep = |levels: usize| format!("{}1{}", open.repeat(levels), close.repeat(levels));
        assert_eq!(code(deep(DEPTH as usize).as_bytes()), None);
        assert_eq!(code(deep(DEPTH as usize + 1).as_bytes()), Some(ParseCode::JsonDepth));
        assert_eq!(code(deep(100_000).as_bytes()), Some(ParseCode::JsonDepth));
        assert!(validate(deep(100_000).as_bytes(), u32::MAX).is_ok());
        assert!(validate(open.repeat(100_000).as_bytes(), u32::MAX).is_err());
    }
}

/// Judges every file of the suite, if it is there.
#[test]
fn json_test_suite() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/suites/JSONTestSuite/test_parsing");
    let Ok(files) = std::fs::read_dir(folder) else { return };
    let mut wrong = Vec::new();
    for file in files {
        let path = file.expect("entry").path();
        let name = path.file_name().expect("name").to_string_lossy().into_owned();
        let accepted = validate(&std::fs::read(&path).expect("readable"), DEPTH).is_ok();
        if name.starts_with("y_") && !accepted || name.starts_with("n_") && accepted {
            wrong.push(name);
        }
    }
    assert!(wrong.is_empty(), "{wrong:?}");
}
