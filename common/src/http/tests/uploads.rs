//! Bodies on their way: the same bytes or none, early answers, what is asked first.
//! Against scripted servers only.

use std::cell::RefCell;
use std::io::Write as _;

use super::server::Server;
use super::{Kit, file};
use crate::error::{Kind, kind};
use crate::http::{Body, Part, lost};
use crate::secret::Secret;

const MIB: usize = 1024 * 1024;

#[test]
fn a_file_arrives_whole_with_its_length_and_progress() {
    let (file, sha256) = file(5 * MIB);
    let server = Server::start(|exchange| {
        use sha2::Digest as _;
        let body = exchange.body();
        let digest = crate::http::body::hex(&sha2::Sha256::digest(&body));
        exchange.answer(201, &[], digest);
    });
    let kit = Kit::new();
    let steps = RefCell::new(Vec::new());
    let progress = |sent| steps.borrow_mut().push(sent);
    let body = Body::artifact("application/zip", file.path(), 5 * MIB as u64, &sha256);
    let answer = kit.client.post(server.url("/")).body(body).progress(&progress).send().unwrap();
    assert_eq!(answer.text(), sha256);
    let seen = &server.seen()[0];
    assert_eq!(seen.header("content-length"), Some("5242880"));
    assert_eq!(seen.header("content-type"), Some("application/zip"));
    assert_eq!(seen.header("expect"), Some("100-continue"));
    assert!(seen.header("transfer-encoding").is_none());
    let steps = steps.into_inner();
    assert!(steps.is_sorted() && steps.last() == Some(&(5 * MIB as u64)));
    assert!((20..=80).contains(&steps.len()), "pieces of 64 to 256 KiB: {}", steps.len());
}

#[test]
fn a_form_wraps_a_file() {
    let (file, sha256) = file(1000);
    let server = Server::start(|exchange| {
        let body = exchange.body();
        exchange.answer(
            200,
            &[],
            format!("{} {}", body.len(), body.starts_with(b"<<") && body.ends_with(b">>")),
        );
    });
    let parts = vec![
        Part::Bytes(b"<<".to_vec()),
        Part::Artifact { path: file.path().into(), size: 1000, sha256 },
        Part::Bytes(b">>".to_vec()),
    ];
    let kit = Kit::new();
    let request = kit
        .client
        .post(server.url("/"))
        .body(Body::parts("multipart/form-data; boundary=x", parts));
    assert_eq!(request.send().unwrap().text(), "1004 true");
}

/// Uploads a file that is changed by `change` when `after` bytes of it have been read, and returns error and what
/// arrived of the body.
fn changed(size: usize, after: u64, change: impl Fn(&mut std::fs::File)) -> (anyhow::Error, usize) {
    let (file, sha256) = file(size);
    let (sender, arrived) = std::sync::mpsc::channel();
    let server = Server::start(move |exchange| {
        sender.send(exchange.body().len()).unwrap();
        exchange.close();
    });
    let kit = Kit::new();
    let handle = RefCell::new(file.reopen().unwrap());
    let progress = |sent| {
        if sent >= after {
            change(&mut handle.borrow_mut());
        }
    };
    let body = Body::artifact("a/b", file.path(), size as u64, sha256);
    let error = kit.client.put(server.url("/")).body(body).progress(&progress).send().unwrap_err();
    (error, arrived.recv().unwrap())
}

#[test]
fn a_file_that_shrinks_while_it_is_sent_never_arrives_whole() {
    let (error, arrived) = changed(3 * MIB, 1, |file| file.set_len(2 * MIB as u64).unwrap());
    assert_eq!(kind(&error), Kind::Refused);
    assert!(error.to_string().contains("ends before the 3145728 bytes"), "{error}");
    assert!(arrived < 3 * MIB && lost(&error).is_none());
}

#[test]
fn a_file_that_grows_while_it_is_sent_never_arrives_whole() {
    let (error, arrived) = changed(3 * MIB, 1, |file| file.set_len(4 * MIB as u64).unwrap());
    assert_eq!(kind(&error), Kind::Refused);
    assert!(error.to_string().contains("goes on after the 3145728 bytes"), "{error}");
    assert!(arrived < 3 * MIB);
}

#[test]
fn a_file_with_other_bytes_never_arrives_whole() {
    let (error, arrived) = changed(3 * MIB, 1, |file| {
        std::io::Seek::seek(file, std::io::SeekFrom::Start(2 * MIB as u64)).unwrap();
        file.write_all(b"other").unwrap();
    });
    assert_eq!(kind(&error), Kind::Refused);
    assert!(error.to_string().contains("its sha256 is "), "{error}");
    assert!(arrived < 3 * MIB);
}

#[test]
fn a_small_file_that_is_another_one_sends_nothing_of_its_body() {
    let (file, _) = file(10);
    let (sender, arrived) = std::sync::mpsc::channel();
    let server = Server::start(move |exchange| {
        sender.send(exchange.body().len()).unwrap();
        exchange.close();
    });
    let kit = Kit::new();
    let body = Body::artifact("a/b", file.path(), 10, "00".repeat(32));
    let error = kit.client.put(server.url("/")).body(body).send().unwrap_err();
    assert_eq!(kind(&error), Kind::Refused);
    assert_eq!(arrived.recv().unwrap(), 0);
}

#[test]
fn a_file_of_another_size_or_none_sends_nothing_at_all() {
    let (file, sha256) = file(10);
    let server = Server::start(|exchange| exchange.answer(200, &[], ""));
    let kit = Kit::new();
    let body = |path: &std::path::Path, size| Body::artifact("a/b", path, size, sha256.clone());
    let error = kit.client.put(server.url("/")).body(body(file.path(), 11)).send().unwrap_err();
    assert!(error.to_string().contains("has 10 bytes and had 11"), "{error}");
    let missing = file.path().with_extension("missing");
    let error = kit.client.put(server.url("/")).body(body(&missing, 10)).send().unwrap_err();
    assert!(error.to_string().contains("failed to open"), "{error}");
    assert!(server.seen().is_empty());
}

#[test]
fn an_early_refusal_of_a_large_upload_is_delivered() {
    let (file, sha256) = file(5 * MIB);
    let server = Server::start(|exchange| {
        exchange.answer(401, &[], r#"{"message":"Bad credentials"}"#);
        // Some servers close now, others wait for the client to do so.
        if exchange.number == 0 { exchange.close() } else { exchange.hang() }
    });
    let kit = Kit::new();
    for _ in 0..2 {
        let body = Body::artifact("a/b", file.path(), 5 * MIB as u64, &sha256);
        let answer = kit.client.post(server.url("/")).body(body).send().unwrap();
        assert_eq!(answer.summary(), "401 Unauthorized: Bad credentials");
    }
}

#[test]
fn a_refusal_in_the_middle_of_an_upload_is_delivered() {
    let (file, sha256) = file(20 * MIB);
    let server = Server::start(|exchange| {
        exchange.go_on();
        exchange.some(100_000);
        exchange.answer(413, &[("connection", "close")], "too much");
        exchange.close();
    });
    let kit = Kit::new();
    let body = Body::artifact("a/b", file.path(), 20 * MIB as u64, sha256);
    let answer = kit.client.post(server.url("/")).body(body).send().unwrap();
    assert_eq!((answer.status, answer.text().as_str()), (413, "too much"));
}

#[test]
fn success_before_the_whole_body_was_sent_is_not_believed() {
    let (file, sha256) = file(20 * MIB);
    let server = Server::start(|exchange| {
        // Once instead of `100 Continue`, once in the middle of the body.
        if exchange.number == 1 {
            exchange.go_on();
            exchange.some(100_000);
        }
        exchange.answer(201, &[], "made");
        exchange.close();
    });
    let kit = Kit::new();
    for _ in 0..2 {
        let body = Body::artifact("a/b", file.path(), 20 * MIB as u64, &sha256);
        let error = kit.client.post(server.url("/")).body(body).send().unwrap_err();
        assert!(lost(&error).unwrap().reason.contains("before the whole body"), "{error:#}");
    }
}

#[test]
fn a_connection_cut_in_the_middle_of_an_upload_is_lost() {
    let (file, sha256) = file(20 * MIB);
    let server = Server::start(|exchange| {
        exchange.go_on();
        exchange.some(100_000);
        exchange.close();
    });
    let kit = Kit::new();
    let body = Body::artifact("a/b", file.path(), 20 * MIB as u64, sha256);
    let error = kit.client.post(server.url("/")).body(body).send().unwrap_err();
    assert!(lost(&error).is_some(), "{error:#}");
}

#[test]
fn a_server_that_ignores_the_question_is_not_asked_again() {
    let server = Server::start(|exchange| {
        let length = exchange.seen.header("content-length").unwrap().parse().unwrap();
        exchange.some(length);
        exchange.answer(200, &[], "");
    });
    let kit = Kit::new();
    for _ in 0..3 {
        let request = kit.client.put(server.url("/")).body(Body::bytes("a/b", vec![7; 2 * MIB]));
        assert_eq!(request.send().unwrap().status, 200);
    }
    let asked: Vec<bool> =
        server.seen().iter().map(|seen| seen.header("expect").is_some()).collect();
    assert_eq!(asked, [true, false, false]);
    assert_eq!(server.connections(), 1);
}

#[test]
fn a_server_that_does_not_understand_the_question_gets_the_body_without_it() {
    let server = Server::start(|exchange| {
        if exchange.seen.header("expect").is_some() {
            exchange.answer(417, &[], "");
        } else {
            let length = exchange.body().len();
            exchange.answer(200, &[], length.to_string());
        }
    });
    let kit = Kit::new();
    let request = kit.client.put(server.url("/")).body(Body::bytes("a/b", vec![7; 2 * MIB]));
    assert_eq!(request.send().unwrap().text(), "2097152");
    assert_eq!((server.seen().len(), kit.waits().len()), (2, 0));
}

#[test]
fn a_change_without_a_body_says_so_and_a_delete_may_have_one() {
    let server = Server::start(|exchange| {
        let body = exchange.body();
        exchange.answer(200, &[], body);
    });
    let kit = Kit::new();
    kit.client.post(server.url("/")).send().unwrap();
    kit.client.get(server.url("/")).send().unwrap();
    let answer =
        kit.client.delete(server.url("/")).json(&serde_json::json!({"sha": "x"})).send().unwrap();
    assert_eq!(answer.text(), r#"{"sha":"x"}"#);
    let seen = server.seen();
    assert_eq!(seen[0].header("content-length"), Some("0"));
    assert_eq!(seen[1].header("content-length"), None);
    assert_eq!(seen[2].header("content-type"), Some("application/json"));
}

#[test]
fn mistakes_are_told_when_it_is_sent_and_never_quote_a_secret() {
    let server = Server::start(|exchange| exchange.answer(200, &[], ""));
    let kit = Kit::new();
    let token = Secret::new("upload-canary\nX-Evil: 1");
    for request in [
        kit.client.get(server.url("/")).bearer(&token),
        kit.client.get(server.url("/")).header("bad name", "x"),
        kit.client.get("http://example.org/"),
    ] {
        let error = request.send().unwrap_err();
        assert_eq!(kind(&error), Kind::Usage);
        assert!(!format!("{error:#}").contains("upload-canary"));
    }
    assert!(server.seen().is_empty());
}
