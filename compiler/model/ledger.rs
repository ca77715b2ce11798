//! What a node has and who lays claim to it: memory, processors, graphics processors, disks. What nobody stated is
//! unknown, and stays so. Pure questions; whether it is too much is a rule's affair.

use super::fit::running_on;
use super::value::{Base, Value};
use super::{Model, ThingId};

/// One resource of a node.
#[derive(Clone, PartialEq, Debug)]
pub struct Account {
    /// Bytes, thousandths of a core or a number of devices; `None` where nobody said.
    pub has: Option<u64>,
    /// Kept for the machine itself.
    pub reserve: u64,
    /// How much more may be promised than there is.
    pub overcommit: f64,
    pub claims: Vec<Claim>,
}

/// What one container or unit may take.
#[derive(Clone, PartialEq, Debug)]
pub struct Claim {
    pub part: ThingId,
    /// The block that states it: `limits`, or its `reserve`.
    pub block: ThingId,
    /// `None`: as much as there is.
    pub amount: Option<u64>,
}

impl Account {
    /// What is promised and kept, as far as it is stated.
    pub fn sum(&self) -> u64 {
        let stated = self.claims.iter().filter_map(|claim| claim.amount);
        stated.fold(self.reserve, u64::saturating_add)
    }

    /// What may be promised in all.
    pub fn room(&self) -> Option<u64> {
        self.has.map(|has| (has as f64 * self.overcommit) as u64)
    }

    /// Those that state nothing.
    pub fn unknown(&self) -> usize {
        self.claims.iter().filter(|claim| claim.amount.is_none()).count()
    }
}

/// Main memory: what each program may use at most.
pub fn memory(model: &Model, node: ThingId) -> Account {
    let mut account = account(model, node, "memory");
    for part in parts(model, node) {
        let Some(limits) = model.block(part, "limits") else { continue };
        if let Value::Float(by) = model.get(limits, "overcommit") {
            account.overcommit = account.overcommit.max(*by);
        }
        let value = model.get(limits, "memory");
        if !value.is_poison() {
            account.claims.push(Claim { part, block: limits, amount: amount(value) });
        }
    }
    account
}

/// Processors: what is kept for each program whatever the others do. A limit is no claim: many may share a core.
pub fn processors(model: &Model, node: ThingId) -> Account {
    let mut account = account(model, node, "cpu");
    for part in parts(model, node) {
        let Some(limits) = model.block(part, "limits") else { continue };
        let Some(reserve) = model.block(limits, "reserve") else { continue };
        if let kept @ Some(_) = amount(model.get(reserve, "cpu")) {
            account.claims.push(Claim { part, block: reserve, amount: kept });
        }
    }
    account
}

/// Graphics processors: containers share them, so that claims need not add up.
pub fn graphics(model: &Model, node: ThingId) -> Account {
    let has = model.block(node, "hardware").and_then(|hardware| match model.get(hardware, "gpu") {
        Value::Word(_) => match model.param(hardware, "gpu", "count") {
            Some(Value::Int(count)) => u64::try_from(*count).ok(),
            _ => Some(1),
        },
        _ => None,
    });
    let claims = running_on(model, node, "container").filter_map(|part| {
        let word = model.word(part, "gpu")?;
        let count =
            match (word, model.param(part, "gpu", "number"), model.param(part, "gpu", "list")) {
                ("count", Some(Value::Int(number)), _) => u64::try_from(*number).ok(),
                ("ids", _, Some(list)) => Some(list.items().len() as u64),
                _ => None,
            };
        Some(Claim { part, block: part, amount: count })
    });
    Account { has, reserve: 0, overcommit: 1.0, claims: claims.collect() }
}

/// A disk of a node, and what lies on it. How much nobody knows before it is there.
#[derive(Clone, PartialEq, Debug)]
pub struct Disk {
    pub disk: ThingId,
    pub size: Option<u64>,
    /// Shares of it, backups onto it, volumes of containers here.
    pub users: Vec<ThingId>,
}

pub fn disks(model: &Model, node: ThingId) -> Vec<Disk> {
    let Some(hardware) = model.block(node, "hardware") else { return Vec::new() };
    let of = |&disk: &ThingId| {
        let is_here = |value: &Value| match value {
            Value::Location(location) => location.base == Base::Disk(disk),
            value => value.as_thing() == Some(disk),
        };
        let having = |kind, field| {
            let all = model.all(kind).iter().copied();
            all.filter(move |&thing| is_here(model.get(thing, field)))
        };
        let volumes = running_on(model, node, "container")
            .flat_map(|part| model.children(part, "volume").iter().copied())
            .filter(|&volume| is_here(model.get(volume, "value")));
        let users = having("share", "disk").chain(having("backup", "to")).chain(volumes);
        Disk { disk, size: amount(model.get(disk, "size")), users: users.collect() }
    };
    model.children(hardware, "disk").iter().map(of).collect()
}

/// Containers and units of a node.
pub fn parts(model: &Model, node: ThingId) -> impl Iterator<Item = ThingId> + '_ {
    running_on(model, node, "container").chain(running_on(model, node, "unit"))
}

fn account(model: &Model, node: ThingId, field: &str) -> Account {
    let stated = |block| model.block(node, block).and_then(|block| amount(model.get(block, field)));
    Account {
        has: stated("hardware"),
        reserve: stated("reserve").unwrap_or(0),
        overcommit: 1.0,
        claims: Vec::new(),
    }
}

fn amount(value: &Value) -> Option<u64> {
    match value {
        Value::Bytes(bytes) => Some(bytes.0),
        Value::Cpu(cpu) => Some(cpu.0),
        _ => None,
    }
}
