//! What is open at a place of a text, from what stands before it alone: so it is known in the middle
//! of what somebody types, whatever follows. No names are looked up.

use super::lexer;
use super::token::{Kind, Token};

/// A stretch of the text.
pub type Piece = std::ops::Range<usize>;

/// The place, from the outside in.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Cursor {
    /// Each with the statement in whose value it was opened.
    pub frames: Vec<(Option<Head>, Frame)>,
    pub at: At,
    /// The word that the place is in, to its end: what an editor replaces.
    pub word: Piece,
}

/// A bracket that is open.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Frame {
    /// `{` of a statement, or of a record as its value.
    Block(Head),
    /// `(`: of a call, or none's.
    Call { callee: Option<Piece>, argument: usize, name: Option<Piece> },
    /// `[` as a value.
    List,
    /// `[` behind a value.
    Index { base: Piece },
    /// `${`
    Text,
}

/// How a statement begins.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Head {
    pub word: Piece,
    pub label: Option<Piece>,
    /// What it is made from, up to its arguments.
    pub from: Option<Piece>,
    /// Of a template, what it is for.
    pub target: Option<Piece>,
}

/// What may stand at the place.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum At {
    /// A statement.
    #[default]
    Statement,
    /// A label, or a sign.
    Label(Head),
    /// Behind a word and a label.
    Sign(Head),
    /// A value, of a statement where no bracket is between.
    Value(Head),
    /// A name after a dot; what stands before the dot.
    Member {
        base: Piece,
        head: Option<Head>,
    },
    /// Behind a whole value in a bracket: what joins it with another.
    Operator,
    /// A template.
    From(Head),
    /// A name of a type.
    Type,
    /// Inside of a text that begins there, behind what the value holds already.
    Text {
        start: usize,
        before: Piece,
        head: Option<Head>,
    },
    Comment,
}

/// What is open at a byte of a text.
pub fn cursor(text: &str, offset: usize) -> Cursor {
    let head = text.get(..offset).unwrap_or(text);
    let lexed = lexer::lex_to_cursor(head);
    let comment = lexed.comments.last().map(|comment| comment.span.end as usize);
    if comment.is_some_and(|end| !head[end..].contains('\n')) {
        return Cursor { at: At::Comment, word: offset..offset, ..Cursor::default() };
    }
    let mut tokens: Vec<Token> = lexed.tokens;
    // What the lexer closes for a text that goes on behind the place is open here.
    let made_up = |t: &Token| {
        t.kind == Kind::Eof || (t.has(Token::BROKEN) && t.start == t.end && t.kind.is_closing())
    };
    while tokens.last().is_some_and(made_up) {
        tokens.pop();
    }
    let mut reader = Reader { text: head, stack: vec![Open::new(Frame::Block(Head::default()))] };
    let inside = tokens.pop_if(|last| {
        let whole = matches!(last.kind, Kind::Str | Kind::Text | Kind::Raw | Kind::RawText);
        let open = whole && last.has(Token::BROKEN);
        open || (last.kind == Kind::Piece && last.end as usize == head.len())
    });
    let partial = tokens.pop_if(|last| {
        inside.is_none()
            && last.end as usize == head.len()
            && (last.kind.is_word() || last.kind.is_reserved())
    });
    let quoted = tokens.pop_if(|last| {
        inside.is_none() && last.kind == Kind::StrOpen && last.end as usize == head.len()
    });
    for token in tokens {
        reader.take(token);
    }
    let start = partial.map_or(head.len(), |t| t.start as usize);
    let end = head.len() + word_length(&text[head.len()..]);
    let text_start = inside.or(quoted).map(|t| t.start as usize);
    reader.finish(start..end, text_start)
}

/// How many brackets are open at each of several places that lie in no text: all of them by reading it once.
pub fn depths(text: &str, places: &[usize]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..places.len()).collect();
    order.sort_by_key(|&nth| places[nth]);
    let mut reader = Reader { text, stack: vec![Open::new(Frame::Block(Head::default()))] };
    let mut tokens = lexer::lex_to_cursor(text).tokens.into_iter().peekable();
    let mut depths = vec![0; places.len()];
    for nth in order {
        while let Some(token) = tokens.next_if(|token| token.end as usize <= places[nth]) {
            reader.take(token);
        }
        depths[nth] = reader.stack.len() - 1;
    }
    depths
}

fn word_length(rest: &str) -> usize {
    rest.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '-')).unwrap_or(rest.len())
}

impl Kind {
    fn is_closing(self) -> bool {
        matches!(self, Kind::InterpClose | Kind::StrClose)
    }
}

/// An open bracket, and how far what is in it has come.
struct Open {
    frame: Frame,
    state: State,
    /// What was said last is a whole value, which began there.
    operand: Option<usize>,
    /// Where the value began that is being written, whatever it is made of.
    begun: Option<usize>,
    last: Option<Token>,
}

enum State {
    Start,
    Head(Head),
    Value(Head),
    From(Head),
    Type(Head),
}

impl State {
    fn head(&self) -> Option<Head> {
        match self {
            State::Head(head) | State::Value(head) | State::From(head) | State::Type(head) => {
                Some(head.clone())
            }
            State::Start => None,
        }
    }
}

impl Open {
    fn new(frame: Frame) -> Open {
        Open { frame, state: State::Start, operand: None, begun: None, last: None }
    }
}

struct Reader<'a> {
    text: &'a str,
    stack: Vec<Open>,
}

impl Reader<'_> {
    fn top(&mut self) -> &mut Open {
        self.stack.last_mut().expect("the outermost frame is never closed")
    }

    fn push(&mut self, frame: Frame) {
        self.stack.push(Open::new(frame));
    }

    fn take(&mut self, token: Token) {
        if token.kind.closes() {
            return self.close(token);
        }
        let open = self.stack.last().expect("the outermost frame is never closed");
        if matches!(open.frame, Frame::Block(_)) && !self.is_condition(&open.frame) {
            self.statement(token);
        } else {
            self.element(token);
        }
        self.top().last = Some(token);
    }

    /// The block of an `assert` holds no statements, but one condition.
    fn is_condition(&self, frame: &Frame) -> bool {
        matches!(frame, Frame::Block(head) if self.text.get(head.word.clone()) == Some("assert"))
    }

    /// Closes the nearest bracket of that sort; those that were left open inside go with it.
    fn close(&mut self, token: Token) {
        let fits = |frame: &Frame| match token.kind {
            Kind::RBrace => matches!(frame, Frame::Block(_)),
            Kind::RParen => matches!(frame, Frame::Call { .. }),
            Kind::RBracket => matches!(frame, Frame::List | Frame::Index { .. }),
            _ => matches!(frame, Frame::Text),
        };
        let Some(at) = (1..self.stack.len()).rev().find(|&at| fits(&self.stack[at].frame)) else {
            return;
        };
        // A parenthesis is no reason to leave a block.
        let leaves = token.kind != Kind::RBrace
            && self.stack[at..].iter().skip(1).any(|open| matches!(open.frame, Frame::Block(_)));
        if leaves {
            return;
        }
        self.stack.truncate(at);
        let top = self.top();
        top.last = Some(token);
        match &top.state {
            // The statement ended with its block.
            State::Head(_) | State::From(_) if token.kind == Kind::RBrace => {
                top.state = State::Start;
                top.operand = None;
            }
            State::Value(_) if token.kind == Kind::RBrace && top.operand.is_some() => {
                top.state = State::Start;
                top.operand = None;
            }
            _ => top.operand = top.operand.or(Some(token.start as usize)),
        }
    }

    /// A token of a block.
    fn statement(&mut self, token: Token) {
        let range = token.range();
        let newline = token.has(Token::NEWLINE);
        let top = self.top();
        let state = std::mem::replace(&mut top.state, State::Start);
        let begins = token.kind.starts_statement();
        match state {
            State::Start => {
                if begins && !token.kind.is_strength() {
                    let head = Head { word: range, ..Head::default() };
                    top.state = State::Head(head);
                }
            }
            State::Head(mut head) => match token.kind {
                Kind::From => top.state = State::From(head),
                Kind::LBrace => {
                    top.state = State::Head(head.clone());
                    self.push(Frame::Block(head));
                }
                Kind::LParen => {
                    top.state = State::Head(head);
                    self.push(Frame::Call { callee: None, argument: 0, name: None });
                }
                Kind::Colon => top.state = State::Type(head),
                Kind::For => {
                    head.target = Some(range.end..range.end);
                    top.state = State::Head(head);
                }
                kind if kind.assigns() => {
                    (top.operand, top.begun) = (None, None);
                    top.state = State::Value(head);
                }
                Kind::Dot => top.state = State::Head(head),
                _ if begins => {
                    if head.target.as_ref().is_some_and(|target| target.is_empty()) {
                        head.target = Some(range);
                    } else if head.label.is_none() && !token.kind.is_strength() && !newline {
                        head.label = Some(range);
                    } else {
                        head = Head { word: range, ..Head::default() };
                    }
                    top.state = State::Head(head);
                }
                _ => top.state = State::Head(head),
            },
            State::From(mut head) => match token.kind {
                Kind::LBrace => {
                    top.state = State::From(head.clone());
                    self.push(Frame::Block(head));
                }
                Kind::LParen => {
                    let callee = head.from.clone();
                    top.state = State::From(head);
                    self.push(Frame::Call { callee, argument: 0, name: None });
                }
                Kind::Dot => {
                    head.from = head.from.map(|from| from.start..range.end);
                    top.state = State::From(head);
                }
                _ if token.kind.is_word() => {
                    let joins = top.last.is_some_and(|last| last.kind == Kind::Dot);
                    match &head.from {
                        None => head.from = Some(range),
                        Some(from) if joins => head.from = Some(from.start..range.end),
                        Some(_) => {
                            top.state = State::Head(Head { word: range, ..Head::default() });
                            return;
                        }
                    }
                    top.state = State::From(head);
                }
                _ => top.state = State::From(head),
            },
            State::Type(head) => {
                if token.kind.assigns() {
                    top.operand = None;
                    top.state = State::Value(head);
                } else if newline && begins {
                    top.state = State::Head(Head { word: range, ..Head::default() });
                } else {
                    top.state = State::Type(head);
                }
            }
            State::Value(head) => {
                let signed = top.last.is_some_and(|last| last.kind.assigns());
                let after = top.operand.is_some()
                    && !matches!(top.last, Some(last) if last.kind == Kind::Dot);
                if begins && (after || (signed && newline)) {
                    top.operand = None;
                    let head = Head { word: range, ..Head::default() };
                    let strong = token.kind.is_strength();
                    top.state = if strong { State::Start } else { State::Head(head) };
                } else if token.kind == Kind::LBrace {
                    top.state = State::Value(head.clone());
                    self.push(Frame::Block(head));
                } else if token.kind.assigns() {
                    // The word before it began a statement after all.
                    let word = top.last.filter(|last| last.kind.is_word());
                    top.operand = None;
                    top.state = State::Value(
                        word.map_or(head, |w| Head { word: w.range(), ..Head::default() }),
                    );
                } else {
                    top.state = State::Value(head);
                    self.value(token);
                }
            }
        }
    }

    /// A token inside of `(`, `[` or `${`.
    fn element(&mut self, token: Token) {
        let newline = token.has(Token::NEWLINE);
        let begins = token.kind.starts_statement();
        let in_block = self.stack.iter().any(|open| matches!(open.frame, Frame::Block(_)));
        let in_condition = self.stack.iter().any(|open| self.is_condition(&open.frame));
        let top = self.top();
        let after =
            top.operand.is_some() && !matches!(top.last, Some(last) if last.kind == Kind::Dot);
        // A statement on a line of its own: the bracket was left open.
        if begins
            && newline
            && after
            && in_block
            && !in_condition
            && !matches!(top.frame, Frame::Text)
        {
            while !matches!(self.top().frame, Frame::Block(_)) {
                self.stack.pop();
            }
            let top = self.top();
            top.operand = None;
            let head = Head { word: token.range(), ..Head::default() };
            top.state = if token.kind.is_strength() { State::Start } else { State::Head(head) };
            return;
        }
        let last = top.last;
        match (&mut top.frame, token.kind) {
            (Frame::Call { argument, name, .. }, Kind::Comma) => {
                *argument += 1;
                *name = None;
                (top.operand, top.begun) = (None, None);
            }
            (Frame::Call { name, .. }, Kind::Assign) => {
                *name = last.filter(|last| last.kind.is_word()).map(Token::range);
                top.operand = None;
            }
            (_, Kind::Comma | Kind::Colon) => (top.operand, top.begun) = (None, None),
            (_, Kind::LBrace) => self.push(Frame::Block(Head::default())),
            _ => self.value(token),
        }
    }

    /// A token of an expression.
    fn value(&mut self, token: Token) {
        let start = token.start as usize;
        let top = self.top();
        let joins = top.last.is_some_and(|last| last.kind == Kind::Dot);
        match token.kind {
            Kind::LParen => {
                let callee = top.operand.map(|from| from..start);
                self.push(Frame::Call { callee, argument: 0, name: None });
            }
            Kind::LBracket => match top.operand {
                Some(from) => self.push(Frame::Index { base: from..start }),
                None => self.push(Frame::List),
            },
            Kind::InterpOpen => self.push(Frame::Text),
            Kind::Dot => {}
            Kind::StrOpen | Kind::TextOpen => top.operand = Some(start),
            Kind::Piece | Kind::StrClose => {}
            Kind::True | Kind::False | Kind::None => top.operand = Some(start),
            kind if kind.is_word() => {
                if !joins || top.operand.is_none() {
                    top.operand = Some(start);
                }
            }
            kind if is_literal(kind) => top.operand = Some(start),
            _ => top.operand = None,
        }
        let top = self.top();
        top.begun = top.begun.or(top.operand);
    }

    /// What may stand where the tokens end.
    fn finish(mut self, word: Piece, text: Option<usize>) -> Cursor {
        let top = self.stack.pop().expect("the outermost frame is never closed");
        let condition = self.is_condition(&top.frame);
        let mut frames = Vec::new();
        let mut statement = None;
        for open in self.stack {
            frames.push((statement, open.frame));
            statement = open.state.head();
        }
        let head = top.state.head();
        let here = word.start;
        let dotted = top.last.is_some_and(|last| last.kind == Kind::Dot);
        let colon = top.last.is_some_and(|last| last.kind == Kind::Colon);
        let newline = self.text[..here].rsplit('\n').next().is_some_and(|l| l.trim().is_empty());
        let at = if let Some(start) = text {
            let before = top.begun.map_or(here..here, |from| from..start);
            At::Text { start, before, head }
        } else if let (true, Some(from), Some(last)) = (dotted, top.operand, top.last) {
            At::Member { base: from..last.start as usize, head }
        } else {
            match (&top.frame, top.state) {
                (_, State::From(head)) => match (&head.from, dotted) {
                    (Some(from), true) => {
                        At::Member { base: from.start..from.end - 1, head: Some(head) }
                    }
                    (None, _) => At::From(head),
                    (Some(_), false) => At::Statement,
                },
                (Frame::Block(_), State::Start) if !condition => At::Statement,
                (Frame::Block(_), State::Head(_)) if newline => At::Statement,
                (Frame::Block(_), State::Head(head)) => match head.label {
                    None => At::Label(head),
                    Some(_) => At::Sign(head),
                },
                (Frame::Block(_), State::Value(head)) => {
                    if top.operand.is_some() {
                        At::Statement
                    } else {
                        At::Value(head)
                    }
                }
                (Frame::Block(_), State::Type(_)) => At::Type,
                // The parameters of a template.
                (Frame::Call { callee: None, .. }, _) if colon => At::Type,
                _ if top.operand.is_some() && !dotted => At::Operator,
                (_, _) => At::Value(Head::default()),
            }
        };
        frames.push((statement, top.frame));
        frames.remove(0);
        Cursor { frames, at, word }
    }
}

fn is_literal(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Int
            | Kind::Float
            | Kind::Quantity
            | Kind::Mode
            | Kind::Ip4
            | Kind::Cidr4
            | Kind::Ip6
            | Kind::Cidr6
            | Kind::Mac
            | Kind::Str
            | Kind::Text
            | Kind::Raw
            | Kind::RawText
            | Kind::Bad
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is expected at the `|`, with the words that lead there.
    fn at(text: &str) -> String {
        let offset = text.find('|').expect("the place is marked");
        let text = text.replace('|', "");
        let cursor = cursor(&text, offset);
        let word = |piece: &Piece| text[piece.clone()].to_owned();
        let frames = cursor.frames.iter().map(|(_, frame)| match frame {
            Frame::Block(head) => format!("{{{}", word(&head.word)),
            Frame::Call { callee, argument, .. } => {
                format!("{}({argument}", callee.as_ref().map_or(String::new(), word))
            }
            Frame::List => "[".to_owned(),
            Frame::Index { base } => format!("{}[", word(base)),
            Frame::Text => "${".to_owned(),
        });
        let place = match &cursor.at {
            At::Statement => "statement".to_owned(),
            At::Label(head) => format!("label of {}", word(&head.word)),
            At::Sign(head) => format!("sign of {}", word(&head.word)),
            At::Value(head) => format!("value of {}", word(&head.word)),
            At::Member { base, .. } => format!("member of {}", word(base)),
            At::Operator => "operator".to_owned(),
            At::From(head) => format!("template for {}", word(&head.word)),
            At::Type => "type".to_owned(),
            At::Text { before, .. } => format!("text after {}", word(before)),
            At::Comment => "comment".to_owned(),
        };
        frames.chain([place]).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn what_is_open_at_many_places_is_what_is_open_at_each() {
        let text = "node a {\n  os = debian(\"13\")\n  roles = [\n    x,\n  ]\n  b {\n    c = (\n}\nservice s { x = (1\n  y = 1\n}\n";
        let places: Vec<usize> = text.match_indices('\n').map(|(at, _)| at + 1).rev().collect();
        let each = places.iter().map(|&at| cursor(text, at).frames.len());
        assert_eq!(depths(text, &places), each.collect::<Vec<_>>());
    }

    #[test]
    fn what_stands_before_says_what_is_open() {
        for (text, expected) in [
            ("|", "statement"),
            ("no|de a { }", "statement"),
            ("node |", "label of node"),
            ("node a |", "sign of node"),
            ("node a { os = |", "{node value of os"),
            ("node a { os = deb|ian }", "{node value of os"),
            ("node a { os = debian(\"13\") |", "{node statement"),
            ("node a {\n  os =\n  arch = |", "{node value of arch"),
            ("node a { roles = [x, |", "{node [ value of "),
            ("node a { roles = [x\n  arch = |", "{node value of arch"),
            ("service s { container c { env { X = db.|", "{service {container {env member of db"),
            ("service s { on = a container c from std.|", "{service member of std"),
            ("service s { container c from |", "{service template for container"),
            ("service s { container c from web(\"a\", |", "{service web(1 value of "),
            ("service s { secrets = [keys[\"|\"]] }", "{service [ keys[ text after "),
            ("service s { x = \"a ${b.|} c\" }", "{service ${ member of b"),
            ("service s { x = \"a ${b[\"|\"].c} d\" }", "{service ${ b[ text after "),
            ("volume \"/d\" = v / \"|\"", "text after v / "),
            ("port a = 1 -> 2 { |", "{port statement"),
            ("let a: |", "type"),
            ("template t(a: |", "(0 type"),
            ("// a |", "comment"),
            ("role r { assert \"a\" { node.|", "{role {assert member of node"),
            ("role r { assert \"a\" { a.b ==\n  |", "{role {assert value of "),
            ("role r { assert \"a\" { a.b\n  an|d", "{role {assert operator"),
            ("service s { on = where(node.arch == arm64 |)", "{service where(0 operator"),
            ("service s { on = [a |]", "{service [ operator"),
        ] {
            assert_eq!(at(text), expected, "{text}");
        }
    }
}
