//! Where redirects lead, and what travels with them.
//! Against scripted servers only; private networks are in the unit tests of `redirect` and below.

use super::Kit;
use super::server::{Exchange, Server};
use crate::error::{Kind, hint, kind};
use crate::secret::Secret;

fn redirect(exchange: &mut Exchange, status: u16, to: &str) {
    exchange.body();
    exchange.answer(status, &[("location", to)], "moved");
}

#[test]
fn secrets_do_not_travel_to_another_origin_and_are_never_restored() {
    let back = Server::start(|exchange| exchange.answer(200, &[], "end"));
    let end = back.url("/end");
    let other = Server::start(move |exchange| match exchange.seen.target.as_str() {
        // A hop inside the other origin must not bring them back.
        "/there" => redirect(exchange, 308, "/inside"),
        _ => redirect(exchange, 307, &end),
    });
    let there = other.url("/there");
    let first = Server::start(move |exchange| match exchange.seen.target.as_str() {
        "/a" => redirect(exchange, 301, "/b"),
        _ => redirect(exchange, 302, &there),
    });

    let kit = Kit::new();
    let (key, token) = (Secret::new("redirect-canary-key"), Secret::new("redirect-canary-token"));
    let request = kit.client.get(first.url("/a")).header("accept", "text/plain");
    let answer = request.secret_header("X-NuGet-ApiKey", &key).bearer(&token).send().unwrap();
    assert_eq!(answer.text(), "end");
    assert_eq!(answer.url().as_str(), back.url("/end"));

    for seen in first.seen() {
        assert_eq!(seen.header("authorization"), Some("Bearer redirect-canary-token"));
        assert_eq!(seen.header("x-nuget-apikey"), Some("redirect-canary-key"));
    }
    for seen in other.seen().iter().chain(&back.seen()) {
        assert!(!format!("{seen:?}").contains("canary"), "{seen:?}");
        assert_eq!(seen.header("accept"), Some("text/plain"));
        assert_eq!(seen.header("user-agent"), Some("landfall-test-tool/1.2.3"));
    }
    assert_eq!((first.seen().len(), other.seen().len(), back.seen().len()), (2, 2, 1));
}

#[test]
fn secrets_do_not_come_back_when_the_chain_returns_to_the_first_origin() {
    let slot = std::sync::Arc::new(std::sync::OnceLock::<String>::new());
    let home = std::sync::Arc::clone(&slot);
    let other = Server::start(move |exchange| redirect(exchange, 302, home.get().unwrap()));
    let there = other.url("/");
    let first = Server::start(move |exchange| match exchange.seen.target.as_str() {
        "/a" => redirect(exchange, 302, &there),
        _ => exchange.answer(200, &[], "home"),
    });
    slot.set(first.url("/home")).unwrap();
    let kit = Kit::new();
    let token = Secret::new("redirect-canary-home");
    assert_eq!(kit.client.get(first.url("/a")).bearer(&token).send().unwrap().text(), "home");
    let seen = first.seen();
    assert!(seen[0].header("authorization").is_some());
    assert!(seen[1].header("authorization").is_none());
}

#[test]
fn a_head_stays_a_head() {
    let server = Server::start(|exchange| match exchange.seen.target.as_str() {
        "/a" => redirect(exchange, 303, "/b"),
        _ => exchange.answer(200, &[("x-size", "12")], "unseen body"),
    });
    let kit = Kit::new();
    let answer = kit.client.head(server.url("/a")).send().unwrap();
    assert_eq!((answer.header("x-size"), answer.body.len()), (Some("12"), 0));
    assert!(server.seen().iter().all(|seen| seen.method == "HEAD"));
    assert_eq!(server.connections(), 1);
}

#[test]
fn a_redirected_change_is_refused_and_names_where_it_points() {
    for status in [301, 302, 303, 307, 308] {
        let server = Server::start(move |exchange| {
            redirect(exchange, status, "https://new.example.org/in?sig=abcdef");
        });
        let kit = Kit::new();
        for request in [
            kit.client.put(server.url("/")),
            kit.client.post(server.url("/")),
            kit.client.delete(server.url("/")),
        ] {
            let error = request.safe_to_repeat().send().unwrap_err();
            assert_eq!(kind(&error), Kind::Refused);
            let text = error.to_string();
            assert!(
                text.contains("https://new.example.org/in`") && !text.contains("abcdef"),
                "{text}"
            );
            assert!(hint(&error).unwrap().contains("renamed"));
        }
        assert_eq!(server.seen().len(), 3);
    }
}

#[test]
fn a_circle_ends() {
    let server = Server::start(|exchange| redirect(exchange, 302, "/again"));
    let kit = Kit::new();
    let error = kit.client.get(server.url("/")).send().unwrap_err();
    assert_eq!(kind(&error), Kind::Refused);
    assert!(error.to_string().contains("more than 10 times"), "{error}");
    assert_eq!(server.seen().len(), 11);
}

#[test]
fn plain_http_elsewhere_is_not_followed() {
    let server = Server::start(|exchange| redirect(exchange, 302, "http://example.org/"));
    let error = Kit::new().client.get(server.url("/")).send().unwrap_err();
    assert_eq!(kind(&error), Kind::Refused);
    assert!(error.to_string().contains("http://example.org/` is not https"), "{error}");
}

#[test]
fn a_name_that_resolves_to_a_private_address_is_refused_where_a_public_server_sent_us() {
    use crate::http::{resolve::Guarded, wire};
    use ureq::unversioned::{resolver::Resolver as _, transport::NextTimeout};
    let uri = "https://localhost:1/".parse().unwrap();
    let resolve = |public_only| {
        wire::begin(wire::Limits { public_only, ..wire::Limits::default() });
        Guarded::new(true).resolve(&uri, &ureq::config::Config::default(), NextTimeout::default())
    };
    assert!(resolve(true).is_err());
    assert!(resolve(false).is_ok() && wire::was_private());
}

#[test]
fn a_redirect_without_a_target_is_an_answer_for_a_read() {
    let server = Server::start(|exchange| exchange.answer(302, &[], "nowhere"));
    assert_eq!(Kit::new().client.get(server.url("/")).send().unwrap().status, 302);
}
