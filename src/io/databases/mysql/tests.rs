//! On a real server.
