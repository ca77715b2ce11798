//! `colabc graph`: the cluster as a picture, for people, browsers and other programs.

use super::disk::{DiskError, limit, shown};
use super::project::{self, Ask, Project};
use super::{Outcome, args};
use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgMatches, Command, ValueHint};
use colabc::graph::export::{self, Placed};
use colabc::graph::page::{self, Source};
use colabc::graph::{self, Options, Picture, View};
use std::path::{Path, PathBuf};

const FORMATS: &[&str] = &["text", "dot", "mermaid", "svg", "html", "json"];
/// The format that the ending of a file's name asks for.
const ENDINGS: &[(&str, &str)] = &[
    ("svg", "svg"),
    ("html", "html"),
    ("htm", "html"),
    ("dot", "dot"),
    ("gv", "dot"),
    ("mmd", "mermaid"),
    ("mermaid", "mermaid"),
    ("json", "json"),
    ("txt", "text"),
];

pub fn args(command: Command) -> Command {
    let views = View::ALL.iter().map(|view| view.word());
    let about: String = View::ALL
        .iter()
        .map(|view| format!("\n  {:10} {}", view.word(), view.question()))
        .collect();
    command
        .about("Draw the cluster: what runs where, and what needs what")
        .after_help(format!(
            "Views:{about}\n\nExamples:\n  colabc graph\n  colabc graph --focus gitea\n  \
             colabc graph --view storage -o storage.svg\n  colabc graph -o cluster.html"
        ))
        .arg(args::path())
        .arg(
            Arg::new("view")
                .long("view")
                .value_name("VIEW")
                .value_parser(PossibleValuesParser::new(views))
                .help("What to look at [default: services; a page shows all]"),
        )
        .arg(
            Arg::new("format")
                .long("format")
                .value_name("FORMAT")
                .value_parser(PossibleValuesParser::new(FORMATS))
                .help("How to draw it; without it, as the name of the output ends, else text"),
        )
        .arg(
            Arg::new("focus")
                .long("focus")
                .value_name("NAME")
                .help("Only what is around this thing: a service, a node, a share"),
        )
        .arg(
            Arg::new("depth")
                .long("depth")
                .value_name("N")
                .requires("focus")
                .allow_negative_numbers(true)
                .default_value("1")
                .value_parser(clap::value_parser!(u16))
                .help("How many steps around it"),
        )
        .arg(
            Arg::new("output")
                .short('o')
                .long("output")
                .value_name("FILE")
                .value_hint(ValueHint::FilePath)
                .value_parser(clap::value_parser!(PathBuf))
                .help("Write it to a file instead of standard output"),
        )
}

pub fn run(matches: &ArgMatches) -> Outcome {
    answer(matches).unwrap_or_else(|outcome| outcome)
}

fn answer(matches: &ArgMatches) -> Result<Outcome, Outcome> {
    let output = matches.get_one::<PathBuf>("output").map(PathBuf::as_path);
    let format = format(matches, output)?;
    let project = project::find(matches)?.compile(&Ask::default());
    if project::print_errors(&project) {
        return Ok(Outcome::Findings);
    }
    let view = matches.get_one::<String>("view").and_then(|word| View::of(word));
    let picture = || focused(matches, &project, view.unwrap_or(View::Services));
    let text = match format {
        "dot" => export::dot(&picture()?),
        "mermaid" => export::mermaid(&picture()?),
        "html" => html(matches, &project, view, output)?,
        "svg" => graph::draw(&picture()?, &Options::default()),
        "json" => {
            let picture = picture()?;
            export::json(&picture, &|at| placed(&project, &picture, at))
        }
        _ => export::lines(&picture()?),
    };
    match output {
        None => args::print(&text)?,
        Some(path) => {
            limit::fits(text.len())
                .and_then(|()| std::fs::write(path, text))
                .map_err(|error| Outcome::Disk(DiskError::io("cannot write", path, &error)))?;
            args::reassure(&format!("wrote {}\n", shown(path)));
        }
    }
    Ok(Outcome::Fine)
}

/// The page of a view, or of all of them.
fn html(
    matches: &ArgMatches,
    project: &Project,
    view: Option<View>,
    output: Option<&Path>,
) -> Result<String, Outcome> {
    let views = view.map_or(View::ALL.to_vec(), |view| vec![view]);
    let alone = views.len() == 1;
    let mut pictures = Vec::new();
    for view in views {
        match focused(matches, project, view) {
            Ok(picture) => pictures.push(picture),
            // Of several views, not each shows everything.
            Err(outcome) if alone => return Err(outcome),
            Err(_) => {}
        }
    }
    if pictures.is_empty() {
        focused(matches, project, View::Services)?;
    }
    let folder = output.and_then(|output| way(output, &project.root));
    let c = &project.compilation;
    let model = &c.resolved.model;
    Ok(page::page(model, &pictures, &|thing| {
        let placed = Placed::of(model.thing(thing).span, &c.sources);
        Some(Source::of(&placed, folder.as_deref()))
    }))
}

/// The way from a page to the project's folder, as the beginning of a relative address.
fn way(page: &Path, root: &Path) -> Option<String> {
    let parent = page.parent().filter(|parent| !parent.as_os_str().is_empty());
    let from = parent.unwrap_or(Path::new(".")).canonicalize().ok()?;
    let to = root.canonicalize().ok()?;
    let (from, to): (Vec<_>, Vec<_>) = (from.components().collect(), to.components().collect());
    let shared = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    let mut way = "../".repeat(from.len() - shared);
    for step in &to[shared..] {
        way.push_str(&page::escaped(&step.as_os_str().to_string_lossy()));
        way.push('/');
    }
    // `a:b` at the front would be read as a scheme.
    Some(if way.is_empty() { "./".into() } else { way })
}

/// The format that is asked for by name, or by the name of the output.
fn format<'a>(matches: &'a ArgMatches, output: Option<&Path>) -> Result<&'a str, Outcome> {
    if let Some(format) = matches.get_one::<String>("format") {
        return Ok(format);
    }
    let Some(output) = output else { return Ok("text") };
    let ending = output.extension().map(|end| end.to_string_lossy().to_lowercase());
    let row = ENDINGS.iter().find(|(end, _)| ending.as_deref() == Some(*end));
    row.map(|(_, format)| *format).ok_or_else(|| {
        Outcome::Usage(format!(
            "`{}` does not say what to draw\n  help: name a file that ends in .svg, .html, .dot, .mmd, .json or .txt, \
             or add `--format`",
            shown(output)
        ))
    })
}

/// The picture of a view, or the part of it that is in focus.
fn focused(matches: &ArgMatches, project: &Project, view: View) -> Result<Picture, Outcome> {
    let picture = graph::picture(&project.compilation.resolved.model, view);
    let Some(name) = matches.get_one::<String>("focus") else { return Ok(picture) };
    let focus = picture.named(name);
    if focus.is_empty() {
        let model = &project.compilation.resolved.model;
        let shows = |other: &&View| !graph::picture(model, **other).named(name).is_empty();
        let help = match (View::ALL.iter().find(shows), picture.near(name).first()) {
            (Some(other), _) => format!("another view does: `--view {}`", other.word()),
            (None, Some(near)) => format!("did you mean `{near}`?"),
            (None, None) => format!("`colabc graph --view {}` lists what it shows", view.word()),
        };
        return Err(Outcome::Usage(format!(
            "the view `{}` shows nothing called `{name}`\n  help: {help}",
            view.word()
        )));
    }
    let depth = matches.get_one::<u16>("depth").copied().unwrap_or(1);
    Ok(picture.around(&focus, depth.into()))
}

fn placed(project: &Project, picture: &Picture, at: usize) -> Option<Placed> {
    let c = &project.compilation;
    let thing = picture.cards[at].thing?;
    Some(Placed::of(c.resolved.model.thing(thing).span, &c.sources))
}
