//! The words of other tools and languages: what they call a field, a word, a function, a type, and how it is said here.
//! Who looks them up is in `slips`.

/// What other tools call a field that is the same here: (kind, their word, ours).
#[rustfmt::skip] // one row a line
pub(super) const RENAMED: &[(&str, &str, &str)] = &[
    ("container", "environment", "env"),
    ("container", "entry_point", "entrypoint"),
    ("container", "cmd", "command"),
    ("container", "workdir", "working_dir"),
    ("container", "work_dir", "working_dir"),
    ("container", "healthcheck", "health"),
    ("container", "log", "logging"),
    ("container", "stop_grace_period", "stop_grace"),
    ("container", "extra_hosts", "hosts"),
    ("container", "sysctls", "sysctl"),
    ("container", "security_opt", "security"),
    ("container", "shm_size", "shm"),
    ("container", "mac_address", "mac"),
    ("container", "restart_policy", "restart"),
    ("container", "depends", "depends_on"),
    ("container", "cap", "capabilities"),
    ("container", "resources", "limits"),
    ("unit", "command", "exec"),
    ("unit", "service", "systemd"),
    ("unit", "environment", "env"),
    ("unit", "package", "packages"),
    ("service", "nodes", "on"),
    ("service", "host", "on"),
    ("service", "hosts", "on"),
    ("service", "placement", "on"),
    ("service", "depends_on", "after"),
    ("service", "requires_services", "after"),
    ("node", "aliases", "alias"),
    ("node", "role", "roles"),
    ("node", "distro", "os"),
    ("node", "architecture", "arch"),
    ("node", "addresses", "address"),
    ("node", "package", "packages"),
    ("hardware", "ram", "memory"),
    ("hardware", "mem", "memory"),
    ("hardware", "cores", "cpu"),
    ("hardware", "cpus", "cpu"),
    ("hardware", "gpus", "gpu"),
    ("disk", "dev", "device"),
    ("disk", "path", "device"),
    ("disk", "filesystem", "fs"),
    ("disk", "fstype", "fs"),
    ("disk", "type", "fs"),
    ("disk", "mountpoint", "mount"),
    ("disk", "mount_point", "mount"),
    ("disk", "capacity", "size"),
    ("network", "subnet", "range"),
    ("network", "cidr", "range"),
    ("network", "subnets", "range"),
    ("network", "type", "driver"),
    ("network", "gw", "gateway"),
    ("network", "nameservers", "dns"),
    ("network", "dns_servers", "dns"),
    ("share", "host", "server"),
    ("share", "node", "server"),
    ("share", "protocol", "via"),
    ("share", "type", "via"),
    ("share", "directories", "dirs"),
    ("site", "proxy", "to"),
    ("site", "proxy_pass", "to"),
    ("site", "reverse_proxy", "to"),
    ("site", "upstream", "to"),
    ("site", "backend", "to"),
    ("site", "target", "to"),
    ("site", "headers", "header"),
    ("site", "aliases", "alias"),
    ("site", "access", "audience"),
    ("site", "networks", "audience"),
    ("alert", "for", "lasting"),
    ("alert", "expr", "when"),
    ("alert", "condition", "when"),
    ("health", "interval", "every"),
    ("health", "start_period", "start"),
    ("health", "url", "http"),
    ("health", "path", "http"),
    ("limits", "cpus", "cpu"),
    ("limits", "mem", "memory"),
    ("limits", "ram", "memory"),
    ("limits", "mem_limit", "memory"),
    ("port", "proto", "protocol"),
    ("port", "ip", "bind"),
    ("port", "host_ip", "bind"),
    ("backup", "source", "from"),
    ("backup", "sources", "from"),
    ("backup", "src", "from"),
    ("backup", "destination", "to"),
    ("backup", "dest", "to"),
    ("backup", "target", "to"),
    ("backup", "schedule", "every"),
    ("backup", "retention", "keep"),
    ("backup", "excludes", "exclude"),
    ("secrets", "backend", "provider"),
    ("secret-path", "keys", "names"),
    ("secret-path", "secrets", "names"),
    ("user", "id", "uid"),
    ("user", "authorized_keys", "ssh_keys"),
    ("user", "keys", "ssh_keys"),
    ("cluster", "tz", "timezone"),
    ("cluster", "time_zone", "timezone"),
    ("cluster", "networks", "reach"),
    ("file", "nodes", "on"),
    ("file", "hosts", "on"),
    ("file", "permissions", "mode"),
    ("file", "manager", "by"),
    ("task", "command", "run"),
    ("task", "cmd", "run"),
    ("task", "script", "run"),
    ("task", "nodes", "on"),
    ("task", "hosts", "on"),
    ("task", "depends_on", "depends"),
];

/// What other tools call a field that is said in another form here: (kind, their word, how it is said here).
#[rustfmt::skip] // one row a line
pub(super) const FIELDS: &[(&str, &str, &str)] = &[
    ("container", "ports", "each port has a name: `port web = 8080 -> 80`"),
    ("container", "expose", "a port that is not published: `port web = 80`"),
    ("container", "volumes", "each by its path in the container: `volume \"/data\" = SHARE / \"dir\"`"),
    ("container", "tmpfs", "write `volume \"/tmp\" = tmpfs(64MiB)`"),
    ("container", "mounts", "each by its path in the container: `volume \"/data\" = SHARE / \"dir\"`"),
    ("container", "env_file", "write `env { NAME = \"value\" }`, and secrets as `secret(\"NAME\")`"),
    ("container", "secrets", "the service names the paths: `secrets = [STORE[\"/path\"]]`, the container uses `secret(\"NAME\")`"),
    ("container", "container_name", "the name is worked out: `SERVICE-CONTAINER`"),
    ("container", "deploy", "write `limits { memory = 1GiB   cpu = 2cpu }`"),
    ("container", "mem_limit", "write `limits { memory = 1GiB }`"),
    ("container", "memory", "write `limits { memory = 1GiB }`"),
    ("container", "cpu", "write `limits { cpu = 2cpu }`"),
    ("container", "cpus", "write `limits { cpu = 2cpu }`"),
    ("container", "cap_add", "write `capabilities { add = [NET_ADMIN] }`"),
    ("container", "cap_drop", "write `capabilities { drop = [ALL] }`"),
    ("container", "devices", "each has a name: `device NAME = \"/dev/...\"`"),
    ("container", "links", "containers of one service reach each other: `OTHER.PORT.address`"),
    ("container", "network", "write `networks = [NETWORK]`, or `network_mode = host`"),
    ("container", "configs", "each by its path in the container: `config \"/etc/app.conf\" = \"...\"`"),
    ("role", "requires", "write `assert \"what must hold\" { ... }`"),
    ("node", "requires", "write `assert \"what must hold\" { ... }`"),
    ("service", "requires", "write `assert \"what must hold\" { ... }`, or `needs { ... }` for its node"),
    ("unit", "image", "an image is a container's: `container NAME { image = ... }`"),
    ("unit", "volume", "a unit sees the node's own files; a volume is a container's"),
    ("service", "image", "an image is a container's: `container NAME { image = ... }`"),
    ("service", "node", "write `on = NODE`"),
    ("container", "after", "containers of one service wait for each other with `depends_on = [CONTAINER]`; `after` is between services"),
    ("service", "replicas", "one runs on each node of `on`"),
    ("service", "containers", "each has a name: `container NAME { image = ... }`"),
    ("service", "port", "a port is a container's or a unit's: `container NAME { port web = 8080 -> 80 }`"),
    ("service", "ports", "a port is a container's or a unit's: `container NAME { port web = 8080 -> 80 }`"),
    ("service", "env", "an environment is a container's or a unit's: `container NAME { env { ... } }`"),
    ("service", "volume", "a volume is a container's: `container NAME { volume \"/data\" = ... }`"),
    ("node", "ip", "write `address { NETWORK = ADDRESS }`"),
    ("node", "ips", "write `address { NETWORK = ADDRESS }`"),
    ("node", "hostname", "a node's name is its host name; more of them: `alias = [NAME]`"),
    ("node", "memory", "write `hardware { memory = 8GiB }`"),
    ("node", "ram", "write `hardware { memory = 8GiB }`"),
    ("node", "cpu", "write `hardware { cpu = 4cpu }`"),
    ("node", "gpu", "write `hardware { gpu = nvidia }`"),
    ("node", "disk", "write `hardware { disk NAME { device = \"/dev/...\" } }`"),
    ("node", "platform", "write `arch = arm64`, and `os = debian(\"13\")`"),
    ("node", "site", "a site is a name in front of a service; where a node stands is no field: `description = \"...\"`"),
    ("port", "host", "both sides stand behind `=`: `port web = 8080 -> 80`"),
    ("port", "container", "both sides stand behind `=`: `port web = 8080 -> 80`"),
    ("port", "target", "both sides stand behind `=`: `port web = 8080 -> 80`"),
    ("port", "published", "both sides stand behind `=`: `port web = 8080 -> 80`"),
    ("port", "internal", "both sides stand behind `=`: `port web = 8080 -> 80`"),
    ("port", "external", "both sides stand behind `=`: `port web = 8080 -> 80`"),
    ("cluster", "name", "the name stands before its block: `cluster NAME { ... }`"),
    ("hardware", "disks", "each has a name: `disk NAME { device = \"/dev/...\" }`"),
    ("backup", "tool", "write `method = rsync`, `copy` or `restic(credential = ...)`"),
    ("backup", "type", "write `method = rsync`, `copy` or `restic(credential = ...)`"),
    ("backup", "paths", "write `from = [SHARE / \"folder\"]`"),
    ("backup", "repository", "write `to = SHARE / \"folder\"`, and `method = restic(credential = ...)`"),
    ("site", "url", "the site's name is its address: `site \"app.example.org\" { to = CONTAINER.PORT }`"),
    ("health", "test", "write `command = [\"...\"]`, or `http = \"/\"   port = PORT`"),
];

/// What other tools call a word of a closed set: (their word, ours).
pub(super) const WORDS: &[(&str, &str)] = &[
    ("aarch64", "arm64"),
    ("amd64", "x86_64"),
    ("x64", "x86_64"),
    ("x86-64", "x86_64"),
    ("arm64v8", "arm64"),
    ("armhf", "armv7"),
    ("no", "never"),
    ("none", "off"),
    ("unless_stopped", "unless-stopped"),
    ("on_demand", "on-demand"),
    ("ondemand", "on-demand"),
    ("online", "up"),
    ("down", "offline"),
    ("smb", "smb3"),
    ("cifs", "smb3"),
    ("cifs", "smb"),
    ("nfs4", "nfs"),
    ("darwin", "macos"),
    ("osx", "macos"),
    ("letsencrypt", "acme"),
    ("ethernet", "physical"),
    ("wired", "physical"),
    ("wireguard", "mesh"),
    ("tailscale", "mesh"),
    ("vpn", "mesh"),
    ("overlay", "mesh"),
    ("fat32", "exfat"),
    ("vfat", "exfat"),
    ("arm", "armv7"),
    ("armv8", "arm64"),
    ("on", "up"),
    ("off", "offline"),
    ("everyone", "internet"),
    ("public", "internet"),
    ("world", "internet"),
    ("everything", "all"),
];

/// What other languages call a function: (their word, ours, or how it is said here).
#[rustfmt::skip] // one row a line
const FUNCTIONS: &[(&str, &str, &str)] = &[
    ("concat", "", "lists and texts are added: `a + b`"),
    ("merge", "", "two of one kind are added: `a + b`; layers merge by themselves"),
    ("append", "", "add a list: `list + [element]`"),
    ("len", "length", ""),
    ("size", "length", ""),
    ("toUpper", "upper", ""),
    ("to_upper", "upper", ""),
    ("uppercase", "upper", ""),
    ("toLower", "lower", ""),
    ("to_lower", "lower", ""),
    ("lowercase", "lower", ""),
    ("uniq", "unique", ""),
    ("distinct", "unique", ""),
    ("toset", "unique", ""),
    ("sorted", "sort", ""),
    ("startswith", "starts_with", ""),
    ("startsWith", "starts_with", ""),
    ("has", "contains", ""),
    ("includes", "contains", ""),
    ("b64enc", "base64", ""),
    ("base64encode", "base64", ""),
    ("sha256", "hash", ""),
    ("md5", "hash", ""),
    ("nindent", "indent", ""),
    ("toYaml", "yaml", ""),
    ("yamlencode", "yaml", ""),
    ("toJson", "json", ""),
    ("jsonencode", "json", ""),
    ("toToml", "toml", ""),
    ("file", "embed", ""),
    ("readFile", "embed", ""),
    ("read", "embed", ""),
    ("templatefile", "", "`embed` reads a file; `${...}` is worked out in texts of these sources"),
    ("include", "", "a text is `embed(\"file\")`; sources are brought in by `import \"file.colab\"`"),
    ("format", "", "put values into a text: `\"${a}:${b}\"`"),
    ("printf", "", "put values into a text: `\"${a}:${b}\"`"),
    ("toString", "", "put the value into a text: `\"${value}\"`"),
    ("str", "", "put the value into a text: `\"${value}\"`"),
    ("string", "", "put the value into a text: `\"${value}\"`"),
    ("map", "", "go through a list: `[for x in list: x.name]`"),
    ("filter", "", "go through a list: `[for x in list if condition: x]`"),
    ("range", "", "a range of ports is `10000..10099`; a list is written out"),
    ("default", "", "for a value that may be absent, `a ?? b`"),
    ("coalesce", "", "for a value that may be absent, `a ?? b`"),
    ("lookup", "", "write `map.key ?? value`"),
    ("get", "", "write `map.key ?? value`"),
    ("not", "", "write `!condition`"),
    ("if", "", "write `if condition then a else b`"),
    ("env", "", "nothing of the machine is read, so that the same sources give the same files: state the value, or take it from the store with `secret(\"NAME\")`"),
    ("getenv", "", "nothing of the machine is read, so that the same sources give the same files: state the value, or take it from the store with `secret(\"NAME\")`"),
    ("now", "", "nothing of the machine is read, so that the same sources give the same files: state the day"),
    ("timestamp", "", "nothing of the machine is read, so that the same sources give the same files: state the day"),
    ("random", "", "nothing is left to chance, so that the same sources give the same files; a password is a `secret(\"NAME\")`"),
    ("uuid", "", "nothing is left to chance, so that the same sources give the same files: state it"),
    ("port", "", "name the port: `CONTAINER.PORT`"),
    ("node", "", "name it: `nodes.NAME`"),
    ("volume", "", "a volume of Docker's is `local(\"name\")`"),
];

/// What other languages call a type.
pub(super) fn type_meant(name: &str) -> Option<&'static str> {
    Some(match name {
        "str" | "String" | "text_field" | "varchar" => "string",
        "boolean" | "Bool" | "Boolean" => "bool",
        "integer" | "Int" | "number" | "Number" | "uint" | "i64" | "u16" => "int",
        "double" | "decimal" | "f64" => "float",
        "ipaddress" | "ip_address" | "ipaddr" | "inet" | "address" => "ip",
        "subnet" | "network_range" => "cidr",
        "hostname" | "domain" | "dns" => "fqdn",
        "filesize" | "size" => "bytes",
        "time" | "timespan" | "interval" => "duration",
        "uri" | "link" => "url",
        "password" | "token" => "secret",
        _ => return None,
    })
}

/// How a function that other languages have is said here: its name, or a way.
pub(super) fn function_meant(name: &str) -> Option<(&'static str, &'static str)> {
    FUNCTIONS.iter().find(|row| row.0 == name).map(|row| (row.1, row.2))
}

#[cfg(test)]
mod tests {
    use super::{FIELDS, RENAMED};
    use std::collections::BTreeSet;

    /// The text of the library from the declaration of a kind or record up to its end.
    fn body(kind: &str) -> &'static str {
        let heads = [format!("kind {kind} plural "), format!("type {kind} = {{")];
        let found = crate::stdlib::FILES.iter().find_map(|(_, text)| {
            let start = heads.iter().find_map(|head| text.find(head.as_str()))?;
            let body = &text[start..];
            Some(&body[..body.find("\n}").unwrap_or(body.len())])
        });
        found.unwrap_or_else(|| panic!("the library has no `{kind}`"))
    }

    fn has(body: &str, field: &str) -> bool {
        let line = format!("  {field}: ");
        body.lines().any(|text| text.starts_with(&line))
    }

    #[test]
    fn each_word_of_another_tool_is_none_here_and_its_name_is_one() {
        let mut known = BTreeSet::new();
        for &(kind, theirs, ours) in RENAMED {
            let body = body(kind);
            assert!(has(body, ours), "`{kind}` has no `{ours}`");
            assert!(!has(body, theirs), "`{kind}` has `{theirs}` itself");
            assert!(known.insert((kind, theirs)), "`{theirs}` of `{kind}` stands there twice");
        }
        for &(kind, theirs, _) in FIELDS {
            assert!(known.insert((kind, theirs)), "`{theirs}` of `{kind}` stands there twice");
            // A service's `node` is a layer, which takes a name: a value is what is unknown.
            let layer = (kind, theirs) == ("service", "node");
            assert!(layer || !has(body(kind), theirs), "`{kind}` has `{theirs}` itself");
        }
    }
}
