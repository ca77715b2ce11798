//! Literals and texts: what is written as a value.

use super::exprs::Typed;
use super::{Lower, Scope};
use crate::diag::{Diagnostic, codes};
use crate::model::schema::{Schema, Ty, TyId};
use crate::model::value::Value;
use crate::resolve::hir::*;
use crate::source::Span;
use crate::syntax::tree::{Literal, Run, StrPart};
use crate::types::{self, Quantity, Why};

impl Lower<'_> {
    /// Whether a number is wanted for what it prints alone.
    fn prints(&self, want: TyId) -> bool {
        let schema = &self.program.schema;
        match schema.ty(schema.plain(want)) {
            Ty::Printable => true,
            Ty::Union(types) => types.iter().any(|&ty| self.prints(ty)),
            _ => false,
        }
    }

    /// `1.10` is a version to whoever writes it, and as a number it is `1.1`.
    fn would_lose(&mut self, span: Span, number: f64) -> Typed {
        let text = self.sources.text(span);
        let message =
            format!("expected a text, found the number {text}, which prints as `{number}`");
        let diagnostic = Diagnostic::new(&codes::E0301, span, message);
        self.report(diagnostic.fix("write it in quotes", span, format!("\"{text}\"")));
        self.bad(span)
    }

    pub(super) fn literal(&mut self, literal: Literal, span: Span, want: TyId) -> Typed {
        let sources = self.sources;
        let text = sources.text(span);
        let read: Result<(Value, Ty), Why> = match literal {
            Literal::None => Ok((Value::None, Ty::None)),
            Literal::True => Ok((Value::Bool(true), Ty::Bool)),
            Literal::False => Ok((Value::Bool(false), Ty::Bool)),
            Literal::Int => match text.parse::<i64>() {
                Ok(n) => Ok((Value::Int(n), Ty::Int)),
                Err(_) => Err(Why::new(format!("`{text}` is larger than any number here can be"))),
            },
            Literal::Float => match text.parse::<f64>() {
                Ok(n) if n.is_finite() => {
                    if n.to_string() != text && self.prints(want) {
                        return self.would_lose(span, n);
                    }
                    Ok((Value::Float(n), Ty::Float))
                }
                _ => Err(Why::new(format!("`{text}` is larger than any number here can be"))),
            },
            Literal::Quantity => types::quantity(text).map(|q| match q {
                Quantity::Bytes(b) => (Value::Bytes(b), Ty::Bytes),
                Quantity::Duration(d) => (Value::Duration(d), Ty::Duration),
                Quantity::Cpu(c) => (Value::Cpu(c), Ty::Cpu),
            }),
            Literal::Mode => types::mode(text).map(|m| (Value::Mode(m), Ty::Mode)),
            Literal::Ip4 | Literal::Ip6 => types::ip(text).map(|ip| {
                let ty = if ip.is_ipv4() { Ty::Ip4 } else { Ty::Ip6 };
                (Value::Ip(ip), ty)
            }),
            Literal::Cidr4 | Literal::Cidr6 => {
                types::cidr(text).map(|c| (Value::Cidr(c), Ty::Cidr))
            }
            Literal::Mac => types::mac(text).map(|m| (Value::Mac(m), Ty::Mac)),
        };
        match read {
            Ok((value, ty)) => self.typed(Node::Const(value), span, ty),
            Err(why) => {
                let range = matches!(literal, Literal::Cidr4 | Literal::Cidr6);
                if range && self.takes_address(want) && !self.is_range(want) {
                    let message = format!("expected one address, found the range {text}");
                    let diagnostic = Diagnostic::new(&codes::E0301, span, message);
                    let diagnostic = self.without_length(diagnostic, span);
                    self.report(diagnostic);
                } else {
                    let why = why.or_help("what is to be a text stands in quotes");
                    self.report_why(&codes::E0302, span, &why, None);
                }
                self.bad(span)
            }
        }
    }

    pub(super) fn report_why(
        &mut self,
        code: &'static crate::diag::Code,
        span: Span,
        why: &Why,
        context: Option<String>,
    ) {
        let mut diagnostic = Diagnostic::new(code, span, why.message.clone());
        if let Some(context) = context {
            diagnostic = diagnostic.here(context);
        }
        if let Some(replace) = &why.replace {
            let quoted =
                self.sources.text(span).starts_with(['"', '\'']) || replace.starts_with('/');
            let text = if quoted { format!("\"{replace}\"") } else { replace.clone() };
            diagnostic = diagnostic.suggest(format!("write `{text}`"), span, text.clone());
        }
        let said = why.replace.as_ref().map(|right| format!("write `{right}`"));
        if let Some(help) = why.help.as_ref().filter(|help| said.as_ref() != Some(help)) {
            diagnostic = diagnostic.help(help.clone());
        }
        self.report(diagnostic);
    }

    pub(super) fn string(&mut self, parts: Run, span: Span, scope: &mut Scope) -> Typed {
        let trees = self.trees;
        let tree = &trees[scope.file];
        let parts = &tree.parts[parts.range()];
        let string = self.string_type();
        match parts {
            [] => {
                let id = self.add(Node::Const(Value::text("")), span);
                return Typed { id, ty: string, label: None };
            }
            [StrPart::Text { text, .. }] => {
                let value = Value::Text(self.names.shared(*text));
                let id = self.add(Node::Const(value), span);
                return Typed { id, ty: string, label: None };
            }
            _ => {}
        }
        let mut pieces = Vec::with_capacity(parts.len());
        let (mut secret, mut faulty) = (false, false);
        for part in parts {
            match part {
                StrPart::Text { text, .. } => pieces.push(Piece::Text(self.names.shared(*text))),
                StrPart::Expr(inner) => {
                    let typed = self.expr(*inner, Schema::ANY, scope);
                    let at = tree.expr(*inner).span;
                    secret |=
                        *self.program.schema.ty(self.program.schema.plain(typed.ty)) == Ty::Secret;
                    faulty |= !self.must_print(typed.ty, at);
                    pieces.push(Piece::Expr(typed.id));
                }
            }
        }
        if faulty {
            return self.bad(span);
        }
        let id = self.add(Node::Text(pieces.into()), span);
        let ty = if secret { self.program.schema.intern(Ty::Secret) } else { string };
        Typed { id, ty, label: None }
    }

    /// Whether a value of the type may stand in a text.
    fn must_print(&mut self, ty: TyId, span: Span) -> bool {
        let schema = &self.program.schema;
        let written = self.sources.text(span);
        let (what, help, more) = match schema.ty(schema.plain(ty)) {
            Ty::Bytes => {
                ("a size", format!("write `${{{written}.bytes}}` or `${{{written}.mib}}`"), "")
            }
            Ty::Duration => ("a duration", format!("write `${{{written}.seconds}}`"), ".seconds"),
            Ty::Cpu => ("an amount of cpu", format!("write `${{{written}.cores}}`"), ".cores"),
            Ty::List(_) | Ty::Set(_) | Ty::All(_) => {
                ("a list", format!("write `${{join({written}, \", \")}}`"), "")
            }
            Ty::Map(..) | Ty::Data => ("a map", "name one of its keys".to_string(), ""),
            Ty::Ref(shape) if matches!(self.text(schema.shape(*shape).name), "share" | "disk") => (
                "a reference",
                format!(
                    "for a place below it write `{written} / \"folder\"`, without the quotes around all; for its name `${{{written}.name}}`"
                ),
                "",
            ),
            Ty::Ref(_) => {
                ("a reference", format!("name a field of it: `${{{written}.name}}`"), ".name")
            }
            Ty::Record(_) | Ty::One(_) => {
                ("a reference", format!("name a field of it: `${{{written}.name}}`"), "")
            }
            Ty::None => ("none", "give it a value with `??`".to_string(), ""),
            _ => return true,
        };
        // Behind a name, and what stands in it, one more word fits.
        let plain = written.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-.".contains(&b));
        let end = (plain && !more.is_empty()).then(|| span.tail());
        self.report(
            Diagnostic::new(&codes::E0307, span, format!("{what} does not print by itself"))
                .offer(help, end, more),
        );
        false
    }

    /// `embed("x.conf")`: the text of a file beside the source, read with the sources.
    pub(super) fn embed(&mut self, path: HirId, span: Span) -> Typed {
        let Node::Const(Value::Text(path)) = self.program.node(path).clone() else {
            self.report(
                Diagnostic::new(
                    &codes::E0213,
                    span,
                    "`embed` takes the path as it stands, without `${...}`",
                )
                .help("write `embed(\"file.conf\")`"),
            );
            return self.bad(span);
        };
        let from = &self.sources.file(span.file).name;
        let full = super::super::imports::beside(from, &path);
        match self.input.embeds.get(&full) {
            Some(Ok(text)) => {
                let value = Value::Text(text.clone());
                let ty = self.string_type();
                Typed { id: self.add(Node::Const(value), span), ty, label: None }
            }
            Some(Err((code, why, near))) => {
                let mut diagnostic =
                    Diagnostic::new(code, span, format!("`{path}` cannot be embedded: {why}"));
                for other in near {
                    diagnostic = diagnostic.help(format!("did you mean `{other}`?"));
                }
                if near.is_empty() {
                    let way = "a path begins at the folder of the file that it stands in, and stays below the one of `cluster.colab`";
                    diagnostic = diagnostic.help(way);
                }
                self.report(diagnostic);
                self.bad(span)
            }
            // What was not looked for was not understood, and is reported.
            None => self.bad(span),
        }
    }
}
