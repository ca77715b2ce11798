//! The alerts: those that hold for every cluster whose figures say so, and those that are declared.

use super::scrape::{Job, down, quoted};
use super::{NODE_DOWN, SERVICE_DOWN};
use crate::formats::data::{Data, Map};
use crate::formats::inert::go_template;
use crate::model::value::Value;
use crate::model::{Cluster, ThingId};
use crate::origin::Origin;
use std::collections::BTreeSet;

pub fn all<'a>(cluster: &'a Cluster, jobs: &[Job<'_>], things: &mut Vec<ThingId>) -> Data<'a> {
    let mut groups = Vec::new();
    let mut group = |name: &'static str, rules: Vec<Data<'a>>| {
        if !rules.is_empty() {
            groups.push(Data::from(Map::new().with("name", name).with("rules", rules)));
        }
    };
    group("nodes", nodes(cluster, jobs, things));
    group("services", services(cluster, jobs, things));
    group("disks", if jobs.iter().any(|job| job.of_nodes) { disks() } else { Vec::new() });
    group("declared", declared(cluster, things));
    Map::new().with("groups", groups).into()
}

/// A node whose exporter is silent, with what that means. Nodes that may be off are left out.
fn nodes<'a>(cluster: &'a Cluster, jobs: &[Job<'_>], things: &mut Vec<ThingId>) -> Vec<Data<'a>> {
    let mut rules = Vec::new();
    for job in jobs.iter().filter(|job| job.of_nodes) {
        for asked in job.targets.iter().filter(|asked| asked.always) {
            things.push(asked.node);
            let node = cluster.label(asked.node);
            let (job, name) = (quoted(&job.name), quoted(node));
            let mut notes = Map::new()
                .with("summary", format!("The node {} does not answer", go_template(node)));
            for (field, text, origin) in down(cluster, asked.node) {
                notes.put(field, Data::text(text).at(origin));
            }
            rules.push(rule(
                NODE_DOWN,
                format!("up{{job={job},node={name}}} == 0"),
                // Before its services are missed: it silences them.
                "2m",
                Map::new().with("severity", "critical"),
                notes,
            ));
        }
    }
    rules
}

/// A service that gives figures, and stops to. One that may wait for its node is left out.
fn services<'a>(
    cluster: &'a Cluster,
    jobs: &[Job<'_>],
    things: &mut Vec<ThingId>,
) -> Vec<Data<'a>> {
    let watched: BTreeSet<&str> = jobs
        .iter()
        .filter(|job| !job.of_nodes && job.targets.iter().any(|asked| asked.always))
        .map(|job| job.service)
        .collect();
    let mut rules = Vec::new();
    for service in watched {
        let Some(thing) = cluster.find("service", service) else { continue };
        things.push(thing);
        let mut notes = Map::new().with(
            "summary",
            format!("{} on {{{{ $labels.node }}}} does not answer", go_template(service)),
        );
        for (field, text, origin) in down(cluster, thing) {
            notes.put(field, Data::text(text).at(origin));
        }
        rules.push(rule(
            SERVICE_DOWN,
            format!("up{{service={},availability=\"always\"}} == 0", quoted(service)),
            "5m",
            Map::new().with("severity", "warning"),
            notes,
        ));
    }
    rules
}

/// Disks, by the node exporter's figures.
fn disks<'a>() -> Vec<Data<'a>> {
    let real = "fstype!~\"tmpfs|ramfs|squashfs|overlay|fuse.*\"";
    let free = format!("node_filesystem_avail_bytes{{{real}}}");
    let size = format!("node_filesystem_size_bytes{{{real}}}");
    let where_ = "{{ $labels.mountpoint }} of {{ $labels.node }}";
    let warning = || Map::new().with("severity", "warning");
    vec![
        rule(
            "DiskAlmostFull",
            format!("{free} / {size} < 0.1"),
            "15m",
            warning(),
            Map::new().with("summary", format!("{where_} has less than a tenth free")),
        ),
        rule(
            "DiskFilling",
            format!("{free} / {size} < 0.4 and predict_linear({free}[6h], 86400) < 0"),
            "1h",
            warning(),
            Map::new().with("summary", format!("{where_} is full within a day, if it goes on so")),
        ),
    ]
}

/// What the sources declare. Their texts are Prometheus's own templates.
fn declared<'a>(cluster: &'a Cluster, things: &mut Vec<ThingId>) -> Vec<Data<'a>> {
    let mut all: Vec<(Option<ThingId>, ThingId)> = Vec::new();
    let top = cluster.all("alert").iter().filter(|&&alert| cluster.thing(alert).instance.is_none());
    all.extend(top.map(|&alert| (None, alert)));
    for instance in &cluster.instances {
        let own = cluster.children(instance.thing, "alert");
        all.extend(own.iter().map(|&alert| (Some(instance.service), alert)));
    }
    let mut rules = Vec::new();
    let mut seen: BTreeSet<(Option<ThingId>, &str)> = BTreeSet::new();
    for (service, alert) in all {
        let name = cluster.label(alert);
        // One rule watches a service on all its nodes.
        if !cluster.flag(alert, "enabled") || !seen.insert((service, name)) {
            continue;
        }
        things.push(alert);
        let (when, origin) = cluster.at(alert, "when");
        let Some(when) = when.as_text() else { continue };
        let (lasting, lasts_at) = cluster.at(alert, "lasting");
        let lasting = match lasting {
            Value::Duration(time) => spelled(time.seconds()),
            _ => "5m".into(),
        };
        let (severity, severe_at) =
            (cluster.word(alert, "severity"), cluster.at(alert, "severity").1);
        let mut labels =
            Map::new().with("severity", Data::text(severity.unwrap_or("warning")).at(severe_at));
        if let Some(service) = service {
            labels.put("service", cluster.label(service));
        }
        let mut notes = Map::new();
        for field in ["summary", "description"] {
            if let (Value::Text(text), origin) = cluster.at(alert, field) {
                notes.put(field, Data::text(message(text)).at(origin));
            }
        }
        let mut map = Map::new()
            .with("alert", name)
            .with("expr", Data::text(when).at(origin))
            .with("for", Data::text(lasting).at(lasts_at))
            .with("labels", labels);
        if !notes.is_empty() {
            map.put("annotations", notes);
        }
        rules.push(map.at(origin));
    }
    rules
}

/// What Prometheus can do to a figure before it is read.
const FUNCTIONS: &[&str] =
    &["humanize", "humanize1024", "humanizeDuration", "humanizePercentage", "humanizeTimestamp"];

/// What somebody wrote for a message: `{{ $value }}` and `{{ $labels.NAME }}` are what Prometheus puts there, as they
/// are or by one of its functions; all else is text.
fn message(text: &str) -> String {
    let (mut out, mut rest) = (String::new(), text);
    while let Some(at) = rest.find("{{ $") {
        let end = rest[at..].find(" }}").map(|length| at + length);
        let word = end.map_or("", |end| &rest[at + 4..end]);
        let (word, how) = word.split_once(" | ").unwrap_or((word, FUNCTIONS[0]));
        let label = word.strip_prefix("labels.").filter(|name| !name.is_empty());
        let plain = |name: &str| name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        let known = (word == "value" || label.is_some_and(plain)) && FUNCTIONS.contains(&how);
        let Some(end) = end.filter(|_| known && !rest[..at].ends_with('{')) else {
            let next = at + "{{ $".len();
            out.push_str(&go_template(&rest[..next]));
            rest = &rest[next..];
            continue;
        };
        out.push_str(&go_template(&rest[..at]));
        out.push_str(&rest[at..end + " }}".len()]);
        rest = &rest[end + " }}".len()..];
    }
    out + &go_template(rest)
}

fn rule<'a>(
    name: &'static str,
    expr: String,
    lasting: &'static str,
    labels: Map<'a>,
    notes: Map<'a>,
) -> Data<'a> {
    let origin = notes.0.iter().fold(Origin::NONE, |all, (_, note)| all.or(note.origin));
    Map::new()
        .with("alert", name)
        .with("expr", expr)
        .with("for", lasting)
        .with("labels", labels)
        .with("annotations", notes)
        .at(origin)
}

/// `90s`, `10m`, `1h`.
fn spelled(seconds: u64) -> String {
    match seconds {
        0 => "0s".into(),
        s if s % 3600 == 0 => format!("{}h", s / 3600),
        s if s % 60 == 0 => format!("{}m", s / 60),
        s => format!("{s}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_holds_what_prometheus_knows_and_is_text_else() {
        let known = "{{ $labels.node }} has {{ $value }}";
        assert_eq!(message(known), known);
        let percent = "{{ $value | humanizePercentage }}";
        assert_eq!(message(percent), percent);
        assert_eq!(message("{{ $value | html }}"), "{{\"{{\"}} $value | html }}");
        assert_eq!(message("{{ x }}"), "{{\"{{\"}} x }}");
        assert_eq!(message("{{ $x }} {{ $value }}"), "{{\"{{\"}} $x }} {{ $value }}");
        assert_eq!(message("{{ $labels.a b }}"), "{{\"{{\"}} $labels.a b }}");
    }
}
