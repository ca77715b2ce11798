//! model.json: valid by its schema, the same bytes each time, complete, and without a secret in it.

use super::Built;
use super::compose::FULL;
use crate::schema::faults;
use serde_json::{Value, json};

fn read(built: &Built) -> Value {
    serde_json::from_str(&built.text("model.json")).unwrap()
}

fn schema() -> Value {
    serde_json::from_str(colabc::targets::model::SCHEMA).unwrap()
}

#[test]
fn it_is_what_its_schema_says() {
    for built in [Built::repo(), Built::text_of(FULL)] {
        assert_eq!(faults(&schema(), &read(&built)), [""; 0]);
    }
    let broken = |path: &str, wrong: Value| {
        let mut model = read(&Built::text_of(FULL));
        *model.pointer_mut(path).unwrap_or_else(|| panic!("nothing at {path}")) = wrong;
        assert!(!faults(&schema(), &model).is_empty(), "{path}");
    };
    broken("/format", json!(2));
    broken("/nodes", json!([]));
    broken("/nodes/box", json!("box"));
    broken("/nodes/box/$from", json!({"x": "y"}));
    let app = "/services/full/$instances/box/container/app";
    broken(&format!("{app}/port/web/$seen/lan"), json!(1));
    broken(&format!("{app}/env/DSN/secret"), json!("open sesame"));
}

#[test]
fn values_are_resolved() {
    let model = read(&Built::text_of(FULL));
    let app = &model["services"]["full"]["$instances"]["box"]["container"]["app"];
    for (path, wanted) in [
        ("/limits/memory", json!({"bytes": 1u64 << 30})),
        ("/limits/cpu", json!({"cores": 1.5})),
        ("/stop_grace", json!({"seconds": 90})),
        ("/restart", json!({"word": "on-failure", "tries": 5})),
        ("/ipc", json!({"word": "with", "container": {"container": "full.db", "on": "box"}})),
        ("/user", json!({"user": "tv"})),
        ("/depends_on", json!({"db": "healthy", "job": "completed"})),
        ("/port/rtp/value", json!({"port": [20000, 20003], "published": [10000, 10003]})),
        (
            "/port/web/$seen",
            json!({
                "container": "full-app:80", "node": "127.0.0.1:8080",
                "lan": ["10.10.30.2:8080", "[fd10:30::2]:8080"], "mesh": ["100.64.0.2:8080"],
            }),
        ),
        ("/port/admin/$seen", json!({"container": "full-app:81", "node": "127.0.0.1:8081"})),
        (
            "/volume/~1media/value",
            json!({
                "share": "pool", "below": "films", "path": "/srv/media/films",
            }),
        ),
        ("/volume/~1cache/value", json!({"memory": true, "bytes": 64 << 20, "mode": "01777"})),
        (
            "/credential/license/value/secret/0",
            json!({
                "store": "vault", "path": "/full", "name": "LICENSE", "variable": "LICENSE",
            }),
        ),
        ("/mac", json!("02:42:ac:11:00:07")),
        ("/config/~1etc~1app~1app.toml/mode", json!("0600")),
    ] {
        assert_eq!(app.pointer(path), Some(&wanted), "{path} of {app:#}");
    }
    let models = &model["services"]["gpu"]["$instances"]["art"]["container"]["all"]["volume"];
    assert_eq!(models["/m"]["value"]["path"], "/mnt/pool/models");
    assert_eq!(model["nodes"]["box"]["os"], json!({"word": "debian", "version": "13"}));
    assert_eq!(model["nodes"]["box"]["hardware"]["disk"]["media"]["mount"], "/srv/media");
    assert_eq!(model["services"]["later"]["status"], "planned");
    assert!(model["services"]["later"].get("$instances").is_none());
}

#[test]
fn every_value_names_its_declaration() {
    let model = read(&Built::repo());
    let db = &model["services"]["gitea"]["$instances"]["cooperator"]["container"]["db"]["$from"];
    let names = |declaration: &str| db[declaration].as_array().expect(declaration).clone();
    assert!(
        names("service gitea > container db, services/gitea.colab")
            .contains(&json!("env.POSTGRES_DB"))
    );
    assert!(names("global, cluster.colab").contains(&json!("env.TZ")));
    assert!(names("arch arm64, cluster.colab").contains(&json!("platform")));
    assert!(names("template std.postgres, std/templates/postgres.colab").contains(&json!("image")));
    // By name and file only: a comment moves lines, not bytes.
    let text = Built::repo().text("model.json");
    assert!(!text.contains(".colab:"), "no line numbers");
}

#[test]
fn a_comment_and_another_order_change_no_byte() {
    let first = Built::text_of(FULL).text("model.json");
    let commented = FULL.replace("\nservice gpu", "\n// about this one\n\n\nservice gpu");
    assert_eq!(first, Built::text_of(&commented).text("model.json"));
    let at = FULL.find("service mac").unwrap();
    let moved = format!("{}\n{}", &FULL[at..], &FULL[..at]);
    assert_eq!(first, Built::text_of(&moved).text("model.json"));
}
