//! `colabc`: from `.colab` text to the files of a cluster, in one straight line. The library is
//! pure: no reading, no writing, no clock, no environment, no printing. `main.rs` has all of that.

pub mod allow;
pub mod answer;
pub mod check;
pub mod diag;
pub mod formats;
pub mod graph;
pub mod ide;
pub mod manifest;
pub mod model;
pub mod names;
pub mod origin;
pub mod resolve;
pub mod source;
pub mod stdlib;
pub mod syntax;
pub mod targets;
pub mod tree;
pub mod types;

use diag::{Diagnostic, Severity};
use names::Names;
use resolve::eval::Resolved;
use resolve::{eval, imports, lower, strays};
use source::{Place, Reader, Sources};
use std::sync::Arc;
use syntax::tree::Tree;

/// Everything that one run of the front half found out.
pub struct Compilation {
    pub sources: Sources,
    pub names: Arc<Names>,
    pub trees: Vec<Tree>,
    pub usage: lower::Usage,
    pub resolved: Resolved,
    /// Sorted by place.
    pub diagnostics: Vec<Diagnostic>,
}

impl Compilation {
    pub fn errors(&self) -> usize {
        self.diagnostics.iter().filter(|d| d.severity() == Severity::Error).count()
    }
}

/// What a run is asked.
pub struct Request<'a> {
    /// The file that everything begins with, relative to the reader's root.
    pub root: &'a str,
    /// The sources that lie in the project's folder, whether anything imports them or not.
    pub beside: &'a [String],
    /// An expression that is wanted over the resolved cluster: `Usage::question`.
    pub question: Option<&'a str>,
    /// The day on which it is asked, as `2027-06-30`: what ran out by then is reported.
    pub today: Option<&'a str>,
    /// An editor asks: what is expected where is kept as well.
    pub editing: bool,
    /// Told the name of each phase as it ends; whoever has a clock can time them.
    pub phase: &'a mut dyn FnMut(&'static str),
}

/// The name under which a question's text stands among the sources.
pub const QUESTION: &str = "<query>";

/// Reads the project whose root file is `root`, and all that it imports, and checks it.
pub fn compile(reader: &mut dyn Reader, root: &str) -> Compilation {
    run(
        reader,
        Request {
            root,
            beside: &[],
            question: None,
            today: None,
            editing: false,
            phase: &mut |_| {},
        },
    )
}

/// The whole line, from text to findings.
pub fn run(reader: &mut dyn Reader, request: Request) -> Compilation {
    let mut sources = Sources::default();
    let mut names = Names::default();
    let mut diagnostics = Vec::new();
    let mut loaded =
        imports::load(reader, request.root, &mut sources, &mut names, &mut diagnostics);
    strays::look(reader, request.beside, &mut sources, &mut names, &mut diagnostics);
    let question = request.question.map(|text| {
        let file = sources.add(QUESTION, Place::Project, text);
        let (tree, expr, found) = syntax::parse_expression(file, text, &mut names);
        diagnostics.extend(found);
        loaded.trees.push(tree);
        loaded.aliases.push(Default::default());
        expr
    });
    (request.phase)("read");
    let syntax = diagnostics.len();
    let input = lower::Input {
        sources: &sources,
        trees: &loaded.trees,
        aliases: loaded.aliases,
        prefixed: loaded.prefixed,
        embeds: loaded.embeds,
        question,
        editing: request.editing,
    };
    let (program, usage, found) = lower::lower(input, &mut names);
    diagnostics.extend(found);
    (request.phase)("names");
    let names = Arc::new(names);
    let library =
        sources.iter().filter(|(_, f)| f.place == Place::Library).map(|(id, _)| id).collect();
    let trouble = diagnostics.iter().any(|d| d.severity() == Severity::Error);
    let (mut resolved, found) = eval::evaluate(program, &usage, names.clone(), library, trouble);
    resolved.model.files = sources.iter().map(|(_, file)| file.name.as_str().into()).collect();
    resolved.model.imports = loaded.imports;
    diagnostics.extend(found);
    (request.phase)("values");
    diagnostics.extend(check::check(&resolved.model));
    let diagnostics = match resolve::edition::too_new(&sources, &loaded.trees, &names) {
        Some(only) => vec![only],
        None => resolve::follow_ups::settle(diagnostics, syntax, &loaded.trees),
    };
    let diagnostics = allow::apply(diagnostics, &loaded.trees, &names, &sources, request.today);
    let diagnostics = diag::sort_and_fold(diagnostics, &sources);
    (request.phase)("rules");
    Compilation { sources, names, trees: loaded.trees, usage, resolved, diagnostics }
}
