//! `colabc impact`: what fails, what is worse off and what goes on when something is gone.

use super::project::{self, Ask};
use super::{Outcome, args};
use clap::{Arg, ArgAction, ArgMatches, Command};
use colabc::graph::Graph;
use colabc::graph::report::{self, Report};

pub fn args(command: Command) -> Command {
    command
        .about("Say what fails, degrades and survives when something is gone")
        .long_about(
            "Say what fails, degrades and survives when a node, service, share, network, store of \
             secrets or backup is gone, why, what the sources declare for that case, and in which \
             order to start again.",
        )
        .after_help(
            "Examples:\n  colabc impact cooperator\n  colabc impact gitea@cooperator\n  \
             colabc impact 'share fortress'\n  colabc impact --all",
        )
        .arg(
            Arg::new("name")
                .value_name("NAME")
                .required_unless_present("all")
                .help("What is gone; with its kind in front where two share the name"),
        )
        .arg(args::path())
        .arg(
            Arg::new("all")
                .long("all")
                .action(ArgAction::SetTrue)
                .conflicts_with("name")
                .help("List every single point of failure, the worst first"),
        )
        .arg(args::format(&["text", "json"]))
}

pub fn run(matches: &ArgMatches) -> Outcome {
    answer(matches).unwrap_or_else(|outcome| outcome)
}

fn answer(matches: &ArgMatches) -> Result<Outcome, Outcome> {
    let project = project::find(matches)?.compile(&Ask::default());
    if project::print_errors(&project) {
        return Ok(Outcome::Findings);
    }
    let model = &project.compilation.resolved.model;
    let graph = Graph::of(model);
    let json = args::chosen(matches) == "json";
    let text = match matches.get_one::<String>("name") {
        None => {
            let points = report::single_points(model, &graph);
            if json { report::all_json(&graph, &points) } else { report::all_text(&graph, &points) }
        }
        Some(name) => {
            let gone = find(&graph, name)?;
            let report = Report::of(model, &graph, &gone);
            match json {
                true => report::json(&graph, &report),
                false => report::text(&graph, &report, args::look_out().width),
            }
        }
    };
    args::print(&text)?;
    Ok(Outcome::Fine)
}

/// What a name means: things of one kind.
fn find(graph: &Graph, name: &str) -> Result<Vec<usize>, Outcome> {
    let found = graph.find(name);
    let Some(&first) = found.first() else {
        let help = match graph.near(name)[..] {
            [] => {
                "it knows nodes, services, shares, networks, stores of secrets, sites and backups"
                    .to_string()
            }
            ref near => {
                let near: Vec<String> = near.iter().map(|name| format!("`{name}`")).collect();
                format!("did you mean {}?", near.join(" or "))
            }
        };
        return Err(Outcome::Usage(format!(
            "nothing that runs here is called `{name}`\n  help: {help}"
        )));
    };
    if let Some(&other) =
        found.iter().find(|&&at| graph.vertices[at].sort != graph.vertices[first].sort)
    {
        return Err(Outcome::Usage(format!(
            "`{name}` is both a {} and a {}\n  help: say which: `colabc impact '{}'`",
            graph.vertices[first].sort.word(),
            graph.vertices[other].sort.word(),
            report::name(graph, first),
        )));
    }
    Ok(found)
}
