//! The handbook: what its pages say is what the model says, its links lead somewhere, its commands
//! exist, no text of anybody's becomes markup, and a browser reads, searches and prints it.

mod browser;
mod figures;
mod html;
mod runbooks;

use super::Built;
use super::both::{first, second};
use std::collections::{BTreeMap, BTreeSet};

/// Every page of a handbook, by its file.
fn pages(built: &Built) -> BTreeMap<String, String> {
    let all = built.tree.iter().filter_map(|(path, file)| {
        let name = path.strip_prefix("docs/").filter(|name| name.ends_with(".html"))?;
        Some((name.to_string(), String::from_utf8(file.bytes.clone()).unwrap()))
    });
    all.collect()
}

/// The links of a handbook that lead nowhere.
fn dead(pages: &BTreeMap<String, String>, files: &BTreeSet<String>) -> Vec<String> {
    let mut dead = Vec::new();
    for (name, page) in pages {
        let links = ["href", "src"].iter().flat_map(|it| html::attributes(page, it));
        for link in links {
            if link.starts_with("https://") || link.starts_with("http://") {
                continue;
            }
            let (file, place) = link.split_once('#').unwrap_or((&link, ""));
            let target = if file.is_empty() { name.as_str() } else { file };
            let path = match target.strip_prefix("../") {
                Some(path) => path.to_string(),
                None => format!("docs/{target}"),
            };
            let there = files.contains(&path);
            let placed = place.is_empty()
                || pages.get(target).is_some_and(|it| it.contains(&format!(" id=\"{place}\"")));
            if !there || !placed {
                dead.push(format!("{name}: {link}"));
            }
        }
    }
    dead
}

fn files(built: &Built) -> BTreeSet<String> {
    built.tree.iter().map(|(path, _)| path.to_string()).collect()
}

#[test]
fn every_link_leads_somewhere() {
    for built in [first(), second()] {
        let (all, files) = (pages(built), files(built));
        assert!(all.len() > 20, "{} pages", all.len());
        assert_eq!(dead(&all, &files), [""; 0]);
        let mut pictures = all.clone();
        for name in files.iter().filter_map(|it| it.strip_prefix("docs/picture-")) {
            let name = format!("picture-{name}");
            pictures.insert(name.clone(), built.text(&format!("docs/{name}")));
        }
        assert!(pictures.len() > all.len() + 3);
        assert_eq!(dead(&pictures, &files), [""; 0], "the cards of the pictures lead somewhere");
        // And a dead one is found.
        for (from, to) in
            [("href=\"nodes.html\"", "href=\"nodez.html\""), ("#bootstrap", "#bootztrap")]
        {
            let mut broken = all.clone();
            let page = broken.get_mut("index.html").unwrap();
            assert!(page.contains(from));
            *page = page.replace(from, to);
            assert!(!dead(&broken, &files).is_empty(), "{to}");
        }
        let index = built.text("docs/index.js");
        let hrefs = index.split("\"href\":\"").skip(1).map(|it| it.split('"').next().unwrap());
        let list: String = hrefs.map(|it| format!("<a href=\"{it}\"></a>")).collect();
        let mut with = all.clone();
        with.insert("found.html".into(), list);
        assert_eq!(dead(&with, &files), [""; 0], "the search leads somewhere");
    }
}

/// Texts that would be structure in a page, a script or a style, or that turn what stands round them.
const HOSTILE: &[&str] = &[
    "</script><script>touched = 1</script>",
    "<img src=x onerror=touched=2>",
    "\\\"'];touched=3;//",
    "</style><!-- --> &lt; &#39;",
    "abc\u{202e}fed\u{200b}\u{2066}",
];

/// A cluster in which every free text is hostile.
pub fn hostile() -> Built {
    let hidden = |c: char| matches!(c, '\u{202e}' | '\u{200b}' | '\u{2066}');
    let quoted = |c: char| match c {
        '\\' | '"' => format!("\\{c}"),
        c if hidden(c) => c.escape_unicode().to_string(),
        c => c.to_string(),
    };
    let all: String = HOSTILE.join(" ").chars().map(quoted).collect();
    let source = format!(
        r#"
cluster home {{ reach = [lan]   description = "{all}"   down {{ impact = "{all}"   mitigation = "{all}" }} tags = ["{all}"] }}
network lan {{ driver = physical   range = 10.1.0.0/24   description = "{all}" }}
user ann {{ uid = 1000   gid = 1000   description = "{all}" }}
/// {doc}
node one {{ arch = x86_64   os = debian("13")   user = ann   address {{ lan = 10.1.0.2 }}
  hardware {{ cpu_model = "{all}"   disk d {{ device = "/dev/sdb1"   mount = "/srv"   description = "{all}" }} }}
  down {{ impact = "{all}" }}   tags = ["{all}"] }}
secrets keys {{ provider = command(["pass", "show"])   description = "{all}"
  path "/a" {{ names = [TOKEN]   describe {{ TOKEN = "{all}" }} }} }}
service web {{ on = one   tier = "{all}"   description = "{all}"   secrets = [keys["/a"]]
  container main {{ image = "example/web:1"   env {{ TOKEN = secret("TOKEN") }}   description = "{all}"
    port http = 8080 -> 80 {{ audience = lan   description = "{all}" }}
    health {{ shell = "true" }}
    volume "/data" = local("d") {{ description = "{all}" }} }} }}
decision d {{ title = "{all}"   context = "{all}"   chosen = "{all}"   good = ["{all}"]   bad = ["{all}"]   about = [one] }}
alert a {{ when = "up > 0"   summary = "{all}"   description = "{all}" }}
allow L0101 = "{all}"
"#,
        doc = HOSTILE[..4].join(" "),
    );
    Built::text_of(&source)
}

#[test]
fn no_text_becomes_markup() {
    let built = hostile();
    let all = pages(&built);
    for (name, page) in &all {
        for bad in ["<img src=x", "onerror=touched=2>", "<script>", "<!--"] {
            assert!(!page.contains(bad), "{name} holds {bad}");
        }
        assert_eq!(page.matches("<script").count(), 2, "{name}");
        let hidden = |c: char| matches!(c, '\u{202e}' | '\u{200b}' | '\u{2066}');
        assert!(!page.contains(hidden), "{name} holds what turns its text");
    }
    let shown = html::text(&all["index.html"]);
    for text in &HOSTILE[..4] {
        let text: Vec<&str> = text.split_whitespace().collect();
        assert!(shown.contains(&text.join(" ")), "{text:?} is shown as written");
    }
    assert!(shown.contains("abc\\u{202e}fed\\u{200b}\\u{2066}"), "and what hides is spelled out");
    assert!(
        html::text(&all["node-one.html"]).contains("<img src=x onerror=touched=2>"),
        "from ///"
    );
}

#[test]
fn every_page_says_what_to_edit_instead() {
    for built in [first(), second()] {
        for (path, file) in built.tree.iter().filter(|(path, _)| path.starts_with("docs/")) {
            assert!(file.delivery.is_none(), "{path} is brought nowhere");
            let text = String::from_utf8(file.bytes.clone()).unwrap();
            assert_eq!(file.lines.len(), text.lines().count(), "{path}");
            if path.ends_with(".html") {
                assert!(text.contains("Made by colabc"), "{path}");
            }
        }
        let page = built.text("docs/nodes.html");
        let at = page.lines().position(|line| line.contains("href=\"node-")).unwrap();
        let lines = &built.tree.get("docs/nodes.html").unwrap().lines;
        assert!(lines[at..].iter().any(|origin| !origin.is_none()), "its rows know their source");
    }
}
