//! The time the stand-ins believe it is: the real one, shifted or frozen by a test.
//! Knows nothing of what is timed with it.

use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

/// A clock that can be moved; shared by everything that asks for the time.
#[derive(Debug, Default)]
pub struct Clock {
    state: Mutex<Moved>,
}

#[derive(Debug, Default, Clone, Copy)]
struct Moved {
    offset: SignedDuration,
    frozen: Option<Timestamp>,
}

impl Clock {
    /// Returns the present, as far as the stand-ins are concerned.
    pub fn now(&self) -> Timestamp {
        let moved = *self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let base = moved.frozen.unwrap_or_else(Timestamp::now);
        base.saturating_add(moved.offset).unwrap_or(base)
    }

    /// Moves the clock forward.
    pub fn advance(&self, by: SignedDuration) {
        let mut moved = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        moved.offset = moved.offset.saturating_add(by);
    }

    /// Stops the clock at `at`; [`Clock::advance`] still moves it from there.
    pub fn freeze(&self, at: Timestamp) {
        let mut moved = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        *moved = Moved { offset: SignedDuration::ZERO, frozen: Some(at) };
    }
}
