//! Ways out that need to look around: at what is declared, at the text about a value, at what a word takes. The tables of
//! other tools' words are in `foreign`.

use super::{Lower, Scope};
use crate::diag::{Diagnostic, codes};
use crate::model::schema::{EnumId, EnumParam, Schema, ShapeId, Ty, TyId};
use crate::model::value::Value;
use crate::names::Sym;
use crate::resolve::hir::*;
use crate::resolve::properties::{On, PROPERTIES};
use crate::resolve::values::{is_name, is_of};
use crate::source::Span;
use crate::syntax::tree::{
    BinaryOp, Block as SyntaxBlock, EntryOp, ExprId, ExprKind, Ident, Literal, StmtKind,
};
use crate::types::distance::nearest;
use crate::types::either;

/// More names than these are no help.
const MOST_NAMES: usize = 8;

impl Lower<'_> {
    /// The project's things of some kinds that stand inside of others, each by its whole name:
    /// `attic.hardware.disk.data`.
    pub(super) fn nested_things(&self, wanted: &[ShapeId]) -> Vec<(Sym, String)> {
        let mut found = Vec::new();
        for decl in self.program.decls.iter().filter(|d| !d.library) {
            let whole = super::blocks::shown(self.text(decl.name)).into_owned();
            self.nested_below(decl.label, &whole, wanted, &mut found);
        }
        found.sort_by(|a, b| a.1.cmp(&b.1));
        found
    }

    fn nested_below(
        &self,
        around: LabelId,
        path: &str,
        wanted: &[ShapeId],
        found: &mut Vec<(Sym, String)>,
    ) {
        for &(word, name, label) in &self.program.labels[around.0 as usize].children {
            let text = self.text(name);
            let step = match is_name(text) {
                true if word == name => format!("{path}.{text}"),
                true => format!("{path}.{}.{text}", self.text(word)),
                false => format!("{path}.{}[\"{text}\"]", self.text(word)),
            };
            if wanted.contains(&self.program.labels[label.0 as usize].shape) {
                found.push((name, step.clone()));
            }
            self.nested_below(label, &step, wanted, found);
        }
    }

    /// Whether all that a type can refer to stands inside of other things, never at the top of a file.
    fn only_nested(&self, wanted: &[ShapeId]) -> bool {
        !wanted.iter().any(|&shape| self.is_on_top(shape))
    }

    /// Whether things of a kind stand at the top of files.
    pub(super) fn is_on_top(&self, shape: ShapeId) -> bool {
        let top = &self.program.schema.shape(self.program.project).fields;
        top.iter().any(|f| matches!(self.program.schema.ty(f.ty), Ty::Named(s) if *s == shape))
    }

    /// For a name or a text that should name something inside of another thing: those of that name, else all there are.
    pub(super) fn by_whole_name(
        &self,
        diagnostic: Diagnostic,
        name: &str,
        span: Span,
        wanted: &[ShapeId],
    ) -> Option<Diagnostic> {
        if !self.only_nested(wanted) {
            return None;
        }
        let all = self.nested_things(wanted);
        let same: Vec<&(Sym, String)> = all.iter().filter(|t| self.text(t.0) == name).collect();
        if same.is_empty() {
            let paths: Vec<&str> = all.iter().map(|t| t.1.as_str()).collect();
            return match paths.len() {
                1..=MOST_NAMES => Some(
                    diagnostic
                        .note(format!("there are: {}", paths.join(", ")))
                        .help("name what holds it first"),
                ),
                _ => None,
            };
        }
        let offer = |diagnostic: Diagnostic, (_, path): &(Sym, String)| {
            diagnostic.suggest(format!("name what holds it first: `{path}`"), span, path.clone())
        };
        Some(same.into_iter().take(MOST_NAMES).fold(diagnostic, offer))
    }

    /// `roles = [gpu]` where only the library has one: its names have a prefix.
    pub(super) fn of_the_library(&self, name: Sym, wanted: Option<&[ShapeId]>) -> Option<String> {
        let role = self.kind_named("role");
        let fits = |shape: ShapeId| match wanted {
            Some(wanted) => wanted.contains(&shape),
            None => Some(shape) == role,
        };
        let found = self.known.library_names.get(&name)?;
        found.iter().any(|&d| fits(self.program.decl(d).shape)).then_some(())?;
        Some(format!("std.{}", self.text(name)))
    }

    /// Those that would fit where something of another kind is named.
    pub(super) fn fitting_names(&self, diagnostic: Diagnostic, wanted: &[ShapeId]) -> Diagnostic {
        let decls = self.program.decls.iter().filter(|d| !d.library && wanted.contains(&d.shape));
        let mut names: Vec<String> =
            decls.map(|d| self.by_its_name(d.shape, self.text(d.name))).collect();
        if names.is_empty() {
            names = self.nested_names(wanted);
        }
        names.sort_unstable();
        names.dedup();
        match names.len() {
            0 => match wanted {
                [kind] => diagnostic.help(self.declaration("declare one", *kind, "NAME")),
                _ => diagnostic,
            },
            1..=MOST_NAMES => diagnostic.help(format!("name one of: {}", names.join(", "))),
            _ => diagnostic,
        }
    }

    /// `n-1`: one word, where a difference of two that are known was meant.
    pub(super) fn minus_meant<'t>(
        &self,
        text: &'t str,
        scope: &Scope,
    ) -> Option<(&'t str, &'t str)> {
        let (a, b) = text.rsplit_once('-')?;
        let known = |part: &str| {
            let number = !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
            let name = self.names.find(part).is_some_and(|name| {
                self.let_called(scope.file, name).is_some()
                    || scope.binders.iter().any(|(binder, _)| binder.sym == name)
            });
            number || name
        };
        (known(a) && known(b)).then_some((a, b))
    }

    /// `${PASSWORD}`, as shells and Compose have it. The name alone is at `span`.
    pub(super) fn of_the_shell(&self, diagnostic: Diagnostic, span: Span) -> Option<Diagnostic> {
        let text = &self.sources.file(span.file).text;
        let name = self.sources.text(span);
        let loud = name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
        let rest = &text[span.end as usize..];
        if !loud || !text[..span.start as usize].ends_with("${") || !rest.starts_with(['}', ':']) {
            return None;
        }
        let dollar = Span { start: span.start - 2, end: span.start - 2, ..span };
        Some(
            diagnostic
                .note("`${...}` holds a value of these sources, worked out before anything is written")
                .suggest(format!("for a variable that its program reads, write `\\${{{name}}}`"), dollar, "\\")
                .help(format!("for a secret, write `${{secret(\"{name}\")}}`")),
        )
    }

    /// A text whose quotes are missing, up to where it plainly ends: `example.org`, `Europe/Berlin`. What else is said of
    /// a part of it would be said twice.
    pub(super) fn bare_text(&mut self, span: Span) -> Option<(Span, String)> {
        let rest = &self.sources.file(span.file).text[span.start as usize..];
        let ends =
            |c: char| c.is_whitespace() || matches!(c, ',' | ']' | '}' | ')' | '(' | '[' | '"');
        let whole = &rest[..rest.find(ends).unwrap_or(rest.len())];
        let after = whole.get((span.end - span.start) as usize..)?;
        let goes_on = rest[whole.len()..].starts_with(['(', '[', '"']);
        // `attic.hardware.disk.data`: a path of fields, of a thing that is not there.
        let second = after.strip_prefix('.').and_then(|rest| rest.split(['.', '/']).next());
        let of_fields = second.and_then(|word| self.names.find(word)).is_some_and(|word| {
            self.program.schema.shapes.iter().any(|shape| shape.field(word).is_some())
        });
        if of_fields {
            return None;
        }
        if goes_on || !after.starts_with(['.', '/']) || after.len() < 2 {
            return None;
        }
        let span = Span { end: span.start + whole.len() as u32, ..span };
        self.meant_as_text = Some(span);
        Some((span, format!("\"{whole}\"")))
    }

    /// `8080-8090`, `53/udp`: ports as other tools write them.
    pub(super) fn port_of_a_tool(
        &mut self,
        op: BinaryOp,
        left: ExprId,
        right: ExprId,
        span: Span,
        want: TyId,
        scope: &Scope,
    ) -> bool {
        let tree = &self.trees[scope.file];
        let number = |id: ExprId| matches!(tree.expr(id).kind, ExprKind::Literal(Literal::Int));
        if !self.wants(want, &Ty::Ports) || !number(left) {
            return false;
        }
        let right_side = &tree.expr(right).kind;
        // `8080 -> 80/tcp`
        if let (BinaryOp::Arrow, ExprKind::Binary { op: BinaryOp::Div, right: last, .. }) =
            (op, right_side)
        {
            let protocol = self.sources.text(tree.expr(*last).span);
            let ports = self.sources.text(span).strip_suffix(protocol);
            let ports = ports.map(|ports| ports.trim_end().trim_end_matches('/').trim_end());
            let known = matches!(protocol, "tcp" | "udp" | "both");
            let Some(ports) = ports.filter(|_| known) else { return false };
            let block = format!("{ports} {{ protocol = {protocol} }}");
            let title = format!("the protocol is a field of the port: `{block}`");
            let message = format!("expected ports, found `{}`", self.sources.text(span));
            self.report(Diagnostic::new(&codes::E0301, span, message).suggest(title, span, block));
            return true;
        }
        // `80 <- 8080`, which reads as a comparison.
        if let (BinaryOp::Less, ExprKind::Negate(host)) = (op, right_side) {
            let text = |id: ExprId| self.sources.text(tree.expr(id).span);
            let arrow = format!("{} -> {}", text(*host), text(left));
            let message = "expected `->` from the node's port to the one inside, found `<-`";
            let title = format!("write `{arrow}`");
            self.report(Diagnostic::new(&codes::E0301, span, message).suggest(title, span, arrow));
            return true;
        }
        let text = |id: ExprId| self.sources.text(tree.expr(id).span);
        let (from, to) = (text(left), text(right));
        let (title, meant) = match op {
            BinaryOp::Sub if number(right) => {
                let range = format!("{from}..{to}");
                (format!("a range of ports is written `{range}`"), range)
            }
            BinaryOp::Div if matches!(to, "tcp" | "udp" | "both") => {
                let block = format!("{from} {{ protocol = {to} }}");
                (format!("the protocol is a field of the port: `{block}`"), block)
            }
            BinaryOp::Div if number(right) => {
                let arrow = format!("{from} -> {to}");
                (format!("the node's port and the one inside are written `{arrow}`"), arrow)
            }
            _ => return false,
        };
        let message = format!("expected ports, found `{}`", self.sources.text(span));
        self.report(Diagnostic::new(&codes::E0301, span, message).suggest(title, span, meant));
        true
    }

    /// `papers/wiki/data`: a place and a path below it, without quotes.
    pub(super) fn place_in_words(&mut self, span: Span, want: TyId) -> bool {
        let text = self.sources.text(span);
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '/' | '.');
        if text.matches('/').count() < 2 || !text.chars().all(plain) {
            return false;
        }
        let Some(meant) = self.place_in_text(text, want) else { return false };
        let message = format!("expected text in quotes below a place, found `{text}`");
        let title = format!("a share and a path below it: `{meant}`");
        self.report(Diagnostic::new(&codes::E0301, span, message).fix(title, span, meant));
        true
    }

    /// `"papers/wiki"` where `papers` is a share.
    pub(super) fn place_in_text(&self, text: &str, want: TyId) -> Option<String> {
        if !self.wants(want, &Ty::Location) {
            return None;
        }
        let (first, rest) = text.split_once('/').unwrap_or((text, ""));
        let found = self.known.bare.get(&self.names.find(first)?)?;
        let share = self.kind_named("share")?;
        found.iter().any(|&d| self.program.decl(d).shape == share).then(|| match rest {
            "" => first.to_string(),
            rest => format!("{first} / \"{rest}\""),
        })
    }

    /// The `let`s by which a secret came to a value, the last one first.
    pub(super) fn way_of_secret(&self, id: HirId) -> Vec<(Span, String)> {
        let mut way = Vec::new();
        let mut open = vec![id];
        while let Some(id) = open.pop() {
            if let Node::Let(at) = self.program.node(id) {
                let found = &self.program.lets[at.0 as usize];
                let ty = self.program.schema.plain(found.ty);
                let named = (found.span, self.text(found.name).to_string());
                if *self.program.schema.ty(ty) == Ty::Secret && !way.contains(&named) {
                    way.push(named);
                    open.push(found.value);
                }
            }
            open.extend(self.program.node(id).children());
        }
        way
    }

    /// The field that the value at `span` is given to, as it is written: `env` of `env = [...]`, with all up to the value.
    fn field_before(&self, span: Span) -> Option<(&str, Span)> {
        let text = &self.sources.file(span.file).text;
        let before = text[..span.start as usize].trim_end().strip_suffix('=')?;
        let name = before.trim_end();
        let apart = |c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '-');
        let word = name.rsplit(apart).next().unwrap_or("");
        let word_end = name.len() as u32;
        is_name(word).then_some((word, Span { start: word_end, end: span.end, ..span }))
    }

    /// For a value where a block of keys is wanted: `env = ["TZ=Etc/UTC"]`, `address = 10.0.0.5`.
    pub(super) fn keys_wanted(
        &self,
        diagnostic: Diagnostic,
        items: &[Value],
        key: TyId,
        span: Span,
    ) -> Diagnostic {
        let Some((word, from_word)) = self.field_before(span) else {
            return diagnostic.help("write it as a block, without the `=`: `NAME { KEY = VALUE }`");
        };
        let pairs: Option<Vec<String>> = items
            .iter()
            .map(|item| {
                let (key, value) = item.as_text()?.split_once('=')?;
                let key = super::blocks::shown(key.trim()).into_owned();
                let value = value.replace('\\', "\\\\").replace('"', "\\\"").replace("${", "\\${");
                Some(format!("{key} = \"{value}\""))
            })
            .collect();
        if let Some(pairs) = pairs.filter(|pairs| !pairs.is_empty()) {
            let block = format!("{{ {} }}", pairs.join("   "));
            // A value of a call has its `=` before a block as well.
            let before = &self.sources.file(span.file).text[..from_word.start as usize];
            let in_call = before.trim_end_matches(word).trim_end().ends_with(['(', ',']);
            let (place, block) =
                if in_call { (span, block) } else { (from_word, format!(" {block}")) };
            return diagnostic.suggest("write it as a block", place, block);
        }
        let key = match *self.program.schema.ty(key) {
            Ty::Ref(shape) => self.text(self.program.schema.shape(shape).name).to_ascii_uppercase(),
            _ => "NAME".to_string(),
        };
        let value = self.sources.text(span);
        let value = if value.len() > 40 || items.len() != 1 { "..." } else { value };
        diagnostic.help(format!("write it as a block: `{word} {{ {key} = {value} }}`"))
    }

    /// For a thing where a text is wanted: what can be said of one.
    pub(super) fn part_wanted(
        &self,
        diagnostic: Diagnostic,
        of: TyId,
        written: &str,
    ) -> Diagnostic {
        let schema = &self.program.schema;
        let Ty::Ref(shape) = *schema.ty(schema.plain(of)) else { return diagnostic };
        let kind = self.text(schema.shape(shape).name);
        let of_kind = PROPERTIES
            .iter()
            .filter(|p| matches!(p.on, On::Kind(of) if of == kind) && p.result.is_said());
        let mut parts: Vec<String> = of_kind.map(|p| format!("{written}.{}", p.name)).collect();
        if parts.is_empty() {
            parts.push(format!("{written}.name"));
        }
        diagnostic.help(format!("say what of the {kind} is meant: {}", either(&parts)))
    }

    /// The words of a closed set as they are written, where one of them takes something.
    pub(super) fn forms_of(&self, set: EnumId) -> Option<String> {
        let schema = &self.program.schema;
        let words = &schema.enumeration(set).words;
        let forms = words.iter().map(|word| {
            let wanted = |p: &&EnumParam| p.default.is_none() && !schema.is_optional(p.ty);
            let params = word.params.iter().filter(wanted);
            let params: Vec<String> =
                params.map(|p| format!("{} = ...", self.text(p.name))).collect();
            match params.as_slice() {
                [] => self.text(word.name).to_string(),
                params => format!("{}({})", self.text(word.name), params.join(", ")),
            }
        });
        let forms: Vec<String> = forms.collect();
        let takes = forms.len() <= MOST_NAMES && forms.iter().any(|form| form.ends_with(')'));
        takes.then(|| either(&forms))
    }

    /// `after = [db]` in a service, where `db` is a container of it.
    pub(super) fn inside(&self, name: Sym, wanted: &[ShapeId], scope: &Scope) -> Option<String> {
        let mut around = scope.labels.iter().rev();
        let found = around.find_map(|&around| self.child_label_named(around, name))?;
        let found =
            self.text(self.program.schema.shape(self.program.labels[found.0 as usize].shape).name);
        let wanted =
            wanted.first().map(|&shape| self.text(self.program.schema.shape(shape).name))?;
        let text = self.text(name);
        Some(match (wanted, found) {
            ("service", "container") => format!(
                "`{text}` is a container of this service, and those wait for each other with `depends_on = [{text}]`"
            ),
            _ => format!("`{text}` is a {found} here, and a {wanted} is wanted"),
        })
    }

    /// `address { lan = dhcp }`: what other tools say where no address is known.
    pub(super) fn no_address(
        &self,
        diagnostic: Diagnostic,
        word: &str,
        want: TyId,
    ) -> Option<Diagnostic> {
        let unknown = matches!(word, "dhcp" | "DHCP" | "auto" | "dynamic" | "any" | "unknown");
        (unknown && self.takes_address(want)).then(|| {
            diagnostic
                .note("an address is one that stays; by it others find the node")
                .help("let the router always give it the same one and write that, or leave the network out")
        })
    }

    pub(super) fn unknown_param(&mut self, of: &str, name: Ident, all: &[&str]) {
        let wanted = self.text(name.sym).to_string();
        let near = nearest(&wanted, all.iter().copied());
        let diagnostic = Diagnostic::new(
            &codes::E0213,
            name.span,
            format!("`{of}` has no parameter `{wanted}`"),
        );
        let mut diagnostic =
            super::did_you_mean(diagnostic, name.span, self.sources.text(name.span), &near);
        diagnostic = match (near.as_slice(), all) {
            ([], []) => diagnostic.help("it takes none: leave the parentheses away"),
            ([], [only]) => {
                diagnostic.suggest(format!("it takes `{only}` alone"), name.span, *only)
            }
            ([], _) => diagnostic.help(format!("it takes: {}", all.join(", "))),
            _ => diagnostic,
        };
        self.report(diagnostic);
    }

    /// `debian-13`, `on-failure:3`: a word and what it takes, glued together.
    pub(super) fn word_with_value(&self, set: EnumId, text: &str) -> Option<String> {
        let words = &self.program.schema.enumeration(set).words;
        words.iter().find_map(|word| {
            let name = self.text(word.name);
            let head = text.get(..name.len()).filter(|head| head.eq_ignore_ascii_case(name))?;
            let rest = text[head.len()..].trim_start_matches(['-', ':', ' ', '=', '_', '/', '@']);
            let sound = rest.starts_with(|c: char| c.is_ascii_digit())
                && rest.chars().all(|c| c.is_ascii_alphanumeric() || c == '.');
            let param = word.params.first().filter(|_| sound)?;
            let schema = &self.program.schema;
            match schema.ty(schema.plain(param.ty)) {
                Ty::Text(_) => Some(format!("{name}(\"{rest}\")")),
                Ty::Int | Ty::IntIn(..) if rest.parse::<i64>().is_ok() => {
                    Some(format!("{name}({rest})"))
                }
                _ => None,
            }
        })
    }

    /// `windows { version = "11" }`: what a word takes stands in parentheses.
    pub(super) fn word_with_body(
        &self,
        diagnostic: Diagnostic,
        value: ExprId,
        body: SyntaxBlock,
        ty: TyId,
        scope: &Scope,
    ) -> Diagnostic {
        let tree = &self.trees[scope.file];
        let ExprKind::Name(name) = tree.expr(value).kind else { return diagnostic };
        let span = tree.expr(value).span.to(body.span);
        self.in_parentheses(diagnostic, (name, ""), body, span, ty, scope)
    }

    /// The same for `gpu nvidia { memory = 16GiB }`, which lacks its `=` as well.
    pub(super) fn word_as_label(
        &self,
        diagnostic: Diagnostic,
        label: Ident,
        op: &EntryOp,
        ty: TyId,
        scope: &Scope,
    ) -> Diagnostic {
        let word = self.text(label.sym);
        match super::labels::body_of(op) {
            Some(body) => {
                let span = label.span.to(body.span);
                let found =
                    self.in_parentheses(diagnostic, (label.sym, "= "), body, span, ty, scope);
                found.or_help(format!("write `= {word}`"))
            }
            None => diagnostic.help(format!("write `= {word}`")),
        }
    }

    fn in_parentheses(
        &self,
        diagnostic: Diagnostic,
        (name, before): (Sym, &str),
        body: SyntaxBlock,
        span: Span,
        ty: TyId,
        scope: &Scope,
    ) -> Diagnostic {
        let tree = &self.trees[scope.file];
        let takes = self.enums_in(ty).into_iter().find_map(|set| {
            let word = self.program.schema.enumeration(set).word(name);
            word.filter(|w| !w.params.is_empty())
        });
        let Some(takes) = takes else { return diagnostic };
        let args: Option<Vec<String>> = tree
            .stmts_of(body.stmts)
            .iter()
            .map(|&id| match &tree.stmt(id).kind {
                StmtKind::Entry(entry) => match entry.op {
                    EntryOp::Assign { value, body: None }
                        if takes.params.iter().any(|p| p.name == entry.word.sym) =>
                    {
                        let value = self.sources.text(tree.expr(value).span);
                        Some(format!("{} = {value}", self.text(entry.word.sym)))
                    }
                    _ => None,
                },
                _ => None,
            })
            .collect();
        let word = self.text(name);
        match args {
            Some(args) => {
                let call = format!("{before}{word}({})", args.join(", "));
                diagnostic.suggest(
                    format!("what a word takes stands in parentheses: `{call}`"),
                    span,
                    call,
                )
            }
            None => {
                let params = takes.params.iter().map(|p| self.text(p.name));
                let params: Vec<String> = params.map(|name| format!("{name} = ...")).collect();
                let call = format!("{before}{word}({})", params.join(", "));
                diagnostic.help(format!("what a word takes stands in parentheses: `{call}`"))
            }
        }
    }

    /// `nvidia(16GiB)`: what does not fit the parameter at its place may fit just one of the others.
    pub(super) fn another_parameter(
        &mut self,
        before: usize,
        value: ExprId,
        nth: usize,
        params: &[(Sym, TyId, bool)],
        scope: &mut Scope,
    ) {
        let [.., found] = self.diagnostics.as_slice() else { return };
        let span = self.trees[scope.file].expr(value).span;
        if self.diagnostics.len() != before + 1
            || found.code.id != "E0301"
            || found.primary() != span
        {
            return;
        }
        let typed = self.expr(value, Schema::ANY, scope);
        self.diagnostics.truncate(before + 1);
        let Node::Const(literal) = self.program.node(typed.id).clone() else { return };
        let mut fits = params
            .iter()
            .enumerate()
            .filter(|(at, (_, ty, _))| *at != nth && is_of(&self.program.schema, &literal, *ty));
        if let (Some((_, (name, ..))), None) = (fits.next(), fits.next()) {
            let name = self.text(*name).to_string();
            let place = self.text(params[nth].0).to_string();
            let named = format!("{name} = {}", self.sources.text(span));
            let found = self.diagnostics.pop().expect("it was just seen");
            let found = Diagnostic::new(&codes::E0301, span, found.message)
                .note(format!("what stands there without a name is `{place}`"))
                .suggest(format!("say that it is the `{name}`: `{named}`"), span, named);
            self.report(found);
        }
    }
}
