//! All that a stand-in answers from: the remembered state, the git repositories, the settings.
//! Passed whole to the pure `answer` of each channel; knows nothing of the network.

use crate::canary::Canary;
use crate::git::Repositories;
use crate::github;
use crate::knobs::Knobs;

#[derive(Debug)]
pub(crate) struct World {
    pub(crate) github: github::State,
    /// What was used of the rate limits; begins anew with each start.
    pub(crate) github_usage: github::Usage,
    pub(crate) github_git: Repositories,
    pub(crate) knobs: Knobs,
    pub(crate) canaries: Vec<Canary>,
}
