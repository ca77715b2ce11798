//! The commands that an editor can have carried out. What takes its time runs as a process of its
//! own, which reads what is saved.

use super::awaited::Awaited;
use super::capabilities::{BUILD, GRAPH};
use super::places::{path_of, real};
use super::wire::{Error, code};
use super::workspace::Workspace;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::process::Command;

/// A command of `colabc` itself.
pub struct Order {
    words: &'static [&'static str],
    title: &'static str,
    root: PathBuf,
}

impl Order {
    /// None where it is no such command, or of no project.
    pub fn read(params: &Value, workspace: &Workspace) -> Option<Order> {
        let (words, title): (&[&str], _) = match params["command"].as_str()? {
            BUILD => (&["build"], "building"),
            GRAPH => (&["graph", "--format", "mermaid"], "drawing the graph"),
            _ => return None,
        };
        let argument = &params["arguments"][0];
        let uri = argument.as_str().or(argument["uri"].as_str());
        let project = match uri.and_then(path_of) {
            Some(path) => workspace.project(&real(path)),
            None => workspace.projects.first(),
        }?;
        Some(Order { words, title, root: project.root().join(&project.key.file) })
    }

    /// What it does, for who waits.
    pub fn title(&self) -> &'static str {
        self.title
    }

    /// Runs it to its end: what it printed, and whether all went well.
    pub fn carry_out(self, awaited: &Awaited) -> Result<Value, Error> {
        let ran = std::env::current_exe().and_then(|program| {
            let mut command = Command::new(program);
            awaited.run(command.args(self.words).arg(&self.root).arg("--color=never"))
        });
        let output =
            ran.map_err(|e| Error::new(code::REFUSED, format!("colabc cannot be run: {e}")))?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Ok(json!({
            "ok": output.status.success(),
            "output": text(&output.stdout),
            "messages": text(&output.stderr),
        }))
    }
}
