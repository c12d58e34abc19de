//! How often and how long is tried again: one budget of attempts and time for everything a verb does.
//! Knows nothing of HTTP; who spends from it says what failed and why.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Result;

use crate::error::Failure;

/// What `retry_policy` of the configuration says.
#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    /// Repeats of one operation after its first attempt.
    pub max_retries: u32,
    /// The longest wait before the first repeat.
    pub base_delay: Duration,
    /// The longest wait before any repeat, unless a server asks for more.
    pub max_delay: Duration,
    /// How much the longest wait grows from one repeat to the next.
    pub multiplier: f64,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            max_retries: 3,
            base_delay: Duration::from_secs(1),
            max_delay: Duration::from_secs(30),
            multiplier: 2.0,
        }
    }
}

/// What waits: told why and for how long. The only place of a program that sleeps.
pub type Waiter = Arc<dyn Fn(&str, Duration) + Send + Sync>;

/// Without a deadline, the longest wait a server may ask for; rate limits of an hour are usual.
const LONGEST_ASKED: Duration = Duration::from_secs(3700);

/// The attempts and the time that a verb may spend, shared by `http` and the driver.
pub struct Budget {
    policy: Policy,
    deadline: Option<Instant>,
    waiter: Waiter,
    spent: Mutex<Spent>,
}

struct Spent {
    repeats: HashMap<String, u32>,
    random: fastrand::Rng,
}

impl Budget {
    /// Makes a budget that ends at `deadline`, if there is one.
    pub fn new(policy: Policy, deadline: Option<Instant>, waiter: Waiter) -> Self {
        Self::with_random(policy, deadline, waiter, fastrand::Rng::new())
    }

    /// Makes a budget whose waits are the same for the same seed.
    pub fn seeded(policy: Policy, deadline: Option<Instant>, waiter: Waiter, seed: u64) -> Self {
        Self::with_random(policy, deadline, waiter, fastrand::Rng::with_seed(seed))
    }

    fn with_random(
        policy: Policy,
        deadline: Option<Instant>,
        waiter: Waiter,
        random: fastrand::Rng,
    ) -> Self {
        Self {
            policy,
            deadline,
            waiter,
            spent: Mutex::new(Spent { repeats: HashMap::new(), random }),
        }
    }

    /// Waits before `operation` is tried again because of `reason`, or refuses with a temporary failure when its
    /// attempts or the time are used up.
    ///
    /// The wait is a random part of an exponentially growing one (full jitter), and at least what the server `asked`;
    /// when that goes beyond the deadline it fails now and says until when.
    pub fn spend(&self, operation: &str, reason: &str, asked: Option<Duration>) -> Result<()> {
        let wait = {
            let mut spent = self.spent.lock().unwrap_or_else(PoisonError::into_inner);
            let Spent { repeats, random } = &mut *spent;
            let done = repeats.entry(operation.to_owned()).or_insert(0);
            if *done >= self.policy.max_retries {
                let attempts = *done + 1;
                let times = if attempts == 1 { "attempt" } else { "attempts" };
                return Err(later(
                    format!("gave up on `{operation}` after {attempts} {times}: {reason}"),
                    asked,
                ));
            }
            let wait = self.backoff(*done, random.f64()).max(asked.unwrap_or_default());
            let left = self.remaining().unwrap_or(LONGEST_ASKED);
            if wait >= left {
                let message = match asked {
                    Some(asked) => format!(
                        "gave up on `{operation}`: {reason}; the server asks to wait {}, until {}",
                        seconds(asked),
                        moment(asked)
                    ),
                    None => format!("gave up on `{operation}`: {reason}; no time is left"),
                };
                return Err(later(message, asked));
            }
            *done += 1;
            wait
        };
        (self.waiter)(&format!("`{operation}`: {reason}"), wait);
        Ok(())
    }

    /// Forgets the repeats of an operation that has succeeded, so that one asked often is not worn out by and by.
    pub fn settle(&self, operation: &str) {
        self.spent.lock().unwrap_or_else(PoisonError::into_inner).repeats.remove(operation);
    }

    /// Returns the time left until the deadline; nothing when there is none.
    pub fn remaining(&self) -> Option<Duration> {
        self.deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()))
    }

    /// Returns when the time is over.
    pub fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    fn backoff(&self, done: u32, part: f64) -> Duration {
        let growth = self.policy.multiplier.powi(i32::try_from(done).unwrap_or(i32::MAX));
        let longest = Duration::try_from_secs_f64(self.policy.base_delay.as_secs_f64() * growth)
            .unwrap_or(self.policy.max_delay)
            .min(self.policy.max_delay);
        longest.mul_f64(part)
    }
}

impl std::fmt::Debug for Budget {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Budget")
            .field("policy", &self.policy)
            .field("deadline", &self.deadline)
            .finish_non_exhaustive()
    }
}

fn later(message: String, asked: Option<Duration>) -> anyhow::Error {
    let hint = match asked {
        Some(asked) => format!("run the same command again after {}", moment(asked)),
        None => "run the same command again later; it goes on where this one ended".to_owned(),
    };
    Failure::temporary(message).hint(hint).into()
}

fn seconds(wait: Duration) -> String {
    format!("{} s", wait.as_secs_f64().ceil())
}

/// Says when a wait from now is over, in UTC to the second.
fn moment(wait: Duration) -> String {
    let now = jiff::Timestamp::now();
    let whole = jiff::SignedDuration::from_secs(i64::try_from(wait.as_secs()).unwrap_or(i64::MAX));
    now.checked_add(whole)
        .and_then(|then| jiff::Timestamp::from_second(then.as_second() + 1))
        .map_or_else(|_| "a far future".to_owned(), |then| then.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{Kind, hint, kind};

    type Waits = Arc<Mutex<Vec<(String, Duration)>>>;

    fn recorded() -> (Waits, Waiter) {
        let waits = Waits::default();
        let seen = Arc::clone(&waits);
        (waits, Arc::new(move |why: &str, wait| seen.lock().unwrap().push((why.to_owned(), wait))))
    }

    #[test]
    fn attempts_are_counted_for_each_operation() {
        let (waits, waiter) = recorded();
        let budget =
            Budget::seeded(Policy { max_retries: 2, ..Policy::default() }, None, waiter, 1);
        for operation in ["a", "a", "b"] {
            budget.spend(operation, "busy", None).unwrap();
        }
        let error = budget.spend("a", "busy", None).unwrap_err();
        assert_eq!(kind(&error), Kind::Temporary);
        assert_eq!(error.to_string(), "gave up on `a` after 3 attempts: busy");
        assert!(hint(&error).unwrap().contains("again later"));
        budget.spend("b", "busy", None).unwrap();
        budget.settle("a");
        budget.spend("a", "busy", None).unwrap();
        assert_eq!(waits.lock().unwrap().len(), 5);
        assert_eq!(waits.lock().unwrap()[0].0, "`a`: busy");
    }

    #[test]
    fn waits_are_random_parts_of_a_growing_capped_delay() {
        let (waits, waiter) = recorded();
        let policy =
            Policy { max_retries: 60, max_delay: Duration::from_secs(5), ..Policy::default() };
        let budget = Budget::seeded(policy.clone(), None, waiter, 7);
        for _ in 0..60 {
            budget.spend("a", "busy", None).unwrap();
        }
        let waits = waits.lock().unwrap();
        for (done, longest) in [(0, 1.0), (1, 2.0), (2, 4.0), (3, 5.0), (59, 5.0)] {
            assert!(waits[done].1.as_secs_f64() <= longest, "{done}: {:?}", waits[done]);
        }
        let late: f64 = waits[3..].iter().map(|(_, wait)| wait.as_secs_f64()).sum::<f64>() / 57.0;
        assert!((1.5..3.5).contains(&late), "full jitter is half the delay on average: {late}");
        let odd = Policy { multiplier: f64::NAN, ..policy };
        assert!(
            Budget::new(odd, None, Arc::new(|_, _| ())).backoff(9, 1.0) <= Duration::from_secs(5)
        );
    }

    #[test]
    fn a_server_that_asks_for_more_gets_it() {
        let (waits, waiter) = recorded();
        let deadline = Instant::now() + Duration::from_secs(100);
        let budget = Budget::new(Policy::default(), Some(deadline), waiter);
        budget.spend("a", "slow down", Some(Duration::from_secs(70))).unwrap();
        assert_eq!(waits.lock().unwrap()[0].1, Duration::from_secs(70));
        assert!(budget.remaining().unwrap() <= Duration::from_secs(100));
    }

    #[test]
    fn a_server_that_asks_for_more_than_is_left_fails_now_and_says_until_when() {
        let (waits, waiter) = recorded();
        let deadline = Instant::now() + Duration::from_secs(10);
        let budget = Budget::new(Policy::default(), Some(deadline), waiter);
        let error = budget.spend("a", "slow down", Some(Duration::from_secs(600))).unwrap_err();
        assert_eq!(kind(&error), Kind::Temporary);
        let text = error.to_string();
        assert!(text.contains("wait 600 s, until 2") && text.ends_with('Z'), "{text}");
        assert!(hint(&error).unwrap().contains("after 2"));
        assert!(waits.lock().unwrap().is_empty());
        let endless = Budget::new(Policy::default(), None, Arc::new(|_, _| ()));
        assert!(endless.spend("a", "slow down", Some(Duration::from_secs(86400))).is_err());
    }
}
