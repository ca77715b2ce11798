//! Calls: words with parameters, functions of the library, and where a service may run.

use super::exprs::Typed;
use super::{Lower, Scope, Target};
use crate::diag::{Diagnostic, codes};
use crate::model::schema::{EnumId, Schema, Ty, TyId};
use crate::model::value::{Value, Word};
use crate::names::Sym;
use crate::resolve::functions;
use crate::resolve::hir::*;
use crate::source::Span;
use crate::syntax::tree::{Arg, ExprId, ExprKind};
use crate::types::{self};

impl Lower<'_> {
    pub(super) fn call(
        &mut self,
        callee: ExprId,
        args: &[Arg],
        span: Span,
        want: TyId,
        scope: &mut Scope,
    ) -> Typed {
        let trees = self.trees;
        let tree = &trees[scope.file];
        match &tree.expr(callee).kind {
            ExprKind::Name(name) => {
                let at = tree.expr(callee).span;
                for set in self.enums_in(want) {
                    if self.program.schema.enumeration(set).word(*name).is_some() {
                        return self.word_call(set, *name, args, span, scope);
                    }
                }
                if let Some(set) = self.meant_word(*name, want) {
                    self.unknown_word(set, *name, at, None);
                    return self.bad(span);
                }
                self.function_call(*name, at, args, span, want, scope)
            }
            ExprKind::Field { base, name } => self.method_call(*base, *name, args, span, scope),
            ExprKind::Bad => self.bad(span),
            _ => {
                self.fault(
                    &codes::E0213,
                    tree.expr(callee).span,
                    "only a function or a word can be called",
                    "leave the parentheses away, or call what is meant: `length(list)`",
                );
                self.bad(span)
            }
        }
    }

    /// `nvida(count = 2)`: no function, but nearly a word of the set that is wanted here.
    fn meant_word(&self, name: Sym, want: TyId) -> Option<EnumId> {
        let text = self.names.text(name);
        let is_function =
            matches!(text, "each" | "where") || functions::FUNCTIONS.iter().any(|f| f.name == text);
        self.enums_in(want).into_iter().filter(|_| !is_function).find(|&set| {
            let words = &self.program.schema.enumeration(set).words;
            let words = words.iter().map(|w| self.names.text(w.name));
            !types::distance::nearest(text, words).is_empty()
        })
    }

    /// `smb3(workgroup = "COLAB")`
    fn word_call(
        &mut self,
        set: EnumId,
        name: Sym,
        args: &[Arg],
        span: Span,
        scope: &mut Scope,
    ) -> Typed {
        let words = &self.program.schema.enumeration(set).words;
        let Some(at) = words.iter().position(|word| word.name == name) else {
            return self.bad(span);
        };
        let word = &words[at];
        if self.editing {
            let end = span.start + self.names.text(name).len() as u32;
            let said = Span { end, ..span };
            self.usage.references.push((said, Target::Word(set, at as u16)));
        }
        let params: Vec<(Sym, TyId, bool)> =
            word.params.iter().map(|p| (p.name, p.ty, p.required)).collect();
        let mut filled: Vec<Option<HirId>> = vec![None; params.len()];
        let before = self.diagnostics.len();
        let shown = self.text(name).to_string();
        if let [Arg::Plain(list)] = args
            && self.list_of_parameters(*list, &shown, &params, scope)
        {
            return self.bad(span);
        }
        if self.list_in_pieces(args, &shown, &params, scope) {
            return self.bad(span);
        }
        for (nth, arg) in args.iter().enumerate() {
            match *arg {
                Arg::Plain(value) => match params.get(nth) {
                    Some(&(_, ty, _)) => {
                        let before = self.diagnostics.len();
                        filled[nth] = Some(self.checked(value, ty, scope));
                        self.another_parameter(before, value, nth, &params, scope);
                    }
                    None => {
                        let at = self.trees[scope.file].expr(value).span;
                        let list: Vec<String> =
                            params.iter().map(|p| format!("`{}`", self.text(p.0))).collect();
                        let (message, way) = if params.is_empty() {
                            (format!("`{shown}` takes no parameters"), format!("write `{shown}`"))
                        } else {
                            let message = format!("`{shown}` takes only {}", list.join(", "));
                            (message, "take it out".to_owned())
                        };
                        self.fault(&codes::E0213, at, message, way);
                    }
                },
                Arg::Named { name: arg_name, value } => {
                    match params.iter().position(|p| p.0 == arg_name.sym) {
                        Some(at) => filled[at] = Some(self.checked(value, params[at].1, scope)),
                        None => self.unknown_param(
                            &shown,
                            arg_name,
                            &self.texts(params.iter().map(|p| p.0)),
                        ),
                    }
                }
                Arg::Binding { name: arg_name, .. } => {
                    self.fault(
                        &codes::E0213,
                        arg_name.span,
                        "expected a parameter, found a binding",
                        "write `NAME = value`",
                    );
                }
            }
        }
        let missing: Vec<String> = params
            .iter()
            .zip(&filled)
            .filter(|(p, f)| p.2 && f.is_none())
            .map(|(p, _)| format!("`{}`", self.text(p.0)))
            .collect();
        let misspelt = self.diagnostics.len() > before;
        if !missing.is_empty() {
            if !misspelt {
                let message = format!("`{shown}` needs {}", missing.join(" and "));
                let named: Vec<String> = missing
                    .iter()
                    .map(|name| format!("{} = ...", name.trim_matches('`')))
                    .collect();
                let way = format!("write `{shown}({})`", named.join(", "));
                self.fault(&codes::E0213, span, message, way);
            }
            return self.bad(span);
        }
        let params = params.iter().map(|p| p.0).zip(filled).collect();
        let ty = self.program.schema.intern(Ty::Enum(set));
        let id = self.add(Node::Word { word: name, params, set }, span);
        Typed { id, ty, label: None }
    }

    /// `raid1(["sdb", "sdd"])`: each parameter stands by itself.
    fn list_of_parameters(
        &mut self,
        list: ExprId,
        word: &str,
        params: &[(Sym, TyId, bool)],
        scope: &Scope,
    ) -> bool {
        let tree = &self.trees[scope.file];
        let ExprKind::List { items } = &tree.expr(list).kind else { return false };
        let items = tree.exprs_of(*items);
        let [(_, first, _), _, ..] = params else { return false };
        if self.collection_in(*first).is_some() || items.is_empty() || items.len() > params.len() {
            return false;
        }
        let span = tree.expr(list).span;
        let inside = items.iter().map(|&id| tree.expr(id).span).reduce(|a, b| a.to(b));
        let text = self.sources.text(inside.unwrap_or(span)).to_string();
        let names: Vec<String> = params.iter().map(|p| format!("`{}`", self.text(p.0))).collect();
        let message = format!("`{word}` takes {}, found one list", names.join(" and "));
        self.report(Diagnostic::new(&codes::E0213, span, message).suggest(
            format!("write `{word}({text})`"),
            span,
            text,
        ));
        true
    }

    /// A word of a closed set, standing alone.
    pub(super) fn word(&mut self, set: EnumId, name: Sym, span: Span) -> Typed {
        let words = &self.program.schema.enumeration(set).words;
        let Some(at) = words.iter().position(|word| word.name == name) else {
            return self.bad(span);
        };
        let word = &words[at];
        if self.editing {
            self.usage.references.push((span, Target::Word(set, at as u16)));
        }
        let missing: Vec<String> = word
            .params
            .iter()
            .filter(|p| p.required)
            .map(|p| format!("`{}`", self.names.text(p.name)))
            .collect();
        if !missing.is_empty() {
            let shown = self.text(name).to_string();
            self.report(
                Diagnostic::new(
                    &codes::E0213,
                    span,
                    format!("`{shown}` needs {}", missing.join(" and ")),
                )
                .help(format!("write `{shown}({} = ...)`", missing[0].trim_matches('`'))),
            );
            return self.bad(span);
        }
        let ty = self.program.schema.intern(Ty::Enum(set));
        let node = if word_has_params(&self.program.schema, set, name) {
            let params = self.program.schema.enumeration(set).word(name);
            let params = params
                .map(|w| w.params.iter().map(|p| (p.name, None)).collect())
                .unwrap_or_default();
            Node::Word { word: name, params, set }
        } else {
            Node::Const(Value::Word(Word { word: name, params: None }))
        };
        Typed { id: self.add(node, span), ty, label: None }
    }

    /// `each(cond)` and `where(cond, prefer = [..])`, with `node` as the candidate.
    pub(super) fn placement_call(
        &mut self,
        word: &str,
        args: &[Arg],
        span: Span,
        scope: &mut Scope,
    ) -> Typed {
        let boolean = self.program.schema.intern(Ty::Bool);
        let mut inside = scope.clone();
        inside.node = true;
        let before = self.diagnostics.len();
        let mut cond = None;
        let mut prefer = Vec::new();
        for arg in args {
            match *arg {
                Arg::Plain(value) if cond.is_none() => {
                    cond = Some(self.checked(value, boolean, &mut inside))
                }
                Arg::Named { name, value }
                    if word == "where" && self.text(name.sym) == "prefer" =>
                {
                    let tree = &self.trees[scope.file];
                    let items = match &tree.expr(value).kind {
                        ExprKind::List { items } => tree.exprs_of(*items).to_vec(),
                        _ => vec![value],
                    };
                    for item in items {
                        prefer.push(self.expr(item, Schema::ANY, &mut inside).id);
                    }
                }
                Arg::Named { name, .. } | Arg::Binding { name, .. } => {
                    self.unknown_param(word, name, &["prefer"]);
                }
                Arg::Plain(value) => {
                    let at = self.trees[scope.file].expr(value).span;
                    self.fault(
                        &codes::E0213,
                        at,
                        format!("`{word}` takes one condition"),
                        "join them: `a && b`",
                    );
                }
            }
        }
        let Some(cond) = cond else {
            self.report(
                Diagnostic::new(&codes::E0213, span, format!("`{word}` needs a condition"))
                    .help(format!("write `{word}(node.arch == arm64)`")),
            );
            return self.bad(span);
        };
        // Which nodes fit cannot be said before that is mended.
        if self.diagnostics[before..].iter().any(|d| d.code.id == codes::E0213.id) {
            return self.bad(span);
        }
        let node = if word == "each" {
            Node::Each(cond)
        } else {
            Node::Where { cond, prefer: prefer.into() }
        };
        self.typed(node, span, Ty::Placement)
    }
}

fn word_has_params(schema: &Schema, set: EnumId, name: Sym) -> bool {
    schema.enumeration(set).word(name).is_some_and(|w| !w.params.is_empty())
}
