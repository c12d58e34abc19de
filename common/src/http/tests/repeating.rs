//! What is repeated, what is lost, and how long is waited in between.
//! Against scripted servers only.

use std::time::{Duration, Instant};

use super::Kit;
use super::server::Server;
use crate::error::{Kind, hint, kind};
use crate::http::{Body, lost};

fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

#[test]
fn a_read_is_repeated_after_a_server_error() {
    let server = Server::start(|exchange| match exchange.number {
        0 => exchange.answer(502, &[], "bad gateway"),
        1 => exchange.answer(503, &[("retry-after", "4")], ""),
        _ => exchange.answer(200, &[], "fine"),
    });
    let kit = Kit::new();
    assert_eq!(kit.client.get(server.url("/")).send().unwrap().text(), "fine");
    assert_eq!(server.seen().len(), 3);
    assert_eq!(kit.waits().len(), 2);
    assert!(kit.waits()[0] <= seconds(1));
    assert_eq!(kit.waits()[1], seconds(4));
    assert!(kit.waits.lock().unwrap()[0].0.contains("502 Bad Gateway: bad gateway"));
}

#[test]
fn a_read_that_keeps_failing_is_temporary_and_quotes_the_server() {
    let server = Server::start(|exchange| {
        exchange.answer(500, &[], r#"{"message":"out of \u001b[31mdisk"}"#);
    });
    let kit = Kit::new();
    let error = kit.client.get(server.url("/x?page=2")).send().unwrap_err();
    assert_eq!(kind(&error), Kind::Temporary);
    let text = error.to_string();
    assert!(
        text.contains(
            "/x?page=2` after 4 attempts: 500 Internal Server Error: out of \\u{1b}[31mdisk"
        ),
        "{text}"
    );
    assert_eq!(server.seen().len(), 4);
    assert!(hint(&error).is_some());
}

#[test]
fn a_change_is_lost_after_a_server_error_unless_it_is_safe_to_repeat() {
    let server = Server::start(|exchange| match exchange.number {
        0 | 1 => exchange.answer(502, &[], ""),
        _ => exchange.answer(201, &[], ""),
    });
    let kit = Kit::new();
    let error = kit.client.post(server.url("/releases")).send().unwrap_err();
    let lost = lost(&error).unwrap();
    assert_eq!(lost.operation, format!("POST {}", server.url("/releases")));
    assert_eq!(lost.reason, "502 Bad Gateway");
    assert_eq!(kind(&error), Kind::Temporary);
    assert_eq!((server.seen().len(), kit.waits().len()), (1, 0));

    assert_eq!(kit.client.put(server.url("/blob")).safe_to_repeat().send().unwrap().status, 201);
    assert_eq!(server.seen().len(), 3);
}

#[test]
fn an_answer_cut_off_before_or_in_the_middle_is_lost_for_a_change_and_repeated_for_a_read() {
    for cut in [
        &b""[..],
        b"HTTP/1.1 200 OK\r\ncontent-",
        b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf",
    ] {
        let server = Server::start(move |exchange| {
            if exchange.number == 0 {
                exchange.body();
                exchange.raw(cut);
                exchange.close();
            } else {
                exchange.answer(200, &[], "whole body");
            }
        });
        let kit = Kit::new();
        let error = kit.client.patch(server.url("/")).json(&1).send().unwrap_err();
        assert!(lost(&error).is_some(), "{error:#}");
        assert_eq!(server.seen().len(), 1);

        let server = Server::start(move |exchange| {
            if exchange.number == 0 {
                exchange.raw(cut);
                exchange.close();
            } else {
                exchange.answer(200, &[], "whole body");
            }
        });
        assert_eq!(kit.client.get(server.url("/")).send().unwrap().text(), "whole body");
        assert_eq!(server.seen().len(), 2);
    }
}

#[test]
fn a_rate_limit_is_waited_for_by_any_method() {
    let server = Server::start(|exchange| {
        exchange.body();
        match exchange.number {
            0 => exchange.answer(429, &[("retry-after", "7")], ""),
            1 => exchange.answer(
                429,
                &[
                    ("date", "Sun, 06 Nov 1994 08:49:37 GMT"),
                    ("retry-after", "Sun, 06 Nov 1994 08:50:07 GMT"),
                ],
                "",
            ),
            2 => exchange.answer(
                403,
                &[],
                r#"{"message":"You have exceeded a secondary rate limit."}"#,
            ),
            _ => exchange.answer(201, &[], "made"),
        }
    });
    let kit = Kit::new();
    let answer = kit.client.post(server.url("/")).json(&"x").send().unwrap();
    assert_eq!((answer.status, answer.text().as_str()), (201, "made"));
    assert_eq!(kit.waits(), [seconds(7), seconds(30), seconds(60)]);
}

#[test]
fn a_plain_403_is_an_answer() {
    let server = Server::start(|exchange| {
        exchange.answer(
            403,
            &[("x-ratelimit-remaining", "12")],
            r#"{"message":"Resource not accessible"}"#,
        );
    });
    let kit = Kit::new();
    let answer = kit.client.get(server.url("/")).send().unwrap();
    assert_eq!(answer.summary(), "403 Forbidden: Resource not accessible");
    assert!(kit.waits().is_empty());
}

#[test]
fn a_limit_beyond_the_deadline_fails_now_and_says_until_when() {
    let server =
        Server::start(|exchange| exchange.answer(429, &[("retry-after", "3600")], "slow down"));
    let kit = Kit::with(seconds(20), Some(Instant::now() + seconds(60)), &|_| None);
    let error = kit.client.get(server.url("/")).send().unwrap_err();
    assert_eq!(kind(&error), Kind::Temporary);
    let text = error.to_string();
    assert!(text.contains("slow down") && text.contains("wait 3600 s, until 2"), "{text}");
    assert_eq!((server.seen().len(), kit.waits().len()), (1, 0));
}

#[test]
fn a_refused_connection_is_repeated_for_any_method_and_is_not_lost() {
    let unused = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let kit = Kit::new();
    let error = kit.client.post(format!("http://{unused}/")).json(&1).send().unwrap_err();
    assert!(lost(&error).is_none());
    assert_eq!(kind(&error), Kind::Temporary);
    assert!(error.to_string().contains("after 4 attempts"), "{error}");
    assert_eq!(kit.waits().len(), 3);
}

#[test]
fn a_body_is_opened_anew_for_each_attempt() {
    let (file, sha256) = super::file(200_000);
    let server = Server::start(|exchange| {
        let length = exchange.body().len().to_string();
        exchange.answer(if exchange.number == 0 { 503 } else { 200 }, &[], length);
    });
    let kit = Kit::new();
    let body = Body::artifact("application/octet-stream", file.path(), 200_000, sha256);
    let answer = kit.client.put(server.url("/")).body(body).safe_to_repeat().send().unwrap();
    assert_eq!(answer.text(), "200000");
    assert_eq!(server.seen().len(), 2);
}

#[test]
fn success_gives_an_operation_its_attempts_back() {
    let server = Server::start(|exchange| {
        let status = if exchange.number % 3 == 2 { 200 } else { 500 };
        exchange.answer(status, &[], "");
    });
    let kit = Kit::new();
    for _ in 0..4 {
        assert_eq!(kit.client.get(server.url("/poll")).send().unwrap().status, 200);
    }
}
