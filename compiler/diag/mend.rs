//! Taking the ways out that are certain: the edits of `Safety::Safe`, made in the texts. Which files
//! they are written to is not known here.

use super::{Diagnostic, Edit, Fix, Safety};
use crate::source::{FileId, Place, Sources};
use std::collections::BTreeMap;

/// What was mended in one go.
#[derive(Default, Debug)]
pub struct Mended<'a> {
    /// The new texts of the files that change.
    pub texts: BTreeMap<FileId, String>,
    /// Each finding that was mended, and how.
    pub done: Vec<(&'a Diagnostic, &'a Fix)>,
}

/// Takes the first certain fix of each finding, in order; all of its edits, or none where one meets
/// an edit that was taken before. What is left out now may fit the next time.
pub fn mend<'a>(diagnostics: &'a [Diagnostic], sources: &Sources) -> Mended<'a> {
    let mut mended = Mended::default();
    let mut taken: Vec<&Edit> = Vec::new();
    for diagnostic in diagnostics {
        let safe = |fix: &&Fix| fix.safety == Safety::Safe && !fix.edits.is_empty();
        let Some(fix) = diagnostic.fixes.iter().find(safe) else { continue };
        let own = |edit: &Edit| sources.file(edit.span.file).place == Place::Project;
        let meets = |edit: &Edit| taken.iter().any(|other| touch(edit, other));
        if fix.edits.iter().all(own) && !fix.edits.iter().any(meets) {
            taken.extend(&fix.edits);
            mended.done.push((diagnostic, fix));
        }
    }
    // From the end of each file to its start, so that no place moves before its turn.
    taken.sort_by_key(|edit| (edit.span.file, std::cmp::Reverse(edit.span.start)));
    for edit in taken {
        let text = mended
            .texts
            .entry(edit.span.file)
            .or_insert_with(|| sources.file(edit.span.file).text.to_string());
        text.replace_range(edit.span.start as usize..edit.span.end as usize, &edit.text);
    }
    mended
}

/// Whether two edits overlap, or write to the same place.
fn touch(a: &Edit, b: &Edit) -> bool {
    a.span.file == b.span.file && a.span.start <= b.span.end && b.span.start <= a.span.end
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::codes;
    use crate::source::Span;

    fn sources() -> (Sources, FileId) {
        let mut sources = Sources::default();
        let file = sources.add("a.colab", Place::Project, "one two three");
        (sources, file)
    }

    fn texts(found: &[Diagnostic], sources: &Sources) -> Vec<String> {
        mend(found, sources).texts.into_values().collect()
    }

    #[test]
    fn edits_are_made_from_the_end() {
        let (sources, file) = sources();
        let at = |start, end| Span::new(file, start, end);
        let found = [
            Diagnostic::new(&codes::E0101, at(0, 3), "x").fix("f", at(0, 3), "1"),
            Diagnostic::new(&codes::E0101, at(8, 13), "x").fix("f", at(8, 13), "three hundred"),
        ];
        assert_eq!(texts(&found, &sources), ["1 two three hundred"]);
    }

    #[test]
    fn all_edits_of_a_fix_or_none() {
        let (sources, file) = sources();
        let at = |start, end| Span::new(file, start, end);
        let mut second = Diagnostic::new(&codes::E0101, at(4, 7), "x").fix("f", at(4, 7), "2");
        second.fixes[0].edits.push(Edit { span: at(2, 3), text: "E".into() });
        let first = Diagnostic::new(&codes::E0101, at(0, 3), "x").fix("f", at(0, 3), "1");
        let found = [first, second];
        assert_eq!(texts(&found, &sources), ["1 two three"]);
        assert_eq!(mend(&found, &sources).done.len(), 1);
    }

    #[test]
    fn only_what_is_certain_and_the_projects_own() {
        let (mut sources, file) = sources();
        let library = sources.add("std/a.colab", Place::Library, "one");
        let at = Span::new(file, 0, 3);
        let found = [
            Diagnostic::new(&codes::E0101, at, "x").suggest("f", at, "1").help("h"),
            Diagnostic::new(&codes::E0101, at, "x").fix("f", Span::new(library, 0, 3), "1"),
        ];
        assert!(mend(&found, &sources).done.is_empty());
    }
}
