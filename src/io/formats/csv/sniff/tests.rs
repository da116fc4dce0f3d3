//! Heads as they come, and heads that try to mislead.

use proptest::prelude::*;

use super::*;

fn of(text: &str) -> Sniffed {
    sniff(text.as_bytes(), true, Known::default())
}

/// Delimiter, quote, header, width.
fn brief(text: &str) -> (u8, Option<u8>, bool, usize) {
    let found = of(text);
    (found.spec.delimiter, found.spec.quote, found.spec.header, found.width)
}

const Q: Option<u8> = Some(b'"');

#[test]
fn usual_files() {
    for (text, want) in [
        ("id,name,amount\n1,a,2.5\n2,b,3.5\n", (b',', Q, true, 3)),
        ("id;name;amount\n1;a;2,5\n2;b;3,5\n", (b';', Q, true, 3)),
        ("id\tname\n1\ta b\n2\tc, d\n", (b'\t', Q, true, 2)),
        ("id|name\r\n1|a\r\n2|b\r\n", (b'|', Q, true, 2)),
        ("a\n1\n2\n3\n", (b',', Q, true, 1)),
        ("1,2\n3,4\n5,6\n", (b',', Q, false, 2)),
        ("id,d\n1,2026-01-31 12:30:00\n2,2026-02-01 08:15:00\n", (b',', Q, true, 2)),
        ("'id';'t'\n'1';'a;b'\n'2';'c'\n", (b';', Some(b'\''), true, 2)),
        ("", (b',', Q, true, 0)),
        ("\n\n", (b',', Q, true, 0)),
        ("name\n", (b',', Q, true, 1)),
    ] {
        assert_eq!(brief(text), want, "{text:?}");
    }
}

/// The cases of the csv-spectrum suite, in files of our own.
#[test]
fn a_spectrum() {
    for (text, width) in [
        ("first,last,address,city,zip\nJohn,Doe,120 any st.,\"Anytown, WW\",08123\n", 5),
        ("a,b\n1,\"ha \"\"ha\"\" ha\"\n3,4\n", 2),
        ("a,b,c\n1,\"\",\"\"\n2,3,4\n", 3),
        ("a,b\n1,\"{\"\"type\"\": \"\"Point\"\", \"\"coordinates\"\": [102.0, 0.5]}\"\n", 2),
        ("a,b,c\n1,2,3\n\"Once upon \na time\",5,6\n7,8,9\n", 3),
        ("a,b\n1,\"ha\r\n\"\"ha\"\"\r\nha\"\r\n3,4\r\n", 2),
        ("a,b,c\r\n1,2,3\r\n", 3),
        ("a,b,c\n1,2,3\n4,5,ʤ\n", 3),
        ("a,b,c\n1,2,3\n4,5,\n", 3),
    ] {
        let found = of(text);
        assert_eq!((found.spec.delimiter, found.width, found.regular), (b',', width, found.records), "{text:?}");
        assert_eq!(found.notes.len(), usize::from(!found.header_is_sure), "{:?}", found.notes);
    }
}

#[test]
fn a_bad_row_costs_its_own_vote_wherever_it_stands() {
    let rows: Vec<String> = (0..2000).map(|row| format!("{row},name {row},{row}.5,2026-01-02")).collect();
    for at in [0, 1, 5, 100, 1500, 1999] {
        for bad in
            ["9,a,1.5,2026-01-02,extra", "9,a", "9,\"unclosed,1.5,2026-01-02", "a;b;c;d;e;f;g", "\"", "9,a \"b\" c,1,2"]
        {
            let mut rows = rows.clone();
            bad.clone_into(&mut rows[at]);
            let text = format!("id,name,amount,day\n{}\n", rows.join("\n"));
            let found = sniff(text.as_bytes(), true, Known::default());
            assert_eq!(brief(&text), (b',', Q, true, 4), "{bad} at {at}: {:?}", found.notes);
            assert!(found.notes.is_empty(), "{:?}", found.notes);
        }
    }
}

#[test]
fn delimiters_inside_quotes_do_not_count() {
    let text = "name;quote\n".to_owned() + &"x;\"a, b, c, d, e\"\n".repeat(50);
    assert_eq!(brief(&text), (b';', Q, true, 2));
    let text = "q\n".to_owned() + &"\"a, b; c\"\n".repeat(50);
    assert_eq!(brief(&text), (b',', Q, true, 1));
}

#[test]
fn prose_and_names_are_one_column() {
    let text = "remark\nhello there\nwell, well, well\nI came; I saw\nno\nyes, no\nnothing here\n";
    assert_eq!(brief(text).3, 1);
    let text = "name\nMiller, Anna\nSmith, John\nWong, Li\n";
    assert_eq!(brief(text).3, 1);
}

#[test]
fn tables_without_header() {
    let tpch = "0|ALGERIA|0| haggle. carefully|\n1|ARGENTINA|1|al foxes, promise|\n2|BRAZIL|1|y alongside of|\n";
    let found = of(tpch);
    assert_eq!(
        (found.spec.delimiter, found.spec.header, found.spec.trailing_delimiter, found.width),
        (b'|', false, true, 4)
    );
    assert_eq!(found.notes.len(), 3, "{:?}", found.notes);
    let text = "alice,berlin\nbob,paris\ncarol,rome\ndave,oslo\n";
    assert_eq!((brief(text), of(text).header_is_sure), ((b',', Q, false, 2), false));
    assert_eq!(brief("berlin,x\nparis,y\nberlin,x\n"), (b',', Q, false, 2));
}

#[test]
fn headers_of_text() {
    assert!(of("sku,description\nab-c,some words\nde,more words\n").spec.header);
    assert!(of("COLA,COLB\nberlin,red wine\nparis,gin\n").spec.header);
    // Years above values are still values.
    assert!(!of("2019,2020\n1,2\n3,4\n").spec.header);
    // A header above a column with one bad cell.
    assert!(of("id,v\n1,2\n2,n/a\n3,4\n4,5\n5,6\n6,1\n7,3\n").spec.header);
}

#[test]
fn what_stands_above() {
    let found = of("Sales of 2026\nprinted by hand\n\nid,name,amount\n1,a,2\n2,b,3\n3,c,4\n");
    assert_eq!((found.spec.skip_lines, found.width, found.spec.header), (3, 3, true), "{:?}", found.notes);
    assert_eq!(found.names.unwrap()[0], "id");
    let found = of("# made by x\n# on monday\nid,name\n1,a\n2,b\n3,c\n4,d\n");
    assert_eq!((found.spec.comment, found.width, found.spec.header), (Some(b'#'), 2, true));
    assert_eq!(of("#id,name\n1,a\n2,b\n").spec.comment, None);
}

#[test]
fn escapes_and_bare_quotes() {
    let found = of("a,b\n1,\"say \\\"hi\\\", ok\"\n2,\"x\"\n3,\"\\\"y\\\"\"\n");
    assert_eq!((found.spec.escape, found.width), (Escape::Backslash, 2), "{found:?}");
    let rows: String = (0..40).map(|row| format!("{row},{row}\" disk\n")).collect();
    let found = of(&format!("id,size\n{rows}"));
    assert_eq!((found.spec.quote, found.width), (None, 2));
    let rows: String = (0..40).map(|row| format!("{row},{row}\" disk,\"a, b\"\n")).collect();
    let found = of(&format!("id,size,t\n{rows}"));
    assert_eq!((found.spec.quote, found.spec.quotes, found.width), (Q, Quotes::Lenient, 3));
}

#[test]
fn other_encodings() {
    let wide: Vec<u8> = "id;name\n1;ä\n2;ö\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let found = sniff(&wide, true, Known::default());
    assert_eq!((found.spec.encoding, found.spec.delimiter, found.width), (Encoding::Utf16Le, b';', 2));
    let marked: Vec<u8> = [0xFF, 0xFE].into_iter().chain(wide).collect();
    let found = sniff(&marked, true, Known::default());
    assert_eq!((found.spec.encoding, found.names), (Encoding::Auto, Some(vec!["id".to_owned(), "name".to_owned()])));
    let found = sniff(b"id;name\n1;\xE4pfel\n2;b\xF6se\n", true, Known::default());
    assert_eq!((found.spec.encoding, found.width), (Encoding::Latin1, 2));
}

#[test]
fn what_is_known_is_kept() {
    let known = Known { delimiter: Some(b'%'), header: Some(false) };
    let found = sniff(b"a%b\n1%2\n", true, known);
    assert_eq!((found.spec.delimiter, found.spec.header, found.width), (b'%', false, 2));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_bytes_have_a_dialect_that_reads(bytes in prop::collection::vec(any::<u8>(), 0..600), whole: bool) {
        let found = sniff(&bytes, whole, Known::default());
        prop_assert!(crate::io::formats::csv::Dialect::new(&found.spec).is_ok());
        prop_assert_eq!(&found, &sniff(&bytes, whole, Known::default()));
    }

    #[test]
    fn noise_of_separators_is_borne(text in "[a0,;|\t\"'\\\\\n\r #]{0,300}") {
        let found = sniff(text.as_bytes(), true, Known::default());
        prop_assert!(crate::io::formats::csv::Dialect::new(&found.spec).is_ok());
    }
}
