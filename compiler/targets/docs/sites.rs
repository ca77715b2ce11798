//! The names that people type: who may, what answers, and what is behind.

use super::paper::{
    Facts, Nodes, Table, article, badge, code, commas, joined, link, paragraph, say, says, section,
};
use super::{Book, Entry, Page, id};
use crate::formats::html::{Element, Spelled};
use crate::model::ThingId;
use crate::model::reach::{self, Place};
use crate::model::site::{self, Audience};
use crate::model::value::Value;
use crate::origin::Origin;

pub(super) fn entries(book: &Book<'_>) -> Vec<Entry> {
    let entry = |it| {
        let name = book.cluster.label(it);
        let aliases: Vec<&str> =
            site::names(book.cluster, it).into_iter().skip(1).map(|(name, _)| name).collect();
        Entry::at("site", name, "sites.html", &id("site", name), aliases.join(" "))
    };
    site::sites(book.cluster).into_iter().map(entry).collect()
}

pub(super) fn page<'a>(book: &Book<'a>) -> Page<'a> {
    let cluster = book.cluster;
    let lead = says("The web addresses of the cluster: who may reach each, and what is behind it.");
    let mut page = Page::new("sites.html", "Sites", vec![paragraph(lead, Origin::NONE)]);
    let mut table = Table::new(&["Site", "Leads to", "Reached from", "Certificate", "For"]);
    let mut articles = Spelled::new();
    for it in site::sites(cluster) {
        page.made_from.push(it);
        let name = cluster.label(it);
        let (what, origin) = book.description(it);
        table.row(
            [
                vec![link(format!("#{}", id("site", name)), name)],
                behind(book, it),
                reached(book, it),
                tls(book, it),
                what,
            ],
            cluster.at(it, "to").1.or(origin),
        );
        articles.push(&one(book, it));
    }
    page.body.extend(table.into_nodes());
    if !articles.is_empty() {
        page.body.push(section("each", says("Each of them"), vec![articles.into()]));
    }
    page
}

fn reached<'a>(book: &Book<'a>, it: ThingId) -> Nodes<'a> {
    match site::audience(book.cluster, it) {
        Audience::Internet => vec![badge("warn", "the internet")],
        Audience::Networks(networks) => book.links(networks),
        Audience::Node => says("the node itself"),
        Audience::Nobody => says("nobody"),
    }
}

/// What the ingress asks, or answers by itself.
fn behind<'a>(book: &Book<'a>, it: ThingId) -> Nodes<'a> {
    let cluster = book.cluster;
    let ports = site::endpoints(cluster, cluster.get(it, "to"));
    if !ports.is_empty() {
        return book.links(ports);
    }
    for (field, before) in
        [("root", "the files in "), ("redirect", "sent on to "), ("respond", "the answer ")]
    {
        let (mut nodes, _) = book.fact(it, field);
        if !nodes.is_empty() {
            nodes.insert(0, say(before));
            return nodes;
        }
    }
    Nodes::new()
}

fn tls<'a>(book: &Book<'a>, it: ThingId) -> Nodes<'a> {
    let word = book.cluster.word(it, "tls");
    let internet = site::audience(book.cluster, it) == Audience::Internet;
    says(match (word, internet) {
        (Some("off"), _) => "none: plain HTTP",
        (Some("acme"), _) | (None, true) => "from an authority",
        _ => "the ingress's own",
    })
}

fn one<'a>(book: &Book<'a>, it: ThingId) -> Element<'a> {
    let cluster = book.cluster;
    let name = cluster.label(it);
    let mut body = Nodes::new();
    let (what, origin) = book.description(it);
    if !what.is_empty() {
        body.push(paragraph(what, origin));
    }
    let of = cluster.thing(it).parent.filter(|&parent| cluster.kind(parent) == "service");
    let ingress = site::ingress_of(cluster, it);
    let mut facts = Facts::new()
        .said("Of the service", book.links(of))
        .fact("Leads to", (behind(book, it), cluster.at(it, "to").1))
        .said("Asked by the ingress at", asked(book, it))
        .fact("Reached from", (reached(book, it), cluster.at(it, "audience").1))
        .said("Answered on", book.links(ingress.iter().map(|server| server.node)))
        .fact("Certificate", (tls(book, it), cluster.at(it, "tls").1))
        .fact("Other names", book.fact(it, "alias"))
        .fact("Who gets in", auth(book, it))
        .fact("Headers of answers", book.fact(it, "header"));
    if !cluster.flag(it, "verify") {
        facts = facts.fact(
            "Certificate behind",
            book.flag(it, "verify", ("", "is not checked: a self-signed one will do")),
        );
    }
    if !cluster.flag(it, "dns") {
        facts =
            facts.fact("Name", book.flag(it, "dns", ("", "answered by somebody else's server")));
    }
    body.extend(facts.into_nodes());
    let mut table = Table::new(&["Path", "Leads to", "The path"]);
    for &route in cluster.children(it, "route") {
        let ports = site::endpoints(cluster, cluster.get(route, "to"));
        let (strip, _) = book.flag(route, "strip", ("is cut off", "is passed on"));
        table.row(
            [vec![code(cluster.label(route))], book.links(ports), strip],
            cluster.at(route, "to").1,
        );
    }
    body.extend(table.into_nodes());
    article(id("site", name), says(name), body)
}

/// The addresses by which the ingress of each node asks what is behind.
fn asked<'a>(book: &Book<'a>, it: ThingId) -> Nodes<'a> {
    let cluster = book.cluster;
    let ports = site::endpoints(cluster, cluster.get(it, "to"));
    let servers = site::ingress_of(cluster, it);
    let mut places: Vec<Place> = servers.iter().map(|server| server.place).collect();
    places.dedup();
    let mut all = Vec::new();
    for place in places {
        for &port in &ports {
            if let Ok(seen) = reach::seen(&mut book.known(), port, place) {
                all.push(seen.address());
            }
        }
    }
    all.dedup();
    commas(all.into_iter().map(code))
}

fn auth<'a>(book: &Book<'a>, it: ThingId) -> (Nodes<'a>, Origin) {
    let cluster = book.cluster;
    let (value, origin) = cluster.at(it, "auth");
    let Value::Word(word) = value else { return (says("everyone there"), Origin::NONE) };
    let nodes = match cluster.names.text(word.word) {
        "basic" => {
            let user =
                cluster.param(it, "auth", "user").and_then(Value::as_text).unwrap_or("admin");
            joined([says("who knows the password of "), vec![code(user)]], "")
        }
        "forward" => {
            let endpoint = cluster.param(it, "auth", "endpoint");
            let ports = endpoint.map(|value| site::endpoints(cluster, value)).unwrap_or_default();
            joined([says("whom another service lets in: "), book.links(ports)], "")
        }
        _ => says("everyone there"),
    };
    (nodes, origin)
}
