//! Words with a meaning that a grammar alone cannot see, for colouring.

use super::{declaration, tree_of};
use crate::Compilation;
use crate::model::value::Value;
use crate::resolve::hir::Node;
use crate::resolve::lower::Target;
use crate::source::{FileId, Place, Span};
use crate::syntax::tree::{ExprKind, Literal, StmtKind};
use rustc_hash::FxHashMap;

/// What a stretch of text is; the order is the legend's.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Token {
    Keyword,
    Property,
    Variable,
    Class,
    Function,
    Number,
    Text,
    Comment,
    Word,
    Parameter,
}

/// What more is known of a name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Marks {
    /// It is declared here.
    pub declared: bool,
    /// It is the library's.
    pub library: bool,
}

/// The names of the marks, in the order of their bits.
pub const MARKS: &[&str] = &["declaration", "defaultLibrary"];

impl Marks {
    const NONE: Marks = Marks { declared: false, library: false };

    pub fn bits(self) -> u64 {
        u64::from(self.declared) | u64::from(self.library) << 1
    }
}

/// The names of the legend, in the order of `Token`.
pub const LEGEND: &[&str] = &[
    "keyword",
    "property",
    "variable",
    "class",
    "function",
    "number",
    "string",
    "comment",
    "enumMember",
    "parameter",
];

const DECLARED: Marks = Marks { declared: true, library: false };

/// The tokens of a file, in order and without overlaps.
pub fn tokens(c: &Compilation, file: FileId) -> Vec<(Span, Token, Marks)> {
    let Some(tree) = tree_of(c, file) else { return Vec::new() };
    let mut out: Vec<(Span, Token)> = Vec::new();
    let mut marks: FxHashMap<Span, Marks> = FxHashMap::default();
    for comment in &tree.comments {
        out.push((comment.span, Token::Comment));
    }
    for stmt in &tree.stmts {
        match &stmt.kind {
            StmtKind::Entry(entry) => {
                out.extend(entry.strength_span.map(|s| (s, Token::Keyword)));
            }
            StmtKind::Kind { name, .. }
            | StmtKind::Type { name, .. }
            | StmtKind::Template { name, .. } => {
                out.push((name.span, Token::Class));
                marks.insert(name.span, DECLARED);
            }
            StmtKind::Let { name, .. } => {
                out.push((name.span, Token::Variable));
                marks.insert(name.span, DECLARED);
            }
            _ => {}
        }
    }
    for expr in &tree.exprs {
        match &expr.kind {
            ExprKind::Literal(Literal::None | Literal::True | Literal::False) => {
                out.push((expr.span, Token::Keyword));
            }
            ExprKind::Literal(_) => out.push((expr.span, Token::Number)),
            ExprKind::Raw { multiline: false, .. } => out.push((expr.span, Token::Text)),
            ExprKind::Str { parts, multiline: false } if parts.len() <= 1 => {
                out.push((expr.span, Token::Text))
            }
            ExprKind::Is { word, .. } => out.push((word.span, Token::Word)),
            _ => {}
        }
    }
    for param in &tree.params {
        out.push((param.name.span, Token::Parameter));
        marks.insert(param.name.span, DECLARED);
    }
    for &(span, target) in c.usage.references.iter().filter(|(span, _)| span.file == file) {
        let declared = match target {
            // Asking for the first place of a key each time would cost more than it tells.
            Target::Var(_) | Target::Env(_) => None,
            other => declaration(c, other),
        };
        marks.insert(
            span,
            Marks {
                declared: declared == Some(span),
                library: declared.is_none_or(|at| c.sources.file(at.file).place == Place::Library)
                    && !matches!(target, Target::Var(_) | Target::Env(_)),
            },
        );
        out.push((
            span,
            match target {
                Target::Decl(_)
                | Target::Label(_)
                | Target::Let(_)
                | Target::Plural(_)
                | Target::Binder(_) => Token::Variable,
                Target::Param(..) => Token::Parameter,
                Target::Template(_) | Target::Type(_) => Token::Class,
                Target::Word(..) => Token::Word,
                // The word of a statement has its colour already.
                Target::Kind(_) => continue,
                Target::Field(..) | Target::Var(_) | Target::Env(_) => Token::Property,
                Target::Function(_) => Token::Function,
            },
        ));
    }
    let program = &c.resolved.program;
    for def in program.defs.iter().filter(|d| d.span.file == file && d.key.is_some()) {
        // The key of a map; a label is a reference already.
        out.push((def.head, Token::Property));
    }
    for (node, &span) in program.nodes.iter().zip(&program.spans) {
        if span.file != file {
            continue;
        }
        let word = match node {
            Node::Word { word, .. } => *word,
            Node::Const(Value::Word(word)) => word.word,
            _ => continue,
        };
        let length = c.names.text(word).len() as u32;
        out.push((Span { end: span.end.min(span.start + length), ..span }, Token::Word));
    }
    out.sort();
    let mut kept: Vec<(Span, Token)> = Vec::new();
    for (span, token) in out {
        let overlaps = kept.last().is_some_and(|(last, _)| span.start < last.end);
        if !overlaps && span.start < span.end {
            kept.push((span, token));
        }
    }
    let marked = |(span, token)| (span, token, marks.get(&span).copied().unwrap_or(Marks::NONE));
    kept.into_iter().map(marked).collect()
}
