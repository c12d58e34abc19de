//! The connection as ureq's transports see it: stall limits by phase, what was sent, answers that come early.
//! Knows no HTTP; leans on ureq's unversioned transport traits, which is why ureq is pinned.

use std::cell::Cell;
use std::fmt;
use std::io;
use std::time::{Duration, Instant};

use ureq::unversioned::transport::{Buffers, ConnectionDetails, Connector, NextTimeout, Transport};
use ureq::{Error, Timeout};

/// How long an answer is waited for on a connection that takes nothing more, at most.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// The limits of one request.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Limits {
    /// Without progress, in either direction.
    pub(super) stall: Duration,
    /// From the last byte sent to the first of the answer.
    pub(super) answer: Duration,
    /// For everything.
    pub(super) deadline: Option<Instant>,
    /// Names that resolve to private addresses are refused: a public server sent us there.
    pub(super) public_only: bool,
}

/// What is known of the request that this thread is making. ureq works on the calling thread from the first look-up to
/// the last byte of the answer, and hands no value of ours down to its transports.
#[derive(Clone, Copy, Default)]
struct Call {
    limits: Limits,
    /// Connectors begun and not ended: 2 while a proxy is being reached.
    depth: u32,
    sent: bool,
    waiting: bool,
    cut: bool,
    unheard: bool,
    private: bool,
}

thread_local! {
    static CALL: Cell<Call> = Cell::default();
}

fn look<T>(read: impl FnOnce(&Call) -> T) -> T {
    read(&CALL.get())
}

fn note(change: impl FnOnce(&mut Call)) {
    let mut call = CALL.get();
    change(&mut call);
    CALL.set(call);
}

/// Begins a request on this thread.
pub(super) fn begin(limits: Limits) {
    CALL.set(Call { limits, ..Call::default() });
}

/// Tells whether a byte of the request may have reached the server.
pub(super) fn was_sent() -> bool {
    look(|call| call.sent)
}

/// Tells whether the connection takes nothing more, and only an early answer is still waited for.
pub(super) fn is_cut() -> bool {
    look(|call| call.cut)
}

/// Tells whether `Expect: 100-continue` was not answered in time.
pub(super) fn was_unheard() -> bool {
    look(|call| call.unheard)
}

/// Tells whether only public addresses may be connected to.
pub(super) fn is_public_only() -> bool {
    look(|call| call.limits.public_only)
}

/// Notes that the host of this request has a private address.
pub(super) fn note_private() {
    note(|call| call.private = true);
}

/// Tells whether the host of this request has a private address.
pub(super) fn was_private() -> bool {
    look(|call| call.private)
}

fn check_deadline() -> Result<(), Error> {
    match look(|call| call.limits.deadline) {
        Some(deadline) if Instant::now() >= deadline => Err(Error::Timeout(Timeout::Global)),
        _ => Ok(()),
    }
}

/// The first link of the chain of connectors: counts how deep it is.
#[derive(Debug)]
pub(super) struct Begin;

impl Connector<()> for Begin {
    type Out = ();

    fn connect(&self, _: &ConnectionDetails, _: Option<()>) -> Result<Option<()>, Error> {
        note(|call| call.depth += 1);
        Ok(None)
    }
}

/// The last link: watches the connection on which the request itself goes, not the one to a proxy underneath.
#[derive(Debug)]
pub(super) struct Watch;

impl<In: Transport> Connector<In> for Watch {
    type Out = Watched<In>;

    fn connect(
        &self,
        _: &ConnectionDetails,
        chained: Option<In>,
    ) -> Result<Option<Self::Out>, Error> {
        note(|call| call.depth = call.depth.saturating_sub(1));
        let outermost = look(|call| call.depth == 0);
        Ok(chained.map(|inner| Watched { inner, outermost, early: false }))
    }
}

/// A connection whose limits depend on what it is waiting for.
#[derive(Debug)]
pub(super) struct Watched<T> {
    inner: T,
    outermost: bool,
    /// Something came while `100 Continue` was waited for.
    early: bool,
}

#[cfg(test)]
impl<T> Watched<T> {
    pub(super) fn around(inner: T) -> Self {
        Self { inner, outermost: true, early: false }
    }
}

impl<T: Transport> Transport for Watched<T> {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.inner.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        if self.outermost {
            check_deadline()?;
            note(|call| (call.sent, call.waiting) = (true, true));
        }
        self.inner.transmit_output(amount, timeout)
    }

    fn await_input(&mut self, mut timeout: NextTimeout) -> Result<bool, Error> {
        if !self.outermost {
            return self.inner.await_input(timeout);
        }
        check_deadline()?;
        let asking = timeout.reason == Timeout::Await100;
        if !asking && std::mem::take(&mut self.early) && !self.inner.buffers().input().is_empty() {
            // ureq takes the answer that came instead of `100 Continue` for half of one, and would wait for more.
            return Ok(true);
        }
        if asking {
            // A stall limit below the wait for `100 Continue` would turn its harmless end into an error.
            timeout.per_read = None;
        } else {
            let limits = look(|call| call.limits);
            let mut wait = if look(|call| call.waiting) { limits.answer } else { limits.stall };
            if let Some(deadline) = limits.deadline {
                wait = wait.min(
                    deadline
                        .saturating_duration_since(Instant::now())
                        .max(Duration::from_millis(1)),
                );
            }
            timeout.per_read = Some(wait.into());
        }
        let result = self.inner.await_input(timeout);
        match &result {
            Ok(true) => {
                self.early = asking;
                note(|call| call.waiting = false);
            }
            Err(Error::Timeout(Timeout::Await100)) => note(|call| call.unheard = true),
            _ => {}
        }
        result
    }

    fn is_open(&mut self) -> bool {
        self.inner.is_open()
    }

    fn is_tls(&self) -> bool {
        self.inner.is_tls()
    }
}

/// The link right above TCP: when a server closes or stops reading in the middle of an upload, what it said before
/// ("401", "413") is still read.
#[derive(Debug)]
pub(super) struct KeepReading;

impl<In: Transport> Connector<In> for KeepReading {
    type Out = Reading<In>;

    fn connect(
        &self,
        _: &ConnectionDetails,
        chained: Option<In>,
    ) -> Result<Option<Self::Out>, Error> {
        Ok(chained.map(|inner| Reading { inner, failed: None }))
    }
}

/// A connection that goes on reading after it could not write.
pub(super) struct Reading<T> {
    inner: T,
    failed: Option<Fault>,
}

/// Why writing ended; `ureq::Error` cannot be cloned.
#[derive(Clone, Copy, Debug)]
enum Fault {
    Io(io::ErrorKind),
    Timeout(Timeout),
}

impl Fault {
    fn of(error: &Error) -> Option<Self> {
        match error {
            Error::Io(error) => Some(Self::Io(error.kind())),
            Error::Timeout(Timeout::PerWrite) => Some(Self::Timeout(Timeout::PerWrite)),
            _ => None,
        }
    }

    fn error(self) -> Error {
        match self {
            Self::Io(kind) => Error::Io(kind.into()),
            Self::Timeout(which) => Error::Timeout(which),
        }
    }
}

impl<T: Transport> Transport for Reading<T> {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.inner.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        if self.failed.is_some() {
            return Ok(());
        }
        let Err(error) = self.inner.transmit_output(amount, timeout) else { return Ok(()) };
        let Some(fault) = Fault::of(&error) else { return Err(error) };
        self.failed = Some(fault);
        note(|call| call.cut = true);
        Ok(())
    }

    fn await_input(&mut self, mut timeout: NextTimeout) -> Result<bool, Error> {
        let Some(fault) = self.failed else { return self.inner.await_input(timeout) };
        timeout.per_read = Some(look(|call| call.limits.stall).min(LAST_WORDS).into());
        match self.inner.await_input(timeout) {
            Ok(true) => Ok(true),
            Ok(false) | Err(_) => Err(fault.error()),
        }
    }

    fn is_open(&mut self) -> bool {
        self.failed.is_none() && self.inner.is_open()
    }

    fn is_tls(&self) -> bool {
        self.inner.is_tls()
    }
}

impl<T: fmt::Debug> fmt::Debug for Reading<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reading").field("inner", &self.inner).field("failed", &self.failed).finish()
    }
}
