//! The lowered program: every definition once, its names looked up and its type checked, ready to
//! be evaluated as often as there are nodes. Immutable after lowering.

use crate::model::homes::Homes;
pub use crate::model::schema::HirId;
use crate::model::schema::{Schema, ShapeId, TyId};
use crate::model::value::Value;
use crate::names::{Names, Sym};
use crate::source::Span;
use crate::syntax::tree::{BinaryOp, Strength};
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// How many values may wait for one another. A deeper chain is no cluster's.
pub const DEEPEST: usize = 400;

macro_rules! ids {
    ($($name:ident),*) => {$(
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub struct $name(pub u32);
    )*};
}
ids!(BlockId, DefId, DeclId, LetId, TemplateId, HomeId, LabelId);

impl HomeId {
    /// The top of all files.
    pub const TOP: HomeId = HomeId(0);
}

/// An expression whose names are known.
#[derive(Clone, Debug)]
pub enum Node {
    Const(Value),
    Text(Box<[Piece]>),
    List(Box<[HirId]>),
    ListFor {
        seq: HirId,
        cond: Option<HirId>,
        item: HirId,
    },
    /// A record or a map written as a value. Keys may repeat only where that was reported.
    Map(Box<[(Sym, HirId)]>),
    /// A word of an enum with parameters, in the order of their declaration.
    Word {
        set: crate::model::schema::EnumId,
        word: Sym,
        params: Box<[(Sym, Option<HirId>)]>,
    },
    /// A binder, counted from the outermost.
    Local(u32),
    Param(u32),
    Let(LetId),
    SelfWord(SelfWord),
    /// All things of a kind.
    All(ShapeId),
    Instances,
    Decl(DeclId),
    /// A thing inside a declaration that is known by its own name: a service's site.
    Nested {
        owner: DeclId,
        word: Sym,
        name: Sym,
    },
    /// A label of an enclosing declaration, and of what kind: several of one name may be around.
    Enclosing(Sym, ShapeId),
    Member {
        base: HirId,
        name: Sym,
        name_span: Span,
    },
    Index {
        base: HirId,
        index: HirId,
    },
    Call {
        function: u32,
        args: Box<[Option<HirId>]>,
        binding: Option<Binding>,
    },
    Method {
        base: HirId,
        name: Sym,
        args: Box<[HirId]>,
    },
    Each(HirId),
    Where {
        cond: HirId,
        prefer: Box<[HirId]>,
    },
    Not(HirId),
    Negate(HirId),
    Binary {
        op: BinaryOp,
        left: HirId,
        right: HirId,
    },
    Is {
        value: HirId,
        word: Sym,
    },
    If {
        cond: HirId,
        then: HirId,
        other: HirId,
    },
    Inherited,
    Generated(Sym),
}

impl Node {
    /// The expressions right inside.
    pub fn children(&self) -> Vec<HirId> {
        let mut out = Vec::new();
        self.clone().each_child(|id| out.push(*id));
        out
    }

    /// The same, each in its place.
    pub fn each_child(&mut self, mut of: impl FnMut(&mut HirId)) {
        match self {
            Node::Text(pieces) => {
                for piece in pieces {
                    if let Piece::Expr(id) = piece {
                        of(id);
                    }
                }
            }
            Node::List(items) => items.iter_mut().for_each(of),
            Node::ListFor { seq, cond, item } => {
                of(seq);
                cond.iter_mut().for_each(&mut of);
                of(item);
            }
            Node::Map(pairs) => pairs.iter_mut().for_each(|(_, id)| of(id)),
            Node::Word { params, .. } => {
                params.iter_mut().filter_map(|(_, id)| id.as_mut()).for_each(of);
            }
            Node::Member { base, .. } => of(base),
            Node::Index { base, index } => {
                of(base);
                of(index);
            }
            Node::Call { args, binding, .. } => {
                args.iter_mut().flatten().for_each(&mut of);
                if let Some(binding) = binding {
                    of(&mut binding.seq);
                    binding.cond.iter_mut().for_each(&mut of);
                    of(&mut binding.item);
                }
            }
            Node::Method { base, args, .. } => {
                of(base);
                args.iter_mut().for_each(of);
            }
            Node::Each(cond) | Node::Not(cond) | Node::Negate(cond) => of(cond),
            Node::Where { cond, prefer } => {
                of(cond);
                prefer.iter_mut().for_each(of);
            }
            Node::Binary { left, right, .. } => {
                of(left);
                of(right);
            }
            Node::Is { value, .. } => of(value),
            Node::If { cond, then, other } => {
                of(cond);
                of(then);
                of(other);
            }
            Node::Const(_)
            | Node::Local(_)
            | Node::Param(_)
            | Node::Let(_)
            | Node::SelfWord(_)
            | Node::All(_)
            | Node::Instances
            | Node::Decl(_)
            | Node::Nested { .. }
            | Node::Enclosing(..)
            | Node::Inherited
            | Node::Generated(_) => {}
        }
    }
}

#[derive(Clone, Debug)]
pub enum Piece {
    Text(Arc<str>),
    Expr(HirId),
}

/// `name in seq if cond: item` of a call.
#[derive(Clone, Copy, Debug)]
pub struct Binding {
    pub seq: HirId,
    pub cond: Option<HirId>,
    pub item: HirId,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum SelfWord {
    Cluster,
    Node,
    Service,
    Container,
    Unit,
    /// Inside a kind of the project's own, its word: the thing in question.
    Own(ShapeId),
}

/// One definition: what one line of one block says of one field.
#[derive(Clone, Debug)]
pub struct Def {
    pub field: u16,
    /// The label of a named thing, or the key of a map.
    pub key: Option<Sym>,
    pub strength: Strength,
    pub op: Op,
    /// The whole statement.
    pub span: Span,
    /// Its first word, or its key.
    pub head: Span,
    pub home: HomeId,
}

#[derive(Clone, Debug)]
pub enum Op {
    Set(HirId),
    Add(HirId),
    Sub(HirId),
    Unset,
    /// A block, and what it is made `from`.
    Block {
        block: BlockId,
        from: Option<FromId>,
    },
    /// `x = { }` of a record: the wider layers' fields are gone.
    Replace(BlockId),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FromId(pub u32);

/// `from template(args)`.
#[derive(Clone, Debug)]
pub struct From {
    pub template: TemplateId,
    pub args: Box<[Option<HirId>]>,
    pub span: Span,
}

/// The definitions of one block.
#[derive(Clone, Debug, Default)]
pub struct Block {
    pub defs: Vec<DefId>,
    /// Hardly any block has it.
    rest: Option<Box<Rest>>,
}

#[derive(Clone, Debug, Default)]
struct Rest {
    asserts: Vec<u32>,
    layers: Vec<InnerLayer>,
}

impl Block {
    pub fn asserts(&self) -> &[u32] {
        self.rest.as_ref().map_or(&[], |rest| &rest.asserts)
    }

    pub fn add_assert(&mut self, assert: u32) {
        self.rest.get_or_insert_default().asserts.push(assert);
    }

    /// `arch X { }`, `os X { }`, `role X { }`, `node X { }` inside a service.
    pub fn layers(&self) -> &[InnerLayer] {
        self.rest.as_ref().map_or(&[], |rest| &rest.layers)
    }

    /// Its asserts and layers, each in its place.
    pub fn each_of_rest(
        &mut self,
        assert: impl FnMut(&mut u32),
        mut block: impl FnMut(&mut BlockId),
    ) {
        if let Some(rest) = &mut self.rest {
            rest.asserts.iter_mut().for_each(assert);
            rest.layers.iter_mut().for_each(|layer| block(&mut layer.block));
        }
    }

    pub fn add_layer(&mut self, layer: InnerLayer) {
        self.rest.get_or_insert_default().layers.push(layer);
    }
}

#[derive(Clone, Copy, Debug)]
pub struct InnerLayer {
    pub sort: LayerSort,
    pub name: Sym,
    pub block: BlockId,
    pub span: Span,
}

/// A declaration of the top level.
#[derive(Clone, Debug)]
pub struct Decl {
    pub shape: ShapeId,
    pub name: Sym,
    /// The whole statement.
    pub span: Span,
    pub name_span: Span,
    pub block: BlockId,
    pub from: Option<FromId>,
    pub home: HomeId,
    pub label: LabelId,
    pub doc: Option<Span>,
    /// From the embedded library.
    pub library: bool,
    /// The place among the defs of the top level: its strength may be `default`.
    pub field: u16,
}

#[derive(Clone, Debug)]
pub struct Template {
    pub name: Sym,
    /// `std.postgres`
    pub path: String,
    pub shape: ShapeId,
    pub params: Vec<Param>,
    pub block: BlockId,
    pub span: Span,
    /// The whole statement, with its doc comment.
    pub whole: Span,
    pub label: LabelId,
    pub library: bool,
}

#[derive(Clone, Debug)]
pub struct Param {
    pub name: Sym,
    pub ty: TyId,
    pub default: Option<HirId>,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub struct Let {
    pub name: Sym,
    pub value: HirId,
    pub ty: TyId,
    pub span: Span,
    /// The whole statement, with its doc comment.
    pub whole: Span,
}

/// `type name = ...`
#[derive(Clone, Debug)]
pub struct NamedType {
    pub name: Sym,
    pub ty: TyId,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub struct Assert {
    pub message: HirId,
    pub condition: HirId,
    pub span: Span,
    pub home: HomeId,
}

/// A labelled thing as the text shows it: what names can be followed without evaluating.
#[derive(Clone, Debug)]
pub struct LabelNode {
    pub shape: ShapeId,
    pub name: Sym,
    pub span: Span,
    /// (the field's word, the label, the thing).
    pub children: Vec<(Sym, Sym, LabelId)>,
    /// Made from that template, whose labels are its own as well.
    pub template: Option<TemplateId>,
}

#[derive(Clone, Default, Debug)]
pub struct Program {
    pub schema: Schema,
    pub nodes: Vec<Node>,
    pub spans: Vec<Span>,
    pub blocks: Vec<Block>,
    pub defs: Vec<Def>,
    pub froms: Vec<From>,
    pub homes: Arc<Homes>,
    pub decls: Arc<Vec<Decl>>,
    pub templates: Vec<Template>,
    pub lets: Vec<Let>,
    pub types: Vec<NamedType>,
    pub asserts: Vec<Assert>,
    pub labels: Arc<Vec<LabelNode>>,
    /// The layers of the top level, each with its block.
    pub layers: Vec<Layer>,
    /// What may be said once of the whole cluster (`cluster`), by the field's number.
    pub by_name: Arc<FxHashMap<(ShapeId, Sym), DeclId>>,
    /// The types of the cluster's `vars`, by name.
    pub vars: FxHashMap<Sym, (TyId, Span)>,
    /// The shape `project`: the schema of a file's top level.
    pub project: ShapeId,
}

/// `global`, `arch X`, `os X`, `role X` or `node X` as a layer.
#[derive(Clone, Debug)]
pub struct Layer {
    pub sort: LayerSort,
    pub name: Option<Sym>,
    pub shape: ShapeId,
    pub block: BlockId,
    pub span: Span,
    pub decl: Option<DeclId>,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum LayerSort {
    Global,
    Arch,
    Os,
    Role,
    Node,
}

impl Program {
    pub fn node(&self, id: HirId) -> &Node {
        &self.nodes[id.0 as usize]
    }

    pub fn span(&self, id: HirId) -> Span {
        self.spans[id.0 as usize]
    }

    pub fn def(&self, id: DefId) -> &Def {
        &self.defs[id.0 as usize]
    }

    pub fn block(&self, id: BlockId) -> &Block {
        &self.blocks[id.0 as usize]
    }

    pub fn decl(&self, id: DeclId) -> &Decl {
        &self.decls[id.0 as usize]
    }

    pub fn template(&self, id: TemplateId) -> &Template {
        &self.templates[id.0 as usize]
    }

    pub fn from(&self, id: FromId) -> &From {
        &self.froms[id.0 as usize]
    }

    /// Where a definition stands, in words: `role gpu`, `service gitea > node cooperator`.
    pub fn home(&self, id: HomeId, names: &Names) -> String {
        self.homes.text(id.0, names)
    }
}
