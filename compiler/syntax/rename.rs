//! A tree that was made with names of its own gets those of the whole run.

use super::tree::{Arg, EntryOp, ExprKind, Ident, StmtKind, StrPart, Tree, TypeKind};
use crate::names::Sym;

/// Puts `names[old]` for every name of the tree.
pub fn rename(tree: &mut Tree, names: &[Sym]) {
    let sym = |sym: &mut Sym| *sym = names[sym.0 as usize];
    let ident = |ident: &mut Ident| sym(&mut ident.sym);
    for stmt in &mut tree.stmts {
        match &mut stmt.kind {
            StmtKind::Import { path, alias } => {
                ident(path);
                alias.iter_mut().for_each(ident);
            }
            StmtKind::Kind { name, plural, .. } => {
                ident(name);
                ident(plural);
            }
            StmtKind::Template { name, target, .. } => {
                ident(name);
                ident(target);
            }
            StmtKind::Let { name, .. }
            | StmtKind::Type { name, .. }
            | StmtKind::Var { name, .. } => ident(name),
            StmtKind::Entry(entry) => {
                ident(&mut entry.word);
                entry.label.iter_mut().for_each(ident);
                match entry.op {
                    EntryOp::Missing
                    | EntryOp::Assign { .. }
                    | EntryOp::Add { .. }
                    | EntryOp::Sub { .. }
                    | EntryOp::From { .. }
                    | EntryOp::Block(_) => {}
                }
            }
            StmtKind::Bad | StmtKind::Assert { .. } | StmtKind::Unset { .. } => {}
        }
    }
    for expr in &mut tree.exprs {
        match &mut expr.kind {
            ExprKind::Name(name) | ExprKind::Raw { text: name, .. } => sym(name),
            ExprKind::ListFor { binder: name, .. }
            | ExprKind::Field { name, .. }
            | ExprKind::Is { word: name, .. } => ident(name),
            ExprKind::Bad
            | ExprKind::Literal(_)
            | ExprKind::Str { .. }
            | ExprKind::Paren(_)
            | ExprKind::List { .. }
            | ExprKind::Record(_)
            | ExprKind::Index { .. }
            | ExprKind::Call { .. }
            | ExprKind::Not(_)
            | ExprKind::Negate(_)
            | ExprKind::Binary { .. }
            | ExprKind::If { .. } => {}
        }
    }
    for ty in &mut tree.types {
        match &mut ty.kind {
            TypeKind::Name { prefix, name, .. } => {
                prefix.iter_mut().for_each(ident);
                ident(name);
            }
            TypeKind::Matching { pattern, .. } => sym(pattern),
            TypeKind::Bad
            | TypeKind::Record { .. }
            | TypeKind::Enum { .. }
            | TypeKind::Union { .. }
            | TypeKind::Optional(_)
            | TypeKind::In { .. } => {}
        }
    }
    for part in &mut tree.parts {
        if let StrPart::Text { text, .. } = part {
            sym(text);
        }
    }
    for arg in &mut tree.args {
        if let Arg::Named { name, .. } | Arg::Binding { name, .. } = arg {
            ident(name);
        }
    }
    tree.fields.iter_mut().for_each(|field| ident(&mut field.name));
    tree.params.iter_mut().for_each(|param| ident(&mut param.name));
    tree.words.iter_mut().for_each(|word| ident(&mut word.name));
    tree.steps.iter_mut().for_each(|step| ident(&mut step.name));
}

#[cfg(test)]
mod tests {
    use crate::names::Names;
    use crate::source::FileId;

    /// Whatever holds a name is in the library, so that a place that was forgotten shows.
    #[test]
    fn a_renamed_tree_is_the_one_that_the_names_of_the_run_make() {
        for (_, text) in crate::stdlib::FILES {
            let mut run = Names::default();
            run.intern("a name of another file");
            let mut renamed = {
                let mut own = Names::default();
                let (tree, _) = crate::syntax::parse(FileId(0), text, &mut own);
                let names: Vec<_> = own.iter().map(|name| run.intern(name)).collect();
                (tree, names)
            };
            super::rename(&mut renamed.0, &renamed.1);
            let mut again = Names::default();
            again.intern("a name of another file");
            let (tree, _) = crate::syntax::parse(FileId(0), text, &mut again);
            assert_eq!(format!("{:?}", renamed.0), format!("{tree:?}"));
            assert!(run.iter().eq(again.iter()));
        }
    }
}
