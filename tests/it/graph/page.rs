//! The page in a real browser: what is searched, clicked, pressed and printed. Each fact has a page
//! that lacks it and is found out.

use super::{compile, own};
use crate::consumers::{docs, missing};
use crate::generate::{Project, scale};
use colabc::graph::export::Placed;
use colabc::graph::page::{self, Source};
use colabc::graph::{self, View};
use serde_json::{Value, json};

fn page_of(project: &Project) -> String {
    let run = compile(project);
    let model = &run.resolved.model;
    let pictures: Vec<_> = View::ALL.iter().map(|&view| graph::picture(model, view)).collect();
    page::page(model, &pictures, &|thing| {
        let placed = Placed::of(model.thing(thing).span, &run.sources);
        Some(Source::of(&placed, Some("../")))
    })
}

const HELPERS: &str = r##"
const text = (sel) => page.$eval(sel, (el) => el.textContent);
const classed = (name) => page.$$eval(`.stage.on .${name}[data-card] .name`, (all) => all.map((el) => el.textContent).sort());
const click = (name) => page.evaluate((name) => {
  const card = [...document.querySelectorAll(".stage.on [data-card]")].find((el) => el.querySelector(".name").textContent === name);
  card.dispatchEvent(new MouseEvent("click", { bubbles: true }));
}, name);
"##;

fn browse(html: &str, script: &str) -> Result<Value, String> {
    docs::browse(html, &format!("{HELPERS}{script}"))
}

const SEARCH: &str = r##"
await page.keyboard.press("/");
const typing = await page.evaluate(() => document.activeElement.id);
await page.keyboard.type("GIT");
const hits = await page.$$eval("#hits li", (all) => all.map((li) => li.firstChild.textContent));
const marked = await classed("match");
const count = await text("#count");
await page.keyboard.press("Enter");
const picked = await text("#detail h2");
const focus = await page.evaluate(() => document.activeElement.querySelector(".name").textContent);
await page.keyboard.press("Escape");
return { typing, hits, marked, count, picked, focus, after: await page.$$eval(".self", (all) => all.length) };
"##;

#[test]
fn it_is_searched() {
    if missing(docs::BROWSER) {
        return;
    }
    let html = page_of(&own());
    let wanted = json!({
        "typing": "find", "hits": ["gitea"], "marked": ["gitea"], "count": "1 found",
        "picked": "gitea", "focus": "gitea", "after": 0,
    });
    assert_eq!(browse(&html, SEARCH).unwrap(), wanted);
    let broken = html.replace("event.key === \"/\"", "event.key === \"?\"");
    assert_ne!(browse(&broken, SEARCH).unwrap_or_default(), wanted);
}

const CLICK: &str = r##"
await click("gitea");
const near = await classed("near"), name = await text("#detail h2");
const link = await page.$eval("#detail a", (a) => [a.textContent, a.getAttribute("href")]);
const hash = await page.evaluate(() => location.hash);
await page.click("#loss");
const fails = await classed("fails");
const said = await page.$$eval("#detail .fails li", (all) => all.map((li) => li.textContent));
await page.keyboard.press("Escape");
const none = await page.$$eval(".near,.self,.fails", (all) => all.length);
await page.evaluate(() => document.querySelector(".stage.on [data-frame='0'] .head").dispatchEvent(new MouseEvent("click", { bubbles: true })));
await page.keyboard.press("i");
return { near, name, link, hash, fails, said, none, node: await classed("fails"), declared: (await text("#detail")).includes("No external access, no gateway services") };
"##;

#[test]
fn it_is_clicked() {
    if missing(docs::BROWSER) {
        return;
    }
    let html = page_of(&own());
    let wanted = json!({
        "near": ["caddy", "gitea", "infisical"],
        "name": "gitea",
        "link": ["services/gitea.colab:2:9", "../services/gitea.colab#L2"],
        "hash": "#services/service%20gitea%20on%20cooperator",
        "fails": [],
        "said": ["site git.ism.la: leads to gitea"],
        "none": 0,
        "node": ["caddy", "cockpit", "gitea", "headscale", "infisical", "ollama", "open-webui", "pihole", "samba"],
        "declared": true,
    });
    let mut found = browse(&html, CLICK).unwrap();
    // The column is where the name stands.
    let link = found["link"][0].as_str().unwrap().rsplit_once(':').unwrap().0.to_string();
    assert_eq!(link, "services/gitea.colab:2");
    found["link"][0] = wanted["link"][0].clone();
    assert_eq!(found, wanted);
    for (from, to) in
        [("\"effects\":{", "\"others\":{"), ("stage.cards[line.to].classList.add(\"near\");", "")]
    {
        assert!(html.contains(from), "{from}");
        assert_ne!(browse(&html.replace(from, to), CLICK).unwrap_or_default(), wanted, "{from}");
    }
}

const KEYS: &str = r##"
const views = [];
for (let nth = 0; nth < 6; nth++) {
  await page.focus("nav button[aria-selected=true]");
  views.push(await text(".stage.on .title"));
  await page.keyboard.press("ArrowRight");
}
await page.evaluate(() => document.activeElement.blur());
await page.keyboard.press("ArrowDown");
const name = () => page.evaluate(() => document.activeElement.querySelector(".name")?.textContent ?? document.activeElement.tagName);
const first = await name();
await page.keyboard.press("ArrowUp");
const right = await name();
await page.keyboard.press("ArrowDown");
const back = await name();
await page.keyboard.press("Tab");
const tab = await name();
await page.keyboard.press("Enter");
const picked = await text("#detail h2");
const box = () => page.$eval(".stage.on svg", (svg) => svg.getAttribute("viewBox").split(" ").map(Number)[2]);
const wide = await box();
await page.keyboard.press("+");
const near = await box();
await page.keyboard.press("0");
return { views, same: first === back && first !== right, stepped: tab !== first && tab === picked, nearer: near < wide, whole: (await box()) === wide };
"##;

#[test]
fn it_works_with_the_keyboard() {
    if missing(docs::BROWSER) {
        return;
    }
    let html = page_of(&own());
    let views: Vec<String> =
        View::ALL.iter().map(|view| format!("colab: {}", view.word())).collect();
    let wanted =
        json!({ "views": views, "same": true, "stepped": true, "nearer": true, "whole": true });
    assert_eq!(browse(&html, KEYS).unwrap(), wanted);
    let broken = html.replace("tabindex=\"0\"", "");
    assert_ne!(browse(&broken, KEYS).unwrap_or_default(), wanted);
}

/// Every text inside of its card, its frame or the paper; no two texts on each other.
const FITS: &str = r##"
return page.evaluate(() => {
  const out = [];
  for (const stage of document.querySelectorAll(".stage")) {
    stage.classList.add("on");
    const svg = stage.querySelector("svg"), paper = svg.querySelector(".paper").getBoundingClientRect();
    const inside = (a, b) => a.left >= b.left - .5 && a.right <= b.right + .5 && a.top >= b.top - .5 && a.bottom <= b.bottom + .5;
    const texts = [...svg.querySelectorAll("text")].map((el) => [el, el.getBoundingClientRect()]);
    for (const [el, box] of texts) {
      const around = el.closest(".card,.frame")?.querySelector(".box,.pane")?.getBoundingClientRect() ?? paper;
      if (!inside(box, around)) out.push(`${stage.id}: ${el.textContent} leaves its box`);
    }
    // The height of a line of text is more than its letters: overlap counts from a fourth of it.
    const inner = texts.map(([el, b]) => [el, { left: b.left, right: b.right, top: b.top + b.height / 4, bottom: b.bottom - b.height / 4 }]);
    inner.sort((a, b) => a[1].top - b[1].top);
    inner.forEach(([el, a], at) => {
      for (let nth = at + 1; nth < inner.length && inner[nth][1].top < a.bottom; nth++) {
        const b = inner[nth][1];
        if (a.left < b.right && b.left < a.right) out.push(`${stage.id}: ${el.textContent} lies on ${inner[nth][0].textContent}`);
      }
    });
    stage.classList.remove("on");
  }
  return out.slice(0, 5);
});
"##;

#[test]
fn no_text_leaves_its_box() {
    if missing(docs::BROWSER) {
        return;
    }
    for project in [own(), scale(1, 10, 1), scale(10, 10, 1)] {
        let html = page_of(&project);
        assert_eq!(browse(&html, FITS).unwrap(), json!([]));
        let broken = html.replace(".name{font-size:13px", ".name{font-size:23px");
        assert_ne!(browse(&broken, FITS).unwrap(), json!([]));
    }
}

/// Light and dark differ, paper holds every view, and nothing of the page is on it.
const PAPER: &str = r##"
const shot = async (scheme) => {
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
  return (await page.screenshot({ encoding: "base64" })).slice(0, 20000);
};
const light = await shot("light"), dark = await shot("dark");
const ink = await page.$eval(".stage.on .name", (el) => getComputedStyle(el).fill);
await page.emulateMediaType("print");
const seen = (sel) => page.$$eval(sel, (all) => all.filter((el) => el.getBoundingClientRect().height > 0).length);
const pdf = await page.pdf({ format: "A4", landscape: true });
const sheets = (Buffer.from(pdf).toString("latin1").match(/\/Type\s*\/Page[^s]/g) ?? []).length;
return { differ: light !== dark, png: light.startsWith("iVBOR"), ink, stages: await seen(".stage svg"), rest: await seen("header,aside"), sheets };
"##;

#[test]
fn it_is_light_dark_and_printed() {
    if missing(docs::BROWSER) {
        return;
    }
    let html = page_of(&own());
    let wanted = json!({
        "differ": true, "png": true, "ink": "rgb(232, 234, 238)", "stages": 6, "rest": 0, "sheets": 6,
    });
    assert_eq!(browse(&html, PAPER).unwrap(), wanted);
    for broken in [
        html.replace("prefers-color-scheme:dark", "nosuch:dark"),
        html.replace("@media print", "@media nosuch"),
    ] {
        assert_ne!(browse(&broken, PAPER).unwrap_or_default(), wanted);
    }
}

#[test]
fn a_hostile_text_stays_a_text() {
    if missing(docs::BROWSER) {
        return;
    }
    let evil =
        "</script><script>window.pwned=1</script><img src=x onerror=window.pwned=1>'&amp;${1}";
    let text = format!(
        "cluster home {{ edition = 1 }}\nnode box {{\n  arch = arm64\n  os = debian(\"{v}\")\n  \
         down {{ impact = \"{v}\" }}\n}}\n",
        v = evil.replace("${", "\\${")
    );
    let html = page_of(&Project::from([("cluster.colab".to_string(), text)]));
    let script = "await page.evaluate(() => { location.hash = '#nodes/node%20box'; });\n\
        await new Promise((go) => setTimeout(go, 100));\nawait page.click('#loss');\n\
        return { pwned: await page.evaluate(() => window.pwned ?? null), said: await text('#detail'), note: await text('#view-nodes .card title') };";
    let found = browse(&html, script).unwrap();
    assert_eq!(found["pwned"], Value::Null);
    assert!(found["said"].as_str().unwrap().contains(evil), "{found}");
    assert!(found["note"].as_str().unwrap().contains(evil), "{found}");
    // The same text, let loose, is found out.
    let loose = html.replacen("</main>", "</main><script>window.pwned=1</script>", 1);
    assert_eq!(browse(&loose, script).unwrap()["pwned"], json!(1));
}

/// The page as VS Code shows it: in a frame with bounds, with a style and a script of the editor's put
/// before everything else in its head.
fn framed(html: &str) -> String {
    let ours = "<head><style>body{padding:0 20px}</style><script>globalThis.acquireVsCodeApi=()=>0</script>";
    let inside = html.replacen("<head>", ours, 1).replace('&', "&amp;").replace('"', "&quot;");
    let may = "allow-same-origin allow-pointer-lock allow-scripts allow-downloads allow-forms";
    format!(
        "<!doctype html><title>x</title><iframe sandbox=\"{may}\" width=1200 height=800 srcdoc=\"{inside}\"></iframe>"
    )
}

const FRAMED: &str = r##"
const frame = await (await page.$("iframe")).contentFrame();
await frame.waitForSelector(".stage.on [data-card]");
await frame.type("#find", "GIT");
const hits = await frame.$$eval("#hits li", (all) => all.map((li) => li.firstChild.textContent));
await page.keyboard.press("Enter");
const editor = await frame.evaluate(() => typeof acquireVsCodeApi);
return { hits, editor, picked: await frame.$eval("#detail h2", (el) => el.textContent) };
"##;

#[test]
fn it_works_in_the_frame_of_an_editor() {
    if missing(docs::BROWSER) {
        return;
    }
    let html = page_of(&own());
    let wanted = json!({ "hits": ["gitea"], "editor": "function", "picked": "gitea" });
    assert_eq!(browse(&framed(&html), FRAMED).unwrap(), wanted);
    // Without a word for its own script in what it allows itself, nothing moves.
    let broken = html.replace("script-src &#39;unsafe-inline&#39;", "script-src &#39;none&#39;");
    assert_ne!(html, broken);
    assert_ne!(browse(&framed(&broken), FRAMED).unwrap_or_default(), wanted);
}
