//! Guard: a run never writes over what it reads, and what it read was the same from its first byte to its last.

use std::path::Path;

use crate::io::rejects;
use crate::io::stores::local::Fingerprint;
use crate::model::{Contract, Error, Result};
use crate::ops::inputs::TableInput;

/// Remembers what the inputs of a run looked like before any of them was read.
#[derive(Debug)]
pub struct Guard(Vec<Fingerprint>);

impl Guard {
    /// Looks at the inputs. A run reads them several times (content hash, keys, judging); `unchanged` at its end
    /// says that all of these saw the same bytes.
    ///
    /// # Errors
    /// Where an input is not there.
    pub fn over(inputs: &[TableInput]) -> Result<Self> {
        let files = inputs.iter().flat_map(|input| &input.files);
        files.map(|file| Fingerprint::of(&file.path)).collect::<Result<_>>().map(Self)
    }

    /// Looks again, after the last pass and before anything is committed.
    ///
    /// # Errors
    /// Where an input is no longer what it was.
    pub fn unchanged(&self) -> Result<()> {
        self.0.iter().try_for_each(Fingerprint::check_unchanged)
    }
}

/// Makes sure that the rejects of a run do not take the place of one of its inputs.
///
/// # Errors
/// A usage error that names the input.
pub fn spare_inputs(contract: &Contract, inputs: &[TableInput], rejects: &Path) -> Result<()> {
    for writer in inputs {
        let Some(table) = contract.tables.get(writer.table) else { continue };
        for file in inputs.iter().flat_map(|input| &input.files) {
            if rejects::would_replace(rejects, &table.name, &file.path)? {
                let message = format!("{} would be replaced by the rejects of this run", file.shown);
                return Err(Error::usage(message).hint("Give --rejects another folder."));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::InputFile;
    use crate::io::stores::testing::TestFolder;

    #[test]
    fn a_file_replaced_between_two_passes_is_noticed() {
        let folder = TestFolder::new();
        let path = folder.file("a.csv", b"a\n1\n");
        let file = InputFile { shown: "a.csv".into(), path: path.clone(), partitions: Vec::new() };
        let guard = Guard::over(&[TableInput::files(0, vec![file])]).unwrap();
        assert!(guard.unchanged().is_ok());
        std::fs::rename(folder.file("b.csv", b"a\n2\n"), &path).unwrap();
        assert!(guard.unchanged().unwrap_err().message.contains("while it was read"));
    }
}
