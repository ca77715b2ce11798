//! Small sound clusters that between them use every kind and most fields. Each optional statement
//! is there in some and not in others.

use super::Project;
use super::dice::Dice;
use super::text::Text;

/// A cluster of two to six nodes.
pub fn varied(seed: u64) -> Project {
    let mut v = Varied { dice: Dice::new(seed), nodes: 0, t: Text::default() };
    v.nodes = 2 + v.dice.below(5);
    let mut project = Project::new();
    v.cluster();
    project.insert("cluster.colab".into(), std::mem::take(&mut v.t).done());
    v.layers();
    project.insert("layers.colab".into(), std::mem::take(&mut v.t).done());
    for node in 0..v.nodes {
        v.node(node);
    }
    v.nas();
    project.insert("nodes/all.colab".into(), std::mem::take(&mut v.t).done());
    v.storage();
    v.operations();
    project.insert("more/operations.colab".into(), std::mem::take(&mut v.t).done());
    v.services();
    project.insert("more/services.colab".into(), std::mem::take(&mut v.t).done());
    project
}

struct Varied {
    dice: Dice,
    nodes: usize,
    t: Text,
}

impl Varied {
    /// One of these lines, or in one of four cases none.
    fn some(&mut self, lines: &[&str]) {
        let line = self.dice.pick(lines);
        if !self.dice.one_in(4) {
            self.t.line(line);
        }
    }

    fn all(&mut self, lines: &[&str]) {
        for line in lines {
            self.some(&[line]);
        }
    }

    fn cluster(&mut self) {
        self.t.line("import \"layers.colab\"");
        self.t.line("import \"nodes/*.colab\"");
        self.t.line("import \"more/*.colab\"");
        self.t.line("cluster home {");
        self.t.line(
            "edition = 1   domain = \"example.org\"   reach = [lan, mesh]   ingress = caddy(edge)",
        );
        self.all(&[
            "timezone = \"Europe/Berlin\"",
            "acme { email = \"root@example.org\"   staging = true }",
            "repository = \"https://git.example.org/home.git\"",
            "engine { version = \"28.0\" }",
            "down { impact = \"all is dark\"   mitigation = \"candles\" }",
            "description = \"A cluster that nobody has\"",
            "tags = [\"made\", \"up\"]",
        ]);
        self.some(&["distribute = push", "distribute = pull(every = 2h)"]);
        self.t.line("}");
        self.t.line("network lan { driver = physical   range = [10.10.0.0/24, fd10:10::/64]");
        self.all(&["gateway = 10.10.0.1", "vlan = 12", "dns = [10.10.0.2]", "mtu = 1500"]);
        self.t.line("}");
        self.t.line("network mesh { driver = mesh   range = 100.64.0.0/10   domain = \"home\"");
        self.some(&["policy = [{ from = [everyone]   to = [n0]   ports = [\"tcp:22\"] }]"]);
        self.t.line("}");
        self.t.line("network iot { driver = macvlan(parent = \"eth0\")   range = 10.10.30.0/24");
        self.all(&["pool = 10.10.30.128/25", "reserve = [10.10.30.0/28]"]);
        self.t.line("}");
        self.t.line("network apps { driver = bridge");
        self.all(&["internal = true", "ipv6 = true", "description = \"between containers\""]);
        self.t.line("}");
        self.t.line("user ops { uid = 1000   gid = 1000");
        self.all(&[
            "groups = [\"docker\", \"video\"]",
            "shell = \"/bin/bash\"",
            "home = \"/home/ops\"",
            "ssh_keys = [\"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8g ops\"]",
            "email = \"ops@example.org\"",
            "side = wsl",
        ]);
        self.t.line("}");
    }

    fn layers(&mut self) {
        self.t.line("type tier = enum { core, team, play }");
        self.t.line("let registry: string = \"registry.example.org\"");
        self.t.line("kind shelf plural shelves { height: int = 1   tier: tier = play   for_nodes: set<node> }");
        self.t.line("shelf top { height = 3   for_nodes = [n0, n1] }");
        self.t.line("shelf low { tier = core }");
        self.t.block("template app(name: string, tag: string) for container", |t| {
            t.line("default image = \"${registry}/${name}:${tag}\"");
            t.line("port http = 8080");
            t.line("health { default http = \"/healthz\"   default port = http }");
        });
        self.t.line("global {");
        self.t.line("node { user = ops   packages = [\"git\", \"vim\"]   var size: bytes = 10MB");
        self.all(&[
            "default shell = \"zsh\"",
            "tools { chezmoi = \"2.71.1\"   mise = \"2026.4\" }",
            "sysctl { \"vm.swappiness\" = 10 }",
            "docker { log { max_size = node.vars.size }   live_restore = false }",
            "final approve = manual",
            "env { EDITOR = \"vim\" }",
            "tags = [\"managed\"]",
            "reserve { memory = 1GiB }",
        ]);
        self.t.line("}");
        self.t.line("service {");
        self.some(&["tags = [\"all\"]", "default tier = \"team\""]);
        self.t.line("}");
        self.t.line("container { env { TZ = cluster.timezone }");
        self.all(&[
            "default restart = always",
            "logging { driver = \"json-file\"   max_size = node.vars.size   max_file = 3 }",
            "labels { \"org.example.node\" = node.name }",
            "default init = true",
        ]);
        self.t.line("}");
        self.all(&["unit { env { MODE = \"host\" } }", "description = \"what all have\""]);
        self.t.line("}");
        self.all(&[
            "arch arm64 { container { platform = \"linux/arm64\" } }",
            "arch x86_64 { container { platform = \"linux/amd64\" } }",
            "os linux { node { packages += [\"cifs-utils\"] } }",
            "os debian { node { packages += [\"docker.io\"]   sysctl { \"vm.dirty_ratio\" = 5 } } }",
            "os windows { node { shell = \"pwsh\" } }",
            "os linux { file \"/etc/issue\" { content = \"linux\"   by = ansible } }",
        ]);
        self.t.line("role worker { node { packages += [\"htop\"] }");
        self.all(&[
            "node { vars { pool = [\"work\"] } }",
            "container { env { POOL = \"work\" } }",
            "description = \"does the work\"",
            "assert \"is managed\" { node.managed }",
        ]);
        self.t.line("}");
        self.t.line("role desk { over = [worker]   node { packages -= [\"vim\"] } }");
        self.t.line("template box(tag: string) for node { default description = \"box ${tag}\" }");
    }

    fn node(&mut self, at: usize) {
        let os = match at {
            0 => "debian(\"13\")",
            1 => self.dice.pick(&["debian(\"12\")", "ubuntu(\"24.04\")", "fedora(\"43\")"]),
            2 => "windows(\"11\", wsl = true)",
            3 => "macos",
            _ => self.dice.pick(&["debian(\"13\")", "rocky(\"10\")", "nixos(\"25.11\")"]),
        };
        let from = self.dice.pick(&["", " from box(\"seven\")"]);
        self.t.line(format!("node n{at}{from} {{"));
        self.t.line(format!("alias = [host{at}]   os = {os}"));
        self.t.line(if at == 0 {
            "arch = x86_64"
        } else {
            self.dice.pick(&["arch = arm64", "arch = x86_64"])
        });
        self.t.line(match at {
            0 => "roles = [worker, std.storage]",
            1 => "roles = [worker, desk]",
            _ => self.dice.pick(&["roles = [worker]", "roles = [std.workstation]", "roles = []"]),
        });
        self.t.line(format!(
            "address {{ lan = [10.10.0.{}, fd10:10::{}]   mesh = 100.64.0.{} }}",
            at + 10,
            at + 10,
            at + 10
        ));
        self.t.line("hardware {");
        self.all(&[
            "cpu = 8cpu",
            "memory = 32GiB",
            "cpu_model = \"a fast one\"",
            "devices = [\"/dev/ttyUSB0\"]",
        ]);
        if at == 0 {
            self.t.line("gpu = nvidia(count = 2, memory = 24GiB)");
            self.t.line("disk data { device = \"/dev/sdb1\"   size = 4TB   fs = ext4   mount = \"/srv/data\" }");
            self.t.line("disk spare { raid = raid1(\"sdc\", \"sdd\")   mount = \"/srv/spare\"   options = [\"noatime\"] }");
        }
        self.t.line("}");
        self.all(&[
            "packages += [\"jq\"]",
            "tags += [\"one\"]",
            "tools { mise = \"2026.4\" }",
            &format!("mac {{ lan = 00:11:22:33:44:{at:02x} }}"),
            "interface { lan = \"eth0\" }",
            "ssh { port = 2222 }",
            "resolver = off",
            "down { impact = \"less of everything\" }",
            "allow L0106 = \"none to ask\" { until = \"2030-01-01\" }",
            "container { env { NODE = \"${node.name}\" } }",
            "task \"node:look\" { run = \"uptime\" }",
        ]);
        self.t.line("}");
    }

    fn nas(&mut self) {
        self.t.line("node nas { managed = false   address { lan = 10.10.0.5 }   port ui = 5000 { scheme = http } }");
    }

    fn storage(&mut self) {
        self.t.line("share data { server = n0   disk = n0.hardware.disk.data   user = ops");
        self.t.line("password = secret(\"/share/DATA_PASSWORD\")");
        self.t
            .line("mount { linux = \"/mnt/data\"   windows = \"Z:\"   macos = \"/Volumes/data\" }");
        self.some(&["via = smb3(workgroup = \"HOME\")", "via = smb3"]);
        self.all(&[
            "clients = all",
            "network = lan",
            "dirs = [\"apps\", \"films\"]",
            "options = [\"noatime\"]",
            "idle = 5m",
            "automount = false",
            "valid_users = [ops]",
            "tags = [\"big\"]",
            "raw { \"veto files\" = \"/.DS_Store/\" }",
        ]);
        self.t.line("}");
        self.t.line("share films { server = nas   via = nfs   path = \"/volume1/films\"   clients = [n1]   mount { linux = \"/mnt/films\" }");
        self.all(&["read_only = true", "soft = true"]);
        self.t.line("}");
        self.t.line("secrets keys { provider = command([\"pass\", \"show\"])");
        self.t.line("path \"/share\" { names = [DATA_PASSWORD]   describe { DATA_PASSWORD = \"for mounts\" } }");
        self.t.line("path \"/app\" { names = [DB_PASSWORD, TOKEN]   rotate = 30d   rename { TOKEN = APP_TOKEN } }");
        self.t.line("}");
        self.t.line("backup nightly { on = n0   from = [data / \"apps\"]   to = n0.hardware.disk.spare / \"data\"");
        self.t.line("every { snapshot = daily   full = weekly }   keep { daily = 7   weekly = 4 }");
        self.all(&[
            "exclude = [\"*.tmp\"]",
            "before = [\"sync\"]",
            "verify = \"Sun *-*-* 03:00\"",
            "restore = \"copy it back\"",
        ]);
        self.t.line("}");
        self.t.line("cache apps { from = data / \"apps\"   to = \"/var/cache/apps\"   on = [n1]   every = hourly }");
    }

    fn operations(&mut self) {
        self.all(&[
            "group core { nodes = [n0, n1]   tmux = true   sync = true }",
            "rollout careful { order = [n0, n1]   pause = 5s   before = [check]   after = [health, task(task = greet)]   trial = n0 }",
            "task look { run = [\"uptime\", \"df -h\"]   on = [n0]   depends = [greet]   confirm = true   env { A = \"b\" } }",
            "alert full { when = \"disk > 90\"   lasting = 10m   severity = critical   summary = \"nearly full\" }",
            "decision first { title = \"Why\"   chosen = \"because\"   good = [\"it is\"]   bad = [\"is it\"]   about = [n0, data] }",
            "record \"printer.home\" { a = 10.10.0.60   ttl = 1h }",
            "record \"www.example.org\" { cname = \"app.example.org\" }",
            "site \"old.example.org\" { redirect = \"https://app.example.org\" }",
            "site \"hello.example.org\" { respond = \"hello\"   header { X-Hello = \"yes\" } }",
            "file \"/etc/motd\" { on = [n0, n1]   by = ansible   content = \"Welcome to ${node.name}\" }",
            "file \"~/.gitconfig\" { on = all   by = chezmoi   content = \"[user]\"   mode = 0600   user = ops }",
            "allow L0106 = \"kept for later\"",
            "assert \"all is well\" { all(i in instances: i.node.managed) }",
        ]);
        self.t.line("task greet { run = \"echo hello\"   description = \"says hello\" }");
        self.t.line("rollout plain { order = [n1] }");
    }

    fn services(&mut self) {
        self.t.line("service edge { on = n0   container web from std.caddy(\"2.11.4\") { network_mode = host");
        self.t.line("port http = 80 { audience = [lan, mesh] }   port https = 443 { audience = [lan, mesh] }");
        self.t.line("volume \"/data\" = local(\"edge-data\")   volume \"/config\" = local(\"edge-config\") } }");
        self.t.line("service app { on = n0   secrets = [keys[\"/app\"]]");
        self.all(&[
            "tier = \"core\"",
            "tags += [\"web\"]",
            "project = \"app\"",
            "down { impact = \"no app\" }",
            "rollout = plain",
        ]);
        self.t.line("container db from std.postgres(\"16-alpine\") {");
        self.t
            .line("env { POSTGRES_USER = \"app\"   POSTGRES_PASSWORD = secret(\"DB_PASSWORD\") }");
        self.t.line("volume \"/var/lib/postgresql/data\" = local(\"db\")");
        self.all(&[
            "limits { memory = 1GiB   cpu = 1cpu }",
            "networks = [apps]",
            "stop_signal = \"SIGINT\"",
            "override stop_grace = 2m",
        ]);
        self.t.line("}");
        self.t.line("container main from app(\"app\", \"1.0\") {");
        self.t.line("override port http = 18080 -> 8080 { audience = [lan, mesh] }");
        self.some(&["depends_on = [db]", "depends_on = { db = healthy }"]);
        self.t.line("env { DB = db.address   URL = sites[\"app.example.org\"].url }");
        self.all(&[
            "credential token = secret(\"TOKEN\")",
            "config \"/etc/app.conf\" = \"db = ${db.address}\" { mode = 0640 }",
            "volume \"/data\" = data / \"apps/app\" { create { owner = ops   mode = 0750 } }",
            "volume \"/tmp\" = tmpfs(size = 64MiB)",
            "volume \"/etc/localtime\" = \"/etc/localtime\" { read_only = true }",
            "capabilities { add = [\"NET_ADMIN\"]   drop = [\"ALL\"] }",
            "device usb = \"/dev/ttyUSB0\" { rights = \"rw\" }",
            "gpu = count(1)",
            "ulimits { nofile = { soft = 1024   hard = 2048 } }",
            "user = ops",
            "working_dir = \"/srv\"",
            "hostname = \"app\"",
            "networks += [apps]",
            "hosts { printer = 10.10.0.60 }",
            "dns = [10.10.0.2]",
            "shm = 64MiB",
            "oom_score = 100",
            "backup = files",
            "raw { storage_opt = { size = \"20G\" } }",
            "limits { memory = 2GiB   pids = 100   reserve { memory = 256MiB } }",
            "labels { \"org.example.app\" = \"yes\" }",
            "allow L0106 = \"asked elsewhere\"",
            "metrics = main.http",
        ]);
        self.t.line("}");
        self.some(&[
            "os linux { container main { limits { swap = 0B } } }",
            "node n0 { container main { env { HERE = \"n0\" } } }",
        ]);
        self.t.line("site \"app.example.org\" { to = main.http");
        self.all(&[
            "alias = [\"www2.example.org\"]",
            "tls = internal",
            "header { X-A = \"b\" }",
            "route \"/api\" { to = main.http   strip = true }",
            "dns = false",
        ]);
        self.t.line("} }");
        self.t.line("service probe { on = each(node.os is linux)");
        self.t.line("unit main { packages = [\"prometheus-node-exporter\"]   systemd = \"prometheus-node-exporter.service\"");
        self.t.line("port metrics = 9100 { audience = [lan, mesh] }");
        self.all(&[
            "health { http = \"/metrics\"   port = metrics }",
            "user = \"nobody\"",
            "env { LEVEL = \"info\" }",
            "limits { memory = 64MiB }",
            "metrics = metrics",
        ]);
        self.t.line("}");
        self.some(&[
            "role worker { unit main { env { WORKER = true } } }",
            "node n1 { unit main { env { HERE = \"n1\" } } }",
        ]);
        self.t.line("}");
        self.t.line("service learn { on = where(node.hardware.gpu != none, prefer = [node.hardware.memory])");
        self.t.line("needs { gpu = nvidia }   availability = on-demand   after = [app]");
        self.t.line("container main from app(\"learn\", \"2\") { env { APP = app.main.http.url   ALL = join([for i in probe.instances: i.node.name], \",\") } } }");
        self.t.line("service each-worker { on = each(worker in node.roles && node.os is linux)");
        self.t.line("container main from app(\"each\", \"3\") { network_mode = host } }");
        self.some(&["service later { on = n1   status = planned }", "service iot { on = n1   container main from app(\"iot\", \"4\") { address { iot = 10.10.30.242 } } }"]);
    }
}
