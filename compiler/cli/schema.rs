//! `colabc schema`: the JSON Schemas of what the command prints and writes, and the kinds.

use super::{Outcome, args};
use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgMatches, Command};
use colabc::source::{ReadError, Reader};
use colabc::{answer, diag, diff, graph, manifest, targets};

/// Each schema with what it describes.
const SCHEMAS: &[(&str, &str, &str)] = &[
    ("diagnostics", "check --format json", diag::json::SCHEMA),
    ("diff", "diff --format json", diff::SCHEMA),
    ("explain", "explain PATH|FILE:LINE --format json", answer::EXPLAIN_SCHEMA),
    ("codes", "explain CODE --format json", diag::page::SCHEMA),
    ("query", "query --format json", answer::QUERY_SCHEMA),
    ("graph", "graph --format json", graph::export::SCHEMA),
    ("impact", "impact --format json", graph::report::SCHEMA),
    ("manifest", "out/manifest.json", manifest::SCHEMA),
    ("model", "out/model.json", targets::model::SCHEMA),
];
const KINDS: &str = "kinds";

pub fn args(command: Command) -> Command {
    let names = SCHEMAS.iter().map(|(name, ..)| *name).chain([KINDS]);
    let what: String = SCHEMAS.iter().map(|(name, of, _)| format!("\n  {name:12} {of}")).collect();
    command
        .about("Print a JSON Schema, or the kinds with their fields")
        .after_help(format!("Schemas:{what}\n  {KINDS:12} every kind, its fields and their types"))
        .arg(
            Arg::new("what")
                .value_name("WHAT")
                .required(true)
                .value_parser(PossibleValuesParser::new(names))
                .help("Which one"),
        )
}

pub fn run(matches: &ArgMatches) -> Outcome {
    let what = matches.get_one::<String>("what").map_or("", String::as_str);
    let text = match SCHEMAS.iter().find(|(name, ..)| *name == what) {
        Some((.., schema)) => (*schema).to_owned(),
        None => {
            let library = colabc::compile(&mut Nothing, "cluster.colab");
            answer::kinds(&library.resolved.program.schema, &library.names, &library.sources)
        }
    };
    match args::print(&text) {
        Ok(()) => Outcome::Fine,
        Err(outcome) => outcome,
    }
}

/// A project with one empty file: all that is left is the library.
struct Nothing;

impl Reader for Nothing {
    fn read(&mut self, _: &str) -> Result<Vec<u8>, ReadError> {
        Ok(Vec::new())
    }

    fn list(&mut self, _: &str) -> Result<Vec<String>, ReadError> {
        Ok(Vec::new())
    }
}
