//! Shares: a way for each client, one protocol for a directory, one thing at a place, and no password on a disk.

use super::Check;
use super::shared::{managed, rewrite, span, stated, stated_at, value_span};
use crate::diag::text::listed;
use crate::diag::{Diagnostic, codes};
use crate::model::mounted::{Mounted, clients};
use crate::model::reach::{self, Known};
use crate::model::value::Value;
use crate::model::{Model, ThingId};
use crate::source::Span;

pub const CHECK: Check = Check {
    name: "shares",
    doc: "every client of a share has a way to it and a place for it",
    run,
};

fn run(model: &Model, found: &mut Vec<Diagnostic>) {
    for &share in model.all("share") {
        over_network(model, share, found);
        kept_password(model, share, found);
        on_its_disk(model, share, found);
        below_its_disk(model, share, found);
    }
    two_protocols(model, found);
    let all = Mounted::of(model);
    for node in managed(model) {
        one_place(model, &all, node, found);
        of_another_system(model, node, found);
    }
}

/// The disk is the server's.
fn on_its_disk(model: &Model, share: ThingId, found: &mut Vec<Diagnostic>) {
    let (disk, server) =
        (model.get(share, "disk").as_thing(), model.get(share, "server").as_thing());
    let (Some(disk), Some(server)) = (disk, server) else { return };
    let (name, label) = (model.label(share), model.label(disk));
    let holder = reach::around(&Known(model), disk, "node");
    if let Some(holder) = holder.filter(|&holder| holder != server) {
        let (holder, server) = (model.label(holder), model.label(server));
        let diagnostic = Diagnostic::new(
            &codes::E1202,
            stated(model, share, "disk"),
            format!("the share `{name}` is served by `{server}`, and the disk `{label}` is in `{holder}`"),
        )
        .here(format!("a disk of `{holder}`"))
        .label(stated(model, share, "server"), format!("`{server}` serves it"))
        .at(model.path(share))
        .note("a machine can share what is in it");
        let title = format!("let the machine with the disk serve it: `server = {holder}`");
        found.push(rewrite(diagnostic, model, share, "server", holder, title));
    }
}

/// What is shared lies on the disk that is named: rules about disks and backups go by it.
fn below_its_disk(model: &Model, share: ThingId, found: &mut Vec<Diagnostic>) {
    let Some(disk) = model.get(share, "disk").as_thing() else { return };
    let (Some(path), Some(root)) = (model.text(share, "path"), model.text(disk, "mount")) else {
        return;
    };
    if below(path, root).is_some() {
        return;
    }
    let (name, label) = (model.label(share), model.label(disk));
    let mut diagnostic = Diagnostic::new(
        &codes::E1202,
        stated(model, share, "path"),
        format!("the share `{name}` is of the disk `{label}`, and `{path}` does not lie on it"),
    )
    .here(format!("not below `{root}`"))
    .label(stated(model, disk, "mount"), format!("`{label}` is mounted here"))
    .label(stated(model, share, "disk"), format!("`{label}` is said to hold it"))
    .at(model.path(share))
    .note("what is shared would come from another disk than the one that is saved, counted and waited for");
    let rest = path.trim_matches('/');
    let inside = format!("\"{}/{rest}\"", root.trim_end_matches('/'));
    let title = format!("name a directory of the disk: `path = {inside}`");
    diagnostic = rewrite(diagnostic, model, share, "path", &inside, title);
    found.push(diagnostic.help("or, where the path leads to another disk, leave `disk` out"));
}

/// The rest of a path that is a directory or one below it.
fn below<'a>(path: &'a str, root: &str) -> Option<&'a str> {
    let rest = path.strip_prefix(root.trim_end_matches('/'))?;
    (rest.is_empty() || rest.starts_with('/')).then_some(rest)
}

/// A drive on a machine that has none.
fn of_another_system(model: &Model, node: ThingId, found: &mut Vec<Diagnostic>) {
    let Some(os) = model.word(node, "os").filter(|os| *os != "windows") else { return };
    for pair in model.get(node, "mount").pairs() {
        let Some(place) = pair.value.as_text().filter(|place| !place.starts_with('/')) else {
            continue;
        };
        let label = model.label(node);
        found.push(
            Diagnostic::new(
                &codes::E1202,
                stated_at(model, pair.origin, node),
                format!("`{label}` cannot mount `{}` at `{place}`, a drive of Windows", pair.key),
            )
            .here("no such place there")
            .label(span(model, node, "os"), format!("it runs {os}"))
            .at(model.path(node))
            .help(format!("name a path: `mount {{ {} = \"/mnt/{}\" }}`", pair.key, pair.key)),
        );
    }
}

fn over_network(model: &Model, share: ThingId, found: &mut Vec<Diagnostic>) {
    let Value::Thing(network) = model.get(share, "network") else { return };
    let Some(server) = model.get(share, "server").as_thing() else { return };
    let mut known = Known(model);
    let label = model.label(*network);
    let mut lacking: Vec<ThingId> = Vec::new();
    for node in std::iter::once(server).chain(clients(model, share)) {
        let unknown = model.get(node, "address").is_poison();
        if !unknown && reach::addresses_on(&mut known, node, *network).is_empty() {
            lacking.push(node);
        }
    }
    if lacking.is_empty() {
        return;
    }
    let names = listed(lacking.iter().map(|&n| model.label(n)));
    let have = if lacking.len() == 1 { "has" } else { "have" };
    let mut diagnostic = Diagnostic::new(
        &codes::E1111,
        span(model, share, "network"),
        format!(
            "the share `{}` goes over `{label}`, where {names} {have} no address",
            model.label(share)
        ),
    )
    .here("the only way to it")
    .at(model.path(share));
    for &node in &lacking {
        let place = model.thing(node).span;
        let what = if node == server { "its server" } else { "a client" };
        diagnostic = diagnostic.label(place, format!("{what}, without an address on `{label}`"));
    }
    diagnostic =
        diagnostic.note("what has no address on a network neither finds nor is found there");
    let everyone: Vec<ThingId> = std::iter::once(server).chain(clients(model, share)).collect();
    let other = reach::reach(&mut known).into_iter().find(|&other| {
        everyone.iter().all(|&n| !reach::addresses_on(&mut known, n, other).is_empty())
    });
    found.push(match other {
        Some(other) => {
            let text = model.label(other);
            rewrite(diagnostic, model, share, "network", text, format!("take a network that all of them have: `network = {text}`"))
        }
        None => diagnostic.help(format!(
            "state the address: `address {{ {label} = ... }}`; or leave `network` out, and each takes the first that both ends have"
        )),
    });
}

/// Where a server has a share.
struct Served {
    server: ThingId,
    path: String,
    share: ThingId,
}

/// A directory by two protocols that both write to it: neither knows of the other's locks.
fn two_protocols(model: &Model, found: &mut Vec<Diagnostic>) {
    let mut places: Vec<Served> = Vec::new();
    for &share in model.all("share") {
        let server = model.get(share, "server").as_thing();
        let path = reach::server_path(&mut Known(model), share);
        if let (Some(server), Ok(Some(path)), false) =
            (server, path, model.flag(share, "read_only"))
        {
            places.push(Served { server, path: path.trim_end_matches('/').into(), share });
        }
    }
    // In order of their parts, what lies inside of a directory follows it.
    places.sort_by(|a, b| {
        (a.server, a.path.split('/').collect::<Vec<_>>(), a.share).cmp(&(
            b.server,
            b.path.split('/').collect(),
            b.share,
        ))
    });
    let mut open: Vec<&Served> = Vec::new();
    for inner in &places {
        while open.last().is_some_and(|outer| {
            outer.server != inner.server || below(&inner.path, &outer.path).is_none()
        }) {
            open.pop();
        }
        let via = |served: &Served| model.word(served.share, "via");
        if let Some(outer) = open.iter().rev().find(|outer| via(outer) != via(inner)) {
            found.push(by_two(model, outer, inner));
        }
        open.push(inner);
    }
}

fn by_two(model: &Model, outer: &Served, inner: &Served) -> Diagnostic {
    let (a, b) = (model.label(outer.share), model.label(inner.share));
    let server = model.label(inner.server);
    let (message, which) = if outer.path == inner.path {
        let message = format!("`{a}` and `{b}` share one directory of `{server}` by two protocols");
        (message, "the second share")
    } else {
        let message =
            format!("`{b}` shares a directory of `{a}` on `{server}` by another protocol");
        (message, "the inner share")
    };
    let diagnostic =
        Diagnostic::new(&codes::E1209, span(model, inner.share, "via"), message)
            .here(format!("`{b}`: {}", inner.path))
            .label(span(model, outer.share, "via"), format!("`{a}`: {}", outer.path))
            .label(model.thing(inner.share).span, which)
            .at(model.path(inner.share))
            .note("a file that is locked over SMB is open over NFS, and the other way round; owners and names differ too");
    let via = model.word(outer.share, "via").unwrap_or("smb3");
    let diagnostic = diagnostic.help("keep one share, and let every client name it");
    let only_read = "or let one of them only read: `read_only = true`";
    // Over SMB somebody logs in: who, is said for the other one.
    let says = |share: ThingId| !model.get(share, "user").is_none();
    let unsaid = via == "smb3" && !says(inner.share) && !model.flag(inner.share, "guest");
    let text = match unsaid && model.flag(outer.share, "guest") {
        true => "smb3   guest = true",
        false => via,
    };
    if unsaid && says(outer.share) {
        let title =
            "or share both by one protocol: `via = smb3`, with who logs in: `user` and `password`";
        return diagnostic.help(title).help(only_read);
    }
    rewrite(
        diagnostic,
        model,
        inner.share,
        "via",
        text,
        format!("or share both by one protocol: `via = {text}`"),
    )
    .help(only_read)
}

/// Two shares, or a share and a disk, at one place of a node.
fn one_place(model: &Model, mounted: &Mounted, node: ThingId, found: &mut Vec<Diagnostic>) {
    // The file systems of macOS and Windows make no difference between `F` and `f`.
    let cased = !matches!(model.word(node, "os"), Some("macos" | "windows"));
    let key = |path: &str| if cased { path.to_string() } else { path.to_lowercase() };
    let mut places: Vec<(String, ThingId, &str)> = Vec::new();
    if let Some(hardware) = model.block(node, "hardware") {
        for &disk in model.children(hardware, "disk") {
            if let Some(path) = model.text(disk, "mount") {
                let path = path.trim_end_matches('/');
                places.push((key(path), disk, path));
            }
        }
    }
    for mount in mounted.on(node).iter().filter(|mount| mount.client) {
        let path = mount.root.trim_end_matches('/');
        if path.is_empty() {
            found.push(over_the_system(model, mount.share, node));
        } else {
            places.push((key(path), mount.share, path));
        }
    }
    places.sort();
    for same in places.chunk_by(|a, b| a.0 == b.0) {
        for &(_, other, path) in &same[1..] {
            let mut pair = [(same[0].1, same[0].2), (other, path)];
            pair.sort_by_key(|&(thing, _)| (model.kind(thing) == "share", thing));
            let [(stays, there), (goes, path)] = pair;
            found.push(
                Diagnostic::new(
                    &codes::E1210,
                    said_at(model, goes, node, path),
                    format!(
                        "`{}` and `{}` are both mounted at `{path}`",
                        model.label(stays),
                        model.label(goes)
                    ),
                )
                .here("at the same place")
                .label(said_at(model, stays, node, there), "mounted there too")
                .label(model.thing(node).span, "on this node")
                .at(model.path(node))
                .note("the one that is mounted last hides the other")
                .help("give one of them another place: its `mount`, or `mount { NAME = ... }` of the node"),
            );
        }
    }
}

/// Nothing of the machine would be found any more.
fn over_the_system(model: &Model, share: ThingId, node: ThingId) -> Diagnostic {
    let name = model.label(share);
    let linux = model.block(share, "mount").filter(|&block| {
        model.text(block, "linux").is_some_and(|text| text.trim_end_matches('/').is_empty())
    });
    let told = Diagnostic::new(
        &codes::E1210,
        said_at(model, share, node, ""),
        format!("`{name}` is mounted at `/`, where the system itself is"),
    )
    .here("at the same place")
    .label(model.thing(node).span, "on this node")
    .at(model.path(node))
    .note("the one that is mounted last hides the other");
    let way = format!("give it a place of its own: `mount {{ linux = \"/mnt/{name}\" }}`");
    let place = linux.and_then(|block| value_span(model, block, "linux"));
    told.offer(way, place, format!("\"/mnt/{name}\""))
}

/// Where it is said that a disk or share is mounted at a path of a node.
fn said_at(model: &Model, thing: ThingId, node: ThingId, path: &str) -> Span {
    if model.kind(thing) == "disk" {
        return stated(model, thing, "mount");
    }
    let own = model.get(node, "mount").pairs().iter().find(|p| &*p.key == model.label(thing));
    if let Some(pair) = own {
        return stated_at(model, pair.origin, node);
    }
    let Some(block) = model.block(thing, "mount") else { return model.thing(thing).span };
    let world = ["linux", "wsl", "windows", "macos"].into_iter().find(|world| {
        model.text(block, world).is_some_and(|text| text.trim_end_matches('/') == path)
    });
    world.map_or(model.thing(thing).span, |world| stated(model, block, world))
}

/// Options that keep the password in a file, or in the open.
fn kept_password(model: &Model, share: ThingId, found: &mut Vec<Diagnostic>) {
    for item in model.get(share, "options").items() {
        let Some(option) = item.value.as_text() else { continue };
        let Some((key, _)) = option.split_once('=') else { continue };
        let key = key.trim().to_ascii_lowercase();
        let what = match key.as_str() {
            "credentials" | "cred" => "names a file on the disk that holds the password",
            "password" | "pass" => "holds the password itself",
            _ => continue,
        };
        let place = stated_at(model, item.origin, share);
        let mut diagnostic = Diagnostic::new(
            &codes::E1303,
            place,
            format!("the option `{key}=` of the share `{}` {what}", model.label(share)),
        )
        .here("kept on every client")
        .at(model.path(share));
        let stated_too = !model.get(share, "password").is_none();
        if stated_too {
            let password = span(model, share, "password");
            diagnostic = diagnostic.label(password, "this one is fetched at boot, into memory");
        }
        let diagnostic = diagnostic.note(
            "a file in a home directory is in every backup and within reach of every program of that user; secrets are handed over when they are needed",
        );
        let rest: Vec<String> = model
            .get(share, "options")
            .items()
            .iter()
            .filter(|other| other.value != item.value)
            .filter_map(|other| other.value.as_text().map(|text| format!("\"{text}\"")))
            .collect();
        let text = format!("[{}]", rest.join(", "));
        let title =
            "leave the option out: the compiler writes it, with a file in memory".to_string();
        let diagnostic = rewrite(diagnostic, model, share, "options", &text, title);
        found.push(match stated_too {
            true => diagnostic,
            false => diagnostic.help("and name the secret: `password = secret(\"/path/NAME\")`"),
        });
    }
}
