//! A cluster of any size, as a large site would write it: racks of nodes with layered values, and
//! services that refer to each other, to shares, secrets and sites. Sound, and without a lint.

use super::Project;
use super::dice::Dice;
use super::text::Text;

/// Nodes that share a file, a share, a store of secrets and a backup.
const RACK: usize = 50;
const DOMAIN: &str = "example.org";

/// What a large cluster says beyond its layers, before it is written in any language.
pub struct Facts {
    pub nodes: Vec<Node>,
    /// In the order of their nodes.
    pub services: Vec<Service>,
}

pub struct Node {
    pub number: usize,
    pub rack: usize,
    pub arch: &'static str,
    pub os: (&'static str, &'static str),
    pub cpu: usize,
    /// In GiB.
    pub memory: usize,
    package: Option<&'static str>,
    /// Whether it says another region than the global layer.
    pub edge: bool,
    /// Whether its containers get one variable more.
    pub special: bool,
}

impl Node {
    /// Whether it serves its rack's share.
    pub fn is_first(&self) -> bool {
        self.number.is_multiple_of(RACK)
    }

    pub fn has_gpu(&self) -> bool {
        self.number % 7 == 3
    }

    pub fn name(&self) -> String {
        name_of(self.number)
    }

    pub fn roles(&self) -> Vec<&'static str> {
        let mut roles = vec!["worker"];
        roles.extend(self.is_first().then_some("data"));
        roles.extend(self.has_gpu().then_some("gpu"));
        roles
    }

    pub fn lan(&self) -> String {
        format!("10.1.{}.{}", self.number / 250, self.number % 250 + 1)
    }

    pub fn mesh(&self) -> String {
        format!("100.64.{}.{}", self.number / 250, self.number % 250 + 1)
    }
}

/// A service: its place on its node says of which sort it is.
pub struct Service {
    pub node: usize,
    /// Another node of the rack, or the same where it has one node.
    pub next: usize,
    pub rack: usize,
    pub place: usize,
    pub tag: String,
}

impl Service {
    pub fn id(&self) -> String {
        format!("{:05}-{}", self.node, self.place)
    }

    /// Ports of the node that no other service there has.
    pub fn port(&self, nth: usize) -> usize {
        20_000 + self.place * 4 + nth
    }
}

/// The facts of a cluster of `nodes` nodes, each with `services` services of its own.
pub fn facts(nodes: usize, services: usize, seed: u64) -> Facts {
    let mut dice = Dice::new(seed);
    let mut facts = Facts { nodes: Vec::new(), services: Vec::new() };
    for rack in 0..nodes.div_ceil(RACK) {
        let members = rack * RACK..((rack + 1) * RACK).min(nodes);
        facts.nodes.extend(members.clone().map(|number| node(number, rack, &mut dice)));
        for node in members.clone() {
            for place in 0..services {
                let next = members.start + (node + 1 - members.start) % members.len();
                let tag = format!("{}.{}.{}", dice.below(5), dice.below(20), dice.below(10));
                facts.services.push(Service { node, next, rack, place, tag });
            }
        }
    }
    facts
}

fn node(number: usize, rack: usize, dice: &mut Dice) -> Node {
    Node {
        number,
        rack,
        arch: dice.pick(&["arm64", "x86_64"]),
        os: dice.pick(&[("debian", "13"), ("debian", "12"), ("ubuntu", "24.04")]),
        cpu: dice.pick(&[16, 32, 64]),
        memory: dice.pick(&[64, 128, 256]),
        package: dice.one_in(3).then(|| dice.pick(&["jq", "ripgrep", "strace"])),
        edge: dice.one_in(4),
        special: dice.one_in(5),
    }
}

/// A cluster of `nodes` nodes, each with `services` services of its own.
pub fn scale(nodes: usize, services: usize, seed: u64) -> Project {
    let facts = facts(nodes, services, seed);
    let mut project = Project::new();
    project.insert("cluster.colab".into(), cluster());
    project.insert("layers.colab".into(), layers());
    for members in facts.nodes.chunks(RACK) {
        let (first, rack) = (members[0].number, members[0].rack);
        let mut text = Text::default();
        rack_things(&mut text, rack, first..first + members.len(), services);
        members.iter().for_each(|node| node_text(&mut text, node));
        project.insert(format!("nodes/rack-{rack:03}.colab"), text.done());
        let mut text = Text::default();
        for node in members {
            let number = node.number;
            let own = &facts.services[number * services..(number + 1) * services];
            own.iter().for_each(|each| service(&mut text, each));
            // A file of at most a quarter of a rack.
            let last = number + 1 == first + members.len();
            if (number + 1 - first).is_multiple_of(RACK / 4) || last {
                let name = format!("services/rack-{rack:03}-{number:05}.colab");
                project.insert(name, std::mem::take(&mut text).done());
            }
        }
    }
    project
}

fn cluster() -> String {
    let mut t = Text::default();
    t.line("import \"layers.colab\"");
    t.line("import \"nodes/*.colab\"");
    t.line("import \"services/*.colab\"");
    t.block("cluster scale", |t| {
        t.line("edition = 1");
        t.line(format!("domain = \"{DOMAIN}\""));
        t.line("timezone = \"Etc/UTC\"");
        t.line("reach = [lan, mesh]");
        t.line("ingress = caddy(edge)");
    });
    t.block("service edge", |t| {
        t.line(format!("on = {}", name_of(0)));
        t.block("container web from std.caddy(\"2.11.4\")", |t| {
            t.line("network_mode = host");
            t.line("port http = 80 { audience = [lan, mesh] }");
            t.line("port https = 443 { audience = [lan, mesh] }");
            t.line("volume \"/data\" = local(\"edge-data\")");
            t.line("volume \"/config\" = local(\"edge-config\")");
            t.line("limits { memory = 512MiB }");
        });
    });
    t.line("network lan { driver = physical   range = 10.0.0.0/8 }");
    t.line("network mesh { driver = mesh   range = 100.64.0.0/10   domain = \"scale\" }");
    t.line("user ops { uid = 1000   gid = 1000   groups = [\"docker\"] }");
    t.block("assert \"every always-on service runs on an always-on node\"", |t| {
        t.line("all(i in instances if i.service.availability == always: i.node.status == up)");
    });
    t.block("assert \"every node is on the mesh\"", |t| {
        t.line("all(n in nodes: n.address.mesh != none)");
    });
    t.done()
}

fn layers() -> String {
    let mut t = Text::default();
    t.line("let registry: string = \"registry.example.net\"");
    t.block("template app(name: string, tag: string, port: port = 8080) for container", |t| {
        t.line("default image = \"${registry}/${name}:${tag}\"");
        t.line("port http = port");
        t.line(
            "health { default http = \"/healthz\"   default port = http   default every = 30s }",
        );
        t.line("limits { default memory = 128MiB }");
    });
    t.block("global", |t| {
        t.block("node", |t| {
            t.line("user = ops");
            t.line("default shell = \"zsh\"");
            t.line("packages = [\"git\", \"vim\", \"tmux\"]");
            t.line("tools { docker-compose = \"2.40.3\"   chezmoi = \"2.71.1\" }");
            t.line("sysctl { \"vm.swappiness\" = 10   \"net.core.somaxconn\" = 1024 }");
            t.line("docker { log { max_size = node.vars.log_size } }");
            t.line("var log_size: bytes = 10MB");
            t.line("var region: string = \"core\"");
        });
        t.block("container", |t| {
            t.line("default restart = always");
            t.line(
                "logging { driver = \"json-file\"   max_size = node.vars.log_size   max_file = 3 }",
            );
            t.line("env { TZ = cluster.timezone   REGION = node.vars.region }");
        });
    });
    t.line("arch arm64 { container { platform = \"linux/arm64\" } }");
    t.line("arch x86_64 { container { platform = \"linux/amd64\" } }");
    t.line("os linux { node { packages += [\"cifs-utils\"] } }");
    t.line("os debian { node { packages += [\"docker.io\"]   shell = \"bash\" } }");
    t.line("os ubuntu { node { packages += [\"docker-ce\"] } }");
    t.block("role worker", |t| {
        t.line("node { packages += [\"htop\"]   vars { pool = \"work\" } }");
        t.line("container { labels { \"org.example.pool\" = node.vars.pool } }");
    });
    t.block("role data", |t| {
        t.line("assert \"has a disk\" { count(node.hardware.disk) > 0 }");
        t.line("node { packages += [\"smartmontools\"]   sysctl { \"vm.dirty_ratio\" = 10 } }");
    });
    t.block("role gpu", |t| {
        t.line("assert \"has a GPU\" { node.hardware.gpu != none }");
        t.line("node { packages += [\"nvtop\"]   vars { runtime = [\"cuda\", \"pytorch\"] } }");
    });
    t.done()
}

/// What a node is called.
pub fn name_of(node: usize) -> String {
    format!("n{node:05}")
}

fn rack_things(t: &mut Text, rack: usize, members: std::ops::Range<usize>, services: usize) {
    let server = name_of(members.start);
    let all: Vec<String> = members.clone().map(name_of).collect();
    t.block(format!("share store-{rack:03}"), |t| {
        t.line(format!("server = {server}"));
        t.line(format!("disk = {server}.hardware.disk.data"));
        t.line("user = ops");
        t.line(format!("password = secret(\"/rack-{rack:03}/STORE_PASSWORD\")"));
        t.line(format!("clients = [{}]", all.join(", ")));
        t.line(format!("mount {{ linux = \"/mnt/store-{rack:03}\" }}"));
    });
    t.block(format!("backup nightly-{rack:03}"), |t| {
        t.line(format!("on = {server}"));
        t.line(format!("from = [store-{rack:03}]"));
        t.line(format!("to = {server}.hardware.disk.spare / \"store\""));
        t.line("every { snapshot = daily   full = weekly }");
        t.line("keep { daily = 7   weekly = 4 }");
    });
    t.block(format!("group rack-{rack:03}"), |t| {
        t.line(format!("nodes = [{}]", all.join(", ")));
    });
    t.block(format!("secrets keys-{rack:03}"), |t| {
        t.line("provider = command([\"pass\", \"show\"])");
        t.line(format!("path \"/rack-{rack:03}\" {{ names = [STORE_PASSWORD] }}"));
        for node in members {
            for place in (0..services).filter(|place| place % 10 == 1 || place % 10 == 8) {
                t.line(format!(
                    "path \"/{node:05}-{place}\" {{ names = [PASSWORD_{node:05}_{place}] }}"
                ));
            }
        }
    });
}

fn node_text(t: &mut Text, node: &Node) {
    t.block(format!("node {}", node.name()), |t| {
        t.line(format!("alias = [host-{:05}]", node.number));
        t.line(format!("arch = {}", node.arch));
        t.line(format!("os = {}(\"{}\")", node.os.0, node.os.1));
        t.line(format!("roles = [{}]", node.roles().join(", ")));
        t.line(format!("address {{ lan = {}   mesh = {} }}", node.lan(), node.mesh()));
        t.block("hardware", |t| {
            t.line(format!("cpu = {}cpu", node.cpu));
            t.line(format!("memory = {}GiB", node.memory));
            if node.has_gpu() {
                t.line("gpu = nvidia(count = 1, memory = 24GiB)");
            }
            if node.is_first() {
                t.line("disk data { device = \"/dev/sdb1\"   size = 4TB   fs = xfs   mount = \"/srv/data\" }");
                t.line("disk spare { device = \"/dev/sdc1\"   size = 4TB   fs = xfs   mount = \"/srv/spare\" }");
            }
        });
        if let Some(package) = node.package {
            t.line(format!("packages += [\"{package}\"]"));
        }
        if node.edge {
            t.line(format!("vars {{ region = \"edge-{:03}\" }}", node.rack));
        }
        if node.special {
            t.line("container { env { TIER = \"special\" } }");
        }
    });
}

fn service(t: &mut Text, spot: &Service) {
    let on = format!("on = {}", name_of(spot.node));
    let (id, tag) = (spot.id(), &spot.tag);
    let (first, second) = (spot.port(0), spot.port(1));
    match spot.place % 10 {
        0 => t.block(format!("service web-{id}"), |t| {
            t.line(on);
            t.line("tier = \"team\"");
            t.block(format!("container main from app(\"web\", \"{tag}\")"), |t| {
                t.line("env { LOG_LEVEL = \"info\"   NODE = \"${node.address.lan}\" }");
                t.line(format!("override port http = {first} -> 8080"));
                t.line("limits { cpu = 0.5cpu   memory = 256MiB }");
                t.line(format!("volume \"/data\" = local(\"web-{id}\")"));
            });
            t.line(format!("site \"web-{id}.{DOMAIN}\" {{ to = main.http }}"));
        }),
        1 => t.block(format!("service forge-{id}"), |t| {
            t.line(on);
            t.line(format!("secrets = [keys-{:03}[\"/{id}\"]]", spot.rack));
            let password = format!("secret(\"PASSWORD_{:05}_{}\")", spot.node, spot.place);
            t.block("container db from std.postgres(\"16-alpine\")", |t| {
                t.line(format!("env {{ POSTGRES_USER = \"forge\"   POSTGRES_PASSWORD = {password} }}"));
                t.line(format!("volume \"/var/lib/postgresql/data\" = local(\"forge-{id}\")"));
                t.line("limits { memory = 1GiB }");
            });
            t.block("container main", |t| {
                t.line(format!("image = \"registry.example.net/forge:{tag}\""));
                t.line("depends_on = [db]");
                t.line("limits { memory = 1GiB }");
                t.block("env", |t| {
                    t.line("DB_HOST = db.address");
                    t.line(format!("DB_URL = \"postgres://forge:${{{password}}}@${{db.address}}/forge\""));
                    t.line(format!("ROOT_URL = sites[\"forge-{id}.{DOMAIN}\"].url"));
                });
                t.line(format!("port http = {first} -> 3000"));
                t.line(format!("port ssh = {second} -> 22 {{ scheme = ssh   audience = [lan, mesh] }}"));
                t.line("health { http = \"/api/healthz\"   port = http   every = 30s }");
            });
            t.line(format!("site \"forge-{id}.{DOMAIN}\" {{ to = main.http }}"));
        }),
        2 => t.block(format!("service cache-{id}"), |t| {
            t.line(on);
            t.block("container main from std.redis(\"7-alpine\")", |t| {
                t.line("limits { memory = 128MiB }");
            });
        }),
        3 => t.block(format!("service shell-{id}"), |t| {
            t.line(on);
            t.block("unit main", |t| {
                t.line("packages = [\"cockpit\"]");
                t.line("systemd = \"cockpit.socket\"");
                t.line(format!("port web = {first} {{ scheme = https }}"));
                t.line("health { tcp = web }");
            });
        }),
        4 => t.block(format!("service files-{id}"), |t| {
            t.line(on);
            t.block(format!("container main from app(\"files\", \"{tag}\", port = 80)"), |t| {
                t.line(format!("volume \"/srv\" = store-{:03} / \"files/{id}\"", spot.rack));
                t.line("volume \"/etc/localtime\" = \"/etc/localtime\" { read_only = true }");
                t.line(format!("override port http = {first} -> 80"));
            });
        }),
        5 => t.block(format!("service api-{id}"), |t| {
            t.line(on);
            t.block(format!("container main from app(\"api\", \"{tag}\")"), |t| {
                t.line(format!("override port http = {first} -> 8080 {{ audience = [lan, mesh] }}"));
                t.line("env { WORKERS = if node.hardware.memory > 100GiB then 8 else 4 }");
            });
        }),
        6 => t.block(format!("service client-{id}"), |t| {
            t.line(on);
            let api = format!("api-{:05}-{}", spot.next, spot.place - 1);
            t.line(format!("after = [{api}]"));
            t.block(format!("container main from app(\"client\", \"{tag}\")"), |t| {
                t.line(format!("env {{ API_URL = {api}.main.http.url }}"));
            });
        }),
        7 => t.block(format!("service report-{id}"), |t| {
            t.line(on);
            t.block(format!("container main from app(\"report\", \"{tag}\")"), |t| {
                t.line("env { FORMAT = \"html\"   MODE = \"plain\" }");
                t.line("limits { memory = 512MiB }");
            });
            t.line("os linux { container main { env { override MODE = \"linux\" } } }");
            t.block(format!("node {}", name_of(spot.node)), |t| {
                t.line("container main { limits { override memory = 1GiB } }");
            });
        }),
        8 => t.block(format!("service mail-{id}"), |t| {
            t.line(on);
            t.line(format!("secrets = [keys-{:03}[\"/{id}\"]]", spot.rack));
            t.block(format!("container main from app(\"mail\", \"{tag}\")"), |t| {
                t.line(format!("credential token = secret(\"PASSWORD_{:05}_{}\")", spot.node, spot.place));
                t.line("config \"/etc/mail.conf\" = \"host = ${node.name}\\nzone = ${cluster.domain}\\n\"");
                t.line("env { TOKEN_FILE = container.credential.token.path }");
            });
        }),
        _ => t.block(format!("service probe-{id}"), |t| {
            t.line(on);
            t.block("unit main", |t| {
                t.line("packages = [\"prometheus-node-exporter\"]");
                t.line("systemd = \"prometheus-node-exporter.service\"");
                t.line(format!("port metrics = {first} {{ audience = [lan, mesh] }}"));
                t.line("health { http = \"/metrics\"   port = metrics }");
            });
        }),
    }
}
