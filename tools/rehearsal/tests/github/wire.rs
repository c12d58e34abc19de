//! A client that sends exactly what it is told, and what the tests of the GitHub stand-in say with it.
//! Follows nothing, repeats nothing.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rehearsal::Role;
use serde_json::Value;

use crate::scene::{self, Scene};

const SOON: Duration = Duration::from_secs(60);

/// An answer as it came.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Scene {
    pub(crate) fn state(&self) -> PathBuf {
        self.dir.path().join("d")
    }

    /// Runs git in the bare repository and returns its stdout.
    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        scene::git(&self.state().join("git/github.com/acme/greet.git"), arguments)
    }

    /// Sends a request to a part as the writer, with the headers of a good client.
    pub(crate) fn send(&self, role: Role, method: &str, target: &str, body: &[u8]) -> Reply {
        self.send_as(Some("github-write"), role, method, target, body)
    }

    /// Sends a request with the token of a name, or none.
    pub(crate) fn send_as(
        &self,
        token: Option<&str>,
        role: Role,
        method: &str,
        target: &str,
        body: &[u8],
    ) -> Reply {
        let token = token.map(|name| format!("Bearer {}", self.token(name)));
        let mut headers = vec![
            ("User-Agent", "scene"),
            ("Content-Type", "application/octet-stream"),
            ("X-GitHub-Api-Version", "2022-11-28"),
        ];
        if let Some(token) = &token {
            headers.push(("Authorization", token));
        }
        let length = body.len().to_string();
        headers.push(("Content-Length", &length));
        raw(self.stand_ins.origin(role), method, target, &headers, body).unwrap()
    }

    /// Sends JSON to a path below the repository, as the writer.
    pub(crate) fn call(&self, method: &str, path: &str, body: &Value) -> Reply {
        self.call_as(Some("github-write"), method, path, body)
    }

    pub(crate) fn call_as(
        &self,
        token: Option<&str>,
        method: &str,
        path: &str,
        body: &Value,
    ) -> Reply {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let target = format!("/repos/acme/greet{path}");
        self.send_as(token, Role::GithubApi, method, &target, body.as_bytes())
    }

    pub(crate) fn get(&self, path: &str) -> Reply {
        self.call("GET", path, &Value::Null)
    }

    /// Makes a release and returns its id.
    pub(crate) fn release(&self, fields: &Value) -> u64 {
        let reply = self.call("POST", "/releases", fields);
        assert_eq!(reply.status, 201, "{}", reply.text());
        reply.json()["id"].as_u64().unwrap()
    }

    pub(crate) fn upload(&self, release: u64, query: &str, body: &[u8]) -> Reply {
        let target = format!("/repos/acme/greet/releases/{release}/assets?{query}");
        self.send(Role::GithubUploads, "POST", &target, body)
    }
}

impl Reply {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// Checks a refusal: its status and a part of its text.
    #[track_caller]
    pub(crate) fn refuses(&self, status: u16, part: &str) {
        assert_eq!(self.status, status, "{}", self.text());
        assert!(self.text().contains(part), "no `{part}` in {}", self.text());
    }
}

/// Sends exactly these headers (and `Host`) on a connection of its own and reads the answer to its end.
pub(crate) fn raw(
    origin: &str,
    method: &str,
    target: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> std::io::Result<Reply> {
    let host = origin.trim_start_matches("http://");
    let stream = TcpStream::connect(host)?;
    stream.set_read_timeout(Some(SOON))?;
    exchange(stream, method, target, host, headers, body)
}

/// The same through a unix socket, to a host of any name.
pub(crate) fn through(
    socket: &Path,
    method: &str,
    target: &str,
    host: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> std::io::Result<Reply> {
    let stream = UnixStream::connect(socket)?;
    stream.set_read_timeout(Some(SOON))?;
    exchange(stream, method, target, host, headers, body)
}

fn exchange(
    mut stream: impl Read + Write,
    method: &str,
    target: &str,
    host: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> std::io::Result<Reply> {
    let mut head = format!("{method} {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n");
    for (name, value) in headers {
        head.push_str(&[name, ": ", value, "\r\n"].concat());
    }
    head.push_str("\r\n");
    stream.write_all(head.as_bytes())?;
    stream.write_all(body)?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes)?;
    parse(&bytes).ok_or_else(|| std::io::ErrorKind::UnexpectedEof.into())
}

fn parse(bytes: &[u8]) -> Option<Reply> {
    let end = bytes.windows(4).position(|part| part == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let mut lines = head.split("\r\n");
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let pair =
        |line: &str| line.split_once(": ").map(|(name, value)| (name.to_owned(), value.to_owned()));
    Some(Reply {
        status,
        headers: lines.filter_map(pair).collect(),
        body: bytes[end + 4..].to_vec(),
    })
}

/// Sends a POST whose body ends before its announced length, and hangs up.
pub(crate) fn hang_up(origin: &str, target: &str, headers: &[(&str, &str)], body: &[u8]) {
    let host = origin.trim_start_matches("http://");
    let mut stream = TcpStream::connect(host).unwrap();
    let mut head = format!("POST {target} HTTP/1.1\r\nHost: {host}\r\n");
    for (name, value) in headers {
        head.push_str(&[name, ": ", value, "\r\n"].concat());
    }
    head.push_str("\r\n");
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(body).unwrap();
}

/// Asks again until something holds; fails after a minute.
#[track_caller]
pub(crate) fn until(holds: impl Fn() -> bool) {
    let begun = std::time::Instant::now();
    while !holds() {
        assert!(begun.elapsed() < SOON, "it never came true");
        std::thread::yield_now();
    }
}
