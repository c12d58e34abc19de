//! Downloads: hashed only, or saved whole and as expected, or not at all.
//! Against scripted servers only.

use super::server::Server;
use super::{Kit, file};
use crate::error::{Kind, kind};
use crate::http::Expected;

fn bytes_of(size: usize) -> (Vec<u8>, String) {
    let (file, sha256) = file(size);
    let mut bytes = Vec::new();
    std::io::Read::read_to_end(&mut file.reopen().unwrap(), &mut bytes).unwrap();
    (bytes, sha256)
}

#[test]
fn a_download_is_hashed_and_progress_is_told() {
    let (bytes, sha256) = bytes_of(700_000);
    let server = Server::start(move |exchange| exchange.answer(200, &[], &bytes));
    let kit = Kit::new();
    let last = std::cell::Cell::new(0);
    let progress = |come| last.set(come);
    let answer = kit.client.get(server.url("/")).progress(&progress).hash().unwrap();
    let received = answer.received().unwrap();
    assert_eq!((received.size, &received.sha256), (700_000, &sha256));
    assert_eq!(last.get(), 700_000);
    assert!(answer.body.is_empty());
}

#[test]
fn a_download_cut_off_begins_again() {
    let (bytes, sha256) = bytes_of(100_000);
    let server = Server::start(move |exchange| {
        if exchange.number == 0 {
            exchange.raw(b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n");
            exchange.raw(&bytes[..50_000]);
            exchange.close();
        } else {
            exchange.answer(200, &[], &bytes);
        }
    });
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.zip");
    let kit = Kit::new();
    kit.client.get(server.url("/")).save(&path, Expected::new(100_000, &sha256)).unwrap();
    assert_eq!(path.metadata().unwrap().len(), 100_000);
    assert_eq!(folder.path().read_dir().unwrap().count(), 1, "no temporary file is left");
    assert_eq!(server.seen().len(), 2);
}

#[test]
fn what_is_not_as_expected_is_not_saved() {
    let server = Server::start(|exchange| exchange.answer(200, &[], "other bytes"));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.zip");
    let kit = Kit::new();
    let cases = [
        (Expected::new(11, "00".repeat(32)), "its sha256 is "),
        (Expected { size: Some(12), sha256: None }, "it has 11 bytes, expected 12"),
        (Expected { size: Some(10), sha256: None }, "more than the 10 bytes"),
    ];
    for (expected, part) in cases {
        let error = kit.client.get(server.url("/")).save(&path, expected).unwrap_err();
        assert_eq!(kind(&error), Kind::Refused);
        assert!(error.to_string().contains(part), "{error}");
    }
    assert_eq!(folder.path().read_dir().unwrap().count(), 0);
}

#[test]
fn an_error_is_an_answer_and_saves_nothing() {
    let server = Server::start(|exchange| exchange.answer(404, &[], "no such asset"));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.zip");
    let kit = Kit::new();
    let answer = kit.client.get(server.url("/")).save(&path, Expected::default()).unwrap();
    assert_eq!((answer.status, answer.text().as_str()), (404, "no such asset"));
    assert!(answer.received().is_none() && !path.exists());
}

#[cfg(unix)]
#[test]
fn a_saved_file_can_be_read_by_others_as_any_new_file() {
    use std::os::unix::fs::PermissionsExt as _;
    let server = Server::start(|exchange| exchange.answer(200, &[], "x"));
    let folder = tempfile::tempdir().unwrap();
    let (path, plain) = (folder.path().join("saved"), folder.path().join("plain"));
    Kit::new().client.get(server.url("/")).save(&path, Expected::default()).unwrap();
    std::fs::File::create(&plain).unwrap();
    let mode = |path: &std::path::Path| path.metadata().unwrap().permissions().mode();
    assert_eq!(mode(&path), mode(&plain));
}
