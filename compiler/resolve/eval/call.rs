//! What the functions of the language compute.

use super::{Ctx, Eval};
use crate::diag::text::{FEW, few};
use crate::diag::{About, codes};
use crate::model::ThingId;
use crate::model::value::{Base, Item, Location, Secret, SecretName, SecretPart, Value};
use crate::resolve::functions::FUNCTIONS;
use crate::resolve::hir::*;
use crate::resolve::{document, values};
use crate::source::Span;
use crate::syntax::tree::BinaryOp;
use crate::types;
use rustc_hash::FxHashMap;
use std::sync::Arc;

impl Eval<'_> {
    pub(super) fn call(
        &mut self,
        function: u32,
        args: &[Option<HirId>],
        binding: Option<Binding>,
        span: Span,
        ctx: Ctx,
    ) -> Value {
        let name = FUNCTIONS[function as usize].name;
        if let Some(Binding { seq, cond, item }) = binding {
            let Some(found) = self.through(seq, cond, item, ctx) else { return Value::Poison };
            return self.fold(name, found, span);
        }
        let mut given = Vec::with_capacity(args.len());
        for arg in args {
            let value = match arg {
                Some(arg) => self.eval(*arg, ctx),
                None => Value::None,
            };
            if value.is_poison() {
                return Value::Poison;
            }
            given.push(value);
        }
        if matches!(name, "all" | "any" | "sum" | "count")
            || (matches!(name, "min" | "max") && given.len() == 1)
        {
            let Some(found) = self.elements(given[0].clone(), span) else { return Value::Poison };
            return self.fold(name, found, span);
        }
        self.plain_call(name, given, span, ctx)
    }

    /// `all any count sum min max` of values.
    fn fold(&mut self, name: &str, found: Vec<Value>, span: Span) -> Value {
        match name {
            "all" | "any" => {
                let other = found.iter().find(|v| !matches!(v, Value::Bool(_) | Value::None));
                if let Some(other) = other {
                    return self.no_bool(other.clone(), span);
                }
                let holds = |v: &Value| matches!(v, Value::Bool(true));
                Value::Bool(match name {
                    "all" => found.iter().all(holds),
                    _ => found.iter().any(holds),
                })
            }
            "count" => {
                // A condition behind the colon counts where it holds.
                let holds = |v: &&Value| !matches!(v, Value::Bool(false));
                Value::Int(found.iter().filter(holds).count() as i64)
            }
            "sum" => {
                let mut sum: Option<Value> = None;
                for value in found.into_iter().filter(|v| !v.is_none()) {
                    sum = Some(match sum {
                        None => value,
                        Some(old) => match values::arithmetic(BinaryOp::Add, &old, &value) {
                            Some(Ok(value)) => value,
                            Some(Err(why)) => return self.why(why, &codes::E0308, span),
                            None => {
                                let (a, b) = (self.describe(&old), self.describe(&value));
                                let message = format!("{a} and {b} cannot be added");
                                let diagnostic = self.fault(&codes::E0304, span, message);
                                return self.report_at(diagnostic.help("take the elements that are of one kind: `[for x in list if ...: x]`"));
                            }
                        },
                    });
                }
                sum.unwrap_or(Value::Int(0))
            }
            _ => {
                if !self.of_one_kind(&found, span) {
                    return Value::Poison;
                }
                let order = |a: &Value, b: &Value| {
                    values::order(a, b, self.names, &|a, b| self.by_path(a, b))
                };
                let some = found.iter().filter(|v| !v.is_none());
                let best = if name == "min" {
                    some.min_by(|a, b| order(a, b))
                } else {
                    some.max_by(|a, b| order(a, b))
                };
                best.cloned().unwrap_or(Value::None)
            }
        }
    }

    /// Of values of unlike kinds none is the greater one.
    pub(super) fn of_one_kind<'v>(
        &mut self,
        values: impl IntoIterator<Item = &'v Value>,
        span: Span,
    ) -> bool {
        let number = |v: &Value| matches!(v, Value::Int(_) | Value::Float(_));
        let alike = |a: &Value, b: &Value| {
            std::mem::discriminant(a) == std::mem::discriminant(b) || number(a) && number(b)
        };
        let mut some = values.into_iter().filter(|value| !value.is_none());
        let Some(first) = some.next() else { return true };
        let Some(other) = some.find(|other| !alike(first, other)) else { return true };
        let (a, b) = (self.describe(first), self.describe(other));
        let diagnostic = self.fault(&codes::E0304, span, format!("{a} and {b} cannot be compared"));
        self.report(diagnostic.help("compare values of one type"));
        false
    }

    /// `keys` and `values`: of a map, and of things by name.
    fn parts_of_map(&mut self, keys: bool, map: &Value, span: Span) -> Value {
        match map {
            Value::Map(pairs) if keys => {
                Value::list(pairs.iter().map(|p| Value::Text(p.key.clone())))
            }
            Value::Map(pairs) => Value::List(
                pairs.iter().map(|p| Item { value: p.value.clone(), origin: p.origin }).collect(),
            ),
            Value::Things(ids) if keys => {
                Value::list(ids.iter().map(|&id| Value::text(self.label(id))))
            }
            Value::Things(ids) => Value::list(ids.iter().map(|&id| Value::Thing(id))),
            Value::None => Value::list([]),
            other => {
                let found = self.describe(other);
                let diagnostic =
                    self.fault(&codes::E0301, span, format!("expected a map, found {found}"));
                self.report_at(diagnostic.help("a map is `{ key = value }`; a list is one already"))
            }
        }
    }

    fn plain_call(&mut self, name: &str, given: Vec<Value>, span: Span, ctx: Ctx) -> Value {
        let text = |at: usize| given.get(at).and_then(Value::as_text).unwrap_or("");
        match name {
            "length" => Value::Int(match &given[0] {
                Value::Text(t) => t.chars().count() as i64,
                Value::List(items) => items.len() as i64,
                Value::Map(pairs) => pairs.len() as i64,
                Value::Things(ids) => ids.len() as i64,
                Value::Secret(_) => {
                    let message = "`length` cannot look into a secret";
                    let fault = self.fault(&codes::E0602, span, message);
                    let fault = fault.note("its value is known to the store alone");
                    return self.report_at(fault.help("do without it, or let the program count"));
                }
                other => {
                    let found = self.describe(other);
                    let message = format!("expected a list, a map or a text, found {found}");
                    let fault = self.fault(&codes::E0301, span, message);
                    return self.report_at(fault.help("`length` counts elements, keys or letters"));
                }
            }),
            "join" => {
                let between: Arc<str> = text(1).into();
                self.join(given[0].clone(), &between, span)
            }
            "split" if text(1).is_empty() => {
                let diagnostic =
                    self.fault(&codes::E0303, span, "a text cannot be split at nothing");
                self.report_at(diagnostic.help("say what stands between: `split(text, \",\")`"))
            }
            "split" => Value::list(text(0).split(text(1)).map(Value::text)),
            "upper" => Value::text(&text(0).to_uppercase()),
            "lower" => Value::text(&text(0).to_lowercase()),
            "replace" if text(1).is_empty() => {
                let diagnostic =
                    self.fault(&codes::E0303, span, "nothing cannot be replaced in a text");
                self.report_at(diagnostic.help("say what is to go: `replace(text, \"-\", \"_\")`"))
            }
            "replace" => Value::text(&text(0).replace(text(1), text(2))),
            "contains" => match (&given[0], &given[1]) {
                (Value::Text(a), Value::Text(b)) => Value::Bool(a.contains(&**b)),
                (Value::Cidr(_), Value::Ip(_) | Value::Cidr(_)) => {
                    values::in_range(&given[1], &given[0]).map_or(Value::Poison, Value::Bool)
                }
                (list, part) => match self.elements(list.clone(), span) {
                    Some(found) => Value::Bool(found.contains(part)),
                    None => Value::Poison,
                },
            },
            "starts_with" => Value::Bool(text(0).starts_with(text(1))),
            "sort" => match self.elements(given[0].clone(), span) {
                Some(found) if !self.of_one_kind(&found, span) => Value::Poison,
                Some(mut found) => {
                    found.sort_by(|a, b| {
                        values::order(a, b, self.names, &|a, b| self.by_path(a, b))
                    });
                    Value::list(found)
                }
                None => Value::Poison,
            },
            "unique" => match self.elements(given[0].clone(), span) {
                Some(found) => {
                    let mut once: Vec<Value> = Vec::new();
                    for value in found {
                        if !once.contains(&value) {
                            once.push(value);
                        }
                    }
                    Value::list(once)
                }
                None => Value::Poison,
            },
            "keys" | "values" => self.parts_of_map(name == "keys", &given[0], span),
            "hash" => Value::text(&types::hash::sha256_hex(text(0).as_bytes())),
            "base64" => Value::text(&types::hash::base64(text(0).as_bytes())),
            "indent" => {
                let by = match given.get(1) {
                    Some(Value::Int(n)) => usize::try_from(*n).ok().filter(|n| *n <= 1000),
                    _ => Some(0),
                };
                let Some(by) = by else {
                    let message = "a text can be moved in by 0 to 1000 spaces";
                    let diagnostic = self.fault(&codes::E0303, span, message);
                    return self.report_at(diagnostic.help("write a number from 0 to 1000"));
                };
                let margin = " ".repeat(by);
                let lines: Vec<String> = text(0)
                    .split('\n')
                    .map(|l| if l.is_empty() { String::new() } else { format!("{margin}{l}") })
                    .collect();
                Value::text(&lines.join("\n"))
            }
            "yaml" | "json" | "toml" | "ini" => {
                let model = &self.model;
                match document::write(name, &given[0], self.names, &|id| {
                    model.label(id).to_string()
                }) {
                    Ok(value) => value,
                    Err(message) => {
                        let diagnostic = self.fault(&codes::E0307, span, message);
                        self.report_at(diagnostic)
                    }
                }
            }
            "local" => self.local(&given, span),
            "tmpfs" => {
                let size = match given.first() {
                    Some(Value::Bytes(b)) => Some(*b),
                    _ => None,
                };
                let mode = match given.get(1) {
                    Some(Value::Mode(m)) => Some(*m),
                    _ => None,
                };
                let base = Base::Memory { size, mode };
                Value::Location(Arc::new(Location { base, sub: "".into() }))
            }
            "secret" => self.secret(&given, span, ctx),
            _ => Value::Poison,
        }
    }

    fn local(&mut self, given: &[Value], span: Span) -> Value {
        let Some(name) = given.first().and_then(Value::as_text) else { return Value::Poison };
        if let Some(Err(why)) = types::text_type("label").map(|t| (t.check)(name)) {
            return self.why(why, &codes::E0302, span);
        }
        let driver = given.get(1).and_then(Value::as_text).map(Arc::from);
        let mut options: Vec<(Arc<str>, Arc<str>)> = Vec::new();
        for pair in given.get(2).map_or(&[][..], Value::pairs) {
            match values::print(&pair.value, self.names) {
                Some(text) => options.push((pair.key.clone(), text)),
                None => {
                    let diagnostic = self.fault(
                        &codes::E0307,
                        span,
                        format!("the option `{}` is no text", pair.key),
                    );
                    return self.report_at(diagnostic.help("write it in quotes"));
                }
            }
        }
        let base = Base::Local { name: name.into(), driver, options: options.into() };
        Value::Location(Arc::new(Location { base, sub: "".into() }))
    }

    fn join(&mut self, list: Value, between: &str, span: Span) -> Value {
        let Some(found) = self.elements(list, span) else { return Value::Poison };
        let mut parts: Vec<SecretPart> = Vec::new();
        let mut secret = false;
        let mut text = String::new();
        for (nth, value) in found.iter().enumerate() {
            if nth > 0 {
                text.push_str(between);
            }
            match value {
                Value::Secret(inner) => {
                    secret = true;
                    parts.push(SecretPart::Text(std::mem::take(&mut text).into()));
                    parts.extend(inner.parts.iter().cloned());
                }
                value => match values::print(value, self.names) {
                    Some(piece) => text.push_str(&piece),
                    None => {
                        let found = self.describe(value);
                        let diagnostic = self
                            .fault(&codes::E0307, span, format!("{found} does not print by itself"))
                            .help("join texts: `join([for x in list: x.name], \", \")`");
                        return self.report_at(diagnostic);
                    }
                },
            }
        }
        if !secret {
            return Value::Text(text.into());
        }
        parts.push(SecretPart::Text(text.into()));
        parts.retain(|p| !matches!(p, SecretPart::Text(t) if t.is_empty()));
        Value::Secret(Arc::new(Secret { parts: parts.into() }))
    }

    /// `secret("NAME")`, `secret("/path/NAME")`, `secret(STORE, "/path/NAME")`.
    fn secret(&mut self, given: &[Value], span: Span, ctx: Ctx) -> Value {
        let (store, wanted) = match given {
            [Value::Thing(store), Value::Text(path)] => (Some(*store), path.clone()),
            [Value::Text(path)] | [Value::Text(path), Value::None] => (None, path.clone()),
            _ => {
                let diagnostic = self
                    .fault(&codes::E0601, span, "`secret` takes a name, or a store and a path")
                    .help("write `secret(\"NAME\")`, `secret(\"/path/NAME\")` or `secret(STORE, \"/path/NAME\")`");
                return self.report_at(diagnostic);
            }
        };
        let all = self.all_secrets();
        let bare = wanted.rsplit('/').next().unwrap_or(&wanted);
        let of_name = self.secrets_by_name.get(bare).map_or(&[][..], Vec::as_slice);
        let of_name: Vec<&SecretName> = of_name.iter().map(|&at| &all[at as usize]).collect();
        let found: Vec<SecretName> = if let Some((path, _)) = wanted.rsplit_once('/') {
            of_name
                .into_iter()
                .filter(|s| store.is_none_or(|store| s.store == store) && &*s.path == path)
                .cloned()
                .collect()
        } else {
            let Some(own) = self.own_paths(ctx) else { return Value::Poison };
            of_name
                .into_iter()
                .filter(|s| own.iter().any(|(st, path)| *st == s.store && **path == *s.path))
                .cloned()
                .collect()
        };
        match found.as_slice() {
            [one] if self.left_out.contains(&one.store) => self.is_left_out(one.store, span),
            [one] => {
                self.used_secrets.insert((one.store, one.path.clone(), one.name.clone()));
                Value::Secret(Arc::new(Secret { parts: Box::new([SecretPart::Name(one.clone())]) }))
            }
            [] => self.unknown_secret(&wanted, &all, span, ctx),
            several => {
                let place = |s: &SecretName| {
                    format!("`{}/{}` of `{}`", s.path, s.name, self.label(s.store))
                };
                let places: Vec<String> = several.iter().map(place).collect();
                let diagnostic = self
                    .fault(
                        &codes::E0603,
                        span,
                        format!("`{wanted}` is the name of more than one secret"),
                    )
                    .note(format!("it is at {}", few(&places, FEW)));
                // As it stands, and not by way of a name.
                let plain = store.is_none()
                    && (span.end - span.start) as usize == "secret(\"\")".len() + wanted.len();
                let whole = |s: &SecretName| {
                    let path = format!("{}/{}", s.path.trim_end_matches('/'), s.name);
                    match several.iter().any(|o| o.path == s.path && o.store != s.store) {
                        true => format!("secret({}, \"{path}\")", self.label(s.store)),
                        false => format!("secret(\"{path}\")"),
                    }
                };
                let ways: Vec<String> = several.iter().map(whole).collect();
                let offer = |d: crate::diag::Diagnostic, way: String| {
                    d.suggest(format!("write `{way}`"), span, way)
                };
                let diagnostic = match plain && ways.len() <= 4 {
                    true => ways.into_iter().fold(diagnostic, offer),
                    false => diagnostic
                        .help("name its whole path, or its store: `secret(STORE, \"/path/NAME\")`"),
                };
                self.report_at(diagnostic)
            }
        }
    }

    fn unknown_secret(&mut self, wanted: &str, all: &[SecretName], span: Span, ctx: Ctx) -> Value {
        if let Some(path) = self.path_that_is_off(wanted) {
            return self.is_left_out(path, span);
        }
        let bare = wanted.rsplit('/').next().unwrap_or(wanted);
        // As it stands, and not by way of a name or with a store.
        let alone = (span.end - span.start) as usize == "secret(\"\")".len() + wanted.len();
        let elsewhere: Vec<&SecretName> = all.iter().filter(|s| &*s.name == bare).collect();
        let mut diagnostic = self
            .fault(&codes::E0601, span, format!("no secret is called `{wanted}` here"))
            .about(About::missing("secret", wanted));
        if let Some(other) = elsewhere.first() {
            let in_service = self.around(ctx.thing, self.words.service).is_some();
            let store = self.label(other.store);
            let note = format!("there is `{}/{}` of `{store}`", other.path, other.name);
            diagnostic = diagnostic.note(note);
            let mut lead = "write";
            if in_service && !wanted.contains('/') {
                lead = "or name all of it:";
                let store = self.label(other.store).to_string();
                diagnostic = diagnostic.help(format!(
                    "let the service use that path: `secrets = [{store}[\"{}\"]]`",
                    other.path
                ));
            }
            let way = format!("secret(\"{}/{}\")", other.path.trim_end_matches('/'), other.name);
            diagnostic = match alone {
                true => diagnostic.suggest(format!("{lead} `{way}`"), span, way),
                false => diagnostic.help(format!("{lead} `{way}`")),
            };
        } else {
            let names: Vec<&str> = all.iter().map(|s| &*s.name).collect();
            let near = types::distance::nearest(bare, names.iter().copied());
            for name in near {
                let title = format!("did you mean `{name}`?");
                let place = all.iter().find(|s| &*s.name == name).filter(|_| alone);
                diagnostic = match place {
                    Some(place) if wanted.contains('/') => diagnostic.suggest(
                        title,
                        span,
                        format!("secret(\"{}/{name}\")", place.path.trim_end_matches('/')),
                    ),
                    Some(_) => diagnostic.suggest(title, span, format!("secret(\"{name}\")")),
                    None => diagnostic.help(title),
                };
            }
            // Where it would be: in the one folder that is meant.
            let folder = wanted.rsplit_once('/').map(|(path, _)| path.to_owned());
            let own = match &folder {
                Some(path) => all.iter().find(|s| *s.path == **path).map(|s| s.store),
                None => None,
            };
            let (store, path) = match (own, self.own_paths(ctx).as_deref(), &folder) {
                (Some(store), _, Some(path)) => (self.label(store).to_owned(), path.clone()),
                (None, Some([(store, path)]), None) => {
                    (self.label(*store).to_owned(), path.to_string())
                }
                _ => ("STORE".to_owned(), folder.clone().unwrap_or_else(|| "/...".to_owned())),
            };
            diagnostic = diagnostic.help(format!(
                "declare it: `secrets {store} {{ path \"{path}\" {{ names += [{bare}] }} }}`"
            ));
            // By its name, or by its path: it is missing once.
            diagnostic = diagnostic.about(About::missing("secret", bare));
        }
        self.report_at(diagnostic)
    }

    /// Every secret of every store, in order of store, path and name.
    pub(super) fn all_secrets(&mut self) -> Arc<[SecretName]> {
        if let Some(all) = &self.secret_names {
            return all.clone();
        }
        let mut all: Vec<SecretName> = Vec::new();
        // Also of a store that is left out: whoever names one is told.
        let mut stores = self.all_named("secrets");
        let kind = self.program.schema.kind_called("secrets");
        stores.extend(self.left_out.iter().filter(|&&thing| Some(self.thing(thing).shape) == kind));
        stores.sort_by(|a, b| self.label(*a).cmp(self.label(*b)));
        for store in stores {
            let Value::Things(paths) = self.get(store, "path") else { continue };
            for &path in paths.iter() {
                let label: Arc<str> = self.label(path).trim_end_matches('/').into();
                let names = self.get(path, "names");
                let renames = self.get(path, "rename");
                for item in names.items() {
                    let Value::Text(name) = &item.value else { continue };
                    let variable = match renames.get(name) {
                        Some(Value::Text(other)) => other.clone(),
                        _ => name.clone(),
                    };
                    all.push(SecretName {
                        store,
                        path: label.clone(),
                        name: name.clone(),
                        variable,
                    });
                }
            }
        }
        let mut by_name: FxHashMap<Arc<str>, Vec<u32>> = FxHashMap::default();
        for (at, secret) in all.iter().enumerate() {
            by_name.entry(secret.name.clone()).or_default().push(at as u32);
        }
        self.secrets_by_name = Arc::new(by_name);
        let all: Arc<[SecretName]> = all.into();
        self.secret_names = Some(all.clone());
        all
    }

    /// The paths that the service in scope uses; nothing where these are faulty.
    fn own_paths(&mut self, ctx: Ctx) -> Option<Vec<(ThingId, Arc<str>)>> {
        let Some(service) = self.around(ctx.thing, self.words.service) else {
            return Some(Vec::new());
        };
        let listed = self.get(service, "secrets");
        if listed.is_poison() {
            return None;
        }
        let mut out = Vec::new();
        for item in listed.items() {
            if let Value::Thing(path) = item.value
                && let Some(store) = self.thing(path).parent
            {
                let label = self.label(path).trim_end_matches('/');
                out.push((store, label.into()));
            }
        }
        Some(out)
    }
}
