//! Rows that the target refuses, one by one.

use std::sync::Arc;

use arrow_array::{ArrayRef, Int64Array, StringArray};

use super::*;
use crate::frame::schema;
use crate::io::target::fixtures::products;
use crate::model::{Column, DataType};

/// `id bigint primary key, note text`
fn notes() -> Table {
    let mut table = products();
    table.name = "notes".to_owned();
    table.columns = vec![Column::new("id", DataType::Int64), Column::new("note", DataType::String)];
    table
}

fn batch(rows: &[(i64, Option<&str>)]) -> RecordBatch {
    let ids: ArrayRef = Arc::new(Int64Array::from(rows.iter().map(|(id, _)| *id).collect::<Vec<_>>()));
    let texts: ArrayRef = Arc::new(StringArray::from(rows.iter().map(|(_, text)| *text).collect::<Vec<_>>()));
    RecordBatch::try_new(schema::schema(&notes()), vec![ids, texts]).unwrap()
}

fn numbers(rows: std::ops::Range<i64>) -> RecordBatch {
    batch(&rows.map(|id| (id, Some("x"))).collect::<Vec<_>>())
}

fn shop(script: &str) -> Shop {
    let shop = Shop::new();
    shop.run(script);
    shop
}

const MODES: [Mode; 3] = [Mode::Append, Mode::Replace, Mode::Upsert];

/// Loads rows in every mode, and gives the rows refused with their column and message; they must be the same each time.
fn refused(script: &str, rows: &[RecordBatch]) -> Vec<(u64, Option<String>, String)> {
    let mut answers = Vec::new();
    for mode in MODES {
        let shop = shop(script);
        let (taken, refused) = load_table(&shop.to(), "a", &notes(), mode, rows).unwrap();
        let given: usize = rows.iter().map(RecordBatch::num_rows).sum();
        assert_eq!(taken.loaded as usize + refused.len(), given, "{mode:?}");
        assert_eq!(shop.run("SELECT count(*) FROM notes"), [taken.loaded.to_string()], "{mode:?}");
        let answer: Vec<_> =
            refused.into_iter().map(|refused| (refused.row, refused.column, refused.message)).collect();
        answers.push(answer);
    }
    assert_eq!(answers[0], answers[1]);
    let rows = |answer: &[(u64, Option<String>, String)]| answer.iter().map(|(row, ..)| *row).collect::<Vec<_>>();
    assert_eq!(rows(&answers[0]), rows(&answers[2]));
    answers.remove(0)
}

fn ordinals(answer: &[(u64, Option<String>, String)]) -> Vec<u64> {
    answer.iter().map(|(row, ..)| *row).collect()
}

#[test]
fn a_check_refuses_its_rows_with_the_servers_words() {
    let answer = refused(
        "CREATE TABLE notes (id bigint PRIMARY KEY, note text CONSTRAINT short CHECK (length(note) < 3))",
        &[batch(&[(1, Some("ok")), (2, Some("long")), (3, None)]), batch(&[(4, Some("too long")), (5, Some("x"))])],
    );
    assert_eq!(ordinals(&answer), [1, 3]);
    assert!(answer[0].2.contains("\"short\"") && answer[0].2.contains("(2, long)"), "{answer:?}");
}

#[test]
fn many_rows_in_several_chunks_are_told_apart() {
    let batches: Vec<RecordBatch> = (0..40).map(|number| numbers(number * 4_000..(number + 1) * 4_000)).collect();
    let answer = refused("CREATE TABLE notes (id bigint PRIMARY KEY, note text, CHECK (id % 40000 <> 17))", &batches);
    assert_eq!(ordinals(&answer), (0..4).map(|number| number * 40_000 + 17).collect::<Vec<_>>());
}

#[test]
fn a_fifth_of_the_rows_may_be_refused() {
    let answer =
        refused("CREATE TABLE notes (id bigint PRIMARY KEY, note text, CHECK (id % 5 <> 0))", &[numbers(0..1000)]);
    assert_eq!(answer.len(), 200);
    let answer = refused("CREATE TABLE notes (id bigint PRIMARY KEY, note text, CHECK (id < 0))", &[numbers(0..300)]);
    assert_eq!(answer.len(), 300);
}

#[test]
fn a_unique_index_refuses_the_later_of_two() {
    let answer = refused(
        "CREATE TABLE notes (id bigint PRIMARY KEY, note text UNIQUE)",
        &[batch(&[(1, Some("a")), (2, Some("b")), (3, Some("a")), (4, None), (5, None), (6, Some("b"))])],
    );
    assert_eq!(ordinals(&answer), [2, 5]);
    assert!(answer[0].2.contains("(note)=(a)"), "{answer:?}");
}

#[test]
fn rows_there_before_count_too() {
    let shop = shop("CREATE TABLE notes (id bigint PRIMARY KEY, note text UNIQUE); INSERT INTO notes VALUES (2, 'b')");
    let rows = [batch(&[(1, Some("a")), (2, Some("c")), (3, Some("b"))])];
    let (_, refused) = load_table(&shop.to(), "a", &notes(), Mode::Append, &rows).unwrap();
    assert_eq!(refused.iter().map(|refused| refused.row).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(shop.run("SELECT * FROM notes ORDER BY id"), ["1|a", "2|b"]);
}

#[test]
fn triggers_and_domains_speak_for_themselves() {
    let trigger = "CREATE TABLE notes (id bigint PRIMARY KEY, note text); \
         CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
           IF NEW.id = 2 THEN RAISE EXCEPTION 'not two' USING ERRCODE = 'KA001', COLUMN = 'id'; END IF; \
           IF NEW.id = 4 THEN RETURN NULL; END IF; RETURN NEW; END $$; \
         CREATE TRIGGER t BEFORE INSERT ON notes FOR EACH ROW EXECUTE FUNCTION f()";
    let answer = refused(trigger, &[numbers(0..9)]);
    assert_eq!(ordinals(&answer), [2, 4]);
    assert_eq!((answer[0].1.as_deref(), answer[0].2.as_str()), (Some("id"), "not two"));
    assert!(answer[1].2.contains("without a word"), "{answer:?}");
    let domain =
        "CREATE DOMAIN word AS text CHECK (value ~ '^[a-z]+$'); CREATE TABLE notes (id bigint PRIMARY KEY, note word)";
    let answer = refused(domain, &[batch(&[(1, Some("a")), (2, Some("B")), (3, None)])]);
    assert_eq!(ordinals(&answer), [1]);
}

#[test]
fn triggers_after_the_statement_are_bisected() {
    let trigger = "CREATE TABLE notes (id bigint PRIMARY KEY, note text); \
         CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
           IF NEW.id IN (30, 31, 700) THEN RAISE EXCEPTION 'no %', NEW.id; END IF; RETURN NULL; END $$; \
         CREATE CONSTRAINT TRIGGER t AFTER INSERT ON notes DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION f()";
    let answer = refused(trigger, &[numbers(0..1000)]);
    assert_eq!(ordinals(&answer), [30, 31, 700]);
    assert_eq!(answer[2].2, "no 700");
}

#[test]
fn foreign_keys_the_contract_does_not_know_refuse_rows() {
    let script = "CREATE TABLE known (note text PRIMARY KEY); INSERT INTO known VALUES ('a'), ('b'); \
         CREATE TABLE notes (id bigint PRIMARY KEY, note text REFERENCES known DEFERRABLE INITIALLY DEFERRED)";
    let answer =
        refused(script, &[batch(&[(1, Some("a")), (2, Some("c")), (3, None), (4, Some("b")), (5, Some("d"))])]);
    assert_eq!(ordinals(&answer), [1, 4]);
    assert!(answer[0].2.contains("(note)=(c)"), "{answer:?}");
}

#[test]
fn a_value_must_be_there_and_not_too_long() {
    let script = "CREATE TABLE notes (id bigint PRIMARY KEY, note varchar(3) NOT NULL)";
    let answer = refused(script, &[batch(&[(1, Some("abc")), (2, None), (3, Some("abcd"))])]);
    assert_eq!(ordinals(&answer), [1, 2]);
    assert_eq!(answer[0].1.as_deref(), Some("note"));
}

#[test]
fn what_postgresql_cannot_hold_is_refused_by_its_row() {
    let rows = [batch(&[(1, Some("a\0b")), (2, Some("x"))]), batch(&[(3, Some("y")), (4, Some("\0")), (5, Some("z"))])];
    let answer = refused("CREATE TABLE notes (id bigint PRIMARY KEY, note text)", &rows);
    assert_eq!(ordinals(&answer), [0, 3]);
    assert_eq!(answer[0].1.as_deref(), Some("note"));
    assert!(answer[0].2.contains("U+0000"));
    let narrow = [batch(&[(1, None), (40_000, None), (3, None)])];
    let answer = refused("CREATE TABLE notes (id smallint PRIMARY KEY, note uuid)", &narrow);
    assert_eq!(ordinals(&answer), [1]);
    let long = format!("{}{}", "ab".repeat(10_000), (0..4000).map(|n| format!("{n:x}")).collect::<String>());
    let rows = [batch(&[(1, Some(&long)), (2, Some("short"))])];
    let answer = refused("CREATE TABLE notes (id bigint PRIMARY KEY, note text); CREATE INDEX ON notes (note)", &rows);
    assert_eq!(ordinals(&answer), [0], "a key too long for its index");
}

#[test]
fn refusals_here_and_there_come_in_order() {
    let rows = [batch(&[(1, Some("long")), (2, Some("\0")), (3, Some("ok")), (4, Some("long")), (5, Some("\0"))])];
    let answer = refused("CREATE TABLE notes (id bigint PRIMARY KEY, note text CHECK (length(note) < 3))", &rows);
    assert_eq!(ordinals(&answer), [0, 1, 3, 4]);
}

#[test]
fn equal_keys_are_never_merged_in_pieces() {
    let shop = shop("CREATE TABLE notes (id bigint PRIMARY KEY, note text CHECK (note <> 'bad'))");
    let rows = [batch(&[(1, Some("a")), (2, Some("bad")), (1, Some("b"))])];
    let error = load_table(&shop.to(), "a", &notes(), Mode::Upsert, &rows).unwrap_err();
    assert!(error.message.contains("the same primary key"), "{error}");
}
