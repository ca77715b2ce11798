//! Files that get another name: what the sources say of them is said anew. Imports and embedded files are paths
//! from the file on that names them, so they change where either end moves.

use super::outline::{fits, joined};
use crate::Compilation;
use crate::diag::Edit;
use crate::resolve::imports::beside;
use crate::source::{Place, Span};
use crate::syntax::tree::{Arg, ExprKind, StmtKind, Tree};

/// One file or folder, by its paths from the project's root.
pub struct Move {
    pub from: String,
    pub to: String,
}

/// The edits that the sources need, made before anything is moved.
pub fn moved(c: &Compilation, moves: &[Move]) -> Vec<Edit> {
    let own = c.trees.iter().map(|tree| (tree, c.sources.file(tree.file)));
    let own: Vec<(&Tree, &str)> = own
        .filter(|(_, file)| file.place == Place::Project)
        .map(|(tree, file)| (&**tree, file.name.as_str()))
        .collect();
    let names: Vec<&str> = own.iter().map(|(_, name)| *name).collect();
    let mut mover = Mover { c, moves, names, edits: Vec::new(), imports: Vec::new() };
    for (tree, here) in &own {
        mover.embeds(tree, here);
        mover.imports(tree, here);
    }
    mover.strays();
    mover.edits
}

struct Import {
    before: String,
    after: String,
    path: Span,
    stmt: Span,
    here: String,
}

struct Mover<'a> {
    c: &'a Compilation,
    moves: &'a [Move],
    names: Vec<&'a str>,
    edits: Vec<Edit>,
    /// What each import means afterwards.
    imports: Vec<Import>,
}

impl Mover<'_> {
    /// Where a file will be.
    fn after(&self, name: &str) -> String {
        let moved = self.moves.iter().find_map(|one| {
            let rest = name.strip_prefix(one.from.as_str())?;
            (rest.is_empty() || rest.starts_with('/')).then(|| format!("{}{rest}", one.to))
        });
        moved.unwrap_or_else(|| name.to_owned())
    }

    /// Where what a path of a file means will be, and the path to it, where that is another one.
    fn path(&self, here: &str, path: &str) -> (String, Option<String>) {
        let meant = beside(here, path);
        let (now, then) = (self.after(here), self.after(&meant));
        let still = beside(&now, path) == then;
        let path = (!still).then(|| joined(&now, &then));
        (then, path)
    }

    fn say(&mut self, span: Span, path: String) {
        self.edits.push(Edit { span, text: format!("\"{path}\"") });
    }

    fn embeds(&mut self, tree: &Tree, here: &str) {
        for expr in &tree.exprs {
            let ExprKind::Call { callee, args } = &expr.kind else { continue };
            let ExprKind::Name(name) = tree.expr(*callee).kind else { continue };
            let Some(Arg::Plain(arg)) = tree.args[args.range()].first() else { continue };
            let span = tree.expr(*arg).span;
            let written = self.c.sources.text(span).trim_matches(['"', '\'']);
            if self.c.names.text(name) == "embed"
                && let (_, Some(path)) = self.path(here, written)
            {
                self.say(span, path);
            }
        }
    }

    fn imports(&mut self, tree: &Tree, here: &str) {
        for &id in tree.stmts_of(tree.top) {
            let stmt = tree.stmt(id);
            let StmtKind::Import { path, .. } = &stmt.kind else { continue };
            let written = self.c.names.text(path.sym);
            let (after, new) = self.path(here, written);
            if let Some(new) = new {
                self.say(path.span, new);
            }
            let (before, here) = (beside(here, written), here.to_owned());
            self.imports.push(Import { before, after, path: path.span, stmt: stmt.span, here });
        }
    }

    /// Files that `*` meant and that no import means any more: each gets one of its own, behind the old one, or in
    /// its place where it would mean nothing.
    fn strays(&mut self) {
        let mut named: Vec<String> = Vec::new();
        for import in self.imports.iter().filter(|import| import.before.contains('*')) {
            let own = self.names.iter().filter(|name| **name != import.here);
            let meant = own.filter(|name| fits(&import.before, name));
            let then: Vec<String> = meant.map(|name| self.after(name)).collect();
            let mut empty = !then.is_empty() && !then.iter().any(|name| fits(&import.after, name));
            for name in then.into_iter().filter(|name| !fits(&import.after, name)) {
                let known = named.contains(&name);
                if !empty && (known || self.imports.iter().any(|i| fits(&i.after, &name))) {
                    continue;
                }
                let path = joined(&self.after(&import.here), &name);
                self.edits.push(match empty {
                    true => Edit { span: import.path, text: format!("\"{path}\"") },
                    false => {
                        Edit { span: import.stmt.tail(), text: format!("\nimport \"{path}\"") }
                    }
                });
                empty = false;
                named.push(name);
            }
        }
        // What is said in the place of a path is no path that moved along with its file.
        let mut seen: Vec<Span> = Vec::new();
        self.edits.reverse();
        self.edits.retain(|edit| {
            let twice = seen.contains(&edit.span) && edit.span.start < edit.span.end;
            seen.push(edit.span);
            !twice
        });
        self.edits.reverse();
    }
}
