//! Sites for every name below one, against names of their own: where a DNS server has nothing to say for such a name, the
//! wildcard answers in its place.

use super::Check;
use super::shared::{head, rewrite, stated};
use crate::diag::text::listed;
use crate::diag::{Diagnostic, codes};
use crate::model::reach::{self, Known};
use crate::model::{Model, ThingId, site};
use crate::source::Span;

pub const CHECK: Check = Check {
    name: "wildcards",
    doc: "no site for all names below one answers in the place of a name of its own",
    run,
};

/// A site such as `*.ism.la`, which the cluster's DNS server says.
struct Wildcard<'a> {
    site: ThingId,
    /// `.ism.la`
    below: String,
    name: &'a str,
    /// The nodes whose ingress serves it.
    doors: Vec<ThingId>,
}

impl Wildcard<'_> {
    fn covers(&self, name: &str) -> bool {
        name.to_lowercase().ends_with(&self.below)
    }
}

fn run(model: &Model, found: &mut Vec<Diagnostic>) {
    let dns = model.cluster.and_then(|cluster| site::runner(model, cluster, "dns"));
    if dns.is_none() {
        return; // Nobody here says what is below a name.
    }
    let networks = reach::reach(&mut Known(model));
    let all = wildcards(model, &networks);
    if all.is_empty() {
        return;
    }
    for &other in model.all("site") {
        let names = site::names(model, other).into_iter().map(|(name, _)| name);
        for name in names.filter(|name| !name.starts_with("*.")) {
            let Some(wildcard) = nearest(&all, name) else { continue };
            found.extend(of_site(model, &networks, wildcard, other, name));
        }
    }
    for &record in model.all("record") {
        if let Some(wildcard) = nearest(&all, model.label(record)) {
            found.extend(of_record(model, wildcard, record));
        }
    }
    for &network in &networks {
        let Some(domain) = model.text(network, "domain") else { continue };
        for &node in model.all("node") {
            let name = format!("{}.{domain}", model.label(node));
            if let Some(wildcard) = nearest(&all, &name) {
                found.extend(of_node(model, wildcard, node, network, &name));
            }
        }
    }
}

fn wildcards<'a>(model: &'a Model, networks: &[ThingId]) -> Vec<Wildcard<'a>> {
    let mut all = Vec::new();
    for site in site::sites(model) {
        let name = model.label(site);
        let Some(below) = name.strip_prefix('*') else { continue };
        if !model.flag(site, "dns") || site::addresses(model, site, networks).is_empty() {
            continue;
        }
        let doors = doors(model, site);
        all.push(Wildcard { site, below: below.to_lowercase(), name, doors });
    }
    all
}

fn doors(model: &Model, site: ThingId) -> Vec<ThingId> {
    site::ingress_of(model, site).iter().map(|server| server.node).collect()
}

/// Of several, the one with the longest name answers.
fn nearest<'a, 'b>(all: &'a [Wildcard<'b>], name: &str) -> Option<&'a Wildcard<'b>> {
    all.iter().filter(|wildcard| wildcard.covers(name)).max_by_key(|wildcard| wildcard.below.len())
}

fn report(
    model: &Model,
    wildcard: &Wildcard<'_>,
    (of, place): (ThingId, Span),
    name: &str,
    why: &str,
) -> Diagnostic {
    Diagnostic::new(&codes::E1007, place, format!("`{}` answers for `{name}`", wildcard.name))
        .here(why)
        .label(head(model, wildcard.site), "says every name below that has no line of its own")
        .at(model.path(of))
}

/// A site without a name in DNS, where the wildcard's ingress does not serve it.
fn of_site(
    model: &Model,
    networks: &[ThingId],
    wildcard: &Wildcard<'_>,
    site: ThingId,
    name: &str,
) -> Option<Diagnostic> {
    let said = model.flag(site, "dns") && !site::addresses(model, site, networks).is_empty();
    let own = doors(model, site);
    let strange: Vec<ThingId> =
        wildcard.doors.iter().copied().filter(|door| !own.contains(door)).collect();
    if said || strange.is_empty() {
        return None;
    }
    let doors = listed(strange.iter().map(|&node| model.label(node)));
    let silent = !model.flag(site, "dns");
    let (place, why) = match silent {
        true => (stated(model, site, "dns"), "says no name of its own"),
        false => (head(model, site), "has no address for its own visitors"),
    };
    let diagnostic = report(model, wildcard, (site, place), name, why)
        .label(head(model, site), "this site is meant")
        .note(format!("visitors of `{name}` come to {doors}, where it is not served, and see another site under its name"));
    Some(match silent {
        true => rewrite(
            diagnostic,
            model,
            site,
            "dns",
            "true",
            "let the DNS server say it: `dns = true`".into(),
        ),
        false => diagnostic.help(format!(
            "serve both on the same nodes: `ingress` of `{name}` and of `{}`",
            wildcard.name
        )),
    })
}

/// A record that another server says, where the one that says the wildcard knows nothing of it.
fn of_record(model: &Model, wildcard: &Wildcard<'_>, record: ThingId) -> Option<Diagnostic> {
    let on = model.get(record, "on").items();
    let says = |word: &str| {
        on.iter().any(|item| {
            matches!(&item.value, crate::model::value::Value::Word(w) if model.names.text(w.word) == word)
        })
    };
    let has_address = ["a", "aaaa"].iter().any(|field| !model.get(record, field).is_none());
    if on.is_empty() || says("pihole") || !has_address {
        return None;
    }
    let name = model.label(record);
    let diagnostic =
        report(model, wildcard, (record, stated(model, record, "on")), name, "leaves the cluster's DNS server out")
            .label(head(model, record), "another answer to the same question")
            .note("whoever asks the cluster's DNS server gets the ingress, and whoever asks another gets the record");
    let mut words: Vec<&str> = on
        .iter()
        .filter_map(|item| match &item.value {
            crate::model::value::Value::Word(word) => Some(model.names.text(word.word)),
            _ => None,
        })
        .collect();
    words.push("pihole");
    let text = format!("[{}]", words.join(", "));
    let title = format!("let the DNS server say it too: `on = {text}`");
    Some(rewrite(diagnostic, model, record, "on", &text, title))
}

/// A node without an address on the network whose names the wildcard says.
fn of_node(
    model: &Model,
    wildcard: &Wildcard<'_>,
    node: ThingId,
    network: ThingId,
    name: &str,
) -> Option<Diagnostic> {
    let address = model.get(node, "address");
    let on = model.label(network);
    if address.is_poison() || !reach::addresses_on(&mut Known(model), node, network).is_empty() {
        return None;
    }
    let why = format!("has no address on `{on}`");
    Some(
        report(model, wildcard, (node, head(model, node)), name, &why)
            .label(stated(model, network, "domain"), "names of nodes are below this one")
            .note("a name of a machine would lead to the ingress: what does not exist should not answer")
            .help(format!("give the wildcard a part of the domain to itself: `site \"*.apps{}\"`", wildcard.below))
            .help(format!("or give `{}` an address on `{on}`", model.label(node))),
    )
}
