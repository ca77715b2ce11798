//! Prometheus and Alertmanager: what is asked for figures, which alerts there are, and which of them
//! are silent because they only follow from another.

mod bell;
mod rules;
mod scrape;

use super::{Emission, Emit, File, Target, shared_nodes};
use crate::formats::data::{Data, Map};
use crate::formats::yaml;
use crate::model::site::{self, Server};
use crate::model::{Cluster, ThingId};
use crate::tree::Tool;
use scrape::Job;

pub const TARGET: Target = Target {
    name: "prometheus",
    doc: "What is watched, and who hears of what",
    emit: Emit::Alone(emit),
};

/// What a rule and the silence about it are called, in all three files.
const NODE_DOWN: &str = "NodeDown";
const SERVICE_DOWN: &str = "ServiceDown";

fn emit(cluster: &Cluster, out: &mut Emission) {
    for server in site::mounting(cluster, "prometheus") {
        let (jobs, silent) = scrape::jobs(cluster, &server);
        let things = things(cluster, &server, &jobs);
        let mut header = out.header(&things);
        for line in silent {
            header.push('\n');
            header.push_str(&line);
        }
        let config = Prometheus { cluster, server, jobs: &jobs }.config();
        put(cluster, out, &server, "prometheus", &things, yaml::write(&header, &config));
    }
    for server in site::mounting(cluster, "prometheus_rules") {
        let (jobs, _) = scrape::jobs(cluster, &server);
        let mut things = things(cluster, &server, &jobs);
        let rules = rules::all(cluster, &jobs, &mut things);
        let header = out.header(&things);
        put(cluster, out, &server, "prometheus_rules", &things, yaml::write(&header, &rules));
    }
    for server in site::mounting(cluster, "alertmanager") {
        let mut things: Vec<ThingId> = vec![server.instance];
        things.extend(cluster.instances.iter().map(|instance| instance.thing));
        things.extend(shared_nodes::all(cluster, "share"));
        let (config, told) = bell::config(cluster, &server);
        let mut header = out.header(&things);
        if !told {
            header.push_str("\nNobody is written to: that takes a user's `email` and a port with `scheme = smtp`.");
        }
        put(cluster, out, &server, "alertmanager", &things, yaml::write(&header, &config));
    }
}

fn things(cluster: &Cluster, server: &Server, jobs: &[Job<'_>]) -> Vec<ThingId> {
    let asked = jobs.iter().flat_map(|job| &job.targets).map(|target| target.instance);
    cluster.cluster.into_iter().chain([server.instance]).chain(asked).collect()
}

fn put(
    cluster: &Cluster,
    out: &mut Emission,
    server: &Server,
    generated: &str,
    things: &[ThingId],
    written: crate::formats::Written,
) {
    let node = cluster.label(server.node);
    let home = site::home(cluster, server, generated);
    let name = home.rsplit('/').next().unwrap_or(generated);
    let file = File::new(format!("prometheus/{node}/{name}"))
        .to(Tool::Ansible, node, home, 0o644)
        .from(things.iter().copied());
    out.put(file, written);
}

struct Prometheus<'a> {
    cluster: &'a Cluster,
    server: Server,
    jobs: &'a [Job<'a>],
}

impl<'a> Prometheus<'a> {
    fn config(&self) -> Data<'a> {
        let mut global =
            Map::new().with("scrape_interval", "30s").with("evaluation_interval", "30s");
        if let Some(cluster) = self.cluster.cluster {
            let name = Map::new().with("cluster", self.cluster.label(cluster));
            global.put("external_labels", name);
        }
        let mut config = Map::new().with("global", global);
        if let Some(rules) = self.rules() {
            config.put("rule_files", Data::list([rules]));
        }
        let bells = bell::addresses(self.cluster, &self.server);
        if !bells.is_empty() {
            let targets = Map::new().with("targets", Data::list(bells));
            let bells = Map::new().with("static_configs", Data::list([Data::from(targets)]));
            let bells = Data::list([Data::from(bells)]);
            config.put("alerting", Map::new().with("alertmanagers", bells));
        }
        let jobs: Vec<Data<'a>> = self.jobs.iter().map(Job::config).collect();
        config.with("scrape_configs", jobs).into()
    }

    /// Where this Prometheus sees the rules.
    fn rules(&self) -> Option<&'a str> {
        let program = self.server.program?;
        site::mounted(self.cluster, program, "prometheus_rules")
            .map(|config| self.cluster.label(config))
    }
}
