//! The channels of one run: which are enabled, which are meant, what each one's program says of
//! itself. Asks programs to describe themselves and nothing more.

use std::collections::BTreeSet;
use std::path::PathBuf;

use anyhow::Result;
use common::config::{self, Configuration, OVERLAY, Publisher};
use common::contract::{Description, State, Verb};
use common::error::Failure;
use common::json;

use crate::arguments::Asked;
use crate::call::Call;
use crate::document::{self, Ended};
use crate::{describe, environment, program};

/// One enabled channel.
#[derive(Debug)]
pub(crate) struct Channel {
    /// What the configuration says.
    pub(crate) publisher: Publisher,
    /// Its program, or why there is none.
    pub(crate) program: Result<PathBuf>,
    /// What its program says of itself, or what is assumed where it says nothing.
    pub(crate) description: Description,
    /// The variables it gets beside those of every program.
    pub(crate) variables: BTreeSet<String>,
    /// Why it takes no part in a rehearsal.
    pub(crate) unrehearsed: Option<String>,
    /// Whether it is meant by this command line.
    pub(crate) meant: bool,
}

impl Channel {
    /// Returns its name in the configuration.
    pub(crate) fn name(&self) -> &str {
        &self.publisher.name
    }

    /// Returns its wave: lower comes first.
    pub(crate) fn priority(&self) -> i32 {
        self.publisher.priority.unwrap_or(self.description.priority)
    }

    /// Returns the channels that must be published first, enabled or not.
    pub(crate) fn needs(&self) -> &[String] {
        self.publisher.needs.as_deref().unwrap_or(&self.description.needs)
    }

    /// Returns the program as messages name it.
    pub(crate) fn shown_program(&self) -> &str {
        let tool = self.publisher.tool.as_str();
        tool.rsplit('/').next().unwrap_or(tool)
    }

    /// Answers in place of the program where it cannot be asked this.
    pub(crate) fn leave_out(&self, call: &Call) -> Option<Ended> {
        let reason = match &self.unrehearsed {
            Some(reason) => reason.clone(),
            None if self.description.verbs.contains(&call.verb) => return None,
            None => format!("`{}` has no `{}`", self.shown_program(), call.verb.word()),
        };
        Some(document::left_out(self, call, reason))
    }
}

/// The enabled channels, by name.
#[derive(Debug)]
pub(crate) struct Fleet {
    /// All of them, also those that are not meant: others may need them.
    pub(crate) channels: Vec<Channel>,
}

impl Fleet {
    /// Finds the enabled channels, their programs and descriptions.
    pub(crate) fn gather(configuration: &Configuration) -> Result<Self> {
        let publishers: Vec<&Publisher> =
            configuration.publishers.values().filter(|publisher| publisher.enabled).collect();
        if publishers.is_empty() {
            let failure = match &configuration.path {
                Some(path) => Failure::usage(format!("`{}` enables no channel", path.display())),
                None => Failure::usage(format!("there is no `{}`", config::FILE)),
            };
            return Err(failure.hint("write one: channels init").into());
        }
        let programs: Vec<Result<PathBuf>> = publishers
            .iter()
            .map(|publisher| program::find(publisher, &configuration.root))
            .collect();
        let descriptions = describe::all(&publishers, &programs)?;
        let rehearsal = std::env::var_os(OVERLAY).is_some();
        let channels = publishers
            .into_iter()
            .zip(programs)
            .zip(descriptions)
            .map(|((publisher, program), description)| {
                Self::channel(configuration, publisher, program, description, rehearsal)
            })
            .collect();
        Ok(Self { channels })
    }

    fn channel(
        configuration: &Configuration,
        publisher: &Publisher,
        program: Result<PathBuf>,
        description: Description,
        rehearsal: bool,
    ) -> Channel {
        let mut written = publisher.config.variables();
        written.extend(configuration.rules(&publisher.name).variables());
        if rehearsal {
            // One without an entry fails closed by itself.
            let overlay = config::overlay(&description.tool).ok().flatten();
            written.extend(overlay.iter().flat_map(|value| config::variables(&value.to_string())));
        }
        let variables = environment::own(&description, written);
        environment::hide(&description, &variables);
        let unrehearsed = (rehearsal && program.is_ok() && !description.rehearsal)
            .then(|| format!("`{}` does not say that it can be rehearsed", publisher.tool));
        Channel {
            publisher: publisher.clone(),
            program,
            description,
            variables,
            unrehearsed,
            meant: true,
        }
    }

    /// Marks the channels that are meant.
    ///
    /// # Errors
    /// Usage, for a name that is not enabled, or when none is left.
    pub(crate) fn select(&mut self, asked: &Asked) -> Result<()> {
        for (flag, names) in [("--only", &asked.only), ("--skip", &asked.skip)] {
            for name in names {
                self.known(flag, name)?;
            }
        }
        for channel in &mut self.channels {
            let named = |names: &[String]| names.iter().any(|name| name == &channel.publisher.name);
            channel.meant = (asked.only.is_empty() || named(&asked.only)) && !named(&asked.skip);
        }
        if self.channels.iter().any(|channel| channel.meant) {
            return Ok(());
        }
        Err(Failure::usage("no channel is left").hint("drop --only or --skip").into())
    }

    fn known(&self, flag: &str, name: &str) -> Result<()> {
        let names = || self.channels.iter().map(Channel::name);
        if names().any(|known| known == name) {
            return Ok(());
        }
        let hint = match json::nearest(name, names()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("enabled are: {}", names().collect::<Vec<_>>().join(", ")),
        };
        Err(Failure::usage(format!("{flag}: `{name}` is no enabled channel")).hint(hint).into())
    }

    /// Returns the channel of a name, where it is enabled.
    pub(crate) fn find(&self, name: &str) -> Option<&Channel> {
        self.channels.iter().find(|channel| channel.name() == name)
    }

    /// Returns the channels that are meant.
    pub(crate) fn meant(&self) -> Vec<&Channel> {
        self.channels.iter().filter(|channel| channel.meant).collect()
    }
}

/// Tells whether a state means that users can have the version, or soon will.
pub(crate) fn is_published(state: State) -> bool {
    matches!(state, State::Published | State::Promoted | State::Pending)
}

/// The verbs of a program that does not say which it has.
pub(crate) const ALL_VERBS: [Verb; 7] = [
    Verb::Check,
    Verb::Stage,
    Verb::Publish,
    Verb::Promote,
    Verb::Verify,
    Verb::Status,
    Verb::Rollback,
];
