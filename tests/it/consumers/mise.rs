//! mise's configuration: its tasks, each of which is also run dry, so that its template is read.

use super::Scratch;
use serde_json::Value;
use std::collections::BTreeMap;

pub const TOOLS: &[&str] = &["mise"];

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Task {
    pub description: String,
    pub run: Vec<String>,
    pub depends: Vec<String>,
}

/// Every task, from ~/.config/mise/config.toml.
pub fn read(config: &str) -> Result<BTreeMap<String, Task>, String> {
    let scratch = Scratch::new();
    scratch.write("home/.config/mise/config.toml", config);
    let mise = |words: &[&str]| {
        let call = scratch.call("mise").args(words).env("MISE_OFFLINE", "1").env("MISE_YES", "1");
        call.env("MISE_TASK_RUN_AUTO_INSTALL", "0")
    };
    let list = mise(&["tasks", "--json"]).silent()?.json()?;
    // It warns of what it does not know, with status 0.
    mise(&["tasks", "validate"]).silent()?;
    mise(&["config", "ls"]).silent()?;
    let texts = |value: &Value| {
        let items = value.as_array().into_iter().flatten();
        items.filter_map(Value::as_str).map(str::to_owned).collect::<Vec<_>>()
    };
    let mut tasks = BTreeMap::new();
    for row in list.as_array().into_iter().flatten() {
        let name = row["name"].as_str().unwrap_or_default();
        mise(&["run", "--dry-run", name]).fine()?;
        let task = Task {
            description: row["description"].as_str().unwrap_or_default().into(),
            run: texts(&row["run"]),
            depends: texts(&row["depends"]),
        };
        tasks.insert(name.into(), task);
    }
    Ok(tasks)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOUND: &str = r#"[tools]
node = "20"

[tasks."deploy:gitea"]
description = "Deploy gitea"
depends = ["cluster:ping"]
run = "infisical run --path=/gitea -- docker compose up -d"

[tasks."cluster:ping"]
run = ["echo a", "docker ps --format '{% raw %}{{.Names}}{% endraw %}'"]
"#;

    #[test]
    fn tasks_say_what_they_run() {
        if super::super::missing(TOOLS) {
            return;
        }
        let tasks = read(SOUND).unwrap();
        assert_eq!(
            tasks["deploy:gitea"].run,
            ["infisical run --path=/gitea -- docker compose up -d"]
        );
        assert_eq!(tasks["deploy:gitea"].depends, ["cluster:ping"]);
        assert_eq!(tasks["deploy:gitea"].description, "Deploy gitea");
        assert_eq!(tasks["cluster:ping"].run.len(), 2);
    }

    #[test]
    fn broken_copies_are_refused() {
        if super::super::missing(TOOLS) {
            return;
        }
        super::super::refuses(
            read,
            SOUND,
            &[
                ("depends = [\"cluster:ping\"]", "depends = [\"cluster:pong\"]"),
                ("{% raw %}{{.Names}}{% endraw %}", "{{.Names}}"),
                ("[tasks.\"cluster:ping\"]\nrun", "[tasks.cluster]\nping"),
                ("node = \"20\"", "node = 20"),
                ("[tools]", "[toolz]"),
                ("description", "descriptio"),
            ],
        );
    }
}
