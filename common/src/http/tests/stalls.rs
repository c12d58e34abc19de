//! Stall limits: nothing hangs, and nothing healthy is ended.
//! Small limits instead of sleeping; the servers wait until the client has gone.

use std::time::{Duration, Instant};

use super::Kit;
use super::server::Server;
use crate::error::{Kind, kind};
use crate::http::{Body, lost};

const SHORT: Duration = Duration::from_millis(150);

#[test]
fn a_server_that_does_not_answer_is_given_up() {
    let server = Server::start(|exchange| exchange.hang());
    let kit = Kit::with(SHORT, None, &|_| None);
    let error = kit.client.get(server.url("/")).send().unwrap_err();
    assert_eq!(kind(&error), Kind::Temporary);
    assert!(error.to_string().contains("no byte arrived for 150ms"), "{error}");
    assert_eq!(server.seen().len(), 4);
    let error = kit.client.post(server.url("/")).json(&1).send().unwrap_err();
    assert!(lost(&error).is_some(), "{error:#}");
}

#[test]
fn a_server_that_stops_in_the_middle_is_given_up() {
    let server = Server::start(|exchange| {
        exchange.raw(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf");
        exchange.hang();
    });
    let kit = Kit::with(SHORT, None, &|_| None);
    let error = kit.client.get(server.url("/")).send().unwrap_err();
    assert_eq!(kind(&error), Kind::Temporary);
    assert!(error.to_string().contains("no byte arrived"), "{error}");
}

#[test]
fn a_server_that_takes_no_byte_is_given_up() {
    let (sender, gone) = std::sync::mpsc::channel::<()>();
    let gone = std::sync::Mutex::new(gone);
    let server = Server::start(move |exchange| {
        exchange.go_on();
        // Neither reads nor answers until the client has given up.
        let _ = gone.lock().unwrap().recv();
        exchange.close();
    });
    let kit = Kit::with(SHORT, None, &|_| None);
    let request = kit.client.put(server.url("/")).body(Body::bytes("a/b", vec![0; 64 << 20]));
    let error = request.send().unwrap_err();
    drop(sender);
    let reason = &lost(&error).unwrap().reason;
    assert!(reason.contains("took no byte for 150ms"), "{reason}");
}

#[test]
fn a_slow_but_moving_transfer_is_not_given_up() {
    // Each block comes well within the limit, all of them together take longer than it.
    let server = Server::start(|exchange| {
        exchange.raw(b"HTTP/1.1 200 OK\r\ncontent-length: 8\r\n\r\n");
        for _ in 0..8 {
            std::thread::park_timeout(Duration::from_millis(40));
            exchange.raw(b"x");
        }
    });
    let kit = Kit::with(SHORT, None, &|_| None);
    let begun = Instant::now();
    assert_eq!(kit.client.get(server.url("/")).send().unwrap().text(), "xxxxxxxx");
    assert!(begun.elapsed() > SHORT && server.seen().len() == 1);
}

#[test]
fn an_upload_may_be_thought_about_for_longer_than_the_limit() {
    let (file, sha256) = super::file(1000);
    let server = Server::start(|exchange| {
        exchange.body();
        std::thread::park_timeout(SHORT * 2);
        exchange.answer(201, &[], "");
    });
    let kit = Kit::with(SHORT, None, &|_| None);
    let body = Body::artifact("a/b", file.path(), 1000, sha256);
    assert_eq!(kit.client.post(server.url("/")).body(body).send().unwrap().status, 201);
    assert_eq!(kit.client.post(server.url("/")).patient().json(&1).send().unwrap().status, 201);
}

#[test]
fn the_deadline_ends_what_would_go_on_for_ever() {
    let server = Server::start(|exchange| {
        exchange.raw(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
        while exchange.is_open() {
            exchange.raw(b"1\r\nx\r\n");
        }
    });
    let deadline = Instant::now() + SHORT;
    let kit = Kit::with(Duration::from_secs(20), Some(deadline), &|_| None);
    let error = kit.client.get(server.url("/")).hash().unwrap_err();
    assert_eq!(kind(&error), Kind::Temporary);
    assert!(error.to_string().contains("the deadline has passed"), "{error}");
    assert_eq!(server.seen().len(), 1);
}
