//! The handbook: its pages, and its pictures.

use super::Scratch;
use std::path::Path;

pub const TOOLS: &[&str] = &["markdownlint-cli2", "dot", "mmdc", "chromium"];

/// Every page below `folder`, by markdownlint. Long lines are let be: a table has them.
pub fn pages(folder: &Path) -> Result<(), String> {
    let scratch = Scratch::new();
    scratch.copy(folder, "pages");
    scratch.write("pages/.markdownlint-cli2.jsonc", r#"{"config": {"MD013": false}}"#);
    let script = "cd pages && markdownlint-cli2 '**/*.md'";
    scratch.call("sh").args(["-c", script]).fine().map(drop)
}

/// A handbook in a browser, as a reader would open it: what `tests/consumers/handbook.js` saw. `words`
/// are searched for; the first hit of the first is opened.
pub fn read_book(
    files: impl IntoIterator<Item = (String, Vec<u8>)>,
    words: &[&str],
) -> Result<serde_json::Value, String> {
    let scratch = Scratch::new();
    for (path, bytes) in files {
        scratch.write(&format!("out/{path}"), bytes);
    }
    let browser = super::tool("npm/puppeteer.json").ok_or("there is no browser")?;
    let modules = browser.with_file_name("node_modules");
    let call = scratch.call("node").arg(super::driver("handbook.js")).arg("out/docs");
    let call = call.arg(browser).args(words).env("NODE_PATH", modules);
    call.seconds(300).fine()?.json()
}

/// A graph for Graphviz, as its own plain text: nodes and edges with their places.
pub fn dot(graph: &str) -> Result<String, String> {
    let scratch = Scratch::new();
    scratch.write("graph.dot", graph);
    // Of a word too many it only warns.
    scratch.call("dot").args(["-Tplain", "graph.dot"]).silent().map(|heard| heard.out)
}

/// A picture of Mermaid's, as SVG.
pub fn mermaid(picture: &str) -> Result<String, String> {
    let scratch = Scratch::new();
    scratch.write("picture.mmd", picture);
    let browser = super::tool("npm/puppeteer.json").ok_or("there is no browser for Mermaid")?;
    let call = scratch.call("mmdc").arg("--puppeteerConfigFile").arg(browser);
    call.args(["--quiet", "--input", "picture.mmd", "--output", "picture.svg"]).fine()?;
    let picture = std::fs::read_to_string(scratch.path("picture.svg"));
    picture.map_err(|fault| fault.to_string())
}

/// The browser's library.
pub const PUPPETEER: &str = "npm/node_modules/puppeteer/lib/puppeteer/puppeteer.js";
pub const BROWSER: &[&str] = &["node", "chromium", PUPPETEER];

/// What a script finds in a page, in a browser: `script` has `page` and returns what it saw. A page
/// that asks for anything else, or has a fault, is refused.
pub fn browse(html: &str, script: &str) -> Result<serde_json::Value, String> {
    let scratch = Scratch::new();
    let page = scratch.write("page.html", html);
    let steps = scratch.write("steps.js", script);
    let library = super::tool(PUPPETEER).ok_or("there is no browser")?;
    let call = scratch.call("node").arg(super::driver("browser.mjs")).arg(library);
    let heard = call.arg(page).arg(steps).seconds(180).fine()?;
    let mut said = heard.json()?;
    for kind in ["faults", "asked"] {
        if said[kind].as_array().is_none_or(|all| !all.is_empty()) {
            return Err(format!("{kind}: {}", said[kind]));
        }
    }
    Ok(said["found"].take())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_linted() {
        if super::super::missing(TOOLS) {
            return;
        }
        let one = |text: &str| {
            let scratch = Scratch::new();
            scratch.write("docs/nodes.md", text);
            pages(&scratch.path("docs"))
        };
        let sound = "# Nodes\n\nThere are two:\n\n- cooperator\n- director\n";
        super::super::refuses(one, sound, &[("# N", "#N"), ("\n\n-", "\n-"), ("There", "# There")]);
    }

    #[test]
    fn graphs_are_drawn() {
        if super::super::missing(TOOLS) {
            return;
        }
        let sound = "digraph { \"my-node\" -> \"gitea.app\" [label=\"3000 \\\"web\\\"\"]; }\n";
        assert!(dot(sound).unwrap().contains("edge \"my-node\" \"gitea.app\""));
        super::super::refuses(dot, sound, &[("\"my-node\"", "my-node"), ("\\\"", "\""), ("}", "")]);
    }

    #[test]
    fn pictures_are_drawn() {
        if super::super::missing(TOOLS) {
            return;
        }
        let sound = "flowchart LR\n  a[\"gitea (app)\"] --> b[\"#quot;db#quot;\"]\n";
        assert!(mermaid(sound).unwrap().contains("gitea (app)"));
        super::super::refuses(
            mermaid,
            sound,
            &[("\"gitea (app)\"", "gitea (app)"), ("b[", "end[")],
        );
    }

    #[test]
    fn pages_are_browsed() {
        if super::super::missing(BROWSER) {
            return;
        }
        let sound = "<!doctype html><title>a</title><p id=\"p\">text</p><script>var a = 1</script>";
        let read = |html: &str| {
            let found = browse(html, "return page.$eval('#p', (p) => p.textContent)")?;
            found.as_str().map(String::from).ok_or("no text".to_string())
        };
        assert_eq!(read(sound).unwrap(), "text");
        super::super::refuses(
            read,
            sound,
            &[
                ("id=", "class="),
                ("var a = 1", "nosuch()"),
                ("<p", "<img src=http://192.0.2.1/a><p"),
            ],
        );
    }
}
