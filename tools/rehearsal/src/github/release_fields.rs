//! What a client wants a release to be, read from the body of a POST or PATCH and checked as far as the text goes.
//! Knows nothing of the repository's state.

use serde_json::json;

use super::errors;
use super::fields::Fields;
use crate::message::Answer;

/// What the API knows of a release in a request.
const KNOWN: [&str; 9] = [
    "tag_name",
    "target_commitish",
    "name",
    "body",
    "draft",
    "prerelease",
    "make_latest",
    "discussion_category_name",
    "generate_release_notes",
];

/// The length of notes that GitHub still takes, in characters.
const LONGEST_BODY: usize = 125_000;

/// The three values of `make_latest`, which is a text and never a boolean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MakeLatest {
    True,
    False,
    Legacy,
}

/// The fields of a request; absent ones were not sent.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    pub(super) tag_name: Option<String>,
    pub(super) target_commitish: Option<String>,
    pub(super) name: Option<String>,
    pub(super) body: Option<String>,
    pub(super) draft: Option<bool>,
    pub(super) prerelease: Option<bool>,
    pub(super) make_latest: Option<MakeLatest>,
    pub(super) category: Option<String>,
    pub(super) generate_notes: bool,
    /// What was sent beside these.
    pub(super) remarks: Vec<String>,
}

impl Wanted {
    /// Reads and checks the fields, and refuses what the API's schema refuses.
    pub(super) fn of(fields: &Fields) -> Result<Self, Answer> {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        let make_latest =
            fields.choice("make_latest", &["true", "false", "legacy"])?.map(|word| match word {
                "true" => MakeLatest::True,
                "false" => MakeLatest::False,
                _ => MakeLatest::Legacy,
            });
        let wanted = Self {
            tag_name: owned(fields.text("tag_name")?),
            target_commitish: owned(fields.text("target_commitish")?),
            name: owned(fields.text("name")?),
            body: owned(fields.text("body")?),
            draft: fields.flag("draft")?,
            prerelease: fields.flag("prerelease")?,
            make_latest,
            category: owned(fields.text("discussion_category_name")?),
            generate_notes: fields.flag("generate_release_notes")?.unwrap_or(false),
            remarks: fields.unknown(&KNOWN),
        };
        if wanted.tag_name.as_deref() == Some("") {
            let detail =
                json!({"resource": "Release", "code": "missing_field", "field": "tag_name"});
            return Err(errors::validation(&[detail]));
        }
        if let Some(body) = &wanted.body
            && body.chars().count() > LONGEST_BODY
        {
            let message = "body is too long (maximum is 125000 characters)";
            return Err(errors::validation(&[errors::custom("Release", "body", message)]));
        }
        Ok(wanted)
    }
}
