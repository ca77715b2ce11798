//! `colabc`: from `.colab` text to the files of a cluster, in one straight line. The library is
//! pure: no reading, no writing, no clock, no environment, no printing. `main.rs` has all of that.

pub mod allow;
pub mod answer;
pub mod check;
pub mod diag;
pub mod diff;
pub mod formats;
pub mod graph;
pub mod ide;
pub mod lookalike;
pub mod manifest;
pub mod model;
pub mod names;
pub mod origin;
pub mod output;
pub mod resolve;
pub mod source;
pub mod stdlib;
pub mod syntax;
pub mod targets;
pub mod threads;
pub mod tree;
pub mod types;

use allow::Allowances;
use diag::{Diagnostic, Severity};
use manifest::Manifest;
use model::Cluster;
use names::Names;
pub use resolve::eval::CROWD;
use resolve::eval::{How, Resolved};
use resolve::parsed::Parsed;
use resolve::{eval, imports, lower, strays};
use rustc_hash::FxHashSet;
use source::{FileId, Place, Reader, Sources};
use std::sync::Arc;
use syntax::tree::Tree;
use threads::{ALWAYS, Wanted};
use tree::OutTree;

/// Everything that one run found out.
pub struct Compilation {
    pub sources: Sources,
    pub names: Arc<Names>,
    pub trees: Vec<Arc<Tree>>,
    /// The files whose names are reached under the name of an import alone.
    pub prefixed: FxHashSet<FileId>,
    pub usage: lower::Usage,
    pub resolved: Resolved,
    /// What a build would write. None where nobody asked for it, or where there is an error.
    pub tree: Option<OutTree>,
    /// What was only judged. Taking it apart costs as much as making some of it: that is for the owner to do, or to leave.
    pub judged: Option<OutTree>,
    /// Sorted by place.
    pub diagnostics: Vec<Diagnostic>,
}

impl Compilation {
    pub fn errors(&self) -> usize {
        errors(&self.diagnostics)
    }
}

/// What is emitted of a cluster without an error.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub enum Emit<'a> {
    #[default]
    Nothing,
    /// What may refuse to be, into nowhere: its findings are all that is wanted.
    Findings,
    Everything,
    /// What may refuse to be, of these targets or of all; `targets::output` adds what only tells. Files take room: how
    /// the values came to be is forgotten before them.
    Judged(Option<&'a [&'a str]>),
    /// What may refuse to be, and the paths of what only tells, for an editor.
    Paths,
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
    /// What is emitted: what stops a build is found only then.
    pub emit: Emit<'a>,
    /// What the last build of this project left: what it brought and this one doesn't is taken away. Asked for when
    /// files are made, so that it can be read meanwhile.
    pub last: Option<&'a dyn Fn() -> Option<&'a Manifest>>,
    /// An editor asks: what is expected where is kept as well.
    pub editing: bool,
    /// How many may work at once. It changes no answer.
    pub threads: usize,
    /// From how many instances on these share the values as well: mostly `CROWD`. It changes no answer.
    pub crowd: usize,
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
            emit: Emit::Nothing,
            last: None,
            editing: false,
            threads: 1,
            crowd: CROWD,
            phase: &mut |_| {},
        },
    )
}

/// The whole line, from text to findings.
pub fn run(reader: &mut dyn Reader, request: Request) -> Compilation {
    run_again(reader, request, &mut Parsed::default())
}

/// The same, for whoever did so before: files that did not change are not parsed again.
pub fn run_again(reader: &mut dyn Reader, request: Request, parsed: &mut Parsed) -> Compilation {
    run_while(reader, request, parsed, ALWAYS).expect("it is always wanted")
}

/// The same again; none where it was not wanted to its end.
pub fn run_while(
    reader: &mut dyn Reader,
    request: Request,
    parsed: &mut Parsed,
    wanted: Wanted,
) -> Option<Compilation> {
    let mut phase = |name| {
        (request.phase)(name);
        wanted().then_some(())
    };
    let mut sources = Sources::default();
    let mut names = parsed.begin();
    let mut diagnostics = Vec::new();
    let mut read = imports::Reading {
        reader,
        sources: &mut sources,
        names: &mut names,
        diagnostics: &mut diagnostics,
        parsed,
        threads: request.threads,
    };
    let mut loaded = imports::load(&mut read, request.root);
    strays::look(&mut read, &loaded.trees, request.beside, &loaded.folders);
    parsed.end(&names);
    let question = request.question.map(|text| {
        let file = sources.add(QUESTION, Place::Project, text);
        let (tree, expr, found) = syntax::parse_expression(file, text, &mut names);
        diagnostics.extend(found);
        loaded.trees.push(Arc::new(tree));
        loaded.aliases.push(Default::default());
        expr
    });
    phase("read")?;
    let syntax = diagnostics.len();
    let input = lower::Input {
        sources: &sources,
        trees: &loaded.trees,
        aliases: loaded.aliases,
        prefixed: &loaded.prefixed,
        embeds: loaded.embeds,
        question,
        editing: request.editing,
        threads: request.threads,
        wanted,
    };
    let (program, usage, found) = lower::lower(input, &mut names);
    diagnostics.extend(found);
    phase("names")?;
    let names = Arc::new(names);
    let library =
        sources.iter().filter(|(_, f)| f.place == Place::Library).map(|(id, _)| id).collect();
    strays::comments(&loaded.trees, &sources, &mut diagnostics);
    let too_new = resolve::edition::too_new(&sources, &loaded.trees, &names);
    let notes = resolve::notes::of(&sources, &loaded.trees);
    let allowed = Allowances::of(&loaded.trees, &names, &sources, request.today);
    // Values take their room. Where one is faulty after all, the sources are read once more; what a rule finds says
    // nothing of how they are written.
    let passing = matches!(request.emit, Emit::Findings | Emit::Judged(_))
        && request.question.is_none()
        && diagnostics.is_empty();
    let files: Vec<FileId> = loaded.trees.iter().map(|tree| tree.file).collect();
    if passing {
        loaded.trees.retain(|tree| sources.file(tree.file).name == request.root);
    }
    let trouble = resolve::follow_ups::trouble(&diagnostics);
    let how = How { trouble, threads: request.threads, crowd: request.crowd, wanted };
    let (mut resolved, found) = eval::evaluate(program, &usage, names.clone(), library, how);
    resolved.model.files = sources.iter().map(|(_, file)| file.name.as_str().into()).collect();
    resolved.model.notes = notes;
    resolved.model.imports = loaded.imports;
    put_behind(&mut diagnostics, found);
    phase("values")?;
    diagnostics.extend(check::check(&resolved.model, request.threads, wanted));
    let of_texts = |d: &Diagnostic| d.code.id.starts_with("E0") || d.about.is_some();
    if passing && diagnostics.iter().any(of_texts) {
        loaded.trees = resolve::parsed::again(&files, &sources, &names, request.threads);
    }
    let diagnostics = match too_new {
        Some(only) => vec![only],
        None => resolve::follow_ups::settle(diagnostics, syntax, &loaded.trees, &sources),
    };
    let mut diagnostics = allowed.apply(diagnostics);
    phase("rules")?;
    let (mut tree, mut judged) = (None, None);
    if request.emit != Emit::Nothing {
        if matches!(request.emit, Emit::Judged(_)) && errors(&diagnostics) == 0 {
            loaded.trees.retain(|tree| sources.file(tree.file).name == request.root);
            resolved.forget_how();
        }
        match Cluster::of(resolved.model, errors(&diagnostics)) {
            Ok(cluster) => {
                let never = Manifest::default();
                let last = request.last.and_then(|read| read()).unwrap_or(&never);
                let found;
                (tree, judged, found) =
                    files_of(&cluster, request.emit, last, request.threads, wanted);
                diagnostics.extend(found);
                resolved.model = cluster.into_model();
            }
            Err(model) => resolved.model = model,
        }
        phase("files")?;
    }
    let diagnostics = diag::sort_and_fold(diagnostics, &sources);
    let trees = loaded.trees;
    let prefixed = loaded.prefixed;
    Some(Compilation {
        sources,
        names,
        trees,
        prefixed,
        usage,
        resolved,
        tree,
        judged,
        diagnostics,
    })
}

/// The files of a sound cluster; those that were made only to be judged; and what stops a build.
fn files_of(
    cluster: &Cluster,
    emit: Emit,
    last: &Manifest,
    threads: usize,
    wanted: Wanted,
) -> (Option<OutTree>, Option<OutTree>, Vec<Diagnostic>) {
    let (tree, found) = match emit {
        Emit::Nothing | Emit::Findings => {
            let (tree, found) = targets::judge(cluster, last, threads);
            return (None, Some(tree), found);
        }
        Emit::Judged(only) => {
            let (mut tree, found) = targets::emit_only(cluster, last, only, threads);
            tree.forget_lines();
            (tree, found)
        }
        Emit::Paths => targets::emit_while(cluster, last, threads, wanted),
        Emit::Everything => targets::emit_after(cluster, last, threads),
    };
    ((errors(&found) == 0).then_some(tree), None, found)
}

/// Moves none where nothing stands before them: they may be many.
fn put_behind(all: &mut Vec<Diagnostic>, mut more: Vec<Diagnostic>) {
    if all.is_empty() {
        std::mem::swap(all, &mut more);
    }
    all.append(&mut more);
}

fn errors(found: &[Diagnostic]) -> usize {
    found.iter().filter(|d| d.severity() == Severity::Error).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_found_may_go_to_another_thread() {
        fn sent<T: Send + Sync>() {}
        sent::<Compilation>();
    }
}
