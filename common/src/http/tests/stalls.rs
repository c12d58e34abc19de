//! Stall limits: nothing hangs, and nothing healthy is ended.
//! Small limits instead of sleeping; the servers wait until the client has gone.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use ureq::unversioned::transport::{Buffers, LazyBuffers, NextTimeout, Transport};

use super::Kit;
use super::server::{Exchange, Server};
use crate::error::{Kind, kind};
use crate::http::{Body, lost, wire};

const SHORT: Duration = Duration::from_millis(150);

#[test]
fn a_server_that_does_not_answer_is_given_up() {
    let server = Server::start(|exchange: &mut Exchange| exchange.hang());
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
    let gone = Mutex::new(gone);
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

/// A connection that is always ready and notes the limits it is given.
#[derive(Debug)]
struct Ready {
    buffers: LazyBuffers,
    limits: Arc<Mutex<Vec<Option<Duration>>>>,
}

impl Transport for Ready {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, _: usize, _: NextTimeout) -> Result<(), ureq::Error> {
        Ok(())
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, ureq::Error> {
        self.limits.lock().unwrap().push(timeout.per_read.map(|limit| *limit));
        Ok(true)
    }

    fn is_open(&mut self) -> bool {
        true
    }
}

#[test]
fn the_wait_for_an_answer_has_its_own_limit_and_each_block_after_it_the_stall_limit() {
    let limits = Arc::new(Mutex::new(Vec::new()));
    let ready = Ready { buffers: LazyBuffers::new(64, 64), limits: Arc::clone(&limits) };
    let (stall, answer) = (Duration::from_secs(1), Duration::from_secs(300));
    wire::begin(wire::Limits { stall, answer, ..wire::Limits::default() });
    let mut connection = wire::Watched::around(ready);

    connection.transmit_output(1, NextTimeout::default()).unwrap();
    let asking = NextTimeout {
        reason: ureq::Timeout::Await100,
        per_read: Some(stall.into()),
        ..NextTimeout::default()
    };
    connection.await_input(asking).unwrap();
    connection.transmit_output(1, NextTimeout::default()).unwrap();
    for _ in 0..3 {
        connection.await_input(NextTimeout::default()).unwrap();
    }
    assert_eq!(*limits.lock().unwrap(), [None, Some(answer), Some(stall), Some(stall)]);
}

#[test]
fn no_limit_bounds_a_whole_transfer_and_uploads_may_be_thought_about() {
    let kit = Kit::with(SHORT, None, &|_| None);
    let timeouts = kit.client.inner.direct.config().timeouts();
    assert_eq!((timeouts.global, timeouts.per_call), (None, None));
    assert_eq!(
        (timeouts.send_body, timeouts.recv_body, timeouts.recv_response),
        (None, None, None)
    );
    assert_eq!(kit.client.limits(false).answer, SHORT);
    assert_eq!(kit.client.limits(true).answer, Duration::from_secs(300));
    let patient = Kit::with(Duration::from_secs(900), None, &|_| None);
    assert_eq!(patient.client.limits(true).answer, Duration::from_secs(900));
}

#[test]
fn the_answer_to_a_file_may_take_longer_than_the_stall_limit() {
    // The client's own patience, not the server's: it is told to hang, and the deadline ends it.
    let (file, sha256) = super::file(1000);
    let server = Server::start(|exchange| {
        exchange.body();
        exchange.hang();
    });
    let kit = Kit::with(SHORT, Some(Instant::now() + SHORT * 4), &|_| None);
    let body = Body::artifact("a/b", file.path(), 1000, sha256);
    let begun = Instant::now();
    let error = kit.client.post(server.url("/")).body(body).send().unwrap_err();
    assert!(lost(&error).is_some() && begun.elapsed() > SHORT * 3, "{error:#}");
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
