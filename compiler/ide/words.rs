//! The words of the language itself: those that begin a statement without being a field, and those of expressions.

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
    /// Between two values.
    Between,
    /// Where a value begins.
    Before,
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
            Place::Between | Place::Before | Place::Never => false,
        }
    }

    /// Whether it joins two values.
    pub fn joins(&self) -> bool {
        matches!(self.place, Place::Between)
    }

    /// Whether a value may begin so.
    pub fn leads(&self) -> bool {
        matches!(self.place, Place::Before)
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
    w("&&", Place::Between, "", "Both hold. The right side is looked at only where the left one holds."),
    w("||", Place::Between, "", "One of them holds. The right side is looked at only where the left one does not."),
    w("==", Place::Between, "", "Whether both are the same."),
    w("!=", Place::Between, "", "Whether they differ."),
    w("??", Place::Between, "", "The second where the first is none."),
    w("in", Place::Between, "", "Whether one of a list, a set or a range; after `for` and in `all`, `any`, `count` and `sum` the name before it stands for each in turn."),
    w("is", Place::Between, "", "Whether it is that word of a set, whatever its parameters: `node.os is debian`. A family of systems holds all of them."),
    w("then", Place::Between, "", "What the value is where the condition of `if` holds."),
    w("else", Place::Between, "", "What the value is where the condition of `if` does not hold."),
    w("if", Place::Before, "if $0", "`if CONDITION then A else B` is one of two values. Behind `x in LIST` it says which of them."),
    w("for", Place::Never, "", "`[for x in LIST: VALUE]` makes a list of another; `template NAME() for KIND` says what it makes."),
    w("as", Place::Never, "", "The name under which what is imported is known here."),
    w("plural", Place::Never, "", "The name of all things of a kind: `nodes`."),
    w("enum", Place::Never, "", "A closed set of words, each perhaps with parameters."),
    w("matching", Place::Never, "", "Only texts that the pattern fits as a whole."),
    w("none", Place::Never, "", "No value: what is not stated, and so is not known."),
    w("->", Place::Never, "", "The port of the node, and the one in the container that it leads to."),
    w("+=", Place::Never, "", "Adds to what wider layers say."),
    w("-=", Place::Never, "", "Takes away from what wider layers say."),
];
