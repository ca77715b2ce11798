//! One line a diagnostic, for editors' quickfix lists and for `grep`:
//! `file:line:column: error[E0301]: message`.

use super::Diagnostic;
use super::place::Places;
use super::text::visible;
use crate::source::Sources;
use std::fmt::Write;

pub fn render(diagnostics: &[Diagnostic], sources: &Sources) -> String {
    let mut out = String::new();
    let mut places = Places::new(sources);
    for diagnostic in diagnostics {
        let span = diagnostic.primary();
        let start = places.start(span);
        writeln!(
            out,
            "{}:{}:{}: {}[{}]: {}",
            visible(places.name(span)),
            start.line,
            start.column,
            diagnostic.severity().word(),
            diagnostic.code.id,
            visible(&diagnostic.message),
        )
        .expect("writing to a string cannot fail");
    }
    out
}
