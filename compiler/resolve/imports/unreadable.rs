//! What is said of an import whose file cannot be read, and the way out of it.

use super::{About, Loader, ReadError};
use crate::diag::{Diagnostic, codes};
use crate::source::{Place, Span};

impl Loader<'_, '_> {
    pub(super) fn unreadable(&mut self, name: &str, error: ReadError, from: Option<Span>) {
        let span = match from {
            Some(span) => span,
            None => {
                let file = self.read.sources.add(name, Place::Project, "");
                Span::new(file, 0, 0)
            }
        };
        let diagnostic = match error {
            ReadError::Missing => {
                let mut diagnostic =
                    Diagnostic::new(&codes::E0701, span, format!("there is no file `{name}`"));
                let near = self.near(name);
                let written = from.map(|span| self.read.sources.text(span).trim_matches('"'));
                let folder = written.and_then(|w| w.rsplit_once('/')).map_or("", |(f, _)| f);
                let slash = if folder.is_empty() { "" } else { "/" };
                let mut ways: Vec<String> =
                    near.iter().map(|other| format!("{folder}{slash}{other}")).collect();
                if let Some(from) = from.filter(|_| ways.is_empty()) {
                    let here = self.read.sources.file(from.file).name.clone();
                    ways.extend(self.moved(name, &here));
                }
                for way in &ways {
                    let title = format!("did you mean `{way}`?");
                    diagnostic = match from {
                        Some(span) => diagnostic.suggest(title, span, format!("\"{way}\"")),
                        None => diagnostic.help(title),
                    };
                }
                match ways.is_empty() && from.is_some() {
                    true => diagnostic.help("create it, or remove the line; a path begins at the folder of the file that it stands in"),
                    false => diagnostic,
                }
            }
            ReadError::Outside => {
                Diagnostic::new(&codes::E0703, span, format!("`{name}` leads out of the project"))
                    .note("a link in the path points elsewhere")
                    .help("copy into the project what it leads to")
            }
            ReadError::TooLarge => Diagnostic::new(
                &codes::E0704,
                span,
                format!("`{name}` is too large to be a source"),
            )
            .help("a source has at most 64 MiB"),
            ReadError::NotAFile if self.read.reader.list(name).is_ok() => {
                self.loaded.folders.insert(format!("{name}/"));
                let shown = if name.is_empty() { "." } else { name };
                let fault = Diagnostic::new(&codes::E0704, span, format!("`{shown}` is a folder"));
                let written =
                    from.map(|span| self.read.sources.text(span).trim_matches(['"', '\'']));
                match written.map(|written| written.trim_end_matches('/')) {
                    Some("" | ".") => fault.suggest(
                        "write `import \"*.colab\"` for all files in it",
                        span,
                        "\"*.colab\"",
                    ),
                    // The other files that the pattern means are still wanted.
                    Some(written) if written.contains('*') => {
                        fault.help("give the folder a name without `.colab` at its end")
                    }
                    Some(written) => fault.suggest(
                        format!("write `import \"{written}/*.colab\"` for all files in it"),
                        span,
                        format!("\"{written}/*.colab\""),
                    ),
                    None => fault.help("name a file in it"),
                }
            }
            ReadError::NotAFile => {
                Diagnostic::new(&codes::E0704, span, format!("`{name}` is no plain file"))
                    .help("a source is a file with text in it")
            }
            ReadError::Refused(why) => {
                Diagnostic::new(&codes::E0704, span, format!("`{name}` cannot be read: {why}"))
                    .help("make it a file that can be read, or take it out of the import")
            }
        };
        self.read.diagnostics.push(diagnostic.about(About::Import));
    }
}
