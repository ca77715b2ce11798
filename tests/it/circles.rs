//! No circle of files: what a file imports never leads back to it. A file and the files of its own
//! folder are one thing seen from outside, so a child may look up to its parent.

use crate::repo::{code_of, rust_files};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

type Imports = BTreeMap<String, BTreeSet<String>>;

#[test]
fn no_files_import_each_other_in_a_circle() {
    let files: Vec<(String, String)> = rust_files()
        .into_iter()
        .filter_map(|(name, text)| Some((module(&name)?, code_of(&text))))
        .collect();
    let imports = imports(&files);
    assert!(imports.values().map(BTreeSet::len).sum::<usize>() > 1000, "the imports are not read");
    let circles = circles(&imports);
    assert!(circles.is_empty(), "files that import each other in a circle:\n{circles:#?}");
}

/// `syntax::lexer` for `compiler/syntax/lexer.rs`, and for its `mod.rs`.
fn module(name: &str) -> Option<String> {
    let path = name.strip_prefix("compiler/")?.strip_suffix(".rs")?;
    if path == "tests" || path.ends_with("/tests") || path.contains("/tests/") {
        return None;
    }
    Some(path.strip_suffix("/mod").unwrap_or(path).replace('/', "::"))
}

/// Which file names something of which others.
fn imports(files: &[(String, String)]) -> Imports {
    let names: BTreeSet<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    let of = |name: &str, code: &str| {
        let paths = used(code).into_iter().chain(inline(code));
        paths.filter_map(|path| target(name, &path, &names)).collect()
    };
    files.iter().map(|(name, code)| (name.clone(), of(name, code))).collect()
}

/// The paths of all `use` in a text, each written out.
fn used(code: &str) -> Vec<String> {
    let mut paths = Vec::new();
    for (at, _) in code.match_indices("use ") {
        let line = code[..at].rsplit('\n').next().unwrap().trim();
        if line.is_empty() || line == "pub" || line.starts_with("pub(") {
            let tree = code[at + 4..].split(';').next().unwrap();
            expand(tree, "", &mut paths);
        }
    }
    paths
}

/// `a::{b, c::{d, e}}` as `a::b`, `a::c::d` and `a::c::e`.
fn expand(tree: &str, before: &str, paths: &mut Vec<String>) {
    let tree = tree.trim();
    let Some((head, group)) = tree.split_once('{') else {
        let path = tree.split(" as ").next().unwrap().trim();
        if !path.is_empty() {
            paths.push(format!("{before}{path}"));
        }
        return;
    };
    let group = group.trim_end().strip_suffix('}').expect("a group is closed");
    let (before, mut depth, mut start) = (format!("{before}{}", head.trim()), 0, 0);
    for (at, sign) in group.char_indices() {
        match sign {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                expand(&group[start..at], &before, paths);
                start = at + 1;
            }
            _ => {}
        }
    }
    expand(&group[start..], &before, paths);
}

/// Paths in the midst of code that begin at the parent or at the top.
fn inline(code: &str) -> Vec<String> {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let mut paths = Vec::new();
    for first in ["super::", "crate::"] {
        for (at, _) in code.match_indices(first) {
            if code[..at].ends_with(is_word) || code[..at].ends_with("::") {
                continue;
            }
            let end = code[at..].find(|c| !is_word(c) && c != ':').unwrap_or(code.len() - at);
            paths.push(code[at..at + end].trim_end_matches(':').to_owned());
        }
    }
    paths
}

/// The file that a path in another one leads to; none where it is no other, or one of its parents.
fn target(from: &str, path: &str, names: &BTreeSet<&str>) -> Option<String> {
    let mut steps: Vec<&str> = path.split("::").collect();
    let mut base: Vec<&str> = from.split("::").collect();
    match steps[0] {
        "crate" | "colabc" => {
            base.clear();
            steps.remove(0);
        }
        "self" => {
            steps.remove(0);
        }
        _ => {
            while steps.first() == Some(&"super") {
                base.pop();
                steps.remove(0);
            }
        }
    }
    let whole: Vec<&str> = base.iter().chain(&steps).copied().collect();
    let shortest = base.len() + usize::from(!steps.is_empty());
    let named = (shortest..=whole.len()).rev().map(|length| whole[..length].join("::"));
    let found = named.into_iter().find(|name| name != from && names.contains(name.as_str()))?;
    (!from.starts_with(&format!("{found}::"))).then_some(found)
}

/// The shortest way from each file back to itself, each circle once.
fn circles(imports: &Imports) -> Vec<String> {
    let mut told = BTreeSet::new();
    let mut all = Vec::new();
    for start in imports.keys() {
        let mut came: BTreeMap<&str, &str> = BTreeMap::new();
        let mut waiting = VecDeque::from([start.as_str()]);
        'search: while let Some(at) = waiting.pop_front() {
            for next in imports.get(at).into_iter().flatten() {
                if next == start {
                    let mut way = vec![at];
                    while way[way.len() - 1] != start {
                        way.push(came[way[way.len() - 1]]);
                    }
                    way.reverse();
                    if told.insert(way.iter().copied().collect::<BTreeSet<&str>>()) {
                        all.push(format!("{} -> {start}", way.join(" -> ")));
                    }
                    break 'search;
                }
                if !came.contains_key(next.as_str()) {
                    came.insert(next, at);
                    waiting.push_back(next);
                }
            }
        }
    }
    all
}

#[test]
fn circles_are_found() {
    let file = |name: &str, code: &str| (name.to_owned(), code.to_owned());
    let files = [
        file("a", "use crate::b::{self, c::{D, E as F}};\n"),
        file("b", "pub use c::D;\nmod c;\n"),
        // It looks up to its parent, which is no circle, and over to `a`, which is one.
        file("b::c", "use super::X;\nfn f() { crate::a::g(super::super::d::H) }\n"),
        file("d", "pub(super) use super::a::Thing;\n"),
    ];
    let imports = imports(&files);
    let of = |name: &str| imports[name].iter().map(String::as_str).collect::<Vec<_>>();
    assert_eq!(of("a"), ["b", "b::c"]);
    assert_eq!(of("b"), ["b::c"]);
    assert_eq!(of("b::c"), ["a", "d"]);
    assert_eq!(of("d"), ["a"]);
    let found = circles(&imports);
    assert!(found.contains(&"a -> b::c -> a".to_owned()), "{found:?}");
    assert!(found.contains(&"b -> b::c -> a -> b".to_owned()), "{found:?}");
    assert_eq!(circles(&super::circles::imports(&files[..2])), [""; 0]);
}
