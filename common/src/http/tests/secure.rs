//! TLS and proxies: whose certificates are believed, what goes through whom.
//! With certificates made here and a proxy of this process.

use std::io::Write as _;
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;

use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::server::{Exchange, Server, Stream};
use super::{Kit, file};
use crate::error::{Kind, hint, kind};
use crate::http::{Body, Client, Settings, lost};
use crate::secret::Secret;

/// Starts a TLS server for these names and returns it with a file of its certificate.
fn secure(
    names: &[&str],
    script: impl Fn(&mut Exchange) + Send + Sync + 'static,
) -> (Server, tempfile::NamedTempFile) {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let made = rcgen::generate_simple_self_signed(names).unwrap();
    let key = PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key.into())
        .unwrap();
    let config = Arc::new(config);
    let server = Server::over("https", script, move |mut socket: TcpStream| {
        let mut connection = ServerConnection::new(Arc::clone(&config)).ok()?;
        connection.complete_io(&mut socket).ok()?;
        Some(Box::new(StreamOwned::new(connection, socket)) as Box<dyn Stream>)
    });
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(made.cert.pem().as_bytes()).unwrap();
    (server, file)
}

fn kit(pairs: Vec<(&'static str, String)>) -> Kit {
    Kit::with(std::time::Duration::from_secs(20), None, &move |name| {
        pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| value.clone())
    })
}

fn path(file: &tempfile::NamedTempFile) -> String {
    file.path().to_str().unwrap().to_owned()
}

#[test]
fn a_certificate_nobody_knows_is_refused_at_once_and_the_hint_names_the_variable() {
    let (server, _) = secure(&["127.0.0.1"], |exchange| exchange.answer(200, &[], ""));
    let kit = Kit::new();
    let error = kit.client.get(server.url("/")).send().unwrap_err();
    assert_eq!(kind(&error), Kind::Refused);
    assert!(error.to_string().contains("certificate is not trusted"), "{error}");
    assert!(hint(&error).unwrap().contains("SSL_CERT_FILE"));
    assert!(kit.waits().is_empty() && server.seen().is_empty());
}

#[test]
fn a_certificate_of_ssl_cert_file_is_believed_and_connections_are_kept() {
    let (server, certificate) = secure(&["127.0.0.1"], |exchange| {
        let body = exchange.body();
        exchange.answer(200, &[], body);
    });
    let kit = kit(vec![("SSL_CERT_FILE", path(&certificate))]);
    assert_eq!(kit.client.get(server.url("/")).send().unwrap().status, 200);
    let big = vec![b'x'; 3 << 20];
    let answer =
        kit.client.put(server.url("/")).body(Body::bytes("a/b", big.clone())).send().unwrap();
    assert_eq!(answer.body, big);
    assert_eq!(server.connections(), 1);
}

#[test]
fn a_certificate_for_another_name_is_refused() {
    let (server, certificate) = secure(&["example.org"], |exchange| exchange.answer(200, &[], ""));
    let kit = kit(vec![("SSL_CERT_FILE", path(&certificate))]);
    let error = kit.client.get(server.url("/")).send().unwrap_err();
    assert_eq!(kind(&error), Kind::Refused);
    assert!(server.seen().is_empty());
}

#[test]
fn an_unusable_ssl_cert_file_is_a_usage_failure() {
    let empty = tempfile::NamedTempFile::new().unwrap();
    for file in ["/nowhere/certificates.pem".to_owned(), path(&empty)] {
        let settings =
            Settings::new("t", "1", Arc::clone(&Kit::new().client.inner.settings.budget));
        let look = |name: &str| (name == "SSL_CERT_FILE").then(|| file.clone());
        let error = Client::in_environment(settings, &look).map(|_| ()).unwrap_err();
        assert_eq!(kind(&error), Kind::Usage);
        assert!(error.to_string().contains(&file), "{error}");
    }
}

#[test]
fn a_handshake_that_fails_is_repeated_for_any_method_and_is_not_lost() {
    let server = Server::over(
        "https",
        |_| (),
        |socket| {
            socket.shutdown(Shutdown::Both).unwrap();
            None
        },
    );
    let kit = Kit::new();
    let error = kit.client.post(server.url("/")).json(&1).send().unwrap_err();
    assert!(lost(&error).is_none(), "{error:#}");
    assert_eq!((kind(&error), kit.waits().len()), (Kind::Temporary, 3));
}

#[test]
fn an_early_refusal_is_delivered_over_tls_too() {
    let (file, sha256) = file(20 << 20);
    let (server, certificate) = secure(&["127.0.0.1"], |exchange| {
        exchange.go_on();
        exchange.some(100_000);
        exchange.answer(413, &[("connection", "close")], "too much");
        exchange.close();
    });
    let kit = kit(vec![("SSL_CERT_FILE", path(&certificate))]);
    let body = Body::artifact("a/b", file.path(), 20 << 20, sha256);
    let answer = kit.client.post(server.url("/")).body(body).send().unwrap();
    assert_eq!((answer.status, answer.text().as_str()), (413, "too much"));
}

/// Starts a proxy that connects to `to` whatever it is asked for.
fn proxy(to: std::net::SocketAddr) -> Server {
    Server::start(move |exchange| {
        if exchange.seen.method != "CONNECT" {
            return exchange.answer(400, &[], "only CONNECT");
        }
        let target = TcpStream::connect(to).unwrap();
        exchange.raw(b"HTTP/1.1 200 Connected\r\n\r\n");
        exchange.tunnel(target);
    })
}

#[test]
fn other_hosts_go_through_the_proxy_and_secrets_inside_the_tunnel_only() {
    let (server, certificate) = secure(&["release.test"], |exchange| {
        let body = exchange.body();
        exchange.answer(200, &[], body);
    });
    let proxy = proxy(server.address());
    let at = proxy.address();
    let kit = kit(vec![
        ("SSL_CERT_FILE", path(&certificate)),
        ("HTTPS_PROXY", format!("http://me:proxy%20word@{at}")),
        ("NO_PROXY", "other.test, 10.0.0.0/8".to_owned()),
    ]);
    let token = Secret::new("secure-canary-1");
    let request = kit
        .client
        .post("https://release.test/x")
        .bearer(&token)
        .body(Body::bytes("a/b", b"body".to_vec()));
    assert_eq!(request.send().unwrap().text(), "body");
    assert_eq!(kit.client.get("https://release.test/y").send().unwrap().status, 200);
    let seen = proxy.seen();
    assert_eq!(
        (seen.len(), seen[0].method.as_str(), seen[0].target.as_str()),
        (1, "CONNECT", "release.test:443")
    );
    assert_eq!(seen[0].header("proxy-authorization"), Some("Basic bWU6cHJveHkgd29yZA=="));
    assert!(!format!("{seen:?}").contains("secure-canary"));
    assert_eq!(server.seen()[0].header("authorization"), Some("Bearer secure-canary-1"));
}

#[test]
fn a_public_server_cannot_send_us_to_a_name_inside() {
    let names = ["release.test", "inside.test"];
    let (server, certificate) = secure(&names, |exchange| {
        let target = exchange.seen.target.clone();
        match target.strip_prefix("/to/") {
            Some(port) => {
                let location = format!("https://inside.test:{port}/secret");
                exchange.answer(302, &[("location", &location)], "");
            }
            None => exchange.answer(200, &[], "inside"),
        }
    });
    let port = server.address().port();
    let proxy = proxy(server.address());
    let kit = kit(vec![
        ("SSL_CERT_FILE", path(&certificate)),
        ("HTTPS_PROXY", proxy.address().to_string()),
        ("NO_PROXY", "inside.test".to_owned()),
    ]);
    let inside = format!("https://inside.test:{port}/to/{port}");
    assert_eq!(kit.client.get(inside).send().unwrap().text(), "inside");
    let error = kit.client.get(format!("https://release.test/to/{port}")).send().unwrap_err();
    assert_eq!(kind(&error), Kind::Refused);
    assert!(error.to_string().contains("private address"), "{error}");
    assert_eq!(server.seen().len(), 3, "the second chain ended after its first hop");
}

#[test]
fn loopback_is_not_proxied() {
    let server = Server::start(|exchange| exchange.answer(200, &[], "direct"));
    let proxy = proxy(server.address());
    for variable in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"] {
        let kit = kit(vec![(variable, format!("http://{}", proxy.address()))]);
        assert_eq!(kit.client.get(server.url("/")).send().unwrap().text(), "direct");
    }
    assert!(proxy.seen().is_empty());
}

#[test]
fn a_proxy_that_refuses_is_told_and_one_that_fails_is_tried_again() {
    let refusing = Server::start(|exchange| exchange.answer(407, &[], ""));
    let refused = kit(vec![("HTTPS_PROXY", refusing.address().to_string())]);
    let error = refused.client.post("https://release.test/").send().unwrap_err();
    assert_eq!(kind(&error), Kind::Refused);
    assert!(hint(&error).unwrap().contains("HTTPS_PROXY"));
    assert_eq!(refusing.seen().len(), 1);

    let failing = Server::start(|exchange| exchange.answer(502, &[], ""));
    let failed = kit(vec![("HTTPS_PROXY", failing.address().to_string())]);
    let error = failed.client.post("https://release.test/").send().unwrap_err();
    assert!(lost(&error).is_none());
    assert_eq!((kind(&error), failing.seen().len()), (Kind::Temporary, 4));
}

#[test]
fn a_handshake_that_fails_behind_a_proxy_is_not_lost_either() {
    let broken = Server::over(
        "https",
        |_| (),
        |socket| {
            socket.shutdown(Shutdown::Both).unwrap();
            None
        },
    );
    let proxy = proxy(broken.address());
    let kit = kit(vec![("HTTPS_PROXY", format!("http://{}", proxy.address()))]);
    let error = kit.client.post("https://release.test/").json(&1).send().unwrap_err();
    assert!(lost(&error).is_none(), "{error:#}");
    assert_eq!(kit.waits().len(), 3);
}
