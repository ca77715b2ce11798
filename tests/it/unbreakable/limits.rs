//! The page of limits says what the code does: every number, and every constant that is a limit.

use crate::ratchet::root;
use colabc::diag::codes;
use std::collections::BTreeSet;

/// Names of constants that are limits.
const LIMIT: &[&str] = &["LONGEST", "LARGEST", "DEEPEST", "MAX_", "MOST"];

/// Those that change what is shown, what is kept and not made twice, or how work is shared out, not what is taken; or that only a client of the server, or somebody who
/// puts millions of files below `out/`, meets, and is told.
const OTHERS: &[&str] = &[
    "compiler/answer",
    "compiler/cli/disk/error.rs",
    "compiler/cli/disk/folder.rs",
    "compiler/cli/disk/last.rs",
    "compiler/cli/disk/plan.rs",
    "compiler/cli/disk/scan.rs",
    "compiler/cli/lsp/wire.rs",
    "compiler/cli/lsp/project.rs",
    "compiler/diag/",
    "compiler/diff/",
    "compiler/formats/dot.rs",
    "compiler/graph/export.rs",
    "compiler/ide/",
    "compiler/resolve/eval/apart.rs",
    "compiler/resolve/eval/place.rs",
    "compiler/resolve/lower/ways.rs",
    "compiler/syntax/foreign",
    "compiler/targets/docs/pictures.rs",
    "compiler/types/distance.rs",
    "compiler/types/mod.rs",
];

/// `64 << 20`, `1 << 20`, `20_000`
fn number(text: &str) -> Option<u64> {
    let plain = |text: &str| text.trim().replace('_', "").parse::<u64>().ok();
    match text.split_once("<<") {
        Some((left, right)) => Some(plain(left)? << plain(right)?),
        None => plain(text),
    }
}

/// File, name and number of each constant of the compiler that is a limit.
fn constants() -> BTreeSet<(String, String, u64)> {
    let mut all = BTreeSet::new();
    for file in walkdir::WalkDir::new(root().join("compiler")) {
        let file = file.expect("the sources can be read");
        if file.path().extension().is_none_or(|end| end != "rs") {
            continue;
        }
        let path = file.path().strip_prefix(root()).expect("it is below").display().to_string();
        if OTHERS.iter().any(|other| path.starts_with(other)) {
            continue;
        }
        let text = std::fs::read_to_string(file.path()).expect("the sources can be read");
        for line in text.lines() {
            let Some((before, value)) = line.split_once(" = ") else { continue };
            let Some((head, _)) = before.split_once(':') else { continue };
            let Some((_, name)) = head.split_once("const ") else { continue };
            if LIMIT.iter().any(|limit| name.starts_with(limit))
                && let Some(number) = number(value.trim_end_matches(';'))
            {
                all.insert((path.clone(), name.to_owned(), number));
            }
        }
    }
    all
}

#[test]
fn the_page_has_every_limit_with_its_number_and_its_code() {
    let page = std::fs::read_to_string(root().join("docs/limits.md")).expect("there is a page");
    let mut told = BTreeSet::new();
    for line in page.lines().filter(|line| line.contains("`compiler/")) {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [most, _, code, place] = cells[..] else { panic!("{line}") };
        let most = most.replace(',', "").parse().unwrap_or_else(|_| panic!("{line}"));
        let code = code.trim_matches('`');
        assert!(codes::CODES.iter().any(|known| known.id == code), "{line}");
        let mut place = place.split(": ").map(|part| part.trim_matches('`').to_owned());
        let (file, name) = (place.next().expect("a file"), place.next().expect("a name"));
        assert!(told.insert((file, name, most)), "twice: {line}");
    }
    let known = constants();
    let untold: Vec<_> = known.difference(&told).collect();
    let unknown: Vec<_> = told.difference(&known).collect();
    assert!(known.len() > 10, "{known:?}");
    assert!(untold.is_empty() && unknown.is_empty(), "not told: {untold:?}\nnot so: {unknown:?}");
}
