//! Answers: what is kept, bounded, quoted, and when connections are used again.
//! Against scripted servers only.

use super::Kit;
use super::server::Server;
use crate::error::{Kind, hint, kind};
use crate::secret::Secret;

#[test]
fn json_headers_and_the_query_are_as_they_were_sent() {
    let server = Server::start(|exchange| {
        let target = format!("{:?}", exchange.seen.target);
        exchange.answer(
            200,
            &[("content-type", "application/json"), ("link", "<a>"), ("link", "<b>")],
            target,
        );
    });
    let kit = Kit::new();
    let request =
        kit.client.get(server.url("/x?a=1")).query(&[("name", "a+b c/ü&=~"), ("page", "2")]);
    let answer = request.send().unwrap();
    assert_eq!(answer.json::<String>().unwrap(), "/x?a=1&name=a%2Bb%20c%2F%C3%BC%26%3D~&page=2");
    assert_eq!(answer.headers("link").collect::<Vec<_>>(), ["<a>", "<b>"]);
    assert_eq!(answer.header("Content-Type"), Some("application/json"));
}

#[test]
fn html_where_json_was_expected_is_said() {
    let server = Server::start(|exchange| {
        exchange.answer(
            200,
            &[("content-type", "text/html; charset=utf-8")],
            "<!DOCTYPE html><title>Sign in</title>",
        );
    });
    let answer = Kit::new().client.get(server.url("/api?x=1")).send().unwrap();
    let error = answer.json::<Vec<u8>>().unwrap_err();
    assert_eq!(kind(&error), Kind::Refused);
    assert!(error.to_string().contains("page of HTML where JSON was expected"), "{error}");
    assert!(error.to_string().contains(&server.url("/api")), "{error}");
    assert!(hint(&error).unwrap().contains("login page"));
    assert_eq!(answer.summary(), "200 OK (a page of HTML)");
}

#[test]
fn unexpected_json_is_quoted_shortly_and_safely() {
    let secret = Secret::new("reading-canary-1");
    let server = Server::start(move |exchange| {
        let body =
            format!("{{\"token\":\"reading-canary-1\",\"x\":\"\u{9b}31m{}\"}}", "y".repeat(5000));
        exchange.answer(200, &[], body);
    });
    let answer = Kit::new().client.get(server.url("/")).bearer(&secret).send().unwrap();
    let text = answer.json::<Vec<u8>>().unwrap_err().to_string();
    assert!(text.contains("***") && !text.contains("reading-canary-1"), "{text}");
    assert!(!text.contains('\u{9b}') && text.contains("more bytes)") && text.len() < 800, "{text}");
    assert!(!answer.text().contains("reading-canary-1"));
}

#[test]
fn connections_are_used_again_whatever_the_status() {
    let server = Server::start(|exchange| {
        exchange.body();
        let status = [200, 404, 422, 500, 200, 204][exchange.number];
        exchange.answer(status, &[], if status == 204 { vec![] } else { vec![b'x'; 300_000] });
    });
    let kit = Kit::new();
    for expected in [200, 404, 422, 200] {
        assert_eq!(kit.client.get(server.url("/")).send().unwrap().status, expected);
    }
    assert_eq!(kit.client.post(server.url("/")).json(&1).send().unwrap().status, 204);
    assert_eq!((server.seen().len(), server.connections()), (6, 1));
}

#[test]
fn the_body_of_an_error_is_kept_in_part() {
    let server = Server::start(|exchange| exchange.answer(404, &[], vec![b'x'; 300_000]));
    let answer = Kit::new().client.get(server.url("/")).send().unwrap();
    assert_eq!(answer.body.len(), 64 * 1024);
    assert!(answer.text().len() < 2100 && answer.summary().len() < 400);
}

#[test]
fn an_endless_answer_is_refused() {
    let server = Server::start(|exchange| {
        exchange.raw(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
        let block = [&b"10000\r\n"[..], &vec![b'x'; 0x10000], b"\r\n"].concat();
        for _ in 0..1024 {
            exchange.raw(&block);
        }
        exchange.close();
    });
    let kit = Kit::new();
    let error = kit.client.get(server.url("/")).send().unwrap_err();
    assert_eq!(kind(&error), Kind::Refused);
    assert!(error.to_string().contains("more than the 33554432 bytes"), "{error}");
    let error = kit.client.get(server.url("/")).at_most(1000).hash().unwrap_err();
    assert!(error.to_string().contains("more than the 1000 bytes"), "{error}");
}

#[test]
fn chunked_answers_and_answers_until_the_end_are_read() {
    let server = Server::start(|exchange| {
        if exchange.number == 0 {
            exchange.raw(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
        } else {
            exchange.raw(b"HTTP/1.1 200 OK\r\n\r\nuntil the end");
            exchange.close();
        }
    });
    let kit = Kit::new();
    assert_eq!(kit.client.get(server.url("/")).send().unwrap().text(), "abcde");
    assert_eq!(kit.client.get(server.url("/")).send().unwrap().text(), "until the end");
}

#[test]
fn a_secret_in_the_url_is_not_in_messages() {
    Secret::new("reading-canary-2");
    let server = Server::start(|exchange| exchange.answer(500, &[], "reading-canary-2 is wrong"));
    let error = Kit::new().client.get(server.url("/x?key=reading-canary-2")).send().unwrap_err();
    let text = format!("{error:#}");
    assert!(
        !text.contains("reading-canary-2") && text.contains("/x`") && text.contains("*** is wrong"),
        "{text}"
    );
}

#[test]
fn sixteen_threads_share_a_client() {
    let server = Server::start(|exchange| {
        let target = exchange.seen.target.clone();
        exchange.answer(200, &[], target);
    });
    let kit = Kit::new();
    std::thread::scope(|scope| {
        for worker in 0..16 {
            let (client, server) = (&kit.client, &server);
            scope.spawn(move || {
                for number in 0..8 {
                    let path = format!("/{worker}/{number}");
                    assert_eq!(client.get(server.url(&path)).send().unwrap().text(), path);
                }
            });
        }
    });
    assert_eq!(server.seen().len(), 128);
}
