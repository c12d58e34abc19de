//! All stand-ins over one folder, started in this process: what tests and `rehearsal run` hold in their hands.
//! Dropping it ends the servers; the folder keeps the state for the next start.

use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use serde_json::{Value, json};
use tokio::runtime::{Builder, Runtime};

use crate::canary::{self, Canary};
use crate::clock::Clock;
use crate::fault::{Rule, Script};
use crate::front::{self, Front, Origins};
use crate::git::Repositories;
use crate::github;
use crate::knobs::{self, Knobs};
use crate::log::{Log, Logged};
use crate::message::Role;
use crate::store::Store;
use crate::world::World;

/// How to start.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Settings; those of `D/knobs.json` where absent.
    pub knobs: Option<Knobs>,
    /// Faults in force from the first request on.
    pub rules: Vec<Rule>,
    /// Also listen on this unix socket, where the `Host` header tells the real names apart.
    pub socket: Option<PathBuf>,
}

/// Running stand-ins.
pub struct StandIns {
    front: Arc<Front>,
    canaries: Vec<Canary>,
    runtime: Option<Runtime>,
}

impl StandIns {
    /// Starts all stand-ins over the folder `dir`, with the state an earlier start left there.
    ///
    /// Each part listens on a port of 127.0.0.1, the one of the earlier start where it is still free.
    pub fn start(dir: &Path, options: Options) -> Result<Self> {
        let store = Store::open(dir)?;
        let knobs = match options.knobs {
            Some(knobs) => knobs,
            None => knobs::read(&store.path("knobs.json"))?,
        };
        let mut canaries: Vec<Canary> = store.load("canaries.json")?;
        if canaries.is_empty() {
            canaries = canary::mint();
            store.save("canaries.json", &canaries)?;
        }
        let listeners = bind(&store)?;
        let world = World {
            github: store.load("github.json")?,
            github_usage: github::Usage::default(),
            github_git: Repositories::new(&store.path("git/github.com")),
            knobs,
            canaries: canaries.clone(),
        };
        let log = Log::open(&store.path("requests.jsonl"))?;
        let front = Arc::new(Front::new(store, log, origins(&listeners)?, world));
        let runtime = Builder::new_multi_thread()
            .worker_threads(4)
            .thread_name("rehearsal")
            .enable_all()
            .build()
            .context("failed to start the threads of the stand-ins")?;
        let inside = runtime.enter();
        for (role, listener) in listeners {
            front::listen(&front, listener, role)?;
        }
        if let Some(socket) = &options.socket {
            front::listen_socket(&front, socket)?;
        }
        drop(inside);
        let stand_ins = Self { front, canaries, runtime: Some(runtime) };
        stand_ins.faults(options.rules)?;
        Ok(stand_ins)
    }

    /// Returns the part of a configuration that leads the tools here; tokens are named, not contained.
    pub fn overlay(&self) -> Value {
        let base = format!("{}/", self.front.origins.api);
        let config = json!({"base_url": base, "token": "${REHEARSAL_GITHUB_TOKEN}"});
        json!({"schema": 1, "tools": {"gh-release": {"config": config}}})
    }

    /// Returns the variables that the overlay refers to: the tokens that may write.
    pub fn environment(&self) -> Vec<(String, String)> {
        let write = self.canaries.iter().filter(|canary| canary.grant == crate::Grant::Write);
        write.map(|canary| (canary.variable.clone(), canary.value.clone())).collect()
    }

    /// Returns all tokens; whoever finds one outside `D/canaries.json` has found a leak.
    pub fn canaries(&self) -> &[Canary] {
        &self.canaries
    }

    /// Returns the token of a name such as `github-read`.
    pub fn token(&self, name: &str) -> Option<&str> {
        let found = self.canaries.iter().find(|canary| canary.name == name);
        found.map(|canary| canary.value.as_str())
    }

    /// Returns the address of a part, such as `http://127.0.0.1:40001`.
    pub fn origin(&self, role: Role) -> &str {
        let origins = &self.front.origins;
        match role {
            Role::GithubApi => &origins.api,
            Role::GithubUploads => &origins.uploads,
            Role::GithubStorage => &origins.storage,
            Role::GithubWeb => &origins.web,
        }
    }

    /// Returns the folder of the bare repositories: `D/git`, with `github.com/OWNER/REPO.git` below.
    pub fn git_dir(&self) -> PathBuf {
        self.front.store.path("git")
    }

    /// Returns the requests since the start, in the order of their arrival.
    pub fn requests(&self) -> Vec<Logged> {
        self.front.log.all()
    }

    /// Returns GitHub's state without ids and times, for comparing two runs.
    ///
    /// `{"acme/greet": {"releases": [{"tag", "name", "body", "draft", "prerelease", "immutable", "latest",
    /// "assets": [{"name", "label", "state", "size", "digest", "content_type"}]}], "refs": {"refs/tags/v1": sha}}}`
    pub fn github(&self) -> Result<Value> {
        github::snapshot(&self.front.shared().world)
    }

    /// Replaces the faults in force and counts requests for them anew.
    pub fn faults(&self, rules: Vec<Rule>) -> Result<()> {
        self.front.shared().script = Script::new(rules)?;
        Ok(())
    }

    /// Changes settings.
    pub fn knobs(&self, change: impl FnOnce(&mut Knobs)) {
        change(&mut self.front.shared().world.knobs);
    }

    /// Returns the clock of the stand-ins.
    pub fn clock(&self) -> &Clock {
        &self.front.clock
    }

    /// Sets what kills the client when a fault says so; it may wait until the client is gone.
    pub fn victim(&self, kill: Box<dyn Fn() + Send + Sync>) {
        self.front.set_victim(Arc::from(kill));
    }
}

impl Drop for StandIns {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            // What is being written to disk is finished first.
            runtime.shutdown_timeout(Duration::from_secs(5));
        }
    }
}

const ROLES: [Role; 4] =
    [Role::GithubApi, Role::GithubUploads, Role::GithubStorage, Role::GithubWeb];

/// Binds a listener for each part; addresses that a first run wrote down stay true in a second one.
fn bind(store: &Store) -> Result<Vec<(Role, TcpListener)>> {
    let before: Vec<u16> = store.load("ports.json")?;
    let mut listeners = Vec::new();
    for (position, role) in ROLES.into_iter().enumerate() {
        let old = before.get(position).and_then(|port| TcpListener::bind(local(*port)).ok());
        let listener = match old {
            Some(listener) => listener,
            None => TcpListener::bind(local(0)).context("failed to listen on 127.0.0.1")?,
        };
        listeners.push((role, listener));
    }
    let mut ports = Vec::new();
    for (_, listener) in &listeners {
        ports.push(port(listener)?);
    }
    store.save("ports.json", &ports)?;
    Ok(listeners)
}

fn local(port: u16) -> (Ipv4Addr, u16) {
    (Ipv4Addr::LOCALHOST, port)
}

fn port(listener: &TcpListener) -> Result<u16> {
    Ok(listener.local_addr().context("failed to find the port of a listener")?.port())
}

fn origins(listeners: &[(Role, TcpListener)]) -> Result<Origins> {
    let find = |role: Role| -> Result<String> {
        let found = listeners.iter().find(|(known, _)| *known == role);
        let (_, listener) = found.context("failed to find the listener of a part")?;
        Ok(format!("http://127.0.0.1:{}", port(listener)?))
    };
    Ok(Origins {
        api: find(Role::GithubApi)?,
        uploads: find(Role::GithubUploads)?,
        storage: find(Role::GithubStorage)?,
        web: find(Role::GithubWeb)?,
    })
}
