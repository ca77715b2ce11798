//! Lists, arguments and parameters: what stands between commas.

use super::super::faults::{self, whole};
use super::super::token::{Kind, Token};
use super::super::tree::*;
use super::{Parser, settle};

impl Parser<'_> {
    /// `[a, b]` or `[for x in xs if c: e]`; the `[` is next.
    pub(super) fn list(&mut self) -> ExprId {
        let open = self.bump();
        let lost = std::mem::replace(&mut self.lost, false);
        let (kind, height) = if self.is(Kind::For) {
            self.nested(Self::list_for).unwrap_or((ExprKind::Bad, 0))
        } else {
            let mark = self.pending.exprs.len();
            let mut tallest = 0;
            self.nested(|p| {
                p.items(Kind::RBracket, |p| {
                    let id = p.expr();
                    tallest = tallest.max(p.height(id));
                    p.pending.exprs.push(id);
                })
            });
            (
                ExprKind::List {
                    items: settle(&mut self.pending.exprs, mark, &mut self.tree.expr_lists),
                },
                tallest,
            )
        };
        self.close(Kind::RBracket);
        self.lost = lost;
        self.node(self.since(open.start), kind, height + 1)
    }

    /// Items with commas between them, to the closing bracket. A comma that is missing is reported
    /// and taken as read; after any other fault the next comma is where it goes on.
    fn items(&mut self, close: Kind, mut item: impl FnMut(&mut Self)) {
        loop {
            if self.is(close) || self.is(Kind::Eof) {
                return;
            }
            if self.is(Kind::Comma) {
                self.soft(|p| faults::comma_too_many(p.span(p.peek())));
                self.bump();
                continue;
            }
            let before = self.at;
            item(self);
            if self.lost {
                self.skip_item();
            }
            let token = self.peek();
            if token.kind == close || token.kind.closes() || token.kind == Kind::Eof {
                return;
            }
            match token.kind {
                Kind::Comma => {}
                Kind::Semicolon => {
                    self.soft(|p| faults::semicolon_comma(p.span(token)));
                }
                Kind::Bad => {
                    self.skip_item();
                }
                kind if self.at > before && may_begin_item(kind) => {
                    self.soft(|p| faults::no_comma(p.gap(), p.span(token)));
                    continue;
                }
                Kind::Question => {
                    self.hard(|p| faults::ternary(p.span(token)));
                    self.skip_item();
                }
                Kind::For if close == Kind::RBracket && self.at > before => {
                    self.hard(|p| faults::element_last(p.span(token)));
                    // It names what only the `for` after it would have declared.
                    let bad = self.bad_expr();
                    if let Some(element) = self.pending.exprs.last_mut() {
                        *element = bad;
                    }
                    self.skip_item();
                }
                _ => {
                    self.hard(|p| faults::no_item(p.missing_at(), close, &p.found()));
                    self.skip_item();
                }
            }
            if matches!(self.kind(), Kind::Comma | Kind::Semicolon) {
                self.bump();
            }
        }
    }

    /// After a fault in a list: goes to the next comma or to the end.
    fn skip_item(&mut self) {
        let mut open = 0u32;
        loop {
            let kind = self.kind();
            if kind == Kind::Eof || (open == 0 && (kind.closes() || kind == Kind::Comma)) {
                break;
            }
            if kind.opens() {
                open += 1;
            } else if kind.closes() {
                open -= 1;
            }
            self.at += 1;
        }
        self.lost = false;
    }

    fn list_for(&mut self) -> (ExprKind, u16) {
        self.bump();
        let binder = self.name("a name for the elements after `for`", whole::LIST);
        let seq = if self.want(Kind::In, "and the list to go through", whole::LIST) {
            self.expr_after("`in`")
        } else {
            self.bad_expr()
        };
        let (cond, item) = self.binding_tail();
        let height =
            cond.map_or(0, |cond| self.height(cond)).max(self.height(seq)).max(self.height(item));
        if !self.is(Kind::RBracket) {
            self.hard(|p| {
                faults::expected(
                    p.missing_at(),
                    Kind::RBracket,
                    "after the element",
                    &p.found(),
                    whole::LIST,
                )
            });
        }
        (ExprKind::ListFor { binder, seq, cond, item }, height)
    }

    /// `if c: e` or `: e`
    fn binding_tail(&mut self) -> (Option<ExprId>, ExprId) {
        let cond = self.eat(Kind::If).map(|_| {
            let cond = self.expr_after("`if`");
            self.slip(cond)
        });
        let sound = self.eat(Kind::Colon).is_some();
        if !sound {
            self.hard(|p| faults::no_element(p.missing_at(), &p.found()));
        }
        let item = if sound { self.expr_after("`:`") } else { self.bad_expr() };
        let item = self.slip(item);
        (cond, item)
    }

    /// `(a, n = b, x in xs: c)` and the height of the tallest; the `(` is next.
    pub(super) fn args(&mut self) -> (Run, u16) {
        self.bump();
        let lost = std::mem::replace(&mut self.lost, false);
        let mark = self.pending.args.len();
        let mut tallest = 0;
        self.nested(|p| {
            p.items(Kind::RParen, |p| {
                let (arg, height) = p.arg();
                tallest = tallest.max(height);
                p.pending.args.push(arg);
            })
        });
        self.close(Kind::RParen);
        self.lost = lost;
        (settle(&mut self.pending.args, mark, &mut self.tree.args), tallest)
    }

    fn arg(&mut self) -> (Arg, u16) {
        let token = self.peek();
        let next = self.ahead(1).kind;
        let sign = self.ahead(1);
        if token.kind.is_word()
            && sign.kind == Kind::Assign
            && self.ahead(2).kind == Kind::Greater
            && self.ahead(2).start == sign.end
        {
            let arrow = self.span(sign).to(self.span(self.ahead(2)));
            let name = token.text(self.text);
            let span = self.span(token).to(arrow);
            self.hard(|_| faults::lambda(span, name));
            return (Arg::Plain(self.node(span, ExprKind::Bad, 0)), 0);
        }
        if (token.kind.is_word() || token.kind.is_reserved()) && next == Kind::Assign {
            let name = self.name("a name", whole::ARGUMENT);
            self.bump();
            let value = self.value("`=`");
            return (Arg::Named { name, value }, self.height(value));
        }
        if token.kind.is_word() && next == Kind::In {
            return self.arg_in(token);
        }
        if token.kind.is_word() && next == Kind::Colon {
            let name = self.name("a name", whole::ARGUMENT);
            let colon = self.bump();
            self.soft(|p| faults::not_assign(p.span(colon), ":"));
            let value = self.value("`=`");
            return (Arg::Named { name, value }, self.height(value));
        }
        let value = self.expr();
        let value = self.slip(value);
        if self.is(Kind::Colon) {
            self.hard(|p| faults::loose_binding(p.missing_at()));
        }
        (Arg::Plain(value), self.height(value))
    }

    /// `x in xs`: a binding if `:` or `if` follows, an expression otherwise.
    fn arg_in(&mut self, token: Token) -> (Arg, u16) {
        self.bump();
        let word = self.bump();
        let seq = self.sum("`in`");
        if matches!(self.kind(), Kind::Colon | Kind::If) {
            let name = self.ident(token);
            let (cond, item) = self.binding_tail();
            let height = cond
                .map_or(0, |cond| self.height(cond))
                .max(self.height(seq))
                .max(self.height(item));
            return (Arg::Binding { name, seq, cond, item }, height);
        }
        let sym = self.names.intern(token.text(self.text));
        let name = self.leaf(token, ExprKind::Name(sym));
        let value = self.climb_from_in(name, self.span(word), seq);
        if self.is(Kind::Colon) {
            self.hard(|p| faults::loose_binding(p.missing_at()));
        }
        (Arg::Plain(value), self.height(value))
    }

    /// `(p: T = v, ...)`; the `(` is next.
    pub(super) fn params(&mut self) -> Run {
        self.bump();
        let lost = std::mem::replace(&mut self.lost, false);
        let mark = self.pending.params.len();
        self.nested(|p| {
            p.items(Kind::RParen, |p| {
                let param = p.param();
                p.pending.params.push(param);
            })
        });
        self.close(Kind::RParen);
        self.lost = lost;
        settle(&mut self.pending.params, mark, &mut self.tree.params)
    }

    fn param(&mut self) -> Param {
        let name = self.name("the name of a parameter", whole::TEMPLATE);
        let ty = if self.want(Kind::Colon, "and the type of the parameter", whole::TEMPLATE) {
            let colon = self.tokens[self.at - 1];
            self.type_after(colon)
        } else {
            self.bad_type()
        };
        let default = self.eat(Kind::Assign).map(|_| self.value("`=`"));
        Param { name, ty, default }
    }

    /// `{ a, b(p: T) }` of an `enum`; the `{` is next.
    pub(super) fn enum_words(&mut self) -> Run {
        self.bump();
        let lost = std::mem::replace(&mut self.lost, false);
        let mark = self.pending.words.len();
        if self.is(Kind::RBrace) {
            self.soft(|p| faults::empty_enum(p.span(p.peek())));
        }
        self.nested(|p| {
            p.items(Kind::RBrace, |p| {
                let name = p.name("a word of the enum", whole::ENUM);
                let params =
                    if p.is(Kind::LParen) && !p.lost { p.params() } else { Run::default() };
                p.pending.words.push(EnumWord { name, params });
            })
        });
        self.close(Kind::RBrace);
        self.lost = lost;
        settle(&mut self.pending.words, mark, &mut self.tree.words)
    }
}

/// What two items without a comma between them look like.
fn may_begin_item(kind: Kind) -> bool {
    kind.is_word()
        || kind.is_number()
        || matches!(
            kind,
            Kind::Str | Kind::Text | Kind::StrOpen | Kind::TextOpen | Kind::Raw | Kind::RawText
        )
        || matches!(
            kind,
            Kind::Quantity
                | Kind::Mode
                | Kind::Ip4
                | Kind::Cidr4
                | Kind::Ip6
                | Kind::Cidr6
                | Kind::Mac
        )
        || matches!(kind, Kind::True | Kind::False | Kind::None | Kind::LBrace | Kind::LBracket)
}
