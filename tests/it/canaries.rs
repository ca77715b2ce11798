//! Secrets that stand where none may stand. Whatever the compiler says of them, in any format, and
//! whatever it writes, repeats none; and a cluster that holds one is not built.

use crate::cli::Project;
use crate::generate::Dice;
use crate::lsp::client;
use crate::lsp::talk::{Ending, Talk};
use serde_json::json;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Where a secret can be written by mistake. `@` is the secret.
const PLACES: &[(&str, &str)] = &[
    ("node", "env { API_TOKEN = \"@\" }"),
    ("node", "description = \"log in with @\""),
    ("container", "env { DB_PASSWORD = \"@\" }"),
    ("container", "env { NEXT = \"@\" }"),
    ("container", "env { URL = \"postgres://ann:@\\u{40}db/x\" }"),
    ("container", "env { \"SECRET_KEY\" = \"@\" }"),
    ("container", "command = [\"serve\", \"--token=@\"]"),
    ("container", "entrypoint = [\"@\"]"),
    ("container", "config \"/etc/app.conf\" = \"\"\"\n  password = @\n\"\"\""),
    ("container", "config \"/etc/@\" = \"x\""),
    ("container", "volume \"/data\" = local(\"@\")"),
    ("container", "build { context = \"@\" }"),
    ("container", "labels = { note = \"@\" }"),
    ("container", "raw { labels = { note = \"@\" } }"),
    ("container", "contaner = @"),
    ("container", "env { ADMIN_PASSWORD = \"@ }"),
    ("container", "env { ADMIN_PASSWORD = \"@\" + 5 }"),
    ("container", "port web = \"@\""),
    (
        "container",
        "env { A_SECRET = key }\n}\n}\nlet key = \"@\"\nservice other { on = box\ncontainer app { image = \"a:1\"",
    ),
    ("service", "tags = [\"@\"]"),
    ("service", "env { PASSWORD = \"@\" }"),
    ("service", "after = \"@\""),
    ("top", "user ann { description = \"@\" }"),
    ("top", "task hello { run = \"curl -H @ https://example.org\" }"),
    ("top", "file note { to = \"/etc/motd\"   content = \"token: @\" }"),
    ("top", "// ask for @ at the desk\nmistake"),
    ("top", "secrets keys { path \"/web\" { names = [@] } }"),
];

/// A cluster with a text in one of its bodies.
fn cluster((body, text): (&str, &str)) -> String {
    let within = |name: &str| if name == body { text } else { "" };
    format!(
        "cluster home {{ edition = 1 }}\nnode box {{ arch = arm64\nos = debian(\"13\")\n{} }}\n\
         service web {{\non = box\n{}\ncontainer app {{\nimage = \"nginx:1.29\"\n{}\n}}\n}}\n{}\n",
        within("node"),
        within("service"),
        within("container"),
        within("top"),
    )
}

/// As GitHub's, or as a person's behind a name that says so.
fn secret(dice: &mut Dice) -> String {
    let letters = b"ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz0123456789";
    let noise: String = (0..36).map(|_| char::from(letters[dice.below(letters.len())])).collect();
    format!("ghp_{noise}")
}

#[test]
fn nothing_repeats_a_secret() {
    let mut dice = Dice::new(7);
    let mut written = 0;
    for (number, place) in PLACES.iter().cycle().take(8 * PLACES.len()).enumerate() {
        let token = secret(&mut dice);
        let outside = secret(&mut dice);
        written += 1;
        let text = cluster(*place).replace('@', &token).replace("\\u{40}", "@");
        let project = Project::new(&[("cluster.colab", &text)]);
        // Every command once for each place; the rest only checks.
        let mut calls = vec![vec!["check", "--format", FORMATS[number % FORMATS.len()]]];
        if number < PLACES.len() {
            calls.extend(FORMATS.iter().map(|format| vec!["check", "--format", format]));
            calls.push(vec!["build"]);
            for path in ["web", "web.app", "web.app.env", "box", "ann", "hello", "note"] {
                calls.push(vec!["explain", path]);
                calls.push(vec!["explain", path, "--format", "json"]);
            }
            for what in ["secrets", "capacity", "exposure"] {
                calls.push(vec!["explain", what]);
            }
            for format in ["text", "dot", "mermaid", "svg", "html", "json"] {
                calls.push(vec!["graph", "--format", format]);
            }
            calls.push(vec!["impact", "--all"]);
            calls.push(vec!["impact", "web", "--format", "json"]);
            calls.push(vec!["diff"]);
            calls.push(vec!["diff", "--files", "--format", "json"]);
            calls.push(vec!["query", "web"]);
            calls.push(vec!["query", "services", "--format", "json"]);
            calls.push(vec!["fmt", "--check"]);
        }
        for call in calls {
            let done = project.run_with(&call, &[("GITHUB_TOKEN", &outside)]);
            let said = format!("{}{}", done.out, done.err);
            for token in [&token, &outside] {
                assert!(!said.contains(&**token), "{call:?} with {place:?}\n{said}");
            }
            assert!(
                done.code != Some(0) || call[0] == "fmt" || call[0] == "explain",
                "{call:?} finds nothing wrong with {place:?}\n{said}"
            );
        }
        assert!(!project.has("out"), "{place:?} was built");
    }
    assert!(written >= 200, "{written}");
}

/// What was built of the cluster before somebody wrote the secret into it stays as it was: the handbook, the
/// model, the files of every tool.
#[test]
fn what_was_built_before_learns_no_secret() {
    let mut dice = Dice::new(8);
    let project = Project::new(&[("cluster.colab", &cluster(("nowhere", "")))]);
    let done = project.run(&["build"]);
    assert_eq!(done.code, Some(0), "{}", done.err);
    let before = texts(&project.path("out"));
    assert!(before.len() > 20, "{}", before.len());
    for place in PLACES {
        let token = secret(&mut dice);
        let text = cluster(*place).replace('@', &token).replace("\\u{40}", "@");
        std::fs::write(project.path("cluster.colab"), text).unwrap();
        for call in [&["build"][..], &["build", "--force"], &["build", "--check"], &["diff"]] {
            let done = project.run(call);
            assert!(!format!("{}{}", done.out, done.err).contains(&token), "{call:?} {place:?}");
        }
        assert_eq!(texts(&project.path("out")), before, "{place:?}");
    }
}

/// Every file below a folder.
fn texts(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let files = walkdir::WalkDir::new(folder).into_iter().map(|entry| entry.unwrap());
    let files = files.filter(|entry| entry.file_type().is_file());
    files.map(|entry| (entry.path().to_owned(), std::fs::read(entry.path()).unwrap())).collect()
}

/// What is asked at the secret and all around it.
const ASKED: &[&str] = &[
    "hover",
    "completion",
    "signatureHelp",
    "definition",
    "references",
    "documentHighlight",
    "prepareRename",
    "documentSymbol",
    "foldingRange",
    "selectionRange",
    "semanticTokens/full",
    "inlayHint",
    "codeLens",
    "documentLink",
    "codeAction",
    "diagnostic",
];

#[test]
fn an_editor_is_told_no_secret() {
    let mut dice = Dice::new(9);
    for (number, place) in PLACES.iter().enumerate() {
        let token = secret(&mut dice);
        let text = cluster(*place).replace('@', &token).replace("\\u{40}", "@");
        let home = crate::lsp::folder(&format!("canary-{number}"));
        crate::lsp::write(&home, &[("cluster.colab".to_owned(), text.clone())].into());
        let uri = format!("{}/cluster.colab", client::uri(&home));
        let mut talk = Talk::start(crate::lsp::server());
        let hello = json!({ "rootUri": client::uri(&home), "capabilities": {} });
        talk.ask(json!(0), "initialize", hello);
        talk.tell("initialized", json!({}));
        let document = json!({ "uri": uri, "version": 1, "languageId": "colab", "text": text });
        talk.tell("textDocument/didOpen", json!({ "textDocument": document }));
        talk.settle();
        let at = text.find(&token).expect("it was put there");
        let line = text[..at].rfind('\n').map_or(0, |at| at + 1);
        let mut asked = 0;
        for offset in [line, line + 3, at, at + 6, at + token.len(), at + token.len() + 1] {
            let place = client::position(&text, offset.min(text.len()));
            for method in ASKED {
                asked += 1;
                let params = json!({
                    "textDocument": { "uri": uri },
                    "position": place,
                    "positions": [place],
                    "range": { "start": place, "end": place },
                    "context": { "diagnostics": [], "includeDeclaration": true },
                });
                talk.ask(json!(asked), &format!("textDocument/{method}"), params);
            }
        }
        talk.ask(json!("all"), "workspace/symbol", json!({ "query": "" }));
        talk.settle();
        assert!(talk.heard.contains("diagnostics"), "{}", talk.heard);
        if let Some(found) = talk.heard.find(&token) {
            let from = found.saturating_sub(400);
            panic!("{place:?}: {}", talk.heard.get(from..found + 60).unwrap_or("?"));
        }
        talk.ends(Ending::Goodbye);
    }
}

const FORMATS: &[&str] = &["human", "short", "json", "sarif", "github"];
