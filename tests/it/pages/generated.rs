//! The pages that are made: docs/reference/ from the library and the command, docs/errors/ from the
//! codes. With `COLAB_UPDATE=1` they are written; without it they must be what would be written.
#![allow(clippy::disallowed_methods)]

use crate::memory::Memory;
use crate::ratchet::root;
use colabc::answer::reference;
use colabc::diag::Severity;
use colabc::diag::codes::CODES;
use std::collections::BTreeMap;
use std::process::Command;

/// Every page by its path below docs/.
fn pages() -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    let library = colabc::compile(&mut Memory::new([("cluster.colab", "")]), "cluster.colab");
    for page in reference::pages(&library) {
        let text = page.written.unwrap_or_else(|faults| panic!("{}: {faults:?}", page.name)).text;
        all.insert(format!("reference/{}", page.name), text);
    }
    all.insert("reference/cli.md".into(), commands());
    let mut index = String::from(
        "# Codes\n\nEvery finding has a code, and a page with a wrong and a right example; both are compiled by the \
         tests. `colabc explain CODE` prints a page.\n\nMade from `compiler/diag/docs/`.\n",
    );
    for (severity, title) in [(Severity::Error, "Errors"), (Severity::Lint, "Lints")] {
        index.push_str(&format!("\n## {title}\n\n"));
        for code in CODES.iter().filter(|code| code.severity() == severity) {
            index.push_str(&format!("- [{0}]({0}.md): {1}\n", code.id, code.title));
        }
    }
    for code in CODES {
        let path = root().join(format!("compiler/diag/docs/{}.md", code.id));
        all.insert(format!("errors/{}.md", code.id), std::fs::read_to_string(path).unwrap());
    }
    all.insert("errors/README.md".into(), index);
    all
}

/// What the command says of itself.
fn commands() -> String {
    let ask = |words: &[&str]| {
        let said = Command::new(env!("CARGO_BIN_EXE_colabc"))
            .args(words)
            .env("NO_COLOR", "1")
            .env("COLUMNS", "100")
            .output()
            .expect("the command runs");
        let text = String::from_utf8(said.stdout).unwrap();
        let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
        lines.join("\n").trim_end().to_string()
    };
    let whole = ask(&["--help"]);
    let mut page =
        format!("# Commands\n\nMade from what `colabc` says of itself.\n\n```text\n{whole}\n```\n");
    let list = whole.split("Commands:").nth(1).expect("there are commands").lines();
    let names = list.skip(1).take_while(|line| line.starts_with("  "));
    for name in names.filter_map(|line| line.split_whitespace().next()).filter(|it| *it != "help") {
        page.push_str(&format!("\n## colabc {name}\n\n```text\n{}\n```\n", ask(&[name, "--help"])));
    }
    page
}

#[test]
fn the_pages_are_as_they_would_be_made() {
    let update = std::env::var_os("COLAB_UPDATE").is_some();
    let pages = pages();
    assert!(pages.len() > 120, "{}", pages.len());
    let docs = root().join("docs");
    let mut stale = Vec::new();
    for (name, text) in &pages {
        let path = docs.join(name);
        if std::fs::read_to_string(&path).ok().as_ref() == Some(text) {
            continue;
        }
        stale.push(name.clone());
        if update {
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, text).unwrap();
        }
    }
    for folder in ["reference", "errors"] {
        for entry in std::fs::read_dir(docs.join(folder)).into_iter().flatten().flatten() {
            let name = format!("{folder}/{}", entry.file_name().to_string_lossy());
            if !pages.contains_key(&name) {
                stale.push(name);
                if update {
                    std::fs::remove_file(entry.path()).unwrap();
                }
            }
        }
    }
    assert!(update || stale.is_empty(), "stale below docs/, renew with COLAB_UPDATE=1: {stale:?}");
}

/// Every field of every kind stands in the reference, with what is said of it.
#[test]
fn the_reference_leaves_nothing_out() {
    let pages = pages();
    let library = colabc::compile(&mut Memory::new([("cluster.colab", "")]), "cluster.colab");
    let (schema, names) = (&library.resolved.model.schema, &library.names);
    let mut seen = 0;
    for shape in schema.kinds.values().map(|&shape| schema.shape(shape)) {
        let kind = names.text(shape.name);
        let head = format!("\n## `{kind}`\n");
        let page = pages.values().find(|page| page.contains(&head));
        let page = page.unwrap_or_else(|| panic!("no page has {kind}"));
        let part = page.split(&head).nth(1).unwrap().split("\n## ").next().unwrap();
        for field in &shape.fields {
            let row = format!("\n| `{}` |", names.text(field.name));
            assert!(part.contains(&row), "{kind}.{}", names.text(field.name));
            seen += 1;
        }
    }
    assert!(seen > 250, "{seen}");
    for function in colabc::resolve::functions::FUNCTIONS {
        assert!(pages["reference/functions.md"].contains(&format!("`{}(", function.name)));
    }
}
