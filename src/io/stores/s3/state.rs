//! The state of a prefix: `_karat/state-<n>.json`, the only word on which objects are rows of the target.
//!
//! Each load puts the next number, and only where none is: of two loads at once one fails. An object that the last
//! state does not name is no part of the target, whoever put it there.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::frame::schema::arrow_type;
use crate::io::stores::folder::history::Entry;
use crate::io::stores::folder::parts::folder_name;
use crate::io::stores::s3::store::{Created, Store};
use crate::model::{Error, Result, Table};

/// The form of the states this karat writes.
const VERSION: u32 = 1;
/// States kept besides the last one: somebody may be reading it.
const KEPT: u64 = 2;

/// What a target holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    pub karat_state: u32,
    /// 0: there is none yet.
    pub number: u64,
    /// What put this state: a load's id, or an undo.
    pub written_by: String,
    pub tables: BTreeMap<String, Held>,
    pub history: Vec<Entry>,
}

/// What a target holds of one table.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// The files' ending without compression: `csv`.
    pub format: String,
    /// Names and types, in order.
    pub columns: Vec<(String, String)>,
    pub parts: Vec<Part>,
}

/// One object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Below the prefix.
    pub key: String,
    pub load_id: String,
    pub rows: u64,
    pub bytes: u64,
}

impl Default for State {
    fn default() -> Self {
        Self {
            karat_state: VERSION,
            number: 0,
            written_by: String::new(),
            tables: BTreeMap::new(),
            history: Vec::new(),
        }
    }
}

/// Gives the columns of a table as a state holds them.
#[must_use]
pub fn columns(table: &Table) -> Vec<(String, String)> {
    let column = |column: &crate::model::Column| (column.name.clone(), arrow_type(&column.data_type).to_string());
    table.columns.iter().map(column).collect()
}

impl Held {
    /// Checks that rows of a table may stand beside those that are there.
    ///
    /// # Errors
    /// An output error that says what differs.
    pub fn check(&self, format: &str, table: &Table, place: &str) -> Result<()> {
        let name = &table.name;
        if self.format != format {
            let other = &self.format;
            return Err(Error::output(format!("{place} holds {name} as {other} files, not {format}"))
                .hint(format!("Load into `{other}:{place}`, or under another prefix.")));
        }
        let ours = columns(table);
        if ours == self.columns {
            return Ok(());
        }
        let differ = ours.iter().filter(|column| !self.columns.contains(column)).map(|(name, kind)| {
            match self.columns.iter().find(|(other, _)| other == name) {
                Some((_, other)) => format!("{name} is {other} there and {kind} by the contract"),
                None => format!("{name} is missing there"),
            }
        });
        let extra = self.columns.iter().filter(|(name, _)| !ours.iter().any(|(other, _)| other == name));
        let all: Vec<String> = differ.chain(extra.map(|(name, _)| format!("{name} is not in the contract"))).collect();
        let what = if all.is_empty() { "its columns stand in another order".to_owned() } else { all.join("; ") };
        Err(Error::output(format!("{name} in {place} does not fit the contract: {what}"))
            .hint("Load under another prefix, replace the table (`--mode replace`), or mend the contract."))
    }
}

/// A prefix of a bucket, as a target.
pub struct Target {
    pub store: Store,
    /// With a slash at its end, or empty.
    pub prefix: String,
}

impl Target {
    /// Names the prefix of a store's address.
    ///
    /// # Errors
    /// A usage error where objects cannot have it.
    pub fn new(store: Store) -> Result<Self> {
        let prefix = store.url.key.trim_matches('/');
        let prefix = if prefix.is_empty() { String::new() } else { format!("{prefix}/") };
        store.key(&format!("{prefix}x"))?;
        Ok(Self { store, prefix })
    }

    /// Gives the whole key of one below the prefix.
    #[must_use]
    pub fn key(&self, below: &str) -> String {
        format!("{}{below}", self.prefix)
    }

    /// Gives the address as it is shown.
    #[must_use]
    pub fn shown(&self) -> String {
        self.store.url.of(self.prefix.trim_end_matches('/'))
    }

    fn state_key(&self, number: u64) -> String {
        self.key(&format!("_karat/state-{number:012}.json"))
    }

    /// Gives the numbers of the states there, ascending.
    fn numbers(&self) -> Result<Vec<u64>> {
        let start = self.key("_karat/state-");
        let listed = self.store.list(&start, usize::MAX)?;
        let number = |key: &str| key.strip_prefix(&start)?.strip_suffix(".json")?.parse().ok();
        let mut numbers: Vec<u64> = listed.iter().filter_map(|meta| number(meta.location.as_ref())).collect();
        numbers.sort_unstable();
        Ok(numbers)
    }

    /// Reads the last state.
    ///
    /// # Errors
    /// Where the store refuses, or the state cannot be read.
    pub fn last(&self) -> Result<State> {
        // A state may be removed between the listing and the reading, by loads that came between.
        for _ in 0..5 {
            let Some(number) = self.numbers()?.last().copied() else { return Ok(State::default()) };
            if let Some(state) = self.state(number)? {
                return Ok(state);
            }
        }
        Err(Error::input(format!("the state of {} changes too fast to be read", self.shown())).hint("Run it again."))
    }

    fn state(&self, number: u64) -> Result<Option<State>> {
        let key = self.state_key(number);
        let Some(bytes) = self.store.read(&key)? else { return Ok(None) };
        let unreadable = || Error::output(format!("cannot read {}", self.store.url.of(&key)));
        let state: State = serde_json::from_slice(&bytes).map_err(|error| unreadable().because(error))?;
        if state.karat_state > VERSION {
            return Err(unreadable().hint("A newer karat wrote it: use that one."));
        }
        // What is named below is read and removed: it must lie below the prefix.
        let mut parts = state.tables.values().flat_map(|held| &held.parts);
        if state.number != number || parts.any(|part| part.key.starts_with('/') || self.store.key(&part.key).is_err()) {
            return Err(unreadable().hint("Somebody changed it. The states before it stand beside it."));
        }
        Ok(Some(state))
    }

    /// Puts the next state: the commit.
    ///
    /// # Errors
    /// Where another load was faster or the store refuses; the second value tells whether it is certain that this
    /// state was not put.
    pub fn commit(&self, state: &State) -> std::result::Result<(), (Error, bool)> {
        let text = serde_json::to_vec(state).map_err(|error| (Error::output("cannot write").because(error), true))?;
        let created = self.store.create(&self.state_key(state.number), text);
        if let Created::Refused(error) = created {
            return Err((error, true));
        }
        if matches!(created, Created::Yes) {
            return Ok(());
        }
        // Taken, perhaps by this very request, sent again after its answer was lost: what stands there tells.
        match (self.state(state.number), created) {
            (Ok(Some(there)), _) if there == *state => Ok(()),
            (Ok(Some(there)), _) => {
                let message = format!("another load into {} was committed while this one ran", self.shown());
                let error = Error::output(message).hint(format!("It was {}. Run this load again.", there.written_by));
                Err((error, true))
            }
            (_, Created::Unknown(error)) => {
                Err((error.hint("Whether the load was committed is not known: see `karat history`."), false))
            }
            _ => Err((Error::output(format!("cannot read the state of {}", self.shown())), false)),
        }
    }

    /// Makes sure that the store refuses to put an object where one is: without that, of two loads at once one would be
    /// lost in silence. It shows too, before the work is done, that objects may be written here.
    ///
    /// # Errors
    /// Where it does not, or nothing may be written.
    pub fn keeps_what_is_there(&self) -> Result<()> {
        let key = self.key("_karat/only-once");
        for _ in 0..2 {
            match self.store.create(&key, Vec::new()) {
                Created::Taken => return Ok(()),
                Created::Yes => {}
                Created::Refused(error) | Created::Unknown(error) => return Err(error),
            }
        }
        Err(Error::usage(format!("the store ({}) puts objects over others unasked", self.store.place.endpoint))
            .hint("karat needs conditional writes (`If-None-Match: *`), so that two loads at once cannot lose rows.")
            .hint("Use a newer version of the store, or load into a folder and copy that."))
    }

    /// Writes the manifests of tables as the last state has it; looks again after that, since a load that came
    /// between may have written its own before.
    ///
    /// # Errors
    /// Where the store refuses. The next load writes them.
    pub fn manifests(&self, state: &State, tables: &[&str]) -> Result<()> {
        let mut state = state.clone();
        for _ in 0..5 {
            for table in tables {
                let held = state.tables.get(*table).cloned().unwrap_or_default();
                self.store.put(&self.manifest_key(table), self.manifest(&held))?;
            }
            match self.numbers()?.last() {
                Some(number) if *number > state.number => state = self.last()?,
                _ => break,
            }
        }
        Ok(())
    }

    /// Writes the manifest of a table where it is not as the state has it: a load died before it wrote it.
    ///
    /// # Errors
    /// Where the store refuses.
    pub fn mend_manifest(&self, state: &State, table: &str) -> Result<()> {
        let Some(held) = state.tables.get(table) else { return Ok(()) };
        let there = self.store.read(&self.manifest_key(table))?;
        if there.is_some_and(|there| there == self.manifest(held)) {
            return Ok(());
        }
        self.manifests(state, &[table])
    }

    fn manifest_key(&self, table: &str) -> String {
        self.key(&format!("{}.manifest", folder_name(table)))
    }

    /// Gives Redshift's form of a list of files.
    ///
    /// Source: <https://docs.aws.amazon.com/redshift/latest/dg/loading-data-files-using-manifest.html>.
    fn manifest(&self, held: &Held) -> Vec<u8> {
        let entry = |part: &Part| {
            let url = self.store.url.of(&self.key(&part.key));
            serde_json::json!({"url": url, "mandatory": true, "meta": {"content_length": part.bytes}})
        };
        let entries: Vec<serde_json::Value> = held.parts.iter().map(entry).collect();
        let mut text = serde_json::to_vec_pretty(&serde_json::json!({ "entries": entries })).unwrap_or_default();
        text.push(b'\n');
        text
    }

    /// Removes states that nobody needs any more.
    ///
    /// # Errors
    /// Where the store refuses.
    pub fn forget(&self, state: &State) -> Result<()> {
        let numbers = self.numbers()?.into_iter().filter(|number| number + KEPT < state.number);
        let old: Vec<String> = numbers.map(|number| self.state_key(number)).collect();
        if old.is_empty() { Ok(()) } else { self.store.remove(&old) }
    }

    /// Removes parts that loads which died left in a table's folder: those that have the name of a part, are not in
    /// the state, and are a day older than the state. Everything else stays.
    ///
    /// # Errors
    /// Where the store refuses.
    pub fn clear(&self, state: &State, table: &str) -> Result<()> {
        let Some(now) = self.store.look(&self.state_key(state.number))? else { return Ok(()) };
        let start = self.key(&format!("{}/part-", folder_name(table)));
        let live: Vec<String> =
            state.tables.values().flat_map(|held| &held.parts).map(|part| self.key(&part.key)).collect();
        let dead = |meta: &object_store::ObjectMeta| {
            let key = meta.location.as_ref();
            let name = key.strip_prefix(&start).unwrap_or_default();
            let ours = !name.contains('/') && [".csv", ".ndjson", ".parquet", ".gz"].iter().any(|e| name.ends_with(e));
            let old = now.last_modified.timestamp() - meta.last_modified.timestamp() > 24 * 60 * 60;
            ours && old && !live.iter().any(|live| live == key)
        };
        let listed = self.store.list(&start, usize::MAX)?;
        let dead: Vec<String> = listed.iter().filter(|meta| dead(meta)).map(|meta| meta.location.to_string()).collect();
        if dead.is_empty() { Ok(()) } else { self.store.remove(&dead) }
    }
}
