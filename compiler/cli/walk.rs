//! Which `.colab` files lie in a folder, whether anything imports them or not.

use super::disk::ROOT_FILE;
use std::fs;
use std::io;
use std::path::Path;

/// Folders of the project's own that hold no sources.
const AT_THE_TOP: &[&str] = &["out", "target"];
const ANYWHERE: &[&str] = &["node_modules"];

/// The names of all sources below a folder, relative to it and sorted. Hidden folders, `out/`,
/// `target/` and folders with a `cluster.colab` of their own, which are other projects, are left
/// out; so are links.
pub fn sources(root: &Path) -> io::Result<Vec<String>> {
    let mut found = Vec::new();
    folder(root, "", &mut found)?;
    found.sort();
    Ok(found)
}

fn folder(path: &Path, prefix: &str, found: &mut Vec<String>) -> io::Result<()> {
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        let Ok(name) = entry.file_name().into_string() else { continue };
        if name.starts_with('.') {
            continue;
        }
        let kind = entry.file_type()?;
        if kind.is_file() && name.ends_with(".colab") {
            found.push(format!("{prefix}{name}"));
        } else if kind.is_dir() {
            let other = entry.path().join(ROOT_FILE).is_file();
            let no_sources = ANYWHERE.contains(&name.as_str())
                || (prefix.is_empty() && AT_THE_TOP.contains(&name.as_str()));
            if !other && !no_sources {
                folder(&entry.path(), &format!("{prefix}{name}/"), found)?;
            }
        }
    }
    Ok(())
}
