//! The usual slips, each with its way out: values in another form, words and fields that people
//! bring from other tools.

use super::exprs::Typed;
use super::seen::Stated;
use super::{Lower, Scope, a};
use crate::diag::{Diagnostic, codes};
use crate::model::schema::{EnumId, ShapeId, Ty, TyId};
use crate::model::value::Value;
use crate::names::Sym;
use crate::resolve::hir::Node;
use crate::source::Span;
use crate::types::{self, Quantity, Why};

/// What other tools call a field: (kind, their word, how it is said here).
#[rustfmt::skip] // one row a line
const FIELDS: &[(&str, &str, &str)] = &[
    ("container", "ports", "each port has a name: `port web = 8080 -> 80`"),
    ("container", "expose", "a port that is not published: `port web = 80`"),
    ("container", "volumes", "each by its path in the container: `volume \"/data\" = SHARE / \"dir\"`"),
    ("container", "tmpfs", "write `volume \"/tmp\" = tmpfs(64MiB)`"),
    ("container", "mounts", "each by its path in the container: `volume \"/data\" = SHARE / \"dir\"`"),
    ("container", "environment", "write `env { NAME = \"value\" }`"),
    ("container", "env_file", "write `env { NAME = \"value\" }`, and secrets as `secret(\"NAME\")`"),
    ("container", "secrets", "the service names the paths: `secrets = [STORE[\"/path\"]]`, the container uses `secret(\"NAME\")`"),
    ("container", "healthcheck", "write `health { http = \"/\"   port = PORT }`"),
    ("container", "container_name", "the name is worked out: `SERVICE-CONTAINER`"),
    ("container", "deploy", "write `limits { memory = 1GiB   cpu = 2cpu }`"),
    ("container", "mem_limit", "write `limits { memory = 1GiB }`"),
    ("container", "memory", "write `limits { memory = 1GiB }`"),
    ("container", "cpu", "write `limits { cpu = 2cpu }`"),
    ("container", "cpus", "write `limits { cpu = 2cpu }`"),
    ("container", "cap_add", "write `capabilities { add = [NET_ADMIN] }`"),
    ("container", "cap_drop", "write `capabilities { drop = [ALL] }`"),
    ("container", "devices", "each has a name: `device NAME = \"/dev/...\"`"),
    ("container", "extra_hosts", "write `hosts { NAME = ADDRESS }`"),
    ("container", "links", "containers of one service reach each other: `OTHER.PORT.address`"),
    ("container", "sysctls", "write `sysctl { \"KEY\" = VALUE }`"),
    ("container", "security_opt", "write `security = [\"...\"]`"),
    ("container", "shm_size", "write `shm = 64MiB`"),
    ("container", "network", "write `networks = [NETWORK]`, or `network_mode = host`"),
    ("container", "configs", "each by its path in the container: `config \"/etc/app.conf\" = \"...\"`"),
    ("service", "image", "an image is a container's: `container NAME { image = ... }`"),
    ("service", "node", "write `on = NODE`"),
    ("service", "nodes", "write `on = [A, B]`"),
    ("service", "host", "write `on = NODE`"),
    ("service", "depends_on", "between services it is `after = [SERVICE]`, between containers `depends_on`"),
    ("service", "replicas", "one runs on each node of `on`"),
    ("service", "containers", "each has a name: `container NAME { image = ... }`"),
    ("service", "port", "a port is a container's or a unit's: `container NAME { port web = 8080 -> 80 }`"),
    ("service", "ports", "a port is a container's or a unit's: `container NAME { port web = 8080 -> 80 }`"),
    ("service", "env", "an environment is a container's or a unit's: `container NAME { env { ... } }`"),
    ("service", "volume", "a volume is a container's: `container NAME { volume \"/data\" = ... }`"),
    ("node", "role", "write `roles = [ROLE]`"),
    ("node", "ip", "write `address { NETWORK = ADDRESS }`"),
    ("node", "ips", "write `address { NETWORK = ADDRESS }`"),
    ("node", "addresses", "write `address { NETWORK = ADDRESS }`"),
    ("node", "hostname", "a node's name is its host name; more of them: `alias = [NAME]`"),
    ("node", "aliases", "write `alias = [NAME]`"),
    ("node", "memory", "write `hardware { memory = 8GiB }`"),
    ("node", "ram", "write `hardware { memory = 8GiB }`"),
    ("node", "cpu", "write `hardware { cpu = 4cpu }`"),
    ("node", "gpu", "write `hardware { gpu = nvidia }`"),
    ("node", "disk", "write `hardware { disk NAME { device = \"/dev/...\" } }`"),
    ("node", "platform", "write `arch = arm64`, and `os = debian(\"13\")`"),
    ("network", "subnet", "write `range = 10.0.0.0/24`"),
    ("network", "cidr", "write `range = 10.0.0.0/24`"),
    ("share", "path", "write `disk = NODE.hardware.disk.DISK`, or `path = \"/srv\"`"),
    ("share", "host", "write `server = NODE`"),
    ("share", "node", "write `server = NODE`"),
    ("share", "protocol", "write `via = nfs()` or `via = smb3()`"),
    ("site", "url", "the site's name is its address: `site \"app.example.org\" { to = CONTAINER.PORT }`"),
    ("site", "proxy", "write `to = CONTAINER.PORT`"),
    ("site", "upstream", "write `to = CONTAINER.PORT`"),
    ("health", "test", "write `command = [\"...\"]`, or `http = \"/\"   port = PORT`"),
    ("health", "interval", "write `every = 30s`"),
    ("health", "start_period", "write `start = 60s`"),
    ("limits", "cpus", "write `cpu = 2cpu`"),
    ("limits", "mem", "write `memory = 1GiB`"),
];

/// What other tools call a word of a closed set: (their word, ours).
const WORDS: &[(&str, &str)] = &[
    ("aarch64", "arm64"),
    ("amd64", "x86_64"),
    ("x64", "x86_64"),
    ("x86-64", "x86_64"),
    ("arm64v8", "arm64"),
    ("armhf", "armv7"),
    ("no", "never"),
    ("none", "off"),
    ("unless_stopped", "unless-stopped"),
    ("on_demand", "on-demand"),
    ("ondemand", "on-demand"),
    ("online", "up"),
    ("down", "offline"),
    ("smb", "smb3"),
    ("cifs", "smb3"),
    ("nfs4", "nfs"),
    ("darwin", "macos"),
    ("osx", "macos"),
    ("letsencrypt", "acme"),
];

impl Lower<'_> {
    /// A range of addresses, alone or among others.
    fn is_range(&self, ty: TyId) -> bool {
        match self.program.schema.ty(ty) {
            Ty::Cidr => true,
            Ty::Union(types) => types.iter().any(|&ty| self.is_range(ty)),
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
            (Ty::Bytes, Value::Int(n)) => diagnostic
                .suggest(format!("a size has a unit: `{n}MiB`"), span, format!("{n}MiB"))
                .suggest(format!("or plain bytes: `{n}B`"), span, format!("{n}B")),
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
            (Ty::Cpu, Value::Float(n)) => {
                diagnostic.suggest(format!("cpu has a unit: `{n}cpu`"), span, format!("{n}cpu"))
            }
            (
                Ty::Text(_) | Ty::Printable,
                Value::Int(_) | Value::Float(_) | Value::Bool(_) | Value::Ip(_) | Value::Mode(_),
            ) => diagnostic.fix("write it in quotes", span, format!("\"{written}\"")),
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
            (Ty::Ref(_), Value::Text(text)) if super::blocks::shown(text) == **text => {
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
            (_, Value::Ip(_)) if self.is_range(plain) => diagnostic
                .help(format!("a range says with a number how long it is: `{written}/24`")),
            (Ty::Map(..), _) => {
                diagnostic.help("write it as a block, without the `=`: `NAME { KEY = VALUE }`")
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
            _ => diagnostic,
        }
    }

    /// The reference that a text names, where what is wanted is one: of a thing, or of one inside.
    fn named_by(&self, value: &Value, want: TyId) -> Option<String> {
        let Value::Text(text) = value else { return None };
        let shapes = self.wanted_shapes(want)?;
        let name = self.names.find(text)?;
        let declared = self.bare.get(&name).into_iter().flatten();
        if declared.clone().any(|&d| shapes.contains(&self.program.decl(d).shape)) {
            return Some(super::blocks::shown(text).into_owned());
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

    /// Whether the text would be a literal of the type, or of one of its alternatives.
    fn is_literal_of(&self, ty: TyId, text: &str) -> bool {
        match self.program.schema.ty(ty) {
            Ty::Union(types) => types.iter().any(|&t| self.is_literal_of(t, text)),
            ty => literal_of(ty, text),
        }
    }

    /// How a field that is unknown here is said, where other tools have it or another block does.
    pub(super) fn field_meant(&self, word: Sym, shape: ShapeId, scope: &Scope) -> Option<String> {
        let schema = &self.program.schema;
        let (kind, text) = (self.text(schema.shape(shape).name), self.text(word));
        if let Some((_, _, way)) = FIELDS.iter().find(|row| (row.0, row.1) == (kind, text)) {
            return Some((*way).to_owned());
        }
        let owner = scope.labels.iter().rev().skip(1).find_map(|&l| {
            let s = schema.shape(self.program.labels[l.0 as usize].shape);
            s.field(word).map(|_| self.text(s.name))
        });
        if let Some(owner) = owner {
            return Some(format!(
                "`{text}` is a field of the {owner} around it: move it out of this block"
            ));
        }
        // Of a block inside: `audience` of a port.
        let inside = schema.shape(shape).fields.iter().find_map(|f| {
            let inner = match *schema.ty(schema.plain(f.ty)) {
                Ty::Named(inner) | Ty::Record(inner) => schema.shape(inner),
                _ => return None,
            };
            let skip = matches!(text, "value" | "description" | "allow" | "enabled" | "raw");
            inner.field(word).filter(|_| !skip)?;
            let label = if matches!(schema.ty(f.ty), Ty::Named(_)) { " NAME" } else { "" };
            Some(format!("{}{label}", self.text(f.name)))
        })?;
        let (word, _) = inside.split_once(' ').unwrap_or((&inside, ""));
        Some(format!("{} has `{text}`: write it inside, `{inside} {{ {text} ... }}`", a(word)))
    }

    /// The word of a closed set that other tools spell otherwise.
    pub(super) fn word_meant(&self, set: EnumId, text: &str) -> Option<&'static str> {
        let set = self.program.schema.enumeration(set);
        let ours = WORDS.iter().filter(|row| row.0.eq_ignore_ascii_case(text)).map(|row| row.1);
        ours.into_iter().find(|word| self.names.find(word).is_some_and(|w| set.word(w).is_some()))
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
            let meant = match text.to_ascii_lowercase().as_str() {
                "yes" | "on" | "true" => Some("true"),
                "no" | "off" | "false" => Some("false"),
                _ => None,
            };
            return Some(match meant {
                Some(word) => diagnostic.suggest(format!("write `{word}`"), span, word),
                None => diagnostic.help("it is `true` or `false`"),
            });
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

/// `512m`, `1.5g`: as engines write sizes; else what the quantity's own fault offers.
fn quantity_meant(ty: &Ty, text: &str) -> Option<String> {
    let text = text.trim();
    if *ty == Ty::Bytes {
        let (number, unit) = text.split_at(text.find(|c: char| c.is_ascii_alphabetic())?);
        let unit = match unit.to_ascii_lowercase().as_str() {
            "b" => "B",
            "k" | "kb" | "ki" | "kib" => "KiB",
            "m" | "mb" | "mi" | "mib" => "MiB",
            "g" | "gb" | "gi" | "gib" => "GiB",
            "t" | "tb" | "ti" | "tib" => "TiB",
            _ => return None,
        };
        let meant = format!("{}{unit}", number.trim());
        return literal_of(ty, &meant).then_some(meant);
    }
    let compact: String = text.split_whitespace().collect();
    let meant = match (ty, types::quantity(&compact)) {
        (_, Err(Why { replace: Some(meant), .. })) => meant,
        (Ty::Cpu, _) => format!("{}cpu", compact.trim_end_matches(|c: char| c.is_alphabetic())),
        _ => compact,
    };
    literal_of(ty, &meant).then_some(meant)
}

/// Whether the text would be a literal of the type.
fn literal_of(ty: &Ty, text: &str) -> bool {
    match ty {
        Ty::Bytes => matches!(types::quantity(text), Ok(Quantity::Bytes(_))),
        Ty::Duration => matches!(types::quantity(text), Ok(Quantity::Duration(_))),
        Ty::Cpu => matches!(types::quantity(text), Ok(Quantity::Cpu(_))),
        Ty::Ip | Ty::Ip4 | Ty::Ip6 => types::ip(text).is_ok(),
        Ty::Cidr => types::cidr(text).is_ok(),
        Ty::Mac => types::mac(text).is_ok(),
        Ty::Mode => types::mode(text).is_ok(),
        Ty::Int | Ty::IntIn(..) | Ty::Port | Ty::Ports => text.parse::<i64>().is_ok(),
        Ty::Bool => matches!(text, "true" | "false"),
        _ => false,
    }
}
