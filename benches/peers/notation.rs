//! The same facts as each language's people would write them down.

pub enum Value {
    Text(String),
    Int(usize),
    Bool(bool),
    List(Vec<Value>),
    Map(Vec<(String, Value)>),
    /// The LAN address of a node.
    Lan(String),
    /// Eight where the node has more than 100 GiB, else four.
    Workers(String),
    /// Where the port `http` of a service's container `main` is reached, and on which node that is.
    Url(String, String),
}

impl Clone for Value {
    fn clone(&self) -> Value {
        match self {
            Value::Text(text) => Value::Text(text.clone()),
            Value::Int(number) => Value::Int(*number),
            Value::Bool(flag) => Value::Bool(*flag),
            Value::List(items) => Value::List(items.clone()),
            Value::Map(entries) => Value::Map(entries.clone()),
            Value::Lan(node) => Value::Lan(node.clone()),
            Value::Workers(node) => Value::Workers(node.clone()),
            Value::Url(service, node) => Value::Url(service.clone(), node.clone()),
        }
    }
}

type Facts = [(&'static str, Value)];

/// Every notation, by the name of its file.
pub fn all(facts: &Facts) -> Vec<(String, String)> {
    let one = [
        ("facts.json", bare(facts, &JSON)),
        ("facts.yml", yaml(facts, MARKED)),
        ("facts.libsonnet", jsonnet(facts)),
        ("facts.nix", format!("rec {}", bare(facts, &NIX))),
        ("module.nix", module(facts)),
        ("facts.ncl", bare(facts, &NICKEL)),
        ("facts.cue", cue(facts)),
        ("facts.k", kcl(facts)),
        ("facts.pkl", pkl(facts)),
    ];
    let one = one.into_iter().map(|(name, text)| (name.to_owned(), text));
    one.chain(ansible(facts)).collect()
}

/// Which layer a value stands in, where that is not said by where it stands.
#[derive(Clone, Copy, PartialEq)]
enum Layer {
    /// A node's word on all its containers.
    Node,
    Own,
    /// A service's words for one system, and for one node.
    OnOs,
    OnNode,
}

impl Layer {
    fn below(self, name: &str) -> Layer {
        match name {
            "container" => Layer::Node,
            "on_os" => Layer::OnOs,
            "on_node" => Layer::OnNode,
            _ => self,
        }
    }
}

/// What tells one notation with braces from the next.
struct Notation {
    /// Between a name and its value, and where that is a map.
    assign: &'static str,
    assign_map: &'static str,
    /// After an entry of a map, and between items of a list.
    end: &'static str,
    between: &'static str,
    escape: fn(&str) -> String,
    key: fn(&str) -> String,
    reference: Reference,
    /// What the name of a value in another layer is followed by, and what becomes of the value.
    marked: fn(Layer) -> &'static str,
    layered: fn(String, Layer) -> String,
}

#[derive(Clone, Copy)]
struct Reference {
    lan: fn(&str) -> String,
    workers: fn(&str) -> String,
    url: fn(&str, &str) -> String,
}

fn as_is(text: String, _: Layer) -> String {
    text
}

/// As JSON writes it, which all of them read but for what they put in.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// References as words in a text, for a script to put in.
const MARKED: Reference = Reference {
    lan: |node| format!("\"@{{lan {node}}}\""),
    workers: |node| format!("\"@{{workers {node}}}\""),
    url: |service, _| format!("\"@{{url {service}}}\""),
};

/// As Ansible reads what another host's variables are.
const TEMPLATED: Reference = Reference {
    lan: |node| format!("\"{{{{ hostvars['{node}'].lan }}}}\""),
    workers: |node| format!("\"{{{{ '8' if hostvars['{node}'].memory > 100 else '4' }}}}\""),
    url: |service, node| {
        let port = format!("services['{service}'].containers.main.ports.http.host");
        format!("\"http://{{{{ hostvars['{node}'].lan }}}}:{{{{ hostvars['{node}'].{port} }}}}\"")
    },
};

const JSON: Notation = Notation {
    assign: ": ",
    assign_map: ": ",
    end: ",",
    between: ", ",
    escape: quoted,
    key: quoted,
    reference: MARKED,
    marked: |_| "",
    layered: as_is,
};

const NIX: Notation = Notation {
    assign: " = ",
    assign_map: " = ",
    end: ";",
    between: " ",
    escape: |text| quoted(text).replace("${", "\\${"),
    key: quoted,
    reference: Reference {
        lan: |node| format!("nodes.{node}.lan"),
        workers: |node| format!("(if nodes.{node}.memory > 100 then \"8\" else \"4\")"),
        url: |service, _| {
            format!(
                "\"http://${{nodes.${{services.{service}.on}}.lan}}:${{toString services.{service}.containers.main.ports.http.host}}\""
            )
        },
    },
    marked: |_| "",
    layered: as_is,
};

const NICKEL: Notation = Notation {
    assign: " = ",
    assign_map: " = ",
    end: ",",
    between: ", ",
    escape: quoted,
    key: quoted,
    reference: Reference {
        lan: |node| format!("nodes.{node}.lan"),
        workers: |node| format!("(if nodes.{node}.memory > 100 then \"8\" else \"4\")"),
        url: |service, _| {
            format!(
                "\"http://%{{nodes.\"%{{services.\"{service}\".on}}\".lan}}:%{{std.to_string services.\"{service}\".containers.main.ports.http.host}}\""
            )
        },
    },
    marked: |layer| match layer {
        Layer::Node => " | priority -1",
        Layer::Own => "",
        Layer::OnOs => " | priority 1",
        Layer::OnNode => " | priority 2",
    },
    layered: as_is,
};

impl Notation {
    fn value(&self, value: &Value, layer: Layer, depth: usize) -> String {
        match value {
            Value::Text(text) => (self.escape)(text),
            Value::Int(number) => number.to_string(),
            Value::Bool(flag) => flag.to_string(),
            Value::List(items) => {
                let items: Vec<String> =
                    items.iter().map(|item| self.value(item, layer, depth)).collect();
                format!("[{}]", items.join(self.between))
            }
            Value::Map(entries) => self.map(entries, layer, depth),
            Value::Lan(node) => (self.reference.lan)(node),
            Value::Workers(node) => (self.reference.workers)(node),
            Value::Url(service, node) => (self.reference.url)(service, node),
        }
    }

    fn map(&self, entries: &[(String, Value)], layer: Layer, depth: usize) -> String {
        let margin = "  ".repeat(depth + 1);
        let mut out = String::from("{\n");
        for (at, (name, value)) in entries.iter().enumerate() {
            let layer = layer.below(name);
            let text = self.value(value, layer, depth + 1);
            let (assign, text) = match value {
                Value::Map(_) => (self.assign_map.to_owned(), text),
                _ => {
                    let assign = format!("{}{}", (self.marked)(layer), self.assign);
                    (assign, (self.layered)(text, layer))
                }
            };
            // JSON alone minds one too many.
            let end = if self.end == "," && at + 1 == entries.len() { "" } else { self.end };
            out.push_str(&format!("{margin}{}{assign}{text}{end}\n", (self.key)(name)));
        }
        out + &"  ".repeat(depth) + "}"
    }
}

fn bare(facts: &Facts, notation: &Notation) -> String {
    let entries: Vec<(String, Value)> =
        facts.iter().map(|(name, value)| (name.to_string(), value.clone())).collect();
    notation.map(&entries, Layer::Own, 0) + "\n"
}

/// Values in another layer say with which priority.
fn module(facts: &Facts) -> String {
    let layered = |value: String, layer: Layer| match layer {
        Layer::Node => format!("lib.mkOverride 110 {value}"),
        Layer::Own => value,
        Layer::OnOs => format!("lib.mkOverride 90 {value}"),
        Layer::OnNode => format!("lib.mkOverride 80 {value}"),
    };
    let notation = Notation { layered, ..NIX };
    format!(
        "{{ config, lib, ... }}: let inherit (config) nodes services; in {}",
        bare(facts, &notation)
    )
}

/// Objects inside of a container go into what the layers say.
fn jsonnet(facts: &Facts) -> String {
    const JSONNET: Notation = Notation {
        reference: Reference {
            lan: |node| format!("nodes.{node}.lan"),
            workers: |node| format!("if nodes.{node}.memory > 100 then '8' else '4'"),
            url: |service, _| {
                format!(
                    "'http://' + nodes[services['{service}'].on].lan + ':' + services['{service}'].containers.main.ports.http.host"
                )
            },
        },
        key: |name| match name {
            "env" | "limits" | "ports" | "volumes" | "credentials" | "config" => format!("{name}+"),
            _ => quoted(name),
        },
        ..JSON
    };
    let mut out = String::new();
    for (name, value) in facts {
        out.push_str(&format!("local {name} = {};\n", JSONNET.value(value, Layer::Own, 0)));
    }
    out + "{ nodes: nodes, shares: shares, groups: groups, services: services }\n"
}

fn cue(facts: &Facts) -> String {
    const CUE: Notation = Notation {
        reference: Reference {
            lan: |node| format!("nodes.{node}.lan"),
            workers: |node| format!("[if nodes.{node}.memory > 100 {{\"8\"}}, \"4\"][0]"),
            url: |service, _| {
                format!(
                    "\"http://\\(nodes[services[\"{service}\"].on].lan):\\(services[\"{service}\"].containers.main.ports.http.host)\""
                )
            },
        },
        ..JSON
    };
    let mut out = String::from("package peers\n\n");
    for (name, value) in facts {
        out.push_str(&format!("{name}: {}\n", CUE.value(value, Layer::Own, 0)));
    }
    out
}

fn kcl(facts: &Facts) -> String {
    fn own_name(service: &str) -> String {
        format!("service_{}", service.replace('-', "_"))
    }
    const KCL: Notation = Notation {
        assign: " = ",
        assign_map: ": ",
        escape: |text| quoted(text).replace("${", "$\" + \"{"),
        reference: Reference {
            lan: |node| format!("nodes.{node}.lan"),
            workers: |node| format!("\"8\" if nodes.{node}.memory > 100 else \"4\""),
            url: |service, _| {
                let own = own_name(service);
                format!(
                    "\"http://\" + nodes[{own}.on].lan + \":\" + str({own}.containers.main.ports.http.host)"
                )
            },
        },
        ..JSON
    };
    let mut out = String::new();
    for (name, value) in facts {
        let kind = match *name {
            "nodes" => "{str:Node}",
            "shares" => "{str:Share}",
            _ => "{str:[str]}",
        };
        let text = |value| KCL.value(value, Layer::Own, 0).replace("= true", "= True");
        match value {
            // A map cannot speak of itself while it is made: each has a name of its own.
            Value::Map(services) if *name == "services" => {
                let mut all = String::new();
                for (name, service) in services {
                    let own = own_name(name);
                    out.push_str(&format!("{own}: Service = {}\n", text(service)));
                    all.push_str(&format!("  {}: {own}\n", quoted(name)));
                }
                out.push_str(&format!("services: {{str:Service}} = {{\n{all}}}\n"));
            }
            value => out.push_str(&format!("{name}: {kind} = {}\n", text(value))),
        }
    }
    out
}

/// A container is what it makes of the one that the layers give.
fn pkl(facts: &Facts) -> String {
    let mut out = String::from("import \"modulepath:/model.pkl\"\n\n");
    for (name, value) in facts {
        let kind = match *name {
            "nodes" => "Mapping<String, model.Node>",
            "shares" => "Mapping<String, model.Share>",
            "groups" => "Mapping<String, Listing<String>>",
            _ => "Mapping<String, model.Service>",
        };
        let Value::Map(entries) = value else { unreachable!("facts are maps of things") };
        out.push_str(&format!("{name}: {kind} = new {{\n"));
        for (name, value) in entries {
            out.push_str(&format!("  [{}] {}\n", quoted(name), pkl_value(value, Some(""), 1)));
        }
        out.push_str("}\n");
    }
    out
}

/// A value, or where it is a map the braces that amend it: `kind` is the name of its field, none
/// where its keys are fields.
fn pkl_value(value: &Value, kind: Option<&str>, depth: usize) -> String {
    let margin = "  ".repeat(depth + 1);
    let close = "  ".repeat(depth) + "}";
    match value {
        Value::Text(text) => quoted(text),
        Value::Int(number) => number.to_string(),
        Value::Bool(flag) => flag.to_string(),
        Value::Lan(node) => format!("nodes[\"{node}\"].lan"),
        Value::Workers(node) => format!("if (nodes[\"{node}\"].memory > 100) \"8\" else \"4\""),
        Value::Url(service, _) => format!(
            "\"http://\\(nodes[services[\"{service}\"].on].lan):\\(services[\"{service}\"].http)\""
        ),
        Value::List(items) => {
            let items: Vec<String> =
                items.iter().map(|item| pkl_value(item, None, depth + 1)).collect();
            format!("{{ {} }}", items.join("; "))
        }
        Value::Map(entries) => {
            let keyed = matches!(
                kind,
                Some(
                    "containers"
                        | "sites"
                        | "on_os"
                        | "on_node"
                        | "linux"
                        | "env"
                        | "ports"
                        | "volumes"
                        | "credentials"
                        | "config"
                        | "disks"
                        | "vars"
                )
            ) || kind.is_some_and(|kind| kind.starts_with('n') && kind.len() == 6);
            let mut out = String::from("{\n");
            for (name, value) in entries {
                let name_is_of_container = matches!(kind, Some("containers" | "linux"))
                    || kind.is_some_and(|kind| kind.starts_with('n') && kind.len() == 6);
                let text = pkl_value(value, Some(name), depth + 1);
                // A word of the language's own.
                let name = if name == "local" { "`local`" } else { name };
                let line = match value {
                    _ if name_is_of_container => {
                        format!("[{}] = (base) -> (base) {text}", quoted(name))
                    }
                    Value::Map(_) | Value::List(_) if keyed => format!("[{}] {text}", quoted(name)),
                    _ if keyed => format!("[{}] = {text}", quoted(name)),
                    Value::Map(_) if name == "container" => {
                        format!("{name} = (base) -> (base) {text}")
                    }
                    Value::Map(_) | Value::List(_) => format!("{name} {text}"),
                    _ => format!("{name} = {text}"),
                };
                out.push_str(&format!("{margin}{line}\n"));
            }
            out + &close
        }
    }
}

/// Blocks with two blanks more a level.
fn yaml(facts: &[(&str, Value)], reference: Reference) -> String {
    fn write(out: &mut String, value: &Value, reference: Reference, depth: usize) {
        match value {
            Value::Map(entries) => {
                for (name, value) in entries {
                    out.push_str(&format!("\n{}{}:", "  ".repeat(depth), quoted(name)));
                    write(out, value, reference, depth + 1);
                }
            }
            Value::List(items) => {
                for item in items {
                    out.push_str(&format!("\n{}-", "  ".repeat(depth)));
                    write(out, item, reference, depth + 1);
                }
            }
            one => {
                let plain = Notation { reference, ..JSON };
                out.push_str(&format!(" {}", plain.value(one, Layer::Own, depth)));
            }
        }
    }
    let mut out = String::new();
    for (name, value) in facts {
        out.push_str(&format!("\n{name}:"));
        write(&mut out, value, reference, 1);
    }
    out.push('\n');
    out.split_off(1)
}

/// What is of one host stands in its own file, its services among it.
fn ansible(facts: &Facts) -> Vec<(String, String)> {
    let of = |name: &str| match facts.iter().find(|(kind, _)| *kind == name) {
        Some((_, Value::Map(entries))) => entries,
        _ => unreachable!("facts are maps of things"),
    };
    let mut files = Vec::new();
    let mut hosts = String::from(
        "[all:vars]\nansible_connection=local\nansible_python_interpreter={{ ansible_playbook_python }}\n\n[nodes]\n",
    );
    for (name, node) in of("nodes") {
        hosts.push_str(&format!("{name}\n"));
        let Value::Map(said) = node else { unreachable!("a node is a map") };
        let runs = |service: &Value| match service {
            Value::Map(said) => said
                .iter()
                .any(|(key, on)| key == "on" && matches!(on, Value::Text(on) if on == name)),
            _ => false,
        };
        let services = of("services").iter().filter(|(_, service)| runs(service));
        let services = Value::Map(services.cloned().collect());
        // Ansible keeps some words to itself.
        let word = |name| {
            if matches!(name, "vars" | "roles") { format!("node_{name}") } else { name.to_owned() }
        };
        let said: Vec<(String, Value)> =
            said.iter().map(|(name, value)| (word(name.as_str()), value.clone())).collect();
        let mut said: Vec<(&str, Value)> =
            said.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
        said.push(("services", services));
        files.push((format!("ansible/host_vars/{name}.yml"), yaml(&said, TEMPLATED)));
    }
    let shared = [("shares", "shares"), ("racks", "groups")]
        .map(|(word, name)| (word, Value::Map(of(name).clone())));
    files.push(("ansible/group_vars/all.yml".to_owned(), yaml(&shared, TEMPLATED)));
    files.push(("ansible/hosts".to_owned(), hosts));
    files
}
