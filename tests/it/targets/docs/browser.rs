//! The handbook in a browser without a screen: its looks are measured, its search is used.

use super::super::Built;
use super::super::both::{first, second};
use super::hostile;
use crate::consumers::docs::read_book;
use crate::consumers::missing;
use serde_json::Value;

const TOOLS: &[&str] = &["node", "chromium", "npm/puppeteer.json"];

/// What is wrong with the pages, as the browser sees them.
fn faults(seen: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    for (name, page) in seen["pages"].as_object().unwrap() {
        let mut fault = |bad: bool, what: &str| {
            if bad {
                faults.push(format!("{name}: {what} {page}"));
            }
        };
        fault(page["faults"] != serde_json::json!([]), "a script or a file failed");
        fault(page["wide"] != serde_json::json!([]), "it must be scrolled sideways");
        fault(page["faint"] != serde_json::json!([]), "a text is too faint");
        fault(page["landmarks"] != 3, "it lacks a header, chapters or a main part");
        fault(page["heads"] != 1, "it has not one title");
        fault(page["jumps"] != 0, "a heading leaves a level out");
        fault(page["twins"] != 0, "an id stands twice");
        fault(page["nameless"] != 0, "a link or button says nothing");
        fault(page["blind"] != 0, "a picture is not there, or has no words");
        fault(page["printed"] != true, "the chapters are printed");
        fault(page["lang"] != "en", "it has no language");
        fault(page["script"] != "", "somebody's text ran");
    }
    faults
}

fn built(built: &Built, words: &[&str]) -> Result<Value, String> {
    let files = built.tree.iter().map(|(path, file)| (path.to_string(), file.bytes.clone()));
    read_book(files, words)
}

#[test]
fn it_reads_well_and_finds_what_is_asked() {
    if missing(TOOLS) {
        return;
    }
    let seen =
        built(first(), &["gitea", "192.168.254.10", "3300", "samba_pass", "roll back"]).unwrap();
    assert_eq!(faults(&seen), [""; 0]);
    let search = &seen["search"];
    let found = |words: &str| search[words][0].as_str().unwrap().to_owned();
    assert_eq!(found("gitea"), "gitea service");
    assert_eq!(found("192.168.254.10"), "192.168.254.10 address");
    assert_eq!(found("3300"), "3300 on cooperator port");
    assert_eq!(found("samba_pass"), "COLAB_NAS_SAMBA_PASSWORD secret");
    assert_eq!(found("roll back"), "Roll back runbook");
    assert_eq!(search["second"], "found-1", "the arrows choose");
    assert_eq!(search["entered"], "service-gitea.html");
    assert_eq!(search["clicked"], "service-gitea.html");
    assert_eq!((&search["skip"], &search["skipped"]), (&"skip".into(), &"content".into()));
    assert_eq!(
        search["menu"],
        serde_json::json!([false, true, false]),
        "the chapters open and close"
    );
    assert_eq!(search["faults"], serde_json::json!([]));
}

#[test]
fn other_clusters_read_well_too() {
    if missing(TOOLS) {
        return;
    }
    for other in [second(), &hostile()] {
        let seen = built(other, &["web", "no such thing"]).unwrap();
        assert_eq!(faults(&seen), [""; 0]);
        assert_eq!(seen["search"]["no such thing"], serde_json::json!([]));
    }
}

/// What would be wrong is seen: each break is found by its own measure.
#[test]
fn a_broken_copy_is_found_out() {
    if missing(TOOLS) {
        return;
    }
    let one = second();
    let with = |name: &str, from: &str, to: &str| {
        let files = one.tree.iter().filter(|(path, _)| {
            [
                "docs/index.html",
                "docs/node-box.html",
                "docs/service-web.html",
                "docs/style.css",
                "docs/search.js",
                "docs/index.js",
            ]
            .contains(&&***path)
        });
        let files = files.map(|(path, file)| {
            let text = String::from_utf8(file.bytes.clone()).unwrap();
            if **path != *name {
                return (path.to_string(), text.into_bytes());
            }
            assert!(text.contains(from), "{name} does not hold {from}");
            (path.to_string(), text.replacen(from, to, 1).into_bytes())
        });
        let seen = read_book(files, &["web"]).unwrap();
        (faults(&seen).join("\n"), seen)
    };
    assert!(with("docs/style.css", "main {", "main { min-width: 70rem; ").0.contains("sideways"));
    assert!(with("docs/style.css", "--faint: #57606a", "--faint: #b0b8c0").0.contains("faint"));
    assert!(with("docs/index.html", "<h2>", "<h2 id=\"start\">").0.contains("twice"));
    assert!(with("docs/index.html", "</main>", "<script>x</script></main>").0.contains("failed"));
    let (_, seen) = with("docs/index.js", "const INDEX", "const INDEKS");
    assert_eq!(seen["search"]["entered"], "index.html", "nothing is found without an index");
}
