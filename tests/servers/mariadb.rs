//! A private MariaDB.
