//! The values that may stand at a place: words of a set, things, secrets, what a text may say.

use super::super::context::{Inside, Named, chain, element};
use super::super::outline::joined;
use super::super::words::{self, WORDS};
use super::{BESIDE, List, Sort, forms};
use crate::model::schema::{Schema, ShapeId, Ty, TyId};
use crate::model::value::{Base, Value};
use crate::resolve::functions::FUNCTIONS;
use crate::resolve::hir::LabelId;
use crate::source::{Place, Span};
use crate::syntax::cursor::{At, Frame};
use crate::syntax::tree::{ExprKind, StmtKind};
use crate::types::cap::CAPS;
use crate::types::texts::TEXTS;
use crate::types::{schedule, zones};
use std::collections::{BTreeMap, BTreeSet};

/// More values than these that others have are too many to choose from.
const MOST: usize = 8;

/// What can be named without having been declared.
pub(super) const AROUND: &[(&str, &str)] = &[
    ("cluster", "The cluster."),
    ("service", "The service around this place."),
    ("container", "The container around this place."),
    ("unit", "The unit around this place."),
    (
        "node",
        "The node around this place, or that it holds for; in `where` and `each` the candidate.",
    ),
    (
        "instances",
        "Every service on every node where it runs: each knows its `service` and its `node`.",
    ),
    ("none", "No value."),
    ("true", ""),
    ("false", ""),
];

/// Where things of any sort may stand, those around the place come first.
const NEAR: u16 = 50;
const LETS: u16 = 150;
const FAR: u16 = 250;

/// How a secret is named.
#[derive(Clone, Copy)]
pub(super) enum Form {
    /// `secret("NAME")`
    Call,
    /// `"NAME"`, between the brackets.
    Quoted,
    /// `NAME`, between the quotes.
    Name,
}

impl List<'_> {
    /// What may stand as a value, or as a part of one.
    pub(super) fn value(&mut self) {
        let before = self.cx.text.get(..self.replaces.start as usize).unwrap_or("").trim_end();
        if let Some(base) = before.strip_suffix('/').map(chain)
            && matches!(self.cx.named(base), Some(Named::Thing(..)))
        {
            return self.paths(base, true);
        }
        if let Some((_, Frame::Index { base })) = self.cx.cursor.frames.last() {
            self.indices(&self.cx.text[base.clone()], true);
        }
        if !self.out.is_empty() {
            return;
        }
        if let Some(ty) = self.cx.compared() {
            return self.compared(ty);
        }
        if self.cx.is_condition() {
            let (word, doc) = ("node", "The candidate; in a layer, each of its nodes.");
            self.add(word, Sort::Thing, "", doc);
            self.ranked(0);
        }
        self.parameters();
        self.values(self.cx.wanted_here(), true);
    }

    /// The values of a type.
    pub(super) fn values(&mut self, ty: TyId, outermost: bool) {
        let schema = self.cx.schema();
        let kind = |name: &str| self.cx.kind(name);
        match schema.ty(schema.plain(ty)) {
            Ty::Enum(set) => {
                for word in &schema.enumeration(*set).words {
                    let name = self.cx.names().text(word.name);
                    let call = word.params.iter().any(|p| p.required);
                    let snippet = if call { format!("{name}($0)") } else { name.to_owned() };
                    self.add_as(name, Sort::Word, "", "", &snippet);
                }
            }
            Ty::Ref(shape) => {
                let from = self.out.len();
                self.things(*shape, "");
                // It is another one than that around the place.
                let program = &self.cx.c.resolved.program;
                let around = self.cx.labels.iter().map(|label| &program.labels[label.0 as usize]);
                let around = around.filter(|label| label.shape == *shape);
                let itself: Vec<&str> = around.map(|l| self.cx.names().text(l.name)).collect();
                let mut at = 0;
                self.out.retain(|item| {
                    at += 1;
                    at <= from || !itself.contains(&item.label.as_str())
                });
                self.near(Some(*shape));
                self.inner(*shape);
            }
            Ty::Bool => {
                for word in ["true", "false"] {
                    self.add(word, Sort::Word, "bool", "");
                }
            }
            Ty::Union(types) => {
                for &ty in types {
                    self.values(ty, false);
                }
            }
            Ty::List(_) | Ty::Set(_) => self.values(element(schema, ty), false),
            Ty::Location => {
                // Of several locations, each is most often the whole of a share.
                let listed = matches!(self.cx.cursor.frames.last(), Some((_, Frame::List)));
                let tail = if listed { "" } else { " / \"$0\"" };
                if let Some(share) = kind("share") {
                    self.things(share, tail);
                }
                self.disks(tail);
                for name in ["local", "tmpfs"] {
                    self.add_as(name, Sort::Function, "location", "", &format!("{name}($0)"));
                }
            }
            Ty::Endpoint => {
                self.near(None);
                if let Some(service) = kind("service") {
                    self.things(service, "");
                }
            }
            Ty::Placement => {
                if let Some(node) = kind("node") {
                    self.things(node, "");
                }
                for (name, snippet) in
                    [("all", "all"), ("each", "each($0)"), ("where", "where($0)")]
                {
                    self.add_as(name, Sort::Word, "placement", "", snippet);
                }
            }
            Ty::Secret => self.secrets(Form::Call),
            Ty::Any | Ty::Printable => self.anything(),
            Ty::Text(row) => {
                let row = &TEXTS[*row as usize];
                if row.name == "schedule" {
                    for word in schedule::WORDS {
                        self.add(word, Sort::Word, "schedule", "");
                    }
                }
                if row.name == "cap" {
                    for cap in CAPS {
                        self.add(&format!("\"{cap}\""), Sort::Word, "capability", "");
                    }
                } else {
                    self.spelling(row.name, row.doc, &format!("\"{}\"", row.example));
                }
                self.otherwise();
            }
            Ty::Matching(inner, _) => self.values(*inner, false),
            other => {
                if let Some((name, doc, example)) = forms::form(other) {
                    self.spelling(name, doc, example);
                    self.otherwise();
                }
            }
        }
        // An expression may begin with a `let` of that type wherever a value may stand.
        if outermost {
            for l in &self.cx.c.resolved.program.lets {
                if self.is_bare(l.span.file)
                    && schema.plain(l.ty) == schema.plain(ty)
                    && ty != Schema::ANY
                {
                    self.add(self.cx.names().text(l.name), Sort::Value, "let", "");
                    self.ranked(NEAR);
                }
            }
        }
    }

    /// The things inside the things around the place, before others.
    fn near(&mut self, kind: Option<ShapeId>) {
        let from = self.out.len();
        self.labels(kind);
        for item in &mut self.out[from..] {
            item.rank = self.beside + NEAR;
        }
    }

    /// How a value of a type is written, and what else of that type the project says.
    fn spelling(&mut self, name: &str, doc: &str, example: &str) {
        // Of texts that may say anything no one is an example.
        if matches!(name, "string" | "text") {
            return;
        }
        for (at, said) in (0..).zip(self.said_elsewhere()) {
            self.add_as(&said, Sort::Value, name, doc, &said.replace('$', "\\$"));
            self.ranked(Sort::Word.rank() + at);
        }
        let marked = example.trim_matches('"');
        let snippet = example.replace(marked, &format!("${{1:{}}}", marked.replace('}', "\\}")));
        self.add_as(example, Sort::Value, format!("{name}, for example"), doc, &snippet);
    }

    /// What other things of the kind say in the field at the place, most often said first.
    fn said_elsewhere(&self) -> Vec<String> {
        let (Some(Inside::Fields(shape)), Some(head)) = (self.cx.blocks.last(), self.cx.head())
        else {
            return Vec::new();
        };
        // An argument is no value of the field.
        if matches!(self.cx.cursor.frames.last(), Some((_, Frame::Call { .. }))) {
            return Vec::new();
        }
        let Some(field) = self.cx.names().find(self.cx.word(&head.word)) else { return Vec::new() };
        let Some(at) = self.cx.schema().shape(*shape).field(field) else { return Vec::new() };
        let model = &self.cx.c.resolved.model;
        let mut said: BTreeMap<String, usize> = BTreeMap::new();
        for thing in model.things.iter().filter(|thing| thing.shape == *shape) {
            for slot in thing.slots.iter().filter(|slot| slot.field == at) {
                let items = slot.value.items().iter().map(|item| &item.value);
                for value in items.chain([&slot.value]).filter(|value| value.items().is_empty()) {
                    let text = crate::answer::value::spell(value, model);
                    let short = text.chars().count() <= 40 && !text.contains(['\n', '{', '[']);
                    let short = short && text != "\"\"";
                    if short && !value.is_none() && !value.is_poison() {
                        *said.entry(text).or_default() += 1;
                    }
                }
            }
        }
        let mut said: Vec<(String, usize)> = said.into_iter().collect();
        said.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        said.into_iter().take(MOST).map(|(text, _)| text).collect()
    }

    /// What a text of the type at the place may say.
    fn texts_of(&mut self, ty: TyId) {
        let schema = self.cx.schema();
        let names: Vec<&str> = match schema.ty(schema.plain(ty)) {
            Ty::Text(row) => vec![TEXTS[*row as usize].name],
            Ty::Union(types) => types
                .iter()
                .filter_map(|ty| match schema.ty(*ty) {
                    Ty::Text(row) => Some(TEXTS[*row as usize].name),
                    _ => None,
                })
                .collect(),
            Ty::List(item) | Ty::Set(item) => return self.texts_of(*item),
            _ => return,
        };
        for said in self.said_elsewhere() {
            if let Some(text) = said.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
                self.add(text, Sort::Value, names.first().copied().unwrap_or(""), "");
            }
        }
        if names.contains(&"cap") {
            for cap in CAPS {
                self.add(cap, Sort::Word, "capability", "");
            }
            return;
        }
        if names.contains(&"timezone") {
            for zone in zones::all() {
                self.add(&zone, Sort::Word, "timezone", "");
            }
        }
        if names.contains(&"schedule") {
            for word in schedule::WORDS {
                self.add(word, Sort::Word, "schedule", "");
            }
        }
        for row in TEXTS.iter().filter(|row| names.contains(&row.name)) {
            if !matches!(row.name, "string" | "text") {
                self.add(row.example, Sort::Value, format!("{}, for example", row.name), row.doc);
            }
        }
    }

    /// The first argument of a word such as `debian(`: what other things say there.
    fn arguments_elsewhere(&mut self, quoted: bool) {
        let Some((_, Frame::Call { callee: Some(callee), argument: 0, name: None })) =
            self.cx.cursor.frames.last()
        else {
            return;
        };
        let Some(word) = self.cx.called.and(self.cx.names().find(self.cx.word(callee))) else {
            return;
        };
        let model = &self.cx.c.resolved.model;
        let mut said = BTreeSet::new();
        for value in model.things.iter().flat_map(|thing| &thing.slots).map(|slot| &slot.value) {
            if let Value::Word(found) = value
                && found.word == word
                && let Some((_, Value::Text(text))) =
                    found.params.iter().flat_map(|p| p.iter()).next()
            {
                said.insert(text.to_string());
            }
        }
        for text in said {
            let label = if quoted { text } else { format!("\"{text}\"") };
            self.add(&label, Sort::Value, "said elsewhere", "");
        }
    }

    /// The parameters of the call around the place that can be given by name, as `port = `.
    pub(super) fn parameters(&mut self) {
        self.arguments_elsewhere(false);
        let Some((_, Frame::Call { callee: Some(callee), name: None, .. })) =
            self.cx.cursor.frames.last()
        else {
            return;
        };
        let (names, word) = (self.cx.names(), self.cx.word(callee));
        let params: Vec<(&str, TyId)> = match self.cx.template(word) {
            Some(template) => template.params.iter().map(|p| (names.text(p.name), p.ty)).collect(),
            None => {
                let params = self.cx.called.map_or(&[][..], |word| &word.params).iter();
                params.map(|p| (names.text(p.name), p.ty)).collect()
            }
        };
        for (name, ty) in params {
            self.add_as(name, Sort::Parameter, self.spelled(ty), "", &format!("{name} = $0"));
        }
    }

    /// What may be compared with a value of a type: its values, or any expression.
    pub(super) fn compared(&mut self, ty: TyId) {
        let schema = self.cx.schema();
        self.values(ty, true);
        if self.out.is_empty() {
            self.anything();
        } else if matches!(schema.ty(ty), Ty::Optional(_)) && !self.cx.is_word() {
            self.add("none", Sort::Value, "", words::word("none").map_or("", |word| word.doc));
        }
    }

    /// What may lead to a value of a type, behind the values themselves.
    fn otherwise(&mut self) {
        self.beside = BESIDE;
        self.anything();
        self.beside = 0;
    }

    /// Where any value may stand: every name.
    pub(super) fn anything(&mut self) {
        self.near(None);
        for (_, name) in self.cx.binders(self.replaces.start as usize) {
            self.add(name, Sort::Value, "each in turn", "");
            self.ranked(NEAR);
        }
        for (word, doc) in AROUND {
            self.add(word, Sort::Value, "", *doc);
        }
        for word in WORDS.iter().filter(|word| word.leads()) {
            self.add_as(word.word, Sort::Keyword, "", word.doc, word.snippet);
        }
        let schema = self.cx.schema();
        let decls = self.cx.c.resolved.program.decls.iter().filter(|d| !d.library);
        let shapes: BTreeSet<ShapeId> = decls.map(|d| d.shape).collect();
        for shape in shapes.into_iter().map(|id| schema.shape(id)) {
            if let Some(plural) = shape.plural {
                let kind = self.cx.names().text(shape.name);
                self.add(self.cx.names().text(plural), Sort::Value, format!("every {kind}"), "");
                self.ranked(FAR);
            }
        }
        for kind in ["node", "service", "network", "share"] {
            if let Some(kind) = self.cx.kind(kind) {
                self.things(kind, "");
            }
        }
        for l in &self.cx.c.resolved.program.lets {
            if self.is_bare(l.span.file) {
                self.add(self.cx.names().text(l.name), Sort::Value, "let", "");
                self.ranked(LETS);
            }
        }
        for f in FUNCTIONS {
            self.add_as(f.name, Sort::Function, "", f.doc, &format!("{}($0)", f.name));
        }
    }

    /// Every secret: those of the service's own paths by name, others by their whole path.
    pub(super) fn secrets(&mut self, form: Form) {
        let model = &self.cx.c.resolved.model;
        let own = self.own_paths();
        for &store in model.all("secrets") {
            for &path in model.children(store, "path") {
                let folder = model.label(path);
                for item in model.get(path, "names").items() {
                    let Some(name) = item.value.as_text() else { continue };
                    let name = match own.contains(folder) {
                        true => name.to_owned(),
                        false => format!("{}/{name}", folder.trim_end_matches('/')),
                    };
                    let label = match form {
                        Form::Call => format!("secret(\"{name}\")"),
                        Form::Quoted => format!("\"{name}\""),
                        Form::Name => name,
                    };
                    self.add(&label, Sort::Value, format!("{}{folder}", model.label(store)), "");
                }
            }
        }
    }

    /// The paths of secrets that the declaration around the place may read, as its text says: so
    /// whatever else is half written there.
    fn own_paths(&self) -> BTreeSet<String> {
        let (text, tree) = (self.text, &self.text.tree);
        let inside = |span: Span, of: Span| of.start <= span.start && span.end <= of.end;
        let top = tree.stmts_of(tree.top).iter().map(|&id| tree.stmt(id).span);
        let Some(around) = top.into_iter().find(|span| span.holds(self.offset)) else {
            return BTreeSet::new();
        };
        let lists = tree.stmts.iter().filter(|stmt| match &stmt.kind {
            StmtKind::Entry(e) => text.names.text(e.word.sym) == "secrets",
            _ => false,
        });
        let lists: Vec<Span> = lists.map(|s| s.span).filter(|s| inside(*s, around)).collect();
        let keys = tree.exprs.iter().filter_map(|expr| match expr.kind {
            ExprKind::Index { index, .. } if lists.iter().any(|l| inside(expr.span, *l)) => {
                Some(text.sources.text(tree.expr(index).span).trim_matches('"').to_owned())
            }
            _ => None,
        });
        keys.collect()
    }

    /// What may stand inside of a text.
    pub(super) fn texts(&mut self, before: &str) {
        match self.cx.cursor.frames.last() {
            _ if self.cx.names_secret() => self.secrets(Form::Name),
            Some((_, Frame::Call { callee: Some(callee), argument: 0, .. }))
                if self.cx.word(callee) == "embed" =>
            {
                self.embeddable();
            }
            Some((_, Frame::Call { .. })) => {
                self.arguments_elsewhere(true);
                self.texts_of(self.cx.wanted_here());
            }
            None | Some((_, Frame::Block(_) | Frame::List)) if before.trim().is_empty() => {
                self.texts_of(self.cx.wanted_here());
            }
            Some((_, Frame::Index { base })) => {
                self.indices(&self.cx.text[base.clone()], false);
            }
            _ => {}
        }
        if matches!(&self.cx.cursor.at, At::Text { head: Some(head), .. } if self.cx.word(&head.word) == "import")
        {
            self.files();
        }
        let share = before.trim_end().strip_suffix('/').map(str::trim_end);
        if let Some(base) = share {
            self.paths(base, false);
        }
    }

    /// What may stand in the brackets behind a thing, or behind all of a kind: with its quotes, or between them.
    fn indices(&mut self, base: &str, quotes: bool) {
        let mut found = BTreeSet::new();
        match self.cx.named(base) {
            Some(Named::Thing(_, Some(label))) => {
                let children = self.cx.children(label).into_iter();
                let named = children.filter(|(word, ..)| self.cx.names().text(*word) != "allow");
                found.extend(named.map(|(_, name, _)| self.cx.names().text(name)));
            }
            Some(Named::All(shape)) => {
                let model = &self.cx.c.resolved.model;
                let all = model.by_kind.get(&shape).map_or(&[][..], |all| all);
                found.extend(all.iter().map(|&thing| model.label(thing)));
            }
            _ => {}
        }
        for name in found {
            self.add(&quoted(name, quotes), Sort::Thing, "", "");
        }
    }

    /// The things of a kind that stand in others, by the way to them: `keys["/gitea"]`, `sites["git.home"]`. Asked of
    /// the names alone, they are known where what is around them is half written.
    fn inner(&mut self, shape: ShapeId) {
        let (schema, names) = (self.cx.schema(), self.cx.names());
        let program = &self.cx.c.resolved.program;
        let kind = names.text(schema.shape(shape).name);
        if !matches!(kind, "disk" | "secret-path" | "site") {
            return;
        }
        let decls = program.decls.iter().filter(|decl| !decl.library);
        let mut todo: Vec<(LabelId, String)> =
            decls.map(|decl| (decl.label, names.text(decl.name).to_owned())).collect();
        let mut found = BTreeSet::new();
        while let Some((around, way)) = todo.pop() {
            for &(word, name, label) in &program.labels[around.0 as usize].children {
                let (word, name) = (names.text(word), names.text(name));
                let plural = schema.shape(shape).plural.map_or("", |plural| names.text(plural));
                let way = match kind {
                    "site" => format!("{plural}[\"{name}\"]"),
                    "secret-path" => format!("{way}[\"{name}\"]"),
                    _ if word == name => format!("{way}.{word}"),
                    _ => format!("{way}.{word}.{name}"),
                };
                if program.labels[label.0 as usize].shape == shape {
                    found.insert(way);
                } else {
                    todo.push((label, way));
                }
            }
        }
        for way in found {
            self.add(&way, Sort::Thing, kind, "");
        }
    }

    /// The disks of nodes, as places for files.
    fn disks(&mut self, tail: &str) {
        let from = self.out.len();
        if let Some(disk) = self.cx.kind("disk") {
            self.inner(disk);
        }
        for item in &mut self.out[from..] {
            item.snippet.push_str(tail);
            item.rank += 1;
        }
    }

    /// The files that are no sources, from the file on that embeds them.
    fn embeddable(&mut self) {
        for name in (self.files)() {
            self.add(&joined(self.here, &name), Sort::Path, "file", "");
        }
    }

    /// What an import can mean: the other files of the project, and each of their folders as a whole, from
    /// the file on that imports them.
    fn files(&mut self) {
        let here = self.here;
        let sources = self.cx.c.sources.iter().map(|(_, file)| file);
        let own = sources.filter(|file| file.place == Place::Project && file.name != here);
        for name in own.map(|file| file.name.as_str()).filter(|name| name.ends_with(".colab")) {
            let path = joined(here, name);
            if let Some((folder, _)) = path.rsplit_once('/') {
                self.add(&format!("{folder}/*.colab"), Sort::Path, "folder", "");
            }
            self.add(&path, Sort::Path, "file", "");
        }
    }

    /// The folders of a share or disk that are known: those it declares, and those in use.
    fn paths(&mut self, base: &str, quotes: bool) {
        let model = &self.cx.c.resolved.model;
        let wanted = match self.cx.named(base) {
            Some(Named::Thing(_, Some(label))) => label,
            _ => return,
        };
        let label = &self.cx.c.resolved.program.labels[wanted.0 as usize];
        let name = self.cx.names().text(label.name);
        let share = model.find("share", name);
        let mut found = BTreeSet::new();
        for item in share.map_or(&[][..], |share| model.get(share, "dirs").items()) {
            found.extend(item.value.as_text().map(str::to_owned));
        }
        for thing in &model.things {
            for slot in &thing.slots {
                let Value::Location(location) = &slot.value else { continue };
                let fits = match location.base {
                    Base::Share(id) => Some(id) == share,
                    Base::Disk(id) => model.label(id) == name,
                    _ => false,
                };
                if fits && !location.sub.is_empty() {
                    found.insert(location.sub.to_string());
                }
            }
        }
        for path in found {
            self.add(&quoted(&path, quotes), Sort::Path, name, "");
        }
    }
}

/// A text as it is written, or what stands between its quotes.
fn quoted(text: &str, quotes: bool) -> String {
    if quotes { format!("\"{text}\"") } else { text.to_owned() }
}
