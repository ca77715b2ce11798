//! One thing that several texts name: what a template has, and what those who are made from it say more of.

use crate::Compilation;
use crate::names::Sym;
use crate::resolve::hir::{LabelId, LabelNode, Program};
use crate::resolve::lower::Target;
use crate::source::{Place, Span};
use std::collections::BTreeSet;

/// The names of one thing.
pub struct Same {
    pub labels: BTreeSet<LabelId>,
    /// What has the thing in it, by its own text or by a template's.
    pub around: BTreeSet<LabelId>,
}

/// The way from a thing to one inside of it: words with labels.
type Way = Vec<(Sym, Sym)>;

/// All names of the thing that a label names.
pub fn same(c: &Compilation, id: LabelId) -> Same {
    let finder = Finder::new(&c.resolved.program);
    let mut labels = BTreeSet::from([id]);
    // Towards the templates that have it, and theirs.
    let mut todo = finder.ways_to(id);
    while let Some((of, way)) = todo.pop() {
        let Some(template) = finder.node(of).template else { continue };
        let made_from = finder.program.template(template).label;
        match finder.at(made_from, &way) {
            Some(label) if labels.insert(label) => todo.extend(finder.ways_to(label)),
            Some(_) => {}
            None => todo.push((made_from, way)),
        }
    }
    // And from those to all that are made from them.
    let mut around = BTreeSet::new();
    let mut todo: Vec<(LabelId, Way)> = labels.iter().flat_map(|&l| finder.ways_to(l)).collect();
    let mut seen = BTreeSet::new();
    while let Some((of, way)) = todo.pop() {
        if !seen.insert((of, way.clone())) {
            continue;
        }
        around.extend(finder.at(of, &way[..way.len() - 1]));
        let users = finder.users.iter().find(|(made_from, _)| *made_from == of);
        for &user in users.into_iter().flat_map(|(_, users)| users) {
            if let Some(label) = finder.at(user, &way) {
                labels.insert(label);
            }
            todo.extend(finder.outwards(user, way.clone()));
        }
    }
    Same { labels, around }
}

/// The same of any target: most are the only one of theirs.
pub fn targets(c: &Compilation, target: Target) -> Vec<Target> {
    match target {
        Target::Label(id) => same(c, id).labels.into_iter().map(Target::Label).collect(),
        only => vec![only],
    }
}

/// Whether what two labels say is said of one thing: they name the same, or one is made from the other.
pub fn is_one(c: &Compilation, one: LabelId, other: LabelId) -> bool {
    let program = &c.resolved.program;
    let made_from = |label: LabelId| {
        let template = |of: LabelId| program.labels[of.0 as usize].template;
        let next = move |of: &LabelId| template(*of).map(|t| program.template(t).label);
        // A template that leads back to itself is told of elsewhere.
        std::iter::successors(next(&label), next).take(program.templates.len())
    };
    let mut all = same(c, one).labels.into_iter();
    all.any(|of| of == other || made_from(of).any(|label| label == other))
        || made_from(other).any(|label| label == one)
}

/// Where a thing is named behind what has it by a template within its own template: there no text leads to it.
pub fn through_templates(c: &Compilation, id: LabelId) -> Vec<Span> {
    let around = same(c, id).around;
    let old = c.names.text(c.resolved.program.labels[id.0 as usize].name);
    let of_those = |label: &Option<LabelId>| label.is_some_and(|label| around.contains(&label));
    let named = c.usage.bases.iter().filter(|(span, _, label)| {
        let file = c.sources.file(span.file);
        of_those(label) && file.place == Place::Project && c.sources.text(*span) == old
    });
    named.map(|(span, ..)| *span).collect()
}

struct Finder<'a> {
    program: &'a Program,
    /// What each label stands in, with its word and name there.
    parents: Vec<Option<(LabelId, (Sym, Sym))>>,
    /// What is made from each template, by the template's own label.
    users: Vec<(LabelId, Vec<LabelId>)>,
}

impl<'a> Finder<'a> {
    fn new(program: &'a Program) -> Finder<'a> {
        let mut parents = vec![None; program.labels.len()];
        for (at, node) in (0..).map(LabelId).zip(program.labels.iter()) {
            for &(word, name, child) in &node.children {
                parents[child.0 as usize] = Some((at, (word, name)));
            }
        }
        let templates = program.templates.iter().map(|t| (t.label, Vec::new()));
        let mut users: Vec<(LabelId, Vec<LabelId>)> = templates.collect();
        for (at, node) in (0..).map(LabelId).zip(program.labels.iter()) {
            if let Some(template) = node.template {
                users[template.0 as usize].1.push(at);
            }
        }
        Finder { program, parents, users }
    }

    fn node(&self, id: LabelId) -> &LabelNode {
        &self.program.labels[id.0 as usize]
    }

    /// What a way leads to, by the text of a thing itself.
    fn at(&self, of: LabelId, way: &[(Sym, Sym)]) -> Option<LabelId> {
        way.iter().try_fold(of, |of, step| {
            let child = self.node(of).children.iter().find(|child| (child.0, child.1) == *step);
            child.map(|child| child.2)
        })
    }

    /// The ways to a label from all that it stands in.
    fn ways_to(&self, id: LabelId) -> Vec<(LabelId, Way)> {
        match self.parents[id.0 as usize] {
            Some((parent, step)) => self.outwards(parent, vec![step]),
            None => Vec::new(),
        }
    }

    /// A way, and the same from all that its beginning stands in.
    fn outwards(&self, of: LabelId, way: Way) -> Vec<(LabelId, Way)> {
        let mut ways = vec![(of, way)];
        let mut of = of;
        while let Some((parent, step)) = self.parents[of.0 as usize] {
            let longer = std::iter::once(step).chain(ways[ways.len() - 1].1.clone()).collect();
            ways.push((parent, longer));
            of = parent;
        }
        ways
    }
}
