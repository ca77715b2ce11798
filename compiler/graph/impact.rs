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

    /// Who needs a thing directly, and how.
    pub fn of_one(&self, at: usize) -> &[(usize, Need)] {
        &self.users[at]
    }

    /// What does not survive when some are gone, those themselves included, in the order of the graph:
    /// it costs what the loss touches.
    pub fn losses(&self, gone: &[usize]) -> Vec<Effect> {
        let mut fates: BTreeMap<usize, (Fate, Option<(usize, Need)>)> = BTreeMap::new();
        // How many of a choice are down.
        let mut down: BTreeMap<(usize, Need), usize> = BTreeMap::new();
        let mut queue: VecDeque<usize> = VecDeque::new();
        for &at in gone {
            fates.insert(at, (Fate::Fails, None));
            queue.push_back(at);
        }
        while let Some(lost) = queue.pop_front() {
            for &(user, need) in &self.users[lost] {
                let fate = fates.get(&user).map_or(Fate::Survives, |(fate, _)| *fate);
                if fate == Fate::Fails {
                    continue;
                }
                let last = !need.is_choice() || {
                    let down = down.entry((user, need)).or_default();
                    *down += 1;
                    *down == self.choices[&(user, need)]
                };
                if need.is_hard() && last {
                    fates.insert(user, (Fate::Fails, Some((lost, need))));
                    queue.push_back(user);
                } else if fate == Fate::Survives {
                    fates.insert(user, (Fate::Degrades, Some((lost, need))));
                }
            }
        }
        let effect = |(vertex, (fate, because))| Effect { vertex, fate, because };
        fates.into_iter().map(effect).collect()
    }

    /// The fate of every vertex when some are gone.
    pub fn impact(&self, gone: &[usize]) -> Vec<Effect> {
        let survives = |vertex| Effect { vertex, fate: Fate::Survives, because: None };
        let mut all: Vec<Effect> = (0..self.users.len()).map(survives).collect();
        for effect in self.losses(gone) {
            let at = effect.vertex;
            all[at] = effect;
        }
        all
    }
}

/// Each vertex whose loss alone makes others fail, with how many: the most first.
pub fn single_points(graph: &Graph) -> Vec<(usize, usize)> {
    let users = Users::of(graph);
    let mut points: Vec<(usize, usize)> = (0..graph.vertices.len())
        .map(|at| {
            let failed = users.losses(&[at]).iter().filter(|e| e.fate == Fate::Fails).count();
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
    // For each vertex who waits for it, and how many it waits for itself: in all, and of those that it must have.
    let mut waiting: Vec<Vec<(usize, bool)>> = vec![Vec::new(); count];
    let (mut waits, mut must) = (vec![0; count], vec![0; count]);
    for edge in graph.edges.iter().filter(|e| wait(e.need)) {
        waiting[edge.to].push((edge.from, edge.need.is_hard()));
        waits[edge.from] += 1;
        must[edge.from] += usize::from(edge.need.is_hard());
    }
    let mut done = vec![false; count];
    let mut ready: BTreeSet<usize> = (0..count).filter(|&at| waits[at] == 0).collect();
    let mut able: BTreeSet<usize> = (0..count).filter(|&at| must[at] == 0).collect();
    let mut steps = Vec::new();
    loop {
        // Two that talk to each other: whichever is up first waits for the other.
        let step = std::mem::take(if ready.is_empty() { &mut able } else { &mut ready });
        if step.is_empty() {
            break;
        }
        for &at in &step {
            done[at] = true;
            able.remove(&at);
        }
        for &at in &step {
            for &(user, hard) in &waiting[at] {
                waits[user] -= 1;
                must[user] -= usize::from(hard);
                if !done[user] && waits[user] == 0 {
                    ready.insert(user);
                }
                if !done[user] && must[user] == 0 {
                    able.insert(user);
                }
            }
        }
        steps.push(step.into_iter().collect());
    }
    Order { steps, circle: (0..count).filter(|&at| !done[at]).collect() }
}
