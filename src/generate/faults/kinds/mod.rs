//! The kinds of faults: one file each, in a folder a level, and one word in the list.

/// Declares the files of the kinds of each level, and lists what they hold.
macro_rules! kinds {
    ($($level:ident { $($name:ident)* })*) => {
        $(pub mod $level;)*

        /// Every kind, by level, sorted by name in each.
        pub const KINDS: &[&[&FaultKind]] = &[$(&[$(&$level::$name::KIND),*]),*];
    };
}

use crate::generate::faults::kind::FaultKind;

kinds! {
    value {
        disguised_null
        empty
        negative
        noise
        not_in_set
        null
        out_of_range
        outlier
        precision_loss
        sign_flip
        unit_mismatch
        whitespace_only
        wrong_type
        zero
    }
    text {
        case
        control_char
        formula_prefix
        homoglyph
        html_entity
        inner_space
        invalid_utf8
        mojibake
        nbsp_zero_width
        newline_inside
        ocr
        overlong
        pad_left
        pad_right
        truncate
        typo
        unicode_nfd
    }
    time {
        ancient_date
        format_mix
        future_date
        invalid_date
        time_travel
        tz_shift
        wrong_partition
    }
    row {
        all_null
        dup_case
        dup_exact
        dup_key
        dup_near
        missing_row
        shift_right
        stale_version
        swap_columns
    }
    relation {
        aggregate_mismatch
        cardinality
        dup_in_array
        fd_violation
        orphan_fk
        wrong_parent
    }
    csv {
        bare_quote
        blank_lines
        bom
        crlf_mix
        delimiter_mix
        encoding_utf16
        footer
        header_duplicated
        header_missing
        header_renamed
        header_reordered
        no_final_newline
        nul_byte
        preamble
        ragged_long
        ragged_short
        truncated_file
        unclosed_quote
        unescaped_newline
    }
    json {
        array_to_object
        concatenated_objects
        duplicate_key
        extra_key
        invalid_json
        missing_key
        nan_literal
        truncated_line
        type_drift
    }
    set {
        duplicate_file
        empty_file
        late_file
        missing_partition
        schema_drift
        volume_anomaly
    }
}

/// Walks all kinds.
pub fn all() -> impl Iterator<Item = &'static FaultKind> {
    KINDS.iter().flat_map(|level| level.iter().copied())
}

/// Finds a kind by name.
#[must_use]
pub fn find(name: &str) -> Option<&'static FaultKind> {
    all().find(|kind| kind.name == name)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::generate::faults::kind::Level;

    #[test]
    fn names_are_unique_and_levels_sorted() {
        let names: BTreeSet<&str> = all().map(|kind| kind.name).collect();
        assert_eq!(names.len(), all().count());
        assert!(names.len() >= 45, "{}", names.len());
        for (level, (expected, _)) in KINDS.iter().zip(Level::ALL) {
            assert!(level.iter().all(|kind| kind.level == *expected), "{expected:?}");
            assert!(level.windows(2).all(|pair| pair[0].name < pair[1].name), "{expected:?}");
        }
    }

    #[test]
    fn every_file_is_registered() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/generate/faults/kinds");
        let mut files = BTreeSet::new();
        for level in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir())
        {
            for file in std::fs::read_dir(level).unwrap() {
                files.insert(file.unwrap().file_name().into_string().unwrap().trim_end_matches(".rs").to_owned());
            }
        }
        files.remove("mod");
        assert_eq!(files, all().map(|kind| kind.name.to_owned()).collect());
    }
}
