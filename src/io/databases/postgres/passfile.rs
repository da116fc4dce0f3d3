//! The password file: `PGPASSFILE` or `~/.pgpass`, lines of `host:port:database:user:password`.
//!
//! `*` stands for anything, `\` before `:` and `\`; the first line that fits counts. A file that others may read is not
//! used, as in libpq (PostgreSQL manual, "The Password File").

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use crate::io::databases::postgres::settings::Login;
use crate::model::Access;

/// Finds the password of a login.
///
/// # Errors
/// Why the file was not used, one sentence.
pub fn find(login: &Login, access: &Access) -> Result<Option<String>, String> {
    let given = access.variable("PGPASSFILE").map(PathBuf::from);
    let usual = || access.variable("HOME").map(|home| PathBuf::from(home).join(".pgpass"));
    let Some(path) = given.or_else(usual) else { return Ok(None) };
    let shown = path.display();
    let Ok(metadata) = fs::metadata(&path) else { return Ok(None) };
    if !metadata.is_file() {
        return Err(format!("The password file {shown} was not used: it is no plain file."));
    }
    if metadata.permissions().mode() & 0o077 != 0 {
        return Err(format!("The password file {shown} was not used: others may read it. Run `chmod 600 {shown}`."));
    }
    let text = fs::read(&path).map_err(|error| format!("The password file {shown} was not used: {error}."))?;
    Ok(search(&String::from_utf8_lossy(&text), login))
}

fn search(text: &str, login: &Login) -> Option<String> {
    let user = login.user.as_deref();
    // Without a name the database is called like the user.
    let database = login.database.as_deref().or(user);
    let host = if login.is_socket() { "localhost" } else { login.host.as_str() };
    let port = login.port.to_string();
    text.lines().filter(|line| !line.starts_with('#')).find_map(|line| {
        let fields = fields(line.trim_end_matches('\r'));
        let [at, on, of, by, password] = fields.as_slice() else { return None };
        let fits = |field: &Field, value: Option<&str>| field.any || value == Some(field.text.as_str());
        let host = fits(at, Some(host)) || fits(at, Some(&login.host));
        (host && fits(on, Some(&port)) && fits(of, database) && fits(by, user)).then(|| password.text.clone())
    })
}

struct Field {
    text: String,
    /// A bare `*`.
    any: bool,
}

fn fields(line: &str) -> Vec<Field> {
    let mut fields = vec![Field { text: String::new(), any: line.starts_with("*:") }];
    let mut letters = line.char_indices();
    while let Some((at, letter)) = letters.next() {
        // The password is the rest; a `:` in it need not be escaped.
        let last = fields.len() == 5;
        let Some(field) = fields.last_mut() else { break };
        match letter {
            '\\' => field.text.push(letters.next().map_or('\\', |(_, next)| next)),
            ':' if !last => {
                let any = line.get(at + 1..).is_some_and(|rest| rest.starts_with("*:"));
                fields.push(Field { text: String::new(), any });
            }
            _ => field.text.push(letter),
        }
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::databases::address::Address;
    use crate::io::target::fixtures::Scratch;

    fn login(text: &str) -> Login {
        Login::new(Address::parse(text).unwrap(), &Access::default()).unwrap()
    }

    #[test]
    fn the_first_line_that_fits_counts() {
        let text = "# h:5432:d:u:comment\nh:5432:d:other:no\nh:*:d:u:p\\:w\\\\ d\n*:*:*:*:all:of:it\n";
        let found = |address| search(text, &login(address));
        assert_eq!(found("postgres://u@h/d").as_deref(), Some("p:w\\ d"));
        assert_eq!(found("postgres://u@h/e").as_deref(), Some("all:of:it"));
        assert_eq!(search("a\\:b:*:u:u:1\n", &login("postgres://u@a%3Ab/")).as_deref(), Some("1"));
        assert_eq!(search("h:1:d:u:1\nh:5432:\\*:u:2\n", &login("postgres://u@h/d")), None);
        assert_eq!(search("localhost:*:*:*:s", &login("postgres://%2Frun/d")).as_deref(), Some("s"));
    }

    #[test]
    fn a_file_others_may_read_is_not_used() {
        let scratch = Scratch::new();
        let path = scratch.path("pass");
        fs::write(&path, "*:*:*:*:canary\n").unwrap();
        let access = Access::new([("PGPASSFILE".to_owned(), path.display().to_string())], None);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        let note = find(&login("postgres://u@h/d"), &access).unwrap_err();
        assert!(note.contains("chmod 600") && !note.contains("canary"), "{note}");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        assert_eq!(find(&login("postgres://u@h/d"), &access).unwrap().as_deref(), Some("canary"));
    }
}
