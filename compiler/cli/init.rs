//! `colabc init`: a small cluster that builds, with what belongs around it. Writes new files only.

use super::disk::{DiskError, ROOT_FILE, limit, shown};
use super::{Outcome, args};
use clap::{Arg, ArgMatches, Command, ValueHint};
use colabc::formats::shell;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// A file of the new project: its path, and its text.
type New = (&'static str, &'static str);

const ONE: &[New] = &[("cluster.colab", include_str!("init/one.colab"))];

const THREE: &[New] = &[
    ("cluster.colab", include_str!("init/three/cluster.colab")),
    ("nodes/server.colab", include_str!("init/three/server.colab")),
    ("nodes/worker.colab", include_str!("init/three/worker.colab")),
    ("nodes/desk.colab", include_str!("init/three/desk.colab")),
    ("services/hello.colab", include_str!("init/three/hello.colab")),
];

const AROUND: &[New] = &[
    (".gitattributes", include_str!("init/around/gitattributes")),
    (".chezmoiroot", include_str!("init/around/chezmoiroot")),
    (".editorconfig", include_str!("init/around/editorconfig")),
    (".helix/languages.toml", include_str!("init/around/helix.toml")),
    (".nvim.lua", include_str!("init/around/nvim.lua")),
    (".vscode/settings.json", include_str!("init/around/vscode.json")),
    (".github/workflows/colab.yml", include_str!("init/around/workflow.yml")),
];

pub fn args(command: Command) -> Command {
    command
        .about("Begin a cluster")
        .long_about(
            "Begin a cluster: sources that build, and around them what an editor, git, chezmoi and a CI \
             want to know. Where one of the files is there already, nothing is written.",
        )
        .after_help("Examples:\n  colabc init\n  colabc init --nodes 3 ~/cluster")
        .arg(
            Arg::new("dir")
                .value_name("DIR")
                .value_hint(ValueHint::DirPath)
                .value_parser(clap::value_parser!(PathBuf))
                .default_value(".")
                .help("The folder; it is made where it is missing"),
        )
        .arg(
            Arg::new("nodes")
                .long("nodes")
                .value_name("COUNT")
                .value_parser(["1", "3"])
                .default_value("1")
                .help("One machine in one file, or three in a folder of nodes"),
        )
}

pub fn run(matches: &ArgMatches) -> Outcome {
    init(matches).unwrap_or_else(|outcome| outcome)
}

fn init(matches: &ArgMatches) -> Result<Outcome, Outcome> {
    let folder = matches.get_one::<PathBuf>("dir").map_or(Path::new("."), PathBuf::as_path);
    let three = matches.get_one::<String>("nodes").is_some_and(|count| count == "3");
    let files: Vec<&New> = if three { THREE } else { ONE }.iter().chain(AROUND).collect();
    let there: Vec<&str> = files
        .iter()
        .map(|(path, _)| *path)
        .filter(|path| folder.join(path).symlink_metadata().is_ok())
        .collect();
    if !there.is_empty() {
        let what = match folder == Path::new(".") {
            true => "this folder".to_owned(),
            false => format!("`{}`", shown(folder)),
        };
        let help = match there.contains(&ROOT_FILE) {
            true => {
                "it is a cluster: `colabc check` checks it; or choose another folder: `colabc init DIR`"
            }
            false => "move them away, or choose another folder: `colabc init DIR`",
        };
        return Err(Outcome::Usage(format!(
            "{what} has {} already, and nothing is overwritten\n  help: {help}",
            there.join(", ")
        )));
    }
    for (path, text) in files {
        let path = folder.join(path);
        write(&path, text)
            .map_err(|error| Outcome::Disk(DiskError::io("cannot write", &path, &error)))?;
        args::print(&format!("  + {}\n", shown(&path)))?;
    }
    let step = |what: &str, why: &str| format!("  {what:22}{why}\n");
    let go = match folder == Path::new(".") {
        true => String::new(),
        false => format!("  cd {}\n", shell::quote(&shown(folder))),
    };
    args::print(&format!(
        "\nNext:\n{}{}{}",
        go,
        step("colabc build", "writes out/; commit it with the sources"),
        step("colabc build --watch", "and again on every save")
    ))?;
    Ok(Outcome::Fine)
}

/// Never over a file that came between.
fn write(path: &Path, text: &str) -> io::Result<()> {
    limit::fits(text.len())?;
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    OpenOptions::new().write(true).create_new(true).open(path)?.write_all(text.as_bytes())
}
