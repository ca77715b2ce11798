//! Ways out where a value of a neighbouring kind stands: a thing for the word that takes it, a duration for a calendar, an
//! address for a range.

use super::Lower;
use super::exprs::Typed;
use crate::diag::Diagnostic;
use crate::model::schema::{EnumId, Schema, ShapeId, Ty, TyId};
use crate::model::value::Value;
use crate::names::Sym;
use crate::resolve::hir::{DeclId, Node};
use crate::resolve::values::is_name;
use crate::source::Span;
use crate::syntax::tree::{Entry, EntryOp, StmtKind};
use crate::types::Duration;

impl Lower<'_> {
    /// The way from what stands there to what was meant, where that is known.
    pub(super) fn neighbour(
        &self,
        diagnostic: Diagnostic,
        typed: &Typed,
        want: TyId,
        span: Span,
    ) -> Result<Diagnostic, Diagnostic> {
        let schema = &self.program.schema;
        let plain = schema.plain(want);
        let written = self.sources.text(span);
        match (schema.ty(plain), self.program.node(typed.id)) {
            (Ty::Enum(set), _) if matches!(schema.ty(schema.plain(typed.ty)), Ty::Ref(_)) => {
                self.taken_by_a_word(diagnostic, typed, *set, span)
            }
            (_, Node::Const(Value::Duration(every))) if self.takes_calendar(plain) => {
                Ok(in_calendar(diagnostic, *every, span))
            }
            (_, Node::Const(Value::Ip(_))) if self.is_range(plain) && !written.ends_with(".0") => {
                Ok(self.in_range(diagnostic, span))
            }
            _ => Err(diagnostic),
        }
    }

    /// `ingress = proxy`, where `caddy(proxy)` was meant.
    fn taken_by_a_word(
        &self,
        diagnostic: Diagnostic,
        typed: &Typed,
        set: EnumId,
        span: Span,
    ) -> Result<Diagnostic, Diagnostic> {
        let schema = &self.program.schema;
        let written = self.sources.text(span);
        let takes = |want: &dyn Fn(TyId) -> bool| -> Vec<(&str, TyId)> {
            let words = schema.enumeration(set).words.iter();
            let first =
                words.filter_map(|word| Some((self.text(word.name), word.params.first()?.ty)));
            first.filter(|(_, ty)| want(*ty)).collect()
        };
        let fitting = takes(&|ty| self.assignable(typed.ty, ty) && ty != Schema::ANY);
        if !fitting.is_empty() {
            return Ok(fitting.into_iter().fold(diagnostic, |diagnostic, (word, _)| {
                let meant = format!("{word}({written})");
                diagnostic.suggest(
                    format!("what a word takes stands in parentheses: `{meant}`"),
                    span,
                    meant,
                )
            }));
        }
        let others = takes(&|ty| matches!(schema.ty(schema.plain(ty)), Ty::Ref(_)));
        let [(word, ty), ..] = others.as_slice() else { return Err(diagnostic) };
        let Ty::Ref(shape) = schema.ty(schema.plain(*ty)) else { return Err(diagnostic) };
        let kind = self.text(schema.shape(*shape).name);
        let way = format!("write `{word}({})`, with a {kind}", kind.to_uppercase());
        Ok(self.fitting_names(diagnostic.help(way), &[*shape]))
    }

    pub(super) fn takes_calendar(&self, ty: TyId) -> bool {
        let schema = &self.program.schema;
        match schema.ty(schema.plain(ty)) {
            Ty::Text(row) => schema.text_type(*row).name == "schedule",
            Ty::Union(types) => types.iter().any(|&ty| self.takes_calendar(ty)),
            _ => false,
        }
    }

    /// One address is a range of its own; of a network it is the beginning that counts.
    fn in_range(&self, diagnostic: Diagnostic, span: Span) -> Diagnostic {
        let written = self.sources.text(span);
        let text = &self.sources.file(span.file).text[..span.start as usize];
        let field = text.rsplit_once('=').map_or("", |(before, _)| before.trim_end());
        let field = field.rsplit(|c: char| !(c.is_alphanumeric() || c == '_')).next();
        let whole = if written.contains(':') { 128 } else { 32 };
        let one = format!("{written}/{whole}");
        if field == Some("reserve") {
            let title = format!("one address is a range of its own: `{one}`");
            return diagnostic.suggest(title, span, one);
        }
        let network = match written.rsplit_once('.') {
            Some((net, _)) => format!("{net}.0/24"),
            None => "fd00:10::/64".to_string(),
        };
        diagnostic.help(format!(
            "a range is its first address and how long it is: `{network}`; one address alone is `{one}`"
        ))
    }

    /// What stands there, for a message: a thing by its kind and name.
    pub(super) fn thing_found(&self, typed: &Typed, span: Span) -> Option<String> {
        let schema = &self.program.schema;
        let Ty::Ref(shape) = schema.ty(schema.plain(typed.ty)) else { return None };
        let written = self.sources.text(span);
        // What is worked out says more by what it is than by how.
        let plain = |c: char| !c.is_whitespace() && !matches!(c, '(' | '{' | '?' | '`');
        let shown = written.len() <= 60 && written.chars().all(plain);
        shown.then(|| format!("the {} `{written}`", self.text(schema.shape(*shape).name)))
    }

    /// What to name where a thing of another kind is named.
    pub(super) fn instead_of(
        &self,
        diagnostic: Diagnostic,
        found: DeclId,
        wanted: &[ShapeId],
        span: Span,
    ) -> Diagnostic {
        let decl = self.program.decl(found);
        let name = self.text(decl.name);
        let takes = |kind: &str| wanted.iter().any(|&shape| self.is_kind(shape, &[kind]));
        if self.is_kind(decl.shape, &["node"]) && takes("disk") && takes("share") {
            return diagnostic.help(format!(
                "name a place: a share, or a disk of it such as `{name}.hardware.disk.NAME`"
            ));
        }
        if self.is_kind(decl.shape, &["service"]) && takes("container") {
            return diagnostic.help(format!(
                "a container names those of its own service; one that comes first is said in the service: `after = [{name}]`"
            ));
        }
        let diagnostic = self.by_way_of(diagnostic, found, wanted, span);
        self.fitting_names(diagnostic, wanted)
    }

    /// Where a thing of another kind leads to the one that is wanted: the only site of a service, the node that it runs
    /// on.
    fn by_way_of(
        &self,
        diagnostic: Diagnostic,
        found: DeclId,
        wanted: &[ShapeId],
        span: Span,
    ) -> Diagnostic {
        let decl = self.program.decl(found);
        if !self.is_kind(decl.shape, &["service"]) {
            return diagnostic;
        }
        let only = |kind: &str| wanted.len() == 1 && self.is_kind(wanted[0], &[kind]);
        if only("node")
            && let Some(node) = self.said_on(decl.span)
        {
            let title = format!("name the node that it runs on: `{node}`");
            return diagnostic.suggest(title, span, node);
        }
        let inside = &self.program.labels[decl.label.0 as usize].children;
        let mut sites = inside.iter().filter(|(.., label)| {
            self.is_kind(self.program.labels[label.0 as usize].shape, &["site"])
        });
        match (only("site"), sites.next(), sites.next()) {
            (true, Some((_, name, _)), None) => {
                let meant = format!("sites[\"{}\"]", self.text(*name));
                diagnostic.suggest(format!("name its site: `{meant}`"), span, meant)
            }
            _ => diagnostic,
        }
    }

    /// Those that stand inside of other things, as they are named from anywhere.
    pub(super) fn nested_names(&self, wanted: &[ShapeId]) -> Vec<String> {
        let top = wanted.iter().find(|&&shape| self.is_on_top(shape));
        let named = |(name, path): (Sym, String)| match top {
            Some(&shape) => self.by_its_name(shape, self.text(name)),
            None => path,
        };
        self.nested_things(wanted).into_iter().map(named).collect()
    }

    /// `desk`, or `sites["git.example.org"]`.
    pub(super) fn by_its_name(&self, shape: ShapeId, name: &str) -> String {
        match self.program.schema.shape(shape).plural.filter(|_| !is_name(name)) {
            Some(plural) => format!("{}[\"{name}\"]", self.text(plural)),
            None => name.to_string(),
        }
    }

    /// The one node that a service names by `on`.
    fn said_on(&self, service: Span) -> Option<String> {
        let tree = self.trees.iter().find(|tree| tree.file == service.file)?;
        let body = tree.stmts.iter().find_map(|stmt| match &stmt.kind {
            StmtKind::Entry(Entry { op: EntryOp::Block(body), .. }) if stmt.span == service => {
                Some(*body)
            }
            _ => None,
        })?;
        tree.stmts_of(body.stmts).iter().find_map(|&id| match &tree.stmt(id).kind {
            StmtKind::Entry(Entry {
                word, label: None, op: EntryOp::Assign { value, .. }, ..
            }) if self.text(word.sym) == "on" => {
                let written = self.sources.text(tree.expr(*value).span);
                is_name(written).then(|| written.to_string()).filter(|word| word != "all")
            }
            _ => None,
        })
    }
}

/// `timer = 1h`: how often, as a word or a time of the calendar.
fn in_calendar(diagnostic: Diagnostic, every: Duration, span: Span) -> Diagnostic {
    let diagnostic = diagnostic
        .note("a timer follows the calendar, so that it comes at the same time after every start");
    let Some(seconds) = every.whole_seconds() else {
        return diagnostic.help("say when: a word such as `daily`, or a time such as `\"*:0/15\"`");
    };
    let (minutes, hours) = (seconds / 60, seconds / 3600);
    let meant = match seconds {
        3_600 => "hourly".to_string(),
        86_400 => "daily".to_string(),
        604_800 => "weekly".to_string(),
        _ if seconds % 60 == 0 && minutes > 0 && minutes < 60 && 60 % minutes == 0 => {
            format!("\"*:0/{minutes}\"")
        }
        _ if seconds % 3_600 == 0 && hours > 0 && hours < 24 && 24 % hours == 0 => {
            format!("\"0/{hours}:00\"")
        }
        _ => {
            return diagnostic
                .help("say when: a word such as `daily`, or a time such as `\"Mon *-*-* 03:00\"`");
        }
    };
    diagnostic.suggest(format!("as a time of the calendar: `{meant}`"), span, meant)
}
