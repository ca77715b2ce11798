//! `colabc explain`: how a value came to be, and the page of a code. Lines of `out/` are
//! `explain_line`'s.

use super::project::{self, Ask};
use super::{Outcome, args, explain_line};
use clap::{Arg, ArgAction, ArgMatches, Command};
use colabc::answer;
use colabc::diag::{codes, human, page};
use colabc::types::distance::nearest;

pub fn args(command: Command) -> Command {
    command
        .about("Say where a value or an emitted line comes from, or what a code means")
        .long_about(
            "Say where a value comes from: every definition of it, what holds first, with its place, its \
             layer, and why it won or lost. Of NODE.capacity: what the node has, who lays claim to it, and what \
             becomes of its services when it is gone. Of `secrets`, or of one as the sources write it: who gets it, and how far it \
             can be seen. Of a line of an emitted file: the value or the declaration that \
             makes it, and whether the file still is what was built. Or say what a code means, with an example that is wrong and \
             one that is right.",
        )
        .after_help(
            "Examples:\n  colabc explain cooperator.packages\n  colabc explain 'gitea.app.env[\"TZ\"]'\n  \
             colabc explain cooperator.capacity\n  colabc explain secrets\n  \
             colabc explain out/compose/cooperator/gitea.yml:12\n  \
             colabc explain E0402\n  colabc explain --all",
        )
        .arg(
            Arg::new("what")
                .value_name("PATH|CODE|FILE:LINE")
                .required_unless_present("all")
                .help("The path of a value or thing, a code, or a line of an emitted file"),
        )
        .arg(args::path())
        .arg(
            Arg::new("all")
                .long("all")
                .action(ArgAction::SetTrue)
                .conflicts_with("what")
                .help("List all codes"),
        )
        .arg(args::format(&["text", "json"]))
}

pub fn run(matches: &ArgMatches) -> Outcome {
    answer(matches).unwrap_or_else(|outcome| outcome)
}

fn answer(matches: &ArgMatches) -> Result<Outcome, Outcome> {
    let json = args::chosen(matches) == "json";
    let look = args::look_out();
    let Some(what) = matches.get_one::<String>("what") else {
        args::print(&if json { page::list_json() } else { page::list(&look) })?;
        return Ok(Outcome::Fine);
    };
    if let Some(code) = codes::find(what) {
        args::print(&if json { page::render_json(code) } else { page::render(code, &look) })?;
        return Ok(Outcome::Fine);
    }
    if is_like_a_code(what) {
        let near = nearest(what, codes::CODES.iter().map(|code| code.id));
        let help = match near.first() {
            Some(near) => format!("did you mean `{near}`? `colabc explain --all` lists them"),
            None => "`colabc explain --all` lists them".to_owned(),
        };
        return Err(Outcome::Usage(format!("there is no code `{what}`\n  help: {help}")));
    }
    match explain_line::spot(what) {
        Some(spot) => explain_line::run(matches, &spot, json),
        None => of_path(matches, what, json),
    }
}

fn of_path(matches: &ArgMatches, what: &str, json: bool) -> Result<Outcome, Outcome> {
    let mut project = project::find(matches)?.compile(&Ask::default());
    let c = &mut project.compilation;
    let model = &c.resolved.model;
    let about = if let Some(node) = answer::capacity::asked(model, what) {
        Some(match json {
            true => answer::capacity::json(model, node),
            false => answer::capacity::text(model, node, &c.sources, &args::look_out()),
        })
    } else {
        answer::exposure::asked(model, what).map(|of| match json {
            true => answer::exposure::json(model, &of),
            false => answer::exposure::text(model, &of, &args::look_out()),
        })
    };
    if let Some(text) = about {
        args::print(&c.sources.concealed().hide(&text))?;
        return Ok(finish(c.errors()));
    }
    let places = match answer::find(&c.resolved, &mut c.sources, what) {
        Ok(places) => places,
        Err(found) => {
            let found = colabc::diag::sort_and_fold(found, &c.sources);
            args::complain(&human::alone(&found, &c.sources, &args::look()));
            return Ok(Outcome::Findings);
        }
    };
    let answers = answer::explain(&mut c.resolved, &c.sources, &places);
    let model = &c.resolved.model;
    let text = if json {
        answer::json(&answers, model, &c.sources)
    } else {
        answer::text(&answers, model, &c.sources, &args::look_table())
    };
    args::print(&c.sources.concealed().hide(&text))?;
    Ok(finish(c.errors()))
}

fn finish(errors: usize) -> Outcome {
    match errors {
        0 => return Outcome::Fine,
        1 => args::complain("\nwarning: the sources have an error: see `colabc check`\n"),
        many => args::complain(&format!(
            "\nwarning: the sources have {many} errors: see `colabc check`\n"
        )),
    }
    Outcome::Findings
}

/// `E0999`, `e402`: meant as a code, though none is called so.
fn is_like_a_code(what: &str) -> bool {
    let digits = what.strip_prefix(['E', 'L', 'e', 'l']);
    digits.is_some_and(|d| (3..=5).contains(&d.len()) && d.bytes().all(|b| b.is_ascii_digit()))
}
