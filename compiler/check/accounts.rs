//! Accounts of a node: each has a number of its own, and so has its group.

use super::Check;
use super::shared::{has_linux, managed, members, stated, stated_at, value_span};
use crate::diag::text::listed;
use crate::diag::{Diagnostic, Edit, Fix, Safety, codes};
use crate::model::value::Value;
use crate::model::{Model, ThingId};
use crate::source::Span;
use std::collections::{BTreeMap, BTreeSet};

pub const CHECK: Check =
    Check { name: "accounts", doc: "no two accounts of a node have one number", run };

/// An account of a node, and where the node says so.
type Account = (ThingId, Span);

/// The accounts of one number, and where nodes have several of them.
#[derive(Default)]
struct Same {
    users: BTreeSet<ThingId>,
    said: Vec<(Span, ThingId)>,
}

fn run(model: &Model, found: &mut Vec<Diagnostic>) {
    let mut of_users: BTreeMap<i64, Same> = BTreeMap::new();
    let mut of_groups: BTreeMap<i64, Same> = BTreeMap::new();
    for node in managed(model).filter(|&node| has_linux(model, node)) {
        let users = accounts(model, node);
        collect(model, node, &users, "uid", &mut of_users);
        collect(model, node, &users, "gid", &mut of_groups);
    }
    for (number, same) in &of_users {
        found.push(twice(model, "uid", *number, same));
    }
    for (number, same) in &of_groups {
        // Two that are one in all are told by their own number.
        let told = of_users.values().any(|users| same.users.is_subset(&users.users));
        if !told {
            found.push(twice(model, "gid", *number, same));
        }
    }
}

fn accounts(model: &Model, node: ThingId) -> Vec<Account> {
    let worker = model.get(node, "user").as_thing().map(|user| (user, stated(model, node, "user")));
    let others = members(model, node, "users")
        .map(|(user, item)| (user, stated_at(model, item.origin, node)));
    let mut all: Vec<Account> = worker.into_iter().chain(others).collect();
    all.retain(|&(user, _)| model.word(user, "side") != Some("windows"));
    all.sort_by_key(|&(user, _)| user);
    all.dedup_by_key(|(user, _)| *user);
    all
}

fn collect(
    model: &Model,
    node: ThingId,
    accounts: &[Account],
    field: &str,
    into: &mut BTreeMap<i64, Same>,
) {
    let mut by_number: BTreeMap<i64, Vec<Account>> = BTreeMap::new();
    for &(user, said) in accounts {
        if let Value::Int(number) = model.get(user, field) {
            by_number.entry(*number).or_default().push((user, said));
        }
    }
    for (number, accounts) in by_number.into_iter().filter(|(_, all)| all.len() > 1) {
        let same = into.entry(number).or_default();
        for (user, said) in accounts {
            same.users.insert(user);
            if !same.said.iter().any(|(there, _)| *there == said) {
                same.said.push((said, node));
            }
        }
    }
}

fn twice(model: &Model, field: &str, number: i64, same: &Same) -> Diagnostic {
    let mut users: Vec<ThingId> = same.users.iter().copied().collect();
    users.sort_by_key(|&user| (model.thing(user).span.file, model.thing(user).span.start));
    let last = users[users.len() - 1];
    let names = listed(users.iter().map(|&user| model.label(user)));
    let (what, tool) = match field {
        "uid" => ("have the same number", "useradd"),
        _ => ("have groups of the same number", "groupadd"),
    };
    let mut diagnostic = Diagnostic::new(
        &codes::E1013,
        stated(model, last, field),
        format!("{names} {what} {number}"),
    )
    .here(format!("of `{}`", model.label(last)))
    .at(model.path(last));
    for &user in &users[..users.len() - 1] {
        diagnostic =
            diagnostic.label(stated(model, user, field), format!("of `{}`", model.label(user)));
    }
    for &(said, node) in same.said.iter().take(4) {
        diagnostic = diagnostic.label(said, format!("an account of `{}`", model.label(node)));
    }
    let note = format!(
        "`{tool}` refuses a number that is taken, and where it is not, each reads what is the other's: the number is what owns a file"
    );
    of_its_own(diagnostic.note(note), model, field, &users)
}

/// Another number for the last of them, and for its group where that is another's too.
fn of_its_own(diagnostic: Diagnostic, model: &Model, field: &str, users: &[ThingId]) -> Diagnostic {
    let Some((&last, others)) = users.split_last() else { return diagnostic };
    let mut edits = Vec::new();
    let mut said = Vec::new();
    for field in ["uid", "gid"].into_iter().filter(|f| *f == field || field == "uid") {
        let Value::Int(number) = model.get(last, field) else { continue };
        if !others.iter().any(|&other| model.get(other, field) == model.get(last, field)) {
            continue;
        }
        let free = free(model, field, *number);
        said.push(format!("`{field} = {free}`"));
        edits.extend(
            value_span(model, last, field).map(|span| Edit { span, text: free.to_string() }),
        );
    }
    let title = format!("give `{}` a number of its own: {}", model.label(last), said.join(" and "));
    if edits.len() < said.len() {
        return diagnostic.help(title);
    }
    let mut diagnostic = diagnostic;
    diagnostic.fixes.push(Fix { title, edits, safety: Safety::Review });
    diagnostic
}

/// The next number that no user has.
fn free(model: &Model, field: &str, taken: i64) -> i64 {
    let used: BTreeSet<i64> = model
        .all("user")
        .iter()
        .filter_map(|&user| match model.get(user, field) {
            Value::Int(number) => Some(*number),
            _ => None,
        })
        .collect();
    (taken..).find(|number| !used.contains(number)).unwrap_or(taken)
}
