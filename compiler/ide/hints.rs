//! What the text does not say: what a computed value came to, behind its line; what a thing is in
//! the whole, above it.

use super::emitted::Emitted;
use crate::Compilation;
use crate::answer::value::spell;
use crate::diag::text::few;
use crate::model::reach::{self, Known};
use crate::model::value::Value;
use crate::model::{Model, ThingId};
use crate::resolve::eval::Event;
use crate::resolve::hir::{DefId, Node, Op, Piece};
use crate::source::{FileId, Span};
use crate::syntax::tree::Strength;
use std::collections::BTreeMap;

/// Longer values are cut.
const WIDEST: usize = 60;

/// What stands behind a value, and what more there is to say of it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Hint {
    pub at: Span,
    pub text: String,
    /// As Markdown.
    pub more: String,
}

/// More of them nobody reads at a glance.
const MOST: usize = 16;

/// What the computed values between two places came to, each behind its right side. What an override
/// changes is worked out anew, hence `mut`.
pub fn hints(c: &mut Compilation, file: FileId, from: u32, to: u32) -> Vec<Hint> {
    let inside = |span: Span| span.file == file && from <= span.start && span.end <= to;
    let program = c.resolved.program.clone();
    let model = &c.resolved.model;
    let mut texts: BTreeMap<Span, Vec<(ThingId, String)>> = BTreeMap::new();
    let mut overrides: BTreeMap<Span, (DefId, ThingId, u16)> = BTreeMap::new();
    for at in 0..model.things.len() as u32 {
        let thing = ThingId::new(at as usize);
        for slot in &model.thing(thing).slots {
            let pairs = slot.value.pairs().iter().map(|p| (&p.value, p.origin));
            for (value, origin) in pairs.chain([(&slot.value, slot.origin)]) {
                let Some(row) = model.origin(origin) else { continue };
                let def = program.def(DefId(row.def));
                let Op::Set(right) = def.op else { continue };
                if !inside(def.span) {
                    continue;
                }
                if def.strength == Strength::Override {
                    let at = program.span(right);
                    overrides.entry(at).or_insert((DefId(row.def), thing, slot.field));
                }
                let text = match value {
                    Value::Location(_) => path_of(model, thing, value),
                    _ if is_computed(&program.nodes, right) => plain(model, value),
                    _ => None,
                };
                let at = program.span(right);
                // What stands there already is not said again.
                let news = |text: &String| c.sources.text(at).trim_matches(['"', '\'']) != text;
                if let Some(text) = text.filter(news) {
                    texts.entry(at).or_default().push((thing, text));
                }
            }
        }
    }
    let mut out: Vec<Hint> = Vec::new();
    for (span, found) in texts {
        let (thing, first) = &found[0];
        let same = found.iter().all(|(_, other)| other == first);
        let text = if same {
            let node = model.thing(*thing).node.filter(|_| first.starts_with('/'));
            let on = node.map_or_else(String::new, |n| format!(" on {}", model.label(n)));
            format!("= {first}{}", if found.len() == 1 { on } else { String::new() })
        } else {
            "= differs by node".to_owned()
        };
        let more = if same { String::new() } else { each(model, &found) };
        out.push(Hint { at: span.tail(), text, more });
    }
    for (span, (def, thing, field)) in overrides {
        let trace = c.resolved.trace(thing, field);
        let before = trace.steps.iter().rev().find(|s| {
            s.def != def && matches!(s.event, Event::Stated | Event::Weak | Event::Agreed)
        });
        if let Some(before) = before
            && let Some(value) = before.value.as_ref().and_then(|v| plain(&c.resolved.model, v))
        {
            let home = program.home(program.def(before.def).home, &c.names);
            let home = if home.is_empty() { "the cluster" } else { &home };
            let text = format!("not {value} of {home}");
            let said = program.def(before.def).span;
            let source = c.sources.file(said.file);
            let line = source.line_col(said.start).0 + 1;
            let more = format!("`{value}` is said at {}:{line}", source.name);
            out.push(Hint { at: span.tail(), text, more });
        }
    }
    out.sort();
    out
}

/// What a value is on each of several things.
fn each(model: &Model, found: &[(ThingId, String)]) -> String {
    let mut lines: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (thing, text) in found {
        let node = model.thing(*thing).node.map_or("", |node| model.label(node));
        let of = model.dotted(*thing);
        let of = if node.is_empty() || of == node { of } else { format!("{of} on {node}") };
        lines.entry(text).or_default().push(of);
    }
    let line = |(text, of): (&str, Vec<String>)| format!("- `{text}`: {}\n", few(&of, 4));
    let more = lines.len().saturating_sub(MOST);
    let mut shown: String = lines.into_iter().take(MOST).map(line).collect();
    if more > 0 {
        shown.push_str(&format!("- and {more} more\n"));
    }
    shown
}

/// A volume's path on its node.
fn path_of(model: &Model, thing: ThingId, value: &Value) -> Option<String> {
    let Value::Location(location) = value else { return None };
    model.thing(thing).instance?;
    let node = model.thing(thing).node?;
    reach::path_on(&mut Known(model), &location.base, &location.sub, node).ok()?
}

/// Whether a right side shows its value only to who works it out.
fn is_computed(nodes: &[Node], id: crate::resolve::hir::HirId) -> bool {
    match &nodes[id.0 as usize] {
        Node::Member { .. }
        | Node::Index { .. }
        | Node::Method { .. }
        | Node::Binary { .. }
        | Node::If { .. }
        | Node::Let(_)
        | Node::Call { .. } => true,
        Node::Text(pieces) => pieces.iter().any(|p| matches!(p, Piece::Expr(_))),
        _ => false,
    }
}

/// A value that is a word, a number or a text.
fn plain(model: &Model, value: &Value) -> Option<String> {
    let shown = spell(value, model);
    let structured = shown.starts_with(['{', '[']) || shown.contains(['\n', '$']);
    let hidden = matches!(
        value,
        Value::None | Value::Secret(_) | Value::Thing(_) | Value::Things(_) | Value::Poison
    );
    (!structured && !hidden && shown.chars().count() <= WIDEST).then_some(shown)
}

/// A line above each service, node and share: its place, what is said of it, whether files are made
/// from it.
pub fn lenses(c: &Compilation, emitted: &Emitted, file: FileId) -> Vec<(Span, String, bool)> {
    let model = &c.resolved.model;
    let graph = crate::graph::Graph::of(model);
    let mut users: BTreeMap<ThingId, usize> = BTreeMap::new();
    for edge in graph.edges.iter().filter(|e| e.need != crate::graph::Need::Joins) {
        *users.entry(graph.vertices[edge.to].thing).or_default() += 1;
    }
    let used_by = |thing: ThingId| users.get(&thing).copied().unwrap_or(0);
    let mut out = Vec::new();
    for kind in ["service", "node", "share"] {
        for &thing in model.all(kind) {
            let span = model.thing(thing).span;
            if span.file != file {
                continue;
            }
            let mut says = Vec::new();
            match kind {
                "service" => {
                    let nodes: Vec<&str> =
                        model.instances_of(thing).map(|i| model.label(i.node)).collect();
                    says.push(match nodes.as_slice() {
                        [] => "runs nowhere".to_owned(),
                        few if few.len() <= 3 => format!("on {}", few.join(", ")),
                        many => format!("on {} nodes", many.len()),
                    });
                    let by = model.instances_of(thing).map(|i| used_by(i.thing)).sum();
                    says.extend(depend(by));
                }
                "node" => {
                    let count = model.on_node.get(&thing).map_or(0, Vec::len);
                    says.push(match count {
                        0 => "nothing runs on it".to_owned(),
                        count => several(count, "service", "services"),
                    });
                    says.extend(depend(used_by(thing)));
                }
                _ => {
                    says.extend(depend(used_by(thing)));
                    says.extend(backups(model, thing));
                }
            }
            if kind == "service" {
                let shares = data_of(model, thing);
                says.extend(shares.into_iter().flat_map(|share| backups(model, share)).next());
            }
            let label = format!("{kind} {}", model.label(thing));
            let files = emitted.files(&label).count();
            if files > 0 {
                says.push(several(files, "file", "files"));
            }
            if says.is_empty() {
                says.push("nothing depends on it".to_owned());
            }
            out.push((span, says.join(", "), files > 0));
        }
    }
    out.sort();
    out
}

fn several(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

fn depend(count: usize) -> Option<String> {
    match count {
        0 => None,
        1 => Some("1 depends on it".to_owned()),
        many => Some(format!("{many} depend on it")),
    }
}

/// The shares that a service keeps data on.
fn data_of(model: &Model, service: ThingId) -> Vec<ThingId> {
    use crate::model::value::Base;
    let mut out = Vec::new();
    for instance in model.instances_of(service) {
        for &container in model.children(instance.thing, "container") {
            for &volume in model.children(container, "volume") {
                if let Value::Location(location) = model.get(volume, "value")
                    && let Base::Share(share) = location.base
                {
                    out.push(share);
                }
            }
        }
    }
    out
}

/// `backed up daily`
fn backups(model: &Model, share: ThingId) -> Option<String> {
    use crate::model::value::Base;
    for &backup in model.all("backup") {
        let of = |v: &Value| match v {
            Value::Location(location) => matches!(location.base, Base::Share(s) if s == share),
            Value::Thing(thing) => *thing == share,
            _ => false,
        };
        if model.get(backup, "from").items().iter().any(|item| of(&item.value)) {
            let every = model.block(backup, "every");
            let when = every.and_then(|every| {
                ["snapshot", "full", "dumps"].iter().find_map(|field| {
                    let value = model.get(every, field);
                    (!value.is_none()).then(|| spell(value, model).trim_matches('"').to_owned())
                })
            });
            return Some(match when {
                Some(when) => format!("backed up {when}"),
                None => "backed up".to_owned(),
            });
        }
    }
    None
}
