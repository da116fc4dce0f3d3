//! Source settings: how a table's files are written.

/// Describes the files of one table.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a key of a contract's source")]
pub struct SourceSpec {
    pub format: Format,
    /// A path or glob, relative to the data folder: `transactions/d=*/transactions.json`.
    pub path: Option<String>,
    /// A database server that holds the rows, instead of files.
    pub server: Option<ServerSource>,
    /// One byte; CSV only, as everything below up to `encoding`.
    pub delimiter: u8,
    /// `None`: no byte quotes.
    pub quote: Option<u8>,
    pub escape: Escape,
    pub quotes: Quotes,
    pub header: bool,
    pub line_ending: LineEnding,
    /// A line that starts with this byte is a comment.
    pub comment: Option<u8>,
    /// Physical lines before the header that are not data.
    pub skip_lines: u64,
    /// An empty line is a record with one empty field (files of one column); else it is counted apart.
    pub blank_records: bool,
    /// Each record ends in a delimiter (`.tbl` files).
    pub trailing_delimiter: bool,
    /// Spellings of NULL, compared with the whole field.
    pub null_values: Vec<String>,
    /// A quoted spelling of NULL is NULL too.
    pub quoted_nulls: bool,
    /// A field with more bytes than this is a fault of its record.
    pub max_field_bytes: u64,
    pub encoding: Encoding,
    /// Values nested deeper than this are a fault (JSON only).
    pub max_depth: u32,
    /// Which settings were written down; the others are defaults.
    pub written: Written,
}

/// Rows of a database server.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ServerSource {
    /// `postgres://user@host/database`, with `${NAME}` for what the environment knows.
    pub url: String,
    /// The table there; one of the same name where neither this nor a query is given.
    pub table: Option<String>,
    pub query: Option<String>,
    /// A column by whose ranges the rows are read over several connections at once.
    pub partition_on: Option<String>,
}

/// Settings of a source that its contract names.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Written {
    pub format: bool,
    pub delimiter: bool,
    pub header: bool,
}

impl Default for SourceSpec {
    fn default() -> Self {
        Self {
            format: Format::Csv,
            path: None,
            server: None,
            delimiter: b',',
            quote: Some(b'"'),
            escape: Escape::Doubled,
            quotes: Quotes::Strict,
            header: true,
            line_ending: LineEnding::Any,
            comment: None,
            skip_lines: 0,
            blank_records: false,
            trailing_delimiter: false,
            null_values: vec![String::new()],
            quoted_nulls: true,
            max_field_bytes: 1 << 20,
            encoding: Encoding::Auto,
            max_depth: 128,
            written: Written::default(),
        }
    }
}

/// What a file's bytes mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Csv,
    /// One JSON object a line.
    Ndjson,
    /// One JSON array of objects.
    Json,
    Parquet,
}

impl Format {
    /// Gives the name as contracts write it; files of the format end in it too.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Ndjson => "ndjson",
            Self::Json => "json",
            Self::Parquet => "parquet",
        }
    }

    /// Tells whether each record starts a line of its own, so that a line names it.
    #[must_use]
    pub const fn has_lines(self) -> bool {
        matches!(self, Self::Csv | Self::Ndjson)
    }
}

/// How a quote is written inside a quoted field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Escape {
    /// `""`
    Doubled,
    /// `\"`; the backslash makes the next byte literal, in unquoted fields too.
    Backslash,
}

/// What a quote inside an unquoted field is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quotes {
    /// A fault of the record.
    Strict,
    /// Data.
    Lenient,
}

/// Which bytes end a record outside quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineEnding {
    /// LF, CRLF and a lone CR, also mixed in one file.
    Any,
    /// LF, with a CR before it as part of the ending; a lone CR is data.
    Lf,
    /// CRLF alone.
    Crlf,
    /// CR alone.
    Cr,
}

/// How characters are written as bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-16 by its byte-order mark, else UTF-8.
    Auto,
    Utf8,
    Utf16Le,
    Utf16Be,
    Latin1,
}

impl Encoding {
    /// Gives the name as contracts write it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Utf8 => "utf-8",
            Self::Utf16Le => "utf-16le",
            Self::Utf16Be => "utf-16be",
            Self::Latin1 => "latin1",
        }
    }
}
