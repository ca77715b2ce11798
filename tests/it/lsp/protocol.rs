//! What a session cannot show: how the talk itself goes. Columns as the editor counts, editors that fetch findings or ask
//! for the edits of an action when it is chosen. What is taken back, awaited and fetched again is in `waiting`.

use super::client::{Client, uri};
use super::talk::{Ending, Talk};
use super::{folder, server, write};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::PathBuf;

pub(super) const CLUSTER: &str = "cluster home { edition = 1   domain = \"home.test\"   timezone = \"Etc/UTC\" }\n\
    role sto { node { packages = [\"git\"] } }\n\
    // ä𝄞\nnode box {\n  arch = x86_64\n  os = debian(\"13\")\n  roles = [sto]\n  shell = \"fish\"\n  \
    description = \"ä𝄞\"   enabled = no\n}\n";

pub(super) fn project(name: &str, text: &str) -> PathBuf {
    let home = folder(name);
    write(&home, &BTreeMap::from([("cluster.colab".to_owned(), text.to_owned())]));
    home
}

/// An editor that has the one file of a project open.
pub(super) fn opened(name: &str, text: &str, can: Value) -> Client {
    let home = project(name, text);
    let mut client = Client::start(&server(), &home, can);
    client.open("cluster.colab");
    client
}

/// The project without its finding.
pub(super) fn sound() -> String {
    CLUSTER.replace("   enabled = no", "")
}

/// The column of the one finding, with the editor offering these encodings.
fn column(offered: Value) -> (Value, Value) {
    let home = project("columns", CLUSTER);
    let can = json!({ "general": { "positionEncodings": offered } });
    let mut client = Client::start(&server(), &home, can);
    client.settle();
    let all: Vec<&Value> = client.published.values().flat_map(|v| v.as_array().unwrap()).collect();
    assert_eq!(all.len(), 1, "{all:?}");
    (client.capabilities["positionEncoding"].clone(), all[0]["range"]["start"]["character"].clone())
}

#[test]
fn columns_are_counted_as_the_editor_counts() {
    let line = CLUSTER.lines().find(|line| line.contains("enabled")).unwrap();
    let head = &line[..line.find("= no").unwrap() + 2];
    let utf16 = head.encode_utf16().count();
    assert_eq!(column(json!(["utf-8", "utf-16"])), (json!("utf-8"), json!(head.len())));
    assert_eq!(column(json!(["utf-32"])), (json!("utf-32"), json!(head.chars().count())));
    assert_eq!(column(json!(["utf-16"])), (json!("utf-16"), json!(utf16)));
    assert_eq!(column(Value::Null), (json!("utf-16"), json!(utf16)));
}

#[test]
fn every_answer_counts_columns_as_the_editor_does() {
    let text = "let first = \"ä𝄞\"\nlet second = [\"ä𝄞ä\", first,   first]\n";
    let line = text.lines().nth(1).unwrap();
    let places: Vec<usize> = line.match_indices("first").map(|(at, _)| at).collect();
    type Count = fn(&str) -> usize;
    let counts: [(&str, Count); 3] = [
        ("utf-8", str::len),
        ("utf-16", |text| text.encode_utf16().count()),
        ("utf-32", |text| text.chars().count()),
    ];
    for (encoding, count) in counts {
        let can = json!({ "general": { "positionEncodings": [encoding] } });
        let whole = format!("{}{text}", cluster_line());
        let mut client = opened(&format!("counts-{encoding}"), &whole, can);
        let column = |at: usize| count(&line[..at]);
        let at = |client: &Client, at: usize| {
            json!({ "textDocument": { "uri": client.uri_of("cluster.colab") }, "newName": "other",
                "position": { "line": 2, "character": column(at) }, "positions": [{ "line": 2, "character": column(at) }],
                "context": { "includeDeclaration": false }, "options": { "tabSize": 2, "insertSpaces": true } })
        };
        let ask = |client: &mut Client, method: &str, place: usize| {
            let params = at(client, place);
            client.ask(&format!("textDocument/{method}"), params)["result"].clone()
        };
        let spans = |found: &Value| -> Vec<(u64, u64)> {
            let end = |range: &Value, key: &str| range[key]["character"].as_u64().unwrap();
            let all =
                found.as_array().unwrap().iter().filter(|one| one["range"]["start"]["line"] == 2);
            all.map(|one| (end(&one["range"], "start"), end(&one["range"], "end"))).collect()
        };
        let expected: Vec<(u64, u64)> =
            places.iter().map(|&p| (column(p) as u64, column(p + 5) as u64)).collect();
        for method in ["references", "documentHighlight"] {
            assert_eq!(
                spans(&ask(&mut client, method, places[1] + 2)),
                expected,
                "{encoding} {method}"
            );
        }
        let renamed = ask(&mut client, "rename", places[1] + 2);
        let uri = client.uri_of("cluster.colab");
        assert_eq!(spans(&renamed["changes"][&uri]), expected, "{encoding} rename");
        let hover = ask(&mut client, "hover", places[1]);
        assert_eq!(spans(&json!([hover])), expected[1..], "{encoding} hover");
        let selection = ask(&mut client, "selectionRange", places[0]);
        assert_eq!(spans(&selection), expected[..1], "{encoding} selection");
        let items = ask(&mut client, "completion", places[1] + 5);
        let found = items["items"].as_array().unwrap().iter().find(|i| i["label"] == "first");
        assert_eq!(
            spans(&json!([found.unwrap()["textEdit"]])),
            expected[1..],
            "{encoding} completion"
        );
        let tokens = ask(&mut client, "semanticTokens/full", 0);
        let (mut row, mut column) = (0, 0);
        let mut found = Vec::new();
        for token in tokens["data"].as_array().unwrap().chunks(5) {
            let number = |at: usize| token[at].as_u64().unwrap();
            column = if number(0) == 0 { column + number(1) } else { number(1) };
            row += number(0);
            if row == 2 {
                found.push((column, column + number(2)));
            }
        }
        assert!(expected.iter().all(|span| found.contains(span)), "{encoding} tokens: {found:?}");
        // What is put in order is the gap behind the letters outside of the basic plane.
        let edits = ask(&mut client, "formatting", 0);
        let mended = edited_as(count, &client.open["cluster.colab"].1, &edits);
        assert!(mended.ends_with("let second = [\"ä𝄞ä\", first, first]\n"), "{encoding}: {mended}");
        assert!(client.stop());
    }
}

fn cluster_line() -> &'static str {
    CLUSTER.split_inclusive('\n').next().unwrap()
}

/// Edits of whole lines, as they are counted.
fn edited_as(count: fn(&str) -> usize, text: &str, edits: &Value) -> String {
    let offset = |place: &Value| {
        let line = place["line"].as_u64().unwrap() as usize;
        let start: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
        let wanted = place["character"].as_u64().unwrap() as usize;
        let ends = text[start..].char_indices().map(|(at, _)| at);
        start
            + ends
                .into_iter()
                .find(|&at| count(&text[start..start + at]) == wanted)
                .unwrap_or(text.len() - start)
    };
    let mut out = text.to_owned();
    for edit in edits.as_array().unwrap().iter().rev() {
        let (from, to) = (offset(&edit["range"]["start"]), offset(&edit["range"]["end"]));
        out.replace_range(from..to, edit["newText"].as_str().unwrap());
    }
    out
}

#[test]
fn whoever_fetches_findings_is_not_pushed_any() {
    let pull = json!({ "textDocument": { "diagnostic": {} } });
    let mut client = opened("pull", CLUSTER, pull);
    let answer = client.ask("textDocument/diagnostic", client.document("cluster.colab"));
    assert_eq!(answer["result"]["items"].as_array().unwrap().len(), 1, "{answer}");
    assert!(client.published.is_empty());
    let page = answer["result"]["items"][0]["codeDescription"]["href"].as_str().unwrap();
    let page = std::fs::read_to_string(page.trim_start_matches("file://")).unwrap();
    assert!(page.starts_with("# E02"), "{page}");
}

/// A place where a value can be moved to a role, which takes a build to prove.
const TO_BE_TRIED: &str = "shell";

/// What is asked of that place.
pub(super) fn actions(client: &Client, context: Value) -> Value {
    actions_at(client, TO_BE_TRIED, context)
}

/// The same of where a text begins.
fn actions_at(client: &Client, text: &str, context: Value) -> Value {
    let mut params = client.at("cluster.colab", client.open["cluster.colab"].1.find(text).unwrap());
    params["context"] = context;
    params
}

#[test]
fn only_the_actions_that_are_wanted_are_looked_for() {
    let text = sound().replace("debian(\"13\")", "debain(\"13\")");
    let mut client = opened("only", &text, json!({}));
    let mut kinds = |context: Value, text: &str| -> Vec<String> {
        let params = actions_at(&client, text, context);
        let answer = client.ask("textDocument/codeAction", params);
        let kind = |action: &Value| action["kind"].as_str().unwrap().to_owned();
        answer["result"].as_array().unwrap().iter().map(kind).collect()
    };
    let only = |kind: &str| json!({ "diagnostics": [], "only": [kind] });
    assert_eq!(kinds(only("quickfix"), "debain"), ["quickfix"]);
    assert_eq!(kinds(only("refactor"), "debain"), [""; 0]);
    assert_eq!(kinds(only("source.organizeImports"), "debain"), [""; 0]);
    assert_eq!(kinds(only("quick"), "debain"), [""; 0]);
    // As an editor asks on saving: by the usual kind, or by this server's own.
    let text = sound().replace("packages", "shell = \"zsh\"   packages");
    let mut client = opened("only-all", &text, json!({}));
    for kind in ["source", "source.fixAll", "source.fixAll.colabc"] {
        let params = actions_at(&client, "", only(kind));
        let answer = client.ask("textDocument/codeAction", params);
        let actions = answer["result"].as_array().unwrap();
        assert_eq!(actions.len(), 1, "{kind}: {answer}");
        assert_eq!(actions[0]["kind"], "source.fixAll.colabc", "{answer}");
    }
}

#[test]
fn whoever_moves_the_cursor_has_nothing_built() {
    let mut client = opened("cursor", &sound(), json!({}));
    let of = |client: &mut Client, trigger: u8| {
        let params = actions(client, json!({ "diagnostics": [], "triggerKind": trigger }));
        client.ask("textDocument/codeAction", params)["result"].as_array().unwrap().len()
    };
    assert!(of(&mut client, 1) > 0);
    assert_eq!(of(&mut client, 2), 0);
}

#[test]
fn edits_come_with_the_version_that_they_are_of() {
    let can = json!({ "workspace": { "workspaceEdit": { "documentChanges": true } } });
    let mut client = opened("versions", &sound(), can);
    client.edit("cluster.colab", 0, 0, "// a\n");
    let text = client.open["cluster.colab"].1.clone();
    let uri = client.uri_of("cluster.colab");
    let mut rename = client.at("cluster.colab", text.find("sto {").unwrap());
    rename["newName"] = json!("store");
    let answer = client.ask("textDocument/rename", rename);
    let change = &answer["result"]["documentChanges"][0];
    assert_eq!(change["textDocument"], json!({ "uri": uri, "version": 2 }), "{answer}");
    assert_eq!(change["edits"].as_array().unwrap().len(), 2);
    let params = actions(&client, json!({ "diagnostics": [] }));
    let answer = client.ask("textDocument/codeAction", params);
    for action in answer["result"].as_array().unwrap() {
        assert_eq!(action["edit"]["documentChanges"][0]["textDocument"]["version"], 2, "{answer}");
    }
}

#[test]
fn a_call_says_where_its_parameters_stand() {
    let help = json!({ "parameterInformation": { "labelOffsetSupport": true },
        "documentationFormat": ["plaintext"] });
    let can = json!({ "textDocument": { "signatureHelp": { "signatureInformation": help } } });
    let mut client = opened("call", &format!("{CLUSTER}let a = join([\"a\"], \"b\")\n"), can);
    client.settle();
    let place = client.open["cluster.colab"].1.find("\"b\")").unwrap();
    let params = client.at("cluster.colab", place);
    let answer = client.ask("textDocument/signatureHelp", params);
    let call = &answer["result"]["signatures"][0];
    let label = call["label"].as_str().unwrap();
    let part = |at: usize| {
        let place = |end: usize| call["parameters"][at]["label"][end].as_u64().unwrap() as usize;
        &label[place(0)..place(1)]
    };
    assert_eq!((part(0), part(1)), ("list", "between"), "{answer}");
    assert_eq!(answer["result"]["activeParameter"], 1);
    assert!(call["documentation"].is_string());
}

#[test]
fn an_action_is_tried_when_it_is_chosen() {
    let mut client = opened("resolve", &sound(), resolves());
    let params = actions(&client, json!({ "diagnostics": [], "only": ["refactor.rewrite"] }));
    let answer = client.ask("textDocument/codeAction", params.clone());
    let actions = answer["result"].as_array().unwrap().clone();
    assert_eq!(actions.len(), 1, "{answer}");
    assert!(actions[0].get("edit").is_none());
    let chosen = client.ask("codeAction/resolve", actions[0].clone());
    assert!(chosen["result"]["edit"]["changes"].is_object(), "{chosen}");
    // In another text the same edits would stand in other places, though it may be as sound.
    let end = client.open["cluster.colab"].1.len();
    client.edit("cluster.colab", end, end, "// a\n");
    let refused = client.ask("codeAction/resolve", actions[0].clone());
    assert_eq!(refused["error"]["message"], "the text changed meanwhile", "{refused}");
    // What would bring an error is refused as well.
    client.edit("cluster.colab", 0, 0, "= ");
    let answer = client.ask("textDocument/codeAction", params);
    for action in answer["result"].as_array().unwrap().iter().filter(|a| a["data"].is_object()) {
        let refused = client.ask("codeAction/resolve", action.clone());
        assert_eq!(refused["error"]["code"], -32803, "{refused}");
    }
}

/// An editor that asks for the edits of an action when it is chosen.
fn resolves() -> Value {
    json!({ "textDocument": { "codeAction": {
        "dataSupport": true, "resolveSupport": { "properties": ["edit"] },
    } } })
}

#[test]
fn an_unknown_request_or_a_strange_text_ends_nothing() {
    let home = project("strange", CLUSTER);
    let mut client = Client::start(&server(), &home, json!({}));
    assert_eq!(client.ask("textDocument/unheardOf", json!({}))["error"]["code"], -32601);
    assert!(client.ask("textDocument/hover", Value::Null).get("error").is_none());
    let nowhere = json!({ "textDocument": { "uri": "untitled:a" }, "position": { "line": 7 } });
    assert!(client.ask("textDocument/completion", nowhere).get("error").is_none());
    client.open_as("deep.colab", &"[".repeat(100_000));
    client.open_as("odd.colab", "\u{feff}node \0 { \r\r\n \u{202e} = ${ \" ");
    for name in ["deep.colab", "odd.colab"] {
        for method in ["hover", "completion", "documentSymbol", "formatting", "selectionRange"] {
            let place = json!({ "line": 0, "character": 20 });
            let mut params = client.document(name);
            (params["position"], params["positions"]) = (place.clone(), json!([place]));
            let answer = client.ask(&format!("textDocument/{method}"), params);
            assert!(answer.get("error").is_none(), "{method}: {answer}");
        }
    }
    client.settle();
    assert!(client.stop());
}

#[test]
fn every_root_is_a_project_of_its_own() {
    let (one, two) = (project("root-one", CLUSTER), project("root-two", CLUSTER));
    let root = |path: &PathBuf| json!({ "uri": uri(path), "name": "a" });
    let hello = json!({
        "processId": null, "rootUri": null, "capabilities": {},
        "workspaceFolders": [root(&one), root(&two)],
    });
    let mut client = Client::start_with(&server(), &one, hello);
    client.settle();
    let other = uri(&two.join("cluster.colab"));
    let found = |client: &Client, uri: &str| client.published[uri].as_array().unwrap().len();
    assert_eq!(found(&client, &client.uri_of("cluster.colab")), 1);
    assert_eq!(found(&client, &other), 1);
    let event = json!({ "added": [], "removed": [root(&two)] });
    client.tell("workspace/didChangeWorkspaceFolders", json!({ "event": event }));
    client.settle();
    assert_eq!(found(&client, &other), 0);
    assert_eq!(found(&client, &client.uri_of("cluster.colab")), 1);
    assert!(client.stop());
}

#[test]
fn a_file_that_a_source_reads_is_watched() {
    let text = CLUSTER.replace("enabled = no", "description = embed(\"notes/box.txt\")");
    let text = text.replace("description = \"ä𝄞\"   ", "");
    let home = project("embedded", &text);
    let watches =
        json!({ "workspace": { "didChangeWatchedFiles": { "dynamicRegistration": true } } });
    let mut client = Client::start(&server(), &home, watches);
    client.settle();
    let codes = |client: &Client| -> Vec<Value> {
        let all = client.published.values().filter_map(Value::as_array).flatten();
        all.map(|d| d["code"].clone()).collect()
    };
    assert_eq!(codes(&client), ["E0701"], "{:?}", client.published);
    let asked = |client: &Client| -> Vec<String> {
        let said = client.said.iter().filter(|(method, _)| method.starts_with("client/"));
        said.map(|(_, params)| params.to_string()).collect()
    };
    assert!(asked(&client).last().unwrap().contains("**/notes/box.txt"), "{:?}", asked(&client));
    write(&home, &BTreeMap::from([("notes/box.txt".to_owned(), "under the stairs".to_owned())]));
    let change = json!({ "uri": client.uri_of("notes/box.txt"), "type": 1 });
    client.tell("workspace/didChangeWatchedFiles", json!({ "changes": [change] }));
    client.settle();
    assert_eq!(codes(&client), [""; 0], "{:?}", client.published);
    // Whoever reads nothing any more is told nothing any more.
    client.open("cluster.colab");
    let at = text.find("embed(").unwrap();
    client.edit("cluster.colab", at, at + "embed(\"notes/box.txt\")".len(), "\"none\"");
    client.settle();
    assert!(asked(&client).last().unwrap().contains("unregisterations"), "{:?}", asked(&client));
    assert!(client.stop());
}

#[test]
fn an_editor_is_asked_nothing_before_it_says_that_it_may_be() {
    let text = CLUSTER.replace("enabled = no", "description = embed(\"notes/box.txt\")");
    let home = project("shy", &text);
    let mut talk = Talk::start(server());
    let watches =
        json!({ "workspace": { "didChangeWatchedFiles": { "dynamicRegistration": true } } });
    let hello = json!({ "rootUri": uri(&home), "capabilities": watches });
    talk.ask(json!(1), "initialize", hello);
    talk.settle();
    assert!(!talk.heard.contains("registerCapability"), "{}", talk.heard);
    talk.tell("initialized", json!({}));
    talk.settle();
    let order = ["**/*.colab", "**/notes/box.txt"].map(|glob| talk.heard.find(glob));
    assert!(order[0].is_some() && order[0] < order[1], "{}", talk.heard);
    talk.ends(Ending::Goodbye);
}

#[test]
fn a_text_that_was_never_saved_is_answered_like_a_file() {
    let home = project("unsaved", CLUSTER);
    let mut client = Client::start(&server(), &home, json!({}));
    let (uri, other) = ("untitled:Untitled-1", "untitled:/new place/Untitled-2");
    let text = "node box {\n  arch = x86\n}\nlet a =  1\n";
    for uri in [uri, other] {
        let document = json!({ "uri": uri, "languageId": "colab", "version": 1, "text": text });
        client.tell("textDocument/didOpen", json!({ "textDocument": document }));
    }
    client.settle();
    for uri in [uri, other] {
        let found = client.published[uri].as_array().unwrap();
        assert!(found.iter().any(|d| d["code"] == "E0209"), "{uri}: {found:?}");
        let asked = json!({ "textDocument": { "uri": uri }, "position": { "line": 1, "character": 9 },
            "options": { "tabSize": 2, "insertSpaces": true } });
        let items = client.ask("textDocument/completion", asked.clone());
        let labels: Vec<&str> = items["result"]["items"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|i| i["label"].as_str())
            .collect();
        assert_eq!(labels, ["arm64", "armv7", "riscv64", "x86_64"]);
        let symbols = client.ask("textDocument/documentSymbol", asked.clone());
        assert_eq!(symbols["result"][0]["name"], "box");
        let edits = client.ask("textDocument/formatting", asked);
        assert!(!edits["result"].as_array().unwrap().is_empty());
    }
    // Neither knows what the other says.
    let close = json!({ "textDocument": { "uri": uri } });
    client.tell("textDocument/didClose", close);
    client.settle();
    assert_eq!(client.published[uri], json!([]));
    assert_ne!(client.published[other], json!([]));
    assert!(client.stop());
}

/// What a server that has so much address space says, and how it ends.
#[cfg(target_os = "linux")]
fn with_mebibytes(mebibytes: u32) -> (String, String, Option<i32>) {
    use std::io::Write;
    use std::process::{Command, Stdio};
    let mut child = Command::new("sh")
        .args(["-c", &format!("ulimit -v {}; exec \"$0\" lsp", mebibytes << 10)])
        .arg(server())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let ask =
        json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {} }).to_string();
    let exit = json!({ "jsonrpc": "2.0", "method": "exit" }).to_string();
    let said =
        [ask, exit].map(|body| format!("Content-Length: {}\r\n\r\n{body}", body.len())).concat();
    // It may be gone before it has read anything.
    let _ = child.stdin.take().unwrap().write_all(said.as_bytes());
    let output = child.wait_with_output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (text(output.stdout), text(output.stderr), output.status.code())
}

/// Each thread wants its stack.
#[test]
#[cfg(target_os = "linux")]
fn where_the_system_gives_no_thread_the_editor_is_told() {
    for mebibytes in [120, 300, 600] {
        let (said, told, code) = with_mebibytes(mebibytes);
        assert!(said.contains("window/showMessage"), "{mebibytes}: {said}{told}");
        assert!(said.contains("colabc: the system gives no thread"), "{mebibytes}: {said}");
        assert!(told.contains("cannot start a thread of `colabc lsp`"), "{mebibytes}: {told}");
        assert_eq!(code, Some(3), "{mebibytes}: {told}");
    }
    let (said, told, _) = with_mebibytes(8 << 10);
    assert!(said.contains("\"capabilities\"") && told.is_empty(), "{said}{told}");
}
