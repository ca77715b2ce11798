//! Accounts: who, with which numbers, where, and how to reach them.

use super::paper::{Facts, Nodes, code, commas, paragraph, says, section};
use super::{Book, Entry, Page, id};
use crate::formats::html::Node;
use crate::model::ThingId;
use crate::model::value::Value;
use crate::origin::Origin;
use crate::targets::shared_nodes as nodes;
use crate::types::ssh_key::parts;

pub(super) fn entries(book: &Book<'_>) -> Vec<Entry> {
    let entry = |user| {
        let name = book.cluster.label(user);
        let email = book.cluster.text(user, "email").unwrap_or("").to_string();
        Entry::at("person", name, "people.html", &id("user", name), email)
    };
    book.all("user").into_iter().map(entry).collect()
}

pub(super) fn page<'a>(book: &Book<'a>) -> Page<'a> {
    let lead = says("Accounts, which are equal wherever they exist.");
    let mut page = Page::new("people.html", "People", vec![paragraph(lead, Origin::NONE)]);
    for user in book.all("user") {
        page.made_from.push(user);
        page.body.push(one(book, user));
    }
    if page.made_from.is_empty() {
        page.body.push(paragraph(says("None is declared."), Origin::NONE));
    }
    page
}

fn one<'a>(book: &Book<'a>, user: ThingId) -> Node<'a> {
    let cluster = book.cluster;
    let name = cluster.label(user);
    let mut body = Nodes::new();
    let (what, origin) = book.description(user);
    if !what.is_empty() {
        body.push(paragraph(what, origin));
    }
    let works = |node: &ThingId| nodes::user(cluster, *node) == Some(user);
    let beside = |node: &ThingId| {
        let all = cluster.get(*node, "users").items().iter();
        all.filter_map(|item| item.value.as_thing()).any(|other| other == user)
    };
    let all = nodes::managed(cluster);
    let facts = Facts::new()
        .fact("Written to at", book.fact(user, "email"))
        .fact("Works on", (book.links(all.iter().copied().filter(works)), Origin::NONE))
        .fact("Has an account on", (book.links(all.iter().copied().filter(beside)), Origin::NONE))
        .fact("User number", book.fact(user, "uid"))
        .fact("Group number", book.fact(user, "gid"))
        .fact("Other groups", book.fact(user, "groups"))
        .fact("Shell", book.fact(user, "shell"))
        .fact("Home", book.fact(user, "home"))
        .fact("Keys of ssh", keys(book, user));
    body.extend(facts.into_nodes());
    section(id("user", name), says(name), body)
}

/// Each key by its sort and its remark: nobody reads the rest.
fn keys<'a>(book: &Book<'a>, user: ThingId) -> (Nodes<'a>, Origin) {
    let (value, origin) = book.cluster.at(user, "ssh_keys");
    let keys = value.items().iter().filter_map(|item| match &item.value {
        Value::Text(key) => {
            let (sort, remark) = parts(key).map_or((&**key, ""), |of| (of.sort, of.remark));
            Some(code(format!("{sort} {remark}").trim().to_string()))
        }
        _ => None,
    });
    (commas(keys), origin)
}
