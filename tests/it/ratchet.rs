//! Lists of what is not yet as it should be. Such a list may only shrink: a new fault fails the
//! test, and so does a mended one that still stands in the list.

use std::collections::BTreeSet;
use std::path::PathBuf;

pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Whether expectations are to be rewritten.
pub fn updating() -> bool {
    std::env::var_os("COLAB_UPDATE").is_some_and(|value| value == "1")
}

/// Compares what is at fault now with the list `tests/ratchets/NAME.txt`, one a line. `rule` says
/// what is asked of each.
pub fn hold(name: &str, rule: &str, at_fault: &BTreeSet<String>) {
    let path = root().join(format!("tests/ratchets/{name}.txt"));
    let text = std::fs::read_to_string(&path).unwrap_or_default();
    let comment: String = text.split_inclusive('\n').filter(|l| l.starts_with('#')).collect();
    let listed: BTreeSet<String> = text
        .lines()
        .map(str::trim)
        .filter(|l| !l.is_empty() && !l.starts_with('#'))
        .map(String::from)
        .collect();
    let new: Vec<&str> = at_fault.difference(&listed).map(String::as_str).collect();
    let mended: Vec<&str> = listed.difference(at_fault).map(String::as_str).collect();
    if updating() && !mended.is_empty() {
        let kept: String = listed.intersection(at_fault).map(|item| format!("{item}\n")).collect();
        std::fs::write(&path, comment + &kept).unwrap();
    } else {
        assert!(
            mended.is_empty(),
            "{rule}\nmended, so take out of tests/ratchets/{name}.txt (COLAB_UPDATE=1 does):\n{}",
            mended.join("\n")
        );
    }
    assert!(new.is_empty(), "{rule}\nbut not so:\n{}", new.join("\n"));
}
