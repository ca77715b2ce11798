//! The files of the project by folder, and which brings in which.

use super::count;
use crate::graph::bond::Bond;
use crate::graph::picture::{Card, Group, Picture};
use crate::model::Model;
use std::collections::{BTreeMap, BTreeSet};

pub fn fill(model: &Model, picture: &mut Picture) {
    let imports = &model.imports;
    let files: BTreeSet<u32> = imports.iter().flat_map(|&(from, to)| [from, to]).collect();
    let name = |file: u32| model.files.get(file as usize).map_or("", |name| &**name);
    let depth = depths(imports);
    let mut said: BTreeMap<u32, usize> = BTreeMap::new();
    for def in &model.defs {
        *said.entry(def.span.file.0).or_default() += 1;
    }
    let mut groups: BTreeMap<(&str, usize), usize> = BTreeMap::new();
    let mut cards = BTreeMap::new();
    for &file in &files {
        let tier = depth.get(&file).copied().unwrap_or_default();
        let (folder, short) = name(file).rsplit_once('/').unwrap_or(("", name(file)));
        let group = (!folder.is_empty()).then(|| {
            *groups.entry((folder, tier)).or_insert_with(|| {
                picture.group(Group {
                    kind: "folder",
                    name: format!("{folder}/"),
                    note: String::new(),
                    tier,
                    thing: None,
                })
            })
        });
        let notes = said.get(&file).map(|&number| count(number, "value", "values"));
        let card = picture.card(Card {
            kind: "file",
            name: short.to_string(),
            notes: notes.into_iter().collect(),
            group,
            tier,
            thing: None,
            faint: false,
        });
        cards.insert(file, card);
    }
    for &(from, to) in imports {
        picture.line(cards[&from], cards[&to], Bond::Imports);
    }
}

/// How many imports lead to a file at most; a project has no circle of them.
fn depths(imports: &[(u32, u32)]) -> BTreeMap<u32, usize> {
    let mut depth: BTreeMap<u32, usize> = BTreeMap::new();
    for _ in 0..imports.len() {
        let mut moved = false;
        for &(from, to) in imports {
            let next = depth.get(&from).copied().unwrap_or_default() + 1;
            let at = depth.entry(to).or_default();
            if *at < next && next <= imports.len() {
                *at = next;
                moved = true;
            }
        }
        if !moved {
            break;
        }
    }
    depth
}
