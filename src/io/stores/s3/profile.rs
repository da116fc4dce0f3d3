//! The shared files of AWS's tools: `~/.aws/credentials` and `~/.aws/config`, profiles of `key = value` lines.
//!
//! Source: <https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html>.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind as Io;
use std::path::{Path, PathBuf};

use crate::model::{Access, Error, Result};

/// The settings of one profile, of both files.
#[derive(Default)]
pub struct Profile {
    pub name: String,
    /// Whether somebody asked for it by name.
    pub asked: bool,
    /// Whether a file has it.
    pub found: bool,
    settings: BTreeMap<String, String>,
}

impl Profile {
    /// Reads the profile that `AWS_PROFILE` names, or `default`.
    ///
    /// # Errors
    /// Where a file cannot be read, or no file has a profile that was asked for.
    pub fn read(access: &Access) -> Result<Self> {
        let asked = access.variable("AWS_PROFILE").or_else(|| access.variable("AWS_DEFAULT_PROFILE"));
        let name = asked.unwrap_or("default").to_owned();
        let mut profile = Self { name, asked: asked.is_some(), ..Self::default() };
        // Credentials stand before the configuration where both have a setting.
        for (variable, file, word) in
            [("AWS_CONFIG_FILE", "config", "profile "), ("AWS_SHARED_CREDENTIALS_FILE", "credentials", "")]
        {
            let Some(path) = place(access, variable, file) else { continue };
            let Some(text) = text(&path)? else { continue };
            let mut sections = sections(&text);
            let plain = profile.name == "default";
            let prefixed = format!("{word}{}", profile.name);
            let section = sections.remove(&prefixed).or_else(|| plain.then(|| sections.remove("default"))?);
            profile.found |= section.is_some();
            profile.settings.extend(section.unwrap_or_default());
        }
        if profile.asked && !profile.found {
            return Err(Error::usage(format!("there is no profile `{}` in ~/.aws", profile.name))
                .hint("AWS_PROFILE names it; `aws configure list-profiles` shows those that are there."));
        }
        Ok(profile)
    }

    /// Gives a setting, where it is there and not empty.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.settings.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }
}

fn place(access: &Access, variable: &str, file: &str) -> Option<PathBuf> {
    let home = access.variable("HOME").map(Path::new);
    match access.variable(variable) {
        Some(path) => match (path.strip_prefix("~/"), home) {
            (Some(rest), Some(home)) => Some(home.join(rest)),
            _ => Some(PathBuf::from(path)),
        },
        None => home.map(|home| home.join(".aws").join(file)),
    }
}

fn text(path: &Path) -> Result<Option<String>> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
        Err(error) if matches!(error.kind(), Io::NotFound | Io::NotADirectory) => Ok(None),
        Err(error) => Err(Error::reading(path, error)),
    }
}

/// Reads `[section]` and `key = value` lines. Lines that begin with a blank belong to the setting above and are left
/// out; `#` and `;` begin comments, behind a value too where a blank stands before them.
fn sections(text: &str) -> BTreeMap<String, BTreeMap<String, String>> {
    let mut sections = BTreeMap::<String, BTreeMap<String, String>>::new();
    let mut current = None;
    for line in text.lines() {
        let trimmed = line.trim();
        if trimmed.is_empty() || line.starts_with([' ', '\t', '#', ';']) {
            continue;
        }
        if let Some(name) = trimmed.strip_prefix('[').and_then(|rest| rest.split_once(']')).map(|(name, _)| name) {
            let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
            sections.entry(name.clone()).or_default();
            current = Some(name);
        } else if let (Some(name), Some((key, value))) = (&current, trimmed.split_once('=')) {
            let comment = [" #", " ;", "\t#", "\t;"].iter().filter_map(|mark| value.find(mark)).min();
            let value = value.get(..comment.unwrap_or(value.len())).unwrap_or(value).trim();
            sections.entry(name.clone()).or_default().insert(key.trim().to_ascii_lowercase(), value.to_owned());
        }
    }
    sections
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::stores::testing::TestFolder;

    fn access(folder: &TestFolder, more: &[(&str, &str)]) -> Access {
        let home = folder.path().display().to_string();
        let pairs = [("HOME", home.as_str())].into_iter().chain(more.iter().copied());
        Access::new(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())), None)
    }

    fn folder() -> TestFolder {
        let folder = TestFolder::new();
        folder.file(
            ".aws/config",
            b"# mine\n[default]\nregion=eu-west-1 # near\ns3 =\n  region = nested\n[profile  work]\nRegion = us-east-2\n\
              endpoint_url = http://127.0.0.1:1\n[other]\nregion = no\n",
        );
        folder.file(".aws/credentials", b"[work]\naws_access_key_id = AK\naws_secret_access_key = a=b#c/+\n");
        folder
    }

    #[test]
    fn profiles_are_put_together_from_both_files() {
        let folder = folder();
        let default = Profile::read(&access(&folder, &[])).unwrap();
        assert_eq!((default.get("region"), default.get("aws_access_key_id")), (Some("eu-west-1"), None));
        let work = Profile::read(&access(&folder, &[("AWS_PROFILE", "work")])).unwrap();
        assert_eq!((work.get("region"), work.get("aws_secret_access_key")), (Some("us-east-2"), Some("a=b#c/+")));
        assert!(Profile::read(&access(&folder, &[("AWS_PROFILE", "other")])).is_err(), "no `profile` before it");
    }

    #[test]
    fn files_may_lie_elsewhere_or_nowhere() {
        let folder = folder();
        folder.file("mine", b"[default]\naws_access_key_id = OTHER\n");
        let other = Profile::read(&access(&folder, &[("AWS_SHARED_CREDENTIALS_FILE", "~/mine")])).unwrap();
        assert_eq!(other.get("aws_access_key_id"), Some("OTHER"));
        let none = Profile::read(&Access::default()).unwrap();
        assert!(!none.found && none.get("region").is_none());
        assert!(Profile::read(&Access::new([("AWS_PROFILE".to_owned(), "x".to_owned())], None)).is_err());
    }
}
