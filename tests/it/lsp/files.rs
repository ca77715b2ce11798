//! Files that come, go and move while an editor is open, and files outside of any project.

use super::client::{Client, edited, uri};
use super::{server, write};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::PathBuf;

const CLUSTER: &str = "import \"nodes/*.colab\"\nimport \"parts/web.colab\" as web\n\
    cluster home { edition = 1   domain = \"home.test\"   timezone = \"Etc/UTC\" }\n";
const NODE: &str = "node box {\n  arch = x86_64\n  os = debian(\"13\")\n  description = embed(\"../notes/box.txt\")\n}\n";

/// A folder that lies in no project: those of other tests lie in the repository's.
fn project(name: &str, files: &[(&str, &str)]) -> PathBuf {
    let home = std::env::temp_dir().join(format!("colab-{name}-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&home);
    std::fs::create_dir_all(&home).unwrap();
    let home = home.canonicalize().unwrap();
    let files = files.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
    write(&home, &files.collect::<BTreeMap<_, _>>());
    home
}

/// The errors that are told, by file.
fn codes(client: &Client) -> BTreeMap<String, Vec<String>> {
    let code = |d: &Value| d["code"].as_str().unwrap_or("?").to_owned();
    let list = |list: &Value| -> Vec<String> {
        let codes = list.as_array().unwrap().iter().map(code);
        codes.filter(|code| code.starts_with('E')).collect()
    };
    let all = client.published.iter().map(|(uri, found)| {
        let name = uri.rsplit('/').next().unwrap_or_default();
        (name.to_owned(), list(found))
    });
    all.filter(|(_, found)| !found.is_empty()).collect()
}

/// What the sources say after a move, by file; then it is done and must be as sound as before.
fn moved(client: &mut Client, moves: &[(&str, &str)]) -> BTreeMap<String, String> {
    let files: Vec<Value> = moves
        .iter()
        .map(|(from, to)| json!({ "oldUri": client.uri_of(from), "newUri": client.uri_of(to) }))
        .collect();
    let answer = client.ask("workspace/willRenameFiles", json!({ "files": files }));
    let root = client.root.clone();
    let mut said = BTreeMap::new();
    for (uri, edits) in answer["result"]["changes"].as_object().into_iter().flatten() {
        let name = uri.strip_prefix(&format!("file://{}/", root.display())).unwrap().to_owned();
        let text = std::fs::read_to_string(root.join(&name)).unwrap();
        let text = edited(&text, edits.as_array().unwrap());
        std::fs::write(root.join(&name), &text).unwrap();
        said.insert(name, text);
    }
    for (from, to) in moves {
        std::fs::create_dir_all(root.join(to).parent().unwrap()).unwrap();
        std::fs::rename(root.join(from), root.join(to)).unwrap();
    }
    client.tell("workspace/didRenameFiles", json!({ "files": files }));
    client.settle();
    assert_eq!(codes(client), BTreeMap::new(), "after {moves:?}");
    said
}

#[test]
fn whatever_is_moved_is_said_anew_where_it_is_named() {
    let files = [
        ("cluster.colab", CLUSTER),
        ("nodes/box.colab", NODE),
        ("notes/box.txt", "under the stairs"),
        ("parts/web.colab", "import \"../nodes/box.colab\"\nlet small = 1\n"),
    ];
    let home = project("moved", &files);
    let mut client = Client::start(&server(), &home, json!({}));
    client.settle();
    assert_eq!(codes(&client), BTreeMap::new());
    // A file that a source reads.
    let said = moved(&mut client, &[("notes/box.txt", "notes/old/stairs.txt")]);
    assert!(said["nodes/box.colab"].contains("embed(\"../notes/old/stairs.txt\")"), "{said:?}");
    // A folder, with what is in it: what it reads is as far away as before.
    let said = moved(&mut client, &[("nodes", "machines/all")]);
    assert!(said["cluster.colab"].starts_with("import \"machines/all/*.colab\"\n"), "{said:?}");
    assert!(said["parts/web.colab"].contains("\"../machines/all/box.colab\""), "{said:?}");
    assert!(said["nodes/box.colab"].contains("\"../../notes/old/stairs.txt\""), "{said:?}");
    // Out of what `*` meant; and one that keeps its other name.
    let moves =
        [("machines/all/box.colab", "box.colab"), ("parts/web.colab", "parts/deep/net.colab")];
    let said = moved(&mut client, &moves);
    let head: Vec<&str> = said["cluster.colab"].lines().take(3).collect();
    let expected = [
        "import \"box.colab\"",
        "import \"parts/deep/net.colab\" as web",
        "cluster home { edition = 1   domain = \"home.test\"   timezone = \"Etc/UTC\" }",
    ];
    // Where `*` would mean nothing, the file stands in its place.
    assert_eq!(head, expected, "{said:?}");
    assert!(said["parts/web.colab"].contains("import \"../../box.colab\""), "{said:?}");
    // A new name within what `*` means changes nothing.
    let text = format!("import \"machines/all/*.colab\"\n{}", said["cluster.colab"]);
    let more = [
        ("cluster.colab", &*text),
        ("machines/all/a.colab", "let a = 2\n"),
        ("machines/all/z.colab", "let z = 2\n"),
    ];
    write(&home, &more.map(|(name, text)| (name.to_owned(), text.to_owned())).into());
    client.tell(
        "workspace/didCreateFiles",
        json!({ "files": [{ "uri": client.uri_of("machines/all/a.colab") }] }),
    );
    client.settle();
    assert!(moved(&mut client, &[("machines/all/a.colab", "machines/all/b.colab")]).is_empty());
    let said = moved(&mut client, &[("machines/all/b.colab", "machines/c.colab")]);
    let second = said["cluster.colab"].lines().nth(1);
    assert_eq!(second, Some("import \"machines/c.colab\""), "{said:?}");
    assert!(client.stop());
    std::fs::remove_dir_all(home).unwrap();
}

#[test]
fn a_project_comes_and_goes_with_its_root() {
    let home = project("root-appears", &[("nodes/box.colab", "node box { arch = x86 }\n")]);
    let mut client = Client::start(&server(), &home, json!({}));
    client.settle();
    assert!(client.published.is_empty(), "{:?}", client.published);
    let cluster = CLUSTER.lines().last().unwrap();
    let faulty = cluster.replace("edition = 1", "edition = one");
    write(&home, &BTreeMap::from([("cluster.colab".to_owned(), faulty)]));
    let change = |client: &Client, name: &str, sort: i64| json!({ "changes": [{ "uri": client.uri_of(name), "type": sort }] });
    client.tell("workspace/didChangeWatchedFiles", change(&client, "cluster.colab", 1));
    client.settle();
    assert!(codes(&client).contains_key("cluster.colab"), "{:?}", client.published);
    std::fs::remove_file(home.join("cluster.colab")).unwrap();
    client.tell("workspace/didChangeWatchedFiles", change(&client, "cluster.colab", 3));
    client.settle();
    assert_eq!(codes(&client), BTreeMap::new());
    // A file that is open finds its root as well, wherever that appears above it.
    client.open("nodes/box.colab");
    client.settle();
    assert!(codes(&client)["box.colab"].contains(&"E0209".to_owned()), "{:?}", codes(&client));
    let text = format!("import \"nodes/*.colab\"\n{cluster}");
    write(&home, &BTreeMap::from([("cluster.colab".to_owned(), text)]));
    client.tell("workspace/didChangeWatchedFiles", change(&client, "cluster.colab", 1));
    client.settle();
    let place =
        json!({ "textDocument": { "uri": client.uri_of("nodes/box.colab") }, "query": "home" });
    let symbols = client.ask("workspace/symbol", place);
    assert_eq!(symbols["result"][0]["name"], "home", "{symbols}");
    assert!(client.stop());
    std::fs::remove_dir_all(home).unwrap();
}

#[test]
fn files_outside_of_any_project_are_each_their_own_until_one_imports_another() {
    let files = [("a.colab", "let one = 1\n"), ("b.colab", "node two { arch = x86 }\n")];
    let home = project("alone", &files);
    let hello = json!({ "processId": null, "rootUri": null, "capabilities": {} });
    let mut client = Client::start_with(&server(), &home, hello);
    for name in ["a.colab", "b.colab"] {
        client.open(name);
    }
    client.settle();
    let found = codes(&client);
    assert!(found["b.colab"].contains(&"E0209".to_owned()), "{found:?}");
    let hover = |client: &mut Client, name: &str, character: u64| {
        let params = json!({ "textDocument": { "uri": client.uri_of(name) }, "position": { "line": 0, "character": character } });
        client.ask("textDocument/hover", params)["result"]["contents"]["value"].to_string()
    };
    assert!(hover(&mut client, "a.colab", 4).contains("let one"));
    assert!(hover(&mut client, "b.colab", 5).contains("node two"));
    // Now they are one.
    client.edit("a.colab", 0, 0, "import \"b.colab\"\n");
    client.settle();
    client.edit("b.colab", 0, 0, "let three = one\n");
    client.settle();
    let found = codes(&client);
    assert_eq!(found["b.colab"], ["E0209"], "{found:?}");
    assert_eq!(client.published.keys().filter(|uri| **uri == client.uri_of("b.colab")).count(), 1);
    // And two again.
    client.edit("a.colab", 0, "import \"b.colab\"\n".len(), "");
    client.settle();
    client.settle();
    assert!(hover(&mut client, "b.colab", 4).contains("let three"));
    client.close("a.colab");
    client.settle();
    assert!(hover(&mut client, "b.colab", 4).contains("let three"));
    assert!(client.stop());
    std::fs::remove_dir_all(home).unwrap();
}

/// The files that have findings, as the editor was told.
fn told(client: &Client) -> Vec<&str> {
    let some = client.published.iter().filter(|(_, found)| **found != json!([]));
    some.map(|(uri, _)| uri.as_str()).collect()
}

#[cfg(unix)]
#[test]
fn what_a_link_leads_to_is_called_as_the_editor_calls_it() {
    let root = format!("import \"nodes/*.colab\"\n{}", CLUSTER.lines().last().unwrap());
    let files = [("cluster.colab", &*root), ("nodes/box.colab", "node box { arch = x86 }\n")];
    let home = project("linked", &files);
    let link = home.with_extension("link");
    let _ = std::fs::remove_file(&link);
    std::os::unix::fs::symlink(&home, &link).unwrap();
    let linked = uri(&link.join("nodes/box.colab"));
    // The folder that is open, and a file by itself.
    let alone = json!({ "processId": null, "rootUri": null, "capabilities": {} });
    let clients =
        [Client::start(&server(), &link, json!({})), Client::start_with(&server(), &link, alone)];
    for mut client in clients {
        client.open("cluster.colab");
        client.settle();
        assert_eq!(told(&client), [&linked]);
        client.open("nodes/box.colab");
        client.settle();
        assert_eq!(told(&client), [&linked]);
        let place = client.at("nodes/box.colab", "node b".len());
        let mut rename = place.clone();
        rename["newName"] = json!("chest");
        let changes = client.ask("textDocument/rename", rename)["result"]["changes"].clone();
        let changed: Vec<&String> = changes.as_object().unwrap().keys().collect();
        assert_eq!(changed, [&linked]);
        let declared = client.ask("textDocument/definition", place);
        assert_eq!(declared["result"][0]["uri"], *linked, "{declared}");
        // What is moved into a folder that is not there yet.
        let (old, new) = (client.uri_of("nodes/box.colab"), client.uri_of("a/b/box.colab"));
        let files = json!({ "files": [{ "oldUri": old, "newUri": new }] });
        let answer = client.ask("workspace/willRenameFiles", files);
        let edits = &answer["result"]["changes"][client.uri_of("cluster.colab")];
        assert_eq!(edits[0]["newText"], "\"a/b/box.colab\"", "{answer}");
        assert!(client.stop());
    }
    // Who opens a file under another name than its folder has sees its findings there.
    let mut client = Client::start(&server(), &home, json!({}));
    client.settle();
    let own = client.uri_of("nodes/box.colab");
    assert_eq!(told(&client), [&own]);
    let document = json!({ "uri": linked, "version": 1, "text": "node box { arch = x86 }\n" });
    client.tell("textDocument/didOpen", json!({ "textDocument": document }));
    client.settle();
    assert_eq!(told(&client), [&linked]);
    client.tell("textDocument/didClose", json!({ "textDocument": document }));
    client.settle();
    assert_eq!(told(&client), [&own]);
    assert!(client.stop());
    std::fs::remove_file(link).unwrap();
    std::fs::remove_dir_all(home).unwrap();
}

#[test]
fn a_folder_that_is_opened_behind_its_file_stays_when_that_is_closed() {
    let cluster = format!("{}\nnode box {{ arch = x86 }}\n", CLUSTER.lines().last().unwrap());
    let home = project("opened-later", &[("cluster.colab", &cluster)]);
    let hello = json!({ "processId": null, "rootUri": null, "capabilities": {} });
    let mut client = Client::start_with(&server(), &home, hello);
    client.open("cluster.colab");
    client.settle();
    let folder = json!({ "uri": uri(&home), "name": "a" });
    let event = json!({ "event": { "added": [folder], "removed": [] } });
    client.tell("workspace/didChangeWorkspaceFolders", event);
    client.close("cluster.colab");
    client.settle();
    assert!(codes(&client).contains_key("cluster.colab"), "{:?}", client.published);
    assert!(client.stop());
    std::fs::remove_dir_all(home).unwrap();
}
