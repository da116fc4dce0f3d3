//! Layout: which columns of a table stand in its records, and which in the folders of its path.

use crate::model::Table;

/// Knows where the columns of a table stand.
#[derive(Debug, Clone)]
pub struct Layout {
    /// Columns that no folder holds, in order.
    pub inside: Vec<usize>,
    /// Columns that `name=*` folders of the path hold.
    pub folders: Vec<usize>,
    columns: usize,
}

impl Layout {
    /// Reads the path of a table's source.
    #[must_use]
    pub fn new(table: &Table) -> Self {
        let path = table.source.path.as_deref().unwrap_or_default();
        let folders = path.rsplit_once('/').map_or("", |(folders, _)| folders);
        let named =
            |name: &str| folders.split('/').any(|folder| folder.split_once('=').is_some_and(|(key, _)| key == name));
        let (folders, inside) = (0..table.columns.len()).partition(|column| named(&table.columns[*column].name));
        Self { inside, folders, columns: table.columns.len() }
    }

    /// Gives the field of a column in a record of so many fields. Records that hold all columns are understood too.
    #[must_use]
    pub fn field(&self, column: usize, width: usize) -> Option<usize> {
        if width == self.columns {
            return Some(column);
        }
        self.inside.iter().position(|inside| *inside == column)
    }

    /// Gives the columns of a record of so many fields, in order.
    #[must_use]
    pub fn fields(&self, width: usize) -> Vec<usize> {
        if width == self.columns { (0..self.columns).collect() } else { self.inside.clone() }
    }

    /// Tells whether a record may have so many fields.
    #[must_use]
    pub const fn allows(&self, width: usize) -> bool {
        width == self.inside.len() || width == self.columns
    }
}
