//! What may be written where: kinds, records, enums and the types of their fields, as the library
//! and the project declare them. No values here.

use super::words::{Word, Words};
use crate::names::Sym;
use crate::source::Span;
use crate::types::texts::TextType;
use rustc_hash::FxHashMap;

macro_rules! ids {
    ($($name:ident),*) => {$(
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug)]
        pub struct $name(pub u32);
    )*};
}
ids!(TyId, ShapeId, EnumId, HirId);

// `HirId` is an expression of the lowered program, which only `resolve` can read.

/// A type. `TyId`s are interned: equal types have equal ids.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Ty {
    /// Not known before evaluation.
    Any,
    /// Its fault is reported already.
    Poison,
    None,
    Bool,
    Int,
    Float,
    Bytes,
    Duration,
    Cpu,
    Ip,
    Ip4,
    Ip6,
    Cidr,
    Mac,
    Mode,
    /// 1..65535
    Port,
    /// The value of a `port`.
    Ports,
    Secret,
    Location,
    Endpoint,
    Data,
    Placement,
    Generated,
    /// Whatever prints.
    Printable,
    /// A name that stands bare and is declared by standing there.
    Name,
    /// A string that is checked; the number is the row in `types::texts::TEXTS`.
    Text(u32),
    /// A thing of that kind.
    Ref(ShapeId),
    /// All things of a kind, by name.
    All(ShapeId),
    /// A word of that set.
    Enum(EnumId),
    /// A block without a label.
    Record(ShapeId),
    /// Labelled things inside.
    Named(ShapeId),
    /// A block that holds for every thing of that kind in reach.
    Layer(ShapeId),
    /// The one thing of that kind.
    One(ShapeId),
    List(TyId),
    Set(TyId),
    Map(TyId, TyId),
    Optional(TyId),
    Union(Box<[TyId]>),
    IntIn(i64, i64),
    Matching(TyId, Sym),
}

impl Ty {
    /// The types right inside: each is older than what it is in.
    fn each_inner(&mut self, mut of: impl FnMut(&mut TyId)) {
        match self {
            Ty::List(ty) | Ty::Set(ty) | Ty::Optional(ty) | Ty::Matching(ty, _) => of(ty),
            Ty::Map(key, value) => {
                of(key);
                of(value);
            }
            Ty::Union(types) => types.iter_mut().for_each(of),
            _ => {}
        }
    }
}

/// A kind or a record: a list of fields.
#[derive(Clone, Debug)]
pub struct Shape {
    pub name: Sym,
    /// Records have none.
    pub plural: Option<Sym>,
    pub is_kind: bool,
    /// Put in by `add`.
    pub fields: Vec<Field>,
    index: FxHashMap<Sym, u16>,
    words: Words,
    /// The field called `value`.
    pub main: Option<u16>,
    pub span: Span,
    pub doc: Option<Span>,
    /// Assertions of the kind, by their number in the program.
    pub asserts: Vec<u32>,
}

impl Shape {
    /// Without any field yet.
    pub fn new(name: Sym, span: Span, doc: Option<Span>) -> Shape {
        Shape {
            name,
            plural: None,
            is_kind: false,
            fields: Vec::new(),
            index: FxHashMap::default(),
            words: Words::default(),
            main: None,
            span,
            doc,
            asserts: Vec::new(),
        }
    }

    /// The next field, with its word.
    pub fn add(&mut self, field: Field, word: &str) {
        let at = self.fields.len() as u16;
        self.index.insert(field.name, at);
        self.words.add(word, at.into());
        self.fields.push(field);
    }

    pub fn field(&self, name: Sym) -> Option<u16> {
        self.index.get(&name).copied()
    }

    /// The same by the field's word.
    #[inline]
    pub fn field_called(&self, word: &str) -> Option<u16> {
        self.field_of(Word::of(word))
    }

    #[inline]
    pub fn field_of(&self, word: Word) -> Option<u16> {
        self.words.find(word).map(|at| at as u16)
    }
}

#[derive(Clone, Debug)]
pub struct Field {
    pub name: Sym,
    pub ty: TyId,
    /// Placement may depend on it.
    pub fact: bool,
    pub default: Option<HirId>,
    /// Neither optional nor with a default.
    pub required: bool,
    pub span: Span,
    pub doc: Option<Span>,
}

/// A closed set of words.
#[derive(Clone, Debug)]
pub struct Enum {
    /// Empty for one that was written in place.
    pub name: Option<Sym>,
    pub words: Vec<EnumWord>,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub struct EnumWord {
    pub name: Sym,
    pub params: Vec<EnumParam>,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub struct EnumParam {
    pub name: Sym,
    pub ty: TyId,
    pub default: Option<HirId>,
    pub required: bool,
}

impl Enum {
    pub fn word(&self, name: Sym) -> Option<&EnumWord> {
        self.words.iter().find(|word| word.name == name)
    }
}

#[derive(Clone, Debug)]
pub struct Schema {
    types: Vec<Ty>,
    ids: FxHashMap<Ty, TyId>,
    pub shapes: Vec<Shape>,
    pub enums: Vec<Enum>,
    /// Put in by `add_kind`.
    pub kinds: FxHashMap<Sym, ShapeId>,
    kind_words: Words,
    pub plurals: FxHashMap<Sym, ShapeId>,
}

impl Schema {
    pub const ANY: TyId = TyId(0);
    pub const POISON: TyId = TyId(1);

    pub fn new() -> Schema {
        let mut schema = Schema {
            types: Vec::new(),
            ids: FxHashMap::default(),
            shapes: Vec::new(),
            enums: Vec::new(),
            kinds: FxHashMap::default(),
            kind_words: Words::default(),
            plurals: FxHashMap::default(),
        };
        schema.intern(Ty::Any);
        schema.intern(Ty::Poison);
        schema
    }

    pub fn intern(&mut self, ty: Ty) -> TyId {
        if let Some(&id) = self.ids.get(&ty) {
            return id;
        }
        let id = TyId(self.types.len() as u32);
        self.types.push(ty.clone());
        self.ids.insert(ty, id);
        id
    }

    /// The number of a type that was met before.
    pub fn known(&self, ty: &Ty) -> Option<TyId> {
        self.ids.get(ty).copied()
    }

    /// Takes in the types of another schema that began as this one: what each of its numbers is here.
    pub fn adopt(&mut self, other: Schema) -> Vec<TyId> {
        let mut here: Vec<TyId> = Vec::with_capacity(other.types.len());
        for mut ty in other.types {
            ty.each_inner(|inner| *inner = here[inner.0 as usize]);
            here.push(self.intern(ty));
        }
        here
    }

    pub fn ty(&self, id: TyId) -> &Ty {
        &self.types[id.0 as usize]
    }

    pub fn shape(&self, id: ShapeId) -> &Shape {
        &self.shapes[id.0 as usize]
    }

    /// The shape is that kind's.
    pub fn add_kind(&mut self, name: Sym, word: &str, shape: ShapeId) {
        self.kinds.insert(name, shape);
        self.kind_words.add(word, shape.0);
    }

    #[inline]
    pub fn kind_called(&self, word: &str) -> Option<ShapeId> {
        self.kind_words.find(Word::of(word)).map(ShapeId)
    }

    pub fn enumeration(&self, id: EnumId) -> &Enum {
        &self.enums[id.0 as usize]
    }

    /// The type without its `?`.
    pub fn plain(&self, id: TyId) -> TyId {
        match self.ty(id) {
            Ty::Optional(inner) => *inner,
            _ => id,
        }
    }

    pub fn is_optional(&self, id: TyId) -> bool {
        matches!(self.ty(id), Ty::Optional(_) | Ty::Any | Ty::Poison | Ty::None)
    }

    pub fn text_type(&self, row: u32) -> &'static TextType {
        &crate::types::texts::TEXTS[row as usize]
    }

    /// Whether values of the type are made of elements.
    pub fn is_collection(&self, id: TyId) -> bool {
        matches!(self.ty(id), Ty::List(_) | Ty::Set(_) | Ty::Map(..))
    }

    /// The shape of the thing or block behind a type, if it is one.
    pub fn shape_of(&self, id: TyId) -> Option<ShapeId> {
        match self.ty(self.plain(id)) {
            Ty::Ref(s) | Ty::Record(s) | Ty::One(s) => Some(*s),
            _ => None,
        }
    }
}

impl Default for Schema {
    fn default() -> Self {
        Schema::new()
    }
}

/// A type in the language's own words.
pub fn spell(schema: &Schema, names: &crate::names::Names, id: TyId) -> String {
    let name = |shape: ShapeId| names.text(schema.shape(shape).name).to_string();
    match schema.ty(id) {
        Ty::Any | Ty::Poison => "any value".into(),
        Ty::None => "none".into(),
        Ty::Bool => "bool".into(),
        Ty::Int => "int".into(),
        Ty::Float => "float".into(),
        Ty::Bytes => "bytes".into(),
        Ty::Duration => "duration".into(),
        Ty::Cpu => "cpu".into(),
        Ty::Ip => "ip".into(),
        Ty::Ip4 => "ip4".into(),
        Ty::Ip6 => "ip6".into(),
        Ty::Cidr => "cidr".into(),
        Ty::Mac => "mac".into(),
        Ty::Mode => "mode".into(),
        Ty::Port => "port".into(),
        Ty::Ports => "ports".into(),
        Ty::Secret => "secret".into(),
        Ty::Location => "location".into(),
        Ty::Endpoint => "endpoint".into(),
        Ty::Data => "data".into(),
        Ty::Placement => "placement".into(),
        Ty::Generated => "generated".into(),
        Ty::Printable => "text".into(),
        Ty::Name => "name".into(),
        Ty::Text(row) => schema.text_type(*row).name.into(),
        Ty::Ref(shape) => name(*shape),
        Ty::All(shape) => {
            schema.shape(*shape).plural.map_or(name(*shape), |p| names.text(p).into())
        }
        Ty::Enum(id) => {
            let set = schema.enumeration(*id);
            match set.name {
                Some(name) => names.text(name).into(),
                None => {
                    let words: Vec<_> = set.words.iter().map(|w| names.text(w.name)).collect();
                    format!("one of {}", words.join(", "))
                }
            }
        }
        Ty::Record(shape) | Ty::One(shape) | Ty::Layer(shape) => format!("{} {{ }}", name(*shape)),
        Ty::Named(shape) => format!("named {}", name(*shape)),
        Ty::List(item) => format!("list<{}>", spell(schema, names, *item)),
        Ty::Set(item) => format!("set<{}>", spell(schema, names, *item)),
        Ty::Map(key, value) => {
            format!("map<{}, {}>", spell(schema, names, *key), spell(schema, names, *value))
        }
        Ty::Optional(inner) => format!("{}?", spell(schema, names, *inner)),
        Ty::Union(types) => {
            let parts: Vec<_> = types.iter().map(|t| spell(schema, names, *t)).collect();
            parts.join(" | ")
        }
        Ty::IntIn(low, high) => format!("int in {low}..{high}"),
        Ty::Matching(base, pattern) => {
            format!("{} matching \"{}\"", spell(schema, names, *base), names.text(*pattern))
        }
    }
}
