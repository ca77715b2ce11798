//! The library of kinds and the pages of the codes as files, so that an editor can show them: below
//! the user's cache, written once a version.

use colabc::diag::codes::CODES;
use colabc::stdlib;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// The folder that holds `std/` and `errors/`; none where it cannot be written.
pub fn folder() -> Option<&'static Path> {
    static FOLDER: OnceLock<Option<PathBuf>> = OnceLock::new();
    FOLDER.get_or_init(|| write(&cache()?.join("colabc").join(version()))).as_deref()
}

/// The user's cache, as the system has it.
fn cache() -> Option<PathBuf> {
    let of =
        |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    of("XDG_CACHE_HOME")
        .or_else(|| of("LOCALAPPDATA"))
        .or_else(|| of("HOME").map(|home| home.join(".cache")))
}

/// The version, and what the texts add up to: two builds of one version may differ.
fn version() -> String {
    let texts = stdlib::FILES.iter().map(|(_, text)| *text);
    let all: String = texts.chain(CODES.iter().map(|code| code.page)).collect();
    let sum = colabc::types::hash::sha256_hex(all.as_bytes());
    format!("{}-{}", env!("CARGO_PKG_VERSION"), &sum[..12])
}

/// Writes what is not there as it should be.
fn write(folder: &Path) -> Option<PathBuf> {
    let library = stdlib::FILES.iter().map(|(name, text)| (format!("std/{name}"), *text));
    let pages = CODES.iter().map(|code| (format!("errors/{}.md", code.id), code.page));
    for (name, text) in library.chain(pages) {
        let path = folder.join(&name);
        if fs::read_to_string(&path).is_ok_and(|there| there == text) {
            continue;
        }
        fs::create_dir_all(path.parent()?).ok()?;
        // Another server may do the same at this moment: each file comes to be as a whole.
        let beside = path.with_extension(format!("{}.new", std::process::id()));
        crate::cli::disk::limit::fits(text.len()).ok()?;
        fs::write(&beside, text).ok()?;
        fs::rename(&beside, &path).ok()?;
    }
    folder.canonicalize().ok()
}
