//! VS Code itself, as its workbench runs in a browser, with the packed extension and the real server on the
//! repository's cluster. `editors/test.sh` packs it; nothing here knows the protocol.

use crate::consumers::{Scratch, docs, missing, tool};
use crate::lsp::{random::own_cluster, server};
use crate::ratchet::root;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

const WORKBENCH: &str = "vscode/node_modules/code-server/out/node/entry.js";

/// The packed extension. One that is older than what it is made of is none.
fn packed() -> Option<PathBuf> {
    let folder = root().join("editors/vscode");
    let pack = folder.join("colab-0.1.0.vsix");
    let age = |path: &Path| -> Option<SystemTime> { path.metadata().ok()?.modified().ok() };
    let made = age(&pack)?;
    let parts = ["package.json", "language-configuration.json", "src", "syntaxes", "snippets"];
    let files = parts.iter().flat_map(|part| walkdir::WalkDir::new(folder.join(part)));
    let files: Vec<PathBuf> = files.flatten().map(|entry| entry.into_path()).collect();
    let fresh = files.iter().filter(|p| p.is_file()).all(|p| age(p).is_some_and(|at| at <= made));
    fresh.then_some(pack)
}

/// What `steps` saw in the workbench, and the project as it is then on the disk.
fn work(colabc: &Path, steps: &str) -> Option<(Value, String)> {
    let pack = packed();
    let name = pack.clone().unwrap_or_else(|| "a fresh .vsix (see editors/test.sh)".into());
    let name = name.to_string_lossy();
    let mut tools = vec![WORKBENCH, "rg", &*name];
    tools.extend(docs::BROWSER);
    if missing(&tools) {
        return None;
    }
    let scratch = Scratch::new();
    for (path, text) in own_cluster() {
        scratch.write(&format!("project/{path}"), text);
    }
    let settings = json!({
        "workbench.startupEditor": "none", "files.autoSave": "off",
        "extensions.autoCheckUpdates": false, "window.confirmBeforeClose": "never",
    });
    scratch.write("user/User/settings.json", settings.to_string());
    // What lies elsewhere may be hidden from what runs in there.
    let colabc = match colabc.exists() {
        true => scratch.copy(colabc, "colabc"),
        false => colabc.to_owned(),
    };
    let pack = pack.map(|pack| scratch.copy(&pack, "colab.vsix"));
    let machine = json!({ "colab.server.path": colabc });
    scratch.write("user/Machine/settings.json", machine.to_string());
    let steps = scratch.write("steps.js", steps);
    let [workbench, browser] = [WORKBENCH, docs::PUPPETEER].map(tool);
    let call = scratch.call("node").arg(crate::consumers::driver("vscode.mjs"));
    let call = call.args([workbench?, browser?, pack?, scratch.path(""), steps]);
    let heard = call.seconds(400).fine().unwrap_or_else(|fault| panic!("{fault}"));
    let all = scratch.files("project");
    let project = all.iter().filter(|(path, _)| path.ends_with(".colab"));
    let texts = project.map(|(_, file)| String::from_utf8_lossy(&file.content).into_owned());
    Some((heard.json().unwrap(), texts.collect()))
}

const DAY: &str = r##"
const seen = {};
const findings = (count) => act.until(".statusbar-item[id='status.problems']", (all) => all[0]?.startsWith(`${count}\n`));
const focused = (selector) => page.waitForFunction((s) => document.activeElement?.closest(s) !== null, {}, selector);
const same = async (wanted) => { for (let tries = 0; tries < 400; tries++) { if ((await act.lines()).join() === wanted) return true; await page.evaluate(() => new Promise((go) => setTimeout(go, 50))); } return false; };

await act.open("cluster.colab", 12, 5);
await page.waitForSelector(".statusbar-item[aria-label*='Status: running']");
seen.status = await page.$eval(".statusbar-item[id='status.languageStatus']", (item) => item.ariaLabel.split(",")[0]);
await act.keys("ctrl+k", "ctrl+i");
seen.hover = (await act.until(".monaco-hover:not(.hidden) .hover-contents", "timezone"))[0].split("\n");
await act.keys("Escape");

// A field misspelt, in the list of findings; and mended by what is offered.
await act.open("cluster.colab", 12, 11);
await act.keys("Backspace", "ctrl+shift+m");
seen.findings = await act.until(".markers-panel .monaco-list-row", "timezon");
await act.keys("ctrl+shift+m");
await act.open("cluster.colab", 12, 5);
await act.keys("ctrl+.");
seen.fixes = await act.until(".action-widget .monaco-list-row", "timezone");
await act.keys("Enter");
await findings(0);
const sound = (await act.lines()).join();
seen.mended = sound.includes('timezone    = "Etc/UTC"');

// Words proposed in the middle of a broken line.
await act.open("cluster.colab", 30, 1);
await act.keys("Enter", "ArrowUp");
await act.type("  de");
await act.keys("ctrl+ ");
seen.proposed = await act.until(".suggest-widget .monaco-list-row", "description");
await act.keys("Escape");
await act.command("Revert File");
await findings(0);

// Blanks too many, and the style.
await act.open("cluster.colab", 10, 3);
const before = (await act.lines()).join();
await act.type("     ");
seen.spoilt = (await act.lines()).join() !== before;
await act.command("Format Document");
seen.styled = await same(before);

// From a use to its declaration; and another name for it, in every file.
await act.open("cluster.colab", 13, 18);
await act.keys("F12");
await act.until(".part.statusbar", "Ln 22, Col 9");
await act.keys("F2");
await focused(".rename-box");
await act.type("switch");
await act.keys("Enter");
await act.until(".view-lines", (all) => all[0].replaceAll("\u00a0", " ").includes("network switch"));
await act.command("File: Save All");
await findings(0);

await act.open("services/gitea.colab");
seen.lenses = await act.until(".codelens-decoration", "depends");
seen.hints = (await act.until(".view-lines", "= /media"))[0].includes("= /media/crtr/fortress/data/postgres-gitea");

await act.command("Colab: Show Graph");
await act.until(".tab.active", "Colab Graph");
const cards = (frame) => frame.$$eval(".stage.on [data-card] .name", (all) => all.map((one) => one.textContent));
for (let tries = 0; tries < 400 && !seen.graph?.length; tries++) {
  seen.graph = (await Promise.all(page.frames().map((frame) => cards(frame).catch(() => [])))).flat().sort();
  await page.evaluate(() => new Promise((go) => setTimeout(go, 50)));
}
return seen;
"##;

#[test]
fn it_works_with_the_server() {
    let Some((seen, project)) = work(&server(), DAY) else { return };
    let lines = |name: &str| -> Vec<String> {
        let all = seen[name].as_array().unwrap_or_else(|| panic!("{name}: {seen}"));
        all.iter().map(|line| line.as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(seen["status"], "Editor Language Status: running");
    let hover = lines("hover");
    assert_eq!(hover[0], "cluster.timezone: timezone");
    assert!(hover.iter().any(|line| line.starts_with("holds  cluster colab")), "{hover:?}");
    let findings = lines("findings");
    assert!(
        findings.iter().any(|row| {
            row.starts_with("a cluster has no field `timezon`\ncolabc\nE0202\n[Ln 12, Col 3]")
        }),
        "{findings:?}"
    );
    assert!(lines("fixes").contains(&"did you mean `timezone`?".into()), "{seen}");
    assert_eq!(lines("proposed")[0], "description\nstring?");
    for name in ["mended", "spoilt", "styled", "hints"] {
        assert_eq!(seen[name], true, "{name}: {seen}");
    }
    assert!(project.contains("network switch {") && !project.contains("address.lan"), "{project}");
    assert_eq!(lines("lenses"), ["on cooperator, 1 depends on it, backed up daily, 11 files"]);
    let graph = lines("graph");
    assert!(["caddy", "gitea", "pihole"].iter().all(|name| graph.contains(&(*name).to_string())));
}

const LOST: &str = r##"
await act.open("cluster.colab");
return await act.until(".notifications-toasts .notification-list-item", "Colab");
"##;

#[test]
fn it_says_where_there_is_no_server() {
    let Some((seen, _)) = work(Path::new("/nowhere/colabc"), LOST) else { return };
    let said = "Colab: no program `/nowhere/colabc`. Install colabc, or say where it is.";
    assert!(seen.to_string().contains(said), "{seen}");
}
