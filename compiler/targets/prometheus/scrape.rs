//! Who is asked for figures: every port that a container or unit names as its `metrics`, as it is
//! reached from Prometheus.

use crate::formats::data::{Data, Map};
use crate::model::reach::{self, Known, Unreached};
use crate::model::site::{self, Server};
use crate::model::value::Value;
use crate::model::{Cluster, ThingId};
use crate::origin::Origin;
use std::collections::BTreeMap;

/// One program of a service, on all its nodes.
pub struct Job<'a> {
    pub name: String,
    pub service: &'a str,
    path: &'a str,
    tls: bool,
    /// Whether it gives the figures of machines.
    pub of_nodes: bool,
    pub targets: Vec<Asked<'a>>,
}

pub struct Asked<'a> {
    pub instance: ThingId,
    pub node: ThingId,
    node_name: &'a str,
    address: String,
    /// Whether its silence means something.
    pub always: bool,
    origin: Origin,
}

/// The jobs, and a line about each port that cannot be reached.
pub fn jobs<'a>(cluster: &'a Cluster, server: &Server) -> (Vec<Job<'a>>, Vec<String>) {
    let mut jobs: BTreeMap<(&'a str, &'a str), Job<'a>> = BTreeMap::new();
    let mut silent = Vec::new();
    for instance in &cluster.instances {
        let service = cluster.label(instance.service);
        for program in site::programs(cluster, instance.thing) {
            let (metrics, origin) = cluster.at(program, "metrics");
            let Some(&port) = site::endpoints(cluster, metrics).first() else { continue };
            let label = cluster.label(program);
            let address = match reach::seen(&mut Known(cluster), port, server.place) {
                Ok(seen) => seen.address(),
                Err(why) => {
                    let node = cluster.label(instance.node);
                    let why = match why {
                        Unreached::Unpublished | Unreached::Poison => "is not published",
                        Unreached::Off(_) => "is in a container without a network",
                        Unreached::OwnNode(_) => "is out of its own node's reach",
                        Unreached::Audience => "has another audience",
                        Unreached::NoNetwork { .. } => "is on no network of this node",
                    };
                    let port = cluster.label(port);
                    silent.push(format!(
                        "Not asked: {service}.{label} on {node}, whose port {port} {why}."
                    ));
                    continue;
                }
            };
            let job = jobs.entry((service, label)).or_insert_with(|| Job {
                name: String::new(),
                service,
                path: cluster.text(program, "metrics_path").unwrap_or("/metrics"),
                tls: cluster.word(port, "scheme") == Some("https"),
                of_nodes: of_nodes(cluster, program),
                targets: Vec::new(),
            });
            let always =
                cluster.word(instance.service, "availability") != Some("on-demand") || job.of_nodes;
            job.targets.push(Asked {
                instance: instance.thing,
                node: instance.node,
                node_name: cluster.label(instance.node),
                address,
                always: always && cluster.word(instance.node, "status") == Some("up"),
                origin,
            });
        }
    }
    let of_service = |service| jobs.keys().filter(|(other, _)| *other == service).count();
    let names: Vec<String> = jobs
        .keys()
        .map(|&(service, label)| match of_service(service) {
            1 => service.to_string(),
            _ => format!("{service}-{label}"),
        })
        .collect();
    let named = jobs.into_values().zip(names).map(|(job, name)| Job { name, ..job });
    (named.collect(), silent)
}

/// Whether a program is the node exporter, whose figures begin with `node_`.
fn of_nodes(cluster: &Cluster, program: ThingId) -> bool {
    let named =
        |field| cluster.text(program, field).is_some_and(|text| text.contains("node-exporter"));
    named("image") || named("systemd")
}

impl Job<'_> {
    pub fn config<'d>(&self) -> Data<'d> {
        let mut job = Map::new().with("job_name", self.name.clone());
        if self.path != "/metrics" {
            job.put("metrics_path", self.path.to_string());
        }
        if self.tls {
            job.put("scheme", "https");
        }
        let targets: Vec<Data<'d>> = self.targets.iter().map(|asked| self.target(asked)).collect();
        job.with("static_configs", targets).into()
    }

    fn target<'d>(&self, asked: &Asked<'_>) -> Data<'d> {
        let labels = Map::new()
            .with("node", asked.node_name.to_string())
            .with("service", self.service.to_string())
            .with("availability", if asked.always { "always" } else { "on-demand" });
        Map::new()
            .with("targets", Data::list([asked.address.clone()]))
            .with("labels", labels)
            .at(asked.origin)
    }
}

/// A value that Prometheus compares labels with, as PromQL writes it.
pub fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// The texts of a `down { }`, for people who are woken.
pub fn down(cluster: &Cluster, of: ThingId) -> Vec<(&'static str, String, Origin)> {
    let Some(down) = cluster.block(of, "down") else { return Vec::new() };
    let text = |field: &'static str| match cluster.at(down, field) {
        (Value::Text(text), origin) => {
            Some((field, crate::formats::inert::go_template(text).into_owned(), origin))
        }
        _ => None,
    };
    ["impact", "mitigation"].into_iter().filter_map(text).collect()
}
