//! The repository's own rules, as ordinary tests: what a reviewer would otherwise have to remember.

use crate::ratchet::{hold, root};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The folders and files of the library along the pipeline, and what each may import. A thing not in
/// its row is either further down the line or none of its business.
#[rustfmt::skip]
const IMPORTS: &[(&str, &[&str])] = &[
    ("lookalike", &[]),
    ("threads",  &[]),
    ("source",   &["lookalike"]),
    ("names",    &[]),
    ("origin",   &[]),
    ("diag",     &["source"]),
    ("types",    &["source", "names", "diag"]),
    ("stdlib",   &["source"]),
    ("syntax",   &["source", "names", "diag"]),
    ("formats",  &["origin"]),
    ("model",    &["source", "names", "origin", "diag", "types"]),
    ("resolve",  &["source", "names", "origin", "diag", "types", "stdlib", "syntax", "model", "formats", "threads"]),
    ("check",    &["lookalike", "threads", "source", "names", "origin", "diag", "types", "model"]),
    ("tree",     &["origin"]),
    ("manifest", &["threads", "origin", "tree"]),
    ("output",   &["tree", "formats"]),
    ("graph",    &["source", "names", "origin", "diag", "types", "model", "formats"]),
    ("targets",  &["threads", "source", "names", "origin", "diag", "types", "model", "graph", "formats", "tree", "manifest", "output"]),
    ("diff",     &["source", "names", "origin", "diag", "types", "model", "formats", "tree", "manifest", "targets", "graph", "answer"]),
    ("import",   &["source", "names", "diag", "types", "syntax", "formats"]),
    ("ide",      &["source", "names", "origin", "diag", "types", "stdlib", "syntax", "resolve", "check", "model", "answer", "graph", "tree"]),
    // The ends of the line see all of it.
    ("allow",    &["source", "names", "diag", "types", "syntax", "resolve", "model"]),
    ("answer",   &["source", "names", "origin", "formats", "diag", "types", "syntax", "resolve", "model", "tree", "manifest", "targets", "diff"]),
    ("lib",      ALL),
    ("main",     ALL),
    ("cli",      ALL),
];
const ALL: &[&str] = &["*"];

/// What the library never does, beside clippy's ban; `cli/` and `main.rs` may.
const OUTSIDE_WORLD: &[&str] = &[
    "std::fs",
    "std::env::",
    "std::process",
    "TcpStream",
    "TcpListener",
    "UdpSocket",
    "UnixStream",
    "io::stdin",
    "io::stdout",
    "io::stderr",
    "thread::spawn",
    "thread::sleep",
    "Instant::now",
    "SystemTime",
    "println!",
    "print!(",
    "dbg!(",
    "rustix::",
    "walkdir::",
];

/// Calls each of which `clippy.toml` bans by name.
const BANNED: &[&str] = &[
    "std::fs::read",
    "std::fs::read_to_string",
    "std::fs::write",
    "std::fs::File::open",
    "std::fs::File::create",
    "std::fs::remove_file",
    "std::fs::rename",
    "std::fs::read_dir",
    "std::env::var",
    "std::env::var_os",
    "std::env::args",
    "std::env::current_dir",
    "std::time::Instant::now",
    "std::time::SystemTime::now",
    "std::process::exit",
    "std::process::Command::new",
    "std::net::TcpStream::connect",
    "std::net::TcpListener::bind",
    "std::net::UdpSocket::bind",
    "std::thread::spawn",
];

const LINES: usize = 600;

fn for_each_file(folder: &Path, visit: &mut dyn FnMut(&Path)) {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    for path in paths {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_symlink() || name == ".git" || ignored().contains(&name) {
            continue;
        }
        if path.is_dir() { for_each_file(&path, visit) } else { visit(&path) }
    }
}

/// The names that git is told to leave out: what is made on the way is no part of the repository.
fn ignored() -> &'static BTreeSet<String> {
    static NAMES: std::sync::OnceLock<BTreeSet<String>> = std::sync::OnceLock::new();
    NAMES.get_or_init(|| {
        let text = std::fs::read_to_string(root().join(".gitignore")).unwrap();
        let last = |line: &str| line.trim_end_matches('/').rsplit('/').next().unwrap().to_owned();
        text.lines().filter(|line| !line.is_empty() && !line.contains('*')).map(last).collect()
    })
}

/// Every file of Rust in the project: its name from the root, and its text.
pub fn rust_files() -> Vec<(String, String)> {
    let mut files = Vec::new();
    for_each_file(&root(), &mut |path| {
        if path.extension().is_some_and(|extension| extension == "rs") {
            files.push((name_of(path), std::fs::read_to_string(path).unwrap()));
        }
    });
    assert!(!files.is_empty());
    files
}

fn name_of(path: &Path) -> String {
    path.strip_prefix(root()).unwrap().to_string_lossy().replace('\\', "/")
}

/// A file's code without its comments and its tests.
pub fn code_of(text: &str) -> String {
    let code = text.split("#[cfg(test)]\nmod tests").next().unwrap();
    code.lines().map(|line| line.split("//").next().unwrap()).collect::<Vec<_>>().join("\n")
}

/// `diag` for `compiler/diag/short.rs`, `lib` for `compiler/lib.rs`; none for what only tests see.
fn module_of(name: &str) -> Option<&str> {
    let path = name.strip_prefix("compiler/")?;
    if path.ends_with("/tests.rs") || path.contains("/tests/") {
        return None;
    }
    Some(path.split('/').next().unwrap().trim_end_matches(".rs"))
}

fn text_of(name: &str) -> Option<String> {
    std::fs::read_to_string(root().join(name)).ok()
}

#[test]
fn every_file_says_what_lives_in_it() {
    let silent = rust_files().into_iter().filter(|(_, text)| !text.starts_with("//! "));
    let rule = "every .rs file begins with `//!`: what lives here, and what doesn't";
    hold("files-without-doc", rule, &silent.map(|(name, _)| name).collect());
}

#[test]
fn no_file_is_long() {
    let long = rust_files().into_iter().filter(|(_, text)| text.lines().count() > LINES);
    let rule = format!("no .rs file has more than {LINES} lines");
    hold("long-files", &rule, &long.map(|(name, _)| name).collect());
}

#[test]
fn imports_point_backwards() {
    let mut against = BTreeSet::new();
    for (name, text) in rust_files() {
        let Some(module) = module_of(&name) else { continue };
        let Some((_, allowed)) = IMPORTS.iter().find(|(row, _)| *row == module) else {
            panic!("{name}: `{module}` has no row in IMPORTS of tests/it/repo.rs");
        };
        for import in imports(&code_of(&text)) {
            let known = IMPORTS.iter().any(|(row, _)| *row == import);
            let own = import == module || *allowed == ALL || allowed.contains(&import.as_str());
            if known && !own {
                against.insert(format!("{name} imports {import}"));
            }
        }
    }
    hold("imports-against-the-line", "imports point backwards along the pipeline", &against);
}

/// The modules at the crate's top that a text names: `crate::a::...` and `crate::{a, b::...}`.
fn imports(code: &str) -> BTreeSet<String> {
    let mut modules = BTreeSet::new();
    let mut add = |text: &str| {
        let word: String =
            text.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        modules.insert(word);
    };
    for (at, marker) in code.match_indices("crate::") {
        let rest = &code[at + marker.len()..];
        let Some(group) = rest.strip_prefix('{') else {
            add(rest);
            continue;
        };
        let (mut depth, mut start) = (0, 0);
        for (at, character) in group.char_indices() {
            match character {
                '{' => depth += 1,
                ',' if depth == 0 => {
                    add(&group[start..at]);
                    start = at + 1;
                }
                '}' if depth == 0 => {
                    add(&group[start..at]);
                    break;
                }
                '}' => depth -= 1,
                _ => {}
            }
        }
    }
    modules
}

#[test]
fn imports_are_read_right() {
    let code = "use crate::diag::{Label, Fix};\nuse crate::{names::Sym, source::{A, B}, tree};\n";
    let expected = ["diag", "names", "source", "tree"].map(String::from);
    assert_eq!(imports(code), BTreeSet::from(expected));
}

#[test]
fn the_library_does_nothing_to_the_world() {
    let mut found = BTreeSet::new();
    for (name, text) in rust_files() {
        if !matches!(module_of(&name), None | Some("main" | "cli")) {
            let code = code_of(&text);
            let calls = OUTSIDE_WORLD.iter().filter(|call| code.contains(**call));
            found.extend(calls.map(|call| format!("{name}: {call}")));
        }
    }
    assert!(found.is_empty(), "the library reads, writes, asks and prints nothing:\n{found:#?}");
}

#[test]
fn the_ban_stands() {
    let config = text_of("clippy.toml").expect("clippy.toml");
    for call in BANNED {
        let row = config.lines().find(|line| line.contains(&format!("\"{call}\"")));
        let row = row.unwrap_or_else(|| panic!("clippy.toml does not ban {call}"));
        assert!(row.contains("reason = \""), "the ban of {call} gives no reason");
    }
    for (name, text) in rust_files() {
        let lifted = code_of(&text).contains("clippy::disallowed");
        let library = !matches!(module_of(&name), None | Some("main" | "cli"));
        assert!(!(lifted && library), "{name} lifts the ban");
    }
}

#[test]
fn forbidden_words_are_nowhere() {
    // In two pieces each, so that this file holds none of them.
    let words = [
        ("TO", "DO"),
        ("FIX", "ME"),
        ("XX", "X:"),
        ("not yet ", "supported"),
        ("crates", ".io"),
        ("pypi", ".org"),
        ("npmjs", ".com"),
        ("unimple", "mented!("),
        ("work", "tree "),
        ("sub", "agent"),
        ("Cla", "ude"),
        ("Chat", "GPT"),
    ];
    let paths = [("/wo", "rk/"), ("/ro", "ot/.cargo"), ("/tm", "p/team")];
    let mut found = BTreeSet::new();
    for_each_file(&root(), &mut |path| {
        let name = name_of(path);
        let Ok(text) = std::fs::read_to_string(path) else { return };
        if name.ends_with("Cargo.lock") || name.ends_with("package-lock.json") {
            return;
        }
        for (number, line) in text.lines().enumerate() {
            let word = words.iter().any(|(a, b)| line.contains(&format!("{a}{b}")));
            // A path of somebody's machine begins after a blank, a quote or a bracket.
            let path = paths.iter().any(|(a, b)| {
                line.match_indices(&format!("{a}{b}")).any(|(at, _)| {
                    line[..at].chars().next_back().is_none_or(|c| " \t\"'`(=:".contains(c))
                })
            });
            if word || path {
                found.insert(format!("{name}:{}: {}", number + 1, line.trim()));
            }
        }
    });
    assert!(found.is_empty(), "words that no committed file holds:\n{found:#?}");
}

#[test]
fn the_files_that_a_visitor_looks_for_are_there() {
    let files = [
        "README.md",
        "ARCHITECTURE.md",
        "CONTRIBUTING.md",
        "CHANGELOG.md",
        "LICENSE-MIT",
        "LICENSE-APACHE",
        "clippy.toml",
        "deny.toml",
        "rustfmt.toml",
        "grammar/colab.pest",
        "cluster.colab",
        ".ci/run",
    ];
    let missing = files.iter().filter(|name| !root().join(name).exists());
    hold("missing-files", "these files are there", &missing.map(|name| name.to_string()).collect());
}

#[test]
fn every_path_in_the_architecture_exists() {
    let Some(text) = text_of("ARCHITECTURE.md") else { return };
    assert!(text.lines().count() <= 150, "ARCHITECTURE.md has more than 150 lines");
    let missing = named_paths(&text).into_iter().filter(|path| {
        let there = |base: &str| root().join(base).join(path).exists();
        !there("") && !there("compiler") && !there("docs")
    });
    let missing: Vec<String> = missing.collect();
    assert!(missing.is_empty(), "ARCHITECTURE.md names what is not there: {missing:?}");
}

/// What stands between backticks and looks like a path of the repository.
fn named_paths(text: &str) -> BTreeSet<String> {
    let endings = [".rs", ".md", ".toml", ".colab", ".pest", ".json"];
    let inline = text.split("```").step_by(2).flat_map(|prose| prose.split('`').skip(1).step_by(2));
    let looks_like_one = |word: &&str| {
        let whole =
            !word.is_empty() && word.chars().all(|c| c.is_alphanumeric() || "._-/".contains(c));
        let absolute = word.starts_with('/') || word.starts_with("..");
        let generated = word.starts_with("out/") || word.starts_with("target/");
        whole
            && !absolute
            && !generated
            && (word.contains('/') || endings.iter().any(|ending| word.ends_with(ending)))
    };
    inline.filter(looks_like_one).map(|word| word.trim_end_matches('/').to_owned()).collect()
}

#[test]
fn paths_in_prose_are_read_right() {
    let text = "See `compiler/diag/` and `lib.rs`, not `a b/c`, `x`, `/etc/y`, `out/z` or `<CODE>.md`.\n\
        ```\n`no/path`\n```\nand `docs`.";
    let expected = ["compiler/diag", "lib.rs"].map(String::from);
    assert_eq!(named_paths(text), BTreeSet::from(expected));
}

#[test]
fn a_check_or_target_is_one_file_and_one_row() {
    for (folder, list) in [("compiler/check", "CHECKS"), ("compiler/targets", "TARGETS")] {
        let Some(module) = text_of(&format!("{folder}/mod.rs")) else { continue };
        let code = code_of(&module);
        let rows =
            code.split_once(&format!("const {list}")).and_then(|(_, rest)| rest.split_once("];"));
        let (rows, _) = rows.unwrap_or_else(|| panic!("{folder}/mod.rs has no `const {list}`"));
        let rows: String = rows.split_whitespace().collect();
        for entry in std::fs::read_dir(root().join(folder)).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            let is_module = path.is_dir() || path.extension().is_some_and(|e| e == "rs");
            // What several of them share says so in its name.
            if is_module && name != "mod" && !name.starts_with("shared") {
                let named =
                    rows.split(|c: char| !c.is_alphanumeric() && c != '_').any(|w| w == name);
                assert!(named, "{folder}/{name} has no row in {list}");
            }
        }
    }
}

#[test]
fn the_readme_begins_with_two_commands() {
    let Some(text) = text_of("README.md") else { return };
    let screen: String = text.lines().take(40).map(|line| format!("{line}\n")).collect();
    let block = screen.split("```").nth(1).expect("a fenced block on README's first screen");
    let commands = block.lines().skip(1).map(str::trim);
    let commands: Vec<&str> = commands.filter(|l| !l.is_empty() && !l.starts_with('#')).collect();
    assert_eq!(commands.len(), 2, "README's first block holds the two commands: {commands:?}");
}

#[test]
fn decisions_are_numbered_once() {
    let mut numbers = Vec::new();
    for_each_file(&root().join("docs/decisions"), &mut |path| {
        let name = name_of(path);
        let file = name.rsplit('/').next().expect("a name has a last part");
        let number = file.split('-').next().expect("a text has a first part").to_owned();
        let text = std::fs::read_to_string(path).unwrap();
        assert!(text.starts_with(&format!("# {number}: ")), "{name} begins with its number");
        numbers.push(number);
    });
    numbers.sort();
    let wanted: Vec<String> = (1..=numbers.len()).map(|number| format!("{number:04}")).collect();
    assert_eq!(numbers, wanted);
}
