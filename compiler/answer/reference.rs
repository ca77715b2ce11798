//! The pages of reference, made from what the library and the language declare: every kind, type,
//! template, function and property, in the order and the words of their sources.

use crate::Compilation;
use crate::formats::Written;
use crate::formats::markdown::{self, Block, Inline, Item, Row, What};
use crate::origin::Origin;
use crate::resolve::functions::{FUNCTIONS, Function};
use crate::resolve::notes;
use crate::resolve::properties::{On, PROPERTIES};
use crate::source::{Place, Span};
use crate::syntax::tree::{FieldDecl, Ident, Param, Run, StmtKind, Tree, TypeId, TypeKind};
use crate::types::texts::TEXTS;
use std::borrow::Cow;

/// A page and its name.
pub struct Page {
    pub name: String,
    pub written: Written,
}

/// Every page, from any compilation: the library is in each.
pub fn pages(c: &Compilation) -> Vec<Page> {
    let mut pages = Vec::new();
    let mut contents = Vec::new();
    for tree in &c.trees {
        let source = c.sources.file(tree.file);
        if source.place != Place::Library {
            continue;
        }
        let path = source.name.trim_start_matches("std/").trim_end_matches(".colab");
        let name = format!("{}.md", path.replace('/', "-"));
        let library = Library { c, tree };
        let (title, blocks) = library.page(path);
        contents.push((name.clone(), title, library.declared()));
        pages.push(Page { name, written: markdown::write(&blocks) });
    }
    for (name, title, what, blocks) in [
        ("functions.md", "Functions", "what may be called in an expression", functions()),
        ("properties.md", "Properties", "what may follow a dot", properties(c)),
        ("texts.md", "Texts", "the types of texts, and what each takes", texts()),
    ] {
        contents.push((name.into(), title.into(), what.into()));
        pages.push(Page { name: name.into(), written: markdown::write(&blocks) });
    }
    contents.push(("cli.md".into(), "Commands".into(), "every command of `colabc`".into()));
    pages.push(Page { name: "README.md".into(), written: markdown::write(&index(&contents)) });
    pages
}

fn index(contents: &[(String, String, String)]) -> Vec<Block<'static>> {
    let items = contents.iter().map(|(name, title, what)| {
        let link = Inline::Link { text: title.clone().into(), url: name.clone().into() };
        let mut text = vec![link, Inline::Text(": ".into())];
        text.extend(prose(what));
        Item { text, children: Vec::new(), origin: Origin::NONE }
    });
    let legend = [
        ("T?", "may be left out"),
        ("fact<T>", "a T on which placement may depend"),
        ("named<K>", "things with a label inside: `port web = 3300 -> 3000`"),
        ("layer<K>", "a block without a label that holds for every K in reach"),
        (
            "list<T>, set<T>, map<K, V>",
            "a list is replaced whole; a set and a map merge, by `+=` too",
        ),
        ("enum { a, b(p: T) }", "one of these words, some with parameters"),
        ("a kind's name", "a reference to a thing of that kind"),
    ];
    let legend = legend.into_iter().map(|(word, what)| {
        let mut text = vec![Inline::Code(word.into()), Inline::Text(": ".into())];
        text.extend(prose(what));
        Item { text, children: Vec::new(), origin: Origin::NONE }
    });
    vec![
        heading(1, vec!["Reference".into()]),
        paragraph(prose("Made from `stdlib/` and the compiler itself, so it is as they are.")),
        block(What::List(items.collect())),
        heading(2, vec!["How types are written".into()]),
        block(What::List(legend.collect())),
    ]
}

/// One file of the library.
struct Library<'a> {
    c: &'a Compilation,
    tree: &'a Tree,
}

impl Library<'_> {
    fn page(&self, path: &str) -> (String, Vec<Block<'static>>) {
        let title = match path.strip_prefix("templates/") {
            Some(name) => format!("Template {name}"),
            None => {
                let mut letters = path.chars();
                let first = letters.next().map(|it| it.to_ascii_uppercase());
                first.into_iter().chain(letters).collect()
            }
        };
        let mut blocks = vec![heading(1, vec![Inline::Text(title.clone().into())])];
        let intro = self.intro();
        if !intro.is_empty() {
            blocks.push(paragraph(prose(&intro)));
        }
        for &at in self.tree.stmts_of(self.tree.top) {
            let stmt = self.tree.stmt(at);
            let doc = stmt.doc.map(|span| notes::text(&self.c.sources, span)).unwrap_or_default();
            match &stmt.kind {
                StmtKind::Kind { name, plural, fields, .. } => {
                    let name = self.word(name);
                    blocks.push(heading(2, vec![Inline::Code(name.clone().into())]));
                    blocks.extend(described(&doc));
                    let plural = format!("All of them are `{}`.", self.word(plural));
                    blocks.push(paragraph(prose(&plural)));
                    blocks.extend(self.fields(*fields, Some(&name)));
                }
                StmtKind::Type { name, ty } => {
                    let name = self.word(name);
                    blocks.push(heading(2, vec![Inline::Code(name.clone().into())]));
                    blocks.extend(described(&doc));
                    match self.tree.ty(*ty).kind {
                        TypeKind::Record { fields } => {
                            blocks.extend(self.fields(fields, Some(&name)));
                        }
                        _ => {
                            let text = format!(
                                "type {name} = {}",
                                self.c.sources.text(self.tree.ty(*ty).span)
                            );
                            blocks.push(block(What::Code { language: "colab", text: text.into() }));
                        }
                    }
                }
                StmtKind::Template { name, params, target, .. } => {
                    let head = format!("std.{}({})", self.word(name), self.params(*params));
                    blocks.push(heading(2, vec![Inline::Code(head.into())]));
                    blocks.extend(described(&doc));
                    let of = format!("For a `{}`.", self.word(target));
                    blocks.push(paragraph(prose(&of)));
                }
                StmtKind::Entry(entry) => {
                    let Some(label) = &entry.label else { continue };
                    // A role says what it is for; of the rest the page has enough by its own words.
                    if self.word(&entry.word) == "role" {
                        let head = format!("std.{}", self.word(label));
                        blocks.push(heading(2, vec![Inline::Code(head.into())]));
                        blocks.extend(described(&doc));
                    }
                }
                _ => {}
            }
        }
        (title, blocks)
    }

    /// The comment at the head of the file.
    fn intro(&self) -> String {
        let text = &self.c.sources.file(self.tree.file).text;
        let lines =
            text.lines().take_while(|line| line.starts_with("//") && !line.starts_with("///"));
        let lines: Vec<&str> = lines.map(|line| line.trim_start_matches('/').trim()).collect();
        lines.join(" ").trim().to_string()
    }

    /// What the file declares, for the contents.
    fn declared(&self) -> String {
        let names = self.tree.stmts_of(self.tree.top).iter().filter_map(|&at| {
            match &self.tree.stmt(at).kind {
                StmtKind::Kind { name, .. } | StmtKind::Type { name, .. } => {
                    Some(format!("`{}`", self.word(name)))
                }
                StmtKind::Template { name, .. } => Some(format!("`std.{}`", self.word(name))),
                StmtKind::Entry(entry) if self.word(&entry.word) == "role" => {
                    entry.label.as_ref().map(|label| format!("`std.{}`", self.word(label)))
                }
                _ => None,
            }
        });
        names.collect::<Vec<_>>().join(", ")
    }

    fn fields(&self, fields: Run, of: Option<&str>) -> Option<Block<'static>> {
        let mut rows = Vec::new();
        self.rows(fields, of, "", &mut rows);
        let head = ["Field", "Type", "Without it", "What"];
        let head = head.into_iter().map(|name| vec![name.into()]).collect();
        (!rows.is_empty()).then(|| block(What::Table { head, rows }))
    }

    /// A row a field; those of a record that stands in place below its own.
    fn rows(&self, fields: Run, of: Option<&str>, before: &str, rows: &mut Vec<Row<'static>>) {
        for field in &self.tree.fields[fields.range()] {
            let name = format!("{before}{}", self.word(&field.name));
            let doc = field.doc.map(|span| notes::text(&self.c.sources, span)).unwrap_or_default();
            let inner = match self.tree.ty(field.ty).kind {
                TypeKind::Record { fields } => Some(fields),
                _ => None,
            };
            let ty = if inner.is_some() { "{ }".to_string() } else { self.text(self.ty(field.ty)) };
            rows.push(Row {
                cells: vec![
                    vec![Inline::Code(name.clone().into())],
                    vec![Inline::Code(ty.into())],
                    self.without(field, of),
                    prose(&doc.replace('\n', " ")),
                ],
                origin: Origin::NONE,
            });
            if let Some(inner) = inner {
                self.rows(inner, None, &format!("{name}."), rows);
            }
        }
    }

    /// What holds where the field is not set.
    fn without(&self, field: &FieldDecl, of: Option<&str>) -> Vec<Inline<'static>> {
        if let Some(default) = field.default {
            return vec![Inline::Code(self.text(self.tree.expr(default).span).into())];
        }
        let schema = &self.c.resolved.model.schema;
        let names = &self.c.names;
        let shape =
            of.and_then(|name| schema.shapes.iter().find(|shape| names.text(shape.name) == name));
        let required =
            shape.and_then(|shape| shape.fields.iter().find(|it| it.name == field.name.sym));
        match required.map(|field| field.required) {
            Some(true) => vec!["required".into()],
            Some(false) => Vec::new(),
            None if self.text(self.ty(field.ty)).ends_with('?') => Vec::new(),
            None => vec!["required".into()],
        }
    }

    fn params(&self, params: Run) -> String {
        let one = |param: &Param| {
            let default =
                param.default.map(|it| format!(" = {}", self.text(self.tree.expr(it).span)));
            format!(
                "{}: {}{}",
                self.word(&param.name),
                self.text(self.ty(param.ty)),
                default.unwrap_or_default()
            )
        };
        self.tree.params[params.range()].iter().map(one).collect::<Vec<_>>().join(", ")
    }

    fn ty(&self, ty: TypeId) -> Span {
        self.tree.ty(ty).span
    }

    /// As it stands in the source, on one line.
    fn text(&self, span: Span) -> String {
        let lines = self.c.sources.text(span).lines().map(|line| match line.trim() {
            comment if comment.starts_with("//") => "",
            line => line,
        });
        lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ")
    }

    fn word(&self, name: &Ident) -> String {
        self.c.names.text(name.sym).to_string()
    }
}

fn functions() -> Vec<Block<'static>> {
    let rows = FUNCTIONS.iter().map(|function| Row {
        cells: vec![
            vec![Inline::Code(signature(function).into())],
            prose(function.doc),
            vec![Inline::Code(function.example.into())],
        ],
        origin: Origin::NONE,
    });
    let head = ["Function", "What it gives", "Example"];
    let head = head.into_iter().map(|name| vec![name.into()]).collect();
    vec![
        heading(1, vec!["Functions".into()]),
        paragraph(prose(
            "Where a function takes a list, `NAME in LIST if COND: ITEM` may stand instead, as the examples show.",
        )),
        block(What::Table { head, rows: rows.collect() }),
    ]
}

fn signature(function: &Function) -> String {
    let least = function.params.len() - function.optional;
    let params = function.params.iter().enumerate().map(|(at, (name, _))| match at {
        at if at >= least => format!("{name}?"),
        at if function.variadic && at + 1 == function.params.len() => format!("{name}..."),
        _ => (*name).to_string(),
    });
    format!("{}({})", function.name, params.collect::<Vec<_>>().join(", "))
}

fn properties(c: &Compilation) -> Vec<Block<'static>> {
    let rows = PROPERTIES.iter().map(|property| {
        let of: Cow<'static, str> = match property.on {
            On::Thing(name) => c.names.text(name).to_string().into(),
            On::AnyThing => "anything with a name".into(),
            On::Kind(kind) => kind.into(),
            On::Bytes => "bytes".into(),
            On::Duration => "duration".into(),
            On::Cpu => "cpu".into(),
            On::Address => "addresses".into(),
            On::Range => "cidr".into(),
            On::Location => "location".into(),
            On::Nothing => "".into(),
        };
        let cells = vec![
            vec![Inline::Text(of)],
            vec![Inline::Code(format!(".{}", property.name).into())],
            prose(property.doc),
        ];
        Row { cells, origin: Origin::NONE }
    });
    let head = ["Of", "Property", "What it is"];
    let head = head.into_iter().map(|name| vec![name.into()]).collect();
    vec![
        heading(1, vec!["Properties".into()]),
        paragraph(prose(
            "What may follow a dot, beside the fields of a thing and the labels inside it.",
        )),
        block(What::Table { head, rows: rows.collect() }),
    ]
}

fn texts() -> Vec<Block<'static>> {
    let rows = TEXTS.iter().map(|text| Row {
        cells: vec![
            vec![Inline::Code(text.name.into())],
            prose(text.doc),
            vec![Inline::Code(text.example.into())],
        ],
        origin: Origin::NONE,
    });
    let head = ["Type", "What it takes", "Example"];
    let head = head.into_iter().map(|name| vec![name.into()]).collect();
    vec![
        heading(1, vec!["Texts".into()]),
        paragraph(prose("A string is checked by the type of the field that it lands in.")),
        block(What::Table { head, rows: rows.collect() }),
    ]
}

/// A doc comment: its lines as one paragraph, an example as code.
fn described(doc: &str) -> Vec<Block<'static>> {
    let mut blocks = Vec::new();
    let text = doc.replace('\n', " ");
    if !text.is_empty() {
        blocks.push(paragraph(prose(&text)));
    }
    blocks
}

/// Words, with code between backticks.
fn prose(text: &str) -> Vec<Inline<'static>> {
    let parts: Vec<&str> = text.split('`').collect();
    if parts.len().is_multiple_of(2) {
        return vec![Inline::Text(text.to_string().into())];
    }
    let part = |(at, part): (usize, &&str)| match at % 2 {
        0 => Inline::Text(part.to_string().into()),
        _ => Inline::Code(part.to_string().into()),
    };
    parts.iter().enumerate().filter(|(_, part)| !part.is_empty()).map(part).collect()
}

fn block(what: What<'static>) -> Block<'static> {
    Block { what, origin: Origin::NONE }
}

fn heading(level: u8, text: Vec<Inline<'static>>) -> Block<'static> {
    block(What::Heading(level, text))
}

fn paragraph(text: Vec<Inline<'static>>) -> Block<'static> {
    block(What::Paragraph(text))
}
