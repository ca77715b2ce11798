//! Texts changed in ways that must not matter, or that must matter in one way only. All by the
//! syntax tree, so that it works for any project.

use crate::generate::{Dice, Project};
use colabc::names::Names;
use colabc::source::{FileId, Span};
use colabc::syntax::tree::{Block, Entry, EntryOp, Stmt, StmtKind, Strength, Tree};

/// One file, parsed.
pub struct Parsed {
    pub text: String,
    pub tree: Tree,
    pub names: Names,
}

pub fn parse(text: &str) -> Parsed {
    let mut names = Names::default();
    let (tree, faults) = colabc::syntax::parse(FileId(0), text, &mut names);
    assert!(faults.is_empty(), "{faults:?}\n{text}");
    Parsed { text: text.to_owned(), tree, names }
}

impl Parsed {
    pub fn of(&self, span: Span) -> &str {
        &self.text[span.start as usize..span.end as usize]
    }

    pub fn top(&self) -> impl Iterator<Item = &Stmt> {
        self.tree.stmts_of(self.tree.top).iter().map(|&id| self.tree.stmt(id))
    }

    pub fn inside(&self, block: &Block) -> impl Iterator<Item = &Stmt> {
        self.tree.stmts_of(block.stmts).iter().map(|&id| self.tree.stmt(id))
    }

    /// The statement, its inner statements in another order.
    fn shuffled(&self, stmt: &Stmt, dice: &mut Dice) -> String {
        let body = match &stmt.kind {
            StmtKind::Template { body, .. } => Some(body),
            StmtKind::Entry(entry) => body(entry),
            _ => None,
        };
        let Some(body) = body else { return self.of(stmt.span).to_owned() };
        let mut inner: Vec<String> = self.inside(body).map(|s| self.shuffled(s, dice)).collect();
        dice.shuffle(&mut inner);
        let head = Span { end: body.span.start, ..stmt.span };
        format!("{}{{\n{}\n}}", self.of(head), inner.join("\n"))
    }
}

pub fn body(entry: &Entry) -> Option<&Block> {
    match &entry.op {
        EntryOp::Assign { body, .. } | EntryOp::From { body, .. } => body.as_ref(),
        EntryOp::Block(block) => Some(block),
        _ => None,
    }
}

/// All statements in another order, spread over other files.
pub fn shuffle(project: &Project, dice: &mut Dice) -> Project {
    let mut stmts = Vec::new();
    for text in project.values() {
        let parsed = parse(text);
        for stmt in parsed.top().filter(|s| !matches!(s.kind, StmtKind::Import { .. })) {
            stmts.push(parsed.shuffled(stmt, dice));
        }
    }
    dice.shuffle(&mut stmts);
    let files = 1 + dice.below(6);
    let mut out = Project::new();
    out.insert("cluster.colab".into(), "import \"parts/*.colab\"\n".into());
    for at in 0..files {
        out.insert(format!("parts/{at}.colab"), String::new());
    }
    for stmt in stmts {
        let at = dice.below(files + 1);
        let name = if at == files { "cluster.colab".into() } else { format!("parts/{at}.colab") };
        let file = out.get_mut(&name).expect("made above");
        file.push_str(&stmt);
        file.push('\n');
    }
    out
}

/// A comment and a blank line before every statement, at any depth.
pub fn comment(project: &Project) -> Project {
    let add = |text: &String| {
        let parsed = parse(text);
        let mut starts: Vec<usize> = parsed
            .tree
            .stmts
            .iter()
            .map(|stmt| stmt.doc.unwrap_or(stmt.span).start as usize)
            .collect();
        starts.sort_unstable();
        starts.dedup();
        let mut out = text.clone();
        for at in starts.into_iter().rev() {
            out.insert_str(at, "\n// a word about what follows\n\n");
        }
        out
    };
    project.iter().map(|(name, text)| (name.clone(), add(text))).collect()
}

/// Every file as `fmt` writes it.
pub fn format(project: &Project) -> Project {
    let one = |text: &String| {
        let parsed = parse(text);
        colabc::syntax::format(&parsed.tree, text)
    };
    project.iter().map(|(name, text)| (name.clone(), one(text))).collect()
}

/// One word everywhere by another; the words must stand in no other sense.
pub fn rename(project: &Project, from: &str, to: &str) -> Project {
    project.iter().map(|(name, text)| (name.clone(), replace_word(text, from, to))).collect()
}

pub fn replace_word(text: &str, from: &str, to: &str) -> String {
    let part = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(from) {
        let (before, after) =
            (rest[..at].chars().next_back(), rest[at + from.len()..].chars().next());
        out.push_str(&rest[..at]);
        out.push_str(if before.is_some_and(part) || after.is_some_and(part) { from } else { to });
        rest = &rest[at + from.len()..];
    }
    out.push_str(rest);
    out
}

/// The places of all plain `field = value` inside the `node`, `container` and other blocks of
/// layers, and inside nodes: where a strength may be written. (file, byte)
pub fn plain_values(project: &Project) -> Vec<(String, usize)> {
    let mut out = Vec::new();
    for (name, text) in project {
        let parsed = parse(text);
        for top in parsed.top() {
            let StmtKind::Entry(entry) = &top.kind else { continue };
            let word = parsed.names.text(entry.word.sym);
            let Some(block) = body(entry) else { continue };
            if matches!(word, "global" | "arch" | "os" | "role" | "node" | "service") {
                plain_inside(&parsed, block, name, &mut out);
            }
        }
    }
    out
}

fn plain_inside(parsed: &Parsed, block: &Block, name: &str, out: &mut Vec<(String, usize)>) {
    for stmt in parsed.inside(block) {
        let StmtKind::Entry(entry) = &stmt.kind else { continue };
        if entry.strength == Strength::Plain
            && entry.label.is_none()
            && matches!(entry.op, EntryOp::Assign { body: None, .. })
        {
            out.push((name.to_owned(), stmt.span.start as usize));
        }
        if let Some(block) = body(entry) {
            plain_inside(parsed, block, name, out);
        }
    }
}
