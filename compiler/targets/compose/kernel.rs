//! Settings of the kernel that a container may have as its own: those of a namespace that it has for itself. Docker
//! refuses to start a container with any other.

use super::Project;
use crate::diag::codes;
use crate::model::ThingId;
use crate::model::value::Pair;
use crate::targets::shared_refusal::Refusal;

/// Those of shared memory and queues, beside `fs.mqueue.*`.
const OF_IPC: &[&str] = &[
    "kernel.msgmax",
    "kernel.msgmnb",
    "kernel.msgmni",
    "kernel.sem",
    "kernel.shm_rmid_forced",
    "kernel.shmall",
    "kernel.shmmax",
    "kernel.shmmni",
];

impl Project<'_> {
    pub(super) fn kernel(&mut self, container: ThingId) {
        let model = self.cluster.model();
        // A runtime of another kind may give each container a kernel.
        if model.get(container, "raw").get("runtime").is_some() {
            return;
        }
        for pair in model.get(container, "sysctl").pairs() {
            let name = dotted(&pair.key);
            let shared = if name.starts_with("net.") {
                ("network_mode", "network")
            } else if OF_IPC.contains(&&*name) || name.starts_with("fs.mqueue.") {
                ("ipc", "shared memory")
            } else if name != "kernel.domainname" && is_known(&name) {
                self.of_the_machine(container, pair);
                continue;
            } else {
                continue;
            };
            if model.word(container, shared.0) == Some("host") {
                self.of_a_shared_space(container, pair, shared);
            }
        }
    }

    fn of_the_machine(&mut self, container: ThingId, pair: &Pair) {
        let key = &*pair.key;
        if dotted(key) == "kernel.hostname" {
            let message = "`kernel.hostname` is what `hostname` says, and Docker refuses to start a container with it";
            let help = "say it by its field: `hostname = \"...\"`";
            self.refuse(Refusal::new(&codes::E0804, pair.origin, container, message, help));
            return;
        }
        let message = format!(
            "`{key}` is the machine's, not a container's, and Docker refuses to start one with it"
        );
        let node = self.cluster.label(self.node);
        let help =
            format!("set it for the machine: `node {node} {{ sysctl {{ \"{key}\" = ... }} }}`");
        let refusal = Refusal::new(&codes::E0804, pair.origin, container, message, help);
        self.refuse(refusal.with(self.node, "it runs here"));
    }

    fn of_a_shared_space(&mut self, container: ThingId, pair: &Pair, (field, what): (&str, &str)) {
        let (key, model) = (&*pair.key, self.cluster.model());
        let message = format!(
            "`{key}` would be the machine's: the container has no {what} of its own, and Docker refuses to start it"
        );
        let node = self.cluster.label(self.node);
        let help = format!(
            "set it for the machine: `node {node} {{ sysctl {{ \"{key}\" = ... }} }}`; or leave `{field} = host` out"
        );
        let refusal = Refusal::new(&codes::E0804, pair.origin, container, message, help);
        self.refuse(refusal.beside(model.at(container, field).1, "the machine's is used"));
    }
}

/// Whether a setting is one of Linux: of what nobody knows nothing is said.
fn is_known(name: &str) -> bool {
    let roots = ["abi", "debug", "dev", "fs", "kernel", "user", "vm"];
    name.split_once('.').is_some_and(|(root, _)| roots.contains(&root))
}

/// A key may have slashes between its steps, and then dots inside of them.
fn dotted(key: &str) -> String {
    match key.find(['.', '/']).map(|at| key.as_bytes()[at]) {
        Some(b'/') => key.replace('/', "."),
        _ => key.to_string(),
    }
}
