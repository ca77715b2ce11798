//! A sound cluster, and how one fact of it is changed in its text. Places come from the compiler's own record of
//! where each value stands; nothing here knows what a rule would say.

use crate::generate::{Dice, Project};
use crate::laws::compile;
use colabc::model::value::Value;
use colabc::model::{Model, ThingId};
use colabc::origin::Origin;
use colabc::source::{Sources, Span};
use colabc::syntax::tree::{Block, Entry, EntryOp, Stmt, StmtKind, Tree};
use std::net::IpAddr;

pub struct Base {
    pub name: String,
    pub project: Project,
    model: Model,
    sources: Sources,
    trees: Vec<std::sync::Arc<Tree>>,
}

/// A cluster with one fact changed, and where: a finding must point at one of these bytes' lines.
pub struct Break {
    pub project: Project,
    pub file: String,
    pub start: usize,
    pub end: usize,
}

/// A node's address on a network, with the text that states it.
pub struct Address {
    pub network: ThingId,
    pub ip: IpAddr,
    pub span: Span,
    /// The other addresses that the same text states.
    rest: Vec<IpAddr>,
}

impl Address {
    /// The same statement with another address.
    pub fn with(&self, ip: impl std::fmt::Display) -> String {
        if self.rest.is_empty() {
            return ip.to_string();
        }
        let rest: Vec<String> = self.rest.iter().map(IpAddr::to_string).collect();
        format!("[{ip}, {}]", rest.join(", "))
    }
}

impl Base {
    pub fn new(name: String, project: Project) -> Base {
        let run = compile(&project);
        assert_eq!(run.errors(), 0, "{name} is not sound");
        Base { name, project, model: run.resolved.model, sources: run.sources, trees: run.trees }
    }

    pub fn model(&self) -> &Model {
        &self.model
    }

    // -- choosing

    pub fn all(&self, kind: &str) -> Vec<ThingId> {
        self.model().all(kind).to_vec()
    }

    pub fn nodes(&self) -> Vec<ThingId> {
        self.all("node").into_iter().filter(|&n| self.model().flag(n, "managed")).collect()
    }

    /// Containers or units that the project itself declares, where they run.
    pub fn parts(&self, field: &str) -> Vec<ThingId> {
        let m = self.model();
        let of = |i: &colabc::model::Instance| m.children(i.thing, field).to_vec();
        m.instances.iter().flat_map(of).filter(|&part| self.entry(part).is_some()).collect()
    }

    pub fn ports(&self) -> Vec<ThingId> {
        let parts = [self.parts("container"), self.parts("unit")].concat();
        self.inside(&parts, "port")
    }

    pub fn volumes(&self) -> Vec<ThingId> {
        self.inside(&self.parts("container"), "volume")
    }

    pub fn inside(&self, parts: &[ThingId], field: &str) -> Vec<ThingId> {
        let all = parts.iter().flat_map(|&part| self.model().children(part, field).to_vec());
        all.filter(|&thing| self.entry(thing).is_some()).collect()
    }

    pub fn addresses(&self) -> Vec<Address> {
        let m = self.model();
        let mut all = Vec::new();
        for node in self.all("node") {
            for pair in m.get(node, "address").pairs() {
                let ips = m_ips(&pair.value);
                let (Some(span), Some(network)) =
                    (self.stated(pair.origin), m.find("network", &pair.key))
                else {
                    continue;
                };
                for (at, &ip) in ips.iter().enumerate() {
                    let mut rest = ips.clone();
                    rest.remove(at);
                    all.push(Address { network, ip, span, rest });
                }
            }
        }
        all
    }

    pub fn node_of(&self, thing: ThingId) -> Option<ThingId> {
        self.model().thing(thing).node
    }

    /// The service that a part runs for.
    pub fn service_of(&self, part: ThingId) -> Option<ThingId> {
        let instance = self.model().thing(part).instance?;
        self.model().instances.iter().find(|i| i.thing == instance).map(|i| i.service)
    }

    /// `gitea.app`, as other services name it.
    pub fn dotted(&self, thing: ThingId) -> String {
        self.model().dotted(thing)
    }

    /// Whether the sources name a text anywhere but where it is declared.
    pub fn named_elsewhere(&self, text: &str) -> bool {
        self.project.values().map(|file| file.matches(text).count()).sum::<usize>() > 1
    }

    // -- where things stand

    /// The text of a value in the project.
    pub fn stated(&self, origin: Origin) -> Option<Span> {
        let row = self.model().origin(origin)?;
        let span = self.model().defs[row.def as usize].value?;
        self.is_own(span).then_some(span)
    }

    /// Whether a place is in the project and not in the library.
    fn is_own(&self, span: Span) -> bool {
        self.project.contains_key(&self.sources.file(span.file).name)
    }

    /// The statement that declares a thing, in the project.
    fn entry(&self, thing: ThingId) -> Option<(&Stmt, &Entry)> {
        let span = self.model().thing(thing).span;
        if !self.is_own(span) {
            return None;
        }
        let tree = self.trees.iter().find(|tree| tree.file == span.file)?;
        tree.stmts.iter().find_map(|stmt| match &stmt.kind {
            StmtKind::Entry(entry) => {
                let heads = entry.word.span.start <= span.start
                    && span.end <= stmt.span.end
                    && entry.label.is_some_and(|label| label.span.end == span.end);
                heads.then_some((stmt, entry))
            }
            _ => None,
        })
    }

    // -- changing

    pub fn edit(&self, span: Span, text: &str) -> Break {
        let file = self.sources.file(span.file).name.clone();
        let mut project = self.project.clone();
        let whole = project.get_mut(&file).expect("an edit is in the project");
        whole.replace_range(span.start as usize..span.end as usize, text);
        let start = span.start as usize;
        Break { project, file, start, end: start + text.trim_end().len() }
    }

    /// One more declaration.
    pub fn add(&self, text: &str) -> Option<Break> {
        let file = self.sources.by_name("cluster.colab")?;
        let end = self.project["cluster.colab"].len() as u32;
        let mut made = self.edit(Span::new(file, end, end), &format!("\n{text}\n"));
        made.start += 1;
        Some(made)
    }

    /// States a field: anew where it stands, else inside of the thing.
    pub fn set(&self, thing: ThingId, field: &str, text: &str) -> Option<Break> {
        let (_, origin) = self.model().at(thing, field);
        match self.stated(origin) {
            Some(span) => Some(self.edit(span, text)),
            None => self.insert(thing, &format!("{field} = {text}")),
        }
    }

    /// States a key of a map.
    pub fn set_key(&self, thing: ThingId, field: &str, key: &str, text: &str) -> Option<Break> {
        let pairs = self.model().get(thing, field).pairs();
        let stated = pairs.iter().find(|pair| &*pair.key == key).map(|pair| pair.origin);
        match stated.and_then(|origin| self.stated(origin)) {
            Some(span) => Some(self.edit(span, text)),
            None => self.put(thing, field, &format!("{key} = {text}")),
        }
    }

    /// One more statement in the body of a thing; of a block, in that of the thing it belongs to.
    pub fn insert(&self, thing: ThingId, statement: &str) -> Option<Break> {
        let m = self.model();
        if !m.schema.shape(m.thing(thing).shape).is_kind {
            return self.put(m.thing(thing).parent?, m.label(thing), statement);
        }
        let (stmt, entry) = self.entry(thing)?;
        match body(entry) {
            Some(block) => Some(self.into(block, statement)),
            None => Some(self.edit(stmt.span.tail(), &format!(" {{ {statement} }}"))),
        }
    }

    /// One more statement in a block of a thing, or in a new one where its own text has none.
    pub fn put(&self, thing: ThingId, field: &str, statement: &str) -> Option<Break> {
        let m = self.model();
        let tree = self.trees.iter().find(|tree| tree.file == m.thing(thing).span.file)?;
        let stated = self.entry(thing).and_then(|(_, entry)| body(entry)).and_then(|block| {
            tree.stmts_of(block.stmts).iter().find_map(|&id| match &tree.stmt(id).kind {
                StmtKind::Entry(inner)
                    if inner.label.is_none() && m.names.text(inner.word.sym) == field =>
                {
                    body(inner)
                }
                _ => None,
            })
        });
        match stated {
            Some(block) => Some(self.into(block, statement)),
            None => self.insert(thing, &format!("{field} {{ {statement} }}")),
        }
    }

    fn into(&self, block: Block, statement: &str) -> Break {
        let at = Span::new(block.span.file, block.span.start + 1, block.span.start + 1);
        let mut made = self.edit(at, &format!("\n{statement}\n"));
        made.start += 1;
        made
    }

    /// Takes a field's own statement away; the place is then the head of what it stood in.
    pub fn remove(&self, thing: ThingId, field: &str) -> Option<Break> {
        let (value, origin) = self.model().at(thing, field);
        let value = match value {
            Value::Thing(block)
                if !self.model().schema.shape(self.model().thing(*block).shape).is_kind =>
            {
                self.model().thing(*block).span
            }
            _ => self.stated(origin)?,
        };
        let tree = self.trees.iter().find(|tree| tree.file == value.file)?;
        let stmt = tree.stmts.iter().filter(|stmt| match &stmt.kind {
            StmtKind::Entry(entry) => {
                entry.label.is_none()
                    && self.model().names.text(entry.word.sym) == field
                    && stmt.span.start <= value.start
                    && value.end <= stmt.span.end
            }
            _ => false,
        });
        let span = stmt.min_by_key(|stmt| stmt.span.end - stmt.span.start)?.span;
        if !self.is_own(span) {
            return None;
        }
        let around = tree.stmts.iter().filter_map(|stmt| match &stmt.kind {
            StmtKind::Entry(Entry { word, label: Some(label), .. })
                if stmt.span.start < span.start && span.end < stmt.span.end =>
            {
                Some((stmt.span.end - stmt.span.start, word.span.to(label.span)))
            }
            _ => None,
        });
        let (_, head) = around.min_by_key(|(size, _)| *size)?;
        let mut made = self.edit(span, "");
        (made.start, made.end) = (head.start as usize, head.end as usize);
        Some(made)
    }

    /// Another name for a thing, where nothing else in the sources names it.
    pub fn rename(&self, thing: ThingId, name: &str) -> Option<Break> {
        let old = self.model().label(thing);
        if self.named_elsewhere(old) {
            return None;
        }
        let (_, entry) = self.entry(thing)?;
        Some(self.edit(entry.label?.span, &format!("\"{name}\"")))
    }
}

fn body(entry: &Entry) -> Option<Block> {
    match &entry.op {
        EntryOp::Assign { body, .. } | EntryOp::From { body, .. } => *body,
        EntryOp::Block(body) => Some(*body),
        _ => None,
    }
}

fn m_ips(value: &Value) -> Vec<IpAddr> {
    match value {
        Value::Ip(ip) => vec![*ip],
        Value::List(items) => items.iter().flat_map(|item| m_ips(&item.value)).collect(),
        _ => Vec::new(),
    }
}

/// One of some, by chance.
pub fn one<T>(dice: &mut Dice, mut of: Vec<T>) -> Option<T> {
    if of.is_empty() { None } else { Some(of.swap_remove(dice.below(of.len()))) }
}
