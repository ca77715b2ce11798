//! The tokens between the lexer and the parser. Nothing here reads text.

/// What a token is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
#[expect(clippy::enum_variant_names, reason = "`kind` is a word of the language")]
pub(super) enum Kind {
    Eof,
    /// Text that was reported already: it stands for whatever was meant.
    Bad,

    Word,
    // Words that mean something special in one place only.
    Import,
    Let,
    Type,
    Kind,
    Template,
    Var,
    From,
    Plural,
    // Reserved words.
    Default,
    Override,
    Final,
    Unset,
    If,
    Then,
    Else,
    For,
    In,
    Is,
    As,
    None,
    True,
    False,
    Enum,
    Matching,
    Assert,

    Int,
    Float,
    Quantity,
    Mode,
    Ip4,
    Cidr4,
    Ip6,
    Cidr6,
    Mac,

    /// `"..."` and `"""..."""` without `${`, as one token.
    Str,
    Text,
    Raw,
    RawText,
    /// Text with `${`: an opening quote, pieces and expressions in turn, a closing quote.
    StrOpen,
    TextOpen,
    Piece,
    InterpOpen,
    InterpClose,
    StrClose,

    LBrace,
    RBrace,
    LParen,
    RParen,
    LBracket,
    RBracket,
    Comma,
    Semicolon,
    Colon,
    Assign,
    AddAssign,
    SubAssign,
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    Plus,
    Minus,
    Star,
    Slash,
    Arrow,
    Range,
    Dot,
    Coalesce,
    Question,
    Pipe,
    Or,
    And,
    Not,
}

impl Kind {
    /// A name that is not reserved.
    pub fn is_word(self) -> bool {
        self as u8 >= Kind::Word as u8 && self as u8 <= Kind::Plural as u8
    }

    pub fn is_reserved(self) -> bool {
        self as u8 >= Kind::Default as u8 && self as u8 <= Kind::Assert as u8
    }

    pub fn is_strength(self) -> bool {
        matches!(self, Kind::Default | Kind::Override | Kind::Final)
    }

    pub fn is_number(self) -> bool {
        matches!(self, Kind::Int | Kind::Float)
    }

    /// What a statement may begin with.
    pub fn starts_statement(self) -> bool {
        self.is_word()
            || self.is_strength()
            || matches!(self, Kind::Str | Kind::Unset | Kind::Assert)
    }

    pub fn opens(self) -> bool {
        matches!(self, Kind::LBrace | Kind::LParen | Kind::LBracket | Kind::InterpOpen)
    }

    pub fn closes(self) -> bool {
        matches!(self, Kind::RBrace | Kind::RParen | Kind::RBracket | Kind::InterpClose)
    }

    /// `=` and its relatives: what makes the word before it an entry.
    pub fn assigns(self) -> bool {
        matches!(self, Kind::Assign | Kind::AddAssign | Kind::SubAssign)
    }

    /// The closing partner of an opening bracket.
    pub fn partner(self) -> Kind {
        match self {
            Kind::LBrace => Kind::RBrace,
            Kind::LParen => Kind::RParen,
            Kind::LBracket => Kind::RBracket,
            _ => Kind::InterpClose,
        }
    }
}

/// One token; its text is `start..end` of the file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Token {
    pub start: u32,
    pub end: u32,
    pub kind: Kind,
    flags: u8,
}

impl Token {
    /// First on its line.
    pub const NEWLINE: u8 = 1;
    /// A comment stands between the token before and this one.
    pub const COMMENT: u8 = 2;
    /// Text with escapes in it.
    pub const ESCAPES: u8 = 4;
    /// Text whose closing quote is missing; reported.
    pub const BROKEN: u8 = 8;
    /// A closing bracket that is not in the text; reported where it was opened.
    pub const VIRTUAL: u8 = 16;

    pub fn new(kind: Kind, start: usize, end: usize, flags: u8) -> Token {
        Token { start: start as u32, end: end as u32, kind, flags }
    }

    pub fn flags(self) -> u8 {
        self.flags
    }

    pub fn has(self, flag: u8) -> bool {
        self.flags & flag != 0
    }

    pub fn with(self, flag: u8) -> Token {
        Token { flags: self.flags | flag, ..self }
    }

    pub fn text(self, text: &str) -> &str {
        text.get(self.start as usize..self.end as usize).unwrap_or("")
    }

    pub fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// The kind of a word by its text.
pub(super) fn word_kind(word: &[u8]) -> Kind {
    if word.len() > 8 || word.len() < 2 {
        return Kind::Word;
    }
    match word {
        b"import" => Kind::Import,
        b"let" => Kind::Let,
        b"type" => Kind::Type,
        b"kind" => Kind::Kind,
        b"template" => Kind::Template,
        b"var" => Kind::Var,
        b"from" => Kind::From,
        b"plural" => Kind::Plural,
        b"default" => Kind::Default,
        b"override" => Kind::Override,
        b"final" => Kind::Final,
        b"unset" => Kind::Unset,
        b"if" => Kind::If,
        b"then" => Kind::Then,
        b"else" => Kind::Else,
        b"for" => Kind::For,
        b"in" => Kind::In,
        b"is" => Kind::Is,
        b"as" => Kind::As,
        b"none" => Kind::None,
        b"true" => Kind::True,
        b"false" => Kind::False,
        b"enum" => Kind::Enum,
        b"matching" => Kind::Matching,
        b"assert" => Kind::Assert,
        _ => Kind::Word,
    }
}

/// Characters that a reader cannot see, or that show a text in another order than it has: nowhere
/// but as `\u{...}`.
pub(super) fn is_forbidden(c: char) -> bool {
    (c.is_control() && !matches!(c, '\t' | '\n'))
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

const UNITS: [&[u8]; 20] = [
    b"B", b"kB", b"MB", b"GB", b"TB", b"PB", b"KiB", b"MiB", b"GiB", b"TiB", b"PiB", b"cpu", b"ns",
    b"us", b"ms", b"s", b"m", b"h", b"d", b"w",
];
const TIME_UNITS: usize = 8;

/// Whether a number can end with it.
pub(super) fn is_unit(text: &[u8]) -> bool {
    UNITS.contains(&text)
}

pub(super) fn is_time_unit(unit: &[u8]) -> bool {
    UNITS[UNITS.len() - TIME_UNITS..].contains(&unit)
}
