//! Random contracts.

use proptest::prelude::*;

/// Makes a column's text: a type, and rules that fit it and leave room.
fn column() -> impl Strategy<Value = String> {
    let bounds = (-50i32..50, 20i32..5000, any::<bool>(), 1i32..4);
    let lengths = (1usize..6, 4usize..30);
    prop_oneof![
        (prop_oneof![Just("int16"), Just("int32"), Just("int64"), Just("\"decimal(12,2)\""), Just("float64")], bounds).prop_map(
            |(name, (least, span, required, step))| format!(
                "{{type: {name}, minimum: {least}, exclusive_maximum: {}, required: {required}, multiple_of: {step}, not_values: [{}]}}",
                least + span * step,
                least + 1
            )
        ),
        lengths.prop_map(|(least, more)| format!("{{type: string, min_length: {least}, max_length: {}}}", least + more)),
        (1u8..5, 1u8..5).prop_map(|(a, b)| format!("{{type: string, pattern: \"[A-Z]{{{a}}}(-[0-9]{{{b}}})?x*\"}}")),
        prop::collection::btree_set("[a-z]{1,6}", 1..5).prop_map(|words| {
            let quoted: Vec<String> = words.iter().map(|word| format!("\"{word}\"")).collect();
            format!("{{type: string, accepted_values: [{}]}}", quoted.join(", "))
        }),
        (0u32..300).prop_map(|days| format!("{{type: date, minimum: \"2025-{:02}-{:02}\", maximum: today}}", 1 + days % 12, 1 + days % 28)),
        Just("{type: timestamp, maximum: now, generate: {null_rate: 0.2}}".to_owned()),
        Just("{type: string, format: email}".to_owned()),
        (1u64..4, 0u64..4).prop_map(|(least, more)| format!(
            "{{type: list, min_items: {least}, max_items: {}, items: {{type: struct, fields: {{p: {{type: int64, references: parent.id}}, q: {{type: float32, minimum: 0}}}}}}}}",
            least + more
        )),
        Just("{type: int64, required: true, references: parent.id}".to_owned()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn contracts_are_passed(columns in prop::collection::vec(column(), 1..7), seed_rows in 1u64..700, ordered in any::<bool>()) {
        let mut text = String::from("parent:\n  primary_key: [id]\n  columns:\n    id: {type: int64, minimum: 1}\n    code: {type: string, unique: true, pattern: \"[A-Z]{2}[0-9]{3}\"}\n  generate: {rows: 90}\nt:\n  primary_key: [id]\n  columns:\n    id: int64\n    from: {type: date, minimum: \"2025-01-01\"}\n    to: {type: date, maximum: \"2026-01-01\"}\n");
        for (at, column) in columns.iter().enumerate() {
            text += &format!("    c{at}: {column}\n");
        }
        text += "  rules:\n    - {compare: \"from <= to\"}\n    - {row_count: {minimum: 1}}\n";
        if ordered {
            text += "    - {increasing: from}\n";
        }
        crate::generate::plan::tests::passes(&text, seed_rows);
    }
}
