//! Backups beside each other: each in a place of its own, and none that saves what another made of it.

use super::Check;
use super::order::{Circle, Waits, WayOut, circles};
use super::shared::{rewrite, span};
use crate::diag::{Diagnostic, codes};
use crate::model::reach::{self, Known};
use crate::model::value::{Base, Location, Value};
use crate::model::{Model, ThingId};
use rustc_hash::FxHashMap;
use std::collections::hash_map::Entry;

pub const CHECK: Check =
    Check { name: "copies", doc: "no backup takes another one's copies for its own", run };

/// A directory, where it really is: on a machine, or on a share of which nobody knows where its server has it.
#[derive(PartialEq, Eq, Hash)]
struct Place {
    on: ThingId,
    path: String,
}

impl Place {
    fn of(model: &Model, location: &Location, backup: ThingId) -> Option<Place> {
        let home = match location.base {
            Base::Disk(disk) => model.thing(disk).node?,
            Base::Share(share) => model.get(share, "server").as_thing()?,
            _ => model.get(backup, "on").as_thing()?,
        };
        match (
            reach::path_on(&mut Known(model), &location.base, &location.sub, home),
            &location.base,
        ) {
            (Ok(Some(path)), _) => Some(Place { on: home, path }),
            (Ok(None), Base::Share(share)) => {
                Some(Place { on: *share, path: format!("/{}", location.sub) })
            }
            _ => None,
        }
    }

    fn holds(&self, other: &Place) -> bool {
        let rest = other.path.strip_prefix(self.path.trim_end_matches('/'));
        self.on == other.on && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }
}

struct Copies {
    backup: ThingId,
    to: Place,
    from: Vec<Place>,
}

fn run(model: &Model, found: &mut Vec<Diagnostic>) {
    let all: Vec<Copies> =
        model.all("backup").iter().filter_map(|&backup| copies(model, backup)).collect();
    let dated = |copies: &&Copies| model.word(copies.backup, "method") == Some("rsync");
    let mut firsts: FxHashMap<&Place, &Copies> = FxHashMap::default();
    for copies in all.iter().filter(dated) {
        match firsts.entry(&copies.to) {
            Entry::Occupied(first) => found.push(one_place(model, first.get(), copies)),
            Entry::Vacant(none) => {
                none.insert(copies);
            }
        }
    }
    each_other(model, &all, found);
}

fn copies(model: &Model, backup: ThingId) -> Option<Copies> {
    let place = |value: &Value| match value {
        Value::Location(location) => Place::of(model, location, backup),
        _ => None,
    };
    let to = place(model.get(backup, "to"))?;
    let from = model.get(backup, "from").items().iter();
    Some(Copies { backup, to, from: from.filter_map(|item| place(&item.value)).collect() })
}

/// Snapshots are called by their time alone, and each backup prunes all that it finds.
fn one_place(model: &Model, first: &Copies, later: &Copies) -> Diagnostic {
    let [a, b] = [first, later].map(|copies| model.label(copies.backup));
    let diagnostic = Diagnostic::new(
        &codes::E1215,
        span(model, later.backup, "to"),
        format!("the backups `{a}` and `{b}` write to one directory, `{}`", later.to.path),
    )
    .here(format!("`{b}` writes here"))
    .label(span(model, first.backup, "to"), format!("`{a}` writes here"))
    .at(model.path(later.backup))
    .note("snapshots are called by their time: each would take the other's for its own, link to them and delete them");
    let Value::Location(to) = model.get(later.backup, "to") else { return diagnostic };
    let of_disk = |disk: ThingId| {
        let node = model.thing(disk).node.map(|node| model.label(node))?;
        Some(format!("{node}.hardware.disk.{}", model.label(disk)))
    };
    let base = match to.base {
        Base::Share(share) => Some(model.label(share).to_string()),
        Base::Disk(disk) => of_disk(disk),
        _ => None,
    };
    let below = if to.sub.is_empty() { b.to_string() } else { format!("{}/{b}", to.sub) };
    match base {
        Some(base) => {
            let text = format!("{base} / \"{below}\"");
            let title = format!("give it a directory of its own: `{text}`");
            rewrite(diagnostic, model, later.backup, "to", &text, title)
        }
        None => diagnostic.help("give it a directory of its own"),
    }
}

/// What is left out might be the other's copies: only backups of all that lies there are followed.
fn each_other(model: &Model, all: &[Copies], found: &mut Vec<Diagnostic>) {
    let mut saves = Waits::default();
    let mut kept: FxHashMap<ThingId, Vec<&Copies>> = FxHashMap::default();
    for copies in all {
        kept.entry(copies.to.on).or_default().push(copies);
    }
    for copies in all.iter().filter(|c| model.get(c.backup, "exclude").items().is_empty()) {
        for from in &copies.from {
            let there = kept.get(&from.on).into_iter().flatten();
            for other in there.filter(|o| o.backup != copies.backup && from.holds(&o.to)) {
                let place = span(model, copies.backup, "from");
                saves.entry(copies.backup).or_default().push((other.backup, place));
            }
        }
    }
    let circle = Circle {
        code: &codes::E1215,
        what: "backups",
        verbs: ("saves the copies of", "save the copies of"),
        why: "each time there are copies of copies more, until a disk is full",
        way: WayOut::Words(&[
            "save less: name the directories in `from` that hold data",
            "or leave the copies out: `exclude = [...]`",
        ]),
    };
    circles(model, &saves, &circle, &|_, _| true, found);
}
