//! Types, and the fields of kinds and records.

use super::super::faults::{self, whole};
use super::super::token::{Kind, Token};
use super::super::tree::*;
use super::{Parser, settle};

impl Parser<'_> {
    /// The type after a `:` or `=`: it begins on the sign's line.
    pub(super) fn type_after(&mut self, sign: Token) -> TypeId {
        if self.same_line() {
            return self.ty();
        }
        let token = self.peek();
        let next = self.ahead(1).kind;
        let declares = token.kind.is_word() && (next == Kind::Colon || self.looks_like_entry());
        if !starts_type(token.kind) || declares {
            self.soft(|p| faults::no_type(p.gap(), sign.text(p.text), &p.found()));
            return self.bad_type();
        }
        self.soft(|p| faults::type_on_next_line(p.span(token), sign.text(p.text)));
        self.ty()
    }

    fn ty(&mut self) -> TypeId {
        match self.nested(Self::union) {
            Some(id) => id,
            None => self.bad_type(),
        }
    }

    fn union(&mut self) -> TypeId {
        let start = self.peek().start;
        let first = self.refined();
        if !self.is(Kind::Pipe) {
            return first;
        }
        let mark = self.pending.types.len();
        self.pending.types.push(first);
        while !self.lost && self.eat(Kind::Pipe).is_some() {
            let next = self.refined();
            self.pending.types.push(next);
        }
        let alternatives = settle(&mut self.pending.types, mark, &mut self.tree.type_lists);
        self.type_node(start, TypeKind::Union { alternatives })
    }

    fn refined(&mut self) -> TypeId {
        let start = self.peek().start;
        let base = self.plain();
        if self.lost {
            return base;
        }
        match self.kind() {
            Kind::Question => {
                self.bump();
                self.type_node(start, TypeKind::Optional(base))
            }
            Kind::In => {
                self.bump();
                let low = self.bound("a whole number after `in`");
                let high = if self.want(Kind::Range, "and the upper bound", whole::IN) {
                    self.bound("a whole number after `..`")
                } else {
                    low
                };
                self.type_node(start, TypeKind::In { base, low, high })
            }
            Kind::Matching => {
                self.bump();
                let token = self.peek();
                if !matches!(token.kind, Kind::Str | Kind::Raw) {
                    self.hard(|p| faults::no_pattern(p.missing_at(), &p.found()));
                    return base;
                }
                self.bump();
                let pattern = self.quoted_sym(token);
                self.type_node(start, TypeKind::Matching { base, pattern })
            }
            _ => base,
        }
    }

    fn bound(&mut self, what: &'static str) -> i64 {
        let negative = self.eat(Kind::Minus).is_some();
        let token = self.peek();
        if token.kind != Kind::Int {
            self.hard(|p| faults::no_bound(p.missing_at(), what, &p.found()));
            return 0;
        }
        self.bump();
        let value: i64 = token
            .text(self.text)
            .parse()
            .expect("the lexer lets no number of more than 18 digits pass");
        if negative { -value } else { value }
    }

    fn plain(&mut self) -> TypeId {
        let token = self.peek();
        match token.kind {
            kind if kind.is_word() => {
                self.bump();
                let mut name = self.ident(token);
                let mut prefix = None;
                if self.is(Kind::Dot) && self.ahead(1).kind.is_word() {
                    self.bump();
                    let last = self.bump();
                    prefix = Some(std::mem::replace(&mut name, self.ident(last)));
                }
                let args = match self.is(Kind::Less) && prefix.is_none() {
                    true => self.type_args(),
                    false => Run::default(),
                };
                self.type_node(token.start, TypeKind::Name { prefix, name, args })
            }
            Kind::LBrace => {
                let (fields, _) = self.field_block(false);
                self.type_node(token.start, TypeKind::Record { fields })
            }
            Kind::Enum => {
                self.bump();
                let words = if self.is(Kind::LBrace) {
                    self.enum_words()
                } else {
                    self.want(Kind::LBrace, "and the words of the enum", whole::ENUM);
                    Run::default()
                };
                self.type_node(token.start, TypeKind::Enum { words })
            }
            Kind::Bad => {
                self.bump();
                self.bad_type()
            }
            _ => {
                self.hard(|p| faults::no_type(p.missing_at(), "", &p.found()));
                self.bad_type()
            }
        }
    }

    fn type_args(&mut self) -> Run {
        let open = self.bump();
        let mark = self.pending.types.len();
        loop {
            let id = self.ty();
            self.pending.types.push(id);
            if self.lost || self.eat(Kind::Comma).is_none() {
                break;
            }
        }
        if !self.lost && !self.close_angle() {
            self.hard(|p| faults::open_angle(p.missing_at(), p.span(open), &p.found()));
        }
        settle(&mut self.pending.types, mark, &mut self.tree.type_lists)
    }

    /// `>`, also where it touches the `=` of a default.
    fn close_angle(&mut self) -> bool {
        let token = self.peek();
        if token.kind == Kind::GreaterEqual {
            let sign = Token::new(Kind::Assign, token.start as usize + 1, token.end as usize, 0);
            self.tokens[self.at] = sign;
            return true;
        }
        self.eat(Kind::Greater).is_some()
    }

    /// `{ name: Type = default ... }`, and in a kind its `assert`s; the `{` is next.
    pub(super) fn field_block(&mut self, asserts: bool) -> (Run, Run) {
        self.bump();
        let lost = std::mem::replace(&mut self.lost, false);
        let fields = self.pending.fields.len();
        let stmts = self.pending.stmts.len();
        self.nested(|p| p.fields(asserts));
        self.close(Kind::RBrace);
        self.lost = lost;
        (
            settle(&mut self.pending.fields, fields, &mut self.tree.fields),
            settle(&mut self.pending.stmts, stmts, &mut self.tree.stmt_lists),
        )
    }

    fn fields(&mut self, asserts: bool) {
        loop {
            let token = self.peek();
            match token.kind {
                Kind::Eof => return,
                kind if kind.closes() => return,
                Kind::Assert if asserts => {
                    let doc = self.doc_above(token);
                    let kind = self.statement(super::block::Holds::Anything);
                    let id = StmtId(self.tree.stmts.len() as u32);
                    self.tree.stmts.push(Stmt { span: self.since(token.start), doc, kind });
                    self.pending.stmts.push(id);
                }
                kind if kind.is_word() || (kind.is_reserved() && kind != Kind::Assert) => {
                    let field = self.field(token);
                    self.pending.fields.push(field);
                }
                Kind::Semicolon => {
                    self.soft(|p| faults::semicolon(p.span(token)));
                    self.bump();
                    continue;
                }
                Kind::Bad => {
                    self.bump();
                    if self.same_line() {
                        self.sync_fields();
                    }
                    continue;
                }
                _ => {
                    self.hard(|p| faults::no_field(p.span(token), &p.found()));
                    if token.kind.opens() {
                        self.bump();
                        self.skip_group_rest();
                    }
                    self.bump();
                    self.sync_fields();
                    continue;
                }
            }
            if self.lost {
                self.sync_fields();
            }
            self.eat(Kind::Comma);
        }
    }

    fn field(&mut self, token: Token) -> FieldDecl {
        let doc = self.doc_above(token);
        let name = self.name("the name of a field", whole::FIELD);
        let sign = self.peek();
        let ty = match sign.kind {
            Kind::Colon => {
                self.bump();
                self.type_after(sign)
            }
            Kind::Assign => {
                self.soft(|p| faults::field_assign(p.span(sign)));
                self.bump();
                self.type_after(sign)
            }
            _ => {
                self.hard(|p| {
                    faults::expected(
                        p.missing_at(),
                        Kind::Colon,
                        "and the type of the field",
                        &p.found(),
                        whole::FIELD,
                    )
                });
                self.bad_type()
            }
        };
        let default =
            if self.lost { None } else { self.eat(Kind::Assign).map(|_| self.value("`=`")) };
        FieldDecl { doc, name, ty, default }
    }

    /// After a fault: to the next `name:` or new line, or to the end of the block.
    fn sync_fields(&mut self) {
        let mut open = 0u32;
        loop {
            let token = self.peek();
            if token.kind == Kind::Eof || (open == 0 && token.kind.closes()) {
                break;
            }
            let anew = (token.kind.is_word() || token.kind == Kind::Assert)
                && (token.has(Token::NEWLINE) || self.ahead(1).kind == Kind::Colon);
            if open == 0 && anew {
                break;
            }
            if token.kind.opens() {
                open += 1;
            } else if token.kind.closes() {
                open -= 1;
            }
            self.at += 1;
        }
        self.lost = false;
    }

    fn type_node(&mut self, start: u32, kind: TypeKind) -> TypeId {
        let span = self.since(start);
        let id = TypeId(self.tree.types.len() as u32);
        self.tree.types.push(Type { span, kind });
        id
    }

    pub(super) fn bad_type(&mut self) -> TypeId {
        let end = self.last_end();
        self.type_node(end, TypeKind::Bad)
    }

    /// `=`, or `:` and `==` in its place, which are reported.
    pub(super) fn assign_sign(&mut self, what: &'static str, way: &'static str) -> bool {
        let token = self.peek();
        match token.kind {
            Kind::Assign => {}
            Kind::Colon | Kind::Equal if self.same_line() => {
                self.not_assign();
                return true;
            }
            _ => {
                self.hard(|p| faults::expected_name(p.missing_at(), what, &p.found(), way));
                return false;
            }
        }
        self.bump();
        true
    }

    /// `:`, `==` or `:=` where `=` is meant.
    pub(super) fn not_assign(&mut self) {
        let first = self.bump();
        let whole = match self.peek() {
            next if next.kind == Kind::Assign && next.start == first.end => {
                self.bump();
                self.span(first).to(self.span(next))
            }
            _ => self.span(first),
        };
        let known = self.lost || first.has(Token::BROKEN);
        if !known {
            let written = &self.text[whole.start as usize..whole.end as usize];
            self.faults.push(faults::not_assign(whole, written));
        }
    }
}

fn starts_type(kind: Kind) -> bool {
    kind.is_word() || matches!(kind, Kind::LBrace | Kind::Enum | Kind::Bad)
}
