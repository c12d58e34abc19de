//! The validating proxy: started, watched through its log, ended. Knows how Prism reports, and nothing of GitHub.
#![expect(clippy::disallowed_methods, reason = "the proxy runs beside the test, not to its end")]

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

/// Where npm put the clients of others: a folder that holds `node_modules`.
pub(super) fn clients() -> PathBuf {
    let default = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.tools/clients");
    std::env::var_os("LANDFALL_CLIENTS").map_or(default, PathBuf::from)
}

/// A running proxy; ends when dropped.
pub(super) struct Prism {
    child: Child,
    lines: Receiver<String>,
    log: Vec<String>,
    /// Its address, such as `http://127.0.0.1:40001`.
    pub(super) origin: String,
}

impl Prism {
    /// Starts it in front of `upstream`; what is not in the description, or not as it says, becomes an error answer.
    pub(super) fn start(description: &Path, upstream: &str) -> Self {
        let mut child = Command::new("node")
            .arg(clients().join("node_modules/.bin/prism"))
            .arg("proxy")
            .arg(description)
            .args([upstream, "--errors", "--port", "0"])
            .env("NO_COLOR", "1")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .expect("node starts");
        let stdout = BufReader::new(child.stdout.take().expect("its stdout is captured"));
        let (sender, lines) = channel();
        // Ends with the proxy, whose stdout it reads.
        thread::spawn(move || {
            stdout.lines().map_while(Result::ok).try_for_each(|line| sender.send(line))
        });
        let mut prism = Self { child, lines, log: Vec::new(), origin: String::new() };
        let started = prism.wait_for("Prism is listening on ");
        prism.origin = started.rsplit(' ').next().unwrap_or_default().into();
        prism
    }

    /// Returns everything it said about the requests so far that were answered.
    ///
    /// A request that the description cannot know marks the end in the log, for the log lags behind the answers.
    pub(super) fn log(&mut self) -> &[String] {
        let end = format!("/end-of-log-{}", self.log.len());
        let answer = super::agent().get(format!("{}{end}", self.origin)).call();
        assert_eq!(answer.expect("it answers").status(), 404);
        self.wait_for(&format!("get {end} ✖  error"));
        self.log.retain(|line| !line.contains(&end));
        &self.log
    }

    fn wait_for(&mut self, words: &str) -> String {
        let limit = Instant::now() + Duration::from_secs(60);
        loop {
            let left = limit.saturating_duration_since(Instant::now());
            let Ok(line) = self.lines.recv_timeout(left) else {
                panic!("the proxy never said `{words}`:\n{}", self.log.join("\n"));
            };
            self.log.push(line.clone());
            if line.contains(words) {
                return line;
            }
        }
    }
}

impl Drop for Prism {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Finds what the proxy complained about: every line that is a warning or an error.
pub(super) fn violations(log: &[String]) -> Vec<&str> {
    let loud =
        |line: &&str| ["✖  error", "⚠  warning", "✖  fatal"].iter().any(|word| line.contains(word));
    log.iter().map(String::as_str).filter(loud).collect()
}
