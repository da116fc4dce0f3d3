//! The load history of a prefix as a ledger: an `append` load is undone by a state without its parts.

use crate::io::stores::folder::history;
use crate::io::stores::s3::state::Target;
use crate::io::{Ledger, PastLoad};
use crate::model::Result;

/// The history of one prefix.
pub struct ObjectLedger(pub Target);

impl Ledger for ObjectLedger {
    fn loads(&mut self) -> Result<Vec<PastLoad>> {
        Ok(history::loads(&self.0.last()?.history))
    }

    fn undo(&mut self, load_id: &str, undone_at: &str) -> Result<Vec<(String, u64)>> {
        let mut state = self.0.last()?;
        let tables = history::undo(&mut state.history, load_id, undone_at)?;
        let mut gone = Vec::new();
        for (table, loaded) in &tables {
            let held = state.tables.entry(table.clone()).or_default();
            let (theirs, others): (Vec<_>, Vec<_>) =
                std::mem::take(&mut held.parts).into_iter().partition(|part| part.load_id == load_id);
            history::all_there(load_id, table, theirs.iter().map(|part| part.rows).sum(), *loaded)?;
            held.parts = others;
            gone.extend(theirs.into_iter().map(|part| self.0.key(&part.key)));
        }
        state.number += 1;
        state.written_by = format!("undo {load_id} {undone_at}");
        self.0.commit(&state).map_err(|(error, _)| error)?;
        // The rows are gone from here on: what follows is tidied by the next load where it fails.
        let names: Vec<&str> = tables.keys().map(String::as_str).collect();
        let _ = self.0.manifests(&state, &names).and_then(|()| self.0.store.remove(&gone));
        Ok(tables.into_iter().collect())
    }
}
