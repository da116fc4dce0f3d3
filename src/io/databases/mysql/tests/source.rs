//! Tables and queries as Parquet files.

use arrow_array::cast::AsArray as _;
use arrow_array::types::Int32Type;
use arrow_schema::{DataType as Arrow, TimeUnit};

use crate::io::databases::Rows;
use crate::io::databases::mysql::tests::{Shop, batches, extract, paths};
use crate::io::target::fixtures::texts;
use crate::io::target::servers::mariadb;
use crate::model::ErrorKind;

fn named(name: &str) -> Rows {
    Rows::Table(name.to_owned())
}

#[test]
fn every_type_comes_exactly() {
    let shop = Shop::new();
    shop.sql(
        "CREATE TABLE t (
           a TINYINT, b TINYINT UNSIGNED, c SMALLINT, d SMALLINT UNSIGNED, e MEDIUMINT, f MEDIUMINT UNSIGNED, g INT,
           h INT UNSIGNED, i BIGINT, j BIGINT UNSIGNED, k DECIMAL(38,10), l DECIMAL(5,0) UNSIGNED ZEROFILL,
           m DECIMAL(65,30), n FLOAT, o DOUBLE, p DATE, q DATETIME(6), r TIMESTAMP(6) NULL, s TIME(3), t YEAR,
           u CHAR(5) CHARACTER SET latin1, v VARCHAR(20) CHARACTER SET utf16, w LONGTEXT, x VARBINARY(8), y BLOB, z BIT(1),
           aa BIT(64), bb ENUM('é','b'), cc SET('x','y'), dd JSON, ee BOOLEAN, ff POINT);
         SET time_zone = '+05:00';
         INSERT INTO t VALUES (-128, 255, -32768, 65535, -8388608, 16777215, -2147483648, 4294967295,
           -9223372036854775808, 18446744073709551615, -9999999999999999999999999999.9999999999, 7,
           -99999999999999999999999999999999999.999999999999999999999999999999, 0.1, 1.7976931348623157e308,
           '9999-12-31', '0001-01-01 00:00:00.000001', '1970-01-01 05:00:01.5', '23:59:59.999', 2155,
           'ü', '😀', 'a\\'\\0b', X'00FF', X'', b'1', ~0, 'é', 'x,y', '{\"b\": 1.10, \"a\": [null]}', TRUE, POINT(1, 2)),
          (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
           NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)",
    );
    let found = shop.read(named("t"));
    let types: Vec<Arrow> = found[0].schema().fields().iter().map(|field| field.data_type().clone()).collect();
    assert_eq!(
        types[..12],
        [
            Arrow::Int8,
            Arrow::UInt8,
            Arrow::Int16,
            Arrow::UInt16,
            Arrow::Int32,
            Arrow::UInt32,
            Arrow::Int32,
            Arrow::UInt32,
            Arrow::Int64,
            Arrow::UInt64,
            Arrow::Decimal128(38, 10),
            Arrow::Decimal128(5, 0)
        ]
    );
    assert_eq!(types[17], Arrow::Timestamp(TimeUnit::Microsecond, Some("UTC".into())));
    let rows = texts(&found[0]);
    assert_eq!(
        rows[0],
        "{\"a\":-128,\"b\":255,\"c\":-32768,\"d\":65535,\"e\":-8388608,\"f\":16777215,\"g\":-2147483648,\"h\":4294967295,\
         \"i\":-9223372036854775808,\"j\":18446744073709551615,\"k\":-9999999999999999999999999999.9999999999,\"l\":7,\
         \"m\":\"-99999999999999999999999999999999999.999999999999999999999999999999\",\"n\":0.1,\
         \"o\":1.7976931348623157e+308,\"p\":\"9999-12-31\",\"q\":\"0001-01-01T00:00:00.000001\",\
         \"r\":\"1970-01-01T00:00:01.500000Z\",\"s\":\"23:59:59.999000\",\"t\":2155,\"u\":\"ü\",\"v\":\"😀\",\"w\":\"a'\\u0000b\",\
         \"x\":\"AP8=\",\"y\":\"\",\"z\":true,\"aa\":18446744073709551615,\"bb\":\"é\",\"cc\":\"x,y\",\
         \"dd\":\"{\\\"b\\\": 1.10, \\\"a\\\": [null]}\",\"ee\":1,\"ff\":\"AAAAAAEBAAAAAAAAAAAA8D8AAAAAAAAAQA==\"}"
    );
    assert_eq!(rows[1].matches("null").count(), 32);
}

#[test]
fn moments_that_are_none_come_as_text() {
    let shop = Shop::new();
    shop.sql(
        "SET sql_mode = ''; CREATE TABLE t (id INT, a DATE, b DATETIME(3), c TIME(1), d TIMESTAMP NULL, e DATE);
         INSERT INTO t SELECT seq, '2024-02-29', '2024-02-29 01:02:03.4', '01:02:03', '2024-02-29 00:00:00', '2024-01-01'
         FROM seq_1_to_9000;
         INSERT INTO t VALUES (9001, '0000-00-00', '2024-00-01 01:02:03.456', '-838:59:59', 0, NULL)",
    );
    let found = shop.read(named("t"));
    let schema = found[0].schema();
    let types: Vec<&Arrow> = schema.fields().iter().skip(1).map(|field| field.data_type()).collect();
    assert_eq!(types, [&Arrow::Utf8, &Arrow::Utf8, &Arrow::Utf8, &Arrow::Utf8, &Arrow::Date32]);
    let all: Vec<String> = found.iter().flat_map(texts).collect();
    assert_eq!(all.len(), 9001);
    let odd = all.iter().find(|text| text.contains("9001")).unwrap();
    assert_eq!(
        *odd,
        "{\"id\":9001,\"a\":\"0000-00-00\",\"b\":\"2024-00-01 01:02:03.456\",\"c\":\"-838:59:59.0\",\
         \"d\":\"0000-00-00 00:00:00\",\"e\":null}"
    );
    let plain =
        "\"a\":\"2024-02-29\",\"b\":\"2024-02-29 01:02:03.400\",\"c\":\"01:02:03.0\",\"d\":\"2024-02-29 00:00:00\"";
    assert_eq!(all.iter().filter(|text| text.contains(plain)).count(), 9000);
    // Where the address asks for it, nothing is NULL but what is zero from end to end.
    let (files, _scratch) = extract(&format!("{}?zero-dates=null", shop.to), named("t"), None, 1).unwrap();
    let found = batches(&files[0].path);
    let schema = found[0].schema();
    let types: Vec<&Arrow> = schema.fields().iter().skip(1).map(|field| field.data_type()).collect();
    assert_eq!(types[..3], [&Arrow::Date32, &Arrow::Utf8, &Arrow::Utf8]);
    let odd = found.iter().flat_map(texts).find(|text| text.contains("9001")).unwrap();
    assert_eq!(
        odd,
        "{\"id\":9001,\"a\":null,\"b\":\"2024-00-01 01:02:03.456\",\"c\":\"-838:59:59.0\",\"d\":null,\"e\":null}"
    );
}

#[test]
fn tables_views_and_queries_are_read() {
    let shop = Shop::new();
    shop.sql(
        "CREATE TABLE `a``b; --` (`i``d` INT); INSERT INTO `a``b; --` VALUES (1), (2);
         CREATE VIEW v AS SELECT `i``d` + 1 AS n FROM `a``b; --`; CREATE TABLE empty (x INT, y TEXT)",
    );
    assert_eq!(shop.read(named("a`b; --")).len(), 1);
    assert_eq!(texts(&shop.read(named(&format!("{}.v", shop.name)))[0]), ["{\"n\":2}", "{\"n\":3}"]);
    let query = "SELECT SUM(n) AS s, COUNT(*) AS c, 'x' AS t, NULL AS u FROM v -- comment;\n ;";
    let found = shop.read(Rows::Query(query.to_owned()));
    assert_eq!(texts(&found[0]), ["{\"s\":5,\"c\":2,\"t\":\"x\",\"u\":null}"]);
    assert!(shop.read(named("empty")).is_empty());
    let (files, scratch) = shop.extract(named("v"), None, 4).unwrap();
    assert_eq!(files[0].shown, format!("{}?table=v", shop.to.replace(&format!(":{}@", mariadb::PASSWORD), "@")));
    assert_eq!(scratch.names(), ["spool"]);
}

#[test]
fn what_cannot_be_read_is_said() {
    let shop = Shop::new();
    shop.sql("CREATE TABLE t (id INT, name TEXT); INSERT INTO t VALUES (1, 'a')");
    let refused = |rows: Rows, on: Option<&str>| shop.extract(rows, on, 4).map(|_| ()).unwrap_err();
    let error = refused(named("absent"), None);
    assert!(error.kind == ErrorKind::Usage && error.hints[0].contains("It has: t"), "{error}");
    for query in ["DELETE FROM t", "DROP TABLE t", "SELECT * FROM t; DROP TABLE t", "CALL x()", ""] {
        let error = refused(Rows::Query(query.to_owned()), None);
        assert!(matches!(error.kind, ErrorKind::Usage | ErrorKind::Input), "{error}");
    }
    assert_eq!(shop.sql("SELECT COUNT(*) FROM t"), ["1"]);
    let error = refused(Rows::Query("SELECT id, id FROM t".to_owned()), None);
    assert!(error.message.contains("two columns"), "{error}");
    assert!(refused(named("t"), Some("absent")).hints[0].contains("id, name"));
    assert!(refused(named("t"), Some("name")).message.contains("which is"));
}

#[test]
fn parts_are_the_whole() {
    let shop = Shop::new();
    shop.sql(
        "CREATE TABLE t (id BIGINT, day DATE, note VARCHAR(30));
         INSERT INTO t SELECT CAST(NULLIF(seq % 977, 5) AS SIGNED) - 300, DATE_ADD('2020-01-01', INTERVAL seq % 1000 DAY), CONCAT('n', seq)
         FROM seq_1_to_20000; UPDATE t SET day = NULL WHERE id = 3",
    );
    let whole: Vec<String> = sorted(shop.read(named("t")).iter().flat_map(texts));
    for (rows, on) in [
        (named("t"), "id"),
        (named("t"), "DAY"),
        (Rows::Query("SELECT * FROM t WHERE id > -100000 OR id IS NULL".to_owned()), "id"),
    ] {
        let (files, _scratch) = shop.extract(rows, Some(on), 4).unwrap();
        assert_eq!(files.len(), 4);
        assert_eq!(files.iter().map(|file| &file.shown).collect::<std::collections::BTreeSet<_>>().len(), 4);
        let parts = paths(&files).into_iter().flat_map(|path| batches(path)).collect::<Vec<_>>();
        assert_eq!(sorted(parts.iter().flat_map(texts)), whole, "{on}");
    }
    // A moment that is none makes all parts text.
    shop.sql("SET sql_mode = ''; UPDATE t SET day = '0000-00-00' WHERE id = 600 LIMIT 1");
    let (files, _scratch) = shop.extract(named("t"), Some("id"), 3).unwrap();
    for path in paths(&files) {
        assert_eq!(*batches(path)[0].schema().field(1).data_type(), Arrow::Utf8);
    }
}

#[test]
fn parts_are_of_one_moment_while_rows_come() {
    let shop = Shop::new();
    shop.sql(
        "CREATE TABLE t (id INT PRIMARY KEY AUTO_INCREMENT, n INT); INSERT INTO t (n) SELECT seq FROM seq_1_to_5000",
    );
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| {
            // Each statement moves a row from one end to the other: a mixture would have both or none.
            let moves = "UPDATE t SET id = id + 100000 WHERE id < 100000 ORDER BY id LIMIT 1;".repeat(200);
            shop.sql(&moves);
        });
        for _ in 0..3 {
            let (files, _scratch) = shop.extract(named("t"), Some("id"), 3).unwrap();
            let parts = paths(&files).into_iter().flat_map(|path| batches(path)).collect::<Vec<_>>();
            let mut numbers: Vec<i32> =
                parts.iter().flat_map(|batch| batch.column(1).as_primitive::<Int32Type>().values().to_vec()).collect();
            numbers.sort_unstable();
            assert_eq!(numbers, (1..=5000).collect::<Vec<_>>());
        }
        writer.join().unwrap();
    });
}

#[test]
fn interruption_ends_the_reading() {
    let shop = Shop::new();
    // Many rows, and one that takes long.
    shop.sql(
        "CREATE VIEW v AS SELECT a.seq AS x, b.seq AS y FROM seq_1_to_100000 AS a, seq_1_to_100000 AS b;
         CREATE VIEW w AS SELECT SUM(a.seq * b.seq) AS s FROM seq_1_to_1000000 AS a, seq_1_to_1000000 AS b",
    );
    let scratch = crate::io::target::fixtures::Scratch::new();
    let address = crate::io::databases::address::Address::parse(&shop.to).unwrap();
    let (access, interrupted) = (crate::model::Access::default(), std::sync::Arc::new(true.into()));
    for view in ["v", "w"] {
        let spool = scratch.path(view);
        let asked = crate::io::databases::Extract {
            address: &address,
            access: &access,
            rows: named(view),
            partition_on: None,
            threads: 1,
            spool: &spool,
            interrupted: &interrupted,
        };
        assert_eq!(crate::io::databases::extract(&asked).unwrap_err().kind, ErrorKind::Interrupted);
    }
}

#[test]
fn wrong_passwords_and_names_are_said_without_secrets() {
    let shop = Shop::new();
    let wrong = |from: &str, to: &str| {
        let error = extract(&shop.to.replace(from, to), named("t"), None, 1).map(|_| ()).unwrap_err();
        let said = format!("{error} {error:?}");
        assert!(!said.contains("canary") && !error.hints.is_empty(), "{said}");
        error
    };
    assert!(wrong(mariadb::PASSWORD, "canary-other").to_string().contains("Access denied"));
    assert!(wrong(&format!("/{}", shop.name), "/absent_db").to_string().contains("absent_db"));
    assert_eq!(wrong(&format!("/{}", shop.name), "/x?sslmode=1").kind, ErrorKind::Usage);
    assert_eq!(wrong(&format!("/{}", shop.name), "/x?ssl-mode=maybe").kind, ErrorKind::Usage);
    assert!(
        wrong(&format!("/{}", shop.name), "/x?ssl-mode=verify-ca&ssl-ca=/absent.pem").message.contains("/absent.pem")
    );
    assert!(wrong(&format!(":{}/", mariadb::server().port), ":1/").to_string().contains("cannot connect"));
}

#[test]
fn connections_are_encrypted_as_asked() {
    let shop = Shop::new();
    let authority = mariadb::authority().display().to_string();
    let ask = |host: &str, settings: &str| {
        let to = format!("{}?{settings}", shop.to.replace("127.0.0.1", host));
        let query = "SELECT variable_value <> '' AS safe FROM information_schema.session_status \
                     WHERE variable_name = 'Ssl_cipher'";
        let (files, _scratch) = extract(&to, Rows::Query(query.to_owned()), None, 1)?;
        Ok::<_, crate::model::Error>(texts(&batches(&files[0].path)[0])[0].contains("1"))
    };
    assert!(!ask("127.0.0.1", "").unwrap(), "plain on this machine");
    assert!(!ask("127.0.0.1", "ssl-mode=DISABLED").unwrap());
    for mode in ["preferred", "REQUIRED"] {
        assert!(ask("127.0.0.1", &format!("ssl-mode={mode}")).unwrap());
    }
    assert!(ask("localhost", &format!("ssl-mode=verify-identity&ssl-ca={authority}")).unwrap());
    assert!(ask("127.0.0.1", &format!("ssl-mode=verify_ca&ssl-ca={authority}")).unwrap());
    for (host, settings) in [
        ("127.0.0.1", format!("ssl-mode=verify-identity&ssl-ca={authority}")),
        ("localhost", "ssl-mode=verify-identity".to_owned()),
        ("localhost", "ssl-mode=verify-ca".to_owned()),
    ] {
        let error = ask(host, &settings).unwrap_err();
        let said = error.to_string();
        assert!(
            (said.contains("UnknownIssuer") || said.contains("not valid for")) && !error.hints.is_empty(),
            "{said}"
        );
    }
}

fn sorted(texts: impl Iterator<Item = String>) -> Vec<String> {
    let mut texts: Vec<String> = texts.collect();
    texts.sort();
    texts
}
