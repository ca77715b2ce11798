//! A small project with a thing of every kind, in which any field of any of them can be set.

/// A place in the base where a kind's statements go.
pub struct Spot {
    pub kind: &'static str,
}

/// One statement a line; `//+ KIND` is where more of that kind's go. What is said of a field of that
/// kind stands on a line of its own below it, until `//.`.
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
network mesh { driver = mesh   range = 100.64.0.0/10   domain = "home" }
network iot { driver = macvlan(parent = "eth0")   range = 10.10.30.0/24 }
network apps { driver = bridge }
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
  //.
}
role second { description = "another" }
node n0 from box() {
  //+ node
  arch = x86_64
  os = debian("13")
  roles = [worker, second]
  address { lan = [10.10.0.10, fd10:10::10]   mesh = 100.64.0.10 }
  //.
}
template box() for node {
  hardware {
    disk data {
      //+ disk
      device = "/dev/sdb1"
      mount = "/srv/data"
      //.
    }
    disk spare { device = "/dev/sdc1"   mount = "/srv/spare" }
    gpu = nvidia
  }
}
node n1 { arch = arm64   os = debian("13")   roles = [worker]   address { lan = 10.10.0.11   mesh = 100.64.0.11 } }
share data {
  //+ share
  server = n0
  disk = n0.hardware.disk.data
  user = ops
  password = secret("/main/SHARE")
  mount { linux = "/mnt/data" }
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
    //.
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
  container side { image = "example.org/side:1" }
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
}
service other { on = n0   container main { image = "example.org/other:1"   env { SECOND = secret("/main/OTHER") } } }
service last { on = n1   container main { image = "example.org/last:1"   env { SECOND = secret("/second/SECOND") } } }
service host {
  on = n0
  unit main {
    //+ unit
    systemd = "host.service"
    port web = 9000 { audience = lan }
    //.
  }
  unit helper { systemd = "helper.service" }
}
service edge { on = n0   container web from std.caddy("2.11.4") { network_mode = host
  port http = 80 { audience = [lan, mesh] }   port https = 443 { audience = [lan, mesh] }
  volume "/data" = local("edge-data")   volume "/config" = local("edge-config") } }
service names { on = n0   container main from std.pihole("2025.08.0") { volume "/etc/pihole" = local("pihole") } }
record "printer.home" {
  //+ record
  a = 10.10.0.60
  //.
}
backup nightly {
  //+ backup
  on = n0
  from = [data]
  to = n0.hardware.disk.spare / "data"
  every { snapshot = daily }
  keep { daily = 7 }
  //.
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
  on = [n0]
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
  //.
}
allow L0108 {
  //+ allow
  value = "kept"
  //.
}
"#;

pub fn text() -> String {
    BASE.to_owned()
}

pub fn spots() -> Vec<Spot> {
    let kinds = BASE.lines().filter_map(|line| line.trim().strip_prefix("//+ "));
    kinds.map(|kind| Spot { kind }).collect()
}

/// Fields that exclude each other: a thing has one of them.
const INSTEAD: &[(&str, &[&str])] = &[
    ("container", &["image", "build"]),
    ("site", &["to", "root", "redirect", "respond"]),
    ("disk", &["device", "uuid", "label", "raid"]),
    ("record", &["a", "cname"]),
];

fn stands_for(kind: &str, word: &str, other: &str) -> bool {
    let excludes = |(of, fields): &(&str, &[&str])| {
        *of == kind && fields.contains(&word) && fields.contains(&other)
    };
    word == other || INSTEAD.iter().any(excludes)
}

impl Spot {
    /// The base with that line in this spot, instead of what it says of the field `word`, or of one
    /// that excludes it; and the number of the line, from 1.
    pub fn with(&self, word: &str, line: &str) -> (String, usize) {
        let mut out = String::new();
        let mut at = 0;
        let mut here = false;
        for old in BASE.lines() {
            let text = old.trim();
            if let Some(kind) = text.strip_prefix("//+ ") {
                here = kind == self.kind;
                if here {
                    out.push_str(line);
                    out.push('\n');
                    at = out.lines().count();
                }
            } else if text == "//." {
                here = false;
            } else if here {
                let other = text.split([' ', '{', '=']).next().unwrap_or_default();
                if stands_for(self.kind, word, other) {
                    continue;
                }
            }
            out.push_str(old);
            out.push('\n');
        }
        (out, at)
    }
}
