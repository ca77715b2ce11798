//! What a target refuses to emit, in words: what it is, where it stands, who else takes part, and the way out. A
//! refusal without a way out cannot be said.

use crate::diag::{Code, Diagnostic};
use crate::model::value::Pair;
use crate::model::{Cluster, ThingId};
use crate::origin::{Of, Origin};
use crate::source::{FileId, Span};

/// For a location that has no path where it is needed.
pub const PLACE: &str = "say where it is there: `mount { linux = \"/mnt/...\" }` in the share, `mount { SHARE = \"...\" }` in the \
                         node, or `mount` of the disk";
/// For a setting of a tool's own that a field says already.
pub const BY_ITS_FIELD: &str = "say it by the field of its own, or take the key out";

pub struct Refusal {
    code: &'static Code,
    at: Origin,
    of: Option<ThingId>,
    message: String,
    help: String,
    with: Vec<(Origin, Option<ThingId>, String)>,
    instead: Option<String>,
    goes: bool,
}

impl Refusal {
    /// At a value's source, or at a thing's declaration.
    pub fn new(
        code: &'static Code,
        at: Origin,
        of: impl Into<Option<ThingId>>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Refusal {
        Refusal {
            code,
            at,
            of: of.into(),
            message: message.into(),
            help: help.into(),
            with: Vec::new(),
            instead: None,
            goes: false,
        }
    }

    /// A thing that takes part.
    pub fn with(mut self, thing: ThingId, text: impl Into<String>) -> Refusal {
        self.with.push((Origin::NONE, Some(thing), text.into()));
        self
    }

    /// A value that takes part.
    pub fn beside(mut self, at: Origin, text: impl Into<String>) -> Refusal {
        self.with.push((at, None, text.into()));
        self
    }

    /// What the help means, where the value is stated by itself.
    pub fn instead(mut self, text: impl Into<String>) -> Refusal {
        self.instead = Some(text.into());
        self
    }

    /// The help means that the whole statement goes.
    pub fn goes(self) -> Refusal {
        Refusal { goes: true, ..self }
    }

    /// The help means that this key of a map goes: where a statement of its own says it.
    pub fn takes_out(mut self, cluster: &Cluster, pairs: &[Pair], pair: &Pair) -> Refusal {
        let def = |origin| cluster.origin(origin).map(|row| row.def);
        let same = |other: &&Pair| def(other.origin) == def(pair.origin);
        self.goes = pairs.iter().filter(same).count() == 1;
        self
    }

    pub fn told(self, cluster: &Cluster) -> Diagnostic {
        // A kind's default is best mended where the file's own thing stands.
        let whose = match self.at.of() {
            Of::Field(..) => self.of.or(cluster.thing_of(self.at)),
            _ => cluster.thing_of(self.at).or(self.of),
        };
        let span = stated(cluster, self.at)
            .or(whose.or(cluster.cluster).map(|id| cluster.thing(id).span))
            .unwrap_or(Span::new(FileId(0), 0, 0));
        let mut told = Diagnostic::new(self.code, span, self.message);
        if let Some(thing) = whose {
            told = told.at(cluster.path(thing));
        }
        for (at, thing, text) in self.with {
            let other = stated(cluster, at).or(thing.map(|id| cluster.thing(id).span));
            if let Some(other) = other.filter(|other| *other != span) {
                told = told.label(other, text);
            }
        }
        let value = cluster.origin(self.at).and_then(|row| cluster.defs[row.def as usize].value);
        let own = |span: &Span| !cluster.files[span.file.0 as usize].starts_with("std/");
        let value = value.filter(own);
        match self.instead {
            Some(text) => told.offer(self.help, value, text),
            None => told.offer(self.help, Some(span).filter(|at| self.goes && own(at)), ""),
        }
    }
}

/// Where a value is stated.
fn stated(cluster: &Cluster, at: Origin) -> Option<Span> {
    cluster.origin(at).map(|row| cluster.defs[row.def as usize].span)
}
