//! Options: what the contract does not say, looked at before any of it becomes text.

use crate::model::{Column, DataType, Error, Result, Table};
use crate::sql::scripts::names::{self, Fold, NameRule};
use crate::sql::scripts::text::shown;

/// A warehouse that scripts are written for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Warehouse {
    Redshift,
    Snowflake,
}

/// How rows enter the table, as in `karat load`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mode {
    #[default]
    Append,
    Upsert,
    Replace,
}

impl Mode {
    /// Gives the word of the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Append => "append",
            Self::Upsert => "upsert",
            Self::Replace => "replace",
        }
    }
}

/// Where the parts wait.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stage {
    /// `s3://bucket/prefix`, without a slash at the end.
    Url(String),
    /// A stage of Snowflake that exists: its names, plain words, and the path below.
    Named { names: Vec<String>, path: String },
}

/// What the contract does not say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Options {
    pub schema: Option<String>,
    /// Snowflake: names as the contract spells them, else plain ones in capitals.
    pub exact_names: bool,
    /// `COLUMN` or `TABLE.COLUMN`; for Redshift also `even`, `all` or `auto`.
    pub dist_key: Vec<String>,
    pub sort_key: Vec<String>,
    pub cluster_by: Vec<String>,
    pub stage: Option<Stage>,
    pub load_id: Option<String>,
    pub mode: Mode,
    /// An ARN, or `default`.
    pub iam_role: Option<String>,
    pub region: Option<String>,
    pub storage_integration: Option<String>,
    pub readers: Vec<String>,
    pub loaders: Vec<String>,
    pub contract_sha256: String,
}

/// What stands for a load id that nobody gave.
const LOAD_ID: &str = "<load_id>";

impl Stage {
    /// Reads `s3://bucket/prefix`, or `@name/path` for a stage of Snowflake.
    ///
    /// # Errors
    /// A usage error; it does not repeat the text, which may hold a signature.
    pub fn read(text: &str) -> Result<Self> {
        let wrong = || {
            Error::usage("--stage is neither s3://BUCKET/PREFIX nor @NAME/PATH")
                .hint("letters, digits and - _ . / = + % only; no keys and no signed URLs: a role reads the stage")
        };
        let plain = |text: &str| text.chars().all(|c| c.is_alphanumeric() || "-_./=+%".contains(c));
        let text = text.trim_end_matches('/');
        if let Some(rest) = text.strip_prefix('@') {
            let (names, path) = rest.split_once('/').unwrap_or((rest, ""));
            let names: Vec<String> = names.split('.').map(str::to_owned).collect();
            let named = names.len() <= 3 && names.iter().all(|name| is_word(name));
            return if named && plain(path) { Ok(Self::Named { names, path: path.to_owned() }) } else { Err(wrong()) };
        }
        let schemes = ["s3://", "s3gov://", "s3china://", "gcs://", "azure://"];
        let rest = schemes.iter().find_map(|scheme| text.strip_prefix(scheme)).ok_or_else(wrong)?;
        if rest.is_empty() || rest.starts_with('/') || !plain(rest) {
            return Err(wrong());
        }
        Ok(Self::Url(text.to_owned()))
    }
}

impl Options {
    /// Gives the warehouse's rule for names.
    #[must_use]
    pub fn names(&self, warehouse: Warehouse) -> NameRule {
        match warehouse {
            Warehouse::Redshift => names::REDSHIFT,
            Warehouse::Snowflake if self.exact_names => NameRule { fold: Fold::Exact, ..names::SNOWFLAKE },
            Warehouse::Snowflake => names::SNOWFLAKE,
        }
    }

    /// Gives the load's id, or what stands for it.
    #[must_use]
    pub fn load_id(&self) -> &str {
        self.load_id.as_deref().unwrap_or(LOAD_ID)
    }

    /// Gives the stage's URL, or what stands for it.
    #[must_use]
    pub fn stage_url(&self) -> String {
        match &self.stage {
            Some(Stage::Url(url)) => url.clone(),
            _ => "s3://<bucket>/<prefix>".to_owned(),
        }
    }

    /// Looks at every text that comes from outside.
    ///
    /// # Errors
    /// A usage error that names the option.
    pub fn check(&self, warehouse: Warehouse) -> Result<()> {
        if self.load_id.as_deref().is_some_and(|id| id.len() > 64 || !is_load_id(id)) {
            return Err(Error::usage("--load-id is no load id").hint("64 letters, digits and - _ . : + at most"));
        }
        if self.region.as_deref().is_some_and(|region| !is_kebab(region)) {
            return Err(Error::usage("--region is no region").hint("write eu-central-1"));
        }
        // What was given is not repeated: it may be a key, given by mistake.
        if self.iam_role.as_deref().is_some_and(|role| role != "default" && !is_role(role)) {
            let hint = "write arn:aws:iam::123456789012:role/NAME or `default`; never an access key";
            return Err(Error::usage("--iam-role is no role").hint(hint));
        }
        if self.storage_integration.as_deref().is_some_and(|name| !is_word(name)) {
            return Err(Error::usage("--storage-integration is no name").hint("letters, digits, _ and $"));
        }
        let named = matches!(self.stage, Some(Stage::Named { .. }));
        let other = matches!(&self.stage, Some(Stage::Url(url)) if !url.starts_with("s3://"));
        match warehouse {
            Warehouse::Redshift if named || other => {
                Err(Error::usage("Redshift reads parts from S3").hint("write --stage s3://BUCKET/PREFIX"))
            }
            Warehouse::Redshift if self.storage_integration.is_some() || !self.cluster_by.is_empty() => {
                Err(Error::usage("--storage-integration and --cluster-by are for Snowflake")
                    .hint("Redshift takes --iam-role, --dist-key and --sort-key"))
            }
            Warehouse::Snowflake
                if self.iam_role.is_some()
                    || self.region.is_some()
                    || !(self.dist_key.is_empty() && self.sort_key.is_empty()) =>
            {
                Err(Error::usage("--iam-role, --region, --dist-key and --sort-key are for Redshift")
                    .hint("Snowflake takes --storage-integration and --cluster-by"))
            }
            _ => Ok(()),
        }
    }

    /// Makes sure that every column named is one of some table, and can be ordered.
    ///
    /// # Errors
    /// A usage error that names the column.
    pub fn check_columns(&self, tables: &[Table]) -> Result<()> {
        let options = [
            ("--dist-key", &self.dist_key, &["even", "all", "auto"][..]),
            ("--sort-key", &self.sort_key, &["auto"][..]),
            ("--cluster-by", &self.cluster_by, &["none"][..]),
        ];
        for (option, entries, words) in options {
            for entry in entries {
                let mut found = tables.iter().filter_map(|table| column_of(table, entry)).peekable();
                let shown = shown(entry);
                if found.peek().is_none() && !words.contains(&entry.as_str()) {
                    return Err(Error::usage(format!("{option} {shown}: no table has such a column"))
                        .hint(format!("write COLUMN, TABLE.COLUMN or {}", words.join(", "))));
                }
                if found.any(|column| !is_ordered(&column.data_type)) {
                    return Err(Error::usage(format!(
                        "{option} {shown}: a list, struct or binary column orders nothing"
                    )));
                }
            }
        }
        Ok(())
    }
}

/// Finds the column that `COLUMN` or `TABLE.COLUMN` names in a table.
#[must_use]
pub fn column_of<'a>(table: &'a Table, entry: &str) -> Option<&'a Column> {
    let below = entry.strip_prefix(table.name.as_str()).and_then(|rest| rest.strip_prefix('.'));
    let find = |name: &str| table.columns.iter().find(|column| column.name == name);
    below.and_then(find).or_else(|| find(entry))
}

/// Tells whether values can be sorted and spread by.
#[must_use]
pub fn is_ordered(data_type: &DataType) -> bool {
    !data_type.is_nested() && *data_type != DataType::Binary
}

fn is_word(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '$'))
}

fn is_kebab(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
}

fn is_load_id(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_.:+".contains(c))
}

/// Tells whether text is one role's ARN, or several in a chain.
fn is_role(text: &str) -> bool {
    text.split(',').all(|arn| {
        let pieces: Vec<&str> = arn.splitn(6, ':').collect();
        let [scheme, partition, service, region, account, rest] = pieces.as_slice() else { return false };
        *scheme == "arn"
            && partition.starts_with("aws")
            && is_kebab(partition)
            && *service == "iam"
            && region.is_empty()
            && account.len() == 12
            && account.bytes().all(|byte| byte.is_ascii_digit())
            && rest.strip_prefix("role/").is_some_and(|name| {
                !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "_+=.@-/".contains(c))
            })
    })
}
