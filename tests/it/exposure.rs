//! `colabc explain secrets`: each way of handing a secret over has its grade, and no secret is left out.

use crate::memory::{Ask, Memory, check};
use colabc::answer::exposure;
use colabc::diag::human::Look;
use colabc::model::Model;
use serde_json::{Value as Json, json};

const CLUSTER: &str = r#"
    cluster c { edition = 1 }
    network lan { driver = physical   range = 192.168.1.0/24 }
    secrets keys {
      provider = command(["pass", "show"])
      path "/a" { names = [ENV, FILE, CONFIG, UNIT, LOADED, SHARE, IDLE] }
    }
    node server { arch = x86_64   os = debian("13")   address { lan = 192.168.1.2 }
      hardware { disk d { device = "/dev/sdb1"   mount = "/d" } } }
    node client { arch = x86_64   os = fedora("43")   address { lan = 192.168.1.3 } }
    node desk { arch = x86_64   os = windows("11")   address { lan = 192.168.1.4 } }
    node both { arch = x86_64   os = windows("11", wsl = true)   address { lan = 192.168.1.5 } }
    share data {
      server = server   disk = server.hardware.disk.d   password = secret("/a/SHARE")
      mount { linux = "/mnt/data"   windows = "D:" }
    }
    service s {
      on = server
      secrets = [keys["/a"]]
      container app {
        image = "a/b:1"
        env { TOKEN = "x-${secret("ENV")}" }
        credential key = secret("FILE")
        config "/etc/app.conf" = "key = ${secret("CONFIG")}"
      }
      unit job {
        systemd = "job.service"   exec = ["/usr/bin/job"]
        env { TOKEN = secret("UNIT") }
        credential loaded = secret("LOADED")
      }
    }
"#;

fn with<T>(
    question: &str,
    answer: impl FnOnce(&Model, &[colabc::model::grade::Exposure]) -> T,
) -> T {
    let run = check(Memory::new([("cluster.colab", CLUSTER)]), "cluster.colab", Ask::default());
    assert_eq!(run.errors(), 0, "{:?}", run.diagnostics);
    let model = &run.resolved.model;
    answer(model, &exposure::asked(model, question).unwrap())
}

fn of(question: &str) -> Json {
    let json: Json =
        with(question, |model, of| serde_json::from_str(&exposure::json(model, of)).unwrap());
    let schema = serde_json::from_str(exposure::SCHEMA).unwrap();
    assert_eq!(crate::schema::faults(&schema, &json), [""; 0]);
    json
}

#[test]
fn every_way_of_handing_a_secret_over_has_its_grade() {
    let all = of("secrets");
    let grades: Vec<(&str, &Json)> = all["secrets"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| (it["name"].as_str().unwrap(), &it["grade"]))
        .collect();
    let expected = [
        ("CONFIG", json!("file")),
        ("ENV", json!("environment")),
        ("FILE", json!("file")),
        ("IDLE", Json::Null),
        ("LOADED", json!("memory")),
        ("SHARE", json!("vault")),
        ("UNIT", json!("process")),
    ];
    assert_eq!(grades, expected.iter().map(|(name, grade)| (*name, grade)).collect::<Vec<_>>());
    assert_eq!(all["identities"], json!(["both", "client", "server"]));
}

#[test]
fn a_secret_is_asked_for_as_the_sources_write_it() {
    let env = &of("secret(\"ENV\")")["secrets"];
    assert_eq!(env[0]["uses"][0]["seen"], json!(["process", "inspect", "disk"]));
    assert_eq!(env[0]["uses"][0]["at"], "TOKEN");
    let share = &of("secret(\"/a/SHARE\")")["secrets"][0]["uses"];
    let seen: Vec<[&str; 3]> = share
        .as_array()
        .unwrap()
        .iter()
        .map(|it| ["node", "grade", "at"].map(|key| it[key].as_str().unwrap()))
        .collect();
    // Windows keeps the password for its drive, and the WSL beside it fetches it for its own mount.
    let expected = [
        ["both", "vault", "D:"],
        ["desk", "vault", "D:"],
        ["both", "memory", "/mnt/data"],
        ["client", "memory", "/mnt/data"],
    ];
    assert_eq!(seen, expected);
    assert_eq!(of("secret(\"/b/SHARE\")")["secrets"], json!([]));
    let text = with("secrets", |model, of| exposure::text(model, of, &Look::default()));
    for said in [
        "/a/ENV  in the store keys",
        "environment  server, container s.app: TOKEN",
        "handed to nobody",
    ] {
        assert!(text.contains(said), "{said}\n{text}");
    }
}
