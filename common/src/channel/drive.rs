//! Look, decide, act: the verbs that a channel tool is asked. Alone owns lock, look, plan, the
//! exit of a dry run, apply, receipt, and looking again when an answer was lost.

use std::io::{BufRead, IsTerminal};
use std::time::Duration;

use anyhow::Result;

use super::arguments::Arguments;
use super::{Channel, Context, Goal, Release, Run, verify};
use crate::cli::Outcome;
use crate::console::{self, Event};
use crate::contract::{State, Verb};
use crate::error::Failure;
use crate::http;
use crate::lock;
use crate::receipt::Receipt;
use crate::report::{Action, Finding, Severity, Status, Step};
use crate::tag::Tag;

/// One channel, one release, one run.
pub(super) struct Drive<'a, C: Channel> {
    pub(super) channel: &'a C,
    pub(super) context: &'a Context,
    pub(super) release: &'a Release,
    pub(super) run: &'a Run,
    pub(super) rules: C::Rules,
}

impl<C: Channel> Drive<'_, C> {
    /// Does what was asked and fills the outcome, also when it fails.
    pub(super) fn verb(
        &self,
        verb: Option<Verb>,
        arguments: &Arguments<C::Config>,
        patience: Option<Duration>,
        outcome: &mut Outcome,
    ) -> Result<()> {
        let promoted = Goal::Promoted { allow_lower: arguments.allow_lower };
        match verb {
            Some(Verb::Check) => {
                outcome.document.dry_run = false;
                self.check(&self.look()?, outcome)
            }
            Some(Verb::Verify) => self.verify(patience, outcome),
            Some(Verb::Status) => self.status(outcome),
            Some(Verb::Restore) => self.channel.restore(self.release, self.run).inspect(|()| {
                outcome.document.items = self.run.items();
            }),
            Some(Verb::Describe) => Ok(()),
            Some(Verb::Stage) => self.effects(&[Goal::Staged], false, outcome),
            Some(Verb::Publish) => self.effects(&[Goal::Published], false, outcome),
            Some(Verb::Promote) => self.effects(&[promoted], false, outcome),
            None => self.effects(&[Goal::Staged, Goal::Published, promoted], true, outcome),
            Some(Verb::Rollback) => {
                let to = arguments.to.as_deref();
                let to = to.map(|to| Tag::parse(to, self.context.tag_pattern.as_deref()));
                let goal = Goal::RolledBack { to: to.transpose()?, delete: arguments.delete };
                if !outcome.document.dry_run && !arguments.yes {
                    self.ask(&goal)?;
                }
                if let Some(reason) = &arguments.reason {
                    outcome.document.notes.push(format!("reason: {reason}"));
                }
                self.effects(&[goal], false, outcome)
            }
        }
    }

    fn look(&self) -> Result<C::Remote> {
        console::detail("looking at the channel");
        let remote = self.channel.look(self.release, self.run)?;
        console::detail(&format!("seen: {}", self.channel.state(self.release, &remote).word()));
        Ok(remote)
    }

    /// Reaches the goals one after the other, under the lock, and leaves a receipt.
    fn effects(&self, goals: &[Goal], check: bool, outcome: &mut Outcome) -> Result<()> {
        let dry_run = outcome.document.dry_run;
        let rollback = matches!(goals, [Goal::RolledBack { .. }]);
        if !rollback {
            self.release.frozen()?;
        }
        let _lock = if dry_run {
            None
        } else {
            Some(lock::take(&self.release.dist, &self.context.channel, lock::PATIENCE)?)
        };
        let mut remote = self.look()?;
        if check {
            self.check(&remote, outcome)?;
        }
        let mut result = Ok(());
        for goal in goals {
            result = self.reach(goal, &mut remote, outcome);
            if result.is_err() {
                break;
            }
        }
        let document = &mut outcome.document;
        document.items = self.run.items();
        document.visible = self.run.visible();
        if document.state.is_none() {
            document.state = Some(self.channel.state(self.release, &remote));
        }
        if !rollback {
            document.url = self.channel.location(self.release, &remote);
        }
        document.status = match () {
            () if dry_run => Status::Planned,
            () if document.items.iter().any(|item| item.action != Action::Unchanged) => {
                Status::Done
            }
            () => Status::Unchanged,
        };
        if dry_run {
            outcome.text =
                outcome.document.steps.iter().map(|step| format!("{}\n", step.text)).collect();
        } else {
            outcome.text = outcome.document.url.clone().unwrap_or_default();
            self.leave_receipt(outcome);
        }
        result
    }

    /// Plans and acts until nothing is left to do. A lost answer is followed by another look.
    fn reach(&self, goal: &Goal, remote: &mut C::Remote, outcome: &mut Outcome) -> Result<()> {
        let mut before = Vec::new();
        loop {
            let plan = self.channel.plan(goal, self.release, remote)?;
            let texts: Vec<String> = plan.steps.iter().map(ToString::to_string).collect();
            outcome
                .document
                .notes
                .extend(plan.notes.into_iter().inspect(|note| console::note(note)));
            if let Some(reason) = plan.skipped {
                console::note(&format!("skipped: {reason}"));
                outcome.document.notes.push(reason);
                outcome.document.state = Some(State::Skipped);
                return Ok(());
            }
            if plan.steps.is_empty() {
                return Ok(());
            }
            if outcome.document.dry_run {
                for (step, text) in plan.steps.iter().zip(texts) {
                    let step = serde_json::to_value(step)?;
                    outcome.document.steps.push(Step { text, step });
                }
                return Ok(());
            }
            if texts == before {
                return Err(Failure::temporary(format!(
                    "the channel does not show what was done: still to do: {}",
                    texts.join("; ")
                ))
                .hint("run the same command again in a while")
                .into());
            }
            let complete = self.apply(&plan.steps, remote)?;
            before = if complete { texts } else { Vec::new() };
        }
    }

    /// Does the steps in order; false when an answer was lost and the remote was looked at anew.
    fn apply(&self, steps: &[C::Step], remote: &mut C::Remote) -> Result<bool> {
        for step in steps {
            console::event(&Event::Step { text: step.to_string() });
            let Err(error) = self.channel.apply(step, remote, self.release, self.run) else {
                continue;
            };
            let Some(lost) = http::lost(&error) else { return Err(error) };
            self.context.budget.spend(&lost.operation, &lost.reason, None)?;
            *remote = self.look()?;
            return Ok(false);
        }
        Ok(true)
    }

    fn check(&self, remote: &C::Remote, outcome: &mut Outcome) -> Result<()> {
        let mut findings = match &self.release.frozen {
            Some(_) => self.release.inspect_files()?,
            None => {
                let error = self.release.frozen().expect_err("there is none");
                vec![
                    Finding::error("no_manifest", error.to_string())
                        .suggest(crate::error::hint(&error).unwrap_or_default()),
                ]
            }
        };
        findings.extend(self.channel.findings(self.release, remote, &self.rules));
        findings.sort_by_key(|finding| finding.severity);
        for finding in &findings {
            let suggestion = match &finding.suggestion {
                Some(suggestion) => format!("\n  {suggestion}"),
                None => String::new(),
            };
            let text = format!("[{}] {}{suggestion}", finding.code, finding.message);
            match finding.severity {
                Severity::Error => console::refuse(&text),
                Severity::Warning => console::warn(&text),
            }
        }
        let state = self.channel.state(self.release, remote);
        let verdict = judge(&findings, state);
        outcome.document.findings = findings;
        outcome.document.state = Some(state);
        verdict?;
        // The whole of a channel goes on from here; its state is said at the end.
        outcome.document.state = (outcome.document.verb == "check").then_some(state);
        Ok(())
    }

    fn status(&self, outcome: &mut Outcome) -> Result<()> {
        let remote = self.look()?;
        let state = self.channel.state(self.release, &remote);
        outcome.document.state = Some(state);
        outcome.document.url = self.channel.location(self.release, &remote);
        outcome.text = state.word().into();
        let (channel, tag) = (&self.context.channel, &self.release.tag);
        match state {
            State::Published | State::Promoted | State::Pending | State::Skipped => Ok(()),
            State::Denied | State::Unreachable => {
                // Whoever cannot look cannot plan either, and says why.
                self.channel.plan(&Goal::Staged, self.release, &remote)?;
                Err(Failure::refused(format!("`{channel}` is {} for {tag}", state.word())).into())
            }
            State::Differs => {
                Err(Failure::no(format!("`{channel}` has something else under {tag}")).into())
            }
            State::Absent | State::Staged | State::Partial => {
                Err(Failure::no(format!("`{channel}` is {} for {tag}", state.word())).into())
            }
        }
    }

    fn verify(&self, patience: Option<Duration>, outcome: &mut Outcome) -> Result<()> {
        self.release.frozen()?;
        let result = verify::until_same(patience, || self.channel.verify(self.release, self.run));
        let (verdicts, judgement) = match result {
            Ok(verdicts) => (verdicts, Ok(())),
            Err(verify::Failed { verdicts, error }) => (verdicts, Err(error)),
        };
        outcome.text = verdicts
            .iter()
            .map(|verdict| format!("{:<8} {}\n", verdict.verdict.word(), verdict.name))
            .collect();
        outcome.document.verdicts = verdicts;
        judgement
    }

    /// Asks a person at the terminal; elsewhere `--yes` is the answer.
    fn ask(&self, goal: &Goal) -> Result<()> {
        let stdin = std::io::stdin();
        if !stdin.is_terminal() {
            return Err(Failure::usage("refusing to roll back without an answer")
                .hint("see what would be done with --plan, then add --yes")
                .into());
        }
        let remote = self.look()?;
        let plan = self.channel.plan(goal, self.release, &remote)?;
        for step in &plan.steps {
            console::note(&format!("would {step}"));
        }
        console::note("type `yes` to go on:");
        let mut answer = String::new();
        stdin.lock().read_line(&mut answer)?;
        match answer.trim() {
            "yes" => Ok(()),
            _ => Err(Failure::refused("nothing was changed").into()),
        }
    }

    /// A receipt that cannot be written fails nothing: the remote is the truth.
    fn leave_receipt(&self, outcome: &mut Outcome) {
        let document = &outcome.document;
        let mut receipt = Receipt {
            schema: 1,
            tag: self.release.tag.name().into(),
            channel: self.context.channel.clone(),
            tool: document.tool.clone(),
            verb: document.verb.clone(),
            at: jiff::Timestamp::now().to_string(),
            state: document.state,
            url: document.url.clone(),
            manifest_sha256: self.release.frozen.as_ref().map(|frozen| frozen.sha256.clone()),
            items: document.items.clone(),
            visible: document.visible.clone(),
        };
        if let Some(older) =
            Receipt::load(&self.release.dist, &self.release.tag, &self.context.channel)
        {
            receipt.absorb(older);
        }
        if let Err(error) = receipt.save(&self.release.dist, &self.release.tag) {
            console::warn(&format!("no receipt was written: {error:#}"));
        }
    }
}

/// Errors refuse the release; where nobody answered and nothing else is wrong, it may pass later.
fn judge(findings: &[Finding], state: State) -> Result<()> {
    let errors = findings.iter().filter(|found| found.severity == Severity::Error);
    let (unanswered, wrong): (Vec<_>, Vec<_>) =
        errors.partition(|found| state == State::Unreachable && found.code == "unreachable");
    match (wrong.len(), unanswered.len()) {
        (0, 0) => Ok(()),
        (0, _) => Err(Failure::temporary("the channel cannot be reached")
            .hint("run the same command again in a while")
            .into()),
        (1, _) => Err(Failure::refused("the release would fail: 1 finding").into()),
        (count, _) => {
            Err(Failure::refused(format!("the release would fail: {count} findings")).into())
        }
    }
}
