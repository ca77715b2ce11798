//! The guide: every program in it is checked, every command run, in the order of the page; what the page
//! shows is what came out. With `COLAB_UPDATE=1` the pages show it anew.
#![allow(clippy::disallowed_methods)]

use crate::ratchet::root;
use std::path::Path;
use std::process::Command;

/// A page after its commands were run: in `folder`, with what they printed below each.
fn played(page: &str, folder: &Path) -> String {
    let mut out = String::new();
    let mut name = None;
    let mut lines = page.lines().peekable();
    while let Some(line) = lines.next() {
        out.push_str(line);
        out.push('\n');
        if let Some(file) = line.strip_prefix("**").and_then(|it| it.strip_suffix("**")) {
            name = Some(file.to_string());
        }
        let Some(language) = line.strip_prefix("```").filter(|it| !it.is_empty()) else { continue };
        let mut text = String::new();
        for line in lines.by_ref().take_while(|line| *line != "```") {
            text.push_str(line);
            text.push('\n');
        }
        match language {
            "colab" | "text" if name.is_some() => {
                put(folder, &name.take().expect("a program has a name"), &text);
                out.push_str(&text);
            }
            "console" => {
                for command in text.lines().filter_map(|line| line.strip_prefix("$ ")) {
                    out.push_str(&format!("$ {command}\n{}", run(command, folder)));
                }
            }
            _ => out.push_str(&text),
        }
        out.push_str("```\n");
    }
    out
}

/// Writes a program; `FILE, first line` puts it above what stands there.
fn put(folder: &Path, name: &str, text: &str) {
    let (file, above) = match name.split_once(", ") {
        Some((file, "first line")) => (file, true),
        Some((_, other)) => panic!("where is {other}?"),
        None => (name, false),
    };
    let path = folder.join(file);
    let below = if above { std::fs::read_to_string(&path).unwrap() } else { String::new() };
    std::fs::write(path, format!("{text}{below}")).unwrap();
}

/// What a command prints, on both its ends.
fn run(command: &str, folder: &Path) -> String {
    let program = Path::new(env!("CARGO_BIN_EXE_colabc")).parent().unwrap();
    let known = ["colabc ", "cat ", "sed -i "];
    assert!(known.iter().any(|word| command.starts_with(word)), "{command}");
    let said = Command::new("sh")
        .args(["-c", &format!("{command} 2>&1")])
        .env("PATH", format!("{}:/usr/bin:/bin", program.display()))
        .env("NO_COLOR", "1")
        .env("COLUMNS", "100")
        .current_dir(folder)
        .output()
        .expect("the shell runs");
    let text = String::from_utf8(said.stdout).unwrap();
    let folder = folder.to_string_lossy();
    let lines = text.lines().map(|line| line.trim_end().replace(&*folder, ".") + "\n");
    lines.collect()
}

fn hold(name: &str, folder: &Path) {
    let path = root().join("docs/guide").join(name);
    let page = std::fs::read_to_string(&path).unwrap();
    let wanted = played(&page, folder);
    if std::env::var_os("COLAB_UPDATE").is_some() {
        std::fs::write(&path, &wanted).unwrap();
    }
    assert!(
        std::env::var_os("COLAB_UPDATE").is_some() || page == wanted,
        "docs/guide/{name} is stale; renew it with COLAB_UPDATE=1 and read what changed:\n{wanted}"
    );
}

#[test]
fn the_tour_goes_as_it_says() {
    let folder = std::env::temp_dir().join(format!("colab-tour-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    hold("tour.md", &folder);
    let page = std::fs::read_to_string(root().join("docs/guide/tour.md")).unwrap();
    // The end is what it promises: an `out/` that belongs to the sources, with a handbook in it.
    assert!(folder.join("out/docs/index.html").exists());
    assert!(page.contains("E02"), "a mistake is shown");
    assert!(
        page.split("colabc build --check").nth(1).unwrap().contains("out is what the sources say")
    );
    std::fs::remove_dir_all(folder).unwrap();
}

/// Each idea of the language has a page, which ends with a mistake and how it is told.
#[test]
fn the_pages_of_ideas_go_as_they_say() {
    let ideas = [
        "layers",
        "placement",
        "endpoints",
        "secrets",
        "storage",
        "templates",
        "types",
        "kinds",
        "asserts",
        "files",
    ];
    let index = std::fs::read_to_string(root().join("docs/guide/README.md")).unwrap();
    for idea in ideas {
        let name = format!("{idea}.md");
        let folder = std::env::temp_dir().join(format!("colab-{idea}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        hold(&name, &folder);
        std::fs::remove_dir_all(folder).unwrap();
        let page = std::fs::read_to_string(root().join("docs/guide").join(&name)).unwrap();
        assert!(page.trim_end().matches("error[").count() == 1, "{name} shows one mistake");
        assert!(index.contains(&format!("]({name})")), "the guide leads to {name}");
    }
}

#[test]
fn the_demo_goes_as_it_says() {
    hold("demo.md", &root());
}

/// Every link of the pages that are written by hand leads to a file.
#[test]
fn the_links_of_the_guide_lead_somewhere() {
    let mut seen = 0;
    for folder in ["", "docs", "docs/guide"] {
        for entry in std::fs::read_dir(root().join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_none_or(|end| end != "md") {
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
                if link.contains("://") || link.starts_with('#') || link.contains([' ', '\n']) {
                    continue;
                }
                seen += 1;
                let target = path.with_file_name(link.split('#').next().unwrap());
                assert!(target.exists(), "{}: {link}", path.display());
            }
        }
    }
    assert!(seen > 10, "{seen}");
}
