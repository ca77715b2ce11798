//! How long an editor waits for `colabc lsp`: the real process on the repository's cluster and on a
//! generated one of 1,000 nodes and 10,000 services. `cargo bench --bench editor`; figures in
//! `docs/figures.md`.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench touches the world, measures time and prints"
)]

#[path = "../tests/it/lsp/client.rs"]
mod client;
#[path = "../tests/it/generate/mod.rs"]
mod generate;
#[path = "../tests/it/lsp/typist.rs"]
mod typist;

use client::{Client, position};
use serde_json::json;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use typist::Typist;

fn main() {
    println!("\n### What an editor waits for\n");
    println!("| cluster | what | p50 | p95 | longest | times |");
    println!("|---|---|---|---|---|---|");
    let (name, line) = ("services/gitea.colab", "depends_on = [db]");
    measure("the repository's", &own_cluster(), name, line, 200);
    let large = generate::scale(1_000, 10, 1);
    let name = large.keys().find(|name| name.starts_with("services/")).unwrap().clone();
    let line = large[&name].lines().find(|line| line.contains("on = ")).unwrap().trim().to_owned();
    let cluster = "1,000 nodes, 10,000 services";
    measure(cluster, &large, &name, &line, 40);
    println!("\n### Its memory while somebody types without looking, in MiB\n");
    println!("| cluster | steps | start | middle | end | most | second half, in 100 steps |");
    println!("|---|---|---|---|---|---|---|");
    memory("the repository's", own_cluster(), 3_000);
    memory(cluster, large, 600);
}

fn own_cluster() -> BTreeMap<String, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = BTreeMap::new();
    for folder in ["", "nodes", "services"] {
        for entry in std::fs::read_dir(root.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|e| e == "colab") {
                let name = path.strip_prefix(root).unwrap().to_string_lossy().into_owned();
                files.insert(name, std::fs::read_to_string(&path).unwrap());
            }
        }
    }
    files
}

/// The server on a cluster.
fn start(files: &BTreeMap<String, String>) -> Client {
    let home = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("editor-bench");
    let _ = std::fs::remove_dir_all(&home);
    for (name, text) in files {
        let path = home.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let server = Path::new(env!("CARGO_BIN_EXE_colabc"));
    Client::start(server, &home.canonicalize().unwrap(), json!({}))
}

/// Looks at the memory in twentieths of a blind session, each time with nothing left to do. The first
/// look counts for nothing: what was typed by then has broken little, or all.
fn memory(cluster: &str, files: BTreeMap<String, String>, steps: usize) {
    let client = start(&files);
    let mut typist = Typist::new(client, files, 7);
    let mut seen: Vec<f64> = Vec::new();
    for step in 1..=steps {
        typist.step();
        if step % (steps / 20) == 0 {
            typist.settle();
            seen.push(typist.memory() as f64);
        }
    }
    let late = &seen[1..];
    let most = late.iter().copied().fold(0.0, f64::max);
    let middle = late[late.len() / 2];
    let slope = slope(&late[late.len() / 2..]) * 100.0 / (steps / 20) as f64;
    println!(
        "| {cluster} | {steps} | {} | {middle} | {} | {most} | {slope:.2} |",
        late[0],
        late[late.len() - 1]
    );
    assert!(typist.client.stop());
}

/// Of the straight line nearest to some values, one step apart.
fn slope(values: &[f64]) -> f64 {
    let many = values.len() as f64;
    let (x, y) = ((many - 1.0) / 2.0, values.iter().sum::<f64>() / many);
    let all = || values.iter().enumerate().map(|(at, value)| (at as f64 - x, value - y));
    all().map(|(x, y)| x * y).sum::<f64>() / all().map(|(x, _)| x * x).sum::<f64>()
}

fn measure(cluster: &str, files: &BTreeMap<String, String>, name: &str, line: &str, times: usize) {
    let begun = Instant::now();
    let mut client = start(files);
    client.open(name);
    client.ask("textDocument/hover", ask(&client, name, 0));
    print(cluster, "start to the first answer", vec![begun.elapsed()]);
    checked(&mut client);

    let at = client.open[name].1.find(line).unwrap() + line.len();
    // A value is typed, letter by letter: no finding changes, all must be looked at again.
    let field = "\n  description = \"";
    client.edit(name, at, at, &format!("{field}\""));
    checked(&mut client);
    let typed = (0..times).map(|_| {
        let begun = Instant::now();
        client.edit(name, at + field.len(), at + field.len(), "x");
        wait(&mut client, name);
        begun.elapsed()
    });
    let typed = typed.collect();
    print(cluster, "a letter to published findings", typed);
    checked(&mut client);

    let mut broken = Vec::new();
    for _ in 0..times {
        let begun = Instant::now();
        client.edit(name, at, at, " = =");
        wait(&mut client, name);
        broken.push(begun.elapsed());
        client.edit(name, at, at + 4, "");
        checked(&mut client);
    }
    print(cluster, "a fault of syntax to its finding", broken);

    let mut completed = Vec::new();
    for _ in 0..times {
        client.edit(name, at, at, "\n  d");
        let begun = Instant::now();
        client.ask("textDocument/completion", ask(&client, name, at + 4));
        completed.push(begun.elapsed());
        client.edit(name, at, at + 4, "");
        checked(&mut client);
    }
    print(cluster, "completion right after a letter", completed);

    let hovered: Vec<Duration> = (0..times)
        .map(|_| {
            let begun = Instant::now();
            client.ask("textDocument/hover", ask(&client, name, at - line.len() + 1));
            begun.elapsed()
        })
        .collect();
    print(cluster, "hover", hovered);

    let mut defined = Vec::new();
    for _ in 0..times {
        let begun = Instant::now();
        client.ask("textDocument/definition", ask(&client, name, at - 2));
        defined.push(begun.elapsed());
    }
    print(cluster, "definition", defined);
    assert!(client.stop());
}

fn ask(client: &Client, name: &str, at: usize) -> serde_json::Value {
    let text = &client.open[name].1;
    json!({ "textDocument": { "uri": client.uri_of(name) }, "position": position(text, at) })
}

/// Waits until the text is checked as it is; that it is emitted as well is waited for by nobody here.
fn checked(client: &mut Client) {
    client.ask("workspace/symbol", json!({ "query": "what nothing is called" }));
    client.versions.clear();
}

/// Waits for the first findings of the text as it is now.
fn wait(client: &mut Client, name: &str) {
    let (version, _) = client.open[name];
    let uri = client.uri_of(name);
    while !client.versions.iter().any(|(of, v)| *of == uri && *v == version) {
        assert!(client.take(Duration::from_secs(120)), "no findings came");
    }
    client.versions.clear();
}

fn print(cluster: &str, what: &str, mut times: Vec<Duration>) {
    times.sort();
    let at = |share: usize| times[(times.len() * share / 100).min(times.len() - 1)];
    let ms = |time: Duration| format!("{:.1} ms", time.as_secs_f64() * 1e3);
    let longest = times[times.len() - 1];
    println!(
        "| {cluster} | {what} | {} | {} | {} | {} |",
        ms(at(50)),
        ms(at(95)),
        ms(longest),
        times.len()
    );
}
