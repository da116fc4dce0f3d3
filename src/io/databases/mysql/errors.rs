//! Errors of the server and of the way there, in words; and which of them speak of a single row.

use mysql::{DriverError, MySqlError};

use crate::model::{Error, ErrorKind};

/// Makes an error of one of the driver's. Its text holds no address with a password: none is ever given to the driver.
#[must_use]
pub fn failed(kind: ErrorKind, what: impl Into<String>, error: &mysql::Error) -> Error {
    let made = Error::new(kind, what).because(words(error));
    match hint(error) {
        Some(hint) => made.hint(hint),
        None => made,
    }
}

/// Makes an output error of one of the driver's.
#[must_use]
pub fn wrong(what: impl Into<String>, error: &mysql::Error) -> Error {
    failed(ErrorKind::Output, what, error)
}

/// Says what happened.
#[must_use]
pub fn words(error: &mysql::Error) -> String {
    match error {
        mysql::Error::MySqlError(error) => format!("{} (error {})", error.message, error.code),
        mysql::Error::IoError(error) => format!("the connection is lost ({error})"),
        mysql::Error::DriverError(error) => error.to_string(),
        mysql::Error::TlsError(error) => format!("no safe connection ({error})"),
        mysql::Error::CodecError(error) => format!("an answer could not be read ({error})"),
        _ => "an answer could not be read".to_owned(),
    }
}

fn hint(error: &mysql::Error) -> Option<&'static str> {
    Some(match error {
        mysql::Error::MySqlError(error) => return hint_of(error),
        mysql::Error::TlsError(_) => {
            "Name the file with the server's authority by ?ssl-ca=FILE, or say ?ssl-mode=required where the certificate \
             cannot be checked."
        }
        mysql::Error::DriverError(DriverError::TlsNotSupported) => {
            "The server has no TLS. Where the network is safe, say ?ssl-mode=disabled."
        }
        mysql::Error::DriverError(DriverError::CouldNotConnect(_) | DriverError::ConnectTimeout) => {
            "Is the server running, and are host and port right?"
        }
        _ if is_lost(error) => "Look into the server's log. Where it closed the connection, run again.",
        _ => return None,
    })
}

fn hint_of(error: &MySqlError) -> Option<&'static str> {
    Some(match error.code {
        1045 | 1698 => "Give the password by MYSQL_PWD or --password-file, and check the user's name and host.",
        1049 => "Make the database first (CREATE DATABASE), or name another.",
        1044 | 1142 | 1143 | 1227 | 1370 | 1410 => {
            "Grant it: SELECT reads, INSERT, UPDATE, DELETE, CREATE, DROP, ALTER and CREATE TEMPORARY TABLES load."
        }
        1040 | 1203 | 1226 => "The server has no connection left. Run again later, or with fewer threads.",
        1129 | 1130 => "The server takes no connections from this machine: see its users' hosts.",
        1153 | 1301 => "Raise max_allowed_packet on the server.",
        1021 | 1030 | 1041 | 1114 | 1037 => "The server is short of disk or memory. Make room there, then run again.",
        1205 | 1206 => "Another session holds the rows or the table. Wait for it, then run again.",
        1213 => "Another session wanted the same rows at the same time. Run again.",
        1290 | 1836 | 1792 => "The server takes no changes (read-only): name its primary.",
        1062 | 1022 | 1586 => {
            "The target has a row with that key already: load with `--mode upsert` or `--mode replace`."
        }
        1217 | 1451 | 1834 => {
            "Rows of another table refer to these. Replace that table in the same load, or load with `--mode upsert`."
        }
        1317 | 1927 | 3024 | 1969 => "Somebody or a time limit of the server ended it. Run again.",
        _ => return None,
    })
}

/// Tells whether the connection is gone, so that nobody knows what the server made of the last statement.
#[must_use]
pub fn is_lost(error: &mysql::Error) -> bool {
    match error {
        mysql::Error::IoError(_) | mysql::Error::CodecError(_) | mysql::Error::TlsError(_) => true,
        mysql::Error::DriverError(error) => {
            matches!(error, DriverError::PacketOutOfSync | DriverError::UnexpectedPacket | DriverError::Timeout)
        }
        // The session was killed, or the server is going down.
        mysql::Error::MySqlError(error) => matches!(error.code, 1053 | 1077 | 1080 | 1158..=1161 | 1927 | 3169 | 4031),
        _ => false,
    }
}

/// Gives what a server says of rows it does not take; `None` where the statement failed for another reason.
#[must_use]
pub fn refusal(error: &mysql::Error) -> Option<String> {
    let mysql::Error::MySqlError(error) = error else { return None };
    // Class 22: data; 23: keys, NOT NULL, CHECK; 44: views with a check; 45: what a trigger signals.
    let by_class = matches!(error.state.get(..2), Some("22" | "23" | "44" | "45"));
    let by_code = matches!(
        error.code,
        1048 | 1062
            | 1118
            | 1136
            | 1216
            | 1264
            | 1265
            | 1292
            | 1364
            | 1366
            | 1369
            | 1406
            | 1411
            | 1416
            | 1452
            | 1525
            | 1526
            | 1586
            | 1644
            | 1690
            | 1748
            | 1761
            | 1762
            | 3819
            | 3140
            | 3156
            | 4025
            | 4078
    );
    // Rows of other tables that refer to one here are no fault of the new row.
    let not_its_fault = matches!(error.code, 1217 | 1451);
    ((by_class || by_code) && !not_its_fault).then(|| plain(&error.message))
}

/// Tells whether a note of the server speaks of a value that is not as it was given.
#[must_use]
pub const fn is_lossy(code: u64) -> bool {
    matches!(code, 1264 | 1265 | 1292 | 1366 | 1406 | 1411 | 1416)
}

/// Takes the number of the row out, which counts within a statement.
#[must_use]
pub fn plain(message: &str) -> String {
    let cut = message.rfind(" at row ").filter(|&at| {
        let number = message.get(at + " at row ".len()..).unwrap_or_default();
        !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
    });
    message.get(..cut.unwrap_or(message.len())).unwrap_or(message).to_owned()
}

/// Finds the column that a message names: `'price'` or `` `shop`.`claims`.`price` `` behind the word `column`.
#[must_use]
pub fn column_of(message: &str) -> Option<String> {
    let lower = message.to_ascii_lowercase();
    let at = lower.find("column ").map(|at| at + "column ".len()).or_else(|| lower.find("field ").map(|at| at + 6))?;
    let mut rest = message.get(at..)?;
    let mut name = None;
    loop {
        let quote = rest.chars().next().filter(|quote| matches!(quote, '\'' | '`'))?;
        let end = rest.get(1..)?.find(quote)? + 1;
        name = rest.get(1..end).map(str::to_owned).or(name);
        rest = rest.get(end + 1..)?;
        match rest.strip_prefix('.') {
            Some(more) => rest = more,
            None => return name,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(code: u16, state: &str, message: &str) -> mysql::Error {
        mysql::Error::MySqlError(MySqlError { state: state.to_owned(), message: message.to_owned(), code })
    }

    #[test]
    fn messages_are_of_a_row_or_of_the_load() {
        let long = server(1406, "22001", "Data too long for column 'a' at row 7");
        assert_eq!(refusal(&long).as_deref(), Some("Data too long for column 'a'"));
        assert!(refusal(&server(1644, "45000", "no such claim")).is_some());
        assert!(refusal(&server(4025, "23000", "CONSTRAINT `c` failed for `x`.`t`")).is_some());
        for (code, state) in [(1213, "40001"), (1205, "HY000"), (1114, "HY000"), (1142, "42000"), (1451, "23000")] {
            assert_eq!(refusal(&server(code, state, "x")), None, "{code}");
        }
        assert_eq!(plain("thrown at row house"), "thrown at row house");
    }

    #[test]
    fn columns_are_found_in_messages() {
        assert_eq!(column_of("Data too long for column 'a b'").as_deref(), Some("a b"));
        assert_eq!(column_of("Column 'price' cannot be null").as_deref(), Some("price"));
        let long = "Incorrect date value: '0' for column `shop`.`t`.`day`";
        assert_eq!(column_of(long).as_deref(), Some("day"));
        assert_eq!(column_of("Field 'note' doesn't have a default value").as_deref(), Some("note"));
        assert_eq!(column_of("Duplicate entry '5' for key 'PRIMARY'"), None);
        assert_eq!(column_of("column '"), None);
    }
}
