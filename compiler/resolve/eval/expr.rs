//! What expressions mean. A poisoned value makes all around it poison, in silence.

use super::{Ctx, DEEPEST, Env, EnvId, Eval, ThingDef};
use crate::diag::{Diagnostic, codes};
use crate::model::ThingId;
use crate::model::schema::{ShapeId, Ty};
use crate::model::value::{Pair, Placement, Secret, SecretPart, Value, Word};
use crate::names::Sym;
use crate::resolve::hir::*;
use crate::resolve::values;
use crate::source::Span;
use std::sync::Arc;

impl Eval<'_> {
    pub(super) fn eval(&mut self, id: HirId, ctx: Ctx) -> Value {
        let program = self.program;
        let span = program.span(id);
        match program.node(id) {
            Node::Const(value) => value.clone(),
            Node::Text(pieces) => {
                let text = self.text(pieces, ctx);
                self.bounded(text, span)
            }
            Node::List(items) => {
                let mut out = Vec::with_capacity(items.len());
                for &item in items.iter() {
                    match self.eval(item, ctx) {
                        Value::Poison => return Value::Poison,
                        value => out.push(value),
                    }
                }
                Value::list(out)
            }
            Node::ListFor { seq, cond, item } => match self.through(*seq, *cond, *item, ctx) {
                Some(values) => self.bounded(Value::list(values), span),
                None => Value::Poison,
            },
            Node::Map(pairs) => {
                let mut out = Vec::with_capacity(pairs.len());
                for &(key, value) in pairs.iter() {
                    let value = self.eval(value, ctx);
                    if value.is_poison() {
                        return Value::Poison;
                    }
                    out.push(Pair {
                        key: self.names.shared(key),
                        value,
                        origin: Default::default(),
                    });
                }
                Value::map(out)
            }
            Node::Word { set, word, params } => self.word(*set, *word, params, ctx),
            Node::Local(at) => {
                self.locals.get(ctx.frame + *at as usize).cloned().unwrap_or(Value::Poison)
            }
            Node::Param(at) => self.param(*at, ctx),
            Node::Let(id) => self.let_value(*id),
            Node::SelfWord(word) => self.self_word(*word, span, ctx),
            Node::All(shape) => {
                let all = self.all_of(*shape);
                Value::Things(all.into())
            }
            Node::Instances if self.placing => self.not_placed_yet("other services", span),
            Node::Instances => {
                Value::list(self.model.instances.clone().iter().map(|i| Value::Thing(i.thing)))
            }
            Node::Decl(decl) => self.named(*decl, span),
            Node::Nested { owner, word, name } => self.nested(*owner, *word, *name, span),
            Node::Enclosing(name, shape) => self.enclosing(*name, *shape, span, ctx),
            Node::Member { base, name, name_span } => match self.map_or_value(*base, ctx) {
                Ok((thing, field)) => self.entry(thing, field, *name),
                Err(value) => self.member_of(*base, value, *name, *name_span, ctx),
            },
            Node::Index { base, index } => {
                let base_id = *base;
                let base = self.map_or_value(base_id, ctx);
                let index = self.eval(*index, ctx);
                match (base, &index) {
                    (Ok((thing, field)), Value::Text(key)) => match self.names.find(key) {
                        Some(key) => self.entry(thing, field, key),
                        None => Value::None,
                    },
                    (Ok((thing, field)), _) => {
                        let map = self.field(thing, field);
                        self.index(map, index, span, ctx)
                    }
                    (Err(value), _) => {
                        if let (Value::Things(ids), Value::Text(key)) = (&value, &index)
                            && let Some(off) = self.not_among(base_id, ids, key, span, ctx)
                        {
                            return off;
                        }
                        self.index(value, index, span, ctx)
                    }
                }
            }
            Node::Call { function, args, binding } => {
                self.call(*function, args, *binding, span, ctx)
            }
            Node::Method { base, args, .. } => {
                let base = self.eval(*base, ctx);
                let node = self.eval(args[0], ctx);
                self.instance_on(base, node, (span, self.program.span(args[0])))
            }
            Node::Each(cond) => Value::Placement(Arc::new(Placement::Each(cond.0))),
            Node::Where { cond, prefer } => Value::Placement(Arc::new(Placement::Where {
                cond: cond.0,
                prefer: prefer.iter().map(|p| p.0).collect(),
            })),
            Node::Not(inner) => match self.eval(*inner, ctx) {
                Value::Bool(b) => Value::Bool(!b),
                Value::None => Value::Bool(true),
                other => self.no_bool(other, span),
            },
            Node::Negate(inner) => match self.eval(*inner, ctx) {
                Value::Int(n) => n.checked_neg().map_or(Value::Poison, Value::Int),
                Value::Float(n) => Value::Float(-n),
                Value::Poison => Value::Poison,
                other => {
                    let found = self.describe(&other);
                    let diagnostic = self
                        .fault(&codes::E0304, span, format!("{found} has no negative"))
                        .help("take the `-` away: only numbers have one");
                    self.report(diagnostic);
                    Value::Poison
                }
            },
            Node::Binary { op, left, right } => self.binary(*op, *left, *right, span, ctx),
            Node::Is { value, word } => match self.eval(*value, ctx) {
                Value::Poison => Value::Poison,
                Value::Word(w) => Value::Bool(w.word == *word || self.in_family(w.word, *word)),
                _ => Value::Bool(false),
            },
            Node::If { cond, then, other } => match self.eval(*cond, ctx) {
                Value::Bool(true) => self.eval(*then, ctx),
                Value::Bool(false) | Value::None => self.eval(*other, ctx),
                value => self.no_bool(value, span),
            },
            Node::Inherited => {
                ctx.inherited.and_then(|at| self.below.get(at).cloned()).unwrap_or(Value::None)
            }
            Node::Generated(name) => Value::Generated(*name),
        }
    }

    pub(super) fn no_bool(&mut self, value: Value, span: Span) -> Value {
        if !value.is_poison() {
            let found = self.describe(&value);
            let diagnostic =
                self.fault(&codes::E0301, span, format!("expected true or false, found {found}"));
            self.report(diagnostic.help("compare it with something: `x == y`, `length(list) > 0`"));
        }
        Value::Poison
    }

    fn word(
        &mut self,
        set: crate::model::schema::EnumId,
        word: Sym,
        params: &[(Sym, Option<HirId>)],
        ctx: Ctx,
    ) -> Value {
        let program = self.program;
        let Some(declared) = program.schema.enumeration(set).word(word) else {
            return Value::Poison;
        };
        let mut filled = Vec::with_capacity(params.len());
        for ((name, given), param) in params.iter().zip(&declared.params) {
            let value = match (given, param.default) {
                (Some(given), _) => self.eval_as(*given, param.ty, ctx),
                (None, Some(default)) => {
                    self.eval_as(default, param.ty, self.ctx(self.root, EnvId(0)))
                }
                (None, None) => self.empty(param.ty),
            };
            if value.is_poison() {
                return Value::Poison;
            }
            filled.push((*name, value));
        }
        Value::Word(Word { word, params: Some(Arc::new(filled)) })
    }

    fn param(&mut self, at: u32, ctx: Ctx) -> Value {
        if ctx.env == EnvId(0) {
            return Value::Poison;
        }
        let program = self.program;
        let Env { from, thing, outer } = self.envs[ctx.env.0 as usize];
        let from = program.from(from);
        let param = &program.template(from.template).params[at as usize];
        match (from.args[at as usize], param.default) {
            (Some(arg), _) => {
                let inner = Ctx { candidate: ctx.candidate, ..self.ctx(thing, outer) };
                self.eval_as(arg, param.ty, inner)
            }
            (None, Some(default)) => self.eval_as(default, param.ty, self.ctx(self.root, EnvId(0))),
            (None, None) => self.empty(param.ty),
        }
    }

    /// A `let` is the same everywhere: it sees the cluster, no node.
    fn let_value(&mut self, id: LetId) -> Value {
        let at = id.0 as usize;
        let known = if self.placing { &self.early_let_values } else { &self.let_values };
        if let Some(value) = &known[at] {
            return value.clone();
        }
        let program = self.program;
        let l = &program.lets[at];
        self.lets_open += 1;
        let before = self.diagnostics.len();
        let value = if self.lets_open > DEEPEST || self.too_deep() {
            self.torn = true;
            Value::Poison
        } else {
            self.eval_as(l.value, l.ty, self.ctx(self.root, EnvId(0)))
        };
        self.lets_open -= 1;
        // Told of once, with whoever asked first.
        self.torn |= self.diagnostics.len() > before;
        let known = if self.placing { &mut self.early_let_values } else { &mut self.let_values };
        known[at] = Some(value.clone());
        value
    }

    fn self_word(&mut self, word: SelfWord, span: Span, ctx: Ctx) -> Value {
        let t = self.thing(ctx.thing);
        let found = match word {
            SelfWord::Cluster => self.model.cluster,
            SelfWord::Node => ctx.candidate.or(t.node),
            SelfWord::Service => t.instance.or_else(|| self.around(ctx.thing, self.words.service)),
            SelfWord::Container => self.around(ctx.thing, self.words.container),
            SelfWord::Unit => self.around(ctx.thing, self.words.unit),
            SelfWord::Own(shape) => self.around(ctx.thing, shape),
        };
        match found {
            Some(id) => Value::Thing(id),
            None => {
                let (name, help) = match word {
                    SelfWord::Cluster => ("cluster", "declare one: `cluster NAME { ... }`"),
                    SelfWord::Node => {
                        ("node", "this is not for one node: name one, or go through `nodes`")
                    }
                    SelfWord::Service => ("service", "name the service"),
                    SelfWord::Container => ("container", "name the container"),
                    SelfWord::Own(_) => ("thing", "name one"),
                    SelfWord::Unit => ("unit", "name the unit"),
                };
                let diagnostic = self
                    .fault(&codes::E0214, span, format!("there is no `{name}` here"))
                    .help(help);
                self.report(diagnostic);
                Value::Poison
            }
        }
    }

    /// The thing itself or the nearest one around it of that kind.
    pub(super) fn around(&self, thing: ThingId, shape: ShapeId) -> Option<ThingId> {
        let mut at = Some(thing);
        while let Some(id) = at {
            let t = self.thing(id);
            if t.shape == shape {
                return Some(id);
            }
            at = t.parent;
        }
        None
    }

    /// What is declared in another declaration: `sites["git.home.example"]`.
    fn nested(&mut self, owner: DeclId, word: Sym, name: Sym, span: Span) -> Value {
        let Value::Thing(thing) = self.named(owner, span) else { return Value::Poison };
        let Value::Things(ids) = self.get(thing, self.names.text(word)) else {
            return Value::Poison;
        };
        match ids.iter().copied().find(|&id| self.thing(id).label == name) {
            Some(id) => Value::Thing(id),
            None => self.not_there(thing, name, None, span).unwrap_or(Value::Poison),
        }
    }

    /// A label of the thing or of one around it, innermost first.
    fn enclosing(&mut self, name: Sym, shape: ShapeId, span: Span, ctx: Ctx) -> Value {
        let around: Vec<ThingId> =
            std::iter::successors(Some(ctx.thing), |&id| self.thing(id).parent).collect();
        for &id in &around {
            if let Some(child) = self.child_of(id, name, Some(shape)) {
                return Value::Thing(child);
            }
        }
        // Written in the service, but of no instance of it here: switched off, or of another node.
        for &id in &around {
            if let Some(off) = self.not_there(id, name, Some(shape), span) {
                return off;
            }
        }
        let text = self.names.text(name).to_string();
        let diagnostic = self
            .fault(&codes::E0208, span, format!("`{text}` does not exist here"))
            .help("name something that is there, or let it be there");
        self.report_at(diagnostic)
    }

    /// A labelled thing inside another, by its label alone.
    pub(super) fn child_named(&mut self, thing: ThingId, name: Sym) -> Option<ThingId> {
        self.child_of(thing, name, None)
    }

    /// The same, of one kind alone.
    fn child_of(&mut self, thing: ThingId, name: Sym, of: Option<ShapeId>) -> Option<ThingId> {
        let program = self.program;
        let shape = program.schema.shape(self.thing(thing).shape);
        let is_its = |d: &ThingDef| program.def(d.def).key == Some(name);
        // Records are walked through by their own word. A template's labels are known once its
        // things are built: where no definition has the label, it may be one of those.
        let said = self.defs(thing).iter().any(is_its) || self.names.text(name) == "hardware";
        let mut before = None;
        for at in self.works[thing.at()].defs.range() {
            let def = self.defs[at];
            let field = def.field;
            if before == Some(field) || said && !is_its(&def) {
                continue;
            }
            before = Some(field);
            let ty = shape.fields[field as usize].ty;
            let &Ty::Named(kind) = program.schema.ty(ty) else { continue };
            if of.is_some_and(|of| of != kind) {
                continue;
            }
            if let Value::Things(ids) = self.field(thing, field)
                && let Some(&id) = ids.iter().find(|&&id| self.thing(id).label == name)
            {
                return Some(id);
            }
        }
        None
    }

    /// The values of `NAME in seq if cond: item`.
    pub(super) fn through(
        &mut self,
        seq: HirId,
        cond: Option<HirId>,
        item: HirId,
        ctx: Ctx,
    ) -> Option<Vec<Value>> {
        let seq_value = self.eval(seq, ctx);
        let elements = self.elements(seq_value, self.program.span(seq))?;
        let mut out = Vec::with_capacity(elements.len());
        for element in elements {
            self.locals.push(element);
            let holds = match cond {
                None => true,
                Some(cond) => match self.eval(cond, ctx) {
                    Value::Bool(b) => b,
                    Value::None => false,
                    Value::Poison => {
                        self.locals.pop();
                        return None;
                    }
                    _ => false,
                },
            };
            if holds {
                let value = self.eval(item, ctx);
                if value.is_poison() {
                    self.locals.pop();
                    return None;
                }
                out.push(value);
            }
            self.locals.pop();
        }
        Some(out)
    }

    /// What one iterates over; `None` after a report.
    pub(super) fn elements(&mut self, value: Value, span: Span) -> Option<Vec<Value>> {
        match value {
            Value::List(items) => Some(items.iter().map(|i| i.value.clone()).collect()),
            Value::Things(ids) => Some(ids.iter().map(|&id| Value::Thing(id)).collect()),
            Value::None => Some(Vec::new()),
            Value::Poison => None,
            Value::Secret(_) => {
                let message = "nothing can be looked for in a secret";
                let fault = self.fault(&codes::E0602, span, message);
                let fault = fault.note("its value is known to the store alone");
                self.report(fault.help("do without it, or let the program look"));
                None
            }
            other => {
                let found = self.describe(&other);
                let diagnostic =
                    self.fault(&codes::E0301, span, format!("expected a list, found {found}"));
                self.report(diagnostic.help(match other {
                    Value::Map(_) => "`keys(map)` lists its keys, `values(map)` its values",
                    Value::Text(_) => {
                        "ask a text with `contains(text, \"part\")`; a list is `[a, b]`"
                    }
                    _ => "write it as a list: `[a, b]`",
                }));
                None
            }
        }
    }

    fn text(&mut self, pieces: &[Piece], ctx: Ctx) -> Value {
        let mut parts: Vec<SecretPart> = Vec::new();
        let mut text = String::new();
        let mut secret = false;
        for (at, piece) in pieces.iter().enumerate() {
            match piece {
                Piece::Text(piece) => text.push_str(piece),
                Piece::Expr(id) => match self.eval(*id, ctx) {
                    Value::Poison => return Value::Poison,
                    Value::Text(address)
                        if self.has_two_ports(*id, &address, &pieces[at + 1..], ctx) =>
                    {
                        return Value::Poison;
                    }
                    Value::Secret(inner) => {
                        secret = true;
                        if !text.is_empty() {
                            parts.push(SecretPart::Text(std::mem::take(&mut text).into()));
                        }
                        parts.extend(inner.parts.iter().cloned());
                    }
                    value => {
                        let value = self.single_address(value, *id);
                        match values::print(&value, self.names) {
                            Some(piece) => text.push_str(&piece),
                            None => {
                                if !value.is_poison() {
                                    self.no_print(&value, *id, ctx);
                                }
                                return Value::Poison;
                            }
                        }
                    }
                },
            }
        }
        if !secret {
            return Value::Text(text.into());
        }
        if !text.is_empty() {
            parts.push(SecretPart::Text(text.into()));
        }
        Value::Secret(Arc::new(Secret { parts: parts.into() }))
    }

    /// `${db.address}:5432`: an address of who listens has its port.
    fn has_two_ports(&mut self, id: HirId, address: &str, rest: &[Piece], ctx: Ctx) -> bool {
        let &Node::Member { base, name, name_span } = self.program.node(id) else { return false };
        let again = match rest {
            [Piece::Text(next), ..] if &**next == ":" => rest.len() > 1,
            [Piece::Text(next), ..] => next
                .strip_prefix(':')
                .is_some_and(|port| port.starts_with(|c: char| c.is_ascii_digit())),
            _ => false,
        };
        let ends_in_port =
            || address.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
        if !again || self.names.text(name) != "address" || !ends_in_port() {
            return false;
        }
        let Value::Thing(listens) = self.eval(base, ctx) else { return false };
        let kind = self.names.text(self.program.schema.shape(self.thing(listens).shape).name);
        if !matches!(kind, "port" | "container" | "unit" | "service") {
            return false;
        }
        let span = self.program.span(id);
        let diagnostic = self
            .fault(
                &codes::E0304,
                span,
                format!("`{address}` has its port, and another one follows"),
            )
            .here(format!("this is `{address}`"))
            .offer("take the host alone: `.host`", self.own(name_span), "host")
            .help("or leave out what follows");
        self.report(diagnostic);
        true
    }

    /// In a text, an address of a network is the only one there, or the fault offers both.
    fn single_address(&mut self, value: Value, id: HirId) -> Value {
        match &value {
            Value::List(items) if items.iter().all(|i| matches!(i.value, Value::Ip(_))) => {
                match items.len() {
                    1 => items[0].value.clone(),
                    0 => Value::None,
                    _ => {
                        let span = self.program.span(id);
                        let end = self.own(span).map(Span::tail);
                        let diagnostic = self
                            .fault(&codes::E0307, span, "there are two addresses here")
                            .offer("take the one of IPv4: `.v4`", end, ".v4")
                            .offer("or that of IPv6: `.v6`", end, ".v6");
                        self.report(diagnostic);
                        Value::Poison
                    }
                }
            }
            _ => value,
        }
    }

    fn no_print(&mut self, value: &Value, id: HirId, ctx: Ctx) {
        let span = self.program.span(id);
        let found = self.describe(value);
        let help = match value {
            Value::None => "say what stands there without it: `${... ?? \"\"}`",
            Value::Bytes(_) => "add `.bytes` or `.mib`",
            Value::Duration(_) => "add `.seconds`",
            Value::Cpu(_) => "add `.cores`",
            Value::List(_) | Value::Things(_) => "make one text of it: `${join(..., \", \")}`",
            _ => "name a field of it",
        };
        let mut diagnostic =
            self.fault(&codes::E0307, span, format!("{found} does not print by itself"));
        if !matches!(value, Value::None) || self.own(span).is_some() {
            diagnostic = diagnostic.help(help);
        }
        if matches!(value, Value::None) {
            diagnostic = self.for_lack_of(diagnostic, id, ctx);
        }
        self.report(diagnostic.or_help(help));
    }

    /// `debian` is a `linux`, `linux` and `macos` are `unix`.
    pub(super) fn in_family(&self, word: Sym, family: Sym) -> bool {
        crate::model::families::is_in(self.names.text(word), self.names.text(family))
    }

    pub(super) fn report_at(&mut self, diagnostic: Diagnostic) -> Value {
        self.report(diagnostic);
        Value::Poison
    }
}

/// Where a secret may go.
pub(in crate::resolve) const SINKS: &str =
    "a secret may go into `env`, a `credential`, a container's `config` or a share's `password`";

/// Whether a secret stands anywhere in the value.
pub(super) fn holds_secret(value: &Value) -> bool {
    match value {
        Value::Secret(_) => true,
        Value::List(items) => items.iter().any(|item| holds_secret(&item.value)),
        Value::Map(pairs) => pairs.iter().any(|pair| holds_secret(&pair.value)),
        _ => false,
    }
}
