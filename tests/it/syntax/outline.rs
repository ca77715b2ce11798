//! A tree as one line of text, the same from the parser's tree and from the grammar's: kinds,
//! names, values and types in order. Names are as written; spans are left out.

use colabc::source::Span;
use colabc::syntax::tree::*;

pub fn of_tree(tree: &Tree, text: &str) -> String {
    let mut outline = Outline { tree, text, out: String::new() };
    outline.stmts(tree.top);
    outline.out
}

struct Outline<'a> {
    tree: &'a Tree,
    text: &'a str,
    out: String,
}

impl Outline<'_> {
    fn at(&self, span: Span) -> &str {
        &self.text[span.start as usize..span.end as usize]
    }

    fn word(&mut self, word: &str) {
        self.out.push(' ');
        self.out.push_str(word);
    }

    fn name(&mut self, ident: Ident) {
        let text = self.at(ident.span).to_owned();
        self.word(&text);
    }

    fn stmts(&mut self, run: Run) {
        for &id in self.tree.stmts_of(run) {
            self.out.push('(');
            self.stmt(&self.tree.stmt(id).kind);
            self.out.push(')');
        }
    }

    fn block(&mut self, block: Block) {
        self.out.push('{');
        self.stmts(block.stmts);
        self.out.push('}');
    }

    fn stmt(&mut self, kind: &StmtKind) {
        match kind {
            StmtKind::Bad => self.word("BAD"),
            StmtKind::Import { path, alias } => {
                self.word("import");
                self.name(*path);
                alias.iter().for_each(|alias| self.name(*alias));
            }
            StmtKind::Let { name, ty, value } => {
                self.word("let");
                self.name(*name);
                ty.iter().for_each(|ty| self.ty(*ty));
                self.expr(*value);
            }
            StmtKind::Var { name, ty, value } => {
                self.word("var");
                self.name(*name);
                self.ty(*ty);
                value.iter().for_each(|value| self.expr(*value));
            }
            StmtKind::Type { name, ty } => {
                self.word("type");
                self.name(*name);
                self.ty(*ty);
            }
            StmtKind::Kind { name, plural, fields, asserts } => {
                self.word("kind");
                self.name(*name);
                self.name(*plural);
                self.fields(*fields);
                self.stmts(*asserts);
            }
            StmtKind::Template { name, params, target, body } => {
                self.word("template");
                self.name(*name);
                self.params(*params);
                self.name(*target);
                self.block(*body);
            }
            StmtKind::Assert { message, condition } => {
                self.word("assert");
                self.expr(*message);
                self.expr(*condition);
            }
            StmtKind::Unset { path } => {
                self.word("unset");
                for step in &self.tree.steps[path.range()] {
                    self.name(step.name);
                }
            }
            StmtKind::Entry(entry) => self.entry(entry),
        }
    }

    fn entry(&mut self, entry: &Entry) {
        match entry.strength {
            Strength::Default => self.word("default"),
            Strength::Override => self.word("override"),
            Strength::Final => self.word("final"),
            Strength::Plain => {}
        }
        self.name(entry.word);
        entry.label.iter().for_each(|label| self.name(*label));
        let body = match &entry.op {
            EntryOp::Missing => {
                self.word("MISSING");
                None
            }
            EntryOp::Assign { value, body } => {
                self.word("=");
                self.expr(*value);
                *body
            }
            EntryOp::Add { value } => {
                self.word("+=");
                self.expr(*value);
                None
            }
            EntryOp::Sub { value } => {
                self.word("-=");
                self.expr(*value);
                None
            }
            EntryOp::From { template, body } => {
                self.word("from");
                self.expr(*template);
                *body
            }
            EntryOp::Block(block) => Some(*block),
        };
        body.into_iter().for_each(|body| self.block(body));
    }

    fn fields(&mut self, run: Run) {
        self.out.push('{');
        for field in &self.tree.fields[run.range()] {
            self.out.push('(');
            self.name(field.name);
            self.ty(field.ty);
            field.default.iter().for_each(|value| self.expr(*value));
            self.out.push(')');
        }
        self.out.push('}');
    }

    fn params(&mut self, run: Run) {
        self.out.push('(');
        for param in &self.tree.params[run.range()] {
            self.name(param.name);
            self.ty(param.ty);
            param.default.iter().for_each(|value| self.expr(*value));
        }
        self.out.push(')');
    }

    fn ty(&mut self, id: TypeId) {
        self.out.push('<');
        match &self.tree.ty(id).kind {
            TypeKind::Bad => self.word("BAD"),
            TypeKind::Name { prefix, name, args } => {
                prefix.iter().for_each(|prefix| self.name(*prefix));
                self.name(*name);
                for &arg in self.tree.types_of(*args) {
                    self.ty(arg);
                }
            }
            TypeKind::Record { fields } => self.fields(*fields),
            TypeKind::Enum { words } => {
                self.word("enum");
                for word in &self.tree.words[words.range()] {
                    self.name(word.name);
                    if !word.params.is_empty() {
                        self.params(word.params);
                    }
                }
            }
            TypeKind::Union { alternatives } => {
                self.word("|");
                for &ty in self.tree.types_of(*alternatives) {
                    self.ty(ty);
                }
            }
            TypeKind::Optional(base) => {
                self.word("?");
                self.ty(*base);
            }
            TypeKind::In { base, low, high } => {
                self.word("in");
                self.ty(*base);
                self.word(&low.to_string());
                self.word(&high.to_string());
            }
            TypeKind::Matching { base, .. } => {
                self.word("matching");
                self.ty(*base);
            }
        }
        self.out.push('>');
    }

    fn expr(&mut self, id: ExprId) {
        self.out.push('[');
        let expr = self.tree.expr(id);
        match &expr.kind {
            ExprKind::Bad => self.word("BAD"),
            ExprKind::Name(_) | ExprKind::Raw { .. } => self.name_at(expr.span),
            ExprKind::Literal(literal) => {
                self.word(&format!("{literal:?}").to_lowercase());
                self.name_at(expr.span);
            }
            ExprKind::Str { parts, multiline } => {
                self.word(if *multiline { "block" } else { "text" });
                for part in &self.tree.parts[parts.range()] {
                    if let StrPart::Expr(id) = part {
                        self.expr(*id);
                    }
                }
            }
            ExprKind::Paren(inner) => {
                self.word("paren");
                self.expr(*inner);
            }
            ExprKind::List { items } => {
                self.word("list");
                self.tree.exprs_of(*items).iter().for_each(|id| self.expr(*id));
            }
            ExprKind::ListFor { binder, seq, cond, item } => {
                self.word("for");
                self.name(*binder);
                self.expr(*seq);
                cond.iter().for_each(|id| self.expr(*id));
                self.expr(*item);
            }
            ExprKind::Record(block) => self.block(*block),
            ExprKind::Field { base, name } => {
                self.word(".");
                self.expr(*base);
                self.name(*name);
            }
            ExprKind::Index { base, index } => {
                self.word("index");
                self.expr(*base);
                self.expr(*index);
            }
            ExprKind::Call { callee, args } => {
                self.word("call");
                self.expr(*callee);
                self.tree.args[args.range()].iter().for_each(|arg| self.arg(arg));
            }
            ExprKind::Not(inner) => {
                self.word("!");
                self.expr(*inner);
            }
            ExprKind::Negate(inner) => {
                self.word("-");
                self.expr(*inner);
            }
            ExprKind::Binary { op_span, left, right, .. } => {
                self.name_at(*op_span);
                self.expr(*left);
                self.expr(*right);
            }
            ExprKind::Is { value, word } => {
                self.word("is");
                self.expr(*value);
                self.name(*word);
            }
            ExprKind::If { cond, then, other } => {
                self.word("if");
                [cond, then, other].into_iter().for_each(|id| self.expr(*id));
            }
        }
        self.out.push(']');
    }

    fn name_at(&mut self, span: Span) {
        let text = self.at(span).to_owned();
        self.word(&text);
    }

    fn arg(&mut self, arg: &Arg) {
        match arg {
            Arg::Plain(id) => self.expr(*id),
            Arg::Named { name, value } => {
                self.word("named");
                self.name(*name);
                self.expr(*value);
            }
            Arg::Binding { name, seq, cond, item } => {
                self.word("binding");
                self.name(*name);
                self.expr(*seq);
                cond.iter().for_each(|id| self.expr(*id));
                self.expr(*item);
            }
        }
    }
}
