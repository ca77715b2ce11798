//! The tree of a script: lines of words, blocks of lines. What is code is the compiler's own and
//! known when it was built; what a user wrote can only ever be a text. `shell` and `powershell`
//! spell it.

use super::Written;
use super::lines::Lines;
use crate::origin::Origin;
use std::borrow::Cow;

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Line<'a> {
    pub what: What<'a>,
    pub origin: Origin,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum What<'a> {
    Blank,
    Comment(Cow<'a, str>),
    Words(Vec<Word<'a>>),
    /// A variable that holds a word.
    Set(&'static str, Word<'a>),
    /// `head`, lines a step further in, `tail`.
    Block {
        head: Vec<Word<'a>>,
        body: Vec<Line<'a>>,
        tail: &'static str,
    },
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Word<'a> {
    /// The compiler's own: commands, options, operators.
    Code(&'static str),
    /// One argument, whatever it holds.
    Text(Cow<'a, str>),
    /// The value of a variable, as one argument.
    Variable(&'static str),
    /// One argument of several pieces.
    Joined(Vec<Word<'a>>),
    /// A word that another value says than the one that its line comes from.
    Of(Origin, Box<Word<'a>>),
}

impl<'a> Word<'a> {
    pub fn text(text: impl Into<Cow<'a, str>>) -> Self {
        Word::Text(text.into())
    }

    pub fn of(self, origin: Origin) -> Self {
        Word::Of(origin, Box::new(self))
    }
}

impl<'a> Line<'a> {
    pub fn blank() -> Self {
        What::Blank.into()
    }

    pub fn comment(text: impl Into<Cow<'a, str>>) -> Self {
        What::Comment(text.into()).into()
    }

    pub fn code(code: &'static str) -> Self {
        What::Words(vec![Word::Code(code)]).into()
    }

    pub fn words(words: impl IntoIterator<Item = Word<'a>>) -> Self {
        What::Words(words.into_iter().collect()).into()
    }

    pub fn set(name: &'static str, word: Word<'a>) -> Self {
        What::Set(name, word).into()
    }

    pub fn block(
        head: impl IntoIterator<Item = Word<'a>>,
        body: Vec<Line<'a>>,
        tail: &'static str,
    ) -> Self {
        What::Block { head: head.into_iter().collect(), body, tail }.into()
    }

    pub fn at(self, origin: Origin) -> Self {
        Line { origin, ..self }
    }
}

impl<'a> From<What<'a>> for Line<'a> {
    fn from(what: What<'a>) -> Self {
        Line { what, origin: Origin::NONE }
    }
}

/// How a shell spells a tree.
pub(super) trait Dialect {
    /// What ends a line before its newline.
    const LINE_END: &'static str;
    fn word(&self, out: &mut Lines, word: &Word<'_>, origin: Origin);
    /// What stands before the value of a variable.
    fn set(&self, out: &mut Lines, name: &str);
}

pub(super) fn write<D: Dialect>(dialect: &D, mut out: Lines, lines: &[Line<'_>]) -> Written {
    body(dialect, &mut out, lines, 0, Origin::NONE);
    out.finish()
}

fn body<D: Dialect>(d: &D, out: &mut Lines, lines: &[Line<'_>], indent: usize, parent: Origin) {
    for line in lines {
        let origin = line.origin.or(parent);
        match &line.what {
            What::Blank => {
                out.push(D::LINE_END);
                out.end(origin);
            }
            What::Comment(text) => {
                let mark = format!("{:indent$}#", "");
                let mut comment = Lines::new();
                comment.comment(&mark, text, origin);
                out.append(comment, D::LINE_END);
            }
            What::Words(words) => {
                out.pad(indent);
                self::words(d, out, words, origin);
                out.push(D::LINE_END);
                out.end_several(origin);
            }
            What::Set(name, word) => {
                out.pad(indent);
                d.set(out, name);
                d.word(out, word, origin);
                out.push(D::LINE_END);
                out.end_several(origin);
            }
            What::Block { head, body, tail } => {
                out.pad(indent);
                words(d, out, head, origin);
                out.push(D::LINE_END);
                out.end_several(origin);
                self::body(d, out, body, indent + 2, origin);
                out.pad(indent);
                out.push(tail);
                out.push(D::LINE_END);
                out.end(origin);
            }
        }
    }
}

fn words<D: Dialect>(d: &D, out: &mut Lines, words: &[Word<'_>], origin: Origin) {
    for (at, word) in words.iter().enumerate() {
        let close = matches!(word, Word::Code(code) if code.starts_with([';', ')']));
        if at > 0 && !close {
            out.push_char(' ');
        }
        d.word(out, word, origin);
    }
}
