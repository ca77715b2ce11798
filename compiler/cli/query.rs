//! `colabc query`: an expression over the resolved cluster, for scripts.

use super::project::{self, Ask};
use super::{Outcome, args};
use clap::{Arg, ArgMatches, Command};
use colabc::answer::value;
use colabc::diag::{Diagnostic, Severity, human};
use colabc::{Compilation, QUESTION};

pub fn args(command: Command) -> Command {
    command
        .about("Evaluate an expression over the resolved cluster")
        .long_about(
            "Evaluate an expression over the resolved cluster. Endpoints are what they are for a node \
             that is none of the cluster's.\n\nAs text, a list is one element a line and a map is \
             `key = value`; JSON holds the value under \"value\".",
        )
        .after_help(
            "Examples:\n  colabc query cooperator.address.lan\n  colabc query '[for n in nodes if n.managed: n.name]'\n  \
             colabc query 'gitea.app.web.url' --format json",
        )
        .arg(
            Arg::new("expression")
                .value_name("EXPR")
                .required(true)
                .allow_hyphen_values(true)
                .help("An expression of the language"),
        )
        .arg(args::path())
        .arg(args::format(&["text", "json"]))
}

pub fn run(matches: &ArgMatches) -> Outcome {
    answer(matches).unwrap_or_else(|outcome| outcome)
}

fn answer(matches: &ArgMatches) -> Result<Outcome, Outcome> {
    let question = matches.get_one::<String>("expression").map(String::as_str);
    let mut project = project::open(matches, &Ask { question, ..Ask::default() })?;
    if let Some(report) = of_question(&project.compilation) {
        args::complain(&report);
        return Ok(Outcome::Findings);
    }
    if project::print_errors(&project) {
        return Ok(Outcome::Findings);
    }
    let c = &mut project.compilation;
    let Some(asked) = c.usage.question else { return Ok(Outcome::Findings) };
    let (value, found) = c.resolved.question(asked);
    if !found.is_empty() {
        let found = colabc::diag::sort_and_fold(found, &c.sources);
        args::complain(&human::alone(&found, &c.sources, &args::look()));
        return Ok(Outcome::Findings);
    }
    let model = &c.resolved.model;
    args::print(&match args::chosen(matches) {
        "json" => {
            let json = serde_json::json!({ "format": 1, "value": value::json(&value, model) });
            format!("{json}\n")
        }
        _ => value::lines(&value, model),
    })?;
    Ok(Outcome::Fine)
}

/// What is wrong with the question where nothing else is; of one that cannot be read, its names say nothing.
fn of_question(c: &Compilation) -> Option<String> {
    let mut found: Vec<Diagnostic> =
        c.diagnostics.iter().filter(|d| d.severity() == Severity::Error).cloned().collect();
    let asked = |d: &Diagnostic| c.sources.file(d.primary().file).name == QUESTION;
    if found.is_empty() || !found.iter().all(asked) {
        return None;
    }
    let unread = |d: &Diagnostic| d.code.id.starts_with("E01");
    if found.iter().any(unread) {
        found.retain(unread);
    }
    Some(human::alone(&found, &c.sources, &args::look()))
}
