//! What is said where definitions of one field do not go together.

use super::expr::SINKS;
use super::{Eval, ThingDef, rank};
use crate::diag::{Diagnostic, Label, Safety, codes};
use crate::model::ThingId;
use crate::model::schema::Ty;
use crate::names::Sym;
use crate::resolve::hir::*;
use crate::source::Span;

impl Eval<'_> {
    pub(super) fn conflict(&mut self, thing: ThingId, field: u16, defs: &[ThingDef]) {
        let program = self.program;
        let (first, rest) = defs.split_first().map_or((None, &[][..]), |(f, r)| (Some(*f), r));
        let Some(first) = first else { return };
        let d = program.def(first.def);
        let path = self.path_of_def(thing, field, first.def);
        let name = match d.key {
            Some(key) => self.names.text(key).to_string(),
            None => self.field_name(thing, field),
        };
        let home = |def: &Def| program.home(def.home, self.names);
        let mut diagnostic = Diagnostic::new(
            &codes::E0401,
            d.span,
            format!("layers of equal rank disagree about `{name}`"),
        )
        .here(format!("from {}", home(d)))
        .at(path);
        for other in rest {
            let o = program.def(other.def);
            diagnostic = diagnostic.label(o.span, format!("from {}", home(o)));
        }
        diagnostic = diagnostic.note("neither the order of files nor the order of roles decides");
        let weak = defs.iter().all(|def| self.is_default(def));
        diagnostic = match self.role_of(first) {
            Some(_) if weak && first.rank == rank::ROLE => diagnostic
                .help(format!("decide on the node: `{name} = ...` in its block"))
                .help("or let one of them say it plainly, without `default`")
                .help("or declare one role over the other: `over = [...]`"),
            _ if weak => diagnostic.help("keep one of them, or let one say it without `default`"),
            Some(_) if first.rank == rank::ROLE => diagnostic
                .help(format!("decide on the node: `override {name} = ...` in its block"))
                .help("or mark one of them `default`")
                .help("or declare one role over the other: `over = [...]`"),
            Some(_) => diagnostic
                .help("keep one of them, or mark one `default`")
                .help("or declare one role over the other: `over = [...]`"),
            None => diagnostic.help("keep one of them, or mark one `default`"),
        };
        diagnostic = match self.is_set(thing, field) && d.key.is_none() && !weak {
            true => diagnostic.help(format!("or add to what the other says: `{name} += ...`")),
            false => diagnostic,
        };
        let diagnostic = self.where_used(diagnostic, thing, first.def);
        self.report(diagnostic);
    }

    fn is_set(&self, thing: ThingId, field: u16) -> bool {
        let shape = self.program.schema.shape(self.thing(thing).shape);
        self.set_in(shape.fields[field as usize].ty)
    }

    /// What a template says is reported where it is used; its own line is shown beside that.
    fn where_used(&self, mut diagnostic: Diagnostic, thing: ThingId, def: DefId) -> Diagnostic {
        let at = self.defs(thing).iter().find(|d| d.def == def).map(|d| d.source as usize);
        let source = at.map(|at| self.sources(thing)[at]);
        let Some(source) = source.filter(|s| s.template) else { return diagnostic };
        let used = self.program.from(self.envs[source.env.0 as usize].from).span;
        // An edit of the template is one of all that come from it.
        for fix in diagnostic.fixes.iter_mut().filter(|fix| fix.safety == Safety::Safe) {
            fix.safety = Safety::Review;
        }
        diagnostic.labels.insert(0, Label { span: used, text: "brought in here".into() });
        diagnostic
    }

    fn field_name(&self, thing: ThingId, field: u16) -> String {
        let shape = self.program.schema.shape(self.thing(thing).shape);
        self.names.text(shape.fields[field as usize].name).to_string()
    }

    pub(super) fn silent_override(
        &mut self,
        thing: ThingId,
        field: u16,
        def: DefId,
        old: Option<DefId>,
    ) {
        let program = self.program;
        let d = program.def(def);
        let name = match d.key {
            Some(key) => self.names.text(key).to_string(),
            None => self.field_name(thing, field),
        };
        let mut diagnostic = Diagnostic::new(
            &codes::E0402,
            d.head,
            format!("`{name}` changes the value of a wider layer without saying so"),
        )
        .here(format!("set again in {}", program.home(d.home, self.names)))
        .at(self.path_of_def(thing, field, def));
        if let Some(old) = old {
            let o = program.def(old);
            diagnostic =
                diagnostic.label(o.span, format!("set in {}", program.home(o.home, self.names)));
        }
        let word_at = self.word_at(d);
        let diagnostic = diagnostic
            .fix(format!("write `override {name} = ...`"), word_at, "override ")
            .help("or mark the wider one `default`");
        let diagnostic = self.where_used(diagnostic, thing, def);
        self.report(diagnostic);
    }

    /// Where `override ` goes: before the statement's first word.
    fn word_at(&self, def: &Def) -> Span {
        def.span.head()
    }

    pub(super) fn locked(&mut self, thing: ThingId, field: u16, locked: DefId, def: DefId) {
        let l = self.program.def(locked);
        let name = match l.key {
            Some(key) => self.names.text(key).to_string(),
            None => self.text_of_field(l, thing, field),
        };
        let home = self.program.home(l.home, self.names);
        let message = format!("`{name}` is final in {home}");
        self.against_final(thing, field, locked, def, message, "changed again");
    }

    /// A narrower layer takes away a thing in which something is final: it stays.
    pub(super) fn held(
        &mut self,
        thing: ThingId,
        field: u16,
        label: Sym,
        locked: DefId,
        def: DefId,
    ) {
        let label = self.names.text(label);
        let home = self.program.home(self.program.def(locked).home, self.names);
        let message = format!("`{label}` cannot be taken away: something in it is final in {home}");
        self.against_final(thing, field, locked, def, message, "taken away");
    }

    fn against_final(
        &mut self,
        thing: ThingId,
        field: u16,
        locked: DefId,
        def: DefId,
        message: String,
        done: &str,
    ) {
        let program = self.program;
        let (d, l) = (program.def(def), program.def(locked));
        let diagnostic = Diagnostic::new(&codes::E0403, d.span, message)
            .here(format!("{done} in {}", program.home(d.home, self.names)))
            .label(l.span, "locked here")
            .at(self.path_of_def(thing, field, def))
            .offer("remove this line, or take `final` from the wider one", self.own(d.span), "");
        let diagnostic = self.where_used(diagnostic, thing, def);
        self.report(diagnostic);
    }

    /// The field that a definition sets, as written; inside a block of the thing it is another one.
    fn text_of_field(&self, def: &Def, thing: ThingId, field: u16) -> String {
        let shape = self.program.schema.shape(self.thing(thing).shape);
        let of_thing = def.field == field;
        let inner = match self
            .program
            .schema
            .ty(self.program.schema.plain(shape.fields[field as usize].ty))
        {
            Ty::Record(inner) if !of_thing => Some(*inner),
            _ => None,
        };
        match inner {
            Some(inner) => {
                let fields = &self.program.schema.shape(inner).fields;
                let name = fields.get(def.field as usize).map_or("", |f| self.names.text(f.name));
                format!("{}.{name}", self.field_name(thing, field))
            }
            None => self.field_name(thing, field),
        }
    }

    pub(super) fn secret_var(&mut self, thing: ThingId, field: u16, defs: &[ThingDef]) {
        let Some(&ThingDef { def, .. }) = defs.last() else { return };
        let span = self.program.def(def).span;
        self.report(
            Diagnostic::new(&codes::E0602, span, "a secret cannot be a var: vars end in files")
                .at(self.path_of_def(thing, field, def))
                .note(SINKS)
                .help("name the secret where it is used: `secret(\"NAME\")`"),
        );
    }
}
