//! Breaks of ports, sites, order, and what containers are given.

use super::super::base::{Base, Break, one};
use crate::generate::Dice;
use colabc::model::ThingId;
use colabc::model::value::Value;

fn programs(base: &Base) -> Vec<ThingId> {
    [base.parts("container"), base.parts("unit")].concat()
}

/// The port of the node that a published port takes.
fn published(base: &Base, port: ThingId) -> Option<u16> {
    match base.model().get(port, "value") {
        Value::Ports(ports) => ports.host.or(Some(ports.container)).map(|range| range.first),
        _ => None,
    }
}

fn is_published(base: &Base, port: ThingId) -> bool {
    matches!(base.model().get(port, "value"), Value::Ports(ports) if ports.host.is_some())
}

/// The same port with another number on its node.
fn moved(base: &Base, port: ThingId, number: u16) -> Option<Break> {
    let Value::Ports(ports) = base.model().get(port, "value") else { return None };
    let text = match ports.host {
        Some(_) => format!("{number} -> {}", ports.container),
        None => number.to_string(),
    };
    base.set(port, "value", &text)
}

/// A port, and another of the same node.
fn two(base: &Base, dice: &mut Dice) -> Option<(ThingId, ThingId)> {
    let port = one(dice, base.ports())?;
    let beside = base.ports().into_iter().filter(|&p| base.node_of(p) == base.node_of(port));
    Some((port, one(dice, beside.collect())?))
}

pub fn port_taken(base: &Base, dice: &mut Dice) -> Option<Break> {
    let (port, other) = two(base, dice)?;
    moved(base, port, published(base, other)?)
}

pub fn port_at_random(base: &Base, dice: &mut Dice) -> Option<Break> {
    let (port, other) = two(base, dice)?;
    let near = published(base, other)?.saturating_add(dice.below(3) as u16);
    let number = if dice.one_in(2) { near } else { dice.below(65_000) as u16 + 1 };
    moved(base, port, number)
}

pub fn port_of_ssh(base: &Base, dice: &mut Dice) -> Option<Break> {
    let port = one(dice, base.ports())?;
    let ssh = base.model().block(base.node_of(port)?, "ssh")?;
    let Value::Int(number) = base.model().get(ssh, "port") else { return None };
    moved(base, port, u16::try_from(*number).ok()?)
}

pub fn ssh_moves(base: &Base, dice: &mut Dice) -> Option<Break> {
    let port = one(dice, base.ports())?;
    let ssh = base.model().block(base.node_of(port)?, "ssh")?;
    base.set(ssh, "port", &published(base, port)?.to_string())
}

pub fn daemon(base: &Base, dice: &mut Dice) -> Option<Break> {
    let node = one(dice, base.nodes())?;
    let package = dice.pick(&["nginx", "apache2", "dnsmasq", "cockpit", "grafana", "samba"]);
    base.insert(node, &format!("packages += [\"{package}\"]"))
}

pub fn node_port(base: &Base, dice: &mut Dice) -> Option<Break> {
    let port = one(dice, base.ports())?;
    let number = published(base, port)?;
    base.insert(base.node_of(port)?, &format!("port broken = {number}"))
}

/// Two numbers, of any port: nothing is between a program of the node and the node.
pub fn mapped(base: &Base, dice: &mut Dice) -> Option<Break> {
    let of_units = base.inside(&base.parts("unit"), "port");
    let all = if dice.one_in(3) { base.ports() } else { of_units };
    let port = one(dice, all)?;
    let Value::Ports(ports) = base.model().get(port, "value") else { return None };
    let number =
        if dice.one_in(4) { ports.container.first } else { 20_000 + dice.below(9_000) as u16 };
    base.set(port, "value", &format!("{number} -> {}", ports.container))
}

pub fn with_the_nodes_network(base: &Base, dice: &mut Dice) -> Option<Break> {
    base.set(one(dice, base.parts("container"))?, "network_mode", "host")
}

pub fn audience_absent(base: &Base, dice: &mut Dice) -> Option<Break> {
    let port = one(dice, base.ports())?;
    let network = one(dice, base.all("network"))?;
    base.set(port, "audience", base.model().label(network))
}

pub fn bound_to_all(base: &Base, dice: &mut Dice) -> Option<Break> {
    let port = one(dice, base.ports())?;
    let any = dice.pick(&["0.0.0.0", "127.0.0.1"]);
    let any = if dice.one_in(3) { one(dice, base.addresses())?.ip.to_string() } else { any.into() };
    base.set(port, "bind", &format!("[{any}]"))
}

pub fn unpublished(base: &Base, dice: &mut Dice) -> Option<Break> {
    let ports = base.ports().into_iter().filter(|&port| is_published(base, port));
    let port = one(dice, ports.collect())?;
    let Value::Ports(ports) = base.model().get(port, "value") else { return None };
    base.set(port, "value", &ports.container.to_string())
}

pub fn for_node(base: &Base, dice: &mut Dice) -> Option<Break> {
    let ports = base.ports().into_iter().filter(|&port| is_published(base, port));
    base.set(one(dice, ports.collect())?, "audience", dice.pick(&["node", "container"]))
}

pub fn no_ingress(base: &Base, _: &mut Dice) -> Option<Break> {
    base.remove(base.model().cluster?, "ingress")
}

pub fn for_internet(base: &Base, dice: &mut Dice) -> Option<Break> {
    base.set(one(dice, base.all("site"))?, "audience", "internet")
}

pub fn for_network(base: &Base, dice: &mut Dice) -> Option<Break> {
    let (site, network) = (one(dice, base.all("site"))?, one(dice, base.all("network"))?);
    base.set(site, "audience", &format!("[{}]", base.model().label(network)))
}

pub fn literal(base: &Base, dice: &mut Dice) -> Option<Break> {
    let m = base.model();
    let node = one(dice, base.nodes())?;
    let container = one(dice, base.parts("container"))?;
    let near = one(dice, base.ports()).and_then(|port| published(base, port))?;
    let number = if dice.one_in(2) { near } else { dice.below(65_000) as u16 + 1 };
    let url = format!("http://{}:{number}/x", m.label(node));
    base.put(container, "env", &format!("BROKEN_URL = \"{url}\""))
}

pub fn mirror(base: &Base, dice: &mut Dice) -> Option<Break> {
    let node = one(dice, base.nodes())?;
    let site = one(dice, base.all("site"))?;
    let docker = base.model().block(node, "docker")?;
    base.set(docker, "mirrors", &format!("[\"https://{}\"]", base.model().label(site)))
}

pub fn waits_for_itself(base: &Base, dice: &mut Dice) -> Option<Break> {
    let container = one(dice, base.parts("container"))?;
    base.set(container, "depends_on", &format!("[{}]", base.dotted(container)))
}

pub fn wait_for_each_other(base: &Base, dice: &mut Dice) -> Option<Break> {
    let container = one(dice, base.parts("container"))?;
    let all = base.parts("container");
    let of = base.service_of(container)?;
    let other = one(dice, all.into_iter().filter(|&c| base.service_of(c) == Some(of)).collect())?;
    base.set(container, "depends_on", &format!("[{}]", base.dotted(other)))
}

pub fn after(base: &Base, dice: &mut Dice) -> Option<Break> {
    let (service, other) = (one(dice, base.all("service"))?, one(dice, base.all("service"))?);
    let label = base.model().label(if dice.one_in(3) { service } else { other });
    base.set(service, "after", &format!("[services[\"{label}\"]]"))
}

pub fn unit_after(base: &Base, dice: &mut Dice) -> Option<Break> {
    let unit = one(dice, base.parts("unit"))?;
    base.set(unit, "after", &format!("[{}]", base.dotted(unit)))
}

pub fn task_after(base: &Base, dice: &mut Dice) -> Option<Break> {
    let last = dice.pick(&[
        "",
        "   depends = [round-a]",
        "   depends = [round-b]",
        "   depends = [round-c]",
    ]);
    let waits = |name: &str, rest: &str| format!("task {name} {{ run = \"true\"{rest} }}\n");
    let a = waits("round-a", "   depends = [round-b]");
    let b = waits("round-b", "   depends = [round-c]");
    base.add(&format!("{a}{b}{}", waits("round-c", last)))
}

pub fn task_elsewhere(base: &Base, dice: &mut Dice) -> Option<Break> {
    let (here, there) = (one(dice, base.nodes())?, one(dice, base.nodes())?);
    let (here, there) = (base.model().label(here), base.model().label(there));
    base.add(&format!(
        "task round-a {{ on = [{here}]   run = \"true\"   depends = [round-b] }}\ntask round-b {{ on = [{there}]   run = \"true\" }}\n"
    ))
}

pub fn replaces_itself(base: &Base, dice: &mut Dice) -> Option<Break> {
    let last = dice.pick(&["", "   replaces = round-a", "   replaces = round-b"]);
    let made = |name: &str, rest: &str| {
        format!("decision {name} {{ title = \"t\"   chosen = \"c\"{rest} }}\n")
    };
    base.add(&format!("{}{}", made("round-a", "   replaces = round-b"), made("round-b", last)))
}

pub fn waits_abroad(base: &Base, dice: &mut Dice) -> Option<Break> {
    let (container, other) =
        (one(dice, base.parts("container"))?, one(dice, base.parts("container"))?);
    base.set(container, "depends_on", &format!("[{}]", base.dotted(other)))
}

pub fn no_tag(base: &Base, dice: &mut Dice) -> Option<Break> {
    let container = one(dice, base.parts("container"))?;
    let name = dice.pick(&["traefik/whoami", "registry.example.net:5000/thing", "redis"]);
    let tag = dice.pick(&[
        "",
        ":latest",
        ":1.2.3",
        ":main",
        "@sha256:0000000000000000000000000000000000000000000000000000000000000000",
    ]);
    base.set(container, "image", &format!("\"{name}{tag}\""))
}

pub fn no_health(base: &Base, dice: &mut Dice) -> Option<Break> {
    base.remove(one(dice, programs(base))?, "health")
}

pub fn no_limit(base: &Base, dice: &mut Dice) -> Option<Break> {
    base.remove(one(dice, base.parts("container"))?, "limits")
}

pub fn privileged(base: &Base, dice: &mut Dice) -> Option<Break> {
    base.set(one(dice, base.parts("container"))?, "privileged", "true")
}

pub fn password(base: &Base, dice: &mut Dice) -> Option<Break> {
    let part = one(dice, programs(base))?;
    let key = dice.pick(&[
        "ADMIN_PASSWORD",
        "apiToken",
        "SMTP_PASS",
        "DB_SECRET",
        "PASSWORD_FILE",
        "TOKEN_TTL",
        "COLOUR",
    ]);
    let value = dice.pick(&["correct-horse", "hunter2hunter2", "/run/secrets/it"]);
    base.put(part, "env", &format!("{key} = \"{value}\""))
}

pub fn token(base: &Base, dice: &mut Dice) -> Option<Break> {
    let letters: Vec<char> =
        "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789".chars().collect();
    let noise: String = (0..36).map(|_| letters[dice.below(letters.len())]).collect();
    let head = dice.pick(&["ghp_", "glpat-", "hf_"]);
    base.put(one(dice, programs(base))?, "env", &format!("UPSTREAM = \"{head}{noise}\""))
}

pub fn task(base: &Base, dice: &mut Dice) -> Option<Break> {
    let service = one(dice, base.all("service"))?;
    let verb = dice.pick(&["deploy", "logs", "status", "look"]);
    let name = format!("{verb}:{}", base.model().label(service));
    let name = if dice.one_in(4) { "cluster:ping".to_string() } else { name };
    base.add(&format!("task \"{name}\" {{ run = \"true\" }}"))
}

pub fn compose_file(base: &Base, dice: &mut Dice) -> Option<Break> {
    let (service, node) = (one(dice, base.all("service"))?, one(dice, base.nodes())?);
    let (service, node) = (base.model().label(service), base.model().label(node));
    let end = dice.pick(&["yml", "yaml", "txt"]);
    base.add(&format!(
        "file \"~/stacks/{service}.{end}\" {{ on = [{node}]   by = chezmoi   content = \"services:\\n  app:\\n\" }}"
    ))
}

pub fn writes(base: &Base, dice: &mut Dice) -> Option<Break> {
    let node = base.model().label(one(dice, base.nodes())?);
    let line = dice.pick(&[
        "echo x >> /etc/fstab",
        "cat names | sudo tee -a /etc/hosts",
        "sed -i s/a/b/ /etc/docker/daemon.json",
        "cat /etc/hosts",
        "echo x > /tmp/hosts",
    ]);
    base.add(&format!("task \"broken:task\" {{ on = [{node}]   run = \"{line}\" }}"))
}

pub fn own_registry(base: &Base, dice: &mut Dice) -> Option<Break> {
    let site = base.model().label(one(dice, base.all("site"))?);
    let host = if dice.one_in(4) { "registry.example.net" } else { site };
    base.set(one(dice, base.parts("container"))?, "image", &format!("\"{host}/broken:1\""))
}

pub fn each_other(base: &Base, dice: &mut Dice) -> Option<Break> {
    let m = base.model();
    // Of two programs that talk to each other already, now and then of any two.
    let talks = m.uses.iter().filter(|(user, port)| {
        base.service_of(*user).is_some() && base.service_of(*user) != base.service_of(*port)
    });
    let pair = one(dice, talks.copied().collect());
    let (from, to) = match pair.filter(|_| !dice.one_in(4)) {
        Some((user, port)) => (base.service_of(port)?, base.service_of(user)?),
        None => (one(dice, base.all("service"))?, one(dice, base.all("service"))?),
    };
    let of = |service| move |thing: &ThingId| base.service_of(*thing) == Some(service);
    let container = one(dice, base.parts("container").into_iter().filter(of(from)).collect())?;
    let port = one(dice, base.ports().into_iter().filter(of(to)).collect())?;
    base.put(container, "env", &format!("BROKEN = {}.address", base.dotted(port)))
}

pub fn rollback(base: &Base, dice: &mut Dice) -> Option<Break> {
    let node = base.model().label(one(dice, base.nodes())?);
    let run = dice.pick(&[
        "git checkout v1.2\\nssh NODE git pull",
        "git revert --no-edit HEAD\\ngit push\\nssh NODE git pull",
        "ssh NODE git checkout green",
        "git reset --hard HEAD~1\\nssh NODE git pull",
        "ssh NODE git checkout green\\nssh NODE git checkout main",
    ]);
    let run = run.replace("NODE", node);
    base.add(&format!("task broken {{ run = \"{run}\" }}"))
}

pub fn low_port(base: &Base, dice: &mut Dice) -> Option<Break> {
    moved(base, one(dice, base.ports())?, dice.pick(&[7, 81, 443, 444, 1000, 1024, 8123]))
}
