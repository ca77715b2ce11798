//! `raw`: keys that no field covers, merged last. A key that a field covers is refused, so that the
//! checks cannot be gone round.

use super::Project;
use crate::diag::codes;
use crate::formats::Map;
use crate::formats::data;
use crate::model::ThingId;
use crate::targets::shared_refusal::{BY_ITS_FIELD, Refusal};

/// Keys of a service in Compose that the language has no field for.
const FREE: &[&str] = &[
    "attach",
    "blkio_config",
    "cgroup",
    "cpu_count",
    "cpu_percent",
    "cpu_period",
    "cpu_quota",
    "cpu_rt_period",
    "cpu_rt_runtime",
    "cpu_shares",
    "cpuset",
    "credential_spec",
    "deploy",
    "develop",
    "device_cgroup_rules",
    "dns_opt",
    "domainname",
    "driver_opts",
    "isolation",
    "label_file",
    "mem_swappiness",
    "models",
    "oom_kill_disable",
    "post_start",
    "pre_stop",
    "provider",
    "pull_refresh_after",
    "runtime",
    "scale",
    "storage_opt",
    "use_api_socket",
    "uts",
];

/// Keys of a service in Compose, and the field of a container that says it.
const COVERED: &[(&str, &str)] = &[
    ("annotations", "annotations"),
    ("build", "build"),
    ("cap_add", "capabilities { add = ... }"),
    ("cap_drop", "capabilities { drop = ... }"),
    ("cgroup_parent", "cgroup_parent"),
    ("command", "command"),
    ("configs", "config PATH = ..."),
    ("container_name", "the label of the container"),
    ("cpus", "limits { cpu = ... }"),
    ("depends_on", "depends_on"),
    ("devices", "device NAME = ..."),
    ("dns", "dns"),
    ("dns_search", "dns_search"),
    ("entrypoint", "entrypoint"),
    ("env_file", "env { ... }"),
    ("environment", "env { ... }"),
    ("expose", "port NAME = ..."),
    ("extends", "from TEMPLATE"),
    ("external_links", "networks"),
    ("extra_hosts", "hosts { ... }"),
    ("gpus", "gpu"),
    ("group_add", "group_add"),
    ("healthcheck", "health { ... }"),
    ("hostname", "hostname"),
    ("image", "image"),
    ("init", "init"),
    ("ipc", "ipc"),
    ("labels", "labels { ... }"),
    ("links", "networks"),
    ("logging", "logging { ... }"),
    ("mac_address", "mac"),
    ("mem_limit", "limits { memory = ... }"),
    ("mem_reservation", "limits { reserve { memory = ... } }"),
    ("memswap_limit", "limits { swap = ... }"),
    ("network_mode", "network_mode"),
    ("networks", "networks"),
    ("oom_score_adj", "oom_score"),
    ("pid", "pid"),
    ("pids_limit", "limits { pids = ... }"),
    ("platform", "platform"),
    ("ports", "port NAME = ..."),
    ("privileged", "privileged"),
    ("profiles", "profiles"),
    ("pull_policy", "pull"),
    ("read_only", "read_only"),
    ("restart", "restart"),
    ("secrets", "credential NAME = ..."),
    ("security_opt", "security"),
    ("shm_size", "shm"),
    ("stdin_open", "stdin"),
    ("stop_grace_period", "stop_grace"),
    ("stop_signal", "stop_signal"),
    ("sysctls", "sysctl { ... }"),
    ("tmpfs", "volume PATH = tmpfs"),
    ("tty", "tty"),
    ("ulimits", "ulimits { ... }"),
    ("user", "user"),
    ("userns_mode", "userns"),
    ("volumes", "volume PATH = ..."),
    ("volumes_from", "volume PATH = ..."),
    ("working_dir", "working_dir"),
];

/// Keys at the top of a project, and what says them.
const COVERED_ABOVE: &[(&str, &str)] = &[
    ("configs", "config PATH = ..."),
    ("include", "import"),
    ("name", "project"),
    ("networks", "network NAME { ... }"),
    ("secrets", "credential NAME = ..."),
    ("services", "container NAME { ... }"),
    ("version", "nothing: Compose reads no version any more"),
    ("volumes", "volume PATH = ..."),
];

pub(super) fn service<'a>(project: &mut Project<'a>, container: ThingId, entry: &mut Map<'a>) {
    merge(project, container, entry, FREE, COVERED, "a service");
}

pub(super) fn project<'a>(project: &mut Project<'a>, root: &mut Map<'a>) {
    let service = project.service;
    merge(project, service, root, &["models"], COVERED_ABOVE, "a project");
}

fn merge<'a>(
    project: &mut Project<'a>,
    of: ThingId,
    entry: &mut Map<'a>,
    free: &[&str],
    covered: &[(&str, &str)],
    what: &str,
) {
    let pairs = project.cluster.model().get(of, "raw").pairs();
    for pair in pairs {
        let key = &*pair.key;
        if let Some((_, field)) = covered.iter().find(|(name, _)| *name == key) {
            let message = format!("`{key}` cannot be raw: {}", said_by(field));
            let nothing = field.starts_with("nothing: ");
            let help = if nothing { "take the key out" } else { BY_ITS_FIELD };
            let refusal = Refusal::new(&codes::E0803, pair.origin, of, message, help);
            project.refuse(match nothing {
                true => refusal.takes_out(project.cluster, pairs, pair),
                false => refusal,
            });
        } else if !free.contains(&key) && !key.starts_with("x-") {
            let message = format!("{what} of Compose has no key `{key}`");
            let help = "take the key out; one of your own begins with `x-`";
            let refusal = Refusal::new(&codes::E0803, pair.origin, of, message, help);
            project.refuse(refusal.takes_out(project.cluster, pairs, pair));
        } else if key == "deploy" && pair.value.get("resources").is_some() {
            let message = format!("`deploy.resources` cannot be raw: {}", said_by("limits"));
            project.refuse(Refusal::new(&codes::E0803, pair.origin, of, message, BY_ITS_FIELD));
        } else {
            let value = project.data(&pair.value, pair.origin, of);
            match entry.0.iter_mut().find(|(name, _)| name == key) {
                // Only `deploy` can be there already, with its resources.
                Some((_, there)) => {
                    if let (data::Value::Map(there), data::Value::Map(more)) =
                        (&mut there.value, value.value)
                    {
                        there.0.extend(more.0);
                    }
                }
                None => entry.put(key, value),
            }
        }
    }
}

fn said_by(field: &str) -> String {
    match field.strip_prefix("nothing: ") {
        Some(why) => why.to_string(),
        None if field.starts_with("the ") => format!("it is {field}"),
        None => format!("`{field}` says it"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_is_both_free_and_covered() {
        for (key, _) in COVERED {
            assert!(!FREE.contains(key), "{key}");
        }
        assert!(FREE.is_sorted() && COVERED.is_sorted() && COVERED_ABOVE.is_sorted());
    }
}
