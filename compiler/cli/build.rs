//! `colabc build`: check everything, then write `out/`, all of it or nothing.

use super::disk::{self, Known, Made, Out, Selected, Summary, shown};
use super::project::{self, Ask, Found};
use super::stamp::Read;
use super::watch::{self, Turn};
use super::{Outcome, args};
use clap::{Arg, ArgAction, ArgMatches, Command, ValueHint};
use colabc::diag::text::{counted, visible};
use colabc::model::Cluster;
use colabc::output::Output;
use colabc::targets::{self, TARGETS};
use colabc::tree::OutTree;
use colabc::types::distance::nearest;
use colabc::{Compilation, Emit};
use std::path::{Path, PathBuf};
use std::time::Instant;

pub fn args(command: Command) -> Command {
    let names = TARGETS.iter().map(|t| t.name).collect::<Vec<_>>();
    command
        .about("Check everything, then write out/")
        .after_help(
            "Examples:\n  colabc build\n  colabc build --check\n  colabc build --node cooperator --target compose\n  \
             colabc build -o /elsewhere/out",
        )
        .arg(args::path())
        .arg(
            Arg::new("out")
                .short('o')
                .long("out")
                .value_name("DIR")
                .value_hint(ValueHint::DirPath)
                .value_parser(clap::value_parser!(PathBuf))
                .help("Where to write; without it: out/ beside cluster.colab"),
        )
        .arg(
            Arg::new("node")
                .long("node")
                .value_name("NODE")
                .action(ArgAction::Append)
                .help("Only the files of this node; may be repeated"),
        )
        .arg(
            Arg::new("target")
                .long("target")
                .value_name("TARGET")
                .action(ArgAction::Append)
                .value_parser(clap::builder::PossibleValuesParser::new(names))
                .help(
                    "Only the files of this target; may be repeated. Of the others only what it looks at is made: what \
                     they would refuse is found by `check`",
                ),
        )
        .arg(
            Arg::new("check")
                .long("check")
                .action(ArgAction::SetTrue)
                .help("Write nothing; exit with 1 where out/ is stale, edited, missing or orphaned"),
        )
        .arg(
            Arg::new("force").long("force").action(ArgAction::SetTrue).help(
                "Overwrite and remove files that were edited by hand or are not the build's own",
            ),
        )
        .arg(args::timings())
        .arg(watch::arg().conflicts_with("check"))
}

pub fn run(matches: &ArgMatches) -> Outcome {
    if matches.get_flag("watch") {
        return watch::watch(matches, || turn(matches));
    }
    match once(matches, &mut Read::new()) {
        Ok(said) => args::print(&format!("{said}\n")).err().unwrap_or(Outcome::Fine),
        Err(outcome) => outcome,
    }
}

fn turn(matches: &ArgMatches) -> Turn {
    let mut read = Read::new();
    match once(matches, &mut read) {
        Ok(line) => Turn { outcome: Outcome::Fine, line, read },
        Err(outcome) => {
            let line = "nothing was written: out/ is as it was".to_owned();
            Turn { outcome, line, read }
        }
    }
}

/// Builds once and says in one line what came of it; without it something is wrong.
fn once(matches: &ArgMatches, read: &mut Read) -> Result<String, Outcome> {
    let out = matches.get_one::<PathBuf>("out");
    let wanted: Vec<&str> =
        matches.get_many::<String>("target").into_iter().flatten().map(String::as_str).collect();
    let only = (!wanted.is_empty()).then_some(&*wanted);
    let ask = Ask {
        strays: true,
        emit: Emit::Judged(only),
        inputs: true,
        out: out.map(PathBuf::as_path),
        ..Ask::default()
    };
    let mut found = project::find(matches)?;
    let out_dir = found.out(&ask);
    if out.is_none() && found.is_beside_another() {
        return Err(Outcome::Usage(format!(
            "`{}` is not what `{}` is made of: that is the `{}` beside it\n  help: say where to write: `-o DIR`",
            found.called(),
            shown(&out_dir),
            disk::ROOT_FILE
        )));
    }
    if is_plain(matches)
        && let Some(line) = unchanged(&mut found, &ask, &out_dir, matches)?
    {
        *read = found.read();
        return Ok(line);
    }
    let mut project = found.compile(&ask);
    *read = std::mem::take(&mut project.read);
    project::print_findings(&project);
    let Some(tree) = project.compilation.tree.take() else {
        if !matches.get_flag("watch") {
            args::complain("nothing was written: mend the errors first\n");
        }
        return Err(Outcome::Findings);
    };
    let nodes: Vec<&String> = matches.get_many::<String>("node").into_iter().flatten().collect();
    let errors = project.compilation.errors();
    let quiet = project.compilation.diagnostics.is_empty();
    let made = project.inputs.filter(|_| is_plain(matches)).map(|inputs| Made { inputs, quiet });
    // What the pages of the handbook take in the making is as much as the trees.
    let Compilation { sources, trees, usage, resolved, .. } = project.compilation;
    drop((trees, usage));
    let cluster = Cluster::of(resolved.model, errors).map_err(|_| Outcome::Findings)?;
    for node in &nodes {
        if cluster.find("node", node).is_none() {
            let all: Vec<&str> = cluster.all("node").iter().map(|&n| cluster.label(n)).collect();
            let near = nearest(node, all.iter().copied());
            let help = match near.first() {
                Some(near) => format!("did you mean `{near}`?"),
                None if all.len() <= 12 => format!("there are: {}", all.join(", ")),
                None => "`colabc query nodes` lists them".to_owned(),
            };
            return Err(Outcome::Usage(format!("no node is called `{node}`\n  help: {help}")));
        }
    }
    let picks = |path: &str| {
        let target = wanted.is_empty() || wanted.iter().any(|t| targets::is_within(path, t));
        target && (nodes.is_empty() || of_node(&tree, path, &nodes))
    };
    let selected: Selected =
        if wanted.is_empty() && nodes.is_empty() { None } else { Some(&picks) };
    let begun = Instant::now();
    let output = targets::output(&cluster, &tree, only, super::cores());
    let outcome = write(&out_dir, &output, project.last.as_ref(), (selected, made), matches);
    if matches.get_flag("timings") {
        let disk = begun.elapsed().as_secs_f64();
        let mut timings = project.timings.clone();
        let all = timings.pop().map_or(disk, |(_, all)| all + disk);
        timings.extend([("disk", disk), ("all", all)]);
        project::print_timings(&timings);
    }
    // Where the process ends here, its memory goes back as a whole, not value by value.
    if !matches.get_flag("watch") {
        std::mem::forget(output);
        std::mem::forget((cluster, tree, sources));
    }
    outcome
}

/// A build of everything, by which nobody wants to have everything made anew.
fn is_plain(matches: &ArgMatches) -> bool {
    let some = |name| matches.get_many::<String>(name).is_some();
    !(some("target") || some("node") || matches.get_flag("check") || matches.get_flag("force"))
}

/// Where the last build was made of the same, by this compiler, and every file is as it left it: what is to be told of
/// the sources again, and one line.
fn unchanged(
    found: &mut Found,
    ask: &Ask,
    out_dir: &Path,
    matches: &ArgMatches,
) -> Result<Option<String>, Outcome> {
    if !disk::is_marked(out_dir) {
        return Ok(None);
    }
    let begun = Instant::now();
    let out = Out::open(out_dir, &mut || tell_waiting(out_dir)).map_err(Outcome::Disk)?;
    tell_saved(&out);
    // A large manifest takes as long to read as the sources.
    let (marked, inputs) = match disk::is_large(out_dir) {
        true => std::thread::scope(|scope| {
            let marked = std::thread::Builder::new().spawn_scoped(scope, || out.marked());
            let inputs = found.inputs(ask);
            (marked.map_or_else(|_| out.marked(), |it| it.join().ok().flatten()), inputs)
        }),
        false => (out.marked(), found.inputs(ask)),
    };
    let read = begun.elapsed().as_secs_f64();
    let (Some(marked), Some(inputs)) = (marked, inputs) else { return Ok(None) };
    let Some((made, summary)) = out.unchanged(&marked, inputs).map_err(Outcome::Disk)? else {
        return Ok(None);
    };
    drop(out);
    let all = begun.elapsed().as_secs_f64();
    let mut timings = vec![("read", read), ("disk", all - read), ("all", all)];
    if !made.quiet {
        // It could be emitted, so that what is told of it is told before.
        let project = found.compile(&Ask { emit: Emit::Nothing, ..*ask });
        if project.inputs != Some(inputs) {
            return Ok(None);
        }
        project::print_findings(&project);
        timings.splice(1..1, project.timings.iter().filter(|(name, _)| *name != "all").copied());
        timings.pop();
        timings.push(("all", begun.elapsed().as_secs_f64()));
    }
    if matches.get_flag("timings") {
        project::print_timings(&timings);
    }
    Ok(Some(said(out_dir, &summary, matches)))
}

/// A file is a node's by its delivery, or by a part of its path.
fn of_node(tree: &OutTree, path: &str, nodes: &[&String]) -> bool {
    if let Some(delivery) = tree.get(path).and_then(|f| f.delivery.as_ref()) {
        return &*delivery.node == targets::EVERY_NODE
            || nodes.iter().any(|n| n.as_str() == &*delivery.node);
    }
    path.split('/').any(|part| nodes.iter().any(|n| part == n.as_str()))
}

fn write(
    out_dir: &Path,
    output: &Output,
    known: Option<&Known>,
    (selected, made): (Selected, Option<Made>),
    matches: &ArgMatches,
) -> Result<String, Outcome> {
    let shown = shown(out_dir);
    let mut waiting = || tell_waiting(out_dir);
    if matches.get_flag("check") {
        let out = Out::look(out_dir, &mut waiting).map_err(Outcome::Disk)?;
        let state = out.check(output, known, selected).map_err(Outcome::Disk)?;
        return match state.is_current() {
            true => Ok(format!("{shown} is what the sources say")),
            false => {
                let mut said = String::new();
                for (word, list) in [
                    ("stale", &state.stale),
                    ("edited", &state.edited),
                    ("missing", &state.missing),
                    ("orphaned", &state.orphaned),
                ] {
                    for path in list {
                        said.push_str(&format!("{word:>9}  {}\n", visible(path)));
                    }
                }
                for obstacle in &state.in_the_way {
                    let (path, what) = (visible(&obstacle.path), obstacle.what.words());
                    said.push_str(&format!("{:>9}  {path}: {what}\n", "blocked"));
                }
                if state.in_the_way.iter().any(|obstacle| obstacle.what.yields()) {
                    said.push_str(
                        "what is in the way has to be moved first; `build --force` overwrites it\n",
                    );
                } else if !state.in_the_way.is_empty() {
                    said.push_str("what is in the way has to be moved first\n");
                }
                if !state.edited.is_empty() {
                    said.push_str("what was edited by hand belongs into the sources; `build --force` overwrites it\n");
                }
                args::print(&format!("{said}build again, and commit {shown}\n"))?;
                Err(Outcome::Findings)
            }
        };
    }
    let built = Out::open(out_dir, &mut waiting).and_then(|out| {
        tell_saved(&out);
        let plan = out.plan(output, known, selected)?;
        let summary = out.apply(plan, matches.get_flag("force"))?;
        if let Some(made) = made {
            out.remember(&made, &summary);
        }
        Ok(summary)
    });
    let summary = built.map_err(Outcome::Disk)?;
    Ok(said(out_dir, &summary, matches))
}

fn said(out_dir: &Path, summary: &Summary, matches: &ArgMatches) -> String {
    let sum = format!("{}: {}", shown(out_dir), sum(summary));
    if matches.get_flag("watch") { sum } else { lists(summary) + &sum }
}

fn tell_waiting(out_dir: &Path) {
    args::complain(&format!("waiting for another build of {}\n", shown(out_dir)));
}

fn tell_saved(out: &Out) {
    for path in &out.saved {
        args::complain(&format!("given back after a killed build: {}\n", visible(path)));
    }
}

/// What changed, by path, and what was kept.
fn lists(summary: &Summary) -> String {
    let mut said = String::new();
    let mut say = |line: String| {
        said.push_str(&line);
        said.push('\n');
    };
    for (sign, list) in [("+", &summary.added), ("~", &summary.changed), ("-", &summary.removed)] {
        for path in list.iter().take(20) {
            say(format!("  {sign} {}", visible(path)));
        }
        if list.len() > 20 {
            say(format!("  {sign} and {} more", list.len() - 20));
        }
    }
    for obstacle in &summary.forced {
        say(format!("  ! {} was overwritten by force", visible(&obstacle.path)));
    }
    for path in summary.foreign.iter().take(20) {
        say(format!("  ? {} is not the build's own and was kept", visible(path)));
    }
    for path in summary.edited.iter().take(20) {
        let path = visible(path);
        say(format!("  ? {path} was edited by hand and was kept; it is no longer built"));
    }
    if summary.one_by_one {
        say("  this file system exchanges no folders: files were replaced one by one".into());
    }
    said
}

/// One line for the whole. The manifest is no file of anybody's, and counts as none.
fn sum(summary: &Summary) -> String {
    let forced = match summary.forced.len() {
        0 => String::new(),
        forced => format!(", {forced} by force"),
    };
    format!(
        "{}, {} added, {} changed, {} removed, {} unchanged{forced}",
        counted(summary.files, "file"),
        summary.added.len(),
        summary.changed.len(),
        summary.removed.len(),
        summary.unchanged
    )
}
