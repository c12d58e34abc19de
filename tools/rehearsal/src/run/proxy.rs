//! Where requests to elsewhere end: a proxy that answers no, and remembers who was asked for.
//! Knows nothing of channels; it never opens a connection of its own.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result};

use super::canary::{Canaries, Hit};

/// Enough for any head; what is longer is cut, not kept.
const HEAD: u64 = 64 * 1024;
const PATIENCE: Duration = Duration::from_secs(2);

/// One destination that COMMAND tried to reach.
#[derive(Clone, Debug, Default)]
pub(super) struct Attempt {
    pub(super) count: usize,
    /// Canaries that would have gone there.
    pub(super) hits: Vec<Hit>,
}

/// The listening proxy; it ends with the process.
pub(super) struct Proxy {
    pub(super) address: SocketAddr,
    attempts: Arc<Mutex<BTreeMap<String, Attempt>>>,
}

impl Proxy {
    /// Begins to listen on loopback.
    pub(super) fn start(canaries: Arc<Canaries>) -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .context("failed to listen on loopback for the dead proxy")?;
        let address = listener.local_addr().context("failed to read the dead proxy's address")?;
        let attempts = Arc::new(Mutex::new(BTreeMap::new()));
        let shared = Arc::clone(&attempts);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (canaries, attempts) = (Arc::clone(&canaries), Arc::clone(&shared));
                std::thread::spawn(move || refuse(stream, &canaries, &attempts));
            }
        });
        Ok(Self { address, attempts })
    }

    /// Returns the destinations so far.
    pub(super) fn attempts(&self) -> BTreeMap<String, Attempt> {
        self.attempts.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn refuse(mut stream: TcpStream, canaries: &Canaries, attempts: &Mutex<BTreeMap<String, Attempt>>) {
    let _ = stream.set_read_timeout(Some(PATIENCE));
    let mut head = Vec::new();
    let mut piece = [0; 4096];
    while !head.windows(4).any(|end| end == b"\r\n\r\n") && (head.len() as u64) < HEAD {
        match stream.read(&mut piece) {
            Ok(0) | Err(_) => break,
            Ok(count) => head.extend_from_slice(&piece[..count]),
        }
    }
    if !head.is_empty() {
        let mut attempts = attempts.lock().unwrap_or_else(PoisonError::into_inner);
        let attempt = attempts.entry(destination(&head)).or_default();
        attempt.count += 1;
        attempt.hits.extend(canaries.find(&head));
    }
    let _ = stream.write_all(
        b"HTTP/1.1 403 Forbidden\r\nContent-Type: text/plain\r\nContent-Length: 31\r\n\
          Connection: close\r\n\r\nrehearsal: there is no network\n",
    );
}

/// Reads host and port from the first line: `CONNECT host:443 HTTP/1.1` or `GET http://host/ ...`.
fn destination(head: &[u8]) -> String {
    let line = head.split(|&byte| byte == b'\r' || byte == b'\n').next().unwrap_or_default();
    let line = String::from_utf8_lossy(line);
    let target = line.split(' ').nth(1).unwrap_or_default();
    let target = target.split_once("://").map_or(target, |(_, rest)| rest);
    let authority = target.split(['/', '?']).next().unwrap_or_default();
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    if host.is_empty() { "something that is no HTTP request".to_owned() } else { host.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(head: &str, expected: &str) {
        assert_eq!(destination(head.as_bytes()), expected);
    }

    #[test]
    fn the_destination_is_named_without_path_and_user() {
        check("CONNECT pypi.example:443 HTTP/1.1\r\n\r\n", "pypi.example:443");
        check("PUT http://me:secret@host.example/a?t=secret HTTP/1.1\r\n", "host.example");
        check("\u{16}\u{3}\u{1}", "something that is no HTTP request");
    }

    #[test]
    fn a_request_is_refused_and_a_canary_in_it_is_seen() {
        let proxy = Proxy::start(Arc::new(Canaries::new(["canary-token"]).unwrap())).unwrap();
        let mut stream = TcpStream::connect(proxy.address).unwrap();
        stream
            .write_all(
                b"GET http://host.example/ HTTP/1.1\r\nAuthorization: Bearer canary-token\r\n\r\n",
            )
            .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 403 "), "{answer}");
        let attempts = proxy.attempts();
        assert_eq!(attempts["host.example"].count, 1);
        assert_eq!(attempts["host.example"].hits.len(), 1);
    }
}
