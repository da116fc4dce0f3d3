//! What the tests share: temporary folders, contracts from text, runs of the library and of the program.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicU32, Ordering};

use karat::model::{Context, Contract, Report, Result};
use karat::ops::Settings;
use karat::ops::check::{CheckRequest, check};
use karat::ops::inputs::{Servers, TableInput, Wanted, resolve};
use karat::ops::load::{LoadRequest, Mode, TargetOptions, load, open_target};
use karat::ops::refused::RejectFolder;

/// 2026-01-01T00:00:00Z: the moment every test runs at.
pub const NOW: Context = Context { today: 20_454, now: 20_454 * 86_400_000_000 };

/// The contract of a table that keeps the last row of a key.
pub const SHOP: &str = "karat: 1
name: shop
tables:
  products:
    primary_key: {columns: [sku], keep: last}
    columns:
      sku: {type: string}
      price: {type: \"decimal(8,2)\", required: true, minimum: 0}
";

/// A folder of its own, removed at the end.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("karat-it-{}-{number}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    pub fn join(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        path
    }

    pub fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.0.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    pub fn text(&self, name: &str) -> String {
        String::from_utf8(self.read(name)).unwrap()
    }

    /// All files below, `/` between folders, sorted.
    pub fn files(&self) -> Vec<String> {
        fn walk(root: &Path, folder: &Path, found: &mut Vec<String>) {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    walk(root, &path, found);
                } else {
                    found.push(path.strip_prefix(root).unwrap().to_string_lossy().replace('\\', "/"));
                }
            }
        }
        let mut found = Vec::new();
        walk(&self.0, &self.0, &mut found);
        found.sort();
        found
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Reads a contract that must be good.
pub fn contract(text: &str) -> Contract {
    karat::contract::read(text)
        .unwrap_or_else(|complaints| panic!("{}", karat::contract::diagnose::render("test", text, &complaints, false)))
}

/// Settings for so many threads and records a batch.
pub fn settings(threads: usize, batch_rows: usize) -> Settings {
    let mut settings = Settings::new(NOW);
    settings.threads = threads;
    settings.batch_rows = batch_rows;
    settings
}

/// Finds the inputs of a contract in a folder.
pub fn inputs(contract: &Contract, data: &Path) -> Vec<TableInput> {
    let wanted = Wanted {
        files: &[],
        data: Some(data),
        spool: data,
        stdin: &mut std::io::empty(),
        servers: &Servers::default(),
    };
    resolve(contract, wanted).unwrap_or_else(|error| panic!("{error}"))
}

/// Checks the files of a folder.
pub fn run_check(contract: &Contract, data: &Path, rejects: Option<&Path>, settings: &Settings) -> Result<Report> {
    let inputs = inputs(contract, data);
    let rejects = rejects.map(|path| RejectFolder { path, overwrite: true });
    check(&CheckRequest { contract, inputs: &inputs, rejects, allow_empty: true }, settings)
}

/// Loads the files of a folder.
pub fn run_load(
    contract: &Contract,
    data: &Path,
    target: &str,
    mode: Mode,
    rejects: &Path,
    settings: &Settings,
) -> Result<Report> {
    let inputs = inputs(contract, data);
    let request = LoadRequest {
        contract,
        inputs: &inputs,
        sink: open_target(target, &TargetOptions::default())?,
        mode,
        rejects: RejectFolder { path: rejects, overwrite: true },
        force: false,
        max_rejects: None,
        allow_empty: true,
        load_id: format!("load-{}", rejects.file_name().unwrap().to_string_lossy()),
        loaded_at: "2026-01-01T00:00:00Z".to_owned(),
    };
    load(request, settings)
}

/// Runs the program in a folder.
pub fn karat(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_karat"))
        .args(arguments)
        .current_dir(folder)
        .env_remove("NO_COLOR")
        .env_remove("CLICOLOR_FORCE")
        .env("COLUMNS", "80")
        .output()
        .unwrap()
}

/// The folder of the project.
pub fn project() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A folder of inputs beside the project that nobody here wrote, where there is one.
pub fn shared(name: &str) -> Option<PathBuf> {
    Some(project().parent()?.join("shared").join(name)).filter(|path| path.exists())
}
