//! Real servers for tests: private instances in temporary folders on free ports. One instance of each serves a whole
//! test process; it is started by the first test that asks, and ends with the process, however that ends.
//!
//! The unit tests of the library and the integration tests share these files by `#[path]`.
#![allow(dead_code, reason = "not every test binary asks for every server")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may stop")]
#![allow(clippy::disallowed_methods, reason = "tests are outside")]

pub mod mariadb;
pub mod postgres;
pub mod proxy;
pub mod s3;

use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

/// A server's process and its folder. A shell stands between: it ends the server and removes the folder as soon as the
/// pipe from the test process closes, which also a killed process cannot prevent.
pub struct Guarded {
    pub folder: PathBuf,
    pub port: u16,
    _shell: Mutex<Child>,
}

/// Starts `command` (a line for `sh`) as a server in a folder that was made for it.
pub fn guarded(folder: PathBuf, port: u16, command: &str) -> Guarded {
    let script = format!(
        "{command} & server=$!\n\
         read -r _\n\
         kill -TERM $server 2>/dev/null\n\
         (sleep 10; kill -KILL $server 2>/dev/null) & watch=$!\n\
         wait $server\n\
         kill $watch 2>/dev/null\n\
         rm -rf '{}'",
        folder.display()
    );
    let log = std::fs::File::create(folder.join("log")).unwrap();
    let shell = Command::new("setsid")
        .args(["sh", "-c", &script])
        .stdin(Stdio::piped())
        .stdout(log.try_clone().unwrap())
        .stderr(log)
        .spawn()
        .expect("setsid and sh are everywhere");
    Guarded { folder, port, _shell: Mutex::new(shell) }
}

/// Gives a port that was free a moment ago.
pub fn free_port() -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port()
}

/// Makes an empty folder for a server.
pub fn folder(name: &str) -> PathBuf {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let path = std::env::temp_dir().join(format!("karat-{name}-{}-{number}", std::process::id()));
    let _ = std::fs::remove_dir_all(&path);
    std::fs::create_dir_all(&path).unwrap();
    path
}

/// Runs a program to its end and shows what it said where it fails.
pub fn run(command: &mut Command) -> String {
    let shown = format!("{command:?}");
    let output = command.stdin(Stdio::null()).output().unwrap_or_else(|error| panic!("{shown}: {error}"));
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{shown}: {said}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Tells whether the tests run as root, which servers refuse to be.
pub fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

/// Installs Debian packages unless `there` finds them. One process at a time: apt waits for nobody.
pub fn install(packages: &[&str], there: impl Fn() -> bool) {
    static ONE: Mutex<()> = Mutex::new(());
    let _one = ONE.lock();
    if there() {
        return;
    }
    let mut said = String::new();
    for step in [&["update", "-qq"][..], &[&["install", "-y", "--no-install-recommends"], packages].concat()] {
        let mut command = if is_root() { Command::new("apt-get") } else { Command::new("sudo") };
        if !is_root() {
            command.args(["-n", "apt-get"]);
        }
        command.args(["-o", "DPkg::Lock::Timeout=300"]).args(step).env("DEBIAN_FRONTEND", "noninteractive");
        match command.stdin(Stdio::null()).output() {
            Ok(output) => said.push_str(&String::from_utf8_lossy(&output.stderr)),
            Err(error) => said.push_str(&format!("apt-get {}: {error}\n", step[0])),
        }
    }
    assert!(there(), "{packages:?} could not be installed: {said}");
}

/// Finds a program in the folders given, then on the path.
pub fn program(name: &str, folders: &[&Path]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let all = folders.iter().map(|folder| folder.to_path_buf()).chain(std::env::split_paths(&path));
    all.map(|folder| folder.join(name)).find(|path| path.is_file())
}
