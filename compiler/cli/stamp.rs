//! What a file is known by without being read: that is how `--watch` sees a change.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::SystemTime;

/// Files below the root by their paths, each as it was before it was read.
pub type Read = BTreeMap<String, Stamp>;

/// What is known of a file without reading it; nothing for one that is not there.
pub type Stamp = Option<(SystemTime, u64)>;

pub fn stamp(path: &Path) -> Stamp {
    let meta = fs::metadata(path).ok()?;
    Some((meta.modified().ok()?, meta.len()))
}
