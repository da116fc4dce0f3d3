//! A Chromium, driven over the DevTools protocol through pipes: messages end in NUL, no port, no network.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::OnceLock;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::{Value, json};

use crate::support::Folder;

/// The longest that an answer may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);

fn runs(program: &str) -> bool {
    let command = Command::new(program).arg("--version").stdin(Stdio::null()).output();
    command.is_ok_and(|output| output.status.success())
}

/// Finds a Chromium, or installs one.
fn program() -> &'static str {
    static FOUND: OnceLock<&'static str> = OnceLock::new();
    const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
    FOUND.get_or_init(|| {
        let found = || NAMES.into_iter().find(|name| runs(name));
        crate::servers::install(&["chromium", "fonts-dejavu-core"], || found().is_some());
        found().expect("it was installed")
    })
}

/// A browser with one tab.
pub struct Browser {
    child: Child,
    input: ChildStdin,
    messages: Receiver<Value>,
    last: u64,
    session: Option<String>,
    /// What was told besides answers, oldest first.
    pub events: Vec<Value>,
    /// Its profile, gone with it.
    _home: Folder,
}

impl Browser {
    /// Starts a fresh browser.
    pub fn start() -> Self {
        let home = Folder::new();
        let profile = format!("--user-data-dir={}", home.path().display());
        let mut arguments = vec![
            "--headless=new",
            "--remote-debugging-pipe",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--disable-background-networking",
            "--no-first-run",
            "--hide-scrollbars",
            &profile,
        ];
        if crate::servers::is_root() {
            arguments.push("--no-sandbox");
        }
        // Chromium reads commands from descriptor 3 and answers on 4.
        let mut child = Command::new("sh")
            .args(["-c", "exec \"$0\" \"$@\" 3<&0 4>&1 0</dev/null 1>/dev/null", program()])
            .args(&arguments)
            .arg("about:blank")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let (input, output) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let (sender, messages) = channel();
        std::thread::spawn(move || {
            for message in BufReader::new(output).split(0).map_while(Result::ok) {
                let Ok(value) = serde_json::from_slice(&message) else { continue };
                if sender.send(value).is_err() {
                    return;
                }
            }
        });
        let mut browser = Self { child, input, messages, last: 0, session: None, events: Vec::new(), _home: home };
        let target = browser.call("Target.createTarget", json!({"url": "about:blank"}));
        let attach = json!({"targetId": target["targetId"], "flatten": true});
        let session = browser.call("Target.attachToTarget", attach)["sessionId"].as_str().unwrap().to_owned();
        browser.session = Some(session);
        for domain in ["Page", "Runtime", "Log", "Network"] {
            browser.call(&format!("{domain}.enable"), json!({}));
        }
        browser
    }

    fn next(&self, what: &str) -> Value {
        self.messages
            .recv_timeout(PATIENCE)
            .unwrap_or_else(|error| panic!("Chromium gave no answer to {what}: {error}"))
    }

    /// Sends a command and gives its answer.
    pub fn call(&mut self, method: &str, params: Value) -> Value {
        self.last += 1;
        let mut message = json!({"id": self.last, "method": method, "params": params});
        if let Some(session) = &self.session {
            message["sessionId"] = json!(session);
        }
        self.input.write_all(format!("{message}\0").as_bytes()).unwrap();
        loop {
            let mut answer = self.next(method);
            if answer["id"] == self.last {
                assert!(answer.get("error").is_none(), "{method}: {answer}");
                return answer["result"].take();
            }
            self.events.push(answer);
        }
    }

    /// Opens a file and waits until it is loaded. What was told before is forgotten.
    pub fn open(&mut self, file: &Path) {
        self.events.clear();
        self.call("Page.navigate", json!({"url": format!("file://{}", file.display())}));
        while !self.events.iter().any(|event| event["method"] == "Page.loadEventFired") {
            let event = self.next("the load of the page");
            self.events.push(event);
        }
        // What the page did at once was told before the answer to this.
        self.eval("document.readyState");
    }

    /// Runs an expression in the page and gives its value.
    pub fn eval(&mut self, expression: &str) -> Value {
        let params = json!({"expression": expression, "returnByValue": true, "awaitPromise": true});
        let mut answer = self.call("Runtime.evaluate", params);
        assert!(answer.get("exceptionDetails").is_none(), "{expression}\n{answer:#}");
        answer["result"]["value"].take()
    }

    /// Sets the size of the window, the colour scheme and the medium.
    pub fn show(&mut self, width: u32, height: u32, scheme: &str, medium: &str) {
        let size = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500});
        self.call("Emulation.setDeviceMetricsOverride", size);
        let media = json!({"media": medium, "features": [{"name": "prefers-color-scheme", "value": scheme}]});
        self.call("Emulation.setEmulatedMedia", media);
    }

    /// Writes what is seen to `KARAT_SCREENSHOTS`, where that names a folder.
    pub fn screenshot(&mut self, name: &str) {
        let Some(folder) = std::env::var_os("KARAT_SCREENSHOTS") else { return };
        let picture = self.call("Page.captureScreenshot", json!({}));
        let mut bytes = Vec::new();
        karat::model::binary::base64(picture["data"].as_str().unwrap().as_bytes(), &mut bytes).unwrap();
        std::fs::write(Path::new(&folder).join(format!("{name}.png")), bytes).unwrap();
    }

    /// Gives the events of a sort.
    pub fn told(&self, method: &str) -> Vec<&Value> {
        self.events.iter().filter(|event| event["method"] == method).collect()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
