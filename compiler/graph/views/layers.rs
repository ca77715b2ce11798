//! The layers above the nodes, widest at the left, and which of them hold for which node.

use super::count;
use crate::graph::bond::Bond;
use crate::graph::picture::{Card, Picture};
use crate::model::{Model, ThingId, families};
use std::collections::BTreeMap;

const NODES: usize = 9;

pub fn fill(model: &Model, picture: &mut Picture) {
    let mut layers = Layers { said: said(model), cards: BTreeMap::new() };
    for &node in model.all("node") {
        if !model.flag(node, "managed") {
            continue;
        }
        let said = layers.said.get(&format!("node {}", model.label(node))).copied();
        let card = picture.card(Card {
            kind: "node",
            name: model.label(node).to_string(),
            notes: values(said.unwrap_or_default()),
            group: None,
            tier: NODES,
            thing: Some(node),
            faint: super::state(model, node).is_some(),
        });
        let mut held = false;
        let arch = model.word(node, "arch").map(|arch| ("arch", arch));
        let os: Vec<(&str, &str)> = model
            .word(node, "os")
            .map(|os| families::line(os).into_iter().map(|word| ("os", word)).collect())
            .unwrap_or_default();
        for line in [arch.into_iter().collect::<Vec<_>>(), os] {
            let declared: Vec<_> = line
                .into_iter()
                .filter(|(kind, word)| layers.said.contains_key(&format!("{kind} {word}")))
                .collect();
            let mut above = layers.global(picture);
            for (depth, &(kind, word)) in declared.iter().enumerate() {
                let here = layers.card(picture, kind, word, 1 + depth, None);
                picture.lines_once(above, here);
                above = Some(here);
            }
            if !declared.is_empty() {
                held = true;
                picture.lines_once(above, card);
            }
        }
        for role in model.get(node, "roles").items().iter().filter_map(|i| i.value.as_thing()) {
            let here = layers.card(picture, "role", model.label(role), 3, Some(role));
            let global = layers.global(picture);
            picture.lines_once(global, here);
            picture.lines_once(Some(here), card);
            held = true;
        }
        if !held {
            let global = layers.global(picture);
            picture.lines_once(global, card);
        }
    }
}

struct Layers {
    /// How many definitions each layer holds, by its head: `os linux`.
    said: BTreeMap<String, usize>,
    cards: BTreeMap<String, usize>,
}

impl Layers {
    /// The widest layer, where something is declared in it.
    fn global(&mut self, picture: &mut Picture) -> Option<usize> {
        self.said.contains_key("global").then(|| self.card(picture, "global", "", 0, None))
    }

    fn card(
        &mut self,
        picture: &mut Picture,
        kind: &'static str,
        word: &str,
        tier: usize,
        thing: Option<ThingId>,
    ) -> usize {
        let head = if word.is_empty() { kind.to_string() } else { format!("{kind} {word}") };
        if let Some(&at) = self.cards.get(&head) {
            return at;
        }
        let notes = values(self.said.get(&head).copied().unwrap_or_default());
        let name = if word.is_empty() { kind } else { word }.to_string();
        let at = picture.card(Card { kind, name, notes, group: None, tier, thing, faint: false });
        self.cards.insert(head, at);
        at
    }
}

impl Picture {
    fn lines_once(&mut self, from: Option<usize>, to: usize) {
        if let Some(from) = from {
            self.line(from, to, Bond::Holds);
        }
    }
}

fn values(number: usize) -> Vec<String> {
    match number {
        0 => Vec::new(),
        _ => vec![count(number, "value", "values")],
    }
}

/// The definitions of the project, counted by the outermost block that they stand in.
fn said(model: &Model) -> BTreeMap<String, usize> {
    let of_project: Vec<bool> = model.files.iter().map(|name| !name.starts_with("std/")).collect();
    let mut blocks: BTreeMap<u32, usize> = BTreeMap::new();
    for def in &model.defs {
        if of_project.get(def.span.file.0 as usize).is_none_or(|&of_project| of_project) {
            *blocks.entry(model.homes.outermost(def.home)).or_default() += 1;
        }
    }
    let mut said = BTreeMap::new();
    for (block, count) in blocks {
        let home = model.homes.text(block, &model.names);
        let head = home.split(" > ").next().unwrap_or(&home);
        *said.entry(head.to_string()).or_default() += count;
    }
    said
}
