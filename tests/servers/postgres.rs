//! A private PostgreSQL: Debian's programs, a folder of its own, TLS with a certificate made for it.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use super::{Guarded, folder, free_port, guarded, install, is_root, program, run};

/// The superuser, let in from this machine without a password.
pub const USER: &str = "karat";
/// A user who needs a password, and it: its spelling wants escapes in an address.
pub const SECURE: (&str, &str) = ("secure", "pass:wort/@ä");
/// A user who is let in with TLS only.
pub const OVER_TLS: &str = "tls_only";

/// A running server.
pub struct Postgres {
    server: Guarded,
    programs: PathBuf,
}

/// Gives the server of this test process.
pub fn postgres() -> &'static Postgres {
    static ONE: OnceLock<Postgres> = OnceLock::new();
    ONE.get_or_init(|| Postgres::start(true))
}

/// Gives a server without TLS.
pub fn without_tls() -> &'static Postgres {
    static ONE: OnceLock<Postgres> = OnceLock::new();
    ONE.get_or_init(|| Postgres::start(false))
}

impl Postgres {
    /// Starts a server.
    pub fn start(tls: bool) -> Self {
        install(&["postgresql"], || programs().is_some());
        let programs = programs().unwrap();
        let folder = folder("postgres");
        let data = folder.join("data");
        certificates(&folder);
        own(&folder);
        let made = format!(
            "{}/initdb -D {} -U {USER} --auth=trust -E UTF8 --locale=C.UTF-8 --no-sync --no-instructions",
            programs.display(),
            data.display()
        );
        run(Command::new("sh").args(["-c", &format!("{} {made}", as_owner(&folder))]));
        let access = format!(
            "local all all trust\nhost all {secure} 127.0.0.1/32 scram-sha-256\nhostssl all {OVER_TLS} 127.0.0.1/32 trust\n\
             hostnossl all {OVER_TLS} 127.0.0.1/32 reject\nhost all all 127.0.0.1/32 trust\n",
            secure = SECURE.0
        );
        fs::write(data.join("pg_hba.conf"), access).unwrap();
        let port = free_port();
        let place = folder.display();
        let tls = if tls {
            format!("-c ssl=on -c ssl_cert_file={place}/server.pem -c ssl_key_file={place}/server.key")
        } else {
            String::new()
        };
        let command = format!(
            "exec {owner} {programs}/postgres -D {data} -c listen_addresses=127.0.0.1 -c port={port} \
             -c unix_socket_directories={place} -c fsync=off -c full_page_writes=off \
             -c shared_buffers=64MB -c max_connections=200 -c max_wal_size=2GB {tls}",
            owner = as_owner(&folder),
            programs = programs.display(),
            data = data.display(),
        );
        let server = Self { server: guarded(folder.clone(), port, &command), programs };
        let end = Instant::now() + Duration::from_secs(30);
        while server.try_run("postgres", "SELECT 1").is_err() {
            let log = || fs::read_to_string(folder.join("log")).unwrap_or_default();
            assert!(Instant::now() < end, "PostgreSQL does not start: {}", log());
            std::thread::sleep(Duration::from_millis(50));
        }
        let (name, password) = SECURE;
        server
            .run("postgres", &format!("CREATE ROLE {name} LOGIN PASSWORD '{password}'; CREATE ROLE {OVER_TLS} LOGIN"));
        server
    }

    /// Gives the port of 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.server.port
    }

    /// Gives the folder of the socket, where `ca.pem` and `other-ca.pem` lie too.
    pub fn folder(&self) -> &Path {
        &self.server.folder
    }

    /// Makes an empty database and gives its name.
    pub fn new_database(&self) -> String {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("d{}", NEXT.fetch_add(1, Ordering::Relaxed));
        self.run("postgres", &format!("CREATE DATABASE {name}"));
        name
    }

    /// Gives the address of a database.
    pub fn address(&self, database: &str) -> String {
        format!("postgres://{USER}@127.0.0.1:{}/{database}", self.port())
    }

    /// Makes an empty database and gives its address.
    pub fn new_address(&self) -> String {
        self.address(&self.new_database())
    }

    /// Runs statements, and gives the rows: columns with `|` between.
    pub fn run(&self, database: &str, script: &str) -> Vec<String> {
        self.try_run(database, script).unwrap_or_else(|said| panic!("{script}: {said}"))
    }

    /// Runs statements, and gives the rows or what the server said.
    pub fn try_run(&self, database: &str, script: &str) -> Result<Vec<String>, String> {
        let port = self.port().to_string();
        let output = Command::new(self.programs.join("psql"))
            .args(["-XqAt", "-v", "ON_ERROR_STOP=1", "-U", USER, "-h"])
            .arg(&self.server.folder)
            .args(["-p", &port, "-d", database, "-c", script])
            .env("PGCLIENTENCODING", "UTF8")
            .output()
            .map_err(|error| error.to_string())?;
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into_owned());
        }
        Ok(String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect())
    }
}

fn programs() -> Option<PathBuf> {
    let mut found: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path().join("bin"))
        .filter(|folder| folder.join("postgres").is_file())
        .collect();
    found.sort();
    found.pop().or_else(|| program("postgres", &[])?.parent().map(Path::to_owned))
}

/// What comes before a command so that it does not run as root, which PostgreSQL refuses.
fn as_owner(folder: &Path) -> String {
    if !is_root() {
        return String::new();
    }
    format!("setpriv --reuid=postgres --regid=postgres --clear-groups env -u PGDATA HOME={}", folder.display())
}

fn own(folder: &Path) {
    if is_root() {
        run(Command::new("chown").args(["-R", "postgres:postgres"]).arg(folder));
    }
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).unwrap();
}

/// Makes an authority and a certificate of the server for `localhost`, and an authority nobody used.
fn certificates(folder: &Path) {
    let openssl = |arguments: &str| {
        run(Command::new("openssl").args(arguments.split(' ')).current_dir(folder));
    };
    let key = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes";
    for name in ["ca", "other-ca"] {
        openssl(&format!("req -x509 {key} -keyout {name}.key -out {name}.pem -days 2 -subj /CN={name}"));
    }
    openssl(&format!("req {key} -keyout server.key -out server.csr -subj /CN=localhost"));
    fs::write(folder.join("names"), "subjectAltName=DNS:localhost\n").unwrap();
    openssl("x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out server.pem -days 2 -extfile names");
    fs::set_permissions(folder.join("server.key"), fs::Permissions::from_mode(0o600)).unwrap();
}
