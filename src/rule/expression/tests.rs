//! What parses to what, and what is refused where.

use proptest::prelude::*;

use crate::model::expr::FUNCTIONS;
use crate::model::{BinaryOp, Column, DataType, Expr, Expression, Function, Literal, SourceSpec, Table, UnaryOp};
use crate::rule::expression::{Trouble, parse};

fn table() -> Table {
    let decimal = |precision, scale| DataType::Decimal { precision, scale };
    let item = Column::new("item", DataType::Struct(vec![Column::new("price", DataType::Int64)]));
    let columns = [
        ("id", DataType::Int64),
        ("Big", DataType::UInt64),
        ("tiny", DataType::Int8),
        ("price", decimal(12, 2)),
        ("cost", decimal(12, 4)),
        ("wide", decimal(38, 20)),
        ("ratio", DataType::Float64),
        ("single", DataType::Float32),
        ("name", DataType::String),
        ("NAME", DataType::String),
        ("ok", DataType::Bool),
        ("day", DataType::Date),
        ("at", DataType::Timestamp),
        ("atz", DataType::TimestampTz),
        ("clock", DataType::Time),
        ("bytes", DataType::Binary),
        ("basket", DataType::List(Box::new(item))),
        ("unit price", DataType::Int32),
        ("größe", DataType::Int32),
    ];
    Table {
        name: "sales".into(),
        description: None,
        source: SourceSpec::default(),
        primary_key: None,
        columns: columns.into_iter().map(|(name, data_type)| Column::new(name, data_type)).collect(),
        rules: Vec::new(),
        generation: crate::model::TableGeneration::default(),
    }
}

fn good(text: &str) -> Expression {
    parse(text, &table(), false).unwrap_or_else(|trouble| panic!("{text}: {trouble:?}"))
}

fn bad(text: &str) -> Trouble {
    match parse(text, &table(), true) {
        Ok(expression) => panic!("{text}: {expression:?}"),
        Err(trouble) => trouble,
    }
}

fn column(name: &str) -> Expr {
    Expr::Column(table().column_index(name).unwrap())
}

fn type_of(text: &str) -> String {
    good(text).data_type.to_string()
}

#[test]
fn names_mean_columns() {
    assert_eq!(good("price").root, column("price"));
    assert_eq!(good("PRICE").root, column("price"));
    assert_eq!(good("name").root, column("name"));
    assert_eq!(good("\"NAME\"").root, column("NAME"));
    assert_eq!(good("BIG").root, column("Big"));
    assert_eq!(good("sales.price").root, column("price"));
    assert_eq!(good("`unit price` > größe").columns, [17, 18]);
    assert_eq!(good("price > cost AND price < id").columns, [0, 3, 4]);
    assert!(bad("Name = 'x'").message.contains("several columns"));
    assert_eq!(bad("\"Price\" > 1").hint.unwrap(), "did you mean `price`?");
}

#[test]
fn troubles_stand_where_they_are() {
    let at = |text: &str| {
        let trouble = bad(text);
        (text[trouble.span].to_owned(), trouble.hint.unwrap_or_default())
    };
    assert_eq!(at("price > 0 AND prize > 1"), ("prize".into(), "did you mean `price`?".into()));
    assert_eq!(at("größe > 1 AND\n  nämlich = 2").0, "nämlich");
    assert_eq!(at("name = \"new\"").1, "text stands in single quotes: 'new'");
    assert_eq!(at("price = '5'"), ("'5'".into(), "write a number without quotes".into()));
    assert_eq!(at("ok AND name = id"), ("id".into(), "cast the text: cast(name as int64)".into()));
    assert_eq!(at("day > '2026-02-30'"), ("'2026-02-30'".into(), "write it as '2026-01-31'".into()));
    assert_eq!(at("unit price > 1"), ("price".into(), "put such a name in double quotes: \"unit price\"".into()));
    assert_eq!(at("price > 1;").0, ";");
    assert_eq!(at("price > 1 price").0, "price");
    assert_eq!(at("price > ").0, "");
    assert_eq!(at("name = 'abc").0, "'");
    assert_eq!(at("basket[1].price > 1").0, "basket[1].price");
    assert_eq!(at("basket.price > 1").0, "basket.price");
    assert_eq!(at("length(basket) > 1 AND basket = 2").0, "basket");
    assert_eq!(at("id").0, "id");
    assert_eq!(at("id AND ok").0, "id");
    assert_eq!(at("at > atz"), ("atz".into(), "cast one of them: cast(at as timestamptz)".into()));
}

#[test]
fn what_no_row_can_answer_is_refused() {
    for (text, words) in [
        ("sum(price) > 1", "many rows"),
        ("count(*) > 1", "many rows"),
        ("id IN (SELECT 1)", "subquery"),
        ("EXISTS (SELECT 1)", "subquery"),
        ("(SELECT 1) = 1", "subquery"),
        ("lagg(price) > 1", "no function"),
        ("lower(name) OVER () = 'x'", "plain values"),
        ("at > now - interval '1' day", "intervals"),
        ("name SIMILAR TO 'x'", "regular expressions"),
        ("name ~ 'x'", "not supported"),
        ("ok > ok", "no order"),
        ("upper(id) = 'x'", "not text"),
        ("name + 1 > 2", "not a number"),
        ("year(name) = 1", "has no year"),
        ("hour(day) = 1", "has no hour"),
        ("abs(name) > 1", "not a number"),
        ("round(price, id) > 1", "digits to keep"),
        ("substring(name) = 'x'", "2 to 3 values"),
        ("cast(name as money) = 1", "not a type"),
        ("cast(ok as int64) = 1", "cannot be cast"),
        ("cast(id as decimal) = 1", "not a type"),
        ("name LIKE name", "must be text"),
        ("name LIKE 'x\\'", "must stand before"),
        ("name LIKE 'a!x' ESCAPE '!'", "must stand before"),
        ("wide * wide > 1", "38 digits"),
        ("price > 123456789012345678901234567890123456789", "38 digits"),
        ("day + 1.5 > day", "cannot be calculated"),
        ("at - at > 1", "cannot be calculated"),
        ("price > :x", "not supported"),
        ("a.b.c = 1", "not a column"),
        ("case when price then 1 end = 1", "not true or false"),
        ("coalesce(price, name) = 1", "cannot be compared"),
        ("", "empty"),
        ("bytes = 'x'", "cannot be compared"),
        ("clock > '25:00:00'", "does not read as time"),
        ("X'1' = bytes", "hexadecimal"),
        ("current_user = 'x'", "function"),
    ] {
        let trouble = bad(text);
        assert!(trouble.message.contains(words), "{text}: {trouble:?}");
        assert!(text.get(trouble.span.clone()).is_some(), "{text}: {trouble:?}");
    }
}

#[test]
fn types_are_wide_enough() {
    for (text, data_type) in [
        ("1", "int64"),
        ("9223372036854775808", "uint64"),
        ("18446744073709551616", "decimal(20,0)"),
        ("1.50", "decimal(3,2)"),
        ("1e2", "float64"),
        ("id + id", "decimal(20,0)"),
        ("id * Big", "decimal(38,0)"),
        ("-tiny", "decimal(3,0)"),
        ("price + cost", "decimal(15,4)"),
        ("price * cost", "decimal(24,6)"),
        ("price % 1", "decimal(21,2)"),
        ("price / 2", "float64"),
        ("price * 1.1", "decimal(14,3)"),
        ("ratio + 1", "float64"),
        ("round(price)", "decimal(11,0)"),
        ("round(cost, 2)", "decimal(11,2)"),
        ("floor(ratio)", "float64"),
        ("day - day", "int64"),
        ("day + 1", "date"),
        ("1 + day", "date"),
        ("day - '2026-01-01'", "int64"),
        ("coalesce(tiny, id)", "int64"),
        ("coalesce(price, 0)", "decimal(21,2)"),
        ("coalesce(day, at)", "timestamp"),
        ("case when ok then price else cost end", "decimal(14,4)"),
        ("case when ok then null else 1 end", "int64"),
        ("nullif(name, 'x')", "string"),
        ("today", "date"),
        ("now()", "timestamptz"),
        ("current_date", "date"),
        ("price::float64", "float64"),
        ("cast(name as NUMERIC(10, 2))", "decimal(10,2)"),
        ("cast(name as varchar(10))", "string"),
        ("cast(id as int8)", "int8"),
        ("cast(id as uint8)", "uint8"),
        ("cast(id as uint64)", "uint64"),
        ("cast(id as bigint)", "int64"),
        ("cast(id as double precision)", "float64"),
        ("cast(day as timestamp with time zone)", "timestamptz"),
        ("cast(name as timestamptz)", "timestamptz"),
        ("try_cast(name as float32)", "float32"),
        ("cast(name as binary)", "binary"),
        ("null", "string"),
        ("name || null", "string"),
        ("extract(year from day)", "int64"),
        ("length(basket)", "int64"),
        ("date '2026-01-01'", "date"),
        ("timestamptz '2026-01-01T00:00:00Z'", "timestamptz"),
        ("time '10:00:00'", "time"),
    ] {
        assert_eq!(type_of(text), data_type, "{text}");
    }
    for scalar in crate::model::data_type::SCALARS {
        assert_eq!(type_of(&format!("cast(name as {})", scalar.0)), scalar.0);
    }
}

#[test]
fn literals_take_the_type_they_stand_beside() {
    let right = |text: &str| match good(text).root {
        Expr::Binary(_, _, right) => *right,
        other => panic!("{other:?}"),
    };
    assert_eq!(right("day >= '1970-01-02'"), Expr::Literal(Literal::Date(1)));
    assert_eq!(right("at >= '1970-01-02'"), Expr::Literal(Literal::Timestamp(86_400_000_000)));
    assert_eq!(right("atz = '1970-01-01T01:00:00+01:00'"), Expr::Literal(Literal::Timestamp(0)));
    assert_eq!(right("at = '1970-01-01 00:00:00.5'"), Expr::Literal(Literal::Timestamp(500_000)));
    assert_eq!(right("clock > '00:00:01'"), Expr::Literal(Literal::Time(1_000_000)));
    assert_eq!(right("ratio > 0.1"), Expr::Literal(Literal::Float(0.1)));
    assert_eq!(right("single > 0.1"), Expr::Literal(Literal::Float(f64::from(0.1_f32))));
    assert_eq!(right("price > 0.1"), Expr::Literal(Literal::Decimal { unscaled: 1, scale: 1 }));
    assert_eq!(right("id > -1"), Expr::Literal(Literal::Int(-1)));
    assert_eq!(right("bytes = X'00ff'"), Expr::Literal(Literal::Binary(vec![0, 255])));
    let null = Expr::Cast { expr: Box::new(Expr::Literal(Literal::Null)), to: DataType::Int64, lenient: false };
    assert_eq!(right("id > null"), null);
    let Expr::InList { list, .. } = good("price in (1, 2.5, null)").root else { panic!() };
    assert_eq!(list[0], Expr::Literal(Literal::Decimal { unscaled: 100, scale: 2 }));
    let now = Expr::Call { function: Function::Now, args: Vec::new() };
    assert_eq!(right("at < now"), Expr::Cast { expr: Box::new(now), to: DataType::Timestamp, lenient: false });
}

#[test]
fn not_moves_inwards() {
    let compare = |op| Expr::Binary(Box::new(column("id")), op, Box::new(Expr::Literal(Literal::Int(1))));
    assert_eq!(good("NOT id > 1").root, compare(BinaryOp::LtEq));
    assert_eq!(good("NOT NOT id = 1").root, compare(BinaryOp::Eq));
    let both = Expr::Binary(Box::new(compare(BinaryOp::Lt)), BinaryOp::Or, Box::new(compare(BinaryOp::NotEq)));
    assert_eq!(good("NOT (id >= 1 AND id = 1)").root, both);
    assert_eq!(good("NOT id IN (1)").root, good("id NOT IN (1)").root);
    assert_eq!(good("NOT name LIKE 'x'").root, good("name NOT LIKE 'x'").root);
    assert_eq!(good("NOT id IS NULL").root, good("id IS NOT NULL").root);
    assert_eq!(good("NOT ok").root, Expr::Unary(UnaryOp::Not, Box::new(column("ok"))));
    assert_eq!(good("id NOT BETWEEN 1 AND 2").root, good("id < 1 OR id > 2").root);
}

#[test]
fn patterns_are_written_with_a_backslash() {
    let pattern = |text: &str| match good(text).root {
        Expr::Like { pattern, .. } => pattern,
        other => panic!("{other:?}"),
    };
    assert_eq!(pattern("name LIKE 'a!%b!!\\_' ESCAPE '!'"), "a\\%b!\\\\_");
    assert_eq!(pattern("name LIKE 'a\\%\\\\'"), "a\\%\\\\");
    assert_eq!(pattern("name ILIKE 'it''s%'"), "it's%");
}

#[test]
fn size_and_depth_are_limited() {
    let parens = format!("{}1 = 1{}", "(".repeat(10_000), ")".repeat(10_000));
    assert!(bad(&parens).message.contains("deeply"));
    let near = format!("{}1 = 1{}", "(".repeat(40), ")".repeat(40));
    good(&near);
    assert!(bad(&format!("{} ok", "NOT ".repeat(5_000))).message.contains("too many"));
    assert!(bad(&format!("1{} > 0", " + 1".repeat(1_500))).message.contains("deeply"));
    assert!(bad(&format!("1{} > 0", " + 1".repeat(100_000))).message.contains("too"));
    assert!(bad(&format!("id IS NULL{}", " IS NULL".repeat(900))).message.contains("deeply"));
    good(&format!("id = 1{}", " OR id = 2".repeat(900)));
    good(&format!("id IN (1{})", ", 2".repeat(20_000)));
    let mut doubled = "id".to_owned();
    for _ in 0..30 {
        doubled = format!("case when {doubled} between 0 and 1 then 1 else 0 end");
    }
    assert!(bad(&format!("{doubled} = 1")).message.contains("too"));
    assert!(bad(&"x".repeat(300_000)).message.contains("too long"));
}

#[test]
fn the_page_names_every_function() {
    let page = crate::rule::kinds::expression::KIND.page;
    for (_, function) in FUNCTIONS {
        let mut spellings = FUNCTIONS.iter().filter(|(_, same)| same == function);
        assert!(spellings.any(|(name, _)| page.contains(&format!("`{name}`"))), "{function:?}");
    }
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "\\PC{0,40}") {
        let _ = parse(&text, &table(), true);
    }

    #[test]
    fn no_words_make_it_panic(words in prop::collection::vec(prop::sample::select(vec![
        "id", "price", "name", "ok", "day", "at", "basket", "größe", "'x'", "'2026-01-01'", "1", "1.5", "1e400", "null", "true",
        "(", ")", ",", "+", "-", "*", "/", "%", "||", "=", "<>", "<", ">=", "and", "or", "not", "is", "in", "between",
        "like", "escape", "case", "when", "then", "else", "end", "cast", "as", "int64", "date", "coalesce(", "round(",
        "substring(", "from", "for", "trim(", "extract(", "interval", "::", ".", "[", "]", ";", "\n", "select", "today",
    ]), 0..14)) {
        let text = words.join(" ");
        if let Err(trouble) = parse(&text, &table(), true) {
            prop_assert!(text.get(trouble.span.clone()).is_some(), "{text:?} {trouble:?}");
        }
    }
}
