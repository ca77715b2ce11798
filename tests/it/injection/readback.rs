//! What the real readers make of a round's files, against what they make of the same files with harmless
//! words: only the words may differ, and they by the texts.

use super::plan::token;
use crate::consumers::{Scratch, driver};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// The programs that `readback.py` asks.
pub const TOOLS: &[&str] = &[
    "docker-compose",
    "caddy",
    "testparm",
    "findmnt",
    "ssh",
    "mise",
    "node",
    "shfmt",
    "dash",
    "bash",
    "systemd-analyze",
    "promtool",
    "amtool",
    "tmux",
    "ansible-inventory",
    "powershell-commands",
];

pub type Files = BTreeMap<String, Vec<u8>>;
pub type Trees = BTreeMap<String, Value>;

/// What one start of the readers gave.
#[derive(Default)]
pub struct Heard {
    /// By cluster: the trees of the files that were wanted of it.
    pub trees: Vec<Trees>,
    /// By the folder of `out/`: how many programs were started for it.
    pub programs: BTreeMap<String, usize>,
    pub executed: bool,
}

/// Hands clusters to the readers, all in one start: of each its files, and which of them are asked for.
pub fn read(clusters: &[(&Files, BTreeSet<String>)]) -> Result<Heard, String> {
    let scratch = Scratch::new();
    for (number, (files, _)) in clusters.iter().enumerate() {
        for (path, bytes) in *files {
            scratch.write(&format!("out/{number}/{path}"), bytes);
        }
    }
    let wanted: Vec<_> = clusters.iter().map(|(_, wanted)| wanted).collect();
    let list = serde_json::to_string(&wanted).expect("texts are JSON");
    let list = scratch.write("wanted.json", list);
    let call = scratch.call("python3").args(["-X", "utf8"]).arg(driver("readback.py"));
    let limit = 600 * clusters.len() as u64;
    let mut said = call.arg(scratch.path("out")).arg(list).seconds(limit).fine()?.json()?;
    let fault = |fault: serde_json::Error| fault.to_string();
    Ok(Heard {
        trees: serde_json::from_value(said["files"].take()).map_err(fault)?,
        programs: serde_json::from_value(said["programs"].take()).map_err(fault)?,
        executed: said["ran"] != false,
    })
}

/// The texts by the words that they stand for.
#[derive(Default)]
pub struct Texts(BTreeMap<String, String>);

impl Texts {
    pub fn put(&mut self, seat: usize, copy: usize, text: &str) {
        self.0.insert(token(seat, copy), text.to_owned());
    }

    pub fn replace(&mut self, word: &str, text: &str) {
        self.0.insert(word.to_owned(), text.to_owned());
    }

    /// The same with the texts instead of the words.
    pub fn fill(&self, plain: &str) -> String {
        let mut out = String::new();
        let mut rest = plain;
        while let Some(at) = rest.find("zq") {
            let word = rest.get(at..at + token(0, 0).len()).unwrap_or_default();
            match self.0.get(word) {
                Some(text) => {
                    out.push_str(&rest[..at]);
                    out.push_str(text);
                    rest = &rest[at + word.len()..];
                }
                None => {
                    out.push_str(&rest[..at + 2]);
                    rest = &rest[at + 2..];
                }
            }
        }
        out + rest
    }

    /// The same of a file's tree; `spell` is how its tool writes what cannot be seen.
    fn tree(&self, plain: &Value) -> Value {
        match plain {
            Value::String(text) => self.fill(text).into(),
            Value::Array(items) => items.iter().map(|item| self.tree(item)).collect(),
            Value::Object(pairs) => {
                pairs.iter().map(|(key, value)| (self.fill(key), self.tree(value))).collect()
            }
            other => other.clone(),
        }
    }
}

/// Whether two trees say the same, whatever the order of what is in a list: sets are sorted, and other
/// texts sort otherwise.
fn same(a: &Value, b: &Value) -> bool {
    ordered(a) == ordered(b)
}

fn ordered(tree: &Value) -> Value {
    match tree {
        Value::Array(items) => {
            let mut items: Vec<Value> = items.iter().map(ordered).collect();
            items.sort_by_cached_key(Value::to_string);
            items.into()
        }
        Value::Object(pairs) => {
            pairs.iter().map(|(key, value)| (key.clone(), ordered(value))).collect()
        }
        other => other.clone(),
    }
}

/// For people, a character that nobody would see is spelled out, lines and other blanks are one blank: HTML
/// takes a carriage return for a newline, and shows any blanks as one.
fn seen(text: &str) -> String {
    let text = match text.contains("files/") {
        true => text.replace('\\', "/"),
        false => text.to_owned(),
    };
    let text = text.replace("\\n", " ").replace("\\t", " ").replace("\\r", " ");
    spelled(&text).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// In a comment too. Blanks around a command are none of it to a shell, so mise takes them away.
fn remarked(text: &str) -> String {
    match text.strip_prefix("$ ") {
        Some(command) => format!("$ {}", command.trim()),
        None if text.starts_with("# ") => seen(text),
        None => text.to_owned(),
    }
}

/// Names below `out/` have no backslashes; a shell with a way of its own is not looked for in the usual place, and
/// two slashes in a path are one.
fn portable(text: &str) -> String {
    if text.starts_with("files/") {
        return text.replace('\\', "/");
    }
    let own = text.strip_prefix("/usr/bin/").filter(|rest| rest.starts_with('/'));
    let text = own.unwrap_or(text);
    if text.starts_with('/') { text.replace("//", "/") } else { text.to_owned() }
}

/// Compose works out where the context of a build lies: an absolute one where it says.
fn placed(text: &str) -> String {
    let Some((node, context)) =
        text.strip_prefix("/tmp/o/compose/").and_then(|t| t.split_once('/'))
    else {
        return text.to_owned();
    };
    // With a scheme it lies elsewhere.
    if context.starts_with('/') || context.contains("://") {
        return context.to_owned();
    }
    let mut steps = vec!["tmp", "o", "compose", node];
    for step in context.split('/') {
        match step {
            "" | "." => {}
            ".." => drop(steps.pop()),
            name => steps.push(name),
        }
    }
    format!("/{}", steps.join("/"))
}

/// The names of Samba's settings have no case, and blanks in them are one.
fn setting(text: &str) -> String {
    match text.starts_with("x:") {
        true => text.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" "),
        false => text.to_owned(),
    }
}

fn spelled(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c.is_control() && !matches!(c, '\n' | '\t' | '\r')
            || HIDDEN.iter().any(|r| r.contains(&c))
        {
            true => out.push_str(&format!("\\u{{{:x}}}", u32::from(c))),
            false => out.push(c),
        }
    }
    out
}

/// Of Unicode's Default_Ignorable_Code_Point, the marks of lines and of interlinear notes, those that steer
/// musical notation, and the two that XML cannot hold.
const HIDDEN: &[std::ops::RangeInclusive<char>] = &[
    '\u{ad}'..='\u{ad}',
    '\u{34f}'..='\u{34f}',
    '\u{61c}'..='\u{61c}',
    '\u{115f}'..='\u{1160}',
    '\u{17b4}'..='\u{17b5}',
    '\u{180b}'..='\u{180f}',
    '\u{200b}'..='\u{200f}',
    '\u{2028}'..='\u{202e}',
    '\u{2060}'..='\u{206f}',
    '\u{3164}'..='\u{3164}',
    '\u{feff}'..='\u{feff}',
    '\u{ffa0}'..='\u{ffa0}',
    '\u{fff9}'..='\u{fffb}',
    '\u{fffe}'..='\u{ffff}',
    '\u{1d173}'..='\u{1d17a}',
    '\u{e0000}'..='\u{e0fff}',
];

/// A path of things quotes the names that are no words.
fn unquoted(text: &str) -> String {
    match text.ends_with(", cluster.colab") {
        true => text.replace('"', ""),
        false => text.to_owned(),
    }
}

/// The names of headers have no case.
fn nameless(text: &str) -> String {
    match text.starts_with("header:") {
        true => text.to_lowercase(),
        // A slash at the end of a path says nothing: what is below it comes behind one.
        false => text.strip_suffix("//*").map_or(text.to_owned(), |path| format!("{path}/*")),
    }
}

/// Whether a reader's leaf is a line for a shell, of the words that the plain one has.
fn spoken(plain: &str, found: &str, texts: &Texts, how: fn(&str) -> String) -> bool {
    let (mut words, mut word, mut open) = (Vec::new(), String::new(), None);
    let mut chars = found.chars();
    while let Some(c) = chars.next() {
        match (open, c) {
            (None, ' ') => words.push(std::mem::take(&mut word)),
            (None, '\'' | '"') => open = Some(c),
            (Some(quote), c) if quote == c => open = None,
            (None | Some('"'), '\\') => word.extend(chars.next()),
            (_, c) => word.push(c),
        }
    }
    words.push(word);
    let blanks = |word: &String| !word.is_empty();
    // A comment is for people, and so is each of its words.
    let how = if plain.starts_with("# ") { seen } else { how };
    let plain = plain.split(' ').map(|word| how(&texts.fill(word))).filter(blanks);
    open.is_none() && plain.eq(words.iter().map(|word| how(word)).filter(blanks))
}

/// Whether a card of a picture has so much of a text as has room, and its title, which a browser shows
/// when it is pointed at, has all of it.
fn cut(wanted: &str, found: &[String]) -> bool {
    found.iter().any(|leaf| is_head(leaf, wanted))
        && found.iter().any(|leaf| leaf.len() > wanted.len() && leaf.contains(wanted))
}

fn is_head(text: &str, whole: &str) -> bool {
    text.strip_suffix('…').is_some_and(|head| whole.starts_with(head))
}

/// Whether two lists of words hold the same: what is searched has no order, and names that stand one after
/// the other are sorted.
fn shuffled(wanted: &str, found: &str) -> bool {
    let sorted = |text: &str| {
        let words = text.split_whitespace().map(|word| word.trim_end_matches(','));
        let mut words: Vec<String> = words.map(str::to_owned).collect();
        words.sort();
        words
    };
    sorted(wanted) == sorted(found)
}

/// Whether both are one list of names in order, where another name has another place.
fn listed(plain: &str, found: &str, texts: &Texts) -> bool {
    let words = |text: &str| -> Vec<String> { text.split([',', ' ']).map(str::to_owned).collect() };
    let mut wanted = words(&texts.fill(plain));
    wanted.sort();
    wanted.len() > 1 && words(plain).is_sorted() && wanted == words(found)
}

/// The lists and objects alone. How many texts stand in a list of them is known by the texts.
fn bones(tree: &Value) -> Value {
    match tree {
        Value::Array(items) if items.iter().all(Value::is_string) => Value::Null,
        Value::Array(items) => items.iter().map(bones).collect(),
        Value::Object(pairs) => {
            serde_json::json!({ "": pairs.values().map(bones).collect::<Vec<_>>() })
        }
        _ => Value::Null,
    }
}

fn mapped(tree: &Value, how: fn(&str) -> String) -> Value {
    match tree {
        Value::String(text) => how(text).into(),
        Value::Array(items) => items.iter().map(|item| mapped(item, how)).collect(),
        Value::Object(pairs) => {
            pairs.iter().map(|(key, value)| (how(key), mapped(value, how))).collect()
        }
        other => other.clone(),
    }
}

fn leaves(tree: &Value, out: &mut Vec<String>) {
    match tree {
        Value::String(text) => out.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| leaves(item, out)),
        Value::Object(pairs) => pairs.iter().for_each(|(key, value)| {
            out.push(key.clone());
            leaves(value, out);
        }),
        other => out.push(other.to_string()),
    }
}

/// What is wrong with a file: the harmless leaf, and what the reader has instead; nothing if all is well.
pub fn wrong(path: &str, plain: &Value, found: &Value, texts: &Texts) -> Vec<(String, String)> {
    let how: fn(&str) -> String = match path.split('/').next() {
        Some("docs") => seen,
        Some("model.json") => unquoted,
        Some("caddy") => nameless,
        Some("ansible") => portable,
        Some("compose") => placed,
        Some("samba") => setting,
        Some("backup" | "mise" | "macos" | "systemd" | "tmux") => remarked,
        _ => str::to_owned,
    };
    let (plain, found) = (plain, &mapped(found, how));
    if same(&mapped(&texts.tree(plain), how), found) {
        return Vec::new();
    }
    if let Some(why) = found.get("refused") {
        return vec![("the whole file".into(), format!("refused: {why}"))];
    }
    let (mut before, mut after) = (Vec::new(), Vec::new());
    leaves(plain, &mut before);
    leaves(found, &mut after);
    let mut left: BTreeMap<String, isize> = BTreeMap::new();
    after.iter().for_each(|leaf| *left.entry(leaf.clone()).or_default() += 1);
    let mut missing = Vec::new();
    // A text that may stand there as several paragraphs takes what no other is left with.
    before.sort_by_key(|leaf| texts.fill(leaf).contains("\n\n"));
    for leaf in before {
        let filled = how(&texts.fill(&leaf));
        let count = left.entry(filled.clone()).or_default();
        *count -= 1;
        if *count < 0 {
            missing.push(leaf);
        }
    }
    let strange = left.into_iter().filter(|(_, count)| *count > 0);
    let mut strange: Vec<String> = strange.map(|(leaf, _)| leaf).collect();
    // A page has no element for a text of blanks, or says that nobody knows, in the class of what is none; a blank
    // line parts two paragraphs.
    let book = path.starts_with("docs/");
    strange.retain(|leaf| !book || !matches!(&**leaf, "" | "em" | "class" | "none" | "unknown"));
    if book {
        missing.retain(|leaf| {
            let text = texts.fill(leaf).replace("\r\n", "\n");
            let parts: Vec<String> =
                text.split("\n\n").map(how).filter(|part| !part.is_empty()).collect();
            let parted = parts.len() < text.split("\n\n").count() || parts.len() > 1;
            let whole = parted && parts.iter().all(|part| after.contains(part));
            if whole {
                // Each has its own element, and between two is a line end.
                let also = |found: &str| matches!(found, "p" | "text");
                strange.retain(|found| !also(found) && !parts.contains(found));
            }
            !whole
        });
    }
    // A remark of several lines is as many remarks; one of nothing is none.
    missing.retain(|leaf| {
        let Some(text) = leaf.strip_prefix("# ").map(|leaf| texts.fill(leaf)) else { return true };
        let text = text.trim();
        let told = |line: &str| line.replace('\t', "\\u{9}").replace('\r', "\\u{d}");
        let line = |line: &str| how(&format!("# {}", told(line).trim()));
        let lines = text.lines().map(line);
        let lines: Vec<String> = lines.filter(|line| line != "#").collect();
        let whole = lines.iter().all(|line| after.contains(line));
        if whole {
            strange.retain(|found| found != "#" && !lines.contains(found));
        }
        !whole
    });
    missing.retain(|leaf: &String| {
        !book || texts.fill(leaf) != *leaf && !seen(texts.fill(leaf).trim()).is_empty()
    });
    let mut reshaped = book;
    // A setting of nothing is what Samba has without it.
    if path.starts_with("samba/") && missing.iter().any(|leaf| texts.fill(leaf).is_empty()) {
        missing.retain(|leaf| leaf != "comment" && !texts.fill(leaf).is_empty());
        reshaped = true;
    }
    // A unit that is described by nothing is called by its name.
    if path.starts_with("systemd/") && missing.iter().any(|leaf| texts.fill(leaf).is_empty()) {
        missing.retain(|leaf| !texts.fill(leaf).is_empty());
        strange.retain(|found| path.rsplit('/').next() != Some(found));
    }
    // A unit's `uid:gid` is its user and its group.
    if path.starts_with("systemd/") && after.iter().any(|found| found == "Group") {
        missing.retain(|leaf| {
            let account = texts.fill(leaf);
            let Some((user, group)) = account.split_once(':') else { return true };
            let both = [user, group].iter().all(|part| after.iter().any(|found| found == part));
            if both {
                reshaped = true;
                strange.retain(|found| found != "Group" && found != user && found != group);
            }
            !both
        });
    }
    if path.ends_with(".svg") {
        let all: Vec<String> = missing.iter().map(|leaf| how(&texts.fill(leaf))).collect();
        missing.retain(|leaf| !cut(&how(&texts.fill(leaf)), &after));
        let head = |found: &String| all.iter().any(|whole| is_head(found, whole));
        strange.retain(|found| !head(found));
    }
    let names = |leaf: &str| strange.iter().any(|found| listed(leaf, found, texts));
    let (moved, others): (Vec<String>, Vec<String>) =
        missing.into_iter().partition(|leaf| names(leaf));
    strange.retain(|found| !moved.iter().any(|leaf| listed(leaf, found, texts)));
    missing = others;
    missing.retain(|leaf: &String| {
        let place = strange.iter().position(|found| {
            spoken(leaf, found, texts, how)
                || path.starts_with("caddy/") && texts.fill(leaf).trim_end_matches('/') == found
                || path.starts_with("docs/") && shuffled(&how(&texts.fill(leaf)), found)
        });
        place.map(|at| strange.remove(at)).is_none()
    });
    let mut all: Vec<_> = missing
        .into_iter()
        .enumerate()
        .map(|(at, leaf)| (leaf, strange.get(at).cloned().unwrap_or_default()))
        .collect();
    let moved = match strange.is_empty() {
        true => !reshaped && !same(&bones(plain), &bones(found)),
        false => true,
    };
    if all.is_empty() && moved {
        let strange: Vec<String> = strange.into_iter().rev().take(8).collect();
        all.push(("the order or depth of things".into(), strange.join(" | ")));
    }
    all
}
