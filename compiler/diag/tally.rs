//! How many findings there are, for the line that ends a report and for exit codes.

use super::text::counted;
use super::{Diagnostic, Severity};
use crate::source::FileId;
use std::collections::BTreeSet;

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Tally {
    pub errors: usize,
    pub lints: usize,
    pub files: usize,
}

impl Tally {
    pub fn of(diagnostics: &[Diagnostic]) -> Tally {
        let errors = diagnostics.iter().filter(|d| d.severity() == Severity::Error).count();
        let files: BTreeSet<FileId> = diagnostics.iter().map(|d| d.primary().file).collect();
        Tally { errors, lints: diagnostics.len() - errors, files: files.len() }
    }

    /// `3 errors and 1 warning`
    pub fn findings(&self) -> String {
        match (self.errors, self.lints) {
            (0, 0) => "no errors".to_owned(),
            (errors, 0) => counted(errors, "error"),
            (0, lints) => counted(lints, "warning"),
            (errors, lints) => {
                format!("{} and {}", counted(errors, "error"), counted(lints, "warning"))
            }
        }
    }

    /// `3 errors and 1 warning in 2 files`
    pub fn summary(&self) -> String {
        match self.files {
            0 => self.findings(),
            files => format!("{} in {}", self.findings(), counted(files, "file")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_in_words() {
        let tally = |errors, lints, files| Tally { errors, lints, files }.summary();
        assert_eq!(tally(3, 1, 2), "3 errors and 1 warning in 2 files");
        assert_eq!(tally(1, 0, 1), "1 error in 1 file");
        assert_eq!(tally(0, 2, 1), "2 warnings in 1 file");
        assert_eq!(tally(0, 0, 0), "no errors");
    }
}
