//! Large clusters are worked out by several at once: each takes some nodes with all that runs on them, on a copy of
//! what is known so far, and works out on the way what it needs of the others' things. How what they found becomes
//! one again is `joined`.

use super::finish::Root;
use super::state::State;
use super::{Eval, How, joined};
use crate::model::ThingId;
use crate::threads;
use rustc_hash::FxHashMap;

/// More would mostly work out the same things of each other's.
const MOST: usize = 8;

/// How many values may wait for one another in a share: `threads::STACK` is enough for as many, each of them an
/// expression as deep as the language lets it be.
const DEEP: usize = 50;

/// How often each may ask the others for what they had no reason to work out.
const ROUNDS: usize = 4;

impl Eval<'_> {
    /// Works out all roots; false where it has to be done in one go, with nothing changed.
    pub(super) fn visit_apart(&mut self, roots: &[Root], how: &How) -> bool {
        self.sources.share();
        self.defs.share();
        let (program, names, base) = (self.program, self.names, &*self.state);
        let (parts, owners) = self.parts(roots, how.threads.clamp(1, MOST));
        let mut found = threads::each(&parts, how.threads, |roots| {
            // All together may make no more than one.
            let most = base.made + base.most.saturating_sub(base.made) / parts.len();
            let mut state = State { torn: false, most, deep: DEEP, ..base.clone() };
            // The others' will come behind the lists of the first.
            let first = std::ptr::eq(roots, &parts[0]);
            state.make_room(program, if first { 1 } else { parts.len() });
            let mut eval = Eval { program, names, state: &mut state };
            for &root in roots {
                if eval.torn || !(how.wanted)() {
                    break;
                }
                eval.visit_root(root);
            }
            state
        });
        for _ in 0..ROUNDS {
            let asked = asked(base, &owners, &found);
            if asked.iter().all(Vec::is_empty) {
                break;
            }
            for (state, fields) in found.iter_mut().zip(asked) {
                let mut eval = Eval { program, names, state };
                for (thing, field) in fields {
                    eval.field(thing, field);
                }
                eval.look();
            }
        }
        if !(how.wanted)() || found.iter().any(|state| state.torn) {
            return false;
        }
        let joined = joined::joined(base, &owners, found, how.threads);
        let is_one = joined.is_some();
        if let Some(joined) = joined {
            joined.replace(self.state, program);
            self.state.parts = parts.len();
        }
        is_one
    }

    /// The roots by who works them out, and by thing whose it is. A node is whole in one part.
    fn parts(&self, roots: &[Root], count: usize) -> (Vec<Vec<Root>>, Vec<u8>) {
        let weight = |node: &ThingId| 1 + self.model.on_node.get(node).map_or(0, Vec::len);
        let nodes = self.all_named("node");
        let whole: usize = nodes.iter().map(weight).sum();
        let mut part_of: FxHashMap<ThingId, u8> = FxHashMap::default();
        let mut before = 0;
        for node in &nodes {
            part_of.insert(*node, (before * count / whole) as u8);
            before += weight(node);
        }
        let mut parts = vec![Vec::new(); count];
        let mut owners = vec![0; self.model.things.len()];
        for &root in roots {
            let thing = root.thing();
            // A service is worked out where its first instance is.
            let node = match self.model.of_service.get(&thing) {
                Some(range) => Some(self.model.instances[range.start].node),
                None => self.thing(thing).node,
            };
            let part = node.and_then(|node| part_of.get(&node)).copied().unwrap_or(0);
            owners[thing.at()] = part;
            parts[usize::from(part)].push(root);
        }
        // What stands in another came to be after it.
        for at in 0..owners.len() {
            if let Some(parent) = self.model.things[at].parent {
                owners[at] = owners[parent.at()];
            }
        }
        (parts, owners)
    }
}

/// By owner, the fields of its things that another worked out and it did not.
fn asked(base: &State, owners: &[u8], found: &[State]) -> Vec<Vec<(ThingId, u16)>> {
    let mut asked = vec![Vec::new(); found.len()];
    for (at, thing) in base.model.things.iter().enumerate() {
        let owner = usize::from(owners[at]);
        let its = &found[owner].model.things[at].slots;
        for (part, state) in found.iter().enumerate() {
            let slots = &state.model.things[at].slots;
            if part == owner || slots.len() == thing.slots.len() {
                continue;
            }
            let unknown = slots.iter().filter(|slot| its.find(slot.field).is_none());
            asked[owner].extend(unknown.map(|slot| (ThingId::new(at), slot.field)));
        }
    }
    asked
}
