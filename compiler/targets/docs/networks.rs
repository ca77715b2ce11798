//! Networks, the address of every node on each, and the names that the cluster answers for.

use super::paper::{
    Facts, Nodes, Table, article, code, commas, or_unknown, paragraph, say, says, section, unknown,
};
use super::{Book, Entry, Page, id};
use crate::formats::html::{Node, element};
use crate::model::ThingId;
use crate::model::reach;
use crate::origin::Origin;
use crate::targets::shared_nodes as nodes;

pub(super) fn entries(book: &Book<'_>) -> Vec<Entry> {
    let cluster = book.cluster;
    let network = |&network: &ThingId| {
        let name = cluster.label(network);
        let range = book_range(book, network);
        Entry::at("network", name, "networks.html", &id("network", name), range)
    };
    let mut all: Vec<Entry> = cluster.all("network").iter().map(network).collect();
    for node in nodes::nodes(cluster) {
        for pair in cluster.get(node, "address").pairs() {
            for ip in reach::ips(&pair.value) {
                let words = format!("{} on {}", cluster.label(node), pair.key);
                let href = super::file_of("node", cluster.label(node));
                all.push(Entry::new("address", &ip.to_string(), href, words));
            }
        }
    }
    all
}

pub(super) fn page<'a>(book: &Book<'a>) -> Page<'a> {
    let cluster = book.cluster;
    let lead = says("Networks, the addresses on them, and the names that are answered.");
    let mut page = Page::new("networks.html", "Networks", vec![paragraph(lead, Origin::NONE)]);
    let all = cluster.all("network");
    page.body.push(section("addresses", says("Addresses"), addresses(book)));
    let mut articles = Nodes::new();
    for &network in all {
        page.made_from.push(network);
        articles.push(one(book, network));
    }
    page.body.push(section("networks", says("The networks"), articles));
    let names = names(book);
    if !names.is_empty() {
        page.body.push(section("names", says("Other names of nodes"), names));
    }
    let records = records(book);
    if !records.is_empty() {
        page.body.push(section("records", says("Records"), records));
    }
    page
}

fn book_range(book: &Book<'_>, network: ThingId) -> String {
    let ranges = crate::model::site::ranges(book.cluster, &[network]);
    ranges.into_iter().map(|(range, _)| range).collect::<Vec<_>>().join(" ")
}

/// Every node on every network that nodes have addresses on.
fn addresses<'a>(book: &Book<'a>) -> Nodes<'a> {
    let cluster = book.cluster;
    let mut list = Table::new(&["Node", "Addresses", "Reached by"]);
    for node in nodes::nodes(cluster) {
        let pairs = cluster.get(node, "address").pairs();
        let mut cells: Vec<Node> = Vec::new();
        for pair in pairs {
            let network = cluster.find("network", &pair.key);
            let mut said = network.map(|it| book.link(it)).into_iter().collect::<Nodes>();
            said.push(say(" "));
            said.extend(book.value(&pair.value));
            cells.push(element("span").attribute("class", "address").children(said).into());
        }
        let way = nodes::way(cluster, &mut book.known(), node, None);
        let by = way.map(|(network, _, _)| book.link(network)).into_iter().collect();
        let origin = pairs.first().map_or(Origin::NONE, |pair| pair.origin);
        table_row(&mut list, book, node, (cells, by), origin);
    }
    list.into_nodes()
}

fn table_row<'a>(
    table: &mut Table,
    book: &Book<'a>,
    node: ThingId,
    (cells, by): (Vec<Node<'a>>, Nodes<'a>),
    origin: Origin,
) {
    let addresses = if cells.is_empty() { vec![unknown()] } else { commas(cells) };
    table.row([vec![book.link(node)], addresses, or_unknown(by)], origin);
}

fn one<'a>(book: &Book<'a>, network: ThingId) -> Node<'a> {
    let cluster = book.cluster;
    let name = cluster.label(network);
    let mut body = Nodes::new();
    let (what, origin) = book.description(network);
    if !what.is_empty() {
        body.push(paragraph(what, origin));
    }
    let driver = cluster.word(network, "driver").unwrap_or("");
    let range = book.fact(network, "range");
    let mut facts = Facts::new().fact("Made of", book.fact(network, "driver"));
    facts = match driver {
        "bridge" => facts.fact("Range", range),
        _ => facts.wanted("Range", range),
    };
    facts = facts
        .fact("The way out", book.fact(network, "gateway"))
        .fact("VLAN", book.fact(network, "vlan"))
        .fact("DNS servers", book.fact(network, "dns"))
        .fact("Names end in", book.fact(network, "domain"))
        .fact("Handed out by the engine", book.fact(network, "pool"))
        .fact("Kept free", book.fact(network, "reserve"))
        .fact("Largest packet", book.fact(network, "mtu"))
        .fact("Run by", book.fact(network, "provider"));
    if cluster.flag(network, "internal") {
        facts = facts.fact(
            "A way out",
            book.flag(network, "internal", ("none: what is on it talks to nobody else", "")),
        );
    }
    if cluster.flag(network, "ipv6") {
        facts = facts.fact("IPv6", book.flag(network, "ipv6", ("containers have addresses", "")));
    }
    body.extend(facts.into_nodes());
    let mut grants = Table::new(&["May connect", "To", "On"]);
    for item in cluster.get(network, "policy").items() {
        let part = |field: &str| match item.value.as_thing() {
            Some(grant) => book.fact(grant, field).0,
            None => item.value.get(field).map(|value| book.value(value)).unwrap_or_default(),
        };
        grants.row([part("from"), part("to"), part("ports")], item.origin);
    }
    if !grants.is_empty() {
        body.push(paragraph(
            says("Beside what is published for it, on this network:"),
            Origin::NONE,
        ));
        body.extend(grants.into_nodes());
    }
    article(id("network", name), says(name), body).into()
}

fn names<'a>(book: &Book<'a>) -> Nodes<'a> {
    let cluster = book.cluster;
    let mut table = Table::new(&["Node", "Also called", "In DNS as"]);
    for node in nodes::nodes(cluster) {
        let (alias, origin) = book.fact(node, "alias");
        let mut full = Vec::new();
        for pair in cluster.get(node, "address").pairs() {
            let network = cluster.find("network", &pair.key);
            if let Some(domain) = network.and_then(|network| cluster.text(network, "domain")) {
                full.push(code(format!("{}.{domain}", cluster.label(node))));
            }
        }
        if !alias.is_empty() || !full.is_empty() {
            table.row([vec![book.link(node)], alias, commas(full)], origin);
        }
    }
    table.into_nodes()
}

fn records<'a>(book: &Book<'a>) -> Nodes<'a> {
    let cluster = book.cluster;
    let mut table = Table::new(&["Name", "Is", "Remembered for", "Answered by", "For"]);
    for record in book.all("record") {
        let mut is = Vec::new();
        for (field, before) in
            [("a", ""), ("aaaa", ""), ("cname", "another name of "), ("txt", "the text ")]
        {
            let (mut value, _) = book.fact(record, field);
            if !value.is_empty() {
                value.insert(0, say(before));
                is.push(value);
            }
        }
        let on = book.fact(record, "on").0;
        let on = if on.is_empty() { says("all that can") } else { on };
        let name = cluster.label(record);
        table.row_with_id(
            Some(id("record", name)),
            [
                vec![code(name)],
                super::paper::joined(is, ", "),
                book.fact(record, "ttl").0,
                on,
                book.description(record).0,
            ],
            cluster.at(record, "a").1.or(cluster.at(record, "cname").1),
        );
    }
    table.into_nodes()
}
