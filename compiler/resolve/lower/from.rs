//! `from template(args)`.

use super::{Lower, Scope, Target};
use crate::diag::{Diagnostic, codes};
use crate::model::schema::{ShapeId, TyId};
use crate::names::Sym;
use crate::resolve::hir::*;
use crate::source::Span;
use crate::syntax::tree::{Arg, ExprId, ExprKind};
use crate::types::distance::nearest;

const NAMED: &str = "write `std.NAME(...)`, or the name of a template of your own";

impl Lower<'_> {
    /// `from template(args)`
    pub(super) fn from(
        &mut self,
        template: ExprId,
        shape: ShapeId,
        scope: &mut Scope,
    ) -> Option<FromId> {
        let trees = self.trees;
        let tree = &trees[scope.file];
        let expr = tree.expr(template);
        let (callee, args): (ExprId, &[Arg]) = match &expr.kind {
            ExprKind::Call { callee, args } => (*callee, &tree.args[args.range()]),
            ExprKind::Bad => return None,
            _ => (template, &[]),
        };
        let callee_span = tree.expr(callee).span;
        let (prefix, name) = match &tree.expr(callee).kind {
            ExprKind::Name(name) => (None, *name),
            ExprKind::Field { base, name } => match tree.expr(*base).kind {
                ExprKind::Name(prefix) => (Some(prefix), name.sym),
                _ => {
                    self.fault(
                        &codes::E0206,
                        callee_span,
                        "expected the name of a template",
                        NAMED,
                    );
                    return None;
                }
            },
            ExprKind::Bad => return None,
            _ => {
                self.fault(&codes::E0206, callee_span, "expected the name of a template", NAMED);
                return None;
            }
        };
        let Some(id) = self.find_template(scope.file, prefix, name) else {
            self.unknown_template(scope.file, prefix, name, callee_span, shape);
            return None;
        };
        let named = match &tree.expr(callee).kind {
            ExprKind::Field { name, .. } => name.span,
            _ => callee_span,
        };
        self.refer(named, Target::Template(id));
        let (target, path) =
            (self.program.template(id).shape, self.program.template(id).path.clone());
        if target != shape {
            let is = self.text(self.program.schema.shape(target).name).to_string();
            let wants = self.text(self.program.schema.shape(shape).name).to_string();
            let span = self.program.template(id).span;
            let of_it = match (wants.as_str(), is.as_str()) {
                ("service", "container" | "unit") => format!(
                    "a service is made of such: `service NAME {{ {is} NAME from {path}(...) }}`"
                ),
                _ => {
                    format!("take a template for a {wants}, or write `{is} NAME from {path}(...)`")
                }
            };
            self.report(
                Diagnostic::new(
                    &codes::E0206,
                    callee_span,
                    format!("`{path}` is a template for a {is}, not for a {wants}"),
                )
                .label(span, "declared here")
                .help(of_it),
            );
            return None;
        }
        let args = self.template_args(id, &path, args, expr.span, scope)?;
        let from = FromId(self.program.froms.len() as u32);
        self.program.froms.push(From { template: id, args, span: expr.span });
        Some(from)
    }

    fn template_args(
        &mut self,
        id: TemplateId,
        path: &str,
        args: &[Arg],
        span: Span,
        scope: &mut Scope,
    ) -> Option<Box<[Option<HirId>]>> {
        let params: Vec<(Sym, TyId, bool)> = self
            .program
            .template(id)
            .params
            .iter()
            .map(|p| (p.name, p.ty, p.default.is_some()))
            .collect();
        let mut filled: Vec<Option<HirId>> = vec![None; params.len()];
        let before = self.diagnostics.len();
        for (nth, arg) in args.iter().enumerate() {
            match *arg {
                Arg::Plain(value) => match params.get(nth) {
                    Some(&(_, ty, _)) => filled[nth] = Some(self.checked(value, ty, scope)),
                    None => {
                        let at = self.trees[scope.file].expr(value).span;
                        let message = format!("`{path}` takes {} value(s)", params.len());
                        let names: Vec<String> =
                            params.iter().map(|p| self.text(p.0).to_string()).collect();
                        let way = match names.as_slice() {
                            [] => "leave the parentheses away".to_owned(),
                            names => format!(
                                "it is `{path}({})`; what else is to differ is set in its block",
                                names.join(", ")
                            ),
                        };
                        self.fault(&codes::E0213, at, message, way);
                    }
                },
                Arg::Named { name, value } => match params.iter().position(|p| p.0 == name.sym) {
                    Some(at) => {
                        self.mention(name.span, Target::Param(id, at as u16));
                        filled[at] = Some(self.checked(value, params[at].1, scope));
                    }
                    None => self.unknown_param(path, name, &self.texts(params.iter().map(|p| p.0))),
                },
                Arg::Binding { name, .. } => {
                    self.fault(
                        &codes::E0213,
                        name.span,
                        "expected a value, found a binding",
                        "write a value, or `NAME = value`",
                    );
                }
            }
        }
        let missing: Vec<String> = params
            .iter()
            .zip(&filled)
            .filter(|(p, f)| f.is_none() && !p.2 && !self.program.schema.is_optional(p.1))
            .map(|(p, _)| format!("`{}`", self.text(p.0)))
            .collect();
        // A parameter that was called otherwise is not missing as well.
        let misnamed = self.diagnostics[before..].iter().any(|d| d.code.id == codes::E0213.id);
        if !missing.is_empty() && misnamed {
            return None;
        }
        if !missing.is_empty() {
            let shown: Vec<String> = params.iter().map(|p| self.text(p.0).to_string()).collect();
            let at = self.program.template(id).span;
            self.report(
                Diagnostic::new(
                    &codes::E0213,
                    span,
                    format!("`{path}` needs {}", missing.join(" and ")),
                )
                .label(at, "the template")
                .help(format!("write `{path}({})`", shown.join(", "))),
            );
            return None;
        }
        Some(filled.into())
    }

    fn unknown_template(
        &mut self,
        file: usize,
        prefix: Option<Sym>,
        name: Sym,
        span: Span,
        shape: ShapeId,
    ) {
        let text = self.text(name).to_string();
        let std = self.words.std;
        let all: Vec<String> = self
            .program
            .templates
            .iter()
            .filter(|t| t.shape == shape)
            .filter(|t| prefix.is_none_or(|p| (p == std) == t.library))
            .flat_map(|t| self.called(file, t))
            .collect();
        let wanted = match prefix {
            Some(prefix) => format!("{}.{text}", self.text(prefix)),
            None => text.clone(),
        };
        let mut near = nearest(&wanted, all.iter().map(String::as_str));
        let in_library = format!("std.{text}");
        if near.is_empty() && all.contains(&in_library) {
            near = vec![&in_library];
        }
        let diagnostic =
            Diagnostic::new(&codes::E0206, span, format!("no template is called `{wanted}`"));
        let behind = self.prefixes(&self.known.templates, file, name);
        if prefix.is_none() && !behind.is_empty() {
            return self.report(super::behind_a_name(diagnostic, span, &behind));
        }
        let mut diagnostic = super::did_you_mean(diagnostic, span, self.sources.text(span), &near);
        if near.is_empty() && !all.is_empty() {
            diagnostic = diagnostic.note(format!("there are: {}", all.join(", ")));
        }
        self.report(
            diagnostic
                .or_help("name one that there is, or declare it: `template NAME for KIND { ... }`"),
        );
    }

    /// How a file may call a template: by its name, by those of its imports, or not at all.
    fn called(&self, file: usize, template: &Template) -> Vec<String> {
        if template.library || !self.is_prefixed(template.span.file) {
            return vec![template.path.clone()];
        }
        self.prefixes(&self.known.templates, file, template.name)
    }
}
