//! Breaks of who answers for a name, who signs for it, and of things that may be there once only.

use super::super::base::{Base, Break, one};
use crate::generate::Dice;

/// A domain of the cluster, or of one of its networks.
fn domain(base: &Base, dice: &mut Dice) -> Option<String> {
    let m = base.model();
    let mut all: Vec<&str> = m.cluster.and_then(|it| m.text(it, "domain")).into_iter().collect();
    all.extend(base.all("network").into_iter().filter_map(|n| m.text(n, "domain")));
    one(dice, all).map(String::from)
}

pub fn wildcard(base: &Base, dice: &mut Dice) -> Option<Break> {
    // Without a server of its own for names nothing can be said in another's place.
    let m = base.model();
    if m.get(m.cluster?, "dns").is_none() && !dice.one_in(6) {
        return None;
    }
    let domain = domain(base, dice)?;
    let node = base.model().label(one(dice, base.nodes())?);
    let ingress = if dice.one_in(3) { format!("   ingress = [{node}]") } else { String::new() };
    let wildcard =
        format!("site \"*.{domain}\" {{ respond = \"broken\"   tls = internal{ingress} }}");
    let below = match dice.below(6) {
        0..3 => format!("record \"broken.{domain}\" {{ a = 198.51.100.7   on = [hosts] }}"),
        3 => format!("record \"broken.{domain}\" {{ a = 198.51.100.7 }}"),
        4 => format!("site \"broken.{domain}\" {{ respond = \"other\"   dns = false }}"),
        _ => format!("site \"broken.{domain}\" {{ respond = \"other\"   audience = node }}"),
    };
    base.add(&format!("{wildcard}\n{below}"))
}

pub fn acme(base: &Base, dice: &mut Dice) -> Option<Break> {
    base.set(one(dice, base.all("site"))?, "tls", dice.pick(&["acme", "internal"]))
}

pub fn certificate(base: &Base, dice: &mut Dice) -> Option<Break> {
    let domain = domain(base, dice)?;
    let name = dice.pick(&["*", "broken"]);
    let how = dice.pick(&["audience = internet", "tls = acme", "tls = internal"]);
    base.add(&format!("site \"{name}.{domain}\" {{ respond = \"broken\"   {how} }}"))
}

pub fn containers(base: &Base, dice: &mut Dice) -> Option<Break> {
    let (a, b) = (one(dice, base.nodes())?, one(dice, base.nodes())?);
    let (a, b) = (base.model().label(a), base.model().label(b));
    let of = |service: &str, node: &str, container: &str| {
        format!("service {service} {{ on = {node}   container {container} {{ image = \"x:1\" }} }}")
    };
    base.add(&format!("{}\n{}", of("broken", a, "way-out"), of("broken-way", b, "out")))
}

pub fn card(base: &Base, dice: &mut Dice) -> Option<Break> {
    let m = base.model();
    let networks = [one(dice, base.all("network"))?, one(dice, base.all("network"))?];
    let cards = ["02:00:00:00:00:01", "02:00:00:00:00:02"];
    let node = |number: usize, dice: &mut Dice| {
        let (network, card) = (m.label(networks[dice.below(2)]), dice.pick(&cards));
        format!("node broken-{number} {{ managed = false   mac {{ {network} = {card} }} }}")
    };
    let text = format!("{}\n{}", node(1, dice), node(2, dice));
    base.add(&text)
}

pub fn deaf(base: &Base, dice: &mut Dice) -> Option<Break> {
    let service = base.model().label(one(dice, base.all("service"))?);
    let (field, tool) = dice.pick(&[("ingress", "caddy"), ("dns", "pihole")]);
    base.set(base.model().cluster?, field, &format!("{tool}({service})"))
}

pub fn place(base: &Base, dice: &mut Dice) -> Option<Break> {
    let volume = one(dice, base.volumes())?;
    let end = dice.pick(&["", "/", "/x"]);
    let path = format!("{}{end}", base.model().label(volume).trim_end_matches('/'));
    base.insert(base.model().thing(volume).parent?, &format!("config \"{path}\" = \"broken\""))
}

pub fn file(base: &Base, dice: &mut Dice) -> Option<Break> {
    let node = base.model().label(one(dice, base.nodes())?);
    let path = dice.pick(&["/etc/hosts", "/etc/hosts", "/etc/hosts.own"]);
    base.add(&format!("file \"{path}\" {{ on = {node}   by = ansible   content = \"broken\" }}"))
}
