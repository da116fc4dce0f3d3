//! A private MariaDB: its own folder, port and socket, no privileges but those of `nobody` where the tests are root.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use super::{Guarded, folder, free_port, guarded, install, is_root, program, run};

/// The password of the user `karat`; a canary too, for outputs that may not hold it.
pub const PASSWORD: &str = "canary-pw-4711";

/// Makes a database of its own and gives its URL, for a user that may do anything in it.
pub fn new_database() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let name = format!("karat_{number}");
    root(&format!("CREATE DATABASE `{name}`; GRANT ALL ON `{name}`.* TO karat@'%'"));
    format!("mysql://karat:{PASSWORD}@127.0.0.1:{}/{name}", server().port)
}

/// Runs a script as the server's administrator; gives what it prints, columns set apart by tabs.
pub fn root(script: &str) -> String {
    client(server(), script)
}

/// The certificate of the authority that vouches for the server, by the name `localhost`.
pub fn authority() -> PathBuf {
    server().folder.join("ca.pem")
}

/// The one server of this process.
pub fn server() -> &'static Guarded {
    static SERVER: OnceLock<Guarded> = OnceLock::new();
    SERVER.get_or_init(start)
}

const FOLDERS: [&str; 4] = ["/usr/sbin", "/usr/bin", "/usr/local/sbin", "/usr/local/bin"];

fn find(name: &str) -> Option<String> {
    program(name, &FOLDERS.map(Path::new)).map(|path| path.display().to_string())
}

fn start() -> Guarded {
    install(&["mariadb-server-core", "mariadb-client-core", "openssl"], || {
        ["mariadbd", "mariadb-install-db", "mariadb", "openssl"].iter().all(|name| find(name).is_some())
    });
    let folder = folder("mariadb");
    certify(&folder);
    // Root may not run the server, and `nobody` has to reach its folder.
    let lower = if is_root() {
        run(Command::new("chown").arg("nobody:nogroup").arg(&folder));
        format!("setpriv --reuid=nobody --regid=nogroup --clear-groups env HOME='{}' ", folder.display())
    } else {
        String::new()
    };
    let (shown, port) = (folder.display(), free_port());
    let install_db = find("mariadb-install-db").expect("it was installed");
    run(Command::new("sh").args([
        "-c",
        &format!(
            "{lower}{install_db} --no-defaults --datadir='{shown}/data' --auth-root-authentication-method=normal \
             --skip-test-db --skip-name-resolve --innodb-flush-log-at-trx-commit=0 --innodb-doublewrite=0"
        ),
    ]));
    let mariadbd = find("mariadbd").expect("it was installed");
    let line = format!(
        "{lower}{mariadbd} --no-defaults --datadir='{shown}/data' --bind-address=127.0.0.1 --port={port} \
         --socket='{shown}/s.sock' --pid-file='{shown}/pid' --skip-name-resolve --innodb-flush-log-at-trx-commit=0 \
         --innodb-doublewrite=0 --innodb-buffer-pool-size=64M --character-set-server=utf8mb4 --max-connections=300 \
         --ssl-ca='{shown}/ca.pem' --ssl-cert='{shown}/server.pem' --ssl-key='{shown}/server.key'"
    );
    let server = guarded(folder, port, &line);
    for attempt in 0.. {
        let ready = Command::new(find("mariadb").expect("it was installed"))
            .args(["--no-defaults", "-h127.0.0.1", &format!("-P{port}"), "-uroot", "-e", "SELECT 1"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .unwrap();
        if ready.success() {
            break;
        }
        assert!(attempt < 600, "MariaDB does not start: {}", log(&server));
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    client(&server, &format!("CREATE USER karat@'%' IDENTIFIED BY '{PASSWORD}'"));
    server
}

/// Makes an authority and a certificate for `localhost`.
fn certify(folder: &Path) {
    let script = "key='-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes'\n\
                  openssl req -x509 $key -keyout ca.key -out ca.pem -days 3650 -subj /CN=karat-test-authority\n\
                  openssl req $key -keyout server.key -out server.csr -subj /CN=localhost\n\
                  echo subjectAltName=DNS:localhost > names\n\
                  openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 3650 -extfile names \
                  -out server.pem\n\
                  chmod 644 *.key *.pem";
    run(Command::new("sh").args(["-ec", script]).current_dir(folder));
}

fn log(server: &Guarded) -> String {
    let file = std::fs::File::open(server.folder.join("log")).unwrap();
    let lines: Vec<String> = BufReader::new(file).lines().map_while(Result::ok).collect();
    lines.join("\n")
}

fn client(server: &Guarded, script: &str) -> String {
    run(Command::new(find("mariadb").expect("it was installed")).args([
        "--no-defaults",
        "--default-character-set=utf8mb4",
        "-N",
        "-h127.0.0.1",
        &format!("-P{}", server.port),
        "-uroot",
        "-e",
        script,
    ]))
}
