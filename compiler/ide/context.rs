//! What is expected at a place of a text that may be half written: the kind whose fields the block
//! around it holds, the type of the value, what stands before a dot. The names are those of the last
//! compilation, which may be a moment older than the text.

use crate::Compilation;
use crate::model::schema::{EnumWord, Schema, ShapeId, Ty, TyId};
use crate::names::Names;
use crate::resolve::functions::FUNCTIONS;
use crate::resolve::hir::{LabelId, Template};
use crate::resolve::lower::Target;
use crate::syntax::cursor::{At, Cursor, Frame, Head, Piece, cursor};
use std::ops::Range;

/// What a block holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Inside {
    /// Fields of a kind or record.
    Fields(ShapeId),
    /// Keys with values of a type.
    Keys(TyId),
    /// Something that is not known.
    Unknown,
}

/// What stands before a dot, or is named.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Named {
    Value(TyId),
    /// A thing that the text shows, whose own things can be named.
    Thing(ShapeId, Option<LabelId>),
    All(ShapeId),
    Library,
}

/// A place with what is known of it.
pub struct Context<'a> {
    pub c: &'a Compilation,
    pub text: &'a str,
    pub cursor: Cursor,
    /// The blocks around the place, from the outside in.
    pub blocks: Vec<Inside>,
    /// The things around the place that have a name, from the outside in.
    pub labels: Vec<LabelId>,
    /// What is expected inside of the innermost bracket.
    pub wanted: TyId,
    /// The word with parameters whose brackets are the innermost: `smb3(` here `)`.
    pub called: Option<&'a EnumWord>,
}

impl<'a> Context<'a> {
    pub fn new(c: &'a Compilation, text: &'a str, offset: usize) -> Context<'a> {
        let project = Inside::Fields(c.resolved.program.project);
        let mut context = Context {
            c,
            text,
            cursor: cursor(text, offset),
            blocks: vec![project],
            labels: Vec::new(),
            wanted: Schema::ANY,
            called: None,
        };
        for (statement, frame) in context.cursor.frames.clone() {
            if let Some(head) = statement.filter(|_| !matches!(frame, Frame::Block(_))) {
                context.wanted = context.type_of(&head);
            }
            context.enter(&frame);
        }
        context
    }

    pub fn word(&self, piece: &Piece) -> &'a str {
        self.text.get(piece.clone()).unwrap_or("").trim_matches(['"', '\''])
    }

    pub fn schema(&self) -> &'a Schema {
        &self.c.resolved.program.schema
    }

    pub fn names(&self) -> &'a Names {
        &self.c.names
    }

    pub fn inside(&self) -> Inside {
        *self.blocks.last().expect("a file is a block")
    }

    fn enter(&mut self, frame: &Frame) {
        let schema = self.schema();
        self.called = None;
        match frame {
            Frame::Block(head) if head.word.is_empty() => {
                let inside = self.block_of(self.wanted);
                self.blocks.push(inside);
            }
            Frame::Block(head) => {
                let inside = self.block(head);
                self.wanted = match inside {
                    Inside::Keys(ty) => ty,
                    _ => Schema::ANY,
                };
                let label = self.label(head);
                self.labels.extend(label);
                self.blocks.push(inside);
            }
            Frame::Call { callee, argument, name } => {
                self.called = callee.as_ref().and_then(|callee| self.with_parameters(callee));
                self.wanted = match callee {
                    Some(callee) => self.argument(callee, *argument, name.as_ref()),
                    None => self.wanted,
                };
            }
            Frame::List => self.wanted = element(schema, self.wanted),
            Frame::Index { .. } | Frame::Text => self.wanted = Schema::ANY,
        }
    }

    /// What the block of a statement holds.
    fn block(&self, head: &Head) -> Inside {
        let word = self.word(&head.word);
        if word == "template" {
            let kind = head.target.as_ref().and_then(|target| self.kind(self.word(target)));
            return kind.map_or(Inside::Unknown, Inside::Fields);
        }
        match (self.inside(), self.field(word)) {
            (Inside::Fields(_), Some(ty)) => self.block_of(ty),
            (Inside::Keys(ty), _) => self.block_of(ty),
            _ => Inside::Unknown,
        }
    }

    fn block_of(&self, ty: TyId) -> Inside {
        let schema = self.schema();
        match schema.ty(schema.plain(ty)) {
            Ty::Named(s) | Ty::Record(s) | Ty::One(s) | Ty::Layer(s) => Inside::Fields(*s),
            Ty::Map(_, value) => Inside::Keys(*value),
            Ty::Union(types) => types
                .iter()
                .map(|&ty| self.block_of(ty))
                .find(|inside| *inside != Inside::Unknown)
                .unwrap_or(Inside::Unknown),
            _ => Inside::Unknown,
        }
    }

    pub fn kind(&self, name: &str) -> Option<ShapeId> {
        self.schema().kinds.get(&self.names().find(name)?).copied()
    }

    /// The type of a field of the innermost block.
    pub fn field(&self, name: &str) -> Option<TyId> {
        let Inside::Fields(shape) = self.inside() else { return None };
        let shape = self.schema().shape(shape);
        let at = shape.field(self.names().find(name)?)?;
        Some(shape.fields[at as usize].ty)
    }

    /// The type of what stands behind the sign of a statement.
    pub fn type_of(&self, head: &Head) -> TyId {
        let schema = self.schema();
        if let Inside::Keys(ty) = self.inside() {
            return ty;
        }
        if let ("let", Some(name), 1) = (self.word(&head.word), &head.label, self.blocks.len()) {
            let name = self.names().find(self.word(name));
            let known = self.c.resolved.program.lets.iter().find(|l| Some(l.name) == name);
            return known.map_or(Schema::ANY, |l| l.ty);
        }
        let Some(ty) = self.field(self.word(&head.word)) else { return Schema::ANY };
        match schema.ty(schema.plain(ty)) {
            Ty::Named(shape) => {
                let shape = schema.shape(*shape);
                shape.main.map_or(Schema::ANY, |main| shape.fields[main as usize].ty)
            }
            _ => ty,
        }
    }

    /// The thing that a statement names, as the last compilation knows it.
    fn label(&self, head: &Head) -> Option<LabelId> {
        let program = &self.c.resolved.program;
        let name = self.names().find(self.word(head.label.as_ref()?))?;
        let word = self.names().find(self.word(&head.word))?;
        match self.labels.last() {
            Some(around) => self.child(*around, word, name),
            None if self.word(&head.word) == "template" => {
                program.templates.iter().find(|t| t.name == name && !t.library).map(|t| t.label)
            }
            None => {
                let shape = *self.schema().kinds.get(&word)?;
                let decl = program.by_name.get(&(shape, name))?;
                Some(program.decl(*decl).label)
            }
        }
    }

    fn child(
        &self,
        of: LabelId,
        word: crate::names::Sym,
        name: crate::names::Sym,
    ) -> Option<LabelId> {
        let children = self.children(of);
        children.into_iter().find(|&(w, n, _)| w == word && n == name).map(|(_, _, id)| id)
    }

    /// The things inside of a thing, those of its template included.
    pub fn children(&self, of: LabelId) -> Vec<(crate::names::Sym, crate::names::Sym, LabelId)> {
        let program = &self.c.resolved.program;
        let node = &program.labels[of.0 as usize];
        let mut out = node.children.clone();
        if let Some(template) = node.template {
            let inner = &program.labels[program.template(template).label.0 as usize];
            for child in &inner.children {
                if !out.iter().any(|(word, name, _)| (*word, *name) == (child.0, child.1)) {
                    out.push(*child);
                }
            }
        }
        out
    }

    /// The template that a text names, as `std.web` or `web`.
    pub fn template(&self, path: &str) -> Option<&'a Template> {
        let templates = &self.c.resolved.program.templates;
        templates.iter().find(|t| t.path == path).or_else(|| {
            let last = path.rsplit('.').next().unwrap_or(path);
            templates.iter().find(|t| !t.library && self.names().text(t.name) == last)
        })
    }

    /// The type of an argument of a call: of a template, or of a word with parameters.
    fn argument(&self, callee: &Piece, at: usize, name: Option<&Piece>) -> TyId {
        let path = self.word(callee);
        if let Some(template) = self.template(path) {
            let wanted = name.map(|name| self.word(name));
            let by_name = |p: &&crate::resolve::hir::Param| {
                wanted.is_some_and(|wanted| self.names().text(p.name) == wanted)
            };
            let param = template.params.iter().find(by_name).or_else(|| template.params.get(at));
            return param.map_or(Schema::ANY, |p| p.ty);
        }
        if FUNCTIONS.iter().any(|f| f.name == path) {
            return Schema::ANY;
        }
        let Some(word) = self.with_parameters(callee) else { return Schema::ANY };
        let wanted = name.map(|name| self.word(name));
        let mut params = word.params.iter();
        let by_name =
            params.find(|p| wanted.is_some_and(|wanted| self.names().text(p.name) == wanted));
        by_name.or_else(|| word.params.get(at)).map_or(Schema::ANY, |p| p.ty)
    }

    /// The word of that name, of the sets that are expected.
    fn with_parameters(&self, callee: &Piece) -> Option<&'a EnumWord> {
        let schema = self.schema();
        let word = self.names().find(self.word(callee))?;
        let of = |ty: TyId| match schema.ty(ty) {
            Ty::Enum(set) => schema.enumeration(*set).word(word),
            _ => None,
        };
        let wanted = schema.plain(self.wanted);
        match schema.ty(wanted) {
            Ty::Union(types) => types.iter().find_map(|&ty| of(ty)),
            _ => of(wanted),
        }
    }

    /// The statement whose value the place is in.
    pub fn head(&self) -> Option<&Head> {
        match &self.cursor.at {
            At::Value(head) if !head.word.is_empty() => return Some(head),
            At::Text { head: Some(head), .. } if !head.word.is_empty() => return Some(head),
            _ => {}
        }
        let frames = self.cursor.frames.iter().rev();
        let mut frames = frames.take_while(|(_, frame)| !matches!(frame, Frame::Block(_)));
        frames.find_map(|(head, _)| head.as_ref())
    }

    /// What is expected at the place itself.
    pub fn wanted_here(&self) -> TyId {
        let head = match &self.cursor.at {
            At::Value(head) => Some(head),
            At::Text { head, .. } | At::Member { head, .. } => head.as_ref(),
            _ => None,
        };
        let wanted = match head {
            Some(head) if !head.word.is_empty() => self.type_of(head),
            _ => self.wanted,
        };
        // Of what is not known yet, anything may be meant.
        if wanted == Schema::POISON { Schema::ANY } else { wanted }
    }

    /// Whether the place is in a condition that is asked of nodes: of `where`, of `each`, of an `assert`.
    pub fn is_condition(&self) -> bool {
        self.cursor.frames.iter().any(|(_, frame)| match frame {
            Frame::Block(head) => self.word(&head.word) == "assert",
            Frame::Call { callee: Some(callee), .. } => {
                matches!(self.word(callee), "where" | "each")
            }
            _ => false,
        })
    }

    /// Whether the place is right behind a whole value or block: whoever just closed it wants no more, least of all a
    /// proposal that the end of the line takes.
    pub fn is_glued(&self) -> bool {
        let before = self.text.get(..self.cursor.word.start).unwrap_or("").chars().next_back();
        self.cursor.word.is_empty() && before.is_some_and(|c| !c.is_whitespace() && c != '{')
    }

    /// Whether the place is where a template gives a parameter its name.
    pub fn names_parameter(&self) -> bool {
        let head = match self.cursor.frames.last() {
            Some((Some(head), Frame::Call { callee: None, .. })) => head,
            _ => return false,
        };
        self.word(&head.word) == "template"
    }

    /// Whether the place is what a template is `for`.
    pub fn is_target(&self, head: &Head) -> bool {
        self.word(&head.word) == "template" && head.target.as_ref().is_some_and(Range::is_empty)
    }

    /// Whether the place is behind the sign of a `type`.
    pub fn is_type(&self, head: &Head) -> bool {
        let before = self.text.get(..head.word.start).unwrap_or("").trim_end();
        if self.word(&head.word) == "type" && head.label.is_some() {
            return self.blocks.len() == 1;
        }
        let word = before.rsplit(|c: char| !c.is_alphanumeric() && c != '-').next();
        self.blocks.len() == 1 && word == Some("type")
    }

    /// Whether the name of a secret is what stands at the place.
    pub fn names_secret(&self) -> bool {
        matches!(self.cursor.frames.last(), Some((_, Frame::Call { callee: Some(callee), argument: 0, .. }))
            if self.word(callee) == "secret")
    }

    /// The type of what the value at the place is compared with: `arch == ` here.
    pub fn compared(&self) -> Option<TyId> {
        let before = self.text.get(..self.cursor.word.start)?.trim_end();
        let left = before.strip_suffix("==").or_else(|| before.strip_suffix("!="));
        let left = left.or_else(|| before.strip_suffix(" is"))?;
        match self.named(chain(left))? {
            Named::Value(ty) => Some(ty),
            _ => None,
        }
    }

    /// Whether the value at the place is asked for its word: `node.os is ` here.
    pub fn is_word(&self) -> bool {
        let before = self.text.get(..self.cursor.word.start).unwrap_or("").trim_end();
        before.ends_with(" is")
    }

    /// What a chain of names stands for.
    pub fn named(&self, chain: &str) -> Option<Named> {
        self.named_at(chain, self.cursor.word.start)
    }

    /// The same where it stands before an offset.
    fn named_at(&self, chain: &str, before: usize) -> Option<Named> {
        let mut steps = steps(chain).into_iter();
        let first = steps.next()?;
        let mut here = match &first {
            Step::Name(name) => self.binder(name, before).or_else(|| self.first(&first)),
            Step::Index(_) | Step::Call => self.first(&first),
        }?;
        for step in steps {
            here = self.step(here, &step)?;
        }
        Some(here)
    }

    /// The names of `x in` in the statement before an offset, each with where it stands.
    pub fn binders(&self, before: usize) -> Vec<(usize, &'a str)> {
        let at_head = |head: &Head| head.word.start;
        let frames = self.cursor.frames.iter().flat_map(|(head, frame)| {
            let block = match frame {
                Frame::Block(head) => Some(at_head(head)),
                _ => None,
            };
            head.as_ref().map(at_head).into_iter().chain(block)
        });
        let inner = match &self.cursor.at {
            At::Value(head) => Some(at_head(head)),
            At::Text { head, .. } | At::Member { head, .. } => head.as_ref().map(at_head),
            _ => None,
        };
        let Some(start) = frames.chain(inner).max() else { return Vec::new() };
        let text = self.text.get(start..before).unwrap_or("");
        let word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
        text.match_indices(" in ")
            .filter_map(|(at, _)| {
                let name = &text[text[..at].trim_end_matches(word).len()..at];
                (!name.is_empty()).then_some((start + at - name.len(), name))
            })
            .collect()
    }

    /// What `x` of `x in` stands for.
    fn binder(&self, name: &str, before: usize) -> Option<Named> {
        let binders = self.binders(before);
        let &(at, name) = binders.iter().rev().find(|(_, other)| *other == name)?;
        let over = self.text[at + name.len() + 4..before].trim_start();
        let end = over.find([':', ',', '(', ')', '\n']).unwrap_or(over.len());
        let over = over[..end].split(" if ").next().unwrap_or("").trim_end();
        let schema = self.schema();
        let item = match self.named_at(over, at)? {
            Named::All(shape) => return Some(Named::Thing(shape, None)),
            Named::Value(ty) => element(schema, schema.plain(ty)),
            _ => return None,
        };
        Some(match schema.ty(schema.plain(item)) {
            Ty::Ref(shape) => Named::Thing(*shape, None),
            _ => Named::Value(item),
        })
    }

    fn first(&self, step: &Step) -> Option<Named> {
        let program = &self.c.resolved.program;
        let schema = self.schema();
        let Step::Name(name) = step else { return None };
        if *name == "std" {
            return Some(Named::Library);
        }
        let own = |kind: &str| {
            let kind = self.kind(kind)?;
            let label = self.labels.iter().rev().copied();
            let label = label.into_iter().find(|l| program.labels[l.0 as usize].shape == kind);
            Some(Named::Thing(kind, label))
        };
        match *name {
            "cluster" | "node" | "service" | "container" | "unit" => return own(name),
            _ => {}
        }
        let sym = self.names().find(name)?;
        for &label in self.labels.iter().rev() {
            if let Some((_, _, child)) = self.children(label).into_iter().find(|c| c.1 == sym) {
                let shape = program.labels[child.0 as usize].shape;
                return Some(Named::Thing(shape, Some(child)));
            }
        }
        if let Some(decl) = program.decls.iter().find(|d| d.name == sym && !d.library) {
            return Some(Named::Thing(decl.shape, Some(decl.label)));
        }
        if let Some(found) = program.lets.iter().find(|l| l.name == sym) {
            return Some(Named::Value(found.ty));
        }
        if let Some(shape) = schema.plurals.get(&sym) {
            return Some(Named::All(*shape));
        }
        // The fields of the block itself: `sites["a"]` in a service.
        let plural = |shape: &ShapeId| schema.shape(*shape).plural == Some(sym);
        schema.kinds.values().find(|shape| plural(shape)).map(|shape| Named::All(*shape))
    }

    fn step(&self, here: Named, step: &Step) -> Option<Named> {
        let schema = self.schema();
        let program = &self.c.resolved.program;
        match (here, step) {
            (Named::Thing(shape, label), Step::Name(name) | Step::Index(name)) => {
                let sym = self.names().find(name)?;
                let child = label.and_then(|label| {
                    self.children(label).into_iter().find(|child| child.1 == sym)
                });
                if let Some((_, _, child)) = child {
                    let shape = program.labels[child.0 as usize].shape;
                    return Some(Named::Thing(shape, Some(child)));
                }
                let field = schema.shape(shape).field(sym)?;
                let ty = schema.shape(shape).fields[field as usize].ty;
                Some(match schema.ty(schema.plain(ty)) {
                    // `hardware.disk.data`: the things inside carry on.
                    Ty::Record(inner) | Ty::One(inner) => {
                        let inside = label.and_then(|label| {
                            let all = self.children(label);
                            all.into_iter().find(|child| child.0 == sym).map(|child| child.2)
                        });
                        Named::Thing(*inner, inside.or(label))
                    }
                    Ty::Named(inner) => Named::Thing(*inner, label),
                    _ => Named::Value(ty),
                })
            }
            (Named::All(shape), Step::Index(name) | Step::Name(name)) => {
                let sym = self.names().find(name)?;
                let decl = program.by_name.get(&(shape, sym));
                let label = decl.map(|decl| program.decl(*decl).label);
                Some(Named::Thing(shape, label))
            }
            (Named::Value(ty), Step::Name(name) | Step::Index(name)) => {
                match schema.ty(schema.plain(ty)) {
                    Ty::Ref(shape) | Ty::Record(shape) | Ty::One(shape) => {
                        let sym = self.names().find(name)?;
                        let field = schema.shape(*shape).field(sym)?;
                        Some(Named::Value(schema.shape(*shape).fields[field as usize].ty))
                    }
                    Ty::Map(_, value) => Some(Named::Value(*value)),
                    Ty::List(item) | Ty::Set(item) => Some(Named::Value(*item)),
                    _ => None,
                }
            }
            (Named::Thing(..), Step::Call) => Some(here),
            _ => None,
        }
    }

    /// What a name at the place would lead to, for whoever knows targets.
    pub fn function(&self, path: &str) -> Option<Target> {
        FUNCTIONS.iter().position(|f| f.name == path).map(|at| Target::Function(at as u32))
    }
}

/// The type of the elements of a list that is expected.
pub fn element(schema: &Schema, ty: TyId) -> TyId {
    match schema.ty(schema.plain(ty)) {
        Ty::List(item) | Ty::Set(item) => *item,
        Ty::Union(types) => types
            .iter()
            .copied()
            .find_map(|ty| match schema.ty(ty) {
                Ty::List(item) | Ty::Set(item) => Some(*item),
                _ => None,
            })
            .unwrap_or(Schema::ANY),
        // One thing may stand for a list of them.
        Ty::Placement | Ty::Ref(_) | Ty::Endpoint | Ty::Location => ty,
        _ => Schema::ANY,
    }
}

/// The names at the end of a text that are joined by dots and brackets.
pub fn chain(text: &str) -> &str {
    let text = text.trim_end();
    let part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '"' | '[' | ']');
    &text[text.trim_end_matches(part).len()..]
}

enum Step<'a> {
    Name(&'a str),
    Index(&'a str),
    Call,
}

/// The names of a chain: `a.b["c"].d(e)`.
fn steps(chain: &str) -> Vec<Step<'_>> {
    let mut out = Vec::new();
    let mut rest = chain.trim();
    while let Some(first) = rest.chars().next() {
        match first {
            '.' => rest = &rest[1..],
            '[' | '(' => {
                let close = if first == '[' { ']' } else { ')' };
                let end = rest.find(close).unwrap_or(rest.len());
                let inner = rest[1..end].trim().trim_matches(['"', '\'']);
                out.push(if first == '[' { Step::Index(inner) } else { Step::Call });
                rest = rest.get(end + 1..).unwrap_or("");
            }
            _ => {
                let end = rest.find(['.', '[', '(']).unwrap_or(rest.len());
                out.push(Step::Name(rest[..end].trim()));
                rest = &rest[end..];
            }
        }
        rest = rest.trim_start();
    }
    out
}
