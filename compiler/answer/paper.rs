//! An explanation written down: for people, what holds on top, one definition a line with its place,
//! and for programs as JSON.

use super::chain::{
    Answer, Chain, Element, Line, Mention, Overview, Said, Verdict, one_line, short,
};
use super::value;
use crate::diag::human::Look;
use crate::diag::ink::{BOLD, COME, FAINT, GONE, Ink, PLAIN};
use crate::diag::text::{columns, padded};
use crate::model::Model;
use crate::model::value::Value;
use crate::source::{Sources, Span};
use serde_json::{Value as Json, json};

pub fn text(answers: &[Answer], model: &Model, sources: &Sources, look: &Look) -> String {
    let mut paper = Paper { model, sources, ink: Ink::new(look.colour), width: look.width };
    for (at, answer) in answers.iter().enumerate() {
        if at > 0 {
            paper.ink.line(PLAIN, "");
        }
        match answer {
            Answer::Value(chain) => paper.chain(chain),
            Answer::Thing(overview) => paper.overview(overview),
        }
    }
    paper.ink.out
}

/// A column is never made narrower.
const NARROW: usize = 20;

struct Paper<'a> {
    model: &'a Model,
    sources: &'a Sources,
    ink: Ink,
    width: usize,
}

impl Paper<'_> {
    fn chain(&mut self, chain: &Chain) {
        self.ink.paint(BOLD, &chain.path);
        let said = value::spell(&chain.value, self.model);
        // A long collection stands below, part by part.
        match chain.elements.len() {
            _ if chain.ty == "layer" => self.ink.line(PLAIN, ""),
            parts if parts > 1 && said.chars().count() > 80 => {
                self.ink.line(PLAIN, &format!(" has {parts} parts"));
            }
            _ => self.ink.line(PLAIN, &format!(" = {said}")),
        }
        let mut facts = vec![chain.ty.clone()];
        if !chain.nodes.is_empty() {
            facts.push(format!("on {}", chain.nodes.join(", ")));
        }
        self.ink.line(FAINT, &format!("  {}", facts.join("; ")));
        if !chain.lines.is_empty() {
            self.ink.line(PLAIN, "");
            self.lines(&chain.lines, "  ");
        } else if chain.elements.is_empty() {
            self.ink.line(PLAIN, "");
            self.ink.line(
                PLAIN,
                match chain.value.is_none() {
                    true => "  nothing is said of it, and its kind has no default",
                    false => "  nothing is said of it: what its kind says holds",
                },
            );
        }
        if !chain.elements.is_empty() {
            self.ink.line(PLAIN, "");
            self.elements(&chain.elements);
        }
    }

    fn lines(&mut self, lines: &[Line], margin: &str) {
        let places: Vec<String> = lines.iter().map(|l| self.place(l.span)).collect();
        let verdicts = widest(lines.iter().map(|l| l.verdict.word()));
        let layers = widest(lines.iter().map(|l| l.layer.as_str()));
        let width = widest(places.iter().map(String::as_str));
        let inner = format!("{margin}{:verdicts$}  ", "");
        for (line, place) in lines.iter().zip(&places) {
            let colour = match line.verdict {
                Verdict::Lost | Verdict::Removes | Verdict::Unsets | Verdict::Conflicts => GONE,
                _ => COME,
            };
            self.ink.paint(PLAIN, margin);
            self.ink.paint(colour, &format!("{:verdicts$}", line.verdict.word()));
            self.ink.paint(PLAIN, &format!("  {:layers$}  ", line.layer));
            self.ink.paint(FAINT, &format!("{place:width$}"));
            self.ink.line(PLAIN, &format!("  {}", line.written));
            self.below(line, &inner);
        }
    }

    /// What belongs under a definition.
    fn below(&mut self, line: &Line, margin: &str) {
        if let Some(value) = &line.value {
            let said = short(value, self.model);
            let obvious = match line.mentions.as_slice() {
                [] => matches!(value, Value::List(_) | Value::Map(_)),
                [one] => one.value == *value,
                _ => false,
            };
            // What a choice came to is said by the nodes.
            let choice = matches!(value, Value::Placement(_));
            if !line.written.contains(&said)
                && !obvious
                && !choice
                && !line.written.ends_with("...")
            {
                self.ink.line(PLAIN, &format!("{margin}which is {said}"));
            }
        }
        for mention in &line.mentions {
            self.mention(mention, margin);
        }
        if let Some(used_at) = line.used_at {
            let place = self.place(used_at);
            self.ink.line(PLAIN, &format!("{margin}used at {place}"));
        }
        if let Some(why) = &line.why {
            self.ink.line(PLAIN, &format!("{margin}{why}"));
        }
    }

    fn mention(&mut self, mention: &Mention, margin: &str) {
        let said = short(&mention.value, self.model);
        self.ink.paint(PLAIN, margin);
        if said == mention.text {
            self.ink.paint(PLAIN, &said);
        } else {
            self.ink.paint(PLAIN, &format!("{} is {said}", mention.text));
        }
        if let Some(span) = mention.defined {
            let place = self.place(span);
            self.ink.paint(FAINT, &format!("  {place}"));
        }
        self.ink.line(PLAIN, "");
    }

    fn elements(&mut self, elements: &[Element]) {
        let texts: Vec<String> = elements
            .iter()
            .map(|e| {
                let said = value::spell(&e.value, self.model);
                cut(&e.key.as_ref().map_or(said.clone(), |key| format!("{key} = {said}")))
            })
            .collect();
        let spans: Vec<Option<Span>> = elements.iter().map(|e| e.span).collect();
        let rows = texts.iter().zip(elements).map(|(text, e)| (text.as_str(), e.layer.as_str()));
        let table = self.table(&rows.collect::<Vec<_>>(), &spans);
        for (element, row) in elements.iter().zip(table) {
            self.row(&row, element.span);
            self.lines(&element.lines, "      ");
        }
    }

    /// What is said and by which layer, in columns that leave room for the places: those are what leads on.
    fn table(&self, rows: &[(&str, &str)], spans: &[Option<Span>]) -> Vec<String> {
        let places: Vec<String> = spans.iter().flatten().map(|span| self.place(*span)).collect();
        let margins = 3 * "  ".len();
        let room = self.width.saturating_sub(widest(places.iter().map(String::as_str)) + margins);
        let layers = widest(rows.iter().map(|(_, layer)| *layer));
        let texts = widest(rows.iter().map(|(text, _)| *text));
        let layers = layers.min(room.saturating_sub(texts).max(NARROW));
        let texts = texts.min(room.saturating_sub(layers).max(NARROW));
        let row = |(text, layer): &(&str, &str)| {
            let (text, layer) = (one_line(text, texts), one_line(layer, layers));
            format!("  {}  {}", padded(&text, texts), padded(&layer, layers))
        };
        rows.iter().map(row).collect()
    }

    fn row(&mut self, said: &str, span: Option<Span>) {
        self.ink.paint(PLAIN, said);
        if let Some(span) = span {
            let place = self.place(span);
            self.ink.paint(FAINT, &format!("  {place}"));
        }
        self.ink.line(PLAIN, "");
    }

    fn overview(&mut self, thing: &Overview) {
        self.ink.paint(PLAIN, &format!("{} ", thing.kind));
        // The cluster is asked for by its kind.
        let name = match self.model.cluster {
            Some(cluster) if thing.path == thing.kind => self.model.label(cluster),
            _ => &thing.path,
        };
        self.ink.paint(BOLD, name);
        let place = self.place(thing.declared);
        self.ink.line(FAINT, &format!("  {place}"));
        if !thing.nodes.is_empty() {
            self.ink.line(FAINT, &format!("  on {}", thing.nodes.join(", ")));
        }
        if thing.fields.is_empty() {
            self.ink.line(PLAIN, "  nothing is said of it: what its kind says holds");
            return;
        }
        self.ink.line(PLAIN, "");
        let texts: Vec<String> = thing
            .fields
            .iter()
            .map(|said| cut(&format!("{} = {}", said.field, value::spell(&said.value, self.model))))
            .collect();
        let spans: Vec<Option<Span>> = thing.fields.iter().map(|said| said.span).collect();
        let rows =
            texts.iter().zip(&thing.fields).map(|(text, s)| (text.as_str(), s.layer.as_str()));
        let table = self.table(&rows.collect::<Vec<_>>(), &spans);
        for (said, row) in thing.fields.iter().zip(table) {
            self.row(&row, said.span);
        }
    }

    /// `services/gitea.colab:12:5`
    fn place(&self, span: Span) -> String {
        place(self.sources, span)
    }
}

/// What a column of a table holds.
fn cut(text: &str) -> String {
    one_line(text, 60)
}

pub(super) fn place(sources: &Sources, span: Span) -> String {
    let file = sources.file(span.file);
    let at = file.position(span.start);
    format!("{}:{}:{}", sources.shown(span.file), at.line, at.column)
}

fn widest<'a>(texts: impl Iterator<Item = &'a str>) -> usize {
    texts.map(columns).max().unwrap_or(0)
}

pub fn json(answers: &[Answer], model: &Model, sources: &Sources) -> String {
    let answers: Vec<Json> =
        answers.iter().map(|answer| json_answer(answer, model, sources)).collect();
    let whole = json!({ "format": 1, "answers": answers });
    let mut text = serde_json::to_string_pretty(&whole).expect("every key is a string");
    text.push('\n');
    text
}

pub(super) fn json_answer(answer: &Answer, model: &Model, sources: &Sources) -> Json {
    let writer = Writer { model, sources };
    match answer {
        Answer::Value(chain) => writer.chain(chain),
        Answer::Thing(overview) => writer.overview(overview),
    }
}

pub(super) fn json_place(sources: &Sources, span: Span) -> Json {
    let file = sources.file(span.file);
    let at = file.position(span.start);
    json!({ "file": sources.shown(span.file), "line": at.line, "column": at.column })
}

struct Writer<'a> {
    model: &'a Model,
    sources: &'a Sources,
}

impl Writer<'_> {
    fn chain(&self, chain: &Chain) -> Json {
        json!({
            "path": chain.path,
            "nodes": chain.nodes,
            "type": chain.ty,
            "value": self.value(&chain.value),
            "definitions": chain.lines.iter().map(|line| self.line(line)).collect::<Vec<_>>(),
            "elements": chain.elements.iter().map(|e| self.element(e)).collect::<Vec<_>>(),
        })
    }

    fn line(&self, line: &Line) -> Json {
        json!({
            "verdict": line.verdict.word(),
            "layer": line.layer,
            "place": self.place(line.span),
            "written": line.written,
            "value": line.value.as_ref().map(|value| self.value(value)),
            "why": line.why,
            "used_at": line.used_at.map(|span| self.place(span)),
            "references": line.mentions.iter().map(|m| self.mention(m)).collect::<Vec<_>>(),
        })
    }

    fn mention(&self, mention: &Mention) -> Json {
        json!({
            "text": mention.text,
            "value": self.value(&mention.value),
            "place": mention.defined.map(|span| self.place(span)),
        })
    }

    fn element(&self, element: &Element) -> Json {
        json!({
            "key": element.key,
            "value": self.value(&element.value),
            "layer": element.layer,
            "place": element.span.map(|span| self.place(span)),
            "definitions": element.lines.iter().map(|line| self.line(line)).collect::<Vec<_>>(),
        })
    }

    fn overview(&self, thing: &Overview) -> Json {
        let field = |said: &Said| {
            json!({
                "field": said.field,
                "value": self.value(&said.value),
                "layer": said.layer,
                "place": said.span.map(|span| self.place(span)),
            })
        };
        json!({
            "path": thing.path,
            "kind": thing.kind,
            "nodes": thing.nodes,
            "place": self.place(thing.declared),
            "fields": thing.fields.iter().map(field).collect::<Vec<_>>(),
        })
    }

    fn value(&self, value: &Value) -> Json {
        value::json(value, self.model)
    }

    fn place(&self, span: Span) -> Json {
        json_place(self.sources, span)
    }
}
