//! `--report`: which forms go where, and writing them. A report file is complete or not there.

use std::fs;
use std::io::Write;
use std::path::{Component, Path, PathBuf};

use crate::cli::terminal::{Terminal, variable};
use crate::model::{Error, Report, Result};
use crate::ops::inputs::TableInput;
use crate::render;

/// One `--report`.
#[derive(Debug)]
pub struct Output {
    form: render::Form,
    /// `None` stands beside the text: annotations that a CI service finds in the log.
    file: Option<PathBuf>,
}

impl Output {
    /// Tells whether it goes to standard output, in place of the text.
    #[must_use]
    pub fn is_stdout(&self) -> bool {
        self.file.as_ref().is_some_and(|file| file.as_os_str() == "-")
    }
}

/// Reads the `--report` arguments.
///
/// # Errors
/// Where a form is unknown or a file is missing.
pub fn outputs(reports: &[String]) -> Result<Vec<Output>> {
    reports.iter().map(|text| output(text)).collect()
}

fn output(text: &str) -> Result<Output> {
    let nameless = |example: String| {
        Err(Error::usage(format!("--report {text} names no file")).hint(format!("write --report {example}")))
    };
    let (form, file) = text.split_once('=').map_or((text, None), |(form, file)| (form, Some(file)));
    let form = render::Form::find(form).ok_or_else(|| {
        Error::usage(format!("no report form `{form}`")).hint(format!("there are {}", render::Form::names()))
    })?;
    match file {
        Some("") => nameless(format!("{text}FILE")),
        None if form.name != "github" => nameless(format!("{text}=FILE")),
        file => Ok(Output { form, file: file.map(PathBuf::from) }),
    }
}

/// Makes sure, before anything is read, that every report can be written and takes the place of nothing that is read.
///
/// # Errors
/// A usage error that names the file.
pub fn check_outputs(outputs: &[Output], read: &[&Path]) -> Result<()> {
    check_files("--report", outputs.iter().filter_map(|output| output.file.as_deref()), read)
}

/// Gives the paths that a run over some inputs reads.
#[must_use]
pub fn paths<'a>(contract: &'a Path, inputs: &'a [TableInput]) -> Vec<&'a Path> {
    let files = inputs.iter().flat_map(|input| &input.files).map(|file| file.path.as_path());
    std::iter::once(contract).chain(files).collect()
}

/// Makes sure of the files that an option names, as [`check_outputs`] does; `-` is standard output.
///
/// # Errors
/// A usage error that names the file.
pub fn check_files<'a>(option: &str, files: impl IntoIterator<Item = &'a Path>, read: &[&Path]) -> Result<()> {
    let real = |path: &Path| path.canonicalize().ok();
    let read: Vec<PathBuf> = read.iter().filter_map(|path| real(path)).collect();
    let mut seen = Vec::new();
    for file in files {
        if file.as_os_str() == "-" {
            continue;
        }
        let refuse = |what: &str| Err(Error::usage(format!("{option} {} {what}", file.display())));
        let (Some(name), Some(parent)) = (file.file_name().filter(|_| !file.is_dir()), real(parent(file))) else {
            let what = if file.is_dir() { "is a folder" } else { "is in no folder that exists" };
            return refuse(what).map_err(|error| error.hint("name a file in a folder that exists"));
        };
        let place = real(file).unwrap_or_else(|| parent.join(name));
        if read.contains(&place) {
            return refuse("would overwrite a file this run reads");
        }
        if seen.contains(&place) && !place.starts_with("/dev") {
            return refuse("is named twice");
        }
        seen.push(place);
    }
    Ok(())
}

fn parent(file: &Path) -> &Path {
    file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Prints the report and writes the others; gives the gate's exit code.
///
/// # Errors
/// Where a report file cannot be written.
pub fn deliver(report: &Report, outputs: &[Output], terminal: &Terminal) -> Result<u8> {
    deliver_beside(report, outputs, false, terminal)
}

/// Delivers as [`deliver`] does, but prints no text where `taken` says that something else has standard output.
///
/// # Errors
/// As [`deliver`].
pub fn deliver_beside(report: &Report, outputs: &[Output], taken: bool, terminal: &Terminal) -> Result<u8> {
    let taken = taken || outputs.iter().any(Output::is_stdout);
    if !taken {
        terminal.result(&render::text::render(report, terminal.style()));
    }
    for output in outputs {
        match write(report, output, taken, terminal) {
            // Exit code 3 would say that nothing was committed.
            Err(error) if report.committed == Some(true) => {
                terminal.error(&error.hint("the load itself is done: the clean rows are in the target"));
                return Ok(1);
            }
            other => other?,
        }
    }
    Ok(u8::from(!report.passed))
}

fn write(report: &Report, output: &Output, taken: bool, terminal: &Terminal) -> Result<()> {
    let Some(file) = &output.file else {
        let annotations = output.form.render(report);
        if taken {
            terminal.remark(annotations.trim_end());
        } else {
            terminal.output(&annotations);
        }
        return summarise(report);
    };
    if output.is_stdout() {
        return terminal.deliver(&output.form.render(report));
    }
    let mut seen_from_there = report.clone();
    if let Some(run) = &mut seen_from_there.run {
        run.rejects_link = run.rejects.as_deref().map(|folder| link(parent(file), Path::new(folder)));
    }
    put(file, &output.form.render(&seen_from_there))
}

/// Adds the report to the summary of a GitHub job, where there is one.
fn summarise(report: &Report) -> Result<()> {
    let Some(file) = variable("GITHUB_STEP_SUMMARY").filter(|name| !name.is_empty()).map(PathBuf::from) else {
        return Ok(());
    };
    let written = fs::OpenOptions::new().append(true).create(true).open(&file);
    written
        .and_then(|mut summary| summary.write_all(render::markdown::render(report).as_bytes()))
        .map_err(|error| Error::writing(&file, error))
}

/// Writes a file in one step: a reader finds the old one or the new one, never a part. What is no plain file (a pipe,
/// `/dev/stderr`) is written as it is.
///
/// # Errors
/// Where it cannot be written.
pub fn put(file: &Path, text: &str) -> Result<()> {
    replace(file, text).map_err(|error| Error::writing(file, error))
}

fn replace(file: &Path, text: &str) -> std::io::Result<()> {
    // A link keeps pointing where it did.
    let file = file.canonicalize().unwrap_or_else(|_| file.to_path_buf());
    if fs::metadata(&file).is_ok_and(|about| !about.is_file()) {
        return fs::write(&file, text);
    }
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let unfinished = parent(&file).join(format!(".{name}.{}.tmp", std::process::id()));
    let written = fs::write(&unfinished, text).and_then(|()| fs::rename(&unfinished, &file));
    if written.is_err() {
        let _ = fs::remove_file(&unfinished);
    }
    written
}

/// Gives the way from a folder to another, as a link: `../rejects`.
fn link(from: &Path, to: &Path) -> String {
    let absolute = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
    let (from, to) = (absolute(from), absolute(to));
    let plain = |path: &Path| -> Vec<String> {
        let mut parts = Vec::new();
        for part in path.components() {
            match part {
                Component::Normal(name) => parts.push(name.to_string_lossy().into_owned()),
                Component::ParentDir => {
                    parts.pop();
                }
                _ => {}
            }
        }
        parts
    };
    let (from, to) = (plain(&from), plain(&to));
    let same = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    let mut parts = vec!["..".to_owned(); from.len() - same];
    parts.extend(to[same..].iter().cloned());
    if parts.is_empty() { ".".to_owned() } else { parts.join("/") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_lead_from_the_report_to_the_rejects() {
        assert_eq!(link(Path::new("/a/b"), Path::new("/a/rejects")), "../rejects");
        assert_eq!(link(Path::new("."), Path::new("rejects")), "rejects");
        assert_eq!(link(Path::new("/a/./b/../c"), Path::new("/a/c")), ".");
    }

    #[test]
    fn only_annotations_need_no_file() {
        assert!(output("github").unwrap().file.is_none());
        assert!(output("json").is_err());
        assert!(output("json=").is_err());
        assert!(output("json=-").unwrap().is_stdout());
    }

    #[test]
    fn a_file_is_replaced_in_one_step() {
        let folder = std::env::temp_dir().join(format!("karat-put-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let file = folder.join("r.json");
        put(&file, "old").unwrap();
        put(&file, "new").unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), "new");
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
        assert!(put(&folder.join("no/r.json"), "x").is_err());
        fs::remove_dir_all(&folder).unwrap();
    }
}
