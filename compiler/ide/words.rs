//! The words that begin a statement without being a field: what each does, and how it goes on.

/// One word.
pub struct Word {
    pub word: &'static str,
    pub doc: &'static str,
    /// As editors write snippets.
    pub snippet: &'static str,
    place: Place,
}

enum Place {
    /// At the top of a file.
    Top,
    /// In the block of a thing or layer.
    Inside,
    Both,
    /// Behind something else.
    Never,
}

impl Word {
    /// Whether a statement may begin so.
    pub fn begins(&self, top: bool) -> bool {
        match self.place {
            Place::Top => top,
            Place::Inside => !top,
            Place::Both => true,
            Place::Never => false,
        }
    }
}

const fn w(word: &'static str, place: Place, snippet: &'static str, doc: &'static str) -> Word {
    Word { word, doc, snippet, place }
}

/// What is known of a word.
pub fn word(text: &str) -> Option<&'static Word> {
    WORDS.iter().find(|w| w.word == text)
}

#[rustfmt::skip] // one row a word
pub static WORDS: &[Word] = &[
    w("import", Place::Top, "import \"$0\"", "Reads other files: a path from this file, `*` for any name, `as NAME` to keep their names apart. The order never matters."),
    w("let", Place::Top, "let ${1:name} = $0", "A name for a value."),
    w("template", Place::Top, "template ${1:name}(${2:tag}: string) for ${3:container} {\n  $0\n}", "A body to be used again, with parameters: `container db from NAME(ARGUMENTS) { }`. What it sets is overruled by what its user sets."),
    w("type", Place::Top, "type ${1:name} = $0", "A name for a type: a record, a set of words, or one with a condition."),
    w("kind", Place::Top, "kind ${1:name} plural ${2:names} {\n  $0\n}", "A kind of your own: things with a name, that can be referred to."),
    w("var", Place::Top, "var ${1:name}: $0", "The type of a variable of `vars`."),
    w("assert", Place::Both, "assert \"${1:what holds}\" { $0 }", "A rule of your own: where the condition does not hold, the text is the finding."),
    w("override", Place::Inside, "override $0", "Wins over what narrower layers say plainly."),
    w("default", Place::Inside, "default $0", "Gives way to everything that is said plainly, in whatever layer."),
    w("final", Place::Inside, "final $0", "Nobody may say otherwise: any other definition is an error."),
    w("unset", Place::Inside, "unset $0", "Takes away what wider layers say, as if nobody had."),
    w("from", Place::Never, "", "Made from a template: its body is there, and this block's own lines win."),
];
