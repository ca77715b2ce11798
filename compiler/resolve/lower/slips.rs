//! The usual slips, each with its way out: values in another form, words and fields that people
//! bring from other tools. The tables of these are in `foreign`.

use super::exprs::Typed;
use super::foreign::WORDS;
use super::quantities::{is_day, literal_of, octal, quantity_meant, sizes};
use super::seen::Stated;
use super::{Lower, Scope};
use crate::diag::text::FEW;
use crate::diag::{Diagnostic, codes};
use crate::model::schema::{EnumId, Ty, TyId};
use crate::model::value::Value;
use crate::names::Sym;
use crate::resolve::hir::{HirId, Node};
use crate::source::Span;
use crate::syntax::tree::{Entry, EntryOp, Ident};
use crate::types::distance::nearest;
use crate::types::{self, Why};

impl Lower<'_> {
    /// A range of addresses, alone or among others.
    pub(super) fn is_range(&self, ty: TyId) -> bool {
        match self.program.schema.ty(self.program.schema.plain(ty)) {
            Ty::Cidr => true,
            Ty::Union(types) => types.iter().any(|&ty| self.is_range(ty)),
            _ => false,
        }
    }

    pub(super) fn takes_address(&self, ty: TyId) -> bool {
        match self.program.schema.ty(self.program.schema.plain(ty)) {
            Ty::Ip | Ty::Ip4 | Ty::Ip6 => true,
            Ty::Union(types) => types.iter().any(|&ty| self.takes_address(ty)),
            _ => false,
        }
    }

    /// A second statement of what one block says once; `grows` where more can be added to the first.
    pub(super) fn set_twice(&mut self, name: &str, first: Stated, again: Stated, grows: bool) {
        let words =
            |at: Span| self.sources.text(at).split_whitespace().collect::<Vec<_>>().join(" ");
        let same = words(first.all) == words(again.all);
        let diagnostic = Diagnostic::new(
            &codes::E0215,
            again.word,
            format!("`{name}` is set twice in one block"),
        )
        .here("again here")
        .label(first.word, "first here");
        self.report(if same {
            diagnostic.fix("both say the same: leave one of them out", again.all, "")
        } else if grows {
            diagnostic.note("of two statements nobody could say which one holds").help(format!(
                "write all of it in one of them, or add to the first: `{name} += ...`"
            ))
        } else {
            diagnostic
                .note("of two statements nobody could say which one holds")
                .help("keep the one that is true, and take the other out")
        });
    }

    /// The usual slips, each with its mend.
    pub(super) fn conversion_help(
        &mut self,
        diagnostic: Diagnostic,
        typed: Typed,
        want: TyId,
        span: Span,
    ) -> Diagnostic {
        let schema = &self.program.schema;
        let plain = schema.plain(want);
        let value = match self.program.node(typed.id) {
            Node::Const(value) => value.clone(),
            _ => Value::Poison,
        };
        let written = self.sources.text(span).to_string();
        match (schema.ty(plain), &value) {
            (Ty::Text(_) | Ty::Printable, Value::Poison) if is_day(&written) => {
                diagnostic.fix("a day stands in quotes", span, format!("\"{written}\""))
            }
            (Ty::Bytes, Value::Int(n)) => {
                let sizes = sizes(*n);
                let lead = |nth| if nth == 0 { "a size has a unit:" } else { "or" };
                let found = sizes.iter().enumerate().fold(diagnostic, |found, (nth, size)| {
                    found.suggest(format!("{} `{size}`", lead(nth)), span, size.clone())
                });
                found.or_help("a size has a unit: `4GiB`")
            }
            // Engines write mebibytes so.
            (Ty::Bytes, Value::Duration(_)) if written.ends_with('m') => {
                let size = format!("{}MiB", written.trim_end_matches('m'));
                match literal_of(&Ty::Bytes, &size) {
                    true => diagnostic.suggest(format!("as a size: `{size}`"), span, size),
                    false => diagnostic.help("write a size, such as `4GiB`"),
                }
            }
            (Ty::Duration, Value::Int(n)) => {
                diagnostic.suggest(format!("a duration has a unit: `{n}s`"), span, format!("{n}s"))
            }
            (Ty::Cpu, Value::Int(n)) => {
                let rest = &self.sources.file(span.file).text[span.end as usize..];
                let gap = rest.len() - rest.trim_start_matches(' ').len();
                // `4 cpu`
                let apart = gap > 0 && rest[gap..].starts_with("cpu");
                let end = span.end + if apart { gap as u32 + 3 } else { 0 };
                let title = if apart { "a unit touches its number" } else { "cpu has a unit" };
                diagnostic.suggest(
                    format!("{title}: `{n}cpu`"),
                    Span { end, ..span },
                    format!("{n}cpu"),
                )
            }
            // Kubernetes writes thousandths of a core so.
            (Ty::Cpu, Value::Duration(_)) if written.ends_with('m') => {
                match written.trim_end_matches('m').parse::<u32>() {
                    Ok(n) => {
                        let cores = format!("{}cpu", f64::from(n) / 1000.0);
                        diagnostic.suggest(format!("thousandths of a core: `{cores}`"), span, cores)
                    }
                    Err(_) => diagnostic.help("cores have the unit `cpu`: `0.5cpu`"),
                }
            }
            (Ty::Mode, Value::Int(_) | Value::Text(_))
                if types::mode(&format!("0{}", octal(&written))).is_ok() =>
            {
                let mode = format!("0{}", octal(&written));
                diagnostic.fix(format!("a mode begins with `0`: `{mode}`"), span, mode)
            }
            (Ty::Int | Ty::IntIn(..), Value::Duration(_) | Value::Bytes(_) | Value::Cpu(_)) => {
                let digits = written.trim_end_matches(|c: char| c.is_ascii_alphabetic());
                match digits.parse::<u32>() {
                    Ok(n) => diagnostic.suggest(
                        format!("it is a plain number, without a unit: `{n}`"),
                        span,
                        n.to_string(),
                    ),
                    Err(_) => diagnostic.help("it is a plain number, without a unit"),
                }
            }
            (_, Value::Cidr(_)) if self.takes_address(plain) => {
                self.without_length(diagnostic, span)
            }
            (ty, _)
                if self.is_texty(ty) && matches!(schema.ty(schema.plain(typed.ty)), Ty::Ref(_)) =>
            {
                let diagnostic = self.part_wanted(diagnostic, typed.ty, &written);
                match (ty, crate::resolve::values::is_name(&written)) {
                    (Ty::Text(_), true) => {
                        let title = "or, as a text, in quotes";
                        diagnostic.suggest(title, span, format!("\"{written}\""))
                    }
                    _ => diagnostic,
                }
            }
            (Ty::Endpoint, Value::Int(_)) => diagnostic.help(format!(
                "give the port a name where it is declared, `port web = {written}`, and name it here: `web`"
            )),
            (Ty::Endpoint, Value::Text(text)) if super::blocks::shown(text) == **text => {
                diagnostic.suggest("a reference stands without quotes", span, text.to_string())
            }
            (Ty::Cpu, Value::Float(n)) => {
                diagnostic.suggest(format!("cpu has a unit: `{n}cpu`"), span, format!("{n}cpu"))
            }
            (
                Ty::Text(_) | Ty::Printable,
                Value::Int(_) | Value::Float(_) | Value::Bool(_) | Value::Ip(_) | Value::Mode(_),
            ) => diagnostic.fix("write it in quotes", span, format!("\"{written}\"")),
            (ty, Value::Bytes(_) | Value::Duration(_) | Value::Cpu(_)) if self.is_texty(ty) => {
                diagnostic
                    .note("programs differ in how they read units, so that nothing prints one by itself")
                    .suggest("as text, write it in quotes", span, format!("\"{written}\""))
                    .help("as a number, name the unit: `let size = 10MB`, then `size.bytes`, `.mib`, `.seconds` or `.cores`")
            }
            (Ty::List(_) | Ty::Set(_), _) if self.assignable(typed.ty, self.element_of(plain)) => {
                diagnostic.fix("write it as a list", span, format!("[{written}]"))
            }
            (Ty::List(_) | Ty::Set(_), Value::Text(_))
                if self.named_by(&value, self.element_of(plain)).is_some() =>
            {
                let name = self.named_by(&value, self.element_of(plain)).unwrap_or_default();
                let title = "references stand in a list, without quotes";
                diagnostic.suggest(title, span, format!("[{name}]"))
            }
            (Ty::Enum(set), Value::Text(text)) => {
                let sym = self.names.find(text);
                match sym.filter(|&s| schema.enumeration(*set).word(s).is_some()) {
                    Some(_) => {
                        diagnostic.fix("a word stands without quotes", span, text.to_string())
                    }
                    None if self.word_meant(*set, text).is_some() => {
                        let meant = self.word_meant(*set, text).unwrap_or_default();
                        diagnostic.suggest(format!("did you mean `{meant}`?"), span, meant)
                    }
                    None if self.word_with_value(*set, text).is_some() => {
                        let meant = self.word_with_value(*set, text).unwrap_or_default();
                        diagnostic.suggest(format!("write `{meant}`"), span, meant)
                    }
                    None => {
                        let words: Vec<&str> = schema
                            .enumeration(*set)
                            .words
                            .iter()
                            .map(|w| self.names.text(w.name))
                            .collect();
                        diagnostic.note(format!("it is one of: {}", words.join(", ")))
                    }
                }
            }
            (_, Value::Text(text)) if !text.is_empty() && self.is_literal_of(plain, text) => {
                diagnostic.fix("write it without quotes", span, text.to_string())
            }
            (Ty::Ports, Value::Text(text)) => match types::ports(text) {
                Err(Why { replace: Some(ports), .. }) => {
                    diagnostic.suggest(format!("write `{ports}`"), span, ports)
                }
                Ok(_) => diagnostic.suggest("write it without quotes", span, text.to_string()),
                Err(_) => diagnostic.help("write `HOST -> CONTAINER`, such as `8080 -> 80`"),
            },
            (Ty::Bytes | Ty::Duration | Ty::Cpu, Value::Text(text)) => {
                match quantity_meant(schema.ty(plain), text) {
                    Some(meant) => diagnostic.suggest(format!("write `{meant}`"), span, meant),
                    None => diagnostic.help("a quantity is a number and its unit, without quotes"),
                }
            }
            (_, Value::Text(_)) if self.named_by(&value, plain).is_some() => {
                let name = self.named_by(&value, plain).unwrap_or_default();
                diagnostic.suggest("a reference stands without quotes", span, name)
            }
            (Ty::Ref(shape), Value::Text(text)) if super::blocks::shown(text) == **text => {
                let name = self.names.find(text);
                if let Some(std) = name.and_then(|name| self.of_the_library(name, Some(&[*shape]))) {
                    let title = "the library's names begin with `std.`, without quotes";
                    return diagnostic.suggest(title, span, std);
                }
                if let Some(way) = self.by_whole_name(diagnostic.clone(), text, span, &[*shape]) {
                    return way;
                }
                diagnostic.suggest("a reference stands without quotes", span, text.to_string())
            }
            (Ty::Placement, _) if self.all_named(typed.id, plain).is_some() => {
                let names = self.all_named(typed.id, plain).unwrap_or_default();
                diagnostic.suggest("references stand without quotes", span, names)
            }
            (Ty::Union(types), Value::Text(text))
                if types.iter().any(|&t| *schema.ty(t) == Ty::Endpoint)
                    && text.split('.').all(crate::resolve::values::is_name) =>
            {
                diagnostic.suggest("a reference stands without quotes", span, text.to_string())
            }
            (Ty::Union(types), _)
                if types.iter().any(|&t| {
                    matches!(schema.ty(t), Ty::List(_) | Ty::Set(_))
                        && self.assignable(typed.ty, self.element_of(t))
                }) =>
            {
                diagnostic.suggest("write it as a list", span, format!("[{written}]"))
            }
            (_, Value::Ip(_)) if self.is_range(plain) => {
                let title = format!("a range says with a number how long it is: `{written}/24`");
                match written.ends_with(".0") {
                    true => diagnostic.suggest(title, span, format!("{written}/24")),
                    false => diagnostic.help(title),
                }
            }
            (Ty::Map(key, _), _) => {
                let items: Vec<Value> = match self.program.node(typed.id) {
                    Node::List(items) => items
                        .iter()
                        .map(|&item| match self.program.node(item) {
                            Node::Const(value) => value.clone(),
                            _ => Value::Poison,
                        })
                        .collect(),
                    _ => vec![value],
                };
                self.keys_wanted(diagnostic, &items, *key, span)
            }
            (Ty::Placement, _) => {
                diagnostic.help("write `on = NODE`, `[A, B]`, `all`, `each(...)` or `where(...)`")
            }
            (Ty::Secret, _) => diagnostic.help("name a secret: `secret(\"NAME\")`"),
            (Ty::Bool, Value::Text(text)) if matches!(&**text, "yes" | "on" | "true") => {
                diagnostic.fix("write `true`", span, "true")
            }
            (Ty::Bool, Value::Text(text)) if matches!(&**text, "no" | "off" | "false") => {
                diagnostic.fix("write `false`", span, "false")
            }
            (Ty::Union(types), Value::Int(_) | Value::Text(_))
                if types.iter().any(|&t| *schema.ty(t) == Ty::Endpoint) =>
            {
                diagnostic.help("name the port: `CONTAINER.PORT`, or of another service `SERVICE.CONTAINER.PORT`")
            }
            _ => match self.only_element(typed.id, plain) {
                Some(one) => {
                    let one = self.sources.text(one).to_owned();
                    diagnostic.suggest("one value, without a list", span, one)
                }
                None => diagnostic,
            },
        }
    }

    /// Of `["a"]`, where one value is wanted.
    fn only_element(&mut self, list: HirId, want: TyId) -> Option<Span> {
        let items: Vec<HirId> = match self.program.node(list) {
            Node::List(items) => items.to_vec(),
            _ => return None,
        };
        let &[one] = items.as_slice() else { return None };
        let place = self.program.span(list);
        // Not among the arguments of a function: another of them may be meant.
        let before = self.sources.file(place.file).text[..place.start as usize].trim_end();
        if !before.ends_with('=') {
            return None;
        }
        let ty = self.type_of_node(one);
        let texts = self.takes_text(ty) && self.takes_text(want);
        (texts || self.assignable(ty, want)).then(|| self.program.span(one))
    }

    fn is_texty(&self, ty: &Ty) -> bool {
        match ty {
            Ty::Text(_) | Ty::Printable => true,
            Ty::Union(types) => types.iter().any(|&t| self.is_texty(self.program.schema.ty(t))),
            _ => false,
        }
    }

    pub(super) fn takes_text(&self, ty: TyId) -> bool {
        self.is_texty(self.program.schema.ty(self.program.schema.plain(ty)))
    }

    /// `10.0.0.5/24` where one address is wanted.
    pub(super) fn without_length(&self, diagnostic: Diagnostic, span: Span) -> Diagnostic {
        let address = self.sources.text(span).split('/').next().unwrap_or_default();
        diagnostic.note("how long the network's part is, its `range` says").suggest(
            format!("write the address alone: `{address}`"),
            span,
            address,
        )
    }

    /// The reference that a text names, where what is wanted is one: of a thing, or of one inside.
    fn named_by(&self, value: &Value, want: TyId) -> Option<String> {
        let Value::Text(text) = value else { return None };
        let shapes = self.wanted_shapes(want)?;
        let name = self.names.find(text)?;
        let declared = self.known.bare.get(&name).into_iter().flatten();
        if declared.clone().any(|&d| shapes.contains(&self.program.decl(d).shape)) {
            if crate::resolve::values::is_name(text) {
                return Some((**text).to_owned());
            }
            let plural =
                shapes.iter().find_map(|&shape| self.program.schema.shape(shape).plural)?;
            return Some(format!("{}[\"{text}\"]", self.text(plural)));
        }
        let labels = &self.program.labels;
        let owner = self.program.decls.iter().find(|d| {
            let inside = &labels[d.label.0 as usize].children;
            inside.iter().any(|c| c.1 == name && shapes.contains(&labels[c.2.0 as usize].shape))
        })?;
        let owner = self.text(owner.name);
        Some(match crate::resolve::values::is_name(text) {
            true => format!("{owner}.{text}"),
            false => format!("{owner}[\"{text}\"]"),
        })
    }

    /// `["desk", "attic"]`, each the text of a reference.
    fn all_named(&self, list: HirId, want: TyId) -> Option<String> {
        let Node::List(items) = self.program.node(list) else { return None };
        let name = |item: &HirId| match self.program.node(*item) {
            Node::Const(value) => self.named_by(value, want),
            Node::Decl(decl) => Some(self.text(self.program.decl(*decl).name).to_owned()),
            _ => None,
        };
        let names: Option<Vec<String>> = items.iter().map(name).collect();
        Some(format!("[{}]", names?.join(", ")))
    }

    /// Whether the text would be a literal of the type, or of one of its alternatives.
    fn is_literal_of(&self, ty: TyId, text: &str) -> bool {
        match self.program.schema.ty(ty) {
            Ty::Union(types) => types.iter().any(|&t| self.is_literal_of(t, text)),
            ty => literal_of(ty, text),
        }
    }

    /// The word of a closed set that other tools spell otherwise.
    pub(super) fn word_meant(&self, set: EnumId, text: &str) -> Option<&'static str> {
        let set = self.program.schema.enumeration(set);
        let ours = WORDS.iter().filter(|row| row.0.eq_ignore_ascii_case(text)).map(|row| row.1);
        ours.into_iter().find(|word| self.names.find(word).is_some_and(|w| set.word(w).is_some()))
    }

    /// Without a `lead` it is said what was expected.
    pub(super) fn unknown_word(&mut self, set: EnumId, name: Sym, span: Span, lead: Option<&str>) {
        let text = self.text(name).to_string();
        let words: Vec<String> = self
            .program
            .schema
            .enumeration(set)
            .words
            .iter()
            .map(|w| self.text(w.name).to_string())
            .collect();
        let mut near = nearest(&text, words.iter().map(String::as_str));
        if near.is_empty() && text.len() >= 3 {
            near.extend(words.iter().map(String::as_str).filter(|word| word.starts_with(&text)));
        }
        let all_told = lead.is_none() && words.len() <= FEW;
        let message = match lead {
            Some(lead) => format!("{lead} `{text}`"),
            None if all_told => {
                format!("expected {}, found `{text}`", types::either(&words))
            }
            None => format!("expected one of {} words, found `{text}`", words.len()),
        };
        let diagnostic = Diagnostic::new(&codes::E0209, span, message);
        if let Some(meant) = self.word_with_value(set, &text) {
            let title = format!("what a word takes stands in parentheses: `{meant}`");
            self.report(diagnostic.suggest(title, span, meant));
            return;
        }
        if matches!(text.as_str(), "null" | "nil" | "None") {
            self.report(diagnostic.suggest("nothing is written `none`", span, "none"));
            return;
        }
        let near = match self.word_meant(set, &text) {
            Some(word) => vec![word],
            None => near,
        };
        let mut diagnostic = super::did_you_mean(diagnostic, span, self.sources.text(span), &near);
        if let Some(forms) = self.forms_of(set).filter(|_| near.is_empty()) {
            diagnostic = diagnostic.help(format!("write {forms}"));
        }
        if !all_told {
            diagnostic = diagnostic.note(format!("it is one of: {}", words.join(", ")));
        }
        self.report(diagnostic.or_help(match words.as_slice() {
            [only] => format!("write `{only}`"),
            _ => "write one of these words, without quotes".to_string(),
        }));
    }

    /// The way out for a name that stands for nothing here.
    pub(super) fn name_meant(
        &self,
        diagnostic: Diagnostic,
        name: Sym,
        span: Span,
        want: TyId,
        scope: &Scope,
    ) -> Option<Diagnostic> {
        let schema = &self.program.schema;
        let (text, ty) = (self.text(name), schema.ty(schema.plain(want)));
        if *ty == Ty::Bool {
            return Some(match truth(text) {
                Some(word) => diagnostic.suggest(format!("write `{word}`"), span, word),
                None => diagnostic.help("it is `true` or `false`"),
            });
        }
        if matches!(text, "null" | "nil" | "None" | "undefined" | "Null" | "NULL") {
            return Some(diagnostic.suggest("nothing is written `none`", span, "none"));
        }
        let around = &self.sources.file(span.file).text;
        let direct = around[..span.start as usize].trim_end().ends_with('=')
            && !around[span.end as usize..].trim_start().starts_with(['.', '[', '/']);
        if *ty == Ty::Location && direct {
            let way = format!("local(\"{text}\")");
            let title = format!("a volume of Docker's own is written `{way}`");
            let found = diagnostic.suggest(title, span, way);
            return Some(found.help("or declare a share of that name"));
        }
        // In an environment either may be meant, and the program tells them apart.
        if let Ty::Union(types) = ty
            && types.iter().any(|&ty| *schema.ty(ty) == Ty::Printable)
            && let Some(word) = truth(text)
        {
            let quoted = format!("\"{text}\"");
            return Some(
                diagnostic.suggest(format!("as a text: `{quoted}`"), span, quoted).suggest(
                    format!("or as a truth value: `{word}`"),
                    span,
                    word,
                ),
            );
        }
        let rest = &self.sources.file(span.file).text[span.start as usize..];
        let ends = |c: char| c.is_whitespace() || matches!(c, ',' | ']' | '}' | ')' | '"');
        let whole = &rest[..rest.find(ends).unwrap_or(rest.len())];
        // `example.org/app:1.0` is no name, whatever is wanted.
        let path =
            whole[text.len().min(whole.len())..].starts_with('.') && whole.contains([':', '/']);
        if path || matches!(ty, Ty::Text(_) | Ty::Printable | Ty::Matching(..)) {
            let span = Span { end: span.start + whole.len() as u32, ..span };
            return Some(diagnostic.suggest(
                "a text stands in quotes",
                span,
                format!("\"{whole}\""),
            ));
        }
        // `arch == arm64` in a placement: fields are never bare.
        let selves = [
            (scope.container, "container"),
            (scope.unit, "unit"),
            (scope.service, "service"),
            (scope.node, "node"),
            (true, "cluster"),
        ];
        let around = selves.iter().filter(|row| row.0).find(|row| {
            let Some(shape) = self.kind_named(row.1) else { return false };
            let field =
                schema.shape(shape).field(name).map(|at| &schema.shape(shape).fields[at as usize]);
            field.is_some_and(|f| !matches!(schema.ty(f.ty), Ty::Layer(_) | Ty::Named(_)))
        });
        let (_, around) = around?;
        let way = format!("{around}.{text}");
        let note = format!("a field of the {around} is never named bare");
        Some(diagnostic.note(note).suggest(format!("write `{way}`"), span, way))
    }
}

/// What a word of other languages says of something that is so or not.
fn truth(word: &str) -> Option<&'static str> {
    match word.to_ascii_lowercase().as_str() {
        "yes" | "on" | "true" => Some("true"),
        "no" | "off" | "false" => Some("false"),
        _ => None,
    }
}

impl Lower<'_> {
    /// `ty`: of a field that has one value.
    pub(super) fn takes_no_label(
        &mut self,
        entry: &Entry,
        label: Ident,
        word: &str,
        ty: Option<TyId>,
        scope: &Scope,
    ) {
        if matches!(entry.op, EntryOp::Missing) {
            return; // said by the parser
        }
        let name = self.text(label.sym).to_string();
        // `cpu = 4 cpu   memory = 8GiB` reads as a labelled `cpu memory = 8GiB`; the value says so.
        let text = &self.sources.file(entry.word.span.file).text;
        let before = text[..entry.word.span.start as usize].trim_end();
        if word == "cpu" && before.ends_with(|c: char| c.is_ascii_digit()) {
            return;
        }
        let message = format!("`{word}` takes no name, found `{name}`");
        let diagnostic = Diagnostic::new(&codes::E0207, label.span, message);
        if let Some(ty) = ty
            && self
                .enums_in(ty)
                .iter()
                .any(|&set| self.program.schema.enumeration(set).word(label.sym).is_some())
        {
            let diagnostic = self.word_as_label(diagnostic, label, &entry.op, ty, scope);
            return self.report(diagnostic);
        }
        let way = self.named_elsewhere(entry, word, &name, ty);
        self.report(diagnostic.help(way));
    }

    /// What to do with the name in `user joe { ... }`, where a field takes none.
    fn named_elsewhere(&self, entry: &Entry, word: &str, name: &str, ty: Option<TyId>) -> String {
        let value = |ty: &TyId| !self.takes_record(*ty);
        let top = self.program.schema.shape(self.program.project);
        match super::labels::body_of(&entry.op).filter(|_| top.field(entry.word.sym).is_some()) {
            Some(_) => format!(
                "`{word} {name} {{ ... }}` stands at the top of a file; here `{word} = {name}` names it"
            ),
            None if ty.as_ref().is_some_and(value) => format!("write `{word} = ...`"),
            None => format!("write `{word} {{ ... }}` or `{word} = ...`"),
        }
    }
}
