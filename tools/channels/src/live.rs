//! The live display: a line for each channel with what it does, the bytes moved and the time left.
//! The only file that draws; it decides nothing.

use std::collections::BTreeMap;

use common::{secret, terminal};
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

/// The longest sentence in a line; a step names files of others.
const LONGEST: usize = 60;

/// The lines that are drawn.
#[derive(Debug)]
pub(crate) struct Live {
    all: MultiProgress,
    lines: BTreeMap<String, ProgressBar>,
}

impl Live {
    /// Begins to draw on stderr.
    pub(crate) fn new() -> Self {
        let all = MultiProgress::with_draw_target(ProgressDrawTarget::stderr_with_hz(10));
        Self { all, lines: BTreeMap::new() }
    }

    /// Gives a channel its line, or the one it has back.
    pub(crate) fn begin(&mut self, channel: &str, verb: &str) {
        let line = self.line(channel);
        line.reset();
        line.set_style(style("{prefix}  {msg}"));
        line.set_prefix(format!("{channel:<12}"));
        line.set_message(verb.to_owned());
    }

    /// Says what a channel does now.
    pub(crate) fn say(&mut self, channel: &str, text: &str) {
        self.line(channel).set_message(terminal::safe_line(&secret::redact(text), LONGEST));
    }

    /// Shows bytes moved of bytes to move, and the time left.
    pub(crate) fn bytes(&mut self, channel: &str, done: u64, total: u64) {
        let line = self.line(channel);
        if line.length() != Some(total) {
            line.set_style(style(
                "{prefix}  {msg}  {decimal_bytes} of {decimal_total_bytes}, {eta} left",
            ));
            line.set_length(total);
        }
        line.set_position(done);
    }

    /// Leaves a channel's line with its last word.
    pub(crate) fn end(&mut self, channel: &str, word: &str) {
        let line = self.line(channel);
        line.set_style(style("{prefix}  {msg}"));
        line.abandon_with_message(word.to_owned());
    }

    /// Says something above the lines, to stay.
    pub(crate) fn above(&self, text: &str) {
        let _ = self.all.println(text);
    }

    /// Removes the lines.
    pub(crate) fn close(self) {
        let _ = self.all.clear();
    }

    fn line(&mut self, channel: &str) -> &ProgressBar {
        self.lines.entry(channel.to_owned()).or_insert_with(|| self.all.add(ProgressBar::new(0)))
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).expect("the templates are constants of this file")
}
