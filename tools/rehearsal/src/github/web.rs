//! What a browser would open: release pages and public downloads. Tokens mean nothing here.
//! Serves no git; pushes go to the bare repositories by path.

use jiff::Timestamp;

use super::pages::escape_path;
use super::{Outcome, latest, storage};
use crate::message::{Answer, Request};
use crate::world::World;

/// Answers a request to the web host; drafts and private repositories are not found, whoever asks.
pub(super) fn answer(world: &mut World, request: &Request, now: Timestamp) -> Outcome {
    let parts = request.parts();
    let ([owner, name, rest @ ..], "GET" | "HEAD") = (&parts[..], request.method.as_str()) else {
        return Err(not_found());
    };
    let full_name = format!("{owner}/{name}");
    let private = world.knobs.github.private.contains(&full_name);
    if private || world.github_git.open(owner, name).is_none() {
        return Err(not_found());
    }
    let web = format!("{}/{full_name}", request.bases.web);
    let repository = world.github.repository(&full_name);
    let latest = || latest::of(repository).map(|release| escape_path(&release.tag_name));
    match rest {
        [] => Ok(page(&full_name)),
        ["releases"] => Ok(page(&format!("Releases of {full_name}"))),
        ["releases", "latest"] => {
            let tag = latest().ok_or_else(not_found)?;
            Ok(Answer::redirect(302, &format!("{web}/releases/tag/{tag}")))
        }
        ["releases", "latest", "download", file] => {
            let (tag, file) = (latest().ok_or_else(not_found)?, escape_path(file));
            Ok(Answer::redirect(302, &format!("{web}/releases/download/{tag}/{file}")))
        }
        ["releases", "tag", tag @ ..] => {
            let tag = tag.join("/");
            let release = repository.published(&tag).ok_or_else(not_found)?;
            Ok(page(release.name.as_deref().unwrap_or(&tag)))
        }
        ["releases", "download", tag @ .., file] => {
            let release = repository.published(&tag.join("/")).ok_or_else(not_found)?;
            let asset = release.assets.iter().find(|asset| asset.name == *file);
            let location = asset.and_then(|asset| storage::location(request, asset, now));
            Ok(Answer::redirect(302, &location.ok_or_else(not_found)?))
        }
        _ => Err(not_found()),
    }
}

fn page(title: &str) -> Answer {
    let title = title.replace('&', "&amp;").replace('<', "&lt;");
    let text = format!("<!DOCTYPE html><html><head><title>{title}</title></head></html>");
    Answer::text(200, "text/html; charset=utf-8", text)
}

fn not_found() -> Answer {
    Answer::text(404, "text/plain; charset=utf-8", "Not Found")
}
