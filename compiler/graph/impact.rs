//! What fails, what is worse off, and what goes on when things are gone; what starts before what.

use super::{Graph, Need};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// How a thing fares.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Fate {
    Survives,
    /// Up, but something that it uses is not.
    Degrades,
    Fails,
}

/// What became of one thing, and by which need of which other.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Effect {
    pub vertex: usize,
    pub fate: Fate,
    /// The nearest cause: the thing it needed, and why.
    pub because: Option<(usize, Need)>,
}

/// The fate of every vertex when some are gone. A thing with several of a need at hand (two
/// upstreams of a site) fails with the last of them.
pub fn impact(graph: &Graph, gone: &[usize]) -> Vec<Effect> {
    Users::of(graph).impact(gone)
}

/// Who needs what, seen from what is needed: worked out once for many questions.
pub struct Users {
    users: Vec<Vec<(usize, Need)>>,
    choices: BTreeMap<(usize, Need), usize>,
}

impl Users {
    pub fn of(graph: &Graph) -> Users {
        let mut users: Vec<Vec<(usize, Need)>> = vec![Vec::new(); graph.vertices.len()];
        let mut choices: BTreeMap<(usize, Need), usize> = BTreeMap::new();
        for edge in &graph.edges {
            users[edge.to].push((edge.from, edge.need));
            if edge.need.is_choice() {
                *choices.entry((edge.from, edge.need)).or_default() += 1;
            }
        }
        Users { users, choices }
    }

    /// The fate of every vertex when some are gone.
    pub fn impact(&self, gone: &[usize]) -> Vec<Effect> {
        let mut fates: Vec<(Fate, Option<(usize, Need)>)> =
            vec![(Fate::Survives, None); self.users.len()];
        // How many of a choice are down.
        let mut down: BTreeMap<(usize, Need), usize> = BTreeMap::new();
        let mut queue: VecDeque<usize> = VecDeque::new();
        for &at in gone {
            fates[at] = (Fate::Fails, None);
            queue.push_back(at);
        }
        while let Some(lost) = queue.pop_front() {
            for &(user, need) in &self.users[lost] {
                if fates[user].0 == Fate::Fails {
                    continue;
                }
                let last = !need.is_choice() || {
                    let down = down.entry((user, need)).or_default();
                    *down += 1;
                    *down == self.choices[&(user, need)]
                };
                if need.is_hard() && last {
                    fates[user] = (Fate::Fails, Some((lost, need)));
                    queue.push_back(user);
                } else if fates[user].0 == Fate::Survives {
                    fates[user] = (Fate::Degrades, Some((lost, need)));
                }
            }
        }
        let effect = |(vertex, (fate, because))| Effect { vertex, fate, because };
        fates.into_iter().enumerate().map(effect).collect()
    }
}

/// Each vertex whose loss alone makes others fail, with how many: the most first.
pub fn single_points(graph: &Graph) -> Vec<(usize, usize)> {
    let users = Users::of(graph);
    let mut points: Vec<(usize, usize)> = (0..graph.vertices.len())
        .map(|at| {
            let failed = users.impact(&[at]).iter().filter(|e| e.fate == Fate::Fails).count();
            (at, failed - 1)
        })
        .filter(|&(_, failed)| failed > 0)
        .collect();
    points.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
    points
}

/// What starts before what, in steps: all of one step may start together. What is left over cannot
/// start without itself.
pub struct Order {
    pub steps: Vec<Vec<usize>>,
    pub circle: Vec<usize>,
}

/// The order of starting: what a thing needs comes up before it.
pub fn boot_order(graph: &Graph) -> Order {
    let count = graph.vertices.len();
    let wait = |need: Need| {
        !matches!(need, Need::Copies | Need::Joins | Need::Names | Need::Mounts | Need::Served)
    };
    let mut waits: Vec<BTreeSet<usize>> = vec![BTreeSet::new(); count];
    let mut must: Vec<BTreeSet<usize>> = vec![BTreeSet::new(); count];
    for edge in graph.edges.iter().filter(|e| wait(e.need)) {
        waits[edge.from].insert(edge.to);
        if edge.need.is_hard() {
            must[edge.from].insert(edge.to);
        }
    }
    let mut done = vec![false; count];
    let mut steps = Vec::new();
    loop {
        let ready = |waits: &[BTreeSet<usize>]| -> Vec<usize> {
            (0..count).filter(|&at| !done[at] && waits[at].iter().all(|&w| done[w])).collect()
        };
        // Two that talk to each other: whichever is up first waits for the other.
        let ready = Some(ready(&waits)).filter(|all| !all.is_empty()).unwrap_or(ready(&must));
        if ready.is_empty() {
            break;
        }
        for &at in &ready {
            done[at] = true;
        }
        steps.push(ready);
    }
    Order { steps, circle: (0..count).filter(|&at| !done[at]).collect() }
}
