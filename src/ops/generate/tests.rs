//! Text written straight into records is the text that arrays give.

use crate::contract;
use crate::frame::drawn::Made;
use crate::frame::text::Text;
use crate::generate::generator::{Generator, Options};
use crate::io::formats::write::rows::RowWriter;
use crate::model::{Contract, Format, Result};

const SHOP: &str = r##"karat: 1
name: shop
tables:
  people:
    source: SOURCE
    columns:
      code: {type: string, required: true, generate: {template: "C{n:04}"}}
      name: {type: string, required: true, generate: {provider: person_name}}
      spanish: {type: string, required: true, generate: {provider: first_name, locale: es_ES}}
      email: {type: string, generate: {provider: email, null_rate: 0.2}}
      street: {type: string, required: true, generate: {provider: street, locale: de_DE}}
      address: {type: string, required: true, generate: {provider: address}}
      phone: {type: string, required: true, generate: {provider: phone}}
      plate: {type: string, required: true, pattern: "[A-Z]{2}[\"|][0-9]{2}"}
      number: {type: int32, required: true, minimum: -20000, maximum: 20000}
      born: {type: date, required: true, generate: {minimum: "1890-01-01", maximum: "2090-12-31"}}
      seen: {type: timestamp, required: true, generate: {minimum: "1949-12-31 00:00:00", maximum: "2050-01-02 00:00:00"}}
      price: {type: "decimal(9,2)", required: true, minimum: -2, maximum: 99999}
      NESTED
    generate: {rows: 700}
"##;

const NESTED: &str = r#"buyer: {type: string, required: true, references: people.code}
      tags: {type: list, required: true, min_items: 0, max_items: 9, items: {type: string, required: true, generate: {provider: color}}}
      home: {type: struct, required: true, fields: {city: {type: string, required: true, generate: {provider: city}}, flat: {type: int64, minimum: 1, maximum: 9}}}
      basket:
        type: list
        required: true
        min_items: 0
        max_items: 3
        items: {type: struct, fields: {what: {type: string, required: true, pattern: "[a-z\\\\]{3}"}, of: {type: string, required: true, references: people.code}, many: {type: int64, required: true, minimum: 1, maximum: 20000}}}"#;

fn shop(source: &str, nested: bool) -> Contract {
    let text = SHOP.replace("SOURCE", source).replace("NESTED", if nested { NESTED } else { "" });
    match contract::read(&text) {
        Ok(contract) => contract,
        Err(complaints) => panic!("{}", contract::diagnose::render("t", &text, &complaints, false)),
    }
}

/// Writes all rows both ways; gives what came of each, and how many columns wrote themselves.
fn both_ways(source: &str, format: Format, nested: bool) -> (Result<Vec<u8>>, Result<Vec<u8>>, usize) {
    let contract = shop(source, nested);
    let options = Options { seed: 5, as_of: 20_000, rows: Vec::new(), default_rows: 700, scale: 1.0 };
    let generator = Generator::new(&contract, &options).unwrap();
    let table = generator.table("people").unwrap();
    let writer = RowWriter::new(&contract.tables[0], format, &[]).unwrap();
    let batch = table.batch(0..700).unwrap();
    let slow = || {
        let mut text = Text::default();
        writer.rows(&batch)?.render(0..700, &mut text)?;
        Ok(text.into_bytes())
    };
    let columns = writer.settled(table.made(0..700).unwrap()).unwrap();
    let drawn = columns.iter().filter(|column| matches!(column, Made::Drawn(_))).count();
    let quick = || {
        let mut text = Text::default();
        writer.made(&columns)?.render(0..300, &mut text)?;
        writer.made(&columns)?.render(300..700, &mut text)?;
        Ok(text.into_bytes())
    };
    (quick(), slow(), drawn)
}

#[test]
fn both_ways_give_the_same_text() {
    let forms = [
        ("{format: csv}", Format::Csv, false, 5),
        ("{format: csv, delimiter: \" \"}", Format::Csv, false, 2),
        ("{format: csv, delimiter: \"|\", comment: \"#\", null_values: [\"NA\", \"ABCDEF\"]}", Format::Csv, false, 0),
        ("{format: csv, delimiter: \"-\", line_ending: crlf, trailing_delimiter: true}", Format::Csv, false, 3),
        ("{format: ndjson}", Format::Ndjson, true, 7),
        ("{format: json}", Format::Json, true, 7),
    ];
    for (source, format, nested, least) in forms {
        let (quick, slow, drawn) = both_ways(source, format, nested);
        let (quick, slow) = (quick.unwrap(), slow.unwrap());
        assert_eq!(String::from_utf8(quick).unwrap(), String::from_utf8(slow).unwrap(), "{source}");
        assert!(drawn >= least, "{source}: {drawn}");
    }
}

#[test]
fn what_an_encoding_lacks_is_refused_both_ways() {
    let (quick, slow, _) = both_ways("{format: csv, encoding: latin1}", Format::Csv, false);
    assert_eq!(quick.map_err(|error| error.to_string()), slow.map_err(|error| error.to_string()));
}
