//! The cluster in which the texts stand: `stage.colab`, with any statements in any of its places, once
//! for each copy.

const STAGE: &str = include_str!("stage.colab");

/// A place where statements of a kind go.
#[derive(Clone, Debug)]
pub struct Spot {
    /// The kind, or a record of it: `container.health`.
    pub kind: String,
    /// Whether each copy has one of its own.
    pub copied: bool,
}

/// A statement for each copy, at a place.
pub struct Setting {
    pub spot: usize,
    /// The field, whose statements of the stage give way.
    pub word: String,
    /// On one line each.
    pub statements: Vec<String>,
}

/// A cluster's text, and which setting of which copy stands on which line, from 1.
pub struct Text {
    pub text: String,
    pub lines: Vec<(usize, usize, usize)>,
}

pub fn spots() -> Vec<Spot> {
    let mut copied = false;
    let mut all = Vec::new();
    for line in STAGE.lines().map(str::trim) {
        match line {
            "//<" => copied = true,
            "//>" => copied = false,
            _ => {
                if let Some(kind) = line.strip_prefix("//+ ") {
                    all.push(Spot { kind: kind.to_owned(), copied });
                }
            }
        }
    }
    all
}

pub fn text(copies: usize, settings: &[Setting]) -> Text {
    let text = Text { text: String::new(), lines: Vec::new() };
    let mut writer = Writer { settings, out: text, count: 0, spot: 0, inside: false };
    let mut lines = STAGE.lines();
    while let Some(line) = lines.next() {
        if line.trim() != "//<" {
            writer.line(line, 0);
            continue;
        }
        let block: Vec<&str> = lines.by_ref().take_while(|line| line.trim() != "//>").collect();
        let first = writer.spot;
        for copy in 0..copies {
            writer.spot = first;
            block.iter().for_each(|line| writer.line(line, copy));
        }
    }
    writer.out
}

struct Writer<'a> {
    settings: &'a [Setting],
    out: Text,
    /// Lines so far.
    count: usize,
    /// Places so far; those of a block again in each copy.
    spot: usize,
    /// Whether what stands here may give way.
    inside: bool,
}

impl Writer<'_> {
    fn line(&mut self, line: &str, copy: usize) {
        let here = line.trim();
        if here.starts_with("//+ ") {
            self.put(line);
            for (number, setting) in self.settings.iter().enumerate() {
                if let Some(statement) =
                    setting.statements.get(copy).filter(|_| setting.spot == self.spot)
                {
                    self.put(statement);
                    self.out.lines.push((self.count, number, copy));
                }
            }
            self.spot += 1;
            self.inside = true;
            return;
        }
        self.inside &= here != "//.";
        let mut words = here.split([' ', '{', '=']).filter(|word| *word != "override");
        let word = words.next().unwrap_or_default();
        let others = here.split_once("//~ ").map_or("", |(_, others)| others);
        let given = |s: &Setting| {
            s.spot + 1 == self.spot
                && (s.word == word || others.split(' ').any(|other| other == s.word))
        };
        if !(self.inside && self.settings.iter().any(given)) {
            self.put(&numbered(line, copy));
        }
    }

    fn put(&mut self, line: &str) {
        self.out.text.push_str(line);
        self.out.text.push('\n');
        self.count += 1;
    }
}

/// A line of the stage for one copy.
fn numbered(line: &str, copy: usize) -> String {
    let (mut out, mut rest) = (String::new(), line);
    while let Some((before, behind)) = rest.split_once('@') {
        out.push_str(before);
        let digits = behind.find(|c: char| !c.is_ascii_digit()).unwrap_or(behind.len());
        match behind[digits..].strip_prefix('@') {
            None => {
                out.push_str(&copy.to_string());
                rest = behind;
            }
            Some(behind) if digits == 0 => {
                out.push_str(&format!("{copy:02}"));
                rest = behind;
            }
            Some(after) => {
                let from: usize = behind[..digits].parse().expect("they are digits");
                out.push_str(&(from + copy).to_string());
                rest = after;
            }
        }
    }
    out + rest
}
