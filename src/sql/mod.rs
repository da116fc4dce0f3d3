//! DDL and statements as SQL text. This file is ANSI; one file a dialect says what differs.
