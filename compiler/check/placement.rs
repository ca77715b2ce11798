//! What runs on a node, against what the node is.

use super::Check;
use super::shared::{
    Running, containers, head, is_library, managed, rewrite, span, span_of, stated, value_span,
};
use crate::diag::text::listed;
use crate::diag::{Diagnostic, codes};
use crate::model::fit::lacks;
use crate::model::mounted::Mounted;
use crate::model::value::{Base, Value};
use crate::model::{Instance, Model, ThingId};
use std::path::Path;

pub const CHECK: Check =
    Check { name: "placement", doc: "every node is what its services need", run };

/// What the system keeps there is on every node.
const SYSTEM: &[&str] =
    &["/dev", "/etc", "/lib", "/proc", "/run", "/sys", "/tmp", "/usr", "/var/run"];

fn run(model: &Model, found: &mut Vec<Diagnostic>) {
    for node in managed(model) {
        unknown(model, node, found);
    }
    for container in containers(model) {
        gpu(model, container, found);
        platform(model, container, found);
        engine(model, container, found);
        devices(model, container, found);
    }
    let mounted = Mounted::of(model);
    for instance in &model.instances {
        needs(model, instance.service, instance.node, found);
        moving(model, &mounted, instance, found);
    }
}

/// Data in a volume of one node, of a service that another node would fit as well: with the next memory module or
/// role it would start there, without its data.
fn moving(model: &Model, mounted: &Mounted, instance: &Instance, found: &mut Vec<Diagnostic>) {
    let Instance { service, node, thing } = *instance;
    let Some(fitting) = model.fitting.get(&service) else { return };
    let (name, here) = (model.label(service), model.label(node));
    let stays = |volume: &ThingId| match model.get(*volume, "value") {
        Value::Location(location) => {
            let here = match location.base {
                Base::Local { .. } => true,
                Base::Disk(disk) => model.thing(disk).node == Some(node),
                Base::Host(ref path) => {
                    let system = SYSTEM.iter().any(|dir| Path::new(&**path).starts_with(dir));
                    !system && mounted.share_of(location, node).is_none()
                }
                _ => false,
            };
            here && !model.flag(*volume, "read_only")
        }
        _ => false,
    };
    let containers = model.children(thing, "container").iter();
    let mut volumes = containers.flat_map(|&container| model.children(container, "volume"));
    let Some(&volume) = volumes.find(|volume| stays(volume)) else { return };
    let others: Vec<&str> =
        fitting.iter().filter(|&&other| other != node).map(|&other| model.label(other)).collect();
    let mut diagnostic = Diagnostic::new(
        &codes::E1408,
        span(model, service, "on"),
        format!("`{name}` keeps data on `{here}`, and {} would fit as well", listed(others)),
    )
    .here(format!("chooses `{here}` today"))
    .at(model.path(service))
    .label(stated(model, volume, "value"), format!("lies on `{here}` alone"));
    for &other in fitting.iter().take(4) {
        diagnostic = diagnostic.label(model.thing(other).span, "fits");
    }
    diagnostic = diagnostic
        .note("what the nodes have decides, and may change: the service would start elsewhere, without its data");
    let way = format!("name the node: `on = {here}`");
    found.push(
        rewrite(diagnostic, model, service, "on", here, way)
            .help("or keep the data where every node has it, on a share"),
    );
}

/// A node without an address is a sketch, and nothing is brought to it.
fn unknown(model: &Model, node: ThingId, found: &mut Vec<Diagnostic>) {
    if model.get(node, "address").pairs().is_empty() {
        return;
    }
    let lacks: Vec<&str> =
        ["arch", "os"].into_iter().filter(|field| model.get(node, field).is_none()).collect();
    if lacks.is_empty() {
        return;
    }
    let name = model.label(node);
    let what = match lacks.as_slice() {
        [one] => format!("no `{one}`"),
        _ => "neither `arch` nor `os`".to_string(),
    };
    let statement = lacks.iter().map(|field| match *field {
        "arch" => "arch = x86_64",
        _ => "os = debian(\"13\")",
    });
    let mut diagnostic = Diagnostic::new(
        &codes::E1401,
        model.thing(node).span,
        format!("too little is known of the node `{name}`: it says {what}"),
    )
    .here("to be configured from here")
    .at(model.path(node));
    for pair in model.get(node, "address").pairs().iter().take(2) {
        let place = span_of(model, pair.origin, node);
        diagnostic = diagnostic.label(place, format!("its address on `{}` is known", pair.key));
    }
    found.push(
        diagnostic
            .note("paths, packages, images and the files of a managed machine follow from both")
            .help(format!("state it: `{}`", statement.collect::<Vec<_>>().join("   ")))
            .help("or say that nothing here configures it: `managed = false`"),
    );
}

fn gpus(model: &Model, node: ThingId) -> Vec<&str> {
    let has = |&other: &ThingId| {
        model
            .block(other, "hardware")
            .is_some_and(|hardware| matches!(model.get(hardware, "gpu"), Value::Word(_)))
    };
    managed(model)
        .filter(|other| *other != node && has(other))
        .map(|other| model.label(other))
        .collect()
}

fn needs_one(model: &Model, service: ThingId) -> bool {
    model.block(service, "needs").is_some_and(|needs| !model.get(needs, "gpu").is_none())
}

fn gpu(model: &Model, at: Running, found: &mut Vec<Diagnostic>) {
    let Value::Word(wanted) = model.get(at.part, "gpu") else { return };
    let Some(hardware) = model.block(at.node, "hardware") else { return };
    let name = model.label(at.node);
    let path = model.dotted(at.part);
    match model.get(hardware, "gpu") {
        // That the service needs one is told of its node.
        Value::None if needs_one(model, at.service) => {}
        Value::None => {
            let mut diagnostic = Diagnostic::new(
                &codes::E1402,
                stated(model, at.part, "gpu"),
                format!(
                    "`{path}` asks for a graphics processor, and `{name}` is not known to have one"
                ),
            )
            .here("asked for here")
            .label(model.thing(at.node).span, "its `hardware` names no `gpu`")
            .at(model.path(at.part))
            .note("Docker would refuse to start the container");
            let on = stated(model, at.service, "on");
            diagnostic = diagnostic.label(on, "placed here");
            let others = gpus(model, at.node);
            found.push(match (others.as_slice(), value_span(model, at.service, "on")) {
                ([], _) => diagnostic.help("state what is in the box: `hardware { gpu = nvidia }`"),
                ([one], Some(span)) if matches!(model.get(at.service, "on"), Value::Thing(_)) => {
                    diagnostic.suggest(
                        format!("run it where there is one: `on = {one}`"),
                        span,
                        *one,
                    )
                }
                (some, _) => {
                    diagnostic.help(format!("run it where there is one: {}", listed(some)))
                }
            });
        }
        Value::Word(has) => {
            let count = |word: &crate::model::value::Word, name: &str| match model
                .names
                .find(name)
                .and_then(|sym| word.param(sym))
            {
                Some(Value::Int(n)) => Some(*n),
                _ => None,
            };
            if let (Some(wants), Some(there)) = (count(wanted, "number"), count(has, "count"))
                && wants > there
            {
                let diagnostic = Diagnostic::new(
                    &codes::E1402,
                    stated(model, at.part, "gpu"),
                    format!(
                        "`{path}` asks for {wants} graphics processors, and `{name}` has {there}"
                    ),
                )
                .here("asked for here")
                .label(span(model, hardware, "gpu"), format!("{there} here"))
                .at(model.path(at.part))
                .note("Docker would refuse to start the container");
                let title = "take what there is: `all`".to_string();
                found.push(rewrite(diagnostic, model, at.part, "gpu", "all", title));
            }
            // Numbers count from 0; a name of the maker's is nothing that could be counted.
            let ids = model.names.find("list").and_then(|sym| wanted.param(sym));
            let numbers = ids.map_or(&[][..], Value::items).iter();
            let greatest = numbers.filter_map(|id| id.value.as_text()?.parse::<i64>().ok()).max();
            if let (Some(id), Some(there)) = (greatest, count(has, "count"))
                && id >= there
            {
                let message = format!(
                    "`{path}` asks for the graphics processor {id}, and `{name}` has {there}: they count from 0"
                );
                let diagnostic =
                    Diagnostic::new(&codes::E1402, stated(model, at.part, "gpu"), message)
                        .here("asked for here")
                        .label(span(model, hardware, "gpu"), format!("{there} here"))
                        .at(model.path(at.part))
                        .note("Docker would refuse to start the container");
                let title = "take what there is: `all`".to_string();
                found.push(rewrite(diagnostic, model, at.part, "gpu", "all", title));
            }
        }
        _ => {}
    }
}

/// The word of `arch` for a platform as images say it.
fn arch_of(platform: &str) -> Option<&'static str> {
    let rest = platform.strip_prefix("linux/")?;
    Some(match rest {
        "amd64" | "x86_64" => "x86_64",
        "arm64" | "arm64/v8" | "aarch64" => "arm64",
        "arm" | "arm/v7" => "armv7",
        "riscv64" => "riscv64",
        _ => return None,
    })
}

/// Whether a processor runs what is built for another word: most of arm64 runs armv7 too, and Docker takes such images there.
fn runs(arch: &str, built: &str) -> bool {
    arch == built || (arch, built) == ("arm64", "armv7")
}

fn platform_of(arch: &str) -> &'static str {
    match arch {
        "arm64" => "linux/arm64",
        "armv7" => "linux/arm/v7",
        "riscv64" => "linux/riscv64",
        _ => "linux/amd64",
    }
}

fn platform(model: &Model, at: Running, found: &mut Vec<Diagnostic>) {
    let Some(arch) = model.word(at.node, "arch") else { return };
    // The desktop's engine emulates other processors.
    if model.word(at.node, "engine") == Some("desktop") {
        return;
    }
    let (name, path) = (model.label(at.node), model.dotted(at.part));
    let wrong = |place, what: String| {
        Diagnostic::new(
            &codes::E1403,
            place,
            format!("`{path}` runs {what} on `{name}`, which is {arch}"),
        )
        .label(span(model, at.node, "arch"), format!("`{name}` is {arch}"))
        .at(model.path(at.part))
        .note("the kernel cannot start a program of another processor: \"exec format error\"")
    };
    if let Some(platform) = model.text(at.part, "platform")
        && let Some(built) = arch_of(platform)
        && !runs(arch, built)
    {
        let place = stated(model, at.part, "platform");
        let right = platform_of(arch);
        let diagnostic = wrong(place, format!("an image for {built}")).here(format!("for {built}"));
        let title = format!("take the image for this processor: `platform = \"{right}\"`");
        found.push(match value_span(model, at.part, "platform") {
            Some(span) => diagnostic.suggest(title, span, format!("\"{right}\"")),
            None => diagnostic.help(title),
        });
        return;
    }
    let exists: Vec<&str> = model
        .get(at.part, "platforms")
        .items()
        .iter()
        .filter_map(|item| match &item.value {
            Value::Word(word) => Some(model.names.text(word.word)),
            _ => None,
        })
        .collect();
    let exists_for = |arch: &str| exists.iter().any(|built| runs(arch, built));
    if !exists.is_empty() && !exists_for(arch) {
        let there = managed(model)
            .filter(|&n| model.word(n, "arch").is_some_and(exists_for))
            .map(|n| model.label(n));
        let there = listed(there);
        let diagnostic = wrong(
            stated(model, at.part, "platforms"),
            format!("an image that exists for {} alone", exists.join(", ")),
        )
        .here("all that the image exists for")
        .label(stated(model, at.service, "on"), "placed here");
        found.push(if there.is_empty() {
            diagnostic.help("take another image")
        } else {
            diagnostic.help(format!("run it on {there}, or take another image"))
        });
    }
}

fn engine(model: &Model, at: Running, found: &mut Vec<Diagnostic>) {
    if model.word(at.node, "engine") != Some("off") {
        return;
    }
    let (name, path) = (model.label(at.node), model.dotted(at.part));
    let stated_engine = span(model, at.node, "engine");
    let place = head(model, at.part);
    let windows = model.word(at.node, "os") == Some("windows");
    let diagnostic = Diagnostic::new(
        &codes::E1406,
        stated(model, at.service, "on"),
        format!("`{path}` is a container, and `{name}` runs no containers"),
    )
    .here("placed here")
    .label(place, "a container")
    .label(stated_engine, "no engine here")
    .at(model.path(at.part))
    .note("a node's `engine` says where its containers run; `off` is none, and what Windows has without WSL");
    let own = match model.word(at.node, "os") {
        Some("windows" | "macos") => "desktop",
        _ => "native",
    };
    let diagnostic = match value_span(model, at.node, "engine") {
        Some(span) => diagnostic.suggest(format!("let it have one: `engine = {own}`"), span, own),
        None => diagnostic,
    };
    found.push(if windows {
        diagnostic.help("let it have one: `os = windows(wsl = true)`, or `engine = desktop`")
    } else {
        diagnostic.help("or place the service elsewhere")
    });
}

/// A node that lists its devices has no others; one that lists none is not known well enough.
fn devices(model: &Model, at: Running, found: &mut Vec<Diagnostic>) {
    let Some(hardware) = model.block(at.node, "hardware") else { return };
    let has: Vec<&str> =
        model.get(hardware, "devices").items().iter().filter_map(|i| i.value.as_text()).collect();
    if has.is_empty() {
        return;
    }
    for &device in model.children(at.part, "device") {
        let Some(wanted) = model.text(device, "value") else { continue };
        let below = |other: &&str| wanted.strip_prefix(*other).is_some_and(|r| r.starts_with('/'));
        if has.iter().any(|other| *other == wanted || below(other)) {
            continue;
        }
        let name = model.label(at.node);
        found.push(
            Diagnostic::new(
                &codes::E1405,
                stated(model, device, "value"),
                format!(
                    "`{}` needs `{wanted}`, and `{name}` has no such device",
                    model.dotted(at.part)
                ),
            )
            .here("asked for here")
            .label(span(model, hardware, "devices"), format!("`{name}` has {}", listed(&has)))
            .at(model.path(at.part))
            .note("Docker would refuse to start the container")
            .help("take one that is there, or add it to the node's `devices`"),
        );
    }
}

fn needs(model: &Model, service: ThingId, node: ThingId, found: &mut Vec<Diagnostic>) {
    let Some(needs) = model.block(service, "needs") else { return };
    for (field, wanted, has, of) in lacks(model, needs, node) {
        let show = |value: &Value| match value {
            Value::Word(word) => format!("`{}`", model.names.text(word.word)),
            Value::Bytes(bytes) => bytes.to_string(),
            Value::Cpu(cpu) => cpu.to_string(),
            _ => "none".to_string(),
        };
        let (label, name) = (model.label(service), model.label(node));
        let place = span_of(model, model.at(of, field).1, node);
        let place = if is_library(model, place) { model.thing(node).span } else { place };
        let diagnostic = Diagnostic::new(
            &codes::E1405,
            stated(model, service, "on"),
            format!("`{label}` needs {field} {}, and `{name}` has {}", show(wanted), show(has)),
        )
        .here("placed here")
        .label(stated(model, needs, field), "needed")
        .label(place, format!("`{name}` has {}", show(has)))
        .at(model.path(service))
        .note("`needs` is what the node of a service must have, also where the node is named");
        let up = |&other: &ThingId| model.word(other, "status") == Some("up");
        let fits = managed(model).filter(up).find(|&other| lacks(model, needs, other).is_empty());
        let alone = matches!(model.get(service, "on"), Value::Thing(_));
        let span = value_span(model, service, "on").filter(|_| alone);
        found.push(match (fits.map(|other| model.label(other)), span) {
            (Some(other), Some(span)) => {
                diagnostic.suggest(format!("run it where it fits: `on = {other}`"), span, other)
            }
            (Some(other), None) => diagnostic.help(format!("run it where it fits, on `{other}`")),
            (None, _) => diagnostic.help("ask for less, or add a node that has it"),
        });
    }
}
