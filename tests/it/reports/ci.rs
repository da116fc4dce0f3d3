//! What CI services are given: the GitHub action, the pre-commit hooks, the snippets of docs/ci.md.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use karat::rule::node::{Data, Node};
use serde_json::{Map, Value};

use crate::reports::club;
use crate::support::{Folder, project};

/// Reads YAML as JSON.
fn yaml(text: &str) -> Value {
    fn value(node: &Node) -> Value {
        match &node.data {
            Data::Null => Value::Null,
            Data::Bool(truth) => Value::from(*truth),
            Data::Number(number) => serde_json::from_str(number).unwrap_or_else(|_| Value::from(number.as_str())),
            Data::Text(text) => Value::from(text.as_str()),
            Data::List(items) => items.iter().map(value).collect(),
            Data::Map(entries) => {
                let entry = |(key, item): &(Node, Node)| (key.text().unwrap_or_default().to_owned(), value(item));
                Value::Object(entries.iter().map(entry).collect::<Map<_, _>>())
            }
        }
    }
    let (node, complaints) = karat::contract::yaml::load(text);
    assert!(complaints.is_empty(), "{complaints:?}");
    value(&node.unwrap())
}

fn action() -> Value {
    yaml(&fs::read_to_string(project().join("action.yml")).unwrap())
}

#[test]
fn the_action_keeps_githubs_schema() {
    let schema = fs::read_to_string(project().join("fixtures/schemas/github-action.json")).unwrap();
    let validator = jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap();
    let action = action();
    let errors: Vec<String> =
        validator.iter_errors(&action).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{}", errors.join("\n"));
    for step in action["runs"]["steps"].as_array().unwrap() {
        let script = step["run"].as_str().unwrap_or_default();
        assert!(!script.contains("${{"), "an input would become a part of the script: {script}");
    }
}

/// Runs the action's check as a runner does: Bash, the inputs in the environment.
fn run_action(folder: &Folder, inputs: &[(&str, &str)]) -> Output {
    let action = action();
    let steps = action["runs"]["steps"].as_array().unwrap();
    let step = steps.iter().find(|step| step["id"] == "check").unwrap();
    let program = Path::new(env!("CARGO_BIN_EXE_karat")).parent().unwrap();
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());
    let mut command = Command::new("bash");
    command.args(["--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"].as_str().unwrap()]);
    command.current_dir(folder.path()).env("PATH", path);
    command.env("GITHUB_OUTPUT", folder.join("output")).env("GITHUB_STEP_SUMMARY", folder.join("summary.md"));
    for (name, text) in step["env"].as_object().unwrap() {
        let input = text.as_str().unwrap().trim_start_matches("${{ inputs.").trim_end_matches(" }}");
        let given = inputs.iter().find(|(name, _)| *name == input).map(|(_, value)| *value);
        let default = action["inputs"][input]["default"].as_str().unwrap_or_default();
        command.env(name, given.unwrap_or(default));
    }
    command.output().unwrap()
}

#[test]
fn the_action_annotates_and_keeps_reports() {
    let club = club();
    club.write("data/odd name; echo.csv", "id,name,email,secret\n9,Ann,,abc\n");
    let files = "people=data/people.csv\npeople=data/odd name; echo.csv\n";
    let inputs = [("contract", "rules/club.yaml"), ("files", files), ("args", "--threads\n1")];
    let output = run_action(&club, &inputs);
    let log = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{log}{}", String::from_utf8_lossy(&output.stderr));
    assert!(log.contains("::error file=rules/club.yaml,line="), "{log}");
    assert!(log.contains("records=9 "), "{log}");
    assert_eq!(club.text("output"), "exit-code=1\n");
    assert!(club.text("summary.md").starts_with("### karat check: club"));
    for name in ["karat.html", "karat.sarif", "karat.xml", "karat.json"] {
        assert!(club.join(&format!("karat-report/{name}")).exists(), "{name}");
    }
}

#[test]
fn the_hooks_name_commands_that_exist() {
    let hooks = yaml(&fs::read_to_string(project().join(".pre-commit-hooks.yaml")).unwrap());
    let folder = Folder::new();
    for hook in hooks.as_array().unwrap() {
        for key in ["id", "name", "entry", "language", "files"] {
            assert!(hook[key].is_string(), "{hook}");
        }
        let words: Vec<&str> = hook["entry"].as_str().unwrap().split(' ').skip(1).chain(["--help"]).collect();
        assert!(crate::support::karat(folder.path(), &words).status.success(), "{hook}");
        regex_of(&hook["files"]);
    }
    let files = regex_of(&hooks[0]["files"]);
    assert!(files.is_match("data/a.csv.gz") && files.is_match("x.parquet") && !files.is_match("a.csv.txt"));
}

fn regex_of(pattern: &Value) -> regex::Regex {
    regex::Regex::new(pattern.as_str().unwrap()).unwrap()
}

#[test]
fn the_snippets_of_the_docs_are_yaml() {
    let page = fs::read_to_string(project().join("docs/ci.md")).unwrap();
    let snippets: Vec<&str> =
        page.split("```yaml\n").skip(1).map(|rest| rest.split("```").next().unwrap_or_default()).collect();
    assert!(snippets.len() >= 3);
    for snippet in snippets {
        yaml(snippet);
    }
}
