//! From a path as a person writes it, `gitea.app.env["TZ"]`, to the places of the model that it
//! means: a service's are one an instance.

use crate::diag::{Code, Diagnostic, codes};
use crate::model::schema::{ShapeId, Ty};
use crate::model::value::Value;
use crate::model::{Model, ThingId};
use crate::names::Names;
use crate::resolve::eval::{OF_SERVICE, Resolved};
use crate::resolve::hir::{Layer, LayerSort, LetId, Template};
use crate::resolve::properties::{On, PROPERTIES};
use crate::resolve::values::is_name;
use crate::source::{self, Sources, Span};
use crate::syntax::tree::{Arg, ExprId, ExprKind, StrPart, Tree};
use crate::types::distance::nearest;
use std::sync::Arc;

/// What a path leads to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Place {
    Thing(ThingId),
    Field(ThingId, u16),
    Key(ThingId, u16, Arc<str>),
    Let(LetId),
    /// All things of a kind, before one is named.
    Kind(ShapeId),
    /// A layer, by its title: `global`, `os linux`, `role gpu`.
    Layer(Arc<str>),
}

/// The name under which the path's text stands among the sources.
const NAME: &str = "<path>";

/// All that the path means, at least one.
pub fn find(
    resolved: &Resolved,
    sources: &mut Sources,
    path: &str,
) -> Result<Vec<Place>, Vec<Diagnostic>> {
    let model = &resolved.model;
    // Sources write the library's names with `std.` in front.
    let bare = path.strip_prefix("std.");
    let (library, path) = (bare.is_some(), bare.unwrap_or(path));
    let words: Vec<&str> = path.split_whitespace().collect();
    let dotted: Vec<&str> = path.splitn(2, '.').collect();
    if let Some(layer) = layer(resolved, &words).or_else(|| layer(resolved, &dotted)) {
        return Ok(vec![layer]);
    }
    // `service gitea` is `services["gitea"]`.
    let plural = |kind: &str| {
        let shape = model.schema.kinds.get(&model.names.find(kind)?)?;
        Some(model.names.text(model.schema.shape(*shape).plural?))
    };
    let indexed = match words.as_slice() {
        [kind, name] if is_name(name) => plural(kind).map(|all| format!("{all}[\"{name}\"]")),
        _ => None,
    };
    let indexed = indexed.or_else(|| instance(path));
    let path = indexed.as_deref().unwrap_or(path);
    let mut names = Names::clone(&model.names);
    let file = sources.add(NAME, source::Place::Project, path);
    let (tree, expr, faults) = crate::syntax::parse_expression(file, path, &mut names);
    if !faults.is_empty() {
        return Err(faults);
    }
    let mut steps = Vec::new();
    read(&tree, expr, &names, &mut steps).map_err(|fault| vec![fault])?;
    let finder = Finder { resolved, model, path, library };
    let mut steps = steps.into_iter();
    let first = steps.next().expect("an expression has a first name");
    let mut here = finder.first(&first).map_err(|fault| vec![fault])?;
    for step in steps {
        let mut next = Vec::new();
        let mut faults = Vec::new();
        for place in &here {
            match finder.inside(place, &step) {
                Ok(found) => next.extend(found),
                Err(fault) => faults.push(fault),
            }
        }
        if next.is_empty() {
            faults.truncate(1);
            return Err(faults);
        }
        here = next;
    }
    Ok(here.into_iter().flat_map(|place| finder.told(place)).collect())
}

/// `gitea@cooperator.app`, as pictures and `impact` call what runs on one node.
fn instance(path: &str) -> Option<String> {
    let (service, rest) = path.split_once('@')?;
    let (node, rest) = rest.split_at(rest.find(['.', '[']).unwrap_or(rest.len()));
    let both = is_name(service) && is_name(node);
    both.then(|| format!("services[\"{service}\"].on({node}){rest}"))
}

/// The layer that is written like that, where the sources have one.
fn layer(resolved: &Resolved, words: &[&str]) -> Option<Place> {
    let model = &resolved.model;
    let (sort, name) = match words {
        ["global"] => (LayerSort::Global, None),
        ["arch", name] => (LayerSort::Arch, Some(*name)),
        ["os", name] => (LayerSort::Os, Some(*name)),
        ["role", name] => (LayerSort::Role, Some(name.strip_prefix("std.").unwrap_or(name))),
        _ => return None,
    };
    let is = |l: &&Layer| l.sort == sort && l.name.map(|n| model.names.text(n)) == name;
    let layers = &resolved.program.layers;
    let title = || [words[0]].into_iter().chain(name).collect::<Vec<_>>().join(" ");
    layers.iter().find(is).map(|_| Place::Layer(title().into()))
}

struct Step {
    text: String,
    /// `.on(NODE)`
    on: bool,
    span: Span,
}

/// The names of a path, first to last.
fn read(tree: &Tree, id: ExprId, names: &Names, out: &mut Vec<Step>) -> Result<(), Diagnostic> {
    let expr = tree.expr(id);
    let no_path = |span| {
        Diagnostic::new(&codes::E0109, span, "expected the path of a value")
            .help("write `cooperator.packages` or `gitea.app.env[\"TZ\"]`; for other expressions there is `colabc query`")
    };
    let text = |id: ExprId| match &tree.expr(id).kind {
        ExprKind::Raw { text, .. } => Some(names.text(*text).to_owned()),
        ExprKind::Str { parts, .. } => match &tree.parts[parts.range()] {
            [StrPart::Text { text, .. }] => Some(names.text(*text).to_owned()),
            _ => None,
        },
        _ => None,
    };
    let step = match &expr.kind {
        ExprKind::Name(name) => {
            Step { text: names.text(*name).to_owned(), on: false, span: expr.span }
        }
        ExprKind::Field { base, name } => {
            read(tree, *base, names, out)?;
            Step { text: names.text(name.sym).to_owned(), on: false, span: name.span }
        }
        ExprKind::Index { base, index } => {
            read(tree, *base, names, out)?;
            let span = tree.expr(*index).span;
            Step { text: text(*index).ok_or_else(|| no_path(span))?, on: false, span }
        }
        ExprKind::Call { callee, args } => {
            let ExprKind::Field { base, name } = &tree.expr(*callee).kind else {
                return Err(no_path(expr.span));
            };
            let [Arg::Plain(arg)] = &tree.args[args.range()] else {
                return Err(no_path(expr.span));
            };
            let ExprKind::Name(node) = &tree.expr(*arg).kind else {
                return Err(no_path(expr.span));
            };
            if names.text(name.sym) != "on" {
                return Err(no_path(expr.span));
            }
            read(tree, *base, names, out)?;
            Step { text: names.text(*node).to_owned(), on: true, span: tree.expr(*arg).span }
        }
        _ => return Err(no_path(expr.span)),
    };
    out.push(step);
    Ok(())
}

struct Finder<'a> {
    resolved: &'a Resolved,
    model: &'a Model,
    /// The whole of what is asked.
    path: &'a str,
    /// Whether only what the library declares is meant.
    library: bool,
}

impl Finder<'_> {
    /// Where a place is told: a role by what it says as a layer, and what every node works out for
    /// itself by the nodes.
    fn told(&self, place: Place) -> Vec<Place> {
        let model = self.model;
        match &place {
            Place::Thing(id) if model.kind(*id) == "role" => {
                vec![layer(self.resolved, &["role", model.label(*id)]).unwrap_or(place)]
            }
            Place::Field(id, field) if model.at_field(*id, *field).0.is_poison() => {
                match copies(model, *id) {
                    copies if copies.is_empty() => vec![place],
                    copies => copies.into_iter().map(|copy| Place::Field(copy, *field)).collect(),
                }
            }
            _ => vec![place],
        }
    }

    fn first(&self, step: &Step) -> Result<Vec<Place>, Diagnostic> {
        let model = self.model;
        let word = step.text.as_str();
        let all = self.declared();
        let mut found: Vec<ThingId> =
            all.iter().copied().filter(|&id| model.label(id) == word).collect();
        if self.library {
            let home = |id: ThingId| model.files.get(model.thing(id).span.file.0 as usize);
            found.retain(|&id| home(id).is_some_and(|name| name.starts_with("std/")));
        }
        // The cluster is asked for by its kind, as the sources do.
        if found.len() > 1 {
            found.retain(|&id| model.cluster != Some(id));
        }
        if let Some(sym) = model.names.find(word) {
            if let Some(&shape) = model.schema.plurals.get(&sym) {
                return Ok(vec![Place::Kind(shape)]);
            }
            // A thing may have the name of a kind, and is the one that is meant then.
            if let (Some(&shape), true) = (model.schema.kinds.get(&sym), found.is_empty()) {
                return Ok(vec![match model.cluster {
                    Some(cluster) if model.thing(cluster).shape == shape => Place::Thing(cluster),
                    _ => Place::Kind(shape),
                }]);
            }
            let lets = &self.resolved.program.lets;
            if let Some(at) = lets.iter().position(|l| l.name == sym) {
                return Ok(vec![Place::Let(LetId(at as u32))]);
            }
        }
        match found.as_slice() {
            [one] => Ok(vec![Place::Thing(*one)]),
            [] => {
                let fault = fault(&codes::E0204, step, format!("nothing here is called `{word}`"));
                let way = "`colabc graph` shows what there is; a code is asked for as `E0402`, a line of an emitted file \
                           as `out/hosts/NODE:3`";
                let sorts = ["arch", "os"];
                if let Some(sort) =
                    sorts.iter().find(|sort| layer(self.resolved, &[sort, word]).is_some())
                {
                    return Err(
                        fault.help(format!("it is a layer: `colabc explain '{sort} {word}'`"))
                    );
                }
                let template = |t: &&Template| model.names.text(t.name) == word;
                if self.resolved.program.templates.iter().any(|t| template(&t)) {
                    return Err(fault
                        .note("it is a template: what it says is told where it is used")
                        .help("name a value of a thing that is made from it"));
                }
                Err(near(fault, word, all.iter().map(|&id| model.label(id)), way))
            }
            several => {
                let ways: Vec<String> =
                    several.iter().map(|&id| format!("`{}.{word}`", model.kind(id))).collect();
                Err(fault(
                    &codes::E0210,
                    step,
                    format!("`{word}` is the name of {} things", several.len()),
                )
                .help(format!("say which: {}", ways.join(" or "))))
            }
        }
    }

    /// Every thing of the top level, in order of kind and name.
    fn declared(&self) -> Vec<ThingId> {
        let model = self.model;
        let mut shapes: Vec<ShapeId> = model.schema.kinds.values().copied().collect();
        shapes.sort_by_key(|&shape| model.names.text(model.schema.shape(shape).name));
        let of = |shape| model.by_kind.get(&shape).map_or(&[][..], Vec::as_slice);
        shapes.into_iter().flat_map(of).copied().collect()
    }

    fn inside(&self, place: &Place, step: &Step) -> Result<Vec<Place>, Diagnostic> {
        let model = self.model;
        let word = step.text.as_str();
        match place {
            Place::Kind(shape) => {
                let things = model.by_kind.get(shape).map_or(&[][..], Vec::as_slice);
                self.labelled(things, model.names.text(model.schema.shape(*shape).name), step)
            }
            Place::Thing(id) => self.of_thing(*id, step),
            Place::Field(id, field) => match model.at_field(*id, *field).0 {
                Value::Thing(inner) => self.of_thing(*inner, step),
                Value::Things(things) => {
                    let shape = model.schema.shape(model.thing(*id).shape);
                    let name = shape.fields[*field as usize].name;
                    self.labelled(things, model.names.text(name), step)
                }
                Value::Map(pairs) => {
                    // A key that a layer took away has a chain as well.
                    let stated = self.resolved.keys(*id, *field);
                    let keys: Vec<&str> = pairs.iter().map(|p| &*p.key).chain(stated).collect();
                    if keys.contains(&word) {
                        return Ok(vec![Place::Key(*id, *field, word.into())]);
                    }
                    let fault = fault(&codes::E0208, step, format!("there is no key `{word}`"));
                    let way = format!("leave `{word}` out: the whole lists its keys");
                    Err(near(fault, word, keys.into_iter(), &way))
                }
                _ => Err(ends(step)),
            },
            Place::Key(..) | Place::Let(_) | Place::Layer(_) => Err(ends(step)),
        }
    }

    fn labelled(
        &self,
        things: &[ThingId],
        kind: &str,
        step: &Step,
    ) -> Result<Vec<Place>, Diagnostic> {
        let model = self.model;
        match things.iter().copied().find(|&id| model.label(id) == step.text) {
            Some(id) => Ok(vec![Place::Thing(id)]),
            None => {
                let fault =
                    fault(&codes::E0204, step, format!("no {kind} is called `{}`", step.text));
                let way = format!("leave `{}` out: the whole lists what there is", step.text);
                Err(near(fault, &step.text, things.iter().map(|&id| model.label(id)), &way))
            }
        }
    }

    fn of_thing(&self, id: ThingId, step: &Step) -> Result<Vec<Place>, Diagnostic> {
        let model = self.model;
        let thing = model.thing(id);
        let whole_service = model.kind(id) == "service" && thing.instance.is_none();
        if whole_service && (step.on || !OF_SERVICE.contains(&step.text.as_str())) {
            return self.of_instances(id, step);
        }
        let shape = model.schema.shape(thing.shape);
        let field = model.names.find(&step.text).and_then(|sym| shape.field(sym));
        if let Some(field) = field
            && !matches!(model.schema.ty(shape.fields[field as usize].ty), Ty::Layer(_))
        {
            return Ok(vec![match model.at_field(id, field).0 {
                // A block is a place of its own; a reference is only a value.
                Value::Thing(inner) if model.thing(*inner).parent == Some(id) => {
                    Place::Thing(*inner)
                }
                _ => Place::Field(id, field),
            }]);
        }
        let mut labels = Vec::new();
        for word in ["container", "unit", "port", "path"] {
            let children = model.children(id, word);
            if let Some(&child) = children.iter().find(|&&c| model.label(c) == step.text) {
                return Ok(vec![Place::Thing(child)]);
            }
            labels.extend(children.iter().map(|&c| model.label(c)));
        }
        // The only container of a service and the only port of a container need not be named.
        for word in ["container", "port"] {
            if let [only] = model.children(id, word)
                && let Ok(found) = self.of_thing(*only, step)
            {
                return Ok(found);
            }
        }
        let what = match model.label(id) {
            "" => "this".to_owned(),
            label => format!("`{label}`"),
        };
        let of_kind = |on: On| match on {
            On::AnyThing => true,
            On::Kind(kind) => kind == model.kind(id),
            _ => false,
        };
        if PROPERTIES.iter().any(|row| row.name == step.text && of_kind(row.on)) {
            let message = format!("`{}` of {what} is worked out, and stated nowhere", step.text);
            return Err(fault(&codes::E0208, step, message)
                .help(format!("`colabc query '{}'` says what it comes to", self.path))
                .help(format!("leave `{}` out: what is said of {what} decides it", step.text)));
        }
        let fault =
            fault(&codes::E0208, step, format!("{what} has nothing called `{}`", step.text));
        let fields = shape.fields.iter().map(|f| model.names.text(f.name));
        let asked = (model.kind(id) == "node").then_some("capacity");
        let known = labels.into_iter().chain(fields).chain(asked);
        let way = format!("leave `{}` out: the whole lists what is said of it", step.text);
        Err(near(fault, &step.text, known, &way))
    }

    fn of_instances(&self, service: ThingId, step: &Step) -> Result<Vec<Place>, Diagnostic> {
        let model = self.model;
        let label = model.label(service);
        let mut found = Vec::new();
        let mut first_fault = None;
        let mut nodes = Vec::new();
        for instance in model.instances_of(service) {
            let node = model.label(instance.node);
            nodes.push(node);
            if step.on {
                if node == step.text {
                    found.push(Place::Thing(instance.thing));
                }
                continue;
            }
            match self.of_thing(instance.thing, step) {
                Ok(places) => found.extend(places),
                Err(fault) => first_fault = first_fault.or(Some(fault)),
            }
        }
        if !found.is_empty() {
            return Ok(found);
        }
        Err(match first_fault {
            Some(fault) => fault,
            None if nodes.is_empty() => fault(
                &codes::E0510,
                step,
                format!("the service `{label}` runs on no node, so it has no `{}`", step.text),
            )
            .help("leave the rest of the path away, or place it: `on = NODE`"),
            None => fault(
                &codes::E0510,
                step,
                format!("the service `{label}` does not run on `{}`", step.text),
            )
            .note(format!("it runs on {}", nodes.join(", ")))
            .help("name a node that it runs on, or none"),
        })
    }
}

/// What the nodes make of a file or a task that is declared once for several.
pub(super) fn copies(model: &Model, id: ThingId) -> Vec<ThingId> {
    let whole = model.thing(id);
    if whole.parent.is_some() || !matches!(model.kind(id), "file" | "task") {
        return Vec::new();
    }
    let on_nodes = model.all("node").iter().flat_map(|&node| model.children(node, model.kind(id)));
    on_nodes.copied().filter(|&copy| model.thing(copy).span == whole.span).collect()
}

fn fault(code: &'static Code, step: &Step, message: String) -> Diagnostic {
    Diagnostic::new(code, step.span, message)
}

fn ends(step: &Step) -> Diagnostic {
    Diagnostic::new(
        &codes::E0208,
        step.span,
        format!("the value before `{}` has no parts", step.text),
    )
    .help("leave the rest of the path away")
}

/// What is nearest to a word; where nothing is, what there is, or the way to find it.
fn near<'a>(
    fault: Diagnostic,
    word: &str,
    known: impl Iterator<Item = &'a str>,
    way: &str,
) -> Diagnostic {
    let mut known: Vec<&str> = known.collect();
    known.sort_unstable();
    known.dedup();
    let close = nearest(word, known.iter().copied());
    match (close.is_empty(), known.len()) {
        (true, 1..=12) => fault.note(format!("there are: {}", known.join(", "))).help(way),
        (true, _) => fault.help(way),
        (false, _) => close
            .into_iter()
            .fold(fault, |fault, name| fault.help(format!("did you mean `{name}`?"))),
    }
}
