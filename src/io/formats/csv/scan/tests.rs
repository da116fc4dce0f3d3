//! Every level finds the same needles.

use proptest::prelude::*;

use crate::io::formats::csv::scan::{Level, Needles, Stop, Tape};

fn scan(level: Level, text: &[u8], from: usize) -> Tape {
    let mut tape = Tape::default();
    tape.scan(level, Needles { delimiter: b',', quote: Some(b'"') }, text, from, usize::MAX);
    tape
}

#[test]
fn separators_in_quotes_are_none() {
    let text = b"a,\"b,\n\"\"c\",d\r\ne,,\n\"x\"y,";
    for level in Level::available() {
        let tape = scan(level, text, 0);
        assert_eq!(tape.marks, [0, 2, 11, 14, 16, 17, 18], "{level:?}");
        assert!(tape.carriages && tape.stopped);
        assert_eq!(tape.stops, [Stop { index: 3, lines: 2 }, Stop { index: 6, lines: 1 }]);
        assert_eq!(tape.doubled, [6]);
    }
}

#[test]
fn the_scan_stops_where_quotes_are_not_sure() {
    for text in ["a,b\"c\n", "a\n\"b\"c\n", "a\rb\n", "a\n\"b\r\"\n", "\"a\"\rb\n"] {
        for filler in 0..70 {
            let text = [&vec![b'x'; filler][..], b",1\n", text.as_bytes(), b"z,z\n"].concat();
            let scans = Level::available().into_iter().map(|level| scan(level, &text, 0));
            for tape in scans {
                let last = tape.stops.last().map_or(0, |stop| tape.marks[stop.index as usize] as usize);
                assert!(last < text.len() - 3, "{filler} {:?}", String::from_utf8_lossy(&text));
            }
        }
    }
}

proptest! {
    #[test]
    fn levels_agree(
        text in proptest::collection::vec(prop_oneof![4 => Just(b'a'), 2 => Just(b','), 2 => Just(b'\n'),
            1 => Just(b'"'), 1 => Just(b'\r'), 1 => any::<u8>()], 0..300),
        from in 0_usize..80,
    ) {
        let from = from.min(text.len());
        let portable = scan(Level::Portable, &text, from);
        for level in Level::available() {
            prop_assert_eq!(&portable, &scan(level, &text, from), "{:?}", level);
        }
    }
}
