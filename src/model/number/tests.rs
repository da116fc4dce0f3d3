//! Tables of good and bad texts, and round trips.

use proptest::prelude::*;

use crate::model::number::{
    FloatError, NumberError, any_decimal, decimal, decimal_misfit, eight, float, float32, integer, integer_i64,
};

#[test]
fn integers_are_digits_with_a_sign() {
    for (text, value) in [("0", 0), ("-0", 0), ("+7", 7), ("007", 7), ("-12", -12), ("9223372036854775808", 1 << 63)] {
        assert_eq!(integer(text.as_bytes()), Ok(value), "{text}");
    }
    for text in ["", "-", "+", "--1", "1.0", "1e3", " 1", "1 ", "1,000", "0x1", "١", "1_000", "12345678901234567890x"]
    {
        assert_eq!(integer(text.as_bytes()), Err(NumberError::Malformed), "{text}");
        assert_eq!(integer_i64(text.as_bytes()), Err(NumberError::Malformed), "{text}");
    }
    assert_eq!(integer(i128::MIN.to_string().as_bytes()), Ok(i128::MIN));
    assert_eq!(integer(i128::MAX.to_string().as_bytes()), Ok(i128::MAX));
    assert_eq!(integer(b"170141183460469231731687303715884105728"), Err(NumberError::Range));
    assert_eq!(integer(b"-170141183460469231731687303715884105729"), Err(NumberError::Range));
    assert_eq!(integer_i64(b"-9223372036854775808"), Ok(i64::MIN));
    assert_eq!(integer_i64(b"9223372036854775808"), Err(NumberError::Range));
    assert_eq!(integer_i64(b"0000000000000000000000042"), Ok(42));
}

#[test]
fn decimals_are_exact_or_refused() {
    for (text, value) in [
        ("5", 500),
        ("5.", 500),
        (".5", 50),
        ("-5.50", -550),
        ("+0.01", 1),
        ("-0", 0),
        ("1.2300000000000000000000", 123),
    ] {
        assert_eq!(decimal(text.as_bytes(), 12, 2, false), Ok(value), "{text}");
    }
    for text in ["", ".", "-", "-.", "1.2.3", "1,5", "1e2", "$5", " 5", "5 ", "abc", "NaN", "1..2"] {
        assert_eq!(decimal(text.as_bytes(), 12, 2, false), Err(NumberError::Malformed), "{text}");
    }
    assert_eq!(decimal(b"9999999999.99", 12, 2, false), Ok(999_999_999_999));
    assert_eq!(decimal(b"10000000000.00", 12, 2, false), Err(NumberError::Range));
    assert_eq!(decimal(b"0.001", 12, 2, false), Err(NumberError::Range));
    let nines = "9".repeat(38);
    assert_eq!(decimal(nines.as_bytes(), 38, 0, false), Ok(10i128.pow(38) - 1));
    assert_eq!(decimal(format!("{nines}0").as_bytes(), 38, 0, false), Err(NumberError::Range));
    assert_eq!(decimal(format!("-.{nines}").as_bytes(), 38, 38, false), Ok(1 - 10i128.pow(38)));
    assert_eq!(decimal(b"1", 38, 38, false), Err(NumberError::Range));
    assert_eq!(decimal(b"1", 38, 37, false), Ok(10i128.pow(37)));
    assert_eq!(decimal(b"0", 38, 38, false), Ok(0));
}

#[test]
fn exponents_move_the_point() {
    for (text, value) in
        [("1e2", 10_000), ("1.5E-1", 15), ("100e-2", 100), ("0e999999999999999999999", 0), ("12.5e+1", 12_500)]
    {
        assert_eq!(decimal(text.as_bytes(), 12, 2, true), Ok(value), "{text}");
    }
    for text in ["1e400", "1e-3", "1e99999999999999999999999", "1e-99999999999999999999999"] {
        assert_eq!(decimal(text.as_bytes(), 12, 2, true), Err(NumberError::Range), "{text}");
    }
    assert_eq!(decimal(b"1e", 12, 2, true), Err(NumberError::Malformed));
    assert_eq!(decimal(b"e5", 12, 2, true), Err(NumberError::Malformed));
    assert_eq!(decimal(b"1e+-5", 12, 2, true), Err(NumberError::Malformed));
}

#[test]
fn any_decimal_keeps_the_scale_written() {
    assert_eq!(any_decimal(b"5.50"), Ok((550, 2)));
    assert_eq!(any_decimal(b"-0.0"), Ok((0, 1)));
    assert_eq!(any_decimal(b"7"), Ok((7, 0)));
    assert_eq!(any_decimal(b"0000000000000000000000000000000000000000012"), Ok((12, 0)));
    assert_eq!(any_decimal("1".repeat(39).as_bytes()), Err(NumberError::Range));
    assert_eq!(any_decimal(b"1e2"), Err(NumberError::Malformed));
}

#[test]
fn a_misfit_is_counted() {
    assert_eq!(decimal_misfit(b"1.234", 12, 2), "3 digits after the point, the type holds 2");
    assert_eq!(decimal_misfit(b"123.0", 4, 2), "3 digits before the point, the type holds 2");
    assert_eq!(decimal_misfit(b".5", 1, 0), "1 digit after the point, the type holds 0");
    assert_eq!(decimal_misfit(b"1000", 5, 2), "4 digits before the point, the type holds 3");
}

#[test]
fn floats_are_finite() {
    for (text, value) in [("1", 1.0), ("-0", 0.0), ("1.", 1.0), (".5", 0.5), ("1e-400", 0.0), ("+2.5E+3", 2500.0)] {
        assert_eq!(float(text.as_bytes(), false), Ok(value), "{text}");
    }
    assert!(float(b"-0", false).is_ok_and(f64::is_sign_negative));
    for text in ["", ".", "e5", "1e", "1,5", " 1", "1 ", "0x1p3", "1d", "infinit", "nano", "1_0"] {
        assert_eq!(float(text.as_bytes(), true), Err(FloatError::Malformed), "{text}");
    }
    for text in ["1e400", "-1e400", "nan", "NaN", "inf", "-Infinity", "+INF"] {
        assert_eq!(float(text.as_bytes(), false), Err(FloatError::NotFinite), "{text}");
    }
    assert_eq!(float(b"1e400", true), Err(FloatError::NotFinite));
    assert!(float(b"NaN", true).is_ok_and(f64::is_nan));
    assert_eq!(float(b"-inf", true), Ok(f64::NEG_INFINITY));
    assert_eq!(float32(b"1e39", false), Err(FloatError::NotFinite));
    assert_eq!(float32(b"0.1", false), Ok(0.1));
}

proptest! {
    #[test]
    fn integers_round_trip(value: i128) {
        prop_assert_eq!(integer(value.to_string().as_bytes()), Ok(value));
        prop_assert_eq!(integer_i64(value.to_string().as_bytes()).ok(), i64::try_from(value).ok());
    }

    #[test]
    fn decimals_round_trip(value in -(10i128.pow(38) - 1)..10i128.pow(38), scale in 0u8..=38, shrink in 0u32..38) {
        let value = value / 10i128.pow(shrink);
        let text = crate::model::literal::decimal_text(value, scale);
        prop_assert_eq!(decimal(text.as_bytes(), 38, scale, false), Ok(value));
        prop_assert_eq!(decimal(format!("{text}e0").as_bytes(), 38, scale, true), Ok(value));
        prop_assert_eq!(any_decimal(text.as_bytes()), Ok((value, scale)));
    }

    #[test]
    fn the_two_ways_agree(text in "[-+]?[0-9]{0,9}\\.?[0-9]{0,9}", precision in 1u8..=38, less in 0u8..38) {
        let scale = precision.saturating_sub(less);
        let long = format!("{text}e0");
        prop_assert_eq!(decimal(text.as_bytes(), precision, scale, false), decimal(long.as_bytes(), precision, scale, true));
    }

    #[test]
    fn short_floats_are_rounded_as_long_ones(text in "[-+]?[0-9]{0,18}\\.?[0-9]{0,18}") {
        let long = text.parse::<f64>().map(f64::to_bits).map_err(|_| FloatError::Malformed);
        prop_assert_eq!(float(text.as_bytes(), false).map(f64::to_bits), long);
    }

    #[test]
    fn eight_digits_are_digits(bytes in proptest::array::uniform8(prop_oneof![8 => b'0'..=b'9', 1 => any::<u8>()])) {
        let value = std::str::from_utf8(&bytes).ok().filter(|_| bytes.iter().all(u8::is_ascii_digit));
        prop_assert_eq!(eight(bytes), value.and_then(|text| text.parse().ok()));
    }

    #[test]
    fn floats_round_trip(value in proptest::num::f64::NORMAL | proptest::num::f64::SUBNORMAL) {
        prop_assert_eq!(float(value.to_string().as_bytes(), false), Ok(value));
        prop_assert_eq!(float(format!("{value:e}").as_bytes(), false), Ok(value));
    }

    #[test]
    fn no_text_panics(text in prop_oneof![proptest::collection::vec(any::<u8>(), 0..40), "[-+.eE0-9]{0,60}".prop_map(String::into_bytes)]) {
        let _ = (integer(&text), integer_i64(&text), any_decimal(&text), float(&text, true), float32(&text, false));
        for exponent in [false, true] {
            if decimal(&text, 10, 3, exponent) == Err(NumberError::Range) {
                prop_assert!(!decimal_misfit(&text, 10, 3).is_empty());
            }
        }
    }
}
