//! The crash and fault harness: fail at request 1, 2, 3, ... in each way, run again, compare.
//! Modelled on the I/O error tests of `SQLite`. Knows a command and a stand-in's state, no tool.

use std::fmt;
use std::sync::atomic::{AtomicI32, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use rehearsal::fault::Effect;
use rehearsal::{Fault, Rule};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::{Ran, Scene};

/// What is swept: the same command on the same scene, again and again.
pub struct Sweep<'a> {
    /// The program.
    pub program: &'a str,
    /// Its arguments, split at spaces.
    pub arguments: &'a str,
    /// Makes a scene; each the same as every other.
    pub scene: &'a (dyn Fn() -> Scene + Sync),
    /// Reads the state that must be the same in the end.
    pub state: &'a (dyn Fn(&Scene) -> Value + Sync),
}

/// What a sweep came to.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Requests of the undisturbed run.
    pub boundaries: usize,
    /// Ways to fail at each.
    pub faults: usize,
    /// Runs whose end state differs from the undisturbed one, and how.
    pub different: Vec<String>,
    /// Releases that are still drafts in the end.
    pub duplicate_drafts: usize,
    /// Assets that the undisturbed run does not have.
    pub leftover_assets: usize,
}

impl fmt::Display for Totals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "resume: {} boundaries x {} faults, {} different end states, {} duplicate drafts, {} leftover assets",
            self.boundaries,
            self.faults,
            self.different.len(),
            self.duplicate_drafts,
            self.leftover_assets
        )
    }
}

/// The ways to fail at a request.
fn faults() -> [(&'static str, Fault); 5] {
    [
        ("killed before it was sent", Fault::KillBefore),
        ("killed before the answer came", Fault::KillAfter),
        ("502", Fault::Status { code: 502, retry_after: None, effect: Effect::After }),
        ("429", Fault::Status { code: 429, retry_after: Some(1), effect: Effect::Before }),
        ("connection cut", Fault::DropAfter),
    ]
}

impl Sweep<'_> {
    /// Runs undisturbed once, then once for each request and fault, each followed by a run
    /// without faults.
    pub fn run(&self) -> Totals {
        let scene = (self.scene)();
        self.again(&scene);
        let wanted = (self.state)(&scene);
        let boundaries = scene.stand_ins.requests().len();
        drop(scene);

        let faults = faults();
        let cases: Vec<(usize, usize)> = (1..=boundaries)
            .flat_map(|nth| (0..faults.len()).map(move |fault| (nth, fault)))
            .collect();
        let next = AtomicUsize::new(0);
        let totals = Mutex::new(Totals { boundaries, faults: faults.len(), ..Totals::default() });
        let worker = || {
            while let Some(&(nth, fault)) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                let (name, fault) = &faults[fault];
                let found = self.one(nth, fault);
                let mut totals = totals.lock().expect("no test thread panics");
                totals.compare(&format!("request {nth}: {name}"), &wanted, &found);
            }
        };
        std::thread::scope(|scope| {
            for _ in 0..std::thread::available_parallelism().map_or(2, usize::from) {
                scope.spawn(worker);
            }
        });
        let mut totals = totals.into_inner().expect("no test thread panics");
        totals.different.sort();
        totals
    }

    /// One disturbed run, one undisturbed one, and the state they end in.
    fn one(&self, nth: usize, fault: &Fault) -> Value {
        let scene = (self.scene)();
        let victim = Arc::new(AtomicI32::new(0));
        let shared = Arc::clone(&victim);
        scene.stand_ins.victim(Box::new(move || kill(&shared)));
        scene.stand_ins.faults(vec![Rule::nth(nth as u64, fault.clone())]).expect("a known fault");
        let child = scene.program(self.program).args(self.arguments).start();
        victim.store(i32::try_from(child.id()).expect("a process id"), Ordering::SeqCst);
        let disturbed = Ran::of(child);
        let killed = matches!(fault, Fault::KillBefore | Fault::KillAfter);
        // Nothing that passes by itself may be called a refusal.
        let expected =
            if killed { disturbed.code.is_none() } else { matches!(disturbed.code, Some(0 | 75)) };
        assert!(expected, "request {nth}, {fault:?}: {:?}\n{}", disturbed.code, disturbed.stderr);
        scene.stand_ins.faults(Vec::new()).expect("no faults");
        self.again(&scene);
        (self.state)(&scene)
    }

    fn again(&self, scene: &Scene) {
        scene.program(self.program).args(self.arguments).run().code(0);
    }
}

/// Ends the process that the test started, and no other.
fn kill(victim: &AtomicI32) {
    // The first request may come before the test knows the process id.
    loop {
        if let Some(pid) = Pid::from_raw(victim.load(Ordering::SeqCst)) {
            let _ = kill_process(pid, Signal::KILL);
            return;
        }
        std::thread::yield_now();
    }
}

impl Totals {
    fn compare(&mut self, name: &str, wanted: &Value, found: &Value) {
        if wanted != found {
            self.different.push(format!("{name}: found {found}"));
        }
        self.duplicate_drafts += releases(found).filter(|release| release["draft"] == true).count();
        let assets = |state: &Value| -> Vec<String> {
            releases(state)
                .flat_map(|release| release["assets"].as_array().cloned().unwrap_or_default())
                .map(|asset| asset.to_string())
                .collect()
        };
        let known = assets(wanted);
        self.leftover_assets += assets(found).iter().filter(|asset| !known.contains(asset)).count();
    }
}

fn releases(state: &Value) -> impl Iterator<Item = &Value> {
    let repositories = state.as_object().into_iter().flat_map(|all| all.values());
    repositories.flat_map(|repository| repository["releases"].as_array().into_iter().flatten())
}
