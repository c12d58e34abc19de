//! Bodies on their way in, hashed and kept; and on their way out, whole, slow or cut short.
//! Knows nothing of what they hold.

use std::io::{self, Read as _, Write as _};
use std::path::Path;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use anyhow::{Context as _, Result};
use http_body_util::channel::{Channel, Sender};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Frame, Incoming};
use sha2::{Digest as _, Sha256};
use tempfile::TempPath;

use crate::message::Body;
use crate::store::{self, Store};

/// The largest body that is held in memory.
const IN_MEMORY: u64 = 64 << 20;

/// What is sent to a client.
pub(super) type Outgoing = UnsyncBoxBody<Bytes, io::Error>;

/// A body that arrived, whole or not.
pub(super) struct Arrived {
    pub(super) body: Body,
    /// The file that holds it, where it was spooled.
    pub(super) spooled: Option<TempPath>,
    /// Whether all that was announced came.
    pub(super) complete: bool,
}

/// Reads a body to its end, into a file where `to_disk`, and hashes it on the way.
pub(super) async fn read(store: &Store, mut incoming: Incoming, to_disk: bool) -> Result<Arrived> {
    let mut hasher = Sha256::new();
    let mut body = Body::default();
    let mut complete = true;
    let mut file = if to_disk { Some(store.spool()?) } else { None };
    while let Some(frame) = incoming.frame().await {
        let Ok(frame) = frame else {
            complete = false;
            break;
        };
        let Some(piece) = frame.data_ref() else { continue };
        hasher.update(piece);
        body.size += piece.len() as u64;
        match &mut file {
            Some(file) => file.write_all(piece).context("failed to spool a body")?,
            None if body.size <= IN_MEMORY => body.bytes.extend_from_slice(piece),
            None => {}
        }
    }
    body.sha256 = store::hex(&hasher.finalize());
    Ok(Arrived { body, spooled: file.map(tempfile::NamedTempFile::into_temp_path), complete })
}

/// Sends bytes at once.
pub(super) fn whole(bytes: impl Into<Bytes>) -> Outgoing {
    Full::new(bytes.into()).map_err(io::Error::other).boxed_unsync()
}

/// Sends a file.
pub(super) fn file(path: &Path) -> io::Result<Outgoing> {
    let mut file = std::fs::File::open(path)?;
    let (mut sender, body) = Channel::new(2);
    tokio::spawn(async move {
        let mut buffer = vec![0; 256 << 10];
        loop {
            match file.read(&mut buffer) {
                Ok(0) => return,
                Ok(size) => {
                    let piece = Bytes::copy_from_slice(&buffer[..size]);
                    if sender.send_data(piece).await.is_err() {
                        return;
                    }
                }
                Err(error) => return sender.abort(error),
            }
        }
    });
    Ok(body.boxed_unsync())
}

/// Sends bytes in small pieces with a pause before each.
pub(super) fn slow(bytes: Vec<u8>, piece: usize, pause: Duration) -> Outgoing {
    let (mut sender, body): (Sender<Bytes, io::Error>, _) = Channel::new(1);
    tokio::spawn(async move {
        for piece in bytes.chunks(piece.max(1)) {
            tokio::time::sleep(pause).await;
            if sender.send_data(Bytes::copy_from_slice(piece)).await.is_err() {
                return;
            }
        }
    });
    body.boxed_unsync()
}

/// Sends the first half of bytes and then cuts the connection.
pub(super) fn short(bytes: &[u8]) -> Outgoing {
    let half = Bytes::copy_from_slice(&bytes[..bytes.len() / 2]);
    Short { half: Some(half), waited: false }.boxed_unsync()
}

/// A body that fails in its middle.
struct Short {
    half: Option<Bytes>,
    waited: bool,
}

impl hyper::body::Body for Short {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        if let Some(half) = self.half.take() {
            return Poll::Ready(Some(Ok(Frame::data(half))));
        }
        // What was handed over is only flushed while there is nothing more to hand over.
        if !self.waited {
            self.waited = true;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(Some(Err(io::Error::other("cut by a fault"))))
    }
}
