//! `colabc explain NODE.capacity`: what a node has, who lays claim to it, and what happens to its services when it is
//! gone. As text for people and as JSON for programs; what nobody stated is called unknown.

use super::value;
use crate::diag::human::Look;
use crate::diag::ink::{BOLD, FAINT, Ink, PLAIN};
use crate::model::absence::{self, Move};
use crate::model::ledger::{self, Account};
use crate::model::{Model, ThingId};
use crate::source::{Sources, Span};
use crate::types::{Bytes, Cpu};
use serde_json::{Value as Json, json};

/// The JSON Schema of what `colabc explain NODE.capacity --format json` prints.
pub const SCHEMA: &str = include_str!("capacity-schema.json");

/// The node whose ledger a path asks for: `cooperator.capacity`, `nodes.cooperator.capacity`.
pub fn asked(model: &Model, path: &str) -> Option<ThingId> {
    let of = path.strip_suffix(".capacity")?;
    let name = of.strip_prefix("nodes.").unwrap_or(of);
    let quoted = of.strip_prefix("nodes[\"").and_then(|rest| rest.strip_suffix("\"]"));
    model.find("node", quoted.unwrap_or(name))
}

/// A resource with the words for it.
struct Row {
    name: &'static str,
    account: Account,
    show: fn(u64) -> String,
    /// The field of `hardware` that would state it.
    field: &'static str,
    /// A claim that states no amount.
    open: &'static str,
}

fn rows(model: &Model, node: ThingId) -> [Row; 3] {
    [
        Row {
            name: "memory",
            account: ledger::memory(model, node),
            show: |n| Bytes(n).to_string(),
            field: "memory",
            open: "unknown: it states no limit",
        },
        Row {
            name: "processors",
            account: ledger::processors(model, node),
            show: |n| Cpu(n).to_string(),
            field: "cpu",
            open: "unknown",
        },
        Row {
            name: "graphics",
            account: ledger::graphics(model, node),
            show: |n| n.to_string(),
            field: "gpu",
            open: "all there are",
        },
    ]
}

pub fn text(model: &Model, node: ThingId, sources: &Sources, look: &Look) -> String {
    let mut paper = Paper { model, sources, ink: Ink::new(look.colour) };
    paper.ink.paint(BOLD, &format!("{}.capacity", model.label(node)));
    paper.ink.line(PLAIN, "");
    for row in rows(model, node) {
        paper.row(&row);
    }
    paper.disks(node);
    paper.absence(node);
    paper.ink.out
}

struct Paper<'a> {
    model: &'a Model,
    sources: &'a Sources,
    ink: Ink,
}

impl Paper<'_> {
    fn head(&mut self, name: &str, said: &str) {
        self.ink.line(PLAIN, "");
        self.ink.paint(BOLD, &format!("  {name:11}"));
        self.ink.line(PLAIN, &format!(" {said}"));
    }

    /// One line below a head: an amount, what it is for, and where that is said.
    fn line(&mut self, amount: &str, what: &str, place: Option<Span>) {
        self.ink.paint(PLAIN, &format!("    {amount:>12}  {what}"));
        if let Some(span) = place {
            let file = self.sources.file(span.file);
            let at = file.position(span.start);
            self.ink.paint(FAINT, &format!("  {}:{}", self.sources.shown(span.file), at.line));
        }
        self.ink.line(PLAIN, "");
    }

    fn row(&mut self, row: &Row) {
        let Row { account, show, .. } = row;
        match account.has {
            Some(has) => self.head(row.name, &show(has)),
            None => {
                self.head(row.name, &format!("unknown: `hardware` states no `{}`", row.field));
            }
        }
        if account.reserve > 0 {
            self.line(&show(account.reserve), "kept for the machine itself", None);
        }
        for claim in &account.claims {
            let name = self.model.dotted(claim.part);
            let span = Some(self.model.thing(claim.part).span);
            match claim.amount {
                Some(amount) => self.line(&show(amount), &name, span),
                None => self.line("?", &format!("{name}, {}", row.open), span),
            }
        }
        if row.field != "gpu" && !(account.claims.is_empty() && account.reserve == 0) {
            let (amount, said) = balance(row);
            self.line(&amount, &said, None);
        }
    }

    fn disks(&mut self, node: ThingId) {
        let model = self.model;
        for disk in ledger::disks(model, node) {
            let size = disk.size.map_or("unknown".to_string(), |size| Bytes(size).to_string());
            let place = model.text(disk.disk, "mount");
            let place = place.map_or("mounted nowhere".into(), |path| format!("at {path}"));
            self.head(&format!("disk {}", model.label(disk.disk)), &format!("{size}, {place}"));
            for user in disk.users {
                let what = format!("{} {}", model.kind(user), model.dotted(user));
                self.line("?", &what, Some(model.thing(user).span));
            }
        }
    }

    fn absence(&mut self, node: ThingId) {
        let model = self.model;
        let (moves, single) = (absence::moves(model, node), absence::single(model, node));
        self.ink.line(PLAIN, "");
        self.ink.paint(BOLD, &format!("  when {} is gone", model.label(node)));
        self.ink.line(PLAIN, "");
        if moves.is_empty() && single.is_empty() {
            self.ink.line(PLAIN, "    nothing of the cluster's is lost");
        }
        for (thing, what) in single {
            let of = format!("{} {}", model.kind(thing), model.label(thing));
            self.ink.line(PLAIN, &format!("    {of}: {what}"));
        }
        for it in moves {
            let name = model.label(it.service);
            self.ink.line(PLAIN, &format!("    service {name}: {}", verdict(model, &it)));
            if !it.stays.is_empty() && it.goes_on.is_empty() {
                self.ink.line(FAINT, &format!("      is lost with it: {}", it.stays.join(", ")));
            }
            if it.goes_on.is_empty() && it.fits.is_empty() {
                for (node, why) in &it.unfit {
                    self.ink.line(FAINT, &format!("      not on {}: {why}", model.label(*node)));
                }
            }
        }
    }
}

/// What is left, as far as it is known.
fn balance(row: &Row) -> (String, String) {
    let Row { account, show, .. } = row;
    let (sum, unknown) = (account.sum(), account.unknown());
    let besides = match unknown {
        0 => String::new(),
        1 => ", less what one more takes, which is unknown".into(),
        more => format!(", less what {more} more take, which is unknown"),
    };
    match account.room() {
        None => (
            show(sum),
            format!(
                "promised in all; what is left is unknown{}",
                match unknown {
                    0 => "",
                    _ => ", and so is what the others take",
                }
            ),
        ),
        Some(room) if sum > room => (show(sum - room), format!("more than there is{besides}")),
        Some(room) => (show(room - sum), format!("left{besides}")),
    }
}

fn verdict(model: &Model, it: &Move) -> String {
    let names = |nodes: &[ThingId]| {
        nodes.iter().map(|&node| model.label(node)).collect::<Vec<_>>().join(", ")
    };
    if !it.goes_on.is_empty() {
        return format!("goes on at {}", names(&it.goes_on));
    }
    if it.fits.is_empty() {
        return "cannot run anywhere else".into();
    }
    // Nodes of which the same is unknown stand together.
    let mut groups: Vec<(&[&str], Vec<ThingId>)> = Vec::new();
    for (node, unknown) in &it.fits {
        match groups.iter_mut().find(|(same, _)| *same == unknown.as_slice()) {
            Some((_, nodes)) => nodes.push(*node),
            None => groups.push((unknown, vec![*node])),
        }
    }
    let group = |(unknown, nodes): &(&[&str], Vec<ThingId>)| match unknown {
        [] => names(nodes),
        some => format!("{} (unknown: {})", names(nodes), some.join(", ")),
    };
    let places: Vec<String> = groups.iter().map(group).collect();
    format!("stops; could be placed on {}", places.join("; "))
}

pub fn json(model: &Model, node: ThingId) -> String {
    let mut whole = json!({ "format": 1, "node": model.label(node) });
    for row in rows(model, node) {
        let claims: Vec<Json> = row
            .account
            .claims
            .iter()
            .map(|claim| json!({ "by": model.dotted(claim.part), "amount": claim.amount }))
            .collect();
        let left = row.account.room().map(|room| room as i64 - row.account.sum() as i64);
        let left = left.filter(|_| row.account.unknown() == 0 && row.field != "gpu");
        whole[row.name] = json!({
            "has": row.account.has,
            "reserve": row.account.reserve,
            "overcommit": row.account.overcommit,
            "claims": claims,
            "left": left,
        });
    }
    let disk = |disk: &ledger::Disk| {
        let users = disk.users.iter().map(|&user| value::common_name(user, model));
        json!({
            "name": model.label(disk.disk),
            "bytes": disk.size,
            "mount": model.text(disk.disk, "mount"),
            "users": users.collect::<Vec<_>>(),
        })
    };
    whole["disks"] = ledger::disks(model, node).iter().map(disk).collect();
    let single = absence::single(model, node).into_iter();
    let single: Vec<Json> = single
        .map(|(thing, what)| json!({ "kind": model.kind(thing), "name": model.label(thing), "what": what }))
        .collect();
    let moved = |it: &Move| {
        let names = |nodes: &[ThingId]| nodes.iter().map(|&n| model.label(n)).collect::<Vec<_>>();
        let fits: Vec<Json> = it
            .fits
            .iter()
            .map(|(n, unknown)| json!({ "node": model.label(*n), "unknown": unknown }))
            .collect();
        let unfit: Vec<Json> = it
            .unfit
            .iter()
            .map(|(n, why)| json!({ "node": model.label(*n), "why": why }))
            .collect();
        json!({
            "service": model.label(it.service),
            "goes_on": names(&it.goes_on),
            "fits": fits,
            "unfit": unfit,
            "stays": it.stays,
        })
    };
    let moves: Vec<Json> = absence::moves(model, node).iter().map(moved).collect();
    whole["gone"] = json!({ "single": single, "services": moves });
    let mut text = serde_json::to_string_pretty(&whole).expect("every key is a string");
    text.push('\n');
    text
}
