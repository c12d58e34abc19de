//! The network in front of the stand-ins: listeners, one task a connection, and the only place where faults happen.
//! The only asynchronous part; what a request means is decided elsewhere.

mod address;
mod body;
mod exchange;
mod record;
mod reply;
mod wire;

use std::net::TcpListener;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::{Context as _, Result};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;

use crate::clock::Clock;
use crate::fault::Script;
use crate::github;
use crate::log::Log;
use crate::message::Role;
use crate::store::Store;
use crate::world::World;

pub(crate) use address::Origins;
use wire::Wire;

/// Kills the client; given by a test.
pub(crate) type Victim = Arc<dyn Fn() + Send + Sync>;

/// What all connections share.
pub(crate) struct Front {
    pub(crate) store: Store,
    pub(crate) clock: Clock,
    pub(crate) log: Log,
    pub(crate) origins: Origins,
    victim: Mutex<Option<Victim>>,
    shared: Mutex<Shared>,
}

/// What one request at a time may touch.
pub(crate) struct Shared {
    pub(crate) world: World,
    pub(crate) script: Script,
    /// How many requests have arrived.
    arrived: u64,
    /// The state before the last change, for stale reads.
    previous: Option<github::State>,
}

/// Where a connection came in.
#[derive(Clone, Copy, Debug)]
enum Door {
    Tcp(Role),
    /// The `Host` header tells the part.
    Socket,
}

impl Front {
    pub(crate) fn new(store: Store, log: Log, origins: Origins, world: World) -> Self {
        let script = Script::default();
        let shared = Mutex::new(Shared { world, script, arrived: 0, previous: None });
        Self { store, clock: Clock::default(), log, origins, victim: Mutex::new(None), shared }
    }

    pub(crate) fn shared(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn set_victim(&self, victim: Victim) {
        *self.victim.lock().unwrap_or_else(PoisonError::into_inner) = Some(victim);
    }

    fn victim(&self) -> Option<Victim> {
        self.victim.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Accepts connections for one part until the runtime ends.
pub(crate) fn listen(front: &Arc<Front>, listener: TcpListener, role: Role) -> Result<()> {
    listener.set_nonblocking(true).context("failed to prepare a listener")?;
    let listener = tokio::net::TcpListener::from_std(listener).context("failed to listen")?;
    let front = Arc::clone(front);
    tokio::spawn(async move {
        loop {
            // A connection that failed while it was accepted is the client's matter.
            let Ok((stream, _)) = listener.accept().await else { continue };
            let _ = stream.set_nodelay(true);
            connect(&front, Wire::tcp(stream), Door::Tcp(role));
        }
    });
    Ok(())
}

/// Accepts connections for all parts on a unix socket.
pub(crate) fn listen_socket(front: &Arc<Front>, path: &Path) -> Result<()> {
    common::fs::remove(path)?;
    let listener = tokio::net::UnixListener::bind(path)
        .with_context(|| format!("failed to listen on `{}`", path.display()))?;
    let front = Arc::clone(front);
    tokio::spawn(async move {
        loop {
            let Ok((stream, _)) = listener.accept().await else { continue };
            connect(&front, Wire::socket(stream), Door::Socket);
        }
    });
    Ok(())
}

fn connect(front: &Arc<Front>, wire: Wire, door: Door) {
    let front = Arc::clone(front);
    tokio::spawn(async move {
        let reset = wire.resetter();
        let service = service_fn(move |request| {
            exchange::exchange(Arc::clone(&front), door, Arc::clone(&reset), request)
        });
        // It ends with an error where a fault cut it or the client went away: both are usual.
        let _ = http1::Builder::new().serve_connection(TokioIo::new(wire), service).await;
    });
}
