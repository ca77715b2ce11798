//! A condition in Prometheus's language: whether its servers, of version 2 and 3 alike, would take it.
//! What the metrics mean, and whether there are any of that name, is theirs to know.

mod functions;
mod words;

use super::pattern::Pattern;
use super::{Why, shown};
use functions::{Function, function};
use words::{Word, words};

/// More than anybody nests by hand, and far less than a stack holds.
pub const DEEPEST: usize = 64;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    Scalar,
    Vector,
    /// Of a range of time.
    Matrix,
    Text,
}

impl Kind {
    const fn noun(self) -> &'static str {
        match self {
            Kind::Scalar => "a number",
            Kind::Vector => "series",
            Kind::Matrix => "series over a range of time",
            Kind::Text => "a text",
        }
    }
}

pub fn promql(text: &str) -> Result<(), Why> {
    let words = words(text)?;
    let mut parser = Parser { text, words, at: 0, depth: 0 };
    if parser.words.is_empty() {
        return Err(Why::new("expected a condition, found nothing").help("such as `up == 0`"));
    }
    let kind = parser.expression(0)?.kind;
    if parser.at < parser.words.len() {
        return Err(parser.expected("an operator, or nothing more"));
    }
    match kind {
        Kind::Scalar | Kind::Vector => Ok(()),
        other => Err(Why::new(format!("expected a condition, found {}", other.noun()))
            .help("compare it with something, such as `rate(errors_total[5m]) > 1`")),
    }
}

/// What has been read: what it gives, and what may still be said of it.
struct Found {
    kind: Kind,
    /// A selector or subquery as it stands, to which `offset` and `@` belong.
    selector: bool,
    /// A selector of series that has neither range nor offset yet.
    plain: bool,
}

impl Found {
    const fn of(kind: Kind) -> Found {
        Found { kind, selector: false, plain: false }
    }
}

struct Parser<'a> {
    text: &'a str,
    words: Vec<(Word<'a>, usize)>,
    at: usize,
    depth: usize,
}

/// How tightly an operator of two sides binds.
fn strength(word: &str) -> Option<u8> {
    Some(match word {
        "or" => 1,
        "and" | "unless" => 2,
        "==" | "!=" | "<" | "<=" | ">" | ">=" => 3,
        "+" | "-" => 4,
        "*" | "/" | "%" | "atan2" => 5,
        "^" => 6,
        _ => return None,
    })
}

impl<'a> Parser<'a> {
    fn word(&self) -> Option<&Word<'a>> {
        self.words.get(self.at).map(|(word, _)| word)
    }

    /// The word as it is compared: names of the language have no case.
    fn key(&self) -> String {
        match self.word() {
            Some(Word::Name(name)) => name.to_ascii_lowercase(),
            Some(Word::Sign(sign)) => (*sign).to_owned(),
            _ => String::new(),
        }
    }

    fn take(&mut self, sign: &str) -> bool {
        let is = matches!(self.word(), Some(Word::Sign(found)) if *found == sign);
        self.at += usize::from(is);
        is
    }

    fn need(&mut self, sign: &'static str) -> Result<(), Why> {
        match self.take(sign) {
            true => Ok(()),
            false => Err(self.expected(&format!("`{sign}`"))),
        }
    }

    fn expected(&self, what: &str) -> Why {
        let found = match self.words.get(self.at) {
            Some((_, from)) => shown(&self.text[*from..]),
            None => "the end".to_owned(),
        };
        Why::new(format!("expected {what}, found {found}"))
    }

    fn expression(&mut self, least: u8) -> Result<Found, Why> {
        self.depth += 1;
        if self.depth > DEEPEST {
            let why = format!("expected at most {DEEPEST} expressions inside each other");
            return Err(Why::new(why).help("name a part of it in a recording rule"));
        }
        let mut left = match &*self.key() {
            "-" | "+" => {
                self.at += 1;
                // A sign binds like a product, so that -2^2 is -4.
                let found = self.expression(5)?;
                if !matches!(found.kind, Kind::Scalar | Kind::Vector) {
                    return Err(Why::new(format!(
                        "expected a number or series behind a sign, found {}",
                        found.kind.noun()
                    )));
                }
                Found::of(found.kind)
            }
            _ => self.operand()?,
        };
        loop {
            let sign = self.key();
            let Some(own) = strength(&sign).filter(|own| *own >= least) else { break };
            self.at += 1;
            let compares = own == 3;
            let boolean = self.key() == "bool";
            if boolean {
                if !compares {
                    return Err(self.expected(&format!("a value behind `{sign}`")));
                }
                self.at += 1;
            }
            let matched = self.matching(own)?;
            let right = self.expression(if sign == "^" { own } else { own + 1 })?;
            left = Found::of(pair(left.kind, right.kind, &sign, own, boolean, matched)?);
        }
        self.depth -= 1;
        Ok(left)
    }

    /// `on (...)`, `ignoring (...)`, and how many of one side belong to one of the other.
    fn matching(&mut self, own: u8) -> Result<bool, Why> {
        if !matches!(&*self.key(), "on" | "ignoring") {
            return Ok(false);
        }
        let on = self.key() == "on";
        self.at += 1;
        let labels = self.labels()?;
        if matches!(&*self.key(), "group_left" | "group_right") {
            if own <= 2 {
                return Err(self.expected("series behind `and`, `or` and `unless`"));
            }
            self.at += 1;
            if self.word() == Some(&Word::Sign("(")) {
                let more = self.labels()?;
                if let Some(twice) = more.iter().find(|label| on && labels.contains(label)) {
                    return Err(Why::new(format!(
                        "expected a label in one list, found `{twice}` in two"
                    )));
                }
            }
        }
        Ok(true)
    }

    fn labels(&mut self) -> Result<Vec<&'a str>, Why> {
        self.need("(")?;
        let mut all = Vec::new();
        while !self.take(")") {
            match self.word() {
                Some(&Word::Name(name)) if !name.contains(':') => all.push(name),
                _ => return Err(self.expected("the name of a label")),
            }
            self.at += 1;
            if !self.take(",") {
                self.need(")")?;
                break;
            }
        }
        Ok(all)
    }

    /// A value, with all that may stand behind it.
    fn operand(&mut self) -> Result<Found, Why> {
        let mut found = self.value()?;
        let mut moved = (false, false);
        loop {
            match &*self.key() {
                "[" => {
                    found = self.range(&found)?;
                    moved = (false, false);
                }
                "offset" => {
                    self.selector(&found, moved.0)?;
                    let _ = self.take("-");
                    self.duration()?;
                    (moved.0, found.plain) = (true, false);
                }
                "@" => {
                    self.selector(&found, moved.1)?;
                    self.moment()?;
                    (moved.1, found.plain) = (true, false);
                }
                _ => return Ok(found),
            }
        }
    }

    fn selector(&mut self, found: &Found, twice: bool) -> Result<(), Why> {
        if !found.selector || twice {
            return Err(self.expected("an operator"));
        }
        self.at += 1;
        Ok(())
    }

    fn moment(&mut self) -> Result<(), Why> {
        if matches!(&*self.key(), "start" | "end") {
            self.at += 1;
            self.need("(")?;
            return self.need(")");
        }
        let _ = self.take("-") || self.take("+");
        match self.word() {
            Some(Word::Number) => {
                self.at += 1;
                Ok(())
            }
            _ => Err(self.expected("a point in time")),
        }
    }

    fn duration(&mut self) -> Result<(), Why> {
        match self.word() {
            Some(Word::Duration) => {
                self.at += 1;
                Ok(())
            }
            _ => Err(self.expected("a duration such as `5m`")),
        }
    }

    /// `[5m]` makes a range of series, `[1h:5m]` one of anything.
    fn range(&mut self, found: &Found) -> Result<Found, Why> {
        let from = self.at;
        self.at += 1;
        self.duration()?;
        let sub = self.take(":");
        if sub && self.word() == Some(&Word::Duration) {
            self.at += 1;
        }
        self.need("]")?;
        let fits = if sub { found.kind == Kind::Vector } else { found.plain };
        if !fits {
            self.at = from;
            return Err(self.expected("an operator").help(match sub {
                true => "a range of steps goes with series",
                false => "a range goes with a metric as it stands, `errors_total[5m]`; for anything else write `[5m:]`",
            }));
        }
        Ok(Found { kind: Kind::Matrix, selector: true, plain: false })
    }

    fn value(&mut self) -> Result<Found, Why> {
        let Some(word) = self.word() else { return Err(self.expected("a value")) };
        match *word {
            Word::Number => {
                self.at += 1;
                Ok(Found::of(Kind::Scalar))
            }
            Word::Text(_) => {
                self.at += 1;
                Ok(Found::of(Kind::Text))
            }
            Word::Sign("(") => {
                self.at += 1;
                let found = self.expression(0)?;
                self.need(")")?;
                Ok(Found::of(found.kind))
            }
            Word::Sign("{") => {
                self.matchers(false)?;
                Ok(Found { kind: Kind::Vector, selector: true, plain: true })
            }
            Word::Name(name) => self.named(name),
            Word::Duration => Err(self
                .expected("a value")
                .help("write a duration as its seconds, or behind a metric in brackets")),
            Word::Sign(_) => Err(self.expected("a value")),
        }
    }

    fn named(&mut self, name: &'a str) -> Result<Found, Why> {
        let next = self.words.get(self.at + 1).map(|(word, _)| word);
        let key = name.to_ascii_lowercase();
        let opens = next == Some(&Word::Sign("("));
        let grouped = matches!(next, Some(Word::Name(word)) if matches!(&*word.to_ascii_lowercase(), "by" | "without"));
        if functions::AGGREGATES.contains(&&*key) && (opens || grouped) {
            return self.aggregate(&key);
        }
        if opens {
            let Some(function) = function(name) else {
                let near = super::distance::nearest(name, functions::names());
                let why = self.expected("a function of Prometheus");
                return Err(match near.first() {
                    Some(near) => why.help(format!("did you mean `{near}`?")),
                    None => why,
                });
            };
            self.at += 1;
            return self.call(name, function);
        }
        if strength(&key).is_some() || functions::RESERVED.contains(&&*key) {
            return Err(self.expected("a value"));
        }
        self.at += 1;
        if next == Some(&Word::Sign("{")) {
            self.matchers(true)?;
        }
        Ok(Found { kind: Kind::Vector, selector: true, plain: true })
    }

    /// `{label="text", ...}`; at least one of them must rule something out.
    fn matchers(&mut self, named: bool) -> Result<(), Why> {
        self.need("{")?;
        let mut narrows = named;
        while !self.take("}") {
            let name = match self.word() {
                Some(&Word::Name(name)) if !name.contains(':') => name,
                _ => return Err(self.expected("the name of a label")),
            };
            if named && name == "__name__" {
                return Err(self.expected("a label").help("the metric is named twice"));
            }
            self.at += 1;
            let sign = self.key();
            if !matches!(&*sign, "=" | "!=" | "=~" | "!~") {
                return Err(self.expected("`=`, `!=`, `=~` or `!~`"));
            }
            self.at += 1;
            let Some(Word::Text(text)) = self.word() else {
                return Err(self.expected("a text in quotes"));
            };
            let empty = match &*sign {
                "=" | "!=" => text.is_empty(),
                _ => regular(text)?.matches(""),
            };
            narrows |= empty == sign.starts_with('!');
            self.at += 1;
            if !self.take(",") {
                self.need("}")?;
                break;
            }
        }
        match narrows {
            true => Ok(()),
            false => Err(Why::new("expected a metric, or a label that is not empty").help(
                "a selector of everything is refused by Prometheus; name a metric before it",
            )),
        }
    }

    fn aggregate(&mut self, key: &str) -> Result<Found, Why> {
        self.at += 1;
        let grouped = self.grouping()?;
        self.need("(")?;
        let first = match key {
            "topk" | "bottomk" | "quantile" => Some(Kind::Scalar),
            "count_values" => Some(Kind::Text),
            _ => None,
        };
        if let Some(kind) = first {
            let found = self.expression(0)?;
            fits(key, kind, found.kind)?;
            self.need(",")?;
        }
        let found = self.expression(0)?;
        fits(key, Kind::Vector, found.kind)?;
        let _ = self.take(",");
        self.need(")")?;
        if !grouped {
            self.grouping()?;
        }
        Ok(Found::of(Kind::Vector))
    }

    fn grouping(&mut self) -> Result<bool, Why> {
        let there = matches!(&*self.key(), "by" | "without");
        if there {
            self.at += 1;
            self.labels()?;
        }
        Ok(there)
    }

    fn call(&mut self, name: &str, function: &Function) -> Result<Found, Why> {
        self.need("(")?;
        let mut count = 0;
        while !self.take(")") {
            let found = self.expression(0)?;
            let Some(kind) = function.argument(count) else {
                return Err(Why::new(format!(
                    "expected {} for `{name}`, found more",
                    functions::counted(function.most())
                )));
            };
            fits(name, kind, found.kind)?;
            count += 1;
            if !self.take(",") {
                self.need(")")?;
                break;
            }
        }
        if count < function.least {
            return Err(Why::new(format!(
                "expected {} for `{name}`, found {count}",
                functions::counted(function.least)
            )));
        }
        Ok(Found::of(function.gives))
    }
}

fn fits(name: &str, wanted: Kind, found: Kind) -> Result<(), Why> {
    if wanted == found {
        return Ok(());
    }
    let why = Why::new(format!("expected {} for `{name}`, found {}", wanted.noun(), found.noun()));
    Err(match (wanted, found) {
        (Kind::Matrix, Kind::Vector) => why.help("say how far it looks back, such as `[5m]`"),
        _ => why,
    })
}

/// What an operator of two sides gives.
fn pair(
    left: Kind,
    right: Kind,
    sign: &str,
    own: u8,
    boolean: bool,
    matched: bool,
) -> Result<Kind, Why> {
    use Kind::{Scalar, Vector};
    for side in [left, right] {
        if !matches!(side, Scalar | Vector) {
            return Err(Why::new(format!(
                "expected a number or series beside `{sign}`, found {}",
                side.noun()
            )));
        }
    }
    let both = (left, right) == (Vector, Vector);
    if own <= 2 && !both {
        return Err(Why::new(format!("expected series on both sides of `{sign}`, found a number")));
    }
    if matched && !both {
        return Err(Why::new(
            "expected series on both sides of `on` and `ignoring`, found a number",
        ));
    }
    if own == 3 && (left, right) == (Scalar, Scalar) && !boolean {
        return Err(Why::new(format!("expected `{sign} bool` between two numbers"))
            .help("a comparison of two numbers is 1 or 0: write `bool` behind the operator"));
    }
    Ok(if (left, right) == (Scalar, Scalar) { Scalar } else { Vector })
}

/// Prometheus has the expressions of RE2, which say less than ours in one respect: nothing is repeated twice.
fn regular(text: &str) -> Result<Pattern, Why> {
    let (mut chars, mut class, mut repeated) = (text.chars().peekable(), false, false);
    while let Some(c) = chars.next() {
        let repeats = !class && matches!(c, '*' | '+' | '?' | '{');
        if repeats && repeated {
            return Err(Why::new(format!(
                "expected one repetition after another text, found two in {}",
                shown(text)
            )));
        }
        match c {
            '\\' => drop(chars.next()),
            '[' => class = true,
            ']' => class = false,
            '{' if repeats => while chars.next_if(|c| *c != '}').is_some() {},
            _ => {}
        }
        if repeats {
            if c == '{' {
                chars.next();
            }
            chars.next_if_eq(&'?');
        }
        repeated = repeats;
    }
    Pattern::new(text)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{accepts, refuses};
    use super::*;

    #[test]
    fn conditions_of_every_kind() {
        accepts(
            promql,
            &[
                "up == 0",
                "disk_free < 0.1",
                "1",
                "vector(1)",
                "latency > 1",
                "rate(errors_total{job=\"web\", code=~\"5..\"}[5m]) > 1",
                "sum(up) by (x)",
                "sum by (instance,) (rate(x[1h30m])) / on (instance) group_left (a) y > bool 1",
                "avg_over_time(up[1d:5m] offset -1h @ end()) < 1",
                "up offset 5m @ 1600000000",
                "topk(3, a) and b unless c or d",
                "-a ^ 2 ^ -b atan2 3",
                "{job=~\".+\"} # a note",
                "{__name__='up', a!=''}",
                "label_join(up, \"a\", \",\", `b`, 'c') == 1",
                "histogram_quantile(0.9, sum by (le) (rate(a_bucket[5m]))) > 0x1F",
                "absent(a:b:c) == .5e-3 + Inf",
                "day_of_week() == 0 or hour(up) > 3",
                "quantile_over_time(0.5, up[5m]) and ON() vector(1)",
                "count(sum) > 1",
            ],
        );
    }

    #[test]
    fn what_is_no_condition() {
        refuses(
            promql,
            &[
                ("", "expected a condition, found nothing", None),
                ("up ==", "expected a value, found the end", None),
                ("up 5", "expected an operator, or nothing more, found `5`", None),
                ("up[5m]", "expected a condition, found series over a range of time", None),
                ("'a'", "expected a condition, found a text", None),
                ("rat(a[5m])", "expected a function of Prometheus, found `rat(a[5m])`", None),
                ("rate(a)", "expected series over a range of time for `rate`, found series", None),
                ("1 > 2", "expected `> bool` between two numbers", None),
                ("1 and up", "expected series on both sides of `and`, found a number", None),
                ("{a=\"\"}", "expected a metric, or a label that is not empty", None),
                ("{job=~\".*\"}", "expected a metric, or a label that is not empty", None),
                ("time(1)", "expected no argument for `time`, found more", None),
                ("round()", "expected one argument for `round`, found 0", None),
                ("(up)[5m]", "expected an operator, found `[5m]`", None),
                ("up[5m", "expected `]`, found the end", None),
                ("up offset 1m offset 1m", "expected an operator, found `offset 1m`", None),
                ("sum(1)", "expected series for `sum`, found a number", None),
            ],
        );
    }

    #[test]
    fn nesting_ends() {
        let deep = format!("{}1{}", "(".repeat(100_000), ")".repeat(100_000));
        let why = promql(&deep).unwrap_err();
        assert_eq!(why.message, "expected at most 64 expressions inside each other");
        assert!(promql(&"-".repeat(100_000)).is_err());
        assert_eq!(promql(&format!("up{}", " + 1".repeat(10_000))), Ok(()));
    }
}
