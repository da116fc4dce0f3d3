//! `pip wheel .` gives a wheel whose program runs, in a fresh virtual environment.
//!
//! The wheel is built from what these tests were built from: cargo's own build folder, profile and features, so that
//! nothing heavy is compiled again; the finished program goes elsewhere, so that no other test finds it gone.

use std::path::Path;
use std::process::{Command, Output};

use crate::reports::club;
use crate::support::project;

fn run(command: &mut Command, what: &str) -> Output {
    let output = command.output().unwrap_or_else(|error| panic!("{what}: {error}"));
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{what} failed\n{said}");
    output
}

#[test]
fn a_wheel_installs_and_runs() {
    let club = club();
    let program = Path::new(env!("CARGO_BIN_EXE_karat"));
    let profile = program.parent().unwrap();
    let build = profile.parent().unwrap();
    let profile = profile.file_name().unwrap().to_string_lossy();
    let profile = if profile == "debug" { "dev" } else { &profile };
    // The same set of features by the same names, or cargo takes it for another build.
    let features = match (cfg!(feature = "polars"), cfg!(feature = "duckdb")) {
        (true, true) => "",
        (true, false) => " --no-default-features --features=polars",
        (false, true) => " --no-default-features --features=duckdb",
        (false, false) => " --no-default-features",
    };
    let arguments = format!("--profile {profile}{features}");

    let wheels = club.join("wheels");
    let mut pip = Command::new("python3");
    pip.args(["-m", "pip", "wheel", "--no-deps", "--disable-pip-version-check", "-w"]).arg(&wheels).arg(project());
    pip.env("CARGO_BUILD_BUILD_DIR", build).env("CARGO_TARGET_DIR", club.join("target"));
    pip.env("MATURIN_PEP517_ARGS", arguments);
    run(&mut pip, "pip wheel (it fetches maturin from PyPI, so it needs the network)");

    let files = club.files();
    let wheel = files.iter().find(|name| name.starts_with("wheels/")).expect("a wheel");
    assert!(wheel.contains("karat-") && wheel.contains("-py3-none-"), "{wheel}");
    run(Command::new("python3").args(["-m", "venv"]).arg(club.join("venv")), "python3 -m venv");
    let mut install = Command::new(club.join("venv/bin/python"));
    install.args(["-m", "pip", "install", "--no-deps", "--no-index", "--disable-pip-version-check"]);
    run(install.arg(club.join(wheel)), "pip install");

    let karat = club.join("venv/bin/karat");
    let version = run(Command::new(&karat).arg("--version"), "karat --version");
    assert_eq!(String::from_utf8_lossy(&version.stdout).trim(), concat!("karat ", env!("CARGO_PKG_VERSION")));
    let check = Command::new(&karat)
        .args(["check", "data/people.csv", "-c", "rules/club.yaml", "--report", "html=r.html"])
        .current_dir(club.path())
        .output()
        .unwrap();
    assert_eq!(check.status.code(), Some(1), "{}", String::from_utf8_lossy(&check.stderr));
    assert!(club.text("r.html").contains("FAILED"));
}
