//! The order in which channels may become visible. Pure: names, priorities and needs come in.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use common::error::Failure;

/// What decides a channel's place.
#[derive(Clone, Debug)]
pub(crate) struct Place<'a> {
    /// Its name.
    pub(crate) name: &'a str,
    /// Lower comes first.
    pub(crate) priority: i32,
    /// The channels it needs; those that take no part are ignored.
    pub(crate) needs: &'a [String],
}

/// A wave's number, and a channel's turn in it: one that needs another of its wave follows it.
type Key = (i32, usize);

/// Groups channels: what is in one group may run at once, the groups follow each other.
///
/// # Errors
/// Usage, naming the channels that need each other.
pub(crate) fn groups<'a>(places: &[Place<'a>]) -> Result<Vec<Vec<&'a str>>> {
    let by_name: BTreeMap<&str, &Place<'a>> =
        places.iter().map(|place| (place.name, place)).collect();
    let mut keys = BTreeMap::new();
    let mut groups: BTreeMap<Key, Vec<&'a str>> = BTreeMap::new();
    for place in places {
        let key = key(place, &by_name, &mut keys, &mut Vec::new())?;
        groups.entry(key).or_default().push(place.name);
    }
    Ok(groups.into_values().collect())
}

fn key<'a>(
    place: &Place<'a>,
    by_name: &BTreeMap<&str, &Place<'a>>,
    keys: &mut BTreeMap<&'a str, Key>,
    path: &mut Vec<&'a str>,
) -> Result<Key> {
    if let Some(key) = keys.get(place.name) {
        return Ok(*key);
    }
    if let Some(at) = path.iter().position(|name| *name == place.name) {
        let mut round: Vec<&str> = path[at..].to_vec();
        round.push(place.name);
        return Err(Failure::usage(format!("channels need each other: {}", round.join(" needs ")))
            .hint("correct `needs` of one of them")
            .into());
    }
    path.push(place.name);
    let mut own = (place.priority, 0);
    for need in place.needs.iter().filter_map(|need| by_name.get(need.as_str())) {
        let (wave, turn) = key(need, by_name, keys, path)?;
        own = own.max((wave, turn + 1));
    }
    path.pop();
    keys.insert(place.name, own);
    Ok(own)
}

/// Finds names in `needs` that nobody could mean.
pub(crate) fn unknown_need<'a>(
    places: &[Place<'a>],
    known: &BTreeSet<&str>,
) -> Option<(&'a str, &'a str)> {
    places.iter().find_map(|place| {
        let unknown = place.needs.iter().find(|need| !known.contains(need.as_str()))?;
        Some((place.name, unknown.as_str()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(places: &[(&str, i32, &[&str])], expected: &str) {
        let needs: Vec<Vec<String>> = places
            .iter()
            .map(|(_, _, needs)| needs.iter().map(ToString::to_string).collect())
            .collect();
        let places: Vec<Place<'_>> = places
            .iter()
            .zip(&needs)
            .map(|((name, priority, _), needs)| Place { name, priority: *priority, needs })
            .collect();
        let shown = match groups(&places) {
            Ok(groups) => {
                groups.iter().map(|group| group.join(",")).collect::<Vec<_>>().join(" | ")
            }
            Err(error) => error.to_string(),
        };
        assert_eq!(shown, expected);
    }

    #[test]
    fn lower_priorities_come_first_and_equal_ones_together() {
        check(&[("a", 2, &[]), ("b", 1, &[]), ("c", 2, &[])], "b | a,c");
    }

    #[test]
    fn what_needs_another_follows_it_inside_a_wave_and_out_of_one_that_is_too_early() {
        check(&[("a", 1, &["b"]), ("b", 1, &[]), ("c", 1, &[])], "b,c | a");
        check(&[("a", 1, &["b"]), ("b", 5, &[]), ("c", 5, &[])], "b,c | a");
    }

    #[test]
    fn needs_that_take_no_part_are_ignored() {
        check(&[("a", 1, &["absent"])], "a");
    }

    #[test]
    fn channels_that_need_each_other_are_refused() {
        check(&[("a", 1, &["b"]), ("b", 1, &["a"])], "channels need each other: a needs b needs a");
        check(&[("a", 1, &["a"])], "channels need each other: a needs a");
    }
}
