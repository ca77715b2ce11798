//! `colabc explain NODE.capacity`: what it says of clusters whose sums are known, and that the unknown stays so.

use crate::memory::{Ask, Memory, check};
use crate::ratchet::root;
use colabc::answer::capacity;
use colabc::diag::human::Look;
use serde_json::{Value as Json, json};

fn compiled(text: &str) -> colabc::Compilation {
    let run = check(Memory::new([("cluster.colab", text)]), "cluster.colab", Ask::default());
    assert_eq!(run.errors(), 0);
    run
}

fn sound(name: &str) -> String {
    std::fs::read_to_string(root().join("tests/sound").join(name).join("cluster.colab")).unwrap()
}

fn ledger(text: &str, node: &str) -> Json {
    let run = compiled(text);
    let model = &run.resolved.model;
    let node = capacity::asked(model, &format!("{node}.capacity")).unwrap();
    let json: Json = serde_json::from_str(&capacity::json(model, node)).unwrap();
    let schema = serde_json::from_str(capacity::SCHEMA).unwrap();
    assert_eq!(crate::schema::faults(&schema, &json), [""; 0]);
    json
}

#[test]
fn what_is_left_is_what_there_is_less_what_is_claimed() {
    let robin = ledger(&sound("homelab"), "robin");
    let memory = &robin["memory"];
    let claimed: i64 =
        memory["claims"].as_array().unwrap().iter().map(|c| c["amount"].as_i64().unwrap()).sum();
    assert_eq!(claimed, (2048 + 256 + 512 + 2048 + 128 + 1024) << 20);
    assert_eq!(memory["left"], json!((8i64 << 30) - (512 << 20) - claimed));
    assert_eq!(robin["graphics"]["has"], Json::Null);
    let rig = ledger(&sound("mac-and-gpu"), "rig");
    assert_eq!(rig["graphics"]["has"], 2);
    assert_eq!(rig["graphics"]["claims"][0], json!({ "by": "models.api", "amount": 1 }));
    assert_eq!(rig["graphics"]["claims"][1], json!({ "by": "training.run", "amount": null }));
}

#[test]
fn what_nobody_stated_is_unknown() {
    // One unit of the office's server states no limit: what is left is not known either.
    let cupboard = ledger(&sound("office"), "cupboard");
    assert_eq!(cupboard["memory"]["left"], Json::Null);
    assert_eq!(cupboard["processors"]["left"], 14_500);
    let run = compiled(&sound("office"));
    let model = &run.resolved.model;
    let node = capacity::asked(model, "nodes[\"cupboard\"].capacity").unwrap();
    let text = capacity::text(model, node, &run.sources, &Look::default());
    for said in [
        "samba.smbd, unknown: it states no limit",
        "left, less what one more takes, which is unknown",
        "graphics    unknown: `hardware` states no `gpu`",
        "service gate: the only way in for sites",
        "desk-omar (unknown: its memory)",
    ] {
        assert!(text.contains(said), "{said}\n{text}");
    }
    assert!(capacity::asked(model, "wiki.capacity").is_none());
    assert!(capacity::asked(model, "cupboard.packages").is_none());
}

#[test]
fn what_cannot_run_elsewhere_is_named_with_the_reason() {
    let text = r#"
        cluster c { edition = 1 }
        network lan { driver = physical   range = 192.168.1.0/24 }
        node big {
          arch = x86_64   os = debian("13")   address { lan = 192.168.1.2 }
          hardware { memory = 32GiB   gpu = nvidia   disk d { device = "/dev/sdb1"   mount = "/d" } }
        }
        node twin { arch = x86_64   os = debian("13")   address { lan = 192.168.1.3 }   hardware { memory = 32GiB } }
        node small { arch = arm64   os = debian("13")   address { lan = 192.168.1.4 }   hardware { memory = 1GiB } }
        node away { arch = x86_64   os = debian("13")   address { lan = 192.168.1.5 }   status = on-demand }
        service learn {
          on = big
          needs { gpu = nvidia }
          container app { image = "a/b:1"   gpu = all   limits { memory = 2GiB } }
        }
        service heavy { on = big   container app { image = "a/b:1"   limits { memory = 2GiB } } }
        service only { on = big   container app { image = "a/b:1"   platforms = [x86_64]
            volume "/x" = big.hardware.disk.d / "x"   limits { memory = 2GiB } } }
        service both { on = [big, twin]   container app { image = "a/b:1"   limits { memory = 1GiB } } }
    "#;
    let gone = &ledger(text, "big")["gone"]["services"];
    let of = |name: &str| {
        gone.as_array().unwrap().iter().find(|it| it["service"] == name).unwrap().clone()
    };
    let why = |it: &Json, node: &str| {
        let unfit = it["unfit"].as_array().unwrap();
        unfit
            .iter()
            .find(|row| row["node"] == node)
            .map(|row| row["why"].as_str().unwrap().to_string())
    };
    let learn = of("learn");
    assert_eq!(learn["fits"], json!([]));
    assert_eq!(why(&learn, "twin").unwrap(), "it lacks the gpu that is needed");
    assert_eq!(why(&learn, "away").unwrap(), "it is on-demand");
    let heavy = of("heavy");
    assert_eq!(heavy["fits"], json!([{ "node": "twin", "unknown": [] }]));
    assert_eq!(why(&heavy, "small").unwrap(), "its memory is promised to others");
    let only = of("only");
    assert_eq!(why(&only, "small").unwrap(), "there is no image for arm64");
    assert_eq!(only["stays"], json!(["its disk `d`"]));
    assert_eq!(of("both")["goes_on"], json!(["twin"]));
}
