//! What several commands share: reading the contract, the run's settings, writing reports.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::path::{Path, PathBuf};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use clap::Args;

use crate::cli::access::ServerArgs;
pub use crate::cli::outputs::{Output, check_outputs, deliver, deliver_beside, outputs};
use crate::cli::signals;
use crate::contract;
use crate::model::literal::timestamp_text;
use crate::model::report::RunReport;
use crate::model::temporal::Pattern;
use crate::model::{Context, Contract, DataType, Error, ErrorKind, Result};
use crate::ops::Settings;
use crate::ops::inputs::{self, TableInput, Wanted};
use crate::render;

/// Arguments of every command that judges files.
#[derive(Debug, Args)]
pub struct InputArgs {
    /// Files, globs, folders, `table=path`, mysql://…, s3://… or `-`; else the contract's.
    #[arg(value_name = "FILES")]
    pub files: Vec<String>,
    /// The contract.
    #[arg(long, short, value_name = "FILE")]
    pub contract: PathBuf,
    /// The folder the contract's paths start from.
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Write reports besides: html=r.html, json=- (docs/reports.md).
    #[arg(long = "report", value_name = "FORM=FILE")]
    pub reports: Vec<String>,
    /// Leave moments, durations and run ids out of reports.
    #[arg(long)]
    pub no_timestamps: bool,
    #[command(flatten)]
    pub servers: ServerArgs,
    /// An input without a record is fine.
    #[arg(long)]
    pub allow_empty: bool,
    /// Worker threads; all cores by default.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub threads: Option<u16>,
    /// Memory for the keys of `unique` rules; more are spilled.
    #[arg(long, value_name = "SIZE", value_parser = bytes, default_value = "1GiB")]
    pub memory: usize,
    /// The day, or moment (UTC), that `today` and `now` mean.
    #[arg(long, value_name = "DATE")]
    pub as_of: Option<String>,
    /// Records judged at once.
    #[arg(long, value_name = "N", hide = true, value_parser = clap::value_parser!(u32).range(1..))]
    pub batch_rows: Option<u32>,
    /// Bytes read at once.
    #[arg(long, value_name = "N", hide = true, value_parser = clap::value_parser!(u32).range(1..))]
    pub block_bytes: Option<u32>,
}

impl InputArgs {
    /// Makes the run's settings. `spool` lives as long as the run.
    ///
    /// # Errors
    /// Where `--as-of` is no moment.
    pub fn settings(&self, spool: &Spool) -> Result<Settings> {
        let mut settings = Settings::new(context(self.as_of.as_deref())?);
        settings.threads = threads(self.threads);
        settings.batch_rows = self.batch_rows.map_or(settings.batch_rows, |rows| rows as usize);
        settings.block_bytes = self.block_bytes.map_or(settings.block_bytes, |bytes| bytes as usize);
        settings.memory = self.memory;
        settings.spool = Some(spool.path().to_owned());
        settings.interrupted = signals::flag();
        Ok(settings)
    }

    /// Finds the files of each table. `spool` lives as long as standard input may be read again.
    ///
    /// # Errors
    /// As [`inputs::resolve`].
    pub fn inputs(&self, contract: &Contract, spool: &Spool) -> Result<Vec<TableInput>> {
        let stdin = &mut std::io::stdin().lock();
        let servers = &self.servers.servers(threads(self.threads))?;
        let wanted = Wanted { files: &self.files, data: self.data.as_deref(), spool: spool.path(), stdin, servers };
        inputs::resolve(contract, wanted)
    }
}

/// Gives the worker threads of a run: as many as asked for, or one a core.
#[must_use]
pub fn threads(asked: Option<u16>) -> usize {
    asked.map_or_else(|| std::thread::available_parallelism().map_or(1, usize::from), usize::from)
}

/// Reads a size: `64MiB`, `1.5G`, `500MB`, or bytes.
fn bytes(text: &str) -> Result<usize, String> {
    const UNITS: &[(&str, u64)] = &[("k", 10), ("m", 20), ("g", 30), ("t", 40)];
    let wrong = || format!("`{text}` is no size; write it as 512MiB or 2GiB");
    let at = text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(text.len());
    let (number, unit) = text.split_at(at);
    let number: f64 = number.trim().parse().map_err(|_| wrong())?;
    let unit = unit.trim().to_ascii_lowercase();
    // As everywhere: KB is 1000 bytes, KiB and K are 1024.
    let (name, thousands) = match unit.strip_suffix("ib") {
        Some(name) => (name, false),
        None => unit.strip_suffix('b').map_or((unit.as_str(), false), |name| (name, true)),
    };
    let scale = match UNITS.iter().find(|(known, _)| *known == name) {
        Some((_, bits)) if thousands => 1000_f64.powi(i32::try_from(bits / 10).unwrap_or(0)),
        #[expect(clippy::cast_precision_loss, reason = "a power of two")]
        Some((_, bits)) => (1_u64 << bits) as f64,
        None if name.is_empty() && unit != "ib" => 1.0,
        None => return Err(wrong()),
    };
    let size = number * scale;
    if !(0.0..1e18).contains(&size) {
        return Err(wrong());
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "in range")]
    Ok(usize::try_from(size as u64).unwrap_or(usize::MAX))
}

/// A folder for standard input and for keys beyond the memory, removed at the end.
#[derive(Debug)]
pub struct Spool(PathBuf);

impl Spool {
    /// Names a fresh folder in the system's temporary one.
    #[must_use]
    pub fn new() -> Self {
        Self(std::env::temp_dir().join(format!("karat-{}-{}", std::process::id(), clock())))
    }

    /// Gives the folder's path; it need not exist yet.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Default for Spool {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Spool {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Reads a contract file; every mistake in it is in the error.
///
/// # Errors
/// Where the file cannot be read or has mistakes.
pub fn read_contract(path: &Path, color: bool) -> Result<Contract> {
    read_contract_text(&path.display().to_string(), &contract_text(path)?, color)
}

/// Reads a contract's text; every mistake in it is in the error, under the name shown.
///
/// # Errors
/// Where it has mistakes.
pub fn read_contract_text(shown: &str, text: &str, color: bool) -> Result<Contract> {
    contract::read(text).map_err(|complaints| {
        let shown = render::text::clean(shown);
        Error::new(ErrorKind::Contract, contract::diagnose::render(&shown, text, &complaints, color))
    })
}

/// Reads a contract file's text.
///
/// # Errors
/// A usage error where it cannot be read or is not UTF-8.
pub fn contract_text(path: &Path) -> Result<String> {
    let bytes = std::fs::read(path).map_err(|error| {
        Error::usage(format!("cannot read the contract {}", path.display()))
            .because(error)
            .hint("`karat demo` writes one to copy; `karat contract reference` lists every key")
    })?;
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        Error::usage(format!("the contract {} is not UTF-8 at byte {at}", path.display()))
    })
}

/// Gives microseconds since 1970, UTC.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "cli is where the clock enters")]
pub fn clock() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
}

/// Writes a moment as RFC 3339 in UTC.
#[must_use]
pub fn rfc3339(micros: i64) -> String {
    format!("{}Z", timestamp_text(micros).replacen(' ', "T", 1))
}

/// Gives the moment of the run: `--as-of`, or the clock's.
///
/// # Errors
/// Where the text is no moment.
pub fn context(as_of: Option<&str>) -> Result<Context> {
    const DAY: i64 = 86_400_000_000;
    let now = match as_of {
        None => clock(),
        Some(text) => {
            let bytes = text.trim_end_matches('Z').as_bytes();
            let day = Pattern::default_for(&DataType::Date).date(bytes).map(|days| i64::from(days) * DAY);
            let moment = || Pattern::default_for(&DataType::Timestamp).timestamp(bytes);
            day.or_else(moment).ok_or_else(|| {
                Error::usage(format!("--as-of {text} is not a day")).hint("write 2026-01-31 or 2026-01-31T12:00:00")
            })?
        }
    };
    Ok(Context { today: i32::try_from(now.div_euclid(DAY)).unwrap_or(i32::MAX), now })
}

/// What only `cli` knows about a run.
#[derive(Debug)]
pub struct Run {
    started: Instant,
    started_at: i64,
    threads: usize,
    contract: Option<PathBuf>,
    /// Whether reports tell moments, durations, threads and an id.
    timestamps: bool,
}

impl Run {
    /// Starts the clock.
    #[must_use]
    pub fn start(threads: usize) -> Self {
        Self { started: Instant::now(), started_at: clock(), threads, contract: None, timestamps: true }
    }

    /// Takes the contract's path and `--no-timestamps` from the arguments.
    #[must_use]
    pub fn of(self, input: &InputArgs) -> Self {
        Self { contract: Some(input.contract.clone()), timestamps: !input.no_timestamps, ..self }
    }

    /// Describes the run so far.
    #[must_use]
    pub fn describe(&self, target: Option<String>, load_id: Option<String>, rejects: Option<&Path>) -> RunReport {
        let ended = clock();
        let moment = |micros| rfc3339(if self.timestamps { micros } else { 0 });
        RunReport {
            karat_version: env!("CARGO_PKG_VERSION").to_owned(),
            run_id: self.timestamps.then(|| run_id(ended)),
            started_at: moment(self.started_at),
            finished_at: moment(ended),
            seconds: if self.timestamps { self.started.elapsed().as_secs_f64() } else { 0.0 },
            threads: if self.timestamps { self.threads } else { 0 },
            contract_file: self.contract.as_deref().map(below_here),
            baseline: None,
            target,
            load_id,
            rejects: rejects.map(|path| path.display().to_string()),
            rejects_link: None,
        }
    }
}

/// Gives a path as CI services want it: from the current folder where it lies below it, `/` between folders.
#[expect(clippy::disallowed_methods, reason = "cli is where the environment enters")]
fn below_here(path: &Path) -> String {
    let here = std::env::current_dir().ok();
    let below = here.as_deref().and_then(|here| path.strip_prefix(here).ok()).unwrap_or(path);
    below.display().to_string().replace('\\', "/")
}

/// Makes a UUID of version 7 (RFC 9562): the moment in milliseconds, then random bits. They are those the standard
/// library seeds its hash maps with.
fn run_id(micros: i64) -> String {
    let random = || RandomState::new().build_hasher().finish();
    let millis = u64::try_from(micros / 1000).unwrap_or(0) & 0xFFFF_FFFF_FFFF;
    let (high, low) = (millis << 16 | 0x7000 | random() & 0x0FFF, random() & (u64::MAX >> 2) | 1 << 63);
    format!(
        "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
        high >> 32,
        high >> 16 & 0xFFFF,
        high & 0xFFFF,
        low >> 48,
        low & 0xFFFF_FFFF_FFFF
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn run_ids_are_uuids_of_version_seven() {
        let id = run_id(1_769_839_201_284_000);
        assert_eq!(id.len(), 36, "{id}");
        assert!(id.starts_with("019c12a3-0c04-"), "{id}");
        assert_eq!(&id[14..15], "7", "{id}");
        assert!(matches!(&id[19..20], "8" | "9" | "a" | "b"), "{id}");
        assert_ne!(id, run_id(1_769_839_201_284_000));
    }

    #[test]
    fn sizes_are_read() {
        for (text, size) in [
            ("0", 0),
            ("4096", 4096),
            ("100B", 100),
            ("64KiB", 64 << 10),
            ("1.5g", 3 << 29),
            ("2 GiB", 2 << 30),
            ("500MB", 500_000_000),
            ("1TB", 1_000_000_000_000),
        ] {
            assert_eq!(bytes(text), Ok(size), "{text}");
        }
        for text in ["", "GiB", "-1", "1XB", "1ib", "1e30", "nan", "1 GiB more"] {
            assert!(bytes(text).is_err(), "{text}");
        }
    }
}
