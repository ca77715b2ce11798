//! Breaks of nodes: what they are, what they have, and what is asked of them.

use super::super::base::{Base, Break, one};
use crate::generate::Dice;
use colabc::model::ThingId;
use colabc::model::value::Value;

fn hardware(base: &Base, dice: &mut Dice) -> Option<ThingId> {
    base.model().block(one(dice, base.nodes())?, "hardware")
}

fn limits(base: &Base, dice: &mut Dice) -> Option<ThingId> {
    let parts = [base.parts("container"), base.parts("unit")].concat();
    base.model().block(one(dice, parts)?, "limits")
}

fn amount(dice: &mut Dice) -> String {
    format!("{}{}", dice.pick(&[1, 3, 9, 48, 96, 512]), dice.pick(&["MiB", "GiB"]))
}

pub fn no_arch(base: &Base, dice: &mut Dice) -> Option<Break> {
    base.remove(one(dice, base.nodes())?, "arch")
}

pub fn no_os(base: &Base, dice: &mut Dice) -> Option<Break> {
    base.remove(one(dice, base.nodes())?, "os")
}

pub fn no_gpu(base: &Base, dice: &mut Dice) -> Option<Break> {
    base.remove(hardware(base, dice)?, "gpu")
}

pub fn wants_gpu(base: &Base, dice: &mut Dice) -> Option<Break> {
    let number = dice.below(4) + 1;
    let text = if dice.one_in(2) { "all".to_string() } else { format!("count({number})") };
    base.set(one(dice, base.parts("container"))?, "gpu", &text)
}

pub fn platform(base: &Base, dice: &mut Dice) -> Option<Break> {
    let platform = dice.pick(&["linux/amd64", "linux/arm64", "linux/arm/v7", "linux/arm64/v8"]);
    base.insert(one(dice, base.parts("container"))?, &format!("override platform = \"{platform}\""))
}

pub fn platforms(base: &Base, dice: &mut Dice) -> Option<Break> {
    let list = dice.pick(&["[x86_64]", "[arm64]", "[arm64, x86_64]", "[riscv64]"]);
    base.set(one(dice, base.parts("container"))?, "platforms", list)
}

pub fn less_memory(base: &Base, dice: &mut Dice) -> Option<Break> {
    let memory = amount(dice);
    base.set(hardware(base, dice)?, "memory", &memory)
}

pub fn more_memory(base: &Base, dice: &mut Dice) -> Option<Break> {
    // As much as the node has, more or less, where that is known.
    let limits = limits(base, dice)?;
    let hardware = base.model().block(base.node_of(limits)?, "hardware")?;
    let Value::Bytes(has) = base.model().get(hardware, "memory") else { return None };
    let part = has.0 >> 22;
    base.set(limits, "memory", &format!("{}MiB", part + dice.below(part as usize * 6) as u64))
}

pub fn more_cpu(base: &Base, dice: &mut Dice) -> Option<Break> {
    let cpu = format!("{}cpu", dice.pick(&[1, 3, 7, 15, 33, 96]));
    if dice.one_in(2) {
        return base.set(hardware(base, dice)?, "cpu", &cpu);
    }
    base.set(limits(base, dice)?, "cpu", &cpu)
}

pub fn needs(base: &Base, dice: &mut Dice) -> Option<Break> {
    let placed = base.parts("container").into_iter().filter_map(|part| base.service_of(part));
    let service = one(dice, placed.collect())?;
    let needs = base.model().block(service, "needs")?;
    match dice.below(6) {
        0 => base.set(needs, "memory", &amount(dice)),
        1 => base.set(needs, "cpu", dice.pick(&["2cpu", "20cpu", "200cpu"])),
        2..5 => base.set(needs, "arch", dice.pick(&["x86_64", "arm64", "riscv64"])),
        _ => base.set(needs, "os", dice.pick(&["linux", "macos", "windows", "debian"])),
    }
}

/// Where it is, by a condition that is true of every node.
pub fn chosen(base: &Base, dice: &mut Dice) -> Option<Break> {
    let m = base.model();
    let kept = base.volumes().into_iter().filter_map(|volume| m.thing(volume).parent);
    let part = if dice.one_in(4) {
        one(dice, base.parts("container"))
    } else {
        one(dice, kept.collect())
    }?;
    let service = base.service_of(part)?;
    // What a cluster chooses by a condition of its own is not ours to judge.
    let Value::Thing(node) = m.get(service, "on") else { return None };
    let name = m.label(*node);
    base.set(service, "on", &format!("where(true, prefer = [node.name == \"{name}\"])"))
}

pub fn no_engine(base: &Base, dice: &mut Dice) -> Option<Break> {
    base.set(one(dice, base.nodes())?, "engine", "off")
}

pub fn jump(base: &Base, dice: &mut Dice) -> Option<Break> {
    let (node, other) = (one(dice, base.nodes())?, one(dice, base.nodes())?);
    base.set(base.model().block(node, "ssh")?, "jump", base.model().label(other))
}

pub fn bootstrap(base: &Base, dice: &mut Dice) -> Option<Break> {
    let (store, service) = (one(dice, base.all("secrets"))?, one(dice, base.all("service"))?);
    base.set(store, "provider", &format!("infisical({})", base.model().label(service)))
}

pub fn starter(base: &Base, dice: &mut Dice) -> Option<Break> {
    let node = base.model().label(one(dice, base.nodes())?);
    let field = dice.pick(&["systemd", "launchd", "windows_service"]);
    let name = if field == "systemd" { "broken.service" } else { "broken" };
    base.add(&format!("service broken {{ on = {node}   unit main {{ {field} = \"{name}\" }} }}"))
}

/// One more account on a node, with the numbers of the one that works there or with others.
pub fn account(base: &Base, dice: &mut Dice) -> Option<Break> {
    let m = base.model();
    let node = one(dice, base.nodes())?;
    let worker = m.get(node, "user").as_thing()?;
    let mut number = |field| match m.get(worker, field) {
        Value::Int(own) if dice.one_in(2) => Some(*own),
        _ => Some(61_234),
    };
    let (uid, gid) = (number("uid")?, number("gid")?);
    let mut made = base.insert(node, "users += [broken]")?;
    let root = made.project.get_mut("cluster.colab")?;
    root.push_str(&format!("\nuser broken {{ uid = {uid}   gid = {gid} }}\n"));
    Some(made)
}
