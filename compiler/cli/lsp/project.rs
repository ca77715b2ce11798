//! One project that an editor has open, and what is known of it.

use super::work::{Changed, Key};
use colabc::Compilation;
use colabc::ide::emitted::Emitted;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

pub struct Project {
    pub key: Key,
    /// It is there as long as one of its files is open; else as long as its folder is.
    pub adopted: bool,
    /// The sources that lie in its folder.
    pub beside: Arc<[String]>,
    /// The revision of its last change.
    pub changed: Changed,
    /// The newest that was found out, and of which revision.
    pub compilation: Option<Box<Compilation>>,
    pub checked: u64,
    /// The revision of the last run that emitted as well.
    pub built: u64,
    /// The files that its sources read, as far as they are none themselves.
    pub read: BTreeSet<String>,
    /// What it emitted; nothing where there are errors.
    pub emitted: Emitted,
}

impl Project {
    pub fn root(&self) -> &Path {
        &self.key.root
    }

    /// Whether what is known is of the texts as they are.
    pub fn is_current(&self, built: bool) -> bool {
        let known = if built { self.built } else { self.checked };
        known >= self.changed.get() && self.changed.get() > 0
    }
}
