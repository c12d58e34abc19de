//! A scripted server: a closure is called for each request and does with the connection what it likes.
//! Speaks as little HTTP as the tests need.

use std::io::{BufRead as _, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

/// What came in.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    pub(super) method: String,
    pub(super) target: String,
    pub(super) headers: Vec<(String, String)>,
}

impl Seen {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// Reads and writes: a socket, or TLS around one.
pub(super) trait Stream: Read + Write + Send {}
impl<T: Read + Write + Send> Stream for T {}

/// One request on its connection.
pub(super) struct Exchange<'a> {
    /// Counts the requests of this server from 0.
    pub(super) number: usize,
    pub(super) seen: Seen,
    stream: &'a mut BufReader<Box<dyn Stream>>,
    socket: Option<TcpStream>,
    open: bool,
}

impl Exchange<'_> {
    /// Says `100 Continue` where it is waited for.
    pub(super) fn go_on(&mut self) {
        if self.seen.header("expect").is_some() {
            self.raw(b"HTTP/1.1 100 Continue\r\n\r\n");
        }
    }

    /// Reads the body.
    pub(super) fn body(&mut self) -> Vec<u8> {
        self.go_on();
        let length = self.seen.header("content-length").map_or(0, |value| value.parse().unwrap());
        let mut body = Vec::new();
        self.stream.by_ref().take(length).read_to_end(&mut body).unwrap_or_default();
        body
    }

    /// Reads some of the body.
    pub(super) fn some(&mut self, count: usize) -> Vec<u8> {
        let mut body = vec![0; count];
        self.stream.read_exact(&mut body).unwrap();
        body
    }

    /// Answers with a body and its length; the connection stays.
    pub(super) fn answer(&mut self, status: u16, headers: &[(&str, &str)], body: impl AsRef<[u8]>) {
        let body = body.as_ref();
        let mut head = format!("HTTP/1.1 {status} Whatever\r\ncontent-length: {}\r\n", body.len());
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str("\r\n");
        let mut whole = head.into_bytes();
        if self.seen.method != "HEAD" {
            whole.extend_from_slice(body);
        }
        self.raw(&whole);
    }

    /// Writes bytes as they are; the client may have gone.
    pub(super) fn raw(&mut self, bytes: &[u8]) {
        let stream = self.stream.get_mut();
        if stream.write_all(bytes).and_then(|()| stream.flush()).is_err() {
            self.open = false;
        }
    }

    /// Closes the connection.
    pub(super) fn close(&mut self) {
        self.open = false;
    }

    /// Tells whether the client still takes what is written.
    pub(super) fn is_open(&self) -> bool {
        self.open
    }

    /// Passes bytes between the client and another server until one of them goes.
    pub(super) fn tunnel(&mut self, target: TcpStream) {
        let Some(socket) = &self.socket else { return };
        let mut out = (socket.try_clone().unwrap(), target.try_clone().unwrap());
        thread::spawn(move || {
            let _ = std::io::copy(&mut out.1, &mut out.0);
            let _ = out.0.shutdown(Shutdown::Both);
        });
        let mut target = target;
        let _ = std::io::copy(&mut self.stream, &mut target);
        let _ = target.shutdown(Shutdown::Both);
        self.open = false;
    }

    /// Says nothing until the client goes.
    pub(super) fn hang(&mut self) {
        let _ = std::io::copy(&mut self.stream, &mut std::io::sink());
        self.open = false;
    }
}

type Script = Arc<dyn Fn(&mut Exchange) + Send + Sync>;

/// A server on loopback.
pub(super) struct Server {
    address: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
    connections: Arc<AtomicUsize>,
    scheme: &'static str,
}

impl Server {
    /// Starts a plain server.
    pub(super) fn start(script: impl Fn(&mut Exchange) + Send + Sync + 'static) -> Self {
        Self::over("http", script, |socket| Some(Box::new(socket)))
    }

    /// Starts a server that wraps its sockets.
    pub(super) fn over(
        scheme: &'static str,
        script: impl Fn(&mut Exchange) + Send + Sync + 'static,
        wrap: impl Fn(TcpStream) -> Option<Box<dyn Stream>> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = Self {
            address: listener.local_addr().unwrap(),
            seen: Arc::default(),
            connections: Arc::default(),
            scheme,
        };
        let (seen, connections) = (Arc::clone(&server.seen), Arc::clone(&server.connections));
        let (script, wrap): (Script, _) = (Arc::new(script), Arc::new(wrap));
        thread::spawn(move || {
            for socket in listener.incoming().map_while(Result::ok) {
                connections.fetch_add(1, Ordering::SeqCst);
                let (seen, script, wrap) =
                    (Arc::clone(&seen), Arc::clone(&script), Arc::clone(&wrap));
                thread::spawn(move || {
                    let end = socket.try_clone().unwrap();
                    if let Some(stream) = wrap(socket) {
                        serve(stream, end.try_clone().ok().as_ref(), &script, &seen);
                    }
                    let _ = end.shutdown(Shutdown::Both);
                });
            }
        });
        server
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("{}://{}{path}", self.scheme, self.address)
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(super) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    pub(super) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

fn serve(
    stream: Box<dyn Stream>,
    socket: Option<&TcpStream>,
    script: &Script,
    seen: &Mutex<Vec<Seen>>,
) {
    let mut stream = BufReader::new(stream);
    while let Some(request) = head(&mut stream) {
        let number = {
            let mut seen = seen.lock().unwrap();
            seen.push(request.clone());
            seen.len() - 1
        };
        let mut exchange = Exchange {
            number,
            seen: request,
            stream: &mut stream,
            socket: socket.and_then(|socket| socket.try_clone().ok()),
            open: true,
        };
        script(&mut exchange);
        if !exchange.open {
            return;
        }
    }
}

fn head(stream: &mut BufReader<Box<dyn Stream>>) -> Option<Seen> {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let line = line.trim_end();
        if line.is_empty() {
            break;
        }
        lines.push(line.to_owned());
    }
    let mut first = lines.first()?.split(' ');
    let (method, target) = (first.next()?.to_owned(), first.next()?.to_owned());
    let headers = lines[1..]
        .iter()
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    Some(Seen { method, target, headers })
}
