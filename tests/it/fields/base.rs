//! A small project with a thing of every kind, in which any field of any of them can be set.

/// A place in the base where a kind's statements go.
pub struct Spot {
    /// The kind, or a record of it: `container.health`.
    pub kind: &'static str,
    /// Which of the places of that kind.
    nth: usize,
}

/// One statement a line; `//+ KIND` is where more of that kind's go, `//+ KIND.FIELD` more of a
/// record's. What is said of a field there stands on a line of its own below it, until `//.`. A kind has
/// several such places where no single one shows all of its fields.
const BASE: &str = r#"
cluster home {
  //+ cluster
  edition = 1
  domain = "example.org"
  reach = [lan, mesh]
  ingress = caddy(edge)
  dns = pihole(names)
  //.
}
network lan {
  //+ network
  driver = physical
  range = [10.10.0.0/24, fd10:10::/64]
  //.
}
network mesh {
  //+ network
  driver = mesh
  range = 100.64.0.0/10
  domain = "home"
  provider = headscale(control)
  //.
}
network iot {
  //+ network
  driver = macvlan(parent = "eth0")
  range = 10.10.30.0/24
  //.
}
network apps {
  //+ network
  driver = bridge
  //.
}
network other-mesh { driver = mesh   range = 10.99.0.0/24 }
user ops {
  //+ user
  uid = 1000
  gid = 1000
  //.
}
user guest { uid = 1001   gid = 1001 }
global {
  node { user = ops }
  //+ global
  //.
}
arch x86_64 {
  //+ arch-layer
  //.
}
os linux {
  //+ os-layer
  //.
}
role worker {
  //+ role
  over = [second]
  //.
  node { shell = "zsh" }
}
role second { node { shell = "fish" } }
node n0 from box() {
  //+ node
  arch = x86_64
  os = debian("13")
  roles = [worker, second]
  packages = ["other"]
  address { lan = [10.10.0.10, fd10:10::10]   mesh = 100.64.0.10 }
  //.
}
template box() for node {
  hardware {
    memory = 16GiB
    cpu = 8cpu
    //+ node.hardware
    //.
    disk data {
      //+ disk
      device = "/dev/sdb1"
      mount = "/srv/data"
      size = 500MB
      //.
    }
    disk spare {
      //+ disk
      device = "/dev/sdc1"
      mount = "/srv/spare"
      size = 1GB
      //.
    }
    disk by-uuid {
      //+ disk
      uuid = "0b5e8c1e-9a52-4f7a-8d0b-0f1f2c3d4e5f"
      mount = "/srv/by-uuid"
      //.
    }
    disk by-label {
      //+ disk
      label = "archive"
      mount = "/srv/by-label"
      //.
    }
    disk pair {
      //+ disk
      raid = raid5(drives = ["/dev/sdf", "/dev/sdg", "/dev/sdh"])
      mount = "/srv/pair"
      //.
    }
    gpu = nvidia
  }
}
node n1 {
  //+ node
  arch = arm64
  os = debian("13")
  roles = [worker, spare-role]
  address { lan = 10.10.0.11   mesh = 100.64.0.11 }
  //.
}
node n2 {
  //+ node
  arch = x86_64
  os = windows("11", wsl = true)
  address { lan = 10.10.0.12 }
  //.
}
node n3 {
  //+ node
  arch = arm64
  os = macos
  address { lan = 10.10.0.13 }
  //.
}
node n4 {
  arch = x86_64
  os = windows("11")
  address { lan = 10.10.0.14 }
}
node nas {
  //+ node
  managed = false
  address { lan = 10.10.0.15 }
  port ui = 5000 { scheme = https }
  //.
}
share data {
  //+ share
  server = n0
  disk = n0.hardware.disk.data
  user = ops
  password = secret("/main/SHARE")
  mount { linux = "/mnt/data"   windows = "Z:"   macos = "/Volumes/data" }
  //.
}
secrets keys {
  //+ secrets
  provider = command(["pass", "show"])
  //.
  path "/main" {
    //+ secret-path
    names = [SHARE, TOKEN, OTHER]
    //.
  }
  path "/second" { names = [SECOND] }
}
secrets spare-keys {
  //+ secrets
  provider = infisical(url = "https://keys.example.org")
  //.
  path "/third" { names = [THIRD] }
}
service web {
  //+ service
  on = n0
  secrets = [keys["/main"]]
  //.
  arch x86_64 {
    //+ service-layer
    //.
  }
  container main {
    //+ container
    image = "example.org/web:1"
    networks = [apps]
    address { iot = 10.10.30.9 }
    backup = dump
    dump = ["true"]
    metrics = web.main.http
    env { OWN = web.main.http.url   TOKEN = secret("TOKEN") }
    //.
    health {
      http = "/ok"
      from = inside
      //+ container.health
      //.
    }
    port http {
      //+ port
      value = 8080 -> 80
      audience = [lan, mesh]
      //.
    }
    volume "/data" {
      //+ volume
      value = local("web")
      //.
    }
    volume "/shared" {
      //+ volume
      value = data / "web"
      //.
    }
    config "/etc/web.conf" {
      //+ config
      value = "x"
      //.
    }
    credential token {
      //+ credential
      value = secret("TOKEN")
      //.
    }
    device usb {
      //+ device
      value = "/dev/ttyUSB0"
      //.
    }
  }
  container side {
    //+ container
    image = "example.org/side:1"
    //.
    limits {
      memory = 12GiB
      reserve { cpu = 1cpu }
      //+ container.limits
      //.
    }
  }
  container built {
    build {
      //+ container.build
      context = "./built"
      //.
    }
  }
  site "web.example.org" {
    //+ site
    to = main.http
    //.
    route "/api" {
      //+ route
      to = main.http
      //.
    }
  }
  site "other.example.org" { to = main.http }
  site "nas.example.org" {
    //+ site
    to = nas.ui
    //.
  }
  site "text.example.org" {
    //+ site
    respond = "hello"
    //.
  }
  alert slow {
    //+ alert
    when = "latency > 1"
    //.
  }
}
service other { on = n0   container main { image = "example.org/other:1"   env { SECOND = secret("/main/OTHER") } } }
service last {
  //+ service
  on = n1
  //.
  container main {
    image = "example.org/last:1"
    port own = 4444 -> 4444 { protocol = both }
    port more = 7777 -> 7777 { protocol = both }
    env { SECOND = secret("/second/SECOND")   THIRD = secret("/third/THIRD")   WEB = web.main.http.url }
    volume "/data" {
      //+ volume
      value = data / "last"
      //.
    }
  }
}
service host {
  on = n0
  unit main {
    //+ unit
    systemd = "host.service"
    port web = 9000 { audience = lan }
    metrics = host.main.web
    //.
    limits {
      memory = 3GiB
      //+ unit.limits
      //.
    }
    health {
      http = "/ok"
      //+ unit.health
      //.
    }
    config "/etc/host.conf" {
      //+ config
      value = "x"
      //.
    }
  }
  unit helper { systemd = "helper.service"   packages = ["second-daemon"]   port one = 9001 { audience = lan } }
}
service plain {
  on = n0
  unit main {
    //+ unit
    exec = ["/usr/bin/true"]
    //.
  }
}
service desk {
  on = n3
  unit main {
    //+ unit
    launchd = "org.example.desk"
    //.
  }
}
service pane {
  on = n4
  unit main {
    //+ unit
    windows_service = "Pane"
    //.
  }
}
service samba {
  on = n0
  unit smbd {
    packages = ["samba"]
    systemd = "smbd.service"
    config "/etc/samba/smb.conf" = generated.smb_conf
    port smb = 445 { scheme = smb   audience = [lan, mesh] }
  }
}
service edge { on = n0   container web from std.caddy("2.11.4") { network_mode = host
  port http = 80 { audience = [lan, mesh] }   port https = 443 { audience = [lan, mesh] }
  volume "/data" = local("edge-data")   volume "/config" = local("edge-config") } }
service names { on = n0   container main from std.pihole("2025.08.0") { volume "/etc/pihole" = local("pihole") } }
service control { on = n0   container main from std.headscale("v0.29.2", "http://10.10.0.10:8082", mesh) {
  port web = 8082 -> 8080 { audience = lan }   volume "/var/lib/headscale" = local("headscale") } }
service watch {
  on = n0
  container db from std.prometheus("v3.5.0") { port web = 9091 -> 9090 { audience = lan }   volume "/prometheus" = local("prometheus") }
  container bell from std.alertmanager("v0.28.1") { port web = 9093 -> 9093 { audience = lan }   volume "/alertmanager" = local("bell") }
  container mail { image = "example.org/mail:1"   port mail = 25 { scheme = smtp } }
}
record "printer.home" {
  //+ record
  a = 10.10.0.60
  //.
}
record "alias.home" {
  //+ record
  cname = "printer.home"
  //.
}
record "note.home" {
  //+ record
  txt = "a note"
  //.
}
backup nightly {
  //+ backup
  on = n0
  from = [data]
  to = n0.hardware.disk.spare / "data"
  every { snapshot = daily   dumps = daily }
  keep { daily = 7 }
  //.
}
backup away {
  //+ backup
  on = n1
  from = [data]
  to = n0.hardware.disk.spare / "away"
  method = restic(credential = web.main.credential.token)
  every { snapshot = daily }
  keep { daily = 7 }
  //.
}
backup whole {
  on = n0
  from = [data]
  to = n0.hardware.disk.spare / "whole"
  method = copy
  every { snapshot = weekly }
  keep { daily = 1   weekly = 1 }
}
cache near {
  //+ cache
  from = data / "apps"
  to = "/var/cache/apps"
  on = [n1]
  //.
}
file "/etc/motd" {
  //+ file
  on = [n0, n2]
  by = ansible
  content = "hello"
  //.
}
task look {
  //+ task
  run = "uptime"
  //.
}
task second-task { run = "true" }
group core {
  //+ group
  nodes = [n0]
  tmux = true
  //.
}
rollout careful {
  //+ rollout
  order = [n0]
  //.
}
rollout second-rollout { order = [n1] }
alert full {
  //+ alert
  when = "disk > 90"
  //.
}
decision first {
  //+ decision
  title = "Why"
  chosen = "because"
  //.
}
decision second-decision { title = "How"   chosen = "so" }
daemon own-daemon {
  //+ daemon
  description = "something of our own"
  tcp = [4444]
  bind = [127.0.0.9]
  packages = ["own-daemon"]
  //.
}
daemon third-daemon {
  //+ daemon
  description = "yet something else"
  tcp = [4445]
  packages = ["own-daemon"]
  //.
}
daemon second-daemon {
  //+ daemon
  description = "something else of our own"
  tcp = [8080]
  packages = ["second-daemon"]
  //.
}
role spare-role { node { packages = ["own-daemon"] } }
let unused = 1
allow L0106 {
  //+ allow
  value = "kept"
  until = "2027-01-01"
  //.
}
"#;

/// What makes a fault of the base: some fields are read only where one is reported.
pub const FAULT: &str = "service clash { on = n1   unit main { systemd = \"clash.service\"   port own = 4445 { audience = lan } } }\n";

pub fn text() -> String {
    BASE.to_owned()
}

pub fn spots() -> Vec<Spot> {
    let mut all: Vec<Spot> = Vec::new();
    for kind in BASE.lines().filter_map(|line| line.trim().strip_prefix("//+ ")) {
        let nth = all.iter().filter(|spot| spot.kind == kind).count();
        all.push(Spot { kind, nth });
    }
    all
}

impl Spot {
    /// The base with that line in this place, instead of what it says of the field `word`; and the
    /// number of the line, from 1.
    pub fn with(&self, word: &str, line: &str) -> (String, usize) {
        let mut out = String::new();
        let (mut at, mut met, mut here) = (0, 0, false);
        for old in BASE.lines() {
            let text = old.trim();
            if let Some(kind) = text.strip_prefix("//+ ") {
                here = kind == self.kind && met == self.nth;
                met += usize::from(kind == self.kind);
                if here {
                    out.push_str(line);
                    out.push('\n');
                    at = out.lines().count();
                }
            } else if text == "//." {
                here = false;
            } else if here && text.split([' ', '{', '=']).next() == Some(word) {
                continue;
            }
            out.push_str(old);
            out.push('\n');
        }
        (out, at)
    }
}
