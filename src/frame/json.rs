//! JSON text to typed columns, by RFC 8259, with exact numbers.
