//! `ParseCode`: what can be wrong with a record or a cell before any rule is asked. Codes are never reused.

use serde::{Deserialize, Serialize};

macro_rules! parse_codes {
    ($($variant:ident = $code:literal, $title:literal, $page:literal;)*) => {
        /// Names a fault of a record or a cell.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum ParseCode { $(#[doc = $title] $variant,)* }

        impl ParseCode {
            /// All codes, ascending.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// Gives the stable code: `P004`.
            #[must_use]
            pub const fn code(self) -> &'static str { match self { $(Self::$variant => $code,)* } }

            /// Says in a few words what is wrong.
            #[must_use]
            pub const fn title(self) -> &'static str { match self { $(Self::$variant => $title,)* } }

            /// Explains the fault and what to do about it.
            #[must_use]
            pub const fn page(self) -> &'static str { match self { $(Self::$variant => $page,)* } }
        }
    };
}

parse_codes! {
    UnclosedQuote = "P001", "a quote is never closed",
        "A field opens with a quote and no quote closes it before the file, or the field limit, ends.\nOnly the first physical line is refused; reading goes on with the next line, so that nothing is swallowed.\nClose the quote, or double it if it is data.";
    TextAfterQuote = "P002", "text after a closing quote",
        "A quoted field is closed and then followed by something that is neither a delimiter nor the end of the line.\nOnly the first physical line is refused. Double the quote if it is data: \"5\"\" pipe\".";
    QuoteInField = "P003", "a quote inside an unquoted field",
        "RFC 4180 allows no quote in a field that does not start with one. Quote the field and double the quote,\nor read such quotes as data with `source: {quotes: lenient}`.";
    TooFewFields = "P004", "too few fields",
        "The record has fewer fields than the header (or the contract, where there is no header) asks for.\nA record over several lines is refused by its first physical line only.";
    TooManyFields = "P005", "too many fields",
        "The record has more fields than the header (or the contract) asks for: often an unquoted delimiter in a value.\nA file whose lines all end in a delimiter wants `source: {trailing_delimiter: true}`.";
    InvalidUtf8 = "P006", "bytes that are not UTF-8",
        "The named byte does not continue a valid UTF-8 sequence. Often the file is Latin-1: `source: {encoding: latin1}`.";
    NulByte = "P007", "a NUL byte",
        "The record holds a byte 0, which databases refuse or cut text at. Often the file is UTF-16 without a byte-order mark.";
    FieldTooLong = "P008", "a field over the limit",
        "A field has more bytes than `source: {max_field_bytes: …}` allows (1 MiB by default).";
    NotBool = "P010", "not a boolean",
        "Booleans are true, false, t, f, yes, no, y, n, 1 or 0 in any case; in JSON true and false only.";
    NotInteger = "P011", "not an integer",
        "Integers are digits with an optional sign: no blanks, no point, no exponent, no separators.";
    IntegerRange = "P012", "an integer out of range",
        "The number is whole but does not fit the column's type.";
    NotNumber = "P013", "not a number",
        "Numbers are digits with an optional sign, point and exponent.";
    NotFinite = "P014", "NaN or infinity",
        "NaN and infinities break every comparison and are refused, unless the column says `allow_nan: true`.";
    NotDecimal = "P015", "not a decimal",
        "Decimals are digits with an optional sign and point: no separators and no currency sign.";
    DecimalRange = "P016", "a decimal that does not fit",
        "The number has more digits before or after the point than `decimal(p,s)` holds. karat never rounds.";
    NotDate = "P017", "not a date",
        "The text does not read as a real day in the column's `format` (`%Y-%m-%d` by default).";
    NotTime = "P018", "not a time",
        "The text does not read as a time of day in the column's `format` (`%H:%M:%S%.f` by default).";
    NotTimestamp = "P019", "not a timestamp",
        "The text does not read as a moment in the column's `format` (ISO 8601 by default; a `timestamptz` needs an offset).";
    NotBinary = "P020", "not base64 or hex",
        "Binary columns are read from base64 (the default) or hex text.";
    JsonSyntax = "P030", "broken JSON",
        "The record is not a JSON text by RFC 8259; the byte where reading stopped is named.";
    JsonDuplicateKey = "P031", "a key twice in one object",
        "RFC 8259 leaves open which of two equal keys counts, so karat refuses to choose.";
    JsonType = "P032", "a JSON value of another type",
        "The value is of another JSON type than the column, for example text where a number is promised.";
    JsonTruncated = "P033", "JSON that ends too early",
        "The file ends inside the record: it was cut while it was written or copied.";
    JsonDepth = "P034", "JSON nested too deeply",
        "Values are nested deeper than `source: {max_depth: …}` allows (128 by default).";
    JsonNotObject = "P035", "JSON that is not an object",
        "Every record must be an object whose keys are the columns.";
}

impl ParseCode {
    /// Finds a code by its text.
    #[must_use]
    pub fn find(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.code().eq_ignore_ascii_case(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_ascend() {
        assert!(ParseCode::ALL.windows(2).all(|pair| pair[0].code() < pair[1].code()));
    }
}
