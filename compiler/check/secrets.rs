//! Secrets: a store that can be started, and values that stand in no source.

use super::Check;
use super::shared::{containers, pairs, placed, secrets, span_of, stated, texts, units, value_of};
use crate::diag::{Diagnostic, codes};
use crate::lookalike::{handed, handed_next, is_value, noise, promises, shape};
use crate::model::mounted::Mounted;
use crate::model::value::{SecretName, Value};
use crate::model::{Model, ThingId};
use crate::names::Sym;
use crate::origin::Origin;
use crate::source::Span;
use rustc_hash::{FxHashMap, FxHashSet};

pub const CHECK: Check =
    Check { name: "secrets", doc: "every store can be started, and no secret is written out", run };

fn run(model: &Model, found: &mut Vec<Diagnostic>) {
    cycles(model, found);
    literals(model, found);
}

/// What a service cannot start without.
#[derive(Clone)]
struct Need {
    on: ThingId,
    span: Span,
    why: String,
}

fn cycles(model: &Model, found: &mut Vec<Diagnostic>) {
    let keepers = keepers(model);
    if keepers.is_empty() {
        return;
    }
    let mounted = Mounted::of(model);
    let mut needs: FxHashMap<ThingId, Vec<Need>> = FxHashMap::default();
    for part in containers(model).chain(units(model)) {
        let needs = needs.entry(part.service).or_default();
        of_part(model, (part.part, part.node), &keepers, &mounted, needs);
    }
    for &service in model.all("service") {
        for item in model.get(service, "after").items() {
            if let Value::Thing(on) = item.value {
                let why = format!("`{}` waits for `{}`", model.label(service), model.label(on));
                let span = span_of(model, item.origin, service);
                needs.entry(service).or_default().push(Need { on, span, why });
            }
        }
    }
    let mut done = FxHashSet::default();
    for &store in model.all("secrets") {
        let Some(&keeper) = keepers.get(&store) else { continue };
        if done.insert(keeper)
            && let Some(way) = back_to(keeper, &needs)
        {
            found.push(cycle(model, store, keeper, &way));
        }
    }
}

/// The service that hands out a store's secrets, where this cluster runs it.
fn keepers(model: &Model) -> FxHashMap<ThingId, ThingId> {
    let mut keepers = FxHashMap::default();
    for &store in model.all("secrets") {
        let elsewhere = matches!(model.param(store, "provider", "url"), Some(Value::Text(_)));
        if model.word(store, "provider") != Some("infisical") || elsewhere {
            continue;
        }
        let named = model.param(store, "provider", "service").and_then(Value::as_thing);
        if let Some(service) = named.or_else(|| model.find("service", "infisical")) {
            keepers.insert(store, service);
        }
    }
    keepers
}

fn of_part(
    model: &Model,
    (part, node): (ThingId, ThingId),
    keepers: &FxHashMap<ThingId, ThingId>,
    mounted: &Mounted,
    needs: &mut Vec<Need>,
) {
    let label = model.dotted(part);
    let mut add = |name: &SecretName, span: Span, why: String| {
        if let Some(&on) = keepers.get(&name.store) {
            needs.push(Need { on, span, why });
        }
    };
    for pair in pairs(model, part, "env") {
        secrets(&pair.value, &mut |name| {
            let why = format!("`{label}` starts with `{}`", name.name);
            add(name, span_of(model, pair.origin, part), why);
        });
    }
    for field in ["config", "credential"] {
        for &child in model.children(part, field) {
            secrets(model.get(child, "value"), &mut |name| {
                let why = format!("`{label}` starts with `{}`", name.name);
                add(name, stated(model, child, "value"), why);
            });
        }
    }
    for &volume in model.children(part, "volume") {
        if let Value::Location(location) = model.get(volume, "value")
            && let Some(share) = mounted.share_of(location, node)
        {
            secrets(model.get(share, "password"), &mut |name| {
                let why = format!(
                    "`{label}` needs the share `{}`, which is mounted with `{}`",
                    model.label(share),
                    name.name
                );
                add(name, stated(model, volume, "value"), why);
            });
        }
    }
}

/// The shortest way from a service back to itself.
fn back_to(keeper: ThingId, needs: &FxHashMap<ThingId, Vec<Need>>) -> Option<Vec<Need>> {
    let mut came: FxHashMap<ThingId, (ThingId, Need)> = FxHashMap::default();
    let mut queue = std::collections::VecDeque::from([keeper]);
    while let Some(at) = queue.pop_front() {
        for need in needs.get(&at).map_or(&[][..], Vec::as_slice) {
            if need.on == keeper {
                let mut way = vec![need.clone()];
                let mut step = at;
                while step != keeper {
                    let (from, need) = came.get(&step)?;
                    way.push(need.clone());
                    step = *from;
                }
                way.reverse();
                return Some(way);
            }
            if let std::collections::hash_map::Entry::Vacant(entry) = came.entry(need.on) {
                entry.insert((at, need.clone()));
                queue.push_back(need.on);
            }
        }
    }
    None
}

fn cycle(model: &Model, store: ThingId, keeper: ThingId, way: &[Need]) -> Diagnostic {
    let (store_name, keeper_name) = (model.label(store), model.label(keeper));
    let last = &way[way.len() - 1];
    let mut diagnostic = Diagnostic::new(
        &codes::E1301,
        last.span,
        format!("`{keeper_name}` cannot start: it needs a secret that it keeps itself"),
    )
    .here(&*last.why)
    .at(model.path(keeper));
    for need in &way[..way.len() - 1] {
        diagnostic = diagnostic.label(need.span, &*need.why);
    }
    diagnostic = diagnostic
        .label(
            stated(model, store, "provider"),
            format!("the secrets of `{store_name}` are handed out by `{keeper_name}`"),
        )
        .label(model.thing(keeper).span, "so this must run first");
    if let Some(instance) = model.instances_of(keeper).next() {
        let node = instance.node;
        diagnostic =
            diagnostic.label(model.thing(node).span, "a new machine in this place gets neither");
    }
    diagnostic
        .note("it goes well while everything runs; after the loss of the machine nobody can begin")
        .help("keep what it starts with in another store: `secrets bootstrap { provider = command([\"pass\", \"show\"]) path \"/start\" { names = [...] } }`")
}

// -- values written out

fn literals(model: &Model, found: &mut Vec<Diagnostic>) {
    for part in containers(model).chain(units(model)) {
        env(model, part.part, found);
        for field in ["command", "entrypoint", "exec"] {
            let mut before = "";
            for (text, origin) in texts(model, part.part, field) {
                let why = shape(text).or_else(|| handed(text));
                if let Some(why) = why.or_else(|| handed_next(before, text)) {
                    report(model, part.part, origin, "a secret", &why, None, found);
                }
                before = text;
            }
        }
        if let Some(health) = model.block(part.part, "health") {
            command(model, health, "shell", found);
        }
        for &config in model.children(part.part, "config") {
            inside(model, config, "value", found);
        }
    }
    for thing in model.all("node").iter().copied().chain(placed(model, "task")) {
        env(model, thing, found);
    }
    for task in placed(model, "task") {
        command(model, task, "run", found);
    }
    for file in placed(model, "file") {
        inside(model, file, "content", found);
    }
    anywhere(model, found);
}

/// A line that a shell reads.
fn command(model: &Model, thing: ThingId, field: &str, found: &mut Vec<Diagnostic>) {
    let (value, origin) = model.at(thing, field);
    if let Some(why) = value.as_text().and_then(handed) {
        report(model, thing, origin, "a secret", &why, None, found);
    }
}

/// What only a token looks like is one wherever it stands: in a label, a path, a description, and in the remark above
/// a thing, which the handbook tells.
fn anywhere(model: &Model, found: &mut Vec<Diagnostic>) {
    let mut known: FxHashSet<Span> = found.iter().map(|d| d.primary()).collect();
    let names = (0..).map(Sym).zip(model.names.iter());
    let suspect: FxHashSet<Sym> =
        names.filter(|(_, text)| shape(text).is_some()).map(|(name, _)| name).collect();
    for (at, thing) in model.things.iter().enumerate() {
        let id = ThingId::new(at);
        if suspect.contains(&thing.label)
            && let Some(why) = shape(model.label(id))
            && known.insert(thing.span)
        {
            found.push(standing("a name", &why, thing.span, model.path(id)));
        }
        if let Some(why) = model.note(id).and_then(shape)
            && known.insert(thing.span)
        {
            let fault = standing("a secret in a remark", &why, thing.span, model.path(id));
            found.push(
                fault.help("take it out of the `///` above: the handbook tells what stands there"),
            );
        }
        for slot in &thing.slots {
            slot.value.each_text(slot.origin, &mut |text, origin| {
                let Some(why) = shape(text) else { return };
                let span = super::shared::stated_at(model, origin, id);
                if known.insert(span) {
                    found.push(standing("a secret", &why, span, model.path(id)));
                }
            });
        }
    }
}

fn env(model: &Model, thing: ThingId, found: &mut Vec<Diagnostic>) {
    for pair in pairs(model, thing, "env") {
        let Some(text) = pair.value.as_text() else { continue };
        let named = promises(&pair.key) && is_value(text);
        let why = if named {
            Some("its name says that it is one".to_string())
        } else {
            // What a function makes looks like noise, and anybody can make it again.
            let made = super::shared::def(model, pair.origin).is_some_and(|def| def.made);
            shape(text).or_else(|| noise(text).filter(|_| !made))
        };
        if let Some(why) = why {
            let what = format!("the value of `{}`", pair.key);
            report(model, thing, pair.origin, &what, &why, Some(&pair.key), found);
        }
    }
}

/// A text with lines: `key = value`, `key: value`.
fn inside(model: &Model, thing: ThingId, field: &str, found: &mut Vec<Diagnostic>) {
    let (value, origin) = model.at(thing, field);
    let Some(text) = value.as_text() else { return };
    for line in text.lines() {
        let line = line.trim().trim_start_matches("- ");
        if line.starts_with(['#', ';']) {
            continue;
        }
        let setting = line.split_once(['=', ':']).map(|(key, value)| {
            (
                key.trim().trim_matches('"'),
                value.trim().trim_end_matches(',').trim_matches(['"', '\'']),
            )
        });
        let named = setting.filter(|(key, value)| {
            !key.contains(' ') && promises(key) && is_value(value) && !value.contains(' ')
        });
        let why = match named {
            Some((key, _)) => Some(format!("a line says `{key}`")),
            None => shape(line),
        };
        if let Some(why) = why {
            report(model, thing, origin, "a secret", &why, None, found);
            return;
        }
    }
}

fn standing(what: &str, why: &str, span: Span, path: String) -> Diagnostic {
    let message = format!("{what} stands in the sources, as everybody can read them");
    Diagnostic::new(&codes::E1302, span, message)
        .here(why)
        .at(path)
        .note("what was once in a repository stays in its history, and in every copy: a secret that stood here must be changed")
}

fn report(
    model: &Model,
    thing: ThingId,
    origin: Origin,
    what: &str,
    why: &str,
    key: Option<&str>,
    found: &mut Vec<Diagnostic>,
) {
    let span = super::shared::stated_at(model, origin, thing);
    let diagnostic = standing(what, why, span, model.path(thing));
    let kept = key.and_then(|key| Some((key, kept_at(model, key)?)));
    let diagnostic = match (kept, value_of(model, origin)) {
        (Some((key, path)), Some(span)) => {
            let text = format!("secret(\"{path}/{key}\")");
            diagnostic.suggest(format!("name the one that is in the store: `{text}`"), span, text)
        }
        _ => diagnostic.help("keep it in a store, and name it: `secret(\"/path/NAME\")`"),
    };
    found.push(diagnostic.help("if it is no secret, give it a name that does not say so"));
}

/// The one folder of a store that has a secret of that name.
fn kept_at<'a>(model: &'a Model, name: &str) -> Option<&'a str> {
    let stores = model.all("secrets").iter();
    let mut folders = stores
        .flat_map(|&store| model.children(store, "path"))
        .filter(|&&path| texts(model, path, "names").any(|(text, _)| text == name));
    let first = folders.next()?;
    folders.next().is_none().then(|| model.label(*first).trim_end_matches('/'))
}
