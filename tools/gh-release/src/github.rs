//! The channel: its contract, its settings and clients, and which file answers which verb.

use std::sync::OnceLock;

use anyhow::Result;
use common::channel::{Channel, Context, Contract, Goal, Plan, Release, Run};
use common::contract::{StageKind, State};
use common::error::Failure;
use common::http::Client;
use common::report::{Finding, Verdict};
use common::secret::{self, Secret};
use url::Url;

use crate::api::Api;
use crate::plan::Step;
use crate::remote::{self, Remote, Wanted};
use crate::settings::{Rules, Settings};

/// GitHub releases of one repository.
#[derive(Debug)]
pub(crate) struct GitHub {
    pub(crate) settings: Settings,
    pub(crate) context: Context,
    pub(crate) owner: String,
    pub(crate) repo: String,
    pub(crate) client: Client,
    base: String,
    // Read when a verb needs it, once.
    token: OnceLock<Option<Secret>>,
}

impl GitHub {
    /// Returns the token; nothing where there is none.
    pub(crate) fn token(&self) -> Result<Option<&Secret>> {
        if self.token.get().is_none() {
            let settings = &self.settings;
            let found = secret::find(
                settings.token.as_ref(),
                settings.token_command.as_deref(),
                &["GITHUB_TOKEN", "GH_TOKEN"],
            );
            // A public release can be looked at without one; what needs it says so.
            let found = match (found, settings.token_command.is_some()) {
                (Err(error), true) => return Err(error),
                (found, _) => found.unwrap_or_default(),
            };
            let _ = self.token.set(found);
        }
        Ok(self.token.get().and_then(Option::as_ref))
    }

    /// Returns the interface, with the given token or with none.
    pub(crate) fn api<'a>(&'a self, token: Option<&'a Secret>) -> Api<'a> {
        Api { client: &self.client, base: &self.base, owner: &self.owner, repo: &self.repo, token }
    }

    /// Lists the files that are to be assets.
    pub(crate) fn wanted(&self, release: &Release) -> Vec<Wanted> {
        remote::wanted(release, &self.settings.assets)
    }

    /// Returns the address of the web pages that belong to the interface, without a slash at
    /// its end: `https://api.HOST` -> `https://HOST`, `https://HOST/api/v3` -> `https://HOST`.
    pub(crate) fn web(&self) -> String {
        let Ok(base) = Url::parse(&self.base) else { return self.base.clone() };
        let host = base.host_str().unwrap_or_default();
        let port = base.port().map(|port| format!(":{port}")).unwrap_or_default();
        format!("{}://{}{port}", base.scheme(), host.strip_prefix("api.").unwrap_or(host))
    }
}

/// Returns the hosts that the interface at `base` may hand out addresses of.
fn hosts(base: &str) -> Result<Vec<String>> {
    let url = Url::parse(base)
        .map_err(|error| Failure::usage(format!("base_url `{base}` is no address: {error}")))?;
    let host = url.host_str().unwrap_or_default().to_owned();
    let mut hosts = vec![host.clone()];
    if let Some(domain) = host.strip_prefix("api.") {
        hosts.extend([format!("uploads.{domain}"), domain.to_owned()]);
    }
    Ok(hosts)
}

impl Channel for GitHub {
    const CONTRACT: Contract = Contract {
        tool: "gh-release",
        about: "Publish a GitHub release with notes, assets and checksums",
        channel: "github",
        restores: true,
        stage: StageKind::Remote,
        priority: 10,
        needs: &[],
        secrets: &[(
            "GITHUB_TOKEN",
            "contents: write on the repository",
            "GitHub: Settings, Developer settings, Personal access tokens (in GitHub Actions it is there)",
        )],
        variables: &["GH_TOKEN", "GITHUB_REPOSITORY"],
    };
    type Config = Settings;
    type Rules = Rules;
    type Remote = Remote;
    type Step = Step;

    fn open(settings: Settings, context: Context) -> Result<Self> {
        let (owner, repo) = match (&settings.owner, &settings.repo) {
            (Some(owner), Some(repo)) => (owner.clone(), repo.clone()),
            (None, None) => in_actions()?,
            (owner, _) => {
                let key = if owner.is_some() { "repo" } else { "owner" };
                return Err(unknown_repository(&format!("`{key}` is not set")).into());
            }
        };
        let base = settings.api()?;
        let client = context.client(&Self::CONTRACT, settings.concurrency(), hosts(&base)?)?;
        Ok(Self { settings, context, owner, repo, client, base, token: OnceLock::new() })
    }

    fn look(&self, release: &Release, _run: &Run) -> Result<Remote> {
        self.look_at(release)
    }

    fn state(&self, release: &Release, remote: &Remote) -> State {
        remote.state(release, &self.wanted(release))
    }

    fn findings(&self, release: &Release, remote: &Remote, rules: &Rules) -> Vec<Finding> {
        self.inspect(release, remote, rules)
    }

    fn plan(&self, goal: &Goal, release: &Release, remote: &Remote) -> Result<Plan<Step>> {
        self.decide(goal, release, remote)
    }

    fn apply(&self, step: &Step, remote: &mut Remote, release: &Release, run: &Run) -> Result<()> {
        self.act(step, remote, release, run)
    }

    fn verify(&self, release: &Release, run: &Run) -> Result<Vec<Verdict>> {
        self.read_back(release, run)
    }

    fn location(&self, release: &Release, remote: &Remote) -> Option<String> {
        let draft = match &release.frozen {
            Some(frozen) => remote.draft(&frozen.sha256),
            None => remote.drafts.first(),
        };
        remote.published.as_ref().or(draft).map(|release| release.html_url.clone())
    }

    fn restore(&self, release: &Release, run: &Run) -> Result<()> {
        self.bring_back(release, run)
    }
}

/// GitHub Actions says which repository it works for.
fn in_actions() -> Result<(String, String)> {
    let whole = std::env::var("GITHUB_REPOSITORY").unwrap_or_default();
    match whole.split_once('/') {
        Some((owner, repo)) => Ok((owner.into(), repo.into())),
        None => Err(unknown_repository("neither `owner` nor `repo` is set").into()),
    }
}

fn unknown_repository(reason: &str) -> Failure {
    Failure::usage(format!("which repository is unknown: {reason}"))
        .hint("set publishers.github.config.owner and repo, or give --owner and --repo")
}
