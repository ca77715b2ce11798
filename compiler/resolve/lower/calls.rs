//! Calls: words with parameters, functions of the library, and where a service may run.

use super::exprs::Typed;
use super::{Lower, Scope, Target};
use crate::diag::{About, Diagnostic, codes};
use crate::model::schema::{EnumId, Schema, Ty, TyId};
use crate::model::value::{Value, Word};
use crate::names::Sym;
use crate::resolve::functions::{self, Sig};
use crate::resolve::hir::*;
use crate::resolve::values;
use crate::source::Span;
use crate::syntax::tree::{Arg, BinaryOp, ExprId, ExprKind};
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

    /// `count(n in nodes)`: a binding without what it is for.
    fn half_a_binding(&mut self, value: ExprId, function: &str, scope: &Scope) -> bool {
        let tree = &self.trees[scope.file];
        let ExprKind::Binary { op: BinaryOp::In, left, right, .. } = tree.expr(value).kind else {
            return false;
        };
        if !matches!(tree.expr(left).kind, ExprKind::Name(_)) {
            return false;
        }
        let (at, all) = (tree.expr(value).span, tree.expr(right).span);
        let (written, all) = (self.sources.text(at), self.sources.text(all));
        let message = format!("expected `:` and what to ask of each after `{written}`");
        let diagnostic = Diagnostic::new(&codes::E0213, at, message)
            .help(format!("write `{function}({written}: ...)`"));
        self.report(match function {
            "count" => {
                diagnostic.suggest(format!("or, to count them all, `count({all})`"), at, all)
            }
            _ => diagnostic,
        });
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

    fn function_call(
        &mut self,
        name: Sym,
        at: Span,
        args: &[Arg],
        span: Span,
        want: TyId,
        scope: &mut Scope,
    ) -> Typed {
        let shown = self.text(name).to_string();
        if shown == "each" || shown == "where" {
            return self.placement_call(&shown, args, span, scope);
        }
        let Some(at_row) = functions::FUNCTIONS.iter().position(|f| f.name == shown) else {
            if self.meant_function(&shown, name, at, span) {
                return self.bad(span);
            }
            let all = functions::FUNCTIONS.iter().map(|f| f.name).chain(["each", "where"]);
            let near = types::distance::nearest(&shown, all);
            let diagnostic =
                Diagnostic::new(&codes::E0213, at, format!("no function is called `{shown}`"));
            let mut diagnostic = super::did_you_mean(diagnostic, at, self.sources.text(at), &near);
            if near.is_empty() {
                let all: Vec<&str> = functions::FUNCTIONS.iter().map(|f| f.name).collect();
                diagnostic = diagnostic.note(format!("there are: {}", all.join(", ")));
            }
            let diagnostic = diagnostic.or_help("call one of these");
            self.report(diagnostic);
            return self.bad(span);
        };
        let function = &functions::FUNCTIONS[at_row];
        if matches!(function.name, "min" | "max") && args.len() > 1 {
            let plain = args.iter().map(|arg| match *arg {
                Arg::Plain(value) => Some(value),
                _ => None,
            });
            if let Some(items) = plain.collect::<Option<Vec<_>>>() {
                // `min(a, b)` is `min([a, b])`.
                self.mention(at, Target::Function(at_row as u32));
                let list = self.list(&items, want, span, scope);
                let ty = self.item_type_quiet(list.ty);
                let call = Node::Call {
                    function: at_row as u32,
                    args: Box::new([Some(list.id)]),
                    binding: None,
                };
                return Typed { id: self.add(call, span), ty, label: None };
            }
        }
        self.mention(at, Target::Function(at_row as u32));
        let mut ids: Vec<Option<HirId>> = Vec::new();
        let mut types = Vec::new();
        let mut binding = None;
        for arg in args {
            match *arg {
                Arg::Plain(value)
                    if function.binds && self.half_a_binding(value, &shown, scope) =>
                {
                    return self.bad(span);
                }
                Arg::Plain(value) => {
                    let sig = function
                        .params
                        .get(ids.len())
                        .or(function.params.last().filter(|_| function.variadic));
                    let Some(&(_, sig)) = sig else {
                        let at = self.trees[scope.file].expr(value).span;
                        let count = function.params.len();
                        let values =
                            if count == 1 { "one value" } else { &format!("{count} values") };
                        self.report(
                            Diagnostic::new(&codes::E0213, at, format!("`{shown}` takes {values}"))
                                .help(format!("write `{}`", signature(function))),
                        );
                        continue;
                    };
                    // `all(nodes, n => ...)` is told as what it is.
                    let sig = if sig == Sig::Bools && args.len() > 1 { Sig::Any } else { sig };
                    let sig_ty = self.sig_type(sig, want);
                    let value_span = self.trees[scope.file].expr(value).span;
                    if shown == "secret" && self.bare_secret(value, scope) {
                        return self.bad(span);
                    }
                    let typed = self.expr(value, sig_ty, scope);
                    let plain = self.program.schema.plain(typed.ty);
                    let takes =
                        matches!(sig, Sig::Any | Sig::Secret | Sig::TextOrSecret | Sig::Same);
                    if *self.program.schema.ty(plain) == Ty::Secret && !takes {
                        let message = format!("`{shown}` cannot look into a secret");
                        self.report(
                            Diagnostic::new(&codes::E0602, value_span, message)
                                .note(
                                    "its value is known to the store alone, until a program starts",
                                )
                                .help("it can be joined to texts: `\"user:${secret(\"NAME\")}\"`"),
                        );
                        return self.bad(span);
                    }
                    let before = self.diagnostics.len();
                    let id = self.coerce(typed, sig_ty, value_span);
                    // What it takes in which order says more than what this one value is.
                    if let [said] = &mut self.diagnostics[before..]
                        && function.params.len() > 1
                        && let such = values::such_as(&self.program.schema, self.names, sig_ty)
                        && said.fixes.iter().all(|fix| fix.title == such)
                    {
                        said.fixes.clear();
                        *said = said.clone().help(format!("write `{}`", signature(function)));
                    }
                    ids.push(Some(id));
                    types.push(typed.ty);
                }
                Arg::Named { name, value } => {
                    let wanted = self.text(name.sym).to_string();
                    let Some(at) = function.params.iter().position(|p| p.0 == wanted) else {
                        let known: Vec<&str> = function.params.iter().map(|p| p.0).collect();
                        self.unknown_param(&shown, name, &known);
                        continue;
                    };
                    let sig_ty = self.sig_type(function.params[at].1, want);
                    let id = self.checked(value, sig_ty, scope);
                    ids.resize(ids.len().max(at + 1), None);
                    ids[at] = Some(id);
                }
                Arg::Binding { name, seq, cond, item } => {
                    if !function.binds {
                        self.fault(
                            &codes::E0213,
                            name.span,
                            format!("`{shown}` takes no `NAME in LIST: ...`"),
                            format!(
                                "write `{}`, with a list made by `[for x in list: ...]`",
                                signature(function)
                            ),
                        );
                        continue;
                    }
                    let boolean = self.program.schema.intern(Ty::Bool);
                    let item_want =
                        if matches!(shown.as_str(), "all" | "any") { boolean } else { Schema::ANY };
                    let (seq, cond, id, ty) = self.binding(name, seq, cond, item, item_want, scope);
                    types.push(ty);
                    let at = self.trees[scope.file].expr(item).span;
                    let item = self.coerce(Typed { id, ty, label: None }, item_want, at);
                    binding = Some(Binding { seq, cond, item });
                }
            }
        }
        let least = function.params.len() - function.optional;
        if binding.is_none() && ids.len() < least {
            self.report(
                Diagnostic::new(
                    &codes::E0213,
                    span,
                    format!("`{shown}` needs {least} value{}", if least == 1 { "" } else { "s" }),
                )
                .help(format!("write `{}`", signature(function))),
            );
            return self.bad(span);
        }
        if shown == "embed" {
            let Some(path) = ids[0] else { return self.bad(span) };
            return self.embed(path, span);
        }
        let ty = match function.result {
            Sig::Same => types.first().copied().unwrap_or(Schema::ANY),
            Sig::Element => {
                let first = types.first().copied().unwrap_or(Schema::ANY);
                if binding.is_some() { first } else { self.item_type_quiet(first) }
            }
            sig => self.sig_type(sig, Schema::ANY),
        };
        let id = self.add(Node::Call { function: at_row as u32, args: ids.into(), binding }, span);
        Typed { id, ty, label: None }
    }

    /// `secret(NAME)`: a secret's name is a text, whatever else is called so.
    fn bare_secret(&mut self, value: ExprId, scope: &Scope) -> bool {
        let expr = self.trees[scope.file].expr(value);
        let ExprKind::Name(name) = expr.kind else { return false };
        let known = self.known.bare.contains_key(&name)
            || self.let_called(scope.file, name).is_some()
            || scope.binders.iter().any(|(binder, _)| binder.sym == name)
            || scope.template.is_some();
        if known {
            return false;
        }
        let text = self.text(name).to_string();
        self.report(
            Diagnostic::new(&codes::E0204, expr.span, format!("nothing here is called `{text}`"))
                .about(About::unknown(&text))
                .fix("the name of a secret stands in quotes", expr.span, format!("\"{text}\"")),
        );
        true
    }

    /// A function of another language, or a thing that is called like one.
    fn meant_function(&mut self, shown: &str, name: Sym, at: Span, span: Span) -> bool {
        let message = format!("no function is called `{shown}`");
        let diagnostic = Diagnostic::new(&codes::E0213, at, message);
        let diagnostic = match super::foreign::function_meant(shown) {
            Some((ours, "")) => diagnostic.suggest(format!("write `{ours}`"), at, ours),
            Some((_, way)) => diagnostic.help(way),
            None => {
                let Some(&decl) = self.known.bare.get(&name).and_then(|found| found.first()) else {
                    return false;
                };
                let d = self.program.decl(decl);
                let kind = self.text(self.program.schema.shape(d.shape).name).to_string();
                diagnostic.label(d.name_span, format!("the {kind} is declared here")).suggest(
                    format!("name the {kind}: it takes no values"),
                    span,
                    shown,
                )
            }
        };
        self.report(diagnostic);
        true
    }

    fn sig_type(&mut self, sig: Sig, want: TyId) -> TyId {
        let ty = match sig {
            Sig::Any | Sig::Element => Ty::Any,
            Sig::Same => return want,
            Sig::Text => return self.string_type(),
            Sig::TextOrSecret => return Schema::ANY,
            Sig::Int => Ty::Int,
            Sig::Bool => Ty::Bool,
            Sig::List => Ty::List(Schema::ANY),
            Sig::Bools => Ty::List(self.program.schema.intern(Ty::Bool)),
            Sig::Secret => Ty::Secret,
            Sig::Location => Ty::Location,
        };
        self.program.schema.intern(ty)
    }

    /// `each(cond)` and `where(cond, prefer = [..])`, with `node` as the candidate.
    fn placement_call(&mut self, word: &str, args: &[Arg], span: Span, scope: &mut Scope) -> Typed {
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

/// `join(list, between)`
fn signature(function: &functions::Function) -> String {
    let names: Vec<&str> = function.params.iter().map(|p| p.0).collect();
    format!("{}({})", function.name, names.join(", "))
}

fn word_has_params(schema: &Schema, set: EnumId, name: Sym) -> bool {
    schema.enumeration(set).word(name).is_some_and(|w| !w.params.is_empty())
}
