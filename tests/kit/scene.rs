//! A project and the stand-ins it is released to, in one temporary folder each.

use std::time::Duration;

use common::sh::{self, cmd};
use rehearsal::{Options, StandIns};

use crate::{Program, Project};

/// A project with its world: stand-ins, git remotes, tokens.
pub struct Scene {
    /// What is released.
    pub project: Project,
    /// Where to.
    pub stand_ins: StandIns,
    world: tempfile::TempDir,
}

impl Scene {
    /// Sets the scene for `tag`: repository, frozen `dist/`, notes, a configuration for GitHub
    /// whose retries do not dawdle, and stand-ins that know the repository but not the tag.
    pub fn new(tag: &str) -> Self {
        let project = Project::new(tag);
        project.freeze(tag);
        project.write("notes.md", "# Notes\n\nWhat is new.\n");
        project.write(
            "distribution.json",
            r#"{
  "publishers": {"github": {"config": {"owner": "acme", "repo": "greet", "notes_file": "notes.md"}}},
  "retry_policy": {"base_delay": "1ms", "max_delay": "5ms"}
}
"#,
        );
        let world = tempfile::tempdir().expect("a temporary folder");
        let stand_ins = StandIns::start(world.path(), Options::default()).expect("stand-ins start");
        let scene = Self { project, stand_ins, world };
        scene.seed();
        scene
    }

    /// Gives GitHub the repository's branch, as it was before the release.
    fn seed(&self) {
        let bare = self.stand_ins.git_dir().join("github.com/acme/greet.git");
        let git = self.stand_ins.git_dir();
        let shell = sh::shell_in(self.project.path()).expect("a shell");
        let soon = Duration::from_secs(60);
        sh::read(cmd!(shell, "git init -q --bare -b main {bare}"), soon).expect("git init works");
        sh::read(cmd!(shell, "git push -q {bare} main"), soon).expect("git push works");
        let config = format!(
            "[user]\n\tname = Ann\n\temail = ann@example.com\n[url \"file://{}/github.com/\"]\n\tinsteadOf = https://github.com/\n",
            git.display()
        );
        let overlay = self.stand_ins.overlay().to_string();
        for (name, text) in [("gitconfig", config), ("overlay.json", overlay)] {
            common::fs::replace(&self.world.path().join(name), text.as_bytes()).expect("writable");
        }
    }

    /// Makes a program run inside the scene: in the project, against the stand-ins.
    pub fn program(&self, path: &str) -> Program {
        let world = |name: &str| self.world.path().join(name).display().to_string();
        Program::new(path, self.project.path())
            .env("HOME", world("home"))
            .env("GIT_CONFIG_GLOBAL", world("gitconfig"))
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("LANDFALL_OVERLAY", world("overlay.json"))
            .envs(self.stand_ins.environment())
    }

    /// Counts the requests so far that changed something.
    pub fn changes(&self) -> usize {
        self.stand_ins.requests().iter().filter(|request| request.mutating).count()
    }
}
