//! How a value came to be: every definition of it, the one that holds first, with what became of
//! each, why, and what it referred to. Plain data; `paper` writes it down.

use super::chain::{
    Answer, Chain, Element, Line, Mention, Overview, Said, Verdict, WIDEST, one_line,
};
use super::find::{Place, copies};
use super::value::{common_name, is_block, quoted};
use crate::model::schema::{Ty, spell as spell_type};
use crate::model::value::Value;
use crate::model::{Model, ThingId};
use crate::origin::Origin;
use crate::resolve::eval::{Event, OF_SERVICE, Resolved, Step, Trace};
use crate::resolve::hir::{DefId, LetId};
use crate::resolve::values::is_name;
use crate::source::{Sources, Span};
use crate::syntax::tree::Strength;

/// Explains each place; what is the same on several nodes is said once.
pub fn explain(resolved: &mut Resolved, sources: &Sources, places: &[Place]) -> Vec<Answer> {
    let mut answers: Vec<Answer> = Vec::new();
    for place in places {
        let mut answer = match place {
            Place::Thing(id) => Answer::Thing(overview(resolved, sources, *id)),
            Place::Field(id, field) => Answer::Value(field_chain(resolved, sources, *id, *field)),
            Place::Key(id, field, key) => {
                Answer::Value(key_chain(resolved, sources, *id, *field, key))
            }
            Place::Let(id) => Answer::Value(of_let(resolved, sources, *id)),
            Place::Kind(shape) => Answer::Value(all_of(resolved, *shape)),
            Place::Layer(title) => Answer::Value(super::layer::of(resolved, sources, title)),
        };
        let nodes = std::mem::take(answer.nodes());
        match answers.iter_mut().find(|known| known.is_like(&answer)) {
            Some(known) => known.nodes().extend(nodes),
            None => {
                *answer.nodes() = nodes;
                answers.push(answer);
            }
        }
    }
    answers
}

impl Answer {
    fn nodes(&mut self) -> &mut Vec<String> {
        match self {
            Answer::Value(chain) => &mut chain.nodes,
            Answer::Thing(overview) => &mut overview.nodes,
        }
    }

    /// Whether only the nodes differ.
    fn is_like(&self, other: &Answer) -> bool {
        let (mut a, mut b) = (self.clone(), other.clone());
        a.nodes().clear();
        b.nodes().clear();
        a == b
    }
}

fn field_chain(resolved: &mut Resolved, sources: &Sources, id: ThingId, field: u16) -> Chain {
    let trace = resolved.trace(id, field);
    let scribe = Scribe { resolved, sources };
    let model = &scribe.resolved.model;
    let shape = model.schema.shape(model.thing(id).shape);
    let info = &shape.fields[field as usize];
    let is_map = matches!(model.schema.ty(model.schema.plain(info.ty)), Ty::Map(..));
    // Of a map, what holds for one key stands with that key, unless it is gone.
    let gone = |key: &str| trace.value.get(key).is_none();
    let steps: Vec<&Step> =
        trace.steps.iter().filter(|s| !is_map || scribe.key(s).is_none_or(gone)).collect();
    let lines = scribe.lines(&trace, &steps, Some(id));
    let elements = scribe.elements(&trace, id);
    Chain {
        path: format!("{}.{}", common_name(id, model), model.names.text(info.name)),
        nodes: match trace.value {
            // What a choice came to is where the service runs.
            Value::Placement(_) => {
                model.instances_of(id).map(|i| model.label(i.node).to_owned()).collect()
            }
            _ => nodes_of(model, id),
        },
        ty: spell_type(&model.schema, &model.names, info.ty),
        value: trace.value,
        lines,
        elements,
    }
}

fn key_chain(
    resolved: &mut Resolved,
    sources: &Sources,
    id: ThingId,
    field: u16,
    key: &str,
) -> Chain {
    let trace = resolved.trace(id, field);
    let scribe = Scribe { resolved, sources };
    let model = &scribe.resolved.model;
    let info = &model.schema.shape(model.thing(id).shape).fields[field as usize];
    let ty = match model.schema.ty(model.schema.plain(info.ty)) {
        Ty::Map(_, value) => *value,
        _ => info.ty,
    };
    let steps: Vec<&Step> =
        trace.steps.iter().filter(|s| scribe.key(s).is_none_or(|k| k == key)).collect();
    let step = if is_name(key) { format!(".{key}") } else { format!("[{}]", quoted(key)) };
    Chain {
        path: format!("{}.{}{step}", common_name(id, model), model.names.text(info.name)),
        nodes: nodes_of(model, id),
        ty: spell_type(&model.schema, &model.names, ty),
        value: trace.value.get(key).cloned().unwrap_or(Value::None),
        lines: scribe.lines(&trace, &steps, None),
        elements: Vec::new(),
    }
}

fn of_let(resolved: &mut Resolved, sources: &Sources, id: LetId) -> Chain {
    let found = resolved.program.lets[id.0 as usize].clone();
    let (value, _) = resolved.question(found.value);
    let references = resolved.references(found.value);
    let scribe = Scribe { resolved, sources };
    let model = &scribe.resolved.model;
    let name = model.names.text(found.name).to_owned();
    let right = sources.text(scribe.resolved.program.span(found.value));
    Chain {
        nodes: Vec::new(),
        ty: spell_type(&model.schema, &model.names, found.ty),
        lines: vec![Line {
            verdict: Verdict::Holds,
            layer: "the cluster".into(),
            span: found.span,
            written: one_line(&format!("let {name} = {right}"), WIDEST),
            value: Some(value.clone()),
            why: None,
            used_at: None,
            mentions: scribe.mentions(&references),
        }],
        path: name,
        value,
        elements: Vec::new(),
    }
}

fn all_of(resolved: &Resolved, shape: crate::model::schema::ShapeId) -> Chain {
    let model = &resolved.model;
    let things = model.by_kind.get(&shape).cloned().unwrap_or_default();
    let info = model.schema.shape(shape);
    let elements = things
        .iter()
        .map(|&id| Element {
            key: None,
            value: Value::Thing(id),
            layer: model.names.text(info.name).to_owned(),
            span: Some(model.thing(id).span),
            lines: Vec::new(),
        })
        .collect();
    Chain {
        path: model.names.text(info.plural.unwrap_or(info.name)).to_owned(),
        nodes: Vec::new(),
        ty: format!("every {}", model.names.text(info.name)),
        value: Value::Things(things.into()),
        lines: Vec::new(),
        elements,
    }
}

fn overview(resolved: &mut Resolved, sources: &Sources, id: ThingId) -> Overview {
    let model = &resolved.model;
    let whole = model.kind(id) == "service" && model.thing(id).instance.is_none();
    let instances: Vec<ThingId> =
        if whole { model.instances_of(id).map(|i| i.thing).collect() } else { Vec::new() };
    let copies = copies(model, id);
    let mut fields: Vec<Said> = Vec::new();
    for of in std::iter::once(id).chain(instances).chain(copies.iter().copied()) {
        for field in resolved.stated(of) {
            // What each node works out for itself is said by its copy alone.
            let open = !copies.is_empty() && resolved.model.at_field(id, field).0.is_poison();
            if !copies.is_empty() && open == (of == id) {
                continue;
            }
            let info = &resolved.shape(of).fields[field as usize];
            let layer = matches!(resolved.model.schema.ty(info.ty), Ty::Layer(_));
            let name = resolved.model.names.text(info.name).to_owned();
            // What is an instance's is said by the instances.
            if layer || (whole && OF_SERVICE.contains(&name.as_str()) != (of == id)) {
                continue;
            }
            let said = said(field_chain(resolved, sources, of, field), name);
            if !fields.contains(&said) {
                fields.push(said);
            }
        }
    }
    let model = &resolved.model;
    let nodes = match whole {
        true => model.instances_of(id).map(|i| model.label(i.node).to_owned()).collect(),
        false => nodes_of(model, id),
    };
    Overview {
        path: common_name(id, model),
        kind: if is_block(id, model) { "block" } else { model.kind(id) }.to_owned(),
        nodes,
        declared: model.thing(id).span,
        fields,
    }
}

/// One line of an overview: the value, and the layer that holds or, where several do, the first.
fn said(chain: Chain, field: String) -> Said {
    let parts = chain.elements.iter().map(|e| (e.layer.clone(), e.span));
    let holding = chain.lines.iter().filter(|line| line.verdict != Verdict::Lost);
    let mut layers: Vec<(String, Option<Span>)> =
        holding.map(|line| (line.layer.clone(), Some(line.span))).collect();
    if layers.is_empty() {
        layers.extend(parts);
    }
    let first = layers.first().cloned();
    let (layer, span) = first.unwrap_or_default();
    let several = layers.iter().any(|(other, _)| *other != layer);
    let layer = if several { format!("{layer}, ...") } else { layer };
    Said { field, value: chain.value, layer, span }
}

/// The node of a thing that is an instance's, or inside one.
fn nodes_of(model: &Model, id: ThingId) -> Vec<String> {
    let thing = model.thing(id);
    match (thing.instance, thing.node) {
        (Some(_), Some(node)) => vec![model.label(node).to_owned()],
        _ => Vec::new(),
    }
}

struct Scribe<'a> {
    resolved: &'a Resolved,
    sources: &'a Sources,
}

impl Scribe<'_> {
    fn key(&self, step: &Step) -> Option<&str> {
        self.resolved.program.def(step.def).key.map(|sym| self.resolved.model.names.text(sym))
    }

    fn home(&self, def: DefId) -> String {
        let program = &self.resolved.program;
        let home = program.home(program.def(def).home, &self.resolved.model.names);
        if home.is_empty() { "the cluster".to_owned() } else { home }
    }

    /// The definitions, what holds first; then the kind's own default.
    fn lines(&self, trace: &Trace, steps: &[&Step], kind_of: Option<ThingId>) -> Vec<Line> {
        let mut order: Vec<usize> = (0..steps.len()).collect();
        order.sort_by_key(|&at| {
            let step = steps[at];
            let weak = matches!(step.event, Event::Weak | Event::Shadowed);
            let behind = matches!(step.event, Event::Agreed | Event::Beaten);
            (weak, std::cmp::Reverse(step.rank), behind)
        });
        let mut lines: Vec<Line> = order.into_iter().map(|at| self.line(steps, at)).collect();
        if let Some(id) = kind_of
            && !trace.default.is_none()
        {
            let model = &self.resolved.model;
            let replaced =
                steps.iter().any(|s| matches!(s.event, Event::Weak | Event::Stated | Event::Unset));
            lines.push(Line {
                verdict: if replaced { Verdict::Lost } else { Verdict::Holds },
                layer: kind_layer(model, id),
                span: trace.declared,
                written: self.declaration(trace.declared),
                value: Some(trace.default.clone()),
                why: replaced.then(|| "the kind's own default is the last resort".to_owned()),
                used_at: None,
                mentions: Vec::new(),
            });
        }
        lines
    }

    fn line(&self, steps: &[&Step], at: usize) -> Line {
        let step = steps[at];
        let program = &self.resolved.program;
        let def = program.def(step.def);
        let over = steps[at + 1..]
            .iter()
            .filter(|later| self.key(later).is_none() || self.key(later) == self.key(step))
            .find(|later| matches!(later.event, Event::Stated | Event::Unset));
        let at_odds =
            steps.iter().any(|other| other.event == Event::Disagreed && other.rank == step.rank);
        let (verdict, why) = match step.event {
            Event::Block => (Verdict::Merges, None),
            Event::Shadowed => {
                let by = steps.iter().find(|s| s.event == Event::Weak);
                (
                    Verdict::Lost,
                    by.map(|by| format!("{} has a narrower `default`", self.home(by.def))),
                )
            }
            Event::Disagreed => (Verdict::Conflicts, Some("another value at the same rank".into())),
            Event::Unreached => {
                (Verdict::Lost, Some("not looked at: the sources have an error here".into()))
            }
            Event::Beaten => {
                (Verdict::Lost, Some("the other role is declared `over` this one".into()))
            }
            _ if over.is_some() => {
                let over = over.expect("it was just seen");
                (Verdict::Lost, Some(self.why_lost(step, over)))
            }
            Event::Stated if at_odds => {
                (Verdict::Conflicts, Some("another value at the same rank".into()))
            }
            Event::Weak | Event::Stated => (Verdict::Holds, None),
            Event::Agreed => (Verdict::Agrees, Some("the same value at the same rank".into())),
            Event::Added => (Verdict::Adds, None),
            Event::Taken => (Verdict::Removes, None),
            Event::Unset => (Verdict::Unsets, None),
        };
        Line {
            verdict,
            layer: self.home(step.def),
            span: def.span,
            written: one_line(self.sources.text(def.span), WIDEST),
            value: step.value.clone(),
            why,
            used_at: step.used_at,
            mentions: self.mentions(&step.references),
        }
    }

    fn why_lost(&self, step: &Step, over: &Step) -> String {
        let program = &self.resolved.program;
        let home = self.home(over.def);
        if over.event == Event::Unset {
            return format!("unset in {home}");
        }
        if program.def(step.def).strength == Strength::Default {
            return format!("a `default` yields to what {home} says");
        }
        match program.def(over.def).strength {
            Strength::Override => format!("overridden in {home}"),
            Strength::Final => format!("locked in {home}"),
            _ if step.value == over.value => format!("{home} says the same"),
            _ => format!("changed in {home}"),
        }
    }

    fn mentions(&self, references: &[crate::resolve::eval::Reference]) -> Vec<Mention> {
        references
            .iter()
            .map(|r| Mention {
                text: one_line(self.sources.text(r.span), WIDEST),
                value: r.value.clone(),
                defined: r.defined,
            })
            .collect()
    }

    /// The parts of a collection, each with whoever put it there.
    fn elements(&self, trace: &Trace, id: ThingId) -> Vec<Element> {
        let model = &self.resolved.model;
        let by = |origin: Origin| match model.origin(origin) {
            Some(row) => {
                let def = DefId(row.def);
                (self.home(def), Some(self.resolved.program.def(def).span))
            }
            None => (kind_layer(model, id), Some(trace.declared)),
        };
        match &trace.value {
            Value::List(items) => items
                .iter()
                .map(|item| {
                    let (layer, span) = by(item.origin);
                    Element { key: None, value: item.value.clone(), layer, span, lines: Vec::new() }
                })
                .collect(),
            Value::Map(pairs) => pairs
                .iter()
                .map(|pair| {
                    let (layer, span) = by(pair.origin);
                    let of_key: Vec<&Step> =
                        trace.steps.iter().filter(|s| self.key(s) == Some(&*pair.key)).collect();
                    let mut lines = self.lines(trace, &of_key, None);
                    lines.retain(|line| Some(line.span) != span);
                    Element {
                        key: Some(pair.key.to_string()),
                        value: pair.value.clone(),
                        layer,
                        span,
                        lines,
                    }
                })
                .collect(),
            Value::Things(ids) => ids
                .iter()
                .map(|&child| Element {
                    key: None,
                    value: Value::Thing(child),
                    layer: model.kind(child).to_owned(),
                    span: Some(model.thing(child).span),
                    lines: Vec::new(),
                })
                .collect(),
            _ => Vec::new(),
        }
    }

    /// The line on which a field is declared.
    fn declaration(&self, span: Span) -> String {
        let file = self.sources.file(span.file);
        let (line, _) = file.line_col(span.start);
        one_line(file.line_text(line as usize), WIDEST)
    }
}

/// `kind node`, or the kind around a record.
fn kind_layer(model: &Model, id: ThingId) -> String {
    let word = if is_block(id, model) { "type" } else { "kind" };
    match model.kind(id) {
        "" => "the kind".to_owned(),
        name => format!("{word} {name}"),
    }
}
