//! Requests that are taken back, how the editor is told how something goes, and what is sent, or fetched, again.

use super::client::Client;
use super::protocol::{CLUSTER, actions, opened, project, sound};
use super::server;
use serde_json::{Value, json};

#[test]
fn a_request_can_be_taken_back() {
    let mut client = opened("cancel", CLUSTER, json!({}));
    client.settle();
    // A check of so small a project may be done before the word arrives.
    let taken_back = (0..200).any(|_| {
        client.edit("cluster.colab", 0, 0, "// a\n");
        let id = client.begin("workspace/diagnostic", json!({ "previousResultIds": [] }));
        client.tell("$/cancelRequest", json!({ "id": id }));
        let answer = client.answer(id);
        assert!(answer["error"]["code"] == -32800 || answer["result"].is_object(), "{answer}");
        answer["error"]["code"] == -32800
    });
    assert!(taken_back);
    client.settle();
    assert!(client.stop());
}

#[test]
fn what_is_worked_out_aside_can_be_taken_back() {
    let mut client = opened("cancel-slow", &sound(), json!({}));
    let ask = |client: &mut Client| {
        let params = actions(client, json!({ "diagnostics": [] }));
        client.begin("textDocument/codeAction", params)
    };
    let all: Vec<i64> = (0..40).map(|_| ask(&mut client)).collect();
    let (last, others) = all.split_last().unwrap();
    others.iter().for_each(|id| client.tell("$/cancelRequest", json!({ "id": id })));
    // A second word about the same, and one about nothing, are no harm.
    client.tell("$/cancelRequest", json!({ "id": others[0] }));
    client.tell("$/cancelRequest", json!({ "id": 4711 }));
    let build = json!({ "command": "colabc.build", "arguments": [client.uri_of("cluster.colab")] });
    let build = client.begin("workspace/executeCommand", build);
    client.tell("$/cancelRequest", json!({ "id": build }));
    let answers: Vec<Value> = others.iter().map(|id| client.answer(*id)).collect();
    let taken_back = answers.iter().filter(|a| a["error"]["code"] == -32800).count();
    assert!(taken_back > 20, "only {taken_back} were taken back");
    assert!(answers.iter().all(|a| a["error"]["code"] == -32800 || a["result"].is_array()));
    let kept = client.answer(*last);
    assert!(!kept["result"].as_array().unwrap().is_empty(), "{kept}");
    let built = client.answer(build);
    assert!(built["error"]["code"] == -32800 || built["result"]["ok"].is_boolean(), "{built}");
    assert!(client.stop());
}

#[test]
fn what_was_tried_in_a_text_that_is_gone_is_not_told() {
    let mut client = opened("gone", &sound(), json!({}));
    let outdated = (0..50).any(|_| {
        client.settle();
        let params = actions(&client, json!({ "diagnostics": [] }));
        let id = client.begin("textDocument/codeAction", params);
        client.edit("cluster.colab", 0, 0, "// a\n");
        let answer = client.answer(id);
        assert!(answer["error"]["code"] == -32801 || answer["result"].is_array(), "{answer}");
        answer["error"]["code"] == -32801
    });
    assert!(outdated);
    assert!(client.stop());
}

#[test]
fn findings_that_are_known_are_not_sent_again() {
    let pull = json!({ "textDocument": { "diagnostic": {} } });
    let mut client = opened("known", CLUSTER, pull);
    let uri = client.uri_of("cluster.colab");
    let of_file = |client: &mut Client, known: &Value| {
        let mut params = client.document("cluster.colab");
        params["previousResultId"] = known.clone();
        client.ask("textDocument/diagnostic", params)["result"].clone()
    };
    let first = of_file(&mut client, &Value::Null);
    assert_eq!((&first["kind"], first["items"].as_array().unwrap().len()), (&json!("full"), 1));
    let again = of_file(&mut client, &first["resultId"]);
    assert_eq!(again, json!({ "kind": "unchanged", "resultId": first["resultId"] }));
    // Of all files the same: one that has none any more is told, and one that nobody knows has none.
    let gone = client.uri_of("gone.colab");
    let known = json!([{ "uri": uri, "value": first["resultId"] }, { "uri": gone, "value": "x" }]);
    let all = client.ask("workspace/diagnostic", json!({ "previousResultIds": known }));
    let all = all["result"]["items"].as_array().unwrap().clone();
    let of = |uri: &str| all.iter().find(|report| report["uri"] == uri).unwrap();
    assert_eq!((&of(&uri)["kind"], &of(&uri)["version"]), (&json!("unchanged"), &json!(1)));
    assert_eq!((&of(&gone)["kind"], &of(&gone)["items"]), (&json!("full"), &json!([])));
    // A finding that goes is news.
    let at = client.open["cluster.colab"].1.find("   enabled").unwrap();
    client.edit("cluster.colab", at, at + "   enabled = no".len(), "");
    let mended = of_file(&mut client, &first["resultId"]);
    assert_eq!((&mended["kind"], &mended["items"]), (&json!("full"), &json!([])));
    // Asked of a text that is gone, an editor asks again instead of showing nothing.
    let outdated = (0..200).any(|_| {
        client.edit("cluster.colab", 0, 0, "// a\n");
        let id = client.begin("textDocument/diagnostic", client.document("cluster.colab"));
        client.edit("cluster.colab", 0, 0, "// b\n");
        let answer = client.answer(id);
        let again = answer["error"]["data"]["retriggerRequest"] == true;
        assert!(answer["result"].is_object() || (again && answer["error"]["code"] == -32802));
        again
    });
    assert!(outdated);
    assert!(client.stop());
}

#[test]
fn an_editor_is_told_how_it_goes() {
    let home = project("progress", CLUSTER);
    let can = json!({ "window": { "workDoneProgress": true } });
    let said = |client: &mut Client| -> Vec<String> {
        let said = std::mem::take(&mut client.said).into_iter();
        said.filter(|(method, _)| method.contains("rogress"))
            .map(|(method, params)| {
                let kind = params["value"]["kind"].as_str().unwrap_or("").to_owned();
                format!("{method} {} {kind}", params["token"]).trim_end().to_owned()
            })
            .collect()
    };
    let first = "\"colabc/first check\"";
    let create = format!("window/workDoneProgress/create {first}");
    let (begin, end) = (format!("$/progress {first} begin"), format!("$/progress {first} end"));
    // A check that is over before the editor may be told anything is not spoken of.
    let started = (0..100).find_map(|_| {
        let mut client = Client::start(&server(), &home, can.clone());
        client.settle();
        let told = said(&mut client);
        (!told.is_empty()).then_some((client, told))
    });
    let (mut client, told) = started.expect("sometimes the editor is faster");
    assert_eq!(told, [create, begin, end]);
    // Later checks are not spoken of.
    client.open("cluster.colab");
    client.edit("cluster.colab", 0, 0, "// a\n");
    client.settle();
    assert_eq!(said(&mut client), [""; 0]);
    let command = json!({ "command": "colabc.graph", "workDoneToken": 7,
        "arguments": [client.uri_of("cluster.colab")] });
    assert!(client.ask("workspace/executeCommand", command.clone())["result"].is_object());
    assert_eq!(said(&mut client), ["$/progress 7 begin", "$/progress 7 end"]);
    let id = client.begin("workspace/executeCommand", command);
    client.tell("window/workDoneProgress/cancel", json!({ "token": 7 }));
    let answer = client.answer(id);
    assert!(answer["error"]["code"] == -32800 || answer["result"].is_object(), "{answer}");
    assert_eq!(said(&mut client), ["$/progress 7 begin", "$/progress 7 end"]);
    assert!(client.stop());
}

#[test]
fn what_a_change_does_to_other_texts_is_fetched_again() {
    let can = json!({ "workspace": { "inlayHint": { "refreshSupport": true },
        "codeLens": { "refreshSupport": true } } });
    let mut client = opened("refresh", &sound(), can);
    let refreshed = |client: &mut Client| -> Vec<String> {
        client.settle();
        let said = std::mem::take(&mut client.said).into_iter().map(|(method, _)| method);
        let all: std::collections::BTreeSet<String> =
            said.filter(|method| method.ends_with("/refresh")).collect();
        all.into_iter().collect()
    };
    client.edit("cluster.colab", 0, 0, "// a\n");
    assert_eq!(refreshed(&mut client), [""; 0], "the editor fetches them by itself");
    client.open_as("more.colab", "let more = 1\n");
    client.edit("more.colab", 0, 0, "// a\n");
    let both = ["workspace/codeLens/refresh", "workspace/inlayHint/refresh"];
    assert_eq!(refreshed(&mut client), both);
    assert!(client.stop());
}
