//! One run of one verb: what was done so far, how much may run at once, what became visible.
//! The only place of a tool where work fans out.

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use anyhow::Result;

use crate::console::{self, Event};
use crate::report::{Action, Item, Visible};

/// What a verb has done so far. Shared by the threads of one run.
#[derive(Debug, Default)]
pub struct Run {
    items: Mutex<Vec<Item>>,
    visible: Mutex<Option<Visible>>,
    moved: AtomicU64,
    expected: AtomicU64,
    /// Whether `verify` also installs with the channel's own client.
    pub install: bool,
}

impl Run {
    pub(super) fn new(install: bool) -> Self {
        Self { install, ..Self::default() }
    }

    /// Records something that was made, changed or found. A later word about the same name wins.
    pub fn record(&self, item: Item) {
        console::event(&Event::Item { name: item.name.clone(), action: item.action });
        let mut items = self.items.lock().unwrap_or_else(PoisonError::into_inner);
        match items.iter_mut().find(|old| old.name == item.name) {
            Some(old) => *old = item,
            None => items.push(item),
        }
    }

    /// Notes that a server has just acknowledged something that users can see.
    pub fn became_visible(&self) {
        let now = jiff::Timestamp::now();
        let mut visible = self.visible.lock().unwrap_or_else(PoisonError::into_inner);
        *visible = Visible::join(visible.take(), Some(Visible { first: now, last: now }));
    }

    /// Adds to what was recorded of a thing, without saying it again: where it is now, size,
    /// digest. What was not recorded was found as it should be.
    pub fn refine(&self, name: &str, url: &str, size: u64, sha256: &str) {
        let mut items = self.items.lock().unwrap_or_else(PoisonError::into_inner);
        let action = match items.iter().position(|old| old.name == name) {
            Some(index) => items.remove(index).action,
            None => Action::Unchanged,
        };
        items.push(Item::new(name, action).bytes(size, sha256).at(url));
    }

    /// Announces bytes that are about to be moved.
    pub fn expect_bytes(&self, bytes: u64) {
        self.expected.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Returns what counts the bytes of one file as they move; it is told the sum so far of
    /// each attempt, as `http` tells it.
    pub fn meter(&self) -> impl Fn(u64) {
        let before = AtomicU64::new(0);
        move |now| {
            let before = before.swap(now, Ordering::Relaxed);
            self.moved_bytes(now.checked_sub(before).unwrap_or(now));
        }
    }

    fn moved_bytes(&self, bytes: u64) {
        let done = self.moved.fetch_add(bytes, Ordering::Relaxed) + bytes;
        // A repeated upload moves its bytes twice: the total never falls behind.
        let total = self.expected.load(Ordering::Relaxed).max(done);
        console::event(&Event::Progress { done, total });
    }

    /// Does `work` for each of `things`, at most `concurrency` at once, in their order. After a
    /// failure nothing new is begun, what is under way is finished. Returns what succeeded, and
    /// the first failure that is not a lost answer, else the first.
    pub fn each<T: Sync, R: Send>(
        &self,
        concurrency: usize,
        things: &[T],
        work: impl Fn(&T) -> Result<R> + Sync,
    ) -> (Vec<R>, Result<()>) {
        let next = AtomicUsize::new(0);
        let failed = AtomicBool::new(false);
        let results = Mutex::new(Vec::new());
        let worker = || {
            while !failed.load(Ordering::Relaxed) {
                let index = next.fetch_add(1, Ordering::Relaxed);
                let Some(thing) = things.get(index) else { break };
                let result = work(thing);
                if result.is_err() {
                    failed.store(true, Ordering::Relaxed);
                }
                results.lock().unwrap_or_else(PoisonError::into_inner).push((index, result));
            }
        };
        std::thread::scope(|scope| {
            for _ in 0..concurrency.min(things.len()).max(1) {
                scope.spawn(worker);
            }
        });
        let mut results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
        results.sort_by_key(|(index, _)| *index);
        let mut done = Vec::new();
        let mut failure: Option<anyhow::Error> = None;
        for (_, result) in results {
            match result {
                Ok(value) => done.push(value),
                Err(error) => {
                    let lost = |error: &anyhow::Error| crate::http::lost(error).is_some();
                    if failure.as_ref().is_none_or(|old| lost(old) && !lost(&error)) {
                        failure = Some(error);
                    }
                }
            }
        }
        (done, failure.map_or(Ok(()), Err))
    }

    /// Pauses, and says why.
    pub fn wait(&self, reason: &str, pause: Duration) {
        wait(reason, pause);
    }

    /// Returns what was recorded, sorted by name.
    pub(super) fn items(&self) -> Vec<Item> {
        let mut items = self.items.lock().unwrap_or_else(PoisonError::into_inner).clone();
        items.sort_by(|a, b| a.name.cmp(&b.name));
        items
    }

    pub(super) fn visible(&self) -> Option<Visible> {
        self.visible.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// The one place where a tool sleeps.
pub(super) fn wait(reason: &str, pause: Duration) {
    console::event(&Event::Wait { reason: reason.to_owned(), seconds: pause.as_secs_f64() });
    std::thread::sleep(pause);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_fans_out_within_the_limit_and_keeps_its_order() {
        let (now, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let things: Vec<usize> = (0..50).collect();
        let (done, result) = Run::default().each(4, &things, |thing| {
            most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            std::thread::yield_now();
            now.fetch_sub(1, Ordering::SeqCst);
            Ok(*thing)
        });
        result.unwrap();
        assert_eq!(done, things);
        assert!(most.into_inner() <= 4);
    }

    #[test]
    fn after_a_failure_nothing_new_begins_and_what_was_done_is_kept() {
        let begun = AtomicUsize::new(0);
        let (done, result) = Run::default().each(1, &[1, 2, 3], |thing| {
            begun.fetch_add(1, Ordering::SeqCst);
            anyhow::ensure!(*thing != 2, "no");
            Ok(*thing)
        });
        assert_eq!((done, begun.into_inner()), (vec![1], 2));
        result.unwrap_err();
    }

    #[test]
    fn the_later_word_about_a_thing_wins() {
        let run = Run::default();
        run.record(Item::new("b", Action::Unchanged));
        run.record(Item::new("a", Action::Created));
        run.record(Item::new("b", Action::Updated));
        let items: Vec<_> = run.items().into_iter().map(|item| (item.name, item.action)).collect();
        assert_eq!(items, [("a".into(), Action::Created), ("b".into(), Action::Updated)]);
    }
}
