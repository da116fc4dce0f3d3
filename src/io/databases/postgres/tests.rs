//! What only PostgreSQL does.
