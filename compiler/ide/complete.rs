//! What may be written at a place: fields of the block, values of the expected type, what follows a
//! dot, what a text may say. It needs the text before the place and the names of the project, so it
//! works in the middle of a broken file.

mod forms;
mod scoped;
mod values;

use super::Text;
use super::context::{Context, Inside, Named};
use super::words::WORDS;
use crate::Compilation;
use crate::diag::codes::CODES;
use crate::model::schema::{Schema, ShapeId, Ty, TyId, spell};
use crate::resolve::hir::LabelId;
use crate::resolve::properties::{self, On, PROPERTIES, names as property_names};
use crate::source::{FileId, Span};
use crate::syntax::cursor::{At, Frame, Head};
use crate::syntax::tree::{EntryOp, StmtKind};
use std::collections::{BTreeMap, BTreeSet};
use values::Form;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sort {
    Field,
    /// Of a call, by its name.
    Parameter,
    Block,
    Word,
    Thing,
    Function,
    Template,
    Value,
    Keyword,
    Path,
}

/// One proposal.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Item {
    pub label: String,
    pub sort: Sort,
    /// Its type, or its kind.
    pub detail: String,
    pub doc: String,
    /// With `$0` for the cursor and `${1:name}` for places to fill, as editors write snippets.
    pub snippet: String,
    /// What it stands in for.
    pub replaces: Span,
    /// What stands there most often comes first.
    pub rank: u16,
}

impl Sort {
    fn rank(self) -> u16 {
        match self {
            Sort::Parameter => FIRST,
            Sort::Thing | Sort::Word | Sort::Template | Sort::Path => 100,
            Sort::Value => 200,
            Sort::Field | Sort::Block => 300,
            Sort::Function => 400,
            Sort::Keyword => 500,
        }
    }
}

const FIRST: u16 = 0;
/// Behind all that is of the type which is expected.
const BESIDE: u16 = 1000;

/// Whether a blank at a place is one that somebody may want proposals after: between statements, in a
/// text and behind a value it is no more than a blank.
pub fn is_asked_by_blank(text: &str, offset: usize) -> bool {
    let at = crate::syntax::cursor::cursor(text, offset).at;
    !matches!(at, At::Statement | At::Sign(_) | At::Operator | At::Text { .. } | At::Comment)
}

/// All that may stand at a place of the file `here` of the project.
/// `files` names those of its folder that are no sources: it is asked only where one can be meant.
pub fn complete(
    c: &Compilation,
    text: &Text,
    here: &str,
    offset: u32,
    files: &dyn Fn() -> Vec<String>,
) -> Vec<Item> {
    let source = text.source();
    let context = Context::new(c, &source.text, offset as usize);
    let word = context.cursor.word.clone();
    let replaces = Span::new(text.file, word.start as u32, word.end as u32);
    let (out, beside) = (Vec::new(), 0);
    let mut list = List { cx: &context, text, here, offset, files, out, beside, replaces };
    match &context.cursor.at {
        At::Sign(head) if context.is_target(head) => list.kinds(),
        At::Comment | At::Sign(_) => {}
        At::Statement | At::Operator if context.is_glued() => {}
        At::Statement => list.statements(),
        At::Label(head) if context.word(&head.word) == "unset" => list.removable(),
        At::Label(head) => list.names_of(head),
        At::Operator => list.operators(),
        At::Value(head) if context.is_type(head) => list.types(),
        At::Value(_) if context.names_secret() => list.secrets(Form::Quoted),
        At::Value(_) if context.names_parameter() => {}
        At::Value(_) => list.value(),
        At::Member { base, head } => {
            let from = head.as_ref().filter(|head| head.from.is_some());
            let base = &source.text[base.clone()];
            list.scoped(base, from, head.as_ref().is_some_and(|head| context.is_type(head)));
            list.members(base, from);
        }
        At::From(head) => list.templates(head, "", None),
        At::Type => list.types(),
        At::Text { start, before, .. } => {
            list.replaces = Span::new(text.file, *start as u32 + 1, text_end(&source.text, *start));
            list.texts(&source.text[before.clone()]);
        }
    }
    let mut out = list.out;
    out.sort_by(|a, b| (&a.label, a.rank).cmp(&(&b.label, b.rank)));
    out.dedup_by(|a, b| a.label == b.label);
    out.sort_by_key(|item| item.rank);
    out
}

/// Where a text on one line that begins at `start` ends, before its closing quote.
fn text_end(text: &str, start: usize) -> u32 {
    let quote = &text[start..start + 1];
    let rest = &text[start + 1..];
    let line = rest.find('\n').unwrap_or(rest.len());
    let end = rest[..line].find(quote).unwrap_or(line);
    (start + 1 + end) as u32
}

/// More keys than these that others have are too many to choose from.
const MOST_KEYS: usize = 30;

/// What a name says that nobody declared: `node`, `instances`.
pub fn around_doc(word: &str) -> Option<&'static str> {
    let row = values::AROUND.iter().find(|row| row.0 == word);
    row.map(|row| row.1).filter(|doc| !doc.is_empty())
}

struct List<'a> {
    cx: &'a Context<'a>,
    text: &'a Text,
    here: &'a str,
    offset: u32,
    files: &'a dyn Fn() -> Vec<String>,
    out: Vec<Item>,
    /// By how much what is added comes behind the rest.
    beside: u16,
    replaces: Span,
}

impl List<'_> {
    fn add(&mut self, label: &str, sort: Sort, detail: impl Into<String>, doc: impl Into<String>) {
        self.add_as(label, sort, detail, doc, &label.replace('$', "\\$"));
    }

    fn add_as(
        &mut self,
        label: &str,
        sort: Sort,
        detail: impl Into<String>,
        doc: impl Into<String>,
        snippet: &str,
    ) {
        self.out.push(Item {
            label: label.to_owned(),
            sort,
            detail: detail.into(),
            doc: doc.into(),
            snippet: snippet.to_owned(),
            replaces: self.replaces,
            rank: self.beside + sort.rank(),
        });
    }

    /// Puts what was added last at a place of its own.
    fn ranked(&mut self, rank: u16) {
        if let Some(item) = self.out.last_mut() {
            item.rank = self.beside + rank;
        }
    }

    fn spelled(&self, ty: TyId) -> String {
        spell(self.cx.schema(), self.cx.names(), ty)
    }

    /// The fields of the block that are not set yet, and the words that begin a statement.
    fn statements(&mut self) {
        let schema = self.cx.schema();
        let Inside::Fields(shape) = self.cx.inside() else {
            if let Inside::Keys(_) = self.cx.inside() {
                self.keys();
            }
            return;
        };
        let set = already(self.text, self.offset);
        for (at, f) in (0..).zip(&schema.shape(shape).fields) {
            let name = self.cx.names().text(f.name);
            let many = matches!(schema.ty(schema.plain(f.ty)), Ty::Named(_));
            if set.contains(name) && !many {
                continue;
            }
            let (snippet, sort) = self.statement(name, f.ty);
            let doc = super::doc_text(self.cx.c, f.doc);
            self.add_as(name, sort, self.spelled(f.ty), doc, &snippet);
            // As the kind has them: what matters most comes first there. What must be said, before.
            let needed = f.required && sort == Sort::Field && !snippet.ends_with(']');
            self.ranked(if needed { at } else { Sort::Field.rank() + at });
        }
        let top = shape == self.cx.c.resolved.program.project;
        for word in WORDS.iter().filter(|w| w.begins(top)) {
            self.add_as(word.word, Sort::Keyword, "", word.doc, word.snippet);
        }
    }

    /// What may follow a value in a bracket.
    fn operators(&mut self) {
        for word in WORDS.iter().filter(|word| word.joins()) {
            self.add(word.word, Sort::Keyword, "", word.doc);
        }
    }

    /// What `unset` can take away: the fields of the block.
    fn removable(&mut self) {
        let Inside::Fields(shape) = self.cx.inside() else { return self.keys() };
        for f in &self.cx.schema().shape(shape).fields {
            let doc = super::doc_text(self.cx.c, f.doc);
            self.add(self.cx.names().text(f.name), Sort::Field, self.spelled(f.ty), doc);
        }
    }

    /// A field as a statement to be filled in.
    fn statement(&self, name: &str, ty: TyId) -> (String, Sort) {
        let schema = self.cx.schema();
        match schema.ty(schema.plain(ty)) {
            Ty::Named(inner) => {
                let main = schema.shape(*inner).main.is_some();
                let body = if main { "= $0" } else { "{\n  $0\n}" };
                (format!("{name} ${{1:name}} {body}"), Sort::Block)
            }
            Ty::Layer(_) | Ty::Record(_) | Ty::One(_) | Ty::Map(..) => {
                (format!("{name} {{\n  $0\n}}"), Sort::Block)
            }
            Ty::List(_) | Ty::Set(_) => (format!("{name} = [$0]"), Sort::Field),
            Ty::Text(_) | Ty::Matching(..) => (format!("{name} = \"$0\""), Sort::Field),
            _ => (format!("{name} = $0"), Sort::Field),
        }
    }

    /// The keys of a map that are names of things: networks in `address`, variables in `vars`.
    fn keys(&mut self) {
        let Some((_, Frame::Block(head))) = self.cx.cursor.frames.last() else { return };
        let word = self.cx.word(&head.word);
        let depth = self.cx.blocks.len();
        let Some(Inside::Fields(shape)) = self.cx.blocks.get(depth.wrapping_sub(2)) else { return };
        let schema = self.cx.schema();
        let names = self.cx.names();
        let field = names.find(word).and_then(|sym| schema.shape(*shape).field(sym));
        let Some(field) = field else { return };
        let ty = schema.plain(schema.shape(*shape).fields[field as usize].ty);
        if let Ty::Map(key, value) = schema.ty(ty)
            && !self.keyed(*key, *value, " = $0")
        {
            self.keys_elsewhere(*shape, field);
        }
    }

    /// The keys that other things of the kind have in a map, the most frequent first.
    fn keys_elsewhere(&mut self, shape: ShapeId, field: u16) {
        let model = &self.cx.c.resolved.model;
        let mut said: BTreeMap<&str, usize> = BTreeMap::new();
        let things = model.things.iter().filter(|thing| thing.shape == shape);
        let slots = things.flat_map(|thing| &thing.slots).filter(|slot| slot.field == field);
        for pair in slots.flat_map(|slot| slot.value.pairs()) {
            *said.entry(&pair.key).or_default() += 1;
        }
        let here = already(self.text, self.offset);
        let mut said: Vec<_> = said.into_iter().filter(|(key, _)| !here.contains(key)).collect();
        said.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        for (at, (key, _)) in (0..).zip(said.into_iter().take(MOST_KEYS)) {
            let bare = crate::resolve::values::is_name(key);
            let key = if bare { key.to_owned() } else { format!("\"{key}\"") };
            let snippet = format!("{} = $0", key.replace('$', "\\$"));
            self.add_as(&key, Sort::Field, "said elsewhere", "", &snippet);
            self.ranked(Sort::Field.rank() + at);
        }
    }

    /// The keys of a map of those types, where they are names; whether they are.
    fn keyed(&mut self, key: TyId, value: TyId, tail: &str) -> bool {
        let schema = self.cx.schema();
        if let Ty::Ref(kind) = schema.ty(key) {
            self.things(*kind, tail);
            return true;
        }
        let vars = matches!(schema.ty(key), Ty::Text(_)) && value == Schema::ANY;
        if vars {
            let c = self.cx.c;
            for var in c.resolved.program.vars.keys().map(|var| self.cx.names().text(*var)) {
                self.add_as(var, Sort::Field, "var", "", &format!("{var}{tail}"));
            }
        }
        vars
    }

    /// The names that are declared already, where a statement means one of them: a node as a layer.
    fn names_of(&mut self, head: &Head) {
        let word = self.cx.word(&head.word);
        if word == "allow" {
            for code in CODES.iter().filter(|code| code.can_be_allowed()) {
                let snippet = format!("{} = \"${{1:why}}\"", code.id);
                self.add_as(code.id, Sort::Word, code.title, "", &snippet);
            }
            return;
        }
        let body = " {\n  $0\n}";
        let layer = match word {
            // Layers by themselves, and in services.
            "arch" | "os" => return self.words_of("node", word, body),
            "node" | "role" => self.cx.blocks.len() > 1,
            _ => false,
        };
        if let Some(kind) = self.cx.kind(word).filter(|_| layer) {
            self.things(kind, body);
        }
    }

    /// The words that a field of a kind can be.
    fn words_of(&mut self, kind: &str, field: &str, tail: &str) {
        let schema = self.cx.schema();
        let names = self.cx.names();
        let shape = self.cx.kind(kind).map(|kind| schema.shape(kind));
        let Some(shape) = shape else { return };
        let Some(at) = names.find(field).and_then(|field| shape.field(field)) else { return };
        if let Ty::Enum(set) = schema.ty(schema.plain(shape.fields[at as usize].ty)) {
            for word in &schema.enumeration(*set).words {
                let word = names.text(word.name);
                self.add_as(word, Sort::Word, field, "", &format!("{word}{tail}"));
            }
        }
    }

    /// The declared things of a kind.
    fn things(&mut self, kind: ShapeId, tail: &str) {
        let c = self.cx.c;
        let word = self.cx.names().text(self.cx.schema().shape(kind).name);
        for d in c.resolved.program.decls.iter().filter(|d| d.shape == kind) {
            let bare = self.cx.names().text(d.name);
            let name = if d.library { format!("std.{bare}") } else { bare.to_owned() };
            let doc = super::doc_text(c, d.doc);
            self.add_as(&name, Sort::Thing, word, doc, &format!("{name}{tail}"));
        }
    }

    /// The things inside the things around the place.
    fn labels(&mut self, kind: Option<ShapeId>) {
        let c = self.cx.c;
        for &around in &self.cx.labels {
            // Where a thing is asked for, it is another one than that around the place.
            let itself = |child: LabelId| kind.is_some() && self.cx.labels.contains(&child);
            let all = self.cx.children(around).into_iter();
            for (_, name, child) in all.filter(|child| !itself(child.2)) {
                let shape = c.resolved.program.labels[child.0 as usize].shape;
                let name = self.cx.names().text(name);
                // Blocks without a name stand among them.
                let named =
                    crate::resolve::values::is_name(name) && self.cx.schema().shape(shape).is_kind;
                if named && kind.is_none_or(|k| k == shape) {
                    let word = self.cx.names().text(self.cx.schema().shape(shape).name);
                    self.add(name, Sort::Thing, word, "");
                }
            }
        }
    }

    /// Templates for what a statement declares: of some files, or those that are known by a name alone.
    fn templates(&mut self, head: &Head, prefix: &str, of: Option<&BTreeSet<FileId>>) {
        let kind = self.cx.kind(self.cx.word(&head.word));
        let c = self.cx.c;
        for t in &c.resolved.program.templates {
            let file = t.span.file;
            let known = of.map_or_else(|| self.is_bare(file), |files| files.contains(&file));
            if kind.is_some_and(|kind| kind != t.shape) || !known {
                continue;
            }
            let full = if t.library { t.path.as_str() } else { self.cx.names().text(t.name) };
            let Some(name) = full.strip_prefix(prefix) else { continue };
            let call = match t.params.len() {
                0 => format!("{name}()"),
                _ => format!("{name}($0)"),
            };
            let kind = self.cx.names().text(self.cx.schema().shape(t.shape).name);
            let doc = super::doc_above(c, t.span);
            self.add_as(name, Sort::Template, format!("template for {kind}"), doc, &call);
        }
    }

    fn types(&mut self) {
        for word in [
            "bool", "int", "float", "string", "bytes", "duration", "cpu", "ip", "cidr", "port",
            "path", "image", "url", "list", "set", "map", "secret", "location", "endpoint",
        ] {
            self.add(word, Sort::Word, "type", "");
        }
        self.kinds();
    }

    fn kinds(&mut self) {
        let schema = self.cx.schema();
        let mut kinds: Vec<&str> = schema.kinds.keys().map(|s| self.cx.names().text(*s)).collect();
        kinds.sort_unstable();
        for kind in kinds {
            self.add(kind, Sort::Thing, "kind", "");
        }
    }

    /// What follows a dot.
    fn members(&mut self, base: &str, from: Option<&Head>) {
        let Some(named) = self.cx.named(base) else { return };
        let schema = self.cx.schema();
        match named {
            Named::Library => match from {
                Some(head) => self.templates(head, "std.", None),
                None => self.library(),
            },
            Named::All(shape) => {
                let plain = self.cx.c.resolved.program.decls.iter();
                for d in plain.filter(|d| d.shape == shape && !d.library) {
                    self.add(self.cx.names().text(d.name), Sort::Thing, "", "");
                }
            }
            Named::Thing(shape, label) => {
                let schema = self.cx.schema();
                // Behind `to = app.` only what can be reached.
                let reached = match schema.ty(schema.plain(self.cx.wanted_here())) {
                    Ty::Endpoint => true,
                    Ty::Union(types) => types.iter().all(|&ty| is_endpoint(schema, ty)),
                    _ => false,
                };
                if !reached {
                    self.fields_of(shape);
                }
                for (_, name, child) in label.map_or(Vec::new(), |l| self.cx.children(l)) {
                    let name = self.cx.names().text(name);
                    let shape = self.cx.c.resolved.program.labels[child.0 as usize].shape;
                    // Blocks without a name stand among them.
                    if crate::resolve::values::is_name(name) && schema.shape(shape).is_kind {
                        let kind = self.cx.names().text(schema.shape(shape).name);
                        if !reached || matches!(kind, "port" | "container" | "unit") {
                            self.add(name, Sort::Thing, kind, "");
                        }
                    }
                }
            }
            Named::Value(ty) => match schema.ty(schema.plain(ty)) {
                // `node.address.lan`, `node.vars.runtime`
                Ty::Map(key, value) if self.keyed(*key, *value, "") => {}
                Ty::Ref(shape) | Ty::Record(shape) | Ty::One(shape) => self.fields_of(*shape),
                other => {
                    for name in property_names(&On::of(other)) {
                        let row = PROPERTIES.iter().find(|p| p.name == name);
                        self.add(name, Sort::Value, "", row.map_or("", |row| row.doc));
                    }
                }
            },
        }
    }

    /// The fields and properties of a thing, as they are read.
    fn fields_of(&mut self, shape: ShapeId) {
        let schema = self.cx.schema();
        let kind = self.cx.names().text(schema.shape(shape).name);
        for (at, f) in (0..).zip(&schema.shape(shape).fields) {
            let name = self.cx.names().text(f.name);
            // A property of that name is what is read.
            let read = properties::of_kind(kind, name).is_none();
            if read && !matches!(schema.ty(f.ty), Ty::Layer(_)) {
                let doc = super::doc_text(self.cx.c, f.doc);
                self.add(name, Sort::Field, self.spelled(f.ty), doc);
                self.ranked(Sort::Field.rank() + at);
            }
        }
        for p in PROPERTIES {
            if matches!(p.on, On::Kind(of) if of == kind) || p.on == On::AnyThing {
                self.add(p.name, Sort::Value, "", p.doc);
            }
        }
    }

    /// What the library declares behind `std.`, where no template can stand.
    fn library(&mut self) {
        let c = self.cx.c;
        let schema = self.cx.schema();
        let wanted = self.cx.wanted_here();
        let kind = match schema.ty(schema.plain(wanted)) {
            Ty::Ref(kind) => Some(*kind),
            _ => None,
        };
        for d in c.resolved.program.decls.iter().filter(|d| d.library) {
            let word = self.cx.names().text(schema.shape(d.shape).name);
            if kind.is_none_or(|kind| kind == d.shape) && word == "role" {
                self.add(
                    self.cx.names().text(d.name),
                    Sort::Thing,
                    word,
                    super::doc_text(c, d.doc),
                );
            }
        }
    }
}

/// An endpoint, or several.
fn is_endpoint(schema: &Schema, ty: TyId) -> bool {
    match schema.ty(schema.plain(ty)) {
        Ty::Endpoint => true,
        Ty::List(item) | Ty::Set(item) => is_endpoint(schema, *item),
        _ => false,
    }
}

/// The words of the statements that stand in the innermost block already.
fn already(text: &Text, offset: u32) -> BTreeSet<&str> {
    let tree = &text.tree;
    let inside = |span: Span| span.start < offset && offset <= span.end;
    let words = |run| -> BTreeSet<&str> {
        tree.stmts_of(run)
            .iter()
            .filter_map(|&id| match &tree.stmt(id).kind {
                // The word under the cursor is being written.
                StmtKind::Entry(e) if !e.word.span.holds(offset) => {
                    Some(text.names.text(e.word.sym))
                }
                _ => None,
            })
            .collect()
    };
    let mut best = None;
    for stmt in tree.stmts.iter().filter(|stmt| inside(stmt.span)) {
        let StmtKind::Entry(entry) = &stmt.kind else { continue };
        let body = match &entry.op {
            EntryOp::Block(block) => Some(*block),
            EntryOp::Assign { body, .. } | EntryOp::From { body, .. } => *body,
            _ => None,
        };
        if let Some(body) = body.filter(|b| inside(b.span)) {
            let size = body.span.end - body.span.start;
            if best.is_none_or(|(old, _)| size < old) {
                best = Some((size, body.stmts));
            }
        }
    }
    words(best.map_or(tree.top, |(_, run)| run))
}
