//! Calls of the library's functions: each value against what its parameter takes.

use super::exprs::Typed;
use super::{Lower, Scope, Target};
use crate::diag::{About, Diagnostic, codes};
use crate::model::schema::{Schema, Ty, TyId};
use crate::names::Sym;
use crate::resolve::functions::{self, Sig};
use crate::resolve::hir::*;
use crate::resolve::values;
use crate::source::Span;
use crate::syntax::tree::{Arg, BinaryOp, ExprId, ExprKind};
use crate::types;

impl Lower<'_> {
    pub(super) fn function_call(
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
        let mut given: Vec<(usize, ExprId)> = Vec::new();
        let mut types = vec![Schema::ANY; function.params.len()];
        let mut binding = None;
        for arg in args {
            match *arg {
                Arg::Plain(value)
                    if function.binds && self.half_a_binding(value, &shown, scope) =>
                {
                    return self.bad(span);
                }
                Arg::Plain(value) => match function.params.len() {
                    count if given.len() < count => given.push((given.len(), value)),
                    count => {
                        let at = self.trees[scope.file].expr(value).span;
                        let values =
                            if count == 1 { "one value" } else { &format!("{count} values") };
                        self.report(
                            Diagnostic::new(&codes::E0213, at, format!("`{shown}` takes {values}"))
                                .help(format!("write `{}`", signature(function))),
                        );
                    }
                },
                Arg::Named { name, value } => {
                    let wanted = self.text(name.sym).to_string();
                    match function.params.iter().position(|p| p.0 == wanted) {
                        Some(at) => given.push((at, value)),
                        None => {
                            let known: Vec<&str> = function.params.iter().map(|p| p.0).collect();
                            self.unknown_param(&shown, name, &known);
                        }
                    }
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
                    types[0] = ty;
                    let at = self.trees[scope.file].expr(item).span;
                    let item = self.coerce(Typed { id, ty, label: None }, item_want, at);
                    binding = Some(Binding { seq, cond, item });
                }
            }
        }
        // In the order of the parameters, whatever the order in the text: one may say what another must be.
        given.sort_by_key(|&(at, _)| at);
        let mut ids: Vec<Option<HirId>> = Vec::new();
        for (at, value) in given {
            let sig = match function.params[at].1 {
                // `all(nodes, n => ...)` is told as what it is.
                Sig::Bools if args.len() > 1 => Sig::Any,
                sig => sig,
            };
            let Some(typed) = self.argument(function, sig, value, &types, want, scope) else {
                return self.bad(span);
            };
            types[at] = typed.ty;
            ids.resize(ids.len().max(at + 1), None);
            ids[at] = Some(typed.id);
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
            Sig::Same => types[0],
            Sig::Element if binding.is_some() => types[0],
            Sig::Element => self.item_type_quiet(types[0]),
            Sig::Values => self.values_of(types[0]),
            sig => self.sig_type(sig, Schema::ANY),
        };
        let id = self.add(Node::Call { function: at_row as u32, args: ids.into(), binding }, span);
        Typed { id, ty, label: None }
    }
    /// One value of a call, of its parameter's type.
    #[allow(clippy::too_many_arguments)] // what is known of the call so far
    fn argument(
        &mut self,
        function: &functions::Function,
        sig: Sig,
        value: ExprId,
        types: &[TyId],
        want: TyId,
        scope: &mut Scope,
    ) -> Option<Typed> {
        let span = self.trees[scope.file].expr(value).span;
        let sig_ty = match sig {
            Sig::Part => self.item_type_quiet(types[0]),
            sig => self.sig_type(sig, want),
        };
        if function.name == "secret" && self.bare_secret(value, scope) {
            return None;
        }
        let typed = self.expr(value, sig_ty, scope);
        let plain = self.program.schema.plain(typed.ty);
        let takes = matches!(sig, Sig::Any | Sig::Secret | Sig::TextOrSecret | Sig::Same);
        if *self.program.schema.ty(plain) == Ty::Secret && !takes {
            let message = format!("`{}` cannot look into a secret", function.name);
            self.report(
                Diagnostic::new(&codes::E0602, span, message)
                    .note("its value is known to the store alone, until a program starts")
                    .help("it can be joined to texts: `\"user:${secret(\"NAME\")}\"`"),
            );
            return None;
        }
        if sig == Sig::Part {
            return self.is_part(typed, types[0], span).then_some(typed);
        }
        let before = self.diagnostics.len();
        let id = self.coerce(typed, sig_ty, span);
        // What it takes in which order says more than what this one value is.
        if let [said] = &mut self.diagnostics[before..]
            && function.params.len() > 1
            && let such = values::such_as(&self.program.schema, self.names, sig_ty)
            && said.fixes.iter().all(|fix| fix.title == such)
        {
            said.fixes.clear();
            *said = said.clone().help(format!("write `{}`", signature(function)));
        }
        Some(Typed { id, ..typed })
    }

    /// Whether a value can be what `contains` looks for in another: as before and behind `in`.
    fn is_part(&mut self, part: Typed, whole: TyId, span: Span) -> bool {
        let element = match self.program.schema.ty(self.program.schema.plain(whole)) {
            Ty::Text(_) | Ty::Matching(..) | Ty::Name => self.string_type(),
            Ty::Cidr => {
                let types = [Ty::Ip, Ty::Cidr].map(|ty| self.program.schema.intern(ty));
                self.program.schema.intern(Ty::Union(types.into()))
            }
            _ => self.item_type_quiet(whole),
        };
        self.must_compare(BinaryOp::In, (part, Typed { ty: element, ..part }), span)
    }

    /// The type of what `values` gives.
    fn values_of(&mut self, map: TyId) -> TyId {
        let value = match *self.program.schema.ty(self.program.schema.plain(map)) {
            Ty::Map(_, value) => value,
            _ => self.item_type_quiet(map),
        };
        self.program.schema.intern(Ty::List(value))
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
            Sig::Texts => Ty::List(self.string_type()),
            Sig::Bytes => Ty::Bytes,
            Sig::Mode => Ty::Mode,
            Sig::Map => Ty::Map(self.string_type(), Schema::ANY),
            // What they are hangs on the first value.
            Sig::Part | Sig::Values => Ty::Any,
            Sig::Bools => Ty::List(self.program.schema.intern(Ty::Bool)),
            Sig::Secret => Ty::Secret,
            Sig::Location => Ty::Location,
        };
        self.program.schema.intern(ty)
    }
}

/// `join(list, between)`
fn signature(function: &functions::Function) -> String {
    let names: Vec<&str> = function.params.iter().map(|p| p.0).collect();
    format!("{}({})", function.name, names.join(", "))
}
