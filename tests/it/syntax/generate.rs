//! Sound programs by the grammar. The same seed gives the same programs everywhere.

use super::words::*;
use crate::generate::Dice;

pub struct Program<'a> {
    dice: &'a mut Dice,
    out: Vec<Piece>,
    depth: usize,
}

/// The tokens of one sound program.
pub fn sound(dice: &mut Dice) -> Vec<Piece> {
    let mut program = Program { dice, out: Vec::new(), depth: 0 };
    let count = 1 + program.dice.below(3);
    for _ in 0..count {
        program.statement();
    }
    program.out
}

/// Tokens as text, with blanks, lines and comments between them at random.
pub fn render(pieces: &[Piece], dice: &mut Dice) -> String {
    let mut text = String::new();
    for piece in pieces {
        text.push_str(&piece.text);
        let blank = if piece.glued {
            dice.pick(&[" ", " ", "  ", "\t"])
        } else {
            dice.pick(&[
                " ",
                " ",
                " ",
                "\n",
                "\n  ",
                "\r\n",
                "\n\n\n",
                " // note\n",
                "\n/// doc\n",
                "\n\n// own\n\n",
            ])
        };
        text.push_str(blank);
    }
    text
}

impl Program<'_> {
    fn put(&mut self, text: &str) {
        self.out.push(Piece { text: text.to_owned(), glued: false });
    }

    fn glue(&mut self, text: &str) {
        self.out.push(Piece { text: text.to_owned(), glued: true });
    }

    fn word(&mut self) {
        let word = self.any_word();
        self.put(word);
    }

    fn any_word(&mut self) -> &'static str {
        if self.dice.one_in(12) { self.dice.pick(CONTEXTUAL) } else { self.dice.pick(WORDS) }
    }

    fn key(&mut self) {
        let key = self.dice.pick(KEYS);
        self.put(key);
    }

    fn statement(&mut self) {
        match self.dice.below(24) {
            0 => {
                self.glue("import");
                self.key();
                if self.dice.one_in(2) {
                    self.put("as");
                    self.word();
                }
            }
            1 => {
                self.glue("let");
                self.word();
                if self.dice.one_in(2) {
                    self.glue(":");
                    self.ty();
                }
                self.glue("=");
                self.expr();
            }
            2 => {
                self.glue("var");
                self.typed();
            }
            3 | 4 => {
                self.glue("type");
                self.word();
                self.glue("=");
                self.ty();
            }
            5 => self.kind(),
            6 => {
                self.glue("template");
                self.word();
                self.params();
                self.put("for");
                self.word();
                self.block();
            }
            7 => self.assert(),
            8 => {
                self.glue("unset");
                self.word();
                for _ in 0..self.dice.below(3) {
                    self.step();
                }
            }
            _ => self.entry(),
        }
    }

    fn step(&mut self) {
        if self.dice.one_in(2) {
            self.glue(".");
            self.word();
        } else {
            self.put("[");
            self.key();
            self.put("]");
        }
    }

    fn assert(&mut self) {
        self.put("assert");
        self.text();
        self.put("{");
        self.expr();
        self.put("}");
    }

    fn kind(&mut self) {
        self.glue("kind");
        self.word();
        self.put("plural");
        self.word();
        self.put("{");
        for _ in 0..self.dice.below(4) {
            if self.dice.one_in(6) {
                self.assert();
            } else {
                self.typed();
            }
            self.comma();
        }
        self.put("}");
    }

    /// `name: type = value`
    fn typed(&mut self) {
        self.word();
        self.glue(":");
        self.ty();
        if self.dice.one_in(3) {
            self.glue("=");
            self.expr();
        }
    }

    fn comma(&mut self) {
        if self.dice.one_in(5) {
            self.put(",");
        }
    }

    fn entry(&mut self) {
        if self.dice.one_in(6) {
            let strength = self.dice.pick(&["default", "override", "final"]);
            self.put(strength);
            self.head();
            return self.assign();
        }
        self.head();
        match self.dice.below(8) {
            0 => {
                self.glue("+=");
                self.expr();
            }
            1 => {
                self.glue("-=");
                self.expr();
            }
            2 => {
                self.glue("from");
                self.postfix();
                self.maybe_block();
            }
            3 | 4 => self.block(),
            _ => self.assign(),
        }
    }

    fn head(&mut self) {
        match self.dice.below(6) {
            0 => self.key(),
            1 | 2 => {
                let word = self.dice.pick(WORDS);
                self.glue(word);
                if self.dice.one_in(3) { self.key() } else { self.word() }
            }
            3 => {
                let word = self.dice.pick(&["from", "type", "import", "var"]);
                self.put(word);
            }
            _ => {
                let word = self.dice.pick(WORDS);
                self.put(word);
            }
        }
    }

    fn assign(&mut self) {
        self.glue("=");
        self.expr();
        self.maybe_block();
    }

    fn maybe_block(&mut self) {
        if self.dice.one_in(5) {
            self.block();
        }
    }

    fn block(&mut self) {
        self.put("{");
        if self.depth < 4 {
            self.depth += 1;
            for _ in 0..self.dice.below(4) {
                self.statement();
                self.comma();
            }
            self.depth -= 1;
        }
        self.put("}");
    }

    fn params(&mut self) {
        self.put("(");
        let count = self.dice.below(3);
        for at in 0..count {
            self.typed();
            if at + 1 < count || self.dice.one_in(4) {
                self.put(",");
            }
        }
        self.put(")");
    }

    fn ty(&mut self) {
        self.refined();
        while self.dice.one_in(6) {
            self.put("|");
            self.refined();
        }
    }

    fn refined(&mut self) {
        self.plain_type();
        match self.dice.below(8) {
            0 => self.put("?"),
            1 => {
                self.put("in");
                if self.dice.one_in(3) {
                    self.put("-");
                }
                self.put("1");
                self.put("..");
                self.put("65535");
            }
            2 => {
                self.put("matching");
                let pattern = self.dice.pick(&[r#""[a-z]+""#, r"'\d+'"]);
                self.put(pattern);
            }
            _ => {}
        }
    }

    fn plain_type(&mut self) {
        self.depth += 1;
        match self.dice.below(if self.depth < 6 { 8 } else { 1 }) {
            1 => {
                self.word();
                self.put("<");
                self.ty();
                if self.dice.one_in(2) {
                    self.put(",");
                    self.ty();
                }
                self.put(">");
            }
            2 => {
                self.put("{");
                for _ in 0..self.dice.below(3) {
                    self.typed();
                    self.comma();
                }
                self.put("}");
            }
            3 => {
                self.put("enum");
                self.put("{");
                let count = 1 + self.dice.below(3);
                for at in 0..count {
                    self.word();
                    if self.dice.one_in(4) {
                        self.params();
                    }
                    if at + 1 < count || self.dice.one_in(4) {
                        self.put(",");
                    }
                }
                self.put("}");
            }
            _ => self.word(),
        }
        self.depth -= 1;
    }

    fn expr(&mut self) {
        self.depth += 1;
        if self.depth < 5 && self.dice.one_in(12) {
            self.put("if");
            self.expr();
            self.put("then");
            self.expr();
            self.put("else");
            self.expr();
        } else {
            self.level(0);
        }
        self.depth -= 1;
    }

    /// Levels of operators, weakest first.
    fn level(&mut self, level: usize) {
        const LEVELS: &[(&[&str], usize)] = &[
            (&["->"], 1),
            (&[".."], 1),
            (&["??"], 2),
            (&["||"], 2),
            (&["&&"], 2),
            (&["==", "!=", "<", "<=", ">", ">=", "in"], 1),
            (&["+", "-"], 2),
            (&["*", "/"], 2),
        ];
        let Some(&(ops, most)) = LEVELS.get(level) else { return self.unary() };
        self.level(level + 1);
        if self.depth > 5 || !self.dice.one_in(12) {
            return;
        }
        if level == 5 && self.dice.one_in(4) {
            self.put("is");
            return self.word();
        }
        for _ in 0..1 + self.dice.below(most) {
            let op = self.dice.pick(ops);
            self.put(op);
            self.level(level + 1);
        }
    }

    fn unary(&mut self) {
        while self.dice.one_in(16) {
            let op = self.dice.pick(&["!", "-"]);
            self.put(op);
        }
        self.postfix();
    }

    fn postfix(&mut self) {
        self.primary();
        while self.depth < 6 && self.dice.one_in(6) {
            match self.dice.below(3) {
                0 => {
                    self.glue(".");
                    self.word();
                }
                1 => {
                    self.put("[");
                    self.expr();
                    self.put("]");
                }
                _ => self.args(),
            }
        }
    }

    fn args(&mut self) {
        self.put("(");
        let count = if self.depth < 5 { self.dice.below(3) } else { 0 };
        for at in 0..count {
            match self.dice.below(5) {
                0 => {
                    self.word();
                    self.glue("=");
                    self.expr();
                }
                1 => {
                    self.word();
                    self.put("in");
                    self.depth += 1;
                    self.level(6);
                    self.depth -= 1;
                    self.binding_tail();
                }
                _ => self.expr(),
            }
            if at + 1 < count || self.dice.one_in(6) {
                self.put(",");
            }
        }
        self.put(")");
    }

    fn binding_tail(&mut self) {
        if self.dice.one_in(2) {
            self.put("if");
            self.expr();
        }
        self.put(":");
        self.expr();
    }

    fn primary(&mut self) {
        match self.dice.below(if self.depth < 4 { 14 } else { 8 }) {
            0..=2 => self.word(),
            3..=5 => {
                let literal = self.dice.pick(LITERALS);
                self.put(literal);
            }
            6 => {
                let raw = self.dice.pick(RAWS);
                self.put(raw);
            }
            7 | 8 => self.text(),
            9 => {
                self.put("(");
                self.expr();
                self.put(")");
            }
            10 => {
                self.put("[");
                self.put("for");
                self.word();
                self.put("in");
                self.expr();
                self.binding_tail();
                self.put("]");
            }
            11 => {
                self.put("{");
                self.depth += 1;
                for _ in 0..self.dice.below(3) {
                    self.entry();
                    self.comma();
                }
                self.depth -= 1;
                self.put("}");
            }
            _ => {
                self.put("[");
                let count = self.dice.below(4);
                for at in 0..count {
                    self.expr();
                    if at + 1 < count || self.dice.one_in(4) {
                        self.put(",");
                    }
                }
                self.put("]");
            }
        }
    }

    /// Text, as one token: the values in it are programs of their own, on one line.
    fn text(&mut self) {
        let multiline = self.dice.one_in(3);
        let quotes = if multiline { "\"\"\"" } else { "\"" };
        let mut text = quotes.to_owned();
        for _ in 0..self.dice.below(4) {
            if self.dice.one_in(3) && self.depth < 5 {
                let wide = multiline && self.dice.one_in(3);
                let inner = self.inner_expr(wide);
                text.push_str("${");
                // A text of one line holds nothing of two.
                text.push_str(if multiline || !inner.contains('\n') { &inner } else { "x" });
                text.push('}');
            } else {
                let piece = self.dice.pick(&[
                    "abc",
                    " ",
                    "$",
                    r"\n",
                    r"\\",
                    r"\$",
                    r#"\""#,
                    r"\u{1f600}",
                    "//",
                    "é",
                    "'",
                ]);
                text.push_str(piece);
                if multiline {
                    let lines = self.dice.pick(&["", "\n", "\n    ", "\r\n  ", "\"", "\n\n"]);
                    text.push_str(lines);
                }
            }
        }
        if text.ends_with('"') && text.len() > quotes.len() {
            text.push(' ');
        }
        text.push_str(quotes);
        self.put(&text);
    }

    fn inner_expr(&mut self, lines: bool) -> String {
        let outer = std::mem::take(&mut self.out);
        let depth = self.depth;
        self.depth += 3;
        self.expr();
        self.depth = depth;
        let inner = std::mem::replace(&mut self.out, outer);
        let blank = if lines { "\n " } else { " " };
        inner
            .iter()
            .map(
                |piece| {
                    if piece.glued { piece.text.clone() + " " } else { piece.text.clone() + blank }
                },
            )
            .collect()
    }
}
