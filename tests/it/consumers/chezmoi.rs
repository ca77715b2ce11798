//! A chezmoi source tree, applied by the real chezmoi to a home, as a node of the given name.

use super::{File, Scratch};
use std::collections::BTreeMap;
use std::path::Path;

pub const TOOLS: &[&str] = &["chezmoi"];

/// Every file of the home after `chezmoi apply` as `node`. `tree` is the folder that everything
/// lies in which a template includes, `source` the source tree below it, `home` what is there
/// before. Scripts are not run.
pub fn apply(
    tree: &Path,
    source: &str,
    node: &str,
    home: &[(&str, &str)],
) -> Result<BTreeMap<String, File>, String> {
    let scratch = Scratch::new();
    let source = scratch.copy(tree, "tree").join(source);
    for (path, content) in home {
        scratch.write(&format!("home/{path}"), content);
    }
    let chezmoi = |words: &[&str]| {
        let call = scratch.call("chezmoi").args(words).host(node);
        call.arg("--no-tty")
            .arg("--source")
            .arg(&source)
            .arg("--destination")
            .arg(scratch.path("home"))
    };
    chezmoi(&["apply", "--force", "--exclude", "scripts"]).silent()?;
    // What is applied must stay so: a second run has nothing to do.
    chezmoi(&["verify", "--exclude", "scripts"]).silent()?;
    let mut files = scratch.files("home");
    files.retain(|path, _| !path.starts_with(".config/chezmoi/") && !path.starts_with(".cache/"));
    Ok(files)
}

/// The scripts that `chezmoi apply` would run as `node`, each as chezmoi would write it.
pub fn scripts(tree: &Path, source: &str, node: &str) -> Result<BTreeMap<String, String>, String> {
    let scratch = Scratch::new();
    let source = scratch.copy(tree, "tree").join(source);
    let chezmoi = |words: &[&str]| {
        let call = scratch.call("chezmoi").args(words).host(node);
        call.arg("--no-tty")
            .arg("--source")
            .arg(&source)
            .arg("--destination")
            .arg(scratch.path("home"))
    };
    let dump = chezmoi(&["dump", "--format", "json", "--include", "scripts"]).silent()?.json()?;
    let entries = dump.as_object().into_iter().flatten();
    let text =
        |entry: &serde_json::Value| entry["contents"].as_str().unwrap_or_default().to_owned();
    Ok(entries.map(|(name, entry)| (name.clone(), text(entry))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const IGNORE: &str =
        "{{ if ne .chezmoi.hostname \"director\" }}\n.config/compose/ollama.yml\n{{ end }}\n";

    fn tree(ignore: &str, template: &str) -> Scratch {
        let scratch = Scratch::new();
        scratch.write("out/compose/director/ollama.yml", "image: {{ verbatim }}\n");
        scratch.write("out/ssh/config", "Host *\n");
        scratch.write("out/chezmoi/dot_config/compose/ollama.yml.tmpl", template);
        scratch.write(
            "out/chezmoi/private_dot_ssh/private_config.tmpl",
            "{{ include \"../ssh/config\" -}}\n",
        );
        scratch.write("out/chezmoi/.chezmoiignore", ignore);
        scratch.write("out/chezmoi/.chezmoiremove", ".config/compose/old.yml\n");
        scratch.write("out/chezmoi/.chezmoiscripts/run_once_tools.sh", "#!/bin/sh\nmise install\n");
        scratch
    }

    const TEMPLATE: &str = "{{ include \"../compose/director/ollama.yml\" -}}\n";

    fn applied(ignore: &str, template: &str, node: &str) -> Result<BTreeMap<String, File>, String> {
        let old = [(".config/compose/old.yml", "image: gone\n")];
        apply(&tree(ignore, template).path("out"), "chezmoi", node, &old)
    }

    #[test]
    fn each_node_gets_its_own_files_verbatim() {
        if super::super::missing(TOOLS) {
            return;
        }
        let files = applied(IGNORE, TEMPLATE, "director").unwrap();
        assert_eq!(files.keys().collect::<Vec<_>>(), [".config/compose/ollama.yml", ".ssh/config"]);
        assert_eq!(files[".config/compose/ollama.yml"].content, b"image: {{ verbatim }}\n");
        assert_eq!(files[".ssh/config"], File { mode: 0o600, content: b"Host *\n".into() });
        let files = applied(IGNORE, TEMPLATE, "writer").unwrap();
        assert_eq!(files.keys().collect::<Vec<_>>(), [".ssh/config"]);
        let scripts = scripts(&tree(IGNORE, TEMPLATE).path("out"), "chezmoi", "writer").unwrap();
        assert_eq!(scripts[".chezmoiscripts/tools.sh"], "#!/bin/sh\nmise install\n");
    }

    #[test]
    fn broken_copies_are_refused() {
        if super::super::missing(TOOLS) {
            return;
        }
        super::super::refuses(
            |ignore| applied(ignore, TEMPLATE, "director"),
            IGNORE,
            &[("{{ end }}", ""), ("hostname", "hostnam")],
        );
        super::super::refuses(
            |template| applied(IGNORE, template, "director"),
            TEMPLATE,
            &[("ollama.yml", "missing.yml"), ("-}}", "")],
        );
    }
}
