//! What goes wrong between the program and a database server.

use std::fs;

use crate::reliability::crash::Target;
use crate::reliability::{run, shop};
use crate::servers::mariadb;
use crate::servers::postgres::{self, Postgres, postgres};
use crate::servers::proxy::{Proxy, Then};
use crate::support::Folder;

pub const POSTGRES: Target = Target {
    name: "postgres",
    to: |site| postgres().address(&site.database),
    rows: |site| {
        alone(postgres(), &site.database);
        products(postgres(), &site.database)
    },
    database: |from| match from {
        None => postgres().new_database(),
        Some(from) => {
            alone(postgres(), from);
            let name = format!("c{}", postgres().new_database());
            postgres().run("postgres", &format!("CREATE DATABASE {name} TEMPLATE {from}"));
            name
        }
    },
    file: None,
    points: 67,
};

pub const MARIADB: Target = Target {
    name: "mariadb",
    to: |site| site.database.clone(),
    rows: |site| {
        let database = site.database.rsplit('/').next().unwrap();
        let others =
            format!("SELECT count(*), SLEEP(0.01) FROM information_schema.processlist WHERE db = '{database}'");
        let alone = (0..1500).any(|_| mariadb::root(&others).trim_end() == "0\t0");
        assert!(alone, "somebody stays connected to {database}");
        let rows = mariadb::root(&format!("SELECT concat(sku, ',', price) FROM `{database}`.products"));
        let mut rows: Vec<String> = rows.lines().map(str::to_owned).collect();
        rows.sort();
        rows
    },
    database: |from| {
        let address = mariadb::new_database();
        if let Some(from) = from {
            let (from, to) = (from.rsplit('/').next().unwrap(), address.rsplit('/').next().unwrap());
            for table in ["products", "karat_load", "karat_load_file"] {
                mariadb::root(&format!(
                    "CREATE TABLE `{to}`.{table} LIKE `{from}`.{table}; INSERT INTO `{to}`.{table} SELECT * FROM `{from}`.{table}"
                ));
            }
        }
        address
    },
    file: None,
    points: 67,
};

/// Waits until nobody else is connected to a database: the server notices some time after a client was killed.
fn alone(server: &Postgres, database: &str) {
    let others = format!(
        "SELECT count(*), pg_sleep(0.01) FROM pg_stat_activity WHERE datname = '{database}' AND pid <> pg_backend_pid()"
    );
    for _ in 0..1500 {
        if server.run("postgres", &others) == ["0|"] {
            return;
        }
    }
    panic!("somebody stays connected to {database}");
}

fn products(server: &Postgres, database: &str) -> Vec<String> {
    let mut rows = server.run(database, "SELECT sku || ',' || price FROM products");
    rows.sort();
    rows
}

/// A shop whose database holds the first file, and the database's name.
fn begun(server: &Postgres) -> (Folder, String) {
    let folder = shop();
    let database = server.new_database();
    let (code, text) = run(&folder, &format!("load first.csv -c c.yaml --to {}", server.address(&database)));
    assert_eq!(code, 0, "{text}");
    (folder, database)
}

/// Loads the second file into an address.
fn second(folder: &Folder, to: &str) -> (i32, String) {
    run(folder, &format!("load second.csv -c c.yaml --mode upsert --overwrite-rejects --to {to}"))
}

/// A trigger that runs a statement of PL/pgSQL when the row A500 comes.
fn when_a500(server: &Postgres, database: &str, body: &str) {
    server.run(
        database,
        &format!(
            "SET synchronous_commit = on; CREATE FUNCTION midway() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF new.sku = 'A500' THEN {body} END IF; \
             RETURN new; END $$; \
             CREATE TRIGGER midway BEFORE INSERT ON products FOR EACH ROW EXECUTE FUNCTION midway()"
        ),
    );
}

fn without_trigger(server: &Postgres, database: &str) {
    server.run(database, "DROP TRIGGER midway ON products");
}

/// Appends the second file's new keys and sees that nothing came of it; then does it again, undisturbed.
fn fails_and_recovers(server: &Postgres, database: &str, folder: &Folder, says: &[&str]) {
    let to = server.address(database);
    let before = products(server, database);
    for mode in ["append", "replace", "upsert"] {
        let line = format!("load second.csv -c c.yaml --mode {mode} --overwrite-rejects --to {to}");
        let (code, text) = run(folder, &line);
        assert_eq!(code, 3, "{mode}: {text}");
        assert!(says.iter().all(|word| text.contains(word)), "{mode}: {text}");
        answers(server);
        assert_eq!(products(server, database), before, "{mode}");
    }
    without_trigger(server, database);
    let (code, text) = second(folder, &to);
    assert_eq!(code, 1, "{text}");
    assert_eq!(products(server, database).len(), 906);
}

/// Waits until a server that recovers from a crash answers again.
fn answers(server: &Postgres) {
    for _ in 0..600 {
        if server.try_run("postgres", "SELECT pg_sleep(0.02)").is_ok() {
            return;
        }
    }
    panic!("the server does not come back");
}

#[test]
fn r04_a_backend_that_is_terminated_midway() {
    let (folder, database) = begun(postgres());
    when_a500(postgres(), &database, "PERFORM pg_terminate_backend(pg_backend_pid());");
    fails_and_recovers(postgres(), &database, &folder, &[]);
}

#[test]
fn r04_a_backend_that_is_killed_midway() {
    // The whole server recovers from this, so it is not the one of the other tests.
    let server = Postgres::start(false);
    let (folder, database) = begun(&server);
    when_a500(&server, &database, "COPY (SELECT 1) TO PROGRAM 'kill -9 $PPID; sleep 10';");
    fails_and_recovers(&server, &database, &folder, &[]);
}

#[test]
fn r07_the_database_is_full() {
    let (folder, database) = begun(postgres());
    when_a500(postgres(), &database, "RAISE EXCEPTION 'could not extend file: No space left' USING ERRCODE = '53100';");
    fails_and_recovers(postgres(), &database, &folder, &["No space left"]);
}

#[test]
fn r05_the_answer_to_a_commit_is_lost() {
    let (folder, database) = begun(postgres());
    let proxy = Proxy::start(postgres().port());
    let to = format!("postgres://{}@127.0.0.1:{}/{database}", postgres::USER, proxy.port);
    proxy.when(b"COMMIT\0", Then::LoseAnswer, false);
    let (code, text) = second(&folder, &to);
    // It asked anew, and found its load in the history.
    assert_eq!(code, 1, "{text}");
    alone(postgres(), &database);
    assert_eq!(products(postgres(), &database).len(), 906);
    let (code, text) = second(&folder, &to);
    assert!(code == 0 && text.contains("was loaded before"), "{code}: {text}");
}

#[test]
fn r05_a_commit_that_never_came_to_the_server() {
    let (folder, database) = begun(postgres());
    let proxy = Proxy::start(postgres().port());
    let to = format!("postgres://{}@127.0.0.1:{}/{database}", postgres::USER, proxy.port);
    let before = products(postgres(), &database);
    proxy.when(b"COMMIT\0", Then::LoseRequest, false);
    let (code, text) = second(&folder, &to);
    assert_eq!(code, 3, "{text}");
    alone(postgres(), &database);
    assert_eq!(products(postgres(), &database), before);
    let (code, text) = second(&folder, &to);
    assert_eq!(code, 1, "{text}");
    assert_eq!(products(postgres(), &database).len(), 906);
}

#[test]
fn r05_nobody_can_be_asked_about_a_commit() {
    let (folder, database) = begun(postgres());
    let proxy = Proxy::start(postgres().port());
    let to = format!("postgres://{}@127.0.0.1:{}/{database}", postgres::USER, proxy.port);
    proxy.when(b"COMMIT\0", Then::LoseAnswer, true);
    let (code, text) = second(&folder, &to);
    assert_eq!(code, 3, "{text}");
    assert!(text.contains("cannot be asked") && text.contains("karat history"), "{text}");
    let (_, text) = run(&folder, &format!("history {}", postgres().address(&database)));
    assert!(text.contains("upsert"), "{text}");
}

#[test]
fn r06_a_connection_that_breaks_stalls_or_crawls() {
    let (folder, database) = begun(postgres());
    let before = products(postgres(), &database);
    for (bytes, then) in [
        ("user", Then::LoseRequest),
        ("BEGIN", Then::LoseAnswer),
        ("COPY", Then::LoseRequest),
        ("COPY", Then::LoseAnswer),
        ("ON CONFLICT", Then::LoseRequest),
        ("ON CONFLICT", Then::LoseAnswer),
        ("karat_load_file", Then::LoseAnswer),
    ] {
        let proxy = Proxy::start(postgres().port());
        proxy.when(bytes.as_bytes(), then, false);
        let to = format!("postgres://{}@127.0.0.1:{}/{database}", postgres::USER, proxy.port);
        let (code, text) = second(&folder, &to);
        assert_eq!(code, 3, "{bytes}: {text}");
        assert!(proxy.met(), "{bytes} was never sent");
        alone(postgres(), &database);
        assert_eq!(products(postgres(), &database), before, "{bytes}");
    }
    let proxy = Proxy::start(postgres().port());
    proxy.slow(64);
    let to = format!("postgres://{}@127.0.0.1:{}/{database}", postgres::USER, proxy.port);
    let (code, text) = second(&folder, &to);
    assert_eq!(code, 1, "{text}");
    assert_eq!(products(postgres(), &database).len(), 906);
}

#[test]
fn r06_nobody_answers() {
    let folder = shop();
    let silent = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = silent.local_addr().unwrap().port();
    let (code, text) = second(&folder, &format!("postgres://me@127.0.0.1:{port}/d?connect_timeout=1"));
    assert_eq!(code, 3, "{text}");
    assert!(text.contains(&port.to_string()), "{text}");
    drop(silent);
    let (code, text) = second(&folder, &format!("postgres://me@127.0.0.1:{port}/d?connect_timeout=1"));
    assert_eq!(code, 3, "{text}");
}

#[test]
fn r31_passwords_of_servers_stand_nowhere() {
    let server = postgres();
    let folder = shop();
    let (name, password) = postgres::SECURE;
    let database = server.new_database();
    server.run(&database, &format!("GRANT ALL ON SCHEMA public TO {name}"));
    let coded: String = password.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let to = format!("postgres://{name}:{coded}@127.0.0.1:{}/{database}", server.port());
    let wrong = format!("postgres://{name}:canary-{coded}@127.0.0.1:{}/{database}", server.port());
    let reports = "--report json=r.json --report html=r.html --report junit=r.xml --report openlineage=r.ol";
    let mut said = String::new();
    for to in [&to, &wrong, &format!("{to}?sslmode=verify-full"), &format!("{to}?oops=1"), &to.replace("//", "//x:")] {
        let (_, text) = run(&folder, &format!("load first.csv -c c.yaml {reports} --to {to}"));
        said.push_str(&text);
    }
    for name in ["r.json", "r.html", "r.xml", "r.ol"] {
        said.push_str(&folder.text(name));
    }
    said.push_str(&server.run(&database, "SELECT * FROM karat_load").join("\n"));
    for secret in [password, &coded, "canary"] {
        assert!(!said.contains(secret), "{secret} in {said}");
    }
    assert_eq!(products(server, &database).len(), 10);
}

#[test]
fn r32_certificates_are_checked() {
    let server = postgres();
    let (folder, database) = begun(server);
    let before = products(server, &database);
    let user = postgres::OVER_TLS;
    server.run(
        &database,
        &format!("GRANT ALL ON SCHEMA public TO {user}; GRANT ALL ON ALL TABLES IN SCHEMA public TO {user}"),
    );
    let place = |host: &str, settings: &str| {
        format!("postgres://{user}@{host}:{}/{database}?sslmode=verify-full&{settings}", server.port())
    };
    let (ca, other) = (server.folder().join("ca.pem"), server.folder().join("other-ca.pem"));
    fs::copy(&ca, folder.join("ca.pem")).unwrap();
    fs::copy(other, folder.join("other.pem")).unwrap();
    for (to, why) in [
        (place("localhost", "sslrootcert=other.pem"), "an authority nobody trusts"),
        (place("127.0.0.1", "sslrootcert=ca.pem"), "another name than the certificate's"),
        (place("localhost", "sslrootcert=none.pem"), "no file of authorities"),
        (format!("postgres://{user}@localhost:{}/{database}?sslmode=disable", server.port()), "TLS switched off"),
        (
            format!("postgres://me@localhost:{}/x?sslmode=verify-full", postgres::without_tls().port()),
            "a server without TLS",
        ),
    ] {
        let (code, text) = second(&folder, &to);
        assert!(code == 3 || code == 2, "{why}: {code} {text}");
        assert!(
            text.contains("certificate")
                || text.contains("TLS")
                || text.contains("none.pem")
                || text.contains("encrypt"),
            "{why}: {text}"
        );
        assert_eq!(products(server, &database), before, "{why}");
    }
    server.run(&database, &format!("ALTER TABLE products OWNER TO {user}; ALTER TABLE karat_load OWNER TO {user}; ALTER TABLE karat_load_file OWNER TO {user}"));
    let (code, text) = second(&folder, &place("localhost", "sslrootcert=ca.pem"));
    assert_eq!(code, 1, "{text}");
}

/// Rows that only the server refuses become rejects; all others arrive.
#[test]
fn r01_rows_the_server_refuses_are_rejects() {
    let server = postgres();
    for mode in ["append", "replace", "upsert"] {
        let (folder, database) = begun(server);
        server.run(
            &database,
            "TRUNCATE products; ALTER TABLE products ADD CONSTRAINT few CHECK (price < 900 OR price > 905)",
        );
        let line =
            format!("load second.csv -c c.yaml --mode {mode} --overwrite-rejects --to {}", server.address(&database));
        let (code, text) = run(&folder, &line);
        assert_eq!(code, 1, "{mode}: {text}");
        // 900.5 to 904.5 are refused but 903.5, which is negative and a reject of its own.
        assert_eq!(products(server, &database).len(), 900 - 4, "{mode}: {text}");
        let reasons = crate::reliability::reasons(&folder.join("rejects"), "products");
        let refused: Vec<&str> = reasons
            .iter()
            .filter(|reason| reason["violations"][0]["code"] == "D501")
            .map(|reason| reason["violations"][0]["message"].as_str().unwrap())
            .collect();
        assert_eq!(refused.len(), 4, "{mode}");
        assert!(refused.iter().all(|message| message.contains("few")), "{refused:?}");
        assert_eq!(reasons.len(), 104, "{mode}");
        assert_eq!(folder.text("rejects/products.rejects.csv").lines().count(), 105, "{mode}");
    }
}
