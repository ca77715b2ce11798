//! Blocks of YAML: where one ends, and the same said in the language where that is plain.

use super::{Line, Pasted, brackets};
use crate::diag::Diagnostic;
use crate::source::Span;
use crate::syntax::faults;
use std::ops::RangeInclusive;

/// What a line of YAML says.
enum Shape<'a> {
    /// `key: value`, or `key:` with an empty one.
    Entry(&'a str, &'a str),
    /// `- value`
    Item(&'a str),
    /// `---`, `# comment`
    Other,
}

impl Pasted<'_> {
    /// `env:` and the lines further in, and what stands beside it in the same way.
    pub(super) fn yaml(&self, first: usize) -> Option<(RangeInclusive<usize>, Diagnostic)> {
        let base = self.lines[first].indent;
        let (indent, until) = self.known.yaml.get();
        if indent == base && first < until {
            return None;
        }
        let found = self.block_of_yaml(first, base);
        if found.is_none() {
            let end = |at: &usize| {
                let line = &self.lines[*at];
                let inside = super::is_pair(line.text) && line.indent > base;
                !(line.text.is_empty() || inside || opens_text(line.text))
                    && shape(line.text).is_none()
            };
            let until = (first + 1..self.lines.len()).find(end).unwrap_or(self.lines.len());
            self.known.yaml.set((base, until));
        }
        found
    }

    fn block_of_yaml(
        &self,
        first: usize,
        base: usize,
    ) -> Option<(RangeInclusive<usize>, Diagnostic)> {
        let mut last = first;
        let mut nested = false;
        // The lines further in than this are a text.
        let mut text: Option<usize> = None;
        for (at, line) in self.lines.iter().enumerate().skip(first) {
            if line.text.is_empty() {
                continue;
            }
            if line.indent < base {
                break;
            }
            if text.is_some_and(|indent| line.indent > indent) {
                (last, nested) = (at, true);
                continue;
            }
            text = None;
            if opens_text(line.text) {
                text = Some(line.indent);
                last = at;
                continue;
            }
            match shape(line.text) {
                Some(Shape::Entry(..)) => {}
                Some(Shape::Item(_) | Shape::Other) => {}
                // Entries of the language, under a `key:` instead of in its braces.
                None if line.indent > base && super::is_pair(line.text) => {}
                None if line.indent > base => return None,
                None => break,
            }
            if line.indent == base && matches!(shape(line.text), Some(Shape::Other)) {
                continue; // a part only where more follows
            }
            nested |= line.indent > base;
            last = at;
        }
        let begins =
            matches!(shape(self.lines[first].text), Some(Shape::Entry(..) | Shape::Item(_)));
        if !nested || !(begins || opens_text(self.lines[first].text)) {
            return None;
        }
        // `tags:` with lines of `-` alone: the parser says more of it.
        let lines = first..=last;
        let items = self.lines[first + 1..=last]
            .iter()
            .all(|line| matches!(shape(line.text), Some(Shape::Item(_))));
        if items && matches!(shape(self.lines[first].text), Some(Shape::Entry(_, ""))) {
            return None;
        }
        let mut fault = match opens_text(self.lines[first].text) {
            true => faults::text_of_lines(self.span(first), &self.rest(&lines)),
            false => {
                let shown = (base == 0).then(|| shown(&self.lines[first..=last]));
                faults::yaml(self.span(first), &self.rest(&lines), shown.as_deref())
            }
        };
        let written = match base {
            0 => declarations(&self.lines[first..=last]),
            _ => block(&self.lines[first..=last], base),
        };
        if let Some(written) = written {
            let whole = Span { end: self.span(last).end, ..self.span(first) };
            fault = fault.suggest("write it with braces", whole, written.trim_start().to_owned());
        }
        Some((lines, fault.or_help("write blocks in braces, and each value after its `=`")))
    }
}

/// `key: |`, `key = >-`: the lines below are a text.
fn opens_text(line: &str) -> bool {
    let value = line.rsplit([' ', '\t']).next().unwrap_or(line);
    let sign = line[..line.len() - value.len()].trim_end().ends_with([':', '=']);
    sign && matches!(value, "|" | "|-" | "|+" | ">" | ">-" | ">+")
}

fn shape(line: &str) -> Option<Shape<'_>> {
    if line.starts_with('#') || matches!(line, "---" | "...") {
        return Some(Shape::Other);
    }
    if let Some(item) = line.strip_prefix('-') {
        return (item.is_empty() || item.starts_with(' ')).then(|| Shape::Item(item.trim()));
    }
    let (key, value) = entry(line)?;
    (brackets(value) == 0).then_some(Shape::Entry(key, value))
}

fn entry(line: &str) -> Option<(&str, &str)> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | '$');
    let end = match line.chars().next()? {
        quote @ ('"' | '\'') => line[1..].find(quote)? + 2,
        // `node attic:` as well, as Python begins a block.
        _ => line.find(|c| !(plain(c) || c == ' '))?,
    };
    let (key, rest) = line.split_at(end);
    let value = rest.strip_prefix(':')?;
    let apart = value.is_empty() || value.starts_with([' ', '\t']);
    (apart && !key.is_empty()).then(|| (key, value.trim()))
}

/// What the first declaration of a passage at the top of a file is in the language.
fn shown(lines: &[Line]) -> String {
    let lines: Vec<&Line> = lines.iter().filter(|line| !line.text.is_empty()).collect();
    let declared = lines.windows(2).find_map(|pair| {
        let Some(Shape::Entry(key, "")) = shape(pair[0].text) else { return None };
        let kind = faults::declared(key).filter(|_| pair[0].indent == 0)?;
        let label = match shape(pair[1].text)? {
            Shape::Entry(label, "") => label,
            Shape::Item(item) => entry(item).filter(|(key, _)| *key == "name")?.1,
            _ => return None,
        };
        Some(format!("`{kind} {} {{ ... }}`", word(label)))
    });
    declared.unwrap_or_else(|| "`service web { ... }`, `node attic { ... }`".to_owned())
}

/// A passage at the top of a file in the language: what stands below `services:` is a declaration each.
fn declarations(lines: &[Line]) -> Option<String> {
    let mut out = String::new();
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        at += 1;
        if matches!(line.text, "" | "---" | "...") {
            continue;
        }
        if let Some(remark) = line.text.strip_prefix('#') {
            out.push_str(&format!("\n//{remark}"));
            continue;
        }
        let Some(Shape::Entry(key, value)) = shape(line.text) else { return None };
        // Of no declaration: it stays as a note.
        if !value.is_empty() && line.indent == 0 {
            out.push_str(&format!("\n// {}", line.text));
            continue;
        }
        let inside = &lines[at..at + inside(&lines[at..], line.indent)];
        at += inside.len();
        if line.indent == 0 && key.contains(' ') {
            out.push_str(&declaration(key, inside, false)?);
        } else {
            out.push_str(&each(faults::declared(key).filter(|own| *own != key)?, inside)?);
        }
    }
    Some(out)
}

/// What lies below `services:`.
fn each(kind: &str, lines: &[Line]) -> Option<String> {
    let mut out = String::new();
    let indent = lines.iter().find(|line| !line.text.is_empty())?.indent;
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        at += 1;
        if line.text.is_empty() {
            continue;
        }
        let Some(Shape::Entry(label, "")) = shape(line.text) else { return None };
        let inside = &lines[at..at + inside(&lines[at..], indent)];
        at += inside.len();
        let of_program = |line: &Line| matches!(entry(line.text), Some(("image" | "build", _)));
        let program = kind == "service" && inside.iter().any(of_program);
        out.push_str(&declaration(&format!("{kind} {}", word(label)), inside, program)?);
    }
    Some(out)
}

fn declaration(head: &str, lines: &[Line], program: bool) -> Option<String> {
    let from = lines.iter().find(|line| !line.text.is_empty())?.indent;
    let body = block(lines, from)?;
    let (open, to, close) = match program {
        true => ("\n  container app {", "    ", "\n  }"),
        false => ("", "  ", ""),
    };
    let rows = body.lines().filter(|row| !row.is_empty());
    let body: String = rows.map(|row| format!("\n{to}{}", &row[from..])).collect();
    Some(format!("\n{head} {{{open}{body}{close}\n}}"))
}

/// How many lines are further in, or the items of a list that stands as far in.
fn inside(lines: &[Line], indent: usize) -> usize {
    let is_inside =
        |line: &&Line| line.text.is_empty() || line.indent > indent || is_item(line, indent);
    lines.iter().take_while(is_inside).count()
}

/// The same in the language; nothing where a line has no plain counterpart.
fn block(lines: &[Line], indent: usize) -> Option<String> {
    let mut out = String::new();
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        at += 1;
        if line.text.is_empty() {
            continue;
        }
        if line.indent != indent {
            return None;
        }
        out.push('\n');
        out.push_str(&" ".repeat(indent));
        let (key, value) = match shape(line.text) {
            Some(Shape::Entry(key, value)) => (word(key), value),
            None if super::is_pair(line.text) => {
                out.push_str(line.text);
                continue;
            }
            _ => return None,
        };
        if !value.is_empty() {
            out.push_str(&format!("{key} = {}", scalar(value)?));
            continue;
        }
        let inside = &lines[at..at + inside(&lines[at..], indent)];
        at += inside.len();
        let items =
            inside.iter().filter(|line| !line.text.is_empty()).map(|line| match shape(line.text) {
                Some(Shape::Item(item)) if entry(item).is_none() => scalar(item),
                _ => None,
            });
        match inside.iter().find(|line| !line.text.is_empty()) {
            Some(first) if matches!(shape(first.text), Some(Shape::Item(_))) => {
                let items = items.collect::<Option<Vec<_>>>()?;
                out.push_str(&format!("{key} = [{}]", items.join(", ")));
            }
            Some(first) => {
                out.push_str(&format!(
                    "{key} {{{}\n{}}}",
                    block(inside, first.indent)?,
                    " ".repeat(indent)
                ));
            }
            None => return None,
        }
    }
    Some(out)
}

fn is_item(line: &Line, indent: usize) -> bool {
    line.indent == indent && matches!(shape(line.text), Some(Shape::Item(_)))
}

/// A key is a word or stands in double quotes.
fn word(key: &str) -> String {
    let bare = key.trim_matches(['"', '\'']);
    if key.contains(' ') && bare == key {
        return key.to_owned();
    }
    let is_word = bare.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && bare.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    if is_word { bare.to_owned() } else { format!("\"{bare}\"") }
}

/// A value as the language writes it: numbers, calls and quoted text as they are, other text in quotes.
fn scalar(value: &str) -> Option<String> {
    let value = match value.split_once(" #") {
        Some((value, _)) => value.trim_end(),
        None => value,
    };
    let quoted = |quote: char| {
        value.len() > 1
            && value.starts_with(quote)
            && value.ends_with(quote)
            && value.matches(quote).count() == 2
    };
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let called = value.split_once('(').is_some_and(|(name, rest)| {
        name.starts_with(|c: char| c.is_ascii_lowercase())
            && name.chars().all(is_word)
            && rest.ends_with(')')
    });
    let number =
        value.chars().all(|c| c.is_ascii_digit()) && (value == "0" || !value.starts_with('0'));
    if quoted('"') || called || number || matches!(value, "true" | "false") {
        return Some(value.to_owned());
    }
    if let Some(items) = value.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        let items = items.split(',').map(str::trim).filter(|item| !item.is_empty());
        let items = items.map(|item| scalar(item).filter(|_| !item.contains('[')));
        return Some(format!("[{}]", items.collect::<Option<Vec<_>>>()?.join(", ")));
    }
    if quoted('\'') {
        return Some(format!("\"{}\"", value.trim_matches('\'')).replace('\\', "\\\\"));
    }
    let plain = !value.is_empty()
        && !value.contains(['"', '\'', '\\', '{', '[', '|', '>', '&', '*', '$'])
        && !value.contains(": ");
    plain.then(|| format!("\"{value}\""))
}
