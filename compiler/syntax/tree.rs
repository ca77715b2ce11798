//! The tree of one file: what stands in the text, in order, with its places. It holds no meaning:
//! names are not looked up, literals not read, and a broken statement is a node like any other.

use crate::names::Sym;
use crate::source::{FileId, Span};

/// Declares an index into one of the tree's vectors.
macro_rules! id {
    ($($name:ident),*) => {$(
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub struct $name(pub u32);
    )*};
}
id!(ExprId, StmtId, TypeId);

/// A run of neighbours in one of the tree's lists.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Run {
    pub start: u32,
    pub end: u32,
}

impl Run {
    pub fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }

    pub fn len(self) -> usize {
        (self.end - self.start) as usize
    }

    pub fn is_empty(self) -> bool {
        self.start == self.end
    }
}

/// One file.
#[derive(Debug)]
pub struct Tree {
    pub file: FileId,
    pub top: Run,
    pub exprs: Vec<Expr>,
    pub stmts: Vec<Stmt>,
    pub types: Vec<Type>,
    /// Children of blocks, lists, unions; the runs of the nodes point here.
    pub stmt_lists: Vec<StmtId>,
    pub expr_lists: Vec<ExprId>,
    pub type_lists: Vec<TypeId>,
    pub parts: Vec<StrPart>,
    pub args: Vec<Arg>,
    pub fields: Vec<FieldDecl>,
    pub params: Vec<Param>,
    pub words: Vec<EnumWord>,
    pub steps: Vec<PathStep>,
    /// Whether any `var` stands in it.
    pub has_vars: bool,
    /// Every comment, in order, for the printer; doc comments are in it too.
    pub comments: Vec<Comment>,
}

impl Tree {
    /// Whether anything in it can have a doc comment.
    pub fn has_docs(&self) -> bool {
        self.comments.iter().any(|comment| comment.doc)
    }

    /// Of an empty file.
    pub fn new(file: FileId) -> Tree {
        Tree {
            file,
            top: Run::default(),
            exprs: Vec::new(),
            stmts: Vec::new(),
            types: Vec::new(),
            stmt_lists: Vec::new(),
            expr_lists: Vec::new(),
            type_lists: Vec::new(),
            parts: Vec::new(),
            args: Vec::new(),
            fields: Vec::new(),
            params: Vec::new(),
            words: Vec::new(),
            steps: Vec::new(),
            has_vars: false,
            comments: Vec::new(),
        }
    }

    pub fn expr(&self, id: ExprId) -> &Expr {
        &self.exprs[id.0 as usize]
    }

    pub fn stmt(&self, id: StmtId) -> &Stmt {
        &self.stmts[id.0 as usize]
    }

    pub fn ty(&self, id: TypeId) -> &Type {
        &self.types[id.0 as usize]
    }

    pub fn stmts_of(&self, run: Run) -> &[StmtId] {
        &self.stmt_lists[run.range()]
    }

    pub fn exprs_of(&self, run: Run) -> &[ExprId] {
        &self.expr_lists[run.range()]
    }

    pub fn types_of(&self, run: Run) -> &[TypeId] {
        &self.type_lists[run.range()]
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Comment {
    /// From the first `/` to the end of the line, without the line's end.
    pub span: Span,
    pub doc: bool,
}

/// A name as written. `quoted` where it stood as a string (a label or key).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ident {
    pub sym: Sym,
    pub span: Span,
    pub quoted: bool,
}

#[derive(Clone, Debug)]
pub struct Stmt {
    /// From its first word to its end, without its doc comment.
    pub span: Span,
    /// The run of `///` lines directly above it, as one span.
    pub doc: Option<Span>,
    pub kind: StmtKind,
}

#[derive(Clone, Debug)]
pub enum StmtKind {
    /// Could not be read; reported.
    Bad,
    Import {
        path: Ident,
        alias: Option<Ident>,
    },
    Let {
        name: Ident,
        ty: Option<TypeId>,
        value: ExprId,
    },
    Type {
        name: Ident,
        ty: TypeId,
    },
    /// `asserts` are the `assert` statements among the fields.
    Kind {
        name: Ident,
        plural: Ident,
        fields: Run,
        asserts: Run,
    },
    Template {
        name: Ident,
        params: Run,
        target: Ident,
        body: Block,
    },
    Assert {
        message: ExprId,
        condition: ExprId,
    },
    Var {
        name: Ident,
        ty: TypeId,
        value: Option<ExprId>,
    },
    Unset {
        path: Run,
    },
    Entry(Entry),
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Strength {
    Default,
    Plain,
    Override,
    Final,
}

/// `word label = value { body }` and its relatives.
#[derive(Clone, Debug)]
pub struct Entry {
    pub strength: Strength,
    /// The place of the word `default`, `override` or `final`.
    pub strength_span: Option<Span>,
    pub word: Ident,
    pub label: Option<Ident>,
    pub op: EntryOp,
}

#[derive(Clone, Debug)]
pub enum EntryOp {
    /// Only the head was there; reported. Kept so that an editor can complete it.
    Missing,
    Assign {
        value: ExprId,
        body: Option<Block>,
    },
    Add {
        value: ExprId,
    },
    Sub {
        value: ExprId,
    },
    From {
        template: ExprId,
        body: Option<Block>,
    },
    Block(Block),
}

#[derive(Clone, Copy, Debug)]
pub struct Block {
    /// Both braces included; to the end of what was read where the closing one is missing.
    pub span: Span,
    pub stmts: Run,
    pub closed: bool,
}

/// `.name` or `["label"]` in an `unset`; the first step is a bare name.
#[derive(Clone, Copy, Debug)]
pub struct PathStep {
    pub name: Ident,
    pub index: bool,
}

#[derive(Clone, Debug)]
pub struct Expr {
    pub span: Span,
    pub kind: ExprKind,
}

#[derive(Clone, Debug)]
pub enum ExprKind {
    /// Could not be read; reported.
    Bad,
    Name(Sym),
    /// The text is the span's; it is read where its type is known.
    Literal(Literal),
    /// `"..."` and `"""..."""`: pieces, escapes already read, margins of multi-line text already taken off.
    Str {
        parts: Run,
        multiline: bool,
    },
    /// `'...'` and `'''...'''`, margins already taken off.
    Raw {
        text: Sym,
        multiline: bool,
    },
    Paren(ExprId),
    List {
        items: Run,
    },
    ListFor {
        binder: Ident,
        seq: ExprId,
        cond: Option<ExprId>,
        item: ExprId,
    },
    /// `{ ... }` as a value: entries only.
    Record(Block),
    /// The name is empty where it was missing; reported.
    Field {
        base: ExprId,
        name: Ident,
    },
    Index {
        base: ExprId,
        index: ExprId,
    },
    Call {
        callee: ExprId,
        args: Run,
    },
    Not(ExprId),
    Negate(ExprId),
    Binary {
        op: BinaryOp,
        op_span: Span,
        left: ExprId,
        right: ExprId,
    },
    Is {
        value: ExprId,
        word: Ident,
    },
    If {
        cond: ExprId,
        then: ExprId,
        other: ExprId,
    },
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Literal {
    None,
    True,
    False,
    Int,
    Float,
    /// `4GiB`, `2cpu`, `1m30s`
    Quantity,
    /// `0640`
    Mode,
    Ip4,
    Cidr4,
    Ip6,
    Cidr6,
    Mac,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BinaryOp {
    Arrow,
    Range,
    Coalesce,
    Or,
    And,
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    In,
    Add,
    Sub,
    Mul,
    Div,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum StrPart {
    /// `span` is the piece as written.
    Text { text: Sym, span: Span },
    /// `${expression}`
    Expr(ExprId),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Arg {
    Plain(ExprId),
    Named {
        name: Ident,
        value: ExprId,
    },
    /// `name in seq if cond: item`
    Binding {
        name: Ident,
        seq: ExprId,
        cond: Option<ExprId>,
        item: ExprId,
    },
}

#[derive(Clone, Debug)]
pub struct FieldDecl {
    pub doc: Option<Span>,
    pub name: Ident,
    pub ty: TypeId,
    pub default: Option<ExprId>,
}

#[derive(Clone, Copy, Debug)]
pub struct Param {
    pub name: Ident,
    pub ty: TypeId,
    pub default: Option<ExprId>,
}

#[derive(Clone, Copy, Debug)]
pub struct EnumWord {
    pub name: Ident,
    pub params: Run,
}

#[derive(Clone, Debug)]
pub struct Type {
    pub span: Span,
    pub kind: TypeKind,
}

#[derive(Clone, Debug)]
pub enum TypeKind {
    /// Could not be read; reported.
    Bad,
    /// `list<int>`, `lib.tier`
    Name {
        prefix: Option<Ident>,
        name: Ident,
        args: Run,
    },
    Record {
        fields: Run,
    },
    Enum {
        words: Run,
    },
    Union {
        alternatives: Run,
    },
    Optional(TypeId),
    /// The bounds are integer literals.
    In {
        base: TypeId,
        low: i64,
        high: i64,
    },
    Matching {
        base: TypeId,
        pattern: Sym,
    },
}
