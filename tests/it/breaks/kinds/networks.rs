//! Breaks of addresses, names and networks.

use super::super::base::{Address, Base, Break, one};
use crate::generate::Dice;
use colabc::model::ThingId;
use colabc::model::value::Value;
use colabc::types::Cidr;
use std::net::{IpAddr, Ipv4Addr};

fn v4(base: &Base) -> Vec<Address> {
    base.addresses().into_iter().filter(|a| a.ip.is_ipv4()).collect()
}

fn range(base: &Base, network: ThingId) -> Option<Cidr> {
    match base.model().get(network, "range") {
        Value::Cidr(range) => Some(*range),
        Value::List(items) => items.iter().find_map(|item| match item.value {
            Value::Cidr(range) if range.is_v4() => Some(range),
            _ => None,
        }),
        _ => None,
    }
}

/// Any address of the old family.
fn anywhere(dice: &mut Dice) -> Ipv4Addr {
    let part = |dice: &mut Dice| dice.below(254) as u8 + 1;
    Ipv4Addr::new(dice.pick(&[10, 100, 172, 192, 198]), part(dice), part(dice), part(dice))
}

pub fn outside(base: &Base, dice: &mut Dice) -> Option<Break> {
    let address = one(dice, v4(base))?;
    Some(base.edit(address.span, &address.with(anywhere(dice))))
}

pub fn gateway(base: &Base, dice: &mut Dice) -> Option<Break> {
    let network = one(dice, base.all("network"))?;
    base.set(network, "gateway", &anywhere(dice).to_string())
}

pub fn bridge_outside(base: &Base, dice: &mut Dice) -> Option<Break> {
    let bridges = base
        .all("network")
        .into_iter()
        .filter(|&n| base.model().word(n, "driver") == Some("bridge") && range(base, n).is_some());
    let bridge = one(dice, bridges.collect())?;
    let container = one(dice, base.parts("container"))?;
    if base.model().get(container, "network_mode").is_none() {
        let name = base.model().label(bridge);
        return base.set_key(container, "address", name, &anywhere(dice).to_string());
    }
    None
}

pub fn anothers(base: &Base, dice: &mut Dice) -> Option<Break> {
    let (a, b) = (one(dice, v4(base))?, one(dice, v4(base))?);
    Some(base.edit(a.span, &a.with(b.ip)))
}

pub fn number(base: &Base, dice: &mut Dice) -> Option<Break> {
    let address = one(dice, v4(base))?;
    let number = range(base, address.network)?.network();
    Some(base.edit(address.span, &address.with(number)))
}

pub fn broadcast(base: &Base, dice: &mut Dice) -> Option<Break> {
    let address = one(dice, v4(base))?;
    let last = range(base, address.network)?.last();
    Some(base.edit(address.span, &address.with(last)))
}

pub fn reserved(base: &Base, dice: &mut Dice) -> Option<Break> {
    let address = one(dice, v4(base))?;
    let IpAddr::V4(ip) = address.ip else { return None };
    let start = u32::from(ip) & !0x0f;
    base.set(address.network, "reserve", &format!("[{}/28]", Ipv4Addr::from(start)))
}

pub fn bridge_over(base: &Base, dice: &mut Dice) -> Option<Break> {
    let network = one(dice, base.all("network"))?;
    let range = range(base, network)?;
    let prefix = dice.pick(&[range.prefix(), 24, 16]);
    let made = Cidr::around(range.network(), prefix)?;
    base.add(&format!("network broken {{ driver = bridge   range = {made} }}"))
}

pub fn pool_over(base: &Base, dice: &mut Dice) -> Option<Break> {
    let network = one(dice, base.all("network"))?;
    let range = range(base, network)?;
    let node = one(dice, base.nodes())?;
    let docker = base.model().block(node, "docker")?;
    let size = range.prefix().clamp(8, 30);
    base.set(docker, "default_pools", &format!("[{{ base = {range}   size = {size} }}]"))
}

pub fn range_at_random(base: &Base, dice: &mut Dice) -> Option<Break> {
    let networks = base
        .all("network")
        .into_iter()
        .filter(|&n| matches!(base.model().word(n, "driver"), Some("bridge" | "macvlan")));
    let network = one(dice, networks.collect())?;
    let near = one(dice, base.all("network")).and_then(|n| range(base, n))?;
    let prefix = dice.pick(&[8, 12, 16, 20, 24, 28]);
    let around = if dice.one_in(3) { anywhere(dice).into() } else { near.network() };
    base.set(network, "range", &Cidr::around(around, prefix)?.to_string())
}

pub fn pool_outside(base: &Base, dice: &mut Dice) -> Option<Break> {
    let network = one(dice, base.all("network"))?;
    range(base, network)?;
    let pool = Cidr::around(anywhere(dice).into(), 26)?;
    base.set(network, "pool", &pool.to_string())
}

pub fn alias_of_node(base: &Base, dice: &mut Dice) -> Option<Break> {
    let node = one(dice, base.nodes())?;
    let other = one(dice, base.all("node"))?;
    base.set(node, "alias", &format!("[{}]", base.model().label(other)))
}

pub fn site_of_node(base: &Base, dice: &mut Dice) -> Option<Break> {
    let m = base.model();
    let node = one(dice, base.all("node"))?;
    let domains = base.all("network").into_iter().filter_map(|n| m.text(n, "domain"));
    let domain = one(dice, domains.collect())?;
    let site = one(dice, base.all("site"))?;
    let name = format!("{}.{domain}", m.label(node));
    let name = if dice.one_in(3) { name.to_uppercase() } else { name };
    base.set(site, "alias", &format!("[\"{name}\"]"))
}

pub fn record_of_taken(base: &Base, dice: &mut Dice) -> Option<Break> {
    let of = dice.pick(&["site", "node"]);
    let taken = one(dice, base.all(of))?;
    let name = base.model().label(taken);
    base.add(&format!("record \"{}\" {{ a = 10.9.8.7 }}", name.to_lowercase()))
}

pub fn site_elsewhere(base: &Base, dice: &mut Dice) -> Option<Break> {
    let site = one(dice, base.all("site"))?;
    let stem = base.model().label(site).split('.').next()?;
    let domain = dice.pick(&["elsewhere.test", "xism.la", "example.org", "box"]);
    let name = format!("{stem}.{domain}");
    if dice.one_in(2) {
        return base.set(site, "alias", &format!("[\"{name}\"]"));
    }
    base.rename(site, &name)
}

pub fn site_twice(base: &Base, dice: &mut Dice) -> Option<Break> {
    let (site, other) = (one(dice, base.all("site"))?, one(dice, base.all("site"))?);
    base.set(site, "alias", &format!("[\"{}\"]", base.model().label(other)))
}

pub fn alias_of_site(base: &Base, dice: &mut Dice) -> Option<Break> {
    let site = one(dice, base.all("site"))?;
    let name = base.model().label(site);
    let name = if dice.one_in(2) { name.to_string() } else { format!("new.{name}") };
    base.add(&format!(
        "service broken-page {{ on = {}   site \"{name}\" {{ respond = \"hello\" }} }}",
        {
            let node = one(dice, base.nodes())?;
            base.model().label(node)
        }
    ))
}

pub fn group_as_role(base: &Base, dice: &mut Dice) -> Option<Break> {
    let m = base.model();
    let of = dice.pick(&["role", "group"]);
    let taken = one(dice, base.all(of))?;
    let node = one(dice, base.nodes())?;
    let label = m.label(taken);
    let name = if label.contains('-') { label.replace('-', "_") } else { label.replace('_', "-") };
    if of == "group" && name == label {
        return None;
    }
    base.add(&format!("group {name} {{ nodes = [{}] }}", m.label(node)))
}

pub fn joins_cable(base: &Base, dice: &mut Dice) -> Option<Break> {
    let container = one(dice, base.parts("container"))?;
    let network = one(dice, base.all("network"))?;
    base.set(container, "networks", &format!("[{}]", base.model().label(network)))
}

pub fn external(base: &Base, dice: &mut Dice) -> Option<Break> {
    let network = one(dice, base.all("network"))?;
    base.insert(network, "raw { external = true }")
}

pub fn spans(base: &Base, dice: &mut Dice) -> Option<Break> {
    let bridges = base
        .all("network")
        .into_iter()
        .filter(|&n| base.model().word(n, "driver") == Some("bridge"));
    let bridge = one(dice, bridges.collect())?;
    let container = one(dice, base.parts("container"))?;
    if !base.model().get(container, "network_mode").is_none() {
        return None;
    }
    base.set(container, "networks", &format!("[{}]", base.model().label(bridge)))
}
