//! Kinds, records, enums and type expressions into the schema. Defaults of fields are lowered
//! later, when all names are known.

use super::{Lower, Scope, Target};
use crate::diag::{About, Diagnostic, codes};
use crate::model::schema::{
    Enum, EnumId, EnumParam, EnumWord, Field, Schema, Shape, ShapeId, Ty, TyId,
};
use crate::names::Sym;
use crate::resolve::hir::NamedType;
use crate::source::Span;
use crate::syntax::tree::{Ident, Run, StmtKind, TypeId, TypeKind};
use crate::types::texts::TEXTS;

/// A `type N = T` and how far it got.
#[derive(Clone, Copy)]
pub struct Alias {
    file: usize,
    ty: TypeId,
    name: Ident,
    state: AliasState,
}

#[derive(Clone, Copy)]
enum AliasState {
    Open,
    Busy,
    Done(TyId),
}

/// A default that waits until all names are known.
pub enum Waiting {
    Field {
        shape: ShapeId,
        field: u16,
        file: usize,
        value: crate::syntax::tree::ExprId,
    },
    Asserts {
        shape: ShapeId,
        file: usize,
        stmts: Run,
    },
    Param {
        set: EnumId,
        word: usize,
        param: usize,
        file: usize,
        value: crate::syntax::tree::ExprId,
    },
}

impl Lower<'_> {
    /// Reads every `type` and `kind` of every file.
    pub(super) fn collect_types(&mut self) {
        let trees = self.trees;
        let mut kinds = Vec::new();
        for (file, tree) in trees.iter().enumerate() {
            for &id in tree.stmts_of(tree.top) {
                let stmt = tree.stmt(id);
                match &stmt.kind {
                    StmtKind::Type { name, ty } => {
                        let number = self.program.types.len() as u32;
                        let (sym, span) = (name.sym, name.span);
                        self.program.types.push(NamedType { name: sym, ty: Schema::POISON, span });
                        let state = AliasState::Open;
                        let alias = Alias { file, ty: *ty, name: *name, state };
                        let prefixed = self.is_prefixed(self.trees[file].file);
                        match self.types.taken(file, name.sym, prefixed) {
                            Some(old) => {
                                let first = self.aliases[old as usize].name.span;
                                self.declared_twice("type", *name, first);
                            }
                            None => self.types.insert(file, name.sym, prefixed, number),
                        }
                        self.aliases.push(alias);
                    }
                    StmtKind::Kind { name, plural, fields, asserts } => {
                        if let Some(&old) = self.program.schema.kinds.get(&name.sym) {
                            let first = self.program.schema.shape(old).span;
                            self.declared_twice("kind", *name, first);
                            continue;
                        }
                        let shape = self.new_shape(name.sym, name.span, stmt.doc);
                        let schema = &mut self.program.schema;
                        schema.shapes[shape.0 as usize].plural = Some(plural.sym);
                        schema.shapes[shape.0 as usize].is_kind = true;
                        schema.add_kind(name.sym, self.names.text(name.sym), shape);
                        schema.plurals.insert(plural.sym, shape);
                        kinds.push((shape, file, *fields));
                        self.waiting.push(Waiting::Asserts { shape, file, stmts: *asserts });
                    }
                    _ => {}
                }
            }
        }
        for &(shape, file, fields) in &kinds {
            self.shape_fields(shape, file, fields);
        }
        for number in 0..self.aliases.len() as u32 {
            self.program.types[number as usize].ty = self.alias(number);
        }
        self.program.project = self.kind_named("project").unwrap_or(ShapeId(0));
        self.join_user_kinds(&kinds);
    }

    /// A kind that the project declares may stand at the top level, like the library's.
    fn join_user_kinds(&mut self, kinds: &[(ShapeId, usize, Run)]) {
        let project = self.program.project;
        for &(shape, file, _) in kinds {
            if self.is_library(file) {
                continue;
            }
            let (name, span, doc) = {
                let s = self.program.schema.shape(shape);
                (s.name, s.span, s.doc)
            };
            let ty = self.program.schema.intern(Ty::Named(shape));
            let target = &mut self.program.schema.shapes[project.0 as usize];
            if target.field(name).is_some() {
                continue;
            }
            let field = Field { name, ty, fact: false, default: None, required: false, span, doc };
            target.add(field, self.names.text(name));
        }
    }

    fn new_shape(&mut self, name: Sym, span: Span, doc: Option<Span>) -> ShapeId {
        let schema = &mut self.program.schema;
        let id = ShapeId(schema.shapes.len() as u32);
        schema.shapes.push(Shape::new(name, span, doc));
        id
    }

    fn shape_fields(&mut self, shape: ShapeId, file: usize, run: Run) {
        let trees = self.trees;
        for decl in &trees[file].fields[run.range()] {
            let (ty, fact) = self.field_type(file, decl.ty);
            let optional = self.program.schema.is_optional(ty) || self.has_empty(ty);
            let at = self.program.schema.shapes[shape.0 as usize].fields.len() as u16;
            let target = &self.program.schema.shapes[shape.0 as usize];
            if let Some(old) = target.field(decl.name.sym) {
                let first = target.fields[old as usize].span;
                self.declared_twice("field", decl.name, first);
                continue;
            }
            if let Some(value) = decl.default {
                self.waiting.push(Waiting::Field { shape, field: at, file, value });
            }
            let target = &mut self.program.schema.shapes[shape.0 as usize];
            if decl.name.sym == self.words.value {
                target.main = Some(at);
            }
            let field = Field {
                name: decl.name.sym,
                ty,
                fact,
                default: None,
                required: decl.default.is_none() && !optional,
                span: decl.name.span,
                doc: decl.doc,
            };
            target.add(field, self.names.text(decl.name.sym));
        }
    }

    /// Whether the type has a value of its own that stands for "nothing said".
    fn has_empty(&self, ty: TyId) -> bool {
        matches!(
            self.program.schema.ty(ty),
            Ty::List(_)
                | Ty::Set(_)
                | Ty::Map(..)
                | Ty::Record(_)
                | Ty::Named(_)
                | Ty::Layer(_)
                | Ty::One(_)
                | Ty::Data
        )
    }

    fn field_type(&mut self, file: usize, id: TypeId) -> (TyId, bool) {
        let trees = self.trees;
        if let TypeKind::Name { prefix: None, name, args } = &trees[file].ty(id).kind
            && name.sym == self.words.fact
            && args.len() == 1
        {
            let inner = trees[file].types_of(*args)[0];
            return (self.type_of(file, inner), true);
        }
        (self.type_of(file, id), false)
    }

    /// The type that a type expression means.
    pub(super) fn type_of(&mut self, file: usize, id: TypeId) -> TyId {
        let trees = self.trees;
        let tree = &trees[file];
        let node = tree.ty(id);
        match &node.kind {
            TypeKind::Bad => Schema::POISON,
            TypeKind::Name { prefix: Some(prefix), name, .. } => {
                self.imported_type(file, *prefix, *name)
            }
            TypeKind::Name { prefix: None, name, args } => {
                let args: Vec<TypeId> = tree.types_of(*args).to_vec();
                self.named_type(file, *name, &args)
            }
            TypeKind::Record { fields } => {
                let name = self.words.record;
                let shape = self.new_shape(name, node.span, None);
                self.shape_fields(shape, file, *fields);
                self.program.schema.intern(Ty::Record(shape))
            }
            TypeKind::Enum { words } => {
                let set = self.new_enum(file, *words, node.span);
                self.program.schema.intern(Ty::Enum(set))
            }
            TypeKind::Union { alternatives } => {
                let ids = tree.types_of(*alternatives).to_vec();
                let before = self.diagnostics.len();
                let mut types = Vec::new();
                for &id in &ids {
                    types.push(self.type_of(file, id));
                }
                if self.diagnostics.len() - before == ids.len() {
                    self.words_for_types(before, node.span);
                    return Schema::POISON;
                }
                // `enum { all } | node?` is optional as a whole.
                let optional =
                    types.iter().any(|&t| matches!(self.program.schema.ty(t), Ty::Optional(_)));
                let plain = types.iter().map(|&t| self.program.schema.plain(t)).collect();
                let union = self.program.schema.intern(Ty::Union(plain));
                if optional { self.program.schema.intern(Ty::Optional(union)) } else { union }
            }
            TypeKind::Optional(inner) => {
                let inner = self.type_of(file, *inner);
                self.program.schema.intern(Ty::Optional(inner))
            }
            TypeKind::In { base, low, high } => {
                let base_ty = self.type_of(file, *base);
                if *self.program.schema.ty(base_ty) != Ty::Int {
                    let span = tree.ty(*base).span;
                    self.report(
                        Diagnostic::new(&codes::E0205, span, "only `int` takes a range of values")
                            .help("write `int in 1..10`"),
                    );
                }
                if low > high {
                    let text = format!("the range {low}..{high} holds no number");
                    self.report(Diagnostic::new(&codes::E0205, node.span, text));
                }
                self.program.schema.intern(Ty::IntIn(*low, *high))
            }
            TypeKind::Matching { base, pattern } => {
                let base = self.type_of(file, *base);
                if let Err(why) = crate::types::Pattern::new(self.names.text(*pattern)) {
                    let text = format!("the pattern cannot be read: {}", why.message);
                    self.report(Diagnostic::new(&codes::E0205, node.span, text));
                    return base;
                }
                self.program.schema.intern(Ty::Matching(base, *pattern))
            }
        }
    }

    /// `type tier = core | team`: none of them is a type, so that words of a closed set are meant.
    fn words_for_types(&mut self, before: usize, span: Span) {
        let said = self.diagnostics.split_off(before);
        if !said.iter().all(|d| d.about == Some(About::Type)) {
            return self.diagnostics.extend(said);
        }
        let words = self.sources.text(span).replace(" |", ",").replace('|', ", ");
        let meant = format!("enum {{ {words} }}");
        self.report(
            Diagnostic::new(&codes::E0205, span, "expected types, found names that are none")
                .suggest(format!("for words of a closed set, `{meant}`"), span, meant),
        );
    }

    fn new_enum(&mut self, file: usize, words: Run, span: Span) -> EnumId {
        let trees = self.trees;
        let id = EnumId(self.program.schema.enums.len() as u32);
        self.program.schema.enums.push(Enum { name: None, words: Vec::new(), span });
        let mut list: Vec<EnumWord> = Vec::new();
        for (at, word) in trees[file].words[words.range()].iter().enumerate() {
            if let Some(old) = list.iter().find(|w| w.name == word.name.sym) {
                let first = old.span;
                self.declared_twice("word", word.name, first);
            }
            let mut params = Vec::new();
            for (nth, param) in trees[file].params[word.params.range()].iter().enumerate() {
                let ty = self.type_of(file, param.ty);
                let optional = self.program.schema.is_optional(ty) || self.has_empty(ty);
                if let Some(value) = param.default {
                    self.waiting.push(Waiting::Param {
                        set: id,
                        word: at,
                        param: nth,
                        file,
                        value,
                    });
                }
                params.push(EnumParam {
                    name: param.name.sym,
                    ty,
                    default: None,
                    required: param.default.is_none() && !optional,
                });
            }
            list.push(EnumWord { name: word.name.sym, params, span: word.name.span });
        }
        self.program.schema.enums[id.0 as usize].words = list;
        id
    }

    fn named_type(&mut self, file: usize, name: Ident, args: &[TypeId]) -> TyId {
        let text = self.names.text(name.sym).to_string();
        let arity = |n: usize| args.len() == n;
        let simple = match text.as_str() {
            "any" => Some(Ty::Any),
            "bool" => Some(Ty::Bool),
            "int" => Some(Ty::Int),
            "float" => Some(Ty::Float),
            "bytes" => Some(Ty::Bytes),
            "duration" => Some(Ty::Duration),
            "cpu" => Some(Ty::Cpu),
            "ip" => Some(Ty::Ip),
            "ip4" => Some(Ty::Ip4),
            "ip6" => Some(Ty::Ip6),
            "cidr" => Some(Ty::Cidr),
            "mac" => Some(Ty::Mac),
            "mode" => Some(Ty::Mode),
            // The number; the thing that `port web = ...` declares is `ref<port>`.
            "port" => Some(Ty::Port),
            "ports" => Some(Ty::Ports),
            "secret" => Some(Ty::Secret),
            "location" => Some(Ty::Location),
            "endpoint" => Some(Ty::Endpoint),
            "data" => Some(Ty::Data),
            "placement" => Some(Ty::Placement),
            "generated" => Some(Ty::Generated),
            "text" => Some(Ty::Printable),
            "name" => Some(Ty::Name),
            _ => None,
        };
        if let Some(ty) = simple {
            return self.program.schema.intern(ty);
        }
        let wanted = match text.as_str() {
            "list" | "set" => Some(1),
            "map" => Some(2),
            "named" | "layer" | "one" | "all" | "ref" | "fact" => Some(1),
            _ => None,
        };
        if let Some(wanted) = wanted {
            if !arity(wanted) {
                let example =
                    if wanted == 1 { format!("{text}<T>") } else { format!("{text}<K, V>") };
                let message =
                    format!("`{text}` takes {wanted} type{}", if wanted == 1 { "" } else { "s" });
                self.report(
                    Diagnostic::new(&codes::E0205, name.span, message)
                        .help(format!("write `{example}`")),
                );
                return Schema::POISON;
            }
            return self.generic_type(file, &text, name, args);
        }
        // A text type wins over a kind of its name: a reference to that is `ref<K>`.
        if let Some(row) = TEXTS.iter().position(|t| t.name == text) {
            return self.program.schema.intern(Ty::Text(row as u32));
        }
        if let Some(&shape) = self.program.schema.kinds.get(&name.sym) {
            self.mention(name.span, Target::Kind(shape));
            return self.program.schema.intern(Ty::Ref(shape));
        }
        if let Some(number) = self.bare(&self.types, file, name.sym) {
            self.mention(name.span, Target::Type(number));
            return self.alias(number);
        }
        let known: Vec<&str> =
            TEXTS.iter().map(|t| t.name).chain(BUILT_IN.iter().copied()).collect();
        let declared: Vec<String> = self
            .types
            .names()
            .chain(self.program.schema.kinds.keys().copied())
            .map(|s| self.names.text(s).to_string())
            .collect();
        let all = known.into_iter().chain(declared.iter().map(String::as_str));
        let near = crate::types::distance::nearest(&text, all);
        let mut diagnostic =
            Diagnostic::new(&codes::E0205, name.span, format!("no type is called `{text}`"))
                .about(About::Type);
        let behind = self.prefixes(&self.types, file, name.sym);
        diagnostic = match super::foreign::type_meant(&text) {
            _ if !behind.is_empty() => super::behind_a_name(diagnostic, name.span, &behind),
            Some(meant) => diagnostic.suggest(format!("write `{meant}`"), name.span, meant),
            None if near.is_empty() => diagnostic
                .help(format!("declare it: `type {text} = ...`"))
                .note("the usual ones: bool, int, float, string, bytes, duration, ip, cidr, port, path, fqdn, url, list<T>, set<T>, map<K, V>, and every kind"),
            None => super::did_you_mean(diagnostic, name.span, self.sources.text(name.span), &near),
        };
        self.report(diagnostic);
        Schema::POISON
    }

    fn generic_type(&mut self, file: usize, text: &str, name: Ident, args: &[TypeId]) -> TyId {
        if let "named" | "layer" | "one" | "all" | "ref" = text {
            let trees = self.trees;
            let TypeKind::Name { prefix: None, name: kind, .. } = &trees[file].ty(args[0]).kind
            else {
                let message = "expected the name of a kind";
                let way = format!("write `{text}<node>`, or any other kind");
                self.fault(&codes::E0205, name.span, message, way);
                return Schema::POISON;
            };
            let Some(&shape) = self.program.schema.kinds.get(&kind.sym) else {
                let message = format!("no kind is called `{}`", self.names.text(kind.sym));
                let kinds = self.program.schema.kinds.keys();
                let all: Vec<String> =
                    kinds.map(|&kind| self.names.text(kind).to_owned()).collect();
                let near = crate::types::distance::nearest(
                    self.names.text(kind.sym),
                    all.iter().map(String::as_str),
                );
                let written = self.sources.text(kind.span);
                let found = Diagnostic::new(&codes::E0205, kind.span, message);
                let found = super::did_you_mean(found, kind.span, written, &near);
                self.report(found.or_help("`colabc schema kinds` lists all kinds"));
                return Schema::POISON;
            };
            self.mention(kind.span, Target::Kind(shape));
            let ty = match text {
                "named" => Ty::Named(shape),
                "layer" => Ty::Layer(shape),
                "one" => Ty::One(shape),
                "ref" => Ty::Ref(shape),
                _ => Ty::All(shape),
            };
            return self.program.schema.intern(ty);
        }
        let first = self.type_of(file, args[0]);
        let ty = match text {
            "list" => Ty::List(first),
            "set" => Ty::Set(first),
            "map" => Ty::Map(first, self.type_of(file, args[1])),
            _ => return first,
        };
        self.program.schema.intern(ty)
    }

    fn alias(&mut self, number: u32) -> TyId {
        let alias = self.aliases[number as usize];
        let name = alias.name.sym;
        match alias.state {
            AliasState::Done(ty) => ty,
            AliasState::Busy => {
                let text = self.names.text(name).to_string();
                self.report(
                    Diagnostic::new(
                        &codes::E0309,
                        alias.name.span,
                        format!("the type `{text}` is made of itself"),
                    )
                    .help("types cannot be recursive: break the circle with a plain type"),
                );
                self.aliases[number as usize].state = AliasState::Done(Schema::POISON);
                Schema::POISON
            }
            AliasState::Open => {
                self.aliases[number as usize].state = AliasState::Busy;
                let ty = self.type_of(alias.file, alias.ty);
                // The first name that a record or an enum gets is its own.
                match *self.program.schema.ty(ty) {
                    Ty::Record(shape) => self.program.schema.shapes[shape.0 as usize].name = name,
                    Ty::Enum(set) => {
                        let set = &mut self.program.schema.enums[set.0 as usize];
                        set.name = set.name.or(Some(name));
                    }
                    _ => {}
                }
                let state = &mut self.aliases[number as usize].state;
                if !matches!(state, AliasState::Done(_)) {
                    *state = AliasState::Done(ty);
                }
                ty
            }
        }
    }

    /// `lib.tier`
    fn imported_type(&mut self, file: usize, prefix: Ident, name: Ident) -> TyId {
        if let Some(number) = self.under(&self.types, file, prefix.sym, name.sym) {
            self.mention(name.span, Target::Type(number));
            return self.alias(number);
        }
        let (lib, text) = (self.text(prefix.sym), self.text(name.sym));
        let Some(files) = self.input.aliases[file].get(&prefix.sym) else {
            let all = self.input.aliases[file].keys().map(|&n| self.text(n));
            let near = crate::types::distance::nearest(lib, all);
            let message = format!("nothing is imported here as `{lib}`");
            let diagnostic = Diagnostic::new(&codes::E0205, prefix.span, message);
            let diagnostic = super::did_you_mean(diagnostic, prefix.span, lib, &near);
            self.report(diagnostic.or_help(format!("import it: `import \"...\" as {lib}`")));
            return Schema::POISON;
        };
        let there = self.aliases.iter().filter(|alias| files.contains(&alias.file));
        let near =
            crate::types::distance::nearest(text, there.map(|alias| self.text(alias.name.sym)));
        let diagnostic =
            Diagnostic::new(&codes::E0205, name.span, format!("`{lib}` has no type `{text}`"));
        let diagnostic = super::did_you_mean(diagnostic, name.span, text, &near);
        self.report(diagnostic.or_help(format!("declare it there: `type {text} = ...`")));
        Schema::POISON
    }

    /// Lowers the defaults, now that every name is known.
    pub(super) fn lower_defaults(&mut self) {
        for waiting in std::mem::take(&mut self.waiting) {
            match waiting {
                Waiting::Field { shape, field, file, value } => {
                    let ty = self.program.schema.shape(shape).fields[field as usize].ty;
                    let mut scope = Scope::of_kind(self, file, shape);
                    let id = self.checked(value, ty, &mut scope);
                    self.program.schema.shapes[shape.0 as usize].fields[field as usize].default =
                        Some(id);
                }
                Waiting::Asserts { shape, file, stmts } => {
                    let trees = self.trees;
                    for &id in trees[file].stmts_of(stmts) {
                        let stmt = trees[file].stmt(id);
                        let StmtKind::Assert { message, condition } = stmt.kind else { continue };
                        let mut scope = Scope::of_kind(self, file, shape);
                        let name = self.program.schema.shape(shape).name;
                        let title = format!("kind {}", self.text(name));
                        scope.home = self.home(&title);
                        let assert = self.lower_assert(message, condition, stmt.span, &mut scope);
                        self.program.schema.shapes[shape.0 as usize].asserts.push(assert);
                    }
                }
                Waiting::Param { set, word, param, file, value } => {
                    let ty = self.program.schema.enumeration(set).words[word].params[param].ty;
                    let mut scope = Scope::top(file);
                    let id = self.checked(value, ty, &mut scope);
                    self.program.schema.enums[set.0 as usize].words[word].params[param].default =
                        Some(id);
                }
            }
        }
    }
}

const BUILT_IN: &[&str] = &[
    "any",
    "bool",
    "int",
    "float",
    "bytes",
    "duration",
    "cpu",
    "ip",
    "ip4",
    "ip6",
    "cidr",
    "mac",
    "mode",
    "port",
    "ports",
    "secret",
    "location",
    "endpoint",
    "data",
    "placement",
    "generated",
    "text",
    "name",
    "list",
    "set",
    "map",
];
