//! Alertmanager: who is told, and what is silent. Whoever hears that a node is down need not hear of
//! all that was on it, nor of what depends on it elsewhere.

use super::scrape::quoted;
use super::{NODE_DOWN, SERVICE_DOWN};
use crate::formats::data::{Data, Map};
use crate::model::reach::{self, Known};
use crate::model::site::{self, Server};
use crate::model::value::{Base, Value};
use crate::model::{Cluster, ThingId};
use crate::origin::Origin;
use std::collections::{BTreeMap, BTreeSet};

/// The Alertmanagers, as a Prometheus reaches them.
pub fn addresses<'a>(cluster: &'a Cluster, from: &Server) -> Vec<Data<'a>> {
    let mut all = Vec::new();
    for bell in site::mounting(cluster, "alertmanager") {
        let Some(program) = bell.program else { continue };
        let ports = site::endpoints(cluster, &Value::Thing(program));
        let port = ports.first().or(cluster.children(program, "port").first());
        if let Some(&port) = port
            && let Ok(seen) = reach::seen(&mut Known(cluster), port, from.place)
        {
            all.push(Data::text(seen.address()).at(cluster.at(port, "value").1));
        }
    }
    all
}

/// The configuration, and whether anybody is written to.
pub fn config<'a>(cluster: &'a Cluster, server: &Server) -> (Data<'a>, bool) {
    let mail = mail(cluster, server);
    let told = mail.is_some();
    let mut config = Map::new();
    let people = if told { "people" } else { PAGE };
    let again = |time: &'static str, severity: &'static str| {
        Map::new()
            .with("matchers", Data::list([matcher("severity", "=", severity)]))
            .with("receiver", people)
            .with("repeat_interval", time)
    };
    let info = Map::new()
        .with("matchers", Data::list([matcher("severity", "=", "info")]))
        .with("receiver", PAGE);
    let routes = vec![Data::from(info), again("1h", "critical").into()];
    let route = Map::new()
        .with("receiver", people)
        .with("group_by", Data::list(["alertname", "node"]))
        .with("group_wait", "30s")
        .with("group_interval", "5m")
        .with("repeat_interval", "4h")
        .with("routes", routes);
    let mut receivers = vec![Data::from(Map::new().with("name", PAGE))];
    if let Some((global, receiver)) = mail {
        config.put("global", global);
        receivers.push(receiver);
    }
    let config = config
        .with("route", route)
        .with("receivers", receivers)
        .with("inhibit_rules", silences(cluster));
    (config.into(), told)
}

/// Nobody is told: the alert stands on Alertmanager's page.
const PAGE: &str = "page";

/// Everyone with an address is written to, where the cluster has a server that takes mail.
fn mail<'a>(cluster: &'a Cluster, server: &Server) -> Option<(Map<'a>, Data<'a>)> {
    let addresses: Vec<(&str, Origin)> = cluster
        .all("user")
        .iter()
        .filter_map(|&user| match cluster.at(user, "email") {
            (Value::Text(email), origin) => Some((&**email, origin)),
            _ => None,
        })
        .collect();
    let programs = cluster.instances.iter().flat_map(|it| site::programs(cluster, it.thing));
    let mut ports = programs.flat_map(|program| cluster.children(program, "port"));
    let (smarthost, at) = ports.find_map(|&port| {
        let takes_mail = cluster.word(port, "scheme") == Some("smtp");
        let seen = takes_mail.then(|| reach::seen(&mut Known(cluster), port, server.place));
        seen.and_then(Result::ok).map(|seen| (seen.address(), cluster.at(port, "value").1))
    })?;
    if addresses.is_empty() {
        return None;
    }
    let domain = cluster.cluster.and_then(|it| cluster.text(it, "domain"));
    let from = format!("alertmanager@{}", domain.unwrap_or(cluster.label(server.node)));
    let global = Map::new()
        .with("smtp_smarthost", Data::text(smarthost).at(at))
        .with("smtp_from", from)
        .with("smtp_require_tls", false);
    let write = |(email, origin): (&'a str, Origin)| {
        Map::new().with("to", email).with("send_resolved", true).at(origin)
    };
    let mails: Vec<Data<'a>> = addresses.into_iter().map(write).collect();
    Some((global, Map::new().with("name", "people").with("email_configs", mails).into()))
}

/// From what runs where, and what needs what.
fn silences<'a>(cluster: &'a Cluster) -> Vec<Data<'a>> {
    let node_down = || matcher("alertname", "=", NODE_DOWN);
    let mut rules = vec![
        Map::new()
            .with("source_matchers", Data::list([node_down()]))
            .with("target_matchers", Data::list([matcher("alertname", "!=", NODE_DOWN)]))
            .with("equal", Data::list(["node"]))
            .into(),
    ];
    let needs = Needs::of(cluster);
    for (&service, needed) in &needs.services {
        for &other in needed {
            let origin = cluster.at(service, "after").1;
            let down = |of| {
                Data::list([
                    matcher("alertname", "=", SERVICE_DOWN),
                    matcher("service", "=", cluster.label(of)),
                ])
            };
            rules.push(
                Map::new()
                    .with("source_matchers", down(other))
                    .with("target_matchers", down(service))
                    .at(origin),
            );
        }
    }
    for ((node, service, on), origin) in &needs.nodes {
        let mut target = vec![matcher("service", "=", service)];
        if let Some(on) = on {
            target.push(matcher("node", "=", on));
        }
        rules.push(
            Map::new()
                .with("source_matchers", Data::list([node_down(), matcher("node", "=", node)]))
                .with("target_matchers", Data::list(target))
                .at(*origin),
        );
    }
    rules
}

/// What a service needs, itself or by what it needs.
#[derive(Default)]
struct Needs<'a> {
    services: BTreeMap<ThingId, BTreeSet<ThingId>>,
    /// A node, a service that needs it, and on which of its nodes if not on all.
    nodes: BTreeMap<(&'a str, &'a str, Option<&'a str>), Origin>,
}

impl<'a> Needs<'a> {
    fn of(cluster: &'a Cluster) -> Needs<'a> {
        let mut needs = Needs::default();
        let service_of = |thing: ThingId| {
            let instance = cluster.instances.iter().find(|it| it.thing == thing);
            instance.map_or(thing, |instance| instance.service)
        };
        for instance in &cluster.instances {
            for item in cluster.get(instance.thing, "after").items() {
                let Some(other) = item.value.as_thing().map(service_of) else { continue };
                needs.services.entry(instance.service).or_default().insert(other);
            }
        }
        needs.follow();
        for (&service, needed) in &needs.services {
            for &other in needed {
                let on: Vec<ThingId> = cluster.instances_of(other).map(|it| it.node).collect();
                if let [only] = on[..] {
                    let key = (cluster.label(only), cluster.label(service), None);
                    needs.nodes.entry(key).or_insert(cluster.at(service, "after").1);
                }
            }
        }
        for instance in &cluster.instances {
            for program in site::programs(cluster, instance.thing) {
                for &volume in cluster.children(program, "volume") {
                    let (Value::Location(location), origin) = cluster.at(volume, "value") else {
                        continue;
                    };
                    let Base::Share(share) = location.base else { continue };
                    let Some(server) = cluster.get(share, "server").as_thing() else { continue };
                    if server != instance.node {
                        let key = (
                            cluster.label(server),
                            cluster.label(instance.service),
                            Some(cluster.label(instance.node)),
                        );
                        needs.nodes.entry(key).or_insert(origin);
                    }
                }
            }
        }
        needs
    }

    /// Adds what the needed ones need, until nothing is new.
    fn follow(&mut self) {
        loop {
            let mut new = Vec::new();
            for (&service, needed) in &self.services {
                for other in needed {
                    let further = self.services.get(other).into_iter().flatten();
                    let further = further.filter(|it| **it != service && !needed.contains(it));
                    new.extend(further.map(|&it| (service, it)));
                }
            }
            if new.is_empty() {
                return;
            }
            for (service, other) in new {
                self.services.entry(service).or_default().insert(other);
            }
        }
    }
}

fn matcher<'a>(label: &str, sign: &str, value: &str) -> Data<'a> {
    Data::text(format!("{label}{sign}{}", quoted(value)))
}
