//! Findings in the protocol's words, and what the editor was told of them last: only news is sent.

use super::library;
use super::places::{Encoding, uri_of};
use super::work::Key;
use colabc::diag::{Diagnostic, Severity, codes};
use colabc::source::{Place, Sources};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// One diagnostic as the protocol has it.
pub fn finding(
    encoding: Encoding,
    sources: &Sources,
    uri: &dyn Fn(&str) -> String,
    d: &Diagnostic,
) -> Value {
    let mut message = d.message.clone();
    if let Some(path) = &d.path {
        message.push_str(&format!("\nin {path}"));
    }
    if let Some(spread) = &d.spread {
        message.push_str(&format!("\n{}", spread.phrase()));
    }
    for note in &d.notes {
        message.push_str(&format!("\nnote: {note}"));
    }
    for fix in &d.fixes {
        message.push_str(&format!("\nhelp: {}", fix.title));
    }
    let related: Vec<Value> = d.labels[1..]
        .iter()
        .filter(|label| sources.file(label.span.file).place == Place::Project)
        .map(|label| {
            let uri = uri(&sources.file(label.span.file).name);
            let text = if label.text.is_empty() { "it takes part in this" } else { &label.text };
            let location = json!({ "uri": uri, "range": encoding.range(sources, label.span) });
            json!({ "location": location, "message": text })
        })
        .collect();
    let mut shown = json!({
        "range": encoding.range(sources, d.primary()),
        "severity": if d.severity() == Severity::Error { 1 } else { 2 },
        "code": d.code.id,
        "source": "colabc",
        "message": message,
        "relatedInformation": related,
    });
    if let Some(folder) = library::folder() {
        let page = folder.join("errors").join(format!("{}.md", d.code.id));
        shown["codeDescription"] = json!({ "href": uri_of(&page) });
    }
    if [&codes::L0106, &codes::L0107].contains(&d.code) {
        shown["tags"] = json!([1]);
    }
    shown
}

/// What was told, by URI.
#[derive(Default)]
pub struct Told {
    files: BTreeMap<String, File>,
    /// What only emitting found, and the last check of the same texts did not.
    late: BTreeMap<Key, Vec<(String, Value)>>,
    /// What the last check of each project found, and of which revision.
    checks: BTreeMap<Key, (u64, BTreeMap<String, Vec<Value>>)>,
}

struct File {
    key: Key,
    version: Option<i64>,
    list: Vec<Value>,
}

impl Told {
    /// The findings of a project; what is to be published. `sound` is none for a run that emitted, and
    /// else whether emitting may find more. `versions` are those of the open files, and whether they
    /// are still the ones that were looked at.
    pub fn tell(
        &mut self,
        key: &Key,
        mut found: BTreeMap<String, Vec<Value>>,
        versions: &BTreeMap<String, (i64, bool)>,
        sound: Option<bool>,
        revision: u64,
    ) -> Vec<Value> {
        match sound {
            None => {
                let check = self.checks.get(key).filter(|(of, _)| *of == revision);
                let late = check.map(|(_, seen)| {
                    let new = |(uri, list): (&String, &Vec<Value>)| -> Vec<(String, Value)> {
                        // By their texts: there may be thousands.
                        let of = seen.get(uri).into_iter().flatten();
                        let known: BTreeSet<String> = of.map(Value::to_string).collect();
                        let new = list.iter().filter(|d| !known.contains(&d.to_string()));
                        new.map(|d| (uri.clone(), d.clone())).collect()
                    };
                    found.iter().flat_map(new).collect()
                });
                self.late.insert(key.clone(), late.unwrap_or_default());
            }
            // Until it is emitted again, what emitting found stays.
            Some(sound) => {
                self.checks.insert(key.clone(), (revision, found.clone()));
                for (uri, d) in self.late.get(key).into_iter().flatten().filter(|_| sound) {
                    found.entry(uri.clone()).or_default().push(d.clone());
                }
            }
        }
        for uri in self.files.iter().filter(|(_, f)| f.key == *key).map(|(uri, _)| uri) {
            found.entry(uri.clone()).or_default();
        }
        // An open file without findings is told so as well.
        for uri in versions.keys() {
            found.entry(uri.clone()).or_default();
        }
        let mut out = Vec::new();
        for (uri, list) in found {
            let open = versions.get(&uri);
            // Its text changed meanwhile: it is looked at again already.
            if open.is_some_and(|(_, known)| !known) {
                continue;
            }
            let version = open.map(|(version, _)| *version);
            out.extend(self.file(key, uri, version, list));
        }
        out
    }

    /// Notes what is told of a file; what is to be published, if it is news.
    fn file(
        &mut self,
        key: &Key,
        uri: String,
        version: Option<i64>,
        list: Vec<Value>,
    ) -> Option<Value> {
        let old = self.files.get(&uri);
        let news = match old {
            Some(old) => old.list != list || (version.is_some() && old.version != version),
            None => !list.is_empty() || version.is_some(),
        };
        let mut params = json!({ "uri": uri, "diagnostics": list });
        if let Some(version) = version {
            params["version"] = json!(version);
        }
        if list.is_empty() && version.is_none() {
            self.files.remove(&uri);
        } else {
            self.files.insert(uri, File { key: key.clone(), version, list });
        }
        news.then_some(params)
    }

    /// A project is closed: its findings go.
    pub fn forget(&mut self, key: &Key) -> Vec<Value> {
        self.late.remove(key);
        self.checks.remove(key);
        let gone: Vec<String> =
            self.files.iter().filter(|(_, f)| f.key == *key).map(|(uri, _)| uri.clone()).collect();
        for uri in &gone {
            self.files.remove(uri);
        }
        gone.into_iter().map(|uri| json!({ "uri": uri, "diagnostics": [] })).collect()
    }

    /// What is wrong with the syntax of a file now, before anything else of it is known; what is to be
    /// published, if it is not what it was.
    pub fn syntax(
        &mut self,
        key: &Key,
        uri: &str,
        version: i64,
        faults: Vec<Value>,
    ) -> Option<Value> {
        let old = self.files.get(uri).map_or(&[][..], |f| &f.list);
        let is_fault = |d: &&Value| d["code"].as_str().is_some_and(|code| code.starts_with("E01"));
        if old.iter().filter(is_fault).eq(faults.iter()) {
            return None;
        }
        let mut list: Vec<Value> = old.iter().filter(|d| !is_fault(d)).cloned().collect();
        list.extend(faults);
        list.sort_by_key(|d| {
            let at = |key: &str| d["range"]["start"][key].as_u64();
            (at("line"), at("character"))
        });
        self.file(key, uri.to_owned(), Some(version), list)
    }

    /// Lines below changes move with them, also of what only emitting found and is told again before the next one.
    pub fn shift(&mut self, uri: &str, changes: &[Value]) {
        for change in changes {
            let line = |end: &str| change["range"][end]["line"].as_i64();
            let (Some(first), Some(last)) = (line("start"), line("end")) else { continue };
            let new = change["text"].as_str().unwrap_or("").matches('\n').count() as i64;
            let by = new.saturating_sub(last.saturating_sub(first));
            if by == 0 {
                continue;
            }
            let told = self.files.get_mut(uri).into_iter().flat_map(|file| &mut file.list);
            let late = self.late.values_mut().flatten().filter(|(of, _)| of == uri);
            for d in told.chain(late.map(|(_, d)| d)) {
                for end in ["start", "end"] {
                    let place = &mut d["range"][end]["line"];
                    if let Some(at) = place.as_i64().filter(|at| *at > last) {
                        *place = json!(at.saturating_add(by));
                    }
                }
            }
        }
    }

    /// A file has another name: what was told of it goes.
    pub fn drop(&mut self, uri: &str) -> Option<Value> {
        self.late.values_mut().for_each(|late| late.retain(|(of, _)| of != uri));
        self.files.remove(uri).map(|_| json!({ "uri": uri, "diagnostics": [] }))
    }

    /// The projects that anything was told of.
    pub fn keys(&self) -> impl Iterator<Item = &Key> {
        let mut keys: Vec<&Key> = self.files.values().map(|file| &file.key).collect();
        keys.sort_unstable();
        keys.dedup();
        keys.into_iter()
    }

    /// The findings of one file, for whoever fetches them: in short where they are those that it was given under
    /// a name.
    pub fn report(&self, uri: &str, before: Option<&str>) -> Value {
        let list = self.files.get(uri).map_or(&[][..], |file| &file.list);
        let name = name_of(list);
        match before == Some(&name) {
            true => json!({ "kind": "unchanged", "resultId": name }),
            false => json!({ "kind": "full", "resultId": name, "items": list }),
        }
    }

    /// The same of every file: also of those that had findings when they were fetched last, and have none now.
    pub fn reports(&self, before: &Value) -> Value {
        let before = before.as_array().into_iter().flatten();
        let before: BTreeMap<&str, &str> = before
            .filter_map(|known| Some((known["uri"].as_str()?, known["value"].as_str()?)))
            .collect();
        let here = self.files.keys().map(String::as_str);
        let all: BTreeSet<&str> = here.chain(before.keys().copied()).collect();
        let report = |uri: &str| {
            let mut report = self.report(uri, before.get(uri).copied());
            report["uri"] = json!(uri);
            report["version"] = json!(self.files.get(uri).and_then(|file| file.version));
            report
        };
        json!({ "items": all.into_iter().map(report).collect::<Vec<_>>() })
    }
}

/// The same findings have the same name, so that nothing has to be kept for who fetches them.
fn name_of(list: &[Value]) -> String {
    let texts: String = list.iter().map(Value::to_string).collect();
    colabc::types::hash::sha256_hex(texts.as_bytes())[..16].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_emitting_found_moves_with_its_lines() {
        let key = Key { root: "/nowhere".into(), file: "cluster.colab".into() };
        let place = |line: u64| json!({ "line": line, "character": 0 });
        let at = |line: u64| json!({ "range": { "start": place(line), "end": place(line) } });
        let found = |list: &[Value]| BTreeMap::from([("a".to_owned(), list.to_vec())]);
        let open = |version: i64| BTreeMap::from([("a".to_owned(), (version, true))]);
        let mut told = Told::default();
        told.tell(&key, found(&[]), &open(1), Some(true), 1);
        told.tell(&key, found(&[at(5)]), &open(1), None, 1);
        let mut change = at(2);
        change["text"] = json!("\n\n");
        told.shift("a", &[change]);
        // A check of the new text, before it is emitted again.
        let news = told.tell(&key, found(&[]), &open(2), Some(true), 2);
        assert_eq!(news[0]["diagnostics"], json!([at(7)]));
        // Under another name nothing of it is told again.
        assert!(told.drop("a").is_some());
        let news = told.tell(&key, found(&[]), &open(3), Some(true), 3);
        assert_eq!(news[0]["diagnostics"], json!([]));
    }
}
