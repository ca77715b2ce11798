//! A picture before it is drawn: cards in groups, and lines between them. What a view shows is
//! decided in `views/`, where it stands on the paper in `layout/`.

use super::bond::Bond;
use crate::model::ThingId;
use crate::types::distance::nearest;
use std::collections::BTreeSet;

/// What is looked at.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum View {
    Services,
    Nodes,
    Storage,
    Network,
    Layers,
    Imports,
}

impl View {
    pub const ALL: &'static [View] =
        &[View::Services, View::Nodes, View::Storage, View::Network, View::Layers, View::Imports];

    pub const fn word(self) -> &'static str {
        match self {
            View::Services => "services",
            View::Nodes => "nodes",
            View::Storage => "storage",
            View::Network => "network",
            View::Layers => "layers",
            View::Imports => "imports",
        }
    }

    /// What the picture answers, as a line under its title.
    pub const fn question(self) -> &'static str {
        match self {
            View::Services => "What runs where, and what it needs",
            View::Nodes => "What the machines need of each other",
            View::Storage => "Where data lies, and where its copies go",
            View::Network => "Who can reach what",
            View::Layers => "Which layers hold for which node",
            View::Imports => "Which file brings in which",
        }
    }

    pub fn of(word: &str) -> Option<View> {
        View::ALL.iter().copied().find(|view| view.word() == word)
    }
}

/// A box with a name and a few lines under it.
#[derive(Clone, PartialEq, Debug)]
pub struct Card {
    /// What it is: `service`, `share`, `file`.
    pub kind: &'static str,
    pub name: String,
    pub notes: Vec<String>,
    pub group: Option<usize>,
    /// How far to the right it stands among the ranks of its view.
    pub tier: usize,
    pub thing: Option<ThingId>,
    /// Not always there: on demand, or offline.
    pub faint: bool,
}

/// A frame around cards: a node, a folder.
#[derive(Clone, PartialEq, Debug)]
pub struct Group {
    pub kind: &'static str,
    pub name: String,
    pub note: String,
    pub tier: usize,
    pub thing: Option<ThingId>,
}

/// A line from the one that needs to the one that is needed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Line {
    pub from: usize,
    pub to: usize,
    pub bond: Bond,
}

#[derive(Clone, PartialEq, Debug)]
pub struct Picture {
    pub view: View,
    pub title: String,
    pub groups: Vec<Group>,
    pub cards: Vec<Card>,
    /// Sorted, each once.
    pub lines: Vec<Line>,
}

impl Picture {
    pub fn new(view: View, title: &str) -> Picture {
        Picture {
            view,
            title: title.to_string(),
            groups: Vec::new(),
            cards: Vec::new(),
            lines: Vec::new(),
        }
    }

    pub fn group(&mut self, group: Group) -> usize {
        self.groups.push(group);
        self.groups.len() - 1
    }

    pub fn card(&mut self, card: Card) -> usize {
        self.cards.push(card);
        self.cards.len() - 1
    }

    pub fn line(&mut self, from: usize, to: usize, bond: Bond) {
        if from != to {
            self.lines.push(Line { from, to, bond });
        }
    }

    /// Puts the lines in order and leaves out frames without a card.
    pub fn done(mut self) -> Picture {
        self.lines.sort();
        self.lines.dedup();
        let mut used = vec![false; self.groups.len()];
        for card in &self.cards {
            if let Some(group) = card.group {
                used[group] = true;
            }
        }
        let mut place = vec![0; used.len()];
        let mut kept = Vec::new();
        for (at, group) in std::mem::take(&mut self.groups).into_iter().enumerate() {
            place[at] = kept.len();
            if used[at] {
                kept.push(group);
            }
        }
        self.groups = kept;
        for card in &mut self.cards {
            card.group = card.group.map(|group| place[group]);
        }
        self
    }

    /// A name for a card that no other has: `service gitea on cooperator`.
    pub fn id(&self, card: usize) -> String {
        let card = &self.cards[card];
        match card.group.map(|group| &self.groups[group]) {
            Some(group) if group.kind == "node" => {
                format!("{} {} on {}", card.kind, card.name, group.name)
            }
            Some(group) => format!("{} {} in {}", card.kind, card.name, group.name),
            None => format!("{} {}", card.kind, card.name),
        }
    }

    /// The cards that a name means: one of that name, or all in the group of that name.
    pub fn named(&self, name: &str) -> Vec<usize> {
        let means = |&at: &usize| {
            let card = &self.cards[at];
            let group = card.group.map(|group| self.groups[group].name.as_str());
            card.name == name
                || group == Some(name)
                || group.is_some_and(|group| {
                    name.split_once('@').is_some_and(|(c, g)| c == card.name && g == group)
                })
        };
        (0..self.cards.len()).filter(means).collect()
    }

    /// The names in it that are nearest to one that is not.
    pub fn near(&self, name: &str) -> Vec<&str> {
        let cards = self.cards.iter().map(|card| card.name.as_str());
        nearest(name, cards.chain(self.groups.iter().map(|group| group.name.as_str())))
    }

    /// The part within `depth` steps of some cards, along lines either way.
    pub fn around(&self, focus: &[usize], depth: usize) -> Picture {
        let mut kept: BTreeSet<usize> = focus.iter().copied().collect();
        let mut rim = kept.clone();
        for _ in 0..depth {
            let mut next = BTreeSet::new();
            for line in &self.lines {
                for (a, b) in [(line.from, line.to), (line.to, line.from)] {
                    if rim.contains(&a) && !kept.contains(&b) {
                        next.insert(b);
                    }
                }
            }
            kept.extend(&next);
            rim = next;
        }
        let mut picture = Picture { cards: Vec::new(), lines: Vec::new(), ..self.clone() };
        let mut place = vec![None; self.cards.len()];
        for &at in &kept {
            place[at] = Some(picture.card(self.cards[at].clone()));
        }
        for line in &self.lines {
            if let (Some(from), Some(to)) = (place[line.from], place[line.to]) {
                picture.line(from, to, line.bond);
            }
        }
        picture.done()
    }
}
