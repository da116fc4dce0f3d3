//! Who is let in and how, with what the server must show (reliability 32) and what is never shown (31).

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use super::*;
use crate::io::target::fixtures::Scratch;
use crate::io::target::servers::postgres::{OVER_TLS, SECURE, USER, without_tls};
use crate::io::target::{TargetOptions, open as open_with};
use crate::model::{Access, Error};

fn begin(to: &str, access: &Access) -> Result<(), Error> {
    let options = TargetOptions { access: access.clone(), ..TargetOptions::default() };
    open_with(to, &options)?.begin(&contract(Vec::new()), &[], Mode::Append)
}

fn variables(pairs: &[(&str, &str)]) -> Access {
    Access::new(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())), None)
}

/// Checks that a connection is refused for a reason, with something to do, and without the password.
fn refused(to: &str, access: &Access, why: &str) {
    let error = begin(to, access).unwrap_err();
    assert!(error.message.contains(why), "{to}: {error}");
    assert!(!error.hints.is_empty(), "{error}");
    let all = format!("{error} {error:?} {:?}", error.hints);
    assert!(!all.contains(SECURE.1) && !all.contains("pass%3Awort") && !all.contains("canary"), "{all}");
}

#[test]
fn a_server_must_show_who_it_is_where_that_is_asked() {
    let (server, none) = (postgres(), Access::default());
    let to = |host: &str, settings: &str| format!("postgres://{USER}@{host}:{}/postgres?{settings}", server.port());
    let root = |name: &str| format!("sslrootcert={}", server.folder().join(name).display());
    for mode in ["disable", "allow", "prefer", "require"] {
        begin(&to("127.0.0.1", &format!("sslmode={mode}")), &none).unwrap();
    }
    for mode in ["require", "verify-ca", "verify-full"] {
        begin(&to("localhost", &format!("sslmode={mode}&{}", root("ca.pem"))), &none).unwrap();
        refused(&to("localhost", &format!("sslmode={mode}&{}", root("other-ca.pem"))), &none, "did not show who it is");
    }
    // The certificate is for `localhost` alone.
    begin(&to("127.0.0.1", &format!("sslmode=verify-ca&{}", root("ca.pem"))), &none).unwrap();
    refused(&to("127.0.0.1", &format!("sslmode=verify-full&{}", root("ca.pem"))), &none, "did not show who it is");
    refused(&to("localhost", "sslmode=verify-full"), &none, "");
    refused(&to("localhost", "sslmode=verify-full&sslrootcert=/nowhere.pem"), &none, "/nowhere.pem");
}

#[test]
fn a_server_without_tls_is_refused_where_it_is_asked() {
    let (server, none) = (without_tls(), Access::default());
    let to = |mode: &str| format!("postgres://{USER}@127.0.0.1:{}/postgres?sslmode={mode}", server.port());
    for mode in ["require", "verify-ca", "verify-full"] {
        let to = format!("{}&sslrootcert={}", to(mode), server.folder().join("ca.pem").display());
        refused(&to, &none, "offers no TLS");
    }
    for mode in ["disable", "allow", "prefer"] {
        begin(&to(mode), &none).unwrap();
    }
}

#[test]
fn a_user_who_must_come_by_tls_does() {
    let to = |settings: &str| format!("postgres://{OVER_TLS}@127.0.0.1:{}/postgres{settings}", postgres().port());
    begin(&to(""), &Access::default()).unwrap();
    refused(&to("?sslmode=disable"), &Access::default(), "refused the user");
}

#[test]
fn passwords_are_taken_from_everywhere_and_told_nowhere() {
    let server = postgres();
    let (user, password) = SECURE;
    let to = format!("postgres://{user}@127.0.0.1:{}/postgres", server.port());
    let none = Access::default();
    refused(&to, &none, "wants a password");
    refused(&to, &variables(&[("PGPASSWORD", "canary")]), "refused the password");
    begin(&to, &variables(&[("PGPASSWORD", password)])).unwrap();
    begin(&to, &Access::new([("PGPASSWORD".to_owned(), "canary".to_owned())], Some(password.to_owned()))).unwrap();
    let inside = format!("postgres://{user}:pass%3Awort%2F%40%C3%A4@127.0.0.1:{}/postgres", server.port());
    begin(&inside, &variables(&[("PGPASSWORD", "canary")])).unwrap();
    refused(&format!("{inside}x"), &none, "is no database there");
    let scratch = Scratch::new();
    let file = scratch.path("pass");
    fs::write(&file, format!("127.0.0.1:*:postgres:{user}:{}\n", password.replace(':', "\\:"))).unwrap();
    let access = variables(&[("PGPASSFILE", &file.display().to_string())]);
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    let error = begin(&to, &access).unwrap_err();
    assert!(error.hints.iter().any(|hint| hint.contains("chmod 600")), "{:?}", error.hints);
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    begin(&to, &access).unwrap();
}

#[test]
fn the_environment_names_what_the_address_leaves_out() {
    let server = postgres();
    let folder = server.folder().display().to_string();
    let port = server.port().to_string();
    let all = variables(&[("PGHOST", &folder), ("PGPORT", &port), ("PGUSER", USER), ("PGDATABASE", "postgres")]);
    begin("postgres://", &all).unwrap();
    let socket = format!("postgres://{USER}@{}:{port}/postgres?sslmode=verify-full", folder.replace('/', "%2F"));
    begin(&socket, &Access::default()).unwrap();
}

#[test]
fn who_is_not_there_is_said_to_be_unreachable() {
    let port = crate::io::target::servers::free_port();
    refused(&format!("postgres://me:canary@127.0.0.1:{port}/x"), &Access::default(), "cannot be reached");
    refused("postgres://me:canary@no-such-host.invalid/x?sslmode=disable", &Access::default(), "cannot be reached");
    refused("postgres://me:canary@%2Fno%2Fsuch%2Ffolder/x", &Access::default(), "cannot be reached");
    // Accepts, and says nothing.
    let silent = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let to = format!("postgres://me:canary@127.0.0.1:{}/x?connect_timeout=1", silent.local_addr().unwrap().port());
    refused(&to, &Access::default(), "did not answer within 1 seconds");
}

#[test]
fn a_missing_permission_is_named() {
    let shop = Shop::new();
    let (user, password) = SECURE;
    shop.run("CREATE TABLE notes (id int); REVOKE CREATE ON SCHEMA public FROM public");
    let to = format!("postgres://{user}@127.0.0.1:{}/{}", shop.server.port(), shop.name);
    let options = TargetOptions { access: variables(&[("PGPASSWORD", password)]), ..TargetOptions::default() };
    let table = crate::io::target::fixtures::products();
    let error = open_with(&to, &options).unwrap().begin(&contract(vec![table]), &[0], Mode::Append).unwrap_err();
    assert!(error.to_string().contains("permission denied") && error.hints[0].contains("GRANT"), "{error}");
}
