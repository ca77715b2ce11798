//! Compose v2 itself reads every project and hands back what the model says, for the repository's
//! cluster, for one that uses every field, and for generated ones.

use super::{Built, refusals};
use crate::consumers::{self, Scratch, compose};
use colabc::model::reach::{self, Known, Space};
use colabc::model::value::{Base, SecretPart, Value as Resolved};
use colabc::model::{Model, ThingId};
use serde_json::{Value, json};
use std::collections::BTreeMap;

pub const FULL: &str = include_str!("containers.colab");

/// What stands for a secret in these tests: hostile to whoever interpolates twice.
fn secret(variable: &str) -> String {
    format!("$ecret {variable} ${{HOME}} '\"")
}

/// The environment that a project is started with.
fn secrets(model: &Model) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for &store in model.all("secrets") {
        for &path in model.children(store, "path") {
            let names = model.get(path, "names").items();
            all.extend(names.iter().filter_map(|item| item.value.as_text()).map(str::to_string));
        }
    }
    all.into_iter().map(|name| (name.clone(), secret(&name))).collect()
}

fn read(scratch: &Scratch, env: &[(String, String)], file: &str) -> Result<Value, String> {
    let env: Vec<(&str, &str)> = env.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
    let (folder, name) = file.rsplit_once('/').expect("a project is in a node's folder");
    compose::read(&scratch.path(folder), name, &env)
}

/// Every project of a build, as Compose understands it, beside the instance that it is of.
fn projects(built: &Built) -> Vec<(ThingId, Value)> {
    let scratch = Scratch::new();
    built.write(&scratch.path(""));
    let model = built.cluster.model();
    let env = secrets(model);
    let with_containers =
        model.instances.iter().filter(|i| !model.children(i.thing, "container").is_empty());
    with_containers
        .map(|i| {
            let file = format!("compose/{}/{}.yml", model.label(i.node), model.label(i.service));
            let read = read(&scratch, &env, &file);
            (i.thing, read.unwrap_or_else(|fault| panic!("{file}: {fault}\n{}", built.text(&file))))
        })
        .collect()
}

/// The value as the program in the container gets it.
fn printed(value: &Resolved) -> String {
    match value {
        Resolved::Secret(parts) => parts
            .parts
            .iter()
            .map(|part| match part {
                SecretPart::Text(text) => text.to_string(),
                SecretPart::Name(name) => secret(&name.variable),
            })
            .collect(),
        Resolved::Text(text) => text.to_string(),
        Resolved::Int(number) => number.to_string(),
        Resolved::Bool(truth) => truth.to_string(),
        other => panic!("{other:?} is not expected here"),
    }
}

/// Compose doubles a dollar on its way out, as it wants it on its way in.
fn out(text: &str) -> String {
    text.replace('$', "$$")
}

fn agrees(model: &Model, container: ThingId, project: &Value) {
    let facts = &mut Known(model);
    let name = reach::dns_name(facts, container);
    let service = &project["services"][&name];
    assert!(service.is_object(), "{name} is in the project");
    match model.text(container, "image") {
        Some(image) => assert_eq!(service["image"], image),
        None => assert!(service["build"]["context"].is_string(), "{name}"),
    }
    for pair in model.get(container, "env").pairs() {
        let wanted = out(&printed(&pair.value));
        assert_eq!(service["environment"][&*pair.key], wanted, "{name} {}", pair.key);
    }
    let number = service["environment"].as_object().map_or(0, serde_json::Map::len);
    assert_eq!(number, model.get(container, "env").pairs().len(), "{name}");
    for item in model.get(container, "command").items().iter().enumerate() {
        assert_eq!(service["command"][item.0], out(&printed(&item.1.value)), "{name}");
    }
    ports_agree(model, container, service);
    volumes_agree(model, container, service);
    let restart = match model.word(container, "restart") {
        Some("never") => "no",
        Some("on-failure") => "on-failure:5",
        word => word.unwrap(),
    };
    assert_eq!(service["restart"], restart, "{name}");
    let health = model.block(container, "health");
    if let Some(shell) = health.and_then(|health| model.text(health, "shell")) {
        assert_eq!(service["healthcheck"]["test"], json!(["CMD-SHELL", out(shell)]), "{name}");
    }
}

/// A published port: address, number, number inside, protocol.
type Published = (String, String, u64, String);

fn ports_agree(model: &Model, container: ThingId, service: &Value) {
    let read: Vec<Published> = service["ports"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|port| {
            let text = |key: &str| port[key].as_str().unwrap_or_default().to_string();
            (text("host_ip"), text("published"), port["target"].as_u64().unwrap(), text("protocol"))
        })
        .collect();
    let facts = &mut Known(model);
    let mut wanted: Vec<Published> = Vec::new();
    let instance = model.thing(container).parent.expect("a container is in a service");
    for &other in model.children(instance, "container") {
        if reach::space(facts, other) != Space::Container(container) {
            continue;
        }
        for &port in model.children(other, "port") {
            let ports = reach::ports_of(facts, port).unwrap();
            let Some(host) = ports.host else { continue };
            let protocols = match model.word(port, "protocol").unwrap() {
                "both" => vec!["tcp", "udp"],
                one => vec![one],
            };
            let addresses: Vec<String> = match reach::bound(facts, port) {
                None => vec![String::new()],
                Some(all) => all.iter().map(ToString::to_string).collect(),
            };
            for (at, number) in host.ports().enumerate() {
                let inner = u64::from(ports.container.first) + at as u64;
                for protocol in &protocols {
                    for address in &addresses {
                        let row = (address.clone(), number.to_string(), inner);
                        wanted.push((row.0, row.1, row.2, protocol.to_string()));
                    }
                }
            }
        }
    }
    let sorted = |mut list: Vec<Published>| {
        list.sort();
        list
    };
    assert_eq!(sorted(read), sorted(wanted), "{}", model.path(container));
}

fn volumes_agree(model: &Model, container: ThingId, service: &Value) {
    let mounts: BTreeMap<&str, &Value> = service["volumes"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|mount| (mount["target"].as_str().unwrap(), mount))
        .collect();
    let node = model.thing(container).node.unwrap();
    for &volume in model.children(container, "volume") {
        let Resolved::Location(location) = model.get(volume, "value") else {
            panic!("a volume is a location");
        };
        let mount = mounts[&*out(model.label(volume))];
        match &location.base {
            Base::Memory { .. } => assert_eq!(mount["type"], "tmpfs"),
            Base::Local { name, .. } => {
                assert_eq!((&mount["type"], &mount["source"]), (&json!("volume"), &json!(**name)));
            }
            base => {
                let facts = &mut Known(model);
                let path = reach::path_on(facts, base, &location.sub, node).unwrap().unwrap();
                assert_eq!(
                    (&mount["type"], &mount["source"]),
                    (&json!("bind"), &json!(out(&path)))
                );
                let makes = mount["bind"]["create_host_path"].as_bool().unwrap_or(false);
                assert!(!makes, "a directory that is missing is not made: {mount}");
            }
        }
        let read_only = mount["read_only"].as_bool().unwrap_or(false);
        assert_eq!(read_only, model.flag(volume, "read_only"), "{mount}");
    }
}

fn all_agree(built: &Built) -> usize {
    let model = built.cluster.model();
    let read = projects(built);
    for (instance, project) in &read {
        let containers = model.children(*instance, "container");
        assert!(!containers.is_empty());
        for &container in containers {
            // Compose leaves out what waits for a profile.
            if model.get(container, "profiles").items().is_empty() {
                agrees(model, container, project);
            }
        }
    }
    read.len()
}

#[test]
fn the_repositorys_projects_say_what_the_model_says() {
    if consumers::missing(compose::TOOLS) {
        return;
    }
    assert!(all_agree(&Built::repo()) >= 7);
}

#[test]
fn every_field_reaches_compose() {
    if consumers::missing(compose::TOOLS) {
        return;
    }
    let built = Built::text_of(FULL);
    assert_eq!(all_agree(&built), 4);
    let read = projects(&built);
    let of = |service: &str, node: &str| {
        let model = built.cluster.model();
        let found = read.iter().find(|(thing, _)| {
            let of = model.thing(*thing).node.expect("an instance has a node");
            model.label(*thing) == service && model.label(of) == node
        });
        &found.expect("it is there").1
    };
    let full = of("full", "box");
    assert_eq!(full["name"], "full-lab");
    assert_eq!(full["x-team"], json!({"name": "lab", "cost": "$$5", "size": "4g"}));
    let app = &full["services"]["full-app"];
    for (path, wanted) in [
        ("/pull_policy", json!("missing")),
        ("/platform", json!("linux/amd64")),
        ("/user", json!("1500:1600")),
        ("/group_add", json!(["44", "video"])),
        ("/entrypoint", json!(["/bin/app"])),
        ("/working_dir", json!("/srv")),
        ("/hostname", json!("app-one")),
        ("/init", json!(true)),
        ("/tty", json!(true)),
        ("/stdin_open", json!(true)),
        ("/privileged", json!(true)),
        ("/stop_signal", json!("SIGQUIT")),
        ("/stop_grace_period", json!("1m30s")),
        ("/depends_on/full-db/condition", json!("service_healthy")),
        ("/depends_on/full-job/condition", json!("service_completed_successfully")),
        ("/cap_add", json!(["NET_ADMIN"])),
        ("/cap_drop", json!(["ALL"])),
        ("/security_opt", json!(["no-new-privileges:true"])),
        ("/devices/0/target", json!("/dev/zigbee")),
        ("/devices/0/permissions", json!("rwm")),
        ("/sysctls/net.core.somaxconn", json!("1024")),
        ("/ulimits/nofile", json!({"soft": 1024, "hard": 65536})),
        ("/ulimits/nproc", json!(65535)),
        ("/pid", json!("host")),
        ("/ipc", json!("service:full-db")),
        ("/userns_mode", json!("host")),
        ("/cgroup_parent", json!("lab.slice")),
        ("/oom_score_adj", json!(-500)),
        ("/networks/apps/aliases", json!(["front", "www"])),
        ("/networks/iot/ipv4_address", json!("10.10.40.7")),
        ("/networks/iot/mac_address", json!("02:42:ac:11:00:07")),
        ("/dns", json!(["10.10.30.1", "fd10:30::1"])),
        ("/dns_search", json!(["lab.example"])),
        ("/extra_hosts", json!(["printer=10.10.30.9"])),
        ("/healthcheck/test", json!(["CMD", "app", "ping"])),
        ("/healthcheck/retries", json!(7)),
        ("/deploy/resources/limits/cpus", json!(1.5)),
        ("/deploy/resources/limits/memory", json!((1u64 << 30).to_string())),
        ("/deploy/resources/limits/pids", json!(200)),
        ("/deploy/resources/reservations/memory", json!((256u64 << 20).to_string())),
        ("/memswap_limit", json!((1536u64 << 20).to_string())),
        ("/logging/driver", json!("local")),
        ("/logging/options", json!({"max-size": "5m", "max-file": "2", "compress": "true"})),
        ("/labels/team", json!("lab")),
        ("/labels/tier", json!("core")),
        ("/annotations/org.lab.note", json!("a: b")),
        ("/cpuset", json!("0-1")),
        ("/storage_opt/size", json!("20G")),
        ("/configs/0/mode", json!("0640")),
        ("/configs/1/mode", json!("0400")),
        ("/configs/2/uid", json!("1500")),
        ("/secrets/0/target", json!("/run/secrets/license")),
    ] {
        assert_eq!(app.pointer(path), Some(&wanted), "{path} of {app:#}");
    }
    assert_eq!(full["secrets"]["app-license"]["environment"], "LICENSE");
    let key = &full["configs"]["app-etc-app-key.conf"]["content"];
    assert_eq!(key, &format!("key = {}\ncost = $$5\n", out(&secret("API_KEY"))));
    let both = &full["configs"]["app-run-both"]["content"];
    assert_eq!(both, &format!("{}:{}", out(&secret("TOKEN")), out(&secret("API_KEY"))));
    assert_eq!(full["volumes"]["full-nfs"]["driver_opts"]["device"], ":/srv");
    assert_eq!(full["networks"]["apps"], json!({"name": "apps", "external": true, "ipam": {}}));
    let db = &full["services"]["full-db"];
    assert_eq!((&db["ipc"], &db["shm_size"]), (&json!("shareable"), &json!("134217728")));
    assert_eq!(db["healthcheck"]["start_interval"], "500ms");
    assert_eq!(full["services"]["full-side"]["network_mode"], "service:full-app");
    assert_eq!(full["services"]["full-wide"]["network_mode"], "host");

    let devices = |project: &Value, name: &str| {
        project["services"][name]["deploy"]["resources"]["reservations"]["devices"][0].clone()
    };
    let play = of("gpu", "play");
    let nvidia = |more: Value| {
        let mut device = json!({"driver": "nvidia", "capabilities": ["gpu"]});
        device.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        device
    };
    assert_eq!(devices(play, "gpu-all"), nvidia(json!({"count": -1})));
    assert_eq!(devices(play, "gpu-one"), nvidia(json!({"count": 1})));
    assert_eq!(devices(play, "gpu-ids"), nvidia(json!({"device_ids": ["0", "GPU-1"]})));
    let art = &of("gpu", "art")["services"]["gpu-all"];
    assert_eq!(art["devices"][0]["source"], "/dev/kfd");
    assert_eq!(art["devices"][1]["source"], "/dev/dri");
    assert!(art["deploy"]["resources"].is_null());
    // Automounted on its clients, a plain directory on its server.
    assert_eq!(art["volumes"][0]["source"], "/mnt/pool/models");
    assert_eq!(art["volumes"][0]["bind"]["propagation"], "rslave");
}

#[test]
fn what_is_broken_afterwards_is_refused() {
    if consumers::missing(compose::TOOLS) {
        return;
    }
    let built = Built::text_of(FULL);
    let env = secrets(built.cluster.model());
    let path = "compose/box/full.yml";
    consumers::refuses(
        |text| {
            let scratch = Scratch::new();
            built.write(&scratch.path(""));
            scratch.write(path, text);
            read(&scratch, &env, path)
        },
        &built.text(path),
        &[
            ("${DB_PASSWORD:?", "${DB_PASS:?"),
            ("price=$$5", "price=${5"),
            ("full-db:\n        condition", "db:\n        condition"),
            ("1m30s", "90"),
            ("source: full-nfs", "source: other"),
            ("source: app-license", "source: license"),
            ("      iot:\n", "      lot:\n"),
            ("service:full-app", "service:app"),
            ("8443:443/tcp", "84430:443/tcp"),
        ],
    );
}

#[test]
fn generated_clusters_are_read() {
    if consumers::missing(compose::TOOLS) {
        return;
    }
    let mut read = 0;
    for seed in 0..6 {
        // Which lint a cluster allows makes no difference to what is emitted.
        let plain = |text: String| text.replace("allow L0102", "allow L0107").into_bytes();
        let bytes = |(name, text): (String, String)| (name, plain(text));
        let files = crate::generate::varied(seed).into_iter().map(bytes).collect();
        read += all_agree(&Built::of(files));
    }
    assert!(read > 5, "only {read} projects");
}

/// One file a mounted text, and a hash that changes when it does and with nothing else.
#[test]
fn a_changed_file_changes_the_hash() {
    let hash = |source: &str| {
        let text = Built::text_of(source).text("compose/box/full.yml");
        let at = text.find("colab.hash: ").expect("it mounts files");
        text[at + 12..].lines().next().unwrap().to_string()
    };
    let first = hash(FULL);
    assert_eq!(first.len(), 18, "{first}");
    assert_ne!(first, hash(&FULL.replace("\"price = ", "\"cost = ")));
    assert_ne!(
        first,
        hash(&FULL.replace(
            "\"price = \\\"$5\\\"\\n\" { mode = 0600 }",
            "\"price = \\\"$5\\\"\\n\" { mode = 0644 }"
        ))
    );
    assert_ne!(first, hash(&FULL.replace("cost = $5\\n", "cost = $6\\n")));
    assert_ne!(
        first,
        hash(&FULL.replace("key = ${secret(\"API_KEY\")}", "key = ${secret(\"TOKEN\")}"))
    );
    assert_eq!(
        first,
        hash(&FULL.replace("hostname    = \"app-one\"", "hostname    = \"app-two\""))
    );
    let built = Built::text_of(FULL);
    assert_eq!(built.text("compose/box/full/app/etc/app/app.toml"), "price = \"$5\"\n");
    let file = built.tree.get("compose/box/full/app/etc/app/app.toml").unwrap();
    assert_eq!(file.delivery.as_ref().unwrap().mode, 0o600);
}

#[test]
fn only_what_runs_is_emitted() {
    let built = Built::text_of(FULL);
    let paths: Vec<String> = built.tree.iter().map(|(path, _)| path.to_string()).collect();
    let is_project = |path: &&String| path.starts_with("compose/") && path.ends_with(".yml");
    let projects: Vec<&String> = paths.iter().filter(is_project).collect();
    assert_eq!(
        projects,
        [
            "compose/art/gpu.yml",
            "compose/box/full.yml",
            "compose/desk/mac.yml",
            "compose/play/gpu.yml"
        ]
    );
    let wsl = built.tree.get("compose/play/gpu.yml").unwrap().delivery.clone().unwrap();
    assert_eq!(wsl.side, Some(colabc::tree::Side::Wsl));
    assert_eq!(wsl.destination, "~/.config/docker/compose/gpu.yml");
    let linux = built.tree.get("compose/box/full.yml").unwrap().delivery.clone().unwrap();
    assert_eq!((linux.side, linux.mode), (None, 0o644));
}

/// The line of every value knows its declaration.
#[test]
fn lines_have_origins() {
    let built = Built::text_of(FULL);
    let file = built.tree.get("compose/box/full.yml").unwrap();
    let text = built.text("compose/box/full.yml");
    let model = built.cluster.model();
    for (line, wanted) in
        [("      PRICE:", "PRICE"), ("10.10.30.2:8080:80", "8080 -> 80"), ("cpuset:", "cpuset")]
    {
        let at = text.lines().position(|l| l.contains(line)).expect(line);
        let row = model.origin(file.lines[at]).expect(line);
        let span = model.defs[row.def as usize].span;
        let source = &FULL[span.start as usize..span.end as usize];
        assert!(source.contains(wanted), "{line}: {source}");
    }
}

#[test]
fn what_compose_cannot_do_is_refused() {
    let with = |container: &str| {
        let source = format!(
            "cluster c {{ edition = 1 domain = \"c.example\" }}\n\
             network lan {{ driver = physical range = 10.0.0.0/24 }}\n\
             secrets s {{ provider = command([\"x\"]) path \"/p\" {{ names = [K] }} }}\n\
             node n {{ arch = arm64 os = debian(\"13\") address {{ lan = 10.0.0.1 }} }}\n\
             service a {{ on = n secrets = [s[\"/p\"]] container x {{ image = \"i:1\" env {{ K = secret(\"K\") }} }}\n\
             {container} }}"
        );
        refusals(&source)
    };
    assert_eq!(with(""), [""; 0]);
    for (container, code) in [
        ("container y { image = \"i:1\" raw { environment = { A = \"b\" } } }", "E0803"),
        ("container y { image = \"i:1\" raw { enviroment = \"b\" } }", "E0803"),
        ("container y { image = \"i:1\" raw { deploy = { resources = { } } } }", "E0803"),
        ("raw { networks = { } }", "E0803"),
        ("project = \"Not This\"", "E0804"),
        ("container y { image = \"i:1\" read_only = true credential k = secret(\"K\") }", "E0804"),
        ("container y { image = \"i:1\" limits { swap = 1GiB } }", "E0804"),
        (
            "container y { image = \"i:1\" network_mode = host dns = [] mac = 02:00:00:00:00:01 }",
            "E0804",
        ),
    ] {
        assert_eq!(with(container), [code], "{container}");
    }
    for fine in [
        "container y { image = \"i:1\" raw { cpuset = \"0\" \"x-a\" = 1 deploy = { mode = \"replicated\" } } }",
        "raw { \"x-a\" = [1, 2] }",
    ] {
        assert_eq!(with(fine), [""; 0], "{fine}");
    }
}
