//! What the targets that write for systemd share: where units and their scripts go, how a timetable
//! is spelled, a timer. What the units do is theirs.

use super::shared_mounts::{self, World};
use super::{Emission, File};
use crate::formats::Written;
use crate::formats::script::Line;
use crate::formats::shell::{self, Shell};
use crate::formats::systemd::{self, Entry, Section, Term, Unit, Value as Said};
use crate::model::value::Value;
use crate::model::{Cluster, ThingId};
use crate::origin::Origin;
use crate::tree::Tool;
use std::borrow::Cow;

/// Where the scripts of units lie on a node.
pub const SCRIPTS: &str = "/usr/local/lib/colab";

/// A node that gets units: its world with systemd, and the folder below `out/` that they stand in.
#[derive(Clone, Copy)]
pub struct Host<'a> {
    pub cluster: &'a Cluster,
    pub node: ThingId,
    pub world: World,
    pub folder: &'static str,
    /// Where the names of its units are said, if not by labels.
    pub named: Origin,
}

impl Host<'_> {
    pub fn name(&self) -> &str {
        self.cluster.label(self.node)
    }

    /// A unit, or a drop-in such as `docker.service.d/colab.conf`.
    pub fn unit(
        &self,
        out: &mut Emission,
        name: &str,
        sections: Vec<Section<'_>>,
        things: &[ThingId],
    ) {
        let written = written(out, sections, things);
        out.put(self.file(name, things), written);
    }

    /// The same, with every text of the sources that stands in it: if a unit can hold them, it is not written where
    /// nobody reads it.
    pub fn unit_of<'s>(
        &self,
        out: &mut Emission,
        name: &str,
        texts: &[&str],
        sections: impl FnOnce() -> Vec<Section<'s>>,
        things: &[ThingId],
    ) {
        if texts.iter().all(|text| systemd::can_hold(text)) {
            out.put_lazily(self.file(name, things), |out| written(out, sections(), things));
        } else {
            self.unit(out, name, sections(), things);
        }
    }

    fn file(&self, name: &str, things: &[ThingId]) -> File {
        File::new(format!("{}/{}/{name}", self.folder, self.name()))
            .to(Tool::Ansible, self.name(), format!("/etc/systemd/system/{name}"), 0o644)
            .side(shared_mounts::side(self.world))
            .from(things.iter().copied())
            .named(self.named)
    }

    /// A timer that starts the service of its name.
    pub fn timer(
        &self,
        out: &mut Emission,
        stem: &str,
        what: &str,
        when: (String, Origin),
        things: &[ThingId],
    ) {
        let (when, origin) = when;
        let sections = || {
            vec![
                section("Unit", vec![text("Description", what.to_string())]),
                section(
                    "Timer",
                    vec![
                        text("OnCalendar", when.clone()).at(origin),
                        // What was missed while the machine was off is made up for.
                        fixed("Persistent", "yes"),
                    ],
                ),
                section("Install", vec![fixed("WantedBy", "timers.target")]),
            ]
        };
        self.unit_of(out, &format!("{stem}.timer"), &[what, &when], sections, things);
    }

    /// A script for a unit; gives its path on the node.
    pub fn script(
        &self,
        out: &mut Emission,
        name: &str,
        lines: &[Line<'_>],
        things: &[ThingId],
    ) -> String {
        let path = format!("{SCRIPTS}/{}/{name}", self.folder);
        let file = File::new(format!("{}/{}/{name}", self.folder, self.name()))
            .program()
            .to(Tool::Ansible, self.name(), path.clone(), 0o755)
            .side(shared_mounts::side(self.world))
            .from(things.iter().copied());
        let header = out.header(things);
        out.put(file, shell::write(Shell::Posix, &header, lines));
        path
    }
}

fn written(out: &Emission, mut sections: Vec<Section<'_>>, things: &[ThingId]) -> Written {
    // What a section says by itself it says for what the unit is there for.
    let reason = things.first().map_or(Origin::NONE, |thing| thing.origin());
    for section in &mut sections {
        section.origin = section.origin.or(reason);
    }
    systemd::write(&Unit { header: out.header(things).into(), sections })
}

pub fn section<'a>(name: &'static str, entries: Vec<Entry<'a>>) -> Section<'a> {
    Section { name, entries, origin: Origin::NONE }
}

pub fn text<'a>(key: &'static str, value: impl Into<Cow<'a, str>>) -> Entry<'a> {
    Entry::new(key, Said::Text(value.into()))
}

pub fn fixed<'a>(key: &'static str, value: &'static str) -> Entry<'a> {
    Entry::new(key, Said::Fixed(value))
}

pub fn units<'a>(key: &'static str, names: Vec<String>) -> Entry<'a> {
    Entry::new(key, Said::Units(names.into_iter().map(Cow::Owned).collect()))
}

pub fn paths<'a, T: Into<Term<'a>>>(key: &'static str, paths: Vec<T>) -> Entry<'a> {
    Entry::new(key, Said::Words(paths.into_iter().map(Into::into).collect()))
}

pub fn command<'a, T: Into<Term<'a>>>(key: &'static str, words: Vec<T>) -> Entry<'a> {
    let words = words.into_iter().map(Into::into).collect();
    Entry::new(key, Said::Command { prefix: "", words })
}

/// A timetable as `OnCalendar=` reads it, in the cluster's time zone where it names none.
pub fn calendar(cluster: &Cluster, (when, origin): (&Value, Origin)) -> Option<(String, Origin)> {
    let text = match when {
        Value::Word(word) => cluster.names.text(word.word),
        Value::Text(text) => text,
        _ => return None,
    };
    let zone = cluster.cluster.and_then(|id| cluster.text(id, "timezone")).unwrap_or("Etc/UTC");
    let words: Vec<&str> = text.split_whitespace().collect();
    let spelled = match text {
        "minutely" => "*-*-* *:*:00",
        "hourly" => "*-*-* *:00:00",
        "daily" => "*-*-* 00:00:00",
        "weekly" => "Mon *-*-* 00:00:00",
        "monthly" => "*-*-01 00:00:00",
        "quarterly" => "*-01,04,07,10-01 00:00:00",
        "semiannually" => "*-01,07-01 00:00:00",
        "yearly" | "annually" => "*-01-01 00:00:00",
        other => other,
    };
    // A zone is the last of several words; a weekday is the first.
    let zoned = words.len() > 1
        && words.last().is_some_and(|word| word.starts_with(|c: char| c.is_ascii_alphabetic()));
    let spelled = if zoned { spelled.to_string() } else { format!("{spelled} {zone}") };
    Some((spelled, origin))
}
